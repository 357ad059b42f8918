/* src/cpu/interp.c - the interpreter: one handler for each row of ppc.def, for each variant and for each fused pair, threaded
 * through tail calls. engine.h says how instructions are counted, fuse.def what is fused.
 *
 * A handler ends by jumping to the next op's handler with the same arguments, so that the state of the run (context, op,
 * what is left of the budget, guest memory) stays in argument registers throughout. GCC makes a jump of a call in
 * tail position when it optimises, clang when it is told so (musttail). Where neither is to be had (-O0, or a sanitizer under
 * GCC), a handler returns the next op to a loop instead: THREADED says which.
 */
#include "config.h"

#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__)
/* -O1 and -Og leave tail calls alone. What this project's flags are about has to be said again. */
#pragma GCC optimize("O2", "no-strict-aliasing", "fp-contract=off")
#endif

#include "src/cpu/engine.h"
#include "src/cpu/link.def"
#include "src/cpu/x_fp.h"
#include "src/cpu/x_int.h"
#include "src/cpu/x_mem.h"
#include "src/cpu/x_vmx.h"
#include "src/cpu/x_vmx128.h"

#define XENON_PVR 0x00710700u

/* ---- how handlers are chained ------------------------------------------------------------------------------------------- */

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define THREADED 0
#endif
#endif
#ifdef __has_attribute
#if !defined(THREADED) && __has_attribute(musttail)
#define THREADED 1
#define TAIL __attribute__((musttail)) return
#endif
#endif
#ifndef THREADED
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__) && !defined(__clang__)
#define THREADED 1
#define TAIL return
#else
#define THREADED 0
#endif
#endif

#if THREADED
#define PARAMS \
	struct ppc_context *c, struct ppc_op *op, int64_t left, struct cpu *cpu, uint8_t *base
#define ARGS c, op, left, cpu, base
#define JUMP(name) TAIL h_##name(ARGS)
#define JUMP_TO(offset) TAIL ((handler_fn *)((char *)h_decode + (offset)))(ARGS)
#define GO JUMP_TO(op->go)
#else
#define PARAMS struct ppc_context *c, struct ppc_op *op, struct cpu *cpu, uint8_t *base
#define ARGS c, op, cpu, base
#define JUMP(name) return h_##name(ARGS)
#define JUMP_TO(offset) return ((handler_fn *)((char *)h_decode + (offset)))(ARGS)
#define GO return op
#define left cpu->x.left
#endif
#if THREADED && !defined(__clang__)
#define LINKED
#endif

/* Returns the op to go on with, for the loop; NULL = the run is over. */
typedef struct ppc_op *handler_fn(PARAMS);
#define HANDLER(name) static struct ppc_op *h_##name(PARAMS)
#define COLD_HANDLER(name) static __attribute__((noinline, cold)) struct ppc_op *h_##name(PARAMS)
#define ALWAYS(id, as) \
	HANDLER(id) \
	{ \
		JUMP(as); \
	}

COLD_HANDLER(decode);
COLD_HANDLER(over);
COLD_HANDLER(fetch);
COLD_HANDLER(fault);
COLD_HANDLER(done);
COLD_HANDLER(privileged);
COLD_HANDLER(cut);
HANDLER(attend);
HANDLER(loop);

/* ---- out of line -------------------------------------------------------------------------------------------------------- */

static bool exec_fault(struct ppc_exec *x, uint32_t ga, unsigned size, bool store, enum mem_result r)
{
	x->slice->fault_ga = ga;
	x->slice->fault_size = size;
	x->slice->fault_store = store;
	x->slice->fault = r;
	x->exit = CPU_FAULT;
	return false;
}

static struct cpu *cpu_of(struct ppc_exec *x)
{
	return (struct cpu *)((char *)x - offsetof(struct cpu, x));
}

bool exec_load(struct ppc_exec *x, const struct ppc_op *op, uint32_t ea, unsigned size, void *bytes)
{
	uint32_t at = ea;
	x->slice->ctx->pc = code_pc(cpu_of(x), op);
	enum mem_result r = mem_load_slow(x->mem, ea, size, bytes, &at);
	return r == MEM_OK || exec_fault(x, at, size, false, r);
}

