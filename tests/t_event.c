/* tests/t_event.c - the laws of events, by handle and by pointer. */
#include "config.h"

#include "tests/testkit.h"

#define WAIT_FOREVER(t, thread, h) PARKS(t, thread, "NtWaitForSingleObjectEx", h, 1, 0, 0)

static uint32_t poll_of(struct tk *t, uint32_t h)
{
	uint32_t zero = tk_memory(t, 8);
	return (uint32_t)CALL(t, t->main, "NtWaitForSingleObjectEx", h, 1, 0, zero);
}

static void type_0_is_manual_and_type_1_is_auto(void **state)
{
	struct tk *t = TK(state);
	uint32_t manual = tk_event(t, 0, true), automatic = tk_event(t, 1, true);
	assert_int_equal(poll_of(t, manual), NT_SUCCESS);
	assert_int_equal(poll_of(t, manual), NT_SUCCESS);
	assert_int_equal(poll_of(t, automatic), NT_SUCCESS);
	assert_int_equal(poll_of(t, automatic), NT_TIMEOUT);
}

static void a_type_beyond_1_is_an_invalid_parameter(void **state)
{
	struct tk *t = TK(state);
	assert_int_equal(CALL(t, t->main, "NtCreateEvent", tk_memory(t, 4), 0, 2, 0), NT_INVALID_PARAMETER);
}

static void set_and_clear_and_pulse_report_the_previous_state(void **state)
{
	struct tk *t = TK(state);
	uint32_t e = tk_event(t, 0, false), out = tk_memory(t, 4);
	static const struct {
		const char *name;
		uint32_t previous;
	} steps[] = { { "NtSetEvent", 0 }, { "NtSetEvent", 1 }, { "NtPulseEvent", 1 }, { "NtPulseEvent", 0 } };
	for (unsigned i = 0; i < ARRAY_LEN(steps); i++) {
		tk_put32(t, out, 0xdead);
		assert_int_equal(CALL(t, t->main, steps[i].name, e, out), NT_SUCCESS);
		assert_int_equal(tk_get32(t, out), steps[i].previous);
	}
}

static void ke_calls_return_the_previous_state(void **state)
{
	struct tk *t = TK(state);
	uint32_t e = tk_memory(t, 16);
	CALL(t, t->main, "KeInitializeEvent", e, 0, 0);
	assert_int_equal(CALL(t, t->main, "KeSetEvent", e, 0, 0), 0);
	assert_int_equal(CALL(t, t->main, "KeSetEvent", e, 0, 0), 1);
	assert_int_equal(CALL(t, t->main, "KeResetEvent", e), 1);
	assert_int_equal(CALL(t, t->main, "KeResetEvent", e), 0);
	CALL(t, t->main, "KeSetEvent", e, 0, 0);
	assert_int_equal(CALL(t, t->main, "KePulseEvent", e, 0, 0), 1);
	assert_int_equal(CALL(t, t->main, "KePulseEvent", e, 0, 0), 0);
}

static void clear_takes_the_state_away(void **state)
{
	struct tk *t = TK(state);
	uint32_t e = tk_event(t, 0, true);
	assert_int_equal(CALL(t, t->main, "NtClearEvent", e), NT_SUCCESS);
	assert_int_equal(poll_of(t, e), NT_TIMEOUT);
}

static void set_of_a_manual_event_wakes_all_and_stays_set(void **state)
{
	struct tk *t = TK(state);
	uint32_t a = tk_thread(t, 1), b = tk_thread(t, 2), e = tk_event(t, 0, false);
	WAIT_FOREVER(t, a, e);
	WAIT_FOREVER(t, b, e);
	CALL(t, t->main, "NtSetEvent", e, 0);
	assert_int_equal(tk_wake(t, a), NT_SUCCESS);
	assert_int_equal(tk_wake(t, b), NT_SUCCESS);
	assert_int_equal(object_signal_state(t->m, tk_object(t, e)), 1);
}

