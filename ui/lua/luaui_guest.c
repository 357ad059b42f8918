/* ui/lua/luaui_guest.c - what scripts see of the guest: memory, registers, expressions, tables, events. */
#include "config.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <lauxlib.h>
#include <lua.h>

#include "src/load/image.h"
#include "ui/cmd.h"
#include "ui/expr.h"
#include "ui/lua/luaui_priv.h"

#define READ_MAX (16u << 20) /* bytes at once */

struct expr_context luaui_moment(lua_State *L)
{
	const struct luaui *u = luaui_of(L);
	return u->at ? *u->at : expr_here(u->s);
}

/* ---- values ---------------------------------------------------------------------------------------------------------------------- */

static void push_value(lua_State *L, const struct value *v)
{
	const struct machine *m = session_machine(luaui_session(L));
	if (!v->pointer && v->type == V_TEXT)
		lua_pushstring(L, v->text);
	else if (!v->pointer && v->type == V_OBJECT)
		lua_pushinteger(L, object_peek(m, (uint32_t)v->u)->id);
	else if (!v->pointer && v->type == V_THREAD)
		lua_pushinteger(L, thread_peek(m, (uint32_t)v->u)->tid);
	else if (value_is_float(v))
		lua_pushnumber(L, v->f);
	else
		lua_pushinteger(L, v->s);
}

/* The bits of the number at @i for a place of @bytes. */
static uint64_t number_bits(lua_State *L, int i, bool real, unsigned bytes)
{
	struct value v = { .type = V_S64 };
	uint64_t bits = 0;
	if (lua_isinteger(L, i)) {
		v.s = lua_tointeger(L, i);
	} else {
		v.f = luaL_checknumber(L, i);
		v.type = V_F64;
		if (!real && !(v.f > -9.2e18 && v.f < 9.2e18 && v.f == (double)(int64_t)v.f))
			luaL_error(L, "%f is no integer", v.f);
	}
	if (!value_bits(&v, real, bytes, &bits))
		luaL_error(L, "a number is wanted here");
	return bits;
}

static uint32_t checked_address(lua_State *L, int i)
{
	lua_Integer v = luaL_checkinteger(L, i);
	if (v >> 32 && v >> 31 != -1) /* a register may hold it sign-extended */
		luaL_error(L, "%I is no guest address: they have 32 bits", v);
	return (uint32_t)v;
}

/* ---- memory ------------------------------------------------------------------------------------------------------------------------ */

static const struct {
	const char *name;
	uint8_t bytes;
	bool sign;
} types[] = {
#define VALUE_TYPE(id, bytes, sign, words) { #id, bytes, sign },
	VALUE_TYPES(VALUE_TYPE)
#undef VALUE_TYPE
};

static unsigned type_of(lua_State *L)
{
	return (unsigned)lua_tointeger(L, lua_upvalueindex(1));
}

static int unmapped(lua_State *L, uint32_t ga)
{
	char text[40];
	snprintf(text, sizeof text, "%08" PRIX32 " is not mapped", ga);
	return luaL_error(L, "%s", text);
}

static int mem_get(lua_State *L)
{
	unsigned type = type_of(L), bytes = types[type].bytes, shift = 64 - 8 * bytes;
	uint32_t ga = checked_address(L, 2), low;
	uint8_t b[8];
	uint64_t bits = 0;
	float f;
	double d;
	if (mem_peek(&session_machine(luaui_session(L))->mem, ga, b, bytes) != MEM_OK)
		return unmapped(L, ga);
	for (unsigned i = 0; i < bytes; i++)
		bits = bits << 8 | b[i];
	if (type == V_F32) {
		low = (uint32_t)bits;
		memcpy(&f, &low, sizeof f);
		lua_pushnumber(L, f);
	} else if (type == V_F64) {
		memcpy(&d, &bits, sizeof d);
		lua_pushnumber(L, d);
	} else {
		lua_pushinteger(L, types[type].sign ? (int64_t)(bits << shift) >> shift : (int64_t)bits);
	}
	return 1;
}

static int mem_set(lua_State *L)
{
	unsigned type = type_of(L), bytes = types[type].bytes;
	uint32_t ga = checked_address(L, 2);
	uint64_t bits = number_bits(L, 3, type >= V_F32, bytes);
	struct err err;
	luaui_must_stand(L, "writing memory");
	if (bytes < 8)
		bits &= (UINT64_C(1) << 8 * bytes) - 1;
	return session_set_memory(luaui_session(L), ga, bytes, bits, &err) == ST_OK ? 0 : luaui_fail(L, &err);
}

