/* tests/t_ledger.c - the laws of the ledger: who took and who dropped each reference, bounded, adding up, outside of what decides. */
#include "config.h"

#include "kernel/ledger.h"
#include "kernel/object.h"
#include "src/snap/snap.h"
#include "tests/testkit.h"

#define MAIN(t) ((t)->main)

static unsigned entries(struct tk *t, uint32_t object, struct ledger_entry e[LEDGER_RING])
{
	unsigned n = ledger_entries(t->m, object, e);
	int32_t sum = ledger_peek(t->m, object)->earlier;
	for (unsigned i = 0; i < n; i++)
		sum += e[i].change;
	assert_int_equal(sum, object_peek(t->m, object)->refs);
	assert_int_equal(ledger_peek(t->m, object)->sum, sum);
	return n;
}

static void expect(
	const struct ledger_entry *e, enum ledger_reason reason, int change, uint32_t what, uint32_t generation, const char *by)
{
	assert_int_equal(e->reason, reason);
	assert_int_equal(e->change, change);
	assert_int_equal(e->what, what);
	assert_int_equal(e->generation, generation);
	if (by)
		assert_string_equal(export_table[e->by.source - 1].name, by);
	else
		assert_int_equal(e->by.source, 0);
}

static void every_reference_has_its_taker_and_its_dropper(void **state)
{
	struct tk *t = TK(state);
	struct ledger_entry e[LEDGER_RING];
	uint32_t a = tk_event(t, 1, false), out = tk_memory(t, 4), w = tk_thread(t, 1), object = tk_object(t, a);
	CALL(t, MAIN(t), "NtDuplicateObject", a, out, 0);
	uint32_t b = tk_get32(t, out);
	CALL(t, MAIN(t), "ObReferenceObjectByHandle", a, 0, out);
	PARKS(t, w, "NtWaitForSingleObjectEx", b, 1, 0, 0);
	CALL(t, MAIN(t), "NtSetEvent", a, 0);
	CALL(t, MAIN(t), "NtClose", a);
	CALL(t, w, "ObDereferenceObject", tk_get32(t, out));
	assert_int_equal(entries(t, object, e), 7);
	uint32_t waiter = thread_peek(t->m, w)->tid, main = thread_peek(t->m, MAIN(t))->tid;
	expect(&e[0], LEDGER_HANDLE, 1, a, 1, "NtCreateEvent");
	expect(&e[1], LEDGER_HANDLE, 1, b, 1, "NtDuplicateObject");
	expect(&e[2], LEDGER_POINTER, 1, 0, 0, "ObReferenceObjectByHandle");
	expect(&e[3], LEDGER_WAIT, 1, waiter, 0, "NtWaitForSingleObjectEx");
	expect(&e[4], LEDGER_WAIT, -1, waiter, 0, "NtSetEvent");
	expect(&e[5], LEDGER_HANDLE, -1, a, 1, "NtClose");
	expect(&e[6], LEDGER_POINTER, -1, 0, 0, "ObDereferenceObject");
	assert_true(e[3].by.tid == waiter && e[4].by.tid == main && e[6].by.tid == waiter);
	for (unsigned i = 0; i < 7; i++)
		assert_true(e[i].by.lr == TK_CODE && e[i].by.cycle >= e[i ? i - 1 : 0].by.cycle);
}

static void a_thread_holds_itself_while_it_runs(void **state)
{
	struct tk *t = TK(state);
	struct ledger_entry e[LEDGER_RING];
	uint32_t w = tk_thread(t, 1), object = thread_peek(t->m, w)->object, tid = thread_peek(t->m, w)->tid;
	const uint64_t status[] = { 5 };
	assert_int_equal(entries(t, object, e), 2);
	expect(&e[0], LEDGER_RUNNING, 1, tid, 0, "ExCreateThread");
	assert_int_equal(e[1].reason, LEDGER_HANDLE);
	tk_call_on(t, w, "ExTerminateThread", 1, status);
	assert_int_equal(entries(t, object, e), 3);
	assert_true(e[2].reason == LEDGER_RUNNING && e[2].change == -1 && e[2].what == tid && e[2].by.tid == tid);
}

static void a_timeout_drops_the_waits_reference_by_nobodys_hand(void **state)
{
	struct tk *t = TK(state);
	struct ledger_entry e[LEDGER_RING];
	uint32_t a = tk_event(t, 1, false), w = tk_thread(t, 1), due = tk_memory(t, 8);
	tk_put64(t, due, (uint64_t)-1000);
	PARKS(t, w, "NtWaitForSingleObjectEx", a, 1, 0, due);
	tk_pass(t, 10000);
	assert_int_equal(entries(t, tk_object(t, a), e), 3);
	assert_true(
		e[2].reason == LEDGER_WAIT && e[2].change == -1 && e[2].by.tid == 0 && e[2].by.lr == 0 && e[2].by.source == 0);
}

