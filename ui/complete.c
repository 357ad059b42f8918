/* ui/complete.c - see complete.h */
#include "config.h"

#include "ui/complete.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernel/exports.h"
#include "kernel/module.h"
#include "kernel/object.h"
#include "src/load/image.h"
#include "ui/catch.h"
#include "ui/cmd.h"
#include "ui/lua/luaui.h"
#include "ui/script.h"
#include "ui/tui/layout.h"
#include "ui/tui/panes.h"
#include "ui/tui/tui.h"

#define WORDS_MAX 4096                /* more candidates help nobody */

static void offer(struct words *w, const char *prefix, const char *fmt, ...) PRINTF_LIKE(3, 4);
static void offer(struct words *w, const char *prefix, const char *fmt, ...)
{
	char text[200];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (strncasecmp(text, prefix, strlen(prefix)) || w->count == WORDS_MAX)
		return;
	if (w->count == w->room) {
		w->room = w->room ? w->room * 2 : 64;
		w->word = xrealloc(w->word, w->room * sizeof *w->word);
	}
	w->word[w->count++] = xstrdup(text);
}

void words_offer(struct words *w, const char *prefix, const char *word)
{
	offer(w, prefix, "%s", word);
}

void words_free(struct words *w)
{
	for (unsigned i = 0; i < w->count; i++)
		free(w->word[i]);
	free(w->word);
	*w = (struct words){ 0 };
}

/* ---- one function per kind of argument -------------------------------------------------------------------------------------- */

static void offer_commands(const struct session *s, const char *prefix, struct words *w)
{
	for (unsigned i = 0; i < command_count; i++)
		offer(w, prefix, "%s", commands[i].name);
	for (unsigned i = 0; i < s->own_count; i++)
		offer(w, prefix, "%s", s->own[i].name);
}

static void offer_tables(const struct session *s, const char *prefix, struct words *w)
{
	(void)s;
	for (unsigned i = 0; i < TABLES; i++)
		if (!(table_defs[i].flags & TABLE_HIDDEN))
			offer(w, prefix, "%s", table_defs[i].name);
}

static void offer_threads(const struct session *s, const char *prefix, struct words *w)
{
	const struct machine *m = session_machine(s);
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_thread); row++)
		if (thread_peek(m, row)->tid)
			offer(w, prefix, "%u", thread_peek(m, row)->tid);
}

static void offer_objects(const struct session *s, const char *prefix, struct words *w)
{
	const struct machine *m = session_machine(s);
	for (uint32_t row = 1; *prefix != '@' && row < arena_count(&m->world, m->t_slot); row++)
		if (slot_peek(m, row)->state == SLOT_OPEN)
			offer(w, prefix, "%x", slot_peek(m, row)->handle);
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_object); row++)
		if (object_peek(m, row)->id)
			offer(w, prefix, "@%u", object_peek(m, row)->id);
}

/* As expressions have them. */
static void offer_handles(const struct session *s, const char *prefix, struct words *w)
{
	const struct machine *m = session_machine(s);
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_slot); row++)
		if (slot_peek(m, row)->state == SLOT_OPEN)
			offer(w, prefix, "0x%x", slot_peek(m, row)->handle);
}

static void offer_symbols(const struct session *s, const char *prefix, struct words *w)
{
	const struct image *img;
	for (uint32_t at = 0; (img = machine_image_next(session_machine(s), &at));)
		for (unsigned i = 0; i < img->symbols; i++)
			offer(w, prefix, "%s", img->symbol[i].name);
}

static void offer_settings(const struct session *s, const char *prefix, struct words *w)
{
	(void)s;
	for (unsigned i = 0; i < settings_count(); i++)
		offer(w, prefix, "%s", settings_name(i));
}

static void offer_breakpoints(const struct session *s, const char *prefix, struct words *w)
{
	for (unsigned i = 0; i < s->breaks.count; i++)
		if (s->breaks.list[i]->number)
			offer(w, prefix, "%u", s->breaks.list[i]->number);
}

static void offer_events(const struct session *s, const char *prefix, struct words *w)
{
	(void)s;
	for (unsigned k = 0; k < EV_KINDS; k++)
		offer(w, prefix, "%s", event_kind_name((enum event_kind)k));
	for (unsigned i = 0; catch_word(i); i++)
		offer(w, prefix, "%s", catch_word(i));
}

