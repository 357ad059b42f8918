/* kernel/ke_stack.c - the calling thread's stack and process type: fibers, and RtlGetStackLimits. */
#include "config.h"

#include "kernel/call.h"
#include "kernel/handlers.h"
#include "kernel/rows.h"
#include "kernel/stop.h"

/* xboxkrnl 0x09B: (sp, thread, alloc_base, base, limit): the caller goes on with another stack, as fibers do. The stack that the
 * kernel gave the thread stays its own, and is freed with it. facts: kernel semantics, "Threads". */
void k_KeSetCurrentStackPointers(struct machine *m, struct call *c)
{
	struct w_thread *t = thread_row(m, c->thread);
	uint32_t k = t->kthread_ga, pcr = hw_peek(m, t->hw)->kpcr_ga;
	if (arg32(c, 1) != k) {
		stop_unsupported(m, c, "sets the stack of another thread: ");
		return;
	}
	t->stack_base = arg32(c, 3);
	t->stack_limit = arg32(c, 4);
	mem_put32(&m->mem, GA(k, g_kthread, stack_alloc_base), arg32(c, 2));
	mem_put32(&m->mem, GA(k, g_kthread, stack_base), arg32(c, 3));
	mem_put32(&m->mem, GA(k, g_kthread, stack_limit), arg32(c, 4));
	mem_put32(&m->mem, GA(pcr, g_kpcr, stack_base_ptr), arg32(c, 3));
	mem_put32(&m->mem, GA(pcr, g_kpcr, stack_end_ptr), arg32(c, 4));
	context_row(m, c->thread)->gpr[1] = arg32(c, 0);
}

/* xboxkrnl 0x12A, as NT's: the low end, then the high end, of the stack that is in use. */
void k_RtlGetStackLimits(struct machine *m, struct call *c)
{
	uint32_t pcr = hw_peek(m, thread_peek(m, c->thread)->hw)->kpcr_ga;
	out32(m, c, arg32(c, 0), mem_get32(&m->mem, GA(pcr, g_kpcr, stack_end_ptr)));
	out32(m, c, arg32(c, 1), mem_get32(&m->mem, GA(pcr, g_kpcr, stack_base_ptr)));
}

/* xboxkrnl 0x09A: 0 idle, 1 title, 2 system; in a DPC the hardware thread's own. facts: kernel semantics, "Misc boot path". */
void k_KeSetCurrentProcessType(struct machine *m, struct call *c)
{
	const struct w_thread *t = thread_peek(m, c->thread);
	uint32_t pcr = hw_peek(m, t->hw)->kpcr_ga;
	if (mem_get32(&m->mem, GA(pcr, g_kpcr, prcb_data.dpc_active)))
		mem_put8(&m->mem, GA(pcr, g_kpcr, processtype_value_in_dpc), (uint8_t)arg32(c, 0));
	else
		mem_put8(&m->mem, GA(t->kthread_ga, g_kthread, process_type), (uint8_t)arg32(c, 0));
}
