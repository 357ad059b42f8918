/* ui/report_card.c - the parts of a report that are lines of words: root cards, chains, next commands. */
#include "config.h"

#include "ui/report.h"

#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernel/timer.h"
#include "ui/inspect/books.h"
#include "ui/inspect/sites.h"

const char *report_place(const struct report *r, uint32_t ga, char *buf, size_t size)
{
	char symbol[SYMBOL_TEXT];
	code_text(r->query.machine, ga, symbol, sizeof symbol);
	snprintf(buf, size, "%08X%s%.100s", ga, symbol[0] ? " " : "", symbol);
	return buf;
}

const char *report_who(const struct report *r, uint32_t tid, char *buf, size_t size)
{
	char name[SYMBOL_TEXT];
	uint32_t row = tid ? thread_by_tid(r->query.machine, tid) : 0;
	if (!tid)
		snprintf(buf, size, "a DPC");
	else if (row && *thread_name(r->query.machine, row, name, sizeof name))
		snprintf(buf, size, "tid %u %.60s", tid, name);
	else
		snprintf(buf, size, "tid %u", tid);
	return buf;
}

/* ---- root cards -------------------------------------------------------------------------------------------------------- */

static void card_made(struct report *r, struct report_root *root, const struct report_object *m)
{
	char by[96], from[128], cycle[CYCLES_TEXT], label[24] = "made";
	const struct audit_trail *t = m->trail;
	if (root->member_count > 1)
		snprintf(label, sizeof label, "@%u", object_peek(r->query.machine, m->row)->id);
	if (!t || t->origin != AUDIT_CREATED) {
		lines_add(&root->card, "%s\tnobody was seen to make it", label);
		return;
	}
	if (!t->tid && !t->lr) {
		lines_add(&root->card, "%s\tthe machine itself cyc %s", label, cycles_text(cycle, t->created_tick * CYCLES_PER_TICK));
		return;
	}
	const char *by_whom = object_peek(r->query.machine, m->row)->ghost ? "nobody was seen to make it; first used by " : root->member_count > 1 ? "made by " : "";
	lines_add(&root->card, "%s\t%s%s cyc %s  %s  lr %s", label, by_whom, report_who(r, t->tid, by, sizeof by),
	          cycles_text(cycle, t->created_tick * CYCLES_PER_TICK), t->source ? source_name(t->source) : "(by the kernel)",
	          report_place(r, t->lr, from, sizeof from));
	for (unsigned i = 0; i < m->frames; i++) {
		const struct report_frame *f = &m->frame[i];
		lines_add(&root->card, "\t  #%u %-44s %s%s%s", i, f->lr ? report_place(r, f->lr, from, sizeof from) : "?", f->rule, *f->why ? ", " : "", f->why);
	}
	if (!m->frames)
		lines_add(&root->card, "\t  %s", r->replay_note[0] ? r->replay_note : "no stack: it was not made by a call of the title");
}

static void handle_line(const struct report *r, struct report_root *root, uint32_t row, bool first)
{
	const struct w_slot *s = slot_peek(r->query.machine, row);
	struct audit_entry e[AUDIT_RING];
	unsigned n = root->members[0].trail ? audit_entries(r->query.audit, root->members[0].trail, AUDIT_NAMES, e) : 0;
	char by[96], how[400] = "", cycle[CYCLES_TEXT], from[128];
	for (unsigned i = 0; i < n; i++)
		if (e[i].handle == s->handle && e[i].generation == s->generation && (e[i].kind == EV_HANDLE_DUP || e[i].kind == EV_HANDLE_CREATE))
			snprintf(how, sizeof how, ", by %s %s cyc %s from %.60s", source_name(e[i].source), report_who(r, e[i].tid, by, sizeof by),
			         cycles_text(cycle, e[i].tick * CYCLES_PER_TICK), report_place(r, e[i].lr, from, sizeof from));
	lines_add(&root->card, "%s\t%X#%u open%s%s%s", first ? "handles" : "", s->handle, s->generation, first ? "" : ", alias", how,
	          s->generation > 1 ? "  (slot used before)" : "");
}

