/* tests/t_xex_map.c - the laws of a linker's map beside a XEX2 image, and of opening images with what belongs to them. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/xexkit.h"

static char folder[] = "/tmp/t_xex_map.XXXXXX";

static const char *place(const char *name)
{
	static char path[4][128];
	static unsigned n;
	char *p = path[n++ % 4];
	snprintf(p, sizeof path[0], "%s/%s", folder, name);
	return p;
}

static void put_file(const char *name, const void *bytes, size_t size)
{
	FILE *f = fopen(place(name), "w");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, size, f), size);
	fclose(f);
}

/* made.xex with this map beside it. */
static struct image *with_map(const char *map, size_t size)
{
	struct xk *x = xk_new();
	struct image *img = NULL;
	struct err err = { 0 };
	xk_finish(x);
	put_file("made.xex", x->file, x->size);
	put_file("made.map", map, size);
	if (image_open(place("made.xex"), &img, &err) != ST_OK)
		fail_msg("%s", err.text);
	xk_free(x);
	return img;
}

static const char good[] =
	" made\n\n Timestamp is 4d5a8d40\n\n Preferred load address is 82000000\n\n"
	" Start         Length     Name                   Class\n 0002:00000000 00002000H .text                   CODE\n\n"
	"  Address         Publics by Value              Rva+Base       Lib:Object\n\n"
	" 0000:00000001       ___absolute                00000001     <absolute>\n"
	" 0002:00000040       ?second@@YAXXZ             82001040 f   main.obj\r\n"
	" 0002:00000000       start                      82001000 f i main.obj\n"
	" 0003:00000000       _table                     82003000     main.obj\n\n"
	" entry point at        0002:00000000\n\n Static symbols\n\n"
	" 0002:00000080       helper                     82001080     main.obj\n";

static void a_map_beside_the_title_names_its_functions(void **state)
{
	struct image *img = with_map(good, sizeof good - 1);
	uint32_t offset = 0;
	assert_int_equal(img->symbols, 4);
	const struct image_symbol *s = image_symbol_at(img, XK_BASE + XK_CODE + 4, &offset);
	assert_string_equal(s->name, "start");
	assert_true(s->function && s->size == 0x40 && offset == 4); /* its bounds are .pdata's */
	s = image_symbol_find(img, "?second@@YAXXZ");
	assert_true(s && s->ga == XK_BASE + XK_CODE + 0x40 && s->function && s->size == 0x20);
	s = image_symbol_find(img, "_table");
	assert_true(s && !s->function && s->size == 0);
	s = image_symbol_find(img, "helper");
	assert_true(s && s->function);
	assert_null(image_symbol_find(img, "___absolute"));
	image_free(img);
}

/* A symbol without a size ends where .pdata says that a function begins. */
static void a_name_does_not_reach_into_the_next_function(void **state)
{
	static const char map[] = " 0001:00000000       __header                   82000000     main.obj\n";
	struct image *img = with_map(map, sizeof map - 1);
	const struct image_symbol *s = image_symbol_at(img, XK_BASE + 0x20, NULL);
	assert_true(s && !strcmp(s->name, "__header"));
	assert_null(image_symbol_at(img, XK_BASE + XK_CODE + 4, NULL));
	assert_non_null(image_symbol_at(img, XK_BASE + XK_CODE + 0x100, NULL));
	image_free(img);
}

/* Cut off anywhere, with bytes of any value: no harm, and at most the symbols that are there. */
static void a_bad_map_does_no_harm(void **state)
{
	for (size_t size = 0; size < sizeof good; size += 7) {
		struct image *img = with_map(good, size);
		assert_true(img->symbols <= 4);
		image_free(img);
	}
	char text[sizeof good];
	for (unsigned i = 0; i < 64; i++) {
		memcpy(text, good, sizeof good);
		for (size_t at = i; at < sizeof text; at += 31)
			text[at] = (char)(at * 37 + i * 11);
		struct image *img = with_map(text, sizeof text);
		for (unsigned k = 0; k < img->symbols; k++)
			assert_true(img->symbol[k].ga - img->base < img->size && strlen(img->symbol[k].name) < sizeof text);
		image_free(img);
	}
	unlink(place("made.map"));
}

static void what_belongs_to_a_title_is_opened_with_it(void **state)
{
	struct xk *x = xk_new();
	struct image *img = NULL;
	struct err err = { 0 };
	const uint8_t key[XEX_KEY_BYTES] = { 0x12, 0x34 };
	XK_WORDS(x, XEX_KEY_FILE_FORMAT_INFO, 8, XEX_UNCOMPRESSED);
	xk_encrypt(x, key);
	xk_finish(x);
	put_file("made.xex", x->file, x->size);
	put_file("key", "12340000000000000000000000000000\n", 33);
	assert_int_equal(image_open(place("made.xex"), &img, &err), ST_BAD_IMAGE);
	assert_non_null(strstr(err.text, "--xex-key FILE"));
	assert_int_equal(image_open_with(place("made.xex"), &(struct image_options){ .key = place("key") }, &img, &err), ST_OK);
	assert_memory_equal(img->xex->memory, x->image, XK_IMAGE);
	image_free(img);
	assert_int_equal(image_open_with(place("made.xex"), &(struct image_options){ .key = place("none") }, &img, &err), ST_IO);
	assert_int_equal(
		image_open_with(place("made.xex"), &(struct image_options){ .patch = place("none") }, &img, &err), ST_IO);
	assert_int_equal(
		image_open_with(place("none"), &(struct image_options){ .patch = place("made.xex") }, &img, &err), ST_IO);
	assert_int_equal(image_open_with(place("made.xex"), &(struct image_options){ .key = place("key"), .patch = place("key") },
				 &img, &err),
		ST_BAD_IMAGE);
	assert_non_null(strstr(err.text, "/key: offset 0x0: magic"));
	xk_free(x);
}

static int setup(void **state)
{
	return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state)
{
	unlink(place("made.xex"));
	unlink(place("key"));
	return rmdir(folder);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_map_beside_the_title_names_its_functions),
		cmocka_unit_test(a_name_does_not_reach_into_the_next_function),
		cmocka_unit_test(a_bad_map_does_no_harm),
		cmocka_unit_test(what_belongs_to_a_title_is_opened_with_it),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
