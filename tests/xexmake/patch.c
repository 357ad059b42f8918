/* tests/xexmake/patch.c - delta patches (.xexp): what turns one image, headers and all, into another.
 *
 * Records, applied in their order and in place: old offset, new offset, plain bytes (16 bits), compressed bytes (16 bits), data. No
 * compressed bytes: zeros; 1: a copy from the old offset; else an LZX stream of its own, whose window has the plain bytes at the old offset. */
#include "config.h"

#include "tests/xexmake/make_priv.h"

#define RECORD_BYTES 12u
#define PIECE 0x400u       /* what is compared at a time */
#define RECORD_MAX 0xF000u /* lengths are of 16 bits, and what cannot be compressed grows */
#define BLOCK_MAX 0x8000u  /* a block is full at that */
#define BLOCKS_MAX 4096u
#define DESCRIPTOR_BYTES 0x4Cu
#define COMPRESSION_DELTA 3u
enum { FILL = 0, COPY = 1 };

static void record_head(struct bytes *o, uint32_t from, uint32_t to, size_t plain, size_t compressed)
{
	bytes_be32(o, from);
	bytes_be32(o, to);
	bytes_be16(o, (unsigned)plain);
	bytes_be16(o, (unsigned)compressed);
}

static bool is_zero(const uint8_t *b, size_t n)
{
	return !b[0] && memcmp(b, b + 1, n - 1) == 0;
}

/* Where these bytes stand already, or -1. */
static long long found(const struct bytes *now, const uint8_t *b, size_t n)
{
	for (size_t at = 0; at + n <= now->size; at += 4) {
		if (now->b[at] == b[0] && memcmp(now->b + at, b, n) == 0)
			return (long long)at;
	}
	return -1;
}

/* A record that writes [at, at + n) of @to over @now, as it is by then. */
static void record_put(struct bytes *now, const struct bytes *to, size_t at, size_t n, unsigned window_bits, struct bytes *o)
{
	long long same;
	if (is_zero(to->b + at, n)) {
		record_head(o, (uint32_t)at, (uint32_t)at, n, FILL);
	} else if ((same = found(now, to->b + at, n)) >= 0) {
		record_head(o, (uint32_t)same, (uint32_t)at, n, COPY);
	} else {
		struct bytes both = { 0 };
		struct lzx z;
		size_t reference = n < 1u << window_bits ? n : 1u << window_bits;
		bytes_add(&both, now->b + at + n - reference, reference);
		bytes_add(&both, to->b + at, n);
		lzx_compress(both.b + reference, n, reference, window_bits, LZX_VERBATIM, &z);
		record_head(o, (uint32_t)at, (uint32_t)at, n, z.stream.size);
		bytes_add(o, z.stream.b, z.stream.size);
		lzx_free(&z);
		bytes_free(&both);
	}
	memcpy(now->b + at, to->b + at, n);
}

static size_t piece(const struct bytes *to, size_t at)
{
	return to->size - at < PIECE ? to->size - at : PIECE;
}

static bool differs(const struct bytes *now, const struct bytes *to, size_t at)
{
	return memcmp(now->b + at, to->b + at, piece(to, at)) != 0;
}

/* The next record that is needed, from *@at on: pieces that differ, all of them zeros or none; false: there is none. */
static bool record_next(struct bytes *now, const struct bytes *to, size_t *at, unsigned window_bits, struct bytes *o)
{
	while (*at < to->size && !differs(now, to, *at))
		*at += PIECE;
	if (*at >= to->size)
		return false;
	bool zero = is_zero(to->b + *at, piece(to, *at));
	size_t end = *at;
	do
		end += piece(to, end);
	while (end < to->size && end - *at < RECORD_MAX && differs(now, to, end) && is_zero(to->b + end, piece(to, end)) == zero);
	record_put(now, to, *at, end - *at, window_bits, o);
	*at = end;
	return true;
}

/* ---- the parts of a patch ------------------------------------------------------------------------------------------------- */

static void resize(struct bytes *o, size_t size)
{
	if (size > o->size)
		bytes_more(o, size - o->size);
	o->size = size;
}

