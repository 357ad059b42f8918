/* src/snap/snap.h - pictures of a whole machine (both arenas, guest memory), the way back, and their form as a file.
 *
 * A line belongs to one machine and knows which picture its clean pages equal: taking one costs the pages written to since the
 * last one was taken or put back, and putting one back costs those and the pages in which the two differ. Pictures share all
 * that is equal; each stands for itself and may be put back in any order, into any machine laid out alike. Snapshots know nothing of
 * the kernel: who owns the machine drops decoded code (kernel/machine.c, machine_restore).
 */
#ifndef SRC_SNAP_SNAP_H
#define SRC_SNAP_SNAP_H

#include "src/base/arena.h"
#include "src/base/base.h"
#include "src/mem/mem.h"

struct snapshot; /* src/snap/snap.c */
struct snap_line;

#define SNAPSHOT_MAGIC "wedgesnp"

/** What a saved snapshot belongs to; the caller's digests of the title's bytes and of the options that decide the run. */
struct snapshot_origin {
	uint64_t title, options;
	const char *note;             /* the caller's own text, kept in the file; NULL = "" */
};

/** A machine's line of pictures; the three are borrowed, and nobody else may call arena_clean or mem_clean on them. */
struct snap_line *snap_line_new(struct arena *world, struct arena *history, struct mem *mem);
void snap_line_free(struct snap_line *line); /* the pictures taken live on; NULL is nothing */

/** The machine as it is; the caller frees it with snapshot_free. Changes nothing that the guest or a digest sees. */
struct snapshot *snapshot_take(struct snap_line *line);
/** Makes both arenas and guest memory what they were, and rebuilds the page attributes. INVARIANT: the arenas are laid out as those
 * that the snapshot was taken from. */
void snapshot_put(struct snap_line *line, const struct snapshot *s);
void snapshot_free(struct snapshot *s);
/** Bytes of the pages that it holds, those that it shares with others included. */
uint64_t snapshot_bytes(const struct snapshot *s);
/** Bytes that taking it has cost: the pages that it did not share with the one before. */
uint64_t snapshot_new_bytes(const struct snapshot *s);

/** Host memory of all of the line's living pictures, and of those put back into it: each page once, however many share it. */
uint64_t snap_line_bytes(const struct snap_line *line);

/** Writes @s to @path: whole, or not at all (an older file of that name then stays). ST_IO with a line. */
MUST_CHECK enum status snapshot_save(
	const struct snapshot *s, const char *path, const struct snapshot_origin *origin, struct err *err);
/** Does it begin as a saved snapshot does? */
bool snapshot_is_file(const char *path);
/** The text that was saved with it; the caller frees it. The whole file is checked. Fails as snapshot_open does. */
MUST_CHECK enum status snapshot_note(const char *path, char **note, struct err *err);
/**
 * Reads a saved snapshot for a machine whose arenas are laid out like @world and @history.
 * ST_IO; ST_BAD_INPUT: no snapshot, of another version of wedge or another byte order, damaged, or (@want, if any) of another title or other options.
 */
MUST_CHECK enum status snapshot_open(const char *path, const struct arena *world, const struct arena *history,
	const struct snapshot_origin *want, struct snapshot **out, struct err *err);

#endif
