/* ui/cmd_run.c - commands that run the machine, and breakpoints. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "ui/cmd.h"
#include "ui/inspect/stack.h"
#include "ui/source.h"

/* ---- stops ------------------------------------------------------------------------------------------------------------- */

static bool has_instruction(enum stop_kind k)
{
	return k == STOP_BREAK || k == STOP_STEP || k == STOP_EVENT || k == STOP_WATCH || k == STOP_FAULT || k == STOP_ILLEGAL || k == STOP_TRAP || k == STOP_EXCEPTION || k == STOP_GPU || k == STOP_INTERRUPT ||
	       k == STOP_LIMIT;
}

static void show_place(struct session *s)
{
	const struct machine *m = session_machine(s);
	char symbol[SYMBOL_TEXT], source[SOURCE_TEXT], cycles[CYCLES_TEXT], instr[CYCLES_TEXT];
	cycles_text(cycles, machine_cycle(m));
	cycles_text(instr, machine_instructions(m));
	if (s->thread && s->stop.kind != STOP_WEDGE && s->stop.kind != STOP_STANDSTILL && s->stop.kind != STOP_STALL && s->stop.kind != STOP_ENDED) {
		uint32_t pc = context_peek(m, s->thread)->pc;
		code_text(m, pc, symbol, sizeof symbol);
		const struct w_thread *t = thread_peek(m, s->thread);
		source_text_at(m->image, pc, source, sizeof source);
		say(s, "  %s %u at %08X%s%s%s%s   instr %s   cyc %s", t->tid ? "tid" : "DPC on hw", t->tid ? t->tid : t->hw, pc, symbol[0] ? " " : "", symbol,
		    source[0] ? "  " : "", source, instr, cycles);
	} else {
		say(s, "  instr %s   cyc %s   ev %" PRIu64, instr, cycles, event_seq(&m->events));
	}
}

void show_stop(struct session *s)
{
	char text[1024];
	struct query q = session_query(s);
	if (s->quiet || (s->breaks.silent && s->breaks.reached_count))
		return;
	if (s->out->json) {
		show_table(s, TABLE_STOP, &q);
		return;
	}
	/* The terminal has echoed ^C. */
	if (s->interactive && s->stop.kind == STOP_INTERRUPT)
		say(s, "%s", "");
	say(s, "%sstopped:%s %s", out_style(s->out, STYLE_BOLD), out_style(s->out, STYLE_PLAIN), session_stop_text(s, text, sizeof text));
	show_place(s);
	if (has_instruction(s->stop.kind) && s->thread && thread_peek(q.machine, s->thread)->state != TS_TERMINATED) {
		source_show(s);
		q.ga = context_peek(q.machine, s->thread)->pc;
		q.count = 1;
		show_table(s, TABLE_CODE, &q);
	}
}

enum status cmd_status(struct session *s, const struct cmd_args *a, struct err *err)
{
	enum status st = given_words(a, 0, 0, "status", err);
	struct query q = session_query(s);
	if (st == ST_OK)
		show_table(s, TABLE_STOP, &q);
	return st;
}

enum status cmd_digest(struct session *s, const struct cmd_args *a, struct err *err)
{
	enum status st = given_words(a, 0, 0, "digest", err);
	struct query q = session_query(s);
	if (st != ST_OK)
		return st;
	if (s->out->json)
		show_table(s, TABLE_DIGEST, &q);
	else
		print_digest(s);
	return ST_OK;
}

void print_digest(struct session *s)
{
	const struct machine *m = session_machine(s);
	out_printf(s->out, "instructions=%" PRIu64 " cycles=%" PRIu64 " digest=%016" PRIx64 "%s\n", machine_instructions(m), machine_cycle(m),
	           machine_digest(m), session_tainted(s) ? " tainted" : "");
}

/* ---- running ----------------------------------------------------------------------------------------------------------- */

static enum status not_ended(const struct session *s, struct err *err)
{
	if (s->stop.kind != STOP_ENDED)
		return ST_OK;
	return err_set(err, ST_STATE, "the title has ended (`run` starts it again)");
}

