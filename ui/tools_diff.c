/* ui/tools_diff.c - wedge diff A B: the tool around src/diff/logdiff.h. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>

#include "src/diff/logdiff.h"
#include "ui/expr.h"
#include "ui/settings.h"
#include "ui/inspect/inspect.h"
#include "ui/tools_priv.h"

static void complain(void *ctx, const char *line)
{
	char text[1024];
	(void)ctx;
	visible_text(text, sizeof text, line);
	fprintf(stderr, "wedge: %s\n", text);
}

static enum status add_map(struct diff_options *o, const char *text, struct err *err)
{
	char a[16];
	uint64_t v[2];
	const char *mark = strchr(text, '=');
	size_t n = mark ? (size_t)(mark - text) : sizeof a;
	snprintf(a, sizeof a, "%.*s", n < sizeof a ? (int)n : 0, text);
	if (!parse_number(a, &v[0]) || !parse_number(mark + 1, &v[1]) || v[0] > UINT32_MAX || v[1] > UINT32_MAX)
		return err_set(err, ST_BAD_USAGE, "--map takes the thread ids A=B, like 6=1, not '%.60s'", text);
	if (o->maps == DIFF_MAPS_MAX)
		return err_set(err, ST_BAD_USAGE, "--map: more than %u", DIFF_MAPS_MAX);
	for (unsigned i = 0; i < o->maps; i++)
		if (o->map[i][0] == v[0] || o->map[i][1] == v[1])
			return err_set(err, ST_BAD_USAGE, "--map %.60s: that thread has a partner already: %u=%u", text, o->map[i][0], o->map[i][1]);
	o->map[o->maps][0] = (uint32_t)v[0];
	o->map[o->maps++][1] = (uint32_t)v[1];
	return ST_OK;
}

enum status tool_diff_option(struct tool_call *c, const char *name, const char *value, struct err *err)
{
	struct err why;
	if (!strcmp(name, "--map"))
		return add_map(&c->diff, value, err);
	if (event_kinds_parse(value, &c->diff.kinds, &why) != ST_OK)
		return err_set(err, ST_BAD_USAGE, "--kinds: %.400s", why.text);
	return c->diff.kinds ? ST_OK : err_set(err, ST_BAD_USAGE, "--kinds: '%.200s' leaves no kind of event", value);
}

static void show(enum table_id id, const struct diff *d, struct out *o)
{
	struct table t;
	table_fill(&t, id, &(struct query){ .diff = d, .word = "" });
	table_print(&t, o);
	table_fini(&t);
}

static void put_event(struct out *o, const struct diff_thread *t, unsigned side)
{
	char name[256];
	if (!t->line[side]) {
		out_printf(o, "%c ends", side ? 'B' : 'A');
		return;
	}
	const struct diff_event *e = &t->around[side][t->first];
	visible_text(name, sizeof name, e->name);
	out_printf(o, "%c line %u %s%s%s", side ? 'B' : 'A', t->line[side], e->kind, *name ? " " : "", name);
}

static void put_summary(struct out *o, const struct diff *d)
{
	if (diff_is_equal(d)) {
		out_printf(o, "equal: %u threads, %" PRIu64 " events in A, %" PRIu64 " in B\n", d->threads, d->events[0], d->events[1]);
		return;
	}
	out_printf(o, "different: %u of %u threads", d->threads - d->of_result[DIFF_EQUAL], d->threads);
	if (d->of_result[DIFF_DIFFERENT]) {
		const struct diff_thread *t = &d->thread[0];
		out_printf(o, "; first tid %u after %" PRIu64 " equal events: ", t->tid[0], t->at);
		put_event(o, t, 0);
		out_printf(o, ", ");
		put_event(o, t, 1);
	}
	out_printf(o, "\n");
}

enum status tool_diff(struct tool_call *c, struct out *o, struct err *err)
{
	struct diff *d;
	c->diff.tell = complain;
	enum status st = diff_logs(c->arg, &c->diff, &d, err);
	if (st != ST_OK)
		return st;
	show(TABLE_DIFF, d, o);
	if (d->of_result[DIFF_DIFFERENT])
		show(TABLE_DIFF_EVENTS, d, o);
	if (d->notes)
		show(TABLE_DIFF_NOTES, d, o);
	if (o->json)
		show(TABLE_DIFF_SUMMARY, d, o);
	else
		put_summary(o, d);
	c->different = !diff_is_equal(d);
	diff_free(d);
	return ST_OK;
}
