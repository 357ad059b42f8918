/* src/load/xex.c - see xex.h: the order of reading, and the fixed header. */
#include "config.h"

#include "src/load/xex.h"

#include <stdlib.h>

#include "src/load/xex_priv.h"

enum status xex_cut(const struct load *l, size_t offset, size_t size, const char *field)
{
	return load_bad(
		l, offset, field, "0x%zx bytes go past the end of the headers (0x%x bytes)", size, l->img->xex->header_size);
}

const uint8_t *xex_at(const struct load *l, uint32_t ga, uint32_t size)
{
	const struct image *img = l->img;
	if (ga < img->base || ga - img->base > img->size || size > img->size - (ga - img->base))
		return NULL;
	return img->xex->memory + (ga - img->base);
}

const struct xex_header *xex_header_find(const struct xex *x, uint32_t key)
{
	for (unsigned i = 0; i < x->headers; i++)
		if (x->headers_at[i].key == key)
			return &x->headers_at[i];
	return NULL;
}

void xex_free(struct xex *x)
{
	if (!x)
		return;
	free(x->header);
	free(x->headers_at);
	free(x->library);
	free(x->resource);
	free(x->static_library);
	free(x->export);
	free(x->section);
	free(x->memory);
	free(x);
}

enum status xex_read_header(struct load *l)
{
	static const struct {
		unsigned offset;
		const char *field;
	} fields[] = { { 0, "magic" }, { 4, "module_flags" }, { 8, "header_size" }, { 12, "discardable_headers_size" },
		{ 16, "security_offset" }, { 20, "header_count" } };
	const uint8_t *b = l->img->file;
	size_t size = l->img->file_size;
	if (size < 4 || memcmp(b, "XEX2", 4) != 0)
		return load_bad(l, 0, "magic", "not a XEX2 image (58 45 58 32)");
	if (size < XEX_FIXED_BYTES)
		return load_bad(l, size, fields[size / 4].field, "cut off by the end of the file (%zu bytes)", size);
	uint32_t header_size = load_be32(b + 8);
	if (header_size < XEX_FIXED_BYTES || header_size > size)
		return load_bad(l, 8, "header_size", "0x%x, should be 0x%x to the size of the file (0x%zx)", header_size,
			XEX_FIXED_BYTES, size);
	if (header_size > XEX_HEADER_BYTES_MAX)
		return load_bad(
			l, 8, "header_size", "0x%x is more than headers may have (0x%x)", header_size, XEX_HEADER_BYTES_MAX);
	struct xex *x = l->img->xex = xcalloc(1, sizeof *x);
	x->header = xmalloc(header_size);
	x->header_size = header_size;
	memcpy(x->header, b, header_size);
	x->module_flags = load_be32(b + 4);
	return ST_OK;
}

enum status xex_read_again(struct load *l)
{
	struct image *img = l->img;
	free(img->xex->headers_at);
	free(img->segment);
	img->xex->headers_at = NULL;
	img->segment = NULL;
	img->xex->headers = img->segments = 0;
	enum status st = xex_read_optional(l);
	return st == ST_OK ? xex_read_security(l) : st;
}

enum status xex_load(struct load *l, const struct xex_options *o)
{
	enum status (*const parts[])(
		struct load *) = { xex_read_facts, xex_read_pe, xex_read_imports, xex_read_exports, xex_check_places };
	enum status st = xex_read_header(l);
	if (st == ST_OK && (l->img->xex->module_flags & (XEX_FLAG_PATCH | XEX_FLAG_PATCH_FULL | XEX_FLAG_PATCH_DELTA)))
		return load_bad(l, 4, "module_flags", "0x%x: a patch, not a title: --patch FILE beside its title applies it",
			l->img->xex->module_flags);
	if (st == ST_OK)
		st = xex_read_optional(l);
	if (st == ST_OK)
		st = xex_read_security(l);
	if (st == ST_OK)
		st = xex_read_body(l, o);
	if (st == ST_OK && o && o->patch)
		st = xex_apply_patch(l, o);
	for (unsigned i = 0; st == ST_OK && i < ARRAY_LEN(parts); i++)
		st = parts[i](l);
	if (st == ST_OK)
		xex_check_hashes(l);
	return st;
}