/* A table whose elements are got and set by functions, with @number as their upvalue. */
static void push_door(lua_State *L, lua_CFunction get, lua_CFunction set, lua_Integer number, const char *name)
{
	lua_newtable(L);
	lua_newtable(L);
	lua_pushinteger(L, number);
	lua_pushcclosure(L, get, 1);
	lua_setfield(L, -2, "__index");
	lua_pushinteger(L, number);
	lua_pushcclosure(L, set, 1);
	lua_setfield(L, -2, "__newindex");
	lua_pushstring(L, name);
	lua_setfield(L, -2, "__name");
	lua_setmetatable(L, -2);
}

static void push_mem(lua_State *L)
{
	lua_newtable(L);
	for (unsigned i = 0; i < ARRAY_LEN(types); i++) {
		char name[8];
		snprintf(name, sizeof name, "%s", types[i].name);
		name[0] = (char)tolower((unsigned char)name[0]);
		push_door(L, mem_get, mem_set, i, name);
		lua_setfield(L, -2, name);
	}
}

int api_read(lua_State *L)
{
	uint32_t ga = checked_address(L, 1);
	lua_Integer n = luaL_checkinteger(L, 2);
	luaL_Buffer b;
	luaL_argcheck(L, n >= 0 && n <= READ_MAX, 2, "0 to 16 MiB are read at once");
	char *to = luaL_buffinitsize(L, &b, (size_t)n);
	if (n && mem_peek(&session_machine(luaui_session(L))->mem, ga, to, (uint32_t)n) != MEM_OK)
		return unmapped(L, ga);
	luaL_pushresultsize(&b, (size_t)n);
	return 1;
}

int api_write(lua_State *L)
{
	uint32_t ga = checked_address(L, 1);
	size_t n;
	const char *bytes = luaL_checklstring(L, 2, &n);
	struct err err;
	luaui_must_stand(L, "writing memory");
	if (session_write_memory(luaui_session(L), ga, bytes, n, &err) != ST_OK)
		return luaui_fail(L, &err);
	return 0;
}

int api_symbol(lua_State *L)
{
	char text[SYMBOL_TEXT];
	lua_pushstring(L, code_text(session_machine(luaui_session(L)), checked_address(L, 1), text, sizeof text));
	return 1;
}

/* ---- registers, expressions ---------------------------------------------------------------------------------------------------------- */

static void push_evaluated(lua_State *L, const char *text)
{
	struct expr_context c = luaui_moment(L);
	struct expr *e;
	struct value v;
	struct err err;
	if (expr_compile(c.s, text, false, NULL, &e, &err) != ST_OK)
		luaui_fail(L, &err);
	enum status st = expr_value(e, &c, &v, &err);
	if (st == ST_OK)
		push_value(L, &v);
	expr_free(e);
	if (st != ST_OK)
		luaui_fail(L, &err);
}

static int reg_get(lua_State *L)
{
	char name[80];
	snprintf(name, sizeof name, "$%s", luaL_checkstring(L, 2));
	push_evaluated(L, name);
	return 1;
}

static int reg_set(lua_State *L)
{
	const char *name = luaL_checkstring(L, 2);
	struct err err;
	luaui_must_stand(L, "writing a register");
	if (!expr_is_register(name))
		return luaL_error(L, "there is no register %s that can be set", name);
	uint64_t bits = number_bits(L, 3, name[0] == 'f', 8);
	return session_set_register(luaui_session(L), name, bits, &err) == ST_OK ? 0 : luaui_fail(L, &err);
}

int api_eval(lua_State *L)
{
	push_evaluated(L, luaL_checkstring(L, 1));
	return 1;
}

#define EXPR_META "expression"

static int expr_gc(lua_State *L)
{
	struct expr **e = luaL_checkudata(L, 1, EXPR_META);
	expr_free(*e);
	*e = NULL;
	return 0;
}

static int expr_call(lua_State *L)
{
	struct expr **e = luaL_checkudata(L, 1, EXPR_META);
	struct expr_context c = luaui_moment(L);
	struct value v;
	struct err err;
	if (!*e || expr_value(*e, &c, &v, &err) != ST_OK)
		return *e ? luaui_fail(L, &err) : luaL_error(L, "this expression is gone");
	push_value(L, &v);
	return 1;
}

int api_expr(lua_State *L)
{
	const char *text = luaL_checkstring(L, 1);
	struct expr **e = lua_newuserdatauv(L, sizeof(struct expr *), 0);
	struct err err;
	*e = NULL;
	luaL_setmetatable(L, EXPR_META);
	if (expr_compile(luaui_session(L), text, false, NULL, e, &err) != ST_OK)
		return luaui_fail(L, &err);
	return 1;
}

/* ---- tables ---------------------------------------------------------------------------------------------------------------------------- */

