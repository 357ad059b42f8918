/* tests/t_xam_enum.c - the laws of enumerators: objects that hand out a list, so many items at a time. */
#include "config.h"

#include "kernel/enumerator.h"
#include "tests/xamkit.h"

#define ITEM 8u

/* An enumerator of @n items of 8 bytes, the words (i, i * i), @per_call at a time; its handle. */
static uint32_t enumerator(struct tk *t, uint32_t n, uint32_t per_call)
{
	const struct enumerator_spec spec = {
		.item_size = ITEM, .per_call = per_call, .app = 0xFE, .open_message = 0x20005, .user = 0xFF
	};
	struct call c = { .thread = t->main };
	uint32_t out = tk_memory(t, 4), object = enumerator_new(t->m, t->main, &spec);
	for (uint32_t i = 0; i < n; i++) {
		const be32 item[2] = { be32_of(i), be32_of(i * i) };
		assert_true(enumerator_add(t->m, object, item));
	}
	enumerator_open(t->m, &c, object, out);
	assert_int_equal(c.result, ERROR_SUCCESS);
	return tk_get32(t, out);
}

static void items_come_in_their_order_so_many_at_a_time(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = enumerator(t, 20, 8), buffer = tk_memory(t, 8 * ITEM), items = tk_memory(t, 4);
	for (uint32_t begin = 0; begin < 20; begin += 8) {
		assert_int_equal(CALL(t, t->main, "XamEnumerate", h, 0, buffer, 8 * ITEM, items, 0), ERROR_SUCCESS);
		uint32_t n = tk_get32(t, items);
		assert_int_equal(n, begin == 16 ? 4 : 8);
		for (uint32_t i = 0; i < n; i++)
			assert_int_equal(tk_get32(t, buffer + i * ITEM + 4), (begin + i) * (begin + i));
	}
	assert_int_equal(CALL(t, t->main, "XamEnumerate", h, 0, buffer, 8 * ITEM, items, 0), ERROR_NO_MORE_FILES);
	assert_int_equal(tk_get32(t, items), 0);
}

static void through_an_xoverlapped_the_length_is_the_number_of_items(void **state)
{
	struct tk *t = TK(state);
	uint32_t event = tk_event(t, 0, false), h = enumerator(t, 3, 2), buffer = tk_memory(t, 2 * ITEM),
		 x = xa_overlapped(t, event);
	assert_int_equal(CALL(t, t->main, "XamEnumerate", h, 0, buffer, 2 * ITEM, 0, x), ERROR_IO_PENDING);
	assert_int_equal(tk_get32(t, buffer + ITEM), 0); /* not yet */
	assert_int_equal(xa_complete(t, x), ERROR_SUCCESS);
	assert_int_equal(XA(t, x, length), 2);
	assert_int_equal(tk_get32(t, buffer + ITEM), 1);
	assert_int_equal(object_signal_state(t->m, tk_object(t, event)), 1);
	CALL(t, t->main, "XamEnumerate", h, 0, buffer, 2 * ITEM, 0, x);
	xa_complete(t, x);
	assert_int_equal(XA(t, x, length), 1);
	CALL(t, t->main, "XamEnumerate", h, 0, buffer, 2 * ITEM, 0, x);
	assert_int_equal(xa_complete(t, x), ERROR_FUNCTION_FAILED); /* the error stands in the extended one */
	assert_int_equal(XA(t, x, extended_error), 0x80070012);
	assert_int_equal(XA(t, x, length), 0);
}

static void a_small_buffer_gets_what_fits_and_the_rest_comes_next(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = enumerator(t, 3, 8), buffer = tk_memory(t, 8 * ITEM), items = tk_memory(t, 4);
	assert_int_equal(CALL(t, t->main, "XamEnumerate", h, 0, buffer, ITEM - 1, items, 0), ERROR_INSUFFICIENT_BUFFER);
	assert_int_equal(CALL(t, t->main, "XamEnumerate", h, 0, 0, 8 * ITEM, items, 0), ERROR_INVALID_PARAMETER);
	assert_int_equal(CALL(t, t->main, "XamEnumerate", h, 0, buffer, 2 * ITEM, items, 0), ERROR_SUCCESS);
	assert_int_equal(tk_get32(t, items), 2);
	assert_int_equal(CALL(t, t->main, "XamEnumerate", h, 0, buffer, 2 * ITEM, items, 0), ERROR_SUCCESS);
	assert_int_equal(tk_get32(t, items), 1);
	assert_int_equal(tk_get32(t, buffer), 2);
}

static void a_bad_buffer_is_a_fault_and_no_item_is_lost(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = enumerator(t, 1, 1), buffer = tk_memory(t, ITEM);
	const uint64_t bad[] = { h, 0, 0x10, ITEM, 0, 0 };
	assert_true(tk_call_on(t, t->main, "XamEnumerate", 6, bad).faulted);
	t->m->pending = (struct stop){ 0 };
	assert_int_equal(CALL(t, t->main, "XamEnumerate", h, 0, buffer, ITEM, 0, 0), ERROR_SUCCESS);
}

