/* kernel/ke_apc.c - Ke*Apc, KeAlertThread and KeTestAlertThread, NtQueueApcThread. */
#include "config.h"

#include "kernel/apc.h"
#include "kernel/args.h"
#include "kernel/handlers.h"
#include "kernel/object.h"
#include "kernel/rows.h"

/* xboxkrnl 0x06D: (apc, thread, kernel_routine, rundown_routine, normal_routine, mode, context). */
void k_KeInitializeApc(struct machine *m, struct call *c)
{
	struct g_kapc k;
	const struct apc_spec spec = { .thread = arg_thread(m, c, arg32(c, 1)),
		.kernel_routine = arg32(c, 2),
		.rundown_routine = arg32(c, 3),
		.normal_routine = arg32(c, 4),
		.mode = (uint8_t)arg32(c, 5),
		.context = arg32(c, 6) };
	if (!spec.thread)
		return;
	apc_fill(&k, m, &spec);
	out_bytes(m, c, arg32(c, 0), &k, sizeof k);
}

/* The KAPC's thread row; 0: the call has failed or faulted. */
static uint32_t thread_of(struct machine *m, struct call *c, uint32_t apc)
{
	struct g_kapc k;
	return in_bytes(m, c, apc, &k, sizeof k) ? arg_thread(m, c, be32_get(k.thread_ptr)) : 0;
}

/* xboxkrnl 0x07A: (apc, arg1, arg2, increment): false if it is queued already or the thread takes none. */
void k_KeInsertQueueApc(struct machine *m, struct call *c)
{
	uint32_t thread = thread_of(m, c, arg32(c, 0));
	if (thread)
		call_return(c, apc_insert(m, c->thread, thread, arg32(c, 0), arg32(c, 1), arg32(c, 2), (int32_t)arg32(c, 3), 0));
}

/* xboxkrnl 0x2F0: was it queued? */
void k_KeRemoveQueueApc(struct machine *m, struct call *c)
{
	uint32_t thread = thread_of(m, c, arg32(c, 0));
	if (thread)
		call_return(c, apc_remove(m, c->thread, thread, arg32(c, 0)));
}

/* xboxkrnl 0x0E3: (handle, routine, context, arg1, arg2). */
void k_NtQueueApcThread(struct machine *m, struct call *c)
{
	uint32_t object = arg_by_handle(m, c, arg32(c, 0), OT_BIT(OT_THREAD), NULL);
	if (!object)
		return;
	if (!apc_queue_user(m, c->thread, object_peek(m, object)->thread, arg32(c, 1), arg32(c, 2), arg32(c, 3), arg32(c, 4)))
		call_return(c, NT_UNSUCCESSFUL);
}

/* xboxkrnl 0x04F: (thread, mode): was it alerted already? */
void k_KeAlertThread(struct machine *m, struct call *c)
{
	uint32_t thread = arg_thread(m, c, arg32(c, 0));
	if (thread)
		call_return(c, apc_alert(m, thread, (uint8_t)arg32(c, 1)));
}

/* xboxkrnl 0x0AC */
void k_KeTestAlertThread(struct machine *m, struct call *c)
{
	call_return(c, apc_test_alert(m, c->thread, (uint8_t)arg32(c, 0)));
}

/* xboxkrnl 0x1DF and 0x19D: a normal routine that does nothing. */
void k_KiApcNormalRoutineNop(struct machine *m, struct call *c) {}

void k_KiApcNormalRoutineNop_(struct machine *m, struct call *c) {}
