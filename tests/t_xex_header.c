/* tests/t_xex_header.c - the laws of the headers of XEX2 images: each optional header, pages, sections, imports, exports; and what is refused. */
#include "config.h"

#include <stdlib.h>

#include "kernel/guest.h"
#include "kernel/rows.h"
#include "src/mem/mem.h"
#include "tests/testkit.h"
#include "tests/xexkit.h"

#define REFUSE(x, want) \
	do { \
		xk_refuse(x, NULL, want); \
		xk_free(x); \
	} while (0)

/* A good title with one field of its headers changed. */
static void refuse_with(uint32_t at, uint32_t value, const char *want)
{
	struct xk *x = xk_new();
	xk_put32(x->head + at, value);
	REFUSE(x, want);
}

static void a_title_has_entry_base_and_pages(void **state)
{
	struct xk *x = xk_new();
	struct image *img = xk_open(x, NULL);
	assert_int_equal(img->entry, XK_BASE + XK_CODE);
	assert_int_equal(img->base, XK_BASE);
	assert_int_equal(img->size, XK_IMAGE);
	assert_int_equal(img->segments, 3);
	assert_int_equal(img->segment[0].protect, MEM_PROT_R);
	assert_int_equal(img->segment[1].protect, MEM_PROT_R | MEM_PROT_X);
	assert_int_equal(img->segment[2].protect, MEM_PROT_R | MEM_PROT_W);
	assert_int_equal(img->segment[1].size, 0x2000);
	assert_memory_equal(img->xex->memory, x->image, XK_IMAGE);
	image_free(img);
	xk_free(x);
}

static void the_base_is_the_security_infos_if_no_header_says_it(void **state)
{
	struct xk *x = xk_new();
	xk_put32(x->head + 0x18 + 8, 0x00010301); /* no longer IMAGE_BASE_ADDRESS */
	struct image *img = xk_open(x, NULL);
	assert_int_equal(img->base, XK_BASE);
	image_free(img);
	xk_free(x);
}

static void pages_of_one_protection_are_one_segment(void **state)
{
	struct xk *x = xk_new();
	xk_put32(x->head + XK_DESCRIPTORS, 1 << 4 | 1);
	xk_put32(x->head + XK_DESCRIPTORS + 48, 2 << 4);
	struct image *img = xk_open(x, NULL);
	assert_int_equal(img->segments, 2);
	assert_int_equal(img->segment[0].size, 0x3000);
	assert_int_equal(img->segment[1].protect, MEM_PROT_R | MEM_PROT_W | MEM_PROT_X);
	image_free(img);
	xk_free(x);
}

static void every_optional_header_is_listed(void **state)
{
	static const uint32_t keys[] = {
#define XEX_HEADER(key, name, what) key,
#include "src/load/xex_header.def"
#undef XEX_HEADER
	};
	struct xk *x = xk_new();
	uint8_t block[0x40] = { 0 };
	unsigned before = load_be32(x->head + 0x14);
	block[3] = 0x14;
	for (unsigned i = 0; i < ARRAY_LEN(keys); i++) {
		/* Those that say where things lie have tests of their own. */
		bool here = keys[i] == XEX_KEY_ENTRY_POINT || keys[i] == XEX_KEY_IMAGE_BASE_ADDRESS ||
			    keys[i] == XEX_KEY_IMPORT_LIBRARIES || keys[i] == XEX_KEY_FILE_FORMAT_INFO ||
			    keys[i] == XEX_KEY_RESOURCE_INFO;
		if (!here && (keys[i] & 0xff) <= 1)
			xk_value(x, keys[i], 0x1000);
		else if (!here)
			xk_block(x, keys[i], block, (keys[i] & 0xff) == 0xff ? 0x14 : (keys[i] & 0xff) * 4);
	}
	struct image *img = xk_open(x, NULL);
	assert_int_equal(img->xex->headers, before + ARRAY_LEN(keys) - 5);
	for (unsigned i = before; i < img->xex->headers; i++) {
		const struct xex_header *h = &img->xex->headers_at[i];
		assert_true(*h->name);
		assert_int_equal(h->size, (h->key & 0xff) <= 1 ? 4 : (h->key & 0xff) == 0xff ? 0x14 : (h->key & 0xff) * 4);
		assert_ptr_equal(h, xex_header_find(img->xex, h->key));
	}
	image_free(img);
	xk_free(x);
}

