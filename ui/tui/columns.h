/* ui/tui/columns.h - which columns of a table a pane shows, and how wide they are. A specification is words apart by blanks: a column's key, then in
 * any order `:N` (at most N columns; a text of one letter is a capital), `~` (of a symbol the name alone), `#` (its address alone), `?` (left out when it is narrow; the more `?`
 * the sooner). Pure. */
#ifndef UI_TUI_COLUMNS_H
#define UI_TUI_COLUMNS_H

#include "ui/tui/view.h"

#define COLUMNS_MAX 32u

struct columns {
	unsigned count, gap;          /* gap: blanks between two */
	struct column_place {
		unsigned column, width, at; /* at: where it begins */
		unsigned most;        /* 0 = as wide as it is */
		bool name_only, address_only, right;
	} place[COLUMNS_MAX];
};

/** Lays out the columns of @t for @width columns of screen, as wide as the titles and the @count rows in @rows need them. */
void columns_make(struct columns *c, const struct view_table *t, const unsigned *rows, unsigned count, unsigned width);
/** A cell as it stands in its column, at most as wide; returns its columns. */
unsigned columns_cell(const struct column_place *p, const struct table *t, unsigned row, char *buf, size_t size);

#endif
