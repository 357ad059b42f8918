/* kernel/xam_voice.c - XamVoice*: no headset is there. Source: Xenia's answers. */
#include "config.h"

#include "kernel/call.h"
#include "kernel/handlers.h"
#include "kernel/winerror.h"

/* (user, packets, voice *) */
void k_XamVoiceCreate(struct machine *m, struct call *c)
{
	out32(m, c, arg32(c, 2), 0);
	call_return(c, ERROR_ACCESS_DENIED);
}

void k_XamVoiceClose(struct machine *m, struct call *c)
{
	(void)m;
	call_return(c, 0);
}

void k_XamVoiceHeadsetPresent(struct machine *m, struct call *c)
{
	(void)m;
	call_return(c, 0);
}

void k_XamVoiceIsActiveProcess(struct machine *m, struct call *c)
{
	(void)m;
	call_return(c, 0);
}
