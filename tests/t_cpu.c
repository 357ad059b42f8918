/* tests/t_cpu.c - the laws of the core: exact counting, faults that change nothing, decoded code that never goes stale. */
#include "config.h"

#include "tests/cpukit.h"

/* ---- counting ------------------------------------------------------------------------------------------------------------- */

static void a_run_stops_after_any_instruction(void **state)
{
	struct rig *r = *state;
	CODE_IS(r, ADDI(3, 0, 0), ADDI(3, 3, 1), ADDI(3, 3, 1), ADDI(3, 3, 1), CMPWI(0, 3, 100), BEQ(8), B(-20), SC);
	for (unsigned n = 1; n < 60; n++) {
		ppc_context_reset(&r->ctx);
		r->ctx.pc = CODE;
		assert_int_equal(run(r, n), CPU_BUDGET);
		assert_int_equal(r->s.used, n);
		unsigned loop = n ? (n - 1) % 6 : 0, rounds = (n - 1) / 6;
		assert_int_equal(r->ctx.gpr[3], rounds * 3 + (loop < 3 ? loop : 3));
		assert_int_equal(r->ctx.pc, CODE + 4 + 4 * loop);
	}
}

static void an_exit_at_the_budgets_end_waits_for_the_next_slice(void **state)
{
	struct rig *r = *state;
	CODE_IS(r, NOP, LWZ(3, 0, 0));
	assert_int_equal(run(r, 1), CPU_BUDGET);
	assert_int_equal(run(r, 1), CPU_FAULT);
	assert_int_equal(r->s.used, 0);
	r->ctx.pc = CODE;
	CODE_IS(r, B(0x1000000));
	assert_int_equal(run(r, 1), CPU_BUDGET);
	assert_int_equal(run(r, 1), CPU_FETCH);
}

static void code_runs_on_over_the_end_of_a_page(void **state)
{
	struct rig *r = *state;
	const uint32_t words[] = { ADDI(3, 3, 1), ADDI(3, 3, 1), ADDI(3, 3, 1), SC };
	uint64_t total;
	code_at(r, CODE + 0xff8, words, 4);
	for (unsigned quantum = 1; quantum < 6; quantum++) {
		r->ctx.pc = CODE + 0xff8;
		r->ctx.gpr[3] = 0;
		assert_int_equal(run_on(r, quantum, &total), CPU_SYSCALL);
		assert_int_equal(total, 4);
		assert_int_equal(r->ctx.gpr[3], 3);
	}
}

static void sc_counts_and_says_its_word(void **state)
{
	struct rig *r = *state;
	CODE_IS(r, NOP, SC, NOP);
	assert_int_equal(run(r, 1000), CPU_SYSCALL);
	assert_int_equal(r->s.used, 2);
	assert_int_equal(r->ctx.pc, CODE + 8);
	assert_int_equal(r->s.insn, SC);
}

static void what_cannot_run_is_not_counted(void **state)
{
	static const struct {
		uint32_t word;
		enum cpu_exit exit;
	} cases[] = {
		{ 0, CPU_ILLEGAL },
		{ 0x7fe00008, CPU_TRAP },           /* trap */
		{ 0x0c830001, CPU_TRAP },           /* tweqi r3,1 */
		{ 0x7c1a02a6, CPU_PRIVILEGED },     /* mfsrr0 */
		{ 0x7c7a03a6, CPU_PRIVILEGED },     /* mtsrr0 */
		{ 0x7c7c43a6, CPU_PRIVILEGED },     /* mttbl */
		{ LWZ(3, 0, 16), CPU_FAULT },
	};
	struct rig *r = *state;
	for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
		CODE_IS(r, ADDI(3, 0, 1), NOP, cases[i].word, ADDI(3, 0, 2));
		r->ctx.pc = CODE;
		assert_int_equal(run(r, 1000), cases[i].exit);
		assert_int_equal(r->s.used, 2);
		assert_int_equal(r->ctx.pc, CODE + 8);
		assert_int_equal(r->s.insn, cases[i].word);
		assert_int_equal(r->ctx.gpr[3], 1);
	}
}

static void a_trap_whose_condition_fails_is_passed(void **state)
{
	struct rig *r = *state;
	CODE_IS(r, ADDI(3, 0, 2), 0x0c830001, 0x7c832008, SC); /* tweqi r3,1; tweq r3,r4 */
	assert_int_equal(run(r, 1000), CPU_SYSCALL);
	assert_int_equal(r->s.used, 4);
}

