/* tests/t_handle.c - the laws of the handle table: numbers, recycling, generations, duplicates, stale use. */
#include "config.h"

#include "kernel/guest.h"
#include "kernel/handle.h"
#include "kernel/object.h"
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

static void stale_use_names_the_life_and_its_object(void **state)
{
	struct tk *t = TK(state);
	uint32_t a = tk_event(t, 0, false), out = tk_memory(t, 4), object = tk_object(t, a), id = object_peek(t->m, object)->id;
	CALL(t, MAIN(t), "NtDuplicateObject", a, out, 0);
	uint64_t sid = slot_of(t, a)->sid, osid = object_peek(t->m, object)->osid;
	CALL(t, MAIN(t), "NtClose", a);
	CALL(t, MAIN(t), "NtClose", tk_get32(t, out)); /* the object is gone too */
	assert_int_equal(CALL(t, MAIN(t), "NtSetEvent", a, 0), NT_INVALID_HANDLE);
	assert_int_equal(CALL(t, MAIN(t), "NtSetEvent", 0x7770, 0), NT_INVALID_HANDLE);
	const struct event *stale = tk_event_at(t, EV_HANDLE_STALE, 0), *never = tk_event_at(t, EV_HANDLE_STALE, 1);
	assert_true(
		stale->handle == a && stale->generation == 1 && stale->object == id && stale->sid == sid && stale->osid == osid);
	assert_true(stale->aux[0] == 0 && stale->aux[1] == 0);
	assert_string_equal(stale->type_name, "Event");
	assert_string_equal(stale->name, "NtSetEvent");
	assert_true(never->handle == 0x7770 && never->generation == 0 && never->object == 0 && never->sid == 0);
}

/* Closed, and recycled for an object that the call cannot mean. */
static void stale_use_of_a_recycled_number_names_both_lives(void **state)
{
	struct tk *t = TK(state);
	uint32_t a = tk_event(t, 0, false), out = tk_memory(t, 4), id = object_peek(t->m, tk_object(t, a))->id;
	CALL(t, MAIN(t), "NtClose", a);
	CALL(t, MAIN(t), "NtCreateMutant", out, 0, 0);
	assert_int_equal(tk_get32(t, out), a);
	assert_int_equal(CALL(t, MAIN(t), "NtSetEvent", a, 0), NT_OBJECT_TYPE_MISMATCH);
	const struct event *ev = tk_event_at(t, EV_HANDLE_STALE, 0);
	assert_true(ev->handle == a && ev->generation == 1 && ev->object == id);
	assert_true(ev->aux[0] == 2 && ev->aux[1] == object_peek(t->m, tk_object(t, a))->id);
	/* A semaphore was never here: that call is wrong, not stale. */
	assert_int_equal(CALL(t, MAIN(t), "NtReleaseSemaphore", a, 1, 0), NT_OBJECT_TYPE_MISMATCH);
	assert_int_equal(tk_count(t, EV_HANDLE_STALE), 1);
}

static void handles_that_the_table_never_gave_out_are_never_recycled(void **state)
{
	struct tk *t = TK(state);
	static const uint32_t never[] = { 0, 4, 0xFFC, 0xF0000010, 0xF8000004, 0x12345678 };
	for (unsigned i = 0; i < ARRAY_LEN(never); i++)
		assert_int_equal(CALL(t, MAIN(t), "NtClose", never[i]), NT_INVALID_HANDLE);
	assert_int_equal(tk_event(t, 0, false), 0x1004);
}

/* ---- policies ---- */

static struct tk *with_policy(void **state, enum handle_policy p)
{
	struct machine_options o;
	machine_options_default(&o);
	o.handles = p;
	tk_free(TK(state));
	return *state = tk_new_with(&o);
}

/* Opens five events, closes 2, 4, 1 in this order, opens four more: their numbers, as places counted from the first. */
static void expect_order(struct tk *t, uint32_t first, const int order[4])
{
	uint32_t h[5];
	for (unsigned i = 0; i < 5; i++) {
		h[i] = tk_event(t, 0, false);
		assert_int_equal(h[i], first + i * 4);
	}
	static const unsigned closed[] = { 2, 4, 1 };
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(CALL(t, MAIN(t), "NtClose", h[closed[i]]), NT_SUCCESS);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(tk_event(t, 0, false), first + (uint32_t)order[i] * 4);
}

/* The main thread's own handle is the first one of each policy. */
static void fifo_gives_out_what_was_closed_longest_ago(void **state)
{
	expect_order(with_policy(state, HANDLES_FIFO), 0x1004, (int[]){ 2, 4, 1, 5 });
}

