/* tests/guest/spinner.c - a thread that asks a flag over and over and never gives way, while everybody else is parked.
 *
 * verdict: RUNNING
 * limit: 100k
 *
 * What the debugger must find: no WEDGE, for tid 2 can run (and does nothing else), at spin_until. main and the helper (tid 3) are parked; the flag
 * that the spinner asks for would be set by the helper, which waits for the event that the spinner would set afterwards.
 */
#include "kit.h"

static volatile uint32_t flag;
static HANDLE ready;

static void spin_until(volatile uint32_t *set)
{
	while (!*set)
		;
}

static uint32_t spinner(void *arg)
{
	(void)arg;
	spin_until(&flag);
	NtSetEvent(ready, NULL);
	return 0;
}

static uint32_t helper(void *arg)
{
	(void)arg;
	NtWaitForSingleObjectEx(ready, USER_MODE, NOT_ALERTABLE, NULL);
	flag = 1;
	return 0;
}

int main(void)
{
	HANDLE threads[2];
	NtCreateEvent(&ready, NULL, EVENT_AUTO, 0);
	ExCreateThread(&threads[0], 0, NULL, NULL, spinner, NULL, ON_HW(1));
	ExCreateThread(&threads[1], 0, NULL, NULL, helper, NULL, ON_HW(2));
	NtWaitForMultipleObjectsEx(2, threads, WAIT_ALL, USER_MODE, NOT_ALERTABLE, NULL);
	return 0;
}
