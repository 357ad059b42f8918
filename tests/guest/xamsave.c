/* tests/guest/xamsave.c - a title that saves and loads: calls of XAM that complete through XOVERLAPPEDs, waited for in all three ways.
 *
 * verdict: ENDED 0
 *
 * Nothing to find. The device is chosen by waiting for the event; saves are made by polling the result; their list comes by APC.
 * Then one is loaded, and both are deleted. `info content` shows the save that is open, `info userdata` what the title said of its user.
 */
#include "xam.h"

static HANDLE done;
static uint32_t failures, listed;
static struct xoverlapped list_overlapped;
static struct xcontent_data page[4];

static void expect(uint32_t got, uint32_t want)
{
	failures += got != want;
}

/* By its event. */
static uint32_t wait_event(struct xoverlapped *x)
{
	NtWaitForSingleObjectEx(x->event, USER_MODE, NOT_ALERTABLE, NULL);
	return x->result;
}

/* By looking again and again. */
static uint32_t wait_poll(struct xoverlapped *x)
{
	const int64_t tick = MILLISECONDS(1) / 4;
	while (x->result == ERROR_IO_PENDING)
		KeDelayExecutionThread(USER_MODE, NOT_ALERTABLE, &tick);
	return x->result;
}

static void list_came(uint32_t result, uint32_t length, struct xoverlapped *x)
{
	expect(x == &list_overlapped, 1);
	expect(x->result, result);
	listed = result ? 0x100 : length;
}

/* By APC: how many saves there are, 0x100 = no more. */
static uint32_t list(HANDLE enumerator)
{
	const int64_t long_sleep = MILLISECONDS(60000);
	listed = 0;
	memset(&list_overlapped, 0, sizeof list_overlapped);
	list_overlapped.completion_routine = (void *)list_came;
	expect(XamEnumerate(enumerator, 0, page, sizeof page, NULL, &list_overlapped), ERROR_IO_PENDING);
	while (!listed)
		KeDelayExecutionThread(USER_MODE, ALERTABLE, &long_sleep);
	return listed;
}

static uint32_t choose_device(void)
{
	uint32_t device = 0;
	struct xoverlapped x = { .event = done };
	expect(XamShowDeviceSelectorUI(0, XCONTENT_SAVED_GAME, 0, 1 << 20, &device, &x), ERROR_IO_PENDING);
	expect(wait_event(&x), ERROR_SUCCESS);
	return device;
}

static HANDLE open_file(const char *path, uint32_t disposition)
{
	struct kit_ansi_string name = { (uint16_t)strlen(path), (uint16_t)strlen(path), (char *)path };
	struct kit_object_attributes a = KIT_ATTRIBUTES(&name);
	struct kit_iosb iosb;
	HANDLE h = 0;
	expect(NtCreateFile(&h, GENERIC_READ | GENERIC_WRITE, &a, &iosb, NULL, 0, SHARE_ALL, disposition, FILE_SYNCHRONOUS_IO_NONALERT), 0);
	return h;
}

static uint32_t close_root(const char *root)
{
	struct xoverlapped x = { .event = done };
	expect(XamContentClose(root, &x), ERROR_IO_PENDING);
	return wait_event(&x);
}

static void save(const char *display, const char *name, uint32_t hero)
{
	struct xcontent_data data = xcontent(display, name);
	struct xoverlapped x;
	struct kit_iosb iosb;
	uint32_t disposition = 0;
	memset(&x, 0, sizeof x);
	expect(XamContentCreateEx(0, "save", &data, XCONTENT_CREATE_ALWAYS, &disposition, NULL, 0, 0, &x), ERROR_IO_PENDING);
	expect(wait_poll(&x), ERROR_SUCCESS);
	expect(disposition, 1);
	HANDLE h = open_file("save:\\hero.bin", FILE_OVERWRITE_IF);
	expect(NtWriteFile(h, 0, NULL, NULL, &iosb, &hero, sizeof hero, NULL), 0);
	NtClose(h);
	expect(XamContentFlush("save", NULL), ERROR_SUCCESS);
	expect(close_root("save"), ERROR_SUCCESS);
}

static uint32_t load(struct xcontent_data *data)
{
	uint32_t hero = 0, disposition = 0;
	struct kit_iosb iosb;
	expect(XamContentCreateEx(0, "load", data, XCONTENT_OPEN_EXISTING, &disposition, NULL, 0, 0, NULL), ERROR_SUCCESS);
	expect(disposition, 2);
	HANDLE h = open_file("load:\\hero.bin", FILE_OPEN);
	expect(NtReadFile(h, 0, NULL, NULL, &iosb, &hero, sizeof hero, NULL), 0);
	NtClose(h);
	DbgPrint("xamsave: loaded %.42s, hero %u\n", data->file_name, hero);
	expect(close_root("LOAD"), ERROR_SUCCESS);
	return hero;
}

/* What XAM keeps of the user: a context, two achievements. */
static void tell(void)
{
	struct { uint32_t user, pad; uint64_t xuid; uint32_t context, value; } context = { 0, 0, 0, 0x8001, 2 };
	uint32_t earned[2][2] = { { 0, 7 }, { 0, 9 } };
	struct { uint32_t count; void *list; } achievements = { 2, earned };
	struct xoverlapped x = { .event = done };
	expect(XMsgInProcessCall(0xFB, 0xB0006, &context, NULL), 0);
	expect(XMsgStartIORequest(0xFB, 0xB0008, &x, &achievements, sizeof achievements), ERROR_IO_PENDING);
	expect(wait_event(&x), ERROR_SUCCESS);
}

int main(void)
{
	HANDLE enumerator;
	uint32_t bytes;
	struct xcontent_data found[2];
	NtCreateEvent(&done, NULL, EVENT_AUTO, 0);
	expect(choose_device(), 1);
	tell();
	save("The second hero", "slot2", 222);
	save("The first hero", "slot1", 111);
	expect(XamContentCreateEnumerator(0, 1, XCONTENT_SAVED_GAME, 0, 4, &bytes, &enumerator), ERROR_SUCCESS);
	expect(bytes, sizeof page);
	expect(list(enumerator), 2);
	memcpy(found, page, sizeof found);
	expect(list(enumerator), 0x100);
	expect(list_overlapped.result, ERROR_FUNCTION_FAILED);
	expect(list_overlapped.extended_error & 0xFFFF, ERROR_NO_MORE_FILES);
	NtClose(enumerator);
	expect(load(&found[0]), 111);
	expect(load(&found[1]), 222);
	expect(found[1].display_name[4], 's');
	for (uint32_t i = 0; i < 2; i++)
		expect(XamContentDelete(0, &found[i], NULL), ERROR_SUCCESS);
	DbgPrint("xamsave: %u failures\n", failures);
	return failures != 0;
}
