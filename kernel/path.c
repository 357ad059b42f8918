/* kernel/path.c - see mount.h: from a name of the title's to a place on a mount. */
#include "config.h"

#include "kernel/mount.h"
#include "kernel/ntstatus.h"
#include "kernel/object.h"
#include "kernel/rows.h"

#define LINKS_MAX 256u
#define LINK_DEPTH 8u
#define NAME_MAX_BYTES (2 * FS_PATH_MAX)

void links_layout(struct machine *m)
{
	m->t_link = arena_table_add(&m->world, "link", sizeof(struct w_link), LINKS_MAX);
	m->t_device = arena_table_add(&m->world, "device", sizeof(struct w_device), MOUNTS_MAX + 1);
}

static unsigned char upper(char c)
{
	return (unsigned char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
}

bool fs_name_equal(const char *a, const char *b, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (upper(a[i]) != upper(b[i]))
			return false;
	return true;
}

/* Does @name begin with @prefix, and end there or go on with '\'? */
static bool begins(const char *name, const char *prefix)
{
	size_t n = strlen(prefix);
	return strlen(name) >= n && fs_name_equal(name, prefix, n) && (!name[n] || name[n] == '\\' || prefix[n - 1] == '\\');
}

/* ---- links ----------------------------------------------------------------------------------------------------------------- */

/* A link's name as it is kept: without `\??\`, and without a `\` at its end. */
static bool link_name(const char *text, char name[FS_LINK_MAX + 1])
{
	if (!strncmp(text, "\\??\\", 4))
		text += 4;
	size_t n = strlen(text);
	while (n && text[n - 1] == '\\')
		n--;
	if (!n || n > FS_LINK_MAX)
		return false;
	memcpy(name, text, n);
	name[n] = 0;
	return true;
}

static uint32_t link_row(const struct machine *m, const char *name)
{
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_link); row++) {
		const struct w_link *l = link_peek(m, row);
		if (l->name[0] && strlen(l->name) == strlen(name) && fs_name_equal(l->name, name, strlen(name)))
			return row;
	}
	return 0;
}

static const struct mount_alias *alias_find(const struct machine *m, const char *name)
{
	const struct mounts *ms = m->options.mounts;
	for (unsigned i = 0; ms && i < ms->aliases; i++)
		if (strlen(ms->alias[i].name) == strlen(name) && fs_name_equal(ms->alias[i].name, name, strlen(name)))
			return &ms->alias[i];
	return NULL;
}

static struct w_link *link_put(struct machine *m, const char *name, const char *target)
{
	uint32_t row = arena_take(&m->world, m->t_link);
	struct w_link *l = row ? arena_row(&m->world, m->t_link, row) : NULL;
	if (l) {
		memcpy(l->name, name, strlen(name));
		memcpy(l->target, target, strlen(target));
	}
	return l;
}

uint32_t link_create(struct machine *m, const char *text, const char *target)
{
	char name[FS_LINK_MAX + 1], to[FS_LINK_MAX + 1];
	if (!link_name(text, name) || !link_name(target, to))
		return NT_OBJECT_NAME_INVALID;
	uint32_t row = link_row(m, name);
	if (row ? link_peek(m, row)->target[0] != 0 : alias_find(m, name) != NULL)
		return NT_OBJECT_NAME_COLLISION;
	if (!row)
		return link_put(m, name, to) ? NT_SUCCESS : NT_INSUFFICIENT_RESOURCES;
	struct w_link *l = arena_row(&m->world, m->t_link, row);
	memset(l->target, 0, sizeof l->target);
	memcpy(l->target, to, strlen(to));
	return NT_SUCCESS;
}

uint32_t link_delete(struct machine *m, const char *text)
{
	char name[FS_LINK_MAX + 1];
	uint32_t row = link_name(text, name) ? link_row(m, name) : 0;
	if (row && !alias_find(m, name)) {
		memset(arena_row(&m->world, m->t_link, row), 0, sizeof(struct w_link));
		arena_give(&m->world, m->t_link, row);
		return NT_SUCCESS;
	}
	if (row && link_peek(m, row)->target[0]) {
		memset(((struct w_link *)arena_row(&m->world, m->t_link, row))->target, 0, FS_LINK_MAX + 1);
		return NT_SUCCESS;
	}
	if (row || !link_name(text, name) || !alias_find(m, name))
		return NT_OBJECT_NAME_NOT_FOUND;
	return link_put(m, name, "") ? NT_SUCCESS : NT_INSUFFICIENT_RESOURCES;
}

