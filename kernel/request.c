/* kernel/request.c - see request.h */
#include "config.h"

#include "kernel/request.h"

#include <stdio.h>

#include "kernel/apc.h"
#include "kernel/args.h"
#include "kernel/cont.h"
#include "kernel/device_guest.h"
#include "kernel/fs_args.h"
#include "kernel/fs_guest.h"
#include "kernel/handle.h"
#include "kernel/io.h"
#include "kernel/object.h"
#include "kernel/pool.h"
#include "kernel/rows.h"
#include "kernel/stop.h"
#include "kernel/wait.h"

#define REQUESTS_MAX (1u << 12)
#define DEVFILES_MAX (1u << 12)
#define HEADER_BYTES 0x40u /* of the object, before the driver's FILE_OBJECT */
#define USE_POSITION (-2)
#define SYNC_OPTIONS (FILE_SYNC_ALERT | FILE_SYNC_NONALERT)

static const char *const words[] = {
#define MAJOR(id, word) [IRP_MJ_##id] = (word),
	DRIVER_MAJORS(MAJOR)
#undef MAJOR
};

const char *request_word(unsigned major)
{
	return words[major];
}

void requests_layout(struct machine *m)
{
	m->t_devfile = arena_table_add(&m->world, "devfile", sizeof(struct w_devfile), DEVFILES_MAX);
	m->t_request = arena_table_add(&m->world, "request", sizeof(struct w_request), REQUESTS_MAX);
}

static struct w_request *request_mut(struct machine *m, uint32_t row)
{
	return arena_row(&m->world, m->t_request, row);
}

/* ---- files -------------------------------------------------------------------------------------------------------------------- */

static uint32_t devfile_row(const struct machine *m, uint32_t object)
{
	if (object_peek(m, object)->type != OT_FILE || object_peek(m, object)->part)
		return 0;
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_devfile); row++)
		if (((const struct w_devfile *)arena_peek(&m->world, m->t_devfile, row))->object == object)
			return row;
	return 0;
}

const struct w_devfile *devfile_of(const struct machine *m, uint32_t object)
{
	uint32_t row = devfile_row(m, object);
	return row ? arena_peek(&m->world, m->t_devfile, row) : NULL;
}

uint32_t arg_file(struct machine *m, struct call *c, uint32_t handle, uint32_t *slot)
{
	uint32_t object = arg_by_handle(m, c, handle, OT_BIT(OT_FILE), slot);
	if (!object || object_peek(m, object)->part)
		return object;
	stop_unsupported(m, c, "on a file of the title's own driver, to which this is not sent: "); /* DEBT(device-exports) */
	return 0;
}

void devfile_gone(struct machine *m, uint32_t object)
{
	uint32_t row = devfile_row(m, object);
	if (!row)
		return;
	struct w_devfile *f = arena_row(&m->world, m->t_devfile, row);
	if (f->open)
		stop_plain(m, STOP_UNIMPLEMENTED, m->acting, 0,
			"the last reference to a file of the title's own driver has gone where no close is sent to it");
	uint32_t device = f->device;
	memset(f, 0, sizeof *f);
	arena_give(&m->world, m->t_devfile, row);
	object_hold_end(m, device);
}

/* The device that requests for the one of row @named go to. 0: the run stops. */
static uint32_t device_for(struct machine *m, struct call *c, uint32_t named)
{
	uint32_t ga = in32(m, c, GA(object_peek(m, named)->body_ga, g_device_object, mounted_or_self));
	uint32_t device = object_by_ga(m, ga);
	if (device && object_peek(m, device)->type == OT_DEVICE)
		return device;
	if (!c->faulted)
		stop_unsupported(m, c, "on a device of the title's own driver on which nothing is mounted: ");
	return 0;
}

