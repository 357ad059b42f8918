/* tests/xexmake/layout.c - the image in memory: segments, and before them the PE header, .pdata, exports, resources, TLS. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "src/mem/mem.h"
#include "tests/xexmake/make_priv.h"

#define EXPORTS_MAX 64u
#define EXPORTS_UNSAID 8u
#define PE_AT 0x80u     /* the PE signature, behind the DOS header */
#define PE_BYTES 0x400u /* all the headers */
#define OPTIONAL_BYTES 0xE0u
#define MACHINE_POWERPC_BE 0x01F2u
#define SUBSYSTEM_XBOX 14u
#define SECTIONS_MAX 8u
#define DIRECTORY_TLS 9u
#define TLS_BYTES 24u /* IMAGE_TLS_DIRECTORY32 */

/* ---- .pdata --------------------------------------------------------------------------------------------------------------- */

/* Of each function with a symbol; prologue and handler as the ELF's own .pdata says. Begin; then from the lowest bit: prologue's words (8 bits), function's words (22), 32-bit code (1), has a handler (1). */
static void pdata_put(struct layout *l)
{
	uint32_t end = 0;
	for (unsigned i = 0; i < l->elf->symbols; i++) {
		const struct image_symbol *s = &l->elf->symbol[i];
		if (!s->function || !s->size || s->ga < end)
			continue;
		end = s->ga + s->size;
		const struct image_function *f = image_function_at(l->elf, s->ga);
		uint32_t says = f && f->ga == s->ga ? (f->handler ? 1u << 31 : 0) | f->prolog / 4 : 0;
		bytes_be32(&l->image, s->ga);
		bytes_be32(&l->image, 1u << 30 | (s->size / 4 & 0x3fffff) << 8 | says);
	}
}

/* ---- exports ---------------------------------------------------------------------------------------------------------------- */

struct make_export {
	uint32_t ordinal, ga;
	const char *name; /* "" = by its ordinal only */
};

static int ordinal_order(const void *va, const void *vb)
{
	const struct make_export *a = va, *b = vb;
	return (a->ordinal > b->ordinal) - (a->ordinal < b->ordinal);
}

static int name_order(const void *va, const void *vb)
{
	return strcmp(((const struct make_export *)va)->name, ((const struct make_export *)vb)->name);
}

/* What the source says (tests/guest/kit_dll.h: symbols __export_ORDINAL_NAME), ascending by ordinal; else the first functions. */
static unsigned exports_of(const struct image *elf, struct make_export out[EXPORTS_MAX])
{
	unsigned n = 0;
	for (unsigned i = 0; i < elf->symbols && n < EXPORTS_MAX; i++) {
		const struct image_symbol *s = &elf->symbol[i];
		unsigned ordinal;
		int name = 0;
		if (sscanf(s->name, "__export_%u_%n", &ordinal, &name) == 1 && name)
			out[n++] = (struct make_export){ ordinal & 0xffff, s->ga, s->name + name };
	}
	qsort(out, n, sizeof *out, ordinal_order);
	for (unsigned i = 0, said = n; !said && i < elf->symbols && n < EXPORTS_UNSAID; i++) {
		const struct image_symbol *s = &elf->symbol[i];
		if (s->function && (n == 0 || s->ga != out[n - 1].ga)) {
			out[n] = (struct make_export){ DLL_ORDINAL + n, s->ga, s->name };
			n++;
		}
	}
	return n;
}

static void exports_put(struct layout *l)
{
	struct make_export e[EXPORTS_MAX];
	unsigned n = exports_of(l->elf, e);
	uint32_t first = n ? e[0].ordinal : DLL_ORDINAL, count = n ? e[n - 1].ordinal - first + 1 : 0;
	const uint32_t head[] = { 0x48000000, 0x00485645, 0x48000000, 0, 0, 0x02000000, 0, 0, l->base >> 16, count, first };
	for (unsigned i = 0; i < ARRAY_LEN(head); i++)
		bytes_be32(&l->image, head[i]);
	for (uint32_t o = first, i = 0; o - first < count; o++) {
		bytes_be32(&l->image, e[i].ordinal == o ? e[i].ga - l->base : 0);
		i += e[i].ordinal == o;
	}
}

