/* tests/t_ke.c - the laws of IRQL, spin locks, time, breaks and bugchecks. */
#include "config.h"

#include "kernel/rows.h"
#include "tests/testkit.h"

#define SECOND_100NS UINT64_C(10000000)

static void irql_calls_return_the_old_level(void **state)
{
	struct tk *t = TK(state);
	assert_int_equal(CALL(t, t->main, "KfRaiseIrql", 1), 0);
	assert_int_equal(CALL(t, t->main, "KeRaiseIrqlToDpcLevel"), 1);
	assert_int_equal(mem_get8(&t->m->mem, hw_peek(t->m, 0)->kpcr_ga + 0x18), 2);
	CALL(t, t->main, "KfLowerIrql", 0);
	assert_int_equal(CALL(t, t->main, "KfRaiseIrql", 0), 0);
}

static void a_spin_lock_holds_the_owners_kpcr_and_raises_to_2(void **state)
{
	struct tk *t = TK(state);
	uint32_t lock = tk_memory(t, 4);
	assert_int_equal(CALL(t, t->main, "KfAcquireSpinLock", lock), 0);
	assert_int_equal(tk_get32(t, lock), hw_peek(t->m, 0)->kpcr_ga);
	assert_int_equal(mem_get8(&t->m->mem, hw_peek(t->m, 0)->kpcr_ga + 0x18), 2);
	CALL(t, t->main, "KfReleaseSpinLock", lock, 0);
	assert_int_equal(tk_get32(t, lock), 0);
	assert_int_equal(mem_get8(&t->m->mem, hw_peek(t->m, 0)->kpcr_ga + 0x18), 0);
}

static void at_raised_irql_variants_leave_the_level(void **state)
{
	struct tk *t = TK(state);
	uint32_t lock = tk_memory(t, 4);
	CALL(t, t->main, "KeAcquireSpinLockAtRaisedIrql", lock);
	assert_int_equal(CALL(t, t->main, "KeTryToAcquireSpinLockAtRaisedIrql", lock), 0);
	CALL(t, t->main, "KeReleaseSpinLockFromRaisedIrql", lock);
	assert_int_equal(CALL(t, t->main, "KeTryToAcquireSpinLockAtRaisedIrql", lock), 1);
	assert_int_equal(mem_get8(&t->m->mem, hw_peek(t->m, 0)->kpcr_ga + 0x18), 0);
}

static void a_taken_spin_lock_is_spun_on_until_its_owner_lets_go(void **state)
{
	struct tk *t = TK(state);
	uint32_t lock = tk_memory(t, 4), other = tk_thread(t, 1);
	CALL(t, t->main, "KfAcquireSpinLock", lock);
	context_row(t->m, other)->pc = CODE(t, I_LOAD(3, lock), I_CALL(tk_thunk(t, "KfAcquireSpinLock")), I_LI(20, 1), I_B(0));
	tk_forget(t);
	tk_run(t, 20000);
	assert_int_equal(machine_instructions(t->m), 20000); /* a spin costs instructions: a limit is always reached */
	assert_int_equal(tk_count(t, EV_KERNEL_CALL), 1);
	assert_int_equal(context_peek(t->m, other)->gpr[20], 0);
	CALL(t, t->main, "KfReleaseSpinLock", lock, 0);
	tk_run(t, 4000);
	assert_int_equal(context_peek(t->m, other)->gpr[20], 1);
	assert_int_equal(context_peek(t->m, other)->gpr[3], 0); /* the level before it began to spin */
	assert_int_equal(tk_get32(t, lock), hw_peek(t->m, 1)->kpcr_ga);
}

static void critical_regions_count_in_the_kthread(void **state)
{
	struct tk *t = TK(state);
	uint32_t ga = thread_peek(t->m, t->main)->kthread_ga + 0xB0;
	CALL(t, t->main, "KeEnterCriticalRegion");
	CALL(t, t->main, "KeEnterCriticalRegion");
	assert_int_equal((int32_t)tk_get32(t, ga), -2);
	CALL(t, t->main, "KeLeaveCriticalRegion");
	assert_int_equal((int32_t)tk_get32(t, ga), -1);
}

