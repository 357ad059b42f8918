/* ui/cmd_record.c - an event log that begins and ends by command. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>

#include "ui/cmd.h"

static void tell(void *ctx, const char *line)
{
	(void)ctx;
	fprintf(stderr, "wedge: %s\n", line);
}

static enum status start(struct session *s, const struct cmd_args *a, struct err *err)
{
	struct machine *m = session_machine(s);
	struct log_options o = { .tell = tell, .from_here = true };
	enum status st = given_words(a, 2, 3, "record start FILE [KINDS]", err);
	if (st == ST_OK && s->log)
		st = err_set(err, ST_STATE, "events are being written already (`record stop` ends that)");
	if (st == ST_OK && a->count == 3)
		st = event_kinds_parse(a->word[2], &o.kinds, err);
	return st == ST_OK ? log_open(a->word[1], &o, &m->events, &m->history, s->rig->t_log, &s->log, err) : st;
}

static enum status stop(struct session *s, const struct cmd_args *a, struct err *err)
{
	enum status st = given_words(a, 1, 1, "record stop", err);
	if (st == ST_OK && !s->log)
		st = err_set(err, ST_STATE, "no events are being written");
	if (st != ST_OK)
		return st;
	uint64_t lines = log_lines(s->log);
	st = log_close(s->log, err);
	s->log = NULL;
	if (st == ST_OK)
		say(s, "%" PRIu64 " events", lines);
	return st;
}

enum status cmd_record(struct session *s, const struct cmd_args *a, struct err *err)
{
	if (a->count && !strcmp(a->word[0], "start"))
		return start(s, a, err);
	if (a->count && !strcmp(a->word[0], "stop"))
		return stop(s, a, err);
	return err_set(err, ST_BAD_USAGE, "record start FILE [KINDS] | record stop");
}
