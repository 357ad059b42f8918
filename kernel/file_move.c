/* kernel/file_move.c - see file.h: renaming. A directory's row moves, and a row for each file and directory below it: files of the host's keep the path
 * of their bytes (w_file.base), and where they were a row hides them. First all of it is counted, then it is done, or nothing is. */
#include "config.h"

#include "kernel/file_priv.h"
#include "kernel/ntstatus.h"

/* What lies below a directory. */
struct below {
	uint32_t rows;  /* that moving it needs, at most */
	size_t longest; /* path, bytes */
};

/* False: as fs_find. */
static bool count_below(struct machine *m, const struct fs_place *at, struct below *b)
{
	char name[FS_PATH_MAX + 1] = "";
	struct fs_place child;
	struct fs_found f;
	for (;;) {
		if (!fs_next(m, at, name, "", &f, name))
			return false;
		if (!f.exists)
			return true;
		INVARIANT(path_append(at, name, strlen(name), &child) == NT_SUCCESS);
		b->rows += f.file ? 1 : 2; /* itself, and one that hides the host's */
		if (strlen(child.path) > b->longest)
			b->longest = strlen(child.path);
		if (f.directory && !count_below(m, &child, b))
			return false;
	}
}

/* There is room for it. */
static bool move_below(struct machine *m, const struct fs_place *at, const struct fs_place *to)
{
	char name[FS_PATH_MAX + 1] = "";
	struct fs_place child, there;
	struct fs_found f;
	for (;;) {
		if (!fs_next(m, at, name, "", &f, name))
			return false;
		if (!f.exists)
			return true;
		INVARIANT(path_append(at, name, strlen(name), &child) == NT_SUCCESS &&
			  path_append(to, name, strlen(name), &there) == NT_SUCCESS);
		if (f.directory && !move_below(m, &child, &there))
			return false;
		uint32_t row = file_row_of(m, &child, &f);
		INVARIANT(row && file_move_row(m, row, &there));
	}
}

static bool lies_below(const char *path, const struct fs_place *at)
{
	size_t n = strlen(at->path);
	return strlen(path) > n && path[n] == '\\' && fs_name_equal(path, at->path, n);
}

/* As NT's file systems have it: a directory does not move while something below it is open, and not into itself. */
static uint32_t directory_move(struct machine *m, const struct fs_place *from, const struct fs_place *to)
{
	struct below b = { 0 };
	if (lies_below(to->path, from))
		return NT_INVALID_PARAMETER;
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_file); row++) {
		const struct w_file *f = file_peek(m, row);
		if (f->opens && f->mount == from->mount && lies_below(f->path, from))
			return NT_ACCESS_DENIED;
	}
	if (!count_below(m, from, &b))
		return NT_DEVICE_DATA_ERROR;
	if (b.longest && b.longest - strlen(from->path) + strlen(to->path) > FS_PATH_MAX)
		return NT_OBJECT_NAME_INVALID;
	if (b.rows >= file_rows_left(m))
		return NT_DISK_FULL;
	return move_below(m, from, to) ? NT_SUCCESS : NT_DEVICE_DATA_ERROR;
}

uint32_t file_rename(struct machine *m, uint32_t file, const struct fs_place *to)
{
	struct fs_place from = file_place(file_peek(m, file));
	bool respelled = strlen(from.path) == strlen(to->path) && fs_name_equal(from.path, to->path, strlen(to->path));
	uint32_t nt = file_peek(m, file)->directory && !respelled ? directory_move(m, &from, to) : NT_SUCCESS;
	if (nt != NT_SUCCESS)
		return nt;
	if (!file_move_row(m, file, to))
		return NT_DISK_FULL;
	file_touch(m, file);
	return NT_SUCCESS;
}
