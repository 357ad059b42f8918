/* ui/tui/act.c - what keys do to the panes themselves: focus, cursor, order, marks. */
#include "config.h"

#include <stdlib.h>

#include "ui/tui/tui_priv.h"

/* ---- moving ----------------------------------------------------------------------------------------------------------------- */

static enum tui_answer move(struct tui *t, int by)
{
	pane_move(focused_pane(t), by);
	cursor_moved(t);
	return TUI_DONE;
}

static int page(struct tui *t)
{
	unsigned rows = focused_pane(t)->rows;
	return rows > 2 ? (int)rows - 1 : 1;
}

enum tui_answer act_down(struct tui *t)
{
	return move(t, 1);
}
enum tui_answer act_up(struct tui *t)
{
	return move(t, -1);
}
enum tui_answer act_page_down(struct tui *t)
{
	return move(t, page(t));
}
enum tui_answer act_page_up(struct tui *t)
{
	return move(t, -page(t));
}
enum tui_answer act_half_down(struct tui *t)
{
	return move(t, page(t) / 2 + 1);
}
enum tui_answer act_half_up(struct tui *t)
{
	return move(t, -(page(t) / 2 + 1));
}

enum tui_answer act_first(struct tui *t)
{
	pane_go(focused_pane(t), 0);
	return move(t, 0);
}

enum tui_answer act_last(struct tui *t)
{
	struct pane *p = focused_pane(t);
	pane_go(p, p->shown_count ? p->shown_count - 1 : 0);
	return move(t, 0);
}

#define SIDEWAYS 8u
#define SIDEWAYS_MAX 400u

enum tui_answer act_scroll_left(struct tui *t)
{
	struct pane *p = focused_pane(t);
	p->left -= p->left < SIDEWAYS ? p->left : SIDEWAYS;
	return TUI_DONE;
}

enum tui_answer act_scroll_right(struct tui *t)
{
	struct pane *p = focused_pane(t);
	p->left += p->left < SIDEWAYS_MAX ? SIDEWAYS : 0;
	return TUI_DONE;
}

/* ---- focus -------------------------------------------------------------------------------------------------------------------- */

static enum tui_answer cycle(struct tui *t, unsigned by)
{
	if (t->prompt)
		act_edit_drop(t);
	set_focus(t, (t->focus + by) % t->layout.count);
	return TUI_DONE;
}

enum tui_answer act_next(struct tui *t)
{
	return cycle(t, 1);
}
enum tui_answer act_next_pane(struct tui *t)
{
	return cycle(t, 1);
}
enum tui_answer act_previous(struct tui *t)
{
	return cycle(t, t->layout.count - 1);
}

enum tui_answer act_line(struct tui *t)
{
	if (t->prompt)
		return act_edit_drop(t);
	if (t->slot[t->focus].pane == PANE_command)
		set_focus(t, t->last_focus);
	else if (slot_of(t, PANE_command) >= 0)
		tui_focus_command(t);
	else
		prompt_begin(t, PROMPT_COMMAND, "");
	return TUI_DONE;
}

enum tui_answer act_maximise(struct tui *t)
{
	t->alone = !t->alone;
	return TUI_DONE;
}

enum tui_answer act_only(struct tui *t)
{
	return act_maximise(t);
}

static enum tui_answer show_help(struct tui *t)
{
	unsigned here = t->slot[t->focus].pane;
	if (t->prompt)
		act_edit_drop(t);
	if (here == PANE_help)
		return act_close(t);
	t->about = here;
	t->pane[PANE_help].stale = true;
	show_pane(t, here == PANE_command ? t->last_focus : t->focus, PANE_help);
	return TUI_DONE;
}

enum tui_answer act_help(struct tui *t)
{
	return show_help(t);
}
enum tui_answer act_help_here(struct tui *t)
{
	return show_help(t);
}

static enum tui_answer next_layout(struct tui *t)
{
	const char *help, *name;
	struct err err;
	unsigned count = 0, at = 0;
	for (; (name = layout_builtin(count, &help)); count++)
		if (!strcmp(name, t->layout.name))
			at = count + 1;
	for (unsigned i = 0; i < t->own_count; i++)
		if (!strcmp(t->own[i].name, t->layout.name))
			at = count + i + 1;
	INVARIANT(count);
	at %= count + t->own_count;
	INVARIANT(tui_layout(t, at < count ? layout_builtin(at, &help) : t->own[at - count].name, &err) == ST_OK);
	return TUI_DONE;
}

enum tui_answer act_setup(struct tui *t)
{
	return next_layout(t);
}
enum tui_answer act_layout(struct tui *t)
{
	return next_layout(t);
}

