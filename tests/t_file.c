/* tests/t_file.c - the laws of files: what names lead where, what may be opened, and that the title's changes are its machine's alone. */
#include "config.h"

#include <sys/stat.h>
#include <unistd.h>

#include "src/snap/snap.h"
#include "tests/filekit.h"

/* ---- names ------------------------------------------------------------------------------------------------------------------ */

static void every_form_of_a_name_leads_to_the_file(void **state)
{
	static const char *const names[] = { "game:\\data\\fox.txt", "GAME:\\DATA\\FOX.TXT", "\\??\\game:\\Data\\fox.txt",
		"d:\\data\\fox.txt", "\\Device\\Cdrom0\\data\\fox.txt", "\\device\\cdrom0\\data\\\\fox.txt",
		"game:\\data\\levels\\..\\fox.txt", "game:\\.\\data\\fox.txt", "game:data\\fox.txt" };
	struct tk *t = fk_disc("game:");
	(void)state;
	for (unsigned i = 0; i + 1 < ARRAY_LEN(names); i++)
		if (fk_status(t, names[i]) != NT_SUCCESS)
			fail_msg("%s: %08x", names[i], fk_status(t, names[i]));
	assert_int_equal(fk_status(t, names[ARRAY_LEN(names) - 1]), NT_OBJECT_PATH_NOT_FOUND);
	tk_free(t);
}

static void hostile_names_stay_inside(void **state)
{
	static const struct {
		const char *name;
		uint32_t status;
	} cases[] = {
		{ "game:\\..\\disc\\README.TXT", NT_OBJECT_NAME_INVALID },
		{ "game:\\..", NT_OBJECT_NAME_INVALID },
		{ "game:\\data\\..\\..\\x", NT_OBJECT_NAME_INVALID },
		{ "game:\\data\\..\\..\\..\\..\\etc\\passwd", NT_OBJECT_NAME_INVALID },
		{ "game:\\/etc/passwd", NT_OBJECT_NAME_INVALID },
		{ "/etc/passwd", NT_OBJECT_PATH_NOT_FOUND },
		{ "\\etc\\passwd", NT_OBJECT_PATH_NOT_FOUND },
		{ "game:\\data/fox.txt", NT_OBJECT_NAME_INVALID },
		{ "game:\\d:\\README.TXT", NT_OBJECT_NAME_INVALID },
		{ "game:\\data\\game:", NT_OBJECT_NAME_INVALID },
		{ "game:\\\\Device\\Cdrom0", NT_OBJECT_PATH_NOT_FOUND },
		{ "game:\\data\\*", NT_OBJECT_NAME_INVALID },
		{ "game:\\data\\fox.txt\n", NT_OBJECT_NAME_INVALID },
		{ "game:\\data\\fox.txt\\x", NT_OBJECT_PATH_NOT_FOUND },
		{ "game:\\data\\fox.txt\\", NT_NOT_A_DIRECTORY },
		{ "gam:\\data", NT_OBJECT_PATH_NOT_FOUND },
		{ "game", NT_OBJECT_PATH_NOT_FOUND },
		{ "game:x", NT_OBJECT_PATH_NOT_FOUND },
		{ "\\??\\", NT_OBJECT_PATH_NOT_FOUND },
		{ "\\Device\\Cdrom01\\data", NT_OBJECT_PATH_NOT_FOUND },
		{ "game:\\nothing", NT_OBJECT_NAME_NOT_FOUND },
		{ "game:\\nothing\\below", NT_OBJECT_PATH_NOT_FOUND },
		{ "", NT_OBJECT_NAME_INVALID },
	};
	struct tk *t = fk_disc("game:");
	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
		uint32_t s = fk_status(t, cases[i].name), made = fk_open(t, cases[i].name, READ_WRITE, 0, DO_CREATE, 0).status;
		if (s != cases[i].status)
			fail_msg("%s: %08x, not %08x", cases[i].name, s, cases[i].status);
		if (made == NT_SUCCESS && s != NT_OBJECT_NAME_NOT_FOUND)
			fail_msg("%s: could be made", cases[i].name);
	}
	tk_free(t);
}

