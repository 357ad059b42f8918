/* tests/t_xex_delta.c - the laws of patches of XEX2 images: headers and image change as the records say; and what is refused. */
#include "config.h"

#include <nettle/aes.h>
#include <nettle/sha1.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/xexkit.h"

#define FORMAT XEX_KEY_FILE_FORMAT_INFO
#define PATCH_FORMAT 0x700u /* where the patch's FILE_FORMAT_INFO lies */

/* A title, and a patch of it that is still to be put together. */
struct pair {
	struct xk *title, *patch;
	uint8_t record[0x4000]; /* of the patch's one block, or of two */
	uint32_t size, split;   /* split: where the second block begins, 0 = one block */
	uint32_t header[256];   /* words: the descriptor, and the headers' record */
	unsigned words;
	bool encrypt;
};

static struct pair *pair_new(void)
{
	struct pair *p = xcalloc(1, sizeof *p);
	p->title = xk_new();
	p->patch = xk_new();
	xk_put32(p->patch->head + 4, XEX_FLAG_TITLE | XEX_FLAG_PATCH | XEX_FLAG_PATCH_DELTA);
	for (unsigned i = 0; i < 0x100; i++)
		p->title->head[XK_SECURITY + 8 + i] = (uint8_t)(i * 3);
	p->words = 0x4C / 4 + 3;
	p->header[1] = 0x20000200;
	p->header[2] = 0x20000100;
	return p;
}

static void pair_free(struct pair *p)
{
	xk_free(p->title);
	xk_free(p->patch);
	free(p);
}

static void record(struct pair *p, uint32_t old, uint32_t new, uint32_t length, uint32_t packed, const uint8_t *bytes)
{
	uint8_t *b = p->record + p->size;
	xk_put32(b, old);
	xk_put32(b + 4, new);
	xk_put16(b + 8, length);
	xk_put16(b + 10, packed);
	if (packed > 1)
		memcpy(b + 12, bytes, packed);
	p->size += 12 + (packed > 1 ? packed : 0);
}

/* xk_encrypt gives every body the same key; the patch's is kept under the title's, which is that one. */
static void encrypt_patch(struct pair *p)
{
	static const uint8_t own[XEX_KEY_BYTES] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };
	struct aes128_ctx ctx;
	xk_encrypt(p->patch, own);
	aes128_set_encrypt_key(&ctx, own);
	aes128_encrypt(&ctx, sizeof own, p->patch->head + XK_SECURITY + 0x150, own);
}

static void finish(struct pair *p)
{
	uint8_t info[36] = { 0 };
	struct xk_piece piece[2] = { { p->record, p->split ? p->split : p->size }, { p->record + p->split, p->size - p->split } };
	struct sha1_ctx ctx;
	xk_put32(info, sizeof info);
	xk_put32(info + 4, XEX_DELTA);
	xk_put32(info + 8, 0x8000);
	p->patch->body_size = xk_chain(p->patch->body, piece, p->split ? 2 : 1, info + 12);
	xk_block(p->patch, FORMAT, info, sizeof info);
	p->header[0] = p->words * 4;
	uint32_t at = xk_words(p->patch, XEX_KEY_DELTA_PATCH_DESCRIPTOR, p->header, p->words);
	sha1_init(&ctx);
	sha1_update(&ctx, 0x100, p->title->head + XK_SECURITY + 8);
	sha1_digest(&ctx, 20, p->patch->head + at + 0xC);
	if (p->encrypt)
		encrypt_patch(p);
	xk_finish(p->patch);
}

static struct xex_options options(const struct pair *p)
{
	return (struct xex_options){ .patch_name = "made.xexp", .patch = p->patch->file, .patch_size = p->patch->size };
}

static struct image *open_pair(struct pair *p)
{
	const struct xex_options o = options(p);
	return xk_open(p->title, &o);
}

static void refuse_pair(struct pair *p, const char *want)
{
	struct image *img = NULL;
	struct err err = { 0 };
	const struct xex_options o = options(p);
	xk_finish(p->title);
	assert_int_equal(xex_open(p->title->file, p->title->size, &o, "made.xex", &img, &err), ST_BAD_IMAGE);
	assert_null(img);
	if (strncmp(err.text, "made.xex", 8) != 0 || strchr(err.text, '\n') || !strstr(err.text, want))
		fail_msg("\"%s\" should be one line, and say \"%s\"", err.text, want);
}

