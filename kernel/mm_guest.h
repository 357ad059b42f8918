/* kernel/mm_guest.h - guest-visible structures of Mm*. Source: facts, struct layouts. */
#ifndef KERNEL_MM_GUEST_H
#define KERNEL_MM_GUEST_H

#include "kernel/guest.h"

struct g_mm_statistics_section {
	be32 available_pages;
	be32 total_virtual_memory_bytes;
	be32 reserved_virtual_memory_bytes;
	be32 physical_pages;
	be32 pool_pages;
	be32 stack_pages;
	be32 image_pages;
	be32 heap_pages;
	be32 virtual_pages;
	be32 page_table_pages;
	be32 cache_pages;
};
GUEST_AT(g_mm_statistics_section, stack_pages, 0x14);
GUEST_AT(g_mm_statistics_section, cache_pages, 0x28);
GUEST_SIZE(g_mm_statistics_section, 0x2C);

struct g_mm_statistics {
	be32 size; /* the caller's: 104 */
	be32 total_physical_pages;
	be32 kernel_pages;
	struct g_mm_statistics_section title, system;
	be32 highest_physical_page;
};
GUEST_AT(g_mm_statistics, title, 0xC);
GUEST_AT(g_mm_statistics, system, 0x38);
GUEST_AT(g_mm_statistics, highest_physical_page, 0x64);
GUEST_SIZE(g_mm_statistics, 0x68);

#endif
