/* src/cpu/interp.c - the interpreter: one function, direct-threaded through GCC's computed goto, made from the rows of
 * ppc.def. engine.h says how instructions are counted. */
#include "config.h"

#include "src/cpu/engine.h"
#include "src/cpu/x_fp.h"
#include "src/cpu/x_int.h"
#include "src/cpu/x_mem.h"
#include "src/cpu/x_vmx.h"
#include "src/cpu/x_vmx128.h"

#define XENON_PVR 0x00710700u

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
static inline uint32_t charged(const struct ppc_exec *x, const struct ppc_op *op)
{
	return op->run - x->cut_run;
}

static uint64_t time_base(const struct ppc_exec *x, const struct ppc_op *op, int64_t left)
{
	const struct cpu_slice *s = x->slice;
	uint64_t before = s->budget - (uint64_t)(left + charged(x, op));
	return (s->cycle_base + s->cpi * (s->cycle_used + before) / 6) / CYCLES_PER_TICK;
}

/** The budget of @left instructions ends inside the block at @op: marks the op that must not run any more. */
static void cut_set(struct cpu *cpu, struct ppc_op *op, int64_t left)
{
	struct ppc_exec *x = &cpu->x;
	x->cut = op + left;
	x->cut_go = x->cut->go;
	x->cut_run = x->cut->run;
	x->cut->go = cpu->labels[PPC_V_cut];
}

