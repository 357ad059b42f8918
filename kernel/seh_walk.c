/* kernel/seh_walk.c - see seh.h: registers to and from CONTEXT records, and the stack, frame by frame. */
#include "config.h"

#include "kernel/module.h"
#include "kernel/rows.h"
#include "kernel/seh.h"
#include "src/cpu/unwind.h"

#define CR_KEPT 0x00FFF000u                       /* CR2-CR4 */
#define VRS_KEPT_LOW UINT64_C(0x00000000FFFFC000) /* v14-v31; of the others v64-v127 */

/* ---- registers -------------------------------------------------------------------------------------------------------------------- */

/* A register's bytes as stvx writes them. */
static void put_vr(uint8_t out[16], const union ppc_vr *v)
{
	for (unsigned i = 0; i < 16; i++)
		out[i] = v->b[15 - i];
}

static void get_vr(union ppc_vr *v, const uint8_t in[16])
{
	for (unsigned i = 0; i < 16; i++)
		v->b[15 - i] = in[i];
}

void seh_capture(const struct machine *m, uint32_t thread, uint32_t iar, struct g_context *g)
{
	const struct ppc_context *r = context_peek(m, thread);
	*g = (struct g_context){ .flags = be32_of(CONTEXT_FULL),
		.msr = be32_of((uint32_t)r->msr),
		.iar = be32_of(iar),
		.lr = be32_of((uint32_t)r->lr),
		.ctr = be64_of(r->ctr),
		.cr = be32_of(ppc_cr(r)),
		.xer = be32_of(ppc_xer(r)),
		.fpscr = be64_of(r->fpscr) };
	for (unsigned i = 0; i < 32; i++) {
		g->gpr[i] = be64_of(r->gpr[i]);
		g->fpr[i] = be64_of(r->fpr[i]);
	}
	store_be32(g->vscr + 12, r->vscr);
	for (unsigned i = 0; i < 128; i++)
		put_vr(g->vr[i], &r->vr[i]);
}

void seh_restore(struct machine *m, uint32_t thread, const struct g_context *g)
{
	struct ppc_context *r = context_row(m, thread);
	r->pc = be32_get(g->iar);
	r->lr = be32_get(g->lr);
	r->ctr = be64_get(g->ctr);
	ppc_cr_set(r, be32_get(g->cr));
	ppc_xer_set(r, be32_get(g->xer));
	r->fpscr = (uint32_t)be64_get(g->fpscr);
	for (unsigned i = 0; i < 32; i++) {
		r->gpr[i] = be64_get(g->gpr[i]);
		r->fpr[i] = be64_get(g->fpr[i]);
	}
	r->gpr[13] = hw_peek(m, thread_peek(m, thread)->hw)->kpcr_ga; /* the thread may have moved */
	r->vscr = load_be32(g->vscr + 12) & (PPC_VSCR_NJ | PPC_VSCR_SAT);
	for (unsigned i = 0; i < 128; i++)
		get_vr(&r->vr[i], g->vr[i]);
}

/* ---- one frame -------------------------------------------------------------------------------------------------------------------- */

static bool word_at(const struct machine *m, uint32_t ga, uint32_t *v)
{
	be32 b;
	if (mem_peek(&m->mem, ga, &b, sizeof b) != MEM_OK)
		return false;
	*v = be32_get(b);
	return true;
}

static bool saved_word(const struct machine *m, uint32_t cfa, const struct unwind_reg *u, uint64_t *v)
{
	uint8_t b[8];
	if (u->how != UNWIND_SAVED || u->size > sizeof b || mem_peek(&m->mem, cfa + (uint32_t)u->offset, b, u->size) != MEM_OK)
		return false;
	*v = u->size == 8 ? load_be64(b) : load_be32(b);
	return true;
}

/* Registers that the function has not saved are taken to be its caller's still. */
static void give_back(const struct machine *m, uint32_t cfa, const struct unwind *u, struct g_context *g)
{
	uint64_t v;
	for (unsigned i = 14; i < 32; i++) {
		if (saved_word(m, cfa, &u->gpr[i], &v))
			g->gpr[i] = be64_of(v);
		if (saved_word(m, cfa, &u->fpr[i], &v) && u->fpr[i].size == 8)
			g->fpr[i] = be64_of(v);
	}
	for (unsigned i = 14; i < 128; i++)
		if ((i >= 64 || VRS_KEPT_LOW >> i & 1) && u->vr[i].how == UNWIND_SAVED)
			(void)!mem_peek(&m->mem, cfa + (uint32_t)u->vr[i].offset, g->vr[i], sizeof g->vr[i]);
	if (saved_word(m, cfa, &u->cr, &v))
		g->cr = be32_of((be32_get(g->cr) & ~CR_KEPT) | ((uint32_t)v & CR_KEPT));
}

/* LR at the entry. What is saved counts first: behind a call the register is something else. */
static bool entry_lr(const struct machine *m, uint32_t cfa, const struct unwind *u, const struct g_context *g, uint32_t *lr)
{
	uint64_t v;
	if (saved_word(m, cfa, &u->lr_saved, &v))
		*lr = (uint32_t)v;
	else if (u->lr.how == UNWIND_SAME)
		*lr = be32_get(g->lr);
	else if (u->lr_in >= 0)
		*lr = (uint32_t)be64_get(g->gpr[u->lr_in]);
	else
		return false;
	return true;
}

