/* kernel/nt_vm.c - Nt*VirtualMemory: the title's own pages (facts: kernel semantics, "Memory map"). */
#include "config.h"

#include "kernel/args.h"
#include "kernel/cache.h"
#include "kernel/handlers.h"
#include "kernel/mm.h"
#include "kernel/rows.h"

#define HEAP_4K_LOW 0x00010000u
#define HEAP_4K_HIGH 0x40000000u
#define HEAP_64K_LOW 0x40000000u
#define ALLOCATION_UNIT 0x10000u

/* The range that base* and size* ask for, rounded to the heap's pages. */
struct range {
	uint32_t base, size;
};

static uint32_t round_up(uint32_t v, uint32_t to)
{
	return (v + to - 1) & ~(to - 1);
}

static bool is_free(const struct machine *m, const struct range *r)
{
	for (uint32_t i = 0; i < r->size; i += MEM_PAGE)
		if (mem_page_at(&m->mem, r->base + i)->state != MEM_FREE)
			return false;
	return true;
}

static bool is_allocated(const struct machine *m, const struct range *r)
{
	uint32_t base = mem_page_at(&m->mem, r->base)->alloc_base;
	for (uint32_t i = 0; i < r->size; i += MEM_PAGE) {
		const struct mem_page *p = mem_page_at(&m->mem, r->base + i);
		if (p->state == MEM_FREE || p->alloc_base != base)
			return false;
	}
	return true;
}

/* Bytes from @at on whose pages are, or are not, committed. */
static uint32_t run_of(const struct machine *m, const struct range *r, uint32_t at, bool is_committed)
{
	uint32_t n = 0;
	while (at + n < r->size && (mem_page_at(&m->mem, r->base + at + n)->state == MEM_COMMITTED) == is_committed)
		n += MEM_PAGE;
	return n;
}

/* Commits what is not committed yet; pages that were get the new protection. All or nothing. */
static bool commit(struct machine *m, const struct range *r, unsigned protect)
{
	const struct mem_world *w = arena_peek(&m->world, m->mem.t_mem, 1);
	uint32_t alloc_base = mem_page_at(&m->mem, r->base)->alloc_base, need = 0;
	for (uint32_t at = 0; at < r->size; at += MEM_PAGE)
		need += mem_page_at(&m->mem, r->base + at)->state != MEM_COMMITTED;
	cache_reclaim(m, need);
	if (need > w->frames_free)
		return false;
	for (uint32_t at = 0, n; at < r->size; at += n) {
		n = run_of(m, r, at, true);
		if (n)
			INVARIANT(mem_protect(&m->mem, r->base + at, n, protect) == ST_OK);
		at += n;
		n = run_of(m, r, at, false);
		if (n)
			INVARIANT(mem_commit(&m->mem, r->base + at, n, protect, MEM_OWNER_heap, alloc_base) == ST_OK);
	}
	return true;
}

/* Where the allocation goes; a guest status. */
static uint32_t place(struct machine *m, uint32_t type, struct range *r)
{
	if (!r->base) {
		bool large = type & (MEM_LARGE_PAGES | MEM_16MB_PAGES);
		uint32_t page = type & MEM_16MB_PAGES ? 0x1000000u : ALLOCATION_UNIT;
		if (r->size > KERNEL_LOW)
			return NT_NO_MEMORY;
		r->size = round_up(r->size, page);
		r->base = mem_find_free(&m->mem, large ? HEAP_64K_LOW : HEAP_4K_LOW, large ? KERNEL_LOW : HEAP_4K_HIGH, r->size, page,
		                        (type & MEM_TOP_DOWN) != 0);
		return r->base ? NT_SUCCESS : NT_NO_MEMORY;
	}
	uint32_t page = mem_heap_page_size(r->base), base = page ? r->base & ~(page - 1) : r->base;
	if (!page || r->size > KERNEL_LOW || !mm_is_title_range(base, round_up(r->size + (r->base - base), page)))
		return NT_INVALID_PARAMETER;
	r->size = round_up(r->size + (r->base - base), page);
	r->base = base;
	return NT_SUCCESS;
}

static uint32_t allocate(struct machine *m, uint32_t type, uint32_t protect, struct range *r)
{
	int prot = mm_protection(protect);
	if (!(type & (MEM_COMMIT | MEM_RESERVE | MEM_RESET)) || !r->size || prot < 0)
		return prot < 0 ? NT_INVALID_PAGE_PROTECTION : NT_INVALID_PARAMETER;
	bool anywhere = !r->base, reserve = (type & MEM_RESERVE) != 0 || anywhere;
	uint32_t nt = place(m, type, r);
	if (nt != NT_SUCCESS || type & MEM_RESET)
		return nt;
	if (reserve && !is_free(m, r))
		return NT_CONFLICTING_ADDRESSES;
	if (!reserve && !is_allocated(m, r))
		return NT_CONFLICTING_ADDRESSES;
	if (reserve && mem_reserve_range(&m->mem, r->base, r->size, (unsigned)prot, r->base) != ST_OK)
		return NT_CONFLICTING_ADDRESSES;
	if (!(type & MEM_COMMIT) || commit(m, r, (unsigned)prot))
		return NT_SUCCESS;
	if (reserve)
		mem_release(&m->mem, r->base, r->size, true);
	return NT_NO_MEMORY;
}

