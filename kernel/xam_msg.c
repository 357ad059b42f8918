/* kernel/xam_msg.c - XMsg*: messages to XAM's apps, and what is known of their requests. */
#include "config.h"

#include "kernel/handlers.h"
#include "kernel/overlapped.h"

/* What waits for the request gets its end at once, so there is nothing to wait for (the second argument). Always 0: Xenia. */
void k_XMsgCancelIORequest(struct machine *m, struct call *c)
{
	overlapped_cancel(m, arg32(c, 0));
}

/* (XOVERLAPPED, result, extended error, length): XAM's own code ends a request with it. Always 0: Xenia. */
void k_XMsgCompleteIORequest(struct machine *m, struct call *c)
{
	overlapped_tell(m, c, arg32(c, 0), arg32(c, 1), arg32(c, 2), arg32(c, 3));
}
