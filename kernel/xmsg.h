/* kernel/xmsg.h - handlers of messages (kernel/xmsg.def). */
#ifndef KERNEL_XMSG_H
#define KERNEL_XMSG_H

#include "kernel/overlapped.h"

#define XMSG_SUCCESS 0u
#define XMSG_FAIL 0x80004005u               /* E_FAIL */
#define XMSG_INVALID_ARGUMENT 0x80070057u   /* E_INVALIDARG */
#define XMSG_NOT_FOUND 0x80070490u          /* HRESULT of ERROR_NOT_FOUND */
#define XMSG_NOT_LOGGED_ON 0x80151802u      /* X_ONLINE_E_LOGON_NOT_LOGGED_ON */
#define XMSG_LOGON_DISCONNECTED 0x001510F1u /* X_ONLINE_S_LOGON_DISCONNECTED */
#define XMSG_SESSION_NOT_LOGGED_ON 0x80155209u

/** A message: what it says, and what it will write into the title's memory at its end. */
struct message {
	uint32_t buffer, size; /* as given; a size of 0 says nothing */
	struct overlapped_request request;
	be32 word[OVERLAPPED_OUTS];
	unsigned outs;
};
/** Writes @v at @ga at its end; 0 = nothing. */
void message_out(struct message *msg, uint32_t ga, uint32_t v);
/** The @i-th word of its buffer; a bad address faults the call. */
uint32_t message_word(struct machine *m, struct call *c, const struct message *msg, unsigned i);

/** @return an HRESULT, or a Win32 error */
typedef uint32_t message_fn(struct machine *m, struct call *c, struct message *msg);
#define XMSG(app, number, id, name) message_fn msg_##id;
#define STUB(app, number, answer, name)
#include "kernel/xmsg.def"
#undef XMSG
#undef STUB

#endif
