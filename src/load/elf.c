/* src/load/elf.c - ELF32 big-endian PowerPC executables. Headers are checked here byte by byte, so that a bad one gets its own
 * line; libelf then reads tables that are known to lie within the file. Source: System V ABI, PowerPC supplement. */
#include "config.h"

#include <libelf.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/load/load_priv.h"
#include "src/mem/mem.h"

#define SEGMENTS_MAX 64u
#define SECTIONS_MAX 8192u
#define SYMBOLS_MAX (1u << 20)
#define STACK_MIN 0x4000u
#define STACK_MAX 0x1000000u
#define IMPORTS_SECTION ".xex.imports"
#define PDATA_SECTION ".pdata"

#define EHDR_BYTES 52u
#define PHDR_BYTES 32u
#define SHDR_BYTES 40u

/* ---- fields, for messages ------------------------------------------------------------------------------------------ */

struct field {
	unsigned offset;
	const char *name;
};

static const struct field ehdr_fields[] = {
	{ 0, "e_ident magic" }, { 4, "e_ident class" }, { 5, "e_ident data" }, { 6, "e_ident version" }, { 7, "e_ident padding" },
	{ 16, "e_type" }, { 18, "e_machine" }, { 20, "e_version" }, { 24, "e_entry" }, { 28, "e_phoff" }, { 32, "e_shoff" },
	{ 36, "e_flags" }, { 40, "e_ehsize" }, { 42, "e_phentsize" }, { 44, "e_phnum" }, { 46, "e_shentsize" }, { 48, "e_shnum" },
	{ 50, "e_shstrndx" }, { 0, NULL },
};

static const struct field phdr_fields[] = {
	{ 0, "p_type" }, { 4, "p_offset" }, { 8, "p_vaddr" }, { 12, "p_paddr" }, { 16, "p_filesz" }, { 20, "p_memsz" },
	{ 24, "p_flags" }, { 28, "p_align" }, { 0, NULL },
};

static const struct field shdr_fields[] = {
	{ 0, "sh_name" }, { 4, "sh_type" }, { 8, "sh_flags" }, { 12, "sh_addr" }, { 16, "sh_offset" }, { 20, "sh_size" },
	{ 24, "sh_link" }, { 28, "sh_info" }, { 32, "sh_addralign" }, { 36, "sh_entsize" }, { 0, NULL },
};

static const char *field_at(const struct field *f, unsigned offset)
{
	while (f[1].name && f[1].offset <= offset)
		f++;
	return f->name;
}

static unsigned field_offset(const struct field *f, const char *name)
{
	while (strcmp(f->name, name) != 0)
		f++;
	return f->offset;
}

static enum status cut(const struct load *l, size_t offset, const char *field)
{
	return load_bad(l, offset, field, "cut off by the end of the file (%zu bytes)", l->img->file_size);
}

/* ---- headers -------------------------------------------------------------------------------------------------------- */

static const char *class_word(unsigned c)
{
	return c == ELFCLASS64 ? "64-bit" : "of no known class";
}

/* One rule per field: the value it must have. */
static enum status check_ehdr(const struct load *l)
{
	const uint8_t *b = l->img->file;
	size_t size = l->img->file_size;
	if (size >= 4 ? memcmp(b, ELFMAG, 4) != 0 : memcmp(b, ELFMAG, size) != 0)
		return load_bad(l, 0, "e_ident magic", "neither an ELF file (7f 45 4c 46) nor an XEX2 image");
	if (size > EI_CLASS && b[EI_CLASS] != ELFCLASS32)
		return load_bad(l, EI_CLASS, "e_ident class", "the file is %s, a title is 32-bit", class_word(b[EI_CLASS]));
	if (size > EI_DATA && b[EI_DATA] != ELFDATA2MSB)
		return load_bad(l, EI_DATA, "e_ident data", "the file is %s, a title is big-endian",
				b[EI_DATA] == ELFDATA2LSB ? "little-endian" : "of no known endianness");
	if (size > EI_VERSION && b[EI_VERSION] != EV_CURRENT)
		return load_bad(l, EI_VERSION, "e_ident version", "%u, should be 1", b[EI_VERSION]);
	if (size < EHDR_BYTES)
		return cut(l, size, field_at(ehdr_fields, (unsigned)size));
	static const struct {
		const char *field;
		unsigned want;
		const char *what;
	} rules[] = {
		{ "e_type", ET_EXEC, "an executable at fixed addresses (ET_EXEC)" },
		{ "e_machine", EM_PPC, "32-bit PowerPC (EM_PPC)" },
		{ "e_ehsize", EHDR_BYTES, "the header's size" },
		{ "e_phentsize", PHDR_BYTES, "a program header's size" },
	};
	for (unsigned i = 0; i < ARRAY_LEN(rules); i++) {
		unsigned at = field_offset(ehdr_fields, rules[i].field), got = load_be16(b + at);
		if (got != rules[i].want)
			return load_bad(l, at, rules[i].field, "%u, should be %u, %s", got, rules[i].want, rules[i].what);
	}
	return ST_OK;
}

