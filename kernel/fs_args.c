/* kernel/fs_args.c - see fs_args.h */
#include "config.h"

#include "kernel/fs_args.h"

#include "kernel/fs_guest.h"
#include "kernel/handle.h"
#include "kernel/io.h"
#include "kernel/request.h"
#include "kernel/stop.h"

#define NAME_BYTES (2 * FS_PATH_MAX)

/* @out->device: what is named lies on a device of the title's, and its path is what is left of the name. */
static uint32_t resolve(struct machine *m, struct call *c, uint32_t string, uint32_t root, struct fs_place *out)
{
	struct g_ansi_string s;
	char name[NAME_BYTES + 1];
	*out = (struct fs_place){ 0 };
	if (!in_bytes(m, c, string, &s, sizeof s))
		return NT_ACCESS_VIOLATION;
	uint32_t length = be16_get(s.length);
	if (length > NAME_BYTES)
		return NT_OBJECT_NAME_INVALID;
	if (length && !in_bytes(m, c, be32_get(s.pointer), name, length))
		return NT_ACCESS_VIOLATION;
	if (!root || root == DOS_DEVICES)
		return path_resolve(m, name, length, out);
	uint32_t object = handle_object(m, c->thread, root, NULL);
	if (!object)
		return NT_INVALID_HANDLE;
	if (object_peek(m, object)->type != OT_FILE)
		return NT_OBJECT_TYPE_MISMATCH;
	if (is_devfile(m, object)) { /* DEBT(device-exports) */
		stop_unsupported(m, c, "below a file of the title's own driver: ");
		return NT_INVALID_DEVICE_REQUEST;
	}
	const struct w_file *f = file_peek(m, open_of(m, object)->file);
	if (!f->directory || f->state == FILE_GONE)
		return NT_OBJECT_PATH_NOT_FOUND;
	if (length && (name[0] == '\\' || memchr(name, 0, length)))
		return NT_OBJECT_NAME_INVALID;
	struct fs_place at = file_place(f);
	return path_append(&at, name, length, out);
}

static uint32_t no_device(struct machine *m, struct call *c, uint32_t nt, const struct fs_place *out)
{
	if (out->device) /* DEBT(device-exports) */
		stop_unsupported(m, c, "on a device of the title's own driver, to which this is not sent: ");
	return out->device ? NT_INVALID_DEVICE_REQUEST : nt;
}

uint32_t arg_place_string(struct machine *m, struct call *c, uint32_t string, uint32_t root, struct fs_place *out)
{
	uint32_t nt = resolve(m, c, string, root, out);
	return no_device(m, c, nt, out);
}

uint32_t arg_place_or_device(struct machine *m, struct call *c, uint32_t ga, struct fs_place *out)
{
	struct g_object_attributes a;
	*out = (struct fs_place){ 0 };
	if (!in_bytes(m, c, ga, &a, sizeof a))
		return NT_ACCESS_VIOLATION;
	if (!be32_get(a.name_ptr))
		return NT_OBJECT_NAME_INVALID;
	return resolve(m, c, be32_get(a.name_ptr), be32_get(a.root_directory), out);
}

uint32_t arg_place(struct machine *m, struct call *c, uint32_t ga, struct fs_place *out)
{
	uint32_t nt = arg_place_or_device(m, c, ga, out);
	return no_device(m, c, nt, out);
}

void out_status_block(struct machine *m, struct call *c, uint32_t ga, uint32_t status, uint32_t information)
{
	struct g_io_status_block b = { be32_of(status), be32_of(information) };
	out_bytes(m, c, ga, &b, sizeof b);
}
