/* tests/t_sched.c - the laws of the scheduler: priorities, turns, affinity, IRQL. */
#include "config.h"

#include "kernel/rows.h"
#include "kernel/sched.h"
#include "tests/testkit.h"

#define Q 1000u

static const struct w_thread *T(struct tk *t, uint32_t row)
{
	return thread_peek(t->m, row);
}

/* A thread on hardware thread @hw that counts in r20. */
static uint32_t counter(struct tk *t, uint32_t hw)
{
	uint32_t row = tk_thread(t, hw);
	context_row(t->m, row)->pc = CODE(t, I_ADDI(20, 20, 1), I_B(-4));
	return row;
}

static uint64_t count(struct tk *t, uint32_t row)
{
	return context_peek(t->m, row)->gpr[20];
}

static void equals_on_one_hardware_thread_take_turns_of_a_slice(void **state)
{
	struct tk *t = TK(state);
	uint32_t a = counter(t, 2), b = counter(t, 2);
	tk_run(t, 20 * 2 * Q); /* main on 0, one of them on 2, for 20 rounds */
	assert_int_equal(count(t, a), 10 * Q / 2);
	assert_int_equal(count(t, b), 10 * Q / 2);
}

static void hardware_threads_run_in_order_within_a_round(void **state)
{
	struct tk *t = TK(state);
	uint32_t c[3] = { counter(t, 5), counter(t, 1), counter(t, 3) };
	tk_run(t, Q + 2 * Q); /* main (0), then 1, then 3 */
	assert_int_equal(count(t, c[1]), Q / 2);
	assert_int_equal(count(t, c[2]), Q / 2);
	assert_int_equal(count(t, c[0]), 0);
}

static void a_child_does_not_run_before_its_creators_slice_ends(void **state)
{
	struct tk *t = TK(state);
	uint32_t row = counter(t, 0);
	tk_run(t, Q);
	assert_int_equal(count(t, row), 0);
	tk_run(t, Q);
	assert_int_equal(count(t, row), Q / 2);
}

static void the_higher_priority_runs_and_the_lower_one_starves(void **state)
{
	struct tk *t = TK(state);
	uint32_t a = counter(t, 1), b = counter(t, 1);
	CALL(t, t->main, "KeSetBasePriorityThread", T(t, b)->kthread_ga, 1);
	tk_run(t, 20 * Q);
	assert_int_equal(count(t, a), 0);
	assert_true(count(t, b) > 0);
}

static void a_woken_better_thread_takes_over_at_once_on_its_hardware_thread(void **state)
{
	struct tk *t = TK(state);
	uint32_t e = tk_event(t, 1, false), row = tk_thread(t, 0);
	context_row(t->m, row)->pc = CODE(t, I_LI(20, 1), I_B(0));
	CALL(t, t->main, "KeSetBasePriorityThread", T(t, row)->kthread_ga, 2);
	PARKS(t, row, "NtWaitForSingleObjectEx", e, 1, 0, 0);
	context_row(t->m, row)->pc = CODE(t, I_LI(20, 1), I_B(0));
	tk_start(t, CODE(t, I_LOAD(3, e), I_LI(4, 0), I_CALL(tk_thunk(t, "NtSetEvent")), I_LI(20, 1), I_B(0)));
	tk_run(t, 10 + 1); /* up to the sc, and one more */
	assert_int_equal(count(t, row), 1);
	assert_int_equal(count(t, t->main), 0);
	assert_int_equal(T(t, t->main)->state, TS_READY);
}

static void a_blocked_threads_slice_goes_on_with_the_next_one(void **state)
{
	struct tk *t = TK(state);
	uint32_t e = tk_event(t, 1, false), row = counter(t, 0);
	tk_start(t, CODE(t, I_LOAD(3, e), I_LI(4, 1), I_LI(5, 0), I_LI(6, 0), I_CALL(tk_thunk(t, "NtWaitForSingleObjectEx"))));
	tk_run(t, Q);
	assert_int_equal(count(t, row), (Q - 12 + 1) / 2);
	assert_int_equal(machine_row(t->m)->cycle, 0); /* still the first round */
}

