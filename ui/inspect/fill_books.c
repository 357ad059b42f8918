/* ui/inspect/fill_books.c - the tables made from the trails. */
#include "config.h"

#include "ui/inspect/books.h"
#include "ui/inspect/sites.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernel/exports.h"

const struct audit_trail *object_trail(const struct query *q, uint32_t object)
{
	uint32_t row = q->audit && object ? audit_by_object(q->audit, object_peek(q->machine, object)->id) : 0;
	return row ? audit_trail(q->audit, row) : NULL;
}

const struct audit_trail *query_trail(const struct query *q)
{
	return q->audit && q->trail ? audit_trail(q->audit, q->trail) : object_trail(q, q->object);
}

const char *source_name(uint32_t source)
{
	return source && source <= export_count ? export_table[source - 1].name : "";
}

static void note_since(struct table *t, const struct query *q)
{
	if (!q->audit)
		table_note(t, "no books are kept");
	else if (audit_state(q->audit)->since_seq)
		table_note(t, "unknown before event %" PRIu64, audit_state(q->audit)->since_seq);
	else if (audit_state(q->audit)->dropped)
		table_note(t, "%" PRIu64 " trails were dropped to stay under the cap", audit_state(q->audit)->dropped);
}

/* How it is that no creation is known; NULL: it is. */
static const char *unseen_word(const struct audit_trail *r)
{
	static const char *const words[] = {
		[AUDIT_CREATED] = NULL,
		[AUDIT_GHOST] = "<UNCREATED>",
		[AUDIT_LATE] = "<before the books>",
		[AUDIT_DROPPED] = "<dropped>",
	};
	return words[r->origin];
}

static void put_origin(struct table *t, const struct query *q, const struct audit_trail *r)
{
	bool seen = r->origin == AUDIT_CREATED;
	put_tid(t, seen ? r->tid : 0);
	put_str(t, seen ? source_name(r->source) : unseen_word(r));
	if (seen && r->lr)
		put_code(t, q->machine, r->lr);
	else
		put_none(t);
}

void fill_trails(struct table *t, const struct query *q)
{
	uint32_t *rows = NULL;
	unsigned n = q->audit ? audit_list(q->audit, &rows) : 0;
	for (unsigned i = 0; i < n; i++) {
		const struct audit_trail *r = audit_trail(q->audit, rows[i]);
		put_object(t, r->object);
		put_str(t, object_type_name(r->type));
		put_bool(t, r->pinned);
		put_u64(t, r->ring[AUDIT_SIGNALS].total);
		put_u64(t, r->ring[AUDIT_WAITS].total);
		put_u64(t, r->ring[AUDIT_WAKES].total);
		put_origin(t, q, r);
		put_hex(t, r->osid);
	}
	free(rows);
	note_since(t, q);
}

/* ---- one object's history -------------------------------------------------------------------------------------------- */

static int by_seq(const void *a, const void *b)
{
	const struct audit_entry *x = a, *y = b;
	return (x->seq > y->seq) - (x->seq < y->seq);
}

static void put_detail(struct table *t, const struct audit_entry *e)
{
	char handle[32] = "";
	if (e->handle)
		snprintf(handle, sizeof handle, "%X#%u", e->handle, e->generation);
	switch (e->kind) {
	case EV_HANDLE_DUP: put_strf(t, "%s of %X#%u", handle, (uint32_t)(e->aux >> 32), (uint32_t)e->aux); break;
	case EV_OBJECT_WAIT:
	case EV_TIMER_SET:
		if (e->aux == DEADLINE_NEVER)
			put_strf(t, "%s%s%s", handle, *handle ? " " : "", e->kind == EV_OBJECT_WAIT ? "infinite" : "never due");
		else
			put_strf(t, "%s%sdue cyc %" PRIu64, handle, *handle ? " " : "", e->aux * CYCLES_PER_TICK);
		break;
	case EV_OBJECT_WAKE:
	case EV_OBJECT_TIMEOUT: put_strf(t, "after %" PRIu64 " cycles", e->aux * CYCLES_PER_TICK); break;
	case EV_OBJECT_SIGNAL:
	case EV_OBJECT_PULSE:
	case EV_OBJECT_RELEASE: put_strf(t, "%s%swas %d", handle, *handle ? " " : "", (int32_t)e->aux); break;
	default: put_str(t, handle);
	}
}

static void put_what(struct table *t, const struct query *q, const struct audit_entry *e)
{
	put_str(t, event_kind_name(e->kind));
	put_tid(t, e->tid);
	put_str(t, source_name(e->source));
	if (e->lr && e->tid)
		put_code(t, q->machine, e->lr);
	else
		put_none(t);
	put_detail(t, e);
}

static void put_entry(struct table *t, const struct query *q, const struct audit_entry *e)
{
	put_cycles(t, e->tick * CYCLES_PER_TICK);
	put_what(t, q, e);
}

