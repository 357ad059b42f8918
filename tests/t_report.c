/* tests/t_report.c - the laws of the verdict: chains, roots, causes; what is proven and what is inferred. */
#include "config.h"

#include "kernel/exports.h"
#include "tests/uikit.h"
#include "ui/inspect/cause.h"
#include "ui/report.h"

#define MAIN(u) ((u)->t->main)
#define WAIT(u, thread, handle) PARKS((u)->t, thread, "NtWaitForSingleObjectEx", handle, 1, 0, 0)
#define SET(u, thread, handle) CALL((u)->t, thread, "NtSetEvent", handle, 0)

/* The graph as it stands, and what it says of one thread or object. */
struct picture {
	struct query query;
	struct graph graph;
};

static void look(struct uk *u, struct picture *p)
{
	p->query = session_query(&u->s);
	graph_make(&p->graph, &p->query, NULL);
}

static const struct root *root_of(const struct picture *p, uint32_t object)
{
	for (unsigned i = 0; i < p->graph.roots; i++)
		if (!node_is_thread(&p->graph.node[p->graph.root[i].node]) && p->graph.node[p->graph.root[i].node].row == object)
			return &p->graph.root[i];
	return NULL;
}

static struct verdict verdict_of(const struct picture *p, const struct root *r)
{
	struct verdict v;
	assert_non_null(r);
	cause_decide(&p->graph, (unsigned)(r - p->graph.root), &v);
	return v;
}

static struct verdict verdict_on(struct uk *u, uint32_t handle)
{
	struct picture p;
	look(u, &p);
	struct verdict v = verdict_of(&p, root_of(&p, tk_object(u->t, handle)));
	graph_free(&p.graph);
	return v;
}

static bool has_edge(const struct picture *p, uint32_t thread, uint32_t object, bool to_object, bool proven)
{
	for (unsigned i = 0; i < p->graph.edges; i++) {
		const struct edge *e = &p->graph.edge[i];
		const struct node *t = &p->graph.node[to_object ? e->from : e->to], *o = &p->graph.node[to_object ? e->to : e->from];
		if (node_is_thread(t) && !node_is_thread(o) && t->row == thread && o->row == object && e->proven == proven)
			return true;
	}
	return false;
}

/* ---- roots ------------------------------------------------------------------------------------------------------------- */

static void event_that_nobody_signals_is_the_root_of_its_waiters(void **state)
{
	struct uk *u = U(state);
	struct picture p;
	uint32_t h = tk_event(u->t, 0, false), a = tk_thread(u->t, 1), b = tk_thread(u->t, 2);
	WAIT(u, a, h);
	WAIT(u, b, h);
	look(u, &p);
	const struct root *r = root_of(&p, tk_object(u->t, h));
	assert_non_null(r);
	assert_int_equal(r->thread_count, 2);
	assert_int_equal(r->proven_count, 2);
	assert_true(has_edge(&p, a, tk_object(u->t, h), true, true));
	graph_free(&p.graph);
}

static void past_signaller_is_an_inferred_edge_and_no_proof(void **state)
{
	struct uk *u = U(state);
	struct picture p;
	uint32_t job = tk_event(u->t, 1, false), never = tk_event(u->t, 0, false);
	uint32_t worker = tk_thread(u->t, 1), boss = tk_thread(u->t, 2);
	SET(u, boss, job);
	CALL(u->t, worker, "NtWaitForSingleObjectEx", job, 1, 0, 0);
	WAIT(u, worker, job);
	WAIT(u, boss, never);
	look(u, &p);
	assert_true(has_edge(&p, boss, tk_object(u->t, job), false, false));
	assert_false(has_edge(&p, boss, tk_object(u->t, job), false, true));
	assert_null(root_of(&p, tk_object(u->t, job)));
	const struct root *r = root_of(&p, tk_object(u->t, never));
	assert_non_null(r);
	assert_int_equal(r->thread_count, 2);
	assert_int_equal(r->proven_count, 1);
	assert_int_equal(p.graph.node[r->threads[0]].row, boss);
	assert_int_equal(p.graph.node[r->threads[1]].row, worker);
	graph_free(&p.graph);
}

