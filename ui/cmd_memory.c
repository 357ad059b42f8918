/* ui/cmd_memory.c - guest memory in bulk: looking for bytes in it, into a file, from a file. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "ui/cmd.h"
#include "ui/expr.h"

/* ---- find ------------------------------------------------------------------------------------------------------------------------ */

#define PATTERN_MAX 256u

/* The bytes of the value that @text begins with, big-endian, @unit of them (0 = as its type has, a word if it has none). */
static enum status pattern_of(
	struct session *s, const char *text, unsigned unit, const char **end, uint8_t *bytes, unsigned *size, struct err *err)
{
	struct expr_context here = expr_here(s);
	struct expr *e;
	struct value v;
	uint64_t bits = 0;
	enum status st = expr_compile(s, text, false, end, &e, err);
	if (st != ST_OK)
		return st;
	st = expr_value(e, &here, &v, err);
	if (st == ST_OK && !v.pointer && v.type == V_TEXT) {
		*size = (unsigned)strnlen(v.text, PATTERN_MAX);
		memcpy(bytes, v.text, *size);
		if (!*size)
			st = err_set(err, ST_BAD_VALUE, "an empty text is everywhere");
	} else if (st == ST_OK) {
		unsigned own = v.type == V_S64 && !v.pointer && v.s <= UINT32_MAX && v.s >= INT32_MIN ? 4 : value_bytes(&v);
		*size = unit ? unit : own;
		if (!value_bits(&v, value_is_float(&v), *size, &bits))
			st = err_set(err, ST_BAD_VALUE, "'%.160s' has no bytes to look for", expr_text(e));
		for (unsigned i = 0; i < *size; i++)
			bytes[i] = (uint8_t)(bits >> 8 * (*size - 1 - i));
	}
	expr_free(e);
	return st;
}

/* "A B": the range that is looked through. */
static enum status range_of(struct session *s, const char *text, uint32_t *low, uint32_t *high, struct err *err)
{
	const char *end;
	enum status st = expr_address_begin(s, text, &end, low, err);
	if (st == ST_OK)
		st = expr_address(s, end, high, err);
	if (st == ST_OK && *high < *low)
		st = err_set(err, ST_BAD_VALUE, "the range ends before it begins");
	return st;
}

enum status cmd_find_(struct session *s, const struct cmd_args *a, struct err *err)
{
	static const char units[] = "bhwg";
	struct query q = session_query(s);
	uint8_t bytes[PATTERN_MAX];
	const char *end = "", *unit = a->format[0] ? strchr(units, a->format[0]) : NULL;
	uint32_t high = UINT32_MAX;
	if (!*a->rest)
		return err_set(err, ST_BAD_USAGE, "a value is missing: find[/bhwg] VALUE|\"TEXT\" [in FROM TO]");
	if (a->format[0] && (!unit || a->format[1]))
		return err_set(err, ST_BAD_VALUE, "'%s' is no size: b h w g", a->format);
	q.pattern = bytes;
	enum status st = pattern_of(s, a->rest, unit ? 1u << (unit - units) : 0, &end, bytes, &q.pattern_size, err);
	if (st == ST_OK && *end)
		st = strncmp(end, "in ", 3)
			     ? err_set(err, ST_BAD_USAGE, "'%.60s' is not understood here: in FROM TO may follow", end)
			     : range_of(s, end + 3, &q.ga, &high, err);
	if (st != ST_OK)
		return st;
	q.value = high;
	show_table(s, TABLE_FOUND, &q);
	return ST_OK;
}

/* ---- files ------------------------------------------------------------------------------------------------------------------------- */

#define PIECE 65536u

enum status cmd_dump(struct session *s, const struct cmd_args *a, struct err *err)
{
	const struct mem *m = &session_machine(s)->mem;
	uint8_t *bytes = NULL;
	uint32_t ga = 0;
	uint64_t size = 0;
	enum status st = given_words(a, 3, 3, "dump FILE ADDRESS BYTES", err);
	if (st == ST_OK)
		st = expr_address(s, a->word[1], &ga, err);
	if (st == ST_OK && !parse_count(a->word[2], &size))
		st = expr_eval(s, a->word[2], false, &size, err);
	if (st == ST_OK && (!size || size > UINT64_C(0x100000000) - ga))
		st = err_set(err, ST_BAD_VALUE, "%s bytes at %08X do not lie in the guest's memory", a->word[2], ga);
	if (st != ST_OK)
		return st;
	/* Nothing is written before all of it is known to be there. */
	bytes = xmalloc(PIECE);
	for (uint64_t i = 0; st == ST_OK && i < size; i += MEM_PAGE - ((ga + i) & (MEM_PAGE - 1)))
		if (mem_peek(m, ga + (uint32_t)i, bytes, 1) != MEM_OK)
			st = err_set(err, ST_BAD_ADDRESS, "%08X is not mapped", ga + (uint32_t)i);
	FILE *f = st == ST_OK ? fopen(a->word[0], "wb") : NULL;
	if (st == ST_OK && !f)
		st = err_set(err, ST_IO, "%s: %s", a->word[0], strerror(errno));
	for (uint64_t i = 0; st == ST_OK && i < size; i += PIECE) {
		uint32_t n = size - i < PIECE ? (uint32_t)(size - i) : PIECE;
		if (mem_peek(m, ga + (uint32_t)i, bytes, n) != MEM_OK || fwrite(bytes, 1, n, f) != n)
			st = err_set(err, ST_IO, "%s: %s", a->word[0], strerror(errno));
	}
	if (f && fclose(f) && st == ST_OK)
		st = err_set(err, ST_IO, "%s: %s", a->word[0], strerror(errno));
	free(bytes);
	return st;
}

enum status cmd_restore(struct session *s, const struct cmd_args *a, struct err *err)
{
	uint32_t ga = 0;
	size_t size = 0;
	enum status st = given_words(a, 1, 2, "restore FILE [ADDRESS]", err);
	if (st == ST_OK && a->count == 1)
		return restore_machine(s, a->word[0], err);
	if (st == ST_OK)
		st = expr_address(s, a->word[1], &ga, err);
	FILE *f = st == ST_OK ? fopen(a->word[0], "rb") : NULL;
	if (st == ST_OK && !f)
		return err_set(err, ST_IO, "%s: %s", a->word[0], strerror(errno));
	if (!f)
		return st;
	uint8_t *bytes = xmalloc(PIECE);
	for (size_t n; (n = fread(bytes + size, 1, PIECE, f)) > 0;) {
		size += n;
		bytes = xrealloc(bytes, size + PIECE);
	}
	st = ferror(f) ? err_set(err, ST_IO, "%s: %s", a->word[0], strerror(errno))
		       : session_write_memory(s, ga, bytes, size, err);
	fclose(f);
	free(bytes);
	return st;
}
