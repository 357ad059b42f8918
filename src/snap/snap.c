/* src/snap/snap.c - see snap.h */
#include "config.h"

#include "src/snap/snap.h"

#include <stdlib.h>

#include "src/snap/digest.h"
#include "src/snap/snap_priv.h"

_Static_assert(ARENA_PAGE == MEM_PAGE && TREE_PAGE == MEM_PAGE, "one page size for all sets");

struct snap_line {
	struct arena *world, *history;
	struct mem *mem;
	struct tree base[SETS]; /* what the pages that are not dirty hold */
};

/* ---- taking and putting back ------------------------------------------------------------------------------------ */

struct snap_line *snap_line_new(struct arena *world, struct arena *history, struct mem *mem)
{
	struct snap_line *line = xcalloc(1, sizeof *line);
	*line = (struct snap_line){ .world = world, .history = history, .mem = mem };
	for (unsigned i = 0; i < SETS; i++)
		line->base[i] = tree_new(i ? line->base[0].use : NULL);
	return line;
}

void snap_line_free(struct snap_line *line)
{
	if (!line)
		return;
	for (unsigned i = 0; i < SETS; i++)
		tree_free(&line->base[i]);
	free(line);
}

static uint64_t take_arena(struct tree *t, const struct arena *a)
{
	uint64_t bytes = 0;
	for (uint32_t i = 0; i < a->dirty_pages; i++)
		bytes += tree_set(t, a->dirty_page[i], a->base + ((uint64_t)a->dirty_page[i] << ARENA_PAGE_SHIFT));
	return bytes;
}

static uint64_t take_guest(struct tree *t, const struct mem *m)
{
	static const uint8_t zeros[MEM_PAGE];
	uint64_t bytes = 0;
	for (uint32_t i = 0; i < m->dirty_pages; i++) {
		uint32_t page = m->dirty_page[i];
		bytes += tree_set(t, page, m->touched[page] ? m->base + ((uint64_t)page << MEM_PAGE_SHIFT) : zeros);
	}
	return bytes;
}

static void all_clean(struct snap_line *line)
{
	arena_clean(line->world);
	arena_clean(line->history);
	mem_clean(line->mem);
}

struct snapshot *snapshot_take(struct snap_line *line)
{
	struct snapshot *s = xcalloc(1, sizeof *s);
	s->layout[0] = arena_layout_digest(line->world);
	s->layout[1] = arena_layout_digest(line->history);
	s->new_bytes = take_arena(&line->base[SET_WORLD], line->world) + take_arena(&line->base[SET_HISTORY], line->history) +
		       take_guest(&line->base[SET_GUEST], line->mem);
	for (unsigned i = 0; i < SETS; i++)
		s->set[i] = tree_share(&line->base[i]);
	all_clean(line);
	return s;
}

static void put_arena_page(void *ctx, uint64_t number, const uint8_t *bytes)
{
	struct arena *a = ctx;
	uint64_t offset = number << ARENA_PAGE_SHIFT;
	arena_touch(a, offset, ARENA_PAGE);
	if (bytes)
		memcpy(a->base + offset, bytes, ARENA_PAGE);
	else
		memset(a->base + offset, 0, ARENA_PAGE);
}

static void put_guest_page(void *ctx, uint64_t number, const uint8_t *bytes)
{
	mem_page_put(ctx, (uint32_t)number, bytes);
}

void snapshot_put(struct snap_line *line, const struct snapshot *s)
{
	INVARIANT(s->layout[0] == arena_layout_digest(line->world) && s->layout[1] == arena_layout_digest(line->history));
	struct arena *arena[] = { [SET_WORLD] = line->world, [SET_HISTORY] = line->history };
	for (unsigned i = 0; i < ARRAY_LEN(arena); i++) {
		for (uint32_t k = 0, n = arena[i]->dirty_pages; k < n; k++)
			put_arena_page(arena[i], arena[i]->dirty_page[k], tree_get(&s->set[i], arena[i]->dirty_page[k]));
		tree_each_difference(&line->base[i], &s->set[i], put_arena_page, arena[i]);
	}
	for (uint32_t k = 0; k < line->mem->dirty_pages; k++)
		mem_page_put(line->mem, line->mem->dirty_page[k], tree_get(&s->set[SET_GUEST], line->mem->dirty_page[k]));
	tree_each_difference(&line->base[SET_GUEST], &s->set[SET_GUEST], put_guest_page, line->mem);
	for (unsigned i = 0; i < SETS; i++) {
		tree_free(&line->base[i]);
		line->base[i] = tree_share(&s->set[i]);
	}
	all_clean(line);
	mem_rebuild_attributes(line->mem);
}

void snapshot_free(struct snapshot *s)
{
	if (!s)
		return;
	for (unsigned i = 0; i < SETS; i++)
		tree_free(&s->set[i]);
	free(s);
}

uint64_t snapshot_bytes(const struct snapshot *s)
{
	uint64_t n = 0;
	for (unsigned i = 0; i < SETS; i++)
		n += s->set[i].count * MEM_PAGE;
	return n;
}

uint64_t snapshot_new_bytes(const struct snapshot *s)
{
	return s->new_bytes;
}

uint64_t snap_line_bytes(const struct snap_line *line)
{
	return line->base[0].use->bytes;
}
