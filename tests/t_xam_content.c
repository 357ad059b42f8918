/* tests/t_xam_content.c - the laws of content packages: made, opened under a root name, listed, deleted; the storage device. */
#include "config.h"

#include <sys/stat.h>
#include <unistd.h>

#include "tests/filekit.h"
#include "tests/xamkit.h"

#define CREATE_NEW 1u
#define CREATE_ALWAYS 2u
#define OPEN_EXISTING 3u
#define OPEN_ALWAYS 4u
#define TRUNCATE_EXISTING 5u
#define SAVE 1u
#define FOLDER CONTENT_DEVICE "\\Content\\E000000000000001\\00000000\\00000001"

static int content_setup(void **state)
{
	struct machine_options o;
	machine_options_default(&o);
	o.mounts = mounts_new();
	mounts_default(o.mounts, NULL);
	struct tk *t = tk_new_with(&o);
	t->mounts = o.mounts;
	*state = t;
	return 0;
}
#define CONTENT_TEST(f) cmocka_unit_test_setup_teardown(f, content_setup, tk_teardown)

/* Without an XOVERLAPPED. */
static uint32_t create(struct tk *t, const char *root, uint32_t data, uint32_t flags, uint32_t *disposition)
{
	uint32_t out = tk_memory(t, 4);
	tk_put32(t, out, 0x77);
	uint32_t error = (uint32_t)CALL(t, t->main, "XamContentCreate", 0, tk_string(t, root), data, flags, out, 0, 0);
	if (disposition)
		*disposition = tk_get32(t, out);
	return error;
}

static uint32_t close_root(struct tk *t, const char *root)
{
	return (uint32_t)CALL(t, t->main, "XamContentClose", tk_string(t, root), 0);
}

/* A package with a file in it, closed again. */
static uint32_t saved(struct tk *t, const char *display, const char *name, const char *text)
{
	uint32_t data = xa_data(t, SAVE, display, name);
	assert_int_equal(create(t, "save", data, CREATE_NEW, NULL), ERROR_SUCCESS);
	uint32_t h = fk_get(t, "save:\\slot.bin", 0);
	fk_write(t, h, 0, text);
	fk_close(t, h);
	assert_int_equal(close_root(t, "save"), ERROR_SUCCESS);
	return data;
}

static void what_was_saved_is_there_when_it_is_opened_again(void **state)
{
	struct tk *t = TK(state);
	uint32_t data = saved(t, "Slot 1", "slot1", "the hero stands here"), disposition;
	assert_int_equal(fk_status(t, "save:\\slot.bin"), NT_OBJECT_PATH_NOT_FOUND); /* closed */
	assert_int_equal(create(t, "load", data, OPEN_EXISTING, &disposition), ERROR_SUCCESS);
	assert_int_equal(disposition, 2);
	uint32_t h = fk_open(t, "load:\\slot.bin", READ, SHARE_ALL, DO_OPEN, 0).handle;
	fk_reads(t, h, 0, "the hero stands here");
	fk_close(t, h);
	assert_int_equal(fk_status(t, FOLDER "\\slot1\\slot.bin"), NT_SUCCESS);
	assert_int_equal(close_root(t, "LOAD:"), ERROR_SUCCESS); /* without regard to case */
	assert_int_equal(close_root(t, "load"), ERROR_FILE_NOT_FOUND);
	assert_int_equal(arena_live(&t->m->world, t->m->t_content), 0);
}

