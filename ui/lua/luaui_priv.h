/* ui/lua/luaui_priv.h - what the files of ui/lua share. */
#ifndef UI_LUA_LUAUI_PRIV_H
#define UI_LUA_LUAUI_PRIV_H

#include "ui/lua/luaui.h"
#include "ui/session.h"

typedef struct lua_State lua_State;   /* <lua.h>, which the files of ui/lua include themselves */

#define LUAUI_MEMORY_MAX ((size_t)1 << 30) /* bytes that scripts may have */

struct luaui {
	lua_State *L;                 /* the main one; @now is the one that runs: a coroutine may call in */
	lua_State *now;
	struct session *s;
	size_t used;                  /* bytes */
	const struct expr_context *at;/* an event's handler runs: the machine is on its way, and may only be looked at; NULL = it stands */
	int *stops;                   /* functions called at stops; 0 = taken away */
	char **stop_kinds;            /* globs of the stops wanted */
	unsigned stop_count;
	unsigned seen;                /* arrivals of the session that handlers have been told of */
	bool in_stop;
};

/** Of the running script. */
struct luaui *luaui_of(lua_State *L);
static inline struct session *luaui_session(lua_State *L) { return luaui_of(L)->s; }
/** The moment that a script asks about: that of its event, or the present stop. */
struct expr_context luaui_moment(lua_State *L);
/** Raises an error unless the machine stands: @what is what only then can be done. */
void luaui_must_stand(lua_State *L, const char *what);
/** Raises @err, with the script's place. */
int luaui_fail(lua_State *L, const struct err *err);
/** Ends the script if the session is to end, or the user wants it. */
void luaui_check(lua_State *L);
/** Calls the function below @arguments values. On failure @err says what, in one line; nothing is left on the stack but results. */
MUST_CHECK enum status luaui_call(struct luaui *u, int arguments, int results, struct err *err);
/** The value at @i as text, never an address of the host; pushed. */
const char *luaui_tostring(lua_State *L, int i);
/** Text of the script's to where results go. */
void luaui_print(struct session *s, const char *text, size_t n);

/** Lua's library, made deterministic and harmless (luaui_safe.c). */
void luaui_open_library(lua_State *L);
/** Opens into the table on top of the stack: wedge. */
void luaui_open_guest(lua_State *L);  /* luaui_guest.c: and mem, reg */
void luaui_open_run(lua_State *L);    /* luaui_run.c */
/** Puts a table with the facts of @ev, or of the stop, on the stack. */
void luaui_push_event(lua_State *L, const struct event *ev);
void luaui_push_stop(lua_State *L);

/* The functions of api.def. */
#define LUA_FUNCTION(id, name, arguments, help) int api_##id(lua_State *L);
#include "ui/lua/api.def"

#endif
