/* tests/t_cache.c - the laws of the page cache: one page for all handles, dirty pages are written back, the oldest clean ones make room. */
#include "config.h"

#include "src/snap/snap.h"
#include "tests/filekit.h"

static const struct w_cache *cache(struct tk *t)
{
	return cache_peek(t->m);
}
static uint32_t frames(struct tk *t)
{
	return ((const struct mem_world *)arena_peek(&t->m->world, t->m->mem.t_mem, 1))->frames_owned[MEM_OWNER_cache];
}

/* Reads one byte of page @page. */
static void touch(struct tk *t, uint32_t h, uint32_t page)
{
	uint32_t status, buffer = tk_memory(t, 4);
	assert_int_equal(fk_move(t, "NtReadFile", h, (uint64_t)page * FILE_PAGE, buffer, 1, &status), 1);
}

static bool holds(struct tk *t, uint32_t h, uint32_t page)
{
	return cache_holds(t->m, open_of(t->m, tk_object(t, h))->file, (uint64_t)page * FILE_PAGE, 1);
}

static void found(void *ctx, uint32_t frame, uint32_t ga, const char *what)
{
	(void)ctx;
	fail_msg("frame %05x, %08x: %s", frame, ga, what);
}

/* Counts, order, frames: all say the same. */
static void is_whole(struct tk *t)
{
	uint32_t pages = 0, dirty = 0, prev = 0;
	for (uint32_t row = cache(t)->first; row; prev = row, row = cache_page_peek(t->m, row)->next) {
		assert_int_equal(cache_page_peek(t->m, row)->prev, prev);
		dirty += cache_page_peek(t->m, row)->dirty;
		pages++;
	}
	assert_int_equal(cache(t)->last, prev);
	assert_int_equal(cache(t)->used, pages);
	assert_int_equal(cache(t)->dirty, dirty);
	assert_int_equal(frames(t), pages);
	assert_true(pages <= cache(t)->limit);
	mem_frames_check(&t->m->mem, found, NULL);
}

static uint32_t big(struct tk *t, uint32_t pages)
{
	uint32_t h = fk_get(t, "cache:\\big", 0);
	assert_int_equal(fk_resize(t, h, (uint64_t)pages * FILE_PAGE), NT_SUCCESS);
	return h;
}

static void all_handles_share_one_page(void **state)
{
	struct tk *t = TK(state);
	uint32_t a = fk_get(t, "cache:\\f", 0), b = fk_get(t, "cache:\\F", 0);
	fk_write(t, a, 0, "hello");
	fk_reads(t, b, 0, "hello");
	assert_int_equal(cache(t)->used, 1);
	assert_int_equal(frames(t), 1);
	assert_int_equal(cache_count_peek(t->m)->misses, 1);
	is_whole(t);
}

static void a_flush_writes_dirty_pages_back(void **state)
{
	struct tk *t = TK(state);
	uint32_t a = fk_get(t, "cache:\\a", 0), b = fk_get(t, "cache:\\b", 0), iosb = tk_memory(t, 8);
	uint8_t bytes[FILE_PAGE];
	fk_write(t, a, 0, "one");
	fk_write(t, b, 0, "two");
	assert_int_equal(cache(t)->dirty, 2);
	assert_int_equal(file_page_read(t->m, open_of(t->m, tk_object(t, a))->file, 0, bytes), NT_SUCCESS);
	assert_int_equal(bytes[0], 0); /* not there yet */
	assert_int_equal(CALL(t, t->main, "NtFlushBuffersFile", a, iosb), NT_SUCCESS);
	assert_int_equal(cache(t)->dirty, 1);
	assert_int_equal(file_page_read(t->m, open_of(t->m, tk_object(t, a))->file, 0, bytes), NT_SUCCESS);
	assert_memory_equal(bytes, "one", 3);
	assert_int_equal(cache(t)->used, 2); /* they stay */
	is_whole(t);
}

