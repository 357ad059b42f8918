/* ui/tui/keymap.c - from a key to what it does: the user's bindings, then those of keys.def. */
#include "config.h"

#include <stdlib.h>

#include "ui/tui/tui_priv.h"

struct key_row {
	const char *name, *keys, *run, *help;
	enum tui_context context;
	tui_act *act;
};

static const struct key_row key_rows[ACTIONS] = {
#define KEY(id, context, keys, help) { #id, keys, NULL, help, CONTEXT_##context, act_##id },
#define KEY_RUN(id, context, keys, run, help) { #id, keys, run, help, CONTEXT_##context, NULL },
#include "ui/tui/keys.def"
#undef KEY
#undef KEY_RUN
};

enum tui_context action_context(unsigned action)
{
	return key_rows[action].context;
}
const char *action_help(unsigned action)
{
	return key_rows[action].help;
}
const char *action_name(unsigned action)
{
	return key_rows[action].name;
}

const char *context_word(enum tui_context c)
{
	static const char *const words[] = { "everywhere", "in a pane", "in the command line", "in SingleKey mode" };
	return words[c];
}

/* "C-x+o" or "+": one key, or two. */
static bool parse_keys(const char *text, size_t n, tui_key_code key[2])
{
	char word[64], *plus;
	key[1] = 0;
	if (!n || n >= sizeof word)
		return false;
	snprintf(word, sizeof word, "%.*s", (int)n, text);
	plus = strlen(word) > 1 ? strchr(word + 1, '+') : NULL;
	if (plus && plus[1]) {
		*plus = 0;
		return key_parse(word, &key[0]) && key_parse(plus + 1, &key[1]);
	}
	return key_parse(word, &key[0]);
}

static bool bound(const char *keys, tui_key_code first, tui_key_code second)
{
	for (const char *p = keys; *p; p += strspn(p, " ")) {
		tui_key_code key[2];
		size_t n = strcspn(p, " ");
		if (parse_keys(p, n, key) && key[0] == first && key[1] == second)
			return true;
		p += n;
	}
	return false;
}

/* A key that another must follow. */
static bool is_prefix(const struct tui *t, tui_key_code key)
{
	if (key == (TK_CTRL | 'x'))
		return true;
	for (unsigned i = 0; i < t->binding_count; i++)
		if (t->binding[i].key[0] == key && t->binding[i].key[1])
			return true;
	return false;
}

static const struct user_binding *own_binding(const struct tui *t, tui_key_code first, tui_key_code second)
{
	for (unsigned i = 0; i < t->binding_count; i++)
		if (t->binding[i].key[0] == first && t->binding[i].key[1] == second)
			return &t->binding[i];
	return NULL;
}

static int find_action(enum tui_context context, tui_key_code first, tui_key_code second)
{
	for (unsigned i = 0; i < ACTIONS; i++)
		if (key_rows[i].context == context && bound(key_rows[i].keys, first, second))
			return (int)i;
	return -1;
}

static enum tui_answer do_action(struct tui *t, unsigned action)
{
	t->done[action] = true;
	return key_rows[action].act ? key_rows[action].act(t) : run_template(t, key_rows[action].run);
}

static bool is_text(tui_key_code key)
{
	return key >= ' ' && key < TK_NONE && key != 0x7f;
}

/* The letter behind `g`. */
static enum tui_answer choose_pane(struct tui *t, tui_key_code key)
{
	char name[KEY_TEXT];
	int pane = pane_by_letter(key);
	if (pane >= 0)
		show_pane(t, t->focus, (unsigned)pane);
	else if (key != TK_ESC)
		say_message(t, true, "no pane has the letter %s (g alone lists them)", key_text(key, name, sizeof name));
	return TUI_DONE;
}

enum tui_answer do_key(struct tui *t, tui_key_code key)
{
	tui_key_code first = t->prefix ? t->prefix : key, second = t->prefix ? key : 0;
	bool line = in_line(t);
	enum tui_context here = line ? CONTEXT_LINE : t->single ? CONTEXT_SINGLE : CONTEXT_PANE;
	bool took_prefix = t->prefix != 0;
	t->prefix = 0;
	if (t->choosing) {
		t->choosing = false;
		return choose_pane(t, key);
	}
	if (!took_prefix && !(line && is_text(key)) && is_prefix(t, key)) {
		t->prefix = key;
		return TUI_DONE;
	}
	t->pressed = key;
	const struct user_binding *own = line && is_text(key) ? NULL : own_binding(t, first, second);
	if (own && own->line)
		return run_template(t, own->line);
	if (own)
		return own->action < ACTIONS ? do_action(t, own->action) : TUI_UNKNOWN;
	int action = find_action(here, first, second);
	if (action < 0)
		action = find_action(CONTEXT_ANY, first, second);
	/* SingleKey mode leaves the other keys as they are, but letters. */
	if (action < 0 && here == CONTEXT_SINGLE && !is_text(key))
		action = find_action(CONTEXT_PANE, first, second);
	if (action >= 0)
		return do_action(t, (unsigned)action);
	if (line && is_text(key) && !took_prefix) {
		edit_insert(active_edit(t), key);
		prompt_changed(t);
		return TUI_DONE;
	}
	return TUI_UNKNOWN;
}

