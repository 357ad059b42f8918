/* kernel/seh_scope.c - __C_specific_handler: the handler of functions with __try, which asks their filters and runs their __finally blocks.
 *
 * Source: the scope table of winnt.h and ntppc.h of Windows NT for PowerPC; filters and blocks get the establisher frame in r12 (seen in
 * code of the XDK's compiler, which calls them so itself where a block is left), and, as on NT for x64, in r4. */
#include "config.h"

#include "kernel/handlers.h"
#include "kernel/rows.h"
#include "kernel/seh.h"
#include "kernel/stop.h"

#define SCOPES_MAX 0x10000u
#define ALWAYS 1u /* in place of a filter: EXCEPTION_EXECUTE_HANDLER */

/* What the table is walked for. */
struct scan {
	uint32_t table, rows;
	uint32_t record, frame, context, dispatcher;
	uint32_t pc;   /* where control left the function */
	uint32_t next; /* row */
	uint32_t code, flags;
	uint32_t target_pc;
};

/* Reads all that it needs from the guest's structures; false: one of them is bad, at *@bad. */
static bool scan_open(const struct machine *m, struct scan *s, uint32_t *bad)
{
	struct g_exception_record r;
	struct g_dispatcher_context d;
	struct g_runtime_function f;
	struct g_pdata_eh eh;
	be32 iar, rows;
	if (mem_peek(&m->mem, *bad = s->record, &r, sizeof r) != MEM_OK ||
		mem_peek(&m->mem, *bad = s->dispatcher, &d, sizeof d) != MEM_OK ||
		mem_peek(&m->mem, *bad = GA(s->context, g_context, iar), &iar, sizeof iar) != MEM_OK ||
		mem_peek(&m->mem, *bad = be32_get(d.function_entry), &f, sizeof f) != MEM_OK ||
		mem_peek(&m->mem, *bad = be32_get(f.begin) - (uint32_t)sizeof eh, &eh, sizeof eh) != MEM_OK ||
		mem_peek(&m->mem, *bad = be32_get(eh.data), &rows, sizeof rows) != MEM_OK)
		return false;
	s->code = be32_get(r.code);
	s->flags = be32_get(r.exception_flags);
	s->target_pc = be32_get(iar);
	s->table = be32_get(eh.data) + 4;
	s->rows = be32_get(rows) < SCOPES_MAX ? be32_get(rows) : SCOPES_MAX;
	return true;
}

/* The next row whose scope control left: true. */
static bool scan_next(const struct machine *m, struct scan *s, struct g_scope *row)
{
	while (s->next < s->rows) {
		if (mem_peek(&m->mem, s->table + s->next * (uint32_t)sizeof *row, row, sizeof *row) != MEM_OK)
			return false;
		s->next++;
		if (s->pc >= be32_get(row->begin) && s->pc < be32_get(row->end))
			return true;
	}
	return false;
}

/* The frame to call a filter or a block from, below @below. */
static bool frame_make(struct machine *m, uint32_t thread, uint32_t below, uint32_t lr, enum seh_kind kind, const struct scan *s,
	struct seh_frame *f)
{
	f->g.kind = be32_of((uint32_t)kind);
	f->g.record = be32_of(s->record);
	f->g.context = be32_of(s->context);
	f->g.target = be32_of(s->frame);
	f->g.dispatcher_ga = be32_of(s->dispatcher);
	f->g.pc = be32_of(s->pc);
	f->g.pointers = (struct g_exception_pointers){ be32_of(s->record), be32_of(s->context) };
	return seh_frame_push(m, thread, below, lr, f);
}

static void call(struct machine *m, uint32_t thread, struct seh_frame *f, const struct scan *s, uint32_t pc, uint32_t r3)
{
	const uint32_t arg[2] = { r3, s->frame };
	f->g.scope = be32_of(s->next);
	seh_enter(m, thread, f, pc, s->frame, 2, arg);
}

static void take(struct machine *m, uint32_t thread, const struct seh_frame *f, const struct scan *s, uint32_t target)
{
	seh_unwind_from(
		m, thread, f, &(struct seh_target){ .frame = s->frame, .ip = target, .record = s->record, .result = s->code });
}

