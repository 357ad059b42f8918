/* ui/inspect/table.c - see table.h; the rows' fill functions are in fill_*.c, the renderers in render.c. */
#include "config.h"

#include "ui/inspect/table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/load/image.h"
#include "ui/inspect/inspect.h"
#include "ui/out.h"

#define COL(type, key, title, width) { COL_##type, #key, title, width }
#define TABLE(ID, name, flags, arg, help, ...) static const struct column columns_##name[] = { __VA_ARGS__ };
#include "ui/inspect/tables.def"
#undef TABLE

const struct table_def table_defs[TABLES] = {
#define TABLE(ID, name, flags, arg, help, ...) \
	{ #name, flags, ARG_##arg, help, columns_##name, ARRAY_LEN(columns_##name), fill_##name },
#include "ui/inspect/tables.def"
#undef TABLE
};

void table_init(struct table *t, enum table_id id)
{
	*t = (struct table){ .def = &table_defs[id] };
}

void table_fini(struct table *t)
{
	free(t->cells);
	free(t->pool);
	*t = (struct table){ 0 };
}

void table_fill(struct table *t, enum table_id id, const struct query *q)
{
	table_init(t, id);
	t->def->fill(t, q);
	INVARIANT(t->column == 0);
}

static struct cell *next_cell(struct table *t)
{
	if (t->cell_count == t->cell_room) {
		t->cell_room = t->cell_room ? t->cell_room * 2 : 128;
		t->cells = xrealloc(t->cells, t->cell_room * sizeof *t->cells);
	}
	struct cell *c = &t->cells[t->cell_count++];
	*c = (struct cell){ 0 };
	if (++t->column == t->def->column_count) {
		t->column = 0;
		t->rows++;
	}
	return c;
}

static struct cell *typed_cell(struct table *t, unsigned types)
{
	INVARIANT(types >> t->def->columns[t->column].type & 1);
	return next_cell(t);
}
#define ONLY(type) (1u << COL_##type)

static uint32_t keep_text(struct table *t, const char *s)
{
	size_t n = strlen(s) + 1;
	while (t->pool_size + n > t->pool_room) {
		t->pool_room = t->pool_room ? t->pool_room * 2 : 1024;
		t->pool = xrealloc(t->pool, t->pool_room);
	}
	memcpy(t->pool + t->pool_size, s, n);
	t->pool_size += n;
	return (uint32_t)(t->pool_size - n + 1);
}

void put_u64(struct table *t, uint64_t v) { typed_cell(t, ONLY(U64))->v = v; }
void put_s64(struct table *t, int64_t v) { typed_cell(t, ONLY(S64))->v = (uint64_t)v; }
void put_cycles(struct table *t, uint64_t v) { typed_cell(t, ONLY(CYCLES))->v = v; }
void put_hex(struct table *t, uint64_t v) { typed_cell(t, ONLY(HEX) | ONLY(HEX64))->v = v; }
void put_bool(struct table *t, bool v) { typed_cell(t, ONLY(BOOL) | ONLY(MARK))->v = v; }
void put_none(struct table *t) { next_cell(t)->none = true; }

void put_tid(struct table *t, uint32_t tid)
{
	struct cell *c = typed_cell(t, ONLY(U64));
	c->v = tid;
	c->none = tid == 0;
}

void put_object(struct table *t, uint32_t id)
{
	struct cell *c = typed_cell(t, ONLY(OBJECT));
	c->v = id;
	c->none = id == 0;
}

void put_handle(struct table *t, uint32_t handle, uint32_t generation)
{
	struct cell *c = typed_cell(t, ONLY(HANDLE));
	c->v = handle;
	c->aux = generation;
	c->none = handle == 0;
}

void put_handle_apart(struct table *t, uint32_t handle, uint32_t generation)
{
	put_handle(t, handle, generation);
	t->cells[t->cell_count - 1].apart = true;
}

void put_str(struct table *t, const char *s)
{
	struct cell *c = typed_cell(t, ONLY(STR));
	c->none = !s || !*s;
	if (!c->none)
		c->text = keep_text(t, s);
}

void put_strf(struct table *t, const char *fmt, ...)
{
	char buf[CELL_TEXT];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(buf, sizeof buf, fmt, ap);
	va_end(ap);
	put_str(t, buf);
}

void put_words(struct table *t, const char *words)
{
	typed_cell(t, ONLY(WORDS))->text = keep_text(t, words);
}

void put_address(struct table *t, uint32_t ga, const char *symbol)
{
	struct cell *c = typed_cell(t, ONLY(SYMBOL));
	c->v = ga;
	if (*symbol)
		c->text = keep_text(t, symbol);
}

void put_symbol(struct table *t, const struct image *img, uint32_t ga)
{
	char name[SYMBOL_TEXT];
	put_address(t, ga, symbol_text(img, ga, name, sizeof name));
}

void table_note(struct table *t, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(t->note, sizeof t->note, fmt, ap);
	va_end(ap);
}

const char *symbol_text(const struct image *img, uint32_t ga, char *buf, size_t size)
{
	uint32_t offset = 0;
	const struct image_symbol *s = img ? image_symbol_at(img, ga, &offset) : NULL;
	buf[0] = 0;
	if (s && offset)
		snprintf(buf, size, "%.120s+%X", s->name, offset);
	else if (s)
		snprintf(buf, size, "%.120s", s->name);
	return buf;
}

int column_digits(const struct column *c, uint64_t v)
{
	return v >> 32 ? 16 : c->width ? (int)c->width : 8;
}

/* Types whose text is made of digits and words of ours: nothing in it needs to be made visible. */
static char *plain_text(const struct table *t, const struct column *col, const struct cell *c, char *at)
{
	switch (col->type) {
	case COL_U64: return text_decimal(at, c->v);
	case COL_S64:
		if ((int64_t)c->v >= 0)
			return text_decimal(at, c->v);
		*at = '-';
		return text_decimal(at + 1, -c->v);
	case COL_CYCLES: return at + strlen(cycles_text(at, c->v));
	case COL_HEX: return text_hex(at, c->v, (unsigned)column_digits(col, c->v));
	case COL_HEX64: return text_hex(at, c->v, 16);
	case COL_HANDLE:
		at = text_hex(at, c->v, 1);
		if (!c->aux)
			return at;
		*at = '#';
		return text_decimal(at + 1, c->aux);
	case COL_OBJECT:
		*at = '@';
		return text_decimal(at + 1, c->v);
	case COL_SYMBOL:
		at = text_hex(at, c->v, 8);
		if (!c->text)
			return at;
		*at++ = ' ';
		visible_text(at, SYMBOL_TEXT, table_text(t, c));
		return at + strlen(at);
	case COL_BOOL: return stpcpy(at, c->v ? "yes" : "no");
	case COL_MARK: return stpcpy(at, c->v ? "*" : "");
	case COL_STR: case COL_WORDS: break;
	}
	*at = 0;
	return at;
}

size_t cell_text(const struct table *t, unsigned row, unsigned column, char *buf, size_t size)
{
	const struct cell *c = table_cell(t, row, column);
	const struct column *col = &t->def->columns[column];
	char text[SYMBOL_TEXT + 40];
	if (c->none)
		return visible_text(buf, size, col->type == COL_MARK || t->def->flags & TABLE_BARE ? "" : "-");
	if (col->type == COL_STR)
		return visible_text(buf, size, table_text(t, c));
	if (col->type == COL_WORDS)
		return visible_text(buf, size, *table_text(t, c) ? table_text(t, c) : "-");
	size_t n = (size_t)(plain_text(t, col, c, text) - text);
	if (n >= size)
		n = size - 1;
	memcpy(buf, text, n);
	buf[n] = 0;
	return col->type == COL_SYMBOL ? text_columns(buf) : n;
}

static const struct {
	const char *word;
	enum table_id id;
} short_words[] = {
#define TABLE(...)
#define TABLE_SHORT(word, ID) { word, TABLE_##ID },
#include "ui/inspect/tables.def"
#undef TABLE
};

int table_find(const char *word)
{
	int found = -1;
	size_t n = strlen(word);
	for (unsigned i = 0; i < ARRAY_LEN(short_words); i++)
		if (strcmp(short_words[i].word, word) == 0)
			return (int)short_words[i].id;
	for (unsigned i = 0; i < TABLES; i++) {
		if (strcmp(table_defs[i].name, word) == 0)
			return (int)i;
		if (n && strncmp(table_defs[i].name, word, n) == 0 && !(table_defs[i].flags & TABLE_HIDDEN))
			found = found == -1 ? (int)i : -2;
	}
	return found;
}
