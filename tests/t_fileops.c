/* tests/t_fileops.c - the laws of what titles do to files and directories by handle: renaming directories, opening, deleting, asking; and all of it
 * by chance, against a model. */
#include "config.h"

#include "tests/filekit.h"

#define DELETE 0x10000u
#define DIRECTORY FILE_DIRECTORY_FILE

static int disc_setup(void **state)
{
	*state = fk_disc("game:");
	return 0;
}
#define DISC_TEST(f) cmocka_unit_test_setup_teardown(f, disc_setup, tk_teardown)

/* Opens the file or directory for renaming and deleting. */
static uint32_t get(struct tk *t, const char *name)
{
	struct fk_opened r = fk_open(t, name, READ | DELETE, SHARE_ALL, DO_OPEN, 0);
	assert_int_equal(r.status, NT_SUCCESS);
	return r.handle;
}

static uint32_t move(struct tk *t, const char *from, const char *to, uint32_t replace)
{
	uint32_t h = get(t, from), nt = fk_rename(t, h, to, replace);
	fk_close(t, h);
	return nt;
}

static void holds(struct tk *t, const char *name, const char *text)
{
	struct fk_opened r = fk_open(t, name, READ, SHARE_ALL, DO_OPEN, 0);
	assert_int_equal(r.status, NT_SUCCESS);
	fk_reads(t, r.handle, 0, text);
	fk_close(t, r.handle);
}

static uint32_t next(struct tk *t, uint32_t h, const char *pattern, char name[256])
{
	uint32_t iosb = tk_memory(t, 8), buffer = tk_memory(t, 0x140), string = 0;
	if (pattern) {
		string = tk_memory(t, 8);
		tk_put32(t, string, (uint32_t)strlen(pattern) << 16 | (uint32_t)strlen(pattern));
		tk_put32(t, string + 4, tk_string(t, pattern));
	}
	uint32_t nt = (uint32_t)CALL(t, t->main, "NtQueryDirectoryFile", h, 0, 0, 0, iosb, buffer, 0x140, string, 0);
	name[0] = 0;
	if (nt == NT_SUCCESS) {
		uint32_t n = tk_get32(t, buffer + 0x3C);
		assert_int_equal(mem_peek(&t->m->mem, buffer + 0x40, name, n), MEM_OK);
		name[n] = 0;
	}
	return nt;
}

/* The names in a directory, a blank behind each. */
static const char *names_in(struct tk *t, const char *directory, const char *pattern)
{
	static char all[1024];
	char name[256];
	uint32_t h = get(t, directory);
	all[0] = 0;
	while (next(t, h, pattern, name) == NT_SUCCESS)
		snprintf(all + strlen(all), sizeof all - strlen(all), "%s ", name);
	fk_close(t, h);
	return all;
}

/* ---- renaming directories ------------------------------------------------------------------------------------------------------ */

