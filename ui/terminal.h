/* ui/terminal.h - what the user's terminal can do. (term.h's macros take common words: it is included in terminal.c only.) */
#ifndef UI_TERMINAL_H
#define UI_TERMINAL_H

#include <stdbool.h>

/** May standard output be coloured? NO_COLOR (no-color.org) is obeyed; else terminfo says; a terminal that it does not know gets none. */
bool terminal_may_colour(void);
/** Does terminfo know the terminal, and how its cursor is moved and its screen cleared? */
bool terminal_can_move(void);

#endif
