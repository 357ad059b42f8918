/* src/cpu/hot_int.h - integer instructions, in terms of interp.c's macros. VALUE_x is what x puts into gpr[d]; BODY_x all
 * that x does. Bodies are apart from handlers because they also serve in fused handlers (fuse.def): there R() may be the
 * result of the instruction before, which is still in a register. */

#define VALUE_add (R(a) + R(b))
#define VALUE_subf (R(b) - R(a))
#define VALUE_neg (-R(a))
#define VALUE_mullw ((uint64_t)((int64_t)(int32_t)R(a) * (int32_t)R(b)))
#define VALUE_mulld (R(a) * R(b))
#define VALUE_mulhw ((uint64_t)((int64_t)(int32_t)R(a) * (int32_t)R(b) >> 32))
#define VALUE_mulhwu ((uint64_t)(uint32_t)R(a) * (uint32_t)R(b) >> 32)
#define VALUE_and (R(a) & R(b))
#define VALUE_andc (R(a) & ~R(b))
#define VALUE_or (R(a) | R(b))
#define VALUE_orc (R(a) | ~R(b))
#define VALUE_xor (R(a) ^ R(b))
#define VALUE_nor (~(R(a) | R(b)))
#define VALUE_nand (~(R(a) & R(b)))
#define VALUE_eqv (~(R(a) ^ R(b)))
#define VALUE_extsb ((uint64_t)(int64_t)(int8_t)R(a))
#define VALUE_extsh ((uint64_t)(int64_t)(int16_t)R(a))
#define VALUE_extsw ((uint64_t)(int64_t)(int32_t)R(a))
#define VALUE_cntlzw ((uint32_t)R(a) ? (uint64_t)__builtin_clz((uint32_t)R(a)) : 32)
#define VALUE_cntlzd (R(a) ? (uint64_t)__builtin_clzll(R(a)) : 64)
#define VALUE_rlwinm x_rlwinm(R(a), op->b, UIMM)
#define VALUE_rlwinm_m (x_rotl32((uint32_t)R(a), op->b) & UIMM)
#define VALUE_rlwimi x_rlwimi(G(d), R(a), UIMM)
#define VALUE_rldicl (x_rotl64(R(a), op->b) & UINT64_MAX >> op->c)
#define VALUE_rldicr (x_rotl64(R(a), op->b) & UINT64_MAX << (63 - op->c))
#define VALUE_slw (R(b) & 32 ? 0 : (uint32_t)R(a) << (R(b) & 31))
#define VALUE_srw (R(b) & 32 ? 0 : (uint32_t)R(a) >> (R(b) & 31))
#define VALUE_sld (R(b) & 64 ? 0 : R(a) << (R(b) & 63))
#define VALUE_srd (R(b) & 64 ? 0 : R(a) >> (R(b) & 63))
#define VALUE_sraw x_shift_right(c, (int32_t)R(a), R(b) & 63, 32)
#define VALUE_srawi x_shift_right(c, (int32_t)R(a), op->b, 32)

/* Sums also set CA: a + b + ci by the low words. */
#define SUM_BODY(x1, x2, ci) \
	uint64_t a = (x1), b = (x2), r = a + b + (ci); \
	c->ca = (uint8_t)(((uint64_t)(uint32_t)a + (uint32_t)b + (ci)) >> 32); \
	SET(r);
#define SUM_addc SUM_BODY(R(a), R(b), 0u)
#define SUM_adde SUM_BODY(R(a), R(b), c->ca)
#define SUM_addme SUM_BODY(R(a), UINT64_MAX, c->ca)
#define SUM_addze SUM_BODY(R(a), UINT64_C(0), c->ca)
#define SUM_subfc SUM_BODY(~R(a), R(b), 1u)
#define SUM_subfe SUM_BODY(~R(a), R(b), c->ca)
#define SUM_subfme SUM_BODY(~R(a), UINT64_MAX, c->ca)
#define SUM_subfze SUM_BODY(~R(a), UINT64_C(0), c->ca)
#define SUM_addic SUM_BODY(R(a), IMM, 0u)
#define SUM_subfic SUM_BODY(~R(a), IMM, 1u)

#define BODY_nop
#define BODY_li SET(IMM);
#define BODY_mr SET(R(a));
#define BODY_addi SET(R(a) + IMM);
#define BODY_mulli SET(R(a) * IMM);
#define BODY_ori SET(R(a) | UIMM);
#define BODY_xori SET(R(a) ^ UIMM);
#define BODY_and_imm SET(R(a) & UIMM);
#define BODY_slwi SET((uint32_t)R(a) << op->b);
#define BODY_srwi SET((uint32_t)R(a) >> op->b);
#define BODY_rlwinm_m SET(VALUE_rlwinm_m);
#define BODY_rlwimi_m SET(VALUE_rlwinm_m | (G(d) & ~(uint64_t)UIMM));
#define BODY_add SET(VALUE_add);
#define BODY_subf SET(VALUE_subf);
#define BODY_neg SET(VALUE_neg);
#define BODY_mullw SET(VALUE_mullw);
#define BODY_and SET(VALUE_and);
#define BODY_or SET(VALUE_or);
#define BODY_xor SET(VALUE_xor);
#define BODY_extsb SET(VALUE_extsb);
#define BODY_extsh SET(VALUE_extsh);
#define BODY_extsw SET(VALUE_extsw);
#define BODY_mulhwu SET(VALUE_mulhwu);
#define BODY_andc SET(VALUE_andc);
#define BODY_nor SET(VALUE_nor);
#define BODY_cntlzw SET(VALUE_cntlzw);
#define BODY_slw SET(VALUE_slw);
#define BODY_srw SET(VALUE_srw);
#define BODY_srawi SET(VALUE_srawi);
#define BODY_rldicl SET(VALUE_rldicl);
#define BODY_addc { SUM_addc }
#define BODY_adde { SUM_adde }
#define BODY_addze { SUM_addze }
#define BODY_subfc { SUM_subfc }
#define BODY_subfe { SUM_subfe }
#define BODY_addic { SUM_addic }
#define BODY_subfic { SUM_subfic }
#define BODY_addic_ \
	{ \
		SUM_addic \
		CR0(last); \
	}
