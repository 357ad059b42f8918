/* tests/t_apc.c - the laws of APCs and alerts: what is queued where, when it runs, what a wait returns. */
#include "config.h"

#include "kernel/apc.h"
#include "kernel/rows.h"
#include "kernel/sched.h"
#include "src/snap/snap.h"
#include "tests/testkit.h"

#define MS(n) ((uint64_t)-INT64_C(10000) * (n)) /* relative, 100 ns */
#define I_LBZ(r, d, a) (0x88000000u | (uint32_t)(r) << 21 | (uint32_t)(a) << 16 | ((uint32_t)(d)&0xffff))
#define I_STB(r, d, a) (0x98000000u | (uint32_t)(r) << 21 | (uint32_t)(a) << 16 | ((uint32_t)(d)&0xffff))
#define ENTRY 20u /* bytes of a log entry: marker, r3, r4, r5, IRQL */

/* ---- routines that write down how they were called ----------------------------------------------------------------------- */

struct log {
	uint32_t ga;
	unsigned read;
};

static struct log log_new(struct tk *t)
{
	struct log l = { tk_memory(t, 4 + 32 * ENTRY), 0 };
	tk_put32(t, l.ga, l.ga + 4);
	return l;
}

#define LOGS(l, marker) \
	I_LOAD(10, (l)->ga), I_LWZ(9, 0, 10), I_LI(11, marker), I_STW(11, 0, 9), I_STW(3, 4, 9), I_STW(4, 8, 9), \
		I_STW(5, 12, 9), I_LBZ(11, 0x18, 13), I_STW(11, 16, 9), I_ADDI(9, 9, ENTRY), I_STW(9, 0, 10)

/* A routine that logs @marker and its first three arguments, and returns. It spoils r3 to r11. */
static uint32_t routine(struct tk *t, const struct log *l, uint16_t marker)
{
	return CODE(t, LOGS(l, marker), I_LI(3, -1), I_LI(4, -1), I_LI(5, -1), I_LI(6, -1), I_LI(7, -1), I_BLR);
}

/* The next entry must be this one; @irql. */
static void said(struct tk *t, struct log *l, uint32_t marker, uint32_t r3, uint32_t r4, uint32_t r5, uint32_t irql)
{
	uint32_t at = l->ga + 4 + l->read++ * ENTRY;
	assert_true(tk_get32(t, l->ga) > at);
	assert_int_equal(tk_get32(t, at), marker);
	assert_int_equal(tk_get32(t, at + 4), r3);
	assert_int_equal(tk_get32(t, at + 8), r4);
	assert_int_equal(tk_get32(t, at + 12), r5);
	assert_int_equal(tk_get32(t, at + 16), irql);
}

static void said_marker(struct tk *t, struct log *l, uint32_t marker)
{
	uint32_t at = l->ga + 4 + l->read++ * ENTRY;
	assert_true(tk_get32(t, l->ga) > at);
	assert_int_equal(tk_get32(t, at), marker);
}

static void said_no_more(struct tk *t, const struct log *l)
{
	assert_int_equal(tk_get32(t, l->ga), l->ga + 4 + l->read * ENTRY);
}

static void settle(struct tk *t)
{
	assert_int_equal(tk_run(t, 30000), STOP_LIMIT);
}

static uint32_t kthread(struct tk *t, uint32_t thread)
{
	return thread_peek(t->m, thread)->kthread_ga;
}

/* A KAPC to @thread. */
static uint32_t kapc(
	struct tk *t, uint32_t thread, uint32_t kernel, uint32_t rundown, uint32_t normal, uint32_t mode, uint32_t context)
{
	uint32_t ga = tk_memory(t, sizeof(struct g_kapc));
	CALL(t, t->main, "KeInitializeApc", ga, kthread(t, thread), kernel, rundown, normal, mode, context);
	return ga;
}

static uint64_t insert(struct tk *t, uint32_t apc, uint32_t arg1, uint32_t arg2)
{
	return CALL(t, t->main, "KeInsertQueueApc", apc, arg1, arg2, 0);
}

static uint32_t handle_of(struct tk *t, uint32_t thread)
{
	uint32_t out = tk_memory(t, 4);
	assert_int_equal(CALL(t, t->main, "ObOpenObjectByPointer", kthread(t, thread), 0, out), NT_SUCCESS);
	return tk_get32(t, out);
}

static uint32_t timeout(struct tk *t, uint64_t value)
{
	uint32_t ga = tk_memory(t, 8);
	tk_put64(t, ga, value);
	return ga;
}

static uint32_t r3_of(struct tk *t, uint32_t thread)
{
	assert_false(thread_peek(t->m, thread)->in_call);
	return (uint32_t)context_peek(t->m, thread)->gpr[3];
}

static uint8_t kthread_byte(struct tk *t, uint32_t thread, uint32_t offset)
{
	return mem_get8(&t->m->mem, kthread(t, thread) + offset);
}

#define USER_PENDING 0x8A
#define LISTS 0x74

/* ---- the KAPC -------------------------------------------------------------------------------------------------------------- */

