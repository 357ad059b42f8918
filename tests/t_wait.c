/* tests/t_wait.c - the laws of waiting: order, any and all, timeouts, what a wait returns. */
#include "config.h"

#include "tests/testkit.h"

#define MS(n) ((uint64_t)-INT64_C(10000) * (n))  /* relative, 100 ns */
#define TICKS_MS (TICKS_PER_SECOND / 1000)

static uint32_t timeout(struct tk *t, uint64_t value)
{
	uint32_t ga = tk_memory(t, 8);
	tk_put64(t, ga, value);
	return ga;
}

static uint32_t list_of(struct tk *t, const uint32_t *h, unsigned n)
{
	uint32_t ga = tk_memory(t, 4 * n);
	for (unsigned i = 0; i < n; i++)
		tk_put32(t, ga + 4 * i, h[i]);
	return ga;
}

static uint32_t semaphore(struct tk *t, uint32_t count)
{
	uint32_t out = tk_memory(t, 4);
	CALL(t, t->main, "NtCreateSemaphore", out, 0, count, 100);
	return tk_get32(t, out);
}

static void wait_fifo_wakes_longest_waiter(void **state)
{
	struct tk *t = TK(state);
	uint32_t e = tk_event(t, 1, false), w[4];
	for (unsigned i = 0; i < 4; i++)
		w[i] = tk_thread(t, i + 1);
	static const unsigned order[4] = { 2, 0, 3, 1 };
	for (unsigned i = 0; i < 4; i++)
		PARKS(t, w[order[i]], "NtWaitForSingleObjectEx", e, 1, 0, 0);
	for (unsigned i = 0; i < 4; i++) {
		CALL(t, t->main, "NtSetEvent", e, 0);
		assert_int_equal(tk_wake(t, w[order[i]]), NT_SUCCESS);
	}
}

static void zero_timeout_polls(void **state)
{
	struct tk *t = TK(state);
	uint32_t e = tk_event(t, 1, false);
	assert_int_equal(CALL(t, t->main, "NtWaitForSingleObjectEx", e, 1, 0, timeout(t, 0)), NT_TIMEOUT);
}

static void a_signalled_object_beats_a_zero_timeout(void **state)
{
	struct tk *t = TK(state);
	uint32_t e = tk_event(t, 1, true);
	assert_int_equal(CALL(t, t->main, "NtWaitForSingleObjectEx", e, 1, 0, timeout(t, 0)), NT_SUCCESS);
}

static void a_relative_timeout_ends_on_its_tick(void **state)
{
	struct tk *t = TK(state);
	uint32_t w = tk_thread(t, 1), e = tk_event(t, 1, false);
	PARKS(t, w, "NtWaitForSingleObjectEx", e, 1, 0, timeout(t, MS(10)));
	tk_pass(t, 10 * TICKS_MS - 1);
	assert_true(tk_parked(t, w));
	tk_pass(t, 1);
	assert_int_equal(tk_wake(t, w), NT_TIMEOUT);
	assert_int_equal(tk_count(t, EV_OBJECT_TIMEOUT), 1);
}

static void a_sub_millisecond_timeout_is_no_poll(void **state)
{
	struct tk *t = TK(state);
	uint32_t w = tk_thread(t, 1), e = tk_event(t, 1, false);
	PARKS(t, w, "NtWaitForSingleObjectEx", e, 1, 0, timeout(t, (uint64_t)-1));
	tk_pass(t, 5);
	assert_int_equal(tk_wake(t, w), NT_TIMEOUT);
}

static void an_absolute_timeout_counts_from_1601(void **state)
{
	struct tk *t = TK(state);
	uint32_t w = tk_thread(t, 1), e = tk_event(t, 1, false);
	uint64_t boot = t->m->options.boot_time;
	assert_int_equal(CALL(t, w, "NtWaitForSingleObjectEx", e, 1, 0, timeout(t, boot - 1)), NT_TIMEOUT);
	PARKS(t, w, "NtWaitForSingleObjectEx", e, 1, 0, timeout(t, boot + 10000));
	tk_pass(t, TICKS_MS);
	assert_int_equal(tk_wake(t, w), NT_TIMEOUT);
}

static void a_timeout_of_minus_2_to_the_63_is_forever(void **state)
{
	struct tk *t = TK(state);
	uint32_t w = tk_thread(t, 1), e = tk_event(t, 1, false);
	PARKS(t, w, "NtWaitForSingleObjectEx", e, 1, 0, timeout(t, UINT64_C(1) << 63));
	assert_true(thread_peek(t->m, w)->deadline == DEADLINE_NEVER);
}

