/* ui/tui/tui.c - see tui.h: life, places, what is selected, looking, running commands. */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/observe/audit.h"
#include "ui/cmd.h"
#include "ui/inspect/graph.h"
#include "ui/tui/tui_priv.h"

/* ---- texts ------------------------------------------------------------------------------------------------------------ */

void scroll_text_add(struct scroll_text *s, const char *text)
{
	size_t n = strlen(text);
	if (!n)
		return;
	s->text = xrealloc(s->text, s->size + n + 1);
	memcpy(s->text + s->size, text, n + 1);
	s->size += n;
	if (s->size <= TEXT_KEPT)
		return;
	/* Whole lines go from its begin, a quarter at once. */
	size_t cut = s->size - TEXT_KEPT * 3 / 4;
	const char *line = strchr(s->text + cut, '\n');
	cut = line ? (size_t)(line + 1 - s->text) : cut;
	s->lost += cut;
	s->size -= cut;
	memmove(s->text, s->text + cut, s->size + 1);
}

void say_message(struct tui *t, bool bad, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(t->message, sizeof t->message, fmt, ap);
	va_end(ap);
	t->message_bad = bad;
}

void tui_message(struct tui *t, const char *text) { say_message(t, false, "%s", text); }

void tui_command_output(struct tui *t, const char *text)
{
	scroll_text_add(&t->output, text);
	t->pane[PANE_command].stale = true;
}

void tui_echo(struct tui *t, const char *line)
{
	struct pane *p = &t->pane[PANE_command];
	tui_command_output(t, "(wedge) ");
	tui_command_output(t, line);
	tui_command_output(t, "\n");
	if (p->filled && p->now.at_line >= 0)
		p->selected = p->now.line[p->now.at_line].key;
}

static void title_prints(void *ctx, const char *line)
{
	struct tui *t = ctx;
	(void)line;
	t->pane[PANE_console].stale = true;
}

/* ---- life -------------------------------------------------------------------------------------------------------------- */

struct tui *tui_new(struct session *s, unsigned rows, unsigned cols)
{
	struct err err;
	struct tui *t = xcalloc(1, sizeof *t);
	t->s = s;
	for (unsigned i = 0; i < PANES; i++)
		pane_init(&t->pane[i], i);
	t->rows = rows;
	t->cols = cols;
	INVARIANT(tui_layout(t, "threads", &err) == ST_OK);
	tui_focus_command(t);
	s->console = title_prints;
	s->console_ctx = t;
	tui_refresh(t, false);
	return t;
}

void tui_free(struct tui *t)
{
	if (!t)
		return;
	t->s->console = NULL;
	for (unsigned i = 0; i < PANES; i++)
		pane_fini(&t->pane[i]);
	for (unsigned i = 0; i < t->binding_count; i++)
		free(t->binding[i].line);
	for (unsigned i = 0; i < t->history_count; i++)
		free(t->history[i]);
	free(t->binding);
	free(t->own);
	free(t->marked);
	free(t->output.text);
	free(t->shown_prompt);
	free(t->shown_line);
	free(t->copied);
	free(t);
}

bool has_room(const struct tui *t)
{
	return t->rows >= TUI_FULL_ROWS && t->cols >= TUI_FULL_COLS;
}

/* A built-in layout has another form where there is more room: it is put up anew, unless its places hold other panes by now. */
static void fit_layout(struct tui *t)
{
	const char *help, *name;
	struct layout l = t->layout;
	struct err err;
	for (unsigned i = 0; (name = layout_builtin(i, &help)); i++)
		if (!strcmp(name, t->layout.name)) {
			unsigned shown = t->slot[t->focus].pane;
			INVARIANT(layout_parse(&l, layout_builtin_spec(i, t->rows, t->cols), &err) == ST_OK);
			if (l.count == t->layout.count && !memcmp(l.cell, t->layout.cell, sizeof l.cell))
				return;
			use_layout(t, &l);
			if (slot_of(t, shown) >= 0)
				set_focus(t, (unsigned)slot_of(t, shown));
		}
}

bool tui_resize(struct tui *t, unsigned rows, unsigned cols)
{
	t->rows = rows;
	t->cols = cols;
	fit_layout(t);
	return rows >= TUI_LEAST_ROWS && cols >= TUI_LEAST_COLS;
}