static void set_named(lua_State *L, const char *key, const char *behind)
{
	lua_pushfstring(L, "%s%s", key, behind);
	lua_insert(L, -2);
	lua_rawset(L, -3);
}

static void push_words(lua_State *L, const char *words)
{
	lua_newtable(L);
	for (lua_Integer i = 1; *(words += strspn(words, " ")); i++) {
		size_t n = strcspn(words, " ");
		lua_pushlstring(L, words, n);
		lua_rawseti(L, -2, i);
		words += n;
	}
}

/* Sets the cell's fields in the row on top of the stack. */
static void put_cell(lua_State *L, const struct table *t, const struct column *k, const struct cell *c)
{
	char text[SYMBOL_TEXT];
	if (c->none)
		return;
	switch (k->type) {
	case COL_STR: lua_pushstring(L, table_text(t, c)); break;
	case COL_WORDS: push_words(L, table_text(t, c)); break;
	case COL_BOOL:
	case COL_MARK: lua_pushboolean(L, c->v != 0); break;
	case COL_HANDLE:
		if (c->aux) {
			lua_pushinteger(L, c->aux);
			set_named(L, k->key, "_gen");
		}
		lua_pushinteger(L, (lua_Integer)c->v);
		break;
	case COL_SYMBOL:
		lua_pushstring(L, code_text(session_machine(luaui_session(L)), (uint32_t)c->v, text, sizeof text));
		set_named(L, k->key, "_symbol");
		lua_pushinteger(L, (lua_Integer)c->v);
		break;
	default: lua_pushinteger(L, (lua_Integer)c->v);
	}
	set_named(L, k->key, "");
}

static int push_rows(lua_State *L)
{
	const struct table *t = lua_touserdata(L, 1);
	lua_createtable(L, (int)t->rows, 0);
	for (unsigned row = 0; row < t->rows; row++) {
		lua_createtable(L, 0, (int)t->def->column_count);
		for (unsigned k = 0; k < t->def->column_count; k++)
			put_cell(L, t, &t->def->columns[k], table_cell(t, row, k));
		lua_rawseti(L, -2, row + 1);
	}
	if (t->note[0]) {
		lua_pushstring(L, t->note);
		lua_setfield(L, -2, "note");
	}
	return 1;
}

static bool offered(unsigned i)
{
	return !(table_defs[i].flags & TABLE_OF_MOMENT);
}

/* The argument at @i as the word that `info` would get. */
static const char *argument_word(lua_State *L, const struct table_def *d, int i, char *buf, size_t size)
{
	if (lua_isnoneornil(L, i))
		return NULL;
	if (!lua_isinteger(L, i))
		return luaL_checkstring(L, i);
	snprintf(buf, size,
		d->arg == ARG_OBJECT    ? "%" PRIx64
		: d->arg == ARG_ADDRESS ? "0x%" PRIx64
					: "%" PRId64,
		(int64_t)lua_tointeger(L, i));
	return buf;
}

static void push_table(lua_State *L, unsigned i, int first)
{
	struct session *s = luaui_session(L);
	struct query q = session_query(s);
	struct table t;
	struct err err;
	char buf[24];
	const struct luaui *u = luaui_of(L);
	const struct table_def *d = &table_defs[i];
	if (u->at && u->at->thread)
		q.thread = u->at->thread;
	q.count = (uint32_t)luaL_optinteger(L, first + 1, 1);
	q.unit = 4;
	q.format = 'x';
	luaL_argcheck(L, q.count && q.count <= 65536, first + 1, "a count is 1 to 65536");
	const char *word = argument_word(L, d, first, buf, sizeof buf);
	if (table_query(s, d, word, &q, &err) != ST_OK)
		luaui_fail(L, &err);
	table_fill(&t, (enum table_id)i, &q);
	lua_pushcfunction(L, push_rows);
	lua_pushlightuserdata(L, &t);
	int failed = lua_pcall(L, 1, 1, 0);
	table_fini(&t);
	if (failed)
		lua_error(L);
}

int api_table(lua_State *L)
{
	const char *name = luaL_checkstring(L, 1);
	for (unsigned i = 0; i < TABLES; i++)
		if (offered(i) && !strcmp(table_defs[i].name, name)) {
			push_table(L, i, 2);
			return 1;
		}
	return luaL_error(L, "there is no table '%s' (wedge.tables() has their names)", name);
}

int api_tables(lua_State *L)
{
	lua_Integer n = 0;
	lua_newtable(L);
	for (unsigned i = 0; i < TABLES; i++)
		if (offered(i)) {
			lua_pushstring(L, table_defs[i].name);
			lua_rawseti(L, -2, ++n);
		}
	return 1;
}

