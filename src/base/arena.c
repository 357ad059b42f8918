/* src/base/arena.c - see arena.h */
#include "config.h"

#include "src/base/arena.h"

#include <sys/mman.h>

#define HEADS_BYTES ((ARENA_TABLES_MAX * sizeof(struct arena_head) + ARENA_PAGE - 1) & ~(uint64_t)(ARENA_PAGE - 1))

static uint64_t page_up(uint64_t n)
{
	return (n + ARENA_PAGE - 1) & ~(uint64_t)(ARENA_PAGE - 1);
}

static void *reserve(uint64_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	return p == MAP_FAILED ? NULL : p;
}

/* Room for every page's number. */
static uint64_t list_bytes(const struct arena *a)
{
	return (a->reserved >> ARENA_PAGE_SHIFT) * sizeof *a->dirty_page;
}

enum status arena_init(struct arena *a, uint64_t bytes)
{
	*a = (struct arena){ .size = HEADS_BYTES, .reserved = page_up(bytes) };
	a->base = reserve(a->reserved);
	a->dirty = reserve(a->reserved >> ARENA_PAGE_SHIFT);
	a->dirty_page = reserve(list_bytes(a));
	if (!a->base || !a->dirty || !a->dirty_page) {
		arena_fini(a);
		return ST_NO_MEMORY;
	}
	return ST_OK;
}

void arena_fini(struct arena *a)
{
	if (a->base)
		munmap(a->base, a->reserved);
	if (a->dirty)
		munmap(a->dirty, a->reserved >> ARENA_PAGE_SHIFT);
	if (a->dirty_page)
		munmap(a->dirty_page, list_bytes(a));
	*a = (struct arena){ 0 };
}

unsigned arena_table_add(struct arena *a, const char *name, uint32_t row_size, uint32_t max_rows)
{
	INVARIANT(a->tables < ARENA_TABLES_MAX && row_size >= 4 && max_rows > 1);
	for (unsigned i = 0; i < a->tables; i++)
		INVARIANT(strcmp(a->table[i].name, name) != 0);
	unsigned t = a->tables++;
	a->table[t] = (struct arena_table){ name, a->size, row_size, max_rows };
	a->size += page_up((uint64_t)row_size * max_rows);
	INVARIANT(a->size <= a->reserved);
	return t;
}

static struct arena_head *head_mut(struct arena *a, unsigned t)
{
	arena_touch(a, t * sizeof(struct arena_head), sizeof(struct arena_head));
	return arena_head(a, t);
}

void arena_cover(struct arena *a, unsigned t, uint32_t row)
{
	INVARIANT(row - 1 < a->table[t].max_rows - 1);
	if (row >= arena_head(a, t)->count)
		head_mut(a, t)->count = row + 1;
}

uint32_t arena_take(struct arena *a, unsigned t)
{
	struct arena_head *h = head_mut(a, t);
	uint32_t row = h->free;
	if (row) {
		uint32_t *link = arena_row(a, t, row);
		h->free = *link;
		*link = 0;
	} else {
		row = h->count ? h->count : 1;
		if (row >= a->table[t].max_rows)
			return 0;
		h->count = row + 1;
		arena_row(a, t, row);
	}
	h->live++;
	return row;
}

void arena_give(struct arena *a, unsigned t, uint32_t row)
{
	struct arena_head *h = head_mut(a, t);
	uint32_t *link = arena_row(a, t, row);
	INVARIANT(row < h->count && h->live > 0);
	memset(link, 0, a->table[t].row_size);
	*link = h->free;
	h->free = row;
	h->live--;
}

void arena_note(struct arena *a, uint64_t page)
{
	a->dirty[page] = ARENA_DIRTY | ARENA_TOUCHED;
	a->dirty_page[a->dirty_pages++] = (uint32_t)page;
}

void arena_clean(struct arena *a)
{
	for (uint32_t i = 0; i < a->dirty_pages; i++)
		a->dirty[a->dirty_page[i]] &= ARENA_TOUCHED;
	a->dirty_pages = 0;
}
