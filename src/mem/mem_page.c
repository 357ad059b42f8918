/* src/mem/mem_page.c - pages and frames: reserving, committing, protecting, giving back. Every transition is checked, and on
 * failure nothing has changed. */
#include "config.h"

#include "src/mem/mem.h"

#include "src/mem/mem_priv.h"

/* ---- heaps --------------------------------------------------------------------------------------------------------- */

/* facts: kernel semantics, "Memory map". Pages; @size is the heap's page size in bytes. */
static const struct heap {
	uint32_t first, end, size;
} heaps[] = {
	{ 0x00000, 0x40000, 0x1000 },                  /* virtual */
	{ 0x40000, MEM_SPECIAL_FIRST, 0x10000 },       /* virtual, stacks at its end */
	{ MEM_SPECIAL_FIRST, MEM_MMIO_FIRST, 0x1000 }, /* write-back, locked cache */
	{ 0x80000, 0x90000, 0x10000 },                 /* images */
	{ 0x90000, 0xA0000, 0x1000 },
	{ 0xA0000, 0xC0000, 0x10000 },                 /* physical */
	{ 0xC0000, 0xE0000, 0x1000000 },
	{ MEM_PHYS_E, MEM_TOP, 0x1000 },
};

static const struct heap *heap_at(uint32_t page)
{
	for (unsigned i = 0; i < ARRAY_LEN(heaps); i++) {
		if (page >= heaps[i].first && page < heaps[i].end)
			return &heaps[i];
	}
	return NULL;
}

uint32_t mem_heap_page_size(uint32_t ga)
{
	const struct heap *h = heap_at(page_of(ga));
	return h ? h->size : 0;
}

/* A range of pages of one heap, as canonical pages. Page 0 is never given out: alloc_base 0 means none. */
struct range {
	uint32_t first, count;
};

static bool range_of(uint32_t ga, uint32_t size, struct range *r)
{
	const struct heap *h = heap_at(page_of(ga));
	INVARIANT(!(ga & (MEM_PAGE - 1)) && !(size & (MEM_PAGE - 1)));
	if (!h || !ga || page_of(size) > h->end - page_of(ga))
		return false;
	*r = (struct range){ page_canonical(page_of(ga)), page_of(size) };
	return true;
}

/* ---- rows --------------------------------------------------------------------------------------------------------------- */

static struct mem_page *page_row(struct mem *m, uint32_t canonical)
{
	arena_cover(m->world, m->t_page, canonical + 1);
	return arena_row(m->world, m->t_page, canonical + 1);
}

static bool page_is_free(const struct mem *m, uint32_t canonical)
{
	return page_peek(m, canonical)->state == MEM_FREE &&
	       (!page_is_physical(canonical) || frame_peek(m, canonical - MEM_PHYS_A)->state == MEM_FRAME_FREE);
}

/* ---- committing ------------------------------------------------------------------------------------------------------------- */

static enum status commit_check(const struct mem *m, const struct range *r)
{
	uint32_t needed = 0;
	for (uint32_t p = r->first; p < r->first + r->count; p++) {
		uint8_t state = page_peek(m, p)->state;
		if (state == MEM_COMMITTED || state == MEM_MMIO)
			return ST_STATE;
		if (!page_is_physical(p))
			needed++;
		else if (state == MEM_FREE && !page_is_free(m, p))
			return ST_NO_MEMORY;
	}
	return needed > world_peek(m)->frames_free ? ST_NO_MEMORY : ST_OK;
}

static void commit_page(struct mem *m, uint32_t p, unsigned protect, enum mem_owner owner, uint32_t alloc_base, uint32_t ga)
{
	uint32_t frame = page_is_physical(p) ? p - MEM_PHYS_A : frame_find(m);
	struct mem_page *row = page_row(m, p);
	bool reserved = page_is_physical(p) && row->state == MEM_RESERVED_ONLY;
	frame_move(m, frame, reserved ? MEM_FRAME_RESERVED : MEM_FRAME_FREE, MEM_FRAME_OWNED, owner, ga);
	if (row->state == MEM_FREE) {
		row->alloc_base = alloc_base;
		row->alloc_protect = (uint8_t)protect;
	}
	row->frame = frame + 1;
	row->state = MEM_COMMITTED;
	row->protect = (uint8_t)protect;
	row->owner = (uint8_t)owner;
	page_attr_derive(m, p);
}

enum status mem_commit(struct mem *m, uint32_t ga, uint32_t size, unsigned protect, enum mem_owner owner, uint32_t alloc_base)
{
	struct range r;
	if (!range_of(ga, size, &r))
		return ST_BAD_ADDRESS;
	enum status st = commit_check(m, &r);
	for (uint32_t i = 0; st == ST_OK && i < r.count; i++)
		commit_page(m, r.first + i, protect, owner, alloc_base, ga + (i << MEM_PAGE_SHIFT));
	return st;
}

enum status mem_commit_physical(struct mem *m, uint32_t phys, uint32_t size, unsigned protect, uint32_t alloc_base)
{
	if (phys >= MEM_PHYSICAL_BYTES)
		return ST_BAD_ADDRESS;
	return mem_commit(m, (MEM_PHYS_A << MEM_PAGE_SHIFT) + phys, size, protect, MEM_OWNER_physical, alloc_base);
}

