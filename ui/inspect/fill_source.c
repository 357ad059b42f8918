/* ui/inspect/fill_source.c - the tables of source lines and of words with their symbols. */
#include "config.h"

#include <stdio.h>

#include "src/load/dwarf.h"
#include "ui/inspect/inspect.h"
#include "ui/inspect/stack.h"
#include "ui/source.h"

static void put_place(struct table *t, const struct image *img, const struct line_place *p)
{
	put_str(t, p->file);
	put_u64(t, p->line);
	put_symbol(t, img, p->begin);
	put_hex(t, p->end - 1);
}

static void note_lines(struct table *t, const struct image *img)
{
	for (const struct dwarf *d = img->dwarf; d; d = d->next)
		if (d->note[0])
			table_note(t, "%s", d->note);
	if (!dwarf_has_lines(img->dwarf))
		table_note(t, "no source lines are known (compile with -g, or `symbol load FILE`)");
}

void fill_line(struct table *t, const struct query *q)
{
	const struct image *img = q->machine->image;
	struct line_place here, p;
	if (!image_line_at(img, q->ga, &here)) {
		table_note(t, "no source line is known for %08X", q->ga);
		return;
	}
	bool shown = false;
	for (unsigned i = 0; image_line_find(img, here.file, here.line, i, &p) && p.line == here.line; i++) {
		shown |= q->ga - p.begin < p.end - p.begin;
		put_place(t, img, &p);
	}
	if (!shown) /* code of the line without a statement */
		put_place(t, img, &here);
}

void fill_source(struct table *t, const struct query *q)
{
	const struct image *img = q->machine->image;
	struct line_place p;
	struct source_text text;
	uint32_t pc = q->thread ? frame_code(q->machine, q->thread, q->frame) : 0;
	if (!image_line_at(img, pc, &p)) {
		table_note(t, "no source line is known for %08X", pc);
		note_lines(t, img);
		return;
	}
	put_str(t, p.file);
	put_u64(t, p.line);
	put_symbol(t, img, pc);
	bool found = q->session && source_open(q->session, p.file, &text, NULL) == ST_OK;
	put_str(t, found ? text.path : NULL);
	if (found)
		source_free(&text);
	else
		table_note(t, "the file is not found (`set directories DIR:DIR` says where to look)");
}

void fill_sources(struct table *t, const struct query *q)
{
	const char *file;
	for (unsigned i = 0; (file = image_source(q->machine->image, i)); i++)
		if (!q->word || !*q->word || strcasestr(file, q->word))
			put_str(t, file);
	note_lines(t, q->machine->image);
}

void fill_listing(struct table *t, const struct query *q)
{
	for (uint32_t i = q->ga; i && i < q->ga + q->count && i <= q->source->lines; i++) {
		put_bool(t, i == q->value);
		put_u64(t, i);
		put_str(t, q->source->line[i - 1]);
	}
}

void fill_words(struct table *t, const struct query *q)
{
	const struct machine *m = q->machine;
	for (unsigned i = 0; i < q->count; i++) {
		uint32_t ga = (q->ga & ~3u) + 4 * i;
		uint8_t b[4];
		char text[SOURCE_TEXT];
		if (mem_peek(&m->mem, ga, b, sizeof b) != MEM_OK) {
			table_note(t, "%08X is not mapped", ga);
			return;
		}
		put_code(t, m, ga);
		put_code(t, m, load_be32(b));
		put_str(t, source_text_at(m->image, load_be32(b), text, sizeof text));
	}
}
