/* kernel/content.c - see content.h */
#include "config.h"

#include "kernel/content.h"

#include <stdio.h>

#include "kernel/cache.h"
#include "kernel/file.h"
#include "kernel/ntstatus.h"
#include "kernel/object.h"
#include "kernel/pool.h"
#include "kernel/winerror.h"

#define CONTENTS_MAX 64u

void contents_layout(struct machine *m)
{
	m->t_content = arena_table_add(&m->world, "content", sizeof(struct w_content), CONTENTS_MAX);
}

/* ---- places ------------------------------------------------------------------------------------------------------------------- */

struct content_id content_id_of(uint64_t xuid, uint32_t title_id, const struct g_xcontent_data *data)
{
	struct content_id id = { xuid, title_id, be32_get(data->content_type), "" };
	memcpy(id.name, data->file_name, sizeof data->file_name);
	if (id.type == CONTENT_MARKETPLACE)
		id.xuid = 0; /* everybody's (Xenia canary) */
	return id;
}

static uint32_t resolve(const struct machine *m, const char *path, struct fs_place *out)
{
	return path_resolve(m, path, strlen(path), out) == NT_SUCCESS ? ERROR_SUCCESS : ERROR_INVALID_NAME;
}

/* A name that is one component: no way out of its directory. */
static bool is_name(const char *name)
{
	size_t n = strlen(name);
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)name[i] < 0x20 || strchr("\\/:*?\"<>|", name[i]))
			return false;
	return n && strcmp(name, ".") && strcmp(name, "..");
}

bool content_path(const struct content_id *id, char path[FS_LINK_MAX + 1])
{
	snprintf(path, FS_LINK_MAX + 1, "%s\\Content\\%016llX\\%08X\\%08X\\%s", CONTENT_DEVICE, (unsigned long long)id->xuid,
		id->title_id, id->type, id->name);
	return is_name(id->name);
}

static uint32_t package_place(const struct machine *m, const struct content_id *id, struct fs_place *out)
{
	char path[FS_LINK_MAX + 1];
	return content_path(id, path) ? resolve(m, path, out) : ERROR_INVALID_NAME;
}

/* The header's or thumbnail's. */
static uint32_t beside(const struct machine *m, const struct content_id *id, const char *suffix, struct fs_place *out)
{
	char path[FS_PATH_MAX + 1];
	snprintf(path, sizeof path, "%s\\Content\\%016llX\\%08X\\Headers\\%08X\\%s%s", CONTENT_DEVICE,
		(unsigned long long)id->xuid, id->title_id, id->type, id->name, suffix);
	return is_name(id->name) ? resolve(m, path, out) : ERROR_INVALID_NAME;
}

/* ---- files on the kernel's own behalf ----------------------------------------------------------------------------------------------- */

/* @at and each directory above it that is missing. */
static uint32_t directories_make(struct machine *m, const struct fs_place *at)
{
	size_t n = strlen(at->path);
	for (size_t i = 1; i <= n; i++) {
		struct fs_place part = { .mount = at->mount };
		struct fs_found f;
		if (i < n && at->path[i] != '\\')
			continue;
		memcpy(part.path, at->path, i);
		if (!fs_find(m, &part, &f) || (f.exists ? !f.directory : !mount_peek(m, at->mount)->writable))
			return ERROR_ACCESS_DENIED;
		if (!f.exists && !file_make(m, &part, true, 0))
			return ERROR_DISK_FULL;
	}
	return ERROR_SUCCESS;
}

/* The directory above @at. */
static struct fs_place parent_of(const struct fs_place *at)
{
	struct fs_place parent = *at;
	char *slash = strrchr(parent.path, '\\');
	memset(slash ? slash : parent.path, 0, strlen(slash ? slash : parent.path));
	return parent;
}

