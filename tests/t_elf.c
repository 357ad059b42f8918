/* tests/t_elf.c - the laws of reading ELF titles: what is taken, and that each bad file gets its own one line. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/load/image.h"
#include "src/mem/mem.h"

#define RX (MEM_PROT_R | MEM_PROT_X)
#define RW (MEM_PROT_R | MEM_PROT_W)

/* ---- a small title made by hand ------------------------------------------------------------------------------------ */

enum { PHDRS = 3, PHDR_AT = 52, TEXT_AT = 0x100, TEXT_BYTES = 0x100, DATA_AT = 0x200, DATA_BYTES = 0x40, SYM_AT = 0x240, SYMS = 8,
       STR_AT = SYM_AT + SYMS * 16, SHSTR_AT = STR_AT + 64, IMPORT_AT = SHSTR_AT + 64, SHDR_AT = IMPORT_AT + 128, SHDRS = 5,
       FILE_BYTES = SHDR_AT + SHDRS * 40 };
#define TEXT 0x82000000u
#define DATA 0x82010000u
#define SLOT (TEXT + 0x80)
#define THUNK (TEXT + 0x90)

struct title {
	uint8_t b[FILE_BYTES];
};

static void put16(struct title *t, unsigned at, unsigned v)
{
	store_be16(t->b + at, (uint16_t)v);
}

static void put32(struct title *t, unsigned at, uint32_t v)
{
	store_be32(t->b + at, v);
}

static void put_row(struct title *t, unsigned at, unsigned n, const uint32_t *words)
{
	for (unsigned i = 0; i < n; i++)
		put32(t, at + 4 * i, words[i]);
}

static void put_symbol(struct title *t, unsigned i, unsigned name, uint32_t ga, uint32_t size, unsigned type)
{
	unsigned at = SYM_AT + 16 * i;
	put_row(t, at, 3, (const uint32_t[]){ name, ga, size });
	t->b[at + 12] = (uint8_t)(1 << 4 | type);
	put16(t, at + 14, 1);
}

static void put_headers(struct title *t)
{
	memcpy(t->b, "\x7f" "ELF\1\2\1", 7);
	put16(t, 16, 2);
	put16(t, 18, 20);
	put_row(t, 20, 4, (const uint32_t[]){ 1, TEXT, PHDR_AT, SHDR_AT });
	static const unsigned tail[] = { 52, 32, PHDRS, 40, SHDRS, 1 };
	for (unsigned i = 0; i < ARRAY_LEN(tail); i++)
		put16(t, 40 + 2 * i, tail[i]);
	put_row(t, PHDR_AT, 8, (const uint32_t[]){ 1, TEXT_AT, TEXT, TEXT, TEXT_BYTES, TEXT_BYTES, 5, 4 });
	put_row(t, PHDR_AT + 32, 8, (const uint32_t[]){ 1, DATA_AT, DATA, DATA, DATA_BYTES, 0x2345, 6, 4 });
	put_row(t, PHDR_AT + 64, 8, (const uint32_t[]){ 0x6474e551, 0, 0, 0, 0, 0, 6, 4 });
	put_row(t, SHDR_AT + 40, 10, (const uint32_t[]){ 1, 3, 0, 0, SHSTR_AT, 64, 0, 0, 1, 0 });
	put_row(t, SHDR_AT + 80, 10, (const uint32_t[]){ 11, 2, 0, 0, SYM_AT, SYMS * 16, 3, 1, 4, 16 });
	put_row(t, SHDR_AT + 120, 10, (const uint32_t[]){ 19, 3, 0, 0, STR_AT, 64, 0, 0, 1, 0 });
	put_row(t, SHDR_AT + 160, 10, (const uint32_t[]){ 27, 1, 2, 0, IMPORT_AT, 88, 0, 0, 4, 0 });
	memcpy(t->b + SHSTR_AT, "\0.shstrtab\0.symtab\0.strtab\0.xex.imports", 40);
}

