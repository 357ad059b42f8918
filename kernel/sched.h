/* kernel/sched.h - which thread runs on which of the six hardware threads: 32 priorities, first in, first out among equals.
 *
 * A thread stays on its hardware thread until its affinity is changed. The highest ready priority runs; a higher one that becomes
 * ready takes over at the next instruction boundary of that hardware thread; equals take turns at the slice's end. At IRQL 2 and above
 * a hardware thread keeps its thread.
 *
 * A signal may boost whom it wakes: up to base + increment, within the dynamic range (below 18). A boost decays by one level at each
 * end of the NT quantum, which waits that need not block (10 each) and time (3 each millisecond) use up.
 * (facts: kernel semantics, "Threads"; the price of time is NT's)
 */
#ifndef KERNEL_SCHED_H
#define KERNEL_SCHED_H

#include "kernel/machine.h"

#define IRQL_PASSIVE 0u
#define IRQL_APC 1u
#define IRQL_DISPATCH 2u
#define PRIORITY_MIN 10           /* of a title's threads (facts: kernel semantics, "Threads") */
#define PRIORITY_CLASS 13
#define PRIORITY_MAX 17
#define PRIORITY_REALTIME 18      /* from here on nothing is boosted, nothing decays */
#define QUANTUM_RELOAD 60         /* KPROCESS.quantum */
#define QUANTUM_WAIT 10           /* a wait that is satisfied at once */
#define QUANTUM_MILLISECOND 3

/** @thread can run, unless it is suspended: to the tail of its hardware thread's list. */
void sched_ready(struct machine *m, uint32_t thread);
/** @thread cannot run (it waits, is suspended, ends): off its list, or off its hardware thread. */
void sched_block(struct machine *m, uint32_t thread);
/** The thread to run on @hw now, switched to if need be; 0 = none. */
uint32_t sched_pick(struct machine *m, uint32_t hw);
/** The slice of @hw is over: its thread goes behind its equals. */
void sched_slice_end(struct machine *m, uint32_t hw);
/** The running @thread gives way to an equal or better one; false: there is none, nothing has changed. */
bool sched_yield_thread(struct machine *m, uint32_t thread);
/** The running thread of @hw gives way to what is no thread: it stays the first among its equals. */
void sched_preempt(struct machine *m, uint32_t hw);
void sched_move(struct machine *m, uint32_t thread, uint32_t hw);
void sched_priority(struct machine *m, uint32_t thread, uint8_t priority);
/** @thread is about to wake by a signal with @increment: its dynamic priority rises, unless its boosts are disabled. */
void sched_boost(struct machine *m, uint32_t thread, int32_t increment);
/** @thread has used up @n of its quantum; at its end the quantum is full again, a boost decays, equals and betters go first. */
void sched_quantum_use(struct machine *m, uint32_t thread, int32_t n);
void sched_quantum_reload(struct machine *m, uint32_t thread);
/** The quantum is full again, and a boost decays, as at its end. */
void sched_quantum_end(struct machine *m, uint32_t thread);
/** @n milliseconds have passed for who runs. */
void sched_time(struct machine *m, uint32_t n);
/** Does a hardware thread have something to run, a thread or a DPC? */
static inline bool sched_busy(const struct w_hw *h)
{
	return h->current || h->ready_bitmap || h->dpc_first || h->dpc_active;
}
/** Can anything run on any hardware thread? */
bool sched_any(const struct machine *m);

/** IRQL of the hardware thread that @thread runs on (its own saved one if it does not run). */
uint8_t sched_irql(const struct machine *m, uint32_t thread);
void sched_irql_set(struct machine *m, uint32_t thread, uint8_t irql);

#endif
