/* ui/tui/pane_draw.c - a pane's picture. */
#include "config.h"

#include <stdlib.h>

#include "ui/out.h"
#include "ui/tui/columns.h"
#include "ui/tui/pane.h"

#define GUTTER 1u
#define ALL_ROWS 1000u /* of a longer table, the widths come from its ends and what is seen */
#define END_ROWS 200u

/* What drawing a pane's lines needs to know. */
struct picture {
	struct pane *p;
	struct grid *g;
	struct rect in; /* inside of the border */
	struct columns columns[VIEW_TABLES];
	bool made[VIEW_TABLES];
	unsigned label; /* width of a record's titles */
	bool focused;
};

/* Does the line of titles stay where it is? */
static bool pinned(const struct pane *p)
{
	return p->shown_count && p->now.tables == 1 && p->now.line[p->shown[0]].kind == LINE_TITLES;
}

static const struct columns *columns_of(struct picture *d, unsigned table)
{
	struct pane *p = d->p;
	const struct view_table *vt = &p->now.table[table];
	unsigned *rows, n = 0;
	if (d->made[table])
		return &d->columns[table];
	rows = xcalloc(vt->t.rows < ALL_ROWS ? vt->t.rows + 1 : 2 * END_ROWS + d->in.rows, sizeof *rows);
	if (vt->t.rows < ALL_ROWS) {
		for (; n < vt->t.rows; n++)
			rows[n] = n;
	} else {
		for (; n < 2 * END_ROWS; n++)
			rows[n] = n < END_ROWS ? n : vt->t.rows - 1 - (n - END_ROWS);
		for (unsigned i = p->top; i < p->shown_count && i < p->top + d->in.rows; i++)
			if (p->now.line[p->shown[i]].kind == LINE_ROW && p->now.line[p->shown[i]].table == table)
				rows[n++] = p->now.line[p->shown[i]].row;
	}
	columns_make(&d->columns[table], vt, rows, n, d->in.cols > GUTTER ? d->in.cols - GUTTER : 0);
	d->made[table] = true;
	free(rows);
	return &d->columns[table];
}

/* ---- what has changed ------------------------------------------------------------------------------------------------------ */

static bool same_cell(const struct table *a, unsigned arow, const struct table *b, unsigned brow, unsigned column)
{
	const struct cell *x = table_cell(a, arow, column), *y = table_cell(b, brow, column);
	return x->v == y->v && x->aux == y->aux && x->none == y->none && !strcmp(table_text(a, x), table_text(b, y));
}

/* The same line at the last stop; -1: there was none, -2: there is nothing to compare with. */
static int line_before(const struct pane *p, const struct view_line *l)
{
	const struct view *b = &p->before;
	if (!b->lines || l->table >= b->tables || b->table[l->table].t.def != p->now.table[l->table].t.def)
		return -2;
	return view_find(b, l->key);
}

static unsigned changed(const struct pane *p, const struct view_line *l, int before, unsigned row, unsigned column)
{
	if (before == -2)
		return 0;
	if (before < 0)
		return CELL_CHANGED;
	const struct view_line *b = &p->before.line[before];
	return same_cell(&p->now.table[l->table].t, row, &p->before.table[l->table].t, l->kind == LINE_FIELD ? 0 : b->row, column)
		       ? 0
		       : CELL_CHANGED;
}

/* ---- lines ------------------------------------------------------------------------------------------------------------------ */

struct place {
	unsigned row; /* of the inside */
	unsigned flags;
	enum role role;
};

/* @col columns from the left end of the line, which may be scrolled out. */
static void put(struct picture *d, const struct place *at, unsigned col, unsigned flags, const char *text)
{
	unsigned left = d->p->left;
	struct rect in = { d->in.row, d->in.col + GUTTER, d->in.rows, d->in.cols - GUTTER };
	for (; col < left && *text; col++) {
		unsigned n = utf8_length(text);
		text += n ? n : 1;
	}
	if (col >= left)
		grid_put(d->g, in, at->row, col - left, at->role, at->flags | flags, text);
}

