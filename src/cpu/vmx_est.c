/* src/cpu/vmx_est.c - the four estimates, as the hardware makes them.
 *
 * vrefp and vrsqrtefp draw straight lines: the upper bits of the fraction choose the line, the next 9 or 10 bits are the place on
 * it, the rest are not looked at. A line is the chord of the interval, lowered by half its greatest distance from the curve, its
 * beginning and its slope rounded to nearest; only the last slope of each table is less steep, so that no result falls below its binade.
 * From 1.6875 on vrefp's intervals are twice as wide, which shows as pairs of equal slopes.
 *
 * vlogefp and vexptefp add and take away one correction of 11 bits, made of slopes of 1/2, 1/4, 1/8 and 0.
 *
 * How sure this is: the rules were found in the captured results and give all of them to the last bit. Those lie on 16 of
 * vrefp's 32 lines and 14 of vrsqrtefp's (on four of these 30 at the beginning only, which leaves the slope open), at 20 places of the
 * correction for vlogefp and at four for vexptefp. The other lines and places are what the rules foretell; vrsqrtefp's last slope is
 * by likeness with vrefp's. tests/t_vmx.c makes the tables anew from the rules. DEBT(vmx128-unverified): none of these others
 * was captured, nor was NJ off: there, operands are normalised and denormal results cut.
 */
#include "config.h"

#include "src/cpu/vmx.h"

#define SIGN 0x80000000u
#define INFINITE 0x7f800000u
#define QUIET 0x00400000u
#define DEFAULT_NAN 0x7fc00000u
#define HIDDEN 0x00800000u

const struct vmx_line vmx_re_lines[32] = {
	{ 0xfff800, 993 }, { 0xf83800, 935 }, { 0xf0ea00, 881 }, { 0xea0800, 832 }, { 0xe38800, 787 }, { 0xdd6200, 746 },
	{ 0xd79000, 708 }, { 0xd20800, 672 }, { 0xccc800, 639 }, { 0xc7ca00, 609 }, { 0xc30800, 581 }, { 0xbe8000, 554 },
	{ 0xba2c00, 530 }, { 0xb60800, 507 }, { 0xb21400, 485 }, { 0xae4a00, 465 }, { 0xaaa800, 446 }, { 0xa72c00, 428 },
	{ 0xa3d600, 411 }, { 0xa09e00, 395 }, { 0x9d8800, 380 }, { 0x9a9000, 366 }, { 0x97ae00, 347 }, { 0x94f800, 347 },
	{ 0x924400, 323 }, { 0x8fbe00, 323 }, { 0x8d3800, 301 }, { 0x8ade00, 301 }, { 0x888400, 282 }, { 0x865000, 282 },
	{ 0x841c00, 264 }, { 0x820c00, 262 },
};

/* Slopes in quarters. First the even exponents, [1, 2), then the odd ones, [2, 4). */
const struct vmx_line vmx_rsqrte_lines[32] = {
	{ 0xfff400, 1956 }, { 0xf85200, 1792 }, { 0xf15400, 1648 }, { 0xeae400, 1522 }, { 0xe4f200, 1412 }, { 0xdf6e00, 1316 },
	{ 0xda4c00, 1228 }, { 0xd58000, 1150 }, { 0xd10200, 1082 }, { 0xccca00, 1018 }, { 0xc8d000, 962 }, { 0xc50e00, 910 },
	{ 0xc18200, 862 }, { 0xbe2400, 818 }, { 0xbaf200, 778 }, { 0xb7e800, 742 },
	{ 0xb4fd00, 1384 }, { 0xaf9700, 1267 }, { 0xaaa500, 1165 }, { 0xa61800, 1077 }, { 0xa1e400, 999 }, { 0x9dfe00, 930 },
	{ 0x9a5c00, 869 }, { 0x96f800, 814 }, { 0x93ca00, 764 }, { 0x90ce00, 720 }, { 0x8dfe00, 680 }, { 0x8b5700, 643 },
	{ 0x88d400, 609 }, { 0x867300, 579 }, { 0x843100, 550 }, { 0x820b00, 523 },
};

/* ---- singles apart and together ------------------------------------------------------------------------------------------- */

/* A positive finite number: (2^23 + fraction) * 2^(exponent - 150), the exponent of a denormal being 0 or less. */
static int take_apart(uint32_t magnitude, uint32_t *fraction)
{
	int exponent = (int)(magnitude >> 23);
	if (!exponent) {
		int shift = __builtin_clz(magnitude) - 8;
		magnitude <<= shift;
		exponent = 1 - shift;
	}
	*fraction = magnitude & (HIDDEN - 1);
	return exponent;
}

