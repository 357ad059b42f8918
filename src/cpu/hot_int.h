/* src/cpu/hot_int.h - integer instructions, in terms of interp.c's macros. VALUE_x is what x puts into gpr[d]; BODY_x all
 * that x does. Bodies are apart from handlers because they also serve in fused handlers (fuse.def). */

#define VALUE_add (G(a) + G(b))
#define VALUE_subf (G(b) - G(a))
#define VALUE_neg (-G(a))
#define VALUE_mullw ((uint64_t)((int64_t)(int32_t)G(a) * (int32_t)G(b)))
#define VALUE_mulld (G(a) * G(b))
#define VALUE_mulhw ((uint64_t)((int64_t)(int32_t)G(a) * (int32_t)G(b) >> 32))
#define VALUE_mulhwu ((uint64_t)(uint32_t)G(a) * (uint32_t)G(b) >> 32)
#define VALUE_and (G(a) & G(b))
#define VALUE_andc (G(a) & ~G(b))
#define VALUE_or (G(a) | G(b))
#define VALUE_orc (G(a) | ~G(b))
#define VALUE_xor (G(a) ^ G(b))
#define VALUE_nor (~(G(a) | G(b)))
#define VALUE_nand (~(G(a) & G(b)))
#define VALUE_eqv (~(G(a) ^ G(b)))
#define VALUE_extsb ((uint64_t)(int64_t)(int8_t)G(a))
#define VALUE_extsh ((uint64_t)(int64_t)(int16_t)G(a))
#define VALUE_extsw ((uint64_t)(int64_t)(int32_t)G(a))
#define VALUE_cntlzw ((uint32_t)G(a) ? (uint64_t)__builtin_clz((uint32_t)G(a)) : 32)
#define VALUE_cntlzd (G(a) ? (uint64_t)__builtin_clzll(G(a)) : 64)
#define VALUE_rlwinm x_rlwinm(G(a), op->b, UIMM)
#define VALUE_rlwinm_m (x_rotl32((uint32_t)G(a), op->b) & UIMM)
#define VALUE_rlwimi x_rlwimi(G(d), G(a), UIMM)
#define VALUE_rldicl (x_rotl64(G(a), op->b) & UINT64_MAX >> op->c)
#define VALUE_rldicr (x_rotl64(G(a), op->b) & UINT64_MAX << (63 - op->c))
#define VALUE_slw (G(b) & 32 ? 0 : (uint32_t)G(a) << (G(b) & 31))
#define VALUE_srw (G(b) & 32 ? 0 : (uint32_t)G(a) >> (G(b) & 31))
#define VALUE_sld (G(b) & 64 ? 0 : G(a) << (G(b) & 63))
#define VALUE_srd (G(b) & 64 ? 0 : G(a) >> (G(b) & 63))
#define VALUE_sraw x_shift_right(c, (int32_t)G(a), G(b) & 63, 32)
#define VALUE_srawi x_shift_right(c, (int32_t)G(a), op->b, 32)

/* Sums also set CA: a + b + ci by the low words. */
#define SUM_BODY(x1, x2, ci) \
	uint64_t a = (x1), b = (x2), r = a + b + (ci); \
	c->ca = (uint8_t)(((uint64_t)(uint32_t)a + (uint32_t)b + (ci)) >> 32); \
	G(d) = r;
#define SUM_addc SUM_BODY(G(a), G(b), 0u)
#define SUM_adde SUM_BODY(G(a), G(b), c->ca)
#define SUM_addme SUM_BODY(G(a), UINT64_MAX, c->ca)
#define SUM_addze SUM_BODY(G(a), UINT64_C(0), c->ca)
#define SUM_subfc SUM_BODY(~G(a), G(b), 1u)
#define SUM_subfe SUM_BODY(~G(a), G(b), c->ca)
#define SUM_subfme SUM_BODY(~G(a), UINT64_MAX, c->ca)
#define SUM_subfze SUM_BODY(~G(a), UINT64_C(0), c->ca)
#define SUM_addic SUM_BODY(G(a), IMM, 0u)
#define SUM_subfic SUM_BODY(~G(a), IMM, 1u)

