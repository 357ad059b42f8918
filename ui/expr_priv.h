/* ui/expr_priv.h - what the compiler, the evaluator and the names share. */
#ifndef UI_EXPR_PRIV_H
#define UI_EXPR_PRIV_H

#include "ui/expr.h"

#define EXPR_STACK 64u                /* values; deeper nesting is refused by the compiler */

enum expr_opcode {
#define EXPR_OP(id, leaves, form) X_##id,
#include "ui/expr_ops.def"
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
bool expr_special_is(unsigned row, const char *name);
struct ppc_context;
uint64_t expr_special_value(unsigned row, const struct ppc_context *c);

#endif
