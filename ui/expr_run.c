/* ui/expr_run.c - evaluates compiled expressions; values and their conversions. */
#include "config.h"

#include "ui/expr.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "ui/expr_priv.h"
#include "ui/inspect/frame_regs.h"
#include "ui/session.h"

/* ---- values ------------------------------------------------------------------------------------------------------------------ */

static const struct {
	uint8_t bytes;
	bool sign;
} types[] = {
#define VALUE_TYPE(id, bytes, sign, words) { bytes, sign },
	VALUE_TYPES(VALUE_TYPE)
#undef VALUE_TYPE
};

unsigned value_bytes(const struct value *v)
{
	return v->pointer ? 4 : v->type < ARRAY_LEN(types) ? types[v->type].bytes : 0;
}

bool value_true(const struct value *v)
{
	if (value_is_float(v))
		return v->f != 0;
	return v->type == V_TEXT && !v->pointer ? *v->text != 0 : v->u != 0;
}

static void format_integer(const struct value *v, char format, char *buf, size_t size)
{
	unsigned bits = 8 * value_bytes(v);
	uint64_t u = bits < 64 ? v->u & ((UINT64_C(1) << bits) - 1) : v->u;
	char digits[65];
	unsigned n = 0;
	switch (format) {
	case 'd': snprintf(buf, size, "%" PRId64, v->s); break;
	case 'u': snprintf(buf, size, "%" PRIu64, u); break;
	case 'o': snprintf(buf, size, "0%" PRIo64, u); break;
	case 'c': snprintf(buf, size, u >= 0x20 && u < 0x7f ? "%" PRIu64 " '%c'" : "%" PRIu64, u, (int)u); break;
	case 't':
		for (unsigned i = 64; i-- > 0;)
			if (n || u >> i & 1 || !i)
				digits[n++] = u >> i & 1 ? '1' : '0';
		digits[n] = 0;
		snprintf(buf, size, "%s", digits);
		break;
	case 'f': snprintf(buf, size, "%" PRId64, v->s); break;
	default: snprintf(buf, size, "0x%" PRIX64, u);
	}
}

void value_format(const struct value *v, char format, char *buf, size_t size)
{
	struct value bits = *v;
	if (v->type == V_TEXT && !v->pointer) {
		snprintf(buf, size, "%s", v->text);
	} else if (value_is_float(v) && (!format || format == 'f' || format == 'd')) {
		snprintf(buf, size, "%.17g", v->f);
	} else if (value_is_float(v)) {
		bits.type = V_U64;
		format_integer(&bits, format, buf, size);
	} else {
		format_integer(v, format, buf, size);
	}
}

/* ---- failing ------------------------------------------------------------------------------------------------------------------ */

static enum status failed(const struct expr *e, const struct expr_op *op, struct err *err, enum status st, const char *what)
{
	return err_set(err, st, "%s, at column %u of '%.160s'", what, op->column, e->text);
}

/* ---- reading ------------------------------------------------------------------------------------------------------------------- */

static struct value typed(uint64_t bits, unsigned type)
{
	struct value v = { .u = bits, .type = (uint8_t)type };
	float f;
	uint32_t low = (uint32_t)bits;
	unsigned shift = 64 - 8 * types[type].bytes;
	if (type == V_F32) {
		memcpy(&f, &low, sizeof f);
		v.f = f;
	} else if (type != V_F64) {
		v.u = types[type].sign ? (uint64_t)((int64_t)(bits << shift) >> shift) : bits << shift >> shift;
	}
	return v;
}

static const char *load(const struct expr_context *c, struct value *v)
{
	static char why[64];
	uint8_t bytes[8];
	uint32_t ga = (uint32_t)v->u;
	uint64_t bits = 0;
	if (!v->pointer) {
		/* An address without a type: a word. */
		if (!value_is_integer(v))
			return "this points to nothing";
		v->type = V_U32;
		v->pointer = 1;
	}
	unsigned type = v->pointer > 1 ? V_U32 : v->type, n = types[type].bytes;
	if (mem_peek(&session_machine(c->s)->mem, ga, bytes, n) != MEM_OK) {
		snprintf(why, sizeof why, "%08X is not mapped", ga);
		return why;
	}
	for (unsigned i = 0; i < n; i++)
		bits = bits << 8 | bytes[i];
	if (v->pointer > 1) {
		v->pointer--;
		v->u = bits;
	} else {
		*v = typed(bits, type);
	}
	return NULL;
}

