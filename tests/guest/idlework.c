/* tests/guest/idlework.c - a pool of workers that have nothing to do for a long time, while the title goes on: nothing to find.
 *
 * verdict: RUNNING
 * limit: 4M
 *
 * Each of three workers has had a job at the beginning and waits for the next; a fourth thread joins them. main paints frames for far more
 * than ten virtual seconds. That is no STALL: who waits for work that may come is idle, not stuck.
 */
#include "kit.h"

#define WORKERS 3u

static HANDLE work, threads[WORKERS + 1];
static volatile uint32_t jobs, pixels;

static uint32_t worker(void *arg)
{
	const int64_t job = MILLISECONDS(2);
	(void)arg;
	for (;;) {
		NtWaitForSingleObjectEx(work, USER_MODE, NOT_ALERTABLE, NULL);
		KeDelayExecutionThread(USER_MODE, NOT_ALERTABLE, &job);
		jobs++;
	}
	return 0;
}

static uint32_t janitor(void *arg)
{
	(void)arg;
	NtWaitForMultipleObjectsEx(WORKERS, threads, WAIT_ALL, USER_MODE, NOT_ALERTABLE, NULL);
	return 0;
}

int main(void)
{
	const int64_t frame = MILLISECONDS(33);
	NtCreateSemaphore(&work, NULL, 0, 64);
	for (uint32_t i = 0; i < WORKERS; i++)
		ExCreateThread(&threads[i], 0, NULL, NULL, worker, NULL, ON_HW(1 + i));
	ExCreateThread(&threads[WORKERS], 0, NULL, NULL, janitor, NULL, ON_HW(4));
	for (uint32_t i = 0; i < 4 * WORKERS; i++)
		NtReleaseSemaphore(work, 1, NULL);
	for (;;) {
		KeDelayExecutionThread(USER_MODE, NOT_ALERTABLE, &frame);
		for (uint32_t i = 0; i < 1000; i++)
			pixels += i;
	}
}
