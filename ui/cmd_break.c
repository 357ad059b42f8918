/* ui/cmd_break.c - commands that make, change, list and keep the user's stops. */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernel/module.h"
#include "src/load/image.h"
#include "ui/block.h"
#include "ui/catch.h"
#include "ui/cmd.h"
#include "ui/logline.h"
#include "ui/script.h"
#include "ui/source.h"

/* ---- making ------------------------------------------------------------------------------------------------------------------ */

static bool keyword(const char **p, const char *word)
{
	size_t n = strlen(word);
	const char *at = *p + strspn(*p, " \t");
	if (strncmp(at, word, n) != 0 || (at[n] && at[n] != ' ' && at[n] != '\t' && at[n] != '('))
		return false;
	*p = at + n + strspn(at + n, " \t");
	return true;
}

/* "thread T", "if E" behind a place, in any order; the condition goes to the end. */
static enum status parse_behind(struct session *s, const char *p, struct breakpoint *b, struct err *err)
{
	while (*(p += strspn(p, " \t"))) {
		if (keyword(&p, "thread")) {
			/* One that will only be made is as good: threads are numbered alike in every run. */
			uint64_t tid = 0;
			char word[24];
			snprintf(word, sizeof word, "%.*s", (int)strcspn(p, " \t"), p);
			if (!parse_number(word, &tid) || !tid || tid > UINT32_MAX)
				return err_set(err, ST_BAD_VALUE, "'%s' is no thread id", word);
			b->tid = (uint32_t)tid;
			p += strcspn(p, " \t");
		} else if (keyword(&p, "if")) {
			return expr_compile(s, p, false, NULL, &b->condition, err);
		} else {
			return err_set(
				err, ST_BAD_USAGE, "'%.60s' is not understood here: [thread T] [if EXPRESSION] may follow", p);
		}
	}
	return ST_OK;
}

/* What a failed parse left: as if it had never been. */
static enum status never(struct session *s, struct breakpoint *b, enum status st)
{
	breaks_never(s, b);
	return st;
}

static enum status place_of_code(struct session *s, const char **rest, uint32_t *ga, struct err *err)
{
	uint32_t word;
	const char *p = *rest;
	bool here = !*p || keyword(&p, "if") || keyword(&p, "thread");
	enum status st = here ? expr_address(s, "$pc", ga, err) : expr_address_begin(s, *rest, rest, ga, err);
	if (st != ST_OK)
		return st;
	if (*ga & 3)
		return err_set(err, ST_BAD_VALUE, "%08X is no instruction's address: they are multiples of 4", *ga);
	if (mem_fetch(&session_machine(s)->mem, *ga, &word) != MEM_OK)
		return err_set(err, ST_BAD_ADDRESS, "there is no code at %08X", *ga);
	return ST_OK;
}

static enum status set_break(struct session *s, const struct cmd_args *a, bool temporary, struct err *err)
{
	char symbol[SYMBOL_TEXT], source[SOURCE_TEXT];
	const char *rest = a->rest;
	uint32_t ga = 0;
	enum status st = place_of_code(s, &rest, &ga, err);
	if (st != ST_OK)
		return st;
	struct breakpoint *b = breaks_new(s, POINT_CODE);
	b->ga = ga;
	b->temporary = temporary;
	b->fate = temporary ? FATE_DELETE : FATE_KEEP;
	st = parse_behind(s, rest, b, err);
	if (st != ST_OK)
		return never(s, b, st);
	breaks_enable(s, b, true);
	code_text(session_machine(s), ga, symbol, sizeof symbol);
	source_text_at(s->image, ga, source, sizeof source);
	say(s, "%s %u at %08X%s%s%s%s", temporary ? "temporary breakpoint" : "breakpoint", b->number, ga, symbol[0] ? " " : "",
		symbol, source[0] ? "  " : "", source);
	return ST_OK;
}

enum status cmd_break(struct session *s, const struct cmd_args *a, struct err *err)
{
	return set_break(s, a, false, err);
}
enum status cmd_tbreak(struct session *s, const struct cmd_args *a, struct err *err)
{
	return set_break(s, a, true, err);
}

