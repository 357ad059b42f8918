/* kernel/exports.c - see exports.h: the tables made from exports.def and ranked.def, and finding a row. */
#include "config.h"

#include "kernel/exports.h"

#include "kernel/handlers.h"

#define FN_IMPL(n) k_##n
#define FN_STUB(n) export_stub
#define FN_REFUSE(n) k_##n
#define FN_NONE(n) NULL
#define FN_VAR(n) NULL
#define A(t, n) { AT_##t, #n },
/* A closing entry, not counted: a list of arguments may be empty. It has a name where it is known to be. */
#define NOARGS ((const struct export_arg[]){ { AT_U32, "" } })
#define ARGS(...) ((const struct export_arg[]){ __VA_ARGS__ { AT_U32, NULL } })

const struct export export_table[] = {
#define EXPORT(m, o, n, args, state, src) \
	{ #m, (o), #n, ARRAY_LEN(args) - 1, args, EXPORT_##state, FN_##state(n), (src) },
#include "kernel/exports.def"
#undef EXPORT
};
const unsigned export_count = ARRAY_LEN(export_table);

static const char *const modules[] = { "xboxkrnl", "xam" };
enum { MODULE_xboxkrnl, MODULE_xam };

enum {
#define EXPORT(m, o, n, args, state, src) ROW_##m##_##o,
#include "kernel/exports.def"
#undef EXPORT
};

/* Row + 1, 0 = there is none. */
#define ORDINALS 0x1000u
static const uint16_t rows[ARRAY_LEN(modules)][ORDINALS] = {
#define EXPORT(m, o, n, args, state, src) [MODULE_##m][o] = ROW_##m##_##o + 1,
#include "kernel/exports.def"
#undef EXPORT
};

int export_module(const char *name)
{
	for (unsigned i = 0; i < ARRAY_LEN(modules); i++)
		if (!strcmp(modules[i], name))
			return (int)i;
	return -1;
}

int export_find_number(unsigned module, uint16_t ordinal)
{
	return module < ARRAY_LEN(modules) && ordinal < ORDINALS ? (int)rows[module][ordinal] - 1 : -1;
}

int export_find(const char *module, uint16_t ordinal)
{
	int number = export_module(module);
	return number < 0 ? -1 : export_find_number((unsigned)number, ordinal);
}

int export_find_name(const char *name)
{
	for (unsigned i = 0; i < export_count; i++)
		if (!strcmp(export_table[i].name, name))
			return (int)i;
	return -1;
}

static const struct {
	const char *module;
	uint16_t ordinal;
	uint8_t titles;
} ranked[] = {
#define RANKED(m, o, n, titles) { #m, (o), (titles) },
#include "kernel/ranked.def"
#undef RANKED
};

unsigned export_rank(unsigned row, unsigned *titles)
{
	const struct export *e = &export_table[row];
	for (unsigned i = 0; i < ARRAY_LEN(ranked); i++)
		if (ranked[i].ordinal == e->ordinal && !strcmp(ranked[i].module, e->module)) {
			if (titles)
				*titles = ranked[i].titles;
			return i + 1;
		}
	return 0;
}

bool export_decoded(const struct export *e)
{
	return e->state != EXPORT_VAR && (e->nargs || e->args[0].name || e->state != EXPORT_NONE);
}

const char *export_state_word(enum export_state s)
{
	static const char *const words[] = {
		[EXPORT_NONE] = "not built", [EXPORT_STUB] = "stub", [EXPORT_IMPL] = "built", [EXPORT_VAR] = "variable",
	};
	return words[s];
}

static const char *const arg_words[] = {
#define ARG_TYPE(id, word) [AT_##id] = (word),
	ARG_TYPES(ARG_TYPE)
#undef ARG_TYPE
};

const char *arg_type_word(enum arg_type t)
{
	return (unsigned)t < ARRAY_LEN(arg_words) ? arg_words[t] : "?";
}
