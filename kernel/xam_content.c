/* kernel/xam_content.c - XamContent*: packages made, opened, listed, deleted (kernel/content.h). Errors and order: Xenia canary. */
#include "config.h"

#include <stdio.h>

#include "kernel/cache.h"
#include "kernel/content.h"
#include "kernel/enumerator.h"
#include "kernel/handlers.h"
#include "kernel/io.h"
#include "kernel/overlapped.h"
#include "kernel/pool.h"
#include "kernel/xam.h"

#define E_INVALIDARG 0x80070057u
/* the lowest digit of the flags */
enum { CREATE_NEW = 1, CREATE_ALWAYS, OPEN_EXISTING, OPEN_ALWAYS, TRUNCATE_EXISTING };
enum { NOTHING_DONE, CREATED, OPENED };
#define EXCLUDE_COMMON 0x1000u
#define LIST_MESSAGE 0x20005u /* of XAM's app: what its enumerators are opened and closed with */
#define LIST_END_MESSAGE 0x20007u
#define LIST_PRIVATE 0x98u
#define CROSS_TITLE_MESSAGE 0x2000Eu
#define CROSS_TITLE_END_MESSAGE 0x20010u
#define CROSS_TITLE_PRIVATE 0x248u
#define APP_XAM 0xFEu

/* ---- arguments -------------------------------------------------------------------------------------------------------------------- */

/* The package that argument @at describes, of user @user. False: answered, or faulted. */
static bool arg_package(
	struct machine *m, struct call *c, unsigned at, uint32_t user, struct g_xcontent_data *data, struct content_id *id)
{
	bool nobody = user == XAM_USER_NONE || user == XAM_USER_ANY;
	if (!in_bytes(m, c, arg32(c, at), data, sizeof *data))
		return false;
	*id = content_id_of(xam_xuid(m, user), xam_title_id(m), data);
	uint32_t error = !nobody && !xam_signed_in(m, user) ? ERROR_NO_SUCH_USER
			 : !id->name[0]                     ? ERROR_INVALID_NAME
							    : ERROR_SUCCESS;
	call_return(c, error);
	return error == ERROR_SUCCESS;
}

/* A root name; false: answered, or faulted. */
static bool arg_root(struct machine *m, struct call *c, unsigned at, char root[CONTENT_ROOT_MAX + 1])
{
	root[0] = 0;
	if (arg32(c, at))
		in_string(m, c, arg32(c, at), root, CONTENT_ROOT_MAX + 1);
	call_return(c, ERROR_INVALID_NAME);
	return root[0] && !c->faulted;
}

/* ---- opening ------------------------------------------------------------------------------------------------------------------------ */

/* What is to be done, after an older package has gone if that is what the flags say. */
static uint32_t disposition(struct machine *m, const struct content_id *id, uint32_t flags, uint32_t *what)
{
	uint32_t there = content_find(m, id);
	*what = NOTHING_DONE;
	if (there && there != ERROR_PATH_NOT_FOUND)
		return there;
	switch (flags & 0xF) {
	case CREATE_NEW: *what = there ? CREATED : NOTHING_DONE; return there ? ERROR_SUCCESS : ERROR_ALREADY_EXISTS;
	case CREATE_ALWAYS:
	case TRUNCATE_EXISTING:
		if (there && (flags & 0xF) == TRUNCATE_EXISTING)
			return there;
		there = there ? ERROR_SUCCESS : content_delete(m, id);
		*what = there ? NOTHING_DONE : CREATED;
		return there;
	case OPEN_EXISTING: *what = there ? NOTHING_DONE : OPENED; return there;
	case OPEN_ALWAYS: *what = there ? CREATED : OPENED; return ERROR_SUCCESS;
	default: return ERROR_INVALID_PARAMETER;
	}
}

static void create(struct machine *m, struct call *c, uint32_t overlapped)
{
	char root[CONTENT_ROOT_MAX + 1];
	struct g_xcontent_data data;
	struct content_id id;
	uint32_t what;
	if (!arg_package(m, c, 2, arg32(c, 0), &data, &id) || !arg_root(m, c, 1, root))
		return;
	if (content_root_taken(m, root)) {
		call_return(c, ERROR_INVALID_PARAMETER);
		return;
	}
	if (overlapped)
		out32(m, c, arg32(c, 4), NOTHING_DONE);
	uint32_t error = c->faulted ? ERROR_INVALID_PARAMETER : disposition(m, &id, arg32(c, 3), &what);
	if (c->faulted)
		return;
	if (!error && what == CREATED)
		error = content_make(m, &id, &data);
	if (!error)
		error = content_open(m, c->thread, root, &id, what == CREATED);
	const be32 done = be32_of(what), license = be32_of(0);
	struct overlapped_request r = { .ga = overlapped,
		.end = overlapped_failing(error, what),
		.ticks = OVERLAPPED_TICKS,
		.out = { { arg32(c, 4), sizeof done, &done, 0 }, { error ? 0 : arg32(c, 5), sizeof license, &license, 0 } } };
	overlapped_begin(m, c, &r);
}

