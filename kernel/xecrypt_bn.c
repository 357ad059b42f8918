/* kernel/xecrypt_bn.c - XeCryptBn*: signatures of 2048 bits, and moving big numbers about.
 *
 * Numbers are quadwords in the machine's byte order, the least significant first. A signature s of the padded hash F under exponent e
 * satisfies s^e / 2^(2048 (e - 1)) = F mod n: the console multiplies as Montgomery does and does not correct for it. F is 28 zero
 * quadwords, 01, the salt, a hash over the first 8 bytes, the hash and the salt, and BC at the end, all but the hash and BC under RC4 with
 * that hash as key, its top bit cleared. (Source: ExCrypt's excrypt_bn_sig.c, by which signatures of real images hold.)
 */
#include "config.h"

#include <nettle/arcfour.h>
#include <nettle/sha1.h>

#include "kernel/call.h"
#include "kernel/handlers.h"
#include "kernel/xecrypt.h"
#include "kernel/xecrypt_guest.h"

#define N XECRYPT_QUADWORDS
#define SALT 10u
#define PADDED (8 * N)
#define CHUNK 1024u

typedef unsigned __int128 wide;

/* ---- arithmetic ------------------------------------------------------------------------------------------------------------------- */

/* -1 / v mod 2^64, of an odd v. */
static uint64_t negative_inverse(uint64_t v)
{
	uint64_t x = v; /* right in 3 bits; each step doubles them */
	for (unsigned i = 0; i < 5; i++)
		x *= 2 - v * x;
	return 0 - x;
}

static bool at_least(const uint64_t *a, const uint64_t *b)
{
	unsigned i = N;
	while (i > 0 && a[i - 1] == b[i - 1])
		i--;
	return i == 0 || a[i - 1] > b[i - 1];
}

static void subtract(uint64_t *a, const uint64_t *b)
{
	uint64_t borrow = 0;
	for (unsigned i = 0; i < N; i++) {
		wide d = (wide)a[i] - b[i] - borrow;
		a[i] = (uint64_t)d;
		borrow = (uint64_t)(d >> 64) & 1;
	}
}

/* t += a * by, from t[0] on; what is left over goes into t[N] and t[N + 1]. */
static void add_product(uint64_t *t, const uint64_t *a, uint64_t by)
{
	uint64_t carry = 0;
	for (unsigned i = 0; i < N; i++) {
		wide p = (wide)a[i] * by + t[i] + carry;
		t[i] = (uint64_t)p;
		carry = (uint64_t)(p >> 64);
	}
	wide top = (wide)t[N] + carry;
	t[N] = (uint64_t)top;
	t[N + 1] += (uint64_t)(top >> 64);
}

void bn_multiply(uint64_t out[N], const uint64_t a[N], const uint64_t b[N], const uint64_t n[N])
{
	uint64_t t[N + 2] = { 0 }, inverse = negative_inverse(n[0]);
	for (unsigned i = 0; i < N; i++) {
		add_product(t, a, b[i]);
		add_product(t, n, t[0] * inverse);
		memmove(t, t + 1, (N + 1) * sizeof *t);
		t[N + 1] = 0;
	}
	if (t[N] || at_least(t, n))
		subtract(t, n);
	memcpy(out, t, N * sizeof *t);
}

/* ---- signatures --------------------------------------------------------------------------------------------------------------------- */

/* F, as a number; false: a pointer is bad. */
static bool format(struct machine *m, struct call *c, uint32_t hash, uint32_t salt, uint64_t f[N])
{
	uint8_t p[PADDED] = { 0 }, h[SHA1_DIGEST_SIZE];
	const uint32_t one = PADDED - 1 - SHA1_DIGEST_SIZE - SALT - 1;
	struct sha1_ctx sha;
	struct arcfour_ctx rc4;
	p[one] = 1;
	p[PADDED - 1] = 0xBC;
	if (!in_bytes(m, c, hash, h, sizeof h) || !in_bytes(m, c, salt, p + one + 1, SALT))
		return false;
	sha1_init(&sha);
	sha1_update(&sha, 8, p);
	sha1_update(&sha, sizeof h, h);
	sha1_update(&sha, SALT, p + one + 1);
	sha1_digest(&sha, SHA1_DIGEST_SIZE, p + one + 1 + SALT);
	arcfour_set_key(&rc4, SHA1_DIGEST_SIZE, p + one + 1 + SALT);
	arcfour_crypt(&rc4, one + 1 + SALT, p, p);
	p[0] &= 0x7F;
	for (unsigned i = 0; i < N; i++)
		f[i] = load_be64(p + 8 * (N - 1 - i));
	return true;
}

