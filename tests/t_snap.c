/* tests/t_snap.c - the laws of snapshots, their files, and the digest. */
#include "config.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <xxhash.h>

#include "src/snap/digest.h"
#include "src/snap/snap.h"
#include "tests/small.h"

struct row {
	uint32_t link, value;
};

struct rig {
	struct small m;
	unsigned t_world, t_history;
};

static void rig_init(struct rig *r)
{
	small_init(&r->m);
	r->t_world = arena_table_add(&r->m.world, "t.world", sizeof(struct row), 4096);
	r->t_history = arena_table_add(&r->m.history, "t.history", sizeof(struct row), 4096);
	small_map(&r->m);
}

static int setup(void **state)
{
	struct rig *r = calloc(1, sizeof *r);
	assert_non_null(r);
	rig_init(r);
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	struct rig *r = *state;
	small_fini(&r->m);
	free(r);
	return 0;
}

static uint32_t *world_value(struct rig *r, uint32_t row)
{
	return &((struct row *)arena_row(&r->m.world, r->t_world, row))->value;
}

static uint32_t *history_value(struct rig *r, uint32_t row)
{
	return &((struct row *)arena_row(&r->m.history, r->t_history, row))->value;
}

static uint64_t digest(const struct rig *r)
{
	return state_digest(&r->m.world, &r->m.mem);
}

static struct snapshot *take(const struct rig *r)
{
	return snapshot_take(r->m.line);
}

static void put(const struct snapshot *s, struct rig *r)
{
	snapshot_put(r->m.line, s);
}

static void digest_sees_every_word_of_the_world_and_of_guest_memory(void **state)
{
	struct rig *r = *state;
	uint64_t d = digest(r);
	*world_value(r, 4095) = 1;
	uint64_t e = digest(r);
	assert_true(e != d);
	*world_value(r, 4095) = 0;
	assert_true(digest(r) == d);
	small_put(&r->m, SMALL_STACK + SMALL_BYTES - 4, 1);
	assert_true(digest(r) != d && digest(r) != e);
	small_put(&r->m, SMALL_STACK + SMALL_BYTES - 4, 0);
	assert_true(digest(r) == d);
}

static void digest_tells_where_a_word_lies(void **state)
{
	struct rig *r = *state;
	small_put(&r->m, SMALL_STACK, 1);
	uint64_t d = digest(r);
	small_put(&r->m, SMALL_STACK, 0);
	small_put(&r->m, SMALL_STACK + MEM_PAGE, 1);
	assert_true(digest(r) != d);
}

static void digest_of_a_touched_zero_page_is_that_of_an_untouched_one(void **state)
{
	struct rig *r = *state;
	uint64_t d = digest(r);
	small_put(&r->m, SMALL_STACK + 2 * MEM_PAGE, 0);
	*world_value(r, 2000) = 0;
	assert_true(digest(r) == d);
}

static void digest_leaves_out_history_and_attributes(void **state)
{
	struct rig *r = *state;
	uint64_t d = digest(r);
	*history_value(r, 1) = 1;
	mem_attr_set(&r->m.mem, SMALL_CODE, MEM_CODE | MEM_WATCH_W);
	assert_true(digest(r) == d);
}

static void digest_of_a_mirror_is_counted_once(void **state)
{
	struct rig *r = *state, other;
	rig_init(&other);
	small_put(&r->m, SMALL_CODE, 5);
	be32 five = be32_of(5);
	assert_int_equal(mem_poke(&other.m.mem, SMALL_CODE + 0x10000000, &five, sizeof five), MEM_OK);
	assert_true(digest(r) == digest(&other));
	small_fini(&other.m);
}