/* "-n INSTR" at word @i. */
static enum status instruction_limit(const struct cmd_args *a, unsigned i, uint64_t *limit, struct err *err)
{
	if (i + 1 >= a->count)
		return err_set(err, ST_BAD_USAGE, "-n takes a number of instructions");
	return given_count(a, i + 1, 0, limit, err);
}

enum status cmd_run(struct session *s, const struct cmd_args *a, struct err *err)
{
	uint64_t limit = UINT64_MAX;
	enum status st = ST_OK;
	if (a->count && (strcmp(a->word[0], "-n") || a->count > 2))
		return err_set(err, ST_BAD_USAGE, "unknown argument '%s': run [-n INSTR]", a->word[0]);
	if (a->count)
		st = instruction_limit(a, 0, &limit, err);
	if (st == ST_OK && s->stop.kind != STOP_ENTRY) {
		bool over = s->stop.kind == STOP_ENDED || s->stop.kind == STOP_WEDGE;
		if (!over && !confirmed(s, "The title is running. Start it again from its entry?"))
			return ST_OK;
		st = session_restart(s, err);
	}
	if (st != ST_OK)
		return st;
	session_run(s, limit);
	show_stop(s);
	return ST_OK;
}

enum status cmd_reset(struct session *s, const struct cmd_args *a, struct err *err)
{
	enum status st = given_words(a, 0, 0, "reset", err);
	if (st != ST_OK || (s->stop.kind != STOP_ENTRY && !confirmed(s, "Back to the entry? What has run is gone.")))
		return st;
	st = session_restart(s, err);
	if (st == ST_OK)
		show_stop(s);
	return st;
}

enum status cmd_continue(struct session *s, const struct cmd_args *a, struct err *err)
{
	uint64_t limit = UINT64_MAX, passes = 1;
	enum status st = not_ended(s, err);
	for (unsigned i = 0; st == ST_OK && i < a->count; i++) {
		if (!strcmp(a->word[i], "-n"))
			st = instruction_limit(a, i++, &limit, err);
		else
			st = given_count(a, i, 1, &passes, err);
	}
	if (st != ST_OK)
		return st;
	unsigned number = s->break_number;
	uint64_t end = machine_instructions(session_machine(s));
	end = limit > UINT64_MAX - end ? UINT64_MAX : end + limit;
	do
		session_run(s, end == UINT64_MAX ? end : end - machine_instructions(session_machine(s)));
	while (s->break_number && s->break_number == number && --passes);
	show_stop(s);
	return ST_OK;
}

static enum status step(struct session *s, const struct cmd_args *a, void (*by)(struct session *, uint64_t), const char *synopsis,
                        struct err *err)
{
	uint64_t count;
	enum status st = given_words(a, 0, 1, synopsis, err);
	if (st == ST_OK)
		st = given_count(a, 0, 1, &count, err);
	if (st == ST_OK)
		st = not_ended(s, err);
	if (st != ST_OK)
		return st;
	if (!s->thread || thread_peek(session_machine(s), s->thread)->state == TS_TERMINATED)
		return err_set(err, ST_STATE, "the selected thread has ended (`thread TID` selects another)");
	by(s, count);
	show_stop(s);
	return ST_OK;
}

enum status cmd_stepi(struct session *s, const struct cmd_args *a, struct err *err)
{
	return step(s, a, session_step, "stepi [N]", err);
}

enum status cmd_nexti(struct session *s, const struct cmd_args *a, struct err *err)
{
	return step(s, a, session_next, "nexti [N]", err);
}

/* ---- to a place, to a moment --------------------------------------------------------------------------------------------- */

enum status can_step(const struct session *s, struct err *err)
{
	enum status st = not_ended(s, err);
	if (st == ST_OK && (!s->thread || thread_peek(session_machine(s), s->thread)->state == TS_TERMINATED))
		st = err_set(err, ST_STATE, "the selected thread has ended (`thread TID` selects another)");
	return st;
}

