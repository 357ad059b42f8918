/* kernel/io.c - see io.h: requests, from their beginning to their end. */
#include "config.h"

#include "kernel/io.h"

#include "kernel/apc.h"
#include "kernel/cache.h"
#include "kernel/call.h"
#include "kernel/cont.h"
#include "kernel/deadline.h"
#include "kernel/emit.h"
#include "kernel/fs_guest.h"
#include "kernel/object.h"
#include "kernel/request.h"
#include "kernel/rows.h"
#include "kernel/standstill.h"
#include "kernel/wait.h"

#define IOS_MAX (1u << 16)
#define OPENS_MAX (1u << 16)

void io_layout(struct machine *m)
{
	m->t_open = arena_table_add(&m->world, "open", sizeof(struct w_open), OPENS_MAX);
	m->t_io = arena_table_add(&m->world, "io", sizeof(struct w_io), IOS_MAX);
}

static struct w_io *io_mut(struct machine *m, uint32_t row)
{
	return arena_row(&m->world, m->t_io, row);
}

const char *io_kind_word(enum io_kind k)
{
	static const char *const words[] = { "read", "write", "scatter", "gather" };
	return words[k];
}

const char *file_object_name(const struct machine *m, uint32_t object)
{
	if (devfile_of(m, object))
		return devfile_of(m, object)->name;
	if (!object_peek(m, object)->part)
		return "";
	const char *path = file_peek(m, open_of(m, object)->file)->path, *slash = strrchr(path, '\\');
	return slash ? slash + 1 : path;
}

static bool stores(const struct w_io *io)
{
	return io->kind == IO_WRITE || io->kind == IO_GATHER;
}

/* ---- signals -------------------------------------------------------------------------------------------------------------- */

static void unsignal(struct machine *m, uint32_t thread, uint32_t object, uint32_t slot)
{
	if (object && object_signal_state(m, object) > 0)
		event_reset(m, thread, object, slot);
}

/* The IO_STATUS_BLOCK, then whoever is to know; the slots name the handles by which it was asked for, while they are open. */
static void tell(struct machine *m, uint32_t by, const struct w_io *io, uint32_t slot, uint32_t event_slot)
{
	struct g_io_status_block b = { be32_of(io->status), be32_of(io->information) };
	const struct w_open *o = open_of(m, io->object);
	uint32_t thread = thread_by_tid(m, io->tid);
	object_put(m, io->iosb_ga, &b, sizeof b);
	if (io->event)
		event_set(m, by, io->event, event_slot, SIGNAL_INCREMENT);
	if (!io->event || io->sync)
		event_set(m, by, io->object, slot, SIGNAL_INCREMENT);
	if (io->apc_routine & ~1u && thread && thread_peek(m, thread)->state != TS_TERMINATED)
		apc_queue_user(m, by, thread, io->apc_routine & ~1u, io->apc_context, io->iosb_ga, 0);
	if (o->port && io->apc_context)
		port_post(m, by, o->port, 0,
			&(struct w_packet){ .key = o->key,
				.context = io->apc_context,
				.status = io->status,
				.information = io->information });
}

void io_answer(struct machine *m, struct call *c, const struct io_request *r, uint32_t status, uint32_t information)
{
	const struct w_io io = { .object = r->object,
		.event = r->event,
		.tid = thread_peek(m, c->thread)->tid,
		.apc_routine = r->apc_routine,
		.apc_context = r->apc_context,
		.iosb_ga = r->iosb_ga,
		.status = status,
		.information = information };
	if (!c->faulted)
		tell(m, c->thread, &io, r->slot, r->event_slot);
}

/* ---- beginning -------------------------------------------------------------------------------------------------------------- */

/* When it will be done, ticks. */
static uint64_t due(struct machine *m, const struct w_io *io)
{
	uint32_t file = open_of(m, io->object)->file, mount = file_peek(m, file)->mount;
	uint64_t now = machine_ticks(m);
	if (cache_holds(m, file, io->offset, io->length))
		return now + IO_CACHED_TICKS;
	arena_cover(&m->world, m->t_device, mount);
	struct w_device *d = arena_row(&m->world, m->t_device, mount);
	d->busy_until = (d->busy_until > now ? d->busy_until : now) + IO_DEVICE_TICKS + (uint64_t)io->length * IO_BYTE_TICKS;
	return d->busy_until;
}

