/* ui/expr.c - see expr.h: the compiler, from text to operations of a stack machine. */
#include "config.h"

#include "ui/expr.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernel/module.h"
#include "src/load/image.h"
#include "ui/expr_priv.h"
#include "ui/session.h"
#include "ui/source.h"

struct compiler {
	const struct session *s;
	const char *text, *p;
	bool address;
	unsigned depth;  /* of nesting */
	unsigned height; /* of the stack at this point */
	struct expr *e;
	struct err *err;
	enum status status; /* the first error; it stays */
};

static void failed_at(struct compiler *x, const char *at, enum status st, const char *fmt, ...) PRINTF_LIKE(4, 5);
static void failed_at(struct compiler *x, const char *at, enum status st, const char *fmt, ...)
{
	char what[200];
	va_list ap;
	if (x->status != ST_OK)
		return;
	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	x->status = err_set(x->err, st, "%s, at column %d of '%.160s'", what, (int)(at - x->text) + 1, x->text);
}
#define failed(x, st, ...) failed_at(x, (x)->p, st, __VA_ARGS__)

static void blanks(struct compiler *x)
{
	while (isspace((unsigned char)*x->p))
		x->p++;
}

static bool next_is(struct compiler *x, char c)
{
	blanks(x);
	if (*x->p != c)
		return false;
	x->p++;
	return true;
}

static void wanted(struct compiler *x, char c)
{
	if (!next_is(x, c))
		failed(x, ST_BAD_VALUE, "a %c is missing", c);
}

/* ---- operations -------------------------------------------------------------------------------------------------------------- */

/* How many values more than it takes an operation leaves on the stack. */
static int height_change(enum expr_opcode code)
{
	static const signed char change[] = {
#define EXPR_OP(id, leaves, form) leaves,
#include "ui/expr_ops.def"
	};
	return change[code];
}

static unsigned put(struct compiler *x, enum expr_opcode code, uint32_t a, unsigned b, const char *at)
{
	struct expr *e = x->e;
	if (e->count == e->room) {
		e->room = e->room ? 2 * e->room : 16;
		e->ops = xrealloc(e->ops, e->room * sizeof *e->ops);
	}
	e->ops[e->count] = (struct expr_op){ (uint8_t)code, (uint8_t)b, (uint16_t)(at - x->text + 1), a };
	x->height += (unsigned)height_change(code);
	if (x->height > EXPR_STACK)
		failed(x, ST_BAD_VALUE, "the expression is nested too deeply");
	return e->count++;
}

static void put_constant(struct compiler *x, struct value v, const char *at)
{
	struct expr *e = x->e;
	if (e->constant_count == e->constant_room) {
		e->constant_room = e->constant_room ? 2 * e->constant_room : 8;
		e->constants = xrealloc(e->constants, e->constant_room * sizeof *e->constants);
	}
	e->constants[e->constant_count] = v;
	put(x, X_CONST, e->constant_count++, 0, at);
}

/* ---- types ------------------------------------------------------------------------------------------------------------------- */

static const char *const type_words[] = {
#define VALUE_TYPE(id, bytes, sign, words) words,
	VALUE_TYPES(VALUE_TYPE)
#undef VALUE_TYPE
};

static size_t name_length(const char *p)
{
	size_t n = 0;
	while (isalnum((unsigned char)p[n]) || p[n] == '_')
		n++;
	return n;
}

static int type_named(const char *name, size_t n)
{
	for (unsigned i = 0; i < ARRAY_LEN(type_words); i++)
		for (const char *w = type_words[i]; w; w = strchr(w, ',') ? strchr(w, ',') + 1 : NULL)
			if (strcspn(w, ",") == n && !strncmp(w, name, n))
				return (int)i;
	return -1;
}

/* A type at x->p ("unsigned int", "u32 *"): read, or nothing is. The words are put together with one blank between them. */
static bool parse_type(struct compiler *x, unsigned *type, unsigned *pointer)
{
	char name[40];
	size_t used = 0, n;
	const char *p = x->p, *best = NULL;
	for (;;) {
		while (isspace((unsigned char)*p))
			p++;
		n = name_length(p);
		if (!n || used + n + 2 > sizeof name)
			break;
		used += (size_t)snprintf(name + used, sizeof name - used, "%s%.*s", used ? " " : "", (int)n, p);
		p += n;
		int t = type_named(name, used);
		if (t < 0 && best)
			break;
		if (t >= 0) {
			*type = (unsigned)t;
			best = p;
		}
	}
	if (!best || machine_symbol_find(session_machine(x->s), name))
		return false;
	x->p = best;
	for (*pointer = 0; next_is(x, '*') && *pointer < 8;)
		++*pointer;
	return true;
}

