/* ui/inspect/facts.c - small facts about threads and objects that several tables and the report share. */
#include "config.h"

#include "ui/inspect/inspect.h"

#include <stdio.h>

#include "kernel/io.h"
#include "kernel/owner.h"
#include "kernel/request.h"
#include "kernel/rwlock.h"
#include "ui/out.h"

static const char *const state_words[] = {
	[TS_INIT] = "init", [TS_READY] = "ready", [TS_RUNNING] = "running", [TS_STANDBY] = "standby",
	[TS_TERMINATED] = "ended", [TS_WAITING] = "waiting",
};

const char *thread_state_word(const struct machine *m, uint32_t thread)
{
	const struct w_thread *t = thread_peek(m, thread);
	if (t->state != TS_TERMINATED && t->suspend_count)
		return "suspended";
	if (t->parked)
		return "waiting";
	return t->state < ARRAY_LEN(state_words) && state_words[t->state] ? state_words[t->state] : "?";
}

const char *thread_name(const struct machine *m, uint32_t thread, char *buf, size_t size)
{
	const struct w_thread *t = thread_peek(m, thread);
	snprintf(buf, size, "%.*s", (int)sizeof t->name, t->name);
	if (!buf[0])
		code_text(m, t->start_ga, buf, size);
	return buf;
}

const char *object_handle_text(const struct machine *m, uint32_t object, char *buf, size_t size)
{
	const struct w_object *o = object_peek(m, object);
	buf[0] = 0;
	if (o->slot_first) {
		const struct w_slot *s = slot_peek(m, o->slot_first);
		snprintf(buf, size, "%X#%u", s->handle, s->generation);
	}
	return buf;
}

const char *object_name(const struct machine *m, uint32_t object)
{
	const struct w_object *o = object_peek(m, object);
	if (o->type == OT_FILE && devfile_of(m, object))
		return devfile_of(m, object)->name;
	if (o->type == OT_FILE)
		return o->part ? file_peek(m, open_of(m, object)->file)->path : "";
	const struct w_name *name = o->name_row ? arena_peek(&m->world, m->t_name, o->name_row) : NULL;
	return name ? name->text : "";
}

const char *object_phrase(const struct machine *m, uint32_t object, char *buf, size_t size)
{
	char handle[32], name[64];
	const struct w_object *o = object_peek(m, object);
	object_handle_text(m, object, handle, sizeof handle);
	visible_text(name, sizeof name, object_name(m, object));
	snprintf(buf, size, "%s%s%s @%u%s%s%s", object_type_name(o->type), handle[0] ? " " : "", handle, o->id, name[0] ? " \"" : "", name,
	         name[0] ? "\"" : "");
	return buf;
}

uint32_t thread_pc(const struct machine *m, uint32_t thread)
{
	const struct ppc_context *c = context_peek(m, thread);
	return thread_peek(m, thread)->in_call ? (uint32_t)c->lr : c->pc;
}

static const char *owns_how(const struct machine *m, uint32_t object, uint32_t owner)
{
	switch ((enum object_type)object_peek(m, object)->type) {
	case OT_THREAD: return "is the thread";
	case OT_CRITSEC: return "is inside the critical section";
	case OT_MUTANT: return "owns it";
	default: break;
	}
	const struct rwlock_hold *h;
	for (unsigned n = 0; (h = rwlock_hold(m, rwlock_of(m, object), n)); n++)
		if (h->tid == thread_peek(m, owner)->tid)
			return h->exclusive ? "holds the lock to write" : "holds the lock to read";
	return "owns it";
}

uint32_t object_owner_nth(const struct machine *m, uint32_t object, unsigned n, const char **how)
{
	uint32_t owner = owner_of(m, object, n);
	if (owner)
		*how = owns_how(m, object, owner);
	return owner;
}

uint32_t object_owner(const struct machine *m, uint32_t object, const char **how)
{
	return object_owner_nth(m, object, 0, how);
}
