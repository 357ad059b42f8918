/* tests/volmake/stfs_out.c - see volmake.h: packages. Blocks are laid out one by one, tables where they come, so that no formula is shared with
 * the reader. */
#include "config.h"

#include <nettle/sha1.h>
#include <stdlib.h>

#include "tests/volmake/volmake.h"

#define BLOCK 0x1000u
#define PER_TABLE 170u
#define BASE 0xA000u
#define NO_BLOCK 0xFFFFFFu
#define ENTRY 0x40u

struct package {
	struct volume *from;
	const struct vm_stfs *o;
	struct vm_bytes out, table; /* the file table's entries */
	uint32_t blocks;
	size_t *place;  /* byte of the package at which each block lies */
	size_t *tables; /* of each level-0 table: its first copy */
	size_t top;     /* of the level-1 table */
	uint32_t *next;
};

static void le24(uint8_t *p, uint32_t v)
{
	for (unsigned i = 0; i < 3; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

/* All entries below @node, in the order of the walk; @number is the directory's entry. */
static void list(struct package *p, uint32_t node, uint32_t number, uint32_t *nodes)
{
	uint32_t first, count;
	INVARIANT(volume_children(p->from, node, &first, &count, NULL) == ST_OK);
	for (uint32_t i = first; i < first + count; i++) {
		struct volume_entry e = volume_entry(p->from, i);
		uint32_t mine = (uint32_t)(p->table.size / ENTRY);
		uint8_t *row = vm_at(&p->table, p->table.size, ENTRY);
		memcpy(row, e.name, strlen(e.name));
		row[0x28] = (uint8_t)(strlen(e.name) | (e.directory ? 0x80u : 0) | (p->o->chained ? 0 : 0x40u));
		store_be16(row + 0x32, (uint16_t)number);
		store_be32(row + 0x34, (uint32_t)e.size);
		nodes[mine] = i;
		if (e.directory)
			list(p, i, mine, nodes);
	}
}

/* Where every block and every table lies: a table stands before each 170 blocks, that of the tables before the second. */
static void lay_out(struct package *p)
{
	size_t copies = p->o->twice ? 2 : 1, at = BASE;
	for (uint32_t i = 0; i < p->blocks; i++) {
		if (i == PER_TABLE) {
			p->top = at;
			at += copies * BLOCK;
		}
		if (i % PER_TABLE == 0) {
			p->tables[i / PER_TABLE] = at;
			at += copies * BLOCK;
		}
		p->place[i] = at;
		at += BLOCK;
	}
	vm_at(&p->out, at - 1, 1);
}

static void file_put(struct package *p, uint32_t number, uint32_t node, uint32_t first)
{
	uint8_t bytes[VOLUME_BLOCK];
	uint64_t size = volume_entry(p->from, node).size;
	uint32_t n = (uint32_t)((size + BLOCK - 1) / BLOCK);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t block = first + (p->o->chained ? n - 1 - i : i), next = p->o->chained ? block - 1 : block + 1;
		INVARIANT(volume_read(p->from, node, i, bytes, NULL) == ST_OK);
		memcpy(vm_at(&p->out, p->place[block], BLOCK), bytes, BLOCK);
		p->next[block] = i + 1 < n ? next : NO_BLOCK;
	}
	uint8_t *row = p->table.p + (size_t)number * ENTRY;
	le24(row + 0x29, n);
	le24(row + 0x2C, n);
	le24(row + 0x2F, n ? first + (p->o->chained ? n - 1 : 0) : 0);
}

static void sha1_put(uint8_t *hash, const uint8_t *bytes)
{
	struct sha1_ctx ctx;
	sha1_init(&ctx);
	sha1_update(&ctx, BLOCK, bytes);
	sha1_digest(&ctx, SHA1_DIGEST_SIZE, hash);
}

/* Data blocks, then their tables, then the table of these, whose hash the descriptor has. */
static void hashes_put(struct package *p)
{
	size_t copy = p->o->twice ? BLOCK : 0, whole = p->out.size;
	uint8_t *out = vm_at(&p->out, 0, whole);
	for (uint32_t i = 0; i < p->blocks; i++) {
		uint8_t *e = out + p->tables[i / PER_TABLE] + copy + i % PER_TABLE * 0x18;
		store_be32(e + 0x14, 0x80000000u | p->next[i]);
		sha1_put(e, out + p->place[i]);
	}
	for (uint32_t t = 0; p->top && t * PER_TABLE < p->blocks; t++) {
		uint8_t *e = out + p->top + copy + t * 0x18;
		store_be32(e + 0x14, p->o->twice ? 0xC0000000u : 0x80000000u);
		sha1_put(e, out + p->tables[t] + copy);
	}
	sha1_put(out + 0x379 + 8, out + (p->top ? p->top : p->tables[0]) + copy);
}

void vm_stfs_seal(uint8_t *b, size_t size, const struct vm_stfs *o)
{
	size_t table = BASE + (o->twice ? BLOCK : 0), data = table + BLOCK;
	for (unsigned i = 0; i < PER_TABLE && data + (i + 1) * BLOCK <= size; i++)
		sha1_put(b + table + (size_t)i * 0x18, b + data + (size_t)i * BLOCK);
	if (data <= size)
		sha1_put(b + 0x379 + 8, b + table);
}

static void head_put(struct package *p, uint32_t table_blocks)
{
	uint8_t *h = vm_at(&p->out, 0, 0x400), *d = h + 0x379;
	store_be32(h, p->o->twice ? 0x434F4E20 : 0x4C495645); /* "CON ", "LIVE" */
	store_be32(h + 0x340, 0x971A);
	d[0] = 0x24;
	d[2] = p->o->twice ? 2 : 1;
	d[3] = (uint8_t)table_blocks;
	d[4] = (uint8_t)(table_blocks >> 8);
	store_be32(d + 0x1C, p->blocks);
}

struct vm_bytes vm_stfs(struct volume *from, const struct vm_stfs *o)
{
	struct package p = { .from = from, .o = o };
	uint32_t root, nodes[4096] = { 0 };
	INVARIANT(volume_find(from, "", &root, NULL) == ST_OK);
	list(&p, root, 0xFFFF, nodes);
	uint32_t files = (uint32_t)(p.table.size / ENTRY), table_blocks = files / (BLOCK / ENTRY) + 1, at = table_blocks;
	INVARIANT(files < ARRAY_LEN(nodes));
	p.blocks = table_blocks;
	for (uint32_t i = 0; i < files; i++)
		p.blocks += (uint32_t)((volume_entry(from, nodes[i]).size + BLOCK - 1) / BLOCK);
	INVARIANT(p.blocks < PER_TABLE * PER_TABLE);
	p.place = xcalloc(p.blocks, sizeof *p.place);
	p.next = xcalloc(p.blocks, sizeof *p.next);
	p.tables = xcalloc(p.blocks / PER_TABLE + 1, sizeof *p.tables);
	lay_out(&p);
	for (uint32_t i = 0; i < files; i++) {
		struct volume_entry e = volume_entry(from, nodes[i]);
		if (e.directory)
			continue;
		file_put(&p, i, nodes[i], at);
		at += (uint32_t)((e.size + BLOCK - 1) / BLOCK);
	}
	for (uint32_t i = 0; i < table_blocks; i++) {
		uint8_t *rows = vm_at(&p.table, (size_t)i * BLOCK, BLOCK);
		memcpy(vm_at(&p.out, p.place[i], BLOCK), rows, BLOCK);
		p.next[i] = i + 1 < table_blocks ? i + 1 : NO_BLOCK;
	}
	head_put(&p, table_blocks);
	hashes_put(&p);
	free(p.table.p);
	free(p.place);
	free(p.next);
	free(p.tables);
	return p.out;
}
