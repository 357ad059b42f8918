/* tests/t_module.c - the laws of libraries: loading, their entry points, what they export, the way back, and bad files. */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "kernel/guest.h"
#include "kernel/loader.h"
#include "kernel/module.h"
#include "src/load/xex.h"
#include "src/snap/snap.h"
#include "tests/testkit.h"
#include "tests/xexmake/bytes.h"
#include "tests/xexmake/xexmake.h"

#define BASE 0x88000000u      /* of the code; the image begins 64 KiB before it */
#define TOLD (BASE + 0x10000) /* a library's data: how often it was told each reason */
#define CODE_AT(base, n) ((base) + (n)*4u)

static char folder[1000];

/* ---- making libraries ------------------------------------------------------------------------------------------------------------- */

/* entry: counts[reason]++; returns @answer. Then export 3 "add" and export 5, without a name: `li r3,77`. */
struct library {
	uint8_t code[0x1000], data[0x1000];
	struct image_segment segment[2];
	struct image_symbol symbol[3];
	struct image_import import[2];
	struct image image;
};

static void library_code(struct library *l, uint32_t base, uint32_t answer)
{
	uint32_t told = base + 0x10000;
	const uint32_t words[] = { I_LOAD(10, told), 0x5489173Au /* rlwinm r9,r4,2,28,29 */, 0x7D2A4A14u /* add r9,r10,r9 */,
		I_LWZ(8, 0, 9), I_ADDI(8, 8, 1), I_STW(8, 0, 9), I_LI(3, answer), I_BLR, 0x7C632214u /* add r3,r3,r4 */, I_BLR,
		I_LI(3, 77), I_BLR };
	for (unsigned i = 0; i < ARRAY_LEN(words); i++)
		store_be32(l->code + i * 4, words[i]);
}

static void library_init(struct library *l, uint32_t base, uint32_t answer)
{
	memset(l, 0, sizeof *l);
	library_code(l, base, answer);
	l->segment[0] = (struct image_segment){ base, 0x1000, MEM_PROT_R | MEM_PROT_X, sizeof l->code, l->code };
	l->segment[1] = (struct image_segment){ base + 0x10000, 0x1000, MEM_PROT_R | MEM_PROT_W, sizeof l->data, l->data };
	l->symbol[0] = (struct image_symbol){ CODE_AT(base, 9), 8, true, SYMBOL_TITLE, "__export_3_add" };
	l->symbol[1] = (struct image_symbol){ CODE_AT(base, 11), 8, true, SYMBOL_TITLE, "__export_5_" };
	l->image = (struct image){ .name = "library",
		.entry = base,
		.base = base,
		.size = 0x11000,
		.stack_size = 0x10000,
		.segments = 2,
		.segment = l->segment,
		.symbols = 2,
		.symbol = l->symbol,
		.import = l->import };
}

#define TLS_CODE 32u          /* a word of the code: where the callback is; it counts like the entry point, 32 bytes behind its counts */
#define TLS_DIRECTORY 0x100u /* in the data: _tls_used, the array behind it */
#define TLS_ARRAY 0x120u

/* A TLS directory in its PE headers, with @n callbacks that the loader finds there. */
static void library_tls(struct library *l, unsigned n, const uint32_t *callback)
{
	uint32_t base = l->image.base, told = base + 0x10020;
	const uint32_t words[] = { I_LOAD(10, told), 0x5489173Au, 0x7D2A4A14u, I_LWZ(8, 0, 9), I_ADDI(8, 8, 1), I_STW(8, 0, 9), I_LI(3, 0),
		I_BLR };
	for (unsigned i = 0; i < ARRAY_LEN(words); i++)
		store_be32(l->code + (TLS_CODE + i) * 4, words[i]);
	store_be32(l->data + TLS_DIRECTORY + 12, base + 0x10000 + TLS_ARRAY);
	for (unsigned i = 0; i < n; i++)
		store_be32(l->data + TLS_ARRAY + i * 4, callback[i]);
	l->symbol[2] = (struct image_symbol){ base + 0x10000 + TLS_DIRECTORY, 24, false, SYMBOL_TITLE, "_tls_used" };
	l->image.symbols = 3;
}

/* Import record @n: a thunk for @ordinal of @library. */
static void library_import(struct library *l, unsigned n, const char *library, uint16_t ordinal)
{
	uint32_t at = 0x100 + n * 0x10;
	store_be32(l->code + at, 0x01000000u | n << 16 | ordinal);
	store_be32(l->code + at + 4, 0x02000000u | n << 16 | ordinal);
	l->import[n] = (struct image_import){ .ordinal = ordinal, .type = 1, .ga = l->image.base + at };
	snprintf(l->import[n].library, sizeof l->import[n].library, "%s", library);
	l->image.imports = n + 1;
}

static void put_file(const char *name, const void *bytes, size_t size)
{
	char path[sizeof folder + 100];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, size, f), size);
	fclose(f);
}

