/* tests/t_loop.c - the laws of loops that run many iterations at once (src/cpu/loop.h): a run instruction by instruction, where that
 * never happens, shows what they have to do. */
#include "config.h"

#include "tests/cpukit.h"

#define PHYS 0x10000000u /* two pages, seen at B0000000, D0000000 and EFFFF000 */
#define PHYS_SIZE 0x2000u
#define PHYS_A (0xA0000000u + PHYS)
#define PHYS_C (0xC0000000u + PHYS)
#define PHYS_E (0xE0000000u + PHYS - 0x1000u)
#define BODY 38u

/* ---- loads and stores by size: 1, 2, 4, 8 bytes, 8 of an FPR, 16 of a VR ------------------------------------------------------- */

enum width { W1, W2, W4, W8, WF, WV, WIDTHS };
static const unsigned bytes_of[WIDTHS] = { 1, 2, 4, 8, 8, 16 };
static const struct {
	uint32_t displaced, updating, indexed;
} insns[2][WIDTHS] = {
	{ { 34u << 26, 35u << 26, 31u << 26 | 87 << 1 }, { 40u << 26, 41u << 26, 31u << 26 | 279 << 1 },
		{ 32u << 26, 33u << 26, 31u << 26 | 23 << 1 }, { 58u << 26, 58u << 26 | 1, 31u << 26 | 21 << 1 },
		{ 50u << 26, 51u << 26, 31u << 26 | 599 << 1 }, { 0, 0, 31u << 26 | 103 << 1 } },
	{ { 38u << 26, 39u << 26, 31u << 26 | 215 << 1 }, { 44u << 26, 45u << 26, 31u << 26 | 407 << 1 },
		{ 36u << 26, 37u << 26, 31u << 26 | 151 << 1 }, { 62u << 26, 62u << 26 | 1, 31u << 26 | 149 << 1 },
		{ 54u << 26, 55u << 26, 31u << 26 | 727 << 1 }, { 0, 0, 31u << 26 | 231 << 1 } },
};

static uint32_t displaced(bool store, enum width w, bool update, unsigned d, unsigned a, int disp)
{
	return (update ? insns[store][w].updating : insns[store][w].displaced) | d << 21 | a << 16 | ((unsigned)disp & 0xffff);
}

static uint32_t indexed(bool store, enum width w, unsigned d, unsigned a, unsigned b)
{
	return insns[store][w].indexed | d << 21 | a << 16 | b << 11;
}

/* ---- programs: a loop as compilers and libraries write them, now and then with something in it that does not belong -------------- */

enum { FROM = 5, TO = 6, INDEX = 7, TEMP = 8, OTHER = 16, DERIVED = 20, VALUE = 12 };

struct maker {
	uint64_t seed;
	uint32_t words[BODY + 2];
	unsigned n;
	enum width w;
	bool fills, down, moved[2]; /* of the pointers [store] */
	unsigned pieces;            /* per iteration */
	unsigned mode[2];           /* 0 = displaced, 1 = one of the accesses updates, 2 = indexed */
	int shift[2];               /* of an updating stream's offsets */
};

static unsigned draw(struct maker *k, unsigned n)
{
	return next(&k->seed) % n;
}

static void emit(struct maker *k, uint32_t word)
{
	if (k->n < BODY)
		k->words[k->n++] = word;
}

static int stride(const struct maker *k)
{
	int n = (int)(k->pieces * bytes_of[k->w]);
	return k->down ? -n : n;
}

/* What a loop has beside its accesses. */
static void emit_other(struct maker *k)
{
	switch (draw(k, 12)) {
	case 0: emit(k, NOP); break;
	case 1: emit(k, ADDI(OTHER, 0, draw(k, 65536))); break;
	case 2: emit(k, ADDI(OTHER + 1, OTHER + 1, draw(k, 65536))); break;
	case 3: emit(k, 0x7c000378u | FROM << 21 | (OTHER + 2) << 16 | FROM << 11); break; /* mr */
	default: break;
	}
}

