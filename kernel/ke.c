/* kernel/ke.c - Ke* of dispatcher objects in guest memory: events, semaphores, mutants; waits; delays. */
#include "config.h"

#include "kernel/args.h"
#include "kernel/cont.h"
#include "kernel/handlers.h"
#include "kernel/mutant.h"
#include "kernel/object.h"
#include "kernel/rows.h"
#include "kernel/sched.h"
#include "kernel/timer.h"
#include "kernel/wait.h"

/* ---- initialisation: the memory becomes a new object, whatever it was ---------------------------------------------------------- */

/* Writes a fresh header at arg 0 and registers the object; 0: faulted, or no room. */
static uint32_t initialize(struct machine *m, struct call *c, enum object_type type, uint8_t byte, uint32_t body_bytes, int32_t state)
{
	uint32_t ga = arg32(c, 0);
	uint8_t body[sizeof(struct g_ktimer)] = { 0 }; /* the largest */
	struct g_dispatch_header h = { .type = byte, .size = (uint8_t)(body_bytes / 4), .signal_state = be32_of((uint32_t)state) };
	h.wait_list_flink = h.wait_list_blink = be32_of(GA(ga, g_dispatch_header, wait_list_flink));
	INVARIANT(body_bytes <= sizeof body);
	memcpy(body, &h, sizeof h);
	if (!out_bytes(m, c, ga, body, body_bytes))
		return 0;
	return object_initialize(m, c->thread, type, ga);
}

void k_KeInitializeEvent(struct machine *m, struct call *c)
{
	uint8_t type = arg32(c, 1) ? 1 : 0;
	uint32_t object = initialize(m, c, type ? OT_EVENT_AUTO : OT_EVENT_MANUAL, type, sizeof(struct g_kevent), (uint8_t)arg32(c, 2) != 0);
	if (object)
		object_born(m, c->thread, object);
}

void k_KeInitializeSemaphore(struct machine *m, struct call *c)
{
	uint32_t object = initialize(m, c, OT_SEMAPHORE, 5, sizeof(struct g_ksemaphore), (int32_t)arg32(c, 1));
	out32(m, c, GA(arg32(c, 0), g_ksemaphore, limit), arg32(c, 2));
	if (object)
		object_born(m, c->thread, object);
}

void k_KeInitializeMutant(struct machine *m, struct call *c)
{
	uint32_t object = initialize(m, c, OT_MUTANT, 2, sizeof(struct g_kmutant), 1);
	if (!object)
		return;
	mutant_init(m, object, (uint8_t)arg32(c, 1) ? c->thread : 0);
	object_born(m, c->thread, object);
}

/* Type 0 = notification, 1 = synchronization. */
void k_KeInitializeTimerEx(struct machine *m, struct call *c)
{
	uint8_t type = arg32(c, 1) ? 9 : 8;
	uint32_t object = initialize(m, c, type == 9 ? OT_TIMER_AUTO : OT_TIMER_MANUAL, type, sizeof(struct g_ktimer), 0);
	if (object)
		object_born(m, c->thread, object);
}

/* ---- signalling: previous states are returned ------------------------------------------------------------------------------------- */

void k_KeSetEvent(struct machine *m, struct call *c)
{
	uint32_t object = arg_by_pointer(m, c, arg32(c, 0), OT_EVENTS);
	if (object)
		call_return(c, (uint32_t)event_set(m, c->thread, object, 0, (int32_t)arg32(c, 1)));
}

/* (event, *thread): the event is set; *thread becomes the KTHREAD of the thread that has waited longest, if one has. (NT: its waiters wait for
 * this event alone.) */
void k_KeSetEventBoostPriority(struct machine *m, struct call *c)
{
	uint32_t object = arg_by_pointer(m, c, arg32(c, 0), OT_EVENTS);
	uint32_t head = object ? object_peek(m, object)->wait_head : 0;
	if (head)
		out32(m, c, arg32(c, 1), thread_peek(m, wait_peek(m, head)->thread)->kthread_ga);
	if (object && !c->faulted)
		event_set(m, c->thread, object, 0, SIGNAL_INCREMENT);
}

void k_KeResetEvent(struct machine *m, struct call *c)
{
	uint32_t object = arg_by_pointer(m, c, arg32(c, 0), OT_EVENTS);
	if (object)
		call_return(c, (uint32_t)event_reset(m, c->thread, object, 0));
}

void k_KePulseEvent(struct machine *m, struct call *c)
{
	uint32_t object = arg_by_pointer(m, c, arg32(c, 0), OT_EVENTS);
	if (object)
		call_return(c, (uint32_t)event_pulse(m, c->thread, object, 0, (int32_t)arg32(c, 1)));
}

