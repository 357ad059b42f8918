/* ui/tui/pane.h - a pane at work: its lines as they stand, the cursor (kept by identity), order, filter, folds, marks; and its picture. */
#ifndef UI_TUI_PANE_H
#define UI_TUI_PANE_H

#include "ui/tui/filter.h"
#include "ui/tui/panes.h"

/** Keys of lines, in no order. */
struct key_set {
	uint64_t *key;
	unsigned count, room;
};
bool key_set_has(const struct key_set *s, uint64_t key);
void key_set_flip(struct key_set *s, uint64_t key);
void key_set_clear(struct key_set *s);

#define PANE_FILTER 120u
#define PANE_SEARCH 64u

struct pane {
	unsigned id;                  /* enum pane_id */
	struct view now, before;      /* before: as it was at the last stop */
	struct moment at;             /* of now */
	uint64_t whose;               /* the thread and frame, or the object, that now is about */
	bool filled, stale;           /* now has been made; it must be made anew */
	bool stopped;                 /* now was made at a stop, not between two pieces of a run */
	unsigned *shown, shown_count; /* lines that are shown, in their order */
	unsigned cursor, top, left;   /* cursor, top: among those shown; left: columns scrolled out */
	uint64_t selected;            /* key of the cursor's line */
	int sort;                     /* column of the first table, -1 = as it comes */
	bool descending, tree, follow;
	char filter_text[PANE_FILTER], search[PANE_SEARCH];
	struct filter *filter, *odd;
	struct key_set marks, folds;
	unsigned rows, cols;          /* inside, when drawn last */
	unsigned made_cols, made_changes; /* cols, and how often the user had changed the guest, when now was made */
};

void pane_init(struct pane *p, unsigned id);
void pane_fini(struct pane *p);
/** Makes its lines anew if they are stale; the cursor stays with its line, or, if the machine stands elsewhere now and @p follows, goes to the
 * line of the present. */
void pane_look(struct pane *p, const struct pane_ask *a);
/** After a change of filter, order or folds. */
void pane_arrange(struct pane *p);
MUST_CHECK enum status pane_filter(struct pane *p, const char *text, struct err *err);

/** The line under the cursor, -1 = there is none. */
int pane_line(const struct pane *p);
struct subject pane_subject(const struct pane *p);
/** Moves the cursor; it stays on lines that can be stood on. */
void pane_move(struct pane *p, int by);
void pane_go(struct pane *p, unsigned place);
/** To the next line (@by 1 or -1) that contains the searched text; with @here the present one will do. False: there is none. */
bool pane_search(struct pane *p, int by, bool here);
/** To the first line whose first column begins with @text. */
bool pane_jump(struct pane *p, const char *text);
void pane_fold(struct pane *p, char how);  /* '+' opens, '-' closes, '*' all */
/** Columns of the first table that can be sorted by: the next one. */
void pane_sort_next(struct pane *p);

/** Draws it into @r, border and all. @number: in the layout; @focused: the keys go here. */
void pane_draw(struct pane *p, struct grid *g, struct rect r, unsigned number, bool focused);
/** What lies at (@row, @col) of the pane's rectangle: a place among those shown, -1 = nothing, -2 = the titles, then *@column. */
int pane_hit(const struct pane *p, unsigned row, unsigned col, int *column);

#endif