/* What the rings keep, oldest first; returns how many. *@lost: how many they do not keep any more. */
static unsigned sorted_entries(
	const struct audit *a, const struct audit_trail *r, struct audit_entry e[AUDIT_RING_KINDS * AUDIT_RING], uint64_t *lost)
{
	unsigned n = 0;
	*lost = 0;
	for (unsigned kind = 0; kind < AUDIT_RING_KINDS; kind++) {
		unsigned kept = audit_entries(a, r, kind, e + n);
		*lost += r->ring[kind].total - kept;
		n += kept;
	}
	qsort(e, n, sizeof *e, by_seq);
	return n;
}

static struct audit_entry creation(const struct audit_trail *r)
{
	return (struct audit_entry){ .tick = r->created_tick,
		.seq = r->created_seq,
		.tid = r->tid,
		.lr = r->lr,
		.source = r->source,
		.handle = r->handle,
		.generation = r->generation,
		.kind = EV_OBJECT_CREATE };
}

void fill_history(struct table *t, const struct query *q)
{
	const struct audit_trail *r = query_trail(q);
	struct audit_entry e[AUDIT_RING_KINDS * AUDIT_RING + 1];
	unsigned n = 0;
	uint64_t lost = 0;
	if (!r) {
		table_note(t, "no trail is kept of this object");
		return;
	}
	if (r->origin == AUDIT_CREATED)
		e[n++] = creation(r);
	n += sorted_entries(q->audit, r, e + n, &lost);
	for (unsigned i = 0; i < n; i++)
		put_entry(t, q, &e[i]);
	if (lost)
		table_note(t, "%" PRIu64 " older entries are no longer kept: %u per kind are", lost, AUDIT_RING);
	else if (r->origin != AUDIT_CREATED)
		table_note(t, "nobody was seen to create it");
}

/* ---- the latest of all ----------------------------------------------------------------------------------------------- */

#define LATEST 200u /* events, so they lie in no more trails than that */

struct latest {
	struct audit_entry entry;
	uint32_t row; /* of the trail */
};

static int by_last_seq(const void *a, const void *b, void *ctx)
{
	const struct audit *audit = ctx;
	uint64_t x = audit_trail(audit, *(const uint32_t *)a)->last_seq, y = audit_trail(audit, *(const uint32_t *)b)->last_seq;
	return (x < y) - (x > y);
}

static int by_entry(const void *a, const void *b)
{
	return by_seq(&((const struct latest *)a)->entry, &((const struct latest *)b)->entry);
}

void fill_latest(struct table *t, const struct query *q)
{
	struct audit_entry e[AUDIT_RING_KINDS * AUDIT_RING + 1];
	uint32_t *rows = NULL;
	unsigned trails = q->audit ? audit_list(q->audit, &rows) : 0, n = 0;
	uint64_t lost;
	if (trails)
		qsort_r(rows, trails, sizeof *rows, by_last_seq, (void *)q->audit);
	trails = trails < LATEST ? trails : LATEST;
	struct latest *l = xcalloc((size_t)trails * ARRAY_LEN(e) + 1, sizeof *l);
	for (unsigned i = 0; i < trails; i++) {
		const struct audit_trail *r = audit_trail(q->audit, rows[i]);
		unsigned count = sorted_entries(q->audit, r, e, &lost);
		if (r->origin == AUDIT_CREATED)
			e[count++] = creation(r);
		for (unsigned k = 0; k < count; k++)
			l[n++] = (struct latest){ e[k], rows[i] };
	}
	qsort(l, n, sizeof *l, by_entry);
	for (unsigned i = n > LATEST ? n - LATEST : 0; i < n; i++) {
		put_cycles(t, l[i].entry.tick * CYCLES_PER_TICK);
		put_object(t, audit_trail(q->audit, l[i].row)->object);
		put_what(t, q, &l[i].entry);
	}
	free(rows);
	free(l);
	note_since(t, q);
}

/* ---- whole trails ---------------------------------------------------------------------------------------------------- */

static void put_trail_name(struct table *t, const struct audit_trail *r)
{
	put_object(t, r->object);
	if (r->handle)
		put_handle(t, r->handle, r->generation);
	else
		put_none(t);
	put_str(t, r->type ? object_type_name(r->type) : NULL);
}

