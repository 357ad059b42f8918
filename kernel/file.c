/* kernel/file.c - see file.h: the rows of files, and what lies at a place. Blocks: file_block.c; listing: file_list.c */
#include "config.h"

#include "kernel/file.h"

#include <stdio.h>

#include "kernel/cache.h"
#include "kernel/file_priv.h"
#include "kernel/rows.h"
#include "kernel/stop.h"

#define FILES_MAX (1u << 16)
#define FILE_BUCKETS 4096u

void files_layout(struct machine *m)
{
	m->t_file = arena_table_add(&m->world, "file", sizeof(struct w_file), FILES_MAX);
	m->t_file_bucket = arena_table_add(&m->world, "file.bucket", sizeof(struct w_bucket), FILE_BUCKETS + 1);
	file_blocks_layout(m);
}

static uint64_t now(const struct machine *m)
{
	return machine_row(m)->boot_time + machine_ticks(m) / TICKS_PER_100NS;
}

void mount_fail(struct machine *m, uint32_t thread)
{
	const char *why = mounts_broken(m->options.mounts);
	stop_plain(m, STOP_MOUNT, thread, 0, why ? why : "a mounted file cannot be read");
}

const char *file_name(const struct machine *m, uint32_t file, char *buf, size_t size)
{
	const struct w_file *f = file_peek(m, file);
	snprintf(buf, size, "%s\\%s", mount_peek(m, f->mount)->device, f->path);
	return buf;
}

/* ---- by path --------------------------------------------------------------------------------------------------------------- */

static uint32_t bucket_of(uint32_t mount, const char *path)
{
	char folded[FS_PATH_MAX + 1] = "";
	for (unsigned i = 0; path[i]; i++)
		folded[i] = (char)(path[i] >= 'a' && path[i] <= 'z' ? path[i] - 32 : path[i]);
	return (uint32_t)(fnv_str(fnv_u64(FNV_BASIS, mount), folded) % FILE_BUCKETS) + 1;
}

static uint32_t bucket_head(const struct machine *m, uint32_t bucket)
{
	return ((const struct w_bucket *)arena_peek(&m->world, m->t_file_bucket, bucket))->object;
}

static void bucket_set(struct machine *m, uint32_t bucket, uint32_t file)
{
	arena_cover(&m->world, m->t_file_bucket, bucket);
	((struct w_bucket *)arena_row(&m->world, m->t_file_bucket, bucket))->object = file;
}

static void hash_in(struct machine *m, uint32_t file)
{
	uint32_t bucket = bucket_of(file_peek(m, file)->mount, file_peek(m, file)->path);
	file_mut(m, file)->hash_next = bucket_head(m, bucket);
	bucket_set(m, bucket, file);
}

static void hash_out(struct machine *m, uint32_t file)
{
	struct w_file *f = file_mut(m, file);
	uint32_t bucket = bucket_of(f->mount, f->path), at = bucket_head(m, bucket);
	if (at == file) {
		bucket_set(m, bucket, f->hash_next);
	} else {
		while (file_peek(m, at)->hash_next != file)
			at = file_peek(m, at)->hash_next;
		file_mut(m, at)->hash_next = f->hash_next;
	}
	f->hash_next = 0;
}

uint32_t file_by_path(const struct machine *m, uint32_t mount, const char *path)
{
	size_t n = strlen(path);
	uint32_t row = bucket_head(m, bucket_of(mount, path));
	for (; row; row = file_peek(m, row)->hash_next) {
		const struct w_file *f = file_peek(m, row);
		if (f->mount == mount && strlen(f->path) == n && fs_name_equal(f->path, path, n))
			return row;
	}
	return 0;
}

void file_describe(const struct machine *m, uint32_t file, struct fs_found *out)
{
	const struct w_file *f = file_peek(m, file);
	*out = (struct fs_found){ .file = file,
		.exists = f->state != FILE_GONE,
		.directory = f->directory,
		.size = f->size,
		.created = f->created,
		.written = f->written,
		.attributes = f->attributes };
}

void file_describe_host(const struct volume_entry *e, uint32_t node, bool writable, struct fs_found *out)
{
	*out = (struct fs_found){ .node = node,
		.exists = true,
		.directory = e->directory,
		.size = e->size,
		.created = FILE_HOST_TIME,
		.written = FILE_HOST_TIME };
	out->attributes = (e->directory      ? ATTRIBUTE_DIRECTORY
				  : writable ? ATTRIBUTE_NORMAL
					     : 0) |
			  (writable ? 0 : ATTRIBUTE_READONLY);
}

bool fs_find(struct machine *m, const struct fs_place *at, struct fs_found *out)
{
	uint32_t node, file = file_by_path(m, at->mount, at->path);
	*out = (struct fs_found){ 0 };
	if (file) {
		file_describe(m, file, out);
		return true;
	}
	/* What the host has below a directory that the title deleted is not there: deleting needs an empty one, so each entry hides itself. */
	const struct mount *mt = mount_peek(m, at->mount);
	enum status st = volume_find(mt->volume, at->path, &node, NULL);
	if (st == ST_OK) {
		struct volume_entry e = volume_entry(mt->volume, node);
		if (mt->raw)
			e = (struct volume_entry){ .name = "", .size = mt->raw };
		file_describe_host(&e, node, mt->writable, out);
	}
	if (st == ST_IO)
		mount_fail(m, m->acting);
	return st != ST_IO;
}

/* ---- rows ------------------------------------------------------------------------------------------------------------------ */

