/* kernel/module.c - see module.h: what is loaded, and what is in it. Loading is in loader.c. */
#include "config.h"

#include "kernel/module.h"

#include <stdlib.h>
#include <strings.h>

#include "kernel/loader.h"
#include "kernel/place.h"
#include "kernel/rows.h"
#include "src/load/xex.h"

#define HEADER_SECURITY 0x10u /* offsets in the XEX2 header; facts: struct layouts, XEX2_* */
#define HEADER_COUNT 0x14u
#define HEADER_FIELDS 0x18u
#define FIELDS_MAX 0x1000u
#define SECURITY_EXPORTS 0x160u
#define TABLE_BASE 0x20u /* export table by ordinal */
#define TABLE_COUNT 0x24u
#define TABLE_FIRST 0x28u
#define TABLE_WORDS 0x2Cu
#define EXPORTS_MAX 0x10000u
#define PDATA_BYTES 8u
#define RESOURCE_BYTES 16u
#define PE_OFFSET_AT 0x3Cu /* PE and COFF specification: in the DOS header */
#define PE_OPTIONAL_SIZE 0x14u /* behind the signature */
#define PE_OPTIONAL 0x18u
#define PE32 0x10Bu
#define OPTIONAL_DIRECTORIES 92u /* how many there are; they follow */
#define DIRECTORY_TLS 9u
#define TLS_BYTES 24u         /* IMAGE_TLS_DIRECTORY32 */
#define TLS_CALLBACKS_AT 0xCu /* AddressOfCallBacks */
#define TLS_CALLBACKS_MAX 1024u

static const char *const state_words[] = {
#define MODULE_STATE(id, word) [MODULE_##id] = (word),
	MODULE_STATES(MODULE_STATE)
#undef MODULE_STATE
};

const char *module_state_word(enum module_state s)
{
	return (unsigned)s < ARRAY_LEN(state_words) ? state_words[s] : "?";
}

void modules_layout(struct machine *m)
{
	m->t_module = arena_table_add(&m->world, "module", sizeof(struct w_module), MODULES_MAX + 1);
	loader_layout(m);
}

/* ---- which module? ------------------------------------------------------------------------------------------------------------- */

uint32_t module_at(const struct machine *m, uint32_t ga)
{
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_module); row++) {
		const struct w_module *w = module_peek(m, row);
		if (w->state != MODULE_FREE && ga - w->base < w->size)
			return row;
	}
	return 0;
}

uint32_t module_by_ldr(const struct machine *m, uint32_t ga)
{
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_module); row++)
		if (module_peek(m, row)->state != MODULE_FREE && module_peek(m, row)->ldr_ga == ga)
			return row;
	return 0;
}

/* Is @name the file name @file, or that without its extension? */
static bool name_fits(const char *file, const char *name)
{
	const char *dot = strrchr(file, '.');
	size_t stem = dot ? (size_t)(dot - file) : strlen(file);
	return !strcasecmp(file, name) || (strlen(name) == stem && !strncasecmp(file, name, stem));
}

uint32_t module_by_name(const struct machine *m, const char *path)
{
	const char *name = strrchr(path, '\\') ? strrchr(path, '\\') + 1 : path;
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_module); row++)
		if (module_peek(m, row)->state != MODULE_FREE && name_fits(module_peek(m, row)->name, name))
			return row;
	return 0;
}

/* ---- guest memory, which may hold anything ------------------------------------------------------------------------------------------ */

/* 0 where nothing is mapped. */
static uint32_t peek_be32(const struct machine *m, uint32_t ga)
{
	be32 v = be32_of(0);
	return mem_peek(&m->mem, ga, &v, sizeof v) == MEM_OK ? be32_get(v) : 0;
}

static uint32_t peek_le32(const struct machine *m, uint32_t ga)
{
	return __builtin_bswap32(peek_be32(m, ga));
}