static void snapshot_brings_back_both_arenas_and_guest_memory(void **state)
{
	struct rig *r = *state;
	*world_value(r, 7) = 1;
	*history_value(r, 9) = 2;
	small_put(&r->m, SMALL_STACK + 8, 3);
	uint64_t d = digest(r);
	struct snapshot *s = take(r);
	assert_true(digest(r) == d);
	*world_value(r, 7) = 10;
	*world_value(r, 3000) = 10;
	*history_value(r, 9) = 20;
	*history_value(r, 3000) = 20;
	small_put(&r->m, SMALL_STACK + 8, 30);
	small_put(&r->m, SMALL_STACK + 3 * MEM_PAGE, 30);
	small_commit(&r->m, 0x40000000, 0x10000, SMALL_RW);
	assert_true(digest(r) != d);
	put(s, r);
	assert_true(digest(r) == d);
	assert_int_equal(*world_value(r, 7), 1);
	assert_int_equal(*world_value(r, 3000), 0);
	assert_int_equal(*history_value(r, 9), 2);
	assert_int_equal(*history_value(r, 3000), 0);
	assert_int_equal(mem_get32(&r->m.mem, SMALL_STACK + 8), 3);
	assert_int_equal(mem_get32(&r->m.mem, SMALL_STACK + 3 * MEM_PAGE), 0);
	assert_int_equal(mem_page_at(&r->m.mem, 0x40000000)->state, MEM_FREE);
	snapshot_free(s);
}

static void snapshot_brings_back_protection_and_mirrors(void **state)
{
	struct rig *r = *state;
	small_put(&r->m, SMALL_CODE, 7);
	struct snapshot *s = take(r);
	assert_int_equal(mem_protect(&r->m.mem, SMALL_STACK, SMALL_BYTES, MEM_PROT_R), ST_OK);
	put(s, r);
	uint32_t v = 0;
	assert_true(mem_store_slow(&r->m.mem, SMALL_STACK, 4, &v, NULL) == MEM_OK);
	assert_true(mem_store_slow(&r->m.mem, SMALL_CODE, 4, &v, NULL) == MEM_FAULT_PROTECTED);
	assert_int_equal(mem_get32(&r->m.mem, SMALL_CODE + 0x10000000), 7);
	snapshot_free(s);
}

static void snapshot_can_be_put_back_many_times_and_into_another_machine(void **state)
{
	struct rig *r = *state, other;
	*world_value(r, 7) = 1;
	small_put(&r->m, SMALL_STACK + 8, 3);
	uint64_t d = digest(r);
	struct snapshot *s = take(r);
	for (uint32_t i = 1; i < 4; i++) {
		small_put(&r->m, SMALL_STACK + i * MEM_PAGE, i);
		put(s, r);
		assert_true(digest(r) == d);
	}
	rig_init(&other);
	small_put(&other.m, SMALL_STACK + 5 * MEM_PAGE, 9);
	put(s, &other);
	assert_true(digest(&other) == d);
	small_fini(&other.m);
	snapshot_free(s);
}

static void snapshot_of_restored_state_is_the_same_snapshot(void **state)
{
	struct rig *r = *state;
	small_put(&r->m, SMALL_STACK, 3);
	small_put(&r->m, SMALL_STACK + MEM_PAGE, 0);
	struct snapshot *s = take(r);
	put(s, r);
	struct snapshot *t = take(r);
	assert_int_equal(snapshot_bytes(s), snapshot_bytes(t));
	snapshot_free(s);
	snapshot_free(t);
}

/* Any number of snapshots, put back in any order, between stores of every kind: each brings its own state. */
static void snapshots_share_pages_and_stand_for_themselves(void **state)
{
	enum { COUNT = 40, STEPS = 600 };
	struct rig *r = *state;
	struct snapshot *s[COUNT] = { 0 };
	uint64_t want[COUNT], seed = 5;
	for (unsigned step = 0; step < STEPS; step++) {
		unsigned i = (unsigned)(fnv_u64(seed, step) % COUNT);
		seed = fnv_u64(seed, i);
		uint32_t page = (uint32_t)(seed >> 8) % 16 * MEM_PAGE;
		switch (seed % 6) {
		case 0:
			*world_value(r, 1 + (uint32_t)(seed >> 20) % 4000) = step;
			break;
		case 1:
			small_put(&r->m, SMALL_STACK + page, step % 3 ? step : 0);
			break;
		case 2:
			mem_release(&r->m.mem, SMALL_STACK + page, MEM_PAGE, false);
			small_commit(&r->m, SMALL_STACK + page, MEM_PAGE, SMALL_RW);
			break;
		case 3:
			*history_value(r, 1 + (uint32_t)(seed >> 20) % 4000) = step;
			break;
		case 4:
			snapshot_free(s[i]);
			s[i] = take(r);
			want[i] = fnv_u64(digest(r), *history_value(r, 77));
			break;
		default:
			if (s[i]) {
				put(s[i], r);
				assert_true(fnv_u64(digest(r), *history_value(r, 77)) == want[i]);
			}
		}
	}
	for (unsigned i = 0; i < COUNT; i++)
		snapshot_free(s[i]);
}

