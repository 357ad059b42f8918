/* ui/line.h - the line that a person types, as the prompt and the panes share it: readline's completion and history. */
#ifndef UI_LINE_H
#define UI_LINE_H

#include "ui/session.h"

/** A person types from here on: completion knows @s, the history is read. */
void line_begin(struct session *s);
/** The history is kept for the next time. */
void line_end(void);
/** Puts a line into the history: not an empty one, not the last one again. */
void line_keep(char *line);
/** Executes a typed line; an empty one repeats the last: stepping and looking go on, running does not begin again. Errors are told. */
void line_execute(struct session *s, const char *line);
/** A signal came that ends the session, or in batch any: s->signal says so then. */
bool line_terminated(struct session *s);

#endif
