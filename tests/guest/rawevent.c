/* tests/guest/rawevent.c - an event that lies in a structure, never created through the kernel, and copied with it.
 *
 * verdict: WEDGE
 * root: Event/Auto never-sent main worker
 *
 * What the debugger must find: the worker (tid 2) waits for the event in the first job, which nobody was seen to create (its header was
 * filled in by hand). main sets the event of its own copy of the job:
 * another address, also never created. `info ghosts` has both, the copy's with one signal and no wait.
 */
#include "kit.h"

#define TYPE_AUTO_EVENT 1u

struct job {
	uint32_t number;
	struct kit_event finished;
};

static struct job job;

static void make(struct job *j)
{
	uint32_t list = (uint32_t)(uintptr_t)&j->finished.header.wait_flink;
	j->number = 7;
	j->finished.header = (struct kit_dispatcher){ TYPE_AUTO_EVENT, 0, sizeof(struct kit_event) / 4, 0, 0, list, list };
}

static void finish(struct job *copy)
{
	KeSetEvent(&copy->finished, 1, 0); /* the bug: not the event that the worker waits for */
}

static uint32_t worker(void *arg)
{
	struct job *j = arg;
	KeWaitForSingleObject(&j->finished, 0, USER_MODE, NOT_ALERTABLE, NULL);
	DbgPrint("rawevent: job %u is finished\n", j->number);
	return 0;
}

int main(void)
{
	static struct job copy;
	HANDLE thread = 0;
	make(&job);
	make(&copy);
	ExCreateThread(&thread, 0, NULL, NULL, worker, &job, ON_HW(1));
	finish(&copy);
	NtWaitForSingleObjectEx(thread, USER_MODE, NOT_ALERTABLE, NULL);
	return 0;
}