/* ---- names and numbers ----------------------------------------------------------------------------------------------------- */

static bool numbered(const char *name, size_t n, char letter, unsigned most, unsigned *number)
{
	char digits[8];
	uint64_t v;
	if (n < 2 || n > 4 || *name != letter || !isdigit((unsigned char)name[1]))
		return false;
	snprintf(digits, sizeof digits, "%.*s", (int)n - 1, name + 1);
	if (!parse_number(digits, &v) || v >= most)
		return false;
	*number = (unsigned)v;
	return true;
}

static void parse_condition(struct compiler *x);

/* The word behind a dot at x->p; 0 letters if there is none. */
static size_t member(struct compiler *x, const char **name)
{
	if (*x->p != '.')
		return 0;
	*name = ++x->p;
	size_t n = name_length(x->p);
	if (!n)
		failed(x, ST_BAD_VALUE, "a name is missing behind the dot");
	x->p += n;
	return n;
}

static void cr_field(struct compiler *x, unsigned field, const char *at)
{
	static const char bits[4][3] = { "so", "eq", "gt", "lt" };
	const char *name = x->p;
	size_t n = member(x, &name);
	unsigned i = 0;
	while (n && i < 4 && (n != 2 || strncmp(bits[i], name, 2) != 0))
		i++;
	if (i == 4)
		failed_at(x, name, ST_NOT_FOUND, "a condition field has lt, gt, eq and so");
	put(x, X_CR, field, n ? 1u << i : 0, at);
}

static void vector(struct compiler *x, unsigned number, const char *at)
{
	const char *name = x->p;
	size_t n = member(x, &name);
	if (n != 1 || !strchr("bhwdf", *name)) {
		failed_at(x, name, ST_BAD_VALUE, "a vector register is read by element: $v%u.w[0] (b h w d f)", number);
		return;
	}
	char width = *name;
	wanted(x, '[');
	parse_condition(x);
	wanted(x, ']');
	put(x, X_VECTOR, number, (unsigned)width, at);
}

static bool parse_register(struct compiler *x, const char *name, size_t n, const char *at)
{
	unsigned i;
	int special = expr_special_find(name, n);
	if (special >= 0)
		put(x, X_SPECIAL, (uint32_t)special, 0, at);
	else if (numbered(name, n, 'r', 32, &i))
		put(x, X_GPR, i, 0, at);
	else if (numbered(name, n, 'f', 32, &i))
		put(x, X_FPR, i, 0, at);
	else if (n == 3 && !strncmp(name, "cr", 2) && name[2] >= '0' && name[2] <= '7')
		cr_field(x, (unsigned)(name[2] - '0'), at);
	else if (numbered(name, n, 'v', 128, &i))
		vector(x, i, at);
	else
		return false;
	return true;
}

static void parse_dollar(struct compiler *x)
{
	const char *at = x->p, *name = ++x->p;
	size_t n = name_length(name);
	x->p += n;
	int row = expr_name_find('v', name, n), user = user_variable_find(&x->s->variables, name, n);
	if (!n) {
		failed_at(x, at, ST_BAD_VALUE, "a name is missing behind $");
	} else if (row >= 0) {
		put(x, X_VARIABLE, (uint32_t)row, 0, at);
	} else if (n == 5 && !strncmp(name, "_args", 5)) {
		wanted(x, '[');
		parse_condition(x);
		wanted(x, ']');
		put(x, X_ARGS, 0, 0, at);
	} else if (!parse_register(x, name, n, at)) {
		if (user >= 0)
			put(x, X_USER, (uint32_t)user, 0, at);
		else
			failed_at(x, at, ST_NOT_FOUND, "there is no $%.*s", (int)n, name);
	}
}

static size_t symbol_length(const char *p)
{
	size_t n = 0;
	while (isalnum((unsigned char)p[n]) || (p[n] && strchr("_.$@?", p[n])))
		n++;
	return n;
}

