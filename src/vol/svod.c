/* src/vol/svod.c - see svod.h. What is in it: xdvdfs.c.
 *
 * Layout (public knowledge: Xenia, iso2god; big-endian but for what is said): the package is a header as STFS has it (stfs.c), whose u32 at 3A9 is 1,
 * with the number of data files as u32 at 39D and the descriptor at 379: 24, three bytes, SHA-1 of the first master table, features (40 = enhanced),
 * u24 LE blocks, u24 LE first block of the disc that is kept. Beside it a folder of its name with .data behind it, in it Data0000, Data0001, ... Each
 * file: a master table of 4 KiB, then up to 203 times a table of 4 KiB and up to 204 blocks of 4 KiB. A table has the SHA-1s of its blocks, one behind
 * the other, the master table those of its tables, and behind these that of the next file's master table. A block is two sectors of the disc;
 * the enhanced form keeps the disc's descriptor (sector 32) in a block of its own before them.
 */
#include "config.h"

#include "src/vol/svod.h"

#include <fcntl.h>
#include <nettle/sha1.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define BLOCK 0x1000u
#define SECTOR 0x800u
#define DESCRIPTOR 0x379u
#define DESCRIPTOR_SECTOR 32u
#define ENHANCED 0x40u
#define PER_TABLE 0xCCu
#define TABLES 0xCBu
#define FILE_BLOCKS (PER_TABLE * TABLES)
#define FILES_MAX 256u /* 43 GB */

struct svod_file {
	int fd;
	struct stat stat;
	bool good; /* its master table, and those of all files before it */
	uint8_t master[BLOCK];
};

struct svod {
	uint32_t files, blocks, first;
	bool enhanced;
	uint32_t table_at; /* number of the table that was read last + 1, counted over all files */
	bool table_good;
	uint8_t table[BLOCK];
	struct svod_file file[];
};

static uint32_t le24(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16;
}

static bool hash_is(const uint8_t hash[SHA1_DIGEST_SIZE], const uint8_t *bytes)
{
	struct sha1_ctx ctx;
	uint8_t is[SHA1_DIGEST_SIZE];
	sha1_init(&ctx);
	sha1_update(&ctx, BLOCK, bytes);
	sha1_digest(&ctx, sizeof is, is);
	return !memcmp(is, hash, sizeof is);
}

static enum status damaged(const struct volume *v, const char *what, uint64_t n, struct err *err)
{
	return err_set(err, ST_BAD_INPUT, "%.200s.data: %s (%llu)", v->path, what, (unsigned long long)n);
}

/* 4 KiB of a data file; what lies behind its end is zero. */
static enum status block_read(const struct volume *v, uint32_t file, uint64_t at, uint8_t bytes[BLOCK], struct err *err)
{
	const struct svod_file *f = &v->svod->file[file];
	uint32_t done = 0;
	memset(bytes, 0, BLOCK);
	while (done < BLOCK) {
		ssize_t n = pread(f->fd, bytes + done, BLOCK - done, (off_t)(at + done));
		if (n < 0)
			return err_set(err, ST_IO, "%.200s.data/Data%04u: cannot be read", v->path, (unsigned)file);
		if (!n)
			break;
		done += (uint32_t)n;
	}
	return done ? ST_OK : damaged(v, "a data file ends too soon, its number is", file, err);
}

/* Block @n, counted over all files, checked. */
static enum status block_of(const struct volume *v, uint32_t n, uint8_t bytes[BLOCK], struct err *err)
{
	struct svod *s = v->svod;
	uint32_t file = n / FILE_BLOCKS, table = n % FILE_BLOCKS / PER_TABLE, number = n / PER_TABLE;
	uint64_t at = BLOCK + (uint64_t)table * (PER_TABLE + 1) * BLOCK;
	if (n >= s->blocks || file >= s->files)
		return damaged(v, "a block that the package does not have", n, err);
	if (s->table_at != number + 1) {
		s->table_at = 0;
		enum status st = block_read(v, file, at, s->table, err);
		if (st != ST_OK)
			return st;
		s->table_at = number + 1;
		s->table_good = s->file[file].good && hash_is(s->file[file].master + (size_t)table * SHA1_DIGEST_SIZE, s->table);
	}
	enum status st = block_read(v, file, at + BLOCK + (uint64_t)(n % PER_TABLE) * BLOCK, bytes, err);
	if (st == ST_OK && !(s->table_good && hash_is(s->table + (size_t)(n % PER_TABLE) * SHA1_DIGEST_SIZE, bytes)))
		st = damaged(v,
			s->table_good ? "a block that is not what its SHA-1 says" : "a block whose hash tables are damaged", n,
			err);
	return st;
}

