/* kernel/mount.c - see mount.h: the table of mounts. Paths and links: path.c */
#include "config.h"

#include "kernel/mount.h"

#include <stdio.h>
#include <stdlib.h>

#define CDROM "\\Device\\Cdrom0"
#define PARTITION "\\Device\\Harddisk0\\Partition1"

struct mounts *mounts_new(void)
{
	return xcalloc(1, sizeof(struct mounts));
}

void mounts_free(struct mounts *ms)
{
	for (unsigned i = 0; ms && i < ms->count; i++)
		volume_free(ms->mount[i].volume);
	free(ms);
}

static struct mount *find(struct mounts *ms, const char *device)
{
	for (unsigned i = 0; i < ms->count; i++)
		if (strlen(ms->mount[i].device) == strlen(device) && fs_name_equal(ms->mount[i].device, device, strlen(device)))
			return &ms->mount[i];
	return NULL;
}

/* `word:` or `\word\word...`; without what stands before or behind it. False: it is none. */
static bool device_name(const char *text, char name[FS_LINK_MAX + 1])
{
	size_t n = strlen(text);
	if (!strncmp(text, "\\??\\", 4)) {
		text += 4;
		n -= 4;
	}
	while (n > 1 && text[n - 1] == '\\')
		n--;
	if (n < 2 || n > FS_LINK_MAX)
		return false;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)text[i] <= ' ' || strchr("/*?\"<>|=", text[i]) ||
			(text[i] == ':') != (text[0] != '\\' && i + 1 == n) ||
			(text[i] == '\\' && (text[0] != '\\' || (i && text[i - 1] == '\\'))))
			return false;
	memcpy(name, text, n);
	name[n] = 0;
	return true;
}

static struct mount *put(struct mounts *ms, const char *device, struct volume *v, bool writable)
{
	struct mount *mt = &ms->mount[ms->count++];
	snprintf(mt->device, sizeof mt->device, "%s", device);
	mt->volume = v;
	mt->writable = writable;
	return mt;
}

enum status mounts_add(struct mounts *ms, const char *device, const char *path, struct err *err)
{
	char name[FS_LINK_MAX + 1];
	struct volume *v;
	if (!device_name(device, name))
		return err_set(err, ST_BAD_USAGE, "'%.100s' is no device: as in game: or \\Device\\Cdrom0", device);
	if (find(ms, name))
		return err_set(err, ST_BAD_USAGE, "%.100s is mounted already", name);
	if (ms->count + 6 >= MOUNTS_MAX) /* the default ones need room */
		return err_set(err, ST_BAD_USAGE, "%.100s is one mount too many", name);
	enum status st = volume_open(path, &v, err);
	if (st == ST_OK)
		put(ms, name, v, volume_kind(v) == VOLUME_FOLDER)->given = true;
	return st;
}

enum status mounts_kill(struct mounts *ms, const char *device, struct err *err)
{
	char name[FS_LINK_MAX + 1];
	struct mount *mt = device_name(device, name) ? find(ms, name) : NULL;
	if (!mt)
		return err_set(err, ST_NOT_FOUND, "nothing is mounted on '%.100s'", device);
	mt->dead = true;
	return ST_OK;
}

enum status mounts_write_through(struct mounts *ms, const char *device, struct err *err)
{
	char name[FS_LINK_MAX + 1];
	struct mount *mt = device_name(device, name) ? find(ms, name) : NULL;
	if (!mt)
		return err_set(err, ST_NOT_FOUND, "nothing is mounted on '%.100s'", device);
	if (!mt->writable || volume_kind(mt->volume) != VOLUME_FOLDER)
		return err_set(err, ST_BAD_USAGE, "what is mounted on %.100s is no folder that can be written", name);
	mt->through = true;
	return ST_OK;
}

static void alias(struct mounts *ms, const char *name, const char *target)
{
	struct mount_alias *a = &ms->alias[ms->aliases++];
	snprintf(a->name, sizeof a->name, "%s", name);
	snprintf(a->target, sizeof a->target, "%s", target);
}

/* The folder that the file @title lies in. */
static struct volume *title_folder(const char *title)
{
	const char *slash = strrchr(title, '/');
	char *path = slash ? xstrdup(title) : xstrdup(".");
	if (slash)
		path[slash == title ? 1 : slash - title] = 0;
	struct volume *v;
	if (volume_open(path, &v, NULL) != ST_OK)
		v = volume_new_empty();
	free(path);
	return v;
}

/* The first two partitions of a console's disk of 20 GB, and all of it. Source: Free60, the partition table. */
static const struct {
	const char *device;
	uint64_t start, bytes;
} raws[] = {
	{ "\\Device\\Harddisk0\\Cache0", 0x80000, 0x80000000 },
	{ "\\Device\\Harddisk0\\Cache1", 0x80080000, 0xA0E30000 },
	{ "\\Device\\Harddisk0\\Partition0", 0, UINT64_C(39091248) * 512 },
};

void mounts_default(struct mounts *ms, const char *title)
{
	static const char *const discs[] = { "game:", "d:", CDROM }, *const disks[] = { "cache:", PARTITION };
	struct mount *disc = NULL;
	for (unsigned i = 0; i < ARRAY_LEN(discs) && !disc; i++)
		disc = find(ms, discs[i]);
	if (!disc)
		disc = put(ms, CDROM, title ? title_folder(title) : volume_new_empty(), false);
	for (unsigned i = 0; i < ARRAY_LEN(discs); i++)
		if (!find(ms, discs[i]))
			alias(ms, discs[i], disc->device);
	for (unsigned i = 0; i < ARRAY_LEN(disks); i++)
		if (!find(ms, disks[i]))
			put(ms, disks[i], volume_new_empty(), true);
	for (unsigned i = 0; i < ARRAY_LEN(raws); i++)
		if (!find(ms, raws[i].device)) {
			struct mount *mt = put(ms, raws[i].device, volume_new_empty(), true);
			mt->raw = raws[i].bytes;
			mt->start = raws[i].start;
		}
}

const char *mounts_broken(const struct mounts *ms)
{
	for (unsigned i = 0; ms && i < ms->count; i++)
		if (volume_broken(ms->mount[i].volume))
			return volume_broken(ms->mount[i].volume);
	return NULL;
}

static void any(void *ctx, const char *path, uint64_t size, uint64_t blocks, uint64_t digest)
{
	(void)path, (void)size, (void)blocks, (void)digest;
	*(bool *)ctx = true;
}

uint64_t mounts_digest(const struct mounts *ms)
{
	uint64_t h = FNV_BASIS;
	bool read = false;
	for (unsigned i = 0; ms && i < ms->count; i++) {
		volume_each_seen(ms->mount[i].volume, any, &read);
		h = fnv_u64(fnv_str(h, ms->mount[i].device), volume_digest(ms->mount[i].volume));
	}
	return read ? h : 0;
}
