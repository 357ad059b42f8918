/* kernel/nt_file.c - Nt*File: opening, reading, writing. What is known about files: nt_file_info.c */
#include "config.h"

#include "kernel/args.h"
#include "kernel/cache.h"
#include "kernel/fs_args.h"
#include "kernel/device_guest.h"
#include "kernel/fs_guest.h"
#include "kernel/handlers.h"
#include "kernel/io.h"
#include "kernel/object.h"
#include "kernel/request.h"
#include "kernel/rows.h"

#define FILE_BODY_BYTES 0x40u
#define GENERIC_READ 0x80000000u
#define GENERIC_WRITE 0x40000000u
#define GENERIC_EXECUTE 0x20000000u
#define GENERIC_ALL 0x10000000u
#define MAXIMUM_ALLOWED 0x02000000u
#define ALL_ACCESS 0x1F01FFu
#define READ_ACCESS 0x120089u
#define WRITE_ACCESS 0x120116u
#define EXECUTE_ACCESS 0x1200A0u
#define WRITES (FILE_WRITE_DATA | FILE_APPEND_DATA)
#define CHANGES (WRITES | FILE_DELETE)
#define SHARE_BITS 7u
#define SYNC_OPTIONS (FILE_SYNC_ALERT | FILE_SYNC_NONALERT)
#define USE_POSITION (-2)
#define AT_END (-1)

enum disposition { SUPERSEDE, OPEN, CREATE, OPEN_IF, OVERWRITE, OVERWRITE_IF };
enum { SUPERSEDED, OPENED, CREATED, OVERWRITTEN, EXISTS, DOES_NOT_EXIST };

struct opening {
	struct fs_place at;
	struct fs_found found;
	uint32_t access, share, disposition, options, attributes;
	uint32_t information; /* for the IO_STATUS_BLOCK */
};

/* ---- may it be opened? -------------------------------------------------------------------------------------------------------- */

/* @writable: what is opened can be changed. */
static uint32_t granted(uint32_t access, bool writable)
{
	static const struct {
		uint32_t generic, rights;
	} map[] = { { GENERIC_READ, READ_ACCESS }, { GENERIC_WRITE, WRITE_ACCESS }, { GENERIC_EXECUTE, EXECUTE_ACCESS },
		{ GENERIC_ALL, ALL_ACCESS } };
	if (access & MAXIMUM_ALLOWED)
		access |= writable ? ALL_ACCESS : READ_ACCESS | EXECUTE_ACCESS;
	access &= ~MAXIMUM_ALLOWED;
	for (unsigned i = 0; i < ARRAY_LEN(map); i++)
		if (access & map[i].generic)
			access = (access | map[i].rights) & ~map[i].generic;
	return access;
}

/* What no file system is asked about: as NT's I/O manager has it. */
static bool is_malformed(const struct opening *o, uint32_t access)
{
	bool directory = o->options & FILE_DIRECTORY_FILE;
	if (o->disposition > OVERWRITE_IF || o->share & ~SHARE_BITS || (o->options & SYNC_OPTIONS) == SYNC_OPTIONS)
		return true;
	if (directory && (o->options & FILE_NON_DIRECTORY_FILE ||
				 (o->disposition != OPEN && o->disposition != CREATE && o->disposition != OPEN_IF)))
		return true;
	return o->options & FILE_DELETE_ON_CLOSE && !(access & (FILE_DELETE | GENERIC_ALL | MAXIMUM_ALLOWED));
}

/* Each of the two must share what the other asks for: reading 1, writing 2, deleting 4. */
static uint32_t wants(uint32_t access)
{
	return (access & FILE_READ_DATA ? 1u : 0) | (access & (FILE_WRITE_DATA | FILE_APPEND_DATA) ? 2u : 0) |
	       (access & FILE_DELETE ? 4u : 0);
}

static bool is_shared(const struct machine *m, uint32_t file, uint32_t access, uint32_t share)
{
	uint32_t wanted = wants(access);
	for (uint32_t row = 1; wanted && row < arena_count(&m->world, m->t_open); row++) {
		const struct w_open *o = open_peek(m, row);
		if (o->file == file && o->object && wants(o->access) && (wanted & ~o->share || wants(o->access) & ~share))
			return false;
	}
	return true;
}

