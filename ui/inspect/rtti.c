/* ui/inspect/rtti.c - see rtti.h */
#include "config.h"

#include "ui/inspect/rtti.h"

#include <stdio.h>

#include "kernel/module.h"
#include "src/load/image.h"

#define BASES_MAX 256u       /* base classes that are believed */
#define OFFSET_MAX 0x100000u /* bytes of an object that are believed */

static const struct image_segment *segment_at(const struct machine *m, uint32_t ga, uint32_t bytes)
{
	const struct image *img = m->image;
	for (unsigned i = 0; img && i < img->segments; i++) {
		const struct image_segment *s = &img->segment[i];
		if (ga >= s->ga && ga - s->ga < s->size && bytes <= s->size - (ga - s->ga))
			return s;
	}
	return NULL;
}

/* A record of @n words in the image. */
static bool record(const struct machine *m, uint32_t ga, uint32_t *word, unsigned n)
{
	be32 b[8];
	if (ga & 3 || !segment_at(m, ga, 4 * n) || mem_peek(&m->mem, ga, b, 4 * n) != MEM_OK)
		return false;
	for (unsigned i = 0; i < n; i++)
		word[i] = be32_get(b[i]);
	return true;
}

/* "Inner@Outer@" of @n bytes as "Outer::Inner". False: a template, an operator, ...: it stays as it is. */
static bool turn_around(const char *from, size_t n, char *out, size_t size)
{
	size_t used = 0, end = n;
	if (!n || memchr(from, '?', n) || memchr(from, '$', n))
		return false;
	while (end) {
		size_t begin = --end; /* the @ that ends this part */
		if (from[end] != '@')
			return false;
		while (begin && from[begin - 1] != '@')
			begin--;
		if (begin == end)
			return false;
		used += (size_t)snprintf(out + used, size - used, "%s%.*s", used ? "::" : "", (int)(end - begin), from + begin);
		if (used >= size)
			return false;
		end = begin;
	}
	return true;
}

/* ".?AVInner@Outer@@" (class) or ".?AU..." (struct) as a name. False: it is none. */
static bool type_name(const char *decorated, char *out, size_t size)
{
	size_t n = strlen(decorated);
	if (n < 7 || (strncmp(decorated, ".?AV", 4) != 0 && strncmp(decorated, ".?AU", 4) != 0) ||
		strcmp(decorated + n - 2, "@@") != 0)
		return false;
	for (size_t i = 0; i < n; i++)
		if (decorated[i] <= ' ' || decorated[i] > '~')
			return false;
	if (!turn_around(decorated + 4, n - 5, out, size))
		snprintf(out, size, "%s", decorated);
	return true;
}

static bool is_code(const struct machine *m, uint32_t ga)
{
	const struct image_segment *s = segment_at(m, ga, 4);
	return !(ga & 3) && s && s->protect & MEM_PROT_X;
}

static bool by_rtti(const struct machine *m, uint32_t vtable, struct class_guess *out)
{
	uint32_t head[2], locator[5], type[2], hierarchy[4], first, base;
	char decorated[CLASS_NAME];
	if (!record(m, vtable - 4, head, 2) || !is_code(m, head[1]) || !record(m, head[0], locator, 5))
		return false;
	if (locator[0] != 0 || locator[1] > OFFSET_MAX || locator[1] & 3 || locator[2] > OFFSET_MAX)
		return false;
	if (!record(m, locator[3], type, 2) || !segment_at(m, type[0], 4) || !record(m, locator[4], hierarchy, 4))
		return false;
	if (hierarchy[0] != 0 || hierarchy[1] > 7 || !hierarchy[2] || hierarchy[2] > BASES_MAX)
		return false;
	if (!record(m, hierarchy[3], &first, 1) || !record(m, first, &base, 1) || base != locator[3])
		return false;
	if (!mem_string(&m->mem, locator[3] + 8, decorated, sizeof decorated) ||
		!type_name(decorated, out->name, sizeof out->name))
		return false;
	out->offset = locator[1];
	out->how = "RTTI";
	return true;
}

/* "_ZTV4Name", "_ZTVN5Outer4NameE". */
static bool itanium_name(const char *symbol, char *out, size_t size)
{
	const char *p = symbol + 4 + (symbol[4] == 'N');
	size_t used = 0;
	while (*p >= '1' && *p <= '9') {
		size_t n = 0;
		for (; *p >= '0' && *p <= '9' && n < CLASS_NAME; p++)
			n = n * 10 + (size_t)(*p - '0');
		if (strlen(p) < n || used + n + 3 > size)
			return false;
		used += (size_t)snprintf(out + used, size - used, "%s%.*s", used ? "::" : "", (int)n, p);
		p += n;
	}
	return used && (*p == 0 || strcmp(p, "E") == 0);
}

static bool by_symbol(const struct machine *m, uint32_t vtable, struct class_guess *out)
{
	uint32_t offset;
	const struct image_symbol *s = m->image ? image_symbol_at(machine_image_at(m, vtable), vtable, &offset) : NULL;
	if (!s)
		return false;
	const char *mark = strstr(s->name, "@@6B");
	if (offset == 0 && !strncmp(s->name, "??_7", 4) && mark) {
		if (!turn_around(s->name + 4, (size_t)(mark - s->name) - 3, out->name, sizeof out->name))
			snprintf(out->name, sizeof out->name, "%.100s", s->name);
	} else if (offset == 8 && !strncmp(s->name, "_ZTV", 4)) {
		if (!itanium_name(s->name, out->name, sizeof out->name))
			snprintf(out->name, sizeof out->name, "%.100s", s->name);
	} else {
		return false;
	}
	out->offset = 0;
	out->how = "symbol";
	return true;
}

bool class_of_vtable(const struct machine *m, uint32_t vtable, struct class_guess *out)
{
	return !(vtable & 3) && segment_at(m, vtable, 4) && (by_rtti(m, vtable, out) || by_symbol(m, vtable, out));
}

bool class_around(const struct machine *m, uint32_t ga, uint32_t low, struct class_guess *out, uint32_t *object)
{
	uint32_t reach = ga - low < CLASS_REACH ? ga - low : CLASS_REACH;
	for (uint32_t at = ga - 4; reach >= 4; at -= 4, reach -= 4) {
		be32 word;
		if (mem_peek(&m->mem, at, &word, sizeof word) != MEM_OK)
			return false;
		if (!class_of_vtable(m, be32_get(word), out) || out->offset > at - low)
			continue;
		*object = at - out->offset;
		return true;
	}
	return false;
}