static void base_priority_is_clamped_and_saturates(void **state)
{
	struct tk *t = TK(state);
	uint32_t row = tk_thread(t, 1), k = T(t, row)->kthread_ga;
	static const int32_t set[][3] = { /* increment, old, base */
		{ 2, 0, 15 }, { -2, 2, 11 }, { 9, -2, 17 }, { -9, 4, 10 }, { 16, -3, 17 }, { -16, 16, 10 }, { 0, -16, 13 },
	};
	for (unsigned i = 0; i < ARRAY_LEN(set); i++) {
		assert_int_equal((int32_t)CALL(t, t->main, "KeSetBasePriorityThread", k, (uint32_t)set[i][0]), set[i][1]);
		assert_int_equal(T(t, row)->base_priority, set[i][2]);
		assert_int_equal(mem_get8(&t->m->mem, k + 0xB9), set[i][2]);
	}
	assert_int_equal(CALL(t, t->main, "KeQueryBasePriorityThread", k), 0);
}

static void affinity_moves_a_thread_and_gives_the_old_mask_by_pointer(void **state)
{
	struct tk *t = TK(state);
	uint32_t row = counter(t, 1), out = tk_memory(t, 4), k = T(t, row)->kthread_ga;
	assert_int_equal(CALL(t, t->main, "KeSetAffinityThread", k, 1u << 4, out), NT_SUCCESS);
	assert_int_equal(tk_get32(t, out), 1u << 1);
	assert_int_equal(T(t, row)->hw, 4);
	assert_int_equal(CALL(t, t->main, "KeSetAffinityThread", k, 0, out), NT_INVALID_PARAMETER);
	tk_run(t, 2 * Q);
	assert_int_equal(context_peek(t->m, row)->gpr[13], hw_peek(t->m, 4)->kpcr_ga);
	assert_int_equal(hw_peek(t->m, 4)->current, row);
}

static void a_thread_that_moves_itself_goes_on_elsewhere(void **state)
{
	struct tk *t = TK(state);
	uint32_t k = T(t, t->main)->kthread_ga;
	tk_start(t, CODE(t, I_LOAD(3, k), I_LI(4, 1 << 3), I_LI(5, 0), I_CALL(tk_thunk(t, "KeSetAffinityThread")), I_MR(20, 13), I_B(0)));
	tk_run(t, 5000);
	assert_int_equal(count(t, t->main), hw_peek(t->m, 3)->kpcr_ga);
	assert_int_equal(hw_peek(t->m, 0)->current, 0);
	assert_int_equal(tk_get32(t, hw_peek(t->m, 0)->kpcr_ga + 0x100), 0);
}

static void yield_gives_way_to_an_equal_and_says_so_if_there_is_none(void **state)
{
	struct tk *t = TK(state);
	assert_int_equal(CALL(t, t->main, "NtYieldExecution"), NT_NO_YIELD_PERFORMED);
	uint32_t other = tk_thread(t, 0);
	assert_int_equal(CALL(t, t->main, "NtYieldExecution"), NT_SUCCESS);
	assert_int_equal(sched_pick(t->m, 0), other);
}

static void at_irql_2_a_hardware_thread_keeps_its_thread(void **state)
{
	struct tk *t = TK(state);
	uint32_t other = counter(t, 0);
	tk_start(t, CODE(t, I_CALL(tk_thunk(t, "KeRaiseIrqlToDpcLevel")), I_B(0)));
	tk_run(t, 10 * Q);
	assert_int_equal(count(t, other), 0);
	CALL(t, t->main, "KfLowerIrql", 0);
	tk_run(t, 2 * Q);
	assert_true(count(t, other) > 0);
}

static void irql_goes_with_the_thread_that_blocks(void **state)
{
	struct tk *t = TK(state);
	uint32_t e = tk_event(t, 1, false), row = tk_thread(t, 1), other = tk_thread(t, 1);
	CALL(t, row, "KfRaiseIrql", 1);
	PARKS(t, row, "NtWaitForSingleObjectEx", e, 1, 0, 0);
	assert_int_equal(CALL(t, other, "KfRaiseIrql", 0), 0);
	CALL(t, t->main, "NtSetEvent", e, 0);
	tk_wake(t, row);
	assert_int_equal(CALL(t, row, "KfRaiseIrql", 0), 1);
}

