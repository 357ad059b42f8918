/* ui/inspect/frame_regs.c - see frame_regs.h */
#include "config.h"

#include "ui/inspect/frame_regs.h"

#include <stdio.h>

#include "kernel/module.h"
#include "src/load/dwarf.h"
#include "ui/inspect/stack.h"

/* DEBT(frame-vectors): vector registers and the condition register, which functions save too, are not asked for. */
/* Kept by the calling convention: r2, r13 (the system's) and r14-r31; f14-f31. */
#define KEPT_GPRS 0xFFFFE004u
#define KEPT_FPRS 0xFFFFC000u

static bool code_at(const struct machine *m, uint32_t pc, struct unwind *u)
{
	uint32_t begin, end;
	return image_bounds_at(machine_image_at(m, pc), pc, &begin, &end) && unwind_code(&m->mem, begin, end, pc, u);
}

bool unwind_at(const struct machine *m, uint32_t pc, struct unwind *u)
{
	struct unwind code;
	if (!image_cfi_at(m->image, pc, u))
		return code_at(m, pc, u);
	/* Of registers that nothing is written about, the code may say more. */
	if (!code_at(m, pc, &code) || !code.cfa_known || code.cfa != u->cfa)
		return true;
	for (unsigned i = 0; i < 32; i++) {
		if (u->gpr[i].how == UNWIND_UNKNOWN)
			u->gpr[i] = code.gpr[i];
		if (u->fpr[i].how == UNWIND_UNKNOWN)
			u->fpr[i] = code.fpr[i];
	}
	return true;
}

/* The register as it was when the function was entered, whose frame ends at @cfa. */
static struct frame_reg entered(const struct machine *m, const struct unwind_reg *u, const struct frame_reg *now, uint32_t cfa)
{
	struct frame_reg r = { .from = REG_UNKNOWN };
	uint8_t b[8];
	if (u->how == UNWIND_SAME)
		return *now;
	if (u->how != UNWIND_SAVED || mem_peek(&m->mem, cfa + (uint32_t)u->offset, b, u->size) != MEM_OK)
		return r;
	return (struct frame_reg){ u->size == 8 ? load_be64(b) : load_be32(b), cfa + (uint32_t)u->offset, REG_SAVED, u->size };
}

/* From the registers of a frame to those of its caller, whose r1 is @cfa. */
static void unwind_step(const struct machine *m, struct frame_registers *r, uint32_t pc, uint32_t cfa)
{
	struct unwind u = { 0 };
	be32 chain;
	bool known = unwind_at(m, pc, &u);
	if (known && u.cfa_known)
		known = (uint32_t)r->gpr[1].v + (uint32_t)u.cfa == cfa;
	else if (known && u.cfa_chain)
		known = mem_peek(&m->mem, (uint32_t)r->gpr[1].v, &chain, sizeof chain) == MEM_OK && be32_get(chain) == cfa;
	else
		known = false;
	for (unsigned i = 0; i < 32; i++) {
		r->gpr[i] = known && (KEPT_GPRS >> i & 1) ? entered(m, &u.gpr[i], &r->gpr[i], cfa) : (struct frame_reg){ 0 };
		r->fpr[i] = known && (KEPT_FPRS >> i & 1) ? entered(m, &u.fpr[i], &r->fpr[i], cfa) : (struct frame_reg){ 0 };
	}
}

static void live(const struct machine *m, uint32_t thread, struct frame_registers *r)
{
	const struct ppc_context *c = context_peek(m, thread);
	for (unsigned i = 0; i < 32; i++) {
		r->gpr[i] = (struct frame_reg){ c->gpr[i], 0, REG_LIVE, 8 };
		r->fpr[i] = (struct frame_reg){ c->fpr[i], 0, REG_LIVE, 8 };
	}
	r->pc = (struct frame_reg){ c->pc, 0, REG_LIVE, 4 };
	r->lr = (struct frame_reg){ (uint32_t)c->lr, 0, REG_LIVE, 4 };
}

bool frame_registers(const struct machine *m, uint32_t thread, unsigned frame, struct frame_registers *r)
{
	struct stack s;
	thread_stack(m, thread, STACK_FRAMES_MAX, &s);
	if (frame >= s.count)
		return false;
	live(m, thread, r);
	for (unsigned i = 0; i < frame; i++) {
		const struct stack_frame *f = &s.frame[i], *caller = f + 1;
		/* A caller stands behind its call, which may be its last instruction. */
		unwind_step(m, r, i ? f->pc - 4 : f->pc, caller->sp);
		r->gpr[1] = (struct frame_reg){ caller->sp, 0, REG_STACK, 4 };
		r->pc = r->lr = (struct frame_reg){ caller->pc, 0, caller->pc ? REG_STACK : REG_UNKNOWN, 4 };
	}
	return true;
}

const char *frame_reg_text(const struct frame_reg *r, char *buf, size_t size)
{
	static const char *const words[] = { [REG_UNKNOWN] = "", [REG_LIVE] = "live", [REG_STACK] = "the stack" };
	if (r->from == REG_SAVED)
		snprintf(buf, size, "saved at %08X", r->slot);
	else
		snprintf(buf, size, "%s", words[r->from]);
	return buf;
}
