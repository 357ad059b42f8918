/* kernel/nt_file_info.c - Nt*File: what is known about files, directories, volumes, and changed of it. */
#include "config.h"

#include "kernel/args.h"
#include "kernel/fs_args.h"
#include "kernel/device_guest.h"
#include "kernel/fs_guest.h"
#include "kernel/handlers.h"
#include "kernel/io.h"
#include "kernel/object.h"
#include "kernel/request.h"
#include "kernel/rows.h"
#include "kernel/stop.h"

#define UNIT 0x4000u          /* of allocation: FATX's cluster of 16 KiB */
#define VOLUME_UNITS 0x40000u /* 4 GiB */

enum file_class {
	CLASS_BASIC = 4,
	CLASS_STANDARD = 5,
	CLASS_INTERNAL = 6,
	CLASS_RENAME = 10,
	CLASS_DISPOSITION = 13,
	CLASS_POSITION = 14,
	CLASS_MODE = 16,
	CLASS_ALIGNMENT = 17,
	CLASS_ALLOCATION = 19,
	CLASS_END_OF_FILE = 20,
	CLASS_SECTOR = 26,
	CLASS_COMPRESSION = 27,
	CLASS_COMPLETION = 30,
	CLASS_NETWORK_OPEN = 34,
};
#define MODE_OPTIONS (FILE_WRITE_THROUGH | FILE_SEQUENTIAL_ONLY | FILE_NO_BUFFERING | FILE_SYNC_ALERT | FILE_SYNC_NONALERT)
#define MODE_CHANGES (FILE_WRITE_THROUGH | FILE_SEQUENTIAL_ONLY | FILE_SYNC_ALERT | FILE_SYNC_NONALERT)
enum volume_class { VOLUME_CLASS_VOLUME = 1, VOLUME_CLASS_SIZE = 3, VOLUME_CLASS_DEVICE = 4, VOLUME_CLASS_ATTRIBUTE = 5 };

static uint64_t allocation(const struct fs_found *f)
{
	return f->directory ? 0 : (f->size + UNIT - 1) / UNIT * UNIT;
}

static void network_open(struct g_file_network_open_information *i, const struct fs_found *f)
{
	*i = (struct g_file_network_open_information){ be64_of(f->created), be64_of(f->written), be64_of(f->written),
		be64_of(f->written), be64_of(allocation(f)), be64_of(f->directory ? 0 : f->size), be32_of(f->attributes),
		be32_of(0) };
}

/* The title's own driver is asked. What NT's I/O manager answers itself, or adds to, is not known of the console's: it stops the run. */
static void ask_driver(struct machine *m, struct call *c, uint32_t object, uint8_t major)
{
	static const uint8_t classes[] = { CLASS_RENAME, CLASS_POSITION, CLASS_MODE, CLASS_ALIGNMENT, CLASS_COMPLETION };
	uint32_t class = arg32(c, 4);
	if (major != IRP_MJ_QUERY_VOLUME_INFORMATION && class < UINT8_MAX &&
		memchr(classes, (int)class, sizeof classes)) { /* DEBT(device-exports) */
		stop_unsupported(m, c, "on a file of the title's own driver, of a class that is not known to be sent: ");
		return;
	}
	if (probe_bytes(m, c, arg32(c, 2), arg32(c, 3), major != IRP_MJ_SET_INFORMATION))
		request_send(m, c,
			&(struct request){ .major = major,
				.object = object,
				.iosb_ga = arg32(c, 1),
				.buffer_ga = arg32(c, 2),
				.parameters = { arg32(c, 3), class } });
}

/* Handles (0), IO_STATUS_BLOCK (1), buffer (2), its size (3) of the four Query/Set calls: the file object, 0 = answered. */
static uint32_t subject(struct machine *m, struct call *c, uint8_t major, struct fs_found *f)
{
	uint32_t object = arg_by_handle(m, c, arg32(c, 0), OT_BIT(OT_FILE), NULL);
	if (object && is_devfile(m, object))
		ask_driver(m, c, object, major);
	if (!object || is_devfile(m, object))
		return 0;
	const struct w_file *file = file_peek(m, open_of(m, object)->file);
	*f = (struct fs_found){ .file = open_of(m, object)->file,
		.exists = true,
		.directory = file->directory,
		.size = file->size,
		.created = file->created,
		.written = file->written,
		.attributes = file->attributes };
	return object;
}

static uint64_t number_of(const struct w_file *f)
{
	return fnv_str(fnv_u64(FNV_BASIS, f->mount), f->path);
}

