/* tests/t_dpc.c - the laws of DPCs. */
#include "config.h"

#include "kernel/dpc.h"
#include "kernel/rows.h"
#include "kernel/sched.h"
#include "tests/testkit.h"

#define MS TICKS_PER_MS
#define AFTER(ms) ((uint64_t) - (int64_t)((ms)*10000LL))

/* ---- what the tests say often ---------------------------------------------------------------------------------------- */

static uint32_t dpc_at(struct tk *t, uint32_t routine, uint32_t context)
{
	uint32_t ga = tk_memory(t, sizeof(struct g_kdpc));
	CALL(t, t->main, "KeInitializeDpc", ga, routine, context);
	return ga;
}

/* For hardware thread @hw. */
static uint32_t dpc_for(struct tk *t, uint32_t hw, uint32_t routine, uint32_t context)
{
	uint32_t ga = dpc_at(t, routine, context);
	mem_put8(&t->m->mem, ga + 3, (uint8_t)(hw + 1));
	return ga;
}

/* A routine that leaves r3-r6, r13 and a few words of the KPCR at its context, and counts there. */
enum { AT_COUNT, AT_DPC, AT_ARG1, AT_ARG2, AT_R13, AT_IRQL, AT_ACTIVE, AT_THREAD, WORDS };
static uint32_t recorder(struct tk *t)
{
	return CODE(t, I_LWZ(7, 0, 4), I_ADDI(7, 7, 1), I_STW(7, 0, 4), I_STW(3, 4 * AT_DPC, 4), I_STW(5, 4 * AT_ARG1, 4),
		I_STW(6, 4 * AT_ARG2, 4), I_STW(13, 4 * AT_R13, 4), I_LWZ(7, 0x18, 13), I_STW(7, 4 * AT_IRQL, 4),
		I_LWZ(7, 0x150, 13), I_STW(7, 4 * AT_ACTIVE, 4), I_LWZ(7, 0x100, 13), I_STW(7, 4 * AT_THREAD, 4), I_BLR);
}

static uint32_t word(struct tk *t, uint32_t record, unsigned i)
{
	return tk_get32(t, record + 4 * i);
}

/* A routine that calls @name(r4's word 0, 1, 2, 3) and returns. */
static uint32_t caller(struct tk *t, const char *name)
{
	return CODE(t, 0x7D0802A6u /* mflr r8 */, I_MR(31, 8), I_LWZ(3, 0, 4), I_LWZ(5, 8, 4), I_LWZ(6, 12, 4), I_LWZ(7, 16, 4),
		I_LWZ(4, 4, 4), I_CALL(tk_thunk(t, name)), I_MR(20, 3), 0x7FE803A6u /* mtlr r31 */, I_BLR);
}

static uint64_t result_of(struct tk *t, uint32_t hw)
{
	return context_peek(t->m, hw_peek(t->m, hw)->dpc_thread)->gpr[20];
}

/* ---- queueing -------------------------------------------------------------------------------------------------------- */

static void initialising_fills_the_kdpc(void **state)
{
	struct tk *t = TK(state);
	uint32_t ga = tk_memory(t, sizeof(struct g_kdpc));
	tk_put32(t, ga + 4, 0xdead);
	CALL(t, t->main, "KeInitializeDpc", ga, 0x82001234, 77);
	assert_int_equal(tk_get32(t, ga), 19u << 16);
	assert_int_equal(tk_get32(t, ga + 4), 0);
	assert_int_equal(tk_get32(t, ga + 0xC), 0x82001234);
	assert_int_equal(tk_get32(t, ga + 0x10), 77);
}

static void a_queued_dpc_is_not_queued_twice_and_keeps_its_arguments(void **state)
{
	struct tk *t = TK(state);
	uint32_t record = tk_memory(t, 4 * WORDS), ga = dpc_for(t, 3, recorder(t), record);
	assert_int_equal(CALL(t, t->main, "KeInsertQueueDpc", ga, 1, 2), 1);
	assert_int_equal(CALL(t, t->main, "KeInsertQueueDpc", ga, 3, 4), 0);
	assert_int_not_equal(tk_get32(t, ga + 4), 0);
	tk_run(t, 5000);
	assert_int_equal(word(t, record, AT_COUNT), 1);
	assert_int_equal(word(t, record, AT_ARG1), 1);
	assert_int_equal(tk_get32(t, ga + 4), 0);
	assert_int_equal(CALL(t, t->main, "KeInsertQueueDpc", ga, 3, 4), 1);
}

