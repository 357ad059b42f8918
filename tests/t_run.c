/* tests/t_run.c - the laws of the run loop: exact limits, the clock, cutting a run anywhere, idle jumps, stops. */
#include "config.h"

#include "kernel/rows.h"
#include "kernel/vars.h"
#include "src/snap/snap.h"
#include "tests/testkit.h"

#define Q 1000u

/* A loop of 3 instructions that counts in r20. */
static uint32_t counting_loop(struct tk *t)
{
	return CODE(t, I_LI(20, 0), I_ADDI(20, 20, 1), I_NOP, I_B(-8));
}

static void a_limit_is_exact_to_the_instruction(void **state)
{
	struct tk *t = TK(state);
	tk_start(t, counting_loop(t));
	for (uint64_t at = 0; at < 100000; at += 12345) {
		assert_int_equal(tk_run(t, 12345), STOP_LIMIT);
		assert_int_equal(machine_instructions(t->m), at + 12345);
	}
	assert_int_equal(context_peek(t->m, t->main)->gpr[20], (machine_instructions(t->m) - 1 + 2) / 3);
}

static void a_round_advances_the_clock_by_quantum_times_cpi(void **state)
{
	struct tk *t = TK(state);
	tk_start(t, counting_loop(t));
	assert_int_equal(machine_cycle(t->m), 0);
	tk_run(t, 10 * Q); /* one busy hardware thread: ten rounds, but for the other five's share of the last one */
	assert_int_equal(machine_row(t->m)->cycle + 0, 10 * Q * 4 - (machine_row(t->m)->round_hw ? Q * 4 : 0));
}

static void time_never_runs_backwards(void **state)
{
	struct tk *t = TK(state);
	tk_start(t, counting_loop(t));
	for (uint32_t hw = 1; hw < HW_THREADS; hw++)
		tk_thread(t, hw);
	uint64_t last = 0;
	for (unsigned i = 0; i < 20000; i++) {
		assert_int_equal(tk_run(t, 1), STOP_LIMIT);
		assert_true(machine_cycle(t->m) >= last);
		last = machine_cycle(t->m);
	}
}

/* Three threads on two hardware threads, which sleep, signal and print. */
static void busy_guest(struct tk *t)
{
	uint32_t interval = tk_memory(t, 8), out = tk_memory(t, 8), format = tk_string(t, "tick %u\n");
	tk_put64(t, interval, (uint64_t)-1000); /* 100 us */
	uint32_t worker = CODE(t, I_LI(30, 0), I_LI(3, 0), I_LI(4, 0), I_LOAD(5, interval), I_CALL(tk_thunk(t, "KeDelayExecutionThread")),
	                       I_ADDI(30, 30, 1), I_LOAD(3, format), I_MR(4, 30), I_CALL(tk_thunk(t, "DbgPrint")), I_B(-4 * 17));
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(CALL(t, t->main, "ExCreateThread", out, 0, out + 4, 0, worker, 0, 0x01000000u << i), NT_SUCCESS);
	tk_start(t, counting_loop(t));
}

static uint64_t digest_after(const struct machine_options *o, const uint64_t *cut, unsigned cuts)
{
	struct tk *t = tk_new_with(o);
	busy_guest(t);
	for (unsigned i = 0; i < cuts; i++)
		assert_int_equal(tk_run(t, cut[i]), STOP_LIMIT);
	uint64_t d = machine_digest(t->m);
	assert_true(tk_count(t, EV_DEBUG_PRINT) > 2);
	tk_free(t);
	return d;
}

static void the_way_a_run_is_cut_into_calls_cannot_be_seen(void **state)
{
	struct machine_options o;
	machine_options_default(&o);
	for (o.seed = 0; o.seed < 3; o.seed++) {
		uint64_t whole = digest_after(&o, (const uint64_t[]){ 600000 }, 1);
		assert_true(whole == digest_after(&o, (const uint64_t[]){ 600000 }, 1));
		assert_true(whole == digest_after(&o, (const uint64_t[]){ 1, 2, 997, 100000, 499000 }, 5));
		assert_true(whole == digest_after(&o, (const uint64_t[]){ 333333, 266667 }, 2));
	}
}