/* Gives @size bytes out, and the status of it; too small a buffer gets nothing. */
static void answer(struct machine *m, struct call *c, const void *bytes, uint32_t size)
{
	if (arg32(c, 3) < size) {
		call_return(c, NT_INFO_LENGTH_MISMATCH);
		return;
	}
	if (out_bytes(m, c, arg32(c, 2), bytes, size))
		out_status_block(m, c, arg32(c, 1), NT_SUCCESS, size);
}

/* ---- one file -------------------------------------------------------------------------------------------------------------------- */

void k_NtQueryInformationFile(struct machine *m, struct call *c)
{
	struct fs_found f;
	uint32_t object = subject(m, c, IRP_MJ_QUERY_INFORMATION, &f);
	if (!object)
		return;
	const struct w_file *file = file_peek(m, f.file);
	union {
		struct g_file_basic_information basic;
		struct g_file_standard_information standard;
		struct g_file_network_open_information open;
		be64 word;
		be32 half;
	} i = { 0 };
	switch (arg32(c, 4)) {
	case CLASS_BASIC:
		i.basic = (struct g_file_basic_information){ be64_of(f.created), be64_of(f.written), be64_of(f.written),
			be64_of(f.written), be32_of(f.attributes), be32_of(0) };
		answer(m, c, &i, sizeof i.basic);
		break;
	case CLASS_STANDARD:
		i.standard = (struct g_file_standard_information){ be64_of(allocation(&f)), be64_of(f.directory ? 0 : f.size),
			be32_of(1), file->delete_pending, f.directory, { 0 } };
		answer(m, c, &i, sizeof i.standard);
		break;
	case CLASS_INTERNAL: /* a number of its own: of its mount and name */
		i.word = be64_of(number_of(file));
		answer(m, c, &i, sizeof i.word);
		break;
	case CLASS_POSITION:
		i.word = be64_of(open_of(m, object)->position);
		answer(m, c, &i, sizeof i.word);
		break;
	case CLASS_MODE: /* as NT has it: of the options it was opened with */
		i.half = be32_of(open_of(m, object)->options & (MODE_OPTIONS | FILE_DELETE_ON_CLOSE));
		answer(m, c, &i, sizeof i.half);
		break;
	case CLASS_ALIGNMENT: /* of buffers: bytes (Xenia; asked by XAM for the utility drive) */
		answer(m, c, &i, sizeof i.half);
		break;
	case CLASS_SECTOR: /* titles take it for a key to sort and find files by (Xenia) */
		i.half = be32_of((uint32_t)(number_of(file) ^ number_of(file) >> 32));
		answer(m, c, &i, sizeof i.half);
		break;
	case CLASS_COMPRESSION: /* no file is (Xenia) */ call_return(c, NT_INVALID_PARAMETER); break;
	case CLASS_NETWORK_OPEN:
		network_open(&i.open, &f);
		answer(m, c, &i, sizeof i.open);
		break;
	default: call_return(c, NT_INVALID_INFO_CLASS);
	}
}

/* False: there is nothing to write to, and the call is answered. */
static bool may_change(struct machine *m, struct call *c, uint32_t object, uint32_t access)
{
	const struct w_open *o = open_of(m, object);
	if (mount_peek(m, file_peek(m, o->file)->mount)->writable && (!access || o->access & access))
		return true;
	call_return(c, NT_ACCESS_DENIED);
	return false;
}

static void set_basic(struct machine *m, struct call *c, uint32_t object)
{
	struct g_file_basic_information i;
	if (!may_change(m, c, object, FILE_WRITE_ATTRIBUTES) || !in_bytes(m, c, arg32(c, 2), &i, sizeof i))
		return;
	uint32_t file = open_of(m, object)->file;
	uint64_t created = be64_get(i.creation_time), written = be64_get(i.last_write_time);
	file_touch(m, file);
	struct w_file *f = file_mut(m, file);
	if (created && created != UINT64_MAX)
		f->created = created;
	if (written && written != UINT64_MAX)
		f->written = written;
	if (be32_get(i.attributes))
		f->attributes = (be32_get(i.attributes) & 0x27) | (f->directory ? ATTRIBUTE_DIRECTORY : 0);
	if (!f->attributes)
		f->attributes = ATTRIBUTE_NORMAL;
}

