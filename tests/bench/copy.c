/* tests/bench/copy.c - load and store kernel: memcpy, memmove, memset and memcmp of all lengths and alignments. */
#include "tests/bench/bench.h"

#define SIZE 32768u
#define ROUNDS 60000u

static uint32_t words_a[SIZE / 4 + 16], words_b[SIZE / 4 + 16];

static void copy(uint8_t *to, const uint8_t *from, uint32_t n)
{
	if ((((uintptr_t)to ^ (uintptr_t)from) & 3) == 0) {
		for (; n && (uintptr_t)to & 3; n--)
			*to++ = *from++;
		for (; n >= 16; n -= 16, to += 16, from += 16) {
			const uint32_t *s = (const uint32_t *)(const void *)from;
			uint32_t *d = (uint32_t *)(void *)to;
			uint32_t w0 = s[0], w1 = s[1], w2 = s[2], w3 = s[3];
			d[0] = w0;
			d[1] = w1;
			d[2] = w2;
			d[3] = w3;
		}
	}
	while (n--)
		*to++ = *from++;
}

static void move_up(uint8_t *p, uint32_t by, uint32_t n)
{
	while (n--)
		p[n + by] = p[n];
}

static void set(uint8_t *to, uint8_t value, uint32_t n)
{
	for (; n && (uintptr_t)to & 3; n--)
		*to++ = value;
	for (; n >= 8; n -= 8, to += 8) {
		uint32_t *d = (uint32_t *)(void *)to;
		d[0] = value * 0x01010101u;
		d[1] = value * 0x01010101u;
	}
	while (n--)
		*to++ = value;
}

static uint32_t differ(const uint8_t *a, const uint8_t *b, uint32_t n)
{
	uint32_t i = 0;
	while (i < n && a[i] == b[i])
		i++;
	return i;
}

uint32_t bench(void)
{
	uint8_t *a = (uint8_t *)words_a, *b = (uint8_t *)words_b;
	uint32_t seed = 5, sum = 0;
	for (uint32_t i = 0; i < SIZE; i++)
		a[i] = (uint8_t)(bench_next(&seed) >> 24);
	for (uint32_t r = 0; r < ROUNDS; r++) {
		uint32_t at = bench_next(&seed) >> 20, to = bench_next(&seed) >> 20, n = (bench_next(&seed) >> 19) + 16;
		if (r & 3)
			to = (to & ~3u) | (at & 3);
		copy(b + to, a + at, n);
		sum = sum * 31 + differ(b + to, a + at, n / 4) + b[to + n / 2];
		set(a + at, (uint8_t)r, n / 2);
		move_up(a + to, r % 7 + 1, n / 4);
		copy(a + at, b + to, n / 8);
	}
	for (uint32_t i = 0; i < SIZE; i++)
		sum = sum * 31 + a[i];
	return sum;
}
