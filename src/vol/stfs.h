/* src/vol/stfs.h - what the two files that read packages share. */
#ifndef SRC_VOL_STFS_H
#define SRC_VOL_STFS_H

#include "src/vol/vol_priv.h"

#define STFS_BLOCK 0x1000u
#define STFS_NO_BLOCK 0xFFFFFFu
#define STFS_LEVELS 3u
#define STFS_BLOCKS_MAX 4913000u

/** A table of hashes, as it was read last. */
struct stfs_table {
	uint64_t at;     /* byte of the file */
	bool read, good; /* good: its hash is the one that the table above it says, up to the top */
	uint8_t bytes[STFS_BLOCK];
};

struct stfs {
	uint32_t blocks; /* data blocks in all */
	uint32_t copies; /* of each hash table: 1, or 2 */
	uint32_t active; /* which of the topmost one's counts */
	uint8_t top[20]; /* its SHA-1 */
	struct stfs_table table[STFS_LEVELS];
};

/** Byte of the package at which its block @block lies. */
uint64_t stfs_offset(const struct volume *v, uint32_t block);
/** The block that follows @block in its file; STFS_NO_BLOCK = none. vol_pread's failures. */
MUST_CHECK enum status stfs_next(struct volume *v, uint32_t block, uint32_t *next, struct err *err);
/** Are @bytes what the hashes say of block @block? ST_BAD_INPUT: no; vol_pread's failures. */
MUST_CHECK enum status stfs_check(struct volume *v, uint32_t block, const uint8_t bytes[STFS_BLOCK], struct err *err);

#endif