static uint32_t peek_le16(const struct machine *m, uint32_t ga)
{
	uint8_t b[2] = { 0 };
	return mem_peek(&m->mem, ga, b, sizeof b) == MEM_OK ? (uint32_t)b[1] << 8 | b[0] : 0;
}

struct where {
	uint32_t base, size, header; /* header 0: an ELF */
};

static struct where where_of(const struct machine *m, uint32_t row)
{
	if (row)
		return (struct where){ module_peek(m, row)->base, module_peek(m, row)->size, module_peek(m, row)->header_ga };
	return (struct where){ machine_row(m)->image_base, machine_row(m)->image_size, m->image && m->image->xex ? XEX_HEADER_BASE : 0 };
}

/* Address of optional header @key's data, 0 = it is not there. */
static uint32_t header_data(const struct machine *m, const struct where *w, uint32_t key)
{
	uint32_t count = w->header ? peek_be32(m, w->header + HEADER_COUNT) : 0;
	for (uint32_t i = 0, at = w->header + HEADER_FIELDS; i < count && i < FIELDS_MAX; i++, at += 8)
		if (peek_be32(m, at) == key)
			return w->header + peek_be32(m, at + 4);
	return 0;
}

/* ---- exports -------------------------------------------------------------------------------------------------------------------- */

/* A table of words, by ordinal: each the distance from the base that the table names; 0 = no such export. */
static uint32_t by_ordinal(const struct machine *m, uint32_t table, uint32_t ordinal)
{
	uint32_t count = peek_be32(m, table + TABLE_COUNT), first = peek_be32(m, table + TABLE_FIRST);
	if (ordinal < first || ordinal - first >= count || ordinal >= EXPORTS_MAX)
		return 0;
	uint32_t offset = peek_be32(m, table + TABLE_WORDS + (ordinal - first) * 4);
	return offset ? (peek_be32(m, table + TABLE_BASE) << 16) + offset : 0;
}

/* The PE's export directory, little-endian as the linker left it. Its addresses count from the image's base, as in every PE; those of images that
 * went through the console's own tool count from the directory (xenia-canary, xex_module.cc): then the table of functions, which
 * stands behind it at once, lies below it. */
struct directory {
	uint32_t at, zero; /* addresses; @zero: where its own tables and names count from */
	uint32_t base, first, functions, names;
	uint32_t function_table, name_table, ordinal_table;
};

static bool directory_of(const struct machine *m, const struct where *w, struct directory *d)
{
	uint32_t field = header_data(m, w, XEX_KEY_EXPORTS_BY_NAME), rva = field ? peek_be32(m, field) : 0;
	if (!rva)
		return false;
	*d = (struct directory){ .at = w->base + rva, .base = w->base };
	d->first = peek_le32(m, d->at + 0x10);
	d->functions = peek_le32(m, d->at + 0x14);
	d->names = peek_le32(m, d->at + 0x18);
	uint32_t table = peek_le32(m, d->at + 0x1C);
	d->zero = table < rva ? d->at : d->base;
	d->function_table = d->zero + table;
	d->name_table = d->zero + peek_le32(m, d->at + 0x20);
	d->ordinal_table = d->zero + peek_le32(m, d->at + 0x24);
	return d->functions <= EXPORTS_MAX && d->names <= EXPORTS_MAX;
}

static uint32_t directory_function(const struct machine *m, const struct directory *d, uint32_t index)
{
	uint32_t rva = index < d->functions ? peek_le32(m, d->function_table + index * 4) : 0;
	return rva ? d->base + rva : 0;
}

uint32_t module_export(const struct machine *m, uint32_t row, uint32_t ordinal)
{
	const struct where w = where_of(m, row);
	struct directory d;
	uint32_t table = w.header ? peek_be32(m, w.header + peek_be32(m, w.header + HEADER_SECURITY) + SECURITY_EXPORTS) : 0;
	if (table)
		return by_ordinal(m, table, ordinal);
	return directory_of(m, &w, &d) && ordinal >= d.first ? directory_function(m, &d, ordinal - d.first) : 0;
}

