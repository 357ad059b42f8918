/* kernel/args.c - see args.h */
#include "config.h"

#include "kernel/args.h"

#include <stdio.h>

#include "kernel/handle.h"
#include "kernel/object.h"
#include "kernel/rows.h"
#include "kernel/stop.h"

uint32_t arg_by_handle(struct machine *m, struct call *c, uint32_t handle, uint32_t types, uint32_t *slot)
{
	uint32_t row, object = handle_object(m, c->thread, handle, &row);
	if (slot)
		*slot = row;
	if (!object) {
		call_return(c, NT_INVALID_HANDLE);
		return 0;
	}
	if (!(types & OT_BIT(object_peek(m, object)->type))) {
		if (row)
			handle_mistaken(m, c->thread, row, types);
		call_return(c, NT_OBJECT_TYPE_MISMATCH);
		return 0;
	}
	return object;
}

uint32_t arg_by_pointer(struct machine *m, struct call *c, uint32_t ga, uint32_t types)
{
	enum mem_result why;
	uint32_t object = object_at(m, c->thread, ga, &why);
	if (object && types & OT_BIT(object_peek(m, object)->type))
		return object;
	if (why != MEM_OK) {
		call_fault(m, c, ga, sizeof(struct g_dispatch_header), false, why);
		return 0;
	}
	char text[80];
	uint8_t type = mem_get8(&m->mem, ga);
	snprintf(text, sizeof text, "on a dispatcher object of type %u at %08x, which is not built: ", type, ga);
	stop_unsupported(m, c, text);
	return 0;
}

uint32_t arg_thread(struct machine *m, struct call *c, uint32_t ga)
{
	uint32_t object = arg_by_pointer(m, c, ga, OT_BIT(OT_THREAD));
	return object ? object_peek(m, object)->thread : 0;
}

void arg_handle_out(struct machine *m, struct call *c, uint32_t object, uint32_t ga)
{
	object_hold(m, object); /* ours, until the handle holds it */
	object_born(m, c->thread, object);
	uint32_t slot = handle_open(m, c->thread, object);
	if (slot)
		out32(m, c, ga, slot_peek(m, slot)->handle);
	call_return(c, slot ? NT_SUCCESS : NT_INSUFFICIENT_RESOURCES);
	object_hold_end(m, object);
}