static void initialising_fills_the_kapc(void **state)
{
	struct tk *t = TK(state);
	uint32_t ga = kapc(t, t->main, 0x11, 0x22, 0x33, 1, 0x44);
	static const uint32_t routines[4] = { 0x11, 0x22, 0x33, 0x44 };
	assert_int_equal(tk_get32(t, ga), 18u << 16 | 1u << 8);
	assert_int_equal(tk_get32(t, ga + 4), kthread(t, t->main));
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(tk_get32(t, ga + 0x10 + 4 * i), routines[i]);
}

static void without_a_normal_routine_mode_and_context_are_zero(void **state)
{
	struct tk *t = TK(state);
	uint32_t ga = kapc(t, t->main, 0x11, 0, 0, 1, 0x44);
	assert_int_equal(tk_get32(t, ga), 18u << 16);
	assert_int_equal(tk_get32(t, ga + 0x1C), 0);
}

static void a_queued_apc_is_linked_and_cannot_be_queued_again(void **state)
{
	struct tk *t = TK(state);
	uint32_t w = tk_thread(t, 1), head = kthread(t, w) + LISTS + 8;
	uint32_t a = kapc(t, w, 0x10, 0, 0x20, 1, 0), b = kapc(t, w, 0x10, 0, 0x20, 1, 0);
	assert_int_equal(insert(t, a, 7, 8), 1);
	assert_int_equal(insert(t, b, 0, 0), 1);
	assert_int_equal(insert(t, a, 9, 9), 0);
	assert_int_equal(mem_get8(&t->m->mem, a + 3), 1);
	assert_int_equal(tk_get32(t, a + 0x20), 7);
	assert_int_equal(tk_get32(t, a + 0x24), 8);
	assert_int_equal(tk_get32(t, head), a + 8);
	assert_int_equal(tk_get32(t, a + 8), b + 8);
	assert_int_equal(tk_get32(t, b + 8), head);
	assert_int_equal(tk_get32(t, head + 4), b + 8);
	assert_int_equal(tk_get32(t, a + 12), head);
	assert_int_equal(tk_count(t, EV_APC_QUEUE), 2);
	assert_int_equal(tk_event_at(t, EV_APC_QUEUE, 0)->aux[1], 0x20);
}

static void removing_says_whether_it_was_queued(void **state)
{
	struct tk *t = TK(state);
	uint32_t w = tk_thread(t, 1), a = kapc(t, w, 0x10, 0, 0x20, 1, 0), head = kthread(t, w) + LISTS + 8;
	assert_int_equal(CALL(t, t->main, "KeRemoveQueueApc", a), 0);
	insert(t, a, 0, 0);
	assert_int_equal(CALL(t, t->main, "KeRemoveQueueApc", a), 1);
	assert_int_equal(CALL(t, t->main, "KeRemoveQueueApc", a), 0);
	assert_int_equal(mem_get8(&t->m->mem, a + 3), 0);
	assert_int_equal(tk_get32(t, head), head);
	assert_int_equal(insert(t, a, 0, 0), 1);
}

static void a_special_kernel_apc_goes_before_the_first_normal_one(void **state)
{
	struct tk *t = TK(state);
	uint32_t w = tk_thread(t, 1), head = kthread(t, w) + LISTS;
	CALL(t, t->main, "KeSuspendThread", kthread(t, w));
	uint32_t n1 = kapc(t, w, 0x10, 0, 0x20, 0, 0), n2 = kapc(t, w, 0x10, 0, 0x20, 0, 0);
	uint32_t s1 = kapc(t, w, 0x10, 0, 0, 0, 0), s2 = kapc(t, w, 0x10, 0, 0, 0, 0);
	insert(t, n1, 0, 0);
	insert(t, s1, 0, 0);
	insert(t, n2, 0, 0);
	insert(t, s2, 0, 0);
	const uint32_t order[4] = { s1, s2, n1, n2 };
	uint32_t at = head;
	for (unsigned i = 0; i < 4; i++) {
		at = tk_get32(t, at);
		assert_int_equal(at, order[i] + 8);
	}
	assert_int_equal(tk_get32(t, at), head);
}

/* ---- kernel APCs ------------------------------------------------------------------------------------------------------------ */

static void a_kernel_apc_runs_its_kernel_routine_at_irql_1_then_its_normal_routine(void **state)
{
	struct tk *t = TK(state);
	struct log l = log_new(t);
	uint32_t w = tk_thread(t, 1);
	context_row(t->m, w)->gpr[5] = 0x5555;
	context_row(t->m, w)->fpr[0] = 0x123456789;
	uint32_t sp = (uint32_t)context_peek(t->m, w)->gpr[1], a = kapc(t, w, routine(t, &l, 1), 0, routine(t, &l, 2), 0, 0xC0);
	insert(t, a, 0xA1, 0xA2);
	settle(t);
	uint32_t cell = tk_get32(t, l.ga + 4 + 8);
	said(t, &l, 1, a, cell, cell + 4, 1);
	said(t, &l, 2, 0xC0, 0xA1, 0xA2, 0);
	said_no_more(t, &l);
	assert_int_equal(mem_get8(&t->m->mem, a + 3), 0);
	assert_int_equal(context_peek(t->m, w)->gpr[5], 0x5555);
	assert_int_equal(context_peek(t->m, w)->gpr[1], sp);
	assert_int_equal(context_peek(t->m, w)->pc, TK_CODE);
	assert_true(context_peek(t->m, w)->fpr[0] == 0x123456789);
	assert_int_equal(tk_count(t, EV_APC_DELIVER), 1);
	assert_int_equal(arena_live(&t->m->world, t->m->t_apc) + arena_live(&t->m->world, t->m->t_apc_frame), 0);
}

