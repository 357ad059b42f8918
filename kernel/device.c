/* kernel/device.c - IoCreateDevice, IoDeleteDevice: devices that a title's own driver makes; Io*ShareAccess, what such a file system asks. */
#include "config.h"

#include "kernel/args.h"
#include "kernel/device_guest.h"
#include "kernel/handlers.h"
#include "kernel/mount.h"
#include "kernel/object.h"
#include "kernel/rows.h"
#include "kernel/stop.h"

/* ---- devices ---------------------------------------------------------------------------------------------------------------- */

/* Devices that file systems are mounted on, and so do not point to themselves. Source: xenia-canary, of kernel 17559. */
static bool is_mounted_on(uint8_t type)
{
	static const uint8_t types[] = { 2, 7, 36, 45, 58, 60, 61, 62, 64, 65, 66, 67, 68, 69, 70, 72, 73 };
	return memchr(types, type, sizeof types) != NULL;
}

/* Is there anything else of this name: an object, a link, a mount? */
static bool is_taken(const struct machine *m, const char *name)
{
	for (uint32_t i = 1; i <= mounts_count(m); i++) {
		const char *device = mount_peek(m, i)->device;
		if (strlen(device) == strlen(name) && fs_name_equal(device, name, strlen(name)))
			return true;
	}
	return object_by_name(m, name) || link_find(m, name);
}

/* @name: "" = none. */
static uint32_t name_of(struct machine *m, struct call *c, uint32_t string, char name[OBJECT_NAME_MAX + 1])
{
	name[0] = 0;
	if (!string)
		return NT_SUCCESS;
	uint32_t length = in16(m, c, GA(string, g_ansi_string, length));
	if (length > OBJECT_NAME_MAX)
		return NT_OBJECT_NAME_INVALID;
	in_ansi_string(m, c, string, name, OBJECT_NAME_MAX + 1);
	return strlen(name) != length || name[0] != '\\' || length < 2 ? NT_OBJECT_NAME_INVALID
	       : is_taken(m, name)                                     ? NT_OBJECT_NAME_COLLISION
								       : NT_SUCCESS;
}

/* xboxkrnl 0x037: driver, extension's bytes, name, type, attributes (1000 or 2000 of titles; what they mean is not known), where the device goes.
 * What a kernel puts into queue and lock is not known: they stay zero. The maker has a reference, until IoDeleteDevice. Source: xenia-canary. */
void k_IoCreateDevice(struct machine *m, struct call *c)
{
	char name[OBJECT_NAME_MAX + 1];
	uint32_t driver = arg32(c, 0), extension = arg32(c, 1), size = (uint32_t)sizeof(struct g_device_object) + extension;
	uint32_t nt = name_of(m, c, arg32(c, 2), name);
	if (c->faulted || !probe_bytes(m, c, arg32(c, 5), 4, true))
		return;
	if (arg32(c, 3) > UINT8_MAX) {
		stop_unsupported(m, c, "with a type that does not fit a device object's byte: ");
		return;
	}
	if (nt == NT_SUCCESS && (extension > UINT16_MAX || size > UINT16_MAX)) /* its size would not tell it */
		nt = NT_INSUFFICIENT_RESOURCES;
	uint32_t object = nt == NT_SUCCESS ? object_new(m, c->thread, OT_DEVICE, (size + 7) & ~7u) : 0;
	if (!object) {
		call_return(c, nt == NT_SUCCESS ? NT_INSUFFICIENT_RESOURCES : nt);
		return;
	}
	uint32_t ga = object_peek(m, object)->body_ga;
	const struct g_device_object d = { .type = be16_of(IO_TYPE_DEVICE),
		.size = be16_of((uint16_t)size),
		.driver_object = be32_of(driver),
		.mounted_or_self = be32_of(is_mounted_on((uint8_t)arg32(c, 3)) ? 0 : ga),
		.flags = be32_of(DEVICE_INITIALIZING | (name[0] ? DEVICE_HAS_NAME : 0)),
		.extension = be32_of(extension ? ga + (uint32_t)sizeof d : 0),
		.device_type = (uint8_t)arg32(c, 3),
		.stack_size = 1 };
	object_put(m, ga, &d, sizeof d);
	if (name[0])
		object_name_set(m, object, name);
	object_ref_pointer(m, object);
	object_born(m, c->thread, object);
	out32(m, c, arg32(c, 5), ga);
}

/* Its name is free from now on; it goes with its last reference. */
void k_IoDeleteDevice(struct machine *m, struct call *c)
{
	uint32_t ga = arg32(c, 0), object = object_by_ga(m, ga);
	if (!object || object_peek(m, object)->type != OT_DEVICE) {
		stop_unsupported(m, c, "on what is no device of IoCreateDevice: ");
		return;
	}
	uint32_t driver = in32(m, c, GA(ga, g_device_object, driver_object));
	uint32_t routine = driver ? in32(m, c, GA(driver, g_driver_object, delete_device)) : 0;
	if (c->faulted)
		return;
	if (routine) { /* DEBT(device-exports) */
		stop_unsupported(m, c, "of a driver with a routine of its own for it, which is not built: ");
		return;
	}
	const uint8_t pending = 1;
	object_put(m, GA(ga, g_device_object, delete_pending), &pending, 1);
	object_name_drop(m, object);
	object_unref_pointer(m, object);
}

