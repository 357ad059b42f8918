/* tests/bench/vector.c - AltiVec kernel: single-precision saxpy and dot product, four lanes, fused multiply-add as vmaddfp has it.
 * Natively the same lanes one by one. No value becomes denormal, so that the Java mode bit does not matter. */
#include "tests/bench/bench.h"

#ifdef __ALTIVEC__
#include <altivec.h>
typedef __vector float lanes;
static lanes madd(lanes a, lanes b, lanes c) { return vec_madd(a, b, c); }
#else
typedef struct { float f[4]; } lanes;
static inline lanes madd(lanes a, lanes b, lanes c)
{
	lanes r;
	for (int i = 0; i < 4; i++)
		r.f[i] = __builtin_fmaf(a.f[i], b.f[i], c.f[i]);
	return r;
}
#endif

#define N 4096 /* vectors in an array: 64 KiB */
#define ROUNDS 15000

union vec {
	lanes v;
	float f[4];
	uint32_t u[4];
};

static union vec x[N], y[N];

static void saxpy(float factor)
{
	union vec a = { .f = { factor, factor, factor, factor } };
	for (int i = 0; i < N; i++)
		y[i].v = madd(a.v, x[i].v, y[i].v);
}

static union vec dot(void)
{
	union vec s0 = { .f = { 0 } }, s1 = s0;
	for (int i = 0; i < N; i += 2) {
		s0.v = madd(x[i].v, y[i].v, s0.v);
		s1.v = madd(x[i + 1].v, y[i + 1].v, s1.v);
	}
	for (int k = 0; k < 4; k++)
		s0.f[k] += s1.f[k];
	return s0;
}

uint32_t bench(void)
{
	uint32_t seed = 3, sum = 0;
	for (int i = 0; i < N; i++) {
		for (int k = 0; k < 4; k++) {
			x[i].f[k] = (float)(int32_t)(bench_next(&seed) >> 16) * (1.0f / 65536.0f) + 0.5f;
			y[i].f[k] = (float)(int32_t)(bench_next(&seed) >> 16) * (1.0f / 65536.0f) + 0.5f;
		}
	}
	for (int r = 0; r < ROUNDS; r++) {
		saxpy(r & 1 ? -0.25f : 0.25f);
		union vec s = dot();
		for (int k = 0; k < 4; k++)
			sum = sum * 31 + s.u[k];
	}
	return sum;
}
