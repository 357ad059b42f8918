/* ui/tui/filter.h - which rows a pane shows: words that must all hold, `|` between alternatives. A word is COLUMN=VALUE (or != < <= > >= ~ !~), compared
 * as numbers where the column has numbers, else as texts (~: contains); or any other text, which the line must contain; ! before a word: it must not
 * hold. "state=waiting waiters>0 | name~load". Pure. */
#ifndef UI_TUI_FILTER_H
#define UI_TUI_FILTER_H

#include "ui/tui/view.h"

struct filter;

/** ST_BAD_USAGE: says what is wrong. Column names are looked up when it is used: a word whose column a table lacks does not hold. */
MUST_CHECK enum status filter_compile(const char *text, struct filter **out, struct err *err);
void filter_free(struct filter *f);
/** Does it hold for that line? Titles always stay. */
bool filter_holds(const struct filter *f, const struct view *v, unsigned line);
/** Does @text contain @part, letters compared without case? */
bool text_contains(const char *text, const char *part);

#endif
