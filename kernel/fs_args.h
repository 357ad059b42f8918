/* kernel/fs_args.h - arguments that name files, and answers to them. */
#ifndef KERNEL_FS_ARGS_H
#define KERNEL_FS_ARGS_H

#include "kernel/call.h"
#include "kernel/mount.h"

#define DOS_DEVICES 0xFFFFFFFDu /* the root directory of names such as game:\x (facts: handle spaces) */

/** The place that the OBJECT_ATTRIBUTES at @ga name: below its root directory, a directory's handle, if there is one. @return a guest
 * status; a bad pointer faults the call. */
uint32_t arg_place(struct machine *m, struct call *c, uint32_t ga, struct fs_place *out);
/** The same, but what lies on a device of the title's own is told, too: @out->device. */
uint32_t arg_place_or_device(struct machine *m, struct call *c, uint32_t ga, struct fs_place *out);
/** The same of an ANSI_STRING; @root: 0, or a directory's handle. */
uint32_t arg_place_string(struct machine *m, struct call *c, uint32_t string, uint32_t root, struct fs_place *out);
/** Writes an IO_STATUS_BLOCK. */
void out_status_block(struct machine *m, struct call *c, uint32_t ga, uint32_t status, uint32_t information);

#endif
