/* tests/t_stub.c - the laws of what is not built: a call of it stops the run, or answers what the user said; who called it is kept. */
#include "config.h"

#include "kernel/account.h"
#include "kernel/stub.h"
#include "src/snap/snap.h"
#include "tests/testkit.h"

#define NOT_BUILT "HalSendSMCMessage"
#define STUB "VdSetSystemCommandBufferGpuIdentifierAddress"

static const struct h_stub *book(const struct tk *t, const char *name)
{
	return stub_of_export(t->m, (uint32_t)export_find_name(name) + 1);
}

static void go_on(struct tk *t, uint64_t value)
{
	machine_on_stub(t->m, (struct stub_policy){ .value = value, .go_on = 1 });
}

/* Calls @name once from each of @n places, and then stands. */
static void callers(struct tk *t, const char *name, unsigned n)
{
	uint32_t at = 0;
	for (unsigned i = 0; i < n; i++) {
		uint32_t here = CODE(t, I_LI(3, i), I_CALL(tk_thunk(t, name)), I_MR(20, 3));
		at = at ? at : here;
	}
	CODE(t, I_B(0));
	tk_start(t, at);
}

static void what_is_not_built_answers_the_users_value_and_says_stub(void **state)
{
	struct tk *t = TK(state);
	assert_int_equal(export_table[export_find_name(NOT_BUILT)].state, EXPORT_NONE);
	go_on(t, UINT64_C(0xC0000002));
	callers(t, NOT_BUILT, 1);
	assert_int_equal(tk_run(t, 100), STOP_LIMIT);
	static const enum event_kind order[] = { EV_THREAD_START, EV_IMPORT_CALL, EV_KERNEL_CALL, EV_STUB, EV_KERNEL_RETURN };
	for (unsigned i = 0; i < ARRAY_LEN(order); i++)
		assert_int_equal(t->event[i].kind, order[i]);
	assert_string_equal(t->event[3].name, NOT_BUILT);
	assert_int_equal(t->event[4].result, 0xC0000002);
	assert_int_equal(context_peek(t->m, t->main)->gpr[20], 0xC0000002);
	assert_int_equal(account_of_export(t->m, (uint32_t)export_find_name(NOT_BUILT) + 1)->calls, 1);
}

static void a_stub_answers_whatever_the_policy_is(void **state)
{
	struct tk *t = TK(state);
	for (unsigned i = 0; i < 2; i++) {
		machine_on_stub(t->m, (struct stub_policy){ .value = 9, .go_on = i });
		callers(t, STUB, 1);
		assert_int_equal(tk_run(t, 100), STOP_LIMIT);
		assert_int_equal(context_peek(t->m, t->main)->gpr[20], 0);
		assert_int_equal(book(t, STUB)->calls, i + 1);
	}
}

static void a_call_that_stops_the_run_is_not_in_the_book(void **state)
{
	struct tk *t = TK(state);
	callers(t, NOT_BUILT, 1);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(tk_run(t, 100), STOP_UNIMPLEMENTED);
	assert_int_equal(book(t, NOT_BUILT)->calls, 0);
	go_on(t, 1);
	assert_int_equal(tk_run(t, 100), STOP_LIMIT);
	assert_int_equal(book(t, NOT_BUILT)->calls, 1);
}

static void the_book_knows_each_caller_first_and_last(void **state)
{
	struct tk *t = TK(state);
	go_on(t, 5);
	callers(t, NOT_BUILT, 3);
	assert_int_equal(tk_run(t, 100), STOP_LIMIT);
	const struct h_stub *s = book(t, NOT_BUILT);
	assert_int_equal(s->calls, 3);
	assert_int_equal(s->sites, 3);
	assert_int_equal(s->answered, 5);
	assert_true(s->first < s->last);
	assert_int_equal(s->first_tid, thread_peek(t->m, t->main)->tid);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(s->site[i].calls, 1);
		assert_int_equal(s->site[i].lr, TK_CODE + 4 + i * 24 + 20);
		assert_int_equal(s->site[i].tid, s->last_tid);
	}
}

