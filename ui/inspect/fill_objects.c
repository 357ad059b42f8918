/* ui/inspect/fill_objects.c - the tables of handles, objects, waiters and deadlines. */
#include "config.h"

#include "ui/inspect/inspect.h"

#include <stdio.h>
#include <stdlib.h>

#include "kernel/deadline.h"
#include "kernel/dpc.h"
#include "kernel/gpu.h"
#include "kernel/exports.h"
#include "kernel/guest.h"
#include "kernel/io.h"
#include "kernel/timer.h"
#include "src/observe/audit.h"
#include "ui/inspect/books.h"

/* ---- handles ------------------------------------------------------------------------------------------------------- */

bool slot_maker(const struct query *q, uint32_t slot, struct slot_maker *out)
{
	const struct w_slot *s = slot_peek(q->machine, slot);
	const struct audit_trail *trail = object_trail(q, s->object);
	*out = (struct slot_maker){ .tid = s->creator_tid };
	if (trail && trail->handle == s->handle && trail->generation == s->generation) {
		out->lr = trail->lr;
		out->source = trail->source;
		return true;
	}
	struct audit_entry e[AUDIT_RING];
	unsigned n = trail ? audit_entries(q->audit, trail, AUDIT_NAMES, e) : 0;
	for (unsigned i = 0; i < n; i++)
		if ((e[i].kind == EV_HANDLE_CREATE || e[i].kind == EV_HANDLE_DUP) && e[i].handle == s->handle &&
		    e[i].generation == s->generation) {
			out->lr = e[i].lr;
			out->source = e[i].source;
			return true;
		}
	return false;
}

static void put_total(struct table *t, const struct audit_trail *trail, enum audit_ring_kind kind)
{
	if (trail)
		put_u64(t, trail->ring[kind].total);
	else
		put_none(t);
}

static void put_handle_row(struct table *t, const struct query *q, uint32_t slot)
{
	const struct machine *m = q->machine;
	const struct w_slot *s = slot_peek(m, slot);
	const struct w_object *o = object_peek(m, s->object);
	const struct audit_trail *trail = object_trail(q, s->object);
	put_handle_apart(t, s->handle, s->generation);
	put_u64(t, s->generation);
	put_object(t, o->id);
	put_str(t, object_type_name(o->type));
	put_u64(t, o->refs);
	put_u64(t, o->waiters);
	put_total(t, trail, AUDIT_SIGNALS);
	put_total(t, trail, AUDIT_WAITS);
	put_total(t, trail, AUDIT_WAKES);
	if (o->slot_first != slot)
		put_handle(t, slot_peek(m, o->slot_first)->handle, slot_peek(m, o->slot_first)->generation);
	else
		put_none(t);
	struct slot_maker maker;
	slot_maker(q, slot, &maker);
	put_tid(t, maker.tid);
	if (maker.lr)
		put_code(t, m, maker.lr);
	else
		put_none(t);
	put_str(t, object_name(m, s->object));
}

void fill_handles(struct table *t, const struct query *q)
{
	const struct machine *m = q->machine;
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_slot); row++) {
		const struct w_slot *s = slot_peek(m, row);
		if (s->state == SLOT_OPEN && (!q->object || s->object == q->object))
			put_handle_row(t, q, row);
	}
}

void fill_aliases(struct table *t, const struct query *q)
{
	const struct machine *m = q->machine;
	for (uint32_t object = 1; object < arena_count(&m->world, m->t_object); object++) {
		const struct w_object *o = object_peek(m, object);
		if (q->object ? object != q->object : !o->id || o->handles < 2)
			continue;
		for (uint32_t row = o->slot_first; row; row = slot_peek(m, row)->next) {
			const struct w_slot *s = slot_peek(m, row);
			put_object(t, o->id);
			put_handle(t, s->handle, s->generation);
			put_bool(t, row == o->slot_first);
			put_str(t, object_type_name(o->type));
			put_tid(t, s->creator_tid);
			put_hex(t, s->sid);
		}
	}
}

/* ---- objects ------------------------------------------------------------------------------------------------------- */

