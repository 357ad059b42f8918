/* ui/inspect/cause.c - see cause.h */
#include "config.h"

#include "ui/inspect/cause.h"

#include <stdarg.h>
#include <stdio.h>

#include "kernel/audio.h"
#include "kernel/exports.h"
#include "kernel/io.h"
#include "kernel/ntstatus.h"
#include "kernel/overlapped.h"
#include "kernel/owner.h"
#include "kernel/request.h"
#include "kernel/rwlock.h"
#include "ui/inspect/books.h"
#include "ui/out.h"

static const struct {
	const char *word, *text;
} causes[] = {
#define CAUSE(id, word, text) { word, text },
	CAUSES(CAUSE)
#undef CAUSE
};

const char *cause_word(enum cause c) { return causes[c].word; }
const char *cause_text(enum cause c) { return causes[c].text; }

const char *confidence_word(enum confidence c)
{
	static const char *const words[] = { "LOW", "MEDIUM", "HIGH" };
	return words[c];
}

/* What is known when the question is asked. */
struct known {
	const struct graph *g;
	const struct query *q;
	uint32_t object;              /* row */
	const struct w_object *o;
	const struct audit_trail *trail;
	uint64_t waiting_since;       /* cycle: of the longest wait */
	struct audit_entry signal[AUDIT_RING], wake[AUDIT_RING], name[AUDIT_RING];
	unsigned signals, wakes, names;
};

static bool decide(struct verdict *out, enum cause c, enum confidence f, const char *fmt, ...) PRINTF_LIKE(4, 5);
static bool decide(struct verdict *out, enum cause c, enum confidence f, const char *fmt, ...)
{
	va_list ap;
	out->cause = c;
	out->confidence = f;
	va_start(ap, fmt);
	vsnprintf(out->evidence, sizeof out->evidence, fmt, ap);
	va_end(ap);
	return true;
}

/* ---- each cause: true if it is the one ------------------------------------------------------------------------------- */

static bool not_woken(const struct known *k, struct verdict *out)
{
	const struct machine *m = k->q->machine;
	if (object_signal_state(m, k->object) <= 0)
		return false;
	for (uint32_t row = k->o->wait_head; row; row = wait_peek(m, row)->next) {
		const struct w_thread *t = thread_peek(m, wait_peek(m, row)->thread);
		bool all = t->wait_all && t->wait_count > 1;
		for (uint32_t w = t->wait_first; all && w; w = wait_peek(m, w)->thread_next)
			if (object_signal_state(m, wait_peek(m, w)->object) <= 0)
				all = false;
		if (t->wait_count <= 1 || !t->wait_all || all)
			return decide(out, CAUSE_NOT_WOKEN, CONFIDENCE_HIGH, "it is signalled (%d), yet tid %u waits for it",
			              object_signal_state(m, k->object), t->tid);
	}
	return false;
}

/* A circle that is not read from the kernel all around: past signals say who would have to let the owner go. */
static bool owner_waits(const struct known *k, uint32_t owner, unsigned wanted, struct verdict *out)
{
	char text[128];
	return decide(out, CAUSE_OWNER_CYCLE, CONFIDENCE_MEDIUM, "its owner, tid %u, waits for %s; whoever has signalled that before waits for the owner",
	              thread_peek(k->q->machine, owner)->tid, node_text(k->g, wanted, text, sizeof text));
}

