/* kernel/thread.c - see thread.h */
#include "config.h"

#include "kernel/thread.h"

#include "kernel/apc.h"
#include "kernel/cache.h"
#include "kernel/emit.h"
#include "kernel/ke_queue.h"
#include "kernel/loader.h"
#include "kernel/mutant.h"
#include "kernel/ntstatus.h"
#include "kernel/object.h"
#include "kernel/pool.h"
#include "kernel/rows.h"
#include "kernel/sched.h"
#include "kernel/stall.h"
#include "kernel/standstill.h"
#include "kernel/timer.h"
#include "kernel/wait.h"

#define THREADS_MAX (1u << 14)
#define STACK_MIN 0x4000u
#define STACK_MAX 0x04000000u
#define STACK_HOME 0xF0u             /* KTHREAD.stack_kernel: r1 of a new thread lies this far under the stack's base */
#define STACK_ALIGN 0x10000u
#define DPC_STACK 0x4000u

void threads_layout(struct machine *m)
{
	m->t_thread = arena_table_add(&m->world, "thread", sizeof(struct w_thread), THREADS_MAX);
	m->t_context = arena_table_add(&m->world, "context", sizeof(struct ppc_context), THREADS_MAX);
}

uint32_t thread_by_tid(const struct machine *m, uint32_t tid)
{
	for (uint32_t row = 1; tid && row < arena_count(&m->world, m->t_thread); row++)
		if (thread_peek(m, row)->object && thread_peek(m, row)->tid == tid)
			return row;
	return 0;
}

/* ---- stacks and TLS ------------------------------------------------------------------------------------------------------ */

/* [guard page][limit ... base][guard page], rounded up to the heap's pages of 64 KiB. */
static bool stack_make(struct machine *m, struct w_thread *t, uint32_t size)
{
	uint32_t whole = (size + 2 * MEM_PAGE + STACK_ALIGN - 1) & ~(STACK_ALIGN - 1);
	uint32_t ga = mem_find_free(&m->mem, STACK_LOW, STACK_HIGH, whole, STACK_ALIGN, false);
	if (!ga || mem_reserve_range(&m->mem, ga, whole, 0, ga) != ST_OK)
		return false;
	cache_reclaim(m, size / MEM_PAGE);
	if (mem_commit(&m->mem, ga + MEM_PAGE, size, MEM_PROT_R | MEM_PROT_W, MEM_OWNER_stack, ga) != ST_OK) {
		mem_release(&m->mem, ga, whole, true);
		return false;
	}
	t->stack_alloc = ga;
	t->stack_alloc_size = whole;
	t->stack_limit = ga + MEM_PAGE;
	t->stack_base = t->stack_limit + size;
	return true;
}

/* [static data][slots] */
static bool tls_make(struct machine *m, struct w_thread *t)
{
	const struct w_machine *w = machine_row(m);
	t->tls_bytes = w->tls_size + w->tls_slots * 4;
	t->tls_ga = pool_alloc(m, t->tls_bytes, POOL_KERNEL);
	if (!t->tls_ga)
		return false;
	for (uint32_t i = 0; i < w->tls_raw_size; i++) {
		uint8_t byte;
		if (mem_peek(&m->mem, w->tls_ga + i, &byte, 1) == MEM_OK)
			mem_put8(&m->mem, t->tls_ga + i, byte);
	}
	return true;
}

static void memory_free(struct machine *m, struct w_thread *t)
{
	if (t->stack_alloc)
		mem_release(&m->mem, t->stack_alloc, t->stack_alloc_size, true);
	if (t->tls_ga)
		pool_free(m, t->tls_ga, POOL_KERNEL);
	t->stack_alloc = t->stack_alloc_size = t->stack_base = t->stack_limit = t->tls_ga = t->tls_bytes = 0;
}

/* ---- birth --------------------------------------------------------------------------------------------------------------- */

static void list_init(struct machine *m, uint32_t ga)
{
	mem_put32(&m->mem, ga, ga);
	mem_put32(&m->mem, ga + 4, ga);
}