/* Blocks of records; @now becomes @to. */
static void body_put(struct bytes *now, const struct bytes *to, unsigned window_bits, struct bytes *body, struct bytes *format)
{
	struct bytes *block = xcalloc(BLOCKS_MAX, sizeof *block);
	unsigned blocks = 0;
	size_t at = 0;
	resize(now, to->size);
	for (bool more = true; more; blocks++) {
		INVARIANT(blocks < BLOCKS_MAX);
		struct bytes *o = &block[blocks];
		bytes_more(o, BLOCK_HEADER);
		while (o->size < BLOCK_MAX && (more = record_next(now, to, &at, window_bits, o)))
			;
		bytes_more(o, RECORD_BYTES); /* ends it */
		bytes_align(o, AES_BLOCK);
	}
	bytes_be32(format, 1u << window_bits);
	blocks_chain(block, blocks, body, format);
	free(block);
}

/* Which image it is for, and the records that make its headers. */
static void descriptor_put(const struct bytes *from, const struct bytes *to, const struct layout *old, const struct layout *new,
	unsigned window_bits, struct bytes *o)
{
	uint32_t security = load_be32(from->b + 0x10), source = old->size < new->size ? old->size : new->size;
	const uint32_t offsets[] = { (uint32_t)to->size, 0, (uint32_t)(from->size < to->size ? from->size : to->size), 0, 0,
		source, 0 };
	struct bytes now = { 0 };
	uint8_t key[16];
	size_t at = 0;
	image_key(key);
	bytes_more(o, 0x30);
	store_be32(o->b + 4, VERSION_TO);
	store_be32(o->b + 8, VERSION_FROM);
	sha1_of(from->b + security + 8, 0x100, NULL, 0, o->b + 0xC);
	key_wrap(key, key, o->b + 0x20); /* old and new image have the same key */
	for (unsigned i = 0; i < ARRAY_LEN(offsets); i++)
		bytes_be32(o, offsets[i]);
	INVARIANT(o->size == DESCRIPTOR_BYTES);
	bytes_add(&now, from->b, from->size);
	resize(&now, to->size);
	while (record_next(&now, to, &at, window_bits, o))
		;
	bytes_more(o, RECORD_BYTES);
	store_be32(o->b, (uint32_t)o->size);
	bytes_free(&now);
}

/* ---- all of it -------------------------------------------------------------------------------------------------------------- */

/* Image and headers of one side. */
static enum status side_make(struct layout *l, struct bytes *header)
{
	struct bytes body = { 0 }, format = { 0 };
	enum status st = layout_make(l);
	if (st == ST_OK) {
		body_make(l, &body, &format);
		st = header_make(l, &format, NULL, header);
	}
	bytes_free(&body);
	bytes_free(&format);
	return st;
}

enum status make_xexp(
	const struct image *from, const struct image *to, const struct make_spec *spec, struct bytes *out, struct err *err)
{
	struct layout old = { .elf = from, .spec = spec, .err = err }, new = { .elf = to, .spec = spec, .err = err };
	struct bytes old_header = { 0 }, new_header = { 0 }, body = { 0 }, format = { 0 }, header = { 0 };
	struct patch_head patch = { .key = "key of the patch" };
	enum status st = side_make(&old, &old_header);
	if (st == ST_OK)
		st = side_make(&new, &new_header);
	if (st == ST_OK) {
		unsigned window_bits = spec->window_bits ? spec->window_bits : 15;
		descriptor_put(&old_header, &new_header, &old, &new, window_bits, &patch.descriptor);
		bytes_more(&format, 8);
		store_be16(format.b + 4, spec->encrypt);
		store_be16(format.b + 6, COMPRESSION_DELTA);
		body_put(&old.image, &new.image, window_bits, &body, &format);
		store_be32(format.b, (uint32_t)format.size);
		if (spec->encrypt)
			body_encrypt(patch.key, &body);
		st = header_make(&new, &format, &patch, &header);
	}
	if (st == ST_OK) {
		bytes_add(out, header.b, header.size);
		bytes_add(out, body.b, body.size);
	}
	struct bytes *const all[] = { &old_header, &new_header, &body, &format, &header, &patch.descriptor };
	for (unsigned i = 0; i < ARRAY_LEN(all); i++)
		bytes_free(all[i]);
	layout_free(&old);
	layout_free(&new);
	return st;
}