/* @size bytes: @bytes, or what lies at @ga in guest memory. */
static uint32_t file_store(struct machine *m, const struct fs_place *at, const uint8_t *bytes, uint32_t ga, uint32_t size)
{
	struct fs_found f;
	struct fs_place parent = parent_of(at);
	uint32_t error = directories_make(m, &parent), nt = NT_SUCCESS;
	if (error || !fs_find(m, at, &f))
		return error ? error : ERROR_ACCESS_DENIED;
	uint32_t file = f.exists ? file_row_of(m, at, &f) : file_make(m, at, false, 0);
	if (!file)
		return ERROR_DISK_FULL;
	file_mut(m, file)->opens++;
	file_size_set(m, file, 0);
	for (uint32_t done = 0, n; done < size && nt == NT_SUCCESS; done += n) {
		uint8_t page[FILE_PAGE];
		n = size - done < FILE_PAGE ? size - done : FILE_PAGE;
		if (bytes)
			memcpy(page, bytes + done, n);
		else if (mem_peek(&m->mem, ga + done, page, n) != MEM_OK)
			break;
		nt = cache_copy(m, file, done, page, n, true);
		if (nt == NT_SUCCESS)
			file_size_set(m, file, done + n);
	}
	file_unopen(m, file);
	return nt == NT_SUCCESS ? ERROR_SUCCESS : ERROR_DISK_FULL;
}

/* Up to @size bytes of the file from its begin; how many, 0 = there is none. Into @bytes, or guest memory at @ga. */
static uint32_t file_load(struct machine *m, const struct fs_place *at, uint8_t *bytes, uint32_t ga, uint32_t size)
{
	struct fs_found f;
	if (!fs_find(m, at, &f) || !f.exists || f.directory)
		return 0;
	uint32_t file = file_row_of(m, at, &f), done = 0;
	if (!file)
		return 0;
	file_mut(m, file)->opens++;
	while (done < size && done < f.size) {
		uint8_t page[FILE_PAGE];
		uint32_t n = size - done < FILE_PAGE ? size - done : FILE_PAGE;
		if (n > f.size - done)
			n = (uint32_t)(f.size - done);
		if (cache_copy(m, file, done, page, n, false) != NT_SUCCESS)
			break;
		if (bytes)
			memcpy(bytes + done, page, n);
		else
			object_put(m, ga + done, page, n);
		done += n;
	}
	file_unopen(m, file);
	return done;
}

static bool in_directory(const struct w_file *f, const struct fs_place *at)
{
	size_t n = strlen(at->path);
	return f->mount == at->mount && fs_name_equal(f->path, at->path, n) && strlen(f->path) >= n &&
	       (f->path[n] == '\\' || !f->path[n]);
}

static bool has_open_files(const struct machine *m, const struct fs_place *at)
{
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_file); row++)
		if (file_peek(m, row)->state != FILE_FREE && file_peek(m, row)->opens && in_directory(file_peek(m, row), at))
			return true;
	return false;
}

static bool remove_one(struct machine *m, const struct fs_place *at)
{
	struct fs_found f;
	uint32_t file = fs_find(m, at, &f) && f.exists ? file_row_of(m, at, &f) : 0;
	if (file)
		file_delete(m, file);
	return file != 0;
}

/* What lies deepest first: goes down along first entries, and back up when a directory is empty. */
static bool remove_tree(struct machine *m, const struct fs_place *root)
{
	struct fs_place at = *root;
	for (;;) {
		char name[FS_PATH_MAX + 1];
		struct fs_found f;
		struct fs_place child;
		if (!fs_next(m, &at, "", "", &f, name))
			return false;
		if (f.exists && path_append(&at, name, strlen(name), &child) != NT_SUCCESS)
			return false;
		if (f.exists && f.directory) {
			at = child;
			continue;
		}
		bool last = !f.exists && !strcmp(at.path, root->path);
		if (!remove_one(m, f.exists ? &child : &at))
			return false;
		if (last)
			return true;
		if (!f.exists)
			at = parent_of(&at);
	}
}

/* ---- packages ------------------------------------------------------------------------------------------------------------------- */

