/* ui/cmd_data.c - commands that look at threads, stacks, registers, memory and code. */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernel/module.h"
#include "src/load/image.h"
#include "ui/cmd.h"
#include "ui/expr.h"
#include "ui/inspect/stack.h"
#include "ui/source.h"

/* ---- threads and frames ------------------------------------------------------------------------------------------------- */

/* ---- thread apply ---------------------------------------------------------------------------------------------------------------- */

/* Is thread row @row one of those that word @which means: "all", "parked", "1,9"? */
static bool meant(const struct session *s, const char *which, uint32_t row, uint32_t object)
{
	const struct w_thread *t = thread_peek(session_machine(s), row);
	char tid[16];
	size_t n = (size_t)snprintf(tid, sizeof tid, "%u", t->tid);
	if (!t->tid || t->state == TS_TERMINATED)
		return false;
	if (object) {
		for (uint32_t w = t->parked ? t->wait_first : 0; w; w = wait_peek(session_machine(s), w)->thread_next)
			if (wait_peek(session_machine(s), w)->object == object)
				return true;
		return false;
	}
	if (!strcmp(which, "all") || (!strcmp(which, "parked") && t->parked))
		return true;
	for (const char *p = which; *p; p += strcspn(p, ","), p += *p == ',')
		if (strcspn(p, ",") == n && !strncmp(p, tid, n))
			return true;
	return false;
}

/* apply all|parked|on H|TID,TID.. COMMAND */
static enum status thread_apply(struct session *s, const struct cmd_args *a, struct err *err)
{
	const struct machine *m = session_machine(s);
	struct target target = { 0 };
	bool on = a->count > 1 && !strcmp(a->word[1], "on");
	unsigned skip = on ? 3 : 2, thread = s->thread, frame = s->frame, arrivals = s->arrivals;
	enum status st = given_words(a, skip + 1, CMD_WORDS, "thread apply all|parked|on H|TID,TID... COMMAND", err);
	if (st == ST_OK && on)
		st = given_target(s, a->word[2], &target, err);
	if (st == ST_OK && on && !target.object)
		st = err_set(err, ST_NOT_FOUND, "the object of %s is gone", a->word[2]);
	if (st == ST_OK && !on && strcmp(a->word[1], "all") && strcmp(a->word[1], "parked") && strspn(a->word[1], "0123456789,") != strlen(a->word[1]))
		st = err_set(err, ST_BAD_VALUE, "'%.60s' names no threads: all, parked, on H, or 1,9", a->word[1]);
	const char *line = a->rest;
	for (unsigned i = 0; i < skip; i++) {
		line += strcspn(line, " \t");
		line += strspn(line, " \t");
	}
	for (uint32_t row = 1; st == ST_OK && !s->quit && arrivals == s->arrivals && row < arena_count(&m->world, m->t_thread); row++) {
		char name[80];
		if (!meant(s, a->word[1], row, target.object))
			continue;
		session_select(s, row);
		say(s, "thread %u %s:", thread_peek(m, row)->tid, thread_name(m, row, name, sizeof name));
		st = cmd_line(s, line, err);
	}
	if (arrivals == s->arrivals) {
		s->thread = thread;
		s->frame = frame;
	}
	return st;
}

enum status cmd_thread(struct session *s, const struct cmd_args *a, struct err *err)
{
	uint32_t row;
	if (a->count && !strcmp(a->word[0], "apply"))
		return thread_apply(s, a, err);
	enum status st = given_words(a, 0, 1, "thread [TID]", err);
	if (st == ST_OK)
		st = given_thread(s, a->count ? a->word[0] : NULL, &row, err);
	if (st != ST_OK)
		return st;
	if (a->count)
		session_select(s, row);
	struct query q = session_query(s);
	show_table(s, TABLE_THREAD, &q);
	return ST_OK;
}

static enum status select_frame(struct session *s, int64_t n, struct err *err)
{
	struct stack stack;
	thread_stack(session_machine(s), s->thread, STACK_FRAMES_MAX, &stack);
	if (!stack.count)
		return err_set(err, ST_STATE, "the selected thread has no stack");
	if (n < 0 || n >= (int64_t)stack.count)
		return err_set(err, ST_BAD_VALUE, "there is no frame %d: they are 0 to %u", (int)n, stack.count - 1);
	s->frame = (uint32_t)n;
	const struct stack_frame *f = &stack.frame[n];
	char symbol[SYMBOL_TEXT];
	if (!s->out->json) {
		char source[SOURCE_TEXT];
		code_text(session_machine(s), f->pc, symbol, sizeof symbol);
		source_here(s, source, sizeof source);
		say(s, "#%u  %08X%s%s  sp %08X  %s%s%s", s->frame, f->pc, symbol[0] ? " " : "", symbol, f->sp, f->rule, source[0] ? "  " : "", source);
		source_show(s);
	}
	struct query q = session_query(s);
	if (s->out->json)
		show_table(s, TABLE_STACK, &q);
	return ST_OK;
}

