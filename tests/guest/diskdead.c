/* tests/guest/diskdead.c - a loader whose disc never answers: NtReadFile is PENDING, and the event of its request is never set.
 *
 * verdict: WEDGE
 * root: Event/Auto not-completed loader main
 * options: --mount disc:=@HERE@/disc --dead-device disc:
 *
 * Run with --mount disc:=FOLDER --dead-device disc: ; the loader (tid 2) waits for its read, main for the loader.
 */
#include "kit.h"

static struct kit_iosb iosb;
static char buffer[64];

static uint32_t loader(void *arg)
{
	struct kit_ansi_string name = KIT_ANSI("disc:\\Data\\fox.txt");
	struct kit_object_attributes a = KIT_ATTRIBUTES(&name);
	HANDLE file, event;
	uint64_t start = 0;
	(void)arg;
	NtCreateEvent(&event, NULL, EVENT_AUTO, 0);
	if (NtOpenFile(&file, GENERIC_READ, &a, &iosb, SHARE_ALL, 0))
		return 1;
	if (NtReadFile(file, event, NULL, NULL, &iosb, buffer, sizeof buffer, &start) == STATUS_PENDING)
		NtWaitForSingleObjectEx(event, USER_MODE, NOT_ALERTABLE, NULL);
	return iosb.status;
}

int main(void)
{
	HANDLE thread;
	ExCreateThread(&thread, 0, NULL, NULL, loader, NULL, ON_HW(1));
	NtWaitForSingleObjectEx(thread, USER_MODE, NOT_ALERTABLE, NULL);
	return 0;
}
