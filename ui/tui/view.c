/* ui/tui/view.c - see view.h */
#include "config.h"

#include "ui/tui/view.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>

/* ---- keys ------------------------------------------------------------------------------------------------------------ */

static struct key_entry *map_place(const struct key_map *m, uint64_t key)
{
	uint32_t i = (uint32_t)(key ^ key >> 32) & (m->room - 1);
	while (m->entry[i].line && m->entry[i].key != key)
		i = (i + 1) & (m->room - 1);
	return &m->entry[i];
}

static void map_grow(struct key_map *m)
{
	struct key_map old = *m;
	m->room = old.room ? old.room * 2 : 64;
	m->entry = xcalloc(m->room, sizeof *m->entry);
	for (uint32_t i = 0; i < old.room; i++)
		if (old.entry[i].line)
			*map_place(m, old.entry[i].key) = old.entry[i];
	free(old.entry);
}

/* A line's key; of equal ones each gets one of its own, by its place among them. */
static uint64_t map_add(struct key_map *m, uint64_t key, uint32_t line)
{
	if (m->count * 2 >= m->room)
		map_grow(m);
	struct key_entry *e = map_place(m, key);
	while (e->line) {
		key = fnv_u64(key, 1);
		e = map_place(m, key);
	}
	*e = (struct key_entry){ key, line + 1 };
	m->count++;
	return key;
}

int view_find(const struct view *v, uint64_t key)
{
	return v->map.room ? (int)map_place(&v->map, key)->line - 1 : -1;
}

/* ---- lines ----------------------------------------------------------------------------------------------------------- */

void view_init(struct view *v)
{
	*v = (struct view){ .at_line = -1 };
}

void view_fini(struct view *v)
{
	for (unsigned i = 0; i < v->tables; i++)
		table_fini(&v->table[i].t);
	free(v->line);
	free(v->map.entry);
	free(v->texts);
	view_init(v);
}

static void add_line(struct view *v, struct view_line l)
{
	if (v->lines == v->room) {
		v->room = v->room ? v->room * 2 : 64;
		v->line = xrealloc(v->line, v->room * sizeof *v->line);
	}
	if (v->lines && l.depth > v->line[v->lines - 1].depth)
		v->line[v->lines - 1].opens = true;
	l.key = map_add(&v->map, l.key, v->lines);
	v->line[v->lines++] = l;
}

static uint32_t keep_text(struct view *v, const char *text, size_t n)
{
	while (v->texts_size + n + 1 > v->texts_room) {
		v->texts_room = v->texts_room ? v->texts_room * 2 : 1024;
		v->texts = xrealloc(v->texts, v->texts_room);
	}
	memcpy(v->texts + v->texts_size, text, n);
	v->texts[v->texts_size + n] = 0;
	v->texts_size += n + 1;
	return (uint32_t)(v->texts_size - n);
}

const char *view_texts(const struct view *v, const struct view_line *l)
{
	return l->text ? v->texts + l->text - 1 : "";
}

static void text_line(struct view *v, enum role role, unsigned depth, const char *text, size_t n)
{
	struct view_line l = { .kind = LINE_TEXT, .role = (uint8_t)role, .depth = (uint8_t)(depth < 255 ? depth : 255) };
	l.text = keep_text(v, text, n);
	l.key = fnv_str(fnv_u64(FNV_BASIS, depth), view_texts(v, &l));
	add_line(v, l);
}

void view_node(struct view *v, enum role role, unsigned depth, const char *text)
{
	for (const char *end; (end = strchr(text, '\n')); text = end + 1)
		text_line(v, role, depth, text, (size_t)(end - text));
	text_line(v, role, depth, text, strlen(text));
}

void view_text(struct view *v, enum role role, const char *text)
{
	size_t n = strlen(text);
	if (n && text[n - 1] == '\n') {
		char *copy = xstrdup(text);
		copy[n - 1] = 0;
		view_node(v, role, 0, copy);
		free(copy);
	} else {
		view_node(v, role, 0, text);
	}
}

void view_textf(struct view *v, enum role role, const char *fmt, ...)
{
	char text[2048];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	view_text(v, role, text);
}

/* ---- tables ---------------------------------------------------------------------------------------------------------- */

int column_find(const struct table_def *d, const char *key, size_t length)
{
	for (unsigned c = 0; c < d->column_count; c++)
		if (strlen(d->columns[c].key) == length && !memcmp(d->columns[c].key, key, length))
			return (int)c;
	return -1;
}

