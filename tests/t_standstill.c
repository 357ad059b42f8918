/* tests/t_standstill.c - the laws of STANDSTILL: when it is declared, and what counts as progress. */
#include "config.h"

#include "kernel/rows.h"
#include "kernel/standstill.h"
#include "src/snap/snap.h"
#include "tests/testkit.h"

#define MS TICKS_PER_MS
#define N STANDSTILL_PERIODS
#define AFTER(ms) ((uint64_t) - (int64_t)((ms)*10000LL))
#define LONG 1000000u /* instructions: more than any of these needs */

/* Without STALL, which would come first where something goes on for ten seconds. */
static struct tk *alone(void)
{
	struct machine_options o;
	machine_options_default(&o);
	o.stall_ticks = 0;
	return tk_new_with(&o);
}

static int setup(void **state)
{
	*state = alone();
	return 0;
}

/* ---- small guests -------------------------------------------------------------------------------------------------------- */

/* A periodic synchronization timer in guest memory. */
static uint32_t periodic(struct tk *t, uint32_t ms)
{
	uint32_t ga = tk_memory(t, sizeof(struct g_ktimer));
	CALL(t, t->main, "KeInitializeTimerEx", ga, 1);
	CALL(t, t->main, "KeSetTimerEx", ga, AFTER(ms), ms, 0);
	return ga;
}

#define I_WAIT(t, ga) I_LOAD(3, ga), I_LI(4, 0), I_LI(5, 0), I_LI(6, 0), I_LI(7, 0), I_CALL(tk_thunk(t, "KeWaitForSingleObject"))
#define WAIT_WORDS 10

static uint32_t raw_event(struct tk *t, uint32_t type)
{
	uint32_t ga = tk_memory(t, 16);
	CALL(t, t->main, "KeInitializeEvent", ga, type, 0);
	return ga;
}

/* The main thread waits for @ga for ever. */
static void main_waits(struct tk *t, uint32_t ga)
{
	tk_start(t, CODE(t, I_WAIT(t, ga), I_B(0)));
}

/* A thread on hardware thread @hw that waits for @ga again and again. */
static uint32_t follower(struct tk *t, uint32_t hw, uint32_t ga)
{
	uint32_t row = tk_thread(t, hw);
	context_row(t->m, row)->pc = CODE(t, I_WAIT(t, ga), I_ADDI(20, 20, 1), I_B(-4 * (WAIT_WORDS + 1)));
	return row;
}

/* A DPC that calls @name(@a, 0, 0) every @ms. */
static void periodic_call(struct tk *t, uint32_t ms, const char *name, uint32_t a)
{
	uint32_t dpc = tk_memory(t, sizeof(struct g_kdpc)), timer = tk_memory(t, sizeof(struct g_ktimer));
	uint32_t routine = CODE(t, 0x7FE802A6u /* mflr r31 */, I_LOAD(3, a), I_LI(4, 0), I_LI(5, 0), I_CALL(tk_thunk(t, name)),
		0x7FE803A6u /* mtlr r31 */, I_BLR);
	CALL(t, t->main, "KeInitializeDpc", dpc, routine, 0);
	CALL(t, t->main, "KeInitializeTimerEx", timer, 0);
	CALL(t, t->main, "KeSetTimerEx", timer, AFTER(ms), ms, dpc);
}

static uint64_t ms_now(const struct tk *t)
{
	return machine_ticks(t->m) / MS;
}

static struct standstill now(const struct tk *t)
{
	struct standstill s;
	standstill_read(t->m, &s);
	return s;
}

/* ---- when it is one --------------------------------------------------------------------------------------------------------- */

static void with_only_a_periodic_timer_left_it_is_declared_after_so_many_periods(void **state)
{
	struct tk *t = TK(state);
	periodic(t, 16);
	main_waits(t, raw_event(t, 1));
	assert_int_equal(tk_run(t, LONG), STOP_STANDSTILL);
	assert_true(now(t).holds);
	assert_int_equal(now(t).periods, N);
	assert_true(ms_now(t) >= 16 * N && ms_now(t) <= 16 * (N + 2));
}

static void callbacks_and_whom_they_wake_do_not_count_as_progress(void **state)
{
	struct tk *t = TK(state);
	uint32_t vblank = raw_event(t, 1), row = follower(t, 2, vblank);
	periodic_call(t, 16, "KeSetEvent", vblank);
	main_waits(t, raw_event(t, 1));
	assert_int_equal(tk_run(t, LONG), STOP_STANDSTILL);
	assert_true(context_peek(t->m, row)->gpr[20] >= N);
	assert_true(standstill_fed(t->m, object_by_ga(t->m, vblank)));
}