static enum tui_answer toggle_wedge(struct tui *t)
{
	struct err err;
	char back[LAYOUT_NAME];
	snprintf(back, sizeof back, "%s", *t->before_wedge ? t->before_wedge : "threads");
	if (strcmp(t->layout.name, "wedge") != 0) {
		snprintf(t->before_wedge, sizeof t->before_wedge, "%s", t->layout.name);
		return tui_layout(t, "wedge", &err) == ST_OK ? TUI_DONE : TUI_UNKNOWN;
	}
	return tui_layout(t, back, &err) == ST_OK ? TUI_DONE : TUI_UNKNOWN;
}

enum tui_answer act_wedge(struct tui *t)
{
	return toggle_wedge(t);
}
enum tui_answer act_wedge_here(struct tui *t)
{
	return toggle_wedge(t);
}

enum tui_answer act_back(struct tui *t)
{
	struct slot *s = &t->slot[t->focus];
	if (!s->depth) {
		say_message(t, false, "nothing was in this place before");
		return TUI_DONE;
	}
	s->pane = s->back[--s->depth];
	set_focus(t, t->focus);
	return TUI_DONE;
}

enum tui_answer act_close(struct tui *t)
{
	struct slot *s = &t->slot[t->focus];
	if (t->alone) {
		t->alone = false;
	} else if (s->depth) {
		s->pane = s->back[0];
		s->depth = 0;
	} else {
		say_message(t, false, "this is the layout's own pane (Q ends wedge, F10 leaves the panes)");
	}
	set_focus(t, t->focus);
	return TUI_DONE;
}

/* `g`, and a letter. */
enum tui_answer act_pane(struct tui *t)
{
	char list[300] = "";
	for (unsigned i = 0; i < PANES; i++)
		snprintf(list + strlen(list), sizeof list - strlen(list), "%c %s  ", pane_defs[i].letter, pane_defs[i].name);
	say_message(t, false, "pane: %.190s", list);
	t->choosing = true;
	return TUI_DONE;
}

/* ---- what a pane shows ---------------------------------------------------------------------------------------------------------- */

static enum tui_answer ask_for(struct tui *t, enum prompt p, const char *text)
{
	if (t->slot[t->focus].pane == PANE_command)
		set_focus(t, t->last_focus);
	prompt_begin(t, p, text);
	return TUI_DONE;
}

enum tui_answer act_search(struct tui *t)
{
	return ask_for(t, PROMPT_SEARCH, "");
}
enum tui_answer act_search_here(struct tui *t)
{
	return ask_for(t, PROMPT_SEARCH, "");
}

static enum tui_answer filter(struct tui *t)
{
	ask_for(t, PROMPT_FILTER, "");
	edit_set(&t->prompt_edit, focused_pane(t)->filter_text);
	return TUI_DONE;
}

enum tui_answer act_filter(struct tui *t)
{
	return filter(t);
}
enum tui_answer act_filter_here(struct tui *t)
{
	return filter(t);
}
enum tui_answer act_command(struct tui *t)
{
	prompt_begin(t, PROMPT_COMMAND, "");
	return TUI_DONE;
}

enum tui_answer act_jump(struct tui *t)
{
	prompt_begin(t, PROMPT_JUMP, "");
	edit_insert(&t->prompt_edit, t->pressed);
	prompt_changed(t);
	return TUI_DONE;
}

static enum tui_answer match(struct tui *t, int by)
{
	struct pane *p = focused_pane(t);
	if (!*p->search)
		say_message(t, false, "nothing is searched for: / begins");
	else if (!pane_search(p, by, false))
		say_message(t, true, "not found: %s", p->search);
	cursor_moved(t);
	return TUI_DONE;
}

enum tui_answer act_next_match(struct tui *t)
{
	return match(t, 1);
}
enum tui_answer act_previous_match(struct tui *t)
{
	return match(t, -1);
}

static struct pane *list_pane(struct tui *t)
{
	return t->slot[t->focus].pane == PANE_command ? &t->pane[t->slot[t->last_focus].pane] : focused_pane(t);
}

static enum tui_answer tree(struct tui *t)
{
	struct pane *p = list_pane(t);
	p->tree = !p->tree;
	p->stale = true;
	key_set_clear(&p->folds);
	return TUI_DONE;
}

enum tui_answer act_tree(struct tui *t)
{
	return tree(t);
}
enum tui_answer act_tree_here(struct tui *t)
{
	return tree(t);
}

enum tui_answer act_sort(struct tui *t)
{
	pane_sort_next(list_pane(t));
	return TUI_DONE;
}

