/* tests/t_mm.c - the laws of the title's memory: virtual and physical allocations, protection, questions. */
#include "config.h"

#include "kernel/mm.h"
#include "kernel/rows.h"
#include "tests/testkit.h"

struct vm {
	uint32_t base, size; /* places of base* and size* */
};

static struct vm vm(struct tk *t, uint32_t base, uint32_t size)
{
	struct vm v = { tk_memory(t, 4), tk_memory(t, 4) };
	tk_put32(t, v.base, base);
	tk_put32(t, v.size, size);
	return v;
}

static uint32_t allocate(struct tk *t, struct vm v, uint32_t type, uint32_t protect)
{
	return (uint32_t)CALL(t, t->main, "NtAllocateVirtualMemory", v.base, v.size, type, protect, 0);
}

static void anywhere_is_bottom_up_in_units_of_64k(void **state)
{
	struct tk *t = TK(state);
	struct vm a = vm(t, 0, 100), b = vm(t, 0, 0x10001);
	assert_int_equal(allocate(t, a, MEM_COMMIT, PAGE_READWRITE), NT_SUCCESS);
	assert_int_equal(allocate(t, b, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE), NT_SUCCESS);
	assert_int_equal(tk_get32(t, a.base), 0x10000); /* the first 64 KiB are nobody's */
	assert_int_equal(tk_get32(t, a.size), 0x10000);
	assert_int_equal(tk_get32(t, b.base), 0x20000);
	assert_int_equal(tk_get32(t, b.size), 0x20000);
	assert_int_equal(tk_get32(t, 0x10000), 0);
}

static void large_pages_come_from_40000000_and_top_down_from_the_end(void **state)
{
	struct tk *t = TK(state);
	struct vm a = vm(t, 0, 100), b = vm(t, 0, 100);
	allocate(t, a, MEM_COMMIT | MEM_LARGE_PAGES, PAGE_READWRITE);
	allocate(t, b, MEM_COMMIT | MEM_TOP_DOWN, PAGE_READWRITE);
	assert_int_equal(tk_get32(t, a.base), 0x40000000);
	assert_int_equal(tk_get32(t, b.base), 0x3FFF0000);
}

static void reserve_then_commit_in_parts(void **state)
{
	struct tk *t = TK(state);
	struct vm a = vm(t, 0x20000000, 0x100000);
	assert_int_equal(allocate(t, a, MEM_RESERVE, PAGE_READWRITE), NT_SUCCESS);
	assert_int_equal(mem_page_at(&t->m->mem, 0x20000000)->state, MEM_RESERVED_ONLY);
	tk_put32(t, a.base, 0x20001000);
	tk_put32(t, a.size, 0x1001);
	assert_int_equal(allocate(t, a, MEM_COMMIT, PAGE_READWRITE), NT_SUCCESS);
	assert_int_equal(tk_get32(t, a.size), 0x2000);
	tk_put32(t, 0x20001000, 7);
	tk_put32(t, a.base, 0x20000000);
	tk_put32(t, a.size, 0x4000);
	assert_int_equal(allocate(t, a, MEM_COMMIT, PAGE_READWRITE), NT_SUCCESS); /* what is committed keeps its bytes */
	assert_int_equal(tk_get32(t, 0x20001000), 7);
}

static void a_taken_or_unreserved_place_conflicts(void **state)
{
	struct tk *t = TK(state);
	struct vm a = vm(t, 0x20000000, 0x10000);
	assert_int_equal(allocate(t, a, MEM_COMMIT, PAGE_READWRITE), NT_CONFLICTING_ADDRESSES);
	assert_int_equal(allocate(t, a, MEM_RESERVE, PAGE_READWRITE), NT_SUCCESS);
	assert_int_equal(allocate(t, a, MEM_RESERVE, PAGE_READWRITE), NT_CONFLICTING_ADDRESSES);
}

