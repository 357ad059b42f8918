/* ui/tui/grid.h - a screen in memory: cells with characters and roles, drawn by pure functions; how a role looks is the terminal's affair. */
#ifndef UI_TUI_GRID_H
#define UI_TUI_GRID_H

#include <stdio.h>

#include "src/base/base.h"

/** What a cell is for: ROLE(id, "word", letter in a saved screen's attributes). */
#define GRID_ROLES(ROLE) \
	ROLE(TEXT, "text", '.') \
	ROLE(TITLE, "title line", 'T') \
	ROLE(BORDER, "border", 'b') \
	ROLE(FOCUS, "border of the pane in focus", 'f') \
	ROLE(HEADER, "titles of columns", 'h') \
	ROLE(DIM, "of less interest", 'd') \
	ROLE(GOOD, "runs, ended", 'g') \
	ROLE(ANOMALY, "anomaly: wedge, stale, tainted", 'a') \
	ROLE(PROVEN, "proven: read from the kernel's state", 'p') \
	ROLE(INFERRED, "inferred", 'i') \
	ROLE(MARKED, "marked by the user", 'm') \
	ROLE(MATCH, "found by search", 's') \
	ROLE(KEY, "a key's name", 'k') \
	ROLE(KEYHELP, "what the key does", 'K') \
	ROLE(STATUS, "status line", 'S') \
	ROLE(ERROR, "an error's line", 'e') \
	ROLE(PROMPT, "prompt", 'P')
enum role {
#define ROLE(id, word, letter) ROLE_##id,
	GRID_ROLES(ROLE)
#undef ROLE
	ROLES
};
const char *role_word(enum role r);
char role_letter(enum role r);

/* Flags of a cell, beside its role. */
#define CELL_CHANGED 1u               /* since the last stop: bold */
#define CELL_SELECTED 2u              /* the cursor's row: reverse */

struct grid_cell {
	uint32_t ch;                  /* code point; 0: the right half of a wide character */
	uint8_t role;                 /* enum role */
	uint8_t flags;                /* CELL_* */
};

struct grid {
	unsigned rows, cols;
	bool utf8;                    /* borders may be drawn with box characters */
	unsigned cursor_row, cursor_col; /* where the text cursor stands, if cursor_shown */
	bool cursor_shown;
	struct grid_cell *cell;       /* rows x cols */
};

struct rect {
	unsigned row, col, rows, cols;
};

void grid_init(struct grid *g, unsigned rows, unsigned cols);
void grid_fini(struct grid *g);
/** Another size; blank. */
void grid_resize(struct grid *g, unsigned rows, unsigned cols);
void grid_clear(struct grid *g);
static inline struct grid_cell *grid_at(struct grid *g, unsigned row, unsigned col) { return &g->cell[(size_t)row * g->cols + col]; }
static inline struct rect grid_whole(const struct grid *g) { return (struct rect){ 0, 0, g->rows, g->cols }; }

/**
 * Puts text at (@row, @col) of @clip, cut at its right edge: what lies outside is not drawn. Control characters and bytes that are no UTF-8
 * become \xNN; a wide character takes two cells, or none at the edge. Returns the columns that the whole text takes.
 */
unsigned grid_put(struct grid *g, struct rect clip, unsigned row, unsigned col, enum role role, unsigned flags, const char *text);
unsigned grid_putf(struct grid *g, struct rect clip, unsigned row, unsigned col, enum role role, unsigned flags, const char *fmt, ...) PRINTF_LIKE(7, 8);
/** Fills @cols cells with @ch. */
void grid_fill(struct grid *g, struct rect clip, unsigned row, unsigned col, unsigned cols, enum role role, unsigned flags, uint32_t ch);
/** The upper and left border of a pane, with its title: +[1 Threads]---, and | below. */
void grid_box(struct grid *g, struct rect r, enum role role, const char *title);
/** Columns that @text takes once drawn. */
unsigned grid_columns(const char *text);

/** The screen as lines of UTF-8 without blanks at their ends; with @attributes a second block, one letter a cell: the role's, upper row of
 * flags as `*` (changed) and `>` (selected). */
void grid_save(const struct grid *g, bool attributes, FILE *f);

#endif
