/* tests/t_mem.c - the laws of guest memory: every width, edges, protection, mirrors, devices, reservations, frames. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <sys/wait.h>
#include <unistd.h>

#include "src/mem/mem.h"

#define RW (MEM_PROT_R | MEM_PROT_W)
#define RWX (RW | MEM_PROT_X)
#define AT 0x00100000u            /* a private page's address */
#define IMAGE 0x82000000u
#define IMAGE_MIRROR 0x92000000u

struct rig {
	struct arena world;
	struct mem mem;
	unsigned watched, codes;
	uint32_t watch_ga, watch_size, code_page[8];
	bool watch_store;
	uint64_t reg;                 /* the device's one register */
	unsigned reg_size;
};

static struct mem *M(void **state)
{
	return &((struct rig *)*state)->mem;
}

static int setup(void **state)
{
	struct rig *r = calloc(1, sizeof *r);
	assert_non_null(r);
	assert_int_equal(arena_init(&r->world, UINT64_C(64) << 20), ST_OK);
	assert_int_equal(mem_init(&r->mem, &r->world), ST_OK);
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	struct rig *r = *state;
	mem_fini(&r->mem);
	arena_fini(&r->world);
	free(r);
	return 0;
}

static void commit(struct mem *m, uint32_t ga, uint32_t size, unsigned protect)
{
	assert_int_equal(mem_commit(m, ga, size, protect, MEM_OWNER_heap, ga), ST_OK);
}

