/* kernel/run.c - the run loop: rounds of six slices, the clock, deadlines (design, "Time").
 *
 * A round gives each hardware thread, in order, up to Q instructions; then the clock advances Q x CPI, however much of
 * it was used. Everything that says where in a round the machine stands lies in w_machine, so that a run may be
 * cut into calls anywhere. When nothing can run, the clock jumps straight to the cycle of the next deadline and a round begins there;
 * without one the machine is wedged.
 */
#include "config.h"

#include "kernel/machine.h"

#include <stdio.h>

#include "kernel/apc.h"
#include "kernel/audio.h"
#include "kernel/account.h"
#include "kernel/call.h"
#include "kernel/cont.h"
#include "kernel/deadline.h"
#include "kernel/dpc.h"
#include "kernel/emit.h"
#include "kernel/file.h"
#include "kernel/gpu.h"
#include "kernel/loader.h"
#include "kernel/request.h"
#include "kernel/rows.h"
#include "kernel/sched.h"
#include "kernel/seh.h"
#include "kernel/stall.h"
#include "kernel/standstill.h"
#include "kernel/stop.h"
#include "kernel/terminate.h"
#include "kernel/thread.h"
#include "kernel/vars.h"

/* ---- --seed -------------------------------------------------------------------------------------------------------------- */

/* xorshift64*: Vigna, "An experimental exploration of Marsaglia's xorshift generators". */
static uint64_t draw(struct w_machine *w)
{
	w->rng ^= w->rng >> 12;
	w->rng ^= w->rng << 25;
	w->rng ^= w->rng >> 27;
	return w->rng * UINT64_C(0x2545F4914F6CDD1D);
}

/* The order of the round: a permutation of the hardware threads. */
static void order_draw(struct w_machine *w)
{
	if (!w->rng)
		return;
	uint32_t hw[HW_THREADS] = { 0, 1, 2, 3, 4, 5 };
	w->round_order = 0;
	for (uint32_t i = 0; i < HW_THREADS; i++) {
		uint32_t j = i + (uint32_t)((draw(w) >> 32) % (HW_THREADS - i)), pick = hw[j];
		hw[j] = hw[i];
		w->round_order |= pick << (4 * i);
	}
}

/* Half of Q to all of it: a slice never outlasts its share of the clock. */
static uint32_t budget_draw(struct w_machine *w)
{
	return w->rng ? w->quantum - (uint32_t)((draw(w) >> 32) % ((w->quantum + 1) / 2)) : w->quantum;
}

/* ---- rounds -------------------------------------------------------------------------------------------------------------- */

/* Serves what is due at @ticks; @busy: while something else can run. */
static void serve(struct machine *m, uint64_t ticks, bool busy)
{
	if (deadline_next(m) > ticks)
		return;
	standstill_serves(m, busy);
	deadline_serve(m, ticks);
}

struct machine_position machine_position(const struct machine *m)
{
	const struct w_machine *w = machine_row(m);
	return (struct machine_position){ w->instr, event_seq(&m->events), w->cycle, w->round_hw, w->round_begun, w->slice_used, w->slice_budget,
		                          w->slice_thread };
}

bool machine_position_equal(const struct machine_position *a, const struct machine_position *b)
{
	return a->instr == b->instr && a->event == b->event && a->cycle == b->cycle && a->round_hw == b->round_hw &&
	       a->round_begun == b->round_begun && a->slice_used == b->slice_used && a->slice_budget == b->slice_budget &&
	       a->slice_thread == b->slice_thread;
}

/* Is this where the user changed the machine? */
static bool is_change_here(const struct machine *m)
{
	if (LIKELY(!m->change_at) || LIKELY(m->change_at->instr != machine_row(m)->instr))
		return false;
	struct machine_position now = machine_position(m);
	return machine_position_equal(&now, m->change_at);
}

/* What the user did here is done again, or a stop is asked for. */
static void change(struct machine *m)
{
	while (UNLIKELY(is_change_here(m)) && m->pending.kind == STOP_NONE)
		m->on_change(m->change_ctx);
}

