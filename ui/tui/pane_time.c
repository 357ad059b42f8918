/* ui/tui/pane_time.c - the timeline of the selected and marked objects. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "src/observe/audit.h"
#include "ui/out.h"
#include "ui/tui/panes.h"

#define OBJECTS_MAX (VIEW_TABLES - 1) /* on one timeline */

/* ---- one line each, by cycle ------------------------------------------------------------------------------------------------ */

struct merged {
	uint64_t cycle;
	unsigned table, row;
};

static int by_cycle(const void *a, const void *b)
{
	const struct merged *x = a, *y = b;
	if (x->cycle != y->cycle)
		return x->cycle < y->cycle ? -1 : 1;
	return x->table != y->table ? (x->table > y->table) - (x->table < y->table) : (x->row > y->row) - (x->row < y->row);
}

static void ask_history(struct view *v, const struct pane_ask *a, uint32_t id)
{
	struct query q = a->query;
	q.object = object_by_id(q.machine, id);
	q.trail = audit_by_object(q.audit, id);
	view_ask(v, TABLE_HISTORY, &q, pane_defs[PANE_timeline].columns);
}

static void put_merged(struct view *v, unsigned tables)
{
	unsigned n = 0, i = 0;
	for (unsigned k = 0; k < tables; k++)
		n += v->table[k].t.rows;
	struct merged *m = xcalloc(n + 1, sizeof *m);
	for (unsigned k = 0; k < tables; k++)
		for (unsigned row = 0; row < v->table[k].t.rows; row++)
			m[i++] = (struct merged){ table_cell(&v->table[k].t, row, 0)->v, k, row };
	qsort(m, n, sizeof *m, by_cycle);
	for (i = 0; i < n; i++)
		view_row(v, m[i].table, m[i].row, "", 0);
	free(m);
}

/* DEBT(timeline-future): only what lies before now; the trails are taken back with the machine. */
void pane_timeline(struct view *v, const struct pane_ask *a)
{
	uint32_t ids[OBJECTS_MAX];
	unsigned n = 0;
	char now[CYCLES_TEXT];
	if (a->object_id)
		ids[n++] = a->object_id;
	for (unsigned i = 0; i < a->marked_count && n < OBJECTS_MAX; i++)
		if (a->marked[i] != a->object_id)
			ids[n++] = a->marked[i];
	if (!n) {
		view_text(v, ROLE_DIM, "no object is selected: stand on a thread, a handle, an object");
		return;
	}
	snprintf(v->title, sizeof v->title, "of");
	for (unsigned i = 0; i < n; i++) {
		if (object_by_id(a->query.machine, ids[i]) || audit_by_object(a->query.audit, ids[i]))
			ask_history(v, a, ids[i]);
		else
			view_textf(v, ROLE_DIM, "@%u is not there at this moment", ids[i]);
		snprintf(v->title + strlen(v->title), sizeof v->title - strlen(v->title), " @%u", ids[i]);
	}
	snprintf(v->title + strlen(v->title), sizeof v->title - strlen(v->title), "   [ ] event   { } checkpoint");
	if (v->tables && v->table[0].t.rows)
		view_titles(v, 0);
	put_merged(v, v->tables);
	for (unsigned i = 0; i < v->tables; i++)
		if (v->table[i].t.note[0])
			view_textf(v, ROLE_DIM, "(%s)", v->table[i].t.note);
	v->at_line = (int)v->lines;
	view_textf(v, ROLE_DIM, "now: cyc %s", cycles_text(now, machine_cycle(a->query.machine)));
}