/* ---- what records do --------------------------------------------------------------------------------------------------- */

static void records_fill_and_copy(void **state)
{
	struct pair *p = pair_new();
	uint8_t want[XK_IMAGE];
	record(p, 0, 0x4000, 0x100, 0, NULL);
	record(p, 0x3800, 0x4800, 0x80, 1, NULL);
	record(p, 0x4800, 0x4840, 0x40, 1, NULL);
	finish(p);
	memcpy(want, p->title->image, sizeof want);
	memset(want + 0x4000, 0, 0x100);
	memmove(want + 0x4800, want + 0x3800, 0x80);
	memmove(want + 0x4840, want + 0x4800, 0x40);
	struct image *img = open_pair(p);
	assert_memory_equal(img->xex->memory, want, sizeof want);
	assert_true(img->xex->patched);
	assert_int_equal(img->xex->target_version, 0x20000200);
	assert_int_equal(img->xex->source_version, 0x20000100);
	image_free(img);
	pair_free(p);
}

/* The old bytes stand in the window before the first new one: matches reach back to them. */
static void packed_records_refer_to_the_old_bytes(void **state)
{
	struct pair *p = pair_new();
	uint8_t stream[0x400], want[XK_IMAGE];
	struct xk_bits b = { .out = stream };
	memcpy(want, p->title->image, sizeof want);
	uint8_t *new = want + 0x4200, *old = want + 0x4100;
	xk_verbatim(&b, 0x20);
	xk_match(&b, 0x20, 8); /* the first 8 old ones, at the begin of the reference */
	xk_literal(&b, 0xAA);
	xk_match(&b, 0x20, 7); /* old[9..15] */
	xk_match(&b, 0x10, 8); /* what has just been made */
	xk_match(&b, 0x58, 8); /* nothing stood there: zero */
	xk_align(&b);
	memcpy(new, old, 8);
	new[8] = 0xAA;
	memcpy(new + 9, old + 9, 7);
	memcpy(new + 16, new, 8);
	memset(new + 24, 0, 8);
	record(p, 0x4100, 0x4200, 0x20, (uint32_t)b.size, stream);
	finish(p);
	struct image *img = open_pair(p);
	assert_memory_equal(img->xex->memory + 0x4200, want + 0x4200, 0x20);
	assert_memory_equal(img->xex->memory, want, sizeof want);
	image_free(img);
	pair_free(p);
}

static void blocks_are_applied_one_after_the_other(void **state)
{
	struct pair *p = pair_new();
	record(p, 0, 0x4000, 0x10, 0, NULL);
	p->split = p->size;
	record(p, 0x4000, 0x4800, 0x10, 1, NULL);
	finish(p);
	struct image *img = open_pair(p);
	for (unsigned i = 0; i < 0x10; i++)
		assert_int_equal(img->xex->memory[0x4800 + i], 0);
	image_free(img);
	pair_free(p);
}

/* The headers' record changes the image's size, and no page descriptor says where the new page is. */
static void patched_headers_are_checked_like_any(void **state)
{
	struct pair *p = pair_new();
	uint8_t stream[0x200], head[8];
	memcpy(head, p->title->head + XK_SECURITY, 4);
	xk_put32(head + 4, XK_IMAGE + 0x1000);
	size_t n = xk_stored(stream, head, sizeof head);
	p->header[p->words - 2] = XK_SECURITY;
	p->header[p->words - 1] = 8 << 16 | (uint32_t)n;
	for (size_t i = 0; i < n; i += 4)
		p->header[p->words++] = load_be32(stream + i);
	record(p, 0, 0x4000, 4, 0, NULL);
	finish(p);
	refuse_pair(p, "all pages together have 0x5000 bytes, the image 0x6000");
	pair_free(p);
}

