/* kernel/emit.c - see emit.h */
#include "config.h"

#include "kernel/emit.h"

#include "kernel/apc.h"
#include "kernel/call.h"
#include "kernel/exports.h"
#include "kernel/io.h"
#include "kernel/ledger.h"
#include "kernel/object.h"
#include "kernel/rows.h"
#include "kernel/seh.h"
#include "kernel/stall.h"

static void fill_thread(struct machine *m, struct event *ev, uint32_t thread)
{
	const struct w_thread *t = thread_peek(m, thread);
	const struct ppc_context *ctx = context_peek(m, thread);
	ev->tid = t->tid;
	ev->thread_key = t->key;
	ev->sp = (uint32_t)ctx->gpr[1];
	ev->lr = (uint32_t)ctx->lr;
	ev->pc = ctx->pc;
	ev->export_row = t->in_call ? t->export_row : 0;
	if (ev->export_row)
		ev->name = export_table[ev->export_row - 1].name;
}

bool emit_begin(struct machine *m, struct event *ev, enum event_kind kind, uint32_t thread)
{
	if (!(m->events.wanted & EV_BIT(kind))) {
		event_count_only(&m->events, thread ? thread_peek(m, thread)->tid : 0);
		return false;
	}
	*ev = (struct event){ .kind = kind, .cycle = machine_cycle(m), .instr = machine_instructions(m) };
	if (thread)
		fill_thread(m, ev, thread);
	return true;
}

static void fill_object(struct machine *m, struct event *ev, uint32_t object)
{
	const struct w_object *o = object_peek(m, object);
	ev->osid = o->osid;
	ev->object = o->id;
	ev->object_ga = o->body_ga;
	ev->type = o->type;
	ev->type_name = object_type_family(o->type);
	const char *name = o->type == OT_FILE ? file_object_name(m, object) : o->name_row ? name_peek(m, o->name_row)->text : o->type == OT_THREAD ? thread_peek(m, o->thread)->name : "";
	size_t n = strlen(name);
	memcpy(ev->object_name, name, n < sizeof ev->object_name ? n : sizeof ev->object_name - 1);
}

static void fill_slot(struct machine *m, struct event *ev, uint32_t slot)
{
	const struct w_slot *s = slot_peek(m, slot);
	ev->sid = s->sid;
	ev->handle = s->handle;
	ev->generation = s->generation;
}

void emit_object4(struct machine *m, enum event_kind kind, uint32_t thread, uint32_t object, uint32_t slot, const uint64_t aux[4])
{
	struct event ev;
	stall_note(m, kind, thread, object);
	if (!emit_begin(m, &ev, kind, thread))
		return;
	fill_object(m, &ev, object);
	if (slot)
		fill_slot(m, &ev, slot);
	memcpy(ev.aux, aux, sizeof ev.aux);
	event_emit(&m->events, &ev);
}

void emit_object(struct machine *m, enum event_kind kind, uint32_t thread, uint32_t object, uint32_t slot, uint64_t aux0, uint64_t aux1)
{
	emit_object4(m, kind, thread, object, slot, (uint64_t[4]){ aux0, aux1, 0, 0 });
}

void emit_stale(struct machine *m, uint32_t thread, uint32_t handle, uint32_t slot, uint32_t hit)
{
	struct event ev;
	if (!emit_begin(m, &ev, EV_HANDLE_STALE, thread))
		return;
	ev.handle = handle;
	if (slot) {
		const struct past_life *past = past_life_peek(m, slot);
		ev.sid = past->sid;
		ev.osid = past->osid;
		ev.generation = past->generation;
		ev.object = past->object;
		ev.object_ga = past->object_ga;
		ev.type = past->type;
		ev.type_name = object_type_family(past->type);
	}
	if (hit) {
		ev.aux[0] = hit;
		ev.aux[1] = object_peek(m, slot_peek(m, slot)->object)->id;
	}
	event_emit(&m->events, &ev);
}