static void a_woken_thread_leaves_no_deadline(void **state)
{
	struct tk *t = TK(state);
	struct quiescence q;
	uint32_t w = tk_thread(t, 1), e = tk_event(t, 1, false);
	PARKS(t, w, "NtWaitForSingleObjectEx", e, 1, 0, timeout(t, MS(10)));
	machine_quiescence(t->m, &q);
	assert_int_equal(q.timeouts, 1);
	CALL(t, t->main, "NtSetEvent", e, 0);
	machine_quiescence(t->m, &q);
	assert_int_equal(q.timeouts, 0);
	assert_true(q.next_due == DEADLINE_NEVER);
}

static void deadlines_are_served_by_due_time_then_age(void **state)
{
	struct tk *t = TK(state);
	uint32_t w[5], e = tk_event(t, 1, false);
	static const unsigned ms[5] = { 30, 10, 20, 10, 20 }, order[5] = { 1, 3, 2, 4, 0 };
	for (unsigned i = 0; i < 5; i++) {
		w[i] = tk_thread(t, i + 1);
		PARKS(t, w[i], "NtWaitForSingleObjectEx", e, 1, 0, timeout(t, MS(ms[i])));
	}
	tk_forget(t);
	tk_pass(t, 50 * TICKS_MS);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(tk_event_at(t, EV_OBJECT_TIMEOUT, i)->tid, thread_peek(t->m, w[order[i]])->tid);
}

static void any_takes_the_first_that_can_be_had_and_only_that(void **state)
{
	struct tk *t = TK(state);
	uint32_t h[3] = { tk_event(t, 1, false), tk_event(t, 1, true), tk_event(t, 1, true) };
	assert_int_equal(CALL(t, t->main, "NtWaitForMultipleObjectsEx", 3, list_of(t, h, 3), 1, 1, 0, 0), 1);
	assert_int_equal(object_signal_state(t->m, tk_object(t, h[1])), 0);
	assert_int_equal(object_signal_state(t->m, tk_object(t, h[2])), 1);
}

static void any_wakes_with_the_index(void **state)
{
	struct tk *t = TK(state);
	uint32_t w = tk_thread(t, 1), h[3] = { tk_event(t, 1, false), tk_event(t, 0, false), tk_event(t, 1, false) };
	PARKS(t, w, "NtWaitForMultipleObjectsEx", 3, list_of(t, h, 3), 1, 1, 0, 0);
	CALL(t, t->main, "NtSetEvent", h[2], 0);
	assert_int_equal(tk_wake(t, w), 2);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(object_peek(t->m, tk_object(t, h[i]))->waiters, 0);
}

static void all_takes_everything_in_one_step_or_nothing(void **state)
{
	struct tk *t = TK(state);
	uint32_t w = tk_thread(t, 1), h[3] = { tk_event(t, 1, false), semaphore(t, 0), tk_event(t, 0, false) };
	PARKS(t, w, "NtWaitForMultipleObjectsEx", 3, list_of(t, h, 3), 0, 1, 0, 0);
	CALL(t, t->main, "NtSetEvent", h[0], 0);
	CALL(t, t->main, "NtReleaseSemaphore", h[1], 5, 0);
	assert_true(tk_parked(t, w));
	assert_int_equal(object_signal_state(t->m, tk_object(t, h[0])), 1); /* nothing was taken */
	assert_int_equal(object_signal_state(t->m, tk_object(t, h[1])), 5);
	CALL(t, t->main, "NtSetEvent", h[2], 0);
	assert_int_equal(tk_wake(t, w), NT_SUCCESS);
	assert_int_equal(object_signal_state(t->m, tk_object(t, h[0])), 0);
	assert_int_equal(object_signal_state(t->m, tk_object(t, h[1])), 4);
	assert_int_equal(object_signal_state(t->m, tk_object(t, h[2])), 1);
}

static void a_waiter_for_all_does_not_hold_up_those_behind_it(void **state)
{
	struct tk *t = TK(state);
	uint32_t all = tk_thread(t, 1), one = tk_thread(t, 2), h[2] = { tk_event(t, 1, false), tk_event(t, 1, false) };
	PARKS(t, all, "NtWaitForMultipleObjectsEx", 2, list_of(t, h, 2), 0, 1, 0, 0);
	PARKS(t, one, "NtWaitForSingleObjectEx", h[0], 1, 0, 0);
	CALL(t, t->main, "NtSetEvent", h[0], 0);
	assert_true(tk_parked(t, all));
	assert_int_equal(tk_wake(t, one), NT_SUCCESS);
	assert_int_equal(object_signal_state(t->m, tk_object(t, h[0])), 0);
}