bool exec_store(struct ppc_exec *x, const struct ppc_op *op, uint32_t ea, unsigned size, const void *bytes)
{
	uint32_t at = ea;
	x->slice->ctx->pc = code_pc(cpu_of(x), op);
	enum mem_result r = mem_store_slow(x->mem, ea, size, bytes, &at);
	return r == MEM_OK || exec_fault(x, at, size, true, r);
}

/** Instructions of the running block from @op on that have been charged. */
static inline uint32_t charged(const struct cpu *cpu, const struct ppc_op *op)
{
	return op->run - cpu->x.cut_run;
}

static uint64_t time_base(const struct cpu *cpu, const struct ppc_op *op, int64_t unspent)
{
	const struct cpu_slice *s = cpu->x.slice;
	uint64_t before = s->budget - (uint64_t)(unspent + charged(cpu, op));
	return (s->cycle_base + s->cpi * (s->cycle_used + before) / 6) / CYCLES_PER_TICK;
}

/** The budget of @unspent instructions ends inside the block at @op: marks the op that must not run any more, and takes
 * apart what is fused across it. */
static void cut_set(struct cpu *cpu, struct ppc_op *op, int64_t unspent)
{
	struct ppc_exec *x = &cpu->x;
	x->cut = op + unspent;
	x->cut_run = x->cut->run;
	x->cut_imm = x->cut->imm;
	if (cpu->labels.cut_link)
		x->cut->imm = cpu->labels.cut_link;
	for (x->cut_ops = 0; x->cut_ops < FUSE_LENGTH && x->cut_ops <= unspent; x->cut_ops++) {
		struct ppc_op *o = x->cut - x->cut_ops;
		x->cut_go[x->cut_ops] = o->go;
		o->go = x->cut_ops ? code_label_alone(cpu, o) : cpu->labels.plain[PPC_V_cut];
	}
}

static void cut_clear(struct ppc_exec *x)
{
	if (x->cut)
		x->cut->imm = x->cut_imm;
	for (unsigned i = 0; x->cut && i < x->cut_ops; i++)
		x->cut[-(int)i].go = x->cut_go[i];
	x->cut = NULL;
	x->cut_run = 0;
}

static bool branch_taken(struct ppc_context *c, unsigned bo, unsigned bi)
{
	bool ctr_ok = (bo & 4) || ((uint32_t)--c->ctr != 0) != !!(bo & 2);
	return ctr_ok && ((bo & 16) || x_cr_bit(c, bi) == (bo >> 3 & 1));
}

static inline uint32_t op_lr(const struct ppc_op *op)
{
	uint32_t lr;
	memcpy(&lr, (const uint8_t *)op + offsetof(struct ppc_op, d), sizeof lr);
	return lr;
}

static inline uint8_t cr6_of(const union ppc_vr *v)
{
	if (!(v->d[0] | v->d[1]))
		return 2;
	return (v->d[0] & v->d[1]) == UINT64_MAX ? 8 : 0;
}

/* ---- what handlers are written in ------------------------------------------------------------------------------------- */

#define G(f) c->gpr[op->f]
#define IMM ((uint64_t)(int64_t)op->imm)
#define UIMM ((uint32_t)op->imm)
/* What a body reads may be the last result of the same handler: src, a constant, has the bits of these operands. */
#define R(f) (src & FROM_##f ? last : c->gpr[op->f])
#define CRF (src & FROM_cr ? cr : c->cr[op->a])
#define SET(v) c->gpr[op->d] = last = (v)
#define CR_OF(x1, x2) ((uint8_t)(2 + 2 * ((x1) > (x2)) + 6 * ((x1) < (x2))))
#define CR0(v) c->cr[0] = cr = CR_OF((int32_t)(v), 0) | c->so
#define COMPARE(x1, x2) c->cr[op->d] = cr = CR_OF(x1, x2) | c->so
/* Opens the scope of a handler that is one body. */
#define RESULTS \
	uint64_t last = 0; \
	uint8_t cr = 0; \
	(void)last, (void)cr;
#define ALONE \
	RESULTS \
	enum { src = 0 };
#define ATTR(ea) base[(int64_t)((ea) >> MEM_PAGE_SHIFT) - MEM_ATTR_BEFORE]
#define LOAD_IS_FAST(ea, size) \
	LIKELY(!(ATTR(ea) & MEM_LOAD_SLOW) && ((ea) & (MEM_PAGE - 1)) <= MEM_PAGE - (size))