/* KTHREAD's timeout timer and wait block, as the console's kernel leaves them. */
static void kthread_timeout_init(struct machine *m, uint32_t k)
{
	uint32_t timer = GA(k, g_kthread, wait_timeout_timer), block = GA(k, g_kthread, wait_timeout_block);
	mem_put8(&m->mem, GA(timer, g_ktimer, header.type), 8);
	mem_put8(&m->mem, GA(timer, g_ktimer, header.size), sizeof(struct g_ktimer) / 4);
	mem_put32(&m->mem, GA(timer, g_ktimer, header.wait_list_flink), block);
	mem_put32(&m->mem, GA(timer, g_ktimer, header.wait_list_blink), block);
	mem_put32(&m->mem, GA(block, g_kwait_block, wait_list_entry.flink), GA(timer, g_ktimer, header.wait_list_flink));
	mem_put32(&m->mem, GA(block, g_kwait_block, wait_list_entry.blink), GA(timer, g_ktimer, header.wait_list_flink));
	mem_put32(&m->mem, GA(block, g_kwait_block, thread), k);
	mem_put32(&m->mem, GA(block, g_kwait_block, object), timer);
	mem_put16(&m->mem, GA(block, g_kwait_block, wait_result_xstatus), NT_TIMEOUT);
	mem_put16(&m->mem, GA(block, g_kwait_block, wait_type), 1);
}

static void kthread_init(struct machine *m, const struct w_thread *t)
{
	struct mem *mem = &m->mem;
	uint32_t k = t->kthread_ga, prcb = GA(hw_peek(m, t->hw)->kpcr_ga, g_kpcr, prcb_data);
	list_init(m, GA(k, g_kthread, mutants_list));
	kthread_timeout_init(m, k);
	mem_put32(mem, GA(k, g_kthread, stack_base), t->stack_base);
	mem_put32(mem, GA(k, g_kthread, stack_limit), t->stack_limit);
	mem_put32(mem, GA(k, g_kthread, stack_kernel), t->stack_base - STACK_HOME);
	mem_put32(mem, GA(k, g_kthread, stack_alloc_base), t->stack_base);
	mem_put32(mem, GA(k, g_kthread, tls_address), t->tls_ga);
	mem_put8(mem, GA(k, g_kthread, process_type), t->creation_flags & THREAD_SYSTEM ? 2 : 1);
	mem_put8(mem, GA(k, g_kthread, process_type_dup), t->creation_flags & THREAD_SYSTEM ? 2 : 1);
	list_init(m, GA(k, g_kthread, apc_lists[0]));
	list_init(m, GA(k, g_kthread, apc_lists[1]));
	mem_put32(mem, GA(k, g_kthread, process), machine_row(m)->process_ga);
	mem_put8(mem, GA(k, g_kthread, may_queue_apcs), 1);
	mem_put32(mem, GA(k, g_kthread, msr_mask), 0xFDFFD7FF);
	mem_put8(mem, GA(k, g_kthread, priority), t->priority);
	mem_put8(mem, GA(k, g_kthread, base_priority), t->base_priority);
	mem_put8(mem, GA(k, g_kthread, process_priority_class), PRIORITY_MIN);
	mem_put8(mem, GA(k, g_kthread, base_priority_copy), PRIORITY_CLASS);
	mem_put8(mem, GA(k, g_kthread, max_dynamic_priority), PRIORITY_MAX);
	mem_put32(mem, GA(k, g_kthread, quantum), (uint32_t)t->quantum);
	mem_put8(mem, GA(k, g_kthread, suspend_count), t->suspend_count);
	mem_put8(mem, GA(k, g_kthread, current_cpu), t->hw);
	mem_put32(mem, GA(k, g_kthread, a_prcb_ptr), prcb);
	mem_put32(mem, GA(k, g_kthread, another_prcb_ptr), prcb);
	mem_put64(mem, GA(k, g_kthread, create_time), machine_row(m)->boot_time + machine_ticks(m) / 5);
	list_init(m, GA(k, g_kthread, timer_list));
	list_init(m, GA(k, g_kthread, process_threads));
	mem_put32(mem, GA(k, g_kthread, thread_id), t->tid);
	mem_put32(mem, GA(k, g_kthread, start_address), t->start_ga);
	list_init(m, GA(k, g_kthread, unk_154));
	mem_put32(mem, GA(k, g_kthread, creation_flags), t->creation_flags);
	mem_put32(mem, GA(k, g_kthread, vscr) + 0xC, 1);
}

