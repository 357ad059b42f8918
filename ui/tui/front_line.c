/* ui/tui/front_line.c - the command pane's line: readline edits it, key by key, and the pane shows what it has. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include <readline/history.h>
#include <readline/readline.h>

#include "ui/block.h"
#include "ui/interrupt.h"
#include "ui/line.h"
#include "ui/tui/front_priv.h"

#define PROMPT "(wedge) "
#define QUEUE 16u                     /* bytes of one key */

static struct {
	uint8_t queue[QUEUE];         /* what readline has not read yet of the key that is pressed */
	unsigned first, count;
	char *line;                   /* accepted; NULL: end of input */
	char prompt[200];             /* the one that is installed */
	bool on;                      /* readline is */
	FILE *nowhere;                /* where its own drawing goes */
} typed;

/* ---- keys as bytes -------------------------------------------------------------------------------------------------------- */

static int next_byte(FILE *in)
{
	(void)in;
	if (!typed.count)
		return 7; /* it asks for more than a key: C-g, never mind */
	typed.count--;
	return typed.queue[typed.first++];
}

static int has_byte(void) { return typed.count != 0; }

static void put_byte(unsigned c)
{
	if (typed.count < QUEUE)
		typed.queue[typed.count++] = (uint8_t)c;
}

static void put_text(const char *text)
{
	while (*text)
		put_byte((uint8_t)*text++);
}

static void put_character(uint32_t c)
{
	if (c < 0x80) {
		put_byte(c);
	} else if (c < 0x800) {
		put_byte(0xc0 | c >> 6);
		put_byte(0x80 | (c & 0x3f));
	} else {
		put_byte(c < 0x10000 ? 0xe0 | c >> 12 : 0xf0 | c >> 18);
		if (c >= 0x10000)
			put_byte(0x80 | (c >> 12 & 0x3f));
		put_byte(0x80 | (c >> 6 & 0x3f));
		put_byte(0x80 | (c & 0x3f));
	}
}

/* The sequences that readline knows whatever the terminal is. False: the key is not one for a line. */
static bool put_key(tui_key_code key)
{
	static const struct {
		tui_key_code key;
		const char *bytes;
	} keys[] = {
		{ TK_ENTER, "\r" },    { TK_TAB, "\t" },	{ TK_BACKSPACE, "\177" }, { TK_DELETE, "\033[3~" }, { TK_UP, "\033[A" },
		{ TK_DOWN, "\033[B" }, { TK_RIGHT, "\033[C" }, { TK_LEFT, "\033[D" },	  { TK_HOME, "\033[H" },    { TK_END, "\033[F" },
	};
	tui_key_code plain = key & ~TK_ALT;
	typed.first = typed.count = 0;
	if (key & TK_ALT)
		put_byte(27);
	for (unsigned i = 0; i < ARRAY_LEN(keys); i++)
		if (keys[i].key == plain) {
			put_text(keys[i].bytes);
			return true;
		}
	if (plain & TK_CTRL)
		put_byte(plain & 0x1f);
	else if (plain < TK_NONE)
		put_character(plain);
	return !(plain & TK_CTRL) ? plain < TK_NONE : plain != (TK_CTRL | 'x') && plain != (TK_CTRL | 'l') && plain != (TK_CTRL | 'z');
}

bool front_line_key(tui_key_code key)
{
	if (!typed.on)
		return false;
	bool searching = RL_ISSTATE(RL_STATE_ISEARCH) || RL_ISSTATE(RL_STATE_NSEARCH);
	if (key == TK_ESC && searching)
		key = TK_CTRL | 'j'; /* the search is over, its line stays */
	if (!put_key(key))
		return false;
	if (front.busy && (key == TK_ENTER || key == (TK_CTRL | 'd') || (!searching && key == (TK_CTRL | 'j')))) {
		tui_message(front.tui, "the title runs: Ctrl-C stops it; the line stays");
		return true;
	}
	while (typed.count && !front.accepted)
		rl_callback_read_char();
	return true;
}

void front_line_show(void)
{
	if (typed.on)
		tui_show_line(front.tui, rl_display_prompt ? rl_display_prompt : typed.prompt, rl_line_buffer ? rl_line_buffer : "",
			      (unsigned)rl_point);
}

/* ---- readline in the panes ------------------------------------------------------------------------------------------------ */

static void accept(char *line)
{
	tui_line_over(front.tui);
	typed.line = line;
	front.accepted = true;
}

static void draw_nothing(void) { }
static void leave_modes(int meta) { (void)meta; }

#define ACROSS 96                     /* columns that a list of candidates keeps to */

static void show_candidates(char **matches, int count, int longest)
{
	int width = longest + 2, columns = width < ACROSS ? ACROSS / width : 1;
	char cell[300];
	for (int i = 1; i <= count; i++) {
		bool last = i == count || i % columns == 0;
		snprintf(cell, sizeof cell, "%-*.*s%s", last ? 0 : width, 250, matches[i], last ? "\n" : "");
		tui_command_output(front.tui, cell);
	}
}

