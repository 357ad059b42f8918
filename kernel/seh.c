/* kernel/seh.c - see seh.h: raising, asking handlers, unwinding. */
#include "config.h"

#include <stddef.h>

#include "kernel/emit.h"
#include "kernel/rows.h"
#include "kernel/seh.h"
#include "kernel/stop.h"

#define RETURN_SLOT 8u /* LR is saved so far below the caller's r1 */
#define FRAME_ROOM 16u /* above the frame, with that slot */

/* ---- the kernel's frames ---------------------------------------------------------------------------------------------------------- */

static bool has_contexts(const struct seh_frame *f)
{
	return be32_get(f->g.kind) == SEH_RAISE || be32_get(f->g.kind) == SEH_UNWIND;
}

static uint32_t frame_bytes(const struct seh_frame *f)
{
	return has_contexts(f) ? sizeof f->g : offsetof(struct g_seh_frame, now);
}

static bool frame_put(struct machine *m, uint32_t thread, const struct seh_frame *f)
{
	if (mem_write(&m->mem, f->sp, &f->g, frame_bytes(f)) == MEM_OK)
		return true;
	stop_plain(m, STOP_FAULT, thread, 0, "no room on its stack for an exception");
	return false;
}

bool seh_frame_push(struct machine *m, uint32_t thread, uint32_t below, uint32_t lr, struct seh_frame *f)
{
	be32 slot = be32_of(lr);
	f->sp = (below - FRAME_ROOM - frame_bytes(f)) & ~15u;
	f->g.chain = be32_of(below);
	f->g.self = be32_of(f->sp);
	f->g.lr = slot;
	f->g.call_pc = be32_of(context_peek(m, thread)->pc - 4);
	f->g.export_row = be32_of(thread_peek(m, thread)->export_row);
	if (below - RETURN_SLOT >= f->sp && mem_write(&m->mem, below - RETURN_SLOT, &slot, sizeof slot) == MEM_OK)
		return frame_put(m, thread, f);
	stop_plain(m, STOP_FAULT, thread, 0, "no room on its stack for an exception");
	return false;
}

bool seh_frame_at(const struct machine *m, uint32_t sp, struct seh_frame *f)
{
	*f = (struct seh_frame){ .sp = sp };
	if (mem_peek(&m->mem, sp, &f->g, offsetof(struct g_seh_frame, now)) != MEM_OK || be32_get(f->g.self) != sp)
		return false;
	if (!has_contexts(f))
		return be32_get(f->g.kind) == SEH_FILTER || be32_get(f->g.kind) == SEH_FINALLY;
	return mem_peek(&m->mem, GA(sp, g_seh_frame, now), &f->g.now, 2 * sizeof f->g.now) == MEM_OK;
}

void seh_enter(
	struct machine *m, uint32_t thread, struct seh_frame *f, uint32_t pc, uint32_t r12, unsigned n, const uint32_t arg[])
{
	struct ppc_context *ctx = context_row(m, thread);
	struct w_thread *t = thread_row(m, thread);
	if (!frame_put(m, thread, f))
		return;
	mem_reserve_drop(&m->mem, t->hw);
	t->in_call = 0;
	t->export_row = 0;
	ctx->pc = pc;
	ctx->lr = SEH_RETURN;
	ctx->gpr[1] = f->sp;
	ctx->gpr[12] = r12;
	for (unsigned i = 0; i < n; i++)
		ctx->gpr[3 + i] = arg[i];
}

void seh_leave(struct machine *m, uint32_t thread, const struct seh_frame *f, uint32_t r3)
{
	struct ppc_context *ctx = context_row(m, thread);
	struct w_thread *t = thread_row(m, thread);
	ctx->pc = ctx->lr = be32_get(f->g.lr);
	ctx->gpr[1] = be32_get(f->g.chain);
	t->export_row = be32_get(f->g.export_row);
	if (t->export_row > export_count)
		t->export_row = 0;
	t->in_call = t->export_row != 0;
	call_finish(m, thread, r3);
}

/* ---- records ------------------------------------------------------------------------------------------------------------------------ */

static bool record_get(const struct machine *m, const struct seh_frame *f, struct g_exception_record *r)
{
	return mem_peek(&m->mem, be32_get(f->g.record), r, sizeof *r) == MEM_OK;
}

/* The record lies in the title's memory, which it may have taken away meanwhile. */
static bool record_fault(struct machine *m, uint32_t thread)
{
	stop_plain(m, STOP_FAULT, thread, 0, "the record of its exception is not mapped");
	return false;
}

