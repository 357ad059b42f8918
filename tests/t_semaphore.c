/* tests/t_semaphore.c - the laws of semaphores. */
#include "config.h"

#include "tests/testkit.h"

static uint32_t semaphore(struct tk *t, int32_t count, int32_t limit)
{
	uint32_t out = tk_memory(t, 4);
	assert_int_equal(CALL(t, t->main, "NtCreateSemaphore", out, 0, (uint32_t)count, (uint32_t)limit), NT_SUCCESS);
	return tk_get32(t, out);
}

static void count_over_limit_or_no_limit_is_an_invalid_parameter_and_no_handle(void **state)
{
	struct tk *t = TK(state);
	static const int32_t bad[][2] = { { 2, 1 }, { 0, 0 }, { 0, -1 }, { -1, 5 } };
	for (unsigned i = 0; i < ARRAY_LEN(bad); i++) {
		uint32_t out = tk_memory(t, 4);
		tk_put32(t, out, 0xdead);
		assert_int_equal(CALL(t, t->main, "NtCreateSemaphore", out, 0, (uint32_t)bad[i][0], (uint32_t)bad[i][1]), NT_INVALID_PARAMETER);
		assert_int_equal(tk_get32(t, out), 0);
	}
}

static void each_wait_takes_one(void **state)
{
	struct tk *t = TK(state);
	uint32_t s = semaphore(t, 2, 2), zero = tk_memory(t, 8);
	assert_int_equal(CALL(t, t->main, "NtWaitForSingleObjectEx", s, 1, 0, zero), NT_SUCCESS);
	assert_int_equal(CALL(t, t->main, "NtWaitForSingleObjectEx", s, 1, 0, zero), NT_SUCCESS);
	assert_int_equal(CALL(t, t->main, "NtWaitForSingleObjectEx", s, 1, 0, zero), NT_TIMEOUT);
}

static void release_gives_the_previous_count(void **state)
{
	struct tk *t = TK(state);
	uint32_t s = semaphore(t, 1, 5), out = tk_memory(t, 4);
	CALL(t, t->main, "NtReleaseSemaphore", s, 3, out);
	assert_int_equal(tk_get32(t, out), 1);
	CALL(t, t->main, "NtReleaseSemaphore", s, 1, out);
	assert_int_equal(tk_get32(t, out), 4);
}

static void release_over_the_limit_fails_and_changes_nothing(void **state)
{
	struct tk *t = TK(state);
	uint32_t s = semaphore(t, 4, 5);
	assert_int_equal(CALL(t, t->main, "NtReleaseSemaphore", s, 2, 0), NT_SEMAPHORE_LIMIT_EXCEEDED);
	assert_int_equal(CALL(t, t->main, "NtReleaseSemaphore", s, 0x7fffffff, 0), NT_SEMAPHORE_LIMIT_EXCEEDED);
	assert_int_equal(object_signal_state(t->m, tk_object(t, s)), 4);
	assert_int_equal(CALL(t, t->main, "NtReleaseSemaphore", s, 0, 0), NT_INVALID_PARAMETER);
}

static void a_release_of_n_wakes_n_waiters_in_order(void **state)
{
	struct tk *t = TK(state);
	uint32_t s = semaphore(t, 0, 5), waiter[3];
	for (unsigned i = 0; i < 3; i++) {
		waiter[i] = tk_thread(t, i + 1);
		PARKS(t, waiter[i], "NtWaitForSingleObjectEx", s, 1, 0, 0);
	}
	CALL(t, t->main, "NtReleaseSemaphore", s, 2, 0);
	assert_false(tk_parked(t, waiter[0]));
	assert_false(tk_parked(t, waiter[1]));
	assert_true(tk_parked(t, waiter[2]));
	assert_int_equal(object_signal_state(t->m, tk_object(t, s)), 0);
}

static void ke_semaphores_keep_count_and_limit_in_guest_memory(void **state)
{
	struct tk *t = TK(state);
	uint32_t s = tk_memory(t, 20);
	CALL(t, t->main, "KeInitializeSemaphore", s, 1, 3);
	assert_int_equal(tk_get32(t, s) >> 24, 5);
	assert_int_equal(tk_get32(t, s + 4), 1);
	assert_int_equal(tk_get32(t, s + 0x10), 3);
	assert_int_equal(CALL(t, t->main, "KeReleaseSemaphore", s, 0, 2, 0), 1);
	assert_int_equal(tk_get32(t, s + 4), 3);
}

static void ke_release_over_the_limit_raises(void **state)
{
	struct tk *t = TK(state);
	uint32_t s = tk_memory(t, 20);
	CALL(t, t->main, "KeInitializeSemaphore", s, 1, 1);
	const uint64_t args[] = { s, 0, 1, 0 };
	assert_true(tk_call_on(t, t->main, "KeReleaseSemaphore", 4, args).faulted);
	assert_int_equal(t->m->pending.kind, STOP_EXCEPTION);
	assert_non_null(strstr(t->m->pending.text, "c0000047"));
}

static void query_gives_count_and_limit(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 8);
	CALL(t, t->main, "NtQuerySemaphore", semaphore(t, 2, 9), out);
	assert_int_equal(tk_get32(t, out), 2);
	assert_int_equal(tk_get32(t, out + 4), 9);
}

static const struct CMUnitTest tests[] = {
	TK_TEST(count_over_limit_or_no_limit_is_an_invalid_parameter_and_no_handle),
	TK_TEST(each_wait_takes_one),
	TK_TEST(release_gives_the_previous_count),
	TK_TEST(release_over_the_limit_fails_and_changes_nothing),
	TK_TEST(a_release_of_n_wakes_n_waiters_in_order),
	TK_TEST(ke_semaphores_keep_count_and_limit_in_guest_memory),
	TK_TEST(ke_release_over_the_limit_raises),
	TK_TEST(query_gives_count_and_limit),
};
TK_MAIN(tests)
