/* tests/t_badvol.c - disc images and packages with whatever bytes: each is taken, or refused with one clear line; never a crash, never for ever. */
#include "config.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/badvol.h"
#include "tests/volmake/volmake.h"

#define MUTATIONS 10000u

static const uint8_t magic[] = "MICROSOFT*XBOX*MEDIA";
static char path[64];
static int fd;

static uint32_t draw(uint64_t *seed, uint32_t below)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*seed >> 33) % below;
}

static int setup(void **state)
{
	(void)state;
	snprintf(path, sizeof path, "%s", "/tmp/wedge-badvol-XXXXXX");
	fd = mkstemp(path);
	return fd < 0;
}

static int teardown(void **state)
{
	(void)state;
	close(fd);
	return unlink(path);
}

static bool judge(void)
{
	bool taken;
	const char *wrong = badvol_judge(path, &taken);
	if (wrong)
		fail_msg("%s", wrong);
	return taken;
}

static const struct spot {
	size_t at, size;
} disc_spots[] = { { 32 * 2048, 2048 }, { 33 * 2048, 4096 } },
  package_spots[] = { { 0x340, 8 }, { 0x379, 0x40 }, { 0xA000, 0x1000 }, { 0xB000, 0x1000 }, { 0xC000, 0x1000 } };

/* Most changes hit what is looked at; values that are often wrong. */
static void mutate(uint64_t *seed, uint8_t *b, size_t size, const struct spot *spots, unsigned n)
{
	static const uint32_t odd[] = { 0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0xffffffff, 0x24, 0xAA, 0xAB };
	for (unsigned i = 0, changes = 1 + draw(seed, 4); i < changes; i++) {
		const struct spot *s = &spots[draw(seed, n)];
		size_t at = draw(seed, 8) ? s->at + draw(seed, (uint32_t)s->size - 4) : draw(seed, (uint32_t)size - 4);
		uint32_t v = draw(seed, 2) ? odd[draw(seed, ARRAY_LEN(odd))] : draw(seed, UINT32_MAX);
		switch (draw(seed, 3)) {
		case 0: b[at] = (uint8_t)v; break;
		case 1: memcpy(b + at, &v, 2); break;
		default: memcpy(b + at, &v, 4); break;
		}
	}
}

/* Of a package @stfs seven in eight are sealed again, so that what lies behind the hashes is looked at. */
static void fuzz(struct vm_bytes whole, const struct spot *spots, unsigned n, const struct vm_stfs *stfs)
{
	uint64_t seed = 1;
	uint8_t *b = xmalloc(whole.size);
	unsigned taken = 0;
	for (unsigned i = 0; i < MUTATIONS; i++) {
		size_t size = draw(&seed, 16) ? whole.size : draw(&seed, (uint32_t)whole.size);
		memcpy(b, whole.p, whole.size);
		mutate(&seed, b, whole.size, spots, n);
		if (stfs && draw(&seed, 8))
			vm_stfs_seal(b, whole.size, stfs);
		assert_int_equal(ftruncate(fd, (off_t)size), 0);
		assert_int_equal(pwrite(fd, b, size, 0), (ssize_t)size);
		taken += judge();
	}
	assert_true(taken > MUTATIONS / 20 && taken < MUTATIONS);
	free(b);
	free(whole.p);
}

static struct volume *source(void)
{
	char folder[4096];
	const char *srcdir = getenv("srcdir");
	struct volume *v;
	struct err err;
	snprintf(folder, sizeof folder, "%s/tests/golden/disc", srcdir ? srcdir : "..");
	if (volume_open(folder, &v, &err) != ST_OK)
		fail_msg("%s", err.text);
	return v;
}

static void no_change_to_a_disc_image_goes_without_a_clear_line(void **state)
{
	struct volume *v = source();
	(void)state;
	fuzz(vm_xdvdfs(v, 0), disc_spots, ARRAY_LEN(disc_spots), NULL);
	volume_free(v);
}

