/* kernel/ke_cpu.c - Ke* about the processor itself: its cache, its floating-point unit. */
#include "config.h"

#include "kernel/call.h"
#include "kernel/handlers.h"
#include "kernel/mm.h"
#include "kernel/rows.h"

/* xboxkrnl 0x06B, 0x06C: a part of the L2 cache is set aside for some memory, and given back; both answer 0. For memory that is there
 * (XPhysicalAlloc's) that changes how fast it is, and here memory has one speed. At MEM_LOCKED_CACHE there is none behind the cache (XPS: the
 * generated vertices never leave it): what is locked can be used, until it is unlocked. Sources: Xenia's map of memory and its KeLockL2; the
 * arguments (index, 7F100000, 128 or 256 KiB, ...) as a recompilation of two titles read them in their code. */
void k_KeLockL2(struct machine *m, struct call *c)
{
	uint32_t index = arg32(c, 0), ga = arg32(c, 1), size = arg32(c, 2), base = ga & ~(MEM_PAGE - 1);
	if (index >= L2_LOCKS || ga < MEM_LOCKED_CACHE || ga >= MEM_LOCKED_CACHE_END || !size || size > MEM_LOCKED_CACHE_END - ga)
		return;
	uint32_t bytes = (ga + size - base + MEM_PAGE - 1) & ~(MEM_PAGE - 1);
	if (machine_row(m)->cache_locked[index])
		return;
	if (mem_commit(&m->mem, base, bytes, MEM_PROT_R | MEM_PROT_W, MEM_OWNER_kernel, base) == ST_OK)
		machine_row_mut(m)->cache_locked[index] = base;
}

void k_KeUnlockL2(struct machine *m, struct call *c)
{
	uint32_t index = arg32(c, 0), base = index < L2_LOCKS ? machine_row(m)->cache_locked[index] : 0;
	if (!base)
		return;
	mem_release(&m->mem, base, mm_allocation_size(m, base), true);
	machine_row_mut(m)->cache_locked[index] = 0;
}

/* xboxkrnl 0x05D: the thread's KTHREAD says so (another emulator's disassembly-derived note; the register that says it to the processor
 * it does not name). DEBT(fp-traps): the core never interrupts for an enabled floating-point exception. */
void k_KeEnableFpuExceptions(struct machine *m, struct call *c)
{
	mem_put8(&m->mem, GA(thread_peek(m, c->thread)->kthread_ga, g_kthread, fpu_exceptions_on), arg32(c, 0) != 0);
}