/* ---- the user's ------------------------------------------------------------------------------------------------------ */

static bool own_keys_text(const struct user_binding *b, char *buf, size_t size)
{
	char first[KEY_TEXT], second[KEY_TEXT];
	key_text(b->key[0], first, sizeof first);
	if (b->key[1])
		snprintf(buf, size, "%s+%s", first, key_text(b->key[1], second, sizeof second));
	else
		snprintf(buf, size, "%s", first);
	return true;
}

/* The keys that do an action now: its own, but those that the user has given to something else. */
void binding_keys(const struct tui *t, unsigned action, char *buf, size_t size)
{
	size_t n = 0;
	buf[0] = 0;
	for (const char *p = key_rows[action].keys; *p; p += strspn(p, " ")) {
		tui_key_code key[2];
		size_t length = strcspn(p, " ");
		bool taken = t && parse_keys(p, length, key) && own_binding(t, key[0], key[1]);
		if (!taken && n + length + 2 < size)
			n += (size_t)snprintf(buf + n, size - n, "%s%.*s", n ? " " : "", (int)length, p);
		p += length;
	}
	for (unsigned i = 0; t && i < t->binding_count; i++) {
		char text[64];
		if (!t->binding[i].line && t->binding[i].action == action && own_keys_text(&t->binding[i], text, sizeof text) &&
			n + strlen(text) + 2 < size)
			n += (size_t)snprintf(buf + n, size - n, "%s%s", n ? " " : "", text);
	}
}

bool tui_binding(const struct tui *t, unsigned i, struct tui_binding *b)
{
	if (i >= ACTIONS)
		return false;
	*b = (struct tui_binding){
		.action = key_rows[i].name, .context = context_word(key_rows[i].context), .help = key_rows[i].help
	};
	binding_keys(t, i, b->keys, sizeof b->keys);
	b->done = t->done[i];
	return true;
}

static bool parse_given(const char *keys, tui_key_code key[2])
{
	char joined[64];
	snprintf(joined, sizeof joined, "%s", keys);
	char *blank = strchr(joined, ' ');
	if (blank)
		*blank = '+';
	return strlen(keys) < sizeof joined && parse_keys(joined, strlen(joined), key);
}

enum status tui_bind(struct tui *t, const char *keys, const char *action, struct err *err)
{
	struct user_binding b = { .action = ACTIONS };
	if (!parse_given(keys, b.key))
		return err_set(err, ST_BAD_VALUE, "'%.40s' is no key: a, F5, C-x, M-a, Space, Enter, Up, C-x+o", keys);
	unsigned i = 0;
	while (*action && *action != ':' && i < ACTIONS && strcmp(key_rows[i].name, action) != 0)
		i++;
	if (*action && *action != ':' && i == ACTIONS)
		return err_set(err, ST_NOT_FOUND, "there is no action '%.40s' (`bind` lists them; a command line begins with :)",
			action);
	if (*action == ':')
		b.line = xstrdup(action + 1 + strspn(action + 1, " "));
	else if (*action)
		b.action = (enum action)i;
	for (i = 0; i < t->binding_count && (t->binding[i].key[0] != b.key[0] || t->binding[i].key[1] != b.key[1]);)
		i++;
	if (i == t->binding_count)
		t->binding = xrealloc(t->binding, ++t->binding_count * sizeof *t->binding);
	else
		free(t->binding[i].line);
	t->binding[i] = b;
	return ST_OK;
}

void tui_save_configuration(const struct tui *t, FILE *f)
{
	char text[LAYOUT_TEXT];
	for (unsigned i = 0; i < t->own_count; i++)
		fprintf(f, "layout make %s %s\n", t->own[i].name, layout_text(&t->own[i], text, sizeof text));
	for (unsigned i = 0; i < t->binding_count; i++) {
		const struct user_binding *b = &t->binding[i];
		own_keys_text(b, text, sizeof text);
		fprintf(f, "bind %s %s%s\n", text, b->line ? ":" : "",
			b->line               ? b->line
			: b->action < ACTIONS ? key_rows[b->action].name
					      : "");
	}
}
