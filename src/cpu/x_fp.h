/* src/cpu/x_fp.h - handlers of ppc_fp.def. Only interp.c includes this.
 *
 * Shape of an arithmetic handler: compute on the host; if FPSCR asks for nothing but the default (round to nearest, no exception
 * enabled, XX set already) and the result is an ordinary number, well away from the range's ends, then the host's result
 * is the processor's and no sticky bit can change: store it and owe FR, FI, FPRF. Else fp_slow().
 *
 * Single precision: the host rounds to double first. Rounding that to single differs from rounding the exact result once
 * only if the double lies exactly between two singles, so that case too goes the slow way; so do double denormals (see fp.c).
 */
#ifndef SRC_CPU_X_FP_H
#define SRC_CPU_X_FP_H

#include <emmintrin.h>
#include <math.h>

#include "src/cpu/fp.h"
#include "src/cpu/insn.h"

/* ---- what the fast way needs --------------------------------------------------------------------------------------- */

static inline bool fp_fast(const struct ppc_context *c)
{
	return LIKELY((c->fpscr & (FPSCR_XX | FPSCR_MODE)) == FPSCR_XX);
}

/* Exponent field 2..2046: neither zero, denormal, infinite, NaN, nor the least normal (to which a tiny number may have been rounded). */
static inline bool fp_ordinary(uint64_t bits)
{
	return LIKELY((uint32_t)((bits >> 52 & 0x7ff) - 2) < 0x7fd);
}

/* Rounds a double to single, in double format; false if that takes a closer look. */
static inline bool fp_round_single(uint64_t bits, uint64_t *single)
{
	*single = (bits + 0x10000000) & ~UINT64_C(0x1fffffff);
	return LIKELY((bits & 0x1fffffff) != 0x10000000 && (uint32_t)((*single >> 52 & 0x7ff) - 898) < 253);
}

/* Less than FP_DENORMALS for double denormals alone (for zero it wraps). */
#define FP_DENORMALS UINT64_C(0x001fffffffffffff)
static inline uint64_t fp_key(uint64_t bits) { return (bits << 1) - 1; }
static inline uint64_t fp_least(uint64_t x, uint64_t y) { return x < y ? x : y; }

static inline void fp_owe(struct ppc_context *c, unsigned op, uint64_t a, uint64_t b, uint64_t fc)
{
	c->fp_owed = (uint8_t)op;
	c->fp_operand[0] = a;
	c->fp_operand[1] = b;
	c->fp_operand[2] = fc;
}

/* fma() through the instruction where the host has it: both round once. */
static inline double fp_fma(double a, double b, double c)
{
#ifdef __FMA__
	return __builtin_fma(a, b, c);
#else
	if (LIKELY(__builtin_cpu_supports("fma"))) {
		__asm__("vfmadd213sd %2, %1, %0" : "+x"(a) : "x"(b), "x"(c));
		return a;
	}
	return fma(a, b, c);
#endif
}

static inline double fp_sqrt(double b) { return _mm_cvtsd_f64(_mm_sqrt_sd(_mm_setzero_pd(), _mm_set_sd(b))); }

/* ---- arithmetic ------------------------------------------------------------------------------------------------------ */

/* Which operands an operation reads: the least of their keys. */
#define FP_B fp_key(vb)
#define FP_AB fp_least(fp_key(va), fp_key(vb))
#define FP_AC fp_least(fp_key(va), fp_key(vc))
#define FP_ABC fp_least(FP_AB, fp_key(vc))

/* The two handlers x_@name and x_@name@s: a, b, fc are the operands as doubles, @value the host's way. */
#define FP_ARITH(insn, fp_op, operands, value) \
	static inline void x_##insn(struct ppc_context *c, const struct ppc_op *op) \
	{ \
		uint64_t va = c->fpr[op->a], vb = c->fpr[op->b], vc = c->fpr[op->c]; \
		double a = fp_double(va), b = fp_double(vb), fc = fp_double(vc); \
		uint64_t r = fp_bits(value); \
		(void)a, (void)b, (void)fc; \
		if (fp_fast(c) && fp_ordinary(r)) { \
			c->fpr[op->d] = r; \
			fp_owe(c, fp_op, va, vb, vc); \
		} else { \
			fp_slow(c, op, fp_op); \
		} \
	} \
	static inline void x_##insn##s(struct ppc_context *c, const struct ppc_op *op) \
	{ \
		uint64_t va = c->fpr[op->a], vb = c->fpr[op->b], vc = c->fpr[op->c], r; \
		double a = fp_double(va), b = fp_double(vb), fc = fp_double(vc); \
		(void)a, (void)b, (void)fc; \
		if (fp_round_single(fp_bits(value), &r) && fp_fast(c) && LIKELY(operands >= FP_DENORMALS)) { \
			c->fpr[op->d] = r; \
			fp_owe(c, fp_op | FP_SINGLE, va, vb, vc); \
		} else { \
			fp_slow(c, op, fp_op | FP_SINGLE); \
		} \
	}
FP_ARITH(fadd, FP_add, FP_AB, a + b)
FP_ARITH(fsub, FP_sub, FP_AB, a - b)
FP_ARITH(fmul, FP_mul, FP_AC, a * fc)
FP_ARITH(fdiv, FP_div, FP_AB, a / b)
FP_ARITH(fsqrt, FP_sqrt, FP_B, fp_sqrt(b))
FP_ARITH(fmadd, FP_madd, FP_ABC, fp_fma(a, fc, b))
FP_ARITH(fmsub, FP_msub, FP_ABC, fp_fma(a, fc, -b))
FP_ARITH(fnmadd, FP_nmadd, FP_ABC, -fp_fma(a, fc, b))
FP_ARITH(fnmsub, FP_nmsub, FP_ABC, -fp_fma(a, fc, -b))
#undef FP_ARITH

