/* src/cpu/loop.c - see loop.h */
#include "config.h"

#include "src/cpu/loop.h"

#include <stdlib.h>

#include "src/cpu/engine.h"
#include "src/cpu/x_mem.h"

#define LOOP_LEAST 4u /* iterations at once: below that, setting up costs more than it saves */

/* Registers of all kinds in one row. */
enum { GPR = 0, FPR = 32, VR = 64, REGS = VR + 128, NOBODY = 255 };

/* ---- plans ---------------------------------------------------------------------------------------------------------------- */

/** gpr[a] + gpr[b] + add, with NOBODY as 0; both registers as the iteration began. */
struct sum {
	uint8_t a, b;
	int64_t add;
};

/** A register that is written in the body: what it holds behind an iteration. */
struct loop_set {
	uint8_t reg;
	uint8_t size; /* 0: @value; else the big-endian number of so many bytes at @at */
	int16_t at;   /* from the iteration's lowest byte of the copy */
	struct sum value;
};

/** A piece of a fill: @size bytes at @at from the iteration's lowest, from a register that never changes. */
struct loop_piece {
	uint8_t reg; /* NOBODY: @add is the value */
	uint8_t size;
	int16_t at;
	int64_t add;
};

struct loop {
	const struct ppc_op *op;     /* its bdnz; NULL = unused */
	uint32_t from_mask, to_mask; /* of addresses: vectors lie at multiples of 16 */
	struct sum from, to;         /* the iteration's lowest bytes; a fill has no @from */
	bool copies;
	bool down;      /* iterations go down through memory */
	uint16_t run;   /* instructions of an iteration */
	uint16_t width; /* bytes of an iteration */
	uint16_t batch; /* of a copy: bytes that are loaded before any of them is stored */
	uint8_t sets, pieces, steps;
	struct loop_set set[LOOP_OPS];
	struct loop_piece piece[LOOP_OPS];
	struct {
		uint8_t reg;
		int64_t by;
	} step[LOOP_OPS]; /* general registers that move by a constant */
};

void loop_init(struct cpu *cpu)
{
	cpu->loops = xcalloc(LOOPS, sizeof *cpu->loops);
}

void loop_fini(struct cpu *cpu)
{
	free(cpu->loops);
}

/* ---- the body, evaluated with symbols ---------------------------------------------------------------------------------------- */

/* How an access finds its address: displacement or index, and whether it updates its base. */
enum mode { NO_ACCESS, DISPLACED, INDEXED, UPDATING, BASELESS };
static const struct shape {
	uint8_t mode, size, reg; /* reg: GPR, FPR, VR */
	bool store;
} shapes[PPC_KINDS] = {
	[PPC_V_lbz] = { DISPLACED, 1, GPR, false },
	[PPC_V_lhz] = { DISPLACED, 2, GPR, false },
	[PPC_V_lwz] = { DISPLACED, 4, GPR, false },
	[PPC_V_ld] = { DISPLACED, 8, GPR, false },
	[PPC_V_lbzx] = { INDEXED, 1, GPR, false },
	[PPC_V_lhzx] = { INDEXED, 2, GPR, false },
	[PPC_V_lwzx] = { INDEXED, 4, GPR, false },
	[PPC_V_ldx] = { INDEXED, 8, GPR, false },
	[PPC_V_lbzu] = { UPDATING, 1, GPR, false },
	[PPC_V_lhzu] = { UPDATING, 2, GPR, false },
	[PPC_V_lwzu] = { UPDATING, 4, GPR, false },
	[PPC_V_ldu] = { UPDATING, 8, GPR, false },
	[PPC_V_stb] = { DISPLACED, 1, GPR, true },
	[PPC_V_sth] = { DISPLACED, 2, GPR, true },
	[PPC_V_stw] = { DISPLACED, 4, GPR, true },
	[PPC_V_std] = { DISPLACED, 8, GPR, true },
	[PPC_V_stbx] = { INDEXED, 1, GPR, true },
	[PPC_V_sthx] = { INDEXED, 2, GPR, true },
	[PPC_V_stwx] = { INDEXED, 4, GPR, true },
	[PPC_V_stdx] = { INDEXED, 8, GPR, true },
	[PPC_V_stbu] = { UPDATING, 1, GPR, true },
	[PPC_V_sthu] = { UPDATING, 2, GPR, true },
	[PPC_V_stwu] = { UPDATING, 4, GPR, true },
	[PPC_V_stdu] = { UPDATING, 8, GPR, true },
	[PPC_V_lfd] = { DISPLACED, 8, FPR, false },
	[PPC_V_lfdx] = { INDEXED, 8, FPR, false },
	[PPC_V_lfdu] = { UPDATING, 8, FPR, false },
	[PPC_V_stfd] = { DISPLACED, 8, FPR, true },
	[PPC_V_stfdx] = { INDEXED, 8, FPR, true },
	[PPC_V_stfdu] = { UPDATING, 8, FPR, true },
	[PPC_V_lvx] = { INDEXED, 16, VR, false },
	[PPC_V_lvx_0] = { BASELESS, 16, VR, false },
	[PPC_V_stvx] = { INDEXED, 16, VR, true },
	[PPC_V_stvx_0] = { BASELESS, 16, VR, true },
};

