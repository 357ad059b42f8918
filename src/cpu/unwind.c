/* src/cpu/unwind.c - see unwind.h */
#include "config.h"

#include "src/cpu/unwind.h"

#include <stdlib.h>

#include "src/cpu/insn.h"

#define LR 32u /* beside the 32 GPRs among things that have a value at the entry */
#define FPR0 33u
#define CR 65u
#define VR0 66u
#define SAVED_MAX 194u /* GPRs, LR, FPRs, CR, VRs */
#define WORD_BLR 0x4E800020u
#define HELPER_WORDS 40u          /* of a routine that saves registers */
#define VOLATILE_GPRS 0x00001FF9u /* r0, r3-r12 */
#define VOLATILE_FPRS 0x00003FFFu
#define VOLATILE_VRS UINT64_C(0xFFFFFFFF000FFFFF) /* v0-v19 by GCC's convention, v0-v13 by the XDK's; v32-v63 */

enum what {
	OTHER,
	ENTRY,
	CFA,
	CHAIN,
	CONST
}; /* ENTRY: the value of @n at the entry; CFA: CFA + n; CHAIN: where the chain's word lies; CONST: n */

struct held {
	uint8_t what;
	int32_t n;
};

/* What is known at one instruction. */
struct state {
	struct held gpr[32];
	uint32_t fpr;   /* bit n: fn still has its value at the entry */
	uint64_t vr[2]; /* so do v0-v63, v64-v127 */
	bool lr, cr;    /* and LR, CR */
	bool chained;   /* the word at CFA + chain is CFA */
	int32_t chain;
	struct unwind_reg saved[SAVED_MAX]; /* how: SAVED, or UNKNOWN: it is not */
};

struct walk {
	const struct mem *m;
	uint32_t begin, end;
	struct state **at;     /* per instruction: what holds before it; NULL: not met, or between two that are */
	bool foreign;          /* gives back what it did not save */
	struct state *jump;    /* at the jumps through a table, NULL = none */
	uint32_t landed;       /* behind the prologue; 0 = places that nothing leads to are left out */
	struct state *landing; /* there */
	bool changed;
};

/* ---- states ----------------------------------------------------------------------------------------------------------------- */

static void state_entry(struct state *s)
{
	*s = (struct state){ .fpr = UINT32_MAX, .vr = { UINT64_MAX, UINT64_MAX }, .lr = true, .cr = true };
	for (unsigned i = 0; i < 32; i++)
		s->gpr[i] = (struct held){ ENTRY, (int32_t)i };
	s->gpr[1] = (struct held){ CFA, 0 };
}

static bool same_held(struct held a, struct held b)
{
	return a.what == b.what && a.n == b.n;
}

static bool same_reg(const struct unwind_reg *a, const struct unwind_reg *b)
{
	return a->how == b->how && a->size == b->size && a->offset == b->offset;
}

/* What both ways agree about; true: @to changed. */
static bool merge(struct state *to, const struct state *from)
{
	bool changed = (to->fpr & ~from->fpr) || (to->vr[0] & ~from->vr[0]) || (to->vr[1] & ~from->vr[1]) ||
		       (to->lr && !from->lr) || (to->cr && !from->cr);
	for (unsigned i = 0; i < 32; i++)
		if (to->gpr[i].what != OTHER && !same_held(to->gpr[i], from->gpr[i])) {
			to->gpr[i] = (struct held){ OTHER, 0 };
			changed = true;
		}
	for (unsigned i = 0; i < SAVED_MAX; i++)
		if (to->saved[i].how && !same_reg(&to->saved[i], &from->saved[i])) {
			to->saved[i] = (struct unwind_reg){ 0 };
			changed = true;
		}
	if (to->chained && !(from->chained && to->chain == from->chain)) {
		to->chained = false;
		changed = true;
	}
	to->fpr &= from->fpr;
	to->vr[0] &= from->vr[0];
	to->vr[1] &= from->vr[1];
	to->lr &= from->lr;
	to->cr &= from->cr;
	return changed;
}

