/* kernel/exports.h - the table of exports: module, ordinal, name, typed arguments, state, source. */
#ifndef KERNEL_EXPORTS_H
#define KERNEL_EXPORTS_H

#include "kernel/machine.h"

/** Types of arguments: how a call is shown, logged and decoded. ARG_TYPE(id, "word"). U64 takes one register (or one 8-byte slot). */
#define ARG_TYPES(ARG_TYPE) \
	ARG_TYPE(U32, "u32") ARG_TYPE(S32, "s32") ARG_TYPE(U64, "u64") ARG_TYPE(PTR, "ptr") ARG_TYPE(HANDLE, "handle") \
	ARG_TYPE(OUT_U32, "out-u32") ARG_TYPE(OUT_HANDLE, "out-handle") ARG_TYPE(OBJECT, "object") ARG_TYPE(STR, "str") \
	ARG_TYPE(ANSI, "ansi-string") ARG_TYPE(TIMEOUT, "timeout*") ARG_TYPE(BOOL, "bool") ARG_TYPE(FLAGS, "flags") ARG_TYPE(VARARGS, "...")
enum arg_type {
#define ARG_TYPE(id, word) AT_##id,
	ARG_TYPES(ARG_TYPE)
#undef ARG_TYPE
};

struct export_arg {
	enum arg_type type;
	const char *name;
};

/** IMPL: built. STUB: answers, does nothing, says so; REFUSE: as one, with a handler that chooses the answer. NONE: calling it stops the run. VAR: a variable. */
enum export_state { EXPORT_NONE, EXPORT_STUB, EXPORT_IMPL, EXPORT_VAR, EXPORT_REFUSE = EXPORT_STUB };

/** "built", "stub", "not built", "variable"; static. */
const char *export_state_word(enum export_state s);

struct call;
typedef void export_fn(struct machine *m, struct call *c);

struct export {
	const char *module;           /* "xboxkrnl", "xam" */
	uint16_t ordinal;
	const char *name;
	uint8_t nargs;
	const struct export_arg *args;
	enum export_state state;
	export_fn *fn;                /* IMPL and STUB */
	const char *source;           /* test or fact that holds it */
};

extern const struct export export_table[];
extern const unsigned export_count;

/** Is it known which arguments a function takes? */
bool export_decoded(const struct export *e);

/** The row's place in kernel/ranked.def (the exports that titles are most likely to need), from 1; 0 = it is not in there. @titles (or NULL):
 * in how many of the titles that were looked at it was seen. */
unsigned export_rank(unsigned row, unsigned *titles);
/** Row number (0-based) by module and ordinal, or by name; -1 = none. */
int export_find(const char *module, uint16_t ordinal);
int export_find_name(const char *name);
/** The same by module number (export_module). */
int export_find_number(unsigned module, uint16_t ordinal);
/** "u32", "out-handle", ...; static. */
const char *arg_type_word(enum arg_type t);
/** Module number used in r11 of a thunk: 0 xboxkrnl, 1 xam; -1 unknown. */
int export_module(const char *name);

#endif
