/* kernel/mutant.c - see mutant.h. The count lies in guest memory; the owner in both (the row decides). */
#include "config.h"

#include "kernel/mutant.h"

#include "kernel/emit.h"
#include "kernel/ntstatus.h"
#include "kernel/object.h"
#include "kernel/rows.h"
#include "kernel/wait.h"

static void abandoned_set(struct machine *m, uint32_t object, uint8_t v)
{
	object_put(m, GA(object_peek(m, object)->body_ga, g_kmutant, abandoned), &v, 1);
}

static bool abandoned(const struct machine *m, uint32_t object)
{
	uint8_t v;
	return mem_peek(&m->mem, GA(object_peek(m, object)->body_ga, g_kmutant, abandoned), &v, 1) == MEM_OK && v == 1;
}

static void owner_set(struct machine *m, uint32_t object, uint32_t thread)
{
	struct w_object *o = object_row(m, object);
	be32 ga = be32_of(thread ? thread_peek(m, thread)->kthread_ga : 0);
	o->thread = thread;
	object_put(m, GA(o->body_ga, g_kmutant, owner_thread), &ga, sizeof ga);
	if (!thread)
		return;
	struct w_thread *t = thread_row(m, thread);
	o->owned_prev = 0;
	o->owned_next = t->owned_first;
	if (t->owned_first)
		object_row(m, t->owned_first)->owned_prev = object;
	t->owned_first = object;
}

static void unlink_owned(struct machine *m, uint32_t object)
{
	struct w_object *o = object_row(m, object);
	if (o->owned_prev)
		object_row(m, o->owned_prev)->owned_next = o->owned_next;
	else
		thread_row(m, o->thread)->owned_first = o->owned_next;
	if (o->owned_next)
		object_row(m, o->owned_next)->owned_prev = o->owned_prev;
	o->owned_next = o->owned_prev = 0;
}

void mutant_disown(struct machine *m, uint32_t object)
{
	unlink_owned(m, object);
	object_row(m, object)->thread = 0;
}

void mutant_init(struct machine *m, uint32_t object, uint32_t owner)
{
	object_state_set(m, object, owner ? 0 : 1);
	abandoned_set(m, object, 0);
	owner_set(m, object, owner);
}

bool mutant_acquire(struct machine *m, uint32_t thread, uint32_t object)
{
	int32_t state = (int32_t)((uint32_t)object_signal_state(m, object) - 1u);
	object_state_set(m, object, state);
	if (object_peek(m, object)->thread)
		return false; /* once more by its owner */
	owner_set(m, object, thread);
	bool was = abandoned(m, object);
	if (was)
		abandoned_set(m, object, 0);
	return was;
}

static void set_free(struct machine *m, uint32_t object)
{
	unlink_owned(m, object);
	owner_set(m, object, 0);
	object_state_set(m, object, 1);
}

uint32_t mutant_release(struct machine *m, uint32_t thread, uint32_t object, uint32_t slot, int32_t increment, int32_t *previous)
{
	int32_t old = object_signal_state(m, object);
	*previous = old;
	if (object_peek(m, object)->thread != thread)
		return abandoned(m, object) ? NT_ABANDONED : NT_MUTANT_NOT_OWNED;
	int32_t state = old < 1 ? old + 1 : 1;
	emit_object(m, EV_OBJECT_RELEASE, thread, object, slot, (uint64_t)(int64_t)old, (uint64_t)(int64_t)state);
	if (state < 1) {
		object_state_set(m, object, state);
		return NT_SUCCESS;
	}
	set_free(m, object);
	wait_scan(m, object, increment);
	return NT_SUCCESS;
}

uint32_t mutant_abandon(struct machine *m, uint32_t thread, uint32_t object, int32_t increment, int32_t *previous)
{
	*previous = object_signal_state(m, object);
	if (object_peek(m, object)->thread != thread)
		return abandoned(m, object) ? NT_ABANDONED : NT_MUTANT_NOT_OWNED;
	object_hold(m, object); /* a waiter that takes it may be the last to hold it */
	emit_object(m, EV_OBJECT_ABANDON, thread, object, 0, 0, 0);
	abandoned_set(m, object, 1);
	set_free(m, object);
	wait_scan(m, object, increment);
	object_hold_end(m, object);
	return NT_SUCCESS;
}

void mutants_abandon(struct machine *m, uint32_t thread)
{
	int32_t previous;
	uint32_t object;
	while ((object = thread_peek(m, thread)->owned_first))
		INVARIANT(mutant_abandon(m, thread, object, SIGNAL_INCREMENT, &previous) == NT_SUCCESS);
}
