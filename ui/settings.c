/* ui/settings.c - see settings.h; and the table that shows them. */
#include "config.h"

#include "ui/settings.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernel/stub.h"
#include "src/observe/audit.h"
#include "ui/inspect/inspect.h"

enum setting_kind { BOOL, NUMBER, CHOICE, TEXT, MACHINE };

static const struct setting {
	const char *name;
	enum setting_kind kind;
	uint64_t standard, least, most;
	size_t offset;
	const char *help;
} setting_table[] = {
#define SETTING(id, name, kind, def, least, most, help) { name, kind, def, least, most, offsetof(struct settings, id), help },
#include "ui/settings.def"
#undef SETTING
};

static uint64_t *value_of(struct settings *s, unsigned i)
{
	return (uint64_t *)((char *)s + setting_table[i].offset);
}

static char *text_of(struct settings *s, unsigned i)
{
	return (char *)s + setting_table[i].offset;
}

void settings_init(struct settings *s)
{
	for (unsigned i = 0; i < ARRAY_LEN(setting_table); i++)
		if (setting_table[i].kind == TEXT)
			*text_of(s, i) = 0;
		else if (setting_table[i].kind != MACHINE)
			*value_of(s, i) = setting_table[i].standard;
}

unsigned settings_count(void) { return ARRAY_LEN(setting_table); }
const char *settings_name(unsigned i) { return setting_table[i].name; }

bool parse_number(const char *text, uint64_t *v)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	const char *digits = hex ? text + 2 : text;
	if (!*digits || strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789") != strlen(digits))
		return false;
	errno = 0;
	*v = strtoull(digits, NULL, hex ? 16 : 10);
	return errno == 0;
}

bool parse_count(const char *text, uint64_t *v)
{
	static const struct {
		char letter;
		uint64_t factor;
	} units[] = { { 'k', 1000 }, { 'M', 1000000 }, { 'G', 1000000000 } };
	char digits[32];
	size_t n = strlen(text);
	uint64_t factor = 1;
	if (!n || n >= sizeof digits)
		return false;
	memcpy(digits, text, n + 1);
	for (unsigned i = 0; i < ARRAY_LEN(units); i++)
		if (digits[n - 1] == units[i].letter) {
			factor = units[i].factor;
			digits[n - 1] = 0;
			break;
		}
	return parse_number(digits, v) && !__builtin_mul_overflow(*v, factor, v);
}

static bool parse_bool(const char *text, uint64_t *v)
{
	static const char *const words[][2] = { { "off", "on" }, { "no", "yes" }, { "0", "1" }, { "false", "true" } };
	for (unsigned i = 0; i < ARRAY_LEN(words); i++)
		for (unsigned k = 0; k < 2; k++)
			if (!strcmp(text, words[i][k])) {
				*v = k;
				return true;
			}
	return false;
}

/* The @i-th word of a choice; 0 letters = there is none. */
static int choice(const struct setting *d, uint64_t i, const char **word)
{
	const char *p = d->help;
	for (; i; i--) {
		p += strcspn(p, "|:");
		if (*p++ != '|')
			return 0;
	}
	*word = p;
	return (int)strcspn(p, "|:");
}

static bool parse_choice(const struct setting *d, const char *text, uint64_t *v)
{
	const char *word;
	for (uint64_t i = 0; i <= d->most; i++) {
		int n = choice(d, i, &word);
		if (n == (int)strlen(text) && !strncmp(word, text, (size_t)n)) {
			*v = i;
			return true;
		}
	}
	return false;
}

static int find(const char *name)
{
	int found = -1;
	for (unsigned i = 0; i < ARRAY_LEN(setting_table); i++) {
		if (!strcmp(setting_table[i].name, name))
			return (int)i;
		if (*name && !strncmp(setting_table[i].name, name, strlen(name)))
			found = found == -1 ? (int)i : -2;
	}
	return found;
}

const char *settings_whole(const char *name)
{
	int i = find(name);
	return i >= 0 ? setting_table[i].name : NULL;
}

enum status settings_set(struct settings *s, const char *name, const char *value, struct err *err)
{
	int i = find(name);
	uint64_t v = 0;
	if (i == -1)
		return err_set(err, ST_NOT_FOUND, "there is no setting '%s' (`show` lists them)", name);
	if (i == -2)
		return err_set(err, ST_AMBIGUOUS, "'%s' begins several settings (`show` lists them)", name);
	const struct setting *d = &setting_table[i];
	INVARIANT(d->kind != MACHINE);
	if (d->kind == BOOL && !parse_bool(value, &v))
		return err_set(err, ST_BAD_VALUE, "%s is on or off, not '%s'", d->name, value);
	if (d->kind == CHOICE && !parse_choice(d, value, &v))
		return err_set(err, ST_BAD_VALUE, "%s is %.*s, not '%s'", d->name, (int)strcspn(d->help, ":"), d->help, value);
	if (d->kind == NUMBER && (!parse_count(value, &v) || v < d->least || v > d->most))
		return err_set(err, ST_BAD_VALUE, "%s is a number from %" PRIu64 " to %" PRIu64 ", not '%s'", d->name, d->least, d->most, value);
	if (d->kind == TEXT && strlen(value) >= SETTING_TEXT)
		return err_set(err, ST_BAD_VALUE, "%s is too long: at most %u bytes", d->name, SETTING_TEXT - 1);
	if (d->kind == TEXT)
		snprintf(text_of(s, (unsigned)i), SETTING_TEXT, "%s", value);
	else
		*value_of(s, (unsigned)i) = v;
	return ST_OK;
}

void fill_settings(struct table *t, const struct query *q)
{
	struct settings copy = *q->settings;
	char policy[STUB_POLICY_TEXT];
	for (unsigned i = 0; i < ARRAY_LEN(setting_table); i++) {
		const struct setting *d = &setting_table[i];
		uint64_t v = d->kind == TEXT || d->kind == MACHINE ? 0 : *value_of(&copy, i);
		if (q->word && *q->word && strncmp(d->name, q->word, strlen(q->word)))
			continue;
		put_str(t, d->name);
		const char *word = "";
		if (d->kind == TEXT)
			put_str(t, text_of(&copy, i));
		else if (d->kind == MACHINE)
			put_str(t, stub_policy_text(machine_stub_policy(q->machine), policy));
		else if (d->kind == CHOICE) {
			int n = choice(d, v, &word);
			put_strf(t, "%.*s", n, word);
		} else if (d->kind == BOOL)
			put_str(t, v ? "on" : "off");
		else if (v == UINT64_MAX)
			put_str(t, "unlimited");
		else
			put_strf(t, "%" PRIu64, v);
		put_str(t, d->help);
	}
}
