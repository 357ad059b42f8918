/* ui/tui/panes.h - the list of panes (panes.def), and how one makes its lines. */
#ifndef UI_TUI_PANES_H
#define UI_TUI_PANES_H

#include "ui/session.h"
#include "ui/tui/view.h"

enum pane_depends { ON_NOTHING, ON_OBJECT, ON_THREAD };

/** What a maker is asked. Everything is borrowed and only read. */
struct pane_ask {
	struct session *s;
	struct query query;           /* of the selected thread and frame; ON_OBJECT: of the selected object */
	uint32_t object_id;           /* the selected object, 0 = none; it may be gone */
	const uint32_t *marked;       /* ids of objects that are marked too */
	unsigned marked_count;
	uint32_t ga;                  /* memory looked at, 0 = none was named */
	unsigned rows, cols;          /* inside the pane */
	bool tree;                    /* F5 */
	bool running;                 /* between two pieces of a run: nothing costly */
	const char *output;           /* of the commands */
	const char *about;            /* help: name of the pane that it is about */
	const struct tui *tui;
};

struct pane_def {
	const char *name, *title, *help;
	char letter;
	int table;                    /* enum table_id, -1 = @make makes its lines */
	void (*make)(struct view *v, const struct pane_ask *a);
	enum pane_depends depends;
	const char *columns, *keys, *odd, *open;
};

enum pane_id {
#define TABLE_PANE(name, ...) PANE_##name,
#define PANE(name, ...) PANE_##name,
#include "ui/tui/panes.def"
#undef PANE
#undef TABLE_PANE
	PANES
};
extern const struct pane_def pane_defs[PANES];

/** By name or unique beginning. */
MUST_CHECK enum status pane_find(const char *word, int *pane, struct err *err);
/** By the letter of its row, -1 = none. */
int pane_by_letter(uint32_t letter);

/* The makers. */
#define TABLE_PANE(...)
#define PANE(name, ...) void pane_##name(struct view *v, const struct pane_ask *a);
#include "ui/tui/panes.def"
#undef PANE
#undef TABLE_PANE

/** Makes the lines of a pane: by its maker, or from its table. */
void pane_make(struct view *v, unsigned pane, const struct pane_ask *a);

#endif
