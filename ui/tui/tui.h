/* ui/tui/tui.h - the panes: what is on the screen, what a key or the mouse does; pure, without a terminal.
 *
 * A front end (ui/tui/front.h; `screen` in batch) owns the terminal: it hands keys in, runs the command lines that come back, and shows what
 * tui_draw has drawn. The panes look at the session's machine where it stands and never change it: whatever changes a machine is a command line.
 */
#ifndef UI_TUI_TUI_H
#define UI_TUI_TUI_H

#include "ui/tui/grid.h"
#include "ui/tui/key.h"

struct session;                       /* ui/session.h */
struct tui;

#define TUI_LEAST_ROWS 10u            /* below this: no panes, the plain REPL */
#define TUI_LEAST_COLS 40u
#define TUI_FULL_ROWS 24u             /* below this: one pane and the command line */
#define TUI_FULL_COLS 80u

/** What a key or a click asks of the front end. */
enum tui_answer {
	TUI_DONE,                     /* nothing but drawing again */
	TUI_RUN,                      /* run the command line tui_line(): tui_execute, or in the front end's own way */
	TUI_LEAVE,                    /* C-x C-a: back to the REPL */
	TUI_QUIT,                     /* the session is to end: run `quit` */
	TUI_SUSPEND,                  /* C-z */
	TUI_REDRAW,                   /* C-l: the terminal is to be painted anew */
	TUI_UNKNOWN,                  /* nothing is bound to it here */
};

/** Opens with the layout `threads`, the command line in focus. @s is borrowed and outlives it. */
struct tui *tui_new(struct session *s, unsigned rows, unsigned cols);
void tui_free(struct tui *t);

/** Another size. False: too small for panes (TUI_LEAST_*); tui_draw then shows a notice. */
bool tui_resize(struct tui *t, unsigned rows, unsigned cols);
/** A key. In the command line's focus it edits the line (unless tui_wants_line is left to readline). */
enum tui_answer tui_key(struct tui *t, tui_key_code key);

enum tui_button { TUI_LEFT, TUI_MIDDLE, TUI_RIGHT, TUI_WHEEL_UP, TUI_WHEEL_DOWN };
/** A click (@clicks 1 or 2) or a turn of the wheel at a cell of the screen. */
enum tui_answer tui_mouse(struct tui *t, unsigned row, unsigned col, enum tui_button button, unsigned clicks);
/** The command line of the last TUI_RUN; valid until the next key. */
const char *tui_line(const struct tui *t);

/** Runs a command line with all its output into the command pane, then looks anew. The status is the command's; its error is in the pane. */
enum status tui_execute(struct tui *t, const char *line);
/** Shows the line of a command that is about to be executed, at the command pane's end. */
void tui_echo(struct tui *t, const char *line);
/** Output of a command, or a message: appended to the command pane. Any text, lines apart by newlines. */
void tui_command_output(struct tui *t, const char *text);
/** A short message in the status line, until the next key. */
void tui_message(struct tui *t, const char *text);

/** The machine stands elsewhere than it stood (or the user has changed something): all panes look anew when they are drawn next.
 * @running: it stands between two pieces of one run: costly panes wait, and what has changed is told against the last real stop. Does
 * nothing while the user has frozen the panes and the machine runs. */
void tui_refresh(struct tui *t, bool running);
/** A line for the title line while the machine runs ("12.3 M/s", "back: 40 %"); "" = it stands. */
void tui_progress(struct tui *t, const char *text);
/** Draws the screen; @g is resized to the panes' size. */
void tui_draw(struct tui *t, struct grid *g);
/** The title line alone anew, on what tui_draw has drawn: cheap. */
void tui_draw_title(const struct tui *t, struct grid *g);

/** Is the command line in focus, so that readline may have the keys? C-x, Esc, function keys and PgUp/PgDn belong to tui_key all the same. */
bool tui_wants_line(const struct tui *t);
/** readline's line is whole, or dropped: the `:` prompt, if that was it, is over. */
void tui_line_over(struct tui *t);
/** What readline has in its line: shown in place of the own one. @line NULL: the own one again. @cursor in bytes. */
void tui_show_line(struct tui *t, const char *prompt, const char *line, unsigned cursor);
/** Gives the command line the focus (`tui enable`), or the pane @name; ST_NOT_FOUND, ST_AMBIGUOUS: there is no such pane. */
void tui_focus_command(struct tui *t);
MUST_CHECK enum status tui_focus_pane(struct tui *t, const char *name, struct err *err);

/** Shows a layout: of layouts.def, or one of the user's. */
MUST_CHECK enum status tui_layout(struct tui *t, const char *name, struct err *err);
/** Makes (or makes anew) a layout of the user's: rows apart by `/`, a row's height before it, a pane's width behind it:
 * "3 threads:3 object:2 / 2 timeline / command". */
MUST_CHECK enum status tui_layout_make(struct tui *t, const char *name, const char *spec, struct err *err);
/** Keeps what is shown now, with the panes as they lie, as the user's layout @name. */
MUST_CHECK enum status tui_layout_keep(struct tui *t, const char *name, struct err *err);
/** The @i-th layout, built-in ones first; false past the last. Borrowed until the next call. */
struct tui_layout_info {
	const char *name;
	char text[512];
	bool shown;
};
bool tui_layout_info(const struct tui *t, unsigned i, struct tui_layout_info *l);
/** Is a command of the panes' being run just now (tui_execute)? */
bool tui_busy(const struct tui *t);
/** The commands that make the user's layouts and bindings again, into @f: `layout make ...`, `bind ...`. */
void tui_save_configuration(const struct tui *t, FILE *f);

/** Binds a key (or two, "C-x o") to an action of keys.def, or to a command line (@action begins with `:`), in the panes. "" = to nothing. */
MUST_CHECK enum status tui_bind(struct tui *t, const char *keys, const char *action, struct err *err);
/** The @i-th row of keys.def; false past the last. Words: action, context, its keys now, help; each borrowed. */
struct tui_binding {
	const char *action, *context, *help;
	char keys[80];
	bool done;                    /* a key has done it in this session */
};
bool tui_binding(const struct tui *t, unsigned i, struct tui_binding *b);

#endif
