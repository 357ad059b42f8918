/* src/load/image.c - images as the rest of wedge sees them: opening, symbols, giving back; the formats are in files of their own. */
#include "config.h"

#include "src/load/image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <xxhash.h>

#include "src/load/dwarf.h"
#include "src/load/load_priv.h"
#include "src/load/xex.h"

#define FILE_BYTES_MAX (256u << 20) /* an image with all its debug information */
#define NESTING_MAX 256             /* symbols looked at behind the nearest one */

void load_say(const struct load *l, size_t offset, const char *field, const char *fmt, ...)
{
	char what[320];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	(void)!err_set(l->err, ST_BAD_IMAGE, "%.120s: offset 0x%zx: %s: %s", l->name, offset, field, what);
}

const uint8_t *load_bytes_at(const struct load *l, uint32_t ga, uint32_t size)
{
	for (unsigned i = 0; i < l->img->segments; i++) {
		const struct image_segment *s = &l->img->segment[i];
		if (ga >= s->ga && ga - s->ga < s->file_size && size <= s->file_size - (ga - s->ga))
			return s->bytes + (ga - s->ga);
	}
	return NULL;
}

/* ---- reading ---------------------------------------------------------------------------------------------------- */

/* Takes over @bytes. */
static enum status parse(
	const char *name, uint8_t *bytes, size_t size, const struct xex_options *o, struct image **out, struct err *err)
{
	struct image *img = xcalloc(1, sizeof *img);
	struct load l = { img, name, err };
	const char *slash = strrchr(name, '/');
	enum status st;
	img->path = xstrdup(name);
	snprintf(img->name, sizeof img->name, "%s", slash && slash[1] ? slash + 1 : name);
	img->file = bytes;
	img->file_size = size;
	img->stack_size = IMAGE_STACK_DEFAULT;
	img->digest = XXH3_64bits(bytes, size);
	if (size == 0)
		st = err_set(err, ST_BAD_IMAGE, "%.120s: the file is empty", name);
	else if (size >= 4 && memcmp(bytes, "XEX2", 4) == 0)
		st = xex_load(&l, o);
	else if (o && (o->key || o->patch))
		st = err_set(err, ST_BAD_USAGE, "%.120s: not a XEX2 image: --%s means nothing to it", name,
			o->key ? "xex-key" : "patch");
	else
		st = elf_load(&l);
	if (st == ST_OK)
		*out = img;
	else
		image_free(img);
	return st;
}

enum status xex_open(
	const uint8_t *bytes, size_t size, const struct xex_options *o, const char *name, struct image **out, struct err *err)
{
	uint8_t *copy = xmalloc(size);
	if (size)
		memcpy(copy, bytes, size);
	return parse(name, copy, size, o, out, err);
}

enum status image_parse(const char *name, const uint8_t *bytes, size_t size, struct image **out, struct err *err)
{
	return xex_open(bytes, size, NULL, name, out, err);
}

/* The whole of @fd in new memory, or NULL. */
static uint8_t *read_all(int fd, const char *path, size_t *size, struct err *err)
{
	struct stat sb;
	if (fstat(fd, &sb) != 0) {
		err_set(err, ST_IO, "%.200s: cannot read: %s", path, strerror(errno));
		return NULL;
	}
	if (!S_ISREG(sb.st_mode)) {
		err_set(err, ST_IO, "%.200s: cannot read: not a regular file", path);
		return NULL;
	}
	if (sb.st_size > (off_t)FILE_BYTES_MAX) {
		err_set(err, ST_IO, "%.200s: %lld bytes are more than an image may have (%u)", path, (long long)sb.st_size,
			FILE_BYTES_MAX);
		return NULL;
	}
	uint8_t *bytes = xmalloc((size_t)sb.st_size + 1);
	ssize_t n = 1;
	for (*size = 0; n != 0 && *size < (size_t)sb.st_size; *size += (size_t)n) {
		n = read(fd, bytes + *size, (size_t)sb.st_size - *size);
		if (n < 0) {
			err_set(err, ST_IO, "%.200s: cannot read: %s", path, strerror(errno));
			free(bytes);
			return NULL;
		}
	}
	bytes[*size] = 0;
	return bytes;
}

enum status load_file(const char *path, uint8_t **bytes, size_t *size, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	*size = 0;
	if (fd < 0)
		return err_set(err, ST_IO, "%.200s: cannot open: %s", path, strerror(errno));
	*bytes = read_all(fd, path, size, err);
	close(fd);
	return *bytes ? ST_OK : ST_IO;
}

/* Symbols from title.map beside title.xex, if it is there; one that cannot be read is as good as none. */
static void read_map(struct image *img)
{
	uint8_t *text;
	size_t size, stem = strlen(img->path);
	const char *dot = strrchr(img->path, '.');
	if (dot && !strchr(dot, '/'))
		stem = (size_t)(dot - img->path);
	char *path = xmalloc(stem + sizeof ".map");
	memcpy(path, img->path, stem);
	memcpy(path + stem, ".map", sizeof ".map");
	if (strcmp(path, img->path) != 0 && load_file(path, &text, &size, NULL) == ST_OK) {
		map_load(img, (char *)text, SYMBOL_TITLE);
	}
	free(path);
}

