/* tests/t_mutant.c - the laws of mutants: ownership, recursion, abandonment. */
#include "config.h"

#include "tests/testkit.h"

static uint32_t mutant(struct tk *t, bool owned)
{
	uint32_t out = tk_memory(t, 4);
	assert_int_equal(CALL(t, t->main, "NtCreateMutant", out, 0, owned), NT_SUCCESS);
	return tk_get32(t, out);
}

static int32_t count_of(struct tk *t, uint32_t h)
{
	return object_signal_state(t->m, tk_object(t, h));
}

static void free_is_1_and_held_n_times_is_1_minus_n(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = mutant(t, false);
	assert_int_equal(count_of(t, h), 1);
	for (int32_t n = 1; n < 4; n++) {
		assert_int_equal(CALL(t, t->main, "NtWaitForSingleObjectEx", h, 1, 0, 0), NT_SUCCESS);
		assert_int_equal(count_of(t, h), 1 - n);
	}
	for (int32_t n = 3; n > 0; n--) {
		uint32_t out = tk_memory(t, 4);
		assert_int_equal(CALL(t, t->main, "NtReleaseMutant", h, out), NT_SUCCESS);
		assert_int_equal((int32_t)tk_get32(t, out), 1 - n);
	}
	assert_int_equal(count_of(t, h), 1);
	assert_int_equal(CALL(t, t->main, "NtReleaseMutant", h, 0), NT_MUTANT_NOT_OWNED);
}

static void initial_owner_is_the_creator(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = mutant(t, true), other = tk_thread(t, 1);
	assert_int_equal(object_peek(t->m, tk_object(t, h))->thread, t->main);
	PARKS(t, other, "NtWaitForSingleObjectEx", h, 1, 0, 0);
	CALL(t, t->main, "NtReleaseMutant", h, 0);
	assert_int_equal(tk_wake(t, other), NT_SUCCESS);
	assert_int_equal(object_peek(t->m, tk_object(t, h))->thread, other);
	assert_int_equal(count_of(t, h), 0);
}

static void only_the_owner_releases(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = mutant(t, true), other = tk_thread(t, 1);
	assert_int_equal(CALL(t, other, "NtReleaseMutant", h, 0), NT_MUTANT_NOT_OWNED);
	assert_int_equal(count_of(t, h), 0);
}

static void the_owners_end_abandons_and_the_next_owner_learns_it(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = mutant(t, false), owner = tk_thread(t, 1), waiter = tk_thread(t, 2), zero = tk_memory(t, 8);
	CALL(t, owner, "NtWaitForSingleObjectEx", h, 1, 0, 0);
	CALL(t, owner, "NtWaitForSingleObjectEx", h, 1, 0, 0);
	PARKS(t, waiter, "NtWaitForSingleObjectEx", h, 1, 0, 0);
	PARKS(t, owner, "ExTerminateThread", 0);
	assert_int_equal(tk_count(t, EV_OBJECT_ABANDON), 1);
	assert_int_equal(tk_wake(t, waiter), NT_ABANDONED);
	CALL(t, waiter, "NtReleaseMutant", h, 0);
	assert_int_equal(CALL(t, t->main, "NtWaitForSingleObjectEx", h, 1, 0, zero), NT_SUCCESS); /* said once */
}

static void an_abandoned_mutant_nobody_waited_for_is_free(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = mutant(t, false), owner = tk_thread(t, 1), e = tk_event(t, 0, false), list = tk_memory(t, 8);
	CALL(t, owner, "NtWaitForSingleObjectEx", h, 1, 0, 0);
	PARKS(t, owner, "ExTerminateThread", 0);
	assert_int_equal(count_of(t, h), 1);
	tk_put32(t, list, e);
	tk_put32(t, list + 4, h);
	assert_int_equal(CALL(t, t->main, "NtWaitForMultipleObjectsEx", 2, list, 1, 1, 0, 0), NT_ABANDONED | 1); /* the index is OR-ed in */
}

static void ke_mutants_show_their_owner_in_guest_memory(void **state)
{
	struct tk *t = TK(state);
	uint32_t ga = tk_memory(t, 0x20), me = thread_peek(t->m, t->main)->kthread_ga;
	CALL(t, t->main, "KeInitializeMutant", ga, 0);
	assert_int_equal(tk_get32(t, ga + 4), 1);
	assert_int_equal(CALL(t, t->main, "KeWaitForSingleObject", ga, 0, 0, 0, 0), NT_SUCCESS);
	assert_int_equal(tk_get32(t, ga + 0x18), me);
	assert_int_equal(CALL(t, t->main, "KeReleaseMutant", ga, 0, 0, 0), 0);
	assert_int_equal(tk_get32(t, ga + 0x18), 0);
	assert_int_equal(tk_get32(t, ga + 4), 1);
}

static void ke_release_by_a_stranger_raises(void **state)
{
	struct tk *t = TK(state);
	uint32_t ga = tk_memory(t, 0x20);
	CALL(t, t->main, "KeInitializeMutant", ga, 0);
	const uint64_t args[] = { ga, 0, 0, 0 };
	assert_true(tk_call_on(t, t->main, "KeReleaseMutant", 4, args).faulted);
	assert_non_null(strstr(t->m->pending.text, "c0000046"));
}

static void query_tells_the_owner_from_others(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = mutant(t, true), out = tk_memory(t, 8), other = tk_thread(t, 1);
	CALL(t, t->main, "NtQueryMutant", h, out);
	assert_int_equal(tk_get32(t, out), 0);
	assert_int_equal(tk_get32(t, out + 4) >> 16, 0x0100);
	CALL(t, other, "NtQueryMutant", h, out);
	assert_int_equal(tk_get32(t, out + 4) >> 16, 0);
}

static const struct CMUnitTest tests[] = {
	TK_TEST(free_is_1_and_held_n_times_is_1_minus_n),
	TK_TEST(initial_owner_is_the_creator),
	TK_TEST(only_the_owner_releases),
	TK_TEST(the_owners_end_abandons_and_the_next_owner_learns_it),
	TK_TEST(an_abandoned_mutant_nobody_waited_for_is_free),
	TK_TEST(ke_mutants_show_their_owner_in_guest_memory),
	TK_TEST(ke_release_by_a_stranger_raises),
	TK_TEST(query_tells_the_owner_from_others),
};
TK_MAIN(tests)
