/* ui/cmd_screen.c - commands of the panes: their layouts and keys; and the panes without a terminal, for scripts and tests. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "ui/cmd.h"
#include "ui/place.h"
#include "ui/tui/tui.h"

#define BATCH_ROWS 24u
#define BATCH_COLS 80u
#define SIZE_MAX_ROWS 500u
#define SIZE_MAX_COLS 1000u

static struct tui *panes(struct session *s)
{
	if (!s->tui)
		s->tui = tui_new(s, BATCH_ROWS, BATCH_COLS);
	return s->tui;
}

/* ---- screen -------------------------------------------------------------------------------------------------------------- */

static enum status screen_size(struct session *s, const struct cmd_args *a, struct err *err)
{
	uint64_t cols, rows;
	if (a->count != 3 || !parse_number(a->word[1], &cols) || !parse_number(a->word[2], &rows) || !cols || !rows ||
		cols > SIZE_MAX_COLS || rows > SIZE_MAX_ROWS)
		return err_set(err, ST_BAD_USAGE, "screen size COLUMNS ROWS (at most %u and %u)", SIZE_MAX_COLS, SIZE_MAX_ROWS);
	tui_resize(panes(s), (unsigned)rows, (unsigned)cols);
	return ST_OK;
}

/* What a front end does with an answer; a line is run at once. */
static enum status answered(struct session *s, enum tui_answer answer)
{
	if (answer == TUI_RUN) {
		char *line = xstrdup(tui_line(s->tui));
		enum status st = tui_execute(s->tui, line); /* its error is on the screen */
		(void)st;
		free(line);
	}
	s->quit |= answer == TUI_QUIT;
	return ST_OK;
}

static enum status screen_keys(struct session *s, const struct cmd_args *a, struct err *err)
{
	if (a->count < 2)
		return err_set(err, ST_BAD_USAGE, "screen keys KEY...: a F5 Up Enter Space C-x M-a \"F4\"");
	for (unsigned i = 1; i < a->count && !s->quit; i++) {
		char name[64];
		tui_key_code key;
		size_t n = strlen(a->word[i]);
		bool quoted = n > 2 && a->word[i][0] == '"' && a->word[i][n - 1] == '"';
		snprintf(name, sizeof name, "%.*s", (int)(quoted ? n - 2 : n), a->word[i] + quoted);
		if (!key_parse(name, &key))
			return err_set(err, ST_BAD_VALUE, "'%.40s' is no key: a, F5, Up, Enter, Space, C-x, M-a", a->word[i]);
		enum status st = answered(s, tui_key(panes(s), key));
		if (st != ST_OK)
			return st;
	}
	return ST_OK;
}

static enum status screen_type(struct session *s, const struct cmd_args *a)
{
	const char *text = a->rest + strlen("type");
	enum status st = ST_OK;
	for (text += strspn(text, " \t"); *text && st == ST_OK && !s->quit; text++)
		st = answered(s, tui_key(panes(s), (uint8_t)*text));
	return st;
}

static enum status screen_mouse(struct session *s, const struct cmd_args *a, struct err *err)
{
	static const struct {
		const char *word;
		enum tui_button button;
		unsigned clicks;
	} kinds[] = { { "click", TUI_LEFT, 1 }, { "double", TUI_LEFT, 2 }, { "wheel-up", TUI_WHEEL_UP, 1 },
		{ "wheel-down", TUI_WHEEL_DOWN, 1 } };
	uint64_t col, row;
	unsigned i = 0;
	while (i < ARRAY_LEN(kinds) && strcmp(kinds[i].word, a->word[0]) != 0)
		i++;
	if (i == ARRAY_LEN(kinds) || a->count != 3 || !parse_number(a->word[1], &col) || !parse_number(a->word[2], &row))
		return err_set(err, ST_BAD_USAGE, "screen click|double|wheel-up|wheel-down COLUMN ROW (from 0)");
	return answered(s, tui_mouse(panes(s), (unsigned)row, (unsigned)col, kinds[i].button, kinds[i].clicks));
}

static enum status screen_save(struct session *s, const struct cmd_args *a, struct err *err)
{
	struct grid g;
	bool attributes = a->count > 1 && !strcmp(a->word[1], "-a");
	const char *name = a->count > 1u + attributes ? a->word[1 + attributes] : NULL;
	if (a->count > 2u + attributes)
		return err_set(err, ST_BAD_USAGE, "screen save [-a] [FILE]");
	FILE *f = name ? fopen(name, "w") : s->out->file;
	if (!f)
		return err_set(err, ST_IO, "%s: %s", name, strerror(errno));
	grid_init(&g, BATCH_ROWS, BATCH_COLS);
	tui_draw(panes(s), &g);
	grid_save(&g, attributes, f);
	grid_fini(&g);
	if (name && fclose(f))
		return err_set(err, ST_IO, "%s: %s", name, strerror(errno));
	return ST_OK;
}

