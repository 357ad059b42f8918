/* src/vol/stfs.c - a content package as a volume: STFS in a file that begins with "CON ", "LIVE" or "PIRS".
 *
 * Layout (public documentation of the format; big-endian but for what is said): u32 at 340 = bytes of the header; volume descriptor at 379: 24,
 * 0, flags (1 = read only: each hash table once, else twice; 2 = the root's second copy counts), u16 LE blocks of the file table, u24 LE its first
 * block, SHA-1, u32 blocks; u32 at 3A9: 0 = STFS, 1 = SVOD (svod.c). Data blocks of 4 KiB lie behind the header rounded up, after each 170 of them come tables of their
 * hashes: entries of 24 bytes, SHA-1, then u32 whose low 24 bits are the file's next block (FFFFFF: none) and whose bit 30 says which copy of the
 * table below counts. A file's entry has 64 bytes: name (40), flags (low 6 bits the name's length, 40 = contiguous, 80 = directory), u24 LE blocks
 * (twice), u24 LE first block, u16 number of the directory's entry (FFFF = root), u32 size, times.
 *
 * Hashes are checked (stfs_hash.c): a package whose file table is not what they say is refused, a file's block that is not cannot be read.
 */
#include "config.h"

#include <stdlib.h>

#include "src/vol/stfs.h"
#include "src/vol/svod.h"

#define ENTRY 0x40u
#define NAME_BYTES 0x28u
#define ROOT 0xFFFFu
#define ENTRIES_MAX 0x10000u
#define DESCRIPTOR 0x379u
#define HEAD 0x400u

static uint32_t le24(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16;
}

static enum status damaged(const struct volume *v, const char *what, uint64_t n, struct err *err)
{
	return err_set(err, ST_BAD_INPUT, "%.300s: %s (%llu)", v->path, what, (unsigned long long)n);
}

/* ---- the file table ---------------------------------------------------------------------------------------------------------- */

static bool block_is_inside(const struct volume *v, uint32_t block, uint32_t bytes)
{
	return block < STFS_BLOCKS_MAX && stfs_offset(v, block) + bytes <= (uint64_t)v->stat.st_size;
}

/* The blocks of a file: a chain, unless they lie one behind the other. */
static enum status place(struct volume *v, struct vol_node *n, bool contiguous, struct err *err)
{
	uint32_t blocks = (uint32_t)((n->size + STFS_BLOCK - 1) / STFS_BLOCK), block = (uint32_t)n->where;
	if (n->size > (uint64_t)v->stat.st_size)
		return damaged(v, "a file is larger than the package, its size is", n->size, err);
	n->chain = contiguous ? NULL : xcalloc(blocks + 1, sizeof *n->chain);
	for (uint32_t i = 0; i < blocks; i++) {
		uint32_t next = block + 1,
			 bytes = i + 1 < blocks || !(n->size % STFS_BLOCK) ? STFS_BLOCK : (uint32_t)(n->size % STFS_BLOCK);
		if (!block_is_inside(v, block, bytes))
			return damaged(v, "a file's block lies beyond the end of the package, its number is", block, err);
		if (n->chain)
			n->chain[i] = block;
		enum status st = contiguous || i + 1 == blocks ? ST_OK : stfs_next(v, block, &next, err);
		if (st != ST_OK)
			return st;
		block = next;
	}
	return ST_OK;
}

/* What the file table says, before its entries stand in their directories. */
struct listing {
	uint8_t *entry;
	uint32_t count;
	uint32_t *head; /* by directory's number, the root's last: first entry of it + 1, 0 = none */
	uint32_t *next; /* the next one of the same directory + 1 */
};

static const uint8_t *entry_at(const struct listing *l, uint32_t i)
{
	return l->entry + (size_t)i * ENTRY;
}
static uint32_t name_length(const uint8_t *e)
{
	return e[NAME_BYTES] & 0x3f;
}

static enum status table_read(struct volume *v, uint32_t block, uint32_t blocks, struct listing *l, struct err *err)
{
	for (uint32_t i = 0; i < blocks; i++) {
		if (!block_is_inside(v, block, STFS_BLOCK) || (i + 1) * (STFS_BLOCK / ENTRY) > ENTRIES_MAX)
			return damaged(v, "the file table lies beyond the end of the package, at block", block, err);
		l->entry = xrealloc(l->entry, (size_t)(i + 1) * STFS_BLOCK);
		uint8_t *bytes = l->entry + (size_t)i * STFS_BLOCK;
		enum status st = vol_pread(v, stfs_offset(v, block), bytes, STFS_BLOCK, err);
		if (st == ST_OK)
			st = stfs_check(v, block, bytes, err);
		if (st != ST_OK)
			return st;
		for (uint32_t n = 0; n < STFS_BLOCK / ENTRY; n++, l->count++)
			if (!entry_at(l, l->count)[0])
				return ST_OK;
		st = i + 1 < blocks ? stfs_next(v, block, &block, err) : ST_OK;
		if (st != ST_OK)
			return st;
	}
	return ST_OK;
}