static void put_contents(struct title *t)
{
	for (unsigned i = 0; i < DATA_BYTES; i++)
		t->b[DATA_AT + i] = (uint8_t)(i + 1);
	memcpy(t->b + STR_AT, "\0main\0inner\0table\0alias\0note\0away", 34);
	put_symbol(t, 1, 1, TEXT, 0x40, 2);           /* main */
	put_symbol(t, 2, 6, TEXT + 0x10, 8, 2);       /* inner, within main */
	put_symbol(t, 3, 12, DATA, 0x10, 1);          /* table */
	put_symbol(t, 4, 18, TEXT, 0x40, 1);          /* alias: an object at main's address */
	put_symbol(t, 5, 24, TEXT + 0x50, 0, 2);      /* note: no size */
	put_symbol(t, 6, 29, 0x83000000, 4, 2);       /* away: outside of the image */
	memcpy(t->b + IMPORT_AT, "XIMP", 4);
	put_row(t, IMPORT_AT + 4, 3, (const uint32_t[]){ 1, 2, 2 });
	memcpy(t->b + IMPORT_AT + 16, "XBOXKRNL.EXE", 12);
	memcpy(t->b + IMPORT_AT + 48, "xam.xex", 7);
	put_row(t, IMPORT_AT + 80, 2, (const uint32_t[]){ SLOT, THUNK });
	put32(t, TEXT_AT + 0x80, 0x000100f6);         /* a slot of xam, a thunk of xboxkrnl */
	put_row(t, TEXT_AT + 0x90, 4, (const uint32_t[]){ 0x010000f6, 0x020000f6, 0x7d6903a6, 0x4e800420 });
}

static struct title good(void)
{
	struct title t = { { 0 } };
	put_headers(&t);
	put_contents(&t);
	return t;
}

static struct image *parse(const struct title *t)
{
	struct image *img = NULL;
	struct err err = { 0 };
	if (image_parse("made.elf", t->b, sizeof t->b, &img, &err) != ST_OK)
		fail_msg("%s", err.text);
	return img;
}

/* One clear line: names the file, has no newline, says what @want says. */
static void check_line(const struct err *err, const char *name, const char *want)
{
	if (strncmp(err->text, name, strlen(name)) != 0 || strchr(err->text, '\n') || !strstr(err->text, want))
		fail_msg("\"%s\" should be one line, begin with \"%s\" and say \"%s\"", err->text, name, want);
}

static void refuse(const struct title *t, size_t size, const char *want)
{
	struct image *img = NULL;
	struct err err = { 0 };
	enum status st = image_parse("made.elf", t->b, size, &img, &err);
	if (st == ST_OK)
		fail_msg("taken, but should say \"%s\"", want);
	assert_int_equal(st, ST_BAD_IMAGE);
	assert_null(img);
	check_line(&err, "made.elf: ", want);
}

/* The good title with one big-endian field changed must be refused with a line that says @want. */
static void refuse_with(unsigned at, unsigned width, uint32_t value, const char *want)
{
	struct title t = good();
	for (unsigned i = 0; i < width; i++)
		t.b[at + i] = (uint8_t)(value >> (8 * (width - 1 - i)));
	refuse(&t, sizeof t.b, want);
}

/* ---- what is taken ---------------------------------------------------------------------------------------------------- */

static void elf_segments_are_taken_with_their_protection_rounded_to_pages(void **state)
{
	struct title t = good();
	struct image *img = parse(&t);
	assert_int_equal(img->segments, 2);
	assert_int_equal(img->segment[0].ga, TEXT);
	assert_int_equal(img->segment[0].size, 0x1000);
	assert_int_equal(img->segment[0].protect, RX);
	assert_int_equal(img->segment[0].file_size, TEXT_BYTES);
	assert_int_equal(img->segment[1].ga, DATA);
	assert_int_equal(img->segment[1].size, 0x3000);
	assert_int_equal(img->segment[1].protect, RW);
	assert_int_equal(img->segment[1].file_size, DATA_BYTES);
	assert_memory_equal(img->segment[1].bytes, t.b + DATA_AT, DATA_BYTES);
	assert_int_equal(img->entry, TEXT);
	assert_int_equal(img->base, TEXT);
	assert_int_equal(img->size, 0x13000);
	assert_int_equal(img->stack_size, IMAGE_STACK_DEFAULT);
	assert_string_equal(img->name, "made.elf");
	image_free(img);
}