static unsigned stride(const struct value *v)
{
	return v->pointer > 1 ? 4 : v->type < ARRAY_LEN(types) ? types[v->type].bytes : 1;
}

static struct value element(const union ppc_vr *r, char width, uint64_t i)
{
	switch (width) {
	case 'b': return typed(r->b[15 - i], V_U8);
	case 'h': return typed(r->h[7 - i], V_U16);
	case 'w': return typed(r->w[3 - i], V_U32);
	case 'f': return typed(r->w[3 - i], V_F32);
	default: return typed(r->d[1 - i], V_U64);
	}
}

static const char *vector_element(const struct ppc_context *r, const struct expr_op *op, struct value *v)
{
	uint64_t most = op->b == 'b' ? 16 : op->b == 'h' ? 8 : op->b == 'd' ? 2 : 4;
	if (!value_is_integer(v) || v->u >= most)
		return "the register has no such element";
	*v = element(&r->vr[op->a], (char)op->b, v->u);
	return NULL;
}

static const char *argument(const struct expr_context *c, struct value *v)
{
	if (!c->event || !c->event->nargs)
		return "there are no arguments here: only kernel.call has them";
	if (!value_is_integer(v) || v->u >= c->event->nargs)
		return "the call has fewer arguments";
	*v = typed(c->event->args[v->u], V_U32);
	return NULL;
}

/* Of a caller's frame: what can be known. */
static const char *frame_register(const struct expr_context *c, const struct expr_op *op, struct value *v)
{
	static char why[80];
	struct frame_registers r;
	struct frame_reg found = { .from = REG_UNKNOWN };
	if (!frame_registers(session_machine(c->s), c->thread, c->frame, &r))
		return "the thread has no such frame any more";
	if (op->code == X_GPR)
		found = r.gpr[op->a];
	else if (op->code == X_FPR)
		found = r.fpr[op->a];
	else if (op->code == X_SPECIAL)
		found = expr_special_is(op->a, "pc") ? r.pc : expr_special_is(op->a, "lr") ? r.lr : expr_special_is(op->a, "sp") ? r.gpr[1] : found;
	if (found.from == REG_UNKNOWN) {
		snprintf(why, sizeof why, "this register is not known in frame %u (frame 0 has all of them)", c->frame);
		return why;
	}
	*v = op->code == X_FPR ? typed(found.v, V_F64) : value_u(found.v);
	return NULL;
}

static const char *registers(const struct expr_context *c, const struct expr_op *op, struct value *v)
{
	if (!c->thread)
		return "there is no thread here whose registers could be meant";
	if (c->frame)
		return frame_register(c, op, v);
	const struct ppc_context *r = context_peek(session_machine(c->s), c->thread);
	switch (op->code) {
	case X_GPR: *v = value_u(r->gpr[op->a]); break;
	case X_FPR: *v = typed(r->fpr[op->a], V_F64); break;
	case X_SPECIAL: *v = value_u(expr_special_value(op->a, r)); break;
	case X_CR: *v = value_s(op->b ? (r->cr[op->a] & op->b) != 0 : r->cr[op->a]); break;
	default: return vector_element(r, op, v);
	}
	return NULL;
}

/* ---- what numbers name --------------------------------------------------------------------------------------------------------- */