static void snapshot_costs_the_pages_that_changed(void **state)
{
	struct rig *r = *state;
	small_put(&r->m, SMALL_STACK, 1);
	struct snapshot *first = take(r), *same = take(r);
	assert_true(snapshot_new_bytes(first) > MEM_PAGE);
	assert_true(snapshot_new_bytes(same) == 0);
	small_put(&r->m, SMALL_STACK, 2);
	small_put(&r->m, SMALL_STACK + MEM_PAGE, 0); /* touched, and zero as before */
	struct snapshot *next = take(r);
	assert_true(snapshot_new_bytes(next) >= MEM_PAGE && snapshot_new_bytes(next) < 2 * MEM_PAGE);
	snapshot_free(first); /* what the others share stays */
	snapshot_free(next);
	put(same, r);
	assert_int_equal(mem_get32(&r->m.mem, SMALL_STACK), 1);
	snapshot_free(same);
}

/* ---- files ---- */

static const struct snapshot_origin origin = { 0x1111, 0x2222, "its note\n" };

static enum status reopen(
	struct rig *r, const char *path, const struct snapshot_origin *want, struct snapshot **s, struct err *err)
{
	return snapshot_open(path, &r->m.world, &r->m.history, want, s, err);
}

static void snapshot_file_brings_the_same_state_into_a_fresh_machine(void **state)
{
	struct rig *r = *state, other;
	char *path = small_path("snapshot");
	struct err err;
	*world_value(r, 7) = 1;
	*history_value(r, 8) = 2;
	small_put(&r->m, SMALL_STACK + 8, 3);
	struct snapshot *s = take(r), *t = NULL;
	assert_int_equal(snapshot_save(s, path, &origin, &err), ST_OK);
	snapshot_free(s);
	memset(&other, 0, sizeof other);
	rig_init(&other);
	assert_int_equal(reopen(&other, path, &origin, &t, &err), ST_OK);
	put(t, &other);
	assert_true(digest(&other) == digest(r));
	assert_int_equal(*history_value(&other, 8), 2);
	snapshot_free(t);
	small_fini(&other.m);
	unlink(path);
	free(path);
}

static void snapshot_file_of_other_title_options_or_layout_is_refused(void **state)
{
	struct rig *r = *state;
	char *path = small_path("snapshot");
	struct err err;
	struct snapshot *s = take(r), *t = NULL;
	assert_int_equal(snapshot_save(s, path, &origin, &err), ST_OK);
	snapshot_free(s);
	assert_int_equal(reopen(r, path, &(struct snapshot_origin){ 1, origin.options, NULL }, &t, &err), ST_BAD_INPUT);
	assert_non_null(strstr(err.text, "another title"));
	assert_int_equal(reopen(r, path, &(struct snapshot_origin){ origin.title, 1, NULL }, &t, &err), ST_BAD_INPUT);
	assert_non_null(strstr(err.text, "other options"));
	arena_table_add(&r->m.history, "one.more", 8, 8);
	assert_int_equal(reopen(r, path, &origin, &t, &err), ST_BAD_INPUT);
	assert_non_null(strstr(err.text, "another version"));
	assert_null(t);
	unlink(path);
	free(path);
}

/* Damages the saved snapshot in one way and expects it to be refused with a line that names the file. */
static void expect_refusal(struct rig *r, const char *path, const uint8_t *bytes, size_t size)
{
	struct err err = { 0 };
	struct snapshot *t = NULL;
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, size, f), size);
	fclose(f);
	assert_int_equal(reopen(r, path, &origin, &t, &err), ST_BAD_INPUT);
	assert_null(t);
	assert_non_null(strstr(err.text, path));
	assert_null(strchr(err.text, '\n'));
}

