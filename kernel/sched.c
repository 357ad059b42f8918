/* kernel/sched.c - see sched.h */
#include "config.h"

#include "kernel/sched.h"

#include "kernel/dpc.h"
#include "kernel/account.h"
#include "kernel/rows.h"
#include "kernel/stall.h"

/* ---- ready lists -------------------------------------------------------------------------------------------------------- */

static inline __attribute__((always_inline)) void push(
	struct machine *m, struct w_hw *h, struct w_thread *t, uint32_t thread, bool at_head)
{
	uint32_t *head = &h->ready_head[t->priority], *tail = &h->ready_tail[t->priority];
	t->ready_next = at_head ? *head : 0;
	t->ready_prev = at_head ? 0 : *tail;
	if (!*head)
		*head = *tail = thread;
	else if (at_head)
		*head = thread_row(m, *head)->ready_prev = thread;
	else
		*tail = thread_row(m, *tail)->ready_next = thread;
	h->ready_bitmap |= 1u << t->priority;
}

static inline __attribute__((always_inline)) void unlink_ready(struct machine *m, struct w_hw *h, struct w_thread *t)
{
	uint32_t *head = &h->ready_head[t->priority], *tail = &h->ready_tail[t->priority];
	if (t->ready_prev)
		thread_row(m, t->ready_prev)->ready_next = t->ready_next;
	else
		*head = t->ready_next;
	if (t->ready_next)
		thread_row(m, t->ready_next)->ready_prev = t->ready_prev;
	else
		*tail = t->ready_prev;
	t->ready_next = t->ready_prev = 0;
	if (!*head)
		h->ready_bitmap &= ~(1u << t->priority);
}

static int best_ready(const struct w_hw *h)
{
	return h->ready_bitmap ? 31 - __builtin_clz(h->ready_bitmap) : -1;
}

static inline __attribute__((always_inline)) void state_set(struct machine *m, struct w_thread *t, enum thread_state state)
{
	account_state(m, t, state);
	t->state = (uint8_t)state;
	mem_put8(&m->mem, GA(t->kthread_ga, g_kthread, thread_state), (uint8_t)state);
}

/* ---- switching: with one hardware thread for many guest threads, each slice ends with one ------------------------------- */

static uint8_t kpcr_irql(const struct machine *m, const struct w_hw *h)
{
	return mem_get8(&m->mem, GA(h->kpcr_ga, g_kpcr, current_irql));
}

/* Hardware thread @hw, @h, is left by its thread @t: its IRQL goes with it. */
static inline __attribute__((always_inline)) void switch_out(
	struct machine *m, uint32_t hw, struct w_hw *h, const struct w_thread *t)
{
	struct g_kpcr *pcr = mem_own(&m->mem, h->kpcr_ga, sizeof *pcr);
	uint8_t irql = pcr->current_irql;
	pcr->current_irql = IRQL_PASSIVE;
	pcr->prcb_data.current_thread = be32_of(0);
	mem_put8(&m->mem, GA(t->kthread_ga, g_kthread, wait_irql), irql);
	h->current = 0;
	mem_reserve_drop(&m->mem, hw);
}

static inline __attribute__((always_inline)) void switch_in(
	struct machine *m, struct w_hw *h, struct w_thread *t, uint32_t thread)
{
	uint8_t irql = mem_get8(&m->mem, GA(t->kthread_ga, g_kthread, wait_irql));
	struct g_kpcr *pcr = mem_own(&m->mem, h->kpcr_ga, sizeof *pcr);
	pcr->tls_ptr = be32_of(t->tls_ga);
	pcr->current_irql = irql;
	pcr->stack_base_ptr = be32_of(t->stack_base);
	pcr->stack_end_ptr = be32_of(t->stack_limit);
	pcr->prcb_data.current_thread = be32_of(t->kthread_ga);
	h->current = thread;
	stall_ran(m, thread);
	context_row(m, thread)->gpr[13] = h->kpcr_ga;
	state_set(m, t, TS_RUNNING);
}

/* Its own row and its hardware thread's. */
static inline __attribute__((always_inline)) void ready(struct machine *m, uint32_t thread, struct w_thread *t, bool at_head)
{
	state_set(m, t, TS_READY);
	push(m, hw_row(m, t->hw), t, thread, at_head);
}

void sched_ready(struct machine *m, uint32_t thread)
{
	struct w_thread *t = thread_row(m, thread);
	if (!t->suspend_count && !t->parked)
		ready(m, thread, t, false);
}

