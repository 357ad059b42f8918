/* tests/t_xex_body.c - the laws of the bytes of XEX2 images: each compression, encryption, keys; and what is refused. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/xexkit.h"

#define FORMAT XEX_KEY_FILE_FORMAT_INFO

static const uint8_t zero_key[XEX_KEY_BYTES];
static const uint8_t other_key[XEX_KEY_BYTES] = { 0xA5, 0x5A, 1, 2, 3 };

/* Takes it, and it holds x->image. */
static void holds(struct xk *x, const struct xex_options *o)
{
	struct image *img = xk_open(x, o);
	assert_memory_equal(img->xex->memory, x->image, XK_IMAGE);
	image_free(img);
}

/* The image in an LZX stream of stored blocks, in pieces and blocks of odd sizes. */
static void lzx_body(struct xk *x)
{
	static uint8_t stream[2 * XK_IMAGE];
	size_t size = xk_stored(stream, x->image, XK_IMAGE);
	xk_lzx(x, 0x8000, stream, size, 1001, 5);
}

static void a_plain_body_is_the_image(void **state)
{
	struct xk *x = xk_new();
	XK_WORDS(x, FORMAT, 8, XEX_UNCOMPRESSED);
	holds(x, NULL);
	x->body_size -= 1;
	xk_refuse(x, NULL, "offset 0x2000: image data: 0x4fff bytes up to the end of the file, the image has 0x5000");
	xk_free(x);
}

static void basic_blocks_leave_out_zeros(void **state)
{
	static const uint32_t pairs[] = { 0x800, 0x800, 0x3000, 0, 0, 0x10, 0xFF0, 0 };
	struct xk *x = xk_new();
	memset(x->image + 0x800, 0, 0x800);
	memset(x->image + 0x4000, 0, 0x10);
	memcpy(x->body, x->image, 0x800);
	memcpy(x->body + 0x800, x->image + 0x1000, 0x3000);
	memcpy(x->body + 0x3800, x->image + 0x4010, 0xFF0);
	x->body_size = 0x47F0;
	xk_basic(x, pairs, 4);
	holds(x, NULL);
	xk_free(x);
}

/* What no block speaks of is zero. */
static void basic_blocks_need_not_fill_the_image(void **state)
{
	static const uint32_t pairs[] = { 0x4000, 0 };
	struct xk *x = xk_new();
	memset(x->image + 0x4000, 0, 0x1000);
	x->body_size = 0x4000;
	xk_basic(x, pairs, 1);
	holds(x, NULL);
	xk_free(x);
}

static void refuse_basic(uint32_t data, uint32_t zeros, uint32_t data2, const char *want)
{
	struct xk *x = xk_new();
	const uint32_t pairs[] = { data, zeros, data2, 0 };
	xk_basic(x, pairs, 2);
	xk_refuse(x, NULL, want);
	xk_free(x);
}

static void basic_blocks_stay_in_file_and_image(void **state)
{
	refuse_basic(XK_IMAGE + 1, 0, 0, "FILE_FORMAT_INFO data_size: block 0 has 0x5001 bytes, the file only 0x5000 more");
	refuse_basic(0x10, 0x4FF0, 1, "FILE_FORMAT_INFO data_size: block 1 has 0x1 bytes, the image room for 0x0");
	refuse_basic(0x10, 0x4FF1, 0, "FILE_FORMAT_INFO zero_size: block 0 has 0x4ff1 zeros");
	refuse_basic(0x10, UINT32_MAX, 0, "FILE_FORMAT_INFO zero_size");
	refuse_basic(UINT32_MAX, UINT32_MAX, 0, "FILE_FORMAT_INFO data_size");
}

static void a_stored_lzx_stream_is_the_image(void **state)
{
	struct xk *x = xk_new();
	lzx_body(x);
	holds(x, NULL);
	xk_free(x);
}

/* Literals and matches; the same stream for the smallest window. */
static void a_verbatim_lzx_stream_is_the_image(void **state)
{
	struct xk *x = xk_new();
	static uint8_t stream[0x10000];
	struct xk_bits b = { .out = stream };
	memset(x->image + 0x1000, 0, 0x4000);
	for (uint32_t at = 0x1000; at < XK_IMAGE; at += 4)
		xk_put32(x->image + at, 0x48000000);
	xk_put32(x->image + XK_THUNK, 0x0100003D);
	xk_put32(x->image + XK_XAM_THUNK, 0x01010002);
	for (uint32_t at = 0; at < 12; at += 4)
		xk_put32(x->image + XK_SLOT + at, at == 8 ? 0x00010002 : at ? 0x193 : 0x3D);
	xk_verbatim(&b, XK_IMAGE);
	for (uint32_t at = 0; at < XK_IMAGE;) {
		unsigned n = at >= 0x1010 && XK_IMAGE - at >= 8 && !memcmp(x->image + at, x->image + at - 16, 8) ? 8 : 1;
		if (n == 8)
			xk_match(&b, 16, 8);
		else
			xk_literal(&b, x->image[at]);
		at += n;
	}
	xk_align(&b);
	assert_true(b.size < XK_IMAGE / 2);
	xk_lzx(x, 0x8000, stream, b.size, 0x7fff, 1);
	holds(x, NULL);
	xk_free(x);
}

