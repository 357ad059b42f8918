/* src/load/xex_crypto.h - SHA-1 and AES-128 as XEX2 images use them, through nettle. */
#ifndef SRC_LOAD_XEX_CRYPTO_H
#define SRC_LOAD_XEX_CRYPTO_H

#include "src/load/xex.h"

#define XEX_SHA1_BYTES 20u

/** Is this the SHA-1 of @size bytes at @b? */
bool xex_sha1_is(const uint8_t hash[XEX_SHA1_BYTES], const uint8_t *b, size_t size);
/** The same of the bytes at @a with those at @b behind them. */
bool xex_sha1_is_of_two(const uint8_t hash[XEX_SHA1_BYTES], const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size);
/** One block, by itself: how a key is kept under another key. @out may be @in. */
void xex_key_decrypt(const uint8_t key[XEX_KEY_BYTES], const uint8_t in[XEX_KEY_BYTES], uint8_t out[XEX_KEY_BYTES]);
/** A chain of blocks (CBC, first vector zero); @size is a multiple of 16. */
void xex_body_decrypt(const uint8_t key[XEX_KEY_BYTES], const uint8_t *in, size_t size, uint8_t *out);

#endif
