/* tests/guest/abandoned.c - a thread ends with a mutant in its hands: the next owner is told so (0x80), and all goes on. It ends with 0.
 *
 * verdict: ENDED 0
 *
 * The careless one takes the mutant twice and ends. The waiter gets it with 0x80, once held however deep it was; when it is released, main gets
 * it with 0: abandonment is told once. Releasing what is not one's own is refused.
 */
#include "kit.h"

#define STATUS_MUTANT_NOT_OWNED 0xC0000046u

static HANDLE mutant, taken;
static volatile uint32_t got, depth, refused;

static uint32_t careless(void *arg)
{
	const int64_t pause = MILLISECONDS(3);
	(void)arg;
	NtWaitForSingleObjectEx(mutant, USER_MODE, NOT_ALERTABLE, NULL);
	NtWaitForSingleObjectEx(mutant, USER_MODE, NOT_ALERTABLE, NULL);
	NtSetEvent(taken, NULL);
	KeDelayExecutionThread(USER_MODE, NOT_ALERTABLE, &pause);
	return 0;
}

static uint32_t waiter(void *arg)
{
	(void)arg;
	NtWaitForSingleObjectEx(taken, USER_MODE, NOT_ALERTABLE, NULL);
	refused = NtReleaseMutant(mutant, NULL);
	got = NtWaitForSingleObjectEx(mutant, USER_MODE, NOT_ALERTABLE, NULL);
	NtReleaseMutant(mutant, NULL);
	depth = NtReleaseMutant(mutant, NULL);
	return 0;
}

int main(void)
{
	HANDLE a = 0, b = 0;
	NtCreateMutant(&mutant, NULL, 0);
	NtCreateEvent(&taken, NULL, EVENT_MANUAL, 0);
	ExCreateThread(&a, 0, NULL, NULL, careless, NULL, ON_HW(1));
	ExCreateThread(&b, 0, NULL, NULL, waiter, NULL, ON_HW(2));
	NtWaitForSingleObjectEx(b, USER_MODE, NOT_ALERTABLE, NULL);
	uint32_t after = NtWaitForSingleObjectEx(mutant, USER_MODE, NOT_ALERTABLE, NULL);
	NtReleaseMutant(mutant, NULL);
	DbgPrint("abandoned: refused %08x, got %08x, then %08x; main got %08x\n", refused, got, depth, after);
	return refused == STATUS_MUTANT_NOT_OWNED && got == STATUS_ABANDONED && depth == STATUS_MUTANT_NOT_OWNED && after == 0 ? 0 : 1;
}
