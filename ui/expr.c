/* ui/expr.c - see expr.h */
#include "config.h"

#include "ui/expr.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/load/image.h"

#define DEPTH_MAX 64

struct parser {
	const struct session *s;
	const char *text, *p;
	bool address;
	unsigned depth;
	struct err *err;
	enum status status;           /* the first error; it stays */
};

static uint64_t failed(struct parser *x, enum status st, const char *fmt, ...) PRINTF_LIKE(3, 4);
static uint64_t failed(struct parser *x, enum status st, const char *fmt, ...)
{
	char what[200];
	va_list ap;
	if (x->status != ST_OK)
		return 0;
	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	x->status = err_set(x->err, st, "%s, at column %d of '%.160s'", what, (int)(x->p - x->text) + 1, x->text);
	return 0;
}

static void blanks(struct parser *x)
{
	while (isspace((unsigned char)*x->p))
		x->p++;
}

/* ---- names ------------------------------------------------------------------------------------------------------------ */

static bool numbered(const char *name, const char *letter, unsigned most, unsigned *n)
{
	size_t len = strlen(letter);
	uint64_t v;
	if (strncmp(name, letter, len) || !parse_number(name + len, &v) || v >= most)
		return false;
	*n = (unsigned)v;
	return true;
}

static bool register_value(const struct session *s, const char *name, uint64_t *v)
{
	const struct ppc_context *c = context_peek(session_machine(s), s->thread);
	const struct {
		const char *name;
		uint64_t value;
	} named[] = {
		{ "pc", c->pc }, { "lr", c->lr }, { "sp", (uint32_t)c->gpr[1] }, { "ctr", c->ctr }, { "cr", ppc_cr(c) },
		{ "xer", ppc_xer(c) }, { "msr", c->msr }, { "fpscr", c->fpscr }, { "vscr", c->vscr },
	};
	unsigned n;
	for (unsigned i = 0; i < ARRAY_LEN(named); i++)
		if (!strcmp(name, named[i].name)) {
			*v = named[i].value;
			return true;
		}
	if (numbered(name, "r", 32, &n)) {
		*v = c->gpr[n];
		return true;
	}
	if (numbered(name, "f", 32, &n)) {
		*v = c->fpr[n];
		return true;
	}
	return false;
}

static bool position_value(const struct session *s, const char *name, uint64_t *v)
{
	const struct machine *m = session_machine(s);
	const struct {
		const char *name;
		uint64_t value;
	} named[] = {
		{ "_tid", s->thread ? thread_peek(m, s->thread)->tid : 0 },
		{ "_instr", machine_instructions(m) }, { "_cyc", machine_cycle(m) }, { "_ev", event_seq(&m->events) },
	};
	for (unsigned i = 0; i < ARRAY_LEN(named); i++)
		if (!strcmp(name, named[i].name)) {
			*v = named[i].value;
			return true;
		}
	return false;
}

static size_t word_length(const char *p)
{
	size_t n = 0;
	while (isalnum((unsigned char)p[n]) || p[n] == '_' || p[n] == '.' || p[n] == '$' || p[n] == '@' || p[n] == '?')
		n++;
	return n;
}

static uint64_t parse_word(struct parser *x)
{
	char word[200];
	uint64_t v;
	bool dollar = *x->p == '$';
	size_t n = word_length(x->p + dollar);
	if (!n || n >= sizeof word)
		return failed(x, ST_BAD_VALUE, n ? "a name that is too long" : "a value is missing");
	memcpy(word, x->p + dollar, n);
	word[n] = 0;
	const struct image_symbol *symbol = dollar ? NULL : image_symbol_find(x->s->image, word);
	bool eight = n == 8 && strspn(word, "0123456789abcdefABCDEF") == 8;
	if (dollar) {
		if (!position_value(x->s, word, &v) && !(x->s->thread && register_value(x->s, word, &v)))
			return failed(x, ST_NOT_FOUND, "there is no $%s", word);
	} else if (symbol) {
		v = symbol->ga;
	} else if (x->address && eight) {
		v = strtoull(word, NULL, 16);
	} else if (isdigit((unsigned char)word[0])) {
		if (!parse_number(word, &v))
			return failed(x, ST_BAD_VALUE, "'%s' is no number (hex is written 0x%s)", word, word);
	} else {
		return failed(x, ST_NOT_FOUND, "there is no symbol '%s'", word);
	}
	x->p += n + dollar;
	return v;
}

