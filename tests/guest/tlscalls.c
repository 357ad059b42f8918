/* tests/guest/tlscalls.c - TLS callbacks of a title, and of a library that it imports from (tlsbox.c); a XEX2 image, which has PE headers.
 *
 * Nothing to find. Each line that is printed is one call: libraries first, a library's callbacks before its entry point, the title's in the order of
 * their array; process attach before main, then attach and detach of the two threads that the title makes, one of which returns and
 * one of which calls ExTerminateThread, and detach of the first thread. Each thread's static TLS is there before them.
 */
#include "kit_tls.h"

KIT_LIBRARY("tlsbox.xex");
KIT_IMPORT(1, times);
uint32_t times(void);

#define TEMPLATE 0x11111111u /* of tests/mkxex --with=tls: its first word */

static uint32_t called;

static void say(uint32_t n, uint32_t reason)
{
	called++;
	DbgPrint("tlscalls: callback %u, reason %u, static TLS %s\n", n, reason, kit_tls_data()[0] == TEMPLATE ? "there" : "MISSING");
}

static void first(void *base, uint32_t reason, void *reserved)
{
	(void)base, (void)reserved;
	say(1, reason);
}

static void second(void *base, uint32_t reason, void *reserved)
{
	(void)base, (void)reserved;
	say(2, reason);
}

KIT_TLS_CALLBACKS(first, second);

static uint32_t returns(void *arg)
{
	DbgPrint("tlscalls: thread %u\n", (uint32_t)(uintptr_t)arg);
	return 0;
}

static uint32_t terminates(void *arg)
{
	DbgPrint("tlscalls: thread %u\n", (uint32_t)(uintptr_t)arg);
	ExTerminateThread(0);
	return 1;
}

static void thread_run(uint32_t (*f)(void *), uint32_t number)
{
	HANDLE thread = 0;
	ExCreateThread(&thread, 0, NULL, NULL, f, (void *)(uintptr_t)number, ON_HW(1));
	NtWaitForSingleObjectEx(thread, USER_MODE, NOT_ALERTABLE, NULL);
	NtClose(thread);
}

int main(void)
{
	DbgPrint("tlscalls: main\n");
	thread_run(returns, 1);
	thread_run(terminates, 2);
	DbgPrint("tlscalls: %u and %u calls before the end\n", called, times());
	return called != 10 || times() != 5;
}
