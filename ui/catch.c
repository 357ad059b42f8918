/* ui/catch.c - see catch.h */
#include "config.h"

#include "ui/catch.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernel/module.h"
#include "src/load/image.h"
#include "ui/block.h"
#include "ui/cmd.h"
#include "ui/expr.h"
#include "ui/logline.h"
#include "ui/session.h"

enum items { ITEMS_GLOB, ITEMS_RANGE, ITEMS_HANDLE, ITEMS_NUMBER, ITEMS_NONE };

static const struct {
	const char *word;
	enum items items;
} fields[] = {
#define CATCH_FIELD(id, word, items) { word, ITEMS_##items },
	CATCH_FIELDS(CATCH_FIELD)
#undef CATCH_FIELD
};

struct scanner {
	struct session *s;
	const char *text, *p;
	struct breakpoint *point;
	struct err *err;
};

#define TOKEN 256

/* The next token, quotes taken off; false at the end. A comma list may have blanks behind its commas. */
static bool token(struct scanner *x, char out[TOKEN])
{
	size_t n = 0;
	bool quoted = false;
	x->p += strspn(x->p, " \t");
	for (; *x->p && (quoted || !isspace((unsigned char)*x->p) || (n && out[n - 1] == ',')); x->p++) {
		if (*x->p == '"')
			quoted = !quoted;
		else if (n + 1 < TOKEN && (quoted || !isspace((unsigned char)*x->p)))
			out[n++] = *x->p;
	}
	out[n] = 0;
	return n || quoted;
}

static bool peek(const struct scanner *x, char out[TOKEN])
{
	struct scanner copy = *x;
	return token(&copy, out);
}

static bool accept(struct scanner *x, const char *word)
{
	char t[TOKEN];
	struct scanner copy = *x;
	if (!token(&copy, t) || strcmp(t, word) != 0)
		return false;
	x->p = copy.p;
	return true;
}

/* ---- kinds of events ------------------------------------------------------------------------------------------------------------ */

static const struct {
	const char *word, *kind;
} kind_words[] = { { "close", "handle.destroy" }, { "open", "handle.create" }, { "ghost", "object.found" }, { "refs", "object.surplus" } };

static const char *short_word(const char *name)
{
	const char *dot = strchr(name, '.');
	return dot ? dot + 1 : name;
}

static uint64_t kinds_named(const char *word)
{
	uint64_t set = 0;
	for (unsigned i = 0; i < ARRAY_LEN(kind_words); i++)
		if (!strcmp(kind_words[i].word, word))
			word = kind_words[i].kind;
	int k = event_kind_find(word);
	if (k >= 0)
		return EV_BIT(k);
	for (k = 0; strpbrk(word, "*?[") && k < EV_KINDS; k++)
		if (!fnmatch(word, event_kind_name((enum event_kind)k), 0) ||
			!fnmatch(word, short_word(event_kind_name((enum event_kind)k)), 0))
			set |= EV_BIT(k);
	return set;
}

static enum status no_kind(const char *word, struct err *err)
{
	char near[200] = "";
	for (unsigned k = 0; k < EV_KINDS; k++) {
		const char *name = event_kind_name((enum event_kind)k);
		size_t n = strlen(near), length = strlen(word);
		bool family = !strncmp(name, word, length) && name[length] == '.';
		bool close = length >= 3 && (!strncmp(short_word(name), word, 3) || word_distance(word, short_word(name)) <= 1 + length / 4 ||
		                             word_distance(word, name) <= 1 + length / 4);
		if ((family || close) && n + 40 < sizeof near)
			snprintf(near + n, sizeof near - n, "%s%s", n ? ", " : "", name);
	}
	if (near[0])
		return err_set(err, ST_NOT_FOUND, "there is no event '%.60s'; near: %s", word, near);
	return err_set(err, ST_NOT_FOUND, "there is no event '%.60s' (`info events` lists them)", word);
}

static enum status kinds_list(char *list, uint64_t *kinds, struct err *err)
{
	char *save = NULL;
	for (char *w = strtok_r(list, ",", &save); w; w = strtok_r(NULL, ",", &save)) {
		uint64_t set = kinds_named(w);
		if (!set)
			return no_kind(w, err);
		*kinds |= set;
	}
	return *kinds ? ST_OK : no_kind("", err);
}

/* ---- items ---------------------------------------------------------------------------------------------------------------------- */

static enum status range_end(struct scanner *x, const char *text, uint32_t *ga)
{
	return expr_address(x->s, text, ga, x->err);
}

