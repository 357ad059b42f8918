/* tests/bench/vmx128.c - VMX128 kernel: points through a 4x4 matrix and their bits into a rotating sum, in registers beyond v31. The
 * loop is vmx128.S on PowerPC; here are its data, and the same arithmetic for the host. No value becomes denormal. */
#include "tests/bench/bench.h"

#define N 4096
#define ROUNDS 15000

union vec {
	float f[4];
	uint32_t u[4];
};

static union vec points[N] __attribute__((aligned(16)));
static union vec sum __attribute__((aligned(16))) = { .u = { 1, 2, 3, 4 } };
/* Rows and columns add up to 1: the points stay in their range. */
static const union vec matrix[4] __attribute__((aligned(16))) = {
	{ { 0.5f, 0.25f, 0.125f, 0.125f } },
	{ { 0.125f, 0.5f, 0.25f, 0.125f } },
	{ { 0.125f, 0.125f, 0.5f, 0.25f } },
	{ { 0.25f, 0.125f, 0.125f, 0.5f } },
};

/** One pass over @n points. */
void bench_pass(union vec *v, uint32_t n, const union vec m[4], union vec *acc);

#ifndef __powerpc__
void bench_pass(union vec *v, uint32_t n, const union vec m[4], union vec *acc)
{
	union vec a = *acc;
	for (uint32_t i = 0; i < n; i++) {
		union vec in = v[i], out;
		for (int k = 0; k < 4; k++) {
			out.f[k] = in.f[0] * m[0].f[k];
			for (int j = 1; j < 4; j++)
				out.f[k] = __builtin_fmaf(in.f[j], m[j].f[k], out.f[k]);
		}
		for (int k = 0; k < 4; k++) {
			a.u[k] = (a.u[k] << 7 | a.u[k] >> 25) ^ out.u[k];
			v[i].u[k] = out.u[(k + 1) & 3];
		}
	}
	*acc = a;
}
#endif

uint32_t bench(void)
{
	uint32_t seed = 11, result = 0;
	for (int i = 0; i < N; i++)
		for (int k = 0; k < 4; k++)
			points[i].f[k] = (float)(int32_t)(bench_next(&seed) >> 16) * (1.0f / 65536.0f) + 0.5f;
	for (int r = 0; r < ROUNDS; r++) {
		bench_pass(points, N, matrix, &sum);
		result = result * 31 + sum.u[r & 3];
		points[r % N].u[r & 3] ^= r & 0xffff;
	}
	return result;
}
