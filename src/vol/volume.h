/* src/vol/volume.h - what lies behind a mount: the files of a host folder, of a disc image (XDVDFS) or of a package (STFS). Read only.
 *
 * A volume belongs to the host: none of its numbers may reach the guest's state, which knows files by their paths. What it once said, it says
 * again: a folder's directories are listed once, in sorted order, and each block of 4 KiB is hashed when it is first read. A file
 * that changes under it is an error, and stays one (volume_broken). Names are compared without regard to ASCII case. Nothing outside of the
 * folder is ever opened: components are opened one by one, links are followed only if they end inside.
 */
#ifndef SRC_VOL_VOLUME_H
#define SRC_VOL_VOLUME_H

#include "src/base/base.h"

#define VOLUME_BLOCK 4096u
#define VOLUME_PATH_MAX 255u /* bytes of a path inside of a volume */
#define VOLUME_NODES_MAX (1u << 20)

/** VOLUME_KIND(id, "word") */
#define VOLUME_KINDS(VOLUME_KIND) \
	VOLUME_KIND(EMPTY, "empty") \
	VOLUME_KIND(FOLDER, "folder") VOLUME_KIND(XDVDFS, "disc image") VOLUME_KIND(STFS, "package") \
		VOLUME_KIND(SVOD, "disc package")
enum volume_kind {
#define VOLUME_KIND(id, word) VOLUME_##id,
	VOLUME_KINDS(VOLUME_KIND)
#undef VOLUME_KIND
};
const char *volume_kind_word(enum volume_kind k);

/** A file or directory of a volume; borrowed, valid until the next call with the volume. */
struct volume_entry {
	const char *name; /* its last component; "" = the root */
	uint64_t size;    /* bytes; directories: 0 */
	bool directory;
};

struct volume;

/**
 * Opens the folder or image file @path. An image's directories are all read and checked.
 * ST_NOT_FOUND, ST_IO: the host says no; ST_UNSUPPORTED: neither a folder nor an image that is known; ST_BAD_INPUT: a damaged image: @err says
 * what and where.
 */
MUST_CHECK enum status volume_open(const char *path, struct volume **out, struct err *err);
/** A volume without any file. */
struct volume *volume_new_empty(void);
void volume_free(struct volume *v);
enum volume_kind volume_kind(const struct volume *v);
/** What it was opened with; "" = empty. Borrowed. */
const char *volume_path(const struct volume *v);

/** The number (not 0) of what lies at @path ("" = the root, components apart by '\'). ST_NOT_FOUND; ST_IO: broken. */
MUST_CHECK enum status volume_find(struct volume *v, const char *path, uint32_t *node, struct err *err);
struct volume_entry volume_entry(const struct volume *v, uint32_t node);
/** The numbers of a directory's children: @first to @first + @count - 1, sorted by upper-cased name. ST_IO: broken. */
MUST_CHECK enum status volume_children(struct volume *v, uint32_t node, uint32_t *first, uint32_t *count, struct err *err);
/** Bytes of block @block of a file; what lies behind its end is zero. ST_IO: broken. ST_BAD_INPUT: a package's block that is not what its
 * hashes say; it will always be so, and everything else can be read. */
MUST_CHECK enum status volume_read(struct volume *v, uint32_t node, uint64_t block, uint8_t bytes[VOLUME_BLOCK], struct err *err);
/** Why the volume can no longer be relied on, in one line; NULL = it can. Borrowed. */
const char *volume_broken(const struct volume *v);

/** Compares all blocks of a file with the volume's own hashes, without its counting as read: how many there are, and how many are not what these
 * say. No blocks: it has no hashes. ST_IO: broken. */
MUST_CHECK enum status volume_verify(struct volume *v, uint32_t node, uint64_t *blocks, uint64_t *bad, struct err *err);
/** Blocks read so far of which the volume has hashes (a package's), and how many of them are not what these say. */
uint64_t volume_checked(const struct volume *v, uint64_t *bad);
/** Host entries that are not shown: neither file nor directory, names the console cannot have, equal but for their case, links outwards. */
uint32_t volume_hidden(const struct volume *v);
/** Calls @fn for each file of which something has been read, by path, in ascending order: @digest is over the blocks that were read. */
typedef void volume_seen_fn(void *ctx, const char *path, uint64_t size, uint64_t blocks, uint64_t digest);
void volume_each_seen(const struct volume *v, volume_seen_fn *fn, void *ctx);
/* Writing into a folder, as it lies on the host now: for what the user explicitly asked for, when nothing reads from it any more. ST_IO: @err
 * says which path, and why. */
typedef bool volume_out_fn(void *ctx, uint64_t block, uint8_t bytes[VOLUME_BLOCK]);
/** A new file, number @number, of @size bytes that @read gives; it has no place yet. @path: for @err. */
MUST_CHECK enum status volume_out_stage(
	struct volume *v, unsigned number, const char *path, uint64_t size, volume_out_fn *read, void *ctx, struct err *err);
/** It takes its place at @path, in one step. */
MUST_CHECK enum status volume_out_place(struct volume *v, unsigned number, const char *path, struct err *err);
/** It is not wanted any more. */
void volume_out_unstage(struct volume *v, unsigned number);
/** A file that is there makes room for it. */
MUST_CHECK enum status volume_out_directory(struct volume *v, const char *path, struct err *err);
/** A file or an empty directory; that it is not there is no failure. */
MUST_CHECK enum status volume_out_remove(struct volume *v, const char *path, struct err *err);

/** One number over all that has been seen of it: names, sizes, contents. What another run has to find again. */
uint64_t volume_digest(const struct volume *v);

#endif