/* Takes @t from where it is ready or runs. */
static void leave(struct machine *m, struct w_thread *t)
{
	if (t->state == TS_READY)
		unlink_ready(m, hw_row(m, t->hw), t);
	else if (t->state == TS_RUNNING)
		switch_out(m, t->hw, hw_row(m, t->hw), t);
}

void sched_block(struct machine *m, uint32_t thread)
{
	struct w_thread *t = thread_row(m, thread);
	leave(m, t);
	state_set(m, t, TS_WAITING);
}

/* The running thread of @hw becomes ready. */
static void give_way(struct machine *m, uint32_t hw, bool at_head)
{
	struct w_hw *h = hw_row(m, hw);
	uint32_t thread = h->current;
	struct w_thread *t = thread_row(m, thread);
	switch_out(m, hw, h, t);
	ready(m, thread, t, at_head);
}

/* The user holds every thread but @only. */
static uint32_t pick_only(struct machine *m, uint32_t hw, uint32_t only)
{
	struct w_thread *t = thread_row(m, only);
	struct w_hw *h = hw_row(m, hw);
	if (thread_is_dpc(t) || h->dpc_active)
		return 0;
	if (t->hw != hw || t->state == TS_RUNNING)
		return t->hw == hw ? only : 0;
	if (t->state != TS_READY || (h->current && kpcr_irql(m, h) >= IRQL_DISPATCH))
		return 0;
	if (h->current)
		give_way(m, hw, true);
	unlink_ready(m, h, t);
	switch_in(m, h, t, only);
	return only;
}

uint32_t sched_pick(struct machine *m, uint32_t hw)
{
	struct w_hw *h = hw_row(m, hw);
	if (UNLIKELY(machine_row(m)->only_thread))
		return pick_only(m, hw, machine_row(m)->only_thread);
	int best = best_ready(h);
	if (LIKELY(h->current)) {
		if (LIKELY(best <= (int)thread_peek(m, h->current)->priority) || kpcr_irql(m, h) >= IRQL_DISPATCH)
			return h->current;
		give_way(m, hw, true); /* preempted: first among its equals */
	}
	if (best < 0)
		return 0;
	uint32_t thread = h->ready_head[best];
	struct w_thread *t = thread_row(m, thread);
	unlink_ready(m, h, t);
	switch_in(m, h, t, thread);
	return thread;
}

void sched_slice_end(struct machine *m, uint32_t hw)
{
	const struct w_hw *h = hw_peek(m, hw);
	if (machine_row(m)->only_thread)
		return;
	if (!h->current || best_ready(h) < (int)thread_peek(m, h->current)->priority || kpcr_irql(m, h) >= IRQL_DISPATCH)
		return;
	give_way(m, hw, false);
}

bool sched_yield_thread(struct machine *m, uint32_t thread)
{
	const struct w_thread *t = thread_peek(m, thread);
	INVARIANT(t->state == TS_RUNNING);
	if (thread_is_dpc(t) || best_ready(hw_peek(m, t->hw)) < (int)t->priority)
		return false;
	give_way(m, t->hw, false);
	return true;
}

void sched_preempt(struct machine *m, uint32_t hw)
{
	give_way(m, hw, true);
}

void sched_move(struct machine *m, uint32_t thread, uint32_t hw)
{
	struct w_thread *t = thread_row(m, thread);
	uint8_t state = t->state;
	if (t->hw == hw)
		return;
	leave(m, t);
	t->hw = (uint8_t)hw;
	mem_put8(&m->mem, GA(t->kthread_ga, g_kthread, current_cpu), (uint8_t)hw);
	mem_put32(&m->mem, GA(t->kthread_ga, g_kthread, a_prcb_ptr), GA(hw_peek(m, hw)->kpcr_ga, g_kpcr, prcb_data));
	mem_put32(&m->mem, GA(t->kthread_ga, g_kthread, another_prcb_ptr), GA(hw_peek(m, hw)->kpcr_ga, g_kpcr, prcb_data));
	if (state == TS_READY || state == TS_RUNNING)
		ready(m, thread, t, false);
}

void sched_priority(struct machine *m, uint32_t thread, uint8_t priority)
{
	struct w_thread *t = thread_row(m, thread);
	bool listed = t->state == TS_READY;
	if (listed)
		unlink_ready(m, hw_row(m, t->hw), t);
	t->priority = priority;
	mem_put8(&m->mem, GA(t->kthread_ga, g_kthread, priority), priority);
	if (listed)
		push(m, hw_row(m, t->hw), t, thread, false);
}