static void ledger_is_bounded_and_what_is_gone_stays_in_the_sum(void **state)
{
	struct tk *t = TK(state);
	struct ledger_entry e[LEDGER_RING];
	uint32_t a = tk_event(t, 1, false), object = tk_object(t, a), ga = object_peek(t->m, object)->body_ga;
	for (unsigned i = 2; i < 200; i++) {
		CALL(t, MAIN(t), i % 3 ? "ObReferenceObject" : "ObDereferenceObject", ga);
		assert_int_equal(entries(t, object, e), i < LEDGER_RING ? i : LEDGER_RING);
		assert_int_equal(e[0].reason, i <= LEDGER_RING ? LEDGER_HANDLE : LEDGER_POINTER);
		assert_int_equal(ledger_peek(t->m, object)->total, i);
	}
	assert_int_equal(
		arena_live(&t->m->history, t->m->t_ledger_chunk), LEDGER_RING / LEDGER_CHUNK + 1); /* the main thread's */
}

static void ledger_goes_with_its_object(void **state)
{
	struct tk *t = TK(state);
	struct ledger_entry e[LEDGER_RING];
	uint32_t live = arena_live(&t->m->history, t->m->t_ledger_chunk);
	for (unsigned i = 0; i < 100; i++) {
		uint32_t a = tk_event(t, 1, false), object = tk_object(t, a);
		assert_int_equal(entries(t, object, e), 1);
		CALL(t, MAIN(t), "NtClose", a);
		assert_int_equal(ledger_entries(t->m, object, e), 0);
		assert_int_equal(arena_live(&t->m->history, t->m->t_ledger_chunk), live);
	}
}

static void memory_holds_the_object_that_lies_in_it(void **state)
{
	struct tk *t = TK(state);
	struct ledger_entry e[LEDGER_RING];
	uint32_t ga = tk_memory(t, 16), w = tk_thread(t, 1);
	CALL(t, MAIN(t), "KeInitializeEvent", ga, 1, 0);
	uint32_t object = object_by_ga(t->m, ga);
	assert_int_equal(entries(t, object, e), 1);
	expect(&e[0], LEDGER_MEMORY, 1, 0, 0, "KeInitializeEvent");
	PARKS(t, w, "KeWaitForSingleObject", ga, 0, 0, 0, 0);
	CALL(t, MAIN(t), "KeInitializeEvent", ga, 1, 0);
	assert_int_equal(entries(t, object, e), 3);
	assert_true(e[2].reason == LEDGER_MEMORY && e[2].change == -1);
}

static void the_kernels_short_holds_leave_no_entry(void **state)
{
	struct tk *t = TK(state);
	struct ledger_entry e[LEDGER_RING];
	uint32_t a = tk_event(t, 0, false);
	for (unsigned i = 0; i < 5; i++) {
		CALL(t, MAIN(t), "NtSetEvent", a, 0);
		CALL(t, MAIN(t), "NtPulseEvent", a, 0);
	}
	assert_int_equal(entries(t, tk_object(t, a), e), 1);
}

static void a_dereference_too_many_is_counted(void **state)
{
	struct tk *t = TK(state);
	struct ledger_entry e[LEDGER_RING];
	uint32_t a = tk_event(t, 0, false), object = tk_object(t, a);
	CALL(t, MAIN(t), "ObDereferenceObject", object_peek(t->m, object)->body_ga);
	assert_int_equal(entries(t, object, e), 1);
	assert_int_equal(ledger_peek(t->m, object)->surplus, 1);
}

static void ledger_decides_nothing(void **state)
{
	struct tk *t = TK(state);
	uint32_t a = tk_event(t, 0, false);
	uint64_t digest = machine_digest(t->m);
	ledger_surplus(t->m, tk_object(t, a));
	assert_true(machine_digest(t->m) == digest);
}

static void ledger_goes_back_with_the_history(void **state)
{
	struct tk *t = TK(state);
	struct ledger_entry e[LEDGER_RING];
	uint32_t a = tk_event(t, 0, false), out = tk_memory(t, 4), object = tk_object(t, a);
	struct snapshot *s = machine_snapshot(t->m);
	for (unsigned i = 0; i < 40; i++)
		CALL(t, MAIN(t), "NtDuplicateObject", a, out, 0);
	machine_restore(t->m, s);
	assert_int_equal(entries(t, object, e), 1);
	CALL(t, MAIN(t), "NtDuplicateObject", a, out, 0);
	assert_int_equal(entries(t, object, e), 2);
	snapshot_free(s);
}

static const struct CMUnitTest tests[] = {
	TK_TEST(every_reference_has_its_taker_and_its_dropper),
	TK_TEST(a_thread_holds_itself_while_it_runs),
	TK_TEST(a_timeout_drops_the_waits_reference_by_nobodys_hand),
	TK_TEST(ledger_is_bounded_and_what_is_gone_stays_in_the_sum),
	TK_TEST(ledger_goes_with_its_object),
	TK_TEST(memory_holds_the_object_that_lies_in_it),
	TK_TEST(the_kernels_short_holds_leave_no_entry),
	TK_TEST(a_dereference_too_many_is_counted),
	TK_TEST(ledger_decides_nothing),
	TK_TEST(ledger_goes_back_with_the_history),
};
TK_MAIN(tests)