/* What of readline is different in the panes; what it was before. */
static struct {
	rl_getc_func_t *get;
	rl_hook_func_t *has;
	rl_voidfunc_t *draw, *plain;
	rl_vintfunc_t *raw;
	rl_compdisp_func_t *show;
	FILE *out;
	int ask, window;
	char *bell;
} prompt;

static void readline_begin(void)
{
	const char *bell = rl_variable_value("bell-style");
	prompt.get = rl_getc_function;
	prompt.has = rl_input_available_hook;
	prompt.draw = rl_redisplay_function;
	prompt.raw = rl_prep_term_function;
	prompt.plain = rl_deprep_term_function;
	prompt.show = rl_completion_display_matches_hook;
	prompt.out = rl_outstream ? rl_outstream : stdout;
	prompt.ask = rl_completion_query_items;
	prompt.window = rl_catch_sigwinch;
	prompt.bell = xstrdup(bell ? bell : "audible");
	typed.nowhere = fopen("/dev/null", "w");
	rl_getc_function = next_byte;
	rl_input_available_hook = has_byte;
	rl_redisplay_function = draw_nothing;
	rl_prep_term_function = leave_modes;
	rl_deprep_term_function = draw_nothing;
	rl_completion_display_matches_hook = show_candidates;
	rl_outstream = typed.nowhere;
	rl_completion_query_items = -1;
	rl_catch_sigwinch = 0;
	rl_variable_bind("bell-style", "none");
}

static void readline_end(void)
{
	rl_getc_function = prompt.get;
	rl_input_available_hook = prompt.has;
	rl_redisplay_function = prompt.draw;
	rl_prep_term_function = prompt.raw;
	rl_deprep_term_function = prompt.plain;
	rl_completion_display_matches_hook = prompt.show;
	rl_outstream = prompt.out;
	rl_completion_query_items = prompt.ask;
	rl_catch_sigwinch = prompt.window;
	rl_variable_bind("bell-style", prompt.bell);
	free(prompt.bell);
	if (typed.nowhere)
		fclose(typed.nowhere);
	typed.nowhere = NULL;
}

static void install(const char *text)
{
	snprintf(typed.prompt, sizeof typed.prompt, "%s", text);
	rl_callback_handler_install(typed.prompt, accept);
	front.accepted = false;
	typed.on = true;
}

/* Ctrl-C: the line is dropped, and whatever readline was in the middle of. */
static void drop_line(void)
{
	tui_line_over(front.tui);
	rl_callback_sigcleanup();
	install(PROMPT);
}

/* Until a line is whole, or the panes are left, or a signal came. NULL: none; *@end: it was the end of input. */
static char *read_line(bool *end)
{
	*end = false;
	typed.line = NULL;
	front.accepted = false;
	while (front_goes_on() && !front.accepted && !interrupt_pending()) {
		front_paint();
		if (!term_wait(-1))
			interrupt_hung_up();
		front_notes();
		front_events();
	}
	bool got = front.accepted;
	front.accepted = false;
	*end = got && !typed.line;
	return got ? typed.line : NULL;
}

/* A line in the middle of a command: the one that was being typed comes back behind it. */
static char *read_inner(const char *text)
{
	char outer[sizeof typed.prompt], *line = typed.on ? rl_copy_text(0, rl_end) : NULL;
	bool busy = front.busy, asking = front.asking, end;
	snprintf(outer, sizeof outer, "%s", typed.prompt);
	front.busy = false;
	front.asking = true;
	tui_focus_command(front.tui);
	install(text);
	char *got = read_line(&end);
	front.busy = busy;
	front.asking = asking;
	install(outer);
	if (line)
		rl_insert_text(line);
	free(line);
	return got;
}

static bool ask(const char *question)
{
	char text[200];
	snprintf(text, sizeof text, "%s (y or n) ", question);
	char *got = read_inner(text);
	bool yes = got && (got[0] == 'y' || got[0] == 'Y');
	free(got);
	return yes;
}

static const char *next_of_block(void *ctx, unsigned depth)
{
	static char *line;
	char text[40];
	(void)ctx;
	free(line);
	snprintf(text, sizeof text, "%*s>", (int)(depth < 16 ? depth : 16), "");
	line = read_inner(text);
	return line;
}

void front_talk(struct session *s, char **line)
{
	struct line_source source = { next_of_block, NULL, "", 0 }, *outer = s->source;
	bool (*asked)(const char *) = s->ask;
	bool end = false;
	s->ask = ask;
	s->source = &source;
	readline_begin();
	install(PROMPT);
	if (*line)
		rl_insert_text(*line);
	free(*line);
	*line = NULL;
	while (front_goes_on() && !end) {
		char *got = read_line(&end);
		if (got) {
			line_keep(got);
			front_execute(got);
		} else if (!end && !line_terminated(s) && front_goes_on()) {
			drop_line();
		}
		free(got);
	}
	if (end)
		s->quit = true;
	if (rl_end)
		*line = rl_copy_text(0, rl_end);
	rl_callback_handler_remove();
	typed.on = false;
	tui_show_line(front.tui, "", NULL, 0);
	readline_end();
	s->ask = asked;
	s->source = outer;
}
