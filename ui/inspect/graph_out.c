/* ui/inspect/graph_out.c - the graph of waits as a table, and in dot's language. */
#include "config.h"

#include "ui/inspect/graph.h"

#include <stdlib.h>

#include "ui/inspect/books.h"
#include "ui/out.h"

/* "A", "B", ...: the root that @node is part of. */
static const char *root_letter(const struct graph *g, unsigned node, char buf[4])
{
	int root = g->node[node].root;
	snprintf(buf, 4, "%c", root < 0 ? 0 : root < 26 ? 'A' + root : '-');
	return buf;
}

void fill_graph(struct table *t, const struct query *q)
{
	struct graph g;
	graph_make(&g, q, q->roles);
	int start = q->thread ? graph_thread(&g, q->thread) : q->object ? graph_object(&g, q->object) : -1;
	bool *in = xcalloc(g.nodes + 1, sizeof *in);
	if (start >= 0)
		graph_around(&g, (unsigned)start, in);
	for (unsigned i = 0; i < g.edges; i++) {
		const struct edge *e = &g.edge[i];
		char text[128], letter[4];
		if ((q->thread || q->object) && (start < 0 || !in[e->from] || !in[e->to]))
			continue;
		put_str(t, node_text(&g, e->from, text, sizeof text));
		put_str(t, e->proven ? "=>" : "~>");
		put_str(t, node_text(&g, e->to, text, sizeof text));
		put_bool(t, e->proven);
		if (e->proven)
			put_str(t, e->why);
		else
			put_strf(t, "%s, %u of %u times", e->why, e->times, e->total);
		put_str(t, root_letter(&g, e->to, letter));
	}
	if (!t->rows)
		table_note(t, q->thread   ? "the thread waits for nothing"
			      : q->object ? "nobody waits for it"
					  : "nobody waits for anything");
	free(in);
	graph_free(&g);
}

/* Text between dot's quotes; "\n" stays a line's end. */
static void quoted(FILE *f, const char *text)
{
	char visible[1024];
	visible_text(visible, sizeof visible, text);
	fputc('"', f);
	for (const char *p = visible; *p; p++) {
		if (*p == '"' || *p == '\\')
			fputc('\\', f);
		if (*p == '|')
			fputs("\\n", f);
		else
			fputc(*p, f);
	}
	fputc('"', f);
}

static void node_name(const struct graph *g, unsigned node, FILE *f)
{
	const struct machine *m = g->query->machine;
	const struct node *n = &g->node[node];
	if (node_is_thread(n))
		fprintf(f, "t%u", thread_peek(m, n->row)->tid);
	else
		fprintf(f, "o%u", object_peek(m, n->row)->id);
}

/* Lines of a node, apart by |. */
static void node_label(const struct graph *g, unsigned node, char *buf, size_t size)
{
	const struct machine *m = g->query->machine;
	const struct node *n = &g->node[node];
	char name[SYMBOL_TEXT], text[128];
	node_text(g, node, text, sizeof text);
	if (node_is_thread(n)) {
		snprintf(buf, size, "%s|%.60s|%s", text, thread_name(m, n->row, name, sizeof name), thread_state_word(m, n->row));
		return;
	}
	const struct audit_trail *trail = object_trail(g->query, n->row);
	size_t used = (size_t)snprintf(buf, size, "%s", text);
	if (*object_name(m, n->row))
		used += (size_t)snprintf(buf + used, size - used, "|%.60s", object_name(m, n->row));
	if (trail)
		snprintf(buf + used, size - used, "|%u signals", trail->ring[AUDIT_SIGNALS].total);
}

static void dot_node(const struct graph *g, unsigned node, FILE *f)
{
	char label[400], letter[4];
	const struct node *n = &g->node[node];
	size_t used;
	node_label(g, node, label, sizeof label);
	used = strlen(label);
	if (n->root >= 0)
		snprintf(label + used, sizeof label - used, "|root %s", root_letter(g, node, letter));
	fputc('\t', f);
	node_name(g, node, f);
	fprintf(f, " [shape=%s%s label=", node_is_thread(n) ? "box" : "ellipse", n->root >= 0 ? " color=red penwidth=2" : "");
	quoted(f, label);
	fputs("];\n", f);
}

static void dot_edge(const struct graph *g, const struct edge *e, FILE *f)
{
	fputc('\t', f);
	node_name(g, e->from, f);
	fputs(" -> ", f);
	node_name(g, e->to, f);
	if (!e->proven)
		fprintf(f, " [style=dashed label=\"%u of %u\"]", e->times, e->total);
	else if (!e->needed)
		fputs(" [label=\"any\"]", f);
	else if (!node_is_thread(&g->node[e->from]))
		fprintf(f, " [label=\"%s\"]", e->why);
	fputs(";\n", f);
}

void graph_dot(const struct graph *g, const bool *in, FILE *f)
{
	fputs("digraph waits {\n\trankdir=LR;\n\tnode [fontname=monospace fontsize=10];\n\tedge [fontname=monospace fontsize=9];\n",
		f);
	for (unsigned i = 0; i < g->nodes; i++)
		if (!in || in[i])
			dot_node(g, i, f);
	for (unsigned i = 0; i < g->edges; i++)
		if (!in || (in[g->edge[i].from] && in[g->edge[i].to]))
			dot_edge(g, &g->edge[i], f);
	fputs("}\n", f);
}
