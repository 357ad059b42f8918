/* tests/cpukit.h - a core with some memory, instructions by hand: for the tests of src/cpu. */
#ifndef TESTS_CPUKIT_H
#define TESTS_CPUKIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "src/cpu/cpu.h"
#include "src/cpu/insn.h"
#include "src/mem/mem.h"

#define RW (MEM_PROT_R | MEM_PROT_W)
#define RX (MEM_PROT_R | MEM_PROT_X)
#define RWX (RW | MEM_PROT_X)
#define CODE 0x82000000u
#define CODE_SIZE 0x10000u
#define DATA 0x00100000u      /* three pages; the fourth is not there */
#define DATA_END (DATA + 0x3000u)

/* Instructions, by hand. */
#define ADDI(d, a, i) (0x38000000u | (d) << 21 | (a) << 16 | ((i) & 0xffff))
#define ADDIS(d, a, i) (0x3c000000u | (d) << 21 | (a) << 16 | ((i) & 0xffff))
#define ORI(a, s, i) (0x60000000u | (s) << 21 | (a) << 16 | ((i) & 0xffff))
#define LWZ(d, a, i) (0x80000000u | (d) << 21 | (a) << 16 | ((i) & 0xffff))
#define LWZU(d, a, i) (0x84000000u | (d) << 21 | (a) << 16 | ((i) & 0xffff))
#define STW(d, a, i) (0x90000000u | (d) << 21 | (a) << 16 | ((i) & 0xffff))
#define STWU(d, a, i) (0x94000000u | (d) << 21 | (a) << 16 | ((i) & 0xffff))
#define LMW(d, a, i) (0xb8000000u | (d) << 21 | (a) << 16 | ((i) & 0xffff))
#define CMPWI(f, a, i) (0x2c000000u | (f) << 23 | (a) << 16 | ((i) & 0xffff))
#define B(off) (0x48000000u | ((off) & 0x3fffffc))
#define BL(off) (B(off) | 1)
#define BC(bo, bi, off) (0x40000000u | (bo) << 21 | (bi) << 16 | ((off) & 0xfffc))
#define BDNZ(off) BC(16, 0, off)
#define BEQ(off) BC(12, 2, off)
#define MTCTR(s) (0x7c0903a6u | (s) << 21)
#define MTLR(s) (0x7c0803a6u | (s) << 21)
#define BLR 0x4e800020u
#define BCTR 0x4e800420u
#define NOP 0x60000000u
#define SC 0x44000042u        /* sc 2 */
#define MFTB(d) (0x7c0c42e6u | (d) << 21)
#define MFSPR_TB(d) (0x7c0c42a6u | (d) << 21)
#define MFTBU(d) (0x7c0d42e6u | (d) << 21)

struct rig {
	struct arena world;
	struct mem mem;
	struct cpu *cpu;
	struct ppc_context ctx;
	struct cpu_slice s;
	unsigned watched;
};

static inline struct rig *rig_new(unsigned pages)
{
	struct rig *r = NULL;
	assert_int_equal(posix_memalign((void **)&r, 64, sizeof *r), 0);
	memset(r, 0, sizeof *r);
	assert_int_equal(arena_init(&r->world, UINT64_C(64) << 20), ST_OK);
	assert_int_equal(mem_init(&r->mem, &r->world), ST_OK);
	assert_int_equal(mem_commit(&r->mem, CODE, CODE_SIZE, RWX, MEM_OWNER_image, CODE), ST_OK);
	assert_int_equal(mem_commit(&r->mem, DATA, DATA_END - DATA, RW, MEM_OWNER_heap, DATA), ST_OK);
	r->cpu = cpu_new(&r->mem, pages);
	ppc_context_reset(&r->ctx);
	r->ctx.pc = CODE;
	r->ctx.gpr[1] = DATA;
	r->s = (struct cpu_slice){ .ctx = &r->ctx, .cpi = 4 };
	return r;
}

static inline void rig_free(struct rig *r)
{
	cpu_free(r->cpu);
	mem_fini(&r->mem);
	arena_fini(&r->world);
	free(r);
}

static inline int setup(void **state)
{
	*state = rig_new(0);
	return 0;
}

static inline int teardown(void **state)
{
	rig_free(*state);
	return 0;
}

static inline void code_at(struct rig *r, uint32_t ga, const uint32_t *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		mem_put32(&r->mem, ga + 4 * (uint32_t)i, words[i]);
	cpu_flush(r->cpu);
}
#define CODE_IS(r, ...) \
	do { \
		const uint32_t words_[] = { __VA_ARGS__ }; \
		code_at(r, CODE, words_, ARRAY_LEN(words_)); \
	} while (0)

static inline enum cpu_exit run(struct rig *r, uint64_t budget)
{
	r->s.budget = budget;
	return cpu_run(r->cpu, &r->s);
}

/** Runs with slices of @quantum until something else than the budget ends it; the number of instructions goes to @total. */
static inline enum cpu_exit run_on(struct rig *r, uint64_t quantum, uint64_t *total)
{
	enum cpu_exit e;
	*total = 0;
	do {
		e = run(r, quantum);
		if (e == CPU_BUDGET)
			assert_int_equal(r->s.used, quantum);
		*total += r->s.used;
		assert_true(*total < 10000000);
	} while (e == CPU_BUDGET);
	return e;
}

/** xorshift64: Marsaglia, "Xorshift RNGs". */
static inline uint32_t next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return (uint32_t)(*seed >> 32);
}

#define LAW(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
