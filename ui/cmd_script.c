/* ui/cmd_script.c - the command language's own commands: blocks, the user's commands, output's ways, checks, files. */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>

#include "ui/cmd.h"
#include "ui/interrupt.h"
#include "ui/script.h"

/* ---- if, while ------------------------------------------------------------------------------------------------------------------ */

static enum status truth(struct session *s, const char *text, bool *yes, struct err *err)
{
	struct expr *e;
	struct value v;
	struct expr_context here = expr_here(s);
	if (!*text)
		return err_set(err, ST_BAD_USAGE, "a condition is missing");
	enum status st = expr_compile(s, text, false, NULL, &e, err);
	if (st != ST_OK)
		return st;
	st = expr_value(e, &here, &v, err);
	if (st == ST_OK)
		*yes = value_true(&v);
	expr_free(e);
	return st;
}

/* The line of the `else` that belongs to this `if` itself; @b->count if there is none. */
static unsigned find_else(const struct block *b)
{
	unsigned depth = 0;
	for (unsigned i = 0; i < b->count; i++) {
		char word[16];
		if (sscanf(b->line[i], " %15s", word) != 1)
			continue;
		if (!strcmp(word, "else") && !depth)
			return i;
		if (!strcmp(word, "end"))
			depth--;
		else if (!strcmp(word, "if") || !strcmp(word, "while") || !strcmp(word, "define") || !strcmp(word, "commands"))
			depth++;
	}
	return b->count;
}

enum status cmd_if(struct session *s, const struct cmd_args *a, struct err *err)
{
	struct block *b;
	bool yes = false;
	enum status st = block_read(s, "if", &b, err);
	if (st != ST_OK)
		return st;
	unsigned other = find_else(b);
	st = truth(s, a->rest, &yes, err);
	if (st == ST_OK && yes)
		st = block_run(s, b, 0, other, err);
	else if (st == ST_OK && other < b->count)
		st = block_run(s, b, other + 1, b->count, err);
	block_put(b);
	return st;
}

enum status cmd_while(struct session *s, const struct cmd_args *a, struct err *err)
{
	struct block *b;
	bool yes = true;
	enum status st = block_read(s, "while", &b, err);
	if (st != ST_OK)
		return st;
	while (st == ST_OK && !s->quit && s->leave != 'b' && !interrupt_pending()) {
		s->leave = 0;
		st = truth(s, a->rest, &yes, err);
		if (st != ST_OK || !yes)
			break;
		st = block_run(s, b, 0, b->count, err);
	}
	s->leave = 0;
	block_put(b);
	return st;
}

enum status cmd_loop_break(struct session *s, const struct cmd_args *a, struct err *err)
{
	enum status st = given_words(a, 0, 0, "loop_break", err);
	if (st == ST_OK)
		s->leave = 'b';
	return st;
}

enum status cmd_loop_continue(struct session *s, const struct cmd_args *a, struct err *err)
{
	enum status st = given_words(a, 0, 0, "loop_continue", err);
	if (st == ST_OK)
		s->leave = 'c';
	return st;
}

static enum status alone(const char *word, struct err *err)
{
	return err_set(err, ST_BAD_USAGE, "`%s` stands alone: no block is open here", word);
}

enum status cmd_end(struct session *s, const struct cmd_args *a, struct err *err)
{
	(void)s;
	(void)a;
	return alone("end", err);
}

enum status cmd_else(struct session *s, const struct cmd_args *a, struct err *err)
{
	(void)s;
	(void)a;
	return alone("else", err);
}

enum status cmd_silent(struct session *s, const struct cmd_args *a, struct err *err)
{
	(void)s;
	(void)a;
	return err_set(err, ST_BAD_USAGE, "`silent` stands first in a stop's commands, and nowhere else");
}

/* ---- define, alias -------------------------------------------------------------------------------------------------------------- */

enum status own_command_name(const char *name, struct err *err)
{
	const struct command *c;
	struct err ignored;
	if (!*name)
		return err_set(err, ST_BAD_VALUE, "a command has a name");
	for (const char *p = name; *p; p++)
		if (!isalnum((unsigned char)*p) && *p != '_' && *p != '-')
			return err_set(err, ST_BAD_VALUE, "'%.60s' is no name for a command: letters, digits, - and _", name);
	if (isdigit((unsigned char)*name))
		return err_set(err, ST_BAD_VALUE, "'%.60s' is no name for a command: it begins with a digit", name);
	if (cmd_find(name, &c, &ignored) == ST_OK && !strcmp(c->name, name))
		return err_set(err, ST_BAD_VALUE, "'%s' is a command already", name);
	return ST_OK;
}

enum status cmd_define(struct session *s, const struct cmd_args *a, struct err *err)
{
	struct block *b;
	enum status bad = given_words(a, 1, 1, "define NAME", err);
	if (bad == ST_OK)
		bad = own_command_name(a->word[0], err);
	/* The body is read in any case: its lines are not meant to be executed here. */
	struct err second;
	enum status st = block_read(s, "define", &b, bad == ST_OK ? err : &second);
	if (bad != ST_OK || st != ST_OK) {
		if (st == ST_OK)
			block_put(b);
		return bad != ST_OK ? bad : st;
	}
	own_command_make(s, a->word[0])->body = b;
	return ST_OK;
}

