/* ui/inspect/fill_refs.c - the table of references, and what does not add up in it. */
#include "config.h"

#include "ui/inspect/refs.h"

#include <stdio.h>

#include "kernel/ledger.h"
#include "ui/inspect/books.h"

/* An object that lies in the title's memory is held by that memory. */
static uint32_t by_memory(const struct w_object *o)
{
	return !o->pool && !o->detached;
}

uint32_t object_pointers_left(const struct machine *m, uint32_t object)
{
	const struct w_object *o = object_peek(m, object);
	return o->pointers - by_memory(o);
}

bool object_pointer_taker(const struct machine *m, uint32_t object, struct ledger_entry *taker)
{
	struct ledger_entry e[LEDGER_RING];
	for (unsigned n = ledger_entries(m, object, e); n > 0; n--)
		if (e[n - 1].reason == LEDGER_POINTER && e[n - 1].change > 0) {
			*taker = e[n - 1];
			return true;
		}
	return false;
}

static void put_earlier(struct table *t, const struct ledger *l, uint32_t id)
{
	put_object(t, id);
	put_none(t);
	put_s64(t, l->earlier);
	put_u64(t, (uint64_t)l->earlier);
	put_strf(t, "%u earlier entries", l->total - LEDGER_RING);
	for (unsigned i = 0; i < 5; i++)
		put_none(t);
}

static void put_entry(struct table *t, const struct query *q, uint32_t id, const struct ledger_entry *e, int64_t sum)
{
	put_object(t, id);
	put_cycles(t, e->by.cycle);
	put_s64(t, e->change);
	put_u64(t, (uint64_t)sum);
	put_str(t, ledger_reason_word(e->reason));
	if (e->reason == LEDGER_HANDLE)
		put_handle(t, e->what, e->generation);
	else
		put_none(t);
	put_tid(t, e->reason == LEDGER_WAIT || e->reason == LEDGER_RUNNING ? e->what : 0);
	put_tid(t, e->by.tid);
	put_str(t, e->by.tid ? source_name(e->by.source) : "the kernel itself");
	if (e->by.tid && e->by.lr)
		put_code(t, q->machine, e->by.lr);
	else
		put_none(t);
}

static void put_ledger(struct table *t, const struct query *q, uint32_t object)
{
	const struct machine *m = q->machine;
	const struct ledger *l = ledger_peek(m, object);
	uint32_t id = object_peek(m, object)->id;
	struct ledger_entry e[LEDGER_RING];
	unsigned n = ledger_entries(m, object, e);
	int64_t sum = l->earlier;
	if (l->total > n)
		put_earlier(t, l, id);
	for (unsigned i = 0; i < n; i++)
		put_entry(t, q, id, &e[i], sum += e[i].change);
}

void fill_refs(struct table *t, const struct query *q)
{
	const struct machine *m = q->machine;
	char words[WORDS_TEXT];
	for (uint32_t object = 1; object < arena_count(&m->world, m->t_object); object++)
		if (q->object ? object == q->object : object_peek(m, object)->id != 0)
			put_ledger(t, q, object);
	if (!q->object)
		return;
	object_held_by(m, q->object, words, sizeof words);
	if (ledger_peek(m, q->object)->surplus)
		table_note(t, "%u = %s; %u dereferences too many were refused", object_peek(m, q->object)->refs, words,
			ledger_peek(m, q->object)->surplus);
	else
		table_note(t, "%u = %s", object_peek(m, q->object)->refs, words);
}