static void a_kernel_routine_may_clear_or_change_the_call(void **state)
{
	struct tk *t = TK(state);
	struct log l = log_new(t);
	uint32_t w = tk_thread(t, 1), clears = CODE(t, I_LI(9, 0), I_STW(9, 0, 4), I_BLR),
		 changes = CODE(t, I_LI(9, 0x77), I_STW(9, 0, 6), I_BLR);
	uint32_t a = kapc(t, w, clears, 0, routine(t, &l, 1), 0, 0), b = kapc(t, w, changes, 0, routine(t, &l, 2), 0, 5);
	insert(t, a, 0, 0);
	insert(t, b, 6, 7);
	settle(t);
	said(t, &l, 2, 5, 0x77, 7, 0);
	said_no_more(t, &l);
	assert_int_equal(kthread_byte(t, w, 0x88), 0);
}

static void a_critical_region_holds_normal_kernel_apcs_but_no_special_ones(void **state)
{
	struct tk *t = TK(state);
	struct log l = log_new(t);
	uint32_t w = tk_thread(t, 1), k = routine(t, &l, 1), normal = kapc(t, w, k, 0, routine(t, &l, 2), 0, 0);
	CALL(t, w, "KeEnterCriticalRegion");
	insert(t, normal, 0, 0);
	insert(t, kapc(t, w, routine(t, &l, 3), 0, 0, 0, 0), 0, 0);
	settle(t);
	said_marker(t, &l, 3);
	said_no_more(t, &l);
	assert_string_equal(apc_held_by(t->m, thread_peek(t->m, w)->apc_first[0]), "its thread is in a critical region");
	CALL(t, w, "KeLeaveCriticalRegion");
	settle(t);
	said_marker(t, &l, 1);
	said_marker(t, &l, 2);
}

static void irql_1_holds_all_kernel_apcs_till_it_is_lowered(void **state)
{
	struct tk *t = TK(state);
	struct log l = log_new(t);
	uint32_t w = tk_thread(t, 1);
	CALL(t, w, "KfRaiseIrql", 1);
	insert(t, kapc(t, w, routine(t, &l, 1), 0, 0, 0, 0), 0, 0);
	settle(t);
	said_no_more(t, &l);
	CALL(t, w, "KfLowerIrql", 0);
	settle(t);
	said_marker(t, &l, 1);
}

static void a_normal_kernel_apc_is_interrupted_by_special_ones_only(void **state)
{
	struct tk *t = TK(state);
	struct log l = log_new(t);
	uint32_t w = tk_thread(t, 1), nop = CODE(t, I_BLR), flag = tk_memory(t, 4);
	/* Spins till the flag is set, then logs. */
	uint32_t slow = CODE(t, I_LOAD(8, flag), I_LWZ(7, 0, 8), I_CMPWI(7, 0), I_BEQ(-8), LOGS(&l, 1), I_BLR);
	insert(t, kapc(t, w, nop, 0, slow, 0, 0), 0, 0);
	settle(t);
	insert(t, kapc(t, w, nop, 0, routine(t, &l, 2), 0, 0), 0, 0);
	insert(t, kapc(t, w, routine(t, &l, 3), 0, 0, 0, 0), 0, 0);
	settle(t);
	said_marker(t, &l, 3);
	said_no_more(t, &l);
	assert_int_equal(kthread_byte(t, w, 0x88), 1);
	tk_put32(t, flag, 1);
	settle(t);
	said_marker(t, &l, 1);
	said_marker(t, &l, 2);
}

static void a_kernel_apc_interrupts_any_wait_which_goes_on_behind_the_others(void **state)
{
	struct tk *t = TK(state);
	struct log l = log_new(t);
	uint32_t w = tk_thread(t, 1), other = tk_thread(t, 2), e = tk_event(t, 1, false);
	PARKS(t, w, "NtWaitForSingleObjectEx", e, 0, 0, 0);
	PARKS(t, other, "NtWaitForSingleObjectEx", e, 0, 0, 0);
	uint32_t refs = object_peek(t->m, tk_object(t, e))->refs;
	insert(t, kapc(t, w, routine(t, &l, 1), 0, 0, 0, 0), 0, 0);
	assert_false(tk_parked(t, w));
	settle(t);
	said_marker(t, &l, 1);
	assert_true(tk_parked(t, w));
	assert_int_equal(object_peek(t->m, tk_object(t, e))->refs, refs);
	assert_int_equal(tk_count(t, EV_OBJECT_WAIT), 2);
	CALL(t, t->main, "NtSetEvent", e, 0);
	assert_true(tk_parked(t, w) && !tk_parked(t, other));
	CALL(t, t->main, "NtSetEvent", e, 0);
	settle(t);
	assert_int_equal(r3_of(t, w), NT_SUCCESS);
}