/* One record over the security info: size and pages change together. Bytes move into the new page before the image's record counts. */
static void the_target_has_its_own_size(void **state)
{
	struct pair *p = pair_new();
	uint8_t stream[0x400], head[0x184 + 0x60];
	memcpy(head, p->title->head + XK_SECURITY, sizeof head);
	xk_put32(head + 4, XK_IMAGE + 0x1000);
	xk_put32(head + 0x184 + 48, 3 << 4 | 2);
	struct xk_bits b = { .out = stream };
	xk_verbatim(&b, 0x1C0);
	for (unsigned i = 0; i < 0x1C0; i++) {
		if (i % 8 == 0 && !memcmp(head + i, p->title->head + XK_SECURITY + i, 8)) {
			xk_match(&b, 0x1C0, 8);
			i += 7;
		} else {
			xk_literal(&b, head[i]);
		}
	}
	xk_align(&b);
	while (b.size % 4)
		stream[b.size++] = 0;
	p->words = 0x4C / 4;
	p->header[p->words++] = XK_SECURITY;
	p->header[p->words++] = XK_SECURITY;
	p->header[p->words++] = 0x1C0 << 16 | (uint32_t)b.size;
	assert_true(p->words + b.size / 4 <= ARRAY_LEN(p->header));
	for (size_t i = 0; i < b.size; i += 4)
		p->header[p->words++] = load_be32(stream + i);
	p->header[0x30 / 4] = XK_HEADERS;
	p->header[0x40 / 4] = 0x3000;
	p->header[0x44 / 4] = 0x1000;
	p->header[0x48 / 4] = 0x5000;
	record(p, 0, 0x5000, 4, 0, NULL);
	finish(p);
	struct image *img = open_pair(p);
	assert_int_equal(img->size, XK_IMAGE + 0x1000);
	assert_int_equal(load_be32(img->xex->memory + 0x5000), 0);
	assert_memory_equal(img->xex->memory + 0x5004, p->title->image + 0x3004, 0xFFC);
	assert_memory_equal(img->xex->memory, p->title->image, XK_IMAGE);
	image_free(img);
	pair_free(p);
}

static void an_encrypted_patch_has_its_key_under_the_images(void **state)
{
	static const uint8_t zero[XEX_KEY_BYTES], other[XEX_KEY_BYTES] = { 9 };
	for (unsigned i = 0; i < 2; i++) {
		struct pair *p = pair_new();
		XK_WORDS(p->title, FORMAT, 8, XEX_UNCOMPRESSED);
		xk_encrypt(p->title, i ? other : zero);
		record(p, 0, 0x4000, 0x100, 0, NULL);
		p->encrypt = true;
		finish(p);
		struct xex_options o = options(p);
		o.key = i ? other : NULL;
		struct image *img = xk_open(p->title, &o);
		assert_int_equal(img->xex->memory[0x40FF], 0);
		image_free(img);
		p->patch->file[XK_SECURITY + 0x150] ^= 1;
		o.patch = p->patch->file;
		xk_finish(p->title);
		struct err err = { 0 };
		assert_int_equal(xex_open(p->title->file, p->title->size, &o, "made.xex", &img, &err), ST_BAD_IMAGE);
		assert_non_null(strstr(err.text, "made.xexp: offset 0x450: security aes_key"));
		pair_free(p);
	}
}

/* ---- what is refused ----------------------------------------------------------------------------------------------------- */

static void a_patch_belongs_to_one_image(void **state)
{
	struct pair *p = pair_new();
	record(p, 0, 0x4000, 0x10, 0, NULL);
	finish(p);
	p->title->head[XK_SECURITY + 8] ^= 1;
	refuse_pair(p, "made.xexp: offset 0x");
	refuse_pair(p, "digest_source: a patch of another image: it is not the SHA-1 of the signature of made.xex");
	pair_free(p);
}

static void a_title_is_no_patch_and_a_patch_no_title(void **state)
{
	struct pair *p = pair_new();
	record(p, 0, 0x4000, 0x10, 0, NULL);
	finish(p);
	xk_refuse(p->patch, NULL, "module_flags: 0x51: a patch, not a title");
	xk_put32(p->patch->file + 4, XEX_FLAG_TITLE);
	refuse_pair(p, "made.xexp: offset 0x4: module_flags: 0x1: not a delta patch");
	memcpy(p->patch->file,
		"\x7f"
		"ELF",
		4);
	refuse_pair(p, "made.xexp: offset 0x0: magic: not a XEX2 image");
	p->patch->size = 0;
	refuse_pair(p, "made.xexp: offset 0x0: magic");
	pair_free(p);
}