static void a_renamed_directory_takes_everything_below_with_it(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = fk_get(t, "game:\\data\\levels\\own", 0);
	fk_write(t, h, 0, "mine");
	fk_close(t, h);
	h = get(t, "game:\\DATA");
	assert_int_equal(fk_rename(t, h, "game:\\Moved", 0), NT_SUCCESS);
	assert_string_equal(names_in(t, "game:\\", NULL), "Moved README.TXT ");
	assert_string_equal(names_in(t, "game:\\moved", NULL), "fox.txt levels ");
	assert_string_equal(names_in(t, "game:\\moved\\levels", NULL), "one.map own Two.map ");
	holds(t, "game:\\moved\\fox.txt", "The quick brown fox");
	holds(t, "game:\\moved\\levels\\own", "mine");
	assert_int_equal(fk_status(t, "game:\\data"), NT_OBJECT_NAME_NOT_FOUND);
	assert_int_equal(fk_status(t, "game:\\data\\fox.txt"), NT_OBJECT_PATH_NOT_FOUND);
	assert_int_equal(fk_status(t, "game:\\data\\levels\\own"), NT_OBJECT_PATH_NOT_FOUND);
	/* The handle goes with it; and a new one of the old name is another, and empty. */
	char name[256];
	assert_int_equal(next(t, h, NULL, name), NT_SUCCESS);
	assert_string_equal(name, "fox.txt");
	fk_close(t, fk_get(t, "game:\\data", DIRECTORY));
	assert_string_equal(names_in(t, "game:\\data", NULL), "");
	fk_close(t, h);
	/* Back, over what was there; into another directory. */
	assert_int_equal(CALL(t, t->main, "NtDeleteFile", fk_name(t, "game:\\data")), NT_SUCCESS);
	assert_int_equal(move(t, "game:\\moved", "game:\\Data\\", 0), NT_SUCCESS);
	assert_string_equal(names_in(t, "game:\\data\\levels", NULL), "one.map own Two.map ");
	fk_close(t, fk_get(t, "game:\\under", DIRECTORY));
	assert_int_equal(move(t, "game:\\data\\levels", "game:\\under\\maps", 0), NT_SUCCESS);
	assert_string_equal(names_in(t, "game:\\data", NULL), "fox.txt ");
	holds(t, "game:\\under\\maps\\own", "mine");
	holds(t, "game:\\under\\maps\\two.map", "two!");
}

static void what_keeps_a_directory_from_being_renamed(void **state)
{
	struct tk *t = TK(state);
	char deep[260] = "game:\\";
	uint32_t below = fk_get(t, "game:\\data\\levels\\one.map", 0), rows;
	assert_int_equal(move(t, "game:\\data", "game:\\x", 0), NT_ACCESS_DENIED); /* open below */
	holds(t, "game:\\data\\levels\\two.map", "two!");
	fk_close(t, below);
	rows = arena_live(&t->m->world, t->m->t_file);
	assert_int_equal(move(t, "game:\\data", "game:\\data\\levels\\x", 0), NT_INVALID_PARAMETER); /* into itself */
	assert_int_equal(move(t, "game:\\data", "game:\\none\\x", 0), NT_OBJECT_PATH_NOT_FOUND);
	assert_int_equal(move(t, "game:\\data", "cache:\\x", 0), NT_NOT_SAME_DEVICE);
	assert_int_equal(move(t, "game:\\data", "game:\\readme.txt", 0), NT_OBJECT_NAME_COLLISION);
	assert_int_equal(move(t, "game:\\data", "game:\\readme.txt", 1), NT_ACCESS_DENIED); /* a directory replaces nothing */
	assert_int_equal(move(t, "game:\\readme.txt", "game:\\data", 1), NT_ACCESS_DENIED); /* and is not replaced */
	assert_int_equal(move(t, "game:\\", "game:\\x", 0), NT_INVALID_PARAMETER);
	memset(deep + 6, 'd', 243); /* a name that fits, but not with levels\one.map behind it */
	assert_int_equal(move(t, "game:\\data", deep, 0), NT_OBJECT_NAME_INVALID);
	struct fk_opened r = fk_open(t, "game:\\data", READ, SHARE_ALL, DO_OPEN, 0);
	assert_int_equal(fk_rename(t, r.handle, "game:\\x", 0), NT_ACCESS_DENIED); /* no right to delete */
	fk_close(t, r.handle);
	assert_int_equal(arena_live(&t->m->world, t->m->t_file), rows); /* nothing has changed */
	assert_string_equal(names_in(t, "game:\\data", NULL), "fox.txt levels ");
	assert_int_equal(move(t, "game:\\data", "game:\\DATA", 0), NT_SUCCESS); /* only its spelling */
	assert_string_equal(names_in(t, "game:\\", NULL), "DATA README.TXT ");
	holds(t, "game:\\data\\levels\\two.map", "two!");
}

/* ---- opening and deleting ----------------------------------------------------------------------------------------------------------- */

