/* tests/guest/driver.h - what a guest's own driver sees: drivers, devices, requests (kernel/device_guest.h). */
#ifndef DRIVER_H
#define DRIVER_H

#include "kit.h"

enum { MJ_CREATE, MJ_CLOSE, MJ_READ, MJ_WRITE, MJ_QUERY, MJ_SET, MJ_FLUSH, MJ_VOLUME, MJ_DIRECTORY, MJ_CONTROL, MJ_CLEANUP, MJ_COUNT };

struct device {
	uint16_t type, size;
	uint32_t references;
	struct driver *driver;
	struct device *mounted_or_self;
	uint32_t current_irp, flags;
	void *extension;
	uint8_t device_type, start_io_flags, stack_size, delete_pending;
	uint32_t rest[12];
};

struct location {
	uint8_t major, minor, flags, control;
	uint32_t parameters[4];
	struct device *device;
	void *file;
	void *completion_routine, *context;
};

struct irp {
	uint16_t type, size;
	uint32_t flags, thread_list[2];
	struct kit_iosb status;
	uint8_t stack_count, current_location, pending_returned, cancel;
	void *user_buffer;
	struct kit_iosb *user_iosb;
	void *user_event;
	uint32_t apc[2], context[4], locked_length, thread, list[2];
	struct location *location;
	void *file;
	uint32_t cancel_routine, pad;
};
_Static_assert(sizeof(struct irp) == 0x60 && sizeof(struct location) == 0x24 && sizeof(struct device) == 0x50, "the console's sizes");

typedef NTSTATUS dispatch(struct device *device, struct irp *irp);

struct driver {
	void *start_io, *delete_device, *dismount;
	dispatch *major[MJ_COUNT];
};

/* Completes it: what the dispatch routine returns. */
static inline NTSTATUS driver_done(struct irp *irp, NTSTATUS status, uint32_t information)
{
	irp->status.status = status;
	irp->status.information = information;
	IoCompleteRequest(irp, 0);
	return status;
}

#endif
