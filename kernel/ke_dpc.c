/* kernel/ke_dpc.c - Ke* of DPCs. */
#include "config.h"

#include "kernel/call.h"
#include "kernel/dpc.h"
#include "kernel/guest.h"
#include "kernel/handlers.h"

#define DPC_TYPE 19

/* xboxkrnl 0x06F: (dpc, routine, context). It will run where it is queued: the hardware thread's number is for the title to put in. */
void k_KeInitializeDpc(struct machine *m, struct call *c)
{
	const struct g_kdpc k = { .type = be16_of(DPC_TYPE), .routine = be32_of(arg32(c, 1)), .context = be32_of(arg32(c, 2)) };
	out_bytes(m, c, arg32(c, 0), &k, sizeof k);
}

static bool readable(struct machine *m, struct call *c)
{
	struct g_kdpc k;
	return in_bytes(m, c, arg32(c, 0), &k, sizeof k);
}

/* xboxkrnl 0x07B: (dpc, arg1, arg2). 0: it was queued already, and keeps its arguments. */
void k_KeInsertQueueDpc(struct machine *m, struct call *c)
{
	if (readable(m, c))
		call_return(c, dpc_insert(m, c->thread, arg32(c, 0), arg32(c, 1), arg32(c, 2)));
}

/* xboxkrnl 0x08E: 1: it was queued. */
void k_KeRemoveQueueDpc(struct machine *m, struct call *c)
{
	if (readable(m, c))
		call_return(c, dpc_remove(m, c->thread, arg32(c, 0)));
}
