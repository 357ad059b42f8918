/* kernel/xam_device.c - XamContent*Device*: the one storage device (kernel/content.h). Errors: Xenia canary. */
#include "config.h"

#include "kernel/content.h"
#include "kernel/enumerator.h"
#include "kernel/handlers.h"
#include "kernel/overlapped.h"
#include "kernel/xam.h"

#define APP_XAM 0xFEu
#define DEVICES_MESSAGE 0x2000Au
#define DEVICES_END_MESSAGE 0x20009u
#define DEVICES_PRIVATE 8u
#define SELECTOR_BAD_FLAGS 0x83F00008u

static bool arg_device(struct call *c, unsigned at)
{
	bool known = arg32(c, at) == CONTENT_DEVICE_ID;
	call_return(c, known ? ERROR_SUCCESS : ERROR_DEVICE_NOT_CONNECTED);
	return known;
}

static struct g_xdevice_data describe(void)
{
	struct g_xdevice_data d = { .device_id = be32_of(CONTENT_DEVICE_ID),
		.device_type = be32_of(CONTENT_DEVICE_HDD),
		.total_bytes = be64_of(CONTENT_TOTAL_BYTES),
		.free_bytes = be64_of(CONTENT_FREE_BYTES) };
	for (unsigned i = 0; i < sizeof CONTENT_DEVICE_NAME - 1; i++)
		d.name[i] = be16_of((uint8_t)CONTENT_DEVICE_NAME[i]);
	return d;
}

/* The extended error is the bare number here. */
void k_XamContentGetDeviceState(struct machine *m, struct call *c)
{
	struct overlapped_end end = overlapped_plain(ERROR_SUCCESS);
	if (!arg_device(c, 0))
		end = (struct overlapped_end){ ERROR_DEVICE_NOT_CONNECTED, ERROR_FUNCTION_FAILED, ERROR_DEVICE_NOT_CONNECTED, 0 };
	overlapped_end(m, c, arg32(c, 1), end);
}

void k_XamContentGetDeviceData(struct machine *m, struct call *c)
{
	const struct g_xdevice_data d = describe();
	if (arg_device(c, 0))
		out_bytes(m, c, arg32(c, 1), &d, sizeof d);
}

/* The capacity counts characters. */
void k_XamContentGetDeviceName(struct machine *m, struct call *c)
{
	const struct g_xdevice_data d = describe();
	uint32_t n = sizeof CONTENT_DEVICE_NAME;
	if (!arg_device(c, 0))
		return;
	if (arg32(c, 2) < n)
		call_return(c, ERROR_INSUFFICIENT_BUFFER);
	else
		out_bytes(m, c, arg32(c, 1), d.name, n * 2);
}

void k_XamContentCreateDeviceEnumerator(struct machine *m, struct call *c)
{
	const struct g_xdevice_data d = describe();
	const struct enumerator_spec spec = { .user = XAM_USER_NONE,
		.app = APP_XAM,
		.open_message = DEVICES_MESSAGE,
		.close_message = DEVICES_END_MESSAGE,
		.private_size = DEVICES_PRIVATE,
		.item_size = sizeof d,
		.per_call = arg32(c, 2) };
	out32(m, c, arg32(c, 3), arg32(c, 2) * (uint32_t)sizeof d);
	uint32_t object = c->faulted ? 0 : enumerator_new(m, c->thread, &spec);
	if (object && enumerator_add(m, object, &d))
		enumerator_open(m, c, object, arg32(c, 4));
	else
		call_return(c, ERROR_NO_SYSTEM_RESOURCES);
}

/* (user, type, flags, bytes wanted, device *, XOVERLAPPED): with one device there is nothing to choose, and it is told without a dialog. */
void k_XamShowDeviceSelectorUI(struct machine *m, struct call *c)
{
	const be32 device = be32_of(CONTENT_DEVICE_ID);
	uint32_t user = arg32(c, 0), overlapped = arg32(c, 5);
	if (!overlapped) {
		call_return(c, ERROR_INVALID_PARAMETER);
		return;
	}
	if ((user >= XAM_USERS && user != XAM_USER_ANY) || arg32(c, 2) & SELECTOR_BAD_FLAGS || !arg32(c, 4)) {
		out32(m, c, GA(overlapped, g_xoverlapped, extended_error), ERROR_INVALID_PARAMETER);
		call_return(c, ERROR_INVALID_PARAMETER);
		return;
	}
	uint32_t error = user != XAM_USER_ANY && !xam_signed_in(m, user) ? ERROR_NO_SUCH_USER : ERROR_SUCCESS;
	struct overlapped_request r = { .ga = overlapped, .end = overlapped_plain(error), .ticks = OVERLAPPED_TICKS };
	if (!error)
		r.out[0] = (struct overlapped_out){ arg32(c, 4), sizeof device, &device, 0 };
	overlapped_begin(m, c, &r);
}