static void multiple_with_a_bad_handle_or_count_is_an_invalid_parameter(void **state)
{
	struct tk *t = TK(state);
	uint32_t h[2] = { tk_event(t, 0, true), 0x5550 }, list = list_of(t, h, 2);
	assert_int_equal(CALL(t, t->main, "NtWaitForMultipleObjectsEx", 2, list, 1, 1, 0, 0), NT_INVALID_PARAMETER);
	assert_int_equal(CALL(t, t->main, "NtWaitForMultipleObjectsEx", 0, list, 1, 1, 0, 0), NT_INVALID_PARAMETER);
	assert_int_equal(CALL(t, t->main, "NtWaitForMultipleObjectsEx", 65, list, 1, 1, 0, 0), NT_INVALID_PARAMETER);
	assert_int_equal(CALL(t, t->main, "NtWaitForMultipleObjectsEx", 1, list, 2, 1, 0, 0), NT_INVALID_PARAMETER);
}

static void the_same_object_twice_is_allowed_for_any_and_refused_for_all(void **state)
{
	struct tk *t = TK(state);
	uint32_t w = tk_thread(t, 1), e = tk_event(t, 1, false), h[2] = { e, e }, list = list_of(t, h, 2);
	assert_int_equal(CALL(t, w, "NtWaitForMultipleObjectsEx", 2, list, 0, 1, 0, 0), NT_INVALID_PARAMETER_MIX);
	PARKS(t, w, "NtWaitForMultipleObjectsEx", 2, list, 1, 1, 0, 0);
	CALL(t, t->main, "NtSetEvent", e, 0);
	assert_int_equal(tk_wake(t, w), 0);
	assert_int_equal(object_peek(t->m, tk_object(t, e))->waiters, 0);
}

static void ke_multiple_takes_pointers_and_type_0_is_all(void **state)
{
	struct tk *t = TK(state);
	uint32_t a = tk_memory(t, 16), b = tk_memory(t, 16), w = tk_thread(t, 1), h[2] = { a, b }, list = list_of(t, h, 2);
	CALL(t, t->main, "KeInitializeEvent", a, 1, 1);
	CALL(t, t->main, "KeInitializeEvent", b, 1, 0);
	PARKS(t, w, "KeWaitForMultipleObjects", 2, list, 0, 0, 0, 0, 0, 0);
	CALL(t, t->main, "KeSetEvent", b, 0, 0);
	assert_int_equal(tk_wake(t, w), NT_SUCCESS);
	CALL(t, t->main, "KeSetEvent", b, 0, 0);
	assert_int_equal(CALL(t, w, "KeWaitForMultipleObjects", 2, list, 1, 0, 0, 0, 0, 0), 1);
}

static void signal_and_wait_signals_by_type_then_waits(void **state)
{
	struct tk *t = TK(state);
	uint32_t w = tk_thread(t, 1), e = tk_event(t, 0, false), s = semaphore(t, 0), target = tk_event(t, 1, false);
	PARKS(t, w, "NtSignalAndWaitForSingleObjectEx", e, target, 1, 0, 0);
	assert_int_equal(object_signal_state(t->m, tk_object(t, e)), 1);
	CALL(t, t->main, "NtSetEvent", target, 0);
	assert_int_equal(tk_wake(t, w), NT_SUCCESS);
	assert_int_equal(CALL(t, w, "NtSignalAndWaitForSingleObjectEx", s, target, 1, 0, timeout(t, 0)), NT_TIMEOUT);
	assert_int_equal(object_signal_state(t->m, tk_object(t, s)), 1);
	assert_int_equal(CALL(t, w, "NtSignalAndWaitForSingleObjectEx", 0x1000, target, 1, 0, 0), NT_OBJECT_TYPE_MISMATCH);
}

static void delay_ends_with_success_after_its_time(void **state)
{
	struct tk *t = TK(state);
	uint32_t w = tk_thread(t, 1);
	PARKS(t, w, "KeDelayExecutionThread", 1, 0, timeout(t, MS(3)));
	tk_pass(t, 3 * TICKS_MS);
	assert_int_equal(tk_wake(t, w), NT_SUCCESS);
}

static void delay_of_0_is_a_yield(void **state)
{
	struct tk *t = TK(state);
	assert_int_equal(CALL(t, t->main, "KeDelayExecutionThread", 1, 0, timeout(t, 0)), NT_NO_YIELD_PERFORMED);
}

