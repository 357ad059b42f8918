/* tests/guest/notifyhang.c - waits to hear that the console has come online, and the console has no cable: nobody ever posts it.
 *
 * verdict: WEDGE
 * root: Listener never-sent main
 *
 * What the debugger must find: main waits for a listener for the area of LIVE (mask 2), to which nothing was posted.
 */
#include "kit.h"

#define AREA_LIVE 2u

int main(void)
{
	uint32_t id, data;
	uint32_t listener = XamNotifyCreateListener(AREA_LIVE, 0);
	do
		NtWaitForSingleObjectEx(listener, USER_MODE, NOT_ALERTABLE, NULL);
	while (!XNotifyGetNext(listener, 0, &id, &data) || id != 0x02000001);
	return (int)data;
}
