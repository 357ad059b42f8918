/* src/snap/pages.h - the pages of an arena that hold something; what digest and snapshot share. */
#ifndef SRC_SNAP_PAGES_H
#define SRC_SNAP_PAGES_H

#include "src/base/arena.h"

static inline bool page_is_zero(const uint8_t *bytes)
{
	return bytes[0] == 0 && memcmp(bytes, bytes + 1, ARENA_PAGE - 1) == 0;
}

/** Calls @fn with number and bytes of each page that is not zero, in ascending order. */
static inline void arena_each_page(const struct arena *a, void (*fn)(void *ctx, uint64_t number, const uint8_t *bytes), void *ctx)
{
	uint64_t pages = a->size >> ARENA_PAGE_SHIFT;
	for (uint64_t p = 0; p < pages; p++) {
		/* Most of an arena is never touched: eight pages' bits at a time. */
		uint64_t eight;
		if (!(p & 7) && p + 8 <= pages && (memcpy(&eight, a->dirty + p, 8), !(eight & UINT64_C(0x0202020202020202)))) {
			p += 7;
			continue;
		}
		const uint8_t *bytes = a->base + (p << ARENA_PAGE_SHIFT);
		if ((a->dirty[p] & ARENA_TOUCHED) && !page_is_zero(bytes))
			fn(ctx, p, bytes);
	}
}
_Static_assert(ARENA_TOUCHED == 2, "the mask above");

#endif
