/* ui/expr_priv.h - what the compiler, the evaluator and the names share. */
#ifndef UI_EXPR_PRIV_H
#define UI_EXPR_PRIV_H

#include "ui/expr.h"

#define EXPR_STACK 64u                /* values; deeper nesting is refused by the compiler */

enum expr_opcode {
	X_CONST,                      /* push constant[a] */
	X_GPR, X_FPR, X_SPECIAL,      /* push a register; a: number, or row of the special ones */
	X_CR,                         /* push CR field a; b: bit within it, 0 = all four */
	X_VECTOR,                     /* pop the element's number, push element of vector register a; b: letter of its width */
	X_VARIABLE, X_USER,           /* push; a: row of expr.def, number of the user's variable */
	X_ARGS,                       /* pop a number, push that argument of the call */
	X_LOAD,                       /* pop a pointer, push what it points to */
	X_INDEX,                      /* pop number and pointer, push what lies there */
	X_CAST,                       /* a: type, b: pointer depth */
	X_NEGATE, X_INVERT, X_NOT, X_TRUTH,
	X_MUL, X_DIV, X_MOD, X_ADD, X_SUB, X_SHL, X_SHR, X_LE, X_GE, X_LT, X_GT, X_EQ, X_NE, X_AND, X_XOR, X_OR,
	X_JUMP, X_JUMP_FALSE, X_JUMP_TRUE, /* to op a; the last two pop a value */
	X_HANDLE, X_OBJECT, X_THREAD, /* pop a number, push what it names */
	X_FIELD,                      /* pop an object or a thread, push field a */
};

struct expr_op {
	uint8_t code;                 /* enum expr_opcode */
	uint8_t b;
	uint16_t column;              /* where it stands in the text, from 1 */
	uint32_t a;
};

struct expr {
	char *text;
	struct expr_op *ops;
	unsigned count, room;
	struct value *constants;      /* texts are owned */
	unsigned constant_count, constant_room;
};

/** Row of expr.def, -1 = none. @of: 'o' and 't' for fields of objects and threads, 'v' for variables. */
int expr_name_find(char of, const char *name, size_t length);
/** Value of variable row @row. False: *@why says why there is none. */
bool expr_name_value(unsigned row, const struct expr_context *c, struct value *v, const char **why);
/** Field row @row of @from (an object or a thread), which may be the same value as *@v. */
bool expr_field_value(unsigned row, const struct expr_context *c, struct value from, struct value *v, const char **why);
/** Row of the special register ("pc", "lr", "cr", ...), -1 = none; its value. */
int expr_special_find(const char *name, size_t length);
struct ppc_context;
uint64_t expr_special_value(unsigned row, const struct ppc_context *c);

#endif
