/* src/cpu/hot_branch.h - branches and sc, in terms of interp.c's macros. Each ends a block, so there is nothing to give
 * back: ENTER charges the block at op, DISPATCH the one at a guest address. */

#define TAKE_IF(cond) \
	if (cond) { \
		op += op->imm; \
		ENTER; \
	} \
	op++; \
	ENTER;
#define BODY_b_near \
	op += op->imm; \
	ENTER;
#define BODY_bl_near \
	c->lr = op_lr(op); \
	op += op->imm; \
	ENTER;
#define BODY_bl_far \
	c->lr = op_lr(op); \
	DISPATCH(UIMM);
#define FAR_IF(cond) \
	if (cond) \
		DISPATCH(UIMM); \
	op++; \
	ENTER;
#define BODY_b_far DISPATCH(UIMM);
#define BODY_bt_far FAR_IF(CRF & op->b)
#define BODY_bf_far FAR_IF(!(CRF & op->b))
#define BODY_bt_near TAKE_IF(CRF & op->b)
#define BODY_bf_near TAKE_IF(!(CRF & op->b))
#define BODY_bdnz_near \
	if ((uint32_t)--c->ctr != 0) { \
		if (UNLIKELY(op->c)) \
			JUMP(loop); \
		op += op->imm; \
		ENTER; \
	} \
	op++; \
	ENTER;
#define BODY_bdz_near TAKE_IF((uint32_t)--c->ctr == 0)
#define BODY_blr DISPATCH((uint32_t)c->lr & ~3u);
#define BODY_bctr DISPATCH((uint32_t)c->ctr & ~3u);
#define BODY_bctrl \
	c->lr = UIMM; \
	DISPATCH((uint32_t)c->ctr & ~3u);

/* ---- handlers ------------------------------------------------------------------------------------------------------------- */

#define BRANCH(id) \
	HANDLER(id) \
	{ \
		ALONE \
		BODY_##id \
	}
#define TO_LR(id, cond) \
	HANDLER(id) \
	{ \
		if (cond) \
			DISPATCH((uint32_t)c->lr & ~3u); \
		op++; \
		ENTER; \
	}
BRANCH(b_near)
BRANCH(b_far)
BRANCH(bl_near)
BRANCH(bl_far)
BRANCH(bt_near)
BRANCH(bf_near)
BRANCH(bdnz_near)
BRANCH(bdz_near)
BRANCH(bt_far)
BRANCH(bf_far)
HANDLER(bdnz_far)
{
	FAR_IF((uint32_t)--c->ctr != 0)
}
HANDLER(bdz_far)
{
	FAR_IF((uint32_t)--c->ctr == 0)
}
BRANCH(blr)
TO_LR(btlr, c->cr[op->a] & op->b)
TO_LR(bflr, !(c->cr[op->a] & op->b))
BRANCH(bctr)
BRANCH(bctrl)

/* The general forms: d = BO, a = BI. */
#define GENERAL(id, target, bo, link) \
	HANDLER(id) \
	{ \
		uint32_t to = (target); \
		bool taken = branch_taken(c, bo, op->a); \
		if (link) \
			c->lr = code_pc(cpu, op) + 4; \
		if (taken) \
			DISPATCH(to); \
		op++; \
		ENTER; \
	}
GENERAL(bc, UIMM, op->d, op->c)
GENERAL(bclr, (uint32_t)c->lr & ~3u, op->d, op->imm & 1)
/* The form of bcctr that decrements CTR is invalid: CTR stays. */
GENERAL(bcctr, (uint32_t)c->ctr & ~3u, op->d | 4u, op->imm & 1)
ALWAYS(b, b_far)
HANDLER(sc)
{
	cpu->x.slice->insn = UIMM;
	cpu->x.exit = CPU_SYSCALL;
	cpu->x.pc = code_pc(cpu, op) + 4;
	JUMP(done);
}
#undef BRANCH
#undef TO_LR
#undef GENERAL