/* STOP_NONE, or why none begins: nothing can run, now or ever; nothing new happens any more. */
static enum stop_kind round_begin(struct machine *m)
{
	struct w_machine *w = machine_row_mut(m);
	serve(m, w->cycle / CYCLES_PER_TICK, sched_any(m));
	while (gpu_look(m), !sched_any(m)) {
		change(m);
		if (m->pending.kind != STOP_NONE)
			return STOP_NONE; /* what has just come was asked for */
		if (sched_any(m))
			break;
		uint64_t due = deadline_next(m);
		if (due == DEADLINE_NEVER)
			return w->only_thread ? STOP_HELD : STOP_WEDGE;
		if (!w->only_thread && standstill_stops(m))
			return STOP_STANDSTILL;
		w->cycle = due * CYCLES_PER_TICK;
		serve(m, due, false);
	}
	uint32_t ms = w->timestamp_ms;
	vars_time_update(m);
	if (UNLIKELY(ms != w->timestamp_ms)) {
		sched_time(m, w->timestamp_ms - ms);
		stall_check(m);
	}
	order_draw(w);
	w->round_begun = 1;
	return STOP_NONE;
}

static void slice_over(struct w_machine *w)
{
	w->slice_used = w->slice_budget = 0;
	if (++w->round_hw < HW_THREADS)
		return;
	w->round_hw = 0;
	w->round_begun = 0;
	w->cycle += (uint64_t)w->quantum * w->cpi;
}

/* ---- one stretch of one thread ----------------------------------------------------------------------------------------- */

static void returned_to_kernel(struct machine *m, uint32_t thread)
{
	const struct ppc_context *ctx = context_peek(m, thread);
	uint32_t trap = (ctx->pc - 4 - machine_row(m)->trap_ga) / 4;
	bool known = trap == TRAP_THREAD || trap == TRAP_RUNDOWN;
	m->acting = thread;
	if (thread_is_dpc(thread_peek(m, thread)) && (known = trap == TRAP_DPC))
		dpc_returned(m, thread);
	else if (trap == TRAP_THREAD)
		loader_thread_end(m, thread, (uint32_t)ctx->gpr[3]);
	else if (known)
		apc_rundown(m, thread, thread_peek(m, thread)->exit_status);
	else if (trap == TRAP_LOADER)
		known = loader_returned(m, thread);
	else if (trap == TRAP_REQUEST)
		known = request_returned(m, thread);
	else if (trap == TRAP_TERMINATION)
		known = termination_returned(m, thread);
	else if (trap == TRAP_AUDIO)
		known = audio_returned(m, thread);
	else if (trap == TRAP_APC)
		known = apc_returned(m, thread);
	else if (trap == TRAP_SEH)
		known = seh_returned(m, thread);
	if (!known)
		stop_bad_call(m, thread);
	m->acting = 0;
}

static void syscall(struct machine *m, uint32_t thread, uint32_t insn)
{
	switch (insn >> 5 & 0x7f) {
	case PPC_SC_IMPORT: call_dispatch(m, thread); break;
	case PPC_SC_RETURN: returned_to_kernel(m, thread); break;
	default: stop_bad_call(m, thread);
	}
}

/* True: libraries are told of it first (kernel/loader.h). */
static bool first_run(struct machine *m, uint32_t thread)
{
	thread_row(m, thread)->started = 1;
	emit_plain(m, EV_THREAD_START, thread, 0, 0, NULL);
	return loader_thread_begin(m, thread);
}

/* Runs @thread for up to @budget instructions, to the next reason to look up. */
static void stretch(struct machine *m, uint32_t thread, uint64_t budget)
{
	struct w_machine *w = machine_row_mut(m);
	struct cpu_slice s = {
		.ctx = context_row(m, thread),
		.budget = budget,
		.cycle_base = w->cycle,
		.cycle_used = (uint64_t)w->round_hw * w->quantum + w->slice_used,
		.cpi = w->cpi,
		.skip_break = m->skip_break == thread,
	};
	if (m->skip_break == thread)
		m->skip_break = 0;
	w->slice_thread = thread;
	if (UNLIKELY(is_change_here(m)))
		return; /* the thread had been chosen already */
	m->executing = true;
	enum cpu_exit exit = cpu_run(m->cpu, &s);
	m->executing = false;
	w->slice_used += (uint32_t)s.used;
	w->instr += s.used;
	account_ran(m, thread, s.used);
	if (exit == CPU_SYSCALL)
		syscall(m, thread, s.insn);
	else if (exit == CPU_BREAK && m->hooks.at_break && !m->hooks.at_break(m->hooks.ctx, thread))
		m->skip_break = thread;
	else if (exit != CPU_BUDGET && exit != CPU_STOP)
		stop_cpu(m, thread, exit, &s);
}

/* Somebody touched what is watched: now it can be seen what became of it. */
static void look(struct machine *m)
{
	m->accessed = false;
	if (m->hooks.accessed)
		m->hooks.accessed(m->hooks.ctx);
}

