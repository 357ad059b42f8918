/* src/load/xex_import.c - the imports and exports of a XEX2 image. Source: facts, struct layouts, XEX2_IMPORT_* and XEX2_EXPORT_TABLE. */
#include "config.h"

#include <stdlib.h>

#include "src/load/xex_priv.h"

#define HEADER_BYTES 12u    /* of IMPORT_LIBRARIES, before its strings */
#define LIBRARY_BYTES 0x28u /* of a library, before its records */
#define LIBRARIES_MAX 64u
#define THUNK_BYTES 16u
#define EXPORT_TABLE_AT 0x160u /* in the security info */
#define EXPORT_BYTES 0x30u
#define EXPORTS_MAX 0x10000u
#define FIELD(name) "IMPORT_LIBRARIES " name

struct strings {
	uint32_t at, size, count; /* in the headers */
};

/* String @index; NULL if it is not there or has no end. Each one is padded to 4 bytes. */
static const char *string_at(const struct load *l, const struct strings *s, uint32_t index)
{
	const char *base = (const char *)l->img->xex->header + s->at;
	uint32_t at = 0;
	for (uint32_t i = 0; at < s->size; i++) {
		const char *end = memchr(base + at, 0, s->size - at);
		if (!end)
			return NULL;
		if (i == index)
			return base + at;
		at = ((uint32_t)(end - base) + 4) & ~3u;
	}
	return NULL;
}

/* Letters, digits and "._-" only: the name goes into messages. */
static bool name_is_plain(const char *s, size_t room)
{
	size_t n = 0;
	for (; s[n]; n++)
		if (!((s[n] >= 'a' && s[n] <= 'z') || (s[n] >= 'A' && s[n] <= 'Z') || (s[n] >= '0' && s[n] <= '9') ||
			    strchr("._-", s[n])))
			return false;
	return n && n < room;
}

/* "XBOXKRNL.EXE" -> "xboxkrnl" */
static void plain_name(char out[32], const char *file)
{
	size_t n = 0;
	for (; n < 31 && file[n] && file[n] != '.'; n++)
		out[n] = file[n] >= 'A' && file[n] <= 'Z' ? (char)(file[n] - 'A' + 'a') : file[n];
	out[n] = 0;
}

static enum status read_record(struct load *l, size_t at, const struct xex_library *lib, struct image_import *out)
{
	uint32_t ga = load_be32(l->img->xex->header + at);
	const uint8_t *b = ga & 3 ? NULL : xex_at(l, ga, 4);
	if (!b)
		return load_bad(l, at, FIELD("record"), "%s: %08x is not a word of the image", lib->name, ga);
	uint32_t word = load_be32(b), type = word >> 24;
	if (type > 1)
		return load_bad(
			l, at, FIELD("record"), "%s: the record at %08x is of type %u, should be 0 or 1", lib->name, ga, type);
	if (type == 1 && !xex_at(l, ga, THUNK_BYTES))
		return load_bad(l, at, FIELD("record"), "%s: the thunk at %08x goes past the end of the image", lib->name, ga);
	*out = (struct image_import){ .ordinal = (uint16_t)word, .type = (uint8_t)type, .ga = ga };
	plain_name(out->library, lib->name);
	return ST_OK;
}

static enum status read_records(struct load *l, size_t at, const struct xex_library *lib)
{
	struct image *img = l->img;
	enum status st = ST_OK;
	if (!lib->records)
		return ST_OK;
	img->import = xrealloc(img->import, (img->imports + lib->records) * sizeof *img->import);
	for (unsigned i = 0; st == ST_OK && i < lib->records; i++) {
		st = read_record(l, at + (size_t)i * 4, lib, &img->import[img->imports]);
		if (st == ST_OK)
			img->imports++;
	}
	return st;
}

