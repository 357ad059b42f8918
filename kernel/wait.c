/* kernel/wait.c - see wait.h */
#include "config.h"

#include "kernel/wait.h"

#include "kernel/apc.h"
#include "kernel/account.h"
#include "kernel/call.h"
#include "kernel/deadline.h"
#include "kernel/dpc.h"
#include "kernel/emit.h"
#include "kernel/ke_queue.h"
#include "kernel/mutant.h"
#include "kernel/object.h"
#include "kernel/rows.h"
#include "kernel/sched.h"

#define WAITS_MAX (1u << 20)

void waits_layout(struct machine *m)
{
	m->t_wait = arena_table_add(&m->world, "wait", sizeof(struct w_wait), WAITS_MAX);
}

/* ---- can it be had, and what does taking it do (facts: "Satisfying a wait on an object") --------------------------------- */

static bool satisfiable(const struct machine *m, uint32_t thread, uint32_t object)
{
	const struct w_object *o = object_peek(m, object);
	if (o->type == OT_MUTANT && o->thread == thread)
		return true;
	if (o->type == OT_QUEUE)
		return false; /* kernel/ke_queue.c hands its entries out */
	return object_signal_state(m, object) > 0;
}

/* True: the object was abandoned. */
static bool acquire(struct machine *m, uint32_t thread, uint32_t object)
{
	switch ((enum object_type)object_peek(m, object)->type) {
	case OT_EVENT_AUTO:
	case OT_TIMER_AUTO:
	case OT_CRITSEC:
	case OT_RWLOCK_EXCL:
		object_state_set(m, object, 0);
		return false;
	case OT_SEMAPHORE:
	case OT_RWLOCK_SHARED:
		object_state_set(m, object, object_signal_state(m, object) - 1);
		return false;
	case OT_MUTANT:
		return mutant_acquire(m, thread, object);
	default:
		return false; /* manual events and timers, threads: everybody passes */
	}
}

/* ---- blocks ------------------------------------------------------------------------------------------------------------ */

/* To the tail of its object's queue. */
static void queue_add(struct machine *m, uint32_t row)
{
	struct w_wait *w = wait_row(m, row);
	struct w_object *o = object_row(m, w->object);
	w->prev = o->wait_tail;
	if (o->wait_tail)
		wait_row(m, o->wait_tail)->next = row;
	else
		o->wait_head = row;
	o->wait_tail = row;
}

static void queue_remove(struct machine *m, uint32_t row)
{
	struct w_wait *w = wait_row(m, row);
	struct w_object *o = object_row(m, w->object);
	if (w->prev)
		wait_row(m, w->prev)->next = w->next;
	else
		o->wait_head = w->next;
	if (w->next)
		wait_row(m, w->next)->prev = w->prev;
	else
		o->wait_tail = w->prev;
	w->prev = w->next = 0;
}

/* Of a block in no queue. The object may die of it. */
static void block_free(struct machine *m, uint32_t row)
{
	uint32_t object = wait_peek(m, row)->object, thread = wait_peek(m, row)->thread;
	arena_give(&m->world, m->t_wait, row);
	object_unref_waiter(m, object, thread);
}

/* The slot by which it waits, if that is still what it was. */
static uint32_t block_slot(const struct machine *m, const struct w_wait *w)
{
	return w->slot && slot_peek(m, w->slot)->object == w->object ? w->slot : 0;
}

static void drop_all(struct machine *m, uint32_t thread)
{
	struct w_thread *t = thread_row(m, thread);
	uint32_t row = t->wait_first;
	account_wait_over(m, thread);
	t->wait_first = t->wait_count = 0;
	while (row) {
		uint32_t next = wait_peek(m, row)->thread_next;
		queue_remove(m, row);
		block_free(m, row);
		row = next;
	}
}

/* ---- the end of a wait --------------------------------------------------------------------------------------------------- */

static uint64_t waited_ticks(const struct machine *m, uint32_t thread)
{
	return (machine_cycle(m) - thread_peek(m, thread)->wait_since) / CYCLES_PER_TICK;
}

void wait_finish(struct machine *m, uint32_t thread, uint32_t nt, int32_t increment)
{
	deadline_cancel_thread(m, thread);
	drop_all(m, thread);
	struct w_thread *t = thread_row(m, thread);
	t->deadline = DEADLINE_NEVER;
	t->parked = 0;
	t->result = nt;
	queue_thread_goes_on(m, thread);
	mem_put32(&m->mem, GA(t->kthread_ga, g_kthread, wait_result), nt);
	sched_boost(m, thread, increment);
	sched_ready(m, thread);
}