static void set_rename(struct machine *m, struct call *c, uint32_t object)
{
	struct g_file_rename_information i;
	struct fs_place to, parent;
	struct fs_found f;
	uint32_t file = open_of(m, object)->file;
	if (!may_change(m, c, object, FILE_DELETE) || !in_bytes(m, c, arg32(c, 2), &i, sizeof i))
		return;
	uint32_t string = arg32(c, 2) + (uint32_t)offsetof(struct g_file_rename_information, name);
	uint32_t nt = arg_place_string(m, c, string, be32_get(i.root_dir_handle), &to);
	to.directory = to.directory && !file_peek(m, file)->directory; /* a directory's name may end with a backslash */
	if (!file_peek(m, file)->path[0])
		nt = NT_INVALID_PARAMETER; /* the root */
	if (nt != NT_SUCCESS || to.mount != file_peek(m, file)->mount || to.directory || !to.path[0]) {
		call_return(c, nt != NT_SUCCESS                        ? nt
			       : to.mount != file_peek(m, file)->mount ? NT_NOT_SAME_DEVICE
								       : NT_OBJECT_NAME_INVALID);
		return;
	}
	parent = to;
	*(strrchr(parent.path, '\\') ? strrchr(parent.path, '\\') : parent.path) = 0;
	if (!fs_find(m, &parent, &f))
		return;
	if (!f.exists || !f.directory) {
		call_return(c, NT_OBJECT_PATH_NOT_FOUND);
		return;
	}
	if (!fs_find(m, &to, &f))
		return;
	bool other = f.exists && f.file != file, directory = file_peek(m, file)->directory;
	if (other && (!be32_get(i.replace_existing) || f.directory || directory || f.attributes & ATTRIBUTE_READONLY ||
			     (f.file && file_peek(m, f.file)->opens))) {
		call_return(c, be32_get(i.replace_existing) ? NT_ACCESS_DENIED : NT_OBJECT_NAME_COLLISION);
		return;
	}
	uint32_t gone = other ? file_row_of(m, &to, &f) : 0;
	if (gone)
		file_delete(m, gone);
	call_return(c, other && !gone ? NT_DISK_FULL : file_rename(m, file, &to));
}

static void set_disposition(struct machine *m, struct call *c, uint32_t object)
{
	uint8_t gone = (uint8_t)in8(m, c, arg32(c, 2));
	uint32_t file = open_of(m, object)->file;
	bool empty = true;
	if (c->faulted || !may_change(m, c, object, FILE_DELETE))
		return;
	struct fs_place at = file_place(file_peek(m, file));
	if (gone && (file_peek(m, file)->attributes & ATTRIBUTE_READONLY || !at.path[0])) {
		call_return(c, NT_CANNOT_DELETE);
		return;
	}
	if (gone && file_peek(m, file)->directory && !fs_is_empty(m, &at, &empty))
		return;
	if (!empty)
		call_return(c, NT_DIRECTORY_NOT_EMPTY);
	else
		file_mut(m, file)->delete_pending = gone != 0;
}

static void set_size(struct machine *m, struct call *c, uint32_t object, bool only_shrink)
{
	uint64_t size = in64(m, c, arg32(c, 2));
	uint32_t file = open_of(m, object)->file;
	if (c->faulted || !may_change(m, c, object, FILE_WRITE_DATA))
		return;
	if (mount_peek(m, file_peek(m, file)->mount)->raw)
		call_return(c, NT_INVALID_PARAMETER);
	else if (file_peek(m, file)->directory || size >= FILE_BYTES_MAX)
		call_return(c, file_peek(m, file)->directory ? NT_INVALID_PARAMETER : NT_DISK_FULL);
	else if (!only_shrink || size < file_peek(m, file)->size)
		file_size_set(m, file, size);
}

static void set_position(struct machine *m, struct call *c, uint32_t object)
{
	uint64_t position = in64(m, c, arg32(c, 2));
	if (!c->faulted && (int64_t)position < 0)
		call_return(c, NT_INVALID_PARAMETER);
	else if (!c->faulted)
		open_mut(m, object_peek(m, object)->part)->position = position;
}

/* As NT has it: a synchronous handle stays one, an asynchronous one too. */
static void set_mode(struct machine *m, struct call *c, uint32_t object)
{
	const uint32_t sync = FILE_SYNC_ALERT | FILE_SYNC_NONALERT;
	struct w_open *o = open_mut(m, object_peek(m, object)->part);
	uint32_t mode = in32(m, c, arg32(c, 2));
	if (!c->faulted && (mode & ~MODE_CHANGES || (mode & sync) == sync || !(mode & sync) != !(o->options & sync)))
		call_return(c, NT_INVALID_PARAMETER);
	else if (!c->faulted)
		o->options = (o->options & ~MODE_CHANGES) | mode;
}

