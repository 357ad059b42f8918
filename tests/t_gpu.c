/* tests/t_gpu.c - the laws of the null GPU and of the display: ring, packets, waits, interrupts, vertical blank. */
#include "config.h"

#include <stdio.h>

#include "kernel/deadline.h"
#include "kernel/gpu.h"
#include "kernel/guest.h"
#include "kernel/mm.h"
#include "kernel/rows.h"
#include "tests/testkit.h"

#define RING_LOG2 7u /* 1 KiB: 256 dwords */
#define RING_DWORDS 256u
#define WPTR (GPU_WINDOW + 4 * GPU_REG_RB_WPTR)
#define P3(opcode, n) (3u << 30 | ((n)-1u) << 16 | (uint32_t)(opcode) << 8)
#define P0(reg, n) (((n)-1u) << 16 | (uint32_t)(reg))

/* A ring, its write-back, and memory for what packets store. */
struct ring {
	struct tk *t;
	uint32_t ga, physical, told, memory, memory_physical, at;
};

static uint32_t physical(struct tk *t, uint32_t bytes, uint32_t *phys)
{
	uint32_t ga = (uint32_t)CALL(t, t->main, "MmAllocatePhysicalMemory", 0, bytes, PAGE_READWRITE);
	assert_int_not_equal(ga, 0);
	*phys = (uint32_t)CALL(t, t->main, "MmGetPhysicalAddress", ga);
	return ga;
}

static struct ring ring_new(void **state)
{
	struct ring r = { .t = TK(state) };
	uint32_t told;
	r.ga = physical(r.t, 4 * RING_DWORDS, &r.physical);
	r.told = physical(r.t, 4096, &told);
	r.memory = physical(r.t, 4096, &r.memory_physical);
	CALL(r.t, r.t->main, "VdInitializeRingBuffer", r.physical, RING_LOG2);
	CALL(r.t, r.t->main, "VdEnableRingBufferRPtrWriteBack", told, 6);
	tk_forget(r.t);
	return r;
}

static void reg_write(struct tk *t, uint32_t reg, uint32_t value)
{
	be32 v = be32_of(value);
	assert_int_equal(mem_write(&t->m->mem, GPU_WINDOW + 4 * reg, &v, sizeof v), MEM_OK);
}

static uint32_t reg_read(struct tk *t, uint32_t reg)
{
	be32 v;
	assert_int_equal(mem_read(&t->m->mem, GPU_WINDOW + 4 * reg, &v, sizeof v), MEM_OK);
	return be32_get(v);
}

static void put(struct ring *r, const uint32_t *dword, unsigned n)
{
	for (unsigned i = 0; i < n; i++, r->at = (r->at + 1) % RING_DWORDS)
		mem_put32(&r->t->m->mem, r->ga + 4 * r->at, dword[i]);
}

static void kick(struct ring *r)
{
	reg_write(r->t, GPU_REG_RB_WPTR, r->at);
	tk_pass(r->t, 1);
}
#define DO(r, ...) (put(r, (const uint32_t[]){ __VA_ARGS__ }, sizeof((const uint32_t[]){ __VA_ARGS__ }) / 4), kick(r))

static uint32_t word(struct ring *r, unsigned i)
{
	return mem_get32(&r->t->m->mem, r->memory + 4 * i);
}

/* ---- the ring ---------------------------------------------------------------------------------------------------------------- */

static void ring_is_read_to_the_write_pointer_and_told(void **state)
{
	struct ring r = ring_new(state);
	DO(&r, P0(0x2000, 2), 11, 22, 2u << 30, P0(0x2010, 1), 33);
	assert_int_equal(gpu_register(r.t->m, 0x2000), 11);
	assert_int_equal(gpu_register(r.t->m, 0x2001), 22);
	assert_int_equal(gpu_register(r.t->m, 0x2010), 33);
	assert_int_equal(mem_get32(&r.t->m->mem, r.told), 6);
	assert_int_equal(reg_read(r.t, GPU_REG_RB_WPTR), 6);
	assert_int_equal(reg_read(r.t, GPU_REG_RB_WPTR - 1), 6);
	assert_int_equal(gpu_count(r.t->m)->packets, 2);
}

