/* ui/inspect/fill_xex.c - the tables of what a title is, and of what the headers of a XEX2 image say. */
#include "config.h"

#include "ui/inspect/inspect.h"

#include <time.h>

#include "src/load/xex.h"

#define VERSION_TEXT 40
#define SCN_EXECUTE 0x20000000u /* IMAGE_SCN_MEM_*, PE and COFF specification */
#define SCN_READ 0x40000000u
#define SCN_WRITE 0x80000000u

/* NULL with a note if the title is none. */
static const struct xex *xex_of(struct table *t, const struct query *q)
{
	const struct xex *x = q->machine->image ? q->machine->image->xex : NULL;
	if (!x)
		table_note(t, "the title is not a XEX2 image");
	return x;
}

static void put_version(struct table *t, uint32_t v)
{
	put_strf(t, "%u.%u.%u.%u", XEX_VERSION_MAJOR(v), XEX_VERSION_MINOR(v), XEX_VERSION_BUILD(v), XEX_VERSION_QFE(v));
}

/* What a header does not say has no value. */
static void put_hex_if(struct table *t, bool said, uint64_t v)
{
	if (said)
		put_hex(t, v);
	else
		put_none(t);
}

void fill_title(struct table *t, const struct query *q)
{
	const struct image *img = q->machine->image;
	if (!img)
		return;
	put_str(t, img->name);
	put_str(t, img->xex ? "XEX2" : "ELF");
	put_hex(t, img->base);
	put_hex(t, img->size);
	if (img->entry)
		put_symbol(t, img, img->entry);
	else
		put_none(t);
	put_hex_if(t, img->stack_size, img->stack_size);
	put_hex_if(t, img->xex && img->xex->heap_size, img->xex ? img->xex->heap_size : 0);
	put_hex_if(t, img->tls_ga, img->tls_ga);
	put_hex_if(t, img->tls_ga, img->tls_raw_size);
	put_hex_if(t, img->tls_size, img->tls_size);
	if (img->tls_slots)
		put_u64(t, img->tls_slots);
	else
		put_none(t);
	put_u64(t, img->imports);
	put_u64(t, img->symbols);
	put_u64(t, img->functions);
	put_hex(t, img->digest);
	put_hex(t, image_digest(img));
}

static void put_flags(struct table *t, uint32_t flags)
{
	static const struct {
		uint32_t bit;
		const char *word;
	} rows[] = {
#define XEX_FLAG(bit, name, word) { bit, word },
		XEX_FLAGS(XEX_FLAG)
#undef XEX_FLAG
	};
	char words[WORDS_TEXT] = "";
	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		if (flags & rows[i].bit) {
			if (*words)
				strcat(words, " ");
			strcat(words, rows[i].word);
		}
	}
	put_words(t, words);
}

static void put_time(struct table *t, uint32_t seconds)
{
	char text[40];
	time_t when = seconds;
	struct tm tm;
	if (seconds && gmtime_r(&when, &tm) && strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm))
		put_str(t, text);
	else
		put_none(t);
}

static void put_form(struct table *t, const struct xex *x)
{
	static const char *const compression[] = {
		[XEX_UNCOMPRESSED] = "none", [XEX_BASIC] = "basic (zeros left out)", [XEX_LZX] = "LZX"
	};
	put_str(t, compression[x->compression]);
	put_str(t, x->encryption == XEX_PLAIN ? "none"
		   : x->built_in_key          ? "AES-128, key of development kits"
					      : "AES-128, the key given");
	if (x->patched)
		put_strf(t, "from %u.%u.%u.%u to %u.%u.%u.%u", XEX_VERSION_MAJOR(x->source_version),
			XEX_VERSION_MINOR(x->source_version), XEX_VERSION_BUILD(x->source_version),
			XEX_VERSION_QFE(x->source_version), XEX_VERSION_MAJOR(x->target_version),
			XEX_VERSION_MINOR(x->target_version), XEX_VERSION_BUILD(x->target_version),
			XEX_VERSION_QFE(x->target_version));
	else
		put_none(t);
}

static void put_execution(struct table *t, const struct xex *x)
{
	const struct xex_execution *e = &x->execution;
	if (!x->executed) {
		for (unsigned i = 0; i < 7; i++)
			put_none(t);
		return;
	}
	put_hex(t, e->title_id);
	put_hex(t, e->media_id);
	put_version(t, e->version);
	put_version(t, e->base_version);
	put_strf(t, "%u of %u", e->disc_number, e->disc_count);
	put_u64(t, e->platform);
	put_hex(t, e->savegame_id);
}