static void the_caller_that_called_longest_ago_gives_up_its_place_and_that_is_said(void **state)
{
	struct tk *t = TK(state);
	go_on(t, 0);
	callers(t, NOT_BUILT, STUB_SITES + 2);
	assert_int_equal(tk_run(t, 1000), STOP_LIMIT);
	const struct h_stub *s = book(t, NOT_BUILT);
	assert_int_equal(s->calls, STUB_SITES + 2);
	assert_int_equal(s->sites, STUB_SITES);
	assert_int_equal(s->dropped, 2);
	assert_int_equal(s->dropped_calls, 2);
	for (unsigned i = 0; i < STUB_SITES; i++)
		assert_true(s->site[i].lr > TK_CODE + 4 + 2 * 24);
}

static void going_back_takes_book_and_policy_back(void **state)
{
	struct tk *t = TK(state);
	struct snapshot *s = machine_snapshot(t->m);
	uint64_t before = machine_digest(t->m);
	go_on(t, 3);
	assert_true(machine_digest(t->m) != before); /* it decides the future */
	callers(t, NOT_BUILT, 2);
	tk_run(t, 100);
	assert_int_equal(book(t, NOT_BUILT)->calls, 2);
	machine_restore(t->m, s);
	assert_int_equal(book(t, NOT_BUILT)->calls, 0);
	assert_int_equal(machine_stub_policy(t->m).go_on, 0);
	assert_int_equal(machine_digest(t->m), before);
	snapshot_free(s);
}

static void the_words_of_the_policy_are_strict(void **state)
{
	static const struct {
		const char *text, *same;
		bool go_on;
		uint64_t value;
	} good[] = { { "stop", "stop", false, 0 }, { "continue", "continue", true, 0 }, { "continue=0", "continue", true, 0 },
		{ "continue=12", "continue=0xc", true, 12 },
		{ "continue=0xFFFFFFFFFFFFFFFF", "continue=0xffffffffffffffff", true, UINT64_MAX } };
	static const char *const bad[] = { "", "go", "stop=1", "continue=", "continue=x", "continue=-1", "continue= 1",
		"continue=0x", "continues", "continue=18446744073709551616" };
	struct stub_policy p = { 77, 77, 0 };
	char text[STUB_POLICY_TEXT];
	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(stub_policy_parse(bad[i], &p));
	assert_int_equal(p.value, 77);
	for (unsigned i = 0; i < ARRAY_LEN(good); i++) {
		assert_true(stub_policy_parse(good[i].text, &p));
		assert_int_equal(p.go_on, good[i].go_on);
		assert_int_equal(p.value, good[i].value);
		assert_string_equal(stub_policy_text(p, text), good[i].same);
	}
}

static void the_option_is_the_machines_at_its_start(void **state)
{
	struct machine_options o;
	(void)state;
	machine_options_default(&o);
	assert_int_equal(o.on_stub.go_on, 0);
	o.on_stub = (struct stub_policy){ .value = 8, .go_on = 1 };
	struct tk *t = tk_new_with(&o);
	callers(t, NOT_BUILT, 1);
	assert_int_equal(tk_run(t, 100), STOP_LIMIT);
	assert_int_equal(context_peek(t->m, t->main)->gpr[20], 8);
	tk_free(t);
}

static const struct CMUnitTest tests[] = {
	TK_TEST(what_is_not_built_answers_the_users_value_and_says_stub),
	TK_TEST(a_stub_answers_whatever_the_policy_is),
	TK_TEST(a_call_that_stops_the_run_is_not_in_the_book),
	TK_TEST(the_book_knows_each_caller_first_and_last),
	TK_TEST(the_caller_that_called_longest_ago_gives_up_its_place_and_that_is_said),
	TK_TEST(going_back_takes_book_and_policy_back),
	cmocka_unit_test(the_words_of_the_policy_are_strict),
	cmocka_unit_test(the_option_is_the_machines_at_its_start),
};
TK_MAIN(tests)
