/* ui/inspect/graph.c - see graph.h */
#include "config.h"

#include "ui/inspect/graph.h"

#include <stdio.h>
#include <stdlib.h>

#include "kernel/owner.h"
#include "kernel/timer.h"
#include "kernel/stall.h"
#include "ui/inspect/books.h"

/* ---- nodes and edges ------------------------------------------------------------------------------------------------- */

static unsigned add_node(struct graph *g, uint32_t row, enum node_state state)
{
	if (g->nodes == g->node_room) {
		g->node_room = g->node_room ? g->node_room * 2 : 64;
		g->node = xrealloc(g->node, g->node_room * sizeof *g->node);
	}
	g->node[g->nodes] = (struct node){ row, state, false, -1 };
	return g->nodes++;
}

static void add_edge(struct graph *g, struct edge e)
{
	if (g->edges == g->edge_room) {
		g->edge_room = g->edge_room ? g->edge_room * 2 : 64;
		g->edge = xrealloc(g->edge, g->edge_room * sizeof *g->edge);
	}
	g->edge[g->edges++] = e;
}

/* Threads are the first nodes, in order of their rows; objects follow as they are met. */
int graph_thread(const struct graph *g, uint32_t row)
{
	for (unsigned i = 0; i < g->nodes && node_is_thread(&g->node[i]); i++)
		if (g->node[i].row == row)
			return (int)i;
	return -1;
}

int graph_object(const struct graph *g, uint32_t row)
{
	for (unsigned i = 0; i < g->nodes; i++)
		if (g->node[i].state == NODE_OBJECT && g->node[i].row == row)
			return (int)i;
	return -1;
}

static unsigned object_node(struct graph *g, uint32_t row)
{
	int node = graph_object(g, row);
	return node >= 0 ? (unsigned)node : add_node(g, row, NODE_OBJECT);
}

static enum node_state thread_node_state(const struct w_thread *t)
{
	if (t->suspend_count)
		return NODE_SUSPENDED;
	if (!t->parked)
		return NODE_RUNS;
	return t->deadline != DEADLINE_NEVER ? NODE_TIMED : NODE_WAITS;
}

static void add_waits(struct graph *g, unsigned node)
{
	const struct machine *m = g->query->machine;
	const struct w_thread *t = thread_peek(m, g->node[node].row);
	if (!t->parked)
		return;
	for (uint32_t row = t->wait_first; row; row = wait_peek(m, row)->thread_next) {
		uint32_t object = wait_peek(m, row)->object;
		bool satisfied = t->wait_all && t->wait_count > 1 && object_signal_state(m, object) > 0;
		if (satisfied)
			continue;
		bool needed = t->wait_count <= 1 || t->wait_all;
		unsigned to = object_node(g, object);
		add_edge(g, (struct edge){ node, to, true, needed, 0, 0, needed ? "waits for it" : "waits for any of several" });
	}
}

static void add_signallers(struct graph *g, unsigned node)
{
	const struct query *q = g->query;
	const struct audit_trail *trail = object_trail(q, g->node[node].row);
	struct audit_entry e[AUDIT_RING];
	unsigned kept = trail ? audit_entries(q->audit, trail, AUDIT_SIGNALS, e) : 0;
	for (unsigned i = 0; i < kept; i++) {
		uint32_t row = e[i].tid ? thread_by_tid(q->machine, e[i].tid) : 0;
		int to = row ? graph_thread(g, row) : -1;
		unsigned k = 0;
		if (to < 0)
			continue;
		while (k < g->edges && (g->edge[k].from != node || g->edge[k].to != (unsigned)to))
			k++;
		if (k == g->edges)
			add_edge(g, (struct edge){ node, (unsigned)to, false, false, 0, kept, "has signalled it before" });
		g->edge[k].times++;
	}
}

