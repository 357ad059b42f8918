/* src/load/xex_crypto.c - see xex_crypto.h */
#include "config.h"

#include "src/load/xex_crypto.h"

#include <nettle/aes.h>
#include <nettle/cbc.h>
#include <nettle/sha1.h>

_Static_assert(XEX_SHA1_BYTES == SHA1_DIGEST_SIZE && XEX_KEY_BYTES == AES128_KEY_SIZE && XEX_KEY_BYTES == AES_BLOCK_SIZE,
	"nettle's sizes");

bool xex_sha1_is(const uint8_t hash[XEX_SHA1_BYTES], const uint8_t *b, size_t size)
{
	return xex_sha1_is_of_two(hash, b, size, b, 0);
}

bool xex_sha1_is_of_two(const uint8_t hash[XEX_SHA1_BYTES], const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size)
{
	struct sha1_ctx ctx;
	uint8_t is[XEX_SHA1_BYTES];
	sha1_init(&ctx);
	sha1_update(&ctx, a_size, a);
	sha1_update(&ctx, b_size, b);
	sha1_digest(&ctx, sizeof is, is);
	return !memcmp(is, hash, sizeof is);
}

void xex_key_decrypt(const uint8_t key[XEX_KEY_BYTES], const uint8_t in[XEX_KEY_BYTES], uint8_t out[XEX_KEY_BYTES])
{
	struct aes128_ctx ctx;
	aes128_set_decrypt_key(&ctx, key);
	aes128_decrypt(&ctx, XEX_KEY_BYTES, out, in);
}

void xex_body_decrypt(const uint8_t key[XEX_KEY_BYTES], const uint8_t *in, size_t size, uint8_t *out)
{
	struct aes128_ctx ctx;
	uint8_t vector[AES_BLOCK_SIZE] = { 0 };
	aes128_set_decrypt_key(&ctx, key);
	cbc_decrypt(&ctx, (nettle_cipher_func *)aes128_decrypt, sizeof vector, vector, size, out, in);
}
