/* ui/cmd.c - see cmd.h: lines, words, and the search for a command. The handlers are in cmd_*.c. */
#include "config.h"

#include "ui/cmd.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "ui/interrupt.h"
#include "ui/lua/luaui.h"
#include "ui/script.h"

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

const char *cmd_stands_for(const char *word)
{
	for (unsigned i = 0; i < ARRAY_LEN(aliases); i++)
		if (!strcmp(aliases[i].word, word))
			return aliases[i].stands_for;
	return NULL;
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

unsigned word_distance(const char *a, const char *b)
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

static bool is_near(const char *word, const char *name)
{
	return word_distance(word, name) <= 1 + strlen(word) / 4 || (strlen(word) >= 3 && strstr(name, word));
}

/* Of a command's other words, those that are words, not gdb's letters. */
static void add_others_near(char *list, size_t size, const char *word, const char *others)
{
	char other[24];
	int n;
	for (; sscanf(others, "%23s%n", other, &n) == 1; others += n)
		if (strlen(other) > 3 && is_near(word, other))
			add_name(list, size, other);
}

static enum status not_found(const char *word, struct err *err)
{
	char near[200] = "";
	for (unsigned i = 0; i < ARRAY_LEN(unclear); i++)
		if (!strcmp(unclear[i].word, word))
			return err_set(err, ST_AMBIGUOUS, "%s", unclear[i].question);
	for (unsigned i = 0; i < command_count; i++) {
		if (is_near(word, commands[i].name))
			add_name(near, sizeof near, commands[i].name);
		else
			add_others_near(near, sizeof near, word, commands[i].others);
	}
	for (unsigned i = 0; i < ARRAY_LEN(aliases); i++)
		if (is_near(word, aliases[i].word))
			add_name(near, sizeof near, aliases[i].word);
	for (unsigned i = 0; i < TABLES; i++)
		if (!(table_defs[i].flags & TABLE_HIDDEN) && strlen(word) >= 3 && (!strncmp(table_defs[i].name, word, strlen(word)) || is_near(word, table_defs[i].name))) {
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
static bool expand_word(char line[CMD_LINE], size_t n, const char *stands_for)
{
	char copy[CMD_LINE];
	memcpy(copy, line, sizeof copy);
	return snprintf(line, CMD_LINE, "%s%s", stands_for, copy + n) < CMD_LINE;
}

/* WinDbg's threads: ~ ~* ~*k ~3 ~3s ~3k. */
static bool expand_tilde(char line[CMD_LINE])
{
	char rest[CMD_LINE], *end;
	snprintf(rest, sizeof rest, "%s", line + 1);
	if (!strcmp(rest, "*k") || !strcmp(rest, "* k")) {
		strcpy(line, "parked");
	} else if (!*rest || !strcmp(rest, "*")) {
		strcpy(line, "info threads");
	} else {
		unsigned long tid = strtoul(rest, &end, 10);
		if (end == rest || strcmp(end, "s") * strcmp(end, "") != 0)
			return false;
		snprintf(line, CMD_LINE, strcmp(end, "s") ? "info thread %lu" : "thread %lu", tid);
	}
	return true;
}

/* WinDbg's "ba w4 ADDRESS": watch ADDRESS,4. */
static void expand_access(char line[CMD_LINE])
{
	char kind, bytes, rest[CMD_LINE];
	if (sscanf(line, "ba %c%c %1000[^\n]", &kind, &bytes, rest) != 3 || !strchr("rwe", kind) || !strchr("1248", bytes))
		return;
	if (kind == 'e')
		snprintf(line, CMD_LINE, "break %.900s", rest);
	else
		snprintf(line, CMD_LINE, "%s %.900s,%c", kind == 'r' ? "awatch" : "watch", rest, bytes);
}

/* False: the line is too long now. */
static bool expand(const struct session *s, char line[CMD_LINE])
{
	if (*line == '~' && expand_tilde(line))
		return true;
	if (!strncmp(line, "ba ", 3))
		expand_access(line);
	for (unsigned depth = 0; depth < 8; depth++) {
		char word[64];
		size_t n = strcspn(line, " \t");
		snprintf(word, sizeof word, "%.*s", (int)n, line);
		const struct user_command *own = own_command(s, word);
		const char *stands_for = own ? own->stands_for : cmd_stands_for(word);
		if (n >= sizeof word || !stands_for)
			return true;
		if (!expand_word(line, n, stands_for))
			return false;
	}
	return true;
}

static enum status execute(struct session *s, const struct command *c, const char *rest, const char *format, struct err *err)
{
	struct cmd_args a = { .format = format, .rest = rest };
	char words[CMD_LINE], *save = NULL;
	snprintf(words, sizeof words, "%s", a.rest);
	for (char *w = strtok_r(words, " \t", &save); w; w = strtok_r(NULL, " \t", &save)) {
		bool by_words = c->completer != COMPLETE_EVENT && c->completer != COMPLETE_SYMBOL;
		if (a.count == CMD_WORDS && by_words)
			return err_set(err, ST_BAD_USAGE, "more than %d words: %s", CMD_WORDS, c->synopsis);
		if (a.count < CMD_WORDS)
			a.word[a.count++] = w;
	}
	enum status st = c->run(s, &a, err);
	timeline_stood(s);
	return st;
}

/* A command without its way out: @line is word and slash, @rest what follows. */
static enum status run_plain(struct session *s, char *line, char *rest, struct err *err)
{
	const struct command *c = NULL;
	const struct user_command *own = own_command(s, line);
	if (own)
		return own_command_run(s, own, rest, err);
	char *slash = strchr(line, '/');
	if (slash && slash != line)
		*slash = 0;
	else
		slash = NULL;
	enum status st = cmd_find(line, &c, err);
	if (st != ST_OK)
		return st;
	if (slash && !strchr(c->synopsis, '/'))
		return err_set(err, ST_BAD_USAGE, "%s takes no /%s: %s", c->name, slash + 1, c->synopsis);
	return execute(s, c, rest, slash ? slash + 1 : "", err);
}

/* ---- the way out: > FILE, >> FILE, | CMD --------------------------------------------------------------------------------------- */

static enum status shell_allowed(const struct session *s, struct err *err)
{
	if (s->allow_shell)
		return ST_OK;
	return err_set(err, ST_STATE, "no programs are started here (--allow-shell allows it)");
}

/* Does @c keep what follows to itself: an expression, other commands? */
static bool takes_expression(const char *line)
{
	const struct command *c;
	char word[CMD_LINE];
	struct err ignored;
	snprintf(word, sizeof word, "%.*s", (int)strcspn(line, "/"), line);
	if (cmd_find(word, &c, &ignored) != ST_OK)
		return false;
	return c->completer == COMPLETE_SYMBOL || c->completer == COMPLETE_EVENT;
}

static bool looks_like_a_file(const char *name)
{
	return (isalpha((unsigned char)*name) || strchr("/.~_", *name)) && strpbrk(name, "./") && !strpbrk(name, " \t");
}

/* The > or | of the line's way out, NULL = none: apart by blanks, not within quotes, the last one for a file, the first one for a pipe. */
static char *find_way_out(char *rest, bool expression)
{
	bool quoted = false;
	char *file = NULL;
	for (char *p = rest; *p; p++) {
		quoted ^= *p == '"';
		bool apart = !quoted && (p == rest || isspace((unsigned char)p[-1]));
		if (apart && *p == '|' && isspace((unsigned char)p[1]) && !expression)
			return p;
		if (!apart || *p != '>')
			continue;
		const char *name = p + 1 + (p[1] == '>');
		name += strspn(name, " \t");
		if (*name && *name != '=' && (!expression || looks_like_a_file(name)))
			file = p;
	}
	return file;
}

static enum status run_into(struct session *s, FILE *f, char *line, char *rest, struct err *err)
{
	FILE *before = s->out->file;
	bool colour = s->out->colour;
	fflush(before);
	s->out->file = f;
	s->out->colour = false;
	enum status st = run_plain(s, line, rest, err);
	s->out->file = before;
	s->out->colour = colour;
	return st;
}

static void nothing(int number)
{
	(void)number;
}

static enum status run_piped(struct session *s, const char *program, char *line, char *rest, struct err *err)
{
	struct sigaction ours = { .sa_handler = nothing }, old;
	enum status st = shell_allowed(s, err);
	if (st != ST_OK)
		return st;
	fflush(NULL);
	sigaction(SIGPIPE, &ours, &old);
	FILE *f = popen(program, "w");
	if (f) {
		st = run_into(s, f, line, rest, err);
		int code = pclose(f);
		if (st == ST_OK && code > 0)
			say(s, "(`%s` ended with code %d)", program, WIFEXITED(code) ? WEXITSTATUS(code) : code);
	} else {
		st = err_set(err, ST_IO, "%s: %s", program, strerror(errno));
	}
	sigaction(SIGPIPE, &old, NULL);
	return st;
}

static enum status run_to_file(struct session *s, char *name, char *line, char *rest, struct err *err)
{
	bool append = *name == '>';
	name = trim(name + append);
	size_t n = strlen(name);
	if (n > 1 && name[0] == '"' && name[n - 1] == '"') {
		name[n - 1] = 0;
		name++;
	}
	FILE *f = fopen(name, append ? "a" : "w");
	if (!f)
		return err_set(err, ST_IO, "%s: %s", name, strerror(errno));
	enum status st = run_into(s, f, line, rest, err);
	bool bad = ferror(f) != 0;
	if ((fclose(f) || bad) && st == ST_OK)
		st = err_set(err, ST_IO, "%s: %s", name, strerror(errno));
	return st;
}

/* "| CMD | PROGRAM" and "pipe CMD | PROGRAM": the first | parts them, whatever the command takes. */
static enum status run_pipe_command(struct session *s, char *rest, struct err *err)
{
	char *bar = strstr(rest, " | ");
	if (!bar)
		return err_set(err, ST_BAD_USAGE, "pipe COMMAND | PROGRAM");
	*bar = 0;
	char *line = trim(rest), *program = trim(bar + 3);
	char *inner = line + strcspn(line, " \t");
	if (*inner)
		*inner++ = 0;
	return run_piped(s, program, line, trim(inner), err);
}

static enum status run_shell(struct session *s, const char *program, struct err *err)
{
	enum status st = shell_allowed(s, err);
	if (st != ST_OK)
		return st;
	fflush(NULL);
	int code = system(program);
	if (code > 0)
		say(s, "(`%s` ended with code %d)", program, WIFEXITED(code) ? WEXITSTATUS(code) : code);
	return ST_OK;
}

static enum status run_line(struct session *s, char *line, struct err *err)
{
	if (*line == '!')
		return run_shell(s, line + 1, err);
	if (*line == '|')
		return run_pipe_command(s, trim(line + 1), err);
	char *rest = line + strcspn(line, " \t");
	if (*rest)
		*rest++ = 0;
	rest = trim(rest);
	if (!strcmp(line, "pipe"))
		return run_pipe_command(s, rest, err);
	char *way = find_way_out(rest, takes_expression(line));
	if (!way)
		return run_plain(s, line, rest, err);
	char kind = *way;
	*way = 0;
	rest = trim(rest);
	return kind == '|' ? run_piped(s, trim(way + 1), line, rest, err) : run_to_file(s, way + 1, line, rest, err);
}

enum status cmd_pipe(struct session *s, const struct cmd_args *a, struct err *err)
{
	char copy[CMD_LINE];
	snprintf(copy, sizeof copy, "%s", a->rest);
	return run_pipe_command(s, copy, err);
}

enum status cmd_line(struct session *s, const char *text, struct err *err)
{
	char line[CMD_LINE];
	struct err none;
	if (!err)
		err = &none;
	if (strlen(text) >= sizeof line)
		return err_set(err, ST_BAD_USAGE, "a line has at most %d characters", CMD_LINE - 1);
	snprintf(line, sizeof line, "%s", text);
	char *begin = trim(line);
	while (*begin == ':')
		begin = trim(begin + 1);
	if (!*begin || *begin == '#')
		return ST_OK;
	memmove(line, begin, strlen(begin) + 1);
	if (!expand(s, line))
		return err_set(err, ST_BAD_USAGE, "a line has at most %d characters", CMD_LINE - 1);
	enum status st = run_line(s, line, err);
	if (st == ST_OK)
		st = commands_run(s, err);
	return st == ST_OK ? luaui_stopped(s, err) : st;
}

/* ---- files ---------------------------------------------------------------------------------------------------------------------- */

#define FILES_NESTING_MAX 16

void err_place(struct err *err, enum status st, const char *from, unsigned number, const struct err *inner)
{
	size_t n = strlen(from);
	if (!n || (!strncmp(inner->text, from, n) && inner->text[n] == ':'))
		err_set(err, st, "%s", inner->text);
	else
		err_set(err, st, "%.140s:%u: %.320s", from, number, inner->text);
}

struct file_place {
	struct line_source source;    /* first */
	FILE *f;
	char *line;
	size_t room;
};

static const char *file_next(void *ctx, unsigned depth)
{
	struct file_place *p = ctx;
	(void)depth;
	if (getline(&p->line, &p->room, p->f) < 0)
		return NULL;
	p->source.number++;
	return p->line;
}

static enum status read_lines(struct session *s, FILE *f, const char *path, struct err *err)
{
	struct file_place p = { .source = { file_next, &p, path, 0 }, .f = f };
	struct line_source *outer = s->source;
	enum status st = ST_OK;
	const char *line;
	s->source = &p.source;
	while (st == ST_OK && !s->quit && !s->leave && !interrupt_pending() && (line = file_next(&p, 0))) {
		struct err inner = { 0 };
		unsigned number = p.source.number;
		st = cmd_line(s, line, &inner);
		if (st != ST_OK)
			err_place(err, st, path, number, &inner);
	}
	s->source = outer;
	if (st == ST_OK && ferror(f))
		st = err_set(err, ST_IO, "%s: %s", path, strerror(errno));
	free(p.line);
	return st;
}

enum status cmd_file(struct session *s, const char *path, struct err *err)
{
	if (luaui_is_file(path))
		return luaui_file(s, path, err);
	FILE *f = fopen(path, "r");
	if (!f)
		return err_set(err, ST_IO, "%s: %s", path, strerror(errno));
	if (s->nesting == FILES_NESTING_MAX) {
		fclose(f);
		return err_set(err, ST_BAD_USAGE, "%s: command files are nested more than %d deep", path, FILES_NESTING_MAX);
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

enum status given_point(const struct session *s, const char *word, struct breakpoint **p, struct err *err)
{
	uint64_t n = 0;
	if (*word == '$') {
		enum status st = expr_eval(s, word, false, &n, err);
		if (st != ST_OK)
			return st;
	} else if (!parse_number(word, &n)) {
		return err_set(err, ST_NOT_FOUND, "there is no breakpoint %.60s", word);
	}
	*p = n && n <= UINT32_MAX ? breaks_find(&s->breaks, (unsigned)n) : NULL;
	return *p ? ST_OK : err_set(err, ST_NOT_FOUND, "there is no breakpoint %.60s", word);
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
