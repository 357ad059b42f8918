/* src/diff/logform.c - see logform.h. JSON is read by hand here: a log has tens of millions of lines, of which six keys are looked at. */
#include "config.h"

#include "src/diff/logform.h"

#include <stdlib.h>

/* ---- the table ------------------------------------------------------------------------------------------------------- */

struct log_form {
	const char *name;
	bool text;            /* lines of text, not JSON */
	const char *kind, *tid, *thread_key, *event_name, *sid, *osid, *handle; /* keys; several apart by blanks */
	uint64_t kinds;       /* that it can tell of; 0 = any */
};

/* Sources: "wedge": src/observe/log.h. "jsonl": what tracers of other emulators commonly write, a line being
 * {"tid":6,"event":"import.call","fn":"NtClose",...}. "xenia": its log, `i> 00000030 Added handle:00000338 for class xe::kernel::XEvent`,
 * `d> 00000030 NtClose(00000338)` (level, thread id, text); calls are logged by name and arguments before they are made. */
static const struct log_form forms[] = {
	{ .name = "wedge", .kind = "kind", .tid = "tid", .thread_key = "tk", .event_name = "name", .sid = "sid", .osid = "osid",
	  .handle = "handle" },
	{ .name = "jsonl", .kind = "event ev op", .tid = "tid thread thread_id", .thread_key = "tk", .event_name = "fn name export func",
	  .sid = "sid", .osid = "osid", .handle = "handle" },
	{ .name = "xenia", .text = true, .kinds = EV_BIT(EV_IMPORT_CALL) | EV_BIT(EV_HANDLE_CREATE) | EV_BIT(EV_HANDLE_DESTROY) },
};
#define FORM_WEDGE (&forms[0])

const char *log_form_name(const struct log_form *f) { return f ? f->name : ""; }
uint64_t log_form_kinds(const struct log_form *f) { return f && f->kinds ? f->kinds : EV_ALL; }

static bool is_one_of(const char *words, const char *word)
{
	for (const char *p = words; p && *p; p++) {
		const char *w = word;
		while (*w && *p == *w) {
			p++;
			w++;
		}
		if (!*w && (!*p || *p == ' '))
			return true;
		while (*p && *p != ' ')
			p++;
		if (!*p)
			return false;
	}
	return false;
}

/* ---- JSON ------------------------------------------------------------------------------------------------------------ */

enum value_type { VALUE_STRING, VALUE_NUMBER, VALUE_WORD, VALUE_NEST };

struct pair {
	char *key, *value;    /* NUL-ended */
	enum value_type type;
};

/* (strspn and strcspn build a table at each call: too slow for every key of every line.) */
static char *blanks(char *p)
{
	while (*p == ' ' || *p == '\t' || *p == '\r')
		p++;
	return p;
}

/* What comes behind a number or a word. */
static char *bare(char *p)
{
	while (*p > ' ' && *p != ',' && *p != '}' && *p != ']' && *p != '{' && *p != '[' && *p != '"')
		p++;
	return p;
}

static char *put_utf8(char *out, unsigned c)
{
	if (c < 0x80) {
		*out++ = (char)c;
	} else if (c < 0x800) {
		*out++ = (char)(0xC0 | c >> 6);
		*out++ = (char)(0x80 | (c & 0x3F));
	} else {
		*out++ = (char)(0xE0 | c >> 12);
		*out++ = (char)(0x80 | (c >> 6 & 0x3F));
		*out++ = (char)(0x80 | (c & 0x3F));
	}
	return out;
}