/* The actions that keys have done so far: which of keys.def a test has pressed. */
static enum status screen_pressed(struct session *s)
{
	struct tui_binding b;
	char text[4096] = "";
	for (unsigned i = 0; tui_binding(panes(s), i, &b); i++)
		if (b.done)
			snprintf(text + strlen(text), sizeof text - strlen(text), " %s", b.action);
	say(s, "pressed:%s", text);
	return ST_OK;
}

enum status cmd_screen(struct session *s, const struct cmd_args *a, struct err *err)
{
	const char *verb = a->count ? a->word[0] : "";
	if (s->panes || (s->tui && tui_busy(s->tui)))
		return err_set(err, ST_STATE, "screen: not from within the panes");
	if (!strcmp(verb, "size"))
		return screen_size(s, a, err);
	if (!strcmp(verb, "keys"))
		return screen_keys(s, a, err);
	if (!strcmp(verb, "type"))
		return screen_type(s, a);
	if (!strcmp(verb, "pressed"))
		return screen_pressed(s);
	if (!strcmp(verb, "save"))
		return screen_save(s, a, err);
	if (!strcmp(verb, "click") || !strcmp(verb, "double") || !strncmp(verb, "wheel-", 6))
		return screen_mouse(s, a, err);
	return err_set(err, ST_BAD_USAGE,
		"screen size COLUMNS ROWS | keys KEY... | type TEXT | click|double|wheel-up|wheel-down COLUMN ROW | save [-a] [FILE] | pressed");
}

/* ---- layouts, panes, keys ---------------------------------------------------------------------------------------------------- */

/* What the panes show may have been made before this command moved anything. */
static struct tui *fresh(struct session *s)
{
	struct tui *t = panes(s);
	tui_refresh(t, false);
	return t;
}

static enum status save_configuration(struct session *s, const char *given, struct err *err)
{
	char path[4096];
	if (!given && !place_config("panes", path, sizeof path))
		return err_set(err, ST_STATE, "there is no place for it: neither XDG_CONFIG_HOME nor HOME is set");
	const char *name = given ? given : path;
	if (!given && !place_make(path))
		return err_set(err, ST_IO, "%s: %s", path, strerror(errno));
	FILE *f = fopen(name, "w");
	if (!f)
		return err_set(err, ST_IO, "%s: %s", name, strerror(errno));
	tui_save_configuration(panes(s), f);
	bool bad = ferror(f) != 0;
	if (fclose(f) || bad)
		return err_set(err, ST_IO, "%s: %s", name, strerror(errno));
	say(s, "layouts and keys are in %s", name);
	return ST_OK;
}

static void list_layouts(struct session *s)
{
	struct tui_layout_info l;
	for (unsigned i = 0; tui_layout_info(panes(s), i, &l); i++)
		say(s, "%c %-12s %s", l.shown ? '*' : ' ', l.name, l.text);
}

enum status cmd_layout(struct session *s, const struct cmd_args *a, struct err *err)
{
	const char *verb = a->count ? a->word[0] : "";
	if (!a->count) {
		list_layouts(s);
		return ST_OK;
	}
	if (!strcmp(verb, "make") && a->count >= 3) {
		const char *spec = strstr(a->rest + strlen("make"), a->word[1]) + strlen(a->word[1]);
		return tui_layout_make(panes(s), a->word[1], spec, err);
	}
	if (!strcmp(verb, "save") && a->count == 2) {
		enum status st = tui_layout_keep(panes(s), a->word[1], err);
		return st == ST_OK && s->interactive ? save_configuration(s, NULL, err) : st;
	}
	if (!strcmp(verb, "write") && a->count <= 2)
		return save_configuration(s, a->count == 2 ? a->word[1] : NULL, err);
	if (a->count != 1)
		return err_set(err, ST_BAD_USAGE, "layout [NAME] | save NAME | make NAME ROWS | write [FILE]");
	return tui_layout(fresh(s), verb, err);
}

enum status cmd_pane(struct session *s, const struct cmd_args *a, struct err *err)
{
	enum status st = given_words(a, 1, 1, "pane NAME", err);
	return st == ST_OK ? tui_focus_pane(fresh(s), a->word[0], err) : st;
}

enum status cmd_bind(struct session *s, const struct cmd_args *a, struct err *err)
{
	struct tui_binding b;
	if (!a->count) {
		for (unsigned i = 0; tui_binding(panes(s), i, &b); i++)
			say(s, "%-24s %-20s %s", b.action, b.keys, b.help);
		return ST_OK;
	}
	const char *action = a->rest + strlen(a->word[0]);
	return tui_bind(panes(s), a->word[0], action + strspn(action, " \t"), err);
}
