/* tests/t_thread.c - the laws of threads: creation, start, end, suspension, TLS, what the guest sees of them. */
#include "config.h"

#include "kernel/guest.h"
#include "kernel/rows.h"
#include "tests/testkit.h"

#define POINTER 0x80u
#define SUSPENDED 0x01u

static const struct w_thread *T(struct tk *t, uint32_t row)
{
	return thread_peek(t->m, row);
}

static uint32_t create(struct tk *t, uint32_t startup, uint32_t start, uint32_t arg, uint32_t flags, uint32_t *handle)
{
	uint32_t out = tk_memory(t, 8);
	assert_int_equal(CALL(t, t->main, "ExCreateThread", out, 0, out + 4, startup, start, arg, flags), NT_SUCCESS);
	if (handle)
		*handle = tk_get32(t, out);
	return thread_by_tid(t->m, tk_get32(t, out + 4));
}

static void without_startup_the_start_address_gets_the_context(void **state)
{
	struct tk *t = TK(state);
	uint32_t row = create(t, 0, TK_CODE, 0x1234, 0, NULL);
	assert_int_equal(context_peek(t->m, row)->pc, TK_CODE);
	assert_int_equal(context_peek(t->m, row)->gpr[3], 0x1234);
}

static void with_startup_it_gets_start_address_and_context(void **state)
{
	struct tk *t = TK(state);
	uint32_t row = create(t, TK_CODE, 0x82001000, 0x1234, 0, NULL);
	assert_int_equal(context_peek(t->m, row)->pc, TK_CODE);
	assert_int_equal(context_peek(t->m, row)->gpr[3], 0x82001000);
	assert_int_equal(context_peek(t->m, row)->gpr[4], 0x1234);
}

static void a_created_suspended_thread_is_ready_after_one_resume(void **state)
{
	struct tk *t = TK(state);
	uint32_t h, out = tk_memory(t, 4), row = create(t, 0, TK_CODE, 0, SUSPENDED, &h);
	assert_int_equal(T(t, row)->suspend_count, 1);
	assert_int_not_equal(T(t, row)->state, TS_READY);
	assert_int_equal(CALL(t, t->main, "NtResumeThread", h, out), NT_SUCCESS);
	assert_int_equal(tk_get32(t, out), 1);
	assert_int_equal(T(t, row)->state, TS_READY);
}

static void flag_80_gives_the_kthread_and_a_pointer_reference(void **state)
{
	struct tk *t = TK(state);
	uint32_t ga, row = create(t, 0, TK_CODE, 0, POINTER, &ga);
	assert_int_equal(ga, T(t, row)->kthread_ga);
	assert_int_equal(object_peek(t->m, T(t, row)->object)->pointers, 1);
	assert_int_equal(object_peek(t->m, T(t, row)->object)->handles, 0);
}

static void the_affinity_mask_picks_the_highest_hardware_thread(void **state)
{
	struct tk *t = TK(state);
	assert_int_equal(T(t, create(t, 0, TK_CODE, 0, 0x04000000, NULL))->hw, 2);
	assert_int_equal(T(t, create(t, 0, TK_CODE, 0, 0x2A000000, NULL))->hw, 5);
	assert_int_equal(T(t, create(t, 0, TK_CODE, 0, 0, NULL))->hw, 0); /* none: the creator's */
}

static void ids_count_up_and_keys_follow_the_creators(void **state)
{
	struct tk *t = TK(state);
	uint64_t key = fnv_str(FNV_BASIS, "main");
	assert_true(T(t, t->main)->key == key);
	for (uint32_t n = 0; n < 3; n++) {
		uint32_t row = create(t, 0, TK_CODE, 0, 0, NULL);
		assert_int_equal(T(t, row)->tid, 2 + n);
		assert_true(T(t, row)->key == fnv_u64(fnv_u64(FNV_BASIS, key), n));
		assert_int_equal(T(t, row)->parent_tid, 1);
	}
}

