/* ui/tui/act_run.c - keys that become command lines: templates filled in with what the cursor is on. */
#include "config.h"

#include <stdlib.h>

#include "ui/cmd.h"
#include "ui/tui/tui_priv.h"

enum tui_answer run_line(struct tui *t, const char *line)
{
	snprintf(t->line, sizeof t->line, "%s", line);
	return *line ? TUI_RUN : TUI_DONE;
}

/* What the line under the cursor is about; where it says nothing, what is selected. */
static struct subject subject_here(struct tui *t)
{
	const struct machine *m = session_machine(t->s);
	unsigned slot = t->slot[t->focus].pane == PANE_command ? t->last_focus : t->focus;
	struct subject s = pane_subject(&t->pane[t->slot[slot].pane]);
	uint32_t handle = s.handle ? slot_by_handle(m, s.handle) : 0;
	if (!s.object && handle && slot_peek(m, handle)->state == SLOT_OPEN && slot_peek(m, handle)->object)
		s.object = object_peek(m, slot_peek(m, handle)->object)->id;
	if (!s.object)
		s.object = t->object;
	if (!s.tid && t->s->thread)
		s.tid = thread_peek(m, t->s->thread)->tid;
	return s;
}

static bool fill_letter(char letter, const struct subject *s, char *buf, size_t size, const char **missing)
{
	static const struct {
		char letter;
		const char *missing;
	} words[] = { { 't', "thread" }, { 'o', "object" }, { 'h', "handle" }, { 'a', "address" }, { 'c', "moment" },
		{ 'n', "number" }, { 'f', "frame" } };
	bool has = letter == 't'   ? s->tid
		   : letter == 'o' ? s->object
		   : letter == 'h' ? s->handle
		   : letter == 'a' ? s->ga
		   : letter == 'c' ? s->has_cycle
		   : letter == 'n' ? s->has_number
				   : s->has_frame;
	for (unsigned i = 0; i < ARRAY_LEN(words); i++)
		if (words[i].letter == letter)
			*missing = words[i].missing;
	switch (letter) {
	case 't': snprintf(buf, size, "%u", s->tid); break;
	case 'o': snprintf(buf, size, "@%u", s->object); break;
	case 'h': snprintf(buf, size, s->generation ? "%x#%u" : "%x", s->handle, s->generation); break;
	case 'a': snprintf(buf, size, "0x%08x", s->ga); break;
	case 'c': snprintf(buf, size, "%llu", (unsigned long long)s->cycle); break;
	case 'n': snprintf(buf, size, "%u", s->number); break;
	case 'f': snprintf(buf, size, "%u", s->frame); break;
	default:
		snprintf(buf, size, "%c", letter);
		has = true;
		break;
	}
	return has;
}

enum tui_answer run_template(struct tui *t, const char *format)
{
	struct subject s = subject_here(t);
	char line[EDIT_TEXT];
	size_t n = 0;
	for (const char *p = format; *p && n + 40 < sizeof line; p++) {
		const char *missing = "";
		if (*p != '%' || !p[1]) {
			line[n++] = *p;
			line[n] = 0;
			continue;
		}
		if (!fill_letter(*++p, &s, line + n, sizeof line - n, &missing)) {
			say_message(t, true, "nothing here has a%s %s", strchr("aeiou", *missing) ? "n" : "", missing);
			return TUI_DONE;
		}
		n += strlen(line + n);
	}
	line[n] = 0;
	return run_line(t, line);
}

/* ---- opening -------------------------------------------------------------------------------------------------------------------- */

static enum tui_answer open_object(struct tui *t, uint32_t id)
{
	select_object(t, id);
	show_pane(t, t->focus, PANE_object);
	return TUI_DONE;
}

enum tui_answer act_open(struct tui *t)
{
	struct pane *p = focused_pane(t);
	int line = pane_line(p);
	struct subject s = pane_subject(p);
	if (line < 0)
		return TUI_DONE;
	if (p->now.line[line].opens) {
		pane_fold(p, key_set_has(&p->folds, p->now.line[line].key) ? '+' : '-');
		return TUI_DONE;
	}
	if (*pane_defs[p->id].open)
		return run_template(t, pane_defs[p->id].open);
	if (s.object)
		return open_object(t, s.object);
	if (s.tid)
		return run_template(t, "thread %t");
	if (s.ga)
		return act_memory(t);
	say_message(t, false, "nothing to open here");
	return TUI_DONE;
}