#define STORE_IS_FAST(ea, size) \
	LIKELY(!(ATTR(ea) & MEM_STORE_SLOW) && ((ea) & (MEM_PAGE - 1)) <= MEM_PAGE - (size))

/* Keeps op in its register: GCC would rather compute what is behind it from a copy. */
#define SETTLE_OP __asm__("" : "+r"(op))
#define NEXT \
	do { \
		op++; \
		SETTLE_OP; \
		GO; \
	} while (0)
/* Charges the block that begins at op, and runs it. */
#define ENTER \
	do { \
		left -= op->run; \
		if (UNLIKELY(left < 0)) \
			JUMP(over); \
		GO; \
	} while (0)
/* The same for the block at a guest address. */
#define DISPATCH(address) \
	do { \
		uint32_t pc = (address); \
		struct code_page *page = cpu->map[pc >> MEM_PAGE_SHIFT]; \
		if (UNLIKELY(!page)) { \
			cpu->x.pc = pc; \
			JUMP(fetch); \
		} \
		op = &page->ops[pc / 4 % CODE_OPS]; \
		ENTER; \
	} while (0)
#define RECORD(flags) \
	do { \
		if ((flags) & PPC_RC0) \
			c->cr[0] = CR_OF((int32_t)G(d), 0) | c->so; \
		if ((flags) & PPC_RC1) \
			c->cr[1] = (uint8_t)(c->fpscr >> 28); \
		if ((flags) & PPC_RC6) \
			c->cr[6] = cr6_of(&c->vr[op->d]); \
	} while (0)

#include "src/cpu/hot_int.h"
#include "src/cpu/hot_branch.h"
#include "src/cpu/hot_mem.h"

/* ---- rows with handlers of their own. HOW_FN(f) is two arguments, so that GENERATE sees kind and function apart. ----- */

#define HOW_HOT HOT, none
#define HOW_FN(f) FN, f
#define HOW_FX(f) FX, f
#define HOW_FP(f) FP, f
#define GENERATE(id, flags, ...) GENERATE_ROW(id, flags, __VA_ARGS__)
#define GENERATE_ROW(id, flags, kind, f) ROW_##kind(id, flags, f)
#define ROW_HOT(id, flags, f)
#define ROW_FN(id, flags, f) \
	HANDLER(id) \
	{ \
		f(c, op); \
		NEXT; \
	}
#define ROW_FX(id, flags, f) \
	HANDLER(id) \
	{ \
		if (UNLIKELY(!f(c, op, &cpu->x))) \
			JUMP(fault); \
		JUMP(attend); \
	}