static uint8_t kthread_byte(const struct machine *m, uint32_t thread, uint32_t offset)
{
	return mem_get8(&m->mem, thread_peek(m, thread)->kthread_ga + offset);
}

void sched_boost(struct machine *m, uint32_t thread, int32_t increment)
{
	const struct w_thread *t = thread_peek(m, thread);
	int64_t to = (int64_t)t->base_priority + increment;
	uint8_t most = kthread_byte(m, thread, offsetof(struct g_kthread, max_dynamic_priority));
	if (increment <= 0 || t->priority >= PRIORITY_REALTIME || t->priority_decrement)
		return;
	if (kthread_byte(m, thread, offsetof(struct g_kthread, boost_disabled)))
		return;
	if (to > most)
		to = most;
	if (to > t->priority && to < PRIORITY_REALTIME)
		sched_priority(m, thread, (uint8_t)to);
}

static void quantum_set(struct machine *m, uint32_t thread, int32_t n)
{
	struct w_thread *t = thread_row(m, thread);
	t->quantum = n;
	mem_put32(&m->mem, GA(t->kthread_ga, g_kthread, quantum), (uint32_t)n);
}

void sched_quantum_reload(struct machine *m, uint32_t thread)
{
	quantum_set(m, thread, QUANTUM_RELOAD);
}

void sched_quantum_end(struct machine *m, uint32_t thread)
{
	struct w_thread *t = thread_row(m, thread);
	int to = t->priority - t->priority_decrement - 1;
	sched_quantum_reload(m, thread);
	if (t->priority >= PRIORITY_REALTIME || t->priority <= t->base_priority)
		return;
	t->priority_decrement = 0;
	sched_priority(m, thread, (uint8_t)(to > t->base_priority ? to : t->base_priority));
}

void sched_quantum_use(struct machine *m, uint32_t thread, int32_t n)
{
	quantum_set(m, thread, thread_peek(m, thread)->quantum - n);
	if (thread_peek(m, thread)->quantum > 0)
		return;
	sched_quantum_end(m, thread);
	if (thread_peek(m, thread)->state == TS_RUNNING && kpcr_irql(m, hw_peek(m, thread_peek(m, thread)->hw)) < IRQL_DISPATCH)
		sched_yield_thread(m, thread);
}

void sched_time(struct machine *m, uint32_t n)
{
	for (uint32_t hw = 0; hw < HW_THREADS; hw++) {
		uint32_t thread = hw_peek(m, hw)->current;
		if (thread)
			sched_quantum_use(m, thread, (int32_t)(n < QUANTUM_RELOAD ? n : QUANTUM_RELOAD) * QUANTUM_MILLISECOND);
	}
}

bool sched_any(const struct machine *m)
{
	uint32_t only = machine_row(m)->only_thread;
	if (only) {
		const struct w_thread *t = thread_peek(m, only);
		const struct w_hw *h = hw_peek(m, t->hw);
		bool barred = h->dpc_active || (h->current && kpcr_irql(m, hw_peek(m, t->hw)) >= IRQL_DISPATCH);
		if (thread_is_dpc(t))
			return h->dpc_active != 0;
		return t->state == TS_RUNNING || (t->state == TS_READY && !barred);
	}
	for (uint32_t hw = 0; hw < HW_THREADS; hw++)
		if (sched_busy(hw_peek(m, hw)))
			return true;
	return false;
}

/* ---- IRQL -------------------------------------------------------------------------------------------------------------- */

uint8_t sched_irql(const struct machine *m, uint32_t thread)
{
	const struct w_thread *t = thread_peek(m, thread);
	if (t->state == TS_RUNNING)
		return kpcr_irql(m, hw_peek(m, t->hw));
	return mem_get8(&m->mem, GA(t->kthread_ga, g_kthread, wait_irql));
}

void sched_irql_set(struct machine *m, uint32_t thread, uint8_t irql)
{
	const struct w_thread *t = thread_peek(m, thread);
	if (t->state == TS_RUNNING)
		mem_put8(&m->mem, GA(hw_peek(m, t->hw)->kpcr_ga, g_kpcr, current_irql), irql);
	else
		mem_put8(&m->mem, GA(t->kthread_ga, g_kthread, wait_irql), irql);
}