static void roots_are_ranked_by_the_threads_that_they_explain(void **state)
{
	struct uk *u = U(state);
	struct picture p;
	uint32_t one = tk_event(u->t, 0, false), two = tk_event(u->t, 0, false);
	WAIT(u, tk_thread(u->t, 1), one);
	WAIT(u, tk_thread(u->t, 2), two);
	WAIT(u, tk_thread(u->t, 3), two);
	look(u, &p);
	assert_int_equal(p.graph.roots, 2);
	assert_ptr_equal(root_of(&p, tk_object(u->t, two)), &p.graph.root[0]);
	assert_ptr_equal(root_of(&p, tk_object(u->t, one)), &p.graph.root[1]);
	graph_free(&p.graph);
}

static void thread_that_can_run_is_no_root_and_holds_none(void **state)
{
	struct uk *u = U(state);
	struct picture p;
	uint32_t job = tk_event(u->t, 1, false), worker = tk_thread(u->t, 1), boss = tk_thread(u->t, 2);
	SET(u, boss, job);
	CALL(u->t, worker, "NtWaitForSingleObjectEx", job, 1, 0, 0);
	WAIT(u, worker, job);
	look(u, &p);
	assert_null(root_of(&p, tk_object(u->t, job)));
	graph_free(&p.graph);
}

static void timed_wait_is_not_stuck(void **state)
{
	struct uk *u = U(state);
	struct picture p;
	uint32_t h = tk_event(u->t, 0, false), a = tk_thread(u->t, 1), timeout = tk_memory(u->t, 8);
	tk_put64(u->t, timeout, (uint64_t)-10000000);
	PARKS(u->t, a, "NtWaitForSingleObjectEx", h, 1, 0, timeout);
	look(u, &p);
	const struct root *r = root_of(&p, tk_object(u->t, h));
	assert_true(!r || r->thread_count == 0);
	graph_free(&p.graph);
}

static void suspended_thread_is_a_root(void **state)
{
	struct uk *u = U(state);
	struct picture p;
	uint32_t a = tk_thread(u->t, 1);
	uint32_t handle = slot_peek(u->t->m, object_peek(u->t->m, thread_peek(u->t->m, a)->object)->slot_first)->handle;
	CALL(u->t, MAIN(u), "NtSuspendThread", handle, 0);
	look(u, &p);
	assert_int_equal(p.graph.roots, 1);
	assert_true(node_is_thread(&p.graph.node[p.graph.root[0].node]));
	assert_int_equal(verdict_of(&p, &p.graph.root[0]).cause, CAUSE_OWNER_GONE);
	graph_free(&p.graph);
}

/* ---- cycles ------------------------------------------------------------------------------------------------------------ */

static uint32_t mutant(struct uk *u, uint32_t owner)
{
	uint32_t out = tk_memory(u->t, 4);
	CALL(u->t, owner, "NtCreateMutant", out, 0, 1);
	return tk_get32(u->t, out);
}

static void crossed_mutants_are_a_proven_cycle(void **state)
{
	struct uk *u = U(state);
	struct picture p;
	uint32_t a = tk_thread(u->t, 1), b = tk_thread(u->t, 2), ma = mutant(u, a), mb = mutant(u, b);
	WAIT(u, a, mb);
	WAIT(u, b, ma);
	look(u, &p);
	assert_int_equal(p.graph.roots, 1);
	assert_true(p.graph.root[0].cycle);
	assert_int_equal(p.graph.root[0].proven_count, 2);
	assert_int_equal(p.graph.node[p.graph.root[0].node].row, tk_object(u->t, ma));
	struct verdict v = verdict_of(&p, &p.graph.root[0]);
	assert_int_equal(v.cause, CAUSE_OWNER_CYCLE);
	assert_int_equal(v.confidence, CONFIDENCE_HIGH);
	graph_free(&p.graph);
}

