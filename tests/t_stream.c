/* tests/t_stream.c - the laws of the event stream. */
#include "config.h"

#include "tests/small.h"

struct seen {
	unsigned n;
	struct event last;
	char *order;              /* shared: who was called, in order */
	char letter;
	struct event_stream *stream;
	unsigned leave;           /* slot to give up when called, + 1 */
};

static void see(void *ctx, const struct event *ev)
{
	struct seen *s = ctx;
	s->n++;
	s->last = *ev;
	if (s->order)
		strncat(s->order, &s->letter, 1);
	if (s->leave)
		event_unsubscribe(s->stream, s->leave - 1);
}

static unsigned subscribe(struct small *m, struct seen *s, uint64_t kinds)
{
	return event_subscribe(&m->events, &(struct event_observer){ .kinds = kinds, .see = see, .ctx = s });
}

static struct event emit(struct small *m, enum event_kind kind, uint32_t tid)
{
	struct event ev = { .kind = kind, .tid = tid };
	event_emit(&m->events, &ev);
	return ev;
}

static int setup(void **state)
{
	struct small *m = calloc(1, sizeof *m);
	assert_non_null(m);
	small_init(m);
	*state = m;
	return 0;
}

static int teardown(void **state)
{
	small_fini(*state);
	free(*state);
	return 0;
}

static void event_counts_all_together_and_per_thread(void **state)
{
	struct small *m = *state;
	assert_int_equal(event_seq(&m->events), 0);
	struct event a = emit(m, EV_OBJECT_SIGNAL, 0), b = emit(m, EV_OBJECT_WAIT, 7), c = emit(m, EV_OBJECT_WAIT, 7),
		     d = emit(m, EV_FAULT, EVENT_TIDS_MAX - 1);
	assert_int_equal(a.seq, 0);
	assert_int_equal(b.seq, 1);
	assert_int_equal(c.seq, 2);
	assert_int_equal(d.seq, 3);
	assert_int_equal(a.thread_index, 0);
	assert_int_equal(b.thread_index, 0);
	assert_int_equal(c.thread_index, 1);
	assert_int_equal(d.thread_index, 0);
	assert_int_equal(event_seq(&m->events), 4);
}

static void event_counts_what_nobody_wants(void **state)
{
	struct small *m = *state;
	struct seen s = { 0 };
	subscribe(m, &s, EV_BIT(EV_OBJECT_WAIT));
	emit(m, EV_OBJECT_SIGNAL, 3);
	event_count_only(&m->events, 3);
	assert_int_equal(s.n, 0);
	emit(m, EV_OBJECT_WAIT, 3);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.last.seq, 2);
	assert_int_equal(s.last.thread_index, 2);
}

static void event_counters_lie_in_the_history(void **state)
{
	struct small *m = *state;
	struct snapshot *before = snapshot_take(m->line);
	emit(m, EV_OBJECT_WAIT, 3);
	snapshot_put(m->line, before);
	snapshot_free(before);
	assert_int_equal(event_seq(&m->events), 0);
	struct event ev = emit(m, EV_OBJECT_WAIT, 3);
	assert_int_equal(ev.seq, 0);
	assert_int_equal(ev.thread_index, 0);
}

static void event_reaches_observers_in_the_order_of_their_slots(void **state)
{
	struct small *m = *state;
	char order[16] = "";
	struct seen a = { .order = order, .letter = 'a' }, b = { .order = order, .letter = 'b' }, c = { .order = order, .letter = 'c' };
	uint64_t all = EV_ALL;
	unsigned slot = subscribe(m, &a, all);
	subscribe(m, &b, all);
	emit(m, EV_FAULT, 1);
	event_unsubscribe(&m->events, slot);
	emit(m, EV_FAULT, 1);
	assert_int_equal(subscribe(m, &c, all), slot);
	emit(m, EV_FAULT, 1);
	assert_string_equal(order, "abbcb");
}

static void event_wanted_is_the_union_of_the_observers_kinds(void **state)
{
	struct small *m = *state;
	struct seen a = { 0 }, b = { 0 };
	assert_false(event_is_wanted(&m->events, EV_FAULT));
	unsigned x = subscribe(m, &a, EV_BIT(EV_FAULT)), y = subscribe(m, &b, EV_BIT(EV_FAULT) | EV_BIT(EV_STUB));
	assert_true(event_is_wanted(&m->events, EV_STUB));
	event_unsubscribe(&m->events, y);
	assert_false(event_is_wanted(&m->events, EV_STUB));
	assert_true(event_is_wanted(&m->events, EV_FAULT));
	event_unsubscribe(&m->events, x);
	assert_int_equal(m->events.wanted, 0);
}

