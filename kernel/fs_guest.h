/* kernel/fs_guest.h - guest-visible structures of files and I/O. Source: facts, struct-layouts (X_FILE_*, X_IO_STATUS_BLOCK). */
#ifndef KERNEL_FS_GUEST_H
#define KERNEL_FS_GUEST_H

#include "kernel/guest.h"

struct g_io_status_block {
	be32 status;
	be32 information;
};
GUEST_AT(g_io_status_block, information, 0x4);
GUEST_SIZE(g_io_status_block, 0x8);

/* class 4 */
struct g_file_basic_information {
	be64 creation_time, last_access_time, last_write_time, change_time;
	be32 attributes; /* NT's word; another emulator has a u64 here, whose value would stand at 24 */
	be32 pad;
};
GUEST_AT(g_file_basic_information, attributes, 0x20);
GUEST_SIZE(g_file_basic_information, 0x28);

/* class 5 */
struct g_file_standard_information {
	be64 allocation_size, end_of_file;
	be32 number_of_links;
	uint8_t delete_pending, directory, pad[2];
};
GUEST_AT(g_file_standard_information, directory, 0x15);
GUEST_SIZE(g_file_standard_information, 0x18);

/* class 10 */
struct g_file_rename_information {
	be32 replace_existing;
	be32 root_dir_handle;
	struct g_ansi_string name;
};
GUEST_AT(g_file_rename_information, name, 0x8);
GUEST_SIZE(g_file_rename_information, 0x10);

/* class 30 */
struct g_file_completion_information {
	be32 port, key;
};
GUEST_SIZE(g_file_completion_information, 0x8);

/* class 34; NtQueryFullAttributesFile */
struct g_file_network_open_information {
	be64 creation_time, last_access_time, last_write_time, change_time;
	be64 allocation_size, end_of_file;
	be32 attributes, pad;
};
GUEST_AT(g_file_network_open_information, end_of_file, 0x28);
GUEST_AT(g_file_network_open_information, attributes, 0x30);
GUEST_SIZE(g_file_network_open_information, 0x38);

/* NtQueryDirectoryFile: one entry; the name (ANSI) follows */
struct g_file_directory_information {
	be32 next_entry_offset, file_index;
	be64 creation_time, last_access_time, last_write_time, change_time;
	be64 end_of_file, allocation_size;
	be32 attributes, file_name_length;
};
GUEST_AT(g_file_directory_information, end_of_file, 0x28);
GUEST_AT(g_file_directory_information, attributes, 0x38);
GUEST_SIZE(g_file_directory_information, 0x40);

/* volume class 1; the label follows at 11 */
struct g_file_fs_volume_information {
	be64 creation_time;
	be32 serial_number, label_length;
	uint8_t supports_objects, label[7];
};
GUEST_AT(g_file_fs_volume_information, label, 0x11);
GUEST_SIZE(g_file_fs_volume_information, 0x18);

/* volume class 3 */
struct g_file_fs_size_information {
	be64 total_allocation_units, available_allocation_units;
	be32 sectors_per_allocation_unit, bytes_per_sector;
};
GUEST_SIZE(g_file_fs_size_information, 0x18);

/* volume class 4 */
struct g_file_fs_device_information {
	be32 device_type, characteristics;
};
GUEST_SIZE(g_file_fs_device_information, 0x8);

/* volume class 5; the name of the file system follows at 0C */
struct g_file_fs_attribute_information {
	be32 attributes, component_name_max_length, name_length;
	uint8_t name[4];
};
GUEST_AT(g_file_fs_attribute_information, name, 0xC);
GUEST_SIZE(g_file_fs_attribute_information, 0x10);

/* NtDeviceIoControlFile 70000. Source of both: Xenia (X_DRIVE_GEOMETRY, X_PARTITION_INFO) */
struct g_disk_geometry {
	be32 sectors, bytes_per_sector;
};
GUEST_SIZE(g_disk_geometry, 0x8);

/* NtDeviceIoControlFile 74004 */
struct g_partition_information {
	be64 start, bytes;
};
GUEST_SIZE(g_partition_information, 0x10);

#endif