static void wait_for_any_of_several_makes_no_proven_cycle(void **state)
{
	struct uk *u = U(state);
	struct picture p;
	uint32_t a = tk_thread(u->t, 1), b = tk_thread(u->t, 2), ma = mutant(u, a), mb = mutant(u, b);
	uint32_t handles = tk_memory(u->t, 8), never = tk_event(u->t, 0, false);
	tk_put32(u->t, handles, mb);
	tk_put32(u->t, handles + 4, never);
	PARKS(u->t, a, "NtWaitForMultipleObjectsEx", 2, handles, 1, 1, 0, 0);
	WAIT(u, b, ma);
	look(u, &p);
	for (unsigned i = 0; i < p.graph.roots; i++)
		assert_false(p.graph.root[i].cycle);
	assert_non_null(root_of(&p, tk_object(u->t, never)));
	graph_free(&p.graph);
}

static void two_that_signal_each_other_in_turn_are_no_proven_cycle(void **state)
{
	struct uk *u = U(state);
	struct picture p;
	uint32_t ping = tk_event(u->t, 1, false), pong = tk_event(u->t, 1, false), a = tk_thread(u->t, 1), b = tk_thread(u->t, 2);
	SET(u, a, ping);
	CALL(u->t, b, "NtWaitForSingleObjectEx", ping, 1, 0, 0);
	SET(u, b, pong);
	CALL(u->t, a, "NtWaitForSingleObjectEx", pong, 1, 0, 0);
	WAIT(u, a, pong);
	WAIT(u, b, ping);
	look(u, &p);
	for (unsigned i = 0; i < p.graph.roots; i++)
		assert_false(p.graph.root[i].cycle);
	/* a has been woken since it sent its last ping, and has not sent the next: that is the signal that is missing. */
	const struct root *r = root_of(&p, tk_object(u->t, ping));
	assert_non_null(r);
	assert_int_equal(r->proven_count, 1);
	assert_int_equal(r->thread_count, 2);
	assert_int_equal(p.graph.node[r->threads[0]].row, b);
	graph_free(&p.graph);
}

/* ---- causes ------------------------------------------------------------------------------------------------------------ */

static void no_signal_at_all_is_never_sent(void **state)
{
	struct uk *u = U(state);
	uint32_t h = tk_event(u->t, 1, false);
	WAIT(u, tk_thread(u->t, 1), h);
	struct verdict v = verdict_on(u, h);
	assert_int_equal(v.cause, CAUSE_NEVER_SENT);
	assert_int_equal(v.confidence, CONFIDENCE_HIGH);
}

static void signal_on_an_alias_is_a_signal(void **state)
{
	struct uk *u = U(state);
	uint32_t h = tk_event(u->t, 1, false), out = tk_memory(u->t, 4), other = tk_thread(u->t, 2);
	CALL(u->t, MAIN(u), "NtDuplicateObject", h, out, 0);
	SET(u, MAIN(u), tk_get32(u->t, out));
	CALL(u->t, other, "NtWaitForSingleObjectEx", h, 1, 0, 0);
	WAIT(u, tk_thread(u->t, 1), h);
	WAIT(u, MAIN(u), tk_event(u->t, 0, false));
	struct picture p;
	look(u, &p);
	const struct audit_trail *trail = audit_trail(&u->rig.audit, audit_by_object(&u->rig.audit, object_peek(u->t->m, tk_object(u->t, h))->id));
	assert_int_equal(trail->ring[AUDIT_SIGNALS].total, 1);
	assert_true(has_edge(&p, MAIN(u), tk_object(u->t, h), false, false));
	graph_free(&p.graph);
}

/* The sender has ended: what it sent is the last that was ever sent. */
static void ended(struct uk *u, uint32_t thread)
{
	struct tk_result r = tk_call_on(u->t, thread, "ExTerminateThread", TK_ARGS(0));
	assert_true(r.parked);
}

