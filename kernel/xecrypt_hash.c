/* kernel/xecrypt_hash.c - XeCryptSha*, XeCryptMd5*, XeCryptHmacSha*, XeCryptRotSumSha: nettle's hashes over states in the title's memory.
 *
 * After a Final the state's words are the digest, as HmacShaFinal relies on. A digest is cut at the caller's size. (Source: ExCrypt)
 */
#include "config.h"

#include <nettle/md5.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>

#include "kernel/call.h"
#include "kernel/handlers.h"
#include "kernel/xecrypt.h"
#include "kernel/xecrypt_guest.h"

#define CHUNK 4096u
#define HMAC_BLOCK 64u

union context {
	struct md5_ctx md5;
	struct sha1_ctx sha1;
	struct sha256_ctx sha256;
	struct sha512_ctx sha512;
};

typedef void init_fn(union context *x);
typedef void update_fn(union context *x, size_t size, const uint8_t *data);
typedef void digest_fn(union context *x, size_t size, uint8_t *digest);

#define HASH_CALLS(name, member, init, update, digest) \
	static void name##_init_(union context *x) \
	{ \
		init(&x->member); \
	} \
	static void name##_update_(union context *x, size_t size, const uint8_t *data) \
	{ \
		update(&x->member, size, data); \
	} \
	static void name##_digest_(union context *x, size_t size, uint8_t *out) \
	{ \
		digest(&x->member, size, out); \
	}
HASH_CALLS(md5, md5, md5_init, md5_update, md5_digest)
HASH_CALLS(sha1, sha1, sha1_init, sha1_update, sha1_digest)
HASH_CALLS(sha256, sha256, sha256_init, sha256_update, sha256_digest)
HASH_CALLS(sha384, sha512, sha384_init, sha512_update, sha384_digest)
HASH_CALLS(sha512, sha512, sha512_init, sha512_update, sha512_digest)

/* Of a state in the title's memory: the count's bytes, then @words words of as many bytes each, then a block. */
struct hash {
	init_fn *init;
	update_fn *update;
	digest_fn *digest;
	uint32_t word, words, block, size; /* bytes of a word; words; bytes of a block, of a digest */
	bool little;                       /* the digest is the words' bytes, the least significant first */
};

static const struct hash md5 = { md5_init_, md5_update_, md5_digest_, 4, 4, 64, MD5_DIGEST_SIZE, true };
static const struct hash sha1 = { sha1_init_, sha1_update_, sha1_digest_, 4, 5, 64, SHA1_DIGEST_SIZE, false };
static const struct hash sha256 = { sha256_init_, sha256_update_, sha256_digest_, 4, 8, 64, SHA256_DIGEST_SIZE, false };
static const struct hash sha384 = { sha384_init_, sha384_update_, sha384_digest_, 8, 8, 128, SHA384_DIGEST_SIZE, false };
static const struct hash sha512 = { sha512_init_, sha512_update_, sha512_digest_, 8, 8, 128, SHA512_DIGEST_SIZE, false };

#define STATE_MAX sizeof(struct g_xecrypt_sha512_state)
#define DIGEST_MAX SHA512_DIGEST_SIZE

static uint32_t state_bytes(const struct hash *h)
{
	return h->word + h->words * h->word + h->block;
}

/* ---- a context and its state in memory ----------------------------------------------------------------------------------------- */

static uint64_t load_word(const struct hash *h, const uint8_t *b)
{
	return h->word == 8 ? load_be64(b) : load_be32(b);
}

static void store_word(const struct hash *h, uint8_t *b, uint64_t v)
{
	if (h->word == 8)
		store_be64(b, v);
	else
		store_be32(b, (uint32_t)v);
}

static uint64_t context_word(const struct hash *h, const union context *x, unsigned i)
{
	if (h == &md5)
		return x->md5.state[i];
	if (h == &sha1)
		return x->sha1.state[i];
	return h->word == 4 ? x->sha256.state[i] : x->sha512.state[i];
}

