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

#endif
