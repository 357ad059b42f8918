/* src/snap/digest.c - see digest.h */
#include "config.h"

#include "src/snap/digest.h"

#include <xxhash.h>

#include "src/snap/pages.h"

/* Parts of the stream; a part's mark cannot be a page's number, so no two states give the same bytes. */
#define MARK_WORLD UINT64_C(0xffffffff00000001)
#define MARK_GUEST UINT64_C(0xffffffff00000002)

static void hash_u64(XXH3_state_t *h, uint64_t v)
{
	XXH3_64bits_update(h, &v, sizeof v);
}

static void hash_page(void *ctx, uint64_t number, const uint8_t *bytes)
{
	XXH3_state_t *h = ctx;
	hash_u64(h, number);
	XXH3_64bits_update(h, bytes, ARENA_PAGE);
}

static void hash_guest_page(void *ctx, uint32_t ga, const uint8_t *bytes)
{
	if (!page_is_zero(bytes))
		hash_page(ctx, ga, bytes);
}

static XXH3_state_t *hash_new(void)
{
	XXH3_state_t *h = XXH3_createState();
	if (!h)
		xmalloc(SIZE_MAX); /* says that memory is out, and ends the process */
	XXH3_64bits_reset(h);
	return h;
}

static uint64_t hash_end(XXH3_state_t *h)
{
	uint64_t v = XXH3_64bits_digest(h);
	XXH3_freeState(h);
	return v;
}

uint64_t state_digest(const struct arena *world, const struct mem *mem)
{
	XXH3_state_t *h = hash_new();
	hash_u64(h, MARK_WORLD);
	arena_each_page(world, hash_page, h);
	hash_u64(h, MARK_GUEST);
	mem_each_touched(mem, hash_guest_page, h);
	return hash_end(h);
}

uint64_t arena_layout_digest(const struct arena *a)
{
	XXH3_state_t *h = hash_new();
	for (unsigned t = 0; t < a->tables; t++) {
		const struct arena_table *d = &a->table[t];
		XXH3_64bits_update(h, d->name, strlen(d->name) + 1);
		hash_u64(h, d->offset);
		hash_u64(h, (uint64_t)d->row_size << 32 | d->max_rows);
	}
	return hash_end(h);
}