static uint32_t put_together(int exponent, uint32_t mantissa, bool nj)
{
	if (exponent > 254)
		return INFINITE;
	if (exponent > 0)
		return (uint32_t)exponent << 23 | (mantissa & (HIDDEN - 1));
	return nj || exponent < -23 ? 0 : mantissa >> (1 - exponent);
}

/* ---- one element -------------------------------------------------------------------------------------------------------------- */

static uint32_t reciprocal(uint32_t v, bool nj)
{
	uint32_t sign = v & SIGN, fraction;
	v &= ~SIGN;
	if (!v)
		return sign | INFINITE;
	if (v == INFINITE)
		return sign;
	int exponent = take_apart(v, &fraction);
	const struct vmx_line *line = &vmx_re_lines[fraction >> 18];
	return sign | put_together(253 - exponent, line->base - line->slope * (fraction >> 9 & 511), nj);
}

static uint32_t reciprocal_root(uint32_t v, bool nj)
{
	uint32_t fraction;
	(void)nj;
	if (!(v & ~SIGN))
		return v | INFINITE;
	if (v & SIGN)
		return DEFAULT_NAN;
	if (v == INFINITE)
		return 0;
	int exponent = take_apart(v, &fraction) - 127, odd = exponent & 1;
	const struct vmx_line *line = &vmx_rsqrte_lines[odd << 4 | fraction >> 19];
	uint32_t mantissa = (4 * line->base - line->slope * (fraction >> 9 & 1023) + 2) >> 2;
	return put_together(126 - (exponent - odd) / 2, mantissa, nj);
}

/* What log2(1 + f) is more than f; f and result in 1/2048. */
static uint32_t correction(uint32_t f)
{
	if (f < 128)
		return f >> 1;
	if (f < 384)
		return 64 + ((f - 128) >> 2);
	if (f < 768)
		return 128 + ((f - 384) >> 3);
	if (f < 1152)
		return 176;
	if (f < 1536)
		return 175 - ((f - 1152) >> 3);
	return 127 - ((f - 1536) >> 2);
}

/* Exponent and 11 bits of logarithm, side by side as a fixed-point number, exactly as a single. */
static uint32_t logarithm(uint32_t v, bool nj)
{
	uint32_t fraction, bits;
	(void)nj;
	if (!(v & ~SIGN))
		return SIGN | INFINITE;
	if (v & SIGN)
		return DEFAULT_NAN;
	if (v == INFINITE)
		return v;
	int exponent = take_apart(v, &fraction) - 127;
	uint32_t f = fraction >> 12;
	float r = (float)(exponent * 2048 + (int)(f + correction(f))) * 0x1p-11f;
	memcpy(&bits, &r, 4);
	return bits;
}

/* The operand becomes a fixed-point number: its magnitude is cut behind 23 binary places, then the signed number behind 11. (How
 * many places the hardware keeps at first is known only to lie between 12 and 94.) 2^f - 1 is what the logarithm has, seen from
 * the other end. */
static uint32_t power(uint32_t v, bool nj)
{
	uint32_t sign = v & SIGN, fraction;
	v &= ~SIGN;
	if (v < 0x34000000) /* 2^-23 */
		return 127u << 23;
	if (v >= 0x43800000) /* 256 */
		return sign ? 0 : INFINITE;
	int exponent = take_apart(v, &fraction) - 127;
	int64_t fixed = (int64_t)((uint64_t)(HIDDEN | fraction) << 8 >> (8 - exponent));
	int32_t x = (int32_t)((sign ? -fixed : fixed) >> 12);
	uint32_t f = (uint32_t)x & 2047;
	return put_together(127 + (x >> 11), HIDDEN | (f - correction(2047 - f)) << 12, nj);
}

#define ESTIMATE(name, element) \
	void vmx_##name(union ppc_vr *d, const union ppc_vr *b, uint32_t *vscr) \
	{ \
		bool nj = *vscr & PPC_VSCR_NJ; \
		vu32 r = { 0 }; \
		for (unsigned i = 0; i < 4; i++) { \
			uint32_t v = b->w[i]; \
			if (nj && !(v & INFINITE)) \
				v &= SIGN; \
			r[i] = (v & ~SIGN) > INFINITE ? v | QUIET : element(v, nj); \
		} \
		VMX_PUT(vu32, d) = r; \
	}
ESTIMATE(refp, reciprocal)
ESTIMATE(rsqrtefp, reciprocal_root)
ESTIMATE(logefp, logarithm)
ESTIMATE(exptefp, power)