static uint32_t row_new(struct machine *m, const struct fs_place *at)
{
	uint32_t row = arena_take(&m->world, m->t_file);
	if (!row)
		return 0;
	struct w_file *f = file_mut(m, row);
	f->mount = at->mount;
	memcpy(f->path, at->path, strlen(at->path));
	hash_in(m, row);
	return row;
}

static void row_free(struct machine *m, uint32_t file)
{
	hash_out(m, file);
	memset(file_mut(m, file), 0, sizeof(struct w_file));
	arena_give(&m->world, m->t_file, file);
}

/* The path as the volume spells it. */
static void host_spelling(const struct machine *m, const struct fs_found *f, struct fs_place *at)
{
	size_t n = strlen(volume_entry(mount_peek(m, at->mount)->volume, f->node).name);
	memcpy(at->path + strlen(at->path) - n, volume_entry(mount_peek(m, at->mount)->volume, f->node).name, n);
}

uint32_t file_row_of(struct machine *m, const struct fs_place *at, const struct fs_found *f)
{
	struct fs_place place = *at;
	INVARIANT(f->exists);
	if (f->file)
		return f->file;
	host_spelling(m, f, &place);
	uint32_t row = row_new(m, &place);
	if (!row)
		return 0;
	struct w_file *file = file_mut(m, row);
	file->state = FILE_KEPT;
	file->directory = f->directory;
	file->size = file->base_size = f->size;
	file->created = f->created;
	file->written = f->written;
	file->attributes = f->attributes;
	file->from_host = !mount_peek(m, at->mount)->raw;
	memcpy(file->base, file->path, sizeof file->base);
	return row;
}

uint32_t file_make(struct machine *m, const struct fs_place *at, bool directory, uint32_t attributes)
{
	uint32_t row = file_by_path(m, at->mount, at->path);
	if (row && file_peek(m, row)->opens)
		return 0;
	if (!row)
		row = row_new(m, at);
	if (!row)
		return 0;
	struct w_file *f = file_mut(m, row);
	f->state = FILE_CHANGED;
	f->directory = directory;
	f->created = f->written = now(m);
	f->attributes = directory ? ATTRIBUTE_DIRECTORY : attributes ? attributes : ATTRIBUTE_NORMAL;
	f->from_host = 0;
	memset(f->base, 0, sizeof f->base);
	return row;
}

void file_touch(struct machine *m, uint32_t file)
{
	struct w_file *f = file_mut(m, file);
	if (f->state == FILE_KEPT)
		f->state = FILE_CHANGED;
	f->written = now(m);
}

void file_size_set(struct machine *m, uint32_t file, uint64_t size)
{
	struct w_file *f = file_mut(m, file);
	if (size < f->size) {
		cache_truncate(m, file, size);
		file_blocks_drop(m, file, size);
	}
	f->size = size;
	if (size < f->base_size)
		f->base_size = size;
	file_touch(m, file);
}

/* Hides what the host has at @at, if there is anything. */
static bool hide(struct machine *m, const struct fs_place *at)
{
	uint32_t node, row;
	if (volume_find(mount_peek(m, at->mount)->volume, at->path, &node, NULL) == ST_NOT_FOUND)
		return true;
	row = row_new(m, at);
	if (row)
		file_mut(m, row)->state = FILE_GONE;
	return row != 0;
}

void file_delete(struct machine *m, uint32_t file)
{
	uint32_t node;
	struct w_file *f = file_mut(m, file);
	cache_truncate(m, file, 0);
	file_blocks_drop(m, file, 0);
	bool host = volume_find(mount_peek(m, f->mount)->volume, f->path, &node, NULL) != ST_NOT_FOUND;
	f->state = FILE_GONE;
	f->size = f->base_size = f->created = f->written = 0;
	f->attributes = 0;
	f->from_host = f->delete_pending = f->directory = 0;
	memset(f->base, 0, sizeof f->base);
	if (!host && !f->opens)
		row_free(m, file);
}

uint32_t file_rows_left(const struct machine *m)
{
	return FILES_MAX - 1 - arena_live(&m->world, m->t_file);
}

bool file_move_row(struct machine *m, uint32_t file, const struct fs_place *to)
{
	struct fs_place from = file_place(file_peek(m, file));
	uint32_t gone = file_by_path(m, to->mount, to->path);
	if (file_peek(m, file)->state == FILE_KEPT)
		file_mut(m, file)->state = FILE_CHANGED;
	if (gone == file) { /* another spelling of its own name */
		memcpy(file_mut(m, file)->path, to->path, strlen(to->path));
		return true;
	}
	if (gone && file_peek(m, gone)->opens)
		return false;
	hash_out(m, file);
	struct w_file *f = file_mut(m, file);
	memset(f->path, 0, sizeof f->path);
	memcpy(f->path, to->path, strlen(to->path));
	if (!hide(m, &from)) {
		memset(f->path, 0, sizeof f->path);
		memcpy(f->path, from.path, strlen(from.path));
		hash_in(m, file);
		return false;
	}
	if (gone)
		row_free(m, gone);
	hash_in(m, file);
	return true;
}

void file_unopen(struct machine *m, uint32_t file)
{
	struct w_file *f = file_mut(m, file);
	INVARIANT(f->opens);
	if (--f->opens)
		return;
	cache_flush(m, file);
	bool empty = true;
	struct fs_place at = file_place(f);
	if (f->delete_pending && f->directory && (!fs_is_empty(m, &at, &empty) || !empty))
		f->delete_pending = 0; /* deleted on close, and something is in it */
	if (f->delete_pending)
		file_delete(m, file);
	else if (f->state == FILE_KEPT) {
		cache_truncate(m, file, 0);
		row_free(m, file);
	}
}
