/* kernel/apc.c - see apc.h */
#include "config.h"

#include "kernel/apc.h"

#include "kernel/emit.h"
#include "kernel/ntstatus.h"
#include "kernel/object.h"
#include "kernel/pool.h"
#include "kernel/rows.h"
#include "kernel/sched.h"
#include "kernel/stop.h"
#include "kernel/thread.h"
#include "kernel/wait.h"

#define APCS_MAX (1u << 18)
#define FRAMES_MAX (1u << 12)
#define APC_TYPE 18
#define ALERT_INCREMENT 2 /* NT's */
/* Stack between the interrupted code and a routine: all that a leaf or a prologue may have below r1 (18 GPRs, 18 FPRs, 64 VMX
 * registers: facts, "MS PPC ABI"), and the routine's parameter area. */
#define STACK_ROOM 0x600u
#define SCRATCH 0x50u /* above r1: routine, context, arg1, arg2, for the kernel routine to change */

void apcs_layout(struct machine *m)
{
	m->t_apc = arena_table_add(&m->world, "apc", sizeof(struct w_apc), APCS_MAX);
	m->t_apc_frame = arena_table_add(&m->world, "apc.frame", sizeof(struct w_apc_frame), FRAMES_MAX);
	m->t_apc_context = arena_table_add(&m->world, "apc.context", sizeof(struct ppc_context), FRAMES_MAX);
}

static struct w_apc *apc_row(struct machine *m, uint32_t row)
{
	return arena_row(&m->world, m->t_apc, row);
}

static struct w_apc_frame *frame_row(struct machine *m, uint32_t row)
{
	return arena_row(&m->world, m->t_apc_frame, row);
}

static const struct w_apc_frame *frame_peek(const struct machine *m, uint32_t row)
{
	return arena_peek(&m->world, m->t_apc_frame, row);
}

/* ---- the KTHREAD's fields ------------------------------------------------------------------------------------------------ */

#define KTHREAD_GET8(m, thread, field) mem_get8(&(m)->mem, GA(thread_peek(m, thread)->kthread_ga, g_kthread, field))
#define KTHREAD_PUT8(m, thread, field, v) mem_put8(&(m)->mem, GA(thread_peek(m, thread)->kthread_ga, g_kthread, field), v)

static bool user_pending(const struct machine *m, uint32_t thread)
{
	return KTHREAD_GET8(m, thread, user_apc_pending) != 0;
}

static bool alerted(const struct machine *m, uint32_t thread, unsigned mode)
{
	return KTHREAD_GET8(m, thread, alerted[mode]) != 0;
}

/* ---- queues -------------------------------------------------------------------------------------------------------------- */

static void put32(struct machine *m, uint32_t ga, uint32_t v)
{
	be32 b = be32_of(v);
	object_put(m, ga, &b, sizeof b);
}

/* The list entry that row @row has in guest memory; of 0 the list's head. */
static uint32_t entry_ga(const struct machine *m, uint32_t thread, unsigned mode, uint32_t row)
{
	return row ? GA(apc_peek(m, row)->ga, g_kapc, list_entry)
		   : GA(thread_peek(m, thread)->kthread_ga, g_kthread, apc_lists[mode]);
}

static void guest_link(struct machine *m, uint32_t from, uint32_t to)
{
	put32(m, GA(from, g_list_entry, flink), to);
	put32(m, GA(to, g_list_entry, blink), from);
}

static void list_insert(struct machine *m, uint32_t row, uint32_t next)
{
	struct w_apc *a = apc_row(m, row);
	struct w_thread *t = thread_row(m, a->thread);
	uint32_t prev = next ? apc_peek(m, next)->prev : t->apc_last[a->mode];
	a->next = next;
	a->prev = prev;
	*(prev ? &apc_row(m, prev)->next : &t->apc_first[a->mode]) = row;
	*(next ? &apc_row(m, next)->prev : &t->apc_last[a->mode]) = row;
	guest_link(m, entry_ga(m, a->thread, a->mode, prev), entry_ga(m, a->thread, a->mode, row));
	guest_link(m, entry_ga(m, a->thread, a->mode, row), entry_ga(m, a->thread, a->mode, next));
}

