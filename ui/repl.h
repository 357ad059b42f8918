/* ui/repl.h - the prompt: readline, history, completion. */
#ifndef UI_REPL_H
#define UI_REPL_H

#include "ui/session.h"

/** Reads and executes lines until the end of input, `quit`, or a SIGTERM. Errors go to stderr; the session lives on. */
void repl(struct session *s);
/** Prints an error as the front ends do: one line, guest text made harmless. */
void tell_error(const struct session *s, const struct err *err);

#endif
