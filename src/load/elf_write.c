/* src/load/elf_write.c - see elf_write.h. Source: System V ABI, PowerPC supplement. */
#include "config.h"

#include "src/load/elf_write.h"

#include <elf.h>
#include <stdlib.h>

#include "src/mem/mem.h"

#define EHDR_BYTES 52u
#define PHDR_BYTES 32u
#define SHDR_BYTES 40u
#define SYM_BYTES 16u
#define ALIGN 16u

static const char section_names[] = "\0.text\0.rodata\0.data\0.symtab\0.strtab\0.shstrtab";

static void put16(FILE *f, uint32_t v)
{
	uint8_t b[2];
	store_be16(b, (uint16_t)v);
	fwrite(b, 1, sizeof b, f);
}

static void put32(FILE *f, uint32_t v)
{
	uint8_t b[4];
	store_be32(b, v);
	fwrite(b, 1, sizeof b, f);
}

static void put_words(FILE *f, const uint32_t *v, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		put32(f, v[i]);
}

static void pad(FILE *f, uint32_t bytes)
{
	while (bytes--)
		fputc(0, f);
}

static uint32_t up(uint32_t v)
{
	return (v + ALIGN - 1) & ~(ALIGN - 1);
}

static uint32_t name_of(const char *name)
{
	uint32_t at = 0;
	while (strcmp(section_names + at, name) != 0)
		at += (uint32_t)strlen(section_names + at) + 1;
	return at;
}

/* Where everything lies in the file. */
struct plan {
	uint32_t *segment; /* offsets */
	uint32_t symbols, strings, strings_size, names, headers;
};

static void plan_make(const struct elf_out *o, struct plan *p)
{
	uint32_t at = up(EHDR_BYTES + PHDR_BYTES * o->segments);
	p->segment = xcalloc(o->segments + 1, sizeof *p->segment);
	for (unsigned i = 0; i < o->segments; i++) {
		p->segment[i] = at;
		at = up(at + o->segment[i].file_size);
	}
	p->symbols = at;
	p->strings = at = at + SYM_BYTES * (o->symbols + 1);
	p->strings_size = 1;
	for (unsigned i = 0; i < o->symbols; i++)
		p->strings_size += (uint32_t)strlen(o->symbol[i].name) + 1;
	p->names = at + p->strings_size;
	p->headers = up(p->names + (uint32_t)sizeof section_names);
}

static void put_header(FILE *f, const struct elf_out *o, const struct plan *p)
{
	static const uint8_t ident[EI_NIDENT] = { 0x7f, 'E', 'L', 'F', ELFCLASS32, ELFDATA2MSB, EV_CURRENT };
	fwrite(ident, 1, sizeof ident, f);
	put16(f, ET_EXEC);
	put16(f, EM_PPC);
	put_words(f, (const uint32_t[]){ EV_CURRENT, o->entry, EHDR_BYTES, p->headers, 0 }, 5);
	const uint32_t sizes[] = { EHDR_BYTES, PHDR_BYTES, o->segments, SHDR_BYTES, o->segments + 4, o->segments + 3 };
	for (unsigned i = 0; i < ARRAY_LEN(sizes); i++)
		put16(f, sizes[i]);
}

static void put_segments(FILE *f, const struct elf_out *o, const struct plan *p)
{
	for (unsigned i = 0; i < o->segments; i++) {
		const struct image_segment *s = &o->segment[i];
		uint32_t flags = (s->protect & MEM_PROT_R ? PF_R : 0) | (s->protect & MEM_PROT_W ? PF_W : 0) |
				 (s->protect & MEM_PROT_X ? PF_X : 0);
		put_words(f, (const uint32_t[]){ PT_LOAD, p->segment[i], s->ga, s->ga, s->file_size, s->size, flags, ALIGN }, 8);
	}
	uint32_t at = EHDR_BYTES + PHDR_BYTES * o->segments;
	for (unsigned i = 0; i < o->segments; i++) {
		pad(f, p->segment[i] - at);
		fwrite(o->segment[i].bytes, 1, o->segment[i].file_size, f);
		at = p->segment[i] + o->segment[i].file_size;
	}
	pad(f, p->symbols - at);
}

/* The section that @ga lies in, from 1; SHN_ABS = none. */
static uint32_t section_of(const struct elf_out *o, uint32_t ga)
{
	for (unsigned i = 0; i < o->segments; i++)
		if (ga - o->segment[i].ga < o->segment[i].size)
			return i + 1;
	return SHN_ABS;
}

static void put_symbols(FILE *f, const struct elf_out *o)
{
	uint32_t name = 1;
	pad(f, SYM_BYTES);
	for (unsigned i = 0; i < o->symbols; i++) {
		const struct image_symbol *s = &o->symbol[i];
		put_words(f, (const uint32_t[]){ name, s->ga, s->size }, 3);
		put16(f, (uint32_t)ELF32_ST_INFO(STB_GLOBAL, s->function ? STT_FUNC : STT_OBJECT) << 8);
		put16(f, section_of(o, s->ga));
		name += (uint32_t)strlen(s->name) + 1;
	}
	fputc(0, f);
	for (unsigned i = 0; i < o->symbols; i++)
		fwrite(o->symbol[i].name, 1, strlen(o->symbol[i].name) + 1, f);
}

static void put_sections(FILE *f, const struct elf_out *o, const struct plan *p)
{
	pad(f, SHDR_BYTES);
	for (unsigned i = 0; i < o->segments; i++) {
		const struct image_segment *s = &o->segment[i];
		const char *name = s->protect & MEM_PROT_X ? ".text" : s->protect & MEM_PROT_W ? ".data" : ".rodata";
		uint32_t flags =
			SHF_ALLOC | (s->protect & MEM_PROT_W ? SHF_WRITE : 0) | (s->protect & MEM_PROT_X ? SHF_EXECINSTR : 0);
		put_words(f,
			(const uint32_t[]){
				name_of(name), SHT_PROGBITS, flags, s->ga, p->segment[i], s->file_size, 0, 0, ALIGN, 0 },
			10);
	}
	put_words(f,
		(const uint32_t[]){ name_of(".symtab"), SHT_SYMTAB, 0, 0, p->symbols, SYM_BYTES * (o->symbols + 1),
			o->segments + 2, 1, 4, SYM_BYTES },
		10);
	put_words(f, (const uint32_t[]){ name_of(".strtab"), SHT_STRTAB, 0, 0, p->strings, p->strings_size, 0, 0, 1, 0 }, 10);
	put_words(
		f, (const uint32_t[]){ name_of(".shstrtab"), SHT_STRTAB, 0, 0, p->names, sizeof section_names, 0, 0, 1, 0 }, 10);
}

void elf_write(FILE *f, const struct elf_out *o)
{
	struct plan p;
	plan_make(o, &p);
	put_header(f, o, &p);
	put_segments(f, o, &p);
	put_symbols(f, o);
	fwrite(section_names, 1, sizeof section_names, f);
	pad(f, p.headers - p.names - (uint32_t)sizeof section_names);
	put_sections(f, o, &p);
	free(p.segment);
}