/* Slices of 4: the second mftb is instruction 3 of the whole, 0 of the second slice (the caller moves cycle_used on). */
static void the_time_base_is_exact_within_a_slice(void **state)
{
	struct rig *r = *state;
	CODE_IS(r, NOP, MFTB(3), NOP, MFSPR_TB(4), NOP, MFTBU(5), SC);
	for (unsigned quantum = 1; quantum < 9; quantum++) {
		r->ctx.pc = CODE;
		r->s.cycle_base = UINT64_C(0x12345678900000);
		r->s.cycle_used = 4000;
		r->s.cpi = 600;
		enum cpu_exit e;
		do {
			e = run(r, quantum);
			r->s.cycle_used += r->s.used;
		} while (e == CPU_BUDGET);
		assert_int_equal(e, CPU_SYSCALL);
		assert_int_equal(r->ctx.gpr[3], (r->s.cycle_base + 100 * 4001) / 64);
		assert_int_equal(r->ctx.gpr[4], (r->s.cycle_base + 100 * 4003) / 64);
		assert_int_equal(r->ctx.gpr[5], (r->s.cycle_base + 100 * 4005) / 64 >> 32);
	}
}

/* ---- fused or alone, all at once or step by step: the same ------------------------------------------------------- */

/* Rows that go into random programs: what is fused, and a few others between. Their loose bits are random, but loads and
 * stores are relative to r1, which lies in the data, or meet a bad address now and then. */
static const unsigned mixed[] = {
	PPC_INSN_addi, PPC_INSN_addi, PPC_INSN_addis, PPC_INSN_add, PPC_INSN_subf, PPC_INSN_mullw, PPC_INSN_and, PPC_INSN_or,
	PPC_INSN_xor, PPC_INSN_ori, PPC_INSN_rlwinm, PPC_INSN_rlwinm, PPC_INSN_rlwimi, PPC_INSN_cmpi, PPC_INSN_cmpli,
	PPC_INSN_cmp, PPC_INSN_cmpl, PPC_INSN_lbz, PPC_INSN_lbzu, PPC_INSN_lhz, PPC_INSN_lwz, PPC_INSN_lwzu, PPC_INSN_ld,
	PPC_INSN_lwzx, PPC_INSN_lbzx, PPC_INSN_stb, PPC_INSN_sth, PPC_INSN_stw, PPC_INSN_stw, PPC_INSN_stwu, PPC_INSN_std,
	PPC_INSN_stwx, PPC_INSN_andi_, PPC_INSN_srawi, PPC_INSN_extsb, PPC_INSN_bc, PPC_INSN_bc, PPC_INSN_bc, PPC_INSN_addic,
	PPC_INSN_adde, PPC_INSN_stbu, PPC_INSN_neg, PPC_INSN_stswi, PPC_INSN_fadd, PPC_INSN_fmul, PPC_INSN_fmadd, PPC_INSN_fmadd,
	PPC_INSN_fsubs, PPC_INSN_fmadds, PPC_INSN_fnmsub, PPC_INSN_lfs, PPC_INSN_lfd, PPC_INSN_stfd, PPC_INSN_stfs,
	PPC_INSN_vaddubm, PPC_INSN_vaddfp, PPC_INSN_vmaddfp, PPC_INSN_vcmpequb,
};
#define PROGRAM 120u

