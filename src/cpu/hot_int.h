/* src/cpu/hot_int.h - integer instructions, written out inside the interpreter's function (interp.c has the macros). */

/* With record form: the label and its _rc. */
#define ALU(id, expr) \
	L_##id: \
		G(d) = (expr); \
		NEXT; \
	L_##id##_rc: { \
		uint64_t v = (expr); \
		G(d) = v; \
		CR0(v); \
		NEXT; \
	}
/* Sums also set CA: a + b + ci by the low words. */
#define SUM(id, x1, x2, ci) \
	L_##id: { \
		uint64_t a = (x1), b = (x2), r = a + b + (ci); \
		c->ca = (uint8_t)(((uint64_t)(uint32_t)a + (uint32_t)b + (ci)) >> 32); \
		G(d) = r; \
		NEXT; \
	} \
	L_##id##_rc: { \
		uint64_t a = (x1), b = (x2), r = a + b + (ci); \
		c->ca = (uint8_t)(((uint64_t)(uint32_t)a + (uint32_t)b + (ci)) >> 32); \
		G(d) = r; \
		CR0(r); \
		NEXT; \
	}

L_nop:
L_isync:
L_sync:
L_eieio:
L_dcbf:
L_dcbi:
L_dcbst:
L_dcbt:
L_dcbtst:
L_icbi:
	NEXT;
L_li:
	G(d) = IMM;
	NEXT;
L_mr:
	G(d) = G(a);
	NEXT;
L_addi:
L_addis:
	G(d) = G(a) + IMM;
	NEXT;
L_mulli:
	G(d) = G(a) * IMM;
	NEXT;
L_addic: {
	uint64_t r = G(a) + IMM;
	c->ca = (uint32_t)r < (uint32_t)IMM;
	G(d) = r;
	NEXT;
}
L_addic_: {
	uint64_t r = G(a) + IMM;
	c->ca = (uint32_t)r < (uint32_t)IMM;
	G(d) = r;
	CR0(r);
	NEXT;
}
L_subfic: {
	uint64_t a = G(a);
	c->ca = (uint32_t)IMM >= (uint32_t)a;
	G(d) = IMM - a;
	NEXT;
}
ALU(add, G(a) + G(b))
ALU(subf, G(b) - G(a))
ALU(neg, -G(a))
ALU(mullw, (uint64_t)((int64_t)(int32_t)G(a) * (int32_t)G(b)))
ALU(mulld, G(a) * G(b))
ALU(mulhw, (uint64_t)((int64_t)(int32_t)G(a) * (int32_t)G(b) >> 32))
ALU(mulhwu, (uint64_t)(uint32_t)G(a) * (uint32_t)G(b) >> 32)
SUM(addc, G(a), G(b), 0u)
SUM(adde, G(a), G(b), c->ca)
SUM(addme, G(a), UINT64_MAX, c->ca)
SUM(addze, G(a), UINT64_C(0), c->ca)
SUM(subfc, ~G(a), G(b), 1u)
SUM(subfe, ~G(a), G(b), c->ca)
SUM(subfme, ~G(a), UINT64_MAX, c->ca)
SUM(subfze, ~G(a), UINT64_C(0), c->ca)

/* ---- logic: immediate operands are unsigned words ------------------------------------------------------------------ */

L_ori:
L_oris:
	G(d) = G(a) | UIMM;
	NEXT;
L_xori:
L_xoris:
	G(d) = G(a) ^ UIMM;
	NEXT;
L_and_imm:
	G(d) = G(a) & UIMM;
	NEXT;
L_andi_:
L_andis_: {
	uint32_t v = (uint32_t)G(a) & UIMM;
	G(d) = v;
	CR0(v);
	NEXT;
}
ALU(and, G(a) & G(b))
ALU(andc, G(a) & ~G(b))
ALU(or, G(a) | G(b))
ALU(orc, G(a) | ~G(b))
ALU(xor, G(a) ^ G(b))
ALU(nor, ~(G(a) | G(b)))
ALU(nand, ~(G(a) & G(b)))
ALU(eqv, ~(G(a) ^ G(b)))
ALU(extsb, (uint64_t)(int64_t)(int8_t)G(a))
ALU(extsh, (uint64_t)(int64_t)(int16_t)G(a))
ALU(extsw, (uint64_t)(int64_t)(int32_t)G(a))
ALU(cntlzw, (uint32_t)G(a) ? (uint64_t)__builtin_clz((uint32_t)G(a)) : 32)
ALU(cntlzd, G(a) ? (uint64_t)__builtin_clzll(G(a)) : 64)

