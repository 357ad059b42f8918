/* tests/xexmake/header.c - everything before the body: XEX header, optional fields, security info, hashes. */
#include "config.h"

#include <stdio.h>

#include "tests/xexmake/make_priv.h"

#define FIELDS_AT 0x18u
#define FIELDS_MAX 32u
#define SECURITY_BYTES 0x184u
#define SECURITY_INFO_BYTES 0x174u /* the signed part, from 8 on */
#define DESCRIPTOR_BYTES 0x18u
#define HEADER_ALIGN 0x1000u
#define LIBRARIES_MAX 32u
#define IMAGE_SMALL_PAGES 0x10000000u
#define TLS_SLOTS 240u /* with the 64 bytes: as much as a title without static TLS has for each thread */
#define MODULE_TITLE 1u
#define MODULE_EXPORTS 2u
#define MODULE_DLL 8u
#define MODULE_PATCH 0x10u
#define MODULE_DELTA 0x40u

/* An optional field: its value, or data somewhere in the header. */
struct field {
	uint32_t key, value;
	struct bytes data;
};

struct head {
	const struct layout *l;
	struct field field[FIELDS_MAX];
	unsigned fields;
	uint8_t imports_digest[SHA1_BYTES];
	unsigned libraries;
	const struct patch_head *patch;
};

static struct bytes *field_data(struct head *h, uint32_t key)
{
	INVARIANT(h->fields < FIELDS_MAX);
	h->field[h->fields] = (struct field){ .key = key };
	return &h->field[h->fields++].data;
}

static void field_value(struct head *h, uint32_t key, uint32_t value)
{
	field_data(h, key);
	h->field[h->fields - 1].value = value;
}

static void field_words(struct head *h, uint32_t key, const uint32_t *word, unsigned n)
{
	struct bytes *o = field_data(h, key);
	for (unsigned i = 0; i < n; i++)
		bytes_be32(o, word[i]);
}
#define FIELD_WORDS(h, key, ...) \
	field_words(h, key, (const uint32_t[]){ __VA_ARGS__ }, sizeof((const uint32_t[]){ __VA_ARGS__ }) / 4)

/* A field whose data begin with their size. */
static void field_sized(struct head *h, uint32_t key, const void *p, size_t n)
{
	struct bytes *o = field_data(h, key);
	bytes_be32(o, (uint32_t)(n + 4 + (4 - n % 4) % 4));
	bytes_add(o, p, n);
	bytes_align(o, 4);
}

/* ---- imports ------------------------------------------------------------------------------------------------------------------------ */

/* The library that an import record in the image names by its number. */
static unsigned library_of(const struct layout *l, const struct image_import *i)
{
	return l->image.b[i->ga - l->base + 1];
}

static void library_put(const struct layout *l, unsigned library, unsigned count, struct bytes *o)
{
	size_t at = o->size;
	bytes_be32(o, 0x28 + count * 4);
	bytes_more(o, SHA1_BYTES);
	bytes_be32(o, 0x12340000 + library);
	bytes_be32(o, XEX_VERSION(2, 0, 2888));
	bytes_be32(o, XEX_VERSION(2, 0, 1861));
	bytes_be16(o, library);
	bytes_be16(o, count);
	for (unsigned i = 0; i < l->elf->imports; i++) {
		if (library_of(l, &l->elf->import[i]) == library)
			bytes_be32(o, l->elf->import[i].ga);
	}
	INVARIANT(o->size - at == 0x28 + count * 4);
}

/* Each library has the hash of the next one. */
static void libraries_hash(struct head *h, struct bytes *o, const size_t *at)
{
	memset(h->imports_digest, 0, SHA1_BYTES);
	for (unsigned i = h->libraries; i-- > 0;) {
		memcpy(o->b + at[i] + 4, h->imports_digest, SHA1_BYTES);
		sha1_of(o->b + at[i] + 4, load_be32(o->b + at[i]) - 4, NULL, 0, h->imports_digest);
	}
}

static enum status imports_put(struct head *h)
{
	const struct layout *l = h->l;
	unsigned count[LIBRARIES_MAX] = { 0 }, strings = 0;
	char name[LIBRARIES_MAX][40];
	size_t at[LIBRARIES_MAX];
	for (unsigned i = 0; i < l->elf->imports; i++) {
		unsigned library = library_of(l, &l->elf->import[i]);
		if (library >= LIBRARIES_MAX)
			return err_set(l->err, ST_UNSUPPORTED, "%s: more than %u libraries", l->elf->name, LIBRARIES_MAX);
		bool kernel = strcmp(l->elf->import[i].library, "xboxkrnl") == 0;
		snprintf(name[library], sizeof name[library], "%s.%s", l->elf->import[i].library, kernel ? "exe" : "xex");
		count[library]++;
		strings = library < strings ? strings : library + 1;
	}
	if (!strings)
		return ST_OK;
	struct bytes *o = field_data(h, 0x000103FF);
	bytes_more(o, 12);
	for (unsigned i = 0; i < strings; i++) {
		const char *s = count[i] ? name[i] : "none.xex";
		bytes_add(o, s, strlen(s) + 1);
		bytes_align(o, 4);
	}
	store_be32(o->b + 4, (uint32_t)o->size - 12);
	store_be32(o->b + 8, strings);
	for (unsigned i = 0; i < strings; i++) {
		if (!count[i])
			continue;
		at[h->libraries++] = o->size;
		library_put(l, i, count[i], o);
	}
	store_be32(o->b, (uint32_t)o->size);
	libraries_hash(h, o, at);
	return ST_OK;
}

