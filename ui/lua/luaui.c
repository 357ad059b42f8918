/* ui/lua/luaui.c - see luaui.h: a state's life, running code in it, errors, interruption. */
#include "config.h"

#include "ui/lua/luaui.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <lauxlib.h>
#include <lua.h>

#include "ui/cmd.h"
#include "ui/interrupt.h"
#include "ui/lua/luaui_priv.h"
#include "ui/script.h"

#define HOOK_COUNT 10000 /* Lua instructions between two looks at the interrupt flag */

/* ---- a state ------------------------------------------------------------------------------------------------------------------- */

struct luaui *luaui_of(lua_State *L)
{
	return *(struct luaui **)lua_getextraspace(L);
}

static void *allocate(void *ctx, void *old, size_t was, size_t size)
{
	struct luaui *u = ctx;
	if (!old)
		was = 0; /* then it is a kind of object */
	if (!size) {
		free(old);
		u->used -= was;
		return NULL;
	}
	if (size > was && size - was > LUAUI_MEMORY_MAX - u->used)
		return NULL;
	u->used += size - was;
	return xrealloc(old, size);
}

void luaui_check(lua_State *L)
{
	if (!interrupt_pending() && !luaui_session(L)->quit)
		return;
	lua_sethook(L, lua_gethook(L), LUA_MASKCOUNT, 1); /* a script that catches this error meets it again at once */
	lua_pushstring(L, "interrupted");
	lua_error(L);
}

/* DEBT(lua-library-loops): within one call of Lua's own library no hook is called. */
static void look(lua_State *L, lua_Debug *d)
{
	(void)d;
	luaui_check(L);
}

static void make(lua_State *L)
{
	luaui_open_library(L);
	lua_newtable(L);
	luaui_open_guest(L);
	luaui_open_run(L);
	lua_setglobal(L, "wedge");
}

static int make_safely(lua_State *L)
{
	make(L);
	return 0;
}

static struct luaui *state_of(struct session *s)
{
	if (s->lua)
		return s->lua;
	struct luaui *u = xcalloc(1, sizeof *u);
	u->s = s;
	u->seen = s->arrivals;
	u->L = u->now = lua_newstate(allocate, u);
	INVARIANT(u->L);
	*(struct luaui **)lua_getextraspace(u->L) = u;
	lua_pushcfunction(u->L, make_safely);
	int failed = lua_pcall(u->L, 0, 0, 0);
	INVARIANT(failed == LUA_OK);
	s->lua = u;
	return u;
}

void luaui_end(struct session *s)
{
	struct luaui *u = s->lua;
	if (!u)
		return;
	lua_close(u->L);
	for (unsigned i = 0; i < u->stop_count; i++)
		free(u->stop_kinds[i]);
	free(u->stop_kinds);
	free(u->stops);
	free(u);
	s->lua = NULL;
}

/* ---- errors ---------------------------------------------------------------------------------------------------------------------- */

int luaui_fail(lua_State *L, const struct err *err)
{
	luaL_where(L, 1);
	lua_pushstring(L, err->text);
	lua_concat(L, 2);
	return lua_error(L);
}

void luaui_must_stand(lua_State *L, const char *what)
{
	if (luaui_of(L)->at)
		luaL_error(L,
			"%s: not while the machine is on its way: return true from the handler, and do it in wedge.on(\"stop\", ...)",
			what);
}

/* The error on top of the stack, as one line; taken off. */
static enum status say_error(struct luaui *u, enum status st, struct err *err)
{
	lua_State *L = u->now;
	char line[400];
	if (interrupt_pending() || u->s->quit) {
		lua_pop(L, 1);
		/* In batch the interruption itself ends the session, with its own code. */
		return u->s->quit || !u->s->interactive ? ST_OK : err_set(err, ST_STATE, "the script was interrupted");
	}
	/* What is no text may have a method that gives one, and that could fail in its turn. */
	bool text = lua_type(L, -1) == LUA_TSTRING;
	snprintf(line, sizeof line, text ? "%s" : "the script failed with a %s for its error",
		text ? lua_tostring(L, -1) : luaL_typename(L, -1));
	line[strcspn(line, "\n")] = 0;
	lua_pop(L, 1);
	return err_set(err, st, "%s", line);
}

/* The hook may stand at 1 from an interruption before. */
static void set_hook(lua_State *L)
{
	lua_sethook(L, look, LUA_MASKCOUNT, HOOK_COUNT);
}

enum status luaui_call(struct luaui *u, int arguments, int results, struct err *err)
{
	lua_State *L = u->now;
	set_hook(L);
	if (u->s->nesting >= NESTING_MAX) {
		lua_pop(L, arguments + 1);
		return err_set(err, ST_BAD_USAGE, "scripts are nested more than %d deep", NESTING_MAX);
	}
	u->s->nesting++;
	int failed = lua_pcall(L, arguments, results, 0);
	u->s->nesting--;
	if (!failed)
		return ST_OK;
	enum status st = say_error(u, ST_BAD_VALUE, err);
	for (int i = 0; st == ST_OK && i < results; i++)
		lua_pushnil(L);
	return st;
}

/* ---- code ------------------------------------------------------------------------------------------------------------------------ */

static enum status run(struct session *s, const char *code, size_t size, const char *name, struct err *err)
{
	struct luaui *u = state_of(s);
	if (u->at)
		return err_set(err, ST_STATE, "no script is begun while the machine is on its way");
	if (luaL_loadbufferx(u->now, code, size, name, "t") != LUA_OK)
		return say_error(u, ST_BAD_USAGE, err);
	return luaui_call(u, 0, 0, err);
}

enum status luaui_code(struct session *s, const char *code, struct err *err)
{
	return run(s, code, strlen(code), "=lua", err);
}

enum status luaui_file(struct session *s, const char *path, struct err *err)
{
	char name[1024], *text;
	size_t size = 0;
	FILE *f = fopen(path, "rb");
	if (!f)
		return err_set(err, ST_IO, "%s: %s", path, strerror(errno));
	text = xmalloc(1);
	for (size_t n; (text = xrealloc(text, size + 65536)), (n = fread(text + size, 1, 65536, f)) > 0;)
		size += n;
	bool bad = ferror(f) != 0;
	int why = errno;
	fclose(f);
	snprintf(name, sizeof name, "@%.1000s", path);
	/* A first line for the shell (#!) is none of Lua's; its end of line stays, for the numbers of lines. */
	size_t skip = size && text[0] == '#' ? strcspn(text, "\n") : 0;
	enum status st = bad ? err_set(err, ST_IO, "%s: %s", path, strerror(why))
			     : run(s, text + (skip < size ? skip : size), size - (skip < size ? skip : size), name, err);
	free(text);
	return st;
}

bool luaui_is_file(const char *path)
{
	size_t n = strlen(path);
	return n > 4 && !strcmp(path + n - 4, ".lua");
}
