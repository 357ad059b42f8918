/* kernel/nt.c - Nt*: events, semaphores, mutants, waits and threads by handle. */
#include "config.h"

#include "kernel/args.h"
#include "kernel/dpc.h"
#include "kernel/emit.h"
#include "kernel/handle.h"
#include "kernel/handlers.h"
#include "kernel/mutant.h"
#include "kernel/object.h"
#include "kernel/request.h"
#include "kernel/rows.h"
#include "kernel/sched.h"
#include "kernel/stop.h"
#include "kernel/thread.h"
#include "kernel/timer.h"
#include "kernel/wait.h"

#define DUPLICATE_CLOSE_SOURCE 1u

/* ---- creation ------------------------------------------------------------------------------------------------------------------ */

/* The name in the OBJECT_ATTRIBUTES at @ga, "" if there is none; false: the call has failed. */
static bool attributes_name(struct machine *m, struct call *c, uint32_t ga, char name[OBJECT_NAME_MAX + 1])
{
	struct g_object_attributes a;
	struct g_ansi_string s;
	name[0] = '\0';
	if (!ga)
		return true;
	if (!in_bytes(m, c, ga, &a, sizeof a))
		return false;
	uint32_t string = be32_get(a.name_ptr);
	if (!string)
		return true;
	if (!in_bytes(m, c, string, &s, sizeof s))
		return false;
	if (be16_get(s.length) > OBJECT_NAME_MAX) {
		call_return(c, NT_OBJECT_NAME_INVALID);
		return false;
	}
	in_ansi_string(m, c, string, name, OBJECT_NAME_MAX + 1);
	return !c->faulted;
}

static void open_handle(struct machine *m, struct call *c, uint32_t object, uint32_t status)
{
	uint32_t slot = handle_open(m, c->thread, object);
	if (!slot) {
		call_return(c, NT_INSUFFICIENT_RESOURCES);
		return;
	}
	out32(m, c, arg32(c, 0), slot_peek(m, slot)->handle);
	call_return(c, status);
}

/* Begins NtCreate*: arg 0 is the handle's place, arg 1 the attributes. Returns the new object without references, or 0: the call is
 * answered (bad arguments; or the name exists: a further handle to that object). */
static uint32_t create(struct machine *m, struct call *c, enum object_type type, uint32_t body_bytes)
{
	char name[OBJECT_NAME_MAX + 1];
	if (!attributes_name(m, c, arg32(c, 1), name))
		return 0;
	uint32_t object = name[0] ? object_by_name(m, name) : 0;
	if (object) {
		const char *family = object_type_family(object_peek(m, object)->type);
		if (strcmp(family, object_type_family(type)) != 0)
			call_return(c, NT_OBJECT_TYPE_MISMATCH);
		else
			open_handle(m, c, object, NT_OBJECT_NAME_EXISTS);
		return 0;
	}
	object = object_new(m, c->thread, type, body_bytes);
	if (!object) {
		call_return(c, NT_INSUFFICIENT_RESOURCES);
		return 0;
	}
	if (name[0])
		object_name_set(m, object, name);
	return object;
}

static void created(struct machine *m, struct call *c, uint32_t object)
{
	arg_handle_out(m, c, object, arg32(c, 0));
}

/* xboxkrnl 0x0D1: type 0 = manual reset (notification), 1 = auto reset (synchronisation). */
void k_NtCreateEvent(struct machine *m, struct call *c)
{
	if (arg32(c, 2) > 1) {
		call_return(c, NT_INVALID_PARAMETER);
		return;
	}
	uint32_t object = create(m, c, arg32(c, 2) ? OT_EVENT_AUTO : OT_EVENT_MANUAL, sizeof(struct g_kevent));
	if (!object)
		return;
	object_state_set(m, object, (uint8_t)arg32(c, 3) != 0);
	created(m, c, object);
}

void k_NtCreateSemaphore(struct machine *m, struct call *c)
{
	int32_t count = (int32_t)arg32(c, 2), limit = (int32_t)arg32(c, 3);
	if (count < 0 || limit <= 0 || count > limit) {
		out32(m, c, arg32(c, 0), 0);
		call_return(c, NT_INVALID_PARAMETER);
		return;
	}
	uint32_t object = create(m, c, OT_SEMAPHORE, sizeof(struct g_ksemaphore));
	if (!object)
		return;
	object_state_set(m, object, count);
	mem_put32(&m->mem, GA(object_peek(m, object)->body_ga, g_ksemaphore, limit), (uint32_t)limit);
	created(m, c, object);
}

void k_NtCreateMutant(struct machine *m, struct call *c)
{
	uint32_t object = create(m, c, OT_MUTANT, sizeof(struct g_kmutant));
	if (!object)
		return;
	mutant_init(m, object, (uint8_t)arg32(c, 2) ? c->thread : 0);
	created(m, c, object);
}

