/* kernel/xam_notify.c - XamNotify*, XNotify*: listeners of notifications (kernel/notify.h). The pop-ups that titles queue are seen by nobody. */
#include "config.h"

#include "kernel/args.h"
#include "kernel/call.h"
#include "kernel/handle.h"
#include "kernel/handlers.h"
#include "kernel/notify.h"
#include "kernel/object.h"

static void create(struct machine *m, struct call *c, uint64_t mask, uint32_t max_version)
{
	uint32_t object = listener_new(m, c->thread, mask, max_version);
	call_return(c, 0);
	if (!object)
		return;
	object_hold(m, object);
	object_born(m, c->thread, object);
	uint32_t slot = handle_open(m, c->thread, object);
	if (slot) {
		call_return(c, slot_peek(m, slot)->handle);
		listener_greet(m, c->thread, object);
	}
	object_hold_end(m, object);
}

/* (mask, newest version that it knows): handle, 0 = no memory */
void k_XamNotifyCreateListener(struct machine *m, struct call *c)
{
	create(m, c, c->arg[0], arg32(c, 1));
}

/* (mask, is it the system's, newest version) */
void k_XamNotifyCreateListenerInternal(struct machine *m, struct call *c)
{
	create(m, c, c->arg[0], arg32(c, 2));
}

/* (listener, id or 0, id *, data * or NULL): 1 = there was one (facts: XAM; which pointer may be NULL: Xenia canary) */
void k_XNotifyGetNext(struct machine *m, struct call *c)
{
	uint32_t slot, object = arg_by_handle(m, c, arg32(c, 0), OT_BIT(OT_LISTENER), &slot);
	struct w_notification n = { 0 };
	if (arg32(c, 3))
		out32(m, c, arg32(c, 3), 0);
	out32(m, c, arg32(c, 2), 0);
	call_return(c, 0);
	if (!arg32(c, 2) || c->faulted || !object || !notify_take(m, c->thread, object, slot, arg32(c, 1), &n))
		return;
	out32(m, c, arg32(c, 2), n.id);
	out32(m, c, arg32(c, 3), n.data);
	call_return(c, 1);
}

/* (id, data) */
void k_XNotifyBroadcast(struct machine *m, struct call *c)
{
	notify_post(m, c->thread, arg32(c, 0), arg32(c, 1));
}

/* Where pop-ups appear; nothing appears. */
void k_XNotifyPositionUI(struct machine *m, struct call *c)
{
	(void)m;
	(void)c;
}

/* (milliseconds) */
void k_XNotifyDelayUI(struct machine *m, struct call *c)
{
	(void)m;
	call_return(c, 0);
}

/* (kind, user, areas, text, context): a pop-up */
void k_XNotifyQueueUI(struct machine *m, struct call *c)
{
	(void)m;
	call_return(c, 0);
}