static uint32_t random_insn(uint64_t *seed, unsigned at)
{
	const struct ppc_row *row = &ppc_rows[mixed[next(seed) % ARRAY_LEN(mixed)]];
	uint32_t w = row->match | (next(seed) & ~row->mask), r = next(seed);
	if (row == &ppc_rows[PPC_INSN_bc]) { /* forward, within the program: a CR bit, either sense; or bdnz */
		uint32_t to = 4 * (1 + r % 6);
		return at + to / 4 >= PROGRAM ? NOP : BC(r & 64 ? 16u : r & 128 ? 12u : 4u, r >> 8 & 31, to);
	}
	w = (w >> 21 & 31) < 2 && row->form != PPC_FORM_DC && row->form != PPC_FORM_XC ? w | 2 << 21 : w; /* r0, r1 stay */
	w = (w >> 16 & 31) < 2 ? w | 2 << 16 : w;
	if ((row->form == PPC_FORM_D || row->form == PPC_FORM_DS) && (row->flags & (PPC_LOAD | PPC_STORE)) && r % 256) {
		bool update = row->name[strlen(row->name) - 1] == 'u'; /* moves r1: not far */
		uint32_t d = update ? (r >> 8 & 0x7c) - 0x20 : r >> 8 & 0x1ffc;
		w = (w & 0xffe00000) | 1 << 16 | (d & 0xffff) | (row->match & 3);
	}
	if (row->form == PPC_FORM_X && (row->flags & (PPC_LOAD | PPC_STORE)) && r % 64)
		w = row == &ppc_rows[PPC_INSN_stswi] ? (w & ~0x1f0000u) | 1 << 16 : (w & ~0x1ff800u) | 1 << 16; /* r1 + r0 */
	if (row == &ppc_rows[PPC_INSN_rlwinm] && r % 4 == 0) /* a plain shift */
		w = (w & ~0x7feu) | (31 - (w >> 11 & 31)) << 1;
	return w;
}

/** Runs the program at CODE from @start in slices of @quantum; the exit, the count, the context and the data come back. */
static enum cpu_exit trial(struct rig *r, const struct ppc_context *start, const uint8_t *data, uint64_t quantum, uint64_t *total)
{
	r->ctx = *start;
	assert_int_equal(mem_poke(&r->mem, DATA, data, DATA_END - DATA), MEM_OK);
	return run_on(r, quantum, total);
}

static void check_same(struct rig *r, const struct ppc_context *want, const uint8_t *want_data)
{
	assert_memory_equal(&r->ctx, want, sizeof *want);
	uint8_t data[DATA_END - DATA];
	assert_int_equal(mem_peek(&r->mem, DATA, data, sizeof data), MEM_OK);
	assert_memory_equal(data, want_data, sizeof data);
}

static void slices_of_any_length_give_the_same(void **state)
{
	struct rig *r = *state;
	static uint8_t data[DATA_END - DATA], want_data[DATA_END - DATA];
	static const unsigned quanta[] = { 2, 3, 5, 7, 64, 1000 };
	uint64_t seed = 99;
	unsigned exits[CPU_STOP + 1] = { 0 };
	for (unsigned i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)next(&seed);
	for (unsigned round = 0; round < 300; round++) {
		struct ppc_context start, want;
		uint64_t total, again;
		uint32_t words[PROGRAM + 1];
		ppc_context_reset(&start);
		start.pc = CODE;
		for (unsigned i = 0; i < 32; i++)
			start.gpr[i] = next(&seed) % 4 ? next(&seed) % 0x2000 : (uint64_t)next(&seed) << 32 | next(&seed);
		start.gpr[0] = next(&seed) % 0x400;
		start.gpr[1] = DATA + 0x400;
		start.ctr = next(&seed) % 3;
		for (unsigned i = 0; i < 32; i++)
			start.fpr[i] = UINT64_C(0x3ff0000000000000) + ((uint64_t)next(&seed) << 24);
		for (unsigned i = 0; i < 64; i++)
			start.vr[i / 2].d[i & 1] = (uint64_t)next(&seed) << 32 | next(&seed);
		for (unsigned i = 0; i < PROGRAM; i++)
			words[i] = random_insn(&seed, i);
		words[PROGRAM] = SC;
		code_at(r, CODE, words, PROGRAM + 1);
		enum cpu_exit e = trial(r, &start, data, 1, &total);
		exits[e]++;
		want = r->ctx;
		assert_int_equal(mem_peek(&r->mem, DATA, want_data, sizeof want_data), MEM_OK);
		for (unsigned q = 0; q < ARRAY_LEN(quanta); q++) {
			assert_int_equal(trial(r, &start, data, quanta[q], &again), e);
			assert_int_equal(again, total);
			check_same(r, &want, want_data);
		}
	}
	assert_true(exits[CPU_SYSCALL] > 30); /* the programs are neither all cut short nor all harmless */
	assert_true(exits[CPU_FAULT] > 30);
}

/* ---- faults ---------------------------------------------------------------------------------------------------------------- */

