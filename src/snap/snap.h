/* src/snap/snap.h - a copy of a whole machine (both arenas, guest memory), the way back, and its form as a file.
 *
 * A snapshot holds every page that is not zero. It knows nothing of the kernel: who owns the machine drops decoded code and tells
 * the memory which hardware thread runs (kernel/machine.c, machine_restore).
 */
#ifndef SRC_SNAP_SNAP_H
#define SRC_SNAP_SNAP_H

#include "src/base/arena.h"
#include "src/base/base.h"
#include "src/mem/mem.h"

struct snapshot;                /* src/snap/snap.c */

/** What a saved snapshot belongs to; the caller's digests of the title's bytes and of the options that decide the run. */
struct snapshot_origin {
	uint64_t title, options;
};

/** A full copy; the caller frees it with snapshot_free. Changes nothing. */
struct snapshot *snapshot_take(const struct arena *world, const struct arena *history, const struct mem *mem);
/** Makes both arenas and guest memory what they were, and rebuilds the page attributes. INVARIANT: the arenas are laid out as those
 * that the snapshot was taken from. */
void snapshot_put(const struct snapshot *s, struct arena *world, struct arena *history, struct mem *mem);
void snapshot_free(struct snapshot *s);
/** Host bytes that it takes. */
uint64_t snapshot_bytes(const struct snapshot *s);

/** Writes @s to @path: whole, or not at all (an older file of that name then stays). ST_IO with a line. */
MUST_CHECK enum status snapshot_save(const struct snapshot *s, const char *path, const struct snapshot_origin *origin,
                                     struct err *err);
/**
 * Reads a saved snapshot for a machine whose arenas are laid out like @world and @history.
 * ST_IO; ST_BAD_INPUT: no snapshot, of another version of wedge, damaged, or (@want, if any) of another title or other options.
 */
MUST_CHECK enum status snapshot_open(const char *path, const struct arena *world, const struct arena *history,
                                     const struct snapshot_origin *want, struct snapshot **out, struct err *err);

#endif