/* The link whose name stands at the beginning of @name: the longest one; *@length of it. NULL = none. */
static const char *link_before(const struct machine *m, const char *name, size_t *length)
{
	const struct mounts *ms = m->options.mounts;
	const char *target = NULL;
	*length = 0;
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_link); row++) {
		const struct w_link *l = link_peek(m, row);
		if (l->name[0] && begins(name, l->name) && strlen(l->name) > *length) {
			*length = strlen(l->name);
			target = l->target;
		}
	}
	for (unsigned i = 0; ms && i < ms->aliases; i++)
		if (begins(name, ms->alias[i].name) && strlen(ms->alias[i].name) > *length) {
			*length = strlen(ms->alias[i].name);
			target = ms->alias[i].target;
		}
	return target && *target ? target : NULL;
}

const char *link_target(const struct machine *m, const char *name, size_t length)
{
	size_t n;
	const char *target = link_before(m, name, &n);
	return n == length ? target : NULL;
}

const char *link_find(const struct machine *m, const char *text)
{
	char name[FS_LINK_MAX + 1];
	return link_name(text, name) ? link_target(m, name, strlen(name)) : NULL;
}

/* ---- paths ----------------------------------------------------------------------------------------------------------------- */

/* Takes the last component off @path. False: it is the root. */
static bool up(char *path)
{
	char *slash = strrchr(path, '\\');
	if (!*path)
		return false;
	*(slash ? slash : path) = 0;
	return true;
}

static bool component_add(char *path, const char *name, size_t n)
{
	size_t at = strlen(path);
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)name[i] < 0x20 || strchr(":*?\"<>|/", name[i]))
			return false;
	if (at + (at != 0) + n > FS_PATH_MAX)
		return false;
	if (at)
		path[at++] = '\\';
	memcpy(path + at, name, n);
	path[at + n] = 0;
	return true;
}

uint32_t path_append(const struct fs_place *at, const char *name, size_t length, struct fs_place *out)
{
	*out = *at;
	out->directory = !length || name[length - 1] == '\\';
	for (size_t i = 0, n; i < length; i += n + 1) {
		const char *end = memchr(name + i, '\\', length - i);
		n = end ? (size_t)(end - (name + i)) : length - i;
		if (!n || (n == 1 && name[i] == '.'))
			continue;
		if (n == 2 && name[i] == '.' && name[i + 1] == '.' ? !up(out->path) : !component_add(out->path, name + i, n))
			return NT_OBJECT_NAME_INVALID;
	}
	return NT_SUCCESS;
}

/* The mount whose device stands at the beginning of @name: the longest one. 0 = none. */
static uint32_t mount_before(const struct machine *m, const char *name)
{
	uint32_t found = 0;
	for (uint32_t i = 1; i <= mounts_count(m); i++)
		if (begins(name, mount_peek(m, i)->device) &&
			(!found || strlen(mount_peek(m, i)->device) > strlen(mount_peek(m, found)->device)))
			found = i;
	return found;
}

/* The object of the title's device whose name stands at the beginning of @name. 0 = none. */
static uint32_t device_before(const struct machine *m, const char *name)
{
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_name); row++) {
		const struct w_name *n = name_peek(m, row);
		if (n->length && object_peek(m, n->object)->type == OT_DEVICE && begins(name, n->text))
			return n->object;
	}
	return 0;
}

/* What is left of @path behind the device's name is its driver's to look up, as it stands. */
static uint32_t device_rest(const struct machine *m, const char *path, struct fs_place *out)
{
	const char *rest = path + name_peek(m, object_peek(m, out->device)->name_row)->length;
	if (strlen(rest) > FS_PATH_MAX)
		return NT_OBJECT_NAME_INVALID;
	memcpy(out->path, rest, strlen(rest) + 1);
	return NT_SUCCESS;
}

uint32_t path_resolve(const struct machine *m, const char *name, size_t length, struct fs_place *out)
{
	char path[NAME_MAX_BYTES + 1];
	*out = (struct fs_place){ 0 };
	if (!length || length > NAME_MAX_BYTES || memchr(name, 0, length))
		return NT_OBJECT_NAME_INVALID;
	memcpy(path, name, length);
	path[length] = 0;
	if (!strncmp(path, "\\??\\", 4))
		memmove(path, path + 4, length - 3);
	for (unsigned depth = 0; depth < LINK_DEPTH; depth++) {
		size_t n;
		const char *target = link_before(m, path, &n);
		if (!target) {
			out->mount = mount_before(m, path);
			out->device = out->mount ? 0 : device_before(m, path);
			if (out->device)
				return device_rest(m, path, out);
			if (!out->mount)
				return NT_OBJECT_PATH_NOT_FOUND;
			n = strlen(mount_peek(m, out->mount)->device);
			return path_append(&(struct fs_place){ .mount = out->mount }, path + n, strlen(path + n), out);
		}
		size_t head = strlen(target), tail = strlen(path + n);
		if (head + tail > NAME_MAX_BYTES)
			return NT_OBJECT_NAME_INVALID;
		memmove(path + head, path + n, tail + 1);
		memcpy(path, target, head);
	}
	return NT_OBJECT_NAME_INVALID; /* links in a circle */
}
