/* src/cpu/x_fp.h - handlers of ppc_fp.def. Only interp.c includes this.
 *
 * Shape of an arithmetic handler, FP(x_fadd) in its row: compute on the host; if FPSCR asks for nothing but the default (round
 * to nearest, no exception enabled, XX set already) and the result is an ordinary number, well away from the range's ends,
 * then the host's result is the processor's and no sticky bit can change: store it, owe FR, FI, FPRF and return true. Else
 * nothing has happened: the engine does fp_slow(c, op, x_fadd_op).
 *
 * Single precision: the host rounds to double first. Rounding that to single differs from rounding the exact result once
 * only if the double lies exactly between two singles, so that case too goes the slow way; so do double denormals (see fp.c).
 */
#ifndef SRC_CPU_X_FP_H
#define SRC_CPU_X_FP_H

#include "src/cpu/fp_host.h"
#include "src/cpu/insn.h"

/* ---- what the fast way needs --------------------------------------------------------------------------------------- */

/* A register as a double: kept from passing through a general register, which would cost more than the operation itself. */
static inline double fp_reg(const struct ppc_context *c, unsigned i)
{
	return _mm_cvtsd_f64(_mm_load_sd((const double *)&c->fpr[i]));
}

static inline bool fp_fast(const struct ppc_context *c) { return LIKELY(c->fp_quick); }

/* ---- arithmetic ------------------------------------------------------------------------------------------------------ */

/* Which operands an operation reads: how they are owed (what is not read is not stored), and is one a denormal? */
#define OWE_A memcpy(&c->fp_operand[0], &a, 8);
#define OWE_B memcpy(&c->fp_operand[1], &b, 8);
#define OWE_C memcpy(&c->fp_operand[2], &fc, 8);
#define OWE_AB OWE_A OWE_B
#define OWE_AC OWE_A OWE_C
#define OWE_ABC OWE_A OWE_B OWE_C
#define DENORMAL_B fp_denormal(b)
#define DENORMAL_AB (fp_denormal(a) || fp_denormal(b))
#define DENORMAL_AC (fp_denormal(a) || fp_denormal(fc))
#define DENORMAL_ABC (DENORMAL_AB || fp_denormal(fc))

/* For x_@insn and x_@insn@s: a, b, fc are the operands as doubles, @value the host's way if it @can. fp_@insn is the handler on
 * given operands, which also tells the result: hot_fp.h has more uses for it. */
