/* kernel/stall.h - STALL: some threads have been parked without a timeout, on objects that nobody signals, for too long, while others go on.
 *
 * Inferred, never proved: the missing signal might still come. What is kept for it lies in the history arena, for it decides nothing of the
 * guest's future: when each object was last signalled and by whom, which threads it has ever satisfied, when each thread last ran.
 * Looked at in every millisecond of virtual time, between two rounds, whatever observers there are and however the run is cut.
 */
#ifndef KERNEL_STALL_H
#define KERNEL_STALL_H

#include "kernel/machine.h"

#define STALL_SECONDS_DEFAULT 10

/** What a thread is to a stall. A byte per thread row. */
enum stall_role {
	STALL_NONE,
	STALL_STUCK,          /* parked for too long: counted */
	STALL_NEEDED,         /* an idle worker, or one that joins: counted, for a counted one needs it, or it needs a counted one */
	STALL_IDLE,           /* parked as long, but this object has woken it before; or it only waits for threads that are not counted */
	STALL_GOES_ON,        /* has run within the last half of the time */
};
static inline bool stall_counted(uint8_t role) { return role == STALL_STUCK || role == STALL_NEEDED; }

void stalls_layout(struct machine *m);
/** Is it stalled now? @role (arena_count(thread) bytes, or NULL) gets what each thread row is to it. */
bool stall_now(const struct machine *m, uint8_t *role);
/** The roles when the time is all that has passed since cycle @since; thread row @always counts even if it is idle (0 = none). */
void stall_roles(const struct machine *m, uint64_t since, uint32_t always, uint8_t *role);
/** Cycle at which the round of @object's last signal began; 0 = it had none. */
uint64_t stall_signalled(const struct machine *m, uint32_t object);
/** Between rounds: asks for a stop if the title has stalled, once per stall time. */
void stall_check(struct machine *m);

/* What the kernel tells. */
/** An event of @kind about @object, by @thread (0 = none). */
void stall_note(struct machine *m, enum event_kind kind, uint32_t thread, uint32_t object);
void stall_ran(struct machine *m, uint32_t thread);
void stall_object_gone(struct machine *m, uint32_t object);
void stall_thread_gone(struct machine *m, uint32_t thread);

#endif
