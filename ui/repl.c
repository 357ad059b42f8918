/* ui/repl.c - see repl.h */
#include "config.h"

#include "ui/repl.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

#include "src/load/image.h"
#include "ui/block.h"
#include "ui/cmd.h"
#include "ui/complete.h"
#include "ui/crash.h"
#include "ui/interrupt.h"
#include "ui/pager.h"
#include "ui/script.h"

#define HISTORY_LINES 5000

/* readline calls back without a context: the session whose line is being read. */
static struct session *completing;
static struct words candidates;

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

/* ---- completion ----------------------------------------------------------------------------------------------------------- */

static char *next_candidate(const char *text, int state)
{
	static unsigned next;
	(void)text;
	if (!state)
		next = 0;
	return next < candidates.count ? xstrdup(candidates.word[next++]) : NULL;
}

static char **complete_line(const char *text, int start, int end)
{
	bool files;
	(void)end;
	words_free(&candidates);
	complete(completing, rl_line_buffer, (unsigned)start, text, &candidates, &files);
	rl_attempted_completion_over = !files;
	return files ? NULL : rl_completion_matches(text, next_candidate);
}

/* ---- history ---------------------------------------------------------------------------------------------------------------- */

/* $XDG_STATE_HOME/wedge/history, or ~/.local/state/wedge/history; the folders are made. NULL: there is no place for it. */
static char *history_path(void)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	char path[1024];
	size_t room = sizeof path - 32;
	if (state && *state == '/' && strlen(state) < room)
		snprintf(path, sizeof path, "%s", state);
	else if (home && *home == '/' && strlen(home) < room)
		snprintf(path, sizeof path, "%s/.local/state", home);
	else
		return NULL;
	strcat(path, "/wedge");
	for (char *p = path + 1; *p; p++)
		if (*p == '/') {
			*p = 0;
			mkdir(path, 0777);
			*p = '/';
		}
	if (mkdir(path, 0700) && errno != EEXIST)
		return NULL;
	strcat(path, "/history");
	return xstrdup(path);
}

static void keep(char *line)
{
	size_t n = strlen(line);
	while (n && line[n - 1] == ' ')
		line[--n] = 0;
	if (!n)
		return;
	HIST_ENTRY *last = history_length ? history_get(history_base + history_length - 1) : NULL;
	if (!last || strcmp(last->line, line))
		add_history(line);
}

/* ---- lines -------------------------------------------------------------------------------------------------------------------- */

static void give_terminal_back(void)
{
	rl_deprep_terminal();
}

/* A typed line; an empty one repeats the last: stepping and looking go on, running does not begin again. */
static void execute(struct session *s, const char *line, char **last)
{
	struct err err;
	const char *text = line + strspn(line, " \t");
	if (*text) {
		free(*last);
		*last = xstrdup(text);
		/* x goes on where it ended. */
		if (*text == 'x' && (text[1] == '/' || text[1] == ' '))
			(*last)[strcspn(*last, " \t")] = 0;
	} else if (!*last || !s->interactive) {
		return;
	}
	pager_begin(s->interactive && s->settings.pagination);
	if (cmd_line(s, *last, &err) != ST_OK) {
		tell_error(s, &err);
		if (!s->interactive)
			s->command_failed = true;
	}
	/* A block is not typed again by an empty line. */
	if (begins_block(*last)) {
		free(*last);
		*last = NULL;
	}
	fflush(s->out->file);
}

static bool terminated(struct session *s)
{
	int number = interrupt_take();
	if (number == SIGTERM || (number && !s->interactive)) {
		s->signal = number;
		return true;
	}
	return false;
}

/* A key. Ctrl-C at the prompt drops the line: it comes back empty, and is not the wish to repeat; SIGTERM ends the session. */
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

static void prepare(struct session *s)
{
	completing = s;
	s->ask = ask;
	rl_readline_name = "wedge";
	rl_attempted_completion_function = complete_line;
	rl_basic_word_break_characters = " \t";
	rl_catch_signals = 0;
	rl_getc_function = get_key;
	stifle_history(HISTORY_LINES);
	crash_at_end(give_terminal_back);
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

static void talk(struct session *s)
{
	struct line_source typed = { typed_next, NULL, "", 0 };
	char *path = history_path(), *last = NULL, *line;
	prepare(s);
	s->source = &typed;
	if (path)
		read_history(path);
	say(s, "%s: %s at its entry. `run` starts it, `help` lists the commands.", PACKAGE_STRING, s->image->name);
	while (!s->quit && (line = readline("(wedge) "))) {
		bool dropped = interrupt_pending();
		if (!terminated(s) && !dropped) {
			keep(line);
			execute(s, line, &last);
		}
		free(line);
		if (s->signal || terminated(s))
			break;
	}
	if (!s->quit && !s->signal)
		out_printf(s->out, "\n");
	if (path && write_history(path))
		fprintf(stderr, "wedge: the history cannot be kept: %s: %s\n", path, strerror(errno));
	crash_at_end(NULL);
	s->ask = NULL;
	s->source = NULL;
	words_free(&candidates);
	free(last);
	free(path);
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
	char *last = NULL;
	const char *line;
	s->source = &p.source;
	while (!s->quit && (line = input_next(&p, 0))) {
		execute(s, line, &last);
		if (terminated(s))
			break;
	}
	s->source = NULL;
	free(p.line);
	free(last);
}

void repl(struct session *s)
{
	if (s->interactive)
		talk(s);
	else
		read_lines(s);
}
