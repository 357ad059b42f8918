/* src/cpu/code.c - decoded pages: which row a word is, blocks of ops, the pool of pages, and what drops them. */
#include "config.h"

#include <stdlib.h>

#include "src/cpu/engine.h"

/* ---- the decoder's index --------------------------------------------------------------------------------------------- */

/** Enters @row at every value of the low 11 bits that its mask lets pass; the first row stays. */
static void index_row(uint16_t *by_low, unsigned row)
{
	uint32_t loose = ~ppc_rows[row].mask & 2047, v = 0;
	do {
		uint16_t *slot = &by_low[(ppc_rows[row].match & 2047) | v];
		if (*slot == PPC_INSNS)
			*slot = (uint16_t)row;
		v = (v - loose) & loose;
	} while (v);
}

static void index_build(struct cpu *cpu)
{
	unsigned rows_of[64] = { 0 };
	for (unsigned i = 0; i < 64; i++)
		cpu->index[i].only = PPC_INSNS;
	for (unsigned r = 0; r < PPC_INSNS; r++) {
		unsigned primary = ppc_rows[r].match >> 26;
		cpu->index[primary].only = (uint16_t)r;
		rows_of[primary]++;
	}
	for (unsigned r = 0; r < PPC_INSNS; r++) {
		struct code_index *ix = &cpu->index[ppc_rows[r].match >> 26];
		if (rows_of[ppc_rows[r].match >> 26] < 2)
			continue;
		if (!ix->by_low) {
			ix->by_low = xmalloc(2048 * sizeof(uint16_t));
			for (unsigned i = 0; i < 2048; i++)
				ix->by_low[i] = PPC_INSNS;
		}
		index_row(ix->by_low, r);
	}
}

unsigned code_insn_of(const struct cpu *cpu, uint32_t word)
{
	const struct code_index *ix = &cpu->index[word >> 26];
	unsigned r = ix->by_low ? ix->by_low[word & 2047] : ix->only;
	if (r == PPC_INSNS || (word & ppc_rows[r].mask) == ppc_rows[r].match)
		return r;
	return ppc_insn_of(word);
}

/* ---- pages ------------------------------------------------------------------------------------------------------------ */

struct code_page *code_page_of(struct cpu *cpu, const struct ppc_op *op)
{
	return &cpu->pool[(size_t)((const char *)op - (const char *)cpu->pool) / sizeof(struct code_page)];
}

uint32_t code_pc(struct cpu *cpu, const struct ppc_op *op)
{
	const struct code_page *p = code_page_of(cpu, op);
	return (p->number << MEM_PAGE_SHIFT) + 4 * (uint32_t)(op - p->ops);
}

/** Takes @p out of the map. Its ops stay as they are until the slot is given out again: the running block may be here. */
static void page_forget(struct cpu *cpu, struct code_page *p)
{
	cpu->map[p->number] = NULL;
	p->used = false;
	for (unsigned i = 0; i < cpu->pages; i++)
		if (cpu->pool[i].used && cpu->pool[i].canonical == p->canonical)
			return;
	mem_attr_clear(cpu->x.mem, p->number << MEM_PAGE_SHIFT, MEM_CODE);
}

static struct code_page *page_take(struct cpu *cpu)
{
	struct code_page *p = &cpu->pool[cpu->hand];
	cpu->hand = (cpu->hand + 1) % cpu->pages;
	if (p->used)
		page_forget(cpu, p);
	return p;
}

struct code_page *code_page_get(struct cpu *cpu, uint32_t pc)
{
	uint32_t number = pc >> MEM_PAGE_SHIFT, word;
	if (cpu->map[number])
		return cpu->map[number];
	if (mem_fetch(cpu->x.mem, pc, &word) != MEM_OK)
		return NULL;
	struct code_page *p = page_take(cpu);
	memset(p->ops, 0, sizeof p->ops);
	p->ops[CODE_OPS].go = cpu->labels.plain[PPC_V_page_end];
	p->number = number;
	p->canonical = mem_canonical(number << MEM_PAGE_SHIFT);
	p->used = true;
	cpu->map[number] = p;
	mem_attr_set(cpu->x.mem, number << MEM_PAGE_SHIFT, MEM_CODE);
	return p;
}

void code_drop(struct cpu *cpu, uint32_t page)
{
	uint32_t canonical = mem_canonical(page << MEM_PAGE_SHIFT);
	for (unsigned i = 0; i < cpu->pages; i++)
		if (cpu->pool[i].used && cpu->pool[i].canonical == canonical)
			page_forget(cpu, &cpu->pool[i]);
	cpu->x.attention = true;
}

void code_flush(struct cpu *cpu)
{
	for (unsigned i = 0; i < cpu->pages; i++)
		if (cpu->pool[i].used)
			page_forget(cpu, &cpu->pool[i]);
}

/* ---- labels --------------------------------------------------------------------------------------------------------------- */

