/* src/diff/logdiff.h - compares two event logs thread by thread: same kind, name, sid and osid, event after event (design, "Event log and
 * comparison"). How the threads' events are interleaved does not matter.
 *
 * Each log is read once from end to end; of an event four numbers are kept, by thread, in a temporary file: memory does not grow with the
 * logs. Then the threads are walked in pairs, and what is to be shown is read again.
 */
#ifndef SRC_DIFF_LOGDIFF_H
#define SRC_DIFF_LOGDIFF_H

#include "src/diff/logread.h"

#define DIFF_AROUND 5u        /* events shown before and after a difference */
#define DIFF_SHOWN (2 * DIFF_AROUND + 1)
#define DIFF_SHOWN_MAX 1000u  /* threads whose neighbours are shown */
#define DIFF_THREADS_MAX (1u << 14)
#define DIFF_MAPS_MAX 256u
#define DIFF_NOTES_MAX 12u

struct diff_options {
	uint64_t kinds;       /* EV_BITs that are compared; 0 = all, and kinds that event.def does not know */
	unsigned maps;        /* tid @map[i][0] of A is tid @map[i][1] of B */
	uint32_t map[DIFF_MAPS_MAX][2];
	/* A line that is no event, a log that is damaged: one line for the user. May be NULL. */
	void (*tell)(void *ctx, const char *line);
	void *tell_ctx;
};

enum diff_result { DIFF_EQUAL, DIFF_DIFFERENT, DIFF_ONLY_A, DIFF_ONLY_B };

/** An event as it is shown. */
struct diff_event {
	uint64_t sid, osid;
	uint32_t line;        /* of its log; 0 = the thread's events end here */
	char kind[32], name[48], handle[16];
};

/** A thread of A and its partner in B. */
struct diff_thread {
	uint64_t key;         /* stable key, 0 = none known */
	uint64_t events[2];   /* compared, of A and B */
	uint64_t at;          /* DIFFERENT: so many events are equal before */
	uint32_t tid[2];
	uint32_t line[2];     /* DIFFERENT: of the two events, 0 = there is none any more */
	enum diff_result result;
	const char *what;     /* DIFFERENT: "kind", "name", "sid", "osid", "A ends", "B ends"; static */
	unsigned lane[2];     /* used while comparing */
	unsigned first;       /* around[][0] is the thread's event @at - @first */
	unsigned shown[2];
	struct diff_event *around[2]; /* NULL unless DIFFERENT and among the first DIFF_SHOWN_MAX */
};

struct diff {
	struct diff_thread *thread; /* those that differ first, in the order of A; then those of one side; then the equal ones, by tid of A */
	unsigned threads, of_result[4];
	uint64_t events[2], bad[2];
	unsigned notes;
	char note[DIFF_NOTES_MAX][160]; /* what one should know to read the result */
};

/** ST_IO or ST_BAD_INPUT with a line: a log cannot be read, or holds no event. diff_free it after ST_OK. */
MUST_CHECK enum status diff_logs(const char *const path[2], const struct diff_options *o, struct diff **out, struct err *err);
void diff_free(struct diff *d);
static inline bool diff_is_equal(const struct diff *d) { return d->of_result[DIFF_EQUAL] == d->threads; }

#endif
