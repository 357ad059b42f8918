/* ui/tui/edit.c - lines that are typed: the command line (where readline does not have it), and the prompts. */
#include "config.h"

#include <stdlib.h>

#include "ui/complete.h"
#include "ui/tui/tui_priv.h"

void edit_set(struct edit *e, const char *text)
{
	snprintf(e->text, sizeof e->text, "%s", text);
	e->cursor = (unsigned)strlen(e->text);
}

static unsigned encode(tui_key_code c, char utf8[5])
{
	memset(utf8, 0, 5);
	if (c < 0x80) {
		utf8[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		utf8[0] = (char)(0xc0 | c >> 6);
		utf8[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	unsigned n = c < 0x10000 ? 3 : 4;
	utf8[0] = (char)(n == 3 ? 0xe0 | c >> 12 : 0xf0 | c >> 18);
	for (unsigned i = 1; i < n; i++)
		utf8[i] = (char)(0x80 | (c >> 6 * (n - 1 - i) & 0x3f));
	return n;
}

void edit_insert(struct edit *e, tui_key_code key)
{
	char utf8[5];
	unsigned n = encode(key, utf8);
	size_t length = strlen(e->text);
	if (length + n >= sizeof e->text)
		return;
	memmove(e->text + e->cursor + n, e->text + e->cursor, length - e->cursor + 1);
	memcpy(e->text + e->cursor, utf8, n);
	e->cursor += n;
}

static void cut(struct edit *e, unsigned from, unsigned to)
{
	memmove(e->text + from, e->text + to, strlen(e->text + to) + 1);
	e->cursor = from;
}

static unsigned before(const struct edit *e, unsigned at)
{
	while (at && ((uint8_t)e->text[--at] & 0xc0) == 0x80)
		;
	return at;
}

static unsigned behind(const struct edit *e, unsigned at)
{
	if (!e->text[at])
		return at;
	do
		at++;
	while (((uint8_t)e->text[at] & 0xc0) == 0x80);
	return at;
}

struct edit *active_edit(struct tui *t)
{
	return t->prompt ? &t->prompt_edit : &t->edit;
}

/* ---- prompts --------------------------------------------------------------------------------------------------------- */

void prompt_begin(struct tui *t, enum prompt p, const char *text)
{
	t->prompt = p;
	t->search_from = focused_pane(t)->cursor;
	edit_set(&t->prompt_edit, text);
}

/* What is searched for, or jumped to, is found as it is typed. */
void prompt_changed(struct tui *t)
{
	struct pane *p = focused_pane(t);
	const char *text = t->prompt_edit.text;
	bool found = true;
	if (t->prompt == PROMPT_SEARCH) {
		snprintf(p->search, sizeof p->search, "%.60s", text);
		pane_go(p, t->search_from);
		found = !*text || pane_search(p, 1, true);
	} else if (t->prompt == PROMPT_JUMP) {
		found = !*text || pane_jump(p, text);
	} else {
		return;
	}
	t->message[0] = 0;
	if (!found)
		say_message(t, true, "not found: %.100s", text);
	cursor_moved(t);
}

static enum tui_answer prompt_end(struct tui *t)
{
	struct pane *p = focused_pane(t);
	enum prompt was = t->prompt;
	struct err err;
	t->prompt = PROMPT_NONE;
	if (was == PROMPT_COMMAND)
		return run_line(t, t->prompt_edit.text);
	if (was == PROMPT_QUIT)
		return t->prompt_edit.text[0] == 'y' ? TUI_QUIT : TUI_DONE;
	if (was == PROMPT_FILTER && pane_filter(p, t->prompt_edit.text, &err) != ST_OK)
		say_message(t, true, "%s", err.text);
	cursor_moved(t);
	return TUI_DONE;
}

/* ---- keys ------------------------------------------------------------------------------------------------------------- */

enum tui_answer act_edit_enter(struct tui *t)
{
	char line[EDIT_TEXT];
	if (t->prompt)
		return prompt_end(t);
	snprintf(line, sizeof line, "%s", t->edit.text);
	edit_set(&t->edit, "");
	return run_line(t, line);
}

enum tui_answer act_edit_complete(struct tui *t)
{
	struct edit *e = active_edit(t);
	struct words w = { 0 };
	bool files;
	char word[EDIT_TEXT], list[2048] = "";
	unsigned start = e->cursor;
	if (t->prompt && t->prompt != PROMPT_COMMAND)
		return TUI_DONE;
	while (start && e->text[start - 1] != ' ')
		start--;
	snprintf(word, sizeof word, "%.*s", (int)(e->cursor - start), e->text + start);
	complete(t->s, e->text, start, word, &w, &files);
	size_t common = w.count ? strlen(w.word[0]) : 0, n = 0;
	for (unsigned i = 1; i < w.count; i++)
		for (size_t k = 0; k < common; k++)
			if (w.word[i][k] != w.word[0][k])
				common = k;
	for (size_t k = strlen(word); k < common; k++)
		edit_insert(e, (uint8_t)w.word[0][k]);
	if (w.count == 1)
		edit_insert(e, ' ');
	for (unsigned i = 0; w.count > 1 && i < w.count && n + strlen(w.word[i]) + 4 < sizeof list; i++)
		n += (size_t)snprintf(list + n, sizeof list - n, "%s%s", i ? "  " : "", w.word[i]);
	if (n)
		say_message(t, false, "%s", list);
	words_free(&w);
	return TUI_DONE;
}

enum tui_answer act_edit_left(struct tui *t)
{
	struct edit *e = active_edit(t);
	e->cursor = before(e, e->cursor);
	return TUI_DONE;
}

enum tui_answer act_edit_right(struct tui *t)
{
	struct edit *e = active_edit(t);
	e->cursor = behind(e, e->cursor);
	return TUI_DONE;
}

enum tui_answer act_edit_home(struct tui *t)
{
	active_edit(t)->cursor = 0;
	return TUI_DONE;
}

enum tui_answer act_edit_end(struct tui *t)
{
	struct edit *e = active_edit(t);
	e->cursor = (unsigned)strlen(e->text);
	return TUI_DONE;
}

enum tui_answer act_edit_backspace(struct tui *t)
{
	struct edit *e = active_edit(t);
	if (e->cursor)
		cut(e, before(e, e->cursor), e->cursor);
	else if (t->prompt && !*e->text)
		t->prompt = PROMPT_NONE;
	prompt_changed(t);
	return TUI_DONE;
}

enum tui_answer act_edit_delete(struct tui *t)
{
	struct edit *e = active_edit(t);
	cut(e, e->cursor, behind(e, e->cursor));
	prompt_changed(t);
	return TUI_DONE;
}

enum tui_answer act_edit_clear(struct tui *t)
{
	struct edit *e = active_edit(t);
	cut(e, 0, e->cursor);
	prompt_changed(t);
	return TUI_DONE;
}

enum tui_answer act_edit_cut(struct tui *t)
{
	struct edit *e = active_edit(t);
	e->text[e->cursor] = 0;
	prompt_changed(t);
	return TUI_DONE;
}

enum tui_answer act_edit_word(struct tui *t)
{
	struct edit *e = active_edit(t);
	unsigned from = e->cursor;
	while (from && e->text[from - 1] == ' ')
		from--;
	while (from && e->text[from - 1] != ' ')
		from--;
	cut(e, from, e->cursor);
	prompt_changed(t);
	return TUI_DONE;
}

/* Through the lines typed: @by -1 older, 1 newer; behind the newest the line is empty. */
static enum tui_answer through_history(struct tui *t, int by)
{
	if (t->prompt && t->prompt != PROMPT_COMMAND)
		return TUI_DONE;
	if ((by < 0 && t->history_at == 0) || (by > 0 && t->history_at >= t->history_count))
		return TUI_DONE;
	t->history_at = (unsigned)((int)t->history_at + by);
	edit_set(active_edit(t), t->history_at < t->history_count ? t->history[t->history_at] : "");
	return TUI_DONE;
}

enum tui_answer act_edit_older(struct tui *t)
{
	return through_history(t, -1);
}
enum tui_answer act_edit_newer(struct tui *t)
{
	return through_history(t, 1);
}

enum tui_answer act_edit_drop(struct tui *t)
{
	if (t->prompt == PROMPT_SEARCH) {
		focused_pane(t)->search[0] = 0;
		pane_go(focused_pane(t), t->search_from);
	}
	if (!t->prompt)
		edit_set(&t->edit, "");
	t->prompt = PROMPT_NONE;
	return TUI_DONE;
}

enum tui_answer act_edit_page_up(struct tui *t)
{
	struct pane *p = &t->pane[PANE_command];
	pane_move(p, -(int)(p->rows ? p->rows : 1));
	return TUI_DONE;
}

enum tui_answer act_edit_page_down(struct tui *t)
{
	struct pane *p = &t->pane[PANE_command];
	pane_move(p, (int)(p->rows ? p->rows : 1));
	return TUI_DONE;
}
