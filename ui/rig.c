/* ui/rig.c - see rig.h */
#include "config.h"

#include "ui/rig.h"

#include <stdlib.h>

#include "src/observe/log.h"

enum status rig_new(const struct machine_options *o, struct rig **out, struct err *err)
{
	struct rig *r = xcalloc(1, sizeof *r);
	enum status st = machine_new(o, &r->machine, err);
	if (st != ST_OK) {
		free(r);
		return st;
	}
	struct machine *m = r->machine;
	/* The order of these two is part of the layout of the history arena. */
	audit_init(&r->audit, &m->history, &m->mem);
	r->t_log = log_layout(&m->history);
	audit_on(&r->audit, &m->events, 1);
	*out = r;
	return ST_OK;
}

void rig_free(struct rig *r)
{
	if (!r)
		return;
	audit_off(&r->audit);
	audit_fini(&r->audit);
	machine_free(r->machine);
	free(r);
}

void rig_restore(struct rig *r, const struct snapshot *s)
{
	machine_restore(r->machine, s);
	audit_restored(&r->audit, &r->machine->events, machine_row(r->machine)->next_object);
}
