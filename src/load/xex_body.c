/* src/load/xex_body.c - the bytes of a XEX2 image, out of the file: decrypted; as they stand, in blocks with zeros in between, or compressed (LZX).
 * Source: facts, struct layouts, XEX2_FILE_FORMAT_INFO, XEX2_BASIC_BLOCK, XEX2_NORMAL_*; kernel semantics, "XEX loading facts". */
#include "config.h"

#include <stdlib.h>

#include "src/load/xex_crypto.h"
#include "src/load/xex_priv.h"

#define INFO_BYTES 8u   /* FILE_FORMAT_INFO before what belongs to the compression */
#define BASIC_BYTES 8u  /* a block: so many bytes of data, so many zeros */
#define CHAIN_BYTES 28u /* window, first block's size and hash */
#define LINK_BYTES 24u  /* at the begin of a block: the next one's size and hash */
#define DATA "image data"

/* ---- the form -------------------------------------------------------------------------------------------------------- */

enum status xex_read_format(const struct load *l, struct xex_format *f)
{
	const struct xex *x = l->img->xex;
	const struct xex_header *info = xex_header_find(x, XEX_KEY_FILE_FORMAT_INFO);
	const uint8_t *b = info ? x->header + info->offset : NULL;
	*f = (struct xex_format){ .at = info ? info->offset + INFO_BYTES : 0 };
	if (!info)
		return ST_OK;
	if (info->size < INFO_BYTES)
		return load_bad(
			l, info->offset, "FILE_FORMAT_INFO", "0x%x bytes, should be 0x%x or more", info->size, INFO_BYTES);
	uint32_t encryption = load_be16(b + 4), compression = load_be16(b + 6);
	if (encryption > XEX_AES)
		return load_bad(l, info->offset + 4, "FILE_FORMAT_INFO encryption_type", "%u, should be 0 (none) or 1 (AES-128)",
			encryption);
	if (compression > XEX_DELTA)
		return load_bad(l, info->offset + 6, "FILE_FORMAT_INFO compression_type",
			"%u, should be 0 (none), 1 (basic), 2 (LZX) or 3 (delta)", compression);
	f->encryption = encryption;
	f->compression = compression;
	f->blocks = (info->size - INFO_BYTES) / BASIC_BYTES;
	if (compression < XEX_LZX)
		return ST_OK;
	if (info->size < INFO_BYTES + CHAIN_BYTES)
		return load_bad(l, info->offset, "FILE_FORMAT_INFO", "0x%x bytes, should be 0x%x or more", info->size,
			INFO_BYTES + CHAIN_BYTES);
	f->window = load_be32(b + 8);
	f->first = (struct xex_link){ load_be32(b + 12), b + 16 };
	if (!lzx_window_is_good(f->window))
		return load_bad(l, f->at, "FILE_FORMAT_INFO window_size", "0x%x, should be a power of two from 0x%x to 0x%x",
			f->window, LZX_WINDOW_MIN, LZX_WINDOW_MAX);
	return ST_OK;
}

/* ---- blocks that are chained ------------------------------------------------------------------------------------------- */

bool xex_link_holds(const struct xex_link *link, const uint8_t *b, size_t left)
{
	return link->size >= LINK_BYTES && link->size <= left && xex_sha1_is(link->hash, b, link->size);
}

enum status xex_chain_next(const struct load *l, const struct xex_body *body, size_t *at, struct xex_link *link,
	const uint8_t **data, uint32_t *size)
{
	size_t offset = body->offset + *at;
	const uint8_t *b = body->bytes + *at;
	if (link->size < LINK_BYTES || link->size > body->size - *at)
		return load_bad(l, offset, DATA, "a block of 0x%x bytes, should be 0x%x to 0x%zx (the end of the file)",
			link->size, LINK_BYTES, body->size - *at);
	if (!xex_link_holds(link, b, body->size - *at))
		return load_bad(
			l, offset, DATA, "the block of 0x%x bytes has another SHA-1 than the one before it says", link->size);
	*data = b + LINK_BYTES;
	*size = link->size - LINK_BYTES;
	*at += link->size;
	*link = (struct xex_link){ load_be32(b), b + 4 };
	return ST_OK;
}

/* ---- the body --------------------------------------------------------------------------------------------------------- */

/* Does the body, decrypted with @key, look like one? Its first block has its hash, or it begins as linked files do. */
static bool key_fits(const struct xex_format *f, const struct xex_body *body)
{
	if (f->compression >= XEX_LZX)
		return !f->first.size || xex_link_holds(&f->first, body->bytes, body->size);
	return body->size >= 2 && !memcmp(body->bytes, "MZ", 2);
}

enum status xex_open_body(struct load *l, const struct xex_format *f, const uint8_t *const keys[], struct xex_body *body)
{
	const struct image *img = l->img;
	const uint8_t *wrapped = img->xex->header + img->xex->security_offset + XEX_KEY_AT;
	uint32_t header_size = load_be32(img->file + 8);
	uint8_t key[XEX_KEY_BYTES];
	*body = (struct xex_body){ img->file + header_size, img->file_size - header_size, header_size, NULL, NULL };
	if (f->encryption == XEX_PLAIN)
		return ST_OK;
	const uint8_t *cipher = body->bytes;
	body->size &= ~(size_t)(XEX_KEY_BYTES - 1);
	body->bytes = body->plain = xmalloc(body->size);
	for (unsigned i = 0; keys[i]; i++) {
		xex_key_decrypt(keys[i], wrapped, key);
		xex_body_decrypt(key, cipher, body->size, body->plain);
		body->key = keys[i];
		if (key_fits(f, body))
			return ST_OK;
	}
	xex_close_body(body);
	return load_bad(l, img->xex->security_offset + XEX_KEY_AT, "security aes_key",
		"it does not decrypt with %s all-zero key of development kits (%s): --xex-key FILE gives the right key",
		keys[0] && keys[1] ? "the key given, nor with the" : "the",
		f->compression >= XEX_LZX ? "the first block has another SHA-1" : "the image does not begin with MZ");
}

