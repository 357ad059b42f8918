/* ui/report.c - see report.h: the model. report_card.c makes its parts, report_text.c and report_json.c show it. */
#include "config.h"

#include "ui/report.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernel/deadline.h"
#include "kernel/dpc.h"
#include "kernel/gpu.h"
#include "kernel/guest.h"
#include "kernel/object.h"
#include "kernel/stall.h"
#include "kernel/timer.h"
#include "ui/inspect/books.h"
#include "ui/whatif.h"
#include "ui/reference.h"

static const char *const verdict_words[] = {
#define VERDICT(id, word) word,
	VERDICTS(VERDICT)
#undef VERDICT
};

const char *verdict_word(const struct report *r) { return verdict_words[r->verdict]; }

void lines_add(struct lines *l, const char *fmt, ...)
{
	char buf[1024];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(buf, sizeof buf, fmt, ap);
	va_end(ap);
	l->line = xrealloc(l->line, (l->count + 1) * sizeof *l->line);
	l->line[l->count++] = xstrdup(buf);
}

static void lines_free(struct lines *l)
{
	for (unsigned i = 0; i < l->count; i++)
		free(l->line[i]);
	free(l->line);
}

/* ---- verdict ------------------------------------------------------------------------------------------------------------ */

static bool quiet(const struct quiescence *q)
{
	return !(q->runnable || q->timers || q->timeouts || q->apcs || q->dpcs || q->io || q->interrupts || q->audio ||
	         q->xma || q->inputs);
}

/* A thread, or the DPC of a hardware thread, that can go on. */
static bool can_run(const struct machine *m, const struct w_thread *t)
{
	if (t->kthread_ga && thread_is_dpc(t))
		return dpc_wanted(hw_peek(m, t->hw));
	return t->tid && (t->state == TS_READY || t->state == TS_RUNNING || t->state == TS_STANDBY) && !t->suspend_count;
}

static void describe_runnable(struct report *r)
{
	const struct machine *m = r->query.machine;
	size_t n = 0;
	unsigned shown = 0;
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_thread); row++) {
		const struct w_thread *t = thread_peek(m, row);
		char symbol[SYMBOL_TEXT], who[24] = "a DPC";
		if (n + 80 > sizeof r->state || !can_run(m, t))
			continue;
		if (t->tid)
			snprintf(who, sizeof who, "tid %u", t->tid);
		code_text(m, context_peek(m, row)->pc, symbol, 48);
		n += (size_t)snprintf(r->state + n, sizeof r->state - n, "%s%s on hw %u at %08X%s%s", shown++ ? ", " : "can run now: ", who,
		                      t->hw, context_peek(m, row)->pc, symbol[0] ? " " : "", symbol);
	}
}

static void describe_deadline(struct report *r)
{
	struct table t;
	char due[64], left[64], what[64], tid[64], object[64];
	table_fill(&t, TABLE_TIMERS, &r->query);
	if (t.rows) {
		cell_text(&t, 0, 0, due, sizeof due);
		cell_text(&t, 0, 1, left, sizeof left);
		cell_text(&t, 0, 2, what, sizeof what);
		cell_text(&t, 0, 3, tid, sizeof tid);
		cell_text(&t, 0, 4, object, sizeof object);
		snprintf(r->state, sizeof r->state, "nothing can run now; next: %s of %s%s at cyc %s, in %s cycles", what,
		         tid[0] == '-' ? "" : "tid ", tid[0] == '-' ? object : tid, due, left);
	}
	table_fini(&t);
}

static void describe(struct report *r)
{
	const struct w_machine *w = machine_row(r->query.machine);
	if (w->ended == 2)
		snprintf(r->state, sizeof r->state, "the title has bugchecked: %08X", w->exit_status);
	else if (r->ended)
		snprintf(r->state, sizeof r->state, "the title has ended with status %u (%08X)", w->exit_status, w->exit_status);
	else if (r->stopped)
		snprintf(r->state, sizeof r->state, "the title has stopped, and would again: %s: %.300s", r->stopped, r->session->stop.text);
	else if (r->quiet.runnable || r->quiet.dpcs)
		describe_runnable(r);
	else
		describe_deadline(r);
}

/* ---- roots -------------------------------------------------------------------------------------------------------------- */