/* "A,LEN", a symbol with a size, or an expression that lies in memory. */
static enum status place_of_data(struct session *s, const char **rest, uint32_t *ga, uint32_t *size, struct err *err)
{
	struct expr *e;
	struct value v;
	struct expr_context here = expr_here(s);
	unsigned bytes = 4;
	uint64_t length;
	enum status st = expr_compile(s, *rest, true, rest, &e, err);
	if (st != ST_OK)
		return st;
	const struct image_symbol *symbol = machine_symbol_find(session_machine(s), expr_text(e));
	struct err ignored;
	if (expr_place(e, &here, ga, &bytes, &ignored) != ST_OK) {
		st = expr_value(e, &here, &v, err);
		if (st == ST_OK && !value_is_integer(&v))
			st = err_set(err, ST_BAD_VALUE, "'%.100s' is no guest address", expr_text(e));
		*ga = st == ST_OK ? (uint32_t)v.u : 0;
		if (st == ST_OK && v.pointer == 1)
			bytes = v.type == V_U8 || v.type == V_S8     ? 1
				: v.type == V_U16 || v.type == V_S16 ? 2
				: v.type >= V_S64 && v.type != V_F32 ? 8
								     : 4;
		else if (symbol && symbol->size)
			bytes = symbol->size;
	}
	*size = bytes;
	if (st == ST_OK && **rest == ',') {
		char word[40];
		(*rest)++;
		*rest += strspn(*rest, " \t");
		size_t n = strcspn(*rest, " \t");
		snprintf(word, sizeof word, "%.*s", (int)n, *rest);
		if (!parse_count(word, &length) || !length || length > 1u << 24)
			st = err_set(err, ST_BAD_VALUE, "a length is 1 to %u bytes, not '%s'", 1u << 24, word);
		*rest += n;
		*size = (uint32_t)length;
	}
	expr_free(e);
	return st;
}

static enum status set_watch(struct session *s, const struct cmd_args *a, bool on_read, bool on_write, struct err *err)
{
	const char *rest = a->rest, *begin;
	uint32_t ga = 0, size = 0;
	bool change = !strcmp(a->format, "c");
	uint8_t byte;
	if (a->format[0] && !change)
		return err_set(err, ST_BAD_USAGE, "'/%s' is not understood: /c stops on changes only", a->format);
	if (keyword(&rest, "/c"))
		change = true;
	begin = rest;
	if (!*rest)
		return err_set(err, ST_BAD_USAGE, "a place is missing: watch[/c] EXPRESSION|ADDRESS,LENGTH");
	enum status st = place_of_data(s, &rest, &ga, &size, err);
	if (st != ST_OK)
		return st;
	if (mem_peek(&session_machine(s)->mem, ga, &byte, 1) != MEM_OK || (uint64_t)ga + size > UINT32_MAX)
		return err_set(err, ST_BAD_ADDRESS, "%08X is not mapped", ga);
	struct breakpoint *b = breaks_new(s, POINT_WATCH);
	b->ga = ga;
	b->size = size;
	b->on_read = on_read;
	b->on_write = on_write;
	b->on_change = change;
	b->what = xcalloc(1, (size_t)(rest - begin) + 1);
	memcpy(b->what, begin, (size_t)(rest - begin));
	for (size_t n = strlen(b->what); n && b->what[n - 1] == ' ';)
		b->what[--n] = 0;
	st = parse_behind(s, rest, b, err);
	if (st != ST_OK)
		return never(s, b, st);
	breaks_enable(s, b, true);
	say(s, "watchpoint %u: %s: %u byte%s at %08X, on %s", b->number, b->what, size, size == 1 ? "" : "s", ga,
		change                ? "change"
		: on_read && on_write ? "every access"
		: on_read             ? "every load"
				      : "every store");
	return ST_OK;
}

