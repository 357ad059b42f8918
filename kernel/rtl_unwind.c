/* kernel/rtl_unwind.c - what an unwinder begins with: the caller's registers, and .pdata's entry of a function. */
#include "config.h"

#include "kernel/call.h"
#include "kernel/guest.h"
#include "kernel/handlers.h"
#include "kernel/module.h"
#include "kernel/rows.h"

/* A register's bytes as stvx writes them. */
static void put_vr(uint8_t out[16], const union ppc_vr *v)
{
	for (unsigned i = 0; i < 16; i++)
		out[i] = v->b[15 - i];
}

/* xboxkrnl 0x119: (context): the whole record, in the state that the caller goes on in: the next instruction is the one behind the call.
 * DEBT(exceptions): that all parts are filled whatever the flags ask for is NT's; UserModeControl is 0. */
void k_RtlCaptureContext(struct machine *m, struct call *c)
{
	const struct ppc_context *r = context_peek(m, c->thread);
	struct g_context g = { .flags = be32_of(CONTEXT_FULL),
		.msr = be32_of((uint32_t)r->msr),
		.iar = be32_of(c->lr),
		.lr = be32_of(c->lr),
		.ctr = be64_of(r->ctr),
		.cr = be32_of(ppc_cr(r)),
		.xer = be32_of(ppc_xer(r)),
		.fpscr = be64_of(r->fpscr) };
	for (unsigned i = 0; i < 32; i++) {
		g.gpr[i] = be64_of(r->gpr[i]);
		g.fpr[i] = be64_of(r->fpr[i]);
	}
	store_be32(g.vscr + 12, r->vscr);
	for (unsigned i = 0; i < 128; i++)
		put_vr(g.vr[i], &r->vr[i]);
	out_bytes(m, c, arg32(c, 0), &g, sizeof g);
}

/* xboxkrnl 0x131: (pc): the entry in .pdata, of the title or of a library, of the function that covers @pc, or NULL: a leaf without one, or
 * no code of theirs. DEBT(exceptions): the one argument is that of NT on RISC processors, where entries hold whole addresses as here; where entries
 * are relative (x64) there are an image base and a history too. */
void k_RtlLookupFunctionEntry(struct machine *m, struct call *c)
{
	struct image_function f;
	call_return(c, machine_function_at(m, arg32(c, 0), &f) ? f.entry : 0);
}
