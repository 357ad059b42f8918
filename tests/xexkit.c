/* tests/xexkit.c - see xexkit.h */
#include "config.h"

#include "tests/xexkit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT_AT 0x14u
#define TABLE_AT 0x18u

void xk_put16(uint8_t *b, uint32_t v)
{
	store_be16(b, (uint16_t)v);
}

void xk_put32(uint8_t *b, uint32_t v)
{
	store_be32(b, v);
}

uint32_t xk_value(struct xk *x, uint32_t key, uint32_t value)
{
	uint32_t count = load_be32(x->head + COUNT_AT), at = TABLE_AT + count * 8;
	assert_true(at + 8 <= XK_SECURITY);
	xk_put32(x->head + at, key);
	xk_put32(x->head + at + 4, value);
	xk_put32(x->head + COUNT_AT, count + 1);
	return at + 4;
}

uint32_t xk_block(struct xk *x, uint32_t key, const void *bytes, uint32_t size)
{
	uint32_t at = x->block_at;
	assert_true(at + size <= XK_HEADERS);
	memcpy(x->head + at, bytes, size);
	x->block_at += (size + 3) & ~3u;
	xk_value(x, key, at);
	return at;
}

uint32_t xk_words(struct xk *x, uint32_t key, const uint32_t *word, unsigned n)
{
	uint8_t bytes[0x400];
	assert_true(n * 4 <= sizeof bytes);
	for (unsigned i = 0; i < n; i++)
		xk_put32(bytes + (size_t)i * 4, word[i]);
	return xk_block(x, key, bytes, n * 4);
}

uint32_t xk_find(const struct xk *x, uint32_t key)
{
	for (uint32_t i = 0, at = TABLE_AT; i < load_be32(x->head + COUNT_AT); i++, at += 8)
		if (load_be32(x->head + at) == key)
			return (key & 0xff) <= 1 ? at + 4 : load_be32(x->head + at + 4);
	fail_msg("no optional header %08x", key);
	return 0;
}

static void put_words(uint8_t *b, const uint32_t *word, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		xk_put32(b + (size_t)i * 4, word[i]);
}
#define PUT(b, ...) put_words(b, (const uint32_t[]){ __VA_ARGS__ }, sizeof((const uint32_t[]){ __VA_ARGS__ }) / 4)

static void little(uint8_t *b, uint32_t v, unsigned size)
{
	for (unsigned i = 0; i < size; i++)
		b[i] = (uint8_t)(v >> i * 8);
}

static void section(uint8_t *b, const char *name, uint32_t rva, uint32_t size, uint32_t flags)
{
	for (unsigned i = 0; name[i]; i++)
		b[i] = (uint8_t)name[i];
	little(b + 8, size, 4);
	little(b + 12, rva, 4);
	little(b + 36, flags, 4);
}

static void put_pe(struct xk *x)
{
	uint8_t *b = x->image + 0x80;
	memcpy(x->image, "MZ", 2);
	little(x->image + 0x3C, 0x80, 4);
	memcpy(b, "PE\0", 4);
	little(b + 4, 0x1F2, 2);
	little(b + 6, 3, 2);
	little(b + 20, 0xE0, 2);
	b += 24 + 0xE0;
	section(b, ".pdata", XK_PDATA, 0x20, 0x40000040);
	section(b + 40, ".text", XK_CODE, 0x2000, 0x60000020);
	section(b + 80, ".data", XK_DATA, 0x2000, 0xC0000040);
	PUT(x->image + XK_PDATA, XK_BASE + XK_CODE + 0x40, 0x40000804 | 0x80000000, XK_BASE + XK_CODE, 0x40001002, 0, 0);
}

static void put_code(struct xk *x)
{
	for (uint32_t at = XK_CODE; at < XK_DATA; at += 4)
		xk_put32(x->image + at, 0x48000000); /* b . */
	PUT(x->image + XK_THUNK, 0x0100003D, 0x0200003D, 0x7D6903A6, 0x4E800420);
	PUT(x->image + XK_XAM_THUNK, 0x01010002, 0x02010002, 0x7D6903A6, 0x4E800420);
	PUT(x->image + XK_SLOT, 0x0000003D, 0x00000193, 0x00010002);
	for (uint32_t at = XK_DATA + 0x100; at < XK_IMAGE; at++)
		x->image[at] = (uint8_t)(at * 7 + (at >> 8));
}