static void a_removed_dpc_does_not_run(void **state)
{
	struct tk *t = TK(state);
	uint32_t record = tk_memory(t, 4 * WORDS), routine = recorder(t), a = dpc_for(t, 3, routine, record),
		 b = dpc_for(t, 3, routine, record), c = dpc_for(t, 3, routine, record);
	assert_int_equal(CALL(t, t->main, "KeRemoveQueueDpc", a), 0);
	CALL(t, t->main, "KeInsertQueueDpc", a, 1, 0);
	CALL(t, t->main, "KeInsertQueueDpc", b, 2, 0);
	CALL(t, t->main, "KeInsertQueueDpc", c, 3, 0);
	assert_int_equal(CALL(t, t->main, "KeRemoveQueueDpc", c), 1);
	assert_int_equal(CALL(t, t->main, "KeRemoveQueueDpc", a), 1);
	assert_int_equal(CALL(t, t->main, "KeRemoveQueueDpc", a), 0);
	tk_run(t, 5000);
	assert_int_equal(word(t, record, AT_COUNT), 1);
	assert_int_equal(word(t, record, AT_ARG1), 2);
	assert_int_equal(tk_count(t, EV_DPC_REMOVE), 2);
}

static void they_run_in_the_order_of_their_queue(void **state)
{
	struct tk *t = TK(state);
	uint32_t record = tk_memory(t, 4 * WORDS), routine = recorder(t);
	for (unsigned i = 0; i < 5; i++)
		CALL(t, t->main, "KeInsertQueueDpc", dpc_for(t, 4, routine, record), i, 0);
	tk_run(t, 5000);
	assert_int_equal(word(t, record, AT_COUNT), 5);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(tk_event_at(t, EV_DPC_DELIVER, i)->aux[1], tk_event_at(t, EV_DPC_QUEUE, i)->aux[1]);
}

/* ---- where and how it runs --------------------------------------------------------------------------------------------- */

static void the_routine_gets_its_arguments_at_irql_2_with_the_kpcr_saying_so(void **state)
{
	struct tk *t = TK(state);
	uint32_t record = tk_memory(t, 4 * WORDS), ga = dpc_at(t, recorder(t), record), pcr = hw_peek(t->m, 0)->kpcr_ga;
	CALL(t, t->main, "KeInsertQueueDpc", ga, 11, 22);
	tk_run(t, 100);
	assert_int_equal(word(t, record, AT_DPC), ga);
	assert_int_equal(word(t, record, AT_ARG1), 11);
	assert_int_equal(word(t, record, AT_ARG2), 22);
	assert_int_equal(word(t, record, AT_R13), pcr);
	assert_int_equal(word(t, record, AT_IRQL) >> 24, 2);
	assert_int_equal(word(t, record, AT_ACTIVE), 1);
	assert_int_equal(word(t, record, AT_THREAD), thread_peek(t->m, t->main)->kthread_ga); /* the interrupted one */
	assert_int_equal(mem_get8(&t->m->mem, pcr + 0x18), 0);
	assert_int_equal(tk_get32(t, pcr + 0x150), 0);
}

static void the_interrupted_thread_goes_on_as_if_nothing_had_happened(void **state)
{
	struct tk *t = TK(state);
	uint32_t record = tk_memory(t, 4 * WORDS), ga = dpc_at(t, recorder(t), record);
	uint64_t before[32];
	tk_start(t, CODE(t, I_LOAD(3, ga), I_LI(4, 0), I_LI(5, 0), I_CALL(tk_thunk(t, "KeInsertQueueDpc")), I_NOP, I_B(-4)));
	tk_run(t, 11); /* up to and with the sc */
	memcpy(before, context_peek(t->m, t->main)->gpr, sizeof before);
	tk_run(t, 100);
	assert_int_equal(word(t, record, AT_COUNT), 1);
	for (unsigned i = 0; i < 32; i++)
		if (i != 3)
			assert_true(context_peek(t->m, t->main)->gpr[i] == before[i]);
	assert_int_equal(hw_peek(t->m, 0)->current, t->main);
	assert_int_equal(thread_peek(t->m, t->main)->state, TS_RUNNING);
}

