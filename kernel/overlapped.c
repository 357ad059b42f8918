/* kernel/overlapped.c - see overlapped.h */
#include "config.h"

#include "kernel/overlapped.h"

#include "kernel/apc.h"
#include "kernel/args.h"
#include "kernel/deadline.h"
#include "kernel/emit.h"
#include "kernel/fs_state.h"
#include "kernel/handle.h"
#include "kernel/object.h"
#include "kernel/pool.h"
#include "kernel/rows.h"
#include "kernel/wait.h"
#include "kernel/xam_guest.h"

#define OVERLAPPEDS_MAX (1u << 14)

/* Before each output's bytes in the pool; they fill whole words. */
struct g_out {
	be32 ga, size;
};

void overlapped_layout(struct machine *m)
{
	m->t_overlapped = arena_table_add(&m->world, "overlapped", sizeof(struct w_overlapped), OVERLAPPEDS_MAX);
}

static struct w_overlapped *overlapped_mut(struct machine *m, uint32_t row)
{
	return arena_row(&m->world, m->t_overlapped, row);
}

static bool writes(const struct overlapped_out *o)
{
	return o->ga && o->size;
}

static uint32_t words(uint32_t bytes)
{
	return (bytes + 3) & ~3u;
}

/* ---- beginning ----------------------------------------------------------------------------------------------------------------- */

static void emit(struct machine *m, enum event_kind kind, uint32_t thread, const struct w_overlapped *o, const uint64_t aux[4])
{
	if (o->event)
		emit_object4(m, kind, thread, o->event, 0, aux);
	else
		emit_plain4(m, kind, thread, aux);
}

/* @size bytes from the kernel's memory. */
static void copy(struct machine *m, uint32_t to, uint32_t from, uint32_t size)
{
	uint8_t piece[256];
	for (uint32_t done = 0, n; done < size; done += n) {
		n = size - done < sizeof piece ? size - done : (uint32_t)sizeof piece;
		INVARIANT(mem_peek(&m->mem, from + done, piece, n) == MEM_OK);
		object_put(m, to + done, piece, n);
	}
}

static void put_out(struct machine *m, const struct overlapped_out *o, uint32_t to)
{
	if (o->bytes)
		object_put(m, to, o->bytes, o->size);
	else
		copy(m, to, o->from_ga, o->size);
}

static void answer_at_once(struct machine *m, struct call *c, const struct overlapped_request *r)
{
	for (unsigned i = 0; i < OVERLAPPED_OUTS; i++)
		if (writes(&r->out[i]) && probe_bytes(m, c, r->out[i].ga, r->out[i].size, true))
			put_out(m, &r->out[i], r->out[i].ga);
	call_return(c, r->end.answer);
}

/* Copies the output into a block of the pool; false: no room. */
static bool keep_outs(struct machine *m, struct w_overlapped *o, const struct overlapped_request *r)
{
	for (unsigned i = 0; i < OVERLAPPED_OUTS; i++)
		if (writes(&r->out[i]))
			o->outs_bytes += (uint32_t)sizeof(struct g_out) + words(r->out[i].size);
	if (!o->outs_bytes)
		return true;
	o->outs_ga = pool_alloc(m, o->outs_bytes, POOL_KERNEL);
	uint32_t at = o->outs_ga;
	for (unsigned i = 0; at && i < OVERLAPPED_OUTS; i++) {
		const struct g_out head = { be32_of(r->out[i].ga), be32_of(r->out[i].size) };
		if (!writes(&r->out[i]))
			continue;
		object_put(m, at, &head, sizeof head);
		put_out(m, &r->out[i], at + (uint32_t)sizeof head);
		at += (uint32_t)sizeof head + words(r->out[i].size);
	}
	return o->outs_ga != 0;
}

/* Everything that is to be written must be there; false: the call has faulted. */
static bool probe(struct machine *m, struct call *c, const struct overlapped_request *r)
{
	for (unsigned i = 0; i < OVERLAPPED_OUTS; i++)
		if (writes(&r->out[i]) && !probe_bytes(m, c, r->out[i].ga, r->out[i].size, true))
			return false;
	return probe_bytes(m, c, r->ga, sizeof(struct g_xoverlapped), true);
}