static enum status move_frame(struct session *s, const struct cmd_args *a, int direction, const char *synopsis, struct err *err)
{
	uint64_t n;
	enum status st = given_words(a, 0, 1, synopsis, err);
	if (st == ST_OK)
		st = given_count(a, 0, 1, &n, err);
	if (st != ST_OK)
		return st;
	if (n > STACK_FRAMES_MAX)
		n = STACK_FRAMES_MAX;
	return select_frame(s, (int64_t)s->frame + direction * (int64_t)n, err);
}

enum status cmd_up(struct session *s, const struct cmd_args *a, struct err *err) { return move_frame(s, a, 1, "up [N]", err); }
enum status cmd_down(struct session *s, const struct cmd_args *a, struct err *err) { return move_frame(s, a, -1, "down [N]", err); }

enum status cmd_frame(struct session *s, const struct cmd_args *a, struct err *err)
{
	uint64_t n = s->frame;
	enum status st = given_words(a, 0, 1, "frame [N]", err);
	if (st == ST_OK && a->count && (!parse_number(a->word[0], &n) || n > STACK_FRAMES_MAX))
		st = err_set(err, ST_BAD_VALUE, "'%s' is no frame's number", a->word[0]);
	return st == ST_OK ? select_frame(s, (int64_t)n, err) : st;
}

/* ---- memory ------------------------------------------------------------------------------------------------------------- */

/* The "8xw" of x/8xw; what is left out stays as it was. */
static enum status parse_format(const char *text, uint32_t *count, char *format, uint8_t *unit, struct err *err)
{
	static const struct {
		char letter;
		uint8_t bytes;
	} units[] = { { 'b', 1 }, { 'h', 2 }, { 'w', 4 }, { 'g', 8 } };
	char *end;
	*count = 1;
	if (isdigit((unsigned char)*text)) {
		unsigned long n = strtoul(text, &end, 10);
		if (!n || n > 65536)
			return err_set(err, ST_BAD_VALUE, "a count is 1 to 65536");
		*count = (uint32_t)n;
		text = end;
	}
	for (; *text; text++) {
		unsigned i = 0;
		while (i < ARRAY_LEN(units) && units[i].letter != *text)
			i++;
		if (i < ARRAY_LEN(units))
			*unit = units[i].bytes;
		else if (strchr("xduotcasi", *text))
			*format = *text;
		else
			return err_set(err, ST_BAD_VALUE, "'%c' is no format (x d u o t c a s i) and no size (b h w g)", *text);
		if (*text == 'c')
			*unit = 1;
		if (*text == 'a' || *text == 'i')
			*unit = 4;
	}
	return ST_OK;
}

enum status cmd_x(struct session *s, const struct cmd_args *a, struct err *err)
{
	struct query q = session_query(s);
	char format = s->x_format ? s->x_format : 'x';
	uint8_t unit = s->x_unit ? s->x_unit : 4;
	q.ga = s->next_ga;
	enum status st = parse_format(a->format, &q.count, &format, &unit, err);
	if (st == ST_OK && *a->rest)
		st = expr_address(s, a->rest, &q.ga, err);
	else if (st == ST_OK && !s->next_ga)
		st = err_set(err, ST_BAD_USAGE, "an address is missing: x[/NFU] ADDRESS");
	if (st != ST_OK)
		return st;
	q.format = s->x_format = format;
	q.unit = s->x_unit = unit;
	show_table(s, format == 'i' ? TABLE_CODE : TABLE_DUMP, &q);
	s->next_ga = q.ga + q.count * unit;
	return ST_OK;
}

/* Where the function around @ga begins and ends; a window where neither .pdata nor a symbol says it. */
static void function_bounds(const struct session *s, uint32_t ga, uint32_t *begin, uint32_t *count)
{
	uint32_t end;
	bool known = image_bounds_at(machine_image_at(session_machine(s), ga), ga, begin, &end);
	if (!known)
		*begin = ga;
	*count = known ? (end - *begin + 3) / 4 : 16;
	if (*count > 4096)
		*count = 4096;
}

enum status cmd_disas(struct session *s, const struct cmd_args *a, struct err *err)
{
	struct query q = session_query(s);
	uint64_t n = 0;
	enum status st = given_words(a, 0, 2, "disas [ADDRESS] [N]", err);
	if (st == ST_OK)
		st = expr_address(s, a->count ? a->word[0] : "$pc", &q.ga, err);
	if (st == ST_OK)
		st = given_count(a, 1, 0, &n, err);
	if (st != ST_OK)
		return st;
	if (n > 65536)
		return err_set(err, ST_BAD_VALUE, "a count is 1 to 65536");
	q.count = (uint32_t)n;
	if (!n)
		function_bounds(s, q.ga, &q.ga, &q.count);
	show_table(s, TABLE_CODE, &q);
	return ST_OK;
}