static void every_window_is_taken_and_no_other(void **state)
{
	for (uint32_t window = 0x8000; window <= 0x200000; window *= 2) {
		struct xk *x = xk_new();
		lzx_body(x);
		xk_put32(x->head + xk_find(x, FORMAT) + 8, window);
		holds(x, NULL);
		xk_put32(x->head + xk_find(x, FORMAT) + 8, window + 1);
		xk_refuse(x, NULL, "FILE_FORMAT_INFO window_size");
		xk_free(x);
	}
	struct xk *x = xk_new();
	lzx_body(x);
	for (uint32_t window = 0x4000; window; window = window == 0x4000 ? 0x400000 : 0) {
		xk_put32(x->head + xk_find(x, FORMAT) + 8, window);
		xk_refuse(x, NULL, "window_size");
	}
	xk_free(x);
}

static void every_block_has_its_hash(void **state)
{
	struct xk *x = xk_new();
	lzx_body(x);
	for (size_t at = 0; at < x->body_size; at += 997) {
		x->body[at] ^= 1;
		xk_refuse(x, NULL, "image data: the block of");
		x->body[at] ^= 1;
	}
	x->head[xk_find(x, FORMAT) + 16] ^= 1;
	xk_refuse(x, NULL, "offset 0x2000: image data: the block of");
	xk_free(x);
}

/* A chain of one block with the right hash, whose data are @data. */
static void refuse_stream(const uint8_t *data, uint32_t size, const char *want)
{
	struct xk *x = xk_new();
	uint8_t info[36] = { 0 };
	const struct xk_piece piece = { data, size };
	xk_put32(info, sizeof info);
	xk_put32(info + 4, XEX_LZX);
	xk_put32(info + 8, 0x8000);
	x->body_size = xk_chain(x->body, &piece, 1, info + 12);
	xk_block(x, FORMAT, info, sizeof info);
	xk_refuse(x, NULL, want);
	xk_free(x);
}

static void a_stream_must_be_whole_and_sound(void **state)
{
	static uint8_t stream[0x100];
	refuse_stream(stream, 0, "LZX stream");
	refuse_stream((const uint8_t *)"\x00\x09"
				       "1234567",
		9, "image data: a piece of 0x9 bytes, the block has 0x7 more");
	refuse_stream((const uint8_t *)"\x00\x08"
				       "\xff\xff\xff\xff\xff\xff\xff\xff",
		10, "LZX stream");
	xk_put16(stream, 0x20);
	refuse_stream(stream, 0x22, "the LZX stream is damaged");
	stream[2 + 1] = 0x30; /* a stored block of 5 KiB that ends early */
	stream[2 + 0] = 0x05;
	refuse_stream(stream, 0x22, "the LZX stream ends before the image is whole");
}

static void blocks_stay_in_the_file(void **state)
{
	struct xk *x = xk_new();
	lzx_body(x);
	uint32_t at = xk_find(x, FORMAT) + 12;
	for (uint32_t size = 1; size; size = size == 1 ? 23 : size == 23 ? UINT32_MAX : 0) {
		xk_put32(x->head + at, size);
		xk_refuse(x, NULL, "image data: a block of");
	}
	xk_put32(x->head + at, 0);
	xk_refuse(x, NULL, "LZX stream");
	xk_free(x);
}

static void the_form_is_checked(void **state)
{
	struct xk *x = xk_new();
	uint32_t at = XK_WORDS(x, FORMAT, 8, 0x00020000);
	xk_refuse(x, NULL, "FILE_FORMAT_INFO encryption_type: 2, should be");
	xk_put32(x->head + at + 4, 4);
	xk_refuse(x, NULL, "FILE_FORMAT_INFO compression_type: 4, should be");
	xk_put32(x->head + at + 4, XEX_LZX);
	xk_refuse(x, NULL, "FILE_FORMAT_INFO: 0x8 bytes, should be 0x24 or more");
	xk_put32(x->head + at, 4);
	xk_refuse(x, NULL, "FILE_FORMAT_INFO: 0x4 bytes, should be 0x8 or more");
	xk_free(x);
}

/* ---- encryption ------------------------------------------------------------------------------------------------------ */

/* A title of each compression. */
static struct xk *of_form(unsigned form)
{
	static const uint32_t pairs[] = { 0x801, 0, 0x47FF, 0 };
	struct xk *x = xk_new();
	if (form == XEX_UNCOMPRESSED)
		XK_WORDS(x, FORMAT, 8, XEX_UNCOMPRESSED);
	else if (form == XEX_BASIC)
		xk_basic(x, pairs, 2);
	else
		lzx_body(x);
	return x;
}

static void the_development_key_is_built_in(void **state)
{
	for (unsigned form = XEX_UNCOMPRESSED; form <= XEX_LZX; form++) {
		struct xk *x = of_form(form);
		xk_encrypt(x, zero_key);
		holds(x, NULL);
		holds(x, &(struct xex_options){ .key = zero_key });
		holds(x, &(struct xex_options){ .key = other_key });
		struct image *img = xk_open(x, NULL);
		assert_int_equal(img->xex->encryption, XEX_AES);
		assert_true(img->xex->built_in_key);
		image_free(img);
		xk_free(x);
	}
}

