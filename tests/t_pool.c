/* tests/t_pool.c - the laws of the kernel's pool, and of Ex pool calls. */
#include "config.h"

#include "kernel/pool.h"
#include "tests/testkit.h"

static void blocks_are_aligned_zeroed_and_apart(void **state)
{
	struct tk *t = TK(state);
	uint32_t at[200], size[200];
	for (uint32_t i = 0; i < 200; i++) {
		size[i] = i * 37 + 1;
		at[i] = pool_alloc(t->m, size[i], POOL_KERNEL);
		assert_int_equal(at[i] % 16, 0);
		assert_true(pool_size(t->m, at[i], POOL_KERNEL) >= size[i]);
		for (uint32_t j = 0; j < size[i]; j++) {
			assert_int_equal(mem_get8(&t->m->mem, at[i] + j), 0);
			mem_put8(&t->m->mem, at[i] + j, (uint8_t)i);
		}
	}
	for (uint32_t i = 0; i < 200; i++)
		for (uint32_t j = 0; j < size[i]; j++)
			assert_int_equal(mem_get8(&t->m->mem, at[i] + j), (uint8_t)i);
}

static void what_is_freed_comes_back_zeroed_and_all_pages_return(void **state)
{
	struct tk *t = TK(state);
	const struct mem_world *w = arena_peek(&t->m->world, t->m->mem.t_mem, 1);
	uint32_t at[500], before = 0;
	for (unsigned round = 0; round < 2; round++) {
		for (uint32_t i = 0; i < 500; i++) {
			at[i] = pool_alloc(t->m, i % 7 * 600 + 20, POOL_KERNEL);
			assert_int_equal(mem_get32(&t->m->mem, at[i]), 0);
			mem_put32(&t->m->mem, at[i], UINT32_MAX);
		}
		for (uint32_t i = 0; i < 500; i++)
			assert_true(pool_free(t->m, at[(i * 7) % 500], POOL_KERNEL));
		assert_true(!round || w->frames_free == before);
		before = w->frames_free;
	}
}

static void a_pointer_that_is_no_block_is_refused(void **state)
{
	struct tk *t = TK(state);
	uint32_t a = pool_alloc(t->m, 64, POOL_TITLE), large = pool_alloc(t->m, 10000, POOL_TITLE);
	static const uint32_t never[] = { 0, 4, 0x82000000, 0x60000000, 0xFFFFFFF0 };
	for (unsigned i = 0; i < ARRAY_LEN(never); i++)
		assert_false(pool_free(t->m, never[i], POOL_TITLE));
	assert_false(pool_free(t->m, a + 16, POOL_TITLE));
	assert_false(pool_free(t->m, large + 0x1000, POOL_TITLE));
	assert_false(pool_free(t->m, a, POOL_KERNEL));
	assert_true(pool_free(t->m, a, POOL_TITLE));
	assert_false(pool_free(t->m, a, POOL_TITLE));
	assert_int_equal(pool_size(t->m, large, POOL_TITLE), 0x3000);
	assert_true(pool_free(t->m, large, POOL_TITLE));
}

static void too_much_is_zero(void **state)
{
	struct tk *t = TK(state);
	assert_int_equal(pool_alloc(t->m, 0x20000000, POOL_TITLE), 0);
	assert_int_equal(pool_alloc(t->m, UINT32_MAX, POOL_TITLE), 0);
	assert_int_not_equal(pool_alloc(t->m, 16, POOL_TITLE), 0);
}

static void ex_calls_use_the_titles_part(void **state)
{
	struct tk *t = TK(state);
	uint32_t a = (uint32_t)CALL(t, t->main, "ExAllocatePoolTypeWithTag", 100, 0x41424344, 0);
	assert_int_equal(CALL(t, t->main, "ExQueryPoolBlockSize", a, 0), 128);
	CALL(t, t->main, "ExFreePool", a);
	assert_int_equal(pool_size(t->m, a, POOL_TITLE), 0);
	uint32_t b = (uint32_t)CALL(t, t->main, "ExAllocatePool", 100), with_tag = (uint32_t)CALL(t, t->main, "ExAllocatePoolWithTag", 100, 0x41424344);
	assert_int_equal(pool_size(t->m, b, POOL_TITLE), 128);
	assert_int_equal(pool_size(t->m, with_tag, POOL_TITLE), 128);
	assert_int_not_equal(b, with_tag);
}

static void freeing_what_is_no_block_is_a_bugcheck(void **state)
{
	struct tk *t = TK(state);
	const uint64_t args[] = { thread_peek(t->m, t->main)->kthread_ga };
	assert_true(tk_call_on(t, t->main, "ExFreePool", 1, args).faulted);
	assert_int_equal(t->m->pending.kind, STOP_BUGCHECK);
	assert_int_equal(t->m->pending.code, 0xC2);
}

static const struct CMUnitTest tests[] = {
	TK_TEST(blocks_are_aligned_zeroed_and_apart),
	TK_TEST(what_is_freed_comes_back_zeroed_and_all_pages_return),
	TK_TEST(a_pointer_that_is_no_block_is_refused),
	TK_TEST(too_much_is_zero),
	TK_TEST(ex_calls_use_the_titles_part),
	TK_TEST(freeing_what_is_no_block_is_a_bugcheck),
};
TK_MAIN(tests)