static void sizes_and_tls_are_the_headers(void **state)
{
	struct xk *x = xk_new();
	xk_value(x, XEX_KEY_DEFAULT_STACK_SIZE, 0x12345);
	xk_value(x, XEX_KEY_DEFAULT_HEAP_SIZE, 0x100000);
	XK_WORDS(x, XEX_KEY_TLS_INFO, 64, XK_BASE + XK_DATA + 0x100, 0x80, 0x20);
	struct image *img = xk_open(x, NULL);
	assert_int_equal(img->stack_size, 0x13000);
	assert_int_equal(img->xex->heap_size, 0x100000);
	assert_int_equal(img->tls_slots, 64);
	assert_int_equal(img->tls_ga, XK_BASE + XK_DATA + 0x100);
	assert_int_equal(img->tls_size, 0x80);
	assert_int_equal(img->tls_raw_size, 0x20);
	image_free(img);
	xk_free(x);
}

static void the_execution_info_says_which_title_it_is(void **state)
{
	struct xk *x = xk_new();
	XK_WORDS(x, XEX_KEY_EXECUTION_INFO, 1, 0x20527F00, 3, 0x58410800, 0x02010103, 6);
	XK_WORDS(x, XEX_KEY_CHECKSUM_TIMESTAMP, 0xABCD, 0x4A000000);
	xk_block(x, XEX_KEY_ORIGINAL_PE_NAME, "\0\0\0\x10game\x01one.exe", 0x10);
	struct image *img = xk_open(x, NULL);
	const struct xex_execution *e = &img->xex->execution;
	assert_true(img->xex->executed);
	assert_int_equal(e->title_id, 0x58410800);
	assert_int_equal(e->savegame_id, 6);
	assert_int_equal(e->disc_count, 3);
	assert_int_equal(XEX_VERSION_MAJOR(e->version), 2);
	assert_int_equal(XEX_VERSION_BUILD(e->version), 21119);
	assert_string_equal(img->xex->pe_name, "game?one.exe");
	assert_int_equal(img->xex->timestamp, 0x4A000000);
	image_free(img);
	xk_free(x);
}

static void resources_and_static_libraries_are_lists(void **state)
{
	struct xk *x = xk_new();
	XK_WORDS(x, XEX_KEY_RESOURCE_INFO, 0x24, 0x35383431, 0x30383030, XK_BASE + XK_DATA, 0x10, 0x41420000, 0, XK_BASE,
		XK_IMAGE);
	XK_WORDS(x, XEX_KEY_STATIC_LIBRARIES, 0x14, 0x58415049, 0x4C494200, 0x00020000, 0x52FA4007);
	struct image *img = xk_open(x, NULL);
	assert_int_equal(img->xex->resources, 2);
	assert_string_equal(img->xex->resource[0].name, "58410800");
	assert_string_equal(img->xex->resource[1].name, "AB");
	assert_int_equal(img->xex->resource[1].size, XK_IMAGE);
	assert_int_equal(img->xex->static_libraries, 1);
	assert_string_equal(img->xex->static_library[0].name, "XAPILIB");
	assert_int_equal(img->xex->static_library[0].build, 0x52FA);
	assert_int_equal(img->xex->static_library[0].qfe, 7);
	image_free(img);
	xk_free(x);
}

static void imports_have_library_ordinal_and_version(void **state)
{
	struct xk *x = xk_new();
	struct image *img = xk_open(x, NULL);
	assert_int_equal(img->xex->libraries, 2);
	assert_string_equal(img->xex->library[0].name, "xboxkrnl.exe");
	assert_int_equal(XEX_VERSION_BUILD(img->xex->library[0].version), 0x760);
	assert_int_equal(img->imports, 5);
	assert_string_equal(img->import[0].library, "xboxkrnl");
	assert_int_equal(img->import[1].type, 1);
	assert_int_equal(img->import[1].ordinal, 0x3D);
	assert_int_equal(img->import[1].ga, XK_BASE + XK_THUNK);
	assert_int_equal(img->import[2].ordinal, 0x193);
	assert_string_equal(img->import[4].library, "xam");
	image_free(img);
	xk_free(x);
}