/* Type 0 = notification, 1 = synchronization. The body has room for what the console keeps behind the KTIMER. */
void k_NtCreateTimer(struct machine *m, struct call *c)
{
	if (arg32(c, 2) > 1) {
		call_return(c, NT_INVALID_PARAMETER);
		return;
	}
	uint32_t object = create(m, c, arg32(c, 2) ? OT_TIMER_AUTO : OT_TIMER_MANUAL, sizeof(struct g_extimer));
	if (object)
		created(m, c, object);
}

/* ---- handles ------------------------------------------------------------------------------------------------------------------- */

void k_NtClose(struct machine *m, struct call *c)
{
	uint32_t handle = arg32(c, 0);
	if (handle == HANDLE_CURRENT_THREAD || handle == HANDLE_CURRENT_PROCESS)
		return;
	uint32_t slot = handle_slot(m, c->thread, handle);
	uint32_t object = slot ? slot_peek(m, slot)->object : 0;
	if (slot && is_devfile(m, object) && object_peek(m, object)->handles == 1)
		request_close(m, c, object, slot);
	else if (slot)
		handle_close(m, c->thread, slot);
	else
		call_return(c, NT_INVALID_HANDLE);
}

/* Always a fresh slot on the same object: its waiters, its state. */
void k_NtDuplicateObject(struct machine *m, struct call *c)
{
	uint32_t source, object = arg_by_handle(m, c, arg32(c, 0), OT_ANY, &source);
	if (!object)
		return;
	if (arg32(c, 1)) {
		uint32_t slot = handle_open(m, c->thread, object);
		if (!slot) {
			call_return(c, NT_INSUFFICIENT_RESOURCES);
			return;
		}
		emit_object(m, EV_HANDLE_DUP, c->thread, object, slot, arg32(c, 0), source ? slot_peek(m, source)->generation : 0);
		out32(m, c, arg32(c, 1), slot_peek(m, slot)->handle);
	}
	if (source && arg32(c, 2) & DUPLICATE_CLOSE_SOURCE)
		handle_close(m, c->thread, source);
}

/* ---- events -------------------------------------------------------------------------------------------------------------------- */

void k_NtSetEvent(struct machine *m, struct call *c)
{
	uint32_t slot, object = arg_by_handle(m, c, arg32(c, 0), OT_EVENTS, &slot);
	if (object)
		out32(m, c, arg32(c, 1), (uint32_t)event_set(m, c->thread, object, slot, SIGNAL_INCREMENT));
}

void k_NtClearEvent(struct machine *m, struct call *c)
{
	uint32_t slot, object = arg_by_handle(m, c, arg32(c, 0), OT_EVENTS, &slot);
	if (object)
		event_reset(m, c->thread, object, slot);
}

void k_NtPulseEvent(struct machine *m, struct call *c)
{
	uint32_t slot, object = arg_by_handle(m, c, arg32(c, 0), OT_EVENTS, &slot);
	if (object)
		out32(m, c, arg32(c, 1), (uint32_t)event_pulse(m, c->thread, object, slot, SIGNAL_INCREMENT));
}

/* EVENT_BASIC_INFORMATION: type (0 manual, 1 auto), state. */
void k_NtQueryEvent(struct machine *m, struct call *c)
{
	uint32_t object = arg_by_handle(m, c, arg32(c, 0), OT_EVENTS, NULL);
	if (!object)
		return;
	be32 info[2] = { be32_of(object_peek(m, object)->type != OT_EVENT_MANUAL), be32_of((uint32_t)object_signal_state(m, object)) };
	out_bytes(m, c, arg32(c, 1), info, sizeof info);
}

/* ---- semaphores and mutants ------------------------------------------------------------------------------------------------------ */

void k_NtReleaseSemaphore(struct machine *m, struct call *c)
{
	int32_t previous, by = (int32_t)arg32(c, 1);
	uint32_t slot, object = arg_by_handle(m, c, arg32(c, 0), OT_BIT(OT_SEMAPHORE), &slot);
	if (!object)
		return;
	if (by <= 0)
		call_return(c, NT_INVALID_PARAMETER);
	else if (!semaphore_release(m, c->thread, object, slot, by, SIGNAL_INCREMENT, &previous))
		call_return(c, NT_SEMAPHORE_LIMIT_EXCEEDED);
	else
		out32(m, c, arg32(c, 2), (uint32_t)previous);
}

/* SEMAPHORE_BASIC_INFORMATION: count, limit. */
void k_NtQuerySemaphore(struct machine *m, struct call *c)
{
	uint32_t object = arg_by_handle(m, c, arg32(c, 0), OT_BIT(OT_SEMAPHORE), NULL);
	if (!object)
		return;
	uint32_t body = object_peek(m, object)->body_ga;
	be32 info[2] = { be32_of((uint32_t)object_signal_state(m, object)), be32_of(in32(m, c, GA(body, g_ksemaphore, limit))) };
	out_bytes(m, c, arg32(c, 1), info, sizeof info);
}

