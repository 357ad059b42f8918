/* src/vol/vol_priv.h - what the kinds of volumes share. */
#ifndef SRC_VOL_VOL_PRIV_H
#define SRC_VOL_VOL_PRIV_H

#include <sys/stat.h>

#include "src/vol/volume.h"

#define VOL_ROOT 1u

struct vol_node {
	char *name; /* as the guest sees it */
	char *host; /* folder: path from the root, '/'; NULL = the root itself */
	uint64_t size;
	uint64_t where;                /* XDVDFS: byte of the image; STFS: first block */
	uint32_t *chain;               /* STFS: its blocks, in order; NULL = they lie one behind the other */
	uint64_t *hash;                /* per block: 0 = not read yet */
	uint32_t parent, first, count; /* children, once @listed */
	uint32_t table;                /* XDVDFS: bytes of the directory's table; STFS: its number in the file table */
	bool directory, listed;
	struct stat stat; /* folder: when it was listed */
};

struct volume {
	enum volume_kind kind;
	char *path;
	struct vol_node *node; /* 0 is nothing, 1 the root */
	uint32_t count, room;
	uint32_t hidden;
	int fd;                /* the folder, or the image; -1 = none */
	struct stat stat;      /* the image, when it was opened */
	uint64_t base;         /* image: where its own byte 0 lies */
	uint64_t bytes;        /* image: so many there are */
	struct svod *svod;     /* a disc's package: src/vol/svod.c */
	struct stfs *stfs;     /* package: src/vol/stfs.h */
	uint64_t checked, bad; /* blocks of files that have hashes, read at least once; those that are not what these say */
	int file;              /* folder: the file that was read last */
	uint32_t file_node;
	char broken[400];
};

/** A new node with this name of @length bytes; 0 = there are too many. Its parent is told by vol_adopt. */
uint32_t vol_node_new(struct volume *v, uint32_t parent, const char *name, size_t length);
/** May a file have this name on the console? */
bool vol_name_is_good(const char *name, size_t length);
/** Sorts the nodes @first to count - 1, which are all of @parent's children, takes out those whose names are equal, and makes them its own. */
void vol_adopt(struct volume *v, uint32_t parent, uint32_t first);
/** Without regard to ASCII case. */
int vol_compare(const char *a, const char *b);
/** Whole reads, of a disc's package inside of it; ST_IO with text, ST_BAD_INPUT: not there, or not what its hashes say. */
MUST_CHECK enum status vol_pread(const struct volume *v, uint64_t offset, void *bytes, size_t size, struct err *err);
/** The path of @node, '\' between the components. */
void vol_node_path(const struct volume *v, uint32_t node, char *path, size_t size);
/** Never usable again: @fmt says why. Returns ST_IO. */
enum status vol_break(struct volume *v, struct err *err, const char *fmt, ...) PRINTF_LIKE(3, 4);
bool vol_stat_equal(const struct stat *a, const struct stat *b);

/* The kinds. *_open: ST_NOT_FOUND = it is none of this kind. */
MUST_CHECK enum status folder_list(struct volume *v, uint32_t node, struct err *err);
MUST_CHECK enum status folder_read(
	struct volume *v, uint32_t node, uint64_t offset, uint8_t *bytes, uint32_t size, struct err *err);
/** Also of what is in a disc's package, once it is open. */
MUST_CHECK enum status xdvdfs_open(struct volume *v, struct err *err);
MUST_CHECK enum status stfs_open(struct volume *v, struct err *err);
/** A whole block of 4 KiB of a package's file. ST_BAD_INPUT: it is not what its hashes say. */
MUST_CHECK enum status stfs_read(
	struct volume *v, uint32_t node, uint64_t block, uint8_t bytes[VOLUME_BLOCK], uint32_t size, struct err *err);

#endif