static void each_armed_timer_must_have_come_due_so_often(void **state)
{
	struct tk *t = TK(state);
	uint32_t slow = periodic(t, 100), fast = periodic(t, 5);
	main_waits(t, raw_event(t, 1));
	assert_int_equal(tk_run(t, LONG), STOP_STANDSTILL);
	assert_true(ms_now(t) >= 100 * N && ms_now(t) <= 100 * (N + 2));
	assert_int_equal(standstill_fires(t->m, object_by_ga(t->m, slow)), N);
	assert_true(standstill_fires(t->m, object_by_ga(t->m, fast)) > N);
}

static void going_on_it_is_declared_again_after_as_many_periods_more(void **state)
{
	struct tk *t = TK(state);
	periodic(t, 10);
	main_waits(t, raw_event(t, 1));
	assert_int_equal(tk_run(t, LONG), STOP_STANDSTILL);
	uint64_t first = ms_now(t);
	assert_int_equal(tk_run(t, LONG), STOP_STANDSTILL);
	assert_int_equal(ms_now(t) - first, 10 * N);
	assert_int_equal(now(t).periods, 2 * N);
}

static void a_main_thread_that_has_ended_is_not_asked(void **state)
{
	struct tk *t = TK(state);
	uint32_t e = raw_event(t, 1);
	periodic(t, 10);
	follower(t, 1, e);
	tk_start(t, CODE(t, I_LI(3, 0), I_CALL(tk_thunk(t, "ExTerminateThread"))));
	assert_int_equal(tk_run(t, LONG), STOP_STANDSTILL);
}

static void without_timers_it_is_a_wedge(void **state)
{
	struct tk *t = TK(state);
	main_waits(t, raw_event(t, 1));
	assert_int_equal(tk_run(t, LONG), STOP_WEDGE);
	assert_false(now(t).holds);
}

/* ---- what is progress ---------------------------------------------------------------------------------------------------------- */

static void a_main_thread_that_works_is_none(void **state)
{
	struct tk *t = TK(state);
	uint32_t timer = periodic(t, 10), idle = raw_event(t, 1);
	follower(t, 1, idle);
	tk_start(t, CODE(t, I_WAIT(t, timer), I_ADDI(20, 20, 1), I_B(-4 * (WAIT_WORDS + 1))));
	assert_int_equal(tk_run(t, 20000), STOP_LIMIT);
	assert_true(context_peek(t->m, t->main)->gpr[20] > 3 * N);
	assert_false(now(t).holds);
}

static void a_main_thread_that_waits_for_a_thread_that_works_is_none(void **state)
{
	struct tk *t = TK(state);
	uint32_t timer = periodic(t, 10), row = follower(t, 1, timer);
	main_waits(t, thread_peek(t->m, row)->kthread_ga);
	assert_int_equal(tk_run(t, 20000), STOP_LIMIT);
	assert_true(context_peek(t->m, row)->gpr[20] > 3 * N);
}

static void an_instruction_that_runs_for_the_first_time_is_progress(void **state)
{
	struct tk *t = TK(state);
	uint32_t timer = periodic(t, 10), row = tk_thread(t, 1);
	uint32_t loop[] = { I_WAIT(t, timer), I_ADDI(20, 20, 1), I_CMPWI(20, N - 20), I_BNE(-4 * (WAIT_WORDS + 2)),
		I_WAIT(t, timer), I_B(-4 * WAIT_WORDS) };
	context_row(t->m, row)->pc = tk_words(t, loop, ARRAY_LEN(loop));
	main_waits(t, raw_event(t, 1));
	assert_int_equal(tk_run(t, LONG), STOP_STANDSTILL);
	assert_true(ms_now(t) >= 10 * (2 * N - 20) && ms_now(t) <= 10 * (2 * N - 16));
}

static void a_signal_to_what_the_main_thread_waits_for_is_progress(void **state)
{
	struct tk *t = TK(state);
	uint32_t wanted[2] = { raw_event(t, 0), raw_event(t, 1) }, list = tk_memory(t, 8);
	periodic_call(t, 10, "KeSetEvent", wanted[0]); /* main waits for both: the second one never comes */
	tk_put32(t, list, wanted[0]);
	tk_put32(t, list + 4, wanted[1]);
	tk_start(t, CODE(t, I_LI(3, 2), I_LOAD(4, list), I_LI(5, 0), I_LI(6, 0), I_LI(7, 0), I_LI(8, 0), I_LI(9, 0), I_LI(10, 0),
			    I_CALL(tk_thunk(t, "KeWaitForMultipleObjects")), I_B(0)));
	assert_int_equal(tk_run(t, LONG), STOP_STANDSTILL); /* all of them are needed: that one does not help */
	struct tk *u = alone();
	uint32_t only = raw_event(u, 1);
	periodic_call(u, 10, "KePulseEvent", only);
	main_waits(u, only);
	assert_int_equal(tk_run(u, 20000), STOP_LIMIT);
	tk_free(u);
}

