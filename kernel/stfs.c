/* kernel/stfs.c - Stfs*: packages that are mounted while the title runs. None is: mounts are configuration (DEBT(content-containers)), so
 * making the device fails, and is counted by `info stubs`. The description, its size, and who answers what: xenia-canary, from XAM's calls. */
#include "config.h"

#include "kernel/args.h"
#include "kernel/emit.h"
#include "kernel/guest.h"
#include "kernel/handlers.h"

struct g_stfs_description {
	struct g_ansi_string name; /* of the device to be made */
	be32 unknown[4];
	be32 file; /* the package's, a handle */
	uint8_t volume_descriptor[0x24];
	be32 unknown2;
	be32 extension_size;
	be32 device, extension; /* out */
	be32 flags[2];
};
GUEST_AT(g_stfs_description, file, 0x18);
GUEST_AT(g_stfs_description, volume_descriptor, 0x1C);
GUEST_AT(g_stfs_description, extension_size, 0x44);
GUEST_AT(g_stfs_description, device, 0x48);
GUEST_SIZE(g_stfs_description, 0x58);

enum { STFS_LOCK, STFS_UNLOCK, STFS_FLUSH, STFS_DESCRIPTOR, STFS_CLEAN, STFS_UNKNOWN, STFS_CODES };

static void answer(struct machine *m, struct call *c, uint32_t nt)
{
	call_return(c, nt);
	emit_call(m, EV_STUB, c);
}

/* xboxkrnl 0x259: description, its size. What a package that cannot be opened gets; neither pointer is written. */
void k_StfsCreateDevice(struct machine *m, struct call *c)
{
	struct g_stfs_description d;
	if (!arg32(c, 0) || arg32(c, 1) != sizeof d)
		call_return(c, NT_INVALID_PARAMETER);
	else if (!in_bytes(m, c, arg32(c, 0), &d, sizeof d))
		return;
	else if (!be16_get(d.name.length))
		call_return(c, NT_INVALID_PARAMETER);
	else if (arg_by_handle(m, c, be32_get(d.file), OT_BIT(OT_FILE), NULL))
		answer(m, c, NT_UNSUCCESSFUL);
	else
		call_return(c, NT_INVALID_PARAMETER);
}

/* xboxkrnl 0x25A: device, code, buffer. No device has a descriptor. */
void k_StfsControlDevice(struct machine *m, struct call *c)
{
	uint32_t code = arg32(c, 1);
	answer(m, c, code == STFS_DESCRIPTOR ? NT_INVALID_PARAMETER : code < STFS_CODES ? NT_SUCCESS : NT_INVALID_DEVICE_REQUEST);
}