void k_NtReleaseMutant(struct machine *m, struct call *c)
{
	int32_t previous;
	uint32_t slot, object = arg_by_handle(m, c, arg32(c, 0), OT_BIT(OT_MUTANT), &slot);
	if (!object)
		return;
	uint32_t nt = mutant_release(m, c->thread, object, slot, SIGNAL_INCREMENT, &previous);
	call_return(c, nt);
	if (nt == NT_SUCCESS)
		out32(m, c, arg32(c, 1), (uint32_t)previous);
}

/* MUTANT_BASIC_INFORMATION: count, owned by the caller, abandoned. */
void k_NtQueryMutant(struct machine *m, struct call *c)
{
	uint32_t object = arg_by_handle(m, c, arg32(c, 0), OT_BIT(OT_MUTANT), NULL);
	if (!object)
		return;
	uint32_t info = arg32(c, 1);
	const struct w_object *o = object_peek(m, object);
	uint8_t abandoned = (uint8_t)in8(m, c, GA(o->body_ga, g_kmutant, abandoned));
	be32 count = be32_of((uint32_t)object_signal_state(m, object));
	out_bytes(m, c, info, &count, sizeof count);
	out8(m, c, info + 4, o->thread == c->thread);
	out8(m, c, info + 5, abandoned);
}

/* ---- timers ---------------------------------------------------------------------------------------------------------------------- */

/* The states given back are those before the call. A title cannot wake the console: asked to, the timer is armed all the same, and the status
 * says that the wish was ignored. (Another emulator returns before arming.) */
void k_NtSetTimerEx(struct machine *m, struct call *c)
{
	uint32_t slot, object = arg_by_handle(m, c, arg32(c, 0), OT_TIMERS, &slot);
	if (!object)
		return;
	if (arg32(c, 2) && (thread_is_dpc(thread_peek(m, c->thread)) || !object_peek(m, object)->pool)) {
		stop_unsupported(m, c, "with an APC, in a DPC or of a timer in the title's memory: ");
		return;
	}
	struct timer_setting s = { .due = (int64_t)in64(m, c, arg32(c, 1)), .period_ms = arg32(c, 6), .routine = arg32(c, 2),
				   .mode = (uint8_t)arg32(c, 3), .argument = arg32(c, 4), .thread = c->thread };
	uint32_t previous = (uint32_t)object_signal_state(m, object);
	if (!c->faulted)
		out32(m, c, arg32(c, 7), previous);
	if (c->faulted)
		return;
	timer_set(m, c->thread, object, slot, &s);
	call_return(c, (uint8_t)arg32(c, 5) ? NT_TIMER_RESUME_IGNORED : NT_SUCCESS);
}

/* Disarms only. (Another emulator writes 0 as the state.) */
void k_NtCancelTimer(struct machine *m, struct call *c)
{
	uint32_t slot, object = arg_by_handle(m, c, arg32(c, 0), OT_TIMERS, &slot);
	if (!object)
		return;
	out32(m, c, arg32(c, 1), (uint32_t)object_signal_state(m, object));
	if (!c->faulted)
		timer_cancel(m, c->thread, object, slot);
}

/* TIMER_BASIC_INFORMATION: time left (100 ns, 64 bits; of one that is not armed, as NT has it: the time since boot, negative), state. */
void k_NtQueryTimer(struct machine *m, struct call *c)
{
	uint32_t object = arg_by_handle(m, c, arg32(c, 0), OT_TIMERS, NULL);
	if (!object)
		return;
	const struct w_object *o = object_peek(m, object);
	uint64_t due = timer_is_armed(o) ? deadline_peek(m, o->deadline_row)->due / TICKS_PER_100NS : 0;
	uint8_t state = object_signal_state(m, object) > 0;
	out64(m, c, arg32(c, 1), due - machine_ticks(m) / TICKS_PER_100NS);
	out8(m, c, arg32(c, 1) + 8, state);
}

/* ---- waits ----------------------------------------------------------------------------------------------------------------------- */

/* XAPI gives INFINITE as a NULL timeout. */
void k_NtWaitForSingleObjectEx(struct machine *m, struct call *c)
{
	struct wait_request r = { .count = 1, .cont = CONT_RETURN, .mode = (uint8_t)arg32(c, 1), .alertable = (uint8_t)arg32(c, 2) != 0 };
	r.object[0] = arg_by_handle(m, c, arg32(c, 0), OT_ANY, &r.slot[0]);
	if (!r.object[0])
		return;
	r.due = wait_due(m, c, arg32(c, 3));
	wait_call(m, c, &r);
}