static void malformed_openings_are_refused(void **state)
{
	struct tk *t = TK(state);
	static const struct {
		uint32_t access, share, disposition, options;
	} wrong[] = {
		{ READ, 8, DO_OPEN_IF, 0 },
		{ READ, SHARE_ALL, 6, 0 },
		{ READ, SHARE_ALL, DO_OPEN_IF, FILE_SYNC_ALERT | FILE_SYNC_NONALERT },
		{ READ, SHARE_ALL, DO_OPEN_IF, DIRECTORY | FILE_NON_DIRECTORY_FILE },
		{ READ_WRITE, SHARE_ALL, DO_SUPERSEDE, DIRECTORY },
		{ READ_WRITE, SHARE_ALL, DO_OVERWRITE_IF, DIRECTORY },
		{ READ, SHARE_ALL, DO_OPEN_IF, FILE_DELETE_ON_CLOSE },
	};
	for (unsigned i = 0; i < ARRAY_LEN(wrong); i++)
		assert_int_equal(
			fk_open(t, "cache:\\f", wrong[i].access, wrong[i].share, wrong[i].disposition, wrong[i].options).status,
			NT_INVALID_PARAMETER);
	assert_string_equal(names_in(t, "cache:\\", NULL), "");
}

static void rights_are_what_was_asked_for(void **state)
{
	struct tk *t = TK(state);
	static const struct {
		uint32_t access;
		bool reads, writes, deletes;
	} cases[] = { { 0x80000000u, true, false, false }, { 0x40000000u, false, true, false }, { 0x10000000u, true, true, true },
		{ 0x02000000u, true, true, true }, { 0x1u, true, false, false }, { 0x2u, false, true, false },
		{ 0x4u, false, true, false }, { DELETE, false, false, true }, { 0x80u, false, false, false } };
	fk_close(t, fk_get(t, "cache:\\f", 0));
	for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
		uint32_t h = fk_open(t, "cache:\\f", cases[i].access, SHARE_ALL, DO_OPEN, 0).handle, buffer = tk_memory(t, 8),
			 status;
		uint8_t no = 0;
		fk_move(t, "NtWriteFile", h, 0, buffer, 4, &status);
		assert_int_equal(status, cases[i].writes ? NT_SUCCESS : NT_ACCESS_DENIED);
		fk_move(t, "NtReadFile", h, 0, buffer, 4, &status);
		assert_int_equal(status, !cases[i].reads ? NT_ACCESS_DENIED : i ? NT_SUCCESS : NT_END_OF_FILE);
		assert_int_equal(fk_set(t, h, 13, &no, 1), cases[i].deletes ? NT_SUCCESS : NT_ACCESS_DENIED);
		fk_close(t, h);
	}
	/* As much as may be had: of a mount that cannot be written to, reading. */
	uint32_t h = fk_open(t, "d:\\", 0x02000000u, SHARE_ALL, DO_OPEN, 0).handle;
	assert_int_not_equal(h, 0);
	assert_int_equal(open_of(t->m, tk_object(t, h))->access & (FILE_WRITE_DATA | FILE_DELETE), 0);
}

static void who_may_only_append_writes_at_the_end(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = fk_get(t, "cache:\\f", 0), only = fk_open(t, "cache:\\f", 0x100004u, SHARE_ALL, DO_OPEN, 0).handle;
	fk_write(t, h, 0, "first ");
	fk_write(t, only, 0, "second "); /* wherever it says */
	/* Two under way at once, and one at "the end": each goes behind the other. */
	uint32_t text = tk_string(t, "abc"), iosb = tk_memory(t, 8), at = tk_memory(t, 8);
	tk_put64(t, at, UINT64_MAX);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(CALL(t, t->main, "NtWriteFile", i == 2 ? h : only, 0, 0, 0, iosb, text, 3, at), NT_PENDING);
	tk_pass(t, 1000000);
	fk_reads(t, h, 0, "first second abcabcabc");
	assert_int_equal(fk_size(t, h), 22);
}