static void elf_segment_within_a_page_keeps_its_offset(void **state)
{
	struct title t = good();
	put32(&t, PHDR_AT + 32 + 8, DATA + 0x123);
	struct image *img = parse(&t);
	assert_int_equal(img->segment[1].ga, DATA);
	assert_int_equal(img->segment[1].file_size, 0x123 + DATA_BYTES);
	assert_int_equal(img->segment[1].bytes[0x122], 0);
	assert_int_equal(img->segment[1].bytes[0x123], 1);
	image_free(img);
}

static void elf_segments_of_one_protection_may_share_a_page(void **state)
{
	struct title t = good();
	put_row(&t, PHDR_AT + 64, 8, (const uint32_t[]){ 1, TEXT_AT, DATA + 0x2800, 0, 0x10, 0x900, 6, 4 });
	struct image *img = parse(&t);
	assert_int_equal(img->segments, 2);
	assert_int_equal(img->segment[1].size, 0x4000);
	assert_int_equal(img->segment[1].file_size, 0x2810);
	assert_int_equal(img->segment[1].bytes[DATA_BYTES - 1], DATA_BYTES);
	assert_int_equal(img->segment[1].bytes[DATA_BYTES], 0);
	assert_memory_equal(img->segment[1].bytes + 0x2800, t.b + TEXT_AT, 0x10);
	image_free(img);
}

static void elf_stack_size_comes_from_gnu_stack(void **state)
{
	struct title t = good();
	put32(&t, PHDR_AT + 64 + 20, 0x12345);
	struct image *img = parse(&t);
	assert_int_equal(img->stack_size, 0x13000);
	image_free(img);
	refuse_with(PHDR_AT + 64 + 20, 4, 0x100, "p_memsz");
	refuse_with(PHDR_AT + 64 + 20, 4, 0x7fffffff, "p_memsz");
}

static void elf_imports_name_library_ordinal_type_and_place(void **state)
{
	struct title t = good();
	struct image *img = parse(&t);
	assert_int_equal(img->imports, 2);
	assert_string_equal(img->import[0].library, "xam");
	assert_int_equal(img->import[0].ordinal, 0xf6);
	assert_int_equal(img->import[0].type, 0);
	assert_int_equal(img->import[0].ga, SLOT);
	assert_string_equal(img->import[1].library, "xboxkrnl");
	assert_int_equal(img->import[1].type, 1);
	assert_int_equal(img->import[1].ga, THUNK);
	image_free(img);
}

static const char *symbol_name(const struct image *img, uint32_t ga, uint32_t offset)
{
	uint32_t got = 0;
	const struct image_symbol *s = image_symbol_at(img, ga, &got);
	if (s)
		assert_int_equal(got, offset);
	return s ? s->name : "(none)";
}

static void elf_symbols_cover_their_range_the_innermost_wins(void **state)
{
	struct title t = good();
	struct image *img = parse(&t);
	assert_int_equal(img->symbols, 5);
	assert_string_equal(symbol_name(img, TEXT, 0), "main");      /* the function, not the object at its address */
	assert_string_equal(symbol_name(img, TEXT + 0xc, 0xc), "main");
	assert_string_equal(symbol_name(img, TEXT + 0x14, 4), "inner");
	assert_string_equal(symbol_name(img, TEXT + 0x18, 0x18), "main");
	assert_string_equal(symbol_name(img, TEXT + 0x40, 0), "(none)");
	assert_string_equal(symbol_name(img, TEXT + 0xff0, 0xfa0), "note"); /* no size: up to the next symbol */
	assert_string_equal(symbol_name(img, DATA + 0xf, 0xf), "table");
	assert_string_equal(symbol_name(img, DATA + 0x10, 0), "(none)");
	assert_string_equal(symbol_name(img, TEXT - 4, 0), "(none)");
	assert_int_equal(image_symbol_find(img, "inner")->ga, TEXT + 0x10);
	assert_true(image_symbol_find(img, "table")->ga == DATA && !image_symbol_find(img, "table")->function);
	assert_null(image_symbol_find(img, "away"));
	image_free(img);
}

