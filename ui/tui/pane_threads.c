/* ui/tui/pane_threads.c - the threads, and as a tree the chain of waits below each; the graph of waits, roots first. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "ui/inspect/graph.h"
#include "ui/tui/panes.h"

#define DEPTH_MAX 24u
#define NODES_MAX 4000u /* lines of a tree */

/* ---- counts in the title --------------------------------------------------------------------------------------------------- */

static void count_threads(struct view *v, const struct query *q)
{
	struct quiescence n;
	machine_quiescence(q->machine, &n);
	snprintf(v->title, sizeof v->title, "%u  parked %u  run %u%s", n.threads, n.parked, n.runnable,
		n.suspended ? "  suspended" : "");
	if (n.suspended)
		snprintf(v->title + strlen(v->title), sizeof v->title - strlen(v->title), " %u", n.suspended);
}

/* ---- trees ------------------------------------------------------------------------------------------------------------------- */

struct tree {
	struct view *v;
	const struct graph *g;
	uint8_t *seen;
	bool up; /* from what is waited for to who waits */
	unsigned nodes;
};

static const char *state_text(const struct tree *t, unsigned node, char *buf, size_t size)
{
	const struct node *n = &t->g->node[node];
	const struct machine *m = t->g->query->machine;
	char name[64];
	buf[0] = 0;
	if (node_is_thread(n))
		snprintf(buf, size, " %s%s", thread_name(m, n->row, name, sizeof name),
			n->state == NODE_TIMED       ? ", a deadline wakes it"
			: n->state == NODE_SUSPENDED ? ", suspended"
			: n->state == NODE_RUNS      ? ", runs"
						     : "");
	return buf;
}

static bool has_cause(const struct graph *g, unsigned node)
{
	for (unsigned i = 0; i < g->edges; i++)
		if (g->edge[i].from == node)
			return true;
	return false;
}

/* What a thread is waited for by: no step of its own in a tree. */
static bool is_thread_object(const struct tree *t, unsigned node)
{
	const struct node *n = &t->g->node[node];
	return !node_is_thread(n) && object_peek(t->g->query->machine, n->row)->type == OT_THREAD;
}

static unsigned far_end(const struct tree *t, const struct edge *e)
{
	return t->up ? e->from : e->to;
}

static unsigned near_end(const struct tree *t, const struct edge *e)
{
	return t->up ? e->to : e->from;
}

/* @via: the thread's object between it and the line above, -1 = none. */
static void put_node(struct tree *t, unsigned node, unsigned depth, const struct edge *e, int via);

static void put_below(struct tree *t, unsigned node, unsigned depth)
{
	for (unsigned i = 0; i < t->g->edges; i++) {
		const struct edge *e = &t->g->edge[i];
		unsigned next = far_end(t, e), beyond = 0;
		if (near_end(t, e) != node)
			continue;
		for (unsigned k = 0; is_thread_object(t, next) && k < t->g->edges; k++)
			if (near_end(t, &t->g->edge[k]) == next) {
				put_node(t, far_end(t, &t->g->edge[k]), depth, t->up ? &t->g->edge[k] : e, (int)next);
				beyond++;
			}
		if (!beyond && !(t->up && is_thread_object(t, next)))
			put_node(t, next, depth, e, -1);
	}
}

static void put_node(struct tree *t, unsigned node, unsigned depth, const struct edge *e, int via)
{
	char name[160], state[120], why[60] = "", through[160] = "", text[600];
	const char *arrow = !e ? "" : t->up ? e->proven ? "<= " : "<~ " : e->proven ? "=> " : "~> ";
	bool again = t->seen[node], end = !t->up && !node_is_thread(&t->g->node[node]) && !has_cause(t->g, node);
	if (depth > DEPTH_MAX || ++t->nodes > NODES_MAX)
		return;
	if (e && !e->proven)
		snprintf(why, sizeof why, "  (%u of %u signals)", e->times, e->total);
	if (via >= 0)
		node_text(t->g, (unsigned)via, through, sizeof through);
	snprintf(text, sizeof text, "%s%s%s%s%s%s%s", arrow, node_text(t->g, node, name, sizeof name),
		state_text(t, node, state, sizeof state), via >= 0 ? "  joins " : "", through, why,
		end     ? "  => NOBODY"
		: again ? "  (above)"
			: "");
	if (via >= 0 && !t->up)
		snprintf(text, sizeof text, "%s%s = %s%s%s", arrow, through, name, state, again ? "  (above)" : "");
	view_node(t->v, end ? ROLE_ANOMALY : !e ? ROLE_TEXT : e->proven ? ROLE_PROVEN : ROLE_INFERRED, depth, text);
	if (again)
		return;
	t->seen[node] = 1;
	put_below(t, node, depth + 1);
}

