/* tests/guest/recycled.c - a slot recycled under a stale handle: a late NtSetEvent meets the wrong object.
 *
 * verdict: WEDGE
 * root: Event/Auto wrong-object main streamer
 *
 * What the debugger must find: the streamer (tid 2) waits for "done" through a duplicate. The disc thread (tid 3) has kept the number of the first
 * handle; by the time that it sets it, main has closed that handle, and a new event has got the slot (the next generation of the same
 * number). The signal goes there. No handle is wrong at the moment of its use: only the trail of the number tells.
 */
#include "kit.h"

static HANDLE done_alias, closed;

static uint32_t streamer(void *arg)
{
	(void)arg;
	NtWaitForSingleObjectEx(done_alias, USER_MODE, NOT_ALERTABLE, NULL);
	DbgPrint("recycled: the disc is done\n");
	return 0;
}

static uint32_t disc(void *arg)
{
	HANDLE kept = (HANDLE)(uintptr_t)arg;
	NtWaitForSingleObjectEx(closed, USER_MODE, NOT_ALERTABLE, NULL);
	DbgPrint("recycled: set %s\n", NtSetEvent(kept, NULL) == STATUS_SUCCESS ? "well" : "not at all");
	return 0;
}

int main(void)
{
	HANDLE done = 0, other = 0, threads[2];
	NtCreateEvent(&done, NULL, EVENT_AUTO, 0);
	NtDuplicateObject(done, &done_alias, DUPLICATE_SAME_ACCESS);
	NtCreateEvent(&closed, NULL, EVENT_MANUAL, 0);
	ExCreateThread(&threads[0], 0, NULL, NULL, streamer, NULL, ON_HW(1));
	ExCreateThread(&threads[1], 0, NULL, NULL, disc, (void *)(uintptr_t)done, ON_HW(2));
	NtClose(done);               /* the bug: one thread still knows the number */
	NtCreateEvent(&other, NULL, EVENT_MANUAL, 0);
	DbgPrint("recycled: the number is %s\n", other == done ? "the same" : "another");
	NtSetEvent(closed, NULL);
	NtWaitForSingleObjectEx(threads[0], USER_MODE, NOT_ALERTABLE, NULL);
	return 0;
}
