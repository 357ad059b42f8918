/* kernel/file_priv.h - what kernel/file*.c share. */
#ifndef KERNEL_FILE_PRIV_H
#define KERNEL_FILE_PRIV_H

#include "kernel/file.h"

/** File row at this path, a deleted one too; 0 = none. */
uint32_t file_by_path(const struct machine *m, uint32_t mount, const char *path);
/** Less than 0: @a comes first. Without regard to ASCII case. */
int file_name_order(const char *a, const char *b);
void file_describe(const struct machine *m, uint32_t file, struct fs_found *out);
void file_describe_host(const struct volume_entry *e, uint32_t node, bool writable, struct fs_found *out);

/** Puts the row at @to, where nothing is; what the host has where it was is hidden. False: no room. */
bool file_move_row(struct machine *m, uint32_t file, const struct fs_place *to);
/** So many rows more can be made. */
uint32_t file_rows_left(const struct machine *m);

void file_blocks_layout(struct machine *m);
/** The file's own blocks behind byte @size go; the rest of the one that @size lies in becomes zero. */
void file_blocks_drop(struct machine *m, uint32_t file, uint64_t size);

#endif