static void add_object_edges(struct graph *g, unsigned node)
{
	const struct machine *m = g->query->machine;
	const char *how = NULL;
	uint32_t object = g->node[node].row;
	uint32_t owner;
	uint32_t type = object_peek(m, object)->type;
	for (unsigned n = 0; (owner = object_owner_nth(m, object, n, &how)); n++) {
		int to = graph_thread(g, owner);
		if (to >= 0)
			add_edge(g, (struct edge){ node, (unsigned)to, true, true, 0, 0, how });
	}
	if (!how && type != OT_THREAD && !type_is_owned(type))
		add_signallers(g, node);
}

/* The seq of the last entry of @kind by @tid in a ring; 0 = none kept. */
static uint64_t last_seq(const struct query *q, uint32_t object, enum audit_ring_kind kind, uint32_t tid)
{
	const struct audit_trail *trail = object_trail(q, object);
	struct audit_entry e[AUDIT_RING];
	unsigned kept = trail ? audit_entries(q->audit, trail, kind, e) : 0;
	while (kept && e[kept - 1].tid != tid)
		kept--;
	return kept ? e[kept - 1].seq : 0;
}

bool graph_owes(const struct graph *g, uint32_t thread, uint32_t object)
{
	uint32_t tid = thread_peek(g->query->machine, thread)->tid;
	uint64_t sent = last_seq(g->query, object, AUDIT_SIGNALS, tid);
	for (unsigned i = 0; sent && i < g->nodes; i++)
		if (g->node[i].state == NODE_OBJECT && last_seq(g->query, g->node[i].row, AUDIT_WAKES, tid) > sent)
			return true;
	return false;
}

/* ---- reachability ----------------------------------------------------------------------------------------------------- */

typedef bool edge_filter(const struct edge *e);
static bool any_edge(const struct edge *e) { (void)e; return true; }
static bool proven_edge(const struct edge *e) { return e->proven; }
static bool needed_edge(const struct edge *e) { return e->proven && e->needed; }

/* Marks in @seen what can be reached from @start over at least one edge; against the edges if @back. */
static void reach(const struct graph *g, unsigned start, bool back, edge_filter *ok, bool *seen)
{
	unsigned *todo = xcalloc(g->nodes + 1, sizeof *todo), count = 0;
	memset(seen, 0, g->nodes * sizeof *seen);
	todo[count++] = start;
	while (count) {
		unsigned at = todo[--count];
		for (unsigned i = 0; i < g->edges; i++) {
			const struct edge *e = &g->edge[i];
			unsigned from = back ? e->to : e->from, to = back ? e->from : e->to;
			if (from != at || seen[to] || !ok(e))
				continue;
			seen[to] = true;
			if (to != start)
				todo[count++] = to;
		}
	}
	free(todo);
}

void graph_around(const struct graph *g, unsigned node, bool *in)
{
	bool *seen = xcalloc(g->nodes + 1, sizeof *seen);
	reach(g, node, false, any_edge, in);
	reach(g, node, true, any_edge, seen);
	for (unsigned i = 0; i < g->nodes; i++)
		in[i] |= seen[i] || i == node;
	free(seen);
}

/* ---- roots -------------------------------------------------------------------------------------------------------------- */

static unsigned add_root(struct graph *g, unsigned node, bool cycle)
{
	g->root = xrealloc(g->root, (g->roots + 1) * sizeof *g->root);
	g->root[g->roots] = (struct root){ .node = node, .cycle = cycle };
	g->node[node].root = (int)g->roots;
	return g->roots++;
}

static uint32_t node_id(const struct graph *g, unsigned node)
{
	const struct node *n = &g->node[node];
	return node_is_thread(n) ? thread_peek(g->query->machine, n->row)->tid : object_peek(g->query->machine, n->row)->id;
}

static void find_cycles(struct graph *g, bool *forth, bool *back)
{
	for (unsigned i = 0; i < g->nodes; i++) {
		if (g->node[i].state != NODE_OBJECT || g->node[i].root >= 0)
			continue;
		reach(g, i, false, needed_edge, forth);
		if (!forth[i])
			continue;
		reach(g, i, true, needed_edge, back);
		unsigned lowest = i;
		for (unsigned k = 0; k < g->nodes; k++)
			if (forth[k] && back[k] && g->node[k].state == NODE_OBJECT && node_id(g, k) < node_id(g, lowest))
				lowest = k;
		unsigned root = add_root(g, lowest, true);
		for (unsigned k = 0; k < g->nodes; k++)
			if (forth[k] && back[k]) {
				g->node[k].root = (int)root;
				g->node[k].in_cycle = true;
			}
	}
}