/* alias NAME = COMMAND */
enum status cmd_alias_(struct session *s, const struct cmd_args *a, struct err *err)
{
	const char *equals = strchr(a->rest, '=');
	if (!a->count) {
		for (unsigned i = 0; i < s->own_count; i++)
			if (s->own[i].stands_for)
				say(s, "alias %s = %s", s->own[i].name, s->own[i].stands_for);
		return ST_OK;
	}
	if (!equals || a->count < 3 || strcmp(a->word[1], "=") != 0)
		return err_set(err, ST_BAD_USAGE, "alias NAME = COMMAND");
	enum status st = own_command_name(a->word[0], err);
	if (st != ST_OK)
		return st;
	const struct command *c;
	const char *text = equals + 1 + strspn(equals + 1, " \t");
	char word[64];
	snprintf(word, sizeof word, "%.*s", (int)strcspn(text, " \t/"), text);
	if (!own_command(s, word) && !cmd_stands_for(word) && (st = cmd_find(word, &c, err)) != ST_OK)
		return st;
	own_command_make(s, a->word[0])->stands_for = xstrdup(text);
	return ST_OK;
}

enum status cmd_repeat(struct session *s, const struct cmd_args *a, struct err *err)
{
	uint64_t n;
	enum status st = given_words(a, 2, CMD_WORDS, "repeat N COMMAND", err);
	if (st == ST_OK)
		st = given_count(a, 0, 1, &n, err);
	if (st == ST_OK && s->nesting >= NESTING_MAX)
		st = err_set(err, ST_BAD_USAGE, "commands are nested more than %d deep", NESTING_MAX);
	if (st != ST_OK)
		return st;
	const char *line = a->rest + strcspn(a->rest, " \t");
	s->nesting++;
	for (uint64_t i = 0; i < n && st == ST_OK && !s->quit && !s->leave && !interrupt_pending(); i++)
		st = cmd_line(s, line, err);
	s->nesting--;
	return st;
}

/* ---- checks --------------------------------------------------------------------------------------------------------------------- */

static void failed(struct session *s, const char *what, const char *message)
{
	char place[200] = "";
	s->expect_failed = true;
	fflush(s->out->file);
	if (s->source && s->source->from[0])
		snprintf(place, sizeof place, "%.140s:%u: ", s->source->from, s->source->number);
	fprintf(stderr, "%s%s failed: %s\n", place, what, message);
}

enum status cmd_expect(struct session *s, const struct cmd_args *a, struct err *err)
{
	struct expr *e;
	struct value v;
	struct expr_context here = expr_here(s);
	const char *end;
	char message[CMD_LINE];
	if (!*a->rest || *a->rest == '"')
		return err_set(err, ST_BAD_USAGE, "an expression is missing: expect EXPRESSION [\"MESSAGE\"]");
	enum status st = expr_compile(s, a->rest, false, &end, &e, err);
	if (st != ST_OK)
		return st;
	snprintf(message, sizeof message, "%s", expr_text(e));
	if (*end == '"') {
		snprintf(message, sizeof message, "%s", end + 1);
		char *quote = strrchr(message, '"');
		if (!quote)
			st = err_set(err, ST_BAD_USAGE, "the message's closing \" is missing");
		else
			*quote = 0;
	} else if (*end) {
		st = err_set(
			err, ST_BAD_VALUE, "this is not understood, at column %d of '%.160s'", (int)(end - a->rest) + 1, a->rest);
	}
	if (st == ST_OK)
		st = expr_value(e, &here, &v, err);
	if (st == ST_OK && !value_true(&v))
		failed(s, "expect", message);
	expr_free(e);
	return st;
}

enum status cmd_assert_stop(struct session *s, const struct cmd_args *a, struct err *err)
{
	static const char *const kinds[] = {
#define STOP(id, word) word,
		STOPS(STOP)
#undef STOP
	};
	char message[512], text[400], list[300] = "";
	bool known = false;
	enum status st = given_words(a, 1, 1, "assert-stop REASON", err);
	if (st != ST_OK)
		return st;
	for (unsigned i = 1; i < ARRAY_LEN(kinds); i++) {
		known |= fnmatch(a->word[0], kinds[i], 0) == 0;
		snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", i > 1 ? ", " : "", kinds[i]);
	}
	if (!known)
		return err_set(err, ST_BAD_VALUE, "'%.60s' is no reason to stop: %s", a->word[0], list);
	if (fnmatch(a->word[0], stop_kind_word(s->stop.kind), 0) == 0)
		return ST_OK;
	snprintf(message, sizeof message, "%s expected, and it is %s", a->word[0], session_stop_text(s, text, sizeof text));
	failed(s, "assert-stop", message);
	return ST_OK;
}

/* ---- files ---------------------------------------------------------------------------------------------------------------------- */

enum status cmd_source(struct session *s, const struct cmd_args *a, struct err *err)
{
	if (!*a->rest)
		return err_set(err, ST_BAD_USAGE, "a file is missing: source FILE");
	return cmd_file(s, a->rest, err);
}

enum status cmd_echo(struct session *s, const struct cmd_args *a, struct err *err)
{
	(void)err;
	out_printf(s->out, "%s\n", a->rest);
	return ST_OK;
}