/* Sets and takes away flags of the record; @r is what it is then. */
static bool record_flags(
	struct machine *m, uint32_t thread, struct seh_frame *f, uint32_t set, uint32_t clear, struct g_exception_record *r)
{
	if (!record_get(m, f, r))
		return record_fault(m, thread);
	r->exception_flags = be32_of((be32_get(r->exception_flags) & ~clear) | set);
	uint32_t at = GA(be32_get(f->g.record), g_exception_record, exception_flags);
	if (be32_get(f->g.record) == GA(f->sp, g_seh_frame, own))
		f->g.own = *r;
	return mem_write(&m->mem, at, &r->exception_flags, sizeof r->exception_flags) == MEM_OK || record_fault(m, thread);
}

/* Calls the handler of the function that was found. */
static void ask(struct machine *m, uint32_t thread, struct seh_frame *f, const struct seh_function *at,
	const struct g_exception_record *r)
{
	uint32_t record = be32_get(f->g.record), context = be32_get(f->g.context);
	const uint32_t arg[4] = { record, at->establisher, context, GA(f->sp, g_seh_frame, dispatcher) };
	f->g.dispatcher =
		(struct g_dispatcher_context){ be32_of(at->pc), be32_of(at->entry), be32_of(at->establisher), be32_of(context) };
	f->g.handlers = be32_of(be32_get(f->g.handlers) + 1);
	emit_plain4(m, EV_EXCEPTION_HANDLER, thread,
		(uint64_t[4]){ at->handler, at->establisher, be32_get(r->code), be32_get(r->exception_flags) });
	seh_enter(m, thread, f, at->handler, at->establisher, 4, arg);
}

/* ---- raising ------------------------------------------------------------------------------------------------------------------------ */

static void search(struct machine *m, uint32_t thread, struct seh_frame *f);

/* A raise in guest or kernel code that goes on at @g->iar. */
static void raise_from(
	struct machine *m, uint32_t thread, const struct g_context *g, uint32_t record, const struct g_exception_record *own)
{
	struct g_exception_record r;
	struct seh_frame f = { .g.kind = be32_of(SEH_RAISE) };
	f.g.now = f.g.next = *g;
	f.g.next_pc = be32_of(be32_get(g->iar) - 4);
	if (own)
		f.g.own = *own;
	if (!seh_frame_push(m, thread, (uint32_t)be64_get(g->gpr[1]), be32_get(g->iar), &f))
		return;
	f.g.record = be32_of(record ? record : GA(f.sp, g_seh_frame, own));
	f.g.context = be32_of(GA(f.sp, g_seh_frame, now));
	if (!record_get(m, &f, &r) || mem_write(&m->mem, GA(be32_get(f.g.record), g_exception_record, exception_address), &g->iar,
					      sizeof g->iar) != MEM_OK) {
		record_fault(m, thread);
		return;
	}
	r.exception_address = g->iar;
	emit_exception(m, thread, &r, be32_get(f.g.record));
	search(m, thread, &f);
}

/* The registers of code of the kernel's that runs on the frame. */
static void inside(const struct machine *m, uint32_t thread, const struct seh_frame *by, struct g_context *g)
{
	seh_capture(m, thread, SEH_RETURN, g);
	g->gpr[1] = be64_of(by->sp);
}

/* Something went wrong in the kernel's frame itself, whose guest code has just returned. */
static void raise_inside(struct machine *m, uint32_t thread, const struct seh_frame *by, uint32_t status)
{
	struct g_context g;
	const struct g_exception_record r = {
		.code = be32_of(status), .exception_flags = be32_of(EXCEPTION_NONCONTINUABLE), .exception_record = by->g.record
	};
	inside(m, thread, by, &g);
	if (frame_put(m, thread, by))
		raise_from(m, thread, &g, 0, &r);
}

void seh_raise(struct machine *m, struct call *c, uint32_t record, const struct g_exception_record *own)
{
	struct g_context g;
	seh_capture(m, c->thread, c->lr, &g);
	c->parked = true;
	raise_from(m, c->thread, &g, record, own);
}

