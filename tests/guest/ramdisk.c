/* tests/guest/ramdisk.c - a title that has a driver of its own, for 4 KiB of memory: made, written to, read back, asked, and closed again. What
 * lies in the second half is slow: a thread of the driver's reads it.
 *
 * verdict: ENDED 0
 */
#include "driver.h"

#define HALF 2048u

static char disk[2 * HALF];
static struct irp *slow;
static HANDLE work;
static uint32_t seen; /* bits of requests that came */

static NTSTATUS simple(struct device *device, struct irp *irp)
{
	seen |= 1u << irp->location->major;
	return driver_done(irp, device == irp->location->device ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER, 0);
}

/* The name that is left: the root, or nothing is there. */
static NTSTATUS create(struct device *device, struct irp *irp)
{
	const struct kit_ansi_string *name = (const void *)irp->location->parameters[3];
	seen |= 1u << MJ_CREATE;
	if (device != irp->location->device || name->length != 5 || memcmp(name->buffer, "\\disk", 5))
		return driver_done(irp, 0xC0000034, 0);
	return driver_done(irp, STATUS_SUCCESS, 1);
}

static NTSTATUS move(struct irp *irp)
{
	uint32_t length = irp->location->parameters[0], at = irp->location->parameters[3];
	if (irp->location->parameters[2] || at >= sizeof disk)
		return driver_done(irp, STATUS_END_OF_FILE, 0);
	if (length > sizeof disk - at)
		length = sizeof disk - at;
	if (irp->location->major == MJ_READ)
		memcpy(irp->user_buffer, disk + at, length);
	else
		memcpy(disk + at, irp->user_buffer, length);
	return driver_done(irp, STATUS_SUCCESS, length);
}

static NTSTATUS read_write(struct device *device, struct irp *irp)
{
	(void)device;
	seen |= 1u << irp->location->major;
	if (irp->location->major == MJ_WRITE || irp->location->parameters[3] < HALF)
		return move(irp);
	slow = irp;
	irp->location->control |= 1; /* marked as pending, as NT has it */
	NtSetEvent(work, NULL);
	return STATUS_PENDING;
}

static NTSTATUS query(struct device *device, struct irp *irp)
{
	uint64_t *size = irp->user_buffer;
	(void)device;
	seen |= 1u << MJ_QUERY;
	if (irp->location->parameters[1] != 5 || irp->location->parameters[0] < 0x18)
		return driver_done(irp, STATUS_INVALID_PARAMETER, 0);
	size[0] = size[1] = sizeof disk;
	return driver_done(irp, STATUS_SUCCESS, 0x18);
}

static NTSTATUS control(struct device *device, struct irp *irp)
{
	seen |= 1u << MJ_CONTROL;
	if (irp->location->parameters[3] != 0x70000)
		return IoInvalidDeviceRequest(device, irp);
	*(uint32_t *)irp->user_buffer = irp->location->parameters[0];
	return driver_done(irp, STATUS_SUCCESS, 4);
}

static struct driver driver = { .major = { [MJ_CREATE] = create, [MJ_CLOSE] = simple, [MJ_READ] = read_write, [MJ_WRITE] = read_write,
					 [MJ_QUERY] = query, [MJ_FLUSH] = simple, [MJ_CONTROL] = control, [MJ_CLEANUP] = simple } };

static uint32_t worker(void *arg)
{
	(void)arg;
	for (;;) {
		NtWaitForSingleObjectEx(work, USER_MODE, NOT_ALERTABLE, NULL);
		if (!slow)
			return 0;
		struct irp *irp = slow;
		int64_t a_while = MILLISECONDS(2);
		slow = NULL;
		KeDelayExecutionThread(USER_MODE, NOT_ALERTABLE, &a_while);
		move(irp);
	}
}

static int use(void)
{
	struct kit_ansi_string good = KIT_ANSI("ram:\\disk"), bad = KIT_ANSI("ram:\\dish");
	struct kit_object_attributes a = KIT_ATTRIBUTES(&bad);
	struct kit_iosb iosb = { 0 };
	HANDLE file = 0, again = 0;
	char buffer[32] = "";
	uint64_t at = HALF - 4, info[3] = { 0 };
	uint32_t answer = 0;
	if (NtOpenFile(&file, GENERIC_READ, &a, &iosb, SHARE_ALL, FILE_SYNCHRONOUS_IO_NONALERT) != 0xC0000034 || file)
		return 1;
	a.name = &good;
	if (NtCreateFile(&file, GENERIC_READ | GENERIC_WRITE, &a, &iosb, NULL, 0, SHARE_ALL, FILE_OPEN, FILE_SYNCHRONOUS_IO_NONALERT) ||
		iosb.information != 1)
		return 2;
	if (NtWriteFile(file, 0, NULL, NULL, &iosb, "over the middle", 15, &at) || iosb.information != 15)
		return 3;
	if (NtReadFile(file, 0, NULL, NULL, &iosb, buffer, 11, &at) || memcmp(buffer, "over the mi", 11))
		return 4;
	if (NtReadFile(file, 0, NULL, NULL, &iosb, buffer, 4, NULL) || iosb.information != 4 || memcmp(buffer, "ddle", 4))
		return 5; /* where the one before ended; a slow one */
	at = sizeof disk;
	if (NtReadFile(file, 0, NULL, NULL, &iosb, buffer, 4, &at) != STATUS_END_OF_FILE)
		return 6;
	if (NtQueryInformationFile(file, &iosb, info, sizeof info, 5) || info[1] != sizeof disk)
		return 7;
	if (NtDeviceIoControlFile(file, 0, NULL, NULL, &iosb, 0x70000, NULL, 0, &answer, 4) || answer != 4)
		return 8;
	if (NtDeviceIoControlFile(file, 0, NULL, NULL, &iosb, 0x70004, NULL, 0, &answer, 4) != 0xC0000010 || iosb.status != 0xC0000010)
		return 9;
	if (NtFlushBuffersFile(file, &iosb) || NtDuplicateObject(file, &again, 0) || NtClose(file))
		return 10;
	if (seen & (1u << MJ_CLEANUP | 1u << MJ_CLOSE))
		return 11;
	if (NtClose(again) || !(seen & 1u << MJ_CLEANUP) || !(seen & 1u << MJ_CLOSE))
		return 12;
	return 0;
}

int main(void)
{
	struct kit_ansi_string name = KIT_ANSI("\\Device\\ramdisk"), drive = KIT_ANSI("\\??\\ram:");
	struct device *device;
	HANDLE thread;
	NtCreateEvent(&work, NULL, EVENT_AUTO, 0);
	if (IoCreateDevice(&driver, 0, &name, 8, 0, (uint32_t *)&device) || ObCreateSymbolicLink(&drive, &name))
		return 20;
	device->flags &= ~0x10u;
	ExCreateThread(&thread, 0, NULL, NULL, worker, NULL, ON_HW(2));
	int status = use();
	NtSetEvent(work, NULL);
	NtWaitForSingleObjectEx(thread, USER_MODE, NOT_ALERTABLE, NULL);
	NtClose(thread);
	NtClose(work);
	ObDeleteSymbolicLink(&drive);
	IoDeleteDevice(device);
	return status;
}
