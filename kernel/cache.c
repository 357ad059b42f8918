/* kernel/cache.c - see cache.h */
#include "config.h"

#include "kernel/cache.h"

#include "kernel/ntstatus.h"
#include "kernel/rows.h"

#define CACHE_PAGES_MAX ((CACHE_END - CACHE_BASE) / MEM_PAGE)
#define CACHE_BUCKETS 4096u

void cache_layout(struct machine *m)
{
	m->t_cache = arena_table_add(&m->world, "cache", sizeof(struct w_cache), 2);
	m->t_cache_page = arena_table_add(&m->world, "cache.page", sizeof(struct w_cache_page), CACHE_PAGES_MAX + 1);
	m->t_cache_bucket = arena_table_add(&m->world, "cache.bucket", sizeof(struct w_bucket), CACHE_BUCKETS + 1);
	m->t_cache_count = arena_table_add(&m->history, "cache.count", sizeof(struct cache_count), 2);
}

static struct w_cache *cache_mut(struct machine *m)
{
	return arena_row(&m->world, m->t_cache, 1);
}
static struct w_cache_page *page_mut(struct machine *m, uint32_t row)
{
	return arena_row(&m->world, m->t_cache_page, row);
}
static struct cache_count *count_mut(struct machine *m)
{
	return arena_row(&m->history, m->t_cache_count, 1);
}

void cache_init(struct machine *m)
{
	arena_cover(&m->world, m->t_cache, 1);
	arena_cover(&m->history, m->t_cache_count, 1);
	cache_mut(m)->limit = CACHE_PAGES_DEFAULT;
	cache_mut(m)->next_io = 1;
}

uint32_t cache_page_ga(uint32_t row)
{
	return CACHE_BASE + (row - 1) * MEM_PAGE;
}

/* ---- finding ------------------------------------------------------------------------------------------------------------------ */

static uint32_t bucket_of(uint32_t file, uint32_t page)
{
	return (file * 2654435761u + page) % CACHE_BUCKETS + 1;
}

static uint32_t bucket_head(const struct machine *m, uint32_t bucket)
{
	return ((const struct w_bucket *)arena_peek(&m->world, m->t_cache_bucket, bucket))->object;
}

static void bucket_set(struct machine *m, uint32_t bucket, uint32_t row)
{
	arena_cover(&m->world, m->t_cache_bucket, bucket);
	((struct w_bucket *)arena_row(&m->world, m->t_cache_bucket, bucket))->object = row;
}

static uint32_t find(const struct machine *m, uint32_t file, uint32_t page)
{
	uint32_t row = bucket_head(m, bucket_of(file, page));
	while (row && (cache_page_peek(m, row)->file != file || cache_page_peek(m, row)->page != page))
		row = cache_page_peek(m, row)->hash_next;
	return row;
}

bool cache_holds(const struct machine *m, uint32_t file, uint64_t offset, uint64_t size)
{
	for (uint64_t page = offset / FILE_PAGE; page * FILE_PAGE < offset + size; page++)
		if (!find(m, file, (uint32_t)page))
			return false;
	return true;
}

/* ---- the order of use ------------------------------------------------------------------------------------------------------------ */

static void order_out(struct machine *m, uint32_t row)
{
	struct w_cache *c = cache_mut(m);
	struct w_cache_page *p = page_mut(m, row);
	*(p->prev ? &page_mut(m, p->prev)->next : &c->first) = p->next;
	*(p->next ? &page_mut(m, p->next)->prev : &c->last) = p->prev;
	p->next = p->prev = 0;
}

static void order_first(struct machine *m, uint32_t row)
{
	struct w_cache *c = cache_mut(m);
	page_mut(m, row)->next = c->first;
	*(c->first ? &page_mut(m, c->first)->prev : &c->last) = row;
	c->first = row;
}

/* ---- pages come and go ------------------------------------------------------------------------------------------------------------ */

static void bytes_get(const struct machine *m, uint32_t row, uint32_t at, void *bytes, uint32_t size)
{
	INVARIANT(mem_peek(&m->mem, cache_page_ga(row) + at, bytes, size) == MEM_OK);
}

static void bytes_put(struct machine *m, uint32_t row, uint32_t at, const void *bytes, uint32_t size)
{
	INVARIANT(mem_poke(&m->mem, cache_page_ga(row) + at, bytes, size) == MEM_OK);
}

static void write_back(struct machine *m, uint32_t row)
{
	uint8_t bytes[FILE_PAGE];
	struct w_cache_page *p = page_mut(m, row);
	if (!p->dirty)
		return;
	bytes_get(m, row, 0, bytes, sizeof bytes);
	file_page_write(m, p->file, p->page, bytes);
	p->dirty = 0;
	cache_mut(m)->dirty--;
	count_mut(m)->flushed++;
}

