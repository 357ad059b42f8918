/* tests/guest/jobqueue.c - three jobs, but one too few is put into the workers' queue; main waits for all three.
 *
 * verdict: WEDGE
 * root: Queue never-sent main worker*2
 *
 * What the debugger must find: both workers (tids 2 and 3) wait for entries of the queue, which main has filled twice; main has been woken since
 * and waits for the third result. One worker at a time may run: `info queues` says so, and who waits.
 */
#include "kit.h"

struct job {
	uint32_t flink, blink, size, sum;
};

static uint32_t queue[10];
static struct job jobs[3];
static HANDLE done;

static uint32_t worker(void *arg)
{
	(void)arg;
	for (unsigned n = 0; n < 3; n++) {
		struct job *j = (struct job *)KeRemoveQueue(queue, 0, NULL);
		for (uint32_t i = 0; i < j->size; i++)
			j->sum += i;
		NtReleaseSemaphore(done, 1, NULL);
	}
	return 0;
}

int main(void)
{
	HANDLE a, b;
	KeInitializeQueue(queue, 1);
	NtCreateSemaphore(&done, NULL, 0, 3);
	ExCreateThread(&a, 0, NULL, NULL, worker, NULL, ON_HW(1));
	ExCreateThread(&b, 0, NULL, NULL, worker, NULL, ON_HW(2));
	for (uint32_t i = 0; i < 3; i++) {
		jobs[i].size = i * 10;
		if (jobs[i].size) /* the first one is empty: but it has a result too */
			KeInsertQueue(queue, &jobs[i]);
	}
	for (uint32_t i = 0; i < 3; i++)
		NtWaitForSingleObjectEx(done, USER_MODE, NOT_ALERTABLE, NULL);
	DbgPrint("%u\n", jobs[1].sum + jobs[2].sum);
	return 0;
}
