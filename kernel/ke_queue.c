/* kernel/ke_queue.c - Ke*Queue: kernel queues, and how many of a queue's threads may run at once.
 *
 * All state lies in the title's memory: g_kqueue, and KTHREAD.queue with the thread's entry on the queue's list. A thread belongs to the
 * queue from which it has taken last. Of the threads of a queue current_count run; when one of them begins to wait, for whatever, the next
 * one may take an entry. Whoever has waited shortest is served first. An entry taken has a flink of 0. (Source: the rules of another emulator's
 * disassembly-derived kernel; the layout also stands for the original Xbox. Its test for a thread that inserts while it waits for the same
 * queue is left out: here a waiting thread does not insert.)
 */
#include "config.h"

#include "kernel/ke_queue.h"

#include "kernel/args.h"
#include "kernel/cont.h"
#include "kernel/emit.h"
#include "kernel/ex_guest.h"
#include "kernel/handlers.h"
#include "kernel/object.h"
#include "kernel/rows.h"
#include "kernel/wait.h"

#define WAIT_REASON_QUEUE 4
#define THREADS_MAX_OF_QUEUE 4096u /* a list that is longer is broken */

#define SIGNAL_STATE(q) GA(q, g_kqueue, header.signal_state)
#define ENTRIES(q) GA(q, g_kqueue, entry_list_head)
#define COUNT(q) GA(q, g_kqueue, current_count)
#define MAXIMUM(q) GA(q, g_kqueue, maximum_count)
#define THREADS(q) GA(q, g_kqueue, thread_list_head)
#define FLINK(e) GA(e, g_list_entry, flink)
#define BLINK(e) GA(e, g_list_entry, blink)

/* ---- words and lists in the title's memory: what is not mapped reads as 0 and swallows writes -------------------------------------- */

static uint32_t get(const struct machine *m, uint32_t ga)
{
	be32 v;
	return mem_peek(&m->mem, ga, &v, sizeof v) == MEM_OK ? be32_get(v) : 0;
}

static void put(struct machine *m, uint32_t ga, uint32_t v)
{
	be32 b = be32_of(v);
	object_put(m, ga, &b, sizeof b);
}

static void add(struct machine *m, uint32_t ga, uint32_t by)
{
	put(m, ga, get(m, ga) + by);
}

static void list_init(struct machine *m, uint32_t head)
{
	put(m, FLINK(head), head);
	put(m, BLINK(head), head);
}

static void list_insert(struct machine *m, uint32_t entry, uint32_t before)
{
	uint32_t last = get(m, BLINK(before));
	put(m, FLINK(entry), before);
	put(m, BLINK(entry), last);
	put(m, FLINK(last), entry);
	put(m, BLINK(before), entry);
}

static void list_remove(struct machine *m, uint32_t entry)
{
	uint32_t next = get(m, FLINK(entry)), last = get(m, BLINK(entry));
	put(m, FLINK(last), next);
	put(m, BLINK(next), last);
}

/* ---- who may run --------------------------------------------------------------------------------------------------------------------- */

#define QUEUE_OF(m, thread) GA(thread_peek(m, thread)->kthread_ga, g_kthread, queue)
#define THREAD_ENTRY(m, thread) GA(thread_peek(m, thread)->kthread_ga, g_kthread, queue_related)

static uint32_t first_entry(const struct machine *m, uint32_t q)
{
	uint32_t e = get(m, FLINK(ENTRIES(q)));
	return e == ENTRIES(q) ? 0 : e;
}

static bool may_run(const struct machine *m, uint32_t q)
{
	return get(m, COUNT(q)) < get(m, MAXIMUM(q));
}

static uint32_t take(struct machine *m, uint32_t q)
{
	uint32_t entry = first_entry(m, q);
	list_remove(m, entry);
	put(m, FLINK(entry), 0);
	add(m, SIGNAL_STATE(q), UINT32_MAX);
	return entry;
}

/* The wait row of the thread that has waited shortest to take an entry, 0 = none. */
static uint32_t newest_waiter(const struct machine *m, uint32_t object)
{
	uint32_t row = object_peek(m, object)->wait_tail;
	while (row && thread_peek(m, wait_peek(m, row)->thread)->cont != CONT_QUEUE)
		row = wait_peek(m, row)->prev;
	return row;
}

/* Gives entries to waiters as long as there are both and one more may run. */
static void serve(struct machine *m, uint32_t object)
{
	uint32_t q = object_peek(m, object)->body_ga, row;
	while (first_entry(m, q) && may_run(m, q) && (row = newest_waiter(m, object)))
		wait_hand(m, row, take(m, q), 0);
}

static uint32_t queue_object(const struct machine *m, uint32_t q)
{
	uint32_t object = q ? object_by_ga(m, q) : 0;
	return object && object_peek(m, object)->type == OT_QUEUE ? object : 0;
}

void queue_thread_waits(struct machine *m, uint32_t thread)
{
	uint32_t q = get(m, QUEUE_OF(m, thread)), object = queue_object(m, q);
	if (!object || thread_peek(m, thread)->cont == CONT_QUEUE)
		return; /* KeRemoveQueue counts for itself */
	add(m, COUNT(q), UINT32_MAX);
	serve(m, object);
}

void queue_thread_goes_on(struct machine *m, uint32_t thread)
{
	uint32_t q = get(m, QUEUE_OF(m, thread));
	if (queue_object(m, q))
		add(m, COUNT(q), 1);
}