static void reservations_end_when_the_hardware_thread_switches(void **state)
{
	struct tk *t = TK(state);
	uint32_t word = tk_memory(t, 4), row = tk_thread(t, 0);
	mem_hw_switch(&t->m->mem, 0);
	mem_reserve(&t->m->mem, word);
	CALL(t, t->main, "NtYieldExecution");
	assert_int_equal(sched_pick(t->m, 0), row);
	assert_false(mem_reserve_take(&t->m->mem, word));
}

/* ---- boosts and quanta ---------------------------------------------------------------------------------------------------- */

static void set_priority_bytes(struct tk *t, uint32_t row, uint32_t offset, uint8_t v)
{
	mem_put8(&t->m->mem, T(t, row)->kthread_ga + offset, v);
}

static void each_signal_boosts_whom_it_wakes(void **state)
{
	struct tk *t = TK(state);
	uint32_t body[4] = { tk_memory(t, 0x20), tk_memory(t, 0x20), tk_memory(t, 0x20), tk_memory(t, 0x20) };
	CALL(t, t->main, "KeInitializeEvent", body[0], 1, 0);
	CALL(t, t->main, "KeInitializeEvent", body[1], 0, 0);
	CALL(t, t->main, "KeInitializeSemaphore", body[2], 0, 10);
	CALL(t, t->main, "KeInitializeMutant", body[3], 1);
	uint32_t w[4];
	for (unsigned i = 0; i < 4; i++) {
		w[i] = tk_thread(t, i + 1);
		PARKS(t, w[i], "KeWaitForSingleObject", body[i], 3, 0, 0, 0);
	}
	CALL(t, t->main, "KeSetEvent", body[0], 1, 0);
	CALL(t, t->main, "KePulseEvent", body[1], 2, 0);
	CALL(t, t->main, "KeReleaseSemaphore", body[2], 3, 1, 0);
	CALL(t, t->main, "KeReleaseMutant", body[3], 9, 0, 0);
	static const uint8_t now[4] = { 14, 15, 16, 17 }; /* 22 would be above the dynamic range */
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(T(t, w[i])->priority, now[i]);
		assert_int_equal(T(t, w[i])->base_priority, 13);
		assert_int_equal(mem_get8(&t->m->mem, T(t, w[i])->kthread_ga + 0x70), now[i]);
	}
}

static void nt_signals_boost_by_one(void **state)
{
	struct tk *t = TK(state);
	uint32_t row = tk_thread(t, 1), e = tk_event(t, 1, false);
	PARKS(t, row, "NtWaitForSingleObjectEx", e, 1, 0, 0);
	CALL(t, t->main, "NtSetEvent", e, 0);
	assert_int_equal(T(t, row)->priority, 14);
}

static void a_boost_never_lowers_and_can_be_disabled(void **state)
{
	struct tk *t = TK(state);
	uint32_t row = tk_thread(t, 1), k = T(t, row)->kthread_ga, e = tk_memory(t, 0x10);
	CALL(t, t->main, "KeInitializeEvent", e, 1, 0);
	CALL(t, t->main, "KeBoostPriorityThread", k, 3);
	PARKS(t, row, "KeWaitForSingleObject", e, 3, 0, 0, 0);
	CALL(t, t->main, "KeSetEvent", e, 1, 0);
	assert_int_equal(T(t, row)->priority, 16);
	assert_int_equal(CALL(t, t->main, "KeSetPriorityThread", k, 13), 16);
	assert_int_equal(CALL(t, t->main, "KeSetDisableBoostThread", k, 1), 0);
	assert_int_equal(CALL(t, t->main, "KeSetDisableBoostThread", k, 1), 1);
	CALL(t, row, "NtYieldExecution");
	PARKS(t, row, "KeWaitForSingleObject", e, 3, 0, 0, 0);
	CALL(t, t->main, "KeSetEvent", e, 1, 0);
	assert_int_equal(T(t, row)->priority, 13);
}

static void realtime_threads_are_not_boosted_and_do_not_decay(void **state)
{
	struct tk *t = TK(state);
	uint32_t row = tk_thread(t, 1), k = T(t, row)->kthread_ga;
	set_priority_bytes(t, row, 0xCA, 31);
	CALL(t, t->main, "KeSetPriorityThread", k, 18);
	CALL(t, t->main, "KeBoostPriorityThread", k, 9);
	assert_int_equal(T(t, row)->priority, 18);
	sched_quantum_use(t->m, row, QUANTUM_RELOAD);
	assert_int_equal(T(t, row)->priority, 18);
	assert_int_equal(T(t, row)->quantum, QUANTUM_RELOAD);
}