static void clocks_agree(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 8);
	tk_pass(t, 3 * TICKS_PER_SECOND);
	CALL(t, t->main, "KeQuerySystemTime", out);
	assert_true(mem_get64(&t->m->mem, out) == t->m->options.boot_time + 3 * SECOND_100NS);
	assert_true(CALL(t, t->main, "KeQueryInterruptTime") == 3 * SECOND_100NS);
	assert_int_equal(CALL(t, t->main, "KeQueryPerformanceFrequency"), TICKS_PER_SECOND);
	tk_run(t, 12000); /* a whole round, so that the bundle is looked at */
	uint32_t bundle = machine_row(t->m)->timestamp_ga;
	assert_true(mem_get64(&t->m->mem, bundle) / 10000 == 3000);
	assert_int_equal(tk_get32(t, bundle + 0x10), 3000);
	assert_true(mem_get64(&t->m->mem, bundle + 8) - t->m->options.boot_time == mem_get64(&t->m->mem, bundle));
}

static void the_process_type_is_title_or_system(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 8);
	assert_int_equal(CALL(t, t->main, "KeGetCurrentProcessType"), 1);
	CALL(t, t->main, "ExCreateThread", out, 0, out + 4, 0, TK_CODE, 0, 0x02000002);
	assert_int_equal(CALL(t, thread_by_tid(t->m, tk_get32(t, out + 4)), "KeGetCurrentProcessType"), 2);
}

static void a_bugcheck_is_the_end(void **state)
{
	struct tk *t = TK(state);
	tk_start(t, CODE(t, I_LI(3, 0x55), I_LI(4, 1), I_LI(5, 2), I_LI(6, 3), I_LI(7, 4), I_CALL(tk_thunk(t, "KeBugCheckEx"))));
	assert_int_equal(tk_run(t, 1000), STOP_BUGCHECK);
	assert_int_equal(t->stop.code, 0x55);
	assert_non_null(strstr(t->stop.text, "00000055 (1, 2, 3, 4)"));
	assert_int_equal(tk_run(t, 1000), STOP_BUGCHECK);
}

static void a_bugcheck_without_parameters_says_so(void **state)
{
	struct tk *t = TK(state);
	tk_start(t, CODE(t, I_LI(3, 0x55), I_CALL(tk_thunk(t, "KeBugCheck"))));
	assert_int_equal(tk_run(t, 1000), STOP_BUGCHECK);
	assert_int_equal(t->stop.code, 0x55);
	assert_non_null(strstr(t->stop.text, "bugcheck 00000055 from"));
}

static void a_break_stops_as_a_trap_and_can_be_gone_on_from(void **state)
{
	struct tk *t = TK(state);
	tk_start(t, CODE(t, I_CALL(tk_thunk(t, "DbgBreakPoint")), I_LI(20, 5), I_B(0)));
	assert_int_equal(tk_run(t, 1000), STOP_TRAP);
	assert_int_equal(tk_run(t, 1000), STOP_LIMIT);
	assert_int_equal(context_peek(t->m, t->main)->gpr[20], 5);
}

static void fpu_exceptions_are_noted_in_the_kthread(void **state)
{
	struct tk *t = TK(state);
	uint32_t at = thread_peek(t->m, t->main)->kthread_ga + 0x71;
	CALL(t, t->main, "KeEnableFpuExceptions", 7);
	assert_int_equal(mem_get8(&t->m->mem, at), 1);
	CALL(t, t->main, "KeEnableFpuExceptions", 0);
	assert_int_equal(mem_get8(&t->m->mem, at), 0);
}

static bool is_there(struct tk *t, uint32_t ga)
{
	uint8_t b;
	return mem_read(&t->m->mem, ga, &b, 1) == MEM_OK && mem_write(&t->m->mem, ga, &b, 1) == MEM_OK;
}

static void locking_the_cache_for_memory_changes_nothing_but_its_speed(void **state)
{
	struct tk *t = TK(state);
	uint32_t at = tk_memory(t, 0x1000);
	assert_int_equal(CALL(t, t->main, "KeLockL2", 0, at, 0x1000, 3, 0), 0);
	assert_int_equal(CALL(t, t->main, "KeLockL2", 7, MEM_LOCKED_CACHE, 0x1000, 3, 0), 0);
	assert_int_equal(CALL(t, t->main, "KeLockL2", 0, MEM_LOCKED_CACHE, MEM_LOCKED_CACHE_END - MEM_LOCKED_CACHE + 1, 3, 0), 0);
	assert_false(is_there(t, MEM_LOCKED_CACHE));
	assert_int_equal(CALL(t, t->main, "KeUnlockL2", 0), 0);
	assert_true(is_there(t, at));
	assert_int_equal(tk_count(t, EV_STUB), 0);
}

