/* kernel/rwlock.c - see rwlock.h
 *
 * lock_count counts from -1 (free) who is inside and who waits; readers_entry_count the readers inside. A reader comes in while readers are
 * inside and no writer waits. The last reader out lets one writer in; a writer lets all waiting readers in, else the next writer. Who waits is
 * handed the lock: it is counted as inside before it runs. (Layout: facts, struct layouts; rules: the original Xbox's kernel, as
 * Cxbx-Reloaded's ExReleaseReadWriteLock has it. Another emulator counts readers_entry_count down for a writer too, and would leave
 * the next writer waiting for ever; that is not taken over.)
 */
#include "config.h"

#include "kernel/rwlock.h"

#include "kernel/call.h"
#include "kernel/cont.h"
#include "kernel/handlers.h"
#include "kernel/object.h"
#include "kernel/rows.h"
#include "kernel/wait.h"

#define HOLDS_MAX (1u << 16)
#define WAIT_REASON_EXECUTIVE 7
#define READERS_MAX 0x7FFFFFFFu

#define EVENT(ga) GA(ga, g_erwlock, writer_event)
#define SEMAPHORE(ga) GA(ga, g_erwlock, reader_semaphore)

void rwlocks_layout(struct machine *m)
{
	m->t_rwlock_hold = arena_table_add(&m->history, "rwlock.hold", sizeof(struct rwlock_hold), HOLDS_MAX);
}

uint32_t rwlock_of(const struct machine *m, uint32_t object)
{
	const struct w_object *o = object_peek(m, object);
	if (o->type == OT_RWLOCK_EXCL)
		return o->body_ga - (uint32_t)offsetof(struct g_erwlock, writer_event);
	return o->type == OT_RWLOCK_SHARED ? o->body_ga - (uint32_t)offsetof(struct g_erwlock, reader_semaphore) : 0;
}

/* ---- who is inside: for the user ------------------------------------------------------------------------------------------------- */

static const struct rwlock_hold *hold_peek(const struct machine *m, uint32_t row)
{
	return arena_peek(&m->history, m->t_rwlock_hold, row);
}

static uint32_t hold_row(const struct machine *m, uint32_t ga, unsigned n)
{
	for (uint32_t row = 1; row < arena_count(&m->history, m->t_rwlock_hold); row++)
		if (hold_peek(m, row)->ga == ga && !n--)
			return row;
	return 0;
}

const struct rwlock_hold *rwlock_hold(const struct machine *m, uint32_t ga, unsigned n)
{
	uint32_t row = ga ? hold_row(m, ga, n) : 0;
	return row ? hold_peek(m, row) : NULL;
}

static uint32_t hold_of(const struct machine *m, uint32_t ga, uint32_t thread)
{
	uint32_t row, tid = thread ? thread_peek(m, thread)->tid : 0;
	for (unsigned n = 0; (row = hold_row(m, ga, n)); n++)
		if (hold_peek(m, row)->tid == tid)
			return row;
	return 0;
}

static void came_in(struct machine *m, uint32_t thread, uint32_t ga, bool exclusive)
{
	uint32_t row = hold_of(m, ga, thread);
	bool again = row != 0;
	if (!row)
		row = arena_take(&m->history, m->t_rwlock_hold);
	if (!row)
		return; /* 65536 at once: this one is not known */
	struct rwlock_hold *h = arena_row(&m->history, m->t_rwlock_hold, row);
	if (!again)
		*h = (struct rwlock_hold){ .since = machine_cycle(m), .ga = ga, .tid = thread_peek(m, thread)->tid };
	h->times++;
	h->exclusive |= exclusive;
}

/* Whoever leaves need not be who came in: then the first one that is known counts as having left. */
static void went_out(struct machine *m, uint32_t thread, uint32_t ga)
{
	uint32_t row = hold_of(m, ga, thread);
	if (!row)
		row = hold_row(m, ga, 0);
	if (!row)
		return;
	struct rwlock_hold *h = arena_row(&m->history, m->t_rwlock_hold, row);
	if (!--h->times)
		arena_give(&m->history, m->t_rwlock_hold, row);
}

