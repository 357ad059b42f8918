/* kernel/stop.c - see stop.h */
#include "config.h"

#include "kernel/stop.h"

#include <stdarg.h>
#include <stdio.h>

#include "kernel/call.h"
#include "kernel/emit.h"
#include "kernel/rows.h"
#include "kernel/seh.h"
#include "kernel/vars.h"

static const char *const words[] = {
#define STOP(id, word) [STOP_##id] = (word),
	STOPS(STOP)
#undef STOP
};

const char *stop_kind_word(enum stop_kind k)
{
	return (unsigned)k < ARRAY_LEN(words) ? words[k] : "?";
}

static PRINTF_LIKE(2, 3) void text(struct machine *m, const char *fmt, ...)
{
	struct stop *s = &m->pending;
	size_t used = strlen(s->text);
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(
		s->text + used, sizeof s->text - used, fmt, ap); /* NOLINT(clang-analyzer-valist.Uninitialized): a false alarm */
	va_end(ap);
}

/* False: another stop was asked for before. What an observer asked for gives way to what the guest itself came to: it would be lost,
 * and its fault event with it. */
static bool begin(struct machine *m, enum stop_kind kind, uint32_t thread)
{
	bool asked = m->pending.kind == STOP_EVENT || m->pending.kind == STOP_WATCH;
	if (m->pending.kind != STOP_NONE && (!asked || kind == STOP_EVENT || kind == STOP_WATCH))
		return false;
	m->pending = (struct stop){ .kind = kind };
	if (thread) {
		m->pending.tid = thread_peek(m, thread)->tid;
		m->pending.pc = context_peek(m, thread)->pc;
		if (m->pending.tid)
			text(m, "thread %u", m->pending.tid);
		else
			text(m, "DPC on hardware thread %u", thread_peek(m, thread)->hw);
		if (thread_peek(m, thread)->name[0])
			text(m, " (%s)", thread_peek(m, thread)->name);
		text(m, ": ");
	}
	return true;
}

static void text_instruction(struct machine *m, uint32_t pc, uint32_t insn)
{
	char dis[80];
	ppc_disasm(pc, insn, dis, sizeof dis);
	text(m, " at %08x: %08x  %s", pc, insn, dis);
}

static void text_fault(struct machine *m, uint32_t ga, uint32_t size, bool store, enum mem_result why)
{
	static const char *const whys[] = { "", "not mapped", "protected", "no such device register" };
	uint32_t variable = vars_unknown(ga);
	text(m, "%s of %u byte%s at %08x (%s)", store ? "store" : "load", size, size == 1 ? "" : "s", ga, whys[why]);
	if (variable)
		text(m, " [%s: its contents are not known]", export_table[variable - 1].name);
}

static const struct {
	enum stop_kind kind;
	const char *text;
} exits[] = {
	[CPU_TRAP] = { STOP_TRAP, "trap" },
	[CPU_ILLEGAL] = { STOP_ILLEGAL, "illegal instruction" },
	[CPU_PRIVILEGED] = { STOP_ILLEGAL, "privileged instruction" },
	[CPU_FAULT] = { STOP_FAULT, "" },
	[CPU_FETCH] = { STOP_FAULT, "pc cannot be fetched" },
	[CPU_BREAK] = { STOP_BREAK, "breakpoint" },
};

void stop_cpu(struct machine *m, uint32_t thread, enum cpu_exit why, const struct cpu_slice *s)
{
	INVARIANT(why < ARRAY_LEN(exits) && exits[why].text);
	if (!begin(m, exits[why].kind, thread))
		return;
	struct stop *st = &m->pending;
	st->insn = s->insn;
	if (why == CPU_FAULT) {
		st->fault_ga = s->fault_ga;
		st->fault_size = s->fault_size;
		st->fault_store = s->fault_store;
		st->fault = s->fault;
		text_fault(m, s->fault_ga, s->fault_size, s->fault_store, s->fault);
	} else if (why == CPU_FETCH) {
		st->fault_ga = st->pc;
		st->fault_size = 4;
		st->fault_fetch = true;
		st->fault = s->fault;
	}
	text(m, "%s", exits[why].text);
	if (why == CPU_FETCH)
		text(m, ": %08x, LR %08x", st->pc, (uint32_t)context_peek(m, thread)->lr);
	else
		text_instruction(m, st->pc, s->insn);
	if (why != CPU_BREAK)
		emit_plain(m, EV_FAULT, thread, why == CPU_FAULT ? s->fault_ga : st->pc, s->insn, NULL);
}