/* @row is the block that can be had. */
static void wake_any(struct machine *m, uint32_t row, int32_t increment)
{
	const struct w_wait w = *wait_peek(m, row);
	bool was_abandoned = acquire(m, w.thread, w.object);
	emit_object(m, EV_OBJECT_WAKE, w.thread, w.object, block_slot(m, &w), w.index, waited_ticks(m, w.thread));
	wait_finish(m, w.thread, w.index | (was_abandoned ? NT_ABANDONED : 0), increment);
}

void wait_hand(struct machine *m, uint32_t row, uint32_t nt, int32_t increment)
{
	const struct w_wait w = *wait_peek(m, row);
	emit_object(m, EV_OBJECT_WAKE, w.thread, w.object, block_slot(m, &w), w.index, waited_ticks(m, w.thread));
	wait_finish(m, w.thread, nt, increment);
}

static void wake_all(struct machine *m, uint32_t thread, int32_t increment)
{
	uint32_t nt = NT_SUCCESS;
	for (uint32_t row = thread_peek(m, thread)->wait_first; row; row = wait_peek(m, row)->thread_next) {
		const struct w_wait *w = wait_peek(m, row);
		if (acquire(m, thread, w->object))
			nt = NT_ABANDONED;
		emit_object(m, EV_OBJECT_WAKE, thread, w->object, block_slot(m, w), w->index, waited_ticks(m, thread));
	}
	wait_finish(m, thread, nt, increment);
}

static bool all_satisfiable(const struct machine *m, uint32_t thread)
{
	for (uint32_t row = thread_peek(m, thread)->wait_first; row; row = wait_peek(m, row)->thread_next)
		if (!satisfiable(m, thread, wait_peek(m, row)->object))
			return false;
	return true;
}

void wait_scan(struct machine *m, uint32_t object, int32_t increment)
{
	uint32_t row = object_peek(m, object)->wait_head;
	object_hold(m, object); /* the last waiter may be the last to hold it */
	while (row && object_signal_state(m, object) > 0) {
		uint32_t thread = wait_peek(m, row)->thread, next = wait_peek(m, row)->next;
		while (next && wait_peek(m, next)->thread == thread)
			next = wait_peek(m, next)->next; /* the same object twice in one call: goes with it */
		if (!thread_peek(m, thread)->wait_all)
			wake_any(m, row, increment);
		else if (all_satisfiable(m, thread))
			wake_all(m, thread, increment);
		row = next;
	}
	object_hold_end(m, object);
}

void wait_timeout(struct machine *m, uint32_t thread)
{
	for (uint32_t row = thread_peek(m, thread)->wait_first; row; row = wait_peek(m, row)->thread_next) {
		const struct w_wait *w = wait_peek(m, row);
		emit_object(m, EV_OBJECT_TIMEOUT, thread, w->object, block_slot(m, w), 0, 0);
	}
	wait_finish(m, thread, NT_TIMEOUT, 0);
}

/* ---- interrupted by a kernel APC ----------------------------------------------------------------------------------------- */

void wait_interrupt(struct machine *m, uint32_t thread)
{
	struct w_thread *t = thread_row(m, thread);
	INVARIANT(t->parked);
	deadline_cancel_thread(m, thread);
	for (uint32_t row = t->wait_first; row; row = wait_peek(m, row)->thread_next)
		queue_remove(m, row);
	t->parked = 0;
	t->wait_held = 1;
	sched_ready(m, thread);
}

/* Served now, if it can be. */
static void poll(struct machine *m, uint32_t thread)
{
	const struct w_thread *t = thread_peek(m, thread);
	uint32_t row = t->wait_first;
	if (t->wait_all) {
		if (row && all_satisfiable(m, thread)) {
			wake_all(m, thread, 0);
			return;
		}
		row = 0;
	}
	while (row && !satisfiable(m, thread, wait_peek(m, row)->object))
		row = wait_peek(m, row)->thread_next;
	uint32_t nt = row ? 0 : apc_test(m, thread, t->wait_mode, t->alertable);
	if (row)
		wake_any(m, row, 0);
	else if (nt)
		wait_finish(m, thread, nt, 0);
}

