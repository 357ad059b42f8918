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

/* what XamGetPrivateEnumStructureFromHandle gives (Xenia canary, X_KENUMERATOR); a private structure follows */
struct g_kenumerator {
	be32 app, open_message, close_message, user, items_per_enumerate, flags;
};
GUEST_AT(g_kenumerator, close_message, 0x8);
GUEST_AT(g_kenumerator, flags, 0x14);
GUEST_SIZE(g_kenumerator, 0x18);

/* A package's description (Xenia canary, XCONTENT_DATA). */
struct g_xcontent_data {
	be32 device_id;
	be32 content_type;
	be16 display_name[128]; /* UTF-16 */
	char file_name[42];     /* may fill it */
	uint8_t pad[2];
};
GUEST_AT(g_xcontent_data, display_name, 0x8);
GUEST_AT(g_xcontent_data, file_name, 0x108);
GUEST_SIZE(g_xcontent_data, 0x134);

/* The same across titles (Xenia, XCONTENT_DATA_AGGREGATE). */
struct g_xcontent_cross_title_data {
	struct g_xcontent_data data;
	be32 pad;
	be64 xuid;
	be32 title_id, pad2;
};
GUEST_AT(g_xcontent_cross_title_data, xuid, 0x138);
GUEST_AT(g_xcontent_cross_title_data, title_id, 0x140);
GUEST_SIZE(g_xcontent_cross_title_data, 0x148);

/* A storage device (Xenia, X_CONTENT_DEVICE_DATA). */
struct g_xdevice_data {
	be32 device_id, device_type;
	be64 total_bytes, free_bytes;
	be16 name[28];
};
GUEST_AT(g_xdevice_data, total_bytes, 0x8);
GUEST_AT(g_xdevice_data, name, 0x18);
GUEST_SIZE(g_xdevice_data, 0x50);

/* An achievement as XamEnumerate gives it (Xenia, X_ACHIEVEMENT_DETAILS); its texts lie behind all details. */
struct g_xachievement_details {
	be32 id;
	be32 label, description, unachieved; /* addresses, 0 = not asked for */
	be32 image_id, gamerscore;
	be32 unlock_time_high, unlock_time_low; /* FILETIME */
	be32 flags;
};
GUEST_AT(g_xachievement_details, image_id, 0x10);
GUEST_AT(g_xachievement_details, flags, 0x20);
GUEST_SIZE(g_xachievement_details, 0x24);

/* The room that each of them takes with texts; while it waits to be handed out, its addresses are places in @text, in bytes and + 1. */
struct g_xachievement_item {
	struct g_xachievement_details details;
	be16 text[232];
};
GUEST_SIZE(g_xachievement_item, 0x24 + 464);

#endif
