/* tests/t_xam.c - what XAM answers: the user, the console, the loader. */
#include "config.h"

#include "kernel/guest.h"
#include "tests/testkit.h"

static void the_first_user_is_signed_in_locally_and_nobody_else(void **state)
{
	struct tk *t = TK(state);
	assert_int_equal(CALL(t, t->main, "XamUserGetSigninState", 0), 1);
	for (uint32_t user = 1; user < 4; user++)
		assert_int_equal(CALL(t, t->main, "XamUserGetSigninState", user), 0);
}

static void the_console_is_english_and_on_hdmi_at_720p(void **state)
{
	struct tk *t = TK(state);
	uint32_t mode = tk_memory(t, sizeof(struct g_video_mode));
	assert_int_equal(CALL(t, t->main, "XGetLanguage"), 1);
	assert_int_equal(CALL(t, t->main, "XGetAVPack"), 8);
	assert_int_equal(CALL(t, t->main, "XamGetLocale"), 36);
	CALL(t, t->main, "XGetVideoMode", mode);
	assert_int_equal(tk_get32(t, mode), 1280);
	assert_int_equal(tk_get32(t, GA(mode, g_video_mode, is_hi_def)), 1);
}

/* Machine code that calls @name, and would go on for ever if it came back. */
static void ends(struct tk *t, const char *name)
{
	tk_start(t, CODE(t, I_LI(3, 0), I_LI(4, 0), I_CALL(tk_thunk(t, name)), I_B(0)));
	assert_int_equal(tk_run(t, 1000), STOP_ENDED);
	assert_int_equal(tk_count(t, EV_TITLE_EXIT), 1);
}

static void launching_another_title_is_the_end(void **state)
{
	ends(TK(state), "XamLoaderLaunchTitle");
}

static void terminating_is_the_end(void **state)
{
	ends(TK(state), "XamLoaderTerminateTitle");
}

static void a_task_runs_in_a_thread_of_its_own_and_its_handle_is_waitable(void **state)
{
	struct tk *t = TK(state);
	uint32_t message = tk_memory(t, 8), out = tk_memory(t, 4);
	uint32_t task = CODE(t, I_LI(7, 5), I_STW(7, 4, 3), I_LI(3, 0), I_BLR);
	assert_int_equal(CALL(t, t->main, "XamTaskSchedule", task, message, 0, out), 0);
	PARKS(t, t->main, "NtWaitForSingleObjectEx", tk_get32(t, out), 1, 0, 0);
	tk_run(t, 100);
	assert_int_equal(tk_get32(t, message + 4), 5);
	assert_false(tk_parked(t, t->main));
	assert_int_equal(CALL(t, t->main, "XamTaskShouldExit", tk_get32(t, out)), 0);
	assert_int_equal(CALL(t, t->main, "XamTaskCloseHandle", tk_get32(t, out)), 0);
	assert_int_equal(CALL(t, t->main, "XamTaskCloseHandle", tk_get32(t, out)), NT_INVALID_HANDLE);
}

static void a_task_belongs_to_the_system_and_runs_where_its_options_say(void **state)
{
	struct tk *t = TK(state);
	uint32_t message = tk_memory(t, 8), options = tk_memory(t, 8), out = tk_memory(t, 4);
	uint32_t task = CODE(t, I_MR(31, 3), I_CALL(tk_thunk(t, "KeGetCurrentProcessType")), I_STW(3, 0, 31), I_LWZ(3, 0x10C, 13),
		I_STW(3, 4, 31), I_CALL(tk_thunk(t, "ExTerminateThread")));
	static const struct { uint32_t flags, hw, on; } cases[] = { { 2, 1, 5 }, { 0x80000002u, 1, 1 }, { 0x80000004u, 4, 4 } };
	for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
		tk_put32(t, options, cases[i].flags);
		tk_put32(t, options + 4, cases[i].hw);
		assert_int_equal(CALL(t, t->main, "XamTaskSchedule", task, message, options, out), 0);
		tk_run(t, 20000);
		assert_int_equal(tk_get32(t, message), 2); /* the system's process */
		assert_int_equal(tk_get32(t, message + 4) >> 24, cases[i].on); /* KPCR.current_cpu */
	}
	assert_int_equal(CALL(t, t->main, "XamTaskSchedule", task, message, 0, out), 0);
	tk_run(t, 20000);
	assert_int_equal(tk_get32(t, message + 4) >> 24, 5);
}

static const struct CMUnitTest tests[] = {
	TK_TEST(the_first_user_is_signed_in_locally_and_nobody_else),
	TK_TEST(the_console_is_english_and_on_hdmi_at_720p),
	TK_TEST(a_task_runs_in_a_thread_of_its_own_and_its_handle_is_waitable),
	TK_TEST(a_task_belongs_to_the_system_and_runs_where_its_options_say),
	TK_TEST(launching_another_title_is_the_end),
	TK_TEST(terminating_is_the_end),
};

TK_MAIN(tests)
