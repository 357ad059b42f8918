/* ui/cmd.h - the command language: from a line to a row of commands.def to its handler. */
#ifndef UI_CMD_H
#define UI_CMD_H

#include <stdio.h>

#include "ui/session.h"

enum completer { COMPLETE_NONE, COMPLETE_COMMAND, COMPLETE_TABLE, COMPLETE_THREAD, COMPLETE_OBJECT, COMPLETE_SYMBOL, COMPLETE_FILE,
	         COMPLETE_SETTING, COMPLETE_BREAKPOINT, COMPLETE_EVENT, COMPLETE_PANE, COMPLETE_LAYOUT };

/* COMPLETE_SYMBOL and COMPLETE_EVENT say too that the command takes an expression: there, `> FILE` is a comparison unless FILE looks like one. */

#define CMD_WORDS 32
#define CMD_LINE 1024

/** A command's arguments; they live as long as the call. */
struct cmd_args {
	const char *format;           /* behind the command's slash; "" */
	const char *rest;             /* the line behind the command, trimmed */
	unsigned count;
	const char *word[CMD_WORDS];  /* @rest cut at blanks */
};

struct command {
	const char *name, *others;    /* others: words apart by blanks */
	enum completer completer;
	const char *synopsis, *help, *example[2];
	enum status (*run)(struct session *s, const struct cmd_args *a, struct err *err);
};
extern const struct command commands[];
extern const unsigned command_count;

/** Executes one line; an empty one and a comment (#) do nothing. On failure @err says what is wrong, in one line. */
MUST_CHECK enum status cmd_line(struct session *s, const char *line, struct err *err);
/** Executes a file's lines up to the first error, which then names file and line, or until the session is to end. */
MUST_CHECK enum status cmd_file(struct session *s, const char *path, struct err *err);
/** The command by name, other word or unique beginning. ST_NOT_FOUND and ST_AMBIGUOUS name what is near. */
MUST_CHECK enum status cmd_find(const char *word, const struct command **out, struct err *err);
/** The @i-th alias, NULL past the last; what a built-in alias stands for, NULL = it is none. */
const char *cmd_alias(unsigned i);
const char *cmd_stands_for(const char *word);
/** Letters to change, add, drop or swap to make @b of @a: how near two words are. */
unsigned word_distance(const char *a, const char *b);
/** @inner's line with its place in front, unless it has one of that file already; @from "" = typed. */
void err_place(struct err *err, enum status st, const char *from, unsigned number, const struct err *inner);

/* What handlers share (ui/cmd_*.c). */

/** An object the user named: 12ac, 12ac#3, @17, *82001234. */
struct target {
	uint32_t object;              /* row, 0 = it is gone */
	uint32_t trail;               /* trail row, 0 = none */
	uint32_t handle, generation;  /* as named, 0 = by other means */
	bool closed;                  /* the handle named is closed, or of an earlier life */
};
MUST_CHECK enum status given_target(const struct session *s, const char *word, struct target *t, struct err *err);
/** The row of the thread that @word names (its tid), or the selected one if @word is NULL. */
MUST_CHECK enum status given_thread(const struct session *s, const char *word, uint32_t *row, struct err *err);
/** The count in word @i, or @standard if there is none. ST_BAD_VALUE: no count, or 0. */
MUST_CHECK enum status given_count(const struct cmd_args *a, unsigned i, uint64_t standard, uint64_t *n, struct err *err);
/** The stop that @word names: a number, or an expression that begins with $. */
MUST_CHECK enum status given_point(const struct session *s, const char *word, struct breakpoint **p, struct err *err);
/** ST_BAD_USAGE with the synopsis unless the number of words lies within [least, most]. */
MUST_CHECK enum status given_words(const struct cmd_args *a, unsigned least, unsigned most, const char *synopsis, struct err *err);
/** `save breakpoints FILE` (ui/cmd_break.c). */
MUST_CHECK enum status save_breakpoints(struct session *s, const struct cmd_args *a, struct err *err);
/** `restore FILE` of a saved machine (ui/cmd_save.c). */
MUST_CHECK enum status restore_machine(struct session *s, const char *path, struct err *err);
/** "signal H": what poke and whatif take; *@object: row. */
MUST_CHECK enum status given_poke(const struct session *s, const struct cmd_args *a, enum poke *what, uint32_t *object, struct err *err);
/** May something be lost? Asks at a terminal unless `set confirm off`; elsewhere the answer is yes. */
bool confirmed(const struct session *s, const char *question);
/** Puts what `info TABLE WORD` is about into @q; @word NULL = none was given. */
MUST_CHECK enum status table_query(const struct session *s, const struct table_def *d, const char *word, struct query *q, struct err *err);
/** May a command of the user's be called so? */
MUST_CHECK enum status own_command_name(const char *name, struct err *err);
/** What scripts may call. */
void help_scripts(struct out *o);
/** Fills and prints a table. */
void show_table(struct session *s, enum table_id id, const struct query *q);
/** "{int}ADDRESS = EXPRESSION", as `set` takes it. */
MUST_CHECK enum status set_memory(struct session *s, const char *text, struct err *err);
/** "$name = EXPRESSION", as `set` takes it: a register, or a variable of the user's. */
MUST_CHECK enum status set_variable(struct session *s, const char *text, struct err *err);
/** ST_STATE: the selected thread cannot run any more. */
MUST_CHECK enum status can_step(const struct session *s, struct err *err);
/** Writes the commands that make the user's symbols again. */
void save_symbols(const struct session *s, FILE *f);
/** Prints the last stop: what, where, when, and the next instruction. */
void show_stop(struct session *s);
/** The digest line: instructions=N cycles=N digest=HEX. */
void print_digest(struct session *s);
/** The trails of what is in focus: what --trace-handles shows at the end. */
void show_focused_trails(struct session *s);
/** A line of text; nothing in JSON form, where only tables are printed. */
void say(struct session *s, const char *fmt, ...) PRINTF_LIKE(2, 3);

#define COMMAND(id, ...) enum status cmd_##id(struct session *s, const struct cmd_args *a, struct err *err);
#include "ui/commands.def"
#undef COMMAND

#endif
