/* src/observe/walk.h - the back-chain walker: return addresses of a guest stack, each with the rule that found it.
 *
 * A frame begins at its r1, where the word is the back chain: the r1 of its caller. The function that owns the frame has
 * saved its LR at [back chain - 8] in titles built with the XDK, at [back chain + 4] in GCC's 32-bit SysV ABI (facts: kernel
 * semantics, "Stacks"). Nothing in memory says which. A word is taken for an LR only if it lies in executable memory just
 * behind a branch that sets LR. If both words could be one, evidence decides, the strongest first: the prologue of the
 * function that the call behind the candidate enters; the prologue found above the address to which this frame's callee
 * returns (a prologue counts if it makes a frame of just this size); the rule of the frame below; the XDK rule.
 */
#ifndef SRC_OBSERVE_WALK_H
#define SRC_OBSERVE_WALK_H

#include "src/base/base.h"
#include "src/mem/mem.h"

#define WALK_FRAMES_MAX 64u

/** WALK_RULE(id, "word", "what it says") */
#define WALK_RULES(WALK_RULE) \
	WALK_RULE(LIVE, "live", "the LR register itself") \
	WALK_RULE(XDK, "xdk", "saved at [back chain - 8]") \
	WALK_RULE(SYSV, "sysv", "saved at [back chain + 4]") \
	WALK_RULE(NONE, "none", "neither word is a return address")
enum walk_rule {
#define WALK_RULE(id, word, text) WALK_##id,
	WALK_RULES(WALK_RULE)
#undef WALK_RULE
};

/** Why a rule was taken. WALK_WHY(id, "word", "what it says") */
#define WALK_WHYS(WALK_WHY) \
	WALK_WHY(NOTHING, "", "no choice was made") \
	WALK_WHY(CALL, "call", "the called function's prologue makes this frame") \
	WALK_WHY(PROLOGUE, "prologue", "the prologue above makes a frame of this size") \
	WALK_WHY(ONLY, "only", "the other word is no return address") \
	WALK_WHY(BELOW, "below", "both could be; taken as in the frame below") \
	WALK_WHY(GUESS, "guess", "both could be; the XDK rule was preferred")
enum walk_why {
#define WALK_WHY(id, word, text) WALK_WHY_##id,
	WALK_WHYS(WALK_WHY)
#undef WALK_WHY
};

/** Why the walk ended. WALK_END(id, "what it says") */
#define WALK_ENDS(WALK_END) \
	WALK_END(FULL, "more frames follow") \
	WALK_END(NULL, "null back chain") \
	WALK_END(SENTINEL, "the thread's first function") \
	WALK_END(LEFT, "the back chain leaves the thread's stack") \
	WALK_END(BACK, "the back chain does not grow") \
	WALK_END(UNREADABLE, "the stack cannot be read")
enum walk_end {
#define WALK_END(id, text) WALK_END_##id,
	WALK_ENDS(WALK_END)
#undef WALK_END
};

/** One frame. */
struct walk_frame {
	uint32_t sp;          /* r1 of the function that @lr returns to */
	uint32_t lr;          /* return address; 0 if the rule is "none" */
	uint32_t slot;        /* ga of the word that held it; 0 for the live one and for none */
	uint8_t rule;         /* enum walk_rule */
	uint8_t why;          /* enum walk_why */
	uint8_t pad[2];
};
ARENA_ROW_SIZE(walk_frame, 16);

/** Where a walk begins. */
struct walk_start {
	uint32_t sp, lr;
	uint32_t stack_limit, stack_base; /* low and high end; 0, 0 = unknown: the chain must then stay in the allocation of @sp */
	/* Where the function around @ga begins, from a table that says so (.pdata); false = it says nothing. NULL = there is none. */
	bool (*entry)(const void *ctx, uint32_t ga, uint32_t *begin);
	const void *ctx;
};

/**
 * Fills @frame[0..max-1] and returns how many. Frame 0 is the live one, (sp, lr) as they are, if @max > 0; it is given
 * even if lr is no return address. @end (may be NULL): why there are no more. Reads only.
 */
unsigned walk_stack(const struct mem *m, const struct walk_start *at, struct walk_frame *frame, unsigned max, enum walk_end *end);

/** Is @lr an address to return to: executable and just behind a branch that sets LR? */
bool walk_is_return(const struct mem *m, uint32_t lr);
/**
 * Does the function at @pc own the frame at @at->sp, with its LR saved there? Then the live LR is older than this function's last call, or
 * the chain gives it again: frame 0 of the walk is to be left out. False in a leaf, in a prologue, and where it cannot be told.
 */
bool walk_live_is_stale(const struct mem *m, uint32_t pc, const struct walk_start *at);

const char *walk_rule_word(enum walk_rule r);
const char *walk_why_word(enum walk_why w);
const char *walk_why_text(enum walk_why w);
const char *walk_end_text(enum walk_end e);

#endif