static void elf_without_sections_is_taken_without_symbols(void **state)
{
	struct title t = good();
	put32(&t, 32, 0);
	put16(&t, 48, 0);
	struct image *img = parse(&t);
	assert_int_equal(img->symbols, 0);
	assert_int_equal(img->imports, 0);
	assert_null(image_symbol_at(img, TEXT, NULL));
	image_free(img);
}

static void elf_digest_depends_on_every_byte_and_not_on_the_name(void **state)
{
	struct title t = good();
	struct image *a = parse(&t), *b = NULL, *c;
	assert_int_equal(image_parse("other", t.b, sizeof t.b, &b, NULL), ST_OK);
	assert_true(a->digest == b->digest);
	t.b[DATA_AT] ^= 1;
	c = parse(&t);
	assert_true(a->digest != c->digest);
	image_free(a);
	image_free(b);
	image_free(c);
}

/* ---- what is refused ----------------------------------------------------------------------------------------------------- */

static void elf_each_wrong_identity_has_its_own_line(void **state)
{
	struct title t = good();
	refuse(&t, 0, "empty");
	refuse_with(0, 4, 0x4d5a9000, "offset 0x0: e_ident magic");
	refuse_with(4, 1, 2, "offset 0x4: e_ident class: the file is 64-bit");
	refuse_with(4, 1, 9, "e_ident class: the file is of no known class");
	refuse_with(5, 1, 1, "offset 0x5: e_ident data: the file is little-endian");
	refuse_with(6, 1, 0, "offset 0x6: e_ident version");
	refuse_with(16, 2, 3, "offset 0x10: e_type: 3, should be 2");
	refuse_with(18, 2, 21, "offset 0x12: e_machine: 21, should be 20");
	refuse_with(40, 2, 64, "e_ehsize");
	refuse_with(42, 2, 56, "e_phentsize");
}

static void elf_tables_must_lie_in_the_file(void **state)
{
	refuse_with(28, 4, 0, "offset 0x1c: e_phoff: 0x0 lies outside");
	refuse_with(28, 4, 0xfffffff0, "e_phoff: 0xfffffff0 lies outside");
	refuse_with(28, 4, FILE_BYTES - 40, "cut off by the end of the file");
	refuse_with(32, 4, 0xffffffff, "e_shoff: 0xffffffff lies outside");
	refuse_with(32, 4, FILE_BYTES - 8, "cut off by the end of the file");
	refuse_with(44, 2, 0, "e_phnum: 0 program headers");
	refuse_with(44, 2, 0xffff, "e_phnum");
	refuse_with(46, 2, 41, "e_shentsize");
	refuse_with(48, 2, 0, "e_shnum");
	refuse_with(48, 2, 0xff00, "e_shnum");
	refuse_with(50, 2, SHDRS, "e_shstrndx");
	refuse_with(50, 2, 2, "e_shstrndx: 2 is not a string table");
}