/** What a register holds: a sum (of a general register; any other is NOBODY but itself), or what access @load loaded. */
struct value {
	bool loaded;
	uint8_t load;
	struct sum sum;
};

struct access {
	struct sum at;
	struct value value; /* of a store */
	uint8_t size, reg;  /* reg: what the load's target was */
	bool store, vector;
};

/** An evaluation. */
struct body {
	struct value now[REGS];
	bool written[REGS];
	struct access access[LOOP_OPS];
	unsigned accesses;
	int64_t step[32]; /* of general registers that are not written, or move by a constant */
	bool steady[32];  /* it is one of those */
};

static struct value value_plus(struct value v, int64_t add)
{
	v.sum.add = (int64_t)((uint64_t)v.sum.add + (uint64_t)add);
	return v;
}

static void put(struct body *b, unsigned reg, struct value v)
{
	b->now[reg] = v;
	b->written[reg] = true;
}

/** Where @op's access goes; false = that is no sum of registers as they were. */
static bool address(const struct body *b, const struct ppc_op *op, const struct shape *s, struct sum *at)
{
	struct value v = b->now[s->mode == BASELESS ? op->b : op->a], x = b->now[op->b];
	if (v.loaded)
		return false;
	*at = v.sum;
	if (s->mode == DISPLACED || s->mode == UPDATING)
		at->add = (int64_t)((uint64_t)at->add + (uint64_t)(int64_t)op->imm);
	if (s->mode != INDEXED)
		return true;
	if (x.loaded)
		return false;
	/* Values have one register. The smaller one first, so that equal sums look alike. */
	bool swap = x.sum.a < v.sum.a;
	*at = (struct sum){ swap ? x.sum.a : v.sum.a, swap ? v.sum.a : x.sum.a,
		(int64_t)((uint64_t)v.sum.add + (uint64_t)x.sum.add) };
	return true;
}

static bool evaluate_access(struct body *b, const struct ppc_op *op, const struct shape *s)
{
	struct access *x = &b->access[b->accesses];
	*x = (struct access){ .size = s->size, .reg = (uint8_t)(s->reg + op->d), .store = s->store, .vector = s->reg == VR };
	if (!address(b, op, s, &x->at))
		return false;
	if (s->store)
		x->value = b->now[x->reg];
	else
		put(b, x->reg, (struct value){ .loaded = true, .load = (uint8_t)b->accesses, .sum = { NOBODY, NOBODY, 0 } });
	if (s->mode == UPDATING)
		put(b, op->a, (struct value){ .sum = x->at });
	b->accesses++;
	return true;
}