/* The handle by which the caller is known, 0 = none is open. */
static uint32_t thread_handle(const struct machine *m, uint32_t thread)
{
	uint32_t slot = object_peek(m, thread_peek(m, thread)->object)->slot_first;
	return slot ? slot_peek(m, slot)->handle : 0;
}

static uint32_t event_behind(struct machine *m, uint32_t thread, uint32_t handle, uint32_t *slot)
{
	uint32_t object = handle ? handle_object(m, thread, handle, slot) : 0;
	return object && OT_BIT(object_peek(m, object)->type) & OT_EVENTS ? object : 0;
}

void overlapped_begin(struct machine *m, struct call *c, const struct overlapped_request *r)
{
	struct g_xoverlapped x;
	uint32_t slot = 0;
	if (c->faulted)
		return;
	if (!r->ga) {
		answer_at_once(m, c, r);
		return;
	}
	if (!probe(m, c, r) || !in_bytes(m, c, r->ga, &x, sizeof x))
		return;
	uint32_t row = arena_take(&m->world, m->t_overlapped);
	struct w_overlapped o = { .ga = r->ga,
		.started = machine_cycle(m),
		.tid = thread_peek(m, c->thread)->tid,
		.export_row = c->row + 1,
		.routine = be32_get(x.completion_routine),
		.result = r->end.result,
		.extended = r->end.extended,
		.length = r->end.length,
		.state = r->ticks == DEADLINE_NEVER ? OVERLAPPED_LOST : OVERLAPPED_FLIGHT };
	if (!row || !keep_outs(m, &o, r)) {
		if (row)
			arena_give(&m->world, m->t_overlapped, row);
		call_return(c, ERROR_NO_SYSTEM_RESOURCES);
		return;
	}
	o.id = ((struct w_cache *)arena_row(&m->world, m->t_cache, 1))->next_io++;
	o.event = event_behind(m, c->thread, be32_get(x.event), &slot);
	*overlapped_mut(m, row) = o;
	out32(m, c, GA(r->ga, g_xoverlapped, result), ERROR_IO_PENDING);
	out32(m, c, GA(r->ga, g_xoverlapped, context), thread_handle(m, c->thread));
	emit(m, EV_XAM_START, c->thread, &o, (uint64_t[4]){ o.id, o.ga, o.routine, o.event ? object_peek(m, o.event)->id : 0 });
	if (o.event) {
		object_hold(m, o.event);
		if (object_signal_state(m, o.event) > 0)
			event_reset(m, c->thread, o.event, slot);
	}
	if (o.state == OVERLAPPED_FLIGHT)
		deadline_set_overlapped(m, row, machine_ticks(m) + r->ticks);
	call_return(c, ERROR_IO_PENDING);
}

void overlapped_end(struct machine *m, struct call *c, uint32_t ga, struct overlapped_end end)
{
	overlapped_begin(m, c, &(struct overlapped_request){ .ga = ga, .end = end, .ticks = OVERLAPPED_TICKS });
}

/* ---- the end -------------------------------------------------------------------------------------------------------------------- */

static void put32(struct machine *m, uint32_t ga, uint32_t v)
{
	be32 b = be32_of(v);
	object_put(m, ga, &b, sizeof b);
}

static void put_outs(struct machine *m, const struct w_overlapped *o)
{
	for (uint32_t at = o->outs_ga, end = at + o->outs_bytes; at < end;) {
		uint32_t ga = mem_get32(&m->mem, GA(at, g_out, ga)), size = mem_get32(&m->mem, GA(at, g_out, size));
		at += (uint32_t)sizeof(struct g_out);
		copy(m, ga, at, size);
		at += words(size);
	}
}

/* @by: the thread row that has it done, 0 = time. */
static void deliver(struct machine *m, uint32_t by, const struct w_overlapped *o)
{
	uint32_t thread = thread_by_tid(m, o->tid);
	put32(m, GA(o->ga, g_xoverlapped, result), o->result);
	put32(m, GA(o->ga, g_xoverlapped, extended_error), o->extended);
	put32(m, GA(o->ga, g_xoverlapped, length), o->length);
	if (o->event)
		event_set(m, by, o->event, 0, SIGNAL_INCREMENT);
	if (o->routine && thread && thread_peek(m, thread)->state != TS_TERMINATED)
		apc_queue_user(m, by, thread, o->routine, o->result, o->length, o->ga);
}

