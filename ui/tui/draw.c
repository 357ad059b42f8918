/* ui/tui/draw.c - the whole screen: title line, panes, status line, keys. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "src/load/image.h"
#include "ui/out.h"
#include "ui/tui/tui_priv.h"

#define BOTTOM 2u /* status line, keys */

struct rect pane_area(const struct tui *t)
{
	unsigned below = has_room(t) ? BOTTOM : 1;
	return (struct rect){ 1, 0, t->rows > 1 + below ? t->rows - 1 - below : 0, t->cols };
}

void place_panes(const struct tui *t, struct rect out[LAYOUT_PANES])
{
	if (has_room(t) && !t->alone) {
		layout_place(&t->layout, pane_area(t), t->focus, out);
		return;
	}
	for (unsigned i = 0; i < LAYOUT_PANES; i++)
		out[i] = i == t->focus ? pane_area(t) : (struct rect){ 0 };
}

/* ---- title line --------------------------------------------------------------------------------------------------------- */

static void state_word(const struct tui *t, char *buf, size_t size)
{
	const struct stop *s = &t->s->stop;
	if (*t->progress)
		snprintf(buf, size, "%s", t->progress);
	else if (stop_is_stuck(s))
		snprintf(buf, size, "*%s*", s->kind == STOP_WEDGE ? "WEDGE" : s->kind == STOP_STALL ? "STALL" : "STANDSTILL");
	else
		snprintf(buf, size, "%s", stop_kind_word(s->kind));
}

/* The number of the last checkpoint at or before now, and how many there are. */
static void checkpoint_text(const struct tui *t, char *buf, size_t size)
{
	const struct timeline *l = &t->s->timeline;
	struct moment now = session_now(t->s);
	unsigned before = 0;
	buf[0] = 0;
	if (!l->on)
		return;
	for (unsigned i = 0; i < l->count && moment_compare(&l->at[i].at, &now) <= 0; i++)
		before = l->at[i].number;
	snprintf(buf, size, "  ck %u of %u", before, l->count);
}

void tui_draw_title(const struct tui *t, struct grid *g)
{
	char cycles[CYCLES_TEXT], instr[CYCLES_TEXT], events[CYCLES_TEXT], end[CYCLES_TEXT], state[100], past[60] = "",
													 checkpoint[60], name[25];
	const struct session *s = t->s;
	struct rect line = { 0, 0, 1, t->cols };
	struct moment now = session_now(s);
	unsigned at = 1;
	visible_text(name, sizeof name, s->image ? s->image->name : "");
	state_word(t, state, sizeof state);
	checkpoint_text(t, checkpoint, sizeof checkpoint);
	if (s->timeline.on && now.instr < s->timeline.end.instr)
		snprintf(past, sizeof past, " of %s known", cycles_text(end, s->timeline.end.instr));
	grid_fill(g, line, 0, 0, t->cols, ROLE_TITLE, 0, ' ');
	at += grid_putf(g, line, 0, at, ROLE_TITLE, 0, "wedge  %s  ", name);
	at += grid_put(g, line, 0, at, stop_is_stuck(&s->stop) && !*t->progress ? ROLE_ANOMALY : ROLE_TITLE, CELL_CHANGED, state);
	if (session_tainted(s))
		at += grid_put(g, line, 0, at, ROLE_ANOMALY, 0, "  tainted");
	grid_putf(g, line, 0, at, ROLE_TITLE, 0, "  cyc %s  instr %s%s  ev %s%s", cycles_text(cycles, now.cycle),
		cycles_text(instr, now.instr), past, cycles_text(events, now.event), checkpoint);
}

/* ---- the command line ----------------------------------------------------------------------------------------------------- */

/* The prompt and what is typed, scrolled so that the cursor is seen; the cursor stands there if @live. */
static void draw_edit(
	struct grid *g, struct rect r, enum role role, const char *prompt, const char *text, unsigned cursor, bool live)
{
	char before[EDIT_TEXT];
	unsigned at = grid_put(g, r, 0, 0, ROLE_PROMPT, 0, prompt);
	snprintf(before, sizeof before, "%.*s", (int)cursor, text);
	unsigned column = grid_columns(before), room = r.cols > at + 1 ? r.cols - at - 1 : 1;
	while (column > room && *text) {
		unsigned n = utf8_length(text);
		text += n ? n : 1;
		column--;
	}
	grid_put(g, r, 0, at, role, 0, text);
	if (live) {
		g->cursor_shown = true;
		g->cursor_row = r.row;
		g->cursor_col = r.col + (at + column < r.cols ? at + column : r.cols - 1);
	}
}

static void draw_input(const struct tui *t, struct grid *g, struct rect r, bool live)
{
	if (t->shown_line)
		draw_edit(g, r, live ? ROLE_TEXT : ROLE_DIM, t->shown_prompt, t->shown_line, t->shown_cursor, live);
	else
		draw_edit(g, r, live ? ROLE_TEXT : ROLE_DIM, "(wedge) ", t->edit.text, t->edit.cursor, live);
}

static bool draw_prompt(const struct tui *t, struct grid *g, struct rect r)
{
	static const char *const prompts[] = { "", ":", "/", "filter: ", "to: ", "end wedge? (y or n) " };
	if (!t->prompt)
		return false;
	if (t->prompt == PROMPT_COMMAND && t->shown_line)
		draw_edit(g, r, ROLE_TEXT, strcmp(t->shown_prompt, "(wedge) ") != 0 ? t->shown_prompt : prompts[t->prompt], t->shown_line, t->shown_cursor,
			true);
	else
		draw_edit(g, r, ROLE_TEXT, prompts[t->prompt], t->prompt_edit.text, t->prompt_edit.cursor, true);
	return true;
}