static void each_flag_does_what_it_says(void **state)
{
	static const struct {
		uint32_t flags, absent, present, made, opened;
	} rows[] = {
		{ CREATE_NEW, ERROR_SUCCESS, ERROR_ALREADY_EXISTS, 1, 0 },
		{ CREATE_ALWAYS, ERROR_SUCCESS, ERROR_SUCCESS, 1, 1 },
		{ OPEN_EXISTING, ERROR_PATH_NOT_FOUND, ERROR_SUCCESS, 0, 2 },
		{ OPEN_ALWAYS, ERROR_SUCCESS, ERROR_SUCCESS, 1, 2 },
		{ TRUNCATE_EXISTING, ERROR_PATH_NOT_FOUND, ERROR_SUCCESS, 0, 1 },
		{ 0, ERROR_INVALID_PARAMETER, ERROR_INVALID_PARAMETER, 0, 0 },
	};
	struct tk *t = TK(state);
	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		char name[8] = { (char)('a' + i) };
		uint32_t disposition;
		assert_int_equal(create(t, "r", xa_data(t, SAVE, "", name), rows[i].flags | 0x20, &disposition), rows[i].absent);
		assert_int_equal(disposition, rows[i].made);
		close_root(t, "r");
		name[0] = (char)('A' + i); /* the same, without regard to case */
		name[1] = 'x';
		uint32_t there = saved(t, "", name, "old");
		assert_int_equal(create(t, "r", there, rows[i].flags | 0x20, &disposition), rows[i].present);
		assert_int_equal(disposition, rows[i].opened);
		if (!rows[i].present)
			assert_int_equal(
				fk_status(t, "r:\\slot.bin"), rows[i].opened == 2 ? NT_SUCCESS : NT_OBJECT_NAME_NOT_FOUND);
		close_root(t, "r");
	}
}

static void what_is_no_root_no_name_or_no_user_is_refused(void **state)
{
	struct tk *t = TK(state);
	uint32_t data = xa_data(t, SAVE, "", "a"), root = tk_string(t, "save"), x = xa_overlapped(t, 0);
	assert_int_equal(CALL(t, t->main, "XamContentCreate", 1, root, data, CREATE_NEW, 0, 0, 0), ERROR_NO_SUCH_USER);
	assert_int_equal(
		CALL(t, t->main, "XamContentCreate", 0, tk_string(t, ""), data, CREATE_NEW, 0, 0, 0), ERROR_INVALID_NAME);
	assert_int_equal(CALL(t, t->main, "XamContentCreate", 0, 0, data, CREATE_NEW, 0, 0, 0), ERROR_INVALID_NAME);
	assert_int_equal(create(t, "save", xa_data(t, SAVE, "", ""), CREATE_NEW, NULL), ERROR_INVALID_NAME);
	assert_int_equal(create(t, "save", xa_data(t, SAVE, "", "..\\..\\x"), CREATE_NEW, NULL), ERROR_INVALID_NAME);
	assert_int_equal(create(t, "save", xa_data(t, SAVE, "", ".."), OPEN_EXISTING, NULL), ERROR_INVALID_NAME);
	assert_int_equal(create(t, "game", data, CREATE_NEW, NULL), ERROR_INVALID_PARAMETER); /* a link already */
	assert_int_equal(create(t, "save", data, CREATE_NEW, NULL), ERROR_SUCCESS);
	assert_int_equal(create(t, "save", data, OPEN_EXISTING, NULL), ERROR_INVALID_PARAMETER);
	assert_int_equal(CALL(t, t->main, "XamContentClose", tk_string(t, "nothing"), x), ERROR_IO_PENDING);
	assert_int_equal(xa_complete(t, x), ERROR_FILE_NOT_FOUND);
	const uint64_t bad[] = { 0, root, 0x10, CREATE_NEW, 0, 0, 0 };
	assert_true(tk_call_on(t, t->main, "XamContentCreate", 7, bad).faulted);
}