void wait_resume(struct machine *m, uint32_t thread)
{
	struct w_thread *t = thread_row(m, thread);
	INVARIANT(t->wait_held && !t->parked);
	t->wait_held = 0;
	t->parked = 1;
	for (uint32_t row = t->wait_first; row; row = wait_peek(m, row)->thread_next)
		queue_add(m, row);
	if (t->deadline != DEADLINE_NEVER)
		deadline_set_thread(m, thread, t->deadline);
	sched_block(m, thread);
	if (t->wait_first && t->cont == CONT_QUEUE)
		queue_poll(m, wait_peek(m, t->wait_first)->object);
	if (t->parked)
		poll(m, thread);
}

void wait_drop_held(struct machine *m, uint32_t first)
{
	for (uint32_t row = first, next; row; row = next) {
		next = wait_peek(m, row)->thread_next;
		block_free(m, row);
	}
}

/* ---- the beginning of a wait ------------------------------------------------------------------------------------------- */

static void emit_begin_wait(struct machine *m, uint32_t thread, const struct wait_request *r)
{
	for (unsigned i = 0; i < r->count; i++)
		emit_object4(m, EV_OBJECT_WAIT, thread, r->object[i], r->slot[i], (uint64_t[4]){ i, r->count, r->all ? 0 : 1, r->due });
}

/* Takes what can be had now; false: nothing, and nothing has changed. */
static bool take_now(struct machine *m, uint32_t thread, const struct wait_request *r, uint32_t *nt)
{
	unsigned i = 0, first = 0, last = r->count;
	if (r->all) {
		for (; i < r->count; i++)
			if (!satisfiable(m, thread, r->object[i]))
				return false;
	} else {
		while (i < r->count && !satisfiable(m, thread, r->object[i]))
			i++;
		if (i == r->count)
			return false;
		first = i;
		last = i + 1;
	}
	*nt = r->all ? NT_SUCCESS : first;
	for (i = first; i < last; i++) {
		if (acquire(m, thread, r->object[i]))
			*nt |= NT_ABANDONED;
		emit_object(m, EV_OBJECT_WAKE, thread, r->object[i], r->slot[i], i, 0);
		account_no_wait(m, thread, r->object[i]);
	}
	return true;
}

void wait_not_needed(struct machine *m, uint32_t thread, uint32_t object)
{
	emit_object4(m, EV_OBJECT_WAIT, thread, object, 0, (uint64_t[4]){ 0, 1, 1, DEADLINE_NEVER });
	emit_object(m, EV_OBJECT_WAKE, thread, object, 0, 0, 0);
	account_no_wait(m, thread, object);
	sched_quantum_use(m, thread, QUANTUM_WAIT);
}

static void cont_set(struct w_thread *t, const struct wait_request *r)
{
	t->cont = (uint8_t)r->cont;
	memcpy(t->cont_arg, r->cont_arg, sizeof t->cont_arg);
}

static void park(struct machine *m, uint32_t thread, const struct wait_request *r)
{
	struct w_thread *t = thread_row(m, thread);
	uint32_t last = 0;
	t->parked = 1;
	t->wait_all = r->all;
	t->alertable = r->alertable;
	t->wait_mode = r->mode;
	t->wait_reason = r->reason;
	t->wait_since = machine_cycle(m);
	t->wait_count = r->count;
	t->deadline = r->due;
	cont_set(t, r);
	for (unsigned i = 0; i < r->count; i++) {
		uint32_t row = arena_take(&m->world, m->t_wait);
		INVARIANT(row); /* threads x 64 rows */
		*wait_row(m, row) = (struct w_wait){ .thread = thread, .object = r->object[i], .index = i, .slot = r->slot[i] };
		queue_add(m, row);
		object_ref_waiter(m, r->object[i], thread);
		if (last)
			wait_row(m, last)->thread_next = row;
		else
			t->wait_first = row;
		last = row;
	}
	if (r->due != DEADLINE_NEVER)
		deadline_set_thread(m, thread, r->due);
	sched_block(m, thread);
	queue_thread_waits(m, thread);
}

bool wait_begin(struct machine *m, uint32_t thread, const struct wait_request *r, uint32_t *nt)
{
	emit_begin_wait(m, thread, r);
	if (r->count && take_now(m, thread, r, nt)) {
		sched_quantum_use(m, thread, QUANTUM_WAIT);
		return true;
	}
	*nt = apc_test(m, thread, r->mode, r->alertable);
	if (*nt == NT_USER_APC) {
		cont_set(thread_row(m, thread), r);
		thread_row(m, thread)->result = *nt;
		return false;
	}
	if (*nt)
		return true;
	if (r->due != DEADLINE_NEVER && r->due <= machine_ticks(m)) {
		for (unsigned i = 0; i < r->count; i++)
			emit_object(m, EV_OBJECT_TIMEOUT, thread, r->object[i], r->slot[i], 0, 0);
		*nt = NT_TIMEOUT;
		return true;
	}
	if (thread_is_dpc(thread_peek(m, thread)))
		dpc_misused(m, thread);
	else
		park(m, thread, r);
	return false;
}