static bool evaluate_op(struct body *b, const struct ppc_op *op)
{
	if (shapes[op->kind].mode != NO_ACCESS)
		return evaluate_access(b, op, &shapes[op->kind]);
	switch (op->kind) {
	case PPC_V_nop: return true;
	case PPC_V_li: put(b, op->d, (struct value){ .sum = { NOBODY, NOBODY, op->imm } }); return true;
	case PPC_V_mr: put(b, op->d, b->now[op->a]); return true;
	case PPC_V_addi:
		if (b->now[op->a].loaded)
			return false;
		put(b, op->d, value_plus(b->now[op->a], op->imm));
		return true;
	default: return false;
	}
}

/** Finds out which general registers move by a constant: those whose value behind is their own before, plus something. */
static void find_steps(struct body *b)
{
	for (unsigned i = 0; i < 32; i++) {
		struct value v = b->now[i];
		b->steady[i] = !v.loaded && v.sum.a == i && v.sum.b == NOBODY;
		b->step[i] = b->steady[i] ? v.sum.add : 0;
	}
}

static bool evaluate(struct body *b, const struct ppc_op *head, unsigned ops)
{
	memset(b, 0, sizeof *b);
	for (unsigned i = 0; i < REGS; i++)
		b->now[i].sum = (struct sum){ (uint8_t)i, NOBODY, 0 };
	for (unsigned i = 0; i < ops; i++)
		if (!evaluate_op(b, head + i))
			return false;
	find_steps(b);
	return true;
}

/** Are the registers of @s known in each iteration? */
static bool sum_is_steady(const struct body *b, const struct sum *s)
{
	return (s->a == NOBODY || b->steady[s->a]) && (s->b == NOBODY || b->steady[s->b]);
}

static int64_t sum_step(const struct body *b, const struct sum *s)
{
	return (int64_t)((uint64_t)(s->a == NOBODY ? 0 : b->step[s->a]) + (uint64_t)(s->b == NOBODY ? 0 : b->step[s->b]));
}

/* ---- from accesses to a plan --------------------------------------------------------------------------------------------------- */

/** All accesses of one sort (loads or stores): the sum of the lowest, and that they have the same registers and kind. */
static bool gather(const struct body *b, bool store, struct sum *lowest, uint32_t *mask)
{
	const struct access *first = NULL;
	for (unsigned i = 0; i < b->accesses; i++) {
		const struct access *x = &b->access[i];
		if (x->store != store)
			continue;
		if (!first) {
			first = x;
			*lowest = x->at;
		}
		if (x->at.a != first->at.a || x->at.b != first->at.b || x->vector != first->vector)
			return false;
		if (x->at.add < lowest->add)
			lowest->add = x->at.add;
	}
	*mask = first && first->vector ? ~15u : ~0u;
	return first && sum_is_steady(b, lowest);
}

/** Do the stores among the accesses [from, to) cover [low, low + size), from @l's lowest byte on, each byte once? */
static bool tiles(const struct body *b, const struct loop *l, unsigned from, unsigned to, int64_t low, unsigned size)
{
	uint8_t seen[LOOP_OPS * 16] = { 0 };
	unsigned sum = 0;
	for (unsigned i = from; i < to; i++) {
		const struct access *x = &b->access[i];
		int64_t at = (int64_t)((uint64_t)x->at.add - (uint64_t)l->to.add - (uint64_t)low);
		if (!x->store)
			continue;
		if (at < 0 || at + x->size > size)
			return false;
		for (unsigned k = 0; k < x->size; k++)
			if (seen[at + k]++)
				return false;
		sum += x->size;
	}
	return sum == size;
}