/* Out of its queue; the row is free afterwards, and a KAPC of the kernel's own. */
static void list_remove(struct machine *m, uint32_t row)
{
	static const uint8_t no = 0;
	const struct w_apc a = *apc_peek(m, row);
	struct w_thread *t = thread_row(m, a.thread);
	*(a.prev ? &apc_row(m, a.prev)->next : &t->apc_first[a.mode]) = a.next;
	*(a.next ? &apc_row(m, a.next)->prev : &t->apc_last[a.mode]) = a.prev;
	guest_link(m, entry_ga(m, a.thread, a.mode, a.prev), entry_ga(m, a.thread, a.mode, a.next));
	object_put(m, GA(a.ga, g_kapc, enqueued), &no, sizeof no);
	arena_give(&m->world, m->t_apc, row);
	if (a.flags & APC_FREE)
		pool_free(m, a.ga, POOL_KERNEL);
}

/* Special kernel APCs stand before the first normal one. */
static uint32_t place(const struct machine *m, const struct w_apc *a)
{
	uint32_t row = a->special ? thread_peek(m, a->thread)->apc_first[APC_MODE_KERNEL] : 0;
	while (row && apc_peek(m, row)->special)
		row = apc_peek(m, row)->next;
	return row;
}

/* ---- what is due ----------------------------------------------------------------------------------------------------------- */

static const char *kernel_held(const struct machine *m, uint32_t thread, uint32_t row)
{
	if (sched_irql(m, thread) >= IRQL_APC)
		return "its thread is at IRQL 1 or above";
	if (apc_peek(m, row)->special)
		return NULL;
	if (KTHREAD_GET8(m, thread, executing_kernel_apc))
		return "its thread executes a normal kernel APC";
	if (mem_get32(&m->mem, GA(thread_peek(m, thread)->kthread_ga, g_kthread, apc_disable_count)))
		return "its thread is in a critical region";
	return NULL;
}

/* The kernel APC to deliver now, 0 = none. */
static uint32_t kernel_due(const struct machine *m, uint32_t thread)
{
	uint32_t row = thread_peek(m, thread)->apc_first[APC_MODE_KERNEL];
	return row && !kernel_held(m, thread, row) ? row : 0;
}

const char *apc_held_by(const struct machine *m, uint32_t row)
{
	const struct w_apc *a = apc_peek(m, row);
	const struct w_thread *t = thread_peek(m, a->thread);
	if (t->suspend_count)
		return "its thread is suspended";
	if (a->mode == APC_MODE_KERNEL)
		return kernel_held(m, a->thread, row);
	if (t->apc_user)
		return NULL;
	return !t->parked      ? "its thread does not wait"
	       : !t->alertable ? "its thread does not wait alertably"
			       : "its thread waits in kernel mode";
}

uint32_t apc_test(struct machine *m, uint32_t thread, uint8_t mode, bool alertable)
{
	struct w_thread *t = thread_row(m, thread);
	unsigned user = mode != APC_MODE_KERNEL;
	bool queued = user && t->apc_first[APC_MODE_USER];
	if (alertable && alerted(m, thread, user)) {
		KTHREAD_PUT8(m, thread, alerted[user], 0);
		return NT_ALERTED;
	}
	if (queued && (alertable || user_pending(m, thread))) {
		KTHREAD_PUT8(m, thread, user_apc_pending, 1);
		t->apc_user = 1;
		return NT_USER_APC;
	}
	if (alertable && alerted(m, thread, 0)) {
		KTHREAD_PUT8(m, thread, alerted[0], 0);
		return NT_ALERTED;
	}
	return 0;
}

/* ---- inserting ----------------------------------------------------------------------------------------------------------- */

