/* src/vol/stfs_hash.c - where a package's blocks and the tables of their hashes lie, and whether a block is what its hash says: see stfs.c.
 *
 * A table has an entry of 24 bytes for each of 170 data blocks, or of 170 tables one level below: SHA-1 of its 4 KiB, then the word. The volume
 * descriptor has the SHA-1 of the topmost table. So a block is good if all tables on the way to it are, and its own hash is the one it has.
 */
#include "config.h"

#include <nettle/sha1.h>
#include <stdlib.h>

#include "src/vol/stfs.h"

#define HASH_ENTRY 0x18u
#define L0 170u
#define L1 28900u

static const uint32_t per[] = { 1, L0, L1 };

uint64_t stfs_offset(const struct volume *v, uint32_t block)
{
	uint64_t at = block, each = L0;
	for (unsigned level = 0; level < STFS_LEVELS; level++) {
		at += (block + each) / each * v->stfs->copies;
		if (block < each)
			break;
		each *= L0;
	}
	return v->base + at * STFS_BLOCK;
}

/* Where the hash table of @level for data block @block lies: its first copy. */
static uint64_t table_offset(const struct volume *v, uint32_t block, unsigned level)
{
	uint64_t tables = v->stfs->copies, step0 = L0 + tables, step1 = L1 + (L0 + 1) * tables, at;
	if (level == 0) {
		at = block < L0 ? 0 : (uint64_t)(block / L0) * step0 + (block / L1 + 1u) * tables;
		if (block >= L1)
			at += tables;
	} else if (level == 1) {
		at = block < L1 ? step0 : block / L1 * step1 + tables;
	} else {
		at = step1;
	}
	return v->base + at * STFS_BLOCK;
}

static bool hash_is(const uint8_t hash[SHA1_DIGEST_SIZE], const uint8_t *bytes)
{
	struct sha1_ctx ctx;
	uint8_t is[SHA1_DIGEST_SIZE];
	sha1_init(&ctx);
	sha1_update(&ctx, STFS_BLOCK, bytes);
	sha1_digest(&ctx, sizeof is, is);
	return !memcmp(is, hash, sizeof is);
}

/* The hash entry of @block, from the copies that count; *@trusted: all tables on the way to it are what their hashes say. */
static enum status entry_of(struct volume *v, uint32_t block, const uint8_t **entry, bool *trusted, struct err *err)
{
	struct stfs *s = v->stfs;
	unsigned level = s->blocks > L1 ? 2 : s->blocks > L0 ? 1 : 0;
	const uint8_t *hash = s->top;
	uint32_t copy = s->active;
	for (*trusted = true;; level--) {
		struct stfs_table *t = &s->table[level];
		uint64_t at = table_offset(v, block, level) + (s->copies > 1 ? copy * STFS_BLOCK : 0);
		if (t->at != at || !t->read) {
			t->read = false;
			enum status st = vol_pread(v, at, t->bytes, sizeof t->bytes, err);
			if (st != ST_OK)
				return st;
			t->at = at;
			t->read = true;
			t->good = *trusted && hash_is(hash, t->bytes);
		}
		*trusted = t->good;
		*entry = t->bytes + (size_t)(block / per[level] % L0) * HASH_ENTRY;
		if (!level)
			return ST_OK;
		hash = *entry;
		copy = load_be32(*entry + SHA1_DIGEST_SIZE) >> 30 & 1;
	}
}

enum status stfs_next(struct volume *v, uint32_t block, uint32_t *next, struct err *err)
{
	const uint8_t *entry;
	bool trusted;
	enum status st = entry_of(v, block, &entry, &trusted, err);
	if (st == ST_OK)
		*next = load_be32(entry + SHA1_DIGEST_SIZE) & STFS_NO_BLOCK;
	return st;
}

enum status stfs_check(struct volume *v, uint32_t block, const uint8_t bytes[STFS_BLOCK], struct err *err)
{
	const uint8_t *entry;
	bool trusted;
	enum status st = entry_of(v, block, &entry, &trusted, err);
	if (st == ST_OK && (!trusted || !hash_is(entry, bytes)))
		st = err_set(err, ST_BAD_INPUT, "%.300s: block %u is not what its %s", v->path, (unsigned)block,
			trusted ? "SHA-1 says" : "hash tables say, which are damaged themselves");
	return st;
}
