/* kernel/stall.c - see stall.h */
#include "config.h"

#include "kernel/stall.h"

#include <stdio.h>
#include <stdlib.h>

#include "kernel/object.h"
#include "kernel/owner.h"
#include "kernel/rows.h"
#include "kernel/stop.h"

#define PAIRS_MAX (1u << 22)

/* Rows of the history arena. */
struct h_stall {               /* "stall", one row */
	uint64_t silent_till;  /* cycle before which no further stop is asked for */
	uint64_t active;       /* cycle of the last look: something could run then */
	uint64_t active_since; /* cycle since when there was no pause of half the stall time or more */
};
struct h_stall_object {     /* "stall.object", the object's row */
	uint64_t signalled; /* cycle of the round of the last signal, 0 = never */
	uint32_t signaller; /* tid, 0 = none */
	uint32_t satisfied; /* stall.pair row: first thread whose wait it has satisfied */
};
struct h_stall_pair {  /* "stall.pair" */
	uint32_t next; /* stall.pair row */
	uint32_t tid;
};
struct h_stall_thread { /* "stall.thread", the thread's row */
	uint64_t ran;   /* cycle of the round in which it was last switched to */
};
ARENA_ROW_SIZE(h_stall, 24);
ARENA_ROW_SIZE(h_stall_object, 16);
ARENA_ROW_SIZE(h_stall_pair, 8);
ARENA_ROW_SIZE(h_stall_thread, 8);

void stalls_layout(struct machine *m)
{
	m->t_stall = arena_table_add(&m->history, "stall", sizeof(struct h_stall), 2);
	m->t_stall_object =
		arena_table_add(&m->history, "stall.object", sizeof(struct h_stall_object), m->world.table[m->t_object].max_rows);
	m->t_stall_pair = arena_table_add(&m->history, "stall.pair", sizeof(struct h_stall_pair), PAIRS_MAX);
	m->t_stall_thread =
		arena_table_add(&m->history, "stall.thread", sizeof(struct h_stall_thread), m->world.table[m->t_thread].max_rows);
}

/* ---- what the kernel tells -------------------------------------------------------------------------------------------------- */

static struct h_stall_object *object_note(struct machine *m, uint32_t object)
{
	arena_cover(&m->history, m->t_stall_object, object);
	return arena_row(&m->history, m->t_stall_object, object);
}

static const struct h_stall_object *note_peek(const struct machine *m, uint32_t object)
{
	return arena_peek(&m->history, m->t_stall_object, object);
}

static const struct h_stall_pair *pair_peek(const struct machine *m, uint32_t pair)
{
	return arena_peek(&m->history, m->t_stall_pair, pair);
}

static bool has_satisfied(const struct machine *m, uint32_t object, uint32_t tid)
{
	uint32_t pair = note_peek(m, object)->satisfied;
	while (pair && pair_peek(m, pair)->tid != tid)
		pair = pair_peek(m, pair)->next;
	return pair != 0;
}

/* Only who waits for events, semaphores and timers can be idle; a lock or a thread is waited for to go on. */
static bool can_idle(const struct machine *m, uint32_t object)
{
	enum object_type t = object_peek(m, object)->type;
	return t != OT_THREAD && !type_is_owned(t);
}

static void satisfied(struct machine *m, uint32_t object, uint32_t thread)
{
	uint32_t tid = thread_peek(m, thread)->tid;
	if (!can_idle(m, object) || has_satisfied(m, object, tid))
		return;
	uint32_t pair = arena_take(&m->history, m->t_stall_pair);
	if (!pair)
		return; /* four million pairs: such a thread counts as one that was never woken */
	struct h_stall_object *o = object_note(m, object);
	*(struct h_stall_pair *)arena_row(&m->history, m->t_stall_pair, pair) = (struct h_stall_pair){ o->satisfied, tid };
	o->satisfied = pair;
}

void stall_note(struct machine *m, enum event_kind kind, uint32_t thread, uint32_t object)
{
	if (kind == EV_OBJECT_WAKE) {
		satisfied(m, object, thread);
	} else if (kind == EV_OBJECT_SIGNAL || kind == EV_OBJECT_PULSE || kind == EV_OBJECT_RELEASE ||
		   kind == EV_OBJECT_ABANDON) {
		struct h_stall_object *o = object_note(m, object);
		o->signalled = machine_row(m)->cycle;
		o->signaller = thread ? thread_peek(m, thread)->tid : 0;
	}
}

void stall_ran(struct machine *m, uint32_t thread)
{
	arena_cover(&m->history, m->t_stall_thread, thread);
	struct h_stall_thread *t = arena_row(&m->history, m->t_stall_thread, thread);
	t->ran = machine_row(m)->cycle;
}

void stall_object_gone(struct machine *m, uint32_t object)
{
	struct h_stall_object *o = object_note(m, object);
	for (uint32_t pair = o->satisfied, next; pair; pair = next) {
		next = pair_peek(m, pair)->next;
		arena_give(&m->history, m->t_stall_pair, pair);
	}
	*o = (struct h_stall_object){ 0 };
}

void stall_thread_gone(struct machine *m, uint32_t thread)
{
	arena_cover(&m->history, m->t_stall_thread, thread);
	memset(arena_row(&m->history, m->t_stall_thread, thread), 0, sizeof(struct h_stall_thread));
}

/* ---- who is what -------------------------------------------------------------------------------------------------------------- */

