/* tests/fuzz/fuzz_volume.c - libFuzzer on the volumes' readers: a disc image (XDVDFS) or a package (STFS) of whatever bytes (make fuzz).
 *
 * The first byte: bit 0 = a package's hashes are made right again, so that what lies behind them is looked at; bit 1 = its tables stand twice.
 * A disc's file system begins at 64 KiB: bit 2 = the bytes lie there, behind zeros. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/badvol.h"
#include "tests/volmake/volmake.h"

int LLVMFuzzerTestOneInput(const uint8_t *b, size_t size);

#define SEALED 1u
#define TWICE 2u
#define DISC 4u
#define DISC_AT 0x10000

static int file = -1;
static char path[40];

static void put(uint8_t form, const uint8_t *b, size_t size)
{
	off_t at = form & DISC ? DISC_AT : 0;
	uint8_t *copy = malloc(size + 1);
	if (!copy)
		abort();
	memcpy(copy, b, size);
	if (form & SEALED && size > 0x400)
		vm_stfs_seal(copy, size, &(struct vm_stfs){ .twice = (form & TWICE) != 0 });
	if (ftruncate(file, 0) || ftruncate(file, at + (off_t)size) || pwrite(file, copy, size, at) != (ssize_t)size)
		abort();
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *b, size_t size)
{
	bool taken;
	if (file < 0) {
		file = memfd_create("fuzz.vol", 0);
		snprintf(path, sizeof path, "/proc/self/fd/%d", file);
	}
	if (file < 0 || size < 2)
		return 0;
	put(b[0], b + 1, size - 1);
	const char *wrong = badvol_judge(path, &taken);
	if (wrong) {
		fprintf(stderr, "%s\n", wrong);
		abort();
	}
	return 0;
}
