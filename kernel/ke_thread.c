/* kernel/ke_thread.c - Ke*, Kf*: threads by pointer, TLS, IRQL, spin locks, time, bugchecks. */
#include "config.h"

#include <stdio.h>

#include "kernel/args.h"
#include "kernel/emit.h"
#include "kernel/handlers.h"
#include "kernel/rows.h"
#include "kernel/seh.h"
#include "kernel/sched.h"
#include "kernel/stop.h"
#include "kernel/thread.h"
#include "kernel/vars.h"


/* ---- threads ------------------------------------------------------------------------------------------------------------------- */

void k_KeSuspendThread(struct machine *m, struct call *c)
{
	uint32_t thread = arg_thread(m, c, arg32(c, 0));
	if (!thread)
		return;
	uint32_t previous = thread_suspend(m, c->thread, thread);
	if (previous == UINT32_MAX)
		raise_status(m, c, NT_SUSPEND_COUNT_EXCEEDED);
	else
		call_return(c, previous);
}

void k_KeResumeThread(struct machine *m, struct call *c)
{
	uint32_t thread = arg_thread(m, c, arg32(c, 0));
	if (thread)
		call_return(c, thread_resume(m, c->thread, thread));
}

/* The previous mask goes through the pointer; the highest bit of the new one counts. */
void k_KeSetAffinityThread(struct machine *m, struct call *c)
{
	uint32_t mask = arg32(c, 1) & ((1u << HW_THREADS) - 1), thread = arg_thread(m, c, arg32(c, 0));
	if (!thread)
		return;
	if (!mask) {
		call_return(c, NT_INVALID_PARAMETER);
		return;
	}
	uint32_t old = thread_peek(m, thread)->hw, hw = 31u - (uint32_t)__builtin_clz(mask);
	out32(m, c, arg32(c, 2), 1u << old);
	if (c->faulted || hw == old)
		return;
	emit_thread(m, EV_THREAD_PRIORITY, c->thread, thread, 1u << old, 1u << hw);
	sched_move(m, thread, hw);
}

void k_KeSetBasePriorityThread(struct machine *m, struct call *c)
{
	uint32_t thread = arg_thread(m, c, arg32(c, 0));
	if (!thread)
		return;
	call_return(c, (uint32_t)thread_base_increment(m, thread));
	thread_base_set(m, c->thread, thread, (int32_t)arg32(c, 1));
}

void k_KeQueryBasePriorityThread(struct machine *m, struct call *c)
{
	uint32_t thread = arg_thread(m, c, arg32(c, 0));
	if (thread)
		call_return(c, (uint32_t)thread_base_increment(m, thread));
}

/* xboxkrnl 0x0A3, as NT's: the dynamic priority; the old one is returned. */
void k_KeSetPriorityThread(struct machine *m, struct call *c)
{
	uint32_t thread = arg_thread(m, c, arg32(c, 0));
	if (!thread)
		return;
	if (arg32(c, 1) >= PRIORITIES) {
		call_return(c, thread_peek(m, thread)->priority);
		return;
	}
	struct w_thread *t = thread_row(m, thread);
	call_return(c, t->priority);
	emit_thread(m, EV_THREAD_PRIORITY, c->thread, thread, t->priority, arg32(c, 1));
	sched_priority(m, thread, (uint8_t)arg32(c, 1));
	sched_quantum_reload(m, thread);
}

/* xboxkrnl 0x051, as NT's: a boost that no signal brings, with a full quantum. */
void k_KeBoostPriorityThread(struct machine *m, struct call *c)
{
	uint32_t thread = arg_thread(m, c, arg32(c, 0));
	if (!thread)
		return;
	uint8_t old = thread_peek(m, thread)->priority;
	sched_boost(m, thread, (int32_t)arg32(c, 1));
	if (thread_peek(m, thread)->priority != old)
		sched_quantum_reload(m, thread);
}

/* xboxkrnl 0x09C: the old setting is returned. */
void k_KeSetDisableBoostThread(struct machine *m, struct call *c)
{
	uint32_t thread = arg_thread(m, c, arg32(c, 0));
	if (!thread)
		return;
	uint32_t ga = GA(thread_peek(m, thread)->kthread_ga, g_kthread, boost_disabled);
	call_return(c, mem_get8(&m->mem, ga));
	mem_put8(&m->mem, ga, (uint8_t)arg32(c, 1) != 0);
}

void k_KeGetCurrentProcessType(struct machine *m, struct call *c)
{
	const struct w_thread *t = thread_peek(m, c->thread);
	uint32_t pcr = hw_peek(m, t->hw)->kpcr_ga;
	bool in_dpc = mem_get32(&m->mem, GA(pcr, g_kpcr, prcb_data.dpc_active)) != 0;
	call_return(c, mem_get8(&m->mem, in_dpc ? GA(pcr, g_kpcr, processtype_value_in_dpc) : GA(t->kthread_ga, g_kthread, process_type)));
}

/* ---- TLS -------------------------------------------------------------------------------------------------------------------------- */

void k_KeTlsAlloc(struct machine *m, struct call *c)
{
	call_return(c, tls_alloc(m, c->thread));
}

void k_KeTlsFree(struct machine *m, struct call *c)
{
	call_return(c, tls_free(m, arg32(c, 0)));
}

void k_KeTlsGetValue(struct machine *m, struct call *c)
{
	uint32_t value = 0;
	call_return(c, tls_get(m, c->thread, arg32(c, 0), &value) ? value : 0);
}