/* Instructions from here to the first boundary at or behind until_cycle, or to the user's next change; at most @most. */
static uint64_t until_looked_for(const struct machine *m, uint64_t most)
{
	const struct w_machine *w = machine_row(m);
	if (UNLIKELY(m->change_at) && m->change_at->instr > w->instr && m->change_at->instr - w->instr < most)
		most = m->change_at->instr - w->instr;
	if (LIKELY(m->until_cycle == UINT64_MAX))
		return most;
	if (m->until_cycle <= machine_cycle(m))
		return 0;
	/* Instruction i of the round ends at w->cycle + cpi * i / 6. */
	uint64_t wanted = m->until_cycle - w->cycle, done = (uint64_t)w->round_hw * w->quantum + w->slice_used;
	if (wanted > UINT64_MAX / HW_THREADS)
		return most;
	uint64_t n = (wanted * HW_THREADS + w->cpi - 1) / w->cpi - done;
	return n < most ? n : most;
}

/* The rest of the slice that is due, or up to @stop_at instructions. True: the slice is over. */
static bool slice_run(struct machine *m, uint32_t hw, uint64_t stop_at)
{
	struct w_machine *w = machine_row_mut(m);
	if (!w->slice_budget)
		w->slice_budget = budget_draw(w);
	mem_hw_switch(&m->mem, hw);
	while (w->slice_used < w->slice_budget) {
		if (UNLIKELY(m->accessed))
			look(m);
		change(m);
		/* Before anything else: behind instruction N there is one state, whatever asked for the stop. */
		if (w->instr >= stop_at || w->ended || m->pending.kind != STOP_NONE)
			return false;
		uint32_t thread = UNLIKELY(dpc_wanted(hw_peek(m, hw))) ? dpc_pick(m, hw) : 0;
		if (LIKELY(!thread))
			thread = sched_pick(m, hw);
		if (!thread)
			break;
		const struct w_thread *t = thread_peek(m, thread);
		if (UNLIKELY(apc_wanted(t)) && apc_step(m, thread))
			continue;
		if (UNLIKELY(t->cont != CONT_NONE)) {
			cont_run(m, thread);
			continue;
		}
		if (UNLIKELY(!t->started) && first_run(m, thread))
			continue;
		uint64_t left = w->slice_budget - w->slice_used, limit = until_looked_for(m, stop_at - w->instr);
		if (!limit)
			return false;
		if (m->pending.kind == STOP_NONE)
			stretch(m, thread, left < limit ? left : limit);
	}
	return true;
}

/* Ends the slices of hardware threads that have nothing to run, up to one that has or the round's end: what slice_run and
 * slice_end would do. True: there were such. */
static bool slices_idle(struct machine *m)
{
	struct w_machine *w = machine_row_mut(m);
	uint32_t last = HW_THREADS;
	while (w->round_begun) {
		uint32_t hw = w->round_order >> (4 * w->round_hw) & 15;
		const struct w_hw *h = hw_peek(m, hw);
		if (sched_busy(h))
			break;
		if (!w->slice_budget)
			(void)budget_draw(w);
		slice_over(w);
		last = hw;
	}
	if (last == HW_THREADS)
		return false;
	mem_hw_switch(&m->mem, last);
	return true;
}

/* ---- the loop ------------------------------------------------------------------------------------------------------------ */

static enum stop_kind ended_kind(const struct machine *m)
{
	return machine_row(m)->ended == 2 ? STOP_BUGCHECK : STOP_ENDED;
}

static enum stop_kind run(struct machine *m, uint64_t stop_at)
{
	struct w_machine *w = machine_row_mut(m);
	for (;;) {
		if (UNLIKELY(m->accessed))
			look(m);
		if (m->pending.kind != STOP_NONE)
			return m->pending.kind;
		change(m);
		if (m->pending.kind != STOP_NONE)
			continue;
		if (w->ended)
			return ended_kind(m);
		if (w->instr >= stop_at || (m->until_cycle != UINT64_MAX && machine_cycle(m) >= m->until_cycle))
			return STOP_LIMIT;
		if (m->interrupt && atomic_load_explicit(m->interrupt, memory_order_relaxed))
			return STOP_INTERRUPT;
		if (!w->round_begun) {
			enum stop_kind why = round_begin(m);
			if (why != STOP_NONE && m->pending.kind == STOP_NONE)
				return why;
			continue;
		}
		if (slices_idle(m))
			continue;
		uint32_t hw = w->round_order >> (4 * w->round_hw) & 15;
		if (slice_run(m, hw, stop_at) && m->pending.kind == STOP_NONE) {
			sched_slice_end(m, hw);
			slice_over(w);
		}
	}
}

