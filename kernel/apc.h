/* kernel/apc.h - asynchronous procedure calls: queued to a thread, run by it as guest code, in between what it does.
 *
 * Kernel APCs run as soon as their thread is at IRQL 0: special ones (no normal routine) at once, normal ones one at a time and outside
 * critical regions; they interrupt a wait, which goes on afterwards. User APCs run when the thread waits alertably in user mode, all
 * of them, before the wait returns STATUS_USER_APC. An APC is: its kernel routine (KAPC*, routine*, context*, arg1*, arg2*) at IRQL 1, which may
 * clear the routine; then the normal routine (context, arg1, arg2) at IRQL 0. (facts: kernel semantics, "IRQL, spin locks, APC, DPC")
 *
 * The routines run on the thread's own stack and return to a trap address; what they interrupted is kept in rows of "apc.frame".
 */
#ifndef KERNEL_APC_H
#define KERNEL_APC_H

#include "kernel/guest.h"
#include "kernel/machine.h"
#include "kernel/rows.h"

#define APC_MODE_KERNEL 0u
#define APC_MODE_USER 1u
#define APC_MODE_CALL 2u              /* of a frame: no APC, but apc_call */

/** w_apc.flags */
#define APC_OWN 1u                    /* the kernel's own: no kernel or rundown routine is called */
#define APC_FREE 2u                   /* its KAPC is a block of the kernel's pool: freed when the APC leaves the queue */

void apcs_layout(struct machine *m);

/** Fills the KAPC at @ga as KeInitializeApc does. @thread is a thread row. */
struct apc_spec {
	uint32_t thread, kernel_routine, rundown_routine, normal_routine, context;
	uint8_t mode;
};
void apc_fill(struct g_kapc *k, const struct machine *m, const struct apc_spec *spec);
/**
 * Queues the KAPC at @ga (readable; its enqueued byte decides) to thread row @thread; @by acts (0 = a deadline). The thread may wake, boosted by @increment.
 * @return false: queued already, or the thread takes no more; nothing has changed. Emits: EV_APC_QUEUE.
 */
bool apc_insert(struct machine *m, uint32_t by, uint32_t thread, uint32_t ga, uint32_t arg1, uint32_t arg2, int32_t increment, uint8_t flags);
/** A user APC in a KAPC of the kernel's own making. False: no room, or the thread takes no more. */
bool apc_queue_user(struct machine *m, uint32_t by, uint32_t thread, uint32_t routine, uint32_t context, uint32_t arg1, uint32_t arg2);
/** Takes the KAPC at @ga from the queue of thread row @thread; false: it is in none. Emits: EV_APC_REMOVE. */
bool apc_remove(struct machine *m, uint32_t by, uint32_t thread, uint32_t ga);

/** At a wait's entry, when nothing can be had: NT_ALERTED, NT_USER_APC (they will be delivered before the call goes on) or 0. */
uint32_t apc_test(struct machine *m, uint32_t thread, uint8_t mode, bool alertable);
/** KeAlertThread: wakes an alertable wait with NT_ALERTED or leaves a mark. Returns the mark that was there. */
bool apc_alert(struct machine *m, uint32_t thread, uint8_t mode);
/** KeTestAlertThread: takes the mark; without one, user APCs become pending. */
bool apc_test_alert(struct machine *m, uint32_t thread, uint8_t mode);

/** Before the running @thread goes on: begins the next APC that is due, or goes on with the wait that one interrupted. False: nothing to do. */
bool apc_step(struct machine *m, uint32_t thread);
static inline bool apc_wanted(const struct w_thread *t) { return t->apc_first[APC_MODE_KERNEL] || t->apc_user || t->wait_held; }
/** The routine of an APC has returned to TRAP_APC. False: @thread executes none that stands there. */
bool apc_returned(struct machine *m, uint32_t thread);
/** Guest code is called on behalf of the running @thread, in between what it does: at @pc, with @n arguments, on its stack; it returns to @trap. What
 * the thread was about to do is kept. False: there is no room, and the machine stops. */
bool apc_call(struct machine *m, uint32_t thread, uint32_t pc, enum trap trap, unsigned n, const uint32_t arg[]);
/** That code has returned @r3: what was kept goes on. False: @thread is not in such a call. */
bool apc_call_end(struct machine *m, uint32_t thread, uint32_t *r3);
/** The registers of what the innermost APC or call of @thread interrupted (*@frame 0 at first; it counts), then of what that one was in. NULL = no more. */
const struct ppc_context *apc_held(const struct machine *m, uint32_t thread, uint32_t *frame);
/** The running @thread ends: no more APCs, rundown routines of its user APCs run (each comes back to TRAP_RUNDOWN, and so here), then thread_exit. */
void apc_rundown(struct machine *m, uint32_t thread, uint32_t status);
/** Called by thread_exit: frees what is left. */
void apc_thread_gone(struct machine *m, uint32_t thread);

static inline const struct w_apc *apc_peek(const struct machine *m, uint32_t row) { return arena_peek(&m->world, m->t_apc, row); }
/** Why a queued APC does not run when its thread next could; NULL = it will. Static. */
const char *apc_held_by(const struct machine *m, uint32_t row);

#endif
