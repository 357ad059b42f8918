/* ui/notes.c - see notes.h */
#include "config.h"

#include "ui/notes.h"

#include <stdlib.h>

#include "kernel/exports.h"
#include "kernel/guest.h"

#define NOTES_MAX 4096u

static bool same_note(const struct note *a, const struct note *b)
{
	return a->kind == b->kind && a->source == b->source && a->object == b->object && a->target == b->target &&
	       a->handle == b->handle && a->generation == b->generation;
}

static void add_note(struct notes *r, struct note n)
{
	for (unsigned i = 0; i < r->count; i++)
		if (same_note(&r->note[i], &n)) {
			n.count += r->note[i].count;
			r->note[i] = n;
			return;
		}
	if (r->count == r->room) {
		if (r->room >= NOTES_MAX)
			return;
		r->room = r->room ? r->room * 2 : 64;
		r->note = xrealloc(r->note, r->room * sizeof *r->note);
	}
	r->note[r->count++] = n;
}

/* ---- events that are to be set when a call is complete --------------------------------------------------------------------- */

/* The place of the argument in which such an export takes its event: a handle called `event` behind the first one. 0 = it takes none. */
static unsigned event_argument(const struct export *e)
{
	for (unsigned i = 1; i < e->nargs && i < EVENT_ARGS; i++)
		if (e->args[i].type == AT_HANDLE && !strcmp(e->args[i].name, "event"))
			return i;
	return 0;
}

static void passed(struct notes *r, const struct event *ev)
{
	unsigned arg = event_argument(&export_table[ev->export_row - 1]);
	uint32_t handle = arg ? (uint32_t)ev->args[arg] : 0, slot = handle ? slot_by_handle(r->machine, handle) : 0;
	if (!slot || slot_peek(r->machine, slot)->state != SLOT_OPEN || r->passings == ARRAY_LEN(r->passing))
		return;
	const struct w_slot *s = slot_peek(r->machine, slot);
	r->passing[r->passings++] = (struct passing){ .tid = ev->tid,
		.source = ev->export_row,
		.lr = ev->lr,
		.handle = s->handle,
		.generation = s->generation,
		.object = object_peek(r->machine, s->object)->id,
		.cycle = ev->cycle };
}

static void returned(struct notes *r, const struct event *ev)
{
	for (unsigned i = 0; i < r->passings; i++) {
		const struct passing p = r->passing[i];
		if (p.tid != ev->tid || p.source != ev->export_row)
			continue;
		r->passing[i] = r->passing[--r->passings];
		add_note(r, (struct note){ p.cycle, EV_KERNEL_RETURN, p.tid, p.lr, p.source, p.handle, p.generation, p.object,
				    (uint32_t)ev->result, 1 });
		return;
	}
}

static void see(void *ctx, const struct event *ev)
{
	struct notes *r = ctx;
	struct note n = { ev->cycle, ev->kind, ev->tid, ev->lr, ev->export_row, ev->handle, ev->generation, ev->object, 0, 1 };
	if (ev->kind == EV_KERNEL_CALL || ev->kind == EV_KERNEL_RETURN) {
		if (ev->export_row && ev->kind == EV_KERNEL_CALL)
			passed(r, ev);
		else if (r->passings)
			returned(r, ev);
		return;
	}
	if (ev->kind == EV_THREAD_SUSPEND || ev->kind == EV_THREAD_RESUME || ev->kind == EV_HANDLE_STALE)
		n.target = (uint32_t)ev->aux[0];
	add_note(r, n);
}

/* ---- raw stores ---------------------------------------------------------------------------------------------------------- */

static void touched(void *ctx, uint32_t ga, unsigned size, bool store)
{
	struct notes *r = ctx;
	if (!store || !r->machine->executing)
		return;
	for (unsigned i = 0; i < r->raws; i++) {
		uint32_t at = mem_canonical(ga), header = mem_canonical(r->raw[i].ga), object;
		if (at + size <= header || at >= header + sizeof(struct g_dispatch_header))
			continue;
		object = object_by_osid(r->machine, r->raw[i].osid);
		if (!object || object_peek(r->machine, object)->body_ga != r->raw[i].ga)
			continue;
		r->stored = (int)i;
		machine_accessed(r->machine);
	}
}

/* Behind the instruction. */
static void accessed(void *ctx)
{
	struct notes *r = ctx;
	uint32_t thread = machine_current_thread(r->machine);
	if (r->stored < 0 || !thread)
		return;
	struct raw_stores *s = &r->raw[r->stored];
	r->stored = -1;
	s->count++;
	s->cycle = machine_cycle(r->machine);
	s->tid = thread_peek(r->machine, thread)->tid;
	s->pc = context_peek(r->machine, thread)->pc - 4;
}

/* ---- the watch ----------------------------------------------------------------------------------------------------------- */

#define NOTED \
	(EV_BIT(EV_HANDLE_STALE) | EV_BIT(EV_THREAD_SUSPEND) | EV_BIT(EV_THREAD_RESUME) | EV_BIT(EV_TIMER_CANCEL) | \
		EV_BIT(EV_APC_RUNDOWN) | EV_BIT(EV_KERNEL_CALL) | EV_BIT(EV_KERNEL_RETURN))

void notes_watch(struct notes *n, struct machine *m)
{
	*n = (struct notes){ .machine = m, .stored = -1 };
	event_subscribe(&m->events, &(struct event_observer){ NOTED, see, n });
}

void notes_watch_headers(struct notes *n, const struct machine *now, const uint64_t *osids, unsigned count)
{
	struct machine *m = n->machine;
	n->raw = xcalloc(count + 1, sizeof *n->raw);
	for (unsigned i = 0; i < count; i++) {
		uint32_t object = object_by_osid(now, osids[i]);
		if (!object)
			continue;
		n->raw[n->raws++] = (struct raw_stores){ .osid = osids[i], .ga = object_peek(now, object)->body_ga };
		mem_attr_set(&m->mem, object_peek(now, object)->body_ga, MEM_WATCH_W);
	}
	m->mem.hooks.watched = touched;
	m->mem.hooks.watch_ctx = n;
	m->hooks.accessed = accessed;
	m->hooks.ctx = n;
}

void notes_fini(struct notes *n)
{
	free(n->note);
	free(n->raw);
	*n = (struct notes){ 0 };
}

const struct raw_stores *notes_raw(const struct notes *n, uint64_t osid)
{
	for (unsigned i = 0; i < n->raws; i++)
		if (n->raw[i].osid == osid)
			return &n->raw[i];
	return NULL;
}
