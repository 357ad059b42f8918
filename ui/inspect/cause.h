/* ui/inspect/cause.h - why a root holds its threads, decided from the books. */
#ifndef UI_INSPECT_CAUSE_H
#define UI_INSPECT_CAUSE_H

#include "ui/inspect/graph.h"

/** CAUSE(id, "word", "what it says"). The words are the report's, stable. */
#define CAUSES(CAUSE) \
	CAUSE(UNKNOWN, "unknown", "The books do not tell why.") \
	CAUSE(NEVER_SENT, "never-sent", "A signal that is never sent (not lost, not late).") \
	CAUSE(CONSUMED, "consumed", "A signal that was sent before the wait, and used up.") \
	CAUSE(WRONG_OBJECT, "wrong-object", "A signal that went to another object.") \
	CAUSE(NOT_WOKEN, "not-woken", "A signal that was sent, but its waiter was not woken: a bug of the kernel's emulation.") \
	CAUSE(NOT_COMPLETED, "not-completed", "A call that was to complete later, and never did.") \
	CAUSE(OWNER_CYCLE, "owner-cycle", "Owners that wait for each other in a circle.") \
	CAUSE(OWNER_GONE, "owner-gone", "Whoever should let them go has ended or is suspended.") \
	CAUSE(CANCELLED, "cancelled", "A timer that was disarmed while threads wait for it.")
enum cause {
#define CAUSE(id, word, text) CAUSE_##id,
	CAUSES(CAUSE)
#undef CAUSE
};
const char *cause_word(enum cause c);
const char *cause_text(enum cause c);

enum confidence { CONFIDENCE_LOW, CONFIDENCE_MEDIUM, CONFIDENCE_HIGH };
const char *confidence_word(enum confidence c);

struct verdict {
	enum cause cause;
	enum confidence confidence;
	char evidence[240];   /* one line: what in the books says so */
};

/** Decides for root @root of @g. */
void cause_decide(const struct graph *g, unsigned root, struct verdict *out);

/** What only a look back into the run tells of a root's object. */
struct hindsight {
	uint32_t passed_source;       /* the last call that got it as the event to be set at its end: row of exports.def + 1; 0 = none */
	uint32_t passed_tid, passed_status; /* whose call, what it returned */
	uint64_t passed_cycle;
	uint64_t raw_stores;          /* of the title's own into its dispatcher header; 0 = none */
	uint32_t raw_tid, raw_pc;     /* of the last one */
};
/** Decides again, where hindsight knows better than the state and the books: true if @out has changed. */
bool cause_with_hindsight(const struct graph *g, unsigned root, const struct hindsight *h, struct verdict *out);

#endif