/* Somebody wants the exception? */
static void filters(struct machine *m, uint32_t thread, struct seh_frame *f, struct scan *s)
{
	struct g_scope row;
	while (scan_next(m, s, &row)) {
		if (!be32_get(row.target))
			continue;
		if (be32_get(row.handler) == ALWAYS)
			take(m, thread, f, s, be32_get(row.target));
		else
			call(m, thread, f, s, be32_get(row.handler), GA(f->sp, g_seh_frame, pointers));
		return;
	}
	seh_leave(m, thread, f, SEH_CONTINUE_SEARCH);
}

/* Does the unwinding go on within the same scope? Then it is not left. */
static bool stays(const struct scan *s, const struct g_scope *row)
{
	if (!(s->flags & EXCEPTION_TARGET_UNWIND))
		return false;
	if (be32_get(row->target))
		return s->target_pc == be32_get(row->target);
	return s->target_pc >= be32_get(row->begin) && s->target_pc < be32_get(row->end);
}

static void blocks(struct machine *m, uint32_t thread, struct seh_frame *f, struct scan *s)
{
	struct g_scope row;
	while (scan_next(m, s, &row) && !stays(s, &row)) {
		if (be32_get(row.target))
			continue;
		/* Should something be raised in the block, and this frame be unwound again: not once more. */
		if (mem_write(&m->mem, GA(s->dispatcher, g_dispatcher_context, control_pc), &row.end, sizeof row.end) != MEM_OK)
			break;
		call(m, thread, f, s, be32_get(row.handler), 1 /* it is left by an exception */);
		return;
	}
	seh_leave(m, thread, f, SEH_CONTINUE_SEARCH);
}

static void go_on(struct machine *m, uint32_t thread, struct seh_frame *f, struct scan *s)
{
	if (s->flags & EXCEPTION_UNWIND)
		blocks(m, thread, f, s);
	else
		filters(m, thread, f, s);
}

/* xboxkrnl 0x1A5: (record, establisher frame, context, dispatcher context): a disposition. Called from the walk of the stack, through the
 * title's import that stands before the function. */
void k___C_specific_handler(struct machine *m, struct call *c)
{
	struct seh_frame f = { 0 };
	struct scan s = { .record = arg32(c, 0), .frame = arg32(c, 1), .context = arg32(c, 2), .dispatcher = arg32(c, 3) };
	uint32_t bad;
	s.pc = in32(m, c, GA(s.dispatcher, g_dispatcher_context, control_pc));
	if (c->faulted)
		return;
	if (!scan_open(m, &s, &bad)) {
		(void)in32(m, c, bad); /* the guest's fault */
		call_return(c, SEH_CONTINUE_SEARCH);
		return;
	}
	c->parked = true;
	enum seh_kind kind = s.flags & EXCEPTION_UNWIND ? SEH_FINALLY : SEH_FILTER;
	if (frame_make(m, c->thread, (uint32_t)context_peek(m, c->thread)->gpr[1], c->lr, kind, &s, &f))
		go_on(m, c->thread, &f, &s);
}

void seh_scope_returned(struct machine *m, uint32_t thread, struct seh_frame *f, uint32_t r3)
{
	struct scan s = { .record = be32_get(f->g.record),
		.frame = be32_get(f->g.target),
		.context = be32_get(f->g.context),
		.dispatcher = be32_get(f->g.dispatcher_ga),
		.pc = be32_get(f->g.pc),
		.next = be32_get(f->g.scope) };
	struct g_scope row;
	uint32_t bad;
	if (!scan_open(m, &s, &bad)) {
		stop_plain(m, STOP_FAULT, thread, 0, "what its filter or __finally block belongs to is no longer mapped");
		return;
	}
	if (be32_get(f->g.kind) == SEH_FINALLY || !r3)
		go_on(m, thread, f, &s);
	else if ((int32_t)r3 < 0)
		seh_leave(m, thread, f, SEH_CONTINUE_EXECUTION);
	else if (mem_peek(&m->mem, s.table + (s.next - 1) * (uint32_t)sizeof row, &row, sizeof row) == MEM_OK)
		take(m, thread, f, &s, be32_get(row.target));
	else
		seh_leave(m, thread, f, SEH_CONTINUE_SEARCH);
}
