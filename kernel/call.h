/* kernel/call.h - what a handler of an export sees: its arguments, its thread, its ways to answer.
 *
 * static void k_NtSetEvent(struct machine *m, struct call *c)
 *
 * A handler runs on the guest's behalf between two instructions. It answers with call_return (the default: 0), or it parks
 * the thread (wait_begin, ...: then the continuation answers later), or ends it. It must not keep anything on the host's stack or heap.
 */
#ifndef KERNEL_CALL_H
#define KERNEL_CALL_H

#include "kernel/exports.h"
#include "kernel/machine.h"
#include "kernel/ntstatus.h"

struct call {
	uint32_t thread;              /* row of the calling thread */
	uint32_t row;                 /* row of export_table */
	uint32_t lr;                  /* return address in the title */
	uint64_t arg[EVENT_ARGS];     /* r3-r10, then the caller's home area */
	uint64_t result;              /* r3 when it returns at once */
	bool parked;                  /* the thread was parked, ended or sent elsewhere: no return now */
	bool faulted;                 /* a pointer argument was bad: m->pending is a guest fault at the call */
};

static inline uint32_t arg32(const struct call *c, unsigned i) { return (uint32_t)c->arg[i]; }
/** Argument @i of a variadic call, any i. */
uint64_t call_vararg(struct machine *m, struct call *c, unsigned i);
static inline void call_return(struct call *c, uint64_t r3) { c->result = r3; }

/* Guest pointers of the caller. On a bad address they make the call a guest fault and give 0: the handler goes on to its
 * end; nothing that it does after that may matter. Writes through a NULL @ga are left out by out32 (an optional out pointer). */
uint32_t in8(struct machine *m, struct call *c, uint32_t ga);
uint32_t in16(struct machine *m, struct call *c, uint32_t ga);
uint32_t in32(struct machine *m, struct call *c, uint32_t ga);
uint64_t in64(struct machine *m, struct call *c, uint32_t ga);
void out8(struct machine *m, struct call *c, uint32_t ga, uint8_t v);
void out16(struct machine *m, struct call *c, uint32_t ga, uint16_t v);
void out32(struct machine *m, struct call *c, uint32_t ga, uint32_t v);
void out64(struct machine *m, struct call *c, uint32_t ga, uint64_t v);
/** ANSI_STRING or NUL-ended string into @buf, cut at @size - 1. */
void in_string(struct machine *m, struct call *c, uint32_t ga, char *buf, size_t size);
void in_ansi_string(struct machine *m, struct call *c, uint32_t ga, char *buf, size_t size);
/** @size bytes on the caller's behalf; false: the call has faulted. */
bool in_bytes(struct machine *m, struct call *c, uint32_t ga, void *bytes, uint32_t size);
bool out_bytes(struct machine *m, struct call *c, uint32_t ga, const void *bytes, uint32_t size);
/** Can [@ga, @ga + @size) be accessed? False: the call has faulted. */
bool probe_bytes(struct machine *m, struct call *c, uint32_t ga, uint32_t size, bool store);
/** Makes the call a guest fault: the machine stops at the sc's return address with the thread, the export and the address. */
void call_fault(struct machine *m, struct call *c, uint32_t ga, uint32_t size, bool store, enum mem_result why);

/** The call raises @status, as RtlRaiseStatus does (kernel/seh.h): it does not return. The handler returns at once. */
void raise_status(struct machine *m, struct call *c, uint32_t status);
/** The title ends with @status; the call does not return. First its registered routines run (kernel/terminate.h). Emits: EV_TITLE_EXIT, then. */
void title_ended(struct machine *m, uint32_t thread, uint32_t status); /* at once: thread row @thread has ended it */
void title_end(struct machine *m, struct call *c, uint32_t status);
/** The title has bugchecked: nothing runs any more. @text says why. */
void bugcheck(struct machine *m, struct call *c, uint32_t code, const char *text);

/* ---- for the run loop and continuations ---------------------------------------------------------------------------------- */

/** Thread row @thread has executed the sc of an import thunk: finds the export, runs its handler. Emits: EV_IMPORT_CALL, EV_KERNEL_CALL, ... */
void call_dispatch(struct machine *m, uint32_t thread);
/** The call that @thread is in returns @r3 to the title. Emits: EV_KERNEL_RETURN. */
void call_finish(struct machine *m, uint32_t thread, uint64_t r3);

#endif
