/* ui/inspect/stack.h - a thread's call stack as people read it, and parked threads grouped by it. */
#ifndef UI_INSPECT_STACK_H
#define UI_INSPECT_STACK_H

#include "kernel/machine.h"
#include "src/observe/walk.h"

#define STACK_FRAMES_MAX (WALK_FRAMES_MAX + 1)
#define STACK_LINE 480

struct stack_frame {
	uint32_t pc;          /* frame 0: the next instruction; else the return address, 0 = unknown */
	uint32_t sp;
	const char *rule, *why; /* static: by which rule pc was found, and why that one */
};

struct stack {
	unsigned count;
	struct stack_frame frame[STACK_FRAMES_MAX];
	const char *first_rule; /* static: how the first caller was found */
	const char *export;   /* the call that the thread is in, NULL = none; static */
	enum walk_end end;
};

/** At most @limit frames, from the pc outwards. An LR that cannot be a caller's (a leaf's old one) is no frame. */
void thread_stack(const struct machine *m, uint32_t thread, unsigned limit, struct stack *s);
/** Where frame @frame of the thread is in the code: its pc; of a caller, its call (the line of it is its line). 0 = there is no such frame. */
uint32_t frame_code(const struct machine *m, uint32_t thread, unsigned frame);
/** "NtWaitForSingleObjectEx < Pool_Wait+18 < PoolThread+118": the innermost @frames. */
void stack_line(const struct machine *m, const struct stack *s, unsigned frames, char *buf, size_t size);

struct parked_group {
	uint64_t key;         /* of the stack's addresses */
	unsigned count;
	bool idle;            /* all of them are */
	char tids[512];       /* words; cut when there are very many */
	char line[STACK_LINE];
};
#define PARKED_FRAMES 5u      /* of a line that is no longer than need be */
/** Waiting and suspended threads by equal stacks, in order of the first thread, with @frames of each; *@out is the caller's to free. @idle: by
 * thread row, those that are grouped apart; NULL = none. */
unsigned parked_groups(const struct machine *m, unsigned frames, const bool *idle, struct parked_group **out);

/** What a thread waits for, in words. */
struct wait_words {
	char kind[48];        /* "Event/Auto", "CritSec", "any of 2", "delay"; "" = does not wait */
	char objects[512];    /* "@17 @9" */
	char handles[512];    /* "12AC#1" */
};
void wait_words(const struct machine *m, uint32_t thread, struct wait_words *w);

#endif
