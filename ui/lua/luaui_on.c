/* ui/lua/luaui_on.c - what scripts leave behind in the session: handlers of events, instructions and stops; commands. */
#include "config.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>

#include <lauxlib.h>
#include <lua.h>

#include "ui/catch.h"
#include "ui/cmd.h"
#include "ui/complete.h"
#include "ui/interrupt.h"
#include "ui/lua/luaui_priv.h"
#include "ui/script.h"

static const char *const selectors[] = {
#define CATCH_FIELD(id, word, items) word,
	CATCH_FIELDS(CATCH_FIELD)
#undef CATCH_FIELD
};

/* ---- the grammar of catchpoints, from a table of selectors ------------------------------------------------------------------------------ */

struct line {
	char text[CMD_LINE];
	size_t n;
};

static void add(lua_State *L, struct line *l, const char *text)
{
	l->n += (size_t)snprintf(l->text + l->n, sizeof l->text - l->n, "%s", text);
	if (l->n >= sizeof l->text)
		luaL_error(L, "the selectors are too long");
}

/* One value of a selector, on top of the stack. */
static void add_value(lua_State *L, struct line *l, unsigned field)
{
	char text[32];
	lua_Integer v = lua_tointeger(L, -1);
	if (lua_type(L, -1) == LUA_TSTRING)
		add(L, l, lua_tostring(L, -1));
	else if (!lua_isinteger(L, -1))
		luaL_error(L, "the selector %s takes a number, a text, or an array of them", selectors[field]);
	else if (field == CATCH_LR || field == CATCH_CALLER)
		add(L, l, (snprintf(text, sizeof text, "0x%llx", (long long)v), text));
	else
		add(L, l, (snprintf(text, sizeof text, field == CATCH_HANDLE ? "%llx" : "%lld", (long long)v), text));
}

/* Selector @field, whose value is on top of the stack. */
static void add_selector(lua_State *L, struct line *l, unsigned field)
{
	add(L, l, " ");
	add(L, l, selectors[field]);
	if (field == CATCH_HOST)
		return;
	add(L, l, " ");
	if (lua_type(L, -1) != LUA_TTABLE) {
		add_value(L, l, field);
		return;
	}
	for (lua_Integer k = 1, n = (lua_Integer)lua_rawlen(L, -1); k <= n; k++) {
		add(L, l, k > 1 ? "," : "");
		lua_rawgeti(L, -1, k);
		add_value(L, l, field);
		lua_pop(L, 1);
	}
}

static unsigned selector_named(const char *name)
{
	unsigned i = 0;
	while (i < ARRAY_LEN(selectors) && strcmp(selectors[i], name) != 0)
		i++;
	return i;
}

/* The keys of the table at @i are known. */
static void check_keys(lua_State *L, int i)
{
	char bad[64] = "";
	bool any = false;
	for (lua_pushnil(L); lua_next(L, i); lua_pop(L, 1)) {
		const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "(no text)";
		if (selector_named(key) < ARRAY_LEN(selectors) || !strcmp(key, "if") || !strcmp(key, "once"))
			continue;
		if (!any || strcmp(key, bad) < 0) /* of several the first by name: they come in no order */
			snprintf(bad, sizeof bad, "%s", key);
		any = true;
	}
	if (any)
		luaL_error(L, "'%s' is no selector (type export lr caller handle obj name thread from-host if once)", bad);
}

/* "EVENT selectors... if ... -t", from the event at 1 and the table at 2 (if it is one). */
static void catch_text(lua_State *L, struct line *l)
{
	*l = (struct line){ .n = 0 };
	add(L, l, luaL_checkstring(L, 1));
	if (lua_type(L, 2) != LUA_TTABLE)
		return;
	check_keys(L, 2);
	for (unsigned i = 0; i < ARRAY_LEN(selectors); i++) {
		if (lua_getfield(L, 2, selectors[i]) != LUA_TNIL)
			add_selector(L, l, i);
		lua_pop(L, 1);
	}
	if (lua_getfield(L, 2, "if") != LUA_TNIL) {
		add(L, l, " if ");
		add(L, l, luaL_checkstring(L, -1));
	}
	if (lua_getfield(L, 2, "once"), lua_toboolean(L, -1))
		add(L, l, " -t");
	lua_pop(L, 2);
}

