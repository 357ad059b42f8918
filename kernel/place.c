/* kernel/place.c - see place.h */
#include "config.h"

#include "kernel/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include <xxhash.h>

#include "kernel/cache.h"
#include "kernel/emit.h"
#include "kernel/exports.h"
#include "kernel/file_priv.h"
#include "kernel/ntstatus.h"
#include "kernel/object.h"
#include "kernel/pool.h"
#include "kernel/rows.h"
#include "kernel/thunk.h"
#include "kernel/vars.h"
#include "src/load/symbols.h"
#include "src/load/xex.h"

#define LIBRARY_BYTES_MAX (64u << 20) /* of a library */
#define MAP_BYTES_MAX (16u << 20)
#define DEPTH_MAX 16u
#define INVALID_IMAGE_FORMAT 0xC000007Bu /* NT's, of LdrLoadDll: */
#define UNRESOLVED 0xC0000139u

/* ---- segments and imports --------------------------------------------------------------------------------------------------------- */

static void segments_remove(struct machine *m, const struct image *img, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		mem_release(&m->mem, img->segment[i].ga, img->segment[i].size, true);
}

enum status place_segments(struct machine *m, const struct image *img, struct err *err)
{
	for (unsigned i = 0; i < img->segments; i++) {
		const struct image_segment *s = &img->segment[i];
		enum status st = mem_commit(&m->mem, s->ga, s->size, s->protect, MEM_OWNER_image, img->base);
		if (st != ST_OK) {
			segments_remove(m, img, i);
			return err_set(err, st, "%s: segment at %08x, %u bytes: %s", img->name, s->ga, s->size,
				st == ST_NO_MEMORY ? "does not fit into memory" : "overlaps or lies outside of the image ranges");
		}
		if (s->file_size && mem_poke(&m->mem, s->ga, s->bytes, s->file_size) != MEM_OK) {
			segments_remove(m, img, i + 1);
			return err_set(err, ST_BAD_ADDRESS, "%s: segment at %08x is smaller than its bytes", img->name, s->ga);
		}
	}
	return ST_OK;
}

/* lis r11,hi; ori r11,r11,lo; mtctr r11; bctr */
static void jump_make(uint8_t bytes[THUNK_BYTES], uint32_t to)
{
	store_be32(bytes, 0x3D600000u | to >> 16);
	store_be32(bytes + 4, 0x616B0000u | (to & 0xFFFF));
	store_be32(bytes + 8, 0x7D6903A6u);
	store_be32(bytes + 12, 0x4E800420u);
}

/* NULL, or why not. */
static const char *import_system(struct machine *m, const struct image_import *i)
{
	int row = export_find(i->library, i->ordinal);
	if (row < 0)
		return "unknown export";
	bool variable = export_table[row].state == EXPORT_VAR, placed = true;
	uint8_t bytes[THUNK_BYTES];
	if (i->type == 1 && variable)
		return "a variable, imported as a function";
	if (i->type == 1) {
		thunk_make(bytes, (uint32_t)export_module(i->library), i->ordinal);
		placed = mem_poke(&m->mem, i->ga, bytes, THUNK_BYTES) == MEM_OK;
	} else if (variable) {
		store_be32(bytes, vars_address((uint32_t)row));
		placed = mem_poke(&m->mem, i->ga, bytes, 4) == MEM_OK;
	}
	return placed ? NULL : "its record lies outside of the image";
}

/* "default.xex" and "default" of a title called default.xex. */
static bool is_title(const struct machine *m, const char *library)
{
	const char *dot = strrchr(m->image->name, '.');
	size_t stem = dot ? (size_t)(dot - m->image->name) : strlen(m->image->name);
	return !strcasecmp(library, m->image->name) || (strlen(library) == stem && !strncasecmp(library, m->image->name, stem));
}

/* Of the title (@module 0) or of a library: a thunk jumps to the export, a slot holds its address. */
static const char *import_module(struct machine *m, const struct image_import *i)
{
	uint32_t module = module_by_name(m, i->library);
	if (!module && !is_title(m, i->library))
		return "no such library";
	uint32_t to = module_export(m, module, i->ordinal);
	uint8_t bytes[THUNK_BYTES];
	if (!to)
		return "the library has no such export";
	jump_make(bytes, to);
	if (i->type != 1)
		store_be32(bytes, to);
	return mem_poke(&m->mem, i->ga, bytes, i->type == 1 ? THUNK_BYTES : 4) == MEM_OK ? NULL
											 : "its record lies outside of the image";
}