/* What had the number before: a signal that was meant for one of them would be seen here. */
static void card_earlier(struct report *r, struct report_root *root, uint32_t slot)
{
	const struct w_slot *s = slot_peek(r->query.machine, slot);
	uint32_t *rows = NULL, signals = 0;
	unsigned lives = 0, n = s->generation > 1 ? audit_list(r->query.audit, &rows) : 0;
	for (unsigned i = 0; i < n; i++) {
		const struct audit_trail *t = audit_trail(r->query.audit, rows[i]);
		if (t->handle != s->handle || t->generation >= s->generation)
			continue;
		lives++;
		signals += t->ring[AUDIT_SIGNALS].total;
	}
	free(rows);
	if (lives)
		lines_add(&root->card, "\t  %X before: %u trail%s of its earlier lives, signals %u", s->handle, lives, lives == 1 ? "" : "s", signals);
}

static void card_handles(struct report *r, struct report_root *root)
{
	const struct machine *m = r->query.machine;
	char held[160];
	const struct w_object *o = object_peek(m, root->object);
	for (uint32_t row = o->slot_first; row; row = slot_peek(m, row)->next) {
		handle_line(r, root, row, row == o->slot_first);
		card_earlier(r, root, row);
	}
	if (!o->slot_first)
		lines_add(&root->card, "handles\tnone: known by its address only");
	object_held_by(m, root->object, held, sizeof held);
	lines_add(&root->card, "refs\t%u = %s", o->refs, held);
}

#define SIGNALLERS_SHOWN(r) ((r)->verbose ? UINT_MAX : 4u)

static void card_signals(struct report *r, struct report_root *root)
{
	struct signaller *s = NULL;
	char by[96], from[128], cycle[CYCLES_TEXT];
	const struct audit_trail *t = root->members[0].trail;
	unsigned n = t ? trail_signallers(r->query.audit, t, &s) : 0;
	uint8_t type = object_peek(r->query.machine, root->members[0].row)->type;
	bool timer = type == OT_TIMER_MANUAL || type == OT_TIMER_AUTO;
	if (!t) {
		lines_add(&root->card, "books\tno trail is kept of it");
		return;
	}
	lines_add(&root->card, "books\tsignals %u by any handle or address | waits %u | wakes %u | resets %u | timeouts %u", root->signals,
	          root->waits, root->wakes, t->resets, t->timeouts);
	if (root->raw.count)
		lines_add(&root->card, "\traw stores of the title's own to its header: %" PRIu64 " (last: %s at %s, cyc %s)", root->raw.count,
		          report_who(r, root->raw.tid, by, sizeof by), report_place(r, root->raw.pc, from, sizeof from),
		          cycles_text(cycle, root->raw.cycle));
	if (root->passed.source)
		lines_add(&root->card, "passed\tto %s as the event to set at its end, by %s, cyc %s from %s: returned %08X", source_name(root->passed.source),
		          report_who(r, root->passed.tid, by, sizeof by), cycles_text(cycle, root->passed.cycle),
		          report_place(r, root->passed.lr, from, sizeof from), root->passed.target);
	for (unsigned i = 0; i < n && i < SIGNALLERS_SHOWN(r); i++) {
		if (!s[i].tid && !s[i].source) {
			lines_add(&root->card, "%s\t%s: %" PRIu64 " time%s, last cyc %s", i ? "" : "signals", timer ? "it came due" : "by a device", s[i].count, s[i].count == 1 ? "" : "s",
			          cycles_text(cycle, s[i].last_tick * CYCLES_PER_TICK));
			continue;
		}
		lines_add(&root->card, "%s\t%s %s from %s: %" PRIu64 " time%s, last cyc %s", i ? "" : "signals", report_who(r, s[i].tid, by, sizeof by),
		          source_name(s[i].source), report_place(r, s[i].lr, from, sizeof from), s[i].count, s[i].count == 1 ? "" : "s",
		          cycles_text(cycle, s[i].last_tick * CYCLES_PER_TICK));
	}
	if (n > SIGNALLERS_SHOWN(r))
		lines_add(&root->card, "\tand %u more: `who-signals @%u`", n - SIGNALLERS_SHOWN(r), root->id);
	free(s);
}