void apc_fill(struct g_kapc *k, const struct machine *m, const struct apc_spec *spec)
{
	*k = (struct g_kapc){ .type = be16_of(APC_TYPE) };
	k->thread_ptr = be32_of(thread_peek(m, spec->thread)->kthread_ga);
	k->kernel_routine = be32_of(spec->kernel_routine);
	k->rundown_routine = be32_of(spec->rundown_routine);
	if (!spec->normal_routine)
		return; /* special: mode and context do not count */
	k->apc_mode = spec->mode != APC_MODE_KERNEL;
	k->normal_routine = be32_of(spec->normal_routine);
	k->normal_context = be32_of(spec->context);
}

/* What a new APC does to a thread that waits. */
static void wake(struct machine *m, uint32_t thread, int32_t increment)
{
	const struct w_thread *t = thread_peek(m, thread);
	if (!t->parked)
		return;
	if (kernel_due(m, thread)) {
		sched_boost(m, thread, increment);
		wait_interrupt(m, thread);
		return;
	}
	uint32_t nt = apc_test(m, thread, t->wait_mode, t->alertable);
	if (nt)
		wait_finish(m, thread, nt, increment);
}

bool apc_insert(struct machine *m, uint32_t by, uint32_t thread, uint32_t ga, uint32_t arg1, uint32_t arg2, int32_t increment,
	uint8_t flags)
{
	static const uint8_t yes = 1;
	struct g_kapc k;
	if (mem_peek(&m->mem, ga, &k, sizeof k) != MEM_OK || k.enqueued)
		return false;
	if (thread_peek(m, thread)->state == TS_TERMINATED || !KTHREAD_GET8(m, thread, may_queue_apcs))
		return false;
	uint32_t row = arena_take(&m->world, m->t_apc);
	if (!row)
		return false;
	struct w_apc *a = apc_row(m, row);
	*a = (struct w_apc){ .thread = thread, .ga = ga, .mode = k.apc_mode != APC_MODE_KERNEL, .flags = flags };
	a->special = !be32_get(k.normal_routine) && a->mode == APC_MODE_KERNEL;
	put32(m, GA(ga, g_kapc, arg1), arg1);
	put32(m, GA(ga, g_kapc, arg2), arg2);
	object_put(m, GA(ga, g_kapc, enqueued), &yes, sizeof yes);
	list_insert(m, row, place(m, a));
	emit_apc(m, EV_APC_QUEUE, by, row);
	wake(m, thread, increment);
	return true;
}

bool apc_queue_user(
	struct machine *m, uint32_t by, uint32_t thread, uint32_t routine, uint32_t context, uint32_t arg1, uint32_t arg2)
{
	struct g_kapc k;
	uint32_t ga = pool_alloc(m, sizeof k, POOL_KERNEL);
	if (!ga)
		return false;
	apc_fill(&k, m,
		&(struct apc_spec){ .thread = thread, .normal_routine = routine, .context = context, .mode = APC_MODE_USER });
	object_put(m, ga, &k, sizeof k);
	if (apc_insert(m, by, thread, ga, arg1, arg2, 0, APC_OWN | APC_FREE))
		return true;
	pool_free(m, ga, POOL_KERNEL);
	return false;
}

bool apc_remove(struct machine *m, uint32_t by, uint32_t thread, uint32_t ga)
{
	for (unsigned mode = APC_MODE_KERNEL; mode <= APC_MODE_USER; mode++)
		for (uint32_t row = thread_peek(m, thread)->apc_first[mode]; row; row = apc_peek(m, row)->next)
			if (apc_peek(m, row)->ga == ga) {
				emit_apc(m, EV_APC_REMOVE, by, row);
				list_remove(m, row);
				return true;
			}
	return false;
}

/* ---- alerts -------------------------------------------------------------------------------------------------------------- */

bool apc_alert(struct machine *m, uint32_t thread, uint8_t mode)
{
	unsigned user = mode != APC_MODE_KERNEL;
	const struct w_thread *t = thread_peek(m, thread);
	bool was = alerted(m, thread, user);
	if (was)
		return true;
	if (t->parked && t->alertable && user <= (unsigned)(t->wait_mode != APC_MODE_KERNEL))
		wait_finish(m, thread, NT_ALERTED, ALERT_INCREMENT);
	else
		KTHREAD_PUT8(m, thread, alerted[user], 1);
	return false;
}

