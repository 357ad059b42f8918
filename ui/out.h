/* ui/out.h - where results go: a stream that knows whether it may colour, and how guest text is made harmless. */
#ifndef UI_OUT_H
#define UI_OUT_H

#include <stdio.h>

#include "src/base/base.h"

enum out_style { STYLE_PLAIN, STYLE_BOLD, STYLE_DIM, STYLE_RED, STYLE_GREEN, STYLE_YELLOW, STYLE_CYAN, STYLES };

/** A sink. @file is borrowed. In JSON form every table is one line; @json is looked at by those who choose the form. */
struct out {
	FILE *file;
	bool colour;
	bool json;
	unsigned width;               /* columns that out_flow keeps to; 0 = OUT_WIDTH */
};

void out_printf(struct out *o, const char *fmt, ...) PRINTF_LIKE(2, 3);
/** The escape sequence that begins @style, or "" without colour; static. STYLE_PLAIN ends every style. */
const char *out_style(const struct out *o, enum out_style style);

#define OUT_WIDTH 98u                 /* columns that text keeps to where words allow */
/** Text (it may hold guest names) from column @indent on, where the cursor is, wrapped at blanks; what follows stands @indent deep. */
void out_flow(struct out *o, const char *text, unsigned indent);

#define CYCLES_TEXT 32
/* Numbers without printf, for tables of 10,000 rows: each writes at @at, ends with NUL, returns where the NUL is. */
char *text_decimal(char *at, uint64_t v);
char *text_hex(char *at, uint64_t v, unsigned digits); /* upper case, at least @digits */

/** @v in decimal with thousands separators, into @buf of CYCLES_TEXT bytes; returns @buf. */
const char *cycles_text(char *buf, uint64_t v);

/** Copies guest text so that a terminal is safe from it: control characters and bytes that are no UTF-8 become \xNN, a
 * backslash stays. Cut at @size - 1, never inside an escape or a character. Returns the columns it takes. */
size_t visible_text(char *out, size_t size, const char *text);
/** Columns that @text takes on a terminal (its UTF-8 characters). */
size_t text_columns(const char *text);
/** Length in bytes of the well-formed, printable UTF-8 character at @s (1-4), 0 if there is none. */
unsigned utf8_length(const char *s);

#endif
