/* tests/t_queue.c - the laws of kernel queues: entries in the title's memory, who is served, how many may run. */
#include "config.h"

#include "tests/testkit.h"

#define STATE(t, q) ((int32_t)tk_get32(t, (q) + 0x4))
#define FIRST(t, q) tk_get32(t, (q) + 0x10)
#define RUNNING(t, q) tk_get32(t, (q) + 0x18)
#define MAXIMUM(t, q) tk_get32(t, (q) + 0x1C)

static uint32_t queue(struct tk *t, uint32_t may_run)
{
	uint32_t q = tk_memory(t, 0x28);
	CALL(t, t->main, "KeInitializeQueue", q, may_run);
	return q;
}

static uint32_t entry(struct tk *t)
{
	return tk_memory(t, 8);
}

static void a_fresh_queue_is_empty(void **state)
{
	struct tk *t = TK(state);
	uint32_t q = queue(t, 3), one = queue(t, 0);
	assert_int_equal(tk_get32(t, q) >> 24, 4);
	assert_int_equal(STATE(t, q), 0);
	assert_int_equal(FIRST(t, q), q + 0x10);
	assert_int_equal(tk_get32(t, q + 0x20), q + 0x20);
	assert_int_equal(MAXIMUM(t, q), 3);
	assert_int_equal(MAXIMUM(t, one), 1);
	assert_int_equal(object_peek(t->m, object_by_ga(t->m, q))->type, OT_QUEUE);
}

static void entries_come_out_in_order_those_at_the_head_first(void **state)
{
	struct tk *t = TK(state);
	uint32_t q = queue(t, 1), a = entry(t), b = entry(t), c = entry(t);
	assert_int_equal(CALL(t, t->main, "KeInsertQueue", q, a), 0);
	assert_int_equal(CALL(t, t->main, "KeInsertQueue", q, b), 1);
	assert_int_equal(CALL(t, t->main, "KeInsertHeadQueue", q, c), 2);
	assert_int_equal(STATE(t, q), 3);
	assert_int_equal(FIRST(t, q), c);
	assert_int_equal(CALL(t, t->main, "KeRemoveQueue", q, 0, 0), c);
	assert_int_equal(RUNNING(t, q), 1);
	assert_int_equal(tk_get32(t, c), 0);
	assert_int_equal(CALL(t, t->main, "KeRemoveQueue", q, 0, 0), a);
	assert_int_equal(CALL(t, t->main, "KeRemoveQueue", q, 0, 0), b);
	assert_int_equal(RUNNING(t, q), 1);
	assert_int_equal(STATE(t, q), 0);
	assert_int_equal(FIRST(t, q), q + 0x10);
}

static void who_waited_shortest_is_served_first(void **state)
{
	struct tk *t = TK(state);
	uint32_t q = queue(t, 2), a = tk_thread(t, 1), b = tk_thread(t, 2), e = entry(t), f = entry(t);
	PARKS(t, a, "KeRemoveQueue", q, 0, 0);
	PARKS(t, b, "KeRemoveQueue", q, 0, 0);
	assert_int_equal(CALL(t, t->main, "KeInsertQueue", q, e), 0);
	assert_int_equal(STATE(t, q), 0); /* handed over */
	assert_true(tk_parked(t, a));
	assert_int_equal(tk_wake(t, b), e);
	CALL(t, t->main, "KeInsertQueue", q, f);
	assert_int_equal(tk_wake(t, a), f);
	assert_int_equal(RUNNING(t, q), 2);
}

static void no_more_run_than_may(void **state)
{
	struct tk *t = TK(state);
	uint32_t q = queue(t, 1), a = tk_thread(t, 1), b = tk_thread(t, 2), e = entry(t), f = entry(t),
		 event = tk_event(t, 1, false);
	PARKS(t, a, "KeRemoveQueue", q, 0, 0);
	CALL(t, t->main, "KeInsertQueue", q, e);
	assert_int_equal(tk_wake(t, a), e);
	PARKS(t, b, "KeRemoveQueue", q, 0, 0);
	CALL(t, t->main, "KeInsertQueue", q, f);
	assert_true(tk_parked(t, b)); /* a runs */
	assert_int_equal(STATE(t, q), 1);
	PARKS(t, a, "NtWaitForSingleObjectEx", event, 0, 0, 0); /* a waits for something else: b may */
	assert_int_equal(tk_wake(t, b), f);
	assert_int_equal(RUNNING(t, q), 1);
	CALL(t, t->main, "NtSetEvent", event, 0);
	tk_wake(t, a);
	assert_int_equal(RUNNING(t, q), 2); /* it is not held back for that */
	assert_int_equal(CALL(t, t->main, "KeInsertQueue", q, e), 0);
	PARKS(t, b, "KeRemoveQueue", q, 0, 0);
	assert_int_equal(CALL(t, a, "KeRemoveQueue", q, 0, 0), e);
}