static void draw_titles(struct picture *d, const struct view_line *l, const struct place *at)
{
	const struct columns *c = columns_of(d, l->table);
	const struct table *t = &d->p->now.table[l->table].t;
	for (unsigned i = 0; i < c->count; i++) {
		const struct column_place *p = &c->place[i];
		const struct column *col = &t->def->columns[p->column];
		char text[64];
		bool sorted = d->p->sort == (int)p->column && d->p->now.tables == 1;
		if (!col->title || col->type == COL_MARK)
			continue;
		snprintf(text, sizeof text, "%.*s", (int)p->width, col->title);
		unsigned n = (unsigned)text_columns(text);
		put(d, at, p->at + (p->right ? p->width - n : 0), sorted ? CELL_CHANGED : 0, text);
	}
}

static void draw_row(struct picture *d, const struct view_line *l, const struct place *at)
{
	const struct columns *c = columns_of(d, l->table);
	const struct table *t = &d->p->now.table[l->table].t;
	int before = line_before(d->p, l);
	char text[CELL_TEXT];
	for (unsigned i = 0; i < c->count; i++) {
		const struct column_place *p = &c->place[i];
		unsigned n = columns_cell(p, t, l->row, text, sizeof text);
		put(d, at, p->at + (p->right && n < p->width ? p->width - n : 0) + 2 * l->depth,
			changed(d->p, l, before, l->row, p->column), text);
	}
}

static void draw_field(struct picture *d, const struct view_line *l, struct place *at)
{
	const struct table *t = &d->p->now.table[l->table].t;
	char text[CELL_TEXT];
	unsigned col = 0;
	for (unsigned i = 0; field_column(l, i) >= 0; i++) {
		unsigned c = (unsigned)field_column(l, i);
		at->role = ROLE_HEADER;
		put(d, at, col, 0, t->def->columns[c].title);
		col += i ? (unsigned)text_columns(t->def->columns[c].title) + 1 : d->label + 1;
		at->role = ROLE_TEXT;
		unsigned n = (unsigned)cell_text(t, 0, c, text, sizeof text);
		put(d, at, col, changed(d->p, l, line_before(d->p, l), 0, c), text);
		col += n + 2;
	}
}

static void draw_text(struct picture *d, const struct view_line *l, struct place *at)
{
	const struct pane *p = d->p;
	char mark[2] = "";
	if (l->opens)
		mark[0] = key_set_has(&p->folds, l->key) ? '+' : '-';
	if (l->opens || l->depth) {
		at->role = ROLE_DIM;
		put(d, at, 2 * l->depth, 0, mark);
		at->role = l->role;
		put(d, at, 2 * l->depth + 2, 0, view_texts(&p->now, l));
	} else {
		put(d, at, 0, 0, view_texts(&p->now, l));
	}
}

/* Letters of the searched text are shown as such, wherever they stand on the row. */
static void show_matches(struct picture *d, unsigned row)
{
	const char *s = d->p->search;
	size_t n = strlen(s);
	struct grid_cell *c = grid_at(d->g, d->in.row + row, d->in.col);
	for (unsigned col = 0; n && col + n <= d->in.cols; col++) {
		size_t i = 0;
		while (i < n && (c[col + i].ch | 0x20) == ((uint8_t)s[i] | 0x20u))
			i++;
		for (size_t k = 0; i == n && k < n; k++)
			c[col + k].role = ROLE_MATCH;
	}
}

static void draw_line(struct picture *d, unsigned place, unsigned row)
{
	struct pane *p = d->p;
	unsigned line = p->shown[place];
	const struct view_line *l = &p->now.line[line];
	bool cursor = place == p->cursor && l->kind != LINE_TITLES && p->id != PANE_command,
	     marked = p->marks.count && key_set_has(&p->marks, l->key);
	bool odd = p->odd && l->kind == LINE_ROW && filter_holds(p->odd, &p->now, line);
	struct place at = { row, 0, l->role };
	if (odd)
		at.role = ROLE_ANOMALY;
	if (marked)
		at.role = ROLE_MARKED;
	if (cursor && d->focused) {
		at.flags = CELL_SELECTED;
		grid_fill(d->g, d->in, row, 0, d->in.cols, at.role, at.flags, ' ');
	}
	grid_put(d->g, d->in, row, 0, at.role, at.flags, cursor ? ">" : marked ? "*" : odd ? "!" : " ");
	switch (l->kind) {
	case LINE_TITLES: draw_titles(d, l, &at); break;
	case LINE_ROW: draw_row(d, l, &at); break;
	case LINE_FIELD: draw_field(d, l, &at); break;
	default: draw_text(d, l, &at); break;
	}
	show_matches(d, row);
}

