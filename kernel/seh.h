/* kernel/seh.h - exceptions: raised, offered to the handlers of the frames above, unwound to one of them.
 *
 * As in Windows NT on RISC processors. A raise makes a frame of the kernel's own on the thread's stack (struct g_seh_frame) with the raiser's
 * CONTEXT, and walks the stack by .pdata: for each function whose entry has the handler bit it calls the handler of the two words before
 * the function, in guest code, with (record, establisher frame, context, dispatcher context). The handler returns to SEH_RETURN with its
 * disposition. Who wants the exception calls RtlUnwind: the same walk, in which handlers run what must run (__finally, destructors), up to
 * the target frame, whose registers are put back.
 *
 * All that it needs to go on lies in those frames: nothing is left over when one of them is left behind. Guest code may write there what it
 * likes; each address is looked at as any pointer of the guest's.
 *
 * Of the console it is known, from code of the XDK's compiler (a public recompilation's listing): a function's establisher frame is r1 at
 * its entry, and funclets (filters, __finally blocks) get it in r12. DEBT(exceptions): the rest is NT for PowerPC's.
 */
#ifndef KERNEL_SEH_H
#define KERNEL_SEH_H

#include "kernel/call.h"
#include "kernel/seh_guest.h"

enum seh_kind {
	SEH_RAISE = 0x53454801, /* "SEH" and a number: no word that happens to lie there */
	SEH_UNWIND,
	SEH_FILTER,
	SEH_FINALLY
};

/** A frame of the kernel's own as it is on the thread's stack, to be changed and put back. */
struct seh_frame {
	uint32_t sp;
	struct g_seh_frame g;
};

/** What the walk found: the function that control left at @pc. */
struct seh_function {
	uint32_t pc, establisher;
	uint32_t entry;         /* ga in .pdata; 0 = a leaf without one */
	uint32_t handler, data; /* 0 = none, or control left it in its prologue */
	uint32_t flags;         /* EXCEPTION_*: a frame of the kernel's own lies between */
	uint32_t nested;        /* with EXCEPTION_NESTED_CALL: the frame up to which handlers are at work */
};

/* ---- kernel/seh_walk.c: registers and frames ------------------------------------------------------------------------------------ */

/** The registers of thread row @thread, as they are when the call returns to @iar. */
void seh_capture(const struct machine *m, uint32_t thread, uint32_t iar, struct g_context *g);
/** The other way; MSR stays. */
void seh_restore(struct machine *m, uint32_t thread, const struct g_context *g);
/** Control left at @pc the function of .pdata's words @f; @g becomes its caller's. False: the stack does not say how. */
bool seh_virtual_unwind(const struct machine *m, const struct g_runtime_function *f, uint32_t pc, struct g_context *g, uint32_t *establisher);
/**
 * Looks at the function that control left at *@pc with the registers @g, which become the caller's, and *@pc where control left that one;
 * @body (if any): the registers in the function itself. Steps over the kernel's own frames first. False: the stack ends, or cannot be trusted any more.
 */
bool seh_look(const struct machine *m, uint32_t thread, uint32_t *pc, struct g_context *g, struct seh_function *f, struct g_context *body);
/** Does .pdata's entry at @entry say what @f then holds? */
bool seh_entry(const struct machine *m, uint32_t entry, struct g_runtime_function *f);

/* ---- kernel/seh.c: raising and unwinding ------------------------------------------------------------------------------------------ */

/** The call raises the exception of the record at @record, or, if that is 0, of @own. It does not return. Emits: EV_EXCEPTION_*. */
void seh_raise(struct machine *m, struct call *c, uint32_t record, const struct g_exception_record *own);
struct seh_target {
	uint32_t frame, ip;     /* 0 = all frames */
	uint32_t record;        /* 0 = STATUS_UNWIND */
	uint32_t result;        /* r3 at @ip */
	uint32_t context;       /* for the handlers; 0 = one of the kernel's own */
};
/** The call unwinds to @t; it does not return. Emits: EV_EXCEPTION_*. */
void seh_unwind(struct machine *m, struct call *c, const struct seh_target *t);
/** The same for code of the kernel's that runs on the frame @by. */
void seh_unwind_from(struct machine *m, uint32_t thread, const struct seh_frame *by, const struct seh_target *t);

/** A new one below @below; @lr is where its call returns to. False: no room, the machine stops. */
bool seh_frame_push(struct machine *m, uint32_t thread, uint32_t below, uint32_t lr, struct seh_frame *f);
/** The one at r1 = @sp, if it is one. */
bool seh_frame_at(const struct machine *m, uint32_t sp, struct seh_frame *f);
/** Puts it back and calls guest code from it. */
void seh_enter(struct machine *m, uint32_t thread, struct seh_frame *f, uint32_t pc, uint32_t r12, unsigned n, const uint32_t arg[]);
/** The call of the frame is over: back to its caller with @r3. */
void seh_leave(struct machine *m, uint32_t thread, const struct seh_frame *f, uint32_t r3);
/** Guest code has returned to TRAP_SEH. False: there is no frame that called it. */
bool seh_returned(struct machine *m, uint32_t thread);

/* ---- kernel/seh_walk.c, again ------------------------------------------------------------------------------------------------------- */

#define SEH_TYPE_TEXT 64u
/**
 * Is it a C++ throw whose type has a name? The mangled one of its first catchable type, as ".?AVbad_alloc@std@@".
 * Source: ThrowInfo, CatchableTypeArray, CatchableType and TypeDescriptor of 32-bit Visual C++, as published by those who read its output.
 */
bool seh_cxx_type(const struct machine *m, const struct g_exception_record *r, char *buf, size_t size);

/* ---- kernel/seh_scope.c: __C_specific_handler --------------------------------------------------------------------------------------- */

/** A filter or a __finally block has returned to its frame with @r3. */
void seh_scope_returned(struct machine *m, uint32_t thread, struct seh_frame *f, uint32_t r3);

#endif
