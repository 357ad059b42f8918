/* kernel/xam_guest.h - guest-visible structures of XAM. Source: facts, struct-layouts (XAM_OVERLAPPED, ...), and what the comments name. */
#ifndef KERNEL_XAM_GUEST_H
#define KERNEL_XAM_GUEST_H

#include "kernel/guest.h"

struct g_xoverlapped {
	be32 result; /* ERROR_IO_PENDING as long as it is */
	be32 length;
	be32 context; /* handle of the thread to which the APC goes */
	be32 event;   /* handle */
	be32 completion_routine;
	be32 completion_context; /* the title's */
	be32 extended_error;
};
GUEST_AT(g_xoverlapped, length, 0x4);
GUEST_AT(g_xoverlapped, context, 0x8);
GUEST_AT(g_xoverlapped, event, 0xC);
GUEST_AT(g_xoverlapped, completion_routine, 0x10);
GUEST_AT(g_xoverlapped, extended_error, 0x18);
GUEST_SIZE(g_xoverlapped, 0x1C);

#endif
