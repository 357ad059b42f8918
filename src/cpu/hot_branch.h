/* src/cpu/hot_branch.h - branches and sc, written out inside the interpreter's function. Each ends a block, so there is
 * nothing to give back: ENTER charges the block at op, DISPATCH the one at a guest address. */

L_b_near:
	op += op->imm;
	ENTER;
L_b_far:
	DISPATCH(UIMM);
L_bl_near:
	c->lr = op_lr(op);
	op += op->imm;
	ENTER;
L_bl_far:
	c->lr = op_lr(op);
	DISPATCH(UIMM);

#define CONDITIONAL(id, cond) \
	L_##id##_near: \
		op += (cond) ? op->imm : 1; \
		ENTER; \
	L_##id##_far: \
		if (cond) \
			DISPATCH(UIMM); \
		op++; \
		ENTER;
CONDITIONAL(bt, c->cr[op->a] & op->b)
CONDITIONAL(bf, !(c->cr[op->a] & op->b))
CONDITIONAL(bdnz, (uint32_t)--c->ctr != 0)
CONDITIONAL(bdz, (uint32_t)--c->ctr == 0)
#undef CONDITIONAL

L_blr:
	DISPATCH((uint32_t)c->lr & ~3u);
L_btlr:
	if (c->cr[op->a] & op->b)
		DISPATCH((uint32_t)c->lr & ~3u);
	op++;
	ENTER;
L_bflr:
	if (!(c->cr[op->a] & op->b))
		DISPATCH((uint32_t)c->lr & ~3u);
	op++;
	ENTER;
L_bctr:
	DISPATCH((uint32_t)c->ctr & ~3u);
L_bctrl:
	c->lr = UIMM;
	DISPATCH((uint32_t)c->ctr & ~3u);

/* The general forms: d = BO, a = BI. */
L_b: /* never: always specialised */
L_bc: {
	uint32_t to = UIMM;
	bool taken = branch_taken(c, op->d, op->a);
	if (op->c)
		c->lr = code_pc(cpu, op) + 4;
	if (taken)
		DISPATCH(to);
	op++;
	ENTER;
}
L_bclr: {
	uint32_t to = (uint32_t)c->lr & ~3u;
	bool taken = branch_taken(c, op->d, op->a);
	if (op->imm & 1)
		c->lr = code_pc(cpu, op) + 4;
	if (taken)
		DISPATCH(to);
	op++;
	ENTER;
}
L_bcctr: {
	uint32_t to = (uint32_t)c->ctr & ~3u;
	bool taken = branch_taken(c, op->d | 4, op->a); /* the form that decrements CTR is invalid: CTR stays */
	if (op->imm & 1)
		c->lr = code_pc(cpu, op) + 4;
	if (taken)
		DISPATCH(to);
	op++;
	ENTER;
}
L_sc:
	s->insn = UIMM;
	pc = code_pc(cpu, op) + 4;
	exit = CPU_SYSCALL;
	goto done;