/* What is no integer is shown as what it is. */
static bool shown_as_text(struct session *s, const struct value *v, char format, char *buf, size_t size)
{
	char name[256];
	if (!v->pointer && v->type == V_OBJECT)
		object_phrase(session_machine(s), (uint32_t)v->u, buf, size);
	else if (!v->pointer && v->type == V_THREAD)
		snprintf(buf, size, "tid %u %s", thread_peek(session_machine(s), (uint32_t)v->u)->tid,
		         thread_name(session_machine(s), (uint32_t)v->u, name, sizeof name));
	else if (!value_is_integer(v) || format == 'f')
		value_format(v, format, buf, size);
	else
		return false;
	return true;
}

enum status cmd_print(struct session *s, const struct cmd_args *a, struct err *err)
{
	struct query q = session_query(s);
	struct expr_context here = expr_here(s);
	struct expr *e;
	struct value v;
	char text[512];
	char given = a->format[0];
	q.format = given ? given : 'x';
	q.word = a->rest;
	if (strlen(a->format) > 1 || !strchr("xduotcaf", q.format))
		return err_set(err, ST_BAD_VALUE, "'%s' is no format: x d u o t c a f", a->format);
	if (!*a->rest)
		return err_set(err, ST_BAD_USAGE, "an expression is missing: print[/F] EXPRESSION");
	enum status st = expr_compile(s, a->rest, false, NULL, &e, err);
	if (st != ST_OK)
		return st;
	st = expr_value(e, &here, &v, err);
	if (st == ST_OK) {
		q.value = v.u;
		if (shown_as_text(s, &v, given, text, sizeof text))
			q.shown = text;
		show_table(s, TABLE_VALUE, &q);
	}
	expr_free(e);
	return st;
}

/* set $name = EXPRESSION */
/* The value of what stands behind the `=` at @rest. A text lives as long as *@e, which the caller frees. */
static enum status assigned(struct session *s, const char *rest, struct expr **e, struct value *v, struct err *err)
{
	struct expr_context here = expr_here(s);
	*e = NULL;
	rest++;
	rest += strspn(rest, " \t");
	enum status st = expr_compile(s, rest, false, NULL, e, err);
	return st == ST_OK ? expr_value(*e, &here, v, err) : st;
}

static enum status assigned_bits(struct session *s, const char *rest, bool real, unsigned bytes, uint64_t *bits, struct err *err)
{
	struct value v;
	struct expr *e;
	enum status st = assigned(s, rest, &e, &v, err);
	if (st == ST_OK && !value_bits(&v, real, bytes, bits))
		st = err_set(err, ST_BAD_VALUE, "that is no number");
	expr_free(e);
	return st;
}

enum status set_memory(struct session *s, const char *text, struct err *err)
{
	struct expr_context here = expr_here(s);
	struct expr *e;
	struct value old = { 0 };
	const char *end;
	uint32_t ga = 0;
	unsigned bytes = 0;
	uint64_t bits = 0;
	enum status st = expr_compile(s, text, false, &end, &e, err);
	if (st != ST_OK)
		return st;
	if (*end != '=')
		st = err_set(err, ST_BAD_USAGE, "set {TYPE}ADDRESS = EXPRESSION");
	if (st == ST_OK)
		st = expr_place(e, &here, &ga, &bytes, err);
	if (st == ST_OK)
		st = expr_value(e, &here, &old, err);
	expr_free(e);
	if (st == ST_OK && bytes != 1 && bytes != 2 && bytes != 4 && bytes != 8)
		st = err_set(err, ST_BAD_VALUE, "%u bytes cannot be set at once", bytes);
	if (st == ST_OK)
		st = assigned_bits(s, end, value_is_float(&old), bytes, &bits, err);
	return st == ST_OK ? session_set_memory(s, ga, bytes, bits, err) : st;
}

enum status set_variable(struct session *s, const char *text, struct err *err)
{
	char name[40];
	struct value v;
	uint64_t bits;
	size_t n = strcspn(text + 1, " \t=");
	const char *rest = text + 1 + n;
	rest += strspn(rest, " \t");
	if (*rest != '=' || rest[1] == '=' || n >= sizeof name)
		return err_set(err, ST_BAD_USAGE, "set $NAME = EXPRESSION");
	snprintf(name, sizeof name, "%.*s", (int)n, text + 1);
	if (expr_is_register(name) && s->frame)
		return err_set(err, ST_STATE, "registers are changed in frame 0 (`frame 0` selects it)");
	if (expr_is_register(name)) {
		enum status st = assigned_bits(s, rest, name[0] == 'f', 8, &bits, err);
		return st == ST_OK ? session_set_register(s, name, bits, err) : st;
	}
	struct expr *e;
	enum status st = assigned(s, rest, &e, &v, err);
	if (st == ST_OK)
		st = user_variable_set(&s->variables, name, &v, err);
	expr_free(e);
	return st;
}