/* ---- the lock ------------------------------------------------------------------------------------------------------------------------ */

/* The four counts; the rest of the lock are its objects. */
struct counts {
	be32 lock, writers_waiting, readers_waiting, readers;
};
_Static_assert(sizeof(struct counts) == offsetof(struct g_erwlock, writer_event), "the counts come first");

static void add(be32 *count, uint32_t by)
{
	*count = be32_of(be32_get(*count) + by);
}

/* The objects of a lock that was set up without a call are made when somebody first has to wait, or is let in. */
static uint32_t part(struct machine *m, uint32_t thread, uint32_t ga, enum object_type type)
{
	uint32_t body = type == OT_RWLOCK_EXCL ? EVENT(ga) : SEMAPHORE(ga), object = object_by_ga(m, body);
	if (object && object_peek(m, object)->type == type)
		return object;
	object = object ? object_initialize(m, thread, type, body) : object_new_at(m, thread, type, body, true);
	if (object)
		object_born(m, thread, object);
	return object;
}

void k_ExInitializeReadWriteLock(struct machine *m, struct call *c)
{
	uint32_t ga = arg32(c, 0), row;
	struct g_erwlock l = { .lock_count = be32_of(UINT32_MAX) };
	l.writer_event.header.type = 1;
	l.writer_event.header.size = sizeof l.writer_event / 4;
	l.writer_event.header.wait_list_flink = l.writer_event.header.wait_list_blink =
		be32_of(GA(EVENT(ga), g_dispatch_header, wait_list_flink));
	l.reader_semaphore.header.type = 5;
	l.reader_semaphore.header.size = sizeof l.reader_semaphore / 4;
	l.reader_semaphore.header.wait_list_flink = l.reader_semaphore.header.wait_list_blink =
		be32_of(GA(SEMAPHORE(ga), g_dispatch_header, wait_list_flink));
	l.reader_semaphore.limit = be32_of(READERS_MAX);
	if (!out_bytes(m, c, ga, &l, sizeof l))
		return;
	while ((row = hold_row(m, ga, 0)))
		arena_give(&m->history, m->t_rwlock_hold, row);
	for (unsigned shared = 0; shared < 2; shared++) {
		uint32_t object = object_initialize(
			m, c->thread, shared ? OT_RWLOCK_SHARED : OT_RWLOCK_EXCL, shared ? SEMAPHORE(ga) : EVENT(ga));
		if (object)
			object_born(m, c->thread, object);
	}
}

/* Parks on the lock's event or semaphore. It may have been signalled already, by somebody who knows what lies in a lock. */
static void wait_for(struct machine *m, struct call *c, uint32_t ga, bool exclusive)
{
	struct wait_request r = { .count = 1, .due = DEADLINE_NEVER, .cont = CONT_RWLOCK, .reason = WAIT_REASON_EXECUTIVE };
	r.cont_arg[0] = ga;
	r.cont_arg[1] = exclusive;
	r.object[0] = part(m, c->thread, ga, exclusive ? OT_RWLOCK_EXCL : OT_RWLOCK_SHARED);
	if (!r.object[0] || !part(m, c->thread, ga, exclusive ? OT_RWLOCK_SHARED : OT_RWLOCK_EXCL))
		return;
	wait_call(m, c, &r);
	if (!c->parked)
		came_in(m, c->thread, ga, exclusive);
}

void cont_RWLOCK(struct machine *m, uint32_t thread)
{
	const struct w_thread *t = thread_peek(m, thread);
	came_in(m, thread, (uint32_t)t->cont_arg[0], t->cont_arg[1]);
	call_finish(m, thread, t->result);
}

static bool reader_may_enter(const struct counts *n)
{
	return be32_get(n->readers) && !be32_get(n->writers_waiting);
}

