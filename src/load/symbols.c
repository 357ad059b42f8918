/* src/load/symbols.c - see symbols.h; ELF tables are in elf_names.c, lines of a linker's map in map.c. */
#include "config.h"

#include "src/load/symbols.h"

#include <stdio.h>
#include <stdlib.h>

#include "src/load/dwarf.h"
#include "src/load/load_priv.h"

#define SYMBOLS_MAX (1u << 21)

char *load_keep_text(struct image *img, char *text)
{
	img->text = xrealloc(img->text, (img->texts + 1) * sizeof *img->text);
	return img->text[img->texts++] = text;
}

bool load_add_symbol(struct image *img, const struct image_symbol *s)
{
	if (img->symbols >= SYMBOLS_MAX)
		return false;
	if (img->symbols >= img->symbol_room) {
		img->symbol_room = img->symbol_room < 128 ? 256 : 2 * img->symbol_room;
		img->symbol = xrealloc(img->symbol, img->symbol_room * sizeof *img->symbol);
	}
	img->symbol[img->symbols++] = *s;
	return true;
}

/* ---- lists ---------------------------------------------------------------------------------------------------------------------- */

/* "82001234", "0x82001234", "0000000082001234". */
static bool address(const char *word, uint32_t *v)
{
	uint32_t high = 0;
	if (word[0] == '0' && (word[1] == 'x' || word[1] == 'X'))
		word += 2;
	if (strlen(word) == 16)
		return load_hex(word, 8, &high) && !high && load_hex(word + 8, 8, v);
	return strlen(word) == 8 && load_hex(word, 8, v);
}

static bool is_type(const char *word)
{
	return word[0] && !word[1] && strchr("AaBbCcDdGgiNnRrSsTtUuVvWw?-", word[0]);
}

/* "ADDRESS [SIZE] [TYPE] NAME". */
static bool list_line(const struct image *img, char *line, struct image_symbol *s)
{
	char *first = load_word(&line), *second = first ? load_word(&line) : NULL;
	uint32_t size = 0;
	if (!second || !address(first, &s->ga))
		return false;
	line += strspn(line, " \t");
	if (*line && address(second, &size)) {
		second = load_word(&line);
		line += strspn(line, " \t");
	}
	bool typed = *line && is_type(second);
	line[strcspn(line, "\r")] = 0;
	s->name = typed ? line : second;
	s->size = size;
	s->function = typed && strchr("TtWwi", second[0]) ? true : !typed && load_is_code(img, s->ga);
	return *s->name && strlen(s->name) <= SYMBOL_NAME_MAX && (typed || !*line);
}

static bool any_line(const struct image *img, char *line, struct image_symbol *s)
{
	uint32_t ignored;
	const char *p = line + strspn(line, " \t");
	return load_hex(p, 4, &ignored) && p[4] == ':' ? map_line(img, line, s) : list_line(img, line, s);
}

/* Nothing that should be a symbol: empty, a comment, a name without an address (nm's U). */
static bool is_nothing(const char *line)
{
	const char *p = line + strspn(line, " \t\r");
	return !*p || *p == '#' || ((*p == 'U' || *p == 'w') && p[1] == ' ');
}

static void read_text(struct image *img, char *text, struct symbols_read *out)
{
	for (char *line = text, *next; line; line = next) {
		struct image_symbol s = { .from = SYMBOL_FILE };
		next = strchr(line, '\n');
		if (next)
			*next++ = 0;
		if (is_nothing(line))
			continue;
		if (any_line(img, line, &s) && load_add_symbol(img, &s))
			out->symbols++;
		else
			out->skipped++;
	}
}

/* What a file says again is not said twice. The symbols are sorted: those of the title come before those of files. */
static void drop_repeated(struct image *img)
{
	unsigned kept = 0;
	for (unsigned i = 0; i < img->symbols; i++) {
		const struct image_symbol *s = &img->symbol[i];
		bool again = false;
		for (unsigned k = kept; k-- > 0 && img->symbol[k].ga == s->ga && !again;)
			again = s->from == SYMBOL_FILE && !strcmp(img->symbol[k].name, s->name);
		if (!again)
			img->symbol[kept++] = *s;
	}
	img->symbols = kept;
}

/* ---- files ---------------------------------------------------------------------------------------------------------------------- */

