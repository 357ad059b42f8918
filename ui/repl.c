/* ui/repl.c - see repl.h */
#include "config.h"

#include "ui/repl.h"

#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <readline/readline.h>

#include "src/load/image.h"
#include "ui/block.h"
#include "ui/cmd.h"
#include "ui/crash.h"
#include "ui/interrupt.h"
#include "ui/line.h"
#include "ui/tui/front.h"

#define PROMPT "(wedge) "

/* "..., at column 5 of 'TEXT'": on a terminal the text stands below, with a mark at the column. */
static void point_at_column(const char *text)
{
	static const char at[] = ", at column ";
	const char *where = NULL, *end;
	for (const char *p = text; (p = strstr(p, at)); p++)
		where = p;
	unsigned column = 0;
	if (!where || sscanf(where + strlen(at), "%u", &column) != 1 || !column || !(where = strstr(where, " of '")))
		return;
	where += strlen(" of '");
	end = strrchr(where, '\'');
	if (end && column <= (size_t)(end - where) + 1)
		fprintf(stderr, "  %.*s\n  %*s\n", (int)(end - where), where, (int)column, "^");
}

void tell_error(const struct session *s, const struct err *err)
{
	char text[2 * sizeof err->text];
	visible_text(text, sizeof text, err->text);
	fflush(s->out->file);
	fprintf(stderr, "error: %s\n", text);
	if (s->interactive)
		point_at_column(text);
}

/* ---- lines -------------------------------------------------------------------------------------------------------------------- */

/* What readline has set is taken back, from a signal handler too. */
static struct termios modes;

static void give_terminal_back(void)
{
	static const char plain_paste[] = "\033[?2004l";
	if (!RL_ISSTATE(RL_STATE_TERMPREPPED))
		return;
	tcsetattr(STDIN_FILENO, TCSANOW, &modes);
	if (write(STDOUT_FILENO, plain_paste, sizeof plain_paste - 1) < 0)
		return; /* the terminal is gone */
}

/* A key. Ctrl-C at the prompt drops the line: it comes back empty, and is not the wish to repeat; SIGTERM and a hangup end the session. */
static int get_key(FILE *in)
{
	for (;;) {
		unsigned char c;
		if (interrupt_wait(fileno(in)))
			return read(fileno(in), &c, 1) == 1 ? c : EOF;
		rl_check_signals();
		if (interrupt_pending()) {
			rl_replace_line("", 0);
			return '\n';
		}
	}
}

static bool ask(const char *question)
{
	char prompt[200];
	snprintf(prompt, sizeof prompt, "%s (y or n) ", question);
	char *answer = readline(prompt);
	bool yes = answer && (answer[0] == 'y' || answer[0] == 'Y');
	free(answer);
	return yes;
}

/* C-x C-a: the panes, and the line that is being typed goes along. */
static bool to_panes;
static char *carried;

static int go_to_panes(int count, int key)
{
	(void)count;
	(void)key;
	to_panes = true;
	rl_done = 1;
	return 0;
}

static int put_carried_line(void)
{
	if (carried)
		rl_insert_text(carried);
	free(carried);
	carried = NULL;
	return 0;
}

static void take_terminal(void)
{
	if (!tcgetattr(STDIN_FILENO, &modes))
		crash_at_end(give_terminal_back);
}

static void prepare(struct session *s)
{
	line_begin(s);
	s->ask = ask;
	rl_getc_function = get_key;
	rl_bind_keyseq("\\C-x\\C-a", go_to_panes);
	rl_bind_keyseq("\\C-xa", go_to_panes);
	take_terminal();
}

/* The lines of a block, typed: the prompt says how deep it is. */
static const char *typed_next(void *ctx, unsigned depth)
{
	static char *line;
	char prompt[40];
	(void)ctx;
	free(line);
	snprintf(prompt, sizeof prompt, "%*s>", (int)(depth < 16 ? depth : 16), "");
	line = readline(prompt);
	/* Ctrl-C: what was begun is dropped. */
	if (interrupt_pending()) {
		free(line);
		line = NULL;
	}
	return line;
}

static void show_panes(struct session *s)
{
	struct err err;
	if (front_open(s, &err) != ST_OK) {
		tell_error(s, &err);
		return;
	}
	front_talk(s, &carried);
	front_close(s);
	rl_on_new_line();
	take_terminal();
}

/* A line, or the wish for the panes. False: the end of input. */
static bool read_typed(struct session *s)
{
	rl_startup_hook = put_carried_line;
	char *line = readline(session_tainted(s) ? "(wedge tainted) " : PROMPT);
	rl_startup_hook = NULL;
	bool dropped = interrupt_pending();
	if (to_panes) {
		to_panes = false;
		s->panes = true;
		printf("\n");
		fflush(stdout);
		carried = line;
		return true;
	}
	if (line && !line_terminated(s) && !dropped) {
		line_keep(line);
		line_execute(s, line);
	}
	free(line);
	return line != NULL;
}

static void talk(struct session *s)
{
	struct line_source typed = { typed_next, NULL, "", 0 };
	bool more = true;
	prepare(s);
	s->source = &typed;
	if (!s->panes)
		say(s, "%s: %s at its entry. `run` starts it, `help` lists the commands.", PACKAGE_STRING, s->image->name);
	while (more && !s->quit && !s->signal && !line_terminated(s)) {
		if (s->panes)
			show_panes(s);
		else
			more = read_typed(s);
	}
	if (!s->quit && !s->signal)
		out_printf(s->out, "\n");
	crash_at_end(NULL);
	s->ask = NULL;
	s->source = NULL;
	free(carried);
	carried = NULL;
	line_end();
}

struct input_place {
	struct line_source source;    /* first */
	char *line;
	size_t room;
};

static const char *input_next(void *ctx, unsigned depth)
{
	struct input_place *p = ctx;
	(void)depth;
	if (getline(&p->line, &p->room, stdin) < 0)
		return NULL;
	p->line[strcspn(p->line, "\r\n")] = 0;
	p->source.number++;
	return p->line;
}

static void read_lines(struct session *s)
{
	struct input_place p = { .source = { input_next, &p, "", 0 } };
	const char *line;
	s->source = &p.source;
	while (!s->quit && (line = input_next(&p, 0))) {
		line_execute(s, line);
		if (line_terminated(s))
			break;
	}
	s->source = NULL;
	free(p.line);
	line_end();
}

void repl(struct session *s)
{
	if (s->interactive)
		talk(s);
	else
		read_lines(s);
}