static void signal_taken_by_another_thread_is_consumed(void **state)
{
	struct uk *u = U(state);
	uint32_t h = tk_event(u->t, 1, false), sender = tk_thread(u->t, 1), taker = tk_thread(u->t, 2);
	SET(u, sender, h);
	CALL(u->t, taker, "NtWaitForSingleObjectEx", h, 1, 0, 0);
	WAIT(u, tk_thread(u->t, 3), h);
	ended(u, sender);
	struct verdict v = verdict_on(u, h);
	assert_int_equal(v.cause, CAUSE_CONSUMED);
	assert_int_equal(v.confidence, CONFIDENCE_HIGH);
}

static void signal_that_was_reset_before_the_wait_is_consumed(void **state)
{
	struct uk *u = U(state);
	uint32_t h = tk_event(u->t, 0, false), sender = tk_thread(u->t, 1);
	SET(u, sender, h);
	CALL(u->t, sender, "NtClearEvent", h);
	WAIT(u, tk_thread(u->t, 3), h);
	ended(u, sender);
	assert_int_equal(verdict_on(u, h).cause, CAUSE_CONSUMED);
}

static void pulse_that_met_no_waiter_is_consumed(void **state)
{
	struct uk *u = U(state);
	uint32_t h = tk_event(u->t, 0, false), sender = tk_thread(u->t, 1);
	CALL(u->t, sender, "NtPulseEvent", h, 0);
	WAIT(u, tk_thread(u->t, 3), h);
	ended(u, sender);
	assert_int_equal(verdict_on(u, h).cause, CAUSE_CONSUMED);
}

static void sender_that_ended_is_owner_gone_and_not_certain(void **state)
{
	struct uk *u = U(state);
	uint32_t h = tk_event(u->t, 1, false), sender = tk_thread(u->t, 1), worker = tk_thread(u->t, 2);
	SET(u, sender, h);
	CALL(u->t, worker, "NtWaitForSingleObjectEx", h, 1, 0, 0);
	WAIT(u, worker, h);
	ended(u, sender);
	struct verdict v = verdict_on(u, h);
	assert_int_equal(v.cause, CAUSE_OWNER_GONE);
	assert_int_equal(v.confidence, CONFIDENCE_MEDIUM);
}

static void signal_on_a_recycled_handle_is_wrong_object(void **state)
{
	struct uk *u = U(state);
	uint32_t h = tk_event(u->t, 1, false), out = tk_memory(u->t, 4);
	CALL(u->t, MAIN(u), "NtDuplicateObject", h, out, 0);
	uint32_t alias = tk_get32(u->t, out);
	CALL(u->t, MAIN(u), "NtClose", alias);
	uint32_t recycled = 0;
	while (recycled != alias)
		recycled = tk_event(u->t, 1, false);
	WAIT(u, tk_thread(u->t, 1), h);
	SET(u, MAIN(u), alias);
	struct verdict v = verdict_on(u, h);
	assert_int_equal(v.cause, CAUSE_WRONG_OBJECT);
	assert_int_equal(v.confidence, CONFIDENCE_MEDIUM);
}

static void event_initialised_again_under_a_waiter_is_wrong_object(void **state)
{
	struct uk *u = U(state);
	struct picture p;
	uint32_t ga = tk_memory(u->t, 16), a = tk_thread(u->t, 1);
	CALL(u->t, MAIN(u), "KeInitializeEvent", ga, 1, 0);
	uint32_t object = object_by_ga(u->t->m, ga);
	PARKS(u->t, a, "KeWaitForSingleObject", ga, 0, 0, 0, 0);
	CALL(u->t, MAIN(u), "KeInitializeEvent", ga, 1, 0);
	look(u, &p);
	assert_int_equal(verdict_of(&p, root_of(&p, object)).cause, CAUSE_WRONG_OBJECT);
	graph_free(&p.graph);
}