static void unbuffered_handles_move_whole_sectors(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = fk_get(t, "cache:\\f", FILE_NO_BUFFERING), buffer = tk_memory(t, 0x400), status;
	fk_move(t, "NtWriteFile", h, 0, buffer, 0x400, &status);
	assert_int_equal(status, NT_SUCCESS);
	fk_move(t, "NtReadFile", h, 0x200, buffer, 0x200, &status);
	assert_int_equal(status, NT_SUCCESS);
	fk_move(t, "NtReadFile", h, 0x100, buffer, 0x200, &status);
	assert_int_equal(status, NT_INVALID_PARAMETER);
	fk_move(t, "NtReadFile", h, 0, buffer, 0x1FF, &status);
	assert_int_equal(status, NT_INVALID_PARAMETER);
}

static void a_directory_with_something_in_it_outlives_its_deletion(void **state)
{
	struct tk *t = TK(state);
	uint8_t yes = 1;
	uint32_t h = fk_open(t, "cache:\\d", READ_WRITE, SHARE_ALL, DO_CREATE, DIRECTORY | FILE_DELETE_ON_CLOSE).handle;
	assert_int_not_equal(h, 0);
	assert_int_equal(fk_open(t, "cache:\\d\\x", READ_WRITE, SHARE_ALL, DO_CREATE, 0).status, NT_DELETE_PENDING);
	fk_close(t, h);
	assert_int_equal(fk_status(t, "cache:\\d"), NT_OBJECT_NAME_NOT_FOUND);
	fk_close(t, fk_get(t, "cache:\\d", DIRECTORY));
	fk_close(t, fk_get(t, "cache:\\d\\x", 0));
	fk_close(t, fk_open(t, "cache:\\d", READ_WRITE, SHARE_ALL, DO_OPEN, DIRECTORY | FILE_DELETE_ON_CLOSE).handle);
	assert_int_equal(fk_status(t, "cache:\\d\\x"), NT_SUCCESS);
	/* One that is going can be kept, till it has gone. */
	h = fk_get(t, "cache:\\d\\x", 0);
	assert_int_equal(fk_set(t, h, 13, &yes, 1), NT_SUCCESS);
	assert_int_equal(fk_status(t, "cache:\\d\\x"), NT_DELETE_PENDING);
	yes = 0;
	assert_int_equal(fk_set(t, h, 13, &yes, 1), NT_SUCCESS);
	fk_close(t, h);
	assert_int_equal(fk_status(t, "cache:\\d\\x"), NT_SUCCESS);
}

/* ---- asking ------------------------------------------------------------------------------------------------------------------- */