void wait_call(struct machine *m, struct call *c, const struct wait_request *r)
{
	uint32_t nt;
	if (c->faulted)
		return;
	if (wait_begin(m, c->thread, r, &nt))
		call_return(c, nt);
	else
		c->parked = true;
}

uint64_t time_due(const struct machine *m, int64_t t)
{
	uint64_t now = machine_ticks(m), amount = t < 0 ? 0 - (uint64_t)t : (uint64_t)t;
	if (t >= 0) { /* absolute, since 1601; what lies before boot is past */
		uint64_t boot = machine_row(m)->boot_time;
		amount = amount > boot ? amount - boot : 0;
		now = 0;
	}
	/* Beyond 2^60 ticks (730 years) there is no deadline: XAPI's Sleep(INFINITE) asks for -2^63. */
	return amount > (UINT64_C(1) << 60) / TICKS_PER_100NS ? DEADLINE_NEVER : now + amount * TICKS_PER_100NS;
}

uint64_t wait_due(struct machine *m, struct call *c, uint32_t ga)
{
	return ga ? time_due(m, (int64_t)in64(m, c, ga)) : DEADLINE_NEVER;
}

/* ---- what signals ------------------------------------------------------------------------------------------------------ */

static bool is_auto(const struct w_object *o)
{
	return o->type == OT_EVENT_AUTO || o->type == OT_CRITSEC || o->type == OT_RWLOCK_EXCL;
}

int32_t event_set(struct machine *m, uint32_t thread, uint32_t object, uint32_t slot, int32_t increment)
{
	const struct w_object *o = object_peek(m, object);
	int32_t previous = object_signal_state(m, object);
	uint32_t head = o->wait_head;
	bool hand_off = head && is_auto(o) && !thread_peek(m, wait_peek(m, head)->thread)->wait_all;
	emit_object(m, EV_OBJECT_SIGNAL, thread, object, slot, (uint64_t)(int64_t)previous, hand_off ? 0 : 1);
	if (hand_off) {
		wake_any(m, head, increment); /* straight to the first waiter: the state stays 0 */
		return previous;
	}
	if (previous <= 0) {
		object_state_set(m, object, 1);
		wait_scan(m, object, increment);
	}
	return previous;
}

int32_t event_reset(struct machine *m, uint32_t thread, uint32_t object, uint32_t slot)
{
	int32_t previous = object_signal_state(m, object);
	emit_object(m, EV_OBJECT_RESET, thread, object, slot, (uint64_t)(int64_t)previous, 0);
	object_state_set(m, object, 0);
	return previous;
}

int32_t event_pulse(struct machine *m, uint32_t thread, uint32_t object, uint32_t slot, int32_t increment)
{
	int32_t previous = object_signal_state(m, object);
	emit_object(m, EV_OBJECT_PULSE, thread, object, slot, (uint64_t)(int64_t)previous, 0);
	if (previous <= 0 && object_peek(m, object)->wait_head) {
		object_hold(m, object);
		object_state_set(m, object, 1);
		wait_scan(m, object, increment);
		object_state_set(m, object, 0);
		object_hold_end(m, object);
		return previous;
	}
	object_state_set(m, object, 0);
	return previous;
}

bool semaphore_release(struct machine *m, uint32_t thread, uint32_t object, uint32_t slot, int32_t by, int32_t increment,
                       int32_t *previous)
{
	be32 limit;
	int32_t old = object_signal_state(m, object);
	int64_t count = (int64_t)old + by;
	if (mem_peek(&m->mem, GA(object_peek(m, object)->body_ga, g_ksemaphore, limit), &limit, sizeof limit) != MEM_OK)
		return false;
	*previous = old;
	if (by <= 0 || count > (int32_t)be32_get(limit))
		return false;
	emit_object(m, EV_OBJECT_RELEASE, thread, object, slot, (uint64_t)(int64_t)old, (uint64_t)count);
	object_state_set(m, object, (int32_t)count);
	if (old <= 0)
		wait_scan(m, object, increment);
	return true;
}
