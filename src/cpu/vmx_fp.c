/* src/cpu/vmx_fp.c - AltiVec and VMX128 floating point but for the estimates: arithmetic, compares, rounding, conversions.
 *
 * Rounding is to nearest. There are no exceptions; a NaN among the operands is the result, made quiet, the manual's first one
 * winning; an invalid operation gives the default NaN. With VSCR.NJ set a denormal operand or result counts as a zero of its sign.
 */
#include "config.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

#include "src/cpu/vmx.h"

typedef double vd64 __attribute__((vector_size(16), may_alias));

#define ARGS union ppc_vr *d, const union ppc_vr *a, const union ppc_vr *b, uint32_t *vscr
#define ARGS_C union ppc_vr *d, const union ppc_vr *a, const union ppc_vr *b, const union ppc_vr *c, uint32_t *vscr
#define ARGS_B union ppc_vr *d, const union ppc_vr *b, uint32_t *vscr
#define ARGS_BU union ppc_vr *d, const union ppc_vr *b, unsigned uimm, uint32_t *vscr

#define SIGN 0x80000000u
#define QUIET 0x00400000u
#define DEFAULT_NAN 0x7fc00000u
#define LEAST_NORMAL 0x00800000
#define SPLAT(T, v) ((T){ v, v, v, v })

static inline bool any(vs32 mask)
{
#ifdef __SSE2__
	return _mm_movemask_ps((__m128)mask) != 0;
#else
	return (((vu64)mask)[0] | ((vu64)mask)[1]) != 0;
#endif
}

static inline vf32 flush(vf32 v)
{
	vs32 tiny = ((vs32)v & 0x7f800000) == 0;
	return (vf32)((vs32)v & ~(tiny & 0x7fffffff));
}

static inline vf32 operand(const union ppc_vr *p, bool nj)
{
	vf32 v = VMX_GET(vf32, p);
	return nj ? flush(v) : v;
}

static inline vf32 quiet(vf32 v)
{
	return (vf32)((vu32)v | QUIET);
}

/* The NaNs in @r replaced by what the operands ask for: x goes before y before z. */
static vf32 nan_of(vf32 r, vf32 x, vf32 y, vf32 z)
{
	r = VMX_SELECT(vf32, r != r, SPLAT(vu32, DEFAULT_NAN), r);
	r = VMX_SELECT(vf32, z != z, quiet(z), r);
	r = VMX_SELECT(vf32, y != y, quiet(y), r);
	return VMX_SELECT(vf32, x != x, quiet(x), r);
}

/* Arithmetic is tried as the host does it. Only if a denormal or a NaN shows up anywhere is it done again by the book. */
#define COLD __attribute__((cold, noinline))

/* v + v drops the sign and the sum puts zero last, denormals first in the order of signed numbers. */
static inline vs32 rank(vf32 v)
{
	return (vs32)((vu32)v + (vu32)v + 0x7fffffff);
}

#define FIRST_NORMAL (int32_t)0x80ffffff

static inline vs32 denormal(vf32 v)
{
	return rank(v) < FIRST_NORMAL;
}

/* ---- add, subtract, multiply --------------------------------------------------------------------------------------------- */

#define ARITHMETIC(name, op) \
	static COLD void name##_odd(ARGS) \
	{ \
		bool nj = *vscr & PPC_VSCR_NJ; \
		vf32 x = operand(a, nj), y = operand(b, nj), r = x op y; \
		if (nj) \
			r = flush(r); \
		VMX_PUT(vf32, d) = nan_of(r, x, y, y); \
	} \
	void vmx_##name(ARGS) \
	{ \
		vf32 x = VMX_GET(vf32, a), y = VMX_GET(vf32, b), r = x op y; \
		vs32 odd = denormal(x) | denormal(y) | denormal(r) | (r != r); \
		if (UNLIKELY(any(odd))) \
			name##_odd(d, a, b, vscr); \
		else \
			VMX_PUT(vf32, d) = r; \
	}
ARITHMETIC(addfp, +)
ARITHMETIC(subfp, -)
ARITHMETIC(mulfp, *)

