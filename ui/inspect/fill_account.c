/* ui/inspect/fill_account.c - the tables of the accounting. What has not ended yet (a state, a wait) is counted up to the present cycle. */
#include "config.h"

#include <stdio.h>

#include "kernel/account.h"
#include "kernel/exports.h"
#include "ui/inspect/inspect.h"

void fill_accounting(struct table *t, const struct query *q)
{
	const struct machine *m = q->machine;
	char buf[SYMBOL_TEXT];
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_thread); row++) {
		const struct w_thread *w = thread_peek(m, row);
		if (!w->object)
			continue;
		const struct account_thread *a = account_of_thread(m, row);
		uint64_t d = machine_cycle(m) > a->since ? machine_cycle(m) - a->since : 0;
		put_u64(t, w->tid);
		put_str(t, thread_name(m, row, buf, sizeof buf));
		put_cycles(t, a->instr);
		put_cycles(t, a->running + (w->state == TS_RUNNING ? d : 0));
		put_cycles(t, a->ready + (w->state == TS_READY ? d : 0));
		put_cycles(t, a->parked + (w->state == TS_WAITING ? d : 0));
		put_u64(t, a->switches);
	}
}

/* The waits of @object that go on: how many cycles together, and the longest. */
static uint64_t going_on(const struct machine *m, uint32_t object, uint64_t *longest)
{
	uint64_t sum = 0, now = machine_cycle(m);
	for (uint32_t row = object_peek(m, object)->wait_head; row; row = wait_peek(m, row)->next) {
		uint64_t since = thread_peek(m, wait_peek(m, row)->thread)->wait_since, d = now > since ? now - since : 0;
		sum += d;
		if (d > *longest)
			*longest = d;
	}
	return sum;
}

void fill_accounting_objects(struct table *t, const struct query *q)
{
	const struct machine *m = q->machine;
	char buf[64];
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_object); row++) {
		const struct w_object *o = object_peek(m, row);
		const struct account_object *a = o->id ? account_of_object(m, row) : NULL;
		uint64_t longest = a ? a->longest : 0;
		if (!o->id || (!a && !o->wait_head))
			continue;
		uint64_t parked = (a ? a->parked : 0) + going_on(m, row, &longest);
		put_object(t, o->id);
		put_str(t, object_type_name(o->type));
		put_str(t, object_handle_text(m, row, buf, sizeof buf));
		put_u64(t, a ? a->waits : 0);
		put_u64(t, o->waiters);
		put_cycles(t, parked);
		put_cycles(t, longest);
		put_str(t, object_name(m, row));
	}
	if (!t->rows)
		table_note(t, "nobody has waited for an object that lives");
}

void fill_accounting_exports(struct table *t, const struct query *q)
{
	for (unsigned i = 0; i < export_count; i++) {
		const struct account_export *e = account_of_export(q->machine, i + 1);
		if (!e->calls)
			continue;
		put_str(t, export_table[i].name);
		put_u64(t, e->calls);
		put_u64(t, e->failures);
		put_cycles(t, e->parked);
	}
}

void fill_accounting_waits(struct table *t, const struct query *q)
{
	const struct machine *m = q->machine;
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_thread); row++) {
		if (!thread_peek(m, row)->object)
			continue;
		for (uint32_t p = account_of_thread(m, row)->pair_first; p; p = account_pair_at(m, p)->next) {
			const struct account_pair *a = account_pair_at(m, p);
			put_u64(t, thread_peek(m, row)->tid);
			put_object(t, a->object);
			put_str(t, a->object ? NULL : "delays, others");
			put_u64(t, a->waits);
			put_cycles(t, a->parked);
		}
	}
}