/* The escape at @p (behind the backslash), written to *@out; NULL: there is none. */
static char *escape(char *p, char **out)
{
	static const char letters[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
	const char *found = *p ? strchr(letters, *p) : NULL;
	if (found) {
		*(*out)++ = means[found - letters];
		return p + 1;
	}
	if (*p != 'u' || strspn(p + 1, "0123456789abcdefABCDEF") < 4)
		return NULL;
	char digits[5] = { p[1], p[2], p[3], p[4], 0 };
	unsigned c = (unsigned)strtoul(digits, NULL, 16);
	*out = put_utf8(*out, c ? c : 0xFFFD);
	return p + 5;
}

/* The string at @p (its quote), its escapes undone in place and NUL-ended. Returns what comes behind it, NULL if it does not end. */
static char *string(char *p, char **s)
{
	char *out = ++p;
	*s = p;
	while (*p && *p != '"' && *p != '\\')
		p++;
	out = p;
	while (p && *p && *p != '"') {
		if (*p == '\\')
			p = escape(p + 1, &out);
		else
			*out++ = *p++;
	}
	if (!p || !*p)
		return NULL;
	*out = 0;
	return p + 1;
}

/* What comes behind the object or array at @p, NULL if it does not end. */
static char *nest(char *p)
{
	unsigned depth = 0;
	do {
		while (*p && *p != '"' && *p != '[' && *p != ']' && *p != '{' && *p != '}')
			p++;
		if (*p == '"') {
			char *ignored;
			p = string(p, &ignored);
			if (!p)
				return NULL;
			continue;
		}
		if (!*p)
			return NULL;
		depth += *p == '[' || *p == '{';
		depth -= *p == ']' || *p == '}';
		p++;
	} while (depth);
	return p;
}

/* `"key":value` at @p; returns the comma or brace behind it, which may have been overwritten by the value's end: *@stop holds it. */
static char *pair(char *p, struct pair *v, char *stop)
{
	p = blanks(p);
	if (*p != '"')
		return NULL;
	p = string(p, &v->key);
	if (!p || *(p = blanks(p)) != ':')
		return NULL;
	p = blanks(p + 1);
	v->value = p;
	if (*p == '"') {
		v->type = VALUE_STRING;
		p = string(p, &v->value);
	} else if (*p == '{' || *p == '[') {
		v->type = VALUE_NEST;
		p = nest(p);
	} else {
		v->type = *p == '-' || (*p >= '0' && *p <= '9') ? VALUE_NUMBER : VALUE_WORD;
		p = bare(p);
		if (p == v->value)
			return NULL;
	}
	if (!p)
		return NULL;
	char *end = p;
	p = blanks(p);
	*stop = *p;
	*end = v->type == VALUE_NEST ? *end : 0;
	return *stop == ',' || *stop == '}' ? p + 1 : NULL;
}

/* ---- values ---------------------------------------------------------------------------------------------------------- */

static bool decimal(const struct pair *v, uint64_t most, uint64_t *n)
{
	char *end;
	if (v->type == VALUE_WORD || v->type == VALUE_NEST || *v->value < '0' || *v->value > '9')
		return false;
	*n = strtoull(v->value, &end, v->value[0] == '0' && (v->value[1] | 0x20) == 'x' ? 16 : 10);
	return !*end && *n <= most;
}

static bool hex(const char *s, uint64_t *n)
{
	unsigned digits = 0;
	for (*n = 0; *s; s++, digits++) {
		unsigned c = (uint8_t)*s, letter = c | 0x20;
		if ((c < '0' || c > '9') && (letter < 'a' || letter > 'f'))
			return false;
		*n = *n << 4 | (c <= '9' ? c - '0' : letter - 'a' + 10);
	}
	return digits && digits <= 16;
}

static void kind_set(struct log_event *ev, const char *name)
{
	int k = event_kind_find(name);
	ev->kind = k >= 0 ? (uint32_t)k : LOG_KIND_UNKNOWN | (uint32_t)fnv_str(FNV_BASIS, name);
	ev->kind_name = k >= 0 ? event_kind_name((enum event_kind)k) : name;
}

/* What a line of JSON has told so far. */
struct told {
	const char *kind;
	bool tid, wrong;
	bool complete;
	uint64_t events;
};

static void take(const struct log_form *f, const struct pair *v, struct log_event *ev, struct told *t)
{
	bool text = v->type == VALUE_STRING;
	uint64_t n = 0;
	if (is_one_of(f->kind, v->key)) {
		t->kind = text ? v->value : NULL;
	} else if (is_one_of(f->tid, v->key)) {
		t->tid = decimal(v, UINT32_MAX, &n);
		ev->tid = (uint32_t)n;
	} else if (is_one_of(f->thread_key, v->key)) {
		t->wrong |= !text || !hex(v->value, &ev->thread_key);
	} else if (is_one_of(f->sid, v->key)) {
		t->wrong |= !text || !hex(v->value, &ev->sid);
	} else if (is_one_of(f->osid, v->key)) {
		t->wrong |= !text || !hex(v->value, &ev->osid);
	} else if (is_one_of(f->event_name, v->key) && text) {
		ev->name = v->value;
	} else if (is_one_of(f->handle, v->key) && text) {
		ev->handle = v->value;
	} else if (f == FORM_WEDGE && !strcmp(v->key, "events")) {
		t->wrong |= !decimal(v, UINT64_MAX, &t->events);
	} else if (f == FORM_WEDGE && !strcmp(v->key, "complete")) {
		t->complete = !strcmp(v->value, "true");
	}
}

/* The lines of our own log that are no events. */
static enum log_line about_the_log(const struct told *t, uint64_t *number)
{
	*number = t->events;
	if (!strcmp(t->kind, "log.cut"))
		return LOG_LINE_CUT;
	if (!strcmp(t->kind, "log.gap"))
		return LOG_LINE_GAP;
	*number = t->complete;
	return !strcmp(t->kind, "log.end") ? LOG_LINE_END : LOG_LINE_EVENT;
}

#define PAIRS 64u             /* more keys than any event has: what comes behind them is not looked at */

static const struct log_form *form_of(const struct pair *v, unsigned n)
{
	for (unsigned f = 0; f < ARRAY_LEN(forms); f++)
		for (unsigned i = 0; i < n && !forms[f].text; i++)
			if (v[i].type == VALUE_STRING && is_one_of(forms[f].kind, v[i].key))
				return &forms[f];
	return NULL;
}

static enum log_line read_json(const struct log_form **form, char *line, struct log_event *ev, uint64_t *number)
{
	struct pair v[PAIRS];
	struct told t = { 0 };
	unsigned n = 0;
	char stop = ',';
	char *p = blanks(line);
	if (*p++ != '{')
		return LOG_LINE_BAD;
	while (stop == ',') {
		struct pair *slot = &v[n < PAIRS ? n : PAIRS - 1];
		p = pair(p, slot, &stop);
		if (!p)
			return LOG_LINE_BAD;
		n += n < PAIRS;
	}
	if (*blanks(p))
		return LOG_LINE_BAD;
	const struct log_form *f = *form ? *form : form_of(v, n);
	if (!f || f->text)
		return LOG_LINE_BAD;
	for (unsigned i = 0; i < n; i++)
		take(f, &v[i], ev, &t);
	if (!t.kind || t.wrong)
		return LOG_LINE_BAD;
	enum log_line what = f == FORM_WEDGE ? about_the_log(&t, number) : LOG_LINE_EVENT;
	if (what == LOG_LINE_EVENT && !t.tid)
		return LOG_LINE_BAD;
	*form = f;
	if (what == LOG_LINE_EVENT)
		kind_set(ev, t.kind);
	return what;
}

/* ---- text: `i> 00000030 NtClose(00000338)` ------------------------------------------------------------------------------ */

static bool text_head(const char *line)
{
	return line[0] && line[1] == '>' && line[2] == ' ' && strspn(line + 3, "0123456789ABCDEFabcdef") == 8 && line[11] == ' ';
}

static bool is_call(const char *text)
{
	size_t n = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
	return n > 2 && text[0] >= 'A' && text[0] <= 'Z' && text[n] == '(' && strchr(text + n, ')');
}

static enum log_line read_text(const struct log_form **form, char *line, struct log_event *ev)
{
	static const struct {
		const char *begin, *kind;
	} handles[] = { { "Added handle:", "handle.create" }, { "Removed handle:", "handle.destroy" } };
	if (!text_head(line))
		return *form ? LOG_LINE_OTHER : LOG_LINE_BAD; /* its messages have several lines */
	char *text = line + 12;
	*form = &forms[ARRAY_LEN(forms) - 1];
	ev->tid = (uint32_t)strtoul(line + 3, NULL, 16);
	for (unsigned i = 0; i < ARRAY_LEN(handles); i++) {
		size_t n = strlen(handles[i].begin);
		if (!strncmp(text, handles[i].begin, n)) {
			kind_set(ev, handles[i].kind);
			ev->handle = text + n;
			text[n + strcspn(text + n, " \r")] = 0;
			return LOG_LINE_EVENT;
		}
	}
	if (!is_call(text))
		return LOG_LINE_OTHER;
	kind_set(ev, "import.call");
	ev->name = text;
	*strchr(text, '(') = 0;
	return LOG_LINE_EVENT;
}

enum log_line log_form_read(const struct log_form **form, char *line, struct log_event *ev, uint64_t *number)
{
	*number = 0;
	if ((*form && (*form)->text) || (!*form && text_head(line)))
		return read_text(form, line, ev);
	return read_json(form, line, ev, number);
}