static void without_books_the_cause_is_unknown(void **state)
{
	struct uk *u = U(state);
	struct picture p;
	uint32_t h = tk_event(u->t, 1, false);
	WAIT(u, tk_thread(u->t, 1), h);
	p.query = session_query(&u->s);
	p.query.audit = NULL;
	graph_make(&p.graph, &p.query, NULL);
	struct verdict v = verdict_of(&p, root_of(&p, tk_object(u->t, h)));
	assert_int_equal(v.cause, CAUSE_UNKNOWN);
	assert_int_equal(v.confidence, CONFIDENCE_LOW);
	graph_free(&p.graph);
}

/* ---- hindsight ----------------------------------------------------------------------------------------------------------- */

#define READ_FILE ((uint32_t)export_find_name("NtReadFile") + 1)

static struct verdict verdict_with(struct uk *u, uint32_t handle, const struct hindsight *h)
{
	struct picture p;
	look(u, &p);
	const struct root *r = root_of(&p, tk_object(u->t, handle));
	struct verdict v = verdict_of(&p, r);
	cause_with_hindsight(&p.graph, (unsigned)(r - p.graph.root), h, &v);
	graph_free(&p.graph);
	return v;
}

static void event_of_a_call_that_stays_pending_was_not_completed(void **state)
{
	struct uk *u = U(state);
	uint32_t h = tk_event(u->t, 1, false);
	WAIT(u, tk_thread(u->t, 1), h);
	const struct hindsight none = { 0 }, done = { .passed_source = READ_FILE, .passed_status = 0 },
		pending = { .passed_source = READ_FILE, .passed_status = NT_PENDING, .passed_tid = 1 };
	assert_int_equal(verdict_with(u, h, &none).cause, CAUSE_NEVER_SENT);
	assert_int_equal(verdict_with(u, h, &done).cause, CAUSE_NEVER_SENT);
	struct verdict v = verdict_with(u, h, &pending);
	assert_int_equal(v.cause, CAUSE_NOT_COMPLETED);
	assert_non_null(strstr(v.evidence, "NtReadFile got it from tid 1"));
}

static void event_that_was_set_since_the_call_was_completed(void **state)
{
	struct uk *u = U(state);
	uint32_t h = tk_event(u->t, 1, false), thread = tk_thread(u->t, 1);
	SET(u, thread, h);
	CALL(u->t, thread, "NtWaitForSingleObjectEx", h, 1, 0, 0);
	WAIT(u, thread, h);
	const struct hindsight pending = { .passed_source = READ_FILE, .passed_status = NT_PENDING, .passed_cycle = 0 };
	assert_int_not_equal(verdict_with(u, h, &pending).cause, CAUSE_NOT_COMPLETED);
}

static void state_that_the_title_itself_stored_accuses_not_the_kernel(void **state)
{
	struct uk *u = U(state);
	uint32_t ga = tk_memory(u->t, 16);
	CALL(u->t, u->t->main, "KeInitializeEvent", ga, 0, 0);
	PARKS(u->t, tk_thread(u->t, 1), "KeWaitForSingleObject", ga, 0, 0, 0, 0);
	tk_put32(u->t, ga + 4, 1);
	struct picture p;
	look(u, &p);
	const struct root *r = root_of(&p, object_by_ga(u->t->m, ga));
	struct verdict v = verdict_of(&p, r);
	assert_int_equal(v.cause, CAUSE_NOT_WOKEN);
	assert_true(cause_with_hindsight(&p.graph, (unsigned)(r - p.graph.root), &(struct hindsight){ .raw_stores = 1, .raw_pc = TK_CODE }, &v));
	assert_int_equal(v.cause, CAUSE_NEVER_SENT);
	graph_free(&p.graph);
}

static void emit_call(struct uk *u, enum event_kind kind, uint32_t tid, uint32_t handle, uint64_t result)
{
	struct event ev = { .kind = kind, .tid = tid, .export_row = READ_FILE, .args = { 0, handle }, .nargs = 8, .result = result };
	event_emit(&u->t->m->events, &ev);
}