/* What exists is opened. */
static uint32_t may_open(const struct machine *m, const struct opening *o)
{
	const struct fs_found *f = &o->found;
	bool writable = mount_peek(m, o->at.mount)->writable;
	if (o->disposition == CREATE)
		return NT_OBJECT_NAME_COLLISION;
	if (f->directory && o->options & FILE_NON_DIRECTORY_FILE)
		return NT_FILE_IS_A_DIRECTORY;
	if (!f->directory && (o->options & FILE_DIRECTORY_FILE || (o->at.directory && !mount_peek(m, o->at.mount)->raw)))
		return NT_NOT_A_DIRECTORY;
	bool replaced = o->disposition != OPEN && o->disposition != OPEN_IF;
	if (replaced && f->directory)
		return NT_FILE_IS_A_DIRECTORY;
	if (replaced && mount_peek(m, o->at.mount)->raw) /* as NT has it: a volume is opened, no more */
		return NT_ACCESS_DENIED;
	if (!writable && (replaced || o->access & CHANGES || o->options & FILE_DELETE_ON_CLOSE))
		return replaced ? NT_MEDIA_WRITE_PROTECTED : NT_ACCESS_DENIED;
	if (f->attributes & ATTRIBUTE_READONLY && !f->directory && (replaced || o->access & WRITES))
		return NT_ACCESS_DENIED;
	if (o->options & FILE_DELETE_ON_CLOSE && (f->attributes & ATTRIBUTE_READONLY || !o->at.path[0]))
		return NT_CANNOT_DELETE;
	if (f->file && file_peek(m, f->file)->delete_pending)
		return NT_DELETE_PENDING;
	uint32_t wanted = o->access | (o->disposition == SUPERSEDE ? FILE_DELETE : replaced ? FILE_WRITE_DATA : 0);
	if (f->file && !is_shared(m, f->file, wanted, o->share))
		return NT_SHARING_VIOLATION;
	return NT_SUCCESS;
}

/* What does not exist is made, if its directory does. */
static uint32_t may_make(struct machine *m, struct opening *o)
{
	struct fs_place parent = o->at;
	struct fs_found f;
	char *slash = strrchr(parent.path, '\\');
	o->information = DOES_NOT_EXIST;
	*(slash ? slash : parent.path) = 0;
	if (!fs_find(m, &parent, &f))
		return NT_DEVICE_DATA_ERROR;
	if (!f.exists || !f.directory)
		return NT_OBJECT_PATH_NOT_FOUND;
	if (f.file && file_peek(m, f.file)->delete_pending)
		return NT_DELETE_PENDING;
	if (o->disposition == OPEN || o->disposition == OVERWRITE)
		return NT_OBJECT_NAME_NOT_FOUND;
	if (!mount_peek(m, o->at.mount)->writable)
		return NT_MEDIA_WRITE_PROTECTED;
	return o->at.directory && !(o->options & FILE_DIRECTORY_FILE) ? NT_OBJECT_NAME_INVALID : NT_SUCCESS;
}

/* ---- opening -------------------------------------------------------------------------------------------------------------------- */

/* The file row that is to be opened, 0 = no room. */
static uint32_t file_for(struct machine *m, struct opening *o)
{
	if (!o->found.exists) {
		o->information = CREATED;
		return file_make(m, &o->at, o->options & FILE_DIRECTORY_FILE, o->attributes);
	}
	uint32_t file = file_row_of(m, &o->at, &o->found);
	o->information = o->disposition == SUPERSEDE                                     ? SUPERSEDED
			 : o->disposition == OVERWRITE || o->disposition == OVERWRITE_IF ? OVERWRITTEN
											 : OPENED;
	if (file && o->information != OPENED) {
		file_size_set(m, file, 0);
		file_mut(m, file)->attributes = o->attributes ? o->attributes : ATTRIBUTE_NORMAL;
	}
	return file;
}

static void object_make(struct machine *m, struct call *c, struct opening *o)
{
	uint32_t file = file_for(m, o), row = file ? arena_take(&m->world, m->t_open) : 0;
	uint32_t object = row ? object_new(m, c->thread, OT_FILE, FILE_BODY_BYTES) : 0;
	if (!object) {
		if (row)
			arena_give(&m->world, m->t_open, row);
		if (file && o->information == OPENED && !file_peek(m, file)->opens) {
			file_mut(m, file)->opens = 1; /* an unchanged one leaves no row behind */
			file_unopen(m, file);
		}
		call_return(c, NT_INSUFFICIENT_RESOURCES);
		return;
	}
	struct w_open *open = open_mut(m, row);
	open->file = file;
	open->object = object;
	open->access = o->access;
	open->share = o->share;
	open->options = o->options;
	object_row(m, object)->part = row;
	file_mut(m, file)->opens++;
	if (o->options & FILE_DELETE_ON_CLOSE)
		file_mut(m, file)->delete_pending = 1;
	arg_handle_out(m, c, object, arg32(c, 0));
}