static void through_an_xoverlapped_the_error_is_the_extended_one(void **state)
{
	struct tk *t = TK(state);
	uint32_t event = tk_event(t, 0, false), x = xa_overlapped(t, event), out = tk_memory(t, 8);
	uint32_t data = xa_data(t, SAVE, "", "a"), root = tk_string(t, "save");
	tk_put32(t, out, 0x77);
	tk_put32(t, out + 4, 0x77);
	assert_int_equal(
		CALL(t, t->main, "XamContentCreateEx", 0, root, data, CREATE_NEW, out, out + 4, 0, 0, x), ERROR_IO_PENDING);
	assert_int_equal(tk_get32(t, out), 0); /* not yet known */
	assert_int_equal(xa_complete(t, x), ERROR_SUCCESS);
	assert_int_equal(tk_get32(t, out), 1);
	assert_int_equal(tk_get32(t, out + 4), 0);
	assert_int_equal(XA(t, x, length), 1);
	assert_int_equal(object_signal_state(t->m, tk_object(t, event)), 1);
	close_root(t, "save");
	tk_put32(t, out + 4, 0x77);
	CALL(t, t->main, "XamContentCreateEx", 0, root, data, CREATE_NEW, out, out + 4, 0, 0, x);
	assert_int_equal(xa_complete(t, x), ERROR_FUNCTION_FAILED);
	assert_int_equal(XA(t, x, extended_error), 0x800700B7);
	assert_int_equal(tk_get32(t, out + 4), 0x77);
}

static void deleting_takes_all_of_it(void **state)
{
	struct tk *t = TK(state);
	uint32_t data = saved(t, "Slot", "slot1", "x"), x = xa_overlapped(t, 0), files = arena_live(&t->m->world, t->m->t_file);
	create(t, "save", data, OPEN_EXISTING, NULL);
	fk_close(t, fk_get(t, "save:\\deep", FILE_DIRECTORY_FILE));
	fk_close(t, fk_get(t, "save:\\deep\\deeper", FILE_DIRECTORY_FILE));
	fk_close(t, fk_get(t, "save:\\deep\\deeper\\a", 0));
	uint32_t h = fk_get(t, "save:\\deep\\b", 0);
	assert_int_equal(CALL(t, t->main, "XamContentDelete", 0, data, 0), ERROR_ACCESS_DENIED); /* it is open */
	close_root(t, "save");
	assert_int_equal(CALL(t, t->main, "XamContentDelete", 0, data, 0), ERROR_ACCESS_DENIED); /* a file in it is */
	fk_close(t, h);
	assert_int_equal(CALL(t, t->main, "XamContentDelete", 0, data, x), ERROR_IO_PENDING);
	assert_int_equal(xa_complete(t, x), ERROR_SUCCESS);
	assert_int_equal(fk_status(t, FOLDER "\\slot1"), NT_OBJECT_NAME_NOT_FOUND);
	assert_int_equal(arena_live(&t->m->world, t->m->t_file), files - 3); /* directory, file, header */
	assert_int_equal(CALL(t, t->main, "XamContentDelete", 0, data, 0), ERROR_FILE_NOT_FOUND);
}

/* What the enumerator gives: "display/file;..." */
static void lists(struct tk *t, uint32_t user, uint32_t type, uint32_t flags, const char *want)
{
	char got[512] = "";
	uint32_t out = tk_memory(t, 8), buffer = tk_memory(t, 2 * sizeof(struct g_xcontent_data));
	assert_int_equal(CALL(t, t->main, "XamContentCreateEnumerator", user, 0, type, flags, 2, out, out + 4), ERROR_SUCCESS);
	assert_int_equal(tk_get32(t, out), 2 * sizeof(struct g_xcontent_data));
	uint32_t h = tk_get32(t, out + 4);
	while (!CALL(t, t->main, "XamEnumerate", h, 0, buffer, tk_get32(t, out), out + 4, 0))
		for (uint32_t i = 0; i < tk_get32(t, out + 4); i++) {
			struct g_xcontent_data d;
			assert_int_equal(mem_peek(&t->m->mem, buffer + i * (uint32_t)sizeof d, &d, sizeof d), MEM_OK);
			assert_int_equal(be32_get(d.device_id), CONTENT_DEVICE_ID);
			assert_int_equal(be32_get(d.content_type), type);
			size_t n = strlen(got);
			for (unsigned k = 0; be16_get(d.display_name[k]); k++)
				got[n++] = (char)be16_get(d.display_name[k]);
			snprintf(got + n, sizeof got - n, "/%.42s;", d.file_name);
		}
	assert_string_equal(got, want);
	fk_close(t, h);
}

