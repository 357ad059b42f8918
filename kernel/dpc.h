/* kernel/dpc.h - deferred procedure calls: guest code that interrupts whatever its hardware thread does (facts: kernel semantics, "IRQL, spin
 * locks, APC, DPC").
 *
 * A DPC is queued to a hardware thread: the one that its KDPC names (its number + 1; 0 = where it is queued; what a timer queues and nobody has
 * named goes to hardware thread 0, which takes the clock's interrupt). As soon as that one is below IRQL 2, between two instructions, its thread
 * gives way and the routine (KDPC*, context, arg1, arg2) runs at IRQL 2 on a stack of the hardware thread's own, with KPCR.dpc_active set, till it
 * returns to TRAP_DPC; then the next one, then the threads again. It runs in a row of "thread" that is no thread: tid 0, no object, in no list.
 * It cannot wait: trying to is a bugcheck.
 * The routines of devices' interrupts run in the same way and in the same queue, without a KDPC.
 */
#ifndef KERNEL_DPC_H
#define KERNEL_DPC_H

#include "kernel/machine.h"

void dpcs_layout(struct machine *m);

/**
 * Queues the KDPC at @ga; @by acts (0 = a timer).
 * @return false: it is queued already, or cannot be read; nothing has changed. Emits: EV_DPC_QUEUE.
 */
bool dpc_insert(struct machine *m, uint32_t by, uint32_t ga, uint32_t arg1, uint32_t arg2);
/** Takes it back; false: it is not queued (it may be running). Emits: EV_DPC_REMOVE. */
bool dpc_remove(struct machine *m, uint32_t by, uint32_t ga);

/**
 * Queues an interrupt to @hw: its @routine runs with r3 = @a, r4 = @b. False: the same one is still queued, or there is no room; nothing
 * has changed. Emits: when it begins, EV_INTERRUPT.
 */
bool interrupt_raise(struct machine *m, uint32_t hw, uint32_t routine, uint32_t a, uint32_t b);

/** Does @hw have one to run, or to go on with? */
static inline bool dpc_wanted(const struct w_hw *h)
{
	return h->dpc_first || h->dpc_active;
}
/** The row of @hw's DPC that runs or begins now, 0 = none may. Emits: EV_DPC_DELIVER. */
uint32_t dpc_pick(struct machine *m, uint32_t hw);
/** Its routine has returned to TRAP_DPC. */
void dpc_returned(struct machine *m, uint32_t thread);
/** The row stands for a hardware thread's DPC, not for a thread. */
static inline bool thread_is_dpc(const struct w_thread *t)
{
	return !t->tid;
}
/** The DPC that thread row @thread runs tries to wait, or to end as a thread does: the title has bugchecked. */
void dpc_misused(struct machine *m, uint32_t thread);

static inline const struct w_dpc *dpc_peek(const struct machine *m, uint32_t row)
{
	return arena_peek(&m->world, m->t_dpc, row);
}

#endif