/* The pointer of a displaced stream moves some time in the body. */
static void emit_move(struct maker *k, bool store)
{
	if (k->mode[store] != 0 || k->moved[store])
		return;
	emit(k, ADDI(store ? TO : FROM, store ? TO : FROM, (unsigned)stride(k)));
	k->moved[store] = true;
}

static void emit_access(struct maker *k, bool store, unsigned piece)
{
	unsigned size = bytes_of[k->w], pointer = store ? TO : FROM,
		 d = k->fills ? VALUE + (k->w >= WF ? piece % 2 : 0) : TEMP + piece;
	int at = (int)((k->down ? k->pieces - 1 - piece : piece) * size);
	bool last = piece + 1 == k->pieces;
	emit_other(k);
	if (draw(k, 4) == 0)
		emit_move(k, store);
	if (k->w == WV || k->mode[store] == 2) {
		emit(k, ADDI(DERIVED + piece, pointer, (unsigned)at));
		emit(k, indexed(store, k->w, d, DERIVED + piece, INDEX));
		return;
	}
	bool update = k->mode[store] == 1 && last;
	emit(k, displaced(store, k->w, update, d, pointer, at + k->shift[store] - (k->moved[store] ? stride(k) : 0)));
	k->moved[store] |= update;
}

/** All loads first, or each with its store, or in any order. */
static void make_accesses(struct maker *k)
{
	unsigned order = draw(k, 3), loaded = 0, stored = 0, all = (1u << k->pieces) - 1;
	if (k->fills)
		loaded = all;
	for (unsigned i = 0; stored != all; i = draw(k, order == 2 ? 2 : 1) ? draw(k, k->pieces) : (i + 1) % k->pieces) {
		if (!(loaded >> i & 1)) {
			emit_access(k, false, i);
			loaded |= 1u << i;
		}
		if (order == 0 && loaded != all)
			continue;
		for (unsigned n = 0; n < k->pieces; n++) {
			unsigned s = order == 2 ? draw(k, k->pieces) : n;
			if ((loaded & ~stored) >> s & 1) {
				emit_access(k, true, s);
				stored |= 1u << s;
			}
		}
	}
}

static void make(struct maker *k)
{
	k->n = 0;
	k->w = draw(k, WIDTHS);
	k->pieces = 1 + draw(k, 4);
	k->fills = draw(k, 3) == 0;
	k->down = draw(k, 3) == 0;
	unsigned index = draw(k, 3) == 0 || k->w == WV;
	for (unsigned s = 0; s < 2; s++) {
		unsigned last = k->down ? 0 : (k->pieces - 1) * bytes_of[k->w];
		k->mode[s] = index ? 2 : draw(k, 2);
		k->moved[s] = false;
		k->shift[s] = k->mode[s] == 1 ? stride(k) - (int)last
					      : 0; /* so that the last one's address is the pointer's next value */
	}
	make_accesses(k);
	if (!k->fills)
		emit_move(k, false);
	emit_move(k, true);
	if (index)
		emit(k, ADDI(INDEX, INDEX, (unsigned)stride(k)));
	emit_other(k);
	if (draw(k, 4) == 0) { /* something strange */
		const uint32_t odd[] = { displaced(draw(k, 2), W4, draw(k, 2), TEMP + draw(k, 4), TEMP + draw(k, 4), 4),
			ADDI(TEMP + draw(k, 4), FROM + draw(k, 4), draw(k, 16)), 0x7c000214u | TEMP << 21 | FROM << 16 | TO << 11,
			ADDI(FROM + draw(k, 2), FROM + draw(k, 2), draw(k, 8)),
			displaced(false, W1, false, FROM + draw(k, 8), FROM, 0),
			displaced(true, W1, false, FROM + draw(k, 8), TO, 0), indexed(true, W1, TEMP, TO, TEMP + 1),
			CMPWI(0, FROM, 3), 0x7c0000a6u | TEMP << 21, /* mfmsr */ MFTB(TEMP) };
		k->words[draw(k, k->n)] = odd[draw(k, ARRAY_LEN(odd))];
	}
	k->words[k->n] = BDNZ(-4 * (int)k->n);
	k->words[k->n + 1] = SC;
}