/* A table of @count rows at the file offset that the header's field @off_field holds. */
static enum status check_table(const struct load *l, const char *off_field, unsigned row, unsigned count, const struct field *fields)
{
	unsigned at = field_offset(ehdr_fields, off_field);
	size_t offset = load_be32(l->img->file + at), size = l->img->file_size;
	if (offset < EHDR_BYTES || offset >= size)
		return load_bad(l, at, off_field, "0x%zx lies outside of the file (%zu bytes)", offset, size);
	if (offset + (size_t)row * count > size)
		return cut(l, size, field_at(fields, (unsigned)((size - offset) % row)));
	return ST_OK;
}

static enum status check_tables(const struct load *l)
{
	const uint8_t *b = l->img->file;
	unsigned phnum = load_be16(b + 44), shentsize = load_be16(b + 46), shnum = load_be16(b + 48), shstrndx = load_be16(b + 50);
	if (phnum == 0 || phnum > SEGMENTS_MAX)
		return load_bad(l, 44, "e_phnum", "%u program headers, should be 1 to %u", phnum, SEGMENTS_MAX);
	enum status st = check_table(l, "e_phoff", PHDR_BYTES, phnum, phdr_fields);
	if (st != ST_OK)
		return st;
	if (shnum == 0) {
		if (load_be32(b + 32))
			return load_bad(l, 48, "e_shnum", "0, though there is a table of section headers");
		return ST_OK; /* sections are all stripped */
	}
	if (shnum > SECTIONS_MAX)
		return load_bad(l, 48, "e_shnum", "%u section headers, should be at most %u", shnum, SECTIONS_MAX);
	if (shentsize != SHDR_BYTES)
		return load_bad(l, 46, "e_shentsize", "%u, should be %u", shentsize, SHDR_BYTES);
	if (shstrndx >= shnum)
		return load_bad(l, 50, "e_shstrndx", "%u, but there are %u sections", shstrndx, shnum);
	return check_table(l, "e_shoff", SHDR_BYTES, shnum, shdr_fields);
}

/* ---- segments ---------------------------------------------------------------------------------------------------------- */

/* A PT_LOAD header, in the order of addresses. */
struct piece {
	uint32_t offset, ga, file_size, size;
	unsigned protect;
	size_t at;            /* file offset of its header, for messages */
};

static size_t phdr_at(const struct load *l, unsigned i)
{
	return load_be32(l->img->file + 28) + (size_t)i * PHDR_BYTES;
}

static enum status check_piece(const struct load *l, const struct piece *p)
{
	size_t file = l->img->file_size;
	if (p->offset > file || p->file_size > file - p->offset)
		return load_bad(l, p->at + 16, "p_filesz", "the segment's bytes 0x%x-0x%llx go past the end of the file (%zu bytes)", p->offset,
				(unsigned long long)p->offset + p->file_size, file);
	if (p->file_size > p->size)
		return load_bad(l, p->at + 16, "p_filesz", "0x%x is more than p_memsz 0x%x", p->file_size, p->size);
	if (p->ga < IMAGE_LOW || p->ga >= IMAGE_HIGH || p->size > IMAGE_HIGH - p->ga)
		return load_bad(l, p->at + 8, "p_vaddr", "the segment %08x-%08llx lies outside of 80000000-8fffffff", p->ga,
				(unsigned long long)p->ga + p->size - 1);
	if (p->size > IMAGE_BYTES_MAX)
		return load_bad(l, p->at + 20, "p_memsz", "0x%x is more than an image may have (0x%x)", p->size, IMAGE_BYTES_MAX);
	return ST_OK;
}

