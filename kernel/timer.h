/* kernel/timer.h - timers: dispatcher objects that come due by themselves (facts: kernel semantics, "Signal / wait rules").
 *
 * A timer's state is its KTIMER in guest memory: signal_state, inserted (1 = armed), absolute, due_time (interrupt time, 100 ns), period, dpc. The
 * kernel's own knowledge is one row of "deadline". A period is counted from the moment the timer was due, so it never drifts.
 */
#ifndef KERNEL_TIMER_H
#define KERNEL_TIMER_H

#include "kernel/machine.h"

/** What arming a timer takes. */
struct timer_setting {
	int64_t due;        /* 100 ns: negative = from now on; else absolute, since 1601. What is past comes due at once */
	uint32_t period_ms; /* 0 = once */
	uint32_t dpc;       /* ga of the KDPC that is queued when it comes due, with the system time, low and high; 0 = none */
	uint32_t routine;   /* of the APC that is queued to thread row @thread: routine(argument, time low, time high); 0 = none.
	                       Only timers of NtCreateTimer have room for one */
	uint32_t argument;
	uint8_t mode; /* of the APC: 0 kernel, 1 user */
	uint32_t thread;
};

/**
 * Arms @object; armed already, it is armed anew. Its signal state becomes 0. @thread acts, @slot names the handle (0 = by pointer).
 * @return whether it was armed. Emits: EV_TIMER_SET; if it is due at once, what timer_expire emits.
 */
bool timer_set(struct machine *m, uint32_t thread, uint32_t object, uint32_t slot, const struct timer_setting *s);
/** Thread row @thread ends: its timers' APCs have nobody to run them, so the timers are disarmed. */
void timers_thread_gone(struct machine *m, uint32_t thread);
/** Disarms, and takes back its APC; the signal state stays. @return whether it was armed. Emits: EV_TIMER_CANCEL if it was. */
bool timer_cancel(struct machine *m, uint32_t thread, uint32_t object, uint32_t slot);
/** Its deadline, @due ticks, has come: signals, arms a periodic one again. Emits: EV_TIMER_FIRE, EV_OBJECT_SIGNAL, ... */
void timer_expire(struct machine *m, uint32_t object, uint64_t due);

static inline bool timer_is_armed(const struct w_object *o)
{
	return o->deadline_row != 0;
}
/** When it comes due, ticks; DEADLINE_NEVER: it is not armed, or never does. */
uint64_t timer_due(const struct machine *m, uint32_t object);
/** Milliseconds; as the KTIMER says. */
uint32_t timer_period(const struct machine *m, uint32_t object);

#endif