/* handle(..), object(..), thread(..) */
static bool parse_function(struct compiler *x)
{
	static const struct {
		const char *name;
		enum expr_opcode code;
	} functions[] = { { "handle", X_HANDLE }, { "object", X_OBJECT }, { "thread", X_THREAD } };
	const char *at = x->p;
	size_t n = name_length(at);
	for (unsigned i = 0; i < ARRAY_LEN(functions); i++)
		if (strlen(functions[i].name) == n && !strncmp(functions[i].name, at, n) && at[n] == '(') {
			x->p += n + 1;
			parse_condition(x);
			wanted(x, ')');
			put(x, functions[i].code, 0, 0, at);
			return true;
		}
	return false;
}

static bool parse_float(struct compiler *x, const char *at)
{
	char *end;
	size_t digits = strspn(at, "0123456789");
	if (!digits || at[digits] != '.' || !isdigit((unsigned char)at[digits + 1]))
		return false;
	struct value v = { .f = strtod(at, &end), .type = V_F64 };
	x->p = end;
	put_constant(x, v, at);
	return true;
}

static void parse_word(struct compiler *x)
{
	char word[200];
	uint64_t v;
	const char *at = x->p;
	size_t n = symbol_length(at);
	if (!n || n >= sizeof word) {
		failed(x, ST_BAD_VALUE, n ? "a name that is too long" : "a value is missing");
		return;
	}
	if (parse_float(x, at) || parse_function(x))
		return;
	memcpy(word, at, n);
	word[n] = 0;
	/* "824a9f6c..824a9fff": a range ends a name. */
	char *range = strstr(word, "..");
	if (range) {
		*range = 0;
		n = strlen(word);
	}
	const struct image_symbol *symbol = machine_symbol_find(session_machine(x->s), word);
	bool eight = n == 8 && strspn(word, "0123456789abcdefABCDEF") == 8;
	if (symbol)
		put_constant(x, value_u32(symbol->ga), at);
	else if (x->address && eight)
		put_constant(x, value_u32((uint32_t)strtoul(word, NULL, 16)), at);
	else if (!isdigit((unsigned char)word[0]))
		failed(x, ST_NOT_FOUND, "there is no symbol '%s'", word);
	else if (!parse_number(word, &v))
		failed(x, ST_BAD_VALUE, "'%s' is no number (hex is written 0x%s)", word, word);
	else
		put_constant(x, v > INT64_MAX ? value_u(v) : value_s((int64_t)v), at);
	x->p = at + n;
}

static char escape(char c)
{
	switch (c) {
	case 'n': return '\n';
	case 't': return '\t';
	case 'r': return '\r';
	case '0': return '\0';
	default: return c;
	}
}

static void parse_character(struct compiler *x)
{
	const char *at = x->p++;
	char c = *x->p == '\\' ? escape(*++x->p) : *x->p;
	if (!*x->p || x->p[1] != '\'') {
		failed_at(x, at, ST_BAD_VALUE, "a character is written 'a'");
		return;
	}
	x->p += 2;
	put_constant(x, value_s((unsigned char)c), at);
}

static void parse_text(struct compiler *x)
{
	const char *at = x->p++;
	char *text = xmalloc(strlen(x->p) + 1);
	size_t n = 0;
	for (; *x->p && *x->p != '"'; x->p++)
		text[n++] = *x->p == '\\' && x->p[1] ? escape(*++x->p) : *x->p;
	text[n] = 0;
	put_constant(x, value_text(text), at);
	if (*x->p != '"')
		failed_at(x, at, ST_BAD_VALUE, "the closing \" is missing");
	else
		x->p++;
}

/* ---- operators --------------------------------------------------------------------------------------------------------------- */

#define RANK_BOTH 2u
#define RANK_EITHER 1u
/* Longer ones first among those that begin alike. */
static const struct operator
{
	const char *text;
	unsigned rank; /* binds tighter = larger */
	enum expr_opcode code;
}
operators[] = {
	{ "||", RANK_EITHER, X_JUMP_TRUE },
	{ "&&", RANK_BOTH, X_JUMP_FALSE },
	{ "|", 3, X_OR },
	{ "^", 4, X_XOR },
	{ "&", 5, X_AND },
	{ "==", 6, X_EQ },
	{ "!=", 6, X_NE },
	{ "<<", 8, X_SHL },
	{ ">>", 8, X_SHR },
	{ "<=", 7, X_LE },
	{ ">=", 7, X_GE },
	{ "<", 7, X_LT },
	{ ">", 7, X_GT },
	{ "+", 9, X_ADD },
	{ "-", 9, X_SUB },
	{ "*", 10, X_MUL },
	{ "/", 10, X_DIV },
	{ "%", 10, X_MOD },
};

