/* ui/lua/luaui_safe.c - Lua's own library for scripts: the same results in every run, output by the session's ways, no programs and no
 * machine code from outside unless the session allows it. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include "ui/cmd.h"
#include "ui/lua/luaui_priv.h"

#define SEED 0x7765646765 /* any constant */

/* ---- output ---------------------------------------------------------------------------------------------------------------------- */

/* Guest text is made harmless, all but ends of lines and tabs. */
static void print_visible(struct out *o, const char *text, size_t n)
{
	char piece[200], visible[4 * sizeof piece + 1];
	while (n) {
		size_t k = 0;
		if (*text == '\n' || *text == '\t') {
			fputc(*text, o->file);
			k = 1;
		} else if (!*text) {
			fputs("\\x00", o->file);
			k = 1;
		} else {
			while (k < n && k < sizeof piece - 1 && text[k] && text[k] != '\n' && text[k] != '\t')
				k++;
			while (k < n && k > sizeof piece - 4 &&
				((unsigned char)text[k] & 0xc0) == 0x80) /* no letter is cut in two */
				k--;
			memcpy(piece, text, k);
			piece[k] = 0;
			visible_text(visible, sizeof visible, piece);
			fputs(visible, o->file);
		}
		text += k;
		n -= k;
	}
}

void luaui_print(struct session *s, const char *text, size_t n)
{
	char line[CMD_LINE];
	if (!s->out->json) {
		print_visible(s->out, text, n);
		return;
	}
	/* In JSON form every line is a table's row. */
	while (n) {
		size_t k = strcspn(text, "\n");
		struct query q = session_query(s);
		if (k > n)
			k = n;
		snprintf(line, sizeof line, "%.*s", (int)k, text);
		q.word = line;
		show_table(s, TABLE_TEXT, &q);
		k += k < n;
		text += k;
		n -= k;
	}
}

const char *luaui_tostring(lua_State *L, int i)
{
	int type = lua_type(L, i);
	i = lua_absindex(L, i);
	if (luaL_getmetafield(L, i, "__tostring") != LUA_TNIL)
		lua_pop(L, 1);
	else if (type == LUA_TTABLE || type == LUA_TUSERDATA || type > LUA_TTABLE || type == LUA_TLIGHTUSERDATA)
		return luaL_getmetafield(L, i, "__name") == LUA_TSTRING ? lua_tostring(L, -1)
									: lua_pushstring(L, lua_typename(L, type));
	return luaL_tolstring(L, i, NULL);
}

static int safe_tostring(lua_State *L)
{
	luaL_checkany(L, 1);
	luaui_tostring(L, 1);
	return 1;
}

static int safe_print(lua_State *L)
{
	luaL_Buffer b;
	int n = lua_gettop(L);
	luaL_buffinit(L, &b);
	for (int i = 1; i <= n; i++) {
		if (i > 1)
			luaL_addchar(&b, '\t');
		luaui_tostring(L, i);
		luaL_addvalue(&b);
	}
	luaL_addchar(&b, '\n');
	luaL_pushresult(&b);
	size_t size;
	const char *text = lua_tolstring(L, -1, &size);
	luaui_print(luaui_session(L), text, size);
	return 0;
}

static int write_values(lua_State *L, int first)
{
	for (int i = first; i <= lua_gettop(L); i++) {
		size_t size;
		const char *text = luaL_checklstring(L, i, &size);
		luaui_print(luaui_session(L), text, size);
	}
	return 0;
}

static int safe_write(lua_State *L)
{
	write_values(L, 1);
	lua_pushvalue(L, lua_upvalueindex(1)); /* io.stdout, so that calls can follow each other */
	return 1;
}

static int stdout_write(lua_State *L)
{
	write_values(L, 2);
	lua_settop(L, 1);
	return 1;
}

static int stdout_nothing(lua_State *L)
{
	lua_settop(L, 1);
	return 1;
}

/* ---- the same in every run --------------------------------------------------------------------------------------------------------- */

/* string.format: what luaL_tolstring would print the address of goes in as the name of its type. */
static int safe_format(lua_State *L)
{
	const char *format = luaL_checkstring(L, 1);
	int n = lua_gettop(L);
	for (const char *p = format; (p = strchr(p, '%')); p++) {
		p++;
		p += strspn(p, "-+ #0123456789.");
		if (*p == 'p')
			return luaL_error(L, "string.format: %%p is not here: an address of the host is another one in each run");
		if (!*p)
			break;
	}
	for (int i = 2; i <= n; i++)
		if (lua_type(L, i) >= LUA_TTABLE || lua_type(L, i) == LUA_TLIGHTUSERDATA) {
			luaui_tostring(L, i);
			lua_replace(L, i);
		}
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	lua_call(L, n, 1);
	return 1;
}