/* ---- layouts ------------------------------------------------------------------------------------------------------------ */

void use_layout(struct tui *t, const struct layout *l)
{
	bool was_line = t->layout.count && t->slot[t->focus].pane == PANE_command;
	t->layout = *l;
	memset(t->slot, 0, sizeof t->slot);
	for (unsigned i = 0; i < l->count; i++)
		t->slot[i].pane = l->cell[i].pane;
	t->alone = false;
	t->focus = t->last_focus = 0;
	if (was_line && slot_of(t, PANE_command) >= 0)
		t->focus = (unsigned)slot_of(t, PANE_command);
	stale(t, ON_NOTHING);
}

static int find_own(const struct tui *t, const char *name)
{
	for (unsigned i = 0; i < t->own_count; i++)
		if (!strcmp(t->own[i].name, name))
			return (int)i;
	return -1;
}

const struct layout *tui_own_layout(const struct tui *t, unsigned i)
{
	return i < t->own_count ? &t->own[i] : NULL;
}

static enum status no_layout(const struct tui *t, const char *name, bool several, struct err *err)
{
	char names[300] = "";
	const char *help, *word;
	for (unsigned i = 0; (word = layout_builtin(i, &help)); i++)
		snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", *names ? ", " : "", word);
	for (unsigned i = 0; i < t->own_count; i++)
		snprintf(names + strlen(names), sizeof names - strlen(names), ", %s", t->own[i].name);
	return err_set(err, several ? ST_AMBIGUOUS : ST_NOT_FOUND, "%s '%.40s'; layouts are: %s",
		several ? "several layouts begin with" : "there is no layout", name, names);
}

enum status tui_layout(struct tui *t, const char *name, struct err *err)
{
	const char *help, *word;
	struct layout l = { 0 };
	int own = find_own(t, name), found = -1;
	bool several = false;
	if (own >= 0) {
		use_layout(t, &t->own[own]);
		return ST_OK;
	}
	for (unsigned i = 0; (word = layout_builtin(i, &help)); i++)
		if (*name && !strncmp(word, name, strlen(name))) {
			several = found >= 0;
			found = (int)i;
		}
	if (found < 0 || several)
		return no_layout(t, name, several, err);
	snprintf(l.name, sizeof l.name, "%s", layout_builtin((unsigned)found, &help));
	INVARIANT(layout_parse(&l, layout_builtin_spec((unsigned)found, t->rows, t->cols), err) == ST_OK);
	use_layout(t, &l);
	return ST_OK;
}

enum status tui_layout_make(struct tui *t, const char *name, const char *spec, struct err *err)
{
	struct layout l = { 0 };
	const char *help, *word;
	size_t n = strlen(name);
	if (!n || n >= sizeof l.name || strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != n)
		return err_set(err, ST_BAD_VALUE, "'%.40s' is no name for a layout: letters, digits, - and _, at most %u", name,
			LAYOUT_NAME - 1);
	for (unsigned i = 0; (word = layout_builtin(i, &help)); i++)
		if (!strcmp(word, name))
			return err_set(err, ST_BAD_VALUE, "%s is a built-in layout", name);
	snprintf(l.name, sizeof l.name, "%s", name);
	enum status st = layout_parse(&l, spec, err);
	if (st != ST_OK)
		return st;
	int own = find_own(t, name);
	if (own < 0) {
		own = (int)t->own_count;
		t->own = xrealloc(t->own, ++t->own_count * sizeof *t->own);
	}
	t->own[own] = l;
	return ST_OK;
}

enum status tui_layout_keep(struct tui *t, const char *name, struct err *err)
{
	struct layout l = t->layout;
	char text[LAYOUT_TEXT];
	for (unsigned i = 0; i < l.count; i++)
		l.cell[i].pane = (uint8_t)t->slot[i].pane;
	return tui_layout_make(t, name, layout_text(&l, text, sizeof text), err);
}

bool tui_layout_info(const struct tui *t, unsigned i, struct tui_layout_info *l)
{
	const char *help;
	unsigned n = 0;
	while (layout_builtin(n, &help))
		n++;
	if (i >= n + t->own_count)
		return false;
	l->name = i < n ? layout_builtin(i, &help) : t->own[i - n].name;
	l->shown = !strcmp(l->name, t->layout.name);
	if (i < n)
		snprintf(l->text, sizeof l->text, "%s", layout_builtin_spec(i, t->rows, t->cols));
	else
		layout_text(&t->own[i - n], l->text, sizeof l->text);
	return true;
}