static void pdata_bounds_the_functions(void **state)
{
	struct xk *x = xk_new();
	struct image *img = xk_open(x, NULL);
	assert_int_equal(img->functions, 2);
	const struct image_function *f = image_function_at(img, XK_BASE + XK_CODE + 0x3C);
	assert_non_null(f);
	assert_int_equal(f->ga, XK_BASE + XK_CODE);
	assert_int_equal(f->size, 0x40);
	assert_int_equal(f->prolog, 8);
	assert_false(f->handler);
	f = image_function_at(img, XK_BASE + XK_CODE + 0x40);
	assert_int_equal(f->size, 0x20);
	assert_true(f->handler);
	assert_int_equal(f->entry, XK_BASE + XK_PDATA); /* the file's order, not that of addresses */
	assert_int_equal(image_function_at(img, XK_BASE + XK_CODE)->entry, XK_BASE + XK_PDATA + 8);
	assert_null(image_function_at(img, XK_BASE + XK_CODE + 0x60));
	assert_null(image_function_at(img, XK_BASE));
	assert_null(image_function_at(img, 0));
	assert_int_equal(img->xex->sections, 3);
	assert_string_equal(img->xex->section[1].name, ".text");
	assert_int_equal(img->xex->section[1].ga, XK_BASE + XK_CODE);
	image_free(img);
	xk_free(x);
}

static void exports_are_found_by_ordinal(void **state)
{
	static const uint32_t table[] = { 0x48000000, 0x00485645, 0x48000000, 0, 0, 0, 0, 0, XK_BASE >> 16, 3, 5, XK_CODE, 0,
		XK_CODE + 8 };
	struct xk *x = xk_new();
	for (unsigned i = 0; i < ARRAY_LEN(table); i++)
		xk_put32(x->image + 0xC00 + i * 4, table[i]);
	xk_body(x, x->image, XK_IMAGE);
	xk_put32(x->head + XK_SECURITY + 0x160, XK_BASE + 0xC00);
	struct image *img = xk_open(x, NULL);
	assert_int_equal(img->xex->exports, 2);
	assert_int_equal(img->xex->export[1].ordinal, 7);
	assert_int_equal(img->xex->export[1].ga, XK_BASE + XK_CODE + 8);
	image_free(img);
	xk_put32(x->body + 0xC00 + 0x24, 0x1000);
	REFUSE(x, "does not lie in the image");
}

/* ---- in the machine -------------------------------------------------------------------------------------------------- */

static struct machine *machine_of(const struct image *img)
{
	struct machine_options o;
	struct machine *m = NULL;
	struct err err = { 0 };
	machine_options_default(&o);
	assert_int_equal(machine_new(&o, &m, &err), ST_OK);
	if (machine_load(m, img, &err) != ST_OK)
		fail_msg("%s", err.text);
	return m;
}

static void a_machine_shows_the_headers_to_its_title(void **state)
{
	struct xk *x = xk_new();
	struct image *img = xk_open(x, NULL);
	struct machine *m = machine_of(img);
	/* The variable's slot leads to the cell, that to the entry, that to the headers. */
	uint32_t entry = mem_get32(&m->mem, mem_get32(&m->mem, XK_BASE + XK_VARIABLE));
	uint32_t headers = mem_get32(&m->mem, GA(entry, g_ldr_data_table_entry, xex_header_base));
	uint8_t bytes[XK_HEADERS];
	assert_int_equal(mem_get32(&m->mem, GA(entry, g_ldr_data_table_entry, image_base)), XK_BASE);
	assert_int_equal(mem_read(&m->mem, headers, bytes, sizeof bytes), MEM_OK);
	assert_memory_equal(bytes, x->head, sizeof bytes);
	machine_free(m);
	image_free(img);
	xk_free(x);
}