/* ---- fused multiply and add ------------------------------------------------------------------------------------------------
 *
 * The product of two singles is exact as a double; the sum with a third is not, and rounding it again to single could round
 * twice in one direction. So the sum is rounded to odd: if it is not exact, its last bit is made 1, which keeps it off every
 * point where the second rounding decides. */

float vmx_fused(float a, float c, float b)
{
	double p = (double)a * (double)c, s = p + (double)b;
	double q = s - p, e = (p - (s - q)) + ((double)b - q);
	uint64_t bits;
	memcpy(&bits, &s, 8);
	if ((bits << 1) >= UINT64_C(0xffe0000000000000) || e == 0 || (bits & 1))
		return (float)s;
	bits += (e > 0) == !(bits >> 63) ? 1 : UINT64_MAX;
	memcpy(&s, &bits, 8);
	return (float)s;
}

#define WIDEN_LOW(v) __builtin_convertvector(__builtin_shufflevector(v, v, 0, 1), vd64)
#define WIDEN_HIGH(v) __builtin_convertvector(__builtin_shufflevector(v, v, 2, 3), vd64)
typedef float vf32_half __attribute__((vector_size(8)));

/* Plain rounding twice is wrong only where the first hit a tie of the second, or where the single is denormal. */
static vf32 fused(vf32 x, vf32 z, vf32 y)
{
	vd64 low = WIDEN_LOW(x) * WIDEN_LOW(z) + WIDEN_LOW(y), high = WIDEN_HIGH(x) * WIDEN_HIGH(z) + WIDEN_HIGH(y);
	vf32_half r_low = __builtin_convertvector(low, vf32_half), r_high = __builtin_convertvector(high, vf32_half);
	vf32 r = __builtin_shufflevector(r_low, r_high, 0, 1, 2, 3);
	vu32 last = __builtin_shufflevector((vu32)low, (vu32)high, 0, 2, 4, 6);
	vu32 first = __builtin_shufflevector((vu32)low, (vu32)high, 1, 3, 5, 7);
	vs32 tie = (last & 0x1fffffff) == 0x10000000;
	vs32 tiny = ((vs32)r & 0x7fffffff) <= LEAST_NORMAL, zero = (last | first << 1) == 0;
	vs32 doubt = tie | (tiny & ~zero);
	if (UNLIKELY(any(doubt)))
		for (unsigned i = 0; i < 4; i++)
			if (doubt[i])
				r[i] = vmx_fused(x[i], z[i], y[i]);
	return r;
}

/* -(a * c - b) is the same with the signs of b and of the result turned, but for NaNs: they keep theirs. */
static COLD void multiply_add_odd(ARGS_C, uint32_t turn)
{
	bool nj = *vscr & PPC_VSCR_NJ;
	vf32 x = operand(a, nj), y = operand(b, nj), z = operand(c, nj);
	vf32 r = (vf32)((vu32)fused(x, z, (vf32)((vu32)y ^ turn)) ^ turn);
	if (nj)
		r = flush(r);
	VMX_PUT(vf32, d) = nan_of(r, x, y, z);
}

#define MULTIPLY_ADD(fuse, is_odd, turn) \
	vf32 x = VMX_GET(vf32, a), y = VMX_GET(vf32, b), z = VMX_GET(vf32, c); \
	vf32 r = (vf32)((vu32)fuse(x, z, (vf32)((vu32)y ^ (turn))) ^ (turn)); \
	vs32 odd = is_odd | (r != r); \
	if (UNLIKELY(any(odd))) \
		multiply_add_odd(d, a, b, c, vscr, turn); \
	else \
		VMX_PUT(vf32, d) = r

#ifdef __x86_64__
#define FMA(x, z, y) (vf32)_mm_fmadd_ps((__m128)(x), (__m128)(z), (__m128)(y))
#define LEAST(v, w) (vs32)_mm_min_epi32((__m128i)(v), (__m128i)(w))
#define ODD_FMA (LEAST(LEAST(rank(x), rank(y)), LEAST(rank(z), rank(r))) < FIRST_NORMAL)
#define HAS_FMA __builtin_cpu_supports("fma")

__attribute__((target("fma")))
static void maddfp_fma(ARGS_C)
{
	MULTIPLY_ADD(FMA, ODD_FMA, 0);
}