/* A file object with one hold of ours; 0 = no room. */
static uint32_t file_new(struct machine *m, uint32_t thread, uint32_t named, uint32_t device, const struct request_open *o)
{
	uint32_t row = arena_take(&m->world, m->t_devfile);
	uint32_t object = row ? object_new(m, thread, OT_FILE, HEADER_BYTES + (uint32_t)sizeof(struct g_file_object)) : 0;
	if (!object) {
		if (row)
			arena_give(&m->world, m->t_devfile, row);
		return 0;
	}
	struct w_devfile *f = arena_row(&m->world, m->t_devfile, row);
	f->object = object;
	f->device = device;
	f->options = o->options;
	snprintf(f->name, sizeof f->name, "%s%s", name_peek(m, object_peek(m, named)->name_row)->text, o->at->path);
	const struct g_file_object g = { .type = be16_of(IO_TYPE_FILE),
		.device_object = be32_of(object_peek(m, device)->body_ga) };
	object_put(m, object_peek(m, object)->body_ga + HEADER_BYTES, &g, sizeof g);
	object_hold(m, device);
	object_hold(m, object);
	object_born(m, thread, object);
	return object;
}

/* ---- the end of a request -------------------------------------------------------------------------------------------------------- */

static void release(struct machine *m, uint32_t row)
{
	const struct w_request q = *request_peek(m, row);
	memset(request_mut(m, row), 0, sizeof q);
	arena_give(&m->world, m->t_request, row);
	if (q.irp_ga)
		INVARIANT(pool_free(m, q.irp_ga, POOL_KERNEL));
	if (q.event)
		object_hold_end(m, q.event);
	object_hold_end(m, q.object);
}

static void wait_again(struct machine *m, uint32_t thread, uint32_t row)
{
	const struct w_request *q = request_peek(m, row);
	uint32_t nt;
	struct wait_request r = {
		.count = 1, .cont = CONT_REQUEST, .due = DEADLINE_NEVER, .cont_arg = { row, q->id }, .object = { q->object }
	};
	if (object_signal_state(m, q->object) > 0)
		event_reset(m, thread, q->object, 0);
	INVARIANT(!wait_begin(m, thread, &r, &nt));
}

static uint32_t handle_out(struct machine *m, uint32_t thread, const struct w_request *q)
{
	struct call c = { .thread = thread, .row = q->export_row - 1, .lr = (uint32_t)context_peek(m, thread)->lr };
	struct w_devfile *f = arena_row(&m->world, m->t_devfile, devfile_row(m, q->object));
	uint32_t slot = handle_open(m, thread, q->object);
	f->open = slot != 0;
	out32(m, &c, q->handle_out, slot ? slot_peek(m, slot)->handle : 0);
	return slot ? q->status : NT_INSUFFICIENT_RESOURCES;
}

static bool call_driver(struct machine *m, uint32_t row);
static bool prepare(struct machine *m, uint32_t row, const struct request *r);

/* The driver has returned @nt, and the IRP is completed: the call is over, or its next request is made. */
static void finish(struct machine *m, uint32_t thread, uint32_t row, uint32_t nt)
{
	const struct w_request q = *request_peek(m, row);
	struct w_devfile *f = arena_row(&m->world, m->t_devfile, devfile_row(m, q.object));
	if (q.major == IRP_MJ_CREATE && !(nt & 0x80000000u))
		nt = handle_out(m, thread, &q);
	if ((q.major == IRP_MJ_READ || q.major == IRP_MJ_WRITE) && f->options & SYNC_OPTIONS && !(nt & 0x80000000u) && q.offset != UINT64_MAX)
		f->position = q.offset + q.information;
	if (q.major == IRP_MJ_CLEANUP && object_peek(m, q.object)->refs == 1) {
		INVARIANT(pool_free(m, q.irp_ga, POOL_KERNEL));
		request_mut(m, row)->irp_ga = 0;
		const struct request r = { .major = IRP_MJ_CLOSE, .object = q.object };
		f->open = 0;
		if (prepare(m, row, &r) && call_driver(m, row))
			return;
	}
	if (q.major == IRP_MJ_CLEANUP || q.major == IRP_MJ_CLOSE)
		nt = NT_SUCCESS;
	release(m, row);
	call_finish(m, thread, nt);
}

