/* tests/t_execution.c - the laws of running: to moments and places, with threads held. */
#include "config.h"

#include "src/snap/snap.h"
#include "tests/uikit.h"

/* ---- to moments and places -------------------------------------------------------------------------------------------------------- */

static void goto_is_exact_and_goes_back_only_through_a_record(void **state)
{
	struct uk *u = U(state);
	counting(u);
	command(u, "goto instr 1234");
	assert_int_equal(machine_instructions(u->t->m), 1234);
	assert_int_equal(u->s.stop.kind, STOP_STEP);
	uint64_t cycle = machine_cycle(u->t->m);
	refused(u, "goto instr 1000", "not recorded");
	refused(u, "goto cyc 5", "not recorded");
	command(u, "goto cyc $_cyc + 1000");
	assert_true(machine_cycle(u->t->m) >= cycle + 1000);
	uint64_t there = machine_instructions(u->t->m);
	command(u, "goto instr %llu", (unsigned long long)there + 1);
	assert_true(machine_instructions(u->t->m) == there + 1);
	refused(u, "goto sideways 5", "goto instr");
	refused(u, "goto instr", "goto instr");
	assert_int_equal(session_stop_code(&u->s), 0);
}

static void goto_event_stops_behind_that_event(void **state)
{
	struct uk *u = U(state);
	uint32_t h = tk_event(u->t, 0, false);
	calling(u, "NtSetEvent", h);
	uint64_t now = event_seq(&u->t->m->events);
	command(u, "goto ev %llu", (unsigned long long)now + 3);
	assert_true(event_seq(&u->t->m->events) >= now + 3);
	assert_true(machine_instructions(u->t->m) < 20);
	assert_int_equal(u->s.stop.kind, STOP_STEP);
}

static void cut_by_cycles_leaves_no_trace(void **state)
{
	struct uk *u = U(state);
	counting(u);
	tk_thread(u->t, 3);
	struct snapshot *before = machine_snapshot(u->t->m);
	command(u, "continue -n 20000");
	uint64_t plain = machine_digest(u->t->m);
	machine_restore(u->t->m, before);
	snapshot_free(before);
	u->s.stop.kind = STOP_ENTRY;
	for (unsigned i = 1; i < 12; i++)
		command(u, "goto cyc $_cyc + %u", i * 7);
	command(u, "goto instr 20000");
	assert_true(machine_digest(u->t->m) == plain);
}

static void run_wedge_passes_stops_and_counts_them(void **state)
{
	struct uk *u = U(state);
	uint32_t code = counting(u);
	command(u, "break %x", code);
	command(u, "run-wedge -limit 4000");
	assert_int_equal(u->s.stop.kind, STOP_STEP);
	assert_true(point(u, 1)->hits > 10);
	assert_true(machine_cycle(u->t->m) >= 4000);
	command(u, "continue");
	assert_int_equal(u->s.stop.kind, STOP_BREAK);
	refused(u, "run-wedge 5", "-limit");
}

static void advance_and_until_end_at_the_place_or_behind_the_function(void **state)
{
	struct uk *u = U(state);
	uint32_t h = tk_event(u->t, 0, false), code = calling(u, "NtSetEvent", h);
	command(u, "advance %x", code + 20);
	assert_int_equal(u->s.stop.pc, code + 20);
	assert_int_equal(u->s.stop.kind, STOP_STEP);
	command(u, "advance %x", code);
	assert_int_equal(u->s.stop.pc, code + 4);
	assert_int_equal(u->s.breaks.count, 0);
	refused(u, "advance", "a place is missing");
	refused(u, "until 0x10", "there is no code");
}

static void until_goes_through_a_loop(void **state)
{
	struct uk *u = U(state);
	/* li r4,50; mtctr; loop: nop; bdnz loop; nop; b . */
	uint32_t code = CODE(u->t, I_LI(4, 50), I_MTCTR(4), I_NOP, I_BDNZ(-4), I_NOP, I_B(0));
	tk_start(u->t, code);
	command(u, "stepi 3");
	command(u, "until");
	assert_int_equal(context_peek(u->t->m, u->t->main)->pc, code + 16);
	assert_int_equal(machine_instructions(u->t->m), 102);
}

static void finish_says_what_was_returned(void **state)
{
	struct uk *u = U(state);
	uint32_t h = tk_event(u->t, 0, false), code = calling(u, "NtSetEvent", h);
	command(u, "advance %x", code + 20);
	command(u, "finish");
	assert_int_equal(context_peek(u->t->m, u->t->main)->pc, code + 4);
	assert_non_null(strstr(u->text, "returned r3 = 00000000 (0)"));
}

/* ---- held threads ------------------------------------------------------------------------------------------------------------------- */

static void locked_scheduler_runs_one_thread_and_taints(void **state)
{
	struct uk *u = U(state);
	uint32_t other = tk_thread(u->t, 0), far = tk_thread(u->t, 2), code = counting(u);
	((struct ppc_context *)arena_row(&u->t->m->world, u->t->m->t_context, far))->pc = code;
	command(u, "set scheduler-locking step");
	assert_false(session_tainted(&u->s));
	command(u, "stepi 100");
	assert_true(session_tainted(&u->s));
	assert_int_equal(machine_instructions(u->t->m), 100);
	gives(u, "$r4", 50);
	assert_int_equal(machine_row(u->t->m)->only_thread, 0);
	assert_int_equal(u->s.journal.done, 2);
	command(u, "continue -n 3000");
	assert_true(context_peek(u->t->m, far)->gpr[4] > 0);
	uint64_t before = context_peek(u->t->m, far)->gpr[4];
	command(u, "set scheduler-locking on");
	command(u, "thread %u", thread_peek(u->t->m, other)->tid);
	command(u, "continue -n 2000");
	assert_true(context_peek(u->t->m, far)->gpr[4] == before);
	command(u, "info journal");
	assert_non_null(strstr(u->text, "only tid "));
	refused(u, "set scheduler-locking maybe", "off|on|step");
}

static void held_machine_says_that_it_is_no_wedge(void **state)
{
	struct uk *u = U(state);
	uint32_t h = tk_event(u->t, 0, false), other = tk_thread(u->t, 1);
	(void)other;
	PARKS(u->t, u->t->main, "NtWaitForSingleObjectEx", h, 1, 0, 0);
	u->s.thread = u->t->main;
	command(u, "set scheduler-locking on");
	command(u, "continue -n 1000");
	assert_int_equal(u->s.stop.kind, STOP_HELD);
	assert_non_null(strstr(u->text, "stopped: held: "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UK_TEST(goto_is_exact_and_goes_back_only_through_a_record),
		UK_TEST(goto_event_stops_behind_that_event),
		UK_TEST(cut_by_cycles_leaves_no_trace),
		UK_TEST(run_wedge_passes_stops_and_counts_them),
		UK_TEST(advance_and_until_end_at_the_place_or_behind_the_function),
		UK_TEST(until_goes_through_a_loop),
		UK_TEST(finish_says_what_was_returned),
		UK_TEST(locked_scheduler_runs_one_thread_and_taints),
		UK_TEST(held_machine_says_that_it_is_no_wedge),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