/* ---- the other fields --------------------------------------------------------------------------------------------------------------- */

static void resources_put(struct head *h)
{
	const struct layout *l = h->l;
	uint8_t data[16];
	char id[9];
	snprintf(id, sizeof id, "%08X", TITLE_ID);
	memcpy(data, id, 8);
	store_be32(data + 8, l->resource_ga);
	store_be32(data + 12, l->resource_bytes);
	field_sized(h, 0x000002FF, data, sizeof data);
}

static void libraries_put(struct head *h)
{
	struct bytes o = { 0 };
	static const char *const name[] = { "XAPILIB", "XBOXKRNL", "LIBCMT" };
	for (unsigned i = 0; i < ARRAY_LEN(name); i++) {
		memcpy(bytes_more(&o, 8), name[i], strlen(name[i]));
		bytes_be16(&o, 2);
		bytes_be16(&o, 0);
		bytes_be16(&o, 2888);
		bytes_be16(&o, 0x4000); /* approved */
	}
	field_sized(h, 0x000200FF, o.b, o.size);
	bytes_free(&o);
}

/* The media, versions (its own, the base's), the title, disc 1 of 1. */
static void execution_put(struct head *h)
{
	FIELD_WORDS(h, 0x00040006, 0x12345678, h->patch ? VERSION_TO : VERSION_FROM, VERSION_FROM, TITLE_ID, 0x00000101, 0);
}

static void features_put(struct head *h)
{
	const struct layout *l = h->l;
	uint32_t with = l->spec->features;
	if (with & MAKE_WITH(RESOURCES))
		resources_put(h);
	if (with & MAKE_WITH(PATH))
		field_sized(h, 0x000080FF, "\\Device\\Cdrom0\\default.xex", 27);
	if (!(with & MAKE_WITH(NOBASE)))
		field_value(h, 0x00010201, l->base);
	if (with & MAKE_WITH(CHECKSUM))
		FIELD_WORDS(h, 0x00018002, 0, 0x4D5A9000);
	if (with & MAKE_WITH(NAME))
		field_sized(h, 0x000183FF, l->elf->name, strlen(l->elf->name) + 1);
	if (with & MAKE_WITH(LIBRARIES))
		libraries_put(h);
	if (with & MAKE_WITH(TLS))
		FIELD_WORDS(h, 0x00020104, TLS_SLOTS, l->tls_ga, l->tls_bytes * 2, l->tls_bytes);
	field_value(h, 0x00020200, l->elf->stack_size);
	if (with & MAKE_WITH(HEAP))
		field_value(h, 0x00020401, 0x100000);
	if (with & MAKE_WITH(FLAGS)) {
		field_value(h, 0x00030000, 0x00000400);
		field_value(h, 0x00030100, 0x00000001);
	}
	if (with & MAKE_WITH(EXECUTION))
		execution_put(h);
	if (with & MAKE_WITH(UNKNOWN)) {
		field_value(h, 0x00123400, 1);
		field_value(h, 0x00123501, 2);
		FIELD_WORDS(h, 0x00123603, 1, 2, 3);
		field_sized(h, 0x001237FF, "nobody knows", 12);
	}
	if (l->directory_ga)
		FIELD_WORDS(h, 0x00E10402, l->directory_ga - l->base, l->directory_bytes);
}

static int field_order(const void *va, const void *vb)
{
	const struct field *a = va, *b = vb;
	return (a->key > b->key) - (a->key < b->key);
}

static enum status fields_make(struct head *h, const struct bytes *format)
{
	bytes_add(field_data(h, 0x000003FF), format->b, format->size);
	field_value(h, 0x00010100, h->l->elf->entry);
	if (h->patch) {
		bytes_add(field_data(h, 0x000005FF), h->patch->descriptor.b, h->patch->descriptor.size);
		execution_put(h);
		qsort(h->field, h->fields, sizeof h->field[0], field_order);
		return ST_OK;
	}
	enum status st = imports_put(h);
	features_put(h);
	qsort(h->field, h->fields, sizeof h->field[0], field_order);
	return st;
}

