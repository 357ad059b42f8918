/* tests/guest/aliases.c - signals through duplicates, in both directions and after the source is closed: nothing to find, it ends with 0.
 *
 * verdict: ENDED 0
 *
 * A duplicate is a second handle of the same object. "ping" is set by its duplicate and waited for by its source; "pong" is set by its
 * source and waited for by its duplicate; the source of "ping" is closed half-way, and "pong" is moved (DUPLICATE_CLOSE_SOURCE): rounds go on.
 */
#include "kit.h"

#define ROUNDS 10u

static HANDLE ping, ping_alias, pong, pong_alias;
static volatile uint32_t answers;

static void wait_for(HANDLE handle)
{
	NtWaitForSingleObjectEx(handle, USER_MODE, NOT_ALERTABLE, NULL);
}

static uint32_t answerer(void *arg)
{
	(void)arg;
	for (uint32_t i = 0; i < ROUNDS; i++) {
		wait_for(i < ROUNDS / 2 ? ping : ping_alias);
		answers++;
		if (i == ROUNDS / 2 - 1)
			NtClose(ping);
		NtSetEvent(pong, NULL);
	}
	return 0;
}

int main(void)
{
	HANDLE thread = 0, moved = 0;
	NtCreateEvent(&ping, NULL, EVENT_AUTO, 0);
	NtCreateEvent(&pong, NULL, EVENT_AUTO, 0);
	NtDuplicateObject(ping, &ping_alias, DUPLICATE_SAME_ACCESS);
	NtDuplicateObject(pong, &pong_alias, DUPLICATE_SAME_ACCESS);
	ExCreateThread(&thread, 0, NULL, NULL, answerer, NULL, ON_HW(1));
	for (uint32_t i = 0; i < ROUNDS; i++) {
		NtSetEvent(ping_alias, NULL);
		wait_for(pong_alias);
	}
	wait_for(thread);
	NtDuplicateObject(pong, &moved, DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE);
	uint32_t stale = NtSetEvent(pong, NULL), good = NtSetEvent(moved, NULL);
	wait_for(pong_alias);
	DbgPrint("aliases: %u answers, through the closed source %08x, through the moved one %08x\n", answers, stale, good);
	return answers == ROUNDS && stale == STATUS_INVALID_HANDLE && good == STATUS_SUCCESS ? 0 : 1;
}