static void the_last_close_writes_dirty_pages_back(void **state)
{
	struct tk *t = TK(state);
	uint32_t a = fk_get(t, "cache:\\a", 0), b = fk_get(t, "cache:\\a", 0);
	fk_write(t, a, 0, "one");
	fk_close(t, a);
	assert_int_equal(cache(t)->dirty, 1);
	fk_close(t, b);
	assert_int_equal(cache(t)->dirty, 0);
	fk_reads(t, fk_get(t, "cache:\\a", 0), 0, "one");
	is_whole(t);
}

static void the_clean_page_used_longest_ago_makes_room(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = big(t, 8);
	assert_int_equal(CALL(t, t->main, "FscSetCacheElementCount", 0, 3), NT_SUCCESS);
	assert_int_equal(CALL(t, t->main, "FscGetCacheElementCount", 0), 3);
	touch(t, h, 0);
	touch(t, h, 1);
	touch(t, h, 2);
	touch(t, h, 0);
	touch(t, h, 3); /* 1 goes */
	assert_true(holds(t, h, 0) && !holds(t, h, 1) && holds(t, h, 2) && holds(t, h, 3));
	fk_write(t, h, 2 * FILE_PAGE, "dirty");
	touch(t, h, 0);
	touch(t, h, 3);
	touch(t, h, 4); /* 2 is the oldest, but dirty: 0 goes */
	assert_true(!holds(t, h, 0) && holds(t, h, 2) && holds(t, h, 3) && holds(t, h, 4));
	assert_int_equal(cache_count_peek(t->m)->evicted, 2);
	is_whole(t);
}

static void a_dirty_page_is_written_back_before_it_goes(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = big(t, 8);
	CALL(t, t->main, "FscSetCacheElementCount", 0, 2);
	fk_write(t, h, 0, "zero");
	fk_write(t, h, FILE_PAGE, "one");
	fk_write(t, h, 2 * FILE_PAGE, "two");
	assert_false(holds(t, h, 0));
	fk_reads(t, h, 0, "zero");
	fk_reads(t, h, FILE_PAGE, "one");
	fk_reads(t, h, 2 * FILE_PAGE, "two");
	is_whole(t);
}

static void a_smaller_cache_gives_its_frames_back(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = big(t, 40);
	assert_int_equal(CALL(t, t->main, "FscGetCacheElementCount", 0), CACHE_PAGES_DEFAULT);
	for (uint32_t i = 0; i < 40; i++)
		touch(t, h, i);
	assert_int_equal(frames(t), 40);
	CALL(t, t->main, "FscSetCacheElementCount", 0, 5);
	assert_int_equal(frames(t), 5);
	for (uint32_t i = 35; i < 40; i++)
		assert_true(holds(t, h, i));
	is_whole(t);
	CALL(t, t->main, "FscSetCacheElementCount", 0, 0xFFFFFFFF); /* more than there is room for */
	assert_true(CALL(t, t->main, "FscGetCacheElementCount", 0) > 1000);
	CALL(t, t->main, "FscSetCacheElementCount", 0, 0);
	assert_int_equal(CALL(t, t->main, "FscGetCacheElementCount", 0), CACHE_PAGES_DEFAULT);
}