static void cut_clear(struct ppc_exec *x)
{
	if (x->cut)
		x->cut->go = x->cut_go;
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

/* ---- the function ------------------------------------------------------------------------------------------------------ */

#define G(f) c->gpr[op->f]
#define IMM ((uint64_t)(int64_t)op->imm)
#define UIMM ((uint32_t)op->imm)
#define CR_OF(x1, x2) ((uint8_t)(2 + 2 * ((x1) > (x2)) + 6 * ((x1) < (x2))))
#define CR0(v) c->cr[0] = CR_OF((int32_t)(v), 0) | c->so
#define COMPARE(x1, x2) c->cr[op->d] = CR_OF(x1, x2) | c->so
#define LOAD_IS_FAST(ea, size) \
	LIKELY(!(attr[(ea) >> MEM_PAGE_SHIFT] & MEM_LOAD_SLOW) && ((ea) & (MEM_PAGE - 1)) <= MEM_PAGE - (size))
#define STORE_IS_FAST(ea, size) \
	LIKELY(!(attr[(ea) >> MEM_PAGE_SHIFT] & MEM_STORE_SLOW) && ((ea) & (MEM_PAGE - 1)) <= MEM_PAGE - (size))

#define GO goto *(void *)((char *)&&L_decode + op->go)
#define NEXT \
	do { \
		op++; \
		GO; \
	} while (0)
/* Charges the block that begins at op, and runs it. */
#define ENTER \
	do { \
		left -= op->run; \
		if (UNLIKELY(left < 0)) \
			goto over; \
		GO; \
	} while (0)
#define DISPATCH(address) \
	do { \
		pc = (address); \
		page = cpu->map[pc >> MEM_PAGE_SHIFT]; \
		if (UNLIKELY(!page)) \
			goto fetch; \
		op = &page->ops[pc / 4 % CODE_OPS]; \
		ENTER; \
	} while (0)

#define RECORD(flags) \
	do { \
		if ((flags) & PPC_RC0) \
			CR0(G(d)); \
		if ((flags) & PPC_RC1) \
			c->cr[1] = (uint8_t)(c->fpscr >> 28); \
		if ((flags) & PPC_RC6) \
			c->cr[6] = cr6_of(&c->vr[op->d]); \
	} while (0)

enum cpu_exit interp_run(struct cpu *cpu, struct cpu_slice *s, const int32_t **labels)
{
#define OFFSET(name) (int32_t)((char *)&&L_##name - (char *)&&L_decode)
	static const int32_t table[PPC_KINDS] = {
#define INSN(id, name, mask, match, form, operands, flags, how) OFFSET(id), OFFSET(id),
#define INSN_RC(id, name, mask, match, form, operands, flags, how) OFFSET(id), OFFSET(id##_rc),
#include "src/cpu/ppc.def"
#undef INSN
#undef INSN_RC
#define VARIANT(name) OFFSET(name),
#include "src/cpu/variants.def"
#undef VARIANT
	};
	if (!cpu) {
		*labels = table;
		return CPU_BUDGET;
	}
	struct ppc_exec *const x = &cpu->x;
	struct ppc_context *const c = s->ctx;
	uint8_t *const base = x->mem->base;
	const uint8_t *const attr = x->mem->attr;
	int64_t left = (int64_t)s->budget;
	struct code_page *page;
	struct ppc_op *op;
	enum cpu_exit exit;
	uint32_t pc = c->pc & ~3u;

	page = code_page_get(cpu, pc);
	if (!page)
		goto fetch;
	op = &page->ops[pc / 4 % CODE_OPS];
	if (!s->skip_break || !cpu_break_at(cpu, pc))
		ENTER;
	if (!op->run)
		code_decode(cpu, op);
	if (left < op->run) {
		cut_set(cpu, op, left);
		left = 0;
	} else {
		left -= op->run;
	}
	goto *(void *)((char *)&&L_decode + table[op->kind]);

#include "src/cpu/hot_int.h"
#include "src/cpu/hot_branch.h"
#include "src/cpu/hot_mem.h"

/* Rows with handlers. HOW_FN(f) is two arguments, so that GENERATE sees kind and function apart. */
#define HOW_HOT HOT, none
#define HOW_FN(f) FN, f
#define HOW_FX(f) FX, f
#define GENERATE(id, flags, ...) GENERATE_ROW(id, flags, __VA_ARGS__)
#define GENERATE_ROW(id, flags, kind, f) ROW_##kind(id, flags, f)
#define ROW_HOT(id, flags, f)
#define ROW_FN(id, flags, f) \
	L_##id: \
		f(c, op); \
		NEXT;
#define ROW_FX(id, flags, f) \
	L_##id: \
		if (UNLIKELY(!f(c, op, x))) \
			goto fault; \
		goto attend;
#define GENERATE_RC(id, flags, ...) GENERATE_ROW_RC(id, flags, __VA_ARGS__)
#define GENERATE_ROW_RC(id, flags, kind, f) ROW_RC_##kind(id, flags, f)
#define ROW_RC_HOT(id, flags, f)
#define ROW_RC_FN(id, flags, f) \
	ROW_FN(id, flags, f) \
	L_##id##_rc: \
		f(c, op); \
		RECORD(flags); \
		NEXT;
#define INSN(id, name, mask, match, form, operands, flags, how) GENERATE(id, flags, HOW_##how)
#define INSN_RC(id, name, mask, match, form, operands, flags, how) GENERATE_RC(id, flags, HOW_##how)
#include "src/cpu/ppc.def"
#undef INSN
#undef INSN_RC

/* ---- the engine's own labels ------------------------------------------------------------------------------------ */

L_decode:
	code_decode(cpu, op);
	ENTER;
L_page_end:
	page = code_page_of(cpu, op);
	DISPATCH((page->number + 1) << MEM_PAGE_SHIFT);
L_mfspr:
L_mtspr:
L_mftb:
L_privileged:
	x->exit = CPU_PRIVILEGED;
	goto fault;
L_illegal:
	x->exit = CPU_ILLEGAL;
	goto fault;
L_break:
	x->exit = CPU_BREAK;
	goto fault;
L_cut:
	exit = CPU_BUDGET;
	pc = code_pc(cpu, op);
	goto done;

over: /* the budget does not reach to the end of the block at op */
	left += op->run;
	if (!left) {
		exit = CPU_BUDGET;
		pc = code_pc(cpu, op);
		goto done;
	}
	cut_set(cpu, op, left);
	left = 0;
	GO;

fetch: /* no decoded page at pc */
	page = code_page_get(cpu, pc);
	if (page)
		DISPATCH(pc);
	exit = left ? CPU_FETCH : CPU_BUDGET;
	goto done;

attend: /* behind an instruction that took a slow path */
	if (LIKELY(!x->attention))
		NEXT;
	left += charged(x, op) - 1;
	pc = code_pc(cpu, op) + 4;
	x->attention = false;
	cut_clear(x);
	if (!x->stop_asked)
		DISPATCH(pc);
	exit = CPU_STOP;
	goto done;

fault: /* op has not been executed */
	left += charged(x, op);
	pc = code_pc(cpu, op);
	exit = x->exit;

done:
	cut_clear(x);
	c->pc = pc;
	s->used = s->budget - (uint64_t)left;
	return exit;
}