static void packages_are_listed_by_user_and_type_with_their_names(void **state)
{
	struct tk *t = TK(state);
	lists(t, 0, SAVE, 0, "");
	saved(t, "Third", "c", "x");
	saved(t, "First", "a", "x");
	saved(t, "A long second name", "b", "x");
	create(t, "dlc", xa_data(t, 2, "More", "pack"), CREATE_NEW, NULL);
	assert_int_equal(CALL(t, t->main, "XamContentCreate", 0xFE, tk_string(t, "all"), xa_data(t, SAVE, "Everybody's", "e"),
				 CREATE_NEW, 0, 0, 0),
		0);
	lists(t, 0, SAVE, 0x1000, "First/a;A long second name/b;Third/c;");
	lists(t, 0, SAVE, 0, "First/a;A long second name/b;Third/c;Everybody's/e;");
	lists(t, 0xFE, SAVE, 0, "Everybody's/e;");
	lists(t, 0, 2, 0, "More/pack;");
	lists(t, 0xFF, 2, 0, "More/pack;");
	uint32_t out = tk_memory(t, 8);
	tk_put32(t, out, 0x77);
	assert_int_equal(CALL(t, t->main, "XamContentCreateEnumerator", 0, 9, SAVE, 0, 2, out, out + 4), 0x80070057);
	assert_int_equal(tk_get32(t, out), 0);
	assert_int_equal(CALL(t, t->main, "XamContentCreateEnumerator", 3, 0, SAVE, 0, 2, out, out + 4), ERROR_NO_SUCH_USER);
}

static void one_without_a_header_is_called_as_its_directory(void **state)
{
	struct tk *t = TK(state);
	static const char *const parts[] = { "\\Content", "\\E000000000000001", "\\00000000", "\\00000001", "\\bare" };
	char path[128] = CONTENT_DEVICE;
	for (unsigned i = 0; i < ARRAY_LEN(parts); i++) {
		strcat(path, parts[i]);
		fk_close(t, fk_get(t, path, FILE_DIRECTORY_FILE));
	}
	fk_close(t, fk_get(t, FOLDER "\\a file is no package", 0));
	lists(t, 0, SAVE, 0, "bare/bare;");
}

/* A folder of the host's, two packages in it, one of which has a file. */
static void host_folders_show_their_packages(void **state)
{
	static const char *const parts[] = { "/Content", "/E000000000000001", "/00000000", "/00000001", "/old" };
	char folder[] = "/tmp/wedge-content-XXXXXX", path[256];
	struct machine_options o;
	struct err err;
	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s", folder);
	for (unsigned i = 0; i < ARRAY_LEN(parts); i++) {
		strcat(path, parts[i]);
		assert_int_equal(mkdir(path, 0700), 0);
	}
	strcat(path, "/slot.bin");
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs("from before", f);
	fclose(f);
	machine_options_default(&o);
	o.mounts = mounts_new();
	assert_int_equal(mounts_add(o.mounts, CONTENT_DEVICE, folder, &err), ST_OK);
	mounts_default(o.mounts, NULL);
	struct tk *t = tk_new_with(&o);
	t->mounts = o.mounts;
	lists(t, 0, SAVE, 0, "old/old;");
	saved(t, "New", "new", "x");
	lists(t, 0, SAVE, 0, "New/new;old/old;");
	assert_int_equal(create(t, "load", xa_data(t, SAVE, "", "old"), OPEN_EXISTING, NULL), ERROR_SUCCESS);
	uint32_t h = fk_get(t, "load:\\slot.bin", 0);
	fk_reads(t, h, 0, "from before");
	fk_close(t, h);
	close_root(t, "load");
	assert_int_equal(CALL(t, t->main, "XamContentDelete", 0, xa_data(t, SAVE, "", "old"), 0), ERROR_SUCCESS);
	lists(t, 0, SAVE, 0, "New/new;");
	assert_int_equal(access(path, R_OK), 0); /* the host's is untouched */
	void *owned = t;
	tk_teardown(&owned);
	unlink(path);
	for (unsigned i = 0; i <= ARRAY_LEN(parts); i++) {
		*strrchr(path, '/') = 0;
		rmdir(path);
	}
}

