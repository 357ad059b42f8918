/* kernel/content.h - content packages on the storage device: directories below its Content, opened under a root name ("save:").
 *
 *   Content\<xuid>\<title id>\<type>\<file name>               the package (16, 8 and 8 digits; Xenia and the console lay them out so)
 *   Content\<xuid>\<title id>\Headers\<type>\<name>.header     its XCONTENT_DATA: what it is called
 *   Content\<xuid>\<title id>\Headers\<type>\<name>.png        its thumbnail
 * All of it are files of the mount on CONTENT_DEVICE: the title's changes lie in the machine's state, a folder of the host's mounted there shows its
 * packages, with or without a header. DEBT(content-containers): a package that is one file (STFS) is not listed.
 * What needs a mount's bytes can end in mount_fail; then nothing that is answered matters.
 */
#ifndef KERNEL_CONTENT_H
#define KERNEL_CONTENT_H

#include "kernel/fs_state.h"
#include "kernel/mount.h"
#include "kernel/xam_guest.h"
#include "kernel/xam_state.h"

/* The one storage device: another emulator's numbers (Xenia canary); the name is ours. */
#define CONTENT_DEVICE "\\Device\\Harddisk0\\Partition1"
#define CONTENT_DEVICE_ID 1u
#define CONTENT_DEVICE_HDD 1u /* device type */
#define CONTENT_DEVICE_NAME "Hard Drive"
#define CONTENT_TOTAL_BYTES (UINT64_C(20) << 30)
#define CONTENT_FREE_BYTES (UINT64_C(10) << 30)

#define CONTENT_SAVED_GAME 1u
#define CONTENT_MARKETPLACE 2u
#define CONTENT_THUMBNAIL_MAX 0x4000u /* bytes of a PNG (Xenia canary: XContentMetadata) */

void contents_layout(struct machine *m);

struct content_id {
	uint64_t xuid;
	uint32_t title_id, type;
	char name[CONTENT_NAME_MAX + 1];
};
/** The package that @data of @xuid's and the title's names. */
struct content_id content_id_of(uint64_t xuid, uint32_t title_id, const struct g_xcontent_data *data);
/** Its path on the device, from "\Device" on. False: no such name. */
bool content_path(const struct content_id *id, char path[FS_LINK_MAX + 1]);

/* All of these answer a Win32 error. */
/** ERROR_SUCCESS: it is there; ERROR_PATH_NOT_FOUND. */
uint32_t content_find(struct machine *m, const struct content_id *id);
/** Makes it, where nothing is. */
uint32_t content_make(struct machine *m, const struct content_id *id, const struct g_xcontent_data *data);
/** It and all below it goes. ERROR_FILE_NOT_FOUND; ERROR_ACCESS_DENIED: it is open, or a file in it. */
uint32_t content_delete(struct machine *m, const struct content_id *id);
/** What its header says, or without one: its name. */
uint32_t content_describe(struct machine *m, const struct content_id *id, struct g_xcontent_data *out);
/** The package behind *@name ("" = the first) of those of @id's user, title and type: into it and @id->name. ERROR_NO_MORE_FILES. */
uint32_t content_next(struct machine *m, struct content_id *id);
/** Stores @size bytes that lie in the title's memory at @ga. ERROR_FILE_NOT_FOUND: there is no such package. */
uint32_t content_thumbnail_set(struct machine *m, const struct content_id *id, uint32_t ga, uint32_t size);
/** Reads it into a block of the kernel's pool that the caller frees: *@ga, *@size. ERROR_FILE_NOT_FOUND: there is none. */
uint32_t content_thumbnail_get(struct machine *m, const struct content_id *id, uint32_t *ga, uint32_t *size);

/** Is @root (without ':') a link's name already? */
bool content_root_taken(const struct machine *m, const char *root);
/** Opens the package, which is there, under @root, for thread row @thread. */
uint32_t content_open(struct machine *m, uint32_t thread, const char *root, const struct content_id *id, bool created);
/** Files in it that are open stay so. ERROR_FILE_NOT_FOUND: nothing is open under that name. */
uint32_t content_close(struct machine *m, const char *root);
/** Content row of what is open under @root, 0 = none. */
uint32_t content_by_root(const struct machine *m, const char *root);
static inline const struct w_content *content_peek(const struct machine *m, uint32_t row)
{
	return arena_peek(&m->world, m->t_content, row);
}

#endif
