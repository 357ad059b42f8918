/* kernel/timer.c - see timer.h */
#include "config.h"

#include "kernel/timer.h"

#include "kernel/apc.h"
#include "kernel/deadline.h"
#include "kernel/dpc.h"
#include "kernel/emit.h"
#include "kernel/object.h"
#include "kernel/rows.h"
#include "kernel/wait.h"

/* The KTIMER may lie in memory that the title has given back since: it reads as 0 then, and writes are swallowed. */
static uint32_t body_get32(const struct machine *m, uint32_t ga)
{
	be32 v;
	return mem_peek(&m->mem, ga, &v, sizeof v) == MEM_OK ? be32_get(v) : 0;
}

uint32_t timer_period(const struct machine *m, uint32_t object)
{
	return body_get32(m, GA(object_peek(m, object)->body_ga, g_ktimer, period_ms));
}

uint64_t timer_due(const struct machine *m, uint32_t object)
{
	uint32_t row = object_peek(m, object)->deadline_row;
	return row ? deadline_peek(m, row)->due : DEADLINE_NEVER;
}

/* inserted and due_time, as the guest sees them. */
static void show(struct machine *m, uint32_t object, uint8_t inserted, uint64_t due)
{
	uint32_t body = object_peek(m, object)->body_ga;
	be64 due_time = be64_of(due / TICKS_PER_100NS);
	object_put(m, GA(body, g_ktimer, header.inserted), &inserted, sizeof inserted);
	if (inserted)
		object_put(m, GA(body, g_ktimer, due_time), &due_time, sizeof due_time);
}

/* ---- its APC ---------------------------------------------------------------------------------------------------------------- */

static void apc_join(struct machine *m, uint32_t object, const struct timer_setting *s)
{
	struct w_object *o = object_row(m, object);
	struct w_thread *t = thread_row(m, s->thread);
	struct g_kapc k;
	INVARIANT(o->pool && !o->thread);
	apc_fill(&k, m,
		&(struct apc_spec){ .thread = s->thread, .normal_routine = s->routine, .context = s->argument, .mode = s->mode });
	object_put(m, GA(o->body_ga, g_extimer, apc), &k, sizeof k);
	o->thread = s->thread;
	o->owned_next = t->timer_first;
	if (t->timer_first)
		object_row(m, t->timer_first)->owned_prev = object;
	t->timer_first = object;
}

/* Its APC comes to no thread any more; it is taken back if it is queued. */
static void apc_part(struct machine *m, uint32_t object)
{
	struct w_object *o = object_row(m, object);
	if (!o->thread || (o->type != OT_TIMER_MANUAL && o->type != OT_TIMER_AUTO))
		return;
	apc_remove(m, m->acting, o->thread, GA(o->body_ga, g_extimer, apc));
	*(o->owned_prev ? &object_row(m, o->owned_prev)->owned_next : &thread_row(m, o->thread)->timer_first) = o->owned_next;
	if (o->owned_next)
		object_row(m, o->owned_next)->owned_prev = o->owned_prev;
	o->owned_next = o->owned_prev = o->thread = 0;
}

void timers_thread_gone(struct machine *m, uint32_t thread)
{
	uint32_t object;
	while ((object = thread_peek(m, thread)->timer_first) != 0) {
		timer_cancel(m, thread, object, 0);
		INVARIANT(thread_peek(m, thread)->timer_first != object);
	}
}

/* ---- arming and coming due ------------------------------------------------------------------------------------------------ */

static void arm(struct machine *m, uint32_t object, uint64_t due)
{
	deadline_set_object(m, object, due);
	show(m, object, 1, due);
}

bool timer_cancel(struct machine *m, uint32_t thread, uint32_t object, uint32_t slot)
{
	apc_part(m, object);
	if (!timer_is_armed(object_peek(m, object)))
		return false;
	deadline_cancel_object(m, object);
	show(m, object, 0, 0);
	emit_object(m, EV_TIMER_CANCEL, thread, object, slot, 0, 0);
	return true;
}

bool timer_set(struct machine *m, uint32_t thread, uint32_t object, uint32_t slot, const struct timer_setting *s)
{
	bool was = timer_is_armed(object_peek(m, object));
	uint32_t body = object_peek(m, object)->body_ga;
	uint8_t absolute = s->due >= 0;
	be32 period = be32_of(s->period_ms), dpc = be32_of(s->dpc);
	uint64_t due = time_due(m, s->due), now = machine_ticks(m);
	if (due < now)
		due = now; /* what was due in the past is due now: periods count from here */
	apc_part(m, object);
	if (was)
		deadline_cancel_object(m, object);
	if (s->routine)
		apc_join(m, object, s);
	object_put(m, GA(body, g_ktimer, header.absolute), &absolute, sizeof absolute);
	object_put(m, GA(body, g_ktimer, period_ms), &period, sizeof period);
	object_put(m, GA(body, g_ktimer, dpc), &dpc, sizeof dpc);
	object_state_set(m, object, 0);
	arm(m, object, due);
	emit_object(m, EV_TIMER_SET, thread, object, slot, due, s->period_ms);
	if (due <= now) {
		deadline_cancel_object(m, object);
		timer_expire(m, object, due);
	}
	return was;
}

/* What else it sets off, with the system time. */
static void call_back(struct machine *m, uint32_t object)
{
	const struct w_object *o = object_peek(m, object);
	uint32_t dpc = body_get32(m, GA(o->body_ga, g_ktimer, dpc));
	uint64_t time = machine_row(m)->boot_time + machine_ticks(m) / TICKS_PER_100NS;
	if (o->thread)
		apc_insert(m, 0, o->thread, GA(o->body_ga, g_extimer, apc), (uint32_t)time, (uint32_t)(time >> 32), 0, APC_OWN);
	if (dpc)
		dpc_insert(m, 0, dpc, (uint32_t)time, (uint32_t)(time >> 32));
}

void timer_expire(struct machine *m, uint32_t object, uint64_t due)
{
	uint32_t period = timer_period(m, object);
	object_hold(m, object); /* the last waiter may be the last to hold it */
	emit_object(m, EV_TIMER_FIRE, 0, object, 0, 0, 0);
	if (period)
		arm(m, object, due + (uint64_t)period * TICKS_PER_MS);
	else
		show(m, object, 0, 0);
	int32_t previous = object_signal_state(m, object);
	emit_object(m, EV_OBJECT_SIGNAL, 0, object, 0, (uint64_t)(int64_t)previous, 1);
	object_state_set(m, object, 1);
	wait_scan(m, object, 0);
	call_back(m, object);
	object_hold_end(m, object);
}
