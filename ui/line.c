/* ui/line.c - see line.h */
#include "config.h"

#include "ui/line.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <readline/history.h>
#include <readline/readline.h>

#include "src/load/image.h"
#include "ui/block.h"
#include "ui/cmd.h"
#include "ui/complete.h"
#include "ui/interrupt.h"
#include "ui/pager.h"
#include "ui/place.h"
#include "ui/repl.h"
#include "ui/script.h"

#define HISTORY_LINES 5000

/* readline calls back without a context: the session whose line is being read. */
static struct session *completing;
static struct words candidates;
static char *history_file, *repeated; /* repeated: what an empty line executes again */

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

/* The folders are made. NULL: there is no place for it. */
static char *history_path(void)
{
	char path[4096];
	return place_state("history", path, sizeof path) && place_make(path) ? xstrdup(path) : NULL;
}

void line_keep(char *line)
{
	size_t n = strlen(line);
	while (n && line[n - 1] == ' ')
		line[--n] = 0;
	if (!n)
		return;
	HIST_ENTRY *last = history_length ? history_get(history_base + history_length - 1) : NULL;
	if (!last || strcmp(last->line, line))
		add_history(line);
	using_history(); /* C-p and C-r begin at the end, where readline has begun its next line already too */
}

/* ---- execution ------------------------------------------------------------------------------------------------------------- */

void line_execute(struct session *s, const char *line)
{
	struct err err;
	const char *text = line + strspn(line, " \t");
	if (*text) {
		free(repeated);
		repeated = xstrdup(text);
		/* x goes on where it ended. */
		if (*text == 'x' && (text[1] == '/' || text[1] == ' '))
			repeated[strcspn(repeated, " \t")] = 0;
	} else if (!repeated || !s->interactive) {
		return;
	}
	pager_begin(s->interactive && s->settings.pagination);
	if (cmd_line(s, repeated, &err) != ST_OK) {
		tell_error(s, &err);
		if (!s->interactive)
			s->command_failed = true;
	}
	/* A block is not typed again by an empty line. */
	if (begins_block(repeated)) {
		free(repeated);
		repeated = NULL;
	}
	fflush(s->out->file);
}

bool line_terminated(struct session *s)
{
	int number = interrupt_take();
	if (interrupt_ends(number) || (number && !s->interactive)) {
		s->signal = number;
		return true;
	}
	return false;
}

/* ---- beginning and end ----------------------------------------------------------------------------------------------------- */

void line_begin(struct session *s)
{
	completing = s;
	rl_readline_name = "wedge";
	rl_attempted_completion_function = complete_line;
	rl_basic_word_break_characters = " \t";
	rl_catch_signals = 0;
	rl_change_environment = 0; /* LINES and COLUMNS: the window may change */
	stifle_history(HISTORY_LINES);
	history_file = history_path();
	if (history_file)
		read_history(history_file);
}

void line_end(void)
{
	if (history_file && write_history(history_file))
		fprintf(stderr, "wedge: the history cannot be kept: %s: %s\n", history_file, strerror(errno));
	words_free(&candidates);
	free(repeated);
	free(history_file);
	repeated = history_file = NULL;
	completing = NULL;
}
