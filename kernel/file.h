/* kernel/file.h - files and directories as the title sees them: what the mounts show, under what the title has changed since.
 *
 * The overlay: a file that the title changes, makes or deletes has a row of "file" from then on; blocks of 4 KiB that it wrote have rows of
 * "file.block" (copy on write), all others show the host's bytes. So a machine's files are part of its state: snapshots hold them, the
 * digest covers them, going back takes them back. Reads and writes of open files go through the page cache (kernel/cache.h), not through here.
 */
#ifndef KERNEL_FILE_H
#define KERNEL_FILE_H

#include "kernel/mount.h"

#define FILE_PAGE 4096u
#define FILE_BYTES_MAX (UINT64_C(1) << 32) /* a file of the title's is smaller: FATX */

#define ATTRIBUTE_READONLY 0x01u
#define ATTRIBUTE_DIRECTORY 0x10u
#define ATTRIBUTE_NORMAL 0x80u

void files_layout(struct machine *m);

/** What lies at a place. */
struct fs_found {
	uint32_t file; /* file row; 0 = it has none yet */
	uint32_t node; /* of its volume; 0 = none, or not looked at */
	bool exists, directory;
	uint64_t size, created, written;
	uint32_t attributes;
};
/** False: the host's files have changed, and the machine stops (mount_fail). */
MUST_CHECK bool fs_find(struct machine *m, const struct fs_place *at, struct fs_found *out);
/** Asks for the stop of a machine whose host files have changed; @thread: on whose behalf, 0 = none. */
void mount_fail(struct machine *m, uint32_t thread);

/** The row of what was found at @at; made if it has none. 0 = no room. */
uint32_t file_row_of(struct machine *m, const struct fs_place *at, const struct fs_found *f);
/** A new, empty file or directory at @at, where nothing is. 0 = no room. */
uint32_t file_make(struct machine *m, const struct fs_place *at, bool directory, uint32_t attributes);
/** From now on it is the title's: changed now. */
void file_touch(struct machine *m, uint32_t file);
/** Its size; blocks and cached pages behind a smaller one go. */
void file_size_set(struct machine *m, uint32_t file, uint64_t size);
/** It has no name any more; its bytes go. */
void file_delete(struct machine *m, uint32_t file);
/** It is at @to from now on, where nothing is, and so is what lies below a directory. @return NT_SUCCESS, or nothing has changed: NT_DISK_FULL (no
 * room); of a directory NT_ACCESS_DENIED (something below it is open), NT_INVALID_PARAMETER (@to lies below it), NT_OBJECT_NAME_INVALID (a name
 * below it becomes too long); NT_DEVICE_DATA_ERROR: mount_fail has been called. */
uint32_t file_rename(struct machine *m, uint32_t file, const struct fs_place *to);
/** One open less: a row that says nothing more than the host does goes. */
void file_unopen(struct machine *m, uint32_t file);

/** Reads one page without the cache. @return NT_SUCCESS; NT_FILE_CORRUPT_ERROR: a package's block that is not what its hashes say (which status a
 * console gives is not known: DEBT(stfs-status)); NT_DEVICE_DATA_ERROR: mount_fail has been called. */
MUST_CHECK uint32_t file_page_read(struct machine *m, uint32_t file, uint32_t page, uint8_t bytes[FILE_PAGE]);
/** Makes the page the title's own, so that file_page_write cannot fail. False: no room. */
bool file_page_reserve(struct machine *m, uint32_t file, uint32_t page);
void file_page_write(struct machine *m, uint32_t file, uint32_t page, const uint8_t bytes[FILE_PAGE]);
/** Pages that are the title's own, over all files. */
uint32_t file_blocks(const struct machine *m);

/** The entry of directory @at whose name comes next after @after ("" = the first one) and fits @pattern; exists = false: no more.
 * False: as fs_find. */
MUST_CHECK bool fs_next(struct machine *m, const struct fs_place *at, const char *after, const char *pattern,
	struct fs_found *out, char name[FS_PATH_MAX + 1]);
/** Has the directory no entries? */
MUST_CHECK bool fs_is_empty(struct machine *m, const struct fs_place *at, bool *empty);
/** `*` any bytes, `?` one; `*.*` and "" fit all; without regard to ASCII case. */
bool fs_pattern_fits(const char *pattern, const char *name);

/** Writes what the title has changed on mount @mount, a folder, into it: whole files; new directories; what it deleted goes. The machine does not
 * run on afterwards: its mount has changed. ST_IO: says which file; those before it have been written. */
MUST_CHECK enum status files_write_through(struct machine *m, uint32_t mount, struct err *err);

static inline const struct w_file *file_peek(const struct machine *m, uint32_t row)
{
	return arena_peek(&m->world, m->t_file, row);
}
static inline struct w_file *file_mut(struct machine *m, uint32_t row)
{
	return arena_row(&m->world, m->t_file, row);
}
static inline struct fs_place file_place(const struct w_file *f)
{
	struct fs_place p = { .mount = f->mount };
	memcpy(p.path, f->path, sizeof p.path);
	return p;
}
/** "game:\dir\file": device and path. */
const char *file_name(const struct machine *m, uint32_t file, char *buf, size_t size);
/** The time that all of the host's files have: the console's boot is later. 2005-11-01, FILETIME. */
#define FILE_HOST_TIME UINT64_C(127752768000000000)

#endif