/* The object itself, or all those of the cycle, by their nodes' order. */
static void fill_members(struct report *r, unsigned i)
{
	struct report_root *root = &r->roots[i];
	root->members = xcalloc(r->graph.nodes + 1, sizeof *root->members);
	root->members[root->member_count++] = (struct report_object){ .row = root->object, .trail = object_trail(&r->query, root->object) };
	for (unsigned k = 0; k < r->graph.nodes; k++) {
		const struct node *n = &r->graph.node[k];
		if (n->root == (int)i && n->state == NODE_OBJECT && n->row != root->object)
			root->members[root->member_count++] = (struct report_object){ .row = n->row, .trail = object_trail(&r->query, n->row) };
	}
}

/* Once around a cycle, from its first thread. */
static void fill_circle(struct report *r, unsigned i)
{
	struct report_root *root = &r->roots[i];
	char text[128];
	unsigned start = 0, at;
	size_t n = 0;
	while (r->graph.node[start].root != (int)i)
		start++;
	at = start;
	do {
		unsigned e = 0;
		while (e < r->graph.edges && !(r->graph.edge[e].from == at && r->graph.edge[e].needed && r->graph.node[r->graph.edge[e].to].root == (int)i))
			e++;
		n += (size_t)snprintf(root->circle + n, sizeof root->circle - n, "%s => ", node_text(&r->graph, at, text, sizeof text));
		if (e == r->graph.edges || n + 100 > sizeof root->circle)
			break;
		at = r->graph.edge[e].to;
	} while (at != start);
	snprintf(root->circle + n, sizeof root->circle - n, "%s", at == start ? node_text(&r->graph, at, text, sizeof text) : "...");
}

static void temper(const struct report *r, struct report_root *root)
{
	if (r->verdict != VERDICT_WEDGE && root->verdict.confidence == CONFIDENCE_HIGH)
		root->verdict.confidence = CONFIDENCE_MEDIUM; /* it may still come */
}

static void fill_root(struct report *r, unsigned i)
{
	const struct root *g = &r->graph.root[i];
	const struct node *n = &r->graph.node[g->node];
	const struct machine *m = r->query.machine;
	struct report_root *root = &r->roots[i];
	root->letter = i < 26 ? (char)('A' + i) : '-';
	if (node_is_thread(n)) {
		root->thread = n->row;
		root->object = thread_peek(m, n->row)->object;
	} else {
		root->object = n->row;
	}
	const struct w_object *o = object_peek(m, root->object);
	root->id = o->id;
	root->osid = o->osid;
	root->type = object_type_name(o->type);
	root->log_type = object_type_family(o->type);
	fill_members(r, i);
	if (g->cycle)
		fill_circle(r, i);
	root->tids = xcalloc(g->thread_count + 1, sizeof *root->tids);
	root->tid_count = g->thread_count;
	root->proven_count = g->proven_count;
	for (unsigned k = 0; k < g->thread_count; k++)
		root->tids[k] = thread_peek(m, r->graph.node[g->threads[k]].row)->tid;
	const struct audit_trail *trail = root->members[0].trail;
	if (trail) {
		root->signals = trail->ring[AUDIT_SIGNALS].total;
		root->waits = trail->ring[AUDIT_WAITS].total;
		root->wakes = trail->ring[AUDIT_WAKES].total;
	}
	cause_decide(&r->graph, i, &root->verdict);
	temper(r, root);
}

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

/* Canonical ids, types and causes only: equal for every handle policy, quantum and seed that leads to the same standstill. */
static void sign(struct report *r)
{
	uint64_t *keys = xcalloc(r->root_count + 1, sizeof *keys), h = FNV_BASIS;
	for (unsigned i = 0; i < r->root_count; i++) {
		uint64_t k = fnv_u64(FNV_BASIS, r->roots[i].osid);
		keys[i] = fnv_str(fnv_str(k, r->roots[i].type), cause_word(r->roots[i].verdict.cause));
	}
	qsort(keys, r->root_count, sizeof *keys, by_value);
	for (unsigned i = 0; i < r->root_count; i++)
		h = fnv_u64(h, keys[i]);
	snprintf(r->signature, sizeof r->signature, "%s-%08x", verdict_word(r), (uint32_t)(h ^ h >> 32));
	free(keys);
}

static void name_node(const struct report *r, unsigned node, char out[16])
{
	const struct node *n = &r->graph.node[node];
	const struct machine *m = r->query.machine;
	if (node_is_thread(n))
		snprintf(out, 16, "t%u", thread_peek(m, n->row)->tid);
	else
		snprintf(out, 16, "@%u", object_peek(m, n->row)->id);
}

