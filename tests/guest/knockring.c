/* tests/guest/knockring.c - four threads pass a token around, three laps; in the second one a pass can be knocked out.
 *
 * verdict: ENDED 0
 *
 * All threads then wait for each other in a ring, each for a signal that another one has sent before: only the books tell who has had the
 * token last and not passed it on. The last pass of all is
 * for nobody: without it the ring ends as well.
 */
#include "knock.h"

#define LAPS 3

static HANDLE north_token, east_token, south_token, west_token;

static uint32_t north(void *arg)
{
	(void)arg;
	for (int lap = 0; lap < LAPS; lap++) {
		await(north_token);
		KNOCK_IF(1, lap == 1, NtSetEvent(east_token, NULL));  // WEDGE | root: Event/Auto:east never-sent east main north south west
	}
	return 0;
}

static uint32_t east(void *arg)
{
	(void)arg;
	for (int lap = 0; lap < LAPS; lap++) {
		await(east_token);
		KNOCK_IF(2, lap == 1, NtSetEvent(south_token, NULL)); // WEDGE | root: Event/Auto:south never-sent east main north south west
	}
	return 0;
}

static uint32_t south(void *arg)
{
	(void)arg;
	for (int lap = 0; lap < LAPS; lap++) {
		await(south_token);
		KNOCK_IF(3, lap == 1, NtSetEvent(west_token, NULL));  // WEDGE | root: Event/Auto:west never-sent east main north south west
	}
	return 0;
}

static uint32_t west(void *arg)
{
	(void)arg;
	for (int lap = 0; lap < LAPS; lap++) {
		await(west_token);
		if (lap + 1 < LAPS)
			KNOCK_IF(4, lap == 1, NtSetEvent(north_token, NULL)); // WEDGE | root: Event/Auto:north never-sent east main north south west
		else
			KNOCK(5, NtSetEvent(north_token, NULL));      // ENDED 0
	}
	return 0;
}

int main(void)
{
	HANDLE threads[4];
	north_token = named_event("north", EVENT_AUTO);
	east_token = named_event("east", EVENT_AUTO);
	south_token = named_event("south", EVENT_AUTO);
	west_token = named_event("west", EVENT_AUTO);
	ExCreateThread(&threads[0], 0, NULL, NULL, north, NULL, ON_HW(1));
	ExCreateThread(&threads[1], 0, NULL, NULL, east, NULL, ON_HW(2));
	ExCreateThread(&threads[2], 0, NULL, NULL, south, NULL, ON_HW(3));
	ExCreateThread(&threads[3], 0, NULL, NULL, west, NULL, ON_HW(4));
	NtSetEvent(north_token, NULL);
	NtWaitForMultipleObjectsEx(4, threads, WAIT_ALL, USER_MODE, NOT_ALERTABLE, NULL);
	return 0;
}