static void the_kthread_tells_the_title_what_it_reads_inline(void **state)
{
	struct tk *t = TK(state);
	uint32_t row = tk_thread(t, 3), k = T(t, row)->kthread_ga;
	assert_int_equal(tk_get32(t, k) >> 24, 6);
	assert_int_equal(tk_get32(t, k + 4), 0);
	assert_int_equal(tk_get32(t, k + 0x14C), T(t, row)->tid);
	assert_int_equal(tk_get32(t, k + 0x5C), T(t, row)->stack_base);
	assert_int_equal(tk_get32(t, k + 0x60), T(t, row)->stack_limit);
	assert_int_equal(tk_get32(t, k + 0x68), T(t, row)->tls_ga);
	assert_int_equal(mem_get8(&t->m->mem, k + 0xBF), 3);
	assert_int_equal(mem_get8(&t->m->mem, k + 0x73), 1);
	assert_int_equal(tk_get32(t, k + 0x84), machine_row(t->m)->process_ga);
	assert_int_equal(k % 16, 0);
}

static void r13_is_the_kpcr_of_the_hardware_thread_which_names_the_thread(void **state)
{
	struct tk *t = TK(state);
	uint32_t row = tk_thread(t, 4);
	CALL(t, row, "KeGetCurrentProcessType"); /* runs */
	uint32_t pcr = (uint32_t)context_peek(t->m, row)->gpr[13];
	assert_int_equal(pcr, hw_peek(t->m, 4)->kpcr_ga);
	assert_int_equal(tk_get32(t, pcr + 0x100), T(t, row)->kthread_ga);
	assert_int_equal(mem_get8(&t->m->mem, pcr + 0x10C), 4);
	assert_int_equal(tk_get32(t, pcr), T(t, row)->tls_ga);
	assert_int_equal(tk_get32(t, pcr + 0x70), T(t, row)->stack_base);
	assert_int_equal(tk_get32(t, pcr + 0x34), pcr); /* low half of the pointer to itself */
}

static void stacks_lie_between_guard_pages(void **state)
{
	struct tk *t = TK(state);
	const struct w_thread *w = T(t, tk_thread(t, 1));
	assert_true(w->stack_limit >= STACK_LOW && w->stack_base <= STACK_HIGH);
	assert_int_equal(w->stack_base - w->stack_limit, 0x4000);
	assert_int_not_equal(mem_page_at(&t->m->mem, w->stack_limit - 1)->state, MEM_COMMITTED);
	assert_int_not_equal(mem_page_at(&t->m->mem, w->stack_base)->state, MEM_COMMITTED);
	assert_int_equal(mem_page_at(&t->m->mem, w->stack_limit)->owner, MEM_OWNER_stack);
	assert_int_equal(context_peek(t->m, thread_by_tid(t->m, w->tid))->gpr[1], w->stack_base - 0xF0);
}

static void a_stack_size_is_rounded_up_and_has_a_least(void **state)
{
	struct tk *t = TK(state);
	static const uint32_t sizes[][2] = { { 1, 0x4000 }, { 0x4001, 0x5000 }, { 0x20000, 0x20000 } };
	for (unsigned i = 0; i < ARRAY_LEN(sizes); i++) {
		uint32_t out = tk_memory(t, 8);
		CALL(t, t->main, "ExCreateThread", out, sizes[i][0], out + 4, 0, TK_CODE, 0, 0);
		const struct w_thread *w = T(t, thread_by_tid(t->m, tk_get32(t, out + 4)));
		assert_int_equal(w->stack_base - w->stack_limit, sizes[i][1]);
	}
}

static void a_stack_that_cannot_be_had_is_a_status(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 8), threads = arena_live(&t->m->world, t->m->t_thread);
	assert_int_equal(CALL(t, t->main, "ExCreateThread", out, 0x7fffffff, 0, 0, TK_CODE, 0, 0), NT_INSUFFICIENT_RESOURCES);
	assert_int_equal(arena_live(&t->m->world, t->m->t_thread), threads);
}