static void fill_edges(struct report *r)
{
	r->edge_count = r->graph.edges;
	r->edges = xcalloc(r->edge_count + 1, sizeof *r->edges);
	for (unsigned i = 0; i < r->edge_count; i++) {
		name_node(r, r->graph.edge[i].from, r->edges[i].from);
		name_node(r, r->graph.edge[i].to, r->edges[i].to);
		r->edges[i].proven = r->graph.edge[i].proven;
	}
}

/* ---- creation stacks ------------------------------------------------------------------------------------------------------ */

static void take_stack(const struct report *r, struct report_object *o, const struct audit *a)
{
	struct walk_frame f[AUDIT_FRAMES_MAX];
	uint32_t row = audit_by_osid(a, object_peek(r->query.machine, o->row)->osid);
	unsigned n = row ? audit_stack(a, audit_trail(a, row), f) : 0;
	/* The kernel's own frame under the thread's first function is no news. */
	while (n && f[n - 1].rule == WALK_NONE)
		n--;
	for (unsigned i = 0; i < n; i++)
		o->frame[i] = (struct report_frame){ f[i].lr, walk_rule_word(f[i].rule), walk_why_word(f[i].why) };
	o->frames = n;
}

/* What the second machine was seen to do with root @i; the cause once more. */
static void look_at_notes(struct report *r, unsigned i, const struct notes *notes)
{
	struct report_root *root = &r->roots[i];
	const struct raw_stores *raw = notes_raw(notes, root->osid);
	if (raw)
		root->raw = *raw;
	for (unsigned k = 0; k < notes->count; k++)
		if (notes->note[k].kind == EV_KERNEL_RETURN && notes->note[k].object == root->id && notes->note[k].cycle >= root->passed.cycle)
			root->passed = notes->note[k];
	const struct hindsight h = { .passed_source = root->passed.source,
		.passed_tid = root->passed.tid,
		.passed_status = root->passed.target,
		.passed_cycle = root->passed.cycle,
		.raw_stores = root->raw.count,
		.raw_tid = root->raw.tid,
		.raw_pc = root->raw.pc };
	if (cause_with_hindsight(&r->graph, i, &h, &root->verdict))
		temper(r, root);
}

/* A second machine, run from the start with the roots in focus. */
static void look_back(struct report *r)
{
	struct replay replay;
	struct err err;
	unsigned count = 0;
	uint64_t *osids = xcalloc(r->graph.nodes + 1, sizeof *osids);
	for (unsigned i = 0; i < r->root_count; i++)
		for (unsigned k = 0; k < r->roots[i].member_count; k++)
			osids[count++] = object_peek(r->query.machine, r->roots[i].members[k].row)->osid;
	if (session_replay(r->session, osids, count, &replay, &err) != ST_OK) {
		snprintf(r->replay_note, sizeof r->replay_note, "creation stacks unknown: %.300s", err.text);
		report_odd(r, NULL);
	} else {
		for (unsigned i = 0; i < r->root_count; i++)
			look_at_notes(r, i, &replay.notes);
		for (unsigned i = 0; i < r->root_count; i++)
			for (unsigned k = 0; k < r->roots[i].member_count; k++)
				take_stack(r, &r->roots[i].members[k], &replay.rig->audit);
		if (!replay.same)
			snprintf(r->replay_note, sizeof r->replay_note, "the second run from the start did not come to the same state");
		report_odd(r, &replay);
		replay_free(&replay);
	}
	free(osids);
}

/* What the title itself ran into; NULL: nothing, or it has ended. */
static const char *stopped_word(const struct session *s)
{
	enum stop_kind k = s->stop.kind;
	bool own = k == STOP_FAULT || k == STOP_ILLEGAL || k == STOP_TRAP || k == STOP_EXCEPTION || k == STOP_UNIMPLEMENTED;
	return own ? stop_kind_word(k) : NULL;
}

static enum verdict_kind decide(struct report *r)
{
	if (r->ended)
		return VERDICT_RUNNING;
	if (quiet(&r->quiet))
		return VERDICT_WEDGE;
	if (!r->stopped && r->still.holds)
		return VERDICT_STANDSTILL;
	return !r->stopped && stall_now(r->query.machine, r->roles) ? VERDICT_STALL : VERDICT_RUNNING;
}

static void callback_add(struct report *r, const struct report_callback *c)
{
	r->callbacks = xrealloc(r->callbacks, (r->callback_count + 1) * sizeof *r->callbacks);
	r->callbacks[r->callback_count++] = *c;
}