static void ring_goes_round(void **state)
{
	struct ring r = ring_new(state);
	for (unsigned i = 0; i < 3 * RING_DWORDS / 7; i++) {
		DO(&r, P0(0x2000, 6), i, i, i, i, i, i + 1);
		assert_int_equal(gpu_register(r.t->m, 0x2005), i + 1);
		assert_int_equal(mem_get32(&r.t->m->mem, r.told), r.at);
	}
}

static void packet_whose_end_is_not_there_yet_waits_for_it(void **state)
{
	struct ring r = ring_new(state);
	DO(&r, P0(0x2000, 2), 11);
	assert_int_equal(gpu_register(r.t->m, 0x2000), 0);
	assert_int_equal(mem_get32(&r.t->m->mem, r.told), 0);
	DO(&r, 22);
	assert_int_equal(gpu_register(r.t->m, 0x2001), 22);
}

static void long_rings_take_several_rounds_and_come_to_the_same(void **state)
{
	struct ring r = ring_new(state);
	uint32_t ga, phys, n = 0x30000;
	ga = physical(r.t, 4 * n, &phys);
	for (uint32_t i = 0; i < n; i += 2) {
		mem_put32(&r.t->m->mem, ga + 4 * i, P0(0x2000, 1));
		mem_put32(&r.t->m->mem, ga + 4 * i + 4, i);
	}
	DO(&r, P3(0x3F, 2), phys, n, P0(0x2001, 1), 5);
	unsigned rounds = 1;
	for (; gpu_register(r.t->m, 0x2001) != 5; rounds++)
		tk_pass(r.t, 1);
	assert_int_equal(rounds, 4); /* 196,613 dwords, 65,536 a round */
	assert_int_equal(gpu_register(r.t->m, 0x2000), n - 2);
}

static void registers_are_read_as_the_hardware_has_them(void **state)
{
	struct tk *t = TK(state);
	assert_int_equal(reg_read(t, 0x1951), 1);
	assert_int_equal(reg_read(t, 0x0F00), 0x08100748);
	assert_int_equal(reg_read(t, 0x0F01), 0x0000200E);
	assert_int_equal(reg_read(t, 0x194C), 0x2D0);
	assert_int_equal(reg_read(t, 0x1961), 0x050002D0);
	reg_write(t, 0x1951, 0);
	assert_int_equal(reg_read(t, 0x1951), 1);
	reg_write(t, 0x0500, 7);
	assert_int_equal(reg_read(t, 0x0500), 7);
	reg_write(t, GPU_REG_COHER_STATUS, 0x80000001);
	assert_int_equal(reg_read(t, GPU_REG_COHER_STATUS), 0);
	uint8_t b;
	assert_int_equal(mem_read(&t->m->mem, GPU_WINDOW, &b, 1), MEM_FAULT_MMIO);
}

/* ---- packets ----------------------------------------------------------------------------------------------------------------- */

static void fences_are_stored_as_the_address_says(void **state)
{
	static const uint32_t seen[] = { 0x44332211, 0x33441122, 0x11223344, 0x22114433 };
	struct ring r = ring_new(state);
	for (uint32_t endian = 0; endian < 4; endian++) {
		DO(&r, P3(0x58, 3), 0x14, r.memory_physical + 4 * endian + endian, 0x11223344);
		assert_int_equal(word(&r, endian), seen[endian]);
	}
	assert_int_equal(gpu_register(r.t->m, GPU_REG_INITIATOR), 0x14);
	assert_int_equal(tk_count(r.t, EV_GPU_FENCE), 4);
	assert_int_equal(tk_event_at(r.t, EV_GPU_FENCE, 0)->aux[1], 0x11223344);
	DO(&r, P3(0x3D, 3), r.memory_physical | 2, 5, 6, P3(0x3E, 2), 0x2000, (r.memory_physical + 8) | 2, P0(0x2000, 1), 9,
		P3(0x3E, 2), 0x2000, (r.memory_physical + 12) | 2);
	assert_int_equal(word(&r, 0), 5);
	assert_int_equal(word(&r, 1), 6);
	assert_int_equal(word(&r, 2), 0);
	assert_int_equal(word(&r, 3), 9);
}