bool request_returned(struct machine *m, uint32_t thread)
{
	uint32_t row = 0, tid = thread_peek(m, thread)->tid, r3;
	for (uint32_t i = 1; i < arena_count(&m->world, m->t_request); i++) {
		const struct w_request *q = request_peek(m, i);
		if (q->in_driver && q->tid == tid && (!row || q->id > request_peek(m, row)->id))
			row = i;
	}
	if (!row || !apc_call_end(m, thread, &r3))
		return false;
	struct w_request *q = request_mut(m, row);
	q->in_driver = 0;
	if (!q->done && r3 == NT_PENDING) {
		wait_again(m, thread, row);
		return true;
	}
	if (!q->done)
		stop_plain(m, STOP_UNIMPLEMENTED, thread, 0,
			"the title's own driver has returned from a request that it has neither completed nor left pending");
	finish(m, thread, row, r3 == NT_PENDING ? q->status : r3);
	return true;
}

void cont_REQUEST(struct machine *m, uint32_t thread)
{
	const struct w_thread *t = thread_peek(m, thread);
	uint32_t row = (uint32_t)t->cont_arg[0];
	const struct w_request *q = request_peek(m, row);
	INVARIANT(q->id == t->cont_arg[1]);
	if (q->done)
		finish(m, thread, row, q->status);
	else
		wait_again(m, thread, row); /* it was another's that is done */
}

static uint32_t request_by_irp(const struct machine *m, uint32_t irp)
{
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_request); row++)
		if (request_peek(m, row)->tid && request_peek(m, row)->irp_ga == irp)
			return row;
	return 0;
}

bool request_may_complete(struct machine *m, struct call *c, uint32_t irp)
{
	uint32_t row = request_by_irp(m, irp);
	if (!row || !request_peek(m, row)->done)
		return true;
	stop_unsupported(m, c, "of a request that is completed already: ");
	return false;
}

void request_completed(struct machine *m, uint32_t thread, uint32_t irp, uint32_t status, uint32_t information)
{
	uint32_t row = request_by_irp(m, irp);
	if (!row)
		return;
	struct w_request *q = request_mut(m, row);
	uint32_t asker = thread_by_tid(m, q->tid);
	q->done = 1;
	q->status = status;
	q->information = information;
	if (!asker || thread_peek(m, asker)->state == TS_TERMINATED)
		release(m, row);
	else if (!q->in_driver)
		event_set(m, thread, q->object, 0, SIGNAL_INCREMENT);
}

uint32_t request_pending_for(const struct machine *m, uint32_t object)
{
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_request); row++) {
		const struct w_request *q = request_peek(m, row);
		if (q->tid && !q->done && !q->in_driver && (q->object == object || (q->event && q->event == object)))
			return row;
	}
	return 0;
}

/* ---- the begin of a request ------------------------------------------------------------------------------------------------------- */

static uint32_t routine_of(const struct machine *m, uint32_t device, unsigned major)
{
	uint32_t driver = mem_get32(&m->mem, GA(object_peek(m, device)->body_ga, g_device_object, driver_object));
	be32 routine = be32_of(0);
	uint32_t at = driver + (uint32_t)offsetof(struct g_driver_object, major_function) + 4 * major;
	return driver && mem_peek(&m->mem, at, &routine, sizeof routine) == MEM_OK ? be32_get(routine) : 0;
}

