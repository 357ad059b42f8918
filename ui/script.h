/* ui/script.h - blocks of commands: reading them up to their `end`, executing them; the user's own commands. */
#ifndef UI_SCRIPT_H
#define UI_SCRIPT_H

#include "ui/block.h"
#include "ui/session.h"

#define NESTING_MAX 32        /* of blocks, repetitions and scripts in each other */

/** Reads lines of the present source up to the `end` of the block that the present line begins (@what: its word, for the error). Blocks
 * within it belong to it. ST_BAD_USAGE: the source ends before the block does. */
MUST_CHECK enum status block_read(struct session *s, const char *what, struct block **out, struct err *err);
/** Is @line the first of a block? */
bool begins_block(const char *line);
/** Executes lines [@from, @to) of @b up to the first error, which then names its line, or until something ends it. */
MUST_CHECK enum status block_run(struct session *s, struct block *b, unsigned from, unsigned to, struct err *err);
/** Executes the commands of the stops just reached, and of those reached by them. */
MUST_CHECK enum status commands_run(struct session *s, struct err *err);

/** The user's own command with this name, NULL = none. */
struct user_command *own_command(const struct session *s, const char *name);
/** A new one, or the one of this name, emptied. */
struct user_command *own_command_make(struct session *s, const char *name);
/** Executes a defined command: $arg0.. and $argc in its lines stand for the words of @arguments. */
MUST_CHECK enum status own_command_run(struct session *s, const struct user_command *c, const char *arguments, struct err *err);

#endif