enum status image_open_with(const char *path, const struct image_options *o, struct image **out, struct err *err)
{
	uint8_t key[XEX_KEY_BYTES], *bytes, *patch = NULL;
	size_t size, patch_size = 0;
	enum status st = o && o->key ? xex_key_read(o->key, key, err) : ST_OK;
	if (st == ST_OK && o && o->patch)
		st = load_file(o->patch, &patch, &patch_size, err);
	if (st == ST_OK)
		st = load_file(path, &bytes, &size, err);
	if (st == ST_OK) {
		const struct xex_options xo = { o && o->key ? key : NULL, o ? o->patch : NULL, patch, patch_size };
		st = parse(path, bytes, size, &xo, out, err);
	}
	if (st == ST_OK && (*out)->xex)
		read_map(*out);
	else if (st == ST_OK)
		dwarf_read(*out, (*out)->file, (*out)->file_size, false);
	free(patch);
	return st;
}

enum status image_open(const char *path, struct image **out, struct err *err)
{
	return image_open_with(path, NULL, out, err);
}

void image_free(struct image *img)
{
	if (!img)
		return;
	for (unsigned i = 0; !img->xex && i < img->segments; i++)
		free((void *)(uintptr_t)img->segment[i].bytes);
	xex_free(img->xex);
	free(img->segment);
	free(img->import);
	free(img->symbol);
	free(img->function);
	for (unsigned i = 0; i < img->texts; i++)
		free(img->text[i]);
	free(img->text);
	dwarf_free(img->dwarf);
	free(img->file);
	free(img->path);
	free(img);
}

uint64_t image_digest(const struct image *img)
{
	XXH3_state_t *state = XXH3_createState();
	INVARIANT(state && XXH3_64bits_reset(state) == XXH_OK);
	for (unsigned i = 0; i < img->segments; i++) {
		const struct image_segment *s = &img->segment[i];
		uint32_t n = s->file_size;
		while (n && !s->bytes[n - 1])
			n--; /* zeros at the end are the same, in the file or not */
		const uint32_t facts[] = { s->ga, s->size, s->protect, n };
		XXH3_64bits_update(state, facts, sizeof facts);
		XXH3_64bits_update(state, s->bytes, n);
	}
	uint64_t digest = XXH3_64bits_digest(state);
	XXH3_freeState(state);
	return digest;
}

/* ---- symbols ------------------------------------------------------------------------------------------------------- */

/* Best last: image_symbol_at looks from behind. */
static int symbol_order(const void *va, const void *vb)
{
	const struct image_symbol *a = va, *b = vb;
	if (a->ga != b->ga)
		return a->ga < b->ga ? -1 : 1;
	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	if ((a->size != 0) != (b->size != 0))
		return a->size ? 1 : -1;
	if (a->function != b->function)
		return a->function ? 1 : -1;
	return strcmp(b->name, a->name);
}

void load_sort_symbols(struct image *img)
{
	if (img->symbols)
		qsort(img->symbol, img->symbols, sizeof *img->symbol, symbol_order);
}

/* How many symbols lie at or below @ga. */
static unsigned symbols_upto(const struct image *img, uint32_t ga)
{
	unsigned low = 0, high = img->symbols;
	while (low < high) {
		unsigned mid = low + (high - low) / 2;
		if (img->symbol[mid].ga <= ga)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

const struct image_symbol *image_symbol_at(const struct image *img, uint32_t ga, uint32_t *offset)
{
	unsigned n = symbols_upto(img, ga);
	const struct image_function *f = image_function_at(img, ga);
	for (unsigned i = n, left = NESTING_MAX; i-- > 0 && left-- > 0;) {
		const struct image_symbol *s = &img->symbol[i];
		bool covers = s->size ? ga - s->ga < s->size : s->ga == img->symbol[n - 1].ga && ga - img->base < img->size;
		/* .pdata knows where functions begin: no symbol without a size goes beyond. */
		if (!covers || (!s->size && f && f->ga > s->ga))
			continue;
		if (offset)
			*offset = ga - s->ga;
		return s;
	}
	return NULL;
}

const struct image_function *image_function_at(const struct image *img, uint32_t ga)
{
	unsigned low = 0, high = img->functions;
	while (low < high) {
		unsigned mid = low + (high - low) / 2;
		if (img->function[mid].ga <= ga)
			low = mid + 1;
		else
			high = mid;
	}
	return low && ga - img->function[low - 1].ga < img->function[low - 1].size ? &img->function[low - 1] : NULL;
}

bool image_bounds_at(const struct image *img, uint32_t ga, uint32_t *begin, uint32_t *end)
{
	const struct image_function *f = img ? image_function_at(img, ga) : NULL;
	const struct image_symbol *s = img && !f ? image_symbol_at(img, ga, NULL) : NULL;
	if (f) {
		*begin = f->ga;
		*end = f->ga + f->size;
		return true;
	}
	if (!s || !s->function)
		return false;
	unsigned next = symbols_upto(img, ga);
	*begin = s->ga;
	*end = s->size ? s->ga + s->size : next < img->symbols ? img->symbol[next].ga : img->base + img->size;
	return true;
}

const struct image_symbol *image_symbol_find(const struct image *img, const char *name)
{
	for (unsigned i = 0; i < img->symbols; i++) {
		if (strcmp(img->symbol[i].name, name) == 0)
			return &img->symbol[i];
	}
	return NULL;
}