static void only_an_enumerator_can_be_enumerated(void **state)
{
	struct tk *t = TK(state);
	uint32_t buffer = tk_memory(t, ITEM), out = tk_memory(t, 4), event = tk_event(t, 0, false);
	assert_int_equal(CALL(t, t->main, "XamEnumerate", event, 0, buffer, ITEM, 0, 0), ERROR_INVALID_HANDLE);
	assert_int_equal(CALL(t, t->main, "XamEnumerate", 0x7770, 0, buffer, ITEM, 0, 0), ERROR_INVALID_HANDLE);
	assert_int_equal(CALL(t, t->main, "XamGetPrivateEnumStructureFromHandle", event, out), NT_INVALID_HANDLE);
	assert_int_equal(CALL(t, t->main, "NtSetEvent", enumerator(t, 0, 1), 0), NT_OBJECT_TYPE_MISMATCH);
}

static void its_object_goes_with_the_last_reference_and_all_of_it(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = enumerator(t, 100, 1), out = tk_memory(t, 4), object = tk_object(t, h);
	assert_int_equal(CALL(t, t->main, "XamGetPrivateEnumStructureFromHandle", h, out), NT_SUCCESS);
	assert_int_equal(object_peek(t->m, object)->refs, 2);
	assert_int_equal(CALL(t, t->main, "NtClose", h), NT_SUCCESS);
	assert_int_equal(object_peek(t->m, object)->refs, 1);
	assert_int_equal(tk_get32(t, GA(tk_get32(t, out), g_kenumerator, open_message)), 0x20005);
	CALL(t, t->main, "ObDereferenceObject", tk_get32(t, out));
	assert_int_equal(tk_count(t, EV_OBJECT_DESTROY), 1);
	assert_int_equal(arena_live(&t->m->world, t->m->t_enumerator), 0);
}

static void a_wait_for_it_is_over_at_once(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = enumerator(t, 0, 1), list = tk_memory(t, 8);
	tk_put32(t, list, h);
	tk_put32(t, list + 4, tk_event(t, 1, true));
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(CALL(t, t->main, "NtWaitForSingleObjectEx", h, 1, 0, 0), NT_SUCCESS);
	assert_int_equal(CALL(t, t->main, "NtWaitForMultipleObjectsEx", 2, list, 0, 1, 0, 0), NT_SUCCESS);
}

static void one_of_the_titles_own_is_empty_and_a_stub(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 4), buffer = tk_memory(t, 64), body;
	assert_int_equal(
		CALL(t, t->main, "XamCreateEnumeratorHandle", 0, 0xFC, 0x58020, 0x58021, 0x40, 5, 7, out), ERROR_SUCCESS);
	uint32_t h = tk_get32(t, out);
	CALL(t, t->main, "XamGetPrivateEnumStructureFromHandle", h, out);
	body = tk_get32(t, out);
	static const uint32_t want[] = { 0xFC, 0x58020, 0x58021, 0, 5, 7, 0 };
	for (unsigned i = 0; i < ARRAY_LEN(want); i++)
		assert_int_equal(tk_get32(t, body + i * 4), want[i]);
	tk_put32(t, body + 0x18 + 0x3C, 1); /* the private structure is the title's to write */
	assert_int_equal(CALL(t, t->main, "XamEnumerate", h, 0, buffer, 64, 0, 0), ERROR_NO_MORE_FILES);
	assert_int_equal(tk_count(t, EV_STUB), 1);
	assert_int_equal(
		CALL(t, t->main, "XamCreateEnumeratorHandle", 0, 0xFC, 0, 0, 0x10000, 5, 7, out), ERROR_INVALID_PARAMETER);
	assert_int_equal(CALL(t, t->main, "XamCreateEnumeratorHandle", 0, 0xFC, 0, 0, 0, 5, 7, 0), ERROR_INVALID_PARAMETER);
}

static const struct CMUnitTest tests[] = {
	TK_TEST(items_come_in_their_order_so_many_at_a_time),
	TK_TEST(through_an_xoverlapped_the_length_is_the_number_of_items),
	TK_TEST(a_small_buffer_gets_what_fits_and_the_rest_comes_next),
	TK_TEST(a_bad_buffer_is_a_fault_and_no_item_is_lost),
	TK_TEST(only_an_enumerator_can_be_enumerated),
	TK_TEST(its_object_goes_with_the_last_reference_and_all_of_it),
	TK_TEST(a_wait_for_it_is_over_at_once),
	TK_TEST(one_of_the_titles_own_is_empty_and_a_stub),
};

TK_MAIN(tests)