static void a_fault_changes_no_register(void **state)
{
	static const uint32_t faulting[] = {
		LWZ(3, 5, 0), LWZU(3, 5, 4), STW(3, 5, 0), STWU(3, 5, -8), LMW(4, 5, 0),
		0x7c6528ae,               /* lbzx r3,r5,r5 */
		0x7c602828,               /* lwarx r3,0,r5 */
		0x7c60040e | 5 << 11,     /* lvlx v3,0,r5 */
		0x7c6029ce,               /* stvx v3,0,r5 */
		0xc4650010,               /* lfsu f3,16(r5) */
		0xdc650010,               /* stfdu f3,16(r5) */
		0x7c002fec,               /* dcbz 0,r5 */
		0x7c6584aa,               /* lswi r3,r5,16 */
		0x7c658caa & ~0x800u,     /* lswi r3,r5,17.. */
	};
	struct rig *r = *state;
	for (unsigned i = 0; i < ARRAY_LEN(faulting); i++)
		for (unsigned before = 0; before < 3; before++) {
			CODE_IS(r, before == 0 ? B(8) : NOP, before == 1 ? ADDI(9, 9, 1) : LWZ(9, 1, 0), faulting[i], SC);
			r->ctx.pc = CODE;
			r->ctx.gpr[5] = 0x40000000 + 0x1000 * i;
			struct ppc_context want = r->ctx;
			assert_int_equal(run(r, 1000), CPU_FAULT);
			assert_int_equal(r->s.used, before == 0 ? 1 : 2);
			assert_int_equal(r->s.fault, MEM_FAULT_UNMAPPED);
			want.pc = CODE + 8;
			want.gpr[9] = r->ctx.gpr[9];
			assert_memory_equal(&r->ctx, &want, sizeof want);
		}
}

static void a_fault_across_pages_names_its_first_byte(void **state)
{
	struct rig *r = *state;
	CODE_IS(r, STW(3, 5, 0));
	r->ctx.gpr[5] = DATA_END - 2;
	r->ctx.gpr[3] = 0xffffffff;
	assert_int_equal(run(r, 10), CPU_FAULT);
	assert_int_equal(r->s.fault_ga, DATA_END);
	assert_int_equal(r->s.fault_size, 4);
	assert_true(r->s.fault_store);
	assert_int_equal(mem_get16(&r->mem, DATA_END - 2), 0);
}

static void an_access_across_good_pages_is_whole(void **state)
{
	struct rig *r = *state;
	CODE_IS(r, STW(3, 5, 0), LWZ(4, 5, 0), SC);
	r->ctx.gpr[5] = DATA + 0xffe;
	r->ctx.gpr[3] = 0x12345678;
	assert_int_equal(run(r, 10), CPU_SYSCALL);
	assert_int_equal(r->ctx.gpr[4], 0x12345678);
	assert_int_equal(mem_get16(&r->mem, DATA + 0xffe), 0x1234);
}

static void code_must_be_executable(void **state)
{
	struct rig *r = *state;
	CODE_IS(r, B(0x1000));
	assert_int_equal(mem_protect(&r->mem, CODE + 0x1000, 0x1000, RW), ST_OK);
	assert_int_equal(run(r, 10), CPU_FETCH);
	assert_int_equal(r->s.used, 1);
	assert_int_equal(r->ctx.pc, CODE + 0x1000);
}

/* ---- decoded code ----------------------------------------------------------------------------------------------------------- */

/* The store hits the very next instruction, which is already decoded and fused with it. */
static void a_store_into_the_running_block_takes_effect_at_once(void **state)
{
	struct rig *r = *state;
	for (uint64_t quantum = 1; quantum < 6; quantum++) {
		uint64_t total;
		CODE_IS(r, ADDI(4, 4, 0), STW(3, 5, 0), ADDI(4, 4, 1), ADDI(4, 4, 16), SC);
		r->ctx.pc = CODE;
		r->ctx.gpr[4] = 0;
		r->ctx.gpr[5] = CODE + 8;
		r->ctx.gpr[3] = ADDI(4, 4, 1);
		assert_int_equal(run_on(r, quantum, &total), CPU_SYSCALL); /* decoded now */
		assert_int_equal(r->ctx.gpr[4], 17);
		r->ctx.pc = CODE;
		r->ctx.gpr[4] = 0;
		r->ctx.gpr[3] = ADDI(4, 4, 256);
		assert_int_equal(run_on(r, quantum, &total), CPU_SYSCALL);
		assert_int_equal(total, 5);
		assert_int_equal(r->ctx.gpr[4], 272);
	}
}

