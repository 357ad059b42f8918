/* ui/cmd_time.c - commands that go back: checkpoints, reverse execution, moments. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>

#include "ui/cmd.h"
#include "ui/inspect/stack.h"

#define FOREVER UINT64_MAX

/* Behind a command that moved: the position is shown. */
static enum status moved(struct session *s, enum status st)
{
	if (st == ST_OK)
		show_stop(s);
	return st;
}

static enum status nothing_before(struct session *s, const char *what)
{
	say(s, "no %s before this: it stands where it stood", what);
	return ST_OK;
}

/* ---- checkpoints --------------------------------------------------------------------------------------------------------- */

enum status cmd_checkpoint(struct session *s, const struct cmd_args *a, struct err *err)
{
	unsigned number;
	enum status st = given_words(a, 0, 0, "checkpoint", err);
	if (st == ST_OK)
		st = timeline_checkpoint(s, &number, err);
	if (st == ST_OK)
		say(s, "checkpoint %u", number);
	return st;
}

enum status cmd_restart(struct session *s, const struct cmd_args *a, struct err *err)
{
	uint64_t number = 0;
	enum status st = given_words(a, 1, 1, "restart N", err);
	if (st == ST_OK && !parse_number(a->word[0], &number))
		st = err_set(err, ST_BAD_VALUE, "'%s' is no number of a checkpoint", a->word[0]);
	return moved(s, st == ST_OK ? timeline_restart(s, (unsigned)number, err) : st);
}

enum status cmd_forget(struct session *s, const struct cmd_args *a, struct err *err)
{
	uint64_t number = 0;
	enum status st = given_words(a, 1, 1, "forget N", err);
	if (st == ST_OK && !parse_number(a->word[0], &number))
		st = err_set(err, ST_BAD_VALUE, "'%s' is no number of a checkpoint", a->word[0]);
	return st == ST_OK ? timeline_delete(s, (unsigned)number, err) : st;
}

enum status cmd_when(struct session *s, const struct cmd_args *a, struct err *err)
{
	struct query q = session_query(s);
	enum status st = given_words(a, 0, 0, "when", err);
	if (st == ST_OK)
		show_table(s, TABLE_WHEN, &q);
	return st;
}

enum status cmd_back(struct session *s, const struct cmd_args *a, struct err *err)
{
	enum status st = given_words(a, 0, 0, "back", err);
	if (st == ST_OK)
		st = timeline_back(s, -1, err);
	if (st == ST_OK)
		show_stop(s);
	return st;
}

enum status cmd_fwd(struct session *s, const struct cmd_args *a, struct err *err)
{
	enum status st = given_words(a, 0, 0, "fwd", err);
	if (st == ST_OK)
		st = timeline_back(s, 1, err);
	if (st == ST_OK)
		show_stop(s);
	return st;
}

/* ---- reverse execution --------------------------------------------------------------------------------------------------- */

static bool any_stop(struct session *s, void *ctx)
{
	(void)ctx;
	return s->breaks.reached_count != 0;
}

enum status cmd_reverse_continue(struct session *s, const struct cmd_args *a, struct err *err)
{
	bool found = false;
	enum status st = given_words(a, 0, 0, "reverse-continue", err);
	if (st == ST_OK)
		st = timeline_last(s, true, any_stop, NULL, &found, err);
	if (st != ST_OK || found)
		return moved(s, st);
	st = timeline_restart(s, 0, err);
	if (st == ST_OK)
		say(s, "no stop of yours before this: back where recording began");
	return moved(s, st);
}

enum status cmd_reverse_stepi(struct session *s, const struct cmd_args *a, struct err *err)
{
	uint64_t count = 0;
	enum status st = given_words(a, 0, 1, "reverse-stepi [N]", err);
	if (st == ST_OK)
		st = given_count(a, 0, 1, &count, err);
	return moved(s, st == ST_OK ? timeline_step_back(s, count, err) : st);
}

/* A thread at a place, with its stack pointer where a frame has it. */
struct place {
	uint32_t tid, pc, sp;
};

