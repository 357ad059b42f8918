/* tests/volmake/volmake.c - see volmake.h: growing bytes, and discs. */
#include "config.h"

#include "tests/volmake/volmake.h"

#include <stdlib.h>

#define SECTOR 2048u

static const uint8_t magic[] = "MICROSOFT*XBOX*MEDIA";

uint8_t *vm_at(struct vm_bytes *b, size_t at, size_t n)
{
	if (at + n > b->room) {
		size_t room = 2 * (at + n);
		b->p = xrealloc(b->p, room);
		memset(b->p + b->room, 0, room - b->room);
		b->room = room;
	}
	if (at + n > b->size)
		b->size = at + n;
	return b->p + at;
}

static void le16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static void le32(uint8_t *p, uint32_t v)
{
	le16(p, v);
	le16(p + 2, v >> 16);
}

struct disc {
	struct volume *from;
	struct vm_bytes out;
	size_t base;
	uint32_t sector; /* first that is free */
	uint32_t moved;  /* added to each sector's number that is told */
};

/* The place of an entry of @size bytes that may begin at @at: none lies across sectors. */
static size_t entry_place(size_t at, size_t size)
{
	return at / SECTOR != (at + size - 1) / SECTOR ? (at + SECTOR - 1) / SECTOR * SECTOR : at;
}

/* Writes the tree of children @low to @high - 1 at *@at; its root's offset in words. Its own places in @place. */
static uint32_t tree(struct disc *d, uint8_t *table, size_t *at, uint32_t low, uint32_t high, size_t *place)
{
	uint32_t middle = low + (high - low) / 2;
	struct volume_entry e = volume_entry(d->from, middle);
	size_t n = strlen(e.name), size = (14 + n + 3) & ~(size_t)3;
	*at = place[middle] = entry_place(*at, size);
	uint8_t *p = table + *at;
	*at += size;
	memset(p, 0, size);
	p[12] = e.directory ? 0x10 : 0x80;
	p[13] = (uint8_t)n;
	memcpy(p + 14, e.name, n);
	if (low < middle)
		le16(p, tree(d, table, at, low, middle, place));
	if (middle + 1 < high)
		le16(p + 2, tree(d, table, at, middle + 1, high, place));
	return (uint32_t)(place[middle] / 4);
}

static uint32_t sectors_take(struct disc *d, uint64_t bytes)
{
	uint32_t first = d->sector;
	d->sector += (uint32_t)((bytes + SECTOR - 1) / SECTOR);
	return first;
}

static uint32_t file_put(struct disc *d, uint32_t node, uint64_t size)
{
	uint8_t bytes[VOLUME_BLOCK];
	uint32_t sector = sectors_take(d, size);
	for (uint64_t b = 0; b * VOLUME_BLOCK < size; b++) {
		INVARIANT(volume_read(d->from, node, b, bytes, NULL) == ST_OK);
		size_t n = size - b * VOLUME_BLOCK < VOLUME_BLOCK ? (size_t)(size - b * VOLUME_BLOCK) : VOLUME_BLOCK;
		memcpy(vm_at(&d->out, d->base + (size_t)sector * SECTOR + (size_t)b * VOLUME_BLOCK, n), bytes, n);
	}
	return sector;
}

/* Writes a directory and all below it; its sector, and the bytes of its table. */
static uint32_t directory_put(struct disc *d, uint32_t node, uint32_t *size)
{
	uint32_t first, count;
	size_t at = 0;
	INVARIANT(volume_children(d->from, node, &first, &count, NULL) == ST_OK);
	size_t room = ((size_t)count * 280 / SECTOR + 2) * SECTOR;
	uint8_t *table = xmalloc(room);
	size_t *place = xcalloc((size_t)first + count + 1, sizeof *place);
	memset(table, 0xFF, room);
	if (count)
		tree(d, table, &at, first, first + count, place);
	*size = count ? (uint32_t)((at + SECTOR - 1) / SECTOR * SECTOR) : 0;
	uint32_t sector = sectors_take(d, *size);
	for (uint32_t i = first; i < first + count; i++) {
		struct volume_entry e = volume_entry(d->from, i);
		uint32_t bytes = (uint32_t)e.size;
		uint32_t where = e.directory ? directory_put(d, i, &bytes) : file_put(d, i, e.size);
		le32(table + place[i] + 4, where + d->moved);
		le32(table + place[i] + 8, bytes);
	}
	if (*size)
		memcpy(vm_at(&d->out, d->base + (size_t)sector * SECTOR, *size), table, *size);
	free(table);
	free(place);
	return sector;
}

struct vm_bytes vm_xdvdfs(struct volume *from, size_t base)
{
	return vm_xdvdfs_moved(from, base, 0);
}

struct vm_bytes vm_xdvdfs_moved(struct volume *from, size_t base, uint32_t moved)
{
	struct disc d = { .from = from, .base = base, .sector = 34, .moved = moved };
	uint32_t root, size, sector = 0;
	INVARIANT(volume_find(from, "", &root, NULL) == ST_OK);
	sector = directory_put(&d, root, &size);
	uint8_t *head = vm_at(&d.out, base + (size_t)32 * SECTOR, SECTOR);
	memcpy(head, magic, sizeof magic - 1);
	le32(head + 20, sector + moved);
	le32(head + 24, size);
	memcpy(head + SECTOR - 20, magic, sizeof magic - 1);
	vm_at(&d.out, base + (size_t)d.sector * SECTOR - 1, 1);
	return d.out;
}