static bool has_twins(const struct wait_request *r)
{
	for (unsigned i = 1; i < r->count; i++)
		for (unsigned j = 0; j < i; j++)
			if (r->object[i] == r->object[j])
				return true;
	return false;
}

/* Type 0 = all, 1 = any. Any bad handle is INVALID_PARAMETER; the same object twice in a WaitAll INVALID_PARAMETER_MIX. */
void k_NtWaitForMultipleObjectsEx(struct machine *m, struct call *c)
{
	uint32_t n = arg32(c, 0), type = arg32(c, 2);
	struct wait_request r = { .count = n, .all = !type, .cont = CONT_RETURN, .mode = (uint8_t)arg32(c, 3),
				  .alertable = (uint8_t)arg32(c, 4) != 0 };
	if (!n || n > WAIT_OBJECTS_MAX || type > 1) {
		call_return(c, NT_INVALID_PARAMETER);
		return;
	}
	for (unsigned i = 0; i < n; i++) {
		r.object[i] = handle_object(m, c->thread, in32(m, c, arg32(c, 1) + 4 * i), &r.slot[i]);
		if (c->faulted)
			return;
		if (!r.object[i]) {
			call_return(c, NT_INVALID_PARAMETER);
			return;
		}
	}
	if (r.all && has_twins(&r)) {
		call_return(c, NT_INVALID_PARAMETER_MIX);
		return;
	}
	r.due = wait_due(m, c, arg32(c, 5));
	wait_call(m, c, &r);
}

/* The signalling half of NtSignalAndWait: a guest status. */
static uint32_t signal_object(struct machine *m, struct call *c, uint32_t object, uint32_t slot)
{
	int32_t previous;
	switch ((enum object_type)object_peek(m, object)->type) {
	case OT_EVENT_MANUAL:
	case OT_EVENT_AUTO:
	case OT_CRITSEC:
		event_set(m, c->thread, object, slot, SIGNAL_INCREMENT);
		return NT_SUCCESS;
	case OT_SEMAPHORE:
		return semaphore_release(m, c->thread, object, slot, 1, SIGNAL_INCREMENT, &previous) ? NT_SUCCESS : NT_SEMAPHORE_LIMIT_EXCEEDED;
	case OT_MUTANT:
		return mutant_release(m, c->thread, object, slot, SIGNAL_INCREMENT, &previous);
	default:
		return NT_OBJECT_TYPE_MISMATCH;
	}
}

/* Nothing runs between signal and wait. r5 is the wait mode, r6 says whether it is alertable. */
void k_NtSignalAndWaitForSingleObjectEx(struct machine *m, struct call *c)
{
	struct wait_request r = { .count = 1, .cont = CONT_RETURN, .mode = (uint8_t)arg32(c, 2), .alertable = (uint8_t)arg32(c, 3) != 0 };
	uint32_t slot, object = arg_by_handle(m, c, arg32(c, 0), OT_ANY, &slot);
	if (!object)
		return;
	r.object[0] = arg_by_handle(m, c, arg32(c, 1), OT_ANY, &r.slot[0]);
	if (!r.object[0])
		return;
	r.due = wait_due(m, c, arg32(c, 4));
	if (c->faulted)
		return;
	uint32_t nt = signal_object(m, c, object, slot);
	if (nt != NT_SUCCESS)
		call_return(c, nt);
	else
		wait_call(m, c, &r);
}

void k_NtYieldExecution(struct machine *m, struct call *c)
{
	if (!sched_yield_thread(m, c->thread)) {
		call_return(c, NT_NO_YIELD_PERFORMED);
		return;
	}
	sched_quantum_end(m, c->thread);
}

/* ---- threads ----------------------------------------------------------------------------------------------------------------------- */

void k_NtSuspendThread(struct machine *m, struct call *c)
{
	uint32_t object = arg_by_handle(m, c, arg32(c, 0), OT_BIT(OT_THREAD), NULL);
	if (!object)
		return;
	uint32_t thread = object_peek(m, object)->thread;
	if (thread_peek(m, thread)->state == TS_TERMINATED) {
		call_return(c, NT_THREAD_IS_TERMINATING);
		return;
	}
	uint32_t previous = thread_suspend(m, c->thread, thread);
	if (previous == UINT32_MAX)
		call_return(c, NT_SUSPEND_COUNT_EXCEEDED);
	else
		out32(m, c, arg32(c, 1), previous);
}

void k_NtResumeThread(struct machine *m, struct call *c)
{
	uint32_t object = arg_by_handle(m, c, arg32(c, 0), OT_BIT(OT_THREAD), NULL);
	if (object)
		out32(m, c, arg32(c, 1), thread_resume(m, c->thread, object_peek(m, object)->thread));
}
