/* tests/xexmake/body.c - the image's bytes as the file has them: compressed, encrypted; keys and hashes. */
#include "config.h"

#include <nettle/aes.h>
#include <nettle/cbc.h>
#include <nettle/sha1.h>

#include "tests/xexmake/make_priv.h"

#define ZERO_RUN_MIN 0x400u /* shorter runs stay bytes of a basic block */
#define CHUNKS_MAX 3u       /* of a normal block */

void sha1_of(const void *a, size_t a_bytes, const void *b, size_t b_bytes, uint8_t digest[SHA1_BYTES])
{
	struct sha1_ctx c;
	sha1_init(&c);
	sha1_update(&c, a_bytes, a);
	if (b_bytes)
		sha1_update(&c, b_bytes, b);
	sha1_digest(&c, SHA1_BYTES, digest);
}

/* ---- encryption ---------------------------------------------------------------------------------------------------------------- */

void image_key(uint8_t key[16])
{
	for (unsigned i = 0; i < 16; i++)
		key[i] = (uint8_t)(0x57 + 31 * i);
}

void key_wrap(const uint8_t outer[16], const uint8_t key[16], uint8_t wrapped[16])
{
	struct aes128_ctx aes;
	aes128_set_encrypt_key(&aes, outer);
	aes128_encrypt(&aes, 16, wrapped, key);
}

/* One chain over the whole body. */
void body_encrypt(const uint8_t key[16], struct bytes *body)
{
	struct CBC_CTX(struct aes128_ctx, AES_BLOCK_SIZE) aes = { 0 };
	aes128_set_encrypt_key(&aes.ctx, key);
	CBC_ENCRYPT(&aes, aes128_encrypt, body->size, body->b, body->b);
}

/* ---- compression ------------------------------------------------------------------------------------------------------------------ */

static size_t zeros_at(const struct bytes *image, size_t at)
{
	size_t n = 0;
	while (at + n < image->size && !image->b[at + n])
		n++;
	return n / AES_BLOCK * AES_BLOCK;
}

/* Runs of bytes, each with the zeros that follow it. */
static void basic(const struct bytes *image, struct bytes *body, struct bytes *format)
{
	for (size_t at = 0, end; at < image->size;) {
		size_t zeros = 0;
		for (end = at; end < image->size && (zeros = zeros_at(image, end)) < ZERO_RUN_MIN; zeros = 0)
			end += AES_BLOCK;
		bytes_add(body, image->b + at, end - at);
		bytes_be32(format, (uint32_t)(end - at));
		bytes_be32(format, (uint32_t)zeros);
		at = end + zeros;
	}
}

void blocks_chain(struct bytes *block, unsigned blocks, struct bytes *body, struct bytes *format)
{
	uint8_t next[4 + SHA1_BYTES] = { 0 };
	for (unsigned i = blocks; i-- > 0;) {
		memcpy(block[i].b, next, sizeof next);
		store_be32(next, (uint32_t)block[i].size);
		sha1_of(block[i].b, block[i].size, NULL, 0, next + 4);
	}
	bytes_add(format, next, sizeof next);
	for (unsigned i = 0; i < blocks; i++) {
		bytes_add(body, block[i].b, block[i].size);
		bytes_free(&block[i]);
	}
}

/* Blocks of up to CHUNKS_MAX frames. */
static void normal(const struct layout *l, struct bytes *body, struct bytes *format)
{
	struct lzx z;
	lzx_compress(l->image.b, l->image.size, 0, l->spec->window_bits, l->spec->blocks, &z);
	struct bytes *block = xcalloc(z.frames, sizeof *block);
	unsigned blocks = (z.frames + CHUNKS_MAX - 1) / CHUNKS_MAX;
	for (unsigned i = 0; i < blocks; i++) {
		bytes_more(&block[i], BLOCK_HEADER);
		for (unsigned f = i * CHUNKS_MAX; f < z.frames && f < (i + 1) * CHUNKS_MAX; f++) {
			size_t at = f ? z.frame_end[f - 1] : 0;
			bytes_be16(&block[i], (unsigned)(z.frame_end[f] - at));
			bytes_add(&block[i], z.stream.b + at, z.frame_end[f] - at);
		}
		bytes_be16(&block[i], 0);
		bytes_align(&block[i], AES_BLOCK);
	}
	bytes_be32(format, 1u << l->spec->window_bits);
	blocks_chain(block, blocks, body, format);
	free(block);
	lzx_free(&z);
}

void body_make(const struct layout *l, struct bytes *body, struct bytes *format)
{
	bytes_more(format, 8);
	store_be16(format->b + 4, l->spec->encrypt);
	store_be16(format->b + 6, (uint16_t)l->spec->compression);
	switch (l->spec->compression) {
	case MAKE_NONE: bytes_add(body, l->image.b, l->image.size); break;
	case MAKE_BASIC: basic(&l->image, body, format); break;
	case MAKE_NORMAL: normal(l, body, format); break;
	}
	store_be32(format->b, (uint32_t)format->size);
	bytes_align(body, AES_BLOCK);
	if (l->spec->encrypt) {
		uint8_t key[16];
		image_key(key);
		body_encrypt(key, body);
	}
}
