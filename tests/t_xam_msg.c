/* tests/t_xam_msg.c - the laws of calls that complete through an XOVERLAPPED. */
#include "config.h"

#include "kernel/apc.h"
#include "kernel/change.h"
#include "kernel/deadline.h"
#include "kernel/overlapped.h"
#include "kernel/xam_guest.h"
#include "tests/testkit.h"

/* The kernel's own interface, as a handler would use it: on behalf of the main thread. */
static uint32_t begin(struct tk *t, uint32_t x, uint64_t ticks, uint32_t out, uint32_t value)
{
	be32 v = be32_of(value);
	struct call c = { .thread = t->main, .row = (uint32_t)export_find_name("XMsgCancelIORequest") };
	overlapped_begin(t->m, &c,
		&(struct overlapped_request){ .ga = x,
			.end = { 5, ERROR_FUNCTION_FAILED, 0x80070005, 4 },
			.ticks = ticks,
			.out = { { .ga = out, .size = 4, .bytes = &v } } });
	return c.faulted ? UINT32_MAX : (uint32_t)c.result;
}

static uint32_t overlapped(struct tk *t, uint32_t event, uint32_t routine)
{
	uint32_t x = tk_memory(t, sizeof(struct g_xoverlapped));
	tk_put32(t, GA(x, g_xoverlapped, event), event);
	tk_put32(t, GA(x, g_xoverlapped, completion_routine), routine);
	return x;
}

static uint32_t result(struct tk *t, uint32_t x)
{
	return tk_get32(t, GA(x, g_xoverlapped, result));
}

static int32_t state_of(struct tk *t, uint32_t handle)
{
	return object_signal_state(t->m, tk_object(t, handle));
}

static void without_an_xoverlapped_a_call_answers_at_once(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 4);
	assert_int_equal(begin(t, 0, OVERLAPPED_TICKS, out, 7), 5);
	assert_int_equal(tk_get32(t, out), 7);
	assert_int_equal(tk_count(t, EV_XAM_START), 0);
	assert_int_equal(deadline_next(t->m), DEADLINE_NEVER);
}

static void what_it_says_comes_in_its_time_and_not_before(void **state)
{
	struct tk *t = TK(state);
	struct quiescence q;
	uint32_t out = tk_memory(t, 4), x = overlapped(t, 0, 0);
	assert_int_equal(begin(t, x, OVERLAPPED_TICKS, out, 7), ERROR_IO_PENDING);
	assert_int_equal(result(t, x), ERROR_IO_PENDING);
	machine_quiescence(t->m, &q);
	assert_int_equal(q.io, 1);
	tk_pass(t, OVERLAPPED_TICKS - 1);
	assert_int_equal(result(t, x), ERROR_IO_PENDING);
	assert_int_equal(tk_get32(t, out), 0);
	tk_pass(t, 1);
	assert_int_equal(result(t, x), ERROR_FUNCTION_FAILED);
	assert_int_equal(tk_get32(t, GA(x, g_xoverlapped, extended_error)), 0x80070005);
	assert_int_equal(tk_get32(t, GA(x, g_xoverlapped, length)), 4);
	assert_int_equal(tk_get32(t, out), 7);
	machine_quiescence(t->m, &q);
	assert_int_equal(q.io, 0);
	assert_int_equal(arena_live(&t->m->world, t->m->t_overlapped), 0);
}

static void the_order_is_complete_then_event_then_apc(void **state)
{
	struct tk *t = TK(state);
	uint32_t event = tk_event(t, 0, true), x = overlapped(t, event, TK_CODE);
	begin(t, x, OVERLAPPED_TICKS, 0, 0);
	assert_int_equal(state_of(t, event), 0); /* reset when it begins */
	tk_forget(t);
	tk_pass(t, OVERLAPPED_TICKS);
	static const enum event_kind order[] = { EV_XAM_COMPLETE, EV_OBJECT_SIGNAL, EV_APC_QUEUE };
	assert_int_equal(t->events, ARRAY_LEN(order));
	for (unsigned i = 0; i < ARRAY_LEN(order); i++)
		assert_int_equal(t->event[i].kind, order[i]);
	assert_int_equal(t->event[0].aux[1], ERROR_FUNCTION_FAILED);
	assert_int_equal(t->event[2].aux[1], TK_CODE);
	assert_int_equal(state_of(t, event), 1);
}

