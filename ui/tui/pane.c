/* ui/tui/pane.c - see pane.h; its picture is in pane_draw.c. */
#include "config.h"

#include "ui/tui/pane.h"

#include <stdlib.h>

/* ---- sets of keys ------------------------------------------------------------------------------------------------------ */

bool key_set_has(const struct key_set *s, uint64_t key)
{
	for (unsigned i = 0; i < s->count; i++)
		if (s->key[i] == key)
			return true;
	return false;
}

void key_set_flip(struct key_set *s, uint64_t key)
{
	for (unsigned i = 0; i < s->count; i++)
		if (s->key[i] == key) {
			s->key[i] = s->key[--s->count];
			return;
		}
	if (s->count == s->room)
		s->key = xrealloc(s->key, (s->room = s->room ? s->room * 2 : 8) * sizeof *s->key);
	s->key[s->count++] = key;
}

void key_set_clear(struct key_set *s)
{
	free(s->key);
	*s = (struct key_set){ 0 };
}

/* ---- life -------------------------------------------------------------------------------------------------------------- */

void pane_init(struct pane *p, unsigned id)
{
	*p = (struct pane){ .id = id, .sort = -1, .stale = true, .follow = true };
	view_init(&p->now);
	view_init(&p->before);
	if (*pane_defs[id].odd)
		INVARIANT(filter_compile(pane_defs[id].odd, &p->odd, NULL) == ST_OK);
}

void pane_fini(struct pane *p)
{
	view_fini(&p->now);
	view_fini(&p->before);
	filter_free(p->filter);
	filter_free(p->odd);
	key_set_clear(&p->marks);
	key_set_clear(&p->folds);
	free(p->shown);
}

/* ---- order ------------------------------------------------------------------------------------------------------------- */

static bool is_line(const struct pane *p, unsigned place)
{
	return p->now.line[p->shown[place]].kind != LINE_TITLES;
}

struct order {
	const struct pane *p;
	const struct table *t;
};

static int by_cell(const struct order *o, const struct view_line *a, const struct view_line *b)
{
	const struct table *t = o->t;
	unsigned column = (unsigned)o->p->sort;
	const struct cell *x = table_cell(t, a->row, column), *y = table_cell(t, b->row, column);
	enum column_type type = t->def->columns[column].type;
	if (x->none != y->none)
		return x->none ? 1 : -1;
	int order;
	if (type == COL_STR || type == COL_WORDS)
		order = strcmp(table_text(t, x), table_text(t, y));
	else if (type == COL_S64)
		order = ((int64_t)x->v > (int64_t)y->v) - ((int64_t)x->v < (int64_t)y->v);
	else
		order = (x->v > y->v) - (x->v < y->v);
	return o->p->descending ? -order : order;
}

static int by_order(const void *a, const void *b, void *ctx)
{
	const struct order *o = ctx;
	unsigned i = *(const unsigned *)a, k = *(const unsigned *)b;
	const struct view_line *x = &o->p->now.line[i], *y = &o->p->now.line[k];
	int order = x->kind == LINE_ROW && y->kind == LINE_ROW ? by_cell(o, x, y) : (x->kind == LINE_ROW) - (y->kind == LINE_ROW);
	return order ? order : (i > k) - (i < k);
}

/* Only a list can be sorted: one table, and nothing of a tree. */
static bool can_sort(const struct pane *p)
{
	const struct view *v = &p->now;
	if (v->tables != 1 || v->table[0].t.def->flags & TABLE_RECORD)
		return false;
	for (unsigned i = 0; i < v->lines; i++)
		if (v->line[i].depth)
			return false;
	return true;
}

static void collect(struct pane *p)
{
	unsigned hidden_below = UINT32_MAX;
	p->shown = xrealloc(p->shown, (p->now.lines + 1) * sizeof *p->shown);
	p->shown_count = 0;
	for (unsigned i = 0; i < p->now.lines; i++) {
		const struct view_line *l = &p->now.line[i];
		if (l->depth > hidden_below)
			continue;
		hidden_below = l->opens && p->folds.count && key_set_has(&p->folds, l->key) ? l->depth : UINT32_MAX;
		if (!p->filter || filter_holds(p->filter, &p->now, i))
			p->shown[p->shown_count++] = i;
	}
}

static void find_selected(struct pane *p)
{
	int line = view_find(&p->now, p->selected);
	for (unsigned i = 0; line >= 0 && i < p->shown_count; i++)
		if (p->shown[i] == (unsigned)line) {
			p->cursor = i;
			return;
		}
	pane_go(p, p->cursor);
}

void pane_arrange(struct pane *p)
{
	collect(p);
	if (p->sort >= 0 && can_sort(p) && p->sort < (int)p->now.table[0].t.def->column_count) {
		struct order o = { p, &p->now.table[0].t };
		qsort_r(p->shown, p->shown_count, sizeof *p->shown, by_order, &o);
	}
	find_selected(p);
}

enum status pane_filter(struct pane *p, const char *text, struct err *err)
{
	struct filter *f = NULL;
	enum status st = filter_compile(text, &f, err);
	if (st != ST_OK)
		return st;
	filter_free(p->filter);
	p->filter = *text ? f : NULL;
	if (!*text)
		filter_free(f);
	snprintf(p->filter_text, sizeof p->filter_text, "%s", text);
	pane_arrange(p);
	return ST_OK;
}

