/* kernel/wait.h - waits: who waits for what, who wakes first, and what waking takes from the object.
 *
 * Rules (facts: kernel semantics, "Signal / wait rules"): a wait list is served first in, first out; a WaitAny takes the first
 * object that can be had; a WaitAll takes all in one step or none. At entry a signalled object beats an alert, an alert beats a user APC,
 * both beat a zero timeout; a kernel APC interrupts a wait, which begins anew afterwards with the time that is left.
 */
#ifndef KERNEL_WAIT_H
#define KERNEL_WAIT_H

#include "kernel/machine.h"

struct call;

struct wait_request {
	unsigned count;               /* 0 = a delay */
	bool all;
	bool alertable;
	uint8_t mode, reason;
	uint64_t due;                 /* ticks since boot; DEADLINE_NEVER; anything not later than now: does not wait */
	enum cont_kind cont;          /* how the call goes on when the wait is over */
	uint64_t cont_arg[4];
	uint32_t object[WAIT_OBJECTS_MAX];
	uint32_t slot[WAIT_OBJECTS_MAX]; /* slot rows, 0 = by pointer */
};

void waits_layout(struct machine *m);

/**
 * Thread row @thread (the running one) waits as @r says.
 * @return true: over at once, *@nt is the guest status; false: thread.cont goes on later with thread.result = the status, after the wait,
 * or after the user APCs that end it before it has begun.
 * Emits: EV_OBJECT_WAIT per object; EV_OBJECT_WAKE or EV_OBJECT_TIMEOUT too if it is over at once.
 */
bool wait_begin(struct machine *m, uint32_t thread, const struct wait_request *r, uint32_t *nt);
/** wait_begin for a handler: its result, or parked. */
void wait_call(struct machine *m, struct call *c, const struct wait_request *r);
/** An NT time: negative = 100 ns from now on; else absolute, since 1601. Ticks since boot, 0 = before boot, DEADLINE_NEVER. */
uint64_t time_due(const struct machine *m, int64_t t);
/** Reads the 64-bit timeout at @ga (0 = forever): ticks since boot. A bad address faults the call. */
uint64_t wait_due(struct machine *m, struct call *c, uint32_t ga);
/** Serves the waiters of @object, first in, first out, while it is signalled; @increment is their priority boost. */
void wait_scan(struct machine *m, uint32_t object, int32_t increment);
/** A kernel APC comes: @thread, parked, becomes ready with its wait held; wait_resume goes on with it, behind those who wait already. */
void wait_interrupt(struct machine *m, uint32_t thread);
void wait_resume(struct machine *m, uint32_t thread);
/** The wait of @thread, parked, ends with @nt without taking anything. */
void wait_finish(struct machine *m, uint32_t thread, uint32_t nt, int32_t increment);
/** The wait of wait row @row is over: its thread has got @nt. Emits: EV_OBJECT_WAKE. */
void wait_hand(struct machine *m, uint32_t row, uint32_t nt, int32_t increment);
/** @thread takes what @object has without waiting. Emits: EV_OBJECT_WAIT, EV_OBJECT_WAKE. */
void wait_not_needed(struct machine *m, uint32_t thread, uint32_t object);
/** The held wait whose first block is wait row @first will never go on. */
void wait_drop_held(struct machine *m, uint32_t first);
/** The deadline of @thread's wait or delay has come. */
void wait_timeout(struct machine *m, uint32_t thread);

/* What signals: each emits its event, then serves the waiters. @thread acts (0 = none), @slot names the handle (0 = by pointer),
 * @increment is the boost of who wakes: the Ke call's own; the Nt calls have none to give and use NT's 1. */
#define SIGNAL_INCREMENT 1

/** Returns the previous state. */
int32_t event_set(struct machine *m, uint32_t thread, uint32_t object, uint32_t slot, int32_t increment);
int32_t event_reset(struct machine *m, uint32_t thread, uint32_t object, uint32_t slot);
int32_t event_pulse(struct machine *m, uint32_t thread, uint32_t object, uint32_t slot, int32_t increment);
/** False: over the limit, nothing has changed. */
bool semaphore_release(struct machine *m, uint32_t thread, uint32_t object, uint32_t slot, int32_t by, int32_t increment,
                       int32_t *previous);

#endif
