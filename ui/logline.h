/* ui/logline.h - formats of stops that log instead of stopping: text with {expressions}, compiled once. */
#ifndef UI_LOGLINE_H
#define UI_LOGLINE_H

#include "ui/expr.h"

struct log_format;

/**
 * "{handle} {lr:sym} {bt:4} {$r3:x}": {name} is $_name if there is one, else an expression; behind a colon its form: x d u o t c
 * s f, or sym (name+offset). {bt:N}: the innermost N callers. {{ and }} are braces. ST_BAD_VALUE: says where.
 */
MUST_CHECK enum status log_format_compile(const struct session *s, const char *text, struct log_format **out, struct err *err);
void log_format_free(struct log_format *f);
/** Its text, as given. */
const char *log_format_text(const struct log_format *f);
/** The line; what cannot be evaluated says so in its place. */
void log_format_line(const struct log_format *f, const struct expr_context *c, char *buf, size_t size);

#endif