static void a_seed_changes_the_run_and_can_be_repeated(void **state)
{
	struct machine_options o;
	machine_options_default(&o);
	uint64_t zero = digest_after(&o, (const uint64_t[]){ 600000 }, 1);
	o.seed = 7;
	uint64_t seven = digest_after(&o, (const uint64_t[]){ 600000 }, 1);
	assert_true(zero != seven);
	assert_true(seven == digest_after(&o, (const uint64_t[]){ 600000 }, 1));
}

static void a_restored_machine_runs_the_same_again(void **state)
{
	struct tk *t = TK(state);
	busy_guest(t);
	tk_run(t, 123457);
	struct snapshot *s = machine_snapshot(t->m);
	uint64_t at = machine_digest(t->m);
	unsigned seen = t->events;
	tk_run(t, 200000);
	uint64_t after = machine_digest(t->m);
	unsigned events = t->events - seen;
	assert_true(after != at);
	machine_restore(t->m, s);
	assert_true(machine_digest(t->m) == at);
	tk_forget(t);
	tk_run(t, 200000);
	assert_true(machine_digest(t->m) == after);
	assert_int_equal(t->events, events);
	snapshot_free(s);
}

static void an_idle_machine_jumps_to_the_next_deadline(void **state)
{
	struct tk *t = TK(state);
	uint32_t interval = tk_memory(t, 8);
	tk_put64(t, interval, (uint64_t)-INT64_C(10000000)); /* a second */
	tk_start(t, CODE(t, I_LI(3, 0), I_LI(4, 0), I_LOAD(5, interval), I_CALL(tk_thunk(t, "KeDelayExecutionThread")), I_MFTB(20), I_B(0)));
	/* 11 instructions up to the sc, the sleep, blr, mftb: one second behind the call's own tick, exactly. */
	assert_int_equal(tk_run(t, 13), STOP_LIMIT);
	uint64_t due = 4u * 11 / 6 / 64 + TICKS_PER_SECOND;
	assert_int_equal(machine_row(t->m)->cycle / CYCLES_PER_TICK, due);
	assert_int_equal(context_peek(t->m, t->main)->gpr[20], due);
	assert_int_equal(context_peek(t->m, t->main)->gpr[3], NT_SUCCESS);
}

static void a_machine_in_which_nothing_can_ever_run_is_wedged(void **state)
{
	struct tk *t = TK(state);
	struct quiescence q;
	uint32_t e = tk_event(t, 0, false);
	tk_start(t, CODE(t, I_LOAD(3, e), I_LI(4, 1), I_LI(5, 0), I_LI(6, 0), I_CALL(tk_thunk(t, "NtWaitForSingleObjectEx"))));
	assert_int_equal(tk_run(t, 1000000), STOP_WEDGE);
	uint64_t digest = machine_digest(t->m);
	assert_int_equal(tk_run(t, 1000000), STOP_WEDGE);
	assert_true(digest == machine_digest(t->m));
	machine_quiescence(t->m, &q);
	assert_int_equal(q.threads, 1);
	assert_int_equal(q.parked, 1);
	assert_int_equal(q.runnable + q.suspended + q.timeouts + q.timers, 0);
	assert_true(q.next_due == DEADLINE_NEVER);
}

static void a_suspended_thread_alone_is_a_wedge_too(void **state)
{
	struct tk *t = TK(state);
	struct quiescence q;
	tk_start(t, CODE(t, I_LI(3, -2), I_LI(4, 0), I_CALL(tk_thunk(t, "NtSuspendThread")), I_B(0)));
	assert_int_equal(tk_run(t, 1000000), STOP_WEDGE);
	machine_quiescence(t->m, &q);
	assert_int_equal(q.suspended, 1);
	assert_int_equal(context_peek(t->m, t->main)->gpr[3], NT_SUCCESS);
}