static void the_apc_gets_result_length_and_xoverlapped(void **state)
{
	struct tk *t = TK(state);
	uint32_t seen = tk_memory(t, 12), due = tk_memory(t, 8);
	uint32_t routine = CODE(t, I_LOAD(9, seen), I_STW(3, 0, 9), I_STW(4, 4, 9), I_STW(5, 8, 9), I_BLR);
	uint32_t x = overlapped(t, 0, routine);
	tk_put64(t, due, (uint64_t)-10000000);
	begin(t, x, OVERLAPPED_TICKS, 0, 0);
	PARKS(t, t->main, "KeDelayExecutionThread", 1, 1, due);
	tk_pass(t, OVERLAPPED_TICKS);
	assert_false(tk_parked(t, t->main));
	tk_run(t, 100);
	assert_int_equal(tk_get32(t, seen), ERROR_FUNCTION_FAILED);
	assert_int_equal(tk_get32(t, seen + 4), 4);
	assert_int_equal(tk_get32(t, seen + 8), x);
}

static void event_and_routine_are_those_of_the_beginning(void **state)
{
	struct tk *t = TK(state);
	uint32_t event = tk_event(t, 0, false), other = tk_event(t, 0, false), x = overlapped(t, event, 0),
		 object = tk_object(t, event);
	begin(t, x, OVERLAPPED_TICKS, 0, 0);
	tk_put32(t, GA(x, g_xoverlapped, event), other); /* overwritten, and its event's handle closed */
	assert_int_equal(CALL(t, t->main, "NtClose", event), NT_SUCCESS);
	assert_int_equal(object_peek(t->m, object)->refs, 1);
	tk_forget(t);
	tk_pass(t, OVERLAPPED_TICKS);
	assert_int_equal(tk_count(t, EV_OBJECT_SIGNAL), 1);
	assert_int_equal(tk_count(t, EV_OBJECT_DESTROY), 1);
	assert_int_equal(state_of(t, other), 0);
}

static void an_event_that_is_none_is_left_out(void **state)
{
	struct tk *t = TK(state);
	uint32_t x = overlapped(t, 0x7770, 0);
	assert_int_equal(begin(t, x, OVERLAPPED_TICKS, 0, 0), ERROR_IO_PENDING);
	tk_pass(t, OVERLAPPED_TICKS);
	assert_int_equal(result(t, x), ERROR_FUNCTION_FAILED);
}

static void one_used_twice_is_completed_twice(void **state)
{
	struct tk *t = TK(state);
	uint32_t x = overlapped(t, 0, 0);
	begin(t, x, 10, 0, 0);
	begin(t, x, 20, 0, 0);
	tk_pass(t, 10);
	assert_int_equal(tk_count(t, EV_XAM_COMPLETE), 1);
	assert_int_equal(result(t, x), ERROR_FUNCTION_FAILED);
	tk_pass(t, 10);
	assert_int_equal(tk_count(t, EV_XAM_COMPLETE), 2);
}

static void memory_that_is_gone_swallows_what_is_said(void **state)
{
	struct tk *t = TK(state);
	uint32_t base = tk_memory(t, 4), size = tk_memory(t, 4), event = tk_event(t, 0, false);
	tk_put32(t, size, 0x10000);
	assert_int_equal(CALL(t, t->main, "NtAllocateVirtualMemory", base, size, 0x1000, 4, 0), NT_SUCCESS);
	uint32_t x = tk_get32(t, base);
	tk_put32(t, GA(x, g_xoverlapped, event), event);
	begin(t, x, OVERLAPPED_TICKS, x + 64, 7);
	tk_put32(t, size, 0);
	assert_int_equal(CALL(t, t->main, "NtFreeVirtualMemory", base, size, 0x8000, 0), NT_SUCCESS);
	tk_pass(t, OVERLAPPED_TICKS);
	assert_int_equal(state_of(t, event), 1);
}

static void what_cannot_be_written_is_a_fault_and_nothing_begins(void **state)
{
	struct tk *t = TK(state);
	assert_int_equal(begin(t, overlapped(t, 0, 0), OVERLAPPED_TICKS, 0x10, 7), UINT32_MAX);
	t->m->pending = (struct stop){ 0 };
	assert_int_equal(begin(t, 0x10, OVERLAPPED_TICKS, 0, 7), UINT32_MAX);
	assert_int_equal(arena_live(&t->m->world, t->m->t_overlapped), 0);
	assert_int_equal(tk_count(t, EV_XAM_START), 0);
}