void k_ExAcquireReadWriteLockExclusive(struct machine *m, struct call *c)
{
	struct counts n;
	uint32_t ga = arg32(c, 0);
	if (!in_bytes(m, c, ga, &n, sizeof n))
		return;
	add(&n.lock, 1);
	bool waits = be32_get(n.lock) != 0;
	add(&n.writers_waiting, waits);
	if (!out_bytes(m, c, ga, &n, sizeof n))
		return;
	if (waits)
		wait_for(m, c, ga, true);
	else
		came_in(m, c->thread, ga, true);
}

void k_ExAcquireReadWriteLockShared(struct machine *m, struct call *c)
{
	struct counts n;
	uint32_t ga = arg32(c, 0);
	if (!in_bytes(m, c, ga, &n, sizeof n))
		return;
	add(&n.lock, 1);
	bool waits = be32_get(n.lock) && !reader_may_enter(&n);
	add(waits ? &n.readers_waiting : &n.readers, 1);
	if (!out_bytes(m, c, ga, &n, sizeof n))
		return;
	if (waits)
		wait_for(m, c, ga, false);
	else
		came_in(m, c->thread, ga, false);
}

static void try_enter(struct machine *m, struct call *c, bool exclusive)
{
	struct counts n;
	uint32_t ga = arg32(c, 0);
	if (!in_bytes(m, c, ga, &n, sizeof n) || ((int32_t)be32_get(n.lock) >= 0 && (exclusive || !reader_may_enter(&n))))
		return;
	n.lock = exclusive ? be32_of(0) : be32_of(be32_get(n.lock) + 1);
	add(&n.readers, !exclusive);
	if (!out_bytes(m, c, ga, &n, sizeof n))
		return;
	came_in(m, c->thread, ga, exclusive);
	call_return(c, 1);
}

void k_ExTryToAcquireReadWriteLockExclusive(struct machine *m, struct call *c)
{
	try_enter(m, c, true);
}

void k_ExTryToAcquireReadWriteLockShared(struct machine *m, struct call *c)
{
	try_enter(m, c, false);
}

static bool let_readers_in(struct machine *m, uint32_t thread, uint32_t ga, uint32_t readers)
{
	int32_t previous;
	uint32_t object = part(m, thread, ga, OT_RWLOCK_SHARED);
	return object && semaphore_release(m, thread, object, 0, (int32_t)readers, SIGNAL_INCREMENT, &previous);
}

static bool let_writer_in(struct machine *m, uint32_t thread, uint32_t ga)
{
	uint32_t object = part(m, thread, ga, OT_RWLOCK_EXCL);
	if (object)
		event_set(m, thread, object, 0, SIGNAL_INCREMENT);
	return object != 0;
}

bool rwlock_leave(struct machine *m, uint32_t thread, uint32_t ga)
{
	struct counts n;
	uint32_t waiting = 0;
	bool writer = false;
	if (mem_peek(&m->mem, ga, &n, sizeof n) != MEM_OK)
		return false;
	went_out(m, thread, ga);
	add(&n.lock, UINT32_MAX);
	if ((int32_t)be32_get(n.lock) < 0) {
		n.readers = be32_of(0);
	} else if (!be32_get(n.readers) && be32_get(n.readers_waiting)) {
		waiting = be32_get(n.readers_waiting);
		n.readers = n.readers_waiting;
		n.readers_waiting = be32_of(0);
	} else {
		add(&n.readers, be32_get(n.readers) ? UINT32_MAX : 0);
		writer = !be32_get(n.readers);
		add(&n.writers_waiting, writer ? UINT32_MAX : 0);
	}
	object_put(m, ga, &n, sizeof n);
	return waiting ? let_readers_in(m, thread, ga, waiting) : !writer || let_writer_in(m, thread, ga);
}

/* Who leaves is not looked at, as on the console. */
void k_ExReleaseReadWriteLock(struct machine *m, struct call *c)
{
	struct counts n;
	uint32_t ga = arg32(c, 0);
	if (!in_bytes(m, c, ga, &n, sizeof n) || !out_bytes(m, c, ga, &n, sizeof n))
		return;
	if (!rwlock_leave(m, c->thread, ga))
		raise_status(m, c, NT_SEMAPHORE_LIMIT_EXCEEDED);
}
