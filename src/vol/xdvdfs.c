/* src/vol/xdvdfs.c - a disc image as a volume: XDVDFS, the file system of the console's discs.
 *
 * Layout (public documentation of the format): sectors of 2048 bytes; sector 32 of the partition has "MICROSOFT*XBOX*MEDIA", then, little-endian,
 * the root directory's sector and its table's bytes, and the magic again in its last 20 bytes. A table is a binary tree of entries: left, right
 * (u16, in words of 4 bytes, 0 = none), sector, bytes (u32), attributes (10 = directory), length of the name, name. FFFF fills sectors up.
 */
#include "config.h"

#include <stdlib.h>

#include "src/vol/vol_priv.h"

#define SECTOR UINT64_C(2048)
#define MAGIC "MICROSOFT*XBOX*MEDIA"
#define MAGIC_BYTES 20u
#define ENTRY_BYTES 14u
#define ATTRIBUTE_DIRECTORY 0x10
#define TABLE_MAX (64u << 20)
#define DEPTH_MAX 32u

static uint16_t le16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}
static uint32_t le32(const uint8_t *p)
{
	return le16(p) | (uint32_t)le16(p + 2) << 16;
}

/* Where the partition with the files begins, in images with and without what lies before it. */
static const uint64_t bases[] = { 0, 0xFB20, 0x20600, 0x2080000, 0xFD90000 };

static enum status damaged(const struct volume *v, uint32_t node, const char *what, uint64_t at, struct err *err)
{
	char path[VOLUME_PATH_MAX + 1];
	vol_node_path(v, node, path, sizeof path);
	return err_set(err, ST_BAD_INPUT, "%.200s: directory '%.100s': %s (at byte %llX of the image)", v->path, path, what,
		(unsigned long long)at);
}

static bool inside(const struct volume *v, uint64_t at, uint64_t size)
{
	return at <= v->bytes && size <= v->bytes - at;
}

/* One entry of @node's table; adds its neighbours in the tree to @todo. */
static enum status entry_add(struct volume *v, uint32_t node, const uint8_t *table, uint32_t size, uint32_t at, struct err *err)
{
	const uint8_t *e = table + at;
	uint64_t place = v->node[node].where + at;
	if (size - at < ENTRY_BYTES || !e[13] || size - at - ENTRY_BYTES < e[13])
		return damaged(v, node, "an entry that goes beyond its table", place, err);
	uint64_t where = v->base + le32(e + 4) * SECTOR;
	uint32_t bytes = le32(e + 8);
	if (!vol_name_is_good((const char *)e + ENTRY_BYTES, e[13])) {
		v->hidden++;
		return ST_OK;
	}
	if (!inside(v, where, bytes))
		return damaged(v, node, "an entry that lies beyond the end of the image", place, err);
	uint32_t row = vol_node_new(v, node, (const char *)e + ENTRY_BYTES, e[13]);
	if (!row)
		return damaged(v, node, "too many files", place, err);
	struct vol_node *n = &v->node[row];
	n->directory = e[12] & ATTRIBUTE_DIRECTORY;
	n->where = where;
	n->table = n->directory ? bytes : 0;
	n->size = n->directory ? 0 : bytes;
	return ST_OK;
}

/* All entries of a table, by its tree: each word offset is met once. */
static enum status table_walk(struct volume *v, uint32_t node, const uint8_t *table, uint32_t size, struct err *err)
{
	uint8_t *met = xcalloc(size / 4 + 1, 1);
	uint32_t *todo = xcalloc(size / 4 + 2, sizeof *todo), n = 0;
	enum status st = ST_OK;
	todo[n++] = 0;
	met[0] = 1;
	while (st == ST_OK && n) {
		uint32_t at = todo[--n] * 4;
		if (size - at < ENTRY_BYTES || le16(table + at) == 0xFFFF) {
			st = at ? damaged(v, node, "a link of its tree leads nowhere", v->node[node].where + at, err) : ST_OK;
			continue;
		}
		for (unsigned side = 0; side < 4 && st == ST_OK; side += 2) {
			uint32_t next = le16(table + at + side);
			if (!next || next == 0xFFFF)
				continue;
			if (next * 4 >= size || met[next])
				st = damaged(v, node, "a link of its tree leads outside, or back", v->node[node].where + at, err);
			else
				met[todo[n++] = next] = 1;
		}
		if (st == ST_OK)
			st = entry_add(v, node, table, size, at, err);
	}
	free(met);
	free(todo);
	return st;
}

static bool contains_itself(const struct volume *v, uint32_t node)
{
	for (uint32_t up = v->node[node].parent; up; up = v->node[up].parent)
		if (v->node[up].where == v->node[node].where)
			return true;
	return false;
}

static enum status directory_read(struct volume *v, uint32_t node, unsigned depth, struct err *err)
{
	uint32_t first = v->count, size = v->node[node].table;
	if (!size || contains_itself(v, node)) {
		vol_adopt(v, node, first);
		return size ? damaged(v, node, "it contains itself", v->node[node].where, err) : ST_OK;
	}
	if (size > TABLE_MAX || depth > DEPTH_MAX)
		return damaged(v, node, size > TABLE_MAX ? "its table is too large" : "too deep", v->node[node].where, err);
	uint8_t *table = xmalloc(size);
	enum status st = vol_pread(v, v->node[node].where, table, size, err);
	if (st == ST_OK)
		st = table_walk(v, node, table, size, err);
	free(table);
	vol_adopt(v, node, first);
	for (uint32_t i = 0; st == ST_OK && i < v->node[node].count; i++)
		if (v->node[v->node[node].first + i].directory)
			st = directory_read(v, v->node[node].first + i, depth + 1, err);
	return st;
}

enum status xdvdfs_open(struct volume *v, struct err *err)
{
	uint8_t head[SECTOR];
	for (unsigned i = 0; i < ARRAY_LEN(bases); i++) {
		uint64_t at = bases[i] + 32 * SECTOR;
		if (v->svod && (i || vol_pread(v, at, head, sizeof head, err) != ST_OK))
			return i ? ST_NOT_FOUND : ST_BAD_INPUT;
		if (!inside(v, at, SECTOR) || vol_pread(v, at, head, sizeof head, NULL) != ST_OK ||
			memcmp(head, MAGIC, MAGIC_BYTES) != 0)
			continue;
		v->kind = v->svod ? VOLUME_SVOD : VOLUME_XDVDFS;
		v->base = bases[i];
		v->node[VOL_ROOT].where = v->base + le32(head + 20) * SECTOR;
		v->node[VOL_ROOT].table = le32(head + 24);
		if (!v->svod && memcmp(head + SECTOR - MAGIC_BYTES, MAGIC, MAGIC_BYTES) != 0)
			return err_set(
				err, ST_BAD_INPUT, "%.300s: the disc's volume descriptor does not end with its magic", v->path);
		if (!inside(v, v->node[VOL_ROOT].where, v->node[VOL_ROOT].table))
			return err_set(err, ST_BAD_INPUT, "%.300s: the root directory lies beyond the end of the image", v->path);
		return directory_read(v, VOL_ROOT, 0, err);
	}
	return ST_NOT_FOUND;
}
