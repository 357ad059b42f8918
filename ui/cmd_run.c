/* ui/cmd_run.c - commands that run the machine, and breakpoints. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "ui/cmd.h"
#include "ui/expr.h"

/* ---- stops ------------------------------------------------------------------------------------------------------------- */

static bool has_instruction(enum stop_kind k)
{
	return k == STOP_BREAK || k == STOP_STEP || k == STOP_FAULT || k == STOP_ILLEGAL || k == STOP_TRAP || k == STOP_INTERRUPT ||
	       k == STOP_LIMIT;
}

static void show_place(struct session *s)
{
	const struct machine *m = session_machine(s);
	char symbol[SYMBOL_TEXT], cycles[CYCLES_TEXT], instr[CYCLES_TEXT];
	cycles_text(cycles, machine_cycle(m));
	cycles_text(instr, machine_instructions(m));
	if (s->thread && s->stop.kind != STOP_WEDGE && s->stop.kind != STOP_ENDED) {
		uint32_t pc = context_peek(m, s->thread)->pc;
		symbol_text(m->image, pc, symbol, sizeof symbol);
		say(s, "  tid %u at %08X%s%s   instr %s   cyc %s", thread_peek(m, s->thread)->tid, pc, symbol[0] ? " " : "", symbol, instr, cycles);
	} else {
		say(s, "  instr %s   cyc %s   ev %" PRIu64, instr, cycles, event_seq(&m->events));
	}
}

void show_stop(struct session *s)
{
	char text[1024];
	struct query q = session_query(s);
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
	           machine_digest(m), s->tainted ? " tainted" : "");
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

/* ---- breakpoints ------------------------------------------------------------------------------------------------------- */

static enum status set_break(struct session *s, const struct cmd_args *a, bool temporary, struct err *err)
{
	struct machine *m = session_machine(s);
	char symbol[SYMBOL_TEXT];
	uint32_t ga, word;
	enum status st = *a->rest ? expr_address(s, a->rest, &ga, err) : expr_address(s, "$pc", &ga, err);
	if (st != ST_OK)
		return st;
	if (ga & 3)
		return err_set(err, ST_BAD_VALUE, "%08X is no instruction's address: they are multiples of 4", ga);
	if (mem_fetch(&m->mem, ga, &word) != MEM_OK)
		return err_set(err, ST_BAD_ADDRESS, "there is no code at %08X", ga);
	const struct breakpoint *b = breaks_add(&s->breaks, m->cpu, ga, temporary);
	symbol_text(m->image, ga, symbol, sizeof symbol);
	say(s, "%s %u at %08X%s%s", temporary ? "temporary breakpoint" : "breakpoint", b->number, ga, symbol[0] ? " " : "", symbol);
	return ST_OK;
}

enum status cmd_break(struct session *s, const struct cmd_args *a, struct err *err) { return set_break(s, a, false, err); }
enum status cmd_tbreak(struct session *s, const struct cmd_args *a, struct err *err) { return set_break(s, a, true, err); }

enum change { DELETE, ENABLE, DISABLE };

static void change_break(struct session *s, unsigned number, enum change change)
{
	struct cpu *cpu = session_machine(s)->cpu;
	if (change == DELETE)
		breaks_remove(&s->breaks, cpu, number);
	else
		breaks_enable(&s->breaks, cpu, number, change == ENABLE);
}

/* All numbers are looked at before anything is changed. */
static enum status change_breaks(struct session *s, const struct cmd_args *a, enum change change, struct err *err)
{
	for (unsigned i = 0; i < a->count; i++) {
		uint64_t n;
		if (!parse_number(a->word[i], &n) || n > UINT32_MAX || !breaks_find(&s->breaks, (unsigned)n))
			return err_set(err, ST_NOT_FOUND, "there is no breakpoint %s", a->word[i]);
	}
	if (!a->count && change == DELETE && s->breaks.count && !confirmed(s, "Delete all breakpoints?"))
		return ST_OK;
	for (unsigned i = 0; i < a->count; i++)
		change_break(s, (unsigned)strtoul(a->word[i], NULL, 0), change);
	for (unsigned i = s->breaks.count; !a->count && i-- > 0;)
		change_break(s, s->breaks.list[i].number, change);
	return ST_OK;
}

enum status cmd_delete(struct session *s, const struct cmd_args *a, struct err *err) { return change_breaks(s, a, DELETE, err); }
enum status cmd_enable(struct session *s, const struct cmd_args *a, struct err *err) { return change_breaks(s, a, ENABLE, err); }
enum status cmd_disable(struct session *s, const struct cmd_args *a, struct err *err) { return change_breaks(s, a, DISABLE, err); }