static void a_machine_has_the_pages_and_the_thunks(void **state)
{
	struct xk *x = xk_new();
	struct image *img = xk_open(x, NULL);
	struct machine *m = machine_of(img);
	uint32_t word = 0;
	assert_int_equal(mem_page_at(&m->mem, XK_BASE)->protect, MEM_PROT_R);
	assert_int_equal(mem_page_at(&m->mem, XK_BASE + 0x2FFF)->protect, MEM_PROT_R | MEM_PROT_X);
	assert_int_equal(mem_page_at(&m->mem, XK_BASE + XK_DATA)->protect, MEM_PROT_R | MEM_PROT_W);
	assert_int_equal(mem_get32(&m->mem, XK_BASE + XK_THUNK + 12), 0x4E800020);
	assert_int_equal(mem_fetch(&m->mem, XK_BASE + XK_CODE, &word), MEM_OK);
	assert_int_equal(word, 0x48000000);
	assert_int_equal(context_peek(m, machine_row(m)->main_thread)->pc, XK_BASE + XK_CODE);
	machine_free(m);
	image_free(img);
	xk_free(x);
}

static void a_library_can_be_looked_at_and_not_run(void **state)
{
	struct xk *x = xk_new();
	struct machine_options o;
	struct machine *m = NULL;
	struct err err = { 0 };
	xk_put32(x->head + 4, XEX_FLAG_DLL);
	xk_put32(x->head + 0x1C, 0);
	struct image *img = xk_open(x, NULL);
	machine_options_default(&o);
	assert_int_equal(machine_new(&o, &m, &err), ST_OK);
	assert_int_equal(machine_load(m, img, &err), ST_BAD_IMAGE);
	assert_non_null(strstr(err.text, "not a title"));
	machine_free(m);
	image_free(img);
	xk_free(x);
}

/* ---- what is refused ------------------------------------------------------------------------------------------------- */

static void fixed_headers_are_checked(void **state)
{
	refuse_with(4, XEX_FLAG_TITLE | XEX_FLAG_PATCH, "module_flags: 0x11: a patch");
	refuse_with(8, 0x17, "offset 0x8: header_size: 0x17");
	refuse_with(8, UINT32_MAX, "offset 0x8: header_size: 0xffffffff");
	refuse_with(0x10, XK_HEADERS - 0x183, "offset 0x10: security_offset");
	refuse_with(0x10, UINT32_MAX, "offset 0x10: security_offset");
	refuse_with(0x14, UINT32_MAX, "offset 0x14: header_count");
	refuse_with(0x18 + 4, XK_BASE, "offset 0x1c: ENTRY_POINT: 82000000 is not a word of a page of code");
	refuse_with(0x18 + 4, XK_BASE + XK_CODE + 2, "ENTRY_POINT");
	refuse_with(0x18 + 4, XK_BASE + XK_DATA, "ENTRY_POINT");
	refuse_with(0x18, 0x00010200, "ENTRY_POINT");
	refuse_with(0x18 + 12, 0x70000000, "IMAGE_BASE_ADDRESS");
	refuse_with(0x18 + 12, XK_BASE + 0x800, "IMAGE_BASE_ADDRESS: 82000800 is not the address of a page");
	refuse_with(0x18 + 12, 0x8FFFF000, "IMAGE_BASE_ADDRESS");
	refuse_with(0x18 + 12, 0xFFFFF000, "IMAGE_BASE_ADDRESS");
}

static void the_security_info_is_checked(void **state)
{
	refuse_with(XK_SECURITY + 4, 0, "security image_size");
	refuse_with(XK_SECURITY + 4, UINT32_MAX, "security image_size");
	refuse_with(XK_SECURITY + 4, XK_IMAGE + 0x1000, "all pages together have 0x5000 bytes, the image 0x6000");
	refuse_with(XK_SECURITY + 0x180, UINT32_MAX, "page_descriptor_count");
	refuse_with(XK_SECURITY + 0x180, 2, "all pages together");
	refuse_with(XK_DESCRIPTORS, UINT32_MAX, "page descriptor");
	refuse_with(XK_DESCRIPTORS, 6 << 4, "page descriptor");
	refuse_with(XK_SECURITY + 0x10C, 0, "pages of 0x10000 bytes");
	refuse_with(XK_SECURITY + 0x160, XK_BASE + XK_IMAGE, "security export_table");
	refuse_with(XK_SECURITY + 0x160, XK_BASE, "is not an export table");
}

