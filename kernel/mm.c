/* kernel/mm.c - Mm*: physical memory and questions about pages; see mm.h. */
#include "config.h"

#include "kernel/mm.h"

#include "kernel/args.h"
#include "kernel/cache.h"
#include "kernel/handlers.h"
#include "kernel/rows.h"

#define WINDOW_64K 0xA0000000u
#define WINDOW_16M 0xC0000000u
#define WINDOW_4K 0xE0000000u
#define WINDOW_4K_SHIFT 0x1000u       /* E0000000 shows physical 1000 */
#define WINDOW_4K_END 0xFFD00000u
#define PHYSICAL_TOP_KEPT 0x10000u    /* the last 64 KiB are the system's */

static const struct {
	uint32_t word;
	unsigned protect;
} protections[] = {
	{ PAGE_NOACCESS, 0 },
	{ PAGE_READONLY, MEM_PROT_R },
	{ PAGE_READWRITE, MEM_PROT_R | MEM_PROT_W },
	{ PAGE_WRITECOPY, MEM_PROT_R | MEM_PROT_W },
	{ PAGE_EXECUTE, MEM_PROT_R | MEM_PROT_X },
	{ PAGE_EXECUTE_READ, MEM_PROT_R | MEM_PROT_X },
	{ PAGE_EXECUTE_READWRITE, MEM_PROT_R | MEM_PROT_W | MEM_PROT_X },
	{ PAGE_EXECUTE_WRITECOPY, MEM_PROT_R | MEM_PROT_W | MEM_PROT_X },
};

int mm_protection(uint32_t protect)
{
	for (unsigned i = 0; i < ARRAY_LEN(protections); i++)
		if (protections[i].word == (protect & 0xffu))
			return (int)protections[i].protect;
	return -1;
}

uint32_t mm_protection_word(unsigned protect)
{
	if (protect & MEM_PROT_X)
		return protect & MEM_PROT_W ? PAGE_EXECUTE_READWRITE : PAGE_EXECUTE_READ;
	return protect & MEM_PROT_W ? PAGE_READWRITE : protect & MEM_PROT_R ? PAGE_READONLY : PAGE_NOACCESS;
}

bool mm_is_title_range(uint32_t ga, uint32_t size)
{
	uint64_t end = (uint64_t)ga + size;
	return ga >= 0x10000u && end <= KERNEL_LOW;
}

uint32_t mm_allocation_size(const struct machine *m, uint32_t base)
{
	uint32_t ga = base;
	while (mem_heap_page_size(ga) && mem_page_at(&m->mem, ga)->alloc_base == base && ga - base < 0xffff0000u)
		ga += MEM_PAGE;
	return ga - base;
}

/* ---- physical memory ------------------------------------------------------------------------------------------------------------ */

/* Top-down among free frames, in [@min, @max] (physical). Returns the address in the window of the page size asked for, 0 = none. */
static uint32_t physical_alloc(struct machine *m, uint32_t size, uint32_t protect, uint32_t min, uint32_t max, uint32_t align)
{
	uint32_t page = protect & MEM_16MB_PAGES ? 0x1000000u : protect & MEM_LARGE_PAGES ? 0x10000u : 0x1000u;
	uint32_t window = protect & MEM_16MB_PAGES ? WINDOW_16M : protect & MEM_LARGE_PAGES ? WINDOW_64K : WINDOW_4K;
	uint32_t low = window == WINDOW_4K && min < WINDOW_4K_SHIFT ? WINDOW_4K_SHIFT : min;
	uint64_t high = (uint64_t)max + 1, whole = ((uint64_t)size + page - 1) & ~(uint64_t)(page - 1);
	if (!(protect & (PAGE_READONLY | PAGE_READWRITE)) || !size)
		return 0;
	uint32_t top = window == WINDOW_4K ? WINDOW_4K_END - WINDOW_4K + WINDOW_4K_SHIFT : MEM_PHYSICAL_BYTES - PHYSICAL_TOP_KEPT;
	if (high > top)
		high = top;
	align = align < page ? page : align;
	if (align & (align - 1) || low >= high || whole > high - low)
		return 0;
	uint32_t ga = mem_find_free(&m->mem, WINDOW_64K + low, WINDOW_64K + (uint32_t)high, (uint32_t)whole, align, true);
	if (!ga && cache_reclaim(m, UINT32_MAX)) /* its frames may lie where these are wanted */
		ga = mem_find_free(&m->mem, WINDOW_64K + low, WINDOW_64K + (uint32_t)high, (uint32_t)whole, align, true);
	if (!ga)
		return 0;
	uint32_t phys = ga - WINDOW_64K, base = window + phys - (window == WINDOW_4K ? WINDOW_4K_SHIFT : 0);
	int prot = mm_protection(protect);
	if (prot < 0 || mem_commit_physical(&m->mem, phys, (uint32_t)whole, (unsigned)prot, base) != ST_OK)
		return 0;
	return base;
}

