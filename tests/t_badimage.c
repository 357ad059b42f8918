/* tests/t_badimage.c - whatever bytes a file has: it is an image, or there is one clear line that says where it is not.
 *
 * A fixed sequence of pseudo-random changes to good images of every form. INVARIANTs and the sanitizers watch; here the lines are read,
 * and what is taken is looked at as a machine would rely on it.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "src/load/xex.h"
#include "tests/badimage.h"
#include "tests/fuzz/body.h"
#include "tests/xexmake/xexmake.h"

#define NAME "bad.img"
#define MUTATIONS 10000u
#define PATCH_MUTATIONS 2000u
#define CUTS 2000u

static uint64_t draw(uint64_t *rng)
{
	*rng ^= *rng << 13;
	*rng ^= *rng >> 7;
	*rng ^= *rng << 17;
	return *rng;
}

/* ---- good images ------------------------------------------------------------------------------------------------------- */

static const struct make_spec specs[] = {
	{ .features = MAKE_WITH_ALL },
	{ .compression = MAKE_BASIC, .small_pages = true, .features = MAKE_WITH(TLS) | MAKE_WITH(EXPORTS) },
	{ .compression = MAKE_NORMAL, .window_bits = 15, .features = MAKE_WITH_ALL },
	{ .compression = MAKE_NORMAL, .window_bits = 17, .blocks = LZX_MIXED, .encrypt = true, .features = MAKE_WITH_ALL },
	{ .compression = MAKE_BASIC, .encrypt = true, .features = MAKE_WITH(RESOURCES) },
	{ .compression = MAKE_NORMAL, .window_bits = 15, .blocks = LZX_STORED, .small_pages = true },
};

/* The ELF, then the XEXs; a patch from the last but one of them to an image of other data, one of the first. */
struct goods {
	struct bytes file[1 + ARRAY_LEN(specs)], patch, endless;
};
#define PATCHED (ARRAY_LEN(specs) - 1)
#define PATCH_NAME "bad.xexp"

static int goods_make(void **state)
{
	struct goods *g = xcalloc(1, sizeof *g);
	struct image *elf = NULL;
	struct err err = { 0 };
	tiny_elf(&g->file[0]);
	if (image_parse(NAME, g->file[0].b, g->file[0].size, &elf, &err) != ST_OK)
		fail_msg("%s", err.text);
	for (unsigned i = 0; i < ARRAY_LEN(specs); i++) {
		if (make_xex(elf, &specs[i], &g->file[1 + i], &err) != ST_OK)
			fail_msg("%s", err.text);
	}
	struct bytes other = { 0 };
	struct image *to = NULL;
	bytes_add(&other, g->file[0].b, g->file[0].size);
	for (unsigned i = 0; i < 0x40; i++)
		other.b[TINY_DATA_AT + i] ^= (uint8_t)(i * 7);
	if (image_parse(NAME, other.b, other.size, &to, &err) != ST_OK ||
		make_xexp(elf, to, &specs[PATCHED - 1], &g->patch, &err) != ST_OK ||
		make_xexp(elf, to, &specs[0], &g->endless, &err) != ST_OK)
		fail_msg("%s", err.text);
	bytes_free(&other);
	image_free(to);
	image_free(elf);
	*state = g;
	return 0;
}

static int goods_free(void **state)
{
	struct goods *g = *state;
	for (unsigned i = 0; i < ARRAY_LEN(g->file); i++)
		bytes_free(&g->file[i]);
	bytes_free(&g->patch);
	bytes_free(&g->endless);
	free(g);
	return 0;
}

/* ---- reading ---------------------------------------------------------------------------------------------------------------- */

/* The rules above. What came of it goes into @sum. */
static enum status judge(const char *name, enum status st, struct image *img, const struct err *err, uint64_t *sum)
{
	const char *wrong = st == ST_OK ? badimage_taken(img) : badimage_line(name, err->text);
	if (wrong)
		fail_msg("\"%s\" (status %u): %s", st == ST_OK ? "taken" : err->text, st, wrong);
	assert_true(st == ST_OK ? img != NULL : st == ST_BAD_IMAGE && !img);
	*sum = st == ST_OK ? fnv_u64(*sum, img->entry) : fnv_str(*sum, err->text);
	image_free(img);
	return st;
}

static enum status read_one(const uint8_t *b, size_t size, uint64_t *sum)
{
	struct image *img = NULL;
	struct err err = { 0 };
	enum status st = image_parse(NAME, b, size, &img, &err);
	return judge(NAME, st, img, &err, sum);
}