void k_XamContentCreate(struct machine *m, struct call *c)
{
	create(m, c, arg32(c, 6));
}

/* With the size of its cache, and its own; neither means anything here. */
void k_XamContentCreateEx(struct machine *m, struct call *c)
{
	create(m, c, arg32(c, 8));
}

void k_XamContentClose(struct machine *m, struct call *c)
{
	char root[CONTENT_ROOT_MAX + 1];
	if (arg_root(m, c, 0, root))
		overlapped_end(m, c, arg32(c, 1), overlapped_plain(content_close(m, root)));
}

/* What of it lies in the cache goes to the files. */
void k_XamContentFlush(struct machine *m, struct call *c)
{
	char root[CONTENT_ROOT_MAX + 1];
	if (!arg_root(m, c, 0, root))
		return;
	uint32_t row = content_by_root(m, root);
	if (!row) {
		call_return(c, ERROR_INVALID_PARAMETER);
		return;
	}
	for (uint32_t file = 1; file < arena_count(&m->world, m->t_file); file++)
		if (file_peek(m, file)->opens && file_peek(m, file)->mount == content_peek(m, row)->mount)
			cache_flush(m, file);
	overlapped_end(m, c, arg32(c, 1), overlapped_plain(ERROR_SUCCESS));
}

void k_XamContentDelete(struct machine *m, struct call *c)
{
	struct g_xcontent_data data;
	struct content_id id;
	if (arg_package(m, c, 1, arg32(c, 0), &data, &id))
		overlapped_end(m, c, arg32(c, 2), overlapped_plain(content_delete(m, &id)));
}

/* ---- what is known of one ------------------------------------------------------------------------------------------------------------- */

/* Users make their saves, nobody the rest. */
void k_XamContentGetCreator(struct machine *m, struct call *c)
{
	struct g_xcontent_data data;
	struct content_id id;
	if (!arg32(c, 2)) {
		call_return(c, ERROR_INVALID_PARAMETER);
		return;
	}
	if (!arg_package(m, c, 1, arg32(c, 0), &data, &id))
		return;
	uint32_t error = content_find(m, &id);
	bool own = id.type == CONTENT_SAVED_GAME;
	const be32 is_creator = be32_of(own);
	const be64 creator = be64_of(own ? xam_xuid(m, arg32(c, 0)) : 0);
	struct overlapped_request r = { .ga = arg32(c, 4), .end = overlapped_failing(error, 0), .ticks = OVERLAPPED_TICKS };
	if (!error) {
		r.out[0] = (struct overlapped_out){ arg32(c, 2), sizeof is_creator, &is_creator, 0 };
		r.out[1] = (struct overlapped_out){ arg32(c, 3), sizeof creator, &creator, 0 };
	}
	overlapped_begin(m, c, &r);
}

/* A title on a disc has no license. */
void k_XamContentGetLicenseMask(struct machine *m, struct call *c)
{
	if (arg32(c, 0))
		overlapped_end(m, c, arg32(c, 1), overlapped_failing(ERROR_FUNCTION_FAILED, 0));
	else
		call_return(c, ERROR_INVALID_PARAMETER);
}

void k_XamContentSetThumbnail(struct machine *m, struct call *c)
{
	struct g_xcontent_data data;
	struct content_id id;
	uint32_t size = arg32(c, 3);
	if (!arg_package(m, c, 1, arg32(c, 0), &data, &id) || !probe_bytes(m, c, arg32(c, 2), size, false))
		return;
	uint32_t error =
		size > CONTENT_THUMBNAIL_MAX ? ERROR_INVALID_PARAMETER : content_thumbnail_set(m, &id, arg32(c, 2), size);
	overlapped_end(m, c, arg32(c, 4), overlapped_plain(error));
}

/* Without a buffer: its size. */
void k_XamContentGetThumbnail(struct machine *m, struct call *c)
{
	struct g_xcontent_data data;
	struct content_id id;
	uint32_t block, size, room = in32(m, c, arg32(c, 3));
	if (c->faulted || !arg_package(m, c, 1, arg32(c, 0), &data, &id))
		return;
	uint32_t error = content_thumbnail_get(m, &id, &block, &size);
	bool fits = !error && arg32(c, 2) && room >= size;
	const be32 length = be32_of(size);
	if (!error && arg32(c, 2) && room < size)
		error = ERROR_INSUFFICIENT_BUFFER;
	struct overlapped_request r = { .ga = arg32(c, 4), .end = overlapped_plain(error), .ticks = OVERLAPPED_TICKS };
	r.out[0] = (struct overlapped_out){ arg32(c, 3), sizeof length, &length, 0 };
	if (fits)
		r.out[1] = (struct overlapped_out){ arg32(c, 2), size, NULL, block };
	overlapped_begin(m, c, &r);
	if (block)
		pool_free(m, block, POOL_KERNEL);
}