static void count_watched(void *ctx, uint32_t ga, unsigned size, bool store)
{
	(void)ga, (void)size;
	*(unsigned *)ctx += store;
}

static void a_store_by_the_gpu_is_seen_by_watchpoints_and_ends_reservations(void **state)
{
	struct ring r = ring_new(state);
	unsigned seen = 0;
	r.t->m->mem.hooks.watched = count_watched;
	r.t->m->mem.hooks.watch_ctx = &seen;
	mem_attr_set(&r.t->m->mem, r.memory, MEM_WATCH_W);
	DO(&r, P3(0x3D, 2), r.memory_physical | 2, 5);
	assert_int_equal(seen, 1);
	mem_attr_clear(&r.t->m->mem, r.memory, MEM_WATCH_W);
	DO(&r, P3(0x3D, 2), r.memory_physical | 2, 5);
	assert_int_equal(seen, 1);
	mem_hw_switch(&r.t->m->mem, 0);
	mem_reserve(&r.t->m->mem, r.memory);
	DO(&r, P3(0x3D, 2), r.memory_physical | 2, 5);
	assert_false(mem_reserve_take(&r.t->m->mem, r.memory));
	mem_reserve(&r.t->m->mem, r.memory);
	DO(&r, P3(0x3D, 2), (r.memory_physical + 256) | 2, 5);
	assert_true(mem_reserve_take(&r.t->m->mem, r.memory));
}

static void scratch_registers_are_written_back_if_the_mask_says_so(void **state)
{
	struct ring r = ring_new(state);
	DO(&r, P0(GPU_REG_SCRATCH_UMSK, 2), 2, r.memory_physical, P0(GPU_REG_SCRATCH, 2), 7, 8);
	assert_int_equal(word(&r, 0), 0);
	assert_int_equal(word(&r, 1), 8);
}

static void stores_beyond_memory_go_to_the_write_back_window(void **state)
{
	struct ring r = ring_new(state);
	struct mem *mem = &r.t->m->mem;
	be32 v;
	assert_int_equal(mem_read(mem, MEM_WRITEBACK, &v, 4), MEM_FAULT_UNMAPPED);
	DO(&r, P0(GPU_REG_WRITEBACK_BASE, 2), 0x20000000u, 0x1800);
	assert_int_equal(mem_get32(mem, MEM_WRITEBACK + 0x17FC), 0); /* to be read before anything comes */
	DO(&r, P3(0x58, 3), 0x14, 0x20001000u | 2, 0x11223344, P3(0x58, 3), 0x14, 0x20001804u | 2, 5); /* the second lies behind it */
	assert_int_equal(mem_get32(mem, MEM_WRITEBACK + 0x1000), 0x11223344);
	assert_int_equal(mem_get32(mem, MEM_WRITEBACK + 0x1804), 0);
	assert_int_equal(mem_read(mem, MEM_WRITEBACK + 0x2000, &v, 4), MEM_FAULT_UNMAPPED);
	DO(&r, P0(GPU_REG_WRITEBACK_SIZE, 1), 0xFFFFFFFFu); /* no more than the window has */
	assert_int_equal(mem_read(mem, MEM_LOCKED_CACHE - 4, &v, 4), MEM_OK);
	assert_int_equal(mem_read(mem, MEM_LOCKED_CACHE, &v, 4), MEM_FAULT_UNMAPPED);
}