void emit_thread(struct machine *m, enum event_kind kind, uint32_t thread, uint32_t about, uint64_t aux1, uint64_t aux2)
{
	struct event ev;
	if (!emit_begin(m, &ev, kind, thread))
		return;
	fill_object(m, &ev, thread_peek(m, about)->object);
	ev.aux[0] = thread_peek(m, about)->tid;
	ev.aux[1] = aux1;
	ev.aux[2] = aux2;
	event_emit(&m->events, &ev);
}

void emit_apc(struct machine *m, enum event_kind kind, uint32_t thread, uint32_t apc)
{
	struct event ev;
	struct g_kapc k;
	const struct w_apc *a = apc_peek(m, apc);
	if (!emit_begin(m, &ev, kind, thread))
		return;
	if (mem_peek(&m->mem, a->ga, &k, sizeof k) != MEM_OK)
		memset(&k, 0, sizeof k);
	fill_object(m, &ev, thread_peek(m, a->thread)->object);
	ev.aux[0] = thread_peek(m, a->thread)->tid;
	ev.aux[1] = be32_get(be32_get(k.normal_routine) ? k.normal_routine : k.kernel_routine);
	ev.aux[2] = a->mode;
	ev.aux[3] = a->ga;
	event_emit(&m->events, &ev);
}

void emit_call(struct machine *m, enum event_kind kind, const struct call *c)
{
	struct event ev;
	if (!emit_begin(m, &ev, kind, c->thread))
		return;
	const struct export *e = &export_table[c->row];
	ev.export_row = c->row + 1;
	ev.name = e->name;
	ev.nargs = e->nargs;
	/* A pointer or word in a register may have come with a sign in its upper half: 32-bit code does not know it is there. */
	for (unsigned i = 0; i < e->nargs && i < EVENT_ARGS; i++)
		ev.args[i] = e->args[i].type == AT_U64 ? c->arg[i] : (uint32_t)c->arg[i];
	event_emit(&m->events, &ev);
}

void emit_return(struct machine *m, uint32_t thread, uint64_t r3)
{
	struct event ev;
	if (!emit_begin(m, &ev, EV_KERNEL_RETURN, thread))
		return;
	ev.result = r3;
	event_emit(&m->events, &ev);
}

void emit_exception(struct machine *m, uint32_t thread, const struct g_exception_record *r, uint32_t ga)
{
	struct event ev;
	char type[SEH_TYPE_TEXT];
	if (!emit_begin(m, &ev, EV_EXCEPTION_RAISE, thread))
		return;
	const uint64_t aux[4] = { be32_get(r->code), be32_get(r->exception_address), be32_get(r->exception_flags), ga };
	memcpy(ev.aux, aux, sizeof ev.aux);
	if (seh_cxx_type(m, r, type, sizeof type))
		ev.text = type;
	event_emit(&m->events, &ev);
}

void emit_plain4(struct machine *m, enum event_kind kind, uint32_t thread, const uint64_t aux[4])
{
	struct event ev;
	if (!emit_begin(m, &ev, kind, thread))
		return;
	memcpy(ev.aux, aux, sizeof ev.aux);
	event_emit(&m->events, &ev);
}

void emit_plain(struct machine *m, enum event_kind kind, uint32_t thread, uint64_t aux0, uint64_t aux1, const char *text)
{
	struct event ev;
	if (!emit_begin(m, &ev, kind, thread))
		return;
	ev.aux[0] = aux0;
	ev.aux[1] = aux1;
	ev.text = text;
	event_emit(&m->events, &ev);
}

void emit_named4(struct machine *m, enum event_kind kind, uint32_t thread, const char *name, const uint64_t aux[4], const char *text)
{
	struct event ev;
	if (!emit_begin(m, &ev, kind, thread))
		return;
	size_t n = strlen(name);
	memcpy(ev.object_name, name, n < sizeof ev.object_name ? n : sizeof ev.object_name - 1);
	memcpy(ev.aux, aux, sizeof ev.aux);
	ev.text = text;
	event_emit(&m->events, &ev);
}