static const char *named(const struct expr_context *c, enum expr_opcode code, struct value *v)
{
	const struct machine *m = session_machine(c->s);
	uint32_t number = (uint32_t)v->u;
	if (!value_is_integer(v))
		return "a number is wanted here";
	if (code == X_THREAD) {
		*v = (struct value){ .u = number ? thread_by_tid(m, number) : 0, .type = V_THREAD };
		return v->u ? NULL : "there is no such thread";
	}
	uint32_t slot = code == X_HANDLE ? slot_by_handle(m, number) : 0;
	if (code == X_HANDLE)
		*v = (struct value){ .u = slot && slot_peek(m, slot)->state == SLOT_OPEN ? slot_peek(m, slot)->object : 0,
			.type = V_OBJECT };
	else
		*v = (struct value){ .u = number ? object_by_id(m, number) : 0, .type = V_OBJECT };
	if (v->u)
		return NULL;
	return code == X_HANDLE ? "that handle is not open" : "there is no such object";
}

static const char *field(const struct expr_context *c, const struct expr_op *op, struct value *v)
{
	const char *why = NULL;
	uint32_t row = v->type == V_OBJECT ? op->a & 0xffff : v->type == V_THREAD ? op->a >> 16 : 0;
	if (v->pointer || (v->type != V_OBJECT && v->type != V_THREAD))
		return "only object(..), handle(..) and thread(..) have fields";
	if (!row)
		return v->type == V_OBJECT ? "an object has no such field" : "a thread has no such field";
	return expr_field_value(row - 1, c, *v, v, &why) ? NULL : why;
}

/* ---- operators ------------------------------------------------------------------------------------------------------------------ */

static double number_of(const struct value *v)
{
	if (value_is_float(v))
		return v->f;
	return v->type == V_U64 || v->pointer ? (double)v->u : (double)v->s;
}

bool value_bits(const struct value *v, bool real, unsigned bytes, uint64_t *bits)
{
	if (!value_is_float(v) && !value_is_integer(v))
		return false;
	double d = number_of(v);
	float f = (float)d;
	uint32_t half;
	*bits = value_is_float(v) ? (uint64_t)(int64_t)v->f : v->u;
	if (real && bytes == 4) {
		memcpy(&half, &f, sizeof half);
		*bits = half;
	} else if (real) {
		memcpy(bits, &d, sizeof d);
	}
	return true;
}

static const char *float_operation(enum expr_opcode code, struct value *a, const struct value *b)
{
	double x = number_of(a), y = number_of(b);
	switch (code) {
	case X_MUL: *a = (struct value){ .f = x * y, .type = V_F64 }; return NULL;
	case X_DIV: *a = (struct value){ .f = x / y, .type = V_F64 }; return NULL;
	case X_ADD: *a = (struct value){ .f = x + y, .type = V_F64 }; return NULL;
	case X_SUB: *a = (struct value){ .f = x - y, .type = V_F64 }; return NULL;
	case X_LE: *a = value_s(x <= y); return NULL;
	case X_GE: *a = value_s(x >= y); return NULL;
	case X_LT: *a = value_s(x < y); return NULL;
	case X_GT: *a = value_s(x > y); return NULL;
	case X_EQ: *a = value_s(x == y); return NULL;
	case X_NE: *a = value_s(x != y); return NULL;
	default: return "this needs integers";
	}
}

static const char *text_operation(enum expr_opcode code, struct value *a, const struct value *b)
{
	if (a->pointer || b->pointer || a->type != V_TEXT || b->type != V_TEXT)
		return "a text can only be compared with a text";
	int order = strcmp(a->text, b->text);
	switch (code) {
	case X_LE: *a = value_s(order <= 0); return NULL;
	case X_GE: *a = value_s(order >= 0); return NULL;
	case X_LT: *a = value_s(order < 0); return NULL;
	case X_GT: *a = value_s(order > 0); return NULL;
	case X_EQ: *a = value_s(order == 0); return NULL;
	case X_NE: *a = value_s(order != 0); return NULL;
	default: return "a text can only be compared";
	}
}

static const char *divide(bool rest, struct value *a, uint64_t y, bool sign)
{
	if (!y)
		return "division by zero";
	if (!sign)
		a->u = rest ? a->u % y : a->u / y;
	else if (y == UINT64_MAX) /* by -1: the smallest number has no quotient */
		a->u = rest ? 0 : -a->u;
	else
		a->s = rest ? a->s % (int64_t)y : a->s / (int64_t)y;
	return NULL;
}

