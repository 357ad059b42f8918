/* tests/guest/inversion.c - priority inversion: a thread that never waits keeps the owner of a mutant from running, and so its waiter.
 *
 * verdict: RUNNING
 * limit: 200k
 *
 * What the debugger must find, all three on hardware thread 1: "high" (tid 4) waits for the mutant; "low" (tid 2) owns it and is ready to run;
 * "middle" (tid 3), of a priority between them, never gives way. That is no WEDGE: something runs, for ever. `why 4` leads to low.
 */
#include "kit.h"

static HANDLE mutant, owned;
static volatile uint32_t frames, work;

static void set_priority(HANDLE thread, int32_t increment)
{
	uint32_t object = 0;
	ObReferenceObjectByHandle(thread, 0, &object);
	KeSetBasePriorityThread((void *)(uintptr_t)object, increment);
	ObDereferenceObject((void *)(uintptr_t)object);
}

static uint32_t low(void *arg)
{
	(void)arg;
	NtWaitForSingleObjectEx(mutant, USER_MODE, NOT_ALERTABLE, NULL);
	NtSetEvent(owned, NULL);
	for (uint32_t i = 0; i < 100000; i++)
		work++;
	NtReleaseMutant(mutant, NULL);
	return 0;
}

static uint32_t middle(void *arg)
{
	(void)arg;
	while (frames != UINT32_MAX)
		frames += 2;         /* from an even number on: for ever */
	return 0;
}

static uint32_t high(void *arg)
{
	(void)arg;
	NtWaitForSingleObjectEx(mutant, USER_MODE, NOT_ALERTABLE, NULL);
	return 0;
}

static HANDLE start(uint32_t (*function)(void *), int32_t increment)
{
	HANDLE thread = 0;
	ExCreateThread(&thread, 0, NULL, NULL, function, NULL, ON_HW(1) | CREATE_SUSPENDED);
	set_priority(thread, increment);
	NtResumeThread(thread, NULL);
	return thread;
}

int main(void)
{
	NtCreateMutant(&mutant, NULL, 0);
	NtCreateEvent(&owned, NULL, EVENT_AUTO, 0);
	start(low, -1);
	NtWaitForSingleObjectEx(owned, USER_MODE, NOT_ALERTABLE, NULL);
	start(middle, 0);
	HANDLE last = start(high, 1);
	NtWaitForSingleObjectEx(last, USER_MODE, NOT_ALERTABLE, NULL);
	DbgPrint("inversion: high has got it\n");
	return 0;
}