static void bump_never_gives_out_a_number_again(void **state)
{
	struct tk *t = with_policy(state, HANDLES_BUMP);
	expect_order(t, 0x1004, (int[]){ 5, 6, 7, 8 });
	assert_int_equal(CALL(t, MAIN(t), "NtSetEvent", 0x1008, 0), NT_INVALID_HANDLE);
}

static void lifo_gives_out_what_was_closed_last(void **state)
{
	struct tk *t = with_policy(state, HANDLES_LIFO);
	assert_int_equal(slot_of(t, 0xF8000000)->object, thread_peek(t->m, MAIN(t))->object);
	expect_order(t, 0xF8000004, (int[]){ 1, 4, 2, 5 });
}

static void canary_gives_out_the_lowest_free_slot(void **state)
{
	struct tk *t = with_policy(state, HANDLES_CANARY);
	assert_int_equal(slot_by_handle(t->m, 0xF8000000), 0);
	expect_order(t, 0xF8000008, (int[]){ 1, 2, 4, 5 });
}

static void canary_finds_the_lowest_of_many(void **state)
{
	struct tk *t = with_policy(state, HANDLES_CANARY);
	uint32_t out = tk_memory(t, 4), object = tk_object(t, tk_event(t, 0, false)), slot[9000];
	for (unsigned i = 0; i < ARRAY_LEN(slot); i++)
		slot[i] = handle_open(t->m, 0, object);
	static const unsigned closed[] = { 8999, 4096, 64, 4097, 63, 128, 8192 },
			      lowest[] = { 63, 64, 128, 4096, 4097, 8192, 8999 };
	for (unsigned i = 0; i < ARRAY_LEN(closed); i++)
		handle_close(t->m, 0, slot[closed[i]]);
	for (unsigned i = 0; i < ARRAY_LEN(lowest); i++) {
		CALL(t, MAIN(t), "NtDuplicateObject", 0xF8000008, out, 0);
		assert_int_equal(slot_by_handle(t->m, tk_get32(t, out)), slot[lowest[i]]);
	}
	CALL(t, MAIN(t), "NtDuplicateObject", 0xF8000008, out, 0);
	assert_int_equal(slot_by_handle(t->m, tk_get32(t, out)), slot[8999] + 1);
}

static void host_handles_are_never_recycled(void **state)
{
	static const uint32_t first[] = { [HANDLES_FIFO] = 0xF0000000,
		[HANDLES_BUMP] = 0xF0000000,
		[HANDLES_LIFO] = 0xF0000000,
		[HANDLES_CANARY] = 0x01000004 };
	for (enum handle_policy p = 0; p < HANDLE_POLICY_COUNT; p++) {
		struct tk *t = with_policy(state, p);
		uint32_t next = tk_event(t, 0, false) + 4, object = object_new(t->m, 0, OT_EVENT_AUTO, sizeof(struct g_kevent));
		assert_int_equal(slot_by_handle(t->m, first[p]), 0);
		for (uint32_t i = 0; i < SLOTS_HOST; i++) {
			uint32_t slot = handle_open_host(t->m, object);
			assert_int_equal(slot_peek(t->m, slot)->handle, first[p] + i * 4);
			assert_int_equal(slot_by_handle(t->m, first[p] + i * 4), slot);
			assert_int_equal(CALL(t, MAIN(t), "NtSetEvent", first[p] + i * 4, 0), NT_SUCCESS);
			if (i) /* the first one keeps the object */
				assert_int_equal(CALL(t, MAIN(t), "NtClose", first[p] + i * 4), NT_SUCCESS);
		}
		assert_int_equal(handle_open_host(t->m, object), 0);
		assert_int_equal(tk_event(t, 0, false), next);
		assert_int_equal(CALL(t, MAIN(t), "NtSetEvent", first[p] + 4, 0), NT_INVALID_HANDLE);
	}
}

static void every_policy_has_a_word(void **state)
{
	assert_string_equal(handle_policy_word(HANDLES_FIFO), "fifo");
	assert_string_equal(handle_policy_word(HANDLES_CANARY), "canary");
	assert_null(handle_policy_word(HANDLE_POLICY_COUNT));
}

static void every_number_leads_to_its_slot_and_back(void **state)
{
	for (enum handle_policy p = 0; p < HANDLE_POLICY_COUNT; p++) {
		struct tk *t = with_policy(state, p);
		for (unsigned i = 0; i < 300; i++) {
			uint32_t h = tk_event(t, 0, false);
			assert_int_equal(slot_of(t, h)->handle, h);
			assert_int_equal(slot_by_handle(t->m, h + 4), 0);
			if (i % 3 == 0)
				assert_int_equal(CALL(t, MAIN(t), "NtClose", h), NT_SUCCESS);
		}
	}
}

