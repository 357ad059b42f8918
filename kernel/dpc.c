/* kernel/dpc.c - see dpc.h */
#include "config.h"

#include "kernel/dpc.h"

#include "kernel/emit.h"
#include "kernel/object.h"
#include "kernel/rows.h"
#include "kernel/sched.h"
#include "kernel/stop.h"
#include "kernel/thread.h"

#define DPCS_MAX 0x1000u
#define ATTEMPTED_SWITCH_FROM_DPC 0xB8u
#define PROCESS_TITLE 1

void dpcs_layout(struct machine *m)
{
	m->t_dpc = arena_table_add(&m->world, "dpc", sizeof(struct w_dpc), DPCS_MAX);
}

static struct w_dpc *dpc_row(struct machine *m, uint32_t row)
{
	return arena_row(&m->world, m->t_dpc, row);
}

static void emit(struct machine *m, enum event_kind kind, uint32_t thread, uint32_t ga, const struct g_kdpc *k, uint32_t hw)
{
	emit_plain4(m, kind, thread, (uint64_t[4]){ be32_get(k->routine), ga, hw, be32_get(k->context) });
}

/* ---- queues -------------------------------------------------------------------------------------------------------------- */

/* The queued KDPC at @ga: its row, and *@before the one before it on its hardware thread's queue. */
static uint32_t find(const struct machine *m, uint32_t ga, uint32_t *before)
{
	for (uint32_t hw = 0; hw < HW_THREADS; hw++) {
		*before = 0;
		for (uint32_t row = hw_peek(m, hw)->dpc_first; row; *before = row, row = dpc_peek(m, row)->next)
			if (dpc_peek(m, row)->ga == ga && !dpc_peek(m, row)->interrupt)
				return row;
	}
	return 0;
}

static void unlink_row(struct machine *m, uint32_t row, uint32_t before)
{
	static const struct g_list_entry none;
	static const uint8_t no = 0;
	struct w_dpc *d = dpc_row(m, row);
	struct w_hw *h = hw_row(m, d->hw);
	*(before ? &dpc_row(m, before)->next : &h->dpc_first) = d->next;
	if (h->dpc_last == row)
		h->dpc_last = before;
	if (!d->interrupt) {
		object_put(m, GA(d->ga, g_kdpc, list_entry), &none, sizeof none);
		object_put(m, GA(d->ga, g_kdpc, selected_cpu_number), &no, sizeof no);
	}
	arena_give(&m->world, m->t_dpc, row);
}

static void link_row(struct machine *m, uint32_t row)
{
	struct w_hw *h = hw_row(m, dpc_peek(m, row)->hw);
	*(h->dpc_last ? &dpc_row(m, h->dpc_last)->next : &h->dpc_first) = row;
	h->dpc_last = row;
}

/* Numbers in a KDPC count hardware threads from 1.
 * DEBT(timer-dpc-hw): what a timer queues, and nobody has named a hardware thread for, goes to hardware thread 0. */
static uint32_t target(const struct machine *m, uint32_t by, const struct g_kdpc *k)
{
	if (k->desired_cpu_number && k->desired_cpu_number <= HW_THREADS)
		return k->desired_cpu_number - 1u;
	return by ? thread_peek(m, by)->hw : 0;
}

bool dpc_insert(struct machine *m, uint32_t by, uint32_t ga, uint32_t arg1, uint32_t arg2)
{
	struct g_kdpc k;
	uint32_t before, row;
	if (mem_peek(&m->mem, ga, &k, sizeof k) != MEM_OK || find(m, ga, &before) || !(row = arena_take(&m->world, m->t_dpc)))
		return false;
	struct w_dpc *d = dpc_row(m, row);
	d->ga = ga;
	d->hw = target(m, by, &k);
	struct w_hw *h = hw_row(m, d->hw);
	uint32_t list = GA(h->kpcr_ga, g_kpcr, prcb_data.queued_dpcs_list_head);
	link_row(m, row);
	k.selected_cpu_number = (uint8_t)(d->hw + 1);
	k.list_entry.flink = k.list_entry.blink =
		be32_of(list); /* not null: queued. The order of the queue is the world's affair */
	k.arg1 = be32_of(arg1);
	k.arg2 = be32_of(arg2);
	object_put(m, ga, &k, sizeof k);
	emit(m, EV_DPC_QUEUE, by, ga, &k, d->hw);
	return true;
}

bool dpc_remove(struct machine *m, uint32_t by, uint32_t ga)
{
	struct g_kdpc k;
	uint32_t before, row = find(m, ga, &before);
	if (!row)
		return false;
	if (mem_peek(&m->mem, ga, &k, sizeof k) != MEM_OK)
		memset(&k, 0, sizeof k);
	emit(m, EV_DPC_REMOVE, by, ga, &k, dpc_peek(m, row)->hw);
	unlink_row(m, row, before);
	return true;
}

bool interrupt_raise(struct machine *m, uint32_t hw, uint32_t routine, uint32_t a, uint32_t b)
{
	for (uint32_t row = hw_peek(m, hw)->dpc_first; row; row = dpc_peek(m, row)->next) {
		const struct w_dpc *d = dpc_peek(m, row);
		if (d->interrupt && d->ga == routine && d->arg[0] == a && d->arg[1] == b)
			return false;
	}
	uint32_t row = routine ? arena_take(&m->world, m->t_dpc) : 0;
	if (!row)
		return false;
	*dpc_row(m, row) = (struct w_dpc){ .hw = hw, .ga = routine, .interrupt = 1, .arg = { a, b } };
	link_row(m, row);
	return true;
}

/* ---- running --------------------------------------------------------------------------------------------------------------- */

