/* tests/volmake/mkvol.c - makes a disc image or a package of a folder: mkvol xdvdfs|xdvdfs-full|stfs|stfs-con|stfs-bad FOLDER OUT.
 * stfs-bad has a wrong byte in the last block, which is a file's. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/volmake/volmake.h"

int main(int argc, char **argv)
{
	struct err err;
	struct volume *v;
	struct vm_bytes b = { 0 };
	if (argc != 4 || volume_open(argv[2], &v, &err) != ST_OK) {
		fprintf(stderr, "%s\n",
			argc == 4 ? err.text : "usage: mkvol xdvdfs|xdvdfs-full|stfs|stfs-con|stfs-bad FOLDER OUT");
		return 2;
	}
	if (!strncmp(argv[1], "xdvdfs", 6))
		b = vm_xdvdfs(v, argv[1][6] ? 0x20600 : 0);
	else
		b = vm_stfs(v, &(struct vm_stfs){ .twice = argv[1][4] != 0, .chained = argv[1][4] != 0 });
	if (!strcmp(argv[1], "stfs-bad"))
		b.p[b.size - VOLUME_BLOCK] ^= 0x20;
	FILE *f = fopen(argv[3], "wb");
	bool good = f && fwrite(b.p, 1, b.size, f) == b.size;
	if (f && fclose(f))
		good = false;
	if (!good)
		perror(argv[3]);
	free(b.p);
	volume_free(v);
	return good ? 0 : 2;
}