enum status svod_pread(const struct volume *v, uint64_t offset, uint8_t *bytes, size_t size, struct err *err)
{
	const struct svod *s = v->svod;
	uint8_t block[BLOCK];
	uint32_t have = UINT32_MAX;
	for (size_t done = 0, n; done < size; done += n) {
		uint64_t at = offset + done, sector = at / SECTOR;
		n = SECTOR - at % SECTOR < size - done ? (size_t)(SECTOR - at % SECTOR) : size - done;
		uint64_t kept = sector + (s->enhanced ? 2 : 0) - 2 * (uint64_t)s->first;
		if (s->enhanced && sector == DESCRIPTOR_SECTOR)
			kept = 0;
		if (kept >= 2 * (uint64_t)s->blocks)
			return damaged(v, "a sector that the package does not have", sector, err);
		if (have != (uint32_t)(kept / 2)) {
			enum status st = block_of(v, (uint32_t)(kept / 2), block, err);
			if (st != ST_OK)
				return st;
			have = (uint32_t)(kept / 2);
		}
		memcpy(bytes + done, block + kept % 2 * SECTOR + at % SECTOR, n);
	}
	return ST_OK;
}

uint64_t svod_end(const struct volume *v)
{
	const struct svod *s = v->svod;
	return (2 * ((uint64_t)s->first + s->blocks) - (s->enhanced ? 2 : 0)) * SECTOR;
}

bool svod_is_as_it_was(const struct volume *v)
{
	struct stat now;
	for (uint32_t i = 0; i < v->svod->files; i++)
		if (fstat(v->svod->file[i].fd, &now) < 0 || !vol_stat_equal(&now, &v->svod->file[i].stat))
			return false;
	return true;
}

void svod_free(struct volume *v)
{
	for (uint32_t i = 0; v->svod && i < v->svod->files; i++)
		if (v->svod->file[i].fd >= 0)
			close(v->svod->file[i].fd);
	free(v->svod);
}

/* Each master table must be what the one before it says, the first one what the header says. */
static enum status files_open(struct volume *v, const uint8_t *hash, struct err *err)
{
	struct svod *s = v->svod;
	bool good = true;
	char path[4200];
	for (uint32_t i = 0; i < s->files; i++) {
		struct svod_file *f = &s->file[i];
		snprintf(path, sizeof path, "%.4000s.data/Data%04u", v->path, (unsigned)i);
		f->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
		if (f->fd < 0 || fstat(f->fd, &f->stat) < 0 || !S_ISREG(f->stat.st_mode))
			return damaged(v, "the package has data files, and one cannot be opened, its number is", i, err);
		enum status st = block_read(v, i, 0, f->master, err);
		if (st != ST_OK)
			return st;
		f->good = good = good && hash_is(hash, f->master);
		hash = f->master + (size_t)TABLES * SHA1_DIGEST_SIZE;
	}
	return ST_OK;
}

enum status svod_open(struct volume *v, const uint8_t *head, struct err *err)
{
	const uint8_t *d = head + DESCRIPTOR;
	uint32_t files = load_be32(head + 0x39D);
	if (d[0] != 0x24 || !files || files > FILES_MAX)
		return damaged(v, "a disc's package with a damaged descriptor; its number of data files is", files, err);
	v->svod = xcalloc(1, sizeof *v->svod + files * sizeof v->svod->file[0]);
	v->svod->files = files;
	v->svod->first = le24(d + 0x1C);
	v->svod->enhanced = d[0x18] & ENHANCED;
	for (uint32_t i = 0; i < files; i++)
		v->svod->file[i].fd = -1;
	enum status st = files_open(v, d + 4, err);
	if (st != ST_OK)
		return st;
	/* All files are full but the last one; what the header says of their number nobody relies on. */
	uint64_t behind = ((uint64_t)v->svod->file[files - 1].stat.st_size + BLOCK - 1) / BLOCK - 1;
	uint64_t last = behind - (behind + PER_TABLE) / (PER_TABLE + 1);
	v->svod->blocks = (files - 1) * FILE_BLOCKS + (uint32_t)(last < FILE_BLOCKS ? last : FILE_BLOCKS);
	return ST_OK;
}
