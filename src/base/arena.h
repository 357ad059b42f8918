/* src/base/arena.h - paged, dirty-tracked tables of fixed-size rows: where all of a machine's state lives.
 *
 * A machine has two: *world* (decides the future, digested) and *history* (belongs to guest time, decides nothing).
 * Both hold tables laid out once, in a fixed order, when the machine is made: so the same row has the same offset in
 * every machine of every process. A reference from row to row is a row number (0 = none), never a host pointer.
 *
 * Row structs hold fixed-width integers only and no implicit padding (ARENA_ROW_SIZE asserts the size), so that a digest over the
 * bytes is a digest over the fields. A free row is zero but for its first 4 bytes, the link of the free list.
 */
#ifndef SRC_BASE_ARENA_H
#define SRC_BASE_ARENA_H

#include "src/base/base.h"

#define ARENA_PAGE_SHIFT 12
#define ARENA_PAGE (1u << ARENA_PAGE_SHIFT)
#define ARENA_TABLES_MAX 96
#define ARENA_DIRTY 1u        /* handed out for writing since arena_clean() */
#define ARENA_TOUCHED 2u      /* handed out for writing since arena_init(): every other page is known to be zero */
#define ARENA_ROW_SIZE(T, n) _Static_assert(sizeof(struct T) == (n), #T " must be " #n " bytes, without padding")

/** Layout of one table; fixed after set-up, the same for every machine. */
struct arena_table {
	const char *name;     /* static; part of the saved form */
	uint64_t offset;      /* bytes from the arena's start, page-aligned */
	uint32_t row_size;    /* bytes */
	uint32_t max_rows;    /* row 0 included, which is never given out */
};

/** The part of a table that changes; lies in the arena's first pages. */
struct arena_head {
	uint32_t count;       /* rows ever used; rows 1..count-1 may hold something (0: none yet) */
	uint32_t free;        /* head of the free list, 0 = empty */
	uint32_t live;        /* rows taken and not given back */
	uint32_t pad;
};

struct arena {
	uint8_t *base;        /* host address; reserved as a whole, touched lazily */
	uint8_t *dirty;       /* one byte per page, ARENA_* bits */
	uint32_t *dirty_page; /* numbers of the pages that are ARENA_DIRTY, in the order in which they became so */
	uint32_t dirty_pages; /* how many */
	uint64_t size;        /* bytes laid out */
	uint64_t reserved;    /* bytes reserved on the host */
	unsigned tables;
	struct arena_table table[ARENA_TABLES_MAX];
};

/** Reserves @reserve bytes of address space. ST_NO_MEMORY if the host refuses. */
MUST_CHECK enum status arena_init(struct arena *a, uint64_t reserve);
void arena_fini(struct arena *a);

/** Lays out a table (set-up only) and returns its number. INVARIANT: room for it, unique name. */
unsigned arena_table_add(struct arena *a, const char *name, uint32_t row_size, uint32_t max_rows);

static inline struct arena_head *arena_head(const struct arena *a, unsigned t)
{
	return (struct arena_head *)(void *)a->base + t;
}

/** Notes that a page is written to; arena_touch's slow path. */
void arena_note(struct arena *a, uint64_t page);

static inline void arena_touch(struct arena *a, uint64_t offset, uint32_t size)
{
	for (uint64_t p = offset >> ARENA_PAGE_SHIFT; p <= (offset + size - 1) >> ARENA_PAGE_SHIFT; p++)
		if (UNLIKELY(!(a->dirty[p] & ARENA_DIRTY)))
			arena_note(a, p);
}

/** Row @row of table @t for writing; valid until the next instruction boundary. INVARIANT: 0 < row < max_rows. */
static inline void *arena_row(struct arena *a, unsigned t, uint32_t row)
{
	const struct arena_table *d = &a->table[t];
	INVARIANT(row - 1 < d->max_rows - 1);
	uint64_t offset = d->offset + (uint64_t)row * d->row_size;
	arena_touch(a, offset, d->row_size);
	return a->base + offset;
}

/** The same for reading. */
static inline const void *arena_peek(const struct arena *a, unsigned t, uint32_t row)
{
	const struct arena_table *d = &a->table[t];
	INVARIANT(row - 1 < d->max_rows - 1);
	return a->base + d->offset + (uint64_t)row * d->row_size;
}

/** Takes a zeroed row: the most recently freed one, else a new one. 0 when the table is full. */
uint32_t arena_take(struct arena *a, unsigned t);
/** Zeroes @row and puts it on the free list. */
void arena_give(struct arena *a, unsigned t, uint32_t row);
/** Makes row @row of a directly indexed table usable (count covers it); for tables whose row number is given from outside. */
void arena_cover(struct arena *a, unsigned t, uint32_t row);

/** Rows 1..arena_count-1 may be in use. */
static inline uint32_t arena_count(const struct arena *a, unsigned t) { return arena_head(a, t)->count; }
static inline uint32_t arena_live(const struct arena *a, unsigned t) { return arena_head(a, t)->live; }

/** Forgets what is dirty. */
void arena_clean(struct arena *a);

#endif