enum status image_symbols_read(struct image *img, const char *path, struct symbols_read *out, struct err *err)
{
	uint8_t *bytes;
	size_t size;
	*out = (struct symbols_read){ 0 };
	enum status st = load_file(path, &bytes, &size, err);
	if (st != ST_OK)
		return st;
	bool elf = size >= 4 && !memcmp(bytes, "\177ELF", 4), kept = false;
	if (elf) {
		out->symbols = elf_load_names(img, bytes, size, SYMBOL_FILE);
		kept = dwarf_read(img, bytes, size, true);
		out->lines = kept && img->dwarf->rows;
	} else if (!memchr(bytes, 0, size)) {
		read_text(img, (char *)bytes, out);
	}
	if (!out->symbols && !kept)
		free(bytes);
	else if (!kept)
		load_keep_text(img, (char *)bytes);
	image_symbols_sort(img);
	drop_repeated(img);
	if (out->symbols || kept)
		return ST_OK;
	if (elf)
		return err_set(
			err, ST_BAD_IMAGE, "%.200s: no symbols of a 32-bit big-endian program, and no debug information", path);
	return err_set(err, ST_BAD_IMAGE,
		"%.200s: no symbols: neither an ELF file, nor a linker's map, nor lines of ADDRESS NAME", path);
}

/* ---- the user's ------------------------------------------------------------------------------------------------------------------- */

static bool is_name(const char *name)
{
	size_t n = strlen(name);
	for (size_t i = 0; i < n; i++)
		if (name[i] <= ' ' || name[i] > '~')
			return false;
	return n && n <= SYMBOL_NAME_MAX && !(name[0] >= '0' && name[0] <= '9') && name[0] != '$';
}

static void remove_at(struct image *img, unsigned i)
{
	memmove(&img->symbol[i], &img->symbol[i + 1], (--img->symbols - i) * sizeof *img->symbol);
}

enum status image_symbol_add(struct image *img, const char *name, uint32_t ga, uint32_t size, struct err *err)
{
	if (!is_name(name))
		return err_set(err, ST_BAD_VALUE,
			"'%.60s' is no name for a symbol: printable, without blanks, not beginning with a digit or $", name);
	if (size > UINT32_MAX - ga)
		return err_set(err, ST_BAD_VALUE, "%u bytes at %08X go past the end of memory", size, ga);
	for (unsigned i = img->symbols; i-- > 0;) {
		const struct image_symbol *s = &img->symbol[i];
		if (strcmp(s->name, name) != 0)
			continue;
		if (s->from != SYMBOL_USER)
			return err_set(err, ST_STATE, "there is a symbol %.60s already, at %08X", name, s->ga);
		remove_at(img, i);
	}
	struct image_symbol s = { ga, size, load_is_code(img, ga), SYMBOL_USER, load_keep_text(img, xstrdup(name)) };
	if (!size && ga - img->base >= img->size)
		s.size = 4;
	if (!load_add_symbol(img, &s))
		return err_set(err, ST_STATE, "there are %u symbols: no more can be added", img->symbols);
	load_sort_symbols(img);
	return ST_OK;
}

enum status image_symbol_delete(struct image *img, const char *name, struct err *err)
{
	bool own = false;
	for (unsigned i = img->symbols; i-- > 0;) {
		if (strcmp(img->symbol[i].name, name) != 0)
			continue;
		if (img->symbol[i].from != SYMBOL_TITLE) {
			remove_at(img, i);
			return ST_OK;
		}
		own = true;
	}
	if (own)
		return err_set(err, ST_STATE,
			"%.60s is the title's own symbol: only those of `symbol add` and `symbol load` can be deleted", name);
	return err_set(err, ST_NOT_FOUND, "there is no symbol '%.60s'", name);
}

void image_symbol_import(struct image *img, uint32_t ga, uint32_t size, const char *name)
{
	for (unsigned i = 0; i < img->symbols; i++)
		if (img->symbol[i].ga == ga)
			return;
	load_add_symbol(img, &(struct image_symbol){ ga, size, size > 4, SYMBOL_TITLE, load_keep_text(img, xstrdup(name)) });
}

void image_symbols_sort(struct image *img)
{
	load_sort_symbols(img);
}