/* ---- who may open what is open ---------------------------------------------------------------------------------------------- */

/* g_file_object.access. That these bits lie in this byte is NT's order, the first one highest, as this processor's compilers have it; a
 * file system never looks at them (DEBT(device-exports)). */
enum { READS = 0x40, WRITES = 0x20, DELETES = 0x10, LETS_READ = 0x08, LETS_WRITE = 0x04, LETS_DELETE = 0x02 };
#define PARTS (READS | WRITES | DELETES)
#define LETS (LETS_READ | LETS_WRITE | LETS_DELETE)

/* Of an ACCESS_MASK (generic rights: as files have them) and what it lets others do: 1 read, 2 write, 4 delete. */
static uint8_t access_of(uint32_t access, uint32_t share)
{
	unsigned bits = (access & 0xB0000021u ? READS : 0u) | (access & 0x50000006u ? WRITES : 0u) |
			(access & 0x10010000u ? DELETES : 0u);
	if (bits)
		bits |= (share & 1 ? LETS_READ : 0u) | (share & 2 ? LETS_WRITE : 0u) | (share & 4 ? LETS_DELETE : 0u);
	return (uint8_t)bits;
}

/* One open more (@by 1) or less (-1). False: a count would leave its byte, which no kernel's answer is known to; the run stops. */
static bool count(struct machine *m, struct call *c, struct g_share_access *s, uint8_t bits, int by)
{
	uint8_t *const counts[] = { &s->open, &s->readers, &s->writers, &s->deleters, &s->shared_read, &s->shared_write,
		&s->shared_delete };
	for (unsigned i = 0; i < ARRAY_LEN(counts); i++) {
		int n = *counts[i] + (!i || bits & READS << 1 >> i ? by : 0);
		if (n < 0 || n > UINT8_MAX) {
			stop_unsupported(m, c,
				by > 0 ? "with a count of opens that would go beyond 255: "
				       : "of an open that the counts do not hold: ");
			return false;
		}
		*counts[i] = (uint8_t)n;
	}
	return true;
}

static bool conflicts(const struct g_share_access *s, uint8_t bits)
{
	return (bits & READS && s->shared_read < s->open) || (bits & WRITES && s->shared_write < s->open) ||
	       (bits & DELETES && s->shared_delete < s->open) || (s->readers && !(bits & LETS_READ)) ||
	       (s->writers && !(bits & LETS_WRITE)) || (s->deleters && !(bits & LETS_DELETE));
}

/* The file object remembers what it was opened for. @return those bits. */
static uint8_t remember(struct machine *m, struct call *c, uint32_t file, uint8_t bits)
{
	uint32_t at = GA(file, g_file_object, access);
	out8(m, c, at, (uint8_t)((in8(m, c, at) & ~(unsigned)(PARTS | LETS)) | bits));
	return bits;
}

/* xboxkrnl 0x034: access, share, file object, SHARE_ACCESS, update. Who neither reads, writes nor deletes takes no part. As NT has it. */
void k_IoCheckShareAccess(struct machine *m, struct call *c)
{
	struct g_share_access s;
	uint8_t bits = remember(m, c, arg32(c, 2), access_of(arg32(c, 0), arg32(c, 1)));
	if (!in_bytes(m, c, arg32(c, 3), &s, sizeof s) || !(bits & PARTS))
		return;
	if (conflicts(&s, bits)) {
		call_return(c, NT_SHARING_VIOLATION);
		return;
	}
	if (!(uint8_t)arg32(c, 4))
		return;
	if (count(m, c, &s, bits, 1))
		out_bytes(m, c, arg32(c, 3), &s, sizeof s);
}

/* xboxkrnl 0x047: the first open. */
void k_IoSetShareAccess(struct machine *m, struct call *c)
{
	struct g_share_access s = { 0 };
	uint8_t bits = remember(m, c, arg32(c, 2), access_of(arg32(c, 0), arg32(c, 1)));
	if (!(bits & PARTS) || count(m, c, &s, bits, 1))
		out_bytes(m, c, arg32(c, 3), &s, sizeof s);
}

/* xboxkrnl 0x045: file object, SHARE_ACCESS. The file object takes no part any more: another removal takes nothing, as one that never had a part. */
void k_IoRemoveShareAccess(struct machine *m, struct call *c)
{
	struct g_share_access s;
	uint8_t bits = (uint8_t)in8(m, c, GA(arg32(c, 0), g_file_object, access));
	if (!in_bytes(m, c, arg32(c, 1), &s, sizeof s) || !(bits & PARTS))
		return;
	if (!count(m, c, &s, bits, -1))
		return;
	out_bytes(m, c, arg32(c, 1), &s, sizeof s);
	remember(m, c, arg32(c, 0), 0);
}