/* Nobody wanted it: the machine stops, and the thread stands at the call again. */
static void unhandled(struct machine *m, uint32_t thread, const struct seh_frame *f)
{
	struct g_exception_record r = { 0 };
	struct g_context g = f->g.now;
	if (!record_get(m, f, &r)) {
		record_fault(m, thread);
		return;
	}
	g.iar = f->g.call_pc;
	seh_restore(m, thread, &g);
	thread_row(m, thread)->in_call = 0;
	thread_row(m, thread)->export_row = 0;
	stop_exception(m, thread, &r, be32_get(f->g.handlers));
}

/* Asks the next handler up the stack. */
static void search(struct machine *m, uint32_t thread, struct seh_frame *f)
{
	struct seh_function at;
	struct g_exception_record r;
	uint32_t pc = be32_get(f->g.next_pc), nested = be32_get(f->g.nested);
	do {
		if (!seh_look(m, thread, &pc, &f->g.next, &at, NULL)) {
			unhandled(m, thread, f);
			return;
		}
		if (at.flags & EXCEPTION_NESTED_CALL && at.nested > nested)
			nested = at.nested;
		if (nested && at.establisher > nested)
			nested = 0;
	} while (!at.handler);
	f->g.nested = be32_of(nested);
	f->g.next_pc = be32_of(pc);
	if (record_flags(m, thread, f, nested ? EXCEPTION_NESTED_CALL : 0, EXCEPTION_NESTED_CALL, &r))
		ask(m, thread, f, &at, &r);
}

/* The raise is over: on with the CONTEXT that handlers may have changed. */
static void go_on(struct machine *m, uint32_t thread, const struct seh_frame *f)
{
	struct g_exception_record r;
	struct w_thread *t = thread_row(m, thread);
	if (!record_get(m, f, &r)) {
		record_fault(m, thread);
		return;
	}
	if (be32_get(r.exception_flags) & EXCEPTION_NONCONTINUABLE) {
		raise_inside(m, thread, f, STATUS_NONCONTINUABLE_EXCEPTION);
		return;
	}
	emit_plain(m, EV_EXCEPTION_CONTINUE, thread, be32_get(f->g.now.iar), be32_get(r.code), NULL);
	seh_restore(m, thread, &f->g.now);
	uint32_t row = be32_get(f->g.export_row);
	if (be32_get(f->g.now.iar) != be32_get(f->g.lr) || !row || row > export_count)
		return;
	t->export_row = row;
	t->in_call = 1;
	call_finish(m, thread, be64_get(f->g.now.gpr[3]));
}

static void raise_returned(struct machine *m, uint32_t thread, struct seh_frame *f, uint32_t disposition)
{
	switch (disposition) {
	case SEH_CONTINUE_EXECUTION: go_on(m, thread, f); return;
	case SEH_NESTED_EXCEPTION:
		if (be32_get(f->g.dispatcher.establisher_frame) > be32_get(f->g.nested))
			f->g.nested = f->g.dispatcher.establisher_frame;
		search(m, thread, f);
		return;
	case SEH_CONTINUE_SEARCH: search(m, thread, f); return;
	default: raise_inside(m, thread, f, STATUS_INVALID_DISPOSITION);
	}
}

/* ---- unwinding ---------------------------------------------------------------------------------------------------------------------- */

/* What the target frame has, or is shown to handlers: its registers, and where it will go on. */
static struct g_context landing(const struct seh_frame *f, const struct g_context *body)
{
	struct g_context g = *body;
	g.iar = f->g.target_ip;
	g.gpr[3] = be64_of(be32_get(f->g.result));
	return g;
}

static void land(struct machine *m, uint32_t thread, const struct seh_frame *f, const struct g_context *g)
{
	struct g_exception_record r = { 0 };
	struct w_thread *t = thread_row(m, thread);
	(void)record_get(m, f, &r);
	emit_plain4(m, EV_EXCEPTION_UNWIND, thread,
		(uint64_t[4]){ be32_get(f->g.target), be32_get(g->iar), be32_get(r.code), be32_get(f->g.handlers) });
	t->in_call = 0;
	t->export_row = 0;
	seh_restore(m, thread, g);
	mem_reserve_drop(&m->mem, t->hw);
}

