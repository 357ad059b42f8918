/* tests/guest/apcdone.c - completion by APC: requests are answered by procedures that run on the asking thread.
 *
 * verdict: ENDED 0
 *
 * Nothing to find: the disc thread (tid 2) answers each of eight requests with a user APC to main, which sleeps alertably until all have
 * come; twice it also sends a kernel APC, which interrupts whatever main does, its sleep too. Main checks the order of the answers.
 */
#include "kit.h"

#define REQUESTS 8u

struct kapc {
	uint16_t type;
	uint8_t mode, inserted;
	uint32_t words[9];
};

static HANDLE asked, main_thread;
static void *main_kthread;
static struct kapc probe;
static volatile uint32_t answers, misplaced, probes;

static void answered(void *request, void *result, void *unused)
{
	(void)unused;
	misplaced += (uint32_t)(uintptr_t)request != answers || (uint32_t)(uintptr_t)result != answers * 100;
	answers++;
}

static void probed(struct kapc *apc, void **routine, void **context, void **arg1, void **arg2)
{
	(void)routine, (void)context, (void)arg2;
	probes += *(uint32_t **)arg1 == &apc->words[0] ? 1 : 100;
}

static uint32_t disc(void *arg)
{
	const int64_t seek = MILLISECONDS(3);
	(void)arg;
	for (uint32_t i = 0; i < REQUESTS; i++) {
		NtWaitForSingleObjectEx(asked, USER_MODE, NOT_ALERTABLE, NULL);
		KeDelayExecutionThread(USER_MODE, NOT_ALERTABLE, &seek);
		NtQueueApcThread(main_thread, answered, (void *)i, (void *)(i * 100), NULL);
		if (i % 4 == 2)
			KeInsertQueueApc(&probe, &probe.words[0], NULL, 0);
	}
	return 0;
}

int main(void)
{
	HANDLE thread;
	const int64_t long_sleep = MILLISECONDS(60000);
	NtCreateSemaphore(&asked, NULL, 0, REQUESTS);
	NtDuplicateObject(CURRENT_THREAD, &main_thread, 0);
	ObReferenceObjectByHandle(main_thread, NULL, (uint32_t *)&main_kthread);
	KeInitializeApc(&probe, main_kthread, probed, NULL, NULL, 0, NULL);
	ExCreateThread(&thread, 0, NULL, NULL, disc, NULL, ON_HW(1));
	NtReleaseSemaphore(asked, REQUESTS, NULL);
	while (answers < REQUESTS)
		KeDelayExecutionThread(USER_MODE, ALERTABLE, &long_sleep);
	NtWaitForSingleObjectEx(thread, USER_MODE, NOT_ALERTABLE, NULL);
	DbgPrint("apcdone: %u answers, %u misplaced, %u probes\n", answers, misplaced, probes);
	return misplaced || probes != 2;
}
