/* tests/t_critsec.c - the laws of critical sections: counts in the title's memory, recursion, hand-over. */
#include "config.h"

#include "tests/testkit.h"

#define LOCK(t, cs) ((int32_t)tk_get32(t, (cs) + 0x10))
#define RECURSION(t, cs) ((int32_t)tk_get32(t, (cs) + 0x14))
#define OWNER(t, cs) tk_get32(t, (cs) + 0x18)

static uint32_t section(struct tk *t)
{
	uint32_t cs = tk_memory(t, 0x1C);
	CALL(t, t->main, "RtlInitializeCriticalSection", cs);
	return cs;
}

static uint32_t kthread(struct tk *t, uint32_t row)
{
	return thread_peek(t->m, row)->kthread_ga;
}

static void a_fresh_section_is_free(void **state)
{
	struct tk *t = TK(state);
	uint32_t cs = section(t);
	assert_int_equal(tk_get32(t, cs) >> 24, 1);
	assert_int_equal(LOCK(t, cs), -1);
	assert_int_equal(RECURSION(t, cs), 0);
	assert_int_equal(OWNER(t, cs), 0);
	assert_int_equal(object_peek(t->m, object_by_ga(t->m, cs))->type, OT_CRITSEC);
}

static void the_spin_count_is_kept_in_units_of_256_up_to_255(void **state)
{
	struct tk *t = TK(state);
	static const uint32_t spins[][2] = { { 0, 0 }, { 1, 1 }, { 256, 1 }, { 257, 2 }, { 4000, 16 }, { 0xffffffff, 255 } };
	for (unsigned i = 0; i < ARRAY_LEN(spins); i++) {
		uint32_t cs = tk_memory(t, 0x1C);
		assert_int_equal(CALL(t, t->main, "RtlInitializeCriticalSectionAndSpinCount", cs, spins[i][0]), NT_SUCCESS);
		assert_int_equal(tk_get32(t, cs) >> 16 & 0xff, spins[i][1]);
	}
}

static void enter_and_leave_count_owner_and_recursion(void **state)
{
	struct tk *t = TK(state);
	uint32_t cs = section(t);
	for (int32_t n = 0; n < 3; n++) {
		CALL(t, t->main, "RtlEnterCriticalSection", cs);
		assert_int_equal(LOCK(t, cs), n);
		assert_int_equal(RECURSION(t, cs), n + 1);
		assert_int_equal(OWNER(t, cs), kthread(t, t->main));
	}
	for (int32_t n = 2; n >= 0; n--) {
		assert_int_equal(OWNER(t, cs), kthread(t, t->main));
		CALL(t, t->main, "RtlLeaveCriticalSection", cs);
		assert_int_equal(LOCK(t, cs), n - 1);
	}
	assert_int_equal(OWNER(t, cs), 0);
}

static void a_taken_section_parks_and_is_handed_over_in_order(void **state)
{
	struct tk *t = TK(state);
	uint32_t cs = section(t), a = tk_thread(t, 1), b = tk_thread(t, 2);
	CALL(t, t->main, "RtlEnterCriticalSection", cs);
	PARKS(t, a, "RtlEnterCriticalSection", cs);
	PARKS(t, b, "RtlEnterCriticalSection", cs);
	assert_int_equal(LOCK(t, cs), 2);
	assert_int_equal(thread_peek(t->m, a)->cont, CONT_CRITSEC);
	assert_int_equal(thread_peek(t->m, a)->cont_arg[0], cs);
	CALL(t, t->main, "RtlLeaveCriticalSection", cs);
	assert_true(tk_parked(t, b));
	assert_int_equal(CALL(t, t->main, "RtlTryEnterCriticalSection", cs), 0); /* it is a's, although a has not run yet */
	tk_wake(t, a);
	assert_int_equal(OWNER(t, cs), kthread(t, a));
	assert_int_equal(RECURSION(t, cs), 1);
	assert_int_equal(LOCK(t, cs), 1);
	CALL(t, a, "RtlLeaveCriticalSection", cs);
	tk_wake(t, b);
	CALL(t, b, "RtlLeaveCriticalSection", cs);
	assert_int_equal(LOCK(t, cs), -1);
	assert_int_equal(tk_get32(t, cs + 4), 0);
}

static void try_enter_takes_a_free_or_own_section_only(void **state)
{
	struct tk *t = TK(state);
	uint32_t cs = section(t), other = tk_thread(t, 1);
	assert_int_equal(CALL(t, t->main, "RtlTryEnterCriticalSection", cs), 1);
	assert_int_equal(CALL(t, t->main, "RtlTryEnterCriticalSection", cs), 1);
	assert_int_equal(RECURSION(t, cs), 2);
	assert_int_equal(CALL(t, other, "RtlTryEnterCriticalSection", cs), 0);
	assert_int_equal(LOCK(t, cs), 1);
}

static void a_section_set_up_without_a_call_works_and_is_a_ghost_when_waited_on(void **state)
{
	struct tk *t = TK(state);
	uint32_t cs = tk_memory(t, 0x1C), other = tk_thread(t, 1);
	tk_put32(t, cs, 0x01000000);
	tk_put32(t, cs + 0x10, UINT32_MAX);
	CALL(t, t->main, "RtlEnterCriticalSection", cs);
	assert_int_equal(object_by_ga(t->m, cs), 0);
	PARKS(t, other, "RtlEnterCriticalSection", cs);
	assert_int_equal(object_peek(t->m, object_by_ga(t->m, cs))->ghost, 1);
	CALL(t, t->main, "RtlLeaveCriticalSection", cs);
	tk_wake(t, other);
	assert_int_equal(OWNER(t, cs), kthread(t, other));
}

static void a_bad_section_is_a_guest_fault(void **state)
{
	struct tk *t = TK(state);
	const uint64_t args[] = { 0 };
	assert_true(tk_call_on(t, t->main, "RtlEnterCriticalSection", 1, args).faulted);
	assert_int_equal(t->m->pending.kind, STOP_FAULT);
}

static const struct CMUnitTest tests[] = {
	TK_TEST(a_fresh_section_is_free),
	TK_TEST(the_spin_count_is_kept_in_units_of_256_up_to_255),
	TK_TEST(enter_and_leave_count_owner_and_recursion),
	TK_TEST(a_taken_section_parks_and_is_handed_over_in_order),
	TK_TEST(try_enter_takes_a_free_or_own_section_only),
	TK_TEST(a_section_set_up_without_a_call_works_and_is_a_ghost_when_waited_on),
	TK_TEST(a_bad_section_is_a_guest_fault),
};
TK_MAIN(tests)