/* What comes by itself, and the guest code that it calls. */
static void fill_callbacks(struct report *r)
{
	const struct machine *m = r->query.machine;
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_object); row++) {
		struct g_extimer timer = { 0 };
		struct g_kdpc dpc = { 0 };
		const struct w_object *o = object_peek(m, row);
		if (!o->id || timer_due(m, row) == DEADLINE_NEVER)
			continue;
		struct report_callback c = { .object = row, .period_ms = timer_period(m, row), .times = standstill_fires(m, row) };
		uint32_t size = o->pool ? sizeof timer : sizeof timer.timer;
		if (mem_peek(&m->mem, o->body_ga, &timer, size) == MEM_OK && be32_get(timer.timer.dpc) &&
		    mem_peek(&m->mem, be32_get(timer.timer.dpc), &dpc, sizeof dpc) == MEM_OK) {
			c.dpc = be32_get(dpc.routine);
			c.hw = dpc.desired_cpu_number ? dpc.desired_cpu_number - 1u : 0;
		}
		if (o->thread) {
			c.apc = be32_get(timer.apc.normal_routine);
			c.tid = thread_peek(m, o->thread)->tid;
		}
		callback_add(r, &c);
	}
	if (deadline_of_source(m, SOURCE_VBLANK) != DEADLINE_NEVER)
		callback_add(r, &(struct report_callback){ .source = SOURCE_VBLANK + 1, .times = standstill_source_fires(m, SOURCE_VBLANK),
			.dpc = gpu_peek(m)->callback, .hw = GPU_VBLANK_HW });
}

/* The verdict, and whom it concerns. */
static void look_at(struct session *s, struct report *r)
{
	struct machine *m = session_machine(s);
	*r = (struct report){ .session = s, .only = -1 };
	r->query = session_query(s);
	r->query.thread = 0;
	r->ended = machine_row(m)->ended != 0;
	machine_quiescence(m, &r->quiet);
	r->gpu_fences = arena_count(&m->history, m->t_gpu_fence) ? arena_count(&m->history, m->t_gpu_fence) - 1 : 0;
	r->stopped = stopped_word(s);
	r->roles = xcalloc(arena_count(&m->world, m->t_thread) + 1, 1);
	standstill_read(m, &r->still);
	r->verdict = decide(r);
	if (r->verdict == VERDICT_STANDSTILL)
		standstill_roles(m, r->roles);
}

uint8_t *report_roles(struct session *s)
{
	struct report r;
	look_at(s, &r);
	if (r.verdict == VERDICT_STALL || r.verdict == VERDICT_STANDSTILL)
		return r.roles;
	free(r.roles);
	return NULL;
}

/* ---- parked threads ------------------------------------------------------------------------------------------------------- */

static bool woken_by(const struct report *r, uint32_t tid, uint32_t object)
{
	struct audit_entry e[AUDIT_RING];
	const struct audit_trail *trail = object_trail(&r->query, object);
	unsigned n = trail ? audit_entries(r->query.audit, trail, AUDIT_WAKES, e) : 0;
	for (unsigned i = 0; i < n; i++)
		if (e[i].tid == tid && e[i].kind == EV_OBJECT_WAKE)
			return true;
	return false;
}

/* Parked without end, and no root explains it. */
static bool may_be_idle(const struct report *r, uint32_t row)
{
	const struct machine *m = r->query.machine;
	const struct w_thread *t = thread_peek(m, row);
	if (!t->tid || !t->parked || !t->wait_first || t->deadline != DEADLINE_NEVER || t->suspend_count)
		return false;
	for (unsigned i = 0; i < r->root_count; i++)
		for (unsigned k = 0; k < r->roots[i].tid_count; k++)
			if (r->roots[i].tids[k] == t->tid)
				return false;
	return true;
}

static bool was_woken(const struct report *r, uint32_t row)
{
	const struct machine *m = r->query.machine;
	for (uint32_t w = thread_peek(m, row)->wait_first; w; w = wait_peek(m, w)->thread_next)
		if (woken_by(r, thread_peek(m, row)->tid, wait_peek(m, w)->object))
			return true;
	return false;
}

static uint32_t first_object(const struct machine *m, uint32_t row)
{
	return wait_peek(m, thread_peek(m, row)->wait_first)->object;
}