/* ---- security info -------------------------------------------------------------------------------------------------------------------- */

/* One for each range of pages of one kind, or for each page. */
static unsigned descriptors_put(const struct layout *l, struct bytes *o)
{
	unsigned n = 0;
	for (uint32_t p = 0, end, pages = l->size / l->page; p < pages; p = end, n++) {
		for (end = p + 1; end < pages && l->page_kind[end] == l->page_kind[p] && !has(l, MAKE_WITH(PAGES)); end++)
			;
		bytes_be32(o, (end - p) << 4 | l->page_kind[p]);
		bytes_more(o, SHA1_BYTES);
	}
	return n;
}

/* Each descriptor has the hash of the next one and its pages. */
static void descriptors_hash(const struct layout *l, uint8_t *descriptor, unsigned n, uint8_t *first)
{
	uint8_t digest[SHA1_BYTES] = { 0 };
	const uint8_t *pages = l->image.b + l->size;
	for (unsigned i = n; i-- > 0;) {
		uint8_t *d = descriptor + i * DESCRIPTOR_BYTES;
		size_t size = (size_t)(load_be32(d) >> 4) * l->page;
		memcpy(d + 4, digest, SHA1_BYTES);
		pages -= size;
		sha1_of(pages, size, d, DESCRIPTOR_BYTES, digest);
	}
	memcpy(first, digest, SHA1_BYTES);
}

static void security_put(const struct head *h, struct bytes *out)
{
	const struct layout *l = h->l;
	size_t at = out->size;
	uint8_t key[16];
	bytes_more(out, SECURITY_BYTES);
	unsigned n = descriptors_put(l, out);
	uint8_t *s = out->b + at;
	store_be32(s, (uint32_t)(out->size - at));
	store_be32(s + 0x4, l->size);
	store_be32(s + 0x108, SECURITY_INFO_BYTES);
	store_be32(s + 0x10C, l->spec->small_pages ? IMAGE_SMALL_PAGES : 0);
	store_be32(s + 0x110, l->base);
	store_be32(s + 0x128, h->libraries);
	memcpy(s + 0x12C, h->imports_digest, SHA1_BYTES);
	image_key(key);
	key_wrap(h->patch ? key : l->spec->key, h->patch ? h->patch->key : key, s + 0x150);
	store_be32(s + 0x160, l->exports_ga);
	store_be32(s + 0x178, 0xFFFFFFFF); /* all regions, all media */
	store_be32(s + 0x17C, 0xFFFFFFFF);
	store_be32(s + 0x180, n);
	descriptors_hash(l, s + SECURITY_BYTES, n, s + 0x114);
}

/* ---- all of it ------------------------------------------------------------------------------------------------------------------------ */

static void fields_put(struct head *h, struct bytes *out)
{
	for (unsigned i = 0; i < h->fields; i++) {
		struct field *f = &h->field[i];
		if (f->data.size)
			f->value = (uint32_t)out->size;
		store_be32(out->b + FIELDS_AT + i * 8, f->key);
		store_be32(out->b + FIELDS_AT + i * 8 + 4, f->value);
		bytes_add(out, f->data.b, f->data.size);
		bytes_align(out, 4);
	}
}

static uint32_t module_flags(const struct head *h)
{
	if (h->patch)
		return MODULE_TITLE | MODULE_PATCH | MODULE_DELTA;
	if (has(h->l, MAKE_WITH(DLL)))
		return MODULE_DLL;
	return MODULE_TITLE | (h->l->exports_ga ? MODULE_EXPORTS : 0);
}

enum status header_make(const struct layout *l, const struct bytes *format, const struct patch_head *patch, struct bytes *out)
{
	struct head h = { .l = l, .patch = patch };
	enum status st = fields_make(&h, format);
	if (st == ST_OK) {
		bytes_more(out, FIELDS_AT + h.fields * 8);
		bytes_align(out, 16);
		size_t security = out->size;
		security_put(&h, out);
		fields_put(&h, out);
		bytes_align(out, HEADER_ALIGN);
		memcpy(out->b, "XEX2", 4);
		store_be32(out->b + 0x4, module_flags(&h));
		store_be32(out->b + 0x8, (uint32_t)out->size);
		store_be32(out->b + 0x10, (uint32_t)security);
		store_be32(out->b + 0x14, h.fields);
		size_t rest = security + 8 + SECURITY_INFO_BYTES;
		sha1_of(out->b + rest, out->size - rest, out->b, security + 8, out->b + security + 0x164);
		for (unsigned i = 0; i + SHA1_BYTES <= 0x100;
			i += SHA1_BYTES) /* who has no key cannot sign; but no two images have the same */
			memcpy(out->b + security + 8 + i, out->b + security + 0x164, SHA1_BYTES);
	}
	for (unsigned i = 0; i < h.fields; i++)
		bytes_free(&h.field[i].data);
	return st;
}