void thread_context_init(struct machine *m, uint32_t row, uint32_t pc, uint32_t trap)
{
	const struct w_thread *t = thread_peek(m, row);
	arena_cover(&m->world, m->t_context, row);
	struct ppc_context *ctx = context_row(m, row);
	ppc_context_reset(ctx);
	ctx->gpr[1] = t->stack_base - STACK_HOME;
	ctx->gpr[13] = hw_peek(m, t->hw)->kpcr_ga;
	ctx->lr = machine_row(m)->trap_ga + trap * 4;
	ctx->pc = pc;
}

static void context_init(struct machine *m, uint32_t row)
{
	const struct w_thread *t = thread_peek(m, row);
	thread_context_init(m, row, t->startup_ga ? t->startup_ga : t->start_ga, TRAP_THREAD);
	struct ppc_context *ctx = context_row(m, row);
	ctx->gpr[3] = t->startup_ga ? t->start_ga : t->start_arg;
	if (t->startup_ga)
		ctx->gpr[4] = t->start_arg;
}

/* Rounded up to pages; 0 = the title's default. */
static uint32_t stack_bytes(const struct machine *m, uint32_t asked)
{
	uint32_t size = asked ? asked : machine_row(m)->stack_size;
	if (size < STACK_MIN)
		size = STACK_MIN;
	return size > STACK_MAX ? 0 : (size + MEM_PAGE - 1) & ~(MEM_PAGE - 1);
}

static uint8_t hw_of(const struct machine *m, uint32_t creator, uint32_t mask)
{
	mask &= (1u << HW_THREADS) - 1;
	if (mask)
		return (uint8_t)(31 - __builtin_clz(mask));
	return creator ? thread_peek(m, creator)->hw : 0;
}

static void ids(struct machine *m, struct w_thread *t, uint32_t creator)
{
	t->tid = machine_row_mut(m)->next_tid++;
	t->key = t->tid == 1 ? fnv_str(FNV_BASIS, "main") : fnv_u64(fnv_str(FNV_BASIS, "host"), t->tid);
	if (!creator)
		return;
	struct w_thread *parent = thread_row(m, creator);
	t->parent_tid = parent->tid;
	t->key = fnv_u64(fnv_u64(FNV_BASIS, parent->key), parent->created_threads++);
}

uint32_t thread_create(struct machine *m, uint32_t creator, const struct thread_spec *spec, uint32_t *out)
{
	uint32_t size = stack_bytes(m, spec->stack_size), row = size ? arena_take(&m->world, m->t_thread) : 0;
	if (!row || machine_row(m)->next_tid >= EVENT_TIDS_MAX)
		goto fail;
	struct w_thread *t = thread_row(m, row);
	t->creation_flags = spec->flags;
	t->startup_ga = spec->startup_ga;
	t->start_ga = spec->start_ga;
	t->start_arg = spec->start_arg;
	t->hw = hw_of(m, creator, THREAD_AFFINITY(spec->flags));
	t->base_priority = PRIORITY_CLASS + (spec->flags & THREAD_ABOVE_NORMAL ? 1 : 0);
	t->priority = t->base_priority;
	t->quantum = QUANTUM_RELOAD;
	t->deadline = DEADLINE_NEVER;
	t->suspend_count = spec->flags & THREAD_SUSPENDED;
	t->state = TS_INIT;
	if (!stack_make(m, t, size) || !tls_make(m, t))
		goto fail;
	uint32_t object = object_new(m, creator, OT_THREAD, sizeof(struct g_kthread));
	if (!object)
		goto fail;
	t->object = object;
	object_row(m, object)->thread = row;
	t->kthread_ga = object_peek(m, object)->body_ga;
	ids(m, t, creator);
	kthread_init(m, t);
	context_init(m, row);
	t->host = spec->host;
	machine_row_mut(m)->threads_alive += !t->host;
	object_ref_running(m, object);
	object_born(m, creator, object);
	standstill_progress(m);
	emit_thread(m, EV_THREAD_CREATE, creator, row, spec->start_ga, spec->start_arg);
	*out = row;
	return NT_SUCCESS;
fail:
	if (row) {
		memory_free(m, thread_row(m, row));
		memset(thread_row(m, row), 0, sizeof(struct w_thread));
		arena_give(&m->world, m->t_thread, row);
	}
	return NT_INSUFFICIENT_RESOURCES;
}

