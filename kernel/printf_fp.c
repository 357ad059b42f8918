/* kernel/printf_fp.c - see printf_fp.h. (Microsoft documents both rules where it ends them: "UCRT changes in Visual Studio 2015".) */
#include "config.h"

#include "kernel/printf_fp.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define DIGITS 17u
#define QUIET UINT64_C(0x0008000000000000)
#define MANTISSA UINT64_C(0x000FFFFFFFFFFFFF)

/* digit[0].digit[1]... x 10^exponent */
struct decimal {
	char digit[DIGITS + 2];
	unsigned count;
	int exponent;
};

struct text {
	char *at;
	size_t room;                  /* behind @at, the NUL's byte not counted */
};

static void put(struct text *t, char ch)
{
	if (!t->room)
		return;
	*t->at++ = ch;
	t->room--;
}

static const char *not_finite(uint64_t bits)
{
	if (!(bits & MANTISSA))
		return "1#INF";
	if (!(bits & QUIET))
		return "1#SNAN";
	return bits >> 63 && (bits & MANTISSA) == QUIET ? "1#IND" : "1#QNAN";
}

static void decimal_of(uint64_t bits, struct decimal *d)
{
	char text[40];
	double v;
	memcpy(&v, &bits, sizeof v);
	memset(d, 0, sizeof *d);
	if (!isfinite(v)) {
		d->count = (unsigned)snprintf(d->digit, sizeof d->digit, "%s", not_finite(bits));
		return;
	}
	snprintf(text, sizeof text, "%.*e", (int)DIGITS - 1, fabs(v));
	d->digit[0] = text[0];
	memcpy(d->digit + 1, text + 2, DIGITS - 1);
	d->count = DIGITS;
	d->exponent = atoi(strchr(text, 'e') + 1);
}

/* The first @n digits, rounded half up by the next one; below 0 nothing is left, and nothing is rounded. */
static void cut(struct decimal *d, int n)
{
	if (n >= (int)d->count)
		return;
	bool up = n >= 0 && d->digit[n] >= '5';
	d->count = n > 0 ? (unsigned)n : 0;
	if (!up)
		return;
	for (unsigned i = d->count; i-- > 0; d->digit[i] = '0') {
		if (d->digit[i] != '9') {
			d->digit[i]++;
			return;
		}
	}
	memmove(d->digit + 1, d->digit, d->count); /* all nines: one more in front */
	d->digit[0] = '1';
	d->count++;
	d->exponent++;
}

/* The digit worth 10^(exponent - i). */
static char digit(const struct decimal *d, int i)
{
	return i >= 0 && i < (int)d->count ? d->digit[i] : '0';
}

/* @precision digits from number @i on behind a point, trailing zeros dropped if @strip. */
static void fraction(struct text *t, const struct decimal *d, int i, int precision, bool alt, bool strip)
{
	while (strip && precision > 0 && digit(d, i + precision - 1) == '0')
		precision--;
	if (precision > 0 || alt)
		put(t, '.');
	for (int k = 0; k < precision; k++)
		put(t, digit(d, i + k));
}

static void fixed(struct text *t, const struct decimal *d, int precision, bool alt, bool strip)
{
	for (int i = 0; i <= d->exponent; i++)
		put(t, digit(d, i));
	if (d->exponent < 0)
		put(t, '0');
	fraction(t, d, d->exponent + 1, precision, alt, strip);
}

static void scientific(struct text *t, const struct decimal *d, char letter, int precision, bool alt, bool strip)
{
	char exponent[8];
	put(t, digit(d, 0));
	fraction(t, d, 1, precision, alt, strip);
	snprintf(exponent, sizeof exponent, "%c%c%03u", letter, d->exponent < 0 ? '-' : '+', (unsigned)abs(d->exponent) % 1000);
	for (const char *p = exponent; *p; p++)
		put(t, *p);
}

void printf_fp(char *out, size_t size, uint64_t bits, char conv, uint32_t precision, bool alt)
{
	struct text t = { out, size - 1 };
	struct decimal d;
	int n = (int)precision;
	char letter = conv == 'E' || conv == 'G' ? 'E' : 'e';
	decimal_of(bits, &d);
	if (conv == 'f' || conv == 'F') {
		cut(&d, n + d.exponent + 1);
		fixed(&t, &d, n, alt, false);
	} else if (conv == 'e' || conv == 'E') {
		cut(&d, n + 1);
		scientific(&t, &d, letter, n, alt, false);
	} else {
		n = n ? n : 1;
		cut(&d, n);
		if (d.exponent < -4 || d.exponent >= n)
			scientific(&t, &d, letter, n - 1, alt, !alt);
		else
			fixed(&t, &d, n - 1 - d.exponent, alt, !alt);
	}
	*t.at = '\0';
}
