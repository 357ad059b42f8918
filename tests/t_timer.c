/* tests/t_timer.c - the laws of timers. */
#include "config.h"

#include "kernel/deadline.h"
#include "kernel/rows.h"
#include "kernel/timer.h"
#include "tests/testkit.h"

#define MS TICKS_PER_MS
#define AFTER(ms) ((uint64_t) - (int64_t)((ms)*10000LL)) /* relative, 100 ns */
enum { NOTIFICATION, SYNCHRONIZATION };

/* ---- what the tests say often ---------------------------------------------------------------------------------------- */

static uint32_t nt_timer(struct tk *t, uint32_t type)
{
	uint32_t out = tk_memory(t, 4);
	assert_int_equal(CALL(t, t->main, "NtCreateTimer", out, 0, type), NT_SUCCESS);
	return tk_get32(t, out);
}

static uint32_t ke_timer(struct tk *t, uint32_t type)
{
	uint32_t ga = tk_memory(t, sizeof(struct g_ktimer));
	CALL(t, t->main, "KeInitializeTimerEx", ga, type);
	return ga;
}

/* Arms by handle; gives back the previous state. */
static uint32_t nt_set(struct tk *t, uint32_t h, uint64_t due, uint32_t period)
{
	uint32_t at = tk_memory(t, 16);
	tk_put64(t, at, due);
	tk_put32(t, at + 8, 0xdead);
	assert_int_equal(CALL(t, t->main, "NtSetTimerEx", h, at, 0, 1, 0, 0, period, at + 8), NT_SUCCESS);
	return tk_get32(t, at + 8);
}

static uint32_t ke_state(struct tk *t, uint32_t ga)
{
	return tk_get32(t, ga + 4);
}

/* A thread that waits for @h without end. */
static uint32_t waiter(struct tk *t, uint32_t h)
{
	uint32_t row = tk_thread(t, 1);
	PARKS(t, row, "NtWaitForSingleObjectEx", h, 1, 0, 0);
	return row;
}

static uint32_t poll(struct tk *t, uint32_t h)
{
	uint32_t zero = tk_memory(t, 8);
	return (uint32_t)CALL(t, t->main, "NtWaitForSingleObjectEx", h, 1, 0, zero);
}

/* ---- due times ------------------------------------------------------------------------------------------------------- */

static void a_relative_timer_comes_due_that_long_after_the_call(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = nt_timer(t, NOTIFICATION);
	tk_pass(t, 3 * MS);
	nt_set(t, h, AFTER(5), 0);
	tk_pass(t, 5 * MS - 1);
	assert_int_equal(poll(t, h), NT_TIMEOUT);
	tk_pass(t, 1);
	assert_int_equal(poll(t, h), NT_SUCCESS);
	assert_int_equal(tk_count(t, EV_TIMER_FIRE), 1);
}

static void an_absolute_timer_comes_due_at_that_date(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = nt_timer(t, NOTIFICATION);
	nt_set(t, h, machine_row(t->m)->boot_time + 70000, 0); /* 7 ms after boot */
	tk_pass(t, 7 * MS - 1);
	assert_int_equal(poll(t, h), NT_TIMEOUT);
	tk_pass(t, 1);
	assert_int_equal(poll(t, h), NT_SUCCESS);
}

static void what_is_past_comes_due_within_the_call(void **state)
{
	struct tk *t = TK(state);
	static const uint64_t past[] = { 0, 1, 1000000 };
	for (unsigned i = 0; i < ARRAY_LEN(past); i++) {
		uint32_t ga = ke_timer(t, NOTIFICATION);
		assert_int_equal(CALL(t, t->main, "KeSetTimer", ga, past[i], 0), 0);
		assert_int_equal(ke_state(t, ga), 1);
		assert_int_equal(mem_get8(&t->m->mem, ga + 3), 0);
	}
}

static void a_periodic_timer_of_the_past_counts_from_the_call(void **state)
{
	struct tk *t = TK(state);
	uint32_t ga = ke_timer(t, NOTIFICATION);
	tk_pass(t, 9 * MS);
	tk_forget(t);
	CALL(t, t->main, "KeSetTimerEx", ga, 0, 4, 0);
	assert_int_equal(tk_count(t, EV_TIMER_FIRE), 1);
	assert_int_equal(deadline_next(t->m), 13 * MS);
}

