/* ui/report_odd.c - the report's list of oddities: all that the books and the kernel's state know to be odd, root or not. */
#include "config.h"

#include "ui/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernel/account.h"
#include "kernel/apc.h"
#include "kernel/exports.h"
#include "kernel/ledger.h"
#include "kernel/rwlock.h"
#include "kernel/stub.h"
#include "ui/inspect/books.h"
#include "ui/inspect/refs.h"

/* A handle that is not, or no longer, what the title means. */
static void odd_stale(struct report *r, const struct note *n, const char *by)
{
	char cycle[CYCLES_TEXT], times[192], alive[64] = "";
	const struct machine *m = r->query.machine;
	uint32_t object = object_by_id(m, n->object);
	cycles_text(cycle, n->cycle);
	snprintf(times, sizeof times, "%" PRIu64 " time%s (last: %s, cyc %s)", n->count, n->count == 1 ? "" : "s", by, cycle);
	if (object && object_peek(m, object)->slot_first) {
		const struct w_slot *s = slot_peek(m, object_peek(m, object)->slot_first);
		snprintf(alive, sizeof alive, "; its object @%u lives on as %X#%u", n->object, s->handle, s->generation);
	}
	if (!n->generation)
		lines_add(&r->odd, "%s used what is no handle, %X, %s", source_name(n->source), n->handle, times);
	else if (n->target)
		lines_add(&r->odd, "%s used %X#%u, which is closed, and met %X#%u, %s%s", source_name(n->source), n->handle,
			n->generation, n->handle, n->target, times, alive);
	else
		lines_add(&r->odd, "%s used the closed handle %X#%u, %s%s", source_name(n->source), n->handle, n->generation,
			times, alive);
}

static void odd_note(struct report *r, const struct note *n)
{
	char by[96], cycle[CYCLES_TEXT], target[96];
	uint32_t row = n->target && n->kind != EV_HANDLE_STALE ? thread_by_tid(r->query.machine, n->target) : 0;
	report_who(r, n->tid, by, sizeof by);
	cycles_text(cycle, n->cycle);
	switch (n->kind) {
	case EV_HANDLE_STALE: odd_stale(r, n, by); break;
	case EV_TIMER_CANCEL:
		if (object_by_id(r->query.machine, n->object) &&
			object_peek(r->query.machine, object_by_id(r->query.machine, n->object))->waiters)
			lines_add(&r->odd, "timer @%u was disarmed by %s at cyc %s while threads wait for it", n->object, by,
				cycle);
		break;
	case EV_THREAD_SUSPEND:
		if (row && thread_peek(r->query.machine, row)->suspend_count)
			lines_add(&r->odd, "%s was suspended by %s at cyc %s", report_who(r, n->target, target, sizeof target),
				by, cycle);
		break;
	case EV_APC_RUNDOWN:
		lines_add(&r->odd, "%s has ended with an APC still queued, at cyc %s: it never ran", by, cycle);
		break;
	default: break;
	}
}

/* Sections and locks whose owner will not come back. */
static void odd_sections(struct report *r)
{
	const struct machine *m = r->query.machine;
	char name[96], place_text[128];
	const char *how;
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_object); row++) {
		const struct w_object *o = object_peek(m, row);
		bool section = o->id && o->type == OT_CRITSEC, lock = o->id && o->type == OT_RWLOCK_EXCL;
		uint32_t owner, ga = lock ? rwlock_of(m, row) : o->body_ga;
		for (unsigned n = 0; (section || lock) && (owner = object_owner_nth(m, row, n, &how)); n++)
			if (thread_peek(m, owner)->state == TS_TERMINATED)
				lines_add(&r->odd, "%s has ended inside of %s @%u %s",
					report_who(r, thread_peek(m, owner)->tid, name, sizeof name),
					lock ? "read-write lock" : "critical section", o->id,
					report_place(r, ga, place_text, sizeof place_text));
	}
}