enum status place_imports(struct machine *m, const struct image *img, struct err *err)
{
	char list[400] = "";
	size_t used = 0;
	unsigned bad = 0;
	for (unsigned i = 0; i < img->imports; i++) {
		const struct image_import *imp = &img->import[i];
		const char *why = export_module(imp->library) >= 0 ? import_system(m, imp) : import_module(m, imp);
		if (!why || (imp->type == 0 && i + 1 < img->imports && img->import[i + 1].type == 1 &&
				    img->import[i + 1].ordinal == imp->ordinal))
			continue; /* a function's first record: the second one speaks for both */
		int n = snprintf(
			list + used, sizeof list - used, "%s%s %03X (%s)", bad ? ", " : "", imp->library, imp->ordinal, why);
		if (n > 0 && (size_t)n < sizeof list - used)
			used += (size_t)n;
		else
			list[used] = '\0';
		bad++;
	}
	if (!bad)
		return ST_OK;
	return err_set(err, ST_BAD_IMAGE, "%s: %u import%s cannot be resolved: %s", img->name, bad, bad == 1 ? "" : "s", list);
}

void place_name_imports(struct image *img)
{
	for (unsigned i = 0; i < img->imports; i++) {
		const struct image_import *im = &img->import[i];
		char name[160];
		int row = export_find(im->library, im->ordinal);
		bool variable = row >= 0 && export_table[row].state == EXPORT_VAR;
		if (row < 0 || im->type != !variable)
			continue;
		snprintf(name, sizeof name, "%s%s", variable ? "__imp_" : "", export_table[row].name);
		image_symbol_import(img, im->ga, variable ? 4 : 16, name);
	}
	image_symbols_sort(img);
}

/* ---- the file ------------------------------------------------------------------------------------------------------------------- */

/* The bytes of what was found at @at, in new memory with a 0 behind them; NULL: the host's files have changed. No row is made: nothing changes. */
static uint8_t *file_bytes(struct machine *m, const struct fs_place *at, const struct fs_found *f)
{
	size_t pages = (size_t)(f->size + FILE_PAGE - 1) / FILE_PAGE;
	uint8_t *bytes = xmalloc(pages * FILE_PAGE + 1);
	for (size_t page = 0; page < pages; page++) {
		uint8_t *to = bytes + page * FILE_PAGE;
		bool read = f->file ? file_page_read(m, f->file, (uint32_t)page, to)
				    : volume_read(mount_peek(m, at->mount)->volume, f->node, page, to, NULL) == ST_OK;
		if (!read) {
			free(bytes);
			return NULL;
		}
	}
	bytes[f->size] = 0;
	return bytes;
}

/* The symbols of x.map beside x.xex; without one there are those of its exports. */
static void map_read(struct machine *m, const struct fs_place *at, struct image *img)
{
	struct fs_place map = *at;
	struct fs_found f;
	char *dot = strrchr(map.path, '.');
	size_t stem = dot && !strchr(dot, '\\') ? (size_t)(dot - map.path) : strlen(map.path);
	if (stem + sizeof ".map" > sizeof map.path)
		return;
	memcpy(map.path + stem, ".map", sizeof ".map");
	if (!fs_find(m, &map, &f) || !f.exists || f.directory || f.size > MAP_BYTES_MAX)
		return;
	char *text = (char *)file_bytes(m, &map, &f);
	if (text)
		image_map_add(img, text);
}

/* The parsed image of these bytes; owned by the machine. NULL: @p says why. */
static struct image *image_of(
	struct machine *m, const struct fs_place *at, const char *name, const uint8_t *bytes, size_t size, struct err *err)
{
	const struct xex_options o = { .key = m->options.xex_key };
	struct image *img = module_image_find(m, XXH3_64bits(bytes, size), name);
	if (img)
		return img;
	if (size < 4 || memcmp(bytes, "XEX2", 4) != 0) {
		(void)!err_set(err, ST_BAD_IMAGE, "%s: not a XEX2 image", name);
		return NULL;
	}
	if (xex_open(bytes, size, &o, name, &img, err) != ST_OK)
		return NULL;
	place_name_imports(img);
	image_name_exports(img);
	map_read(m, at, img);
	module_image_keep(m, img);
	return img;
}

