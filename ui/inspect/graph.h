/* ui/inspect/graph.h - who waits for whom: threads and objects as nodes, proven and inferred edges, cycles, roots.
 *
 * Proven edges are read from the kernel's state: a thread waits for an object, an object belongs to a thread. Inferred ones come
 * from history: this thread has signalled that object before. The two are never mixed up.
 */
#ifndef UI_INSPECT_GRAPH_H
#define UI_INSPECT_GRAPH_H

#include <stdio.h>

#include "ui/inspect/inspect.h"

enum node_state {
	NODE_OBJECT,
	NODE_WAITS,           /* a thread that waits without end */
	NODE_TIMED,           /* a thread that a deadline will wake */
	NODE_SUSPENDED,       /* a thread that only NtResumeThread makes run */
	NODE_RUNS,            /* a thread that can run */
};

struct node {
	uint32_t row;         /* of the thread or the object */
	enum node_state state;
	bool in_cycle;        /* lies on a proven cycle of waits that all must end */
	int root;             /* index of the root that it is part of, -1 = none */
};

struct edge {
	unsigned from, to;    /* nodes */
	bool proven;
	bool needed;          /* the wait cannot end without it (not one of several alternatives) */
	uint32_t times, total;/* inferred: signals by that thread, of how many that are kept */
	const char *why;      /* static */
};

/** What stands at the end of chains. */
struct root {
	unsigned node;        /* an object (of a cycle: its lowest id), or a suspended thread */
	bool cycle;           /* a proven one: members are the nodes with this root */
	unsigned *threads;    /* nodes of the threads that it explains: proven ones first, by tid */
	unsigned thread_count, proven_count;
};

struct graph {
	const struct query *query;  /* borrowed */
	struct node *node;
	unsigned nodes, node_room;
	struct edge *edge;
	unsigned edges, edge_room;
	struct root *root;    /* by threads explained, most first; then proven ones, then by id */
	unsigned roots;
	const uint8_t *roles; /* of a stall (kernel/stall.h), NULL = none; borrowed */
};

/** Builds it for all threads; roots are looked for among threads that cannot run by themselves: of a stall (@roles, borrowed, else NULL) among
 * those that it counts, where they wait for what none of them holds. */
void graph_make(struct graph *g, const struct query *q, const uint8_t *roles);
void graph_free(struct graph *g);
/** The node of a thread row, -1 = none (ended). */
int graph_thread(const struct graph *g, uint32_t row);
/** Marks in @in (a place per node) @node, whoever leads to it, and all that it leads to. */
void graph_around(const struct graph *g, unsigned node, bool *in);
/** The node of an object row, -1 = nobody waits for it. */
int graph_object(const struct graph *g, uint32_t row);
/** Writes the nodes of @in (NULL = all) as a graph of dot's (graphviz): roots red, inferred edges dashed. */
void graph_dot(const struct graph *g, const bool *in, FILE *f);
/** Has thread row @thread been woken by an object of @g since it last signalled object row @object? (It has had its turn, and has not signalled.) */
bool graph_owes(const struct graph *g, uint32_t thread, uint32_t object);
static inline bool node_is_thread(const struct node *n) { return n->state != NODE_OBJECT; }
/** "tid 13" or "Event/Auto 12AC#1"; with the id of the object if it has no handle. */
const char *node_text(const struct graph *g, unsigned node, char *buf, size_t size);

#endif
