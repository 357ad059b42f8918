/* tests/badvol.h - what must hold of every file that is given to the volumes' readers: for t_badvol.c and the fuzzer. */
#ifndef TESTS_BADVOL_H
#define TESTS_BADVOL_H

#include <stdio.h>
#include <stdlib.h>

#include "src/vol/volume.h"

#define BADVOL_BLOCKS 8u /* blocks of a file that are read, and its last one */
#define BADVOL_LEVELS 64u

/* A package's block may be damaged: that has its clear line too. */
static inline const char *badvol_block(struct volume *v, uint32_t node, uint64_t block)
{
	uint8_t bytes[VOLUME_BLOCK];
	struct err err = { 0 };
	enum status st = volume_read(v, node, block, bytes, &err);
	const char *path = volume_path(v);
	if (st == ST_OK)
		return NULL;
	if (st != ST_BAD_INPUT || (volume_kind(v) != VOLUME_STFS && volume_kind(v) != VOLUME_SVOD) ||
		strncmp(err.text, path, strlen(path)) != 0)
		return "a block that cannot be read has no clear line";
	if (volume_read(v, node, block, bytes, NULL) != ST_BAD_INPUT || volume_broken(v))
		return "a damaged block breaks more than itself";
	return NULL;
}

static inline const char *badvol_file(struct volume *v, uint32_t node)
{
	struct volume_entry e = volume_entry(v, node);
	const char *wrong = NULL;
	if (!e.name[0] || strlen(e.name) > VOLUME_PATH_MAX || strpbrk(e.name, "\\/:"))
		return "a name";
	for (uint64_t b = 0; b * VOLUME_BLOCK < e.size && b < BADVOL_BLOCKS && !wrong; b++)
		wrong = badvol_block(v, node, b);
	return wrong || !e.size ? wrong : badvol_block(v, node, (e.size - 1) / VOLUME_BLOCK);
}

/* Everything in it is listed and read, as far as it goes; NULL, or what does not hold. */
static inline const char *badvol_taken(struct volume *v, uint32_t node, unsigned depth)
{
	uint32_t first, count;
	const char *wrong = NULL;
	if (depth >= BADVOL_LEVELS)
		return "its depth";
	if (volume_children(v, node, &first, &count, NULL) != ST_OK)
		return "a directory that cannot be listed";
	for (uint32_t i = first; i < first + count && !wrong; i++) {
		wrong = badvol_file(v, i);
		if (!wrong && volume_entry(v, i).directory)
			wrong = badvol_taken(v, i, depth + 1);
	}
	return wrong;
}

/** Opens @path and looks at all of it. NULL, or which rule is broken; @taken: whether it was opened. */
static inline const char *badvol_judge(const char *path, bool *taken)
{
	struct err err = { 0 };
	struct volume *v;
	enum status st = volume_open(path, &v, &err);
	*taken = st == ST_OK;
	if (*taken) {
		const char *wrong = badvol_taken(v, 1, 0);
		volume_free(v);
		return wrong;
	}
	if (st != ST_BAD_INPUT && st != ST_UNSUPPORTED)
		return "a refusal of another kind";
	if (strncmp(err.text, path, strlen(path)) != 0 || strlen(err.text) <= strlen(path) + 10 || strchr(err.text, '\n'))
		return "a refusal without a clear line";
	return NULL;
}

#endif