static void context_word_set(const struct hash *h, union context *x, unsigned i, uint64_t v)
{
	if (h == &md5)
		x->md5.state[i] = (uint32_t)v;
	else if (h == &sha1)
		x->sha1.state[i] = (uint32_t)v;
	else if (h->word == 4)
		x->sha256.state[i] = (uint32_t)v;
	else
		x->sha512.state[i] = v;
}

/* How many bytes it has had. */
static uint64_t context_count(const struct hash *h, const union context *x)
{
	if (h == &md5)
		return x->md5.count * h->block + x->md5.index;
	if (h == &sha1)
		return x->sha1.count * h->block + x->sha1.index;
	if (h->word == 4)
		return x->sha256.count * h->block + x->sha256.index;
	return x->sha512.count_low * h->block + x->sha512.index;
}

static void context_count_set(const struct hash *h, union context *x, uint64_t count, const uint8_t *block)
{
	unsigned index = (unsigned)(count % h->block);
	count /= h->block;
	if (h == &md5) {
		x->md5.count = count;
		x->md5.index = index;
		memcpy(x->md5.block, block, index);
	} else if (h == &sha1) {
		x->sha1.count = count;
		x->sha1.index = index;
		memcpy(x->sha1.block, block, index);
	} else if (h->word == 4) {
		x->sha256.count = count;
		x->sha256.index = index;
		memcpy(x->sha256.block, block, index);
	} else {
		x->sha512.count_low = count;
		x->sha512.index = index;
		memcpy(x->sha512.block, block, index);
	}
}

static const uint8_t *context_block(const struct hash *h, const union context *x)
{
	if (h == &md5)
		return x->md5.block;
	if (h == &sha1)
		return x->sha1.block;
	return h->word == 4 ? x->sha256.block : x->sha512.block;
}

static bool load(struct machine *m, struct call *c, const struct hash *h, uint32_t ga, union context *x)
{
	uint8_t b[STATE_MAX];
	h->init(x);
	if (!in_bytes(m, c, ga, b, state_bytes(h)))
		return false;
	for (unsigned i = 0; i < h->words; i++)
		context_word_set(h, x, i, load_word(h, b + h->word * (1 + i)));
	context_count_set(h, x, load_word(h, b), b + h->word * (1 + h->words));
	return true;
}

static bool store(struct machine *m, struct call *c, const struct hash *h, uint32_t ga, const union context *x)
{
	uint8_t b[STATE_MAX];
	uint64_t count = context_count(h, x);
	if (!in_bytes(m, c, ga, b, state_bytes(h)))
		return false;
	store_word(h, b, count);
	for (unsigned i = 0; i < h->words; i++)
		store_word(h, b + h->word * (1 + i), context_word(h, x, i));
	memcpy(b + h->word * (1 + h->words), context_block(h, x), count % h->block);
	return out_bytes(m, c, ga, b, state_bytes(h));
}

/* ---- data of the title's --------------------------------------------------------------------------------------------------------- */

static bool feed(struct machine *m, struct call *c, const struct hash *h, union context *x, uint32_t ga, uint32_t size)
{
	uint8_t b[CHUNK];
	for (uint32_t n; size; size -= n, ga += n) {
		n = size < CHUNK - ga % CHUNK ? size : CHUNK - ga % CHUNK;
		if (!in_bytes(m, c, ga, b, n))
			return false;
		h->update(x, n, b);
	}
	return true;
}

/* The three pieces from argument @first on; a NULL one is left out. */
static bool feed_three(struct machine *m, struct call *c, const struct hash *h, union context *x, unsigned first)
{
	for (unsigned i = first; i < first + 6; i += 2)
		if (arg32(c, i) && !feed(m, c, h, x, arg32(c, i), arg32(c, i + 1)))
			return false;
	return true;
}

static void digest_out(struct machine *m, struct call *c, const struct hash *h, const uint8_t *digest, uint32_t ga, uint32_t size)
{
	if (ga)
		out_bytes(m, c, ga, digest, size < h->size ? size : h->size);
}

static void hash_init(struct machine *m, struct call *c, const struct hash *h)
{
	union context x;
	h->init(&x);
	store(m, c, h, arg32(c, 0), &x);
}

