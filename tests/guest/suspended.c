/* tests/guest/suspended.c - two threads are suspended for ever, one of them with a mutant in its hands.
 *
 * verdict: WEDGE
 * root: Thread owner-gone cleaner writer
 * root: Thread owner-gone main sleeper
 *
 * What the debugger must find: the writer (tid 2) was suspended by main while it owned "cache", and is resumed never; the cleaner (tid 3) wants
 * "cache" and hangs on the writer. The sleeper (tid 4) was made suspended and has never run; main joins it.
 */
#include "kit.h"

static HANDLE cache, owned;

static uint32_t writer(void *arg)
{
	const int64_t writing = MILLISECONDS(20);
	(void)arg;
	NtWaitForSingleObjectEx(cache, USER_MODE, NOT_ALERTABLE, NULL);
	NtSetEvent(owned, NULL);
	KeDelayExecutionThread(USER_MODE, NOT_ALERTABLE, &writing);
	NtReleaseMutant(cache, NULL);
	return 0;
}

static uint32_t cleaner(void *arg)
{
	(void)arg;
	NtWaitForSingleObjectEx(cache, USER_MODE, NOT_ALERTABLE, NULL);
	NtReleaseMutant(cache, NULL);
	return 0;
}

static uint32_t sleeper(void *arg)
{
	(void)arg;
	return 0;
}

int main(void)
{
	HANDLE a = 0, b = 0, c = 0;
	NtCreateMutant(&cache, NULL, 0);
	NtCreateEvent(&owned, NULL, EVENT_MANUAL, 0);
	ExCreateThread(&a, 0, NULL, NULL, writer, NULL, ON_HW(1));
	NtWaitForSingleObjectEx(owned, USER_MODE, NOT_ALERTABLE, NULL);
	NtSuspendThread(a, NULL);
	ExCreateThread(&b, 0, NULL, NULL, cleaner, NULL, ON_HW(2));
	ExCreateThread(&c, 0, NULL, NULL, sleeper, NULL, ON_HW(3) | CREATE_SUSPENDED);
	NtWaitForSingleObjectEx(c, USER_MODE, NOT_ALERTABLE, NULL);
	return 0;
}