/** An address of data, or of physical memory through one of its windows. */
static uint32_t some_address(struct maker *k, unsigned physical)
{
	static const uint32_t windows[] = { PHYS_A, PHYS_C, PHYS_E };
	if (!physical)
		return DATA + draw(k, DATA_END - DATA);
	return windows[draw(k, 3)] + draw(k, PHYS_SIZE);
}

static void make_context(struct maker *k, struct ppc_context *c)
{
	ppc_context_reset(c);
	c->pc = CODE;
	for (unsigned i = 0; i < 32; i++) {
		c->gpr[i] = (uint64_t)next(&k->seed) << 32 | next(&k->seed);
		c->fpr[i] = (uint64_t)next(&k->seed) << 32 | next(&k->seed);
		c->vr[i].d[0] = c->fpr[i] ^ c->gpr[i];
		c->vr[i].d[1] = c->fpr[i] + c->gpr[i];
	}
	unsigned physical = draw(k, 4) == 0, near = draw(k, 2);
	c->gpr[FROM] = some_address(k, physical);
	c->gpr[TO] = some_address(k, physical);
	if (near && physical)
		c->gpr[TO] = (c->gpr[TO] & ~(uint64_t)0xfff) | ((c->gpr[FROM] + draw(k, 64) - 32) & 0xfff);
	else if (near)
		c->gpr[TO] = c->gpr[FROM] + draw(k, 64) - 32;
	c->gpr[INDEX] = draw(k, 2) ? 0 : draw(k, 256);
	c->ctr = 1 + draw(k, draw(k, 8) ? 500 : 6);
	if (draw(k, 2))
		c->ctr |= UINT64_C(0xffffffff00000000);
}

/* ---- runs --------------------------------------------------------------------------------------------------------------------------- */

struct memory {
	uint8_t data[DATA_END - DATA], phys[PHYS_SIZE];
};

static void memory_put(struct rig *r, const struct memory *m)
{
	assert_int_equal(mem_poke(&r->mem, DATA, m->data, sizeof m->data), MEM_OK);
	assert_int_equal(mem_poke(&r->mem, PHYS_A, m->phys, sizeof m->phys), MEM_OK);
}

static void memory_get(struct rig *r, struct memory *m)
{
	assert_int_equal(mem_peek(&r->mem, DATA, m->data, sizeof m->data), MEM_OK);
	assert_int_equal(mem_peek(&r->mem, PHYS_A, m->phys, sizeof m->phys), MEM_OK);
}

static struct rig *physical_rig(void **state)
{
	struct rig *r = *state;
	assert_int_equal(mem_commit_physical(&r->mem, PHYS, PHYS_SIZE, RW, PHYS_A), ST_OK);
	return r;
}

/** Runs the program from @start on in slices of @quantum, until it ends. */
static enum cpu_exit trial(
	struct rig *r, const struct ppc_context *start, const struct memory *m, uint64_t quantum, uint64_t *total)
{
	r->ctx = *start;
	r->s.cycle_used = 0;
	memory_put(r, m);
	enum cpu_exit e;
	*total = 0;
	do {
		e = run(r, quantum);
		r->s.cycle_used += r->s.used;
		*total += r->s.used;
		assert_true(*total < 1000000);
	} while (e == CPU_BUDGET);
	return e;
}