#define WAITERS_SHOWN(r) ((r)->verbose ? UINT_MAX : 10u)

#define SITES_SHOWN(r) ((r)->verbose ? UINT_MAX : 4u)

static void site_line(struct report *r, struct report_root *root, const struct site *s, const char *label)
{
	char from[128], through[128], of[32] = "";
	const struct machine *m = r->query.machine;
	if (s->object)
		snprintf(of, sizeof of, " @%u", object_peek(m, s->object)->id);
	lines_add(&root->card, "%s\t%s %s%s%s: names %s%s; %s", label, report_place(r, s->pc, from, sizeof from), s->export, s->wrapper ? " through " : "",
	          s->wrapper ? report_place(r, s->wrapper, through, sizeof through) : "", site_reach_word(s->reach), of,
	          s->ran ? "has run" : s->entered ? "never ran" : "never ran, nor did its function");
}

/* Static call sites: those that name this object now, then those that might. */
static void card_sites(struct report *r, struct report_root *root)
{
	struct sites s;
	unsigned shown = 0, others = 0, left = 0;
	sites_find(&r->query, root->object, &s);
	for (unsigned i = 0; i < s.count; i++) {
		if (s.site[i].reach == SITE_OTHER && !r->verbose)
			others++;
		else if (shown == SITES_SHOWN(r))
			left++;
		else
			site_line(r, root, &s.site[i], shown++ ? "" : "sites");
	}
	if (!s.count)
		lines_add(&root->card, "sites\tno direct call of the code could signal it");
	else if (!shown)
		lines_add(&root->card, "sites\tno direct call of the code names it now");
	if (left || others)
		lines_add(&root->card, "\tmore: %u that might, %u that name other objects (`sites @%u`)", left, others, root->id);
	if (s.indirect)
		lines_add(&root->card, "\t~> inferred: %u call%s through pointers not followed", s.indirect, s.indirect == 1 ? "" : "s");
	sites_free(&s);
}

static void card_waiters(struct report *r, struct report_root *root)
{
	const struct machine *m = r->query.machine;
	const struct w_object *o = object_peek(m, root->object);
	char by[96], cycle[CYCLES_TEXT];
	unsigned place_in_queue = 0;
	for (uint32_t row = o->wait_head; row && place_in_queue < WAITERS_SHOWN(r); row = wait_peek(m, row)->next) {
		const struct w_wait *w = wait_peek(m, row);
		const struct w_thread *t = thread_peek(m, w->thread);
		char mode[48] = "";
		if (t->wait_count > 1)
			snprintf(mode, sizeof mode, ", one of %u (%s)", t->wait_count, t->wait_all ? "all" : "any");
		lines_add(&root->card, "%s\t%u. %s since cyc %s, %s%s%s", place_in_queue ? "" : "waits", place_in_queue + 1,
		          report_who(r, t->tid, by, sizeof by), cycles_text(cycle, t->wait_since), t->deadline == DEADLINE_NEVER ? "infinite" : "timed", mode,
		          t->alertable ? ", alertable" : "");
		place_in_queue++;
	}
	if (o->waiters > WAITERS_SHOWN(r))
		lines_add(&root->card, "\tand %u more: `waiters @%u`", o->waiters - WAITERS_SHOWN(r), root->id);
}