static void bad_arguments_are_statuses(void **state)
{
	struct tk *t = TK(state);
	assert_int_equal(allocate(t, vm(t, 0, 0), MEM_COMMIT, PAGE_READWRITE), NT_INVALID_PARAMETER);
	assert_int_equal(allocate(t, vm(t, 0, 10), 0, PAGE_READWRITE), NT_INVALID_PARAMETER);
	assert_int_equal(allocate(t, vm(t, 0, 10), MEM_COMMIT, 3), NT_INVALID_PAGE_PROTECTION);
	assert_int_equal(allocate(t, vm(t, 0x82000000, 10), MEM_RESERVE, PAGE_READWRITE), NT_INVALID_PARAMETER);
	assert_int_equal(allocate(t, vm(t, 0xA0000000, 10), MEM_RESERVE, PAGE_READWRITE), NT_INVALID_PARAMETER);
	assert_int_equal(allocate(t, vm(t, KERNEL_LOW, 10), MEM_RESERVE, PAGE_READWRITE), NT_INVALID_PARAMETER);
	assert_int_equal(allocate(t, vm(t, 0, 0x38000000), MEM_COMMIT, PAGE_READWRITE), NT_NO_MEMORY);
	assert_int_equal(allocate(t, vm(t, 0, 0x22000000), MEM_COMMIT, PAGE_READWRITE), NT_NO_MEMORY); /* more than there is */
	assert_int_equal(mem_page_at(&t->m->mem, 0x10000)->state, MEM_FREE);
}