static void the_last_threads_end_is_the_titles_end(void **state)
{
	struct tk *t = TK(state);
	tk_start(t, CODE(t, I_LI(3, 42), I_BLR));
	assert_int_equal(tk_run(t, 1000), STOP_ENDED);
	assert_int_equal(t->stop.code, 42);
	assert_int_equal(tk_event_at(t, EV_TITLE_EXIT, 0)->aux[0], 42);
	assert_int_equal(tk_run(t, 1000), STOP_ENDED);
}

static void an_unimplemented_export_stops_with_its_name_and_does_not_count(void **state)
{
	struct tk *t = TK(state);
	tk_start(t, CODE(t, I_LI(3, 7), I_CALL(tk_thunk(t, "DbgBreakPointWithStatus")), I_B(0)));
	for (unsigned i = 0; i < 2; i++) { /* going on comes back to it */
		assert_int_equal(tk_run(t, 1000), STOP_UNIMPLEMENTED);
		assert_string_equal(export_table[t->stop.export_row - 1].name, "DbgBreakPointWithStatus");
		assert_non_null(strstr(t->stop.text, "DbgBreakPointWithStatus(status=7) from 82000018"));
		assert_int_equal(machine_instructions(t->m), 7);
	}
}

static void a_bad_store_stops_with_thread_pc_address_and_instruction(void **state)
{
	struct tk *t = TK(state);
	uint32_t pc = CODE(t, I_LI(3, 0), I_STW(3, 0x10, 3));
	tk_start(t, pc);
	assert_int_equal(tk_run(t, 1000), STOP_FAULT);
	assert_int_equal(t->stop.tid, 1);
	assert_int_equal(t->stop.pc, pc + 4);
	assert_int_equal(t->stop.fault_ga, 0x10);
	assert_true(t->stop.fault_store);
	assert_int_equal(t->stop.insn, I_STW(3, 0x10, 3));
	assert_int_equal(machine_instructions(t->m), 1);
}

static void a_bad_pointer_argument_is_a_guest_fault_of_the_call(void **state)
{
	struct tk *t = TK(state);
	tk_start(t, CODE(t, I_LI(3, 0x40), I_LI(4, 0), I_LI(5, 0), I_LI(6, 0), I_CALL(tk_thunk(t, "NtCreateEvent")), I_B(0)));
	assert_int_equal(tk_run(t, 1000), STOP_FAULT);
	assert_int_equal(t->stop.fault_ga, 0x40);
	assert_non_null(strstr(t->stop.text, "NtCreateEvent"));
}

static void an_illegal_word_stops(void **state)
{
	struct tk *t = TK(state);
	tk_start(t, CODE(t, 0));
	assert_int_equal(tk_run(t, 1000), STOP_ILLEGAL);
	assert_int_equal(machine_instructions(t->m), 0);
}

static void a_system_call_that_names_no_export_stops_as_illegal(void **state)
{
	struct tk *t = TK(state);
	uint32_t pc = CODE(t, I_LI(11, -1), 0x44000042);
	tk_start(t, pc);
	assert_int_equal(tk_run(t, 1000), STOP_ILLEGAL);
	assert_int_equal(t->stop.pc, pc + 4);
	tk_start(t, CODE(t, 0x44000002));
	assert_int_equal(tk_run(t, 1000), STOP_ILLEGAL);
}

static void a_variable_without_known_contents_faults_when_it_is_read(void **state)
{
	struct tk *t = TK(state);
	uint32_t ga = vars_address((uint32_t)export_find_name("RgcBindInfo"));
	tk_start(t, CODE(t, I_LOAD(3, ga), I_LWZ(4, 0, 3)));
	assert_int_equal(tk_run(t, 1000), STOP_FAULT);
	assert_non_null(strstr(t->stop.text, "RgcBindInfo"));
}