static void wait_again(struct machine *m, uint32_t thread, uint32_t row)
{
	const struct w_io *io = io_peek(m, row);
	uint32_t nt;
	struct wait_request r = {
		.count = 1, .cont = CONT_IO, .due = DEADLINE_NEVER, .cont_arg = { row, io->id }, .object = { io->object }
	};
	unsignal(m, thread, io->object, 0);
	INVARIANT(!wait_begin(m, thread, &r, &nt));
}

void io_begin(struct machine *m, struct call *c, const struct io_request *r)
{
	uint32_t row = arena_take(&m->world, m->t_io);
	if (!row) {
		call_return(c, NT_INSUFFICIENT_RESOURCES);
		return;
	}
	const struct w_open *o = open_of(m, r->object);
	struct w_cache *counter = arena_row(&m->world, m->t_cache, 1);
	struct w_io *io = io_mut(m, row);
	*io = (struct w_io){ .id = counter->next_io++,
		.offset = r->offset,
		.started = machine_cycle(m),
		.object = r->object,
		.event = r->event,
		.tid = thread_peek(m, c->thread)->tid,
		.export_row = c->row + 1,
		.apc_routine = r->apc_routine,
		.apc_context = r->apc_context,
		.iosb_ga = r->iosb_ga,
		.buffer_ga = r->buffer_ga,
		.length = r->length,
		.kind = (uint8_t)r->kind,
		.append = r->append,
		.sync = (o->options & (FILE_SYNC_ALERT | FILE_SYNC_NONALERT)) != 0,
		.status = NT_PENDING };
	object_hold(m, io->object);
	if (io->event)
		object_hold(m, io->event);
	emit_object4(m, EV_IO_START, c->thread, io->object, r->slot, (uint64_t[4]){ io->id, io->kind, io->offset, io->length });
	unsignal(m, c->thread, io->object, r->slot);
	unsignal(m, c->thread, io->event, r->event_slot);
	io->state = mount_peek(m, file_peek(m, o->file)->mount)->dead ? IO_LOST : IO_FLIGHT;
	if (io->state == IO_FLIGHT)
		deadline_set_io(m, row, due(m, io));
	call_return(c, NT_PENDING);
	if (!io->sync)
		return;
	c->parked = true;
	wait_again(m, c->thread, row);
}

/* ---- the end ------------------------------------------------------------------------------------------------------------------ */

/* The address of byte @done of the caller's buffer, and how many bytes lie behind it in one piece. */
static uint32_t place(const struct machine *m, const struct w_io *io, uint32_t done, uint32_t *piece)
{
	be32 ga = be32_of(0);
	*piece = io->length - done;
	if (io->kind == IO_READ || io->kind == IO_WRITE)
		return io->buffer_ga + done;
	if (mem_peek(&m->mem, io->buffer_ga + done / FILE_PAGE * 4, &ga, sizeof ga) != MEM_OK)
		return 0;
	if (*piece > FILE_PAGE - done % FILE_PAGE)
		*piece = FILE_PAGE - done % FILE_PAGE;
	return be32_get(ga) + done % FILE_PAGE;
}

/* Moves up to the end of a page or piece; *@n of bytes. */
static uint32_t move(struct machine *m, struct w_io *io, uint32_t file, uint32_t done, uint32_t *n)
{
	uint8_t bytes[FILE_PAGE];
	uint64_t at = io->offset + done;
	uint32_t ga = place(m, io, done, n);
	if (*n > FILE_PAGE - at % FILE_PAGE)
		*n = (uint32_t)(FILE_PAGE - at % FILE_PAGE);
	if (stores(io) && mem_read(&m->mem, ga, bytes, *n) != MEM_OK)
		return NT_ACCESS_VIOLATION;
	uint32_t nt = cache_copy(m, file, at, bytes, *n, stores(io));
	if (nt == NT_FILE_CORRUPT_ERROR)
		emit_object4(m, EV_IO_DAMAGED, 0, io->object, 0, (uint64_t[4]){ io->id, at / FILE_PAGE * FILE_PAGE, 0, 0 });
	if (nt == NT_SUCCESS && !stores(io) && mem_write(&m->mem, ga, bytes, *n) != MEM_OK)
		return NT_ACCESS_VIOLATION;
	return nt;
}