/* Objects that threads wait for, and that no handle names any more. */
static void odd_nameless(struct report *r)
{
	const struct machine *m = r->query.machine;
	char phrase[128], by[96], cycle[CYCLES_TEXT];
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_object); row++) {
		const struct w_object *o = object_peek(m, row);
		const struct past_life *last = NULL;
		for (uint32_t slot = 1; o->id && o->waiters && !o->handles && slot < arena_count(&m->world, m->t_slot); slot++) {
			const struct past_life *p = past_life_peek(m, slot);
			if (p->generation && p->osid == o->osid && (!last || p->by.cycle >= last->by.cycle))
				last = p;
		}
		if (last)
			lines_add(&r->odd, "%s is waited for, but %s closed its last handle at cyc %s",
				object_phrase(m, row, phrase, sizeof phrase), report_who(r, last->by.tid, by, sizeof by),
				cycles_text(cycle, last->by.cycle));
	}
}

/* What only answers, or is not built and answered all the same (`info stubs`). */
static void odd_stubs(struct report *r)
{
	char by[96];
	for (unsigned i = 0; i < export_count; i++) {
		const struct h_stub *s = stub_of_export(r->query.machine, i + 1);
		const struct export *e = &export_table[i];
		if (!s->calls)
			continue;
		report_who(r, s->last_tid, by, sizeof by);
		if (e->state == EXPORT_NONE)
			lines_add(&r->odd,
				"%s is not built: called %" PRIu64 " time%s (last: %s), it answered %" PRIX64 " (`info stubs`)",
				e->name, s->calls, s->calls == 1 ? "" : "s", by, s->answered);
		else
			lines_add(&r->odd, "%s is a stub: called %" PRIu64 " time%s (last: %s), it does nothing (`info stubs`)",
				e->name, s->calls, s->calls == 1 ? "" : "s", by);
	}
}

#define FAILED_SHOWN 6u

/* Calls that gave an error status. */
static void odd_failures(struct report *r)
{
	char text[REPORT_LINE] = "";
	size_t n = 0;
	unsigned found = 0;
	for (unsigned i = 0; i < export_count; i++) {
		const struct account_export *e = account_of_export(r->query.machine, i + 1);
		if (e->failures && found++ < FAILED_SHOWN)
			n += (size_t)snprintf(text + n, sizeof text - n, "%s%s %" PRIu64 " of %" PRIu64, n ? ", " : "",
				export_table[i].name, e->failures, e->calls);
	}
	if (found)
		lines_add(&r->odd, "calls that failed: %s%s (`info exports -failed`)", text, found > FAILED_SHOWN ? ", ..." : "");
}

/* Signals to what nobody was seen to make. */
static void odd_ghosts(struct report *r)
{
	uint32_t *rows = NULL;
	char from[SYMBOL_TEXT];
	unsigned n = audit_list(r->query.audit, &rows);
	for (unsigned i = 0; i < n; i++) {
		const struct audit_trail *t = audit_trail(r->query.audit, rows[i]);
		uint32_t object = object_by_id(r->query.machine, t->object), signals = t->ring[AUDIT_SIGNALS].total;
		bool ghost = t->origin == AUDIT_GHOST || (object && object_peek(r->query.machine, object)->ghost);
		if (ghost && signals && !t->ring[AUDIT_WAITS].total)
			lines_add(&r->odd,
				"%u signal%s to what nobody was seen to make and nobody waited for, at %s (`info ghosts`)",
				signals, signals == 1 ? "" : "s",
				report_place(r, t->object_ga ? t->object_ga : t->handle, from, sizeof from));
	}
	free(rows);
}

static void odd_apcs(struct report *r, uint32_t thread)
{
	const struct machine *m = r->query.machine;
	const struct w_thread *t = thread_peek(m, thread);
	char name[96];
	for (unsigned mode = APC_MODE_KERNEL; mode <= APC_MODE_USER; mode++) {
		unsigned n = 0;
		for (uint32_t row = t->apc_first[mode]; row; row = apc_peek(m, row)->next)
			n++;
		const char *why = n ? apc_held_by(m, t->apc_first[mode]) : NULL;
		if (why)
			lines_add(&r->odd, "%s has %u queued %s APC%s that cannot run: %s (`info apcs`)",
				report_who(r, t->tid, name, sizeof name), n, mode ? "user" : "kernel", n == 1 ? "" : "s", why);
	}
}