static void an_interrupted_wait_keeps_its_deadline(void **state)
{
	struct tk *t = TK(state);
	struct log l = log_new(t);
	uint32_t w = tk_thread(t, 1), e = tk_event(t, 1, false);
	PARKS(t, w, "NtWaitForSingleObjectEx", e, 0, 0, timeout(t, MS(50)));
	uint64_t due = thread_peek(t->m, w)->deadline;
	insert(t, kapc(t, w, routine(t, &l, 1), 0, 0, 0, 0), 0, 0);
	settle(t);
	said_marker(t, &l, 1);
	assert_true(tk_parked(t, w) && thread_peek(t->m, w)->deadline == due);
	tk_pass(t, due - machine_ticks(t->m));
	settle(t);
	assert_int_equal(r3_of(t, w), NT_TIMEOUT);
}

static void a_signal_during_the_apc_is_there_when_the_wait_goes_on(void **state)
{
	struct tk *t = TK(state);
	struct log l = log_new(t);
	uint32_t w = tk_thread(t, 1), e = tk_event(t, 1, false);
	PARKS(t, w, "NtWaitForSingleObjectEx", e, 0, 0, 0);
	insert(t, kapc(t, w, routine(t, &l, 1), 0, 0, 0, 0), 0, 0);
	CALL(t, t->main, "NtSetEvent", e, 0);
	settle(t);
	said_marker(t, &l, 1);
	assert_int_equal(r3_of(t, w), NT_SUCCESS);
	assert_int_equal(object_signal_state(t->m, tk_object(t, e)), 0);
}

static void a_wait_in_a_critical_region_is_not_interrupted_by_normal_apcs(void **state)
{
	struct tk *t = TK(state);
	uint32_t w = tk_thread(t, 1), e = tk_event(t, 1, false), nop = CODE(t, I_BLR);
	CALL(t, w, "KeEnterCriticalRegion");
	PARKS(t, w, "NtWaitForSingleObjectEx", e, 0, 0, 0);
	insert(t, kapc(t, w, nop, 0, nop, 0, 0), 0, 0);
	assert_true(tk_parked(t, w));
	struct quiescence q;
	machine_quiescence(t->m, &q);
	assert_int_equal(q.apcs, 0); /* it cannot be delivered before somebody else acts */
}

/* ---- user APCs -------------------------------------------------------------------------------------------------------------- */

static void a_user_apc_wakes_an_alertable_user_wait_and_runs_before_it_returns(void **state)
{
	struct tk *t = TK(state);
	struct log l = log_new(t);
	uint32_t w = tk_thread(t, 1), e = tk_event(t, 1, false);
	PARKS(t, w, "NtWaitForSingleObjectEx", e, 1, 1, 0);
	assert_int_equal(CALL(t, t->main, "NtQueueApcThread", handle_of(t, w), routine(t, &l, 1), 0xC, 0xA, 0xB), NT_SUCCESS);
	struct quiescence q;
	machine_quiescence(t->m, &q);
	assert_int_equal(q.apcs, 1);
	settle(t);
	said(t, &l, 1, 0xC, 0xA, 0xB, 0);
	assert_int_equal(r3_of(t, w), NT_USER_APC);
	assert_int_equal(kthread_byte(t, w, USER_PENDING), 0);
	assert_int_equal(object_peek(t->m, tk_object(t, e))->waiters, 0);
}

static void user_apcs_wait_for_an_alertable_wait_in_user_mode(void **state)
{
	struct tk *t = TK(state);
	struct log l = log_new(t);
	uint32_t e = tk_event(t, 1, false), r = routine(t, &l, 1);
	static const struct {
		uint32_t mode, alertable;
	} modes[3] = { { 0, 0 }, { 0, 1 }, { 1, 0 } };
	for (unsigned i = 0; i < 3; i++) {
		uint32_t w = tk_thread(t, i + 1);
		PARKS(t, w, "NtWaitForSingleObjectEx", e, modes[i].mode, modes[i].alertable, 0);
		CALL(t, t->main, "NtQueueApcThread", handle_of(t, w), r, 0, 0, 0);
		assert_true(tk_parked(t, w));
	}
	settle(t);
	said_no_more(t, &l);
}

static void all_user_apcs_run_in_order_before_the_wait_returns(void **state)
{
	struct tk *t = TK(state);
	struct log l = log_new(t);
	uint32_t w = tk_thread(t, 1), h = handle_of(t, w), e = tk_event(t, 1, false);
	for (uint16_t i = 1; i <= 3; i++)
		CALL(t, t->main, "NtQueueApcThread", h, routine(t, &l, i), 0, 0, 0);
	settle(t);
	said_no_more(t, &l);
	PARKS(t, w, "NtWaitForSingleObjectEx", e, 1, 1, 0);
	assert_false(tk_parked(t, w));
	settle(t);
	for (uint32_t i = 1; i <= 3; i++)
		said_marker(t, &l, i);
	assert_int_equal(r3_of(t, w), NT_USER_APC);
}