/* Makes the IRP. False: no room. */
static bool prepare(struct machine *m, uint32_t row, const struct request *r)
{
	struct w_request *q = request_mut(m, row);
	const struct w_devfile *f = devfile_of(m, r->object);
	const uint32_t size = (uint32_t)(sizeof(struct g_irp) + sizeof(struct g_io_stack_location)),
		       n = r->name ? (uint32_t)strlen(r->name) : 0;
	uint32_t irp = pool_alloc(m, size + (uint32_t)sizeof(struct g_ansi_string) + n + 1, POOL_KERNEL);
	uint32_t location = irp + (uint32_t)sizeof(struct g_irp), text = irp + size + (uint32_t)sizeof(struct g_ansi_string);
	uint32_t file = object_peek(m, r->object)->body_ga + HEADER_BYTES;
	uint32_t thread = thread_by_tid(m, q->tid);
	if (!irp)
		return false;
	const struct g_irp i = { .type = be16_of(IO_TYPE_IRP),
		.size = be16_of((uint16_t)size),
		.status = be32_of(NT_PENDING),
		.stack_count = 1,
		.current_location = 1,
		.user_buffer = be32_of(r->buffer_ga),
		.user_iosb = be32_of(r->iosb_ga),
		.user_event = be32_of(q->event ? object_peek(m, q->event)->body_ga : 0),
		.thread = be32_of(thread_peek(m, thread)->kthread_ga),
		.current_stack_location = be32_of(location),
		.original_file_object = be32_of(file) };
	struct g_io_stack_location s = { .major_function = r->major,
		.device_object = be32_of(object_peek(m, f->device)->body_ga),
		.file_object = be32_of(file) };
	for (unsigned p = 0; p < ARRAY_LEN(s.parameters); p++)
		s.parameters[p] = be32_of(r->parameters[p]);
	if (r->name) {
		const struct g_ansi_string name = { be16_of((uint16_t)n), be16_of((uint16_t)(n + 1)), be32_of(text) };
		s.parameters[3] = be32_of(irp + size);
		object_put(m, irp + size, &name, sizeof name);
		object_put(m, text, r->name, n + 1);
	}
	object_put(m, irp, &i, sizeof i);
	object_put(m, location, &s, sizeof s);
	q->irp_ga = irp;
	q->major = r->major;
	q->done = q->in_driver = 0;
	return true;
}

/* False: it has no room, or no routine for it. */
static bool call_driver(struct machine *m, uint32_t row)
{
	struct w_request *q = request_mut(m, row);
	uint32_t device = devfile_of(m, q->object)->device, thread = thread_by_tid(m, q->tid);
	uint32_t routine = routine_of(m, device, q->major);
	const uint32_t arg[2] = { object_peek(m, device)->body_ga, q->irp_ga };
	q->in_driver = routine && apc_call(m, thread, routine, TRAP_REQUEST, 2, arg);
	return q->in_driver;
}

static bool has_routine(struct machine *m, struct call *c, uint32_t device, unsigned major)
{
	if (routine_of(m, device, major))
		return true;
	stop_unsupported(m, c, "on a device whose driver has no routine for it: ");
	return false;
}

/* The driver is called; without room on the thread's stack the machine stops. */
static void start(struct machine *m, struct call *c, uint32_t row)
{
	c->parked = call_driver(m, row);
	if (c->parked)
		return;
	release(m, row);
	call_return(c, NT_INSUFFICIENT_RESOURCES);
}

/* The request row, with a hold on the file; 0: no room, and the call is answered. */
static uint32_t begin(struct machine *m, struct call *c, const struct request *r, uint32_t event)
{
	uint32_t row = arena_take(&m->world, m->t_request);
	if (row) {
		struct w_cache *counter = arena_row(&m->world, m->t_cache, 1);
		*request_mut(m, row) = (struct w_request){ .id = counter->next_io++,
			.started = machine_cycle(m),
			.object = r->object,
			.event = event,
			.tid = thread_peek(m, c->thread)->tid,
			.offset = r->offset,
			.export_row = c->row + 1 };
		if (prepare(m, row, r)) {
			object_hold(m, r->object);
			if (event)
				object_hold(m, event);
			return row;
		}
		memset(request_mut(m, row), 0, sizeof(struct w_request));
		arena_give(&m->world, m->t_request, row);
	}
	call_return(c, NT_INSUFFICIENT_RESOURCES);
	return 0;
}

