/* kernel/symlink.c - Ob*SymbolicLink, Nt*SymbolicLinkObject: names of devices. What links there are and where they lead: path.c */
#include "config.h"

#include "kernel/args.h"
#include "kernel/call.h"
#include "kernel/fs_args.h"
#include "kernel/guest.h"
#include "kernel/handlers.h"
#include "kernel/mount.h"
#include "kernel/object.h"
#include "kernel/rows.h"

void k_ObCreateSymbolicLink(struct machine *m, struct call *c)
{
	char name[2 * FS_LINK_MAX], target[2 * FS_LINK_MAX];
	in_ansi_string(m, c, arg32(c, 0), name, sizeof name);
	in_ansi_string(m, c, arg32(c, 1), target, sizeof target);
	if (!c->faulted)
		call_return(c, link_create(m, name, target));
}

void k_ObDeleteSymbolicLink(struct machine *m, struct call *c)
{
	char name[2 * FS_LINK_MAX];
	in_ansi_string(m, c, arg32(c, 0), name, sizeof name);
	if (!c->faulted)
		call_return(c, link_delete(m, name));
}

/* A handle to the link, for NtQuerySymbolicLinkObject alone; it knows where the link led when it was opened (the object's body holds the text). The name
 * stands by itself, or below \\?? (root FFFFFFFD). Source: Xenia; that the status of no such link is NT's. */
void k_NtOpenSymbolicLinkObject(struct machine *m, struct call *c)
{
	struct g_object_attributes a;
	char name[2 * FS_LINK_MAX], target[FS_LINK_MAX + 1] = "";
	if (!in_bytes(m, c, arg32(c, 1), &a, sizeof a))
		return;
	out32(m, c, arg32(c, 0), 0);
	in_ansi_string(m, c, be32_get(a.name_ptr), name, sizeof name);
	if (c->faulted)
		return;
	uint32_t root = be32_get(a.root_directory);
	const char *to = root && root != DOS_DEVICES ? NULL : link_find(m, name);
	if (!to) {
		call_return(c, NT_OBJECT_NAME_NOT_FOUND);
		return;
	}
	memcpy(target, to, strlen(to)); /* NOLINT(bugprone-not-null-terminated-result): zero behind it */
	uint32_t object = object_new(m, c->thread, OT_SYMLINK, sizeof target);
	if (!object) {
		call_return(c, NT_INSUFFICIENT_RESOURCES);
		return;
	}
	object_put(m, object_peek(m, object)->body_ga, target, sizeof target);
	arg_handle_out(m, c, object, arg32(c, 0));
}

/* Into the string's own buffer; one that is too small gets nothing. */
void k_NtQuerySymbolicLinkObject(struct machine *m, struct call *c)
{
	struct g_ansi_string s;
	char target[FS_LINK_MAX + 1] = "";
	uint32_t object = arg_by_handle(m, c, arg32(c, 0), OT_BIT(OT_SYMLINK), NULL);
	if (!object || !in_bytes(m, c, arg32(c, 1), &s, sizeof s))
		return;
	(void)!mem_peek(&m->mem, object_peek(m, object)->body_ga, target, FS_LINK_MAX);
	uint32_t n = (uint32_t)strlen(target);
	if (be16_get(s.maximum_length) < n) {
		call_return(c, NT_BUFFER_TOO_SMALL);
		return;
	}
	s.length = be16_of((uint16_t)n);
	if (!n || out_bytes(m, c, be32_get(s.pointer), target, n))
		out_bytes(m, c, arg32(c, 1), &s, sizeof s);
}
