/* ui/lua/luaui.h - scripts in Lua 5.4: running them, and what they hang on the session: handlers, commands.
 *
 * A session's Lua state is made when it is first needed. It belongs to the user: no snapshot holds it, going back does not change it, and
 * what goes through a moment again (breaks_mode COUNT, SEARCH, PASS) calls no handler. A script sees the machine through the session only.
 * Its output is the same in every run: `pairs` goes by the order of keys, no address of the host is printed, random numbers are seeded with
 * a constant. Errors come as "FILE:LINE: what", in one line. An endless script ends with the session's interrupt flag.
 */
#ifndef UI_LUA_LUAUI_H
#define UI_LUA_LUAUI_H

#include "src/base/base.h"

struct session;                       /* ui/session.h */
struct breakpoint;                    /* ui/breaks.h */
struct expr_context;                  /* ui/expr.h */
struct words;                         /* ui/complete.h */
struct user_command;

/** Runs a text. ST_BAD_USAGE, ST_BAD_VALUE: it does not compile; it failed. ST_STATE: interrupted. */
MUST_CHECK enum status luaui_code(struct session *s, const char *code, struct err *err);
/** Runs a file. ST_IO too. */
MUST_CHECK enum status luaui_file(struct session *s, const char *path, struct err *err);
/** Is it called .lua? */
bool luaui_is_file(const char *path);
/** The session ends, and its Lua state. Stops and commands of the user's that have functions must not be used any more. */
void luaui_end(struct session *s);

/** The handler of stop @p, at the moment @c: does it want the machine to stop? What went wrong lies in @failure then, "" = nothing. */
bool luaui_point(struct session *s, const struct breakpoint *p, const struct expr_context *c, char *failure, size_t size);
/** Nobody will call function @ref any more. */
void luaui_forget(struct session *s, int ref);
/** If the machine has stopped since the last call: calls the handlers of stops, which may make it go on. */
MUST_CHECK enum status luaui_stopped(struct session *s, struct err *err);
/** Runs a command that a script has made. */
MUST_CHECK enum status luaui_command(struct session *s, const struct user_command *c, const char *arguments, struct err *err);
/** Puts what the next word of that command may be into @out: @before is what stands between the command and the word @prefix. */
void luaui_complete(const struct session *s, const struct user_command *c, const char *before, const char *prefix, struct words *out);

#endif
