/* kernel/device_guest.h - guest-visible structures of drivers and their devices.
 * Source: xenia-canary (X_DRIVER_OBJECT, X_DEVICE_OBJECT, X_KDEVICE_QUEUE); the names of the file object's first bytes: devio.h of the console's
 * homebrew, which agrees with those two; IRP and stack location: both of them. */
#ifndef KERNEL_DEVICE_GUEST_H
#define KERNEL_DEVICE_GUEST_H

#include "kernel/guest.h"

/* What drivers are asked: MAJOR(ID, word) rows, in the order of their numbers, which is that of the driver object's routines (not NT's numbers). */
#define DRIVER_MAJORS(MAJOR) \
	MAJOR(CREATE, "create") \
	MAJOR(CLOSE, "close") \
	MAJOR(READ, "read") \
	MAJOR(WRITE, "write") \
	MAJOR(QUERY_INFORMATION, "query") \
	MAJOR(SET_INFORMATION, "set") \
	MAJOR(FLUSH_BUFFERS, "flush") \
	MAJOR(QUERY_VOLUME_INFORMATION, "volume") \
	MAJOR(DIRECTORY_CONTROL, "directory") \
	MAJOR(DEVICE_CONTROL, "control") \
	MAJOR(CLEANUP, "cleanup")
enum driver_major {
#define MAJOR(id, word) IRP_MJ_##id,
	DRIVER_MAJORS(MAJOR)
#undef MAJOR
	DRIVER_FUNCTIONS
};

struct g_driver_object {
	be32 start_io;
	be32 delete_device;
	be32 dismount_volume;
	be32 major_function[DRIVER_FUNCTIONS];
};
GUEST_AT(g_driver_object, delete_device, 0x4);
GUEST_AT(g_driver_object, major_function, 0xC);
GUEST_SIZE(g_driver_object, 0x38);

struct g_device_queue {
	be16 type;
	uint8_t pad, busy;
	be32 lock;
	struct g_list_entry list;
};
GUEST_SIZE(g_device_queue, 0x10);

#define IO_TYPE_DEVICE 3u    /* g_device_object.type */
#define IO_TYPE_FILE 5u      /* as the original Xbox has them, whose devices are 3 too */
#define IO_TYPE_IRP 6u
#define DEVICE_HAS_NAME 0x8u /* g_device_object.flags */
#define DEVICE_INITIALIZING 0x10u

struct g_device_object {
	be16 type;
	be16 size; /* bytes, with its extension */
	be32 reference_count;
	be32 driver_object;
	be32 mounted_or_self;
	be32 current_irp;
	be32 flags;
	be32 extension; /* it lies behind the object */
	uint8_t device_type, start_io_flags, stack_size, delete_pending;
	be32 sector_size;
	be32 alignment; /* of buffers: the mask */
	struct g_device_queue queue;
	struct g_dispatch_header lock;
	be32 start_io_count, start_io_key;
};
GUEST_AT(g_device_object, driver_object, 0x8);
GUEST_AT(g_device_object, flags, 0x14);
GUEST_AT(g_device_object, extension, 0x18);
GUEST_AT(g_device_object, delete_pending, 0x1F);
GUEST_AT(g_device_object, queue, 0x28);
GUEST_AT(g_device_object, lock, 0x38);
GUEST_SIZE(g_device_object, 0x50);

struct g_irp {
	be16 type;
	be16 size;
	be32 flags;
	struct g_list_entry thread_list_entry;
	be32 status, information;
	uint8_t stack_count, current_location, pending_returned, cancel;
	be32 user_buffer;
	be32 user_iosb;
	be32 user_event; /* an event's body */
	be32 user_apc_routine, user_apc_context;
	be32 driver_context[4];
	be32 locked_buffer_length;
	be32 thread;
	struct g_list_entry list_entry;
	be32 current_stack_location;
	be32 original_file_object;
	be32 cancel_routine;
	be32 pad;
};
GUEST_AT(g_irp, status, 0x10);
GUEST_AT(g_irp, stack_count, 0x18);
GUEST_AT(g_irp, user_buffer, 0x1C);
GUEST_AT(g_irp, user_iosb, 0x20);
GUEST_AT(g_irp, user_event, 0x24);
GUEST_AT(g_irp, thread, 0x44);
GUEST_AT(g_irp, current_stack_location, 0x50);
GUEST_AT(g_irp, original_file_object, 0x54);
GUEST_AT(g_irp, cancel_routine, 0x58);
GUEST_SIZE(g_irp, 0x60);

struct g_io_stack_location {
	uint8_t major_function, minor_function, flags, control;
	be32 parameters[4];
	be32 device_object;
	be32 file_object;
	be32 completion_routine;
	be32 context;
};
GUEST_AT(g_io_stack_location, device_object, 0x14);
GUEST_AT(g_io_stack_location, completion_routine, 0x1C);
GUEST_SIZE(g_io_stack_location, 0x24);

/* A driver's FILE_OBJECT. That nothing in it is aligned to 8 is what its size says. Which of the two bytes behind its type is which: the file
 * system driver of titles has FO_* at 2. */
struct g_file_object {
	be16 type;
	uint8_t flags;
	uint8_t access; /* what it was opened for (kernel/device.c) */
	be32 device_object;
	be32 fs_context, fs_context2;
	be32 final_status;
	be32 current_byte_offset[2];
	be32 related_file_object;
	be32 completion_context;
	be32 lock_count;
	struct g_dispatch_header lock, event;
	struct g_list_entry process_list_entry, file_system_list_entry;
	uint8_t priority, pad[15];
};
GUEST_AT(g_file_object, access, 0x3);
GUEST_AT(g_file_object, fs_context, 0x8);
GUEST_AT(g_file_object, lock, 0x28);
GUEST_SIZE(g_file_object, 0x68);

/* Open files of one file, and those of them that read, write, delete, and let others. Source: the calls of titles. */
struct g_share_access {
	uint8_t open, readers, writers, deleters, shared_read, shared_write, shared_delete;
};
GUEST_SIZE(g_share_access, 0x7);

#endif
