/* src/mem/mem_frame.c - the inventory of physical frames: the one place where a frame changes hands, and the walk that checks it all. */
#include "config.h"

#include <stdio.h>

#include "src/mem/mem.h"
#include "src/mem/mem_priv.h"

static const char *const state_words[] = { [MEM_FRAME_FREE] = "free", [MEM_FRAME_RESERVED] = "reserved", [MEM_FRAME_OWNED] = "owned" };
static const char *const owner_words[] = {
#define OWNER(name) [MEM_OWNER_##name] = #name,
	MEM_OWNERS(OWNER)
#undef OWNER
};

const char *mem_frame_state_word(unsigned state) { return state < ARRAY_LEN(state_words) ? state_words[state] : "?"; }
const char *mem_owner_word(unsigned owner) { return owner < ARRAY_LEN(owner_words) ? owner_words[owner] : "?"; }

const struct mem_frame *mem_frame_at(const struct mem *m, uint32_t frame)
{
	INVARIANT(frame < MEM_FRAMES);
	return frame_peek(m, frame);
}

bool mem_frame_behind(const struct mem *m, uint32_t ga, uint32_t *frame)
{
	uint32_t phys = 0, page = page_canonical(page_of(ga));
	*frame = 0;
	if (!mem_heap_page_size(ga))
		return false;
	if (mem_physical(m, ga, &phys))
		*frame = phys >> MEM_PAGE_SHIFT;
	else if (page >= MEM_PHYS_A && page < MEM_PHYS_A + MEM_FRAMES)
		*frame = page - MEM_PHYS_A;
	else
		return false;
	return true;
}

/* ---- transitions ----------------------------------------------------------------------------------------------------- */

/* A frame goes from any state to any other; RESERVED is for frames that a physical window reserves, OWNED has one owner, and nobody else. */
static bool is_legal(const struct mem_frame *f, enum mem_frame_state from, uint32_t frame, const struct mem_frame *to)
{
	bool physical = page_canonical(page_of(to->ga)) == MEM_PHYS_A + frame;
	if (f->state != from || to->state == from)
		return false;
	if (to->state == MEM_FRAME_RESERVED)
		return physical && to->owner == MEM_OWNER_none;
	if (to->state == MEM_FRAME_OWNED)
		return to->ga && to->owner != MEM_OWNER_none && to->owner < MEM_OWNERS_COUNT;
	return to->owner == MEM_OWNER_none;
}

static _Noreturn void refuse(const struct mem_frame *f, enum mem_frame_state from, uint32_t frame, const struct mem_frame *to, const char *caller,
                             int line)
{
	char text[256];
	snprintf(text, sizeof text, "frame %05X is %s (%s, for %08X) and would go from %s to %s (%s, for %08X), in %s", frame,
	         mem_frame_state_word(f->state), mem_owner_word(f->owner), f->ga, mem_frame_state_word(from), mem_frame_state_word(to->state),
	         mem_owner_word(to->owner), to->ga, caller);
	invariant_failed(text, __FILE__, line);
}

static void count(struct mem *m, const struct mem_frame *f, uint32_t by)
{
	struct mem_world *w = world_row(m);
	if (f->state == MEM_FRAME_FREE)
		w->frames_free += by;
	if (f->state == MEM_FRAME_OWNED)
		w->frames_owned[f->owner] += by;
}

void frame_move_from(struct mem *m, uint32_t frame, enum mem_frame_state from, struct mem_frame to, const char *caller, int line)
{
	INVARIANT(frame < MEM_FRAMES);
	arena_cover(m->world, m->t_frame, frame + 1);
	struct mem_frame *f = arena_row(m->world, m->t_frame, frame + 1), before = *f;
	if (!is_legal(f, from, frame, &to))
		refuse(f, from, frame, &to, caller, line);
	if (to.state == MEM_FRAME_FREE)
		to.ga = 0;
	count(m, &before, UINT32_MAX); /* one less */
	count(m, &to, 1);
	if (to.state == MEM_FRAME_FREE && frame < world_peek(m)->frame_hint)
		world_row(m)->frame_hint = frame;
	*f = to;
	if (m->hooks.frame_moved)
		m->hooks.frame_moved(m->hooks.frame_ctx, frame, &before, f);
}