static void registers_are_combined_loaded_and_set_by_kind(void **state)
{
	struct ring r = ring_new(state);
	mem_put32(&r.t->m->mem, r.memory, 77);
	DO(&r, P0(0x100, 3), 0xF0F0, 0xFF00, 1, P3(0x21, 3), 0x100, 0xFF, 0x10000);
	assert_int_equal(gpu_register(r.t->m, 0x100), 0x100F0);
	DO(&r, P3(0x21, 3), 0xC0000100u, 0x101, 0x102, 1u << 30 | 0x104u << 11 | 0x103, 3, 4);
	assert_int_equal(gpu_register(r.t->m, 0x100), 1);
	assert_int_equal(gpu_register(r.t->m, 0x103), 3);
	assert_int_equal(gpu_register(r.t->m, 0x104), 4);
	DO(&r, P3(0x2D, 2), 1u << 16 | 5, 55, P3(0x55, 3), 0x2100, 1, 2, P3(0x2F, 3), r.memory_physical, 4u << 16 | 3, 1,
		P0(0x200 | 1u << 15, 2), 1, 2);
	assert_int_equal(gpu_register(r.t->m, 0x4805), 55);
	assert_int_equal(gpu_register(r.t->m, 0x2101), 2);
	assert_int_equal(gpu_register(r.t->m, 0x2003), 77);
	assert_int_equal(gpu_register(r.t->m, 0x200), 2);
	assert_int_equal(gpu_register(r.t->m, 0x201), 0);
}

static void packets_are_left_out_when_their_bins_are(void **state)
{
	struct ring r = ring_new(state);
	DO(&r, P3(0x55, 2) | 1, 0x2003, 8); /* nothing has been set: all are in */
	assert_int_equal(gpu_register(r.t->m, 0x2003), 8);
	DO(&r, P3(0x60, 1), 1, P3(0x62, 1), 2, P3(0x55, 2) | 1, 0x2000, 5, P3(0x63, 1), 4, P3(0x61, 1), 4, P3(0x55, 2) | 1,
		0x2001, 6);
	assert_int_equal(gpu_register(r.t->m, 0x2000), 0);
	assert_int_equal(gpu_register(r.t->m, 0x2001), 6);
	DO(&r, P3(0x50, 2), 0, 0, P3(0x51, 2), 1, 1, P3(0x55, 2) | 1, 0x2002, 7);
	assert_int_equal(gpu_register(r.t->m, 0x2002), 0);
}

static void extents_and_sample_counts_are_answered(void **state)
{
	struct ring r = ring_new(state);
	mem_put32(&r.t->m->mem, r.memory + 16, 0xEDFEFFFF);
	mem_put32(&r.t->m->mem, r.memory + 20, 5);
	DO(&r, P3(0x5A, 2), 1, r.memory_physical, P0(0x2325, 1), r.memory_physical, P3(0x5B, 1), 0x15);
	assert_int_equal(word(&r, 0), 0x0400);
	assert_int_equal(word(&r, 1), 0x0400);
	assert_int_equal(word(&r, 2), 1);
	assert_int_equal(__builtin_bswap32(word(&r, 4)), 1000);
	assert_int_equal(word(&r, 5), 5);
}

static void indirect_buffers_come_back(void **state)
{
	struct ring r = ring_new(state);
	const uint32_t inner[] = { P0(0x2000, 1), 1, P3(0x37, 2), r.memory_physical + 0x100, 2, P0(0x2002, 1), 3 };
	for (unsigned i = 0; i < ARRAY_LEN(inner); i++)
		mem_put32(&r.t->m->mem, r.memory + 4 * i, inner[i]);
	mem_put32(&r.t->m->mem, r.memory + 0x100, P0(0x2001, 1));
	mem_put32(&r.t->m->mem, r.memory + 0x104, 2);
	DO(&r, P3(0x3F, 2), r.memory_physical, ARRAY_LEN(inner), P0(0x2003, 1), 4);
	for (uint32_t i = 0; i < 4; i++)
		assert_int_equal(gpu_register(r.t->m, 0x2000 + i), i + 1);
}

static void unknown_packets_are_skipped_and_counted(void **state)
{
	struct ring r = ring_new(state);
	DO(&r, P3(0x7E, 3), 1, 2, 3, P0(0x2000, 1), 4);
	assert_int_equal(gpu_count(r.t->m)->unknown, 1);
	assert_int_equal(gpu_count(r.t->m)->unknown_opcode, 0x7E);
	assert_int_equal(gpu_register(r.t->m, 0x2000), 4);
}

/* ---- waits ------------------------------------------------------------------------------------------------------------------- */