static void refuse_record(uint32_t old, uint32_t new, uint32_t length, uint32_t packed, const char *want)
{
	static const uint8_t junk[0x200] = { 0xff, 0xff, 0xff };
	struct pair *p = pair_new();
	record(p, old, new, length, packed, junk);
	finish(p);
	refuse_pair(p, want);
	pair_free(p);
}

static void records_stay_in_block_and_image(void **state)
{
	refuse_record(0, XK_IMAGE, 1, 0, "patch new_addr: 0x1 bytes at 0x5000 go past the end of the target");
	refuse_record(0, UINT32_MAX, 1, 0, "patch new_addr");
	refuse_record(XK_IMAGE, 0, 1, 1, "patch old_addr");
	refuse_record(UINT32_MAX, 0, 2, 1, "patch old_addr");
	refuse_record(0, 0x3000, 0x10, 0x40, "the LZX stream is damaged");
	struct pair *p = pair_new();
	record(p, 0, 0x3000, 0x10, 0x40, p->title->image);
	p->size -= 1;
	finish(p);
	refuse_pair(p, "patch compressed_len: 0x40, the block has 0x3f bytes more");
	pair_free(p);
}

static void a_patch_cut_off_anywhere_is_refused_with_a_line(void **state)
{
	struct pair *p = pair_new();
	record(p, 0, 0x4000, 0x10, 0, NULL);
	record(p, 0x3800, 0x4800, 0x80, 1, NULL);
	finish(p);
	xk_finish(p->title);
	size_t whole = p->patch->size;
	for (size_t size = 0; size < whole; size++) {
		uint8_t *copy = xmalloc(size);
		struct image *img = NULL;
		struct err err = { 0 };
		memcpy(copy, p->patch->file, size);
		const struct xex_options o = { .patch_name = "made.xexp", .patch = copy, .patch_size = size };
		assert_int_equal(xex_open(p->title->file, p->title->size, &o, "made.xex", &img, &err), ST_BAD_IMAGE);
		assert_true(!strncmp(err.text, "made.xexp: offset 0x", 20) && !strchr(err.text, '\n'));
		free(copy);
	}
	pair_free(p);
}

/* Each word of the descriptor in turn: nothing is read or written outside. */
static void no_word_of_the_descriptor_does_harm(void **state)
{
	static const uint32_t values[] = { 0, 1, UINT32_MAX, 0x80000000u, 0x7fffffff, 0x1000, 0xFFFF0001, 0x00100010,
		0x00010000 };
	struct pair *p = pair_new();
	record(p, 0, 0x4000, 0x10, 0, NULL);
	finish(p);
	xk_finish(p->title);
	uint32_t at = xk_find(p->patch, XEX_KEY_DELTA_PATCH_DESCRIPTOR);
	for (uint32_t word = 0; word < p->words; word++) {
		if (word >= 3 && word < 8)
			continue; /* the digest */
		uint32_t was = load_be32(p->patch->file + at + word * 4);
		for (unsigned i = 0; i < ARRAY_LEN(values); i++) {
			struct image *img = NULL;
			struct err err = { 0 };
			const struct xex_options o = options(p);
			xk_put32(p->patch->file + at + word * 4, values[i]);
			if (xex_open(p->title->file, p->title->size, &o, "made.xex", &img, &err) == ST_OK)
				xk_check(img);
			else
				assert_true(!img && !strchr(err.text, '\n'));
			image_free(img);
		}
		xk_put32(p->patch->file + at + word * 4, was);
	}
	pair_free(p);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_fill_and_copy),
		cmocka_unit_test(packed_records_refer_to_the_old_bytes),
		cmocka_unit_test(blocks_are_applied_one_after_the_other),
		cmocka_unit_test(patched_headers_are_checked_like_any),
		cmocka_unit_test(the_target_has_its_own_size),
		cmocka_unit_test(an_encrypted_patch_has_its_key_under_the_images),
		cmocka_unit_test(a_patch_belongs_to_one_image),
		cmocka_unit_test(a_title_is_no_patch_and_a_patch_no_title),
		cmocka_unit_test(records_stay_in_block_and_image),
		cmocka_unit_test(a_patch_cut_off_anywhere_is_refused_with_a_line),
		cmocka_unit_test(no_word_of_the_descriptor_does_harm),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
