/* kernel/emit.h - the one choke point: every event of the kernel is filled and emitted here, once.
 *
 * When nobody wants a kind, only the counting takes place. tid 0 in an event: no guest thread (a deadline, the loader).
 */
#ifndef KERNEL_EMIT_H
#define KERNEL_EMIT_H

#include "kernel/machine.h"

struct call;
struct g_exception_record;

/** Fills @ev with what every event has: thread row @thread (0 = none), clock, registers, the export it is in. False: nobody
 * wants the kind, it has been counted, there is no more to do. Else fill the rest and call event_emit. */
bool emit_begin(struct machine *m, struct event *ev, enum event_kind kind, uint32_t thread);

/** An event about object row @object, by handle slot row @slot (0 = by pointer). */
void emit_object(struct machine *m, enum event_kind kind, uint32_t thread, uint32_t object, uint32_t slot, uint64_t aux0, uint64_t aux1);
void emit_object4(struct machine *m, enum event_kind kind, uint32_t thread, uint32_t object, uint32_t slot, const uint64_t aux[4]);
/** A use of @handle that is not, or no longer, what the title means: the life of slot row @slot that was closed last (0 = it never was
 * a handle). @hit: the generation that it met instead, 0 = none: nothing is open there. */
void emit_stale(struct machine *m, uint32_t thread, uint32_t handle, uint32_t slot, uint32_t hit);
/** thread.*: about thread row @about; @thread is the one that acts. */
void emit_thread(struct machine *m, enum event_kind kind, uint32_t thread, uint32_t about, uint64_t aux1, uint64_t aux2);
/** apc.*: the APC of apc row @apc, of its thread; @thread is the one that acts. */
void emit_apc(struct machine *m, enum event_kind kind, uint32_t thread, uint32_t apc);
/** exception.raise: the record @r, which lies at @ga. */
void emit_exception(struct machine *m, uint32_t thread, const struct g_exception_record *r, uint32_t ga);
/** import.call, kernel.call (with arguments), stub. */
void emit_call(struct machine *m, enum event_kind kind, const struct call *c);
void emit_return(struct machine *m, uint32_t thread, uint64_t r3);
/** debug.print, fault, title.exit, ...: plain. @text may be NULL. */
void emit_plain4(struct machine *m, enum event_kind kind, uint32_t thread, const uint64_t aux[4]);
void emit_plain(struct machine *m, enum event_kind kind, uint32_t thread, uint64_t aux0, uint64_t aux1, const char *text);

/** The same with a name of its own, and all of aux. */
void emit_named4(struct machine *m, enum event_kind kind, uint32_t thread, const char *name, const uint64_t aux[4], const char *text);

#endif