static void a_wait_on_a_closed_handle_goes_on(void **state)
{
	struct tk *t = TK(state);
	uint32_t w = tk_thread(t, 1), e = tk_event(t, 1, false), out = tk_memory(t, 4);
	CALL(t, t->main, "NtDuplicateObject", e, out, 0);
	PARKS(t, w, "NtWaitForSingleObjectEx", e, 1, 0, 0);
	CALL(t, t->main, "NtClose", e);
	CALL(t, t->main, "NtSetEvent", tk_get32(t, out), 0);
	assert_int_equal(tk_wake(t, w), NT_SUCCESS);
}

static void wait_and_wake_events_carry_index_and_time(void **state)
{
	struct tk *t = TK(state);
	uint32_t w = tk_thread(t, 1), h[2] = { tk_event(t, 1, false), tk_event(t, 1, false) };
	tk_forget(t);
	PARKS(t, w, "NtWaitForMultipleObjectsEx", 2, list_of(t, h, 2), 1, 1, 0, 0);
	assert_int_equal(tk_event_at(t, EV_OBJECT_WAIT, 1)->aux[0], 1);
	assert_int_equal(tk_event_at(t, EV_OBJECT_WAIT, 1)->aux[1], 2);
	assert_int_equal(tk_event_at(t, EV_OBJECT_WAIT, 1)->aux[2], 1);
	assert_true(tk_event_at(t, EV_OBJECT_WAIT, 1)->aux[3] == DEADLINE_NEVER);
	tk_pass(t, 77);
	CALL(t, t->main, "NtSetEvent", h[1], 0);
	const struct event *wake = tk_event_at(t, EV_OBJECT_WAKE, 0);
	assert_int_equal(wake->tid, thread_peek(t->m, w)->tid);
	assert_int_equal(wake->handle, h[1]);
	assert_int_equal(wake->aux[0], 1);
	assert_int_equal(wake->aux[1], 77);
	assert_int_equal(tk_event_at(t, EV_OBJECT_SIGNAL, 0)->tid, 1);
}

static void a_wait_by_pointer_takes_what_the_handle_names(void **state)
{
	struct tk *t = TK(state);
	uint32_t w = tk_thread(t, 1), e = tk_event(t, 1, true), body = object_peek(t->m, tk_object(t, e))->body_ga;
	assert_int_equal(CALL(t, t->main, "KeWaitForSingleObject", body, 3, 1, 0, timeout(t, 0)), NT_SUCCESS);
	assert_int_equal(CALL(t, t->main, "KeWaitForSingleObject", body, 3, 1, 0, timeout(t, 0)), NT_TIMEOUT); /* an auto event: taken */
	PARKS(t, w, "KeWaitForSingleObject", body, 3, 1, 0, 0);
	CALL(t, t->main, "NtSetEvent", e, 0);
	assert_int_equal(tk_wake(t, w), NT_SUCCESS);
}

static const struct CMUnitTest tests[] = {
	TK_TEST(wait_fifo_wakes_longest_waiter),
	TK_TEST(zero_timeout_polls),
	TK_TEST(a_signalled_object_beats_a_zero_timeout),
	TK_TEST(a_relative_timeout_ends_on_its_tick),
	TK_TEST(a_sub_millisecond_timeout_is_no_poll),
	TK_TEST(an_absolute_timeout_counts_from_1601),
	TK_TEST(a_timeout_of_minus_2_to_the_63_is_forever),
	TK_TEST(a_woken_thread_leaves_no_deadline),
	TK_TEST(deadlines_are_served_by_due_time_then_age),
	TK_TEST(any_takes_the_first_that_can_be_had_and_only_that),
	TK_TEST(any_wakes_with_the_index),
	TK_TEST(all_takes_everything_in_one_step_or_nothing),
	TK_TEST(a_waiter_for_all_does_not_hold_up_those_behind_it),
	TK_TEST(multiple_with_a_bad_handle_or_count_is_an_invalid_parameter),
	TK_TEST(the_same_object_twice_is_allowed_for_any_and_refused_for_all),
	TK_TEST(ke_multiple_takes_pointers_and_type_0_is_all),
	TK_TEST(signal_and_wait_signals_by_type_then_waits),
	TK_TEST(delay_ends_with_success_after_its_time),
	TK_TEST(delay_of_0_is_a_yield),
	TK_TEST(a_wait_on_a_closed_handle_goes_on),
	TK_TEST(wait_and_wake_events_carry_index_and_time),
	TK_TEST(a_wait_by_pointer_takes_what_the_handle_names),
};
TK_MAIN(tests)