static void optional_headers_are_checked(void **state)
{
	struct xk *x = xk_new();
	xk_value(x, XEX_KEY_TLS_INFO, XK_HEADERS - 15);
	REFUSE(x, "TLS_INFO: 0x10 bytes at 0x1ff1 go past the end of the headers");
	x = xk_new();
	xk_value(x, XEX_KEY_TLS_INFO, UINT32_MAX);
	REFUSE(x, "TLS_INFO");
	x = xk_new();
	XK_WORDS(x, XEX_KEY_BOUNDING_PATH, 3);
	REFUSE(x, "BOUNDING_PATH: a block of 3 bytes");
	x = xk_new();
	XK_WORDS(x, XEX_KEY_BOUNDING_PATH, UINT32_MAX);
	REFUSE(x, "BOUNDING_PATH: 0xffffffff bytes");
	x = xk_new();
	xk_value(x, XEX_KEY_DEFAULT_STACK_SIZE, UINT32_MAX);
	REFUSE(x, "DEFAULT_STACK_SIZE");
	x = xk_new();
	XK_WORDS(x, XEX_KEY_TLS_INFO, 5000, XK_BASE, 0, 0);
	REFUSE(x, "TLS_INFO slot_count: 5000");
	x = xk_new();
	XK_WORDS(x, XEX_KEY_TLS_INFO, 64, XK_BASE, UINT32_MAX, 0);
	REFUSE(x, "TLS_INFO data_size");
	x = xk_new();
	XK_WORDS(x, XEX_KEY_TLS_INFO, 64, XK_BASE, 0x10, 0x11);
	REFUSE(x, "TLS_INFO raw_data_size");
	x = xk_new();
	XK_WORDS(x, XEX_KEY_TLS_INFO, 64, XK_BASE + XK_IMAGE - 0xf, 0x10, 0x10);
	REFUSE(x, "TLS_INFO raw_data_address");
	x = xk_new();
	XK_WORDS(x, XEX_KEY_RESOURCE_INFO, 0x14, 0, 0, XK_BASE, XK_IMAGE + 1);
	REFUSE(x, "RESOURCE_INFO address");
	x = xk_new();
	XK_WORDS(x, XEX_KEY_RESOURCE_INFO, 0x10, 0, 0, XK_BASE, 1);
	REFUSE(x, "RESOURCE_INFO: 0x10 bytes");
}

static void refuse_import_with(uint32_t at, uint32_t value, const char *want)
{
	struct xk *x = xk_new();
	refuse_with(xk_find(x, XEX_KEY_IMPORT_LIBRARIES) + at, value, want);
	xk_free(x);
}

static void imports_are_checked(void **state)
{
	refuse_import_with(0, 11, "IMPORT_LIBRARIES size: 0xb");
	refuse_import_with(0, UINT32_MAX, "IMPORT_LIBRARIES: 0xffffffff bytes");
	refuse_import_with(4, UINT32_MAX, "string_table_size");
	refuse_import_with(4, 0x14, "IMPORT_LIBRARIES");
	refuse_import_with(0x24, 0, "library size");
	refuse_import_with(0x24, UINT32_MAX, "library size");
	refuse_import_with(0x24 + 0x24, 0x00020003, "name_index: 2 is not one of the strings");
	refuse_import_with(0x24 + 0x24, 0x0001FFFF, "library size");
	refuse_import_with(0x24 + 0x28, XK_BASE + XK_IMAGE, "82005000 is not a word of the image");
	refuse_import_with(0x24 + 0x28, XK_BASE + 2, "is not a word of the image");
	refuse_import_with(0x24 + 0x28, XK_BASE + XK_CODE, "of type 72");
	refuse_import_with(12, 0x0A1B0000, "not the name of a library");
}

