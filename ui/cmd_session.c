/* ui/cmd_session.c - info, help, settings, files, and the end. */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernel/stub.h"
#include "ui/cmd.h"
#include "ui/expr.h"
#include "ui/reference.h"
#include "ui/script.h"

/* ---- info --------------------------------------------------------------------------------------------------------------- */

enum status table_query(const struct session *s, const struct table_def *d, const char *word, struct query *q, struct err *err)
{
	struct target t = { 0 };
	enum status st = ST_OK;
	if (word && d->arg == ARG_NONE)
		return err_set(err, ST_BAD_USAGE, "too many arguments: info %s%s", d->name, d->arg == ARG_NONE ? "" : " [ARGUMENT]");
	switch (d->arg) {
	case ARG_OBJECT:
		if (word)
			st = given_target(s, word, &t, err);
		q->object = t.object;
		q->trail = t.trail;
		if (st == ST_OK && word && !t.object && !(d->flags & (TABLE_HIDDEN | TABLE_GONE)))
			st = err_set(err, ST_NOT_FOUND, "the object of %s is gone (`history %s` shows its trail)", word, word);
		break;
	case ARG_THREAD:
		if (word)
			st = given_thread(s, word, &q->thread, err);
		break;
	case ARG_WORD: q->word = word ? word : ""; break;
	case ARG_ADDRESS:
		st = word ? expr_address(s, word, &q->ga, err) : err_set(err, ST_BAD_USAGE, "an address is missing: info %s ADDRESS", d->name);
		break;
	case ARG_NONE: break;
	}
	if (q->thread != s->thread)
		q->frame = 0;
	return st;
}

static enum status table_argument(const struct session *s, const struct table_def *d, const struct cmd_args *a, struct query *q,
                                  struct err *err)
{
	if (a->count > 2)
		return err_set(err, ST_BAD_USAGE, "too many arguments: info %s%s", d->name, d->arg == ARG_NONE ? "" : " [ARGUMENT]");
	return table_query(s, d, a->count > 1 ? a->word[1] : NULL, q, err);
}

/* Hidden tables that a command of the same purpose shows: `info object @3` is `object @3`. */
static enum status by_command(struct session *s, const struct table_def *d, const struct cmd_args *a, struct err *err)
{
	char line[CMD_LINE];
	static const char *const commands_of[][2] = {
		{ "object", "object" }, { "history", "history" }, { "created", "created" }, { "signallers", "who-signals" },
		{ "symbol", "symbol" }, { "thread", "thread" }, { "digest", "digest" }, { "chain", "why" }, { "whois", "whois" }, { "leaks", "leaks" }, { "graph", "graph" },
		{ "sites", "sites" }, { "dump", "x" }, { "code", "disas" }, { "value", "print" },
	};
	const char *rest = a->rest + strcspn(a->rest, " \t");
	for (unsigned i = 0; i < ARRAY_LEN(commands_of); i++)
		if (!strcmp(commands_of[i][0], d->name)) {
			snprintf(line, sizeof line, "%s %s", commands_of[i][1], rest);
			return cmd_line(s, line, err);
		}
	return err_set(err, ST_UNSUPPORTED, "`info` does not show %s", d->name);
}

static enum status unknown_table(const char *word, int found, struct err *err)
{
	char names[300] = "";
	for (unsigned i = 0; i < TABLES; i++) {
		size_t n = strlen(names), length = strlen(word);
		const char *name = table_defs[i].name;
		bool close = found == -1 ? word_distance(word, name) <= 1 + length / 4 || (length >= 3 && strstr(name, word)) : !strncmp(name, word, length);
		if (!(table_defs[i].flags & TABLE_HIDDEN) && close && n + strlen(name) + 3 < sizeof names)
			snprintf(names + n, sizeof names - n, "%s%s", n ? ", " : "", name);
	}
	if (found != -1)
		return err_set(err, ST_AMBIGUOUS, "'%.40s' is the beginning of several tables: %s", word, names);
	if (names[0])
		return err_set(err, ST_NOT_FOUND, "there is no table '%.40s'; near: %s", word, names);
	return err_set(err, ST_NOT_FOUND, "there is no table '%.40s' (`help info` lists them)", word);
}