/* Once, and for asynchronous handles: what a synchronous one asks for is over when the call returns. */
static void set_completion(struct machine *m, struct call *c, uint32_t object)
{
	struct g_file_completion_information i;
	struct w_open *o = open_mut(m, object_peek(m, object)->part);
	if (!in_bytes(m, c, arg32(c, 2), &i, sizeof i))
		return;
	uint32_t port = arg_by_handle(m, c, be32_get(i.port), OT_BIT(OT_COMPLETION), NULL);
	if (!port)
		return;
	if (o->port || o->options & (FILE_SYNC_ALERT | FILE_SYNC_NONALERT)) {
		call_return(c, NT_INVALID_PARAMETER);
		return;
	}
	object_hold(m, port);
	o->port = port;
	o->key = be32_get(i.key);
}

void k_NtSetInformationFile(struct machine *m, struct call *c)
{
	static const struct {
		uint8_t class, size;
	} sizes[] = { { CLASS_BASIC, 0x28 }, { CLASS_RENAME, 0x10 }, { CLASS_DISPOSITION, 1 }, { CLASS_POSITION, 8 },
		{ CLASS_MODE, 4 }, { CLASS_ALLOCATION, 8 }, { CLASS_END_OF_FILE, 8 }, { CLASS_COMPLETION, 8 } };
	struct fs_found f;
	uint32_t object = subject(m, c, IRP_MJ_SET_INFORMATION, &f), class = arg32(c, 4), known = 0;
	if (!object)
		return;
	for (unsigned i = 0; i < ARRAY_LEN(sizes); i++)
		if (sizes[i].class == class)
			known = sizes[i].size;
	if (arg32(c, 3) < known) {
		call_return(c, NT_INFO_LENGTH_MISMATCH);
		return;
	}
	switch (class) {
	case CLASS_BASIC: set_basic(m, c, object); break;
	case CLASS_RENAME: set_rename(m, c, object); break;
	case CLASS_DISPOSITION: set_disposition(m, c, object); break;
	case CLASS_POSITION: set_position(m, c, object); break;
	case CLASS_MODE: set_mode(m, c, object); break;
	case CLASS_ALLOCATION: set_size(m, c, object, true); break;
	case CLASS_END_OF_FILE: set_size(m, c, object, false); break;
	case CLASS_COMPLETION: set_completion(m, c, object); break;
	default: call_return(c, NT_INVALID_INFO_CLASS); break;
	}
	if (!c->faulted && c->result == NT_SUCCESS)
		out_status_block(m, c, arg32(c, 1), NT_SUCCESS, 0);
}

void k_NtQueryFullAttributesFile(struct machine *m, struct call *c)
{
	struct fs_place at;
	struct fs_found f;
	struct g_file_network_open_information i;
	uint32_t nt = arg_place(m, c, arg32(c, 0), &at);
	if (nt == NT_SUCCESS && !fs_find(m, &at, &f))
		return;
	if (nt == NT_SUCCESS && (!f.exists || (at.directory && !f.directory)))
		nt = NT_OBJECT_NAME_NOT_FOUND;
	call_return(c, nt);
	if (c->faulted || nt != NT_SUCCESS)
		return;
	network_open(&i, &f);
	out_bytes(m, c, arg32(c, 1), &i, sizeof i);
}

void k_NtDeleteFile(struct machine *m, struct call *c)
{
	struct fs_place at;
	struct fs_found f;
	bool empty = true;
	uint32_t nt = arg_place(m, c, arg32(c, 0), &at);
	if (nt == NT_SUCCESS && !fs_find(m, &at, &f))
		return;
	if (nt == NT_SUCCESS && f.exists && f.directory && !fs_is_empty(m, &at, &empty))
		return;
	if (nt == NT_SUCCESS)
		nt = !f.exists                                          ? NT_OBJECT_NAME_NOT_FOUND
		     : !mount_peek(m, at.mount)->writable               ? NT_MEDIA_WRITE_PROTECTED
		     : f.attributes & ATTRIBUTE_READONLY || !at.path[0] ? NT_CANNOT_DELETE
		     : !empty                                           ? NT_DIRECTORY_NOT_EMPTY
		     : f.file && file_peek(m, f.file)->opens            ? NT_SHARING_VIOLATION
									: NT_SUCCESS;
	call_return(c, nt);
	if (c->faulted || nt != NT_SUCCESS)
		return;
	uint32_t file = file_row_of(m, &at, &f);
	if (file)
		file_delete(m, file);
	else
		call_return(c, NT_DISK_FULL);
}

