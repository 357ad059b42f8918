/* kernel/change.c - see change.h */
#include "config.h"

#include "kernel/change.h"

#include "kernel/deadline.h"
#include "kernel/emit.h"
#include "kernel/guest.h"
#include "kernel/io.h"
#include "kernel/mutant.h"
#include "kernel/ntstatus.h"
#include "kernel/object.h"
#include "kernel/overlapped.h"
#include "kernel/owner.h"
#include "kernel/rows.h"
#include "kernel/rwlock.h"
#include "kernel/thread.h"
#include "kernel/timer.h"
#include "kernel/wait.h"

static const char *const words[] = {
#define POKE(id, word, help) word,
	POKES(POKE)
#undef POKE
};

const char *poke_word(enum poke p)
{
	return words[p];
}

int poke_find(const char *word)
{
	for (unsigned i = 0; i < POKE_COUNT; i++)
		if (!strcmp(words[i], word))
			return (int)i;
	return -1;
}

void machine_note_change(struct machine *m, const char *what)
{
	emit_plain(m, EV_USER_CHANGE, 0, 0, 0, what);
}

/* ---- what can be done to an object ---------------------------------------------------------------------------------------- */

static bool is_event(enum object_type t)
{
	return t == OT_EVENT_MANUAL || t == OT_EVENT_AUTO;
}

static bool is_timer(enum object_type t)
{
	return t == OT_TIMER_MANUAL || t == OT_TIMER_AUTO;
}

static bool has_owner(enum object_type t)
{
	return type_is_owned(t);
}

static uint32_t field(const struct machine *m, uint32_t ga)
{
	be32 v;
	return mem_peek(&m->mem, ga, &v, sizeof v) == MEM_OK ? be32_get(v) : 0;
}

#define SECTION_FIELD(m, object, f) GA(object_peek(m, object)->body_ga, g_rtl_critical_section, f)

static bool is_held(const struct machine *m, uint32_t object)
{
	const struct w_object *o = object_peek(m, object);
	if (rwlock_of(m, object))
		return rwlock_hold(m, rwlock_of(m, object), 0) != NULL;
	return o->type == OT_MUTANT ? o->thread != 0 : field(m, SECTION_FIELD(m, object, owning_thread)) != 0;
}

static bool is_full(const struct machine *m, uint32_t object)
{
	return object_signal_state(m, object) >= (int32_t)field(m, GA(object_peek(m, object)->body_ga, g_ksemaphore, limit));
}

static uint32_t object_thread(const struct machine *m, uint32_t object)
{
	return object_peek(m, object)->type == OT_THREAD ? object_peek(m, object)->thread : 0;
}

static enum status refuse(const struct machine *m, uint32_t object, enum poke p, struct err *err)
{
	return err_set(err, ST_STATE, "%s is nothing that can be done to a %s", words[p],
		object_type_name(object_peek(m, object)->type));
}

static enum status check(const struct machine *m, enum poke p, uint32_t object, struct err *err)
{
	enum object_type t = object_peek(m, object)->type;
	bool fits = false;
	switch (p) {
	case POKE_SIGNAL: fits = t != OT_QUEUE && t != OT_THREAD && t != OT_LISTENER && t != OT_FILE && t != OT_COMPLETION && t != OT_ENUMERATOR && t != OT_SYMLINK && t != OT_DEVICE; break;
	case POKE_SET: fits = is_event(t); break;
	case POKE_RESET: fits = is_event(t) || is_timer(t); break;
	case POKE_RELEASE: fits = t == OT_SEMAPHORE || has_owner(t); break;
	case POKE_RESUME: fits = t == OT_THREAD; break;
	case POKE_COMPLETE: fits = t == OT_FILE || t == OT_COMPLETION || t == OT_THREAD || is_event(t); break;
	case POKE_COUNT: break;
	}
	if (!fits)
		return refuse(m, object, p, err);
	if (object_peek(m, object)->detached)
		return err_set(err, ST_STATE, "its memory has become something else: nothing can signal it");
	if (p == POKE_COMPLETE)
		return io_pending_for(m, object) || overlapped_pending_for(m, object)
			       ? ST_OK
			       : err_set(err, ST_STATE, "no request that it would be told of is under way");
	if (p != POKE_RESET && t == OT_SEMAPHORE && is_full(m, object))
		return err_set(err, ST_STATE, "the semaphore is at its limit");
	if (p != POKE_RESET && has_owner(t) && !is_held(m, object))
		return err_set(err, ST_STATE, "nobody holds it");
	if (p == POKE_RESUME && (!object_thread(m, object) || !thread_peek(m, object_thread(m, object))->suspend_count))
		return err_set(err, ST_STATE, "that thread is not suspended");
	return ST_OK;
}

