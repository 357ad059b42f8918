/* ui/tui/front.h - the panes on the user's terminal: keys and clicks go in, command lines are executed, screens come out. One per process.
 *
 * While they are open nothing else reaches the terminal: what commands, programs started by them and the title write goes to the command and the
 * console pane. While the machine runs it is cut into pieces of a few milliseconds on the host's side (ui/progress.h): between two of them keys are
 * read and, at most ten times a second and for at most a hundredth of the time, the panes look anew. Whatever the user does then changes no run.
 */
#ifndef UI_TUI_FRONT_H
#define UI_TUI_FRONT_H

#include "ui/session.h"

/**
 * Takes the terminal over and shows the panes; s->panes is true from here on. Nothing but that they are shown if they are open already. ST_STATE
 * with a line: no terminal, or one that cannot do it, or a window that is too small; then nothing has changed but s->panes, which is false.
 */
MUST_CHECK enum status front_open(struct session *s, struct err *err);
/**
 * Reads keys and executes until the panes are left (s->panes is false), or the session is to end. @line: the text on the command line, from the
 * prompt and back to it; allocated, NULL = empty.
 */
void front_talk(struct session *s, char **line);
/** Gives the terminal back, if the panes have it. What they hold stays for the next time; the window was too small: that is said. */
void front_close(struct session *s);

#endif
