/* kernel/mm_stats.c - MmQueryStatistics: the frame inventory in the console's words.
 *
 * Layout: facts, struct layouts (X_MM_QUERY_STATISTICS_RESULT). All that is free can be had by the title; what the system has is counted
 * as the kernel's, and the system's own section is 0, as another emulator's.
 * DEBT(memory-statistics): which pages the console counts as heap, pool or page tables is not known; they stand under virtual and kernel.
 */
#include "config.h"

#include "kernel/call.h"
#include "kernel/handlers.h"
#include "kernel/mm.h"
#include "kernel/mm_guest.h"
#include "kernel/rows.h"

#define TITLE_LOW 0x10000u /* mm_is_title_range's */

static const struct mem_world *inventory(const struct machine *m)
{
	return arena_peek(&m->world, m->mem.t_mem, 1);
}

/* Bytes of the title's virtual range that are reserved, with or without frames. */
static uint32_t reserved_bytes(const struct machine *m)
{
	uint32_t pages = 0;
	for (uint32_t ga = TITLE_LOW; ga < KERNEL_LOW; ga += MEM_PAGE) {
		unsigned state = mem_page_at(&m->mem, ga)->state;
		pages += state == MEM_RESERVED_ONLY || state == MEM_COMMITTED;
	}
	return pages * MEM_PAGE;
}

/* xboxkrnl 0x0C6: (statistics*). Its size says which layout the title knows; there is one. */
void k_MmQueryStatistics(struct machine *m, struct call *c)
{
	const uint32_t *owned = inventory(m)->frames_owned;
	struct g_mm_statistics s;
	uint32_t ga = arg32(c, 0);
	if (!ga) {
		call_return(c, NT_INVALID_PARAMETER);
		return;
	}
	if (in32(m, c, ga) != sizeof s) {
		call_return(c, NT_BUFFER_TOO_SMALL);
		return;
	}
	memset(&s, 0, sizeof s);
	s.size = be32_of(sizeof s);
	s.total_physical_pages = be32_of(MEM_PHYSICAL_BYTES / MEM_PAGE);
	s.highest_physical_page = be32_of(MEM_PHYSICAL_BYTES / MEM_PAGE - 1);
	s.kernel_pages = be32_of(owned[MEM_OWNER_kernel] + mem_frames_reserved(&m->mem));
	s.title.available_pages = be32_of(inventory(m)->frames_free);
	s.title.total_virtual_memory_bytes = be32_of(KERNEL_LOW - TITLE_LOW);
	s.title.reserved_virtual_memory_bytes = be32_of(reserved_bytes(m));
	s.title.physical_pages = be32_of(owned[MEM_OWNER_physical]);
	s.title.stack_pages = be32_of(owned[MEM_OWNER_stack]);
	s.title.image_pages = be32_of(owned[MEM_OWNER_image]);
	s.title.virtual_pages = be32_of(owned[MEM_OWNER_heap]);
	s.title.cache_pages = be32_of(owned[MEM_OWNER_cache]);
	out_bytes(m, c, ga, &s, sizeof s);
}