static void modes_sectors_and_alignment_can_be_asked_for(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = fk_get(t, "game:\\data\\fox.txt", SYNC | FILE_SEQUENTIAL_ONLY), other = fk_get(t, "game:\\readme.txt", 0),
		 key;
	uint32_t iosb = tk_memory(t, 8), info = tk_memory(t, 0x40);
	be32 mode = be32_of(SYNC | FILE_WRITE_THROUGH);
	be64 position = be64_of(UINT64_MAX);
#define QUERY(h, class, size) CALL(t, t->main, "NtQueryInformationFile", h, iosb, info, size, class)
	assert_int_equal(QUERY(h, 16, 4), NT_SUCCESS);
	assert_int_equal(tk_get32(t, info), SYNC | FILE_SEQUENTIAL_ONLY);
	assert_int_equal(fk_set(t, h, 16, &mode, 4), NT_SUCCESS);
	assert_int_equal(QUERY(h, 16, 4), NT_SUCCESS);
	assert_int_equal(tk_get32(t, info), SYNC | FILE_WRITE_THROUGH);
	assert_int_equal(fk_set(t, other, 16, &mode, 4), NT_INVALID_PARAMETER); /* it is not synchronous, and stays so */
	mode = be32_of(0);
	assert_int_equal(fk_set(t, h, 16, &mode, 4), NT_INVALID_PARAMETER);
	assert_int_equal(fk_set(t, h, 14, &position, 8), NT_INVALID_PARAMETER);
	tk_put32(t, info, 1);
	assert_int_equal(QUERY(h, 17, 4), NT_SUCCESS);
	assert_int_equal(tk_get32(t, info), 0);
	assert_int_equal(QUERY(h, 26, 4), NT_SUCCESS);
	key = tk_get32(t, info);
	assert_int_equal(QUERY(other, 26, 4), NT_SUCCESS);
	assert_int_not_equal(tk_get32(t, info), key);
	assert_int_equal(QUERY(h, 27, 4), NT_INVALID_PARAMETER);
	assert_int_equal(QUERY(h, 16, 3), NT_INFO_LENGTH_MISMATCH);
	assert_int_equal(CALL(t, t->main, "NtQueryVolumeInformationFile", h, iosb, info, 0x18, 1), NT_SUCCESS);
	assert_int_equal(tk_get32(t, iosb + 4), 0x11); /* the label is empty */
	assert_int_equal(CALL(t, t->main, "NtDeviceIoControlFile", h, 0, 0, 0, iosb, 0x70000, 0, 0, info, 8), NT_SUCCESS);
	assert_int_equal((uint64_t)tk_get32(t, info) * tk_get32(t, info + 4), UINT64_C(1) << 32);
	assert_int_equal(tk_get32(t, iosb + 4), 8);
	assert_int_equal(
		CALL(t, t->main, "NtDeviceIoControlFile", h, 0, 0, 0, iosb, 0x70000, 0, 0, info, 7), NT_BUFFER_TOO_SMALL);
}

static void requests_are_taken_back_by_their_status_block(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = fk_get(t, "game:\\data\\fox.txt", 0), buffer = tk_memory(t, 16), at = tk_memory(t, 8), iosb[3];
	for (unsigned i = 0; i < 3; i++) {
		iosb[i] = tk_memory(t, 8);
		assert_int_equal(CALL(t, t->main, "NtReadFile", h, 0, 0, 0, iosb[i], buffer, 9, at), NT_PENDING);
	}
	uint32_t answer = tk_memory(t, 8);
	assert_int_equal(CALL(t, t->main, "NtCancelIoFileEx", h, iosb[1], answer), NT_SUCCESS);
	assert_int_equal(tk_get32(t, iosb[1]), NT_CANCELLED);
	assert_int_equal(CALL(t, t->main, "NtCancelIoFileEx", h, iosb[1], answer), NT_NOT_FOUND);
	assert_int_equal(tk_get32(t, iosb[0]), 0);
	assert_int_equal(CALL(t, t->main, "NtCancelIoFileEx", h, 0, answer), NT_SUCCESS);
	assert_int_equal(tk_get32(t, iosb[0]), NT_CANCELLED);
	assert_int_equal(tk_get32(t, iosb[2]), NT_CANCELLED);
	assert_int_equal(CALL(t, t->main, "NtCancelIoFileEx", h, 0, answer), NT_NOT_FOUND);
}

/* ---- links ---------------------------------------------------------------------------------------------------------------------- */

static uint32_t ansi(struct tk *t, const char *text)
{
	uint32_t s = tk_memory(t, 8);
	tk_put32(t, s, (uint32_t)strlen(text) << 16 | (uint32_t)strlen(text));
	tk_put32(t, s + 4, tk_string(t, text));
	return s;
}

/* Where the link leads; NULL: there is none. */
static const char *leads_to(struct tk *t, const char *link, uint32_t room, uint32_t status)
{
	static char got[256];
	uint32_t out = tk_memory(t, 4), s = tk_memory(t, 8), buffer = tk_memory(t, 256);
	uint32_t nt = (uint32_t)CALL(t, t->main, "NtOpenSymbolicLinkObject", out, fk_name(t, link));
	if (nt != NT_SUCCESS) {
		assert_int_equal(nt, status);
		assert_int_equal(tk_get32(t, out), 0);
		return NULL;
	}
	uint32_t h = tk_get32(t, out);
	tk_put32(t, s, room);
	tk_put32(t, s + 4, buffer);
	assert_int_equal(CALL(t, t->main, "NtQuerySymbolicLinkObject", h, s), status);
	memset(got, 0, sizeof got);
	assert_int_equal(mem_peek(&t->m->mem, buffer, got, tk_get32(t, s) >> 16), MEM_OK);
	fk_close(t, h);
	return got;
}

