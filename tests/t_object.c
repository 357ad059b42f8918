/* tests/t_object.c - the laws of objects: references, ghosts, memory that becomes another object, names, guest-visible headers. */
#include "config.h"

#include "kernel/object.h"
#include "kernel/rows.h"
#include "kernel/vars.h"
#include "tests/testkit.h"

static uint32_t reference(struct tk *t, uint32_t h, uint32_t type)
{
	uint32_t out = tk_memory(t, 4);
	tk_put32(t, out, 0xdead);
	uint32_t nt = (uint32_t)CALL(t, t->main, "ObReferenceObjectByHandle", h, type, out);
	return nt == NT_SUCCESS ? tk_get32(t, out) : nt;
}

static const struct w_object *O(struct tk *t, uint32_t h)
{
	return object_peek(t->m, tk_object(t, h));
}

static void refs_are_handles_pointers_waits_and_one_for_a_running_thread(void **state)
{
	struct tk *t = TK(state);
	uint32_t e = tk_event(t, 1, false), w = tk_thread(t, 1), out = tk_memory(t, 4);
	assert_int_equal(O(t, e)->refs, 1);
	CALL(t, t->main, "NtDuplicateObject", e, out, 0);
	assert_int_equal(O(t, e)->refs, 2);
	reference(t, e, 0);
	assert_int_equal(O(t, e)->refs, 3);
	PARKS(t, w, "NtWaitForSingleObjectEx", e, 1, 0, 0);
	assert_int_equal(O(t, e)->refs, 4);
	assert_int_equal(O(t, 0x1000)->refs, 2); /* main: a handle, and it runs */
	uint32_t header = O(t, e)->body_ga - 0x18;
	assert_int_equal(tk_get32(t, header), 4);
	assert_int_equal(tk_get32(t, header + 4), 2);
}

static void a_pointer_reference_keeps_the_object_after_its_last_handle(void **state)
{
	struct tk *t = TK(state);
	uint32_t e = tk_event(t, 1, false), ga = reference(t, e, 0);
	CALL(t, t->main, "NtClose", e);
	assert_int_equal(tk_count(t, EV_OBJECT_DESTROY), 0);
	assert_int_equal(CALL(t, t->main, "KeSetEvent", ga, 0, 0), 0);
	CALL(t, t->main, "ObDereferenceObject", ga);
	assert_int_equal(tk_count(t, EV_OBJECT_DESTROY), 1);
	assert_int_equal(object_by_ga(t->m, ga), 0);
}

static void a_wait_keeps_the_object_after_its_last_handle(void **state)
{
	struct tk *t = TK(state);
	uint32_t e = tk_event(t, 1, false), w = tk_thread(t, 1), zero = tk_memory(t, 8);
	tk_put64(t, zero, (uint64_t)-1000);
	PARKS(t, w, "NtWaitForSingleObjectEx", e, 1, 0, zero);
	uint32_t object = tk_object(t, e);
	CALL(t, t->main, "NtClose", e);
	assert_int_equal(object_peek(t->m, object)->refs, 1);
	tk_pass(t, 5000);
	assert_int_equal(tk_wake(t, w), NT_TIMEOUT);
	assert_int_equal(tk_count(t, EV_OBJECT_DESTROY), 1);
}

static void more_dereferences_than_references_leave_the_handles_object_alone(void **state)
{
	struct tk *t = TK(state);
	uint32_t e = tk_event(t, 1, false), ga = O(t, e)->body_ga;
	CALL(t, t->main, "ObDereferenceObject", ga);
	CALL(t, t->main, "ObDereferenceObject", ga);
	assert_int_equal(O(t, e)->refs, 1);
	assert_int_equal(CALL(t, t->main, "NtSetEvent", e, 0), NT_SUCCESS);
}