bool apc_test_alert(struct machine *m, uint32_t thread, uint8_t mode)
{
	unsigned user = mode != APC_MODE_KERNEL;
	bool was = alerted(m, thread, user);
	if (was)
		KTHREAD_PUT8(m, thread, alerted[user], 0);
	else if (user && thread_peek(m, thread)->apc_first[APC_MODE_USER])
		KTHREAD_PUT8(m, thread, user_apc_pending, 1);
	return was;
}

/* ---- frames -------------------------------------------------------------------------------------------------------------- */

/* What the thread was about to do, in both directions. */
#define HELD_FIELDS(X) \
	X(deadline) \
	X(wait_since) \
	X(result) X(wait_first) X(wait_count) X(export_row) X(wait_all) X(alertable) X(wait_mode) X(wait_reason) X(cont) \
		X(in_call) X(spinning) X(apc_user) X(wait_held)

static void frame_push(struct machine *m, uint32_t thread, uint32_t row, const struct w_apc *a, uint32_t sp)
{
	struct w_thread *t = thread_row(m, thread);
	struct w_apc_frame *f = frame_row(m, row);
	arena_cover(&m->world, m->t_apc_context, row);
	struct ppc_context *saved = arena_row(&m->world, m->t_apc_context, row);
	*saved = *context_peek(m, thread);
	*f = (struct w_apc_frame){ .irql = sched_irql(m, thread), .mode = a->mode, .below = t->apc_frame, .sp = sp };
#define HOLD(field) \
	f->field = t->field; \
	t->field = 0;
	HELD_FIELDS(HOLD)
#undef HOLD
	memcpy(f->cont_arg, t->cont_arg, sizeof f->cont_arg);
	t->deadline = DEADLINE_NEVER;
	t->apc_frame = row;
}

/* The innermost APC is over, by itself or because its stack was left behind. */
static struct w_apc_frame frame_drop(struct machine *m, uint32_t thread)
{
	struct w_thread *t = thread_row(m, thread);
	uint32_t row = t->apc_frame;
	const struct w_apc_frame f = *frame_peek(m, row);
	if (f.mode == APC_MODE_KERNEL && f.normal)
		KTHREAD_PUT8(m, thread, executing_kernel_apc, 0);
	t->apc_frame = f.below;
	arena_give(&m->world, m->t_apc_frame, row);
	memset(arena_row(&m->world, m->t_apc_context, row), 0, sizeof(struct ppc_context));
	return f;
}

static void frame_pop(struct machine *m, uint32_t thread)
{
	struct w_thread *t = thread_row(m, thread);
	struct ppc_context *ctx = context_row(m, thread);
	*ctx = *(const struct ppc_context *)arena_peek(&m->world, m->t_apc_context, t->apc_frame);
	const struct w_apc_frame f = frame_drop(m, thread);
	ctx->gpr[13] = hw_peek(m, t->hw)->kpcr_ga; /* it may have moved */
#define RELEASE(field) t->field = f.field;
	HELD_FIELDS(RELEASE)
#undef RELEASE
	memcpy(t->cont_arg, f.cont_arg, sizeof t->cont_arg);
	sched_irql_set(m, thread, f.irql);
}

/* Frames whose stack the thread has left behind (a longjmp out of a routine): what they interrupted will never go on. */
static void frames_abandon(struct machine *m, uint32_t thread)
{
	while (thread_peek(m, thread)->apc_frame) {
		if (frame_peek(m, thread_peek(m, thread)->apc_frame)->sp >= (uint32_t)context_peek(m, thread)->gpr[1])
			return;
		wait_drop_held(m, frame_drop(m, thread).wait_first);
	}
}

/* ---- delivery ------------------------------------------------------------------------------------------------------------ */