/* arg 2 is the adjustment, arg 1 the priority boost; over the limit an exception is raised (0xC0000047). */
void k_KeReleaseSemaphore(struct machine *m, struct call *c)
{
	int32_t previous = 0;
	uint32_t object = arg_by_pointer(m, c, arg32(c, 0), OT_SEMAPHORES);
	if (!object)
		return;
	if (semaphore_release(m, c->thread, object, 0, (int32_t)arg32(c, 2), (int32_t)arg32(c, 1), &previous))
		call_return(c, (uint32_t)previous);
	else
		raise_status(m, c, NT_SEMAPHORE_LIMIT_EXCEEDED);
}

/* arg 2: released as abandoned. Not the owner: an exception is raised. */
void k_KeReleaseMutant(struct machine *m, struct call *c)
{
	int32_t previous = 0, increment = (int32_t)arg32(c, 1);
	uint32_t object = arg_by_pointer(m, c, arg32(c, 0), OT_BIT(OT_MUTANT));
	if (!object)
		return;
	uint32_t nt = (uint8_t)arg32(c, 2) ? mutant_abandon(m, c->thread, object, increment, &previous)
	                                   : mutant_release(m, c->thread, object, 0, increment, &previous);
	if (nt == NT_SUCCESS)
		call_return(c, (uint32_t)previous);
	else
		raise_status(m, c, nt);
}

/* ---- timers: whether it was armed before is returned ------------------------------------------------------------------------------ */

static void set_timer(struct machine *m, struct call *c, const struct timer_setting *s)
{
	uint32_t object = arg_by_pointer(m, c, arg32(c, 0), OT_TIMERS);
	if (object)
		call_return(c, timer_set(m, c->thread, object, 0, s));
}

void k_KeSetTimer(struct machine *m, struct call *c)
{
	set_timer(m, c, &(struct timer_setting){ .due = (int64_t)c->arg[1], .dpc = arg32(c, 2) });
}

void k_KeSetTimerEx(struct machine *m, struct call *c)
{
	set_timer(m, c, &(struct timer_setting){ .due = (int64_t)c->arg[1], .period_ms = arg32(c, 2), .dpc = arg32(c, 3) });
}

void k_KeCancelTimer(struct machine *m, struct call *c)
{
	uint32_t object = arg_by_pointer(m, c, arg32(c, 0), OT_TIMERS);
	if (object)
		call_return(c, timer_cancel(m, c->thread, object, 0));
}

/* ---- waits ----------------------------------------------------------------------------------------------------------------------- */

void k_KeWaitForSingleObject(struct machine *m, struct call *c)
{
	struct wait_request r = { .count = 1, .cont = CONT_RETURN, .reason = (uint8_t)arg32(c, 1), .mode = (uint8_t)arg32(c, 2),
				  .alertable = (uint8_t)arg32(c, 3) != 0 };
	r.object[0] = arg_by_pointer(m, c, arg32(c, 0), OT_WAITABLE);
	if (!r.object[0])
		return;
	r.due = wait_due(m, c, arg32(c, 4));
	wait_call(m, c, &r);
}

/* Type 0 = all, 1 = any. */
void k_KeWaitForMultipleObjects(struct machine *m, struct call *c)
{
	uint32_t n = arg32(c, 0);
	struct wait_request r = { .count = n, .all = !arg32(c, 2), .cont = CONT_RETURN, .reason = (uint8_t)arg32(c, 3),
				  .mode = (uint8_t)arg32(c, 4), .alertable = (uint8_t)arg32(c, 5) != 0 };
	if (!n || n > WAIT_OBJECTS_MAX || arg32(c, 2) > 1) {
		call_return(c, NT_INVALID_PARAMETER);
		return;
	}
	for (unsigned i = 0; i < n; i++) {
		r.object[i] = arg_by_pointer(m, c, in32(m, c, arg32(c, 1) + 4 * i), OT_WAITABLE);
		if (!r.object[i])
			return;
	}
	r.due = wait_due(m, c, arg32(c, 6));
	wait_call(m, c, &r);
}

/* Interval 0 is a yield. Its timeout is a success. */
void k_KeDelayExecutionThread(struct machine *m, struct call *c)
{
	struct wait_request r = { .cont = CONT_DELAY, .mode = (uint8_t)arg32(c, 0), .alertable = (uint8_t)arg32(c, 1) != 0 };
	bool yields = !in64(m, c, arg32(c, 2));
	r.due = wait_due(m, c, arg32(c, 2));
	wait_call(m, c, &r);
	if (c->parked || c->faulted || c->result != NT_TIMEOUT)
		return;
	if (yields)
		k_NtYieldExecution(m, c);
	else
		call_return(c, NT_SUCCESS);
}

void cont_DELAY(struct machine *m, uint32_t thread)
{
	uint64_t nt = thread_peek(m, thread)->result;
	call_finish(m, thread, nt == NT_TIMEOUT ? NT_SUCCESS : nt);
}
