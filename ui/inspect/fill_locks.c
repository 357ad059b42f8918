/* ui/inspect/fill_locks.c - the tables of what has an owner: mutants, critical sections, read-write locks, spin locks that are spun on; kernel queues. */
#include "config.h"

#include "ui/inspect/inspect.h"

#include <stdio.h>

#include "kernel/ex_guest.h"
#include "kernel/guest.h"
#include "kernel/object.h"
#include "kernel/owner.h"
#include "kernel/rwlock.h"
#include "ui/inspect/books.h"

static bool section_at(const struct machine *m, uint32_t object, struct g_rtl_critical_section *s)
{
	return mem_peek(&m->mem, object_peek(m, object)->body_ga, s, sizeof *s) == MEM_OK;
}

/* A lock's other object: readers wait for one, writers for the other. 0 = none was made. */
static uint32_t shared_part(const struct machine *m, uint32_t object)
{
	uint32_t lock = object_peek(m, object)->type == OT_RWLOCK_EXCL ? rwlock_of(m, object) : 0;
	return lock ? object_by_ga(m, GA(lock, g_erwlock, reader_semaphore)) : 0;
}

static uint32_t waiters(const struct machine *m, uint32_t object)
{
	uint32_t shared = shared_part(m, object);
	return object_peek(m, object)->waiters + (shared ? object_peek(m, shared)->waiters : 0);
}

/* How many times its owners are inside; 0 = it is free. */
static uint32_t depth(const struct machine *m, uint32_t object)
{
	struct g_rtl_critical_section s;
	const struct rwlock_hold *h;
	uint32_t times = 0;
	for (unsigned n = 0; (h = rwlock_hold(m, rwlock_of(m, object), n)); n++)
		times += h->times;
	if (rwlock_of(m, object))
		return times;
	if (object_peek(m, object)->type == OT_MUTANT)
		return object_signal_state(m, object) > 0 ? 0 : 1u - (uint32_t)object_signal_state(m, object);
	return section_at(m, object, &s) ? be32_get(s.recursion_count) : 0;
}

static void put_owner(struct table *t, const struct machine *m, uint32_t owner)
{
	char name[SYMBOL_TEXT];
	if (!owner) {
		put_none(t);
		put_none(t);
		put_none(t);
		return;
	}
	put_tid(t, thread_peek(m, owner)->tid);
	put_str(t, thread_name(m, owner, name, sizeof name));
	put_str(t, thread_state_word(m, owner));
}

static void put_waiting(struct table *t, const struct machine *m, uint32_t object)
{
	char words[WORDS_TEXT];
	uint32_t shared = shared_part(m, object), wait = object_peek(m, object)->wait_head,
		 first = shared ? object_peek(m, shared)->wait_head : 0;
	uint64_t since = wait ? thread_peek(m, wait_peek(m, wait)->thread)->wait_since : UINT64_MAX;
	object_waiter_words(m, object, words, sizeof words);
	size_t length = strlen(words);
	if (first && length + 1 < sizeof words) {
		object_waiter_words(m, shared, words + length + (length != 0), sizeof words - length - (length != 0));
		if (length)
			words[length] = ' ';
	}
	if (first && thread_peek(m, wait_peek(m, first)->thread)->wait_since < since)
		since = thread_peek(m, wait_peek(m, first)->thread)->wait_since;
	put_words(t, words);
	if (since != UINT64_MAX)
		put_cycles(t, since);
	else
		put_none(t);
}

static void put_lock(struct table *t, const struct machine *m, uint32_t object)
{
	const char *how;
	const struct w_object *o = object_peek(m, object);
	uint32_t owner = object_owner(m, object, &how);
	put_object(t, o->id);
	if (o->slot_first)
		put_handle(t, slot_peek(m, o->slot_first)->handle, slot_peek(m, o->slot_first)->generation);
	else
		put_none(t);
	put_str(t, rwlock_of(m, object) ? object_type_family(o->type) : object_type_name(o->type));
	put_code(t, m, rwlock_of(m, object) ? rwlock_of(m, object) : o->body_ga);
	put_owner(t, m, owner);
	put_u64(t, depth(m, object));
	put_waiting(t, m, object);
	if (owner && thread_peek(m, owner)->state != TS_TERMINATED)
		put_code(t, m, thread_pc(m, owner));
	else
		put_none(t);
	put_str(t, object_name(m, object));
}

/* The word of a taken spin lock is the owner's KPCR: it names a hardware thread, and so whoever runs there. */
static uint32_t spin_owner(const struct machine *m, uint32_t lock)
{
	be32 word;
	if (mem_peek(&m->mem, lock, &word, sizeof word) != MEM_OK)
		return 0;
	for (uint32_t hw = 0; hw < HW_THREADS; hw++)
		if (hw_peek(m, hw)->kpcr_ga == be32_get(word))
			return hw_peek(m, hw)->current;
	return 0;
}

static void put_spinning(struct table *t, const struct machine *m, uint32_t thread)
{
	uint32_t lock = (uint32_t)context_peek(m, thread)->gpr[3], owner = spin_owner(m, lock);
	char words[16];
	put_none(t);
	put_none(t);
	put_str(t, "SpinLock");
	put_code(t, m, lock);
	put_owner(t, m, owner);
	put_u64(t, 1);
	snprintf(words, sizeof words, "%u", thread_peek(m, thread)->tid);
	put_words(t, words);
	put_none(t);
	if (owner)
		put_code(t, m, thread_pc(m, owner));
	else
		put_none(t);
	put_none(t);
}