static void flow_to(struct walk *w, uint32_t ga, const struct state *s)
{
	if (ga < w->begin || ga >= w->end || (ga & 3))
		return;
	struct state **to = &w->at[(ga - w->begin) / 4];
	if (!*to) {
		*to = xmalloc(sizeof **to);
		**to = *s;
		w->changed = true;
	} else if (merge(*to, s)) {
		w->changed = true;
	}
}

/* ---- instructions ------------------------------------------------------------------------------------------------------------- */

static bool word_at(const struct mem *m, uint32_t ga, uint32_t *w)
{
	be32 b;
	if (mem_peek(m, ga, &b, sizeof b) != MEM_OK)
		return false;
	*w = be32_get(b);
	return true;
}

/* Where base + @d lies from CFA; false: not known. */
static bool place(const struct state *s, unsigned base, int32_t d, int32_t *offset)
{
	if (s->gpr[base].what != CFA)
		return false;
	*offset = s->gpr[base].n + d;
	return true;
}

/* The same of base + index, one of which is a number. */
static bool place_indexed(const struct state *s, const struct ppc_op *op, int32_t *offset)
{
	const struct held none = { CONST, 0 }, a = op->a ? s->gpr[op->a] : none, b = s->gpr[op->b];
	if ((a.what != CFA || b.what != CONST) && (a.what != CONST || b.what != CFA))
		return false;
	*offset = (int32_t)((uint32_t)a.n + (uint32_t)b.n);
	return true;
}

static bool vr_kept(const struct state *s, unsigned n)
{
	return s->vr[n >> 6] >> (n & 63) & 1;
}

/* Something was stored: what was kept there is gone. */
static void overwrite(struct state *s, int32_t offset, int32_t size)
{
	for (unsigned i = 0; i < SAVED_MAX; i++) {
		const struct unwind_reg *r = &s->saved[i];
		if (r->how && offset < r->offset + r->size && r->offset < offset + size)
			s->saved[i] = (struct unwind_reg){ 0 };
	}
	if (s->chained && offset < s->chain + 4 && s->chain < offset + size)
		s->chained = false;
}

/* Stores @size bytes of thing @reg (a GPR, or FPR0 + n) at base + @d. */
static void store(struct state *s, unsigned reg, unsigned base, int32_t d, int32_t size)
{
	int32_t offset;
	struct held v = reg < 32 ? s->gpr[reg] : (struct held){ (s->fpr >> (reg - FPR0) & 1) ? ENTRY : OTHER, (int32_t)reg };
	if (!place(s, base, d, &offset))
		return;
	overwrite(s, offset, size);
	if (v.what == ENTRY && size >= 4)
		s->saved[v.n] = (struct unwind_reg){ UNWIND_SAVED, (uint8_t)size, offset };
	if (v.what == CFA && v.n == 0 && size == 4) {
		s->chained = true;
		s->chain = offset;
	}
}

/* stvx: the address is rounded down, and frames are aligned. */
static void store_vr(struct state *s, const struct ppc_op *op)
{
	int32_t offset;
	if (!place_indexed(s, op, &offset))
		return;
	overwrite(s, offset & ~15, 16);
	if (vr_kept(s, op->d))
		s->saved[VR0 + op->d] = (struct unwind_reg){ UNWIND_SAVED, 16, offset & ~15 };
}

static void load_vr(struct state *s, const struct ppc_op *op)
{
	int32_t offset;
	const struct unwind_reg *kept = &s->saved[VR0 + op->d];
	bool back = kept->how && place_indexed(s, op, &offset) && kept->offset == (offset & ~15);
	uint64_t bit = UINT64_C(1) << (op->d & 63);
	s->vr[op->d >> 6] = back ? s->vr[op->d >> 6] | bit : s->vr[op->d >> 6] & ~bit;
}

/* What a load of @size bytes from base + @d gives. */
static struct held load(const struct state *s, unsigned base, int32_t d, int32_t size)
{
	int32_t offset;
	if (s->gpr[base].what == CHAIN && !d && size == 4)
		return (struct held){ CFA, 0 };
	if (!place(s, base, d, &offset))
		return (struct held){ OTHER, 0 };
	if (s->chained && offset == s->chain && size == 4)
		return (struct held){ CFA, 0 };
	for (unsigned i = 0; i <= LR; i++)
		if (s->saved[i].how && s->saved[i].offset == offset && s->saved[i].size == size)
			return (struct held){ ENTRY, (int32_t)i };
	return (struct held){ OTHER, 0 };
}

