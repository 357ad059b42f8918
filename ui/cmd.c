/* ui/cmd.c - see cmd.h: lines, words, and the search for a command. The handlers are in cmd_*.c. */
#include "config.h"

#include "ui/cmd.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "ui/interrupt.h"

const struct command commands[] = {
#define COMMAND(id, name, others, completer, synopsis, help, e1, e2) \
	{ name, others, COMPLETE_##completer, synopsis, help, { e1, e2 }, cmd_##id },
#include "ui/commands.def"
#undef COMMAND
};
const unsigned command_count = ARRAY_LEN(commands);

static const struct {
	const char *word, *stands_for;
} aliases[] = {
#define COMMAND(...)
#define ALIAS(word, stands_for) { word, stands_for },
#include "ui/commands.def"
#undef COMMAND
};

static const struct {
	const char *word, *question;
} unclear[] = {
#define COMMAND(...)
#define UNCLEAR(word, question) { word, question },
#include "ui/commands.def"
#undef COMMAND
};

const char *cmd_alias(unsigned i)
{
	return i < ARRAY_LEN(aliases) ? aliases[i].word : NULL;
}

/* ---- finding a command ------------------------------------------------------------------------------------------------- */

static bool in_words(const char *words, const char *word)
{
	size_t n = strlen(word);
	for (const char *p = words; n && (p = strstr(p, word)); p++)
		if ((p == words || p[-1] == ' ') && (p[n] == ' ' || !p[n]))
			return true;
	return false;
}

/* Letters to change, add, drop or swap to make @b of @a: how near two words are. */
static unsigned distance(const char *a, const char *b)
{
	size_t na = strlen(a), nb = strlen(b);
	unsigned row[3][40];
	if (na >= 40 || nb >= 40)
		return 99;
	for (size_t j = 0; j <= nb; j++)
		row[0][j] = (unsigned)j;
	for (size_t i = 1; i <= na; i++) {
		unsigned *now = row[i % 3], *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];
		now[0] = (unsigned)i;
		for (size_t j = 1; j <= nb; j++) {
			unsigned best = last[j - 1] + (a[i - 1] != b[j - 1]);
			if (last[j] + 1 < best)
				best = last[j] + 1;
			if (now[j - 1] + 1 < best)
				best = now[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < best)
				best = before[j - 2] + 1;
			now[j] = best;
		}
	}
	return row[na % 3][nb];
}

static void add_name(char *list, size_t size, const char *name)
{
	size_t n = strlen(list);
	snprintf(list + n, size - n, "%s%s", n ? ", " : "", name);
}

static enum status not_found(const char *word, struct err *err)
{
	char near[200] = "";
	for (unsigned i = 0; i < ARRAY_LEN(unclear); i++)
		if (!strcmp(unclear[i].word, word))
			return err_set(err, ST_AMBIGUOUS, "%s", unclear[i].question);
	for (unsigned i = 0; i < command_count; i++)
		if (distance(word, commands[i].name) <= 1 + strlen(word) / 4 ||
		    (strlen(word) >= 3 && strstr(commands[i].name, word)))
			add_name(near, sizeof near, commands[i].name);
	for (unsigned i = 0; i < TABLES; i++)
		if (!(table_defs[i].flags & TABLE_HIDDEN) && !strncmp(table_defs[i].name, word, strlen(word)) && strlen(word) >= 3) {
			char text[64];
			snprintf(text, sizeof text, "info %s", table_defs[i].name);
			add_name(near, sizeof near, text);
		}
	if (near[0])
		return err_set(err, ST_NOT_FOUND, "there is no command '%.60s'; near: %s", word, near);
	return err_set(err, ST_NOT_FOUND, "there is no command '%.60s' (`help` lists them)", word);
}

enum status cmd_find(const char *word, const struct command **out, struct err *err)
{
	char candidates[400] = "";
	unsigned found = 0;
	for (unsigned i = 0; i < command_count; i++)
		if (!strcmp(commands[i].name, word) || in_words(commands[i].others, word)) {
			*out = &commands[i];
			return ST_OK;
		}
	for (unsigned i = 0; i < command_count; i++)
		if (*word && !strncmp(commands[i].name, word, strlen(word))) {
			*out = &commands[i];
			found++;
			add_name(candidates, sizeof candidates, commands[i].name);
		}
	if (!found)
		return not_found(word, err);
	return found == 1 ? ST_OK : err_set(err, ST_AMBIGUOUS, "'%.60s' is the beginning of several commands: %s", word, candidates);
}

/* ---- lines ------------------------------------------------------------------------------------------------------------- */

static char *trim(char *text)
{
	while (isspace((unsigned char)*text))
		text++;
	size_t n = strlen(text);
	while (n && isspace((unsigned char)text[n - 1]))
		text[--n] = 0;
	return text;
}

/* Puts an alias's command in the place of its word. */
static void expand(char line[CMD_LINE])
{
	char copy[CMD_LINE];
	size_t n = strcspn(line, " \t");
	for (unsigned i = 0; i < ARRAY_LEN(aliases); i++)
		if (strlen(aliases[i].word) == n && !strncmp(aliases[i].word, line, n)) {
			memcpy(copy, line, sizeof copy);
			snprintf(line, CMD_LINE, "%s%.*s", aliases[i].stands_for, CMD_LINE - 64, copy + n);
			return;
		}
}