static void a_signalled_object_beats_a_user_apc(void **state)
{
	struct tk *t = TK(state);
	uint32_t w = tk_thread(t, 1), e = tk_event(t, 1, true);
	CALL(t, t->main, "NtQueueApcThread", handle_of(t, w), TK_CODE, 0, 0, 0);
	assert_int_equal(CALL(t, w, "NtWaitForSingleObjectEx", e, 1, 1, 0), NT_SUCCESS);
	assert_int_equal(kthread_byte(t, w, USER_PENDING), 0);
}

static void a_user_apc_beats_a_zero_timeout(void **state)
{
	struct tk *t = TK(state);
	struct log l = log_new(t);
	uint32_t w = tk_thread(t, 1), e = tk_event(t, 1, false);
	CALL(t, t->main, "NtQueueApcThread", handle_of(t, w), routine(t, &l, 1), 0, 0, 0);
	PARKS(t, w, "NtWaitForSingleObjectEx", e, 1, 1, timeout(t, 0));
	settle(t);
	said_marker(t, &l, 1);
	assert_int_equal(r3_of(t, w), NT_USER_APC);
}

static void a_pending_user_apc_ends_a_wait_that_is_not_alertable(void **state)
{
	struct tk *t = TK(state);
	struct log l = log_new(t);
	uint32_t w = tk_thread(t, 1), e = tk_event(t, 1, false);
	CALL(t, t->main, "NtQueueApcThread", handle_of(t, w), routine(t, &l, 1), 0, 0, 0);
	assert_int_equal(CALL(t, w, "KeTestAlertThread", 1), 0);
	assert_int_equal(kthread_byte(t, w, USER_PENDING), 1);
	PARKS(t, w, "NtWaitForSingleObjectEx", e, 1, 0, 0);
	settle(t);
	said_marker(t, &l, 1);
	assert_int_equal(r3_of(t, w), NT_USER_APC);
}

static void a_delay_returns_user_apc_also_when_it_would_only_yield(void **state)
{
	struct tk *t = TK(state);
	struct log l = log_new(t);
	uint32_t w = tk_thread(t, 1), h = handle_of(t, w);
	PARKS(t, w, "KeDelayExecutionThread", 1, 1, timeout(t, MS(1000)));
	CALL(t, t->main, "NtQueueApcThread", h, routine(t, &l, 1), 0, 0, 0);
	settle(t);
	said_marker(t, &l, 1);
	assert_int_equal(r3_of(t, w), NT_USER_APC);
	CALL(t, t->main, "NtQueueApcThread", h, routine(t, &l, 2), 0, 0, 0);
	assert_int_equal(CALL(t, w, "KeDelayExecutionThread", 1, 0, timeout(t, 0)), NT_NO_YIELD_PERFORMED);
	PARKS(t, w, "KeDelayExecutionThread", 1, 1, timeout(t, 0));
	settle(t);
	said_marker(t, &l, 2);
	assert_int_equal(r3_of(t, w), NT_USER_APC);
}

static void signal_and_wait_takes_its_alertability_from_r6(void **state)
{
	struct tk *t = TK(state);
	struct log l = log_new(t);
	uint32_t a = tk_event(t, 1, false), b = tk_event(t, 1, false), r = routine(t, &l, 1);
	uint32_t deaf = tk_thread(t, 1), keen = tk_thread(t, 2);
	PARKS(t, deaf, "NtSignalAndWaitForSingleObjectEx", a, b, 1, 0, 0);
	PARKS(t, keen, "NtSignalAndWaitForSingleObjectEx", a, b, 1, 1, 0);
	CALL(t, t->main, "NtQueueApcThread", handle_of(t, deaf), r, 1, 0, 0);
	CALL(t, t->main, "NtQueueApcThread", handle_of(t, keen), r, 2, 0, 0);
	settle(t);
	said(t, &l, 1, 2, 0, 0, 0);
	said_no_more(t, &l);
}

static void a_wait_for_many_is_ended_by_a_user_apc(void **state)
{
	struct tk *t = TK(state);
	struct log l = log_new(t);
	uint32_t w = tk_thread(t, 1), list = tk_memory(t, 8);
	tk_put32(t, list, tk_event(t, 1, false));
	tk_put32(t, list + 4, tk_event(t, 1, true));
	PARKS(t, w, "NtWaitForMultipleObjectsEx", 2, list, 0, 1, 1, 0);
	CALL(t, t->main, "NtQueueApcThread", handle_of(t, w), routine(t, &l, 1), 0, 0, 0);
	settle(t);
	assert_int_equal(r3_of(t, w), NT_USER_APC);
	assert_int_equal(object_signal_state(t->m, tk_object(t, tk_get32(t, list + 4))), 1); /* nothing was taken */
}