static void cancelled_it_completes_at_once_and_without_output(void **state)
{
	struct tk *t = TK(state);
	uint32_t event = tk_event(t, 0, false), out = tk_memory(t, 4), x = overlapped(t, event, 0);
	begin(t, x, OVERLAPPED_TICKS, out, 7);
	assert_int_equal(CALL(t, t->main, "XMsgCancelIORequest", x, 1), 0);
	assert_int_equal(result(t, x), ERROR_CANCELLED);
	assert_int_equal(tk_get32(t, GA(x, g_xoverlapped, extended_error)), 0x800704C7);
	assert_int_equal(tk_get32(t, out), 0);
	assert_int_equal(state_of(t, event), 1);
	assert_int_equal(deadline_next(t->m), DEADLINE_NEVER);
	assert_int_equal(CALL(t, t->main, "XMsgCancelIORequest", x, 1), 0); /* nothing pending: nothing done */
	assert_int_equal(tk_count(t, EV_XAM_COMPLETE), 1);
}

static void a_message_completes_it_with_its_own_words(void **state)
{
	struct tk *t = TK(state);
	uint32_t event = tk_event(t, 0, false), x = overlapped(t, event, 0);
	begin(t, x, DEADLINE_NEVER, 0, 0);
	for (unsigned i = 0; i < 2; i++) { /* pending, and not */
		CALL(t, t->main, "NtClearEvent", event);
		assert_int_equal(CALL(t, t->main, "XMsgCompleteIORequest", x, 1 + i, 2, 3), 0);
		assert_int_equal(result(t, x), 1 + i);
		assert_int_equal(tk_get32(t, GA(x, g_xoverlapped, extended_error)), 2);
		assert_int_equal(tk_get32(t, GA(x, g_xoverlapped, length)), 3);
		assert_int_equal(state_of(t, event), 1);
	}
	assert_int_equal(arena_live(&t->m->world, t->m->t_overlapped), 0);
	assert_int_equal(tk_event_at(t, EV_XAM_COMPLETE, 1)->aux[0], 0);
}

static void one_that_nobody_answers_is_lost_until_the_user_completes_it(void **state)
{
	struct tk *t = TK(state);
	struct quiescence q;
	struct err err;
	uint32_t event = tk_event(t, 0, false), out = tk_memory(t, 4), x = overlapped(t, event, 0), bare = overlapped(t, 0, 0);
	begin(t, x, DEADLINE_NEVER, out, 7);
	begin(t, bare, DEADLINE_NEVER, 0, 0);
	tk_pass(t, 1u << 30);
	machine_quiescence(t->m, &q);
	assert_int_equal(q.io, 0);
	assert_int_equal(q.io_lost, 2);
	assert_int_not_equal(overlapped_lost_for(t->m, tk_object(t, event)), 0);
	assert_int_equal(machine_poke(t->m, POKE_COMPLETE, tk_object(t, event), &err), ST_OK);
	assert_int_equal(tk_get32(t, out), 7);
	assert_int_equal(state_of(t, event), 1);
	uint32_t self = thread_peek(t->m, t->main)->object; /* without an event: by its thread */
	assert_int_equal(machine_poke(t->m, POKE_COMPLETE, self, &err), ST_OK);
	assert_int_equal(result(t, bare), ERROR_FUNCTION_FAILED);
	assert_int_equal(machine_poke(t->m, POKE_COMPLETE, self, &err), ST_STATE);
}

static const struct CMUnitTest tests[] = {
	TK_TEST(without_an_xoverlapped_a_call_answers_at_once),
	TK_TEST(what_it_says_comes_in_its_time_and_not_before),
	TK_TEST(the_order_is_complete_then_event_then_apc),
	TK_TEST(the_apc_gets_result_length_and_xoverlapped),
	TK_TEST(event_and_routine_are_those_of_the_beginning),
	TK_TEST(an_event_that_is_none_is_left_out),
	TK_TEST(one_used_twice_is_completed_twice),
	TK_TEST(memory_that_is_gone_swallows_what_is_said),
	TK_TEST(what_cannot_be_written_is_a_fault_and_nothing_begins),
	TK_TEST(cancelled_it_completes_at_once_and_without_output),
	TK_TEST(a_message_completes_it_with_its_own_words),
	TK_TEST(one_that_nobody_answers_is_lost_until_the_user_completes_it),
};

TK_MAIN(tests)
