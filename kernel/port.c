/* kernel/port.c - I/O completion ports: see io.h. A port is signalled while it holds a packet; waiting for it takes none. */
#include "config.h"

#include "kernel/args.h"
#include "kernel/cont.h"
#include "kernel/emit.h"
#include "kernel/fs_guest.h"
#include "kernel/handle.h"
#include "kernel/handlers.h"
#include "kernel/io.h"
#include "kernel/object.h"
#include "kernel/rows.h"
#include "kernel/wait.h"

#define PORTS_MAX (1u << 14)
#define PACKETS_MAX (1u << 18)
#define PORT_BODY_BYTES 0x28u /* NT's KQUEUE */

void ports_layout(struct machine *m)
{
	m->t_port = arena_table_add(&m->world, "port", sizeof(struct w_port), PORTS_MAX);
	m->t_packet = arena_table_add(&m->world, "packet", sizeof(struct w_packet), PACKETS_MAX);
}

static struct w_port *port_mut(struct machine *m, uint32_t object)
{
	return arena_row(&m->world, m->t_port, object_peek(m, object)->part);
}

static struct w_packet *packet_mut(struct machine *m, uint32_t row)
{
	return arena_row(&m->world, m->t_packet, row);
}

/* The wait row of the thread that has waited longest in NtRemoveIoCompletion, 0 = none. */
static uint32_t remover(const struct machine *m, uint32_t object)
{
	for (uint32_t row = object_peek(m, object)->wait_head; row; row = wait_peek(m, row)->next)
		if (thread_peek(m, wait_peek(m, row)->thread)->cont == CONT_PORT)
			return row;
	return 0;
}

bool port_post(struct machine *m, uint32_t thread, uint32_t object, uint32_t slot, const struct w_packet *p)
{
	uint32_t row = arena_take(&m->world, m->t_packet), block = remover(m, object);
	int32_t count = object_signal_state(m, object);
	if (!row)
		return false;
	*packet_mut(m, row) = *p;
	emit_object(m, EV_OBJECT_RELEASE, thread, object, slot, (uint64_t)count, (uint64_t)count + 1);
	if (block) { /* straight to it: the queue stays empty */
		uint32_t to = wait_peek(m, block)->thread, by = wait_peek(m, block)->slot;
		uint64_t waited = (machine_cycle(m) - thread_peek(m, to)->wait_since) / CYCLES_PER_TICK;
		emit_object(m, EV_OBJECT_WAKE, to, object, by && slot_peek(m, by)->object == object ? by : 0, 0, waited);
		thread_row(m, to)->cont_arg[1] = row;
		wait_finish(m, to, NT_SUCCESS, SIGNAL_INCREMENT);
		return true;
	}
	struct w_port *port = port_mut(m, object);
	*(port->last ? &packet_mut(m, port->last)->next : &port->first) = row;
	port->last = row;
	object_state_set(m, object, count + 1);
	wait_scan(m, object, SIGNAL_INCREMENT);
	return true;
}

/* Takes the oldest packet out of the queue; its row, 0 = there is none. */
static uint32_t take(struct machine *m, uint32_t object)
{
	struct w_port *port = port_mut(m, object);
	uint32_t row = port->first;
	if (!row)
		return 0;
	port->first = packet_mut(m, row)->next;
	if (!port->first)
		port->last = 0;
	object_state_set(m, object, object_signal_state(m, object) - 1);
	return row;
}

static void put(struct machine *m, uint32_t ga, uint32_t v)
{
	be32 b = be32_of(v);
	if (ga)
		object_put(m, ga, &b, sizeof b);
}

/* Writes packet @row where the call's arguments say, and forgets it. */
static void hand_out(struct machine *m, uint32_t row, uint32_t key, uint32_t context, uint32_t iosb)
{
	const struct w_packet p = *packet_mut(m, row);
	struct g_io_status_block b = { be32_of(p.status), be32_of(p.information) };
	put(m, key, p.key);
	put(m, context, p.context);
	if (iosb)
		object_put(m, iosb, &b, sizeof b);
	memset(packet_mut(m, row), 0, sizeof p);
	arena_give(&m->world, m->t_packet, row);
}

void port_gone(struct machine *m, uint32_t object)
{
	uint32_t next, port = object_peek(m, object)->part;
	for (uint32_t row = port_mut(m, object)->first; row; row = next) {
		next = packet_mut(m, row)->next;
		memset(packet_mut(m, row), 0, sizeof(struct w_packet));
		arena_give(&m->world, m->t_packet, row);
	}
	memset(port_mut(m, object), 0, sizeof(struct w_port));
	arena_give(&m->world, m->t_port, port);
}

/* ---- exports -------------------------------------------------------------------------------------------------------------------- */

/* How many threads may run at a time (argument 3) is not enforced: each packet wakes one. */
void k_NtCreateIoCompletion(struct machine *m, struct call *c)
{
	uint32_t port = arena_take(&m->world, m->t_port);
	uint32_t object = port ? object_new(m, c->thread, OT_COMPLETION, PORT_BODY_BYTES) : 0;
	if (!object) {
		if (port)
			arena_give(&m->world, m->t_port, port);
		call_return(c, NT_INSUFFICIENT_RESOURCES);
		return;
	}
	object_row(m, object)->part = port;
	arg_handle_out(m, c, object, arg32(c, 0));
}

void k_NtSetIoCompletion(struct machine *m, struct call *c)
{
	uint32_t slot, object = arg_by_handle(m, c, arg32(c, 0), OT_BIT(OT_COMPLETION), &slot);
	const struct w_packet p = {
		.key = arg32(c, 1), .context = arg32(c, 2), .status = arg32(c, 3), .information = arg32(c, 4)
	};
	if (object && !port_post(m, c->thread, object, slot, &p))
		call_return(c, NT_INSUFFICIENT_RESOURCES);
}

/* IO_COMPLETION_BASIC_INFORMATION: packets in the queue. */
void k_NtQueryIoCompletion(struct machine *m, struct call *c)
{
	uint32_t object = arg_by_handle(m, c, arg32(c, 0), OT_BIT(OT_COMPLETION), NULL);
	if (object)
		out32(m, c, arg32(c, 1), (uint32_t)object_signal_state(m, object));
}

/* Not alertable. A timeout leaves the places untouched. */
void k_NtRemoveIoCompletion(struct machine *m, struct call *c)
{
	uint32_t slot, object = arg_by_handle(m, c, arg32(c, 0), OT_BIT(OT_COMPLETION), &slot);
	if (!object)
		return;
	struct wait_request r = { .count = 1,
		.cont = CONT_PORT,
		.mode = 1,
		.object = { object },
		.slot = { slot },
		.cont_arg = { arg32(c, 1), 0, arg32(c, 2), arg32(c, 3) } };
	r.due = wait_due(m, c, arg32(c, 4));
	if (c->faulted)
		return;
	uint32_t row = take(m, object);
	if (row)
		hand_out(m, row, arg32(c, 1), arg32(c, 2), arg32(c, 3));
	else
		wait_call(m, c, &r);
}

void cont_PORT(struct machine *m, uint32_t thread)
{
	const struct w_thread *t = thread_peek(m, thread);
	uint32_t nt = (uint32_t)t->result;
	if (t->cont_arg[1])
		hand_out(m, (uint32_t)t->cont_arg[1], (uint32_t)t->cont_arg[0], (uint32_t)t->cont_arg[2],
			(uint32_t)t->cont_arg[3]);
	call_finish(m, thread, nt);
}
