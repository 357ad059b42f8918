/* src/cpu/vmx_d3d.c - VMX128's conversions between vectors of single floats and packed Direct3D vertex formats.
 *
 * Packing to integers reads an integer n out of the single 3.0 + n * 2^-22, in which it stands in the last bits; the title has scaled and
 * moved its numbers there. Unpacking gives the same back, but 1.0 + n * 2^-23 for fields without a sign.
 *
 * DEBT(vmx128-unverified): nobody has captured these two instructions; behaviour is that of the hand-written vectors. Beyond them it
 * is a guess: a NaN packs as the lowest value; halves have no infinities, NaNs and denormals (as the console's GPU reads them),
 * they are cut, not rounded, and limited to the greatest; type 7 packs nothing.
 */
#include "config.h"

#include "src/cpu/vmx.h"

#define THREE 0x40400000u
#define ONE 0x3f800000u
#define OUT_OF_RANGE 0x7fc00000u /* what a field unpacks to that holds the lowest negative number */

enum kind { NONE, UNSIGNED, SIGNED, HALF };

struct format {
	struct {
		uint8_t kind, shift, bits;
	} field[4]; /* X, Y, Z, W; one that is not there unpacks as 0, W as 1.0 */
};

static const struct format formats[8] = {
	{ { { UNSIGNED, 16, 8 }, { UNSIGNED, 8, 8 }, { UNSIGNED, 0, 8 }, { UNSIGNED, 24, 8 } } }, /* D3DCOLOR */
	{ { { SIGNED, 16, 16 }, { SIGNED, 0, 16 } } }, /* NORMSHORT2 */
	{ { { SIGNED, 0, 10 }, { SIGNED, 10, 10 }, { SIGNED, 20, 10 }, { UNSIGNED, 30, 2 } } }, /* NORMPACKED32 */
	{ { { HALF, 16, 16 }, { HALF, 0, 16 } } }, /* FLOAT16_2 */
	{ { { SIGNED, 48, 16 }, { SIGNED, 32, 16 }, { SIGNED, 16, 16 }, { SIGNED, 0, 16 } } }, /* NORMSHORT4 */
	{ { { HALF, 48, 16 }, { HALF, 32, 16 }, { HALF, 16, 16 }, { HALF, 0, 16 } } }, /* FLOAT16_4 */
	{ { { SIGNED, 0, 20 }, { SIGNED, 20, 20 }, { SIGNED, 40, 20 }, { UNSIGNED, 60, 4 } } }, /* NORMPACKED64 */
	{ { { NONE, 0, 0 } } },
};

static uint32_t half_of_single(uint32_t v)
{
	uint32_t sign = v >> 16 & 0x8000, magnitude = v & 0x7fffffff;
	if (magnitude >= 0x47ffe000)
		return sign | 0x7fff;
	return magnitude < 0x38800000 ? sign : sign | (magnitude - 0x38000000) >> 13;
}

static uint32_t single_of_half(uint32_t v)
{
	uint32_t sign = (v & 0x8000) << 16, magnitude = v & 0x7fff;
	return magnitude < 0x0400 ? sign : sign | ((magnitude << 13) + 0x38000000);
}

/* Positive singles are in the order of their bits; everything below @low, NaNs too, counts as it. */
static uint32_t integer_of_single(uint32_t v, uint32_t low, uint32_t high)
{
	if ((int32_t)v < (int32_t)low || v > 0x7f800000)
		return low - THREE;
	return (v > high ? high : v) - THREE;
}

static uint32_t field_pack(unsigned kind, unsigned bits, uint32_t v)
{
	uint32_t half = (1u << (bits - 1)) - 1;
	if (kind == HALF)
		return half_of_single(v);
	if (kind == SIGNED)
		return integer_of_single(v, THREE - half, THREE + half);
	return integer_of_single(v, THREE, THREE + 2 * half + 1);
}

static uint32_t field_unpack(unsigned kind, unsigned bits, uint32_t v)
{
	uint32_t lowest = 1u << (bits - 1);
	if (kind == HALF)
		return single_of_half(v);
	if (kind == UNSIGNED)
		return ONE + v;
	return v == lowest ? OUT_OF_RANGE : THREE + (v ^ lowest) - lowest;
}

/* The packed 64 bits (32-bit formats: the lower word) go to the lower two words, turned left by @shift words. Mask 1 writes the lower
 * one only. With shift 3 the two part: mask 2 then writes the lower word only, mask 3 the upper, which has come round to the end. */
void vmx_pkd3d(union ppc_vr *d, const union ppc_vr *b, unsigned type, unsigned mask, unsigned shift)
{
	const struct format *f = &formats[type];
	uint64_t packed = 0;
	for (unsigned i = 0; i < 4; i++) {
		unsigned bits = f->field[i].bits;
		if (bits) {
			uint64_t v = field_pack(f->field[i].kind, bits, b->w[3 - i]) & ((UINT64_C(1) << bits) - 1);
			packed |= v << f->field[i].shift;
		}
	}
	vu32 r = VMX_GET(vu32, d);
	if (mask && !(mask == 3 && shift == 3))
		r[shift] = (uint32_t)packed;
	if (mask >= 2 && shift < 3)
		r[shift + 1] = (uint32_t)(packed >> 32);
	if (mask == 3 && shift == 3)
		r[0] = (uint32_t)(packed >> 32);
	VMX_PUT(vu32, d) = r;
}

void vmx_upkd3d(union ppc_vr *d, const union ppc_vr *b, unsigned type)
{
	const struct format *f = &formats[type];
	uint64_t packed = b->d[0];
	vu32 r = { 0 };
	for (unsigned i = 0; i < 4; i++) {
		unsigned bits = f->field[i].bits;
		uint32_t v = (uint32_t)(packed >> f->field[i].shift & ((UINT64_C(1) << bits) - 1));
		r[3 - i] = bits ? field_unpack(f->field[i].kind, bits, v) : i == 3 ? ONE : 0;
	}
	VMX_PUT(vu32, d) = r;
}
