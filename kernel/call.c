/* kernel/call.c - see call.h: from the sc of an import thunk to the handler and back. */
#include "config.h"

#include "kernel/call.h"

#include "kernel/account.h"
#include "kernel/emit.h"
#include "kernel/handlers.h"
#include "kernel/rows.h"
#include "kernel/stop.h"
#include "kernel/stub.h"

#define REGISTER_ARGS 8u
#define HOME_AREA 0x10u               /* argument i has 8 bytes at r1 + 10 + 8i; a word lies in their low half */

static uint64_t stack_arg(struct machine *m, const struct ppc_context *ctx, unsigned i, enum mem_result *r)
{
	be64 v = be64_of(0);
	*r = mem_read(&m->mem, (uint32_t)ctx->gpr[1] + HOME_AREA + 8 * i, &v, sizeof v);
	return be64_get(v);
}

uint64_t call_vararg(struct machine *m, struct call *c, unsigned i)
{
	const struct ppc_context *ctx = context_peek(m, c->thread);
	enum mem_result r;
	if (i < REGISTER_ARGS)
		return ctx->gpr[3 + i];
	uint64_t v = stack_arg(m, ctx, i, &r);
	if (r != MEM_OK)
		call_fault(m, c, (uint32_t)ctx->gpr[1] + HOME_AREA + 8 * i, 8, false, r);
	return v;
}

static void args_read(struct machine *m, struct call *c)
{
	const struct ppc_context *ctx = context_peek(m, c->thread);
	unsigned n = export_table[c->row].nargs;
	for (unsigned i = 0; i < REGISTER_ARGS; i++)
		c->arg[i] = ctx->gpr[3 + i];
	for (unsigned i = REGISTER_ARGS; i < n && i < EVENT_ARGS; i++)
		c->arg[i] = call_vararg(m, c, i);
}

void call_finish(struct machine *m, uint32_t thread, uint64_t r3)
{
	struct w_thread *t = thread_row(m, thread);
	context_row(m, thread)->gpr[3] = r3;
	emit_return(m, thread, r3);
	account_return(m, thread, r3);
	t->in_call = 0;
	t->export_row = 0;
	t->spinning = 0;
}

static void begin(struct machine *m, struct call *c)
{
	struct w_thread *t = thread_row(m, c->thread);
	bool again = t->spinning && t->export_row == c->row + 1;
	t->export_row = c->row + 1;
	t->in_call = 1;
	if (again)
		return;
	account_call(m, c->thread, c->row + 1);
	emit_call(m, EV_IMPORT_CALL, c);
	emit_call(m, EV_KERNEL_CALL, c);
}

/* What a NONE row does where the run goes on. */
static void export_none(struct machine *m, struct call *c)
{
	emit_call(m, EV_STUB, c);
	call_return(c, machine_stub_policy(m).value);
}

void call_dispatch(struct machine *m, uint32_t thread)
{
	const struct ppc_context *ctx = context_peek(m, thread);
	struct call c = { .thread = thread, .lr = (uint32_t)ctx->lr };
	uint32_t number = (uint32_t)ctx->gpr[11];
	int row = export_find_number(number >> 16, (uint16_t)number);
	if (row < 0 || export_table[row].state == EXPORT_VAR) {
		stop_bad_call(m, thread);
		return;
	}
	c.row = (uint32_t)row;
	m->acting = thread;
	args_read(m, &c);
	const struct export *e = &export_table[row];
	if (e->state == EXPORT_NONE && !machine_row(m)->stubs_go_on) {
		emit_call(m, EV_IMPORT_CALL, &c);
		stop_unimplemented(m, &c);
	} else {
		begin(m, &c);
		(e->fn ? e->fn : export_none)(m, &c);
		if (UNLIKELY(e->state != EXPORT_IMPL))
			stub_note(m, &c);
		if (!c.parked)
			call_finish(m, thread, c.result);
	}
	m->acting = 0;
}

void export_stub(struct machine *m, struct call *c)
{
	emit_call(m, EV_STUB, c);
}