void object_handle_words(const struct machine *m, uint32_t object, char *words, size_t size)
{
	size_t n = 0;
	words[0] = 0;
	for (uint32_t row = object_peek(m, object)->slot_first; row && n + 24 < size; row = slot_peek(m, row)->next) {
		const struct w_slot *s = slot_peek(m, row);
		n += (size_t)snprintf(words + n, size - n, "%s%X#%u", n ? " " : "", s->handle, s->generation);
	}
}

void object_waiter_words(const struct machine *m, uint32_t object, char *words, size_t size)
{
	size_t n = 0;
	words[0] = 0;
	for (uint32_t row = object_peek(m, object)->wait_head; row && n + 16 < size; row = wait_peek(m, row)->next)
		n += (size_t)snprintf(words + n, size - n, "%s%u", n ? " " : "", thread_peek(m, wait_peek(m, row)->thread)->tid);
}

void fill_objects(struct table *t, const struct query *q)
{
	const struct machine *m = q->machine;
	char words[WORDS_TEXT];
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_object); row++) {
		const struct w_object *o = object_peek(m, row);
		if (!o->id)
			continue;
		put_object(t, o->id);
		put_str(t, object_type_name(o->type));
		put_s64(t, object_signal_state(m, row));
		put_u64(t, o->refs);
		object_handle_words(m, row, words, sizeof words);
		put_words(t, words);
		object_waiter_words(m, row, words, sizeof words);
		put_words(t, words);
		put_code(t, m, o->body_ga);
		put_tid(t, o->creator_tid);
		put_hex(t, o->osid);
		put_str(t, object_name(m, row));
	}
}

void object_held_by(const struct machine *m, uint32_t object, char *buf, size_t size)
{
	const struct w_object *o = object_peek(m, object);
	bool runs = o->type == OT_THREAD && o->thread && thread_peek(m, o->thread)->running_ref;
	snprintf(buf, size, "%u handle%s + %u waiter%s%s + %u by pointer", o->handles, o->handles == 1 ? "" : "s", o->waiters,
	         o->waiters == 1 ? "" : "s", runs ? " + 1 running thread" : "", o->pointers);
}

static void put_object_books(struct table *t, const struct query *q, const struct w_object *o)
{
	const struct audit_trail *trail = object_trail(q, q->object);
	put_total(t, trail, AUDIT_SIGNALS);
	put_total(t, trail, AUDIT_WAITS);
	put_total(t, trail, AUDIT_WAKES);
	put_tid(t, o->creator_tid);
	bool seen = trail && trail->origin == AUDIT_CREATED;
	if (seen)
		put_cycles(t, trail->created_tick * CYCLES_PER_TICK);
	else
		put_none(t);
	put_str(t, seen ? source_name(trail->source) : o->ghost ? "<UNCREATED>" : NULL);
	if (seen && trail->lr)
		put_code(t, q->machine, trail->lr);
	else
		put_none(t);
}

void fill_object(struct table *t, const struct query *q)
{
	const struct machine *m = q->machine;
	char words[WORDS_TEXT];
	const char *how;
	if (!q->object)
		return;
	const struct w_object *o = object_peek(m, q->object);
	put_object(t, o->id);
	put_str(t, object_type_name(o->type));
	put_str(t, object_name(m, q->object));
	put_s64(t, object_signal_state(m, q->object));
	put_code(t, m, o->body_ga);
	object_handle_words(m, q->object, words, sizeof words);
	put_words(t, words);
	put_u64(t, o->refs);
	object_held_by(m, q->object, words, sizeof words);
	put_str(t, words);
	uint32_t owner = object_owner(m, q->object, &how);
	put_tid(t, owner ? thread_peek(m, owner)->tid : 0);
	object_waiter_words(m, q->object, words, sizeof words);
	put_words(t, words);
	put_object_books(t, q, o);
	put_hex(t, o->osid);
}