static void timers_come_due_in_the_order_of_their_moments_then_of_their_arming(void **state)
{
	struct tk *t = TK(state);
	uint32_t h[5];
	static const unsigned after[] = { 7, 3, 5, 3, 1 }, order[] = { 4, 1, 3, 2, 0 };
	for (unsigned i = 0; i < ARRAY_LEN(h); i++)
		h[i] = nt_timer(t, NOTIFICATION);
	for (unsigned i = 0; i < ARRAY_LEN(h); i++)
		nt_set(t, h[i], AFTER(after[i]), 0);
	tk_pass(t, 10 * MS);
	for (unsigned i = 0; i < ARRAY_LEN(h); i++)
		assert_int_equal(tk_event_at(t, EV_TIMER_FIRE, i)->object, object_peek(t->m, tk_object(t, h[order[i]]))->id);
}

static void a_timer_that_never_comes_is_armed_and_no_source_of_events(void **state)
{
	struct tk *t = TK(state);
	uint32_t ga = ke_timer(t, NOTIFICATION);
	struct quiescence q;
	CALL(t, t->main, "KeSetTimer", ga, UINT64_C(1) << 63, 0);
	machine_quiescence(t->m, &q);
	assert_int_equal(q.timers, 0);
	assert_true(q.next_due == DEADLINE_NEVER);
	assert_int_equal(CALL(t, t->main, "KeCancelTimer", ga), 1);
}

/* ---- kinds ----------------------------------------------------------------------------------------------------------- */

static void a_notification_timer_lets_all_waiters_through_and_stays_signalled(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = nt_timer(t, NOTIFICATION), a = waiter(t, h), b = waiter(t, h);
	nt_set(t, h, AFTER(1), 0);
	tk_pass(t, MS);
	assert_int_equal(tk_wake(t, a), NT_SUCCESS);
	assert_int_equal(tk_wake(t, b), NT_SUCCESS);
	assert_int_equal(poll(t, h), NT_SUCCESS);
	assert_int_equal(poll(t, h), NT_SUCCESS);
}

static void a_synchronization_timer_lets_one_waiter_through(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = nt_timer(t, SYNCHRONIZATION), a = waiter(t, h), b = waiter(t, h);
	nt_set(t, h, AFTER(1), 0);
	tk_pass(t, MS);
	assert_int_equal(tk_wake(t, a), NT_SUCCESS);
	assert_true(tk_parked(t, b));
	assert_int_equal(poll(t, h), NT_TIMEOUT);
}

static void a_synchronization_timer_without_waiters_is_taken_by_the_next_wait(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = nt_timer(t, SYNCHRONIZATION);
	nt_set(t, h, AFTER(1), 0);
	tk_pass(t, MS);
	assert_int_equal(poll(t, h), NT_SUCCESS);
	assert_int_equal(poll(t, h), NT_TIMEOUT);
}

static void a_third_kind_is_an_invalid_parameter(void **state)
{
	struct tk *t = TK(state);
	assert_int_equal(CALL(t, t->main, "NtCreateTimer", tk_memory(t, 4), 0, 2), NT_INVALID_PARAMETER);
}

/* ---- periods --------------------------------------------------------------------------------------------------------- */

static void a_periodic_timer_comes_due_again_and_again(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = nt_timer(t, SYNCHRONIZATION);
	nt_set(t, h, AFTER(2), 10);
	for (unsigned i = 0; i < 20; i++) {
		tk_pass(t, i ? 10 * MS - 1 : 2 * MS - 1);
		assert_int_equal(poll(t, h), NT_TIMEOUT);
		tk_pass(t, 1);
		assert_int_equal(poll(t, h), NT_SUCCESS);
	}
}

