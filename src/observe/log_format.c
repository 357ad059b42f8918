/* src/observe/log_format.c - one event as one line of JSON, by hand: a million of them a second. See log.h. */
#include "config.h"

#include <stdio.h>

#include "src/observe/log.h"
#include "src/observe/log_priv.h"

/*
 * No line is longer than LOG_LINE_MAX: a byte of a string takes 6 at most (\u00xx), and all the rest, with 16 arguments and 4 facts, less than
 * 2000. tests/t_log.c writes the longest line of every kind.
 */
#define NAME_BYTES 100u       /* of an export's or a type's name; both are ours */
_Static_assert(6 * (LOG_TEXT_MAX + 2 * NAME_BYTES) + 2000 < LOG_LINE_MAX, "the longest line fits");

/* ---- numbers and strings ------------------------------------------------------------------------------------------------ */

/* Appends a constant string. */
#define PUT(p, s) (memcpy((p), (s), sizeof(s) - 1), (p) + sizeof(s) - 1)

static char *put_text(char *p, const struct log_text *t)
{
	memcpy(p, t->text, sizeof t->text); /* there is room for all of it; a copy of fixed size is the fastest */
	return p + t->len;
}

static char *put_u64(char *p, uint64_t v)
{
	char digits[20];
	unsigned n = sizeof digits;
	for (; v >= 100; v /= 100) {
		unsigned two = (unsigned)(v % 100);
		digits[--n] = (char)('0' + two % 10);
		digits[--n] = (char)('0' + two / 10);
	}
	if (v >= 10) {
		digits[--n] = (char)('0' + v % 10);
		v /= 10;
	}
	digits[--n] = (char)('0' + v);
	memcpy(p, digits + n, sizeof digits - n);
	return p + sizeof digits - n;
}

static char *put_s64(char *p, int64_t v)
{
	if (v < 0)
		*p++ = '-';
	return put_u64(p, v < 0 ? -(uint64_t)v : (uint64_t)v);
}

/* The eight hex digits of @v as they lie in memory: its nibbles spread to bytes, all eight turned into digits at once. */
static uint64_t hex_digits(uint32_t v)
{
	uint64_t n = v;
	n = (n << 16 | n) & UINT64_C(0x0000FFFF0000FFFF);
	n = (n << 8 | n) & UINT64_C(0x00FF00FF00FF00FF);
	n = (n << 4 | n) & UINT64_C(0x0F0F0F0F0F0F0F0F);
	uint64_t letters = ((n + UINT64_C(0x0606060606060606)) >> 4) & UINT64_C(0x0101010101010101);
	n += UINT64_C(0x3030303030303030) + letters * ('a' - '0' - 10);
	return __builtin_bswap64(n);
}

/* The last @digits (1 to 16) hex digits of @v. */
static char *put_digits(char *p, uint64_t v, unsigned digits)
{
	uint64_t text[2] = { hex_digits((uint32_t)(v >> 32)), hex_digits((uint32_t)v) };
	memcpy(p, (const char *)text + 16 - digits, digits);
	return p + digits;
}

static char *put_hex(char *p, uint64_t v)
{
	return put_digits(p, v, v ? (67 - (unsigned)__builtin_clzll(v)) / 4 : 1);
}

/* Length of the UTF-8 character at @s, 0 if there is none: overlong forms, surrogates and stray bytes are none. */
static unsigned utf8_length(const uint8_t *s)
{
	unsigned n = s[0] < 0x80 ? 1 : s[0] < 0xC2 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : s[0] < 0xF5 ? 4 : 0;
	for (unsigned i = 1; i < n; i++)
		if ((s[i] & 0xC0) != 0x80)
			return 0;
	if ((s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xED && s[1] > 0x9F) || (s[0] == 0xF0 && s[1] < 0x90) ||
	    (s[0] == 0xF4 && s[1] > 0x8F))
		return 0;
	return n;
}