static void names_with_nul_or_too_long_are_invalid(void **state)
{
	struct tk *t = TK(state);
	char name[700] = "cache:\\";
	uint32_t out = tk_memory(t, 4), iosb = tk_memory(t, 8);
	memset(name + 7, 'a', sizeof name - 7);
	for (size_t n = 7 + FS_PATH_MAX + 1; n < sizeof name; n += 37)
		assert_int_equal(CALL(t, t->main, "NtCreateFile", out, READ_WRITE, fk_attributes(t, 0, name, n), iosb, 0, 0, 0,
					 DO_CREATE, 0),
			NT_OBJECT_NAME_INVALID);
	assert_int_equal(CALL(t, t->main, "NtCreateFile", out, READ_WRITE, fk_attributes(t, 0, "cache:\\a\0b", 10), iosb, 0, 0, 0,
				 DO_CREATE, 0),
		NT_OBJECT_NAME_INVALID);
	assert_int_equal(CALL(t, t->main, "NtCreateFile", out, READ_WRITE, fk_attributes(t, 0, name, 7 + FS_PATH_MAX), iosb, 0, 0,
				 0, DO_CREATE, 0),
		NT_SUCCESS);
}

static void a_name_below_a_directorys_handle_stays_below_it(void **state)
{
	static const struct {
		const char *name;
		uint32_t status;
	} cases[] = { { "fox.txt", NT_SUCCESS }, { "levels\\one.map", NT_SUCCESS }, { "", NT_SUCCESS },
		{ "..\\README.TXT", NT_SUCCESS }, { "..\\..\\x", NT_OBJECT_NAME_INVALID },
		{ "\\README.TXT", NT_OBJECT_NAME_INVALID }, { "game:\\README.TXT", NT_OBJECT_NAME_INVALID } };
	struct tk *t = fk_disc("game:");
	uint32_t out = tk_memory(t, 4), iosb = tk_memory(t, 8),
		 root = fk_open(t, "game:\\data", READ, SHARE_ALL, DO_OPEN, 1).handle;
	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(CALL(t, t->main, "NtOpenFile", out, READ,
					 fk_attributes(t, root, cases[i].name, strlen(cases[i].name)), iosb, SHARE_ALL, 0),
			cases[i].status);
	assert_int_equal(CALL(t, t->main, "NtOpenFile", out, READ, fk_attributes(t, 0x1234, "x", 1), iosb, SHARE_ALL, 0),
		NT_INVALID_HANDLE);
	tk_free(t);
}

static uint32_t ansi(struct tk *t, const char *s)
{
	uint32_t a = tk_memory(t, 8);
	tk_put32(t, a, (uint32_t)strlen(s) << 16 | (uint32_t)strlen(s));
	tk_put32(t, a + 4, tk_string(t, s));
	return a;
}

static void links_lead_to_devices_and_can_be_taken_back(void **state)
{
	struct tk *t = fk_disc("game:");
	(void)state;
#define LINK(name, to) CALL(t, t->main, "ObCreateSymbolicLink", ansi(t, name), ansi(t, to))
	assert_int_equal(LINK("\\??\\save:", "\\??\\game:\\Data"), NT_SUCCESS);
	assert_int_equal(fk_status(t, "save:\\fox.txt"), NT_SUCCESS);
	assert_int_equal(fk_status(t, "save:\\..\\README.TXT"), NT_SUCCESS); /* it is the device's root that nothing leaves */
	assert_int_equal(LINK("SAVE:", "game:"), NT_OBJECT_NAME_COLLISION);
	assert_int_equal(LINK("a:", "b:"), NT_SUCCESS);
	assert_int_equal(LINK("b:", "a:"), NT_SUCCESS);
	assert_int_equal(fk_status(t, "a:\\x"), NT_OBJECT_NAME_INVALID); /* a circle */
	assert_int_equal(CALL(t, t->main, "ObDeleteSymbolicLink", ansi(t, "save:")), NT_SUCCESS);
	assert_int_equal(fk_status(t, "save:\\fox.txt"), NT_OBJECT_PATH_NOT_FOUND);
	assert_int_equal(CALL(t, t->main, "ObDeleteSymbolicLink", ansi(t, "save:")), NT_OBJECT_NAME_NOT_FOUND);
	assert_int_equal(CALL(t, t->main, "ObDeleteSymbolicLink", ansi(t, "\\??\\d:")), NT_SUCCESS); /* a default one */
	assert_int_equal(fk_status(t, "d:\\README.TXT"), NT_OBJECT_PATH_NOT_FOUND);
	assert_int_equal(LINK("d:", "game:\\data"), NT_SUCCESS);
	assert_int_equal(fk_status(t, "d:\\fox.txt"), NT_SUCCESS);
	tk_free(t);
}

/* ---- opening ------------------------------------------------------------------------------------------------------------------ */