/* ---- the caller's memory ------------------------------------------------------------------------------------------------------ */

void call_fault(struct machine *m, struct call *c, uint32_t ga, uint32_t size, bool store, enum mem_result why)
{
	if (!c->faulted)
		stop_call_fault(m, c, ga, size, store, why);
	c->faulted = true;
}

bool in_bytes(struct machine *m, struct call *c, uint32_t ga, void *bytes, uint32_t size)
{
	enum mem_result r = mem_read(&m->mem, ga, bytes, size);
	if (r == MEM_OK)
		return true;
	memset(bytes, 0, size);
	call_fault(m, c, ga, size, false, r);
	return false;
}

bool out_bytes(struct machine *m, struct call *c, uint32_t ga, const void *bytes, uint32_t size)
{
	enum mem_result r = mem_write(&m->mem, ga, bytes, size);
	if (r != MEM_OK)
		call_fault(m, c, ga, size, true, r);
	return r == MEM_OK;
}

bool probe_bytes(struct machine *m, struct call *c, uint32_t ga, uint32_t size, bool store)
{
	unsigned need = store ? MEM_PROT_W : MEM_PROT_R;
	for (uint64_t at = ga & ~(uint64_t)(MEM_PAGE - 1); size && at < (uint64_t)ga + size; at += MEM_PAGE) {
		const struct mem_page *p = mem_page_at(&m->mem, (uint32_t)at);
		bool mapped = at >> 32 == 0 && p->state == MEM_COMMITTED;
		if (mapped && p->protect & need)
			continue;
		call_fault(m, c, at < ga ? ga : (uint32_t)at, 1, store, mapped ? MEM_FAULT_PROTECTED : MEM_FAULT_UNMAPPED);
		return false;
	}
	return true;
}

uint32_t in8(struct machine *m, struct call *c, uint32_t ga)
{
	uint8_t v;
	in_bytes(m, c, ga, &v, sizeof v);
	return v;
}

uint32_t in16(struct machine *m, struct call *c, uint32_t ga)
{
	be16 v;
	in_bytes(m, c, ga, &v, sizeof v);
	return be16_get(v);
}

uint32_t in32(struct machine *m, struct call *c, uint32_t ga)
{
	be32 v;
	in_bytes(m, c, ga, &v, sizeof v);
	return be32_get(v);
}

uint64_t in64(struct machine *m, struct call *c, uint32_t ga)
{
	be64 v;
	in_bytes(m, c, ga, &v, sizeof v);
	return be64_get(v);
}

void out8(struct machine *m, struct call *c, uint32_t ga, uint8_t v)
{
	out_bytes(m, c, ga, &v, sizeof v);
}

void out16(struct machine *m, struct call *c, uint32_t ga, uint16_t v)
{
	be16 b = be16_of(v);
	out_bytes(m, c, ga, &b, sizeof b);
}

void out32(struct machine *m, struct call *c, uint32_t ga, uint32_t v)
{
	be32 b = be32_of(v);
	if (ga)
		out_bytes(m, c, ga, &b, sizeof b);
}

void out64(struct machine *m, struct call *c, uint32_t ga, uint64_t v)
{
	be64 b = be64_of(v);
	out_bytes(m, c, ga, &b, sizeof b);
}

void in_string(struct machine *m, struct call *c, uint32_t ga, char *buf, size_t size)
{
	size_t i = 0;
	for (; i + 1 < size; i++) {
		buf[i] = (char)in8(m, c, ga + (uint32_t)i);
		if (!buf[i] || c->faulted)
			break;
	}
	buf[i] = '\0';
}

void in_ansi_string(struct machine *m, struct call *c, uint32_t ga, char *buf, size_t size)
{
	struct g_ansi_string s;
	buf[0] = '\0';
	if (!in_bytes(m, c, ga, &s, sizeof s))
		return;
	size_t n = be16_get(s.length);
	if (n > size - 1)
		n = size - 1;
	if (n)
		in_bytes(m, c, be32_get(s.pointer), buf, (uint32_t)n);
	buf[n] = '\0';
}