enum tui_answer act_memory(struct tui *t)
{
	struct subject s = pane_subject(focused_pane(t));
	if (!s.ga) {
		say_message(t, true, "nothing here has an address");
		return TUI_DONE;
	}
	t->ga = s.ga;
	t->pane[PANE_memory].stale = true;
	show_pane(t, t->focus, PANE_memory);
	return TUI_DONE;
}

/* ---- stops ------------------------------------------------------------------------------------------------------------------------ */

enum tui_answer act_breakpoint(struct tui *t)
{
	struct subject s = subject_here(t);
	char line[40];
	for (unsigned i = 0; s.ga && i < t->s->breaks.count; i++) {
		const struct breakpoint *b = t->s->breaks.list[i];
		if (b->kind == POINT_CODE && b->ga == s.ga) {
			snprintf(line, sizeof line, "delete %u", b->number);
			return run_line(t, line);
		}
	}
	return run_template(t, "break %a");
}

enum tui_answer act_delete(struct tui *t)
{
	unsigned pane = t->slot[t->focus].pane;
	if (pane == PANE_breakpoints)
		return run_template(t, "delete %n");
	if (pane == PANE_checkpoints)
		return run_template(t, "forget %n");
	say_message(t, true, "D deletes a breakpoint (g b) or a checkpoint (g C)");
	return TUI_DONE;
}

/* ---- checkpoints ------------------------------------------------------------------------------------------------------------------ */

static enum tui_answer to_checkpoint(struct tui *t, int direction)
{
	const struct timeline *l = &t->s->timeline;
	struct moment now = session_now(t->s);
	const struct checkpoint *found = NULL;
	char line[40];
	for (unsigned i = 0; i < l->count; i++) {
		int order = moment_compare(&l->at[i].at, &now);
		if (direction < 0 && order < 0)
			found = &l->at[i];
		else if (direction > 0 && order > 0 && !found)
			found = &l->at[i];
	}
	if (!found) {
		say_message(t, true, "there is no checkpoint %s now", direction < 0 ? "before" : "behind");
		return TUI_DONE;
	}
	snprintf(line, sizeof line, "restart %u", found->number);
	return run_line(t, line);
}

enum tui_answer act_prev_checkpoint(struct tui *t)
{
	return to_checkpoint(t, -1);
}
enum tui_answer act_next_checkpoint(struct tui *t)
{
	return to_checkpoint(t, 1);
}

/* ---- copies ----------------------------------------------------------------------------------------------------------------------- */

static enum tui_answer copy(struct tui *t, const char *text)
{
	free(t->copied);
	t->copied = xstrdup(text);
	edit_set(&t->edit, text);
	say_message(t, false, "copied to the command line: %s", text);
	return TUI_DONE;
}

enum tui_answer act_copy(struct tui *t)
{
	struct pane *p = focused_pane(t);
	int line = pane_line(p);
	char text[EDIT_TEXT];
	if (line < 0)
		return TUI_DONE;
	view_line_text(&p->now, (unsigned)line, text, sizeof text);
	return copy(t, text);
}

/* The command that shows the same: of the pane's table, or of what its maker is known as. */
enum tui_answer act_copy_command(struct tui *t)
{
	static const struct {
		unsigned pane;
		const char *command;
	} commands_of[] = { { PANE_threads, "info threads" }, { PANE_object, "object %o" }, { PANE_waiters, "waiters %o" },
		{ PANE_refs, "refs %o" }, { PANE_timeline, "history %o" }, { PANE_code, "disas %a 16" },
		{ PANE_registers, "info registers" }, { PANE_floats, "info registers fpr" },
		{ PANE_vectors, "info registers vmx" }, { PANE_memory, "x/32xw %a" }, { PANE_graph, "why %t" },
		{ PANE_events, "info trail" }, { PANE_report, "wedge" } };
	unsigned pane = t->slot[t->focus].pane;
	char line[80];
	for (unsigned i = 0; i < ARRAY_LEN(commands_of); i++)
		if (commands_of[i].pane == pane)
			return run_template(t, commands_of[i].command) == TUI_RUN ? copy(t, t->line) : TUI_DONE;
	if (pane_defs[pane].table < 0) {
		say_message(t, true, "no command shows the same");
		return TUI_DONE;
	}
	snprintf(line, sizeof line, "info %s", table_defs[pane_defs[pane].table].name);
	return copy(t, line);
}