static void a_wait_that_need_not_block_costs_ten_and_the_quantums_end_takes_a_level(void **state)
{
	struct tk *t = TK(state);
	uint32_t row = tk_thread(t, 1), k = T(t, row)->kthread_ga, e = tk_event(t, 0, true);
	CALL(t, t->main, "KeBoostPriorityThread", k, 2);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(CALL(t, row, "NtWaitForSingleObjectEx", e, 1, 0, 0), NT_SUCCESS);
	assert_int_equal(T(t, row)->quantum, 10);
	assert_int_equal(tk_get32(t, k + 0xB4), 10);
	assert_int_equal(T(t, row)->priority, 15);
	CALL(t, row, "NtWaitForSingleObjectEx", e, 1, 0, 0);
	assert_int_equal(T(t, row)->quantum, 60);
	assert_int_equal(T(t, row)->priority, 14);
}

static void a_boost_decays_to_the_base_while_time_passes(void **state)
{
	struct tk *t = TK(state);
	uint32_t row = counter(t, 1);
	CALL(t, t->main, "KeBoostPriorityThread", T(t, row)->kthread_ga, 2);
	static const uint8_t after[4] = { 14, 13, 13, 13 };
	uint64_t ms = TICKS_PER_SECOND / 1000 * CYCLES_PER_TICK;
	for (unsigned i = 0; i < 4; i++) {
		while (machine_cycle(t->m) < 20 * ms * (i + 1) + ms) /* 60 / 3 = 20 ms */
			tk_run(t, 12 * Q);
		assert_int_equal(T(t, row)->priority, after[i]);
	}
}

static void a_yield_ends_the_quantum(void **state)
{
	struct tk *t = TK(state);
	tk_thread(t, 0);
	CALL(t, t->main, "KeBoostPriorityThread", T(t, t->main)->kthread_ga, 2);
	assert_int_equal(CALL(t, t->main, "NtYieldExecution"), NT_NO_YIELD_PERFORMED); /* nobody as good */
	assert_int_equal(T(t, t->main)->priority, 15);
	CALL(t, t->main, "KeSetPriorityThread", T(t, t->main)->kthread_ga, 13);
	assert_int_equal(CALL(t, t->main, "NtYieldExecution"), NT_SUCCESS);
}

static const struct CMUnitTest tests[] = {
	TK_TEST(equals_on_one_hardware_thread_take_turns_of_a_slice),
	TK_TEST(hardware_threads_run_in_order_within_a_round),
	TK_TEST(a_child_does_not_run_before_its_creators_slice_ends),
	TK_TEST(the_higher_priority_runs_and_the_lower_one_starves),
	TK_TEST(a_woken_better_thread_takes_over_at_once_on_its_hardware_thread),
	TK_TEST(a_blocked_threads_slice_goes_on_with_the_next_one),
	TK_TEST(base_priority_is_clamped_and_saturates),
	TK_TEST(affinity_moves_a_thread_and_gives_the_old_mask_by_pointer),
	TK_TEST(a_thread_that_moves_itself_goes_on_elsewhere),
	TK_TEST(yield_gives_way_to_an_equal_and_says_so_if_there_is_none),
	TK_TEST(at_irql_2_a_hardware_thread_keeps_its_thread),
	TK_TEST(irql_goes_with_the_thread_that_blocks),
	TK_TEST(reservations_end_when_the_hardware_thread_switches),
	TK_TEST(each_signal_boosts_whom_it_wakes),
	TK_TEST(nt_signals_boost_by_one),
	TK_TEST(a_boost_never_lowers_and_can_be_disabled),
	TK_TEST(realtime_threads_are_not_boosted_and_do_not_decay),
	TK_TEST(a_wait_that_need_not_block_costs_ten_and_the_quantums_end_takes_a_level),
	TK_TEST(a_boost_decays_to_the_base_while_time_passes),
	TK_TEST(a_yield_ends_the_quantum),
};
TK_MAIN(tests)
