/* src/load/xex_body.c - the bytes of a XEX2 image, out of the file: as they stand, or in blocks with zeros in between. */
#include "config.h"

#include <stdlib.h>

#include "src/load/xex_priv.h"

#define INFO_BYTES 8u /* FILE_FORMAT_INFO before what belongs to the compression */
#define BLOCK_BYTES 8u

/* As it stands in the file. */
static enum status take_plain(struct load *l, const uint8_t *body, size_t size)
{
	struct image *img = l->img;
	if (size < img->size)
		return load_bad(l, img->xex->header_size, "image data",
			"0x%zx bytes up to the end of the file, the image has 0x%x", size, img->size);
	memcpy(img->xex->memory, body, img->size);
	return ST_OK;
}

/* Blocks: so many bytes of data, so many zeros. */
static enum status take_basic(struct load *l, const struct xex_header *info, const uint8_t *body, size_t size)
{
	struct image *img = l->img;
	const uint8_t *b = img->xex->header + info->offset + INFO_BYTES;
	size_t from = 0, to = 0;
	for (uint32_t i = 0; i < (info->size - INFO_BYTES) / BLOCK_BYTES; i++, b += BLOCK_BYTES) {
		uint32_t data = load_be32(b), zeros = load_be32(b + 4);
		size_t at = info->offset + INFO_BYTES + (size_t)i * BLOCK_BYTES;
		if (data > size - from)
			return load_bad(l, at, "FILE_FORMAT_INFO data_size", "block %u has 0x%x bytes, the file only 0x%zx more",
				i, data, size - from);
		if (data > img->size - to)
			return load_bad(l, at, "FILE_FORMAT_INFO data_size", "block %u has 0x%x bytes, the image room for 0x%zx",
				i, data, img->size - to);
		if (zeros > img->size - to - data)
			return load_bad(l, at + 4, "FILE_FORMAT_INFO zero_size",
				"block %u has 0x%x zeros, the image room for 0x%zx", i, zeros, img->size - to - data);
		memcpy(img->xex->memory + to, body + from, data);
		from += data;
		to += (size_t)data + zeros;
	}
	return ST_OK;
}

enum status xex_read_body(struct load *l, const struct xex_options *o)
{
	struct image *img = l->img;
	struct xex *x = img->xex;
	const uint8_t *body = img->file + load_be32(img->file + 8);
	size_t size = img->file_size - load_be32(img->file + 8);
	const struct xex_header *info = xex_header_find(x, XEX_KEY_FILE_FORMAT_INFO);
	(void)o;
	if (info && info->size < INFO_BYTES)
		return load_bad(
			l, info->offset, "FILE_FORMAT_INFO", "0x%x bytes, should be 0x%x or more", info->size, INFO_BYTES);
	uint32_t encryption = info ? load_be16(x->header + info->offset + 4) : XEX_PLAIN;
	uint32_t compression = info ? load_be16(x->header + info->offset + 6) : XEX_UNCOMPRESSED;
	if (encryption > XEX_AES)
		return load_bad(l, info->offset + 4, "FILE_FORMAT_INFO encryption_type", "%u, should be 0 (none) or 1 (AES-128)",
			encryption);
	if (compression > XEX_LZX)
		return load_bad(l, info->offset + 6, "FILE_FORMAT_INFO compression_type",
			"%u, should be 0 (none), 1 (basic) or 2 (LZX)", compression);
	x->encryption = encryption;
	x->compression = compression;
	if (encryption != XEX_PLAIN)
		return load_bad(l, info->offset + 4, "FILE_FORMAT_INFO encryption_type", "AES-128 is not supported yet");
	if (compression == XEX_LZX)
		return load_bad(l, info->offset + 6, "FILE_FORMAT_INFO compression_type", "LZX is not supported yet");
	x->memory = xcalloc(1, img->size);
	for (unsigned i = 0; i < img->segments; i++) {
		img->segment[i].file_size = img->segment[i].size;
		img->segment[i].bytes = x->memory + (img->segment[i].ga - img->base);
	}
	return compression == XEX_BASIC ? take_basic(l, info, body, size) : take_plain(l, body, size);
}