uint32_t module_export_named(const struct machine *m, uint32_t row, const char *name)
{
	const struct where w = where_of(m, row);
	struct directory d;
	char text[256];
	if (!directory_of(m, &w, &d))
		return 0;
	for (uint32_t i = 0; i < d.names; i++)
		if (mem_string(&m->mem, d.zero + peek_le32(m, d.name_table + i * 4), text, sizeof text) && !strcmp(text, name))
			return directory_function(m, &d, peek_le16(m, d.ordinal_table + i * 2));
	return 0;
}

bool module_resource(const struct machine *m, uint32_t row, const char *name, uint32_t *ga, uint32_t *size)
{
	const struct where w = where_of(m, row);
	uint32_t at = header_data(m, &w, XEX_KEY_RESOURCE_INFO), bytes = at ? peek_be32(m, at) : 0;
	for (uint32_t i = 4; bytes <= XEX_HEADER_BYTES_MAX && i + RESOURCE_BYTES <= bytes; i += RESOURCE_BYTES) {
		char id[9] = "";
		if (mem_peek(&m->mem, at + i, id, 8) != MEM_OK || strcasecmp(id, name) != 0)
			continue;
		*ga = peek_be32(m, at + i + 8);
		*size = peek_be32(m, at + i + 12);
		return true;
	}
	return false;
}

/* ---- TLS callbacks -------------------------------------------------------------------------------------------------------------- */

static bool within(const struct where *w, uint32_t ga, uint32_t size)
{
	return ga >= w->base && ga - w->base < w->size && size <= w->size - (ga - w->base);
}

/* Address of the TLS directory's row in the PE headers, 0 = there are none, or they have no such row. */
static uint32_t tls_row(const struct machine *m, const struct where *w)
{
	uint32_t pe = w->base + peek_le32(m, w->base + PE_OFFSET_AT), optional = pe + PE_OPTIONAL;
	uint32_t row = OPTIONAL_DIRECTORIES + 4 + DIRECTORY_TLS * 8;
	if (!w->header || peek_be32(m, w->base) >> 16 != 0x4D5A /* MZ */ || !within(w, pe, PE_OPTIONAL + row + 8))
		return 0;
	if (peek_be32(m, pe) != 0x50450000 /* PE */ || peek_le16(m, pe + PE_OPTIONAL_SIZE) < row + 8 || peek_le16(m, optional) != PE32)
		return 0;
	return peek_le32(m, optional + OPTIONAL_DIRECTORIES) > DIRECTORY_TLS ? optional + row : 0;
}

struct module_tls module_tls(const struct machine *m, uint32_t row)
{
	const struct where w = where_of(m, row);
	uint32_t at = tls_row(m, &w), rva = at ? peek_le32(m, at) : 0, directory = w.base + rva;
	if (!rva)
		return (struct module_tls){ 0 };
	if (directory & 3 || !within(&w, directory, TLS_BYTES))
		return (struct module_tls){ .bad = "the TLS directory of its PE headers does not lie in its image" };
	uint32_t array = peek_be32(m, directory + TLS_CALLBACKS_AT);
	if (array && (array & 3 || !within(&w, array, 4)))
		return (struct module_tls){ .bad = "the array of its TLS callbacks does not lie in its image" };
	return (struct module_tls){ .array = array };
}

uint32_t module_tls_callback(const struct machine *m, uint32_t row, uint32_t n, const char **bad)
{
	const struct where w = where_of(m, row);
	uint32_t array = module_tls(m, row).array, at = array + n * 4;
	*bad = NULL;
	if (!array)
		return 0;
	if (n >= TLS_CALLBACKS_MAX || !within(&w, at, 4)) {
		*bad = "the array of its TLS callbacks has no end";
		return 0;
	}
	uint32_t callback = peek_be32(m, at);
	if (!callback || (!(callback & 3) && within(&w, callback, 4)))
		return callback;
	*bad = "a TLS callback does not lie in its image";
	return 0;
}

