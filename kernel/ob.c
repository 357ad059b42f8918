/* kernel/ob.c - Ob*: pointer references. */
#include "config.h"

#include "kernel/args.h"
#include "kernel/handle.h"
#include "kernel/handlers.h"
#include "kernel/object.h"
#include "kernel/rows.h"
#include "kernel/vars.h"

/* @type: address of ExEventObjectType etc., 0 = any. */
static bool type_fits(struct machine *m, struct call *c, uint32_t object, uint32_t type)
{
	if (!type || vars_object_type(object_peek(m, object)->type) == type)
		return true;
	call_return(c, NT_OBJECT_TYPE_MISMATCH);
	return false;
}

/* *out is zeroed first. */
void k_ObReferenceObjectByHandle(struct machine *m, struct call *c)
{
	out32(m, c, arg32(c, 2), 0);
	uint32_t object = arg_by_handle(m, c, arg32(c, 0), OT_ANY, NULL);
	if (!object || !type_fits(m, c, object, arg32(c, 1)) || c->faulted)
		return;
	object_ref_pointer(m, object);
	out32(m, c, arg32(c, 2), object_peek(m, object)->body_ga);
}

/* A pointer that leads to no object is left alone. */
void k_ObReferenceObject(struct machine *m, struct call *c)
{
	uint32_t object = object_by_ga(m, arg32(c, 0));
	if (!object)
		return;
	object_ref_pointer(m, object);
	call_return(c, object_peek(m, object)->refs);
}

/* More dereferences than references: the surplus is left alone, so that an object never dies under its handles. */
void k_ObDereferenceObject(struct machine *m, struct call *c)
{
	uint32_t object = object_by_ga(m, arg32(c, 0));
	if (!object)
		return;
	uint32_t refs = object_peek(m, object)->refs;
	call_return(c, object_unref_pointer(m, object) ? refs - 1 : refs);
}

void k_ObLookupThreadByThreadId(struct machine *m, struct call *c)
{
	out32(m, c, arg32(c, 1), 0);
	uint32_t thread = thread_by_tid(m, arg32(c, 0));
	if (!thread || c->faulted) {
		call_return(c, NT_INVALID_CID);
		return;
	}
	object_ref_pointer(m, thread_peek(m, thread)->object);
	out32(m, c, arg32(c, 1), thread_peek(m, thread)->kthread_ga);
}

/* A new handle to the object. */
void k_ObOpenObjectByPointer(struct machine *m, struct call *c)
{
	uint32_t object = arg_by_pointer(m, c, arg32(c, 0), OT_ANY);
	if (!object || !type_fits(m, c, object, arg32(c, 1)))
		return;
	uint32_t slot = handle_open(m, c->thread, object);
	if (slot)
		out32(m, c, arg32(c, 2), slot_peek(m, slot)->handle);
	else
		call_return(c, NT_INSUFFICIENT_RESOURCES);
}

/* xboxkrnl 0x109: a bit of the object's header says whose it is (facts: X_OBJECT_HEADER.flags); what lies before the pointer is taken for one. */
void k_ObIsTitleObject(struct machine *m, struct call *c)
{
	uint32_t header = arg32(c, 0) - (uint32_t)sizeof(struct g_object_header);
	call_return(c, (in8(m, c, GA(header, g_object_header, flags)) & OBJECT_OF_TITLE) != 0);
}
