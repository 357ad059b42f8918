/* ui/expr_names.c - what the names of ui/expr.def give, and the user's own variables. */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernel/exports.h"
#include "kernel/object.h"
#include "ui/expr_priv.h"
#include "ui/inspect/books.h"
#include "ui/session.h"

static const char no_event[] = "the machine does not stand at an event";

/* ---- registers with names ------------------------------------------------------------------------------------------------------ */

static const char *const specials[] = { "pc", "lr", "sp", "ctr", "cr", "xer", "msr", "fpscr", "vscr" };

static bool same(const char *word, const char *name, size_t length)
{
	return strlen(word) == length && !strncmp(word, name, length);
}

int expr_special_find(const char *name, size_t length)
{
	for (unsigned i = 0; i < ARRAY_LEN(specials); i++)
		if (same(specials[i], name, length))
			return (int)i;
	return -1;
}

bool expr_special_is(unsigned row, const char *name)
{
	return !strcmp(specials[row], name);
}

uint64_t expr_special_value(unsigned row, const struct ppc_context *c)
{
	const uint64_t values[] = { c->pc, c->lr, (uint32_t)c->gpr[1], c->ctr, ppc_cr(c), ppc_xer(c), c->msr, c->fpscr, c->vscr };
	_Static_assert(ARRAY_LEN(values) == ARRAY_LEN(specials), "a value for each name");
	return values[row];
}

/* ---- variables -------------------------------------------------------------------------------------------------------------------- */

/* One function per variable: false and *why, or the value. */
#define GET(name) static bool get_##name(const struct expr_context *c, struct value *v, const char **why)

static const struct machine *machine_of(const struct expr_context *c)
{
	return session_machine(c->s);
}

static bool need_event(const struct expr_context *c, const char **why)
{
	*why = no_event;
	return c->event != NULL;
}

static uint32_t event_object(const struct expr_context *c)
{
	return c->event->object ? object_by_id(machine_of(c), c->event->object) : 0;
}

GET(_tid)
{
	(void)why;
	*v = value_s(c->event ? c->event->tid : c->thread ? thread_peek(machine_of(c), c->thread)->tid : 0);
	return true;
}

GET(_instr)
{
	(void)why;
	*v = value_u(machine_instructions(machine_of(c)));
	return true;
}

GET(_cyc)
{
	(void)why;
	*v = value_u(c->event ? c->event->cycle : machine_cycle(machine_of(c)));
	return true;
}

GET(_ev)
{
	(void)why;
	*v = value_u(c->event ? c->event->seq : event_seq(&machine_of(c)->events));
	return true;
}

GET(_lr)
{
	*why = "there is no thread here";
	*v = value_u32(c->event ? c->event->lr : c->thread ? (uint32_t)context_peek(machine_of(c), c->thread)->lr : 0);
	return c->event || c->thread;
}

#define GET_EVENT(name, value) \
	GET(name) \
	{ \
		if (!need_event(c, why)) \
			return false; \
		*v = value; \
		return true; \
	}
GET_EVENT(_event, value_text(event_kind_name(c->event->kind)))
GET_EVENT(_handle, value_u32(c->event->handle))
GET_EVENT(_gen, value_s(c->event->generation))
GET_EVENT(_obj, value_s(c->event->object))
GET_EVENT(_type, value_text(c->event->type_name ? c->event->type_name : ""))
GET_EVENT(_name, value_text(c->event->object_name))
GET_EVENT(_argc, value_s(c->event->nargs))

static uint32_t oldest_handle(const struct machine *m, uint32_t object)
{
	uint32_t slot = object ? object_peek(m, object)->slot_first : 0;
	return slot ? slot_peek(m, slot)->handle : 0;
}
GET_EVENT(_alias, value_u32(oldest_handle(machine_of(c), event_object(c))))
GET_EVENT(_refs, value_s(event_object(c) ? object_peek(machine_of(c), event_object(c))->refs : 0))
GET_EVENT(_waiters, value_s(event_object(c) ? object_peek(machine_of(c), event_object(c))->waiters : 0))

GET(_export)
{
	(void)why;
	const char *name = c->event ? c->event->name : NULL;
	if (!c->event && c->thread && thread_peek(machine_of(c), c->thread)->in_call)
		name = source_name(thread_peek(machine_of(c), c->thread)->export_row);
	*v = value_text(name ? name : "");
	return true;
}

GET(_status)
{
	*why = "only kernel.return has a status";
	if (!c->event || c->event->kind != EV_KERNEL_RETURN)
		return false;
	*v = (struct value){ .s = (int32_t)c->event->result, .type = V_S32 };
	return true;
}