unsigned view_ask(struct view *v, enum table_id id, const struct query *q, const char *columns)
{
	INVARIANT(v->tables < VIEW_TABLES);
	v->table[v->tables].columns = columns;
	table_fill(&v->table[v->tables].t, id, q);
	return v->tables++;
}

static uint64_t cell_key(uint64_t key, const struct table *t, unsigned row, unsigned column)
{
	const struct cell *c = table_cell(t, row, column);
	key = fnv_u64(key, c->v ^ (uint64_t)c->aux << 32);
	return c->text && t->def->columns[column].type != COL_SYMBOL ? fnv_str(key, table_text(t, c)) : key;
}

/* The columns named in @keys, as a set; "" = all. */
static uint32_t key_set(const struct table_def *d, const char *keys)
{
	uint32_t set = 0;
	if (!*keys)
		return UINT32_MAX;
	for (const char *p = keys; *p; p += strspn(p, " ")) {
		size_t n = strcspn(p, " ");
		int c = column_find(d, p, n);
		INVARIANT(c >= 0 && c < 32);
		set |= 1u << c;
		p += n;
	}
	return set;
}

static void add_row(struct view *v, unsigned table, unsigned row, uint32_t set, unsigned depth)
{
	const struct table *t = &v->table[table].t;
	uint64_t key = fnv_u64(FNV_BASIS, table + 1);
	for (unsigned c = 0; c < t->def->column_count && c < 32; c++)
		if (set >> c & 1)
			key = cell_key(key, t, row, c);
	add_line(v,
		(struct view_line){ .key = key, .kind = LINE_ROW, .table = (uint8_t)table, .row = row, .depth = (uint8_t)depth });
}

void view_row(struct view *v, unsigned table, unsigned row, const char *keys, unsigned depth)
{
	add_row(v, table, row, key_set(v->table[table].t.def, keys), depth);
}

void view_titles(struct view *v, unsigned table)
{
	add_line(v, (struct view_line){ .key = fnv_u64(FNV_BASIS, 1000 + table),
			    .kind = LINE_TITLES,
			    .table = (uint8_t)table,
			    .role = ROLE_HEADER });
}

void view_rows(struct view *v, unsigned table, const char *keys)
{
	const struct table *t = &v->table[table].t;
	uint32_t set = key_set(t->def, keys);
	if (!(t->def->flags & TABLE_BARE) && t->rows)
		view_titles(v, table);
	for (unsigned row = 0; row < t->rows; row++)
		add_row(v, table, row, set, 0);
}

void view_fields(struct view *v, unsigned table, const char *keys)
{
	const struct table *t = &v->table[table].t;
	uint32_t columns = 0;
	for (const char *p = keys; *p && t->rows; p++) {
		size_t n = strcspn(p, " +");
		int c = column_find(t->def, p, n);
		INVARIANT(c >= 0 && c < 255 && !(columns >> 24));
		if (!table_cell(t, 0, (unsigned)c)->none)
			columns = columns << 8 | (uint32_t)(c + 1);
		p += n;
		if (*p != '+' && columns) {
			add_line(v, (struct view_line){ .key = fnv_u64(fnv_u64(FNV_BASIS, 2000 + table), columns),
					    .kind = LINE_FIELD,
					    .table = (uint8_t)table,
					    .row = columns });
			columns = 0;
		}
		if (!*p)
			break;
	}
}

int field_column(const struct view_line *l, unsigned i)
{
	uint32_t columns = l->row;
	unsigned n = 0;
	while (n < 4 && columns >> 8 * n)
		n++;
	return i < n ? (int)(columns >> 8 * (n - 1 - i) & 0xff) - 1 : -1;
}

void view_table(struct view *v, enum table_id id, const struct query *q, const char *columns, const char *keys)
{
	unsigned table = view_ask(v, id, q, columns);
	const struct table *t = &v->table[table].t;
	view_rows(v, table, keys);
	if (!t->rows && !t->note[0])
		view_textf(v, ROLE_DIM, "no %s", t->def->name);
	if (t->note[0])
		view_textf(v, ROLE_DIM, "(%s)", t->note);
}

/* ---- what a line is about ---------------------------------------------------------------------------------------------- */