/* Kind, thread and stable ids of what these calls emit, and their results, as one number. */
static uint64_t story_under(void **state, enum handle_policy p)
{
	struct tk *t = with_policy(state, p);
	uint32_t w = tk_thread(t, 1), out = tk_memory(t, 4), h[8];
	uint64_t hash = FNV_BASIS;
	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < ARRAY_LEN(h); i++)
			h[i] = tk_event(t, i & 1, false);
		CALL(t, w, "NtDuplicateObject", h[2], out, 0);
		PARKS(t, w, "NtWaitForSingleObjectEx", tk_get32(t, out), 1, 0, 0);
		hash = fnv_u64(hash, CALL(t, MAIN(t), "NtSetEvent", h[2], 0));
		hash = fnv_u64(hash, tk_wake(t, w));
		CALL(t, MAIN(t), "NtClose", tk_get32(t, out));
		for (unsigned i = 0; i < ARRAY_LEN(h); i++)
			hash = fnv_u64(hash, CALL(t, w, "NtClose", h[i * 5 % ARRAY_LEN(h)]));
	}
	for (unsigned i = 0; i < t->events; i++) {
		const struct event *ev = &t->event[i];
		hash = fnv_u64(fnv_u64(fnv_u64(fnv_u64(hash, ev->kind), ev->thread_key), ev->sid), ev->osid);
	}
	assert_int_equal(tk_count(t, EV_HANDLE_CREATE), tk_count(t, EV_HANDLE_DESTROY) + 1); /* the worker's stays */
	return hash;
}

static void what_happens_is_the_same_under_every_policy(void **state)
{
	uint64_t fifo = story_under(state, HANDLES_FIFO);
	for (enum handle_policy p = HANDLES_BUMP; p < HANDLE_POLICY_COUNT; p++)
		assert_true(story_under(state, p) == fifo);
}

static void a_million_live_handles_work(void **state)
{
	for (enum handle_policy p = 0; p < HANDLE_POLICY_COUNT; p++) {
		struct tk *t = with_policy(state, p);
		uint32_t a = tk_event(t, 0, false), object = tk_object(t, a);
		for (unsigned i = 1; i < 1000000; i++)
			handle_open(t->m, 0, object);
		assert_int_equal(object_peek(t->m, object)->handles, 1000000);
		assert_int_equal(tk_object(t, a + 999999 * 4), object);
		assert_int_equal(CALL(t, MAIN(t), "NtSetEvent", a + 500000 * 4, 0), NT_SUCCESS);
		assert_int_equal(CALL(t, MAIN(t), "NtClose", a + 500000 * 4), NT_SUCCESS);
		assert_int_equal(tk_event(t, 0, false), a + (p == HANDLES_BUMP ? 1000000 : 500000) * 4);
	}
}

/* ---- closing ---- */

static void close_of_a_pseudo_handle_does_nothing(void **state)
{
	struct tk *t = TK(state);
	assert_int_equal(CALL(t, MAIN(t), "NtClose", HANDLE_CURRENT_THREAD), NT_SUCCESS);
	assert_int_equal(CALL(t, MAIN(t), "NtClose", HANDLE_CURRENT_PROCESS), NT_SUCCESS);
	assert_int_equal(tk_count(t, EV_HANDLE_DESTROY), 0);
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
	TK_TEST(stale_use_names_the_life_and_its_object),
	TK_TEST(stale_use_of_a_recycled_number_names_both_lives),
	TK_TEST(handles_that_the_table_never_gave_out_are_never_recycled),
	TK_TEST(fifo_gives_out_what_was_closed_longest_ago),
	TK_TEST(bump_never_gives_out_a_number_again),
	TK_TEST(lifo_gives_out_what_was_closed_last),
	TK_TEST(canary_gives_out_the_lowest_free_slot),
	TK_TEST(canary_finds_the_lowest_of_many),
	TK_TEST(host_handles_are_never_recycled),
	TK_TEST(every_policy_has_a_word),
	TK_TEST(every_number_leads_to_its_slot_and_back),
	TK_TEST(what_happens_is_the_same_under_every_policy),
	TK_TEST(a_million_live_handles_work),
	TK_TEST(close_of_a_pseudo_handle_does_nothing),
	TK_TEST(low_two_bits_of_a_handle_are_ignored),
	TK_TEST(wrong_type_is_a_type_mismatch),
	TK_TEST(stable_ids_count_the_creations_of_each_thread),
};
TK_MAIN(tests)