#define BODY_nop
#define BODY_li G(d) = IMM;
#define BODY_mr G(d) = G(a);
#define BODY_addi G(d) = G(a) + IMM;
#define BODY_mulli G(d) = G(a) * IMM;
#define BODY_ori G(d) = G(a) | UIMM;
#define BODY_xori G(d) = G(a) ^ UIMM;
#define BODY_and_imm G(d) = G(a) & UIMM;
#define BODY_slwi G(d) = (uint32_t)G(a) << op->b;
#define BODY_srwi G(d) = (uint32_t)G(a) >> op->b;
#define BODY_rlwinm_m G(d) = VALUE_rlwinm_m;
#define BODY_rlwimi_m G(d) = VALUE_rlwinm_m | (G(d) & ~(uint64_t)UIMM);
#define BODY_add G(d) = VALUE_add;
#define BODY_subf G(d) = VALUE_subf;
#define BODY_neg G(d) = VALUE_neg;
#define BODY_mullw G(d) = VALUE_mullw;
#define BODY_and G(d) = VALUE_and;
#define BODY_or G(d) = VALUE_or;
#define BODY_xor G(d) = VALUE_xor;
#define BODY_extsb G(d) = VALUE_extsb;
#define BODY_extsh G(d) = VALUE_extsh;
#define BODY_extsw G(d) = VALUE_extsw;
#define BODY_mulhwu G(d) = VALUE_mulhwu;
#define BODY_andc G(d) = VALUE_andc;
#define BODY_nor G(d) = VALUE_nor;
#define BODY_cntlzw G(d) = VALUE_cntlzw;
#define BODY_slw G(d) = VALUE_slw;
#define BODY_srw G(d) = VALUE_srw;
#define BODY_srawi G(d) = VALUE_srawi;
#define BODY_rldicl G(d) = VALUE_rldicl;
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
		CR0(r); \
	}
#define BODY_andi_ \
	{ \
		uint32_t v = (uint32_t)G(a) & UIMM; \
		G(d) = v; \
		CR0(v); \
	}
#define BODY_cmpwi COMPARE((int32_t)G(a), op->imm);
#define BODY_cmplwi COMPARE((uint32_t)G(a), UIMM);
#define BODY_cmpw COMPARE((int32_t)G(a), (int32_t)G(b));
#define BODY_cmplw COMPARE((uint32_t)G(a), (uint32_t)G(b));
#define BODY_mflr G(d) = c->lr;
#define BODY_mtlr c->lr = G(d);
#define BODY_mtctr c->ctr = G(d);

/* ---- handlers ------------------------------------------------------------------------------------------------------------- */

#define PLAIN(id) \
	HANDLER(id) \
	{ \
		BODY_##id \
		NEXT; \
	}
/* With record form. */
#define ALU(id) \
	HANDLER(id) \
	{ \
		G(d) = VALUE_##id; \
		NEXT; \
	} \
	HANDLER(id##_rc) \
	{ \
		uint64_t v = VALUE_##id; \
		G(d) = v; \
		CR0(v); \
		NEXT; \
	}
#define SUM(id) \
	HANDLER(id) \
	{ \
		SUM_##id \
		NEXT; \
	} \
	HANDLER(id##_rc) \
	{ \
		SUM_##id \
		CR0(r); \
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
	COMPARE((int64_t)G(a), (int64_t)op->imm);
	NEXT;
}
HANDLER(cmpli)
{
	COMPARE(G(a), (uint64_t)UIMM);
	NEXT;
}
HANDLER(cmp)
{
	COMPARE((int64_t)G(a), (int64_t)G(b));
	NEXT;
}
HANDLER(cmpl)
{
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