/** Of a copy: does the store @x put a whole value where it was loaded, seen from the iteration's lowest bytes? */
static bool pairs(const struct body *b, const struct loop *l, const struct access *x)
{
	if (!x->value.loaded)
		return false;
	const struct access *y = &b->access[x->value.load];
	return y->size == x->size && (uint64_t)y->at.add - (uint64_t)l->from.add == (uint64_t)x->at.add - (uint64_t)l->to.add;
}

/** The end of the batch that begins at access @i, and its bytes: loads, then as many stores. */
static unsigned batch_end(const struct body *b, unsigned i, unsigned *size)
{
	*size = 0;
	for (; i < b->accesses && !b->access[i].store; i++)
		*size += b->access[i].size;
	while (i < b->accesses && b->access[i].store)
		i++;
	return i;
}

/** A copy: batches of one size, that follow one another in memory in the iterations' direction. (The
 * first one stores each of its bytes from where it was loaded, so these are all that it loads; and so on with the others.) */
static bool plan_copy(const struct body *b, struct loop *l)
{
	unsigned size, end;
	int64_t low = 0;
	if (!gather(b, false, &l->from, &l->from_mask) || !gather(b, true, &l->to, &l->to_mask))
		return false;
	batch_end(b, 0, &size);
	l->batch = (uint16_t)size;
	low = l->down ? l->width - (int64_t)size : 0;
	for (unsigned i = 0; i < b->accesses; i = end) {
		end = batch_end(b, i, &size);
		if (size != l->batch || !tiles(b, l, i, end, low, size))
			return false;
		for (unsigned k = i; k < end; k++)
			if (b->access[k].store && !pairs(b, l, &b->access[k]))
				return false;
		low += l->down ? -(int64_t)size : size;
	}
	return sum_step(b, &l->from) == sum_step(b, &l->to);
}

/** Does a store of @v store the same in each iteration? (A fill loads nothing: FPRs and VRs do not change.) */
static bool is_fixed(const struct body *b, const struct value *v)
{
	return !v->loaded && (v->sum.a >= FPR || (b->steady[v->sum.a] && !b->step[v->sum.a]));
}

static bool plan_fill(const struct body *b, struct loop *l)
{
	if (!gather(b, true, &l->to, &l->to_mask) || !tiles(b, l, 0, b->accesses, 0, l->width))
		return false;
	for (unsigned i = 0; i < b->accesses; i++) {
		const struct access *x = &b->access[i];
		if (!is_fixed(b, &x->value))
			return false;
		l->piece[l->pieces++] =
			(struct loop_piece){ x->value.sum.a, x->size, (int16_t)(x->at.add - l->to.add), x->value.sum.add };
	}
	return true;
}

/** What the registers hold behind an iteration. */
static bool plan_registers(const struct body *b, struct loop *l)
{
	for (unsigned i = 0; i < REGS; i++) {
		const struct value *v = &b->now[i];
		if (!b->written[i])
			continue;
		if (i < FPR && b->steady[i]) {
			l->step[l->steps].reg = (uint8_t)i;
			l->step[l->steps++].by = b->step[i];
			continue;
		}
		struct loop_set *s = &l->set[l->sets++];
		*s = (struct loop_set){ .reg = (uint8_t)i, .value = v->sum };
		if (v->loaded) {
			const struct access *x = &b->access[v->load];
			s->size = x->size;
			s->at = (int16_t)(x->at.add - l->from.add);
		} else if (!sum_is_steady(b, &v->sum)) {
			return false;
		}
	}
	return true;
}

/** Makes @l of the @ops instructions at @head, in front of the bdnz. */
static bool plan(struct loop *l, const struct ppc_op *head, unsigned ops)
{
	struct body b;
	unsigned loaded = 0, stored = 0;
	int64_t step = 0;
	if (!evaluate(&b, head, ops))
		return false;
	for (unsigned i = 0; i < b.accesses; i++) {
		const struct access *x = &b.access[i];
		*(x->store ? &stored : &loaded) += x->size;
		if (x->store && sum_is_steady(&b, &x->at))
			step = sum_step(&b, &x->at);
	}
	*l = (struct loop){ .run = (uint16_t)(ops + 1), .width = (uint16_t)stored, .down = step < 0, .copies = loaded != 0 };
	if ((loaded && loaded != stored) || (step != stored && step != -(int64_t)stored))
		return false;
	return (!stored || (loaded ? plan_copy(&b, l) : plan_fill(&b, l))) && plan_registers(&b, l);
}

