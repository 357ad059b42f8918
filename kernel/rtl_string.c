/* kernel/rtl_string.c - Rtl: counted strings: made, copied, appended, compared, converted between bytes (ISO 8859-1) and UTF-16.
 *
 * Rules: NT's (Windows Driver Kit, "Run-Time Library"); the code page: as the first Xbox's kernel, a byte is its own character.
 */
#include "config.h"

#include <stdio.h>

#include "kernel/call.h"
#include "kernel/guest.h"
#include "kernel/handlers.h"
#include "kernel/nls.h"
#include "kernel/pool.h"

#define STRING_BYTES_MAX 0xFFFEu      /* with its NUL */
#define TO_NUL UINT32_MAX             /* RtlCompareStringN, RtlCompareUnicodeStringN: up to the NUL */
#define BAD_POOL_CALLER 0xC2u

/* ANSI_STRING and UNICODE_STRING have one shape. */
struct counted {
	uint32_t length, maximum;     /* bytes */
	uint32_t ga;
};

static struct counted get(struct machine *m, struct call *c, uint32_t ga)
{
	struct g_ansi_string s;
	in_bytes(m, c, ga, &s, sizeof s);
	return (struct counted){ be16_get(s.length), be16_get(s.maximum_length), be32_get(s.pointer) };
}

static void put(struct machine *m, struct call *c, uint32_t ga, const struct counted *v)
{
	struct g_ansi_string s = { be16_of((uint16_t)v->length), be16_of((uint16_t)v->maximum), be32_of(v->ga) };
	if (!c->faulted)
		out_bytes(m, c, ga, &s, sizeof s);
}

static uint32_t unit_get(struct machine *m, struct call *c, uint32_t ga, unsigned unit, uint32_t i)
{
	return unit == 2 ? in16(m, c, ga + i * 2) : in8(m, c, ga + i);
}

static void unit_put(struct machine *m, struct call *c, uint32_t ga, unsigned unit, uint32_t i, uint32_t ch)
{
	if (unit == 2)
		out16(m, c, ga + i * 2, (uint16_t)ch);
	else
		out8(m, c, ga + i, (uint8_t)ch);
}

/* Units before the NUL, at most @limit. */
static uint32_t units_to_nul(struct machine *m, struct call *c, uint32_t ga, unsigned unit, uint32_t limit)
{
	uint32_t n = 0;
	while (n < limit && unit_get(m, c, ga, unit, n) && !c->faulted)
		n++;
	return n;
}

/* @n units from units of one size to units of another (or the same). Overlapping strings move as memmove does. */
static void convert(struct machine *m, struct call *c, uint32_t to, unsigned to_unit, uint32_t from, unsigned from_unit, uint32_t n)
{
	bool down = to_unit > from_unit ? to >= from : to > from;
	for (uint32_t k = 0; k < n && !c->faulted; k++) {
		uint32_t i = down ? n - 1 - k : k, ch = unit_get(m, c, from, from_unit, i);
		if (!c->faulted)
			unit_put(m, c, to, to_unit, i, to_unit == 1 && from_unit == 2 ? nls_narrow((uint16_t)ch) : ch);
	}
}

/* ---- made and freed: the console's pool holds them -------------------------------------------------------------------------------- */

static void string_free(struct machine *m, struct call *c)
{
	char text[80];
	struct counted s = get(m, c, arg32(c, 0));
	if (c->faulted || !s.ga)
		return;
	if (pool_free(m, s.ga, POOL_TITLE)) {
		put(m, c, arg32(c, 0), &(struct counted){ 0 });
		return;
	}
	snprintf(text, sizeof text, "bugcheck BAD_POOL_CALLER: a string at %08x is freed from %08x", s.ga, c->lr);
	bugcheck(m, c, BAD_POOL_CALLER, text);
}

void k_RtlFreeAnsiString(struct machine *m, struct call *c)
{
	string_free(m, c);
}

void k_RtlFreeUnicodeString(struct machine *m, struct call *c)
{
	string_free(m, c);
}

/* xboxkrnl 0x123: BOOLEAN. */
void k_RtlCreateUnicodeString(struct machine *m, struct call *c)
{
	uint32_t source = arg32(c, 1), n = units_to_nul(m, c, source, 2, STRING_BYTES_MAX / 2);
	struct counted s = { n * 2, n * 2 + 2, 0 };
	if (c->faulted || s.maximum > STRING_BYTES_MAX)
		return;
	s.ga = pool_alloc(m, s.maximum, POOL_TITLE);
	if (!s.ga)
		return;
	convert(m, c, s.ga, 2, source, 2, n); /* the NUL is there: pool blocks are zeroed */
	put(m, c, arg32(c, 0), &s);
	call_return(c, 1);
}

