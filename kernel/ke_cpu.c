/* kernel/ke_cpu.c - Ke* about the processor itself: its cache, its floating-point unit. */
#include "config.h"

#include "kernel/call.h"
#include "kernel/handlers.h"
#include "kernel/rows.h"

/* xboxkrnl 0x06B, 0x06C: a part of the L2 cache is set aside for some memory, and given back. Both answer nothing; on the console they change
 * how fast memory is (so says another emulator, which leaves them out too), and here memory has one speed. */
void k_KeLockL2(struct machine *m, struct call *c)
{
	(void)m;
	(void)c;
}

void k_KeUnlockL2(struct machine *m, struct call *c)
{
	(void)m;
	(void)c;
}

/* xboxkrnl 0x05D: the thread's KTHREAD says so (another emulator's disassembly-derived note; the register that says it to the processor
 * it does not name). DEBT(fp-traps): the core never interrupts for an enabled floating-point exception. */
void k_KeEnableFpuExceptions(struct machine *m, struct call *c)
{
	mem_put8(&m->mem, GA(thread_peek(m, c->thread)->kthread_ga, g_kthread, fpu_exceptions_on), arg32(c, 0) != 0);
}
