/* ui/tui/term.h - the user's terminal as a screen: a grid is painted, keys and the mouse come back. curses stands behind it. One per process. */
#ifndef UI_TUI_TERM_H
#define UI_TUI_TERM_H

#include "ui/tui/grid.h"
#include "ui/tui/key.h"
#include "ui/tui/tui.h"

/**
 * Takes the terminal on standard input and output over. ST_STATE with a line: there is none, or it is one whose cursor cannot be moved. Signals:
 * SIGWINCH, SIGTSTP and SIGCONT are noted from here on (term_notes).
 */
MUST_CHECK enum status term_open(struct err *err);
/** The terminal is as it was. */
void term_close(void);
bool term_is_open(void);
/** The same for crash_at_end: from a signal handler, in whatever state the process is. */
void term_rescue(void);

/** Its size now, whatever was painted before. */
void term_size(unsigned *rows, unsigned *cols);
/** Shows @g: paints what differs from what was shown before. */
void term_show(const struct grid *g);
/** What is on the screen is not known any more (C-l, SIGCONT, another size): the next term_show paints it all. */
void term_repaint(void);
/** Should the mouse be told to us, or stay with the terminal's own selection? */
void term_mouse(bool on);
/** Can it show more than ASCII? */
bool term_utf8(void);
/** One word each: "vt100", "8 colours". */
const char *term_colours(void);

enum term_event_kind { TERM_NOTHING, TERM_KEY, TERM_MOUSE };
struct term_event {
	enum term_event_kind kind;
	tui_key_code key;             /* KEY */
	unsigned row, col;            /* MOUSE */
	enum tui_button button;
	unsigned clicks;              /* 1, 2 */
};
/** The next key or click that is there; TERM_NOTHING: none is. Never waits longer than it takes to tell Esc from a function key. */
struct term_event term_next(void);

/** Waits until something is typed, a signal of any kind came, or @ms have passed (-1: for ever). False: the terminal is gone. */
bool term_wait(int ms);

/** Nothing was typed and no signal has told anything: cheap, for whoever asks hundreds of times a second. */
bool term_is_quiet(void);

#define TERM_NOTE_SIZE 1u             /* it has another size */
#define TERM_NOTE_STOP 2u             /* C-z: the process is asked to stop: term_suspend() */
#define TERM_NOTE_GOES_ON 4u          /* it was stopped, and goes on: the screen is not what it was */
/** What signals have told since the last call. */
unsigned term_notes(void);
/** After TERM_NOTE_GOES_ON: whoever had the terminal meanwhile may have changed its modes. */
void term_resume(void);
/** Gives the terminal back, stops the process, and takes the terminal again once it goes on. */
void term_suspend(void);

/* Between term.c and term_input.c. */
void term_input_open(void);
void term_input_close(void);

#endif
