/* tests/t_vol.c - the laws of volumes: a folder, a disc image and a package of it show the same; nothing outside is ever seen; what was read
 * stays as it was. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/volmake/volmake.h"

static char dir[64];

static const char *in_dir(const char *name)
{
	static char path[4][512];
	static unsigned n;
	snprintf(path[n % 4], sizeof path[0], "%s/%s", dir, name);
	return path[n++ % 4];
}

static void put_file(const char *name, const void *bytes, size_t size)
{
	FILE *f = fopen(in_dir(name), "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
}

static void put_text(const char *name, const char *text)
{
	put_file(name, text, strlen(text));
}

/* A folder with everything in it that may be there: sizes at and around blocks, a tree, names in both cases. */
static int setup(void **state)
{
	static uint8_t bytes[800 * 1024];
	static const size_t sizes[] = { 0, 1, 4095, 4096, 4097, sizeof bytes };
	(void)state;
	snprintf(dir, sizeof dir, "%s", "/tmp/wedge-vol-XXXXXX");
	assert_non_null(mkdtemp(dir));
	mkdir(in_dir("in"), 0755);
	mkdir(in_dir("in/Data"), 0755);
	mkdir(in_dir("in/Data/empty"), 0755);
	mkdir(in_dir("in/Data/deep"), 0755);
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i * 2654435761u >> 13);
	for (unsigned i = 0; i < ARRAY_LEN(sizes); i++) {
		char name[32];
		snprintf(name, sizeof name, "in/Data/%c%u.bin", i % 2 ? 'f' : 'F', i);
		put_file(name, bytes, sizes[i]);
	}
	for (unsigned i = 0; i < 150; i++) {
		char name[64];
		snprintf(name, sizeof name, "in/Data/deep/a file with a long name %03u", i);
		put_text(name, name);
	}
	put_text("outside.txt", "outside");
	return 0;
}

static int teardown(void **state)
{
	char command[128];
	(void)state;
	snprintf(command, sizeof command, "rm -rf '%s'", dir);
	return system(command);
}

static struct volume *open_good(const char *path)
{
	struct err err;
	struct volume *v;
	if (volume_open(path, &v, &err) != ST_OK)
		fail_msg("%s", err.text);
	return v;
}

static void equal_below(struct volume *a, uint32_t na, struct volume *b, uint32_t nb)
{
	uint32_t fa, ca, fb, cb;
	assert_int_equal(volume_children(a, na, &fa, &ca, NULL), ST_OK);
	assert_int_equal(volume_children(b, nb, &fb, &cb, NULL), ST_OK);
	assert_int_equal(ca, cb);
	for (uint32_t i = 0; i < ca; i++) {
		struct volume_entry ea = volume_entry(a, fa + i), eb = volume_entry(b, fb + i);
		assert_string_equal(ea.name, eb.name);
		assert_int_equal(ea.directory, eb.directory);
		assert_int_equal(ea.size, eb.size);
		for (uint64_t block = 0; block * VOLUME_BLOCK < ea.size + 1; block++) {
			uint8_t x[VOLUME_BLOCK], y[VOLUME_BLOCK];
			assert_int_equal(volume_read(a, fa + i, block, x, NULL), ST_OK);
			assert_int_equal(volume_read(b, fb + i, block, y, NULL), ST_OK);
			assert_memory_equal(x, y, VOLUME_BLOCK);
		}
		if (ea.directory)
			equal_below(a, fa + i, b, fb + i);
	}
}

static void an_image_shows_what_its_folder_held(void **state)
{
	static const struct {
		enum volume_kind kind;
		size_t base;
		struct vm_stfs stfs;
	} forms[] = { { VOLUME_XDVDFS, 0, { 0 } }, { VOLUME_XDVDFS, 0xFB20, { 0 } }, { VOLUME_STFS, 0, { false, false } },
		{ VOLUME_STFS, 0, { false, true } }, { VOLUME_STFS, 0, { true, false } }, { VOLUME_STFS, 0, { true, true } } };
	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(forms); i++) {
		struct volume *folder = open_good(in_dir("in"));
		struct vm_bytes b =
			forms[i].kind == VOLUME_XDVDFS ? vm_xdvdfs(folder, forms[i].base) : vm_stfs(folder, &forms[i].stfs);
		put_file("image", b.p, b.size);
		struct volume *image = open_good(in_dir("image"));
		assert_int_equal(volume_kind(image), forms[i].kind);
		equal_below(folder, 1, image, 1);
		volume_free(image);
		volume_free(folder);
		free(b.p);
	}
}