static void dispositions_do_what_they_say(void **state)
{
	struct tk *t = TK(state);
	static const struct {
		uint32_t disposition, absent, made, present, done;
	} cases[] = {
		{ DO_SUPERSEDE, NT_SUCCESS, 2, NT_SUCCESS, 0 },
		{ DO_OPEN, NT_OBJECT_NAME_NOT_FOUND, 5, NT_SUCCESS, 1 },
		{ DO_CREATE, NT_SUCCESS, 2, NT_OBJECT_NAME_COLLISION, 4 },
		{ DO_OPEN_IF, NT_SUCCESS, 2, NT_SUCCESS, 1 },
		{ DO_OVERWRITE, NT_OBJECT_NAME_NOT_FOUND, 5, NT_SUCCESS, 3 },
		{ DO_OVERWRITE_IF, NT_SUCCESS, 2, NT_SUCCESS, 3 },
	};
	for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
		char name[32];
		snprintf(name, sizeof name, "cache:\\new%u", i);
		struct fk_opened r = fk_open(t, name, READ_WRITE, SHARE_ALL, cases[i].disposition, 0);
		assert_int_equal(r.status, cases[i].absent);
		assert_int_equal(r.information, cases[i].made);
		assert_int_equal(r.handle != 0, r.status == NT_SUCCESS);
		uint32_t h = fk_get(t, "cache:\\there", 0);
		fk_write(t, h, 0, "old");
		r = fk_open(t, "cache:\\there", READ_WRITE, SHARE_ALL, cases[i].disposition, 0);
		assert_int_equal(r.status, cases[i].present);
		assert_int_equal(r.information, cases[i].done);
		assert_int_equal(fk_size(t, h), r.information == 0 || r.information == 3 ? 0 : 3);
		fk_close(t, h);
		if (!r.status)
			fk_close(t, r.handle);
	}
	assert_int_equal(fk_open(t, "cache:\\x", READ, 0, 6, 0).status, NT_INVALID_PARAMETER);
	assert_int_equal(fk_open(t, "cache:\\d", READ, SHARE_ALL, DO_CREATE, FILE_DIRECTORY_FILE).status, NT_SUCCESS);
	assert_int_equal(
		fk_open(t, "cache:\\d", READ, SHARE_ALL, DO_OPEN, FILE_NON_DIRECTORY_FILE).status, NT_FILE_IS_A_DIRECTORY);
	assert_int_equal(fk_open(t, "cache:\\there", READ, SHARE_ALL, DO_OPEN, FILE_DIRECTORY_FILE).status, NT_NOT_A_DIRECTORY);
	assert_int_equal(fk_open(t, "cache:\\d", READ_WRITE, SHARE_ALL, DO_OVERWRITE, 0).status, NT_FILE_IS_A_DIRECTORY);
}

static void who_does_not_share_keeps_others_out(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = fk_get(t, "cache:\\f", 0);
	fk_close(t, h);
	h = fk_open(t, "cache:\\f", READ, 1, DO_OPEN, 0).handle; /* others may read */
	assert_int_equal(fk_open(t, "cache:\\f", READ, 1, DO_OPEN, 0).status, NT_SUCCESS);
	assert_int_equal(fk_open(t, "cache:\\f", READ, 0, DO_OPEN, 0).status, NT_SHARING_VIOLATION);
	assert_int_equal(fk_open(t, "cache:\\f", 0x40000000, SHARE_ALL, DO_OPEN, 0).status, NT_SHARING_VIOLATION);
	assert_int_equal(fk_open(t, "cache:\\f", READ_WRITE, SHARE_ALL, DO_OVERWRITE, 0).status, NT_SHARING_VIOLATION);
	assert_int_equal(
		fk_open(t, "cache:\\f", 0x80, 0, DO_OPEN, 0).status, NT_SUCCESS); /* to ask for its attributes takes no share */
	fk_close(t, h);
}

static void a_read_only_mount_takes_no_changes(void **state)
{
	struct machine_options o;
	struct tk *t = fk_disc("game:"), *plain = TK(state);
	machine_options_default(&o);
	assert_true(t->mounts->mount[0].writable);
	t->mounts->mount[0].writable = false;
	assert_int_equal(fk_open(t, "game:\\new", READ, SHARE_ALL, DO_CREATE, 0).status, NT_MEDIA_WRITE_PROTECTED);
	assert_int_equal(fk_open(t, "game:\\README.TXT", READ_WRITE, SHARE_ALL, DO_OPEN, 0).status, NT_ACCESS_DENIED);
	assert_int_equal(fk_open(t, "game:\\README.TXT", READ, SHARE_ALL, DO_OVERWRITE_IF, 0).status, NT_MEDIA_WRITE_PROTECTED);
	assert_int_equal(CALL(t, t->main, "NtDeleteFile", fk_name(t, "game:\\README.TXT")), NT_MEDIA_WRITE_PROTECTED);
	uint32_t h = fk_open(t, "game:\\README.TXT", READ, SHARE_ALL, DO_OPEN, 0).handle;
	assert_int_equal(fk_resize(t, h, 0), NT_ACCESS_DENIED);
	fk_reads(t, h, 0, "readme\n");
	tk_free(t);
	assert_int_equal(fk_open(plain, "game:\\x", READ_WRITE, SHARE_ALL, DO_CREATE, 0).status, NT_MEDIA_WRITE_PROTECTED);
}