static int safe_randomseed(lua_State *L)
{
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	if (lua_gettop(L) == 1)
		lua_pushinteger(L, SEED);
	lua_call(L, lua_gettop(L) - 1, 0);
	return 0;
}

/* Tables in the order of their keys, and a sort that leaves equal ones as they stand: Lua's own depend on the host's addresses and time. */
static const char prelude[] =
	"local type, error, rawget, rawnext, getmetatable = type, error, rawget, next, getmetatable\n"
	"local rank = { boolean = 1, number = 2, string = 3 }\n"
	"local function before(a, b)\n"
	"  local x, y = type(a), type(b)\n"
	"  if x ~= y then return rank[x] < rank[y] end\n"
	"  if x == 'boolean' then return not a and b end\n"
	"  return a < b\n"
	"end\n"
	"local function known(k)\n"
	"  if not rank[type(k)] then error('a key that is a ' .. type(k) .. ' has no order: pairs and next go by booleans, numbers, texts', 4) end\n"
	"end\n"
	"local function sort(t, less)\n"
	"  local n, from, one, other, width = #t, t, {}, {}, 1\n"
	"  while width < n do\n"
	"    local to = from == one and other or one\n"
	"    for low = 1, n, 2 * width do\n"
	"      local a, a_end, b_end = low, low + width, low + 2 * width\n"
	"      if a_end > n + 1 then a_end = n + 1 end\n"
	"      if b_end > n + 1 then b_end = n + 1 end\n"
	"      local b = a_end\n"
	"      for k = low, b_end - 1 do\n"
	"        if b >= b_end or a < a_end and not less(from[b], from[a]) then to[k] = from[a]; a = a + 1\n"
	"        else to[k] = from[b]; b = b + 1 end\n"
	"      end\n"
	"    end\n"
	"    from, width = to, 2 * width\n"
	"  end\n"
	"  if from ~= t then for k = 1, n do t[k] = from[k] end end\n"
	"end\n"
	"local function keys(t)\n"
	"  local list = {}\n"
	"  for k in rawnext, t do known(k); list[#list + 1] = k end\n"
	"  sort(list, before)\n"
	"  return list\n"
	"end\n"
	"function table.sort(t, less) sort(t, less or function(a, b) return a < b end) end\n"
	"function next(t, k)\n"
	"  local best\n"
	"  for c in rawnext, t do\n"
	"    known(c)\n"
	"    if (k == nil or before(k, c)) and (best == nil or before(c, best)) then best = c end\n"
	"  end\n"
	"  if best ~= nil then return best, rawget(t, best) end\n"
	"end\n"
	"function pairs(t)\n"
	"  local m = getmetatable(t)\n"
	"  local own = type(m) == 'table' and m.__pairs\n"
	"  if own then local f, s, v = own(t); return f, s, v end\n"
	"  if type(t) ~= 'table' then error('pairs: a table is wanted, not a ' .. type(t), 2) end\n"
	"  local list, i = keys(t), 0\n"
	"  return function()\n"
	"    local k, v\n"
	"    repeat i = i + 1; k = list[i]; if k == nil then return nil end; v = rawget(t, k) until v ~= nil\n"
	"    return k, v\n"
	"  end, t, nil\n"
	"end\n";

/* ---- harmless ------------------------------------------------------------------------------------------------------------------------ */

/* A function that starts programs: its original is the first upvalue, its name the second. */
static int guarded(lua_State *L)
{
	if (!luaui_session(L)->allow_shell)
		return luaL_error(
			L, "%s: no programs are started here (--allow-shell allows it)", lua_tostring(L, lua_upvalueindex(2)));
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
	return lua_gettop(L);
}

static void guard(lua_State *L, const char *library, const char *name)
{
	lua_getglobal(L, library);
	lua_getfield(L, -1, name);
	lua_pushfstring(L, "%s.%s", library, name);
	lua_pushcclosure(L, guarded, 2);
	lua_setfield(L, -2, name);
	lua_pop(L, 1);
}

/* load, loadfile, dofile: text only; code made elsewhere could do anything to this process. */
static int safe_load(lua_State *L)
{
	lua_settop(L, lua_gettop(L) < 4 ? 3 : 4);
	lua_pushstring(L, "t");
	lua_replace(L, 3);
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
	return lua_gettop(L);
}