/* Another emulator arms it anew from the moment at which it was served; here it is the moment at which it was due. */
static void a_period_counts_from_the_due_time_so_that_it_never_drifts(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = nt_timer(t, NOTIFICATION);
	nt_set(t, h, AFTER(10), 10);
	for (unsigned i = 1; i <= 50; i++) {
		tk_pass(t, 10 * MS + (i == 1 ? 777 : 0)); /* always served late */
		assert_int_equal(deadline_next(t->m), (i + 1) * 10 * MS);
	}
	assert_int_equal(tk_count(t, EV_TIMER_FIRE), 50);
}

static void periods_that_were_slept_over_are_all_served(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = nt_timer(t, NOTIFICATION);
	nt_set(t, h, AFTER(1), 1);
	tk_pass(t, 25 * MS);
	assert_int_equal(tk_count(t, EV_TIMER_FIRE), 25);
}

/* ---- arming again, disarming ------------------------------------------------------------------------------------------ */

static void arming_an_armed_timer_moves_it(void **state)
{
	struct tk *t = TK(state);
	uint32_t ga = ke_timer(t, NOTIFICATION);
	assert_int_equal(CALL(t, t->main, "KeSetTimer", ga, AFTER(5), 0), 0);
	assert_int_equal(CALL(t, t->main, "KeSetTimer", ga, AFTER(9), 0), 1);
	tk_pass(t, 5 * MS);
	assert_int_equal(tk_count(t, EV_TIMER_FIRE), 0);
	tk_pass(t, 4 * MS);
	assert_int_equal(tk_count(t, EV_TIMER_FIRE), 1);
	assert_int_equal(CALL(t, t->main, "KeSetTimer", ga, AFTER(5), 0), 0);
}

static void arming_a_signalled_timer_resets_it(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = nt_timer(t, NOTIFICATION);
	assert_int_equal(nt_set(t, h, AFTER(1), 0), 0);
	tk_pass(t, MS);
	assert_int_equal(nt_set(t, h, AFTER(1), 0), 1);
	assert_int_equal(poll(t, h), NT_TIMEOUT);
}

static void a_periodic_timer_armed_once_more_without_period_comes_due_once(void **state)
{
	struct tk *t = TK(state);
	uint32_t ga = ke_timer(t, NOTIFICATION);
	CALL(t, t->main, "KeSetTimerEx", ga, AFTER(1), 1, 0);
	CALL(t, t->main, "KeSetTimer", ga, AFTER(1), 0);
	tk_pass(t, 10 * MS);
	assert_int_equal(tk_count(t, EV_TIMER_FIRE), 1);
}

static void cancelling_disarms_and_wakes_nobody(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = nt_timer(t, NOTIFICATION), row = waiter(t, h), out = tk_memory(t, 4);
	nt_set(t, h, AFTER(1), 3);
	assert_int_equal(CALL(t, t->main, "NtCancelTimer", h, out), NT_SUCCESS);
	assert_int_equal(tk_get32(t, out), 0);
	tk_pass(t, 10 * MS);
	assert_true(tk_parked(t, row));
	assert_int_equal(tk_count(t, EV_TIMER_FIRE), 0);
	assert_int_equal(tk_count(t, EV_TIMER_CANCEL), 1);
}

/* Another emulator always writes 0. */
static void cancelling_gives_the_signal_state_which_stays(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = nt_timer(t, NOTIFICATION), out = tk_memory(t, 4);
	nt_set(t, h, AFTER(1), 1);
	tk_pass(t, MS);
	CALL(t, t->main, "NtCancelTimer", h, out);
	assert_int_equal(tk_get32(t, out), 1);
	assert_int_equal(poll(t, h), NT_SUCCESS);
}

static void cancelling_by_pointer_says_whether_it_was_armed(void **state)
{
	struct tk *t = TK(state);
	uint32_t ga = ke_timer(t, NOTIFICATION);
	assert_int_equal(CALL(t, t->main, "KeCancelTimer", ga), 0);
	CALL(t, t->main, "KeSetTimer", ga, AFTER(1), 0);
	assert_int_equal(CALL(t, t->main, "KeCancelTimer", ga), 1);
	assert_int_equal(CALL(t, t->main, "KeCancelTimer", ga), 0);
	assert_int_equal(tk_count(t, EV_TIMER_CANCEL), 1);
}