static const char *integer_operation(enum expr_opcode code, struct value *a, const struct value *b)
{
	uint64_t x = a->u, y = b->u;
	bool sign = a->type != V_U64 && !a->pointer && b->type != V_U64 && !b->pointer;
	struct value r = { .u = 0, .type = sign ? V_S64 : V_U64 };
	const char *why = NULL;
	/* A pointer and a number: in elements. */
	if ((code == X_ADD || code == X_SUB) && a->pointer != b->pointer && (!a->pointer || !b->pointer)) {
		const struct value *p = a->pointer ? a : b;
		r.type = p->type;
		r.pointer = p->pointer;
		*(a->pointer ? &y : &x) *= stride(p);
		r.u = (uint32_t)(code == X_ADD ? x + y : x - y);
		*a = r;
		return NULL;
	}
	switch (code) {
	case X_MUL: r.u = x * y; break;
	case X_DIV:
	case X_MOD:
		r.u = x;
		why = divide(code == X_MOD, &r, y, sign);
		break;
	case X_ADD: r.u = x + y; break;
	case X_SUB: r.u = x - y; break;
	case X_SHL: r.u = y > 63 ? 0 : x << y; break;
	case X_SHR:
		if (sign)
			r.s = (int64_t)x >> (y > 63 ? 63 : y);
		else
			r.u = y > 63 ? 0 : x >> y;
		break;
	case X_LE: r = value_s(sign ? (int64_t)x <= (int64_t)y : x <= y); break;
	case X_GE: r = value_s(sign ? (int64_t)x >= (int64_t)y : x >= y); break;
	case X_LT: r = value_s(sign ? (int64_t)x < (int64_t)y : x < y); break;
	case X_GT: r = value_s(sign ? (int64_t)x > (int64_t)y : x > y); break;
	case X_EQ: r = value_s(x == y); break;
	case X_NE: r = value_s(x != y); break;
	case X_AND: r.u = x & y; break;
	case X_XOR: r.u = x ^ y; break;
	case X_OR: r.u = x | y; break;
	default: return "?";
	}
	*a = r;
	return why;
}

static const char *operation(enum expr_opcode code, struct value *a, const struct value *b)
{
	if (LIKELY(value_is_integer(a) && value_is_integer(b)))
		return integer_operation(code, a, b);
	if ((value_is_float(a) || value_is_integer(a)) && (value_is_float(b) || value_is_integer(b)))
		return float_operation(code, a, b);
	return text_operation(code, a, b);
}

static const char *unary(enum expr_opcode code, struct value *v)
{
	if (code == X_NOT || code == X_TRUTH) {
		*v = value_s(value_true(v) == (code == X_TRUTH));
		return NULL;
	}
	if (value_is_float(v) && code == X_NEGATE) {
		v->f = -v->f;
		return NULL;
	}
	if (!value_is_integer(v))
		return "this needs a number";
	v->u = code == X_NEGATE ? -v->u : ~v->u;
	v->type = v->type == V_U64 ? V_U64 : V_S64;
	v->pointer = 0;
	return NULL;
}

static const char *cast(const struct expr_op *op, struct value *v)
{
	if (!value_is_integer(v) && !value_is_float(v))
		return "this needs a number";
	if (op->b) {
		if (value_is_float(v))
			return "a floating-point number is no address";
		*v = (struct value){ .u = (uint32_t)v->u, .type = (uint8_t)op->a, .pointer = op->b };
		return NULL;
	}
	if (op->a == V_F32 || op->a == V_F64) {
		double x = number_of(v);
		*v = (struct value){ .f = op->a == V_F32 ? (double)(float)x : x, .type = (uint8_t)op->a };
		return NULL;
	}
	if (value_is_float(v))
		v->s = v->f > -9.2e18 && v->f < 9.2e18 ? (int64_t)v->f : 0;
	*v = typed(v->u, op->a);
	return NULL;
}

