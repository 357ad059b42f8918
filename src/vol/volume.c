/* src/vol/volume.c - see volume.h: nodes, listing, reading, and that what was once read stays as it was. */
#include "config.h"

#include "src/vol/volume.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <xxhash.h>

#include "src/vol/svod.h"
#include "src/vol/vol_priv.h"

static const char *const kind_words[] = {
#define VOLUME_KIND(id, word) word,
	VOLUME_KINDS(VOLUME_KIND)
#undef VOLUME_KIND
};

const char *volume_kind_word(enum volume_kind k)
{
	return kind_words[k];
}
enum volume_kind volume_kind(const struct volume *v)
{
	return v->kind;
}
const char *volume_path(const struct volume *v)
{
	return v->path;
}
const char *volume_broken(const struct volume *v)
{
	return v->broken[0] ? v->broken : NULL;
}
uint32_t volume_hidden(const struct volume *v)
{
	return v->hidden;
}

/* ---- nodes --------------------------------------------------------------------------------------------------------------- */

static unsigned char upper(char c)
{
	return (unsigned char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
}

int vol_compare(const char *a, const char *b)
{
	while (*a && upper(*a) == upper(*b)) {
		a++;
		b++;
	}
	return upper(*a) - upper(*b);
}

bool vol_name_is_good(const char *name, size_t length)
{
	if (!length || length > VOLUME_PATH_MAX || (name[0] == '.' && (length == 1 || (length == 2 && name[1] == '.'))))
		return false;
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)name[i] < 0x20 || strchr("\\/:*?\"<>|", name[i]))
			return false;
	return true;
}

uint32_t vol_node_new(struct volume *v, uint32_t parent, const char *name, size_t length)
{
	if (v->count >= VOLUME_NODES_MAX)
		return 0;
	if (v->count >= v->room) {
		v->room = v->room ? 2 * v->room : 64;
		v->node = xrealloc(v->node, v->room * sizeof *v->node);
	}
	struct vol_node *n = &v->node[v->count];
	*n = (struct vol_node){ .name = xmalloc(length + 1), .parent = parent };
	memcpy(n->name, name, length);
	n->name[length] = 0;
	return v->count++;
}

static void node_fini(struct vol_node *n)
{
	free(n->name);
	free(n->host);
	free(n->chain);
	free(n->hash);
}

static int by_name(const void *a, const void *b)
{
	const struct vol_node *x = a, *y = b;
	int order = vol_compare(x->name, y->name);
	return order ? order : strcmp(x->name, y->name);
}

void vol_adopt(struct volume *v, uint32_t parent, uint32_t first)
{
	uint32_t kept = first;
	qsort(v->node + first, v->count - first, sizeof *v->node, by_name);
	for (uint32_t i = first; i < v->count; i++) {
		if (kept > first && !vol_compare(v->node[kept - 1].name, v->node[i].name)) {
			node_fini(&v->node[i]);
			v->hidden++;
		} else {
			v->node[kept++] = v->node[i];
		}
	}
	v->count = kept;
	v->node[parent].first = first;
	v->node[parent].count = kept - first;
	v->node[parent].listed = true;
}

void vol_node_path(const struct volume *v, uint32_t node, char *path, size_t size)
{
	size_t at = size - 1;
	path[at] = 0;
	for (; node > VOL_ROOT; node = v->node[node].parent) {
		size_t n = strlen(v->node[node].name);
		if (n + 1 > at)
			break;
		if (path[at])
			path[--at] = '\\';
		at -= n;
		memcpy(path + at, v->node[node].name, n);
	}
	memmove(path, path + at, size - at);
}

/* ---- trouble --------------------------------------------------------------------------------------------------------------- */

enum status vol_break(struct volume *v, struct err *err, const char *fmt, ...)
{
	va_list ap;
	if (!v->broken[0]) {
		int n = snprintf(v->broken, sizeof v->broken, "%.150s: ", v->path);
		va_start(ap, fmt);
		vsnprintf(v->broken + n, sizeof v->broken - (size_t)n, fmt, ap);
		va_end(ap);
	}
	return err_set(err, ST_IO, "%s", v->broken);
}