/* Is everything that @node leads to also a way back to it (a knot that no edge leaves), and nothing in it able to run? */
static bool is_terminal(const struct graph *g, unsigned node, bool *forth, bool *back)
{
	reach(g, node, false, any_edge, forth);
	reach(g, node, true, any_edge, back);
	for (unsigned i = 0; i < g->nodes; i++) {
		enum node_state state = g->node[i].state;
		if (forth[i] && state == NODE_OBJECT && timer_due(g->query->machine, g->node[i].row) != DEADLINE_NEVER)
			return false;
		if (forth[i] && (!back[i] || state == NODE_RUNS || state == NODE_TIMED || g->node[i].root >= 0))
			return false;
	}
	return true;
}

static bool has_proven_edge(const struct graph *g, unsigned node)
{
	for (unsigned i = 0; i < g->edges; i++)
		if (g->edge[i].from == node && g->edge[i].proven)
			return true;
	return false;
}

/* The objects of a knot wait for each other in a ring, part of which is inferred. One that is owned explains the others: its edge is read
 * from the kernel. Else those explain it whose signaller has gone on since without signalling them once more. */
static bool owned(const struct graph *g, unsigned node)
{
	const struct node *n = &g->node[node];
	if (n->state != NODE_OBJECT || !has_proven_edge(g, node))
		return false;
	return type_is_owned(object_peek(g->query->machine, n->row)->type);
}

static bool owed(const struct graph *g, unsigned node)
{
	for (unsigned i = 0; i < g->edges; i++) {
		const struct edge *e = &g->edge[i];
		if (e->from == node && !e->proven && graph_owes(g, g->node[e->to].row, g->node[node].row))
			return true;
	}
	return false;
}

/* Leaves of the ends that lie in the knot of @node (its members are @knot) those that explain the others. */
static void narrow_knot(const struct graph *g, unsigned node, const bool *knot, bool *end)
{
	int lowest = -1;
	bool any = false;
	for (unsigned i = 0; i < g->nodes; i++) {
		bool in = knot[i] || i == node;
		if (in && owned(g, i) && (lowest < 0 || node_id(g, i) < node_id(g, (unsigned)lowest)))
			lowest = (int)i;
		any |= in && end[i] && owed(g, i);
	}
	for (unsigned i = 0; i < g->nodes && (lowest >= 0 || any); i++)
		if (knot[i] || i == node)
			end[i] = lowest >= 0 ? i == (unsigned)lowest : end[i] && owed(g, i);
}

static void find_ends(struct graph *g, bool *forth, bool *back)
{
	bool *end = xcalloc(g->nodes + 1, sizeof *end), *narrowed = xcalloc(g->nodes + 1, sizeof *narrowed);
	for (unsigned i = 0; i < g->nodes; i++) {
		bool object = g->node[i].state == NODE_OBJECT && !has_proven_edge(g, i) && timer_due(g->query->machine, g->node[i].row) == DEADLINE_NEVER;
		bool suspended = g->node[i].state == NODE_SUSPENDED;
		end[i] = (object || suspended) && g->node[i].root < 0 && (suspended || is_terminal(g, i, forth, back));
	}
	for (unsigned i = 0; i < g->nodes; i++) {
		if (!end[i] || narrowed[i] || g->node[i].state != NODE_OBJECT)
			continue;
		reach(g, i, false, any_edge, forth);
		for (unsigned k = 0; k < g->nodes; k++)
			narrowed[k] |= forth[k];
		if (forth[i])
			narrow_knot(g, i, forth, end);
	}
	for (unsigned i = 0; i < g->nodes; i++)
		if (end[i])
			add_root(g, i, false);
	free(end);
	free(narrowed);
}

