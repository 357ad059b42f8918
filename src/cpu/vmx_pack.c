/* src/cpu/vmx_pack.c - AltiVec permute, pack and unpack. */
#include "config.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

#include "src/cpu/vmx.h"

#define ARGS union ppc_vr *d, const union ppc_vr *a, const union ppc_vr *b, uint32_t *vscr

/* ---- permute -------------------------------------------------------------------------------------------------------------- */

#define ARGS_C union ppc_vr *d, const union ppc_vr *a, const union ppc_vr *b, const union ppc_vr *c, uint32_t *vscr

/* Big-endian index i into a:b is host index 31 - i into b:a. */
void vmx_perm_portable(ARGS_C)
{
	uint8_t from[32], to[16];
	(void)vscr;
	memcpy(from, b->b, 16);
	memcpy(from + 16, a->b, 16);
	for (unsigned i = 0; i < 16; i++)
		to[i] = from[~c->b[i] & 31];
	memcpy(d->b, to, 16);
}

#ifdef __x86_64__
__attribute__((target("ssse3")))
static void perm_ssse3(ARGS_C)
{
	__m128i select = _mm_load_si128((const __m128i *)c), index = _mm_andnot_si128(select, _mm_set1_epi8(15));
	__m128i x = _mm_shuffle_epi8(_mm_load_si128((const __m128i *)a), index);
	__m128i y = _mm_shuffle_epi8(_mm_load_si128((const __m128i *)b), index);
	__m128i from_b = _mm_cmpgt_epi8(_mm_and_si128(select, _mm_set1_epi8(16)), _mm_setzero_si128());
	(void)vscr;
	_mm_store_si128((__m128i *)d, _mm_or_si128(_mm_and_si128(from_b, y), _mm_andnot_si128(from_b, x)));
}
#define HAS_SSSE3 __builtin_cpu_supports("ssse3")
#else
#define HAS_SSSE3 0
#define perm_ssse3 vmx_perm_portable
#endif

void vmx_perm(ARGS_C)
{
	if (HAS_SSSE3)
		perm_ssse3(d, a, b, c, vscr);
	else
		vmx_perm_portable(d, a, b, c, vscr);
}

/* Bit i of the mask is for the host's word i. */
void vmx_rlimi(union ppc_vr *d, const union ppc_vr *b, unsigned mask, unsigned z)
{
	const vu32 from = { b->w[-z & 3], b->w[(1 - z) & 3], b->w[(2 - z) & 3], b->w[(3 - z) & 3] };
	const vu32 bits = { 1, 2, 4, 8 };
	VMX_PUT(vu32, d) = VMX_SELECT(vu32, (bits & mask) != 0, from, VMX_GET(vu32, d));
}

/* ---- pack. The elements of a become the upper half (big-endian first), those of b the lower. ---------------------------------- */

/* @WIDE elements limited to [low, high], then cut to the lower half of each. */
#define PACK(name, WIDE, NARROW, elements, low, high) \
	void vmx_##name(ARGS) \
	{ \
		NARROW r; \
		WIDE x = VMX_GET(WIDE, a), y = VMX_GET(WIDE, b), clipped = (WIDE){ 0 }; \
		x = limit_##WIDE(x, low, high, &clipped); \
		y = limit_##WIDE(y, low, high, &clipped); \
		if (((vu64)clipped)[0] | ((vu64)clipped)[1]) \
			*vscr |= PPC_VSCR_SAT; \
		r = __builtin_shufflevector((NARROW)y, (NARROW)x, elements); \
		VMX_PUT(NARROW, d) = r; \
	}
#define LIMIT(T, E) \
	static inline T limit_##T(T v, E low, E high, T *clipped) \
	{ \
		const T l = (T){ 0 } + low, h = (T){ 0 } + high; \
		T under = (T)(v < l), over = (T)(v > h); \
		*clipped |= under | over; \
		return VMX_SELECT(T, over, h, VMX_SELECT(T, under, l, v)); \
	}
LIMIT(vu16, uint16_t)
LIMIT(vs16, int16_t)
LIMIT(vu32, uint32_t)
LIMIT(vs32, int32_t)
#define EVENS_16 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
#define EVENS_8 0, 2, 4, 6, 8, 10, 12, 14
PACK(pkshss, vs16, vu8, EVENS_16, INT8_MIN, INT8_MAX)
PACK(pkshus, vs16, vu8, EVENS_16, 0, UINT8_MAX)
PACK(pkuhus, vu16, vu8, EVENS_16, 0, UINT8_MAX)
PACK(pkswss, vs32, vu16, EVENS_8, INT16_MIN, INT16_MAX)
PACK(pkswus, vs32, vu16, EVENS_8, 0, UINT16_MAX)
PACK(pkuwus, vu32, vu16, EVENS_8, 0, UINT16_MAX)

/* Pixels 8:8:8:8 to 1:5:5:5: the upper five bits of each colour, the lowest of the first byte. */
static inline vu32 pixels(vu32 v)
{
	return (v >> 9 & 0xfc00) | (v >> 6 & 0x03e0) | (v >> 3 & 0x001f);
}

void vmx_pkpx(ARGS)
{
	vu32 x = pixels(VMX_GET(vu32, a)), y = pixels(VMX_GET(vu32, b));
	(void)vscr;
	VMX_PUT(vu16, d) = __builtin_shufflevector((vu16)y, (vu16)x, EVENS_8);
}

/* ---- unpack: from the upper half (h) or the lower (l) --------------------------------------------------------------------------- */

#define UNPACK(name, FROM, TO, shift, ...) \
	void vmx_##name(union ppc_vr *d, const union ppc_vr *b, uint32_t *vscr) \
	{ \
		const FROM x = VMX_GET(FROM, b); \
		(void)vscr; \
		VMX_PUT(TO, d) = (TO)__builtin_shufflevector(x, x, __VA_ARGS__) >> shift; \
	}
UNPACK(upkhsb, vu8, vs16, 8, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13, 14, 14, 15, 15)
UNPACK(upklsb, vu8, vs16, 8, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7)
UNPACK(upkhsh, vu16, vs32, 16, 4, 4, 5, 5, 6, 6, 7, 7)
UNPACK(upklsh, vu16, vs32, 16, 0, 0, 1, 1, 2, 2, 3, 3)

/* Pixels 1:5:5:5, in both halves of each word, to 8:8:8:8: the first bit fills its byte. */
static inline vu32 pixels_of(vu16 pairs)
{
	vu32 v = (vu32)pairs;
	return ((vu32)((vs32)v < 0) & 0xff000000) | (v >> 10 & 31) << 16 | (v >> 5 & 31) << 8 | (v & 31);
}

void vmx_upkhpx(union ppc_vr *d, const union ppc_vr *b, uint32_t *vscr)
{
	const vu16 x = VMX_GET(vu16, b);
	(void)vscr;
	VMX_PUT(vu32, d) = pixels_of(__builtin_shufflevector(x, x, 4, 4, 5, 5, 6, 6, 7, 7));
}

void vmx_upklpx(union ppc_vr *d, const union ppc_vr *b, uint32_t *vscr)
{
	const vu16 x = VMX_GET(vu16, b);
	(void)vscr;
	VMX_PUT(vu32, d) = pixels_of(__builtin_shufflevector(x, x, 0, 0, 1, 1, 2, 2, 3, 3));
}
