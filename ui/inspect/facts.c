/* ui/inspect/facts.c - small facts about threads and objects that several tables and the report share. */
#include "config.h"

#include "ui/inspect/inspect.h"

#include <stdio.h>

#include "ui/out.h"

/* RTL_CRITICAL_SECTION: its event header is at its start (facts: kernel semantics, critical sections). */
#define CRITSEC_OWNER 0x18u

static const char *const state_words[] = {
	[TS_INIT] = "init", [TS_READY] = "ready", [TS_RUNNING] = "running", [TS_STANDBY] = "standby",
	[TS_TERMINATED] = "ended", [TS_WAITING] = "waiting",
};

const char *thread_state_word(const struct machine *m, uint32_t thread)
{
	const struct w_thread *t = thread_peek(m, thread);
	if (t->state != TS_TERMINATED && t->suspend_count)
		return "suspended";
	return t->state < ARRAY_LEN(state_words) && state_words[t->state] ? state_words[t->state] : "?";
}

const char *thread_name(const struct machine *m, uint32_t thread, char *buf, size_t size)
{
	const struct w_thread *t = thread_peek(m, thread);
	snprintf(buf, size, "%.*s", (int)sizeof t->name, t->name);
	if (!buf[0])
		symbol_text(m->image, t->start_ga, buf, size);
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
	return o->name_row ? (const char *)arena_peek(&m->world, m->t_name, o->name_row) : "";
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

const char *object_log_type(uint32_t type, char *buf, size_t size)
{
	snprintf(buf, size, "%s", object_type_name(type));
	char *slash = strchr(buf, '/');
	if (slash)
		*slash = 0;
	return buf;
}

uint32_t thread_pc(const struct machine *m, uint32_t thread)
{
	const struct ppc_context *c = context_peek(m, thread);
	return thread_peek(m, thread)->in_call ? (uint32_t)c->lr : c->pc;
}

bool object_is_critsec(const struct machine *m, uint32_t object, uint32_t *ga)
{
	const struct w_object *o = object_peek(m, object);
	if (!o->wait_head || thread_peek(m, wait_peek(m, o->wait_head)->thread)->cont != CONT_CRITSEC)
		return false;
	*ga = o->body_ga;
	return true;
}

uint32_t object_owner(const struct machine *m, uint32_t object, const char **how)
{
	uint32_t ga;
	const struct w_object *o = object_peek(m, object);
	if (o->type == OT_MUTANT && o->thread) {
		*how = "owns it";
		return o->thread;
	}
	if (o->type == OT_THREAD) {
		*how = "is the thread";
		return o->thread;
	}
	uint8_t owner[4];
	if (object_is_critsec(m, object, &ga) && mem_peek(&m->mem, ga + CRITSEC_OWNER, owner, sizeof owner) == MEM_OK) {
		uint32_t row = load_be32(owner) ? object_by_ga(m, load_be32(owner)) : 0;
		*how = "is inside the critical section";
		return row && object_peek(m, row)->type == OT_THREAD ? object_peek(m, row)->thread : 0;
	}
	return 0;
}
