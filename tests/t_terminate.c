/* tests/t_terminate.c - the laws of the routines that run before a title ends. */
#include "config.h"

#include "tests/testkit.h"

#define REGISTER "ExRegisterTitleTerminateNotification"

/* A routine that writes the next number (r20 counts) to @at, and returns. */
static uint32_t routine(struct tk *t, uint32_t at)
{
	return CODE(t, I_ADDI(20, 20, 1), I_LOAD(21, at), I_STW(20, 0, 21), I_BLR);
}

static uint32_t registration(struct tk *t, uint32_t code, uint32_t priority)
{
	uint32_t r = tk_memory(t, 16);
	tk_put32(t, r, code);
	tk_put32(t, r + 4, priority);
	CALL(t, t->main, REGISTER, r, 1);
	return r;
}

static void start_ending(struct tk *t, const char *call, uint32_t argument)
{
	tk_start(t, CODE(t, I_LI(20, 0), I_LOAD(3, argument), I_CALL(tk_thunk(t, call)), I_B(0)));
}

static void routines_run_by_priority_and_then_the_title_ends(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 16);
	registration(t, routine(t, out), 5);
	registration(t, routine(t, out + 4), 0x7C800000);
	registration(t, routine(t, out + 8), 5);
	start_ending(t, "ExTerminateTitleProcess", 77);
	assert_int_equal(tk_run(t, 1000), STOP_ENDED);
	assert_int_equal(t->stop.code, 77);
	assert_int_equal(tk_get32(t, out + 4), 1);
	assert_int_equal(tk_get32(t, out), 2);
	assert_int_equal(tk_get32(t, out + 8), 3);
	assert_int_equal(tk_count(t, EV_TITLE_EXIT), 1);
}

static void every_call_that_ends_the_title_runs_them(void **state)
{
	static const char *const calls[] = { "HalReturnToFirmware", "XamLoaderTerminateTitle", "XamLoaderLaunchTitle" };
	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(calls); i++) {
		struct tk *t = tk_new();
		uint32_t out = tk_memory(t, 16);
		registration(t, routine(t, out), 1);
		start_ending(t, calls[i], 0);
		assert_int_equal(tk_run(t, 1000), STOP_ENDED);
		assert_int_equal(tk_get32(t, out), 1);
		tk_free(t);
	}
}

static void what_is_taken_back_does_not_run(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 16), a = registration(t, routine(t, out), 1);
	registration(t, routine(t, out + 4), 1);
	CALL(t, t->main, REGISTER, a, 1); /* once more is not twice */
	CALL(t, t->main, REGISTER, a, 0);
	CALL(t, t->main, REGISTER, a, 0);
	start_ending(t, "ExTerminateTitleProcess", 0);
	assert_int_equal(tk_run(t, 1000), STOP_ENDED);
	assert_int_equal(tk_get32(t, out), 0);
	assert_int_equal(tk_get32(t, out + 4), 1);
}

static void a_routine_that_ends_the_title_itself_does_not_run_again(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 16);
	registration(t, CODE(t, I_LI(3, 9), I_CALL(tk_thunk(t, "ExTerminateTitleProcess"))), 2);
	registration(t, routine(t, out), 1);
	start_ending(t, "ExTerminateTitleProcess", 8);
	assert_int_equal(tk_run(t, 1000), STOP_ENDED);
	assert_int_equal(t->stop.code, 9);
	assert_int_equal(tk_get32(t, out), 1);
}

static void a_routine_may_wait_as_any_code(void **state)
{
	struct tk *t = TK(state);
	uint32_t event = tk_event(t, 1, false);
	registration(t,
		CODE(t, I_LOAD(3, event), I_LI(4, 0), I_LI(5, 0), I_LI(6, 0), I_CALL(tk_thunk(t, "NtWaitForSingleObjectEx")),
			I_BLR),
		1);
	start_ending(t, "ExTerminateTitleProcess", 0);
	assert_int_equal(tk_run(t, 1000), STOP_WEDGE);
}

static void a_broken_list_ends_nothing_but_itself(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 16), a = registration(t, routine(t, out), 1);
	tk_put32(t, a + 8, a + 8); /* a ring of its own */
	registration(t, routine(t, out + 4), 0);
	tk_put32(t, a + 8, 0x100);
	start_ending(t, "ExTerminateTitleProcess", 0);
	assert_int_equal(tk_run(t, 100000), STOP_ENDED);
	const uint64_t bad[] = { 0x100, 1 };
	assert_true(tk_call_on(t, t->main, REGISTER, 2, bad).faulted);
}

static const struct CMUnitTest tests[] = {
	TK_TEST(routines_run_by_priority_and_then_the_title_ends),
	TK_TEST(every_call_that_ends_the_title_runs_them),
	TK_TEST(what_is_taken_back_does_not_run),
	TK_TEST(a_routine_that_ends_the_title_itself_does_not_run_again),
	TK_TEST(a_routine_may_wait_as_any_code),
	TK_TEST(a_broken_list_ends_nothing_but_itself),
};
TK_MAIN(tests)