uint32_t thread_create_dpc(struct machine *m, uint32_t hw)
{
	uint32_t row = arena_take(&m->world, m->t_thread);
	if (!row)
		return 0;
	struct w_thread *t = thread_row(m, row);
	t->key = fnv_u64(fnv_str(FNV_BASIS, "dpc"), hw);
	t->hw = (uint8_t)hw;
	t->priority = t->base_priority = PRIORITIES - 1;
	t->deadline = DEADLINE_NEVER;
	t->state = TS_RUNNING;
	t->started = 1;
	t->kthread_ga = pool_alloc(m, sizeof(struct g_kthread), POOL_KERNEL);
	if (t->kthread_ga && stack_make(m, t, DPC_STACK) && tls_make(m, t)) {
		mem_put8(&m->mem, t->kthread_ga, 6); /* a thread's header, of the idle process */
		kthread_init(m, t);
		mem_put8(&m->mem, GA(t->kthread_ga, g_kthread, process_type), 0);
		mem_put8(&m->mem, GA(t->kthread_ga, g_kthread, process_type_dup), 0);
		return row;
	}
	memory_free(m, t);
	if (t->kthread_ga)
		pool_free(m, t->kthread_ga, POOL_KERNEL);
	memset(t, 0, sizeof *t);
	arena_give(&m->world, m->t_thread, row);
	return 0;
}

/* ---- end ----------------------------------------------------------------------------------------------------------------- */

void thread_exit(struct machine *m, uint32_t thread, uint32_t status)
{
	struct w_thread *t = thread_row(m, thread);
	uint32_t object = t->object, k = t->kthread_ga;
	t->exit_status = status;
	emit_plain(m, EV_THREAD_EXIT, thread, status, 0, NULL);
	standstill_progress(m);
	timers_thread_gone(m, thread);
	apc_thread_gone(m, thread);
	loader_thread_gone(m, thread);
	mutants_abandon(m, thread);
	queue_thread_gone(m, thread);
	mem_put8(&m->mem, GA(k, g_kthread, terminated), 1);
	mem_put32(&m->mem, GA(k, g_kthread, exit_status), status);
	mem_put64(&m->mem, GA(k, g_kthread, exit_time), machine_row(m)->boot_time + machine_ticks(m) / 5);
	sched_block(m, thread);
	t->state = TS_TERMINATED;
	mem_put8(&m->mem, GA(k, g_kthread, thread_state), TS_TERMINATED);
	t->in_call = 0;
	memory_free(m, t);
	emit_object(m, EV_OBJECT_SIGNAL, thread, object, 0, 0, 1);
	object_state_set(m, object, 1);
	wait_scan(m, object, 0);
	struct w_machine *w = machine_row_mut(m);
	w->threads_alive -= !t->host;
	if (!w->threads_alive && !w->ended) {
		w->ended = 1;
		w->exit_status = status;
		emit_plain(m, EV_TITLE_EXIT, thread, status, 0, NULL);
	}
	object_unref_running(m, object);
}

void thread_row_free(struct machine *m, uint32_t thread)
{
	struct w_machine *w = machine_row_mut(m);
	INVARIANT(thread_peek(m, thread)->state == TS_TERMINATED && !thread_peek(m, thread)->owned_first);
	memset(context_row(m, thread), 0, sizeof(struct ppc_context));
	memset(thread_row(m, thread), 0, sizeof(struct w_thread));
	arena_give(&m->world, m->t_thread, thread);
	stall_thread_gone(m, thread);
	if (w->slice_thread == thread)
		w->slice_thread = 0;
	if (w->main_thread == thread)
		w->main_thread = 0;
	if (m->acting == thread)
		m->acting = 0;
}

/* ---- suspension ------------------------------------------------------------------------------------------------------------ */

static void suspend_count_set(struct machine *m, uint32_t thread, uint8_t n)
{
	struct w_thread *t = thread_row(m, thread);
	t->suspend_count = n;
	mem_put8(&m->mem, GA(t->kthread_ga, g_kthread, suspend_count), n);
}

/* DEBT(suspend-apc): it takes effect at once; the console queues a kernel APC that waits for KTHREAD's suspend semaphore. */
uint32_t thread_suspend(struct machine *m, uint32_t by, uint32_t thread)
{
	struct w_thread *t = thread_row(m, thread);
	uint8_t previous = t->suspend_count;
	if (previous >= SUSPEND_MAX)
		return UINT32_MAX;
	suspend_count_set(m, thread, previous + 1);
	emit_thread(m, EV_THREAD_SUSPEND, by, thread, previous, 0);
	if (t->state == TS_READY || t->state == TS_RUNNING)
		sched_block(m, thread);
	return previous;
}