/* Which of the kind's own facts begins with @begin: event.def says. */
static bool own_fact(const struct expr_context *c, const char *begin, uint64_t *v)
{
	unsigned i = 0;
	for (const char *p = event_kind_aux(c->event->kind); p && *p; i++) {
		if (!strncmp(p, begin, strlen(begin))) {
			*v = c->event->aux[i];
			return true;
		}
		p = strchr(p, ',');
		p = p ? p + 1 + strspn(p + 1, " ") : NULL;
	}
	return false;
}

GET(_prev)
{
	uint64_t fact;
	if (!need_event(c, why))
		return false;
	*why = "this kind of event does not say what was before";
	if (!own_fact(c, "previous", &fact))
		return false;
	*v = value_s((int32_t)fact);
	return true;
}

GET(_exception)
{
	uint64_t fact;
	if (!need_event(c, why))
		return false;
	*why = "only events of exceptions have a code";
	if (!own_fact(c, "exception code", &fact))
		return false;
	*v = (struct value){ .u = (uint32_t)fact, .type = V_U32 };
	return true;
}

GET(_hits)
{
	(void)why;
	*v = value_u(c->hits);
	return true;
}

GET(_thits)
{
	(void)why;
	*v = value_u(c->thread_hits);
	return true;
}

GET(_stop)
{
	(void)why;
	*v = value_text(stop_kind_word(c->s->stop.kind));
	return true;
}

GET(bpnum)
{
	(void)why;
	*v = value_s(c->s->breaks.last_number);
	return true;
}

/* ---- fields -------------------------------------------------------------------------------------------------------------------------- */

#define FIELD(of, name) \
	static bool field_##of##_##name(const struct expr_context *c, uint32_t row, struct value *v, const char **why)

#define OBJECT_FIELD(name, value) \
	FIELD(object, name) \
	{ \
		const struct machine *m = machine_of(c); \
		const struct w_object *o = object_peek(m, row); \
		(void)why; \
		(void)o; \
		*v = value; \
		return true; \
	}
OBJECT_FIELD(id, value_s(o->id))
OBJECT_FIELD(type, value_text(object_type_name(o->type)))
OBJECT_FIELD(name, value_text(object_name(m, row)))
OBJECT_FIELD(state, value_s(object_signal_state(m, row)))
OBJECT_FIELD(refs, value_s(o->refs))
OBJECT_FIELD(handles, value_s(o->handles))
OBJECT_FIELD(handle, value_u32(oldest_handle(m, row)))
OBJECT_FIELD(waiters, value_s(o->waiters))
OBJECT_FIELD(creator, value_s(o->creator_tid))
OBJECT_FIELD(address, value_u32(o->body_ga))

static bool ring_total(const struct expr_context *c, uint32_t row, enum audit_ring_kind ring, struct value *v, const char **why)
{
	const struct audit *a = &c->s->rig->audit;
	uint32_t trail = audit_by_object(a, object_peek(machine_of(c), row)->id);
	*why = "no books are kept of this object";
	if (trail)
		*v = value_s(audit_trail(a, trail)->ring[ring].total);
	return trail != 0;
}

FIELD(object, signals) { return ring_total(c, row, AUDIT_SIGNALS, v, why); }
FIELD(object, waits) { return ring_total(c, row, AUDIT_WAITS, v, why); }
FIELD(object, wakes) { return ring_total(c, row, AUDIT_WAKES, v, why); }

#define THREAD_FIELD(name, value) \
	FIELD(thread, name) \
	{ \
		const struct machine *m = machine_of(c); \
		const struct w_thread *t = thread_peek(m, row); \
		const struct ppc_context *r = context_peek(m, row); \
		(void)why; \
		(void)t; \
		(void)r; \
		*v = value; \
		return true; \
	}
THREAD_FIELD(tid, value_s(t->tid))

/* As the tables name it. The last few texts stay valid: an expression may compare two. */
static const char *name_of_thread(const struct machine *m, uint32_t row)
{
	static char texts[8][80];
	static unsigned next;
	char *text = texts[next++ % ARRAY_LEN(texts)];
	const char *name = thread_name(m, row, text, sizeof texts[0]);
	if (name != text)
		snprintf(text, sizeof texts[0], "%s", name);
	return text;
}
THREAD_FIELD(name, value_text(name_of_thread(m, row)))
THREAD_FIELD(state, value_text(thread_state_word(m, row)))
THREAD_FIELD(pc, value_u32(r->pc))
THREAD_FIELD(lr, value_u32((uint32_t)r->lr))
THREAD_FIELD(sp, value_u32((uint32_t)r->gpr[1]))
THREAD_FIELD(priority, value_s(t->priority))
THREAD_FIELD(hw, value_s(t->hw))
THREAD_FIELD(suspended, value_s(t->suspend_count))
THREAD_FIELD(start, value_u32(t->start_ga))

