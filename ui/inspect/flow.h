/* ui/inspect/flow.h - what the title's code says without being run: its direct calls, where functions begin, what a call is given.
 *
 * Facts of the 32-bit ABI: arguments in r3-r10; a call may change r0, r3-r12; r1 is the stack.
 */
#ifndef UI_INSPECT_FLOW_H
#define UI_INSPECT_FLOW_H

#include "kernel/machine.h"

/** A direct call: bl, or a b that leaves its function (a tail call). */
struct code_call {
	uint32_t pc, target;
};

struct code_map {
	const struct machine *m;  /* borrowed */
	struct code_call *call;   /* ascending by pc */
	uint32_t *start;          /* where functions begin, ascending: symbols, .pdata, what is called */
	unsigned calls, starts;
	unsigned indirect;        /* calls through CTR or LR */
};

/** Reads the executable segments of @m's image, as they are in memory now. code_free it. */
void code_read(struct code_map *c, const struct machine *m);
void code_free(struct code_map *c);
/** Where the function that holds @pc begins, 0 = unknown. */
uint32_t code_function(const struct code_map *c, uint32_t pc);

enum flow_kind {
	FLOW_UNKNOWN,
	FLOW_CONSTANT,            /* v */
	FLOW_WORD,                /* the word at guest address v */
	FLOW_ARGUMENT,            /* argument v of the function (0 = r3) */
	FLOW_STACK,               /* the function's r1 at entry + (int32_t)v */
};

struct flow_value {
	enum flow_kind kind;
	uint32_t v;
};

/**
 * What argument @arg (0 = r3) is when the function that begins at @function comes to the call at @pc: followed in address order, all that a
 * call or a place where branches meet may change being unknown. Words at constant addresses that are bases of others are read now.
 */
struct flow_value flow_argument(const struct code_map *c, uint32_t function, uint32_t pc, unsigned arg);

#endif