static void stop_fill(struct machine *m, enum stop_kind kind, struct stop *out)
{
	static const char *const texts[] = {
		[STOP_LIMIT] = "instruction limit",
		[STOP_INTERRUPT] = "interrupted",
		[STOP_ENDED] = "the title has ended",
		[STOP_WEDGE] = "nothing can run any more",
		[STOP_STANDSTILL] = "only periodic callbacks run, and nothing new happens",
		[STOP_HELD] = "the one thread that may run cannot, all others are held (`set scheduler-locking off`)",
		[STOP_BUGCHECK] = "the title has bugchecked",
	};
	if (m->pending.kind == STOP_NONE) {
		stop_plain(m, kind, 0, machine_row(m)->exit_status, kind < ARRAY_LEN(texts) ? texts[kind] : NULL);
		uint32_t thread = machine_current_thread(m);
		if (thread) {
			m->pending.tid = thread_peek(m, thread)->tid;
			m->pending.pc = context_peek(m, thread)->pc;
		}
	}
	*out = m->pending;
	m->pending = (struct stop){ 0 };
}

enum stop_kind machine_run(struct machine *m, uint64_t limit, struct stop *out)
{
	uint64_t now = machine_instructions(m);
	INVARIANT(m->image);
	if (UNLIKELY(mounts_broken(m->options.mounts) != NULL))
		mount_fail(m, 0);
	enum stop_kind kind = run(m, limit > UINT64_MAX - now ? UINT64_MAX : now + limit);
	stop_fill(m, kind, out);
	return out->kind;
}

enum stop_kind machine_step(struct machine *m, uint32_t thread, uint64_t most, struct stop *out)
{
	uint32_t tid = thread_peek(m, thread)->tid;
	for (uint64_t i = 0; i < most; i++) {
		enum stop_kind kind = machine_run(m, 1, out);
		if (kind != STOP_LIMIT)
			return kind;
		uint32_t ran = machine_current_thread(m);
		bool gone = tid ? !thread_by_tid(m, tid) : !hw_peek(m, thread_peek(m, thread)->hw)->dpc_active;
		if (gone || (ran && thread_peek(m, ran)->tid == tid && (tid || ran == thread))) {
			out->kind = STOP_STEP;
			out->text[0] = '\0';
			return STOP_STEP;
		}
	}
	return STOP_LIMIT;
}

void machine_stop_on_event(struct machine *m, const struct event *ev)
{
	if (m->pending.kind != STOP_NONE)
		return;
	uint32_t thread = m->acting ? m->acting : machine_current_thread(m);
	stop_plain(m, STOP_EVENT, thread, 0, event_kind_name(ev->kind));
	m->pending.event = *ev;
	m->pending.event.text = NULL; /* borrowed */
	cpu_stop(m->cpu);
}

void machine_accessed(struct machine *m)
{
	m->accessed = true;
	cpu_stop(m->cpu);
}

void machine_stop_on_access(struct machine *m, uint32_t thread, const char *text)
{
	stop_plain(m, STOP_WATCH, thread, 0, text);
}

void machine_stop_here(struct machine *m)
{
	stop_plain(m, STOP_STEP, 0, 0, "");
}

bool machine_set_register(struct machine *m, uint32_t thread, const char *name, uint64_t value)
{
	struct ppc_context *c = context_row(m, thread);
	unsigned n;
	char rest;
	if (sscanf(name, "r%u%c", &n, &rest) == 1 && n < 32)
		c->gpr[n] = value;
	else if (sscanf(name, "f%u%c", &n, &rest) == 1 && n < 32)
		c->fpr[n] = value;
	else if (!strcmp(name, "pc") && !(value & 3))
		c->pc = (uint32_t)value;
	else if (!strcmp(name, "lr"))
		c->lr = (uint32_t)value;
	else if (!strcmp(name, "ctr"))
		c->ctr = value;
	else if (!strcmp(name, "cr"))
		ppc_cr_set(c, (uint32_t)value);
	else if (!strcmp(name, "xer"))
		ppc_xer_set(c, (uint32_t)value);
	else
		return false;
	return true;
}

void machine_hold(struct machine *m, uint32_t thread)
{
	machine_row_mut(m)->only_thread = thread;
}

void machine_skip_break(struct machine *m, uint32_t thread)
{
	m->skip_break = thread;
}
