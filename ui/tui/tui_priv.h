/* ui/tui/tui_priv.h - what tui.c, draw.c, edit.c, keymap.c and act*.c share: the panes' state. */
#ifndef UI_TUI_TUI_PRIV_H
#define UI_TUI_TUI_PRIV_H

#include "ui/tui/layout.h"
#include "ui/tui/pane.h"
#include "ui/tui/tui.h"

#define EDIT_TEXT 1024u
#define HISTORY 200u
#define BACK_MAX 8u
#define TEXT_KEPT 200000u             /* bytes of output, and of the title's, that are kept */

enum tui_context { CONTEXT_ANY, CONTEXT_PANE, CONTEXT_LINE, CONTEXT_SINGLE };

/** Rows of keys.def. */
enum action {
#define KEY(id, ...) ACT_##id,
#define KEY_RUN(id, ...) ACT_##id,
#include "ui/tui/keys.def"
#undef KEY
#undef KEY_RUN
	ACTIONS
};

/** A key of the user's: it does an action, or runs a line. */
struct user_binding {
	tui_key_code key[2];          /* key[1] 0 = one key */
	char *line;                   /* NULL: @action */
	enum action action;           /* ACTIONS: nothing */
};

/** A line that is being typed. */
struct edit {
	char text[EDIT_TEXT];
	unsigned cursor;              /* bytes */
};

enum prompt { PROMPT_NONE, PROMPT_COMMAND, PROMPT_SEARCH, PROMPT_FILTER, PROMPT_JUMP, PROMPT_QUIT };

/** Text that grows at its end and is cut at its begin. */
struct scroll_text {
	char *text;
	size_t size;
	uint64_t lost;                /* bytes cut so far */
};

/** A place of the layout: which pane is in it, and which were before. */
struct slot {
	unsigned pane;
	unsigned back[BACK_MAX], depth;
};

struct tui {
	struct session *s;
	unsigned rows, cols;
	struct pane pane[PANES];
	struct layout layout;         /* the one shown */
	struct slot slot[LAYOUT_PANES];
	struct layout *own;           /* the user's */
	unsigned own_count;
	char before_wedge[LAYOUT_NAME]; /* F9 goes back to it */
	unsigned focus, last_focus;   /* slots; last: of a pane other than the command line */
	bool alone;                   /* one pane has all the room */
	bool frozen, single, running, busy;
	bool choosing;                /* `g` was pressed: a pane's letter follows */
	char progress[80];
	char message[200];            /* in the status line until the next key */
	bool message_bad;
	uint32_t object;              /* id of the selected one */
	uint32_t ga;                  /* memory looked at */
	uint32_t *marked;             /* ids of marked objects */
	unsigned marked_count, marked_room;
	struct scroll_text output;
	struct edit edit, prompt_edit;
	enum prompt prompt;
	unsigned search_from;         /* the cursor before searching as one types */
	char *history[HISTORY];
	unsigned history_count, history_at;
	char line[EDIT_TEXT];         /* of TUI_RUN */
	tui_key_code pressed;         /* the key that is being done */
	tui_key_code prefix;          /* first of two keys, 0 = none */
	struct user_binding *binding;
	unsigned binding_count;
	/* what readline has */
	char *shown_prompt, *shown_line;
	unsigned shown_cursor;
	char *copied;                 /* the last line copied; for a front end that has a clipboard */
	unsigned about;               /* pane that the help is about */
	bool done[ACTIONS];           /* which actions keys have done: `screen pressed` */
};

typedef enum tui_answer tui_act(struct tui *t);
#define KEY(id, ...) enum tui_answer act_##id(struct tui *t);
#define KEY_RUN(...)
#include "ui/tui/keys.def"
#undef KEY
#undef KEY_RUN

/** The title stands still. */
static inline bool stop_is_stuck(const struct stop *s)
{
	return s->kind == STOP_WEDGE || s->kind == STOP_STANDSTILL || s->kind == STOP_STALL;
}

/* tui.c */
static inline struct pane *focused_pane(struct tui *t) { return &t->pane[t->slot[t->focus].pane]; }
bool has_room(const struct tui *t);           /* for several panes */
bool in_line(const struct tui *t);            /* the command line or a prompt has the keys */
int slot_of(const struct tui *t, unsigned pane); /* -1 = it is in no slot */
void show_pane(struct tui *t, unsigned slot, unsigned pane); /* in the place of what is there; it can be gone back from */
void set_focus(struct tui *t, unsigned slot);
void say_message(struct tui *t, bool bad, const char *fmt, ...) PRINTF_LIKE(3, 4);
void stale(struct tui *t, enum pane_depends what); /* ON_NOTHING: all */
void select_object(struct tui *t, uint32_t id);
void cursor_moved(struct tui *t);             /* of the focused pane: selects its thread, its object */
void use_layout(struct tui *t, const struct layout *l);
struct pane_ask ask_of(const struct tui *t, unsigned pane);
void look_all(struct tui *t);                 /* fills what is on the screen */
void place_panes(const struct tui *t, struct rect out[LAYOUT_PANES]);
struct rect pane_area(const struct tui *t);
void scroll_text_add(struct scroll_text *s, const char *text);

/* act_run.c: templates */
enum tui_answer run_template(struct tui *t, const char *format);
enum tui_answer run_line(struct tui *t, const char *line);
/* edit.c */
void edit_insert(struct edit *e, tui_key_code key);
void edit_set(struct edit *e, const char *text);
struct edit *active_edit(struct tui *t);
void prompt_begin(struct tui *t, enum prompt p, const char *text);
void prompt_changed(struct tui *t);
/* keymap.c */
enum tui_answer do_key(struct tui *t, tui_key_code key);
void binding_keys(const struct tui *t, unsigned action, char *buf, size_t size);
enum tui_context action_context(unsigned action);
const char *action_help(unsigned action);
const char *action_name(unsigned action);
const char *context_word(enum tui_context c);
/* tui.c */
const struct layout *tui_own_layout(const struct tui *t, unsigned i);

#endif