static void a_timeout_ends_the_wait_and_the_thread_counts_again(void **state)
{
	struct tk *t = TK(state);
	uint32_t q = queue(t, 1), due = tk_memory(t, 8), none = tk_memory(t, 8);
	tk_put64(t, due, (uint64_t)-10000);
	assert_int_equal(CALL(t, t->main, "KeRemoveQueue", q, 0, none), NT_TIMEOUT);
	assert_int_equal(RUNNING(t, q), 1);
	PARKS(t, t->main, "KeRemoveQueue", q, 0, due);
	assert_int_equal(RUNNING(t, q), 0);
	tk_pass(t, TICKS_PER_MS * 2);
	assert_int_equal(tk_wake(t, t->main), NT_TIMEOUT);
	assert_int_equal(RUNNING(t, q), 1);
}

static void a_thread_belongs_to_the_queue_it_took_from_last(void **state)
{
	struct tk *t = TK(state);
	uint32_t q = queue(t, 1), r = queue(t, 1), k = thread_peek(t->m, t->main)->kthread_ga, none = tk_memory(t, 8);
	CALL(t, t->main, "KeRemoveQueue", q, 0, none);
	assert_int_equal(tk_get32(t, k + 0x118), q);
	assert_int_equal(tk_get32(t, q + 0x20), k + 0x11C);
	CALL(t, t->main, "KeRemoveQueue", r, 0, none);
	assert_int_equal(tk_get32(t, k + 0x118), r);
	assert_int_equal(RUNNING(t, q), 0);
	assert_int_equal(tk_get32(t, q + 0x20), q + 0x20);
	assert_int_equal(RUNNING(t, r), 1);
}

static void a_rundown_gives_the_entries_as_a_ring_and_frees_the_threads(void **state)
{
	struct tk *t = TK(state);
	uint32_t q = queue(t, 1), a = entry(t), b = entry(t), none = tk_memory(t, 8), k = thread_peek(t->m, t->main)->kthread_ga;
	CALL(t, t->main, "KeRemoveQueue", q, 0, none);
	CALL(t, t->main, "KeInsertQueue", q, a);
	CALL(t, t->main, "KeInsertQueue", q, b);
	assert_int_equal(CALL(t, t->main, "KeRundownQueue", q), a);
	assert_int_equal(tk_get32(t, a), b);
	assert_int_equal(tk_get32(t, b), a);
	assert_int_equal(tk_get32(t, k + 0x118), 0);
	assert_int_equal(CALL(t, t->main, "KeRundownQueue", queue(t, 1)), 0);
}

static void the_end_of_a_thread_lets_the_next_one_run(void **state)
{
	struct tk *t = TK(state);
	uint32_t q = queue(t, 1), a = tk_thread(t, 1), b = tk_thread(t, 2), e = entry(t), f = entry(t);
	const uint64_t status[] = { 0 };
	CALL(t, t->main, "KeInsertQueue", q, e);
	assert_int_equal(CALL(t, a, "KeRemoveQueue", q, 0, 0), e);
	PARKS(t, b, "KeRemoveQueue", q, 0, 0);
	CALL(t, t->main, "KeInsertQueue", q, f);
	assert_true(tk_parked(t, b));
	tk_call_on(t, a, "ExTerminateThread", 1, status);
	assert_int_equal(tk_wake(t, b), f);
}

static void a_bad_queue_is_a_guest_fault(void **state)
{
	struct tk *t = TK(state);
	const struct {
		const char *name;
		uint64_t arg[3];
	} calls[] = { { "KeInitializeQueue", { 0x100 } }, { "KeInsertQueue", { 0x100, 0x100 } },
		{ "KeInsertQueue", { queue(t, 1), 0x100 } }, { "KeRemoveQueue", { queue(t, 1), 0, 0x100 } },
		{ "KeRundownQueue", { 0x100 } } };
	for (unsigned i = 0; i < ARRAY_LEN(calls); i++) {
		t->m->pending.kind = STOP_NONE;
		assert_true(tk_call_on(t, t->main, calls[i].name, 3, calls[i].arg).faulted);
	}
}

static const struct CMUnitTest tests[] = {
	TK_TEST(a_fresh_queue_is_empty),
	TK_TEST(entries_come_out_in_order_those_at_the_head_first),
	TK_TEST(who_waited_shortest_is_served_first),
	TK_TEST(no_more_run_than_may),
	TK_TEST(a_timeout_ends_the_wait_and_the_thread_counts_again),
	TK_TEST(a_thread_belongs_to_the_queue_it_took_from_last),
	TK_TEST(a_rundown_gives_the_entries_as_a_ring_and_frees_the_threads),
	TK_TEST(the_end_of_a_thread_lets_the_next_one_run),
	TK_TEST(a_bad_queue_is_a_guest_fault),
};
TK_MAIN(tests)