/* ---- events, stops ----------------------------------------------------------------------------------------------------------------------- */

static void put_number(lua_State *L, const char *key, uint64_t v)
{
	lua_pushinteger(L, (lua_Integer)v);
	lua_setfield(L, -2, key);
}

static void put_nonzero(lua_State *L, const char *key, uint64_t v)
{
	if (v)
		put_number(L, key, v);
}

static void put_text(lua_State *L, const char *key, const char *text)
{
	if (!text || !*text)
		return;
	lua_pushstring(L, text);
	lua_setfield(L, -2, key);
}

static void put_numbers(lua_State *L, const char *key, const uint64_t *v, unsigned n)
{
	lua_createtable(L, (int)n, 0);
	for (unsigned i = 0; i < n; i++) {
		lua_pushinteger(L, (lua_Integer)v[i]);
		lua_rawseti(L, -2, i + 1);
	}
	lua_setfield(L, -2, key);
}

void luaui_push_event(lua_State *L, const struct event *ev)
{
	unsigned aux = 0;
	for (const char *p = event_kind_aux(ev->kind); *p; aux++)
		p += strcspn(p, ",") + (strchr(p, ',') != NULL);
	lua_createtable(L, 0, 20);
	put_text(L, "kind", event_kind_name(ev->kind));
	put_number(L, "seq", ev->seq);
	put_number(L, "cyc", ev->cycle);
	put_number(L, "instr", ev->instr);
	put_number(L, "tid", ev->tid);
	put_number(L, "pc", ev->pc);
	put_number(L, "lr", ev->lr);
	put_number(L, "sp", ev->sp);
	put_nonzero(L, "handle", ev->handle);
	put_nonzero(L, "gen", ev->generation);
	put_nonzero(L, "object", ev->object);
	put_nonzero(L, "sid", ev->sid);
	put_nonzero(L, "osid", ev->osid);
	put_text(L, "type", ev->type_name);
	put_text(L, "name", ev->object_name);
	put_text(L, "export", ev->name);
	put_text(L, "text", ev->text);
	if (ev->kind == EV_KERNEL_RETURN)
		put_number(L, "result", ev->result);
	if (ev->kind == EV_KERNEL_CALL)
		put_numbers(L, "args", ev->args, ev->nargs);
	if (aux)
		put_numbers(L, "aux", ev->aux, aux < ARRAY_LEN(ev->aux) ? aux : (unsigned)ARRAY_LEN(ev->aux));
}

void luaui_push_stop(lua_State *L)
{
	struct session *s = luaui_session(L);
	const struct machine *m = session_machine(s);
	char text[1024];
	lua_createtable(L, 0, 9);
	put_text(L, "kind", stop_kind_word(s->stop.kind));
	put_text(L, "text", session_stop_text(s, text, sizeof text));
	put_nonzero(L, "number", s->break_number);
	put_number(L, "instr", machine_instructions(m));
	put_number(L, "cyc", machine_cycle(m));
	put_number(L, "ev", event_seq(&m->events));
	if (s->thread) {
		put_nonzero(L, "tid", thread_peek(m, s->thread)->tid);
		put_number(L, "pc", context_peek(m, s->thread)->pc);
	}
	if (s->stop.kind == STOP_EVENT) {
		luaui_push_event(L, &s->stop.event);
		lua_setfield(L, -2, "event");
	}
}

int api_stop(lua_State *L)
{
	luaui_push_stop(L);
	return 1;
}

int api_select(lua_State *L)
{
	struct session *s = luaui_session(L);
	lua_Integer tid = luaL_checkinteger(L, 1);
	luaui_must_stand(L, "selecting a thread");
	uint32_t row = tid > 0 && tid <= UINT32_MAX ? thread_by_tid(session_machine(s), (uint32_t)tid) : 0;
	if (!row)
		return luaL_error(L, "there is no thread %I", tid);
	session_select(s, row);
	return 0;
}

void luaui_open_guest(lua_State *L)
{
	luaL_newmetatable(L, EXPR_META);
	lua_pushcfunction(L, expr_gc);
	lua_setfield(L, -2, "__gc");
	lua_pushcfunction(L, expr_call);
	lua_setfield(L, -2, "__call");
	lua_pop(L, 1);
	push_mem(L);
	lua_pushvalue(L, -1);
	lua_setglobal(L, "mem");
	lua_setfield(L, -2, "mem");
	push_door(L, reg_get, reg_set, 0, "reg");
	lua_pushvalue(L, -1);
	lua_setglobal(L, "reg");
	lua_setfield(L, -2, "reg");
	lua_pushcfunction(L, api_eval);
	lua_setglobal(L, "eval");
}
