/* ui/inspect/words.h - where the title keeps a value: registers of its threads, words of its memory; and what lies at such a place. */
#ifndef UI_INSPECT_WORDS_H
#define UI_INSPECT_WORDS_H

#include "kernel/machine.h"

/** Values from @first to @last, both included. */
struct word_range {
	uint32_t first, last;
};

/** A word that was found. */
struct word {
	uint32_t value;
	uint32_t thread;          /* in a register of this thread row; 0 = in memory */
	unsigned reg;             /* 0-31: r0-r31; 32: lr; 33: ctr */
	uint32_t ga;              /* in memory: where (of mirrors, the canonical address) */
};
typedef void word_fn(void *ctx, const struct word *w);

/** Calls @fn for each register (its lower half) of a thread that has not ended, then for each aligned word of memory that was stored to, ascending,
 * that lies in one of @ranges. */
void words_find(const struct machine *m, const struct word_range *range, unsigned ranges, word_fn *fn, void *ctx);
/** "r31", "lr"; static. */
const char *word_register(unsigned reg);

/** What kind of place an address is. WORD_PLACE(id, "word", does the title see to what is there?) */
#define WORD_PLACES(WORD_PLACE) \
	WORD_PLACE(REGISTER, "register", true) WORD_PLACE(STACK, "stack", true) WORD_PLACE(DEAD, "dead stack", false) \
	WORD_PLACE(TLS, "TLS", true) WORD_PLACE(IMAGE, "image", true) WORD_PLACE(POOL, "pool", true) WORD_PLACE(HEAP, "heap", true) \
	WORD_PLACE(PHYSICAL, "physical", true) WORD_PLACE(KERNEL, "kernel", false)
enum word_place_kind {
#define WORD_PLACE(id, word, live) PLACE_##id,
	WORD_PLACES(WORD_PLACE)
#undef WORD_PLACE
};

struct word_place {
	enum word_place_kind kind;
	uint32_t thread;          /* REGISTER, STACK, DEAD, TLS: whose */
	uint32_t low;             /* in memory: where the frame, block, allocation, variable or segment begins that it lies in */
	int frame;                /* STACK: number of the frame, -1 = unknown */
	uint32_t pc;              /* STACK: where that frame is, 0 = unknown */
};

/** Finds out about places; holds each thread's stack, walked once. */
struct word_places;
struct word_places *word_places_new(const struct machine *m);
void word_places_free(struct word_places *p);
void word_place(struct word_places *p, const struct word *w, struct word_place *out);
const char *word_place_word(enum word_place_kind kind);
/** False: below a stack pointer, or the kernel's own: the title cannot come by this word any more. */
bool word_place_is_live(enum word_place_kind kind);

#endif