static void finish(struct machine *m, uint32_t by, uint32_t row, bool whole)
{
	const struct w_overlapped o = *overlapped_peek(m, row);
	memset(overlapped_mut(m, row), 0, sizeof o);
	arena_give(&m->world, m->t_overlapped, row);
	emit(m, EV_XAM_COMPLETE, by, &o, (uint64_t[4]){ o.id, o.result, o.extended, o.length });
	if (whole)
		put_outs(m, &o);
	if (o.outs_ga)
		pool_free(m, o.outs_ga, POOL_KERNEL);
	deliver(m, by, &o);
	if (o.event)
		object_hold_end(m, o.event);
}

void overlapped_complete(struct machine *m, uint32_t row)
{
	finish(m, 0, row, true);
}

static uint32_t tell(struct machine *m, uint32_t ga, uint32_t result, uint32_t extended, uint32_t length)
{
	uint32_t n = 0;
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_overlapped); row++) {
		struct w_overlapped *o = overlapped_mut(m, row);
		if (o->state == OVERLAPPED_FREE || o->ga != ga)
			continue;
		if (o->state == OVERLAPPED_FLIGHT)
			deadline_cancel_overlapped(m, row);
		o->result = result;
		o->extended = extended;
		o->length = length;
		finish(m, m->acting, row, false);
		n++;
	}
	return n;
}

uint32_t overlapped_cancel(struct machine *m, uint32_t ga)
{
	return tell(m, ga, ERROR_CANCELLED, HRESULT_FROM_WIN32(ERROR_CANCELLED), 0);
}

void overlapped_tell(struct machine *m, struct call *c, uint32_t ga, uint32_t result, uint32_t extended, uint32_t length)
{
	struct g_xoverlapped x;
	uint32_t slot;
	if (!probe_bytes(m, c, ga, sizeof x, true) || tell(m, ga, result, extended, length) || !in_bytes(m, c, ga, &x, sizeof x))
		return;
	const struct w_overlapped o = { .ga = ga,
		.tid = thread_peek(m, c->thread)->tid,
		.routine = be32_get(x.completion_routine),
		.event = event_behind(m, c->thread, be32_get(x.event), &slot),
		.result = result,
		.extended = extended,
		.length = length };
	out32(m, c, GA(ga, g_xoverlapped, context), thread_handle(m, c->thread));
	emit(m, EV_XAM_COMPLETE, c->thread, &o, (uint64_t[4]){ 0, result, extended, length });
	deliver(m, c->thread, &o);
}

void overlapped_complete_now(struct machine *m, uint32_t row)
{
	if (overlapped_peek(m, row)->state == OVERLAPPED_FLIGHT)
		deadline_cancel_overlapped(m, row);
	overlapped_complete(m, row);
}

/* ---- readers --------------------------------------------------------------------------------------------------------------------- */

void overlapped_count(const struct machine *m, uint32_t *flight, uint32_t *lost)
{
	*flight = *lost = 0;
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_overlapped); row++) {
		*flight += overlapped_peek(m, row)->state == OVERLAPPED_FLIGHT;
		*lost += overlapped_peek(m, row)->state == OVERLAPPED_LOST;
	}
}

static uint32_t told(const struct machine *m, uint32_t object, uint32_t state, uint32_t or)
{
	const struct w_object *w = object_peek(m, object);
	uint32_t tid = w->type == OT_THREAD && w->thread ? thread_peek(m, w->thread)->tid : 0;
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_overlapped); row++) {
		const struct w_overlapped *o = overlapped_peek(m, row);
		if ((o->state == state || o->state == or) && (o->event ? o->event == object : tid && o->tid == tid))
			return row;
	}
	return 0;
}

uint32_t overlapped_lost_for(const struct machine *m, uint32_t object)
{
	return told(m, object, OVERLAPPED_LOST, OVERLAPPED_LOST);
}

uint32_t overlapped_pending_for(const struct machine *m, uint32_t object)
{
	return told(m, object, OVERLAPPED_FLIGHT, OVERLAPPED_LOST);
}