/* $names: those of ui/expr.def and the user's own. */
static void offer_names(const struct session *s, const char *prefix, struct words *w)
{
	const char *name, *help;
	for (unsigned i = 0; expr_name(i, &name, &help); i++)
		offer(w, prefix, "%s", name);
	for (unsigned i = 0; i < s->variables.count; i++)
		offer(w, prefix, "$%s", s->variables.list[i].name);
}

/* ---- what a catchpoint's selectors take ---------------------------------------------------------------------------------------- */

static void offer_exports(const struct session *s, const char *prefix, struct words *w)
{
	(void)s;
	for (unsigned i = 0; i < export_count; i++)
		if (export_table[i].state != EXPORT_VAR)
			offer(w, prefix, "%s", export_table[i].name);
}

static void offer_types(const struct session *s, const char *prefix, struct words *w)
{
	const struct machine *m = session_machine(s);
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_object); row++)
		if (object_peek(m, row)->id)
			offer(w, prefix, "%s", object_type_family(object_peek(m, row)->type));
}

static void offer_thread_names(const struct session *s, const char *prefix, struct words *w)
{
	const struct machine *m = session_machine(s);
	char name[80];
	offer_threads(s, prefix, w);
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_thread); row++)
		if (thread_peek(m, row)->tid && *thread_name(m, row, name, sizeof name))
			offer(w, prefix, "%s", name);
}

static void offer_object_names(const struct session *s, const char *prefix, struct words *w)
{
	const struct machine *m = session_machine(s);
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_object); row++)
		if (object_peek(m, row)->id && *object_name(m, row))
			offer(w, prefix, "%s", object_name(m, row));
}

/* By the word before the one that is completed; false: it is no such selector. */
static bool offer_selected(const struct session *s, const char *before, const char *prefix, struct words *w)
{
	static const struct {
		const char *word;
		void (*offer)(const struct session *s, const char *prefix, struct words *w);
	} selectors[] = { { "type", offer_types }, { "export", offer_exports }, { "lr", offer_symbols }, { "caller", offer_symbols },
		{ "handle", offer_objects }, { "obj", offer_objects }, { "thread", offer_thread_names }, { "name", offer_object_names },
		{ "pframe", offer_symbols }, { "if", offer_symbols }, { "do", offer_commands } };
	for (unsigned i = 0; i < ARRAY_LEN(selectors); i++)
		if (!strcmp(selectors[i].word, before)) {
			selectors[i].offer(s, prefix, w);
			return true;
		}
	return false;
}

static void offer_panes(const struct session *s, const char *prefix, struct words *w)
{
	(void)s;
	for (unsigned i = 0; i < PANES; i++)
		offer(w, prefix, "%s", pane_defs[i].name);
}

static void offer_layouts(const struct session *s, const char *prefix, struct words *w)
{
	struct tui_layout_info l;
	const char *help, *name;
	for (unsigned i = 0; (name = layout_builtin(i, &help)); i++)
		offer(w, prefix, "%s", name);
	for (unsigned i = 0; s->tui && tui_layout_info(s->tui, i, &l); i++)
		offer(w, prefix, "%s", l.name);
}

static void (*const offers[])(const struct session *s, const char *prefix, struct words *w) = {
	[COMPLETE_COMMAND] = offer_commands, [COMPLETE_TABLE] = offer_tables, [COMPLETE_THREAD] = offer_threads,
	[COMPLETE_OBJECT] = offer_objects, [COMPLETE_SYMBOL] = offer_symbols, [COMPLETE_SETTING] = offer_settings,
	[COMPLETE_PANE] = offer_panes, [COMPLETE_LAYOUT] = offer_layouts, [COMPLETE_BREAKPOINT] = offer_breakpoints, [COMPLETE_EVENT] = offer_events,
};

static int by_text(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;
	return strcmp(*x, *y);
}

static void tidy(struct words *w)
{
	unsigned kept = 0;
	if (w->count)
		qsort(w->word, w->count, sizeof *w->word, by_text);
	for (unsigned i = 0; i < w->count; i++) {
		if (kept && !strcmp(w->word[kept - 1], w->word[i]))
			free(w->word[i]);
		else
			w->word[kept++] = w->word[i];
	}
	w->count = kept;
}