enum status cmd_watch(struct session *s, const struct cmd_args *a, struct err *err)
{
	return set_watch(s, a, false, true, err);
}
enum status cmd_rwatch(struct session *s, const struct cmd_args *a, struct err *err)
{
	return set_watch(s, a, true, false, err);
}
enum status cmd_awatch(struct session *s, const struct cmd_args *a, struct err *err)
{
	return set_watch(s, a, true, true, err);
}

static enum status set_catch(struct session *s, const struct cmd_args *a, bool temporary, struct err *err)
{
	struct breakpoint *b = breaks_new(s, POINT_CATCH);
	enum status st = catch_parse(s, a->rest, b, err);
	if (st != ST_OK)
		return never(s, b, st);
	b->temporary |= temporary;
	if (b->temporary)
		b->fate = FATE_DELETE;
	breaks_enable(s, b, true);
	say(s, "%scatchpoint %u: %s", b->temporary ? "temporary " : "", b->number, b->what);
	return ST_OK;
}

enum status cmd_catch(struct session *s, const struct cmd_args *a, struct err *err)
{
	return set_catch(s, a, false, err);
}
enum status cmd_tcatch(struct session *s, const struct cmd_args *a, struct err *err)
{
	return set_catch(s, a, true, err);
}

/* ---- changing ------------------------------------------------------------------------------------------------------------------ */

enum change { DELETE, ENABLE, DISABLE };

static void change_break(struct session *s, struct breakpoint *p, enum change change)
{
	if (change == DELETE)
		breaks_remove(s, p->number);
	else
		breaks_enable(s, p, change == ENABLE);
}

/* All numbers are looked at before anything is changed. */
static enum status change_breaks(struct session *s, const struct cmd_args *a, unsigned from, enum change change, struct err *err)
{
	struct breakpoint *p;
	enum status st = ST_OK;
	for (unsigned i = from; i < a->count && st == ST_OK; i++)
		st = given_point(s, a->word[i], &p, err);
	if (st != ST_OK)
		return st;
	if (a->count == from && change == DELETE && s->breaks.count && !confirmed(s, "Delete all breakpoints?"))
		return ST_OK;
	for (unsigned i = from; i < a->count; i++)
		if (given_point(s, a->word[i], &p, err) == ST_OK)
			change_break(s, p, change);
	for (unsigned i = s->breaks.count; a->count == from && i-- > 0;)
		change_break(s, s->breaks.list[i], change);
	return ST_OK;
}

enum status cmd_delete(struct session *s, const struct cmd_args *a, struct err *err)
{
	return change_breaks(s, a, 0, DELETE, err);
}
enum status cmd_disable(struct session *s, const struct cmd_args *a, struct err *err)
{
	return change_breaks(s, a, 0, DISABLE, err);
}

/* enable [once | delete | count K] [N...] */
enum status cmd_enable(struct session *s, const struct cmd_args *a, struct err *err)
{
	const char *verb = a->count ? a->word[0] : "";
	bool once = !strcmp(verb, "once"), del = !strcmp(verb, "delete"), count = !strcmp(verb, "count");
	unsigned from = count ? 2 : once || del ? 1 : 0;
	uint64_t left = 0;
	if (from && a->count <= from)
		return err_set(err, ST_BAD_USAGE, "an argument is missing: enable [once|delete|count K] N...");
	if (count && (!parse_count(a->word[1], &left) || !left))
		return err_set(err, ST_BAD_VALUE, "'%s' is no count", a->word[1]);
	enum status st = change_breaks(s, a, from, ENABLE, err);
	for (unsigned i = from; st == ST_OK && from && i < a->count; i++) {
		struct breakpoint *p;
		if (given_point(s, a->word[i], &p, err) == ST_OK) {
			p->fate = del ? FATE_DELETE : FATE_DISABLE;
			p->left = left;
		}
	}
	return st;
}

enum status cmd_condition(struct session *s, const struct cmd_args *a, struct err *err)
{
	struct breakpoint *p;
	struct expr *e = NULL;
	if (!a->count)
		return err_set(err, ST_BAD_USAGE, "a number is missing: condition N [EXPRESSION]");
	enum status st = given_point(s, a->word[0], &p, err);
	const char *text = a->rest + strcspn(a->rest, " \t");
	text += strspn(text, " \t");
	if (st == ST_OK && *text)
		st = expr_compile(s, text, false, NULL, &e, err);
	if (st != ST_OK)
		return st;
	expr_free(p->condition);
	p->condition = e;
	if (!e)
		say(s, "stop %u has no condition any more", p->number);
	return ST_OK;
}