static void links_can_be_asked_where_they_lead(void **state)
{
	struct tk *t = TK(state);
	assert_string_equal(leads_to(t, "\\??\\d:", 100, NT_SUCCESS), "\\Device\\Cdrom0"); /* the default ones */
	assert_int_equal(
		CALL(t, t->main, "ObCreateSymbolicLink", ansi(t, "\\??\\save:"), ansi(t, "\\Device\\Harddisk0\\Partition1\\S")),
		NT_SUCCESS);
	assert_string_equal(leads_to(t, "SAVE:", 28 + 2, NT_SUCCESS), "\\Device\\Harddisk0\\Partition1\\S");
	assert_string_equal(leads_to(t, "save:", 5, NT_BUFFER_TOO_SMALL), "");
	assert_null(leads_to(t, "none:", 100, NT_OBJECT_NAME_NOT_FOUND));
	assert_null(leads_to(t, "cache:", 100, NT_OBJECT_NAME_NOT_FOUND)); /* a device */
	assert_int_equal(
		CALL(t, t->main, "NtQuerySymbolicLinkObject", fk_get(t, "cache:\\f", 0), ansi(t, "x")), NT_OBJECT_TYPE_MISMATCH);
	assert_int_equal(CALL(t, t->main, "ObDeleteSymbolicLink", ansi(t, "save:")), NT_SUCCESS);
	assert_null(leads_to(t, "save:", 100, NT_OBJECT_NAME_NOT_FOUND));
}

/* To themselves, in circles, longer with each step, with names of one odd byte: all end. */
static void hostile_links_come_to_an_end(void **state)
{
	struct tk *t = TK(state);
	char longer[128] = "long:\\", name[16];
#define LINK(from, to) CALL(t, t->main, "ObCreateSymbolicLink", ansi(t, from), ansi(t, to))
	assert_int_equal(LINK("self:", "self:"), NT_SUCCESS);
	assert_int_equal(fk_status(t, "self:\\x"), NT_OBJECT_NAME_INVALID);
	assert_int_equal(LINK("below:", "below:\\below"), NT_SUCCESS);
	assert_int_equal(fk_status(t, "below:\\x"), NT_OBJECT_NAME_INVALID);
	memset(longer + 6, 'y', 110);
	assert_int_equal(LINK("long:", longer), NT_SUCCESS);
	assert_int_equal(fk_status(t, "long:\\x"), NT_OBJECT_NAME_INVALID);
	assert_int_equal(LINK("", "cache:"), NT_OBJECT_NAME_INVALID);
	assert_int_equal(LINK("\\", "cache:"), NT_OBJECT_NAME_INVALID);
	assert_int_equal(LINK("up:", "cache:\\..\\.."), NT_SUCCESS);
	assert_int_equal(fk_status(t, "up:\\etc\\passwd"), NT_OBJECT_NAME_INVALID);
	assert_string_equal(leads_to(t, "self:", 100, NT_SUCCESS), "self:");
	/* Rows that were given back have no names. */
	assert_int_equal(LINK("a:", "cache:"), NT_SUCCESS);
	assert_int_equal(LINK("b:", "cache:"), NT_SUCCESS);
	CALL(t, t->main, "ObDeleteSymbolicLink", ansi(t, "a:"));
	CALL(t, t->main, "ObDeleteSymbolicLink", ansi(t, "b:"));
	const uint32_t fresh = t->data_at;
	for (unsigned i = 1; i < 256; i++, t->data_at = fresh) {
		snprintf(name, sizeof name, "%c", (char)i);
		assert_null(leads_to(t, name, 100, NT_OBJECT_NAME_NOT_FOUND));
	}
	/* As many as there is room for. */
	uint32_t made = 0;
	for (unsigned i = 0; i < 400; i++, t->data_at = fresh) {
		snprintf(name, sizeof name, "n%u:", i);
		uint32_t nt = (uint32_t)LINK(name, "cache:");
		assert_true(nt == NT_SUCCESS || nt == NT_INSUFFICIENT_RESOURCES);
		made += nt == NT_SUCCESS;
	}
	assert_true(made > 200 && made < 300);
}