static void put_hashes(struct table *t, const struct xex *x)
{
	static const char *const verdict[] = {
		[XEX_HASH_NOT_THERE] = "not there", [XEX_HASH_GOOD] = "good", [XEX_HASH_BAD] = "bad"
	};
	put_str(t, verdict[x->headers_hash]);
	put_str(t, verdict[x->pages_hash]);
	put_str(t, verdict[x->imports_hash]);
	put_str(t, "not checked");
}

void fill_xex(struct table *t, const struct query *q)
{
	const struct xex *x = xex_of(t, q);
	if (!x)
		return;
	put_flags(t, x->module_flags);
	put_hex(t, x->image_flags);
	put_hex(t, x->header_size);
	put_hex(t, x->security_offset);
	put_hex(t, x->load_address);
	put_hex(t, x->page_bytes);
	put_u64(t, x->descriptors);
	put_form(t, x);
	put_hex(t, x->region);
	put_hex(t, x->media_types);
	put_str(t, x->pe_name);
	put_time(t, x->timestamp);
	put_hex_if(t, xex_header_find(x, XEX_KEY_CHECKSUM_TIMESTAMP), x->checksum);
	put_execution(t, x);
	put_hashes(t, x);
}

void fill_headers(struct table *t, const struct query *q)
{
	static const struct {
		uint32_t key;
		const char *what;
	} rows[] = {
#define XEX_HEADER(key, name, what) { key, what },
#include "src/load/xex_header.def"
#undef XEX_HEADER
	};
	const struct xex *x = xex_of(t, q);
	for (unsigned i = 0; x && i < x->headers; i++) {
		const struct xex_header *h = &x->headers_at[i];
		const char *what = "";
		for (unsigned k = 0; k < ARRAY_LEN(rows); k++)
			if (rows[k].key == h->key)
				what = rows[k].what;
		put_hex(t, h->key);
		put_hex(t, h->value);
		put_hex(t, h->offset);
		put_hex(t, h->size);
		put_str(t, h->name);
		put_str(t, what);
	}
}

void fill_pesections(struct table *t, const struct query *q)
{
	const struct xex *x = xex_of(t, q);
	for (unsigned i = 0; x && i < x->sections; i++) {
		const struct xex_section *s = &x->section[i];
		put_str(t, s->name);
		put_hex(t, s->ga);
		put_hex(t, s->size);
		put_strf(t, "%c%c%c", s->flags & SCN_READ ? 'r' : '-', s->flags & SCN_WRITE ? 'w' : '-',
			s->flags & SCN_EXECUTE ? 'x' : '-');
		put_hex(t, s->flags);
	}
}

void fill_libraries(struct table *t, const struct query *q)
{
	const struct xex *x = xex_of(t, q);
	for (unsigned i = 0; x && i < x->libraries; i++) {
		put_str(t, x->library[i].name);
		put_version(t, x->library[i].version);
		put_version(t, x->library[i].version_min);
		put_u64(t, x->library[i].records);
	}
}

void fill_linked(struct table *t, const struct query *q)
{
	const struct xex *x = xex_of(t, q);
	for (unsigned i = 0; x && i < x->static_libraries; i++) {
		const struct xex_static_library *s = &x->static_library[i];
		put_str(t, s->name);
		put_strf(t, "%u.%u.%u.%u", s->major, s->minor, s->build, s->qfe);
		put_u64(t, s->approval);
	}
}

void fill_resources(struct table *t, const struct query *q)
{
	const struct xex *x = xex_of(t, q);
	for (unsigned i = 0; x && i < x->resources; i++) {
		put_str(t, x->resource[i].name);
		put_hex(t, x->resource[i].ga);
		put_hex(t, x->resource[i].size);
	}
}

void fill_ordinals(struct table *t, const struct query *q)
{
	const struct xex *x = xex_of(t, q);
	for (unsigned i = 0; x && i < x->exports; i++) {
		put_hex(t, x->export[i].ordinal);
		put_code(t, q->machine, x->export[i].ga);
	}
}

void fill_functions(struct table *t, const struct query *q)
{
	const struct image *img = q->machine->image;
	for (unsigned i = 0; img && i < img->functions; i++) {
		put_symbol(t, img, img->function[i].ga);
		put_u64(t, img->function[i].size);
		put_u64(t, img->function[i].prolog);
		put_bool(t, img->function[i].handler);
	}
}
