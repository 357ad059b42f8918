/* ui/tui/held.h - what is written to standard output and standard error while the panes own the terminal: held back, and taken piece by piece. Also
 * what programs started by a command write. */
#ifndef UI_TUI_HELD_H
#define UI_TUI_HELD_H

#include "src/base/base.h"

/** From here on nothing of descriptors 1 and 2 reaches the terminal. ST_IO with a line; nothing has changed then. */
MUST_CHECK enum status held_begin(struct err *err);
/** What was written since it was asked last, as text that the caller frees; NULL: nothing. Terminal or not, stdout and stderr are flushed. */
char *held_take(void);
/** The descriptors are what they were; what nobody took is written to them now. */
void held_end(void);
/** The same from a signal handler: the end of the process is near. */
void held_rescue(void);

#endif