static void a_store_through_a_mirror_hits_the_code(void **state)
{
	struct rig *r = *state;
	CODE_IS(r, ADDI(4, 4, 1), STW(3, 5, 0), BDNZ(-8), SC);
	r->ctx.gpr[5] = CODE + 0x10000000; /* image bytes at 92000000 */
	r->ctx.gpr[3] = ADDI(4, 4, 100);
	r->ctx.ctr = 3;
	uint64_t total;
	assert_int_equal(run_on(r, 1000, &total), CPU_SYSCALL);
	assert_int_equal(total, 10);
	assert_int_equal(r->ctx.gpr[4], 201);
}

static void code_that_rewrites_itself_runs_alike_with_any_cache(void **state)
{
	/* A routine that is called in 24 pages; each call rewrites an instruction of the next page's copy. */
	uint64_t want = 0;
	for (unsigned pages = 0; pages < 20; pages = pages ? pages * 3 : 2) {
		struct rig *r = rig_new(pages);
		const uint32_t routine[] = { ADDI(4, 4, 1), STW(6, 7, 0x1000), ADDIS(7, 7, 0), ADDI(7, 7, 0x1000), BDNZ(0xff0), SC };
		for (unsigned p = 0; p < 15; p++)
			code_at(r, CODE + 0x1000 * p, routine, ARRAY_LEN(routine));
		const uint32_t back[] = { B(-0xf000) };
		code_at(r, CODE + 0xf000, back, 1);
		uint64_t total = 0;
		for (unsigned lap = 0; lap < 4; lap++) {
			uint64_t n;
			r->ctx.pc = CODE;
			r->ctx.ctr = 15;
			r->ctx.gpr[7] = CODE;
			r->ctx.gpr[6] = ADDI(4, 4, lap + 2);
			assert_int_equal(run_on(r, 1000, &n), CPU_SYSCALL);
			total += n;
		}
		want = want ? want : r->ctx.gpr[4] << 32 | total;
		assert_int_equal(r->ctx.gpr[4] << 32 | total, want);
		rig_free(r);
	}
}

static void a_protection_change_drops_decoded_code(void **state)
{
	struct rig *r = *state;
	CODE_IS(r, NOP, SC);
	assert_int_equal(run(r, 10), CPU_SYSCALL);
	assert_int_equal(mem_protect(&r->mem, CODE, 0x1000, RW), ST_OK);
	r->ctx.pc = CODE;
	assert_int_equal(run(r, 10), CPU_FETCH);
	assert_int_equal(mem_protect(&r->mem, CODE, 0x1000, RX), ST_OK);
	assert_int_equal(run(r, 10), CPU_SYSCALL);
	mem_release(&r->mem, CODE, 0x1000, true);
	r->ctx.pc = CODE;
	assert_int_equal(run(r, 10), CPU_FETCH);
}

static void a_flush_forgets_everything(void **state)
{
	struct rig *r = *state;
	CODE_IS(r, ADDI(3, 0, 1), SC);
	assert_int_equal(run(r, 10), CPU_SYSCALL);
	mem_rebuild_attributes(&r->mem);
	store_be32(r->mem.base + CODE, ADDI(3, 0, 2)); /* behind everybody's back, as a restore does */
	cpu_flush(r->cpu);
	r->ctx.pc = CODE;
	assert_int_equal(run(r, 10), CPU_SYSCALL);
	assert_int_equal(r->ctx.gpr[3], 2);
}

/* ---- breakpoints and stops -------------------------------------------------------------------------------------------------- */

