/* tests/guest/tlsbox.c - a library for tlscalls.c, with a TLS callback beside its entry point. */
#include "kit_tls.h"

static uint32_t called; /* how often the callback was */

static void callback(void *base, uint32_t reason, void *reserved)
{
	(void)reserved;
	called++;
	DbgPrint("tlsbox: callback, reason %u, base %08x\n", reason, (uint32_t)(uintptr_t)base);
}

uint32_t DllMain(void *module, uint32_t reason, void *reserved)
{
	(void)module, (void)reserved;
	DbgPrint("tlsbox: entry point, reason %u, after %u callbacks\n", reason, called);
	return 1;
}

uint32_t times(void)
{
	return called;
}

KIT_TLS_CALLBACKS(callback);
KIT_EXPORT(1, times);