static void a_thread_that_polls_is_a_source_of_its_own(void **state)
{
	struct tk *t = TK(state);
	uint32_t row = tk_thread(t, 1), interval = tk_memory(t, 8);
	tk_put64(t, interval, AFTER(7));
	uint32_t loop[] = { I_LI(3, 0), I_LI(4, 0), I_LOAD(5, interval), I_CALL(tk_thunk(t, "KeDelayExecutionThread")),
		I_B(-4 * 8) };
	context_row(t->m, row)->pc = tk_words(t, loop, ARRAY_LEN(loop));
	periodic(t, 10);
	main_waits(t, raw_event(t, 1));
	assert_int_equal(tk_run(t, 20000), STOP_LIMIT);
	assert_false(now(t).holds);
}

static void a_timeout_or_a_timer_still_ahead_is_waited_for(void **state)
{
	struct tk *t = TK(state);
	uint32_t once = tk_memory(t, sizeof(struct g_ktimer)), row = tk_thread(t, 1), timeout = tk_memory(t, 8);
	CALL(t, t->main, "KeInitializeTimerEx", once, 0);
	CALL(t, t->main, "KeSetTimer", once, AFTER(5000), 0);
	tk_put64(t, timeout, AFTER(9000));
	PARKS(t, row, "KeWaitForSingleObject", raw_event(t, 1), 0, 0, 0, timeout);
	context_row(t->m, row)->lr = CODE(t, I_WAIT(t, raw_event(t, 1)), I_B(0)); /* afterwards it waits for ever too */
	periodic(t, 10);
	main_waits(t, raw_event(t, 1));
	assert_int_equal(tk_run(t, LONG), STOP_STANDSTILL);
	assert_true(ms_now(t) >= 9000 + 10 * N);
}

static void whoever_still_runs_when_a_timer_comes_due_is_no_dependant_of_it(void **state)
{
	struct tk *t = TK(state);
	uint32_t row = tk_thread(t, 1);
	context_row(t->m, row)->pc = CODE(t, I_ADDI(20, 20, 1), I_B(-4));
	periodic(t, 1);
	main_waits(t, raw_event(t, 1));
	assert_int_equal(tk_run(t, UINT64_C(120000000)), STOP_LIMIT);
	assert_true(ms_now(t) > N + 20);
}

/* ---- it is in the history ------------------------------------------------------------------------------------------------------- */

static void restored_it_comes_at_the_same_moment_with_the_same_digest(void **state)
{
	struct tk *t = TK(state);
	uint32_t vblank = raw_event(t, 1);
	follower(t, 2, vblank);
	periodic_call(t, 16, "KeSetEvent", vblank);
	main_waits(t, raw_event(t, 1));
	tk_run(t, 2000);
	struct snapshot *s = machine_snapshot(t->m);
	assert_int_equal(tk_run(t, LONG), STOP_STANDSTILL);
	uint64_t cycle = machine_cycle(t->m), digest = machine_digest(t->m);
	machine_restore(t->m, s);
	assert_int_equal(tk_run(t, LONG), STOP_STANDSTILL);
	assert_true(machine_cycle(t->m) == cycle && machine_digest(t->m) == digest);
	snapshot_free(s);
}

#define LAW(f) cmocka_unit_test_setup_teardown(f, setup, tk_teardown)
static const struct CMUnitTest tests[] = {
	LAW(with_only_a_periodic_timer_left_it_is_declared_after_so_many_periods),
	LAW(callbacks_and_whom_they_wake_do_not_count_as_progress),
	LAW(each_armed_timer_must_have_come_due_so_often),
	LAW(going_on_it_is_declared_again_after_as_many_periods_more),
	LAW(a_main_thread_that_has_ended_is_not_asked),
	LAW(without_timers_it_is_a_wedge),
	LAW(a_main_thread_that_works_is_none),
	LAW(a_main_thread_that_waits_for_a_thread_that_works_is_none),
	LAW(an_instruction_that_runs_for_the_first_time_is_progress),
	LAW(a_signal_to_what_the_main_thread_waits_for_is_progress),
	LAW(a_thread_that_polls_is_a_source_of_its_own),
	LAW(a_timeout_or_a_timer_still_ahead_is_waited_for),
	LAW(whoever_still_runs_when_a_timer_comes_due_is_no_dependant_of_it),
	LAW(restored_it_comes_at_the_same_moment_with_the_same_digest),
};
TK_MAIN(tests)
