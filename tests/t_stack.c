/* tests/t_stack.c - the laws of a thread's stack in use, and of its process type. */
#include "config.h"

#include "kernel/guest.h"
#include "kernel/rows.h"
#include "tests/testkit.h"

static uint32_t pcr_of(struct tk *t, uint32_t thread)
{
	return hw_peek(t->m, thread_peek(t->m, thread)->hw)->kpcr_ga;
}

static void the_limits_are_the_stacks(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 8);
	const struct w_thread *w = thread_peek(t->m, t->main);
	CALL(t, t->main, "RtlGetStackLimits", out, out + 4);
	assert_int_equal(tk_get32(t, out), w->stack_limit);
	assert_int_equal(tk_get32(t, out + 4), w->stack_base);
}

static void a_fiber_has_its_own_stack(void **state)
{
	struct tk *t = TK(state);
	uint32_t stack = tk_memory(t, 0x1000), out = tk_memory(t, 8), k = thread_peek(t->m, t->main)->kthread_ga;
	uint32_t own = thread_peek(t->m, t->main)->stack_alloc, high = stack + 0x1000;
	CALL(t, t->main, "KeSetCurrentStackPointers", high - 0x100, k, high, high, stack);
	assert_int_equal(context_peek(t->m, t->main)->gpr[1], high - 0x100);
	assert_int_equal(tk_get32(t, GA(k, g_kthread, stack_base)), high);
	assert_int_equal(tk_get32(t, GA(k, g_kthread, stack_limit)), stack);
	assert_int_equal(tk_get32(t, GA(k, g_kthread, stack_alloc_base)), high);
	CALL(t, t->main, "RtlGetStackLimits", out, out + 4);
	assert_int_equal(tk_get32(t, out), stack);
	assert_int_equal(tk_get32(t, out + 4), high);
	assert_int_equal(thread_peek(t->m, t->main)->stack_alloc, own); /* the kernel's own allocation stays the thread's */
}

/* The hardware thread's KPCR says whose stack is in use, whoever ran in between. */
static void a_fibers_stack_comes_back_with_its_thread(void **state)
{
	struct tk *t = TK(state);
	uint32_t stack = tk_memory(t, 0x1000), k = thread_peek(t->m, t->main)->kthread_ga, other = tk_thread(t, 0);
	CALL(t, t->main, "KeSetCurrentStackPointers", stack + 0xF00, k, stack + 0x1000, stack + 0x1000, stack);
	CALL(t, other, "KeGetCurrentProcessType");
	assert_int_equal(tk_get32(t, GA(pcr_of(t, other), g_kpcr, stack_base_ptr)), thread_peek(t->m, other)->stack_base);
	CALL(t, t->main, "KeGetCurrentProcessType");
	assert_int_equal(tk_get32(t, GA(pcr_of(t, t->main), g_kpcr, stack_base_ptr)), stack + 0x1000);
	assert_int_equal(tk_get32(t, GA(pcr_of(t, t->main), g_kpcr, stack_end_ptr)), stack);
}

static void nobody_sets_another_threads_stack(void **state)
{
	struct tk *t = TK(state);
	uint32_t other = tk_thread(t, 2), sp = (uint32_t)context_peek(t->m, t->main)->gpr[1];
	const uint64_t args[] = { TK_DATA, thread_peek(t->m, other)->kthread_ga, TK_DATA, TK_DATA, TK_DATA };
	assert_true(tk_call_on(t, t->main, "KeSetCurrentStackPointers", 5, args).faulted);
	assert_int_equal(t->m->pending.kind, STOP_UNIMPLEMENTED);
	assert_int_equal(context_peek(t->m, t->main)->gpr[1], sp);
}

static void a_thread_may_change_its_process_type(void **state)
{
	struct tk *t = TK(state);
	assert_int_equal(CALL(t, t->main, "KeGetCurrentProcessType"), 1);
	CALL(t, t->main, "KeSetCurrentProcessType", 2);
	assert_int_equal(CALL(t, t->main, "KeGetCurrentProcessType"), 2);
}

/* In a DPC it is the hardware thread's, and the thread's own stays. */
static void a_dpc_has_a_process_type_of_its_own(void **state)
{
	struct tk *t = TK(state);
	uint32_t pcr = pcr_of(t, t->main), k = thread_peek(t->m, t->main)->kthread_ga;
	tk_put32(t, GA(pcr, g_kpcr, prcb_data.dpc_active), 1);
	CALL(t, t->main, "KeSetCurrentProcessType", 2);
	assert_int_equal(mem_get8(&t->m->mem, GA(pcr, g_kpcr, processtype_value_in_dpc)), 2);
	assert_int_equal(mem_get8(&t->m->mem, GA(k, g_kthread, process_type)), 1);
}

static const struct CMUnitTest tests[] = {
	TK_TEST(the_limits_are_the_stacks),
	TK_TEST(a_fiber_has_its_own_stack),
	TK_TEST(a_fibers_stack_comes_back_with_its_thread),
	TK_TEST(nobody_sets_another_threads_stack),
	TK_TEST(a_thread_may_change_its_process_type),
	TK_TEST(a_dpc_has_a_process_type_of_its_own),
};
TK_MAIN(tests)
