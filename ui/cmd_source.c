/* ui/cmd_source.c - commands that know source lines: list, step, next. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "kernel/module.h"
#include "src/load/dwarf.h"
#include "ui/cmd.h"
#include "ui/inspect/stack.h"
#include "ui/source.h"

/* ---- list --------------------------------------------------------------------------------------------------------------------- */

#define LIST_LINES 10u

/* Lines @first to @last of the file, as far as there are any. */
static enum status show_lines(struct session *s, const char *file, uint32_t first, uint32_t last, struct err *err)
{
	struct source_text text;
	struct line_place here;
	struct query q = session_query(s);
	uint32_t pc = s->thread ? frame_code(session_machine(s), s->thread, s->frame) : 0;
	enum status st = source_open(s, file, &text, err);
	if (st != ST_OK)
		return st;
	if (first > text.lines) {
		st = err_set(err, ST_BAD_VALUE, "there is no line %u: %s has %u", first, file, text.lines);
	} else {
		q.source = &text;
		q.ga = first;
		q.count = last - first + 1;
		q.value = image_line_at(s->image, pc, &here) && here.file == file ? here.line : 0;
		show_table(s, TABLE_LISTING, &q);
		s->list = (struct list_place){ file, first, last };
	}
	source_free(&text);
	return st;
}

static enum status show_around(struct session *s, const char *file, uint32_t line, struct err *err)
{
	uint32_t first = line > LIST_LINES / 2 ? line - LIST_LINES / 2 : 1;
	return show_lines(s, file, first, first + LIST_LINES - 1, err);
}

/* The file that a bare line number means: the one listed last, else the one where the frame stands. */
static enum status present_file(const struct session *s, const char **file, uint32_t *line, struct err *err)
{
	struct line_place p;
	uint32_t pc = s->thread ? frame_code(session_machine(s), s->thread, s->frame) : 0;
	const struct image_symbol *entry = image_symbol_find(s->image, "main");
	*line = 0;
	if (s->list.file) {
		*file = s->list.file;
		return ST_OK;
	}
	if (!image_line_at(s->image, pc, &p) && !(entry && image_line_at(s->image, entry->ga, &p)))
		return err_set(err, ST_NOT_FOUND, "no source line is known here (compile with -g, or `symbol load FILE`)");
	*file = p.file;
	*line = p.line;
	return ST_OK;
}

static bool parse_range(const char *text, uint32_t *first, uint32_t *last)
{
	unsigned long a, b;
	char end;
	if (sscanf(text, "%lu,%lu%c", &a, &b, &end) != 2 || !a || b < a || b > UINT32_MAX)
		return false;
	*first = (uint32_t)a;
	*last = (uint32_t)b;
	return true;
}

static enum status list_place(struct session *s, const char *text, struct err *err)
{
	struct line_place p;
	uint32_t ga;
	enum status st = expr_address(s, text, &ga, err);
	if (st != ST_OK)
		return st;
	if (!image_line_at(s->image, ga, &p))
		return err_set(err, ST_NOT_FOUND, "no source line is known for %08X", ga);
	/* A line that was named is the middle, even if no code stands for it. */
	if (source_is_place(text))
		p.line = (uint32_t)strtoul(strchr(text, ':') + 1, NULL, 10);
	return show_around(s, p.file, p.line, err);
}

enum status cmd_list(struct session *s, const struct cmd_args *a, struct err *err)
{
	const char *file = NULL;
	uint32_t line = 0, first = 0, last = 0;
	uint64_t number;
	bool numbered = parse_range(a->rest, &first, &last),
	     one = strlen(a->rest) < 8 && parse_number(a->rest, &number) && number;
	if (*a->rest && strcmp(a->rest, "-") != 0 && !numbered && !one)
		return list_place(s, a->rest, err);
	enum status st = present_file(s, &file, &line, err);
	if (st != ST_OK)
		return st;
	if (numbered)
		return show_lines(s, file, first, last, err);
	if (one)
		return show_around(s, file, (uint32_t)number, err);
	if (line)
		return show_around(s, file, line, err);
	if (!*a->rest)
		return show_lines(s, file, s->list.last + 1, s->list.last + LIST_LINES, err);
	if (s->list.first <= 1)
		return err_set(err, ST_BAD_VALUE, "this is the beginning of %s", file);
	return show_lines(s, file, s->list.first > LIST_LINES ? s->list.first - LIST_LINES : 1, s->list.first - 1, err);
}

/* ---- step, next ----------------------------------------------------------------------------------------------------------------- */

/* A step by lines: where it began, and how many lines are still to go. */
struct line_step {
	bool over, begun;
	uint64_t left;
	const char *file;        /* NULL: no line is known where it began, so each instruction counts */
	uint32_t line, function; /* function: its first address, 0 = unknown */
};

static uint32_t function_of(const struct session *s, uint32_t pc)
{
	uint32_t begin, end;
	return image_bounds_at(machine_image_at(session_machine(s), pc), pc, &begin, &end) ? begin : 0;
}

static void begin_step(struct line_step *l, const struct session *s, uint32_t pc)
{
	struct line_place p;
	l->begun = true;
	l->file = image_line_at(s->image, pc, &p) ? p.file : NULL;
	l->line = l->file ? p.line : 0;
	l->function = function_of(s, pc);
}

/* Out of a function of which no line is known; its caller may have some. */
static struct step_move out_of_here(const struct session *s, uint32_t thread)
{
	struct stack stack;
	thread_stack(session_machine(s), thread, 2, &stack);
	if (stack.count < 2 || !stack.frame[1].pc)
		return (struct step_move){ .kind = MOVE_DONE };
	return (struct step_move){ MOVE_OUT, stack.frame[1].pc, stack.frame[1].sp };
}

static struct step_move next_move(void *ctx, const struct session *s, uint32_t thread)
{
	struct line_step *l = ctx;
	struct line_place p;
	uint32_t pc = context_peek(session_machine(s), thread)->pc;
	struct step_move go = { .kind = l->over ? MOVE_OVER : MOVE_INTO };
	if (!l->begun) {
		begin_step(l, s, pc);
		return go;
	}
	bool known = image_line_at(s->image, pc, &p), elsewhere = function_of(s, pc) != l->function;
	if (l->file && !known && elsewhere)
		return out_of_here(s, thread);
	if (l->file && known && p.file == l->file && p.line == l->line && !elsewhere)
		return go;
	if (l->file && !elsewhere && !(known && p.starts))
		return go; /* in the middle of another line: it has not begun */
	if (!--l->left)
		return (struct step_move){ .kind = MOVE_DONE };
	begin_step(l, s, pc);
	return go;
}

static enum status step(struct session *s, const struct cmd_args *a, bool over, const char *synopsis, struct err *err)
{
	struct line_step l = { .over = over };
	enum status st = given_words(a, 0, 1, synopsis, err);
	if (st == ST_OK)
		st = given_count(a, 0, 1, &l.left, err);
	if (st == ST_OK)
		st = can_step(s, err);
	if (st != ST_OK)
		return st;
	session_step_by(s, next_move, &l);
	show_stop(s);
	return ST_OK;
}

enum status cmd_step(struct session *s, const struct cmd_args *a, struct err *err)
{
	return step(s, a, false, "step [N]", err);
}
enum status cmd_next(struct session *s, const struct cmd_args *a, struct err *err)
{
	return step(s, a, true, "next [N]", err);
}
