/* tests/volmake/svod_out.c - see volmake.h: a disc's package. Data files are sparse: what is not written is zero, and has the hash of that. */
#include "config.h"

#include <fcntl.h>
#include <nettle/sha1.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/volmake/volmake.h"

#define BLOCK 4096u
#define SECTOR 2048u
#define PER_TABLE 204u
#define TABLES 203u
#define FIRST_SECTOR 34u /* of the image, behind the descriptor's and one that is empty */

struct out {
	const struct vm_bytes *disc;
	const struct vm_svod *o;
	uint32_t blocks, start; /* of the disc: first block that is kept */
	uint8_t zero[SHA1_DIGEST_SIZE];
};

static void sha1(uint8_t *hash, const uint8_t *bytes)
{
	struct sha1_ctx ctx;
	sha1_init(&ctx);
	sha1_update(&ctx, BLOCK, bytes);
	sha1_digest(&ctx, SHA1_DIGEST_SIZE, hash);
}

/* Copies sector @sector of the disc, by its told number. False: nothing is there. */
static bool sector_get(const struct out *p, uint64_t sector, uint8_t *bytes)
{
	uint64_t at = (sector == 32 ? sector : sector - p->o->moved) * SECTOR;
	if ((sector != 32 && sector < (uint64_t)FIRST_SECTOR + p->o->moved) || at + SECTOR > p->disc->size)
		return false;
	memcpy(bytes, p->disc->p + at, SECTOR);
	return true;
}

/* Block @n of the package. False: it is zero. */
static bool block_get(const struct out *p, uint32_t n, uint8_t bytes[BLOCK])
{
	bool any = false;
	memset(bytes, 0, BLOCK);
	for (unsigned i = 0; i < 2; i++) {
		uint64_t kept = 2 * (uint64_t)n + i, sector = kept + 2 * (uint64_t)p->start - (p->o->enhanced ? 2 : 0);
		if (p->o->enhanced && n == 0)
			sector = 32 + i;
		any |= sector_get(p, sector, bytes + i * SECTOR);
	}
	return any;
}

static bool put(int fd, const uint8_t *bytes, uint64_t at)
{
	return pwrite(fd, bytes, BLOCK, (off_t)at) == BLOCK;
}

/* One data file; its master table, in which the next one's hash has its place. */
static bool file_put(const struct out *p, uint32_t file, int fd, uint8_t master[BLOCK])
{
	uint32_t first = file * PER_TABLE * TABLES,
		 n = p->blocks - first < PER_TABLE * TABLES ? p->blocks - first : PER_TABLE * TABLES;
	bool good = true;
	for (uint32_t t = 0; t * PER_TABLE < n; t++) {
		uint8_t table[BLOCK] = { 0 }, bytes[BLOCK];
		uint64_t at = BLOCK + (uint64_t)t * (PER_TABLE + 1) * BLOCK;
		for (uint32_t i = 0; i < PER_TABLE && t * PER_TABLE + i < n; i++) {
			uint32_t block = first + t * PER_TABLE + i;
			bool any = block_get(p, block, bytes);
			memcpy(table + (size_t)i * SHA1_DIGEST_SIZE, p->zero, SHA1_DIGEST_SIZE);
			if (any)
				sha1(table + (size_t)i * SHA1_DIGEST_SIZE, bytes);
			if (p->o->damage == block + 1)
				bytes[0] ^= 1;
			if (any || t * PER_TABLE + i == n - 1)
				good = good && put(fd, bytes, at + (i + 1) * (uint64_t)BLOCK);
		}
		good = good && put(fd, table, at);
		sha1(master + (size_t)t * SHA1_DIGEST_SIZE, table);
	}
	return good;
}

static bool head_put(const struct out *p, const char *path, uint32_t files, const uint8_t *first)
{
	uint8_t h[0xB000] = { 'L', 'I', 'V', 'E' }, *d = h + 0x379;
	h[0x342] = 0xB0;
	d[0] = 0x24;
	memcpy(d + 4, first, SHA1_DIGEST_SIZE);
	d[0x18] = p->o->enhanced ? 0x40 : 0;
	for (unsigned i = 0; i < 3; i++) {
		d[0x19 + i] = (uint8_t)(p->blocks >> 8 * i);
		d[0x1C + i] = (uint8_t)(p->start >> 8 * i);
	}
	store_be32(h + 0x39D, files);
	store_be32(h + 0x3A9, 1);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	bool good = fd >= 0 && write(fd, h, sizeof h) == (ssize_t)sizeof h;
	return close(fd) == 0 && good;
}

bool vm_svod(const struct vm_bytes *disc, const char *path, const struct vm_svod *o)
{
	struct out p = { .disc = disc, .o = o, .start = o->enhanced ? (FIRST_SECTOR + o->moved) / 2 : 16 };
	uint8_t bytes[BLOCK] = { 0 }, (*master)[BLOCK], hash[SHA1_DIGEST_SIZE];
	uint64_t last = disc->size / SECTOR + o->moved + 2;
	char name[4200];
	bool good = true;
	sha1(p.zero, bytes);
	p.blocks = (uint32_t)(last / 2 + 1 - p.start);
	uint32_t files = (p.blocks + PER_TABLE * TABLES - 1) / (PER_TABLE * TABLES);
	master = xcalloc(files, sizeof *master);
	int *fd = xcalloc(files, sizeof *fd);
	for (uint32_t i = 0; i < files; i++) {
		snprintf(name, sizeof name, "%s.data/Data%04u", path, (unsigned)i);
		fd[i] = open(name, O_RDWR | O_CREAT | O_TRUNC, 0644);
		good = good && fd[i] >= 0 && file_put(&p, i, fd[i], master[i]);
	}
	for (uint32_t i = files; i-- > 0;) { /* each knows the one behind it */
		if (i + 1 < files)
			memcpy(master[i] + (size_t)TABLES * SHA1_DIGEST_SIZE, hash, sizeof hash);
		good = good && put(fd[i], master[i], 0) && close(fd[i]) == 0;
		sha1(hash, master[i]);
	}
	free(master);
	free(fd);
	return good && head_put(&p, path, files, hash);
}