static void bugcheck_now(struct machine *m, uint32_t thread, const char *text)
{
	struct w_machine *w = machine_row_mut(m);
	w->ended = 2;
	w->exit_status = ATTEMPTED_SWITCH_FROM_DPC;
	stop_plain(m, STOP_BUGCHECK, thread, ATTEMPTED_SWITCH_FROM_DPC, text);
}

void dpc_misused(struct machine *m, uint32_t thread)
{
	bugcheck_now(m, thread, "bugcheck ATTEMPTED_SWITCH_FROM_DPC: a DPC must not wait or end its thread");
}

/* The KPCR's view: in a DPC the thread that was interrupted is still the current one, or the idle one is. */
static void kpcr_enter(struct machine *m, uint32_t hw, uint32_t interrupted)
{
	const struct w_hw *h = hw_peek(m, hw);
	const struct w_thread *d = thread_peek(m, h->dpc_thread), *t = interrupted ? thread_peek(m, interrupted) : d;
	uint32_t pcr = h->kpcr_ga;
	mem_put8(&m->mem, GA(pcr, g_kpcr, current_irql), IRQL_DISPATCH);
	mem_put8(&m->mem, GA(pcr, g_kpcr, processtype_value_in_dpc), PROCESS_TITLE);
	mem_put32(&m->mem, GA(pcr, g_kpcr, prcb_data.dpc_active), 1);
	mem_put32(&m->mem, GA(pcr, g_kpcr, prcb_data.idle_thread), d->kthread_ga);
	mem_put32(&m->mem, GA(pcr, g_kpcr, prcb_data.current_thread), t->kthread_ga);
	mem_put32(&m->mem, GA(pcr, g_kpcr, tls_ptr), t->tls_ga);
	mem_put32(&m->mem, GA(pcr, g_kpcr, stack_base_ptr), d->stack_base);
	mem_put32(&m->mem, GA(pcr, g_kpcr, stack_end_ptr), d->stack_limit);
}

static void kpcr_leave(struct machine *m, uint32_t hw)
{
	uint32_t pcr = hw_peek(m, hw)->kpcr_ga;
	mem_put8(&m->mem, GA(pcr, g_kpcr, current_irql), IRQL_PASSIVE);
	mem_put32(&m->mem, GA(pcr, g_kpcr, prcb_data.dpc_active), 0);
	mem_put32(&m->mem, GA(pcr, g_kpcr, prcb_data.current_thread), 0);
}

static void deliver_interrupt(struct machine *m, uint32_t hw)
{
	struct w_hw *h = hw_row(m, hw);
	const struct w_dpc d = *dpc_peek(m, h->dpc_first);
	unlink_row(m, h->dpc_first, 0);
	thread_context_init(m, h->dpc_thread, d.ga, TRAP_DPC);
	struct ppc_context *ctx = context_row(m, h->dpc_thread);
	ctx->gpr[3] = d.arg[0];
	ctx->gpr[4] = d.arg[1];
	h->dpc_active = d.ga;
	h->dpc_interrupt = 1;
	emit_plain4(m, EV_INTERRUPT, h->dpc_thread, (uint64_t[4]){ d.ga, d.arg[0], hw, d.arg[1] });
}

/* The first of the queue: its routine is what the hardware thread runs next. False: it has stopped the run. */
static bool deliver(struct machine *m, uint32_t hw)
{
	if (dpc_peek(m, hw_peek(m, hw)->dpc_first)->interrupt) {
		deliver_interrupt(m, hw);
		return true;
	}
	struct w_hw *h = hw_row(m, hw);
	struct g_kdpc k;
	uint32_t ga = dpc_peek(m, h->dpc_first)->ga, thread = h->dpc_thread;
	bool readable = mem_peek(&m->mem, ga, &k, sizeof k) == MEM_OK;
	unlink_row(m, h->dpc_first, 0);
	if (!readable) {
		bugcheck_now(m, thread, "bugcheck: the memory of a queued DPC has been given back");
		return false;
	}
	thread_context_init(m, thread, be32_get(k.routine), TRAP_DPC);
	struct ppc_context *ctx = context_row(m, thread);
	ctx->gpr[3] = ga;
	ctx->gpr[4] = be32_get(k.context);
	ctx->gpr[5] = be32_get(k.arg1);
	ctx->gpr[6] = be32_get(k.arg2);
	h->dpc_active = ga;
	emit(m, EV_DPC_DELIVER, thread, ga, &k, hw);
	return true;
}

uint32_t dpc_pick(struct machine *m, uint32_t hw)
{
	struct w_hw *h = hw_row(m, hw);
	uint32_t only = machine_row(m)->only_thread; /* the user holds all others */
	if (h->dpc_active)
		return !only || only == h->dpc_thread ? h->dpc_thread : 0;
	if (only)
		return 0;
	if (h->current && sched_irql(m, h->current) >= IRQL_DISPATCH)
		return 0;
	if (!h->dpc_thread && !(h->dpc_thread = thread_create_dpc(m, hw))) {
		bugcheck_now(m, 0, "bugcheck: no memory for the stack of a DPC");
		return 0;
	}
	uint32_t interrupted = h->current;
	if (interrupted)
		sched_preempt(m, hw);
	kpcr_enter(m, hw, interrupted);
	return deliver(m, hw) ? h->dpc_thread : 0;
}

void dpc_returned(struct machine *m, uint32_t thread)
{
	uint32_t hw = thread_peek(m, thread)->hw;
	struct w_hw *h = hw_row(m, hw);
	h->dpc_active = h->dpc_interrupt = 0;
	if (!h->dpc_first || !deliver(m, hw))
		kpcr_leave(m, hw);
}
