/* tests/guest/vblank.c - a vblank-style periodic DPC while everybody else is parked for good: the picture stands still, the clock goes on.
 *
 * verdict: STANDSTILL
 * root: Event/Auto never-sent game main
 *
 * What the debugger must find: every 16 ms a timer's DPC on hardware thread 2 counts a frame and sets "vblank"; the presenter (tid 2) waits for that and presents
 * the same picture again. The game thread (tid 3) waits for "loaded", an auto-reset event with 0 signals, since its third frame; main joins it.
 * It is no WEDGE, as something runs for ever, but nothing new ever happens.
 */
#include "kit.h"

static struct kit_event vblank, loaded;
static struct kit_timer clock;
static struct kit_dpc on_vblank;
static volatile uint32_t frames, presented;

static void vblank_routine(struct kit_dpc *dpc, void *context, uint32_t time_low, uint32_t time_high)
{
	(void)dpc, (void)context, (void)time_low, (void)time_high;
	frames++;
	KeSetEvent(&vblank, 1, 0);
}

static uint32_t presenter(void *arg)
{
	(void)arg;
	while (frames < 1000000) {
		KeWaitForSingleObject(&vblank, 0, 0, NOT_ALERTABLE, NULL);
		presented++;
	}
	return 0;
}

static uint32_t game(void *arg)
{
	const int64_t frame = MILLISECONDS(16);
	(void)arg;
	for (unsigned i = 0; i < 3; i++)
		KeDelayExecutionThread(USER_MODE, NOT_ALERTABLE, &frame);
	KeWaitForSingleObject(&loaded, 0, 0, NOT_ALERTABLE, NULL); /* the bug: nothing was ever asked to load */
	return presented;
}

int main(void)
{
	HANDLE a, b;
	KeInitializeEvent(&vblank, EVENT_AUTO, 0);
	KeInitializeEvent(&loaded, EVENT_AUTO, 0);
	KeInitializeDpc(&on_vblank, vblank_routine, NULL);
	on_vblank.hardware_thread = 2 + 1;
	KeInitializeTimerEx(&clock, TIMER_SYNCHRONIZATION);
	KeSetTimerEx(&clock, (uint64_t)MILLISECONDS(16), 16, &on_vblank);
	ExCreateThread(&a, 0, NULL, NULL, presenter, NULL, ON_HW(2));
	ExCreateThread(&b, 0, NULL, NULL, game, NULL, ON_HW(4));
	NtWaitForSingleObjectEx(b, USER_MODE, NOT_ALERTABLE, NULL);
	return 0;
}