static void put_waiter(struct table *t, const struct query *q, uint32_t object, uint32_t wait, unsigned place)
{
	const struct machine *m = q->machine;
	char buf[SYMBOL_TEXT];
	const struct w_object *o = object_peek(m, object);
	const struct w_wait *w = wait_peek(m, wait);
	const struct w_thread *th = thread_peek(m, w->thread);
	put_object(t, o->id);
	if (o->slot_first)
		put_handle(t, slot_peek(m, o->slot_first)->handle, slot_peek(m, o->slot_first)->generation);
	else
		put_none(t);
	put_str(t, object_type_name(o->type));
	if (w->slot && slot_peek(m, w->slot)->state == SLOT_OPEN && slot_peek(m, w->slot)->object == object)
		put_handle(t, slot_peek(m, w->slot)->handle, slot_peek(m, w->slot)->generation);
	else
		put_none(t);
	put_u64(t, place);
	put_u64(t, th->tid);
	put_str(t, thread_name(m, w->thread, buf, sizeof buf));
	if (th->wait_count > 1)
		put_strf(t, "%s of %u, index %u", th->wait_all ? "all" : "any", th->wait_count, w->index);
	else
		put_str(t, "single");
	put_cycles(t, th->wait_since);
	if (th->deadline != DEADLINE_NEVER)
		put_cycles(t, th->deadline * CYCLES_PER_TICK);
	else
		put_none(t);
}

/* The command processor waits for no object, but for memory or a register to be as it wants it. */
static void put_gpu_waiter(struct table *t, const struct machine *m)
{
	char text[120];
	gpu_wait_text(m, text, sizeof text);
	put_none(t);
	put_none(t);
	put_str(t, "GPU");
	for (unsigned i = 0; i < 3; i++)
		put_none(t);
	put_str(t, "command processor");
	put_str(t, text);
	put_cycles(t, gpu_peek(m)->wait_since);
	put_none(t);
}

void fill_waiters(struct table *t, const struct query *q)
{
	const struct machine *m = q->machine;
	for (uint32_t object = 1; object < arena_count(&m->world, m->t_object); object++) {
		unsigned place = 1;
		if (q->object && object != q->object)
			continue;
		for (uint32_t row = object_peek(m, object)->wait_head; row; row = wait_peek(m, row)->next)
			put_waiter(t, q, object, row, place++);
	}
	if (!q->object && gpu_peek(m)->waiting)
		put_gpu_waiter(t, m);
}

/* ---- what will happen by itself -------------------------------------------------------------------------------------- */

struct due {
	uint64_t due, seq;
	uint32_t row;
};

static int by_due(const void *a, const void *b)
{
	const struct due *x = a, *y = b;
	if (x->due != y->due)
		return x->due < y->due ? -1 : 1;
	return (x->seq > y->seq) - (x->seq < y->seq);
}

static unsigned sorted_deadlines(const struct machine *m, struct due **out)
{
	unsigned n = 0;
	uint32_t rows = arena_count(&m->world, m->t_deadline);
	struct due *d = xcalloc(rows ? rows : 1, sizeof *d);
	for (uint32_t row = 1; row < rows; row++) {
		const struct w_deadline *w = arena_peek(&m->world, m->t_deadline, row);
		if (w->thread || w->object || w->source || w->io)
			d[n++] = (struct due){ w->due, w->seq, row };
	}
	qsort(d, n, sizeof *d, by_due);
	*out = d;
	return n;
}

static void put_what_comes(struct table *t, const struct machine *m, uint32_t tid, uint32_t object, uint32_t period)
{
	char words[WORDS_TEXT];
	const struct w_object *o = object_peek(m, object);
	put_tid(t, tid);
	put_object(t, o->id);
	if (o->slot_first)
		put_handle(t, slot_peek(m, o->slot_first)->handle, slot_peek(m, o->slot_first)->generation);
	else
		put_none(t);
	if (period)
		put_u64(t, period);
	else
		put_none(t);
	object_waiter_words(m, object, words, sizeof words);
	put_words(t, words);
}

static void put_timer(struct table *t, const struct machine *m, uint32_t object)
{
	put_what_comes(t, m, 0, object, timer_period(m, object));
}

/* What it will signal: its event, else the file. */
static void put_request(struct table *t, const struct machine *m, uint32_t row)
{
	const struct w_io *io = io_peek(m, row);
	put_what_comes(t, m, io->tid, io->event ? io->event : io->object, 0);
}

