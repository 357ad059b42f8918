/* ui/notes.h - what a second machine, run from the start, is watched for: facts that the books do not keep. */
#ifndef UI_NOTES_H
#define UI_NOTES_H

#include "kernel/machine.h"

/** A fact met on the way: kept for the report. */
struct note {
	uint64_t cycle;
	uint32_t kind;                /* enum event_kind */
	uint32_t tid, lr, source;     /* source: row of exports.def + 1 */
	uint32_t handle, generation, object;
	uint32_t target;              /* thread.suspend: the thread suspended; handle.stale: the generation hit; kernel.return: the status */
	uint64_t count;               /* equal ones (kind, source, object, target) are counted, not repeated */
};

/** Stores of the title's own into the dispatcher header of an object that lives: the kernel sees nothing of them. */
struct raw_stores {
	uint64_t osid;
	uint32_t ga;                  /* of the header, now */
	uint32_t tid, pc;             /* of the last one */
	uint64_t count, cycle;
};

/** An event handed to a call that is to set it when it is complete; the call has not returned yet. */
struct passing {
	uint32_t tid, source, lr;
	uint32_t handle, generation, object;
	uint64_t cycle;
};

struct notes {
	struct machine *machine;      /* borrowed */
	struct note *note;            /* kernel.return: an event was handed to that call, which then returned */
	unsigned count, room;
	struct raw_stores *raw;
	unsigned raws;
	int stored;                   /* raw[] that the present instruction stores to, -1 = none */
	struct passing passing[32];
	unsigned passings;
};

/** Watches @m, whose title is not loaded yet. @n lives as long as @m; notes_fini it. */
void notes_watch(struct notes *n, struct machine *m);
/** The title is loaded: also for raw stores to the headers of @osids as they lie in @now. */
void notes_watch_headers(struct notes *n, const struct machine *now, const uint64_t *osids, unsigned count);
void notes_fini(struct notes *n);
/** Of an object; NULL = it was not watched. */
const struct raw_stores *notes_raw(const struct notes *n, uint64_t osid);

#endif