static void card_timer(struct report *r, struct report_root *root)
{
	struct audit_entry e[AUDIT_RING];
	char by[96], from[128], cycle[CYCLES_TEXT], last[400] = "never armed";
	const struct audit_trail *t = root->members[0].trail;
	uint32_t type = object_peek(r->query.machine, root->object)->type;
	unsigned n = t && (type == OT_TIMER_MANUAL || type == OT_TIMER_AUTO) ? audit_entries(r->query.audit, t, AUDIT_ARMS, e) : 0;
	if (type != OT_TIMER_MANUAL && type != OT_TIMER_AUTO)
		return;
	if (n)
		snprintf(last, sizeof last, "last %s by %s cyc %s  %s from %s", e[n - 1].kind == EV_TIMER_SET ? "armed" : "disarmed",
		         report_who(r, e[n - 1].tid, by, sizeof by), cycles_text(cycle, e[n - 1].tick * CYCLES_PER_TICK),
		         source_name(e[n - 1].source), report_place(r, e[n - 1].lr, from, sizeof from));
	lines_add(&root->card, "timer\tnot armed; period %u ms; %s", timer_period(r->query.machine, root->object), last);
}

void report_card(struct report *r, struct report_root *root)
{
	bool one = root->member_count == 1;
	if (root->circle[0])
		lines_add(&root->card, "circle\t%s", root->circle);
	for (unsigned i = 0; i < root->member_count; i++)
		card_made(r, root, &root->members[i]);
	if (one && !root->thread)
		card_handles(r, root);
	if (one)
		card_signals(r, root);
	if (one && !root->thread)
		card_sites(r, root);
	if (one)
		card_timer(r, root);
	if (one)
		card_waiters(r, root);
	lines_add(&root->card, "cause\t%s: %s  [%s]", cause_word(root->verdict.cause), root->verdict.evidence,
	          confidence_word(root->verdict.confidence));
}

/* ---- chains ------------------------------------------------------------------------------------------------------------ */

struct chain {
	const struct report *r;
	char text[480];
	size_t n;
	bool *seen;
};