/* Another emulator returns before arming. */
static void the_resume_flag_is_ignored_and_the_status_says_so(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = nt_timer(t, NOTIFICATION), at = tk_memory(t, 8);
	tk_put64(t, at, AFTER(1));
	assert_int_equal(CALL(t, t->main, "NtSetTimerEx", h, at, 0, 1, 0, 1, 0, 0), NT_TIMER_RESUME_IGNORED);
	tk_pass(t, MS);
	assert_int_equal(poll(t, h), NT_SUCCESS);
}

/* ---- lives ------------------------------------------------------------------------------------------------------------ */

static void closing_the_last_handle_of_an_armed_timer_disarms_it_first(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = nt_timer(t, NOTIFICATION);
	nt_set(t, h, AFTER(1), 1);
	tk_forget(t);
	CALL(t, t->main, "NtClose", h);
	assert_int_equal(tk_count(t, EV_TIMER_CANCEL), 1);
	assert_true(tk_event_at(t, EV_TIMER_CANCEL, 0)->seq < tk_event_at(t, EV_OBJECT_DESTROY, 0)->seq);
	assert_true(deadline_next(t->m) == DEADLINE_NEVER);
	tk_pass(t, 10 * MS);
	assert_int_equal(tk_count(t, EV_TIMER_FIRE), 0);
}

static void a_closed_timer_with_a_waiter_still_comes_due(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = nt_timer(t, NOTIFICATION), row = waiter(t, h);
	nt_set(t, h, AFTER(1), 1);
	CALL(t, t->main, "NtClose", h);
	tk_pass(t, 5 * MS); /* the one who waited is the last to hold it: it dies, armed again, of the first time */
	assert_int_equal(tk_wake(t, row), NT_SUCCESS);
	assert_int_equal(tk_count(t, EV_TIMER_FIRE), 1);
	assert_int_equal(tk_count(t, EV_TIMER_CANCEL), 1);
}

static void a_timer_in_the_titles_memory_is_found_by_its_address(void **state)
{
	struct tk *t = TK(state);
	static const uint8_t types[] = { 8, 9 };
	for (unsigned i = 0; i < ARRAY_LEN(types); i++) {
		uint32_t ga = tk_memory(t, sizeof(struct g_ktimer)), row = tk_thread(t, 1);
		tk_put32(t, ga, (uint32_t)types[i] << 24 | 10 << 8);
		PARKS(t, row, "KeWaitForSingleObject", ga, 0, 0, 0, 0);
		CALL(t, t->main, "KeSetTimer", ga, AFTER(1), 0);
		tk_pass(t, MS);
		assert_int_equal(tk_wake(t, row), NT_SUCCESS);
		assert_int_equal(ke_state(t, ga), types[i] == 8);
		assert_true(object_peek(t->m, object_by_ga(t->m, ga))->ghost);
	}
}

static void memory_that_becomes_a_new_timer_disarms_the_old_one(void **state)
{
	struct tk *t = TK(state);
	uint32_t ga = ke_timer(t, NOTIFICATION), row = tk_thread(t, 1);
	CALL(t, t->main, "KeSetTimer", ga, AFTER(1), 0);
	PARKS(t, row, "KeWaitForSingleObject", ga, 0, 0, 0, 0);
	CALL(t, t->main, "KeInitializeTimerEx", ga, SYNCHRONIZATION);
	tk_pass(t, 5 * MS);
	assert_true(tk_parked(t, row));
	assert_int_equal(tk_count(t, EV_TIMER_CANCEL), 1);
	assert_int_equal(ke_state(t, ga), 0);
}

static void a_named_timer_is_opened_a_second_time(void **state)
{
	struct tk *t = TK(state);
	uint32_t at = tk_memory(t, 16), name = tk_memory(t, 8), oa = tk_memory(t, 12);
	tk_put32(t, name, 5u << 16 | 6);
	tk_put32(t, name + 4, tk_string(t, "clock"));
	tk_put32(t, oa + 4, name);
	assert_int_equal(CALL(t, t->main, "NtCreateTimer", at, oa, NOTIFICATION), NT_SUCCESS);
	assert_int_equal(CALL(t, t->main, "NtCreateTimer", at + 4, oa, SYNCHRONIZATION), NT_OBJECT_NAME_EXISTS);
	assert_int_equal(tk_object(t, tk_get32(t, at)), tk_object(t, tk_get32(t, at + 4)));
}

