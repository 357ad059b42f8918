/* ui/inspect/frame_regs.h - the registers of a frame: those that can be known, and from where; the others are not known, and said to be.
 *
 * Frame 0 has the thread's own. Of a caller's frame r1, pc and lr are what the stack says; each other register is known only if every
 * function called from there either saved it (then it lies in its frame) or cannot have changed it: by debug information (.debug_frame,
 * .eh_frame), else by the function's code, followed from its entry (src/cpu/unwind.h). What a call may change (r0, r3-r12, CR, ...) is not.
 */
#ifndef UI_INSPECT_FRAME_REGS_H
#define UI_INSPECT_FRAME_REGS_H

#include "kernel/machine.h"
#include "src/cpu/unwind.h"

enum reg_from {
	REG_UNKNOWN,
	REG_LIVE,  /* the thread's register has it still */
	REG_SAVED, /* it lies at @slot */
	REG_STACK, /* r1, pc, lr: what the back chain says */
};

struct frame_reg {
	uint64_t v;
	uint32_t slot; /* SAVED: ga */
	uint8_t from;  /* enum reg_from */
	uint8_t size;  /* bytes that are known, 4 (then v's upper half is 0) or 8 */
};

struct frame_registers {
	struct frame_reg gpr[32], fpr[32], pc, lr;
};

/** False: the thread has no such frame. */
bool frame_registers(const struct machine *m, uint32_t thread, unsigned frame, struct frame_registers *r);
/** What holds at @pc, by debug information or by the code; false: neither says. */
bool unwind_at(const struct machine *m, uint32_t pc, struct unwind *u);
/** "live", "saved at 7000FE58", "the stack", "" = not known. */
const char *frame_reg_text(const struct frame_reg *r, char *buf, size_t size);

#endif