static const char *last_name(const char *path)
{
	const char *slash = strrchr(path, '\\');
	return slash ? slash + 1 : path;
}

/* The guest status of what went wrong; the line is in @p. */
static uint32_t refuse(struct placing *p, uint32_t nt, const char *name, const char *why)
{
	p->refused = nt;
	if (why)
		(void)!err_set(&p->err, ST_BAD_IMAGE, "%s: %s", name, why);
	return 0;
}

static struct image *file_open(struct machine *m, const struct fs_place *at, struct placing *p)
{
	struct fs_found f;
	const char *name = last_name(at->path);
	bool seen = fs_find(m, at, &f);
	if (!seen || mount_peek(m, at->mount)->dead) {
		refuse(p, NT_DEVICE_DATA_ERROR, name, "its device does not answer");
		return NULL;
	}
	if (!f.exists || f.directory || !*name) {
		refuse(p, NT_NO_SUCH_FILE, name, "no such file"); /* xenia-canary, XexLoadImage */
		return NULL;
	}
	if (f.size > LIBRARY_BYTES_MAX || strlen(name) > MODULE_NAME_MAX) {
		refuse(p, INVALID_IMAGE_FORMAT, name, "too large, or its name is too long, for a library");
		return NULL;
	}
	if (f.file)
		cache_flush(m, f.file);
	uint8_t *bytes = file_bytes(m, at, &f);
	struct image *img = bytes ? image_of(m, at, name, bytes, (size_t)f.size, &p->err) : NULL;
	if (!img)
		refuse(p, bytes ? INVALID_IMAGE_FORMAT : NT_DEVICE_DATA_ERROR, name, bytes ? NULL : "its device does not answer");
	if (!bytes)
		mount_fail(m, m->acting);
	free(bytes);
	return img;
}

void place_image_again(struct machine *m, uint32_t row)
{
	const struct w_module *w = module_peek(m, row);
	struct fs_place at = { .mount = w->mount };
	struct fs_found f;
	uint32_t node;
	memcpy(at.path, w->path, sizeof at.path);
	if (at.mount - 1 >= mounts_count(m))
		return;
	uint32_t file = file_by_path(m, at.mount, at.path);
	if (file)
		file_describe(m, file, &f);
	else if (volume_find(mount_peek(m, at.mount)->volume, at.path, &node, NULL) == ST_OK) {
		struct volume_entry e = volume_entry(mount_peek(m, at.mount)->volume, node);
		file_describe_host(&e, node, false, &f);
	} else
		return;
	uint8_t *bytes = f.exists && !f.directory && f.size <= LIBRARY_BYTES_MAX ? file_bytes(m, &at, &f) : NULL;
	if (bytes && XXH3_64bits(bytes, (size_t)f.size) == w->digest)
		(void)image_of(m, &at, w->name, bytes, (size_t)f.size, NULL);
	free(bytes);
}

/* ---- the entry in the list of modules ---------------------------------------------------------------------------------------------- */

struct module_block {
	struct g_ldr_data_table_entry ldr;
	uint8_t name[2 * (MODULE_NAME_MAX + 1)];
	uint8_t full[2 * (FS_LINK_MAX + FS_PATH_MAX + 2)];
};

static struct g_unicode_string text_put(struct machine *m, uint32_t ga, const char *text)
{
	uint16_t bytes = (uint16_t)(strlen(text) * 2);
	for (uint32_t i = 0; text[i]; i++)
		mem_put16(&m->mem, ga + i * 2, (uint8_t)text[i]);
	return (struct g_unicode_string){ be16_of(bytes), be16_of((uint16_t)(bytes + 2)), be32_of(ga) };
}

static void link_set(struct machine *m, uint32_t ga, uint32_t to)
{
	const be32 v = be32_of(to);
	object_put(m, ga, &v, sizeof v); /* wherever the title's doings have led the list */
}

static uint32_t link_get(const struct machine *m, uint32_t ga)
{
	be32 v = be32_of(0);
	return mem_peek(&m->mem, ga, &v, sizeof v) == MEM_OK ? be32_get(v) : 0;
}