static bool owner_gone(const struct known *k, struct verdict *out)
{
	const char *how;
	if (!type_is_owned(k->o->type))
		return false;
	const struct machine *m = k->q->machine;
	uint32_t owner = object_owner(m, k->object, &how), tid = 0, row;
	const struct rwlock_hold *h;
	for (unsigned n = 0; (row = object_owner_nth(m, k->object, n, &how)); n++)
		if (thread_peek(m, row)->state == TS_TERMINATED)
			tid = thread_peek(m, row)->tid;
	for (unsigned n = 0; !tid && (h = rwlock_hold(m, rwlock_of(m, k->object), n)); n++)
		if (!thread_by_tid(m, h->tid))
			tid = h->tid;
	if (tid)
		return decide(out, CAUSE_OWNER_GONE, CONFIDENCE_HIGH, "its owner, tid %u, has ended without letting it go", tid);
	int node = owner ? graph_thread(k->g, owner) : -1;
	for (unsigned i = 0; node >= 0 && i < k->g->edges; i++)
		if (k->g->edge[i].from == (unsigned)node && k->g->edge[i].needed)
			return owner_waits(k, owner, k->g->edge[i].to, out);
	return decide(out, CAUSE_UNKNOWN, CONFIDENCE_LOW, "it has no owner that is known");
}

/* A timer that is not armed. One that came due, and was not armed anew, is a signal like any other. */
static bool disarmed(const struct known *k, struct verdict *out)
{
	struct audit_entry e[AUDIT_RING];
	if ((k->o->type != OT_TIMER_MANUAL && k->o->type != OT_TIMER_AUTO) || k->o->deadline_row || !k->trail)
		return false;
	unsigned n = audit_entries(k->q->audit, k->trail, AUDIT_ARMS, e);
	unsigned long long when = n ? (unsigned long long)(e[n - 1].tick * CYCLES_PER_TICK) : 0;
	if (n && e[n - 1].kind == EV_TIMER_CANCEL)
		return decide(out, CAUSE_CANCELLED, CONFIDENCE_HIGH, "tid %u disarmed it (%s, cyc %llu)%s; it came due %u time%s before", e[n - 1].tid,
		              source_name(e[n - 1].source), when, when > k->waiting_since ? " while it was waited for" : "",
		              k->trail->ring[AUDIT_SIGNALS].total, k->trail->ring[AUDIT_SIGNALS].total == 1 ? "" : "s");
	if (!n && !k->signals)
		return decide(out, CAUSE_NEVER_SENT, k->trail->origin == AUDIT_CREATED ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM, "it was never armed");
	return false;
}

/* Does the export in @source signal something that is named by a handle? */
static bool signals_by_handle(uint32_t source)
{
	static const char *const words[] = { "NtSet", "NtPulse", "NtRelease", "NtSignal" };
	for (unsigned i = 0; i < ARRAY_LEN(words); i++)
		if (!strncmp(source_name(source), words[i], strlen(words[i])))
			return true;
	return false;
}

/* A handle of this object was closed; under the same number, another object was signalled later. */
static bool wrong_object(const struct known *k, struct verdict *out)
{
	const struct machine *m = k->q->machine;
	for (unsigned i = 0; i < k->names; i++) {
		uint32_t slot = slot_by_handle(m, k->name[i].handle);
		if (k->name[i].kind == EV_HANDLE_STALE && signals_by_handle(k->name[i].source))
			return decide(out, CAUSE_WRONG_OBJECT, CONFIDENCE_HIGH, "tid %u used its closed handle %X#%u at cyc %llu", k->name[i].tid,
			              k->name[i].handle, k->name[i].generation,
			              (unsigned long long)(k->name[i].tick * CYCLES_PER_TICK));
		if (k->name[i].kind != EV_HANDLE_DESTROY || !slot || slot_peek(m, slot)->state != SLOT_OPEN)
			continue;
		uint32_t other = slot_peek(m, slot)->object;
		const struct audit_trail *trail = other == k->object ? NULL : object_trail(k->q, other);
		struct audit_entry e[AUDIT_RING];
		unsigned n = trail ? audit_entries(k->q->audit, trail, AUDIT_SIGNALS, e) : 0;
		for (unsigned s = 0; s < n; s++)
			if (e[s].handle == k->name[i].handle && e[s].seq > k->name[i].seq)
				return decide(out, CAUSE_WRONG_OBJECT, CONFIDENCE_MEDIUM,
				              "handle %X was this object's; it is @%u now, which tid %u signalled at cyc %llu", e[s].handle,
				              object_peek(m, other)->id, e[s].tid, (unsigned long long)(e[s].tick * CYCLES_PER_TICK));
	}
	return false;
}