static void set_of_an_auto_event_is_handed_to_the_longest_waiter(void **state)
{
	struct tk *t = TK(state);
	uint32_t a = tk_thread(t, 1), b = tk_thread(t, 2), e = tk_event(t, 1, false);
	WAIT_FOREVER(t, b, e);
	WAIT_FOREVER(t, a, e);
	CALL(t, t->main, "NtSetEvent", e, 0);
	assert_false(tk_parked(t, b));
	assert_true(tk_parked(t, a));
	assert_int_equal(object_signal_state(t->m, tk_object(t, e)), 0);
}

static void a_pulse_releases_all_of_a_manual_and_one_of_an_auto_event(void **state)
{
	struct tk *t = TK(state);
	for (uint32_t type = 0; type < 2; type++) {
		uint32_t a = tk_thread(t, 1), b = tk_thread(t, 2), e = tk_event(t, type, false);
		WAIT_FOREVER(t, a, e);
		WAIT_FOREVER(t, b, e);
		CALL(t, t->main, "NtPulseEvent", e, 0);
		assert_false(tk_parked(t, a));
		assert_int_equal(tk_parked(t, b), type == 1);
		assert_int_equal(object_signal_state(t->m, tk_object(t, e)), 0);
	}
}

static void a_pulse_without_a_waiter_is_forgotten(void **state)
{
	struct tk *t = TK(state);
	uint32_t e = tk_event(t, 0, false);
	CALL(t, t->main, "NtPulseEvent", e, 0);
	assert_int_equal(poll_of(t, e), NT_TIMEOUT);
}

static void query_gives_type_and_state(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 8);
	CALL(t, t->main, "NtQueryEvent", tk_event(t, 1, true), out);
	assert_int_equal(tk_get32(t, out), 1);
	assert_int_equal(tk_get32(t, out + 4), 1);
}

static void the_guest_sees_the_signal_state_at_every_transition(void **state)
{
	struct tk *t = TK(state);
	uint32_t e = tk_memory(t, 16);
	CALL(t, t->main, "KeInitializeEvent", e, 1, 1);
	assert_int_equal(tk_get32(t, e) >> 24, 1);
	assert_int_equal(tk_get32(t, e + 4), 1);
	assert_int_equal(CALL(t, t->main, "KeWaitForSingleObject", e, 0, 0, 0, 0), NT_SUCCESS);
	assert_int_equal(tk_get32(t, e + 4), 0);
	CALL(t, t->main, "KeSetEvent", e, 0, 0);
	assert_int_equal(tk_get32(t, e + 4), 1);
	CALL(t, t->main, "KeResetEvent", e);
	assert_int_equal(tk_get32(t, e + 4), 0);
	assert_int_equal(tk_get32(t, e + 8), e + 8);
	assert_int_equal(tk_get32(t, e + 12), e + 8);
}

static void a_state_that_the_title_wrote_itself_counts(void **state)
{
	struct tk *t = TK(state);
	uint32_t e = tk_memory(t, 16);
	CALL(t, t->main, "KeInitializeEvent", e, 0, 0);
	tk_put32(t, e + 4, 1);
	assert_int_equal(CALL(t, t->main, "KeWaitForSingleObject", e, 0, 0, 0, 0), NT_SUCCESS);
}

static const struct CMUnitTest tests[] = {
	TK_TEST(type_0_is_manual_and_type_1_is_auto),
	TK_TEST(a_type_beyond_1_is_an_invalid_parameter),
	TK_TEST(set_and_clear_and_pulse_report_the_previous_state),
	TK_TEST(ke_calls_return_the_previous_state),
	TK_TEST(clear_takes_the_state_away),
	TK_TEST(set_of_a_manual_event_wakes_all_and_stays_set),
	TK_TEST(set_of_an_auto_event_is_handed_to_the_longest_waiter),
	TK_TEST(a_pulse_releases_all_of_a_manual_and_one_of_an_auto_event),
	TK_TEST(a_pulse_without_a_waiter_is_forgotten),
	TK_TEST(query_gives_type_and_state),
	TK_TEST(the_guest_sees_the_signal_state_at_every_transition),
	TK_TEST(a_state_that_the_title_wrote_itself_counts),
};
TK_MAIN(tests)