/* ---- handlers ------------------------------------------------------------------------------------------------------------------------------ */

static int on_stop(lua_State *L, int function)
{
	struct luaui *u = luaui_of(L);
	const char *kind = "*";
	if (function == 3) {
		luaL_checktype(L, 2, LUA_TTABLE);
		if (lua_getfield(L, 2, "kind") != LUA_TNIL)
			kind = luaL_checkstring(L, -1);
	}
	lua_pushvalue(L, function);
	int ref = luaL_ref(L, LUA_REGISTRYINDEX);
	u->stops = xrealloc(u->stops, (u->stop_count + 1) * sizeof *u->stops);
	u->stop_kinds = xrealloc(u->stop_kinds, (u->stop_count + 1) * sizeof *u->stop_kinds);
	u->stops[u->stop_count] = ref;
	u->stop_kinds[u->stop_count++] = xstrdup(kind);
	lua_pushinteger(L, -(lua_Integer)u->stop_count);
	return 1;
}

int api_on(lua_State *L)
{
	struct session *s = luaui_session(L);
	struct line l;
	struct err err;
	int function = lua_type(L, 2) == LUA_TFUNCTION ? 2 : 3;
	const char *what = luaL_checkstring(L, 1);
	luaL_checktype(L, function, LUA_TFUNCTION);
	luaui_must_stand(L, "making a handler");
	if (!strcmp(what, "stop"))
		return on_stop(L, function);
	catch_text(L, &l);
	lua_pushvalue(L, function);
	int ref = luaL_ref(L, LUA_REGISTRYINDEX);
	struct breakpoint *p = breaks_new(s, POINT_CATCH);
	if (catch_parse(s, l.text, p, &err) != ST_OK) {
		luaL_unref(L, LUA_REGISTRYINDEX, ref);
		breaks_never(s, p);
		return luaui_fail(L, &err);
	}
	p->function = ref;
	breaks_enable(s, p, true);
	lua_pushinteger(L, p->number);
	return 1;
}

int api_at(lua_State *L)
{
	struct session *s = luaui_session(L);
	struct err err;
	uint32_t ga = 0, word;
	luaL_checktype(L, 2, LUA_TFUNCTION);
	luaui_must_stand(L, "making a handler");
	if (lua_isinteger(L, 1))
		ga = (uint32_t)lua_tointeger(L, 1);
	else if (expr_address(s, luaL_checkstring(L, 1), &ga, &err) != ST_OK)
		return luaui_fail(L, &err);
	if ((ga & 3) || mem_fetch(&session_machine(s)->mem, ga, &word) != MEM_OK)
		return luaL_error(L, "there is no code at %s", (snprintf(err.text, sizeof err.text, "%08X", ga), err.text));
	lua_pushvalue(L, 2);
	int ref = luaL_ref(L, LUA_REGISTRYINDEX);
	struct breakpoint *p = breaks_add(s, ga, false);
	p->function = ref;
	lua_pushinteger(L, p->number);
	return 1;
}

int api_off(lua_State *L)
{
	struct luaui *u = luaui_of(L);
	lua_Integer n = luaL_checkinteger(L, 1);
	struct breakpoint *p = n > 0 && n <= UINT32_MAX ? breaks_find(&u->s->breaks, (unsigned)n) : NULL;
	if (n < 0 && n >= -(lua_Integer)u->stop_count && u->stops[-n - 1]) {
		luaL_unref(L, LUA_REGISTRYINDEX, u->stops[-n - 1]);
		u->stops[-n - 1] = 0;
	} else if (p && p->function) {
		breaks_doom(u->s, p);
	} else {
		return luaL_error(L, "%I is no handler", n);
	}
	return 0;
}