static char *put_escaped(char *p, uint8_t c)
{
	static const char names[] = { ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r', ['"'] = '"', ['\\'] = '\\' };
	*p++ = '\\';
	if (c < sizeof names && names[c]) {
		*p++ = names[c];
		return p;
	}
	p = PUT(p, "u00");
	return put_digits(p, c, 2);
}

/* A JSON string of at most @max bytes of @s; @s is NUL-ended or at least @max long. */
static char *put_string(char *p, const char *s, size_t max)
{
	const uint8_t *u = (const uint8_t *)s, *end = u + strnlen(s, max);
	*p++ = '"';
	while (u < end) {
		if (*u >= 0x20 && *u < 0x80 && *u != '"' && *u != '\\') {
			*p++ = (char)*u++;
			continue;
		}
		if (*u < 0x80) {
			p = put_escaped(p, *u++);
			continue;
		}
		uint8_t c[4] = { 0 };
		memcpy(c, u, (size_t)(end - u) < sizeof c ? (size_t)(end - u) : sizeof c);
		unsigned n = utf8_length(c);
		if (n) {
			memcpy(p, c, n);
			p += n;
			u += n;
		} else {
			p = PUT(p, "\xEF\xBF\xBD"); /* U+FFFD */
			u++;
		}
	}
	*p++ = '"';
	return p;
}

/* ---- lines -------------------------------------------------------------------------------------------------------------- */

/* Is the number called by @name one that people read in hex? Its last word says so. */
static bool reads_as_hex(const char *name, size_t len)
{
	static const char *const words[] = { "address", "handle", "routine", "context", "status", "word", "exception code", "frame", "handler",
		"record" };
	for (unsigned i = 0; i < ARRAY_LEN(words); i++) {
		size_t n = strlen(words[i]);
		if (len >= n && !strncmp(name + len - n, words[i], n))
			return true;
	}
	return false;
}

static void text_set(struct log_text *t, const char *before, const char *s, size_t len, const char *behind)
{
	int n = snprintf(t->text, sizeof t->text, "%s%.*s%s", before, (int)len, s, behind);
	INVARIANT(n > 0 && (size_t)n < sizeof t->text);
	t->len = (uint8_t)n;
}

void log_words_fill(struct log_words *w, enum event_kind kind)
{
	const char *name = event_kind_name(kind), *aux = event_kind_aux(kind);
	*w = (struct log_words){ 0 };
	text_set(&w->kind, ",\"kind\":\"", name, strlen(name), "\"");
	while (*aux) {
		size_t len = strcspn(aux, ",");
		INVARIANT(w->keys < LOG_KEYS);
		w->hex[w->keys] = reads_as_hex(aux, len);
		struct log_text *key = &w->key[w->keys++];
		text_set(key, ",\"", aux, len, "\":");
		for (char *c = key->text; *c; c++)
			if (*c == ' ')
				*c = '_';
		aux += len;
		aux += strspn(aux, ", ");
	}
}

/* `name` is the export's for what calls do, else the object's. */
static char *put_name(char *p, const struct event *ev)
{
	bool call = ev->kind <= EV_STUB;
	if (ev->object_name[0] && !call)
		return put_string(PUT(p, ",\"name\":"), ev->object_name, sizeof ev->object_name);
	if (ev->name)
		return put_string(PUT(p, ",\"name\":"), ev->name, NAME_BYTES);
	return p;
}
_Static_assert(EV_STUB == 3, "the kinds up to it are about calls");

static char *put_identity(char *p, const struct event *ev)
{
	if (ev->sid) {
		p = put_digits(PUT(p, ",\"sid\":\""), ev->sid, 16);
		*p++ = '"';
	}
	if (ev->osid) {
		p = put_digits(PUT(p, ",\"osid\":\""), ev->osid, 16);
		*p++ = '"';
	}
	if (ev->type_name)
		p = put_string(PUT(p, ",\"type\":"), ev->type_name, NAME_BYTES);
	if (ev->handle) {
		p = put_hex(PUT(p, ",\"handle\":\""), ev->handle);
		*p++ = '"';
	}
	if (ev->generation)
		p = put_u64(PUT(p, ",\"gen\":"), ev->generation);
	if (ev->object)
		p = put_u64(PUT(p, ",\"obj\":"), ev->object);
	if (ev->object_ga) {
		p = put_hex(PUT(p, ",\"ga\":\""), ev->object_ga);
		*p++ = '"';
	}
	if (ev->lr) {
		p = put_hex(PUT(p, ",\"lr\":\""), ev->lr);
		*p++ = '"';
	}
	return p;
}

static char *put_args(char *p, const struct event *ev)
{
	p = PUT(p, ",\"args\":[");
	for (unsigned i = 0; i < ev->nargs && i < EVENT_ARGS; i++) {
		if (i)
			*p++ = ',';
		*p++ = '"';
		p = put_hex(p, ev->args[i]);
		*p++ = '"';
	}
	*p++ = ']';
	return p;
}

static char *put_aux(char *p, const struct log_words *w, const struct event *ev)
{
	for (unsigned i = 0; i < w->keys; i++) {
		p = put_text(p, &w->key[i]);
		if (w->hex[i]) {
			*p++ = '"';
			p = put_hex(p, ev->aux[i]);
			*p++ = '"';
		} else {
			p = put_s64(p, (int64_t)ev->aux[i]); /* "never" is -1 */
		}
	}
	return p;
}

size_t log_line(const struct log_words *w, const struct event *ev, char *line)
{
	char *p = line;
	p = put_u64(PUT(p, "{\"seq\":"), ev->seq);
	p = put_u64(PUT(p, ",\"tid\":"), ev->tid);
	p = put_digits(PUT(p, ",\"tk\":\""), ev->thread_key, 16);
	p = put_u64(PUT(p, "\",\"ti\":"), ev->thread_index);
	p = put_u64(PUT(p, ",\"cyc\":"), ev->cycle);
	p = put_text(p, &w->kind);
	p = put_name(p, ev);
	p = put_identity(p, ev);
	if (ev->kind == EV_KERNEL_CALL)
		p = put_args(p, ev);
	if (ev->text) {
		p = put_string(PUT(p, ",\"text\":"), ev->text, LOG_TEXT_MAX);
		if (strnlen(ev->text, LOG_TEXT_MAX + 1) > LOG_TEXT_MAX)
			p = put_u64(PUT(p, ",\"cut\":"), strlen(ev->text));
	}
	if (ev->kind == EV_KERNEL_RETURN) {
		p = put_hex(PUT(p, ",\"result\":\""), ev->result);
		*p++ = '"';
	}
	p = put_aux(p, w, ev);
	p = PUT(p, "}\n");
	return (size_t)(p - line);
}

size_t log_format(const struct event *ev, char line[LOG_LINE_MAX])
{
	struct log_words w;
	log_words_fill(&w, ev->kind);
	size_t n = log_line(&w, ev, line);
	line[n] = 0;
	return n;
}
