/* tests/t_symbols.c - the laws of symbols from beside a title: files of any kind, the user's own, and an ELF file written with them. */
#include "config.h"

#include <elf.h>

#include "src/load/elf_write.h"
#include "src/load/symbols.h"
#include "tests/small.h"

#define CODE 0x82000000u
#define DATA 0x82010000u

static uint8_t code_bytes[0x100], data_bytes[0x40];
static struct image_segment segments[] = {
	{ CODE, 0x1000, MEM_PROT_R | MEM_PROT_X, sizeof code_bytes, code_bytes },
	{ DATA, 0x1000, MEM_PROT_R | MEM_PROT_W, sizeof data_bytes, data_bytes },
};

/* An image of code and data without a file; given back with image_free. */
static struct image *bare(void)
{
	struct image *img = calloc(1, sizeof *img);
	assert_non_null(img);
	img->base = CODE;
	img->size = DATA + 0x1000 - CODE;
	img->entry = CODE;
	img->segments = 2;
	img->segment = calloc(2, sizeof *img->segment);
	for (unsigned i = 0; i < 2; i++) {
		uint8_t *bytes = malloc(segments[i].file_size);
		memcpy(bytes, segments[i].bytes, segments[i].file_size);
		img->segment[i] = segments[i];
		img->segment[i].bytes = bytes;
	}
	return img;
}

/* Reads @size bytes as a file of symbols. */
static enum status from(struct image *img, const void *bytes, size_t size, struct symbols_read *r, struct err *err)
{
	char *path = small_path("symbols");
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, size, f), size);
	fclose(f);
	enum status st = image_symbols_read(img, path, r, err);
	unlink(path);
	free(path);
	return st;
}

static void expect_at(const struct image *img, uint32_t ga, const char *name, uint32_t offset)
{
	uint32_t got;
	const struct image_symbol *s = image_symbol_at(img, ga, &got);
	assert_non_null(s);
	assert_string_equal(s->name, name);
	assert_int_equal(got, offset);
}

static void lines_of_nm_in_all_its_forms_are_taken(void **state)
{
	static const char text[] =
		"82000010 T start\n82000020 00000010 t helper\r\n82010000 D table\n0x82010010 plain\n"
		"0000000082010020 b word with blanks\n         U missing\n\n# a remark\nnonsense here\n8200 short\n";
	struct image *img = bare();
	struct symbols_read r;
	struct err err = { 0 };
	assert_int_equal(from(img, text, sizeof text - 1, &r, &err), ST_OK);
	assert_int_equal(r.symbols, 5);
	assert_int_equal(r.skipped, 2);
	assert_false(r.lines);
	expect_at(img, CODE + 0x14, "start", 4);
	expect_at(img, CODE + 0x2f, "helper", 0xf);
	expect_at(img, DATA + 4, "table", 4);
	expect_at(img, DATA + 0x10, "plain", 0);
	expect_at(img, DATA + 0x20, "word with blanks", 0);
	assert_true(image_symbol_find(img, "helper")->function && !image_symbol_find(img, "table")->function);
	image_free(img);
}

static void a_linkers_map_is_taken_too(void **state)
{
	static const char text[] = " made\n 0001:00000000       start                      82000000 f i main.obj\n"
				   " 0002:00000000       _table                     82010000     main.obj\n";
	struct image *img = bare();
	struct symbols_read r;
	struct err err = { 0 };
	assert_int_equal(from(img, text, sizeof text - 1, &r, &err), ST_OK);
	expect_at(img, CODE + 8, "start", 8);
	expect_at(img, DATA, "_table", 0);
	image_free(img);
}

static void a_file_without_symbols_is_refused_and_changes_nothing(void **state)
{
	static const char *const texts[] = { "", "nothing of the kind\n", "\177ELF", "\177ELF\1\2\1 and then nothing that is one",
		"a\0b" };
	struct image *img = bare();
	struct symbols_read r;
	struct err err = { 0 };
	for (unsigned i = 0; i < ARRAY_LEN(texts); i++) {
		assert_int_equal(from(img, texts[i], i == 4 ? 3 : strlen(texts[i]), &r, &err), ST_BAD_IMAGE);
		assert_non_null(strstr(err.text, "no symbols"));
		assert_int_equal(img->symbols, 0);
	}
	assert_int_equal(image_symbols_read(img, "/nowhere/at/all", &r, &err), ST_IO);
	image_free(img);
}

static void the_users_name_wins_at_its_address_and_gives_way_to_a_new_one(void **state)
{
	struct image *img = bare();
	struct symbols_read r;
	struct err err = { 0 };
	assert_int_equal(from(img, "82000010 T start\n", 17, &r, &err), ST_OK);
	assert_int_equal(image_symbol_add(img, "mine", CODE + 0x10, 8, &err), ST_OK);
	expect_at(img, CODE + 0x10, "mine", 0);
	expect_at(img, CODE + 0x18, "start", 8);
	assert_int_equal(image_symbol_add(img, "mine", DATA, 0, &err), ST_OK);
	expect_at(img, CODE + 0x10, "start", 0);
	expect_at(img, DATA + 4, "mine", 4);
	assert_int_equal(image_symbol_add(img, "start", DATA, 0, &err), ST_STATE);
	assert_int_equal(image_symbol_delete(img, "mine", &err), ST_OK);
	assert_int_equal(image_symbol_delete(img, "mine", &err), ST_NOT_FOUND);
	assert_null(image_symbol_find(img, "mine"));
	image_free(img);
}