/* A function's name is all of it; an address is one; A..B is a range. */
static enum status range_item(struct scanner *x, const char *text, struct catch_item *it)
{
	char first[TOKEN];
	uint32_t offset;
	const char *dots = strstr(text, "..");
	snprintf(first, sizeof first, "%.*s", dots ? (int)(dots - text) : TOKEN - 1, text);
	enum status st = range_end(x, first, &it->low);
	it->high = it->low;
	if (st != ST_OK)
		return st;
	if (dots) {
		st = range_end(x, dots + 2, &it->high);
		return st != ST_OK || it->high >= it->low
			       ? st
			       : err_set(x->err, ST_BAD_VALUE, "the range %.80s ends before it begins", text);
	}
	const struct image_symbol *named = machine_symbol_find(session_machine(x->s), first),
				  *f = image_symbol_at(machine_image_at(session_machine(x->s), it->low), it->low, &offset);
	if (named && f && f->size)
		it->high = f->ga + f->size; /* the last word may be a call: its return address lies behind the function */
	return ST_OK;
}

static enum status handle_item(struct scanner *x, const char *text, struct catch_item *it)
{
	char *end;
	uint64_t v = 0;
	if (*text == '$') {
		enum status st = expr_eval(x->s, text, false, &v, x->err);
		it->low = (uint32_t)v;
		return st;
	}
	it->low = (uint32_t)strtoul(text, &end, 16);
	if (*end == '#' && isdigit((unsigned char)end[1]))
		it->generation = (uint32_t)strtoul(end + 1, &end, 10);
	if (end == text || *end || strlen(text) > 20)
		return err_set(x->err, ST_BAD_VALUE, "'%.60s' is no handle: write 12ac or 12ac#3", text);
	return ST_OK;
}

static enum status number_item(struct scanner *x, const char *text, struct catch_item *it)
{
	uint64_t v;
	if (!parse_number(*text == '@' ? text + 1 : text, &v) || !v || v > UINT32_MAX)
		return err_set(x->err, ST_BAD_VALUE, "'%.60s' is no object: write @17", text);
	it->low = (uint32_t)v;
	return ST_OK;
}

static enum status item(struct scanner *x, enum items items, const char *text, struct catch_term *t)
{
	if (t->count == CATCH_ITEMS_MAX)
		return err_set(x->err, ST_BAD_USAGE, "a list has at most %u items", CATCH_ITEMS_MAX);
	struct catch_item *it = &t->item[t->count++];
	switch (items) {
	case ITEMS_RANGE: return range_item(x, text, it);
	case ITEMS_HANDLE: return handle_item(x, text, it);
	case ITEMS_NUMBER: return number_item(x, text, it);
	default: break;
	}
	if (strlen(text) >= sizeof it->glob)
		return err_set(x->err, ST_BAD_VALUE, "'%.60s...' is longer than %u letters", text, CATCH_GLOB - 1);
	strcpy(it->glob, text);
	if (t->field == CATCH_THREAD && strspn(text, "0123456789") == strlen(text))
		it->low = (uint32_t)strtoul(text, NULL, 10);
	return ST_OK;
}

/* ---- selectors ------------------------------------------------------------------------------------------------------------------ */

/* "depth 3", "depth 1..6" behind a caller. */
static enum status depth(struct scanner *x, struct catch_term *t)
{
	char text[TOKEN] = "", *end;
	t->depth_low = 1;
	t->depth_high = 16;
	if (!accept(x, "depth"))
		return ST_OK;
	token(x, text);
	unsigned long low = strtoul(text, &end, 10), high = low;
	if (!strncmp(end, "..", 2))
		high = strtoul(end + 2, &end, 10);
	if (*end || low < 1 || high < low || high > WALK_FRAMES_MAX)
		return err_set(x->err, ST_BAD_VALUE, "a depth is N or A..B within 1..%u, not '%.40s'", WALK_FRAMES_MAX, text);
	t->depth_low = (uint8_t)low;
	t->depth_high = (uint8_t)high;
	return ST_OK;
}