static void an_apc_may_wait_itself(void **state)
{
	struct tk *t = TK(state);
	struct log l = log_new(t);
	uint32_t w = tk_thread(t, 1), outer = tk_event(t, 1, false), inner = tk_event(t, 1, false);
	uint32_t waits = CODE(t, 0x7C0802A6u /* mflr r0 */, I_STWU(1, -0x60, 1), I_STW(0, 0x64, 1), I_LOAD(3, inner), I_LI(4, 1),
		I_LI(5, 0), I_LI(6, 0), I_CALL(tk_thunk(t, "NtWaitForSingleObjectEx")), LOGS(&l, 1), I_LWZ(0, 0x64, 1),
		0x7C0803A6u /* mtlr r0 */, I_ADDI(1, 1, 0x60), I_BLR);
	PARKS(t, w, "NtWaitForSingleObjectEx", outer, 0, 0, 0);
	insert(t, kapc(t, w, waits, 0, 0, 0, 0), 0, 0);
	settle(t);
	assert_true(tk_parked(t, w));
	assert_int_equal(object_peek(t->m, tk_object(t, inner))->waiters, 1);
	assert_int_equal(object_peek(t->m, tk_object(t, outer))->wait_head, 0);
	CALL(t, t->main, "NtSetEvent", inner, 0);
	settle(t);
	said_marker(t, &l, 1);
	assert_int_not_equal(object_peek(t->m, tk_object(t, outer))->wait_head, 0);
	CALL(t, t->main, "NtSetEvent", outer, 0);
	settle(t);
	assert_int_equal(r3_of(t, w), NT_SUCCESS);
}

static void who_jumps_out_of_an_apc_leaves_it_behind(void **state)
{
	struct tk *t = TK(state);
	struct log l = log_new(t);
	uint32_t w = tk_thread(t, 1), e = tk_event(t, 1, false), sp = (uint32_t)context_peek(t->m, w)->gpr[1];
	PARKS(t, w, "NtWaitForSingleObjectEx", e, 0, 0, 0);
	insert(t, kapc(t, w, CODE(t, I_LOAD(1, sp), I_LOAD(12, TK_CODE), I_MTCTR(12), 0x4E800420u /* bctr */), 0, 0, 0, 0), 0, 0);
	settle(t);
	assert_int_equal(thread_peek(t->m, w)->apc_first[0], 0);
	CALL(t, w, "KfLowerIrql", 0);
	insert(t, kapc(t, w, routine(t, &l, 1), 0, 0, 0, 0), 0, 0);
	settle(t);
	said_marker(t, &l, 1);
	assert_int_equal(object_peek(t->m, tk_object(t, e))->waiters, 0);
	assert_int_equal(arena_live(&t->m->world, t->m->t_apc_frame), 0);
}

static void no_stack_for_an_apc_stops_the_run(void **state)
{
	struct tk *t = TK(state);
	uint32_t w = tk_thread(t, 1);
	context_row(t->m, w)->gpr[1] = thread_peek(t->m, w)->stack_limit + 16;
	insert(t, kapc(t, w, TK_CODE, 0, 0, 0, 0), 0, 0);
	assert_int_equal(tk_run(t, 30000), STOP_FAULT);
	assert_non_null(strstr(t->stop.text, "no room on its stack for an APC"));
	assert_int_equal(tk_run(t, 30000), STOP_FAULT);
}

/* ---- alerts ------------------------------------------------------------------------------------------------------------------ */

static void an_alert_ends_an_alertable_wait_or_leaves_a_mark(void **state)
{
	struct tk *t = TK(state);
	uint32_t w = tk_thread(t, 1), e = tk_event(t, 1, false);
	PARKS(t, w, "NtWaitForSingleObjectEx", e, 1, 1, 0);
	assert_int_equal(CALL(t, t->main, "KeAlertThread", kthread(t, w), 1), 0);
	assert_int_equal(tk_wake(t, w), NT_ALERTED);
	assert_int_equal(CALL(t, t->main, "KeAlertThread", kthread(t, w), 1), 0);
	assert_int_equal(CALL(t, t->main, "KeAlertThread", kthread(t, w), 1), 1);
	assert_int_equal(CALL(t, w, "NtWaitForSingleObjectEx", e, 1, 1, 0), NT_ALERTED);
	PARKS(t, w, "NtWaitForSingleObjectEx", e, 1, 1, 0);
}

static void a_user_alert_does_not_end_a_wait_in_kernel_mode(void **state)
{
	struct tk *t = TK(state);
	uint32_t w = tk_thread(t, 1), e = tk_event(t, 1, false);
	PARKS(t, w, "NtWaitForSingleObjectEx", e, 0, 1, 0);
	CALL(t, t->main, "KeAlertThread", kthread(t, w), 1);
	assert_true(tk_parked(t, w));
	CALL(t, t->main, "KeAlertThread", kthread(t, w), 0);
	assert_int_equal(tk_wake(t, w), NT_ALERTED);
}