static void hash_update(struct machine *m, struct call *c, const struct hash *h)
{
	union context x;
	if (load(m, c, h, arg32(c, 0), &x) && feed(m, c, h, &x, arg32(c, 1), arg32(c, 2)))
		store(m, c, h, arg32(c, 0), &x);
}

/* The state at @ga ends; its words become the digest. */
static bool finish(struct machine *m, struct call *c, const struct hash *h, uint32_t ga, uint8_t digest[DIGEST_MAX])
{
	union context x;
	if (!load(m, c, h, ga, &x))
		return false;
	h->digest(&x, h->size, digest);
	for (unsigned i = 0; i < h->size / h->word; i++) {
		uint64_t v = load_word(h, digest + i * h->word);
		uint8_t b[8];
		store_word(h, b, h->little ? __builtin_bswap32((uint32_t)v) : v);
		if (!out_bytes(m, c, ga + h->word * (1 + i), b, h->word))
			return false;
	}
	return true;
}

static void hash_final(struct machine *m, struct call *c, const struct hash *h)
{
	uint8_t digest[DIGEST_MAX];
	if (finish(m, c, h, arg32(c, 0), digest))
		digest_out(m, c, h, digest, arg32(c, 1), arg32(c, 2));
}

static void hash_three(struct machine *m, struct call *c, const struct hash *h)
{
	union context x;
	uint8_t digest[DIGEST_MAX];
	h->init(&x);
	if (!feed_three(m, c, h, &x, 0))
		return;
	h->digest(&x, h->size, digest);
	digest_out(m, c, h, digest, arg32(c, 6), arg32(c, 7));
}

#define HASH_HANDLERS(Name, h) \
	void k_XeCrypt##Name##Init(struct machine *m, struct call *c) \
	{ \
		hash_init(m, c, &h); \
	} \
	void k_XeCrypt##Name##Update(struct machine *m, struct call *c) \
	{ \
		hash_update(m, c, &h); \
	} \
	void k_XeCrypt##Name##Final(struct machine *m, struct call *c) \
	{ \
		hash_final(m, c, &h); \
	} \
	void k_XeCrypt##Name(struct machine *m, struct call *c) \
	{ \
		hash_three(m, c, &h); \
	}
HASH_HANDLERS(Md5, md5)
HASH_HANDLERS(Sha, sha1)
HASH_HANDLERS(Sha256, sha256)
HASH_HANDLERS(Sha384, sha384)
HASH_HANDLERS(Sha512, sha512)

/* ---- HMAC with SHA-1: two states, of the inner and the outer hash. A key beyond 64 bytes is cut, not hashed. ------------------------ */

#define INNER(ga) GA(ga, g_xecrypt_hmacsha_state, inner)
#define OUTER(ga) GA(ga, g_xecrypt_hmacsha_state, outer)

static bool pad_key(struct machine *m, struct call *c, uint32_t key, uint32_t size, uint8_t with, union context *x)
{
	uint8_t b[HMAC_BLOCK] = { 0 };
	if (!in_bytes(m, c, key, b, size < sizeof b ? size : sizeof b))
		return false;
	for (unsigned i = 0; i < sizeof b; i++)
		b[i] ^= with;
	sha1.init(x);
	sha1.update(x, sizeof b, b);
	return true;
}

void k_XeCryptHmacShaInit(struct machine *m, struct call *c)
{
	union context inner, outer;
	if (pad_key(m, c, arg32(c, 1), arg32(c, 2), 0x36, &inner) && pad_key(m, c, arg32(c, 1), arg32(c, 2), 0x5C, &outer) &&
		store(m, c, &sha1, INNER(arg32(c, 0)), &inner))
		store(m, c, &sha1, OUTER(arg32(c, 0)), &outer);
}

void k_XeCryptHmacShaUpdate(struct machine *m, struct call *c)
{
	hash_update(m, c, &sha1);
}

