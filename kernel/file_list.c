/* kernel/file_list.c - see file.h: what a directory holds, the host's entries and the title's together, by name. */
#include "config.h"

#include "kernel/file_priv.h"

static unsigned char upper(char c)
{
	return (unsigned char)(c >= 'a' && c <= 'z' ? c - 32 : c);
}

int file_name_order(const char *a, const char *b)
{
	while (*a && upper(*a) == upper(*b)) {
		a++;
		b++;
	}
	return upper(*a) - upper(*b);
}

bool fs_pattern_fits(const char *pattern, const char *name)
{
	const char *star = NULL, *from = NULL;
	if (!*pattern || !strcmp(pattern, "*.*"))
		return true;
	while (*name) {
		if (*pattern == '*') {
			star = ++pattern;
			from = name;
		} else if (*pattern && (*pattern == '?' || upper(*pattern) == upper(*name))) {
			pattern++;
			name++;
		} else if (star) {
			pattern = star;
			name = ++from;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

/* The name of @path's last component if it lies in directory @at, else NULL. */
static const char *child_of(const struct fs_place *at, const char *path)
{
	size_t n = strlen(at->path);
	if (!*path || (n && (strlen(path) <= n || path[n] != '\\' || !fs_name_equal(path, at->path, n))))
		return NULL;
	const char *name = path + n + (n != 0);
	return strchr(name, '\\') ? NULL : name;
}

/* The host's next entry that the title has not got a row of. */
static bool next_of_host(struct machine *m, const struct fs_place *at, const char *after, const char *pattern,
	struct fs_found *out, const char **name)
{
	const struct mount *mt = mount_peek(m, at->mount);
	uint32_t node, first, count;
	struct fs_place child;
	enum status st = volume_find(mt->volume, at->path, &node, NULL);
	if (st == ST_OK)
		st = volume_children(mt->volume, node, &first, &count, NULL);
	for (uint32_t i = 0; st == ST_OK && i < count; i++) {
		struct volume_entry e = volume_entry(mt->volume, first + i);
		if (file_name_order(e.name, after) <= 0 || !fs_pattern_fits(pattern, e.name))
			continue;
		if (path_append(at, e.name, strlen(e.name), &child) != 0 || file_by_path(m, at->mount, child.path))
			continue;
		file_describe_host(&e, first + i, mt->writable, out);
		*name = e.name;
		return true;
	}
	if (st == ST_IO)
		mount_fail(m, m->acting);
	return st != ST_IO;
}

bool fs_next(struct machine *m, const struct fs_place *at, const char *after, const char *pattern, struct fs_found *out,
	char name[FS_PATH_MAX + 1])
{
	const char *best = NULL;
	*out = (struct fs_found){ 0 };
	if (!next_of_host(m, at, after, pattern, out, &best))
		return false;
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_file); row++) {
		const struct w_file *f = file_peek(m, row);
		const char *child = f->mount == at->mount && (f->state == FILE_KEPT || f->state == FILE_CHANGED)
					    ? child_of(at, f->path)
					    : NULL;
		if (!child || file_name_order(child, after) <= 0 || (best && file_name_order(child, best) >= 0) ||
			!fs_pattern_fits(pattern, child))
			continue;
		file_describe(m, row, out);
		best = child;
	}
	if (best)
		memmove(name, best, strlen(best) + 1);
	return true;
}

bool fs_is_empty(struct machine *m, const struct fs_place *at, bool *empty)
{
	struct fs_found f;
	char name[FS_PATH_MAX + 1];
	bool good = fs_next(m, at, "", "", &f, name);
	*empty = good && !f.exists;
	return good;
}