static void an_alert_of_its_mode_beats_a_user_apc_which_beats_a_kernel_alert(void **state)
{
	struct tk *t = TK(state);
	struct log l = log_new(t);
	uint32_t w = tk_thread(t, 1), e = tk_event(t, 1, false);
	CALL(t, t->main, "KeAlertThread", kthread(t, w), 0);
	CALL(t, t->main, "KeAlertThread", kthread(t, w), 1);
	CALL(t, t->main, "NtQueueApcThread", handle_of(t, w), routine(t, &l, 1), 0, 0, 0);
	assert_int_equal(CALL(t, w, "NtWaitForSingleObjectEx", e, 1, 1, 0), NT_ALERTED);
	PARKS(t, w, "NtWaitForSingleObjectEx", e, 1, 1, 0);
	settle(t);
	said_marker(t, &l, 1);
	assert_int_equal(r3_of(t, w), NT_USER_APC);
	assert_int_equal(CALL(t, w, "NtWaitForSingleObjectEx", e, 1, 1, 0), NT_ALERTED);
}

static void testing_for_an_alert_takes_it(void **state)
{
	struct tk *t = TK(state);
	CALL(t, t->main, "KeAlertThread", kthread(t, t->main), 1);
	assert_int_equal(CALL(t, t->main, "KeTestAlertThread", 1), 1);
	assert_int_equal(CALL(t, t->main, "KeTestAlertThread", 1), 0);
}

static void a_delay_is_alerted(void **state)
{
	struct tk *t = TK(state);
	uint32_t w = tk_thread(t, 1);
	CALL(t, t->main, "KeAlertThread", kthread(t, w), 1);
	assert_int_equal(CALL(t, w, "KeDelayExecutionThread", 1, 1, timeout(t, MS(10))), NT_ALERTED);
}

/* ---- the end ----------------------------------------------------------------------------------------------------------------- */

static void a_threads_end_runs_down_its_user_apcs_and_empties_the_kernel_list(void **state)
{
	struct tk *t = TK(state);
	struct log l = log_new(t);
	uint32_t w = tk_thread(t, 1), h = handle_of(t, w), nop = CODE(t, I_BLR);
	CALL(t, w, "KeEnterCriticalRegion");
	uint32_t a = kapc(t, w, nop, routine(t, &l, 1), nop, 1, 0), b = kapc(t, w, nop, routine(t, &l, 2), nop, 1, 0);
	uint32_t none = kapc(t, w, nop, 0, nop, 1, 0), kernel = kapc(t, w, nop, routine(t, &l, 3), nop, 0, 0);
	insert(t, a, 0, 0);
	insert(t, none, 0, 0);
	insert(t, kernel, 0, 0);
	CALL(t, t->main, "NtQueueApcThread", h, nop, 0, 0, 0);
	insert(t, b, 0, 0);
	context_row(t->m, w)->pc = CODE(t, I_LI(3, 42), I_CALL(tk_thunk(t, "ExTerminateThread")));
	settle(t);
	said(t, &l, 1, a, tk_get32(t, l.ga + 12), tk_get32(t, l.ga + 16), 0);
	said_marker(t, &l, 2);
	said_no_more(t, &l);
	assert_int_equal(thread_peek(t->m, w)->state, TS_TERMINATED);
	assert_int_equal(thread_peek(t->m, w)->exit_status, 42);
	assert_int_equal(mem_get8(&t->m->mem, kernel + 3), 0);
	assert_int_equal(tk_count(t, EV_APC_RUNDOWN), 5);
	assert_int_equal(tk_count(t, EV_APC_DELIVER), 0);
	assert_int_equal(arena_live(&t->m->world, t->m->t_apc), 0);
	assert_int_equal(insert(t, a, 0, 0), 0);
	assert_int_equal(CALL(t, t->main, "NtQueueApcThread", h, nop, 0, 0, 0), NT_UNSUCCESSFUL);
}

static void a_thread_that_ends_within_an_apc_drops_the_wait_that_it_interrupted(void **state)
{
	struct tk *t = TK(state);
	uint32_t w = tk_thread(t, 1), e = tk_event(t, 1, false);
	PARKS(t, w, "NtWaitForSingleObjectEx", e, 0, 0, 0);
	insert(t, kapc(t, w, CODE(t, I_LI(3, 1), I_CALL(tk_thunk(t, "ExTerminateThread"))), 0, 0, 0, 0), 0, 0);
	settle(t);
	assert_int_equal(object_peek(t->m, tk_object(t, e))->waiters, 0);
	assert_int_equal(arena_live(&t->m->world, t->m->t_wait) + arena_live(&t->m->world, t->m->t_apc_frame), 0);
}

/* ---- snapshots ---------------------------------------------------------------------------------------------------------------- */