/* Also where the loop's registers are strange, it runs into a fault, its bytes overlap, or go to the same memory through another window. */
static void a_loop_does_what_its_instructions_do_one_by_one(void **state)
{
	struct rig *r = physical_rig(state);
	static struct memory before, want, now;
	static const unsigned quanta[] = { 2, 61, 1000, 1000000 };
	struct maker k = { .seed = 4711 };
	unsigned exits[CPU_STOP + 1] = { 0 }, quick = 0;
	for (unsigned i = 0; i < sizeof before.data; i++)
		before.data[i] = before.phys[i % PHYS_SIZE] = (uint8_t)next(&k.seed);
	for (unsigned round = 0; round < 1000; round++) {
		struct ppc_context start, end;
		uint64_t total, again, in_loops = cpu_in_loops(r->cpu);
		make(&k);
		make_context(&k, &start);
		code_at(r, CODE, k.words, k.n + 2);
		enum cpu_exit e = trial(r, &start, &before, 1, &total);
		assert_int_equal(cpu_in_loops(r->cpu), in_loops); /* one by one indeed */
		exits[e]++;
		end = r->ctx;
		memory_get(r, &want);
		for (unsigned q = 0; q < ARRAY_LEN(quanta); q++) {
			assert_int_equal(trial(r, &start, &before, quanta[q], &again), e);
			assert_int_equal(again, total);
			assert_memory_equal(&r->ctx, &end, sizeof end);
			memory_get(r, &now);
			assert_memory_equal(&now, &want, sizeof now);
		}
		quick += cpu_in_loops(r->cpu) - in_loops > total; /* of four runs */
	}
	assert_true(exits[CPU_SYSCALL] > 300);
	assert_true(exits[CPU_FAULT] > 100);
	assert_true(quick > 400);
}

#define LVX(d, b) (31u << 26 | (d) << 21 | (b) << 11 | 103 << 1)
#define STVX(d, b) (31u << 26 | (d) << 21 | (b) << 11 | 231 << 1)
#define LBZ(d, a, i) (0x88000000u | (d) << 21 | (a) << 16 | ((i)&0xffff))
#define STB(d, a, i) (0x98000000u | (d) << 21 | (a) << 16 | ((i)&0xffff))