static void free_releases_whole_allocations_and_decommits_parts(void **state)
{
	struct tk *t = TK(state);
	struct vm a = vm(t, 0x20000000, 0x40000);
	allocate(t, a, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
	tk_put32(t, 0x20010000, 7);
	tk_put32(t, a.base, 0x20010000);
	tk_put32(t, a.size, 0x10000);
	assert_int_equal(CALL(t, t->main, "NtFreeVirtualMemory", a.base, a.size, MEM_DECOMMIT, 0), NT_SUCCESS);
	assert_int_equal(mem_page_at(&t->m->mem, 0x20010000)->state, MEM_RESERVED_ONLY);
	assert_int_equal(allocate(t, a, MEM_COMMIT, PAGE_READWRITE), NT_SUCCESS);
	assert_int_equal(tk_get32(t, 0x20010000), 0); /* fresh pages are zero */
	tk_put32(t, a.size, 0);
	assert_int_equal(CALL(t, t->main, "NtFreeVirtualMemory", a.base, a.size, MEM_RELEASE, 0), NT_FREE_VM_NOT_AT_BASE);
	tk_put32(t, a.base, 0x20000000);
	assert_int_equal(CALL(t, t->main, "NtFreeVirtualMemory", a.base, a.size, MEM_RELEASE, 0), NT_SUCCESS);
	assert_int_equal(tk_get32(t, a.size), 0x40000);
	assert_int_equal(mem_page_at(&t->m->mem, 0x20030000)->state, MEM_FREE);
	tk_put32(t, a.base, 0);
	assert_int_equal(CALL(t, t->main, "NtFreeVirtualMemory", a.base, a.size, MEM_RELEASE, 0), NT_MEMORY_NOT_ALLOCATED);
}

static void a_title_cannot_free_the_kernels_memory(void **state)
{
	struct tk *t = TK(state);
	struct vm a = vm(t, thread_peek(t->m, t->main)->kthread_ga, 0);
	assert_int_equal(CALL(t, t->main, "NtFreeVirtualMemory", a.base, a.size, MEM_RELEASE, 0), NT_INVALID_PARAMETER);
	tk_put32(t, a.base, thread_peek(t->m, t->main)->stack_limit);
	assert_int_equal(CALL(t, t->main, "NtFreeVirtualMemory", a.base, a.size, MEM_RELEASE, 0), NT_INVALID_PARAMETER);
}

static void protect_gives_the_old_protection(void **state)
{
	struct tk *t = TK(state);
	struct vm a = vm(t, 0x20000000, 0x4000);
	uint32_t out = tk_memory(t, 4);
	allocate(t, a, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
	tk_put32(t, a.base, 0x20001234);
	tk_put32(t, a.size, 1);
	assert_int_equal(CALL(t, t->main, "NtProtectVirtualMemory", a.base, a.size, PAGE_READONLY, out, 0), NT_SUCCESS);
	assert_int_equal(tk_get32(t, out), PAGE_READWRITE);
	assert_int_equal(tk_get32(t, a.base), 0x20001000);
	assert_int_equal(CALL(t, t->main, "MmQueryAddressProtect", 0x20001000), PAGE_READONLY);
	assert_int_equal(CALL(t, t->main, "MmQueryAddressProtect", 0x20002000), PAGE_READWRITE);
	CALL(t, t->main, "MmSetAddressProtect", 0x20002000, 0x1000, PAGE_READONLY);
	assert_int_equal(CALL(t, t->main, "MmQueryAddressProtect", 0x20002000), PAGE_READONLY);
	assert_int_equal(mem_write(&t->m->mem, 0x20001000, "x", 1), MEM_FAULT_PROTECTED);
}

static void query_describes_runs_of_like_pages(void **state)
{
	struct tk *t = TK(state);
	struct vm a = vm(t, 0x20000000, 0x10000);
	uint32_t info = tk_memory(t, 0x1C);
	allocate(t, a, MEM_RESERVE, PAGE_READWRITE);
	tk_put32(t, a.base, 0x20004000);
	tk_put32(t, a.size, 0x2000);
	allocate(t, a, MEM_COMMIT, PAGE_READWRITE);
	static const uint32_t want[][4] = { /* address, base, size, state */
		{ 0x20000010, 0x20000000, 0x4000, MEM_RESERVE }, { 0x20004000, 0x20004000, 0x2000, MEM_COMMIT },
		{ 0x20005fff, 0x20005000, 0x1000, MEM_COMMIT }, { 0x20006000, 0x20006000, 0xA000, MEM_RESERVE },
		{ 0x20010000, 0x20010000, 0x1FFF0000, MEM_FREE_STATE },
	};
	for (unsigned i = 0; i < ARRAY_LEN(want); i++) {
		assert_int_equal(CALL(t, t->main, "NtQueryVirtualMemory", want[i][0], info, 0), NT_SUCCESS);
		assert_int_equal(tk_get32(t, info), want[i][1]);
		assert_int_equal(tk_get32(t, info + 4), want[i][3] == MEM_FREE_STATE ? 0 : 0x20000000);
		assert_int_equal(tk_get32(t, info + 0xC), want[i][2]);
		assert_int_equal(tk_get32(t, info + 0x10), want[i][3]);
	}
	assert_int_equal(CALL(t, t->main, "NtQueryVirtualMemory", 0x7F200000, info, 0), NT_INVALID_PARAMETER);
}

static void physical_memory_is_top_down_in_the_window_of_its_page_size(void **state)
{
	struct tk *t = TK(state);
	uint32_t a = (uint32_t)CALL(t, t->main, "MmAllocatePhysicalMemoryEx", 0, 100, PAGE_READWRITE | MEM_LARGE_PAGES, 0, UINT32_MAX, 0);
	uint32_t b = (uint32_t)CALL(t, t->main, "MmAllocatePhysicalMemoryEx", 0, 100, PAGE_READWRITE, 0, UINT32_MAX, 0);
	assert_int_equal(a, 0xBFFE0000);
	assert_true(b >= 0xE0000000);
	assert_int_equal(CALL(t, t->main, "MmGetPhysicalAddress", a), 0x1FFE0000);
	assert_int_equal(CALL(t, t->main, "MmGetPhysicalAddress", b), b - 0xE0000000 + 0x1000);
	assert_int_equal(CALL(t, t->main, "MmQueryAllocationSize", a), 0x10000);
	assert_int_equal(CALL(t, t->main, "MmQueryAllocationSize", b), 0x1000);
	tk_put32(t, a, 0x12345678);
	assert_int_equal(tk_get32(t, a + 0x20000000), 0x12345678); /* C0000000: the same bytes */
}

static void physical_memory_keeps_to_its_bounds_and_alignment(void **state)
{
	struct tk *t = TK(state);
	uint32_t a = (uint32_t)CALL(t, t->main, "MmAllocatePhysicalMemoryEx", 0, 0x1000, PAGE_READWRITE, 0x100000, 0x1FFFFF, 0x4000);
	uint32_t phys = (uint32_t)CALL(t, t->main, "MmGetPhysicalAddress", a);
	assert_true(phys >= 0x100000 && phys <= 0x1FF000 && phys % 0x4000 == 0);
	assert_int_equal(CALL(t, t->main, "MmAllocatePhysicalMemoryEx", 0, 0x1000, 1, 0, UINT32_MAX, 0), 0); /* neither read nor write */
	assert_int_equal(CALL(t, t->main, "MmAllocatePhysicalMemoryEx", 0, 0x30000000, PAGE_READWRITE, 0, UINT32_MAX, 0), 0);
}

static void free_physical_gives_the_frames_back(void **state)
{
	struct tk *t = TK(state);
	const struct mem_world *w = arena_peek(&t->m->world, t->m->mem.t_mem, 1);
	uint32_t frames = w->frames_free;
	uint32_t a = (uint32_t)CALL(t, t->main, "MmAllocatePhysicalMemory", 0, 0x5000, PAGE_READWRITE);
	assert_int_equal(w->frames_free, frames - 5);
	CALL(t, t->main, "MmFreePhysicalMemory", 0, a + 0x1000); /* not its base: nothing happens */
	CALL(t, t->main, "MmFreePhysicalMemory", 0, a);
	assert_int_equal(w->frames_free, frames);
	assert_int_equal(CALL(t, t->main, "MmIsAddressValid", a), 0);
	assert_int_equal(CALL(t, t->main, "MmIsAddressValid", TK_DATA), 1);
}

static void statistics_are_the_frames_in_the_consoles_words(void **state)
{
	struct tk *t = TK(state);
	uint32_t s = tk_memory(t, 0x68), parts = 0;
	struct vm v = vm(t, 0, 0x30000);
	assert_int_equal(CALL(t, t->main, "MmQueryStatistics", 0), NT_INVALID_PARAMETER);
	tk_put32(t, s, 0x60);
	assert_int_equal(CALL(t, t->main, "MmQueryStatistics", s), NT_BUFFER_TOO_SMALL);
	tk_put32(t, s, 0x68);
	assert_int_equal(CALL(t, t->main, "MmQueryStatistics", s), NT_SUCCESS);
	assert_int_equal(tk_get32(t, s + 4), 0x20000);
	assert_int_equal(tk_get32(t, s + 0x64), 0x1ffff);
	uint32_t available = tk_get32(t, s + 0xC), reserved = tk_get32(t, s + 0x14), virtual = tk_get32(t, s + 0x2C);
	for (uint32_t at = 0x18; at < 0x38; at += 4)
		parts += tk_get32(t, s + at);
	assert_int_equal(tk_get32(t, s + 8) + available + parts, 0x20000); /* each frame once */
	assert_true(tk_get32(t, s + 0x20) > 0 && tk_get32(t, s + 0x24) > 0); /* stacks, image */
	assert_int_equal(allocate(t, v, MEM_COMMIT, PAGE_READWRITE), NT_SUCCESS);
	assert_int_equal(CALL(t, t->main, "MmQueryStatistics", s), NT_SUCCESS);
	assert_int_equal(available - tk_get32(t, s + 0xC), 0x30);
	assert_int_equal(tk_get32(t, s + 0x2C) - virtual, 0x30);
	assert_int_equal(tk_get32(t, s + 0x14) - reserved, 0x30000);
}

static const struct CMUnitTest tests[] = {
	TK_TEST(statistics_are_the_frames_in_the_consoles_words),
	TK_TEST(anywhere_is_bottom_up_in_units_of_64k),
	TK_TEST(large_pages_come_from_40000000_and_top_down_from_the_end),
	TK_TEST(reserve_then_commit_in_parts),
	TK_TEST(a_taken_or_unreserved_place_conflicts),
	TK_TEST(bad_arguments_are_statuses),
	TK_TEST(free_releases_whole_allocations_and_decommits_parts),
	TK_TEST(a_title_cannot_free_the_kernels_memory),
	TK_TEST(protect_gives_the_old_protection),
	TK_TEST(query_describes_runs_of_like_pages),
	TK_TEST(physical_memory_is_top_down_in_the_window_of_its_page_size),
	TK_TEST(physical_memory_keeps_to_its_bounds_and_alignment),
	TK_TEST(free_physical_gives_the_frames_back),
};
TK_MAIN(tests)