static void a_joiner_wakes_when_the_thread_ends(void **state)
{
	struct tk *t = TK(state);
	uint32_t h, w = tk_thread(t, 1), row = create(t, 0, TK_CODE, 0, 0, &h);
	PARKS(t, w, "NtWaitForSingleObjectEx", h, 1, 0, 0);
	PARKS(t, row, "ExTerminateThread", 77);
	assert_int_equal(tk_wake(t, w), NT_SUCCESS);
	assert_int_equal(T(t, row)->exit_status, 77);
	assert_int_equal(tk_get32(t, T(t, row)->kthread_ga + 0x140), 77);
	assert_int_equal(tk_get32(t, T(t, row)->kthread_ga + 4), 1);
	assert_int_equal(CALL(t, w, "NtWaitForSingleObjectEx", h, 1, 0, 0), NT_SUCCESS); /* and stays so */
}

static void an_ended_thread_gives_back_stack_and_tls_and_lives_on_in_its_handles(void **state)
{
	struct tk *t = TK(state);
	uint32_t h, row = create(t, 0, TK_CODE, 0, 0, &h), stack = T(t, row)->stack_limit;
	PARKS(t, row, "ExTerminateThread", 0);
	assert_int_equal(mem_page_at(&t->m->mem, stack)->state, MEM_FREE);
	assert_int_equal(tk_count(t, EV_OBJECT_DESTROY), 0);
	CALL(t, t->main, "NtClose", h);
	assert_int_equal(tk_count(t, EV_OBJECT_DESTROY), 1);
	assert_int_equal(thread_by_tid(t->m, 2), 0);
}

static void a_running_thread_survives_its_last_handle(void **state)
{
	struct tk *t = TK(state);
	uint32_t h, row = create(t, 0, TK_CODE, 0, 0, &h);
	CALL(t, t->main, "NtClose", h);
	assert_int_equal(T(t, row)->state, TS_READY);
	PARKS(t, row, "ExTerminateThread", 0);
	assert_int_equal(tk_count(t, EV_OBJECT_DESTROY), 1);
}

static void a_thread_function_that_returns_ends_its_thread(void **state)
{
	struct tk *t = TK(state);
	uint32_t h;
	create(t, 0, CODE(t, I_LI(3, 9), I_BLR), 0, 0, &h);
	tk_start(t, CODE(t, I_LOAD(3, h), I_LI(4, 1), I_LI(5, 0), I_LI(6, 0), I_CALL(tk_thunk(t, "NtWaitForSingleObjectEx")), I_BLR));
	context_row(t->m, t->main)->lr = TK_CODE; /* `b .` */
	tk_run(t, 5000);
	assert_int_equal(tk_event_at(t, EV_THREAD_EXIT, 0)->aux[0], 9);
	assert_int_equal(tk_event_at(t, EV_THREAD_EXIT, 0)->tid, 2);
	assert_int_equal(tk_count(t, EV_THREAD_START), 2);
}

static void suspend_counts_nest_and_report_the_previous_one(void **state)
{
	struct tk *t = TK(state);
	uint32_t h, out = tk_memory(t, 4), row = create(t, 0, TK_CODE, 0, 0, &h);
	for (uint32_t n = 0; n < 3; n++) {
		CALL(t, t->main, "NtSuspendThread", h, out);
		assert_int_equal(tk_get32(t, out), n);
	}
	for (uint32_t n = 3; n > 0; n--) {
		assert_int_not_equal(T(t, row)->state, TS_READY);
		CALL(t, t->main, "NtResumeThread", h, out);
		assert_int_equal(tk_get32(t, out), n);
	}
	assert_int_equal(T(t, row)->state, TS_READY);
	CALL(t, t->main, "NtResumeThread", h, out);
	assert_int_equal(tk_get32(t, out), 0); /* at 0 nothing happens */
	assert_int_equal(T(t, row)->suspend_count, 0);
}

static void suspend_ends_at_127(void **state)
{
	struct tk *t = TK(state);
	uint32_t h;
	create(t, 0, TK_CODE, 0, 0, &h);
	for (unsigned i = 0; i < 127; i++)
		assert_int_equal(CALL(t, t->main, "NtSuspendThread", h, 0), NT_SUCCESS);
	assert_int_equal(CALL(t, t->main, "NtSuspendThread", h, 0), NT_SUSPEND_COUNT_EXCEEDED);
}

