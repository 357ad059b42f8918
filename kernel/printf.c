/* kernel/printf.c - see printf.h */
#include "config.h"

#include "kernel/printf.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernel/guest.h"
#include "kernel/printf_fp.h"

#define FIELD_MAX 4096u               /* width and precision are cut here; the longest "%f" of a double fits */
#define STRING_MAX 0x10000u           /* a string argument without an end is cut here */

struct spec {
	bool left, plus, space, alt, zero;
	bool has_precision;
	uint32_t width, precision;
	char size;                    /* 0, 'h', 'l', 'q' (64 bits), 'w' */
	char conv;
};

struct out {
	struct machine *m;
	struct call *c;
	struct guest_args *args;
	uint32_t at;                  /* next unit of the format */
	unsigned unit;                /* bytes of a character of format and output */
	char *buf;                    /* host output, or */
	uint32_t ga;                  /* guest output */
	size_t room, length;          /* units that may be stored; units produced */
};

static void put(struct out *o, uint32_t ch)
{
	if (o->length < o->room && o->buf)
		o->buf[o->length] = (char)ch;
	else if (o->length < o->room && o->unit == 2)
		out16(o->m, o->c, o->ga + (uint32_t)o->length * 2, (uint16_t)ch);
	else if (o->length < o->room)
		out8(o->m, o->c, o->ga + (uint32_t)o->length, (uint8_t)ch);
	o->length++;
}

static void put_times(struct out *o, uint32_t ch, uint32_t n)
{
	while (n--)
		put(o, ch);
}

/* The next unit of the format; 0 at its end, also after a fault. */
static uint32_t next(struct out *o)
{
	uint32_t ch = o->unit == 2 ? in16(o->m, o->c, o->at) : in8(o->m, o->c, o->at);
	if (o->c->faulted || !ch)
		return 0;
	o->at += o->unit;
	return ch;
}

static uint64_t arg(struct out *o)
{
	if (o->args->list)
		return in64(o->m, o->c, o->args->va + 8 * o->args->next++);
	return call_vararg(o->m, o->c, o->args->next++);
}

/* ---- the specification ----------------------------------------------------------------------------------------------------- */

static uint32_t flags(struct out *o, struct spec *s, uint32_t ch)
{
	for (;; ch = next(o)) {
		if (ch == '-')
			s->left = true;
		else if (ch == '+')
			s->plus = true;
		else if (ch == ' ')
			s->space = true;
		else if (ch == '#')
			s->alt = true;
		else if (ch == '0')
			s->zero = true;
		else
			return ch;
	}
}

/* A number or *; *@value stays if there is none. */
static uint32_t number(struct out *o, uint32_t ch, int64_t *value)
{
	if (ch == '*') {
		*value = (int32_t)arg(o);
		return next(o);
	}
	if (ch >= '0' && ch <= '9')
		*value = 0;
	for (; ch >= '0' && ch <= '9'; ch = next(o))
		*value = *value > FIELD_MAX ? *value : *value * 10 + (ch - '0');
	return ch;
}

static uint32_t size_prefix(struct out *o, struct spec *s, uint32_t ch)
{
	while (ch == 'h' || ch == 'l' || ch == 'L' || ch == 'w') {
		s->size = ch == 'l' && s->size == 'l' ? 'q' : ch == 'L' ? 'q' : (char)ch;
		ch = next(o);
	}
	if (ch != 'I')
		return ch;
	ch = next(o);
	uint32_t back = o->at;
	uint32_t second = ch == '6' || ch == '3' ? next(o) : 0;
	if (ch == '6' && second == '4')
		s->size = 'q';
	else if (!(ch == '3' && second == '2')) {
		o->at = back;
		return ch; /* plain I: the size of a pointer, 32 bits */
	}
	return next(o);
}

static void parse(struct out *o, struct spec *s)
{
	int64_t width = 0, precision = -1;
	uint32_t ch = number(o, flags(o, s, next(o)), &width);
	if (ch == '.') {
		precision = 0;
		ch = number(o, next(o), &precision);
	}
	if (width < 0) {
		s->left = true;
		width = -width;
	}
	s->width = (uint32_t)(width > FIELD_MAX ? FIELD_MAX : width);
	s->has_precision = precision >= 0;
	s->precision = (uint32_t)(precision > FIELD_MAX ? FIELD_MAX : s->has_precision ? precision : 0);
	s->conv = (char)size_prefix(o, s, ch);
}

