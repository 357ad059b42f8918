/* tests/t_kobj.c - the laws of the commands about all kernel objects: snapshots of the handles, leaks, locks, the graph. */
#include "config.h"

#include "tests/uikit.h"

#define U(state) ((struct uk *)*(state))
#define HAS(u, what) assert_non_null(strstr((u)->text, what))
#define HAS_NOT(u, what) assert_null(strstr((u)->text, what))

static void run(struct uk *u, const char *command)
{
	assert_int_equal(uk_command(u, command), ST_OK);
}

/* A handle whose number stands in no word: what tk_event leaves of it is wiped. */
static uint32_t lost_event(struct uk *u)
{
	uint32_t h = tk_event(u->t, 1, false);
	for (uint32_t ga = TK_DATA; ga < TK_DATA + TK_DATA_SIZE; ga += 4)
		if (tk_get32(u->t, ga) == h)
			tk_put32(u->t, ga, 0);
	for (unsigned r = 3; r <= 12; r++) {
		char name[4];
		snprintf(name, sizeof name, "r%u", r);
		assert_true(machine_set_register(u->t->m, u->t->main, name, 0));
	}
	return h;
}

static const char *handle_text(const struct uk *u, uint32_t h, char buf[24])
{
	snprintf(buf, 24, "%X#%u", h, slot_peek(u->t->m, slot_by_handle(u->t->m, h))->generation);
	return buf;
}

/* ---- snapshots ----------------------------------------------------------------------------------------------------------- */

static void difference_holds_what_was_opened_and_what_was_closed(void **state)
{
	struct uk *u = U(state);
	char text[24];
	uint32_t a = tk_event(u->t, 1, false), b = tk_event(u->t, 1, false);
	run(u, "handles snapshot");
	run(u, "handles diff");
	HAS(u, "0 opened, 0 closed");
	CALL(u->t, u->t->main, "NtClose", a);
	uint32_t c = tk_event(u->t, 0, false);
	run(u, "handles diff");
	HAS(u, "1 opened, 1 closed");
	snprintf(text, sizeof text, "-  %X#1", a);
	HAS(u, text);
	snprintf(text, sizeof text, "+  %X#", c);
	HAS(u, text);
	snprintf(text, sizeof text, "%X#", b);
	HAS_NOT(u, text);
}

static void another_life_of_a_number_is_another_handle(void **state)
{
	struct uk *u = U(state);
	char text[24];
	uint32_t h = tk_event(u->t, 1, false), again = 0;
	run(u, "handles snapshot");
	CALL(u->t, u->t->main, "NtClose", h);
	while (again != h) {
		again = tk_event(u->t, 1, false);
		if (again != h)
			CALL(u->t, u->t->main, "NtClose", again);
	}
	run(u, "handles diff");
	HAS(u, "1 opened, 1 closed");
	snprintf(text, sizeof text, "-  %X#1", h);
	HAS(u, text);
	snprintf(text, sizeof text, "+  %X#2", h);
	HAS(u, text);
}

/* ---- leaks --------------------------------------------------------------------------------------------------------------- */

static void handle_that_stands_in_no_word_is_a_leak(void **state)
{
	struct uk *u = U(state);
	char text[24];
	uint32_t lost = lost_event(u), kept = tk_event(u->t, 1, false);
	run(u, "leaks");
	HAS(u, handle_text(u, lost, text));
	HAS_NOT(u, handle_text(u, kept, text));
	tk_put32(u->t, tk_memory(u->t, 4), lost);
	run(u, "leaks");
	HAS(u, "no leaks");
}

static void register_holds_a_handle_and_a_dead_stack_does_not(void **state)
{
	struct uk *u = U(state);
	char text[24];
	uint32_t lost = lost_event(u), thread = tk_thread(u->t, 1), sp = (uint32_t)context_peek(u->t->m, thread)->gpr[1];
	assert_true(machine_set_register(u->t->m, thread, "r30", lost));
	run(u, "leaks");
	HAS_NOT(u, handle_text(u, lost, text));
	assert_true(machine_set_register(u->t->m, thread, "r30", 0));
	tk_put32(u->t, sp - 16, lost);
	run(u, "leaks");
	HAS(u, handle_text(u, lost, text));
	tk_put32(u->t, sp + 16, lost);
	run(u, "leaks");
	HAS_NOT(u, handle_text(u, lost, text));
}

