/* tests/t_lines.c - the laws of source lines: what is read, how it is asked for, and that no debug information takes wedge down. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "src/cpu/unwind.h"
#include "src/load/dwarf.h"
#include "src/load/image.h"

#define GUEST "tests/guest/callers.elf"
#define FILE_NAME "tests/guest/callers.c"
#define CHANGED_FILES 10000u

static struct image *guest(void)
{
	struct image *img = NULL;
	struct err err;
	if (image_open(GUEST, &img, &err) != ST_OK)
		skip();
	return img;
}

static uint32_t function(const struct image *img, const char *name)
{
	const struct image_symbol *s = image_symbol_find(img, name);
	assert_non_null(s);
	return s->ga;
}

static void every_instruction_of_a_function_has_its_line(void **state)
{
	struct image *img = guest();
	uint32_t begin, end;
	assert_true(image_bounds_at(img, function(img, "outer"), &begin, &end));
	for (uint32_t ga = begin; ga < end; ga += 4) {
		struct line_place p;
		assert_true(image_line_at(img, ga, &p));
		assert_string_equal(p.file, FILE_NAME);
		assert_true(p.line >= 36 && p.line <= 45 && p.begin <= ga && ga < p.end);
	}
	image_free(img);
}

static void code_without_lines_has_none(void **state)
{
	struct image *img = guest();
	struct line_place p;
	assert_false(image_line_at(img, function(img, "NtCreateEvent"), &p));
	assert_false(image_line_at(img, 0, &p));
	assert_false(image_line_at(img, UINT32_MAX, &p));
	assert_false(image_line_at(NULL, 0x82000000, &p));
	image_free(img);
}

static void a_line_is_found_by_the_end_of_its_files_name(void **state)
{
	struct image *img = guest();
	struct line_place p, q;
	bool several;
	assert_string_equal(image_source_find(img, "callers.c", &several), FILE_NAME);
	assert_string_equal(image_source_find(img, "guest/callers.c", &several), FILE_NAME);
	assert_null(image_source_find(img, "allers.c", &several));
	assert_null(image_source_find(img, "", &several));
	assert_true(image_line_find(img, "callers.c", 41, 0, &p) && p.line == 41 && p.starts);
	assert_true(image_line_at(img, p.begin, &q) && q.line == 41 && q.starts);
	assert_false(image_line_find(img, "callers.c", 100000, 0, &p));
	image_free(img);
}

static void a_line_without_code_gives_the_next_one_that_has_some(void **state)
{
	struct image *img = guest();
	struct line_place p;
	assert_true(image_line_find(img, "callers.c", 1, 0, &p));
	assert_int_equal(p.line, 17);
	assert_int_equal(p.begin, function(img, "wait_here"));
	image_free(img);
}

/* All ranges of all lines, asked for one by one, are the rows that every instruction is told to be in. */
static void the_ranges_of_a_line_are_all_its_code(void **state)
{
	struct image *img = guest();
	for (uint32_t line = 1; line < 70; line++) {
		struct line_place p, at;
		uint32_t last = 0;
		for (unsigned n = 0; image_line_find(img, "callers.c", line, n, &p) && p.line == line; n++) {
			assert_true(p.begin > last && p.end > p.begin);
			for (uint32_t ga = p.begin; ga < p.end; ga += 4)
				assert_true(image_line_at(img, ga, &at) &&
					    (at.line == line || (at.begin <= p.begin && at.end == p.end)));
			last = p.begin;
		}
	}
	image_free(img);
}

static void frames_are_told_by_debug_information(void **state)
{
	struct image *img = guest();
	struct unwind u;
	uint32_t ga = function(img, "outer");
	assert_true(image_cfi_at(img, ga, &u) && u.cfa_known && u.cfa == 0 && u.lr.how == UNWIND_SAME);
	assert_true(image_cfi_at(img, ga + 0x4c, &u) && u.cfa == 48);
	assert_true(
		u.lr.how == UNWIND_SAVED && u.lr.offset == 4 && u.gpr[31].how == UNWIND_SAVED && u.gpr[30].how == UNWIND_SAME);
	assert_true(u.fpr[31].how == UNWIND_SAVED && u.fpr[31].size == 8);
	assert_false(image_cfi_at(img, function(img, "NtCreateEvent"), &u));
	image_free(img);
}

/* Changed bytes in the debug sections: something is read or left out, and each question has an answer. */
static void malformed_debug_information_is_survived(void **state)
{
	struct image *img = guest();
	uint64_t seed = 7;
	unsigned notes = 0, lines = 0;
	size_t begin =
		img->segment[0].file_size + 0x200; /* behind the program's own bytes: sections of debug information, headers */
	for (unsigned i = 0; i < CHANGED_FILES; i++) {
		uint8_t *bytes = malloc(img->file_size);
		memcpy(bytes, img->file, img->file_size);
		for (unsigned k = 0; k < 1 + i % 7; k++) {
			seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
			bytes[begin + (seed >> 33) % (img->file_size - begin)] = i % 3 ? (uint8_t)(seed >> 20) : i % 2 ? 0xff : 0;
		}
		struct image changed = { .base = img->base, .size = img->size };
		if (dwarf_read(&changed, bytes, img->file_size, true)) {
			struct line_place p;
			struct unwind u;
			notes += changed.dwarf->note[0] != 0;
			for (uint32_t ga = img->base; ga < img->base + 0x300; ga += 20) {
				lines += image_line_at(&changed, ga, &p) && p.begin < p.end;
				(void)image_cfi_at(&changed, ga, &u);
			}
			(void)image_line_find(&changed, "callers.c", 30, 0, &p);
		} else {
			free(bytes);
		}
		dwarf_free(changed.dwarf);
	}
	assert_true(notes > 0 && lines > 0);
	image_free(img);
}

static void what_is_no_elf_has_no_debug_information(void **state)
{
	static const char text[] = "neither an ELF file nor anything else";
	struct image img = { .base = 0x82000000, .size = 0x1000 };
	assert_false(dwarf_read(&img, (uint8_t *)(uintptr_t)text, sizeof text, false));
	assert_false(dwarf_read(&img, (uint8_t *)(uintptr_t)text, 0, false));
	assert_null(img.dwarf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_instruction_of_a_function_has_its_line),
		cmocka_unit_test(code_without_lines_has_none),
		cmocka_unit_test(a_line_is_found_by_the_end_of_its_files_name),
		cmocka_unit_test(a_line_without_code_gives_the_next_one_that_has_some),
		cmocka_unit_test(the_ranges_of_a_line_are_all_its_code),
		cmocka_unit_test(frames_are_told_by_debug_information),
		cmocka_unit_test(malformed_debug_information_is_survived),
		cmocka_unit_test(what_is_no_elf_has_no_debug_information),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