/* ---- operators -------------------------------------------------------------------------------------------------------- */

enum operation { MUL, DIV, MOD, ADD, SUB, SHL, SHR, LE, GE, LT, GT, EQ, NE, AND, XOR, OR, BOTH, EITHER };

/* Longer ones first among those that begin alike. */
static const struct operator {
	const char *text;
	unsigned rank;                /* binds tighter = larger */
	enum operation op;
} operators[] = {
	{ "||", 1, EITHER }, { "&&", 2, BOTH }, { "|", 3, OR }, { "^", 4, XOR }, { "&", 5, AND }, { "==", 6, EQ }, { "!=", 6, NE },
	{ "<<", 8, SHL }, { ">>", 8, SHR }, { "<=", 7, LE }, { ">=", 7, GE }, { "<", 7, LT }, { ">", 7, GT }, { "+", 9, ADD },
	{ "-", 9, SUB }, { "*", 10, MUL }, { "/", 10, DIV }, { "%", 10, MOD },
};

static uint64_t apply(struct parser *x, enum operation op, uint64_t a, uint64_t b)
{
	if ((op == DIV || op == MOD) && !b)
		return failed(x, ST_BAD_VALUE, "division by zero");
	switch (op) {
	case MUL: return a * b;
	case DIV: return a / b;
	case MOD: return a % b;
	case ADD: return a + b;
	case SUB: return a - b;
	case SHL: return b > 63 ? 0 : a << b;
	case SHR: return b > 63 ? 0 : a >> b;
	case LE: return a <= b;
	case GE: return a >= b;
	case LT: return a < b;
	case GT: return a > b;
	case EQ: return a == b;
	case NE: return a != b;
	case AND: return a & b;
	case XOR: return a ^ b;
	case OR: return a | b;
	case BOTH: return a && b;
	case EITHER: return a || b;
	}
	return 0;
}

static uint64_t parse_binary(struct parser *x, unsigned rank);

static uint64_t parse_unary(struct parser *x)
{
	uint64_t v = 0;
	blanks(x);
	if (++x->depth > DEPTH_MAX)
		return failed(x, ST_BAD_VALUE, "the expression is nested too deeply");
	switch (*x->p) {
	case '-': x->p++; v = -parse_unary(x); break;
	case '+': x->p++; v = parse_unary(x); break;
	case '~': x->p++; v = ~parse_unary(x); break;
	case '!': x->p++; v = !parse_unary(x); break;
	case '(':
		x->p++;
		v = parse_binary(x, 1);
		blanks(x);
		if (*x->p != ')')
			return failed(x, ST_BAD_VALUE, "a ) is missing");
		x->p++;
		break;
	default: v = parse_word(x);
	}
	x->depth--;
	return v;
}

static const struct operator *next_operator(struct parser *x)
{
	blanks(x);
	for (unsigned i = 0; i < ARRAY_LEN(operators); i++)
		if (!strncmp(x->p, operators[i].text, strlen(operators[i].text)))
			return &operators[i];
	return NULL;
}

static uint64_t parse_binary(struct parser *x, unsigned rank)
{
	uint64_t v = parse_unary(x);
	const struct operator *o;
	while (x->status == ST_OK && (o = next_operator(x)) && o->rank >= rank) {
		x->p += strlen(o->text);
		uint64_t right = parse_binary(x, o->rank + 1);
		v = apply(x, o->op, v, right);
	}
	return v;
}

enum status expr_eval(const struct session *s, const char *text, bool address, uint64_t *v, struct err *err)
{
	struct parser x = { .s = s, .text = text, .p = text, .address = address, .err = err };
	uint64_t value = parse_binary(&x, 1);
	blanks(&x);
	if (x.status == ST_OK && *x.p)
		failed(&x, ST_BAD_VALUE, "this is not understood");
	if (x.status == ST_OK)
		*v = value;
	return x.status;
}

enum status expr_address(const struct session *s, const char *text, uint32_t *ga, struct err *err)
{
	uint64_t v = 0;
	enum status st = expr_eval(s, *text == '*' ? text + 1 : text, true, &v, err);
	/* A register may hold a sign-extended address. */
	if (st == ST_OK && v >> 32 && (int64_t)v >> 31 != -1)
		return err_set(err, ST_BAD_VALUE, "%#" PRIx64 " is no guest address: they have 32 bits", v);
	*ga = (uint32_t)v;
	return st;
}