#define FP_SLOW(id, f, flags) \
	COLD_HANDLER(id##_slow) \
	{ \
		fp_slow(c, op, f##_op); \
		RECORD(flags); \
		NEXT; \
	}
#define FP_QUICK(id, f, flags) \
	HANDLER(id) \
	{ \
		if (UNLIKELY(!f(c, op))) \
			JUMP(id##_slow); \
		RECORD(flags); \
		NEXT; \
	}
#define GENERATE_RC(id, flags, ...) GENERATE_ROW_RC(id, flags, __VA_ARGS__)
#define GENERATE_ROW_RC(id, flags, kind, f) ROW_RC_##kind(id, flags, f)
#define ROW_RC_HOT(id, flags, f)
#define ROW_RC_FN(id, flags, f) \
	ROW_FN(id, flags, f) \
	HANDLER(id##_rc) \
	{ \
		f(c, op); \
		RECORD(flags); \
		NEXT; \
	}
#define ROW_FP(id, flags, f) \
	FP_SLOW(id, f, 0) \
	FP_QUICK(id, f, 0)
#define ROW_RC_FP(id, flags, f) \
	ROW_FP(id, flags, f) \
	FP_SLOW(id##_rc, f, flags) \
	FP_QUICK(id##_rc, f, flags)
#define INSN(id, name, mask, match, form, operands, flags, how) GENERATE(id, flags, HOW_##how)
#define INSN_RC(id, name, mask, match, form, operands, flags, how) GENERATE_RC(id, flags, HOW_##how)
#include "src/cpu/ppc.def"
#undef INSN
#undef INSN_RC

#include "src/cpu/hot_fp.h"

/* ---- fused rows ------------------------------------------------------------------------------------------------------------ */

#define BODY_vmaddfp x_vmaddfp(c, op);
#define BODY_vmaddfp128 x_vmaddfp128(c, op);
#define BODY_vmulfp128 x_vmulfp(c, op);
#define BODY_vspltw128 x_vspltw(c, op);

#define FUSED(name) HANDLER(name)
/* One of several bodies; @from: the operands that it takes from the one before. Behind a branch NEXT is never reached. */
#define STEP(id, from) \
	{ \
		enum { src = from }; \
		BODY_##id \
	}
#define FUSE2(id1, id2, f2) \
	FUSED(FUSE_NAME2(id1, id2, f2)) \
	{ \
		RESULTS \
		STEP(id1, 0) \
		op++; \
		STEP(id2, f2) \
		NEXT; \
	}
#define FUSE3(id1, id2, f2, id3, f3) \
	FUSED(FUSE_NAME3(id1, id2, f2, id3, f3)) \
	{ \
		RESULTS \
		STEP(id1, 0) \
		op++; \
		STEP(id2, f2) \
		op++; \
		STEP(id3, f3) \
		NEXT; \
	}
#define FUSE4(id1, id2, f2, id3, f3, id4, f4) \
	FUSED(FUSE_NAME4(id1, id2, f2, id3, f3, id4, f4)) \
	{ \
		RESULTS \
		STEP(id1, 0) \
		op++; \
		STEP(id2, f2) \
		op++; \
		STEP(id3, f3) \
		op++; \
		STEP(id4, f4) \
		NEXT; \
	}
#include "src/cpu/fuse.def"
#undef FUSE2
#undef FUSE3
#undef FUSE4

/* ---- the engine's own ------------------------------------------------------------------------------------------------------- */

COLD_HANDLER(decode)
{
	code_decode(cpu, op);
	ENTER;
}

/* At a bdnz that has been taken and closes a loop that loop.c may know. */
HANDLER(loop)
{
	left -= (int64_t)loop_run(cpu, c, op, (uint64_t)left);
	op += op->imm;
	ENTER;
}

HANDLER(page_end)
{
	DISPATCH((code_page_of(cpu, op)->number + 1) << MEM_PAGE_SHIFT);
}

#define REFUSE(name, why) \
	COLD_HANDLER(name) \
	{ \
		cpu->x.exit = why; \
		JUMP(fault); \
	}
REFUSE(privileged, CPU_PRIVILEGED)
REFUSE(illegal, CPU_ILLEGAL)
REFUSE(break, CPU_BREAK)

COLD_HANDLER(cut)
{
	cpu->x.exit = CPU_BUDGET;
	cpu->x.pc = code_pc(cpu, op);
	JUMP(done);
}

/* The budget does not reach to the end of the block at op, which has been charged. */
COLD_HANDLER(over)
{
	left += op->run;
	if (!left)
		JUMP(cut);
	cut_set(cpu, op, left);
	left = 0;
	GO;
}

/* There is no decoded page at pc. */
COLD_HANDLER(fetch)
{
	struct code_page *page = code_page_get(cpu, cpu->x.pc);
	if (!page) {
		cpu->x.exit = left ? CPU_FETCH : CPU_BUDGET;
		JUMP(done);
	}
	op = &page->ops[cpu->x.pc / 4 % CODE_OPS];
	ENTER;
}

/* Behind an instruction that may have taken a slow path. */
HANDLER(attend)
{
	struct ppc_exec *x = &cpu->x;
	if (LIKELY(!x->attention))
		NEXT;
	left += charged(cpu, op) - 1;
	x->attention = false;
	cut_clear(x);
	x->pc = code_pc(cpu, op) + 4;
	if (!x->stop_asked)
		DISPATCH(x->pc);
	x->exit = CPU_STOP;
	JUMP(done);
}

/* op has not been executed: why is in exit. */
COLD_HANDLER(fault)
{
	left += charged(cpu, op);
	cpu->x.pc = code_pc(cpu, op);
	JUMP(done);
}

COLD_HANDLER(done)
{
	struct cpu_slice *s = cpu->x.slice;
	cut_clear(&cpu->x);
	c->pc = cpu->x.pc;
	s->used = s->budget - (uint64_t)left;
	return NULL;
}

/* The first op of a run, where a breakpoint is not to be seen. */
COLD_HANDLER(past_break)
{
	if (!op->run)
		code_decode(cpu, op);
	if (left < op->run) {
		cut_set(cpu, op, left);
		left = 0;
	} else {
		left -= op->run;
	}
	JUMP_TO(cpu->labels.plain[op->kind]);
}

HANDLER(start)
{
	if (UNLIKELY(cpu->x.slice->skip_break) && cpu_break_at(cpu, c->pc & ~3u)) {
		struct code_page *page = code_page_get(cpu, c->pc);
		op = page ? &page->ops[c->pc / 4 % CODE_OPS] : NULL;
		if (op)
			JUMP(past_break);
	}
	DISPATCH(c->pc & ~3u);
}

/* ---- labels -------------------------------------------------------------------------------------------------------------------- */

static handler_fn *const plain[PPC_KINDS] = {
#define INSN(id, name, mask, match, form, operands, flags, how) h_##id, h_##id,
#define INSN_RC(id, name, mask, match, form, operands, flags, how) h_##id, h_##id##_rc,
#include "src/cpu/ppc.def"
#undef INSN
#undef INSN_RC
#define VARIANT(name) h_##name,
#include "src/cpu/variants.def"
#undef VARIANT
};

static const struct {
	uint16_t kind[FUSE_LENGTH];
	uint8_t from[FUSE_LENGTH];
	uint8_t length;
	handler_fn *handler;
} fused[FUSE_ROWS] = {
#define K(id) PPC_V_##id
#define H(name) h_(name)
#define h_(name) h_##name
#define FUSE2(id1, id2, f2) { { K(id1), K(id2) }, { 0, f2 }, 2, H(FUSE_NAME2(id1, id2, f2)) },
#define FUSE3(id1, id2, f2, id3, f3) \
	{ { K(id1), K(id2), K(id3) }, { 0, f2, f3 }, 3, H(FUSE_NAME3(id1, id2, f2, id3, f3)) },
#define FUSE4(id1, id2, f2, id3, f3, id4, f4) \
	{ { K(id1), K(id2), K(id3), K(id4) }, { 0, f2, f3, f4 }, 4, H(FUSE_NAME4(id1, id2, f2, id3, f3, id4, f4)) },
#include "src/cpu/fuse.def"
#undef FUSE2
#undef FUSE3
#undef FUSE4
};

static int32_t offset_of(handler_fn *h)
{
	return (int32_t)((char *)h - (char *)h_decode);
}

void interp_labels(struct interp_labels *labels)
{
	for (unsigned i = 0; i < PPC_KINDS; i++)
		labels->plain[i] = offset_of(plain[i]);
	for (unsigned i = 0; i < FUSE_ROWS; i++) {
		memcpy(labels->fused[i].kind, fused[i].kind, sizeof fused[i].kind);
		memcpy(labels->fused[i].from, fused[i].from, sizeof fused[i].from);
		labels->fused[i].length = fused[i].length;
		labels->fused[i].go = offset_of(fused[i].handler);
	}
#ifdef LINKED
	unsigned i = 0;
#define LINKS(name, operands) \
	memcpy(labels->link[i++], \
	       (const int32_t[8]){ offset_of(h_##name), offset_of(h_##name##_link0), LINK_OFFSET(name##_link1), \
	                           LINK_OFFSET(name##_link1_on), LINK_OFFSET(name##_link2), LINK_OFFSET(name##_link2_on), \
	                           LINK_OFFSET(name##_link3), LINK_OFFSET(name##_link3_on) }, \
	       sizeof labels->link[0]);
#define LINK_OFFSET(name) (int32_t)((char *)h_##name - (char *)h_decode)
	FUSE_LINK(LINKS)
	labels->cut_link = LINK_OFFSET(cut_link);
#endif
}

#undef left
enum cpu_exit interp_run(struct cpu *cpu)
{
	struct cpu_slice *s = cpu->x.slice;
	struct mem *m = cpu->x.mem;
#if THREADED
	h_start(s->ctx, NULL, (int64_t)s->budget, cpu, m->base);
#else
	cpu->x.left = (int64_t)s->budget;
	for (struct ppc_op *op = h_start(s->ctx, NULL, cpu, m->base); op;)
		op = ((handler_fn *)((char *)h_decode + op->go))(s->ctx, op, cpu, m->base);
#endif
	return cpu->x.exit;
}
