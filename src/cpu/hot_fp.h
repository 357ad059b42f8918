/* src/cpu/hot_fp.h - linked handlers of floating point: an operation hands its result to the next in a register.
 *
 * Through memory, a result costs a dependent operation more than the operation itself takes. So where an op of fuse.def's
 * FUSE_LINK is followed, in its block, by another that reads its target, the first one's label is a linking one: it stores
 * its result as ever and goes on at op[1].imm with the result as a further argument. imm is the label of the second's handler that
 * takes an operand from there (these rows need their word for nothing else), chosen by code.c; where op[1] must not run (cut), its imm says
 * that, too. What enters op[1] from elsewhere uses its go.
 *
 * Of clang's tail calls both sides must have the same arguments, so there nothing is linked. It makes no other difference.
 */
#ifdef LINKED

typedef struct ppc_op *link_fn(PARAMS, double from);
#define LINK_HANDLER(name) static struct ppc_op *h_##name(PARAMS, double from)
#define LINK_ON \
	do { \
		op++; \
		return ((link_fn *)((char *)h_decode + op->imm))(ARGS, r); \
	} while (0)

LINK_HANDLER(cut_link)
{
	(void)from;
	JUMP(cut);
}

/* One way of @insn: a, b, fc where its operands are from, @on how it goes on. */
#define LINK_WAY(insn, A, B, C, on) \
	{ \
		double r; \
		if (UNLIKELY(!fp_##insn(c, op, A, B, C, &r))) \
			JUMP(insn##_slow); \
		on; \
	}
#define REG_A fp_reg(c, op->a)
#define REG_B fp_reg(c, op->b)
#define REG_C fp_reg(c, op->c)
/* The ways in: LINK_1 frA is the last result, LINK_2 the second operand is, LINK_3 both are (madd: frB is). */
#define LINK_ALL(insn, A1, B1, C1, A2, B2, C2, A3, B3, C3) \
	HANDLER(insn##_link0) LINK_WAY(insn, REG_A, REG_B, REG_C, LINK_ON) \
	LINK_HANDLER(insn##_link1) LINK_WAY(insn, A1, B1, C1, NEXT) \
	LINK_HANDLER(insn##_link1_on) LINK_WAY(insn, A1, B1, C1, LINK_ON) \
	LINK_HANDLER(insn##_link2) LINK_WAY(insn, A2, B2, C2, NEXT) \
	LINK_HANDLER(insn##_link2_on) LINK_WAY(insn, A2, B2, C2, LINK_ON) \
	LINK_HANDLER(insn##_link3) LINK_WAY(insn, A3, B3, C3, NEXT) \
	LINK_HANDLER(insn##_link3_on) LINK_WAY(insn, A3, B3, C3, LINK_ON)
#define LINK_AB(insn) LINK_ALL(insn, from, REG_B, 0, REG_A, from, 0, from, from, 0)
#define LINK_AC(insn) LINK_ALL(insn, from, 0, REG_C, REG_A, 0, from, from, 0, from)
#define LINK_ABC(insn) LINK_ALL(insn, from, REG_B, REG_C, REG_A, REG_B, from, REG_A, from, REG_C)
#define LINK_ROW(insn, operands) LINK_##operands(insn)
FUSE_LINK(LINK_ROW)
#undef LINK_ROW

#endif