static void another_key_opens_its_titles(void **state)
{
	for (unsigned form = XEX_UNCOMPRESSED; form <= XEX_LZX; form++) {
		struct xk *x = of_form(form);
		xk_encrypt(x, other_key);
		holds(x, &(struct xex_options){ .key = other_key });
		struct image *img = xk_open(x, &(struct xex_options){ .key = other_key });
		assert_false(img->xex->built_in_key);
		image_free(img);
		xk_free(x);
	}
}

static void a_wrong_key_is_told_as_such(void **state)
{
	static const uint8_t wrong[XEX_KEY_BYTES] = { 7 };
	for (unsigned form = XEX_UNCOMPRESSED; form <= XEX_LZX; form++) {
		const char *how = form == XEX_LZX ? "the first block has another SHA-1" : "the image does not begin with MZ";
		struct xk *x = of_form(form);
		xk_encrypt(x, other_key);
		xk_refuse(
			x, NULL, "offset 0x450: security aes_key: it does not decrypt with the all-zero key of development kits");
		xk_refuse(x, NULL, how);
		xk_refuse(x, &(struct xex_options){ .key = wrong }, "with the key given, nor with the all-zero key");
		xk_refuse(x, &(struct xex_options){ .key = wrong }, "--xex-key FILE gives the right key");
		xk_free(x);
	}
}

static void encrypted_bodies_are_cut_off_with_a_line(void **state)
{
	for (unsigned form = XEX_UNCOMPRESSED; form <= XEX_LZX; form++) {
		struct xk *x = of_form(form);
		xk_encrypt(x, zero_key);
		/* Up to 15 bytes behind the image's end only fill up the last block of the cipher. */
		for (size_t left = x->body_size - 17; left > 0; left = left > 500 ? left - 499 : left - 1) {
			x->body_size = left;
			xk_refuse(x, NULL, "");
		}
		xk_free(x);
	}
}

/* ---- key files ------------------------------------------------------------------------------------------------------- */

static char path[] = "/tmp/t_xex_body.XXXXXX";

static enum status read_key(const char *text, uint8_t key[XEX_KEY_BYTES], struct err *err)
{
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	return xex_key_read(path, key, err);
}

static void refuse_key(const char *text, const char *want)
{
	uint8_t key[XEX_KEY_BYTES];
	struct err err = { 0 };
	assert_int_equal(read_key(text, key, &err), ST_BAD_INPUT);
	if (!strstr(err.text, want) || strncmp(err.text, path, strlen(path)) != 0)
		fail_msg("\"%s\" should say \"%s\"", err.text, want);
}

static void a_key_is_32_hex_digits(void **state)
{
	static const uint8_t want[XEX_KEY_BYTES] = { 0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF, 0xfe, 0xdc, 0xba, 0x98, 0x76,
		0x54, 0x32, 0x10 };
	uint8_t key[XEX_KEY_BYTES];
	struct err err = { 0 };
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(read_key("0123456789abcdefFEDCBA9876543210", key, &err), ST_OK);
	assert_memory_equal(key, want, sizeof want);
	assert_int_equal(read_key(" 01234567 89abcdef\tfedcba98 76543210\r\n", key, &err), ST_OK);
	assert_memory_equal(key, want, sizeof want);
	refuse_key("", "offset 0x0: key: 0 hex digits, should be 32");
	refuse_key("0123456789abcdefFEDCBA987654321\n", "31 hex digits, should be 32");
	refuse_key("0123456789abcdefFEDCBA98765432100", "offset 0x20: key: more than 32 hex digits");
	refuse_key("0123456789abcdefg", "offset 0x10: key: byte 67 is no hex digit");
	unlink(path);
	assert_int_equal(xex_key_read(path, key, &err), ST_IO);
	assert_int_equal(xex_key_read("/", key, &err), ST_IO);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_body_is_the_image),
		cmocka_unit_test(basic_blocks_leave_out_zeros),
		cmocka_unit_test(basic_blocks_need_not_fill_the_image),
		cmocka_unit_test(basic_blocks_stay_in_file_and_image),
		cmocka_unit_test(a_stored_lzx_stream_is_the_image),
		cmocka_unit_test(a_verbatim_lzx_stream_is_the_image),
		cmocka_unit_test(every_window_is_taken_and_no_other),
		cmocka_unit_test(every_block_has_its_hash),
		cmocka_unit_test(a_stream_must_be_whole_and_sound),
		cmocka_unit_test(blocks_stay_in_the_file),
		cmocka_unit_test(the_form_is_checked),
		cmocka_unit_test(the_development_key_is_built_in),
		cmocka_unit_test(another_key_opens_its_titles),
		cmocka_unit_test(a_wrong_key_is_told_as_such),
		cmocka_unit_test(encrypted_bodies_are_cut_off_with_a_line),
		cmocka_unit_test(a_key_is_32_hex_digits),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
