/* src/cpu/cover.h - coverage: which instructions of the guest have run.
 *
 * One bit per instruction word, in the history arena: going back in time takes it back. The core notes a basic block when it is
 * entered for the first time since it was decoded; so an instruction counts as run when the block around it was entered before it,
 * even if a fault or a stop in that block came first. Where memory is used anew, the bits of the older code stay.
 */
#ifndef SRC_CPU_COVER_H
#define SRC_CPU_COVER_H

#include "src/base/arena.h"

struct cover {
	struct arena *history;    /* borrowed */
	unsigned t_bits, t_total; /* table numbers */
};

/** Lays out the tables in @history (set-up only). */
void cover_init(struct cover *c, struct arena *history);
/** Notes @count instructions from @ga on; @ctx: a struct cover. For struct cpu's hook. */
void cover_note(void *ctx, uint32_t ga, unsigned count);
/** Has the instruction at @ga run? */
bool cover_ran(const struct cover *c, uint32_t ga);
/** How many instruction words have run so far: grows whenever one runs for the first time. */
uint64_t cover_total(const struct cover *c);

#endif
