/* tests/guest/irplost.c - a title's own driver takes a read, says that it is pending, and never completes it: the one who reads waits for ever.
 *
 * verdict: WEDGE
 * root: File:\\Device\\tape\\reel not-completed main reader
 */
#include "driver.h"

static struct irp *taken;

static NTSTATUS simple(struct device *device, struct irp *irp)
{
	(void)device;
	return driver_done(irp, STATUS_SUCCESS, 0);
}

static NTSTATUS take(struct device *device, struct irp *irp)
{
	(void)device;
	taken = irp;
	return STATUS_PENDING;
}

static struct driver driver = { .major = { [MJ_CREATE] = simple, [MJ_CLOSE] = simple, [MJ_READ] = take, [MJ_CLEANUP] = simple } };

static uint32_t reader(void *arg)
{
	struct kit_ansi_string name = KIT_ANSI("\\Device\\tape\\reel");
	struct kit_object_attributes a = KIT_ATTRIBUTES(&name);
	struct kit_iosb iosb;
	HANDLE file;
	char buffer[16];
	(void)arg;
	if (NtOpenFile(&file, GENERIC_READ, &a, &iosb, SHARE_ALL, FILE_SYNCHRONOUS_IO_NONALERT))
		return 1;
	return NtReadFile(file, 0, NULL, NULL, &iosb, buffer, sizeof buffer, NULL);
}

int main(void)
{
	struct kit_ansi_string name = KIT_ANSI("\\Device\\tape");
	struct device *device;
	HANDLE thread;
	if (IoCreateDevice(&driver, 0, &name, 8, 0, (uint32_t *)&device))
		return 1;
	ExCreateThread(&thread, 0, NULL, NULL, reader, NULL, ON_HW(1));
	NtWaitForSingleObjectEx(thread, USER_MODE, NOT_ALERTABLE, NULL);
	return 0;
}
