/* kernel/irp.c - IoCompleteRequest, IoInvalidDeviceRequest: how a title's own driver answers what it was asked. */
#include "config.h"

#include "kernel/args.h"
#include "kernel/device_guest.h"
#include "kernel/handlers.h"
#include "kernel/object.h"
#include "kernel/request.h"
#include "kernel/stop.h"
#include "kernel/wait.h"

/* Whom to tell besides, which is known of no console's kernel. False: the run stops, and nothing has been done. */
static bool is_plain(struct machine *m, struct call *c, uint32_t irp)
{
	uint32_t location = in32(m, c, GA(irp, g_irp, current_stack_location));
	uint32_t routine = location ? in32(m, c, GA(location, g_io_stack_location, completion_routine)) : 0;
	uint32_t apc = in32(m, c, GA(irp, g_irp, user_apc_routine));
	if (c->faulted || !request_may_complete(m, c, irp))
		return false;
	if (routine || apc)
		stop_unsupported(m, c,
			routine ? "of a request with a completion routine, which is not called: "
				: "of a request with an APC, which is not queued: ");
	return !routine && !apc;
}

/* The status that the IRP has goes to the caller's block, and the caller's event is set. */
static void complete(struct machine *m, struct call *c, uint32_t irp, int32_t increment)
{
	struct g_irp i;
	if (!in_bytes(m, c, irp, &i, sizeof i))
		return;
	uint32_t iosb = be32_get(i.user_iosb), event = 0;
	const be32 block[2] = { i.status, i.information };
	if (be32_get(i.user_event) && !(event = arg_by_pointer(m, c, be32_get(i.user_event), OT_EVENTS)))
		return;
	if (iosb && !out_bytes(m, c, iosb, block, sizeof block))
		return;
	if (event)
		event_set(m, c->thread, event, 0, increment);
	request_completed(m, c->thread, irp, be32_get(i.status), be32_get(i.information));
}

/* xboxkrnl 0x035: IRP, priority increment. */
void k_IoCompleteRequest(struct machine *m, struct call *c)
{
	if (is_plain(m, c, arg32(c, 0)))
		complete(m, c, arg32(c, 0), (int8_t)arg32(c, 1));
}

/* xboxkrnl 0x041: device, IRP. What a driver has in MajorFunction for requests that it does not serve; the IRP's count of bytes stays. */
void k_IoInvalidDeviceRequest(struct machine *m, struct call *c)
{
	uint32_t irp = arg32(c, 1);
	call_return(c, NT_INVALID_DEVICE_REQUEST);
	if (!is_plain(m, c, irp))
		return;
	out32(m, c, GA(irp, g_irp, status), NT_INVALID_DEVICE_REQUEST);
	complete(m, c, irp, 0);
}