static void names_are_found_without_regard_to_case(void **state)
{
	static const char *const good[] = { "", "DATA", "data\\F0.BIN", "dAtA\\DEEP\\A FILE WITH a long NAME 149" },
				 *const bad[] = { "dat", "Data\\", "Data\\\\f1.bin", "\\Data", "..", "Data\\..", "Data/f1.bin",
					 "Data\\f1.bin\\x", "../outside.txt" };
	struct volume *v = open_good(in_dir("in"));
	uint32_t node;
	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(good); i++)
		assert_int_equal(volume_find(v, good[i], &node, NULL), ST_OK);
	for (unsigned i = 0; i < ARRAY_LEN(bad); i++)
		if (i != 1) /* a `\` at the end names the same */
			assert_int_equal(volume_find(v, bad[i], &node, NULL), ST_NOT_FOUND);
	volume_free(v);
}

/* Links: those that stay inside are followed, all others are not there. */
static void nothing_outside_of_the_folder_is_seen(void **state)
{
	struct volume *v;
	uint32_t node;
	uint8_t bytes[VOLUME_BLOCK];
	(void)state;
	mkdir(in_dir("links"), 0755);
	mkdir(in_dir("links/sub"), 0755);
	put_text("links/sub/real.txt", "real");
	put_text("links/Twin", "1");
	put_text("links/twin", "2");
	put_text("links/a:b", "no such name on the console");
	assert_int_equal(symlink("sub/real.txt", in_dir("links/inside")), 0);
	assert_int_equal(symlink("sub", in_dir("links/folder")), 0);
	assert_int_equal(symlink("..", in_dir("links/sub/up")), 0);
	assert_int_equal(symlink("../outside.txt", in_dir("links/outside")), 0);
	assert_int_equal(symlink("/etc/passwd", in_dir("links/absolute")), 0);
	assert_int_equal(symlink("/", in_dir("links/root")), 0);
	assert_int_equal(symlink("nowhere", in_dir("links/dangling")), 0);
	assert_int_equal(symlink("loop", in_dir("links/loop")), 0);
	assert_int_equal(mkfifo(in_dir("links/fifo"), 0644), 0);
	v = open_good(in_dir("links"));
	assert_int_equal(volume_find(v, "inside", &node, NULL), ST_OK);
	assert_int_equal(volume_read(v, node, 0, bytes, NULL), ST_OK);
	assert_memory_equal(bytes, "real", 5);
	assert_int_equal(volume_find(v, "folder\\real.txt", &node, NULL), ST_OK);
	assert_int_equal(volume_find(v, "TWIN", &node, NULL), ST_OK);
	assert_string_equal(volume_entry(v, node).name, "Twin"); /* by bytes the first one */
	static const char *const absent[] = { "outside", "absolute", "root", "root\\etc", "dangling", "loop", "fifo", "a:b",
		"sub\\up" };
	for (unsigned i = 0; i < ARRAY_LEN(absent); i++)
		assert_int_equal(volume_find(v, absent[i], &node, NULL), ST_NOT_FOUND);
	assert_int_equal(volume_hidden(v), 10); /* sub\\up twice: it is below folder too */
	volume_free(v);
}

/* A link that is put in the place of a directory afterwards is not followed either. */
static void a_directory_that_becomes_a_link_breaks_the_volume(void **state)
{
	struct err err;
	struct volume *v;
	uint32_t node, first, count;
	(void)state;
	mkdir(in_dir("swap"), 0755);
	mkdir(in_dir("swap/d"), 0755);
	v = open_good(in_dir("swap"));
	assert_int_equal(volume_find(v, "d", &node, NULL), ST_OK);
	assert_int_equal(rmdir(in_dir("swap/d")), 0);
	assert_int_equal(symlink("/etc", in_dir("swap/d")), 0);
	assert_int_equal(volume_children(v, node, &first, &count, &err), ST_IO);
	assert_non_null(strstr(err.text, "directory 'd'"));
	assert_string_equal(volume_broken(v), err.text);
	assert_int_equal(volume_find(v, "d", &node, NULL), ST_IO);
	volume_free(v);
}