static inline void x_frsp(struct ppc_context *c, const struct ppc_op *op)
{
	uint64_t b = c->fpr[op->b], r;

	if (fp_round_single(b, &r) && fp_fast(c)) {
		c->fpr[op->d] = r;
		fp_owe(c, FP_rsp, 0, b, 0);
	} else {
		fp_slow(c, op, FP_rsp);
	}
}

static inline void x_fres(struct ppc_context *c, const struct ppc_op *op) { fp_slow(c, op, FP_res); }
static inline void x_frsqrte(struct ppc_context *c, const struct ppc_op *op) { fp_slow(c, op, FP_rsqrte); }

/* ---- conversions ---------------------------------------------------------------------------------------------------- */

/* |b| < 2^@bits: the host's conversion is exact or rounds as asked for. */
#define FP_TO_INT(insn, fp_op, bits, value) \
	static inline void x_##insn(struct ppc_context *c, const struct ppc_op *op) \
	{ \
		uint64_t vb = c->fpr[op->b]; \
		__m128d b = _mm_set_sd(fp_double(vb)); \
		if (fp_fast(c) && LIKELY((vb >> 52 & 0x7ff) < 1023 + (bits))) { \
			c->fpr[op->d] = (uint64_t)(value); \
			fp_owe(c, fp_op, 0, vb, 0); \
		} else { \
			fp_slow(c, op, fp_op); \
		} \
	}
FP_TO_INT(fctiw, FP_ctiw, 30, _mm_cvtsd_si64(b))
FP_TO_INT(fctiwz, FP_ctiwz, 31, _mm_cvttsd_si64(b))
FP_TO_INT(fctid, FP_ctid, 62, _mm_cvtsd_si64(b))
FP_TO_INT(fctidz, FP_ctidz, 63, _mm_cvttsd_si64(b))
#undef FP_TO_INT

static inline void x_fcfid(struct ppc_context *c, const struct ppc_op *op)
{
	uint64_t b = c->fpr[op->b];

	if (fp_fast(c)) {
		c->fpr[op->d] = fp_bits((double)(int64_t)b);
		fp_owe(c, FP_cfid, 0, b, 0);
	} else {
		fp_slow(c, op, FP_cfid);
	}
}

/* ---- moves, compares ------------------------------------------------------------------------------------------------- */

static inline void x_fmr(struct ppc_context *c, const struct ppc_op *op) { c->fpr[op->d] = c->fpr[op->b]; }
static inline void x_fneg(struct ppc_context *c, const struct ppc_op *op) { c->fpr[op->d] = c->fpr[op->b] ^ FP_SIGN; }
static inline void x_fabs(struct ppc_context *c, const struct ppc_op *op) { c->fpr[op->d] = c->fpr[op->b] & ~FP_SIGN; }
static inline void x_fnabs(struct ppc_context *c, const struct ppc_op *op) { c->fpr[op->d] = c->fpr[op->b] | FP_SIGN; }

static inline void x_fsel(struct ppc_context *c, const struct ppc_op *op)
{
	/* frC if frA >= 0 (-0 too), frB if it is less or a NaN. */
	c->fpr[op->d] = fp_double(c->fpr[op->a]) >= 0 ? c->fpr[op->c] : c->fpr[op->b];
}

static inline void fp_compare_to(struct ppc_context *c, const struct ppc_op *op, bool ordered)
{
	double a = fp_double(c->fpr[op->a]), b = fp_double(c->fpr[op->b]);
	uint8_t cc;

	if (LIKELY(a == a && b == b)) {
		cc = (uint8_t)((a < b) << 3 | (a > b) << 2 | (a == b) << 1);
		c->fpscr = (c->fpscr & ~FPSCR_FPCC) | (uint32_t)cc << 12;
	} else {
		cc = fp_compare(&c->fpscr, c->fpr[op->a], c->fpr[op->b], ordered);
	}
	c->cr[op->d] = cc;
	if (c->fp_owed)
		c->fp_owed |= FP_CC;
}

static inline void x_fcmpu(struct ppc_context *c, const struct ppc_op *op) { fp_compare_to(c, op, false); }
static inline void x_fcmpo(struct ppc_context *c, const struct ppc_op *op) { fp_compare_to(c, op, true); }

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
}

static inline void x_mtfsf(struct ppc_context *c, const struct ppc_op *op)
{
	uint32_t mask = 0;

	fp_settle(c);
	for (unsigned i = 0; i < 8; i++)
		if ((uint32_t)op->imm >> 17 & 0x80u >> i)
			mask |= 0xf0000000u >> 4 * i;
	c->fpscr = fp_scr_write(c->fpscr, mask, (uint32_t)c->fpr[op->b]);
}

static inline void x_mtfsfi(struct ppc_context *c, const struct ppc_op *op)
{
	unsigned shift = 28 - 4 * ((uint32_t)op->imm >> 23 & 7);

	fp_settle(c);
	c->fpscr = fp_scr_write(c->fpscr, 15u << shift, ((uint32_t)op->imm >> 12 & 15) << shift);
}

static inline void x_mtfsb0(struct ppc_context *c, const struct ppc_op *op)
{
	fp_settle(c);
	c->fpscr = fp_scr_write(c->fpscr, 0x80000000u >> op->d, 0);
}

static inline void x_mtfsb1(struct ppc_context *c, const struct ppc_op *op)
{
	fp_settle(c);
	c->fpscr = fp_scr_raise(c->fpscr, 0x80000000u >> op->d);
}

#endif
