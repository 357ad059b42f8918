/* kernel/xam_msg.c - XMsg*: messages to XAM's apps, each answered as kernel/xmsg.def says, and what is known of their requests. */
#include "config.h"

#include "kernel/emit.h"
#include "kernel/handlers.h"
#include "kernel/xmsg.h"

static const struct known {
	uint32_t app, number;
	message_fn *fn; /* NULL: a stub */
	uint32_t answer;
} messages[] = {
#define XMSG(app, number, id, name) { app, number, msg_##id, 0 },
#define STUB(app, number, answer, name) { app, number, NULL, answer },
#include "kernel/xmsg.def"
#undef XMSG
#undef STUB
};

static bool is_app(uint32_t app)
{
	for (unsigned i = 0; i < ARRAY_LEN(messages); i++)
		if (messages[i].app == app)
			return true;
	return false;
}

void message_out(struct message *msg, uint32_t ga, uint32_t v)
{
	INVARIANT(msg->outs < OVERLAPPED_OUTS);
	msg->word[msg->outs] = be32_of(v);
	msg->request.out[msg->outs] = (struct overlapped_out){ ga, sizeof msg->word[0], &msg->word[msg->outs], 0 };
	msg->outs++;
}

uint32_t message_word(struct machine *m, struct call *c, const struct message *msg, unsigned i)
{
	return in32(m, c, msg->buffer + i * 4);
}

/* The answer; what nobody knows is counted as a stub, with the call's arguments (app and message among them). */
static uint32_t dispatch(struct machine *m, struct call *c, struct message *msg)
{
	uint32_t app = arg32(c, 0), number = arg32(c, 1);
	for (unsigned i = 0; i < ARRAY_LEN(messages); i++) {
		const struct known *k = &messages[i];
		if (k->app != app || k->number != number)
			continue;
		if (k->fn)
			return k->fn(m, c, msg);
		emit_call(m, EV_STUB, c);
		return k->answer;
	}
	emit_call(m, EV_STUB, c);
	return is_app(app) ? XMSG_FAIL : XMSG_NOT_FOUND;
}

/* (app, message, XOVERLAPPED, buffer, bytes, ...): an app that is none is an invalid argument here. */
static void start(struct machine *m, struct call *c)
{
	struct message msg = { .buffer = arg32(c, 3), .size = arg32(c, 4) };
	uint32_t answer = dispatch(m, c, &msg);
	msg.request.ga = arg32(c, 2);
	msg.request.end = overlapped_plain(answer == XMSG_NOT_FOUND && !is_app(arg32(c, 0)) ? XMSG_INVALID_ARGUMENT : answer);
	msg.request.ticks = OVERLAPPED_TICKS;
	overlapped_begin(m, c, &msg.request);
}

void k_XMsgStartIORequest(struct machine *m, struct call *c)
{
	start(m, c);
}

void k_XMsgStartIORequestEx(struct machine *m, struct call *c)
{
	start(m, c);
}

/* Both are over when they return. */
static void process(struct machine *m, struct call *c)
{
	struct message msg = { .buffer = arg32(c, 2), .size = arg32(c, 3) };
	msg.request.end.answer = dispatch(m, c, &msg);
	overlapped_begin(m, c, &msg.request);
}

void k_XMsgInProcessCall(struct machine *m, struct call *c)
{
	process(m, c);
}

void k_XMsgSystemProcessCall(struct machine *m, struct call *c)
{
	process(m, c);
}

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