static void across_titles_each_item_says_whose_it_is(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 8), buffer = tk_memory(t, 0x148);
	saved(t, "S", "s", "x");
	assert_int_equal(CALL(t, t->main, "XamContentAggregateCreateEnumerator", XAM_XUID, 0, SAVE, 0, out), ERROR_SUCCESS);
	assert_int_equal(CALL(t, t->main, "XamEnumerate", tk_get32(t, out), 0, buffer, 0x148, out + 4, 0), ERROR_SUCCESS);
	assert_int_equal(tk_get32(t, buffer + 0x140), xam_title_id(t->m));
	assert_int_equal(CALL(t, t->main, "XamEnumerate", tk_get32(t, out), 0, buffer, 0x148, out + 4, 0), ERROR_NO_MORE_FILES);
	assert_int_equal(CALL(t, t->main, "XamContentAggregateCreateEnumerator", XAM_XUID, 9, SAVE, 0, out), 0x80070057);
}

static void saves_are_their_users_and_the_rest_is_nobodys(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 16), save = saved(t, "S", "s", "x"), pack = xa_data(t, 2, "P", "p");
	create(t, "p", pack, CREATE_NEW, NULL);
	assert_int_equal(CALL(t, t->main, "XamContentGetCreator", 0, save, out, out + 8, 0), ERROR_SUCCESS);
	assert_int_equal(tk_get32(t, out), 1);
	assert_int_equal(tk_get32(t, out + 8), XAM_XUID >> 32);
	assert_int_equal(CALL(t, t->main, "XamContentGetCreator", 0, pack, out, out + 8, 0), ERROR_SUCCESS);
	assert_int_equal(tk_get32(t, out) | tk_get32(t, out + 8) | tk_get32(t, out + 12), 0);
	assert_int_equal(
		CALL(t, t->main, "XamContentGetCreator", 0, xa_data(t, SAVE, "", "none"), out, 0, 0), ERROR_PATH_NOT_FOUND);
	assert_int_equal(CALL(t, t->main, "XamContentGetCreator", 0, save, 0, 0, 0), ERROR_INVALID_PARAMETER);
}

static void a_thumbnail_is_kept(void **state)
{
	struct tk *t = TK(state);
	uint32_t data = saved(t, "S", "s", "x"), png = tk_memory(t, 5000), back = tk_memory(t, 5000), size = tk_memory(t, 4);
	tk_put32(t, png, 0x89504E47);
	tk_put32(t, png + 4996, 0x11223344);
	assert_int_equal(CALL(t, t->main, "XamContentGetThumbnail", 0, data, back, size, 0), ERROR_FILE_NOT_FOUND);
	assert_int_equal(CALL(t, t->main, "XamContentSetThumbnail", 0, data, png, 5000, 0), ERROR_SUCCESS);
	assert_int_equal(CALL(t, t->main, "XamContentGetThumbnail", 0, data, 0, size, 0), ERROR_SUCCESS);
	assert_int_equal(tk_get32(t, size), 5000);
	tk_put32(t, size, 4999);
	assert_int_equal(CALL(t, t->main, "XamContentGetThumbnail", 0, data, back, size, 0), ERROR_INSUFFICIENT_BUFFER);
	uint32_t x = xa_overlapped(t, 0);
	assert_int_equal(CALL(t, t->main, "XamContentGetThumbnail", 0, data, back, size, x), ERROR_IO_PENDING);
	assert_int_equal(xa_complete(t, x), ERROR_SUCCESS);
	assert_int_equal(tk_get32(t, back), 0x89504E47);
	assert_int_equal(tk_get32(t, back + 4996), 0x11223344);
	assert_int_equal(CALL(t, t->main, "XamContentSetThumbnail", 0, data, TK_CODE, 0x4001, 0), ERROR_INVALID_PARAMETER);
	assert_int_equal(
		CALL(t, t->main, "XamContentSetThumbnail", 0, xa_data(t, SAVE, "", "none"), png, 8, 0), ERROR_FILE_NOT_FOUND);
}