/* Where it lies, as a path of the kernel's. A root name of the caller's is refused (Xenia canary). */
void k_XamContentResolve(struct machine *m, struct call *c)
{
	char path[FS_LINK_MAX + 1];
	struct g_xcontent_data data;
	struct content_id id;
	uint32_t size = arg32(c, 3);
	if (!arg_package(m, c, 1, arg32(c, 0), &data, &id))
		return;
	uint32_t error = arg32(c, 5) || be32_get(data.device_id) != CONTENT_DEVICE_ID ? ERROR_INVALID_PARAMETER
			 : !content_path(&id, path)                                   ? ERROR_INVALID_NAME
										      : ERROR_SUCCESS;
	struct overlapped_request r = { .ga = arg32(c, 6), .end = overlapped_plain(error), .ticks = OVERLAPPED_TICKS };
	if (!error && size) {
		uint32_t n = (uint32_t)strlen(path) + 1 < size ? (uint32_t)strlen(path) + 1 : size;
		path[n - 1] = 0;
		r.out[0] = (struct overlapped_out){ arg32(c, 2), n, path, 0 };
	}
	overlapped_begin(m, c, &r);
}

/* ---- listing ---------------------------------------------------------------------------------------------------------------------------- */

/* Adds @xuid's packages; those across titles say whose they are. */
static bool list(struct machine *m, uint32_t object, uint64_t xuid, uint32_t title_id, uint32_t type, bool cross_title)
{
	struct content_id id = { .xuid = xuid, .title_id = title_id, .type = type };
	struct g_xcontent_cross_title_data item;
	while (content_next(m, &id) == ERROR_SUCCESS) {
		item = (struct g_xcontent_cross_title_data){ .title_id = be32_of(title_id) };
		if (content_describe(m, &id, &item.data) == ERROR_SUCCESS &&
			!enumerator_add(m, object, cross_title ? (const void *)&item : &item.data))
			return false;
	}
	return true;
}

void k_XamContentCreateEnumerator(struct machine *m, struct call *c)
{
	uint32_t user = arg32(c, 0), device = arg32(c, 1), type = arg32(c, 2), per_call = arg32(c, 4);
	bool known = !device || device == CONTENT_DEVICE_ID;
	const struct enumerator_spec spec = { .user = XAM_USER_ANY,
		.app = APP_XAM,
		.open_message = LIST_MESSAGE,
		.close_message = LIST_END_MESSAGE,
		.private_size = LIST_PRIVATE,
		.item_size = sizeof(struct g_xcontent_data),
		.per_call = per_call };
	if (user < XAM_USERS && !xam_signed_in(m, user)) {
		call_return(c, ERROR_NO_SUCH_USER);
		return;
	}
	out32(m, c, arg32(c, 5), known && arg32(c, 6) ? per_call * (uint32_t)sizeof(struct g_xcontent_data) : 0);
	if (!known || !arg32(c, 6)) {
		call_return(c, E_INVALIDARG);
		return;
	}
	uint32_t object = c->faulted ? 0 : enumerator_new(m, c->thread, &spec);
	call_return(c, ERROR_NO_SYSTEM_RESOURCES);
	if (!object)
		return;
	uint64_t xuid = type == CONTENT_MARKETPLACE ? 0 : xam_xuid(m, user);
	if (xuid)
		list(m, object, xuid, xam_title_id(m), type, false);
	if (!xuid || !(arg32(c, 3) & EXCLUDE_COMMON))
		list(m, object, 0, xam_title_id(m), type, false);
	enumerator_open(m, c, object, arg32(c, 6));
}

/* (xuid, device, type, title or 0, handle *): one item at a time. */
void k_XamContentAggregateCreateEnumerator(struct machine *m, struct call *c)
{
	uint32_t device = arg32(c, 1), title_id = arg32(c, 3) ? arg32(c, 3) : xam_title_id(m);
	const struct enumerator_spec spec = { .user = XAM_USER_ANY,
		.app = APP_XAM,
		.open_message = CROSS_TITLE_MESSAGE,
		.close_message = CROSS_TITLE_END_MESSAGE,
		.private_size = CROSS_TITLE_PRIVATE,
		.item_size = sizeof(struct g_xcontent_cross_title_data),
		.per_call = 1 };
	if ((device && device != CONTENT_DEVICE_ID) || !arg32(c, 4)) {
		call_return(c, E_INVALIDARG);
		return;
	}
	uint32_t object = enumerator_new(m, c->thread, &spec);
	call_return(c, ERROR_NO_SYSTEM_RESOURCES);
	if (!object)
		return;
	list(m, object, c->arg[0] == UINT64_MAX ? 0 : c->arg[0], title_id, arg32(c, 2), true);
	enumerator_open(m, c, object, arg32(c, 4));
}
