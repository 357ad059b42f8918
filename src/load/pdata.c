/* src/load/pdata.c - .pdata: where functions begin and end, how long their prologues are, and which have an exception handler.
 *
 * Rows of 8 bytes: begin; then from the lowest bit the words of the prologue (8 bits), of the function (22), 32-bit code (1), has a handler
 * (1). An ELF title may have a section of that name too.
 * Source: facts, struct layouts, XEX_RUNTIME_FUNCTION; Windows CE's compressed .pdata. */
#include "config.h"

#include <stdlib.h>

#include "src/load/load_priv.h"

#define PDATA_BYTES 8u
#define FUNCTIONS_MAX (1u << 20)

static int function_order(const void *va, const void *vb)
{
	const struct image_function *a = va, *b = vb;
	return (a->ga > b->ga) - (a->ga < b->ga);
}

void load_pdata(struct image *img, uint32_t at, const uint8_t *b, uint32_t size)
{
	uint32_t count = b ? size / PDATA_BYTES : 0;
	if (count > FUNCTIONS_MAX)
		count = FUNCTIONS_MAX;
	img->function = xcalloc(count, sizeof *img->function);
	for (uint32_t i = 0; i < count && load_be32(b); i++, b += PDATA_BYTES) {
		uint32_t entry = at + i * PDATA_BYTES, ga = load_be32(b), word = load_be32(b + 4), bytes = (word >> 8 & 0x3fffff) * 4;
		if ((ga & 3) || !bytes || ga - img->base >= img->size || bytes > img->size - (ga - img->base))
			continue;
		img->function[img->functions++] = (struct image_function){ ga, bytes, (word & 0xff) * 4, word >> 31, entry };
	}
	qsort(img->function, img->functions, sizeof *img->function, function_order);
}