static enum status info_table(struct session *s, int i, const struct cmd_args *a, struct err *err)
{
	struct query q = session_query(s);
	const struct table_def *d = &table_defs[i];
	if (d->flags & TABLE_HIDDEN)
		return by_command(s, d, a, err);
	enum status st = table_argument(s, d, a, &q, err);
	if (st == ST_OK)
		show_table(s, (enum table_id)i, &q);
	return st;
}

enum status cmd_info(struct session *s, const struct cmd_args *a, struct err *err)
{
	if (!a->count)
		return err_set(err, ST_BAD_USAGE, "a table is missing: info TABLE [ARGUMENT] (`help info` lists them)");
	char view[80];
	int i = table_find(a->word[0]);
	if (a->count == 2 && i >= 0) { /* `info accounting objects` is the table accounting_objects */
		snprintf(view, sizeof view, "%s_%.40s", table_defs[i].name, a->word[1]);
		int two = table_find(view);
		if (two >= 0)
			return info_table(s, two, &(struct cmd_args){ .format = "", .rest = view, .count = 1, .word = { view } }, err);
	}
	if (i < 0)
		return unknown_table(a->word[0], i, err);
	return info_table(s, i, a, err);
}

/* ---- help ------------------------------------------------------------------------------------------------------------------- */

static void indented(struct out *o, const char *text, unsigned indent)
{
	out_printf(o, "%*s", (int)indent, "");
	out_flow(o, text, indent);
}

/* Help is text in every form: in JSON form it would be no table's row. */
static void help_command(struct session *s, const struct command *c)
{
	struct out *o = s->out;
	out_printf(o, "%s%s%s\n", out_style(o, STYLE_BOLD), c->synopsis, out_style(o, STYLE_PLAIN));
	if (c->others[0])
		out_printf(o, "  also: %s\n", c->others);
	indented(o, c->help, 2);
	if (c->completer == COMPLETE_TABLE) {
		out_printf(o, "  tables:\n");
		for (unsigned i = 0; i < TABLES; i++)
			if (!(table_defs[i].flags & TABLE_HIDDEN)) {
				out_printf(o, "    %-12s ", table_defs[i].name);
				out_flow(o, table_defs[i].help, 17);
			}
	}
	out_printf(o, "  examples:\n    %s\n    %s\n", c->example[0], c->example[1]);
}

static void help_list(struct session *s)
{
	for (unsigned i = 0; i < command_count; i++) {
		char first[400];
		const char *end = strstr(commands[i].help, ". ");
		snprintf(first, sizeof first, "%.*s", end ? (int)(end - commands[i].help) + 1 : 399, commands[i].help);
		if (strlen(commands[i].synopsis) > 27)
			out_printf(s->out, "%s\n%28s", commands[i].synopsis, "");
		else
			out_printf(s->out, "%-27s ", commands[i].synopsis);
		out_flow(s->out, first, 28);
	}
	out_printf(s->out, "Any unique beginning of a word will do. `help COMMAND` says more; `apropos WORD` searches.\n");
}

/* What is no command: false. */
static bool help_topic(struct session *s, const char *word)
{
	const char *name, *help;
	const struct user_command *own = own_command(s, word);
	if (own) {
		out_printf(s->out, "%s: %s\n", word, own->help ? own->help : own->stands_for ? own->stands_for : "a command of your own:");
		for (unsigned i = 0; own->body && i < own->body->count; i++)
			out_printf(s->out, "  %s\n", own->body->line[i]);
		return true;
	}
	if (!strcmp(word, "events")) {
		struct query q = session_query(s);
		show_table(s, TABLE_EVENTS, &q);
		return true;
	}
	if (!strcmp(word, "scripts")) {
		help_scripts(s->out);
		return true;
	}
	if (strcmp(word, "vars") != 0)
		return false;
	for (unsigned i = 0; expr_name(i, &name, &help); i++) {
		out_printf(s->out, "%-22s ", name);
		out_flow(s->out, help, 23);
	}
	out_printf(s->out, "Registers: $r0-$r31 $f0-$f31 $v0-$v127.w[0] $cr0.lt $pc $lr $sp $ctr $cr $xer $msr $fpscr $vscr; yours: set $name = ...\n");
	return true;
}

enum status cmd_help(struct session *s, const struct cmd_args *a, struct err *err)
{
	const struct command *c = NULL;
	enum status st = given_words(a, 0, 1, "help [COMMAND|vars|events|scripts]", err);
	if (st == ST_OK && a->count && help_topic(s, a->word[0]))
		return ST_OK;
	if (st == ST_OK && a->count)
		st = cmd_find(a->word[0], &c, err);
	if (st != ST_OK)
		return st;
	if (c)
		help_command(s, c);
	else
		help_list(s);
	return ST_OK;
}