bool tui_busy(const struct tui *t)
{
	return t->busy;
}

/* ---- places ------------------------------------------------------------------------------------------------------------- */

int slot_of(const struct tui *t, unsigned pane)
{
	for (unsigned i = 0; i < t->layout.count; i++)
		if (t->slot[i].pane == pane)
			return (int)i;
	return -1;
}

bool in_line(const struct tui *t)
{
	return t->prompt || t->slot[t->focus].pane == PANE_command;
}

void set_focus(struct tui *t, unsigned slot)
{
	t->focus = slot;
	if (t->slot[slot].pane != PANE_command)
		t->last_focus = slot;
}

void show_pane(struct tui *t, unsigned slot, unsigned pane)
{
	struct slot *s = &t->slot[slot];
	int there = slot_of(t, pane);
	if (there >= 0) {
		set_focus(t, (unsigned)there);
		return;
	}
	if (s->depth == BACK_MAX)
		memmove(s->back, s->back + 1, --s->depth * sizeof *s->back);
	s->back[s->depth++] = s->pane;
	s->pane = pane;
	t->pane[pane].stale = true;
	set_focus(t, slot);
}

void tui_focus_command(struct tui *t)
{
	int slot = slot_of(t, PANE_command);
	if (slot >= 0)
		set_focus(t, (unsigned)slot);
}

enum status tui_focus_pane(struct tui *t, const char *name, struct err *err)
{
	int pane;
	enum status st = pane_find(name, &pane, err);
	if (st == ST_OK)
		show_pane(t, t->slot[t->focus].pane == PANE_command ? t->last_focus : t->focus, (unsigned)pane);
	return st;
}

/* ---- what is selected ---------------------------------------------------------------------------------------------------- */

void stale(struct tui *t, enum pane_depends what)
{
	for (unsigned i = 0; i < PANES; i++)
		if (what == ON_NOTHING || pane_defs[i].depends == what)
			t->pane[i].stale = true;
}

void select_object(struct tui *t, uint32_t id)
{
	if (t->object == id)
		return;
	t->object = id;
	stale(t, ON_OBJECT);
}

/* The object that a thread waits for first. */
static uint32_t waited_object(const struct tui *t, uint32_t thread)
{
	const struct machine *m = session_machine(t->s);
	uint32_t wait = thread ? thread_peek(m, thread)->wait_first : 0;
	return wait ? object_peek(m, wait_peek(m, wait)->object)->id : 0;
}

/* Where nothing has been selected yet: of a title that stands still what most threads wait for, else what the thread does. */
static uint32_t first_object(const struct tui *t)
{
	struct query q = session_query(t->s);
	struct graph g;
	uint32_t found = 0;
	if (!stop_is_stuck(&t->s->stop))
		return waited_object(t, t->s->thread);
	graph_make(&g, &q, NULL);
	for (unsigned i = 0; i < g.roots && !found; i++)
		if (!node_is_thread(&g.node[g.root[i].node]))
			found = object_peek(q.machine, g.node[g.root[i].node].row)->id;
	graph_free(&g);
	return found;
}

void cursor_moved(struct tui *t)
{
	const struct pane *p = focused_pane(t);
	if (pane_defs[p->id].depends != ON_NOTHING)
		return;
	struct subject at = pane_subject(p);
	uint32_t row =
		at.tid && (p->id == PANE_threads || p->id == PANE_accounting) ? thread_by_tid(session_machine(t->s), at.tid) : 0;
	if (row && row != t->s->thread) {
		session_select(t->s, row);
		stale(t, ON_THREAD);
	}
	if (at.object && (object_by_id(session_machine(t->s), at.object) || audit_by_object(&t->s->rig->audit, at.object)))
		select_object(t, at.object);
}

/* ---- looking -------------------------------------------------------------------------------------------------------------- */

void tui_refresh(struct tui *t, bool running)
{
	if (t->frozen && running)
		return;
	t->running = running;
	stale(t, ON_NOTHING);
	if (!running && !t->object)
		select_object(t, first_object(t));
}

