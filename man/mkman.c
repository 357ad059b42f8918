/* man/mkman.c - copies man/wedge.1.in from stdin to stdout and fills in the lists that .def files hold: a line @OPTIONS@,
 * @COMMANDS@, @ALIASES@, @TABLES@, @SETTINGS@, @EVENTS@, @NAMES@ or @SCRIPTS@ becomes that list. Runs while wedge is built. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "src/observe/audit.h"

/* Text with roff's own characters made harmless. */
static void put(const char *s)
{
	for (bool begin = true; *s; begin = *s++ == '\n') {
		if (begin && (*s == '.' || *s == '\''))
			fputs("\\&", stdout);
		if (*s == '\\')
			fputs("\\e", stdout);
		else if (*s == '-')
			fputs("\\-", stdout);
		else
			putchar(*s);
	}
}

static void item(const char *term, const char *also)
{
	fputs(".TP\n.B ", stdout);
	put(term);
	if (*also) {
		fputs("\n(", stdout);
		put(also);
		putchar(')');
	}
	putchar('\n');
}

static void line(const char *text)
{
	put(text);
	putchar('\n');
}

static void example(const char *text)
{
	if (*text) {
		fputs(".br\n.I ", stdout);
		line(text);
	}
}

enum option_argument { NO, YES, MAY };

static void option(char letter, const char *name, enum option_argument argument, const char *word, const char *help)
{
	char term[128], dash[8] = "";
	if (letter)
		snprintf(dash, sizeof dash, "-%c, ", letter);
	snprintf(term, sizeof term, argument == YES ? "%s--%s %s" : argument == MAY ? "%s--%s[=%s]" : "%s--%s%s", dash, name, word);
	item(term, "");
	line(help);
}

static void options(void)
{
#define OPTION(id, letter, name, argument, word, help) option(letter, name, argument, word, help);
#include "ui/options.def"
#undef OPTION
}

static void commands(void)
{
#define COMMAND(id, name, others, completer, synopsis, help, first, second) \
	item(synopsis, others); \
	line(help); \
	example(first); \
	example(second);
#include "ui/commands.def"
#undef COMMAND
}

static void aliases(void)
{
#define COMMAND(...)
#define ALIAS(word, meaning) \
	item(word, ""); \
	line(meaning);
#include "ui/commands.def"
#undef COMMAND
}

static void tables(void)
{
#define TABLE(id, name, flags, argument, help, ...) \
	if (!strstr(#flags, "TABLE_HIDDEN")) { \
		item("info " #name, ""); \
		line(help); \
	}
#include "ui/inspect/tables.def"
#undef TABLE
}

static void settings(void)
{
#define SETTING(id, name, kind, standard, least, most, help) \
	item(name, ""); \
	line(help);
#include "ui/settings.def"
#undef SETTING
}

static void events(void)
{
#define EVENT(id, kind, text, aux) \
	item(kind, ""); \
	line(text);
#include "src/event/event.def"
#undef EVENT
}

static void names(void)
{
#define EXPR_VARIABLE(name, help) \
	item("$" #name, ""); \
	line(help);
#define EXPR_FIELD(of, name, help) \
	item(#of "(..)." #name, ""); \
	line(help);
#include "ui/expr.def"
}

static void scripts(void)
{
#define LUA_FUNCTION(id, name, arguments, help) \
	item("wedge." name "(" arguments ")", ""); \
	line(help);
#define LUA_RUN(name, command, arguments, help) LUA_FUNCTION(, name, arguments, help)
#define LUA_VALUE(name, help) \
	item(name, ""); \
	line(help);
#include "ui/lua/api.def"
}

static void keys(void)
{
#define ANY "everywhere"
#define PANE "in a pane"
#define SINGLE "SingleKey"
#define LINE "in the command line"
#define KEY(id, context, keys, help) \
	item(keys, context); \
	line(help ".");
#define KEY_RUN(id, context, keys, run, help) KEY(id, context, keys, help)
#include "ui/tui/keys.def"
#undef KEY
#undef KEY_RUN
#undef ANY
#undef PANE
#undef SINGLE
#undef LINE
}

static void panes(void)
{
#define PANE(name, letter, title, depends, columns, keys, odd, open, help) \
	item(#name, (const char[]){ letter, 0 }); \
	line(help ".");
#define TABLE_PANE(name, letter, title, table, depends, columns, keys, odd, open, help) PANE(name, letter, title, depends, columns, keys, odd, open, help)
#include "ui/tui/panes.def"
#undef PANE
#undef TABLE_PANE
}

static void layouts(void)
{
#define LAYOUT(name, help, small, large) \
	item(#name, ""); \
	line(help ".");
#include "ui/tui/layouts.def"
#undef LAYOUT
}

static const struct {
	const char *mark;
	void (*fill)(void);
} lists[] = {
	{ "@OPTIONS@\n", options }, { "@COMMANDS@\n", commands }, { "@ALIASES@\n", aliases }, { "@TABLES@\n", tables },
	{ "@SETTINGS@\n", settings }, { "@EVENTS@\n", events }, { "@NAMES@\n", names }, { "@SCRIPTS@\n", scripts },
	{ "@KEYS@\n", keys }, { "@PANES@\n", panes }, { "@LAYOUTS@\n", layouts },
};

int main(void)
{
	char text[1024];
	while (fgets(text, sizeof text, stdin)) {
		unsigned i = 0;
		while (i < ARRAY_LEN(lists) && strcmp(text, lists[i].mark) != 0)
			i++;
		if (i < ARRAY_LEN(lists))
			lists[i].fill();
		else if (text[0] == '@')
			return fprintf(stderr, "mkman: no such list: %s", text), 1;
		else
			fputs(text, stdout);
	}
	return 0;
}