/* When all other frames are taken, the cache gives its own to whoever asks for memory. */
static void clean_pages_go_when_frames_are_out(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = big(t, 20), base = tk_memory(t, 4), size = tk_memory(t, 4);
	const struct mem_world *w = arena_peek(&t->m->world, t->m->mem.t_mem, 1);
	for (uint32_t i = 0; i < 20; i++)
		touch(t, h, i);
	fk_write(t, h, 0, "kept");
	for (uint32_t piece = 0x4000000; piece >= 0x10000; piece /= 2)
		while (w->frames_free * 4096u >= piece + 0x10000) {
			tk_put32(t, base, 0);
			tk_put32(t, size, piece);
			if (CALL(t, t->main, "NtAllocateVirtualMemory", base, size, 0x1000, 4, 0) != NT_SUCCESS)
				break;
		}
	assert_true(w->frames_free < 36 && frames(t) == 20);
	for (unsigned i = 0; i < 2 + w->frames_free / 16; i++) { /* the last frames, then the cache's */
		tk_put32(t, base, 0);
		tk_put32(t, size, 0x10000);
		if (CALL(t, t->main, "NtAllocateVirtualMemory", base, size, 0x1000, 4, 0) != NT_SUCCESS)
			break;
	}
	assert_true(frames(t) < 20);
	is_whole(t);
	fk_reads(t, h, 0, "kept");
}

/* All of physical memory, piece by piece: the cache's pages go too, and all is as before when it is freed. */
static void all_of_physical_memory_can_be_had_and_no_frame_is_counted_twice(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = big(t, 800), *taken = xcalloc(0x20000, sizeof *taken), n = 0;
	const struct mem_world *w = arena_peek(&t->m->world, t->m->mem.t_mem, 1);
	fk_write(t, h, 0, "kept");
	const uint32_t fresh = t->data_at;
	CALL(t, t->main, "FscSetCacheElementCount", 0, 1000);
	for (uint32_t i = 0; i < 800; i++, t->data_at = fresh)
		touch(t, h, i);
	assert_int_equal(frames(t), 800);
	for (uint32_t piece = 0x4000000; piece >= 0x1000; piece /= 2)
		for (; n < 0x20000; t->data_at = fresh) {
			uint32_t ga = (uint32_t)CALL(t, t->main, "MmAllocatePhysicalMemoryEx", 0, piece, 4, 0, UINT32_MAX, 0);
			if (!ga)
				break;
			taken[n++] = ga;
		}
	assert_int_equal(frames(t), 0);
	is_whole(t);
	/* Some frames are left where no physical allocation may lie: the cache does with these. */
	const uint32_t left = w->frames_free;
	assert_true(left > 0 && left < 800);
	for (uint32_t i = 0; i < 800; i++, t->data_at = fresh)
		touch(t, h, i);
	assert_int_equal(frames(t), left);
	assert_int_equal(w->frames_free, 0);
	is_whole(t);
	fk_reads(t, h, 0, "kept");
	while (n)
		CALL(t, t->main, "MmFreePhysicalMemory", 0, taken[--n]);
	fk_reads(t, h, 0, "kept");
	is_whole(t);
	free(taken);
}

static void a_snapshot_holds_the_cache(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = big(t, 8);
	fk_write(t, h, 0, "before");
	struct snapshot *s = machine_snapshot(t->m);
	uint64_t digest = machine_digest(t->m);
	fk_write(t, h, 0, "after!");
	touch(t, h, 5);
	CALL(t, t->main, "FscSetCacheElementCount", 0, 1);
	machine_restore(t->m, s);
	assert_true(machine_digest(t->m) == digest);
	is_whole(t);
	assert_int_equal(cache(t)->dirty, 1);
	fk_reads(t, h, 0, "before");
	snapshot_free(s);
}

static const struct CMUnitTest tests[] = {
	TK_TEST(all_handles_share_one_page),
	TK_TEST(a_flush_writes_dirty_pages_back),
	TK_TEST(the_last_close_writes_dirty_pages_back),
	TK_TEST(the_clean_page_used_longest_ago_makes_room),
	TK_TEST(a_dirty_page_is_written_back_before_it_goes),
	TK_TEST(a_smaller_cache_gives_its_frames_back),
	TK_TEST(clean_pages_go_when_frames_are_out),
	TK_TEST(all_of_physical_memory_can_be_had_and_no_frame_is_counted_twice),
	TK_TEST(a_snapshot_holds_the_cache),
};
TK_MAIN(tests)
