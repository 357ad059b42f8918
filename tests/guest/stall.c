/* tests/guest/stall.c - one thread of a working title stands still: a level loader that a renamed event has forgotten.
 *
 * verdict: STALL
 * root: Event/Auto never-sent loader
 *
 * What the debugger must find after ten virtual seconds: the loader (tid 2) waits for "level", an event that nobody signals; main and the
 * sound thread (tid 3) go on, frame by frame; the decoder (tid 4) waits as long, but for work, as it did before: it is no news.
 */
#include "kit.h"

static HANDLE level, work, done;
static volatile uint32_t frames, sounds;

static uint32_t loader(void *arg)
{
	(void)arg;
	NtWaitForSingleObjectEx(level, USER_MODE, NOT_ALERTABLE, NULL);
	DbgPrint("stall: level\n");
	return 0;
}

static uint32_t sound(void *arg)
{
	const int64_t pause = MILLISECONDS(100);
	(void)arg;
	for (;;) {
		KeDelayExecutionThread(USER_MODE, NOT_ALERTABLE, &pause);
		sounds++;
	}
	return 0;
}

static uint32_t decoder(void *arg)
{
	(void)arg;
	for (;;) {
		NtWaitForSingleObjectEx(work, USER_MODE, NOT_ALERTABLE, NULL);
		NtSetEvent(done, NULL);
	}
	return 0;
}

int main(void)
{
	HANDLE thread;
	const int64_t frame = MILLISECONDS(33);
	NtCreateEvent(&level, NULL, EVENT_AUTO, 0);
	NtCreateSemaphore(&work, NULL, 0, 8);
	NtCreateEvent(&done, NULL, EVENT_AUTO, 0);
	ExCreateThread(&thread, 0, NULL, NULL, loader, NULL, ON_HW(1));
	ExCreateThread(&thread, 0, NULL, NULL, sound, NULL, ON_HW(2));
	ExCreateThread(&thread, 0, NULL, NULL, decoder, NULL, ON_HW(3));
	NtReleaseSemaphore(work, 1, NULL);
	NtWaitForSingleObjectEx(done, USER_MODE, NOT_ALERTABLE, NULL);
	for (;;) {
		KeDelayExecutionThread(USER_MODE, NOT_ALERTABLE, &frame);
		frames++;            /* the bug: NtSetEvent(level) went with the old menu */
	}
}