/* ---- conversions ------------------------------------------------------------------------------------------------------------- */

/* @prefix, zeros, @digits, filled up to the width. */
static void field(struct out *o, const struct spec *s, const char *prefix, uint32_t zeros, const char *digits, uint32_t n)
{
	uint32_t size = (uint32_t)strlen(prefix) + zeros + n, fill = s->width > size ? s->width - size : 0;
	if (s->zero && !s->left) {
		zeros += fill;
		fill = 0;
	}
	if (!s->left)
		put_times(o, ' ', fill);
	for (; *prefix; prefix++)
		put(o, (uint8_t)*prefix);
	put_times(o, '0', zeros);
	for (uint32_t i = 0; i < n; i++)
		put(o, (uint8_t)digits[i]);
	if (s->left)
		put_times(o, ' ', fill);
}

static uint64_t integer_arg(struct out *o, const struct spec *s, bool is_signed)
{
	uint64_t v = arg(o);
	if (s->size == 'q')
		return v;
	if (s->size == 'h')
		return is_signed ? (uint64_t)(int64_t)(int16_t)v : (uint16_t)v;
	return is_signed ? (uint64_t)(int64_t)(int32_t)v : (uint32_t)v;
}

static void integer(struct out *o, struct spec *s)
{
	bool is_signed = s->conv == 'd' || s->conv == 'i';
	uint64_t v = integer_arg(o, s, is_signed);
	bool negative = is_signed && (int64_t)v < 0;
	const char *prefix = negative ? "-" : is_signed && s->plus ? "+" : is_signed && s->space ? " " : "";
	char digits[32];
	const char *fmt = s->conv == 'x' || s->conv == 'p' ? "%llx" : s->conv == 'X' ? "%llX" : s->conv == 'o' ? "%llo" : "%llu";
	uint32_t n = (uint32_t)snprintf(digits, sizeof digits, fmt, (unsigned long long)(negative ? 0 - v : v));
	if (s->has_precision && !s->precision && !v)
		n = 0;
	uint32_t zeros = s->has_precision && s->precision > n ? s->precision - n : 0;
	if (s->alt && v && (s->conv == 'x' || s->conv == 'X'))
		prefix = s->conv == 'x' ? "0x" : "0X";
	if (s->alt && s->conv == 'o' && !zeros && (!n || digits[0] != '0'))
		zeros = 1;
	if (s->has_precision)
		s->zero = false;
	field(o, s, prefix, zeros, digits, n);
}

static void pointer(struct out *o, struct spec *s)
{
	s->has_precision = true;
	s->precision = 8;
	s->conv = 'X';
	s->size = 0;
	integer(o, s);
}

static void floating(struct out *o, struct spec *s)
{
	uint64_t bits = arg(o);
	char text[FIELD_MAX + 512];
	double v;
	memcpy(&v, &bits, sizeof v);
	bool hex = s->conv == 'a' || s->conv == 'A';
	if (hex && isfinite(v)) {
		char fmt[8];
		snprintf(fmt, sizeof fmt, "%%%s.*%c", s->alt ? "#" : "", s->conv);
		snprintf(text, sizeof text, fmt, s->has_precision ? (int)s->precision : -1, fabs(v));
	} else {
		printf_fp(text, sizeof text, bits, hex ? 'f' : s->conv, s->has_precision ? s->precision : 6, s->alt);
	}
	field(o, s, signbit(v) ? "-" : s->plus ? "+" : s->space ? " " : "", 0, text, (uint32_t)strlen(text));
}

/* A character for an output of bytes: Latin-1, or '?'. */
static uint32_t fit(const struct out *o, uint32_t ch)
{
	return o->unit == 1 && ch > 0xff ? '?' : ch;
}

static void pad_string(struct out *o, const struct spec *s, uint32_t length, bool before)
{
	if (s->width > length && before == !s->left)
		put_times(o, s->zero && before ? '0' : ' ', s->width - length);
}

static uint32_t unit_at(struct out *o, uint32_t ga, unsigned unit, uint32_t i)
{
	return unit == 2 ? in16(o->m, o->c, ga + i * 2) : in8(o->m, o->c, ga + i);
}

