/* tests/xexkit_body.c - bodies of images made by hand: blocks, LZX streams, encryption. See xexkit.h. */
#include "config.h"

#include <nettle/aes.h>
#include <nettle/cbc.h>
#include <nettle/sha1.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/xexkit.h"

#define FORMAT 0x000003FFu
#define FRAME 0x8000u

void xk_basic(struct xk *x, const uint32_t *pair, unsigned pairs)
{
	uint32_t word[64] = { 8 + pairs * 8, XEX_BASIC };
	assert_true(pairs < 31);
	memcpy(word + 2, pair, (size_t)pairs * 8);
	xk_words(x, FORMAT, word, 2 + pairs * 2);
}

static void sha1(const uint8_t *b, size_t size, uint8_t out[20])
{
	struct sha1_ctx ctx;
	sha1_init(&ctx);
	sha1_update(&ctx, size, b);
	sha1_digest(&ctx, 20, out);
}

size_t xk_chain(uint8_t *out, const struct xk_piece *data, unsigned n, uint8_t first[24])
{
	size_t end = 0;
	for (unsigned i = 0; i < n; i++)
		end += 24 + data[i].size;
	uint8_t next[24] = { 0 };
	size_t at = end;
	for (unsigned i = n; i-- > 0;) {
		at -= 24 + data[i].size;
		memcpy(out + at, next, 24);
		memcpy(out + at + 24, data[i].bytes, data[i].size);
		xk_put32(next, 24 + data[i].size);
		sha1(out + at, 24 + data[i].size, next + 4);
	}
	memcpy(first, next, 24);
	return end;
}

void xk_lzx(struct xk *x, uint32_t window, const uint8_t *stream, size_t size, uint32_t piece, unsigned pieces)
{
	uint8_t info[36] = { 0 }, *data = xmalloc(2 * size + 0x1000), *p = data;
	struct xk_piece block[256];
	unsigned n = 0, in_block = 0;
	block[0] = (struct xk_piece){ p, 0 };
	for (size_t at = 0; at < size; at += piece) {
		uint32_t length = size - at < piece ? (uint32_t)(size - at) : piece;
		xk_put16(p, length);
		memcpy(p + 2, stream + at, length);
		p += 2 + length;
		if (++in_block == pieces || at + length == size) {
			xk_put16(p, 0);
			p += 2;
			block[n].size = (uint32_t)(p - block[n].bytes);
			assert_true(++n < ARRAY_LEN(block));
			block[n] = (struct xk_piece){ p, 0 };
			in_block = 0;
		}
	}
	xk_put32(info, sizeof info);
	xk_put32(info + 4, XEX_LZX);
	xk_put32(info + 8, window);
	x->body_size = xk_chain(x->body, block, n, info + 12);
	xk_block(x, FORMAT, info, sizeof info);
	free(data);
}

void xk_encrypt(struct xk *x, const uint8_t key[XEX_KEY_BYTES])
{
	static const uint8_t own[XEX_KEY_BYTES] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };
	uint8_t vector[16] = { 0 };
	struct aes128_ctx ctx;
	aes128_set_encrypt_key(&ctx, key);
	aes128_encrypt(&ctx, 16, x->head + XK_SECURITY + 0x150, own);
	while (x->body_size % 16)
		x->body[x->body_size++] = 0;
	aes128_set_encrypt_key(&ctx, own);
	cbc_encrypt(&ctx, (nettle_cipher_func *)aes128_encrypt, 16, vector, x->body_size, x->body, x->body);
	xk_put16(x->head + xk_find(x, FORMAT) + 4, XEX_AES);
}

/* ---- LZX ------------------------------------------------------------------------------------------------------------- */

void xk_bit(struct xk_bits *b, uint32_t value, unsigned bits)
{
	while (bits-- > 0) {
		b->word = b->word << 1 | (value >> bits & 1);
		if (++b->used < 16)
			continue;
		b->out[b->size++] = (uint8_t)b->word;
		b->out[b->size++] = (uint8_t)(b->word >> 8);
		b->word = b->used = 0;
	}
}

void xk_align(struct xk_bits *b)
{
	while (b->used)
		xk_bit(b, 0, 1);
}

size_t xk_stored(uint8_t *out, const uint8_t *bytes, size_t size)
{
	struct xk_bits b = { .out = out };
	xk_bit(&b, 0, 1); /* no E8 translation */
	for (size_t at = 0; at < size; at += FRAME) {
		size_t n = size - at < FRAME ? size - at : FRAME;
		xk_bit(&b, 3, 3);
		xk_bit(&b, (uint32_t)n, 24);
		if (!b.used)
			xk_bit(&b, 0, 16);
		xk_align(&b);
		for (unsigned i = 0; i < 12; i++)
			out[b.size++] = i % 4 == 0;
		memcpy(out + b.size, bytes + at, n);
		b.size += n;
		if (n % 2)
			out[b.size++] = 0;
	}
	return b.size;
}

/* A tree of 20 elements for code lengths: 8 in 1 bit, 9 and 18 in 2. */
static void lengths_tree(struct xk_bits *b)
{
	for (unsigned i = 0; i < 20; i++)
		xk_bit(b, i == 8 ? 1 : i == 9 || i == 18 ? 2 : 0, 4);
}

/* The main tree: 256 literals of 9 bits; of 240 elements of matches the last 16 of 8, the others of 9. No lengths beyond 8 bytes. */
void xk_verbatim(struct xk_bits *b, uint32_t size)
{
	xk_bit(b, 0, 1);
	xk_bit(b, 1, 3);
	xk_bit(b, size, 24);
	lengths_tree(b);
	for (unsigned i = 0; i < 256; i++)
		xk_bit(b, 0, 1); /* 0 - 9 = 8, modulo 17 */
	lengths_tree(b);
	for (unsigned i = 0; i < 240; i++)
		xk_bit(b, i < 224 ? 0 : 2, i < 224 ? 1 : 2);
	lengths_tree(b);
	for (unsigned i = 0; i < 5; i++) {
		xk_bit(b, 3, 2); /* a run of zeros */
		xk_bit(b, i < 4 ? 31 : 25, 5);
	}
}

/* Shorter codes come first, then by element. */
static void element(struct xk_bits *b, unsigned e)
{
	if (e >= 256 + 224)
		xk_bit(b, e - (256 + 224), 8);
	else
		xk_bit(b, 32 + e, 9);
}

void xk_literal(struct xk_bits *b, uint8_t byte)
{
	element(b, byte);
}

void xk_match(struct xk_bits *b, uint32_t distance, unsigned length)
{
	uint32_t base = 4, formatted = distance + 2;
	unsigned slot = 4, extra = 1;
	while (formatted >= base + (1u << extra)) {
		base += 1u << extra;
		slot++;
		extra = slot / 2 - 1;
	}
	assert_true(distance >= 4 && slot < 30 && length >= 2 && length <= 8);
	element(b, 256 + slot * 8 + (length - 2));
	xk_bit(b, formatted - base, extra);
}