void luaui_forget(struct session *s, int ref)
{
	if (s->lua && ref)
		luaL_unref(s->lua->now, LUA_REGISTRYINDEX, ref);
}

/* At an instruction there is no event: its facts are those of the thread. */
static void push_instruction(lua_State *L, const struct expr_context *c)
{
	const struct machine *m = session_machine(c->s);
	const struct ppc_context *r = context_peek(m, c->thread);
	struct event ev = { .cycle = machine_cycle(m),
		.instr = machine_instructions(m),
		.seq = event_seq(&m->events),
		.pc = r->pc,
		.lr = (uint32_t)r->lr,
		.sp = (uint32_t)r->gpr[1],
		.tid = thread_peek(m, c->thread)->tid };
	luaui_push_event(L, &ev);
	lua_pushstring(L, "instruction");
	lua_setfield(L, -2, "kind");
}

struct point_call {
	int function;
	const struct expr_context *c;
};

static int call_point(lua_State *L)
{
	const struct point_call *p = lua_touserdata(L, 1);
	lua_rawgeti(L, LUA_REGISTRYINDEX, p->function);
	if (p->c->event)
		luaui_push_event(L, p->c->event);
	else
		push_instruction(L, p->c);
	lua_call(L, 1, 1);
	return 1;
}

bool luaui_point(struct session *s, const struct breakpoint *p, const struct expr_context *c, char *failure, size_t size)
{
	struct luaui *u = s->lua;
	struct point_call call = { p->function, c };
	const struct expr_context *before = u->at;
	struct err err = { 0 };
	unsigned number = p->number;
	failure[0] = 0;
	lua_pushcfunction(u->now, call_point);
	lua_pushlightuserdata(u->now, &call);
	u->at = c;
	enum status st = luaui_call(u, 1, 1, &err);
	u->at = before;
	if (st != ST_OK) {
		snprintf(failure, size, "stop %u: its function failed: %.250s", number, err.text);
		if (s->quiet) /* the stop, which says it, is not shown */
			fprintf(stderr, "error: %s\n", failure);
		s->command_failed |= !s->interactive;
		return true;
	}
	bool stops = lua_toboolean(u->now, -1);
	lua_pop(u->now, 1);
	return stops;
}

/* ---- handlers of stops --------------------------------------------------------------------------------------------------------------------- */

static int call_stop(lua_State *L)
{
	int *function = lua_touserdata(L, 1);
	lua_rawgeti(L, LUA_REGISTRYINDEX, *function);
	luaui_push_stop(L);
	lua_call(L, 1, 1);
	return 1;
}

/* Calls those that want this stop. *@go_on: one of them wants the machine to go on. */
static enum status call_stops(struct luaui *u, bool *go_on, struct err *err)
{
	enum status st = ST_OK;
	*go_on = false;
	for (unsigned i = 0; st == ST_OK && i < u->stop_count; i++) {
		if (!u->stops[i] || fnmatch(u->stop_kinds[i], stop_kind_word(u->s->stop.kind), 0) != 0)
			continue;
		lua_pushcfunction(u->now, call_stop);
		lua_pushlightuserdata(u->now, &u->stops[i]);
		st = luaui_call(u, 1, 1, err);
		if (st != ST_OK)
			break;
		*go_on |= lua_isboolean(u->now, -1) && !lua_toboolean(u->now, -1);
		lua_pop(u->now, 1);
	}
	return st;
}

static bool can_go_on(const struct session *s)
{
	return s->stop.kind != STOP_ENDED && s->stop.kind != STOP_WEDGE && s->stop.kind != STOP_LIMIT && !interrupt_pending() &&
	       !s->quit;
}