void pane_sort_next(struct pane *p)
{
	if (!can_sort(p))
		return;
	const struct table_def *d = p->now.table[0].t.def;
	do
		p->sort++;
	while (p->sort < (int)d->column_count && (!d->columns[p->sort].title || d->columns[p->sort].type == COL_MARK));
	if (p->sort >= (int)d->column_count)
		p->sort = -1;
	pane_arrange(p);
}

/* ---- looking ------------------------------------------------------------------------------------------------------------ */

/* Which thread's frame, or which object, the lines are about. */
static uint64_t whose(const struct pane *p, const struct pane_ask *a)
{
	switch (pane_defs[p->id].depends) {
	case ON_THREAD: return (uint64_t)a->query.thread << 32 | a->query.frame;
	case ON_OBJECT: return a->object_id;
	default: return 0;
	}
}

void pane_look(struct pane *p, const struct pane_ask *a)
{
	struct moment here = session_now(a->s);
	bool elsewhere = !p->filled || moment_compare(&p->at, &here) != 0, grows = p->id == PANE_command || p->id == PANE_console;
	bool another = p->whose != whose(p, a), fits = p->id != PANE_report || p->made_cols == p->cols;
	/* The report runs a second machine: once for each moment. */
	if (p->id == PANE_report && !elsewhere && p->stopped && !a->running && p->made_changes == a->s->journal.done)
		p->stale = false;
	if (p->filled && !p->stale && fits)
		return;
	/* Whoever stands at the end of a text that grows goes with it. */
	bool at_end = p->filled && grows && p->now.at_line >= 0 && p->selected == p->now.line[p->now.at_line].key;
	if (another)
		view_fini(&p->before);
	if (p->filled && p->stopped && elsewhere && !another) {
		view_fini(&p->before);
		p->before = p->now;
	} else {
		view_fini(&p->now);
	}
	view_init(&p->now);
	pane_make(&p->now, p->id, a);
	p->at = here;
	p->whose = whose(p, a);
	p->made_cols = p->cols;
	p->made_changes = a->s->journal.done;
	p->stopped = !a->running;
	p->filled = true;
	p->stale = false;
	if (p->follow && p->now.at_line >= 0 && (elsewhere || another || at_end || view_find(&p->now, p->selected) < 0))
		p->selected = p->now.line[p->now.at_line].key;
	pane_arrange(p);
}

/* ---- the cursor ---------------------------------------------------------------------------------------------------------- */

int pane_line(const struct pane *p)
{
	return p->filled && p->cursor < p->shown_count && is_line(p, p->cursor) ? (int)p->shown[p->cursor] : -1;
}

struct subject pane_subject(const struct pane *p)
{
	struct subject nothing = { 0 };
	int line = pane_line(p);
	if (line < 0)
		return nothing;
	return view_subject(&p->now, (unsigned)line);
}

/* To @place, or the nearest line below it, else above it, that is one. */
void pane_go(struct pane *p, unsigned place)
{
	unsigned i = place < p->shown_count ? place : p->shown_count ? p->shown_count - 1 : 0;
	while (i < p->shown_count && !is_line(p, i))
		i++;
	if (i >= p->shown_count)
		for (i = p->shown_count; i > 0 && !is_line(p, i - 1);)
			i--;
	if (i >= p->shown_count)
		i = i ? i - 1 : 0;
	p->cursor = i;
	if (i < p->shown_count)
		p->selected = p->now.line[p->shown[i]].key;
}

void pane_move(struct pane *p, int by)
{
	int64_t to = (int64_t)p->cursor + by;
	if (to < 0)
		to = 0;
	/* Upwards over titles. */
	while (by < 0 && to > 0 && to < p->shown_count && !is_line(p, (unsigned)to))
		to--;
	pane_go(p, (unsigned)to);
}

bool pane_search(struct pane *p, int by, bool here)
{
	char text[2 * CELL_TEXT];
	unsigned n = p->shown_count;
	for (unsigned i = here ? 0 : 1; i <= n && n; i++) {
		unsigned place = (p->cursor + (by > 0 ? i : n - i % n)) % n;
		view_line_text(&p->now, p->shown[place], text, sizeof text);
		if (is_line(p, place) && text_contains(text, p->search)) {
			pane_go(p, place);
			return true;
		}
	}
	return false;
}

bool pane_jump(struct pane *p, const char *wanted)
{
	char text[2 * CELL_TEXT];
	for (unsigned i = 0; i < p->shown_count; i++) {
		view_line_text(&p->now, p->shown[i], text, sizeof text);
		const char *begin = text + strspn(text, " @");
		if (is_line(p, i) && !strncasecmp(begin, wanted, strlen(wanted))) {
			pane_go(p, i);
			return true;
		}
	}
	return false;
}

/* The line under the cursor, or what it lies in. */
static int line_to_fold(const struct pane *p, bool close)
{
	int line = pane_line(p);
	if (!close || line < 0 || p->now.line[line].opens)
		return line;
	int i = line;
	while (i > 0 && p->now.line[i].depth >= p->now.line[line].depth)
		i--;
	return i;
}

void pane_fold(struct pane *p, char how)
{
	int line = line_to_fold(p, how == '-');
	if (how == '*') {
		bool any = p->folds.count != 0;
		key_set_clear(&p->folds);
		for (unsigned i = 0; !any && i < p->now.lines; i++)
			if (p->now.line[i].opens)
				key_set_flip(&p->folds, p->now.line[i].key);
	} else if (line >= 0 && p->now.line[line].opens && key_set_has(&p->folds, p->now.line[line].key) == (how == '+')) {
		key_set_flip(&p->folds, p->now.line[line].key);
		p->selected = p->now.line[line].key;
	}
	pane_arrange(p);
}