/* ---- status, keys ------------------------------------------------------------------------------------------------------------ */

static void selection_text(const struct tui *t, char *buf, size_t size)
{
	const struct machine *m = session_machine(t->s);
	char handle[40] = "";
	uint32_t row = t->object ? object_by_id(m, t->object) : 0;
	size_t n = 0;
	if (t->s->thread)
		n = (size_t)snprintf(buf, size, "tid %u", thread_peek(m, t->s->thread)->tid);
	if (row)
		object_handle_text(m, row, handle, sizeof handle);
	if (t->object)
		snprintf(buf + n, size - n, "%s@%u%s%s%s", n ? " / " : "", t->object, row ? " " : " (not there now)",
			row ? object_type_name(object_peek(m, row)->type) : "", "");
	if (*handle)
		snprintf(buf + strlen(buf), size - strlen(buf), " %s", handle);
}

static void draw_status(const struct tui *t, struct grid *g, struct rect r)
{
	char selection[160] = "";
	const struct pane *p = &t->pane[t->slot[t->focus].pane];
	if (draw_prompt(t, g, r))
		return;
	grid_fill(g, r, 0, 0, r.cols, ROLE_STATUS, 0, ' ');
	if (*t->message) {
		grid_put(g, r, 0, 1, t->message_bad ? ROLE_ERROR : ROLE_STATUS, 0, t->message);
		return;
	}
	selection_text(t, selection, sizeof selection);
	grid_putf(g, r, 0, 1, ROLE_STATUS, 0, "%s%s   layout %s   marked %u   follow %s%s%s%s",
		*selection ? "sel: " : "nothing selected", selection, t->layout.name, p->marks.count, p->follow ? "on" : "off",
		t->frozen ? "   FROZEN" : "", t->single ? "   SingleKey (q leaves)" : "", t->prefix ? "   ..." : "");
}

static void draw_keys(const struct tui *t, struct grid *g, struct rect r)
{
	static const char *const keys[][2] = { { "F1", "Help" }, { "F2", "Layout" }, { "F3", "Search" }, { "F4", "Filter" },
		{ "F5", "Tree" }, { "F6", "Sort" }, { "F7", "Back" }, { "F8", "Fwd" }, { "F9", "Wedge" }, { "F10", "Leave" },
		{ " Enter", " open " }, { "<", " back " }, { "Tab", " pane " }, { "O", " alone " }, { "g", " other pane " },
		{ ":", " command " }, { "?", " keys" } };
	unsigned at = 0;
	for (unsigned i = 0; i < ARRAY_LEN(keys) && at < r.cols; i++) {
		if (at + strlen(keys[i][0]) + strlen(keys[i][1]) > r.cols)
			break;
		at += grid_put(g, r, 0, at, ROLE_KEY, 0, keys[i][0]);
		at += grid_put(g, r, 0, at, ROLE_KEYHELP, 0, keys[i][1]);
		at += i < 10;
	}
}

/* ---- all ------------------------------------------------------------------------------------------------------------------------ */

/* The command pane's last line is the one that is typed; where there is one pane only, the screen's last line is. */
static void draw_command(struct tui *t, struct grid *g, struct rect r, unsigned number, bool focused)
{
	struct rect upper = r;
	if (has_room(t)) {
		upper.rows--;
		grid_box(g, r, focused ? ROLE_FOCUS : ROLE_BORDER, "");
		draw_input(t, g, (struct rect){ r.row + r.rows - 1, r.col + 1, 1, r.cols - 1 }, focused && !t->prompt);
	}
	pane_draw(&t->pane[PANE_command], g, upper, number, false);
	if (upper.rows < 2)
		grid_box(g, upper, focused ? ROLE_FOCUS : ROLE_BORDER, "Command");
}

static void draw_notice(const struct tui *t, struct grid *g)
{
	grid_putf(g, grid_whole(g), 0, 0, ROLE_TEXT, 0, "%ux%u is too small for the panes", t->cols, t->rows);
	grid_putf(g, grid_whole(g), 1, 0, ROLE_TEXT, 0, "(least %ux%u)", TUI_LEAST_COLS, TUI_LEAST_ROWS);
}

void tui_draw(struct tui *t, struct grid *g)
{
	struct rect place[LAYOUT_PANES];
	g->utf8 = t->s->settings.border != 0;
	if (g->rows != t->rows || g->cols != t->cols)
		grid_resize(g, t->rows, t->cols);
	grid_clear(g);
	if (t->rows < TUI_LEAST_ROWS || t->cols < TUI_LEAST_COLS) {
		draw_notice(t, g);
		return;
	}
	look_all(t);
	tui_draw_title(t, g);
	place_panes(t, place);
	for (unsigned i = 0; i < t->layout.count; i++) {
		bool focused = i == t->focus;
		if (!place[i].rows)
			continue;
		if (t->slot[i].pane == PANE_command)
			draw_command(t, g, place[i], i + 1, focused);
		else
			pane_draw(&t->pane[t->slot[i].pane], g, place[i], i + 1, focused && !t->prompt);
	}
	struct rect last = { t->rows - 1, 0, 1, t->cols };
	if (has_room(t)) {
		draw_status(t, g, (struct rect){ t->rows - 2, 0, 1, t->cols });
		draw_keys(t, g, last);
	} else if (!draw_prompt(t, g, last)) {
		if (*t->message)
			grid_put(g, last, 0, 0, t->message_bad ? ROLE_ERROR : ROLE_STATUS, 0, t->message);
		else
			draw_input(t, g, last, t->slot[t->focus].pane == PANE_command);
	}
}