static void odd_threads(struct report *r)
{
	const struct machine *m = r->query.machine;
	char name[96];
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_thread); row++) {
		const struct w_thread *t = thread_peek(m, row);
		if (t->tid && t->parked)
			odd_apcs(r, row);
		if (t->tid && t->state != TS_TERMINATED && !t->started && t->suspend_count)
			lines_add(&r->odd, "%s was made suspended by tid %u and has never run",
				report_who(r, t->tid, name, sizeof name), t->parent_tid);
		if (t->tid && t->state == TS_TERMINATED && t->owned_first)
			lines_add(&r->odd, "%s has ended and still owns @%u", report_who(r, t->tid, name, sizeof name),
				object_peek(m, t->owned_first)->id);
	}
}

static void odd_books(struct report *r)
{
	const struct audit_state *a = audit_state(r->query.audit);
	for (unsigned i = 0; i < r->root_count; i++) {
		const struct w_object *o = object_peek(r->query.machine, r->roots[i].object);
		if (o->refs < o->handles + o->waiters + o->pointers)
			lines_add(&r->odd,
				"the references of @%u do not add up: %u, with %u handles, %u waiters and %u by pointer", o->id,
				o->refs, o->handles, o->waiters, o->pointers);
	}
	if (a->unseen)
		lines_add(&r->odd,
			"%" PRIu64 " signals went to objects that nobody was seen to make (`track add all` keeps them)",
			a->unseen);
	if (a->dropped)
		lines_add(&r->odd, "%" PRIu64 " trails were dropped to stay under the cap: older facts are missing", a->dropped);
	if (r->replay_note[0])
		lines_add(&r->odd, "%s", r->replay_note);
}

static void odd_object_references(struct report *r, uint32_t row, uint32_t left, uint32_t surplus)
{
	const struct machine *m = r->query.machine;
	char from[SYMBOL_TEXT], phrase[128], taken[SYMBOL_TEXT + 160] = "";
	struct ledger_entry e;
	object_phrase(m, row, phrase, sizeof phrase);
	if (object_pointer_taker(m, row, &e))
		snprintf(taken, sizeof taken, " (last taken by tid %u, %s from %s)", e.by.tid, source_name(e.by.source),
			report_place(r, e.by.lr, from, sizeof from));
	if (left)
		lines_add(&r->odd, "%s: %u reference%s by pointer never dropped%s", phrase, left, left == 1 ? "" : "s", taken);
	if (surplus)
		lines_add(&r->odd, "%s: %u dereference%s of what was not referenced", phrase, surplus, surplus == 1 ? "" : "s");
}

#define IMBALANCES_SHOWN 8u

/* References by pointer that outlive the title, and dereferences of what was not referenced. */
static void odd_references(struct report *r)
{
	const struct machine *m = r->query.machine;
	uint32_t found = 0;
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_object); row++) {
		if (!object_peek(m, row)->id)
			continue;
		uint32_t left = machine_row(m)->ended ? object_pointers_left(m, row) : 0, surplus = ledger_peek(m, row)->surplus;
		if ((left || surplus) && found++ < IMBALANCES_SHOWN)
			odd_object_references(r, row, left, surplus);
	}
	if (found > IMBALANCES_SHOWN)
		lines_add(&r->odd, "the references of %u more objects do not balance (`refs` shows them)",
			found - IMBALANCES_SHOWN);
}

void report_odd(struct report *r, const struct replay *replay)
{
	odd_stubs(r);
	for (unsigned i = 0; replay && i < replay->notes.count; i++)
		odd_note(r, &replay->notes.note[i]);
	odd_threads(r);
	odd_sections(r);
	odd_nameless(r);
	odd_ghosts(r);
	odd_failures(r);
	odd_references(r);
	odd_books(r);
}