static void the_interrupt_flag_stops_soon_and_changes_nothing(void **state)
{
	struct tk *t = TK(state);
	atomic_bool flag = true;
	tk_start(t, counting_loop(t));
	t->m->interrupt = &flag;
	assert_int_equal(tk_run(t, UINT64_MAX), STOP_INTERRUPT);
	flag = false;
	assert_int_equal(tk_run(t, 5000), STOP_LIMIT);
	assert_int_equal(machine_instructions(t->m), 5000);
}

static void a_step_is_one_instruction_of_that_thread(void **state)
{
	struct tk *t = TK(state);
	uint32_t other = tk_thread(t, 1), pc = counting_loop(t);
	tk_start(t, pc);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(machine_step(t->m, t->main, UINT64_MAX, &t->stop), STOP_STEP);
	assert_int_equal(context_peek(t->m, t->main)->pc, pc + 4 * 2);
	assert_int_equal(machine_step(t->m, other, UINT64_MAX, &t->stop), STOP_STEP);
}

static void a_breakpoint_stops_before_it_and_can_be_skipped_once(void **state)
{
	struct tk *t = TK(state);
	uint32_t pc = counting_loop(t);
	tk_start(t, pc);
	cpu_break_set(t->m->cpu, pc + 4);
	assert_int_equal(tk_run(t, 1000), STOP_BREAK);
	assert_int_equal(machine_instructions(t->m), 1);
	machine_skip_break(t->m, t->main);
	assert_int_equal(tk_run(t, 1000), STOP_BREAK);
	assert_int_equal(machine_instructions(t->m), 4);
}

static void on_wait(void *ctx, const struct event *ev)
{
	machine_stop_on_event(ctx, ev);
}

static void a_stop_asked_for_by_an_event_keeps_its_facts(void **state)
{
	struct tk *t = TK(state);
	uint32_t e = tk_event(t, 1, true);
	event_subscribe(&t->m->events, &(struct event_observer){ .kinds = EV_BIT(EV_OBJECT_WAIT), .see = on_wait, .ctx = t->m });
	tk_start(t, CODE(t, I_LOAD(3, e), I_LI(4, 1), I_LI(5, 0), I_LI(6, 0), I_CALL(tk_thunk(t, "NtWaitForSingleObjectEx")), I_B(0)));
	assert_int_equal(tk_run(t, 1000), STOP_EVENT);
	assert_int_equal(t->stop.event.handle, e);
	assert_int_equal(machine_instructions(t->m), 12);
	assert_int_equal(tk_run(t, 1000), STOP_LIMIT);
}

static const struct CMUnitTest tests[] = {
	TK_TEST(a_limit_is_exact_to_the_instruction),
	TK_TEST(a_round_advances_the_clock_by_quantum_times_cpi),
	TK_TEST(time_never_runs_backwards),
	cmocka_unit_test(the_way_a_run_is_cut_into_calls_cannot_be_seen),
	cmocka_unit_test(a_seed_changes_the_run_and_can_be_repeated),
	TK_TEST(a_restored_machine_runs_the_same_again),
	TK_TEST(an_idle_machine_jumps_to_the_next_deadline),
	TK_TEST(a_machine_in_which_nothing_can_ever_run_is_wedged),
	TK_TEST(a_suspended_thread_alone_is_a_wedge_too),
	TK_TEST(the_last_threads_end_is_the_titles_end),
	TK_TEST(an_unimplemented_export_stops_with_its_name_and_does_not_count),
	TK_TEST(a_bad_store_stops_with_thread_pc_address_and_instruction),
	TK_TEST(a_bad_pointer_argument_is_a_guest_fault_of_the_call),
	TK_TEST(an_illegal_word_stops),
	TK_TEST(a_system_call_that_names_no_export_stops_as_illegal),
	TK_TEST(a_variable_without_known_contents_faults_when_it_is_read),
	TK_TEST(the_interrupt_flag_stops_soon_and_changes_nothing),
	TK_TEST(a_step_is_one_instruction_of_that_thread),
	TK_TEST(a_breakpoint_stops_before_it_and_can_be_skipped_once),
	TK_TEST(a_stop_asked_for_by_an_event_keeps_its_facts),
};
TK_MAIN(tests)