static struct loop *loop_of(struct cpu *cpu, struct ppc_op *op)
{
	struct loop *l = &cpu->loops[op->a | op->b << 8];
	if (LIKELY(op->c == LOOP_KNOWN && l->op == op))
		return l;
	const struct ppc_op *head = op + op->imm;
	unsigned ops = (unsigned)-op->imm;
	if (head->run != ops + 1) /* not decoded to here yet */
		return NULL;
	unsigned i = cpu->loop_hand++ % LOOPS;
	l = &cpu->loops[i];
	if (!plan(l, head, ops)) {
		l->op = NULL;
		op->c = LOOP_NO;
		return NULL;
	}
	l->op = op;
	op->a = (uint8_t)i;
	op->b = (uint8_t)(i >> 8);
	op->c = LOOP_KNOWN;
	return l;
}

/* ---- running it ----------------------------------------------------------------------------------------------------------------- */

static uint64_t sum_now(const struct ppc_context *c, const struct sum *s)
{
	return (s->a == NOBODY ? 0 : c->gpr[s->a]) + (s->b == NOBODY ? 0 : c->gpr[s->b]) + (uint64_t)s->add;
}

/** Iterations whose bytes, @l's width at @ga in the first one, lie in its page as a whole; 0 where @slow says that accesses are not
 * plain. */
static uint32_t within_page(const struct mem *m, const struct loop *l, uint32_t ga, uint8_t slow)
{
	uint32_t at = ga & (MEM_PAGE - 1), room = MEM_PAGE - at;
	if (m->attr[ga >> MEM_PAGE_SHIFT] & slow || room < l->width || !l->width)
		return 0;
	return l->down ? at / l->width + 1 : room / l->width;
}

/** Is a breakpoint on one of the loop's instructions? */
static bool has_break(struct cpu *cpu, const struct ppc_op *op, const struct loop *l)
{
	uint32_t ga = code_pc(cpu, op);
	for (unsigned i = 0; i < l->run; i++)
		if (cpu_break_at(cpu, ga - 4 * i))
			return true;
	return false;
}

/** One iteration's bytes of a fill, to @out. */
static void fill_once(const struct ppc_context *c, const struct loop *l, uint8_t *out)
{
	for (unsigned i = 0; i < l->pieces; i++) {
		const struct loop_piece *p = &l->piece[i];
		if (p->reg != NOBODY && p->reg >= VR) {
			x_reverse(&c->vr[p->reg - VR], out + p->at);
			continue;
		}
		uint64_t v = (p->reg == NOBODY ? 0 : p->reg >= FPR ? c->fpr[p->reg - FPR] : c->gpr[p->reg]) + (uint64_t)p->add;
		for (unsigned k = p->size; k--; v >>= 8)
			out[p->at + k] = (uint8_t)v;
	}
}

/** @n bytes that repeat the first @width. */
static void fill(uint8_t *to, size_t width, size_t n)
{
	if (width == 1) {
		memset(to, *to, n);
		return;
	}
	for (size_t done = width; done < n; done *= 2)
		memcpy(to + done, to, done < n - done ? done : n - done);
}

/** Moves @n pieces of @size bytes from @from to @to one after the other, @by further each time: what they overwrite counts. */
static void move_in_turn(uint8_t *to, const uint8_t *from, size_t size, size_t n, ptrdiff_t by)
{
	for (; size == 1 && n; n--, to += by, from += by)
		*to = *from;
	for (; n; n--, to += by, from += by)
		memmove(to, from, size);
}