/* The image with a patch. */
static enum status read_patched(const struct bytes *file, const uint8_t *b, size_t size, uint64_t *sum)
{
	struct image *img = NULL;
	struct err err = { 0 };
	const struct xex_options with = { .patch_name = PATCH_NAME, .patch = b, .patch_size = size };
	enum status st = xex_open(file->b, file->size, &with, NAME, &img, &err);
	return judge(strncmp(err.text, PATCH_NAME, strlen(PATCH_NAME)) ? NAME : PATCH_NAME, st, img, &err, sum);
}

/* ---- changes ------------------------------------------------------------------------------------------------------------------ */

/* A number that a count, an offset or a size should not be. */
static uint32_t odd_number(uint64_t *rng, uint32_t was, size_t size)
{
	static const uint32_t odd[] = { 0, 1, 2, 3, 4, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x10000, 0x7fffffff, 0x80000000,
		0xfffffff0, 0xfffffffc, 0xffffffff, 0x82000000, 0x81ff0000, 0x8ffffff0, 0x40000000, 0x10000000 };
	switch (draw(rng) % 6) {
	case 0: return odd[draw(rng) % ARRAY_LEN(odd)];
	case 1: return was + (uint32_t)(draw(rng) % 9) - 4;
	case 2: return was ^ 1u << draw(rng) % 32;
	case 3: return (uint32_t)size + (uint32_t)(draw(rng) % 33) - 16;
	case 4: return was * 2 + (uint32_t)(draw(rng) % 2);
	default: return (uint32_t)draw(rng);
	}
}

/* A place where something stands: all headers are at the start, full of zeros in between. */
static size_t place(uint64_t *rng, const uint8_t *b, size_t size)
{
	size_t at = 0;
	for (unsigned tries = 0; tries < 32; tries++) {
		at = (size_t)(draw(rng) % (draw(rng) % 8 ? (size < 0x800 ? size : 0x800) : size));
		if (b[at])
			break;
	}
	return at;
}

/* Changes a word, a halfword, bytes, or moves a piece; aligned as fields are. */
static void change(uint64_t *rng, uint8_t *b, size_t size)
{
	size_t at = place(rng, b, size), from = (size_t)(draw(rng) % size), n = (size_t)(1 + draw(rng) % 24);
	switch (draw(rng) % 8) {
	case 0:
	case 1:
	case 2:
	case 3:
		at &= ~(size_t)3;
		if (size - at >= 4)
			store_be32(b + at, odd_number(rng, load_be32(b + at), size));
		break;
	case 4:
		at &= ~(size_t)1;
		if (size - at >= 2)
			store_be16(b + at, (uint16_t)odd_number(rng, load_be16(b + at), size));
		break;
	case 5: b[at] = (uint8_t)draw(rng); break;
	case 6:
		at &= ~(size_t)3;
		from &= ~(size_t)3;
		memmove(b + at, b + from, n < size - (at > from ? at : from) ? n : size - (at > from ? at : from));
		break;
	default: memset(b + at, draw(rng) & 1 ? 0xff : 0, n < size - at ? n : size - at); break;
	}
}

/* One to three changes; few are cut off as well. The caller frees it. */
static uint8_t *changed(uint64_t *rng, const struct bytes *good, size_t *size)
{
	uint8_t *b = xmalloc(good->size);
	*size = good->size;
	memcpy(b, good->b, *size);
	for (uint64_t n = 1 + draw(rng) % 3; n; n--)
		change(rng, b, *size);
	if (draw(rng) % 16 == 0)
		*size = (size_t)(draw(rng) % *size);
	return b;
}

static enum status read_changed(uint64_t *rng, const struct bytes *good, uint64_t *sum)
{
	size_t size;
	uint8_t *b = changed(rng, good, &size);
	enum status st = read_one(b, size, sum);
	free(b);
	return st;
}

/* ---- laws ------------------------------------------------------------------------------------------------------------------------ */

static void images_of_every_form_are_taken_as_they_are_made(void **state)
{
	struct goods *g = *state;
	uint64_t sum = FNV_BASIS;
	for (unsigned i = 0; i < ARRAY_LEN(g->file); i++)
		assert_int_equal(read_one(g->file[i].b, g->file[i].size, &sum), ST_OK);
}

/* Both must come up, or nothing was tried. */
static void no_change_to_an_image_goes_without_a_clear_line(void **state)
{
	struct goods *g = *state;
	uint64_t rng = 0x5EED, sum = FNV_BASIS;
	for (unsigned f = 0; f < ARRAY_LEN(g->file); f++) {
		unsigned taken = 0, n = MUTATIONS / ARRAY_LEN(g->file) + 1;
		for (unsigned i = 0; i < n; i++)
			taken += read_changed(&rng, &g->file[f], &sum) == ST_OK;
		assert_in_range(taken, n / 100, n * 99 / 100);
	}
}