/* ---- the list ------------------------------------------------------------------------------------------------------------------------- */

static const struct {
	const char *name, *help;
	bool (*get)(const struct expr_context *c, struct value *v, const char **why);
} variables[] = {
#define EXPR_VARIABLE(name, help) { #name, help, get_##name },
#include "ui/expr.def"
};

static const struct {
	char of;
	const char *name, *help;
	bool (*get)(const struct expr_context *c, uint32_t row, struct value *v, const char **why);
} fields[] = {
#define EXPR_FIELD(of, name, help) { #of[0], #name, help, field_##of##_##name },
#include "ui/expr.def"
};

int expr_name_find(char of, const char *name, size_t length)
{
	for (unsigned i = 0; of == 'v' && i < ARRAY_LEN(variables); i++)
		if (same(variables[i].name, name, length))
			return (int)i;
	for (unsigned i = 0; i < ARRAY_LEN(fields); i++)
		if (fields[i].of == of && same(fields[i].name, name, length))
			return (int)i;
	return -1;
}

bool expr_name_value(unsigned row, const struct expr_context *c, struct value *v, const char **why)
{
	return variables[row].get(c, v, why);
}

bool expr_field_value(unsigned row, const struct expr_context *c, struct value from, struct value *v, const char **why)
{
	return fields[row].get(c, (uint32_t)from.u, v, why);
}

bool expr_name(unsigned i, const char **name, const char **help)
{
	static const char *const texts[] = {
#define EXPR_VARIABLE(name, help) "$" #name,
#include "ui/expr.def"
#define EXPR_FIELD(of, name, help) #of "(..)." #name,
#include "ui/expr.def"
	};
	if (i >= ARRAY_LEN(texts))
		return false;
	*name = texts[i];
	*help = i < ARRAY_LEN(variables) ? variables[i].help : fields[i - ARRAY_LEN(variables)].help;
	return true;
}

/* ---- the user's own ----------------------------------------------------------------------------------------------------------------- */

int user_variable_find(const struct user_variables *v, const char *name, size_t length)
{
	for (unsigned i = 0; i < v->count; i++)
		if (same(v->list[i].name, name, length))
			return (int)i;
	return -1;
}

bool expr_is_register(const char *name)
{
	unsigned number = 0;
	char rest;
	return sscanf(name, "r%u%c", &number, &rest) == 1 || sscanf(name, "f%u%c", &number, &rest) == 1 ||
	       sscanf(name, "v%u%c", &number, &rest) == 1 || sscanf(name, "cr%u%c", &number, &rest) == 1 ||
	       expr_special_find(name, strlen(name)) >= 0;
}

static bool good_name(const char *name)
{
	size_t n = strlen(name);
	if (!n || n >= sizeof ((struct user_variable *)NULL)->name || isdigit((unsigned char)*name) || expr_is_register(name))
		return false;
	for (const char *p = name; *p; p++)
		if (!isalnum((unsigned char)*p) && *p != '_')
			return false;
	return expr_name_find('v', name, n) < 0 && strcmp(name, "_args") != 0;
}

enum status user_variable_set(struct user_variables *v, const char *name, const struct value *value, struct err *err)
{
	if (!good_name(name))
		return err_set(err, ST_BAD_VALUE, "$%.40s cannot be set: only a name of your own can", name);
	if (!value->pointer && (value->type == V_OBJECT || value->type == V_THREAD))
		return err_set(err, ST_BAD_VALUE, "$%s cannot hold an object or a thread: keep its number", name);
	int i = user_variable_find(v, name, strlen(name));
	struct value fresh = *value;
	if (!fresh.pointer && fresh.type == V_TEXT)
		fresh.text = xstrdup(fresh.text);
	if (i < 0) {
		if (v->count == v->room) {
			v->room = v->room ? 2 * v->room : 16;
			v->list = xrealloc(v->list, v->room * sizeof *v->list);
		}
		i = (int)v->count++;
		snprintf(v->list[i].name, sizeof v->list[i].name, "%s", name);
	} else if (!v->list[i].value.pointer && v->list[i].value.type == V_TEXT) {
		free((char *)v->list[i].value.text);
	}
	v->list[i].value = fresh;
	return ST_OK;
}

void user_variables_fini(struct user_variables *v)
{
	for (unsigned i = 0; i < v->count; i++)
		if (!v->list[i].value.pointer && v->list[i].value.type == V_TEXT)
			free((char *)v->list[i].value.text);
	free(v->list);
	*v = (struct user_variables){ 0 };
}