static void a_suspended_waiter_is_woken_but_runs_only_when_resumed(void **state)
{
	struct tk *t = TK(state);
	uint32_t h, e = tk_event(t, 1, false), row = create(t, 0, TK_CODE, 0, 0, &h);
	PARKS(t, row, "NtWaitForSingleObjectEx", e, 1, 0, 0);
	CALL(t, t->main, "NtSuspendThread", h, 0);
	CALL(t, t->main, "NtSetEvent", e, 0);
	assert_false(tk_parked(t, row));
	assert_int_not_equal(T(t, row)->state, TS_READY);
	CALL(t, t->main, "NtResumeThread", h, 0);
	assert_int_equal(tk_wake(t, row), NT_SUCCESS);
}

static void a_suspended_waiter_goes_on_waiting_when_resumed(void **state)
{
	struct tk *t = TK(state);
	uint32_t h, e = tk_event(t, 1, false), row = create(t, 0, TK_CODE, 0, 0, &h);
	PARKS(t, row, "NtWaitForSingleObjectEx", e, 1, 0, 0);
	CALL(t, t->main, "NtSuspendThread", h, 0);
	CALL(t, t->main, "NtResumeThread", h, 0);
	assert_true(tk_parked(t, row));
	assert_int_equal(T(t, row)->state, TS_WAITING);
}

static void suspend_of_an_ended_thread_is_refused(void **state)
{
	struct tk *t = TK(state);
	uint32_t h, row = create(t, 0, TK_CODE, 0, 0, &h);
	PARKS(t, row, "ExTerminateThread", 0);
	assert_int_equal(CALL(t, t->main, "NtSuspendThread", h, 0), NT_THREAD_IS_TERMINATING);
}

static void ke_suspend_and_resume_take_the_kthread(void **state)
{
	struct tk *t = TK(state);
	uint32_t row = tk_thread(t, 1), k = T(t, row)->kthread_ga;
	assert_int_equal(CALL(t, t->main, "KeSuspendThread", k), 0);
	assert_int_equal(CALL(t, t->main, "KeResumeThread", k), 1);
}

static void tls_slots_are_lowest_first_and_per_thread(void **state)
{
	struct tk *t = TK(state);
	uint32_t other = tk_thread(t, 1);
	assert_int_equal(CALL(t, t->main, "KeTlsAlloc"), 0);
	assert_int_equal(CALL(t, t->main, "KeTlsAlloc"), 1);
	assert_int_equal(CALL(t, t->main, "KeTlsSetValue", 1, 0x55), 1);
	assert_int_equal(CALL(t, other, "KeTlsGetValue", 1), 0);
	assert_int_equal(CALL(t, other, "KeTlsSetValue", 1, 0x66), 1);
	assert_int_equal(CALL(t, t->main, "KeTlsGetValue", 1), 0x55);
	assert_int_equal(tk_get32(t, T(t, other)->tls_ga + 4), 0x66); /* the title may read it inline */
	assert_int_equal(CALL(t, t->main, "KeTlsFree", 1), 1);
	assert_int_equal(tk_get32(t, T(t, other)->tls_ga + 4), 0); /* in all threads */
	assert_int_equal(CALL(t, t->main, "KeTlsAlloc"), 1);
}

static void tls_refuses_a_bad_index(void **state)
{
	struct tk *t = TK(state);
	assert_int_equal(CALL(t, t->main, "KeTlsGetValue", 3), 0);
	assert_int_equal(CALL(t, t->main, "KeTlsSetValue", 3, 1), 0);
	assert_int_equal(CALL(t, t->main, "KeTlsFree", UINT32_MAX), 0);
	assert_int_equal(CALL(t, t->main, "KeTlsSetValue", 0x40000000, 1), 0);
}

static void tls_is_full_at_the_titles_count(void **state)
{
	struct tk *t = TK(state);
	for (uint32_t i = 0; i < 64; i++)
		assert_int_equal(CALL(t, t->main, "KeTlsAlloc"), i);
	assert_int_equal(CALL(t, t->main, "KeTlsAlloc"), UINT32_MAX);
}

