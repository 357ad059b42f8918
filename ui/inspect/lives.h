/* ui/inspect/lives.h - the open handles at a moment, to be compared with those of another one. */
#ifndef UI_INSPECT_LIVES_H
#define UI_INSPECT_LIVES_H

#include "ui/inspect/books.h"

/** An open handle: a life of a slot. */
struct life {
	uint64_t sid;             /* equal in both = the same life */
	uint32_t slot;            /* row */
	uint32_t handle, generation;
	uint32_t object;          /* id */
	uint32_t type;            /* enum object_type */
	struct slot_maker maker;
	char name[EVENT_OBJECT_NAME];
};

struct lives {
	struct life *life;        /* ascending by slot */
	unsigned count;
	uint64_t instr, cycle;    /* when */
};

/** All handles that are open now. lives_free it. */
void lives_take(const struct query *q, struct lives *out);
void lives_free(struct lives *l);

#endif