/* What the second word of `info` takes is said by its table. */
static enum completer table_completer(const char *word)
{
	int i = table_find(word);
	if (i < 0)
		return COMPLETE_NONE;
	return table_defs[i].arg == ARG_OBJECT ? COMPLETE_OBJECT : table_defs[i].arg == ARG_THREAD ? COMPLETE_THREAD : COMPLETE_NONE;
}

/* The last word of @line's first @start letters; "" if it is the first one, which is the command. */
static void word_before(const char *line, unsigned start, char *word, size_t size)
{
	unsigned end = start, begin;
	while (end && isspace((unsigned char)line[end - 1]))
		end--;
	for (begin = end; begin && !isspace((unsigned char)line[begin - 1]);)
		begin--;
	snprintf(word, size, "%.*s", begin ? (int)(end - begin) : 0, line + begin);
}

/* Behind > and >>: a file. */
static bool way_out(const char *line, unsigned start)
{
	char word[8];
	word_before(line, start, word, sizeof word);
	return !strcmp(word, ">") || !strcmp(word, ">>");
}

/* In an expression, or a list of a selector, the last name of the word is completed; what stands before it stays. */
static size_t head_of(enum completer kind, const char *prefix)
{
	size_t n = strlen(prefix);
	if (kind != COMPLETE_SYMBOL && kind != COMPLETE_EVENT)
		return 0;
	while (n && !strchr("(+-*/=<>,&|!~^?:[{", prefix[n - 1]))
		n--;
	return n;
}

static void offer_kind(const struct session *s, enum completer kind, const char *line, unsigned start, const char *prefix, struct words *out)
{
	char before[64];
	size_t head = head_of(kind, prefix);
	const char *name = prefix + head;
	word_before(line, start, before, sizeof before);
	if (*name == '$')
		offer_names(s, name, out);
	else if (kind == COMPLETE_EVENT && offer_selected(s, before, name, out))
		;
	else if (kind == COMPLETE_SYMBOL && head > 6 && !strncmp(prefix + head - 7, "handle(", 7))
		offer_handles(s, name, out);
	else if (kind < ARRAY_LEN(offers) && offers[kind])
		offers[kind](s, name, out);
	for (unsigned i = 0; head && i < out->count; i++) {
		char *whole = xmalloc(head + strlen(out->word[i]) + 1);
		memcpy(whole, prefix, head);
		strcpy(whole + head, out->word[i]);
		free(out->word[i]);
		out->word[i] = whole;
	}
}

void complete(const struct session *s, const char *line, unsigned start, const char *prefix, struct words *out, bool *files)
{
	char text[CMD_LINE], *save = NULL;
	const struct command *c = NULL;
	struct err ignored;
	*out = (struct words){ 0 };
	*files = false;
	snprintf(text, sizeof text, "%.*s", (int)(start < CMD_LINE - 1 ? start : CMD_LINE - 1), line);
	char *first = strtok_r(text, " \t:", &save), *second = first ? strtok_r(NULL, " \t", &save) : NULL;
	if (!first) {
		offer_commands(s, prefix, out);
		tidy(out);
		return;
	}
	const struct user_command *own = own_command(s, first);
	if (own && own->function) {
		char before[CMD_LINE];
		snprintf(before, sizeof before, "%.*s", (int)(start < CMD_LINE - 1 ? start : CMD_LINE - 1), line);
		const char *rest = before + strspn(before, " \t:");
		luaui_complete(s, own, rest + strcspn(rest, " \t"), prefix, out);
		tidy(out);
		return;
	}
	first[strcspn(first, "/")] = 0;
	if (cmd_find(first, &c, &ignored) != ST_OK)
		return;
	enum completer kind = c->completer;
	if (kind == COMPLETE_TABLE && second)
		kind = table_completer(second);
	/* `thread apply WHICH COMMAND` */
	if (kind == COMPLETE_THREAD && second && !strcmp(second, "apply"))
		kind = strtok_r(NULL, " \t", &save) ? COMPLETE_COMMAND : kind;
	else if (kind == COMPLETE_THREAD && !second && strstr(c->synopsis, "apply"))
		offer(out, prefix, "apply");
	*files = kind == COMPLETE_FILE || way_out(line, start);
	if (*files)
		return;
	offer_kind(s, kind, line, start, prefix, out);
	tidy(out);
}