uint32_t content_find(struct machine *m, const struct content_id *id)
{
	struct fs_place at;
	struct fs_found f;
	uint32_t error = package_place(m, id, &at);
	if (error)
		return error;
	return fs_find(m, &at, &f) && f.exists && f.directory ? ERROR_SUCCESS : ERROR_PATH_NOT_FOUND;
}

uint32_t content_make(struct machine *m, const struct content_id *id, const struct g_xcontent_data *data)
{
	struct fs_place at, header;
	uint32_t error = package_place(m, id, &at);
	if (!error)
		error = directories_make(m, &at);
	if (!error)
		error = beside(m, id, ".header", &header);
	return error ? error : file_store(m, &header, (const uint8_t *)data, 0, sizeof *data);
}

static bool is_open(const struct machine *m, const struct fs_place *at)
{
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_content); row++) {
		const struct w_content *o = content_peek(m, row);
		if (o->mount == at->mount && strlen(o->path) == strlen(at->path) &&
			fs_name_equal(o->path, at->path, strlen(at->path)))
			return true;
	}
	return false;
}

uint32_t content_delete(struct machine *m, const struct content_id *id)
{
	struct fs_place at, other;
	uint32_t error = content_find(m, id);
	if (error)
		return error == ERROR_PATH_NOT_FOUND ? ERROR_FILE_NOT_FOUND : error;
	package_place(m, id, &at);
	/* DEBT(xam-guesses): which error the console has for an open one. */
	if (is_open(m, &at) || has_open_files(m, &at) || !mount_peek(m, at.mount)->writable)
		return ERROR_ACCESS_DENIED;
	if (!remove_tree(m, &at))
		return ERROR_ACCESS_DENIED;
	for (unsigned i = 0; i < 2; i++)
		if (!beside(m, id, (const char *const[]){ ".header", ".png" }[i], &other))
			remove_one(m, &other);
	return ERROR_SUCCESS;
}

uint32_t content_describe(struct machine *m, const struct content_id *id, struct g_xcontent_data *out)
{
	struct fs_place at;
	uint32_t error = beside(m, id, ".header", &at);
	if (error)
		return error;
	*out = (struct g_xcontent_data){ 0 };
	if (file_load(m, &at, (uint8_t *)out, 0, sizeof *out) != sizeof *out || be32_get(out->content_type) != id->type) {
		*out = (struct g_xcontent_data){ 0 };
		for (unsigned i = 0; id->name[i]; i++)
			out->display_name[i] = be16_of((uint8_t)id->name[i]);
	}
	out->device_id = be32_of(CONTENT_DEVICE_ID);
	out->content_type = be32_of(id->type);
	memset(out->file_name, 0, sizeof out->file_name);
	memset(out->pad, 0, sizeof out->pad);
	memcpy(out->file_name, id->name, strlen(id->name));
	return ERROR_SUCCESS;
}

uint32_t content_next(struct machine *m, struct content_id *id)
{
	struct content_id any = *id;
	struct fs_place at;
	snprintf(any.name, sizeof any.name, "x");
	uint32_t error = package_place(m, &any, &at);
	if (error)
		return ERROR_NO_MORE_FILES;
	at = parent_of(&at);
	for (char after[FS_PATH_MAX + 1] = "", name[FS_PATH_MAX + 1];; memcpy(after, name, sizeof after)) {
		struct fs_found f;
		if (id->name[0] && !after[0])
			memcpy(after, id->name, sizeof id->name);
		if (!fs_next(m, &at, after, "", &f, name) || !f.exists)
			return ERROR_NO_MORE_FILES;
		if (!f.directory || strlen(name) > CONTENT_NAME_MAX)
			continue;
		memset(id->name, 0, sizeof id->name);
		memcpy(id->name, name, strlen(name));
		return ERROR_SUCCESS;
	}
}