static void snapshot_file_damaged_anywhere_is_refused(void **state)
{
	struct rig *r = *state;
	char *path = small_path("snapshot");
	struct err err;
	struct stat st;
	small_put(&r->m, SMALL_STACK + 8, 3);
	struct snapshot *s = take(r);
	assert_int_equal(snapshot_save(s, path, &origin, &err), ST_OK);
	snapshot_free(s);
	int fd = open(path, O_RDONLY);
	assert_true(fd >= 0 && fstat(fd, &st) == 0);
	size_t size = (size_t)st.st_size;
	uint8_t *bytes = malloc(size + 1);
	assert_int_equal(read(fd, bytes, size), (ssize_t)size);
	close(fd);
	bytes[size] = 0;
	for (size_t at = 0; at < size; at += at < 96 ? 1 : 997) {
		bytes[at] ^= 0x40;
		expect_refusal(r, path, bytes, size);
		bytes[at] ^= 0x40;
	}
	for (size_t cut = 0; cut < size; cut += cut < 96 ? 1 : 4999)
		expect_refusal(r, path, bytes, cut);
	expect_refusal(r, path, bytes, size + 1);
	free(bytes);
	unlink(path);
	free(path);
}

/* The sum over a changed file, put right: now the reader itself has to see what is wrong. */
static void put_sum_right(uint8_t *bytes, size_t size)
{
	memset(bytes + 24, 0, 8);
	uint64_t sum = XXH3_64bits(bytes, size);
	memcpy(bytes + 24, &sum, 8);
}

/* Taken or refused with one line; never anything else. */
static void expect_a_line_or_a_snapshot(struct rig *r, const char *path, unsigned *taken)
{
	struct err err = { 0 };
	struct snapshot *t = NULL;
	enum status st = reopen(r, path, NULL, &t, &err);
	assert_true(st == ST_OK ? t != NULL : st == ST_BAD_INPUT && !t && strstr(err.text, path) && !strchr(err.text, '\n'));
	*taken += st == ST_OK;
	snapshot_free(t);
}

static void snapshot_file_changed_ten_thousand_times_is_refused_with_a_line(void **state)
{
	struct rig *r = *state;
	char *path = small_path("snapshot");
	uint8_t bytes[1 << 16], changed[1 << 16];
	struct err err;
	uint64_t seed = 7;
	unsigned taken = 0;
	small_put(&r->m, SMALL_STACK + 8, 3);
	struct snapshot *s = take(r);
	assert_int_equal(snapshot_save(s, path, &origin, &err), ST_OK);
	snapshot_free(s);
	int fd = open(path, O_RDWR);
	ssize_t size = read(fd, bytes, sizeof bytes);
	assert_true(size > 200 && size < (ssize_t)sizeof bytes - 64);
	for (unsigned i = 0; i < 10000; i++) {
		size_t n = (size_t)size;
		memcpy(changed, bytes, n);
		for (unsigned k = 0; k < 1 + i % 3; k++) {
			seed = fnv_u64(seed, i);
			/* Half of the changes hit the head, where they do the most. */
			size_t at = seed >> 16 & 1 ? (seed >> 20) % 96 : (seed >> 20) % n;
			changed[at] ^= (uint8_t)(1u << (seed >> 8 & 7));
		}
		if (i % 7 == 0)
			n = (seed >> 24) % n;
		if (i % 2 && n > 96)
			put_sum_right(changed, n);
		assert_true(pwrite(fd, changed, n, 0) == (ssize_t)n && ftruncate(fd, (off_t)n) == 0);
		expect_a_line_or_a_snapshot(r, path, &taken);
	}
	assert_true(taken > 0 && taken < 5000); /* a number in the head that means nothing to the reader, sum put right */
	close(fd);
	unlink(path);
	free(path);
}

static void snapshot_file_keeps_its_note(void **state)
{
	struct rig *r = *state;
	char *path = small_path("snapshot"), *note = NULL;
	struct err err;
	struct snapshot *s = take(r);
	assert_false(snapshot_is_file(path));
	assert_int_equal(snapshot_save(s, path, &origin, &err), ST_OK);
	snapshot_free(s);
	assert_true(snapshot_is_file(path));
	assert_int_equal(snapshot_note(path, &note, &err), ST_OK);
	assert_string_equal(note, origin.note);
	free(note);
	unlink(path);
	free(path);
}

