/* src/cpu/cpu.c - a core: its contexts' packed registers, its breakpoints, and the way into the interpreter.
 *
 * DEBT(interpreter-speed): integer code is over a third of qemu-ppc's speed with little room, and six threads that share a hardware
 * thread cost more than they may. */
#include "config.h"

#include "src/cpu/cpu.h"

#include <stdlib.h>

#include "src/cpu/engine.h"
#include "src/cpu/fp.h"

/* ---- contexts ------------------------------------------------------------------------------------------------------------ */

uint32_t ppc_cr(const struct ppc_context *c)
{
	uint32_t v = 0;
	for (unsigned i = 0; i < 8; i++)
		v = v << 4 | c->cr[i];
	return v;
}

void ppc_cr_set(struct ppc_context *c, uint32_t v)
{
	for (unsigned i = 0; i < 8; i++)
		c->cr[i] = v >> (28 - 4 * i) & 15;
}

uint32_t ppc_xer(const struct ppc_context *c)
{
	return (uint32_t)c->so << 31 | (uint32_t)c->ov << 30 | (uint32_t)c->ca << 29 | c->xer_count;
}

void ppc_xer_set(struct ppc_context *c, uint32_t v)
{
	c->so = v >> 31;
	c->ov = v >> 30 & 1;
	c->ca = v >> 29 & 1;
	c->xer_count = v & 127;
}

void ppc_context_reset(struct ppc_context *c)
{
	*c = (struct ppc_context){ .msr = 0x9030, .vrsave = UINT32_MAX, .vscr = PPC_VSCR_NJ };
}

/* ---- the core ------------------------------------------------------------------------------------------------------------- */

static void on_code_stored(void *ctx, uint32_t page)
{
	code_drop(ctx, page);
}

struct cpu *cpu_new(struct mem *mem, unsigned pages)
{
	struct cpu *cpu = xcalloc(1, sizeof *cpu);
	cpu->x.mem = mem;
	interp_labels(&cpu->labels);
	code_init(cpu, pages);
	mem->hooks.code_stored = on_code_stored;
	mem->hooks.code_ctx = cpu;
	return cpu;
}

void cpu_free(struct cpu *cpu)
{
	if (!cpu)
		return;
	code_flush(cpu);
	cpu->x.mem->hooks.code_stored = NULL;
	cpu->x.mem->hooks.code_ctx = NULL;
	code_fini(cpu);
	free(cpu->breaks);
	free(cpu);
}

void cpu_on_block(struct cpu *cpu, void (*entered)(void *ctx, uint32_t ga, unsigned count), void *ctx)
{
	cpu->entered = entered;
	cpu->entered_ctx = ctx;
}

enum cpu_exit cpu_run(struct cpu *cpu, struct cpu_slice *s)
{
	struct ppc_exec *x = &cpu->x;
	INVARIANT(s->budget >= 1 && s->budget <= INT64_MAX);
	x->slice = s;
	x->attention = x->stop_asked = false;
	s->insn = 0;
	uint32_t host = fp_enter(s->ctx);
	enum cpu_exit exit = interp_run(cpu);
	fp_leave(s->ctx, host);
	x->slice = NULL;
	if (exit == CPU_FAULT || exit == CPU_ILLEGAL || exit == CPU_PRIVILEGED || exit == CPU_TRAP)
		if (mem_fetch(x->mem, s->ctx->pc, &s->insn) != MEM_OK)
			s->insn = 0;
	return exit;
}

uint64_t cpu_in_loops(const struct cpu *cpu)
{
	return cpu->loop_instructions;
}

void cpu_stop(struct cpu *cpu)
{
	cpu->x.stop_asked = cpu->x.attention = true;
}

void cpu_flush(struct cpu *cpu)
{
	code_flush(cpu);
}

/* ---- breakpoints: a sorted list; the decoder puts the label `break` where one is -------------------------------- */

/** Position of @ga in the list, or where it would have to be. */
static size_t break_find(const struct cpu *cpu, uint32_t ga)
{
	size_t low = 0, high = cpu->n_breaks;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (cpu->breaks[mid] < ga)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

bool cpu_break_at(const struct cpu *cpu, uint32_t ga)
{
	size_t i = break_find(cpu, ga);
	return i < cpu->n_breaks && cpu->breaks[i] == ga;
}

void cpu_break_set(struct cpu *cpu, uint32_t ga)
{
	size_t i = break_find(cpu, ga);
	if (cpu_break_at(cpu, ga))
		return;
	if (cpu->n_breaks == cpu->max_breaks) {
		cpu->max_breaks = cpu->max_breaks ? 2 * cpu->max_breaks : 16;
		cpu->breaks = xrealloc(cpu->breaks, cpu->max_breaks * sizeof *cpu->breaks);
	}
	memmove(cpu->breaks + i + 1, cpu->breaks + i, (cpu->n_breaks - i) * sizeof *cpu->breaks);
	cpu->breaks[i] = ga;
	cpu->n_breaks++;
	code_relabel(cpu, ga);
}

void cpu_break_clear(struct cpu *cpu, uint32_t ga)
{
	size_t i = break_find(cpu, ga);
	if (!cpu_break_at(cpu, ga))
		return;
	cpu->n_breaks--;
	memmove(cpu->breaks + i, cpu->breaks + i + 1, (cpu->n_breaks - i) * sizeof *cpu->breaks);
	code_relabel(cpu, ga);
}