static void what_is_no_timer_is_a_type_mismatch(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = tk_event(t, 0, false), due = tk_memory(t, 8);
	assert_int_equal(CALL(t, t->main, "NtSetTimerEx", h, due, 0, 1, 0, 0, 0, 0), NT_OBJECT_TYPE_MISMATCH);
	assert_int_equal(CALL(t, t->main, "NtCancelTimer", h, 0), NT_OBJECT_TYPE_MISMATCH);
	assert_int_equal(CALL(t, t->main, "NtQueryTimer", h, due), NT_OBJECT_TYPE_MISMATCH);
	assert_int_equal(
		CALL(t, t->main, "NtSignalAndWaitForSingleObjectEx", nt_timer(t, 0), h, 1, 0, 0), NT_OBJECT_TYPE_MISMATCH);
}

/* ---- what the guest sees ----------------------------------------------------------------------------------------------- */

static void the_guests_ktimer_is_true_at_every_transition(void **state)
{
	struct tk *t = TK(state);
	uint32_t ga = ke_timer(t, NOTIFICATION);
	assert_int_equal(tk_get32(t, ga), 0x08000A00);
	assert_int_equal(tk_get32(t, ga + 8), ga + 8); /* an empty list of waiters */
	CALL(t, t->main, "KeSetTimerEx", ga, AFTER(3), 2, 0);
	assert_int_equal(tk_get32(t, ga), 0x08000A01);
	assert_int_equal(mem_get64(&t->m->mem, ga + 0x10), 30000);
	assert_int_equal(tk_get32(t, ga + 0x24), 2);
	tk_pass(t, 3 * MS);
	assert_int_equal(ke_state(t, ga), 1);
	assert_int_equal(mem_get64(&t->m->mem, ga + 0x10), 50000);
	CALL(t, t->main, "KeSetTimer", ga, machine_row(t->m)->boot_time + 90000, 0);
	assert_int_equal(tk_get32(t, ga), 0x08010A01); /* absolute; due_time is interrupt time all the same */
	assert_int_equal(mem_get64(&t->m->mem, ga + 0x10), 90000);
	assert_int_equal(ke_state(t, ga), 0);
	CALL(t, t->main, "KeCancelTimer", ga);
	assert_int_equal(mem_get8(&t->m->mem, ga + 3), 0);
}

static void a_query_gives_the_time_left_and_the_state(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = nt_timer(t, NOTIFICATION), out = tk_memory(t, 16);
	nt_set(t, h, AFTER(5), 5);
	tk_pass(t, 2 * MS);
	assert_int_equal(CALL(t, t->main, "NtQueryTimer", h, out), NT_SUCCESS);
	assert_int_equal(mem_get64(&t->m->mem, out), 30000);
	assert_int_equal(mem_get8(&t->m->mem, out + 8), 0);
	tk_pass(t, 4 * MS);
	CALL(t, t->main, "NtQueryTimer", h, out);
	assert_int_equal(mem_get64(&t->m->mem, out), 40000);
	assert_int_equal(mem_get8(&t->m->mem, out + 8), 1);
}

static void its_events_say_what_happened_and_who_did_it(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = nt_timer(t, NOTIFICATION);
	nt_set(t, h, AFTER(2), 7);
	tk_pass(t, 2 * MS);
	CALL(t, t->main, "NtCancelTimer", h, 0);
	const struct event *set = tk_event_at(t, EV_TIMER_SET, 0), *fire = tk_event_at(t, EV_TIMER_FIRE, 0);
	assert_int_equal(set->aux[0], 2 * MS);
	assert_int_equal(set->aux[1], 7);
	assert_int_equal(set->handle, h);
	assert_int_equal(set->tid, 1);
	assert_int_equal(fire->tid, 0);
	assert_int_equal(tk_event_at(t, EV_OBJECT_SIGNAL, 0)->seq, fire->seq + 1);
	assert_int_equal(tk_event_at(t, EV_TIMER_CANCEL, 0)->handle, h);
}

