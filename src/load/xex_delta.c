/* src/load/xex_delta.c - patches: a XEX2 image (.xexp) whose body says how the headers and the bytes of another one change.
 *
 * A patch is a chain of blocks like those of a compressed image; a block's data are records {old, new, length, packed length, packed bytes}, of which
 * packed length 0 fills with zeros, 1 copies from old to new, any other is an LZX stream for which the bytes at old stand in the window. Addresses
 * count from the image's base, in the headers' record from their begin. The patch's own key is kept under the image's key.
 * Source: facts, struct layouts, XEX2_DELTA_PATCH_DESCRIPTOR.
 */
#include "config.h"

#include <stdlib.h>

#include "src/load/xex_crypto.h"
#include "src/load/xex_priv.h"

#define DESCRIPTOR_BYTES 0x4Cu             /* before the headers' record */
#define RECORD_BYTES 12u                   /* before its packed bytes */
#define LZX_RECORDS_MAX 0x10000u           /* each costs a window */
#define WRITTEN_MAX (2u * IMAGE_BYTES_MAX) /* by all records: they write a place once */
#define FILL 0u
#define COPY 1u
#define FIELD(name) "DELTA_PATCH_DESCRIPTOR " name

/* A patch being applied. */
struct delta {
	struct load *to;   /* the image */
	struct load *from; /* the patch */
	const struct xex_header *descriptor;
	const uint8_t *d;         /* its bytes */
	struct xex_format format; /* of the patch */
	unsigned lzx_records;
	uint64_t written; /* bytes, by all records */
};

/* What records change: the headers or the image. */
struct target {
	uint8_t *bytes;
	uint32_t size;
};

/* ---- records --------------------------------------------------------------------------------------------------------- */

/* One record at @b, @left bytes before the end of its block; *@used = what it took. @at: its offset in the patch, for messages. */
static enum status apply_record(
	struct delta *p, const struct target *t, const uint8_t *b, uint32_t left, size_t at, uint32_t *used)
{
	uint32_t old = load_be32(b), new = load_be32(b + 4), length = load_be16(b + 8), packed = load_be16(b + 10);
	*used = RECORD_BYTES + (packed > COPY ? packed : 0);
	if (*used > left)
		return load_bad(p->from, at + 10, "patch compressed_len", "0x%x, the block has 0x%x bytes more", packed,
			left - RECORD_BYTES);
	if (new > t->size || length > t->size - new)
		return load_bad(p->from, at + 4, "patch new_addr",
			"0x%x bytes at 0x%x go past the end of the target (0x%x bytes)", length, new, t->size);
	p->written += length;
	if (p->written > WRITTEN_MAX)
		return load_bad(p->from, at + 8, "patch uncompressed_len",
			"the records up to here write 0x%llx bytes, should be at most 0x%x", (unsigned long long)p->written,
			WRITTEN_MAX);
	if (packed == FILL) {
		memset(t->bytes + new, 0, length);
		return ST_OK;
	}
	if (old > t->size || length > t->size - old)
		return load_bad(p->from, at, "patch old_addr", "0x%x bytes at 0x%x go past the end of the target (0x%x bytes)",
			length, old, t->size);
	if (packed == COPY) {
		memmove(t->bytes + new, t->bytes + old, length);
		return ST_OK;
	}
	if (length > p->format.window)
		return load_bad(p->from, at + 8, "patch uncompressed_len", "0x%x is more than the window (0x%x)", length,
			p->format.window);
	if (p->lzx_records++ == LZX_RECORDS_MAX)
		return load_bad(p->from, at, "patch", "more than %u compressed records", LZX_RECORDS_MAX);
	const struct lzx_reference ref = { t->bytes + old, length };
	const char *wrong = lzx_decompress(b + RECORD_BYTES, packed, p->format.window, ref, t->bytes + new, length);
	return wrong ? load_bad(p->from, at + RECORD_BYTES, "patch", "%s", wrong) : ST_OK;
}

/* A record of nothing but zeros ends them. */
static bool ends(const uint8_t *b, uint32_t left)
{
	static const uint8_t none[RECORD_BYTES];
	return left < RECORD_BYTES || !memcmp(b, none, sizeof none);
}

static enum status apply_records(struct delta *p, const struct target *t, const uint8_t *b, uint32_t size, size_t at)
{
	enum status st = ST_OK;
	for (uint32_t used = 0; st == ST_OK && !ends(b, size); b += used, at += used, size -= used)
		st = apply_record(p, t, b, size, at, &used);
	return st;
}

/* ---- headers ---------------------------------------------------------------------------------------------------------- */

/* Bytes that move before the records count: @at is the field of the source's offset, behind it its size and the target's offset. */
static enum status move_source(struct delta *p, const struct target *t, uint32_t at, const char *field)
{
	uint32_t source = load_be32(p->d + at), size = load_be32(p->d + at + 4), target = load_be32(p->d + at + 8);
	if (!source)
		return ST_OK;
	if (source > t->size || size > t->size - source || target > t->size || size > t->size - target)
		return load_bad(p->from, p->descriptor->offset + at, field,
			"0x%x bytes from 0x%x to 0x%x go past the end (0x%x bytes)", size, source, target, t->size);
	memmove(t->bytes + target, t->bytes + source, size);
	return ST_OK;
}