enum status mem_reserve_range(struct mem *m, uint32_t ga, uint32_t size, unsigned protect, uint32_t alloc_base)
{
	struct range r;
	if (!range_of(ga, size, &r))
		return ST_BAD_ADDRESS;
	for (uint32_t p = r.first; p < r.first + r.count; p++) {
		if (!page_is_free(m, p))
			return ST_STATE;
	}
	for (uint32_t p = r.first; p < r.first + r.count; p++) {
		*page_row(m, p) = (struct mem_page){ .alloc_base = alloc_base, .state = MEM_RESERVED_ONLY,
						     .alloc_protect = (uint8_t)protect };
		if (page_is_physical(p))
			frame_move(m, p - MEM_PHYS_A, MEM_FRAME_FREE, MEM_FRAME_RESERVED, MEM_OWNER_none, p << MEM_PAGE_SHIFT);
	}
	return ST_OK;
}

/* ---- giving back ---------------------------------------------------------------------------------------------------------------- */

static void release_page(struct mem *m, uint32_t p, bool release)
{
	uint8_t state = page_peek(m, p)->state;
	if (state != MEM_COMMITTED && !(release && state == MEM_RESERVED_ONLY))
		return;
	struct mem_page *row = page_row(m, p);
	if (state == MEM_COMMITTED || page_is_physical(p)) {
		uint32_t frame = page_is_physical(p) ? p - MEM_PHYS_A : row->frame - 1;
		bool keep = page_is_physical(p) && !release;
		frame_move(m, frame, state == MEM_COMMITTED ? MEM_FRAME_OWNED : MEM_FRAME_RESERVED, keep ? MEM_FRAME_RESERVED : MEM_FRAME_FREE,
		           MEM_OWNER_none, p << MEM_PAGE_SHIFT);
	}
	if (release)
		*row = (struct mem_page){ 0 };
	else
		*row = (struct mem_page){ .alloc_base = row->alloc_base, .state = MEM_RESERVED_ONLY,
					  .alloc_protect = row->alloc_protect };
	page_attr_derive(m, p);
}

void mem_release(struct mem *m, uint32_t ga, uint32_t size, bool release)
{
	struct range r;
	if (!range_of(ga, size, &r))
		return;
	pages_zero(m, r.first, r.count);
	for (uint32_t p = r.first; p < r.first + r.count; p++)
		release_page(m, p, release);
}

enum status mem_protect(struct mem *m, uint32_t ga, uint32_t size, unsigned protect)
{
	struct range r;
	if (!range_of(ga, size, &r))
		return ST_BAD_ADDRESS;
	for (uint32_t p = r.first; p < r.first + r.count; p++) {
		if (page_peek(m, p)->state != MEM_COMMITTED)
			return ST_STATE;
	}
	for (uint32_t p = r.first; p < r.first + r.count; p++) {
		page_row(m, p)->protect = (uint8_t)protect;
		page_attr_derive(m, p);
	}
	return ST_OK;
}

/* ---- looking -------------------------------------------------------------------------------------------------------------------- */

const struct mem_page *mem_page_at(const struct mem *m, uint32_t ga)
{
	return page_peek(m, page_canonical(page_of(ga)));
}

/* DEBT(virtual-frames): a virtual page's bytes lie at its own address, not behind its frame. Its frame number is a true account, but a
 * physical window does not show that page: an access there is a guest fault. */
bool mem_physical(const struct mem *m, uint32_t ga, uint32_t *phys)
{
	const struct mem_page *row = mem_page_at(m, ga);
	if (!row->frame)
		return false;
	*phys = (row->frame - 1) << MEM_PAGE_SHIFT | (ga & (MEM_PAGE - 1));
	return true;
}

/* What mem_find_free may give out. */
static bool is_to_have(const struct mem *m, uint32_t page)
{
	return heap_at(page) && (page < MEM_SPECIAL_FIRST || page >= MEM_MMIO_FIRST) && page_is_free(m, page_canonical(page));
}

/* The last page of [first, first+count) that is taken, or -1. */
static int64_t last_taken(const struct mem *m, uint64_t first, uint32_t count)
{
	for (uint64_t p = first + count; p-- > first;) {
		if (!is_to_have(m, (uint32_t)p))
			return (int64_t)p;
	}
	return -1;
}

static int64_t first_taken(const struct mem *m, uint64_t first, uint32_t count)
{
	for (uint64_t p = first; p < first + count; p++) {
		if (!is_to_have(m, (uint32_t)p))
			return (int64_t)p;
	}
	return -1;
}

uint32_t mem_find_free(const struct mem *m, uint32_t low, uint32_t high, uint32_t size, uint32_t align, bool top_down)
{
	INVARIANT(size && align >= MEM_PAGE && !(align & (align - 1)) && !(size & (MEM_PAGE - 1)));
	uint64_t step = page_of(align), count = page_of(size);
	uint64_t first = (page_of(low) + (uint64_t)((low & (MEM_PAGE - 1)) != 0) + step - 1) & ~(step - 1), end = page_of(high);
	if (!first)
		first = step; /* page 0 is never given out */
	if (end < first + count)
		return 0;
	if (!top_down) {
		for (uint64_t p = first; p + count <= end;) {
			int64_t taken = last_taken(m, p, (uint32_t)count);
			if (taken < 0)
				return (uint32_t)p << MEM_PAGE_SHIFT;
			p = ((uint64_t)taken + step) & ~(step - 1);
		}
		return 0;
	}
	for (uint64_t p = (end - count) & ~(step - 1); p >= first;) {
		int64_t taken = first_taken(m, p, (uint32_t)count);
		if (taken < 0)
			return (uint32_t)p << MEM_PAGE_SHIFT;
		if ((uint64_t)taken < first + count)
			return 0;
		p = ((uint64_t)taken - count) & ~(step - 1);
	}
	return 0;
}
