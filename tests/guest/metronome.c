/* tests/guest/metronome.c - a healthy title: a periodic timer, somebody who counts it, and workers that mostly have nothing to do.
 *
 * verdict: ENDED 300
 *
 * The drummer (tid 2) waits for a KTIMER that lies in the title's memory, 5 ms, periodic; main joins it. For 300 periods it runs the same few
 * instructions again and again, while three workers wait for a semaphore that is released only at the start and at the end.
 */
#include "kit.h"

#define BEATS 300
#define WORKERS 3

static struct kit_timer metronome;
static struct kit_semaphore work;
static volatile uint32_t beats, finish;

static uint32_t drummer(void *arg)
{
	(void)arg;
	while (beats < BEATS) {
		KeWaitForSingleObject(&metronome, 0, 0, NOT_ALERTABLE, NULL);
		beats++;
	}
	return beats;
}

static uint32_t worker(void *arg)
{
	(void)arg;
	while (!finish)
		KeWaitForSingleObject(&work, 0, 0, NOT_ALERTABLE, NULL);
	return 0;
}

int main(void)
{
	HANDLE threads[WORKERS + 1];
	KeInitializeTimerEx(&metronome, TIMER_SYNCHRONIZATION);
	KeInitializeSemaphore(&work, 0, 100);
	KeSetTimerEx(&metronome, (uint64_t)MILLISECONDS(5), 5, NULL);
	ExCreateThread(&threads[0], 0, NULL, NULL, drummer, NULL, ON_HW(1));
	for (unsigned i = 0; i < WORKERS; i++)
		ExCreateThread(&threads[1 + i], 0, NULL, NULL, worker, NULL, ON_HW(2 + i));
	KeReleaseSemaphore(&work, 0, WORKERS, 0);
	NtWaitForSingleObjectEx(threads[0], USER_MODE, NOT_ALERTABLE, NULL);
	KeCancelTimer(&metronome);
	finish = 1;
	KeReleaseSemaphore(&work, 0, WORKERS, 0);
	NtWaitForMultipleObjectsEx(WORKERS + 1, threads, WAIT_ALL, USER_MODE, NOT_ALERTABLE, NULL);
	return (int)beats;
}
