/* ui/tui/pane_object.c - the card of the selected object. */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>

#include "src/observe/audit.h"
#include "ui/tui/panes.h"

static void heading(struct view *v, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void heading(struct view *v, const char *fmt, ...)
{
	char text[160];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	view_text(v, ROLE_HEADER, text);
}

static unsigned section(
	struct view *v, const char *title, enum table_id id, const struct query *q, const char *columns, const char *keys)
{
	unsigned table = view_ask(v, id, q, columns);
	const struct table *t = &v->table[table].t;
	if (!t->rows)
		return 0;
	heading(v, "%s", title);
	for (unsigned row = 0; row < t->rows; row++)
		view_row(v, table, row, keys, 0);
	return t->rows;
}

/* The stack at its creation, if it was kept; else how to find it. */
static void put_creation(struct view *v, const struct pane_ask *a)
{
	const struct audit_trail *trail = a->query.trail ? audit_trail(a->query.audit, a->query.trail) : NULL;
	if (!trail || trail->origin != AUDIT_CREATED || !trail->tid)
		return;
	if (!trail->stack)
		view_text(v, ROLE_DIM, "creation stack: not in focus then; K finds it by a second machine");
	else
		section(v, "CREATION STACK", TABLE_CREATED, &a->query, "frame pc rule?", "frame");
}

/* Who could: places in the code. It scans the title, so not while it runs. */
static void put_sites(struct view *v, const struct pane_ask *a)
{
	if (a->running)
		return;
	unsigned table = view_ask(v, TABLE_SITES, &a->query, "pc~ ran:22 export? names??");
	const struct table *t = &v->table[table].t;
	unsigned executed = 0;
	for (unsigned row = 0; row < t->rows; row++)
		executed += !strncmp(table_text(t, table_cell(t, row, 1)), "yes", 3);
	heading(v, "WHO COULD (inferred): %u place%s, %u ran", t->rows, t->rows == 1 ? "" : "s", executed);
	for (unsigned row = 0; row < t->rows; row++)
		view_row(v, table, row, "pc export", 0);
	if (t->note[0])
		view_textf(v, ROLE_DIM, "(%s)", t->note);
}

static void put_living(struct view *v, const struct pane_ask *a)
{
	const struct query *q = &a->query;
	const struct w_object *o = object_peek(q->machine, q->object);
	char handle[40];
	object_handle_text(q->machine, q->object, handle, sizeof handle);
	snprintf(v->title, sizeof v->title, "@%u %s%s%s", o->id, object_type_name(o->type), *handle ? " " : "", handle);
	unsigned table = view_ask(v, TABLE_OBJECT, q, NULL);
	view_fields(v, table, "state+refs held_by handles waiters signals+waits+wakes owner name");
	put_sites(v, a);
	view_text(v, ROLE_HEADER, "WHERE IT COMES FROM");
	view_fields(v, table, "export creator tid+made address");
	put_creation(v, a);
	section(v, "WAITERS, in the order of the queue", TABLE_WAITERS, q, "place tid thread:14? mode:10? since due??",
		"tid place");
	section(v, "WHO HAS SIGNALLED IT", TABLE_SIGNALLERS, q, "tid thread:14? count last? source:22?? lr~?", "tid lr");
	if (o->handles > 1)
		section(v, "HANDLES, oldest first", TABLE_ALIASES, q, "handle canonical tid? sid??", "handle");
}

void pane_object(struct view *v, const struct pane_ask *a)
{
	if (!a->object_id) {
		view_text(v, ROLE_DIM, "no object is selected: stand on a thread, a handle, an object");
	} else if (a->query.object) {
		put_living(v, a);
	} else if (a->query.trail) {
		snprintf(v->title, sizeof v->title, "@%u, gone", a->object_id);
		view_text(v, ROLE_ANOMALY, "the object is gone; its history:");
		section(v, "", TABLE_HISTORY, &a->query, "cycle what tid? detail source:26?? lr~?", "");
	} else {
		snprintf(v->title, sizeof v->title, "@%u", a->object_id);
		view_text(v, ROLE_DIM, "the object is not there at this moment");
	}
}