/* Arguments 0 to 3 are those of NtCreateFile and NtOpenFile alike. */
static void open_file(struct machine *m, struct call *c, struct opening *o)
{
	uint32_t nt = is_malformed(o, arg32(c, 1)) ? NT_INVALID_PARAMETER : arg_place_or_device(m, c, arg32(c, 2), &o->at);
	if (nt == NT_SUCCESS && o->at.device) {
		const struct request_open r = { &o->at, arg32(c, 1), o->disposition, o->options, o->attributes, o->share };
		request_open(m, c, &r);
		return;
	}
	if (nt == NT_SUCCESS && !fs_find(m, &o->at, &o->found))
		return;
	if (nt == NT_SUCCESS) {
		bool changes = mount_peek(m, o->at.mount)->writable && !(o->found.attributes & ATTRIBUTE_READONLY);
		o->access = granted(arg32(c, 1), changes);
		o->information = EXISTS;
		nt = o->found.exists ? may_open(m, o) : may_make(m, o);
	}
	call_return(c, nt);
	if (!c->faulted && nt == NT_SUCCESS)
		object_make(m, c, o);
	if (!c->faulted && arg32(c, 3))
		out_status_block(m, c, arg32(c, 3), (uint32_t)c->result, o->information);
	if ((uint32_t)c->result & 0x80000000u)
		out32(m, c, arg32(c, 0), 0);
}

void k_NtCreateFile(struct machine *m, struct call *c)
{
	struct opening o = {
		.attributes = arg32(c, 5) & 0x27, .share = arg32(c, 6), .disposition = arg32(c, 7), .options = arg32(c, 8)
	};
	open_file(m, c, &o);
}

void k_NtOpenFile(struct machine *m, struct call *c)
{
	struct opening o = { .share = arg32(c, 4), .disposition = OPEN, .options = arg32(c, 5) };
	open_file(m, c, &o);
}

/* ---- reading and writing ---------------------------------------------------------------------------------------------------------- */

static bool probe_segments(struct machine *m, struct call *c, const struct io_request *r, bool store)
{
	for (uint32_t done = 0; done < r->length; done += FILE_PAGE) {
		uint32_t ga = in32(m, c, r->buffer_ga + done / FILE_PAGE * 4);
		if (c->faulted || !probe_bytes(m, c, ga, r->length - done < FILE_PAGE ? r->length - done : FILE_PAGE, store))
			return false;
	}
	return true;
}

/* The byte at which it begins: argument 7. False: the call is answered. */
static bool offset_of(struct machine *m, struct call *c, const struct w_open *o, bool store, struct io_request *r)
{
	int64_t given = arg32(c, 7) ? (int64_t)in64(m, c, arg32(c, 7)) : USE_POSITION;
	if (c->faulted)
		return false;
	r->append = store && (given == AT_END || !(o->access & FILE_WRITE_DATA)); /* who has no right to write may append */
	r->offset = r->append                                            ? file_peek(m, o->file)->size
		    : given == USE_POSITION && o->options & SYNC_OPTIONS ? o->position
									 : (uint64_t)given;
	if ((int64_t)r->offset >= 0)
		return true;
	call_return(c, NT_INVALID_PARAMETER);
	return false;
}

/* What speaks against it, before any of it has begun. */
static uint32_t refusal(const struct machine *m, const struct io_request *r, bool store)
{
	const struct w_open *o = open_of(m, r->object);
	if (file_peek(m, o->file)->directory)
		return NT_INVALID_DEVICE_REQUEST;
	if (!(o->access & (store ? FILE_WRITE_DATA | FILE_APPEND_DATA : FILE_READ_DATA)))
		return NT_ACCESS_DENIED;
	if (o->port && r->apc_routine)
		return NT_INVALID_PARAMETER;
	uint64_t raw = mount_peek(m, file_peek(m, o->file)->mount)->raw;
	if ((raw || o->options & FILE_NO_BUFFERING) && ((r->offset | r->length) % FILE_SECTOR)) /* as NT has it: whole sectors */
		return NT_INVALID_PARAMETER;
	if (store && raw && (r->offset > raw || r->length > raw - r->offset))
		return NT_DISK_FULL;
	if (store && (r->offset > FILE_BYTES_MAX || r->length > FILE_BYTES_MAX - r->offset))
		return NT_DISK_FULL;
	return !store && r->length && r->offset >= file_peek(m, o->file)->size ? NT_END_OF_FILE : NT_SUCCESS;
}

