/* tests/guest/borrow.c - imports from a library by itself: toolbox.xex is loaded before its first instruction.
 *
 * verdict: ENDED 0
 *
 * Nothing to find. The library was told of its begin on the title's first thread, of the one thread that the title makes, and of its end.
 */
#include "kit_dll.h"

KIT_LIBRARY("toolbox.xex");
KIT_IMPORT(3, add);
KIT_IMPORT(5, told);
uint32_t add(uint32_t a, uint32_t b);
uint32_t told(uint32_t reason);

static uint32_t helper(void *arg)
{
	return add((uint32_t)(uintptr_t)arg, told(DLL_THREAD_ATTACH));
}

int main(void)
{
	HANDLE thread = 0;
	ExCreateThread(&thread, 0, NULL, NULL, helper, (void *)20, ON_HW(1));
	NtWaitForSingleObjectEx(thread, USER_MODE, NOT_ALERTABLE, NULL);
	DbgPrint("borrow: %u %u %u\n", told(DLL_PROCESS_ATTACH), told(DLL_THREAD_ATTACH), told(DLL_THREAD_DETACH));
	return add(told(DLL_PROCESS_ATTACH), told(DLL_THREAD_DETACH)) != 2;
}
