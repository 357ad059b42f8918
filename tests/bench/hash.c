/* tests/bench/hash.c - integer kernel: CRC-32 by table and a multiplying hash over a 64 KiB buffer. */
#include "tests/bench/bench.h"

#define SIZE 65536u
#define ROUNDS 1250u

static uint32_t crc_table[256];
static uint8_t data[SIZE];

static uint32_t crc(uint32_t c)
{
	for (uint32_t i = 0; i < SIZE; i++)
		c = crc_table[(c ^ data[i]) & 0xff] ^ (c >> 8);
	return c;
}

static uint32_t mix(uint32_t h)
{
	for (uint32_t i = 0; i < SIZE; i += 4) {
		uint32_t k = (uint32_t)data[i] << 24 | data[i + 1] << 16 | data[i + 2] << 8 | data[i + 3];
		k *= 0xcc9e2d51u;
		k = k << 15 | k >> 17;
		h ^= k * 0x1b873593u;
		h = (h << 13 | h >> 19) * 5 + 0xe6546b64u;
	}
	return h;
}

uint32_t bench(void)
{
	uint32_t seed = 1, c = 0, h = 0;
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t v = i;
		for (int bit = 0; bit < 8; bit++)
			v = v >> 1 ^ (v & 1 ? 0xedb88320u : 0);
		crc_table[i] = v;
	}
	for (uint32_t i = 0; i < SIZE; i++)
		data[i] = (uint8_t)(bench_next(&seed) >> 24);
	for (uint32_t r = 0; r < ROUNDS; r++) {
		c = crc(c);
		h = mix(h ^ c);
		data[r % SIZE] ^= (uint8_t)h;
	}
	return c ^ h;
}
