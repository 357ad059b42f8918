/* src/mem/mem_priv.h - what the files of src/mem share; nobody else includes it. */
#ifndef SRC_MEM_MEM_PRIV_H
#define SRC_MEM_MEM_PRIV_H

#include "src/mem/mem.h"

#define MEM_MIRRORS_MAX MEM_FRAME_MAPS
#define MEM_NOACCESS (MEM_NOREAD | MEM_NOWRITE | MEM_NOEXEC)
#define MEM_SPECIAL_FIRST (MEM_WRITEBACK >> MEM_PAGE_SHIFT)
#define MEM_MMIO_FIRST (MEM_LOCKED_CACHE_END >> MEM_PAGE_SHIFT)
#define MEM_MMIO_END (0x80000000u >> MEM_PAGE_SHIFT)
#define MEM_IMAGE_FIRST (0x80000000u >> MEM_PAGE_SHIFT)
#define MEM_IMAGE_PAGES (0x10000000u >> MEM_PAGE_SHIFT)
#define MEM_PHYS_A (0xA0000000u >> MEM_PAGE_SHIFT)
#define MEM_PHYS_C (0xC0000000u >> MEM_PAGE_SHIFT)
#define MEM_PHYS_E (0xE0000000u >> MEM_PAGE_SHIFT)
#define MEM_PHYS_E_PAGES (0x1FD00000u >> MEM_PAGE_SHIFT)
#define MEM_PHYS_E_SKIP 1u    /* E0000000 is physical page 1 */
#define MEM_TOP (MEM_PHYS_E + MEM_PHYS_E_PAGES) /* first page of the nothing at the end */

static inline uint32_t page_of(uint32_t ga)
{
	return ga >> MEM_PAGE_SHIFT;
}

/** Bytes of [ga, ga+size) that lie on ga's page. */
static inline uint32_t page_part(uint32_t ga, uint32_t size)
{
	uint32_t room = MEM_PAGE - (ga & (MEM_PAGE - 1));
	return size < room ? size : room;
}

static inline uint32_t page_canonical(uint32_t page)
{
	if (page < MEM_IMAGE_FIRST + MEM_IMAGE_PAGES || page >= MEM_TOP)
		return page;
	if (page < MEM_PHYS_A)
		return page - MEM_IMAGE_PAGES;
	if (page < MEM_PHYS_C)
		return page;
	return page < MEM_PHYS_E ? page - MEM_PHYS_C + MEM_PHYS_A : page - MEM_PHYS_E + MEM_PHYS_E_SKIP + MEM_PHYS_A;
}

static inline bool page_is_physical(uint32_t canonical)
{
	return canonical >= MEM_PHYS_A && canonical < MEM_PHYS_A + MEM_FRAMES;
}

/** All pages that show canonical page @canonical, itself first; returns how many. */
unsigned page_mirrors(uint32_t canonical, uint32_t mirror[MEM_MIRRORS_MAX]);

static inline const struct mem_page *page_peek(const struct mem *m, uint32_t canonical)
{
	return arena_peek(m->world, m->t_page, canonical + 1);
}

static inline const struct mem_frame *frame_peek(const struct mem *m, uint32_t frame)
{
	return arena_peek(m->world, m->t_frame, frame + 1);
}

static inline const struct mem_world *world_peek(const struct mem *m)
{
	return arena_peek(m->world, m->t_mem, 1);
}

static inline struct mem_world *world_row(struct mem *m)
{
	return arena_row(m->world, m->t_mem, 1);
}

/** Frame @frame goes from @from to state @to, owned by @owner for address @ga. INVARIANT, naming the frame, both states and the caller: it is in
 * @from, and the step is one that is allowed. Calls hooks.frame_moved. */
#define frame_move(m, frame, from, to, owner, ga) \
	frame_move_from(m, frame, from, (struct mem_frame){ (uint8_t)(to), (uint8_t)(owner), 0, ga }, __func__, __LINE__)
void frame_move_from(struct mem *m, uint32_t frame, enum mem_frame_state from, struct mem_frame to, const char *caller, int line);
/** The lowest free frame. INVARIANT: there is one. */
uint32_t frame_find(struct mem *m);
/** Why the access to a page that its attributes refuse is refused. */
enum mem_result page_refusal(const struct mem *m, uint32_t page);
/** Derives the protection bits of @canonical's attribute bytes from its row; drops decoded code on it. */
void page_attr_derive(struct mem *m, uint32_t canonical);
/** Drops decoded code on @page and its mirrors. */
void page_drop_code(struct mem *m, uint32_t page);
/** What a store to [ga, ga+size), all on one page, must note before it happens. */
void page_note_store(struct mem *m, uint32_t ga, uint32_t size);
/** Zeroes @count canonical pages from @canonical on and forgets that they were touched. */
void pages_zero(struct mem *m, uint32_t canonical, uint32_t count);
/** Ends the other hardware threads' reservations on lines within [ga, ga+size). */
void reservations_end(struct mem *m, uint32_t ga, uint32_t size);
/** Sets MEM_RESERVED where a hardware thread that does not run holds a reservation, and nowhere else of these pages. */
void reservations_arm(struct mem *m);

#endif