/* ---- all of it, by chance ------------------------------------------------------------------------------------------------------------ */

#define ITEMS 64

/* The model: what there is on game:, by path. */
static struct {
	struct item {
		char path[80], text[16];
		bool directory;
	} item[ITEMS];
	unsigned count;
} model;

static struct item *model_at(const char *path)
{
	for (unsigned i = 0; i < model.count; i++)
		if (!strcasecmp(model.item[i].path, path))
			return &model.item[i];
	return NULL;
}

static bool is_below(const char *path, const char *directory)
{
	size_t n = strlen(directory);
	return !strncasecmp(path, directory, n) && path[n] == '\\';
}

static bool model_empty(const char *directory)
{
	for (unsigned i = 0; i < model.count; i++)
		if (is_below(model.item[i].path, directory))
			return false;
	return true;
}

static void model_add(const char *path, bool directory, const char *text)
{
	struct item *i = &model.item[model.count++];
	assert_true(model.count <= ITEMS);
	snprintf(i->path, sizeof i->path, "%s", path);
	snprintf(i->text, sizeof i->text, "%s", text);
	i->directory = directory;
}

static uint32_t draw(uint64_t *seed, uint32_t below)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*seed >> 33) % below;
}

/* A path of one to three of a few names, some of which the host has. */
static void draw_path(uint64_t *seed, char path[80])
{
	static const char *const names[] = { "Data", "levels", "fox.txt", "one.map", "a", "b" };
	snprintf(path, 80, "game:");
	for (unsigned n = 1 + draw(seed, 3); n--;)
		snprintf(path + strlen(path), 80 - strlen(path), "\\%s", names[draw(seed, ARRAY_LEN(names))]);
}

static bool parent_exists(const char *path)
{
	char parent[80];
	snprintf(parent, sizeof parent, "%s", path);
	*strrchr(parent, '\\') = 0;
	const struct item *i = model_at(parent);
	return !strcmp(parent, "game:") || (i && i->directory);
}

static void op_make(struct tk *t, uint64_t *seed, unsigned n)
{
	char path[80], text[16];
	bool directory = draw(seed, 2);
	draw_path(seed, path);
	struct item *i = model_at(path);
	bool good = parent_exists(path) && (!i || i->directory == directory) && model.count < ITEMS;
	if (model.count >= ITEMS)
		return;
	struct fk_opened r = fk_open(t, path, READ_WRITE, SHARE_ALL, DO_OPEN_IF, directory ? DIRECTORY : FILE_NON_DIRECTORY_FILE);
	assert_int_equal(r.status == NT_SUCCESS, good);
	if (!good)
		return;
	snprintf(text, sizeof text, "text %06u", n);
	if (!directory) {
		assert_int_equal(fk_resize(t, r.handle, 0), NT_SUCCESS);
		fk_write(t, r.handle, 0, text);
	}
	fk_close(t, r.handle);
	if (!i)
		model_add(path, directory, text);
	else
		snprintf(i->text, sizeof i->text, "%s", text);
}

static void op_delete(struct tk *t, uint64_t *seed)
{
	char path[80];
	draw_path(seed, path);
	struct item *i = model_at(path);
	bool good = i && (!i->directory || model_empty(path));
	assert_int_equal(CALL(t, t->main, "NtDeleteFile", fk_name(t, path)) == NT_SUCCESS, good);
	if (good)
		*i = model.item[--model.count];
}

