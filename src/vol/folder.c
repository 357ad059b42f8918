/* src/vol/folder.c - a host folder as a volume: listed when first asked for, opened component by component, never left. */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "src/vol/vol_priv.h"

/* Opens @path, '/' between its components and none of them a link, below the folder; NULL = the folder itself. -1: errno says why. */
static int open_beneath(const struct volume *v, const char *path, int flags)
{
	char name[NAME_MAX + 1];
	int at = v->fd;
	while (path && *path) {
		size_t n = strcspn(path, "/");
		bool last = !path[n];
		int next = -1;
		if (n && n <= NAME_MAX) {
			memcpy(name, path, n);
			name[n] = 0;
			next = openat(at, name,
				(last ? flags : O_RDONLY | O_DIRECTORY) | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
		} else {
			errno = ENOENT;
		}
		int why = errno;
		if (at != v->fd)
			close(at);
		errno = why;
		if (next < 0)
			return -1;
		at = next;
		path += n + !last;
	}
	return at == v->fd ? openat(v->fd, ".", flags | O_CLOEXEC) : at;
}

static char *join(const char *folder, const char *name)
{
	size_t size = (folder ? strlen(folder) + 1 : 0) + strlen(name) + 1;
	char *path = xmalloc(size);
	snprintf(path, size, "%s%s%s", folder ? folder : "", folder ? "/" : "", name);
	return path;
}

/* Where the link at @host leads, as a path below the folder without links; NULL: outside, or nowhere. */
static char *link_target(const struct volume *v, const char *host)
{
	char *path = join(v->path, host), *root = realpath(v->path, NULL), *real = realpath(path, NULL), *inside = NULL;
	size_t n = root ? strlen(root) : 0;
	if (n && root[n - 1] == '/')
		n--;
	if (real && root && !strncmp(real, root, n) && real[n] == '/' && real[n + 1])
		inside = xstrdup(real + n + 1);
	free(path);
	free(root);
	free(real);
	return inside;
}

static void entry_add(struct volume *v, uint32_t node, int dir, const char *name)
{
	struct stat st;
	size_t length = strlen(name);
	char *host = join(v->node[node].host, name);
	bool good = vol_name_is_good(name, length) && fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
	if (good && S_ISLNK(st.st_mode)) {
		char *target = link_target(v, host);
		free(host);
		host = target;
		int fd = target ? open_beneath(v, target, O_PATH) : -1;
		good = fd >= 0 && fstat(fd, &st) == 0;
		if (fd >= 0)
			close(fd);
	}
	uint32_t row = good && (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)) ? vol_node_new(v, node, name, length) : 0;
	if (!row) {
		v->hidden++;
		free(host);
		return;
	}
	v->node[row].host = host;
	v->node[row].stat = st;
	v->node[row].directory = S_ISDIR(st.st_mode);
	v->node[row].size = v->node[row].directory ? 0 : (uint64_t)st.st_size;
}

enum status folder_list(struct volume *v, uint32_t node, struct err *err)
{
	uint32_t first = v->count;
	int fd = open_beneath(v, v->node[node].host, O_RDONLY | O_DIRECTORY);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	char path[VOLUME_PATH_MAX + 1];
	vol_node_path(v, node, path, sizeof path);
	if (!dir) {
		int why = errno;
		if (fd >= 0)
			close(fd);
		return vol_break(v, err, "directory '%.100s': %s", path, strerror(why));
	}
	struct dirent *e;
	while ((e = readdir(dir)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			entry_add(v, node, dirfd(dir), e->d_name);
	closedir(dir);
	vol_adopt(v, node, first);
	return ST_OK;
}

/* The file of @node, open, as it was when it was listed. */
static enum status file_open(struct volume *v, uint32_t node, struct err *err)
{
	char path[VOLUME_PATH_MAX + 1];
	struct stat now;
	vol_node_path(v, node, path, sizeof path);
	if (v->file_node != node || v->file < 0) {
		if (v->file >= 0)
			close(v->file);
		v->file_node = node;
		v->file = open_beneath(v, v->node[node].host, O_RDONLY);
		if (v->file < 0)
			return vol_break(v, err, "%.100s: %s", path, strerror(errno));
	}
	if (fstat(v->file, &now) < 0 || !vol_stat_equal(&now, &v->node[node].stat))
		return vol_break(v, err, "%.100s: has changed since it was first seen", path);
	return ST_OK;
}

enum status folder_read(struct volume *v, uint32_t node, uint64_t offset, uint8_t *bytes, uint32_t size, struct err *err)
{
	enum status st = file_open(v, node, err);
	uint32_t done = 0;
	while (st == ST_OK && done < size) {
		ssize_t n = pread(v->file, bytes + done, size - done, (off_t)(offset + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			char path[VOLUME_PATH_MAX + 1];
			vol_node_path(v, node, path, sizeof path);
			return vol_break(v, err, "%.100s: %s", path, n ? strerror(errno) : "is shorter than it was");
		}
		done += (uint32_t)n;
	}
	return st;
}