/* ---- the overlay ---------------------------------------------------------------------------------------------------------------- */

static void writes_go_to_the_machine_and_never_to_the_host(void **state)
{
	struct tk *t = fk_disc("game:"), *other = fk_disc("game:");
	uint32_t h = fk_get(t, "game:\\data\\fox.txt", 0);
	(void)state;
	fk_write(t, h, 4, "slow");
	fk_write(t, h, 5000, "tail");
	fk_close(t, h);
	h = fk_get(t, "GAME:\\DATA\\fox.txt", 0);
	fk_reads(t, h, 0, "The slowk brown fox");
	fk_reads(t, h, 5000, "tail");
	assert_int_equal(fk_size(t, h), 5004);
	assert_int_equal(file_blocks(t->m), 2);
	fk_reads(other, fk_get(other, "game:\\data\\fox.txt", 0), 0, "The quick brown fox");
	assert_null(mounts_broken(t->mounts));
	tk_free(other);
	tk_free(t);
}

static void what_was_cut_off_reads_as_zero_when_it_grows_again(void **state)
{
	static const char zeros[16];
	char got[16];
	struct tk *t = fk_disc("game:");
	uint32_t h = fk_get(t, "game:\\data\\fox.txt", 0), status, buffer = tk_memory(t, 16);
	(void)state;
	fk_reads(t, h, 0, "The quick"); /* its page is in the cache */
	assert_int_equal(fk_resize(t, h, 4), NT_SUCCESS);
	assert_int_equal(fk_resize(t, h, 100), NT_SUCCESS);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(fk_move(t, "NtReadFile", h, 4, buffer, 16, &status), 16);
		assert_int_equal(mem_peek(&t->m->mem, buffer, got, sizeof got), MEM_OK);
		assert_memory_equal(got, zeros, sizeof got);
		fk_close(t, h);
		h = fk_get(t, "game:\\data\\fox.txt", 0);
		fk_reads(t, h, 0, "The ");
	}
	tk_free(t);
}

static void deleted_files_are_gone_and_can_be_made_again(void **state)
{
	struct tk *t = fk_disc("game:");
	uint8_t yes = 1;
	(void)state;
	uint32_t h = fk_get(t, "game:\\data\\fox.txt", 0), again = fk_get(t, "game:\\data\\fox.txt", 0);
	assert_int_equal(fk_set(t, h, 13, &yes, 1), NT_SUCCESS);
	assert_int_equal(fk_status(t, "game:\\data\\fox.txt"), NT_DELETE_PENDING);
	fk_close(t, h);
	fk_reads(t, again, 0, "The quick"); /* not before its last close */
	fk_close(t, again);
	assert_int_equal(fk_status(t, "game:\\data\\fox.txt"), NT_OBJECT_NAME_NOT_FOUND);
	h = fk_get(t, "game:\\data\\fox.txt", 0);
	assert_int_equal(fk_size(t, h), 0);
	fk_close(t, h);
	assert_int_equal(CALL(t, t->main, "NtDeleteFile", fk_name(t, "game:\\data\\fox.txt")), NT_SUCCESS);
	assert_int_equal(fk_status(t, "game:\\data\\fox.txt"), NT_OBJECT_NAME_NOT_FOUND);
	h = fk_get(t, "game:\\data\\levels", FILE_DIRECTORY_FILE);
	assert_int_equal(fk_set(t, h, 13, &yes, 1), NT_DIRECTORY_NOT_EMPTY);
	assert_int_equal(CALL(t, t->main, "NtDeleteFile", fk_name(t, "game:\\data\\levels")), NT_DIRECTORY_NOT_EMPTY);
	tk_free(t);
}

static void renamed_files_keep_their_bytes(void **state)
{
	struct tk *t = fk_disc("game:");
	uint32_t h = fk_get(t, "game:\\data\\fox.txt", 0);
	(void)state;
	assert_int_equal(fk_rename(t, h, "game:\\README.TXT", 0), NT_OBJECT_NAME_COLLISION);
	assert_int_equal(fk_rename(t, h, "cache:\\x", 0), NT_NOT_SAME_DEVICE);
	assert_int_equal(fk_rename(t, h, "game:\\none\\x", 0), NT_OBJECT_PATH_NOT_FOUND);
	assert_int_equal(fk_rename(t, h, "game:\\README.TXT", 1), NT_SUCCESS);
	fk_reads(t, h, 0, "The quick brown fox");
	fk_close(t, h);
	assert_int_equal(fk_status(t, "game:\\data\\fox.txt"), NT_OBJECT_NAME_NOT_FOUND);
	h = fk_get(t, "game:\\readme.txt", 0);
	fk_reads(t, h, 0, "The quick brown fox");
	assert_int_equal(fk_rename(t, h, "game:\\ReadMe.txt", 0), NT_SUCCESS); /* only its spelling */
	assert_int_equal(fk_status(t, "game:\\readme.txt"), NT_SUCCESS);
	tk_free(t);
}