static unsigned fuse_number(struct cpu *cpu, unsigned kind, unsigned *numbers)
{
	if (!cpu->fuse_of[kind])
		cpu->fuse_of[kind] = (uint8_t)++*numbers;
	INVARIANT(*numbers < FUSE_KINDS);
	return cpu->fuse_of[kind];
}

/* What a dispatch costs, and what an operand saves that needs not be read back: about the same. */
#define COST_DISPATCH 10
#define COST_FROM (-6)

/** Chains the rows of fuse.def by their first two kinds. */
static void fuse_build(struct cpu *cpu)
{
	unsigned numbers = 0;
	for (unsigned i = 0; i < FUSE_ROWS; i++) {
		struct fuse_row *r = &cpu->labels.fused[i];
		unsigned a = fuse_number(cpu, r->kind[0], &numbers), b = fuse_number(cpu, r->kind[1], &numbers);
		r->cost = COST_DISPATCH;
		for (unsigned k = 0; k < r->length; k++)
			r->cost += COST_FROM * __builtin_popcount(r->from[k]);
		r->next = cpu->fuse_pair[a][b];
		cpu->fuse_pair[a][b] = (uint16_t)(i + 1);
	}
}

/* bodies.def by kind. */
enum { A = 1, B = 2, D = 4, W = 8, U = 16, K = 32, Z = 64, C = 128 };
static const uint8_t what_of[PPC_KINDS] = {
#define BODY(name, what) [PPC_V_##name] = what,
#include "src/cpu/bodies.def"
#undef BODY
};

/** Which operands of the @n ops at @op are results that those before them, from @op on, wrote last: FROM_*. */
static void fuse_flow(const struct ppc_op *op, unsigned n, uint8_t from[FUSE_LENGTH])
{
	int last = -1, field = -1;
	for (unsigned i = 0; i < n; i++, op++) {
		unsigned what = what_of[op->kind];
		from[i] = (what & A && op->a == last ? FROM_a : 0) | (what & B && op->b == last ? FROM_b : 0) |
		          (what & D && op->d == last ? FROM_d : 0) | (what & C && op->a == field ? FROM_cr : 0);
		last = what & W ? op->d : last;
		last = what & U && op->a == last ? -1 : last;
		field = what & K ? op->d : what & Z ? 0 : field;
	}
}

static bool fuse_fits(const struct fuse_row *r, const struct ppc_op *op, unsigned n, const uint8_t from[FUSE_LENGTH])
{
	if (r->length > n)
		return false;
	for (unsigned i = 1; i < r->length; i++)
		if (r->kind[i] != op[i].kind || r->from[i] & ~from[i])
			return false;
	return true;
}

/**
 * The best fused handler for the @n ops at @op, or 0: the one with the least cost to the block's end.
 *
 * @cost  of op[i] and what follows it, from i = 1 on, or NULL: not known (then the longest wins)
 * @best  in: cost of running @op alone; out: the least
 */
static int32_t fuse_label(const struct cpu *cpu, const struct ppc_op *op, unsigned n, const int16_t *cost, int *best)
{
	uint8_t from[FUSE_LENGTH];
	unsigned i = n < 2 ? 0 : cpu->fuse_pair[cpu->fuse_of[op->kind]][cpu->fuse_of[op[1].kind]];
	int32_t go = 0;
	if (i)
		fuse_flow(op, n, from);
	for (; i; i = cpu->labels.fused[i - 1].next) {
		const struct fuse_row *r = &cpu->labels.fused[i - 1];
		int c = r->cost + (cost ? cost[r->length] : -COST_DISPATCH * r->length);
		if (c < *best && fuse_fits(r, op, n, from)) {
			*best = c;
			go = r->go;
		}
	}
	return go;
}

/* Positions in FUSE_LINK, + 1, and what those read: frA 1, the second operand 2, a third one 3. */
enum {
	LINK_NONE,
#define POSITION(name, operands) LINK_##name,
	FUSE_LINK(POSITION)
#undef POSITION
};
static const uint8_t link_of[PPC_KINDS] = {
#define AT(name, operands) [PPC_V_##name] = LINK_##name,
	FUSE_LINK(AT)
#undef AT
};
enum link_operands { AB, AC, ABC };
static const uint8_t link_operands[FUSE_LINKS + 1] = {
#define AT(name, operands) [LINK_##name] = operands,
	FUSE_LINK(AT)
#undef AT
};

/** By which way does @op take register @d from the op before? 0 = it does not read it. */
static unsigned link_way(const struct ppc_op *op, unsigned d)
{
	enum link_operands operands = link_operands[link_of[op->kind]];
	unsigned second = operands == AB ? op->b : op->c;
	if (operands != ABC && op->a == d && second == d)
		return 3;
	return op->a == d ? 1 : second == d ? 2 : operands == ABC && op->b == d ? 3 : 0;
}