static void no_change_to_a_patch_goes_without_a_clear_line(void **state)
{
	struct goods *g = *state;
	uint64_t rng = 0xDE17A, sum = FNV_BASIS;
	unsigned taken = 0;
	assert_int_equal(read_patched(&g->file[PATCHED], g->patch.b, g->patch.size, &sum), ST_OK);
	for (unsigned i = 0; i < PATCH_MUTATIONS; i++) {
		size_t size;
		uint8_t *b = changed(&rng, &g->patch, &size);
		taken += read_patched(&g->file[PATCHED], b, size, &sum) == ST_OK;
		free(b);
	}
	assert_in_range(taken, PATCH_MUTATIONS / 100, PATCH_MUTATIONS * 99 / 100);
}

/* Few bytes, much work: records that write the same place again and again. */
static void a_patch_that_goes_on_for_ever_is_refused(void **state)
{
	struct goods *g = *state;
	struct bytes file = { 0 };
	struct image *img = NULL;
	struct err err = { 0 };
	uint32_t format = body_begin(&g->endless, 0, &file);
	for (unsigned i = 0; i < 0x10000; i++) {
		bytes_be32(&file, 0);
		bytes_be32(&file, 0x100);
		bytes_be32(&file, 0xF000u << 16); /* zeros */
	}
	body_end(format, &file);
	const struct xex_options with = { .patch_name = PATCH_NAME, .patch = file.b, .patch_size = file.size };
	assert_int_equal(xex_open(g->file[1].b, g->file[1].size, &with, NAME, &img, &err), ST_BAD_IMAGE);
	assert_null(badimage_line(PATCH_NAME, err.text));
	assert_non_null(strstr(err.text, "records up to here write"));
	bytes_free(&file);
}

/* The bytes that a XEX has too many are padding of its last block; an ELF's end is its table of sections. */
static void no_image_is_taken_that_is_cut_off(void **state)
{
	struct goods *g = *state;
	uint64_t rng = 0xC07, sum = FNV_BASIS;
	for (unsigned i = 0; i < CUTS; i++) {
		const struct bytes *good = &g->file[i % ARRAY_LEN(g->file)];
		size_t most = good->size - 16, size = (size_t)(draw(&rng) % (draw(&rng) & 1 || most < 0x800 ? most : 0x800));
		if (read_one(good->b, size, &sum) == ST_OK)
			fail_msg("image %u of %zu bytes is taken when cut off at %zu", i % (unsigned)ARRAY_LEN(g->file),
				good->size, size);
	}
}

static uint64_t some_changes(const struct goods *g)
{
	uint64_t rng = 7, sum = FNV_BASIS;
	for (unsigned i = 0; i < 500; i++)
		read_changed(&rng, &g->file[i % ARRAY_LEN(g->file)], &sum);
	return sum;
}

static void the_same_bytes_give_the_same_lines(void **state)
{
	assert_true(some_changes(*state) == some_changes(*state));
}

/* Encrypted with another key, there is no image to be seen. */
static void a_wrong_key_gives_a_clear_line(void **state)
{
	struct goods *g = *state;
	struct make_spec spec = { .encrypt = true, .key = "0123456789abcdef" };
	struct bytes file = { 0 };
	struct image *elf, *img = NULL;
	struct err err = { 0 };
	assert_int_equal(image_parse(NAME, g->file[0].b, g->file[0].size, &elf, &err), ST_OK);
	assert_int_equal(make_xex(elf, &spec, &file, &err), ST_OK);
	assert_int_not_equal(image_parse(NAME, file.b, file.size, &img, &err), ST_OK);
	assert_null(badimage_line(NAME, err.text));
	assert_non_null(strstr(err.text, "key"));
	const struct xex_options with = { .key = spec.key };
	assert_int_equal(xex_open(file.b, file.size, &with, NAME, &img, &err), ST_OK);
	assert_int_equal(img->entry, elf->entry);
	image_free(img);
	image_free(elf);
	bytes_free(&file);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(images_of_every_form_are_taken_as_they_are_made),
	cmocka_unit_test(no_change_to_an_image_goes_without_a_clear_line),
	cmocka_unit_test(no_change_to_a_patch_goes_without_a_clear_line),
	cmocka_unit_test(a_patch_that_goes_on_for_ever_is_refused),
	cmocka_unit_test(no_image_is_taken_that_is_cut_off),
	cmocka_unit_test(the_same_bytes_give_the_same_lines),
	cmocka_unit_test(a_wrong_key_gives_a_clear_line),
};

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, goods_make, goods_free);
}