static bool detached(const struct known *k, struct verdict *out)
{
	if (!k->o->detached)
		return false;
	return decide(out, CAUSE_WRONG_OBJECT, CONFIDENCE_HIGH,
	              "its memory at %08X was initialised again while it was waited for: signals there go to a new object", k->o->body_ga);
}

static bool not_completed_by_driver(const struct machine *m, uint32_t row, struct verdict *out)
{
	const struct w_request *q = request_peek(m, row);
	return decide(out, CAUSE_NOT_COMPLETED, CONFIDENCE_HIGH,
		"tid %u's %s (%s, IRP %08X, cyc %llu) was left pending by the title's own driver of %.80s, which has not completed it",
		q->tid, source_name(q->export_row), request_word(q->major), q->irp_ga, (unsigned long long)q->started,
		devfile_of(m, q->object)->name);
}

/* A request that was to signal it is with a device that answers nothing. */
static bool not_completed(const struct known *k, struct verdict *out)
{
	char name[FS_PATH_MAX + FS_LINK_MAX + 3];
	const struct machine *m = k->q->machine;
	uint32_t row = io_lost_for(m, k->object), call = row ? 0 : overlapped_lost_for(m, k->object);
	if (call)
		return decide(out, CAUSE_NOT_COMPLETED, CONFIDENCE_HIGH, "tid %u's %s (XOVERLAPPED %08X, cyc %llu) was taken, and nobody ever answers",
		              overlapped_peek(m, call)->tid, source_name(overlapped_peek(m, call)->export_row), overlapped_peek(m, call)->ga,
		              (unsigned long long)overlapped_peek(m, call)->started);
	if (!row && request_pending_for(m, k->object))
		return not_completed_by_driver(m, request_pending_for(m, k->object), out);
	if (!row)
		return false;
	const struct w_io *io = io_peek(m, row);
	return decide(out, CAUSE_NOT_COMPLETED, CONFIDENCE_HIGH, "tid %u's %s of %.100s (%u bytes, cyc %llu) was taken, and its device never answers",
	              io->tid, source_name(io->export_row), file_name(m, open_of(m, io->object)->file, name, sizeof name), io->length,
	              (unsigned long long)io->started);
}

/* What an audio worker parks on: it is asked for a frame whenever one is played. */
static bool audio_starved(const struct known *k, struct verdict *out)
{
	const struct machine *m = k->q->machine;
	char symbol[SYMBOL_TEXT];
	for (uint32_t row = 1; row <= AUDIO_CLIENTS; row++) {
		const struct w_audio *a = audio_peek(m, row);
		if (a->object == k->object && a->callback && !a->queued)
			return decide(out, CAUSE_NEVER_SENT, CONFIDENCE_HIGH,
				"%llu frames were handed in and played, and %08X %s was called without handing in one, %u times: the driver asks for no more",
				(unsigned long long)audio_count(m, row)->submitted, a->callback, code_text(m, a->callback, symbol, sizeof symbol),
				AUDIO_DEPTH);
	}
	return false;
}

static bool never_sent(const struct known *k, struct verdict *out)
{
	if (!k->trail || k->trail->ring[AUDIT_SIGNALS].total)
		return false;
	bool whole = k->trail->origin == AUDIT_CREATED;
	return decide(out, CAUSE_NEVER_SENT, whole ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM,
	              k->o->ghost ? "0 signals since its first use; it lies in the title's memory, and nobody was seen to make it"
	              : whole ? "0 signals since it was made, through any handle or address" : "0 signals since the books know it");
}

static bool waits_now(const struct known *k, uint32_t tid)
{
	const struct machine *m = k->q->machine;
	for (uint32_t row = k->o->wait_head; row; row = wait_peek(m, row)->next)
		if (thread_peek(m, wait_peek(m, row)->thread)->tid == tid)
			return true;
	return false;
}

