/* src/observe/log_priv.h - what log.c and log_format.c share; nobody else includes it. */
#ifndef SRC_OBSERVE_LOG_PRIV_H
#define SRC_OBSERVE_LOG_PRIV_H

#include "src/observe/log.h"

#define LOG_KEYS 4u           /* as many as an event has aux[] */

/* A piece of a line that never changes. */
struct log_text {
	uint8_t len;
	char text[47];
};

/* What all lines of one kind have in common. */
struct log_words {
	struct log_text kind;           /* ,"kind":"object.wait" */
	struct log_text key[LOG_KEYS];  /* ,"waited_ticks": */
	bool hex[LOG_KEYS];
	uint8_t keys;
};

void log_words_fill(struct log_words *w, enum event_kind kind);
/* Writes the line for @ev at @line (LOG_LINE_MAX bytes of room) and returns its length; not NUL-ended. */
size_t log_line(const struct log_words *w, const struct event *ev, char *line);

#endif