/* The PE's own directory, little-endian: functions, names, ordinals of the names. */
static void directory_put(struct layout *l)
{
	struct make_export e[EXPORTS_MAX];
	unsigned n = exports_of(l->elf, e), named = 0;
	uint32_t first = n ? e[0].ordinal : DLL_ORDINAL, count = n ? e[n - 1].ordinal - first + 1 : 0;
	for (unsigned i = 0; i < n; i++)
		named += e[i].name[0] != 0;
	uint32_t at = (uint32_t)l->image.size, tables = at + 40, strings = tables + count * 4 + named * 6;
	const uint32_t head[] = { 0, 0, 0, strings, first, count, named, tables, tables + count * 4, tables + count * 4 + named * 4 };
	for (unsigned i = 0; i < ARRAY_LEN(head); i++)
		bytes_le32(&l->image, head[i]);
	for (uint32_t o = first, i = 0; o - first < count; o++) {
		bytes_le32(&l->image, e[i].ordinal == o ? e[i].ga - l->base : 0);
		i += e[i].ordinal == o;
	}
	qsort(e, n, sizeof *e, name_order); /* those without one come first */
	for (unsigned i = n - named, next = strings + 6; i < n; next += (unsigned)strlen(e[i++].name) + 1)
		bytes_le32(&l->image, next);
	for (unsigned i = n - named; i < n; i++)
		bytes_le16(&l->image, e[i].ordinal - first);
	bytes_add(&l->image, "title", 6);
	for (unsigned i = n - named; i < n; i++)
		bytes_add(&l->image, e[i].name, strlen(e[i].name) + 1);
	l->directory_bytes = (uint32_t)l->image.size - at;
}

/* ---- the PE header ------------------------------------------------------------------------------------------------------------ */

static void le32_at(struct layout *l, size_t at, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		l->image.b[at + i] = (uint8_t)(v >> (8 * i));
}

static void section_put(struct layout *l, const char *name, uint32_t ga, uint32_t bytes, uint32_t flags)
{
	unsigned n = l->image.b[PE_AT + 6];
	size_t at = PE_AT + 24 + OPTIONAL_BYTES + n * 40u;
	if (n == SECTIONS_MAX)
		return;
	memcpy(l->image.b + at, name, strlen(name));
	/* As mapped: virtual size and address, raw size and place are the same. */
	const uint32_t words[] = { bytes, ga - l->base, bytes, ga - l->base };
	for (unsigned i = 0; i < ARRAY_LEN(words); i++)
		le32_at(l, at + 8 + i * 4, words[i]);
	le32_at(l, at + 36, flags);
	l->image.b[PE_AT + 6]++;
}

static unsigned kind_of(const struct image_segment *s)
{
	if (s->protect & MEM_PROT_X)
		return PAGES_CODE;
	return s->protect & MEM_PROT_W ? PAGES_DATA : PAGES_CONST;
}

static void sections_put(struct layout *l)
{
	static const char *const name[] = { [PAGES_CODE] = ".text", [PAGES_DATA] = ".data", [PAGES_CONST] = ".rdata" };
	static const uint32_t flags[] = { [PAGES_CODE] = 0x60000020, [PAGES_DATA] = 0xC0000040, [PAGES_CONST] = 0x40000040 };
	section_put(l, ".pdata", l->pdata_ga, l->pdata_bytes, flags[PAGES_CONST]);
	for (unsigned i = 0; i < l->elf->segments; i++) {
		const struct image_segment *s = &l->elf->segment[i];
		section_put(l, name[kind_of(s)], s->ga, s->size, flags[kind_of(s)]);
	}
}

static void pe_put(struct layout *l)
{
	uint8_t *b = l->image.b;
	static const uint8_t dos[] = { 'M', 'Z' }, nt[] = { 'P', 'E', 0, 0 };
	memcpy(b, dos, sizeof dos);
	le32_at(l, 0x3C, PE_AT);
	memcpy(b + PE_AT, nt, sizeof nt);
	b[PE_AT + 4] = MACHINE_POWERPC_BE & 0xff;
	b[PE_AT + 5] = MACHINE_POWERPC_BE >> 8;
	b[PE_AT + 20] = OPTIONAL_BYTES;
	b[PE_AT + 22] = 0x02; /* executable, 32-bit */
	b[PE_AT + 23] = has(l, MAKE_WITH(DLL)) ? 0x21 : 0x01;
	size_t o = PE_AT + 24;
	b[o] = 0x0B; /* PE32 */
	b[o + 1] = 0x01;
	le32_at(l, o + 16, l->elf->entry - l->base);
	le32_at(l, o + 28, l->base);
	le32_at(l, o + 32, l->page);
	le32_at(l, o + 36, l->page);
	le32_at(l, o + 56, l->size);
	le32_at(l, o + 60, PE_BYTES);
	b[o + 68] = SUBSYSTEM_XBOX;
	le32_at(l, o + 72, l->elf->stack_size);
	le32_at(l, o + 92, 16); /* directories */
	if (l->directory_ga) {
		le32_at(l, o + 96, l->directory_ga - l->base);
		le32_at(l, o + 100, l->directory_bytes);
	}
	le32_at(l, o + 96 + 3 * 8, l->pdata_ga - l->base);
	le32_at(l, o + 100 + 3 * 8, l->pdata_bytes);
	const struct image_symbol *tls = image_symbol_find(l->elf, "_tls_used"); /* so Microsoft's linker finds it too */
	if (tls) {
		le32_at(l, o + 96 + DIRECTORY_TLS * 8, tls->ga - l->base);
		le32_at(l, o + 100 + DIRECTORY_TLS * 8, TLS_BYTES);
	}
	sections_put(l);
}