static void leave(struct machine *m, uint32_t thread)
{
	uint32_t q = get(m, QUEUE_OF(m, thread)), object = queue_object(m, q);
	if (!object)
		return;
	list_remove(m, THREAD_ENTRY(m, thread));
	put(m, QUEUE_OF(m, thread), 0);
	add(m, COUNT(q), UINT32_MAX);
	serve(m, object);
}

void queue_thread_gone(struct machine *m, uint32_t thread)
{
	leave(m, thread);
}

void queue_poll(struct machine *m, uint32_t object)
{
	if (object_peek(m, object)->type == OT_QUEUE)
		serve(m, object);
}

/* ---- the calls ----------------------------------------------------------------------------------------------------------------------- */

/* (queue, how many may run: 0 = one) */
void k_KeInitializeQueue(struct machine *m, struct call *c)
{
	uint32_t q = arg32(c, 0);
	struct g_kqueue g = { .maximum_count = be32_of(arg32(c, 1) ? arg32(c, 1) : 1) };
	g.header.type = 4;
	g.header.size = sizeof g / 4;
	g.header.wait_list_flink = g.header.wait_list_blink = be32_of(GA(q, g_kqueue, header.wait_list_flink));
	if (!out_bytes(m, c, q, &g, sizeof g))
		return;
	list_init(m, ENTRIES(q));
	list_init(m, THREADS(q));
	uint32_t object = object_initialize(m, c->thread, OT_QUEUE, q);
	if (object)
		object_born(m, c->thread, object);
}

static void insert(struct machine *m, struct call *c, bool head)
{
	uint32_t entry = arg32(c, 1), object = arg_by_pointer(m, c, arg32(c, 0), OT_BIT(OT_QUEUE));
	struct g_list_entry e;
	if (!object || !in_bytes(m, c, entry, &e, sizeof e) || !out_bytes(m, c, entry, &e, sizeof e))
		return;
	uint32_t q = object_peek(m, object)->body_ga;
	int32_t previous = (int32_t)get(m, SIGNAL_STATE(q));
	bool hands = may_run(m, q) && newest_waiter(m, object);
	emit_object(
		m, EV_OBJECT_SIGNAL, c->thread, object, 0, (uint64_t)(int64_t)previous, (uint64_t)(int64_t)(previous + !hands));
	call_return(c, (uint32_t)previous);
	if (hands) {
		wait_hand(m, newest_waiter(m, object), entry, 0);
		return;
	}
	list_insert(m, entry, head ? get(m, FLINK(ENTRIES(q))) : ENTRIES(q));
	add(m, SIGNAL_STATE(q), 1);
}

/* (queue, entry): how many there were before */
void k_KeInsertQueue(struct machine *m, struct call *c)
{
	insert(m, c, false);
}

void k_KeInsertHeadQueue(struct machine *m, struct call *c)
{
	insert(m, c, true);
}

/* From now on it is a thread of queue @q. One that was it already does not run until it has an entry. */
static void join(struct machine *m, uint32_t thread, uint32_t q)
{
	if (get(m, QUEUE_OF(m, thread)) == q) {
		add(m, COUNT(q), UINT32_MAX);
		return;
	}
	leave(m, thread);
	put(m, QUEUE_OF(m, thread), q);
	list_insert(m, THREAD_ENTRY(m, thread), THREADS(q));
}

/* (queue, wait mode, timeout*): the entry, or why there is none. */
void k_KeRemoveQueue(struct machine *m, struct call *c)
{
	struct wait_request r = { .count = 1, .cont = CONT_QUEUE, .reason = WAIT_REASON_QUEUE, .mode = (uint8_t)arg32(c, 1) };
	r.object[0] = arg_by_pointer(m, c, arg32(c, 0), OT_BIT(OT_QUEUE));
	if (!r.object[0])
		return;
	uint32_t q = object_peek(m, r.object[0])->body_ga;
	r.due = wait_due(m, c, arg32(c, 2));
	if (c->faulted)
		return;
	join(m, c->thread, q);
	if (first_entry(m, q) && may_run(m, q)) {
		wait_not_needed(m, c->thread, r.object[0]);
		add(m, COUNT(q), 1);
		call_return(c, take(m, q));
		return;
	}
	wait_call(m, c, &r);
	if (!thread_peek(m, c->thread)->parked)
		add(m, COUNT(q), 1); /* the wait was over before it began */
}

void cont_QUEUE(struct machine *m, uint32_t thread)
{
	call_finish(m, thread, thread_peek(m, thread)->result);
}

/* (queue): its threads are none of it any more; the first entry, which hangs in a ring with the others, or 0. */
void k_KeRundownQueue(struct machine *m, struct call *c)
{
	uint32_t object = arg_by_pointer(m, c, arg32(c, 0), OT_BIT(OT_QUEUE));
	if (!object)
		return;
	uint32_t q = object_peek(m, object)->body_ga, entry = first_entry(m, q), at;
	if (entry)
		list_remove(m, ENTRIES(q));
	for (unsigned n = 0; n < THREADS_MAX_OF_QUEUE && (at = get(m, FLINK(THREADS(q)))) && at != THREADS(q); n++) {
		list_remove(m, at);
		put(m, at - (uint32_t)offsetof(struct g_kthread, queue_related) + (uint32_t)offsetof(struct g_kthread, queue), 0);
	}
	call_return(c, entry);
}
