/* tests/t_notify.c - notifications: who hears which, when its listener is signalled, what the system posts of itself. */
#include "config.h"

#include "kernel/guest.h"
#include "kernel/notify.h"
#include "tests/testkit.h"

static uint32_t listener(struct tk *t, uint64_t mask, uint32_t version)
{
	uint32_t handle = (uint32_t)CALL(t, t->main, "XamNotifyCreateListener", mask, version);
	assert_true(tk_object(t, handle));
	return handle;
}

/* Takes the next one; its id, 0 = none. */
static uint32_t next(struct tk *t, uint32_t handle, uint32_t match, uint32_t *data)
{
	uint32_t id = tk_memory(t, 4), param = tk_memory(t, 4);
	tk_put32(t, id, 0x55);
	tk_put32(t, param, 0x55);
	uint32_t got = (uint32_t)CALL(t, t->main, "XNotifyGetNext", handle, match, id, param);
	if (data)
		*data = tk_get32(t, param);
	assert_int_equal(got, tk_get32(t, id) != 0);
	return tk_get32(t, id);
}

static void the_first_that_hears_area_0_is_told_how_things_stand(void **state)
{
	struct tk *t = TK(state);
	uint32_t data, none = listener(t, 2, 0), first = listener(t, 1, 0), second = listener(t, 1, 0);
	static const uint32_t want[][2] = { { 9, 1 }, { 9, 0 }, { 10, 1 }, { 10, 1 } };
	assert_int_equal(next(t, none, 0, NULL), 0);
	assert_int_equal(next(t, second, 0, NULL), 0);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(next(t, first, 0, &data), want[i][0]);
		assert_int_equal(data, want[i][1]);
	}
	assert_int_equal(next(t, first, 0, &data), 0);
	assert_int_equal(data, 0);
	assert_int_equal(tk_count(t, EV_NOTIFY_TAKE), 4);
}

static void a_listener_is_signalled_while_something_waits_in_it(void **state)
{
	struct tk *t = TK(state);
	uint32_t other = tk_thread(t, 1), handle = listener(t, 2, 0);
	PARKS(t, other, "NtWaitForSingleObjectEx", handle, 1, 0, 0);
	CALL(t, t->main, "XNotifyBroadcast", NOTIFY_LIVE_CONNECTION_CHANGED, 7);
	assert_false(tk_parked(t, other));
	assert_int_equal(tk_wake(t, other), 0);
	assert_int_equal(tk_done(t, other, "NtWaitForSingleObjectEx", TK_ARGS(handle, 1, 0, 0)), 0);
	CALL(t, t->main, "XNotifyBroadcast", NOTIFY_LIVE_CONNECTION_CHANGED, 8);
	assert_int_equal(tk_count(t, EV_OBJECT_SIGNAL), 1);
	next(t, handle, 0, NULL);
	assert_int_equal(object_signal_state(t->m, tk_object(t, handle)), 1);
	next(t, handle, 0, NULL);
	assert_int_equal(object_signal_state(t->m, tk_object(t, handle)), 0);
	PARKS(t, other, "NtWaitForSingleObjectEx", handle, 1, 0, 0);
}

static void area_and_version_say_who_hears(void **state)
{
	struct tk *t = TK(state);
	uint32_t a = listener(t, 1u << 2, 3), b = listener(t, UINT64_C(1) << 40, 20);
	CALL(t, t->main, "XNotifyBroadcast", 2u << 25 | 3u << 16 | 5, 1);
	CALL(t, t->main, "XNotifyBroadcast", 2u << 25 | 4u << 16 | 5, 1);
	CALL(t, t->main, "XNotifyBroadcast", 40u << 25 | 10u << 16 | 6, 1);
	CALL(t, t->main, "XNotifyBroadcast", 40u << 25 | 11u << 16 | 6, 1);
	assert_int_equal(listener_of(t->m, tk_object(t, a))->count, 1);
	assert_int_equal(listener_of(t->m, tk_object(t, b))->count, 1);
	assert_int_equal(tk_count(t, EV_NOTIFY_POST), 4);
	assert_int_equal(tk_event_at(t, EV_NOTIFY_POST, 1)->aux[2], 0);
	assert_int_equal(notify_count(t->m)->unheard, 2);
}