/* A block of @bytes for the string at arg 0; else the call answers NO_MEMORY. */
static bool allocate(struct machine *m, struct call *c, struct counted *s, uint32_t bytes)
{
	s->ga = pool_alloc(m, bytes, POOL_TITLE);
	s->maximum = bytes;
	if (!s->ga)
		call_return(c, NT_NO_MEMORY);
	return s->ga != 0;
}

void k_RtlAnsiStringToUnicodeString(struct machine *m, struct call *c)
{
	struct counted to = get(m, c, arg32(c, 0)), from = get(m, c, arg32(c, 1));
	uint32_t bytes = from.length * 2 + 2;
	if (c->faulted)
		return;
	if (bytes > STRING_BYTES_MAX) {
		call_return(c, NT_INVALID_PARAMETER_2);
		return;
	}
	if ((uint8_t)arg32(c, 2) && !allocate(m, c, &to, bytes))
		return;
	to.length = bytes - 2;
	if (to.length >= to.maximum) {
		call_return(c, NT_BUFFER_OVERFLOW);
		return;
	}
	convert(m, c, to.ga, 2, from.ga, 1, from.length);
	if (bytes <= to.maximum)
		unit_put(m, c, to.ga, 2, from.length, 0);
	put(m, c, arg32(c, 0), &to);
}

/* A destination that is too small takes what fits, and a warning is returned. */
void k_RtlUnicodeStringToAnsiString(struct machine *m, struct call *c)
{
	struct counted to = get(m, c, arg32(c, 0)), from = get(m, c, arg32(c, 1));
	uint32_t n = from.length / 2;
	if (c->faulted || ((uint8_t)arg32(c, 2) && !allocate(m, c, &to, n + 1)))
		return;
	if (n >= to.maximum) {
		call_return(c, NT_BUFFER_OVERFLOW);
		if (!to.maximum)
			return;
		n = to.maximum - 1;
	}
	to.length = n;
	convert(m, c, to.ga, 1, from.ga, 2, n);
	unit_put(m, c, to.ga, 1, n, 0);
	put(m, c, arg32(c, 0), &to);
}

/* ---- copied and appended ------------------------------------------------------------------------------------------------------------ */

/* @from behind @to's first @at bytes; UTF-16 strings get a NUL where it fits. */
static void place(struct machine *m, struct call *c, struct counted *to, uint32_t at, const struct counted *from, unsigned unit)
{
	convert(m, c, to->ga + at, unit, from->ga, unit, from->length / unit);
	to->length = at + from->length;
	if (unit == 2 && to->length + 2 <= to->maximum)
		unit_put(m, c, to->ga + to->length, 2, 0, 0);
	put(m, c, arg32(c, 0), to);
}

/* No source: an empty string. What does not fit is cut off. */
static void copy(struct machine *m, struct call *c, unsigned unit)
{
	struct counted to = get(m, c, arg32(c, 0)), from = { 0 };
	if (arg32(c, 1))
		from = get(m, c, arg32(c, 1));
	if (from.length > to.maximum)
		from.length = to.maximum / unit * unit;
	if (!arg32(c, 1)) {
		to.length = 0;
		put(m, c, arg32(c, 0), &to);
	} else if (!c->faulted) {
		place(m, c, &to, 0, &from, unit);
	}
}

void k_RtlCopyString(struct machine *m, struct call *c)
{
	copy(m, c, 1);
}

void k_RtlCopyUnicodeString(struct machine *m, struct call *c)
{
	copy(m, c, 2);
}

/* All or nothing. */
static void append(struct machine *m, struct call *c, const struct counted *from, unsigned unit)
{
	struct counted to = get(m, c, arg32(c, 0));
	if (c->faulted)
		return;
	if (to.length + from->length > to.maximum)
		call_return(c, NT_BUFFER_TOO_SMALL);
	else
		place(m, c, &to, to.length, from, unit);
}

void k_RtlAppendStringToString(struct machine *m, struct call *c)
{
	struct counted from = get(m, c, arg32(c, 1));
	append(m, c, &from, 1);
}

void k_RtlAppendUnicodeStringToString(struct machine *m, struct call *c)
{
	struct counted from = get(m, c, arg32(c, 1));
	append(m, c, &from, 2);
}

/* xboxkrnl 0x117: the source ends with a NUL; none at all is a success. */
void k_RtlAppendUnicodeToString(struct machine *m, struct call *c)
{
	struct counted from = { .ga = arg32(c, 1) };
	if (from.ga)
		from.length = units_to_nul(m, c, from.ga, 2, STRING_BYTES_MAX / 2) * 2;
	if (from.length)
		append(m, c, &from, 2);
}