/* Kinds of program headers that a title cannot have. */
static enum status check_kind(const struct load *l, size_t at, uint32_t type)
{
	static const struct {
		uint32_t type;
		const char *what;
	} refused[] = {
		{ PT_DYNAMIC, "a dynamically linked program is no title (link with -static, -no-pie)" },
		{ PT_INTERP, "a dynamically linked program is no title (link with -static, -no-pie)" },
		{ PT_TLS, "thread-local variables are not supported in ELF titles (use KeTlsAlloc)" },
	};
	for (unsigned i = 0; i < ARRAY_LEN(refused); i++) {
		if (refused[i].type == type)
			return load_bad(l, at, "p_type", "%s", refused[i].what);
	}
	return ST_OK;
}

static enum status take_stack(const struct load *l, size_t at, uint32_t size)
{
	if (!size)
		return ST_OK;
	if (size < STACK_MIN || size > STACK_MAX)
		return load_bad(l, at + 20, "p_memsz", "a stack of 0x%x bytes, should be 0x%x to 0x%x", size, STACK_MIN, STACK_MAX);
	l->img->stack_size = (size + MEM_PAGE - 1) & ~(MEM_PAGE - 1);
	return ST_OK;
}

static enum status read_pieces(const struct load *l, struct piece piece[SEGMENTS_MAX], unsigned *count)
{
	unsigned phnum = load_be16(l->img->file + 44);
	*count = 0;
	for (unsigned i = 0; i < phnum; i++) {
		size_t at = phdr_at(l, i);
		const uint8_t *b = l->img->file + at;
		uint32_t type = load_be32(b), flags = load_be32(b + 24);
		struct piece p = { load_be32(b + 4), load_be32(b + 8), load_be32(b + 16), load_be32(b + 20),
				   (flags & PF_R ? MEM_PROT_R : 0) | (flags & PF_W ? MEM_PROT_W : 0) | (flags & PF_X ? MEM_PROT_X : 0), at };
		enum status st = check_kind(l, at, type);
		if (st == ST_OK && type == PT_GNU_STACK)
			st = take_stack(l, at, p.size);
		if (st == ST_OK && type == PT_LOAD && p.size)
			st = check_piece(l, &p);
		if (st != ST_OK)
			return st;
		if (type == PT_LOAD && p.size)
			piece[(*count)++] = p;
	}
	if (*count == 0)
		return load_bad(l, phdr_at(l, 0), "p_type", "no segment to load (PT_LOAD) among %u program headers", phnum);
	return ST_OK;
}

static int piece_order(const void *va, const void *vb)
{
	const struct piece *a = va, *b = vb;
	if (a->ga != b->ga)
		return a->ga < b->ga ? -1 : 1;
	return (a->at > b->at) - (a->at < b->at);
}

static uint32_t page_down(uint32_t ga)
{
	return ga & ~(MEM_PAGE - 1);
}

static uint32_t page_up(uint32_t ga)
{
	return (ga + MEM_PAGE - 1) & ~(MEM_PAGE - 1);
}

/* Two neighbours: do they share a byte, or a page that would need two protections? */
static enum status check_neighbours(const struct load *l, const struct piece *a, const struct piece *b)
{
	if (b->ga - a->ga < a->size)
		return load_bad(l, b->at + 8, "p_vaddr", "the segment at %08x overlaps the one at %08x-%08x", b->ga, a->ga, a->ga + a->size - 1);
	if (page_down(b->ga) < page_up(a->ga + a->size) && a->protect != b->protect)
		return load_bad(l, b->at + 8, "p_vaddr", "the segments at %08x and %08x share a page but not their protection", a->ga, b->ga);
	return ST_OK;
}

/* Makes one segment of the pieces that share pages, beginning with @p; returns how many they were. */
static unsigned build_segment(struct load *l, const struct piece *p, unsigned left)
{
	struct image_segment *s = &l->img->segment[l->img->segments++];
	unsigned n = 1;
	while (n < left && page_down(p[n].ga) < page_up(p[n - 1].ga + p[n - 1].size))
		n++;
	s->ga = page_down(p->ga);
	s->size = page_up(p[n - 1].ga + p[n - 1].size) - s->ga;
	s->protect = p->protect;
	for (unsigned i = 0; i < n; i++) {
		if (p[i].file_size)
			s->file_size = p[i].ga + p[i].file_size - s->ga;
	}
	uint8_t *bytes = xcalloc(1, s->file_size);
	for (unsigned i = 0; i < n; i++) {
		if (p[i].file_size)
			memcpy(bytes + (p[i].ga - s->ga), l->img->file + p[i].offset, p[i].file_size);
	}
	s->bytes = bytes;
	return n;
}