static void reference_by_handle_checks_the_type_object(void **state)
{
	struct tk *t = TK(state);
	uint32_t e = tk_event(t, 0, false), out = tk_memory(t, 4);
	uint32_t event_type = vars_address((uint32_t)export_find_name("ExEventObjectType"));
	uint32_t thread_type = vars_address((uint32_t)export_find_name("ExThreadObjectType"));
	assert_int_equal(reference(t, e, event_type), O(t, e)->body_ga);
	assert_int_equal(reference(t, e, thread_type), NT_OBJECT_TYPE_MISMATCH);
	tk_put32(t, out, 0xdead);
	assert_int_equal(CALL(t, t->main, "ObReferenceObjectByHandle", 0x7770, 0, out), NT_INVALID_HANDLE);
	assert_int_equal(tk_get32(t, out), 0);
	assert_int_equal(tk_get32(t, O(t, e)->body_ga - 8), event_type);
}

static void ids_count_up_and_are_never_reused(void **state)
{
	struct tk *t = TK(state);
	uint32_t e = tk_event(t, 0, false), id = O(t, e)->id;
	CALL(t, t->main, "NtClose", e);
	e = tk_event(t, 0, false);
	assert_int_equal(O(t, e)->id, id + 1);
	assert_int_equal(object_by_id(t->m, id), 0);
	assert_int_equal(object_by_id(t->m, id + 1), tk_object(t, e));
	assert_int_equal(object_by_osid(t->m, O(t, e)->osid), tk_object(t, e));
}

static void a_raw_event_is_a_ghost_at_its_first_use(void **state)
{
	struct tk *t = TK(state);
	uint32_t ga = tk_memory(t, 16);
	tk_put32(t, ga, 0x01000000); /* type 1, never initialised through the kernel */
	assert_int_equal(CALL(t, t->main, "KeSetEvent", ga, 0, 0), 0);
	uint32_t object = object_by_ga(t->m, ga);
	assert_int_equal(object_peek(t->m, object)->ghost, 1);
	assert_int_equal(object_peek(t->m, object)->type, OT_EVENT_AUTO);
	assert_int_equal(tk_count(t, EV_OBJECT_FOUND), 1);
	CALL(t, t->main, "KeSetEvent", ga, 0, 0);
	assert_int_equal(tk_count(t, EV_OBJECT_FOUND), 1);
	assert_int_equal(tk_count(t, EV_OBJECT_CREATE), 0);
}

static void an_initialised_object_is_no_ghost(void **state)
{
	struct tk *t = TK(state);
	uint32_t ga = tk_memory(t, 16);
	CALL(t, t->main, "KeInitializeEvent", ga, 1, 0);
	assert_int_equal(object_peek(t->m, object_by_ga(t->m, ga))->ghost, 0);
}

static void initialising_again_makes_a_new_object(void **state)
{
	struct tk *t = TK(state);
	uint32_t ga = tk_memory(t, 32);
	CALL(t, t->main, "KeInitializeEvent", ga, 1, 1);
	uint32_t id = object_peek(t->m, object_by_ga(t->m, ga))->id;
	CALL(t, t->main, "KeInitializeSemaphore", ga, 0, 5);
	uint32_t object = object_by_ga(t->m, ga);
	assert_int_equal(object_peek(t->m, object)->id, id + 1);
	assert_int_equal(object_peek(t->m, object)->type, OT_SEMAPHORE);
	assert_int_equal(tk_count(t, EV_OBJECT_DESTROY), 1);
}

static void memory_that_became_another_type_is_another_object(void **state)
{
	struct tk *t = TK(state);
	uint32_t ga = tk_memory(t, 32);
	CALL(t, t->main, "KeInitializeEvent", ga, 1, 0);
	tk_put32(t, ga, 0x05000000); /* a semaphore now, by the title's own hand */
	tk_put32(t, ga + 4, 2);
	tk_put32(t, ga + 16, 9);
	assert_int_equal(CALL(t, t->main, "KeReleaseSemaphore", ga, 0, 1, 0), 2);
	assert_int_equal(object_peek(t->m, object_by_ga(t->m, ga))->type, OT_SEMAPHORE);
	assert_int_equal(object_peek(t->m, object_by_ga(t->m, ga))->ghost, 1);
}

