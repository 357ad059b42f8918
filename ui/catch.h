/* ui/catch.h - the grammar of catchpoints: EVENT [SELECTOR...] [if EXPR] [-t] [-k COUNT] [-silent] [-log "FORMAT"] [do CMD; CMD];
 * or, with the same things behind it but selectors, pframe ADDRESS: a physical frame that changes hands (ui/frame_stop.c). */
#ifndef UI_CATCH_H
#define UI_CATCH_H

#include "src/observe/break.h"

struct session;                       /* ui/session.h */
struct breakpoint;                    /* ui/breaks.h */

/** Fills @p's catch, condition, fate, ignore count, log and commands from @text. On failure @p is to be freed by its owner. */
MUST_CHECK enum status catch_parse(struct session *s, const char *text, struct breakpoint *p, struct err *err);
/** Where what follows the expression begins: at -t, -k, -log, -silent or do; else at the end. */
const char *catch_expression_end(const char *text);
/** The @i-th word that may stand in a catchpoint beside kinds of events; NULL past the last. */
const char *catch_word(unsigned i);

#endif
