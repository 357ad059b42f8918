/* tests/guest/crowd.c - 20 threads with 1,000 objects each; the gate behind the work is one count short of opening.
 *
 * verdict: WEDGE
 * root: Event/Man never-sent main worker*20
 *
 * What the debugger must find among 20,000 live events and as many dead ones: all workers (tids 2-21) wait for the gate, a manual-reset event made
 * in open_gate with 0 signals. arrive opens it for the 21st, but main does not arrive: it joins the workers.
 */
#include "kit.h"

#define THREADS 20u
#define OBJECTS 1000u

static HANDLE events[THREADS][OBJECTS], gate, counting;
static uint32_t arrived;

static void open_gate(void)
{
	NtCreateEvent(&gate, NULL, EVENT_MANUAL, 0);
	NtCreateMutant(&counting, NULL, 0);
}

static void arrive(void)
{
	NtWaitForSingleObjectEx(counting, USER_MODE, NOT_ALERTABLE, NULL);
	if (++arrived == THREADS + 1)        /* the bug: nobody else comes */
		NtSetEvent(gate, NULL);
	NtReleaseMutant(counting, NULL);
	NtWaitForSingleObjectEx(gate, USER_MODE, NOT_ALERTABLE, NULL);
}

static uint32_t worker(void *arg)
{
	HANDLE *mine = arg, spare = 0;
	for (uint32_t i = 0; i < OBJECTS; i++) {
		NtCreateEvent(&mine[i], NULL, EVENT_AUTO, 0);
		NtCreateEvent(&spare, NULL, EVENT_AUTO, 1);
		NtSetEvent(mine[i], NULL);
		NtClose(spare);
	}
	for (uint32_t i = 0; i < OBJECTS; i++)
		NtWaitForSingleObjectEx(mine[i], USER_MODE, NOT_ALERTABLE, NULL);
	arrive();
	return 0;
}

int main(void)
{
	HANDLE threads[THREADS];
	open_gate();
	for (uint32_t i = 0; i < THREADS; i++)
		ExCreateThread(&threads[i], 0, NULL, NULL, worker, events[i], ON_HW(i % 6));
	NtWaitForMultipleObjectsEx(THREADS, threads, WAIT_ALL, USER_MODE, NOT_ALERTABLE, NULL);
	DbgPrint("crowd: through the gate\n");
	return 0;
}
