/* tests/guest/apcdeaf.c - completion by APC to a thread that never listens.
 *
 * verdict: WEDGE
 * root: Event/Auto never-sent main
 *
 * What the debugger must find: main waits for "read", an event that only its own completion procedure would set; the disc thread (tid 2)
 * has queued that procedure to main as a user APC and has ended. It never runs, for main's wait is not alertable: one wrong flag.
 */
#include "kit.h"

static HANDLE read_done, main_thread;

static void completed(void *context, void *bytes, void *unused)
{
	(void)context, (void)bytes, (void)unused;
	NtSetEvent(read_done, NULL);
}

static uint32_t disc(void *arg)
{
	const int64_t seek = MILLISECONDS(5);
	(void)arg;
	KeDelayExecutionThread(USER_MODE, NOT_ALERTABLE, &seek);
	NtQueueApcThread(main_thread, completed, NULL, (void *)2048, NULL);
	return 0;
}

int main(void)
{
	HANDLE thread;
	NtCreateEvent(&read_done, NULL, EVENT_AUTO, 0);
	NtDuplicateObject(CURRENT_THREAD, &main_thread, 0);
	ExCreateThread(&thread, 0, NULL, NULL, disc, NULL, ON_HW(1));
	NtWaitForSingleObjectEx(read_done, USER_MODE, NOT_ALERTABLE, NULL); /* the bug: ALERTABLE was meant */
	DbgPrint("apcdeaf: read\n");
	return 0;
}