enum tui_answer act_sort_here(struct tui *t)
{
	return act_sort(t);
}

enum tui_answer act_invert(struct tui *t)
{
	struct pane *p = focused_pane(t);
	p->descending = !p->descending;
	pane_arrange(p);
	return TUI_DONE;
}

static enum tui_answer fold(struct tui *t, char how)
{
	pane_fold(focused_pane(t), how);
	return TUI_DONE;
}

enum tui_answer act_unfold(struct tui *t)
{
	return fold(t, '+');
}
enum tui_answer act_fold(struct tui *t)
{
	return fold(t, '-');
}
enum tui_answer act_fold_all(struct tui *t)
{
	return fold(t, '*');
}

/* ---- marks ---------------------------------------------------------------------------------------------------------------------- */

static void mark_object(struct tui *t, uint32_t id, bool on)
{
	unsigned i = 0;
	while (i < t->marked_count && t->marked[i] != id)
		i++;
	if (!id || on == (i < t->marked_count))
		return;
	if (!on) {
		t->marked[i] = t->marked[--t->marked_count];
	} else {
		if (t->marked_count == t->marked_room)
			t->marked = xrealloc(
				t->marked, (t->marked_room = t->marked_room ? t->marked_room * 2 : 8) * sizeof *t->marked);
		t->marked[t->marked_count++] = id;
	}
	t->pane[PANE_timeline].stale = true;
}

enum tui_answer act_mark(struct tui *t)
{
	struct pane *p = focused_pane(t);
	int line = pane_line(p);
	if (line < 0)
		return TUI_DONE;
	key_set_flip(&p->marks, p->now.line[line].key);
	mark_object(t, view_subject(&p->now, (unsigned)line).object, key_set_has(&p->marks, p->now.line[line].key));
	return move(t, 1);
}

/* Every object that the selected thread waits for. */
enum tui_answer act_mark_chain(struct tui *t)
{
	const struct machine *m = session_machine(t->s);
	struct pane *p = focused_pane(t);
	unsigned marked = 0;
	for (uint32_t w = t->s->thread ? thread_peek(m, t->s->thread)->wait_first : 0; w; w = wait_peek(m, w)->thread_next) {
		uint32_t id = object_peek(m, wait_peek(m, w)->object)->id;
		mark_object(t, id, true);
		for (unsigned i = 0; i < p->now.lines; i++)
			if (view_subject(&p->now, i).object == id && !key_set_has(&p->marks, p->now.line[i].key)) {
				key_set_flip(&p->marks, p->now.line[i].key);
				marked++;
			}
	}
	say_message(t, false, "%u line%s marked", marked, marked == 1 ? "" : "s");
	return TUI_DONE;
}

enum tui_answer act_unmark(struct tui *t)
{
	for (unsigned i = 0; i < PANES; i++)
		key_set_clear(&t->pane[i].marks);
	t->marked_count = 0;
	t->pane[PANE_timeline].stale = true;
	return TUI_DONE;
}

enum tui_answer act_follow(struct tui *t)
{
	struct pane *p = focused_pane(t);
	p->follow = !p->follow;
	if (p->follow && p->now.at_line >= 0) {
		p->selected = p->now.line[p->now.at_line].key;
		pane_arrange(p);
	}
	say_message(t, false, p->follow ? "follows the moment" : "stays where it is");
	return TUI_DONE;
}

enum tui_answer act_freeze(struct tui *t)
{
	t->frozen = !t->frozen;
	say_message(t, false, t->frozen ? "frozen: while the title runs the panes stay as they are" : "no longer frozen");
	return TUI_DONE;
}

/* ---- modes, and the end ---------------------------------------------------------------------------------------------------------- */

enum tui_answer act_single(struct tui *t)
{
	t->single = !t->single;
	if (t->single && t->slot[t->focus].pane == PANE_command)
		set_focus(t, t->last_focus);
	return TUI_DONE;
}

enum tui_answer act_single_off(struct tui *t)
{
	t->single = false;
	return TUI_DONE;
}

enum tui_answer act_redraw(struct tui *t)
{
	(void)t;
	return TUI_REDRAW;
}
enum tui_answer act_suspend(struct tui *t)
{
	(void)t;
	return TUI_SUSPEND;
}
enum tui_answer act_leave(struct tui *t)
{
	(void)t;
	return TUI_LEAVE;
}
enum tui_answer act_leave_or_quit(struct tui *t)
{
	return act_leave(t);
}

enum tui_answer act_quit(struct tui *t)
{
	if (!t->s->settings.confirm)
		return TUI_QUIT;
	prompt_begin(t, PROMPT_QUIT, "");
	return TUI_DONE;
}
