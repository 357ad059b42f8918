/* kernel/rtl_unwind.c - Rtl: the caller's registers, .pdata's entry of a function, one step up the stack, and unwinding (kernel/seh.h). */
#include "config.h"

#include "kernel/call.h"
#include "kernel/handlers.h"
#include "kernel/module.h"
#include "kernel/rows.h"
#include "kernel/seh.h"
#include "kernel/stop.h"

/* xboxkrnl 0x119: (context): the whole record, in the state that the caller goes on in: the next instruction is the one behind the call.
 * DEBT(exceptions): that all parts are filled whatever the flags ask for is NT's; UserModeControl is 0. */
void k_RtlCaptureContext(struct machine *m, struct call *c)
{
	struct g_context g;
	seh_capture(m, c->thread, c->lr, &g);
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

/* xboxkrnl 0x14B: (pc, entry, context, in function, establisher frame, context pointers, low and high limit of the stack): where control left
 * the caller, whose registers @context then holds. DEBT(exceptions): the arguments are those of NT for PowerPC; a leaf has no entry. */
void k_RtlVirtualUnwind(struct machine *m, struct call *c)
{
	struct g_runtime_function f = { 0 };
	struct g_context g;
	uint32_t pc = arg32(c, 0), entry = arg32(c, 1), low = arg32(c, 6), high = arg32(c, 7), frame;
	if (arg32(c, 5)) {
		stop_unsupported(m, c, "asks where registers are saved: ");
		return;
	}
	if (!in_bytes(m, c, arg32(c, 2), &g, sizeof g) || (entry && !in_bytes(m, c, entry, &f, sizeof f)))
		return;
	frame = (uint32_t)be64_get(g.gpr[1]);
	if (!entry)
		g.iar = g.lr;
	else if ((high && (frame < low || frame >= high)) || !seh_virtual_unwind(m, &f, pc, &g, &frame))
		return; /* 0: nothing to go on with */
	uint8_t body = entry && pc >= be32_get(f.begin) + (be32_get(f.lengths) & 0xff) * 4;
	out_bytes(m, c, arg32(c, 2), &g, sizeof g);
	out8(m, c, arg32(c, 3), body);
	out32(m, c, arg32(c, 4), frame);
	call_return(c, be32_get(g.iar) - 4);
}

/* xboxkrnl 0x147: (frame, ip, record, result): on at @ip in the function of the frame, with @result in r3. */
void k_RtlUnwind(struct machine *m, struct call *c)
{
	seh_unwind(m, c,
		&(struct seh_target){ .frame = arg32(c, 0), .ip = arg32(c, 1), .record = arg32(c, 2), .result = arg32(c, 3) });
}

/* xboxkrnl 0x148: (frame, ip, record, result, context): the same, with the caller's memory for the handlers' CONTEXT. Source of the arguments:
 * NT for Itanium, whose RtlUnwind makes this call. */
void k_RtlUnwind2(struct machine *m, struct call *c)
{
	seh_unwind(m, c,
		&(struct seh_target){ .frame = arg32(c, 0),
			.ip = arg32(c, 1),
			.record = arg32(c, 2),
			.result = arg32(c, 3),
			.context = arg32(c, 4) });
}