static enum status selector(struct scanner *x, unsigned field, bool negated)
{
	struct catchpoint *c = x->point->catch;
	char text[TOKEN], *save = NULL;
	enum status st = ST_OK;
	if (x->point->kind == POINT_FRAME)
		return err_set(x->err, ST_BAD_USAGE, "pframe has no selectors, '%s' is one: if -t -k -silent -log do may follow", fields[field].word);
	if (c->standstill)
		return err_set(x->err, ST_BAD_USAGE, "wedge has no selectors, '%s' is one: if -t -k -silent -log do may follow", fields[field].word);
	if (c->terms == CATCH_TERMS_MAX)
		return err_set(x->err, ST_BAD_USAGE, "a catchpoint has at most %u selectors", CATCH_TERMS_MAX);
	struct catch_term *t = &c->term[c->terms++];
	t->field = (uint8_t)field;
	t->negated = negated;
	if (fields[field].items == ITEMS_NONE)
		return ST_OK;
	if (accept(x, "!"))
		t->negated = !t->negated;
	if (!token(x, text))
		return err_set(x->err, ST_BAD_USAGE, "%s takes a value, or a list of them", fields[field].word);
	char *list = text;
	if (*list == '!') {
		t->negated = !t->negated;
		list++;
	}
	for (char *w = strtok_r(list, ",", &save); w && st == ST_OK; w = strtok_r(NULL, ",", &save))
		st = item(x, fields[field].items, w, t);
	if (st == ST_OK && !t->count)
		st = err_set(x->err, ST_BAD_USAGE, "%s takes a value, or a list of them", fields[field].word);
	if (st == ST_OK && field == CATCH_CALLER)
		st = depth(x, t);
	if (st == ST_OK && field == CATCH_HANDLE)
		t->exact = accept(x, "exact");
	return st;
}

/* ---- the event ------------------------------------------------------------------------------------------------------------------ */

/* export NAME [enter|return|both] */
static enum status export_event(struct scanner *x)
{
	struct catchpoint *c = x->point->catch;
	enum status st = selector(x, CATCH_EXPORT, false);
	c->kinds = EV_BIT(EV_KERNEL_CALL);
	if (accept(x, "return"))
		c->kinds = EV_BIT(EV_KERNEL_RETURN);
	else if (accept(x, "both"))
		c->kinds |= EV_BIT(EV_KERNEL_RETURN);
	else
		accept(x, "enter");
	return st;
}

/* pframe ADDRESS: the frame is meant, whatever comes to lie at that address. */
static enum status frame_event(struct scanner *x)
{
	char place[TOKEN], *what = xmalloc(24);
	uint32_t ga = 0, frame;
	enum status st = token(x, place) ? expr_address(x->s, place, &ga, x->err)
					 : err_set(x->err, ST_BAD_USAGE, "an address is missing: catch pframe ADDRESS");
	if (st == ST_OK && !mem_frame_behind(&session_machine(x->s)->mem, ga, &frame))
		st = err_set(x->err, ST_BAD_ADDRESS, "there is no frame behind %08X", ga);
	if (st == ST_OK)
		x->point->ga = frame_window(frame);
	x->point->kind = POINT_FRAME;
	snprintf(what, 24, "pframe 0x%08x", x->point->ga);
	x->point->what = what;
	return st;
}

static enum status event(struct scanner *x)
{
	struct catchpoint *c = x->point->catch;
	char first[TOKEN], second[TOKEN], both[2 * TOKEN + 2];
	if (!token(x, first))
		return err_set(x->err, ST_BAD_USAGE, "an event is missing: catch EVENT [SELECTOR...] (`help catch`)");
	if (!strcmp(first, "export"))
		return export_event(x);
	if (!strcmp(first, "pframe"))
		return frame_event(x);
	if (!strcmp(first, "fail")) {
		c->kinds = EV_BIT(EV_KERNEL_RETURN);
		c->failed_only = true;
		return ST_OK;
	}
	if (!strcmp(first, "unsatisfiable-wait")) {
		c->kinds = EV_BIT(EV_OBJECT_WAIT);
		c->hopeless_only = true;
		return ST_OK;
	}
	/* The machine stops there in any case: what may follow is a condition, a log, commands. */
	if (!strcmp(first, "wedge")) {
		c->standstill = true;
		return ST_OK;
	}
	/* "thread create": family and kind apart. */
	if (peek(x, second) && !strchr(first, '.')) {
		snprintf(both, sizeof both, "%s.%s", first, second);
		if (strcmp(second, "if") != 0 && kinds_named(both)) {
			token(x, second);
			c->kinds = kinds_named(both);
			return ST_OK;
		}
	}
	return kinds_list(first, &c->kinds, x->err);
}

/* ---- what follows --------------------------------------------------------------------------------------------------------------- */

static const char *const tails[] = { "-t", "-k", "-log", "-silent", "do" };

const char *catch_expression_end(const char *text)
{
	bool quoted = false;
	for (const char *p = text; *p; p++) {
		quoted ^= *p == '"';
		if (quoted || !isspace((unsigned char)*p))
			continue;
		for (unsigned i = 0; i < ARRAY_LEN(tails); i++) {
			size_t n = strlen(tails[i]);
			if (!strncmp(p + 1, tails[i], n) && (!p[1 + n] || isspace((unsigned char)p[1 + n])))
				return p;
		}
	}
	return text + strlen(text);
}