void fill_locks(struct table *t, const struct query *q)
{
	const struct machine *m = q->machine;
	bool all = q->word && !strcmp(q->word, "-a");
	unsigned left_out = 0;
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_object); row++) {
		const struct w_object *o = object_peek(m, row);
		if (!o->id || !type_is_owned(o->type) || o->type == OT_RWLOCK_SHARED)
			continue;
		if (all || waiters(m, row) || depth(m, row))
			put_lock(t, m, row);
		else
			left_out++;
	}
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_thread); row++)
		if (thread_peek(m, row)->tid && thread_peek(m, row)->spinning)
			put_spinning(t, m, row);
	if (left_out)
		table_note(t, "%u more are free (`locks -a`)", left_out);
}

void fill_cs(struct table *t, const struct query *q)
{
	const struct machine *m = q->machine;
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_object); row++) {
		struct g_rtl_critical_section s;
		const struct w_object *o = object_peek(m, row);
		const char *how;
		if (!o->id || o->type != OT_CRITSEC || !section_at(m, row, &s))
			continue;
		uint32_t owner = object_owner(m, row, &how);
		put_object(t, o->id);
		put_code(t, m, o->body_ga);
		put_str(t, owner ? "taken" : be32_get(s.lock_count) == UINT32_MAX ? "free" : "handed over");
		put_tid(t, owner ? thread_peek(m, owner)->tid : 0);
		put_u64(t, be32_get(s.recursion_count));
		put_s64(t, (int32_t)be32_get(s.lock_count));
		put_u64(t, s.header.absolute * 256u);
		put_waiting(t, m, row);
	}
	table_note(t, "a section that was set up without a call is known once somebody has waited for it");
}

/* "2 5": who is inside. */
static void put_holders(struct table *t, const struct machine *m, uint32_t lock)
{
	char words[WORDS_TEXT] = "";
	size_t length = 0;
	const struct rwlock_hold *h;
	for (unsigned n = 0; (h = rwlock_hold(m, lock, n)) && length + 16 < sizeof words; n++)
		length += (size_t)snprintf(words + length, sizeof words - length, "%s%u", length ? " " : "", h->tid);
	put_words(t, words);
}

static void put_rwlock(struct table *t, const struct machine *m, uint32_t object, const struct g_erwlock *l)
{
	char words[WORDS_TEXT];
	uint32_t lock = rwlock_of(m, object), shared = shared_part(m, object);
	const struct rwlock_hold *h = rwlock_hold(m, lock, 0);
	put_object(t, object_peek(m, object)->id);
	put_object(t, shared ? object_peek(m, shared)->id : 0);
	put_code(t, m, lock);
	put_str(t, h ? h->exclusive ? "written" : "read" : be32_get(l->lock_count) == UINT32_MAX ? "free" : "handed over");
	put_holders(t, m, lock);
	put_s64(t, (int32_t)be32_get(l->lock_count));
	put_u64(t, be32_get(l->readers_entry_count));
	object_waiter_words(m, object, words, sizeof words);
	put_words(t, words);
	words[0] = 0;
	if (shared)
		object_waiter_words(m, shared, words, sizeof words);
	put_words(t, words);
	if (h)
		put_cycles(t, h->since);
	else
		put_none(t);
}

void fill_rwlocks(struct table *t, const struct query *q)
{
	const struct machine *m = q->machine;
	struct g_erwlock l;
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_object); row++)
		if (object_peek(m, row)->id && object_peek(m, row)->type == OT_RWLOCK_EXCL &&
			mem_peek(&m->mem, rwlock_of(m, row), &l, sizeof l) == MEM_OK)
			put_rwlock(t, m, row, &l);
	table_note(t, "a lock that was set up without a call is known once somebody has waited for it");
}

/* The threads that belong to the queue at @ga. */
static void put_queue_threads(struct table *t, const struct machine *m, uint32_t ga)
{
	char words[WORDS_TEXT] = "";
	size_t length = 0;
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_thread) && length + 16 < sizeof words; row++) {
		const struct w_thread *th = thread_peek(m, row);
		be32 queue;
		if (th->tid && th->kthread_ga && mem_peek(&m->mem, GA(th->kthread_ga, g_kthread, queue), &queue, sizeof queue) == MEM_OK &&
			be32_get(queue) == ga)
			length += (size_t)snprintf(words + length, sizeof words - length, "%s%u", length ? " " : "", th->tid);
	}
	put_words(t, words);
}

void fill_queues(struct table *t, const struct query *q)
{
	const struct machine *m = q->machine;
	char words[WORDS_TEXT];
	struct g_kqueue k;
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_object); row++) {
		const struct w_object *o = object_peek(m, row);
		if (!o->id || o->type != OT_QUEUE || mem_peek(&m->mem, o->body_ga, &k, sizeof k) != MEM_OK)
			continue;
		put_object(t, o->id);
		put_symbol(t, m->image, o->body_ga);
		put_s64(t, (int32_t)be32_get(k.header.signal_state));
		put_u64(t, be32_get(k.current_count));
		put_u64(t, be32_get(k.maximum_count));
		put_queue_threads(t, m, o->body_ga);
		object_waiter_words(m, row, words, sizeof words);
		put_words(t, words);
	}
}
