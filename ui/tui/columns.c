/* ui/tui/columns.c - see columns.h */
#include "config.h"

#include "ui/tui/columns.h"

#include <ctype.h>
#include <stdlib.h>

#include "ui/out.h"

struct wish {
	struct column_place place;
	unsigned rank; /* how many ? */
};

static void read_wish(const struct table_def *d, const char *word, size_t n, struct wish *w)
{
	size_t name = strcspn(word, ":~#? ");
	int column = column_find(d, word, name);
	INVARIANT(column >= 0);
	*w = (struct wish){ .place.column = (unsigned)column };
	for (size_t i = name; i < n; i++) {
		w->rank += word[i] == '?';
		w->place.name_only |= word[i] == '~';
		w->place.address_only |= word[i] == '#';
		if (word[i] == ':')
			w->place.most = (unsigned)strtoul(word + i + 1, NULL, 10);
	}
}

static unsigned read_wishes(const struct view_table *t, struct wish *w)
{
	const struct table_def *d = t->t.def;
	unsigned n = 0;
	if (!t->columns)
		for (unsigned c = 0; c < d->column_count && n < COLUMNS_MAX; c++) {
			if (d->columns[c].title)
				w[n++] = (struct wish){ .place.column = c };
		}
	for (const char *p = t->columns ? t->columns : ""; *p && n < COLUMNS_MAX; p += strspn(p, " ")) {
		size_t length = strcspn(p, " ");
		read_wish(d, p, length, &w[n++]);
		p += length;
	}
	return n;
}

static bool right_aligned(enum column_type type)
{
	return type == COL_U64 || type == COL_S64 || type == COL_CYCLES;
}

/* Cuts @buf to @most columns; a list of words at a word, with the number of those left out. */
static unsigned cut(char *buf, size_t size, unsigned columns, unsigned most, bool words)
{
	char *end = buf;
	unsigned n = 0, left = 0;
	if (columns <= most)
		return columns;
	while (*end && n < most) {
		unsigned length = utf8_length(end);
		end += length ? length : 1;
		n++;
	}
	if (!words || most < 6) {
		*end = 0;
		return n;
	}
	end = buf + (most - 3);
	while (end > buf && *end != ' ')
		end--;
	if (end == buf)
		end = buf + strcspn(buf, " ");
	for (const char *p = end; *p; p++)
		left += *p == ' ';
	if (left)
		snprintf(end, size - (size_t)(end - buf), " +%u", left);
	return (unsigned)strlen(buf);
}

unsigned columns_cell(const struct column_place *p, const struct table *t, unsigned row, char *buf, size_t size)
{
	const struct column *col = &t->def->columns[p->column];
	const struct cell *c = table_cell(t, row, p->column);
	unsigned n;
	if (p->name_only && col->type == COL_SYMBOL && !c->none && c->text)
		n = (unsigned)visible_text(buf, size, table_text(t, c));
	else if (p->address_only && col->type == COL_SYMBOL && !c->none)
		n = (unsigned)(text_hex(buf, c->v, 8) - buf);
	else
		n = (unsigned)cell_text(t, row, p->column, buf, size);
	if (p->most == 1 && n)
		buf[0] = (char)toupper((unsigned char)buf[0]);
	return p->most ? cut(buf, size, n, p->most, col->type == COL_WORDS) : n;
}

static unsigned widest(const struct column_place *p, const struct table *t, const unsigned *rows, unsigned count)
{
	char buf[CELL_TEXT];
	const struct column *col = &t->def->columns[p->column];
	if (col->type == COL_MARK)
		return 1;
	unsigned width = t->def->flags & TABLE_BARE || !col->title ? 0 : (unsigned)text_columns(col->title);
	if (p->most && width > p->most)
		width = p->most;
	for (unsigned i = 0; i < count; i++) {
		unsigned n = columns_cell(p, t, rows[i], buf, sizeof buf);
		width = n > width ? n : width;
	}
	return width;
}

static unsigned total(const struct wish *w, unsigned n, unsigned gap)
{
	unsigned sum = 0;
	for (unsigned i = 0; i < n; i++)
		sum += w[i].place.width + (i ? gap : 0);
	return sum;
}

/* Leaves out the last one of those with the most `?`; false: all must stay. */
static bool drop_one(struct wish *w, unsigned *n)
{
	unsigned worst = 0;
	for (unsigned i = 1; i < *n; i++)
		if (w[i].rank >= w[worst].rank)
			worst = i;
	if (!*n || !w[worst].rank)
		return false;
	memmove(&w[worst], &w[worst + 1], (--*n - worst) * sizeof *w);
	return true;
}

void columns_make(struct columns *c, const struct view_table *t, const unsigned *rows, unsigned row_count, unsigned width)
{
	struct wish w[COLUMNS_MAX];
	unsigned n = read_wishes(t, w), at = 0;
	*c = (struct columns){ .gap = 2 };
	for (unsigned i = 0; i < n; i++) {
		w[i].place.right = right_aligned(t->t.def->columns[w[i].place.column].type);
		w[i].place.width = widest(&w[i].place, &t->t, rows, row_count);
	}
	while (total(w, n, c->gap) > width)
		if (c->gap == 2)
			c->gap = 1;
		else if (!drop_one(w, &n))
			break;
	if (total(w, n, 2) <= width)
		c->gap = 2;
	for (unsigned i = 0; i < n; i++) {
		w[i].place.at = at;
		c->place[c->count++] = w[i].place;
		at += w[i].place.width + c->gap;
	}
}