static void put_timeout(struct table *t, const struct machine *m, uint32_t thread)
{
	put_u64(t, thread_peek(m, thread)->tid);
	for (unsigned i = 0; i < 3; i++)
		put_none(t);
	put_words(t, "");
}

static void put_nobody(struct table *t)
{
	for (unsigned i = 0; i < 4; i++)
		put_none(t);
	put_words(t, "");
}

void fill_timers(struct table *t, const struct query *q)
{
	const struct machine *m = q->machine;
	struct due *d;
	unsigned n = sorted_deadlines(m, &d);
	uint64_t now = machine_cycle(m);
	for (unsigned i = 0; i < n; i++) {
		const struct w_deadline *w = arena_peek(&m->world, m->t_deadline, d[i].row);
		uint64_t due = w->due * CYCLES_PER_TICK;
		if (w->due == DEADLINE_NEVER) {
			put_none(t);
			put_none(t);
		} else {
			put_cycles(t, due);
			put_cycles(t, due > now ? due - now : 0);
		}
		bool timed = w->thread && thread_peek(m, w->thread)->wait_first;
		put_str(t, w->source ? source_text(w->source - 1) : w->io ? "file request" : w->object ? "timer" : timed ? "timeout" : "delay ends");
		if (w->object)
			put_timer(t, m, w->object);
		else if (w->io)
			put_request(t, m, w->io);
		else if (w->thread)
			put_timeout(t, m, w->thread);
		else
			put_nobody(t);
	}
	free(d);
}

static void put_dpc(struct table *t, const struct machine *m, uint32_t hw, const char *state, uint32_t ga)
{
	struct g_kdpc k;
	put_u64(t, hw);
	put_str(t, state);
	put_code(t, m, ga);
	if (mem_peek(&m->mem, ga, &k, sizeof k) != MEM_OK)
		memset(&k, 0, sizeof k);
	put_code(t, m, be32_get(k.routine));
	put_hex(t, be32_get(k.context));
	put_hex(t, be32_get(k.arg1));
	put_hex(t, be32_get(k.arg2));
}

/* @d: NULL = it runs already; its registers have changed since. */
static void put_interrupt(struct table *t, const struct machine *m, uint32_t hw, const char *state, uint32_t routine, const struct w_dpc *d)
{
	put_u64(t, hw);
	put_str(t, state);
	put_none(t);
	put_code(t, m, routine);
	put_none(t);
	if (d) {
		put_hex(t, d->arg[0]);
		put_hex(t, d->arg[1]);
	} else {
		put_none(t);
		put_none(t);
	}
}

void fill_dpcs(struct table *t, const struct query *q)
{
	const struct machine *m = q->machine;
	for (uint32_t hw = 0; hw < HW_THREADS; hw++) {
		const struct w_hw *h = hw_peek(m, hw);
		if (h->dpc_active && h->dpc_interrupt)
			put_interrupt(t, m, hw, "running", h->dpc_active, NULL);
		else if (h->dpc_active)
			put_dpc(t, m, hw, "running", h->dpc_active);
		for (uint32_t row = h->dpc_first; row; row = dpc_peek(m, row)->next) {
			const struct w_dpc *d = dpc_peek(m, row);
			if (d->interrupt)
				put_interrupt(t, m, hw, "queued", d->ga, d);
			else
				put_dpc(t, m, hw, "queued", d->ga);
		}
	}
}

void fill_quiescence(struct table *t, const struct query *q)
{
	struct quiescence s;
	machine_quiescence(q->machine, &s);
	const uint32_t n[] = { s.threads, s.parked, s.runnable, s.suspended, s.timers, s.timeouts,
		               s.apcs, s.dpcs, s.io, s.interrupts, s.audio, s.xma, s.inputs };
	for (unsigned i = 0; i < ARRAY_LEN(n); i++)
		put_u64(t, n[i]);
	if (s.next_due != DEADLINE_NEVER)
		put_cycles(t, s.next_due * CYCLES_PER_TICK);
	else
		put_none(t);
}