static void call_whose_handles_became_more_is_shown(void **state)
{
	struct uk *u = U(state);
	tk_event(u->t, 1, false);
	run(u, "handles snapshot");
	run(u, "leaks");
	HAS(u, "no leaks");
	tk_event(u->t, 1, false);
	run(u, "leaks");
	HAS(u, "NtCreateEvent");
}

/* ---- locks --------------------------------------------------------------------------------------------------------------- */

static void lock_is_shown_with_owner_depth_and_waiters(void **state)
{
	struct uk *u = U(state);
	uint32_t out = tk_memory(u->t, 4), cs = tk_memory(u->t, 0x1c), owner = tk_thread(u->t, 1), waiter = tk_thread(u->t, 2);
	CALL(u->t, owner, "NtCreateMutant", out, 0, 1);
	CALL(u->t, owner, "RtlInitializeCriticalSection", cs);
	run(u, "locks");
	HAS(u, "Mutant");
	HAS_NOT(u, "CritSec");
	HAS(u, "1 more are free");
	CALL(u->t, owner, "RtlEnterCriticalSection", cs);
	CALL(u->t, owner, "RtlEnterCriticalSection", cs);
	PARKS(u->t, waiter, "RtlEnterCriticalSection", cs);
	u->s.out->json = true;
	run(u, "locks");
	HAS(u, "\"type\":\"Mutant\"");
	HAS(u, "\"type\":\"CritSec\"");
	char text[64];
	snprintf(text, sizeof text, "\"depth\":2,\"waiters\":[\"%u\"]", thread_peek(u->t->m, waiter)->tid);
	HAS(u, text);
	run(u, "info cs");
	HAS(u, "\"state\":\"taken\"");
}

/* ---- the graph ----------------------------------------------------------------------------------------------------------- */

static void graph_around_an_object_leaves_others_out(void **state)
{
	struct uk *u = U(state);
	char line[40];
	uint32_t a = tk_event(u->t, 1, false), b = tk_event(u->t, 1, false), x = tk_thread(u->t, 1), y = tk_thread(u->t, 2);
	PARKS(u->t, x, "NtWaitForSingleObjectEx", a, 1, 0, 0);
	PARKS(u->t, y, "NtWaitForSingleObjectEx", b, 1, 0, 0);
	run(u, "graph");
	HAS(u, "tid 2");
	HAS(u, "tid 3");
	snprintf(line, sizeof line, "graph %x", a);
	run(u, line);
	HAS(u, "tid 2");
	HAS_NOT(u, "tid 3");
	run(u, "graph thread 3");
	HAS(u, "tid 3");
	HAS_NOT(u, "tid 2");
	snprintf(line, sizeof line, "graph %x --dot -", a);
	run(u, line);
	HAS(u, "\tt2 -> o");
	HAS_NOT(u, "\tt3");
}

static void text_in_a_graph_of_dots_stays_between_its_quotes(void **state)
{
	struct uk *u = U(state);
	uint32_t string = tk_string(u->t, "a\"b\\c\nd"), name = tk_memory(u->t, 8), attributes = tk_memory(u->t, 12),
		 out = tk_memory(u->t, 4);
	tk_put32(u->t, name, 7u << 16 | 7);
	tk_put32(u->t, name + 4, string);
	tk_put32(u->t, attributes + 4, name);
	CALL(u->t, u->t->main, "NtCreateEvent", out, attributes, 1, 0);
	PARKS(u->t, tk_thread(u->t, 1), "NtWaitForSingleObjectEx", tk_get32(u->t, out), 1, 0, 0);
	run(u, "graph --dot -");
	HAS(u, "\\na\\\"b\\\\c\\\\x0Ad\\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UK_TEST(difference_holds_what_was_opened_and_what_was_closed),
		UK_TEST(another_life_of_a_number_is_another_handle),
		UK_TEST(handle_that_stands_in_no_word_is_a_leak),
		UK_TEST(register_holds_a_handle_and_a_dead_stack_does_not),
		UK_TEST(call_whose_handles_became_more_is_shown),
		UK_TEST(lock_is_shown_with_owner_depth_and_waiters),
		UK_TEST(graph_around_an_object_leaves_others_out),
		UK_TEST(text_in_a_graph_of_dots_stays_between_its_quotes),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
