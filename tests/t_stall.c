/* tests/t_stall.c - the laws of STALL: who counts as stuck, who is an idle worker, when the run stops. */
#include "config.h"

#include "kernel/stall.h"
#include "src/snap/snap.h"
#include "tests/testkit.h"

#define SECOND (CYCLES_PER_TICK * (uint64_t)TICKS_PER_SECOND)

static struct tk *new_with(uint64_t ticks)
{
	struct machine_options o;
	machine_options_default(&o);
	o.stall_ticks = ticks;
	return tk_new_with(&o);
}

/* A stall of 20 ms. */
static int quick(void **state)
{
	*state = new_with(TICKS_PER_SECOND / 50);
	return 0;
}

#define LONG_ENOUGH 20000000u         /* instructions of one hardware thread: 25 ms and more */

static void park(struct tk *t, uint32_t thread, uint32_t handle)
{
	PARKS(t, thread, "NtWaitForSingleObjectEx", handle, 1, 0, 0);
}

/* Makes the wait of @thread on @handle one that has been satisfied before: an idle worker's. */
static void park_again(struct tk *t, uint32_t thread, uint32_t handle)
{
	park(t, thread, handle);
	CALL(t, t->main, "NtSetEvent", handle, 0);
	tk_wake(t, thread);
	park(t, thread, handle);
}

static void a_thread_parked_for_too_long_while_others_go_on_is_a_stall(void **state)
{
	struct tk *t = TK(state);
	uint32_t w = tk_thread(t, 1);
	park(t, w, tk_event(t, 1, false));
	assert_int_equal(tk_run(t, LONG_ENOUGH), STOP_STALL);
	assert_true(machine_cycle(t->m) > SECOND / 50 && machine_cycle(t->m) < SECOND / 50 + SECOND / 50);
	uint8_t role[16] = { 0 };
	assert_true(stall_now(t->m, role));
	assert_int_equal(role[w], STALL_STUCK);
	assert_int_equal(role[t->main], STALL_GOES_ON);
}

static void a_signal_within_the_time_makes_it_none(void **state)
{
	struct tk *t = TK(state);
	uint32_t w = tk_thread(t, 1), other = tk_thread(t, 2), e = tk_event(t, 1, false);
	park(t, other, e);
	park(t, w, e);
	assert_int_equal(tk_run(t, 12000000), STOP_LIMIT);
	CALL(t, t->main, "NtSetEvent", e, 0); /* the other one gets it */
	assert_int_equal(tk_run(t, 8000000), STOP_LIMIT);
	assert_true(tk_parked(t, w));
}

static void a_timed_wait_is_never_stuck(void **state)
{
	struct tk *t = TK(state);
	uint32_t w = tk_thread(t, 1), due = tk_memory(t, 8);
	tk_put64(t, due, (uint64_t)-INT64_C(100000000));
	PARKS(t, w, "NtWaitForSingleObjectEx", tk_event(t, 1, false), 1, 0, due);
	assert_int_equal(tk_run(t, LONG_ENOUGH), STOP_LIMIT);
}

static void an_idle_worker_does_not_count(void **state)
{
	struct tk *t = TK(state);
	uint32_t w = tk_thread(t, 1);
	park_again(t, w, tk_event(t, 1, false));
	assert_int_equal(tk_run(t, LONG_ENOUGH), STOP_LIMIT);
}

static void an_idle_worker_that_a_stuck_thread_needs_counts(void **state)
{
	struct tk *t = TK(state);
	uint32_t worker = tk_thread(t, 1), client = tk_thread(t, 2), asked = tk_event(t, 1, false), answered = tk_event(t, 1, false);
	CALL(t, worker, "NtSetEvent", answered, 0);
	CALL(t, t->main, "NtClearEvent", answered);
	park_again(t, worker, asked);
	park(t, client, answered);
	assert_int_equal(tk_run(t, LONG_ENOUGH), STOP_STALL);
	uint8_t role[16] = { 0 };
	assert_true(stall_now(t->m, role));
	assert_int_equal(role[client], STALL_STUCK);
	assert_int_equal(role[worker], STALL_NEEDED);
}

static void who_joins_a_thread_that_goes_on_does_not_count(void **state)
{
	struct tk *t = TK(state);
	uint32_t w = tk_thread(t, 1);
	PARKS(t, w, "KeWaitForSingleObject", thread_peek(t->m, t->main)->kthread_ga, 3, 0, 0, 0);
	assert_int_equal(tk_run(t, LONG_ENOUGH), STOP_LIMIT);
}

static void who_joins_a_stuck_thread_counts(void **state)
{
	struct tk *t = TK(state);
	uint32_t w = tk_thread(t, 1), joiner = tk_thread(t, 2);
	PARKS(t, joiner, "KeWaitForSingleObject", thread_peek(t->m, w)->kthread_ga, 3, 0, 0, 0);
	park(t, w, tk_event(t, 1, false));
	assert_int_equal(tk_run(t, LONG_ENOUGH), STOP_STALL);
	uint8_t role[16] = { 0 };
	assert_true(stall_now(t->m, role));
	assert_int_equal(role[joiner], STALL_NEEDED);
}