static void put_imports(struct xk *x)
{
	uint8_t b[0x100] = { 0 };
	xk_put32(b + 4, 0x18);
	xk_put32(b + 8, 2);
	memcpy(b + 12, "xam.xex", 8);
	memcpy(b + 20, "xboxkrnl.exe", 13);
	uint8_t *lib = b + 12 + 0x18;
	PUT(lib, 0x28 + 12, 0, 0, 0, 0, 0, 0x11111111, 0x20076000, 0x20071C00, 0x00010003, XK_BASE + XK_SLOT, XK_BASE + XK_THUNK,
		XK_BASE + XK_VARIABLE);
	lib += 0x28 + 12;
	PUT(lib, 0x28 + 8, 0, 0, 0, 0, 0, 0x22222222, 0x20076000, 0x20071C00, 0x00000002, XK_BASE + XK_XAM_SLOT,
		XK_BASE + XK_XAM_THUNK);
	lib += 0x28 + 8;
	xk_put32(b, (uint32_t)(lib - b));
	xk_block(x, XEX_KEY_IMPORT_LIBRARIES, b, (uint32_t)(lib - b));
}

static void put_security(struct xk *x)
{
	uint8_t *s = x->head + XK_SECURITY;
	xk_put32(s + 4, XK_IMAGE);
	xk_put32(s + 0x108, 0x174);
	xk_put32(s + 0x10C, 0x10000000); /* pages of 4 KiB */
	xk_put32(s + 0x110, XK_BASE);
	xk_put32(s + 0x178, UINT32_MAX);
	xk_put32(s + 0x180, 3);
	xk_put32(s + 0x184, 1 << 4 | 3);
	xk_put32(s + 0x184 + 24, 2 << 4 | 1);
	xk_put32(s + 0x184 + 48, 2 << 4 | 2);
}

struct xk *xk_new(void)
{
	struct xk *x = xcalloc(1, sizeof *x);
	memcpy(x->head, "XEX2", 4);
	PUT(x->head + 4, XEX_FLAG_TITLE, XK_HEADERS, 0, XK_SECURITY);
	x->block_at = XK_BLOCKS;
	put_security(x);
	xk_value(x, XEX_KEY_ENTRY_POINT, XK_BASE + XK_CODE);
	xk_value(x, XEX_KEY_IMAGE_BASE_ADDRESS, XK_BASE);
	put_pe(x);
	put_code(x);
	put_imports(x);
	xk_body(x, x->image, sizeof x->image);
	return x;
}

void xk_free(struct xk *x)
{
	free(x);
}

void xk_body(struct xk *x, const void *bytes, size_t size)
{
	assert_true(size <= sizeof x->body);
	memmove(x->body, bytes, size);
	x->body_size = size;
}

void xk_finish(struct xk *x)
{
	memcpy(x->file, x->head, XK_HEADERS);
	memcpy(x->file + XK_HEADERS, x->body, x->body_size);
	x->size = XK_HEADERS + x->body_size;
}

struct image *xk_open(struct xk *x, const struct xex_options *o)
{
	struct image *img = NULL;
	struct err err = { 0 };
	xk_finish(x);
	if (xex_open(x->file, x->size, o, "made.xex", &img, &err) != ST_OK)
		fail_msg("%s", err.text);
	xk_check(img);
	return img;
}

void xk_refuse(struct xk *x, const struct xex_options *o, const char *want)
{
	struct image *img = NULL;
	struct err err = { 0 };
	xk_finish(x);
	enum status st = xex_open(x->file, x->size, o, "made.xex", &img, &err);
	if (st == ST_OK)
		fail_msg("taken, but should say \"%s\"", want);
	assert_int_equal(st, ST_BAD_IMAGE);
	assert_null(img);
	if (strncmp(err.text, "made.xex: offset 0x", 19) != 0 || strchr(err.text, '\n') || !strstr(err.text, want))
		fail_msg("\"%s\" should be one line with an offset, and say \"%s\"", err.text, want);
}

void xk_check(const struct image *img)
{
	uint64_t end = img->base;
	for (unsigned i = 0; i < img->segments; i++) {
		const struct image_segment *s = &img->segment[i];
		assert_true(s->ga == end && s->size && !(s->ga & 0xfff) && !(s->size & 0xfff) && s->file_size == s->size);
		end = (uint64_t)s->ga + s->size;
	}
	assert_true(img->base >= 0x80000000u && end <= 0xA0000000u && end == img->base + (uint64_t)img->size &&
		    img->size <= IMAGE_BYTES_MAX);
	for (unsigned i = 0; i < img->imports; i++)
		assert_true(img->import[i].ga - img->base <= img->size - (img->import[i].type ? 16 : 4));
	for (unsigned i = 0; i < img->functions; i++)
		assert_true(
			img->function[i].ga - img->base < img->size && (!i || img->function[i - 1].ga <= img->function[i].ga));
}