static void enter(struct machine *m, uint32_t thread, uint32_t pc, enum trap trap, uint32_t sp, unsigned n, const uint32_t arg[])
{
	struct ppc_context *ctx = context_row(m, thread);
	ctx->pc = pc;
	ctx->lr = machine_row(m)->trap_ga + trap * 4;
	ctx->gpr[1] = sp;
	for (unsigned i = 0; i < n; i++)
		ctx->gpr[3 + i] = arg[i];
}

static void enter_normal(struct machine *m, uint32_t thread, const be32 call[4])
{
	struct w_apc_frame *f = frame_row(m, thread_peek(m, thread)->apc_frame);
	f->normal = 1;
	if (f->mode == APC_MODE_KERNEL)
		KTHREAD_PUT8(m, thread, executing_kernel_apc, 1);
	sched_irql_set(m, thread, IRQL_PASSIVE);
	const uint32_t arg[3] = { be32_get(call[1]), be32_get(call[2]), be32_get(call[3]) };
	enter(m, thread, be32_get(call[0]), TRAP_APC, f->sp, 3, arg);
}

/* A stack frame for a routine below what is in use; 0: no room, the machine stops. */
static uint32_t stack_frame(struct machine *m, uint32_t thread, const be32 call[4])
{
	uint32_t old = (uint32_t)context_peek(m, thread)->gpr[1], sp = (old - STACK_ROOM) & ~15u;
	be32 chain = be32_of(old);
	if (mem_write(&m->mem, sp, &chain, sizeof chain) == MEM_OK && mem_write(&m->mem, sp + SCRATCH, call, 16) == MEM_OK)
		return sp;
	stop_plain(m, STOP_FAULT, thread, 0, "no room on its stack for an APC");
	return 0;
}

static void deliver(struct machine *m, uint32_t thread, uint32_t row)
{
	struct g_kapc k;
	const struct w_apc a = *apc_peek(m, row);
	if (mem_peek(&m->mem, a.ga, &k, sizeof k) != MEM_OK) {
		stop_plain(m, STOP_FAULT, thread, 0, "the KAPC of an APC queued to it is no longer mapped");
		return;
	}
	const be32 call[4] = { k.normal_routine, k.normal_context, k.arg1, k.arg2 };
	frames_abandon(m, thread);
	uint32_t sp = stack_frame(m, thread, call), frame = sp ? arena_take(&m->world, m->t_apc_frame) : 0;
	if (!frame) {
		stop_plain(m, STOP_FAULT, thread, 0, "too many APCs within each other");
		return;
	}
	frame_push(m, thread, frame, &a, sp);
	emit_apc(m, EV_APC_DELIVER, thread, row);
	list_remove(m, row);
	mem_reserve_drop(&m->mem, thread_peek(m, thread)->hw);
	if (a.mode == APC_MODE_USER)
		KTHREAD_PUT8(m, thread, user_apc_pending, 0);
	if (a.flags & APC_OWN) {
		enter_normal(m, thread, call);
		return;
	}
	sched_irql_set(m, thread, IRQL_APC);
	const uint32_t arg[5] = { a.ga, sp + SCRATCH, sp + SCRATCH + 4, sp + SCRATCH + 8, sp + SCRATCH + 12 };
	enter(m, thread, be32_get(k.kernel_routine), TRAP_APC, sp, 5, arg);
}

bool apc_step(struct machine *m, uint32_t thread)
{
	struct w_thread *t = thread_row(m, thread);
	uint32_t row = kernel_due(m, thread);
	if (!row && !t->wait_held && t->apc_user) {
		row = t->apc_first[APC_MODE_USER];
		t->apc_user = row != 0;
	}
	if (!row && !t->wait_held)
		return false;
	m->acting = thread;
	if (row)
		deliver(m, thread, row);
	else
		wait_resume(m, thread);
	m->acting = 0;
	return true;
}

bool apc_returned(struct machine *m, uint32_t thread)
{
	be32 call[4];
	frames_abandon(m, thread);
	uint32_t frame = thread_peek(m, thread)->apc_frame, sp = (uint32_t)context_peek(m, thread)->gpr[1];
	if (!frame || frame_peek(m, frame)->sp != sp || frame_peek(m, frame)->mode == APC_MODE_CALL)
		return false;
	bool normal = frame_peek(m, frame)->normal;
	if (!normal && mem_peek(&m->mem, sp + SCRATCH, call, sizeof call) == MEM_OK && be32_get(call[0]))
		enter_normal(m, thread, call);
	else
		frame_pop(m, thread);
	return true;
}

