/* ui/script.c - see script.h */
#include "config.h"

#include "ui/script.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "ui/cmd.h"
#include "ui/interrupt.h"
#include "ui/lua/luaui.h"


/* ---- reading ------------------------------------------------------------------------------------------------------------------ */

static bool word_is(const char *line, const char *word)
{
	size_t n = strlen(word);
	line += strspn(line, " \t:");
	return !strncmp(line, word, n) && (!line[n] || isspace((unsigned char)line[n]));
}

bool begins_block(const char *line)
{
	static const char *const words[] = { "define", "def", "if", "while", "commands", "comm" };
	for (unsigned i = 0; i < ARRAY_LEN(words); i++)
		if (word_is(line, words[i]))
			return true;
	return false;
}

enum status block_read(struct session *s, const char *what, struct block **out, struct err *err)
{
	struct line_source *source = s->source;
	struct block *b = block_new(source ? source->from : "");
	unsigned depth = 1, begun = source ? source->number : 0;
	const char *line;
	while (source && (line = source->next(source->ctx, depth))) {
		if (begins_block(line))
			depth++;
		else if (word_is(line, "end") && !--depth) {
			*out = b;
			return ST_OK;
		}
		char *copy = xstrdup(line);
		copy[strcspn(copy, "\r\n")] = 0;
		block_add(b, copy, source->number);
		free(copy);
	}
	block_put(b);
	if (begun && source && source->from[0])
		return err_set(err, ST_BAD_USAGE, "the `end` of this %s is missing", what);
	return err_set(err, ST_BAD_USAGE, "`%s` begins lines that end with `end`: they are missing", what);
}

/* ---- executing ---------------------------------------------------------------------------------------------------------------- */

struct block_place {
	struct line_source source; /* first */
	struct block *block;
	unsigned at, to;
};

static const char *block_next(void *ctx, unsigned depth)
{
	struct block_place *p = ctx;
	(void)depth;
	if (p->at >= p->to)
		return NULL;
	p->source.number = p->block->number[p->at];
	return p->block->line[p->at++];
}

/* The words behind a command of the user's own. */
struct own_arguments {
	unsigned count;
	char *word[CMD_WORDS];
};

/* Puts the arguments in the places of $arg0.. and $argc, in the line that is about to be executed. */
static enum status substitute(const struct own_arguments *a, const char *line, char out[CMD_LINE], struct err *err)
{
	size_t n = 0;
	while (*line && n + 1 < CMD_LINE) {
		char text[CMD_LINE], *end;
		if (!strncmp(line, "$argc", 5)) {
			snprintf(text, sizeof text, "%u", a->count);
			line += 5;
		} else if (!strncmp(line, "$arg", 4) && isdigit((unsigned char)line[4])) {
			unsigned long i = strtoul(line + 4, &end, 10);
			if (i >= a->count)
				return err_set(err, ST_BAD_USAGE, "the argument $arg%lu is missing", i);
			snprintf(text, sizeof text, "%s", a->word[i]);
			line = end;
		} else {
			text[0] = *line++;
			text[1] = 0;
		}
		n += (size_t)snprintf(out + n, CMD_LINE - n, "%s", text);
	}
	if (n >= CMD_LINE || *line)
		return err_set(err, ST_BAD_USAGE, "with its arguments the line is too long");
	out[n] = 0;
	return ST_OK;
}

static enum status run_one(struct session *s, const char *line, struct err *err)
{
	char text[CMD_LINE];
	if (!s->arguments)
		return cmd_line(s, line, err);
	enum status st = substitute(s->arguments, line, text, err);
	return st == ST_OK ? cmd_line(s, text, err) : st;
}

enum status block_run(struct session *s, struct block *b, unsigned from, unsigned to, struct err *err)
{
	struct block_place p = { .source = { block_next, &p, b->from, 0 }, .block = b, .at = from, .to = to };
	struct line_source *outer = s->source;
	enum status st = ST_OK;
	const char *line;
	if (s->nesting == NESTING_MAX)
		return err_set(err, ST_BAD_USAGE, "commands are nested more than %d deep", NESTING_MAX);
	s->nesting++;
	s->source = &p.source;
	block_get(b);
	while (st == ST_OK && !s->quit && !s->leave && !interrupt_pending() && (line = block_next(&p, 0))) {
		struct err inner = { 0 };
		unsigned number = p.source.number, runs = s->runs;
		st = run_one(s, line, &inner);
		if (st != ST_OK)
			err_place(err, st, b->from, number, &inner);
		/* A stop's commands end when the machine runs on: the new stop has its own. */
		if (s->in_commands && runs != s->runs)
			break;
	}
	s->source = outer;
	s->nesting--;
	block_put(b);
	return st;
}

enum status commands_run(struct session *s, struct err *err)
{
	struct breaks *b = &s->breaks;
	enum status st = ST_OK;
	if (s->in_commands || !b->commands_count)
		return ST_OK;
	const struct own_arguments *outer = s->arguments;
	s->in_commands = true;
	s->arguments = NULL;
	while (st == ST_OK && b->commands_count && !s->quit && !interrupt_pending()) {
		struct block *next = b->commands[0];
		memmove(b->commands, b->commands + 1, --b->commands_count * sizeof(struct block *));
		st = block_run(s, next, 0, next->count, err);
		block_put(next);
		s->leave = 0;
	}
	s->in_commands = false;
	s->arguments = outer;
	return st;
}

/* ---- the user's own commands -------------------------------------------------------------------------------------------------- */

struct user_command *own_command(const struct session *s, const char *name)
{
	for (unsigned i = 0; i < s->own_count; i++)
		if (!strcmp(s->own[i].name, name))
			return &s->own[i];
	return NULL;
}

struct user_command *own_command_make(struct session *s, const char *name)
{
	struct user_command *c = own_command(s, name);
	if (!c) {
		if (s->own_count == s->own_room) {
			s->own_room = s->own_room ? 2 * s->own_room : 8;
			s->own = xrealloc(s->own, s->own_room * sizeof *s->own);
		}
		c = &s->own[s->own_count++];
		*c = (struct user_command){ .name = xstrdup(name) };
	}
	block_put(c->body);
	free(c->stands_for);
	free(c->help);
	luaui_forget(s, c->function);
	luaui_forget(s, c->complete);
	*c = (struct user_command){ .name = c->name };
	return c;
}

enum status own_command_run(struct session *s, const struct user_command *c, const char *arguments, struct err *err)
{
	char copy[CMD_LINE], *save = NULL;
	struct own_arguments a = { 0 };
	const struct own_arguments *outer = s->arguments;
	if (c->function)
		return luaui_command(s, c, arguments, err);
	struct block *body = block_get(c->body); /* it may be defined anew on the way */
	snprintf(copy, sizeof copy, "%s", arguments);
	for (char *w = strtok_r(copy, " \t", &save); w && a.count < CMD_WORDS; w = strtok_r(NULL, " \t", &save))
		a.word[a.count++] = w;
	s->arguments = &a;
	enum status st = block_run(s, body, 0, body->count, err);
	s->arguments = outer;
	block_put(body);
	return st;
}