/* The three lists of NT's loader: in the order of loading, of memory (the same here), of initialisation. */
static void lists_add(struct machine *m, uint32_t entry)
{
	for (uint32_t at = 0, head = vars_module_list(); at < 0x18; at += 8) {
		uint32_t last = link_get(m, head + at + 4);
		link_set(m, entry + at, head + at);
		link_set(m, entry + at + 4, last);
		link_set(m, last, entry + at);
		link_set(m, head + at + 4, entry + at);
	}
}

static void lists_remove(struct machine *m, uint32_t entry)
{
	for (uint32_t at = 0; at < 0x18; at += 8) {
		uint32_t next = link_get(m, entry + at), last = link_get(m, entry + at + 4);
		link_set(m, last, next);
		link_set(m, next + 4, last);
	}
}

static void ldr_fill(struct machine *m, const struct w_module *w, const struct image *img)
{
	char full[FS_LINK_MAX + FS_PATH_MAX + 3];
	struct g_ldr_data_table_entry e = { .dll_base = be32_of(w->base), .image_base = be32_of(w->base) };
	snprintf(full, sizeof full, "%s\\%s", mount_peek(m, w->mount)->device, w->path);
	e.image_size = e.full_image_size = be32_of(w->size);
	e.entry_point = be32_of(w->entry);
	e.load_count = be16_of(1);
	e.dll_base_original = be32_of(img->xex->load_address);
	e.checksum = be32_of(img->xex->checksum);
	e.time_date_stamp = be32_of(img->xex->timestamp);
	e.xex_header_base = be32_of(w->header_ga);
	e.base_dll_name = text_put(m, w->ldr_ga + (uint32_t)offsetof(struct module_block, name), w->name);
	e.full_dll_name = text_put(m, w->ldr_ga + (uint32_t)offsetof(struct module_block, full), full);
	object_put(m, w->ldr_ga, &e, sizeof e);
	lists_add(m, w->ldr_ga);
}

#define LOAD_COUNT(w) GA((w)->ldr_ga, g_ldr_data_table_entry, load_count)

/* ---- one library -------------------------------------------------------------------------------------------------------------------- */

static struct w_module *module_row(struct machine *m, uint32_t row)
{
	return arena_row(&m->world, m->t_module, row);
}

static void emit_module(struct machine *m, enum event_kind kind, uint32_t row, const char *text)
{
	const struct w_module *w = module_peek(m, row);
	emit_named4(m, kind, m->acting, w->name, (uint64_t[4]){ w->base, w->size, w->entry, w->ldr_ga }, text);
}

/* Where the linker put .pdata. */
static void functions_find(struct w_module *w, const struct xex *x)
{
	for (unsigned i = 0; i < x->sections; i++)
		if (!strcmp(x->section[i].name, ".pdata") && x->section[i].ga >= w->base &&
			x->section[i].ga - w->base < w->size) {
			w->pdata_ga = x->section[i].ga;
			w->pdata_size = x->section[i].size;
			return;
		}
}

/* A row with its memory: headers, LDR entry, segments. 0: nothing has changed. */
static uint32_t row_make(struct machine *m, const struct fs_place *at, const struct image *img, struct placing *p)
{
	uint32_t row = arena_take(&m->world, m->t_module);
	uint32_t ldr = row ? pool_alloc(m, sizeof(struct module_block), POOL_KERNEL) : 0;
	uint32_t header = ldr ? pool_alloc(m, img->xex->header_size, POOL_KERNEL) : 0;
	enum status st = header ? place_segments(m, img, &p->err) : ST_NO_MEMORY;
	if (st != ST_OK) {
		if (header)
			pool_free(m, header, POOL_KERNEL);
		if (ldr)
			pool_free(m, ldr, POOL_KERNEL);
		if (row)
			arena_give(&m->world, m->t_module, row);
		return refuse(p, st == ST_NO_MEMORY ? NT_NO_MEMORY : NT_CONFLICTING_ADDRESSES, img->name,
			header ? NULL : "no room for one more library");
	}
	struct w_module *w = module_row(m, row);
	*w = (struct w_module){ .digest = img->digest,
		.ldr_ga = ldr,
		.base = img->base,
		.size = img->size,
		.entry = img->entry,
		.header_ga = header,
		.mount = at->mount,
		.state = MODULE_PLACED };
	snprintf(w->name, sizeof w->name, "%.*s", (int)MODULE_NAME_MAX, last_name(at->path));
	memcpy(w->path, at->path, strlen(at->path));
	functions_find(w, img->xex);
	INVARIANT(mem_poke(&m->mem, header, img->xex->header, img->xex->header_size) == MEM_OK);
	ldr_fill(m, w, img);
	return row;
}