static void initialising_under_a_waiter_detaches_the_old_object(void **state)
{
	struct tk *t = TK(state);
	uint32_t ga = tk_memory(t, 16), w = tk_thread(t, 1);
	CALL(t, t->main, "KeInitializeEvent", ga, 1, 0);
	uint32_t old = object_by_ga(t->m, ga);
	PARKS(t, w, "KeWaitForSingleObject", ga, 0, 0, 0, 0);
	CALL(t, t->main, "KeInitializeEvent", ga, 1, 0);
	assert_int_equal(object_peek(t->m, old)->detached, 1);
	assert_int_equal(object_peek(t->m, old)->waiters, 1);
	CALL(t, t->main, "KeSetEvent", ga, 0, 0);
	assert_true(tk_parked(t, w)); /* nobody can wake it any more */
}

static void a_dispatcher_of_an_unknown_type_stops_the_run(void **state)
{
	struct tk *t = TK(state);
	uint32_t ga = tk_memory(t, 16);
	tk_put32(t, ga, 0x04000000); /* a queue */
	const uint64_t args[] = { ga, 0, 0, 0, 0 };
	assert_true(tk_call_on(t, t->main, "KeWaitForSingleObject", 5, args).faulted);
	assert_int_equal(t->m->pending.kind, STOP_UNIMPLEMENTED);
	assert_non_null(strstr(t->m->pending.text, "type 4"));
}

static void a_bad_dispatcher_pointer_is_a_guest_fault(void **state)
{
	struct tk *t = TK(state);
	const uint64_t args[] = { 0x8, 0, 0 };
	assert_true(tk_call_on(t, t->main, "KeSetEvent", 3, args).faulted);
	assert_int_equal(t->m->pending.kind, STOP_FAULT);
}

static uint32_t attributes(struct tk *t, const char *name)
{
	uint32_t text = tk_string(t, name), ansi = tk_memory(t, 8), oa = tk_memory(t, 12);
	tk_put32(t, ansi, (uint32_t)strlen(name) << 16 | (uint32_t)strlen(name));
	tk_put32(t, ansi + 4, text);
	tk_put32(t, oa + 4, ansi);
	return oa;
}

static void a_name_that_exists_gives_a_further_handle_to_that_object(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 8);
	assert_int_equal(CALL(t, t->main, "NtCreateEvent", out, attributes(t, "Gate"), 0, 1), NT_SUCCESS);
	assert_int_equal(CALL(t, t->main, "NtCreateEvent", out + 4, attributes(t, "GATE"), 0, 0), NT_OBJECT_NAME_EXISTS);
	assert_int_equal(tk_object(t, tk_get32(t, out)), tk_object(t, tk_get32(t, out + 4)));
	assert_string_equal(tk_event_at(t, EV_OBJECT_CREATE, 0)->object_name, "Gate");
	assert_int_equal(CALL(t, t->main, "NtCreateSemaphore", out, attributes(t, "gate"), 0, 1), NT_OBJECT_TYPE_MISMATCH);
}

static void a_name_ends_with_its_object(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 8);
	CALL(t, t->main, "NtCreateEvent", out, attributes(t, "Gate"), 0, 1);
	CALL(t, t->main, "NtClose", tk_get32(t, out));
	assert_int_equal(CALL(t, t->main, "NtCreateMutant", out, attributes(t, "Gate"), 0), NT_SUCCESS);
}

static void a_thread_is_found_by_its_id(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 4), w = tk_thread(t, 1);
	assert_int_equal(CALL(t, t->main, "ObLookupThreadByThreadId", thread_peek(t->m, w)->tid, out), NT_SUCCESS);
	assert_int_equal(tk_get32(t, out), thread_peek(t->m, w)->kthread_ga);
	assert_int_equal(object_peek(t->m, thread_peek(t->m, w)->object)->pointers, 1);
	assert_int_equal(CALL(t, t->main, "ObLookupThreadByThreadId", 999, out), NT_INVALID_CID);
	assert_int_equal(tk_get32(t, out), 0);
}

static void open_by_pointer_is_a_new_handle(void **state)
{
	struct tk *t = TK(state);
	uint32_t e = tk_event(t, 0, false), out = tk_memory(t, 4);
	assert_int_equal(CALL(t, t->main, "ObOpenObjectByPointer", O(t, e)->body_ga, 0, out), NT_SUCCESS);
	assert_int_not_equal(tk_get32(t, out), e);
	assert_int_equal(tk_object(t, tk_get32(t, out)), tk_object(t, e));
}