static uint32_t lcg(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* ---- accesses ----------------------------------------------------------------------------------------------------- */

static void mem_unmapped_access_faults_at_its_first_byte(void **state)
{
	struct mem *m = M(state);
	uint8_t b[8] = { 0 };
	uint32_t at = 0, w;
	assert_int_equal(mem_load_slow(m, AT, 4, b, &at), MEM_FAULT_UNMAPPED);
	assert_int_equal(at, AT);
	assert_int_equal(mem_store_slow(m, 0, 8, b, &at), MEM_FAULT_UNMAPPED);
	assert_int_equal(at, 0);
	assert_int_equal(mem_fetch(m, AT, &w), MEM_FAULT_UNMAPPED);
	assert_int_equal(mem_load_slow(m, 0xFFFFFFF0u, 4, b, NULL), MEM_FAULT_UNMAPPED);
	assert_false(mem_load_is_fast(m, AT, 4));
	assert_false(mem_store_is_fast(m, AT, 4));
}

static void mem_every_width_reads_back_big_endian(void **state)
{
	struct mem *m = M(state);
	commit(m, AT, 0x2000, RW);
	for (uint32_t off = MEM_PAGE - 9; off <= MEM_PAGE + 1; off++) { /* aligned or not, over the page's edge too */
		uint32_t ga = AT + off;
		mem_put64(m, ga, 0x0102030405060708u);
		assert_int_equal(mem_get8(m, ga), 0x01);
		assert_int_equal(mem_get16(m, ga), 0x0102);
		assert_int_equal(mem_get32(m, ga), 0x01020304);
		assert_true(mem_get64(m, ga) == 0x0102030405060708u);
		mem_put8(m, ga, 0xaa);
		mem_put16(m, ga + 1, 0xbbcc);
		mem_put32(m, ga + 3, 0xddeeff11);
		assert_true(mem_get64(m, ga) == 0xaabbccddeeff1108u);
	}
}

static void mem_slow_path_equals_plain_bytes_at_any_place_and_size(void **state)
{
	struct mem *m = M(state);
	uint8_t shadow[3 * MEM_PAGE] = { 0 }, b[128], back[128];
	uint32_t seed = 1;
	commit(m, AT, sizeof shadow, RW);
	for (unsigned i = 0; i < 4000; i++) {
		uint32_t size = 1 + lcg(&seed) % 128, off = lcg(&seed) % (uint32_t)(sizeof shadow - size);
		for (uint32_t j = 0; j < size; j++)
			b[j] = (uint8_t)lcg(&seed);
		assert_int_equal(mem_store_slow(m, AT + off, size, b, NULL), MEM_OK);
		memcpy(shadow + off, b, size);
		off = lcg(&seed) % (uint32_t)(sizeof shadow - size);
		assert_int_equal(mem_load_slow(m, AT + off, size, back, NULL), MEM_OK);
		assert_memory_equal(back, shadow + off, size);
	}
}

static void mem_first_store_is_slow_then_fast(void **state)
{
	struct mem *m = M(state);
	commit(m, AT, MEM_PAGE, RW);
	assert_true(mem_load_is_fast(m, AT, 8));
	assert_false(mem_store_is_fast(m, AT, 8));
	assert_int_equal(m->touched[AT >> MEM_PAGE_SHIFT], 0);
	assert_int_equal(mem_store_slow(m, AT, 1, "x", NULL), MEM_OK);
	assert_true(mem_store_is_fast(m, AT, 8));
	assert_int_equal(m->touched[AT >> MEM_PAGE_SHIFT], 1);
	assert_false(mem_store_is_fast(m, AT + MEM_PAGE - 7, 8)); /* would cross */
	mem_clean(m);
	assert_false(mem_store_is_fast(m, AT, 8));
}

static void mem_store_is_all_or_nothing_at_a_page_edge(void **state)
{
	struct mem *m = M(state);
	uint32_t at = 0;
	uint8_t b[16];
	commit(m, AT, MEM_PAGE, RW);
	commit(m, AT + MEM_PAGE, MEM_PAGE, MEM_PROT_R);
	memset(b, 0x5a, sizeof b);
	for (unsigned n = 1; n < sizeof b; n++) {
		assert_int_equal(mem_store_slow(m, AT + MEM_PAGE - n, sizeof b, b, &at), MEM_FAULT_PROTECTED);
		assert_int_equal(at, AT + MEM_PAGE);
		assert_int_equal(mem_write(m, AT + MEM_PAGE - n, b, sizeof b), MEM_FAULT_PROTECTED);
	}
	for (uint32_t i = 0; i < MEM_PAGE; i += 8)
		assert_true(mem_get64(m, AT + i) == 0);
	assert_int_equal(m->touched[AT >> MEM_PAGE_SHIFT], 0);
	assert_int_equal(mem_load_slow(m, AT + 2 * MEM_PAGE - 8, 16, b, &at), MEM_FAULT_UNMAPPED);
	assert_int_equal(at, AT + 2 * MEM_PAGE);
	assert_int_equal(b[0], 0x5a);
}

static void mem_access_wraps_at_4_gib(void **state)
{
	struct mem *m = M(state);
	uint8_t b[8] = { 0 };
	uint32_t at = 0;
	/* Neither the last page nor page 0 can be mapped: the wrap is seen in what fails first. */
	assert_int_equal(mem_load_slow(m, 0xFFFFFFFCu, 8, b, &at), MEM_FAULT_UNMAPPED);
	assert_int_equal(at, 0xFFFFFFFCu);
	assert_int_equal(mem_peek(m, 0xFFFFFFFCu, b, 8), MEM_FAULT_UNMAPPED);
	assert_int_equal(mem_commit(m, 0, MEM_PAGE, RW, MEM_OWNER_heap, 0), ST_BAD_ADDRESS);
	assert_int_equal(mem_commit(m, 0xFFFFF000u, MEM_PAGE, RW, MEM_OWNER_heap, 0), ST_BAD_ADDRESS);
	m->attr[0xFFFFF] &= (uint8_t)~MEM_NOREAD; /* as if it were there: now page 0 is what fails */
	assert_int_equal(mem_load_slow(m, 0xFFFFFFFCu, 8, b, &at), MEM_FAULT_UNMAPPED);
	assert_int_equal(at, 0);
}

static void mem_protection_is_kept_for_the_guest_and_not_for_the_debugger(void **state)
{
	struct mem *m = M(state);
	uint32_t w;
	uint8_t b[4] = { 1, 2, 3, 4 };
	commit(m, AT, MEM_PAGE, MEM_PROT_R);
	assert_int_equal(mem_write(m, AT, b, 4), MEM_FAULT_PROTECTED);
	assert_int_equal(mem_fetch(m, AT, &w), MEM_FAULT_PROTECTED);
	assert_int_equal(mem_poke(m, AT, b, 4), MEM_OK);
	assert_int_equal(mem_get32(m, AT), 0x01020304);
	assert_int_equal(mem_protect(m, AT, MEM_PAGE, MEM_PROT_X | MEM_PROT_R), ST_OK);
	assert_int_equal(mem_fetch(m, AT, &w), MEM_OK);
	assert_int_equal(w, 0x01020304);
	assert_int_equal(mem_protect(m, AT, MEM_PAGE, 0), ST_OK);
	assert_int_equal(mem_read(m, AT, b, 4), MEM_FAULT_PROTECTED);
	assert_int_equal(mem_peek(m, AT, b, 4), MEM_OK);
	assert_int_equal(mem_peek(m, AT + MEM_PAGE - 2, b, 4), MEM_FAULT_UNMAPPED);
	assert_int_equal(mem_protect(m, AT, 2 * MEM_PAGE, RW), ST_STATE);
	assert_int_equal(mem_page_at(m, AT)->protect, 0);
}

static void mem_string_ends_at_nul_size_or_edge(void **state)
{
	struct mem *m = M(state);
	char s[8];
	commit(m, AT, MEM_PAGE, RW);
	assert_int_equal(mem_poke(m, AT, "event", 6), MEM_OK);
	assert_true(mem_string(m, AT, s, sizeof s));
	assert_string_equal(s, "event");
	assert_true(mem_string(m, AT, s, 4));
	assert_string_equal(s, "eve");
	assert_int_equal(mem_poke(m, AT + MEM_PAGE - 2, "ab", 2), MEM_OK);
	assert_false(mem_string(m, AT + MEM_PAGE - 2, s, sizeof s));
	assert_string_equal(s, "ab");
}

/* ---- mirrors ------------------------------------------------------------------------------------------------------------ */

static void mem_image_is_seen_at_both_addresses(void **state)
{
	struct mem *m = M(state);
	commit(m, IMAGE, 0x10000, RW);
	mem_put32(m, IMAGE_MIRROR + 0x123, 0xcafe1234);
	assert_int_equal(mem_get32(m, IMAGE + 0x123), 0xcafe1234);
	assert_int_equal(mem_canonical(IMAGE_MIRROR + 0x123), IMAGE + 0x123);
	assert_int_equal(m->touched[IMAGE >> MEM_PAGE_SHIFT], 1);
	assert_int_equal(m->touched[IMAGE_MIRROR >> MEM_PAGE_SHIFT], 0);
	assert_ptr_equal(mem_page_at(m, IMAGE), mem_page_at(m, IMAGE_MIRROR));
	assert_int_equal(mem_protect(m, IMAGE_MIRROR, MEM_PAGE, MEM_PROT_R), ST_OK);
	assert_int_equal(mem_write(m, IMAGE, "x", 1), MEM_FAULT_PROTECTED);
	assert_int_equal(mem_commit(m, IMAGE_MIRROR, MEM_PAGE, RW, MEM_OWNER_image, IMAGE_MIRROR), ST_STATE);
}

static void mem_physical_is_seen_in_three_windows_the_last_shifted_by_1000(void **state)
{
	struct mem *m = M(state);
	uint32_t phys;
	assert_int_equal(mem_commit_physical(m, 0, 0x3000, RW, 0xA0000000u), ST_OK);
	mem_put32(m, 0xA0001010u, 0x11223344);
	assert_int_equal(mem_get32(m, 0xC0001010u), 0x11223344);
	assert_int_equal(mem_get32(m, 0xE0000010u), 0x11223344);
	mem_put32(m, 0xE0001010u, 0x55667788);
	assert_int_equal(mem_get32(m, 0xA0002010u), 0x55667788);
	assert_true(mem_physical(m, 0xE0001010u, &phys));
	assert_int_equal(phys, 0x2010);
	assert_true(mem_physical(m, 0xC0002010u, &phys));
	assert_int_equal(phys, 0x2010);
	assert_false(mem_physical(m, 0xA0003000u, &phys));
	assert_int_equal(mem_canonical(0xE0001010u), 0xA0002010u);
	/* Both ends of the shifted window. */
	assert_int_equal(mem_commit_physical(m, 0x1FD00000, MEM_PAGE, RW, 0xBFD00000u), ST_OK);
	mem_put8(m, 0xFFCFFFFFu, 0x77);
	assert_int_equal(mem_get8(m, 0xBFD00FFFu), 0x77);
	assert_int_equal(mem_canonical(0xFFD00000u), 0xFFD00000u);
}

static void mem_attributes_of_a_page_change_on_all_its_mirrors(void **state)
{
	struct mem *m = M(state);
	static const uint32_t same[] = { 0xA0005000u, 0xC0005000u, 0xE0004000u };
	assert_int_equal(mem_commit_physical(m, 0x5000, MEM_PAGE, RW, 0xA0005000u), ST_OK);
	for (unsigned i = 0; i < 3; i++) {
		mem_attr_set(m, same[i], MEM_CODE | MEM_WATCH_R);
		for (unsigned j = 0; j < 3; j++)
			assert_int_equal(m->attr[same[j] >> 12] & (MEM_CODE | MEM_WATCH_R), MEM_CODE | MEM_WATCH_R);
		mem_attr_clear(m, same[(i + 1) % 3], MEM_CODE | MEM_WATCH_R);
		for (unsigned j = 0; j < 3; j++)
			assert_int_equal(m->attr[same[j] >> 12] & (MEM_CODE | MEM_WATCH_R), 0);
	}
	mem_put8(m, same[2], 1);
	for (unsigned j = 0; j < 3; j++)
		assert_true(mem_store_is_fast(m, same[j], 4));
}

/* ---- hooks ----------------------------------------------------------------------------------------------------------------- */

static bool reg_read(void *ctx, uint32_t ga, unsigned size, uint64_t *value)
{
	struct rig *r = ctx;
	r->reg_size = size;
	*value = r->reg;
	return (ga & 0xfff) < 8;
}

static bool reg_write(void *ctx, uint32_t ga, unsigned size, uint64_t value)
{
	struct rig *r = ctx;
	r->reg_size = size;
	r->reg = value;
	return (ga & 0xfff) < 8;
}

static void mem_mmio_goes_to_its_device_naturally_aligned_only(void **state)
{
	struct rig *r = *state;
	struct mem *m = &r->mem;
	uint8_t b[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	mem_device_add(m, &(struct mem_device){ 0x7FC80000u, 0x10000, reg_read, reg_write, r, "gpu" });
	for (unsigned size = 1; size <= 8; size *= 2) {
		uint64_t want = 0;
		for (unsigned i = 0; i < size; i++)
			want = want << 8 | b[i];
		assert_int_equal(mem_store_slow(m, 0x7FC80000u, size, b, NULL), MEM_OK);
		assert_true(r->reg == want);
		assert_int_equal(r->reg_size, size);
		uint8_t back[8] = { 0 };
		assert_int_equal(mem_load_slow(m, 0x7FC80000u, size, back, NULL), MEM_OK);
		assert_memory_equal(back, b, size);
	}
	r->reg_size = 0;
	assert_int_equal(mem_load_slow(m, 0x7FC80001u, 2, b, NULL), MEM_FAULT_MMIO);
	assert_int_equal(mem_load_slow(m, 0x7FC80000u, 3, b, NULL), MEM_FAULT_MMIO);
	assert_int_equal(mem_load_slow(m, 0x7FC80000u, 16, b, NULL), MEM_FAULT_MMIO);
	assert_int_equal(r->reg_size, 0);
	assert_int_equal(mem_load_slow(m, 0x7FC80008u, 4, b, NULL), MEM_FAULT_MMIO); /* the device does not know it */
	assert_int_equal(mem_load_slow(m, MEM_LOCKED_CACHE_END, 4, b, NULL), MEM_FAULT_MMIO); /* nobody there */
	assert_int_equal(mem_load_slow(m, MEM_LOCKED_CACHE, 4, b, NULL), MEM_FAULT_UNMAPPED); /* nothing locked */
	assert_int_equal(mem_peek(m, 0x7FC80000u, b, 4), MEM_FAULT_MMIO);
	assert_int_equal(mem_commit(m, 0x7FC80000u, MEM_PAGE, RW, MEM_OWNER_heap, 0x7FC80000u), ST_BAD_ADDRESS);
}

static void on_watch(void *ctx, uint32_t ga, unsigned size, bool is_store)
{
	struct rig *r = ctx;
	r->watched++;
	r->watch_ga = ga;
	r->watch_size = size;
	r->watch_store = is_store;
}

static void mem_watch_sees_guest_accesses_before_they_happen_and_nothing_else(void **state)
{
	struct rig *r = *state;
	struct mem *m = &r->mem;
	uint8_t b[16] = { 0 };
	m->hooks.watched = on_watch;
	m->hooks.watch_ctx = r;
	commit(m, AT, 0x3000, RW);
	mem_attr_set(m, AT + 0x1000, MEM_WATCH_W);
	assert_int_equal(mem_write(m, AT, b, 16), MEM_OK);
	assert_int_equal(mem_read(m, AT + 0x1000, b, 16), MEM_OK);
	assert_int_equal(r->watched, 0);
	assert_int_equal(mem_store_slow(m, AT + 0xff8, 16, b, NULL), MEM_OK); /* its second half lies there */
	assert_int_equal(r->watched, 1);
	assert_int_equal(r->watch_ga, AT + 0xff8);
	assert_int_equal(r->watch_size, 16);
	assert_true(r->watch_store);
	mem_attr_set(m, AT + 0x2000, MEM_WATCH_R);
	assert_false(mem_load_is_fast(m, AT + 0x2000, 1));
	assert_int_equal(mem_load_slow(m, AT + 0x2004, 2, b, NULL), MEM_OK);
	assert_int_equal(r->watched, 2);
	assert_false(r->watch_store);
	assert_int_equal(mem_load_slow(m, AT + 0x2ffc, 8, b, NULL), MEM_FAULT_UNMAPPED);
	mem_put32(m, AT + 0x1000, 1);
	assert_int_equal(mem_poke(m, AT + 0x1000, b, 4), MEM_OK);
	assert_int_equal(mem_peek(m, AT + 0x2000, b, 4), MEM_OK);
	assert_int_equal(r->watched, 2);
}

static void on_code(void *ctx, uint32_t page)
{
	struct rig *r = ctx;
	if (r->codes < ARRAY_LEN(r->code_page))
		r->code_page[r->codes] = page;
	r->codes++;
}

static void mem_store_protect_and_release_drop_code_once_on_all_mirrors(void **state)
{
	struct rig *r = *state;
	struct mem *m = &r->mem;
	m->hooks.code_stored = on_code;
	m->hooks.code_ctx = r;
	commit(m, IMAGE, MEM_PAGE, RWX);
	mem_attr_set(m, IMAGE, MEM_CODE);
	mem_put32(m, IMAGE_MIRROR, 0x60000000);
	assert_int_equal(r->codes, 2);
	assert_int_equal(r->code_page[0], IMAGE >> 12);
	assert_int_equal(r->code_page[1], IMAGE_MIRROR >> 12);
	mem_put32(m, IMAGE, 0x60000000);
	assert_int_equal(r->codes, 2);
	mem_attr_set(m, IMAGE, MEM_CODE);
	assert_int_equal(mem_protect(m, IMAGE, MEM_PAGE, RW), ST_OK);
	assert_int_equal(r->codes, 4);
	mem_attr_set(m, IMAGE, MEM_CODE);
	mem_release(m, IMAGE, MEM_PAGE, true);
	assert_int_equal(r->codes, 6);
	assert_int_equal(m->attr[IMAGE >> 12] & MEM_CODE, 0);
}

/* ---- reservations ---------------------------------------------------------------------------------------------------------- */

static void mem_reservation_is_taken_once_and_covers_its_line(void **state)
{
	struct mem *m = M(state);
	commit(m, AT, MEM_PAGE, RW);
	mem_reserve(m, AT + 4);
	assert_true(mem_reserve_take(m, AT + 124));
	assert_false(mem_reserve_take(m, AT + 4));
	mem_reserve(m, AT + 4);
	assert_false(mem_reserve_take(m, AT + 128)); /* another line; the reservation is gone all the same */
	assert_false(mem_reserve_take(m, AT + 4));
}

static void mem_reservation_ends_by_anothers_store_into_its_line_only(void **state)
{
	struct mem *m = M(state);
	commit(m, AT, MEM_PAGE, RW);
	mem_put8(m, AT, 0);
	mem_reserve(m, AT + 0x80);
	mem_put8(m, AT + 0x80, 1);                     /* its own store does not count */
	mem_hw_switch(m, 1);
	assert_false(mem_store_is_fast(m, AT, 4));
	mem_put8(m, AT + 0x7f, 1);                     /* neighbours do not count */
	assert_int_equal(mem_store_slow(m, AT + 0x100, 1, "x", NULL), MEM_OK);
	mem_hw_switch(m, 0);
	assert_true(mem_store_is_fast(m, AT, 4));
	assert_true(mem_reserve_take(m, AT + 0x80));
	mem_reserve(m, AT + 0x80);
	mem_hw_switch(m, 5);
	assert_int_equal(mem_store_slow(m, AT + 0x7e, 8, "abcdefgh", NULL), MEM_OK); /* reaches into it */
	assert_true(mem_store_is_fast(m, AT, 4));
	mem_hw_switch(m, 0);
	assert_false(mem_reserve_take(m, AT + 0x80));
}

static void mem_reservation_ends_through_a_mirror_and_by_a_thread_switch(void **state)
{
	struct mem *m = M(state);
	commit(m, IMAGE, MEM_PAGE, RW);
	mem_reserve(m, IMAGE);
	mem_hw_switch(m, 2);
	mem_put32(m, IMAGE_MIRROR, 1);
	mem_hw_switch(m, 0);
	assert_false(mem_reserve_take(m, IMAGE));
	mem_reserve(m, IMAGE);
	mem_reserve_drop(m, 0);
	assert_false(mem_reserve_take(m, IMAGE));
	mem_reserve(m, IMAGE);
	mem_hw_switch(m, 3);
	mem_reserve(m, IMAGE);
	mem_reserve_drop(m, 0);
	assert_true(mem_store_is_fast(m, IMAGE, 4));
	assert_true(mem_reserve_take(m, IMAGE));
}

/* ---- pages and frames -------------------------------------------------------------------------------------------------------- */

static uint32_t frames_counted(const struct mem *m, unsigned state)
{
	uint32_t n = 0;
	for (uint32_t f = 0; f < MEM_FRAMES; f++)
		n += ((const struct mem_frame *)arena_peek(m->world, m->t_frame, f + 1))->state == state;
	return n;
}

static const struct mem_world *sums(const struct mem *m)
{
	return arena_peek(m->world, m->t_mem, 1);
}

static void check_sums(const struct mem *m)
{
	uint32_t owned = 0;
	for (unsigned i = 0; i < ARRAY_LEN(sums(m)->frames_owned); i++)
		owned += sums(m)->frames_owned[i];
	assert_int_equal(sums(m)->frames_free, frames_counted(m, 0));
	assert_int_equal(owned, frames_counted(m, 2));
}

static void mem_frames_are_counted_through_reserve_commit_and_release(void **state)
{
	struct mem *m = M(state);
	assert_int_equal(sums(m)->frames_free, MEM_FRAMES);
	assert_int_equal(mem_reserve_range(m, AT, 0x10000, RW, AT), ST_OK);
	assert_int_equal(sums(m)->frames_free, MEM_FRAMES);
	assert_int_equal(mem_reserve_range(m, AT + 0xf000, 0x2000, RW, AT), ST_STATE);
	assert_int_equal(mem_commit(m, AT + 0x1000, 0x2000, MEM_PROT_R, MEM_OWNER_stack, 0x5000), ST_OK);
	assert_int_equal(sums(m)->frames_owned[MEM_OWNER_stack], 2);
	assert_int_equal(mem_page_at(m, AT + 0x1000)->alloc_base, AT);
	assert_int_equal(mem_page_at(m, AT + 0x1000)->alloc_protect, RW);
	assert_int_equal(mem_page_at(m, AT + 0x1000)->protect, MEM_PROT_R);
	assert_int_equal(mem_commit(m, AT, 0x2000, RW, MEM_OWNER_heap, AT), ST_STATE);
	assert_int_equal(mem_page_at(m, AT)->state, MEM_RESERVED_ONLY);
	check_sums(m);
	mem_release(m, AT, 0x10000, false);
	assert_int_equal(mem_page_at(m, AT + 0x1000)->state, MEM_RESERVED_ONLY);
	assert_int_equal(mem_page_at(m, AT + 0x1000)->alloc_base, AT);
	assert_int_equal(sums(m)->frames_free, MEM_FRAMES);
	mem_release(m, AT, 0x10000, true);
	assert_int_equal(mem_page_at(m, AT)->state, MEM_FREE);
	check_sums(m);
}

static void mem_two_owners_never_share_a_frame(void **state)
{
	struct mem *m = M(state);
	static uint8_t seen[MEM_FRAMES];
	memset(seen, 0, sizeof seen);
	assert_int_equal(mem_commit_physical(m, 0x1000, 0x2000, RW, 0xA0001000u), ST_OK);
	commit(m, AT, 0x4000, RW);
	assert_int_equal(mem_commit_physical(m, 0, 0x1000, RW, 0xA0000000u), ST_NO_MEMORY); /* the heap has that frame */
	for (uint32_t i = 0; i < 4; i++)
		seen[mem_page_at(m, AT + i * MEM_PAGE)->frame - 1]++;
	for (uint32_t i = 1; i < 3; i++)
		seen[mem_page_at(m, 0xA0000000u + i * MEM_PAGE)->frame - 1]++;
	for (uint32_t f = 0; f < MEM_FRAMES; f++)
		assert_true(seen[f] <= 1);
	assert_int_equal(mem_reserve_range(m, 0xA0010000u, 0x10000, RW, 0xA0010000u), ST_OK);
	assert_int_equal(frames_counted(m, 1), 16);
	commit(m, AT + 0x100000, 0x20000, RW);
	for (uint32_t i = 0; i < 32; i++) {
		uint32_t frame = mem_page_at(m, AT + 0x100000 + i * MEM_PAGE)->frame - 1;
		assert_true(frame < 0x10 || frame >= 0x20);
	}
	check_sums(m);
}

static void count_fault(void *ctx, uint32_t frame, uint32_t ga, const char *what)
{
	(void)frame, (void)ga, (void)what;
	++*(unsigned *)ctx;
}

static unsigned faults(const struct mem *m)
{
	unsigned n = 0;
	mem_frames_check(m, count_fault, &n);
	return n;
}

static void mem_frames_agree_with_pages_whatever_is_asked(void **state)
{
	struct mem *m = M(state);
	static const uint32_t bases[] = { AT, AT + 0x40000, 0xA0000000u, 0xC0020000u, 0xE0010000u, 0x82000000u, 0x92000000u };
	uint64_t rng = 7;
	for (unsigned i = 0; i < 3000; i++) {
		rng = rng * UINT64_C(6364136223846793005) + 1442695040888963407;
		uint32_t pick = (uint32_t)(rng >> 33), ga = bases[pick % ARRAY_LEN(bases)] + (pick >> 4 & 31) * MEM_PAGE;
		uint32_t size = (1 + (pick >> 9 & 15)) * MEM_PAGE;
		enum status st = ST_OK;
		switch (pick >> 13 & 3) {
		case 0: st = mem_commit(m, ga, size, RW, (enum mem_owner)(1 + (pick >> 15) % (MEM_OWNERS_COUNT - 1)), ga); break;
		case 1: st = mem_reserve_range(m, ga, size, RW, ga); break;
		case 2: mem_release(m, ga, size, false); break;
		default: mem_release(m, ga, size, true);
		}
		assert_true(st == ST_OK || st == ST_STATE || st == ST_NO_MEMORY);
		if (i % 64 == 0)
			assert_int_equal(faults(m), 0);
	}
	assert_int_equal(faults(m), 0);
	assert_int_equal(mem_frames_reserved(m), frames_counted(m, MEM_FRAME_RESERVED));
}

static void mem_frame_is_shown_at_its_page_and_all_mirrors(void **state)
{
	struct mem *m = M(state);
	uint32_t ga[MEM_FRAME_MAPS];
	assert_int_equal(mem_commit(m, 0xA0010000u, MEM_PAGE, RW, MEM_OWNER_physical, 0xA0010000u), ST_OK);
	assert_int_equal(mem_frame_maps(m, 0x10, ga), 3);
	assert_int_equal(ga[0], 0xA0010000u);
	assert_int_equal(ga[1], 0xC0010000u);
	assert_int_equal(ga[2], 0xE000F000u);
	assert_int_equal(mem_commit(m, 0x92000000u, MEM_PAGE, RW, MEM_OWNER_image, 0x82000000u), ST_OK);
	assert_int_equal(mem_frame_maps(m, mem_page_at(m, 0x82000000u)->frame - 1, ga), 2);
	assert_int_equal(ga[1], 0x92000000u);
	assert_int_equal(mem_frame_maps(m, 0x7777, ga), 0);
}

struct moved {
	unsigned count;
	uint32_t frame;
	struct mem_frame before, now;
};

static void note_move(void *ctx, uint32_t frame, const struct mem_frame *before, const struct mem_frame *now)
{
	struct moved *v = ctx;
	v->count++;
	v->frame = frame;
	v->before = *before;
	v->now = *now;
}

static void mem_every_transition_of_a_frame_is_told(void **state)
{
	struct mem *m = M(state);
	struct moved v = { 0 };
	m->hooks.frame_moved = note_move;
	m->hooks.frame_ctx = &v;
	assert_int_equal(mem_reserve_range(m, 0xA0010000u, MEM_PAGE, RW, 0xA0010000u), ST_OK);
	assert_true(v.count == 1 && v.frame == 0x10 && v.before.state == MEM_FRAME_FREE && v.now.state == MEM_FRAME_RESERVED);
	assert_int_equal(mem_commit(m, 0xA0010000u, MEM_PAGE, RW, MEM_OWNER_physical, 0xA0010000u), ST_OK);
	assert_true(v.count == 2 && v.now.state == MEM_FRAME_OWNED && v.now.owner == MEM_OWNER_physical && v.now.ga == 0xA0010000u);
	mem_release(m, 0xA0010000u, MEM_PAGE, false);
	assert_true(v.count == 3 && v.now.state == MEM_FRAME_RESERVED);
	mem_release(m, 0xA0010000u, MEM_PAGE, true);
	assert_true(v.count == 4 && v.now.state == MEM_FRAME_FREE && !v.now.ga && !v.now.owner);
}

/* The frame's row is spoilt: the next step that touches it must say so, with the frame, both states and who asked. */
static void mem_illegal_transition_is_an_own_bug_that_names_the_frame(void **state)
{
	struct mem *m = M(state);
	int fds[2], status;
	char text[1024] = "";
	assert_int_equal(mem_commit(m, AT, MEM_PAGE, RW, MEM_OWNER_heap, AT), ST_OK);
	assert_int_equal(mem_page_at(m, AT)->frame, 1);
	assert_int_equal(pipe(fds), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		dup2(fds[1], STDERR_FILENO);
		((struct mem_frame *)arena_row(m->world, m->t_frame, 1))->state = MEM_FRAME_FREE;
		mem_release(m, AT, MEM_PAGE, true);
		_exit(0);
	}
	close(fds[1]);
	assert_true(read(fds[0], text, sizeof text - 1) > 0);
	close(fds[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_non_null(strstr(text, "frame 00000 is free (heap, for "));
	assert_non_null(strstr(text, "would go from owned to free"));
	assert_non_null(strstr(text, "in release_page"));
	((struct mem_frame *)arena_row(m->world, m->t_frame, 1))->owner = MEM_OWNER_stack;
	assert_int_equal(faults(m), 2); /* it, and the sums */
	((struct mem_frame *)arena_row(m->world, m->t_frame, 1))->owner = MEM_OWNER_heap;
}

static void mem_out_of_frames_changes_nothing(void **state)
{
	struct mem *m = M(state);
	uint32_t most = (MEM_FRAMES - 4) << MEM_PAGE_SHIFT;
	commit(m, 0x10000000u, most, RW);
	assert_int_equal(mem_commit(m, 0x40000000u, 0x5000, RW, MEM_OWNER_heap, 0x40000000u), ST_NO_MEMORY);
	assert_int_equal(mem_page_at(m, 0x40000000u)->state, MEM_FREE);
	assert_int_equal(sums(m)->frames_free, 4);
	commit(m, 0x40000000u, 0x4000, RW);
	assert_int_equal(sums(m)->frames_free, 0);
	mem_release(m, 0x10000000u, most, true);
	assert_int_equal(sums(m)->frames_free, MEM_FRAMES - 4);
	check_sums(m);
}

static void mem_released_memory_is_zero_when_committed_again(void **state)
{
	struct mem *m = M(state);
	static const uint32_t places[] = { AT, IMAGE_MIRROR, 0xE0101000u };
	for (unsigned i = 0; i < ARRAY_LEN(places); i++) {
		uint32_t ga = places[i];
		commit(m, ga, 0x3000, RW);
		for (uint32_t off = 0; off < 0x3000; off += 0x800)
			mem_put64(m, ga + off, 0x1111111111111111u);
		mem_release(m, ga + 0x1000, 0x1000, i != 0);
		assert_int_equal(m->touched[mem_canonical(ga + 0x1000) >> 12], 0);
		commit(m, ga + 0x1000, 0x1000, RW);
		assert_true(mem_get64(m, ga + 0x1000) == 0 && mem_get64(m, ga + 0x1800) == 0);
		assert_true(mem_get64(m, ga + 0x800) != 0 && mem_get64(m, ga + 0x2000) != 0);
		assert_false(mem_store_is_fast(m, ga + 0x1000, 1));
	}
}

static void mem_find_free_goes_up_or_down_past_what_is_taken(void **state)
{
	struct mem *m = M(state);
	commit(m, 0x40000000u, 0x1000, RW);
	commit(m, 0x40020000u, 0x1000, RW);
	assert_int_equal(mem_find_free(m, 0x40000000u, 0x40100000u, 0x10000, 0x10000, false), 0x40010000u);
	assert_int_equal(mem_find_free(m, 0x40000000u, 0x40100000u, 0x20000, 0x10000, false), 0x40030000u);
	assert_int_equal(mem_find_free(m, 0x40000000u, 0x40030000u, 0x10000, 0x10000, true), 0x40010000u);
	assert_int_equal(mem_find_free(m, 0x40000000u, 0x40030000u, 0x1000, 0x1000, true), 0x4002f000u);
	assert_int_equal(mem_find_free(m, 0x40000000u, 0x40030000u, 0x20000, 0x10000, true), 0);
	assert_int_equal(mem_find_free(m, 0x40000000u, 0x40030000u, 0x20000, 0x10000, false), 0);
	assert_int_equal(mem_find_free(m, 0, 0x10000, 0x1000, 0x1000, false), 0x1000);
	assert_int_equal(mem_find_free(m, 0x7EFF0000u, 0x80000000u, 0x10000, 0x10000, true), 0x7EFF0000u); /* not the devices */
	/* A frame that a heap page owns is not free in the physical windows. */
	assert_int_equal(mem_find_free(m, 0xA0000000u, 0xA0010000u, 0x1000, 0x1000, false), 0xA0002000u);
	assert_int_equal(mem_find_free(m, 0xE0000000u, 0xE0010000u, 0x1000, 0x1000, false), 0xE0001000u);
}

static void mem_ranges_across_heaps_are_refused(void **state)
{
	struct mem *m = M(state);
	assert_int_equal(mem_commit(m, 0x8FFFF000u, 0x2000, RW, MEM_OWNER_image, 1), ST_BAD_ADDRESS);
	assert_int_equal(mem_commit(m, 0x7EFFF000u, 0x2000, RW, MEM_OWNER_heap, 1), ST_BAD_ADDRESS);
	assert_int_equal(mem_commit(m, 0xFFCFF000u, 0x2000, RW, MEM_OWNER_heap, 1), ST_BAD_ADDRESS);
	assert_int_equal(mem_commit_physical(m, 0x1FFFF000u, 0x2000, RW, 1), ST_BAD_ADDRESS);
	assert_int_equal(mem_commit_physical(m, 0x20000000u, 0x1000, RW, 1), ST_BAD_ADDRESS);
	assert_int_equal(sums(m)->frames_free, MEM_FRAMES);
	assert_int_equal(mem_heap_page_size(0x30000000u), 0x1000);
	assert_int_equal(mem_heap_page_size(0x70000000u), 0x10000);
	assert_int_equal(mem_heap_page_size(0x7FC80000u), 0);
	assert_int_equal(mem_heap_page_size(0xC0000000u), 0x1000000);
	assert_int_equal(mem_heap_page_size(0xFFD00000u), 0);
}

/* ---- rebuilding ----------------------------------------------------------------------------------------------------------------- */

static void random_page_operation(struct mem *m, uint32_t *seed)
{
	static const uint32_t bases[] = { 0x00100000u, 0x40000000u, 0x82000000u, 0x92000000u, 0xA0010000u, 0xC0010000u, 0xE0010000u };
	uint32_t ga = bases[lcg(seed) % ARRAY_LEN(bases)] + lcg(seed) % 24 * MEM_PAGE, size = (1 + lcg(seed) % 6) * MEM_PAGE;
	unsigned protect = lcg(seed) % 8;
	enum status st = ST_OK;
	switch (lcg(seed) % 8) {
	case 0:
	case 1:
		st = mem_commit(m, ga, size, protect, MEM_OWNER_heap, ga);
		break;
	case 2:
		st = mem_reserve_range(m, ga, size, protect, ga);
		break;
	case 3:
		mem_release(m, ga, size, lcg(seed) % 2);
		break;
	case 4:
		st = mem_protect(m, ga, size, protect);
		break;
	case 5:
		if (mem_write(m, ga + lcg(seed) % 4096, &protect, 4) == MEM_OK)
			mem_reserve(m, ga);
		break;
	case 6:
		mem_hw_switch(m, lcg(seed) % MEM_HWTHREADS);
		break;
	default:
		mem_reserve_drop(m, lcg(seed) % MEM_HWTHREADS);
		break;
	}
	assert_true(st == ST_OK || st == ST_STATE || st == ST_NO_MEMORY);
}

static void mem_rebuilt_attributes_equal_those_kept_up_to_date(void **state)
{
	struct mem *m = M(state);
	uint32_t seed = 7;
	uint8_t *before = malloc(MEM_PAGES);
	assert_non_null(before);
	mem_attr_set(m, 0x40003000u, MEM_WATCH_W);
	for (unsigned i = 0; i < 3000; i++) {
		random_page_operation(m, &seed);
		if (i % 500)
			continue;
		uint32_t hw = m->hw;
		memcpy(before, m->attr, MEM_PAGES);
		m->hw = (hw + 1) % MEM_HWTHREADS; /* the world knows better */
		mem_rebuild_attributes(m);
		assert_int_equal(m->hw, hw);
		assert_memory_equal(before, m->attr, MEM_PAGES);
		check_sums(m);
	}
	free(before);
}

static void note_page(void *ctx, uint32_t ga, const uint8_t *bytes)
{
	uint64_t *h = ctx;
	*h = fnv_u64(fnv_u64(*h, ga), bytes[5]);
}

static void mem_each_touched_tells_contents_and_not_history(void **state)
{
	struct mem *m = M(state);
	uint64_t a = FNV_BASIS, b = FNV_BASIS, want = FNV_BASIS;
	commit(m, AT, 0x4000, RW);
	commit(m, IMAGE, 0x1000, RW);
	mem_put8(m, AT + 0x3005, 9);
	mem_put8(m, IMAGE_MIRROR + 5, 8);
	mem_each_touched(m, note_page, &a);
	mem_put8(m, AT + 0x1005, 7);
	mem_put8(m, AT + 0x1005, 0); /* touched, but zero again */
	mem_each_touched(m, note_page, &b);
	want = fnv_u64(fnv_u64(want, AT + 0x3000), 9);
	want = fnv_u64(fnv_u64(want, IMAGE), 8);
	assert_true(a == want && b == want);
}

static void mem_knows_what_is_dirty_once_a_page(void **state)
{
	struct mem *m = M(state);
	static const uint32_t places[] = { AT, IMAGE_MIRROR, 0xC0100000u };
	mem_clean(m);
	for (unsigned i = 0; i < ARRAY_LEN(places); i++) {
		commit(m, places[i], 0x1000, RW);
		mem_put32(m, places[i], 0xffffffff);
		mem_put32(m, places[i] + 8, 0xffffffff);
		assert_int_equal(m->dirty_pages, i + 1);
		assert_int_equal(m->dirty_page[i], mem_canonical(places[i]) >> 12);
	}
	mem_clean(m);
	assert_int_equal(m->dirty_pages, 0);
	for (unsigned i = 0; i < ARRAY_LEN(places); i++)
		assert_false(mem_store_is_fast(m, places[i], 4));
	mem_release(m, AT, 0x1000, true); /* its bytes are zero from now on */
	assert_int_equal(m->dirty_pages, 1);
	assert_int_equal(m->dirty_page[0], AT >> 12);
}

static void mem_page_put_brings_bytes_and_zeros(void **state)
{
	struct mem *m = M(state);
	uint8_t bytes[MEM_PAGE] = { 1, 2, 3, 4 };
	uint64_t h = FNV_BASIS;
	commit(m, IMAGE, 0x1000, RW);
	mem_page_put(m, IMAGE >> 12, bytes);
	assert_int_equal(mem_get32(m, IMAGE_MIRROR), 0x01020304);
	mem_page_put(m, IMAGE >> 12, NULL);
	assert_int_equal(mem_get32(m, IMAGE_MIRROR), 0);
	mem_each_touched(m, note_page, &h);
	assert_true(h == FNV_BASIS);
}

static void mem_two_spaces_live_side_by_side(void **state)
{
	struct mem *m = M(state);
	void *other = NULL;
	setup(&other);
	commit(m, IMAGE, 0x1000, RW);
	commit(M(&other), IMAGE, 0x1000, RW);
	mem_put32(m, IMAGE, 1);
	assert_int_equal(mem_get32(M(&other), IMAGE), 0);
	teardown(&other);
}

#define LAW(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		LAW(mem_unmapped_access_faults_at_its_first_byte),
		LAW(mem_every_width_reads_back_big_endian),
		LAW(mem_slow_path_equals_plain_bytes_at_any_place_and_size),
		LAW(mem_first_store_is_slow_then_fast),
		LAW(mem_store_is_all_or_nothing_at_a_page_edge),
		LAW(mem_access_wraps_at_4_gib),
		LAW(mem_protection_is_kept_for_the_guest_and_not_for_the_debugger),
		LAW(mem_string_ends_at_nul_size_or_edge),
		LAW(mem_image_is_seen_at_both_addresses),
		LAW(mem_physical_is_seen_in_three_windows_the_last_shifted_by_1000),
		LAW(mem_attributes_of_a_page_change_on_all_its_mirrors),
		LAW(mem_mmio_goes_to_its_device_naturally_aligned_only),
		LAW(mem_watch_sees_guest_accesses_before_they_happen_and_nothing_else),
		LAW(mem_store_protect_and_release_drop_code_once_on_all_mirrors),
		LAW(mem_reservation_is_taken_once_and_covers_its_line),
		LAW(mem_reservation_ends_by_anothers_store_into_its_line_only),
		LAW(mem_reservation_ends_through_a_mirror_and_by_a_thread_switch),
		LAW(mem_frames_are_counted_through_reserve_commit_and_release),
		LAW(mem_two_owners_never_share_a_frame),
		LAW(mem_frames_agree_with_pages_whatever_is_asked),
		LAW(mem_frame_is_shown_at_its_page_and_all_mirrors),
		LAW(mem_every_transition_of_a_frame_is_told),
		LAW(mem_illegal_transition_is_an_own_bug_that_names_the_frame),
		LAW(mem_out_of_frames_changes_nothing),
		LAW(mem_released_memory_is_zero_when_committed_again),
		LAW(mem_find_free_goes_up_or_down_past_what_is_taken),
		LAW(mem_ranges_across_heaps_are_refused),
		LAW(mem_rebuilt_attributes_equal_those_kept_up_to_date),
		LAW(mem_each_touched_tells_contents_and_not_history),
		LAW(mem_knows_what_is_dirty_once_a_page),
		LAW(mem_page_put_brings_bytes_and_zeros),
		LAW(mem_two_spaces_live_side_by_side),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("mem", tests, NULL, NULL);
}
