/* ui/out.c - see out.h */
#include "config.h"

#include "ui/out.h"

#include <stdarg.h>
#include <stdio.h>

void out_printf(struct out *o, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vfprintf(o->file, fmt, ap);
	va_end(ap);
}

const char *out_style(const struct out *o, enum out_style style)
{
	static const char *const sequences[STYLES] = {
		"\033[0m", "\033[1m", "\033[2m", "\033[1;31m", "\033[32m", "\033[33m", "\033[36m",
	};
	return o->colour ? sequences[style] : "";
}

void out_flow(struct out *o, const char *raw, unsigned indent)
{
	char visible[4096];
	const char *text = visible;
	unsigned column = indent, most = o->width ? o->width : OUT_WIDTH;
	bool first = true;
	visible_text(visible, sizeof visible, raw);
	while (*text) {
		size_t blanks = strspn(text, " "), n = blanks + strcspn(text + blanks, " ");
		if (!first && column + text_columns(text) > most && column + n > most) {
			out_printf(o, "\n%*s", (int)indent, "");
			text += blanks;
			n -= blanks;
			column = indent;
		}
		out_printf(o, "%.*s", (int)n, text);
		column += (unsigned)n;
		text += n;
		first = false;
	}
	out_printf(o, "\n");
}

char *text_decimal(char *at, uint64_t v)
{
	char digits[24], *p = digits + sizeof digits;
	do
		*--p = (char)('0' + v % 10);
	while (v /= 10);
	size_t n = (size_t)(digits + sizeof digits - p);
	memcpy(at, p, n);
	at[n] = 0;
	return at + n;
}

char *text_hex(char *at, uint64_t v, unsigned digits)
{
	while (digits < 16 && v >> (4 * digits))
		digits++;
	for (unsigned i = digits; i-- > 0; v >>= 4)
		at[i] = "0123456789ABCDEF"[v & 15];
	at[digits] = 0;
	return at + digits;
}

const char *cycles_text(char *buf, uint64_t v)
{
	char digits[24];
	int n = (int)(text_decimal(digits, v) - digits);
	char *p = buf;
	for (int i = 0; i < n; i++) {
		if (i && (n - i) % 3 == 0)
			*p++ = ',';
		*p++ = digits[i];
	}
	*p = 0;
	return buf;
}

unsigned utf8_length(const char *s)
{
	const uint8_t *p = (const uint8_t *)s;
	if (*p < 0x80)
		return *p >= 0x20 && *p != 0x7f;
	unsigned n = *p >= 0xf0 && *p < 0xf5 ? 4 : *p >= 0xe0 && *p < 0xf0 ? 3 : *p >= 0xc2 && *p < 0xe0 ? 2 : 0;
	if (!n)
		return 0;
	uint32_t c = *p & (0x7fu >> n);
	for (unsigned i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	bool control = c < 0xa0 || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
	               c == 0xfeff;
	bool bad = c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000);
	return control || bad ? 0 : n;
}

size_t visible_text(char *out, size_t size, const char *text)
{
	size_t used = 0, columns = 0;
	while (*text) {
		unsigned n = utf8_length(text);
		unsigned need = n ? n : 4;
		if (used + need >= size)
			break;
		if (n)
			memcpy(out + used, text, n);
		else
			snprintf(out + used, 5, "\\x%02X", (uint8_t)*text);
		columns += n ? 1 : 4;
		used += need;
		text += n ? n : 1;
	}
	out[used] = 0;
	return columns;
}

size_t text_columns(const char *text)
{
	size_t n = 0;
	for (; *text; text++)
		n += ((uint8_t)*text & 0xc0) != 0x80;
	return n;
}