uint32_t content_thumbnail_set(struct machine *m, const struct content_id *id, uint32_t ga, uint32_t size)
{
	struct fs_place at;
	if (content_find(m, id) || beside(m, id, ".png", &at))
		return ERROR_FILE_NOT_FOUND;
	return file_store(m, &at, NULL, ga, size);
}

uint32_t content_thumbnail_get(struct machine *m, const struct content_id *id, uint32_t *ga, uint32_t *size)
{
	struct fs_place at;
	*ga = *size = 0;
	if (content_find(m, id) || beside(m, id, ".png", &at))
		return ERROR_FILE_NOT_FOUND;
	uint32_t block = pool_alloc(m, CONTENT_THUMBNAIL_MAX, POOL_KERNEL);
	if (!block)
		return ERROR_NO_SYSTEM_RESOURCES;
	*size = file_load(m, &at, NULL, block, CONTENT_THUMBNAIL_MAX);
	*ga = block;
	if (*size)
		return ERROR_SUCCESS;
	pool_free(m, block, POOL_KERNEL);
	*ga = 0;
	return ERROR_FILE_NOT_FOUND;
}

/* ---- root names ------------------------------------------------------------------------------------------------------------------- */

static void link_of(const char *root, char link[CONTENT_ROOT_MAX + 2])
{
	size_t n = strlen(root);
	memcpy(link, root, n + 1);
	if (!n || root[n - 1] != ':')
		memcpy(link + n, ":", 2);
}

bool content_root_taken(const struct machine *m, const char *root)
{
	char link[CONTENT_ROOT_MAX + 2];
	link_of(root, link);
	return link_target(m, link, strlen(link)) != NULL;
}

uint32_t content_by_root(const struct machine *m, const char *root)
{
	size_t n = strlen(root);
	n -= n && root[n - 1] == ':';
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_content); row++) {
		const struct w_content *o = content_peek(m, row);
		if (o->mount && strlen(o->root) == n && fs_name_equal(o->root, root, n))
			return row;
	}
	return 0;
}

uint32_t content_open(struct machine *m, uint32_t thread, const char *root, const struct content_id *id, bool created)
{
	char path[FS_LINK_MAX + 1], link[CONTENT_ROOT_MAX + 2];
	struct g_xcontent_data data;
	struct fs_place at;
	if (!content_path(id, path) || package_place(m, id, &at) || content_describe(m, id, &data))
		return ERROR_INVALID_NAME;
	link_of(root, link);
	if (content_by_root(m, root) || content_root_taken(m, root))
		return ERROR_ALREADY_EXISTS;
	uint32_t row = arena_take(&m->world, m->t_content);
	if (!row || link_create(m, link, path) != NT_SUCCESS) {
		if (row)
			arena_give(&m->world, m->t_content, row);
		return ERROR_NO_SYSTEM_RESOURCES;
	}
	struct w_content *o = arena_row(&m->world, m->t_content, row);
	o->xuid = id->xuid;
	o->since = machine_cycle(m);
	o->mount = at.mount;
	o->title_id = id->title_id;
	o->type = id->type;
	o->tid = thread_peek(m, thread)->tid;
	o->created = created;
	memcpy(o->root, link, strlen(link) - 1);
	memcpy(o->name, id->name, strlen(id->name));
	memcpy(o->path, at.path, strlen(at.path));
	for (unsigned i = 0; i < CONTENT_DISPLAY_MAX; i++)
		o->display[i] = be16_get(data.display_name[i]);
	return ERROR_SUCCESS;
}

uint32_t content_close(struct machine *m, const char *root)
{
	char link[CONTENT_ROOT_MAX + 2];
	uint32_t row = content_by_root(m, root);
	if (!row)
		return ERROR_FILE_NOT_FOUND;
	link_of(content_peek(m, row)->root, link);
	link_delete(m, link);
	memset(arena_row(&m->world, m->t_content, row), 0, sizeof(struct w_content));
	arena_give(&m->world, m->t_content, row);
	return ERROR_SUCCESS;
}
