/* ui/inspect/books.h - reading an object's trail. */
#ifndef UI_INSPECT_BOOKS_H
#define UI_INSPECT_BOOKS_H

#include "src/observe/audit.h"
#include "ui/inspect/inspect.h"

/** The trail of an object row, NULL = none or no books. */
const struct audit_trail *object_trail(const struct query *q, uint32_t object);
/** The trail asked for: q->trail, or that of q->object. */
const struct audit_trail *query_trail(const struct query *q);
/** Who filled an open slot. */
struct slot_maker {
	uint32_t tid, lr;         /* lr 0: the kernel itself, or unknown */
	uint32_t source;          /* row of exports.def + 1, 0 = no call, or unknown */
};
/** From the trail of its object; false: the books do not know (but for the tid). */
bool slot_maker(const struct query *q, uint32_t slot, struct slot_maker *out);
/** Name of the export in an entry's @source ("" = no call: a timer, a thread's end); static. */
const char *source_name(uint32_t source);

/** Who signalled an object: one row per (thread, call, place). */
struct signaller {
	uint32_t tid, source, lr;
	uint64_t count, last_tick;
};
/** From the signals kept of the trail; *@out is the caller's to free; by count, most first. */
unsigned trail_signallers(const struct audit *a, const struct audit_trail *trail, struct signaller **out);

/** All open handles as words; the tids of the waiters as words; "2 handles + 1 waiter + 0 by pointer". */
void object_handle_words(const struct machine *m, uint32_t object, char *words, size_t size);
void object_waiter_words(const struct machine *m, uint32_t object, char *words, size_t size);
void object_held_by(const struct machine *m, uint32_t object, char *buf, size_t size);

#endif
