/* src/load/dwarf.h - what debug information says of a title: which source line each instruction comes from (.debug_line), and where
 * registers are saved (.debug_frame, .eh_frame). Read by libdw; lines become rows of our own, frames are asked for one address at a time.
 *
 * Nothing in it is trusted: what libdw refuses, and what does not lie in the image, is left out, and @note says so. It decides nothing:
 * neither digest nor event log ever see it. Names of source files are as the compiler recorded them.
 */
#ifndef SRC_LOAD_DWARF_H
#define SRC_LOAD_DWARF_H

#include "src/base/base.h"

struct image;        /* src/load/image.h */
struct dwarf_handle; /* libdw's */

/** The instructions from @ga up to the next row come from @line of @file. */
struct line_row {
	uint32_t ga;
	uint32_t file;  /* index into dwarf.file */
	uint32_t line;  /* from 1; 0 = from no line */
	bool statement; /* a good place to stop at */
	bool end;       /* nothing is known from here on */
};

struct dwarf {
	struct dwarf *next;   /* of another file */
	char **file;          /* as recorded, with the folder if one was */
	struct line_row *row; /* ascending by ga; of several at one address the last counts */
	unsigned files, rows;
	char note[200]; /* what was left out, "" = nothing */
	struct dwarf_handle *handle;
	uint8_t *bytes; /* the file's, if they are not the image's */
};

/**
 * Reads the debug information in the ELF file @bytes (borrowed for as long as @img lives, or taken over if @owned) and adds it to @img.
 * False: there is none, and @bytes stay the caller's. It never fails: what cannot be read is left out.
 */
bool dwarf_read(struct image *img, uint8_t *bytes, size_t size, bool owned);
void dwarf_free(struct dwarf *d);

/* ---- lines --------------------------------------------------------------------------------------------------------------- */

/** The place of an instruction in the source; texts are borrowed from the image. */
struct line_place {
	const char *file;
	uint32_t line;
	uint32_t begin, end; /* instructions around it that come from the same line, without a gap */
	bool starts;         /* a statement begins just here: a good place to stop at */
};
/** False: no line is known for @ga. */
bool image_line_at(const struct image *img, uint32_t ga, struct line_place *p);
/**
 * The @nth (from 0) range of code that begins a statement of @file:@line, by address (where there are none: that comes from it; where there is
 * none: that its statements begin at); of the next line with code if that line has none. @file is the recorded name or an end of it from a '/' on. False: there are no more.
 */
bool image_line_find(const struct image *img, const char *file, uint32_t line, unsigned nth, struct line_place *p);
/** The @i-th source file, NULL past the last. */
const char *image_source(const struct image *img, unsigned i);
/** The recorded name that @name is, or an end of; NULL: there is none. @several: there is more than one. */
const char *image_source_find(const struct image *img, const char *name, bool *several);
/** Is any line known? */
static inline bool dwarf_has_lines(const struct dwarf *d)
{
	for (; d; d = d->next)
		if (d->rows)
			return true;
	return false;
}

/* ---- frames ---------------------------------------------------------------------------------------------------------------- */

struct unwind; /* src/cpu/unwind.h */
/** What .debug_frame or .eh_frame says for the instruction at @pc, in unwind.h's words. False: nothing, or nothing that can be said so. */
bool image_cfi_at(const struct image *img, uint32_t pc, struct unwind *u);

#endif