static void an_id_is_taken_out_of_the_middle(void **state)
{
	struct tk *t = TK(state);
	uint32_t data, handle = (uint32_t)CALL(t, t->main, "XamNotifyCreateListenerInternal", 2, 1, 0);
	for (uint32_t i = 1; i < 5; i++)
		CALL(t, t->main, "XNotifyBroadcast", 0x02000000u | (i & 1), i);
	assert_int_equal(next(t, handle, 0x02000000, &data), 0x02000000);
	assert_int_equal(data, 2);
	assert_int_equal(next(t, handle, 0x02000000, &data), 0x02000000);
	assert_int_equal(data, 4);
	assert_int_equal(next(t, handle, 0x02000000, NULL), 0);
	CALL(t, t->main, "XNotifyBroadcast", 0x02000005, 9);
	assert_int_equal(next(t, handle, 0, &data), 0x02000001);
	assert_int_equal(data, 1);
	assert_int_equal(next(t, handle, 0x02000005, NULL), 0x02000005);
	assert_int_equal(next(t, handle, 0, &data), 0x02000001);
	assert_int_equal(data, 3);
	assert_int_equal(next(t, handle, 0, NULL), 0);
}

static void what_is_no_listener_has_nothing(void **state)
{
	struct tk *t = TK(state);
	uint32_t id = tk_memory(t, 4), event = tk_event(t, 0, false);
	tk_put32(t, id, 7);
	assert_int_equal(CALL(t, t->main, "XNotifyGetNext", event, 0, id, 0), 0);
	assert_int_equal(tk_get32(t, id), 0);
	assert_int_equal(CALL(t, t->main, "XNotifyGetNext", 0xABC, 0, id, 0), 0);
	assert_int_equal(CALL(t, t->main, "XNotifyGetNext", listener(t, 1, 0), 0, 0, 0), 0);
}

static void closed_its_queue_is_gone(void **state)
{
	struct tk *t = TK(state);
	uint32_t handle = listener(t, 1, 0);
	assert_int_equal(arena_live(&t->m->world, t->m->t_notification), 4);
	assert_int_equal(CALL(t, t->main, "NtClose", handle), 0);
	assert_int_equal(arena_live(&t->m->world, t->m->t_notification), 0);
	assert_int_equal(arena_live(&t->m->world, t->m->t_listener), 0);
	CALL(t, t->main, "XNotifyBroadcast", 9, 1);
	assert_int_equal(notify_count(t->m)->unheard, 1);
}

static void nobody_takes_them_and_the_kernel_lives(void **state)
{
	struct tk *t = TK(state);
	uint32_t handle = listener(t, 2, 0);
	for (unsigned i = 0; i < 1u << 16; i++)
		(void)notify_post(t->m, 0, 0x02000001, i);
	assert_true(notify_count(t->m)->lost > 0);
	assert_int_equal(next(t, handle, 0, NULL), 0x02000001);
}

static void pop_ups_are_seen_by_nobody(void **state)
{
	struct tk *t = TK(state);
	CALL(t, t->main, "XNotifyPositionUI", 5);
	assert_int_equal(CALL(t, t->main, "XNotifyDelayUI", 100), 0);
	assert_int_equal(CALL(t, t->main, "XNotifyQueueUI", 1, 0, 0, 0, 0), 0);
	assert_int_equal(tk_count(t, EV_NOTIFY_POST), 0);
}

static const struct CMUnitTest tests[] = {
	TK_TEST(the_first_that_hears_area_0_is_told_how_things_stand),
	TK_TEST(a_listener_is_signalled_while_something_waits_in_it),
	TK_TEST(area_and_version_say_who_hears),
	TK_TEST(an_id_is_taken_out_of_the_middle),
	TK_TEST(what_is_no_listener_has_nothing),
	TK_TEST(closed_its_queue_is_gone),
	TK_TEST(nobody_takes_them_and_the_kernel_lives),
	TK_TEST(pop_ups_are_seen_by_nobody),
};

TK_MAIN(tests)
