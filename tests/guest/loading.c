/* tests/guest/loading.c - the picture moves, the game does not: the render thread shows frames for ever, the loader waits for data that never comes.
 *
 * verdict: STALL
 * root: Event/Auto never-sent loader main
 *
 * What the debugger must find: 60 swaps a second go on; the loader (tid 3) has been parked for ten virtual seconds on "data", which nobody signals. Main joins it.
 */
#include "ring.h"

static struct kit_event data;
static uint32_t *front;

static uint32_t renderer(void *arg)
{
	(void)arg;
	while (gpu.vblanks < 1000000) {
		gpu_draw(3);
		(void)gpu_fence();
		gpu_swap(front);
		gpu_kick();
		KeWaitForSingleObject(&gpu.vblank, 0, 0, NOT_ALERTABLE, NULL);
	}
	return 0;
}

static uint32_t loader(void *arg)
{
	(void)arg;
	KeWaitForSingleObject(&data, 0, 0, NOT_ALERTABLE, NULL); /* the bug: nothing was ever asked to load it */
	return 0;
}

int main(void)
{
	HANDLE a, b;
	uint32_t physical;
	KeInitializeEvent(&data, EVENT_AUTO, 0);
	gpu_init();
	front = physical_memory(4096, &physical);
	ExCreateThread(&a, 0, NULL, NULL, renderer, NULL, ON_HW(1));
	ExCreateThread(&b, 0, NULL, NULL, loader, NULL, ON_HW(3));
	NtWaitForSingleObjectEx(b, USER_MODE, NOT_ALERTABLE, NULL);
	return 0;
}