/* ---- rotate and shift -------------------------------------------------------------------------------------------------- */

L_slwi:
	G(d) = (uint32_t)G(a) << op->b;
	NEXT;
L_srwi:
	G(d) = (uint32_t)G(a) >> op->b;
	NEXT;
L_rlwinm_m:
	G(d) = x_rotl32((uint32_t)G(a), op->b) & UIMM;
	NEXT;
L_rlwinm_m_rc: {
	uint32_t v = x_rotl32((uint32_t)G(a), op->b) & UIMM;
	G(d) = v;
	CR0(v);
	NEXT;
}
L_rlwimi_m:
	G(d) = (x_rotl32((uint32_t)G(a), op->b) & UIMM) | (G(d) & ~(uint64_t)UIMM);
	NEXT;
ALU(rlwinm, x_rlwinm(G(a), op->b, UIMM))
ALU(rlwimi, x_rlwimi(G(d), G(a), UIMM))
ALU(rldicl, x_rotl64(G(a), op->b) & UINT64_MAX >> op->c)
ALU(rldicr, x_rotl64(G(a), op->b) & UINT64_MAX << (63 - op->c))
ALU(slw, G(b) & 32 ? 0 : (uint32_t)G(a) << (G(b) & 31))
ALU(srw, G(b) & 32 ? 0 : (uint32_t)G(a) >> (G(b) & 31))
ALU(sld, G(b) & 64 ? 0 : G(a) << (G(b) & 63))
ALU(srd, G(b) & 64 ? 0 : G(a) >> (G(b) & 63))
ALU(sraw, x_shift_right(c, (int32_t)G(a), G(b) & 63, 32))
ALU(srawi, x_shift_right(c, (int32_t)G(a), op->b, 32))

/* ---- compare ------------------------------------------------------------------------------------------------------------- */

L_cmpwi:
	COMPARE((int32_t)G(a), op->imm);
	NEXT;
L_cmplwi:
	COMPARE((uint32_t)G(a), UIMM);
	NEXT;
L_cmpw:
	COMPARE((int32_t)G(a), (int32_t)G(b));
	NEXT;
L_cmplw:
	COMPARE((uint32_t)G(a), (uint32_t)G(b));
	NEXT;
L_cmpi:
	COMPARE((int64_t)G(a), (int64_t)op->imm);
	NEXT;
L_cmpli:
	COMPARE(G(a), (uint64_t)UIMM);
	NEXT;
L_cmp:
	COMPARE((int64_t)G(a), (int64_t)G(b));
	NEXT;
L_cmpl:
	COMPARE(G(a), G(b));
	NEXT;

/* ---- special registers -------------------------------------------------------------------------------------------------- */

L_mflr:
	G(d) = c->lr;
	NEXT;
L_mtlr:
	c->lr = G(d);
	NEXT;
L_mfctr:
	G(d) = c->ctr;
	NEXT;
L_mtctr:
	c->ctr = G(d);
	NEXT;
L_mfxer:
	G(d) = ppc_xer(c);
	NEXT;
L_mtxer:
	ppc_xer_set(c, (uint32_t)G(d));
	NEXT;
L_mfvrsave:
	G(d) = c->vrsave;
	NEXT;
L_mtvrsave:
	c->vrsave = (uint32_t)G(d);
	NEXT;
L_mfpvr:
	G(d) = XENON_PVR;
	NEXT;
L_mftbl:
	G(d) = time_base(x, op, left);
	NEXT;
L_mftbu:
	G(d) = time_base(x, op, left) >> 32;
	NEXT;

#undef ALU
#undef SUM