static bool counted(const struct graph *g, unsigned node)
{
	return node_is_thread(&g->node[node]) && stall_counted(g->roles[g->node[node].row]);
}

/* Of a stall: what counted threads wait for, unless another counted one holds it or is it. */
static void find_stalled(struct graph *g)
{
	bool *end = xcalloc(g->nodes + 1, sizeof *end);
	for (unsigned i = 0; i < g->edges; i++)
		if (g->edge[i].proven && counted(g, g->edge[i].from) && g->node[g->edge[i].to].root < 0)
			end[g->edge[i].to] = true;
	for (unsigned i = 0; i < g->edges; i++)
		if (g->edge[i].proven && counted(g, g->edge[i].to))
			end[g->edge[i].from] = false;
	for (unsigned i = 0; i < g->nodes; i++)
		if (end[i] && g->node[i].state == NODE_OBJECT)
			add_root(g, i, false);
	free(end);
}

/* Explains the stall: threads that it does not count are no news. */
static void drop_idle_roots(struct graph *g)
{
	while (g->roots && !g->root[g->roots - 1].thread_count) {
		free(g->root[--g->roots].threads);
		for (unsigned i = 0; i < g->nodes; i++)
			if (g->node[i].root == (int)g->roots)
				g->node[i].root = -1;
	}
}

static bool stuck(const struct graph *g, unsigned node)
{
	const struct node *n = &g->node[node];
	return g->roles ? counted(g, node) : n->state == NODE_WAITS || n->state == NODE_SUSPENDED;
}

static void explain(struct graph *g, struct root *r, bool *any, bool *proven)
{
	reach(g, r->node, true, any_edge, any);
	reach(g, r->node, true, proven_edge, proven);
	any[r->node] = proven[r->node] = true;
	r->threads = xcalloc(g->nodes + 1, sizeof *r->threads);
	for (unsigned pass = 0; pass < 2; pass++) {
		for (unsigned i = 0; i < g->nodes; i++)
			if (stuck(g, i) && any[i] && proven[i] == (pass == 0))
				r->threads[r->thread_count++] = i;
		if (pass == 0)
			r->proven_count = r->thread_count;
	}
}

static int by_weight(const void *a, const void *b, void *ctx)
{
	const struct root *x = a, *y = b;
	if (x->thread_count != y->thread_count)
		return x->thread_count > y->thread_count ? -1 : 1;
	if (x->proven_count != y->proven_count)
		return x->proven_count > y->proven_count ? -1 : 1;
	uint32_t i = node_id(ctx, x->node), k = node_id(ctx, y->node);
	return (i > k) - (i < k);
}

static void rank_roots(struct graph *g)
{
	if (!g->roots)
		return;
	int *place = xcalloc(g->roots + 1, sizeof *place);
	unsigned *was = xcalloc(g->roots + 1, sizeof *was);
	for (unsigned i = 0; i < g->roots; i++)
		was[i] = g->root[i].node;
	qsort_r(g->root, g->roots, sizeof *g->root, by_weight, g);
	for (unsigned i = 0; i < g->roots; i++)
		for (unsigned k = 0; k < g->roots; k++)
			if (was[k] == g->root[i].node)
				place[k] = (int)i;
	for (unsigned i = 0; i < g->nodes; i++)
		if (g->node[i].root >= 0)
			g->node[i].root = place[g->node[i].root];
	free(place);
	free(was);
}

void graph_make(struct graph *g, const struct query *q, const uint8_t *roles)
{
	const struct machine *m = q->machine;
	*g = (struct graph){ .query = q, .roles = roles };
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_thread); row++) {
		const struct w_thread *t = thread_peek(m, row);
		if (t->tid && t->state != TS_TERMINATED)
			add_node(g, row, thread_node_state(t));
	}
	unsigned threads = g->nodes;
	for (unsigned i = 0; i < threads; i++)
		add_waits(g, i);
	for (unsigned i = threads; i < g->nodes; i++)
		add_object_edges(g, i);
	bool *forth = xcalloc(g->nodes + 1, sizeof *forth), *back = xcalloc(g->nodes + 1, sizeof *back);
	find_cycles(g, forth, back);
	if (roles)
		find_stalled(g);
	else
		find_ends(g, forth, back);
	for (unsigned i = 0; i < g->roots; i++)
		explain(g, &g->root[i], forth, back);
	rank_roots(g);
	if (roles)
		drop_idle_roots(g);
	free(forth);
	free(back);
}