static void a_name_may_stand_anywhere_in_memory(void **state)
{
	struct image *img = bare();
	struct err err = { 0 };
	assert_int_equal(image_symbol_add(img, "object", 0x40001000, 0, &err), ST_OK);
	expect_at(img, 0x40001003, "object", 3);
	assert_null(image_symbol_at(img, 0x40001004, NULL));
	assert_int_equal(image_symbol_add(img, "last", 0xFFFFFFF0, 15, &err), ST_OK);
	expect_at(img, 0xFFFFFFFE, "last", 14);
	assert_int_equal(image_symbol_add(img, "beyond", 0xFFFFFFF0, 16, &err), ST_BAD_VALUE);
	image_free(img);
}

static void what_is_no_name_is_refused(void **state)
{
	static const char *const names[] = { "", "with blank", "9th", "$r3", "bell\a", "\xc3\xa9" };
	struct image *img = bare();
	struct err err = { 0 };
	for (unsigned i = 0; i < ARRAY_LEN(names); i++)
		assert_int_equal(image_symbol_add(img, names[i], CODE, 0, &err), ST_BAD_VALUE);
	assert_int_equal(img->symbols, 0);
	image_free(img);
}

static void the_titles_own_symbols_stay(void **state)
{
	struct image *img = bare();
	struct err err = { 0 };
	image_symbol_import(img, CODE + 0x40, 16, "NtClose");
	image_symbol_import(img, CODE + 0x40, 16, "NtOpen"); /* it has a name already */
	image_symbols_sort(img);
	assert_int_equal(img->symbols, 1);
	assert_int_equal(image_symbol_delete(img, "NtClose", &err), ST_STATE);
	expect_at(img, CODE + 0x4c, "NtClose", 12);
	image_free(img);
}

static void bounds_are_those_of_pdata_then_of_symbols(void **state)
{
	struct image *img = bare();
	struct symbols_read r;
	struct err err = { 0 };
	uint32_t begin = 0, end = 0;
	assert_int_equal(from(img, "82000010 T a\n82000020 00000008 T b\n82000040 T c\n", 48, &r, &err), ST_OK);
	assert_true(image_bounds_at(img, CODE + 0x14, &begin, &end) && begin == CODE + 0x10 && end == CODE + 0x20);
	assert_true(image_bounds_at(img, CODE + 0x24, &begin, &end) && begin == CODE + 0x20 && end == CODE + 0x28);
	assert_false(image_bounds_at(img, CODE, &begin, &end));
	img->function = calloc(1, sizeof *img->function);
	img->function[0] = (struct image_function){ .ga = CODE + 0x0c, .size = 0x30 };
	img->functions = 1;
	assert_true(image_bounds_at(img, CODE + 0x24, &begin, &end) && begin == CODE + 0x0c && end == CODE + 0x3c);
	assert_false(image_bounds_at(NULL, CODE, &begin, &end));
	image_free(img);
}

/* An image written as an ELF file is the same image when it is read. */
static void an_elf_file_that_was_written_is_read_back(void **state)
{
	struct image *img = bare(), *back = NULL;
	struct err err = { 0 };
	char *path = small_path("export.elf");
	for (unsigned i = 0; i < sizeof code_bytes; i++)
		((uint8_t *)(uintptr_t)img->segment[0].bytes)[i] = (uint8_t)(i + 1);
	assert_int_equal(image_symbol_add(img, "start", CODE + 0x10, 16, &err), ST_OK);
	assert_int_equal(image_symbol_add(img, "table", DATA + 4, 4, &err), ST_OK);
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	elf_write(f, &(struct elf_out){ img->entry, img->segments, img->symbols, img->segment, img->symbol });
	fclose(f);
	if (image_open(path, &back, &err) != ST_OK)
		fail_msg("%s", err.text);
	assert_true(image_digest(back) == image_digest(img));
	assert_int_equal(back->entry, img->entry);
	assert_int_equal(back->symbols, 2);
	expect_at(back, CODE + 0x14, "start", 4);
	assert_true(image_symbol_find(back, "start")->function && !image_symbol_find(back, "table")->function);
	struct symbols_read r;
	struct image *other = bare();
	assert_int_equal(image_symbols_read(other, path, &r, &err), ST_OK);
	assert_int_equal(r.symbols, 2);
	expect_at(other, DATA + 5, "table", 1);
	unlink(path);
	free(path);
	image_free(other);
	image_free(back);
	image_free(img);
}

static void any_text_is_survived(void **state)
{
	static const char letters[] = "0123456789abcdefABCDEF :xTtU\r\n\t.#";
	uint64_t seed = 3;
	for (unsigned round = 0; round < 300; round++) {
		char text[400];
		struct image *img = bare();
		struct symbols_read r;
		struct err err = { 0 };
		for (unsigned i = 0; i < sizeof text; i++) {
			seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
			text[i] = seed >> 60 ? letters[(seed >> 33) % (sizeof letters - 1)] : (char)(seed >> 40);
		}
		if (from(img, text, sizeof text, &r, &err) == ST_OK)
			for (unsigned i = 0; i < img->symbols; i++)
				assert_true(*img->symbol[i].name != 0);
		image_free(img);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_of_nm_in_all_its_forms_are_taken),
		cmocka_unit_test(a_linkers_map_is_taken_too),
		cmocka_unit_test(a_file_without_symbols_is_refused_and_changes_nothing),
		cmocka_unit_test(the_users_name_wins_at_its_address_and_gives_way_to_a_new_one),
		cmocka_unit_test(a_name_may_stand_anywhere_in_memory),
		cmocka_unit_test(what_is_no_name_is_refused),
		cmocka_unit_test(the_titles_own_symbols_stay),
		cmocka_unit_test(bounds_are_those_of_pdata_then_of_symbols),
		cmocka_unit_test(an_elf_file_that_was_written_is_read_back),
		cmocka_unit_test(any_text_is_survived),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