static void order_set(struct machine *m, uint32_t row)
{
	uint32_t last = 0;
	for (uint32_t i = 1; i < arena_count(&m->world, m->t_module); i++)
		if (module_peek(m, i)->state != MODULE_FREE && module_peek(m, i)->order > last)
			last = module_peek(m, i)->order;
	module_row(m, row)->order = last + 1;
}

/* One more count; a count that would not fit stays. */
static void count_up(struct machine *m, uint32_t row)
{
	uint16_t n = mem_get16(&m->mem, LOAD_COUNT(module_peek(m, row)));
	mem_put16(&m->mem, LOAD_COUNT(module_peek(m, row)), n == UINT16_MAX ? n : n + 1);
}

static uint32_t place_at(struct machine *m, const struct fs_place *at, struct placing *p, unsigned depth);

/* The file that import library @i of @img is, "" = it is the system's or the title. An ELF has their bare names only. */
static void needed_file(const struct machine *m, const struct image *img, unsigned i, char file[64])
{
	char stem[40];
	const char *name = img->xex ? img->xex->library[i].name : img->import[i].library;
	snprintf(stem, sizeof stem, "%.*s", (int)strcspn(name, "."), name);
	for (char *c = stem; *c; c++)
		*c = *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
	bool other = export_module(stem) < 0 && !is_title(m, name);
	snprintf(file, 64, "%s%s", other ? name : "", other && !img->xex ? ".xex" : "");
}

/* Each library that @img imports from, out of the folder @folder where it is not there yet, has one count more. *@needs: bits of their rows. */
static bool needed_place(struct machine *m, const struct fs_place *folder, const struct image *img, struct placing *p,
	unsigned depth, uint32_t *needs)
{
	for (unsigned i = 0; i < (img->xex ? img->xex->libraries : img->imports); i++) {
		char file[64];
		struct fs_place at;
		needed_file(m, img, i, file);
		uint32_t row = *file ? module_by_name(m, file) : 0;
		if (!*file || (row && *needs >> (row - 1) & 1))
			continue;
		if (row) {
			count_up(m, row);
		} else {
			bool named = depth < DEPTH_MAX && path_append(folder, file, strlen(file), &at) == NT_SUCCESS;
			if (!named)
				refuse(p, INVALID_IMAGE_FORMAT, file,
					"libraries that need each other too deep, or a name that no file has");
			row = named ? place_at(m, &at, p, depth + 1) : 0;
		}
		if (!row)
			return false;
		*needs |= 1u << (row - 1);
	}
	return true;
}

static struct fs_place folder_of(const struct fs_place *at)
{
	struct fs_place folder = *at;
	char *slash = strrchr(folder.path, '\\');
	size_t n = slash ? (size_t)(slash - folder.path) : 0;
	memset(folder.path + n, 0, sizeof folder.path - n);
	return folder;
}

static uint32_t place_at(struct machine *m, const struct fs_place *at, struct placing *p, unsigned depth)
{
	const struct fs_place folder = folder_of(at);
	const struct image *img = file_open(m, at, p);
	uint32_t needs = 0;
	if (!img)
		return 0;
	if (!(img->xex->module_flags & XEX_FLAG_DLL) || img->xex->module_flags & XEX_FLAG_TITLE)
		return refuse(p, INVALID_IMAGE_FORMAT, img->name, "a title, not a library");
	uint32_t row = row_make(m, at, img, p);
	if (!row)
		return 0;
	p->placed |= 1u << (row - 1);
	/* DEBT(library-tls): a thread has one block of static TLS, the title's. */
	emit_module(m, EV_MODULE_LOAD, row, img->tls_size ? "its static TLS is given to no thread" : module_tls(m, row).bad);
	bool all = needed_place(m, &folder, img, p, depth, &needs);
	module_row(m, row)->needs = needs;
	if (!all)
		return 0;
	if (place_imports(m, img, &p->err) != ST_OK)
		return refuse(p, UNRESOLVED, img->name, NULL);
	order_set(m, row);
	return row;
}

