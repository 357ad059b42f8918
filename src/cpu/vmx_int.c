/* src/cpu/vmx_int.c - AltiVec integer arithmetic that is more than one expression: saturation, products and sums, shifts.
 * A result is stored as a whole: a processor stalls when it loads 16 bytes that were stored in pieces just before. */
#include "config.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "src/cpu/vmx.h"

static inline bool any(vu64 m)
{
	return (m[0] | m[1]) != 0;
}

/* ---- saturating add and subtract -------------------------------------------------------------------------------------- */

#define ARGS union ppc_vr *d, const union ppc_vr *a, const union ppc_vr *b, uint32_t *vscr

#define UNSIGNED_SUM(name, T) \
	void vmx_##name(ARGS) \
	{ \
		T x = VMX_GET(T, a), y = VMX_GET(T, b), r = x + y, over = (T)(r < x); \
		if (any((vu64)over)) \
			*vscr |= PPC_VSCR_SAT; \
		VMX_PUT(T, d) = r | over; \
	}
#define UNSIGNED_DIFFERENCE(name, T) \
	void vmx_##name(ARGS) \
	{ \
		T x = VMX_GET(T, a), y = VMX_GET(T, b), under = (T)(x < y); \
		if (any((vu64)under)) \
			*vscr |= PPC_VSCR_SAT; \
		VMX_PUT(T, d) = (x - y) & ~under; \
	}
/* S: the signed type of the same width. @over_sign: an expression whose sign bit tells overflow. The limit has x's sign. */
#define SIGNED_SUM(name, T, S, max, op, over_sign) \
	void vmx_##name(ARGS) \
	{ \
		T x = VMX_GET(T, a), y = VMX_GET(T, b), r = x op y; \
		T over = (T)((S)(over_sign) < (S){ 0 }), limit = (T)((S)x < (S){ 0 }) ^ max; \
		if (any((vu64)over)) \
			*vscr |= PPC_VSCR_SAT; \
		VMX_PUT(T, d) = VMX_SELECT(T, over, limit, r); \
	}
UNSIGNED_SUM(addubs, vu8)
UNSIGNED_SUM(adduhs, vu16)
UNSIGNED_SUM(adduws, vu32)
UNSIGNED_DIFFERENCE(sububs, vu8)
UNSIGNED_DIFFERENCE(subuhs, vu16)
UNSIGNED_DIFFERENCE(subuws, vu32)
SIGNED_SUM(addsbs, vu8, vs8, 0x7f, +, ~(x ^ y) & (x ^ r))
SIGNED_SUM(addshs, vu16, vs16, 0x7fff, +, ~(x ^ y) & (x ^ r))
SIGNED_SUM(addsws, vu32, vs32, 0x7fffffff, +, ~(x ^ y) & (x ^ r))
SIGNED_SUM(subsbs, vu8, vs8, 0x7f, -, (x ^ y) & (x ^ r))
SIGNED_SUM(subshs, vu16, vs16, 0x7fff, -, (x ^ y) & (x ^ r))
SIGNED_SUM(subsws, vu32, vs32, 0x7fffffff, -, (x ^ y) & (x ^ r))

static int32_t clamp(int64_t v, int64_t low, int64_t high, uint32_t *vscr)
{
	if (v >= low && v <= high)
		return (int32_t)v;
	*vscr |= PPC_VSCR_SAT;
	return (int32_t)(v < low ? low : high);
}

/* ---- products. Even elements (big-endian count) lie in the upper half of each pair, odd ones in the lower. --------------- */

#define PRODUCT(name, W, even, odd, shift) \
	void vmx_mule##name(ARGS) \
	{ \
		(void)vscr; \
		VMX_PUT(W, d) = even(VMX_GET(W, a)) * even(VMX_GET(W, b)); \
	} \
	void vmx_mulo##name(ARGS) \
	{ \
		(void)vscr; \
		VMX_PUT(W, d) = odd(VMX_GET(W, a)) * odd(VMX_GET(W, b)); \
	}
#define EVEN8(v) ((v) >> 8)
#define ODD_UNSIGNED8(v) ((v) & 0xff)
#define ODD_SIGNED8(v) ((vs16)((vu16)(v) << 8) >> 8)
#define EVEN16(v) ((v) >> 16)
#define ODD_UNSIGNED16(v) ((v) & 0xffff)
#define ODD_SIGNED16(v) ((vs32)((vu32)(v) << 16) >> 16)
PRODUCT(ub, vu16, EVEN8, ODD_UNSIGNED8, 8)
PRODUCT(sb, vs16, EVEN8, ODD_SIGNED8, 8)
PRODUCT(uh, vu32, EVEN16, ODD_UNSIGNED16, 16)
PRODUCT(sh, vs32, EVEN16, ODD_SIGNED16, 16)

#define ARGS_C union ppc_vr *d, const union ppc_vr *a, const union ppc_vr *b, const union ppc_vr *c, uint32_t *vscr

