/* tests/guest/diskread.c - a loader that waits for its disc in all the ways there are: synchronously, by the file object, an event, an APC, a port.
 *
 * verdict: ENDED 0
 * options: --mount game:=@HERE@/disc
 *
 * Nothing to find. It reads game:\Data\fox.txt (45 bytes); the event log shows io.start and io.complete of each request, and what completion set off.
 */
#include "kit.h"

#define BYTES 45u

static struct kit_iosb iosb[5];
static char text[6][64];
static uint32_t called;
static struct kit_iosb *called_with;

static void done(void *context, struct kit_iosb *with, uint32_t unused)
{
	called += context == &called && !unused;
	called_with = with;
}

static HANDLE open(uint32_t options)
{
	struct kit_ansi_string name = KIT_ANSI("game:\\DATA\\Fox.TXT");
	struct kit_object_attributes a = KIT_ATTRIBUTES(&name);
	HANDLE h = 0;
	NTSTATUS s = NtOpenFile(&h, GENERIC_READ, &a, &iosb[0], SHARE_ALL, options);
	if (s)
		DbgPrint("diskread: %08x\n", s);
	return h;
}

static uint32_t is_right(const char *s, const struct kit_iosb *b)
{
	return b->status == STATUS_SUCCESS && b->information == BYTES && !memcmp(s, "The quick brown fox jumps over the lazy dog.\n", BYTES);
}

int main(void)
{
	HANDLE sync = open(FILE_SYNCHRONOUS_IO_NONALERT), file = open(0), other = open(0), event, port;
	uint32_t key = 0, context = 0, right = 0;
	uint64_t start = 0;
	const int64_t soon = MILLISECONDS(50);
	struct { HANDLE port; uint32_t key; } completion;

	NtReadFile(sync, 0, NULL, NULL, &iosb[0], text[0], sizeof text[0], NULL);
	right += is_right(text[0], &iosb[0]);
	right += NtReadFile(sync, 0, NULL, NULL, &iosb[1], text[1], 1, NULL) == STATUS_END_OF_FILE;

	right += NtReadFile(file, 0, NULL, NULL, &iosb[1], text[1], sizeof text[1], &start) == STATUS_PENDING;
	NtWaitForSingleObjectEx(file, USER_MODE, NOT_ALERTABLE, NULL);
	right += is_right(text[1], &iosb[1]);

	NtCreateEvent(&event, NULL, EVENT_AUTO, 0);
	NtReadFile(file, event, NULL, NULL, &iosb[2], text[2], sizeof text[2], &start);
	NtWaitForSingleObjectEx(event, USER_MODE, NOT_ALERTABLE, NULL);
	right += is_right(text[2], &iosb[2]);

	NtReadFile(file, 0, done, &called, &iosb[3], text[3], sizeof text[3], &start);
	right += KeDelayExecutionThread(USER_MODE, ALERTABLE, &soon) == STATUS_USER_APC;
	right += is_right(text[3], &iosb[3]) && called == 1 && called_with == &iosb[3];

	NtCreateIoCompletion(&port, 0x1F0003, NULL, 0);
	completion.port = port;
	completion.key = 0x4B45;
	NtSetInformationFile(other, &iosb[4], &completion, sizeof completion, 30);
	NtReadFile(other, 0, NULL, &called, &iosb[4], text[4], sizeof text[4], &start);
	right += NtRemoveIoCompletion(port, &key, &context, &iosb[0], NULL) == STATUS_SUCCESS;
	right += key == 0x4B45 && context == (uint32_t)&called && is_right(text[4], &iosb[0]) && is_right(text[4], &iosb[4]);

	DbgPrint("diskread: %u of 9 right\n", right);
	NtClose(sync);
	NtClose(file);
	NtClose(other);
	NtClose(port);
	NtClose(event);
	return right != 9;
}