static bool at_place(struct session *s, void *ctx)
{
	const struct place *p = ctx;
	const struct machine *m = session_machine(s);
	uint32_t row = s->stop.tid == p->tid ? thread_by_tid(m, p->tid) : 0;
	return row && s->stop.pc == p->pc && (uint32_t)context_peek(m, row)->gpr[1] == p->sp;
}

/* To the last time before now that the thread was there. */
static enum status last_time_at(struct session *s, struct place *p, bool *found, struct err *err)
{
	breaks_add_inner(s, p->pc);
	enum status st = timeline_last(s, false, at_place, p, found, err);
	breaks_remove_inner(s);
	if (st == ST_OK && *found) {
		s->stop.kind = STOP_STEP;
		s->stop.text[0] = 0;
	}
	return st;
}

static enum status next_back(struct session *s, struct err *err)
{
	const struct machine *m = session_machine(s);
	const struct ppc_context *c = context_peek(m, s->thread);
	struct place call = { thread_peek(m, s->thread)->tid, c->pc - 4, (uint32_t)c->gpr[1] };
	uint32_t word;
	bool found, behind_call = mem_fetch(&m->mem, call.pc, &word) == MEM_OK && ppc_is_call(word);
	enum status st = timeline_step_back(s, 1, err);
	if (st != ST_OK || !behind_call || context_peek(m, s->thread)->pc == call.pc)
		return st;
	/* It came here by returning from what the call before it called, or by a jump. */
	return last_time_at(s, &call, &found, err);
}

enum status cmd_reverse_nexti(struct session *s, const struct cmd_args *a, struct err *err)
{
	uint64_t count = 0;
	enum status st = given_words(a, 0, 1, "reverse-nexti [N]", err);
	if (st == ST_OK)
		st = given_count(a, 0, 1, &count, err);
	if (st == ST_OK && !s->thread)
		st = err_set(err, ST_STATE, "no thread is selected");
	while (st == ST_OK && count--)
		st = next_back(s, err);
	return moved(s, st);
}

enum status cmd_reverse_finish(struct session *s, const struct cmd_args *a, struct err *err)
{
	const struct machine *m = session_machine(s);
	struct stack stack;
	struct place call = { 0 };
	bool found = false;
	enum status st = given_words(a, 0, 0, "reverse-finish", err);
	if (st == ST_OK && s->thread) {
		thread_stack(m, s->thread, STACK_FRAMES_MAX, &stack);
		if (s->frame + 1 < stack.count && stack.frame[s->frame + 1].pc)
			call = (struct place){ thread_peek(m, s->thread)->tid, stack.frame[s->frame + 1].pc - 4, stack.frame[s->frame + 1].sp };
	}
	if (st == ST_OK && !call.tid)
		st = err_set(err, ST_STATE, "frame %u has no caller", s->frame);
	if (st == ST_OK)
		st = last_time_at(s, &call, &found, err);
	return st == ST_OK && !found ? nothing_before(s, "call of this function") : moved(s, st);
}

/* ---- an object's events -------------------------------------------------------------------------------------------------- */

/* Kinds of events that a mention of the object in a goto means. */
struct object_moments {
	struct machine *machine;
	uint32_t object;              /* id */
	bool creation;                /* only its birth */
	bool met;                     /* the stop that comes is one of them */
};

static void at_object_event(void *ctx, const struct event *ev)
{
	struct object_moments *o = ctx;
	bool birth = ev->kind == EV_OBJECT_CREATE || ev->kind == EV_HANDLE_CREATE;
	if (ev->object != o->object || (o->creation && !birth))
		return;
	o->met = true;
	machine_stop_on_event(o->machine, ev);
}

static bool is_object_event(struct session *s, void *ctx)
{
	struct object_moments *o = ctx;
	bool met = o->met && s->stop.kind == STOP_EVENT;
	o->met = false;
	return met;
}

static unsigned watch_object(struct object_moments *o)
{
	return event_subscribe(&o->machine->events, &(struct event_observer){ EV_ALL, at_object_event, o });
}