/* The signals came, and those who wait now took them all: the next one is missing, and its senders are gone. */
static bool senders_gone(const struct known *k, struct verdict *out)
{
	for (unsigned i = 0; i < k->signals; i++) {
		uint32_t row = k->signal[i].tid ? thread_by_tid(k->q->machine, k->signal[i].tid) : 0;
		if (row && thread_peek(k->q->machine, row)->state != TS_TERMINATED)
			return false;
	}
	return decide(out, CAUSE_OWNER_GONE, CONFIDENCE_MEDIUM, "%u signals came and were received; whoever sent them has ended (last: tid %u)",
	              k->trail->ring[AUDIT_SIGNALS].total, k->signal[k->signals - 1].tid);
}

/* All signals were received, and one who sent them has had its turn since. */
static bool next_never_sent(const struct known *k, struct verdict *out)
{
	for (unsigned i = k->signals; i-- > 0;) {
		const struct audit_entry *e = &k->signal[i];
		uint32_t row = e->tid ? thread_by_tid(k->q->machine, e->tid) : 0;
		if (row && graph_owes(k->g, row, k->object))
			return decide(out, CAUSE_NEVER_SENT, CONFIDENCE_MEDIUM,
			              "signals so far: %u, all received; tid %u (its last one: cyc %llu) has been woken since, and has not sent the next",
			              k->trail->ring[AUDIT_SIGNALS].total, e->tid, (unsigned long long)(e->tick * CYCLES_PER_TICK));
	}
	return false;
}

static bool consumed(const struct known *k, struct verdict *out)
{
	if (!k->signals)
		return false;
	const struct audit_entry *last = &k->signal[k->signals - 1], *taker = NULL;
	for (unsigned i = 0; i < k->wakes; i++)
		if (k->wake[i].kind == EV_OBJECT_WAKE && k->wake[i].seq > last->seq)
			taker = &k->wake[i];
	unsigned long long when = (unsigned long long)(last->tick * CYCLES_PER_TICK);
	unsigned total = k->trail->ring[AUDIT_SIGNALS].total;
	bool early = when <= k->waiting_since;
	if (taker && !waits_now(k, taker->tid))
		return decide(out, CAUSE_CONSUMED, CONFIDENCE_HIGH, "the last of %u signals (tid %u, cyc %llu) was taken by tid %u", total, last->tid,
		              when, taker->tid);
	if (!taker && last->kind == EV_OBJECT_PULSE && early)
		return decide(out, CAUSE_CONSUMED, CONFIDENCE_HIGH, "the last of %u signals was a pulse (tid %u, cyc %llu) that met no waiter", total,
		              last->tid, when);
	if (!taker && k->trail->resets && early)
		return decide(out, CAUSE_CONSUMED, CONFIDENCE_HIGH, "the last of %u signals (tid %u, cyc %llu) was reset before anyone waited", total,
		              last->tid, when);
	if (taker && (senders_gone(k, out) || next_never_sent(k, out)))
		return true;
	if (taker && early)
		return decide(out, CAUSE_CONSUMED, CONFIDENCE_MEDIUM, "%u signals, the last one (tid %u, cyc %llu) taken by tid %u's earlier wait",
		              total, last->tid, when, taker->tid);
	return false;
}

static bool undecided(const struct known *k, struct verdict *out)
{
	return decide(out, CAUSE_UNKNOWN, CONFIDENCE_LOW, k->trail ? "%u signals are on record, none explains it" : "there is no trail of it",
	              k->trail ? k->trail->ring[AUDIT_SIGNALS].total : 0);
}

/* The first that holds, from what is certain to what is not. */
static bool (*const questions[])(const struct known *k, struct verdict *out) = {
	detached, not_completed, audio_starved, not_woken, owner_gone, disarmed, wrong_object, never_sent, consumed, undecided,
};