/* A bare name: in the title's folder (xenia-canary, KernelState::LoadUserModule). */
static bool place_of(const struct machine *m, const char *path, struct fs_place *at)
{
	char name[2 * FS_PATH_MAX + 8];
	bool bare = !strpbrk(path, ":\\");
	snprintf(name, sizeof name, "%s%s", bare ? "game:\\" : "", path);
	return path_resolve(m, name, strlen(name), at) == NT_SUCCESS;
}

/* Those that were there before lose the counts that the new ones had of them. */
static void undo(struct machine *m, struct placing *p)
{
	for (uint32_t i = 0; i < MODULES_MAX; i++)
		for (uint32_t j = 0; p->placed >> i & 1 && j < MODULES_MAX; j++)
			if (module_peek(m, i + 1)->needs & ~p->placed & 1u << j)
				(void)place_release(m, j + 1);
	place_remove(m, p->placed);
	p->placed = 0;
}

uint32_t place_library(struct machine *m, const char *path, struct placing *p)
{
	struct fs_place at;
	*p = (struct placing){ 0 };
	if (!place_of(m, path, &at))
		return refuse(p, NT_NO_SUCH_FILE, path, "no such file");
	uint32_t row = place_at(m, &at, p, 0);
	if (!row)
		undo(m, p);
	return row;
}

/* Where a library is not there, its imports tell so, with all that is amiss. */
enum status place_title(struct machine *m, struct err *err)
{
	const struct image *img = m->image;
	struct placing p = { 0 };
	struct fs_place folder;
	uint32_t needs = 0;
	bool placed = path_resolve(m, "game:\\", 6, &folder) != NT_SUCCESS || needed_place(m, &folder, img, &p, 0, &needs);
	if (!placed && p.refused != NT_NO_SUCH_FILE)
		return err_set(
			err, ST_BAD_IMAGE, "%s: a library that it imports from cannot be loaded: %s", img->name, p.err.text);
	return place_imports(m, img, err);
}

/* ---- the end ---------------------------------------------------------------------------------------------------------------------- */

uint32_t place_release(struct machine *m, uint32_t row)
{
	const struct w_module *w = module_peek(m, row);
	uint16_t n = mem_get16(&m->mem, LOAD_COUNT(w));
	uint32_t gone = 0;
	mem_put16(&m->mem, LOAD_COUNT(w), n ? n - 1 : 0);
	if (n > 1 || w->state == MODULE_ATTACHING || w->state == MODULE_DETACHING) /* its own code runs */
		return 0;
	uint32_t needs = w->needs;
	module_row(m, row)->needs = 0;
	gone = 1u << (row - 1);
	for (uint32_t i = 0; i < MODULES_MAX; i++)
		if (needs >> i & 1 && module_peek(m, i + 1)->state != MODULE_FREE)
			gone |= place_release(m, i + 1);
	return gone;
}

/* Only its own pages: what lies between its segments may be somebody else's. */
static void memory_remove(struct machine *m, const struct w_module *w)
{
	for (uint32_t at = 0; at < w->size; at += MEM_PAGE) {
		const struct mem_page *page = mem_page_at(&m->mem, w->base + at);
		if (page->owner == MEM_OWNER_image && page->alloc_base == w->base)
			mem_release(&m->mem, w->base + at, MEM_PAGE, true);
	}
	lists_remove(m, w->ldr_ga);
	pool_free(m, w->header_ga, POOL_KERNEL);
	pool_free(m, w->ldr_ga, POOL_KERNEL);
}

void place_remove(struct machine *m, uint32_t rows)
{
	for (uint32_t row = MODULES_MAX; row > 0; row--) {
		if (!(rows >> (row - 1) & 1) || module_peek(m, row)->state == MODULE_FREE)
			continue;
		emit_module(m, EV_MODULE_UNLOAD, row, NULL);
		memory_remove(m, module_peek(m, row));
		memset(module_row(m, row), 0, sizeof(struct w_module));
		arena_give(&m->world, m->t_module, row);
	}
}