static enum status load_segments(struct load *l)
{
	struct piece piece[SEGMENTS_MAX];
	unsigned count;
	enum status st = read_pieces(l, piece, &count);
	if (st != ST_OK)
		return st;
	qsort(piece, count, sizeof piece[0], piece_order);
	for (unsigned i = 1; i < count && st == ST_OK; i++)
		st = check_neighbours(l, &piece[i - 1], &piece[i]);
	if (st != ST_OK)
		return st;
	const struct piece *last = &piece[count - 1];
	l->img->base = page_down(piece[0].ga);
	l->img->size = page_up(last->ga + last->size) - l->img->base;
	if (l->img->size > IMAGE_BYTES_MAX)
		return load_bad(l, last->at + 8, "p_vaddr", "the image %08x-%08x is larger than 0x%x bytes", l->img->base,
				l->img->base + l->img->size - 1, IMAGE_BYTES_MAX);
	l->img->segment = xcalloc(count, sizeof *l->img->segment);
	for (unsigned i = 0; i < count;)
		i += build_segment(l, &piece[i], count - i);
	return ST_OK;
}

static enum status check_entry(struct load *l)
{
	uint32_t entry = load_be32(l->img->file + 24);
	l->img->entry = entry;
	for (unsigned i = 0; i < l->img->segments && !(entry & 3); i++) {
		const struct image_segment *s = &l->img->segment[i];
		if (entry >= s->ga && entry - s->ga < s->size && (s->protect & MEM_PROT_X))
			return ST_OK;
	}
	return load_bad(l, 24, "e_entry", "%08x is not a word of an executable segment", entry);
}

/* ---- sections: symbols and imports ----------------------------------------------------------------------------------------- */

static size_t shdr_at(const struct load *l, Elf_Scn *scn)
{
	return load_be32(l->img->file + 32) + elf_ndxscn(scn) * SHDR_BYTES;
}

/* Does the section's content lie within the file, uncompressed? */
static enum status check_content(const struct load *l, Elf_Scn *scn, const Elf32_Shdr *sh, const char *name)
{
	size_t size = l->img->file_size, at = shdr_at(l, scn);
	if (sh->sh_type == SHT_NOBITS || (sh->sh_flags & SHF_COMPRESSED))
		return load_bad(l, at + 4, "sh_type", "section %s has no plain bytes in the file", name);
	if (sh->sh_offset > size || sh->sh_size > size - sh->sh_offset)
		return load_bad(l, at + 20, "sh_size", "section %s at 0x%x-0x%llx goes past the end of the file (%zu bytes)", name,
				(unsigned)sh->sh_offset, (unsigned long long)sh->sh_offset + sh->sh_size, size);
	return ST_OK;
}

/* The name at @offset of a string table that lies within the file; NULL if it is not ended there. */
static const char *string_at(const struct load *l, const Elf32_Shdr *strings, uint32_t offset)
{
	const char *s = (const char *)l->img->file + strings->sh_offset + offset;
	if (offset >= strings->sh_size || !memchr(s, 0, strings->sh_size - offset))
		return NULL;
	return s;
}

static bool symbol_wanted(const struct load *l, const Elf32_Sym *sym)
{
	unsigned type = ELF32_ST_TYPE(sym->st_info);
	return (type == STT_FUNC || type == STT_OBJECT) && sym->st_shndx != SHN_UNDEF && sym->st_name &&
	       sym->st_value - l->img->base < l->img->size;
}

static enum status take_symbols(struct load *l, const Elf32_Sym *sym, size_t count, const Elf32_Shdr *strings, size_t at)
{
	struct image *img = l->img;
	img->symbol = xcalloc(count, sizeof *img->symbol);
	img->symbol_room = (unsigned)count;
	for (size_t i = 0; i < count; i++) {
		if (!symbol_wanted(l, &sym[i]))
			continue;
		const char *name = string_at(l, strings, sym[i].st_name);
		if (!name)
			return load_bad(l, at + i * sizeof(Elf32_Sym), "st_name", "0x%x lies outside of the string table", sym[i].st_name);
		uint32_t room = img->size - (sym[i].st_value - img->base);
		img->symbol[img->symbols++] = (struct image_symbol){ sym[i].st_value, sym[i].st_size < room ? sym[i].st_size : room,
								     ELF32_ST_TYPE(sym[i].st_info) == STT_FUNC, SYMBOL_TITLE, name };
	}
	load_sort_symbols(img);
	return ST_OK;
}

