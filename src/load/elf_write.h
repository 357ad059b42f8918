/* src/load/elf_write.h - writes an ELF32 big-endian PowerPC executable that other tools open: segments, sections, symbols. */
#ifndef SRC_LOAD_ELF_WRITE_H
#define SRC_LOAD_ELF_WRITE_H

#include <stdio.h>

#include "src/load/image.h"

/** What is written; all borrowed. */
struct elf_out {
	uint32_t entry;
	unsigned segments, symbols;
	const struct image_segment *segment; /* all of their bytes: file_size up to size, the rest is zero */
	const struct image_symbol *symbol;
};

/** Writes it to @f from its present place on; the caller looks for errors of @f. */
void elf_write(FILE *f, const struct elf_out *o);

#endif