/* Bodies that look like copies and fills, and mostly are none. */
static void what_only_looks_like_a_copy_is_done_one_by_one(void **state)
{
	struct rig *r = physical_rig(state);
	static struct memory before, want, now;
	static const uint32_t bodies[][8] = {
		{ LBZ(8, 5, 0), LBZ(9, 5, 1), STB(8, 6, 1), STB(9, 6, 0), ADDI(5, 5, 2), ADDI(6, 6, 2) }, /* swaps */
		{ LVX(1, 5), LWZ(9, 5, 16), STVX(1, 6), STW(9, 6, 16), ADDI(5, 5, 20), ADDI(6, 6, 20) },
		{ STB(9, 6, 0), STB(9, 6, 2), ADDI(6, 6, 2) },  /* one byte twice */
		{ STB(9, 6, 0), STB(10, 6, 0), ADDI(6, 6, 2) }, /* a gap */
		{ STB(9, 6, 0), ADDI(6, 6, 2) },
		{ STW(9, 6, 0), ADDI(6, 6, 2) },                /* one half twice */
		{ STW(9, 6, 0), ADDI(6, 6, 4), ADDI(9, 9, 1) }, /* another value each time */
		{ STB(6, 6, 0), ADDI(6, 6, 1) },
		{ LBZ(8, 5, 0), STB(8, 6, 0), ADDI(5, 5, -1), ADDI(6, 6, 1) }, /* reverses */
		{ LBZ(8, 5, 0), STB(8, 6, 0), ADDI(5, 5, 2), ADDI(6, 6, 1) },
		{ STB(8, 6, 0), LBZ(8, 5, 0), ADDI(5, 5, 1), ADDI(6, 6, 1) }, /* one behind */
		{ LWZ(8, 5, 0), STB(8, 6, 0), ADDI(5, 5, 1), ADDI(6, 6, 1) },
		{ LBZ(8, 5, 0), ADDI(8, 8, 1), STB(8, 6, 0), ADDI(5, 5, 1), ADDI(6, 6, 1) },
		{ LBZ(8, 5, 0), LBZ(8, 5, 1), STB(8, 6, 0), STB(8, 6, 1), ADDI(5, 5, 2), ADDI(6, 6, 2) },
		{ LBZ(8, 5, 0), STB(8, 6, 1), LBZ(8, 5, 1), STB(8, 6, 0), ADDI(5, 5, 2), ADDI(6, 6, 2) },
		{ LBZ(8, 5, 0), LBZ(9, 5, 1), STB(8, 6, 0), LBZ(10, 5, 2), STB(9, 6, 1), STB(10, 6, 2), ADDI(5, 5, 3),
			ADDI(6, 6, 3) },
		{ LBZ(8, 5, 0), STB(8, 6, 0), ADDI(11, 5, 1), ADDI(5, 11, 0), ADDI(6, 6, 1) },
		{ LBZ(8, 5, 0), STB(8, 5, 7), ADDI(5, 5, 1) },
		{ LBZ(8, 5, 0), STB(8, 5, -7), ADDI(5, 5, -1) },
		{ LBZ(5, 5, 0), STB(5, 6, 0), ADDI(6, 6, 1) }, /* the pointer is what it loads */
		{ LWZ(8, 5, 0), STW(8, 6, 0) },                /* stands still */
		{ STVX(1, 6), STVX(2, 6), ADDI(6, 6, 32) },
		{ ADDI(11, 10, 1), 0x7d0538aeu /* lbzx r8,r5,r7 */, 0x7d2558aeu /* lbzx r9,r5,r11 */, STB(8, 6, 0), STB(9, 6, 1),
			ADDI(5, 5, 2), ADDI(6, 6, 2) },
	};
	struct maker k = { .seed = 77 };
	for (unsigned i = 0; i < sizeof before.data; i++)
		before.data[i] = (uint8_t)next(&k.seed);
	for (unsigned i = 0; i < ARRAY_LEN(bodies); i++)
		for (int apart = -40; apart < 40; apart += 3) {
			uint32_t words[10] = { 0 };
			unsigned n = 0;
			struct ppc_context start, end;
			uint64_t total, again;
			for (; n < 8 && bodies[i][n]; n++)
				words[n] = bodies[i][n];
			words[n] = BDNZ(-4 * (int)n);
			words[n + 1] = SC;
			make_context(&k, &start);
			start.gpr[FROM] = DATA + 0x1100;
			start.gpr[TO] = (uint64_t)(DATA + 0x1100 + apart);
			start.gpr[INDEX] = 0;
			start.gpr[10] = 20;
			start.ctr = 50;
			code_at(r, CODE, words, n + 2);
			enum cpu_exit e = trial(r, &start, &before, 1, &total);
			end = r->ctx;
			memory_get(r, &want);
			assert_int_equal(trial(r, &start, &before, 1000000, &again), e);
			assert_int_equal(again, total);
			assert_memory_equal(&r->ctx, &end, sizeof end);
			memory_get(r, &now);
			assert_memory_equal(&now, &want, sizeof now);
		}
}

/* The budget may end at any instruction: the state there is the one that single steps reach. */
static void the_budget_may_end_anywhere_in_a_loop(void **state)
{
	struct rig *r = physical_rig(state);
	static struct memory before, want, now;
	struct maker k = { .seed = 5 };
	struct ppc_context start, end;
	for (unsigned program = 0; program < 12; program++) {
		make(&k);
		make_context(&k, &start);
		start.gpr[FROM] = DATA + 0x1800;
		start.gpr[TO] = DATA + 0x1800 + (program % 3 - 1) * 5;
		start.gpr[INDEX] = 0;
		start.ctr = program % 4 ? 40 : 0; /* that is 2^32 iterations */
		code_at(r, CODE, k.words, k.n + 2);
		for (unsigned budget = 1; budget < 40 * (k.n + 1); budget += 1 + budget / 64) {
			r->ctx = start;
			memory_put(r, &before);
			enum cpu_exit e = CPU_BUDGET;
			for (r->s.cycle_used = 0; r->s.cycle_used < budget && e == CPU_BUDGET; r->s.cycle_used++)
				e = run(r, 1);
			end = r->ctx;
			memory_get(r, &want);
			r->ctx = start;
			memory_put(r, &before);
			r->s.cycle_used = 0;
			assert_int_equal(run(r, budget), e);
			assert_memory_equal(&r->ctx, &end, sizeof end);
			memory_get(r, &now);
			assert_memory_equal(&now, &want, sizeof now);
		}
	}
	assert_true(cpu_in_loops(r->cpu) > 0);
}