__attribute__((target("fma")))
static void nmsubfp_fma(ARGS_C)
{
	MULTIPLY_ADD(FMA, ODD_FMA, SIGN);
}
#else
#define HAS_FMA 0
#define maddfp_fma vmx_maddfp_portable
#define nmsubfp_fma vmx_nmsubfp_portable
#endif

#define ODD (denormal(x) | denormal(y) | denormal(z) | denormal(r))

void vmx_maddfp_portable(ARGS_C)
{
	MULTIPLY_ADD(fused, ODD, 0);
}

void vmx_nmsubfp_portable(ARGS_C)
{
	MULTIPLY_ADD(fused, ODD, SIGN);
}

void vmx_maddfp(ARGS_C)
{
	if (HAS_FMA)
		maddfp_fma(d, a, b, c, vscr);
	else
		vmx_maddfp_portable(d, a, b, c, vscr);
}

void vmx_nmsubfp(ARGS_C)
{
	if (HAS_FMA)
		nmsubfp_fma(d, a, b, c, vscr);
	else
		vmx_nmsubfp_portable(d, a, b, c, vscr);
}

/* Dot product of the first @n elements (big-endian count), to all elements. The products are exact; their sum, made in double from the
 * first to the last, is rounded to single at the end. DEBT(vmx128-unverified): where the hardware rounds in between is not known. */
static void dot(union ppc_vr *d, const union ppc_vr *a, const union ppc_vr *b, unsigned n, uint32_t *vscr)
{
	bool nj = *vscr & PPC_VSCR_NJ;
	vf32 x = operand(a, nj), y = operand(b, nj);
	double sum = (double)x[3] * (double)y[3];
	for (unsigned i = 1; i < n; i++)
		sum += (double)x[3 - i] * (double)y[3 - i];
	vf32 r = SPLAT(vf32, (float)sum);
	if (nj)
		r = flush(r);
	if (UNLIKELY(sum != sum)) {
		uint32_t nan = DEFAULT_NAN;
		for (unsigned i = 4 - n; i < 4; i++) {
			nan = y[i] != y[i] ? ((vu32)y)[i] | QUIET : nan;
			nan = x[i] != x[i] ? ((vu32)x)[i] | QUIET : nan;
		}
		r = (vf32)SPLAT(vu32, nan);
	}
	VMX_PUT(vf32, d) = r;
}

void vmx_msum3fp(ARGS)
{
	dot(d, a, b, 3, vscr);
}

void vmx_msum4fp(ARGS)
{
	dot(d, a, b, 4, vscr);
}

/* ---- maximum, minimum, compare. The manual's order: +0 is more than -0 for these two. ------------------------------------------ */

/* @equal: & or |, which takes the wanted zero out of two that compare equal. */
#define EXTREME(name, op, equal) \
	void vmx_##name(ARGS) \
	{ \
		bool nj = *vscr & PPC_VSCR_NJ; \
		vf32 x = operand(a, nj), y = operand(b, nj), r = VMX_SELECT(vf32, x op y, x, y); \
		r = VMX_SELECT(vf32, x == y, (vu32)x equal (vu32)y, r); \
		if (UNLIKELY(any((x != x) | (y != y)))) \
			r = nan_of(r, x, y, y); \
		VMX_PUT(vf32, d) = r; \
	}
EXTREME(maxfp, >, &)
EXTREME(minfp, <, |)

#define COMPARE(name, op) \
	void vmx_##name(ARGS) \
	{ \
		bool nj = *vscr & PPC_VSCR_NJ; \
		VMX_PUT(vs32, d) = operand(a, nj) op operand(b, nj); \
	}
COMPARE(cmpeqfp, ==)
COMPARE(cmpgefp, >=)
COMPARE(cmpgtfp, >)

/* Bounds: bit 0 (big-endian) says a > b, bit 1 says a < -b; both if there is no order. */
void vmx_cmpbfp(ARGS)
{
	bool nj = *vscr & PPC_VSCR_NJ;
	vf32 x = operand(a, nj), y = operand(b, nj), minus_y = (vf32)((vu32)y ^ SIGN);
	vu32 above = ~(vu32)(x <= y) & SIGN, below = ~(vu32)(x >= minus_y) & (SIGN >> 1);
	VMX_PUT(vu32, d) = above | below;
}

