/* ui/tui/mouse.c - clicks and the wheel. */
#include "config.h"

#include "ui/tui/tui_priv.h"

#define WHEEL_LINES 3

static int slot_at(const struct tui *t, unsigned row, unsigned col, struct rect *r)
{
	struct rect place[LAYOUT_PANES];
	place_panes(t, place);
	for (unsigned i = 0; i < t->layout.count; i++)
		if (row >= place[i].row && row < place[i].row + place[i].rows && col >= place[i].col &&
			col < place[i].col + place[i].cols) {
			*r = place[i];
			return (int)i;
		}
	return -1;
}

/* A click on the titles sorts by that column, one more turns the order. */
static void sort_by(struct pane *p, int column)
{
	if (column < 0)
		return;
	p->descending = p->sort == column && !p->descending;
	p->sort = column;
	pane_arrange(p);
}

enum tui_answer tui_mouse(struct tui *t, unsigned row, unsigned col, enum tui_button button, unsigned clicks)
{
	struct rect r;
	int column;
	t->message[0] = 0;
	look_all(t);
	int slot = t->rows < TUI_LEAST_ROWS || t->cols < TUI_LEAST_COLS ? -1 : slot_at(t, row, col, &r);
	if (slot < 0)
		return TUI_UNKNOWN;
	struct pane *p = &t->pane[t->slot[slot].pane];
	if (button == TUI_WHEEL_UP || button == TUI_WHEEL_DOWN) {
		pane_move(p, button == TUI_WHEEL_UP ? -WHEEL_LINES : WHEEL_LINES);
		if ((unsigned)slot == t->focus)
			cursor_moved(t);
		return TUI_DONE;
	}
	if (button != TUI_LEFT)
		return TUI_UNKNOWN;
	if (t->prompt)
		act_edit_drop(t);
	set_focus(t, (unsigned)slot);
	if (p->id == PANE_command)
		return TUI_DONE;
	int place = pane_hit(p, row - r.row, col - r.col, &column);
	if (place == -2)
		sort_by(p, column);
	if (place < 0)
		return TUI_DONE;
	pane_go(p, (unsigned)place);
	cursor_moved(t);
	return clicks > 1 ? act_open(t) : TUI_DONE;
}
