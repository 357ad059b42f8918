/* tests/volmake/volmake.h - makes disc images (XDVDFS) and packages (STFS) of a folder: for tests/mkvol and the tests of src/vol. */
#ifndef TESTS_VOLMAKE_VOLMAKE_H
#define TESTS_VOLMAKE_VOLMAKE_H

#include "src/vol/volume.h"

/** Bytes that grow. */
struct vm_bytes {
	uint8_t *p;
	size_t size, room;
};
/** Makes room for [@at, @at + @n), zeros in between; its address, valid till the next call. */
uint8_t *vm_at(struct vm_bytes *b, size_t at, size_t n);

/** A disc image of what @from holds, whose partition begins at byte @base. The caller frees .p. */
struct vm_bytes vm_xdvdfs(struct volume *from, size_t base);

/** The same, with all sectors but that of the descriptor said to lie @moved sectors further on. */
struct vm_bytes vm_xdvdfs_moved(struct volume *from, size_t base, uint32_t moved);

struct vm_svod {
	bool enhanced;   /* the disc's descriptor lies in a block of its own */
	uint32_t moved;  /* sectors, as for the image */
	uint32_t damage; /* number of a block that gets a wrong byte, + 1; 0 = none */
};
/** Writes an image (vm_xdvdfs_moved, base 0) as a disc's package: the file @path, and the folder @path.data, which must be there. False: errno. */
bool vm_svod(const struct vm_bytes *disc, const char *path, const struct vm_svod *o);

struct vm_stfs {
	bool twice;   /* each hash table has two copies, of which the second one counts: as on a hard disk */
	bool chained; /* files lie in chains, last block first; else one block behind the other */
};
/** A package. Fewer than 28900 blocks. */
struct vm_bytes vm_stfs(struct volume *from, const struct vm_stfs *o);
/** Makes the hashes of a package of at most 170 blocks right again after a change. */
void vm_stfs_seal(uint8_t *b, size_t size, const struct vm_stfs *o);

#endif