static void subject_of_cell(struct subject *s, const struct table *t, unsigned row, unsigned column)
{
	const struct column *col = &t->def->columns[column];
	const struct cell *c = table_cell(t, row, column);
	if (c->none)
		return;
	if (col->type == COL_OBJECT && !s->object)
		s->object = (uint32_t)c->v;
	if (col->type == COL_HANDLE && !s->handle) {
		s->handle = (uint32_t)c->v;
		s->generation = c->aux;
	}
	if (col->type == COL_SYMBOL && !s->ga)
		s->ga = (uint32_t)c->v;
	if (col->type == COL_U64 && !strcmp(col->key, "tid"))
		s->tid = (uint32_t)c->v;
	if (col->type == COL_U64 && !strcmp(col->key, "number")) {
		s->number = (uint32_t)c->v;
		s->has_number = true;
	}
	if (col->type == COL_CYCLES && !s->has_cycle && (!strncmp(col->key, "cyc", 3) || !strcmp(col->key, "last"))) {
		s->cycle = c->v;
		s->has_cycle = true;
	}
	if (col->type == COL_HEX && !s->ga && (!strcmp(col->key, "address") || !strcmp(col->key, "start")))
		s->ga = (uint32_t)c->v;
	if (col->type == COL_WORDS && !s->object && !strcmp(col->key, "objects") && table_text(t, c)[0] == '@')
		s->object = (uint32_t)strtoul(table_text(t, c) + 1, NULL, 10);
	if (col->type == COL_STR && !strcmp(col->key, "frame")) {
		s->frame = (uint32_t)strtoul(table_text(t, c) + 1, NULL, 10);
		s->has_frame = true;
	}
}

/* Eight upper-case hex digits, nothing like them around. */
static uint32_t address_in(const char *text)
{
	for (const char *p = text; *p; p++) {
		size_t n = strspn(p, "0123456789ABCDEF");
		if (n == 8 && !isalnum((unsigned char)p[8]))
			return (uint32_t)strtoul(p, NULL, 16);
		if (isalnum((unsigned char)*p))
			p += strcspn(p, " ,()<>:=\"[]") - 1;
	}
	return 0;
}

/* "... tid 13 ... 12AC#1 ... @17 ... 824A9F6C ...": the first of each. */
static struct subject subject_of_text(const char *text)
{
	struct subject s = { 0 };
	const char *at = strchr(text, '@'), *tid = strstr(text, "tid "), *mark = strchr(text, '#');
	if (at)
		s.object = (uint32_t)strtoul(at + 1, NULL, 10);
	if (tid)
		s.tid = (uint32_t)strtoul(tid + 4, NULL, 10);
	if (mark && isdigit((unsigned char)mark[1])) {
		const char *p = mark;
		while (p > text && isxdigit((unsigned char)p[-1]))
			p--;
		if (p != mark) {
			s.handle = (uint32_t)strtoul(p, NULL, 16);
			s.generation = (uint32_t)strtoul(mark + 1, NULL, 10);
		}
	}
	s.ga = address_in(text);
	return s;
}

struct subject view_subject(const struct view *v, unsigned line)
{
	const struct view_line *l = &v->line[line];
	struct subject s = { 0 };
	if (l->kind == LINE_TEXT)
		return subject_of_text(view_texts(v, l));
	const struct table *t = &v->table[l->table].t;
	if (l->kind == LINE_ROW)
		for (unsigned c = 0; c < t->def->column_count; c++)
			subject_of_cell(&s, t, l->row, c);
	for (unsigned i = 0; l->kind == LINE_FIELD && field_column(l, i) >= 0; i++)
		subject_of_cell(&s, t, 0, (unsigned)field_column(l, i));
	return s;
}

void view_line_text(const struct view *v, unsigned line, char *buf, size_t size)
{
	const struct view_line *l = &v->line[line];
	char cell[CELL_TEXT];
	size_t n = 0;
	buf[0] = 0;
	if (l->kind == LINE_TEXT) {
		snprintf(buf, size, "%s", view_texts(v, l));
		return;
	}
	const struct table *t = &v->table[l->table].t;
	for (unsigned i = 0; l->kind == LINE_FIELD && field_column(l, i) >= 0 && n < size; i++) {
		unsigned c = (unsigned)field_column(l, i);
		cell_text(t, 0, c, cell, sizeof cell);
		n += (size_t)snprintf(buf + n, size - n, "%s%s  %s", n ? "  " : "", t->def->columns[c].title, cell);
	}
	if (l->kind == LINE_FIELD)
		return;
	for (unsigned c = 0; c < t->def->column_count && n < size; c++) {
		const char *title = t->def->columns[c].title;
		if (!title || t->def->columns[c].type == COL_MARK)
			continue;
		if (l->kind == LINE_ROW)
			cell_text(t, l->row, c, cell, sizeof cell);
		else
			snprintf(cell, sizeof cell, "%s", title);
		n += (size_t)snprintf(buf + n, size - n, "%s%s", n ? "  " : "", cell);
	}
}