static int safe_loadfile(lua_State *L)
{
	if (luaL_loadfilex(L, luaL_checkstring(L, 1), "t") == LUA_OK)
		return 1;
	lua_pushnil(L);
	lua_insert(L, -2);
	return 2;
}

static int safe_dofile(lua_State *L)
{
	const char *path = luaL_checkstring(L, 1);
	lua_settop(L, 1);
	if (luaL_loadfilex(L, path, "t") != LUA_OK)
		return lua_error(L);
	lua_call(L, 0, LUA_MULTRET);
	return lua_gettop(L) - 1;
}

/* os.exit: as `exit N`; the session ends in order. */
static int safe_exit(lua_State *L)
{
	struct session *s = luaui_session(L);
	lua_Integer code = lua_isboolean(L, 1) ? !lua_toboolean(L, 1) : luaL_optinteger(L, 1, 0);
	luaL_argcheck(L, code >= 0 && code <= 255, 1, "an exit code is 0 to 255");
	s->quit = s->quit_coded = true;
	s->quit_code = (int)code;
	luaui_check(L);
	return 0;
}

/* Modules are Lua's own texts: no libraries of machine code. */
static void cut_package(lua_State *L)
{
	lua_getglobal(L, "package");
	lua_pushnil(L);
	lua_setfield(L, -2, "loadlib");
	lua_pushstring(L, "");
	lua_setfield(L, -2, "cpath");
	lua_getfield(L, -1, "searchers");
	for (int i = 4; i >= 3; i--) {
		lua_pushnil(L);
		lua_rawseti(L, -2, i);
	}
	lua_pop(L, 2);
}

static void cut(lua_State *L, const char *library, const char *const names[])
{
	lua_getglobal(L, library);
	for (; *names; names++) {
		lua_pushnil(L);
		lua_setfield(L, -2, *names);
	}
	lua_pop(L, 1);
}

/* @name of @library (NULL: a global) becomes @f, which has what it was as its upvalue. */
static void wrap(lua_State *L, const char *library, const char *name, lua_CFunction f)
{
	if (library)
		lua_getglobal(L, library);
	else
		lua_pushglobaltable(L);
	lua_getfield(L, -1, name);
	lua_pushcclosure(L, f, 1);
	lua_setfield(L, -2, name);
	lua_pop(L, 1);
}

static void replace_stdout(lua_State *L)
{
	static const luaL_Reg methods[] = {
		{ "write", stdout_write },
		{ "flush", stdout_nothing },
		{ "close", stdout_nothing },
		{ "setvbuf", stdout_nothing },
		{ NULL, NULL },
	};
	lua_getglobal(L, "io");
	luaL_newlib(L, methods);
	lua_pushvalue(L, -1);
	lua_setfield(L, -3, "stdout");
	lua_pushcclosure(L, safe_write, 1);
	lua_setfield(L, -2, "write");
	lua_pop(L, 1);
	luaL_getmetatable(L, LUA_FILEHANDLE);
	lua_pushnil(L);
	lua_setfield(L, -2, "__tostring"); /* it prints an address */
	lua_pop(L, 1);
}

void luaui_open_library(lua_State *L)
{
	static const char *const of_io[] = { "input", "output", "read", "stdin", NULL };
	static const char *const of_debug[] = { "debug", "sethook", "gethook", "getregistry", "setmetatable", "setuservalue",
		"getuservalue", "upvalueid", "upvaluejoin", "setupvalue", "setcstacklimit", NULL };
	luaL_openlibs(L);
	cut(L, "io", of_io);
	cut(L, "debug", of_debug);
	cut_package(L);
	guard(L, "os", "execute");
	guard(L, "io", "popen");
	wrap(L, "os", "exit", safe_exit);
	wrap(L, NULL, "print", safe_print);
	wrap(L, NULL, "tostring", safe_tostring);
	wrap(L, NULL, "load", safe_load);
	wrap(L, NULL, "loadfile", safe_loadfile);
	wrap(L, NULL, "dofile", safe_dofile);
	wrap(L, "string", "format", safe_format);
	wrap(L, "math", "randomseed", safe_randomseed);
	replace_stdout(L);
	lua_getglobal(L, "math");
	lua_getfield(L, -1, "randomseed");
	lua_call(L, 0, 0);
	lua_pop(L, 1);
	if (luaL_loadbufferx(L, prelude, sizeof prelude - 1, "=prelude", "t") != LUA_OK)
		lua_error(L);
	lua_call(L, 0, 0);
}
