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

/* Every block of it, damaged or not: how many are. Each says so in one line, and says it again. */
static uint64_t read_below(struct volume *v, uint32_t node)
{
	uint32_t first, count;
	uint64_t bad = 0;
	assert_int_equal(volume_children(v, node, &first, &count, NULL), ST_OK);
	for (uint32_t i = first; i < first + count; i++) {
		for (uint64_t block = 0; block * VOLUME_BLOCK < volume_entry(v, i).size; block++) {
			uint8_t bytes[VOLUME_BLOCK];
			struct err err;
			enum status st = volume_read(v, i, block, bytes, &err);
			if (st == ST_BAD_INPUT)
				assert_true(strstr(err.text, "block") || strstr(err.text, "ends too soon"));
			else
				assert_int_equal(st, ST_OK);
			assert_int_equal(volume_read(v, i, block, bytes, NULL), st);
			bad += st == ST_BAD_INPUT;
		}
		bad += volume_entry(v, i).directory ? read_below(v, i) : 0;
	}
	return bad;
}

/* A byte of the image at @at turned over: how many blocks of files cannot be read then? -1: it is refused, with @line. */
static long turned_over(const struct vm_bytes *b, size_t at, const char *line)
{
	struct volume *v;
	struct err err;
	b->p[at] ^= 0x10;
	put_file("image", b->p, b->size);
	b->p[at] ^= 0x10;
	if (volume_open(in_dir("image"), &v, &err) != ST_OK) {
		if (!strstr(err.text, line))
			fail_msg("%zx: %s", at, err.text);
		return -1;
	}
	uint64_t told, n = read_below(v, 1), checked = volume_checked(v, &told);
	assert_int_equal(n, told);
	assert_true(checked > 170);
	assert_null(volume_broken(v));
	volume_free(v);
	return (long)n;
}

/* A table of 170 hashes at A000 (its second copy at B000), the file table from B000 (C000), the second table and that of tables behind 170 blocks. */
static void a_damaged_block_of_a_package_is_told_from_the_others(void **state)
{
	(void)state;
	for (unsigned twice = 0; twice < 2; twice++) {
		struct volume *folder = open_good(in_dir("in"));
		struct vm_bytes b = vm_stfs(folder, &(struct vm_stfs){ .twice = twice });
		size_t table = 0xA000 + twice * 0x1000u, data = table + 0x1000, top = data + 170 * 0x1000 + twice * 0x1000u;
		assert_int_equal(turned_over(&b, 0x100, ""), 0);
		assert_int_equal(turned_over(&b, data + 100 * 0x1000 + 17, ""), 1);
		assert_int_equal(turned_over(&b, data + 3 * 0x1000, ""), 1);
		assert_int_equal(turned_over(&b, data, "block 0 is not what its SHA-1 says"), -1);
		assert_int_equal(turned_over(&b, table + 100 * 0x18, "block 0 is not what its hash tables say"), -1);
		assert_int_equal(turned_over(&b, top, "block 0 is not what its hash tables say"), -1);
		assert_int_equal(turned_over(&b, 0x379 + 8, "block 0 is not what its hash tables say"), -1);
		/* The second table of hashes: all blocks below it. The copies that do not count may hold anything. */
		assert_true(turned_over(&b, top + 0x1000 + twice * 0x1000u + 5, "") > 100);
		if (twice)
			assert_int_equal(turned_over(&b, 0xA000 + 100 * 0x18, ""), 0);
		volume_free(folder);
		free(b.p);
	}
}

/* Sectors of the disc in one data file or, moved far enough, in two; with the descriptor in its place, or in a block of its own. */
static void a_discs_package_shows_what_its_folder_held(void **state)
{
	static const struct vm_svod forms[] = { { false, 0, 0 }, { true, 0, 0 }, { true, 5000, 0 }, { false, 0x14388 - 200, 0 },
		{ false, 0x14388 - 300, 0 } };
	(void)state;
	assert_int_equal(mkdir(in_dir("god.data"), 0755), 0);
	for (unsigned i = 0; i < ARRAY_LEN(forms); i++) {
		struct volume *folder = open_good(in_dir("in"));
		struct vm_bytes disc = vm_xdvdfs_moved(folder, 0, forms[i].moved);
		assert_true(vm_svod(&disc, in_dir("god"), &forms[i]));
		struct volume *v = open_good(in_dir("god"));
		assert_int_equal(volume_kind(v), VOLUME_SVOD);
		equal_below(folder, 1, v, 1);
		uint64_t bad;
		assert_true(volume_checked(v, &bad) > 170 && !bad);
		volume_free(v);
		volume_free(folder);
		free(disc.p);
	}
	assert_int_equal(access(in_dir("god.data/Data0001"), F_OK), 0);
}

static void a_damaged_block_of_a_discs_package_is_told_from_the_others(void **state)
{
	struct volume *folder = open_good(in_dir("in")), *v;
	struct vm_bytes disc = vm_xdvdfs_moved(folder, 0, 0);
	struct err err;
	uint8_t byte;
	(void)state;
	assert_true(vm_svod(&disc, in_dir("god"), &(struct vm_svod){ .damage = 201 }));
	v = open_good(in_dir("god"));
	uint64_t bad = read_below(v, 1);
	assert_true(bad == 1 || bad == 2); /* a block of the file's may lie in two of the package's */
	volume_free(v);
	assert_true(vm_svod(&disc, in_dir("god"), &(struct vm_svod){ .damage = 2 })); /* the root directory */
	assert_int_equal(volume_open(in_dir("god"), &v, &err), ST_BAD_INPUT);
	assert_non_null(strstr(err.text, "a block that is not what its SHA-1 says (1)"));
	assert_true(vm_svod(&disc, in_dir("god"), &(struct vm_svod){ 0 }));
	int fd = open(in_dir("god"), O_RDWR);
	assert_int_equal(pread(fd, &byte, 1, 0x379 + 6), 1); /* the first master table's hash */
	byte ^= 1;
	assert_int_equal(pwrite(fd, &byte, 1, 0x379 + 6), 1);
	assert_int_equal(volume_open(in_dir("god"), &v, &err), ST_BAD_INPUT);
	assert_non_null(strstr(err.text, "a block whose hash tables are damaged"));
	byte ^= 1;
	assert_int_equal(pwrite(fd, &byte, 1, 0x379 + 6), 1);
	close(fd);
	volume_free(open_good(in_dir("god")));
	assert_int_equal(truncate(in_dir("god.data/Data0000"), 100 * 4096), 0);
	assert_int_equal(volume_open(in_dir("god"), &v, &err), ST_BAD_INPUT);
	assert_non_null(strstr(err.text, "beyond the end of the image"));
	assert_int_equal(unlink(in_dir("god.data/Data0000")), 0);
	assert_int_equal(volume_open(in_dir("god"), &v, &err), ST_BAD_INPUT);
	assert_non_null(strstr(err.text, "cannot be opened, its number is (0)"));
	volume_free(folder);
	free(disc.p);
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
		cmocka_unit_test(a_damaged_block_of_a_package_is_told_from_the_others),
		cmocka_unit_test(a_discs_package_shows_what_its_folder_held),
		cmocka_unit_test(a_damaged_block_of_a_discs_package_is_told_from_the_others),
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