static void pe_headers_are_checked(void **state)
{
	static const struct {
		uint32_t at, value;
		const char *want;
	} rows[] = {
		{ 0x3C, 0xFFFFFFFF, "e_lfanew" },
		{ 0x80, 0, "PE signature" },
		{ 0x84, 0x4C010300, "PE Machine: 82000084" },
		{ 0x84, 0xF2016100, "PE NumberOfSections" },
		{ 0x94, 0xFFFF0000, "PE SizeOfOptionalHeader" },
	};
	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		struct xk *x = xk_new();
		xk_put32(x->body + rows[i].at, rows[i].value);
		REFUSE(x, rows[i].want);
	}
}

/* The console does not look at them either. */
static void a_section_outside_of_the_image_is_listed_and_not_read(void **state)
{
	struct xk *x = xk_new();
	xk_put32(x->body + 0x178 + 12, 0xFFFFFFFF);
	struct image *img = xk_open(x, NULL);
	assert_int_equal(img->xex->sections, 3);
	assert_int_equal(img->functions, 0);
	image_free(img);
	xk_free(x);
}

/* A title whose resources, exports and privileges are asked for by itself. */
static void a_title_finds_its_resources_and_exports(void **state)
{
	static const uint32_t table[] = { 0x48000000, 0x00485645, 0x48000000, 0, 0, 0, 0, 0, XK_BASE >> 16, 1, 5, XK_CODE };
	struct xk *x = xk_new();
	struct tk *t = TK(state);
	XK_WORDS(x, XEX_KEY_RESOURCE_INFO, 0x14, 0x35383431, 0x30383030, XK_BASE + XK_DATA, 0x10);
	for (unsigned i = 0; i < ARRAY_LEN(table); i++)
		xk_put32(x->image + 0xC00 + i * 4, table[i]);
	xk_body(x, x->image, XK_IMAGE);
	xk_put32(x->head + XK_SECURITY + 0x160, XK_BASE + 0xC00);
	uint32_t exe = machine_row(t->m)->exe_module_ga, out = tk_memory(t, 8);
	assert_int_equal(mem_commit(&t->m->mem, XEX_HEADER_BASE, XK_HEADERS, MEM_PROT_R, MEM_OWNER_kernel, XEX_HEADER_BASE), ST_OK);
	assert_int_equal(mem_poke(&t->m->mem, XEX_HEADER_BASE, x->head, sizeof x->head), MEM_OK);
	assert_int_equal(mem_poke(&t->m->mem, XK_BASE + 0xC00, x->image + 0xC00, sizeof table), MEM_OK);
	struct image *img = xk_open(x, NULL);
	t->image.xex = img->xex;
	assert_int_equal(CALL(t, t->main, "XexGetModuleSection", exe, tk_string(t, "58410800"), out, out + 4), NT_SUCCESS);
	assert_int_equal(tk_get32(t, out), XK_BASE + XK_DATA);
	assert_int_equal(tk_get32(t, out + 4), 0x10);
	assert_int_equal(CALL(t, t->main, "XexGetModuleSection", exe, tk_string(t, "58410801"), out, out + 4), NT_NOT_FOUND);
	assert_int_equal(CALL(t, t->main, "XexGetModuleSection", exe + 4, tk_string(t, "58410800"), out, out + 4), NT_NOT_FOUND);
	assert_int_equal(CALL(t, t->main, "XexGetProcedureAddress", exe, 5, out), NT_SUCCESS);
	assert_int_equal(tk_get32(t, out), XK_BASE + XK_CODE);
	assert_int_equal(CALL(t, t->main, "XexGetProcedureAddress", exe, 6, out), 0xC0000138);
	t->image.xex = NULL;
	image_free(img);
	xk_free(x);
}

/* Copies end exactly where the bytes do: the sanitizers see one byte too many. */
static enum status open_copy(const uint8_t *bytes, size_t size, struct err *err)
{
	struct image *img = NULL;
	uint8_t *copy = xmalloc(size);
	memcpy(copy, bytes, size);
	enum status st = xex_open(copy, size, NULL, "cut.xex", &img, err);
	if (st == ST_OK)
		xk_check(img);
	else
		assert_true(st == ST_BAD_IMAGE && !img && !strncmp(err->text, "cut.xex: ", 9) && !strchr(err->text, '\n'));
	image_free(img);
	free(copy);
	return st;
}

