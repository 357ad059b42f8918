/* src/load/xex_security.c - the security info of a XEX2 image: where it lies, how large it is, what its pages allow. */
#include "config.h"

#include "src/load/xex_priv.h"
#include "src/mem/mem.h"

#define OFFSET_AT 0x10u    /* in the fixed header */
#define SMALL_PAGES 0x10000000u /* image_flags: 4 KiB, not 64 KiB */
#define NO_WRITE 1u             /* low bits of a page descriptor */
#define NO_EXECUTE 2u

static unsigned protection(uint32_t descriptor)
{
	return MEM_PROT_R | (descriptor & NO_WRITE ? 0 : MEM_PROT_W) | (descriptor & NO_EXECUTE ? 0 : MEM_PROT_X);
}

/* One segment for each run of pages with one protection. Their hashes: xex_hash.c. */
static enum status read_pages(struct load *l, uint32_t at, uint32_t count)
{
	struct image *img = l->img;
	uint32_t page = img->xex->page_bytes;
	uint64_t end = 0;
	img->segment = xcalloc(count, sizeof *img->segment);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t value = load_be32(img->xex->header + at + (size_t)i * XEX_DESCRIPTOR_BYTES);
		uint64_t bytes = (uint64_t)(value >> XEX_PAGES_SHIFT) * page;
		if (bytes > img->size - end)
			return load_bad(l, at + (size_t)i * XEX_DESCRIPTOR_BYTES, "page descriptor",
				"%u pages of 0x%x bytes at 0x%llx go past the end of the image (0x%x bytes)",
				value >> XEX_PAGES_SHIFT, page, (unsigned long long)end, img->size);
		INVARIANT(img->segment);
		struct image_segment *last = img->segments ? &img->segment[img->segments - 1] : NULL;
		if (bytes && last && last->protect == protection(value))
			last->size += (uint32_t)bytes;
		else if (bytes)
			img->segment[img->segments++] =
				(struct image_segment){ img->base + (uint32_t)end, (uint32_t)bytes, protection(value), 0, NULL };
		end += bytes;
	}
	if (end != img->size)
		return load_bad(l, at, "page descriptor", "all pages together have 0x%llx bytes, the image 0x%x",
			(unsigned long long)end, img->size);
	return ST_OK;
}

static enum status check_base(const struct load *l, size_t at, const char *field)
{
	const struct image *img = l->img;
	if (img->base < IMAGE_LOW || img->base >= XEX_IMAGE_HIGH ||
		img->size > (img->base < IMAGE_HIGH ? IMAGE_HIGH : XEX_IMAGE_HIGH) - img->base)
		return load_bad(l, at, field, "the image %08x-%08llx lies outside of 80000000-8fffffff and 90000000-9fffffff",
			img->base, (unsigned long long)img->base + img->size - 1);
	if (img->base % img->xex->page_bytes)
		return load_bad(l, at, field, "%08x is not the address of a page of 0x%x bytes", img->base, img->xex->page_bytes);
	return ST_OK;
}

enum status xex_find_security(struct load *l)
{
	struct xex *x = l->img->xex;
	uint32_t at = load_be32(x->header + OFFSET_AT);
	if (at > x->header_size || x->header_size - at < XEX_SECURITY_BYTES)
		return load_bad(l, OFFSET_AT, "security_offset", "0x%x bytes at 0x%x go past the end of the headers (0x%x bytes)",
			XEX_SECURITY_BYTES, at, x->header_size);
	x->security_offset = at;
	return ST_OK;
}

enum status xex_read_security(struct load *l)
{
	struct image *img = l->img;
	struct xex *x = img->xex;
	enum status st = xex_find_security(l);
	if (st != ST_OK)
		return st;
	uint32_t at = x->security_offset;
	const uint8_t *b = x->header + at;
	uint32_t count = load_be32(b + 0x180);
	x->image_flags = load_be32(b + 0x10C);
	x->load_address = load_be32(b + 0x110);
	x->region = load_be32(b + 0x178);
	x->media_types = load_be32(b + 0x17C);
	x->page_bytes = x->image_flags & SMALL_PAGES ? 0x1000 : 0x10000;
	x->descriptors = count;
	img->size = load_be32(b + 4);
	if (!img->size || img->size > IMAGE_BYTES_MAX)
		return load_bad(l, at + 4, "security image_size", "0x%x, should be 1 to 0x%x", img->size, IMAGE_BYTES_MAX);
	if (count > (x->header_size - at - XEX_SECURITY_BYTES) / XEX_DESCRIPTOR_BYTES)
		return load_bad(l, at + 0x180, "security page_descriptor_count",
			"%u descriptors go past the end of the headers (0x%x bytes)", count, x->header_size);
	const struct xex_header *base = xex_header_find(x, XEX_KEY_IMAGE_BASE_ADDRESS);
	img->base = base ? base->value : x->load_address;
	st = check_base(l, base ? base->offset : at + 0x110, base ? "IMAGE_BASE_ADDRESS" : "security load_address");
	return st == ST_OK ? read_pages(l, at + XEX_SECURITY_BYTES, count) : st;
}