static void op_rename(struct tk *t, uint64_t *seed)
{
	char from[80], to[80], below[160];
	bool replace = draw(seed, 2);
	draw_path(seed, from);
	draw_path(seed, to);
	struct item *i = model_at(from), *j = model_at(to);
	if (!i || (i->directory && strlen(from) > 20)) /* paths of the model stay short */
		return;
	bool good = parent_exists(to) && (!j || j == i || (replace && !i->directory && !j->directory)) && !is_below(to, from);
	uint32_t nt = move(t, from, to, replace);
	if ((nt == NT_SUCCESS) != good)
		fail_msg("%s -> %s: %08x", from, to, nt);
	if (!good || i == j)
		return;
	if (j) {
		j->path[0] = 0;
	}
	for (unsigned k = 0; k < model.count; k++)
		if (is_below(model.item[k].path, from)) {
			snprintf(below, sizeof below, "%s%s", to, model.item[k].path + strlen(from));
			assert_true(strlen(below) < sizeof model.item[k].path);
			memcpy(model.item[k].path, below, strlen(below) + 1);
		}
	snprintf(i->path, sizeof i->path, "%s", to);
	for (unsigned k = 0; k < model.count; k++)
		if (!model.item[k].path[0]) {
			model.item[k] = model.item[model.count - 1];
			model.count--;
		}
}

/* All that is listed is in the model; how many. */
static unsigned list(struct tk *t, const char *directory)
{
	char name[256], path[512];
	unsigned n = 0;
	uint32_t h = get(t, directory);
	for (uint32_t fresh = t->data_at; t->data_at = fresh, next(t, h, NULL, name) == NT_SUCCESS;) {
		snprintf(path, sizeof path, "%s\\%s", directory, name);
		const struct item *i = model_at(path);
		if (!i)
			fail_msg("%s is not in the model", path);
		if (i->directory)
			n += list(t, path);
		else
			holds(t, path, i->text);
		n++;
	}
	fk_close(t, h);
	return n;
}

static void changes_by_chance_come_to_the_same_as_in_a_model(void **state)
{
	(void)state;
	for (uint64_t round = 0; round < 40; round++) {
		struct tk *t = fk_disc("game:");
		uint64_t seed = round;
		const uint32_t fresh = t->data_at;
		model.count = 0;
		model_add("game:\\Data", true, "");
		model_add("game:\\Data\\fox.txt", false, "The quick");
		model_add("game:\\Data\\levels", true, "");
		model_add("game:\\Data\\levels\\one.map", false, "one");
		model_add("game:\\Data\\levels\\Two.map", false, "two!");
		model_add("game:\\README.TXT", false, "readme");
		for (unsigned n = 0; n < 200; n++, t->data_at = fresh) {
			switch (draw(&seed, 4)) {
			case 0: op_delete(t, &seed); break;
			case 1: op_rename(t, &seed); break;
			default: op_make(t, &seed, n); break;
			}
			if (n % 10 == 9)
				assert_int_equal(list(t, "game:"), model.count);
		}
		tk_free(t);
	}
}

static const struct CMUnitTest tests[] = {
	DISC_TEST(a_renamed_directory_takes_everything_below_with_it),
	DISC_TEST(what_keeps_a_directory_from_being_renamed),
	TK_TEST(malformed_openings_are_refused),
	TK_TEST(rights_are_what_was_asked_for),
	TK_TEST(who_may_only_append_writes_at_the_end),
	TK_TEST(unbuffered_handles_move_whole_sectors),
	TK_TEST(a_directory_with_something_in_it_outlives_its_deletion),
	DISC_TEST(modes_sectors_and_alignment_can_be_asked_for),
	DISC_TEST(requests_are_taken_back_by_their_status_block),
	TK_TEST(links_can_be_asked_where_they_lead),
	TK_TEST(hostile_links_come_to_an_end),
	cmocka_unit_test(changes_by_chance_come_to_the_same_as_in_a_model),
};
TK_MAIN(tests)
