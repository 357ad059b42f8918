/* ui/inspect/fill_time.c - the tables of the past. */
#include "config.h"

#include "src/snap/snap.h"
#include "ui/inspect/inspect.h"
#include "ui/timeline.h"
#include "ui/whatif.h"

static const struct checkpoint *before_now(const struct query *q)
{
	const struct moment now = { machine_instructions(q->machine), machine_cycle(q->machine), 0 };
	const struct checkpoint *c = NULL;
	for (unsigned i = 0; i < q->timeline->count && moment_compare(&q->timeline->at[i].at, &now) <= 0; i++)
		c = &q->timeline->at[i];
	return c;
}

void fill_when(struct table *t, const struct query *q)
{
	const struct checkpoint *c = before_now(q);
	put_cycles(t, machine_instructions(q->machine));
	put_cycles(t, machine_cycle(q->machine));
	put_cycles(t, event_seq(&q->machine->events));
	if (c)
		put_u64(t, c->number);
	else
		put_none(t);
	if (q->timeline->on)
		put_cycles(t, q->timeline->end.instr);
	else
		put_none(t);
	put_bool(t, q->tainted);
}

void fill_checkpoints(struct table *t, const struct query *q)
{
	const struct timeline *line = q->timeline;
	const struct checkpoint *here = before_now(q);
	for (unsigned i = 0; i < line->count; i++) {
		const struct checkpoint *c = &line->at[i];
		put_u64(t, c->number);
		put_bool(t, c == here);
		put_cycles(t, c->at.instr);
		put_cycles(t, c->at.cycle);
		put_cycles(t, c->at.event);
		put_u64(t, snapshot_new_bytes(c->snapshot) / 1024);
		put_str(t, !i ? "recording began" : c->kept ? "by hand" : NULL);
	}
	if (!line->on)
		table_note(t, "the past is not recorded (`set record on`)");
}

void fill_whatif(struct table *t, const struct query *q)
{
	for (unsigned i = 0; i < q->whatif->count; i++) {
		const struct whatif_thread *w = &q->whatif->thread[i];
		put_u64(t, w->tid);
		put_str(t, w->name);
		put_cycles(t, w->ran);
		if (w->ended)
			put_none(t);
		else
			put_code(t, q->machine, w->pc);
		put_strf(t, "%s%s", w->state, w->began ? ", new" : "");
	}
}

void fill_whatif_end(struct table *t, const struct query *q)
{
	const struct whatif *w = q->whatif;
	put_str(t, w->what);
	put_str(t, w->verdict);
	put_str(t, w->roots);
	put_cycles(t, w->cycles);
	put_cycles(t, w->instructions);
	put_bool(t, w->limit);
	put_u64(t, w->threads);
	put_str(t, w->stopped);
}
