/* kernel/pool.c - see pool.h: slabs of one page per size class, whole pages above. */
#include "config.h"

#include "kernel/pool.h"

#include "kernel/cache.h"
#include "kernel/rows.h"

enum pool_state { POOL_FREE, POOL_SLAB, POOL_LARGE, POOL_LARGE_REST };

#define UNIT 16u
#define BLOCKS_MAX (MEM_PAGE / UNIT)

static const uint16_t sizes[] = { 16, 32, 48, 64, 96, 128, 192, 256, 336, 512, 800, 1024, 1344, 2048, 2816 };
#define LARGEST 2816u
#define OWNER_CLASSES 16u /* a class number is the owner's first + the size's; a large block has its owner's first */
#define HINT (2 * OWNER_CLASSES) /* one more row: .partial = no page below this one (number from POOL_BASE) is free */

void pool_layout(struct machine *m)
{
	m->t_pool = arena_table_add(&m->world, "pool", sizeof(struct w_pool_page), (POOL_END - POOL_BASE) / MEM_PAGE + 1);
	m->t_pool_class = arena_table_add(&m->world, "pool.class", sizeof(struct w_pool_class), HINT + 2);
}

static uint32_t row_of(uint32_t ga)
{
	return (ga - POOL_BASE) / MEM_PAGE + 1;
}

static uint32_t ga_of(uint32_t row)
{
	return POOL_BASE + (row - 1) * MEM_PAGE;
}

static struct w_pool_page *page_mut(struct machine *m, uint32_t row)
{
	arena_cover(&m->world, m->t_pool, row);
	return arena_row(&m->world, m->t_pool, row);
}

static const struct w_pool_page *page_peek(const struct machine *m, uint32_t row)
{
	return arena_peek(&m->world, m->t_pool, row);
}

static struct w_pool_class *class_mut(struct machine *m, unsigned c)
{
	arena_cover(&m->world, m->t_pool_class, c + 1);
	return arena_row(&m->world, m->t_pool_class, c + 1);
}

static uint32_t class_bytes(unsigned c)
{
	return sizes[c % OWNER_CLASSES];
}

static unsigned class_of(uint32_t bytes, enum pool_owner owner)
{
	unsigned c = owner * OWNER_CLASSES;
	while (class_bytes(c) < bytes)
		c++;
	return c;
}

/* Pages for the pool, or 0. */
static uint32_t take_pages(struct machine *m, uint32_t bytes)
{
	struct w_pool_class *hint = class_mut(m, HINT);
	uint32_t first = POOL_BASE + hint->partial * MEM_PAGE;
	uint32_t ga = mem_find_free(&m->mem, first, POOL_END, bytes, MEM_PAGE, false);
	cache_reclaim(m, bytes / MEM_PAGE);
	if (!ga || mem_commit(&m->mem, ga, bytes, MEM_PROT_R | MEM_PROT_W, MEM_OWNER_kernel, ga) != ST_OK)
		return 0;
	if (ga == first)
		hint->partial += bytes / MEM_PAGE;
	return ga;
}

static void give_pages(struct machine *m, uint32_t ga, uint32_t bytes)
{
	struct w_pool_class *hint = class_mut(m, HINT);
	mem_release(&m->mem, ga, bytes, true);
	if ((ga - POOL_BASE) / MEM_PAGE < hint->partial)
		hint->partial = (ga - POOL_BASE) / MEM_PAGE;
}

static void partial_link(struct machine *m, uint32_t row)
{
	struct w_pool_page *p = page_mut(m, row);
	struct w_pool_class *c = class_mut(m, p->size_class);
	p->prev = 0;
	p->next = c->partial;
	if (c->partial)
		page_mut(m, c->partial)->prev = row;
	c->partial = row;
}

static void partial_unlink(struct machine *m, uint32_t row)
{
	struct w_pool_page *p = page_mut(m, row);
	if (p->prev)
		page_mut(m, p->prev)->next = p->next;
	else
		class_mut(m, p->size_class)->partial = p->next;
	if (p->next)
		page_mut(m, p->next)->prev = p->prev;
	p->next = p->prev = 0;
}

static uint32_t slab_new(struct machine *m, unsigned c)
{
	uint32_t ga = take_pages(m, MEM_PAGE);
	if (!ga)
		return 0;
	struct w_pool_page *p = page_mut(m, row_of(ga));
	INVARIANT(p->state == POOL_FREE);
	p->state = POOL_SLAB;
	p->size_class = (uint8_t)c;
	partial_link(m, row_of(ga));
	return row_of(ga);
}