/* ---- what must be taken one by one ------------------------------------------------------------------------------------------------ */

/* Fills @n words from @to on. */
static enum cpu_exit fill_words(struct rig *r, uint32_t to, uint32_t n, uint64_t quantum, uint64_t *total)
{
	CODE_IS(r, STWU(9, 6, 4), BDNZ(-4), SC);
	r->ctx.pc = CODE;
	r->ctx.gpr[6] = to - 4;
	r->ctx.gpr[9] = 0x12345678;
	r->ctx.ctr = n;
	return run_on(r, quantum, total);
}

static void a_fill_runs_at_once(void **state)
{
	struct rig *r = *state;
	uint64_t total;
	assert_int_equal(fill_words(r, DATA, 3072, 100000, &total), CPU_SYSCALL);
	assert_int_equal(total, 3072 * 2 + 1);
	assert_true(cpu_in_loops(r->cpu) > 3000 * 2);
	for (uint32_t i = 0; i < 3072; i++)
		assert_int_equal(mem_get32(&r->mem, DATA + 4 * i), 0x12345678);
}

static void a_loop_faults_at_its_first_bad_byte(void **state)
{
	struct rig *r = *state;
	uint64_t total;
	assert_int_equal(fill_words(r, DATA, 4000, 100000, &total), CPU_FAULT);
	assert_int_equal(total, 3072 * 2);
	assert_int_equal(r->s.fault_ga, DATA_END);
	assert_int_equal(r->ctx.gpr[6], DATA_END - 4);
	assert_int_equal(r->ctx.ctr, 4000 - 3072);
	assert_int_equal(mem_protect(&r->mem, DATA + 0x1000, 0x1000, MEM_PROT_R), ST_OK);
	assert_int_equal(fill_words(r, DATA, 3000, 100000, &total), CPU_FAULT);
	assert_int_equal(total, 1024 * 2);
	assert_int_equal(r->s.fault_ga, DATA + 0x1000);
	assert_int_equal(r->s.fault, MEM_FAULT_PROTECTED);
}

static void on_watched(void *ctx, uint32_t ga, unsigned size, bool store)
{
	struct rig *r = ctx;
	r->watched++;
	if (ga == DATA + 0x1100)
		cpu_stop(r->cpu);
}

static void a_watched_page_sees_each_store_of_a_loop(void **state)
{
	struct rig *r = *state;
	uint64_t total;
	r->mem.hooks.watched = on_watched;
	r->mem.hooks.watch_ctx = r;
	mem_attr_set(&r->mem, DATA + 0x1000, MEM_WATCH_W);
	assert_int_equal(fill_words(r, DATA, 3000, 100000, &total), CPU_STOP);
	assert_int_equal(r->watched, 0x100 / 4 + 1);
	assert_int_equal(r->ctx.gpr[6], DATA + 0x1100);
	assert_true(cpu_in_loops(r->cpu) > 2000 && cpu_in_loops(r->cpu) < 2048);
	assert_int_equal(run_on(r, 100000, &total), CPU_SYSCALL);
	assert_int_equal(r->watched, 1024);
}