static void its_path_can_be_asked_for(void **state)
{
	struct tk *t = TK(state);
	char got[128] = "";
	uint32_t data = xa_data(t, SAVE, "S", "slot1"), path = tk_memory(t, 128);
	assert_int_equal(CALL(t, t->main, "XamContentResolve", 0, data, path, 128, 0, 0, 0), ERROR_SUCCESS);
	assert_int_equal(mem_peek(&t->m->mem, path, got, sizeof got), MEM_OK);
	assert_string_equal(got, FOLDER "\\slot1");
	assert_int_equal(CALL(t, t->main, "XamContentResolve", 0, data, path, 8, 0, 0, 0), ERROR_SUCCESS);
	assert_int_equal(mem_peek(&t->m->mem, path, got, sizeof got), MEM_OK);
	assert_string_equal(got, "\\Device"); /* cut */
	assert_int_equal(CALL(t, t->main, "XamContentResolve", 0, data, path, 128, 0, path, 0), ERROR_INVALID_PARAMETER);
}

static void flushing_and_licenses(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 4), x = xa_overlapped(t, 0);
	assert_int_equal(CALL(t, t->main, "XamContentFlush", tk_string(t, "save"), 0), ERROR_INVALID_PARAMETER);
	create(t, "save", xa_data(t, SAVE, "S", "s"), CREATE_NEW, NULL);
	uint32_t h = fk_get(t, "save:\\f", 0);
	fk_write(t, h, 0, "dirty");
	assert_int_equal(cache_peek(t->m)->dirty, 1);
	assert_int_equal(CALL(t, t->main, "XamContentFlush", tk_string(t, "save"), x), ERROR_IO_PENDING);
	assert_int_equal(xa_complete(t, x), ERROR_SUCCESS);
	assert_int_equal(cache_peek(t->m)->dirty, 0);
	assert_int_equal(CALL(t, t->main, "XamContentGetLicenseMask", out, 0), ERROR_FUNCTION_FAILED); /* a title on a disc */
	assert_int_equal(CALL(t, t->main, "XamContentGetLicenseMask", 0, 0), ERROR_INVALID_PARAMETER);
}

