/* tests/xexmake/xexmake.c - see xexmake.h: the parts put together, and a title without a cross compiler. */
#include "config.h"

#include "tests/xexmake/make_priv.h"

const char *const make_feature_name[MAKE_FEATURES] = {
#define FEATURE(id, name, what) #name,
#include "tests/xexmake/features.def"
#undef FEATURE
};

const char *const make_feature_what[MAKE_FEATURES] = {
#define FEATURE(id, name, what) what,
#include "tests/xexmake/features.def"
#undef FEATURE
};

enum status make_xex(const struct image *elf, const struct make_spec *spec, struct bytes *out, struct err *err)
{
	struct layout l = { .elf = elf, .spec = spec, .err = err };
	struct bytes body = { 0 }, format = { 0 }, header = { 0 };
	enum status st = layout_make(&l);
	if (st == ST_OK) {
		body_make(&l, &body, &format);
		st = header_make(&l, &format, NULL, &header);
	}
	if (st == ST_OK) {
		bytes_add(out, header.b, header.size);
		bytes_add(out, body.b, body.size);
	}
	bytes_free(&header);
	bytes_free(&format);
	bytes_free(&body);
	layout_free(&l);
	return st;
}

/* ---- a small title ------------------------------------------------------------------------------------------------------------------ */

#define TEXT 0x82000000u
#define DATA 0x82010000u
enum { PHDRS = 2, SHDRS = 5, TEXT_AT = 0x100, TEXT_BYTES = 0x100, DATA_AT = TINY_DATA_AT, DATA_BYTES = 0x40, TABLES_AT = 0x240 };

static void words(struct bytes *o, const uint32_t *word, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		bytes_be32(o, word[i]);
}
#define WORDS(o, ...) words(o, (const uint32_t[]){ __VA_ARGS__ }, sizeof((const uint32_t[]){ __VA_ARGS__ }) / 4)

static void symbol(struct bytes *o, uint32_t name, uint32_t ga, uint32_t size, unsigned type)
{
	WORDS(o, name, ga, size, (0x10u | type) << 24 | 1);
}

/* ExTerminateThread(0): a thunk of ordinal 019; a slot of each kind. */
static void text_put(struct bytes *o)
{
	WORDS(o, 0x38600000, 0x48000000 | 0x8C, 0x4E800020, 0x60000000); /* li r3,0; b thunk; blr; nop */
	bytes_more(o, 0x70);
	WORDS(o, 0x00000019, 0x000000AD, 0, 0); /* slots: the function's; KeTimeStampBundle */
	WORDS(o, 0x01000019, 0x02000019, 0x7D6903A6, 0x4E800420);
	bytes_more(o, TEXT_BYTES - 0xA0);
}

void tiny_elf(struct bytes *out)
{
	static const char names[] = "\0main\0table", sections[] = "\0.shstrtab\0.symtab\0.strtab\0.xex.imports";
	struct bytes o = { 0 };
	const uint32_t import_at = TABLES_AT, symbols_at = import_at + 64 + 16 + 3 * 4 + 4, names_at = symbols_at + 3 * 16;
	const uint32_t sections_at = names_at + 16, headers_at = sections_at + 48;
	bytes_add(&o,
		"\x7f"
		"ELF\1\2\1",
		7);
	bytes_more(&o, 9);
	WORDS(&o, 2 << 16 | 20, 1, TEXT, 52, headers_at, 0, 52 << 16 | 32, PHDRS << 16 | 40, SHDRS << 16 | 1);
	WORDS(&o, 1, TEXT_AT, TEXT, TEXT, TEXT_BYTES, TEXT_BYTES, 5, 4);
	WORDS(&o, 1, DATA_AT, DATA, DATA, DATA_BYTES, 0x12345, 6, 4);
	bytes_more(&o, TEXT_AT - o.size);
	text_put(&o);
	for (unsigned i = 0; i < DATA_BYTES / 4; i++)
		bytes_be32(&o, 0x01010101 * i);
	bytes_add(&o, "XIMP", 4);
	WORDS(&o, 1, 2, 3);
	memcpy(bytes_more(&o, 32), "xboxkrnl.exe", 12);
	memcpy(bytes_more(&o, 32), "xam.xex", 7);
	WORDS(&o, TEXT + 0x80, TEXT + 0x90, TEXT + 0x84, 0);
	symbol(&o, 0, 0, 0, 0);
	symbol(&o, 1, TEXT, 0x10, 2);
	symbol(&o, 6, DATA, 0x40, 1);
	bytes_add(&o, names, sizeof names);
	bytes_more(&o, sections_at - o.size);
	bytes_add(&o, sections, sizeof sections);
	bytes_more(&o, headers_at - o.size);
	bytes_more(&o, 40);
	WORDS(&o, 1, 3, 0, 0, sections_at, 48, 0, 0, 1, 0);
	WORDS(&o, 11, 2, 0, 0, symbols_at, 3 * 16, 3, 1, 4, 16);
	WORDS(&o, 19, 3, 0, 0, names_at, 16, 0, 0, 1, 0);
	WORDS(&o, 27, 1, 2, 0, import_at, 16 + 64 + 12, 0, 0, 4, 0);
	bytes_add(out, o.b, o.size);
	bytes_free(&o);
}