static void multiply_high(union ppc_vr *d, const union ppc_vr *a, const union ppc_vr *b, const union ppc_vr *c, int32_t round,
                          uint32_t *vscr)
{
	union ppc_vr r;
	for (unsigned i = 0; i < 8; i++) {
		int32_t product = ((int16_t)a->h[i] * (int16_t)b->h[i] + round) >> 15;
		r.h[i] = (uint16_t)clamp((int64_t)product + (int16_t)c->h[i], INT16_MIN, INT16_MAX, vscr);
	}
	*d = r;
}

void vmx_mhaddshs(ARGS_C)
{
	multiply_high(d, a, b, c, 0, vscr);
}

void vmx_mhraddshs(ARGS_C)
{
	multiply_high(d, a, b, c, 0x4000, vscr);
}

void vmx_mladduhm(ARGS_C)
{
	(void)vscr;
	VMX_PUT(vu16, d) = VMX_GET(vu16, a) * VMX_GET(vu16, b) + VMX_GET(vu16, c);
}

/* Sums of the products of a word's bytes or halfwords, and the third operand's word. TA, TB: types of the factors. */
#define SUM_OF_PRODUCTS(name, member, n, TA, TB, TC, finish) \
	void vmx_##name(ARGS_C) \
	{ \
		vu32 r = { 0 }; \
		(void)vscr; \
		for (unsigned i = 0; i < 4; i++) { \
			int64_t sum = (TC)c->w[i]; \
			for (unsigned k = 0; k < n; k++) \
				sum += (int64_t)(TA)a->member[n * i + k] * (TB)b->member[n * i + k]; \
			r[i] = (uint32_t)(finish); \
		} \
		VMX_PUT(vu32, d) = r; \
	}
SUM_OF_PRODUCTS(msumubm, b, 4, uint8_t, uint8_t, uint32_t, sum)
SUM_OF_PRODUCTS(msummbm, b, 4, int8_t, uint8_t, int32_t, sum)
SUM_OF_PRODUCTS(msumuhm, h, 2, uint16_t, uint16_t, uint32_t, sum)
SUM_OF_PRODUCTS(msumshm, h, 2, int16_t, int16_t, int32_t, sum)
SUM_OF_PRODUCTS(msumshs, h, 2, int16_t, int16_t, int32_t, clamp(sum, INT32_MIN, INT32_MAX, vscr))
SUM_OF_PRODUCTS(msumuhs, h, 2, uint16_t, uint16_t, uint32_t, clamp(sum, 0, UINT32_MAX, vscr))

/* ---- sums across ---------------------------------------------------------------------------------------------------------- */

/* Of @words words each, into the last of them (host: the lowest); the others become zero. */
static void sum_words(union ppc_vr *d, const union ppc_vr *a, const union ppc_vr *b, unsigned words, uint32_t *vscr)
{
	vu32 r = { 0 };
	for (unsigned i = 0; i < 4; i += words) {
		int64_t sum = (int32_t)b->w[i];
		for (unsigned k = 0; k < words; k++)
			sum += (int32_t)a->w[i + k];
		r[i] = (uint32_t)clamp(sum, INT32_MIN, INT32_MAX, vscr);
	}
	VMX_PUT(vu32, d) = r;
}

void vmx_sumsws(ARGS)
{
	sum_words(d, a, b, 4, vscr);
}

void vmx_sum2sws(ARGS)
{
	sum_words(d, a, b, 2, vscr);
}

#define SUM_INSIDE(name, member, n, TA, TB, low, high) \
	void vmx_##name(ARGS) \
	{ \
		vu32 r = { 0 }; \
		for (unsigned i = 0; i < 4; i++) { \
			int64_t sum = (TB)b->w[i]; \
			for (unsigned k = 0; k < n; k++) \
				sum += (TA)a->member[n * i + k]; \
			r[i] = (uint32_t)clamp(sum, low, high, vscr); \
		} \
		VMX_PUT(vu32, d) = r; \
	}
SUM_INSIDE(sum4ubs, b, 4, uint8_t, uint32_t, 0, UINT32_MAX)
SUM_INSIDE(sum4sbs, b, 4, int8_t, int32_t, INT32_MIN, INT32_MAX)
SUM_INSIDE(sum4shs, h, 2, int16_t, int32_t, INT32_MIN, INT32_MAX)

/* ---- shifts and rotates of each element by its own count --------------------------------------------------------------------
 *
 * Baseline x86-64 shifts all elements by one count. A shift is therefore a multiplication by a power of two, whose 64-bit product
 * holds the shifted word in its lower half, what has left it in its upper. */

struct products {
	vu64 even, odd;       /* of words 0 and 2; 1 and 3 */
};