/* Gives the page up, written back or not. */
static void drop(struct machine *m, uint32_t row)
{
	struct w_cache_page *p = page_mut(m, row);
	uint32_t bucket = bucket_of(p->file, p->page), at = bucket_head(m, bucket);
	if (at == row) {
		bucket_set(m, bucket, p->hash_next);
	} else {
		while (cache_page_peek(m, at)->hash_next != row)
			at = cache_page_peek(m, at)->hash_next;
		page_mut(m, at)->hash_next = p->hash_next;
	}
	order_out(m, row);
	if (p->dirty)
		cache_mut(m)->dirty--;
	cache_mut(m)->used--;
	memset(p, 0, sizeof *p);
	arena_give(&m->world, m->t_cache_page, row);
	mem_release(&m->mem, cache_page_ga(row), MEM_PAGE, true);
}

/* The clean page used longest ago, else the dirty one. False: the cache is empty. */
static bool evict(struct machine *m)
{
	uint32_t row = cache_peek(m)->last;
	while (row && cache_page_peek(m, row)->dirty)
		row = cache_page_peek(m, row)->prev;
	if (!row)
		row = cache_peek(m)->last;
	if (!row)
		return false;
	write_back(m, row);
	drop(m, row);
	count_mut(m)->evicted++;
	return true;
}

static uint32_t page_new(struct machine *m, uint32_t file, uint32_t page)
{
	while (cache_peek(m)->used >= cache_peek(m)->limit && evict(m))
		;
	uint32_t row = arena_take(&m->world, m->t_cache_page), bucket = bucket_of(file, page);
	if (!row)
		return 0;
	while (mem_commit(&m->mem, cache_page_ga(row), MEM_PAGE, MEM_PROT_R, MEM_OWNER_cache, cache_page_ga(row)) != ST_OK)
		if (!evict(m)) {
			arena_give(&m->world, m->t_cache_page, row);
			return 0;
		}
	*page_mut(m, row) = (struct w_cache_page){ .file = file, .page = page, .hash_next = bucket_head(m, bucket) };
	bucket_set(m, bucket, row);
	order_first(m, row);
	cache_mut(m)->used++;
	return row;
}

/* The page's row, filled; 0: *@nt says why not. */
static uint32_t page_get(struct machine *m, uint32_t file, uint32_t page, uint32_t *nt)
{
	uint8_t bytes[FILE_PAGE];
	uint32_t row = find(m, file, page);
	if (row) {
		count_mut(m)->hits++;
		order_out(m, row);
		order_first(m, row);
		return row;
	}
	count_mut(m)->misses++;
	*nt = file_page_read(m, file, page, bytes);
	if (*nt != NT_SUCCESS)
		return 0;
	*nt = NT_INSUFFICIENT_RESOURCES;
	row = page_new(m, file, page);
	if (row)
		bytes_put(m, row, 0, bytes, sizeof bytes);
	return row;
}

uint32_t cache_copy(struct machine *m, uint32_t file, uint64_t offset, void *bytes, uint32_t size, bool store)
{
	uint32_t nt = NT_SUCCESS, page = (uint32_t)(offset / FILE_PAGE), at = (uint32_t)(offset % FILE_PAGE);
	INVARIANT(at + size <= FILE_PAGE);
	uint32_t row = page_get(m, file, page, &nt);
	if (!row)
		return nt;
	if (!store) {
		bytes_get(m, row, at, bytes, size);
		return NT_SUCCESS;
	}
	if (!file_page_reserve(m, file, page))
		return NT_DISK_FULL;
	bytes_put(m, row, at, bytes, size);
	cache_mut(m)->dirty += !page_mut(m, row)->dirty;
	page_mut(m, row)->dirty = 1;
	return NT_SUCCESS;
}

/* ---- flushing, shrinking ------------------------------------------------------------------------------------------------------------ */

void cache_flush(struct machine *m, uint32_t file)
{
	for (uint32_t row = 1; cache_peek(m)->dirty && row < arena_count(&m->world, m->t_cache_page); row++)
		if (cache_page_peek(m, row)->file == file)
			write_back(m, row);
}

void cache_truncate(struct machine *m, uint32_t file, uint64_t size)
{
	static const uint8_t zero[FILE_PAGE];
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_cache_page); row++) {
		const struct w_cache_page *p = cache_page_peek(m, row);
		uint64_t start = (uint64_t)p->page * FILE_PAGE;
		if (p->file != file)
			continue;
		if (start >= size)
			drop(m, row);
		else if (size - start < FILE_PAGE)
			bytes_put(m, row, (uint32_t)(size - start), zero, FILE_PAGE - (uint32_t)(size - start));
	}
}

void cache_resize(struct machine *m, uint32_t pages)
{
	cache_mut(m)->limit = !pages ? CACHE_PAGES_DEFAULT : pages > CACHE_PAGES_MAX ? CACHE_PAGES_MAX : pages;
	while (cache_peek(m)->used > cache_peek(m)->limit && evict(m))
		;
}

bool cache_reclaim(struct machine *m, uint32_t pages)
{
	const struct mem_world *w = arena_peek(&m->world, m->mem.t_mem, 1);
	bool gave = false;
	while (w->frames_free < pages && evict(m))
		gave = true;
	return gave;
}