static void snapshot_file_with_pages_that_do_not_exist_is_refused(void **state)
{
	/* Damage that the checksum does not show: a snapshot of a larger world under the same layout cannot be made, so
	 * one is taken from a machine whose guest memory claims a touched mirror page. */
	struct rig *r = *state;
	char *path = small_path("snapshot");
	struct err err;
	struct snapshot *t = NULL;
	small_put(&r->m, SMALL_CODE, 1);
	r->m.mem.touched[(SMALL_CODE + 0x10000000) >> MEM_PAGE_SHIFT] = 1;
	r->m.mem.dirty_page[r->m.mem.dirty_pages++] = (SMALL_CODE + 0x10000000) >> MEM_PAGE_SHIFT;
	struct snapshot *s = take(r);
	assert_int_equal(snapshot_save(s, path, &origin, &err), ST_OK);
	snapshot_free(s);
	assert_int_equal(reopen(r, path, &origin, &t, &err), ST_BAD_INPUT);
	assert_non_null(strstr(err.text, "page that does not exist"));
	unlink(path);
	free(path);
}

static void snapshot_file_is_whole_or_the_old_one_stays(void **state)
{
	struct rig *r = *state;
	char *path = small_path("snapshot");
	struct err err = { 0 };
	struct snapshot *s = take(r), *t = NULL;
	uint64_t d = digest(r);
	assert_int_equal(snapshot_save(s, path, &origin, &err), ST_OK);
	snapshot_free(s);
	uint64_t noise = 1;
	for (uint32_t i = 0; i < SMALL_BYTES; i += 4) /* what no compression makes small */
		small_put(&r->m, SMALL_STACK + i, (uint32_t)((noise = fnv_u64(noise, i)) >> 8));
	s = take(r);
	struct rlimit whole, small = { .rlim_cur = 3 * MEM_PAGE, .rlim_max = RLIM_INFINITY };
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &whole), 0);
	small.rlim_max = whole.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(snapshot_save(s, path, &origin, &err), ST_IO);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &whole), 0);
	assert_non_null(strstr(err.text, "File too large"));
	assert_int_equal(reopen(r, path, &origin, &t, &err), ST_OK);
	put(t, r);
	assert_true(digest(r) == d);
	strcat(path, ".part");
	assert_int_equal(access(path, F_OK), -1);
	path[strlen(path) - strlen(".part")] = 0;
	unlink(path);
	snapshot_free(s);
	snapshot_free(t);
	free(path);
}

static void snapshot_file_that_cannot_be_opened_gives_a_line(void **state)
{
	struct rig *r = *state;
	char *path = small_path("no-such-folder/snapshot");
	struct err err = { 0 };
	struct snapshot *s = take(r), *t = NULL;
	assert_int_equal(snapshot_save(s, path, &origin, &err), ST_IO);
	assert_non_null(strstr(err.text, "No such file"));
	assert_int_equal(snapshot_save(s, "/dev/null", &origin, &err), ST_IO);
	assert_non_null(strstr(err.text, "not a regular file"));
	assert_int_equal(reopen(r, path, &origin, &t, &err), ST_IO);
	assert_int_equal(reopen(r, "/", &origin, &t, &err), ST_BAD_INPUT);
	snapshot_free(s);
	free(path);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(digest_sees_every_word_of_the_world_and_of_guest_memory),
		T(digest_tells_where_a_word_lies),
		T(digest_of_a_touched_zero_page_is_that_of_an_untouched_one),
		T(digest_leaves_out_history_and_attributes),
		T(digest_of_a_mirror_is_counted_once),
		T(snapshot_brings_back_both_arenas_and_guest_memory),
		T(snapshot_brings_back_protection_and_mirrors),
		T(snapshot_can_be_put_back_many_times_and_into_another_machine),
		T(snapshot_of_restored_state_is_the_same_snapshot),
		T(snapshots_share_pages_and_stand_for_themselves),
		T(snapshot_costs_the_pages_that_changed),
		T(snapshot_file_brings_the_same_state_into_a_fresh_machine),
		T(snapshot_file_of_other_title_options_or_layout_is_refused),
		T(snapshot_file_damaged_anywhere_is_refused),
		T(snapshot_file_changed_ten_thousand_times_is_refused_with_a_line),
		T(snapshot_file_keeps_its_note),
		T(snapshot_file_with_pages_that_do_not_exist_is_refused),
		T(snapshot_file_is_whole_or_the_old_one_stays),
		T(snapshot_file_that_cannot_be_opened_gives_a_line),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
