/* ui/whatif.h - what would happen if somebody signalled, released or resumed this: tried on the machine itself, from here on, and taken back.
 *
 * Nothing of it stays: not in the machine, the books, the counts of stops, the journal, the event log or on the screen.
 */
#ifndef UI_WHATIF_H
#define UI_WHATIF_H

#include "kernel/change.h"
#include "ui/inspect/inspect.h"

struct session;                       /* ui/session.h */

#define WHATIF_LIMIT UINT64_C(10000000) /* instructions, unless -limit says otherwise */

/** A thread that executed instructions, began or ended. */
struct whatif_thread {
	uint32_t tid, pc;             /* where it stands then; 0 = it has ended */
	uint64_t ran;                 /* instructions */
	bool began, ended;
	char name[80];
	char state[WORDS_TEXT];       /* "waits on Event/Auto 1008#1 @3" */
};

struct whatif {
	char what[80];                /* "signal 1004#1" */
	struct whatif_thread *thread; /* by tid */
	unsigned count, threads;      /* that moved; that there were */
	uint64_t instructions, cycles;/* from here to the end of it */
	const char *verdict;          /* WEDGE, STANDSTILL, STALL, RUNNING; ENDED; the word of a stop of the title's own. Static */
	bool limit;                   /* it came to no end within the limit */
	char roots[WORDS_TEXT];       /* what stands in the way then, apart by ", "; "" = nothing */
	char stopped[320];            /* the title's own stop in one line, "" = none */
};

/** Tries @p on object row @object for at most @limit instructions. ST_STATE: it cannot be done, or was interrupted. whatif_free it on success. */
MUST_CHECK enum status whatif_run(struct session *s, enum poke p, uint32_t object, uint64_t limit, struct whatif *out, struct err *err);
void whatif_free(struct whatif *w);
/** "4 of 10 threads move, then WEDGE after 60,408 cycles: Event/Auto 1008#1 @3"; into @buf, returns it. */
const char *whatif_line(const struct whatif *w, char *buf, size_t size);

/** What would help a root of a wedge: false, nothing that a user can do. */
bool whatif_remedy(const struct machine *m, uint32_t object, enum poke *p);

#endif