static uint32_t slab_take(struct machine *m, uint32_t row, unsigned c)
{
	struct w_pool_page *p = page_mut(m, row);
	uint32_t blocks = MEM_PAGE / class_bytes(c);
	for (uint32_t i = 0; i < blocks; i++) {
		if (p->used[i / 64] >> (i % 64) & 1)
			continue;
		p->used[i / 64] |= UINT64_C(1) << (i % 64);
		if (++p->live == blocks)
			partial_unlink(m, row);
		mem_zero(&m->mem, ga_of(row) + i * class_bytes(c), class_bytes(c));
		return ga_of(row) + i * class_bytes(c);
	}
	INVARIANT(!"a slab with room has no room");
	return 0;
}

static uint32_t large_alloc(struct machine *m, uint32_t bytes, enum pool_owner owner)
{
	if (bytes > POOL_END - POOL_BASE)
		return 0;
	bytes = (bytes + MEM_PAGE - 1) & ~(MEM_PAGE - 1);
	uint32_t ga = take_pages(m, bytes);
	if (!ga)
		return 0;
	for (uint32_t i = 0; i < bytes / MEM_PAGE; i++)
		page_mut(m, row_of(ga) + i)->state = i ? POOL_LARGE_REST : POOL_LARGE;
	page_mut(m, row_of(ga))->pages = bytes / MEM_PAGE;
	page_mut(m, row_of(ga))->size_class = (uint8_t)(owner * OWNER_CLASSES);
	return ga;
}

uint32_t pool_alloc(struct machine *m, uint32_t bytes, enum pool_owner owner)
{
	if (bytes > LARGEST)
		return large_alloc(m, bytes, owner);
	unsigned c = class_of(bytes, owner);
	uint32_t row = class_mut(m, c)->partial;
	if (!row)
		row = slab_new(m, c);
	return row ? slab_take(m, row, c) : 0;
}

/* The page row of a block that is in use, and its number in a slab; 0 if @ga is no such block. */
static uint32_t find(const struct machine *m, uint32_t ga, enum pool_owner owner, uint32_t *block)
{
	if (ga < POOL_BASE || ga >= POOL_END)
		return 0;
	uint32_t row = row_of(ga), offset = ga & (MEM_PAGE - 1);
	const struct w_pool_page *p = page_peek(m, row);
	*block = 0;
	if (p->size_class / OWNER_CLASSES != owner)
		return 0;
	if (p->state == POOL_LARGE)
		return offset ? 0 : row;
	if (p->state != POOL_SLAB || offset % class_bytes(p->size_class))
		return 0;
	*block = offset / class_bytes(p->size_class);
	return *block < BLOCKS_MAX && p->used[*block / 64] >> (*block % 64) & 1 ? row : 0;
}

static void slab_give(struct machine *m, uint32_t row, uint32_t block)
{
	struct w_pool_page *p = page_mut(m, row);
	if (p->live == MEM_PAGE / class_bytes(p->size_class))
		partial_link(m, row);
	p->used[block / 64] &= ~(UINT64_C(1) << (block % 64));
	mem_zero(&m->mem, ga_of(row) + block * class_bytes(p->size_class), class_bytes(p->size_class));
	/* The last slab with room is kept: no commit and release for every second allocation. */
	if (--p->live || (!p->prev && !p->next))
		return;
	partial_unlink(m, row);
	*p = (struct w_pool_page){ 0 };
	give_pages(m, ga_of(row), MEM_PAGE);
}

bool pool_free(struct machine *m, uint32_t ga, enum pool_owner owner)
{
	uint32_t block, row = find(m, ga, owner, &block);
	if (!row)
		return false;
	uint32_t pages = page_peek(m, row)->pages;
	if (!pages) {
		slab_give(m, row, block);
		return true;
	}
	for (uint32_t i = 0; i < pages; i++)
		*page_mut(m, row + i) = (struct w_pool_page){ 0 };
	give_pages(m, ga, pages * MEM_PAGE);
	return true;
}

uint32_t pool_size(const struct machine *m, uint32_t ga, enum pool_owner owner)
{
	uint32_t block, row = find(m, ga, owner, &block);
	if (!row)
		return 0;
	const struct w_pool_page *p = page_peek(m, row);
	return p->pages ? p->pages * MEM_PAGE : class_bytes(p->size_class);
}

uint32_t pool_block(const struct machine *m, uint32_t ga, uint32_t *bytes, enum pool_owner *owner)
{
	if (ga < POOL_BASE || ga >= POOL_END)
		return 0;
	uint32_t row = row_of(ga), block;
	while (page_peek(m, row)->state == POOL_LARGE_REST)
		row--;
	const struct w_pool_page *p = page_peek(m, row);
	uint32_t size = class_bytes(p->size_class), begin = ga_of(row);
	if (p->state == POOL_SLAB)
		begin += (ga - begin) / size * size;
	*owner = p->size_class / OWNER_CLASSES;
	if (!find(m, begin, *owner, &block))
		return 0;
	*bytes = p->pages ? p->pages * MEM_PAGE : size;
	return begin;
}
