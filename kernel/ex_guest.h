/* kernel/ex_guest.h - guest-visible structures of Ex* and kernel queues. Source: facts, struct layouts; the queue: NT, the original Xbox. */
#ifndef KERNEL_EX_GUEST_H
#define KERNEL_EX_GUEST_H

#include "kernel/guest.h"

/* type 4 */
struct g_kqueue {
	struct g_dispatch_header header; /* signal_state: entries */
	struct g_list_entry entry_list_head;
	be32 current_count; /* threads that run */
	be32 maximum_count; /* how many may */
	struct g_list_entry thread_list_head;
};
GUEST_AT(g_kqueue, entry_list_head, 0x10);
GUEST_AT(g_kqueue, current_count, 0x18);
GUEST_AT(g_kqueue, maximum_count, 0x1C);
GUEST_AT(g_kqueue, thread_list_head, 0x20);
GUEST_SIZE(g_kqueue, 0x28);

struct g_ex_title_terminate_registration {
	be32 notification_routine;
	be32 priority;
	struct g_list_entry list_entry;
};
GUEST_AT(g_ex_title_terminate_registration, priority, 0x4);
GUEST_AT(g_ex_title_terminate_registration, list_entry, 0x8);
GUEST_SIZE(g_ex_title_terminate_registration, 0x10);

#endif