static void elf_bad_segments_are_refused(void **state)
{
	unsigned text = PHDR_AT, data = PHDR_AT + 32, third = PHDR_AT + 64;
	refuse_with(data + 4, 4, 0xfffffff0, "p_filesz: the segment's bytes 0xfffffff0-0x100000030 go past");
	refuse_with(data + 16, 4, 0x10000, "go past the end");
	refuse_with(data + 20, 4, DATA_BYTES - 1, "offset 0x64: p_filesz: 0x40 is more than p_memsz 0x3f");
	refuse_with(data + 8, 4, 0x10000000, "offset 0x5c: p_vaddr: the segment 10000000-10002344 lies outside");
	refuse_with(data + 8, 4, 0x8ffff000, "lies outside of 80000000-8fffffff");
	refuse_with(data + 20, 4, 0xffffffff, "lies outside");
	refuse_with(data + 20, 4, IMAGE_BYTES_MAX + 1, "is more than an image may have");
	refuse_with(data + 8, 4, 0x8c000000, "is larger than 0x8000000 bytes");
	refuse_with(data + 8, 4, TEXT + 0x80, "the segment at 82000080 overlaps the one at 82000000-820000ff");
	refuse_with(data + 8, 4, TEXT + 0x100, "share a page but not their protection");
	refuse_with(third, 4, 2, "p_type: a dynamically linked program");
	refuse_with(third, 4, 3, "p_type: a dynamically linked program");
	refuse_with(third, 4, 7, "p_type: thread-local variables");
	refuse_with(24, 4, TEXT + 2, "e_entry: 82000002 is not a word");
	refuse_with(24, 4, DATA, "e_entry: 82010000 is not a word of an executable segment");
	refuse_with(24, 4, 0, "e_entry");
	struct title t = good();
	put32(&t, text, 4);
	put32(&t, data, 4);
	refuse(&t, sizeof t.b, "no segment to load");
}

static void elf_bad_symbol_tables_are_refused(void **state)
{
	unsigned sh = SHDR_AT + 80;
	refuse_with(sh + 16, 4, FILE_BYTES - 4, "section .symtab");
	refuse_with(sh + 20, 4, 17, "sh_entsize");
	refuse_with(sh + 36, 4, 0, "sh_entsize");
	refuse_with(sh + 24, 4, 2, "sh_link: 2 is not the symbol table's string table");
	refuse_with(sh + 24, 4, 99, "sh_link");
	refuse_with(SHDR_AT + 120 + 20, 4, 0xffffff, "section .strtab");
	refuse_with(SYM_AT + 16, 4, 64, "st_name: 0x40 lies outside");
	refuse_with(SHDR_AT + 40 + 20, 4, 20, "sh_name");
	refuse_with(SHDR_AT + 160 + 4, 4, 2, "a second symbol table");
}

static void elf_bad_import_tables_are_refused(void **state)
{
	refuse_with(IMPORT_AT, 4, 0, ".xex.imports magic");
	refuse_with(IMPORT_AT + 4, 4, 2, ".xex.imports version: 2, should be 1");
	refuse_with(IMPORT_AT + 8, 4, 33, ".xex.imports libraries");
	refuse_with(IMPORT_AT + 12, 4, 3, "need 92 bytes, the section has 88");
	refuse_with(IMPORT_AT + 12, 4, 0xffffffff, ".xex.imports records");
	refuse_with(IMPORT_AT + 16, 1, 0, ".xex.imports library");
	refuse_with(IMPORT_AT + 17, 1, 0x1b, ".xex.imports library: byte 1b");
	refuse_with(IMPORT_AT + 80, 4, 0x12345678, "record 0 at 12345678 is not a word that the file fills");
	refuse_with(IMPORT_AT + 80, 4, SLOT + 1, "is not a word");
	refuse_with(IMPORT_AT + 80, 4, DATA + DATA_BYTES, "is not a word that the file fills");
	refuse_with(TEXT_AT + 0x80, 4, 0x020000f6, "is of type 2");
	refuse_with(TEXT_AT + 0x80, 4, 0x000200f6, "is of library 2, there are 2");
	refuse_with(TEXT_AT + 0x94, 4, 0x020000f7, "is not a thunk of 16 bytes");
	refuse_with(SHDR_AT + 160 + 20, 4, 8, "cannot hold its header");
	refuse_with(SHDR_AT + 160 + 16, 4, FILE_BYTES, "section .xex.imports");
	struct title t = good();
	put32(&t, IMPORT_AT + 84, TEXT + TEXT_BYTES - 8);
	put_row(&t, TEXT_AT + TEXT_BYTES - 8, 2, (const uint32_t[]){ 0x010000f6, 0x020000f6 });
	refuse(&t, sizeof t.b, "is not a thunk of 16 bytes"); /* cut off by the segment's end */
}