static void parse_unary(struct compiler *x);

static void parse_brackets(struct compiler *x)
{
	unsigned type, pointer;
	const char *at = x->p++;
	if (parse_type(x, &type, &pointer)) {
		wanted(x, ')');
		parse_unary(x);
		put(x, X_CAST, type, pointer, at);
		return;
	}
	parse_condition(x);
	wanted(x, ')');
}

/* {int}A */
static void parse_braces(struct compiler *x)
{
	unsigned type, pointer;
	const char *at = x->p++;
	blanks(x);
	if (!parse_type(x, &type, &pointer)) {
		failed(x, ST_NOT_FOUND, "there is no such type (u8 s16 int long long float u32* ...)");
		return;
	}
	wanted(x, '}');
	parse_unary(x);
	put(x, X_CAST, type, pointer + 1, at);
	put(x, X_LOAD, 0, 0, at);
}

static void parse_primary(struct compiler *x)
{
	switch (*x->p) {
	case '(': parse_brackets(x); break;
	case '{': parse_braces(x); break;
	case '$': parse_dollar(x); break;
	case '"': parse_text(x); break;
	case '\'': parse_character(x); break;
	default: parse_word(x);
	}
}

static void parse_postfix(struct compiler *x)
{
	const char *name;
	size_t n;
	parse_primary(x);
	while (x->status == ST_OK) {
		const char *at = x->p;
		if (*x->p == '[') {
			x->p++;
			parse_condition(x);
			wanted(x, ']');
			put(x, X_INDEX, 0, 0, at);
		} else if (*x->p == '.' && isalpha((unsigned char)x->p[1])) {
			n = member(x, &name);
			int row = expr_name_find('o', name, n), other = expr_name_find('t', name, n);
			if (row < 0 && other < 0)
				failed_at(x, name, ST_NOT_FOUND, "nothing has a field '%.*s' (`help vars` lists them)", (int)n,
					name);
			/* Which of the two it is, the value decides. */
			put(x, X_FIELD, (uint32_t)(row + 1) | (uint32_t)(other + 1) << 16, 0, name);
		} else {
			return;
		}
	}
}

static void parse_unary(struct compiler *x)
{
	static const struct {
		char sign;
		enum expr_opcode code;
	} signs[] = { { '-', X_NEGATE }, { '~', X_INVERT }, { '!', X_NOT }, { '*', X_LOAD } };
	blanks(x);
	const char *at = x->p;
	if (++x->depth > EXPR_STACK) {
		failed(x, ST_BAD_VALUE, "the expression is nested too deeply");
		return;
	}
	unsigned i = 0;
	while (i < ARRAY_LEN(signs) && signs[i].sign != *at)
		i++;
	if (i < ARRAY_LEN(signs) || *at == '+') {
		x->p++;
		parse_unary(x);
		if (*at != '+')
			put(x, signs[i].code, 0, 0, at);
	} else {
		parse_postfix(x);
	}
	x->depth--;
}

static const struct operator* next_operator(struct compiler *x)
{
	blanks(x);
	for (unsigned i = 0; i < ARRAY_LEN(operators); i++)
		if (!strncmp(x->p, operators[i].text, strlen(operators[i].text)))
			return &operators[i];
	return NULL;
}

static void parse_binary(struct compiler *x, unsigned rank);

/* a && b: a jump over b, whose truth is then the value. */
static void parse_logical(struct compiler *x, const struct operator* o, const char *at)
{
	unsigned jump = put(x, o->code, 0, 0, at);
	parse_binary(x, o->rank + 1);
	put(x, X_TRUTH, 0, 0, at);
	unsigned over = put(x, X_JUMP, 0, 0, at);
	x->e->ops[jump].a = x->e->count;
	x->height--;
	put_constant(x, value_s(o->rank == RANK_EITHER), at);
	x->e->ops[over].a = x->e->count;
}

static void parse_binary(struct compiler *x, unsigned rank)
{
	const struct operator* o;
	parse_unary(x);
	while (x->status == ST_OK && (o = next_operator(x)) && o->rank >= rank) {
		const char *at = x->p;
		x->p += strlen(o->text);
		if (o->rank <= RANK_BOTH) {
			parse_logical(x, o, at);
			continue;
		}
		parse_binary(x, o->rank + 1);
		put(x, o->code, 0, 0, at);
	}
}