uint32_t frame_find(struct mem *m)
{
	uint32_t frame = world_peek(m)->frame_hint;
	while (frame < MEM_FRAMES && frame_peek(m, frame)->state != MEM_FRAME_FREE)
		frame++;
	INVARIANT(frame < MEM_FRAMES); /* frames_free was looked at */
	world_row(m)->frame_hint = frame + 1;
	return frame;
}

/* ---- the walk -------------------------------------------------------------------------------------------------------- */

uint32_t mem_frames_reserved(const struct mem *m)
{
	const struct mem_world *w = world_peek(m);
	uint32_t n = MEM_FRAMES - w->frames_free;
	for (unsigned i = 0; i < ARRAY_LEN(w->frames_owned); i++)
		n -= w->frames_owned[i];
	return n;
}

unsigned mem_frame_maps(const struct mem *m, uint32_t frame, uint32_t ga[MEM_FRAME_MAPS])
{
	const struct mem_frame *f = mem_frame_at(m, frame);
	unsigned n = f->state == MEM_FRAME_OWNED ? page_mirrors(page_canonical(page_of(f->ga)), ga) : 0;
	for (unsigned i = 0; i < n; i++)
		ga[i] <<= MEM_PAGE_SHIFT;
	return n;
}

/* What is wrong with a frame, as its own row and its page tell; NULL = nothing. */
static const char *frame_fault(const struct mem *m, uint32_t frame)
{
	const struct mem_frame *f = frame_peek(m, frame);
	const struct mem_page *window = page_peek(m, MEM_PHYS_A + frame);
	if (f->state == MEM_FRAME_FREE)
		return f->owner || f->ga ? "free, but has an owner" : window->state != MEM_FREE ? "free, but its window's page is taken" : NULL;
	if (f->state == MEM_FRAME_RESERVED)
		return window->state != MEM_RESERVED_ONLY ? "reserved, but its window's page is not" : NULL;
	if (f->state != MEM_FRAME_OWNED)
		return "in no known state";
	const struct mem_page *p = page_peek(m, page_canonical(page_of(f->ga)));
	if (p->state != MEM_COMMITTED || p->frame != frame + 1)
		return "owned, but the page it is for has another frame, or none";
	return p->owner != f->owner ? "owned by another than its page" : NULL;
}

static const char *page_fault(const struct mem *m, uint32_t page)
{
	const struct mem_page *p = page_peek(m, page);
	if (p->state != MEM_COMMITTED)
		return p->frame ? "a page that is not committed has a frame" : NULL;
	if (!p->frame || p->frame > MEM_FRAMES)
		return "a committed page has no frame";
	const struct mem_frame *f = frame_peek(m, p->frame - 1);
	return f->state != MEM_FRAME_OWNED || page_canonical(page_of(f->ga)) != page ? "a page has a frame that is not its own" : NULL;
}

void mem_frames_check(const struct mem *m, mem_frame_fault_fn *found, void *ctx)
{
	uint32_t n[3] = { 0 }, owned[ARRAY_LEN(world_peek(m)->frames_owned)] = { 0 };
	for (uint32_t frame = 0; frame < MEM_FRAMES; frame++) {
		const struct mem_frame *f = frame_peek(m, frame);
		const char *what = frame_fault(m, frame);
		n[f->state % ARRAY_LEN(n)]++;
		if (f->state == MEM_FRAME_OWNED)
			owned[f->owner % ARRAY_LEN(owned)]++;
		if (what)
			found(ctx, frame, f->ga, what);
	}
	uint32_t pages = arena_count(m->world, m->t_page);
	for (uint32_t page = 0; page + 1 < pages; page++) {
		const char *what = page_fault(m, page);
		if (what)
			found(ctx, page_peek(m, page)->frame ? page_peek(m, page)->frame - 1 : MEM_FRAMES, page << MEM_PAGE_SHIFT, what);
	}
	if (n[MEM_FRAME_FREE] != world_peek(m)->frames_free || memcmp(owned, world_peek(m)->frames_owned, sizeof owned) != 0)
		found(ctx, MEM_FRAMES, 0, "the sums are not those of the frames");
}
