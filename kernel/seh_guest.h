/* kernel/seh_guest.h - guest-visible structures of exceptions and of the unwinding of frames. EXCEPTION_RECORD and CONTEXT: kernel/guest.h.
 *
 * Sources: winnt.h and ntppc.h of Windows NT for PowerPC (scope table, dispatcher context, flags, dispositions); Windows CE's documentation
 * of compressed .pdata (PDATA_EH precedes the function). What agrees with code of the XDK's compiler is said in kernel/seh.h. */
#ifndef KERNEL_SEH_GUEST_H
#define KERNEL_SEH_GUEST_H

#include "kernel/guest.h"

/* EXCEPTION_RECORD.exception_flags */
#define EXCEPTION_NONCONTINUABLE 0x01u
#define EXCEPTION_UNWINDING 0x02u
#define EXCEPTION_EXIT_UNWIND 0x04u   /* no target: everything is unwound */
#define EXCEPTION_STACK_INVALID 0x08u
#define EXCEPTION_NESTED_CALL 0x10u   /* the handler that is asked was at work already */
#define EXCEPTION_TARGET_UNWIND 0x20u /* the frame is the one to go on in */
#define EXCEPTION_COLLIDED_UNWIND 0x40u
#define EXCEPTION_UNWIND (EXCEPTION_UNWINDING | EXCEPTION_EXIT_UNWIND)

/* Statuses of the walk itself. */
#define STATUS_NONCONTINUABLE_EXCEPTION 0xC0000025u
#define STATUS_INVALID_DISPOSITION 0xC0000026u
#define STATUS_UNWIND 0xC0000027u
#define STATUS_INVALID_UNWIND_TARGET 0xC0000029u
#define EXCEPTION_CXX 0xE06D7363u /* Visual C++'s throw: parameters magic, object, ThrowInfo */

/* What a handler returns: EXCEPTION_DISPOSITION. */
enum seh_disposition {
	SEH_CONTINUE_EXECUTION,
	SEH_CONTINUE_SEARCH,
	SEH_NESTED_EXCEPTION,
	SEH_COLLIDED_UNWIND
};

/* The two words before a function whose .pdata entry has the handler bit: PDATA_EH. */
struct g_pdata_eh {
	be32 handler, data;
};
GUEST_AT(g_pdata_eh, data, 0x4);
GUEST_SIZE(g_pdata_eh, 0x8);

/* An entry of .pdata. */
struct g_runtime_function {
	be32 begin;
	be32 lengths; /* from the lowest bit: words of the prologue (8), of the function (22), 32-bit code (1), has a handler (1) */
};
GUEST_SIZE(g_runtime_function, 0x8);

struct g_dispatcher_context {
	be32 control_pc;        /* where control left the function */
	be32 function_entry;    /* in .pdata */
	be32 establisher_frame; /* the caller's r1 */
	be32 context_record;
};
GUEST_AT(g_dispatcher_context, function_entry, 0x4);
GUEST_AT(g_dispatcher_context, establisher_frame, 0x8);
GUEST_AT(g_dispatcher_context, context_record, 0xC);
GUEST_SIZE(g_dispatcher_context, 0x10);

struct g_exception_pointers {
	be32 record, context;
};
GUEST_SIZE(g_exception_pointers, 0x8);

/* A row of __C_specific_handler's table; before the first one stands their number. */
struct g_scope {
	be32 begin, end;
	be32 handler; /* filter, 1 = always; without a target: the __finally block */
	be32 target;  /* the __except block; 0 = none */
};
GUEST_SIZE(g_scope, 0x10);

/* The kernel's own frame on the thread's stack, below the caller of RtlRaiseException, RtlUnwind or __C_specific_handler: where a handler that
 * is called returns to it finds here how far it was. Its layout is ours. */
struct g_seh_frame {
	be32 chain;        /* the caller's r1 */
	be32 self;         /* this address */
	be32 kind;         /* enum seh_kind */
	be32 export_row;
	uint8_t home[0x40]; /* for the parameters of whom is called */
	struct g_dispatcher_context dispatcher;
	struct g_exception_pointers pointers;
	be32 record;       /* EXCEPTION_RECORD */
	be32 context;      /* CONTEXT for the handlers */
	be32 call_pc;      /* the sc of the call */
	be32 next_pc;      /* RAISE, UNWIND: where control left the function to look at next */
	be32 target;       /* UNWIND: frame to unwind to, 0 = all; scopes: the frame */
	be32 target_ip, result; /* UNWIND: where it goes on, r3 there */
	be32 nested;       /* RAISE: frame up to which handlers are at work, 0 = none */
	be32 flags;        /* to set in the record for the next handler */
	be32 handlers;     /* called so far */
	be32 scope;        /* scopes: the next row */
	be32 dispatcher_ga;/* scopes: what the handler was given */
	be32 pc;           /* scopes: where control left the function */
	be32 lr;           /* where the call returns to */
	struct g_exception_record own; /* if none was given */
	/* Not in frames of scopes. RAISE: of the raise; UNWIND: of the frame whose handler runs. Then: of the frame to look at next. */
	struct g_context now, next;
};
GUEST_AT(g_seh_frame, dispatcher, 0x50);
GUEST_AT(g_seh_frame, own, 0xA0);
GUEST_AT(g_seh_frame, now, 0xF0);
GUEST_AT(g_seh_frame, next, 0xB30);
GUEST_SIZE(g_seh_frame, 0x1570);

#endif
