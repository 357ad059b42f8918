/* kernel/change.h - what a user does to a machine from outside, as if somebody had signalled, released or resumed something at this boundary.
 *
 * No thread acts: events of it have tid 0. Whoever calls this decides the future: ui/journal.c keeps it, so that a replay does it too.
 */
#ifndef KERNEL_CHANGE_H
#define KERNEL_CHANGE_H

#include "kernel/machine.h"

/** POKE(id, "word", what it does) */
#define POKES(POKE) \
	POKE(SIGNAL, "signal", "signals: an event, a timer (as if it came due), a semaphore (one), a mutant or critical section (its owner lets go)") \
	POKE(SET, "set", "sets an event") \
	POKE(RESET, "reset", "resets an event or a timer") \
	POKE(RELEASE, "release", "a semaphore by one; a mutant or critical section on behalf of its owner, whatever its depth") \
	POKE(COMPLETE, "complete", "answers the oldest request that its device has not answered: of a file, or of the event or port that the request's end is told to; so do calls with an XOVERLAPPED (without an event: the thread that called)") \
	POKE(RESUME, "resume", "a suspended thread, whatever its count")
enum poke {
#define POKE(id, word, help) POKE_##id,
	POKES(POKE)
#undef POKE
	POKE_COUNT
};
/** "signal", ...; static. */
const char *poke_word(enum poke p);
/** -1: there is none of that name. */
int poke_find(const char *word);

/** Does @p to object row @object. ST_STATE: it cannot be done to such an object, or not now (a line says why); nothing has changed.
 * Emits: EV_USER_CHANGE, then what the call that does it emits. */
MUST_CHECK enum status machine_poke(struct machine *m, enum poke p, uint32_t object, struct err *err);
/** Emits EV_USER_CHANGE for something that the user does by other means: @what in short. */
void machine_note_change(struct machine *m, const char *what);

#endif
