/* ui/tui/layout.h - which pane lies where: rows of panes with shares of height and width, placed on a screen of any size. Pure. */
#ifndef UI_TUI_LAYOUT_H
#define UI_TUI_LAYOUT_H

#include "ui/tui/grid.h"

#define LAYOUT_PANES 16u
#define LAYOUT_NAME 24u
#define LAYOUT_SHARE_MAX 99u

struct layout_cell {
	uint8_t pane;                 /* number in panes.def */
	uint8_t share;                /* of its row's width */
	uint8_t row;                  /* which row it lies in */
};

struct layout {
	char name[LAYOUT_NAME];
	uint8_t share[LAYOUT_PANES];  /* of the height, by row */
	unsigned rows, count;
	struct layout_cell cell[LAYOUT_PANES]; /* row by row */
};

/** Reads "3 threads:3 object:2 / 2 timeline / command". ST_BAD_USAGE, ST_NOT_FOUND name what is wrong; @l is then unchanged. */
MUST_CHECK enum status layout_parse(struct layout *l, const char *spec, struct err *err);
/** The same text again, into @buf. */
const char *layout_text(const struct layout *l, char *buf, size_t size);
#define LAYOUT_TEXT 512u

/**
 * Places the panes in @area: @out[i] is the i-th cell's rectangle, with its border; no two overlap, none leaves the area. A pane for which there
 * is no room (less than 2 lines or 12 columns) gets 0 rows; @keep is the cell that gets room before the others.
 */
void layout_place(const struct layout *l, struct rect area, unsigned keep, struct rect out[LAYOUT_PANES]);

/** The built-in ones: names and help, the specification for a size; NULL past the last. */
const char *layout_builtin(unsigned i, const char **help);
const char *layout_builtin_spec(unsigned i, unsigned rows, unsigned cols);

#endif
