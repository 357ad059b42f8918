/* ui/inspect/fill_cover.c - the table of coverage: how much of each function has run. */
#include "config.h"

#include "src/cpu/cover.h"
#include "src/load/image.h"
#include "ui/inspect/inspect.h"

struct function {
	uint32_t ga, size;
};

static void put_function(struct table *t, const struct machine *m, struct function f)
{
	uint32_t ran = 0, all = f.size / 4;
	for (uint32_t i = 0; i < all; i++)
		ran += cover_ran(&m->cover, f.ga + 4 * i);
	put_code(t, m, f.ga);
	put_u64(t, all);
	put_u64(t, ran);
	put_str(t, !ran ? "never" : ran == all ? "all" : "part");
}

/* Symbols know the functions of a title built with them, .pdata those of another. */
void fill_coverage(struct table *t, const struct query *q)
{
	const struct image *img = q->machine->image;
	unsigned named = 0;
	char text[SYMBOL_TEXT];
	for (unsigned i = 0; img && i < img->symbols; i++) {
		const struct image_symbol *s = &img->symbol[i];
		if (!s->function || s->size < 4)
			continue;
		named++;
		if (!q->word || strcasestr(s->name, q->word))
			put_function(t, q->machine, (struct function){ s->ga, s->size });
	}
	for (unsigned i = 0; img && !named && i < img->functions; i++)
		if (!q->word || !*q->word || strcasestr(symbol_text(img, img->function[i].ga, text, sizeof text), q->word))
			put_function(t, q->machine, (struct function){ img->function[i].ga, img->function[i].size });
}