static enum status last_event(struct session *s, uint32_t object, struct err *err)
{
	struct object_moments o = { session_machine(s), object, false, false };
	bool found = false;
	unsigned slot = watch_object(&o);
	enum status st = timeline_last(s, false, is_object_event, &o, &found, err);
	event_unsubscribe(&o.machine->events, slot);
	return st == ST_OK && !found ? nothing_before(s, "event of this object") : moved(s, st);
}

/* Forward from here, or from the start, to the next event of the object. */
static enum status next_event(struct session *s, uint32_t object, bool from_start, bool creation, struct err *err)
{
	const struct run_goal never = { FOREVER, FOREVER, FOREVER, true };
	struct object_moments o = { session_machine(s), object, creation, false };
	enum status st = from_start ? timeline_restart(s, 0, err) : ST_OK;
	if (st != ST_OK)
		return st;
	unsigned slot = watch_object(&o);
	session_run_to(s, &never);
	event_unsubscribe(&o.machine->events, slot);
	if (s->stop.kind == STOP_EVENT)
		s->stop.kind = STOP_STEP;
	return moved(s, ST_OK);
}

/* Id of the object named, of the one named last if there is no word. */
static enum status object_of_word(struct session *s, const struct cmd_args *a, uint32_t *id, struct err *err)
{
	struct target t;
	if (a->count < 2) {
		*id = s->went_object;
		return *id ? ST_OK : err_set(err, ST_BAD_USAGE, "which object? goto last|prev|next|first|create H");
	}
	uint64_t number;
	/* An id needs no object: it may be gone by now, or not be there yet. */
	if (a->word[1][0] == '@' && parse_number(a->word[1] + 1, &number) && number - 1 < UINT32_MAX) {
		*id = s->went_object = (uint32_t)number;
		return ST_OK;
	}
	enum status st = given_target(s, a->word[1], &t, err);
	if (st != ST_OK)
		return st;
	*id = t.object ? object_peek(session_machine(s), t.object)->id : audit_trail(&s->rig->audit, t.trail)->object;
	s->went_object = *id;
	return ST_OK;
}

static enum status goto_object(struct session *s, const struct cmd_args *a, struct err *err)
{
	const char *verb = a->word[0];
	uint32_t id;
	enum status st = object_of_word(s, a, &id, err);
	if (st != ST_OK)
		return st;
	if (!strcmp(verb, "last") || !strcmp(verb, "prev"))
		return last_event(s, id, err);
	return next_event(s, id, strcmp(verb, "next") != 0, !strcmp(verb, "create"), err);
}

/* ---- goto ---------------------------------------------------------------------------------------------------------------- */

static bool is_one_of(const char *word, const char *const *words, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (!strcmp(word, words[i]))
			return true;
	return false;
}

/* To a count of instructions, cycles or events: back through the past, forward by running, with the user's stops counted. */
static enum status goto_count(struct session *s, unsigned kind, uint64_t v, struct err *err)
{
	struct run_goal goal = { kind == 0 ? v : FOREVER, kind == 1 ? v : FOREVER, kind == 2 ? v : FOREVER, true };
	struct moment now = session_now(s);
	uint64_t at = kind == 0 ? now.instr : kind == 1 ? now.cycle : now.event;
	enum status st = ST_OK;
	if (v < at)
		st = timeline_goto(s, &goal, err);
	else if (v > at)
		session_run_to(s, &goal);
	return moved(s, st);
}

