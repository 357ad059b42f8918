/* tests/guest/waitall.c - a wait for all of three events that is never complete: two are signalled, the third one never.
 *
 * verdict: WEDGE
 * root: Event/Man never-sent level main
 *
 * What the debugger must find: "level" (tid 2) waits for all of textures, sounds and scripts. The first two stay signalled: they hold nobody.
 * The third loader signals "sounds" once more instead of "scripts" (a copied line): the root is "scripts" alone.
 */
#include "kit.h"

static HANDLE parts[3];              /* textures, sounds, scripts */

static uint32_t load_textures(void *arg)
{
	(void)arg;
	NtSetEvent(parts[0], NULL);
	return 0;
}

static uint32_t load_sounds(void *arg)
{
	(void)arg;
	NtSetEvent(parts[1], NULL);
	return 0;
}

static uint32_t load_scripts(void *arg)
{
	(void)arg;
	NtSetEvent(parts[1], NULL);  /* the bug: should be parts[2] */
	return 0;
}

static uint32_t level(void *arg)
{
	(void)arg;
	NtWaitForMultipleObjectsEx(3, parts, WAIT_ALL, USER_MODE, NOT_ALERTABLE, NULL);
	DbgPrint("waitall: the level is complete\n");
	return 0;
}

int main(void)
{
	HANDLE whole = 0, loader = 0;
	for (unsigned i = 0; i < 3; i++)
		NtCreateEvent(&parts[i], NULL, EVENT_MANUAL, 0);
	ExCreateThread(&whole, 0, NULL, NULL, level, NULL, ON_HW(1));
	ExCreateThread(&loader, 0, NULL, NULL, load_textures, NULL, ON_HW(2));
	ExCreateThread(&loader, 0, NULL, NULL, load_sounds, NULL, ON_HW(3));
	ExCreateThread(&loader, 0, NULL, NULL, load_scripts, NULL, ON_HW(4));
	NtWaitForSingleObjectEx(whole, USER_MODE, NOT_ALERTABLE, NULL);
	return 0;
}