static void event_observer_may_leave_while_it_is_called(void **state)
{
	struct small *m = *state;
	struct seen a = { .stream = &m->events }, b = { 0 };
	a.leave = subscribe(m, &a, EV_BIT(EV_FAULT)) + 1;
	subscribe(m, &b, EV_BIT(EV_FAULT));
	emit(m, EV_FAULT, 1);
	emit(m, EV_FAULT, 1);
	assert_int_equal(a.n, 1);
	assert_int_equal(b.n, 2);
}

static void event_kinds_have_names_texts_and_short_words(void **state)
{
	for (unsigned k = 0; k < EV_KINDS; k++) {
		assert_true(event_kind_name(k)[0] && event_kind_text(k)[0]);
		assert_int_equal(event_kind_find(event_kind_name(k)), k);
	}
	assert_int_equal(event_kind_find("create"), EV_HANDLE_CREATE);
	assert_int_equal(event_kind_find("signal"), EV_OBJECT_SIGNAL);
	assert_int_equal(event_kind_find("exit"), EV_THREAD_EXIT);
	assert_int_equal(event_kind_find("fault"), EV_FAULT);
	assert_int_equal(event_kind_find("signa"), -1);
	assert_int_equal(event_kind_find(""), -1);
	assert_int_equal(event_kind_find("object."), -1);
}

static void event_kind_lists_know_families_short_words_and_exceptions(void **state)
{
	struct err err;
	uint64_t all = EV_ALL, object = 0, set;
	for (unsigned k = 0; k < EV_KINDS; k++)
		if (!strncmp(event_kind_name(k), "object.", 7))
			object |= EV_BIT(k);
	assert_int_equal(event_kinds_parse("all", &set, &err), ST_OK);
	assert_true(set == all);
	assert_int_equal(event_kinds_parse("object.*", &set, &err), ST_OK);
	assert_true(set == object);
	assert_int_equal(event_kinds_parse("object", &set, &err), ST_OK);
	assert_true(set == object);
	assert_int_equal(event_kinds_parse("*", &set, &err), ST_OK);
	assert_true(set == all);
	assert_int_equal(event_kinds_parse("*.create", &set, &err), ST_OK);
	assert_true(set == (EV_BIT(EV_HANDLE_CREATE) | EV_BIT(EV_OBJECT_CREATE) | EV_BIT(EV_THREAD_CREATE)));
	assert_int_equal(event_kinds_parse("object.*,!wait,fault,kernel.call", &set, &err), ST_OK);
	assert_true(set == ((object & ~EV_BIT(EV_OBJECT_WAIT)) | EV_BIT(EV_FAULT) | EV_BIT(EV_KERNEL_CALL)));
	assert_int_equal(event_kinds_parse("!kernel.*", &set, &err), ST_OK);
	assert_true(set == (all & ~EV_BIT(EV_KERNEL_CALL) & ~EV_BIT(EV_KERNEL_RETURN)));
}

static void event_kind_lists_refuse_unknown_words(void **state)
{
	static const char *const bad[] = { "", ",", "signal,", "signal,,wait", "sig", "no.*", ".*", "zz*", "!", "signal wait" };
	for (unsigned i = 0; i < ARRAY_LEN(bad); i++) {
		struct err err = { 0 };
		uint64_t set = 42;
		assert_int_equal(event_kinds_parse(bad[i], &set, &err), ST_BAD_USAGE);
		assert_int_equal(set, 42);
		assert_non_null(strstr(err.text, "is no kind of event"));
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(event_counts_all_together_and_per_thread),
		T(event_counts_what_nobody_wants),
		T(event_counters_lie_in_the_history),
		T(event_reaches_observers_in_the_order_of_their_slots),
		T(event_wanted_is_the_union_of_the_observers_kinds),
		T(event_observer_may_leave_while_it_is_called),
		T(event_kinds_have_names_texts_and_short_words),
		T(event_kind_lists_know_families_short_words_and_exceptions),
		T(event_kind_lists_refuse_unknown_words),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