static void no_change_to_a_package_goes_without_a_clear_line(void **state)
{
	static const struct vm_stfs forms[] = { { .chained = true }, { .twice = true } };
	struct volume *v = source();
	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(forms); i++)
		fuzz(vm_stfs(v, &forms[i]), package_spots, ARRAY_LEN(package_spots), &forms[i]);
	volume_free(v);
}

/* The header, or the tables and blocks of the data file. */
static void no_change_to_a_discs_package_goes_without_a_clear_line(void **state)
{
	static const struct spot head_spots[] = { { 0x379, 0x40 } },
				 data_spots[] = { { 0, 0x1000 }, { 0x1000, 0x1000 }, { 0x2000, 0x3000 } };
	static uint8_t head[0xB000], data[0x100000], b[0x100000];
	struct volume *v = source();
	char folder[80], file[96];
	uint64_t seed = 7;
	unsigned taken = 0;
	(void)state;
	snprintf(folder, sizeof folder, "%s.data", path);
	snprintf(file, sizeof file, "%s/Data0000", folder);
	assert_int_equal(mkdir(folder, 0755), 0);
	struct vm_bytes disc = vm_xdvdfs_moved(v, 0, 0);
	assert_true(vm_svod(&disc, path, &(struct vm_svod){ .enhanced = true }));
	int one = open(file, O_RDWR);
	assert_int_equal(pread(fd, head, sizeof head, 0), sizeof head);
	ssize_t size = pread(one, data, sizeof data, 0);
	assert_true(size > 0x5000);
	for (unsigned i = 0; i < MUTATIONS / 4; i++) {
		bool in_head = draw(&seed, 2);
		memcpy(b, in_head ? head : data, in_head ? sizeof head : (size_t)size);
		mutate(&seed, b, in_head ? sizeof head : (size_t)size, in_head ? head_spots : data_spots, in_head ? 1 : 3);
		assert_true(pwrite(in_head ? fd : one, b, in_head ? sizeof head : (size_t)size, 0) > 0);
		taken += judge();
		assert_true(pwrite(in_head ? fd : one, in_head ? head : data, in_head ? sizeof head : (size_t)size, 0) > 0);
	}
	assert_true(taken > 50 && taken < MUTATIONS / 4);
	close(one);
	free(disc.p);
	volume_free(v);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(rmdir(folder), 0);
}

static void put32le(uint8_t *p, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

/* Directories that share their tables, two below two below two: as many entries as there are atoms. */
static void a_disc_whose_directories_never_end_is_refused(void **state)
{
	struct vm_bytes b = { 0 };
	(void)state;
	for (unsigned level = 0; level < 40; level++) {
		uint8_t *t = vm_at(&b, (33 + level) * (size_t)2048, 2048);
		memset(t, 0xFF, 2048);
		for (unsigned i = 0; i < 2; i++) {
			uint8_t *e = t + i * 16;
			memset(e, 0, 16);
			e[2] = i ? 0 : 4; /* the second one is the first one's right */
			put32le(e + 4, 33 + level + 1);
			put32le(e + 8, 2048);
			e[12] = 0x10;
			e[13] = 1;
			e[14] = (uint8_t)('a' + i);
		}
	}
	uint8_t *head = vm_at(&b, (size_t)32 * 2048, 2048);
	memcpy(head, magic, sizeof magic - 1);
	memcpy(head + 2028, magic, sizeof magic - 1);
	put32le(head + 20, 33);
	put32le(head + 24, 2048);
	vm_at(&b, (size_t)80 * 2048, 1);
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(pwrite(fd, b.p, b.size, 0), (ssize_t)b.size);
	assert_false(judge());
	free(b.p);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_change_to_a_disc_image_goes_without_a_clear_line),
		cmocka_unit_test(no_change_to_a_package_goes_without_a_clear_line),
		cmocka_unit_test(no_change_to_a_discs_package_goes_without_a_clear_line),
		cmocka_unit_test(a_disc_whose_directories_never_end_is_refused),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
