/* tests/guest/toolbox.c - a library for plugin.c and borrow.c: counts what it is told, and has three exports.
 *
 * add is exported by name and ordinal, told by ordinal alone, and marked by both: it is what the thread functions call.
 */
#include "kit_dll.h"

static uint32_t counts[4];

uint32_t DllMain(void *module, uint32_t reason, void *reserved)
{
	(void)module, (void)reserved;
	counts[reason & 3]++;
	DbgPrint("toolbox: told %u\n", reason);
	return 1;
}

uint32_t add(uint32_t a, uint32_t b)
{
	return a + b;
}

/* How often it was told @reason. */
uint32_t told(uint32_t reason)
{
	return counts[reason & 3];
}

uint32_t marked(void *arg)
{
	return (uint32_t)(uintptr_t)arg + counts[DLL_THREAD_ATTACH];
}

KIT_EXPORT(3, add);
KIT_EXPORT_ORDINAL(5, told);
KIT_EXPORT(7, marked);