static void a_snapshot_holds_the_files(void **state)
{
	struct tk *t = fk_disc("game:");
	uint32_t h = fk_get(t, "game:\\data\\fox.txt", 0);
	(void)state;
	fk_write(t, h, 0, "one");
	struct snapshot *s = machine_snapshot(t->m);
	uint64_t digest = machine_digest(t->m);
	fk_write(t, h, 0, "two");
	fk_get(t, "game:\\new", 0);
	assert_true(machine_digest(t->m) != digest);
	machine_restore(t->m, s);
	assert_true(machine_digest(t->m) == digest);
	fk_reads(t, h, 0, "one quick");
	assert_int_equal(fk_status(t, "game:\\new"), NT_OBJECT_NAME_NOT_FOUND);
	snapshot_free(s);
	tk_free(t);
}

static void a_file_that_changes_on_the_host_stops_the_machine(void **state)
{
	char dir[64] = "/tmp/wedge-file-XXXXXX", path[96], command[128];
	struct machine_options o;
	struct err err;
	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/f", dir);
	FILE *f = fopen(path, "w");
	fputs("first", f);
	fclose(f);
	machine_options_default(&o);
	o.mounts = mounts_new();
	assert_int_equal(mounts_add(o.mounts, "game:", dir, &err), ST_OK);
	struct tk *t = tk_new_with(&o);
	t->mounts = o.mounts;
	uint32_t h = fk_open(t, "game:\\f", READ, SHARE_ALL, DO_OPEN, 0).handle, status, buffer = tk_memory(t, 8);
	f = fopen(path, "w");
	fputs("another one", f);
	fclose(f);
	fk_move(t, "NtReadFile", h, 0, buffer, 5, &status);
	assert_int_equal(status, NT_DEVICE_DATA_ERROR);
	assert_int_equal(tk_run(t, 100), STOP_MOUNT);
	assert_non_null(strstr(t->stop.text, "f: has changed since it was first seen"));
	assert_int_equal(tk_run(t, 100), STOP_MOUNT); /* and never goes on */
	tk_free(t);
	snprintf(command, sizeof command, "rm -rf '%s'", dir);
	assert_int_equal(system(command), 0);
}

/* ---- written through, when asked for ------------------------------------------------------------------------------------------------ */

static struct {
	char dir[64], path[160];
} out;

static const char *out_path(const char *name)
{
	snprintf(out.path, sizeof out.path, "%s/%s", out.dir, name);
	return out.path;
}