/* ---- every wait call ------------------------------------------------------------------------------------------------------ */

static void every_wait_call_takes_timers(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = nt_timer(t, SYNCHRONIZATION), e = tk_event(t, 0, true), list = tk_memory(t, 8), row[5];
	uint32_t ga = object_peek(t->m, tk_object(t, h))->body_ga;
	tk_put32(t, list, e);
	tk_put32(t, list + 4, h);
	for (unsigned i = 0; i < ARRAY_LEN(row); i++)
		row[i] = tk_thread(t, 1);
	PARKS(t, row[0], "NtWaitForSingleObjectEx", h, 1, 0, 0);
	PARKS(t, row[1], "NtWaitForMultipleObjectsEx", 2, list, 0, 1, 0, 0); /* all: the event is signalled */
	PARKS(t, row[2], "KeWaitForSingleObject", ga, 0, 0, 0, 0);
	tk_put32(t, list + 8 - 8, ga);
	PARKS(t, row[3], "KeWaitForMultipleObjects", 1, list, 1, 0, 0, 0, 0, 0);
	PARKS(t, row[4], "NtSignalAndWaitForSingleObjectEx", e, h, 1, 0, 0);
	nt_set(t, h, AFTER(1), 1);
	for (unsigned i = 0; i < ARRAY_LEN(row); i++) {
		tk_pass(t, MS);
		assert_int_equal(tk_wake(t, row[i]), NT_SUCCESS);
		assert_true(i + 1 == ARRAY_LEN(row) || tk_parked(t, row[i + 1]));
	}
}

static void a_timer_and_a_timeout_of_the_same_moment_are_served_in_the_order_of_their_making(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = nt_timer(t, NOTIFICATION), timeout = tk_memory(t, 8), a = tk_thread(t, 1), b = tk_thread(t, 2);
	tk_put64(t, timeout, AFTER(1));
	PARKS(t, a, "NtWaitForSingleObjectEx", h, 1, 0, timeout);
	nt_set(t, h, AFTER(1), 0);
	PARKS(t, b, "NtWaitForSingleObjectEx", h, 1, 0, timeout);
	tk_pass(t, MS);
	assert_int_equal(tk_wake(t, a), NT_TIMEOUT);
	assert_int_equal(tk_wake(t, b), NT_SUCCESS);
}

/* ---- its APC ------------------------------------------------------------------------------------------------------------------ */

/* A routine that counts at its context, which is its first argument, and leaves the other two there. */
static uint32_t apc_routine(struct tk *t)
{
	return CODE(t, I_LWZ(7, 0, 3), I_ADDI(7, 7, 1), I_STW(7, 0, 3), I_STW(4, 4, 3), I_STW(5, 8, 3), I_BLR);
}

static void nt_set_apc(
	struct tk *t, uint32_t thread, uint32_t h, uint64_t due, uint32_t period, uint32_t routine, uint32_t argument)
{
	uint32_t at = tk_memory(t, 8);
	tk_put64(t, at, due);
	assert_int_equal(CALL(t, thread, "NtSetTimerEx", h, at, routine, 1, argument, 0, period, 0), NT_SUCCESS);
}

static void its_apc_runs_in_an_alertable_wait_of_the_thread_that_armed_it(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = nt_timer(t, NOTIFICATION), e = tk_event(t, 1, false), record = tk_memory(t, 16);
	nt_set_apc(t, t->main, h, AFTER(4), 0, apc_routine(t), record);
	tk_start(t, CODE(t, I_LOAD(3, e), I_LI(4, 1), I_LI(5, 1), I_LI(6, 0), I_CALL(tk_thunk(t, "NtWaitForSingleObjectEx")),
			    I_MR(20, 3), I_B(0)));
	tk_run(t, 100);
	uint64_t time = machine_row(t->m)->boot_time + 40000;
	assert_int_equal(tk_get32(t, record), 1);
	assert_int_equal(tk_get32(t, record + 4), (uint32_t)time);
	assert_int_equal(tk_get32(t, record + 8), (uint32_t)(time >> 32));
	assert_int_equal(context_peek(t->m, t->main)->gpr[20], NT_USER_APC);
}