static void who_waits_for_a_lock_is_stuck_even_if_it_had_it_before(void **state)
{
	struct tk *t = TK(state);
	uint32_t w = tk_thread(t, 1), out = tk_memory(t, 4);
	CALL(t, t->main, "NtCreateMutant", out, 0, 0);
	CALL(t, w, "NtWaitForSingleObjectEx", tk_get32(t, out), 1, 0, 0);
	CALL(t, w, "NtReleaseMutant", tk_get32(t, out), 0);
	CALL(t, t->main, "NtWaitForSingleObjectEx", tk_get32(t, out), 1, 0, 0);
	park(t, w, tk_get32(t, out));
	assert_int_equal(tk_run(t, LONG_ENOUGH), STOP_STALL);
}

static void who_wakes_from_a_long_sleep_gets_half_the_time_to_signal(void **state)
{
	struct tk *t = TK(state);
	uint32_t w = tk_thread(t, 1), due = tk_memory(t, 8);
	park(t, w, tk_event(t, 1, false));
	tk_put64(t, due, (uint64_t)-INT64_C(10000000)); /* main sleeps for a second: nobody goes on */
	tk_start(t, CODE(t, I_LI(3, 0), I_LI(4, 0), I_LOAD(5, due), I_CALL(tk_thunk(t, "KeDelayExecutionThread")), I_B(0)));
	assert_int_equal(tk_run(t, LONG_ENOUGH), STOP_STALL);
	assert_true(machine_cycle(t->m) >= SECOND + SECOND / 100 && machine_cycle(t->m) < SECOND + SECOND / 50);
}

static void going_on_gives_it_the_same_time_again(void **state)
{
	struct tk *t = TK(state);
	park(t, tk_thread(t, 1), tk_event(t, 1, false));
	assert_int_equal(tk_run(t, LONG_ENOUGH), STOP_STALL);
	uint64_t first = machine_cycle(t->m);
	assert_int_equal(tk_run(t, LONG_ENOUGH), STOP_STALL);
	assert_true(machine_cycle(t->m) - first >= SECOND / 50);
}

static void zero_is_never(void **state)
{
	struct tk *t = new_with(0);
	park(t, tk_thread(t, 1), tk_event(t, 1, false));
	assert_int_equal(tk_run(t, LONG_ENOUGH), STOP_LIMIT);
	tk_free(t);
}

static void the_stop_and_the_digest_do_not_hang_on_how_the_run_is_cut(void **state)
{
	struct tk *t = TK(state), *cut = new_with(TICKS_PER_SECOND / 50), *off = new_with(0);
	struct tk *all[3] = { t, cut, off };
	for (unsigned i = 0; i < 3; i++)
		park(all[i], tk_thread(all[i], 1), tk_event(all[i], 1, false));
	assert_int_equal(tk_run(t, LONG_ENOUGH), STOP_STALL);
	enum stop_kind kind;
	for (unsigned i = 0; (kind = tk_run(cut, 70001)) == STOP_LIMIT; i++)
		if (i % 16 == 5) {
			struct snapshot *s = machine_snapshot(cut->m);
			tk_run(cut, 100000);
			machine_restore(cut->m, s);
			snapshot_free(s);
		}
	assert_int_equal(kind, STOP_STALL);
	assert_true(machine_instructions(cut->m) == machine_instructions(t->m));
	assert_true(machine_digest(cut->m) == machine_digest(t->m));
	tk_run(off, machine_instructions(t->m) + 100);
	tk_run(t, 100);
	assert_true(machine_digest(off->m) == machine_digest(t->m));
	tk_free(cut);
	tk_free(off);
}

#define QUICK_TEST(f) cmocka_unit_test_setup_teardown(f, quick, tk_teardown)
static const struct CMUnitTest tests[] = {
	QUICK_TEST(a_thread_parked_for_too_long_while_others_go_on_is_a_stall),
	QUICK_TEST(a_signal_within_the_time_makes_it_none),
	QUICK_TEST(a_timed_wait_is_never_stuck),
	QUICK_TEST(an_idle_worker_does_not_count),
	QUICK_TEST(an_idle_worker_that_a_stuck_thread_needs_counts),
	QUICK_TEST(who_joins_a_thread_that_goes_on_does_not_count),
	QUICK_TEST(who_joins_a_stuck_thread_counts),
	QUICK_TEST(who_waits_for_a_lock_is_stuck_even_if_it_had_it_before),
	QUICK_TEST(who_wakes_from_a_long_sleep_gets_half_the_time_to_signal),
	QUICK_TEST(going_on_gives_it_the_same_time_again),
	QUICK_TEST(zero_is_never),
	QUICK_TEST(the_stop_and_the_digest_do_not_hang_on_how_the_run_is_cut),
};
TK_MAIN(tests)
