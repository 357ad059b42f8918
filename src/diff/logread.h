/* src/diff/logread.h - reads an event log back, line by line: ours, and those of other emulators as far as the table of forms knows them.
 *
 * A file may be compressed (zstd, told by its first bytes, whatever its name). A pipe is copied to a temporary file first, so that every log can be
 * read twice. Memory does not grow with the log.
 */
#ifndef SRC_DIFF_LOGREAD_H
#define SRC_DIFF_LOGREAD_H

#include "src/event/event.h"

#define LOG_KIND_UNKNOWN 0x80000000u /* no kind of event.def: the other bits are a hash of its name */

/** One event of a log. Strings are borrowed until the next line is read. */
struct log_event {
	uint64_t thread_key;  /* 0 = the log has none, or what no thread does */
	uint64_t sid, osid;   /* 0 = none */
	uint32_t tid;
	uint32_t kind;        /* enum event_kind, or LOG_KIND_UNKNOWN | hash */
	uint32_t line;        /* counted from 1 */
	const char *kind_name, *name, *handle; /* "" = none */
};

enum log_line {
	LOG_LINE_EVENT,
	LOG_LINE_CUT,         /* all events behind the *@number-th are void */
	LOG_LINE_GAP,         /* events are missing here */
	LOG_LINE_END,         /* the last line; *@number: the log is complete */
	LOG_LINE_OTHER,       /* a line of the other emulator's log that is no event */
	LOG_LINE_BAD,         /* no line of an event log */
	LOG_LINES_OVER,       /* the file ends here */
};

struct log_reader;            /* src/diff/logread.c */

/** Opens @path ("-": standard input). ST_IO: it cannot be read, a line says why. */
MUST_CHECK enum status log_reader_open(const char *path, struct log_reader **out, struct err *err);
void log_reader_close(struct log_reader *r);
/** Reads on. @ev is filled for LOG_LINE_EVENT (for LOG_LINE_BAD its line alone), @number as above. */
enum log_line log_reader_next(struct log_reader *r, struct log_event *ev, uint64_t *number);
/** From the first line on again. ST_IO with a line. */
MUST_CHECK enum status log_reader_again(struct log_reader *r, struct err *err);
/** What the present line holds, as far as it is text; for messages. Borrowed. */
const char *log_reader_line(const struct log_reader *r);
/** Why reading ended before the end of the file (damaged compression, a read error); "" = it did not. */
const char *log_reader_trouble(const struct log_reader *r);
/** The form in which the log is written: "wedge", ...; "" before its first event. Static. */
const char *log_reader_form(const struct log_reader *r);
/** The kinds that this form can tell of; all bits for forms that can tell of any. */
uint64_t log_reader_kinds(const struct log_reader *r);

#endif
