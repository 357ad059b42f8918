/* src/load/load_priv.h - what the readers of image formats share; nobody else includes it. */
#ifndef SRC_LOAD_LOAD_PRIV_H
#define SRC_LOAD_LOAD_PRIV_H

#include "src/load/image.h"

#define IMAGE_LOW IMAGE_LOWEST
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
/** Symbols from the text of a linker's map; takes over @text. Returns how many. Source: map.c */
unsigned map_load(struct image *img, char *text, enum symbol_from from);
/** Takes a line of such a map for a symbol, if it is one; cuts it into words. */
bool map_line(const struct image *img, char *line, struct image_symbol *s);
/** The next word of a line, ended in place; NULL at its end. */
char *load_word(char **p);
/** A number of exactly @digits hex digits at @s. */
bool load_hex(const char *s, unsigned digits, uint32_t *value);
/** Functions from the @size bytes @b of .pdata, which lies at @at; NULL: there are none. Rows that lie about the image are left out. */
void load_pdata(struct image *img, uint32_t at, const uint8_t *b, uint32_t size);
/** Does @ga lie in an executable segment? */
bool load_is_code(const struct image *img, uint32_t ga);
/** Symbols from an ELF file's table, whatever its kind; names stay in @bytes. Returns how many; 0: it has none that can be read. */
unsigned elf_load_names(struct image *img, const uint8_t *bytes, size_t size, enum symbol_from from);
/** Adds a symbol; load_sort_symbols follows. @name lives as long as @img. False: there are too many. */
bool load_add_symbol(struct image *img, const struct image_symbol *s);
/** Gives @img a text to keep; returns it. */
char *load_keep_text(struct image *img, char *text);
/** The whole of the file in new memory, *@bytes, with a 0 behind it. */
MUST_CHECK enum status load_file(const char *path, uint8_t **bytes, size_t *size, struct err *err);
/** Into the order that image.h says. */
void load_sort_symbols(struct image *img);
/** @size bytes of the image at @ga as they come from the file, or NULL. */
const uint8_t *load_bytes_at(const struct load *l, uint32_t ga, uint32_t size);

#endif