static enum status load_symbols(struct load *l, Elf *elf, Elf_Scn *scn, const Elf32_Shdr *sh)
{
	size_t at = shdr_at(l, scn), count = sh->sh_size / sizeof(Elf32_Sym);
	Elf_Scn *str_scn = elf_getscn(elf, sh->sh_link);
	const Elf32_Shdr *strings = str_scn ? elf32_getshdr(str_scn) : NULL;
	if (l->img->symbol)
		return load_bad(l, at + 4, "sh_type", "a second symbol table");
	if (!strings || strings->sh_type != SHT_STRTAB)
		return load_bad(l, at + 24, "sh_link", "%u is not the symbol table's string table", (unsigned)sh->sh_link);
	if (sh->sh_entsize != sizeof(Elf32_Sym) || sh->sh_size % sizeof(Elf32_Sym) || count > SYMBOLS_MAX)
		return load_bad(l, at + 36, "sh_entsize", "a symbol table of 0x%x bytes in rows of %u", (unsigned)sh->sh_size,
				(unsigned)sh->sh_entsize);
	enum status st = check_content(l, scn, sh, ".symtab");
	if (st == ST_OK)
		st = check_content(l, str_scn, strings, ".strtab");
	if (st != ST_OK || !count)
		return st;
	const Elf_Data *data = elf_getdata(scn, NULL);
	if (!data || data->d_type != ELF_T_SYM || data->d_size != sh->sh_size)
		return load_bad(l, at + 16, "sh_offset", "libelf cannot read the symbol table: %s", elf_errmsg(-1));
	return take_symbols(l, data->d_buf, count, strings, sh->sh_offset);
}

static enum status load_section(struct load *l, Elf *elf, Elf_Scn *scn, const Elf32_Shdr *names)
{
	const Elf32_Shdr *sh = elf32_getshdr(scn);
	if (!sh)
		return load_bad(l, load_be32(l->img->file + 32), "e_shoff", "libelf cannot read a section header: %s", elf_errmsg(-1));
	if (sh->sh_type == SHT_SYMTAB)
		return load_symbols(l, elf, scn, sh);
	if (sh->sh_type != SHT_PROGBITS)
		return ST_OK;
	const char *name = string_at(l, names, sh->sh_name);
	if (!name)
		return load_bad(l, shdr_at(l, scn), "sh_name", "0x%x lies outside of the string table", (unsigned)sh->sh_name);
	bool imports = !strcmp(name, IMPORTS_SECTION);
	if (!imports && (strcmp(name, PDATA_SECTION) != 0 || l->img->function))
		return ST_OK;
	enum status st = check_content(l, scn, sh, name);
	if (st == ST_OK && imports)
		return elf_load_imports(l, sh->sh_offset, sh->sh_size);
	if (st == ST_OK)
		load_pdata(l->img, sh->sh_addr, l->img->file + sh->sh_offset, sh->sh_size);
	return st;
}

static enum status load_sections(struct load *l, Elf *elf)
{
	if (!load_be16(l->img->file + 48))
		return ST_OK;
	Elf_Scn *names_scn = elf_getscn(elf, load_be16(l->img->file + 50));
	const Elf32_Shdr *names = names_scn ? elf32_getshdr(names_scn) : NULL;
	if (!names || names->sh_type != SHT_STRTAB)
		return load_bad(l, 50, "e_shstrndx", "%u is not a string table", load_be16(l->img->file + 50));
	enum status st = check_content(l, names_scn, names, ".shstrtab");
	for (Elf_Scn *scn = NULL; st == ST_OK && (scn = elf_nextscn(elf, scn));)
		st = load_section(l, elf, scn, names);
	return st;
}

enum status elf_load(struct load *l)
{
	enum status st = check_ehdr(l);
	if (st == ST_OK)
		st = check_tables(l);
	if (st == ST_OK)
		st = load_segments(l);
	if (st == ST_OK)
		st = check_entry(l);
	if (st != ST_OK)
		return st;
	elf_version(EV_CURRENT);
	Elf *elf = elf_memory((char *)l->img->file, l->img->file_size);
	if (!elf || elf_kind(elf) != ELF_K_ELF)
		st = load_bad(l, 0, "e_ident magic", "libelf cannot read it: %s", elf_errmsg(-1));
	else
		st = load_sections(l, elf);
	elf_end(elf);
	return st;
}