static enum status run_line(struct session *s, char *line, struct err *err)
{
	const struct command *c = NULL;
	struct cmd_args a = { .format = "" };
	char words[CMD_LINE], *save = NULL;
	char *rest = line + strcspn(line, " \t");
	if (*rest)
		*rest++ = 0;
	a.rest = trim(rest);
	char *slash = strchr(line, '/');
	if (slash && slash != line) {
		*slash = 0;
		a.format = slash + 1;
	}
	enum status st = cmd_find(line, &c, err);
	if (st != ST_OK)
		return st;
	if (slash && !strchr(c->synopsis, '/'))
		return err_set(err, ST_BAD_USAGE, "%s takes no /%s: %s", c->name, a.format, c->synopsis);
	snprintf(words, sizeof words, "%s", a.rest);
	for (char *w = strtok_r(words, " \t", &save); w; w = strtok_r(NULL, " \t", &save)) {
		if (a.count == CMD_WORDS)
			return err_set(err, ST_BAD_USAGE, "more than %d words: %s", CMD_WORDS, c->synopsis);
		a.word[a.count++] = w;
	}
	return c->run(s, &a, err);
}

enum status cmd_line(struct session *s, const char *text, struct err *err)
{
	char line[CMD_LINE];
	if (strlen(text) >= sizeof line)
		return err_set(err, ST_BAD_USAGE, "a line has at most %d characters", CMD_LINE - 1);
	snprintf(line, sizeof line, "%s", text);
	char *begin = trim(line);
	while (*begin == ':')
		begin = trim(begin + 1);
	if (!*begin || *begin == '#')
		return ST_OK;
	memmove(line, begin, strlen(begin) + 1);
	expand(line);
	return run_line(s, line, err);
}

#define NESTING_MAX 16

static enum status read_lines(struct session *s, FILE *f, const char *path, struct err *err)
{
	char *line = NULL;
	size_t room = 0;
	struct err inner = { 0 };
	enum status st = ST_OK;
	for (unsigned number = 1; st == ST_OK && !s->quit && !interrupt_pending() && getline(&line, &room, f) >= 0; number++) {
		st = cmd_line(s, line, &inner);
		if (st != ST_OK)
			err_set(err, st, "%.140s:%u: %.320s", path, number, inner.text);
	}
	if (st == ST_OK && ferror(f))
		st = err_set(err, ST_IO, "%s: %s", path, strerror(errno));
	free(line);
	return st;
}

enum status cmd_file(struct session *s, const char *path, struct err *err)
{
	FILE *f = fopen(path, "r");
	if (!f)
		return err_set(err, ST_IO, "%s: %s", path, strerror(errno));
	if (s->nesting == NESTING_MAX) {
		fclose(f);
		return err_set(err, ST_BAD_USAGE, "%s: command files are nested more than %d deep", path, NESTING_MAX);
	}
	s->nesting++;
	enum status st = read_lines(s, f, path, err);
	s->nesting--;
	fclose(f);
	return st;
}

/* ---- what handlers share ------------------------------------------------------------------------------------------------- */

void say(struct session *s, const char *fmt, ...)
{
	va_list ap;
	if (s->out->json)
		return;
	va_start(ap, fmt);
	vfprintf(s->out->file, fmt, ap);
	va_end(ap);
	fputc('\n', s->out->file);
}

bool confirmed(const struct session *s, const char *question)
{
	return !s->ask || !s->settings.confirm || s->ask(question);
}

void show_table(struct session *s, enum table_id id, const struct query *q)
{
	struct table t;
	table_fill(&t, id, q);
	table_print(&t, s->out);
	table_fini(&t);
}

enum status given_words(const struct cmd_args *a, unsigned least, unsigned most, const char *synopsis, struct err *err)
{
	if (a->count >= least && a->count <= most)
		return ST_OK;
	return err_set(err, ST_BAD_USAGE, "%s: %s", a->count < least ? "an argument is missing" : "too many arguments", synopsis);
}

enum status given_count(const struct cmd_args *a, unsigned i, uint64_t standard, uint64_t *n, struct err *err)
{
	*n = standard;
	if (i >= a->count || (parse_count(a->word[i], n) && *n))
		return ST_OK;
	return err_set(err, ST_BAD_VALUE, "'%s' is no count", a->word[i]);
}

enum status given_thread(const struct session *s, const char *word, uint32_t *row, struct err *err)
{
	uint64_t tid;
	*row = s->thread;
	if (!word)
		return ST_OK;
	if (!parse_number(word, &tid) || tid > UINT32_MAX)
		return err_set(err, ST_BAD_VALUE, "'%s' is no thread id", word);
	*row = tid ? thread_by_tid(session_machine(s), (uint32_t)tid) : 0;
	return *row ? ST_OK : err_set(err, ST_NOT_FOUND, "there is no thread %s", word);
}
