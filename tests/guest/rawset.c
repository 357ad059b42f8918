/* tests/guest/rawset.c - an event that is set by hand: a store into its header instead of a call.
 *
 * verdict: WEDGE
 * root: Event/Man never-sent main reader
 *
 * What the debugger must find: the reader (tid 2) waits for "ready", a KEVENT in the title's memory. main has stored 1 to its signal state (a
 * macro of another system's): whoever asks next finds it set, but a store wakes nobody. The event is signalled and its waiter waits: that is no
 * fault of the kernel's, and the report must not say so; it names the store.
 */
#include "kit.h"

static struct kit_event ready;
static volatile uint32_t asleep;

static uint32_t reader(void *arg)
{
	(void)arg;
	asleep = 1;
	KeWaitForSingleObject(&ready, 0, USER_MODE, NOT_ALERTABLE, NULL);
	return 0;
}

int main(void)
{
	HANDLE thread;
	const int64_t moment = MILLISECONDS(2);
	KeInitializeEvent(&ready, EVENT_MANUAL, 0);
	ExCreateThread(&thread, 0, NULL, NULL, reader, NULL, ON_HW(1));
	while (!asleep)
		KeDelayExecutionThread(USER_MODE, NOT_ALERTABLE, &moment);
	KeDelayExecutionThread(USER_MODE, NOT_ALERTABLE, &moment);
	*(volatile int32_t *)&ready.header.signal_state = 1;
	NtWaitForSingleObjectEx(thread, USER_MODE, NOT_ALERTABLE, NULL);
	return 0;
}
