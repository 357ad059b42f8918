/* kernel/rwlock.h - Ex read-write locks: many readers, or one writer. All that decides lies in the title's memory (g_erwlock); its event and
 * its semaphore are two objects, for those who wait to write and those who wait to read.
 *
 * The lock's memory does not say who is inside: that is kept in the history arena, for whoever looks on.
 */
#ifndef KERNEL_RWLOCK_H
#define KERNEL_RWLOCK_H

#include "kernel/machine.h"

/** A thread that is inside of a lock; table "rwlock.hold" of the history arena. */
struct rwlock_hold {
	uint64_t since;           /* cycle at which it came in first */
	uint32_t ga;              /* the lock; 0 = the row is free */
	uint32_t tid;
	uint32_t times;           /* how often it is inside */
	uint32_t exclusive;       /* 1 = to write */
};
ARENA_ROW_SIZE(rwlock_hold, 24);

void rwlocks_layout(struct machine *m);
/** Address of the lock that object row @object is a part of, 0 = of none. */
uint32_t rwlock_of(const struct machine *m, uint32_t object);
/** The n-th (from 0) thread that is inside of the lock at @ga, NULL = there are no more. */
const struct rwlock_hold *rwlock_hold(const struct machine *m, uint32_t ga, unsigned n);
/** Thread row @thread lets the lock at @ga go once, and lets in who is next. False: its memory cannot be read, or the semaphore is at its
 * limit. Emits: EV_OBJECT_SIGNAL, EV_OBJECT_RELEASE. */
bool rwlock_leave(struct machine *m, uint32_t thread, uint32_t ga);

#endif
