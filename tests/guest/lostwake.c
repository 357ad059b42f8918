/* tests/guest/lostwake.c - two lost wake-ups: a pulse that meets no waiter, and an auto-reset event that somebody else uses up.
 *
 * verdict: WEDGE
 * root: Event/Man consumed late
 * root: Event/Auto consumed main taker
 *
 * What the debugger must find: "go" was pulsed (NtPulseEvent by the conductor, tid 2) 5 ms before the late one (tid 3) came to wait for it; "work" was set once
 * by main, but the thief's (tid 4) poll with a zero timeout took it, so the taker (tid 5) waits for nothing. main joins the taker.
 * Neither signal is missing: both were sent and used up.
 */
#include "kit.h"

static HANDLE go, work, stolen;

static uint32_t conductor(void *arg)
{
	(void)arg;
	NtPulseEvent(go, NULL);
	return 0;
}

static uint32_t late(void *arg)
{
	const int64_t loading = MILLISECONDS(5);
	(void)arg;
	KeDelayExecutionThread(USER_MODE, NOT_ALERTABLE, &loading);
	NtWaitForSingleObjectEx(go, USER_MODE, NOT_ALERTABLE, NULL);
	return 0;
}

/* Only wants to know whether there is work: but looking at an auto-reset event takes it. */
static uint32_t thief(void *arg)
{
	const int64_t poll = 0, pause = MILLISECONDS(1);
	(void)arg;
	while (NtWaitForSingleObjectEx(work, USER_MODE, NOT_ALERTABLE, &poll) == STATUS_TIMEOUT)
		KeDelayExecutionThread(USER_MODE, NOT_ALERTABLE, &pause);
	NtSetEvent(stolen, NULL);
	return 0;
}

static uint32_t taker(void *arg)
{
	(void)arg;
	NtWaitForSingleObjectEx(stolen, USER_MODE, NOT_ALERTABLE, NULL);
	NtWaitForSingleObjectEx(work, USER_MODE, NOT_ALERTABLE, NULL);
	return 0;
}

int main(void)
{
	HANDLE a, b, c;
	NtCreateEvent(&go, NULL, EVENT_MANUAL, 0);
	NtCreateEvent(&work, NULL, EVENT_AUTO, 0);
	NtCreateEvent(&stolen, NULL, EVENT_AUTO, 0);
	ExCreateThread(&a, 0, NULL, NULL, conductor, NULL, ON_HW(1));
	ExCreateThread(&a, 0, NULL, NULL, late, NULL, ON_HW(1));
	ExCreateThread(&b, 0, NULL, NULL, thief, NULL, ON_HW(2));
	ExCreateThread(&c, 0, NULL, NULL, taker, NULL, ON_HW(3));
	NtSetEvent(work, NULL);
	NtWaitForSingleObjectEx(c, USER_MODE, NOT_ALERTABLE, NULL);
	return 0;
}