static void chain_add(struct chain *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void chain_add(struct chain *c, const char *fmt, ...)
{
	va_list ap;
	if (c->n + 1 >= sizeof c->text)
		return;
	va_start(ap, fmt);
	int n = vsnprintf(c->text + c->n, sizeof c->text - c->n, fmt, ap);
	va_end(ap);
	c->n += (size_t)n < sizeof c->text - c->n ? (size_t)n : sizeof c->text - c->n - 1;
}

/* The letters of the roots that explain @node, proven ones or inferred ones. */
static unsigned chain_roots(struct chain *c, unsigned node, bool proven)
{
	unsigned found = 0;
	for (unsigned i = 0; i < c->r->graph.roots; i++) {
		const struct root *root = &c->r->graph.root[i];
		for (unsigned k = 0; k < root->thread_count; k++)
			if (root->threads[k] == node && proven == (k < root->proven_count))
				chain_add(c, "%s%c", found++ ? ", " : proven ? " => " : " ~> ", c->r->roots[i].letter);
	}
	return found;
}

static void chain_from(struct chain *c, unsigned node);

static void chain_object(struct chain *c, unsigned node)
{
	const struct graph *g = &c->r->graph;
	const struct edge *best = NULL;
	unsigned others = 0;
	if (g->node[node].root >= 0) {
		const struct report_root *root = &c->r->roots[g->node[node].root];
		chain_add(c, " [%c]%s", root->letter, root->verdict.cause == CAUSE_NEVER_SENT && !root->signals ? " => NOBODY" : g->node[node].in_cycle ? " (circle)" : "");
		return;
	}
	for (unsigned i = 0; i < g->edges; i++) {
		const struct edge *e = &g->edge[i];
		if (e->from != node)
			continue;
		others += best != NULL;
		if (!best || e->times > best->times)
			best = e;
	}
	if (!best)
		return;
	chain_add(c, " %s tid %u", best->proven ? "=>" : "~>", thread_peek(c->r->query.machine, g->node[best->to].row)->tid);
	if (!best->proven)
		chain_add(c, " (%u of %u signals)", best->times, best->total);
	if (others)
		chain_add(c, " and %u more", others);
	chain_from(c, best->to);
}

static void chain_from(struct chain *c, unsigned node)
{
	const struct graph *g = &c->r->graph;
	const struct machine *m = c->r->query.machine;
	const struct w_thread *t = thread_peek(m, g->node[node].row);
	char text[128];
	if (c->seen[node]) {
		chain_add(c, " (again)");
		return;
	}
	c->seen[node] = true;
	if (g->node[node].state == NODE_SUSPENDED)
		chain_add(c, " (suspended)%s%c", g->node[node].root >= 0 ? " " : "", g->node[node].root >= 0 ? c->r->roots[g->node[node].root].letter : ' ');
	if (t->wait_count > 1) {
		chain_add(c, " => %s of %u", t->wait_all ? "all" : "any", t->wait_count);
		chain_roots(c, node, true);
		chain_roots(c, node, false);
		return;
	}
	for (unsigned i = 0; i < g->edges; i++)
		if (g->edge[i].from == node) {
			chain_add(c, " => %s", node_text(g, g->edge[i].to, text, sizeof text));
			chain_object(c, g->edge[i].to);
			return;
		}
}

struct chain_group {
	char tids[200], text[480];
};

/* Threads whose chains read alike share a line. */
void report_chains(struct report *r)
{
	struct chain_group *groups = NULL;
	unsigned count = 0;
	bool *seen = xcalloc(r->graph.nodes + 1, sizeof *seen);
	for (unsigned i = 0; i < r->graph.nodes && node_is_thread(&r->graph.node[i]); i++) {
		struct chain c = { .r = r, .seen = seen };
		unsigned k = 0;
		memset(seen, 0, r->graph.nodes * sizeof *seen);
		chain_from(&c, i);
		while (k < count && strcmp(groups[k].text, c.text))
			k++;
		if (k == count) {
			groups = xrealloc(groups, ++count * sizeof *groups);
			groups[k] = (struct chain_group){ 0 };
			memcpy(groups[k].text, c.text, sizeof c.text);
		}
		size_t n = strlen(groups[k].tids);
		snprintf(groups[k].tids + n, sizeof groups[k].tids - n, " %u", thread_peek(r->query.machine, r->graph.node[i].row)->tid);
	}
	for (unsigned i = 0; i < count; i++)
		lines_add(&r->chains, "tid%s%s", groups[i].tids, groups[i].text);
	free(groups);
	free(seen);
}

/* ---- what to do next ------------------------------------------------------------------------------------------------------ */

/* A thread to look at: the one that waits longest on the root itself. */
static uint32_t witness(const struct report *r, const struct report_root *root)
{
	const struct machine *m = r->query.machine;
	uint32_t wait = object_peek(m, root->object)->wait_head;
	return wait ? thread_peek(m, wait_peek(m, wait)->thread)->tid : root->tid_count ? root->tids[0] : 0;
}

/* Commands that can be typed as they stand. */
void report_next(struct report *r)
{
	for (unsigned i = 0; i < r->root_count && i < 3; i++) {
		const struct report_root *root = &r->roots[i];
		if (witness(r, root))
			lines_add(&r->next, "thread %u", witness(r, root));
		if (i == 0)
			lines_add(&r->next, "bt");
		lines_add(&r->next, "history @%u", root->id);
		if (root->signals)
			lines_add(&r->next, "who-signals @%u", root->id);
		if (root->tid_count > root->proven_count)
			lines_add(&r->next, "why %u", root->tids[root->tid_count - 1]);
		if (i > 0)
			continue;
		lines_add(&r->next, "whois @%u", root->id);
		lines_add(&r->next, "catch signal obj @%u", root->id);
	}
	if (r->root_count)
		lines_add(&r->next, "graph --dot waits.dot");
	if (r->verdict != VERDICT_WEDGE && !r->ended)
		lines_add(&r->next, "info timers");
	lines_add(&r->next, r->ended ? "run" : "info threads");
	/* Those that go elsewhere come last. */
	if (r->root_count && r->session->timeline.on)
		lines_add(&r->next, "goto last @%u", r->roots[0].id);
	if (r->verdict != VERDICT_WEDGE && !r->ended)
		lines_add(&r->next, "continue");
}
