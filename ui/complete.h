/* ui/complete.h - what may stand next on a command line; from the tables of commands and of what they take. */
#ifndef UI_COMPLETE_H
#define UI_COMPLETE_H

#include "ui/session.h"

/** A growing list of words, sorted and without doubles when done; the caller frees them with words_free. */
struct words {
	char **word;
	unsigned count, room;
};

/** Candidates for the word that begins at @start of @line and reads @prefix. *@files: file names are candidates too. */
void complete(const struct session *s, const char *line, unsigned start, const char *prefix, struct words *out, bool *files);
void words_free(struct words *w);
/** Adds @word if it begins with @prefix, without regard to case. */
void words_offer(struct words *w, const char *prefix, const char *word);

#endif