/* Is an operand text's first one a GPR that is written? "RA, RS..." is, "RA0, RB" (dcbt) and "RS, ..." are not. */
static bool writes_first(const char *operands, const char *name)
{
	return !strncmp(operands, name, 2) && operands[2] != '0';
}

static bool updates_base(const struct ppc_row *r)
{
	return r->flags & (PPC_LOAD | PPC_STORE) && (strstr(r->operands, "(RA)") || strstr(r->operands, ", RA, RB"));
}

static int32_t bytes_of(const char *name)
{
	static const struct {
		const char *begin;
		int32_t bytes;
	} sizes[] = { { "stb", 1 }, { "sth", 2 }, { "stw", 4 }, { "stfd", 8 }, { "stfs", 4 }, { "stfi", 4 }, { "std", 8 },
		{ "lw", 4 }, { "ld", 8 }, { "lfd", 8 } };
	for (unsigned i = 0; i < ARRAY_LEN(sizes); i++)
		if (!strncmp(name, sizes[i].begin, strlen(sizes[i].begin)))
			return sizes[i].bytes;
	return 16;
}

/* stwux r1,r1,rN with a number in rN. */
static void frame_by_index(struct state *s, unsigned reg, int32_t offset)
{
	overwrite(s, offset, 4);
	if (s->gpr[reg].n == 0) {
		s->chained = true;
		s->chain = offset;
	}
	s->gpr[1] = (struct held){ CFA, offset };
}

static void do_store(struct state *s, const struct ppc_row *r, const struct ppc_op *op)
{
	bool displaced = r->form == PPC_FORM_D || r->form == PPC_FORM_DS, real = r->operands[0] == 'F';
	unsigned base = op->a;
	if (!strcmp(r->name, "stmw")) {
		for (unsigned i = op->d; i < 32; i++)
			store(s, i, base, op->imm + 4 * (int32_t)(i - op->d), 4);
	} else if (displaced) {
		int32_t size = bytes_of(r->name), offset;
		if (real && size == 4 && place(s, base, op->imm, &offset))
			overwrite(s, offset, 4); /* a single: not the register's bits */
		else
			store(s, real ? FPR0 + op->d : op->d, base, op->imm, size);
	}
	if (!updates_base(r))
		return;
	/* The back chain is stored before the register moves. */
	int32_t offset;
	if (displaced && s->gpr[base].what == CFA)
		s->gpr[base].n += op->imm;
	else if (!displaced && base == 1 && s->gpr[op->d].what == CFA && place_indexed(s, op, &offset))
		frame_by_index(s, op->d, offset);
	else
		s->gpr[base] = base == 1 && same_held(s->gpr[op->d], (struct held){ CFA, 0 }) ? (struct held){ CHAIN, 0 }
											      : (struct held){ OTHER, 0 };
}

static void do_load(struct state *s, const struct ppc_row *r, const struct ppc_op *op)
{
	bool displaced = r->form == PPC_FORM_D || r->form == PPC_FORM_DS, real = writes_first(r->operands, "FD");
	struct held v = { OTHER, 0 };
	int32_t offset;
	if (!strcmp(r->name, "lmw") || !strncmp(r->name, "lsw", 3)) {
		bool multiple = r->name[1] == 'm';
		struct state before = *s;
		for (unsigned i = multiple ? op->d : 0; i < 32; i++)
			if (i != 1)
				s->gpr[i] = multiple ? load(&before, op->a, op->imm + 4 * (int32_t)(i - op->d), 4) : v;
		return;
	}
	if (displaced && strcmp(r->name, "lwa") != 0)
		v = load(s, op->a, op->imm, bytes_of(r->name));
	if (real) {
		const struct unwind_reg *kept = &s->saved[FPR0 + op->d];
		bool back = displaced && place(s, op->a, op->imm, &offset) && kept->how && kept->offset == offset &&
			    bytes_of(r->name) == 8;
		s->fpr = back ? s->fpr | 1u << op->d : s->fpr & ~(1u << op->d);
	}
	if (updates_base(r))
		s->gpr[op->a] = displaced && s->gpr[op->a].what == CFA ? (struct held){ CFA, s->gpr[op->a].n + op->imm }
								       : (struct held){ OTHER, 0 };
	if (writes_first(r->operands, "RD"))
		s->gpr[op->d] = v;
}