static void its_apc_is_queued_once_however_often_it_comes_due(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = nt_timer(t, NOTIFICATION), record = tk_memory(t, 16);
	nt_set_apc(t, t->main, h, AFTER(1), 1, apc_routine(t), record);
	tk_pass(t, 5 * MS);
	assert_int_equal(tk_count(t, EV_TIMER_FIRE), 5);
	assert_int_equal(tk_count(t, EV_APC_QUEUE), 1);
}

static void cancelling_arming_again_and_closing_take_its_apc_back(void **state)
{
	struct tk *t = TK(state);
	uint32_t record = tk_memory(t, 16), routine = apc_routine(t);
	for (unsigned i = 0; i < 3; i++) {
		uint32_t h = nt_timer(t, NOTIFICATION);
		nt_set_apc(t, t->main, h, AFTER(1), 0, routine, record);
		tk_pass(t, MS);
		if (i == 0)
			CALL(t, t->main, "NtCancelTimer", h, 0);
		else if (i == 1)
			nt_set(t, h, AFTER(1), 0);
		else
			CALL(t, t->main, "NtClose", h);
		assert_int_equal(tk_count(t, EV_APC_QUEUE), i + 1);
		assert_int_equal(tk_count(t, EV_APC_REMOVE), i + 1);
		assert_int_equal(thread_peek(t->m, t->main)->timer_first, 0);
	}
}

static void the_end_of_the_thread_disarms_timers_whose_apcs_come_to_it(void **state)
{
	struct tk *t = TK(state);
	uint32_t row = tk_thread(t, 1), with[2] = { nt_timer(t, 0), nt_timer(t, 0) }, without = nt_timer(t, 0),
		 routine = apc_routine(t);
	uint32_t record = tk_memory(t, 16);
	for (unsigned i = 0; i < 2; i++)
		nt_set_apc(t, row, with[i], AFTER(5 + i), 0, routine, record);
	nt_set(t, without, AFTER(7), 0);
	tk_forget(t);
	PARKS(t, row, "ExTerminateThread", 0);
	assert_int_equal(tk_count(t, EV_TIMER_CANCEL), 2);
	tk_pass(t, 10 * MS);
	assert_int_equal(tk_count(t, EV_TIMER_FIRE), 1);
}

/* ---- the run loop ----------------------------------------------------------------------------------------------------------- */

static void an_armed_timer_moves_the_idle_clock_and_a_cancelled_one_leaves_a_wedge(void **state)
{
	struct tk *t = TK(state);
	uint32_t ga = ke_timer(t, SYNCHRONIZATION);
	CALL(t, t->main, "KeSetTimerEx", ga, AFTER(100), 100, 0);
	uint32_t wait[] = { I_LOAD(3, ga), I_LI(4, 0), I_LI(5, 0), I_LI(6, 0), I_LI(7, 0),
		I_CALL(tk_thunk(t, "KeWaitForSingleObject")) };
	uint32_t start = t->code_at;
	for (unsigned i = 0; i < 3; i++)
		tk_words(t, wait, ARRAY_LEN(wait));
	CODE(t, I_LOAD(3, ga), I_CALL(tk_thunk(t, "KeCancelTimer")));
	tk_words(t, wait, ARRAY_LEN(wait));
	tk_start(t, start);
	assert_int_equal(tk_run(t, 100000), STOP_WEDGE);
	assert_int_equal(tk_count(t, EV_TIMER_FIRE), 3);
	assert_int_equal(machine_ticks(t->m) / (100 * MS), 3);
}