static void it_runs_on_the_hardware_thread_that_it_names_and_an_idle_one_has_an_idle_thread(void **state)
{
	struct tk *t = TK(state);
	for (uint32_t hw = 0; hw < HW_THREADS; hw++) {
		uint32_t record = tk_memory(t, 4 * WORDS), ga = dpc_for(t, hw, recorder(t), record),
			 pcr = hw_peek(t->m, hw)->kpcr_ga;
		CALL(t, t->main, "KeInsertQueueDpc", ga, 0, 0);
		tk_run(t, 5000);
		assert_int_equal(word(t, record, AT_COUNT), 1);
		assert_int_equal(word(t, record, AT_R13), pcr);
		if (hw) {
			assert_int_equal(word(t, record, AT_THREAD), tk_get32(t, pcr + 0x108));
			assert_int_equal(mem_get8(&t->m->mem, word(t, record, AT_THREAD) + 0x73), 0); /* of the idle process */
			assert_int_equal(tk_get32(t, pcr + 0x100), 0);
		}
	}
}

static void at_irql_2_a_thread_is_not_interrupted_until_it_lowers(void **state)
{
	struct tk *t = TK(state);
	uint32_t record = tk_memory(t, 4 * WORDS), ga = dpc_at(t, recorder(t), record);
	CALL(t, t->main, "KeRaiseIrqlToDpcLevel");
	CALL(t, t->main, "KeInsertQueueDpc", ga, 0, 0);
	tk_run(t, 5000);
	assert_int_equal(word(t, record, AT_COUNT), 0);
	CALL(t, t->main, "KfLowerIrql", 1);
	tk_run(t, 100);
	assert_int_equal(word(t, record, AT_COUNT), 1);
	assert_int_equal(sched_irql(t->m, t->main), 1); /* it has its own IRQL back */
}

static void it_has_a_stack_of_its_own(void **state)
{
	struct tk *t = TK(state);
	uint32_t record = tk_memory(t, 16);
	uint32_t ga = dpc_at(t,
		CODE(t, I_STW(1, 0, 4), I_LWZ(7, 0x70, 13), I_STW(7, 4, 4), I_LWZ(7, 0x74, 13), I_STW(7, 8, 4), I_BLR), record);
	const struct w_thread *main = thread_peek(t->m, t->main);
	uint32_t low = main->stack_limit, high = main->stack_base;
	CALL(t, t->main, "KeInsertQueueDpc", ga, 0, 0);
	tk_run(t, 100);
	assert_true(tk_get32(t, record) < tk_get32(t, record + 4) && tk_get32(t, record) > tk_get32(t, record + 8));
	assert_true(tk_get32(t, record) < low || tk_get32(t, record) >= high);
	assert_int_equal(tk_get32(t, hw_peek(t->m, 0)->kpcr_ga + 0x70), high);
}

static void the_process_type_in_a_dpc_is_the_hardware_threads(void **state)
{
	struct tk *t = TK(state);
	CALL(t, t->main, "KeSetCurrentProcessType", 2);
	CALL(t, t->main, "KeInsertQueueDpc", dpc_at(t, caller(t, "KeGetCurrentProcessType"), tk_memory(t, 20)), 0, 0);
	tk_run(t, 100);
	assert_int_equal(result_of(t, 0), 1);
	assert_int_equal(CALL(t, t->main, "KeGetCurrentProcessType"), 2);
}

static void it_may_signal_and_whoever_it_wakes_runs_when_it_is_over(void **state)
{
	struct tk *t = TK(state);
	uint32_t e = tk_event(t, 1, false), args = tk_memory(t, 20), row = tk_thread(t, 0);
	CALL(t, t->main, "KeSetBasePriorityThread", thread_peek(t->m, row)->kthread_ga, 2);
	PARKS(t, row, "NtWaitForSingleObjectEx", e, 1, 0, 0);
	tk_put32(t, args, e);
	CALL(t, t->main, "KeInsertQueueDpc", dpc_at(t, caller(t, "NtSetEvent"), args), 0, 0);
	tk_forget(t);
	tk_run(t, 100);
	assert_int_equal(hw_peek(t->m, 0)->current, row); /* the better one */
	const struct event *signal = tk_event_at(t, EV_OBJECT_SIGNAL, 0);
	assert_int_equal(signal->tid, 0);
	assert_string_equal(export_table[signal->export_row - 1].name, "NtSetEvent");
}

static void it_may_queue_another_one(void **state)
{
	struct tk *t = TK(state);
	uint32_t record = tk_memory(t, 4 * WORDS), args = tk_memory(t, 20);
	tk_put32(t, args, dpc_at(t, recorder(t), record));
	CALL(t, t->main, "KeInsertQueueDpc", dpc_at(t, caller(t, "KeInsertQueueDpc"), args), 0, 0);
	tk_run(t, 100);
	assert_int_equal(word(t, record, AT_COUNT), 1);
}

/* ---- what it must not do -------------------------------------------------------------------------------------------------- */