void xex_close_body(struct xex_body *body)
{
	free(body->plain);
	body->plain = NULL;
}

/* ---- each compression --------------------------------------------------------------------------------------------------- */

/* As it stands in the file. */
static enum status take_plain(struct load *l, const struct xex_body *body)
{
	struct image *img = l->img;
	if (body->size < img->size)
		return load_bad(l, body->offset, DATA, "0x%zx bytes up to the end of the file, the image has 0x%x", body->size,
			img->size);
	memcpy(img->xex->memory, body->bytes, img->size);
	return ST_OK;
}

static enum status take_basic(struct load *l, const struct xex_format *f, const struct xex_body *body)
{
	struct image *img = l->img;
	const uint8_t *b = img->xex->header + f->at;
	size_t from = 0, to = 0;
	for (uint32_t i = 0; i < f->blocks; i++, b += BASIC_BYTES) {
		uint32_t data = load_be32(b), zeros = load_be32(b + 4);
		size_t at = f->at + (size_t)i * BASIC_BYTES, left = body->size - from, room = img->size - to;
		if (data > left)
			return load_bad(l, at, "FILE_FORMAT_INFO data_size", "block %u has 0x%x bytes, the file only 0x%zx more",
				i, data, left);
		if (data > room)
			return load_bad(l, at, "FILE_FORMAT_INFO data_size", "block %u has 0x%x bytes, the image room for 0x%zx",
				i, data, room);
		if (zeros > room - data)
			return load_bad(l, at + 4, "FILE_FORMAT_INFO zero_size",
				"block %u has 0x%x zeros, the image room for 0x%zx", i, zeros, room - data);
		memcpy(img->xex->memory + to, body->bytes + from, data);
		from += data;
		to += (size_t)data + zeros;
	}
	return ST_OK;
}

/* The pieces of a block, each with its size before it, up to one of size 0: all of them together are one stream. */
static enum status add_pieces(
	const struct load *l, const struct xex_body *body, const uint8_t *b, uint32_t size, uint8_t *stream, size_t *n)
{
	while (size >= 2 && load_be16(b)) {
		uint32_t piece = load_be16(b);
		if (piece > size - 2)
			return load_bad(l, body->offset + (size_t)(b - body->bytes), DATA,
				"a piece of 0x%x bytes, the block has 0x%x more", piece, size - 2);
		memcpy(stream + *n, b + 2, piece);
		*n += piece;
		b += 2 + piece;
		size -= 2 + piece;
	}
	return ST_OK;
}

static enum status take_lzx(struct load *l, const struct xex_format *f, const struct xex_body *body)
{
	struct image *img = l->img;
	struct xex_link link = f->first;
	uint8_t *stream = xmalloc(body->size);
	const uint8_t *data;
	size_t at = 0, n = 0;
	uint32_t size;
	enum status st = ST_OK;
	while (st == ST_OK && link.size) {
		st = xex_chain_next(l, body, &at, &link, &data, &size);
		if (st == ST_OK)
			st = add_pieces(l, body, data, size, stream, &n);
	}
	const char *wrong = NULL;
	if (st == ST_OK)
		wrong = lzx_decompress(stream, n, f->window, (struct lzx_reference){ 0 }, img->xex->memory, img->size);
	free(stream);
	return wrong ? load_bad(l, body->offset, DATA, "%s", wrong) : st;
}

void xex_memory_new(struct image *img)
{
	free(img->xex->memory);
	img->xex->memory = xcalloc(1, img->size);
	xex_segments_point(img);
}

void xex_segments_point(struct image *img)
{
	for (unsigned i = 0; i < img->segments; i++) {
		img->segment[i].file_size = img->segment[i].size;
		img->segment[i].bytes = img->xex->memory + (img->segment[i].ga - img->base);
	}
}

void xex_candidate_keys(const struct xex_options *o, const uint8_t *keys[XEX_KEYS_MAX])
{
	static const uint8_t zero[XEX_KEY_BYTES];
	unsigned n = 0;
	if (o && o->key && memcmp(o->key, zero, sizeof zero) != 0)
		keys[n++] = o->key;
	keys[n++] = zero;
	keys[n] = NULL;
}

enum status xex_read_body(struct load *l, const struct xex_options *o)
{
	struct xex *x = l->img->xex;
	const uint8_t *keys[XEX_KEYS_MAX];
	struct xex_format f;
	struct xex_body body;
	enum status st = xex_read_format(l, &f);
	if (st == ST_OK && f.compression == XEX_DELTA)
		st = load_bad(l, f.at - 2, "FILE_FORMAT_INFO compression_type", "3 (delta), but this is not a patch");
	xex_candidate_keys(o, keys);
	if (st == ST_OK)
		st = xex_open_body(l, &f, keys, &body);
	if (st != ST_OK)
		return st;
	x->encryption = f.encryption;
	x->compression = f.compression;
	x->built_in_key = body.key && body.key != (o ? o->key : NULL);
	xex_memory_new(l->img);
	if (f.compression == XEX_LZX)
		st = take_lzx(l, &f, &body);
	else
		st = f.compression == XEX_BASIC ? take_basic(l, &f, &body) : take_plain(l, &body);
	xex_close_body(&body);
	return st;
}
