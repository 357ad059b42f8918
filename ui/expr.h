/* ui/expr.h - expressions: C's operators over numbers, registers, guest memory, symbols, events, kernel objects and texts.
 *
 * An expression is compiled once and may then be evaluated any number of times: a condition is evaluated each time its stop is reached.
 *   12 0x12 1.5 'a' "text"        decimal, hex, floating point, character, text
 *   main                          a symbol: its address
 *   $r3 $lr $cr0.lt $f1 $v3.w[0]  registers of the thread concerned; elements of a vector register: b h w d f, big-endian
 *   {int}A *(u32*)A ((u16*)A)[2]  guest memory, by type
 *   $_tid $_handle $_args[1] ...  position and event: ui/expr.def lists them
 *   $name                         convenience variables: `set $name = ...`
 *   handle(0x12ac).signals object(17).waiters thread(13).state
 * Integers are 64 bits wide; an operation is unsigned if an operand is an unsigned 64-bit number or a pointer (registers are).
 */
#ifndef UI_EXPR_H
#define UI_EXPR_H

#include "src/event/event.h"
#include "ui/value.h"

struct session;                       /* ui/session.h */
struct expr;                          /* a compiled expression */

/** What an evaluation is about. */
struct expr_context {
	const struct session *s;
	uint32_t thread;              /* thread row whose registers are meant, 0 = none */
	uint32_t frame;               /* frame of its stack that they are of */
	const struct event *event;    /* NULL = the moment is no event */
	uint64_t hits, thread_hits;   /* $_hits, $_thits */
};
/** About the present stop of the session and its selected thread. */
struct expr_context expr_here(const struct session *s);

/**
 * Compiles the longest expression that @text begins with; *@end is what follows it, blanks left out (NULL: nothing may follow).
 * @address: eight hex digits are an address even without 0x. Names are looked up now.
 */
MUST_CHECK enum status expr_compile(const struct session *s, const char *text, bool address, const char **end, struct expr **out,
                                    struct err *err);
void expr_free(struct expr *e);
/** Evaluates it. ST_BAD_ADDRESS, ST_BAD_VALUE, ST_STATE: the line points at the column. */
MUST_CHECK enum status expr_value(const struct expr *e, const struct expr_context *c, struct value *v, struct err *err);
/** Where in guest memory the value lies ({int}A, *(u32*)A, p[2]), and its bytes. ST_BAD_VALUE: it lies nowhere. */
MUST_CHECK enum status expr_place(const struct expr *e, const struct expr_context *c, uint32_t *ga, unsigned *bytes, struct err *err);
/** The text that it was compiled from; valid as long as @e. */
const char *expr_text(const struct expr *e);

/** The integer value of @text, all of it, here and now. */
MUST_CHECK enum status expr_eval(const struct session *s, const char *text, bool address, uint64_t *v, struct err *err);
/** The same, and it must be a guest address; FILE:LINE is one too. */
MUST_CHECK enum status expr_address(const struct session *s, const char *text, uint32_t *ga, struct err *err);
/** The address that @text begins with; *@end as above. */
MUST_CHECK enum status expr_address_begin(const struct session *s, const char *text, const char **end, uint32_t *ga, struct err *err);

/* ---- convenience variables: the user's; they outlive a restart ---------------------------------------------------------- */

struct user_variable {
	char name[32];
	struct value value;           /* a text is owned */
};
struct user_variables {
	struct user_variable *list;
	unsigned count, room;
};
/** Number of the variable, -1 = there is none. */
int user_variable_find(const struct user_variables *v, const char *name, size_t length);
/** ST_BAD_VALUE: no name for a variable; ST_STATE: an object or a thread cannot be kept. */
MUST_CHECK enum status user_variable_set(struct user_variables *v, const char *name, const struct value *value, struct err *err);
void user_variables_fini(struct user_variables *v);

/** Is $@name a register (without an element)? */
bool expr_is_register(const char *name);
/** One name and what it says, for `help vars`: the @i-th of ui/expr.def, false past the last. */
bool expr_name(unsigned i, const char **name, const char **help);

#endif