/* ---- the pane ---------------------------------------------------------------------------------------------------------------- */

static void scroll(struct pane *p, unsigned rows, bool fixed)
{
	unsigned first = fixed ? 1 : 0, room = rows > first ? rows - first : 1;
	if (p->top < first)
		p->top = first;
	if (p->cursor < p->top && p->cursor >= first)
		p->top = p->cursor;
	if (p->cursor >= p->top + room)
		p->top = p->cursor - room + 1;
	if (p->top > first && p->top + room > p->shown_count)
		p->top = p->shown_count > room + first ? p->shown_count - room : first;
	/* The titles above the first line are seen with it. */
	if (p->top == 1 && !first)
		p->top = p->now.line[p->shown[0]].kind == LINE_TITLES && p->cursor <= room - 1 ? 0 : p->top;
}

static unsigned label_width(const struct view *v)
{
	unsigned width = 0;
	for (unsigned i = 0; i < v->lines; i++)
		if (v->line[i].kind == LINE_FIELD) {
			unsigned n = (unsigned)text_columns(
				v->table[v->line[i].table].t.def->columns[field_column(&v->line[i], 0)].title);
			width = n > width ? n : width;
		}
	return width;
}

static void draw_title(struct picture *d, struct rect r, unsigned number)
{
	const struct pane *p = d->p;
	char text[400], more[40] = "";
	const char *sort = p->sort >= 0 && p->now.tables == 1 && p->sort < (int)p->now.table[0].t.def->column_count
				   ? p->now.table[0].t.def->columns[p->sort].title
				   : NULL;
	unsigned rows = d->in.rows, lines = p->shown_count;
	if (lines > rows && rows)
		snprintf(more, sizeof more, "  %u/%u", p->cursor + 1 - pinned(p), lines - pinned(p));
	snprintf(text, sizeof text, "%u %s%s%s%s%s%s%s%s%s", number, pane_defs[p->id].title, *p->now.title ? " " : "",
		p->now.title, more, p->filter ? "  filter: " : "", p->filter ? p->filter_text : "", sort ? "  sort: " : "",
		sort ? sort : "", sort ? p->descending ? " desc" : "" : "");
	grid_box(d->g, r, d->focused ? ROLE_FOCUS : ROLE_BORDER, text);
}

void pane_draw(struct pane *p, struct grid *g, struct rect r, unsigned number, bool focused)
{
	struct picture d = { .p = p, .g = g, .focused = focused };
	if (r.rows < 2 || r.cols < 4)
		return;
	d.in = (struct rect){ r.row + 1, r.col + 1, r.rows - 1, r.cols - 1 };
	p->rows = d.in.rows;
	p->cols = d.in.cols;
	bool fixed = pinned(p);
	if (p->shown_count)
		scroll(p, d.in.rows, fixed);
	d.label = label_width(&p->now);
	draw_title(&d, r, number);
	unsigned row = 0;
	if (fixed)
		draw_line(&d, 0, row++);
	for (unsigned i = p->top; i < p->shown_count && row < d.in.rows; i++)
		draw_line(&d, i, row++);
}

int pane_hit(const struct pane *p, unsigned row, unsigned col, int *column)
{
	bool fixed = pinned(p);
	unsigned place;
	*column = -1;
	if (!row || !p->shown_count)
		return -1;
	row--;
	if (fixed && !row) {
		struct pane copy = *p;
		struct picture d = { .p = &copy, .in = { 0, 0, p->rows, p->cols } };
		const struct columns *c = columns_of(&d, p->now.line[p->shown[0]].table);
		for (unsigned i = 0; i < c->count && col; i++)
			if (col - 1 + p->left >= c->place[i].at + GUTTER)
				*column = (int)c->place[i].column;
		return -2;
	}
	place = p->top + row - fixed;
	return place < p->shown_count ? (int)place : -1;
}