uint32_t mm_physical_alloc(struct machine *m, uint32_t size, uint32_t protect)
{
	return physical_alloc(m, size, protect, 0, UINT32_MAX, 0);
}

uint32_t mm_physical_alloc_aligned(struct machine *m, uint32_t size, uint32_t protect, uint32_t align)
{
	return physical_alloc(m, size, protect, 0, UINT32_MAX, align);
}

void k_MmAllocatePhysicalMemory(struct machine *m, struct call *c)
{
	call_return(c, mm_physical_alloc(m, arg32(c, 1), arg32(c, 2)));
}

void k_MmAllocatePhysicalMemoryEx(struct machine *m, struct call *c)
{
	call_return(c, physical_alloc(m, arg32(c, 1), arg32(c, 2), arg32(c, 3), arg32(c, 4), arg32(c, 5)));
}

static bool is_physical_base(const struct machine *m, uint32_t ga)
{
	return ga >= WINDOW_64K && mem_heap_page_size(ga) && mem_page_at(&m->mem, ga)->alloc_base == ga &&
	       mem_page_at(&m->mem, ga)->owner == MEM_OWNER_physical;
}

void k_MmFreePhysicalMemory(struct machine *m, struct call *c)
{
	uint32_t base = arg32(c, 1);
	if (is_physical_base(m, base))
		mem_release(&m->mem, base, mm_allocation_size(m, base), true);
}

void k_MmGetPhysicalAddress(struct machine *m, struct call *c)
{
	uint32_t phys;
	call_return(c, mem_physical(&m->mem, arg32(c, 0), &phys) ? phys : 0);
}

/* ---- questions ------------------------------------------------------------------------------------------------------------------ */

static const struct mem_page *committed(const struct machine *m, uint32_t ga)
{
	const struct mem_page *p = mem_heap_page_size(ga) ? mem_page_at(&m->mem, ga) : NULL;
	return p && p->state == MEM_COMMITTED ? p : NULL;
}

void k_MmIsAddressValid(struct machine *m, struct call *c)
{
	call_return(c, committed(m, arg32(c, 0)) != NULL);
}

void k_MmQueryAddressProtect(struct machine *m, struct call *c)
{
	const struct mem_page *p = committed(m, arg32(c, 0));
	call_return(c, p ? mm_protection_word(p->protect) : 0);
}

/* Of the allocation that begins at the address. */
void k_MmQueryAllocationSize(struct machine *m, struct call *c)
{
	uint32_t base = arg32(c, 0);
	const struct mem_page *p = committed(m, base);
	call_return(c, p ? mm_allocation_size(m, p->alloc_base) : 0);
}

/* Pages that are not committed, or the kernel's, stay as they are. */
void k_MmSetAddressProtect(struct machine *m, struct call *c)
{
	uint32_t base = arg32(c, 0) & ~(MEM_PAGE - 1), end = arg32(c, 0) + arg32(c, 1);
	int prot = mm_protection(arg32(c, 2));
	bool allowed = mm_is_title_range(base, end - base) || base >= WINDOW_64K;
	if (prot < 0 || !allowed || mem_protect(&m->mem, base, (end - base + MEM_PAGE - 1) & ~(MEM_PAGE - 1), (unsigned)prot) != ST_OK)
		call_return(c, 0);
}