void request_send(struct machine *m, struct call *c, const struct request *r)
{
	uint32_t event = 0;
	if (r->sync_only && (r->apc_routine || !(devfile_of(m, r->object)->options & SYNC_OPTIONS))) { /* DEBT(device-exports) */
		stop_unsupported(m, c,
			r->apc_routine ? "with an APC, on a file of the title's own driver: "
				       : "through an asynchronous handle, on a file of the title's own driver: ");
		return;
	}
	if (r->event_handle && !(event = arg_by_handle(m, c, r->event_handle, OT_EVENTS, NULL)))
		return;
	if (!probe_bytes(m, c, r->iosb_ga, sizeof(struct g_io_status_block), true))
		return;
	uint32_t row = has_routine(m, c, devfile_of(m, r->object)->device, r->major) ? begin(m, c, r, event) : 0;
	if (!row)
		return;
	if (event && object_signal_state(m, event) > 0)
		event_reset(m, c->thread, event, 0);
	start(m, c, row);
}

void request_move(struct machine *m, struct call *c, uint32_t object, bool store)
{
	int64_t at = arg32(c, 7) ? (int64_t)in64(m, c, arg32(c, 7)) : USE_POSITION;
	const struct w_devfile *f = devfile_of(m, object);
	if (c->faulted || !probe_bytes(m, c, arg32(c, 5), arg32(c, 6), !store))
		return;
	if (at == USE_POSITION && f->options & SYNC_OPTIONS)
		at = (int64_t)f->position;
	const struct request r = { .major = store ? IRP_MJ_WRITE : IRP_MJ_READ,
		.sync_only = true,
		.object = object,
		.event_handle = arg32(c, 1),
		.apc_routine = arg32(c, 2),
		.iosb_ga = arg32(c, 4),
		.buffer_ga = arg32(c, 5),
		.parameters = { arg32(c, 6), 0, (uint32_t)((uint64_t)at >> 32), (uint32_t)at },
		.offset = (uint64_t)at };
	request_send(m, c, &r);
}

void request_open(struct machine *m, struct call *c, const struct request_open *o)
{
	uint32_t device = device_for(m, c, o->at->device);
	if (!device)
		return;
	if (!has_routine(m, c, device, IRP_MJ_CREATE) || !probe_bytes(m, c, arg32(c, 0), 4, true) ||
		(arg32(c, 3) && !probe_bytes(m, c, arg32(c, 3), sizeof(struct g_io_status_block), true)))
		return;
	uint32_t object = file_new(m, c->thread, o->at->device, device, o);
	const struct request r = { .major = IRP_MJ_CREATE,
		.object = object,
		.iosb_ga = arg32(c, 3),
		.parameters = { o->access, o->disposition << 24 | (o->options & 0xFFFFFFu), o->attributes << 16 | o->share },
		.name = o->at->path };
	uint32_t row = object ? begin(m, c, &r, 0) : 0;
	call_return(c, NT_INSUFFICIENT_RESOURCES);
	out32(m, c, arg32(c, 0), 0);
	if (row)
		request_mut(m, row)->handle_out = arg32(c, 0);
	if (object)
		object_hold_end(m, object); /* the request has one */
	if (row)
		start(m, c, row);
}

void request_close(struct machine *m, struct call *c, uint32_t object, uint32_t slot)
{
	const struct request r = { .major = IRP_MJ_CLEANUP, .object = object };
	uint32_t device = devfile_of(m, object)->device;
	if (!has_routine(m, c, device, IRP_MJ_CLOSE) || !has_routine(m, c, device, IRP_MJ_CLEANUP))
		return;
	uint32_t row = begin(m, c, &r, 0);
	if (!row)
		return;
	handle_close(m, c->thread, slot);
	start(m, c, row);
}