/* ---- doing it --------------------------------------------------------------------------------------------------------------- */

static void put32(struct machine *m, uint32_t ga, uint32_t v)
{
	be32 b = be32_of(v);
	object_put(m, ga, &b, sizeof b);
}

/* As its owner would, when it leaves for the last time. */
static void leave_section(struct machine *m, uint32_t object)
{
	uint32_t depth = field(m, SECTION_FIELD(m, object, recursion_count)),
		 count = field(m, SECTION_FIELD(m, object, lock_count)) - depth;
	put32(m, SECTION_FIELD(m, object, recursion_count), 0);
	put32(m, SECTION_FIELD(m, object, owning_thread), 0);
	put32(m, SECTION_FIELD(m, object, lock_count), count);
	if (count != UINT32_MAX)
		event_set(m, 0, object, 0, SIGNAL_INCREMENT);
}

/* All that are inside go. */
static void leave_lock(struct machine *m, uint32_t ga)
{
	const struct rwlock_hold *h;
	while ((h = rwlock_hold(m, ga, 0)) && rwlock_leave(m, thread_by_tid(m, h->tid), ga)) {
	}
}

static void let_go(struct machine *m, uint32_t object)
{
	int32_t previous;
	if (rwlock_of(m, object)) {
		leave_lock(m, rwlock_of(m, object));
		return;
	}
	if (object_peek(m, object)->type == OT_CRITSEC) {
		leave_section(m, object);
		return;
	}
	object_hold(m, object);
	uint32_t owner = object_peek(m, object)->thread;
	while (object_peek(m, object)->thread == owner &&
		mutant_release(m, owner, object, 0, SIGNAL_INCREMENT, &previous) == NT_SUCCESS) {
	}
	object_hold_end(m, object);
}

static void give_one(struct machine *m, uint32_t object)
{
	int32_t previous;
	(void)semaphore_release(m, 0, object, 0, 1, SIGNAL_INCREMENT, &previous);
}

static void resume(struct machine *m, uint32_t thread)
{
	while (thread_peek(m, thread)->suspend_count)
		thread_resume(m, 0, thread);
}

static void come_due(struct machine *m, uint32_t object)
{
	deadline_cancel_object(m, object);
	timer_expire(m, object, machine_ticks(m));
}

static void clear(struct machine *m, uint32_t object)
{
	if (is_event(object_peek(m, object)->type))
		event_reset(m, 0, object, 0);
	else
		object_state_set(m, object, 0);
}

static void signal_it(struct machine *m, uint32_t object)
{
	enum object_type t = object_peek(m, object)->type;
	if (t == OT_SEMAPHORE)
		give_one(m, object);
	else if (has_owner(t))
		let_go(m, object);
	else if (is_timer(t))
		come_due(m, object);
	else
		event_set(m, 0, object, 0, SIGNAL_INCREMENT);
}

static void complete(struct machine *m, uint32_t object)
{
	if (io_pending_for(m, object))
		io_complete_now(m, io_pending_for(m, object));
	else
		overlapped_complete_now(m, overlapped_pending_for(m, object));
}

enum status machine_poke(struct machine *m, enum poke p, uint32_t object, struct err *err)
{
	enum status st = check(m, p, object, err);
	if (st != ST_OK)
		return st;
	machine_note_change(m, words[p]);
	if (p == POKE_RESET)
		clear(m, object);
	else if (p == POKE_COMPLETE)
		complete(m, object);
	else if (p == POKE_RESUME)
		resume(m, object_thread(m, object));
	else
		signal_it(m, object);
	return ST_OK;
}
