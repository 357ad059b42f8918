/* ui/inspect/fill_frames.c - the tables of the physical frames. */
#include "config.h"

#include <stdio.h>

#include "ui/inspect/inspect.h"

static void put_sum(struct table *t, enum mem_frame_state state, const char *owner, uint32_t n)
{
	if (!n)
		return;
	put_str(t, mem_frame_state_word(state));
	put_str(t, owner);
	put_u64(t, n);
	put_u64(t, (uint64_t)n * (MEM_PAGE / 1024));
}

void fill_pframes(struct table *t, const struct query *q)
{
	const struct mem *m = &q->machine->mem;
	const struct mem_world *w = arena_peek(m->world, m->t_mem, 1);
	for (unsigned i = 0; i < MEM_OWNERS_COUNT; i++)
		put_sum(t, MEM_FRAME_OWNED, mem_owner_word(i), w->frames_owned[i]);
	put_sum(t, MEM_FRAME_RESERVED, NULL, mem_frames_reserved(m));
	put_sum(t, MEM_FRAME_FREE, NULL, w->frames_free);
}

void fill_pframe(struct table *t, const struct query *q)
{
	const struct mem *m = &q->machine->mem;
	uint32_t frame, maps[MEM_FRAME_MAPS];
	char words[WORDS_TEXT] = "";
	size_t n = 0;
	if (!mem_frame_behind(m, q->ga, &frame)) {
		table_note(t, "there is no frame behind %08X", q->ga);
		return;
	}
	const struct mem_frame *f = mem_frame_at(m, frame);
	unsigned count = mem_frame_maps(m, frame, maps);
	for (unsigned i = 0; i < count; i++)
		n += (size_t)snprintf(words + n, sizeof words - n, "%s%08X", i ? " " : "", maps[i]);
	put_hex(t, frame);
	put_hex(t, frame << MEM_PAGE_SHIFT);
	put_str(t, mem_frame_state_word(f->state));
	put_str(t, f->state == MEM_FRAME_OWNED ? mem_owner_word(f->owner) : NULL);
	if (f->state == MEM_FRAME_FREE)
		put_none(t);
	else
		put_hex(t, f->ga);
	put_words(t, words);
	if (f->state == MEM_FRAME_FREE)
		put_none(t);
	else
		put_hex(t, mem_page_at(m, f->ga)->alloc_base);
}

static void put_fault(void *ctx, uint32_t frame, uint32_t ga, const char *what)
{
	struct table *t = ctx;
	if (frame < MEM_FRAMES)
		put_hex(t, frame);
	else
		put_none(t);
	put_hex(t, ga);
	put_str(t, what);
}

void fill_pframe_faults(struct table *t, const struct query *q)
{
	mem_frames_check(&q->machine->mem, put_fault, t);
	if (!t->rows)
		table_note(t, "%u frames and all pages agree", MEM_FRAMES);
}
