/* tests/t_account.c - the laws of accounting: where the time went, by thread, object and export; it goes back with the machine. */
#include "config.h"

#include "kernel/account.h"
#include "src/snap/snap.h"
#include "tests/testkit.h"

static void account_counts_instructions_of_each_thread(void **state)
{
	struct tk *t = TK(state);
	uint32_t other = tk_thread(t, 1);
	tk_run(t, 5000);
	assert_int_equal(account_of_thread(t->m, t->main)->instr + account_of_thread(t->m, other)->instr, 5000);
	assert_true(account_of_thread(t->m, other)->instr >= 2000);
}

static void account_time_is_running_ready_or_parked(void **state)
{
	struct tk *t = TK(state);
	uint32_t other = tk_thread(t, 0); /* shares the hardware thread with main */
	tk_run(t, 20000);
	const struct account_thread *a = account_of_thread(t->m, t->main), *b = account_of_thread(t->m, other);
	assert_true(a->switches >= 5 && b->switches >= 5);
	assert_true(a->ready && b->ready && a->running && b->running);
	assert_int_equal(a->parked, 0);
	assert_true(a->ready + a->running <= machine_cycle(t->m));
}

static void account_waits_count_and_the_longest_is_kept(void **state)
{
	struct tk *t = TK(state);
	uint32_t e = tk_event(t, 1, false), object = tk_object(t, e), w = tk_thread(t, 1);
	for (unsigned i = 1; i <= 3; i++) {
		PARKS(t, w, "NtWaitForSingleObjectEx", e, 1, 0, 0);
		uint64_t before = machine_cycle(t->m);
		tk_pass(t, i == 2 ? 1000 : 10);
		assert_true(machine_cycle(t->m) > before);
		CALL(t, t->main, "NtSetEvent", e, 0);
		tk_wake(t, w);
	}
	const struct account_object *a = account_of_object(t->m, object);
	assert_non_null(a);
	assert_int_equal(a->waits, 3);
	assert_true(a->longest >= 1000 * CYCLES_PER_TICK && a->longest < a->parked);
	const struct account_pair *p = account_pair_at(t->m, account_of_thread(t->m, w)->pair_first);
	assert_int_equal(p->object, object_peek(t->m, object)->id);
	assert_int_equal(p->waits, 3);
	assert_int_equal(p->parked, a->parked);
}

static void account_of_a_reused_row_begins_anew(void **state)
{
	struct tk *t = TK(state);
	uint32_t e = tk_event(t, 0, true), row = tk_object(t, e);
	CALL(t, t->main, "NtWaitForSingleObjectEx", e, 1, 0, 0);
	assert_int_equal(account_of_object(t->m, row)->waits, 1);
	CALL(t, t->main, "NtClose", e);
	e = tk_event(t, 0, true);
	assert_int_equal(tk_object(t, e), row);
	assert_null(account_of_object(t->m, row));
}

static void account_goes_back_with_the_machine_and_leaves_the_digest_alone(void **state)
{
	struct tk *t = TK(state);
	tk_run(t, 1000);
	uint64_t instr = account_of_thread(t->m, t->main)->instr, digest = machine_digest(t->m);
	struct snapshot *s = machine_snapshot(t->m);
	account_ran(t->m, t->main, 77);
	assert_int_equal(machine_digest(t->m), digest);
	tk_run(t, 1000);
	assert_int_equal(account_of_thread(t->m, t->main)->instr, instr + 1077);
	machine_restore(t->m, s);
	assert_int_equal(account_of_thread(t->m, t->main)->instr, instr);
	snapshot_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TK_TEST(account_counts_instructions_of_each_thread), TK_TEST(account_time_is_running_ready_or_parked),
		TK_TEST(account_waits_count_and_the_longest_is_kept), TK_TEST(account_of_a_reused_row_begins_anew),
		TK_TEST(account_goes_back_with_the_machine_and_leaves_the_digest_alone),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
