/* tests/t_xam_enum.c - the laws of enumerators: objects that hand out a list, so many items at a time. */
#include "config.h"

#include "kernel/enumerator.h"
#include "kernel/spa.h"
#include "kernel/xmsg.h"
#include "src/load/image.h"
#include "src/load/xex.h"
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

/* ---- a title's achievements ------------------------------------------------------------------------------------------------------------ */

#define TITLE 0x454108E6u
#define ACHIEVEMENTS 3u

static void put(struct tk *t, uint32_t ga, unsigned n, uint32_t v)
{
	uint8_t b[4] = { (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v };
	assert_int_equal(mem_poke(&t->m->mem, ga, b + 4 - n, n), MEM_OK);
}

/* An XDBF with three achievements, ids 10, 11, 12, worth 5, 10, 15, whose texts are "A10", "B10", "C10", ... */
static uint32_t spa(struct tk *t, uint32_t *size)
{
	uint32_t ga = tk_memory(t, 0x400), data = ga + 24 + 4 * 18 + 2 * 8, strings = data + 0x100, at = strings + 14;
	static const uint32_t head[] = { 0x58444246, 0x10000, 4, 2, 2, 0 };
	for (unsigned i = 0; i < 6; i++)
		put(t, ga + i * 4, 4, head[i]);
	const uint32_t entry[2][3] = { { 1, 0x58414348, 0 }, { 3, 1, 0x100 } };
	for (unsigned i = 0; i < 2; i++) {
		put(t, ga + 24 + i * 18, 2, entry[i][0]);
		put(t, ga + 24 + i * 18 + 6, 4, entry[i][1]);
		put(t, ga + 24 + i * 18 + 10, 4, entry[i][2]);
		put(t, ga + 24 + i * 18 + 14, 4, 0x100);
	}
	put(t, data, 4, 0x58414348);
	put(t, data + 12, 2, ACHIEVEMENTS);
	put(t, strings, 4, 0x58535452);
	put(t, strings + 12, 2, ACHIEVEMENTS * 3);
	for (uint32_t i = 0; i < ACHIEVEMENTS; i++) {
		uint32_t a = data + 14 + i * 0x24;
		put(t, a, 2, 10 + i);
		for (uint32_t k = 0; k < 3; k++, at += 7) {
			put(t, a + 2 + k * 2, 2, 100 + i * 3 + k);
			put(t, at, 2, 100 + i * 3 + k);
			put(t, at + 2, 2, 3);
			put(t, at + 4, 3, ('A' + k) << 16 | '1' << 8 | ('0' + i));
		}
		put(t, a + 8, 4, 1000 + i);
		put(t, a + 12, 2, 5 * (i + 1));
		put(t, a + 16, 4, 8);
	}
	*size = data + 0x200 - ga;
	return ga;
}

/* The title has them from now on; @x and @r are its headers. */
static struct image *with_spa(struct tk *t, struct xex *x, struct xex_resource *r)
{
	struct image *img = (struct image *)t->m->image;
	*r = (struct xex_resource){ .name = "454108E6" };
	r->ga = spa(t, &r->size);
	*x = (struct xex){ .executed = true, .execution = { .title_id = TITLE }, .resources = 1, .resource = r };
	img->xex = x;
	return img;
}

static uint32_t achievements(struct tk *t, uint32_t texts, uint32_t first, uint32_t per_call, uint32_t bytes)
{
	uint32_t out = tk_memory(t, 8);
	assert_int_equal(CALL(t, t->main, "XamUserCreateAchievementEnumerator", 0, 0, 0, texts, first, per_call, out, out + 4),
		ERROR_SUCCESS);
	assert_int_equal(tk_get32(t, out), bytes * per_call);
	return tk_get32(t, out + 4);
}

static void achievements_come_from_the_titles_resource(void **state)
{
	struct tk *t = TK(state);
	struct xex x;
	struct xex_resource r;
	uint32_t buffer = tk_memory(t, 2 * 500), items = tk_memory(t, 4), none = achievements(t, 7, 0, 2, 500);
	assert_int_equal(
		CALL(t, t->main, "XamEnumerate", none, 0, buffer, 1000, items, 0), ERROR_NO_MORE_FILES); /* no resource */
	struct image *img = with_spa(t, &x, &r);
	const uint32_t list[] = { 0, 11 }, pair = tk_memory(t, 8), message = tk_memory(t, 8);
	tk_put32(t, pair + 4, list[1]);
	tk_put32(t, message, 1);
	tk_put32(t, message + 4, pair);
	CALL(t, t->main, "XMsgInProcessCall", 0xFB, 0xB0008, message, 8);
	uint32_t h = achievements(t, 5, 1, 2, 500);
	assert_int_equal(CALL(t, t->main, "XamEnumerate", h, 0, buffer, 1000, items, 0), ERROR_SUCCESS);
	assert_int_equal(tk_get32(t, items), 2);
	for (uint32_t i = 0; i < 2; i++) {
		uint32_t at = buffer + i * 0x24;
		assert_int_equal(tk_get32(t, at), 11 + i);
		assert_int_equal(tk_get32(t, tk_get32(t, at + 4)), 'A' << 16 | '1');
		assert_int_equal(tk_get32(t, tk_get32(t, at + 4) + 4), (uint32_t)('1' + i) << 16);
		assert_int_equal(tk_get32(t, at + 8), 0); /* not asked for */
		assert_int_equal(tk_get32(t, tk_get32(t, at + 12)), 'C' << 16 | '1');
		assert_int_equal(tk_get32(t, at + 0x10), 1001 + i);
		assert_int_equal(tk_get32(t, at + 0x14), 5 * (i + 2));
		assert_int_equal(tk_get32(t, at + 0x20), i ? 8 : 0x20008); /* 11 was achieved */
		assert_int_equal(tk_get32(t, at + 0x18) != 0, !i);
	}
	assert_int_equal(CALL(t, t->main, "XamEnumerate", h, 0, buffer, 1000, items, 0), ERROR_NO_MORE_FILES);
	h = achievements(t, 0, 0, 8, 0x24);
	assert_int_equal(CALL(t, t->main, "XamEnumerate", h, 0, buffer, 8 * 0x24, items, 0), ERROR_SUCCESS);
	assert_int_equal(tk_get32(t, items), 3);
	assert_int_equal(tk_get32(t, buffer + 2 * 0x24), 12);
	assert_int_equal(
		CALL(t, t->main, "XamUserCreateAchievementEnumerator", 0, 1, 0, 0, 0, 8, items, items), ERROR_INVALID_PARAMETER);
	img->xex = NULL;
}

/* Whatever bytes the resource has: a list, or none. */
static void a_damaged_resource_is_read_without_harm(void **state)
{
	struct tk *t = TK(state);
	struct xex x;
	struct xex_resource r;
	struct spa_achievement a;
	uint16_t text[SPA_TEXT_MAX + 1];
	struct image *img = with_spa(t, &x, &r);
	uint64_t seed = 1;
	for (unsigned round = 0; round < 2000; round++) {
		seed = seed * UINT64_C(6364136223846793005) + 1;
		uint32_t at = (uint32_t)(seed >> 33) % (round % 2 ? 0x60 : r.size), old = mem_get8(&t->m->mem, r.ga + at);
		mem_put8(&t->m->mem, r.ga + at, (uint8_t)(seed >> 20));
		for (uint32_t i = 0; i < 4; i++)
			if (spa_achievement(t->m, i, &a))
				assert_true(spa_text(t->m, a.label, text) <= SPA_TEXT_MAX);
		mem_put8(&t->m->mem, r.ga + at, (uint8_t)old);
	}
	assert_true(spa_achievement(t->m, 2, &a));
	assert_false(spa_achievement(t->m, 3, &a));
	assert_int_equal(spa_text(t->m, a.label, text), 3);
	img->xex = NULL;
}

static void no_titles_were_played_and_leaderboards_are_on_the_network(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 8), specs = tk_memory(t, 0x88), buffer = tk_memory(t, 0x200), x = xa_overlapped(t, 0);
	assert_int_equal(CALL(t, t->main, "XamUserCreateTitlesPlayedEnumerator", 0, 0, 0, 0, 3, out, out + 4), ERROR_SUCCESS);
	assert_int_equal(tk_get32(t, out), 3 * 0xA8);
	assert_int_equal(CALL(t, t->main, "XamEnumerate", tk_get32(t, out + 4), 0, buffer, 0x200, out, 0), ERROR_NO_MORE_FILES);
	assert_int_equal(
		CALL(t, t->main, "XamUserCreateTitlesPlayedEnumerator", 0, 1, 0, 0, 3, out, out + 4), ERROR_INVALID_PARAMETER);
	tk_put32(t, specs + 4, 2); /* columns */
	assert_int_equal(CALL(t, t->main, "XamUserCreateStatsEnumerator", 0, 1, 1, 10, 1, specs, out, out + 4), ERROR_SUCCESS);
	assert_int_equal(tk_get32(t, out), 8 + 16 + 10 * (0x30 + 2 * 24));
	assert_int_equal(CALL(t, t->main, "XamEnumerate", tk_get32(t, out + 4), 0, buffer, 0x200, 0, x), ERROR_IO_PENDING);
	assert_int_equal(xa_complete(t, x), ERROR_FUNCTION_FAILED);
	assert_int_equal(XA(t, x, extended_error), XMSG_NOT_LOGGED_ON);
	assert_int_equal(
		CALL(t, t->main, "XamUserCreateStatsEnumerator", 0, 1, 0, 10, 1, specs, out, out + 4), ERROR_INVALID_PARAMETER);
	assert_int_equal(
		CALL(t, t->main, "XamUserCreateStatsEnumerator", 0, 4, 1, 10, 1, specs, out, out + 4), ERROR_INVALID_PARAMETER);
	assert_int_equal(
		CALL(t, t->main, "XamUserCreateStatsEnumerator", 0, 1, 1, 101, 1, specs, out, out + 4), ERROR_INVALID_PARAMETER);
	assert_int_equal(tk_get32(t, out + 4), 0);
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
	TK_TEST(achievements_come_from_the_titles_resource),
	TK_TEST(a_damaged_resource_is_read_without_harm),
	TK_TEST(no_titles_were_played_and_leaderboards_are_on_the_network),
};

TK_MAIN(tests)
