/* src/load/xex_optional.c - the optional headers of a XEX2 image: the table of them, and those that are facts of the image. */
#include "config.h"

#include "src/load/xex_priv.h"
#include "src/mem/mem.h"

#define COUNT_AT 0x14u
#define TABLE_AT 0x18u
#define ROW_BYTES 8u
#define SIZED_BLOCK 0xffu
#define STACK_MAX 0x1000000u
#define TLS_SLOTS_MAX 1024u
#define TLS_BYTES_MAX 0x100000u
#define NAME_BYTES 8u
#define RECORD_BYTES 16u /* of a resource, of a static library */

static const struct {
	uint32_t key;
	const char *name;
} names[] = {
#define XEX_HEADER(key, name, what) { key, #name },
#include "src/load/xex_header.def"
#undef XEX_HEADER
};

static const char *key_name(uint32_t key)
{
	for (unsigned i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].key == key)
			return names[i].name;
	return "";
}

/* Where the data of the row at @at lie. */
static enum status read_row(struct load *l, uint32_t at, struct xex_header *h)
{
	const struct xex *x = l->img->xex;
	uint32_t key = load_be32(x->header + at), value = load_be32(x->header + at + 4), words = key & 0xff;
	const char *name = key_name(key), *field = *name ? name : "optional header";
	*h = (struct xex_header){ key, value, name, at + 4, 4 };
	if (words <= 1)
		return ST_OK;
	h->offset = value;
	h->size = words == SIZED_BLOCK ? 4 : words * 4;
	if (value > x->header_size || h->size > x->header_size - value)
		return load_bad(l, at + 4, field, "0x%x bytes at 0x%x go past the end of the headers (0x%x bytes)", h->size,
			value, x->header_size);
	if (words != SIZED_BLOCK)
		return ST_OK;
	h->size = load_be32(x->header + value);
	if (h->size < 4)
		return load_bad(l, value, field, "a block of %u bytes, should be 4 or more with its size", h->size);
	return h->size > x->header_size - value ? xex_cut(l, value, h->size, field) : ST_OK;
}

enum status xex_read_optional(struct load *l)
{
	struct xex *x = l->img->xex;
	uint32_t count = load_be32(x->header + COUNT_AT);
	if (count > (x->header_size - TABLE_AT) / ROW_BYTES)
		return load_bad(l, COUNT_AT, "header_count", "%u optional headers do not fit into the headers (0x%x bytes)",
			count, x->header_size);
	x->headers_at = xcalloc(count, sizeof *x->headers_at);
	enum status st = ST_OK;
	for (; st == ST_OK && x->headers < count; x->headers++)
		st = read_row(l, TABLE_AT + x->headers * ROW_BYTES, &x->headers_at[x->headers]);
	return st;
}

/* ---- facts ----------------------------------------------------------------------------------------------------------- */

/* The data of optional header @key, NULL if it is not there. */
static const uint8_t *data_of(const struct load *l, uint32_t key, uint32_t *size)
{
	const struct xex_header *h = xex_header_find(l->img->xex, key);
	if (!h)
		return NULL;
	if (size)
		*size = h->size;
	return l->img->xex->header + h->offset;
}

static size_t offset_of(const struct load *l, const uint8_t *b)
{
	return (size_t)(b - l->img->xex->header);
}

static uint32_t value_of(const struct load *l, uint32_t key, uint32_t otherwise)
{
	const uint8_t *b = data_of(l, key, NULL);
	return b ? load_be32(b) : otherwise;
}

/* A name of at most @room - 1 bytes; what cannot be printed becomes a question mark. */
static void copy_name(char *out, size_t room, const uint8_t *b, size_t size)
{
	size_t n = 0;
	for (; n + 1 < room && n < size && b[n]; n++)
		out[n] = b[n] >= 0x20 && b[n] < 0x7f ? (char)b[n] : '?';
	out[n] = 0;
}

static enum status read_memory_sizes(struct load *l)
{
	struct image *img = l->img;
	const uint8_t *stack = data_of(l, XEX_KEY_DEFAULT_STACK_SIZE, NULL);
	uint32_t size = stack ? load_be32(stack) : 0;
	if (size > STACK_MAX)
		return load_bad(l, offset_of(l, stack), "DEFAULT_STACK_SIZE", "0x%x, should be at most 0x%x", size, STACK_MAX);
	img->stack_size = (size + 0xfff) & ~0xfffu;
	img->xex->heap_size = value_of(l, XEX_KEY_DEFAULT_HEAP_SIZE, 0);
	return ST_OK;
}

static enum status read_tls(struct load *l)
{
	struct image *img = l->img;
	const uint8_t *b = data_of(l, XEX_KEY_TLS_INFO, NULL);
	if (!b)
		return ST_OK;
	size_t at = offset_of(l, b);
	img->tls_slots = load_be32(b);
	img->tls_ga = load_be32(b + 4);
	img->tls_size = load_be32(b + 8);
	img->tls_raw_size = load_be32(b + 12);
	if (img->tls_slots > TLS_SLOTS_MAX)
		return load_bad(l, at, "TLS_INFO slot_count", "%u, should be at most %u", img->tls_slots, TLS_SLOTS_MAX);
	if (img->tls_size > TLS_BYTES_MAX)
		return load_bad(l, at + 8, "TLS_INFO data_size", "0x%x, should be at most 0x%x", img->tls_size, TLS_BYTES_MAX);
	if (img->tls_raw_size > img->tls_size)
		return load_bad(l, at + 12, "TLS_INFO raw_data_size", "0x%x is more than data_size 0x%x", img->tls_raw_size,
			img->tls_size);
	return ST_OK;
}