static void polling_is_allowed_waiting_is_a_bugcheck(void **state)
{
	struct tk *t = TK(state);
	uint32_t e = tk_event(t, 1, false), args = tk_memory(t, 24), routine = caller(t, "NtWaitForSingleObjectEx");
	tk_put32(t, args, e);
	tk_put32(t, args + 12, args + 16); /* a timeout of 0 */
	CALL(t, t->main, "KeInsertQueueDpc", dpc_at(t, routine, args), 0, 0);
	assert_int_equal(tk_run(t, 100), STOP_LIMIT);
	assert_int_equal(result_of(t, 0), NT_TIMEOUT);
	tk_put32(t, args + 12, 0);
	CALL(t, t->main, "KeInsertQueueDpc", dpc_at(t, routine, args), 0, 0);
	assert_int_equal(tk_run(t, 100), STOP_BUGCHECK);
	assert_int_equal(t->stop.code, 0xB8);
	assert_non_null(strstr(t->stop.text, "DPC on hardware thread 0"));
}

static void ending_or_yielding_a_thread_in_a_dpc(void **state)
{
	struct tk *t = TK(state);
	CALL(t, t->main, "KeInsertQueueDpc", dpc_at(t, caller(t, "NtYieldExecution"), tk_memory(t, 20)), 0, 0);
	assert_int_equal(tk_run(t, 100), STOP_LIMIT);
	assert_int_equal(result_of(t, 0), NT_NO_YIELD_PERFORMED);
	CALL(t, t->main, "KeInsertQueueDpc", dpc_at(t, caller(t, "ExTerminateThread"), tk_memory(t, 20)), 0, 0);
	assert_int_equal(tk_run(t, 100), STOP_BUGCHECK);
}

static void memory_given_back_before_it_runs_is_a_bugcheck(void **state)
{
	struct tk *t = TK(state);
	uint32_t at = tk_memory(t, 8);
	tk_put32(t, at + 4, 0x10000);
	assert_int_equal(CALL(t, t->main, "NtAllocateVirtualMemory", at, at + 4, 0x3000, 4, 0), NT_SUCCESS);
	uint32_t ga = tk_get32(t, at);
	CALL(t, t->main, "KeInitializeDpc", ga, TK_CODE, 0);
	mem_put8(&t->m->mem, ga + 3, 3);
	CALL(t, t->main, "KeInsertQueueDpc", ga, 0, 0);
	tk_put32(t, at + 4, 0);
	assert_int_equal(CALL(t, t->main, "NtFreeVirtualMemory", at, at + 4, 0x8000, 0), NT_SUCCESS);
	assert_int_equal(tk_run(t, 5000), STOP_BUGCHECK);
}

static void a_trap_address_is_nobody_elses_way_out(void **state)
{
	struct tk *t = TK(state);
	tk_start(t, machine_row(t->m)->trap_ga + TRAP_DPC * 4);
	assert_int_equal(tk_run(t, 100), STOP_ILLEGAL);
}

/* ---- timers --------------------------------------------------------------------------------------------------------------- */

static void a_timer_queues_its_dpc_with_the_system_time_each_time(void **state)
{
	struct tk *t = TK(state);
	uint32_t record = tk_memory(t, 4 * WORDS), dpc = dpc_at(t, recorder(t), record),
		 timer = tk_memory(t, sizeof(struct g_ktimer));
	CALL(t, t->main, "KeInitializeTimerEx", timer, 0);
	CALL(t, t->main, "KeSetTimerEx", timer, AFTER(2), 3, dpc);
	for (unsigned i = 0; i < 5; i++) {
		tk_pass(t, i ? 3 * MS : 2 * MS);
		uint64_t time = machine_row(t->m)->boot_time + machine_ticks(t->m) / TICKS_PER_100NS;
		tk_run(t, 100);
		assert_int_equal(word(t, record, AT_COUNT), i + 1);
		assert_int_equal(word(t, record, AT_ARG1), (uint32_t)time);
		assert_int_equal(word(t, record, AT_ARG2), (uint32_t)(time >> 32));
	}
	assert_int_equal(CALL(t, t->main, "KeCancelTimer", timer), 1);
	tk_pass(t, 30 * MS);
	tk_run(t, 100);
	assert_int_equal(word(t, record, AT_COUNT), 5);
}