/* On with the frames up to the target. */
static void unwind(struct machine *m, uint32_t thread, struct seh_frame *f)
{
	struct seh_function at;
	struct g_context body;
	struct g_exception_record r;
	uint32_t pc = be32_get(f->g.next_pc), target = be32_get(f->g.target);
	bool last = false;
	do {
		if (!seh_look(m, thread, &pc, &f->g.next, &at, &body)) {
			stop_plain(m, STOP_EXCEPTION, thread, 0,
				target ? "unwinds to a frame that is not on its stack" : "unwinds all of its stack");
			return;
		}
		if (target && at.establisher > target) {
			f->g.now = body;
			f->g.dispatcher.control_pc = be32_of(at.pc);
			raise_inside(m, thread, f, STATUS_INVALID_UNWIND_TARGET);
			return;
		}
		last = at.entry && at.establisher == target;
	} while (!at.handler && !last);
	f->g.now = landing(f, &body);
	f->g.next_pc = be32_of(pc);
	if (!at.handler) {
		land(m, thread, f, &f->g.now);
		return;
	}
	const uint32_t context = be32_get(f->g.context),
		       set = (last ? EXCEPTION_TARGET_UNWIND : 0) | (at.flags & EXCEPTION_COLLIDED_UNWIND);
	if (context != GA(f->sp, g_seh_frame, now) && mem_write(&m->mem, context, &f->g.now, sizeof f->g.now) != MEM_OK)
		stop_plain(m, STOP_FAULT, thread, 0, "the CONTEXT for its handlers is not mapped");
	else if (record_flags(m, thread, f, set, EXCEPTION_TARGET_UNWIND | EXCEPTION_COLLIDED_UNWIND, &r))
		ask(m, thread, f, &at, &r);
}

static void unwind_returned(struct machine *m, uint32_t thread, struct seh_frame *f, uint32_t disposition)
{
	struct g_context g;
	if (disposition != SEH_CONTINUE_SEARCH)
		raise_inside(m, thread, f, STATUS_INVALID_DISPOSITION);
	else if (!be32_get(f->g.target) || be32_get(f->g.target) != be32_get(f->g.dispatcher.establisher_frame))
		unwind(m, thread, f);
	else if (mem_peek(&m->mem, be32_get(f->g.context), &g, sizeof g) == MEM_OK)
		land(m, thread, f, &g);
	else
		stop_plain(m, STOP_FAULT, thread, 0, "the CONTEXT that it unwinds to is not mapped");
}

static void unwind_begin(struct machine *m, uint32_t thread, const struct g_context *g, const struct seh_target *t)
{
	struct g_exception_record r;
	struct seh_frame f = { .g = { .kind = be32_of(SEH_UNWIND),
				       .target = be32_of(t->frame),
				       .target_ip = be32_of(t->ip),
				       .result = be32_of(t->result),
				       .next_pc = be32_of(be32_get(g->iar) - 4),
				       .own = { .code = be32_of(STATUS_UNWIND), .exception_address = g->iar },
				       .now = *g,
				       .next = *g } };
	f.g.dispatcher.control_pc = f.g.next_pc;
	if (!seh_frame_push(m, thread, (uint32_t)be64_get(g->gpr[1]), be32_get(g->iar), &f))
		return;
	f.g.record = be32_of(t->record ? t->record : GA(f.sp, g_seh_frame, own));
	f.g.context = be32_of(t->context ? t->context : GA(f.sp, g_seh_frame, now));
	if (record_flags(m, thread, &f, EXCEPTION_UNWINDING | (t->frame ? 0 : EXCEPTION_EXIT_UNWIND), 0, &r))
		unwind(m, thread, &f);
}

void seh_unwind(struct machine *m, struct call *c, const struct seh_target *t)
{
	struct g_context g;
	seh_capture(m, c->thread, c->lr, &g);
	c->parked = true;
	unwind_begin(m, c->thread, &g, t);
}

void seh_unwind_from(struct machine *m, uint32_t thread, const struct seh_frame *by, const struct seh_target *t)
{
	struct g_context g;
	inside(m, thread, by, &g);
	unwind_begin(m, thread, &g, t);
}

/* ---- guest code has returned ---------------------------------------------------------------------------------------------------------- */

bool seh_returned(struct machine *m, uint32_t thread)
{
	const struct ppc_context *ctx = context_peek(m, thread);
	struct seh_frame f;
	uint32_t r3 = (uint32_t)ctx->gpr[3];
	if (!seh_frame_at(m, (uint32_t)ctx->gpr[1], &f))
		return false;
	switch (be32_get(f.g.kind)) {
	case SEH_RAISE: raise_returned(m, thread, &f, r3); break;
	case SEH_UNWIND: unwind_returned(m, thread, &f, r3); break;
	default: seh_scope_returned(m, thread, &f, r3);
	}
	return true;
}
