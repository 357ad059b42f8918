/* tests/guest/lockorder.c - two threads take two mutants in opposite order; a third one only wants the first.
 *
 * verdict: WEDGE
 * root: Mutant owner-cycle drawer main saver settings
 *
 * What the debugger must find: a circle of owners. The saver (tid 2) owns "profile" and waits for "disc"; the settings thread (tid 3) owns
 * "disc" and waits for "profile". The drawer (tid 4) waits for "profile" and hangs on the circle without being part of it; main joins it.
 */
#include "kit.h"

static HANDLE profile, disc;

static void take(HANDLE mutant)
{
	NtWaitForSingleObjectEx(mutant, USER_MODE, NOT_ALERTABLE, NULL);
}

static void hold_then_want(HANDLE held, HANDLE wanted)
{
	const int64_t while_holding = MILLISECONDS(2);
	take(held);
	KeDelayExecutionThread(USER_MODE, NOT_ALERTABLE, &while_holding);
	take(wanted);
	NtReleaseMutant(wanted, NULL);
	NtReleaseMutant(held, NULL);
}

static uint32_t saver(void *arg)
{
	(void)arg;
	hold_then_want(profile, disc);
	return 0;
}

static uint32_t settings(void *arg)
{
	(void)arg;
	hold_then_want(disc, profile);
	return 0;
}

static uint32_t drawer(void *arg)
{
	const int64_t later = MILLISECONDS(5);
	(void)arg;
	KeDelayExecutionThread(USER_MODE, NOT_ALERTABLE, &later);
	take(profile);
	NtReleaseMutant(profile, NULL);
	return 0;
}

int main(void)
{
	HANDLE a, b, c;
	NtCreateMutant(&profile, NULL, 0);
	NtCreateMutant(&disc, NULL, 0);
	ExCreateThread(&a, 0, NULL, NULL, saver, NULL, ON_HW(1));
	ExCreateThread(&b, 0, NULL, NULL, settings, NULL, ON_HW(2));
	ExCreateThread(&c, 0, NULL, NULL, drawer, NULL, ON_HW(3));
	NtWaitForSingleObjectEx(c, USER_MODE, NOT_ALERTABLE, NULL);
	return 0;
}
