/* tests/guest/crossed.c - two threads take two critical sections in opposite order.
 *
 * What the debugger must find: WEDGE by an owner cycle. "left" (tid 2) owns section `first` and waits for `second`; "right" (tid 3) owns
 * `second` and waits for `first`; main joins "left". No signal is missing: the cycle is the cause.
 */
#include "kit.h"

static struct kit_critical_section first, second;

static void hold_then_want(struct kit_critical_section *held, struct kit_critical_section *wanted)
{
	const int64_t while_holding = MILLISECONDS(2);
	RtlEnterCriticalSection(held);
	KeDelayExecutionThread(USER_MODE, NOT_ALERTABLE, &while_holding); /* time enough for the other one to take its first */
	RtlEnterCriticalSection(wanted);
	RtlLeaveCriticalSection(wanted);
	RtlLeaveCriticalSection(held);
}

static uint32_t left(void *arg)
{
	(void)arg;
	hold_then_want(&first, &second);
	return 0;
}

static uint32_t right(void *arg)
{
	(void)arg;
	hold_then_want(&second, &first);
	return 0;
}

int main(void)
{
	HANDLE a = 0, b = 0;
	RtlInitializeCriticalSection(&first);
	RtlInitializeCriticalSection(&second);
	ExCreateThread(&a, 0, NULL, NULL, left, NULL, ON_HW(1));
	ExCreateThread(&b, 0, NULL, NULL, right, NULL, ON_HW(2));
	NtWaitForSingleObjectEx(a, USER_MODE, NOT_ALERTABLE, NULL);
	DbgPrint("crossed: not crossed after all\n");
	return 0;
}
