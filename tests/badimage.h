/* tests/badimage.h - what must hold of every file that is given to the image reader: for t_badimage.c and the fuzzers. */
#ifndef TESTS_BADIMAGE_H
#define TESTS_BADIMAGE_H

#include <stdio.h>
#include <stdlib.h>

#include "src/load/image.h"
#include "src/mem/mem.h"

/* "NAME: offset 0x1c: FIELD: what is wrong", printable, one line; NULL if it is so, else what is not. */
static inline const char *badimage_line(const char *name, const char *line)
{
	size_t n = strlen(name);
	for (const char *c = line; *c; c++) {
		if (*c < 0x20 || *c > 0x7e)
			return "a character that is not printable";
	}
	if (strncmp(line, name, n) != 0 || strncmp(line + n, ": ", 2) != 0)
		return "it does not begin with the file's name";
	if (strcmp(line + n, ": the file is empty") == 0)
		return NULL;
	char *end;
	if (strncmp(line + n, ": offset 0x", 11) != 0 || (strtoul(line + n + 11, &end, 16), end == line + n + 11) || strncmp(end, ": ", 2) != 0)
		return "it does not name an offset";
	const char *what = strstr(end + 2, ": ");
	if (!what || what == end + 2 || !what[2])
		return "it does not name a field and what is wrong with it";
	return NULL;
}

static inline bool badimage_within(const struct image *img, uint32_t ga, uint32_t size)
{
	return ga >= img->base && ga - img->base <= img->size && size <= img->size - (ga - img->base);
}

/* What a machine relies on; NULL, or what does not hold. */
static inline const char *badimage_taken(const struct image *img)
{
	uint64_t end = img->base;
	if (!img->size || img->size > IMAGE_BYTES_MAX || !img->segments)
		return "its size";
	for (unsigned i = 0; i < img->segments; i++) {
		const struct image_segment *s = &img->segment[i];
		if (s->ga < end || !s->size || (s->ga | s->size) % MEM_PAGE || s->file_size > s->size || !badimage_within(img, s->ga, s->size))
			return "a segment's place";
		if (s->protect & ~(unsigned)(MEM_PROT_R | MEM_PROT_W | MEM_PROT_X))
			return "a segment's protection";
		for (uint32_t n = 0; n < s->file_size; n += MEM_PAGE)
			(void)*(const volatile uint8_t *)(s->bytes + n); /* there they are */
		end = (uint64_t)s->ga + s->size;
	}
	if (img->stack_size % MEM_PAGE || !badimage_within(img, img->entry, 4))
		return "its stack or its entry";
	for (unsigned i = 0; i < img->imports; i++) {
		const struct image_import *m = &img->import[i];
		if (m->type > 1 || m->ga % 4 || !badimage_within(img, m->ga, m->type ? 16 : 4) || !memchr(m->library, 0, sizeof m->library))
			return "an import";
	}
	for (unsigned i = 0; i < img->symbols; i++) {
		if (!badimage_within(img, img->symbol[i].ga, img->symbol[i].size) || !img->symbol[i].name)
			return "a symbol";
	}
	return NULL;
}

/** For fuzzers: ends the process if one of the rules is broken. */
static inline void badimage_judge(const char *name, bool taken, const struct image *img, const struct err *err)
{
	const char *wrong = taken ? badimage_taken(img) : img ? "an image in spite of it" : badimage_line(name, err->text);
	if (wrong) {
		fprintf(stderr, "\"%s\": %s\n", err->text, wrong);
		abort();
	}
}

#endif