static inline struct products multiply(vu32 x, vu32 y)
{
#ifdef __SSE2__
	__m128i odd = _mm_mul_epu32((__m128i)((vu64)x >> 32), (__m128i)((vu64)y >> 32));
	return (struct products){ (vu64)_mm_mul_epu32((__m128i)x, (__m128i)y), (vu64)odd };
#else
	return (struct products){ { (uint64_t)x[0] * y[0], (uint64_t)x[2] * y[2] }, { (uint64_t)x[1] * y[1], (uint64_t)x[3] * y[3] } };
#endif
}

/* 2^s in each word, 0 <= s <= 31: the exponent of a float. (2^31 is out of a signed word's range, but has the right bits, too.) */
static inline vu32 power_of_two(vu32 s)
{
#ifdef __SSE2__
	return (vu32)_mm_cvttps_epi32((__m128)((s + 127) << 23));
#else
	return (vu32){ 1, 1, 1, 1 } << s;
#endif
}

static inline vu32 shift_left(vu32 x, vu32 s)
{
	struct products p = multiply(x, power_of_two(s));
	return (vu32)((p.even & 0xffffffff) | p.odd << 32);
}

static inline vu32 shift_right(vu32 x, vu32 s)
{
	struct products p = multiply(x, power_of_two(31 - s));
	return (vu32)((p.even >> 31 & 0xffffffff) | (p.odd >> 31) << 32);
}

static inline vu32 shift_right_signed(vu32 x, vu32 s)
{
	vu32 sign = (vu32)((vs32)x < 0);
	return shift_right(x ^ sign, s) ^ sign;
}

static inline vu32 rotate_left(vu32 x, vu32 s)
{
	struct products p = multiply(x, power_of_two(s));
	return (vu32)(((p.even | p.even >> 32) & 0xffffffff) | ((p.odd | p.odd << 32) >> 32 << 32));
}

/* Elements of 8 and 16 bits take turns in the words. @x: the element, alone in its word; @s: its count. */
#define EACH(name, bits, expr) \
	void vmx_##name(ARGS) \
	{ \
		const vu32 from = VMX_GET(vu32, a), count = VMX_GET(vu32, b); \
		vu32 r = { 0 }; \
		(void)vscr; \
		for (unsigned at = 0; at < 32; at += bits) { \
			vu32 x = from >> at & (UINT32_MAX >> (32 - bits)), s = count >> at & (bits - 1); \
			r |= ((expr) & (UINT32_MAX >> (32 - bits))) << at; \
		} \
		VMX_PUT(vu32, d) = r; \
	}
EACH(rlb, 8, shift_left(x << 8 | x, s) >> 8)
EACH(rlh, 16, shift_left(x << 16 | x, s) >> 16)
EACH(rlw, 32, rotate_left(x, s))
EACH(slb, 8, shift_left(x, s))
EACH(slh, 16, shift_left(x, s))
EACH(slw, 32, shift_left(x, s))
EACH(srb, 8, shift_right(x, s))
EACH(srh, 16, shift_right(x, s))
EACH(srw, 32, shift_right(x, s))
EACH(srab, 8, shift_right_signed((vu32)((vs32)(x << 24) >> 24), s))
EACH(srah, 16, shift_right_signed((vu32)((vs32)(x << 16) >> 16), s))
EACH(sraw, 32, shift_right_signed(x, s))

/* ---- shifts of the whole register ------------------------------------------------------------------------------------------ */

typedef unsigned __int128 vr_number;

static inline vr_number number(const union ppc_vr *v)
{
	return (vr_number)v->d[1] << 64 | v->d[0];
}

static inline void number_put(union ppc_vr *d, vr_number v)
{
	d->d[0] = (uint64_t)v;
	d->d[1] = (uint64_t)(v >> 64);
}

/* The manual wants the same count, 0 to 7 bits, in every byte of b. The hardware takes each byte's own: it shifts into it from its
 * neighbour. (Generated vectors.) */
void vmx_sl(ARGS)
{
	union ppc_vr r;
	(void)vscr;
	for (unsigned i = 0; i < 16; i++) {
		unsigned pair = a->b[i] << 8 | (i ? a->b[i - 1] : 0);
		r.b[i] = (uint8_t)(pair << (b->b[i] & 7) >> 8);
	}
	*d = r;
}

void vmx_sr(ARGS)
{
	union ppc_vr r;
	(void)vscr;
	for (unsigned i = 0; i < 16; i++) {
		unsigned pair = a->b[i] | (i < 15 ? a->b[i + 1] : 0) << 8;
		r.b[i] = (uint8_t)(pair >> (b->b[i] & 7));
	}
	*d = r;
}

void vmx_slo(ARGS)
{
	(void)vscr;
	number_put(d, number(a) << (b->b[0] & 0x78));
}

void vmx_sro(ARGS)
{
	(void)vscr;
	number_put(d, number(a) >> (b->b[0] & 0x78));
}

void vmx_sldoi(union ppc_vr *d, const union ppc_vr *a, const union ppc_vr *b, unsigned shb)
{
	if (shb)
		number_put(d, number(a) << 8 * shb | number(b) >> (128 - 8 * shb));
	else
		*d = *a;
}
