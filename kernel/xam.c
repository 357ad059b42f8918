/* kernel/xam.c - Xam*, XGet*: one local user, no pad, an English console (facts: XAM). */
#include "config.h"

#include "kernel/call.h"
#include "kernel/handlers.h"

#define LANGUAGE_ENGLISH 1u
#define AV_PACK_HDMI 8u
#define SIGNED_IN_LOCALLY 1u
#define ERROR_DEVICE_NOT_CONNECTED 0x48Fu

void k_XGetLanguage(struct machine *m, struct call *c)
{
	(void)m;
	call_return(c, LANGUAGE_ENGLISH);
}

void k_XGetAVPack(struct machine *m, struct call *c)
{
	(void)m;
	call_return(c, AV_PACK_HDMI);
}

void k_XamUserGetSigninState(struct machine *m, struct call *c)
{
	(void)m;
	call_return(c, arg32(c, 0) == 0 ? SIGNED_IN_LOCALLY : 0);
}

/* ---- pads: none is there ------------------------------------------------------------------------------------------------------ */

static void no_pad(struct call *c)
{
	call_return(c, ERROR_DEVICE_NOT_CONNECTED);
}

void k_XamInputGetCapabilities(struct machine *m, struct call *c)
{
	(void)m;
	no_pad(c);
}

void k_XamInputGetState(struct machine *m, struct call *c)
{
	(void)m;
	no_pad(c);
}

void k_XamInputSetState(struct machine *m, struct call *c)
{
	(void)m;
	no_pad(c);
}

/* ---- the loader: what comes then is another title --------------------------------------------------------------------------------- */

void k_XamLoaderLaunchTitle(struct machine *m, struct call *c)
{
	title_end(m, c, 0);
}

void k_XamLoaderTerminateTitle(struct machine *m, struct call *c)
{
	title_end(m, c, 0);
}