static void transfer(struct machine *m, struct w_io *io)
{
	uint32_t file = open_of(m, io->object)->file, n, done = 0, asked = io->length;
	uint64_t size = file_peek(m, file)->size;
	if (!stores(io))
		io->length = io->offset >= size ? 0 : size - io->offset < io->length ? (uint32_t)(size - io->offset) : io->length;
	if (io->append)
		io->offset = size;
	io->status = stores(io) && io->offset > FILE_BYTES_MAX - io->length ? NT_DISK_FULL
		     : asked && !io->length                                 ? NT_END_OF_FILE
									    : NT_SUCCESS;
	for (; done < io->length && io->status == NT_SUCCESS; done += io->status == NT_SUCCESS ? n : 0) {
		io->status = move(m, io, file, done, &n);
		if (io->status == NT_SUCCESS && stores(io) && io->offset + done + n > file_peek(m, file)->size)
			file_size_set(m, file, io->offset + done + n);
	}
	if (stores(io) && done)
		file_touch(m, file);
	io->information = done;
	if (io->sync)
		open_mut(m, object_peek(m, io->object)->part)->position = io->offset + done;
}

static void release(struct machine *m, uint32_t row)
{
	const struct w_io io = *io_peek(m, row);
	memset(io_mut(m, row), 0, sizeof io);
	arena_give(&m->world, m->t_io, row);
	if (io.event)
		object_hold_end(m, io.event);
	object_hold_end(m, io.object);
}

static void finish(struct machine *m, uint32_t by, uint32_t row)
{
	struct w_io *io = io_mut(m, row);
	uint32_t asker = io->sync ? thread_by_tid(m, io->tid) : 0;
	emit_object4(m, EV_IO_COMPLETE, by, io->object, 0, (uint64_t[4]){ io->id, io->status, io->information, 0 });
	tell(m, by, io, 0, 0);
	if (asker && thread_peek(m, asker)->state != TS_TERMINATED)
		io->state = IO_DONE; /* its caller reads the status, and frees it */
	else
		release(m, row);
}

void io_complete(struct machine *m, uint32_t row)
{
	transfer(m, io_mut(m, row));
	finish(m, 0, row);
}

uint32_t io_cancel(struct machine *m, uint32_t object, uint32_t tid, uint32_t iosb_ga)
{
	uint32_t n = 0;
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_io); row++) {
		const struct w_io *io = io_peek(m, row);
		if ((io->state != IO_FLIGHT && io->state != IO_LOST) || io->object != object || (tid && io->tid != tid) ||
			(iosb_ga && io->iosb_ga != iosb_ga))
			continue;
		if (io->state == IO_FLIGHT)
			deadline_cancel_io(m, row);
		io_mut(m, row)->status = NT_CANCELLED;
		finish(m, m->acting, row);
		n++;
	}
	return n;
}

void cont_IO(struct machine *m, uint32_t thread)
{
	const struct w_thread *t = thread_peek(m, thread);
	uint32_t row = (uint32_t)t->cont_arg[0];
	const struct w_io *io = io_peek(m, row);
	INVARIANT(io->id == t->cont_arg[1]);
	if (io->state != IO_DONE) { /* it was another's that is done */
		wait_again(m, thread, row);
		return;
	}
	uint32_t status = io->status;
	release(m, row);
	call_finish(m, thread, status);
}

/* ---- objects end; readers ------------------------------------------------------------------------------------------------------- */

void open_gone(struct machine *m, uint32_t object)
{
	uint32_t row = object_peek(m, object)->part;
	const struct w_open o = *open_peek(m, row);
	memset(open_mut(m, row), 0, sizeof o);
	arena_give(&m->world, m->t_open, row);
	if (o.port)
		object_hold_end(m, o.port);
	file_unopen(m, o.file);
}

void io_count(const struct machine *m, uint32_t *flight, uint32_t *lost)
{
	*flight = *lost = 0;
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_io); row++) {
		*flight += io_peek(m, row)->state == IO_FLIGHT;
		*lost += io_peek(m, row)->state == IO_LOST;
	}
}

/* The first request in state @state, or @or, whose end @object would be told. */
static uint32_t told(const struct machine *m, uint32_t object, uint8_t state, uint8_t or)
{
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_io); row++) {
		const struct w_io *io = io_peek(m, row);
		if (io->state != state && io->state != or)
			continue;
		if (io->event == object || (io->object == object && (!io->event || io->sync)))
			return row;
		if (open_of(m, io->object)->port == object && io->apc_context)
			return row;
	}
	return 0;
}

uint32_t io_lost_for(const struct machine *m, uint32_t object)
{
	return told(m, object, IO_LOST, IO_LOST);
}

uint32_t io_pending_for(const struct machine *m, uint32_t object)
{
	return told(m, object, IO_FLIGHT, IO_LOST);
}

void io_complete_now(struct machine *m, uint32_t row)
{
	if (io_peek(m, row)->state == IO_FLIGHT)
		deadline_cancel_io(m, row);
	io_complete(m, row);
}
