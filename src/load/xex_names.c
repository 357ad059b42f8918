/* src/load/xex_names.c - symbols of what a library exports: for people. Source: Microsoft's PE and COFF specification; which of its addresses
 * count from where is said in kernel/module.c. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "src/load/symbols.h"
#include "src/load/xex_priv.h"

#define DIRECTORY_BYTES 40u
#define NAMES_MAX 0x10000u

static uint32_t le32(const uint8_t *b)
{
	return (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 | b[0];
}

struct tables {
	const struct load *l;
	uint32_t zero, functions, names;
	uint32_t function, name, ordinal; /* ga */
};

static bool open_tables(const struct load *l, struct tables *t)
{
	const struct xex_header *h = xex_header_find(l->img->xex, XEX_KEY_EXPORTS_BY_NAME);
	uint32_t rva = h && h->size >= 4 ? load_be32(l->img->xex->header + h->offset) : 0;
	const uint8_t *d = rva && rva < l->img->size ? xex_at(l, l->img->base + rva, DIRECTORY_BYTES) : NULL;
	if (!d)
		return false;
	*t = (struct tables){ .l = l, .zero = l->img->base + (le32(d + 0x1C) < rva ? rva : 0) };
	t->functions = le32(d + 0x14);
	t->names = le32(d + 0x18);
	t->function = t->zero + le32(d + 0x1C);
	t->name = t->zero + le32(d + 0x20);
	t->ordinal = t->zero + le32(d + 0x24);
	return t->names <= NAMES_MAX;
}

/* The name of row @i, NULL = it lies elsewhere, or is not plain. */
static const char *name_at(const struct tables *t, uint32_t i)
{
	const uint8_t *at = xex_at(t->l, t->name + i * 4, 4);
	uint32_t ga = at ? t->zero + le32(at) : 0;
	for (uint32_t n = 0; n < SYMBOL_NAME_MAX; n++) {
		const uint8_t *c = xex_at(t->l, ga + n, 1);
		if (!c || (*c && (*c <= ' ' || *c > '~')))
			return NULL;
		if (!*c)
			return n ? (const char *)xex_at(t->l, ga, 1) : NULL;
	}
	return NULL;
}

static uint32_t function_at(const struct tables *t, uint32_t i)
{
	const uint8_t *o = xex_at(t->l, t->ordinal + i * 2, 2);
	uint32_t index = o ? (uint32_t)o[1] << 8 | o[0] : UINT32_MAX;
	const uint8_t *f = index < t->functions ? xex_at(t->l, t->function + index * 4, 4) : NULL;
	return f && xex_at(t->l, t->l->img->base + le32(f), 4) ? t->l->img->base + le32(f) : 0;
}

static void add(struct image *img, uint32_t ga, const char *name)
{
	load_add_symbol(
		img, &(struct image_symbol){ .ga = ga, .function = load_is_code(img, ga), .from = SYMBOL_TITLE, .name = name });
}

static bool has_symbol(const struct image *img, unsigned symbols, uint32_t ga)
{
	for (unsigned i = 0; i < symbols; i++)
		if (img->symbol[i].ga == ga)
			return true;
	return false;
}

void image_name_exports(struct image *img)
{
	const struct load l = { img, img->name, NULL };
	struct tables t = { .names = 0 };
	if (!img->xex)
		return;
	if (open_tables(&l, &t))
		for (uint32_t i = 0; i < t.names; i++) {
			const char *name = name_at(&t, i);
			uint32_t ga = name ? function_at(&t, i) : 0;
			if (ga)
				add(img, ga, name);
		}
	unsigned named = img->symbols;
	for (unsigned i = 0; i < img->xex->exports; i++) {
		const struct xex_export *e = &img->xex->export[i];
		char name[64];
		if (has_symbol(img, named, e->ga))
			continue;
		snprintf(name, sizeof name, "%.*s.%u", (int)strcspn(img->name, "."), img->name, e->ordinal);
		add(img, e->ga, load_keep_text(img, xstrdup(name)));
	}
	if (img->entry && !has_symbol(img, img->symbols, img->entry)) {
		char name[64];
		snprintf(name, sizeof name, "%.*s.entry", (int)strcspn(img->name, "."), img->name);
		add(img, img->entry, load_keep_text(img, xstrdup(name)));
	}
	load_sort_symbols(img);
}

void image_map_add(struct image *img, char *text)
{
	map_load(img, text, SYMBOL_TITLE);
	load_sort_symbols(img);
}
