/* tests/small.h - what tests of the ground share: both arenas, guest memory and the event stream, without a kernel. */
#ifndef TESTS_SMALL_H
#define TESTS_SMALL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/event/event.h"
#include "src/mem/mem.h"
#include "src/snap/snap.h"

#define SMALL_CODE 0x82000000u    /* one 64 KiB page of code */
#define SMALL_STACK 0x70000000u   /* one 64 KiB page of stack */
#define SMALL_BYTES 0x10000u
#define SMALL_RX (MEM_PROT_R | MEM_PROT_X)
#define SMALL_RW (MEM_PROT_R | MEM_PROT_W)

struct small {
	struct arena world, history;
	struct mem mem;
	struct event_stream events;
	struct snap_line *line;
};

static inline void small_commit(struct small *s, uint32_t ga, uint32_t size, unsigned protect)
{
	assert_int_equal(mem_commit(&s->mem, ga, size, protect, MEM_OWNER_heap, ga), ST_OK);
}

/* A second machine's worth may be had: everything is in @s. */
static inline void small_init(struct small *s)
{
	assert_int_equal(arena_init(&s->world, UINT64_C(64) << 20), ST_OK);
	assert_int_equal(arena_init(&s->history, UINT64_C(4) << 30), ST_OK);
	assert_int_equal(mem_init(&s->mem, &s->world), ST_OK);
	event_init(&s->events, &s->history);
	s->line = snap_line_new(&s->world, &s->history, &s->mem);
}

static inline void small_map(struct small *s)
{
	small_commit(s, SMALL_CODE, SMALL_BYTES, SMALL_RX);
	small_commit(s, SMALL_STACK, SMALL_BYTES, SMALL_RW);
}

static inline void small_fini(struct small *s)
{
	snap_line_free(s->line);
	mem_fini(&s->mem);
	arena_fini(&s->world);
	arena_fini(&s->history);
}

static inline void small_put(struct small *s, uint32_t ga, uint32_t word)
{
	be32 b = be32_of(word);
	assert_int_equal(mem_poke(&s->mem, ga, &b, sizeof b), MEM_OK);
}

/* A name for a file of this test, in the build's folder for temporary files. */
static inline char *small_path(const char *name)
{
	const char *dir = getenv("TMPDIR");
	char *path = malloc(4096);
	assert_non_null(path);
	snprintf(path, 4096, "%s/wedge-%ld-%s", dir && *dir ? dir : "/tmp", (long)getpid(), name);
	return path;
}

#endif
