/* ui/cmd_verdict.c - commands about why the title stands: the report, chains, the graph, locks, parked threads, comparisons. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernel/owner.h"
#include "ui/cmd.h"
#include "ui/inspect/stack.h"
#include "ui/reference.h"
#include "ui/report.h"

/* ---- the report ---------------------------------------------------------------------------------------------------------- */

#define WEDGE_SYNOPSIS "wedge [-v] [-r ROOT] [--json FILE]"

struct wedge_words {
	bool verbose;
	const char *root, *file;
};

static enum status wedge_words(const struct cmd_args *a, struct wedge_words *w, struct err *err)
{
	*w = (struct wedge_words){ 0 };
	for (unsigned i = 0; i < a->count; i++) {
		bool last = i + 1 == a->count;
		if (!strcmp(a->word[i], "-v") || !strcmp(a->word[i], "-hang"))
			w->verbose |= a->word[i][1] == 'v';
		else if (!strcmp(a->word[i], "-r") && !last)
			w->root = a->word[++i];
		else if (!strcmp(a->word[i], "--json") && !last)
			w->file = a->word[++i];
		else
			return err_set(err, ST_BAD_USAGE, "%s", WEDGE_SYNOPSIS);
	}
	return ST_OK;
}

/* The root that @word names: its letter, or an object. */
static enum status find_root(const struct session *s, const struct report *r, const char *word, int *root, struct err *err)
{
	struct target t;
	for (unsigned i = 0; i < r->root_count; i++)
		if (word[0] && !word[1] && (word[0] | 0x20) == (r->roots[i].letter | 0x20)) {
			*root = (int)i;
			return ST_OK;
		}
	if ((word[0] == '@' || word[0] == '*' || word[1]) && given_target(s, word, &t, err) == ST_OK)
		for (unsigned i = 0; i < r->root_count; i++)
			for (unsigned k = 0; k < r->roots[i].member_count; k++)
				if (r->roots[i].members[k].row == t.object) {
					*root = (int)i;
					return ST_OK;
				}
	return err_set(err, ST_NOT_FOUND, "'%.40s' is no root: there %s %u%s", word, r->root_count == 1 ? "is" : "are",
		r->root_count, r->root_count ? ", A and on" : "");
}

static enum status write_json(const struct report *r, const char *path, struct err *err)
{
	FILE *f = fopen(path, "w");
	struct out o = { .file = f, .json = true };
	if (!f)
		return err_set(err, ST_IO, "%s: %s", path, strerror(errno));
	report_print(r, &o);
	bool failed = ferror(f) != 0;
	if (fclose(f) || failed)
		return err_set(err, ST_IO, "%s: %s", path, strerror(errno));
	return ST_OK;
}

enum status cmd_wedge(struct session *s, const struct cmd_args *a, struct err *err)
{
	struct report r;
	struct wedge_words w;
	enum status st = wedge_words(a, &w, err);
	if (st != ST_OK)
		return st;
	if (w.verbose || w.root)
		report_make_verbose(s, &r);
	else
		report_make(s, &r);
	if (w.root)
		st = find_root(s, &r, w.root, &r.only, err);
	if (st == ST_OK && w.file)
		st = write_json(&r, w.file, err);
	else if (st == ST_OK)
		report_print(&r, s->out);
	report_free(&r);
	return st;
}

enum status cmd_compare(struct session *s, const struct cmd_args *a, struct err *err)
{
	char line[REPORT_LINE];
	struct diff *d = NULL;
	struct query q = session_query(s);
	const char *path = a->count ? a->rest : s->settings.reference;
	enum status st =
		*path ? reference_check(path, err) : err_set(err, ST_BAD_USAGE, "compare FILE (or `set reference FILE` before)");
	if (st == ST_OK)
		st = reference_diff(s, path, &d, err);
	if (st != ST_OK)
		return st;
	q.diff = d;
	show_table(s, TABLE_DIFF, &q);
	if (d->of_result[DIFF_DIFFERENT])
		show_table(s, TABLE_DIFF_EVENTS, &q);
	if (d->notes)
		show_table(s, TABLE_DIFF_NOTES, &q);
	say(s, "%s", reference_line(d, false, line, sizeof line));
	diff_free(d);
	return ST_OK;
}

/* ---- waits --------------------------------------------------------------------------------------------------------------- */

enum status cmd_why(struct session *s, const struct cmd_args *a, struct err *err)
{
	uint32_t row = 0;
	enum status st = given_words(a, 0, 1, "why [TID]", err);
	if (st == ST_OK)
		st = given_thread(s, a->count ? a->word[0] : NULL, &row, err);
	if (st == ST_OK && !row)
		st = err_set(err, ST_STATE, "no thread is selected");
	if (st != ST_OK)
		return st;
	struct query q = session_query(s);
	q.thread = row;
	show_table(s, TABLE_CHAIN, &q);
	return ST_OK;
}

#define GRAPH_SYNOPSIS "graph [H | thread T] [--dot FILE]"