static void a_file_that_changes_breaks_the_volume(void **state)
{
	static const char *const changes[] = { "longer than before", "same!", "" };
	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(changes); i++) {
		struct err err;
		uint8_t bytes[VOLUME_BLOCK];
		uint32_t node;
		mkdir(in_dir("changing"), 0755);
		put_text("changing/f", "first");
		struct volume *v = open_good(in_dir("changing"));
		assert_int_equal(volume_find(v, "f", &node, NULL), ST_OK);
		assert_int_equal(volume_read(v, node, 0, bytes, NULL), ST_OK);
		assert_null(volume_broken(v));
		put_text("changing/f", changes[i]);
		struct timespec soon[2] = { { 1000000000, 0 }, { 1000000000, 0 } }; /* whatever the host's clock counts in */
		assert_int_equal(utimensat(AT_FDCWD, in_dir("changing/f"), soon, 0), 0);
		assert_int_equal(volume_read(v, node, 0, bytes, &err), ST_IO);
		assert_non_null(strstr(err.text, "f: has changed since it was first seen"));
		assert_non_null(volume_broken(v));
		volume_free(v);
	}
}

/* Even one whose times are put back. */
static void contents_are_hashed_when_first_read(void **state)
{
	struct err err;
	struct stat st;
	uint8_t bytes[VOLUME_BLOCK];
	uint32_t node;
	(void)state;
	put_text("same", "first");
	mkdir(in_dir("hashed"), 0755);
	put_text("hashed/f", "first");
	struct volume *v = open_good(in_dir("hashed"));
	assert_int_equal(volume_find(v, "f", &node, NULL), ST_OK);
	assert_int_equal(volume_read(v, node, 0, bytes, NULL), ST_OK);
	uint64_t digest = volume_digest(v);
	assert_int_equal(stat(in_dir("hashed/f"), &st), 0);
	int fd = open(in_dir("hashed/f"), O_WRONLY);
	assert_int_equal(pwrite(fd, "other", 5, 0), 5);
	close(fd);
	struct timespec times[2] = { st.st_atim, st.st_mtim };
	assert_int_equal(utimensat(AT_FDCWD, in_dir("hashed/f"), times, 0), 0);
	assert_int_equal(volume_read(v, node, 0, bytes, &err), ST_IO);
	assert_non_null(strstr(err.text, "no longer what was read before"));
	struct volume *again = open_good(in_dir("hashed"));
	assert_int_equal(volume_find(again, "f", &node, NULL), ST_OK);
	assert_int_equal(volume_read(again, node, 0, bytes, NULL), ST_OK);
	assert_true(volume_digest(again) != digest);
	volume_free(again);
	volume_free(v);
}

static void what_is_no_volume_gets_a_clear_line(void **state)
{
	static const struct {
		const char *name, *line;
	} cases[] = { { "none", "No such file" },
		{ "outside.txt", "neither a folder nor a disc image (XDVDFS) nor a package (STFS)" },
		{ "pipe", "neither a folder nor a file" } };
	(void)state;
	assert_int_equal(mkfifo(in_dir("pipe"), 0644), 0);
	for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err;
		struct volume *v;
		assert_int_not_equal(volume_open(in_dir(cases[i].name), &v, &err), ST_OK);
		if (!strstr(err.text, cases[i].line) || strncmp(err.text, dir, strlen(dir)) != 0)
			fail_msg("%s", err.text);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_image_shows_what_its_folder_held),
		cmocka_unit_test(names_are_found_without_regard_to_case),
		cmocka_unit_test(nothing_outside_of_the_folder_is_seen),
		cmocka_unit_test(a_directory_that_becomes_a_link_breaks_the_volume),
		cmocka_unit_test(a_file_that_changes_breaks_the_volume),
		cmocka_unit_test(contents_are_hashed_when_first_read),
		cmocka_unit_test(what_is_no_volume_gets_a_clear_line),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
