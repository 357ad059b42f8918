/* src/mem/mem.c - the host side of guest memory: reservation and mirrors, attribute bytes, zeroing; see mem.h. */
#include "config.h"

#include "src/mem/mem.h"

#include <sys/mman.h>
#include <unistd.h>

#include "src/mem/mem_priv.h"

#define SPACE_BYTES (UINT64_C(1) << 32)
#define GUARD_BYTES ((uint64_t)MEM_PAGE)
#define FRONT_BYTES ((uint64_t)MEM_ATTR_BEFORE) /* the attribute bytes lie right before guest byte 0 */

#if defined(__SANITIZE_ADDRESS__)
#define UNDER_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_ASAN 1
#endif
#endif
#ifndef UNDER_ASAN
#define UNDER_ASAN 0
#endif

/* ---- host mappings ------------------------------------------------------------------------------------------- */

static void *map_any(uint64_t bytes, int prot)
{
	void *p = mmap(NULL, bytes, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	return p == MAP_FAILED ? NULL : p;
}

/* ASan's shadow covers the space below; there the reservation would collide with it. */
static uint8_t *reserve_space(void)
{
	uint64_t bytes = FRONT_BYTES + SPACE_BYTES + GUARD_BYTES;
	for (unsigned i = 0; UNDER_ASAN && i < 256; i++) {
		uintptr_t hint = (uintptr_t)(UINT64_C(0x200000000000) + i * (SPACE_BYTES * 2));
		void *p = mmap((void *)hint, bytes, PROT_NONE, /* NOLINT(performance-no-int-to-ptr) */
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
		if (p != MAP_FAILED)
			return (uint8_t *)p + FRONT_BYTES;
	}
	uint8_t *p = map_any(bytes, PROT_NONE);
	return p ? p + FRONT_BYTES : NULL;
}

static bool window_ready(uint8_t *at, uint64_t bytes, const void *mapped)
{
	if (mapped == MAP_FAILED)
		return false;
	/* Huge pages would make one touched guest page cost 2 MiB. Where they do not exist the call fails: all the better. */
	(void)madvise(at, bytes, MADV_NOHUGEPAGE);
	return true;
}

/* Memory that is zero; @kind: MAP_SHARED if it will have mirrors. (No file: a limit on the size of files must not count.) */
static bool map_window(struct mem *m, uint32_t first_page, uint32_t pages, int kind)
{
	uint8_t *at = m->base + ((uint64_t)first_page << MEM_PAGE_SHIFT);
	uint64_t bytes = (uint64_t)pages << MEM_PAGE_SHIFT;
	int flags = kind | MAP_FIXED | MAP_NORESERVE | MAP_ANONYMOUS;
	return window_ready(at, bytes, mmap(at, bytes, PROT_READ | PROT_WRITE, flags, -1, 0));
}

/* A second window onto the pages from @of on: mremap(2) of an old size of 0. */
static bool map_mirror(struct mem *m, uint32_t first_page, uint32_t pages, uint32_t of)
{
	uint8_t *at = m->base + ((uint64_t)first_page << MEM_PAGE_SHIFT);
	uint64_t bytes = (uint64_t)pages << MEM_PAGE_SHIFT;
	void *from = m->base + ((uint64_t)of << MEM_PAGE_SHIFT);
	return window_ready(at, bytes, mremap(from, 0, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, at));
}

static bool map_all(struct mem *m)
{
	m->base = reserve_space();
	if (m->base && mprotect(m->base - FRONT_BYTES, MEM_PAGES, PROT_READ | PROT_WRITE) == 0)
		m->attr = m->base - MEM_ATTR_BEFORE;
	m->touched = map_any(MEM_PAGES, PROT_READ | PROT_WRITE);
	m->dirty = map_any(MEM_PAGES, PROT_READ | PROT_WRITE);
	m->dirty_page = map_any(MEM_PAGES * sizeof *m->dirty_page, PROT_READ | PROT_WRITE);
	return m->base && m->attr && m->touched && m->dirty && m->dirty_page && map_window(m, 0, MEM_MMIO_FIRST, MAP_PRIVATE) &&
	       map_window(m, MEM_IMAGE_FIRST, MEM_IMAGE_PAGES, MAP_SHARED) &&
	       map_mirror(m, MEM_IMAGE_FIRST + MEM_IMAGE_PAGES, MEM_IMAGE_PAGES, MEM_IMAGE_FIRST) &&
	       map_window(m, MEM_PHYS_A, MEM_FRAMES, MAP_SHARED) && map_mirror(m, MEM_PHYS_C, MEM_FRAMES, MEM_PHYS_A) &&
	       map_mirror(m, MEM_PHYS_E, MEM_PHYS_E_PAGES, MEM_PHYS_A + MEM_PHYS_E_SKIP);
}

enum status mem_init(struct mem *m, struct arena *world)
{
	*m = (struct mem){ .world = world };
	if (!map_all(m)) {
		mem_fini(m);
		return ST_NO_MEMORY;
	}
	memset(m->attr, MEM_NOACCESS | MEM_CLEAN, MEM_PAGES);
	m->t_page = arena_table_add(world, "page", sizeof(struct mem_page), MEM_PAGES + 1);
	m->t_frame = arena_table_add(world, "frame", sizeof(struct mem_frame), MEM_FRAMES + 1);
	m->t_mem = arena_table_add(world, "mem", sizeof(struct mem_world), 2);
	arena_cover(world, m->t_mem, 1);
	world_row(m)->frames_free = MEM_FRAMES;
	return ST_OK;
}

void mem_fini(struct mem *m)
{
	if (m->base)
		munmap(m->base - FRONT_BYTES, FRONT_BYTES + SPACE_BYTES + GUARD_BYTES);
	if (m->touched)
		munmap(m->touched, MEM_PAGES);
	if (m->dirty)
		munmap(m->dirty, MEM_PAGES);
	if (m->dirty_page)
		munmap(m->dirty_page, MEM_PAGES * sizeof *m->dirty_page);
	*m = (struct mem){ 0 };
}

/* ---- mirrors --------------------------------------------------------------------------------------------------- */

uint32_t mem_canonical(uint32_t ga)
{
	return page_canonical(page_of(ga)) << MEM_PAGE_SHIFT | (ga & (MEM_PAGE - 1));
}

unsigned page_mirrors(uint32_t canonical, uint32_t mirror[MEM_MIRRORS_MAX])
{
	unsigned n = 0;
	mirror[n++] = canonical;
	if (canonical - MEM_IMAGE_FIRST < MEM_IMAGE_PAGES)
		mirror[n++] = canonical + MEM_IMAGE_PAGES;
	if (page_is_physical(canonical)) {
		uint32_t phys = canonical - MEM_PHYS_A;
		mirror[n++] = MEM_PHYS_C + phys;
		if (phys - MEM_PHYS_E_SKIP < MEM_PHYS_E_PAGES)
			mirror[n++] = MEM_PHYS_E + phys - MEM_PHYS_E_SKIP;
	}
	return n;
}

/* ---- attribute bytes ---------------------------------------------------------------------------------------------- */

static void group_attr(struct mem *m, uint32_t page, uint8_t clear, uint8_t set)
{
	uint32_t mirror[MEM_MIRRORS_MAX];
	unsigned n = page_mirrors(page_canonical(page), mirror);
	for (unsigned i = 0; i < n; i++)
		m->attr[mirror[i]] = (uint8_t)((m->attr[mirror[i]] & ~clear) | set);
}

void mem_attr_set(struct mem *m, uint32_t ga, uint8_t bits)
{
	group_attr(m, page_of(ga), 0, bits);
}

void mem_attr_clear(struct mem *m, uint32_t ga, uint8_t bits)
{
	group_attr(m, page_of(ga), bits, 0);
}

static uint8_t attr_of_row(const struct mem_page *row)
{
	if (row->state != MEM_COMMITTED)
		return MEM_NOACCESS;
	return (uint8_t)((row->protect & MEM_PROT_R ? 0 : MEM_NOREAD) | (row->protect & MEM_PROT_W ? 0 : MEM_NOWRITE) |
			 (row->protect & MEM_PROT_X ? 0 : MEM_NOEXEC));
}

void page_drop_code(struct mem *m, uint32_t page)
{
	if (!(m->attr[page] & MEM_CODE))
		return;
	uint32_t mirror[MEM_MIRRORS_MAX];
	unsigned n = page_mirrors(page_canonical(page), mirror);
	group_attr(m, page, MEM_CODE, 0);
	for (unsigned i = 0; i < n && m->hooks.code_stored; i++)
		m->hooks.code_stored(m->hooks.code_ctx, mirror[i]);
}

void page_attr_derive(struct mem *m, uint32_t canonical)
{
	page_drop_code(m, canonical);
	group_attr(m, canonical, MEM_NOACCESS, attr_of_row(page_peek(m, canonical)));
}

enum mem_result page_refusal(const struct mem *m, uint32_t page)
{
	if (page >= MEM_MMIO_FIRST && page < MEM_MMIO_END)
		return MEM_FAULT_MMIO;
	switch (page_peek(m, page_canonical(page))->state) {
	case MEM_COMMITTED:
		return MEM_FAULT_PROTECTED;
	case MEM_MMIO:
		return MEM_FAULT_MMIO;
	default:
		return MEM_FAULT_UNMAPPED;
	}
}

static void note_dirty(struct mem *m, uint32_t canonical)
{
	if (m->dirty[canonical])
		return;
	m->dirty[canonical] = 1;
	m->dirty_page[m->dirty_pages++] = canonical;
}

void page_note_store(struct mem *m, uint32_t ga, uint32_t size)
{
	uint32_t page = page_of(ga);
	uint8_t attr = m->attr[page];
	if (attr & MEM_CLEAN) {
		m->touched[page_canonical(page)] = 1;
		note_dirty(m, page_canonical(page));
		group_attr(m, page, MEM_CLEAN, 0);
	}
	if (attr & MEM_CODE)
		page_drop_code(m, page);
	if (attr & MEM_RESERVED)
		reservations_end(m, ga, size);
}

/* Is any byte of row @row's arena pages written since the arena was cleared? (Else the row is zero.) */
static bool row_may_be_set(const struct mem *m, uint32_t row)
{
	const struct arena_table *t = &m->world->table[m->t_page];
	uint64_t offset = t->offset + (uint64_t)row * t->row_size;
	const uint8_t *dirty = m->world->dirty;
	return ((dirty[offset >> ARENA_PAGE_SHIFT] | dirty[(offset + t->row_size - 1) >> ARENA_PAGE_SHIFT]) & ARENA_TOUCHED) != 0;
}

void mem_rebuild_attributes(struct mem *m)
{
	for (uint32_t p = 0; p < MEM_PAGES; p++)
		m->attr[p] = (m->attr[p] & (MEM_CLEAN | MEM_WATCH_R | MEM_WATCH_W)) | MEM_NOACCESS;
	for (uint32_t p = 0; p < MEM_PHYS_A + MEM_FRAMES; p++) {
		if (row_may_be_set(m, p + 1) && page_peek(m, p)->state == MEM_COMMITTED)
			group_attr(m, p, MEM_NOACCESS, attr_of_row(page_peek(m, p)));
	}
	m->hw = world_peek(m)->hw;
	reservations_arm(m);
}

void mem_clean(struct mem *m)
{
	for (uint32_t i = 0; i < m->dirty_pages; i++) {
		m->dirty[m->dirty_page[i]] = 0;
		group_attr(m, m->dirty_page[i], 0, MEM_CLEAN);
	}
	m->dirty_pages = 0;
}

/* ---- contents as a whole ---------------------------------------------------------------------------------------- */

/* Gives the host's memory back, so that it reads as zero. */
static void host_zero(struct mem *m, uint32_t canonical, uint32_t count)
{
	uint8_t *at = m->base + ((uint64_t)canonical << MEM_PAGE_SHIFT);
	uint64_t bytes = (uint64_t)count << MEM_PAGE_SHIFT;
	int rc = madvise(at, bytes, canonical >= MEM_IMAGE_FIRST ? MADV_REMOVE : MADV_DONTNEED); /* shared with mirrors, or not */
	if (rc != 0)
		memset(at, 0, bytes);
}

void pages_zero(struct mem *m, uint32_t canonical, uint32_t count)
{
	for (uint32_t p = canonical, end = canonical + count; p < end;) {
		uint32_t run = 0;
		for (; p + run < end && m->touched[p + run]; run++) {
			page_note_store(m, (p + run) << MEM_PAGE_SHIFT, MEM_PAGE);
			m->touched[p + run] = 0;
			group_attr(m, p + run, 0, MEM_CLEAN);
		}
		if (run)
			host_zero(m, p, run);
		p += run ? run : 1;
	}
}

void mem_page_put(struct mem *m, uint32_t page, const uint8_t *bytes)
{
	if (bytes)
		memcpy(m->base + ((uint64_t)page << MEM_PAGE_SHIFT), bytes, MEM_PAGE);
	else if (m->touched[page])
		host_zero(m, page, 1);
	m->touched[page] = bytes != NULL;
}

static bool page_is_zero(const uint8_t *bytes)
{
	return bytes[0] == 0 && memcmp(bytes, bytes + 1, MEM_PAGE - 1) == 0;
}

void mem_each_touched(const struct mem *m, void (*fn)(void *ctx, uint32_t ga, const uint8_t *bytes), void *ctx)
{
	for (uint32_t p = 0; p < MEM_PHYS_A + MEM_FRAMES; p++) {
		if (!m->touched[p])
			continue;
		uint32_t ga = p << MEM_PAGE_SHIFT;
		if (!page_is_zero(m->base + ga))
			fn(ctx, ga, m->base + ga);
	}
}
