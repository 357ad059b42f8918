/* src/load/map.c - the linker's map beside a XEX2 image (title.map beside title.xex) as symbols. Source: the map files that Microsoft's linker writes:
 *   " 0002:00000040       ?run@@YAXXZ                82010040 f   main.obj"
 * section:offset, decorated name, address, `f` for a function. Lines of any other form are the map's own text, and are passed over.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "src/load/load_priv.h"
#include "src/mem/mem.h"

char *load_word(char **p)
{
	char *w = *p + strspn(*p, " \t\r");
	char *end = w + strcspn(w, " \t\r");
	*p = *end ? end + 1 : end;
	*end = 0;
	return *w ? w : NULL;
}

bool load_hex(const char *s, unsigned digits, uint32_t *value)
{
	*value = 0;
	for (unsigned i = 0; i < digits; i++) {
		const char *at = s[i] ? strchr("0123456789abcdef", s[i] | (s[i] >= 'A' ? 0x20 : 0)) : NULL;
		if (!at)
			return false;
		*value = *value << 4 | (uint32_t)(at - "0123456789abcdef");
	}
	return true;
}

static bool is_printable(const char *s)
{
	while (*s > 0x20 && *s < 0x7f)
		s++;
	return !*s;
}

bool load_is_code(const struct image *img, uint32_t ga)
{
	for (unsigned i = 0; i < img->segments; i++)
		if (ga - img->segment[i].ga < img->segment[i].size)
			return img->segment[i].protect & MEM_PROT_X;
	return false;
}

bool map_line(const struct image *img, char *line, struct image_symbol *s)
{
	uint32_t number;
	char *place = load_word(&line), *name = place ? load_word(&line) : NULL, *address = name ? load_word(&line) : NULL;
	if (!address || strlen(place) != 13 || !load_hex(place, 4, &number) || place[4] != ':' || !load_hex(place + 5, 8, &number))
		return false;
	if (strlen(address) != 8 || !load_hex(address, 8, &s->ga) || s->ga - img->base >= img->size || !is_printable(name))
		return false;
	const struct image_function *f = image_function_at(img, s->ga);
	const char *flag = load_word(&line);
	s->function = (flag && !strcmp(flag, "f")) || load_is_code(img, s->ga);
	s->size = f && f->ga == s->ga ? f->size : 0;
	s->name = name;
	return true;
}

unsigned map_load(struct image *img, char *text, enum symbol_from from)
{
	unsigned found = 0;
	load_keep_text(img, text);
	for (char *line = text, *next; line; line = next) {
		struct image_symbol s = { .from = (uint8_t)from };
		next = strchr(line, '\n');
		if (next)
			*next++ = 0;
		if (map_line(img, line, &s))
			found += load_add_symbol(img, &s);
	}
	load_sort_symbols(img);
	return found;
}
