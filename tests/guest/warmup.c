/* tests/guest/warmup.c - a library for dllwait.c: its entry point makes a thread and waits for its end. */
#include "kit_dll.h"

uint32_t warm(void *arg)
{
	(void)arg;
	return 0;
}

uint32_t DllMain(void *module, uint32_t reason, void *reserved)
{
	HANDLE thread = 0;
	(void)module, (void)reserved;
	if (reason != DLL_PROCESS_ATTACH)
		return 1;
	ExCreateThread(&thread, 0, NULL, NULL, warm, NULL, ON_HW(1));
	NtWaitForSingleObjectEx(thread, USER_MODE, NOT_ALERTABLE, NULL);
	return 1;
}

KIT_EXPORT(1, warm);