void k_XeCryptHmacShaFinal(struct machine *m, struct call *c)
{
	uint8_t digest[DIGEST_MAX];
	union context outer;
	if (!finish(m, c, &sha1, INNER(arg32(c, 0)), digest) || !load(m, c, &sha1, OUTER(arg32(c, 0)), &outer))
		return;
	sha1.update(&outer, sha1.size, digest);
	if (store(m, c, &sha1, OUTER(arg32(c, 0)), &outer) && finish(m, c, &sha1, OUTER(arg32(c, 0)), digest))
		digest_out(m, c, &sha1, digest, arg32(c, 1), arg32(c, 2));
}

/* (key, size, three pieces with their sizes, ...) */
static bool hmac_three(struct machine *m, struct call *c, uint8_t digest[DIGEST_MAX])
{
	union context inner, outer;
	if (!pad_key(m, c, arg32(c, 0), arg32(c, 1), 0x36, &inner) || !pad_key(m, c, arg32(c, 0), arg32(c, 1), 0x5C, &outer) ||
		!feed_three(m, c, &sha1, &inner, 2))
		return false;
	sha1.digest(&inner, sha1.size, digest);
	sha1.update(&outer, sha1.size, digest);
	sha1.digest(&outer, sha1.size, digest);
	return true;
}

void k_XeCryptHmacSha(struct machine *m, struct call *c)
{
	uint8_t digest[DIGEST_MAX];
	if (hmac_three(m, c, digest))
		digest_out(m, c, &sha1, digest, arg32(c, 8), arg32(c, 9));
}

/* 1: it is what the caller has, as far as that goes. */
void k_XeCryptHmacShaVerify(struct machine *m, struct call *c)
{
	uint8_t digest[DIGEST_MAX], is[DIGEST_MAX];
	uint32_t size = arg32(c, 9);
	if (hmac_three(m, c, digest) && size <= sha1.size && in_bytes(m, c, arg32(c, 8), is, size))
		call_return(c, !memcmp(digest, is, size));
}

/* ---- RotSumSha: a rotating sum of the data's quadwords stands before and, inverted, behind the data that is hashed ------------------- */

struct rotsum {
	uint64_t carry, sum, borrow, difference;
};

static uint64_t rotl(uint64_t v, unsigned n)
{
	return v << n | v >> (64 - n);
}

static bool rotsum_feed(struct machine *m, struct call *c, struct rotsum *r, uint32_t ga, uint32_t size)
{
	for (size /= 8; size; size--, ga += 8) {
		uint64_t v = in64(m, c, ga);
		if (c->faulted)
			return false;
		r->sum += v;
		r->carry += r->sum < v;
		r->difference -= v;
		r->borrow -= r->difference > v; /* not a true borrow: real signatures hold with this test */
		r->sum = rotl(r->sum, 29);
		r->difference = rotl(r->difference, 31);
	}
	return true;
}

static void rotsum_twice(union context *x, const struct rotsum *r)
{
	uint8_t b[32];
	store_be64(b, r->carry);
	store_be64(b + 8, r->sum);
	store_be64(b + 16, r->borrow);
	store_be64(b + 24, r->difference);
	sha1.update(x, sizeof b, b);
	sha1.update(x, sizeof b, b);
}

/* (two pieces with their sizes, digest, size) */
void k_XeCryptRotSumSha(struct machine *m, struct call *c)
{
	struct rotsum r = { 0 };
	union context x;
	uint8_t digest[DIGEST_MAX];
	for (unsigned i = 0; i < 4; i += 2)
		if (!rotsum_feed(m, c, &r, arg32(c, i), arg32(c, i + 1)))
			return;
	sha1.init(&x);
	rotsum_twice(&x, &r);
	for (unsigned i = 0; i < 4; i += 2)
		if (!feed(m, c, &sha1, &x, arg32(c, i), arg32(c, i + 1)))
			return;
	rotsum_twice(&x, &(struct rotsum){ ~r.carry, ~r.sum, ~r.borrow, ~r.difference });
	sha1.digest(&x, sha1.size, digest);
	digest_out(m, c, &sha1, digest, arg32(c, 4), arg32(c, 5));
}