/* Idle are workers that wait for work as they did before, needed by no root: they are no evidence of anything. */
static void fill_parked_groups(struct report *r)
{
	const struct machine *m = r->query.machine;
	uint32_t rows = arena_count(&m->world, m->t_thread);
	bool *idle = xcalloc(rows + 1, sizeof *idle);
	for (uint32_t row = 1; row < rows; row++)
		idle[row] = may_be_idle(r, row) && was_woken(r, row);
	/* A pool: one of those who wait for it has had work before. */
	for (uint32_t row = 1; row < rows; row++)
		for (uint32_t other = 1; other < rows && !idle[row] && may_be_idle(r, row); other++)
			idle[row] = idle[other] && first_object(m, other) == first_object(m, row);
	r->parked_count = r->ended ? 0 : parked_groups(m, r->verbose ? STACK_FRAMES_MAX : PARKED_FRAMES, idle, &r->parked);
	free(idle);
}

static void fill_diff_line(struct report *r)
{
	const char *path = r->session->settings.reference;
	char line[REPORT_LINE];
	struct diff *d;
	struct err err;
	if (!*path)
		return;
	if (reference_diff(r->session, path, &d, &err) != ST_OK) {
		snprintf(r->diff, sizeof r->diff, "not compared: %.300s", err.text);
		return;
	}
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	bool goes_on = r->verdict == VERDICT_RUNNING && !r->ended && !r->stopped;
	snprintf(r->diff, sizeof r->diff, "reference %s: %s", name, reference_line(d, goes_on, line, sizeof line));
	diff_free(d);
}

static void make_graph(struct report *r)
{
	bool inferred = r->verdict == VERDICT_STALL || r->verdict == VERDICT_STANDSTILL;
	graph_make(&r->graph, &r->query, inferred ? r->roles : NULL);
}

static void make_roots(struct report *r)
{
	r->root_count = r->graph.roots;
	r->roots = xcalloc(r->root_count + 1, sizeof *r->roots);
	for (unsigned i = 0; i < r->root_count; i++)
		fill_root(r, i);
}

/* `wedge -v`: would it help to do by hand what never came? */
static void try_root(struct report *r, struct report_root *root)
{
	struct whatif w = { 0 };
	struct err err;
	enum poke p;
	char line[REPORT_LINE];
	if (!whatif_remedy(r->query.machine, root->object, &p))
		return;
	if (whatif_run(r->session, p, root->object, WHATIF_LIMIT, &w, &err) != ST_OK) {
		lines_add(&root->card, "test\tnot tried: %s", err.text);
		return;
	}
	lines_add(&root->card, "test\t`whatif %s`: %s", w.what, whatif_line(&w, line, sizeof line));
	whatif_free(&w);
}

static void make(struct session *s, bool verbose, struct report *r)
{
	struct machine *m = session_machine(s);
	look_at(s, r);
	r->verbose = verbose;
	r->cycles = machine_cycle(m);
	r->instructions = machine_instructions(m);
	r->events = event_seq(&m->events);
	r->digest = machine_digest(m);
	if (r->verdict == VERDICT_STANDSTILL)
		fill_callbacks(r);
	make_graph(r);
	fill_edges(r);
	if (r->verdict != VERDICT_WEDGE)
		describe(r);
	if (r->verdict != VERDICT_RUNNING) {
		make_roots(r);
		report_chains(r);
		look_back(r);
		for (unsigned i = 0; i < r->root_count; i++)
			report_card(r, &r->roots[i]);
	} else {
		report_odd(r, NULL);
	}
	sign(r);
	fill_parked_groups(r);
	fill_diff_line(r);
	report_next(r);
	for (unsigned i = 0; r->verbose && i < r->root_count; i++)
		try_root(r, &r->roots[i]);
}

void report_make_brief(struct session *s, struct report *r)
{
	look_at(s, r);
	make_graph(r);
	if (r->verdict != VERDICT_RUNNING)
		make_roots(r);
}

void report_make(struct session *s, struct report *r)
{
	make(s, false, r);
}

void report_make_verbose(struct session *s, struct report *r)
{
	make(s, true, r);
}

void report_free(struct report *r)
{
	for (unsigned i = 0; i < r->root_count; i++) {
		free(r->roots[i].tids);
		free(r->roots[i].members);
		lines_free(&r->roots[i].card);
	}
	free(r->roots);
	free(r->roles);
	free(r->callbacks);
	free(r->edges);
	free(r->parked);
	lines_free(&r->chains);
	lines_free(&r->odd);
	lines_free(&r->next);
	graph_free(&r->graph);
	*r = (struct report){ 0 };
}
