/* src/load/symbols.h - symbols that come from beside a title: other files, and the user. They belong to whoever debugs: no machine knows them,
 * and neither digest nor event log see them.
 */
#ifndef SRC_LOAD_SYMBOLS_H
#define SRC_LOAD_SYMBOLS_H

#include "src/load/image.h"

#define SYMBOL_NAME_MAX 1000u

/** What a file of symbols gave. */
struct symbols_read {
	unsigned symbols, skipped; /* lines of a text that are no symbols, though they look as if they should be */
	bool lines;                /* debug information too */
};
/**
 * Reads symbols from @path and adds them to @img: an ELF file (its debug information too), a map of Microsoft's linker, or lines of
 * `ADDRESS NAME`, as nm prints them (`ADDRESS [SIZE] [TYPE] NAME`). ST_IO, ST_BAD_IMAGE: there are none; nothing has changed.
 */
MUST_CHECK enum status image_symbols_read(struct image *img, const char *path, struct symbols_read *out, struct err *err);
/**
 * The user's name for @ga, @size bytes (0: up to the next symbol, within the image; else 4). An earlier one of that name gives way.
 * ST_BAD_VALUE: no name; ST_STATE: the title has a symbol of that name.
 */
MUST_CHECK enum status image_symbol_add(struct image *img, const char *name, uint32_t ga, uint32_t size, struct err *err);
/** Takes away a name that the user gave, or that a file did. ST_NOT_FOUND; ST_STATE: it is the title's own. */
MUST_CHECK enum status image_symbol_delete(struct image *img, const char *name, struct err *err);
/** A name for an import's thunk or slot, unless a symbol begins there already; sort with image_symbols_sort when all are named. */
void image_symbol_import(struct image *img, uint32_t ga, uint32_t size, const char *name);
void image_symbols_sort(struct image *img);
/** Symbols for what a library exports: by name, and "file.ordinal" for what has none; "file.entry" for its entry point. */
void image_name_exports(struct image *img);
/** Symbols from the text of the linker's map beside it; takes over @text. */
void image_map_add(struct image *img, char *text);

#endif