/* Its creation, or that none was seen, with all its sums; then the stack. */
static void put_trail_creation(struct table *t, const struct query *q, const struct audit_trail *r)
{
	char address[24] = "";
	struct walk_frame f[AUDIT_FRAMES_MAX];
	const uint32_t object = object_by_id(q->machine, r->object);
	bool ghost = object && object_peek(q->machine, object)->ghost, seen = r->origin == AUDIT_CREATED && !ghost;
	put_trail_name(t, r);
	if (r->origin == AUDIT_CREATED)
		put_cycles(t, r->created_tick * CYCLES_PER_TICK);
	else
		put_none(t);
	put_str(t, seen ? event_kind_name(EV_OBJECT_CREATE) : ghost ? "<UNCREATED>" : unseen_word(r));
	put_tid(t, seen ? r->tid : 0);
	put_str(t, seen ? source_name(r->source) : NULL);
	if (seen && r->lr)
		put_code(t, q->machine, r->lr);
	else
		put_none(t);
	if (r->object_ga)
		snprintf(address, sizeof address, "at %08X: ", r->object_ga);
	put_strf(t, "%ssignals %u, waits %u, wakes %u, names %u%s%s", address, r->ring[AUDIT_SIGNALS].total,
		r->ring[AUDIT_WAITS].total, r->ring[AUDIT_WAKES].total, r->ring[AUDIT_NAMES].total, *r->name ? ", " : "",
		r->name);
	for (unsigned i = 0, n = audit_stack(q->audit, r, f); seen && i < n; i++) {
		put_trail_name(t, r);
		put_none(t);
		put_strf(t, "#%u", i);
		put_none(t);
		put_none(t);
		if (f[i].lr)
			put_code(t, q->machine, f[i].lr);
		else
			put_none(t);
		put_str(t, walk_rule_word(f[i].rule));
	}
}

static void put_trail(struct table *t, const struct query *q, const struct audit_trail *r)
{
	struct audit_entry e[AUDIT_RING_KINDS * AUDIT_RING];
	uint64_t lost;
	unsigned n = sorted_entries(q->audit, r, e, &lost);
	put_trail_creation(t, q, r);
	for (unsigned i = 0; i < n; i++) {
		put_trail_name(t, r);
		put_entry(t, q, &e[i]);
	}
	if (r->destroyed_seq) {
		put_trail_name(t, r);
		put_entry(t, q, &(struct audit_entry){ .tick = r->destroyed_tick, .kind = EV_OBJECT_DESTROY });
	}
}

void fill_trail(struct table *t, const struct query *q)
{
	const struct audit_trail *one = query_trail(q);
	uint32_t *rows = NULL;
	unsigned n = q->audit && !q->object && !q->trail ? audit_list(q->audit, &rows) : 0;
	if (one)
		put_trail(t, q, one);
	for (unsigned i = 0; i < n; i++)
		if (!q->focused || audit_trail(q->audit, rows[i])->pinned)
			put_trail(t, q, audit_trail(q->audit, rows[i]));
	free(rows);
	if (!one && (q->object || q->trail))
		table_note(t, "no trail is kept of this object");
	else
		note_since(t, q);
}

void fill_created(struct table *t, const struct query *q)
{
	const struct audit_trail *r = query_trail(q);
	struct walk_frame f[AUDIT_FRAMES_MAX];
	unsigned n = r ? audit_stack(q->audit, r, f) : 0;
	for (unsigned i = 0; i < n; i++) {
		put_strf(t, "#%u", i);
		if (f[i].lr)
			put_code(t, q->machine, f[i].lr);
		else
			put_none(t);
		put_strf(t, f[i].why ? "%s, %s" : "%s", walk_rule_word(f[i].rule), walk_why_word(f[i].why));
	}
	if (!r || r->origin != AUDIT_CREATED)
		table_note(t, "nobody was seen to create it");
	else if (!n)
		table_note(t, "made by the kernel itself, or no stack was kept");
}

/* ---- who signals ----------------------------------------------------------------------------------------------------- */

static int most_first(const void *a, const void *b)
{
	const struct signaller *x = a, *y = b;
	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return (x->last_tick < y->last_tick) - (x->last_tick > y->last_tick);
}

unsigned trail_signallers(const struct audit *a, const struct audit_trail *trail, struct signaller **out)
{
	struct audit_entry e[AUDIT_RING];
	unsigned kept = audit_entries(a, trail, AUDIT_SIGNALS, e), n = 0;
	struct signaller *s = xcalloc(kept ? kept : 1, sizeof *s);
	for (unsigned i = 0; i < kept; i++) {
		unsigned k = 0;
		while (k < n && (s[k].tid != e[i].tid || s[k].source != e[i].source || s[k].lr != e[i].lr))
			k++;
		if (k == n)
			s[n++] = (struct signaller){ e[i].tid, e[i].source, e[i].lr, 0, 0 };
		s[k].count++;
		s[k].last_tick = e[i].tick;
	}
	qsort(s, n, sizeof *s, most_first);
	*out = s;
	return n;
}