static void a_breakpoint_in_a_loop_is_met_in_each_iteration(void **state)
{
	struct rig *r = *state;
	uint64_t total;
	for (unsigned at = 0; at < 2; at++) {
		assert_int_equal(fill_words(r, DATA, 50, 100000, &total), CPU_SYSCALL); /* it is known by now */
		cpu_break_set(r->cpu, CODE + 4 * at);
		r->s.skip_break = false;
		assert_int_equal(fill_words(r, DATA, 50, 100000, &total), CPU_BREAK);
		r->s.skip_break = true;
		for (unsigned i = 1; i < 50; i++) {
			assert_int_equal(run(r, 100000), CPU_BREAK);
			assert_int_equal(r->s.used, 2);
		}
		assert_int_equal(run(r, 100000), CPU_SYSCALL);
		cpu_break_clear(r->cpu, CODE + 4 * at);
	}
	cpu_break_set(r->cpu, CODE + 8);
	r->s.skip_break = false;
	uint64_t before = cpu_in_loops(r->cpu);
	assert_int_equal(fill_words(r, DATA, 50, 100000, &total), CPU_BREAK);
	assert_true(cpu_in_loops(r->cpu) > before); /* one behind it is of no account */
}

/* The fill runs over its own code: the next fetch sees what it has stored. */
static void a_loop_that_overwrites_itself_is_seen_at_once(void **state)
{
	struct rig *r = *state;
	uint64_t want = 0;
	for (unsigned quantum = 1; quantum < 100000; quantum *= 10) {
		uint64_t total;
		for (uint32_t ga = CODE; ga < CODE + 0x1000; ga += 4)
			mem_put32(&r->mem, ga, NOP);
		const uint32_t loop[] = { STWU(9, 6, 4), BDNZ(-4), B(8), SC, SC };
		code_at(r, CODE + 0x800, loop, ARRAY_LEN(loop));
		r->ctx.pc = CODE + 0x800;
		r->ctx.gpr[6] = CODE - 4;
		r->ctx.gpr[9] = ADDI(4, 4, 1);
		r->ctx.gpr[4] = 0;
		r->ctx.ctr = 2000;
		assert_int_equal(run_on(r, quantum, &total), CPU_SYSCALL);
		assert_int_equal(r->ctx.gpr[4], 2000 - 513); /* what the store became behind the one that hit itself */
		want = want ? want : total;
		assert_int_equal(total, want);
		assert_int_equal(r->ctx.gpr[6], CODE + 0x800);
	}
}

static void another_programs_loop_in_the_same_place_is_another(void **state)
{
	struct rig *r = *state;
	uint64_t total;
	assert_int_equal(fill_words(r, DATA, 100, 100000, &total), CPU_SYSCALL);
	for (unsigned i = 0; i < 2; i++) { /* by the loader, then by a store of the guest's */
		const uint32_t other = STWU(9, 6, -4);
		if (i == 0) {
			code_at(r, CODE, &other, 1);
		} else {
			CODE_IS(r, STWU(9, 6, 4), BDNZ(-4), SC);
			const uint32_t patch[] = { STW(10, 11, 0), B(-0x104) };
			code_at(r, CODE + 0x100, patch, 2);
			r->ctx.gpr[10] = other;
			r->ctx.gpr[11] = CODE;
		}
		r->ctx.pc = CODE + (i ? 0x100 : 0);
		r->ctx.gpr[6] = DATA + 0x800;
		r->ctx.ctr = 100;
		assert_int_equal(run_on(r, 100000, &total), CPU_SYSCALL);
		assert_int_equal(r->ctx.gpr[6], DATA + 0x800 - 400);
	}
}

static void a_loops_stores_end_anothers_reservation(void **state)
{
	struct rig *r = *state;
	uint64_t total;
	assert_int_equal(fill_words(r, DATA, 1024, 100000, &total), CPU_SYSCALL);
	mem_hw_switch(&r->mem, 1);
	mem_reserve(&r->mem, DATA + 0x900);
	mem_hw_switch(&r->mem, 0);
	assert_int_equal(fill_words(r, DATA, 1024, 100000, &total), CPU_SYSCALL);
	mem_hw_switch(&r->mem, 1);
	assert_false(mem_reserve_take(&r->mem, DATA + 0x900));
}

