/* src/cpu/unwind.h - what a function's code says of its frame at one of its instructions: how far r1 is from where it was at the entry, and
 * where each register's value at the entry is kept now.
 *
 * The code is followed from the entry along every direct branch; where two ways meet, what they do not agree about is unknown. So a register
 * whose save lies on one way only, or is told by a value that cannot be followed, is unknown, never guessed. Calls are taken to keep what
 * the calling convention keeps (r1, r2, r13-r31, f14-f31, v20-v31, v64-v127); a call of a run of stores (__savegprlr_N, __savefpr_N,
 * __savevmx_N, _savegpr_N) does those stores. A piece of code that gives back registers which it did not save (__restgprlr_N: functions jump there to end) is no
 * function, and nothing is known of it. Ways through a jump table are taken to go to any place that no other way leads to.
 */
#ifndef SRC_CPU_UNWIND_H
#define SRC_CPU_UNWIND_H

#include "src/base/base.h"
#include "src/cpu/cpu.h"
#include "src/mem/mem.h"

#define UNWIND_BYTES_MAX 0x40000u /* of a function */

enum unwind_how {
	UNWIND_UNKNOWN,
	UNWIND_SAME,  /* the register still has it */
	UNWIND_SAVED, /* it lies in memory, at CFA + offset */
};

struct unwind_reg {
	uint8_t how;    /* enum unwind_how */
	uint8_t size;   /* SAVED: bytes, 4, 8 or (vectors) 16; of a general register's 4 the upper half is not kept */
	int32_t offset; /* SAVED: from CFA */
};

/** CFA is the value of r1 at the entry: the r1 of the caller. */
struct unwind {
	bool cfa_known; /* CFA = r1 + cfa */
	bool cfa_chain; /* CFA = the word at r1: a frame that grew when it ran */
	int32_t cfa;
	struct unwind_reg gpr[32], fpr[32], vr[128], lr;
	struct unwind_reg cr; /* SAVED or UNKNOWN: which fields have changed is not followed */
	struct unwind_reg lr_saved; /* where LR is kept too, while it is SAME: behind the prologue's save, up to the first call */
	int8_t lr_in; /* LR's value is in this GPR (between mflr and its store); -1 = in none */
};

/** What holds before the instruction at @pc of the function [@begin, @end) is executed. False: no way from the entry to @pc is seen, or it is no function. */
bool unwind_code(const struct mem *m, uint32_t begin, uint32_t end, uint32_t pc, struct unwind *u);
/**
 * The same of a function whose prologue is known to have @prolog bytes (0 = it is not): a place that no way leads to, as where an exception is
 * handled, has the frame that the prologue made.
 */
bool unwind_function(const struct mem *m, uint32_t begin, uint32_t end, uint32_t prolog, uint32_t pc, struct unwind *u);
/**
 * Is the code at @pc nothing but loads of GPRs from the stack and a return, as at the end of __restgprlr_N? Then *@lr is where it returns to;
 * r1 is the caller's already. @c: the registers now.
 */
bool unwind_tail(const struct mem *m, uint32_t pc, const struct ppc_context *c, uint32_t *lr);

#endif
