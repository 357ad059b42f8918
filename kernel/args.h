/* kernel/args.h - arguments that name objects: by handle (Nt*), by pointer (Ke*, Ob*), by name. Each answers the call itself on failure. */
#ifndef KERNEL_ARGS_H
#define KERNEL_ARGS_H

#include "kernel/call.h"

/** Sets of object types, bit by type. */
#define OT_BIT(t) (1u << (t))
#define OT_EVENTS (OT_BIT(OT_EVENT_MANUAL) | OT_BIT(OT_EVENT_AUTO) | OT_BIT(OT_CRITSEC) | OT_BIT(OT_RWLOCK_EXCL))
#define OT_SEMAPHORES (OT_BIT(OT_SEMAPHORE) | OT_BIT(OT_RWLOCK_SHARED))
#define OT_TIMERS (OT_BIT(OT_TIMER_MANUAL) | OT_BIT(OT_TIMER_AUTO))
#define OT_ANY UINT32_MAX
#define OT_WAITABLE (OT_ANY & ~OT_BIT(OT_QUEUE)) /* a queue is waited for by KeRemoveQueue alone */

/** A new object is whole: emits its birth, opens a handle to it and writes that to @ga. The call returns success, or INSUFFICIENT_RESOURCES. */
void arg_handle_out(struct machine *m, struct call *c, uint32_t object, uint32_t ga);

/** Object row behind handle argument @handle, of one of @types. 0: the call returns INVALID_HANDLE or OBJECT_TYPE_MISMATCH. */
uint32_t arg_by_handle(struct machine *m, struct call *c, uint32_t handle, uint32_t types, uint32_t *slot);
/** Object row of the dispatcher object at pointer argument @ga. 0: bad address (a guest fault), or an object of a type that cannot be used
 * like this (the run stops: no invented behaviour). */
uint32_t arg_by_pointer(struct machine *m, struct call *c, uint32_t ga, uint32_t types);
/** Object's thread row behind @ga, a KTHREAD; 0 as above. */
uint32_t arg_thread(struct machine *m, struct call *c, uint32_t ga);

#endif