bool seh_virtual_unwind(
	const struct machine *m, const struct g_runtime_function *f, uint32_t pc, struct g_context *g, uint32_t *establisher)
{
	struct unwind u;
	uint32_t begin = be32_get(f->begin), lengths = be32_get(f->lengths), sp = (uint32_t)be64_get(g->gpr[1]), cfa, lr;
	if (!unwind_function(&m->mem, begin, begin + (lengths >> 8 & 0x3fffff) * 4, (lengths & 0xff) * 4, pc, &u))
		return false;
	if (u.cfa_known)
		cfa = sp + (uint32_t)u.cfa;
	else if (!u.cfa_chain || !word_at(m, sp, &cfa))
		return false;
	if (!entry_lr(m, cfa, &u, g, &lr))
		return false;
	give_back(m, cfa, &u, g);
	g->gpr[1] = be64_of(cfa);
	g->lr = g->iar = be32_of(lr);
	*establisher = cfa;
	return true;
}

bool seh_entry(const struct machine *m, uint32_t entry, struct g_runtime_function *f)
{
	return mem_peek(&m->mem, entry, f, sizeof *f) == MEM_OK;
}

/* ---- the stack -------------------------------------------------------------------------------------------------------------------- */

static uint32_t sp_of(const struct g_context *g)
{
	return (uint32_t)be64_get(g->gpr[1]);
}

/* Handlers were called from a frame of the kernel's: on with what it was called from, or with what it had come to. */
static bool step_over(const struct machine *m, uint32_t *pc, struct g_context *g, struct seh_function *f)
{
	struct seh_frame k;
	uint32_t sp = sp_of(g);
	if (!seh_frame_at(m, sp, &k))
		return false;
	switch (be32_get(k.g.kind)) {
	case SEH_RAISE:
		*g = k.g.now;
		*pc = be32_get(g->iar) - 4;
		f->flags |= EXCEPTION_NESTED_CALL;
		f->nested = be32_get(k.g.dispatcher.establisher_frame);
		break;
	case SEH_UNWIND:
		*g = k.g.now;
		*pc = be32_get(k.g.dispatcher.control_pc);
		f->flags |= EXCEPTION_COLLIDED_UNWIND;
		break;
	default:
		g->gpr[1] = be64_of(be32_get(k.g.chain));
		g->lr = g->iar = k.g.lr;
		*pc = be32_get(k.g.lr) - 4;
	}
	return sp_of(g) > sp; /* so it comes to an end, whatever lies there */
}

static void find_handler(const struct machine *m, const struct image_function *at, struct seh_function *f)
{
	struct g_pdata_eh eh;
	if (!at->handler || f->pc < at->ga + at->prolog || mem_peek(&m->mem, at->ga - sizeof eh, &eh, sizeof eh) != MEM_OK)
		return;
	f->handler = be32_get(eh.handler);
	f->data = be32_get(eh.data);
}

bool seh_look(const struct machine *m, uint32_t thread, uint32_t *pc, struct g_context *g, struct seh_function *f,
	struct g_context *body)
{
	const struct w_thread *t = thread_peek(m, thread);
	struct g_runtime_function entry;
	*f = (struct seh_function){ 0 };
	while (*pc + 4 == SEH_RETURN)
		if (!step_over(m, pc, g, f))
			return false;
	uint32_t sp = sp_of(g), before = *pc;
	if (sp < t->stack_limit || sp >= t->stack_base || (sp & 3))
		return false;
	f->pc = before;
	if (body)
		*body = *g;
	struct image_function at;
	if (!machine_function_at(m, before, &at)) { /* a leaf */
		f->establisher = sp;
		g->iar = g->lr;
		*pc = be32_get(g->lr) - 4;
		return *pc != before;
	}
	f->entry = at.entry;
	if (!seh_entry(m, at.entry, &entry) || !seh_virtual_unwind(m, &entry, before, g, &f->establisher))
		return false;
	find_handler(m, &at, f);
	*pc = be32_get(g->lr) - 4;
	return f->establisher > sp && f->establisher <= t->stack_base && !(f->establisher & 3);
}

/* ---- what is thrown ---------------------------------------------------------------------------------------------------------------- */

#define CXX_MAGIC 0x19930520u /* and the next few, of newer compilers */
#define CXX_MAGIC_LAST 0x19930522u

bool seh_cxx_type(const struct machine *m, const struct g_exception_record *r, char *buf, size_t size)
{
	uint32_t magic = be32_get(r->exception_information[0]), ga = be32_get(r->exception_information[2]);
	if (be32_get(r->code) != EXCEPTION_CXX || be32_get(r->number_parameters) < 3 || magic < CXX_MAGIC ||
		magic > CXX_MAGIC_LAST)
		return false;
	static const uint8_t offsets[] = { 12, 4, 4 }; /* the array of catchable types, the first of them, its TypeDescriptor */
	for (unsigned i = 0; i < ARRAY_LEN(offsets); i++)
		if (!ga || !word_at(m, ga + offsets[i], &ga))
			return false;
	size_t n = 0;
	for (char c; n + 1 < size && mem_peek(&m->mem, ga + 8 + (uint32_t)n, &c, 1) == MEM_OK && c > ' ' && c < 0x7f; n++)
		buf[n] = c;
	buf[n] = '\0';
	return n > 0;
}
