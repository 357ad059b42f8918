/* tests/t_handle.c - the laws of the handle table: numbers, recycling, generations, duplicates, stale use. */
#include "config.h"

#include "kernel/handle.h"
#include "tests/testkit.h"

#define MAIN(t) ((t)->main)

static const struct w_slot *slot_of(struct tk *t, uint32_t handle)
{
	return slot_peek(t->m, slot_by_handle(t->m, handle));
}

static void fifo_counts_up_by_four_from_1000(void **state)
{
	struct tk *t = TK(state);
	/* 1000 is the main thread's own. */
	assert_int_equal(tk_event(t, 0, false), 0x1004);
	assert_int_equal(tk_event(t, 0, false), 0x1008);
}

static void fifo_recycles_the_handle_closed_longest_ago(void **state)
{
	struct tk *t = TK(state);
	uint32_t a = tk_event(t, 0, false), b = tk_event(t, 0, false), c = tk_event(t, 0, false);
	CALL(t, MAIN(t), "NtClose", b);
	CALL(t, MAIN(t), "NtClose", a);
	assert_int_equal(tk_event(t, 0, false), b);
	assert_int_equal(tk_event(t, 0, false), a);
	assert_int_equal(tk_event(t, 0, false), c + 4);
}

static void handle_reuse_starts_a_new_generation(void **state)
{
	struct tk *t = TK(state);
	uint32_t a = tk_event(t, 0, false);
	uint64_t sid = slot_of(t, a)->sid;
	assert_int_equal(slot_of(t, a)->generation, 1);
	CALL(t, MAIN(t), "NtClose", a);
	assert_int_equal(tk_event(t, 0, false), a);
	assert_int_equal(slot_of(t, a)->generation, 2);
	assert_true(slot_of(t, a)->sid != sid);
}

static void close_of_a_closed_handle_is_invalid_and_stale(void **state)
{
	struct tk *t = TK(state);
	uint32_t a = tk_event(t, 0, false);
	assert_int_equal(CALL(t, MAIN(t), "NtClose", a), NT_SUCCESS);
	assert_int_equal(CALL(t, MAIN(t), "NtClose", a), NT_INVALID_HANDLE);
	assert_int_equal(tk_event_at(t, EV_HANDLE_STALE, 0)->handle, a);
	assert_int_equal(tk_event_at(t, EV_HANDLE_STALE, 0)->generation, 1);
}

static void handles_that_the_table_never_gave_out_are_never_recycled(void **state)
{
	struct tk *t = TK(state);
	static const uint32_t never[] = { 0, 4, 0xFFC, 0xF0000010, 0xF8000004, 0x12345678 };
	for (unsigned i = 0; i < ARRAY_LEN(never); i++)
		assert_int_equal(CALL(t, MAIN(t), "NtClose", never[i]), NT_INVALID_HANDLE);
	assert_int_equal(tk_event(t, 0, false), 0x1004);
}

static void close_of_a_pseudo_handle_does_nothing(void **state)
{
	struct tk *t = TK(state);
	assert_int_equal(CALL(t, MAIN(t), "NtClose", HANDLE_CURRENT_THREAD), NT_SUCCESS);
	assert_int_equal(CALL(t, MAIN(t), "NtClose", HANDLE_CURRENT_PROCESS), NT_SUCCESS);
	assert_int_equal(tk_count(t, EV_HANDLE_DESTROY), 0);
}

static void duplicate_is_a_fresh_slot_on_the_same_object(void **state)
{
	struct tk *t = TK(state);
	uint32_t a = tk_event(t, 0, false), out = tk_memory(t, 4);
	assert_int_equal(CALL(t, MAIN(t), "NtDuplicateObject", a, out, 0), NT_SUCCESS);
	uint32_t b = tk_get32(t, out);
	assert_int_not_equal(a, b);
	assert_int_equal(tk_object(t, a), tk_object(t, b));
	assert_int_equal(object_peek(t->m, tk_object(t, a))->handles, 2);
	assert_int_equal(object_peek(t->m, tk_object(t, a))->refs, 2);
	assert_int_equal(tk_event_at(t, EV_HANDLE_DUP, 0)->handle, b);
	assert_int_equal(tk_event_at(t, EV_HANDLE_DUP, 0)->aux[0], a);
}

static void canonical_handle_is_the_oldest_open_one(void **state)
{
	struct tk *t = TK(state);
	uint32_t a = tk_event(t, 0, false), out = tk_memory(t, 4);
	CALL(t, MAIN(t), "NtDuplicateObject", a, out, 0);
	uint32_t b = tk_get32(t, out), object = tk_object(t, a);
	assert_int_equal(slot_peek(t->m, object_peek(t->m, object)->slot_first)->handle, a);
	CALL(t, MAIN(t), "NtClose", a);
	assert_int_equal(slot_peek(t->m, object_peek(t->m, object)->slot_first)->handle, b);
	assert_int_equal(tk_object(t, b), object);
}

