/* kernel/dbg.c - Dbg*: what the title prints, and where it asks for a debugger. */
#include "config.h"

#include "kernel/call.h"
#include "kernel/emit.h"
#include "kernel/handlers.h"
#include "kernel/printf.h"
#include "kernel/stop.h"

#define LINE_BYTES 4096

/* xboxkrnl 0x003: DbgPrint(format, ...); NTSTATUS. */
void k_DbgPrint(struct machine *m, struct call *c)
{
	char line[LINE_BYTES];
	struct guest_args args = guest_args_call(1);
	guest_printf_host(m, c, arg32(c, 0), &args, line, sizeof line);
	if (!c->faulted)
		emit_plain(m, EV_DEBUG_PRINT, c->thread, 0, 0, line);
}

/* xboxkrnl 0x001: a break without a debugger is a trap; going on from it, the call returns. */
void k_DbgBreakPoint(struct machine *m, struct call *c)
{
	stop_plain(m, STOP_TRAP, c->thread, 0, "DbgBreakPoint");
}
