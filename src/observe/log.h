/* src/observe/log.h - the event log: one JSON line per event, through a buffer, to a file (design, "Event log and comparison").
 *
 * Keys, in this order, absent where they say nothing: seq tid tk ti cyc kind name sid osid type handle gen obj ga lr args text result, then
 * the kind's own facts by their names in event.def. Numbers that people read in hex are strings of lower-case hex digits.
 *
 * Bytes that are no UTF-8 become U+FFFD; a text over LOG_TEXT_MAX bytes is cut, and "cut" then gives its length.
 *
 * The position in the log lies in the history arena: when the machine goes back in time, the next event cuts the file back to
 * where it was then (a pipe or a compressed file gets the line {"kind":"log.cut","events":N}: all lines behind the Nth are void). When it jumps forward over
 * events that this log never saw, the line {"kind":"log.gap","events":N} says so, and the log ends incomplete.
 * log_layout lays out the table: call it for every machine right after machine_new.
 */
#ifndef SRC_OBSERVE_LOG_H
#define SRC_OBSERVE_LOG_H

#include "src/base/arena.h"
#include "src/event/event.h"

#define LOG_TIDS_MAX 64u

struct log_options {
	bool from_here;       /* what came before it was opened is not written, not even when it comes again */
	uint64_t kinds;       /* EV_BITs; 0 = all but gpu.packet, of which there are very many */
	unsigned tids;        /* 0 = all threads */
	uint32_t tid[LOG_TIDS_MAX];
	bool without[LOG_TIDS_MAX]; /* this one is left out; if that is true of the first one, all others but those named are in */
	void (*tell)(void *ctx, const char *line); /* a write failed: one line for the user, called once; may be NULL */
	void *tell_ctx;
};

struct log;                   /* src/observe/log.c */

/** A list of threads as `--log-threads` takes it: "1,9", "!13"; 0 = what no thread does. ST_BAD_USAGE: names the word. */
MUST_CHECK enum status log_threads_parse(const char *list, struct log_options *o, struct err *err);
/** Lays out table "log" and returns its number. */
unsigned log_layout(struct arena *history);
/** Creates (or truncates) @path and subscribes; the file is compressed (zstd) if its name ends in .zst. ST_IO with a line. The log is closed before the stream and the arena go. */
MUST_CHECK enum status log_open(const char *path, const struct log_options *o, struct event_stream *events, struct arena *history,
                                unsigned t_log, struct log **out, struct err *err);
/** While it pauses, events are not for it: somebody tries what will be taken back. */
void log_pause(struct log *l, bool pause);
/** Hands what is buffered to the host; at every stop. */
void log_flush(struct log *l);
/** Unsubscribes, writes the last line, closes, frees. ST_IO if the log is incomplete (then tell has said why). */
MUST_CHECK enum status log_close(struct log *l, struct err *err);
/** Event lines written so far, as the file stands. */
uint64_t log_lines(const struct log *l);

#define LOG_LINE_MAX 10240u
#define LOG_TEXT_MAX 1000u

/** One event as its line, newline included, NUL-ended; returns its length. For `info events` and tests too. */
size_t log_format(const struct event *ev, char line[LOG_LINE_MAX]);

#endif