enum status cmd_ignore(struct session *s, const struct cmd_args *a, struct err *err)
{
	struct breakpoint *p;
	uint64_t n;
	enum status st = given_words(a, 2, 2, "ignore N COUNT", err);
	if (st == ST_OK)
		st = given_point(s, a->word[0], &p, err);
	if (st != ST_OK)
		return st;
	if (!parse_count(a->word[1], &n))
		return err_set(err, ST_BAD_VALUE, "'%s' is no count", a->word[1]);
	p->ignore = n;
	say(s, "the next %" PRIu64 " hit%s of stop %u will be passed", n, n == 1 ? "" : "s", p->number);
	return ST_OK;
}

static struct breakpoint *last_point(const struct session *s)
{
	struct breakpoint *p = NULL;
	for (unsigned i = 0; i < s->breaks.count; i++)
		if (s->breaks.list[i]->number)
			p = s->breaks.list[i];
	return p;
}

enum status cmd_commands(struct session *s, const struct cmd_args *a, struct err *err)
{
	struct breakpoint *p = last_point(s);
	struct block *b;
	struct err second;
	enum status bad = given_words(a, 0, 1, "commands [N]", err);
	if (bad == ST_OK && a->count)
		bad = given_point(s, a->word[0], &p, err);
	else if (bad == ST_OK && !p)
		bad = err_set(err, ST_STATE, "there is no stop to give commands to");
	enum status st = block_read(s, "commands", &b, bad == ST_OK ? err : &second);
	if (bad != ST_OK || st != ST_OK || !p) {
		if (st == ST_OK)
			block_put(b);
		return bad != ST_OK ? bad : st;
	}
	block_put(p->commands);
	p->commands = b;
	p->silent = false;
	for (unsigned i = 0; i < b->count; i++) {
		char word[16] = "";
		if (sscanf(b->line[i], " %15s", word) == 1 && !strcmp(word, "silent")) {
			p->silent = true;
			b->line[i][0] = 0;
		}
		if (word[0] && word[0] != '#')
			break;
	}
	if (!b->count) {
		block_put(b);
		p->commands = NULL;
	}
	return ST_OK;
}

enum status cmd_after(struct session *s, const struct cmd_args *a, struct err *err)
{
	struct breakpoint *first, *next;
	enum status st = given_words(a, 3, 3, "after N arm M", err);
	if (st == ST_OK && strcmp(a->word[1], "arm") != 0)
		st = err_set(err, ST_BAD_USAGE, "after N arm M");
	if (st == ST_OK)
		st = given_point(s, a->word[0], &first, err);
	if (st == ST_OK)
		st = given_point(s, a->word[2], &next, err);
	if (st != ST_OK)
		return st;
	first->arms = next->number;
	breaks_enable(s, next, false);
	say(s, "stop %u is off until stop %u is hit", next->number, first->number);
	return ST_OK;
}

/* log N "FORMAT"; without a format it stops again. */
enum status cmd_log(struct session *s, const struct cmd_args *a, struct err *err)
{
	struct breakpoint *p;
	struct log_format *f = NULL;
	char text[CMD_LINE];
	if (!a->count)
		return err_set(err, ST_BAD_USAGE, "a number is missing: log N [\"FORMAT\"]");
	enum status st = given_point(s, a->word[0], &p, err);
	const char *rest = a->rest + strcspn(a->rest, " \t");
	snprintf(text, sizeof text, "%s", rest + strspn(rest, " \t"));
	size_t n = strlen(text);
	if (st == ST_OK && n && (n < 2 || text[0] != '"' || text[n - 1] != '"'))
		st = err_set(err, ST_BAD_USAGE, "a format stands in quotes: log N \"{handle} {lr:sym}\"");
	if (st == ST_OK && n) {
		text[n - 1] = 0;
		st = log_format_compile(s, text + 1, &f, err);
	}
	if (st != ST_OK)
		return st;
	log_format_free(p->log);
	p->log = f;
	return ST_OK;
}