static enum status condition(struct scanner *x)
{
	const char *end = catch_expression_end(x->p);
	char text[1024];
	x->p += strspn(x->p, " \t");
	snprintf(text, sizeof text, "%.*s", (int)(end - x->p), x->p);
	x->p = end;
	return expr_compile(x->s, text, false, NULL, &x->point->condition, x->err);
}

/* CMD; CMD to the end of the line. */
static void stop_commands(struct scanner *x)
{
	char *copy = xstrdup(x->p), *save = NULL;
	x->point->commands = block_new("");
	for (char *w = strtok_r(copy, ";", &save); w; w = strtok_r(NULL, ";", &save)) {
		w += strspn(w, " \t");
		if (!strcmp(w, "silent"))
			x->point->silent = true;
		else if (*w)
			block_add(x->point->commands, w, 1);
	}
	free(copy);
	x->p += strlen(x->p);
}

static enum status log_text(struct scanner *x)
{
	char text[TOKEN];
	x->p += strspn(x->p, " \t");
	if (*x->p != '"')
		return err_set(x->err, ST_BAD_USAGE, "-log takes a \"FORMAT\" in quotes");
	token(x, text);
	return log_format_compile(x->s, text, &x->point->log, x->err);
}

static enum status tail(struct scanner *x, const char *word)
{
	struct breakpoint *p = x->point;
	char number[TOKEN] = "";
	if (!strcmp(word, "if"))
		return condition(x);
	if (!strcmp(word, "-log"))
		return log_text(x);
	if (!strcmp(word, "-silent")) {
		p->silent = true;
	} else if (!strcmp(word, "-t")) {
		p->temporary = true;
		p->fate = FATE_DELETE;
	} else if (!strcmp(word, "do")) {
		stop_commands(x);
	} else if (!strcmp(word, "-k")) {
		token(x, number);
		if (!parse_count(number, &p->ignore))
			return err_set(x->err, ST_BAD_VALUE, "-k takes the number of hits to pass, not '%.40s'", number);
	} else {
		return err_set(x->err, ST_BAD_USAGE,
			"'%.60s' is no selector (type export lr caller handle obj name thread from-host if -t -k -log do)", word);
	}
	return ST_OK;
}

/* What was written, with the handles that expressions named then: it is shown, and saved. */
static char *resolved(const struct session *s, const char *text, size_t n)
{
	char *out = xcalloc(1, 12 * n + 1), *at = out;
	for (size_t i = 0; i < n;) {
		char name[TOKEN];
		uint64_t v;
		size_t length = text[i] == '$' ? strcspn(text + i, " \t,") : 0;
		snprintf(name, sizeof name, "%.*s", (int)length, text + i);
		if (length && length < sizeof name && expr_eval(s, name, false, &v, NULL) == ST_OK) {
			at += sprintf(at, "%x", (uint32_t)v);
			i += length;
		} else {
			*at++ = text[i++];
		}
	}
	return out;
}

enum status catch_parse(struct session *s, const char *text, struct breakpoint *p, struct err *err)
{
	struct scanner x = { s, text, text, p, err };
	char word[TOKEN];
	p->catch = xcalloc(1, sizeof *p->catch);
	enum status st = event(&x);
	const char *what_end = x.p; /* of event and selectors */
	while (st == ST_OK && token(&x, word)) {
		unsigned f = 0;
		bool negated = word[0] == '!';
		if (negated && !word[1] && !token(&x, word))
			break;
		const char *name = word[0] == '!' ? word + 1 : word;
		while (f < ARRAY_LEN(fields) && strcmp(fields[f].word, name) != 0)
			f++;
		st = f < ARRAY_LEN(fields) ? selector(&x, f, negated) : tail(&x, word);
		if (f < ARRAY_LEN(fields))
			what_end = x.p;
	}
	if (!p->what)
		p->what = resolved(s, text, (size_t)(what_end - text));
	return st;
}

const char *catch_word(unsigned i)
{
	static const char *const more[] = { "export", "fail", "close", "ghost", "refs", "wedge", "unsatisfiable-wait", "pframe", "if", "exact", "depth", "enter", "return", "both" };
	if (i < ARRAY_LEN(fields))
		return fields[i].word;
	i -= (unsigned)ARRAY_LEN(fields);
	if (i < ARRAY_LEN(tails))
		return tails[i];
	i -= (unsigned)ARRAY_LEN(tails);
	return i < ARRAY_LEN(more) ? more[i] : NULL;
}