/** @k iterations of a copy, whose lowest bytes are at @to and @from in the first. */
static void copy(const struct mem *m, const struct loop *l, uint32_t to, uint32_t from, uint32_t k)
{
	size_t n = (size_t)k * l->width;
	uint32_t down = l->down ? (k - 1) * l->width : 0;
	uint8_t *t = m->base + (to - down);
	const uint8_t *f = m->base + (from - down);
	uint32_t to_real = mem_canonical(to), from_real = mem_canonical(from), apart = to_real - from_real;
	if ((to_real ^ from_real) < MEM_PAGE) /* a mirror shows the same bytes elsewhere */
		f = t - (int32_t)apart;
	bool late = l->down ? -apart < n : apart < n; /* bytes are overwritten before they are loaded */
	if (apart && late) {
		size_t first = l->down ? n - l->batch : 0;
		move_in_turn(t + first, f + first, l->batch, n / l->batch, l->down ? -(ptrdiff_t)l->batch : (ptrdiff_t)l->batch);
		return;
	}
	memmove(t, f, n);
}

/** The registers behind @k iterations; @last: the last one's lowest stored byte. */
static void set_registers(struct ppc_context *c, const struct loop *l, const uint8_t *last, uint32_t k)
{
	for (unsigned i = 0; i < l->steps; i++)
		c->gpr[l->step[i].reg] += (k - 1) * (uint64_t)l->step[i].by;
	for (unsigned i = 0; i < l->sets; i++) {
		const struct loop_set *s = &l->set[i];
		const uint8_t *bytes = last + s->at;
		uint64_t v = 0;
		for (unsigned n = 0; n < s->size && s->size <= 8; n++)
			v = v << 8 | bytes[n];
		if (s->reg >= VR)
			x_reverse(bytes, &c->vr[s->reg - VR]);
		else if (s->reg >= FPR)
			c->fpr[s->reg - FPR] = v;
		else
			c->gpr[s->reg] = s->size ? v : sum_now(c, &s->value);
	}
	for (unsigned i = 0; i < l->steps; i++)
		c->gpr[l->step[i].reg] += (uint64_t)l->step[i].by;
}

uint64_t loop_run(struct cpu *cpu, struct ppc_context *c, struct ppc_op *op, uint64_t left)
{
	const struct mem *m = cpu->x.mem;
	uint32_t k = (uint32_t)c->ctr - 1; /* at least one is left to be run as it is */
	if (k < LOOP_LEAST || left < (uint64_t)LOOP_LEAST * (unsigned)(1 - op->imm))
		return 0;
	const struct loop *l = loop_of(cpu, op);
	if (!l || (UNLIKELY(cpu->n_breaks) && has_break(cpu, op, l)))
		return 0;
	if (left / l->run < k)
		k = (uint32_t)(left / l->run);
	uint32_t to = (uint32_t)sum_now(c, &l->to) & l->to_mask, from = (uint32_t)sum_now(c, &l->from) & l->from_mask, n;
	if (l->width && (n = within_page(m, l, to, MEM_STORE_SLOW)) < k)
		k = n;
	if (l->copies && (n = within_page(m, l, from, MEM_LOAD_SLOW)) < k)
		k = n;
	if (k < LOOP_LEAST)
		return 0;
	if (l->copies) {
		copy(m, l, to, from, k);
	} else if (l->width) {
		uint8_t *lowest = m->base + (l->down ? to - (k - 1) * l->width : to);
		fill_once(c, l, lowest);
		fill(lowest, l->width, (size_t)k * l->width);
	}
	uint32_t moved = (k - 1) * l->width;
	set_registers(c, l, m->base + (l->down ? to - moved : to + moved), k);
	c->ctr -= k;
	cpu->loop_instructions += (uint64_t)k * l->run;
	return (uint64_t)k * l->run;
}
