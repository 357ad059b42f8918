/* src/diff/logform.h - the forms of event logs: which key holds what. A new emulator's log is a row of the table in logform.c. */
#ifndef SRC_DIFF_LOGFORM_H
#define SRC_DIFF_LOGFORM_H

#include "src/diff/logread.h"

struct log_form;              /* src/diff/logform.c */

/** What @line (mutable, NUL-ended, changed) says in form *@form; if that is NULL the line itself tells its form, and an event fixes it. */
enum log_line log_form_read(const struct log_form **form, char *line, struct log_event *ev, uint64_t *number);
const char *log_form_name(const struct log_form *f);
uint64_t log_form_kinds(const struct log_form *f);

#endif