enum status cmd_goto(struct session *s, const struct cmd_args *a, struct err *err)
{
	static const char *const counts[] = { "instr", "cyc", "ev" }, *const objects[] = { "last", "prev", "next", "first", "create" };
	const char *usage = "goto instr N | cyc N | ev N | ckpt N | wedge | last H | prev | next | first H | create H", *number = a->rest;
	const char *verb = a->count ? a->word[0] : "";
	unsigned kind = 0;
	uint64_t v = 0;
	if (is_one_of(verb, objects, ARRAY_LEN(objects)))
		return goto_object(s, a, err);
	if (a->count == 1 && !strcmp(verb, "wedge")) {
		session_run_to(s, &(struct run_goal){ FOREVER, FOREVER, FOREVER, true });
		return moved(s, ST_OK);
	}
	while (kind < ARRAY_LEN(counts) && strcmp(counts[kind], verb) != 0)
		kind++;
	bool checkpoint = !strcmp(verb, "ckpt");
	if (a->count < 2 || (kind == ARRAY_LEN(counts) && !checkpoint))
		return err_set(err, ST_BAD_USAGE, "%s", usage);
	number += strcspn(number, " \t");
	number += strspn(number, " \t");
	enum status st = parse_count(number, &v) ? ST_OK : expr_eval(s, number, false, &v, err);
	if (st != ST_OK)
		return st;
	return checkpoint ? moved(s, timeline_restart(s, v > UINT32_MAX ? UINT32_MAX : (unsigned)v, err)) : goto_count(s, kind, v, err);
}

/* ---- bisect, last-writer ------------------------------------------------------------------------------------------------- */

static bool expression_holds(struct session *s, void *ctx)
{
	struct expr_context c = expr_here(s);
	struct value v;
	struct err err;
	return expr_value(ctx, &c, &v, &err) == ST_OK && value_true(&v);
}

enum status cmd_bisect(struct session *s, const struct cmd_args *a, struct err *err)
{
	struct expr *e;
	uint64_t from = 0, to = machine_instructions(session_machine(s));
	const char *end;
	bool found = false;
	int used = 0;
	if (!*a->rest)
		return err_set(err, ST_BAD_USAGE, "an expression is missing: bisect EXPRESSION [from A to B]");
	enum status st = expr_compile(s, a->rest, false, &end, &e, err);
	if (st != ST_OK)
		return st;
	if (*end && (sscanf(end, "from %" SCNu64 " to %" SCNu64 "%n", &from, &to, &used) != 2 || end[used] || from >= to))
		st = err_set(err, ST_BAD_USAGE, "'%s' is not understood: bisect EXPRESSION [from A to B] (instructions)", end);
	if (st == ST_OK)
		st = timeline_bisect(s, from, to, expression_holds, e, &found, err);
	expr_free(e);
	if (st == ST_OK && !found) {
		say(s, "it is not false at the begin and true at the end of that span");
		return ST_OK;
	}
	return moved(s, st);
}

static bool is_watch(struct session *s, void *ctx)
{
	const struct breakpoint *p = ctx;
	for (unsigned i = 0; i < s->breaks.reached_count; i++)
		if (s->breaks.reached[i] == p->number)
			return true;
	return false;
}

enum status cmd_last_writer(struct session *s, const struct cmd_args *a, struct err *err)
{
	uint32_t ga = 0;
	bool found = false;
	char text[sizeof s->stop.text];
	enum status st = *a->rest ? expr_address(s, a->rest, &ga, err) : err_set(err, ST_BAD_USAGE, "an address is missing: last-writer ADDRESS");
	if (st != ST_OK)
		return st;
	struct breakpoint *p = breaks_new(s, POINT_WATCH);
	unsigned number = p->number;
	p->ga = ga;
	p->size = 1;
	p->on_write = true;
	p->what = xstrdup("last store");
	breaks_enable(s, p, true);
	st = timeline_last(s, true, is_watch, p, &found, err);
	snprintf(text, sizeof text, "%s", s->stop.text);
	breaks_remove(s, number);
	s->breaks.last_number = number - 1;
	if (st == ST_OK && !found)
		return nothing_before(s, "store to that byte");
	if (st == ST_OK) {
		const char *what = strstr(text, ": ");
		say(s, "%s", what ? what + 2 : text);
		s->break_number = 0;
		s->stop = (struct stop){ .kind = STOP_STEP, .tid = s->stop.tid, .pc = s->stop.pc };
		breaks_forget(s);
	}
	return moved(s, st);
}