void k_KeTlsSetValue(struct machine *m, struct call *c)
{
	call_return(c, tls_set(m, c->thread, arg32(c, 0), arg32(c, 1)));
}

/* ---- critical regions and IRQL -------------------------------------------------------------------------------------------------- */

static void apc_disable_add(struct machine *m, struct call *c, uint32_t n)
{
	uint32_t ga = GA(thread_peek(m, c->thread)->kthread_ga, g_kthread, apc_disable_count);
	mem_put32(&m->mem, ga, mem_get32(&m->mem, ga) + n);
}

void k_KeEnterCriticalRegion(struct machine *m, struct call *c)
{
	apc_disable_add(m, c, UINT32_MAX);
}

void k_KeLeaveCriticalRegion(struct machine *m, struct call *c)
{
	apc_disable_add(m, c, 1);
}

void k_KfRaiseIrql(struct machine *m, struct call *c)
{
	call_return(c, sched_irql(m, c->thread));
	sched_irql_set(m, c->thread, (uint8_t)arg32(c, 0));
}

void k_KeRaiseIrqlToDpcLevel(struct machine *m, struct call *c)
{
	call_return(c, sched_irql(m, c->thread));
	sched_irql_set(m, c->thread, IRQL_DISPATCH);
}

void k_KfLowerIrql(struct machine *m, struct call *c)
{
	sched_irql_set(m, c->thread, (uint8_t)arg32(c, 0));
}

/* ---- spin locks: 0 = free, else the owner's KPCR ----------------------------------------------------------------------------------- */

static bool spin_take(struct machine *m, struct call *c)
{
	uint32_t word = in32(m, c, arg32(c, 0));
	if (word || c->faulted)
		return c->faulted;
	out32(m, c, arg32(c, 0), hw_peek(m, thread_peek(m, c->thread)->hw)->kpcr_ga);
	return true;
}

/* Taken by somebody else: the call is made again and again, an instruction each time, till the owner lets go. */
static void spin(struct machine *m, struct call *c)
{
	thread_row(m, c->thread)->spinning = 1;
	context_row(m, c->thread)->pc -= 4;
	c->parked = true;
}

void k_KeAcquireSpinLockAtRaisedIrql(struct machine *m, struct call *c)
{
	if (!spin_take(m, c))
		spin(m, c);
}

void k_KfAcquireSpinLock(struct machine *m, struct call *c)
{
	struct w_thread *t = thread_row(m, c->thread);
	if (!t->spinning) {
		t->cont_arg[0] = sched_irql(m, c->thread);
		sched_irql_set(m, c->thread, IRQL_DISPATCH);
	}
	if (spin_take(m, c))
		call_return(c, t->cont_arg[0]);
	else
		spin(m, c);
}

void k_KeTryToAcquireSpinLockAtRaisedIrql(struct machine *m, struct call *c)
{
	call_return(c, spin_take(m, c));
}

void k_KeReleaseSpinLockFromRaisedIrql(struct machine *m, struct call *c)
{
	out32(m, c, arg32(c, 0), 0);
}

void k_KfReleaseSpinLock(struct machine *m, struct call *c)
{
	out32(m, c, arg32(c, 0), 0);
	if (arg32(c, 1) < IRQL_DISPATCH)
		sched_irql_set(m, c->thread, (uint8_t)arg32(c, 1));
}

/* ---- time ---------------------------------------------------------------------------------------------------------------------------- */

void k_KeQuerySystemTime(struct machine *m, struct call *c)
{
	out64(m, c, arg32(c, 0), machine_row(m)->boot_time + machine_ticks(m) / TICKS_PER_100NS);
}

void k_KeQueryInterruptTime(struct machine *m, struct call *c)
{
	call_return(c, machine_ticks(m) / TICKS_PER_100NS);
}

void k_KeQueryPerformanceFrequency(struct machine *m, struct call *c)
{
	call_return(c, TICKS_PER_SECOND);
}

/* ---- the end ------------------------------------------------------------------------------------------------------------------------- */

void bugcheck(struct machine *m, struct call *c, uint32_t code, const char *text)
{
	struct w_machine *w = machine_row_mut(m);
	w->ended = 2;
	w->exit_status = code;
	c->parked = true;
	stop_plain(m, STOP_BUGCHECK, c->thread, code, text);
}

void k_KeBugCheckEx(struct machine *m, struct call *c)
{
	char text[100];
	vars_bugcheck(m, arg32(c, 0), (const uint32_t[4]){ arg32(c, 1), arg32(c, 2), arg32(c, 3), arg32(c, 4) });
	snprintf(text, sizeof text, "bugcheck %08x (%x, %x, %x, %x) from %08x", arg32(c, 0), arg32(c, 1), arg32(c, 2), arg32(c, 3),
	         arg32(c, 4), c->lr);
	bugcheck(m, c, arg32(c, 0), text);
}

void k_KeBugCheck(struct machine *m, struct call *c)
{
	char text[64];
	vars_bugcheck(m, arg32(c, 0), (const uint32_t[4]){ 0 });
	snprintf(text, sizeof text, "bugcheck %08x from %08x", arg32(c, 0), c->lr);
	bugcheck(m, c, arg32(c, 0), text);
}

void raise_status(struct machine *m, struct call *c, uint32_t status)
{
	const struct g_exception_record r = { .code = be32_of(status), .exception_flags = be32_of(EXCEPTION_NONCONTINUABLE) };
	seh_raise(m, c, 0, &r);
}
