/* kernel/timer.c - see timer.h */
#include "config.h"

#include "kernel/timer.h"

#include "kernel/deadline.h"
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

static void body_put(struct machine *m, uint32_t ga, const void *bytes, uint32_t size)
{
	if (mem_poke(&m->mem, ga, bytes, size) != MEM_OK)
		return;
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
	body_put(m, GA(body, g_ktimer, header.inserted), &inserted, sizeof inserted);
	if (inserted)
		body_put(m, GA(body, g_ktimer, due_time), &due_time, sizeof due_time);
}

static void arm(struct machine *m, uint32_t object, uint64_t due)
{
	deadline_set_object(m, object, due);
	show(m, object, 1, due);
}

bool timer_cancel(struct machine *m, uint32_t thread, uint32_t object, uint32_t slot)
{
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
	if (was)
		deadline_cancel_object(m, object);
	body_put(m, GA(body, g_ktimer, header.absolute), &absolute, sizeof absolute);
	body_put(m, GA(body, g_ktimer, period_ms), &period, sizeof period);
	body_put(m, GA(body, g_ktimer, dpc), &dpc, sizeof dpc);
	object_state_set(m, object, 0);
	arm(m, object, due);
	emit_object(m, EV_TIMER_SET, thread, object, slot, due, s->period_ms);
	if (due <= now) {
		deadline_cancel_object(m, object);
		timer_expire(m, object, due);
	}
	return was;
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
	object_hold_end(m, object);
}