static void elf_truncation_at_any_byte_names_offset_and_field(void **state)
{
	struct title t = good();
	for (size_t size = 1; size < sizeof t.b; size++)
		refuse(&t, size, "offset 0x");
	refuse(&t, 17, "offset 0x11: e_type: cut off by the end of the file (17 bytes)");
	refuse(&t, 31, "e_phoff: cut off");
	refuse(&t, PHDR_AT + 32 + 9, "p_vaddr: cut off");
	refuse(&t, SHDR_AT + 40 + 21, "sh_size: cut off");
}

static void image_open_says_why_a_file_cannot_be_read(void **state)
{
	struct image *img = NULL;
	struct err err = { 0 };
	assert_int_equal(image_open("/nonexistent/x.elf", &img, &err), ST_IO);
	check_line(&err, "/nonexistent/x.elf: ", "cannot open: No such file");
	assert_int_equal(image_open("/", &img, &err), ST_IO);
	check_line(&err, "/: ", "not a regular file");
	assert_int_equal(image_open("/dev/null", &img, &err), ST_IO);
	assert_null(img);
}

/* ---- hostile files --------------------------------------------------------------------------------------------------------- */

static uint32_t lcg(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* Whatever the bytes: an image that keeps its promises, or one line. */
static void try_bytes(const uint8_t *bytes, size_t size)
{
	struct image *img = NULL;
	struct err err = { 0 };
	enum status st = image_parse("odd", bytes, size, &img, &err);
	if (st != ST_OK) {
		assert_null(img);
		assert_true(st == ST_BAD_IMAGE || st == ST_UNSUPPORTED);
		check_line(&err, "odd: ", "");
		return;
	}
	uint64_t end = img->base;
	for (unsigned i = 0; i < img->segments; i++) {
		const struct image_segment *s = &img->segment[i];
		assert_true(s->ga >= end && !(s->ga & 0xfff) && !(s->size & 0xfff) && s->file_size <= s->size);
		end = (uint64_t)s->ga + s->size;
	}
	assert_true(end <= 0x90000000u && end == img->base + (uint64_t)img->size && img->size <= IMAGE_BYTES_MAX);
	for (unsigned i = 0; i < img->symbols; i++) {
		assert_true(i == 0 || img->symbol[i - 1].ga <= img->symbol[i].ga);
		assert_true(strlen(img->symbol[i].name) < size);
	}
	image_symbol_at(img, img->entry, NULL);
	image_free(img);
}

static void mutate(const uint8_t *bytes, size_t size, unsigned rounds, uint32_t seed)
{
	static const uint8_t odd[] = { 0, 1, 2, 0x7f, 0x80, 0xff };
	uint8_t *copy = malloc(size);
	assert_non_null(copy);
	for (unsigned i = 0; i < rounds; i++) {
		memcpy(copy, bytes, size);
		for (unsigned n = 1 + lcg(&seed) % 6; n; n--) {
			size_t at = lcg(&seed) % 3 ? lcg(&seed) % (size < 512 ? size : 512) : lcg(&seed) % size;
			if (lcg(&seed) % 4 == 0)
				at = size - 1 - lcg(&seed) % (size < 400 ? size : 400); /* section headers */
			copy[at] = lcg(&seed) % 2 ? odd[lcg(&seed) % ARRAY_LEN(odd)] : (uint8_t)lcg(&seed);
		}
		try_bytes(copy, lcg(&seed) % 4 ? size : 1 + lcg(&seed) % size);
	}
	free(copy);
}

static void elf_random_damage_never_breaks_the_reader(void **state)
{
	struct title t = good();
	mutate(t.b, sizeof t.b, 20000, 1);
}

/* ---- a real guest ------------------------------------------------------------------------------------------------------------ */

static struct image *open_guest(const char *path)
{
	struct image *img = NULL;
	struct err err = { 0 };
	if (access(path, R_OK) != 0)
		skip();
	if (image_open(path, &img, &err) != ST_OK)
		fail_msg("%s", err.text);
	return img;
}

static void elf_guest_has_its_symbols_and_its_imports_in_pairs(void **state)
{
	struct image *img = open_guest("tests/guest/demo.elf");
	assert_int_equal(img->base, 0x82000000);
	assert_int_equal(img->segments, 2);
	assert_int_equal(img->segment[0].protect, RX);
	assert_int_equal(img->segment[1].protect, RW);
	assert_int_equal(img->segment[1].ga & 0xffff, 0);
	assert_non_null(image_symbol_find(img, "publish_chunk"));
	assert_true(image_symbol_find(img, "_start")->ga == img->entry);
	assert_true(img->imports && img->imports % 2 == 0);
	for (unsigned i = 0; i < img->imports; i += 2) {
		assert_true(img->import[i].type == 0 && img->import[i + 1].type == 1);
		assert_int_equal(img->import[i].ordinal, img->import[i + 1].ordinal);
		assert_string_equal(img->import[i].library, "xboxkrnl");
	}
	uint32_t offset = 1;
	const struct image_symbol *set = image_symbol_find(img, "NtSetEvent");
	assert_non_null(set);
	assert_ptr_equal(image_symbol_at(img, set->ga, &offset), set);
	assert_int_equal(offset, 0);
	image_free(img);
}

static void elf_guest_cut_or_damaged_gives_one_line(void **state)
{
	struct image *img = open_guest("tests/guest/demo.elf");
	for (size_t size = 1; size < img->file_size; size += size < 512 ? 1 : 13) {
		struct image *cut = NULL;
		struct err err = { 0 };
		uint8_t *bytes = malloc(size); /* exactly as long: a sanitizer sees the byte behind it */
		assert_non_null(bytes);
		memcpy(bytes, img->file, size);
		assert_int_equal(image_parse("cut.elf", bytes, size, &cut, &err), ST_BAD_IMAGE);
		check_line(&err, "cut.elf: offset 0x", ": ");
		free(bytes);
	}
	mutate(img->file, img->file_size, 5000, 2);
	image_free(img);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(elf_segments_are_taken_with_their_protection_rounded_to_pages),
		cmocka_unit_test(elf_segment_within_a_page_keeps_its_offset),
		cmocka_unit_test(elf_segments_of_one_protection_may_share_a_page),
		cmocka_unit_test(elf_stack_size_comes_from_gnu_stack),
		cmocka_unit_test(elf_imports_name_library_ordinal_type_and_place),
		cmocka_unit_test(elf_symbols_cover_their_range_the_innermost_wins),
		cmocka_unit_test(elf_without_sections_is_taken_without_symbols),
		cmocka_unit_test(elf_digest_depends_on_every_byte_and_not_on_the_name),
		cmocka_unit_test(elf_each_wrong_identity_has_its_own_line),
		cmocka_unit_test(elf_tables_must_lie_in_the_file),
		cmocka_unit_test(elf_bad_segments_are_refused),
		cmocka_unit_test(elf_bad_symbol_tables_are_refused),
		cmocka_unit_test(elf_bad_import_tables_are_refused),
		cmocka_unit_test(elf_truncation_at_any_byte_names_offset_and_field),
		cmocka_unit_test(image_open_says_why_a_file_cannot_be_read),
		cmocka_unit_test(elf_random_damage_never_breaks_the_reader),
		cmocka_unit_test(elf_guest_has_its_symbols_and_its_imports_in_pairs),
		cmocka_unit_test(elf_guest_cut_or_damaged_gives_one_line),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("elf", tests, NULL, NULL);
}
