/* tests/guest/timercancel.c - a timer that is cancelled under its waiter: the console's CancelWaitableTimer wakes nobody.
 *
 * verdict: WEDGE
 * root: Timer/Auto cancelled listener main
 *
 * What the debugger must find: the listener (tid 2) waits for the synchronization timer "heartbeat" (10 ms, periodic), which woke it twice; 25 ms after the start
 * the janitor (tid 3) called NtCancelTimer on it and ended. Nothing is armed. main joins the listener.
 */
#include "kit.h"

static HANDLE heartbeat;

static uint32_t listener(void *arg)
{
	(void)arg;
	for (unsigned beats = 0; beats < 10; beats++)
		NtWaitForSingleObjectEx(heartbeat, USER_MODE, NOT_ALERTABLE, NULL);
	return 0;
}

/* Thinks that a waiter learns of it. */
static uint32_t janitor(void *arg)
{
	const int64_t pause = MILLISECONDS(25);
	uint32_t signalled;
	(void)arg;
	KeDelayExecutionThread(USER_MODE, NOT_ALERTABLE, &pause);
	NtCancelTimer(heartbeat, &signalled);
	return 0;
}

int main(void)
{
	const int64_t first = MILLISECONDS(10);
	HANDLE a, b;
	NtCreateTimer(&heartbeat, NULL, TIMER_SYNCHRONIZATION);
	NtSetTimerEx(heartbeat, &first, NULL, USER_MODE, NULL, 0, 10, NULL);
	ExCreateThread(&a, 0, NULL, NULL, listener, NULL, ON_HW(1));
	ExCreateThread(&b, 0, NULL, NULL, janitor, NULL, ON_HW(2));
	NtWaitForSingleObjectEx(a, USER_MODE, NOT_ALERTABLE, NULL);
	return 0;
}