/* ---- keeping ------------------------------------------------------------------------------------------------------------------- */

static void save_one(FILE *f, const struct breakpoint *p)
{
	if (p->function) /* it is in a script, and made by it */
		fprintf(f, "# a script has made: ");
	if (p->kind == POINT_CODE)
		fprintf(f, "%s *0x%08x", p->temporary ? "tbreak" : "break", p->ga);
	else if (p->kind == POINT_WATCH)
		fprintf(f, "%s%s 0x%08x,%u",
			p->on_read && p->on_write ? "awatch"
			: p->on_read              ? "rwatch"
						  : "watch",
			p->on_change ? "/c" : "", p->ga, p->size);
	else
		fprintf(f, "%s %s", p->temporary ? "tcatch" : "catch", p->what);
	if (p->tid)
		fprintf(f, " thread %u", p->tid);
	if (p->condition)
		fprintf(f, " if %s", expr_text(p->condition));
	fputc('\n', f);
	if (p->function)
		return;
	fprintf(f, "set $stop%u = $bpnum\n", p->number);
	if (p->ignore)
		fprintf(f, "ignore $bpnum %" PRIu64 "\n", p->ignore);
	if (p->log)
		fprintf(f, "log $bpnum \"%s\"\n", log_format_text(p->log));
	if (p->commands || p->silent) {
		fprintf(f, "commands\n%s", p->silent ? "silent\n" : "");
		for (unsigned i = 0; p->commands && i < p->commands->count; i++)
			if (p->commands->line[i][0])
				fprintf(f, "%s\n", p->commands->line[i]);
		fprintf(f, "end\n");
	}
	if (p->fate != FATE_KEEP && !p->temporary) {
		if (p->left)
			fprintf(f, "enable count %" PRIu64 " $bpnum\n", p->left);
		else
			fprintf(f, "enable %s $bpnum\n", p->fate == FATE_DELETE ? "delete" : "once");
	}
}

static void write_breakpoints(struct session *s, FILE *f)
{
	for (unsigned i = 0; i < s->breaks.count; i++)
		if (s->breaks.list[i]->number)
			save_one(f, s->breaks.list[i]);
	for (unsigned i = 0; i < s->breaks.count; i++) {
		const struct breakpoint *p = s->breaks.list[i];
		const struct breakpoint *next = p->arms ? breaks_find(&s->breaks, p->arms) : NULL;
		if (p->number && next && !p->function && !next->function)
			fprintf(f, "after $stop%u arm $stop%u\n", p->number, p->arms);
	}
	for (unsigned i = 0; i < s->breaks.count; i++)
		if (s->breaks.list[i]->number && !s->breaks.list[i]->function)
			fprintf(f, "%s $stop%u\n", s->breaks.list[i]->enabled ? "enable" : "disable", s->breaks.list[i]->number);
}

enum status save_breakpoints(struct session *s, const struct cmd_args *a, struct err *err)
{
	enum status st = given_words(a, 2, 2, "save breakpoints|symbols FILE", err);
	bool symbols = st == ST_OK && !strncmp("symbols", a->word[0], strlen(a->word[0]));
	if (st == ST_OK && !symbols && strncmp("breakpoints", a->word[0], strlen(a->word[0])) != 0)
		st = err_set(err, ST_BAD_USAGE, "save breakpoints|symbols FILE");
	if (st != ST_OK)
		return st;
	FILE *f = fopen(a->word[1], "w");
	if (!f)
		return err_set(err, ST_IO, "%s: %s", a->word[1], strerror(errno));
	if (symbols)
		save_symbols(s, f);
	else
		write_breakpoints(s, f);
	bool bad = ferror(f) != 0;
	if (fclose(f) || bad)
		return err_set(err, ST_IO, "%s: %s", a->word[1], strerror(errno));
	return ST_OK;
}
