/* ui/lua/luaui_run.c - what scripts do with the session: commands, running the machine, checks. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include <lauxlib.h>
#include <lua.h>

#include "ui/block.h"
#include "ui/cmd.h"
#include "ui/lua/luaui_priv.h"

/* ---- commands -------------------------------------------------------------------------------------------------------------------- */

struct text_place {
	struct line_source source; /* first */
	char *at, *end;
};

static const char *text_next(void *ctx, unsigned depth)
{
	struct text_place *p = ctx;
	char *line = p->at;
	(void)depth;
	if (p->at > p->end)
		return NULL;
	p->at += strcspn(p->at, "\n");
	*p->at++ = 0;
	p->source.number++;
	return line;
}

/* Executes the commands of @text, one a line, as if they stood in a file. */
static enum status execute(struct session *s, const char *text, struct err *err)
{
	char *copy = xstrdup(text);
	struct text_place p = { .source = { text_next, &p, "", 0 }, .at = copy, .end = copy + strlen(copy) };
	struct line_source *outer = s->source;
	enum status st = ST_OK;
	const char *line;
	s->source = &p.source;
	while (st == ST_OK && !s->quit && (line = text_next(&p, 0)))
		st = cmd_line(s, line, err);
	s->source = outer;
	free(copy);
	return st;
}

/* The same for a script: while it lasts, handlers run on the state that asked for it. */
static void execute_for(lua_State *L, const char *text)
{
	struct luaui *u = luaui_of(L);
	lua_State *before = u->now;
	struct err err;
	luaui_must_stand(L, "a command");
	u->now = L;
	enum status st = execute(u->s, text, &err);
	u->now = before;
	luaui_check(L);
	if (st != ST_OK)
		luaui_fail(L, &err);
}

int api_cmd(lua_State *L)
{
	execute_for(L, luaL_checkstring(L, 1));
	return 0;
}

static int protected_cmd(lua_State *L)
{
	execute_for(L, lua_tostring(L, 1));
	return 0;
}

/* The error on top of the stack goes on from the script's own line. */
static int rethrow(lua_State *L)
{
	luaL_where(L, 1);
	lua_insert(L, -2);
	lua_concat(L, 2);
	return lua_error(L);
}

int api_text(lua_State *L)
{
	struct session *s = luaui_session(L);
	const char *wanted = luaL_checkstring(L, 1);
	FILE *before = s->out->file;
	bool colour = s->out->colour;
	char *text = NULL;
	size_t size;
	luaui_must_stand(L, "a command");
	fflush(before);
	s->out->file = open_memstream(&text, &size);
	if (!s->out->file) {
		s->out->file = before;
		return luaL_error(L, "no memory for the text");
	}
	s->out->colour = false;
	lua_pushcfunction(L, protected_cmd);
	lua_pushstring(L, wanted);
	int failed = lua_pcall(L, 1, 0, 0);
	fclose(s->out->file);
	s->out->file = before;
	s->out->colour = colour;
	if (!failed)
		lua_pushlstring(L, text, size);
	free(text);
	return failed ? rethrow(L) : 1;
}

/* ---- running ---------------------------------------------------------------------------------------------------------------------- */

static int protected_run(lua_State *L)
{
	execute_for(L, lua_tostring(L, 1));
	luaui_push_stop(L);
	return 1;
}

/* One function for all rows LUA_RUN: its upvalue is the command. */
static int run_by(lua_State *L)
{
	struct session *s = luaui_session(L);
	bool quiet = s->quiet;
	char line[CMD_LINE];
	size_t n = (size_t)snprintf(line, sizeof line, "%s", lua_tostring(L, lua_upvalueindex(1)));
	for (int i = 1; i <= lua_gettop(L); i++) {
		const char *word = luaL_checkstring(L, i);
		luaL_argcheck(L, !strchr(word, '\n') && n + strlen(word) + 2 < sizeof line, i, "a word of a command is wanted");
		n += (size_t)snprintf(line + n, sizeof line - n, " %s", word);
	}
	luaui_must_stand(L, "running the machine");
	lua_pushcfunction(L, protected_run);
	lua_pushstring(L, line);
	s->quiet = true;
	int failed = lua_pcall(L, 1, 1, 0);
	s->quiet = quiet;
	return failed ? rethrow(L) : 1;
}

int api_expect(lua_State *L)
{
	struct session *s = luaui_session(L);
	if (lua_toboolean(L, 1))
		return 0;
	luaL_where(L, 1);
	const char *message = luaL_optstring(L, 2, "it is not so"), *where = lua_tostring(L, -1);
	s->expect_failed = true;
	fflush(s->out->file);
	fprintf(stderr, "%sexpect failed: %s\n", where, message);
	return 0;
}

void luaui_open_run(lua_State *L)
{
	static const struct {
		const char *name, *command;
	} runs[] = {
#define LUA_RUN(name, command, arguments, help) { name, command },
#include "ui/lua/api.def"
	};
	static const luaL_Reg functions[] = {
#define LUA_FUNCTION(id, name, arguments, help) { name, api_##id },
#include "ui/lua/api.def"
		{ NULL, NULL },
	};
	luaL_setfuncs(L, functions, 0);
	for (unsigned i = 0; i < ARRAY_LEN(runs); i++) {
		lua_pushstring(L, runs[i].command);
		lua_pushcclosure(L, run_by, 1);
		lua_setfield(L, -2, runs[i].name);
	}
}