static const char *indexed(const struct expr_context *c, struct value *a, const struct value *b)
{
	const char *why;
	if (!value_is_integer(a) || !value_is_integer(b))
		return "only a pointer can be indexed: ((u32*)A)[2]";
	if (!a->pointer)
		return "only a pointer can be indexed: ((u32*)A)[2]";
	why = integer_operation(X_ADD, a, b);
	return why ? why : load(c, a);
}

/* ---- the machine ---------------------------------------------------------------------------------------------------------------- */

/* One operation that pushes or changes the top; @top: the new top. NULL: it went well. */
static const char *push(const struct expr *e, const struct expr_context *c, const struct expr_op *op, struct value *top)
{
	const char *why = NULL;
	switch (op->code) {
	case X_CONST: *top = e->constants[op->a]; return NULL;
	case X_USER: *top = c->s->variables.list[op->a].value; return NULL;
	case X_VARIABLE: return expr_name_value(op->a, c, top, &why) ? NULL : why;
	default: return registers(c, op, top);
	}
}

static const char *change(const struct expr_context *c, const struct expr_op *op, struct value *top)
{
	switch (op->code) {
	case X_VECTOR: return registers(c, op, top);
	case X_ARGS: return argument(c, top);
	case X_LOAD: return load(c, top);
	case X_CAST: return cast(op, top);
	case X_HANDLE:
	case X_OBJECT:
	case X_THREAD: return named(c, op->code, top);
	case X_FIELD: return field(c, op, top);
	default: return unary(op->code, top);
	}
}

enum status expr_value(const struct expr *e, const struct expr_context *c, struct value *v, struct err *err)
{
	struct value stack[EXPR_STACK + 1];
	unsigned n = 0; /* values on it: the top is stack[n - 1] */
	const char *why;
	for (unsigned i = 0; i < e->count; i++) {
		const struct expr_op *op = &e->ops[i];
		switch ((enum expr_opcode)op->code) {
#define EXPR_OP(id, leaves, form) case X_##id: goto form;
#include "ui/expr_ops.def"
		}
	PUSH:
		why = push(e, c, op, &stack[n++]);
		goto done;
	CHANGE:
		why = change(c, op, &stack[n - 1]);
		goto done;
	TWO:
		n--;
		why = operation(op->code, &stack[n - 1], &stack[n]);
		goto done;
	INDEX:
		n--;
		why = indexed(c, &stack[n - 1], &stack[n]);
		goto done;
	IF_TRUE:
		if (value_true(&stack[--n]))
			i = op->a - 1;
		continue;
	IF_FALSE:
		if (value_true(&stack[--n]))
			continue;
	GOTO:
		i = op->a - 1;
		continue;
	done:
		if (UNLIKELY(why != NULL))
			return failed(e, op, err, why[0] >= '0' && why[0] <= '9' ? ST_BAD_ADDRESS : ST_BAD_VALUE, why);
	}
	*v = stack[0];
	return ST_OK;
}

enum status expr_place(const struct expr *e, const struct expr_context *c, uint32_t *ga, unsigned *bytes, struct err *err)
{
	struct expr part = *e;
	struct value v;
	struct expr_op *last = &e->ops[e->count - 1], whole = *last;
	if (last->code != X_LOAD && last->code != X_INDEX)
		return err_set(
			err, ST_BAD_VALUE, "'%.160s' does not lie in memory: write {int}ADDRESS or *(u32*)ADDRESS", e->text);
	if (last->code == X_LOAD)
		part.count--;
	else
		last->code = X_ADD;
	enum status st = expr_value(&part, c, &v, err);
	*last = whole;
	if (st != ST_OK)
		return st;
	if (!v.pointer && last->code == X_INDEX)
		return err_set(err, ST_BAD_VALUE, "only a pointer can be indexed: '%.160s'", e->text);
	*ga = (uint32_t)v.u;
	*bytes = v.pointer ? stride(&v) : 4;
	return ST_OK;
}