static void a_thread_is_named_by_the_exception_of_visual_c(void **state)
{
	struct tk *t = TK(state);
	uint32_t record = tk_memory(t, 0x50), row = tk_thread(t, 1);
	tk_put32(t, record, 0x406D1388);
	tk_put32(t, record + 0x10, 4);
	tk_put32(t, record + 0x14, 0x1000);
	tk_put32(t, record + 0x18, tk_string(t, "Silph"));
	tk_put32(t, record + 0x1C, T(t, row)->tid);
	CALL(t, t->main, "RtlRaiseException", record);
	assert_string_equal(T(t, row)->name, "Silph");
	tk_put32(t, record + 0x1C, UINT32_MAX);
	CALL(t, t->main, "RtlRaiseException", record);
	assert_string_equal(T(t, t->main)->name, "Silph");
}

static void another_exception_stops_the_run(void **state)
{
	struct tk *t = TK(state);
	uint32_t record = tk_memory(t, 0x50);
	tk_put32(t, record, 0xE06D7363);
	const uint64_t args[] = { record };
	assert_true(tk_call_on(t, t->main, "RtlRaiseException", 1, args).faulted);
	assert_non_null(strstr(t->m->pending.text, "e06d7363"));
}

static void the_end_of_the_title_stops_everything(void **state)
{
	struct tk *t = TK(state);
	tk_thread(t, 1);
	tk_start(t, CODE(t, I_LI(3, 2), I_CALL(tk_thunk(t, "HalReturnToFirmware")), I_B(0)));
	assert_int_equal(tk_run(t, 100000), STOP_ENDED);
	assert_int_equal(tk_count(t, EV_TITLE_EXIT), 1);
}

static void the_titles_end_by_a_call_has_its_status(void **state)
{
	struct tk *t = TK(state);
	tk_start(t, CODE(t, I_LI(3, 7), I_CALL(tk_thunk(t, "ExTerminateTitleProcess")), I_B(0)));
	assert_int_equal(tk_run(t, 1000), STOP_ENDED);
	assert_int_equal(t->stop.code, 7);
	assert_int_equal(tk_event_at(t, EV_TITLE_EXIT, 0)->aux[0], 7);
}

static const struct CMUnitTest tests[] = {
	TK_TEST(without_startup_the_start_address_gets_the_context),
	TK_TEST(with_startup_it_gets_start_address_and_context),
	TK_TEST(a_created_suspended_thread_is_ready_after_one_resume),
	TK_TEST(flag_80_gives_the_kthread_and_a_pointer_reference),
	TK_TEST(the_affinity_mask_picks_the_highest_hardware_thread),
	TK_TEST(ids_count_up_and_keys_follow_the_creators),
	TK_TEST(the_kthread_tells_the_title_what_it_reads_inline),
	TK_TEST(r13_is_the_kpcr_of_the_hardware_thread_which_names_the_thread),
	TK_TEST(stacks_lie_between_guard_pages),
	TK_TEST(a_stack_size_is_rounded_up_and_has_a_least),
	TK_TEST(a_stack_that_cannot_be_had_is_a_status),
	TK_TEST(a_joiner_wakes_when_the_thread_ends),
	TK_TEST(an_ended_thread_gives_back_stack_and_tls_and_lives_on_in_its_handles),
	TK_TEST(a_running_thread_survives_its_last_handle),
	TK_TEST(a_thread_function_that_returns_ends_its_thread),
	TK_TEST(suspend_counts_nest_and_report_the_previous_one),
	TK_TEST(suspend_ends_at_127),
	TK_TEST(a_suspended_waiter_is_woken_but_runs_only_when_resumed),
	TK_TEST(a_suspended_waiter_goes_on_waiting_when_resumed),
	TK_TEST(suspend_of_an_ended_thread_is_refused),
	TK_TEST(ke_suspend_and_resume_take_the_kthread),
	TK_TEST(tls_slots_are_lowest_first_and_per_thread),
	TK_TEST(tls_refuses_a_bad_index),
	TK_TEST(tls_is_full_at_the_titles_count),
	TK_TEST(a_thread_is_named_by_the_exception_of_visual_c),
	TK_TEST(another_exception_stops_the_run),
	TK_TEST(the_end_of_the_title_stops_everything),
	TK_TEST(the_titles_end_by_a_call_has_its_status),
};
TK_MAIN(tests)