/* ---- directories: one entry a call, as XAPI's FindNextFile wants it ------------------------------------------------------------------ */

static bool listing_begin(struct machine *m, struct call *c, struct w_open *o)
{
	char pattern[FS_PATH_MAX + 1] = "";
	bool restart = (uint8_t)arg32(c, 8);
	if (arg32(c, 7))
		in_ansi_string(m, c, arg32(c, 7), pattern, sizeof pattern);
	if (c->faulted)
		return false;
	if (!o->listing || restart) {
		memset(o->last, 0, sizeof o->last);
		if (!o->listing || pattern[0]) {
			memset(o->pattern, 0, sizeof o->pattern);
			memcpy(o->pattern, pattern, strlen(pattern));
		}
	}
	return true;
}

static uint32_t entry_out(struct machine *m, struct call *c, const struct fs_found *f, const char *name, uint32_t *bytes)
{
	uint32_t head = sizeof(struct g_file_directory_information), length = (uint32_t)strlen(name), room = arg32(c, 6) - head;
	const struct g_file_directory_information i = { .creation_time = be64_of(f->created),
		.last_access_time = be64_of(f->written),
		.last_write_time = be64_of(f->written),
		.change_time = be64_of(f->written),
		.end_of_file = be64_of(f->directory ? 0 : f->size),
		.allocation_size = be64_of(allocation(f)),
		.attributes = be32_of(f->attributes),
		.file_name_length = be32_of(length) };
	uint32_t n = length < room ? length : room;
	*bytes = head + n;
	if (out_bytes(m, c, arg32(c, 5), &i, head) && n)
		out_bytes(m, c, arg32(c, 5) + head, name, n);
	return n < length ? NT_BUFFER_OVERFLOW : NT_SUCCESS;
}

void k_NtQueryDirectoryFile(struct machine *m, struct call *c)
{
	struct fs_found f;
	char name[FS_PATH_MAX + 1] = "";
	struct io_request r = { .apc_routine = arg32(c, 2), .apc_context = arg32(c, 3), .iosb_ga = arg32(c, 4) };
	r.object = arg_file(m, c, arg32(c, 0), &r.slot);
	if (!r.object || (arg32(c, 1) && !(r.event = arg_by_handle(m, c, arg32(c, 1), OT_EVENTS, &r.event_slot))))
		return;
	struct w_open *o = open_mut(m, object_peek(m, r.object)->part);
	if (!file_peek(m, o->file)->directory || arg32(c, 6) < sizeof(struct g_file_directory_information)) {
		call_return(c, file_peek(m, o->file)->directory ? NT_INFO_LENGTH_MISMATCH : NT_INVALID_PARAMETER);
		return;
	}
	struct fs_place at = file_place(file_peek(m, o->file));
	if (!listing_begin(m, c, o) || !fs_next(m, &at, o->last, o->pattern, &f, name))
		return;
	uint32_t bytes = 0, nt = o->listing ? NT_NO_MORE_FILES : NT_NO_SUCH_FILE;
	o->listing = 1;
	if (f.exists) {
		nt = entry_out(m, c, &f, name, &bytes);
		memset(o->last, 0, sizeof o->last);
		memcpy(o->last, name, strlen(name));
	}
	call_return(c, nt);
	io_answer(m, c, &r, nt, bytes);
}

/* ---- volumes, devices ------------------------------------------------------------------------------------------------------------ */

