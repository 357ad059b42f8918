/* src/cpu/fp_host.h - floating point on the host: the operations, and which of their results are the processor's too. */
#ifndef SRC_CPU_FP_HOST_H
#define SRC_CPU_FP_HOST_H

#include <emmintrin.h>

#include "src/cpu/fp.h"

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

/* True for double denormals and the least normal; zero wraps. */
static inline bool fp_denormal(double d) { return UNLIKELY(!(((fp_bits(d) << 1) - 1) >> 53)); }

/* One rounding, as the processor does it. A host without the instruction takes the exact way. */
#ifdef __FMA__
#define FP_HAS_FMA true
static inline double fp_fma(double a, double b, double c) { return __builtin_fma(a, b, c); }
#else
#define FP_HAS_FMA LIKELY(__builtin_cpu_supports("fma"))
static inline double fp_fma(double a, double b, double c)
{
	__asm__("vfmadd213sd %2, %1, %0" : "+x"(a) : "x"(b), "x"(c));
	return a;
}
#endif

static inline double fp_root(double b) { return _mm_cvtsd_f64(_mm_sqrt_sd(_mm_setzero_pd(), _mm_set_sd(b))); }

#endif