/* More loops than there are plans: one that lost its plan gets another. */
static void any_number_of_loops_may_be_known(void **state)
{
	struct rig *r = *state;
	enum { MANY = 300 };
	for (unsigned i = 0; i < MANY; i++) {
		const uint32_t loop[] = { displaced(true, W1, true, 9, 6, i % 3 ? 1 : -1), BDNZ(-4), SC };
		code_at(r, CODE + 16 * i, loop, ARRAY_LEN(loop));
	}
	for (unsigned lap = 0; lap < 3; lap++)
		for (unsigned i = 0; i < MANY; i++) {
			uint64_t total, before = cpu_in_loops(r->cpu);
			r->ctx.pc = CODE + 16 * i;
			r->ctx.gpr[6] = DATA + 0x800;
			r->ctx.ctr = 100;
			assert_int_equal(run_on(r, 100000, &total), CPU_SYSCALL);
			assert_int_equal(r->ctx.gpr[6], DATA + 0x800 + (i % 3 ? 100 : -100));
			assert_true(cpu_in_loops(r->cpu) > before);
		}
}

/* Only loops that count: a delay. */
static void an_empty_loop_counts(void **state)
{
	struct rig *r = *state;
	uint64_t total;
	for (unsigned n = 0; n < 2; n++) {
		CODE_IS(r, n ? ADDI(3, 3, 7) : NOP, BDNZ(-4 * (int)n), SC);
		r->ctx.pc = CODE;
		r->ctx.ctr = UINT64_C(0x100000000) + 4000000;
		r->ctx.gpr[3] = 0;
		assert_int_equal(run_on(r, 999983, &total), CPU_SYSCALL);
		assert_int_equal(total, 4000000 * (n + 1) + 2 - n);
		assert_true(r->ctx.ctr == UINT64_C(0x100000000));
		assert_int_equal(r->ctx.gpr[3], n ? 28000000 : 0);
	}
	assert_true(cpu_in_loops(r->cpu) > 11900000);
}

/* A copy that overtakes itself repeats its first bytes, in units of what is loaded before it is stored. */
static void a_copy_onto_what_it_reads_next_repeats_it(void **state)
{
	struct rig *r = *state;
	for (unsigned apart = 1; apart < 8; apart++) {
		uint64_t total;
		CODE_IS(r, displaced(false, W1, true, 9, 5, 1), displaced(true, W1, true, 9, 6, 1), BDNZ(-8), SC);
		for (unsigned i = 0; i < 8; i++)
			mem_put8(&r->mem, DATA + i, (uint8_t)(i + 1));
		r->ctx.pc = CODE;
		r->ctx.gpr[5] = DATA - 1;
		r->ctx.gpr[6] = DATA - 1 + apart;
		r->ctx.ctr = 600;
		assert_int_equal(run_on(r, 100000, &total), CPU_SYSCALL);
		for (unsigned i = 0; i < 600; i++)
			assert_int_equal(mem_get8(&r->mem, DATA + i), i % apart + 1);
	}
	assert_true(cpu_in_loops(r->cpu) > 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		LAW(a_loop_does_what_its_instructions_do_one_by_one),
		LAW(what_only_looks_like_a_copy_is_done_one_by_one),
		LAW(the_budget_may_end_anywhere_in_a_loop),
		LAW(a_fill_runs_at_once),
		LAW(a_loop_faults_at_its_first_bad_byte),
		LAW(a_watched_page_sees_each_store_of_a_loop),
		LAW(a_breakpoint_in_a_loop_is_met_in_each_iteration),
		LAW(a_loop_that_overwrites_itself_is_seen_at_once),
		LAW(another_programs_loop_in_the_same_place_is_another),
		LAW(a_loops_stores_end_anothers_reservation),
		LAW(any_number_of_loops_may_be_known),
		LAW(an_empty_loop_counts),
		LAW(a_copy_onto_what_it_reads_next_repeats_it),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