static void a_breakpoint_stops_before_its_instruction(void **state)
{
	struct rig *r = *state;
	CODE_IS(r, ADDI(3, 3, 1), ADDI(3, 3, 2), CMPWI(0, 3, 3), BEQ(8), NOP, SC);
	for (unsigned decoded = 0; decoded < 2; decoded++)
		for (unsigned at = 0; at < 4; at++) {
			uint32_t ga = CODE + 4 * at;
			cpu_break_set(r->cpu, ga);
			assert_true(cpu_break_at(r->cpu, ga));
			r->ctx.pc = CODE;
			r->ctx.gpr[3] = 0;
			r->s.skip_break = false;
			assert_int_equal(run(r, 100), CPU_BREAK);
			assert_int_equal(r->s.used, at);
			assert_int_equal(r->ctx.pc, ga);
			assert_int_equal(run(r, 100), CPU_BREAK); /* still there */
			assert_int_equal(r->s.used, 0);
			r->s.skip_break = true;
			assert_int_equal(run(r, 100), CPU_SYSCALL);
			assert_int_equal(r->s.used, 5 - at);
			assert_int_equal(r->ctx.gpr[3], 3);
			cpu_break_clear(r->cpu, ga);
			assert_false(cpu_break_at(r->cpu, ga));
			r->ctx.pc = CODE;
			r->ctx.gpr[3] = 0;
			r->s.skip_break = false;
			assert_int_equal(run(r, 100), CPU_SYSCALL);
		}
}

static void a_skipped_breakpoint_is_met_again_in_a_loop(void **state)
{
	struct rig *r = *state;
	CODE_IS(r, ADDI(3, 3, 1), BDNZ(-4), SC);
	r->ctx.ctr = 3;
	cpu_break_set(r->cpu, CODE);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(run(r, 100), CPU_BREAK);
		r->s.skip_break = true;
		assert_int_equal(r->ctx.gpr[3], i);
	}
	assert_int_equal(run(r, 100), CPU_SYSCALL);
	assert_int_equal(r->ctx.gpr[3], 3);
}

static void on_watched(void *ctx, uint32_t ga, unsigned size, bool store)
{
	struct rig *r = ctx;
	r->watched++;
	cpu_stop(r->cpu);
}

static void a_watchpoint_stops_behind_its_instruction(void **state)
{
	struct rig *r = *state;
	r->mem.hooks.watched = on_watched;
	r->mem.hooks.watch_ctx = r;
	mem_attr_set(&r->mem, DATA, MEM_WATCH_W);
	CODE_IS(r, ADDI(3, 3, 1), STW(3, 1, 8), ADDI(3, 3, 1), LWZ(4, 1, 8), SC);
	assert_int_equal(run(r, 100), CPU_STOP);
	assert_int_equal(r->s.used, 2);
	assert_int_equal(r->ctx.pc, CODE + 8);
	assert_int_equal(mem_get32(&r->mem, DATA + 8), 1);
	assert_int_equal(run(r, 100), CPU_SYSCALL);
	assert_int_equal(r->s.used, 3);
	assert_int_equal(r->watched, 1);
}

/* ---- single instructions that vectors do not cover --------------------------------------------------------------------- */

static void a_reservation_is_used_up(void **state)
{
	struct rig *r = *state;
	/* lwarx r3,0,r1; stwcx. r4,0,r1; mfcr r5; stwcx. r4,0,r1; mfcr r6 */
	CODE_IS(r, 0x7c600828, 0x7c80092d, 0x7ca00026, 0x7c80092d, 0x7cc00026, SC);
	r->ctx.gpr[4] = 7;
	assert_int_equal(run(r, 100), CPU_SYSCALL);
	assert_int_equal(r->ctx.gpr[5] >> 28, 2);
	assert_int_equal(r->ctx.gpr[6] >> 28, 0);
	assert_int_equal(mem_get32(&r->mem, DATA), 7);
}

static void dcbz_clears_32_bytes_and_dcbz128_a_line(void **state)
{
	struct rig *r = *state;
	uint8_t ones[256], want[256];
	memset(ones, 0xff, sizeof ones);
	CODE_IS(r, 0x7c0027ec, SC, 0x7c2027ec, SC); /* dcbz 0,r4; dcbz128 0,r4 */
	for (unsigned line = 0; line < 2; line++) {
		r->ctx.gpr[4] = DATA + 0xb7;
		memcpy(want, ones, sizeof want);
		memset(want + (line ? 0x80 : 0xa0), 0, line ? 128 : 32);
		assert_int_equal(mem_poke(&r->mem, DATA, ones, sizeof ones), MEM_OK);
		assert_int_equal(run(r, 100), CPU_SYSCALL);
		assert_memory_equal(r->mem.base + DATA, want, sizeof want);
	}
}