/* @limit units at @ga, or up to a NUL if @to_nul. */
static void string(struct out *o, const struct spec *s, uint32_t ga, unsigned unit, uint32_t limit, bool to_nul)
{
	static const char null[] = "(null)";
	uint32_t n = 0;
	if (s->has_precision && s->precision < limit)
		limit = s->precision;
	if (!ga) {
		n = limit < sizeof null - 1 && !to_nul ? limit : (uint32_t)sizeof null - 1;
		n = s->has_precision && s->precision < n ? s->precision : n;
		pad_string(o, s, n, true);
		for (uint32_t i = 0; i < n; i++)
			put(o, (uint8_t)null[i]);
		pad_string(o, s, n, false);
		return;
	}
	while (n < limit && (!to_nul || unit_at(o, ga, unit, n)) && !o->c->faulted)
		n++;
	pad_string(o, s, n, true);
	for (uint32_t i = 0; i < n && !o->c->faulted; i++)
		put(o, fit(o, unit_at(o, ga, unit, i)));
	pad_string(o, s, n, false);
}

/* Bytes or wide characters? 's' is as wide as the format, 'S' the other way round; h, l and w decide. */
static unsigned string_unit(const struct out *o, const struct spec *s)
{
	bool other = s->conv == 'S' || s->conv == 'C';
	if (s->size == 'h')
		return 1;
	if (s->size == 'l' || s->size == 'w')
		return 2;
	return other ? 3 - o->unit : o->unit;
}

/* ANSI_STRING and UNICODE_STRING have one shape. */
static void counted_string(struct out *o, const struct spec *s)
{
	struct g_ansi_string z;
	uint32_t ga = (uint32_t)arg(o);
	unsigned unit = s->size == 'w' || s->size == 'l' ? 2 : 1;
	if (!ga)
		string(o, s, 0, unit, STRING_MAX, false);
	else if (in_bytes(o->m, o->c, ga, &z, sizeof z))
		string(o, s, be32_get(z.pointer), unit, be16_get(z.length) / unit, false);
}

static void character(struct out *o, const struct spec *s)
{
	uint32_t ch = (uint32_t)arg(o) & (string_unit(o, s) == 2 ? 0xffff : 0xff);
	pad_string(o, s, 1, true);
	put(o, fit(o, ch));
	pad_string(o, s, 1, false);
}

static void store_length(struct out *o, const struct spec *s)
{
	uint32_t ga = (uint32_t)arg(o);
	if (s->size == 'h')
		out16(o->m, o->c, ga, (uint16_t)o->length);
	else if (s->size == 'q')
		out64(o->m, o->c, ga, o->length);
	else
		out32(o->m, o->c, ga, (uint32_t)o->length);
}

static void convert(struct out *o, struct spec *s)
{
	if (!s->conv)
		return;
	if (strchr("diuoxX", s->conv))
		integer(o, s);
	else if (strchr("eEfFgGaA", s->conv))
		floating(o, s);
	else if (s->conv == 's' || s->conv == 'S')
		string(o, s, (uint32_t)arg(o), string_unit(o, s), STRING_MAX, true);
	else if (s->conv == 'c' || s->conv == 'C')
		character(o, s);
	else if (s->conv == 'p')
		pointer(o, s);
	else if (s->conv == 'Z')
		counted_string(o, s);
	else if (s->conv == 'n')
		store_length(o, s);
	else
		put(o, (uint8_t)s->conv); /* "%%", and what nobody knows: itself */
}

static void format(struct out *o)
{
	uint32_t ch;
	while ((ch = next(o)) && !o->c->faulted) {
		struct spec s = { 0 };
		if (ch != '%') {
			put(o, ch);
			continue;
		}
		parse(o, &s);
		convert(o, &s);
	}
}

uint32_t guest_printf_host(struct machine *m, struct call *c, uint32_t format_ga, struct guest_args *args, char *buf, size_t size)
{
	struct out o = { .m = m, .c = c, .args = args, .at = format_ga, .unit = 1, .buf = buf, .room = size - 1 };
	format(&o);
	buf[o.length < o.room ? o.length : o.room] = '\0';
	return (uint32_t)o.length;
}

uint32_t guest_printf_guest(struct machine *m, struct call *c, uint32_t format_ga, unsigned unit, struct guest_args *args,
                            uint32_t out_ga, uint32_t count)
{
	struct out o = { .m = m, .c = c, .args = args, .at = format_ga, .unit = unit, .ga = out_ga, .room = count };
	format(&o);
	uint32_t length = (uint32_t)o.length;
	put(&o, 0);
	return length;
}