void k_NtAllocateVirtualMemory(struct machine *m, struct call *c)
{
	struct range r = { in32(m, c, arg32(c, 0)), in32(m, c, arg32(c, 1)) };
	if (c->faulted)
		return;
	uint32_t nt = allocate(m, arg32(c, 2), arg32(c, 3), &r);
	call_return(c, nt);
	if (nt != NT_SUCCESS)
		return;
	out32(m, c, arg32(c, 0), r.base);
	out32(m, c, arg32(c, 1), r.size);
}

/* Release takes a whole allocation by its base (size 0, or its size); decommit any part of one. */
static uint32_t release(struct machine *m, uint32_t type, struct range *r)
{
	if (!r->base)
		return NT_MEMORY_NOT_ALLOCATED;
	uint32_t page = mem_heap_page_size(r->base);
	if (!page || !mm_is_title_range(r->base, 1) || (type != MEM_DECOMMIT && type != MEM_RELEASE))
		return NT_INVALID_PARAMETER;
	uint32_t base = r->base & ~(page - 1), alloc_base = mem_page_at(&m->mem, base)->alloc_base;
	if (!alloc_base)
		return NT_MEMORY_NOT_ALLOCATED;
	uint32_t whole = mm_allocation_size(m, alloc_base);
	if (!r->size) {
		if (base != alloc_base)
			return NT_FREE_VM_NOT_AT_BASE;
		r->size = whole;
	}
	if (r->size > whole)
		return NT_UNABLE_TO_FREE_VM;
	r->size = round_up(r->size + (r->base - base), page);
	r->base = base;
	if (r->base - alloc_base + r->size > whole)
		return NT_UNABLE_TO_FREE_VM;
	mem_release(&m->mem, r->base, r->size, type == MEM_RELEASE);
	return NT_SUCCESS;
}

void k_NtFreeVirtualMemory(struct machine *m, struct call *c)
{
	struct range r = { in32(m, c, arg32(c, 0)), in32(m, c, arg32(c, 1)) };
	if (c->faulted)
		return;
	uint32_t nt = release(m, arg32(c, 2), &r);
	call_return(c, nt);
	if (nt != NT_SUCCESS)
		return;
	out32(m, c, arg32(c, 0), r.base);
	out32(m, c, arg32(c, 1), r.size);
}

void k_NtProtectVirtualMemory(struct machine *m, struct call *c)
{
	struct range r = { in32(m, c, arg32(c, 0)), in32(m, c, arg32(c, 1)) };
	int prot = mm_protection(arg32(c, 2));
	uint32_t end = round_up(r.base + r.size, MEM_PAGE);
	r.base &= ~(MEM_PAGE - 1);
	r.size = end - r.base;
	if (c->faulted)
		return;
	if (prot < 0 || !r.size || !mm_is_title_range(r.base, r.size)) {
		call_return(c, prot < 0 ? NT_INVALID_PAGE_PROTECTION : NT_INVALID_PARAMETER);
		return;
	}
	uint32_t old = mm_protection_word(mem_page_at(&m->mem, r.base)->protect);
	if (mem_protect(&m->mem, r.base, r.size, (unsigned)prot) != ST_OK) {
		call_return(c, NT_NOT_COMMITTED);
		return;
	}
	out32(m, c, arg32(c, 0), r.base);
	out32(m, c, arg32(c, 1), r.size);
	out32(m, c, arg32(c, 3), old);
}

/* Pages from @ga on that are like its first one, up to the heap's end. */
static uint32_t like_size(const struct machine *m, uint32_t ga)
{
	const struct mem_page first = *mem_page_at(&m->mem, ga);
	uint32_t page = mem_heap_page_size(ga), n = 0;
	while (ga + n >= ga && mem_heap_page_size(ga + n) == page) {
		const struct mem_page *p = mem_page_at(&m->mem, ga + n);
		if (p->state != first.state || p->protect != first.protect || p->alloc_base != first.alloc_base)
			break;
		n += MEM_PAGE;
	}
	return n;
}

void k_NtQueryVirtualMemory(struct machine *m, struct call *c)
{
	uint32_t ga = arg32(c, 0) & ~(MEM_PAGE - 1);
	if (!mem_heap_page_size(ga)) {
		call_return(c, NT_INVALID_PARAMETER);
		return;
	}
	const struct mem_page *p = mem_page_at(&m->mem, ga);
	bool is_committed = p->state == MEM_COMMITTED, taken = p->state != MEM_FREE;
	struct g_memory_basic_information info = {
		.base_address = be32_of(ga),
		.allocation_base = be32_of(p->alloc_base),
		.allocation_protect = be32_of(taken ? mm_protection_word(p->alloc_protect) : 0),
		.region_size = be32_of(like_size(m, ga)),
		.state = be32_of(is_committed ? MEM_COMMIT : taken ? MEM_RESERVE : MEM_FREE_STATE),
		.protect = be32_of(is_committed ? mm_protection_word(p->protect) : 0),
		.type = be32_of(taken ? MEM_PRIVATE : 0),
	};
	out_bytes(m, c, arg32(c, 1), &info, sizeof info);
}