static void text_call(struct machine *m, const struct call *c)
{
	const struct export *e = &export_table[c->row];
	text(m, "%s.%s(", e->module, e->name);
	for (unsigned i = 0; i < e->nargs && e->args[i].type != AT_VARARGS; i++)
		text(m, "%s%s=%llx", i ? ", " : "", e->args[i].name,
			(unsigned long long)(e->args[i].type == AT_U64 ? c->arg[i] : arg32(c, i)));
	if (!export_decoded(e)) /* arguments not known: the registers that may hold some */
		for (unsigned i = 0; i < 4; i++)
			text(m, "%sr%u=%x", i ? ", " : "", i + 3, arg32(c, i));
	text(m, ") from %08x", c->lr);
}

/* The call has not been made: the thread stands at the sc again, which does not count. */
static void unmake(struct machine *m, uint32_t thread)
{
	struct w_machine *w = machine_row_mut(m);
	struct w_thread *t = thread_row(m, thread);
	context_row(m, thread)->pc -= 4;
	w->instr--;
	w->slice_used--;
	t->in_call = 0;
	t->export_row = 0;
}

void stop_unimplemented(struct machine *m, const struct call *c)
{
	unmake(m, c->thread);
	if (!begin(m, STOP_UNIMPLEMENTED, c->thread))
		return;
	m->pending.export_row = c->row + 1;
	text(m, "unimplemented export ");
	text_call(m, c);
}

void stop_unsupported(struct machine *m, struct call *c, const char *what)
{
	unmake(m, c->thread);
	c->parked = true;
	if (!begin(m, STOP_UNIMPLEMENTED, c->thread))
		return;
	m->pending.export_row = c->row + 1;
	text(m, "%s", what);
	text_call(m, c);
}

void stop_bad_call(struct machine *m, uint32_t thread)
{
	const struct ppc_context *ctx = context_peek(m, thread);
	uint32_t insn = 0;
	unmake(m, thread);
	if (!begin(m, STOP_ILLEGAL, thread))
		return;
	if (mem_fetch(&m->mem, ctx->pc, &insn) != MEM_OK)
		insn = 0;
	m->pending.insn = insn;
	text(m, "a system call that names no export (r11 %08x)", (uint32_t)ctx->gpr[11]);
	text_instruction(m, ctx->pc, insn);
	emit_plain(m, EV_FAULT, thread, ctx->pc, insn, NULL);
}

void stop_call_fault(struct machine *m, const struct call *c, uint32_t ga, uint32_t size, bool store, enum mem_result why)
{
	if (!begin(m, STOP_FAULT, c->thread))
		return;
	struct stop *s = &m->pending;
	s->export_row = c->row + 1;
	s->fault_ga = ga;
	s->fault_size = size;
	s->fault_store = store;
	s->fault = why;
	text_fault(m, ga, size, store, why);
	text(m, " on behalf of ");
	text_call(m, c);
	emit_plain(m, EV_FAULT, c->thread, ga, 0, NULL);
}

void stop_exception(struct machine *m, uint32_t thread, const struct g_exception_record *r, uint32_t handlers)
{
	char type[SEH_TYPE_TEXT];
	uint32_t n = be32_get(r->number_parameters);
	if (!begin(m, STOP_EXCEPTION, thread))
		return;
	m->pending.code = be32_get(r->code);
	text(m, "exception %08x", be32_get(r->code));
	if (seh_cxx_type(m, r, type, sizeof type))
		text(m, " (C++ %s)", type);
	text(m, " at %08x, flags %x", be32_get(r->exception_address), be32_get(r->exception_flags));
	for (uint32_t i = 0; i < n && i < 4; i++)
		text(m, "%s%x", i ? ", " : ", parameters ", be32_get(r->exception_information[i]));
	text(m, "%s; %u handler%s asked", n > 4 ? ", ..." : "", handlers, handlers == 1 ? "" : "s");
	emit_plain(m, EV_FAULT, thread, be32_get(r->exception_address), be32_get(r->code), NULL);
}

void stop_plain(struct machine *m, enum stop_kind kind, uint32_t thread, uint32_t code, const char *line)
{
	if (!begin(m, kind, thread))
		return;
	m->pending.code = code;
	if (line)
		text(m, "%s", line);
}