/* The library at @at, @left bytes before the end of the block; *@size = of it. */
static enum status read_library(struct load *l, const struct strings *s, uint32_t at, uint32_t left, uint32_t *size)
{
	struct xex *x = l->img->xex;
	const uint8_t *b = x->header + at;
	if (left < LIBRARY_BYTES)
		return load_bad(l, at, FIELD("library"), "0x%x bytes are left, a library has 0x%x or more", left, LIBRARY_BYTES);
	*size = load_be32(b);
	unsigned records = load_be16(b + 0x26);
	if (*size > left || *size < LIBRARY_BYTES + records * 4)
		return load_bad(l, at, FIELD("library size"), "0x%x, should be 0x%x (for %u records) to 0x%x", *size,
			LIBRARY_BYTES + records * 4, records, left);
	const char *name = string_at(l, s, b[0x25]);
	struct xex_library *lib = &x->library[x->libraries];
	if (!name || !name_is_plain(name, sizeof lib->name))
		return load_bad(
			l, at + 0x25, FIELD("name_index"), "%u is not one of the strings, or not the name of a library", b[0x25]);
	strcpy(lib->name, name);
	lib->id = load_be32(b + 0x18);
	lib->version = load_be32(b + 0x1C);
	lib->version_min = load_be32(b + 0x20);
	lib->records = records;
	x->libraries++;
	return read_records(l, at + LIBRARY_BYTES, lib);
}

enum status xex_read_imports(struct load *l)
{
	struct xex *x = l->img->xex;
	const struct xex_header *h = xex_header_find(x, XEX_KEY_IMPORT_LIBRARIES);
	if (!h)
		return ST_OK;
	if (h->size < HEADER_BYTES)
		return load_bad(l, h->offset, FIELD("size"), "0x%x, should be 0x%x or more", h->size, HEADER_BYTES);
	const uint8_t *b = x->header + h->offset;
	const struct strings s = { h->offset + HEADER_BYTES, load_be32(b + 4), load_be32(b + 8) };
	if (s.size > h->size - HEADER_BYTES)
		return load_bad(
			l, h->offset + 4, FIELD("string_table_size"), "0x%x, but the block has 0x%x bytes", s.size, h->size);
	uint32_t at = s.at + s.size, end = h->offset + h->size, size = 0;
	x->library = xcalloc(LIBRARIES_MAX, sizeof *x->library);
	enum status st = ST_OK;
	for (; st == ST_OK && at < end; at += size) {
		if (x->libraries == LIBRARIES_MAX)
			return load_bad(l, at, FIELD("library"), "more than %u libraries", LIBRARIES_MAX);
		st = read_library(l, &s, at, end - at, &size);
	}
	return st;
}

/* ---- exports --------------------------------------------------------------------------------------------------------- */

/* A table of words: ordinal base + i lies at the word's value from the image's base; 0 = no such export. */
enum status xex_read_exports(struct load *l)
{
	static const uint8_t magic[12] = { 0x48, 0, 0, 0, 0, 0x48, 0x56, 0x45, 0x48, 0, 0, 0 };
	struct xex *x = l->img->xex;
	size_t at = x->security_offset + EXPORT_TABLE_AT;
	uint32_t ga = load_be32(x->header + at);
	if (!ga)
		return ST_OK;
	const uint8_t *b = xex_at(l, ga, EXPORT_BYTES - 4);
	if (!b || memcmp(b, magic, sizeof magic) != 0)
		return load_bad(l, at, "security export_table", "%08x is not an export table in the image", ga);
	uint32_t base = load_be32(b + 0x20) << 16, count = load_be32(b + 0x24), first = load_be32(b + 0x28);
	if (count > EXPORTS_MAX || first > EXPORTS_MAX || !xex_at(l, ga, EXPORT_BYTES - 4 + count * 4))
		return load_bad(l, at, "security export_table",
			"the table at %08x with %u exports from ordinal %u does not lie in the image", ga, count, first);
	x->export = xcalloc(count, sizeof *x->export);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t offset = load_be32(b + EXPORT_BYTES - 4 + (size_t)i * 4);
		if (offset && !xex_at(l, base + offset, 1))
			return load_bad(l, at, "security export_table", "export %u at %08x does not lie in the image", first + i,
				base + offset);
		if (offset)
			x->export[x->exports++] = (struct xex_export){ first + i, base + offset };
	}
	return ST_OK;
}