enum status luaui_stopped(struct session *s, struct err *err)
{
	struct luaui *u = s->lua;
	enum status st = ST_OK;
	bool go_on = true;
	if (!u || u->seen == s->arrivals || u->in_stop || u->at)
		return ST_OK;
	u->in_stop = true;
	while (st == ST_OK && go_on) {
		u->seen = s->arrivals;
		st = call_stops(u, &go_on, err);
		if (st == ST_OK && go_on && (go_on = can_go_on(s)))
			st = cmd_line(s, "continue", err);
	}
	u->seen = s->arrivals;
	u->in_stop = false;
	return st;
}

/* ---- commands -------------------------------------------------------------------------------------------------------------------------------- */

int api_command(lua_State *L)
{
	struct session *s = luaui_session(L);
	struct err err;
	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	if (lua_getfield(L, 1, "name") != LUA_TSTRING)
		return luaL_error(L, "a command has a name=");
	if (lua_getfield(L, 1, "run") != LUA_TFUNCTION)
		return luaL_error(L, "a command has a run=function(...) ... end");
	lua_getfield(L, 1, "help");
	int complete_type = lua_getfield(L, 1, "complete");
	const char *name = lua_tostring(L, 2), *help = luaL_optstring(L, 4, "a command from a script");
	if (complete_type != LUA_TNIL && complete_type != LUA_TFUNCTION)
		return luaL_error(L, "complete= is a function");
	if (own_command_name(name, &err) != ST_OK)
		return luaui_fail(L, &err);
	int complete_ref = complete_type == LUA_TFUNCTION ? luaL_ref(L, LUA_REGISTRYINDEX) : (lua_pop(L, 1), 0);
	lua_pushvalue(L, 3);
	int run_ref = luaL_ref(L, LUA_REGISTRYINDEX);
	struct user_command *c = own_command_make(s, name);
	c->function = run_ref;
	c->complete = complete_ref;
	c->help = xstrdup(help);
	return 0;
}

/* Pushes the words of @text; returns how many. */
static int push_all_words(lua_State *L, const char *text)
{
	int n = 0;
	while (*(text += strspn(text, " \t"))) {
		size_t length = strcspn(text, " \t");
		luaL_checkstack(L, 2, "too many words");
		lua_pushlstring(L, text, length);
		text += length;
		n++;
	}
	return n;
}

struct command_call {
	int function;
	const char *arguments;
	const char *prefix; /* complete: the word begun, NULL = run */
};

static int call_command(lua_State *L)
{
	const struct command_call *c = lua_touserdata(L, 1);
	int n = 0;
	lua_rawgeti(L, LUA_REGISTRYINDEX, c->function);
	if (c->prefix) {
		lua_pushstring(L, c->prefix);
		n++;
	}
	n += push_all_words(L, c->arguments);
	lua_call(L, n, 1);
	return 1;
}

enum status luaui_command(struct session *s, const struct user_command *c, const char *arguments, struct err *err)
{
	struct luaui *u = s->lua;
	struct command_call call = { c->function, arguments, NULL };
	lua_pushcfunction(u->now, call_command);
	lua_pushlightuserdata(u->now, &call);
	return luaui_call(u, 1, 0, err);
}

void luaui_complete(
	const struct session *s, const struct user_command *c, const char *before, const char *prefix, struct words *out)
{
	struct luaui *u = s->lua;
	struct command_call call = { c->complete, before, prefix };
	struct err ignored;
	if (!c->complete)
		return;
	lua_pushcfunction(u->now, call_command);
	lua_pushlightuserdata(u->now, &call);
	if (luaui_call(u, 1, 1, &ignored) != ST_OK)
		return; /* a word that cannot be completed is typed */
	lua_State *L = u->now;
	for (lua_Integer i = 1, n = lua_type(L, -1) == LUA_TTABLE ? (lua_Integer)lua_rawlen(L, -1) : 0; i <= n; i++) {
		if (lua_rawgeti(L, -1, i) == LUA_TSTRING)
			words_offer(out, prefix, lua_tostring(L, -1));
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
}