static void thousands_of_timers_are_served_in_order(void **state)
{
	struct tk *t = TK(state);
	enum { N = 3000 };
	uint64_t rng = 42, last = 0;
	uint32_t at = tk_memory(t, 16);
	for (unsigned i = 0; i < N; i++) {
		uint32_t h = nt_timer(t, NOTIFICATION);
		rng = rng * UINT64_C(6364136223846793005) + 1442695040888963407u;
		t->data_at = at + 16; /* the kit's memory is small */
		tk_put64(t, at, (uint64_t) - (int64_t)(rng >> 45));
		CALL(t, t->main, "NtSetTimerEx", h, at, 0, 1, 0, 0, 0, 0);
		if (i % 3 == 0)
			CALL(t, t->main, "NtCancelTimer", h, 0);
	}
	tk_forget(t);
	tk_pass(t, UINT64_C(1) << 40);
	assert_int_equal(tk_count(t, EV_TIMER_FIRE), N - N / 3);
	for (unsigned i = 0; i < N - N / 3; i++) {
		uint64_t due = mem_get64(&t->m->mem, tk_event_at(t, EV_TIMER_FIRE, i)->object_ga + 0x10);
		assert_true(due >= last);
		last = due;
	}
}

static const struct CMUnitTest tests[] = {
	TK_TEST(a_relative_timer_comes_due_that_long_after_the_call),
	TK_TEST(an_absolute_timer_comes_due_at_that_date),
	TK_TEST(what_is_past_comes_due_within_the_call),
	TK_TEST(a_periodic_timer_of_the_past_counts_from_the_call),
	TK_TEST(timers_come_due_in_the_order_of_their_moments_then_of_their_arming),
	TK_TEST(a_timer_that_never_comes_is_armed_and_no_source_of_events),
	TK_TEST(a_notification_timer_lets_all_waiters_through_and_stays_signalled),
	TK_TEST(a_synchronization_timer_lets_one_waiter_through),
	TK_TEST(a_synchronization_timer_without_waiters_is_taken_by_the_next_wait),
	TK_TEST(a_third_kind_is_an_invalid_parameter),
	TK_TEST(a_periodic_timer_comes_due_again_and_again),
	TK_TEST(a_period_counts_from_the_due_time_so_that_it_never_drifts),
	TK_TEST(periods_that_were_slept_over_are_all_served),
	TK_TEST(arming_an_armed_timer_moves_it),
	TK_TEST(arming_a_signalled_timer_resets_it),
	TK_TEST(a_periodic_timer_armed_once_more_without_period_comes_due_once),
	TK_TEST(cancelling_disarms_and_wakes_nobody),
	TK_TEST(cancelling_gives_the_signal_state_which_stays),
	TK_TEST(cancelling_by_pointer_says_whether_it_was_armed),
	TK_TEST(the_resume_flag_is_ignored_and_the_status_says_so),
	TK_TEST(closing_the_last_handle_of_an_armed_timer_disarms_it_first),
	TK_TEST(a_closed_timer_with_a_waiter_still_comes_due),
	TK_TEST(a_timer_in_the_titles_memory_is_found_by_its_address),
	TK_TEST(memory_that_becomes_a_new_timer_disarms_the_old_one),
	TK_TEST(a_named_timer_is_opened_a_second_time),
	TK_TEST(what_is_no_timer_is_a_type_mismatch),
	TK_TEST(the_guests_ktimer_is_true_at_every_transition),
	TK_TEST(a_query_gives_the_time_left_and_the_state),
	TK_TEST(its_events_say_what_happened_and_who_did_it),
	TK_TEST(every_wait_call_takes_timers),
	TK_TEST(a_timer_and_a_timeout_of_the_same_moment_are_served_in_the_order_of_their_making),
	TK_TEST(its_apc_runs_in_an_alertable_wait_of_the_thread_that_armed_it),
	TK_TEST(its_apc_is_queued_once_however_often_it_comes_due),
	TK_TEST(cancelling_arming_again_and_closing_take_its_apc_back),
	TK_TEST(the_end_of_the_thread_disarms_timers_whose_apcs_come_to_it),
	TK_TEST(an_armed_timer_moves_the_idle_clock_and_a_cancelled_one_leaves_a_wedge),
	TK_TEST(thousands_of_timers_are_served_in_order),
};
TK_MAIN(tests)
