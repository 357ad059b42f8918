/* kernel/mount.h - devices and what is mounted on them; paths, symbolic links.
 *
 * The mount table is configuration, like the title: it is made before the machine, is shared by all machines of a session, and no machine changes
 * it. A path comes as `game:\dir\file`, `\??\d:\file`, `\Device\Cdrom0\file`. Links (ObCreateSymbolicLink's, then the default ones) are
 * followed until the name of a mounted device stands in front; what is left never leaves the mount: `..` above its root, a device's name, a NUL
 * or a character that no name may have make it invalid.
 */
#ifndef KERNEL_MOUNT_H
#define KERNEL_MOUNT_H

#include "kernel/fs_state.h"
#include "kernel/machine.h"
#include "src/vol/volume.h"

#define MOUNTS_MAX 27u

struct mount {
	char device[FS_LINK_MAX + 1];
	struct volume *volume;
	uint64_t raw;   /* bytes of a disk's partition that is one file, its root, all zero at first; 0 = files lie on it */
	uint64_t start; /* where on the disk it begins, bytes */
	bool writable; /* the title's writes are kept, in the machine's state */
	bool dead;     /* takes requests and never answers them */
	bool given;    /* by the user */
	bool through;  /* the user wants the title's changes on the host, when all is over */
};

struct mount_alias {
	char name[FS_LINK_MAX + 1], target[FS_LINK_MAX + 1];
};

struct mounts {
	unsigned count, aliases;
	struct mount mount[MOUNTS_MAX];       /* number - 1 */
	struct mount_alias alias[MOUNTS_MAX]; /* default links */
};

struct mounts *mounts_new(void);
void mounts_free(struct mounts *ms);
/** Mounts @path on @device ("game:", "\Device\Cdrom0", ...). A folder is writable, an image is not.
 * ST_BAD_USAGE: no device's name, or mounted already; volume_open's failures. */
MUST_CHECK enum status mounts_add(struct mounts *ms, const char *device, const char *path, struct err *err);
/** The title's changes on @device, a folder that is mounted, go to the host in the end. ST_BAD_USAGE: it is none; ST_NOT_FOUND. */
MUST_CHECK enum status mounts_write_through(struct mounts *ms, const char *device, struct err *err);
/** Device @device answers no request that reads or writes. ST_NOT_FOUND. */
MUST_CHECK enum status mounts_kill(struct mounts *ms, const char *device, struct err *err);
/**
 * What a title finds that was given no other mounts: its own folder (that of the file @title), read only, as \Device\Cdrom0; game: and d: lead to it,
 * or to what is mounted on one of the three; cache: and \Device\Harddisk0\Partition1 are there, empty (a folder
 * that cannot be opened, or @title NULL: empty). So are \Device\Harddisk0\Cache0, Cache1 and Partition0 (the whole disk, which does not show what
 * is written to the others: DEBT(device-exports)), as raw partitions: what the SDK's utility drive looks for, and formats.
 */
void mounts_default(struct mounts *ms, const char *title);
/** Why a run can no longer be what it was: a mount's host files have changed. NULL = none has. */
const char *mounts_broken(const struct mounts *ms);
/** One number over devices and all that has been seen of their volumes; for whoever saves a run. 0: nothing was read, or there are no mounts. */
uint64_t mounts_digest(const struct mounts *ms);

/** Where a path leads. */
struct fs_place {
	uint32_t mount;             /* number */
	uint32_t device;            /* object row: not a mount's, but below the name of this device of the title's; 0 = none */
	bool directory;             /* it ended with '\': must be one */
	char path[FS_PATH_MAX + 1]; /* "" = the root */
};

void links_layout(struct machine *m);
/** @return a guest status: NT_SUCCESS, NT_OBJECT_NAME_INVALID, NT_OBJECT_PATH_NOT_FOUND (no such device). @out->device: one
 * of the title's, its path is what is left of the name. @name may hold any bytes. */
uint32_t path_resolve(const struct machine *m, const char *name, size_t length, struct fs_place *out);
/** Appends @name (relative) to the directory @at. */
uint32_t path_append(const struct fs_place *at, const char *name, size_t length, struct fs_place *out);
/** NT_SUCCESS, NT_OBJECT_NAME_COLLISION, NT_OBJECT_NAME_INVALID, NT_INSUFFICIENT_RESOURCES. */
uint32_t link_create(struct machine *m, const char *name, const char *target);
/** NT_SUCCESS, NT_OBJECT_NAME_NOT_FOUND. */
uint32_t link_delete(struct machine *m, const char *name);
/** What the link of this name, as a title writes it, leads to; NULL = there is none. */
const char *link_find(const struct machine *m, const char *text);
/** What link @name leads to, NULL = there is none. */
const char *link_target(const struct machine *m, const char *name, size_t length);
static inline const struct w_link *link_peek(const struct machine *m, uint32_t row)
{
	return arena_peek(&m->world, m->t_link, row);
}
static inline const struct mount *mount_peek(const struct machine *m, uint32_t number)
{
	const struct mounts *ms = m->options.mounts;
	INVARIANT(ms && number - 1 < ms->count);
	return &ms->mount[number - 1];
}
static inline unsigned mounts_count(const struct machine *m)
{
	return m->options.mounts ? m->options.mounts->count : 0;
}
/** Case-insensitive in ASCII. */
bool fs_name_equal(const char *a, const char *b, size_t length);

#endif
