/* src/diff/lanes.h - a log's events by thread: four numbers each, the bulk of them in a temporary file. */
#ifndef SRC_DIFF_LANES_H
#define SRC_DIFF_LANES_H

#include <stdio.h>

#include "src/base/base.h"

#define LANE_CHUNK 256u       /* events that are written at once */

/** What is compared of an event; 0 = it has none. */
struct mark {
	uint64_t name, ids[2];/* hash of the name; sid, osid */
	uint32_t kind, line;
	uint32_t ordinal;     /* events of the log before it */
	uint32_t pad;
};

/** One thread's events. */
struct lane {
	uint64_t key;
	uint64_t count;
	uint64_t *chunk;      /* places in the file of the first events, LANE_CHUNK each */
	struct mark *tail;    /* the others */
	uint32_t tid;
	unsigned chunks, chunk_room, tail_used, tail_room;
	int partner;          /* lane of the other log, -1 = none; their owner's */
};

struct lanes {
	struct lane *lane;
	unsigned count, room;
	unsigned *bucket;     /* lane + 1, by thread; as many as room * 2 */
	unsigned last;        /* the one asked for last */
	FILE *file;
	uint64_t end;         /* of the file, bytes */
	bool failed;          /* the file cannot be written or read; errno says why */
	int why;
};

void lanes_init(struct lanes *s);
void lanes_fini(struct lanes *s);
/** The lane of a thread, made if there is none; NULL: there would be more than @most. */
struct lane *lanes_find(struct lanes *s, uint64_t key, uint32_t tid, unsigned most);
void lane_add(struct lanes *s, struct lane *l, const struct mark *m);
/** Takes back the events from ordinal @ordinal on. */
void lane_cut(struct lanes *s, struct lane *l, uint64_t ordinal);

/** Reads a lane in order or anywhere; no memory but the struct. */
struct lane_cursor {
	struct lanes *lanes;
	const struct lane *lane;
	unsigned loaded;      /* chunk in @mark + 1, 0 = none */
	struct mark mark[LANE_CHUNK];
};
void lane_cursor_init(struct lane_cursor *c, struct lanes *s, const struct lane *l);
/** Event @i, NULL past the end; valid until the next call. */
const struct mark *lane_at(struct lane_cursor *c, uint64_t i);

#endif
