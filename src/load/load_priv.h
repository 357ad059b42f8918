/* src/load/load_priv.h - what the readers of image formats share; nobody else includes it. */
#ifndef SRC_LOAD_LOAD_PRIV_H
#define SRC_LOAD_LOAD_PRIV_H

#include "src/load/image.h"

#define IMAGE_LOW 0x80000000u
#define IMAGE_HIGH 0x90000000u
#define XEX_IMAGE_HIGH 0xA0000000u /* from IMAGE_HIGH on in pages of 4 KiB */

struct xex_options; /* src/load/xex.h */

/** An image being read. */
struct load {
	struct image *img; /* file, file_size, name and path are set */
	const char *name;  /* for messages */
	struct err *err;
};

/** load_bad is err_set with ST_BAD_IMAGE: "NAME: offset 0x1c: FIELD: what is wrong". (A macro, so that who reads the code sees that it fails.) */
void load_say(const struct load *l, size_t offset, const char *field, const char *fmt, ...) PRINTF_LIKE(4, 5);
#define load_bad(...) (load_say(__VA_ARGS__), ST_BAD_IMAGE)

/** Fills the image from an ELF32 big-endian PowerPC executable. */
MUST_CHECK enum status elf_load(struct load *l);
/** Fills the import table from the kit's section, file bytes [offset, offset + size); segments are there already. */
MUST_CHECK enum status elf_load_imports(struct load *l, size_t offset, size_t size);
/** Fills the image from a XEX2 image; @o may be NULL. */
MUST_CHECK enum status xex_load(struct load *l, const struct xex_options *o);
/** Symbols from the text of a linker's map; takes over @text. Source: map.c */
void map_load(struct image *img, char *text);
/** Into the order that image.h says. */
void load_sort_symbols(struct image *img);
/** @size bytes of the image at @ga as they come from the file, or NULL. */
const uint8_t *load_bytes_at(const struct load *l, uint32_t ga, uint32_t size);

#endif