const struct ppc_context *apc_held(const struct machine *m, uint32_t thread, uint32_t *frame)
{
	*frame = *frame ? frame_peek(m, *frame)->below : thread_peek(m, thread)->apc_frame;
	return *frame ? arena_peek(&m->world, m->t_apc_context, *frame) : NULL;
}

bool apc_call(struct machine *m, uint32_t thread, uint32_t pc, enum trap trap, unsigned n, const uint32_t arg[])
{
	static const be32 none[4];
	frames_abandon(m, thread);
	uint32_t sp = stack_frame(m, thread, none), frame = sp ? arena_take(&m->world, m->t_apc_frame) : 0;
	if (!frame) {
		stop_plain(m, STOP_FAULT, thread, 0, "too many calls within each other");
		return false;
	}
	frame_push(m, thread, frame, &(struct w_apc){ .mode = APC_MODE_CALL }, sp);
	mem_reserve_drop(&m->mem, thread_peek(m, thread)->hw);
	enter(m, thread, pc, trap, sp, n, arg);
	return true;
}

bool apc_call_end(struct machine *m, uint32_t thread, uint32_t *r3)
{
	frames_abandon(m, thread);
	uint32_t frame = thread_peek(m, thread)->apc_frame, sp = (uint32_t)context_peek(m, thread)->gpr[1];
	if (!frame || frame_peek(m, frame)->sp != sp || frame_peek(m, frame)->mode != APC_MODE_CALL)
		return false;
	*r3 = (uint32_t)context_peek(m, thread)->gpr[3];
	frame_pop(m, thread);
	return true;
}

/* ---- the thread's end ---------------------------------------------------------------------------------------------------- */

static void drop(struct machine *m, uint32_t row)
{
	emit_apc(m, EV_APC_RUNDOWN, apc_peek(m, row)->thread, row);
	list_remove(m, row);
}

/* Takes the first user APC from the queue; its rundown routine, 0 = none. */
static uint32_t rundown_routine(struct machine *m, uint32_t row)
{
	struct g_kapc k;
	const struct w_apc a = *apc_peek(m, row);
	bool known = mem_peek(&m->mem, a.ga, &k, sizeof k) == MEM_OK;
	drop(m, row);
	return known && !(a.flags & APC_OWN) ? be32_get(k.rundown_routine) : 0;
}

void apc_rundown(struct machine *m, uint32_t thread, uint32_t status)
{
	struct w_thread *t = thread_row(m, thread);
	t->exit_status = status;
	t->in_call = 0;
	KTHREAD_PUT8(m, thread, may_queue_apcs, 0);
	while (t->apc_first[APC_MODE_KERNEL])
		drop(m, t->apc_first[APC_MODE_KERNEL]);
	while (t->apc_first[APC_MODE_USER]) {
		const uint32_t row = t->apc_first[APC_MODE_USER], arg[1] = { apc_peek(m, row)->ga };
		uint32_t routine = rundown_routine(m, row);
		if (!routine)
			continue;
		enter(m, thread, routine, TRAP_RUNDOWN, ((uint32_t)context_peek(m, thread)->gpr[1] - STACK_ROOM) & ~15u, 1, arg);
		return;
	}
	thread_exit(m, thread, status);
}

void apc_thread_gone(struct machine *m, uint32_t thread)
{
	struct w_thread *t = thread_row(m, thread);
	KTHREAD_PUT8(m, thread, may_queue_apcs, 0);
	for (unsigned mode = APC_MODE_KERNEL; mode <= APC_MODE_USER; mode++)
		while (t->apc_first[mode])
			drop(m, t->apc_first[mode]);
	while (t->apc_frame)
		wait_drop_held(m, frame_drop(m, thread).wait_first);
	t->apc_user = 0;
}
