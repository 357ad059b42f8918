/* kernel/ex.c - Ex*, Hal*: threads made and ended, the pool, the end of the title. */
#include "config.h"

#include <stdio.h>

#include "kernel/args.h"
#include "kernel/dpc.h"
#include "kernel/emit.h"
#include "kernel/handle.h"
#include "kernel/handlers.h"
#include "kernel/loader.h"
#include "kernel/object.h"
#include "kernel/pool.h"
#include "kernel/rows.h"
#include "kernel/sched.h"
#include "kernel/terminate.h"
#include "kernel/thread.h"

#define BAD_POOL_CALLER 0xC2u

/* xboxkrnl 0x00D: (handle*, stack_size, thread_id*, xapi_startup, start_address, start_context, creation_flags). The child does not
 * run before its creator's slice ends or it blocks, if they share a hardware thread (the default). */
void k_ExCreateThread(struct machine *m, struct call *c)
{
	const struct thread_spec spec = { .stack_size = arg32(c, 1), .startup_ga = arg32(c, 3), .start_ga = arg32(c, 4),
					  .start_arg = arg32(c, 5), .flags = arg32(c, 6) };
	uint32_t thread, nt = thread_create(m, c->thread, &spec, &thread);
	call_return(c, nt);
	if (nt != NT_SUCCESS)
		return;
	const struct w_thread *t = thread_peek(m, thread);
	uint32_t value = t->kthread_ga;
	if (spec.flags & THREAD_POINTER) {
		object_ref_pointer(m, t->object);
	} else {
		uint32_t slot = handle_open(m, c->thread, t->object);
		value = slot ? slot_peek(m, slot)->handle : 0;
	}
	out32(m, c, arg32(c, 0), value);
	out32(m, c, arg32(c, 2), t->tid);
	sched_ready(m, thread);
}

void k_ExTerminateThread(struct machine *m, struct call *c)
{
	c->parked = true;
	if (thread_is_dpc(thread_peek(m, c->thread)))
		dpc_misused(m, c->thread);
	else
		loader_thread_end(m, c->thread, arg32(c, 0));
}

void title_ended(struct machine *m, uint32_t thread, uint32_t status)
{
	struct w_machine *w = machine_row_mut(m);
	w->ended = 1;
	w->exit_status = status;
	emit_plain(m, EV_TITLE_EXIT, thread, status, 0, NULL);
}

void title_end(struct machine *m, struct call *c, uint32_t status)
{
	c->parked = true;
	if (!termination_begin(m, c->thread, status))
		title_ended(m, c->thread, status);
}

void k_ExTerminateTitleProcess(struct machine *m, struct call *c)
{
	title_end(m, c, arg32(c, 0));
}

/* Reboots, or goes to the dashboard: for the title it is the end. */
void k_HalReturnToFirmware(struct machine *m, struct call *c)
{
	title_end(m, c, 0);
}

/* ---- pool ------------------------------------------------------------------------------------------------------------------------ */

void k_ExAllocatePool(struct machine *m, struct call *c)
{
	call_return(c, pool_alloc(m, arg32(c, 0), POOL_TITLE));
}

void k_ExAllocatePoolWithTag(struct machine *m, struct call *c)
{
	call_return(c, pool_alloc(m, arg32(c, 0), POOL_TITLE));
}

void k_ExAllocatePoolTypeWithTag(struct machine *m, struct call *c)
{
	call_return(c, pool_alloc(m, arg32(c, 0), POOL_TITLE));
}

/* A pointer that is no block: the console's kernel bugchecks. */
void k_ExFreePool(struct machine *m, struct call *c)
{
	char text[80];
	if (pool_free(m, arg32(c, 0), POOL_TITLE))
		return;
	snprintf(text, sizeof text, "bugcheck BAD_POOL_CALLER: ExFreePool of %08x from %08x", arg32(c, 0), c->lr);
	bugcheck(m, c, BAD_POOL_CALLER, text);
}

void k_ExQueryPoolBlockSize(struct machine *m, struct call *c)
{
	uint32_t size = pool_size(m, arg32(c, 0), POOL_TITLE);
	if (arg32(c, 1))
		out8(m, c, arg32(c, 1), 0); /* QuotaCharged */
	call_return(c, size);
}