/* ---- functions ------------------------------------------------------------------------------------------------------------------- */

/* .pdata is sorted: a binary search, as the console's own. */
static bool function_in(const struct machine *m, const struct w_module *w, uint32_t ga, struct image_function *out)
{
	uint32_t low = 0, high = w->pdata_size / PDATA_BYTES;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2, begin = peek_be32(m, w->pdata_ga + mid * PDATA_BYTES);
		if (begin && begin <= ga) /* rows behind the last one may be empty */
			low = mid + 1;
		else
			high = mid;
	}
	if (!low)
		return false;
	uint32_t entry = w->pdata_ga + (low - 1) * PDATA_BYTES, word = peek_be32(m, entry + 4);
	*out = (struct image_function){ .ga = peek_be32(m, entry),
		.size = (word >> 8 & 0x3fffff) * 4,
		.prolog = (word & 0xff) * 4,
		.handler = word >> 31,
		.entry = entry };
	return ga - out->ga < out->size;
}

bool machine_function_at(const struct machine *m, uint32_t ga, struct image_function *out)
{
	uint32_t row = module_at(m, ga);
	if (row)
		return function_in(m, module_peek(m, row), ga, out);
	const struct image_function *f = m->image ? image_function_at(m->image, ga) : NULL;
	if (f)
		*out = *f;
	return f != NULL;
}

/* ---- parsed files, for people ---------------------------------------------------------------------------------------------------- */

struct module_images {
	unsigned count, room;
	struct image **image;
};

void module_image_keep(struct machine *m, struct image *img)
{
	if (!m->module_images)
		m->module_images = xcalloc(1, sizeof *m->module_images);
	struct module_images *k = m->module_images;
	if (k->count == k->room) {
		k->room = k->room ? 2 * k->room : 4;
		k->image = xrealloc(k->image, k->room * sizeof *k->image);
	}
	k->image[k->count++] = img;
}

struct image *module_image_find(const struct machine *m, uint64_t digest, const char *name)
{
	const struct module_images *k = m->module_images;
	for (unsigned i = 0; k && i < k->count; i++)
		if (k->image[i]->digest == digest && !strncmp(k->image[i]->name, name, sizeof k->image[i]->name - 1))
			return k->image[i];
	return NULL;
}

void module_images_free(struct machine *m)
{
	struct module_images *k = m->module_images;
	for (unsigned i = 0; k && i < k->count; i++)
		image_free(k->image[i]);
	if (k)
		free(k->image);
	free(k);
	m->module_images = NULL;
}

const struct image *module_image(const struct machine *m, uint32_t row)
{
	return module_image_find(m, module_peek(m, row)->digest, module_peek(m, row)->name);
}

const struct image *machine_image_at(const struct machine *m, uint32_t ga)
{
	uint32_t row = module_at(m, ga);
	const struct image *img = row ? module_image(m, row) : NULL;
	return img ? img : m->image;
}

const struct image *machine_image_next(const struct machine *m, uint32_t *at)
{
	if (!(*at)++ && m->image)
		return m->image;
	for (; *at - 1 < arena_count(&m->world, m->t_module); ++*at) {
		uint32_t row = *at - 1;
		const struct image *img = row && module_peek(m, row)->state != MODULE_FREE ? module_image(m, row) : NULL;
		if (img) {
			++*at;
			return img;
		}
	}
	return NULL;
}

const struct image_symbol *machine_symbol_find(const struct machine *m, const char *name)
{
	const struct image_symbol *s = NULL;
	const struct image *img;
	for (uint32_t at = 0; !s && (img = machine_image_next(m, &at));)
		s = image_symbol_find(img, name);
	return s;
}

void modules_restored(struct machine *m)
{
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_module); row++)
		if (module_peek(m, row)->state != MODULE_FREE && !module_image(m, row))
			place_image_again(m, row);
}