uint32_t thread_resume(struct machine *m, uint32_t by, uint32_t thread)
{
	uint8_t previous = thread_peek(m, thread)->suspend_count;
	if (!previous)
		return 0;
	suspend_count_set(m, thread, previous - 1);
	emit_thread(m, EV_THREAD_RESUME, by, thread, previous, 0);
	if (thread_peek(m, thread)->state != TS_TERMINATED)
		sched_ready(m, thread); /* not while it is suspended once more, or waits */
	return previous;
}

/* ---- priority ------------------------------------------------------------------------------------------------------------ */

int32_t thread_base_increment(const struct machine *m, uint32_t thread)
{
	const struct w_thread *t = thread_peek(m, thread);
	int8_t saturation = (int8_t)t->saturation;
	return saturation ? 16 * saturation : (int32_t)t->base_priority - PRIORITY_CLASS;
}

void thread_base_set(struct machine *m, uint32_t by, uint32_t thread, int32_t increment)
{
	struct w_thread *t = thread_row(m, thread);
	uint8_t old = t->base_priority;
	int64_t base = (int64_t)PRIORITY_CLASS + increment;
	t->priority_decrement = 0;
	t->saturation = (uint8_t)(increment >= 16 ? 1 : increment <= -16 ? -1 : 0);
	if (base < PRIORITY_MIN)
		base = PRIORITY_MIN;
	if (base > PRIORITY_MAX)
		base = PRIORITY_MAX;
	t->base_priority = (uint8_t)base;
	mem_put8(&m->mem, GA(t->kthread_ga, g_kthread, base_priority), t->base_priority);
	mem_put8(&m->mem, GA(t->kthread_ga, g_kthread, saturation_increment), t->saturation);
	emit_thread(m, EV_THREAD_PRIORITY, by, thread, old, t->base_priority);
	sched_priority(m, thread, t->base_priority);
}

/* ---- TLS ------------------------------------------------------------------------------------------------------------------- */

static uint32_t tls_word(const struct machine *m, uint32_t index)
{
	return GA(machine_row(m)->process_ga, g_kprocess, tls_bitmap) + index / 32 * 4;
}

static bool tls_taken(const struct machine *m, uint32_t index)
{
	return index < machine_row(m)->tls_slots && mem_get32(&m->mem, tls_word(m, index)) >> (31 - index % 32) & 1;
}

static uint32_t tls_slot(const struct machine *m, uint32_t thread, uint32_t index)
{
	return thread_peek(m, thread)->tls_ga + machine_row(m)->tls_size + index * 4;
}

uint32_t tls_alloc(struct machine *m, uint32_t thread)
{
	uint32_t index = 0;
	while (index < machine_row(m)->tls_slots && tls_taken(m, index))
		index++;
	if (index == machine_row(m)->tls_slots)
		return UINT32_MAX;
	mem_put32(&m->mem, tls_word(m, index), mem_get32(&m->mem, tls_word(m, index)) | 0x80000000u >> index % 32);
	mem_put32(&m->mem, tls_slot(m, thread, index), 0);
	return index;
}

bool tls_free(struct machine *m, uint32_t index)
{
	if (!tls_taken(m, index))
		return false;
	mem_put32(&m->mem, tls_word(m, index), mem_get32(&m->mem, tls_word(m, index)) & ~(0x80000000u >> index % 32));
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_thread); row++)
		if (thread_peek(m, row)->object && thread_peek(m, row)->tls_ga)
			mem_put32(&m->mem, tls_slot(m, row, index), 0);
	return true;
}

bool tls_get(const struct machine *m, uint32_t thread, uint32_t index, uint32_t *value)
{
	if (!tls_taken(m, index))
		return false;
	*value = mem_get32(&m->mem, tls_slot(m, thread, index));
	return true;
}

bool tls_set(struct machine *m, uint32_t thread, uint32_t index, uint32_t value)
{
	if (!tls_taken(m, index))
		return false;
	mem_put32(&m->mem, tls_slot(m, thread, index), value);
	return true;
}