static void a_wait_stands_until_memory_is_as_it_says(void **state)
{
	struct ring r = ring_new(state);
	char text[120];
	DO(&r, P3(0x3C, 5), 0x13, r.memory_physical | 2, 5, 0xFF, 4, P0(0x2000, 1), 1);
	assert_int_equal(gpu_peek(r.t->m)->waiting, 1);
	assert_int_equal(tk_count(r.t, EV_GPU_WAIT), 1);
	gpu_wait_text(r.t->m, text, sizeof text);
	assert_non_null(strstr(text, "& FF == 5, and it is 0"));
	kick(&r);
	gpu_look(r.t->m);
	assert_int_equal(gpu_register(r.t->m, 0x2000), 0);
	mem_put32(&r.t->m->mem, r.memory, 0x105);
	gpu_look(r.t->m);
	assert_int_equal(gpu_register(r.t->m, 0x2000), 1);
	assert_int_equal(tk_count(r.t, EV_GPU_WAKE), 1);
	assert_int_equal(mem_get32(&r.t->m->mem, r.told), r.at);
}

static void every_relation_is_unsigned_and_as_numbered(void **state)
{
	static const bool holds[8][3] = { { 0, 0, 0 }, { 1, 0, 0 }, { 1, 1, 0 }, { 0, 1, 0 }, { 1, 0, 1 }, { 0, 1, 1 },
		{ 0, 0, 1 }, { 1, 1, 1 } };
	static const uint32_t value[] = { 4, 5, 0x80000000 };
	struct ring r = ring_new(state);
	for (uint32_t relation = 0; relation < 8; relation++)
		for (unsigned i = 0; i < 3; i++) {
			DO(&r, P0(0x2000, 2), value[i], 0, P3(0x45, 6), relation, 0x2000, 5, UINT32_MAX, 0x2001, 1);
			assert_int_equal(gpu_register(r.t->m, 0x2001), holds[relation][i]);
		}
	DO(&r, P3(0x45, 6), 0x107, 0, 0, 0, r.memory_physical | 2, 9);
	assert_int_equal(word(&r, 0), 9);
}

/* What is polled in memory has its bytes in the order that the address says, as what is stored has. */
static void polled_memory_is_read_as_the_address_says(void **state)
{
	static const uint32_t seen[] = { 0x44332211, 0x33441122, 0x11223344, 0x22114433 };
	struct ring r = ring_new(state);
	mem_put32(&r.t->m->mem, r.memory, 0x11223344);
	for (uint32_t endian = 0; endian < 4; endian++) {
		DO(&r, P0(0x2000, 1), 0, P3(0x3C, 5), 0x13, r.memory_physical + endian, seen[endian], UINT32_MAX, 4, P3(0x45, 6), 0x13,
			r.memory_physical + endian, seen[endian] & 0xFF00, 0xFF00, 0x2000, endian + 1);
		assert_int_equal(gpu_register(r.t->m, 0x2000), endian + 1);
		assert_int_equal(gpu_peek(r.t->m)->waiting, 0);
	}
}

static void a_wait_for_the_caches_passes(void **state)
{
	struct ring r = ring_new(state);
	DO(&r, P0(GPU_REG_COHER_STATUS, 1), 0x03000000, P3(0x3C, 5), 3, GPU_REG_COHER_STATUS, 0, 0x80000000u, 4, P0(0x2000, 1),
		1);
	assert_int_equal(gpu_register(r.t->m, 0x2000), 1);
}

/* ---- interrupts, vertical blanks, swaps ----------------------------------------------------------------------------------------- */

/* Counts at r4's word r3 (source 0, 1), and leaves the hardware thread's IRQL behind them. */
static uint32_t counting_routine(struct tk *t)
{
	return CODE(t, 0x5463103Au /* slwi r3,r3,2 */, 0x7C632214u /* add r3,r3,r4 */, I_LWZ(7, 0, 3), I_ADDI(7, 7, 1),
		I_STW(7, 0, 3), I_LWZ(7, 0x18, 13), I_STW(7, 8, 4), I_BLR);
}

