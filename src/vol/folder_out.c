/* src/vol/folder_out.c - writing into a mounted folder, when the user asked for it (--write-through): whole files, which are written first, under names of
 * their own in the folder itself, and take their places when all of them are there; no link is followed on the way. */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "src/vol/vol_priv.h"

static void staged_name(char name[32], unsigned number)
{
	snprintf(name, 32, ".wedge-new-%u", number);
}

static enum status trouble(const struct volume *v, const char *path, const char *what, struct err *err)
{
	return err_set(err, ST_IO, "%.200s: %.200s cannot be written through: %.60s", v->path, path, what);
}

/* How the host spells @name in @dir, if it is there: overwrites @name. */
static void host_spelling(int dir, char *name)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *e;
	char best[VOLUME_PATH_MAX + 1] = "";
	while (d && (e = readdir(d)))
		if (!vol_compare(e->d_name, name) && (!best[0] || strcmp(e->d_name, best) < 0)) /* the one that is shown */
			snprintf(best, sizeof best, "%s", e->d_name);
	if (best[0])
		memcpy(name, best, strlen(best) + 1);
	if (d)
		closedir(d);
	else if (fd >= 0)
		close(fd);
}

/* Opens the directory that @path lies in and gives its last component as the host spells it; -1: errno says why. */
static int open_parent(const struct volume *v, const char *path, char name[VOLUME_PATH_MAX + 1])
{
	int at = openat(v->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	while (at >= 0) {
		size_t n = strcspn(path, "\\");
		if (!vol_name_is_good(path, n)) {
			close(at);
			errno = EINVAL;
			return -1;
		}
		memcpy(name, path, n);
		name[n] = 0;
		host_spelling(at, name);
		if (!path[n])
			return at;
		int next = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), why = errno;
		close(at);
		errno = why;
		at = next;
		path += n + 1;
	}
	return -1;
}

enum status volume_out_directory(struct volume *v, const char *path, struct err *err)
{
	char name[VOLUME_PATH_MAX + 1];
	struct stat st;
	int dir = open_parent(v, path, name);
	if (dir >= 0 && fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode))
		unlinkat(dir, name, 0);
	int failed = dir < 0 || (mkdirat(dir, name, 0777) < 0 && errno != EEXIST), why = errno;
	if (dir >= 0)
		close(dir);
	return failed ? trouble(v, path, strerror(why), err) : ST_OK;
}

enum status volume_out_remove(struct volume *v, const char *path, struct err *err)
{
	char name[VOLUME_PATH_MAX + 1];
	int dir = open_parent(v, path, name);
	int failed = dir < 0 || (unlinkat(dir, name, 0) < 0 && errno != ENOENT && unlinkat(dir, name, AT_REMOVEDIR) < 0),
	    why = errno;
	if (dir >= 0)
		close(dir);
	return failed && why != ENOENT ? trouble(v, path, strerror(why), err) : ST_OK;
}

/* All of the file's bytes; 0, or errno. */
static int fill(int fd, uint64_t size, volume_out_fn *read, void *ctx)
{
	uint8_t bytes[VOLUME_BLOCK];
	for (uint64_t at = 0; at < size; at += VOLUME_BLOCK) {
		size_t n = size - at < VOLUME_BLOCK ? (size_t)(size - at) : VOLUME_BLOCK;
		if (!read(ctx, at / VOLUME_BLOCK, bytes))
			return EIO;
		for (size_t done = 0; done < n;) {
			ssize_t w = write(fd, bytes + done, n - done);
			if (w < 0 && errno != EINTR)
				return errno;
			done += w > 0 ? (size_t)w : 0;
		}
	}
	return 0;
}

enum status volume_out_stage(
	struct volume *v, unsigned number, const char *path, uint64_t size, volume_out_fn *read, void *ctx, struct err *err)
{
	char name[32];
	staged_name(name, number);
	int fd = openat(v->fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	int why = fd < 0 ? errno : fill(fd, size, read, ctx);
	if (fd >= 0 && close(fd) < 0 && !why)
		why = errno;
	if (why && fd >= 0)
		unlinkat(v->fd, name, 0);
	return why ? trouble(v, path, strerror(why), err) : ST_OK;
}

enum status volume_out_place(struct volume *v, unsigned number, const char *path, struct err *err)
{
	char name[VOLUME_PATH_MAX + 1], staged[32];
	staged_name(staged, number);
	int dir = open_parent(v, path, name), why = dir < 0 ? errno : 0;
	if (!why && renameat(v->fd, staged, dir, name) < 0)
		why = errno;
	if (why == EISDIR && unlinkat(dir, name, AT_REMOVEDIR) == 0) /* an empty one makes room */
		why = renameat(v->fd, staged, dir, name) < 0 ? errno : 0;
	if (dir >= 0)
		close(dir);
	return why ? trouble(v, path, strerror(why), err) : ST_OK;
}

void volume_out_unstage(struct volume *v, unsigned number)
{
	char name[32];
	staged_name(name, number);
	unlinkat(v->fd, name, 0);
}