static void read_execution(struct load *l)
{
	struct xex *x = l->img->xex;
	const uint8_t *b = data_of(l, XEX_KEY_EXECUTION_INFO, NULL);
	if (!b)
		return;
	x->executed = true;
	x->execution = (struct xex_execution){ load_be32(b), load_be32(b + 4), load_be32(b + 8), load_be32(b + 12),
		load_be32(b + 20), b[16], b[17], b[18], b[19] };
}

static void read_names(struct load *l)
{
	struct xex *x = l->img->xex;
	uint32_t size;
	const uint8_t *b = data_of(l, XEX_KEY_ORIGINAL_PE_NAME, &size);
	if (b)
		copy_name(x->pe_name, sizeof x->pe_name, b + 4, size - 4);
	b = data_of(l, XEX_KEY_CHECKSUM_TIMESTAMP, NULL);
	if (b) {
		x->checksum = load_be32(b);
		x->timestamp = load_be32(b + 4);
	}
}

/* A block of records of 16 bytes behind its size; *@count = how many. */
static enum status records_of(const struct load *l, uint32_t key, const char *field, const uint8_t **b, unsigned *count)
{
	uint32_t size = 4;
	*b = data_of(l, key, &size);
	*count = (size - 4) / RECORD_BYTES;
	if (*b && (size - 4) % RECORD_BYTES)
		return load_bad(l, offset_of(l, *b), field, "0x%x bytes, should be 4 and %u for each record", size, RECORD_BYTES);
	return ST_OK;
}

static enum status read_resources(struct load *l)
{
	struct xex *x = l->img->xex;
	const uint8_t *b;
	enum status st = records_of(l, XEX_KEY_RESOURCE_INFO, "RESOURCE_INFO", &b, &x->resources);
	if (st != ST_OK || !x->resources)
		return st;
	x->resource = xcalloc(x->resources, sizeof *x->resource);
	for (unsigned i = 0; i < x->resources; i++) {
		const uint8_t *r = b + 4 + (size_t)i * RECORD_BYTES;
		copy_name(x->resource[i].name, sizeof x->resource[i].name, r, NAME_BYTES);
		x->resource[i].ga = load_be32(r + 8);
		x->resource[i].size = load_be32(r + 12);
	}
	return ST_OK;
}

static enum status read_static_libraries(struct load *l)
{
	struct xex *x = l->img->xex;
	const uint8_t *b;
	enum status st = records_of(l, XEX_KEY_STATIC_LIBRARIES, "STATIC_LIBRARIES", &b, &x->static_libraries);
	if (st != ST_OK || !x->static_libraries)
		return st;
	x->static_library = xcalloc(x->static_libraries, sizeof *x->static_library);
	for (unsigned i = 0; i < x->static_libraries; i++) {
		const uint8_t *r = b + 4 + (size_t)i * RECORD_BYTES;
		struct xex_static_library *s = &x->static_library[i];
		copy_name(s->name, sizeof s->name, r, NAME_BYTES);
		s->major = load_be16(r + 8);
		s->minor = load_be16(r + 10);
		s->build = load_be16(r + 12);
		s->approval = r[14];
		s->qfe = r[15];
	}
	return ST_OK;
}

enum status xex_read_facts(struct load *l)
{
	l->img->entry = value_of(l, XEX_KEY_ENTRY_POINT, 0);
	read_execution(l);
	read_names(l);
	enum status st = read_memory_sizes(l);
	if (st == ST_OK)
		st = read_tls(l);
	if (st == ST_OK)
		st = read_resources(l);
	return st == ST_OK ? read_static_libraries(l) : st;
}

/* ---- places ---------------------------------------------------------------------------------------------------------- */

/* A title begins in code; a library need not have an entry. */
static enum status check_entry(const struct load *l)
{
	const struct xex_header *h = xex_header_find(l->img->xex, XEX_KEY_ENTRY_POINT);
	uint32_t entry = l->img->entry;
	if (!entry && (l->img->xex->module_flags & (XEX_FLAG_DLL | XEX_FLAG_TITLE)) == XEX_FLAG_DLL)
		return ST_OK;
	if (!h)
		return load_bad(l, TABLE_AT, "ENTRY_POINT", "is not among the optional headers");
	for (unsigned i = 0; i < l->img->segments && !(entry & 3); i++) {
		const struct image_segment *s = &l->img->segment[i];
		if (entry >= s->ga && entry - s->ga < s->size && (s->protect & MEM_PROT_X))
			return ST_OK;
	}
	return load_bad(l, h->offset, "ENTRY_POINT", "%08x is not a word of a page of code", entry);
}

enum status xex_check_places(struct load *l)
{
	const struct image *img = l->img;
	const struct xex *x = img->xex;
	const uint8_t *tls = data_of(l, XEX_KEY_TLS_INFO, NULL), *resources = data_of(l, XEX_KEY_RESOURCE_INFO, NULL);
	if (img->tls_raw_size && !xex_at(l, img->tls_ga, img->tls_raw_size))
		return load_bad(l, offset_of(l, tls) + 4, "TLS_INFO raw_data_address",
			"0x%x bytes at %08x do not lie in the image", img->tls_raw_size, img->tls_ga);
	for (unsigned i = 0; i < x->resources; i++)
		if (x->resource[i].size && !xex_at(l, x->resource[i].ga, x->resource[i].size))
			return load_bad(l, offset_of(l, resources) + 12 + (size_t)i * RECORD_BYTES, "RESOURCE_INFO address",
				"0x%x bytes at %08x do not lie in the image", x->resource[i].size, x->resource[i].ga);
	return check_entry(l);
}