static void library_bytes(const struct library *l, uint32_t features, struct bytes *out)
{
	struct err err;
	const struct make_spec spec = { .compression = MAKE_BASIC, .small_pages = true, .features = features };
	if (make_xex(&l->image, &spec, out, &err) != ST_OK)
		fail_msg("%s", err.text);
}

static void library_put(const struct library *l, const char *name)
{
	struct bytes b = { 0 };
	library_bytes(l, MAKE_WITH(DLL) | MAKE_WITH(EXPORTS) | MAKE_WITH(RESOURCES), &b);
	put_file(name, b.b, b.size);
	bytes_free(&b);
}

/* ---- a machine with the folder as game: ------------------------------------------------------------------------------------------ */

static int setup(void **state)
{
	struct library l;
	(void)state;
	snprintf(folder, sizeof folder, "%s/t_module.XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	if (!mkdtemp(folder))
		return -1;
	library_init(&l, BASE, 1);
	library_put(&l, "one.xex");
	library_put(&l, "same.xex");
	library_init(&l, BASE + 0x100000, 0);
	library_put(&l, "says-no.xex");
	library_init(&l, BASE + 0x200000, 1);
	library_import(&l, 0, "one", 3);
	library_import(&l, 1, "xboxkrnl", 0x0CF);
	library_put(&l, "two.xex");
	library_init(&l, BASE + 0x300000, 1);
	library_import(&l, 0, "one", 4);
	library_put(&l, "wants4.xex");
	library_init(&l, BASE + 0x400000, 1);
	library_import(&l, 0, "nowhere", 1);
	library_put(&l, "lost.xex");
	put_file("text.xex", "this is no library", 18);
	return 0;
}

static struct tk *machine_make(void)
{
	struct err err;
	struct machine_options o;
	machine_options_default(&o);
	o.mounts = mounts_new();
	assert_int_equal(mounts_add(o.mounts, "game:", folder, &err), ST_OK);
	mounts_default(o.mounts, NULL);
	struct tk *t = tk_new_with(&o);
	t->mounts = o.mounts;
	return t;
}

static int begin(void **state)
{
	*state = machine_make();
	return 0;
}

/* The r3 of a call that the title's own code makes. */
static uint32_t calls(struct tk *t, const char *name, uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
	tk_start(t,
		CODE(t, I_LOAD(3, a), I_LOAD(4, b), I_LOAD(5, c), I_LOAD(6, d), I_CALL(tk_thunk(t, name)), I_MR(31, 3), I_B(0)));
	assert_int_equal(tk_run(t, 2000), STOP_LIMIT);
	return (uint32_t)context_peek(t->m, t->main)->gpr[31];
}

static uint32_t load(struct tk *t, const char *path, uint32_t *module)
{
	uint32_t out = tk_memory(t, 4);
	tk_put32(t, out, 1);
	uint32_t nt = calls(t, "XexLoadImage", tk_string(t, path), 8, 0, out);
	*module = tk_get32(t, out);
	return nt;
}

static uint32_t loaded(struct tk *t, const char *path)
{
	uint32_t module;
	assert_int_equal(load(t, path, &module), NT_SUCCESS);
	assert_int_not_equal(module, 0);
	return module;
}

static uint32_t export(struct tk *t, uint32_t module, uint32_t ordinal)
{
	uint32_t out = tk_memory(t, 4);
	CALL(t, t->main, "XexGetProcedureAddress", module, ordinal, out);
	return tk_get32(t, out);
}

static uint32_t load_count(struct tk *t, uint32_t module)
{
	return tk_get32(t, GA(module, g_ldr_data_table_entry, load_count)) >> 16;
}

static void frame_fault(void *ctx, uint32_t frame, uint32_t ga, const char *what)
{
	(void)ctx;
	fail_msg("frame %05x, %08x: %s", frame, ga, what);
}

/* Nothing is left of any library. */
static void is_empty(struct tk *t)
{
	assert_int_equal(arena_live(&t->m->world, t->m->t_module), 0);
	assert_int_equal(arena_live(&t->m->world, t->m->t_loader), 0);
	assert_int_equal(mem_page_at(&t->m->mem, BASE)->state, MEM_FREE);
	mem_frames_check(&t->m->mem, frame_fault, NULL);
}

/* ---- laws ---------------------------------------------------------------------------------------------------------------------------- */

static void a_library_is_found_by_all_that_it_has(void **state)
{
	struct tk *t = TK(state);
	uint32_t module = loaded(t, "game:\\one.xex"), out = tk_memory(t, 8);
	struct image_function f;
	assert_int_equal(export(t, module, 3), CODE_AT(BASE, 9));
	assert_int_equal(export(t, module, 5), CODE_AT(BASE, 11));
	assert_int_equal(export(t, module, 4), 0);
	assert_int_equal(export(t, module, tk_string(t, "add")), CODE_AT(BASE, 9));
	assert_int_equal(export(t, module, tk_string(t, "sub")), 0);
	assert_int_equal(CALL(t, t->main, "XexGetModuleHandle", tk_string(t, "GAME:\\ONE.XEX"), out), NT_SUCCESS);
	assert_int_equal(tk_get32(t, out), module);
	assert_int_equal(CALL(t, t->main, "XexGetModuleHandle", tk_string(t, "one"), out), NT_SUCCESS);
	assert_int_equal(CALL(t, t->main, "XexPcToFileHeader", BASE + 0x20, out), BASE - 0x10000);
	assert_int_equal(tk_get32(t, out), module);
	assert_int_equal(CALL(t, t->main, "XexPcToFileHeader", TK_CODE, out), TK_CODE);
	assert_int_equal(tk_get32(t, out), machine_row(t->m)->exe_module_ga);
	assert_int_equal(CALL(t, t->main, "XexPcToFileHeader", 0x70000000, out), 0);
	assert_int_equal(CALL(t, t->main, "XexGetModuleSection", module, tk_string(t, "4D57A001"), out, out + 4), NT_NOT_FOUND);
	assert_true(machine_function_at(t->m, CODE_AT(BASE, 10), &f));
	assert_int_equal(f.ga, CODE_AT(BASE, 9));
	assert_int_equal(f.size, 8);
	assert_int_equal(CALL(t, t->main, "RtlLookupFunctionEntry", CODE_AT(BASE, 10)), f.entry);
	assert_false(machine_function_at(t->m, BASE, &f)); /* no symbol, no row */
	uint32_t header = tk_get32(t, GA(module, g_ldr_data_table_entry, xex_header_base));
	assert_int_equal(tk_get32(t, header), 0x58455832);
	assert_int_equal(CALL(t, t->main, "RtlImageXexHeaderField", header, 0x10100), BASE);
	assert_int_equal(tk_get32(t, GA(module, g_ldr_data_table_entry, dll_base)), BASE - 0x10000);
	assert_int_equal(tk_get32(t, GA(module, g_ldr_data_table_entry, entry_point)), BASE);
}

static void a_resource_of_a_library_is_found(void **state)
{
	struct tk *t = TK(state);
	uint32_t module = loaded(t, "game:\\one.xex"), out = tk_memory(t, 8);
	const struct image *img = module_image(t->m, module_by_ldr(t->m, module));
	assert_non_null(img);
	assert_int_equal(img->xex->resources, 1);
	assert_int_equal(CALL(t, t->main, "XexGetModuleSection", module, tk_string(t, img->xex->resource[0].name), out, out + 4),
		NT_SUCCESS);
	assert_int_equal(tk_get32(t, out), img->xex->resource[0].ga);
	assert_int_equal(tk_get32(t, out + 4), img->xex->resource[0].size);
}

/* For people: the map beside it, else its exports and its entry point. */
static void a_librarys_code_has_names(void **state)
{
	struct tk *t = TK(state);
	static const char map[] = " Address         Publics by Value\n 0001:00000000       DllMain                    88600000 f   one.obj\n"
				  " 0001:00000024       sum                        88600024 f   one.obj\n";
	struct library l;
	uint32_t offset;
	loaded(t, "game:\\one.xex");
	assert_string_equal(image_symbol_at(machine_image_at(t->m, BASE), BASE + 4, &offset)->name, "one.entry");
	assert_int_equal(machine_symbol_find(t->m, "add")->ga, CODE_AT(BASE, 9));
	assert_int_equal(machine_symbol_find(t->m, "one.5")->ga, CODE_AT(BASE, 11));
	assert_null(machine_symbol_find(t->m, "sum"));
	library_init(&l, BASE + 0x600000, 1);
	library_put(&l, "mapped.xex");
	put_file("mapped.map", map, sizeof map - 1);
	tk_free(t);
	*state = t = machine_make();
	loaded(t, "game:\\mapped.xex");
	assert_int_equal(machine_symbol_find(t->m, "sum")->ga, CODE_AT(BASE + 0x600000, 9));
	assert_int_equal(machine_symbol_find(t->m, "DllMain")->ga, BASE + 0x600000);
	const struct image *img = machine_image_at(t->m, BASE + 0x600000);
	assert_int_equal(image_symbol_at(img, CODE_AT(BASE + 0x600000, 10), &offset)->ga, CODE_AT(BASE + 0x600000, 9));
	assert_int_equal(offset, 4);
}

/* What an export leads to can be called. */
static void an_export_of_a_library_is_code(void **state)
{
	struct tk *t = TK(state);
	uint32_t add = export(t, loaded(t, "game:\\one.xex"), 3);
	tk_start(t, CODE(t, I_LI(3, 40), I_LI(4, 2), I_CALL(add), I_MR(31, 3), I_B(0)));
	tk_run(t, 100);
	assert_int_equal(context_peek(t->m, t->main)->gpr[31], 42);
}

static void a_second_load_only_counts(void **state)
{
	struct tk *t = TK(state);
	uint32_t module = loaded(t, "game:\\one.xex");
	assert_int_equal(load_count(t, module), 1);
	assert_int_equal(loaded(t, "one.xex"), module); /* a bare name: in the title's folder */
	assert_int_equal(load_count(t, module), 2);
	assert_int_equal(tk_get32(t, TOLD + 4 * LOADER_PROCESS_ATTACH), 1);
	assert_int_equal(tk_count(t, EV_MODULE_LOAD), 1);
	assert_int_equal(calls(t, "XexUnloadImage", module, 0, 0, 0), 0);
	assert_int_equal(load_count(t, module), 1);
	assert_int_equal(tk_count(t, EV_MODULE_UNLOAD), 0);
	calls(t, "XexUnloadImage", module, 0, 0, 0);
	assert_int_equal(tk_count(t, EV_MODULE_UNLOAD), 1);
	is_empty(t);
	assert_int_equal(calls(t, "XexUnloadImage", module, 0, 0, 0), NT_INVALID_HANDLE);
}

static void an_entry_point_is_told_in_order(void **state)
{
	struct tk *t = TK(state);
	static const uint32_t reasons[] = { LOADER_PROCESS_ATTACH, LOADER_THREAD_ATTACH, LOADER_THREAD_DETACH,
		LOADER_PROCESS_DETACH };
	uint32_t module = loaded(t, "game:\\one.xex"), out = tk_memory(t, 4);
	uint32_t body = CODE(t, I_LI(3, 5), I_BLR);
	tk_start(t, CODE(t, I_LOAD(3, out), I_LI(4, 0), I_LI(5, 0), I_LI(6, 0), I_LOAD(7, body), I_LI(8, 0), I_LI(9, 0),
			    I_CALL(tk_thunk(t, "ExCreateThread")), I_B(0)));
	tk_run(t, 20000);
	calls(t, "XexUnloadImage", module, 0, 0, 0);
	assert_int_equal(tk_count(t, EV_MODULE_CALL), ARRAY_LEN(reasons));
	for (unsigned i = 0; i < ARRAY_LEN(reasons); i++) {
		const struct event *ev = tk_event_at(t, EV_MODULE_CALL, i);
		assert_int_equal(ev->aux[0], BASE);
		assert_int_equal(ev->aux[1], reasons[i]);
		assert_int_equal(ev->aux[3], module);
		assert_int_equal(ev->tid, i == 1 || i == 2 ? 2 : 1); /* on the thread that begins or ends */
		assert_string_equal(ev->object_name, "one.xex");
	}
	assert_int_equal(tk_event_at(t, EV_THREAD_EXIT, 0)->aux[0], 5);
}

static void an_entry_point_that_says_no_fails_the_load(void **state)
{
	struct tk *t = TK(state);
	uint32_t module;
	assert_int_equal(load(t, "game:\\says-no.xex", &module), 0xC0000142);
	assert_int_equal(module, 0);
	assert_int_equal(tk_count(t, EV_MODULE_CALL), 2);
	assert_int_equal(tk_event_at(t, EV_MODULE_CALL, 1)->aux[1], LOADER_PROCESS_DETACH);
	assert_int_equal(tk_count(t, EV_MODULE_REFUSE), 1);
	is_empty(t);
}

static void libraries_that_others_need_come_and_go_with_them(void **state)
{
	struct tk *t = TK(state);
	uint32_t two = loaded(t, "game:\\two.xex");
	uint32_t one = module_peek(t->m, module_by_name(t->m, "one"))->ldr_ga;
	assert_int_equal(tk_event_at(t, EV_MODULE_CALL, 0)->aux[3], one); /* it is told first */
	assert_int_equal(tk_event_at(t, EV_MODULE_CALL, 1)->aux[3], two);
	uint32_t thunk = BASE + 0x200000 + 0x100;
	tk_start(t, CODE(t, I_LI(3, 40), I_LI(4, 2), I_CALL(thunk), I_MR(31, 3), I_B(0)));
	tk_run(t, 100);
	assert_int_equal(context_peek(t->m, t->main)->gpr[31], 42); /* its import leads there */
	assert_int_equal(loaded(t, "game:\\one.xex"), one);
	calls(t, "XexUnloadImage", one, 0, 0, 0);
	assert_int_equal(load_count(t, one), 1);
	tk_forget(t);
	calls(t, "XexUnloadImage", two, 0, 0, 0);
	assert_int_equal(tk_event_at(t, EV_MODULE_CALL, 0)->aux[3], two); /* and the last one to be told of the end */
	assert_int_equal(tk_event_at(t, EV_MODULE_CALL, 1)->aux[3], one);
	is_empty(t);
}

static void what_cannot_be_loaded_is_a_status_and_says_why(void **state)
{
	struct tk *t = TK(state);
	static const struct {
		const char *path;
		uint32_t nt;
	} bad[] = { { "game:\\absent.xex", NT_NO_SUCH_FILE }, { "nodevice:\\one.xex", NT_NO_SUCH_FILE },
		{ "game:\\", NT_NO_SUCH_FILE }, { "game:\\text.xex", 0xC000007B }, { "game:\\wants4.xex", 0xC0000139 },
		{ "game:\\lost.xex", NT_NO_SUCH_FILE } };
	for (unsigned i = 0; i < ARRAY_LEN(bad); i++) {
		uint32_t module;
		assert_int_equal(load(t, bad[i].path, &module), bad[i].nt);
		assert_int_equal(module, 0);
		assert_int_equal(tk_count(t, EV_MODULE_REFUSE), i + 1);
		assert_int_equal(tk_event_at(t, EV_MODULE_REFUSE, i)->aux[0], bad[i].nt);
		is_empty(t);
	}
	loaded(t, "game:\\one.xex");
	uint32_t module;
	assert_int_equal(load(t, "game:\\same.xex", &module), NT_CONFLICTING_ADDRESSES); /* another one lies there */
	assert_int_equal(arena_live(&t->m->world, t->m->t_module), 1);
	assert_int_equal(export(t, loaded(t, "game:\\one.xex"), 3), CODE_AT(BASE, 9));
}

static void a_bad_path_is_a_guest_fault(void **state)
{
	struct tk *t = TK(state);
	tk_start(t, CODE(t, I_LOAD(3, 0x10), I_LI(4, 8), I_LI(5, 0), I_LI(6, 0), I_CALL(tk_thunk(t, "XexLoadImage")), I_B(0)));
	assert_int_equal(tk_run(t, 100), STOP_FAULT);
	is_empty(t);
}

static void the_system_and_the_title_are_loaded_already(void **state)
{
	struct tk *t = TK(state);
	uint32_t xam = loaded(t, "xam.xex"), title = loaded(t, "game:\\testkit");
	assert_int_equal(title, machine_row(t->m)->exe_module_ga);
	assert_int_equal(load_count(t, title), 2);
	assert_int_equal(calls(t, "XexUnloadImage", xam, 0, 0, 0), 0);
	assert_int_equal(tk_count(t, EV_MODULE_LOAD), 0);
	is_empty(t);
}

/* Going back before the load forgets it; forward again, and in another machine, all is the same. */
static void the_past_knows_no_library_and_the_future_knows_it_again(void **state)
{
	struct tk *t = TK(state);
	struct image_function f;
	struct snapshot *before = machine_snapshot(t->m);
	uint32_t code_at = t->code_at, data_at = t->data_at;
	uint32_t module = loaded(t, "game:\\two.xex");
	uint64_t digest = machine_digest(t->m);
	struct snapshot *after = machine_snapshot(t->m);
	machine_restore(t->m, before);
	is_empty(t);
	assert_false(machine_function_at(t->m, CODE_AT(BASE, 10), &f));
	assert_ptr_equal(machine_image_at(t->m, BASE), t->m->image);
	t->code_at = code_at;
	t->data_at = data_at;
	assert_int_equal(loaded(t, "game:\\two.xex"), module);
	assert_true(machine_digest(t->m) == digest);
	struct tk *other = machine_make(); /* which has loaded nothing itself */
	machine_restore(other->m, after);
	assert_true(machine_digest(other->m) == digest);
	assert_true(machine_function_at(other->m, CODE_AT(BASE, 10), &f));
	assert_int_equal(export(other, module_peek(other->m, module_by_name(other->m, "one"))->ldr_ga, 3), CODE_AT(BASE, 9));
	assert_string_equal(machine_image_at(other->m, BASE)->name, "one.xex");
	assert_non_null(machine_symbol_find(other->m, "add"));
	tk_free(other);
	snapshot_free(before);
	snapshot_free(after);
}

static void the_thread_of_a_library_can_unload_it(void **state)
{
	struct tk *t = TK(state);
	uint32_t module = loaded(t, "game:\\one.xex"), out = tk_memory(t, 4);
	uint32_t body = CODE(t, I_LOAD(3, module), I_LI(4, 9), I_CALL(tk_thunk(t, "XexUnloadImageAndExitThread")), I_B(0));
	tk_start(t, CODE(t, I_LOAD(3, out), I_LI(4, 0), I_LI(5, 0), I_LI(6, 0), I_LOAD(7, body), I_LI(8, 0), I_LI(9, 0),
			    I_CALL(tk_thunk(t, "ExCreateThread")), I_B(0)));
	tk_run(t, 20000);
	assert_int_equal(tk_event_at(t, EV_THREAD_EXIT, 0)->aux[0], 9);
	is_empty(t);
}

/* What a library may not do: give itself back while its entry point runs. It goes when that has returned. */
static void a_library_cannot_take_itself_away(void **state)
{
	struct tk *t = TK(state);
	struct library l;
	library_init(&l, BASE + 0x500000, 1);
	const uint32_t words[] = { 0x7C0802A6u /* mflr r0 */, I_STW(0, -8, 1), I_STWU(1, -0x60, 1), I_CALL(tk_thunk(t, "XexUnloadImage")),
		I_LI(3, 1), I_ADDI(1, 1, 0x60), I_LWZ(0, -8, 1), 0x7C0803A6u /* mtlr r0 */, I_BLR };
	for (unsigned i = 0; i < ARRAY_LEN(words); i++)
		store_be32(l.code + i * 4, words[i]);
	library_put(&l, "suicide.xex");
	tk_free(t);
	*state = t = machine_make();
	uint32_t module = loaded(t, "game:\\suicide.xex");
	assert_int_equal(load_count(t, module), 0);
	calls(t, "XexUnloadImage", module, 0, 0, 0);
	is_empty(t);
}

/* Whatever bytes a library has: a status, or a run that stops; never our own end. Changed are headers, tables, code. */
static void whatever_bytes_a_library_has_the_machine_lives(void **state)
{
	struct library l;
	struct bytes b = { 0 };
	uint32_t seed = 1, refusals = 0;
	(void)state;
	library_init(&l, BASE, 1);
	library_import(&l, 0, "one", 3);
	library_tls(&l, 1, (const uint32_t[]){ CODE_AT(BASE, TLS_CODE) });
	library_bytes(&l, MAKE_WITH(DLL) | MAKE_WITH(EXPORTS), &b);
	for (unsigned i = 0; i < 150; i++) {
		struct bytes c = { 0 };
		char name[32];
		bytes_add(&c, b.b, b.size);
		for (unsigned n = 0; n <= i % 4; n++) {
			seed = seed * 1664525 + 1013904223;
			uint32_t at = seed >> 8;
			at = i % 3 ? at % 0x600 : 0x1000 + at % 0x700;
			seed = seed * 1664525 + 1013904223;
			c.b[at % c.size] = (uint8_t)(seed >> 24);
		}
		snprintf(name, sizeof name, "bad%u.xex", i);
		put_file(name, c.b, c.size);
		bytes_free(&c);
	}
	bytes_free(&b);
	struct tk *t = machine_make();
	struct snapshot *before = machine_snapshot(t->m);
	uint32_t code_at = t->code_at, data_at = t->data_at;
	for (unsigned i = 0; i < 150; i++) {
		char path[40];
		snprintf(path, sizeof path, "game:\\bad%u.xex", i);
		machine_restore(t->m, before);
		t->code_at = code_at;
		t->data_at = data_at;
		tk_forget(t);
		tk_start(t, CODE(t, I_LOAD(3, tk_string(t, path)), I_LI(4, 8), I_LI(5, 0), I_LOAD(6, TK_DATA + 0x8000),
				    I_CALL(tk_thunk(t, "XexLoadImage")), I_B(0)));
		tk_run(t, 3000);
		refusals += tk_count(t, EV_MODULE_REFUSE);
		uint32_t row = module_by_name(t->m, path);
		for (uint32_t o = 0; row && o < 16; o++)
			(void)module_export(t->m, row, o);
		if (row)
			(void)module_export_named(t->m, row, "add");
		mem_frames_check(&t->m->mem, frame_fault, NULL);
	}
	assert_true(refusals > 10);
	snapshot_free(before);
	tk_free(t);
}

/* ---- TLS callbacks ------------------------------------------------------------------------------------------------------------------- */

#define TLS_BASE (BASE + 0x700000)
#define TLS_CALLBACK CODE_AT(TLS_BASE, TLS_CODE)

/* A library with TLS callbacks in a new machine. */
static struct tk *machine_with_tls(void **state, struct library *l)
{
	library_put(l, "tls.xex");
	tk_free(TK(state));
	struct tk *t = machine_make();
	*state = t;
	return t;
}

/* Its two callbacks, then its entry point, whatever is told. */
static void tls_callbacks_are_called_before_the_entry_point(void **state)
{
	static const uint32_t reasons[] = { LOADER_PROCESS_ATTACH, LOADER_THREAD_ATTACH, LOADER_THREAD_DETACH,
		LOADER_PROCESS_DETACH };
	struct library l;
	library_init(&l, TLS_BASE, 1);
	library_tls(&l, 2, (const uint32_t[]){ TLS_CALLBACK, TLS_CALLBACK });
	struct tk *t = machine_with_tls(state, &l);
	uint32_t module = loaded(t, "game:\\tls.xex"), out = tk_memory(t, 4), body = CODE(t, I_LI(3, 5), I_BLR);
	tk_start(t, CODE(t, I_LOAD(3, out), I_LI(4, 0), I_LI(5, 0), I_LI(6, 0), I_LOAD(7, body), I_LI(8, 0), I_LI(9, 0),
			    I_CALL(tk_thunk(t, "ExCreateThread")), I_B(0)));
	tk_run(t, 20000);
	for (uint32_t reason = 1; reason <= LOADER_THREAD_DETACH; reason++) {
		assert_int_equal(tk_get32(t, TLS_BASE + 0x10000 + 4 * reason), 1);
		assert_int_equal(tk_get32(t, TLS_BASE + 0x10020 + 4 * reason), 2);
	}
	calls(t, "XexUnloadImage", module, 0, 0, 0);
	assert_int_equal(tk_count(t, EV_MODULE_CALL), 3 * ARRAY_LEN(reasons));
	for (unsigned i = 0; i < 3 * ARRAY_LEN(reasons); i++) {
		const struct event *ev = tk_event_at(t, EV_MODULE_CALL, i);
		assert_int_equal(ev->aux[0], i % 3 == 2 ? TLS_BASE : TLS_CALLBACK);
		assert_int_equal(ev->aux[1], reasons[i / 3]);
		assert_int_equal(ev->tid, i / 3 == 1 || i / 3 == 2 ? 2 : 1);
	}
	is_empty(t);
}

/* Only an entry point can say no; then its callbacks are told of the end too. */
static void what_a_tls_callback_returns_says_nothing(void **state)
{
	struct library l;
	uint32_t module;
	library_init(&l, TLS_BASE, 0);
	library_tls(&l, 1, (const uint32_t[]){ TLS_CALLBACK });
	struct tk *t = machine_with_tls(state, &l);
	assert_int_equal(load(t, "game:\\tls.xex", &module), 0xC0000142);
	assert_int_equal(tk_count(t, EV_MODULE_CALL), 4);
	assert_int_equal(tk_event_at(t, EV_MODULE_CALL, 2)->aux[0], TLS_CALLBACK);
	assert_int_equal(tk_event_at(t, EV_MODULE_CALL, 2)->aux[1], LOADER_PROCESS_DETACH);
	is_empty(t);
	library_init(&l, TLS_BASE, 1);
	library_tls(&l, 1, (const uint32_t[]){ TLS_CALLBACK }); /* which returns 0 */
	t = machine_with_tls(state, &l);
	loaded(t, "game:\\tls.xex");
}

/* Nothing in the headers leads anywhere: it is loaded as one without callbacks. */
static void a_tls_directory_outside_of_the_image_is_not_followed(void **state)
{
	static const uint32_t directories[] = { TLS_BASE + 0x11000, TLS_BASE + 0x10FF0, TLS_BASE - 0x20000, 0x1000,
		TLS_BASE + 0x10002 };
	static const uint32_t arrays[] = { TLS_BASE + 0x11000, TLS_BASE - 0x10004, 0x10, UINT32_MAX, TLS_BASE + 0x10122 };
	for (unsigned i = 0; i < ARRAY_LEN(directories) + ARRAY_LEN(arrays); i++) {
		struct library l;
		library_init(&l, TLS_BASE, 1);
		library_tls(&l, 1, (const uint32_t[]){ TLS_CALLBACK });
		if (i < ARRAY_LEN(directories))
			l.symbol[2].ga = directories[i];
		else
			store_be32(l.data + TLS_DIRECTORY + 12, arrays[i - ARRAY_LEN(directories)]);
		struct tk *t = machine_with_tls(state, &l);
		uint32_t row = module_by_ldr(t->m, loaded(t, "game:\\tls.xex"));
		assert_int_equal(tk_count(t, EV_MODULE_CALL), 1);
		assert_int_equal(module_tls(t->m, row).array, 0);
		assert_non_null(module_tls(t->m, row).bad);
	}
}

/* Whatever stands in PE headers, directory and array, now and while the title runs: what is followed lies in the image, and ends. */
static void no_change_to_a_tls_directory_leads_out_of_its_image(void **state)
{
	static const uint32_t at[] = { TLS_BASE - 0x10000, TLS_BASE + 0x10000 + TLS_DIRECTORY }; /* the headers lie in front */
	struct library l;
	uint8_t good[2][0x200];
	library_init(&l, TLS_BASE, 1);
	library_tls(&l, 2, (const uint32_t[]){ TLS_CALLBACK, TLS_CALLBACK });
	struct tk *t = machine_with_tls(state, &l);
	uint32_t row = module_by_ldr(t->m, loaded(t, "game:\\tls.xex")), bad = 0, called = 0;
	uint64_t rng = 0x715;
	for (unsigned r = 0; r < 2; r++)
		assert_int_equal(mem_peek(&t->m->mem, at[r], good[r], sizeof good[r]), MEM_OK);
	for (unsigned i = 0; i < 20000; i++) {
		const char *end = NULL;
		uint32_t n = 0, callback;
		for (unsigned r = 0; r < 2 && i % 4 == 0; r++) /* up to four changes at a time */
			assert_int_equal(mem_poke(&t->m->mem, at[r], good[r], sizeof good[r]), MEM_OK);
		rng = rng * 6364136223846793005u + 1442695040888963407u;
		uint8_t byte = (uint8_t)(rng >> 56);
		uint32_t where = at[i & 1] + (uint32_t)(rng >> 33) % (i & 1 ? 0x40 : 0x200);
		assert_int_equal(mem_poke(&t->m->mem, where, &byte, 1), MEM_OK);
		while ((callback = module_tls_callback(t->m, row, n, &end)) != 0) {
			assert_in_range(callback, TLS_BASE - 0x10000, TLS_BASE + 0x10FFF);
			n++;
		}
		assert_in_range(n, 0, 1024);
		bad += module_tls(t->m, row).bad || end;
		called += n > 0;
	}
	assert_in_range(bad, 1000, 20000);
	assert_in_range(called, 1000, 20000);
}

/* An array that leads out of the image: those before are called, then the machine stops and says so; made to go on, it does. */
static void a_bad_tls_callback_stops_the_machine(void **state)
{
	static const uint32_t bad[] = { TLS_BASE + 0x11000, 0x10, UINT32_MAX, TLS_BASE + 2, 0 };
	for (unsigned i = 0; i < ARRAY_LEN(bad); i++) {
		struct library l;
		library_init(&l, TLS_BASE, 1);
		library_tls(&l, 2, (const uint32_t[]){ TLS_CALLBACK, bad[i] });
		for (uint32_t at = TLS_ARRAY; !bad[i] && at < 0x1000; at += 4) /* to the end of the image */
			store_be32(l.data + at, TLS_CALLBACK);
		struct tk *t = machine_with_tls(state, &l);
		uint32_t out = tk_memory(t, 4);
		tk_start(t, CODE(t, I_LOAD(3, tk_string(t, "game:\\tls.xex")), I_LI(4, 8), I_LI(5, 0), I_LOAD(6, out),
				    I_CALL(tk_thunk(t, "XexLoadImage")), I_B(0)));
		assert_int_equal(tk_run(t, 100000), STOP_FAULT);
		assert_non_null(strstr(t->stop.text, bad[i] ? "tls.xex, TLS callback 1: a TLS callback does not lie" : "has no end"));
		assert_int_equal(tk_get32(t, TLS_BASE + 0x10024), bad[i] ? 1 : (0x1000 - TLS_ARRAY) / 4);
		assert_int_equal(tk_run(t, 2000), STOP_LIMIT);
		assert_int_equal(tk_get32(t, TLS_BASE + 0x10004), 1); /* its entry point, once */
		assert_int_not_equal(tk_get32(t, out), 0);
	}
}

/* The title as a XEX2 image: its callback runs before its first instruction, without any library; a bad one stops it. */
static void a_titles_tls_callbacks_come_before_its_first_instruction(void **state)
{
	(void)state;
	for (unsigned bad = 0; bad < 2; bad++) {
		struct library l;
		struct bytes b = { 0 };
		struct image *img = NULL;
		struct err err;
		struct machine_options o;
		struct machine *m;
		struct stop stop;
		be32 told[2];
		library_init(&l, TLS_BASE, 1);
		library_tls(&l, 1, (const uint32_t[]){ bad ? 0x10 : TLS_CALLBACK });
		store_be32(l.code, 0x48000000u); /* b . */
		library_bytes(&l, 0, &b);
		assert_int_equal(xex_open(b.b, b.size, &(struct xex_options){ 0 }, "title.xex", &img, &err), ST_OK);
		machine_options_default(&o);
		assert_int_equal(machine_new(&o, &m, &err), ST_OK);
		assert_int_equal(machine_load(m, img, &err), ST_OK);
		assert_int_equal(machine_run(m, 1000, &stop), bad ? STOP_FAULT : STOP_LIMIT);
		assert_int_equal(mem_peek(&m->mem, TLS_BASE + 0x10020, told, sizeof told), MEM_OK);
		assert_int_equal(be32_get(told[1]), !bad);
		machine_free(m);
		image_free(img);
		bytes_free(&b);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, tk_teardown)
static const struct CMUnitTest tests[] = {
	TEST(a_library_is_found_by_all_that_it_has),
	TEST(a_resource_of_a_library_is_found),
	TEST(a_librarys_code_has_names),
	TEST(an_export_of_a_library_is_code),
	TEST(a_second_load_only_counts),
	TEST(an_entry_point_is_told_in_order),
	TEST(an_entry_point_that_says_no_fails_the_load),
	TEST(libraries_that_others_need_come_and_go_with_them),
	TEST(what_cannot_be_loaded_is_a_status_and_says_why),
	TEST(a_bad_path_is_a_guest_fault),
	TEST(the_system_and_the_title_are_loaded_already),
	TEST(the_past_knows_no_library_and_the_future_knows_it_again),
	TEST(the_thread_of_a_library_can_unload_it),
	TEST(a_library_cannot_take_itself_away),
	TEST(tls_callbacks_are_called_before_the_entry_point),
	TEST(what_a_tls_callback_returns_says_nothing),
	TEST(a_tls_directory_outside_of_the_image_is_not_followed),
	TEST(no_change_to_a_tls_directory_leads_out_of_its_image),
	TEST(a_bad_tls_callback_stops_the_machine),
	cmocka_unit_test(a_titles_tls_callbacks_come_before_its_first_instruction),
	cmocka_unit_test(whatever_bytes_a_library_has_the_machine_lives),
};

static int teardown(void **state)
{
	char command[sizeof folder + 20];
	(void)state;
	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	return system(command) == 0 ? 0 : -1;
}

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
