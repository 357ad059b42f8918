/* kernel/xecrypt_cipher.c - XeCryptAes*, XeCryptRc4*, XeCryptRandom. Source: ExCrypt. */
#include "config.h"

#include <nettle/aes.h>
#include <nettle/arcfour.h>

#include "kernel/call.h"
#include "kernel/handlers.h"
#include "kernel/rows.h"
#include "kernel/xecrypt_guest.h"

#define BLOCK AES_BLOCK_SIZE
#define CHUNK 1024u

_Static_assert(BLOCK == 16 && AES128_KEY_SIZE == sizeof((struct g_xecrypt_aes_state){ { 0 }, { 0 } }.key), "AES-128");

/* ---- AES-128 ------------------------------------------------------------------------------------------------------------------------- */

/* (state, key) */
void k_XeCryptAesKey(struct machine *m, struct call *c)
{
	struct g_xecrypt_aes_state s = { { 0 }, { 0 } };
	if (in_bytes(m, c, arg32(c, 1), s.key, sizeof s.key))
		out_bytes(m, c, arg32(c, 0), &s, sizeof s);
}

struct aes {
	bool encrypts;
	struct aes128_ctx ctx;
};

static bool aes_load(struct machine *m, struct call *c, bool encrypts, struct aes *a)
{
	uint8_t key[AES128_KEY_SIZE];
	if (!in_bytes(m, c, GA(arg32(c, 0), g_xecrypt_aes_state, key), key, sizeof key))
		return false;
	a->encrypts = encrypts;
	if (encrypts)
		aes128_set_encrypt_key(&a->ctx, key);
	else
		aes128_set_decrypt_key(&a->ctx, key);
	return true;
}

static void aes_block(const struct aes *a, const uint8_t in[BLOCK], uint8_t out[BLOCK])
{
	if (a->encrypts)
		aes128_encrypt(&a->ctx, BLOCK, out, in);
	else
		aes128_decrypt(&a->ctx, BLOCK, out, in);
}

/* (state, in, out, encrypt): one block */
void k_XeCryptAesEcb(struct machine *m, struct call *c)
{
	struct aes a;
	uint8_t in[BLOCK], out[BLOCK];
	if (!aes_load(m, c, (uint8_t)arg32(c, 3), &a) || !in_bytes(m, c, arg32(c, 1), in, sizeof in))
		return;
	aes_block(&a, in, out);
	out_bytes(m, c, arg32(c, 2), out, sizeof out);
}

static void mix(uint8_t b[BLOCK], const uint8_t with[BLOCK])
{
	for (unsigned i = 0; i < BLOCK; i++)
		b[i] ^= with[i];
}

/* (state, in, bytes, out, feed, encrypt): whole blocks, a last one that is not whole too; the feed becomes the last block of cipher text. */
void k_XeCryptAesCbc(struct machine *m, struct call *c)
{
	struct aes a;
	uint8_t feed[BLOCK], in[BLOCK], out[BLOCK];
	uint32_t from = arg32(c, 1), to = arg32(c, 3);
	if (!aes_load(m, c, (uint8_t)arg32(c, 5), &a) || !in_bytes(m, c, arg32(c, 4), feed, sizeof feed))
		return;
	for (uint64_t at = 0; at < arg32(c, 2); at += BLOCK) {
		if (!in_bytes(m, c, from + (uint32_t)at, in, sizeof in))
			return;
		if (a.encrypts)
			mix(in, feed);
		aes_block(&a, in, out);
		if (!a.encrypts)
			mix(out, feed);
		memcpy(feed, a.encrypts ? out : in, sizeof feed);
		if (!out_bytes(m, c, to + (uint32_t)at, out, sizeof out))
			return;
	}
	out_bytes(m, c, arg32(c, 4), feed, sizeof feed);
}

/* ---- RC4 ----------------------------------------------------------------------------------------------------------------------------- */

/* A key beyond 256 bytes is used as far as that; one of no bytes is no key. */
static bool rc4_key(struct machine *m, struct call *c, uint32_t key, uint32_t size, struct arcfour_ctx *rc4)
{
	uint8_t b[ARCFOUR_MAX_KEY_SIZE];
	size = size < sizeof b ? size : sizeof b;
	if (!in_bytes(m, c, key, b, size))
		return false;
	memset(rc4, 0, sizeof *rc4);
	if (size)
		arcfour_set_key(rc4, size, b);
	return true;
}

static bool rc4_turn(struct machine *m, struct call *c, struct arcfour_ctx *rc4, uint32_t ga, uint32_t size)
{
	uint8_t b[CHUNK];
	for (uint32_t n; size; size -= n, ga += n) {
		n = size < CHUNK ? size : CHUNK;
		if (!in_bytes(m, c, ga, b, n))
			return false;
		arcfour_crypt(rc4, n, b, b);
		if (!out_bytes(m, c, ga, b, n))
			return false;
	}
	return true;
}

static bool rc4_store(struct machine *m, struct call *c, const struct arcfour_ctx *rc4)
{
	struct g_xecrypt_rc4_state s = { .i = rc4->i, .j = rc4->j };
	memcpy(s.s, rc4->S, sizeof s.s);
	return out_bytes(m, c, arg32(c, 0), &s, sizeof s);
}

/* (state, key, size) */
void k_XeCryptRc4Key(struct machine *m, struct call *c)
{
	struct arcfour_ctx rc4;
	if (rc4_key(m, c, arg32(c, 1), arg32(c, 2), &rc4))
		rc4_store(m, c, &rc4);
}

/* (state, data, size): in place */
void k_XeCryptRc4Ecb(struct machine *m, struct call *c)
{
	struct g_xecrypt_rc4_state s;
	struct arcfour_ctx rc4;
	if (!in_bytes(m, c, arg32(c, 0), &s, sizeof s))
		return;
	memcpy(rc4.S, s.s, sizeof rc4.S);
	rc4.i = s.i;
	rc4.j = s.j;
	if (rc4_turn(m, c, &rc4, arg32(c, 1), arg32(c, 2)))
		rc4_store(m, c, &rc4);
}

/* (key, size, data, size): in place */
void k_XeCryptRc4(struct machine *m, struct call *c)
{
	struct arcfour_ctx rc4;
	if (rc4_key(m, c, arg32(c, 0), arg32(c, 1), &rc4))
		rc4_turn(m, c, &rc4, arg32(c, 2), arg32(c, 3));
}

/* ---- random bytes ---------------------------------------------------------------------------------------------------------------------- */

/* Any bytes are right that nobody can tell beforehand; here they follow from the moment, the thread and the boot date, so that every run has
 * the same (the generator is splitmix64). */
static uint64_t random_next(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return z ^ z >> 31;
}

/* (buffer, size) */
void k_XeCryptRandom(struct machine *m, struct call *c)
{
	uint64_t state = machine_instructions(m);
	state = random_next(&state) ^ thread_peek(m, c->thread)->tid;
	state = random_next(&state) ^ machine_row(m)->boot_time;
	uint32_t ga = arg32(c, 0), n;
	for (uint32_t left = arg32(c, 1); left; left -= n, ga += n) {
		uint64_t v = random_next(&state);
		n = left < sizeof v ? left : sizeof v;
		be64 b = be64_of(v);
		if (!out_bytes(m, c, ga, &b, n))
			return;
	}
}
