/* src/load/image.h - a title in host memory, parsed and checked, before it is placed in a machine.
 *
 * image_open reads ELF32 big-endian PowerPC (src/load/elf.c) and XEX2 (src/load/xex.c). Nothing in an image is trusted:
 * every count, offset and size was checked against the file and against sane limits, else ST_BAD_IMAGE with a line
 * naming file, offset and field.
 *
 * Imports of an ELF: section ".xex.imports", made by the guest kit, big-endian:
 *   "XIMP", u32 version = 1, u32 libraries, u32 records,
 *   libraries x char[32]: NUL-padded file name ("xboxkrnl.exe"),
 *   records x u32: ga of an import record.
 * The records themselves are those of XEX images, in place: u32 type << 24 | library << 16 | ordinal. Type 0 is one word, a
 * slot for a variable's address (a function has such a slot too: its first record); type 1 is the first word of a function's
 * thunk of 16 bytes {01llOOOO, 02llOOOO, mtctr r11, bctr}, which whoever places the image rewrites.
 */
#ifndef SRC_LOAD_IMAGE_H
#define SRC_LOAD_IMAGE_H

#include "src/base/base.h"

#define IMAGE_LOWEST 0x80000000u
#define IMAGE_BYTES_MAX (128u << 20)  /* from the lowest to the end of the highest segment */
#define IMAGE_STACK_DEFAULT 0x40000u  /* the console's default: 256 KiB */

/** One range of pages with one protection. */
struct image_segment {
	uint32_t ga, size;        /* 4 KiB-aligned, bytes; within 80000000-8FFFFFFF or 90000000-9FFFFFFF */
	unsigned protect;         /* MEM_PROT_* */
	uint32_t file_size;       /* bytes that come from @bytes, at offset 0; the rest is zero */
	const uint8_t *bytes;     /* owned by the image; of a XEX: in its xex->memory */
};

/** One record of the import table, in the form that XEX images have. */
struct image_import {
	char library[32];         /* "xboxkrnl" or "xam": lower case, without extension */
	uint16_t ordinal;
	uint8_t type;             /* 0 = slot of a variable (or a function's first record), 1 = 16-byte function thunk */
	uint32_t ga;              /* where the record lies: the slot or the thunk */
};

/** Where a symbol comes from: SYMBOL_FROM(id, "word"). Of several at one address the last of these is preferred. */
#define SYMBOL_FROM_LIST(SYMBOL_FROM) SYMBOL_FROM(TITLE, "title") SYMBOL_FROM(FILE, "file") SYMBOL_FROM(USER, "user")
enum symbol_from {
#define SYMBOL_FROM(id, word) SYMBOL_##id,
	SYMBOL_FROM_LIST(SYMBOL_FROM)
#undef SYMBOL_FROM
};

struct image_symbol {
	uint32_t ga, size;        /* size 0 = unknown */
	bool function;
	uint8_t from;             /* enum symbol_from: the title itself (and the map beside it), a file loaded later, the user */
	const char *name;         /* owned by the image */
};

/** Bounds of a function, from .pdata (an ELF title's section of that name, too): known even where there are no symbols. */
struct image_function {
	uint32_t ga, size, prolog; /* bytes */
	bool handler;             /* has an exception handler */
	uint32_t entry;           /* ga of its 8 bytes in .pdata */
};

struct xex;                       /* src/load/xex.h */
struct dwarf;                     /* src/load/dwarf.h */

struct image {
	char *path;               /* as the user gave it */
	char name[40];            /* file name without folder */
	uint32_t entry;
	uint32_t base, size;      /* ga, bytes: from the lowest to the end of the highest segment */
	uint32_t stack_size;      /* default stack, bytes, 4 KiB-aligned; an ELF's PT_GNU_STACK size, else IMAGE_STACK_DEFAULT */
	uint32_t tls_ga, tls_raw_size, tls_size, tls_slots; /* static TLS template; 0 = none; slots 0 = default */
	uint64_t digest;          /* of the file's bytes */
	struct xex *xex;          /* what a XEX2 image says beside all this; NULL: an ELF */
	unsigned segments, imports, symbols, functions;
	unsigned symbol_room;
	struct image_segment *segment;   /* ascending, disjoint */
	struct image_import *import;     /* in file order */
	struct image_symbol *symbol;     /* ascending by ga */
	struct image_function *function; /* ascending by ga */
	char **text;              /* what names of symbols point into, beside the file's bytes (src/load/symbols.c) */
	unsigned texts;
	struct dwarf *dwarf;      /* lines and frames, NULL = none: src/load/dwarf.h */
	uint8_t *file;            /* the file's bytes */
	size_t file_size;
};

/** What belongs to a title beside its file; paths, borrowed, NULL = none. Both count for XEX2 images only. */
struct image_options {
	const char *key;          /* a file with the key: 32 hex digits (xex_key_read) */
	const char *patch;        /* a patch (.xexp), applied to the image */
};

/** Reads and checks @path; of title.xex the symbols of a linker's map title.map beside it too. The caller frees *@out with image_free. */
MUST_CHECK enum status image_open(const char *path, struct image **out, struct err *err);
/** The same; @o may be NULL. */
MUST_CHECK enum status image_open_with(const char *path, const struct image_options *o, struct image **out, struct err *err);
/** The same from memory (@bytes is copied); @name is for messages. */
MUST_CHECK enum status image_parse(const char *name, const uint8_t *bytes, size_t size, struct image **out, struct err *err);
void image_free(struct image *img);
/** Of the bytes that are placed: each segment's address, size, protection and contents; the same however the file is packed. */
uint64_t image_digest(const struct image *img);
/** The symbol that covers @ga (size 0: up to the next symbol), or NULL; borrowed. *@offset (if any) = ga - its start. Of several
 * the innermost; of several at one address a function, the one with a size, the first by name. */
const struct image_symbol *image_symbol_at(const struct image *img, uint32_t ga, uint32_t *offset);
/** The function of .pdata that covers @ga, or NULL; borrowed. */
const struct image_function *image_function_at(const struct image *img, uint32_t ga);
/**
 * Bounds of the function around @ga: .pdata's, else those of a function's symbol; one without a size goes up to the next symbol.
 * False: neither knows one.
 */
bool image_bounds_at(const struct image *img, uint32_t ga, uint32_t *begin, uint32_t *end);
/** The lowest symbol called @name, or NULL; borrowed. */
const struct image_symbol *image_symbol_find(const struct image *img, const char *name);

#endif