/* ---- all of it ------------------------------------------------------------------------------------------------------------------ */

/* What comes next is at this address, once the base is known. */
static uint32_t here(struct layout *l)
{
	bytes_align(&l->image, 16);
	return l->base + (uint32_t)l->image.size;
}

static void front_put(struct layout *l)
{
	l->image.size = 0;
	bytes_more(&l->image, PE_BYTES);
	l->pdata_ga = here(l);
	pdata_put(l);
	l->pdata_bytes = l->base + (uint32_t)l->image.size - l->pdata_ga;
	if (has(l, MAKE_WITH(EXPORTS))) {
		l->exports_ga = here(l);
		exports_put(l);
		l->directory_ga = here(l);
		directory_put(l);
	}
	if (has(l, MAKE_WITH(RESOURCES))) {
		l->resource_ga = here(l);
		bytes_add(&l->image, "XDBF resource of a test title, not a real one", 45);
		l->resource_bytes = l->base + (uint32_t)l->image.size - l->resource_ga;
	}
	if (has(l, MAKE_WITH(TLS))) {
		l->tls_ga = here(l);
		for (unsigned i = 0; i < 8; i++)
			bytes_be32(&l->image, 0x11111111 * (i + 1));
		l->tls_bytes = 32;
	}
}

static enum status pages_mark(struct layout *l)
{
	l->page_kind = xcalloc(l->size / l->page, 1);
	for (unsigned i = 0; i < l->elf->segments; i++) {
		const struct image_segment *s = &l->elf->segment[i];
		uint8_t kind = (uint8_t)kind_of(s);
		uint32_t end = (s->ga - l->base + s->size - 1) / l->page;
		for (uint32_t p = (s->ga - l->base) / l->page; p <= end; p++) {
			if (l->page_kind[p] && l->page_kind[p] != kind)
				return err_set(l->err, ST_UNSUPPORTED,
					"%s: the page of %u KiB at %08x would need two protections", l->elf->name, l->page >> 10,
					l->base + p * l->page);
			l->page_kind[p] = kind;
		}
	}
	for (uint32_t p = 0; p < l->size / l->page; p++)
		l->page_kind[p] = l->page_kind[p] ? l->page_kind[p] : PAGES_CONST;
	return ST_OK;
}

enum status layout_make(struct layout *l)
{
	const struct image *elf = l->elf;
	l->page = l->spec->small_pages ? XEX_SMALL_PAGE : XEX_LARGE_PAGE;
	front_put(l); /* how long is it? */
	uint32_t front = ((uint32_t)l->image.size + XEX_LARGE_PAGE - 1) & ~(XEX_LARGE_PAGE - 1),
		 text = elf->base & ~(XEX_LARGE_PAGE - 1);
	if (text < 0x80000000u + front)
		return err_set(l->err, ST_UNSUPPORTED, "%s: no room for the PE header below %08x", elf->name, elf->base);
	l->base = text - front;
	l->size = (elf->base + elf->size - l->base + l->page - 1) & ~(l->page - 1);
	front_put(l);
	bytes_more(&l->image, l->size - l->image.size);
	for (unsigned i = 0; i < elf->segments; i++) {
		const struct image_segment *s = &elf->segment[i];
		if (s->file_size)
			memcpy(l->image.b + (s->ga - l->base), s->bytes, s->file_size);
	}
	pe_put(l);
	return pages_mark(l);
}

void layout_free(struct layout *l)
{
	bytes_free(&l->image);
	free(l->page_kind);
}