static enum status entry_add(struct volume *v, uint32_t parent, const struct listing *l, uint32_t i, struct err *err)
{
	const uint8_t *e = entry_at(l, i);
	if (name_length(e) > NAME_BYTES || !vol_name_is_good((const char *)e, name_length(e))) {
		v->hidden++;
		return ST_OK;
	}
	uint32_t row = vol_node_new(v, parent, (const char *)e, name_length(e));
	if (!row)
		return damaged(v, "too many files, at entry", i, err);
	struct vol_node *n = &v->node[row];
	n->directory = e[NAME_BYTES] & 0x80;
	n->table = i;
	n->where = le24(e + 0x2F);
	n->size = n->directory ? 0 : load_be32(e + 0x34);
	return n->directory ? ST_OK : place(v, n, e[NAME_BYTES] & 0x40, err);
}

static void sort_by_directory(struct listing *l)
{
	l->head = xcalloc((size_t)l->count + 1, sizeof *l->head);
	l->next = xcalloc((size_t)l->count + 1, sizeof *l->next);
	for (uint32_t i = 0; i < l->count; i++) {
		uint32_t number = load_be16(entry_at(l, i) + 0x32);
		uint32_t *head = number == ROOT ? &l->head[l->count] : number < l->count ? &l->head[number] : NULL;
		if (!head)
			continue; /* in no directory: seen by nobody */
		l->next[i] = *head;
		*head = i + 1;
	}
}

/* The children of @node, entry number @number, then theirs. An entry has one directory, so each is met once. */
static enum status directory_fill(
	struct volume *v, uint32_t node, uint32_t number, unsigned depth, const struct listing *l, struct err *err)
{
	uint32_t first = v->count;
	enum status st = depth > 32 ? damaged(v, "directories are too deep, at entry", number, err) : ST_OK;
	for (uint32_t i = l->head[number]; st == ST_OK && i; i = l->next[i - 1])
		st = entry_add(v, node, l, i - 1, err);
	vol_adopt(v, node, first);
	for (uint32_t i = 0; st == ST_OK && i < v->node[node].count; i++) {
		uint32_t below = v->node[node].first + i;
		if (v->node[below].directory)
			st = directory_fill(v, below, v->node[below].table, depth + 1, l, err);
	}
	return st;
}

static enum status disc_open(struct volume *v, const uint8_t *head, struct err *err)
{
	enum status st = svod_open(v, head, err);
	if (st != ST_OK)
		return st;
	v->bytes = svod_end(v);
	st = xdvdfs_open(v, err);
	return st == ST_NOT_FOUND ? damaged(v, "a disc's package, and there is no disc in it; its data files are",
					    load_be32(head + 0x39D), err)
				  : st;
}

enum status stfs_open(struct volume *v, struct err *err)
{
	uint8_t head[HEAD];
	struct listing l = { 0 };
	const uint8_t *d = head + DESCRIPTOR;
	if (v->stat.st_size < (off_t)sizeof head || vol_pread(v, 0, head, sizeof head, NULL) != ST_OK)
		return ST_NOT_FOUND;
	if (memcmp(head, "CON ", 4) != 0 && memcmp(head, "LIVE", 4) != 0 && memcmp(head, "PIRS", 4) != 0)
		return ST_NOT_FOUND;
	if (load_be32(head + 0x3A9) == 1)
		return disc_open(v, head, err);
	if (load_be32(head + 0x3A9) || d[0] != 0x24)
		return damaged(v, "a package, but neither of STFS nor of SVOD; its form is", load_be32(head + 0x3A9), err);
	v->kind = VOLUME_STFS;
	v->base = ((uint64_t)load_be32(head + 0x340) + STFS_BLOCK - 1) & ~(uint64_t)(STFS_BLOCK - 1);
	v->stfs = xcalloc(1, sizeof *v->stfs);
	v->stfs->copies = d[2] & 1 ? 1 : 2;
	v->stfs->active = d[2] >> 1 & 1;
	memcpy(v->stfs->top, d + 8, sizeof v->stfs->top);
	v->stfs->blocks = load_be32(d + 0x1C);
	enum status st = table_read(v, le24(d + 5), (uint32_t)(d[3] | d[4] << 8), &l, err);
	if (st == ST_OK) {
		sort_by_directory(&l);
		st = directory_fill(v, VOL_ROOT, l.count, 0, &l, err);
	}
	free(l.entry);
	free(l.head);
	free(l.next);
	return st;
}

enum status stfs_read(
	struct volume *v, uint32_t node, uint64_t block, uint8_t bytes[VOLUME_BLOCK], uint32_t size, struct err *err)
{
	const struct vol_node *n = &v->node[node];
	uint32_t number = n->chain ? n->chain[block] : (uint32_t)(n->where + block);
	uint64_t at = stfs_offset(v, number), there = (uint64_t)v->stat.st_size - at;
	struct err why;
	/* The hash is of the whole block; a file that ends within its last one may stand at the package's end, cut off. */
	enum status st = vol_pread(v, at, bytes, there < STFS_BLOCK ? (size_t)there : STFS_BLOCK, &why);
	if (st == ST_OK)
		st = stfs_check(v, number, bytes, &why);
	memset(bytes + size, 0, VOLUME_BLOCK - size);
	if (st == ST_BAD_INPUT)
		return err_set(err, st, "%s", why.text);
	return st == ST_OK ? st : vol_break(v, err, "%.200s", why.text);
}
