/* tests/guest/kit_slots.c - walks a printf format and moves its arguments into 8-byte slots. */
#include "kit_variadic.h"

struct walk {
	const char *narrow;          /* one of the two */
	const uint16_t *wide;
	uint64_t *slot;
	unsigned n;
};

static unsigned next(struct walk *w)
{
	if (w->narrow)
		return *w->narrow ? (uint8_t)*w->narrow++ : 0;
	return *w->wide ? *w->wide++ : 0;
}

static void put(struct walk *w, uint64_t value)
{
	if (w->n >= KIT_SLOTS)
		__builtin_trap();
	w->slot[w->n++] = value;
}

static void put_double(struct walk *w, double value)
{
	uint64_t bits;
	memcpy(&bits, &value, 8);
	put(w, bits);
}

/* Behind a '%': flags, width, precision, length, conversion. */
static void conversion(struct walk *w, va_list *ap)
{
	unsigned longs = 0, c;
	for (;;) {
		c = next(w);
		if (c == '*')
			put(w, (uint64_t)(int64_t)va_arg(*ap, int));
		else if (c == 'l')
			longs++;
		else if (c == 'j')
			longs = 2;
		else if (c == 'I') { /* I64, I32 */
			longs = next(w) == '6' ? 2 : 0;
			next(w);
		} else if (c == 0 || !(c == '-' || c == '+' || c == ' ' || c == '#' || c == '.' || (c >= '0' && c <= '9') || c == 'h' ||
				       c == 'w' || c == 'z' || c == 't' || c == 'L'))
			break;
	}
	if (c == 0 || c == '%')
		return;
	if (c == 'e' || c == 'f' || c == 'g' || c == 'a' || c == 'E' || c == 'F' || c == 'G' || c == 'A')
		put_double(w, va_arg(*ap, double));
	else if (longs >= 2)
		put(w, va_arg(*ap, uint64_t));
	else if (c == 'd' || c == 'i')
		put(w, (uint64_t)(int64_t)va_arg(*ap, int)); /* sign-extended, as the console's compiler passes an int */
	else
		put(w, va_arg(*ap, unsigned));
}

static unsigned walk_format(struct walk *w, va_list ap)
{
	va_list own;
	unsigned c;
	va_copy(own, ap);
	while ((c = next(w)) != 0) {
		if (c == '%')
			conversion(w, &own);
	}
	va_end(own);
	return w->n;
}

unsigned kit_slots_narrow(uint64_t *slot, unsigned n, const char *format, va_list ap)
{
	struct walk w = { format, NULL, slot, n };
	return walk_format(&w, ap);
}

unsigned kit_slots_wide(uint64_t *slot, unsigned n, const uint16_t *format, va_list ap)
{
	struct walk w = { NULL, format, slot, n };
	return walk_format(&w, ap);
}