#define BODY_andi_ \
	{ \
		uint32_t v = (uint32_t)R(a) & UIMM; \
		SET(v); \
		CR0(last); \
	}
#define BODY_cmpwi COMPARE((int32_t)R(a), op->imm);
#define BODY_cmplwi COMPARE((uint32_t)R(a), UIMM);
#define BODY_cmpw COMPARE((int32_t)R(a), (int32_t)R(b));
#define BODY_cmplw COMPARE((uint32_t)R(a), (uint32_t)R(b));
#define BODY_mflr SET(c->lr);
#define BODY_mtlr c->lr = R(d);
#define BODY_mtctr c->ctr = R(d);

/* ---- handlers ------------------------------------------------------------------------------------------------------------- */

#define PLAIN(id) \
	HANDLER(id) \
	{ \
		ALONE \
		BODY_##id \
		NEXT; \
	}
/* With record form. */
#define ALU(id) \
	HANDLER(id) \
	{ \
		ALONE \
		SET(VALUE_##id); \
		NEXT; \
	} \
	HANDLER(id##_rc) \
	{ \
		ALONE \
		SET(VALUE_##id); \
		CR0(last); \
		NEXT; \
	}
#define SUM(id) \
	HANDLER(id) \
	{ \
		ALONE \
		SUM_##id \
		NEXT; \
	} \
	HANDLER(id##_rc) \
	{ \
		ALONE \
		SUM_##id \
		CR0(last); \
		NEXT; \
	}

PLAIN(nop)
PLAIN(li)
PLAIN(mr)
PLAIN(addi)
PLAIN(mulli)
PLAIN(addic)
PLAIN(addic_)
PLAIN(subfic)
ALU(add)
ALU(subf)
ALU(neg)
ALU(mullw)
ALU(mulld)
ALU(mulhw)
ALU(mulhwu)
SUM(addc)
SUM(adde)
SUM(addme)
SUM(addze)
SUM(subfc)
SUM(subfe)
SUM(subfme)
SUM(subfze)

/* Logic: immediate operands are unsigned words. */
PLAIN(ori)
PLAIN(xori)
PLAIN(and_imm)
PLAIN(andi_)
ALU(and)
ALU(andc)
ALU(or)
ALU(orc)
ALU(xor)
ALU(nor)
ALU(nand)
ALU(eqv)
ALU(extsb)
ALU(extsh)
ALU(extsw)
ALU(cntlzw)
ALU(cntlzd)

/* Rotate and shift. */
PLAIN(slwi)
PLAIN(srwi)
PLAIN(rlwimi_m)
ALU(rlwinm_m)
ALU(rlwinm)
ALU(rlwimi)
ALU(rldicl)
ALU(rldicr)
ALU(slw)
ALU(srw)
ALU(sld)
ALU(srd)
ALU(sraw)
ALU(srawi)

/* Compare: words have variants of their own. */
PLAIN(cmpwi)
PLAIN(cmplwi)
PLAIN(cmpw)
PLAIN(cmplw)
HANDLER(cmpi)
{
	ALONE
	COMPARE((int64_t)G(a), (int64_t)op->imm);
	NEXT;
}
HANDLER(cmpli)
{
	ALONE
	COMPARE(G(a), (uint64_t)UIMM);
	NEXT;
}
HANDLER(cmp)
{
	ALONE
	COMPARE((int64_t)G(a), (int64_t)G(b));
	NEXT;
}
HANDLER(cmpl)
{
	ALONE
	COMPARE(G(a), G(b));
	NEXT;
}

/* Special registers. */
#define MOVE(id, statement) \
	HANDLER(id) \
	{ \
		statement; \
		NEXT; \
	}
PLAIN(mflr)
PLAIN(mtlr)
PLAIN(mtctr)
MOVE(mfctr, G(d) = c->ctr)
MOVE(mfxer, G(d) = ppc_xer(c))
MOVE(mtxer, ppc_xer_set(c, (uint32_t)G(d)))
MOVE(mfvrsave, G(d) = c->vrsave)
MOVE(mtvrsave, c->vrsave = (uint32_t)G(d))
MOVE(mfpvr, G(d) = XENON_PVR)
MOVE(mftbl, G(d) = time_base(cpu, op, left))
MOVE(mftbu, G(d) = time_base(cpu, op, left) >> 32)

/* Rows that are always one of their variants: specialise.c. */
ALWAYS(isync, nop)
ALWAYS(sync, nop)
ALWAYS(eieio, nop)
ALWAYS(dcbf, nop)
ALWAYS(dcbi, nop)
ALWAYS(dcbst, nop)
ALWAYS(dcbt, nop)
ALWAYS(dcbtst, nop)
ALWAYS(icbi, nop)
ALWAYS(addis, addi)
ALWAYS(oris, ori)
ALWAYS(xoris, xori)
ALWAYS(andis_, andi_)
ALWAYS(mfspr, privileged)
ALWAYS(mtspr, privileged)
ALWAYS(mftb, privileged)
#undef ALU
#undef SUM
#undef MOVE