static void a_timers_dpc_wakes_an_idle_machine(void **state)
{
	struct tk *t = TK(state);
	uint32_t e = tk_event(t, 1, false), args = tk_memory(t, 20), timer = tk_memory(t, sizeof(struct g_ktimer));
	tk_put32(t, args, e);
	CALL(t, t->main, "KeInitializeTimerEx", timer, 0);
	CALL(t, t->main, "KeSetTimer", timer, AFTER(9), dpc_for(t, 2, caller(t, "NtSetEvent"), args));
	tk_start(t, CODE(t, I_LOAD(3, e), I_LI(4, 1), I_LI(5, 0), I_LI(6, 0), I_CALL(tk_thunk(t, "NtWaitForSingleObjectEx")),
			    I_LI(20, 5), I_B(0)));
	tk_run(t, 60);
	assert_int_equal(context_peek(t->m, t->main)->gpr[20], 5);
	assert_true(machine_ticks(t->m) >= 9 * MS && machine_ticks(t->m) < 10 * MS);
}

static void quiescence_counts_dpcs(void **state)
{
	struct tk *t = TK(state);
	struct quiescence q;
	uint32_t endless = CODE(t, I_B(0));
	CALL(t, t->main, "KeInsertQueueDpc", dpc_for(t, 2, endless, 0), 0, 0);
	CALL(t, t->main, "KeInsertQueueDpc", dpc_for(t, 2, endless, 0), 0, 0);
	machine_quiescence(t->m, &q);
	assert_int_equal(q.dpcs, 2);
	tk_run(t, 5000);
	machine_quiescence(t->m, &q);
	assert_int_equal(q.dpcs, 2); /* one runs, one is queued */
	assert_int_equal(q.threads, 1);
}

static void an_interrupted_thread_may_be_suspended_and_moved_from_outside(void **state)
{
	struct tk *t = TK(state);
	uint32_t victim = tk_thread(t, 2), k = thread_peek(t->m, victim)->kthread_ga;
	context_row(t->m, victim)->pc = CODE(t, I_ADDI(20, 20, 1), I_B(-4));
	CALL(t, t->main, "KeInsertQueueDpc", dpc_for(t, 2, CODE(t, I_LI(3, 3000), I_MTCTR(3), I_BDNZ(0), I_BLR), 0), 0, 0);
	tk_run(t, 2500); /* in the midst of it */
	assert_true(hw_peek(t->m, 2)->dpc_active != 0);
	assert_int_equal(CALL(t, t->main, "KeSuspendThread", k), 0);
	tk_run(t, 10000);
	assert_int_equal(hw_peek(t->m, 2)->dpc_active, 0);
	assert_int_equal(hw_peek(t->m, 2)->current, 0);
	uint64_t count = context_peek(t->m, victim)->gpr[20];
	CALL(t, t->main, "KeSetAffinityThread", k, 1u << 4, 0);
	CALL(t, t->main, "KeResumeThread", k);
	tk_run(t, 10000);
	assert_true(context_peek(t->m, victim)->gpr[20] > count);
	assert_int_equal(sched_irql(t->m, victim), 0);
}

static const struct CMUnitTest tests[] = {
	TK_TEST(initialising_fills_the_kdpc),
	TK_TEST(a_queued_dpc_is_not_queued_twice_and_keeps_its_arguments),
	TK_TEST(a_removed_dpc_does_not_run),
	TK_TEST(they_run_in_the_order_of_their_queue),
	TK_TEST(the_routine_gets_its_arguments_at_irql_2_with_the_kpcr_saying_so),
	TK_TEST(the_interrupted_thread_goes_on_as_if_nothing_had_happened),
	TK_TEST(it_runs_on_the_hardware_thread_that_it_names_and_an_idle_one_has_an_idle_thread),
	TK_TEST(at_irql_2_a_thread_is_not_interrupted_until_it_lowers),
	TK_TEST(it_has_a_stack_of_its_own),
	TK_TEST(the_process_type_in_a_dpc_is_the_hardware_threads),
	TK_TEST(it_may_signal_and_whoever_it_wakes_runs_when_it_is_over),
	TK_TEST(it_may_queue_another_one),
	TK_TEST(polling_is_allowed_waiting_is_a_bugcheck),
	TK_TEST(ending_or_yielding_a_thread_in_a_dpc),
	TK_TEST(memory_given_back_before_it_runs_is_a_bugcheck),
	TK_TEST(a_trap_address_is_nobody_elses_way_out),
	TK_TEST(a_timer_queues_its_dpc_with_the_system_time_each_time),
	TK_TEST(a_timers_dpc_wakes_an_idle_machine),
	TK_TEST(quiescence_counts_dpcs),
	TK_TEST(an_interrupted_thread_may_be_suspended_and_moved_from_outside),
};
TK_MAIN(tests)