void tui_progress(struct tui *t, const char *text)
{
	snprintf(t->progress, sizeof t->progress, "%s", text);
}

struct pane_ask ask_of(const struct tui *t, unsigned pane)
{
	const struct pane *p = &t->pane[pane];
	struct pane_ask a = { .s = t->s,
		.query = session_query(t->s),
		.object_id = t->object,
		.marked = t->marked,
		.marked_count = t->marked_count,
		.ga = t->ga,
		.rows = p->rows,
		.cols = p->cols,
		.tree = p->tree,
		.running = t->running,

		.output = t->output.text,
		.about = pane_defs[t->about].name,
		.tui = t };
	if (pane_defs[pane].depends == ON_OBJECT && t->object) {
		a.query.object = object_by_id(a.query.machine, t->object);
		a.query.trail = audit_by_object(a.query.audit, t->object);
	}
	return a;
}

void look_all(struct tui *t)
{
	struct rect place[LAYOUT_PANES];
	place_panes(t, place);
	for (unsigned i = 0; i < t->layout.count; i++) {
		struct pane *p = &t->pane[t->slot[i].pane];
		if (!place[i].rows)
			continue;
		p->rows = place[i].rows - 1;
		p->cols = place[i].cols - 1;
		struct pane_ask a = ask_of(t, p->id);
		pane_look(p, &a);
	}
}

#define LEAST_WIDTH 40u /* that texts are wrapped to */

/* ---- commands -------------------------------------------------------------------------------------------------------------- */

const char *tui_line(const struct tui *t)
{
	return t->line;
}

static void keep_history(struct tui *t, const char *line)
{
	bool same = t->history_count && !strcmp(t->history[t->history_count - 1], line);
	if (!same && t->history_count == HISTORY) {
		free(t->history[0]);
		memmove(t->history, t->history + 1, --t->history_count * sizeof *t->history);
	}
	if (!same)
		t->history[t->history_count++] = xstrdup(line);
	t->history_at = t->history_count;
}

enum status tui_execute(struct tui *t, const char *line)
{
	struct session *s = t->s;
	struct out *o = s->out;
	FILE *file = o->file;
	bool colour = o->colour, only = s->console_only;
	char *text = NULL;
	size_t size;
	struct err err = { .text = "" };
	keep_history(t, line);
	tui_echo(t, line);
	o->file = open_memstream(&text, &size);
	o->colour = false;
	o->width = t->cols > LEAST_WIDTH ? t->cols - 2 : LEAST_WIDTH;
	s->console_only = true;
	bool outer = t->busy;
	t->busy = true;
	enum status st = o->file ? cmd_line(s, line, &err) : err_set(&err, ST_NO_MEMORY, "no memory for its output");
	t->busy = outer;
	if (o->file)
		fclose(o->file);
	o->file = file;
	o->colour = colour;
	o->width = 0;
	s->console_only = only;
	tui_command_output(t, text ? text : "");
	free(text);
	if (st != ST_OK) {
		tui_command_output(t, "error: ");
		tui_command_output(t, err.text);
		tui_command_output(t, "\n");
		say_message(t, true, "%s", err.text);
	}
	tui_refresh(t, false);
	return st;
}

/* ---- the line that readline has ----------------------------------------------------------------------------------------------- */

bool tui_wants_line(const struct tui *t)
{
	return t->prompt == PROMPT_COMMAND || (!t->prompt && t->slot[t->focus].pane == PANE_command);
}

void tui_line_over(struct tui *t)
{
	if (t->prompt == PROMPT_COMMAND)
		t->prompt = PROMPT_NONE;
}

void tui_show_line(struct tui *t, const char *prompt, const char *line, unsigned cursor)
{
	free(t->shown_prompt);
	free(t->shown_line);
	t->shown_prompt = line ? xstrdup(prompt) : NULL;
	t->shown_line = line ? xstrdup(line) : NULL;
	t->shown_cursor = cursor;
}

/* ---- keys ----------------------------------------------------------------------------------------------------------------------- */

enum tui_answer tui_key(struct tui *t, tui_key_code key)
{
	t->message[0] = 0;
	look_all(t); /* what a key does depends on what is seen */
	return do_key(t, key);
}