static void vertical_blanks_come_sixty_times_a_second(void **state)
{
	struct tk *t = TK(state);
	uint32_t data = tk_memory(t, 16);
	CALL(t, t->main, "VdSetGraphicsInterruptCallback", counting_routine(t), data);
	t->m->until_cycle = (uint64_t)TICKS_PER_SECOND * CYCLES_PER_TICK / 2 + 1000000;
	assert_int_equal(tk_run(t, UINT64_MAX), STOP_LIMIT);
	assert_int_equal(tk_get32(t, data), 30);
	assert_int_equal(tk_get32(t, data + 8) >> 24, 2); /* IRQL */
	assert_int_equal(tk_count(t, EV_INTERRUPT), 30);
	assert_int_equal(tk_event_at(t, EV_INTERRUPT, 0)->aux[2], GPU_VBLANK_HW);
	assert_int_equal(
		tk_event_at(t, EV_INTERRUPT, 0)->cycle / 1000000, (uint64_t)TICKS_PER_SECOND * CYCLES_PER_TICK / 60 / 1000000);
	CALL(t, t->main, "VdSetGraphicsInterruptCallback", 0, 0);
	assert_true(deadline_next(t->m) == DEADLINE_NEVER);
}

static void interrupt_packets_go_to_the_hardware_threads_of_their_mask(void **state)
{
	struct ring r = ring_new(state);
	uint32_t data = tk_memory(r.t, 16);
	DO(&r, P3(0x54, 1), 4);
	assert_int_equal(gpu_count(r.t->m)->lost, 1); /* nobody to take it */
	CALL(r.t, r.t->main, "VdSetGraphicsInterruptCallback", counting_routine(r.t), data);
	DO(&r, P3(0x54, 1), 0x24);
	assert_int_equal(tk_run(r.t, 10000), STOP_LIMIT);
	assert_int_equal(tk_get32(r.t, data + 4), 2);
	assert_int_equal(tk_count(r.t, EV_INTERRUPT), 2);
	assert_int_equal(tk_event_at(r.t, EV_INTERRUPT, 0)->aux[1], 1);
	assert_int_equal(tk_event_at(r.t, EV_INTERRUPT, 0)->aux[2] + tk_event_at(r.t, EV_INTERRUPT, 1)->aux[2], 7);
}

static void a_swap_shows_the_front_buffer(void **state)
{
	struct ring r = ring_new(state);
	uint32_t a = tk_memory(r.t, 64), front_physical, front = physical(r.t, 4096, &front_physical);
	tk_put32(r.t, a, front);
	tk_put32(r.t, a + 4, 640);
	tk_put32(r.t, a + 8, 480);
	tk_put32(r.t, a + 0x20, 3);
	tk_put32(r.t, a + 0x24, 0xABC);
	CALL(r.t, r.t->main, "VdSwap", r.ga, a + 0x20, 0, 0, 0, a, 0, 0, a + 4, a + 8);
	r.at = 64;
	kick(&r);
	assert_int_equal(tk_count(r.t, EV_GPU_SWAP), 1);
	const struct event *e = tk_event_at(r.t, EV_GPU_SWAP, 0);
	assert_int_equal(e->aux[0], front_physical);
	assert_int_equal(e->aux[1], 640);
	assert_int_equal(e->aux[2], 480);
	assert_int_equal(gpu_register(r.t->m, 0x4800), 3);
	assert_int_equal(gpu_register(r.t->m, 0x4801), front_physical | 0xABC);
	DO(&r, P3(0x58, 3), 0x80000014u, r.memory_physical | 2, 99);
	assert_int_equal(word(&r, 0), 1); /* the count of swaps instead of the value */
}

/* ---- the display ------------------------------------------------------------------------------------------------------------- */

