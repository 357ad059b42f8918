/* ui/journal.c - see journal.h */
#include "config.h"

#include "ui/journal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernel/stub.h"
#include "ui/session.h"

void journal_fini(struct journal *j)
{
	free(j->entry);
	*j = (struct journal){ 0 };
}

void journal_append(struct journal *j, const struct journal_entry *e)
{
	if (j->known == j->room) {
		j->room = j->room ? 2 * j->room : 16;
		j->entry = xrealloc(j->entry, j->room * sizeof *j->entry);
	}
	j->entry[j->known++] = *e;
}

static struct stub_policy policy_of(const struct journal_entry *e)
{
	return (struct stub_policy){ .value = e->value, .go_on = e->on };
}

static void pad_entry_text(const struct pad_input *in, char *buf, size_t size)
{
	char what[120], at[40] = "", till[40] = "";
	if (in->cycle)
		snprintf(at, sizeof at, " at cycle %" PRIu64, in->cycle);
	if (in->hold)
		snprintf(till, sizeof till, " for %" PRIu64 " cycles", in->hold);
	snprintf(buf, size, "pad %u: %s%s%s", in->pad, pad_text(in->op, in->value, what, sizeof what), at, till);
}

const char *journal_text(const struct journal_entry *e, char *buf, size_t size)
{
	char policy[STUB_POLICY_TEXT];
	switch (e->kind) {
	case JOURNAL_HOLD: snprintf(buf, size, e->tid ? "only tid %u runs" : "all threads run", e->tid); break;
	case JOURNAL_REGISTER: snprintf(buf, size, "$%s = 0x%" PRIx64 " in tid %u", e->name, e->value, e->tid); break;
	case JOURNAL_MEMORY: snprintf(buf, size, "%u bytes at %08X = 0x%" PRIx64, e->size, e->ga, e->value); break;
	case JOURNAL_POKE: snprintf(buf, size, "%s @%u", poke_word(e->poke), e->object); break;
	case JOURNAL_ON_STUB: snprintf(buf, size, "on-stub %s", stub_policy_text(policy_of(e), policy)); break;
	case JOURNAL_PAD: pad_entry_text(&e->pad, buf, size); break;
	default: buf[0] = 0;
	}
	return buf;
}

bool journal_taints(const struct journal *j)
{
	for (unsigned i = 0; i < j->done; i++)
		if (j->entry[i].kind != JOURNAL_PAD)
			return true;
	return false;
}

/* ---- doing ------------------------------------------------------------------------------------------------------------- */

static enum status set_register(struct machine *m, const struct journal_entry *e, struct err *err)
{
	uint32_t thread = thread_by_tid(m, e->tid);
	if (!thread || !machine_set_register(m, thread, e->name, e->value))
		return err_set(err, ST_BAD_VALUE, "$%s cannot be set", e->name);
	return ST_OK;
}

static enum status set_memory(struct machine *m, const struct journal_entry *e, struct err *err)
{
	uint8_t bytes[8];
	store_be64(bytes, e->value);
	if (mem_poke(&m->mem, e->ga, bytes + 8 - e->size, e->size) == MEM_OK)
		return ST_OK;
	return err_set(err, ST_BAD_ADDRESS, "%u bytes at %08X are not mapped", e->size, e->ga);
}

enum status journal_do(struct machine *m, const struct journal_entry *e, struct err *err)
{
	char text[JOURNAL_TEXT];
	enum status st = ST_OK;
	uint32_t object;
	switch (e->kind) {
	case JOURNAL_HOLD: machine_hold(m, e->tid ? thread_by_tid(m, e->tid) : 0); return ST_OK;
	case JOURNAL_ON_STUB: machine_on_stub(m, policy_of(e)); return ST_OK;
	case JOURNAL_REGISTER: st = set_register(m, e, err); break;
	case JOURNAL_MEMORY: st = set_memory(m, e, err); break;
	case JOURNAL_POKE:
		object = object_by_id(m, e->object);
		return object ? machine_poke(m, e->poke, object, err) : err_set(err, ST_NOT_FOUND, "@%u is gone", e->object);
	case JOURNAL_PAD: return pad_do(m, &e->pad, err);
	default: return ST_OK;
	}
	if (st == ST_OK)
		machine_note_change(m, journal_text(e, text, sizeof text));
	return st;
}

enum status journal_add(struct session *s, struct journal_entry e, struct err *err)
{
	struct machine *m = session_machine(s);
	e.at = machine_position(m);
	enum status st = journal_do(m, &e, err);
	if (st != ST_OK)
		return st;
	s->journal.known = s->journal.done;
	journal_append(&s->journal, &e);
	s->journal.done = s->journal.known;
	timeline_changed(s);
	journal_arm(s);
	return ST_OK;
}

/* ---- coming by again --------------------------------------------------------------------------------------------------- */

/* An entry that can no longer be done would be a run that is not the same one: who compares digests sees that. */
static void do_again(struct machine *m, const struct journal_entry *e)
{
	struct err err;
	if (e->kind == JOURNAL_STOP || journal_do(m, e, &err) != ST_OK)
		machine_stop_here(m);
}

static void session_comes_by(void *ctx)
{
	struct session *s = ctx;
	const struct journal_entry *e = &s->journal.entry[s->journal.done];
	s->journal.done += e->kind != JOURNAL_STOP;
	do_again(session_machine(s), e);
	journal_arm(s);
}

void journal_arm(struct session *s)
{
	struct machine *m = session_machine(s);
	m->change_at = s->journal.done < s->journal.known ? &s->journal.entry[s->journal.done].at : NULL;
	m->on_change = session_comes_by;
	m->change_ctx = s;
}

bool journal_due(const struct session *s)
{
	const struct journal *j = &s->journal;
	struct machine_position now = machine_position(session_machine(s));
	return j->done < j->known && j->entry[j->done].kind != JOURNAL_STOP &&
	       machine_position_equal(&j->entry[j->done].at, &now);
}

/* ---- a second machine ------------------------------------------------------------------------------------------------- */

static void walk_on(struct journal_walk *w)
{
	w->machine->change_at = w->next < w->journal->done ? &w->journal->entry[w->next].at : &w->end;
}

static void walker_comes_by(void *ctx)
{
	struct journal_walk *w = ctx;
	if (w->next == w->journal->done) {
		machine_stop_here(w->machine);
		return;
	}
	do_again(w->machine, &w->journal->entry[w->next++]);
	walk_on(w);
}

void journal_walk_begin(struct journal_walk *w)
{
	w->next = 0;
	w->machine->on_change = walker_comes_by;
	w->machine->change_ctx = w;
	walk_on(w);
}