static void out_put(const char *name, const char *text)
{
	FILE *f = fopen(out_path(name), "w");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static void out_holds(const char *name, const char *text)
{
	char got[64] = "";
	FILE *f = fopen(out_path(name), "r");
	assert_int_equal(f != NULL, text != NULL);
	if (f && text) {
		assert_int_equal(fread(got, 1, sizeof got - 1, f), strlen(text));
		assert_string_equal(got, text);
		fclose(f);
	}
}

/* A machine with the folder on save:, and in it f.txt, g.txt, Dir. */
static struct tk *out_machine(void)
{
	struct machine_options o;
	struct err err;
	snprintf(out.dir, sizeof out.dir, "%s", "/tmp/wedge-out-XXXXXX");
	assert_non_null(mkdtemp(out.dir));
	assert_int_equal(mkdir(out_path("Dir"), 0755), 0);
	out_put("f.txt", "first");
	out_put("g.txt", "second");
	machine_options_default(&o);
	o.mounts = mounts_new();
	assert_int_equal(mounts_add(o.mounts, "save:", out.dir, &err), ST_OK);
	mounts_default(o.mounts, NULL);
	assert_int_equal(mounts_write_through(o.mounts, "cache:", &err), ST_BAD_USAGE);
	assert_int_equal(mounts_write_through(o.mounts, "none:", &err), ST_NOT_FOUND);
	assert_int_equal(mounts_write_through(o.mounts, "save:", &err), ST_OK);
	struct tk *t = tk_new_with(&o);
	t->mounts = o.mounts;
	uint32_t h = fk_get(t, "save:\\F.TXT", 0);
	fk_write(t, h, 0, "other!");
	fk_get(t, "save:\\dir\\new", FILE_DIRECTORY_FILE);
	fk_write(t, fk_get(t, "save:\\dir\\new\\n.txt", 0), 0, "made");
	assert_int_equal(CALL(t, t->main, "NtDeleteFile", fk_name(t, "save:\\g.txt")), NT_SUCCESS);
	return t;
}

static void out_machine_free(struct tk *t)
{
	char command[128];
	tk_free(t);
	snprintf(command, sizeof command, "rm -rf '%s'", out.dir);
	assert_int_equal(system(command), 0);
}

static void changes_reach_the_host_only_when_they_are_written_through(void **state)
{
	struct tk *t = out_machine();
	struct err err;
	(void)state;
	out_holds("f.txt", "first");
	out_holds("g.txt", "second");
	out_holds("Dir/new/n.txt", NULL);
	assert_int_equal(files_write_through(t->m, 1, &err), ST_OK);
	out_holds("f.txt", "other!");
	out_holds("g.txt", NULL);
	out_holds("Dir/new/n.txt", "made");
	out_holds(".wedge-new-0", NULL);
	out_machine_free(t);
}

/* Renames what is on the host, or in the overlay. */
static void out_move(struct tk *t, const char *from, const char *to)
{
	uint32_t h = fk_open(t, from, READ | 0x10000u, SHARE_ALL, DO_OPEN, 0).handle;
	assert_int_equal(fk_rename(t, h, to, 0), NT_SUCCESS);
	fk_close(t, h);
}

/* Files change places, directories their names, a file becomes a directory and the other way round: all is read before anything is written over it. */
static void what_changed_places_is_written_through(void **state)
{
	struct machine_options o;
	struct err err;
	(void)state;
	snprintf(out.dir, sizeof out.dir, "%s", "/tmp/wedge-out-XXXXXX");
	assert_non_null(mkdtemp(out.dir));
	assert_int_equal(mkdir(out_path("Dir"), 0755), 0);
	assert_int_equal(mkdir(out_path("Dir/Sub"), 0755), 0);
	out_put("Dir/Sub/x.txt", "deep");
	out_put("Dir/y.txt", "y");
	out_put("a.txt", "one");
	out_put("b.txt", "two");
	out_put("plain", "a file");
	machine_options_default(&o);
	o.mounts = mounts_new();
	assert_int_equal(mounts_add(o.mounts, "save:", out.dir, &err), ST_OK);
	mounts_default(o.mounts, NULL);
	assert_int_equal(mounts_write_through(o.mounts, "save:", &err), ST_OK);
	struct tk *t = tk_new_with(&o);
	t->mounts = o.mounts;
	out_move(t, "save:\\a.txt", "save:\\tmp");
	out_move(t, "save:\\b.txt", "save:\\a.txt");
	out_move(t, "save:\\tmp", "save:\\b.txt");
	out_move(t, "save:\\dir", "save:\\moved");
	out_move(t, "save:\\moved\\SUB", "save:\\new"); /* out of what has moved itself */
	assert_int_equal(CALL(t, t->main, "NtDeleteFile", fk_name(t, "save:\\plain")), NT_SUCCESS);
	fk_close(t, fk_get(t, "save:\\plain", FILE_DIRECTORY_FILE));
	fk_write(t, fk_get(t, "save:\\PLAIN\\in", 0), 0, "in a file");
	fk_write(t, fk_get(t, "save:\\Dir", 0), 0, "was a directory");
	assert_int_equal(files_write_through(t->m, 1, &err), ST_OK);
	out_holds("a.txt", "two");
	out_holds("b.txt", "one");
	out_holds("moved/y.txt", "y");
	out_holds("new/x.txt", "deep");
	out_holds("plain/in", "in a file");
	out_holds("Dir", "was a directory");
	out_holds("tmp", NULL);
	out_machine_free(t);
}

static void what_is_written_through_follows_no_link(void **state)
{
	struct tk *t = out_machine();
	struct err err;
	char elsewhere[] = "/tmp/wedge-else-XXXXXX";
	(void)state;
	assert_non_null(mkdtemp(elsewhere));
	assert_int_equal(rmdir(out_path("Dir")), 0);
	assert_int_equal(symlink(elsewhere, out_path("Dir")), 0);
	assert_int_equal(files_write_through(t->m, 1, &err), ST_IO);
	assert_non_null(strstr(err.text, "dir\\new cannot be written through"));
	assert_int_equal(rmdir(elsewhere), 0); /* still empty */
	assert_int_equal(unlink(out_path("Dir")), 0);
	out_machine_free(t);
}

/* ---- what is known of it ------------------------------------------------------------------------------------------------------------ */

static void directories_are_listed_in_order_with_what_the_title_changed(void **state)
{
	static const char *const want[] = { "levels", "m.new", "z.new" };
	struct tk *t = fk_disc("game:");
	uint32_t iosb = tk_memory(t, 8), buffer = tk_memory(t, 0x140), h;
	(void)state;
	fk_close(t, fk_get(t, "game:\\data\\z.new", 0));
	fk_close(t, fk_get(t, "game:\\data\\m.new", 0));
	assert_int_equal(CALL(t, t->main, "NtDeleteFile", fk_name(t, "game:\\data\\fox.txt")), NT_SUCCESS);
	h = fk_get(t, "game:\\data", FILE_DIRECTORY_FILE);
	for (unsigned i = 0; i < ARRAY_LEN(want); i++) {
		char name[16] = "";
		assert_int_equal(CALL(t, t->main, "NtQueryDirectoryFile", h, 0, 0, 0, iosb, buffer, 0x140, 0, 0), NT_SUCCESS);
		uint32_t n = tk_get32(t, buffer + 0x3C);
		assert_int_equal(mem_peek(&t->m->mem, buffer + 0x40, name, n), MEM_OK);
		assert_string_equal(name, want[i]);
		assert_int_equal(tk_get32(t, iosb + 4), 0x40 + n);
		assert_int_equal((tk_get32(t, buffer + 0x38) & 0x10) != 0, i == 0);
	}
	assert_int_equal(CALL(t, t->main, "NtQueryDirectoryFile", h, 0, 0, 0, iosb, buffer, 0x140, 0, 0), NT_NO_MORE_FILES);
	assert_int_equal(
		CALL(t, t->main, "NtQueryDirectoryFile", h, 0, 0, 0, iosb, buffer, 0x140, ansi(t, "M.*"), 1), NT_SUCCESS);
	assert_int_equal(CALL(t, t->main, "NtQueryDirectoryFile", h, 0, 0, 0, iosb, buffer, 0x140, 0, 0), NT_NO_MORE_FILES);
	h = fk_get(t, "game:\\data", FILE_DIRECTORY_FILE);
	assert_int_equal(
		CALL(t, t->main, "NtQueryDirectoryFile", h, 0, 0, 0, iosb, buffer, 0x140, ansi(t, "*.none"), 0), NT_NO_SUCH_FILE);
	tk_free(t);
}

static void patterns_fit_as_on_the_console(void **state)
{
	static const struct {
		const char *pattern, *name;
		bool fits;
	} cases[] = { { "*", "a", true }, { "*.*", "noext", true }, { "", "a", true }, { "*.TXT", "a.b.txt", true },
		{ "*.txt", "a.txt2", false }, { "a?c", "ABC", true }, { "a?c", "ac", false }, { "*a*b*", "xxaxxbxx", true },
		{ "*a*b*", "xxbxxaxx", false }, { "a*", "b", false } };
	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(fs_pattern_fits(cases[i].pattern, cases[i].name), cases[i].fits);
}

static void queries_answer_in_the_consoles_layout(void **state)
{
	struct tk *t = fk_disc("game:");
	uint32_t h = fk_get(t, "game:\\data\\fox.txt", SYNC), iosb = tk_memory(t, 8), info = tk_memory(t, 0x40);
	be64 position = be64_of(7);
	(void)state;
#define QUERY(class, size) CALL(t, t->main, "NtQueryInformationFile", h, iosb, info, size, class)
	assert_int_equal(QUERY(34, 0x38), NT_SUCCESS);
	assert_int_equal(tk_get32(t, info + 0x2C), 45);
	assert_int_equal(tk_get32(t, info + 0x30), 0x80);
	assert_int_equal(QUERY(4, 0x28), NT_SUCCESS);
	assert_int_equal(tk_get32(t, info + 0x20), 0x80);
	assert_int_equal((uint64_t)tk_get32(t, info) << 32 | tk_get32(t, info + 4), FILE_HOST_TIME);
	assert_int_equal(QUERY(5, 0x17), NT_INFO_LENGTH_MISMATCH);
	assert_int_equal(QUERY(99, 0x38), NT_INVALID_INFO_CLASS);
	assert_int_equal(fk_set(t, h, 14, &position, 8), NT_SUCCESS);
	assert_int_equal(QUERY(14, 8), NT_SUCCESS);
	assert_int_equal(tk_get32(t, info + 4), 7);
	assert_int_equal(QUERY(6, 8), NT_SUCCESS);
	assert_int_equal(CALL(t, t->main, "NtQueryFullAttributesFile", fk_name(t, "game:\\data"), info), NT_SUCCESS);
	assert_int_equal(tk_get32(t, info + 0x30), 0x10);
	assert_int_equal(CALL(t, t->main, "NtQueryFullAttributesFile", fk_name(t, "game:\\no"), info), NT_OBJECT_NAME_NOT_FOUND);
	for (unsigned class = 1; class <= 5; class ++)
		assert_int_equal(CALL(t, t->main, "NtQueryVolumeInformationFile", h, iosb, info, 0x20, class),
			class == 2 ? NT_INVALID_INFO_CLASS : NT_SUCCESS);
	assert_int_equal(tk_get32(t, info + 0xC), 0x46415458); /* FATX */
	assert_int_equal(CALL(t, t->main, "NtDeviceIoControlFile", h, 0, 0, 0, iosb, 0x74004, 0, 0, info, 16), NT_SUCCESS);
	assert_int_equal(tk_get32(t, info + 8), 1); /* 4 GiB */
	assert_int_equal(
		CALL(t, t->main, "NtDeviceIoControlFile", h, 0, 0, 0, iosb, 0x1234, 0, 0, info, 32), NT_INVALID_DEVICE_REQUEST);
	tk_free(t);
}

static void attributes_can_be_set_and_protect(void **state)
{
	struct tk *t = TK(state);
	struct {
		be64 time[4];
		be32 attributes, pad;
	} basic = { { be64_of(5), be64_of(0), be64_of(6), be64_of(0) }, be32_of(1), be32_of(0) };
	uint32_t h = fk_get(t, "cache:\\f", 0);
	uint8_t yes = 1;
	assert_int_equal(fk_set(t, h, 4, &basic, sizeof basic), NT_SUCCESS);
	assert_int_equal(fk_set(t, h, 13, &yes, 1), NT_CANNOT_DELETE);
	fk_close(t, h);
	assert_int_equal(fk_open(t, "cache:\\f", READ_WRITE, SHARE_ALL, DO_OPEN, 0).status, NT_ACCESS_DENIED);
	assert_int_equal(CALL(t, t->main, "NtDeleteFile", fk_name(t, "cache:\\f")), NT_CANNOT_DELETE);
}

static void a_full_disk_says_so_and_frees_what_is_deleted(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = fk_get(t, "cache:\\f", 0), status, buffer = tk_memory(t, 16);
	assert_int_equal(fk_move(t, "NtWriteFile", h, FILE_BYTES_MAX, buffer, 1, &status), 0);
	assert_int_equal(status, NT_DISK_FULL);
	fk_write(t, h, 100000, "x");
	assert_int_equal(file_blocks(t->m), 1);
	fk_close(t, h);
	assert_int_equal(CALL(t, t->main, "NtDeleteFile", fk_name(t, "cache:\\f")), NT_SUCCESS);
	assert_int_equal(file_blocks(t->m), 0);
	assert_int_equal(arena_live(&t->m->world, t->m->t_file), 0); /* no trace of what the host never had */
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(every_form_of_a_name_leads_to_the_file),
	cmocka_unit_test(hostile_names_stay_inside),
	TK_TEST(names_with_nul_or_too_long_are_invalid),
	cmocka_unit_test(a_name_below_a_directorys_handle_stays_below_it),
	cmocka_unit_test(links_lead_to_devices_and_can_be_taken_back),
	TK_TEST(dispositions_do_what_they_say),
	TK_TEST(who_does_not_share_keeps_others_out),
	TK_TEST(a_read_only_mount_takes_no_changes),
	cmocka_unit_test(writes_go_to_the_machine_and_never_to_the_host),
	cmocka_unit_test(what_was_cut_off_reads_as_zero_when_it_grows_again),
	cmocka_unit_test(deleted_files_are_gone_and_can_be_made_again),
	cmocka_unit_test(renamed_files_keep_their_bytes),
	cmocka_unit_test(a_snapshot_holds_the_files),
	cmocka_unit_test(a_file_that_changes_on_the_host_stops_the_machine),
	cmocka_unit_test(changes_reach_the_host_only_when_they_are_written_through),
	cmocka_unit_test(what_changed_places_is_written_through),
	cmocka_unit_test(what_is_written_through_follows_no_link),
	cmocka_unit_test(directories_are_listed_in_order_with_what_the_title_changed),
	cmocka_unit_test(patterns_fit_as_on_the_console),
	cmocka_unit_test(queries_answer_in_the_consoles_layout),
	TK_TEST(attributes_can_be_set_and_protect),
	TK_TEST(a_full_disk_says_so_and_frees_what_is_deleted),
};
TK_MAIN(tests)