/* An instruction that neither branches nor touches memory. */
static void do_other(struct state *s, unsigned insn, uint32_t word, const struct ppc_row *r, const struct ppc_op *op)
{
	struct held v = { OTHER, 0 };
	if (insn == PPC_INSN_mfspr && op->imm == 8) {
		v = s->lr ? (struct held){ ENTRY, LR } : v;
	} else if (insn == PPC_INSN_mtspr && op->imm == 8) {
		s->lr = same_held(s->gpr[op->d], (struct held){ ENTRY, LR });
		return;
	} else if ((insn == PPC_INSN_addi || insn == PPC_INSN_addis) &&
		   (!op->a || s->gpr[op->a].what == CFA || s->gpr[op->a].what == CONST)) {
		const struct held base = op->a ? s->gpr[op->a] : (struct held){ CONST, 0 };
		v = (struct held){ base.what,
			(int32_t)((uint32_t)base.n + ((uint32_t)op->imm << (insn == PPC_INSN_addis ? 16 : 0))) };
	} else if (insn == PPC_INSN_ori && s->gpr[op->a].what == CONST) { /* RA, RS: the target is d */
		v = (struct held){ CONST, s->gpr[op->a].n | op->imm };
	} else if (insn == PPC_INSN_mfcr) {
		v = s->cr ? (struct held){ ENTRY, CR } : v;
	} else if ((word & 0xFC0007FE) == 0x7C000378 && op->a == op->b) { /* mr: or RA, RS, RS */
		v = s->gpr[op->a];
	}
	if (writes_first(r->operands, "RD") || writes_first(r->operands, "RA"))
		s->gpr[op->d] = v;
	else if (writes_first(r->operands, "FD"))
		s->fpr &= ~(1u << op->d);
	else if (writes_first(r->operands, "VD"))
		s->vr[op->d >> 6] &= ~(UINT64_C(1) << (op->d & 63));
}

/* Does @word leave a place, or hand over to the kernel? */
static bool is_branch(uint32_t w)
{
	unsigned op = w >> 26, xo = w >> 1 & 0x3ff;
	return op == 16 || op == 17 || op == 18 || (op == 19 && (xo == 16 || xo == 528));
}

/* Does it load one of r14-r31 from below the stack pointer, or through r11 or r12 as they came, and not from where it was saved? */
static bool is_foreign(const struct state *s, uint32_t word)
{
	unsigned insn = ppc_insn_of(word);
	struct ppc_op op = { 0 };
	int32_t offset;
	if (insn != PPC_INSN_ld && insn != PPC_INSN_lwz && insn != PPC_INSN_lmw)
		return false;
	ppc_fields(insn, word, &op);
	const struct held *base = &s->gpr[op.a];
	if (op.d < 14 || load(s, op.a, op.imm, insn == PPC_INSN_ld ? 8 : 4).what == ENTRY)
		return false;
	if (base->what == ENTRY)
		return base->n == 11 || base->n == 12;
	return place(s, op.a, op.imm, &offset) && s->gpr[1].what == CFA && offset < s->gpr[1].n;
}

static bool writes_cr(unsigned insn, uint32_t word)
{
	const struct ppc_row *r = &ppc_rows[insn];
	bool records = r->flags & (PPC_RC0 | PPC_RC1 | PPC_RC6) && (!r->record || ppc_is_record(insn, word));
	return records || !strncmp(r->operands, "CR", 2);
}

static void step(struct state *s, uint32_t word)
{
	unsigned insn = ppc_insn_of(word);
	struct ppc_op op = { 0 };
	if (insn == PPC_INSNS)
		return;
	const struct ppc_row *r = &ppc_rows[insn];
	ppc_fields(insn, word, &op);
	s->cr &= !writes_cr(insn, word);
	if (r->flags & PPC_STORE && (r->operands[0] == 'R' || r->operands[0] == 'F'))
		do_store(s, r, &op);
	else if (insn == PPC_INSN_stvx || insn == PPC_INSN_stvx128)
		store_vr(s, &op);
	else if (insn == PPC_INSN_lvx || insn == PPC_INSN_lvx128)
		load_vr(s, &op);
	else if (r->flags & PPC_LOAD)
		do_load(s, r, &op);
	else
		do_other(s, insn, word, r, &op);
}