bool vol_stat_equal(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

enum status vol_pread(const struct volume *v, uint64_t offset, void *bytes, size_t size, struct err *err)
{
	size_t done = 0;
	if (v->svod)
		return svod_pread(v, offset, bytes, size, err);
	while (done < size) {
		ssize_t n = pread(v->fd, (uint8_t *)bytes + done, size - done, (off_t)(offset + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(err, ST_IO, "%.200s: %s", v->path, strerror(errno));
		if (!n)
			return err_set(err, ST_BAD_INPUT, "%.200s: ends at byte %llu, %llu was to be read", v->path,
				(unsigned long long)(offset + done), (unsigned long long)(offset + size));
		done += (size_t)n;
	}
	return ST_OK;
}

/* ---- opening ----------------------------------------------------------------------------------------------------------------- */

static struct volume *volume_new(const char *path)
{
	struct volume *v = xcalloc(1, sizeof *v);
	v->path = xstrdup(path);
	v->fd = v->file = -1;
	(void)vol_node_new(v, 0, "", 0); /* number 0 is nothing */
	v->node[vol_node_new(v, 0, "", 0)].directory = true;
	return v;
}

struct volume *volume_new_empty(void)
{
	struct volume *v = volume_new("");
	v->node[VOL_ROOT].listed = true;
	return v;
}

void volume_free(struct volume *v)
{
	if (!v)
		return;
	for (uint32_t i = 0; i < v->count; i++)
		node_fini(&v->node[i]);
	if (v->fd >= 0)
		close(v->fd);
	if (v->file >= 0)
		close(v->file);
	free(v->stfs);
	svod_free(v);
	free(v->node);
	free(v->path);
	free(v);
}

static enum status image_open(struct volume *v, struct err *err)
{
	enum status st = xdvdfs_open(v, err);
	if (st == ST_NOT_FOUND)
		st = stfs_open(v, err);
	if (st == ST_NOT_FOUND)
		st = err_set(
			err, ST_UNSUPPORTED, "%.300s: neither a folder nor a disc image (XDVDFS) nor a package (STFS)", v->path);
	return st;
}

enum status volume_open(const char *path, struct volume **out, struct err *err)
{
	struct volume *v = volume_new(path);
	enum status st = ST_OK;
	v->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (v->fd < 0 || fstat(v->fd, &v->stat) < 0)
		st = err_set(err, errno == ENOENT ? ST_NOT_FOUND : ST_IO, "%.300s: %s", path, strerror(errno));
	else if (S_ISDIR(v->stat.st_mode))
		v->kind = VOLUME_FOLDER;
	else if (S_ISREG(v->stat.st_mode)) {
		v->bytes = (uint64_t)v->stat.st_size;
		st = image_open(v, err);
	} else
		st = err_set(err, ST_UNSUPPORTED, "%.300s: neither a folder nor a file", path);
	if (st != ST_OK) {
		volume_free(v);
		return st;
	}
	*out = v;
	return ST_OK;
}

/* ---- looking things up -------------------------------------------------------------------------------------------------------- */

struct volume_entry volume_entry(const struct volume *v, uint32_t node)
{
	INVARIANT(node && node < v->count);
	const struct vol_node *n = &v->node[node];
	return (struct volume_entry){ n->name, n->size, n->directory };
}

enum status volume_children(struct volume *v, uint32_t node, uint32_t *first, uint32_t *count, struct err *err)
{
	INVARIANT(node && node < v->count);
	*first = *count = 0;
	if (v->broken[0])
		return err_set(err, ST_IO, "%s", v->broken);
	if (!v->node[node].directory)
		return ST_OK;
	if (!v->node[node].listed) {
		enum status st = folder_list(v, node, err);
		if (st != ST_OK)
			return st;
	}
	*first = v->node[node].first;
	*count = v->node[node].count;
	return ST_OK;
}

/* The child of that name, 0 = none. */
static uint32_t child(const struct volume *v, uint32_t first, uint32_t count, const char *name)
{
	uint32_t low = first, high = first + count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = vol_compare(v->node[middle].name, name);
		if (!order)
			return middle;
		*(order < 0 ? &low : &high) = order < 0 ? middle + 1 : middle;
	}
	return 0;
}

enum status volume_find(struct volume *v, const char *path, uint32_t *node, struct err *err)
{
	char name[VOLUME_PATH_MAX + 1];
	uint32_t at = VOL_ROOT, first, count;
	while (*path) {
		size_t n = strcspn(path, "\\");
		if (!n || n > VOLUME_PATH_MAX)
			return ST_NOT_FOUND;
		memcpy(name, path, n);
		name[n] = 0;
		path += n + (path[n] == '\\');
		enum status st = volume_children(v, at, &first, &count, err);
		if (st != ST_OK)
			return st;
		at = child(v, first, count, name);
		if (!at)
			return ST_NOT_FOUND;
	}
	*node = at;
	return ST_OK;
}

/* ---- reading ----------------------------------------------------------------------------------------------------------------- */

/* What the host says: ST_BAD_INPUT = the bytes are there, but not what the volume's own hashes say. */
static enum status block_read(struct volume *v, uint32_t node, uint64_t block, uint8_t *bytes, uint32_t size, struct err *err)
{
	const struct vol_node *n = &v->node[node];
	struct stat now;
	struct err why;
	if (v->kind == VOLUME_FOLDER)
		return folder_read(v, node, block * VOLUME_BLOCK, bytes, size, err);
	if (fstat(v->fd, &now) < 0 || !vol_stat_equal(&now, &v->stat) || (v->svod && !svod_is_as_it_was(v)))
		return vol_break(v, err, "the image has changed since it was opened");
	if (v->kind == VOLUME_STFS)
		return stfs_read(v, node, block, bytes, size, err);
	enum status st = vol_pread(v, n->where + block * VOLUME_BLOCK, bytes, size, &why);
	if (st == ST_BAD_INPUT && v->svod) {
		memset(bytes, 0, size); /* what was good of it is not to be had alone */
		return err_set(err, st, "%s", why.text);
	}
	return st == ST_OK ? st : vol_break(v, err, "%.200s", why.text);
}

static bool has_hashes(const struct volume *v)
{
	return v->stfs || v->svod;
}

/* The block is read for the first time, or is what it was then. */
static enum status block_seen(struct volume *v, uint32_t node, uint64_t block, const uint8_t *bytes, bool good, struct err *err)
{
	struct vol_node *n = &v->node[node];
	uint64_t hash = XXH3_64bits(bytes, VOLUME_BLOCK);
	hash += !hash;
	if (!n->hash)
		n->hash = xcalloc((n->size + VOLUME_BLOCK - 1) / VOLUME_BLOCK, sizeof *n->hash);
	if (n->hash[block] && n->hash[block] != hash) {
		char path[VOLUME_PATH_MAX + 1];
		vol_node_path(v, node, path, sizeof path);
		return vol_break(v, err, "%.100s: byte %llu and after are no longer what was read before", path,
			(unsigned long long)(block * VOLUME_BLOCK));
	}
	if (!n->hash[block] && has_hashes(v)) {
		v->checked++;
		v->bad += !good;
	}
	n->hash[block] = hash;
	return ST_OK;
}

enum status volume_read(struct volume *v, uint32_t node, uint64_t block, uint8_t bytes[VOLUME_BLOCK], struct err *err)
{
	INVARIANT(node && node < v->count);
	const struct vol_node *n = &v->node[node];
	uint64_t blocks = (n->size + VOLUME_BLOCK - 1) / VOLUME_BLOCK, left = n->size - block * VOLUME_BLOCK;
	if (v->broken[0])
		return err_set(err, ST_IO, "%s", v->broken);
	memset(bytes, 0, VOLUME_BLOCK);
	if (block >= blocks)
		return ST_OK;
	enum status st = block_read(v, node, block, bytes, left < VOLUME_BLOCK ? (uint32_t)left : VOLUME_BLOCK, err);
	if (st != ST_OK && st != ST_BAD_INPUT)
		return st;
	enum status seen = block_seen(v, node, block, bytes, st == ST_OK, err);
	return seen != ST_OK ? seen : st;
}

enum status volume_verify(struct volume *v, uint32_t node, uint64_t *blocks, uint64_t *bad, struct err *err)
{
	uint8_t bytes[VOLUME_BLOCK];
	const struct vol_node *n = &v->node[node];
	*blocks = *bad = 0;
	if (v->broken[0])
		return err_set(err, ST_IO, "%s", v->broken);
	for (uint64_t at = 0; has_hashes(v) && at < n->size; at += VOLUME_BLOCK) {
		uint64_t left = n->size - at;
		enum status st =
			block_read(v, node, at / VOLUME_BLOCK, bytes, left < VOLUME_BLOCK ? (uint32_t)left : VOLUME_BLOCK, NULL);
		if (st != ST_OK && st != ST_BAD_INPUT)
			return err_set(err, st, "%s", v->broken);
		*blocks += 1;
		*bad += st == ST_BAD_INPUT;
	}
	return ST_OK;
}

uint64_t volume_checked(const struct volume *v, uint64_t *bad)
{
	*bad = v->bad;
	return v->checked;
}

/* ---- what has been seen ---------------------------------------------------------------------------------------------------------- */

static void seen_below(const struct volume *v, uint32_t node, volume_seen_fn *fn, void *ctx)
{
	const struct vol_node *n = &v->node[node];
	for (uint32_t i = n->first; n->listed && i < n->first + n->count; i++)
		seen_below(v, i, fn, ctx);
	if (!n->hash)
		return;
	char path[VOLUME_PATH_MAX + 1];
	uint64_t digest = FNV_BASIS, blocks = 0;
	for (uint64_t b = 0; b * VOLUME_BLOCK < n->size; b++)
		if (n->hash[b]) {
			digest = fnv_u64(fnv_u64(digest, b), n->hash[b]);
			blocks++;
		}
	vol_node_path(v, node, path, sizeof path);
	fn(ctx, path, n->size, blocks, digest);
}

void volume_each_seen(const struct volume *v, volume_seen_fn *fn, void *ctx)
{
	seen_below(v, VOL_ROOT, fn, ctx);
}

static uint64_t digest_below(const struct volume *v, uint32_t node, uint64_t h)
{
	const struct vol_node *n = &v->node[node];
	h = fnv_u64(fnv_str(h, n->name), n->directory ? UINT64_MAX : n->size);
	for (uint32_t i = n->first; n->listed && i < n->first + n->count; i++)
		h = digest_below(v, i, h);
	for (uint64_t b = 0; n->hash && b * VOLUME_BLOCK < n->size; b++)
		h = n->hash[b] ? fnv_u64(fnv_u64(h, b), n->hash[b]) : h;
	return h;
}

uint64_t volume_digest(const struct volume *v)
{
	return digest_below(v, VOL_ROOT, fnv_u64(FNV_BASIS, v->kind));
}