/* ---- compared: the difference of the first characters that differ, else of the lengths -------------------------------------------- */

/* The characters' difference; 0 as far as both go. */
static int32_t differ(struct machine *m, struct call *c, const struct counted *a, const struct counted *b, unsigned unit, bool fold)
{
	uint32_t n = (a->length < b->length ? a->length : b->length) / unit;
	for (uint32_t i = 0; i < n && !c->faulted; i++) {
		uint32_t x = unit_get(m, c, a->ga, unit, i), y = unit_get(m, c, b->ga, unit, i);
		if (fold && x != y) {
			x = unit == 2 ? nls_upper16((uint16_t)x) : nls_upper8((uint8_t)x);
			y = unit == 2 ? nls_upper16((uint16_t)y) : nls_upper8((uint8_t)y);
		}
		if (x != y)
			return (int32_t)x - (int32_t)y;
	}
	return 0;
}

/* Lengths count as they are counted in the strings: in bytes. */
static void compare_strings(struct machine *m, struct call *c, unsigned unit)
{
	struct counted a = get(m, c, arg32(c, 0)), b = get(m, c, arg32(c, 1));
	if (c->faulted)
		return;
	int32_t d = differ(m, c, &a, &b, unit, (uint8_t)arg32(c, 2));
	call_return(c, d ? (uint32_t)d : a.length - b.length);
}

void k_RtlCompareString(struct machine *m, struct call *c)
{
	compare_strings(m, c, 1);
}

void k_RtlCompareUnicodeString(struct machine *m, struct call *c)
{
	compare_strings(m, c, 2);
}

/* (text, characters, text, characters, fold): lengths count in characters. */
static void compare_counts(struct machine *m, struct call *c, unsigned unit)
{
	struct counted s[2];
	for (unsigned i = 0; i < 2; i++) {
		uint32_t n = arg32(c, 2 * i + 1);
		s[i] = (struct counted){ .ga = arg32(c, 2 * i) };
		s[i].length = (n == TO_NUL ? units_to_nul(m, c, s[i].ga, unit, INT32_MAX / 2) : n) * unit;
	}
	if (c->faulted)
		return;
	int32_t d = differ(m, c, &s[0], &s[1], unit, (uint8_t)arg32(c, 4));
	call_return(c, d ? (uint32_t)d : s[0].length / unit - s[1].length / unit);
}

void k_RtlCompareStringN(struct machine *m, struct call *c)
{
	compare_counts(m, c, 1);
}

void k_RtlCompareUnicodeStringN(struct machine *m, struct call *c)
{
	compare_counts(m, c, 2);
}

/* ---- plain text between bytes and UTF-16: no NUL is looked for, none is written ----------------------------------------------------- */

void k_RtlMultiByteToUnicodeN(struct machine *m, struct call *c)
{
	uint32_t n = arg32(c, 1) / 2 < arg32(c, 4) ? arg32(c, 1) / 2 : arg32(c, 4);
	convert(m, c, arg32(c, 0), 2, arg32(c, 3), 1, n);
	if (!c->faulted)
		out32(m, c, arg32(c, 2), n * 2);
}

void k_RtlUnicodeToMultiByteN(struct machine *m, struct call *c)
{
	uint32_t n = arg32(c, 1) < arg32(c, 4) / 2 ? arg32(c, 1) : arg32(c, 4) / 2;
	convert(m, c, arg32(c, 0), 1, arg32(c, 3), 2, n);
	if (!c->faulted)
		out32(m, c, arg32(c, 2), n);
}

void k_RtlMultiByteToUnicodeSize(struct machine *m, struct call *c)
{
	out32(m, c, arg32(c, 0), arg32(c, 2) * 2);
}

void k_RtlUnicodeToMultiByteSize(struct machine *m, struct call *c)
{
	out32(m, c, arg32(c, 0), arg32(c, 2) / 2);
}

/* ---- single characters --------------------------------------------------------------------------------------------------------------- */

void k_RtlUpperChar(struct machine *m, struct call *c)
{
	call_return(c, nls_upper8((uint8_t)arg32(c, 0)));
}

void k_RtlLowerChar(struct machine *m, struct call *c)
{
	call_return(c, nls_lower8((uint8_t)arg32(c, 0)));
}

void k_RtlUpcaseUnicodeChar(struct machine *m, struct call *c)
{
	call_return(c, nls_upper16((uint16_t)arg32(c, 0)));
}

void k_RtlDowncaseUnicodeChar(struct machine *m, struct call *c)
{
	call_return(c, nls_lower16((uint16_t)arg32(c, 0)));
}