/* ---- round to an integral value ---------------------------------------------------------------------------------------------- */

#define ALL_INTEGRAL 8388608.0f /* 2^23: from here on there are no fractions */

/* @n: magnitude to nearest. @adjust: what is to be taken away from it, in terms of x (signed), m (its magnitude) and n. */
#define ROUND(name, adjust) \
	void vmx_##name(ARGS_B) \
	{ \
		vf32 x = operand(b, *vscr & PPC_VSCR_NJ), m = (vf32)((vu32)x & ~SIGN), n = (m + ALL_INTEGRAL) - ALL_INTEGRAL; \
		vu32 sign = (vu32)x & SIGN; \
		vf32 one = SPLAT(vf32, 1.0f), r = n - (vf32)(adjust); \
		(void)one; \
		r = (vf32)((vu32)r | sign); \
		r = VMX_SELECT(vf32, m < ALL_INTEGRAL, r, x); \
		VMX_PUT(vf32, d) = VMX_SELECT(vf32, x != x, quiet(x), r); \
	}
#define NEGATIVE ((vs32)x < 0)
#define TOO_BIG ((vu32)one & (vu32)(n > m))
#define TOO_SMALL ((vu32)-one & (vu32)(n < m))
ROUND(rfin, (vu32){ 0 })
ROUND(rfiz, TOO_BIG)
ROUND(rfim, VMX_SELECT(vu32, NEGATIVE, TOO_SMALL, TOO_BIG))
ROUND(rfip, VMX_SELECT(vu32, NEGATIVE, TOO_BIG, TOO_SMALL))

/* ---- conversions ---------------------------------------------------------------------------------------------------------------- */

static inline vf32 power_of_two(int n)
{
	return (vf32)SPLAT(vu32, (uint32_t)(127 + n) << 23);
}

/* To integers, times 2^uimm, towards zero; saturated; a NaN is 0, which does not set SAT. */
void vmx_ctsxs(ARGS_BU)
{
	vf32 x = VMX_GET(vf32, b) * power_of_two((int)uimm);
	vs32 over = x >= 0x1p31f, under = x < -0x1p31f, inside = (x < 0x1p31f) & (x >= -0x1p31f);
	vs32 r = __builtin_convertvector((vf32)((vs32)x & inside), vs32);
	if (any(over | under))
		*vscr |= PPC_VSCR_SAT;
	r = VMX_SELECT(vs32, over, SPLAT(vs32, INT32_MAX), r);
	VMX_PUT(vs32, d) = VMX_SELECT(vs32, under, SPLAT(vs32, INT32_MIN), r);
}

void vmx_ctuxs(ARGS_BU)
{
	vf32 x = VMX_GET(vf32, b) * power_of_two((int)uimm);
	vs32 over = x >= 0x1p32f, under = x <= -1.0f, inside = (x < 0x1p32f) & (x >= 0.0f), upper = (x >= 0x1p31f) & inside;
	vf32 lower = (vf32)((vs32)x & inside) - (vf32)((vs32)SPLAT(vf32, 0x1p31f) & upper);
	vu32 r = (vu32)__builtin_convertvector(lower, vs32) ^ ((vu32)upper & SIGN);
	if (any(over | under))
		*vscr |= PPC_VSCR_SAT;
	VMX_PUT(vu32, d) = r | (vu32)over;
}

/* From integers, divided by 2^uimm: rounded by the conversion alone. */
void vmx_cfsx(ARGS_BU)
{
	(void)vscr;
	VMX_PUT(vf32, d) = __builtin_convertvector(VMX_GET(vs32, b), vf32) * power_of_two(-(int)uimm);
}

void vmx_cfux(ARGS_BU)
{
	vu32 x = VMX_GET(vu32, b);
	vf32 high = __builtin_convertvector((vs32)(x >> 16), vf32), low = __builtin_convertvector((vs32)(x & 0xffff), vf32);
	(void)vscr;
	VMX_PUT(vf32, d) = (high * 0x1p16f + low) * power_of_two(-(int)uimm);
}