static void the_display_is_720p_and_the_engines_are_trained(void **state)
{
	struct tk *t = TK(state);
	uint32_t a = tk_memory(t, 0x100);
	CALL(t, t->main, "VdQueryVideoMode", a);
	assert_int_equal(tk_get32(t, a), 1280);
	assert_int_equal(tk_get32(t, GA(a, g_video_mode, display_height)), 720);
	CALL(t, t->main, "VdGetCurrentDisplayInformation", a);
	assert_int_equal(tk_get32(t, a), 1280u << 16 | 720);
	CALL(t, t->main, "VdGetCurrentDisplayGamma", a, a + 4);
	assert_int_equal(tk_get32(t, a), 2);
	assert_int_equal(tk_get32(t, a + 4), 0x400E38E4);
	assert_int_equal(CALL(t, t->main, "VdPersistDisplay", 0, a), 1);
	CALL(t, t->main, "MmFreePhysicalMemory", 0, tk_get32(t, a));
	CALL(t, t->main, "VdGetSystemCommandBuffer", a, a + 4);
	assert_int_equal(tk_get32(t, a), 0xBEEF0000);
	assert_int_equal(tk_get32(t, a + 4), 0xBEEF0001);
	assert_int_equal(CALL(t, t->main, "VdInitializeScalerCommandBuffer", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), 0);
	assert_int_equal(CALL(t, t->main, "VdInitializeEngines", 0x4F810000, 0, 0, 0, 0), 1);
	assert_int_equal(CALL(t, t->main, "VdGetGraphicsAsicID"), 0x11);
	assert_int_equal(CALL(t, t->main, "VdIsHSIOTrainingSucceeded"), 1);
	assert_int_equal(CALL(t, t->main, "VdRetrainEDRAM", 0, 0, 0, 0, 0, 0), 0);
	assert_int_equal(CALL(t, t->main, "VdRetrainEDRAMWorker", 0), 0);
	assert_int_equal(CALL(t, t->main, "VdEnableDisableClockGating", 1), 0);
	assert_int_equal(CALL(t, t->main, "VdSetDisplayMode", 0), 0);
	assert_int_equal(CALL(t, t->main, "VdQueryVideoFlags"), 3);
	assert_int_equal(CALL(t, t->main, "VdCallGraphicsNotificationRoutines", 1, a), 0);
	CALL(t, t->main, "VdShutdownEngines");
}

/* ---- what cannot be read ------------------------------------------------------------------------------------------------------- */

static void hangs(struct ring *r, const char *why)
{
	struct stop stop;
	assert_int_equal(machine_run(r->t->m, 5000, &stop), STOP_GPU);
	if (!strstr(stop.text, why))
		fail_msg("'%s' does not say '%s'", stop.text, why);
	assert_int_equal(gpu_peek(r->t->m)->hung, 1);
	assert_int_equal(machine_run(r->t->m, 5000, &stop), STOP_LIMIT); /* the threads go on */
}

static void what_cannot_be_read_hangs_and_says_why(void **state)
{
	struct ring r = ring_new(state);
	mem_put32(&r.t->m->mem, r.memory, P3(0x3F, 2));
	mem_put32(&r.t->m->mem, r.memory + 4, r.memory_physical);
	mem_put32(&r.t->m->mem, r.memory + 8, 3);
	put(&r, (const uint32_t[]){ P3(0x3F, 2), r.memory_physical, 3 }, 3);
	reg_write(r.t, GPU_REG_RB_WPTR, r.at);
	hangs(&r, "lies within 8 others");

	CALL(r.t, r.t->main, "VdInitializeRingBuffer", r.physical, RING_LOG2);
	r.at = 0;
	put(&r, (const uint32_t[]){ P3(0x3F, 2), 0x100, 3 }, 3);
	reg_write(r.t, GPU_REG_RB_WPTR, r.at);
	hangs(&r, "no memory at physical address 00000100");

	CALL(r.t, r.t->main, "VdInitializeRingBuffer", r.physical, RING_LOG2);
	reg_write(r.t, GPU_REG_RB_WPTR, 0x1000);
	hangs(&r, "write pointer 1000, and the ring has 100 dwords");

	CALL(r.t, r.t->main, "VdInitializeRingBuffer", r.physical, RING_LOG2);
	mem_put32(&r.t->m->mem, r.memory, P0(0x2000, 9));
	r.at = 0;
	put(&r, (const uint32_t[]){ P3(0x3F, 2), r.memory_physical, 3 }, 3);
	reg_write(r.t, GPU_REG_RB_WPTR, r.at);
	hangs(&r, "has 9 dwords, and 2 are left");
}