static void string_instructions_wrap_and_fill_with_zeros(void **state)
{
	struct rig *r = *state;
	/* lswi r30,r1,11; stswi r30,r1,9 (at +0, then compared) */
	CODE_IS(r, 0x7fc15caa, ADDI(1, 1, 64), 0x7fc14daa, SC);
	assert_int_equal(mem_poke(&r->mem, DATA, "\1\2\3\4\5\6\7\10\11\12\13", 11), MEM_OK);
	assert_int_equal(run(r, 100), CPU_SYSCALL);
	assert_int_equal(r->ctx.gpr[30], 0x01020304);
	assert_int_equal(r->ctx.gpr[31], 0x05060708);
	assert_int_equal(r->ctx.gpr[0], 0x090a0b00);
	assert_memory_equal(r->mem.base + DATA + 64, "\1\2\3\4\5\6\7\10\11\0", 10);
}

static void msr_may_be_read_and_written(void **state)
{
	struct rig *r = *state;
	/* mfmsr r3; mtmsrd r4,1; mfmsr r5; mtmsr r3; mfmsr r6 */
	CODE_IS(r, 0x7c6000a6, 0x7c810164, 0x7ca000a6, 0x7c600124, 0x7cc000a6, SC);
	assert_int_equal(run(r, 100), CPU_SYSCALL);
	assert_int_equal(r->ctx.gpr[3], 0x9030);
	assert_int_equal(r->ctx.gpr[5], 0x1030);
	assert_int_equal(r->ctx.gpr[6], 0x9030);
}

static void branches_to_registers_ignore_the_low_bits_and_upper_half(void **state)
{
	struct rig *r = *state;
	CODE_IS(r, MTCTR(3), BCTR, SC, MTLR(3), BLR, NOP, ADDI(4, 0, 1), SC);
	r->ctx.gpr[3] = UINT64_C(0xdeadbeef00000000) | (CODE + 27);
	assert_int_equal(run(r, 100), CPU_SYSCALL);
	assert_int_equal(r->s.used, 4);
	r->ctx.pc = CODE + 12;
	assert_int_equal(run(r, 100), CPU_SYSCALL);
	assert_int_equal(r->s.used, 4);
}

static void a_call_sets_lr_from_32_bits(void **state)
{
	struct rig *r = *state;
	CODE_IS(r, BL(8), NOP, 0x7c6802a6, BL(0x2000), NOP); /* mflr r3 */
	const uint32_t far[] = { 0x7c8802a6, SC };
	code_at(r, CODE + 0xc + 0x2000, far, 2);
	r->ctx.lr = UINT64_MAX;
	assert_int_equal(run(r, 100), CPU_SYSCALL);
	assert_int_equal(r->ctx.gpr[3], CODE + 4);
	assert_int_equal(r->ctx.gpr[4], CODE + 16);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		LAW(a_run_stops_after_any_instruction),
		LAW(an_exit_at_the_budgets_end_waits_for_the_next_slice),
		LAW(code_runs_on_over_the_end_of_a_page),
		LAW(sc_counts_and_says_its_word),
		LAW(what_cannot_run_is_not_counted),
		LAW(a_trap_whose_condition_fails_is_passed),
		LAW(the_time_base_is_exact_within_a_slice),
		LAW(slices_of_any_length_give_the_same),
		LAW(a_fault_changes_no_register),
		LAW(a_fault_across_pages_names_its_first_byte),
		LAW(an_access_across_good_pages_is_whole),
		LAW(code_must_be_executable),
		LAW(a_store_into_the_running_block_takes_effect_at_once),
		LAW(a_store_through_a_mirror_hits_the_code),
		LAW(code_that_rewrites_itself_runs_alike_with_any_cache),
		LAW(a_protection_change_drops_decoded_code),
		LAW(a_flush_forgets_everything),
		LAW(a_breakpoint_stops_before_its_instruction),
		LAW(a_skipped_breakpoint_is_met_again_in_a_loop),
		LAW(a_watchpoint_stops_behind_its_instruction),
		LAW(a_reservation_is_used_up),
		LAW(dcbz_clears_32_bytes_and_dcbz128_a_line),
		LAW(string_instructions_wrap_and_fill_with_zeros),
		LAW(msr_may_be_read_and_written),
		LAW(branches_to_registers_ignore_the_low_bits_and_upper_half),
		LAW(a_call_sets_lr_from_32_bits),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("cpu", tests, NULL, NULL);
}