static uint64_t stall_cycles(const struct machine *m)
{
	return m->options.stall_ticks * CYCLES_PER_TICK;
}

/* Parked for too long, on objects that nobody has signalled in that time. */
static bool overdue(const struct machine *m, uint32_t thread, uint64_t since)
{
	const struct w_thread *t = thread_peek(m, thread);
	if (!t->parked || t->suspend_count || t->deadline != DEADLINE_NEVER || !t->wait_first || t->wait_since >= since)
		return false;
	for (uint32_t row = t->wait_first; row; row = wait_peek(m, row)->thread_next) {
		uint32_t object = wait_peek(m, row)->object;
		if (note_peek(m, object)->signalled > since || object_peek(m, object)->deadline_row)
			return false;
	}
	return true;
}

static enum stall_role first_role(const struct machine *m, uint32_t thread)
{
	const struct w_thread *t = thread_peek(m, thread);
	bool joins = true;
	for (uint32_t row = t->wait_first; row; row = wait_peek(m, row)->thread_next) {
		uint32_t object = wait_peek(m, row)->object;
		if (has_satisfied(m, object, t->tid))
			return STALL_IDLE;
		joins &= object_peek(m, object)->type == OT_THREAD;
	}
	return joins ? STALL_IDLE : STALL_STUCK;
}

/* The thread row that can end a wait on @object: its owner, or who signalled it last; 0 = not known. */
static uint32_t expected_from(const struct machine *m, uint32_t object)
{
	enum object_type t = object_peek(m, object)->type;
	return t == OT_THREAD || type_is_owned(t) ? owner_of(m, object, 0) : thread_by_tid(m, note_peek(m, object)->signaller);
}

/* Counts who is needed by a counted thread, and who joins one; true: somebody new. */
static bool spread(const struct machine *m, uint8_t *role, uint32_t thread)
{
	bool changed = false;
	for (uint32_t row = thread_peek(m, thread)->wait_first; row; row = wait_peek(m, row)->thread_next) {
		uint32_t object = wait_peek(m, row)->object, other = expected_from(m, object);
		if (!other)
			continue;
		bool joins = object_peek(m, object)->type == OT_THREAD;
		uint32_t to = role[thread] == STALL_IDLE ? (joins && stall_counted(role[other]) ? thread : 0)
							 : (role[other] == STALL_IDLE ? other : 0);
		if (!to)
			continue;
		role[to] = STALL_NEEDED;
		changed = true;
	}
	return changed;
}

/* @recent: who has run after that cycle goes on. */
static bool find(const struct machine *m, uint64_t since, uint64_t recent, uint32_t always, uint8_t *role)
{
	uint32_t n = arena_count(&m->world, m->t_thread);
	bool stuck = false, goes_on = false;
	for (uint32_t row = 1; row < n; row++) {
		const struct w_thread *t = thread_peek(m, row);
		if (!t->tid || t->state == TS_TERMINATED)
			continue;
		const struct h_stall_thread *h = arena_peek(&m->history, m->t_stall_thread, row);
		if (overdue(m, row, since))
			role[row] = row == always ? STALL_STUCK : first_role(m, row);
		else if (t->state == TS_RUNNING || (h->ran && h->ran > recent))
			role[row] = STALL_GOES_ON;
		stuck |= role[row] == STALL_STUCK;
		goes_on |= role[row] == STALL_GOES_ON;
	}
	for (bool changed = stuck; changed;) {
		changed = false;
		for (uint32_t row = 1; row < n; row++)
			if (stall_counted(role[row]) || role[row] == STALL_IDLE)
				changed |= spread(m, role, row);
	}
	return stuck && goes_on;
}

void stall_roles(const struct machine *m, uint64_t since, uint32_t always, uint8_t *role)
{
	(void)find(m, since, since, always, role);
}

uint64_t stall_signalled(const struct machine *m, uint32_t object)
{
	return note_peek(m, object)->signalled;
}

/* Cheap: is there anybody who could be overdue? */
static bool possible(const struct machine *m)
{
	uint64_t now = machine_row(m)->cycle, time = stall_cycles(m);
	const struct h_stall *h = arena_peek(&m->history, m->t_stall, 1);
	if (!time || now <= time || machine_row(m)->ended || now - h->active_since < time / 2)
		return false; /* who has just woken from a long sleep may be the one to signal */
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_thread); row++)
		if (thread_peek(m, row)->tid && overdue(m, row, now - time))
			return true;
	return false;
}

bool stall_now(const struct machine *m, uint8_t *role)
{
	if (!possible(m))
		return false;
	uint8_t *own = role ? NULL : xcalloc(arena_count(&m->world, m->t_thread) + 1, 1);
	uint64_t now = machine_row(m)->cycle, time = stall_cycles(m);
	bool stalled = find(m, now - time, now - time / 2, 0, role ? role : own);
	free(own);
	return stalled;
}

void stall_check(struct machine *m)
{
	uint64_t now = machine_row(m)->cycle;
	arena_cover(&m->history, m->t_stall, 1);
	struct h_stall *h = arena_row(&m->history, m->t_stall, 1);
	if (now - h->active > stall_cycles(m) / 2)
		h->active_since = now;
	h->active = now;
	if (now < h->silent_till || !stall_now(m, NULL))
		return;
	h->silent_till = now + stall_cycles(m);
	stop_plain(
		m, STOP_STALL, 0, 0, "threads have been parked for too long on objects that nobody signals, while others go on");
}