/* xorshift64 */
static uint64_t draw(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

/* Noise, and noise that looks like packets. */
static uint32_t noise(struct ring *r, uint64_t *seed)
{
	uint64_t v = draw(seed);
	switch (v >> 60) {
	case 0: return r->memory_physical + (v & 0xFFF);
	case 1: return (uint32_t)(v & 0xFF);
	case 2: return r->physical + (v & 0x3FF);
	case 3:
	case 4:
	case 5:
	case 6:
	case 7:
	case 8: return P3(0x10 + (v >> 8) % 0x56, 1 + (v & 7)) | (v >> 40 & 1);
	case 9: return P0(v >> 8 & 0xFFF, 1 + (v & 3));
	default: return (uint32_t)v;
	}
}

static void no_ring_does_harm(void **state)
{
	struct ring r = ring_new(state);
	uint64_t seed = 2005;
	unsigned hung = 0, waited = 0;
	CALL(r.t, r.t->main, "VdSetGraphicsInterruptCallback", counting_routine(r.t), tk_memory(r.t, 16));
	for (unsigned i = 0; i < 20000; i++) {
		CALL(r.t, r.t->main, "VdInitializeRingBuffer", r.physical, RING_LOG2);
		for (unsigned k = 0; k < RING_DWORDS; k++)
			mem_put32(&r.t->m->mem, r.ga + 4 * k, noise(&r, &seed));
		for (unsigned k = 0; k < 64; k++)
			mem_put32(&r.t->m->mem, r.memory + 4 * k, noise(&r, &seed));
		reg_write(r.t, GPU_REG_RB_WPTR, (uint32_t)(draw(&seed) % RING_DWORDS));
		tk_pass(r.t, 1);
		gpu_look(r.t->m);
		hung += gpu_peek(r.t->m)->hung;
		waited += gpu_peek(r.t->m)->waiting;
		r.t->m->pending.kind = STOP_NONE;
		if (i % 1000 == 0)
			tk_run(r.t, 2000);
	}
	assert_in_range(hung, 100, 19999);
	assert_in_range(waited, 100, 19999);
}

static const struct CMUnitTest tests[] = {
	TK_TEST(ring_is_read_to_the_write_pointer_and_told),
	TK_TEST(ring_goes_round),
	TK_TEST(packet_whose_end_is_not_there_yet_waits_for_it),
	TK_TEST(long_rings_take_several_rounds_and_come_to_the_same),
	TK_TEST(registers_are_read_as_the_hardware_has_them),
	TK_TEST(fences_are_stored_as_the_address_says),
	TK_TEST(a_store_by_the_gpu_is_seen_by_watchpoints_and_ends_reservations),
	TK_TEST(scratch_registers_are_written_back_if_the_mask_says_so),
	TK_TEST(stores_beyond_memory_go_to_the_write_back_window),
	TK_TEST(registers_are_combined_loaded_and_set_by_kind),
	TK_TEST(packets_are_left_out_when_their_bins_are),
	TK_TEST(extents_and_sample_counts_are_answered),
	TK_TEST(indirect_buffers_come_back),
	TK_TEST(unknown_packets_are_skipped_and_counted),
	TK_TEST(a_wait_stands_until_memory_is_as_it_says),
	TK_TEST(every_relation_is_unsigned_and_as_numbered),
	TK_TEST(polled_memory_is_read_as_the_address_says),
	TK_TEST(a_wait_for_the_caches_passes),
	TK_TEST(vertical_blanks_come_sixty_times_a_second),
	TK_TEST(interrupt_packets_go_to_the_hardware_threads_of_their_mask),
	TK_TEST(a_swap_shows_the_front_buffer),
	TK_TEST(the_display_is_720p_and_the_engines_are_trained),
	TK_TEST(what_cannot_be_read_hangs_and_says_why),
	TK_TEST(no_ring_does_harm),
};

TK_MAIN(tests)