/* What the graph is asked of: an object, or a thread. */
static enum status graph_words(
	const struct session *s, const struct cmd_args *a, struct query *q, const char **file, struct err *err)
{
	struct target t = { 0 };
	bool given = false;
	enum status st = ST_OK;
	q->thread = 0;
	for (unsigned i = 0; st == ST_OK && i < a->count; i++) {
		bool last = i + 1 == a->count, thread = !strcmp(a->word[i], "thread") || !strcmp(a->word[i], "t");
		if (!strcmp(a->word[i], "--dot") && !last && !*file) {
			*file = a->word[++i];
			continue;
		}
		if (given || *a->word[i] == '-' || (thread && last))
			return err_set(err, ST_BAD_USAGE, "%s", GRAPH_SYNOPSIS);
		given = true;
		st = thread ? given_thread(s, a->word[++i], &q->thread, err) : given_target(s, a->word[i], &t, err);
		q->object = t.object;
		if (st == ST_OK && !thread && !t.object)
			st = err_set(err, ST_NOT_FOUND, "the object of %s is gone", a->word[i]);
	}
	return st;
}

static void put_dot(const struct query *q, FILE *f)
{
	struct graph g;
	graph_make(&g, q, q->roles);
	int start = q->thread ? graph_thread(&g, q->thread) : q->object ? graph_object(&g, q->object) : -1;
	bool *in = xcalloc(g.nodes + 1, sizeof *in), part = q->thread || q->object;
	if (start >= 0)
		graph_around(&g, (unsigned)start, in);
	graph_dot(&g, part ? in : NULL, f);
	free(in);
	graph_free(&g);
}

static enum status write_dot(const struct session *s, const struct query *q, const char *path, struct err *err)
{
	bool here = !strcmp(path, "-");
	FILE *f = here ? s->out->file : fopen(path, "w");
	if (!f)
		return err_set(err, ST_IO, "%s: %s", path, strerror(errno));
	put_dot(q, f);
	bool failed = ferror(f) != 0;
	if ((!here && fclose(f)) || failed)
		return err_set(err, ST_IO, "%s: %s", path, strerror(errno));
	return ST_OK;
}

enum status cmd_graph(struct session *s, const struct cmd_args *a, struct err *err)
{
	struct query q = session_query(s);
	const char *file = NULL;
	enum status st = graph_words(s, a, &q, &file, err);
	if (st != ST_OK)
		return st;
	uint8_t *roles = report_roles(s);
	q.roles = roles;
	if (file)
		st = write_dot(s, &q, file, err);
	else
		show_table(s, TABLE_GRAPH, &q);
	free(roles);
	return st;
}

/* ---- locks --------------------------------------------------------------------------------------------------------------- */

static void show_owner_stacks(struct session *s)
{
	const struct machine *m = session_machine(s);
	struct query q = session_query(s);
	for (q.thread = 1; q.thread < arena_count(&m->world, m->t_thread); q.thread++) {
		bool owns = false;
		if (!thread_peek(m, q.thread)->tid || thread_peek(m, q.thread)->state == TS_TERMINATED)
			continue;
		for (uint32_t o = 1; o < arena_count(&m->world, m->t_object) && !owns; o++) {
			const char *how;
			uint32_t owner, type = object_peek(m, o)->id ? object_peek(m, o)->type : OT_NONE;
			if (!type_is_owned(type))
				continue;
			for (unsigned n = 0; !owns && (owner = object_owner_nth(m, o, n, &how)); n++)
				owns = owner == q.thread;
		}
		if (!owns)
			continue;
		say(s, "tid %u:", thread_peek(m, q.thread)->tid);
		show_table(s, TABLE_STACK, &q);
	}
}

enum status cmd_locks(struct session *s, const struct cmd_args *a, struct err *err)
{
	struct query q = session_query(s);
	enum status st = given_words(a, 0, 2, "locks [-a] [-o]", err);
	bool stacks = false;
	for (unsigned i = 0; st == ST_OK && i < a->count; i++) {
		if (!strcmp(a->word[i], "-a"))
			q.word = "-a";
		else if (!strcmp(a->word[i], "-o"))
			stacks = true;
		else if (strcmp(a->word[i], "-l") != 0)
			st = err_set(err, ST_BAD_USAGE, "locks [-a] [-o]");
	}
	if (st != ST_OK)
		return st;
	show_table(s, TABLE_LOCKS, &q);
	if (stacks)
		show_owner_stacks(s);
	return ST_OK;
}

enum status cmd_parked(struct session *s, const struct cmd_args *a, struct err *err)
{
	struct query q = session_query(s);
	enum status st = given_words(a, 0, 1, "parked", err);
	if (st == ST_OK && a->count && strcmp(a->word[0], "-u") != 0 && strcmp(a->word[0], "-v") != 0)
		st = err_set(err, ST_BAD_USAGE, "parked");
	if (st == ST_OK)
		show_table(s, TABLE_PARKED, &q);
	return st;
}
