/* tests/t_xex_hash.c - the laws of the hashes of XEX2 images: they are looked at, and said; none of them refuses a title. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "src/load/xex.h"
#include "tests/xexmake/xexmake.h"

static const struct make_spec specs[] = {
	{ .features = MAKE_WITH_ALL },
	{ .small_pages = true },
	{ .compression = MAKE_BASIC, .small_pages = true, .features = MAKE_WITH(PAGES) | MAKE_WITH(EXPORTS) },
	{ .compression = MAKE_NORMAL, .window_bits = 16, .encrypt = true, .features = MAKE_WITH_ALL },
};
#define PLAIN 0 /* the image stands in the file as it is */
#define PATCHED 3
#define SLOT_AT 0x184u /* in the small title's file */

/* The small title, with an import of its second library too (the slot of a variable), and its data changed. */
static struct image *elf_of(uint8_t change)
{
	struct bytes b = { 0 };
	struct image *elf = NULL;
	struct err err = { 0 };
	tiny_elf(&b);
	assert_int_equal(load_be32(b.b + SLOT_AT), 0xAD);
	b.b[SLOT_AT + 1] = 1;
	b.b[TINY_DATA_AT] ^= change;
	if (image_parse("tiny.elf", b.b, b.size, &elf, &err) != ST_OK)
		fail_msg("%s", err.text);
	bytes_free(&b);
	return elf;
}

static struct bytes made(unsigned spec)
{
	struct bytes b = { 0 };
	struct image *elf = elf_of(0);
	struct err err = { 0 };
	if (make_xex(elf, &specs[spec], &b, &err) != ST_OK)
		fail_msg("%s", err.text);
	image_free(elf);
	return b;
}

/* Takes @b, whose hashes are as given. */
static void says(
	const struct bytes *b, const struct xex_options *o, enum xex_hash headers, enum xex_hash pages, enum xex_hash imports)
{
	struct image *img = NULL;
	struct err err = { 0 };
	if (xex_open(b->b, b->size, o, "made.xex", &img, &err) != ST_OK)
		fail_msg("%s", err.text);
	assert_int_equal(img->xex->headers_hash, headers);
	assert_int_equal(img->xex->pages_hash, pages);
	assert_int_equal(img->xex->imports_hash, imports);
	image_free(img);
}

static uint32_t security(const struct bytes *b)
{
	return load_be32(b->b + 0x10);
}

/* Where the first import library lies in the file. */
static uint32_t library(const struct bytes *b)
{
	for (uint32_t at = 0x18, i = 0; i < load_be32(b->b + 0x14); i++, at += 8) {
		if (load_be32(b->b + at) == XEX_KEY_IMPORT_LIBRARIES) {
			uint32_t block = load_be32(b->b + at + 4);
			return block + 12 + load_be32(b->b + block + 4);
		}
	}
	fail_msg("no imports");
	return 0;
}

static void every_form_of_a_good_image_has_good_hashes(void **state)
{
	for (unsigned i = 0; i < ARRAY_LEN(specs); i++) {
		struct bytes b = made(i);
		says(&b, NULL, XEX_HASH_GOOD, XEX_HASH_GOOD, XEX_HASH_GOOD);
		bytes_free(&b);
	}
}

/* In the last byte of the image: the whole chain is walked. */
static void one_changed_bit_of_a_page_is_bad(void **state)
{
	struct bytes b = made(PLAIN);
	b.b[b.size - 1] ^= 0x10;
	says(&b, NULL, XEX_HASH_GOOD, XEX_HASH_BAD, XEX_HASH_GOOD);
	bytes_free(&b);
}

/* Before the security info (flags) and behind its signed part (allowed media). */
static void one_changed_bit_of_a_header_is_bad(void **state)
{
	struct bytes b = made(PLAIN);
	b.b[7] ^= 4;
	says(&b, NULL, XEX_HASH_BAD, XEX_HASH_GOOD, XEX_HASH_GOOD);
	b.b[7] ^= 4;
	b.b[security(&b) + 0x17C] ^= 1;
	says(&b, NULL, XEX_HASH_BAD, XEX_HASH_GOOD, XEX_HASH_GOOD);
	bytes_free(&b);
}

/* Of the first library and of the one behind it; and one library more than there are. The headers hold the imports. */
static void one_changed_bit_of_the_imports_is_bad(void **state)
{
	struct bytes b = made(PLAIN);
	uint32_t first = library(&b), second = first + load_be32(b.b + first);
	const uint32_t places[] = { first + 0x1F, second + 0x1F };
	for (unsigned i = 0; i < ARRAY_LEN(places); i++) {
		b.b[places[i]] ^= 1;
		says(&b, NULL, XEX_HASH_BAD, XEX_HASH_GOOD, XEX_HASH_BAD);
		b.b[places[i]] ^= 1;
	}
	b.b[security(&b) + 0x12B] ^= 1;
	says(&b, NULL, XEX_HASH_GOOD, XEX_HASH_GOOD, XEX_HASH_BAD);
	bytes_free(&b);
}

static void a_hash_of_zeros_is_not_there(void **state)
{
	struct bytes b = made(PLAIN);
	const uint32_t at = security(&b);
	memset(b.b + at + 0x114, 0, 20);
	says(&b, NULL, XEX_HASH_GOOD, XEX_HASH_NOT_THERE, XEX_HASH_GOOD);
	memset(b.b + at + 0x12C, 0, 20);
	says(&b, NULL, XEX_HASH_GOOD, XEX_HASH_NOT_THERE, XEX_HASH_NOT_THERE);
	memset(b.b + at + 0x164, 0, 20);
	says(&b, NULL, XEX_HASH_NOT_THERE, XEX_HASH_NOT_THERE, XEX_HASH_NOT_THERE);
	bytes_free(&b);
}

/* The patch brings the headers of the image that it makes. */
static void a_patched_image_has_the_hashes_of_what_it_became(void **state)
{
	struct bytes b = made(PATCHED), patch = { 0 };
	struct image *from = elf_of(0), *to = elf_of(0x55);
	struct err err = { 0 };
	if (make_xexp(from, to, &specs[PATCHED], &patch, &err) != ST_OK)
		fail_msg("%s", err.text);
	const struct xex_options o = { .patch_name = "made.xexp", .patch = patch.b, .patch_size = patch.size };
	says(&b, &o, XEX_HASH_GOOD, XEX_HASH_GOOD, XEX_HASH_GOOD);
	image_free(from);
	image_free(to);
	bytes_free(&patch);
	bytes_free(&b);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(every_form_of_a_good_image_has_good_hashes),
	cmocka_unit_test(one_changed_bit_of_a_page_is_bad),
	cmocka_unit_test(one_changed_bit_of_a_header_is_bad),
	cmocka_unit_test(one_changed_bit_of_the_imports_is_bad),
	cmocka_unit_test(a_hash_of_zeros_is_not_there),
	cmocka_unit_test(a_patched_image_has_the_hashes_of_what_it_became),
};

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
