/* ui/source.h - source files of a title, found on this host. They are only shown: nothing depends on them. */
#ifndef UI_SOURCE_H
#define UI_SOURCE_H

#include "src/base/base.h"

struct session; /* ui/session.h */

/** A file's lines, tabs expanded. */
struct source_text {
	char *path;  /* where it was found */
	char **line; /* line 1 is line[0] */
	unsigned lines;
};

/**
 * Finds the source file @name, as the compiler recorded it: there; beside the title; in the folders of `set directories`, each with as much of
 * its path as leads to a file. ST_NOT_FOUND. The caller frees it with source_free.
 */
MUST_CHECK enum status source_open(const struct session *s, const char *name, struct source_text *out, struct err *err);
void source_free(struct source_text *t);

/** The source line that the selected frame stands at: "callers.c:33", "" = none known. */
const char *source_here(const struct session *s, char *buf, size_t size);
/** Prints the line of code that the selected frame stands at, if it is known and its file is found. */
void source_show(struct session *s);

/** One place in the source: "FILE:LINE". */
#define SOURCE_TEXT 300
struct image;
/** Of the instruction at @ga; "" = not known. */
const char *source_text_at(const struct image *img, uint32_t ga, char *buf, size_t size);
/** Does @text begin with FILE:LINE? Then *@end is what follows, and *@ga the first statement of that line, or of the next with code.
 * ST_NOT_FOUND: it does not, or no such file or line is known, which is said. */
MUST_CHECK enum status source_place(const struct image *img, const char *text, const char **end, uint32_t *ga, struct err *err);
/** Is @text such a place, by its form? */
bool source_is_place(const char *text);

#endif