/* ---- the graph --------------------------------------------------------------------------------------------------------------- */

static void put_root(struct tree *t, unsigned i)
{
	const struct root *r = &t->g->root[i];
	char name[160], text[400];
	snprintf(text, sizeof text, "ROOT %c  %s%s  holds %u thread%s (%u proven)", i < 26 ? (char)('A' + i) : '-',
		node_text(t->g, r->node, name, sizeof name),
		r->cycle                   ? " in a circle"
		: has_cause(t->g, r->node) ? ""
					   : ": nobody has signalled it",
		r->thread_count, r->thread_count == 1 ? "" : "s", r->proven_count);
	view_node(t->v, ROLE_ANOMALY, 0, text);
	t->seen[r->node] = 1;
	put_below(t, r->node, 1);
}

void pane_graph(struct view *v, const struct pane_ask *a)
{
	struct graph g;
	if (a->running) {
		view_text(v, ROLE_DIM, "(while the title runs: at the next stop)");
		return;
	}
	graph_make(&g, &a->query, NULL);
	struct tree t = { .v = v, .g = &g, .seen = xcalloc(g.nodes + 1, 1), .up = !a->tree };
	if (!a->tree)
		for (unsigned i = 0; i < g.roots; i++)
			put_root(&t, i);
	bool rest = false;
	for (unsigned i = 0; i < g.nodes; i++) {
		if (!node_is_thread(&g.node[i]) || (!a->tree && t.seen[i]))
			continue;
		if (!a->tree && !rest)
			view_node(v, ROLE_HEADER, 0, "held by no root");
		rest = true;
		t.up = false;
		memset(t.seen, 0, g.nodes);
		put_node(&t, i, a->tree ? 0 : 1, NULL, -1);
	}
	snprintf(v->title, sizeof v->title, "%u root%s  => proven  ~> inferred", g.roots, g.roots == 1 ? "" : "s");
	if (!v->lines)
		view_text(v, ROLE_DIM, "no thread waits");
	free(t.seen);
	graph_free(&g);
}

/* ---- threads ------------------------------------------------------------------------------------------------------------------ */

static void put_chain(struct tree *t, uint32_t row)
{
	int node = graph_thread(t->g, row);
	if (node < 0)
		return;
	memset(t->seen, 0, t->g->nodes);
	t->seen[node] = 1;
	put_below(t, (unsigned)node, 1);
}

void pane_threads(struct view *v, const struct pane_ask *a)
{
	const struct pane_def *d = &pane_defs[PANE_threads];
	const struct machine *m = a->query.machine;
	unsigned table = view_ask(v, TABLE_THREADS, &a->query, d->columns);
	const struct table *t = &v->table[table].t;
	struct graph g;
	struct tree tree = { .v = v, .g = &g };
	bool chains = a->tree && !a->running;
	count_threads(v, &a->query);
	if (chains) {
		graph_make(&g, &a->query, NULL);
		tree.seen = xcalloc(g.nodes + 1, 1);
	}
	view_titles(v, table);
	for (unsigned row = 0; row < t->rows; row++) {
		uint32_t thread = thread_by_tid(m, (uint32_t)table_cell(t, row, 0)->v);
		if (thread == a->query.thread)
			v->at_line = (int)v->lines;
		view_row(v, table, row, d->keys, 0);
		if (chains)
			put_chain(&tree, thread);
	}
	if (chains) {
		free(tree.seen);
		graph_free(&g);
	}
}
