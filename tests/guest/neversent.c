/* tests/guest/neversent.c - an event that nobody signals: a reader gives up on its file without telling anybody.
 *
 * verdict: WEDGE
 * root: Event/Auto never-sent main player
 *
 * What the debugger must find: the player (tid 3) waits for "loaded", an auto-reset event, with 0 signals; the only NtSetEvent on it
 * lies behind the reader's early return, and the reader (tid 2) has ended. main joins the player. No other thread is left.
 */
#include "kit.h"

static HANDLE loaded;

static int open_file(const char *name)
{
	DbgPrint("neversent: %s is not on the disc\n", name);
	return -1;
}

static uint32_t reader(void *arg)
{
	(void)arg;
	if (open_file("music.xwb") < 0)
		return 1;            /* the bug: the player is never told */
	NtSetEvent(loaded, NULL);
	return 0;
}

static uint32_t player(void *arg)
{
	(void)arg;
	NtWaitForSingleObjectEx(loaded, USER_MODE, NOT_ALERTABLE, NULL);
	DbgPrint("neversent: playing\n");
	return 0;
}

int main(void)
{
	HANDLE threads[2];
	NtCreateEvent(&loaded, NULL, EVENT_AUTO, 0);
	ExCreateThread(&threads[0], 0, NULL, NULL, reader, NULL, ON_HW(1));
	ExCreateThread(&threads[1], 0, NULL, NULL, player, NULL, ON_HW(2));
	NtWaitForMultipleObjectsEx(2, threads, WAIT_ALL, USER_MODE, NOT_ALERTABLE, NULL);
	return 0;
}
