/* tests/bench/calls.c - call kernel: deep recursion, calls through tables, stack frames, link and count registers. */
#include "tests/bench/bench.h"

#define ROUNDS 80

static int tak(int x, int y, int z)
{
	return y < x ? tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y)) : z;
}

static uint32_t fib(uint32_t n)
{
	return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

static uint32_t op_add(uint32_t a, uint32_t b) { return a + b; }
static uint32_t op_xor(uint32_t a, uint32_t b) { return a ^ b; }
static uint32_t op_mul(uint32_t a, uint32_t b) { return a * (b | 1); }
static uint32_t op_rotate(uint32_t a, uint32_t b) { return a << (b & 15) | a >> (16 - (b & 15)) >> 16; }

static uint32_t (*volatile const ops[])(uint32_t, uint32_t) = { op_add, op_xor, op_mul, op_rotate };

uint32_t bench(void)
{
	uint32_t seed = 9, sum = 0;
	for (int r = 0; r < ROUNDS; r++) {
		sum = sum * 31 + (uint32_t)tak(18, 12, 6 - r % 3) + fib(24 + r % 3);
		for (int i = 0; i < 300000; i++) {
			uint32_t x = bench_next(&seed);
			sum = ops[x >> 30](sum, x);
		}
	}
	return sum;
}
