/* src/cpu/vmx_pack.c - AltiVec permute, pack and unpack. */
#include "config.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

#include "src/cpu/vmx.h"

#define ARGS union ppc_vr *d, const union ppc_vr *a, const union ppc_vr *b, uint32_t *vscr

/* ---- permute -------------------------------------------------------------------------------------------------------------- */

/* Big-endian index i into a:b is host index 31 - i into b:a. */
static void permute(union ppc_vr *d, const union ppc_vr *a, const union ppc_vr *b, const union ppc_vr *c)
{
	uint8_t from[32], to[16];
	memcpy(from, b->b, 16);
	memcpy(from + 16, a->b, 16);
	for (unsigned i = 0; i < 16; i++)
		to[i] = from[~c->b[i] & 31];
	memcpy(d->b, to, 16);
}

#ifdef __x86_64__
__attribute__((target("ssse3")))
static void permute_ssse3(union ppc_vr *d, const union ppc_vr *a, const union ppc_vr *b, const union ppc_vr *c)
{
	__m128i select = _mm_load_si128((const __m128i *)c), index = _mm_andnot_si128(select, _mm_set1_epi8(15));
	__m128i x = _mm_shuffle_epi8(_mm_load_si128((const __m128i *)a), index);
	__m128i y = _mm_shuffle_epi8(_mm_load_si128((const __m128i *)b), index);
	__m128i from_b = _mm_cmpgt_epi8(_mm_and_si128(select, _mm_set1_epi8(16)), _mm_setzero_si128());
	_mm_store_si128((__m128i *)d, _mm_or_si128(_mm_and_si128(from_b, y), _mm_andnot_si128(from_b, x)));
}
#endif

void vmx_perm(union ppc_vr *d, const union ppc_vr *a, const union ppc_vr *b, const union ppc_vr *c, uint32_t *vscr)
{
	(void)vscr;
#ifdef __x86_64__
	if (__builtin_cpu_supports("ssse3")) {
		permute_ssse3(d, a, b, c);
		return;
	}
#endif
	permute(d, a, b, c);
}

void vmx_rlimi(union ppc_vr *d, const union ppc_vr *b, unsigned mask, unsigned z)
{
	const union ppc_vr from = *b;
	for (unsigned i = 0; i < 4; i++)
		if (mask & (8 >> i))
			d->w[3 - i] = from.w[3 - ((i + z) & 3)];
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

#define UNPACK(name, to, n, from, first, T, expr) \
	void vmx_##name(union ppc_vr *d, const union ppc_vr *b, uint32_t *vscr) \
	{ \
		union ppc_vr r; \
		(void)vscr; \
		for (unsigned i = 0; i < n; i++) { \
			T x = (T)b->from[first + i]; \
			r.to[i] = (__typeof__(r.to[0]))(expr); \
		} \
		*d = r; \
	}
#define PIXEL ((uint32_t)((int16_t)x >> 15) << 24 | (x >> 10 & 31) << 16 | (x >> 5 & 31) << 8 | (x & 31))
UNPACK(upkhsb, h, 8, b, 8, int8_t, x)
UNPACK(upklsb, h, 8, b, 0, int8_t, x)
UNPACK(upkhsh, w, 4, h, 4, int16_t, x)
UNPACK(upklsh, w, 4, h, 0, int16_t, x)
UNPACK(upkhpx, w, 4, h, 4, uint32_t, PIXEL)
UNPACK(upklpx, w, 4, h, 0, uint32_t, PIXEL)
