/* ui/tui/front_priv.h - what front.c and front_line.c share. */
#ifndef UI_TUI_FRONT_PRIV_H
#define UI_TUI_FRONT_PRIV_H

#include "ui/tui/front.h"
#include "ui/tui/term.h"

/** Not before so many ns of the host's clock, nor of the processor's time used. */
struct due {
	uint64_t ns, used;
};

/* readline calls back without a context, and there is one terminal. */
struct front {
	struct session *s;
	struct tui *tui;
	struct grid grid;
	struct out out;               /* where results went before */
	bool busy;                    /* a command is being executed */
	bool inside;                  /* the panes are at work: see INSIDE */
	bool asking;                  /* a command waits for a line of its own */
	bool prefix;                  /* C-x was pressed: the next key is the panes' */
	bool accepted;                /* readline has a whole line */
	bool too_small;
	struct due paint, look;
	uint64_t told, told_instr;    /* when progress was told last, and where the machine was then */
};
extern struct front front;

/** Shows what there is. */
void front_paint(void);
/** Attends to what signals have told. True: something did. */
bool front_notes(void);
/** Attends to the keys and clicks that are there, up to a whole line. True: there were some. */
bool front_events(void);
/** Executes a command line, with its output in the command pane. */
void front_execute(const char *line);
/** The panes stay, and the session goes on. */
static inline bool front_goes_on(void)
{
	return front.s->panes && !front.s->quit && !front.s->signal;
}

/* front_line.c */

/** Gives readline a key. False: it is none of its. */
bool front_line_key(tui_key_code key);
/** Shows the panes what readline has. */
void front_line_show(void);

#endif
