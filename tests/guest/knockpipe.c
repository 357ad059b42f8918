/* tests/guest/knockpipe.c - a pipeline of three threads that comes to its end: disc -> decoder -> mixer; every signal can be knocked out.
 *
 * verdict: ENDED 0
 *
 * The disc fills a slot (one place, under a mutant), the decoder empties it and hands blocks to the mixer, which says when each is played.
 * A call that is left out is left out from the start: what lies behind it in the pipeline was never signalled either, and is a root of its
 * own, for nothing in the title's history says who would have signalled it.
 */
#include "knock.h"

#define BLOCKS 4

static HANDLE go, room, slot, filled, pcm, played, drained, closed;

static uint32_t disc(void *arg)
{
	(void)arg;
	await(go);
	for (int i = 0; i < BLOCKS; i++) {
		await(room);
		await(slot);
		KNOCK(1, NtReleaseMutant(slot, NULL));       // WEDGE | root: Event/Auto:pcm never-sent main mixer | root: Semaphore:room never-sent decoder disc main
		KNOCK(2, NtReleaseSemaphore(filled, 1, NULL)); // WEDGE | root: Event/Auto:pcm never-sent main mixer | root: Semaphore:filled never-sent decoder main | root: Semaphore:room never-sent disc main
	}
	await(drained);
	return 0;
}

static uint32_t decoder(void *arg)
{
	(void)arg;
	for (int i = 0; i < BLOCKS; i++) {
		await(filled);
		await(slot);
		KNOCK(3, NtReleaseMutant(slot, NULL));       // WEDGE | root: Mutant:slot owner-cycle decoder disc main mixer
		KNOCK(4, NtReleaseSemaphore(room, 1, NULL)); // WEDGE | root: Semaphore:room never-sent decoder disc main mixer
		KNOCK(5, NtSetEvent(pcm, NULL));             // WEDGE | root: Event/Auto:pcm never-sent main mixer | root: Event/Auto:played never-sent decoder disc main
		await(played);
	}
	return 0;
}

static uint32_t mixer(void *arg)
{
	(void)arg;
	for (int i = 0; i < BLOCKS; i++) {
		await(pcm);
		KNOCK(6, NtSetEvent(played, NULL));          // WEDGE | root: Event/Auto:played never-sent decoder disc main mixer
	}
	KNOCK(7, NtSetEvent(drained, NULL));                 // WEDGE | root: Event/Auto:drained never-sent disc main
	KNOCK(8, NtSetEvent(closed, NULL));                  // ENDED 0
	return 0;
}

int main(void)
{
	HANDLE threads[3];
	go = named_event("go", EVENT_MANUAL);
	room = named_semaphore("room", 1, 1);
	slot = named_mutant("slot");
	filled = named_semaphore("filled", 0, 1);
	pcm = named_event("pcm", EVENT_AUTO);
	played = named_event("played", EVENT_AUTO);
	drained = named_event("drained", EVENT_AUTO);
	closed = named_event("closed", EVENT_MANUAL);    /* nobody waits for it */
	ExCreateThread(&threads[0], 0, NULL, NULL, disc, NULL, ON_HW(1));
	ExCreateThread(&threads[1], 0, NULL, NULL, decoder, NULL, ON_HW(2));
	ExCreateThread(&threads[2], 0, NULL, NULL, mixer, NULL, ON_HW(3) | CREATE_SUSPENDED);
	KNOCK(9, NtResumeThread(threads[2], NULL));          // WEDGE | root: Event/Auto:played never-sent decoder disc main | root: Thread owner-gone main mixer
	KNOCK(10, NtSetEvent(go, NULL));                     // WEDGE | root: Event/Auto:pcm never-sent main mixer | root: Event/Man:go never-sent disc main | root: Semaphore:filled never-sent decoder main
	NtWaitForMultipleObjectsEx(3, threads, WAIT_ALL, USER_MODE, NOT_ALERTABLE, NULL);
	return 0;
}