static void parse_condition(struct compiler *x)
{
	if (++x->depth > EXPR_STACK) {
		failed(x, ST_BAD_VALUE, "the expression is nested too deeply");
		return;
	}
	parse_binary(x, 1);
	const char *at = x->p;
	if (x->status == ST_OK && next_is(x, '?')) {
		unsigned other = put(x, X_JUMP_FALSE, 0, 0, at);
		parse_condition(x);
		unsigned over = put(x, X_JUMP, 0, 0, at);
		wanted(x, ':');
		x->e->ops[other].a = x->e->count;
		x->height--;
		parse_condition(x);
		x->e->ops[over].a = x->e->count;
	}
	x->depth--;
}

/* ---- the whole --------------------------------------------------------------------------------------------------------------- */

enum status expr_compile(
	const struct session *s, const char *text, bool address, const char **end, struct expr **out, struct err *err)
{
	struct expr *e = xcalloc(1, sizeof *e);
	struct compiler x = { .s = s, .text = text, .p = text, .address = address, .e = e, .err = err };
	if (strlen(text) > UINT16_MAX - 1)
		failed(&x, ST_BAD_VALUE, "the expression is too long");
	else
		parse_condition(&x);
	blanks(&x);
	if (x.status == ST_OK && *x.p && !end)
		failed(&x, ST_BAD_VALUE, "this is not understood");
	if (x.status != ST_OK) {
		expr_free(e);
		return x.status;
	}
	size_t n = (size_t)(x.p - text);
	while (n && isspace((unsigned char)text[n - 1]))
		n--;
	e->text = xmalloc(n + 1);
	memcpy(e->text, text, n);
	e->text[n] = 0;
	if (end)
		*end = x.p;
	*out = e;
	return ST_OK;
}

void expr_free(struct expr *e)
{
	if (!e)
		return;
	for (unsigned i = 0; i < e->constant_count; i++)
		if (e->constants[i].type == V_TEXT)
			free((char *)e->constants[i].text);
	free(e->constants);
	free(e->ops);
	free(e->text);
	free(e);
}

const char *expr_text(const struct expr *e)
{
	return e->text;
}

/* ---- here and now ------------------------------------------------------------------------------------------------------------ */

struct expr_context expr_here(const struct session *s)
{
	return (struct expr_context){ .s = s,
		.thread = s->thread,
		.frame = s->frame,
		.event = s->stop.kind == STOP_EVENT ? &s->stop.event : NULL,
		.hits = s->breaks.reached_hits,
		.thread_hits = s->breaks.reached_thread_hits };
}

static enum status integer(
	const struct session *s, const char *text, bool address, const char **end, uint64_t *out, struct err *err)
{
	struct expr *e;
	struct value v;
	struct expr_context here = expr_here(s);
	enum status st = expr_compile(s, text, address, end, &e, err);
	if (st != ST_OK)
		return st;
	st = expr_value(e, &here, &v, err);
	if (st == ST_OK && value_is_float(&v))
		*out = v.f > -9.3e18 && v.f < 9.3e18 ? (uint64_t)(int64_t)v.f : 0;
	else if (st == ST_OK && !value_is_integer(&v))
		st = err_set(err, ST_BAD_VALUE, "'%.160s' is no number", expr_text(e));
	else if (st == ST_OK)
		*out = v.u;
	expr_free(e);
	return st;
}

enum status expr_eval(const struct session *s, const char *text, bool address, uint64_t *v, struct err *err)
{
	return integer(s, text, address, NULL, v, err);
}

enum status expr_address_begin(const struct session *s, const char *text, const char **end, uint32_t *ga, struct err *err)
{
	uint64_t v = 0;
	const char *behind;
	if (source_is_place(text)) {
		enum status found = source_place(s->image, text, &behind, ga, err);
		if (found == ST_OK && !end && *behind)
			return err_set(err, ST_BAD_VALUE, "this is not understood: '%.60s'", behind);
		if (end && found == ST_OK)
			*end = behind;
		return found;
	}
	enum status st = integer(s, *text == '*' ? text + 1 : text, true, end, &v, err);
	/* A register may hold a sign-extended address. */
	if (st == ST_OK && v >> 32 && (int64_t)v >> 31 != -1)
		return err_set(err, ST_BAD_VALUE, "%#" PRIx64 " is no guest address: they have 32 bits", v);
	*ga = (uint32_t)v;
	return st;
}

enum status expr_address(const struct session *s, const char *text, uint32_t *ga, struct err *err)
{
	return expr_address_begin(s, text, NULL, ga, err);
}
