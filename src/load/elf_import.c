/* src/load/elf_import.c - the guest kit's import table in an ELF: section .xex.imports, form in image.h. */
#include "config.h"

#include <stdio.h>

#include "src/load/load_priv.h"

#define IMPORT_VERSION 1u
#define IMPORT_HEADER 16u
#define LIBRARY_BYTES 32u
#define LIBRARIES_MAX 32u
#define RECORDS_MAX 65536u
#define THUNK_BYTES 16u
#define SECTION ".xex.imports"

/* The table's parts, as file offsets; all of them lie within the section. */
struct table {
	size_t at, libraries_at, records_at;
	uint32_t libraries, records;
};

static enum status read_header(const struct load *l, size_t at, size_t size, struct table *t)
{
	const uint8_t *b = l->img->file + at;
	if (size < IMPORT_HEADER)
		return load_bad(l, at, SECTION, "%zu bytes cannot hold its header of %u", size, IMPORT_HEADER);
	if (memcmp(b, "XIMP", 4) != 0)
		return load_bad(l, at, SECTION " magic", "should be XIMP");
	if (load_be32(b + 4) != IMPORT_VERSION)
		return load_bad(l, at + 4, SECTION " version", "%u, should be %u", load_be32(b + 4), IMPORT_VERSION);
	*t = (struct table){ at, at + IMPORT_HEADER, 0, load_be32(b + 8), load_be32(b + 12) };
	if (t->libraries > LIBRARIES_MAX)
		return load_bad(l, at + 8, SECTION " libraries", "%u, should be at most %u", t->libraries, LIBRARIES_MAX);
	if (t->records > RECORDS_MAX)
		return load_bad(l, at + 12, SECTION " records", "%u, should be at most %u", t->records, RECORDS_MAX);
	t->records_at = t->libraries_at + (size_t)t->libraries * LIBRARY_BYTES;
	size_t need = t->records_at - at + (size_t)t->records * 4;
	if (need > size)
		return load_bad(l, at + 12, SECTION " records", "%u libraries and %u records need %zu bytes, the section has %zu", t->libraries,
				t->records, need, size);
	return ST_OK;
}

/* "XBOXKRNL.EXE" -> "xboxkrnl". Letters, digits, '_' and '-' only: the name goes into messages. */
static enum status library_name(const struct load *l, const struct table *t, uint32_t index, char out[LIBRARY_BYTES])
{
	size_t at = t->libraries_at + (size_t)index * LIBRARY_BYTES;
	const char *s = (const char *)l->img->file + at;
	unsigned n = 0;
	for (; n < LIBRARY_BYTES - 1 && s[n] && s[n] != '.'; n++) {
		char c = s[n] >= 'A' && s[n] <= 'Z' ? (char)(s[n] - 'A' + 'a') : s[n];
		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'))
			return load_bad(l, at + n, SECTION " library", "byte %02x in the name of library %u", (unsigned)(uint8_t)c, index);
		out[n] = c;
	}
	if (!n || !memchr(s, 0, LIBRARY_BYTES))
		return load_bad(l, at, SECTION " library", "the name of library %u is empty or has no end", index);
	return ST_OK;
}

static enum status read_record(const struct load *l, const struct table *t, uint32_t i, struct image_import *out)
{
	size_t at = t->records_at + (size_t)i * 4;
	uint32_t ga = load_be32(l->img->file + at);
	const uint8_t *b = ga & 3 ? NULL : load_bytes_at(l, ga, 4);
	if (!b)
		return load_bad(l, at, SECTION " record", "record %u at %08x is not a word that the file fills", i, ga);
	uint32_t word = load_be32(b), type = word >> 24, library = word >> 16 & 0xff;
	if (type > 1)
		return load_bad(l, at, SECTION " record", "record %u at %08x is of type %u, should be 0 or 1", i, ga, type);
	if (library >= t->libraries)
		return load_bad(l, at, SECTION " record", "record %u at %08x is of library %u, there are %u", i, ga, library, t->libraries);
	if (type == 1 && (!load_bytes_at(l, ga, THUNK_BYTES) || load_be32(b + 4) != (0x02000000u | (word & 0xffffffu))))
		return load_bad(l, at, SECTION " record", "record %u at %08x is not a thunk of %u bytes", i, ga, THUNK_BYTES);
	*out = (struct image_import){ .ordinal = (uint16_t)word, .type = (uint8_t)type, .ga = ga };
	return library_name(l, t, library, out->library);
}

enum status elf_load_imports(struct load *l, size_t offset, size_t size)
{
	struct table t = { 0 };
	enum status st = l->img->import ? load_bad(l, offset, SECTION, "a second one") : read_header(l, offset, size, &t);
	if (st != ST_OK)
		return st;
	char name[LIBRARY_BYTES];
	for (uint32_t i = 0; i < t.libraries && st == ST_OK; i++)
		st = library_name(l, &t, i, name);
	if (st != ST_OK)
		return st;
	l->img->import = xcalloc(t.records, sizeof *l->img->import);
	for (uint32_t i = 0; i < t.records && st == ST_OK; i++)
		st = read_record(l, &t, i, &l->img->import[l->img->imports++]);
	return st;
}