static void notes_tell_which_call_got_an_event_and_what_it_returned(void **state)
{
	struct uk *u = U(state);
	struct notes n;
	uint32_t h = tk_event(u->t, 1, false);
	notes_watch(&n, u->t->m);
	emit_call(u, EV_KERNEL_CALL, 1, h, 0);
	emit_call(u, EV_KERNEL_CALL, 2, 0, 0);
	emit_call(u, EV_KERNEL_RETURN, 2, 0, 0);
	assert_int_equal(n.count, 0);
	emit_call(u, EV_KERNEL_RETURN, 1, 0, NT_PENDING);
	assert_int_equal(n.count, 1);
	assert_int_equal(n.note[0].kind, EV_KERNEL_RETURN);
	assert_int_equal(n.note[0].handle, h);
	assert_int_equal(n.note[0].object, object_peek(u->t->m, tk_object(u->t, h))->id);
	assert_int_equal(n.note[0].target, NT_PENDING);
	notes_fini(&n);
}

/* ---- the report ---------------------------------------------------------------------------------------------------------- */

static void running_machine_is_never_called_wedged(void **state)
{
	struct uk *u = U(state);
	struct report r;
	WAIT(u, tk_thread(u->t, 1), tk_event(u->t, 1, false));
	report_make(&u->s, &r);
	assert_int_equal(r.verdict, VERDICT_RUNNING);
	assert_int_equal(r.root_count, 0);
	assert_non_null(strstr(r.state, "can run now: tid 1 on hw 0"));
	report_free(&r);
}

static void running_machine_that_sleeps_names_the_next_deadline(void **state)
{
	struct uk *u = U(state);
	struct report r;
	uint32_t timeout = tk_memory(u->t, 8), code = CODE(u->t, I_LI(3, 1), I_LI(4, 0), I_LOAD(5, timeout), I_CALL(tk_thunk(u->t, "KeDelayExecutionThread")), I_B(0));
	tk_put64(u->t, timeout, (uint64_t)-10000000);
	tk_start(u->t, code);
	tk_run(u->t, 11); /* up to the thunk's sc */
	report_make(&u->s, &r);
	assert_int_equal(r.verdict, VERDICT_RUNNING);
	assert_int_equal(r.quiet.timeouts, 1);
	assert_non_null(strstr(r.state, "nothing can run now; next: delay ends of tid 1 at cyc "));
	report_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UK_TEST(event_that_nobody_signals_is_the_root_of_its_waiters), UK_TEST(past_signaller_is_an_inferred_edge_and_no_proof),
		UK_TEST(roots_are_ranked_by_the_threads_that_they_explain), UK_TEST(thread_that_can_run_is_no_root_and_holds_none),
		UK_TEST(timed_wait_is_not_stuck), UK_TEST(suspended_thread_is_a_root), UK_TEST(crossed_mutants_are_a_proven_cycle),
		UK_TEST(wait_for_any_of_several_makes_no_proven_cycle), UK_TEST(two_that_signal_each_other_in_turn_are_no_proven_cycle),
		UK_TEST(no_signal_at_all_is_never_sent), UK_TEST(signal_on_an_alias_is_a_signal),
		UK_TEST(signal_taken_by_another_thread_is_consumed), UK_TEST(signal_that_was_reset_before_the_wait_is_consumed),
		UK_TEST(pulse_that_met_no_waiter_is_consumed), UK_TEST(sender_that_ended_is_owner_gone_and_not_certain),
		UK_TEST(signal_on_a_recycled_handle_is_wrong_object), UK_TEST(event_initialised_again_under_a_waiter_is_wrong_object),
		UK_TEST(without_books_the_cause_is_unknown), UK_TEST(event_of_a_call_that_stays_pending_was_not_completed),
		UK_TEST(event_that_was_set_since_the_call_was_completed),
		UK_TEST(state_that_the_title_itself_stored_accuses_not_the_kernel),
		UK_TEST(notes_tell_which_call_got_an_event_and_what_it_returned), UK_TEST(running_machine_is_never_called_wedged),
		UK_TEST(running_machine_that_sleeps_names_the_next_deadline),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