/* Numbers of a disk of 4 GiB in clusters of 16 KiB; free is what the title has not written. A mount that is read only has none free. */
void k_NtQueryVolumeInformationFile(struct machine *m, struct call *c)
{
	static const char fatx[] = "FATX", gdfx[] = "GDFX";
	struct fs_found f;
	if (!subject(m, c, IRP_MJ_QUERY_VOLUME_INFORMATION, &f))
		return;
	const struct w_file *file = file_peek(m, f.file);
	bool writable = mount_peek(m, file->mount)->writable;
	uint64_t used = (uint64_t)file_blocks(m) * FILE_PAGE / UNIT + 1;
	union {
		struct g_file_fs_volume_information volume;
		struct g_file_fs_size_information size;
		struct g_file_fs_device_information device;
		struct g_file_fs_attribute_information attribute;
	} i = { 0 };
	switch (arg32(c, 4)) {
	case VOLUME_CLASS_VOLUME:
		i.volume.creation_time = be64_of(FILE_HOST_TIME);
		i.volume.serial_number = be32_of(file->mount);
		answer(m, c, &i, sizeof i.volume);
		if (!c->faulted && c->result == NT_SUCCESS) /* up to the label, which is empty */
			out_status_block(m, c, arg32(c, 1), NT_SUCCESS, offsetof(struct g_file_fs_volume_information, label));
		break;
	case VOLUME_CLASS_SIZE:
		if (mount_peek(m, file->mount)->raw) {
			const uint64_t sectors = mount_peek(m, file->mount)->raw / FILE_SECTOR;
			i.size = (struct g_file_fs_size_information){ be64_of(sectors), be64_of(0), be32_of(1),
				be32_of(FILE_SECTOR) };
			answer(m, c, &i, sizeof i.size);
			break;
		}
		i.size = (struct g_file_fs_size_information){ be64_of(VOLUME_UNITS), be64_of(writable ? VOLUME_UNITS - used : 0),
			be32_of(UNIT / FILE_SECTOR), be32_of(FILE_SECTOR) };
		answer(m, c, &i, sizeof i.size);
		break;
	case VOLUME_CLASS_DEVICE:
		i.device = (struct g_file_fs_device_information){ be32_of(writable ? 7 : 2),
			be32_of(writable ? 0 : 3) }; /* disk; CD-ROM: removable, read only */
		answer(m, c, &i, sizeof i.device);
		break;
	case VOLUME_CLASS_ATTRIBUTE:
		i.attribute.component_name_max_length = be32_of(FS_PATH_MAX);
		i.attribute.name_length = be32_of(4);
		memcpy(i.attribute.name, writable ? fatx : gdfx, 4);
		answer(m, c, &i, sizeof i.attribute);
		break;
	default: call_return(c, NT_INVALID_INFO_CLASS);
	}
}

#define IOCTL_DISK_GET_DRIVE_GEOMETRY 0x70000u
#define IOCTL_DISK_GET_PARTITION_INFO 0x74004u

/* The two that XAM asks of a disk before it makes a file system on it; what they answer: Xenia, which has seen what it takes for good. */
void k_NtDeviceIoControlFile(struct machine *m, struct call *c)
{
	struct io_request r = { .apc_routine = arg32(c, 2), .apc_context = arg32(c, 3), .iosb_ga = arg32(c, 4) };
	r.object = arg_by_handle(m, c, arg32(c, 0), OT_BIT(OT_FILE), &r.slot);
	if (r.object && is_devfile(m, r.object)) {
		request_send(m, c,
			&(struct request){ .major = IRP_MJ_DEVICE_CONTROL,
				.sync_only = true,
				.object = r.object,
				.event_handle = arg32(c, 1),
				.apc_routine = arg32(c, 2),
				.iosb_ga = arg32(c, 4),
				.buffer_ga = arg32(c, 8),
				.parameters = { arg32(c, 9), arg32(c, 6), arg32(c, 7), arg32(c, 5) } });
		return;
	}
	if (!r.object || (arg32(c, 1) && !(r.event = arg_by_handle(m, c, arg32(c, 1), OT_EVENTS, &r.event_slot))))
		return;
	const struct mount *mt = mount_peek(m, file_peek(m, open_of(m, r.object)->file)->mount);
	const uint64_t bytes = mt->raw ? mt->raw : (uint64_t)VOLUME_UNITS * UNIT;
	const struct g_disk_geometry geometry = { be32_of((uint32_t)(bytes / FILE_SECTOR)), be32_of(FILE_SECTOR) };
	const struct g_partition_information partition = { be64_of(mt->start), be64_of(bytes) };
	bool disk = arg32(c, 5) == IOCTL_DISK_GET_DRIVE_GEOMETRY;
	uint32_t n = disk ? sizeof geometry : arg32(c, 5) == IOCTL_DISK_GET_PARTITION_INFO ? sizeof partition : 0;
	uint32_t nt = !n ? NT_INVALID_DEVICE_REQUEST : arg32(c, 9) < n ? NT_BUFFER_TOO_SMALL : NT_SUCCESS;
	if (nt == NT_SUCCESS)
		out_bytes(m, c, arg32(c, 8), disk ? (const void *)&geometry : &partition, n);
	call_return(c, nt);
	if (nt == NT_SUCCESS)
		io_answer(m, c, &r, nt, n);
}