void graph_free(struct graph *g)
{
	for (unsigned i = 0; i < g->roots; i++)
		free(g->root[i].threads);
	free(g->root);
	free(g->node);
	free(g->edge);
	*g = (struct graph){ 0 };
}

const char *node_text(const struct graph *g, unsigned node, char *buf, size_t size)
{
	const struct machine *m = g->query->machine;
	const struct node *n = &g->node[node];
	char handle[32];
	if (node_is_thread(n)) {
		snprintf(buf, size, "tid %u", thread_peek(m, n->row)->tid);
		return buf;
	}
	const struct w_object *o = object_peek(m, n->row);
	if (*object_handle_text(m, n->row, handle, sizeof handle))
		snprintf(buf, size, "%s %s @%u", object_type_name(o->type), handle, o->id);
	else
		snprintf(buf, size, "%s %08X @%u", object_type_name(o->type), o->body_ga, o->id);
	return buf;
}

/* ---- the chain of one thread, as a table -------------------------------------------------------------------------------- */

static void put_edge(struct table *t, const struct graph *g, const struct edge *e)
{
	char buf[128];
	put_str(t, node_text(g, e->from, buf, sizeof buf));
	put_str(t, e->proven ? "=>" : "~>");
	put_str(t, node_text(g, e->to, buf, sizeof buf));
	put_bool(t, e->proven);
	if (e->proven)
		put_str(t, e->why);
	else
		put_strf(t, "%s, %u of %u times", e->why, e->times, e->total);
}

static const char *end_text(const struct graph *g, unsigned node)
{
	static const char *const texts[] = {
		[NODE_TIMED] = "a deadline will wake it", [NODE_SUSPENDED] = "is suspended", [NODE_RUNS] = "can run",
	};
	const struct node *n = &g->node[node];
	if (n->state != NODE_OBJECT)
		return texts[n->state];
	if (timer_due(g->query->machine, n->row) != DEADLINE_NEVER)
		return "is armed, and will come due";
	const struct audit_trail *trail = object_trail(g->query, n->row);
	if (trail && trail->origin == AUDIT_CREATED && !trail->ring[AUDIT_SIGNALS].total)
		return "nobody has ever signalled it";
	return "nobody is left who has signalled it";
}

static void put_end(struct table *t, const struct graph *g, unsigned node)
{
	char buf[128];
	const char *text = end_text(g, node);
	if (!text)
		return;
	put_str(t, node_text(g, node, buf, sizeof buf));
	put_str(t, "");
	put_str(t, "");
	put_bool(t, true);
	put_str(t, text);
}

void fill_chain(struct table *t, const struct query *q)
{
	struct graph g;
	graph_make(&g, q, NULL);
	int start = q->thread ? graph_thread(&g, q->thread) : -1;
	bool *seen = xcalloc(g.nodes + 1, sizeof *seen);
	unsigned *todo = xcalloc(g.nodes + 1, sizeof *todo), first = 0, last = 0;
	if (start >= 0) {
		todo[last++] = (unsigned)start;
		seen[start] = true;
	} else {
		table_note(t, "the thread has ended");
	}
	for (; first < last; first++) {
		bool leads = false;
		for (unsigned i = 0; i < g.edges; i++) {
			if (g.edge[i].from != todo[first])
				continue;
			leads = true;
			put_edge(t, &g, &g.edge[i]);
			if (!seen[g.edge[i].to]) {
				seen[g.edge[i].to] = true;
				todo[last++] = g.edge[i].to;
			}
		}
		if (!leads)
			put_end(t, &g, todo[first]);
		if (g.node[todo[first]].in_cycle)
			table_note(t, "a cycle: each waits for the next, none can go on");
	}
	free(seen);
	free(todo);
	graph_free(&g);
}