/* ---- calls ---------------------------------------------------------------------------------------------------------------------- */

/* Is there nothing at @ga but stores of registers, the numbers that they need, and a return? Then does them. */
static bool do_helper(const struct mem *m, uint32_t ga, struct state *s)
{
	struct state after = *s;
	bool stores = false;
	uint32_t w;
	for (unsigned i = 0; i < HELPER_WORDS && word_at(m, ga + 4 * i, &w); i++) {
		unsigned insn = ppc_insn_of(w);
		if (w == WORD_BLR) {
			after.lr = false;
			*s = after;
			return stores;
		}
		if (insn == PPC_INSNS ||
			(insn != PPC_INSN_addi && (!(ppc_rows[insn].flags & PPC_STORE) || updates_base(&ppc_rows[insn]))))
			return false;
		stores |= insn != PPC_INSN_addi;
		step(&after, w);
	}
	return false;
}

static void do_call(struct state *s)
{
	for (unsigned i = 0; i < 32; i++)
		if (VOLATILE_GPRS >> i & 1)
			s->gpr[i] = (struct held){ OTHER, 0 };
	s->fpr &= ~VOLATILE_FPRS;
	s->vr[0] &= ~VOLATILE_VRS;
	s->lr = s->cr = false;
}

static uint32_t target_of(uint32_t ga, uint32_t w)
{
	int32_t offset = w >> 26 == 18 ? (int32_t)(w << 6) >> 6 & ~3 : (int16_t)(w & 0xfffc);
	return (w & 2 ? 0 : ga) + (uint32_t)offset;
}

/* The branch @w at @ga, with @s before it; false: the next instruction does not follow. */
static bool branch(struct walk *k, uint32_t ga, uint32_t w, struct state *s)
{
	unsigned op = w >> 26;
	bool link = w & 1, always = op == 18 || (w >> 21 & 0x14) == 0x14;
	if (op == 17) { /* an import's thunk: the kernel keeps LR */
		bool lr = s->lr;
		do_call(s);
		s->lr = lr;
		return true;
	}
	if (op == 19) {
		if (link)
			do_call(s);
		else if ((w >> 1 & 0x3ff) == 528 && !k->jump)
			*(k->jump = xmalloc(sizeof *s)) = *s;
		else if ((w >> 1 & 0x3ff) == 528)
			k->changed |= merge(k->jump, s);
		return link || !always;
	}
	uint32_t to = target_of(ga, w);
	if (!link) {
		flow_to(k, to, s);
		return !always;
	}
	if (to == ga + 4) /* bcl 20,31,$+4: where am I? */
		s->lr = false;
	else if (!always || !do_helper(k->m, to, s))
		do_call(s);
	return true;
}

/* @s holds behind the prologue; of what is volatile nothing is known where an exception is handled. */
static void land(struct walk *k, const struct state *s)
{
	struct state landed = *s;
	do_call(&landed);
	if (k->landing) {
		k->changed |= merge(k->landing, &landed);
		return;
	}
	*(k->landing = xmalloc(sizeof landed)) = landed;
	k->changed = true;
}

/* Once through the function, in order of addresses. *@found: what holds before @pc. */
static bool pass(struct walk *k, uint32_t pc, struct state *found)
{
	struct state s;
	bool live = false, met = false;
	for (uint32_t ga = k->begin; ga < k->end; ga += 4) {
		struct state *here = k->at[(ga - k->begin) / 4];
		uint32_t w;
		if (!live && !here && (k->jump || k->landing)) { /* nobody else leads here */
			flow_to(k, ga, k->jump ? k->jump : k->landing);
			here = k->at[(ga - k->begin) / 4];
		}
		if (here && live)
			flow_to(k, ga, &s);
		if (here)
			s = *here;
		live |= here != NULL;
		if (live && ga == k->landed)
			land(k, &s);
		if (live && ga == pc) {
			*found = s;
			met = true;
		}
		if (!live || !word_at(k->m, ga, &w))
			live = false;
		else if (is_branch(w))
			live = branch(k, ga, w, &s);
		else {
			k->foreign |= is_foreign(&s, w);
			step(&s, w);
		}
	}
	return met;
}