static bool number_in(struct machine *m, struct call *c, uint32_t ga, uint64_t v[N])
{
	be64 b[N];
	if (!in_bytes(m, c, ga, b, sizeof b))
		return false;
	for (unsigned i = 0; i < N; i++)
		v[i] = be64_get(b[i]);
	return true;
}

/* (signature, hash of 20 bytes, salt of 10, public key): 1 = it is a signature of that hash. The title's signature is left as it is. */
void k_XeCryptBnQwBeSigVerify(struct machine *m, struct call *c)
{
	struct g_xecrypt_rsa_2048 key;
	uint64_t s[N], x[N], n[N], f[N];
	uint32_t rsa = arg32(c, 3);
	if (!in_bytes(m, c, rsa, &key, offsetof(struct g_xecrypt_rsa_2048, modulus)))
		return;
	uint32_t e = be32_get(key.exponent);
	if (be32_get(key.quadwords) != N || (e != 3 && e != 0x10001))
		return;
	if (!number_in(m, c, GA(rsa, g_xecrypt_rsa_2048, modulus), n) || !number_in(m, c, arg32(c, 0), s) ||
		!format(m, c, arg32(c, 1), arg32(c, 2), f))
		return;
	if (!(n[0] & 1))
		return; /* no modulus */
	memcpy(x, s, sizeof x);
	while (e >>= 1)
		bn_multiply(x, x, x, n);
	bn_multiply(x, x, s, n);
	call_return(c, !memcmp(x, f, sizeof x));
}

/* (signature, hash, salt): F, before it is signed. */
void k_XeCryptBnQwBeSigFormat(struct machine *m, struct call *c)
{
	uint64_t f[N];
	be64 b[N];
	if (!format(m, c, arg32(c, 1), arg32(c, 2), f))
		return;
	for (unsigned i = 0; i < N; i++)
		b[i] = be64_of(f[i]);
	out_bytes(m, c, arg32(c, 0), b, sizeof b);
}

/* ---- moving numbers about ------------------------------------------------------------------------------------------------------------ */

typedef void turn_fn(uint8_t *word);

static void turn_bytes_32(uint8_t *w)
{
	store_be32(w, __builtin_bswap32(load_be32(w)));
}

static void turn_halves_64(uint8_t *w)
{
	uint64_t v = load_be64(w);
	store_be64(w, v << 32 | v >> 32);
}

static void turn_bytes_64(uint8_t *w)
{
	store_be64(w, __builtin_bswap64(load_be64(w)));
}

/* (from, to, words of @word bytes): word by word from the first one on, each as @turn makes it. */
static void move(struct machine *m, struct call *c, uint32_t word, turn_fn *turn)
{
	uint32_t from = arg32(c, 0), to = arg32(c, 1);
	uint8_t b[8];
	for (uint32_t left = arg32(c, 2); left; left--, from += word, to += word) {
		if (!in_bytes(m, c, from, b, word))
			return;
		if (turn)
			turn(b);
		if (!out_bytes(m, c, to, b, word))
			return;
	}
}

static void zero(struct machine *m, struct call *c, uint32_t word)
{
	const uint8_t none[CHUNK] = { 0 };
	uint64_t left = (uint64_t)arg32(c, 1) * word;
	for (uint32_t ga = arg32(c, 0), n; left; left -= n, ga += n) {
		n = left < CHUNK ? (uint32_t)left : CHUNK;
		if (!out_bytes(m, c, ga, none, n))
			return;
	}
}

void k_XeCryptBnDw_Copy(struct machine *m, struct call *c)
{
	move(m, c, 4, NULL);
}

void k_XeCryptBnDw_SwapLeBe(struct machine *m, struct call *c)
{
	move(m, c, 4, turn_bytes_32);
}

void k_XeCryptBnDw_Zero(struct machine *m, struct call *c)
{
	zero(m, c, 4);
}

void k_XeCryptBnQw_Copy(struct machine *m, struct call *c)
{
	move(m, c, 8, NULL);
}

void k_XeCryptBnQw_SwapDwQw(struct machine *m, struct call *c)
{
	move(m, c, 8, turn_halves_64);
}

void k_XeCryptBnQw_SwapDwQwLeBe(struct machine *m, struct call *c)
{
	move(m, c, 8, turn_bytes_64);
}

void k_XeCryptBnQw_Zero(struct machine *m, struct call *c)
{
	zero(m, c, 8);
}
