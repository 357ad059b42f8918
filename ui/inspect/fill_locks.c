/* ui/inspect/fill_locks.c - the tables of what has an owner: mutants, critical sections, spin locks that are spun on. */
#include "config.h"

#include "ui/inspect/inspect.h"

#include <stdio.h>

#include "kernel/guest.h"
#include "ui/inspect/books.h"

static bool section_at(const struct machine *m, uint32_t object, struct g_rtl_critical_section *s)
{
	return mem_peek(&m->mem, object_peek(m, object)->body_ga, s, sizeof *s) == MEM_OK;
}

/* How many times its owner is inside; 0 = it is free. */
static uint32_t depth(const struct machine *m, uint32_t object)
{
	struct g_rtl_critical_section s;
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
	uint32_t wait = object_peek(m, object)->wait_head;
	object_waiter_words(m, object, words, sizeof words);
	put_words(t, words);
	if (wait)
		put_cycles(t, thread_peek(m, wait_peek(m, wait)->thread)->wait_since);
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
	put_str(t, object_type_name(o->type));
	put_symbol(t, m->image, o->body_ga);
	put_owner(t, m, owner);
	put_u64(t, depth(m, object));
	put_waiting(t, m, object);
	if (owner && thread_peek(m, owner)->state != TS_TERMINATED)
		put_symbol(t, m->image, thread_pc(m, owner));
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
	put_symbol(t, m->image, lock);
	put_owner(t, m, owner);
	put_u64(t, 1);
	snprintf(words, sizeof words, "%u", thread_peek(m, thread)->tid);
	put_words(t, words);
	put_none(t);
	if (owner)
		put_symbol(t, m->image, thread_pc(m, owner));
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
		if (!o->id || (o->type != OT_MUTANT && o->type != OT_CRITSEC))
			continue;
		if (all || o->waiters || depth(m, row))
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
		put_symbol(t, m->image, o->body_ga);
		put_str(t, owner ? "taken" : be32_get(s.lock_count) == UINT32_MAX ? "free" : "handed over");
		put_tid(t, owner ? thread_peek(m, owner)->tid : 0);
		put_u64(t, be32_get(s.recursion_count));
		put_s64(t, (int32_t)be32_get(s.lock_count));
		put_u64(t, s.header.absolute * 256u);
		put_waiting(t, m, row);
	}
	table_note(t, "a section that was set up without a call is known once somebody has waited for it");
}