void fill_signallers(struct table *t, const struct query *q)
{
	const struct machine *m = q->machine;
	const struct audit_trail *r = query_trail(q);
	struct signaller *s = NULL;
	char buf[SYMBOL_TEXT];
	unsigned n = r ? trail_signallers(q->audit, r, &s) : 0;
	for (unsigned i = 0; i < n; i++) {
		uint32_t row = s[i].tid ? thread_by_tid(m, s[i].tid) : 0;
		put_tid(t, s[i].tid);
		put_str(t, row ? thread_name(m, row, buf, sizeof buf) : NULL);
		put_str(t, row ? thread_state_word(m, row) : s[i].tid ? "gone" : NULL);
		put_str(t, s[i].source ? source_name(s[i].source) : "the kernel itself");
		if (s[i].tid && s[i].lr)
			put_code(t, m, s[i].lr);
		else
			put_none(t);
		put_u64(t, s[i].count);
		put_cycles(t, s[i].last_tick * CYCLES_PER_TICK);
	}
	free(s);
	if (!r)
		table_note(t, "no trail is kept of this object");
	else if (!n)
		table_note(t, "never signalled, as far as the books go");
	else if (r->ring[AUDIT_SIGNALS].total > AUDIT_RING)
		table_note(t, "from the last %u of %u signals", AUDIT_RING, r->ring[AUDIT_SIGNALS].total);
}

void fill_sites(struct table *t, const struct query *q)
{
	struct sites found;
	sites_find(q, q->object, &found);
	for (unsigned i = 0; i < found.count; i++) {
		const struct site *s = &found.site[i];
		put_code(t, q->machine, s->pc);
		put_str(t, s->ran ? "yes" : s->entered ? "no" : "no, nor its function");
		put_str(t, s->export);
		if (s->wrapper)
			put_code(t, q->machine, s->wrapper);
		else
			put_none(t);
		put_str(t, site_reach_word(s->reach));
		if (s->slot)
			put_hex(t, s->slot);
		else
			put_none(t);
		if (s->object)
			put_object(t, object_peek(q->machine, s->object)->id);
		else
			put_none(t);
	}
	if (found.indirect)
		table_note(t, "%u calls through pointers: where they lead is not known", found.indirect);
	sites_free(&found);
}

void fill_ghosts(struct table *t, const struct query *q)
{
	uint32_t *rows = NULL;
	unsigned n = q->audit ? audit_list(q->audit, &rows) : 0;
	for (unsigned i = 0; i < n; i++) {
		struct audit_entry e[AUDIT_RING];
		const struct audit_trail *r = audit_trail(q->audit, rows[i]);
		uint32_t object = object_by_id(q->machine, r->object);
		if (r->origin != AUDIT_GHOST && !(object && object_peek(q->machine, object)->ghost))
			continue; /* neither unseen by the books, nor found in the title's memory by the kernel */
		unsigned kept = audit_entries(q->audit, r, AUDIT_SIGNALS, e);
		put_code(t, q->machine, r->object_ga ? r->object_ga : r->handle);
		put_u64(t, r->ring[AUDIT_SIGNALS].total);
		put_u64(t, r->ring[AUDIT_WAITS].total);
		put_u64(t, r->ring[AUDIT_WAKES].total);
		if (kept) {
			put_u64(t, e[kept - 1].tid);
			put_str(t, source_name(e[kept - 1].source));
			put_code(t, q->machine, e[kept - 1].lr);
		} else {
			put_none(t);
			put_none(t);
			put_none(t);
		}
	}
	free(rows);
	if (q->audit && audit_state(q->audit)->unseen)
		table_note(
			t, "%" PRIu64 " signals to objects that were not in focus are not kept", audit_state(q->audit)->unseen);
}

void fill_focus(struct table *t, const struct query *q)
{
	if (!q->audit)
		return;
	const struct audit_focus *f = &q->audit->focus;
	const struct machine *m = q->machine;
	if (f->everything) {
		put_str(t, "everything");
		put_none(t);
		put_none(t);
	}
	for (unsigned kind = 0; kind < 3; kind++) {
		unsigned n = kind == 0 ? f->handles : kind == 1 ? f->objects : f->gas;
		const uint32_t *v = kind == 0 ? f->handle : kind == 1 ? f->object : f->ga;
		for (unsigned i = 0; i < n; i++) {
			uint32_t slot = kind == 0 ? slot_by_handle(m, v[i]) : 0;
			uint32_t row = kind == 1 ? object_by_id(m, v[i]) : kind == 2 ? object_by_ga(m, v[i]) : 0;
			if (slot && slot_peek(m, slot)->state == SLOT_OPEN)
				row = slot_peek(m, slot)->object;
			put_strf(t, kind == 0 ? "%X" : kind == 1 ? "@%u" : "*%08X", v[i]);
			put_object(t, row ? object_peek(m, row)->id : 0);
			put_str(t, row ? object_type_name(object_peek(m, row)->type) : NULL);
		}
	}
}
