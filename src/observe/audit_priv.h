/* src/observe/audit_priv.h - what audit.c and audit_read.c share; nobody else includes it. */
#ifndef SRC_OBSERVE_AUDIT_PRIV_H
#define SRC_OBSERVE_AUDIT_PRIV_H

#include "src/observe/audit.h"

#define CHUNK_ENTRIES 2u              /* few, so that an object with a short life takes little */
#define RING_CHUNKS (AUDIT_RING / CHUNK_ENTRIES)
#define OBJECTS_SEEN_MAX (1u << 26) /* object ids of which it is known whether their creation was seen */

/* A piece of a ring; a row of "audit.chunk". */
struct chunk {
	uint32_t next;        /* chunk row; of the last one: the first */
	uint32_t pad;
	struct audit_entry entry[CHUNK_ENTRIES];
};
ARENA_ROW_SIZE(chunk, 104);

/* A creation stack; a row of "audit.stack". */
struct audit_stack_row {
	uint32_t link;        /* the arena's free list */
	uint32_t frames;
	struct walk_frame frame[AUDIT_FRAMES_MAX];
};
ARENA_ROW_SIZE(audit_stack_row, 264);

static inline const struct chunk *chunk_peek(const struct audit *a, uint32_t row)
{
	return arena_peek(a->history, a->t_chunk, row);
}

static inline uint32_t ring_chunks(const struct audit_ring *r)
{
	return r->total >= AUDIT_RING ? RING_CHUNKS : (r->total + CHUNK_ENTRIES - 1) / CHUNK_ENTRIES;
}

/* Row of the trail of @object, or if that is 0 of the ghost known by @handle and @generation; 0 = none. */
uint32_t trail_find(const struct audit *a, uint32_t object, uint32_t handle, uint32_t generation);
bool audit_in_focus(const struct audit *a, const struct event *ev);

#endif
