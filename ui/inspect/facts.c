/* ui/inspect/facts.c - small facts about threads and objects that several tables and the report share. */
#include "config.h"

#include "ui/inspect/inspect.h"

#include <stdio.h>

#include "kernel/io.h"
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
	if (t->parked)
		return "waiting";
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

uint32_t object_owner(const struct machine *m, uint32_t object, const char **how)
{
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
	if (o->type == OT_CRITSEC && mem_peek(&m->mem, o->body_ga + CRITSEC_OWNER, owner, sizeof owner) == MEM_OK) {
		uint32_t row = load_be32(owner) ? object_by_ga(m, load_be32(owner)) : 0;
		*how = "is inside the critical section";
		return row && object_peek(m, row)->type == OT_THREAD ? object_peek(m, row)->thread : 0;
	}
	return 0;
}