static void a_run_cut_anywhere_within_apcs_ends_the_same(void **state)
{
	uint64_t digest[2];
	for (unsigned cut = 0; cut < 2; cut++) {
		struct tk *t = cut ? tk_new() : TK(state);
		struct log l = log_new(t);
		uint32_t w = tk_thread(t, 1), e = tk_event(t, 1, false);
		PARKS(t, w, "NtWaitForSingleObjectEx", e, 1, 1, timeout(t, MS(50)));
		insert(t, kapc(t, w, routine(t, &l, 1), 0, routine(t, &l, 2), 0, 0), 0, 0);
		CALL(t, t->main, "NtQueueApcThread", handle_of(t, w), routine(t, &l, 3), 0, 0, 0);
		for (unsigned left = 8000; left; left -= cut ? 1 : left) {
			assert_int_equal(tk_run(t, cut ? 1 : left), STOP_LIMIT);
			if (cut && left % 97 == 0) {
				struct snapshot *s = machine_snapshot(t->m);
				tk_run(t, 500);
				machine_restore(t->m, s);
				snapshot_free(s);
			}
		}
		for (uint32_t i = 1; i <= 3; i++)
			said_marker(t, &l, i);
		digest[cut] = machine_digest(t->m);
		if (cut)
			tk_free(t);
	}
	assert_true(digest[0] == digest[1]);
}

/* Titles pass the kernel's own routine where only the kernel routine matters. */
static void a_normal_routine_of_the_kernels_does_nothing(void **state)
{
	struct tk *t = TK(state);
	static const char *const names[] = { "KiApcNormalRoutineNop", "KiApcNormalRoutineNop_" };
	for (unsigned i = 0; i < ARRAY_LEN(names); i++) {
		uint32_t e = tk_event(t, 1, false), w = tk_thread(t, i + 1);
		PARKS(t, w, "NtWaitForSingleObjectEx", e, 1, 1, 0);
		uint32_t h = handle_of(t, w);
		assert_int_equal(CALL(t, t->main, "NtQueueApcThread", h, tk_thunk(t, names[i]), 1, 2, 3), NT_SUCCESS);
		tk_forget(t);
		settle(t);
		assert_string_equal(tk_event_at(t, EV_KERNEL_CALL, 0)->name, names[i]);
		assert_int_equal(r3_of(t, w), NT_USER_APC);
	}
}

static const struct CMUnitTest tests[] = {
	TK_TEST(initialising_fills_the_kapc),
	TK_TEST(without_a_normal_routine_mode_and_context_are_zero),
	TK_TEST(a_queued_apc_is_linked_and_cannot_be_queued_again),
	TK_TEST(removing_says_whether_it_was_queued),
	TK_TEST(a_special_kernel_apc_goes_before_the_first_normal_one),
	TK_TEST(a_kernel_apc_runs_its_kernel_routine_at_irql_1_then_its_normal_routine),
	TK_TEST(a_kernel_routine_may_clear_or_change_the_call),
	TK_TEST(a_critical_region_holds_normal_kernel_apcs_but_no_special_ones),
	TK_TEST(irql_1_holds_all_kernel_apcs_till_it_is_lowered),
	TK_TEST(a_normal_kernel_apc_is_interrupted_by_special_ones_only),
	TK_TEST(a_kernel_apc_interrupts_any_wait_which_goes_on_behind_the_others),
	TK_TEST(an_interrupted_wait_keeps_its_deadline),
	TK_TEST(a_signal_during_the_apc_is_there_when_the_wait_goes_on),
	TK_TEST(a_wait_in_a_critical_region_is_not_interrupted_by_normal_apcs),
	TK_TEST(a_user_apc_wakes_an_alertable_user_wait_and_runs_before_it_returns),
	TK_TEST(user_apcs_wait_for_an_alertable_wait_in_user_mode),
	TK_TEST(all_user_apcs_run_in_order_before_the_wait_returns),
	TK_TEST(a_signalled_object_beats_a_user_apc),
	TK_TEST(a_user_apc_beats_a_zero_timeout),
	TK_TEST(a_pending_user_apc_ends_a_wait_that_is_not_alertable),
	TK_TEST(a_delay_returns_user_apc_also_when_it_would_only_yield),
	TK_TEST(signal_and_wait_takes_its_alertability_from_r6),
	TK_TEST(a_wait_for_many_is_ended_by_a_user_apc),
	TK_TEST(an_apc_may_wait_itself),
	TK_TEST(who_jumps_out_of_an_apc_leaves_it_behind),
	TK_TEST(no_stack_for_an_apc_stops_the_run),
	TK_TEST(an_alert_ends_an_alertable_wait_or_leaves_a_mark),
	TK_TEST(a_user_alert_does_not_end_a_wait_in_kernel_mode),
	TK_TEST(an_alert_of_its_mode_beats_a_user_apc_which_beats_a_kernel_alert),
	TK_TEST(testing_for_an_alert_takes_it),
	TK_TEST(a_delay_is_alerted),
	TK_TEST(a_threads_end_runs_down_its_user_apcs_and_empties_the_kernel_list),
	TK_TEST(a_thread_that_ends_within_an_apc_drops_the_wait_that_it_interrupted),
	TK_TEST(a_run_cut_anywhere_within_apcs_ends_the_same),
	TK_TEST(a_normal_routine_of_the_kernels_does_nothing),
};
TK_MAIN(tests)