static void a_title_cut_off_anywhere_is_refused_with_a_line(void **state)
{
	struct xk *x = xk_new();
	struct err err = { 0 };
	xk_finish(x);
	assert_int_equal(open_copy(x->file, x->size, &err), ST_OK);
	for (size_t size = 0; size < x->size; size += size < XK_HEADERS + 64 ? 1 : 61)
		assert_int_equal(open_copy(x->file, size, &err), ST_BAD_IMAGE);
	xk_free(x);
}

/* Headers of any size up to all of them: nothing is read behind their end. */
static void headers_cut_off_anywhere_harm_nothing(void **state)
{
	struct xk *x = xk_new();
	struct err err = { 0 };
	XK_WORDS(x, XEX_KEY_TLS_INFO, 64, XK_BASE + XK_DATA, 0x10, 0x10);
	xk_finish(x);
	for (uint32_t size = 0; size < XK_HEADERS; size += 3) {
		xk_put32(x->file + 8, size);
		enum status st = open_copy(x->file, x->size, &err);
		assert_true(st == ST_BAD_IMAGE || size >= x->block_at);
	}
	xk_free(x);
}

/* Each word of the headers and of the PE headers in turn: zero, all ones, the sign bit, a little more, a little less. */
static void no_word_of_the_headers_does_harm(void **state)
{
	struct xk *x = xk_new();
	struct err err = { 0 };
	XK_WORDS(x, XEX_KEY_TLS_INFO, 64, XK_BASE + XK_DATA, 0x10, 0x10);
	XK_WORDS(x, XEX_KEY_RESOURCE_INFO, 0x14, 0, 0, XK_BASE, 1);
	XK_WORDS(x, XEX_KEY_FILE_FORMAT_INFO, 0x10, XEX_BASIC, XK_IMAGE, 0);
	xk_finish(x);
	for (uint32_t at = 0; at < XK_HEADERS + 0x200; at += 2) {
		if (at >= x->block_at && at < XK_HEADERS)
			continue;
		uint32_t was = load_be32(x->file + at);
		const uint32_t values[] = { 0, UINT32_MAX, 0x80000000u, 0x7fffffff, was + 1, was - 1, was + 0x1000 };
		for (unsigned i = 0; i < ARRAY_LEN(values); i++) {
			xk_put32(x->file + at, values[i]);
			open_copy(x->file, x->size, &err);
		}
		xk_put32(x->file + at, was);
	}
	xk_free(x);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_title_has_entry_base_and_pages),
		cmocka_unit_test(the_base_is_the_security_infos_if_no_header_says_it),
		cmocka_unit_test(pages_of_one_protection_are_one_segment),
		cmocka_unit_test(every_optional_header_is_listed),
		cmocka_unit_test(sizes_and_tls_are_the_headers),
		cmocka_unit_test(the_execution_info_says_which_title_it_is),
		cmocka_unit_test(resources_and_static_libraries_are_lists),
		cmocka_unit_test(imports_have_library_ordinal_and_version),
		cmocka_unit_test(pdata_bounds_the_functions),
		cmocka_unit_test(exports_are_found_by_ordinal),
		cmocka_unit_test(a_machine_shows_the_headers_to_its_title),
		cmocka_unit_test(a_machine_has_the_pages_and_the_thunks),
		cmocka_unit_test(a_library_can_be_looked_at_and_not_run),
		cmocka_unit_test_setup_teardown(a_title_finds_its_resources_and_exports, tk_setup, tk_teardown),
		cmocka_unit_test(a_section_outside_of_the_image_is_listed_and_not_read),
		cmocka_unit_test(fixed_headers_are_checked),
		cmocka_unit_test(the_security_info_is_checked),
		cmocka_unit_test(optional_headers_are_checked),
		cmocka_unit_test(imports_are_checked),
		cmocka_unit_test(pe_headers_are_checked),
		cmocka_unit_test(a_title_cut_off_anywhere_is_refused_with_a_line),
		cmocka_unit_test(headers_cut_off_anywhere_harm_nothing),
		cmocka_unit_test(no_word_of_the_headers_does_harm),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