static void read_write(struct machine *m, struct call *c, enum io_kind kind)
{
	bool store = kind == IO_WRITE || kind == IO_GATHER, pieces = kind == IO_SCATTER || kind == IO_GATHER;
	struct io_request r = { .kind = kind,
		.apc_routine = arg32(c, 2),
		.apc_context = arg32(c, 3),
		.iosb_ga = arg32(c, 4),
		.buffer_ga = arg32(c, 5),
		.length = arg32(c, 6) };
	r.object = pieces ? arg_file(m, c, arg32(c, 0), &r.slot) : arg_by_handle(m, c, arg32(c, 0), OT_BIT(OT_FILE), &r.slot);
	if (r.object && is_devfile(m, r.object)) {
		request_move(m, c, r.object, store);
		return;
	}
	if (!r.object || (arg32(c, 1) && !(r.event = arg_by_handle(m, c, arg32(c, 1), OT_EVENTS, &r.event_slot))))
		return;
	if (!offset_of(m, c, open_of(m, r.object), store, &r) ||
		!probe_bytes(m, c, r.iosb_ga, sizeof(struct g_io_status_block), true))
		return;
	uint32_t nt = refusal(m, &r, store);
	if (nt != NT_SUCCESS) {
		call_return(c, nt);
		if (nt == NT_END_OF_FILE)
			out_status_block(m, c, r.iosb_ga, nt, 0);
		return;
	}
	if (pieces ? probe_segments(m, c, &r, !store) : probe_bytes(m, c, r.buffer_ga, r.length, !store))
		io_begin(m, c, &r);
}

void k_NtReadFile(struct machine *m, struct call *c)
{
	read_write(m, c, IO_READ);
}
void k_NtWriteFile(struct machine *m, struct call *c)
{
	read_write(m, c, IO_WRITE);
}
/* Segments: pointers to pages of 4 KiB, one behind the other. */
void k_NtReadFileScatter(struct machine *m, struct call *c)
{
	read_write(m, c, IO_SCATTER);
}
void k_NtWriteFileGather(struct machine *m, struct call *c)
{
	read_write(m, c, IO_GATHER);
}

void k_NtFlushBuffersFile(struct machine *m, struct call *c)
{
	uint32_t object = arg_by_handle(m, c, arg32(c, 0), OT_BIT(OT_FILE), NULL);
	if (!object)
		return;
	if (is_devfile(m, object)) {
		request_send(m, c, &(struct request){ .major = IRP_MJ_FLUSH_BUFFERS, .object = object, .iosb_ga = arg32(c, 1) });
		return;
	}
	cache_flush(m, open_of(m, object)->file);
	out_status_block(m, c, arg32(c, 1), NT_SUCCESS, 0);
}

/* The calling thread's requests on this file. */
void k_NtCancelIoFile(struct machine *m, struct call *c)
{
	uint32_t object = arg_file(m, c, arg32(c, 0), NULL);
	if (!object || !probe_bytes(m, c, arg32(c, 1), sizeof(struct g_io_status_block), true))
		return;
	io_cancel(m, object, thread_peek(m, c->thread)->tid, 0);
	out_status_block(m, c, arg32(c, 1), NT_SUCCESS, 0);
}

/* Those of all threads, or the one whose IO_STATUS_BLOCK is named: as NT has it. */
void k_NtCancelIoFileEx(struct machine *m, struct call *c)
{
	uint32_t object = arg_file(m, c, arg32(c, 0), NULL);
	if (!object || !probe_bytes(m, c, arg32(c, 2), sizeof(struct g_io_status_block), true))
		return;
	uint32_t nt = io_cancel(m, object, 0, arg32(c, 1)) ? NT_SUCCESS : NT_NOT_FOUND;
	call_return(c, nt);
	out_status_block(m, c, arg32(c, 2), nt, 0);
}

/* ---- the cache's size ---------------------------------------------------------------------------------------------------------------- */

void k_FscSetCacheElementCount(struct machine *m, struct call *c)
{
	cache_resize(m, arg32(c, 1));
}
void k_FscGetCacheElementCount(struct machine *m, struct call *c)
{
	call_return(c, cache_peek(m)->limit);
}