static void duplicate_close_source_closes_the_source_slot(void **state)
{
	struct tk *t = TK(state);
	uint32_t a = tk_event(t, 0, false), out = tk_memory(t, 4), object = tk_object(t, a);
	assert_int_equal(CALL(t, MAIN(t), "NtDuplicateObject", a, out, 1), NT_SUCCESS);
	assert_int_equal(tk_object(t, a), 0);
	assert_int_equal(tk_object(t, tk_get32(t, out)), object);
	assert_int_equal(object_peek(t->m, object)->handles, 1);
}

static void duplicate_of_the_pseudo_handle_names_the_thread(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 4);
	assert_int_equal(CALL(t, MAIN(t), "NtDuplicateObject", HANDLE_CURRENT_THREAD, out, 0), NT_SUCCESS);
	assert_int_equal(object_peek(t->m, tk_object(t, tk_get32(t, out)))->thread, MAIN(t));
}

static void signal_through_a_duplicate_wakes_a_wait_on_the_source_and_back(void **state)
{
	struct tk *t = TK(state);
	uint32_t waiter = tk_thread(t, 1), a = tk_event(t, 1, false), out = tk_memory(t, 4);
	CALL(t, MAIN(t), "NtDuplicateObject", a, out, 0);
	uint32_t pair[2][2] = { { a, tk_get32(t, out) }, { tk_get32(t, out), a } };
	for (unsigned i = 0; i < 2; i++) {
		PARKS(t, waiter, "NtWaitForSingleObjectEx", pair[i][0], 1, 0, 0);
		assert_int_equal(CALL(t, MAIN(t), "NtSetEvent", pair[i][1], 0), NT_SUCCESS);
		assert_int_equal(tk_wake(t, waiter), NT_SUCCESS);
	}
}

static void last_close_ends_the_object(void **state)
{
	struct tk *t = TK(state);
	uint32_t a = tk_event(t, 0, false), out = tk_memory(t, 4);
	CALL(t, MAIN(t), "NtDuplicateObject", a, out, 0);
	CALL(t, MAIN(t), "NtClose", a);
	assert_int_equal(tk_count(t, EV_OBJECT_DESTROY), 0);
	CALL(t, MAIN(t), "NtClose", tk_get32(t, out));
	assert_int_equal(tk_count(t, EV_OBJECT_DESTROY), 1);
}

static void low_two_bits_of_a_handle_are_ignored(void **state)
{
	struct tk *t = TK(state);
	uint32_t a = tk_event(t, 0, false);
	assert_int_equal(CALL(t, MAIN(t), "NtSetEvent", a + 3, 0), NT_SUCCESS);
}

static void wrong_type_is_a_type_mismatch(void **state)
{
	struct tk *t = TK(state);
	uint32_t a = tk_event(t, 0, false);
	assert_int_equal(CALL(t, MAIN(t), "NtReleaseSemaphore", a, 1, 0), NT_OBJECT_TYPE_MISMATCH);
	assert_int_equal(CALL(t, MAIN(t), "NtReleaseMutant", a, 0), NT_OBJECT_TYPE_MISMATCH);
	assert_int_equal(CALL(t, MAIN(t), "NtSetEvent", 0x1000, 0), NT_OBJECT_TYPE_MISMATCH);
}

static void stable_ids_count_the_creations_of_each_thread(void **state)
{
	struct tk *t = TK(state);
	uint64_t key = fnv_str(FNV_BASIS, "main");
	tk_event(t, 0, false);
	tk_event(t, 1, false);
	for (unsigned i = 0; i < 2; i++) {
		uint64_t sid = fnv_str(fnv_u64(fnv_u64(fnv_str(FNV_BASIS, "s"), key), i), "Event");
		uint64_t osid = fnv_str(fnv_u64(fnv_u64(fnv_str(FNV_BASIS, "o"), key), i), "Event");
		assert_true(tk_event_at(t, EV_HANDLE_CREATE, i)->sid == sid);
		assert_true(tk_event_at(t, EV_OBJECT_CREATE, i)->osid == osid);
		assert_true(tk_event_at(t, EV_HANDLE_CREATE, i)->osid == osid);
		assert_true(tk_event_at(t, EV_HANDLE_CREATE, i)->thread_key == key);
	}
}

static const struct CMUnitTest tests[] = {
	TK_TEST(fifo_counts_up_by_four_from_1000),
	TK_TEST(fifo_recycles_the_handle_closed_longest_ago),
	TK_TEST(handle_reuse_starts_a_new_generation),
	TK_TEST(close_of_a_closed_handle_is_invalid_and_stale),
	TK_TEST(handles_that_the_table_never_gave_out_are_never_recycled),
	TK_TEST(close_of_a_pseudo_handle_does_nothing),
	TK_TEST(duplicate_is_a_fresh_slot_on_the_same_object),
	TK_TEST(canonical_handle_is_the_oldest_open_one),
	TK_TEST(duplicate_close_source_closes_the_source_slot),
	TK_TEST(duplicate_of_the_pseudo_handle_names_the_thread),
	TK_TEST(signal_through_a_duplicate_wakes_a_wait_on_the_source_and_back),
	TK_TEST(last_close_ends_the_object),
	TK_TEST(low_two_bits_of_a_handle_are_ignored),
	TK_TEST(wrong_type_is_a_type_mismatch),
	TK_TEST(stable_ids_count_the_creations_of_each_thread),
};
TK_MAIN(tests)