/* Where frame @n of the selected thread returns to; false: nowhere. */
static bool return_place(const struct session *s, uint32_t n, uint32_t *ga, uint32_t *sp)
{
	struct stack stack;
	thread_stack(session_machine(s), s->thread, STACK_FRAMES_MAX, &stack);
	if (n + 1 >= stack.count || !stack.frame[n + 1].pc)
		return false;
	*ga = stack.frame[n + 1].pc;
	*sp = stack.frame[n + 1].sp;
	return true;
}

enum status cmd_finish(struct session *s, const struct cmd_args *a, struct err *err)
{
	uint32_t ga = 0, sp = 0;
	enum status st = given_words(a, 0, 0, "finish", err);
	if (st == ST_OK)
		st = can_step(s, err);
	if (st == ST_OK && !return_place(s, s->frame, &ga, &sp))
		st = err_set(err, ST_STATE, "frame %u has no caller", s->frame);
	if (st != ST_OK)
		return st;
	session_run_until(s, ga, 0, sp);
	show_stop(s);
	if (s->stop.kind == STOP_STEP && s->thread && !s->quiet)
		say(s, "returned r3 = %08X (%d)", (uint32_t)context_peek(session_machine(s), s->thread)->gpr[3],
		        (int32_t)context_peek(session_machine(s), s->thread)->gpr[3]);
	return ST_OK;
}

/* To the place given, or out of the present function, whichever comes first. */
static enum status run_to_place(struct session *s, const char *place, struct err *err)
{
	uint32_t ga = 0, back = 0, sp = 0, word;
	enum status st = expr_address(s, place, &ga, err);
	if (st == ST_OK && ((ga & 3) || mem_fetch(&session_machine(s)->mem, ga, &word) != MEM_OK))
		st = err_set(err, ST_BAD_ADDRESS, "there is no code at %08X", ga);
	if (st != ST_OK)
		return st;
	/* A place further in has its stack pointer below: only the way back is asked about its frame. */
	if (!return_place(s, s->frame, &back, &sp))
		back = 0;
	session_run_until(s, ga, back, 0);
	show_stop(s);
	return ST_OK;
}

/* Without a place: like nexti, but a loop is not gone through again. */
enum status cmd_until(struct session *s, const struct cmd_args *a, struct err *err)
{
	enum status st = can_step(s, err);
	if (st == ST_OK && *a->rest)
		return run_to_place(s, a->rest, err);
	if (st != ST_OK)
		return st;
	uint32_t from = context_peek(session_machine(s), s->thread)->pc, thread = s->thread, sp, now;
	sp = (uint32_t)context_peek(session_machine(s), thread)->gpr[1];
	do {
		session_next(s, 1);
		now = context_peek(session_machine(s), thread)->pc;
	} while (s->stop.kind == STOP_STEP && s->thread == thread && now <= from &&
	         (uint32_t)context_peek(session_machine(s), thread)->gpr[1] == sp);
	show_stop(s);
	return ST_OK;
}

enum status cmd_advance(struct session *s, const struct cmd_args *a, struct err *err)
{
	enum status st = can_step(s, err);
	if (st == ST_OK && !*a->rest)
		st = err_set(err, ST_BAD_USAGE, "a place is missing: advance LOCATION");
	return st == ST_OK ? run_to_place(s, a->rest, err) : st;
}

static const struct run_goal never = { UINT64_MAX, UINT64_MAX, UINT64_MAX, true };

enum status cmd_run_wedge(struct session *s, const struct cmd_args *a, struct err *err)
{
	struct run_goal goal = never;
	uint64_t cycles;
	enum status st = not_ended(s, err);
	if (st == ST_OK && a->count && (a->count != 2 || strcmp(a->word[0], "-limit") != 0))
		st = err_set(err, ST_BAD_USAGE, "run-wedge [-limit CYCLES]");
	if (st == ST_OK && a->count) {
		st = given_count(a, 1, 0, &cycles, err);
		goal.cycle = st == ST_OK ? machine_cycle(session_machine(s)) + cycles : 0;
	}
	if (st != ST_OK)
		return st;
	session_run_to(s, &goal);
	show_stop(s);
	return ST_OK;
}