/* ---- the answer ----------------------------------------------------------------------------------------------------------------- */

static void answer(const struct state *s, struct unwind *u)
{
	*u = (struct unwind){ .cfa_known = s->gpr[1].what == CFA, .cfa_chain = s->gpr[1].what == CHAIN, .lr_in = -1 };
	u->cfa = u->cfa_known ? -s->gpr[1].n : 0;
	for (unsigned i = 0; i < 32; i++) {
		if (same_held(s->gpr[i], (struct held){ ENTRY, LR }))
			u->lr_in = (int8_t)i;
		u->gpr[i] = s->saved[i];
		if (!s->saved[i].how && same_held(s->gpr[i], (struct held){ ENTRY, (int32_t)i }))
			u->gpr[i].how = UNWIND_SAME;
		u->fpr[i] = s->saved[FPR0 + i];
		if (!u->fpr[i].how && s->fpr >> i & 1)
			u->fpr[i].how = UNWIND_SAME;
	}
	for (unsigned i = 0; i < 128; i++) {
		u->vr[i] = s->saved[VR0 + i];
		if (!u->vr[i].how && vr_kept(s, i))
			u->vr[i].how = UNWIND_SAME;
	}
	u->cr = s->saved[CR];
	u->lr = u->lr_saved = s->saved[LR];
	if (s->lr)
		u->lr = (struct unwind_reg){ .how = UNWIND_SAME };
}

static bool follow(const struct mem *m, uint32_t begin, uint32_t end, uint32_t landed, uint32_t pc, struct unwind *u)
{
	struct state entry, found = { 0 };
	bool met = false;
	struct walk k = {
		.m = m, .begin = begin, .end = end, .landed = landed, .at = xcalloc((end - begin + 3) / 4, sizeof *k.at)
	};
	state_entry(&entry);
	flow_to(&k, begin, &entry);
	while (k.changed) { /* each time something becomes less known: it ends */
		k.changed = false;
		met = pass(&k, pc, &found) && !k.foreign;
	}
	for (uint32_t i = 0; i < (end - begin + 3) / 4; i++)
		free(k.at[i]);
	free(k.at);
	free(k.jump);
	free(k.landing);
	if (met)
		answer(&found, u);
	return met;
}

bool unwind_function(const struct mem *m, uint32_t begin, uint32_t end, uint32_t prolog, uint32_t pc, struct unwind *u)
{
	if ((begin | pc) & 3 || pc < begin || pc >= end || end - begin > UNWIND_BYTES_MAX)
		return false;
	return follow(m, begin, end, 0, pc, u) || (prolog && follow(m, begin, end, begin + prolog, pc, u));
}

bool unwind_code(const struct mem *m, uint32_t begin, uint32_t end, uint32_t pc, struct unwind *u)
{
	return unwind_function(m, begin, end, 0, pc, u);
}

bool unwind_tail(const struct mem *m, uint32_t pc, const struct ppc_context *c, uint32_t *lr)
{
	uint32_t w = 0, gpr[32];
	for (unsigned i = 0; i < 32; i++)
		gpr[i] = (uint32_t)c->gpr[i];
	*lr = (uint32_t)c->lr;
	for (unsigned i = 0; i < HELPER_WORDS && word_at(m, pc + 4 * i, &w) && w != WORD_BLR; i++) {
		unsigned insn = ppc_insn_of(w);
		struct ppc_op op = { 0 };
		if (insn == PPC_INSNS)
			return false;
		ppc_fields(insn, w, &op);
		if (insn == PPC_INSN_mtspr && op.imm == 8)
			*lr = gpr[op.d];
		else if ((insn != PPC_INSN_lwz && insn != PPC_INSN_ld) || op.a != 1 || op.d == 1 ||
			 !word_at(m, gpr[1] + (uint32_t)op.imm + (insn == PPC_INSN_ld ? 4 : 0), &gpr[op.d]))
			return false;
	}
	return w == WORD_BLR;
}