static enum status patch_headers(struct delta *p)
{
	INVARIANT(p->d); /* check_patch was here */
	struct xex *x = p->to->img->xex;
	uint32_t size = load_be32(p->d + 0x30), was = x->header_size;
	uint32_t record = p->descriptor->size - DESCRIPTOR_BYTES;
	if (!size)
		size = was;
	if (size < XEX_FIXED_BYTES || size > XEX_HEADER_BYTES_MAX)
		return load_bad(p->from, p->descriptor->offset + 0x30, FIELD("size_of_target_headers"),
			"0x%x, should be 0x%x to 0x%x", size, XEX_FIXED_BYTES, XEX_HEADER_BYTES_MAX);
	const struct target t = { xrealloc(x->header, size > was ? size : was), size > was ? size : was };
	x->header = t.bytes;
	memset(t.bytes + was, 0, t.size - was);
	x->header_size = size;
	enum status st = move_source(p, &t, 0x34, FIELD("delta_headers_source_offset"));
	if (st == ST_OK)
		st = apply_records(p, &t, p->d + DESCRIPTOR_BYTES, record, p->descriptor->offset + DESCRIPTOR_BYTES);
	if (st == ST_OK && memcmp(x->header, "XEX2", 4) != 0)
		st = load_bad(
			p->from, p->descriptor->offset + DESCRIPTOR_BYTES, "patch", "the patched headers do not begin with XEX2");
	return st;
}

/* ---- the image ---------------------------------------------------------------------------------------------------------- */

static enum status patch_image(struct delta *p, const struct xex_body *body, const struct target *t)
{
	struct xex_link link = p->format.first;
	const uint8_t *data;
	uint32_t size;
	size_t at = 0;
	enum status st = move_source(p, t, 0x40, FIELD("delta_image_source_offset"));
	while (st == ST_OK && link.size) {
		st = xex_chain_next(p->from, body, &at, &link, &data, &size);
		if (st == ST_OK)
			st = apply_records(p, t, data, size, body->offset + (size_t)(data - body->bytes));
	}
	return st;
}

/* The image's own keys, each as it would be under one of the candidates. */
static enum status open_patch_body(struct delta *p, const struct xex_options *o, struct xex_body *body)
{
	const struct xex *x = p->to->img->xex;
	const uint8_t *wrapped = x->header + x->security_offset + XEX_KEY_AT, *outer[XEX_KEYS_MAX],
		      *keys[XEX_KEYS_MAX] = { NULL };
	uint8_t own[XEX_KEYS_MAX][XEX_KEY_BYTES];
	xex_candidate_keys(o, outer);
	for (unsigned i = 0; outer[i]; i++) {
		xex_key_decrypt(outer[i], wrapped, own[i]);
		keys[i] = own[i];
	}
	return xex_open_body(p->from, &p->format, keys, body);
}

/* The headers are the new ones already: the image grows or shrinks to what they say, and takes the changes. */
static enum status change_image(struct delta *p, const struct xex_options *o)
{
	struct image *img = p->to->img;
	struct xex *x = img->xex;
	struct xex_body body;
	uint32_t was = img->size;
	enum status st = xex_read_again(p->to);
	if (st == ST_OK)
		st = open_patch_body(p, o, &body);
	if (st != ST_OK)
		return st;
	const struct target t = { xrealloc(x->memory, img->size > was ? img->size : was), img->size > was ? img->size : was };
	x->memory = t.bytes;
	memset(t.bytes + was, 0, t.size - was);
	st = patch_image(p, &body, &t);
	xex_close_body(&body);
	xex_segments_point(img);
	return st;
}

/* ---- the patch ----------------------------------------------------------------------------------------------------------- */

/* Is it a delta patch, and of this image? DEBT(xex-unverified): full patches are refused. */
static enum status check_patch(struct delta *p)
{
	const struct xex *x = p->from->img->xex, *of = p->to->img->xex;
	p->descriptor = xex_header_find(x, XEX_KEY_DELTA_PATCH_DESCRIPTOR);
	if (!(x->module_flags & XEX_FLAG_PATCH_DELTA) || !p->descriptor)
		return load_bad(p->from, 4, "module_flags", "0x%x: not a delta patch (0x40) with a DELTA_PATCH_DESCRIPTOR",
			x->module_flags);
	if (p->descriptor->size < DESCRIPTOR_BYTES)
		return load_bad(p->from, p->descriptor->offset, FIELD("size"), "0x%x, should be 0x%x or more",
			p->descriptor->size, DESCRIPTOR_BYTES);
	p->d = x->header + p->descriptor->offset;
	enum status st = xex_read_format(p->from, &p->format);
	if (st == ST_OK && p->format.compression != XEX_DELTA)
		st = load_bad(p->from, p->format.at, "FILE_FORMAT_INFO compression_type", "%u, should be 3 (delta)",
			p->format.compression);
	if (st == ST_OK && !xex_sha1_is(p->d + 0xC, of->header + of->security_offset + XEX_SIGNATURE_AT, XEX_SIGNATURE_BYTES))
		st = load_bad(p->from, p->descriptor->offset + 0xC, FIELD("digest_source"),
			"a patch of another image: it is not the SHA-1 of the signature of %.80s", p->to->name);
	return st;
}

enum status xex_apply_patch(struct load *l, const struct xex_options *o)
{
	struct image img = { .file = (uint8_t *)(uintptr_t)o->patch, .file_size = o->patch_size };
	struct load from = { &img, o->patch_name, l->err };
	struct delta p = { .to = l, .from = &from };
	enum status st = xex_read_header(&from);
	if (st == ST_OK)
		st = xex_read_optional(&from);
	if (st == ST_OK)
		st = xex_find_security(&from);
	if (st == ST_OK)
		st = check_patch(&p);
	if (st == ST_OK)
		st = patch_headers(&p);
	if (st == ST_OK)
		st = change_image(&p, o);
	if (st == ST_OK) {
		l->img->xex->patched = true;
		l->img->xex->target_version = load_be32(p.d + 4);
		l->img->xex->source_version = load_be32(p.d + 8);
	}
	xex_free(img.xex);
	return st;
}
