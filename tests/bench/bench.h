/* tests/bench/bench.h - a benchmark kernel: one C source that is built as a title, for qemu-ppc and natively, and gives the same checksum. */
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include <stdint.h>

/** Does the kernel's whole work, some 10^9 PowerPC instructions, without any library; returns its checksum. */
uint32_t bench(void);

/* A pseudo-random sequence of the kernels' own (Numerical Recipes' LCG; its high bits are the good ones). */
static inline uint32_t bench_next(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed;
}

#endif
