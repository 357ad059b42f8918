/* src/load/xex_pe.c - the PE headers inside of a XEX2 image (little-endian, as linked): sections, and where .pdata is.
 * Source: Microsoft's PE and COFF specification. */
#include "config.h"

#include "src/load/xex_priv.h"

#define PE_OFFSET_AT 0x3Cu /* e_lfanew in the DOS header */
#define COFF_BYTES 24u     /* signature and COFF header */
#define MACHINE_POWERPC_BE 0x1F2u
#define SECTIONS_MAX 96u
#define SECTION_BYTES 40u
#define PDATA ".pdata"

static uint32_t le16(const uint8_t *b)
{
	return (uint32_t)b[1] << 8 | b[0];
}

static uint32_t le32(const uint8_t *b)
{
	return le16(b + 2) << 16 | le16(b);
}

/* Messages about the image's own bytes name their offset in the image. */
static enum status bad(const struct load *l, uint32_t offset, const char *field, uint32_t value, const char *want)
{
	return load_bad(
		l, l->img->xex->header_size, field, "%08x, in the image: 0x%x, should be %s", l->img->base + offset, value, want);
}

/* Sections may go past the end of the image: what is not needed to run is not kept there. */
static void read_sections(struct load *l, uint32_t at, uint32_t count)
{
	struct image *img = l->img;
	struct xex *x = img->xex;
	x->section = xcalloc(count, sizeof *x->section);
	for (uint32_t i = 0; i < count; i++, at += SECTION_BYTES) {
		const uint8_t *b = x->memory + at;
		struct xex_section *s = &x->section[x->sections];
		uint32_t size = le32(b + 8), rva = le32(b + 12);
		for (unsigned n = 0; n < 8 && b[n]; n++)
			s->name[n] = b[n] >= 0x20 && b[n] < 0x7f ? (char)b[n] : '?';
		s->ga = img->base + rva;
		s->size = size;
		s->flags = le32(b + 36);
		x->sections++;
	}
}

enum status xex_read_pe(struct load *l)
{
	struct image *img = l->img;
	struct xex *x = img->xex;
	const uint8_t *b = x->memory;
	if (img->size < PE_OFFSET_AT + 4 || memcmp(b, "MZ", 2) != 0)
		return ST_OK; /* no PE headers: nothing is known of sections */
	uint32_t at = le32(b + PE_OFFSET_AT);
	if (at > img->size || img->size - at < COFF_BYTES)
		return bad(l, PE_OFFSET_AT, "e_lfanew", at, "within the image");
	if (memcmp(b + at, "PE\0\0", 4) != 0)
		return bad(l, at, "PE signature", le32(b + at), "50 45 00 00");
	if (le16(b + at + 4) != MACHINE_POWERPC_BE)
		return bad(l, at + 4, "PE Machine", le16(b + at + 4), "0x1f2, big-endian PowerPC");
	uint32_t count = le16(b + at + 6), table = at + COFF_BYTES + le16(b + at + 20);
	if (count > SECTIONS_MAX)
		return bad(l, at + 6, "PE NumberOfSections", count, "at most 96");
	if (table > img->size || count * SECTION_BYTES > img->size - table)
		return bad(l, at + 20, "PE SizeOfOptionalHeader", le16(b + at + 20),
			"such that the section headers lie in the image");
	read_sections(l, table, count);
	for (unsigned i = 0; i < x->sections && !img->function; i++)
		if (!strcmp(x->section[i].name, PDATA))
			load_pdata(img, x->section[i].ga, xex_at(l, x->section[i].ga, x->section[i].size), x->section[i].size);
	return ST_OK;
}