enum status cmd_apropos(struct session *s, const struct cmd_args *a, struct err *err)
{
	unsigned found = 0;
	enum status st = given_words(a, 1, 1, "apropos WORD", err);
	if (st != ST_OK)
		return st;
	for (unsigned i = 0; i < command_count; i++)
		if (strcasestr(commands[i].name, a->word[0]) || strcasestr(commands[i].help, a->word[0])) {
			out_printf(s->out, "%s\n", commands[i].synopsis);
			indented(s->out, commands[i].help, 4);
			found++;
		}
	for (unsigned i = 0; i < TABLES; i++)
		if (!(table_defs[i].flags & TABLE_HIDDEN) &&
		    (strcasestr(table_defs[i].name, a->word[0]) || strcasestr(table_defs[i].help, a->word[0]))) {
			out_printf(s->out, "info %s\n", table_defs[i].name);
			indented(s->out, table_defs[i].help, 4);
			found++;
		}
	for (unsigned i = 0; i < s->own_count; i++)
		if (s->own[i].help && (strcasestr(s->own[i].name, a->word[0]) || strcasestr(s->own[i].help, a->word[0]))) {
			out_printf(s->out, "%s\n", s->own[i].name);
			indented(s->out, s->own[i].help, 4);
			found++;
		}
	if (!found)
		say(s, "nothing is said of '%s'", a->word[0]);
	return ST_OK;
}

/* ---- settings, files, end ------------------------------------------------------------------------------------------------------ */

static enum status set_on_stub(struct session *s, const char *value, struct err *err)
{
	struct journal_entry e = { .kind = JOURNAL_ON_STUB };
	struct stub_policy p;
	if (!stub_policy_parse(value, &p))
		return err_set(err, ST_BAD_VALUE, "on-stub is stop, continue or continue=VALUE, not '%.40s'", value);
	e.on = p.go_on;
	e.value = p.value;
	return journal_add(s, e, err);
}

enum status cmd_set(struct session *s, const struct cmd_args *a, struct err *err)
{
	if (*a->rest == '$')
		return set_variable(s, a->rest, err);
	if (*a->rest == '{' || *a->rest == '*' || *a->rest == '(')
		return set_memory(s, a->rest, err);
	const char *text = a->rest + strcspn(a->rest, " \t");
	text += strspn(text, " \t");
	const char *whole = a->count ? settings_whole(a->word[0]) : NULL;
	bool on_stub = whole && !strcmp(whole, "on-stub"), reference = a->count && !strcmp(a->word[0], "reference");
	enum status st = reference ? reference_check(text, err) : given_words(a, 2, 2, "set NAME VALUE | $NAME = EXPRESSION", err);
	if (st == ST_OK && reference)
		st = settings_set(&s->settings, a->word[0], text, err);
	else if (st == ST_OK && on_stub)
		return set_on_stub(s, a->word[1], err);
	else if (st == ST_OK)
		st = settings_set(&s->settings, a->word[0], a->word[1], err);
	if (st == ST_OK)
		session_settings_changed(s);
	return st;
}

enum status cmd_show(struct session *s, const struct cmd_args *a, struct err *err)
{
	struct query q = session_query(s);
	enum status st = given_words(a, 0, 1, "show [NAME]", err);
	q.word = a->count ? a->word[0] : "";
	if (st == ST_OK)
		show_table(s, TABLE_SETTINGS, &q);
	return st;
}

enum status cmd_exit(struct session *s, const struct cmd_args *a, struct err *err)
{
	uint64_t code = 0;
	enum status st = given_words(a, 0, 1, "exit [N]", err);
	if (st == ST_OK && a->count && (!parse_number(a->word[0], &code) || code > 255))
		st = err_set(err, ST_BAD_VALUE, "an exit code is 0 to 255, not '%s'", a->word[0]);
	if (st != ST_OK)
		return st;
	s->quit = s->quit_coded = true;
	s->quit_code = (int)code;
	return ST_OK;
}

enum status cmd_quit(struct session *s, const struct cmd_args *a, struct err *err)
{
	enum status st = given_words(a, 0, 0, "quit", err);
	if (st == ST_OK)
		s->quit = true;
	return st;
}