static void the_locked_cache_can_be_used_until_it_is_unlocked(void **state)
{
	struct tk *t = TK(state);
	CALL(t, t->main, "KeLockL2", 0, MEM_LOCKED_CACHE, 0x40000, 0, 0);
	CALL(t, t->main, "KeLockL2", 0, MEM_LOCKED_CACHE, 0x40000, 0, 1); /* titles reserve it, fill it, and then lock it */
	CALL(t, t->main, "KeLockL2", 1, MEM_LOCKED_CACHE + 0x40000, 0x20000, 0, 0);
	assert_true(is_there(t, MEM_LOCKED_CACHE) && is_there(t, MEM_LOCKED_CACHE + 0x5FFFF));
	assert_false(is_there(t, MEM_LOCKED_CACHE + 0x60000));
	tk_put32(t, MEM_LOCKED_CACHE + 0x40000, 7);
	CALL(t, t->main, "KeUnlockL2", 0);
	assert_false(is_there(t, MEM_LOCKED_CACHE + 0x3FFFF));
	assert_int_equal(tk_get32(t, MEM_LOCKED_CACHE + 0x40000), 7);
	CALL(t, t->main, "KeUnlockL2", 1);
	CALL(t, t->main, "KeUnlockL2", 1);
	assert_false(is_there(t, MEM_LOCKED_CACHE + 0x40000));
	CALL(t, t->main, "KeLockL2", 1, MEM_LOCKED_CACHE + 0x40000, 4, 0, 0);
	assert_int_equal(tk_get32(t, MEM_LOCKED_CACHE + 0x40000), 0); /* zeros again */
}

static void setting_with_a_boost_says_whom_it_wakes(void **state)
{
	struct tk *t = TK(state);
	uint32_t e = tk_memory(t, 16), out = tk_memory(t, 4), a = tk_thread(t, 1), b = tk_thread(t, 2);
	CALL(t, t->main, "KeInitializeEvent", e, 1, 0);
	PARKS(t, a, "KeWaitForSingleObject", e, 0, 0, 0, 0);
	PARKS(t, b, "KeWaitForSingleObject", e, 0, 0, 0, 0);
	CALL(t, t->main, "KeSetEventBoostPriority", e, out);
	assert_int_equal(tk_get32(t, out), thread_peek(t->m, a)->kthread_ga);
	tk_wake(t, a);
	CALL(t, t->main, "KeSetEventBoostPriority", e, 0);
	tk_wake(t, b);
	tk_put32(t, out, 5);
	CALL(t, t->main, "KeSetEventBoostPriority", e, out);
	assert_int_equal(tk_get32(t, out), 5);
	assert_int_equal(tk_get32(t, e + 4), 1);
}

static const struct CMUnitTest tests[] = {
	TK_TEST(fpu_exceptions_are_noted_in_the_kthread),
	TK_TEST(locking_the_cache_for_memory_changes_nothing_but_its_speed),
	TK_TEST(the_locked_cache_can_be_used_until_it_is_unlocked),
	TK_TEST(setting_with_a_boost_says_whom_it_wakes),
	TK_TEST(irql_calls_return_the_old_level),
	TK_TEST(a_spin_lock_holds_the_owners_kpcr_and_raises_to_2),
	TK_TEST(at_raised_irql_variants_leave_the_level),
	TK_TEST(a_taken_spin_lock_is_spun_on_until_its_owner_lets_go),
	TK_TEST(critical_regions_count_in_the_kthread),
	TK_TEST(clocks_agree),
	TK_TEST(the_process_type_is_title_or_system),
	TK_TEST(a_bugcheck_is_the_end),
	TK_TEST(a_bugcheck_without_parameters_says_so),
	TK_TEST(a_break_stops_as_a_trap_and_can_be_gone_on_from),
};
TK_MAIN(tests)
