/* ui/logline.c - see logline.h */
#include "config.h"

#include "ui/logline.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "ui/expr_priv.h"
#include "ui/inspect/stack.h"
#include "ui/session.h"

enum part_kind { PART_TEXT, PART_VALUE, PART_SYMBOL, PART_STACK };

struct log_format {
	char *text;
	unsigned count;
	struct part {
		enum part_kind kind;
		char *text; /* PART_TEXT */
		struct expr *value;
		char format;
		unsigned frames;
	} * part;
};

static struct part *add(struct log_format *f, enum part_kind kind)
{
	f->part = xrealloc(f->part, (f->count + 1) * sizeof *f->part);
	f->part[f->count] = (struct part){ .kind = kind };
	return &f->part[f->count++];
}

/* The form behind the last colon of @text: cut off; 0 = none, 'S' = sym. */
static char take_form(char *text)
{
	char *colon = strrchr(text, ':'), form;
	if (!colon)
		return 0;
	if (!strcmp(colon + 1, "sym"))
		form = 'S';
	else if (colon[1] && !colon[2] && strchr("xduotcsf", colon[1]))
		form = colon[1];
	else
		return 0;
	*colon = 0;
	return form;
}

static bool is_stack(const char *text, unsigned *frames)
{
	uint64_t n;
	if (strncmp(text, "bt:", 3) != 0 || !parse_number(text + 3, &n) || !n || n > 16)
		return false;
	*frames = (unsigned)n;
	return true;
}

static enum status add_value(struct log_format *f, const struct session *s, const char *inner, struct err *err)
{
	char text[512], dollar[512];
	unsigned frames;
	snprintf(text, sizeof text, "%s", inner);
	if (is_stack(text, &frames)) {
		add(f, PART_STACK)->frames = frames;
		return ST_OK;
	}
	char form = take_form(text);
	snprintf(dollar, sizeof dollar, "_%.*s", (int)sizeof dollar - 2, text);
	bool known = expr_name_find('v', dollar, strlen(dollar)) >= 0;
	snprintf(dollar, sizeof dollar, "%s%.*s", known ? "$_" : "", (int)sizeof dollar - 4, text);
	struct part *p = add(f, form == 'S' ? PART_SYMBOL : PART_VALUE);
	p->format = form;
	return expr_compile(s, dollar, false, NULL, &p->value, err);
}

static void add_text(struct log_format *f, const char *from, size_t n)
{
	char *text = xmalloc(n + 1);
	size_t used = 0;
	for (size_t i = 0; i < n; i++) {
		if (from[i] == '\\' && i + 1 < n) {
			i++;
			text[used++] = from[i];
			if (from[i] == 't')
				text[used - 1] = '\t';
			else if (from[i] == 'n')
				text[used - 1] = '\n';
		} else {
			/* A doubled brace is one. */
			i += (from[i] == '{' || from[i] == '}') && i + 1 < n && from[i + 1] == from[i];
			text[used++] = from[i];
		}
	}
	text[used] = 0;
	add(f, PART_TEXT)->text = text;
}

enum status log_format_compile(const struct session *s, const char *text, struct log_format **out, struct err *err)
{
	struct log_format *f = xcalloc(1, sizeof *f);
	enum status st = ST_OK;
	f->text = xstrdup(text);
	for (const char *p = text; *p && st == ST_OK;) {
		const char *open = p;
		while (*open && (*open != '{' || open[1] == '{'))
			open += *open == '{' ? 2 : 1;
		if (open != p)
			add_text(f, p, (size_t)(open - p));
		if (!*open)
			break;
		size_t n = strcspn(open + 1, "}");
		char inner[480];
		if (!open[n + 1] || n >= sizeof inner) {
			st = err_set(err, ST_BAD_VALUE, "a } is missing, at column %d of '%.160s'", (int)(open - text) + 1, text);
			break;
		}
		snprintf(inner, sizeof inner, "%.*s", (int)n, open + 1);
		st = add_value(f, s, inner, err);
		p = open + n + 2;
	}
	if (st != ST_OK) {
		log_format_free(f);
		return st;
	}
	*out = f;
	return ST_OK;
}

void log_format_free(struct log_format *f)
{
	if (!f)
		return;
	for (unsigned i = 0; i < f->count; i++) {
		free(f->part[i].text);
		expr_free(f->part[i].value);
	}
	free(f->part);
	free(f->text);
	free(f);
}

const char *log_format_text(const struct log_format *f)
{
	return f->text;
}

static void stack_text(const struct expr_context *c, unsigned frames, char *buf, size_t size)
{
	struct stack stack;
	*buf = 0;
	if (!c->thread)
		return;
	thread_stack(session_machine(c->s), c->thread, frames + 1, &stack);
	stack_line(session_machine(c->s), &stack, frames, buf, size);
}

static void value_text_of(const struct part *p, const struct expr_context *c, char *buf, size_t size)
{
	struct value v;
	struct err err;
	if (expr_value(p->value, c, &v, &err) != ST_OK)
		snprintf(buf, size, "<%.100s>", err.text);
	else if (p->kind == PART_SYMBOL && value_is_integer(&v) &&
		 code_text(session_machine(c->s), (uint32_t)v.u, buf, size)[0])
		return;
	else if (p->kind == PART_SYMBOL)
		snprintf(buf, size, "%08X", (uint32_t)v.u);
	/* Numbers that events count are read in decimal; what programs count, in hex. */
	else
		value_format(&v,
			p->format                                 ? p->format
			: value_is_integer(&v) && v.type == V_U32 ? 'x'
			: value_is_integer(&v)                    ? 'd'
								  : 0,
			buf, size);
}

void log_format_line(const struct log_format *f, const struct expr_context *c, char *buf, size_t size)
{
	size_t n = 0;
	buf[0] = 0;
	for (unsigned i = 0; i < f->count && n + 1 < size; i++) {
		const struct part *p = &f->part[i];
		if (p->kind == PART_TEXT)
			snprintf(buf + n, size - n, "%s", p->text);
		else if (p->kind == PART_STACK)
			stack_text(c, p->frames, buf + n, size - n);
		else
			value_text_of(p, c, buf + n, size - n);
		n += strlen(buf + n);
	}
}
