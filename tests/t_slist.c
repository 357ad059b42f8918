/* tests/t_slist.c - the laws of lists without locks. */
#include "config.h"

#include "tests/testkit.h"

#define HEADER(next, depth, sequence) ((uint64_t)(next) << 32 | (uint64_t)(depth) << 16 | (sequence))

static void the_last_one_in_is_the_first_one_out(void **state)
{
	struct tk *t = TK(state);
	uint32_t head = tk_memory(t, 8), a = tk_memory(t, 4), b = tk_memory(t, 4);
	assert_int_equal(CALL(t, t->main, "InterlockedPushEntrySList", head, a), 0);
	assert_true(mem_get64(&t->m->mem, head) == HEADER(a, 1, 1));
	assert_int_equal(CALL(t, t->main, "InterlockedPushEntrySList", head, b), a);
	assert_true(mem_get64(&t->m->mem, head) == HEADER(b, 2, 2));
	assert_int_equal(CALL(t, t->main, "InterlockedPopEntrySList", head), b);
	assert_int_equal(CALL(t, t->main, "InterlockedPopEntrySList", head), a);
	assert_true(mem_get64(&t->m->mem, head) == HEADER(0, 0, 2));
	assert_int_equal(CALL(t, t->main, "InterlockedPopEntrySList", head), 0);
	assert_true(mem_get64(&t->m->mem, head) == HEADER(0, 0, 2)); /* nothing taken, nothing changed */
}

static void a_flush_gives_the_whole_chain(void **state)
{
	struct tk *t = TK(state);
	uint32_t head = tk_memory(t, 8), a = tk_memory(t, 4), b = tk_memory(t, 4);
	CALL(t, t->main, "InterlockedPushEntrySList", head, a);
	CALL(t, t->main, "InterlockedPushEntrySList", head, b);
	assert_int_equal(CALL(t, t->main, "InterlockedFlushSList", head), b);
	assert_int_equal(tk_get32(t, b), a);
	assert_int_equal(tk_get32(t, a), 0);
	assert_true(mem_get64(&t->m->mem, head) == HEADER(0, 0, 2));
	assert_int_equal(CALL(t, t->main, "InterlockedFlushSList", head), 0);
}

/* A title that has read the header with ldarx and then sees a push on another hardware thread must not store its own. */
static void a_push_ends_another_threads_reservation(void **state)
{
	struct tk *t = TK(state);
	uint32_t head = tk_memory(t, 8), a = tk_memory(t, 4), other = tk_thread(t, 3);
	mem_hw_switch(&t->m->mem, 3);
	mem_reserve(&t->m->mem, head);
	mem_hw_switch(&t->m->mem, 0);
	CALL(t, t->main, "InterlockedPushEntrySList", head, a);
	mem_hw_switch(&t->m->mem, 3);
	assert_false(mem_reserve_take(&t->m->mem, head));
	assert_int_equal(CALL(t, other, "InterlockedPopEntrySList", head), a);
}

static const struct CMUnitTest tests[] = {
	TK_TEST(the_last_one_in_is_the_first_one_out),
	TK_TEST(a_flush_gives_the_whole_chain),
	TK_TEST(a_push_ends_another_threads_reservation),
};
TK_MAIN(tests)