static void there_is_one_device(void **state)
{
	struct tk *t = TK(state);
	uint32_t data = tk_memory(t, sizeof(struct g_xdevice_data)), out = tk_memory(t, 8), x = xa_overlapped(t, 0);
	assert_int_equal(CALL(t, t->main, "XamContentGetDeviceState", 1, 0), ERROR_SUCCESS);
	assert_int_equal(CALL(t, t->main, "XamContentGetDeviceState", 2, 0), ERROR_DEVICE_NOT_CONNECTED);
	assert_int_equal(CALL(t, t->main, "XamContentGetDeviceState", 2, x), ERROR_IO_PENDING);
	assert_int_equal(xa_complete(t, x), ERROR_FUNCTION_FAILED);
	assert_int_equal(XA(t, x, extended_error), ERROR_DEVICE_NOT_CONNECTED);
	assert_int_equal(CALL(t, t->main, "XamContentGetDeviceData", 1, data), ERROR_SUCCESS);
	assert_int_equal(tk_get32(t, data), 1);
	assert_int_equal(tk_get32(t, GA(data, g_xdevice_data, total_bytes)), CONTENT_TOTAL_BYTES >> 32);
	assert_int_equal(tk_get32(t, GA(data, g_xdevice_data, name)), 'H' << 16 | 'a');
	assert_int_equal(CALL(t, t->main, "XamContentGetDeviceData", 0, data), ERROR_DEVICE_NOT_CONNECTED);
	assert_int_equal(CALL(t, t->main, "XamContentGetDeviceName", 1, data, 11), ERROR_SUCCESS);
	assert_int_equal(tk_get32(t, data + 16), 'v' << 16 | 'e');
	assert_int_equal(CALL(t, t->main, "XamContentGetDeviceName", 1, data, 10), ERROR_INSUFFICIENT_BUFFER);
	assert_int_equal(CALL(t, t->main, "XamContentCreateDeviceEnumerator", SAVE, 0, 4, out, out + 4), ERROR_SUCCESS);
	assert_int_equal(tk_get32(t, out), 4 * 0x50);
	assert_int_equal(CALL(t, t->main, "XamEnumerate", tk_get32(t, out + 4), 0, data, 0x50, out, 0), ERROR_SUCCESS);
	assert_int_equal(tk_get32(t, out), 1);
}

static void the_device_is_chosen_without_a_dialog(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 4), x = xa_overlapped(t, 0);
	assert_int_equal(CALL(t, t->main, "XamShowDeviceSelectorUI", 0, SAVE, 0, 1 << 20, out, x), ERROR_IO_PENDING);
	assert_int_equal(tk_get32(t, out), 0);
	assert_int_equal(xa_complete(t, x), ERROR_SUCCESS);
	assert_int_equal(tk_get32(t, out), 1);
	assert_int_equal(CALL(t, t->main, "XamShowDeviceSelectorUI", 2, SAVE, 0, 1 << 20, out, x), ERROR_IO_PENDING);
	assert_int_equal(xa_complete(t, x), ERROR_NO_SUCH_USER);
	assert_int_equal(CALL(t, t->main, "XamShowDeviceSelectorUI", 0, SAVE, 0, 1 << 20, out, 0), ERROR_INVALID_PARAMETER);
	assert_int_equal(CALL(t, t->main, "XamShowDeviceSelectorUI", 0, SAVE, 8, 1 << 20, out, x), ERROR_INVALID_PARAMETER);
	assert_int_equal(XA(t, x, extended_error), ERROR_INVALID_PARAMETER);
}

static const struct CMUnitTest tests[] = {
	CONTENT_TEST(what_was_saved_is_there_when_it_is_opened_again),
	CONTENT_TEST(each_flag_does_what_it_says),
	CONTENT_TEST(what_is_no_root_no_name_or_no_user_is_refused),
	CONTENT_TEST(through_an_xoverlapped_the_error_is_the_extended_one),
	CONTENT_TEST(deleting_takes_all_of_it),
	CONTENT_TEST(packages_are_listed_by_user_and_type_with_their_names),
	CONTENT_TEST(one_without_a_header_is_called_as_its_directory),
	cmocka_unit_test(host_folders_show_their_packages),
	CONTENT_TEST(across_titles_each_item_says_whose_it_is),
	CONTENT_TEST(saves_are_their_users_and_the_rest_is_nobodys),
	CONTENT_TEST(a_thumbnail_is_kept),
	CONTENT_TEST(its_path_can_be_asked_for),
	CONTENT_TEST(flushing_and_licenses),
	CONTENT_TEST(there_is_one_device),
	CONTENT_TEST(the_device_is_chosen_without_a_dialog),
};

TK_MAIN(tests)