#define FP_ARITH(insn, fp_op, operands, can, value) \
	enum { x_##insn##_op = fp_op, x_##insn##s_op = fp_op | FP_SINGLE }; \
	static inline __attribute__((always_inline)) bool fp_##insn(struct ppc_context *c, const struct ppc_op *op, double a, \
	                                                            double b, double fc, double *result) \
	{ \
		double r = value; \
		(void)a, (void)b, (void)fc; \
		if (!(can) || !fp_fast(c) || !fp_ordinary(fp_bits(r))) \
			return false; \
		OWE_##operands \
		c->fp_owed = fp_op; \
		memcpy(&c->fpr[op->d], &r, 8); \
		*result = r; \
		return true; \
	} \
	static inline __attribute__((always_inline)) bool fp_##insn##s(struct ppc_context *c, const struct ppc_op *op, double a, \
	                                                               double b, double fc, double *result) \
	{ \
		uint64_t r; \
		(void)a, (void)b, (void)fc; \
		if (!(can) || !fp_fast(c) || !fp_round_single(fp_bits(value), &r) || DENORMAL_##operands) \
			return false; \
		OWE_##operands \
		c->fp_owed = fp_op | FP_SINGLE; \
		c->fpr[op->d] = r; \
		*result = fp_double(r); \
		return true; \
	} \
	static inline bool x_##insn(struct ppc_context *c, const struct ppc_op *op) \
	{ \
		double r; \
		return fp_##insn(c, op, fp_reg(c, op->a), fp_reg(c, op->b), fp_reg(c, op->c), &r); \
	} \
	static inline bool x_##insn##s(struct ppc_context *c, const struct ppc_op *op) \
	{ \
		double r; \
		return fp_##insn##s(c, op, fp_reg(c, op->a), fp_reg(c, op->b), fp_reg(c, op->c), &r); \
	}
FP_ARITH(fadd, FP_add, AB, true, a + b)
FP_ARITH(fsub, FP_sub, AB, true, a - b)
FP_ARITH(fmul, FP_mul, AC, true, a * fc)
FP_ARITH(fdiv, FP_div, AB, true, a / b)
FP_ARITH(fsqrt, FP_sqrt, B, true, fp_root(b))
FP_ARITH(fmadd, FP_madd, ABC, FP_HAS_FMA, fp_fma(a, fc, b))
FP_ARITH(fmsub, FP_msub, ABC, FP_HAS_FMA, fp_fma(a, fc, -b))
FP_ARITH(fnmadd, FP_nmadd, ABC, FP_HAS_FMA, -fp_fma(a, fc, b))
FP_ARITH(fnmsub, FP_nmsub, ABC, FP_HAS_FMA, -fp_fma(a, fc, -b))
#undef FP_ARITH

/* One operand, frB, and a result that is no double yet. */
static inline bool fp_unary_done(struct ppc_context *c, const struct ppc_op *op, unsigned fp_op, double b, uint64_t result)
{
	OWE_B
	c->fp_owed = (uint8_t)fp_op;
	c->fpr[op->d] = result;
	return true;
}

enum { x_frsp_op = FP_rsp, x_fres_op = FP_res, x_frsqrte_op = FP_rsqrte, x_fcfid_op = FP_cfid };
static inline bool x_frsp(struct ppc_context *c, const struct ppc_op *op)
{
	uint64_t b = c->fpr[op->b], r;
	return fp_round_single(b, &r) && fp_fast(c) && fp_unary_done(c, op, FP_rsp, fp_double(b), r);
}

/* The estimates of ordinary numbers (fres: whose reciprocal is an ordinary single) change no sticky bit. */
static inline bool x_fres(struct ppc_context *c, const struct ppc_op *op)
{
	uint64_t b = c->fpr[op->b];
	uint32_t e = b >> 52 & 0x7ff;

	if (!fp_fast(c) || UNLIKELY(e - 898 > 250))
		return false;
	return fp_unary_done(c, op, FP_res, fp_double(b), (b & FP_SIGN) | (uint64_t)(2045 - e) << 52 |
	                                                 (uint64_t)fp_res_table[b >> 45 & 127] << 29);
}

static inline bool x_frsqrte(struct ppc_context *c, const struct ppc_op *op)
{
	uint64_t b = c->fpr[op->b];
	uint32_t e = (uint32_t)(b >> 52); /* with the sign */

	if (!fp_fast(c) || UNLIKELY(e - 1 > 2045))
		return false;
	return fp_unary_done(c, op, FP_rsqrte, fp_double(b), (uint64_t)((3068 - e) >> 1) << 52 |
	                                                    (uint64_t)fp_rsqrte_table[(~e << 3 & 8) | (b >> 49 & 7)] << 32);
}

/* ---- conversions ---------------------------------------------------------------------------------------------------- */

/* |b| < 2^@bits: the host's conversion is exact or rounds as asked for. */
#define FP_TO_INT(insn, fp_op, bits, value) \
	enum { x_##insn##_op = fp_op }; \
	static inline bool x_##insn(struct ppc_context *c, const struct ppc_op *op) \
	{ \
		double d = fp_reg(c, op->b); \
		__m128d b = _mm_set_sd(d); \
		return fp_fast(c) && LIKELY((c->fpr[op->b] >> 52 & 0x7ff) < 1023 + (bits)) && \
		       fp_unary_done(c, op, fp_op, d, (uint64_t)(value)); \
	}
FP_TO_INT(fctiw, FP_ctiw, 30, _mm_cvtsd_si64(b))
FP_TO_INT(fctiwz, FP_ctiwz, 31, _mm_cvttsd_si64(b))
FP_TO_INT(fctid, FP_ctid, 62, _mm_cvtsd_si64(b))
FP_TO_INT(fctidz, FP_ctidz, 63, _mm_cvttsd_si64(b))
#undef FP_TO_INT

static inline bool x_fcfid(struct ppc_context *c, const struct ppc_op *op)
{
	uint64_t b = c->fpr[op->b];
	return fp_fast(c) && fp_unary_done(c, op, FP_cfid, fp_double(b), fp_bits((double)(int64_t)b));
}

#undef OWE_A
#undef OWE_B
#undef OWE_C
#undef OWE_AB
#undef OWE_AC
#undef OWE_ABC
#undef DENORMAL_B
#undef DENORMAL_AB
#undef DENORMAL_AC
#undef DENORMAL_ABC

/* ---- moves, compares ------------------------------------------------------------------------------------------------- */

static inline void x_fmr(struct ppc_context *c, const struct ppc_op *op) { c->fpr[op->d] = c->fpr[op->b]; }
static inline void x_fneg(struct ppc_context *c, const struct ppc_op *op) { c->fpr[op->d] = c->fpr[op->b] ^ FP_SIGN; }
static inline void x_fabs(struct ppc_context *c, const struct ppc_op *op) { c->fpr[op->d] = c->fpr[op->b] & ~FP_SIGN; }
static inline void x_fnabs(struct ppc_context *c, const struct ppc_op *op) { c->fpr[op->d] = c->fpr[op->b] | FP_SIGN; }

static inline void x_fsel(struct ppc_context *c, const struct ppc_op *op)
{
	/* frC if frA >= 0 (-0 too), frB if it is less or a NaN. */
	c->fpr[op->d] = fp_reg(c, op->a) >= 0 ? c->fpr[op->c] : c->fpr[op->b];
}

/* FPCC in FPSCR is the compare's at once; what an operation before still owes must not undo that. */
static inline bool fp_compare_quick(struct ppc_context *c, const struct ppc_op *op)
{
	bool unordered, greater, less;

	__asm__("ucomisd %4, %3" : "=@ccp"(unordered), "=@cca"(greater), "=@ccb"(less)
		: "x"(fp_reg(c, op->a)), "x"(fp_reg(c, op->b)));
	if (UNLIKELY(unordered))
		return false;
	uint32_t cc = 2u + 2u * greater + 6u * less;
	c->cr[op->d] = (uint8_t)cc;
	c->fpscr = (c->fpscr & ~FPSCR_FPCC) | cc << 12;
	c->fp_owed |= FP_CC;
	return true;
}

enum { x_fcmpu_op = FP_cmpu, x_fcmpo_op = FP_cmpo };
static inline bool x_fcmpu(struct ppc_context *c, const struct ppc_op *op) { return fp_compare_quick(c, op); }
static inline bool x_fcmpo(struct ppc_context *c, const struct ppc_op *op) { return fp_compare_quick(c, op); }

/* ---- FPSCR ------------------------------------------------------------------------------------------------------------ */

static inline void x_mffs(struct ppc_context *c, const struct ppc_op *op)
{
	fp_settle(c);
	c->fpr[op->d] = c->fpscr;
}

static inline void x_mcrfs(struct ppc_context *c, const struct ppc_op *op)
{
	fp_settle(c);
	c->cr[op->d >> 2] = fp_scr_take_field(&c->fpscr, op->a >> 2);
	fp_renew(c);
}

static inline void x_mtfsf(struct ppc_context *c, const struct ppc_op *op)
{
	uint32_t mask = 0;

	fp_settle(c);
	for (unsigned i = 0; i < 8; i++)
		if ((uint32_t)op->imm >> 17 & 0x80u >> i)
			mask |= 0xf0000000u >> 4 * i;
	c->fpscr = fp_scr_write(c->fpscr, mask, (uint32_t)c->fpr[op->b]);
	fp_renew(c);
}

static inline void x_mtfsfi(struct ppc_context *c, const struct ppc_op *op)
{
	unsigned shift = 28 - 4 * ((uint32_t)op->imm >> 23 & 7);

	fp_settle(c);
	c->fpscr = fp_scr_write(c->fpscr, 15u << shift, ((uint32_t)op->imm >> 12 & 15) << shift);
	fp_renew(c);
}

static inline void x_mtfsb0(struct ppc_context *c, const struct ppc_op *op)
{
	fp_settle(c);
	c->fpscr = fp_scr_write(c->fpscr, 0x80000000u >> op->d, 0);
	fp_renew(c);
}

static inline void x_mtfsb1(struct ppc_context *c, const struct ppc_op *op)
{
	fp_settle(c);
	c->fpscr = fp_scr_raise(c->fpscr, 0x80000000u >> op->d);
	fp_renew(c);
}

#endif