static void gather(struct known *k, const struct graph *g, uint32_t object)
{
	const struct machine *m = g->query->machine;
	*k = (struct known){ .g = g, .q = g->query, .object = object, .o = object_peek(m, object), .trail = object_trail(g->query, object) };
	k->waiting_since = k->o->wait_head ? thread_peek(m, wait_peek(m, k->o->wait_head)->thread)->wait_since : 0;
	if (!k->trail)
		return;
	k->signals = audit_entries(k->q->audit, k->trail, AUDIT_SIGNALS, k->signal);
	k->wakes = audit_entries(k->q->audit, k->trail, AUDIT_WAKES, k->wake);
	k->names = audit_entries(k->q->audit, k->trail, AUDIT_NAMES, k->name);
}

void cause_decide(const struct graph *g, unsigned root, struct verdict *out)
{
	const struct root *r = &g->root[root];
	const struct node *n = &g->node[r->node];
	struct known k;
	*out = (struct verdict){ 0 };
	if (r->cycle) {
		decide(out, CAUSE_OWNER_CYCLE, CONFIDENCE_HIGH, "every edge of the circle is read from the kernel's state");
		return;
	}
	if (node_is_thread(n)) {
		const struct w_thread *t = thread_peek(g->query->machine, n->row);
		decide(out, CAUSE_OWNER_GONE, CONFIDENCE_HIGH, t->started ? "tid %u is suspended (count %u)" : "tid %u was made suspended (count %u), and never resumed",
		       t->tid, t->suspend_count);
		return;
	}
	gather(&k, g, n->row);
	for (unsigned i = 0; i < ARRAY_LEN(questions); i++)
		if (questions[i](&k, out))
			return;
}

/* Calls that only begin something: PENDING, or nothing at all. */
static bool never_completed(const struct known *k, const struct hindsight *h, struct verdict *out)
{
	const struct audit_ring *signals = k->trail ? &k->trail->ring[AUDIT_SIGNALS] : NULL;
	enum export_state state = h->passed_source ? export_table[h->passed_source - 1].state : EXPORT_IMPL;
	bool stub = state != EXPORT_IMPL;
	bool since = k->signals && k->signal[k->signals - 1].tick * CYCLES_PER_TICK >= h->passed_cycle;
	if (!h->passed_source || (h->passed_status != NT_PENDING && !stub) || !signals || since)
		return false;
	return decide(out, CAUSE_NOT_COMPLETED, signals->total ? CONFIDENCE_MEDIUM : CONFIDENCE_HIGH,
	              "%s got it from tid %u (cyc %llu) to set it at its end, and %s: nobody has set it since", source_name(h->passed_source),
	              h->passed_tid, (unsigned long long)h->passed_cycle, state == EXPORT_NONE ? "is not built" : stub ? "is a stub" : "returned PENDING");
}

/* A store into the header wakes nobody: that is no fault of the kernel's. */
static bool set_by_hand(const struct known *k, const struct hindsight *h, const struct verdict *was, struct verdict *out)
{
	if (was->cause != CAUSE_NOT_WOKEN || !h->raw_stores)
		return false;
	char symbol[SYMBOL_TEXT];
	code_text(k->q->machine, h->raw_pc, symbol, sizeof symbol);
	return decide(out, CAUSE_NEVER_SENT, CONFIDENCE_HIGH,
	              "its state says signalled, but the title itself has stored that (tid %u at %08X %.60s): a store wakes nobody", h->raw_tid, h->raw_pc,
	              symbol);
}

bool cause_with_hindsight(const struct graph *g, unsigned root, const struct hindsight *h, struct verdict *out)
{
	const struct root *r = &g->root[root];
	struct known k;
	if (r->cycle || node_is_thread(&g->node[r->node]))
		return false;
	gather(&k, g, g->node[r->node].row);
	if (set_by_hand(&k, h, out, out))
		return true;
	bool open = out->cause == CAUSE_NEVER_SENT || out->cause == CAUSE_UNKNOWN || out->cause == CAUSE_CONSUMED;
	return open && never_completed(&k, h, out);
}