/** The linking label of @op, whose successor in the block is op[1], already labelled; 0 = it has none. */
static int32_t link_label(const struct cpu *cpu, struct ppc_op *op)
{
	unsigned first = link_of[op->kind], second = link_of[op[1].kind];
	unsigned way = first && second ? link_way(op + 1, op->d) : 0;
	if (!way || !cpu->labels.cut_link)
		return 0;
	const int32_t *ways = cpu->labels.link[second - 1];
	op[1].imm = ways[2 * way + (op[1].go == ways[1])];
	return cpu->labels.link[first - 1][1];
}

int32_t code_label_alone(const struct cpu *cpu, const struct ppc_op *op)
{
	int32_t stop = cpu->labels.plain[PPC_V_break];
	return op->go == stop ? stop : cpu->labels.plain[op->kind];
}

/** Number of ops from @op on, up to FUSE_LENGTH, that are of one block and without breakpoints. */
static unsigned fusible(const struct cpu *cpu, const struct ppc_op *op, uint32_t ga)
{
	unsigned n = 0;
	while (n < FUSE_LENGTH && n < op->run && !(cpu->n_breaks && cpu_break_at(cpu, ga + 4 * n)))
		n++;
	return n;
}

/** The label of decoded @op at @ga: `break`, or the best fused one that fits, or a linking one, or its own. @cost: see
 * fuse_label; if any, cost[0] is set. */
static int32_t label_of(const struct cpu *cpu, struct ppc_op *op, uint32_t ga, int16_t *cost)
{
	unsigned n = fusible(cpu, op, ga);
	int best = COST_DISPATCH + (cost ? cost[1] : 0);
	int32_t link = n >= 2 ? link_label(cpu, op) : 0;
	if (link)
		best += COST_FROM;
	int32_t go = fuse_label(cpu, op, n, cost, &best);
	if (cost)
		cost[0] = (int16_t)best;
	if (!n)
		return cpu->labels.plain[PPC_V_break];
	return go ? go : link ? link : cpu->labels.plain[op->kind];
}

void code_relabel(struct cpu *cpu, uint32_t ga)
{
	struct code_page *p = cpu->map[ga >> MEM_PAGE_SHIFT];
	unsigned at = ga / 4 % CODE_OPS;
	for (unsigned i = 0; p && i < FUSE_LENGTH && i <= at; i++)
		if (p->ops[at - i].run)
			p->ops[at - i].go = label_of(cpu, &p->ops[at - i], (ga & ~3u) - 4 * i, NULL);
}

/* ---- blocks ------------------------------------------------------------------------------------------------------------- */

/** Decodes one word; true if a block ends with it. */
static bool decode_one(struct cpu *cpu, uint32_t ga, uint32_t word, struct ppc_op *op)
{
	unsigned insn = code_insn_of(cpu, word);
	if (insn == PPC_INSNS) {
		op->kind = PPC_V_illegal;
	} else {
		ppc_fields(insn, word, op);
		op->kind = PPC_KIND(insn, ppc_is_record(insn, word));
		code_specialise(insn, ga, word, op);
	}
	return insn == PPC_INSNS || (ppc_rows[insn].flags & PPC_END);
}

void code_decode(struct cpu *cpu, struct ppc_op *op)
{
	const struct code_page *p = code_page_of(cpu, op);
	struct ppc_op *end = op;
	uint32_t base = p->number << MEM_PAGE_SHIFT;
	const uint8_t *bytes = cpu->x.mem->base + base;
	unsigned run = 0;
	int16_t cost[CODE_OPS + FUSE_LENGTH] = { 0 };
	for (bool last = false; !last && end < p->ops + CODE_OPS; end++) {
		uint32_t offset = 4 * (uint32_t)(end - p->ops);
		if (end->run) {
			run = end->run;
			break;
		}
		last = decode_one(cpu, base + offset, load_be32(bytes + offset), end);
	}
	cost[end - p->ops] = 0; /* joins code that is decoded already, or leaves the page */
	if (cpu->entered)
		cpu->entered(cpu->entered_ctx, base + 4 * (uint32_t)(op - p->ops), (unsigned)(end - op) + run);
	while (end-- > op) {
		uint32_t at = (uint32_t)(end - p->ops);
		end->run = (uint16_t)++run;
		end->go = label_of(cpu, end, base + 4 * at, &cost[at]);
	}
}

/* ---- set-up ---------------------------------------------------------------------------------------------------------- */

void code_init(struct cpu *cpu, unsigned pages)
{
	cpu->pages = pages == 0 ? CODE_PAGES_DEFAULT : pages < CODE_PAGES_MIN ? CODE_PAGES_MIN : pages;
	cpu->pool = xcalloc(cpu->pages, sizeof *cpu->pool);
	cpu->map = xcalloc(MEM_PAGES, sizeof *cpu->map);
	index_build(cpu);
	fuse_build(cpu);
	loop_init(cpu);
}

void code_fini(struct cpu *cpu)
{
	for (unsigned i = 0; i < 64; i++)
		free(cpu->index[i].by_low);
	loop_fini(cpu);
	free(cpu->pool);
	free(cpu->map);
}
