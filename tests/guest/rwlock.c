/* tests/guest/rwlock.c - a writer of the scene comes back early and forgets to let it go; the readers and the next writer wait for ever.
 *
 * verdict: WEDGE
 * root: RwLock/Shared owner-gone main painter sounder
 * root: RwLock/Excl owner-gone editor
 *
 * What the debugger must find: nobody is inside but the loader (tid 2), which has ended. The painter and the sounder want to read what it
 * wrote, the editor wants to write next; main joins the painter. `locks` and `info rwlocks` name the loader and all who wait.
 */
#include "kit.h"

static uint32_t scene[14];
static volatile uint32_t objects;

static uint32_t loader(void *arg)
{
	(void)arg;
	ExAcquireReadWriteLockExclusive(scene);
	objects = 7;
	if (objects > 5)
		return 1; /* too many: and the lock? */
	ExReleaseReadWriteLock(scene);
	return 0;
}

static void read_scene(void)
{
	const int64_t later = MILLISECONDS(2);
	KeDelayExecutionThread(USER_MODE, NOT_ALERTABLE, &later);
	ExAcquireReadWriteLockShared(scene);
	DbgPrint("%u objects\n", objects);
	ExReleaseReadWriteLock(scene);
}

static uint32_t painter(void *arg)
{
	(void)arg;
	read_scene();
	return 0;
}

static uint32_t sounder(void *arg)
{
	(void)arg;
	read_scene();
	return 0;
}

static uint32_t editor(void *arg)
{
	const int64_t later = MILLISECONDS(4);
	(void)arg;
	KeDelayExecutionThread(USER_MODE, NOT_ALERTABLE, &later);
	ExAcquireReadWriteLockExclusive(scene);
	objects++;
	ExReleaseReadWriteLock(scene);
	return 0;
}

int main(void)
{
	HANDLE a, b, c, d;
	ExInitializeReadWriteLock(scene);
	ExAcquireReadWriteLockShared(scene);
	ExReleaseReadWriteLock(scene);
	ExCreateThread(&a, 0, NULL, NULL, loader, NULL, ON_HW(1));
	ExCreateThread(&b, 0, NULL, NULL, painter, NULL, ON_HW(2));
	ExCreateThread(&c, 0, NULL, NULL, sounder, NULL, ON_HW(3));
	ExCreateThread(&d, 0, NULL, NULL, editor, NULL, ON_HW(4));
	NtWaitForSingleObjectEx(b, USER_MODE, NOT_ALERTABLE, NULL);
	return 0;
}
