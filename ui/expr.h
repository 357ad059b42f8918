/* ui/expr.h - expressions: numbers, registers, symbols, positions, C's integer operators. All values are 64 bits. */
#ifndef UI_EXPR_H
#define UI_EXPR_H

#include "ui/session.h"

/**
 * The value of @text, all of it. Numbers are decimal or 0x; $r3 $pc $lr $sp $ctr $cr $xer $msr are the selected thread's; $_tid $_instr
 * $_cyc $_ev the machine's position; any other word is a symbol's address. @address: eight hex digits are an address even without 0x.
 * Errors point at the column.
 */
MUST_CHECK enum status expr_eval(const struct session *s, const char *text, bool address, uint64_t *v, struct err *err);
/** The same, and it must be a guest address. */
MUST_CHECK enum status expr_address(const struct session *s, const char *text, uint32_t *ga, struct err *err);

#endif