static void ten_thousand_objects_come_and_go_without_a_trace(void **state)
{
	struct tk *t = TK(state);
	uint32_t objects = arena_live(&t->m->world, t->m->t_object), out = tk_memory(t, 4);
	const struct mem_world *w = arena_peek(&t->m->world, t->m->mem.t_mem, 1);
	uint32_t frames = 0;
	for (unsigned round = 0; round < 2; round++) {
		uint32_t first = 0;
		for (unsigned i = 0; i < 10000; i++) {
			CALL(t, t->main, "NtCreateEvent", out, 0, 0, 0);
			first = first ? first : tk_get32(t, out);
		}
		for (unsigned i = 0; i < 10000; i++)
			CALL(t, t->main, "NtClose", first + i * 4);
		assert_int_equal(arena_live(&t->m->world, t->m->t_object), objects);
		assert_true(!round || w->frames_free == frames);
		frames = w->frames_free;
	}
}

static void reference_by_pointer_counts_up_and_down(void **state)
{
	struct tk *t = TK(state);
	uint32_t e = tk_event(t, 1, false), ga = O(t, e)->body_ga;
	assert_int_equal(CALL(t, t->main, "ObReferenceObject", ga), 2);
	assert_int_equal(O(t, e)->pointers, 1);
	CALL(t, t->main, "ObDereferenceObject", ga);
	assert_int_equal(O(t, e)->refs, 1);
}

static void an_object_is_the_titles_or_the_systems_as_its_maker_is(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 16), handle = tk_event(t, 0, false);
	uint32_t title = object_peek(t->m, tk_object(t, handle))->body_ga;
	assert_int_equal(CALL(t, t->main, "ObIsTitleObject", title), 1);
	CALL(t, t->main, "ExCreateThread", out, 0, out + 4, 0, TK_CODE, 0, 0x02000002);
	uint32_t system = thread_by_tid(t->m, tk_get32(t, out + 4));
	CALL(t, system, "NtCreateEvent", out + 8, 0, 0, 0);
	assert_int_equal(CALL(t, t->main, "ObIsTitleObject", object_peek(t->m, tk_object(t, tk_get32(t, out + 8)))->body_ga), 0);
	const uint64_t bad[] = { 0x100 };
	assert_true(tk_call_on(t, t->main, "ObIsTitleObject", 1, bad).faulted);
}

static const struct CMUnitTest tests[] = {
	TK_TEST(an_object_is_the_titles_or_the_systems_as_its_maker_is),
	TK_TEST(refs_are_handles_pointers_waits_and_one_for_a_running_thread),
	TK_TEST(a_pointer_reference_keeps_the_object_after_its_last_handle),
	TK_TEST(a_wait_keeps_the_object_after_its_last_handle),
	TK_TEST(more_dereferences_than_references_leave_the_handles_object_alone),
	TK_TEST(reference_by_handle_checks_the_type_object),
	TK_TEST(ids_count_up_and_are_never_reused),
	TK_TEST(a_raw_event_is_a_ghost_at_its_first_use),
	TK_TEST(an_initialised_object_is_no_ghost),
	TK_TEST(initialising_again_makes_a_new_object),
	TK_TEST(memory_that_became_another_type_is_another_object),
	TK_TEST(initialising_under_a_waiter_detaches_the_old_object),
	TK_TEST(a_dispatcher_of_an_unknown_type_stops_the_run),
	TK_TEST(a_bad_dispatcher_pointer_is_a_guest_fault),
	TK_TEST(a_name_that_exists_gives_a_further_handle_to_that_object),
	TK_TEST(a_name_ends_with_its_object),
	TK_TEST(a_thread_is_found_by_its_id),
	TK_TEST(open_by_pointer_is_a_new_handle),
	TK_TEST(ten_thousand_objects_come_and_go_without_a_trace),
	TK_TEST(reference_by_pointer_counts_up_and_down),
};
TK_MAIN(tests)
