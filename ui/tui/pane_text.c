/* ui/tui/pane_text.c - panes of text: the title's output, the commands', the report, the keys. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "ui/out.h"
#include "ui/report.h"
#include "ui/tui/panes.h"
#include "ui/tui/tui_priv.h"

#define LEAST_WIDTH 40u /* of a report, whatever the pane's is */

static void put_output(struct view *v, const char *text, const char *none)
{
	if (text && *text)
		view_text(v, ROLE_TEXT, text);
	else
		view_text(v, ROLE_DIM, none);
	for (unsigned i = 0; i < v->lines; i++)
		if (!strncmp(view_texts(v, &v->line[i]), "(wedge) ", 8))
			v->line[i].role = ROLE_PROMPT;
		else if (!strncmp(view_texts(v, &v->line[i]), "error: ", 7))
			v->line[i].role = ROLE_ERROR;
	v->at_line = (int)v->lines - 1;
}

/* What had been printed by the moment at which the machine stands. */
void pane_console(struct view *v, const struct pane_ask *a)
{
	const struct printed *p = &a->s->printed;
	uint64_t now = event_seq(&a->query.machine->events);
	if (p->dropped)
		view_textf(v, ROLE_DIM, "(%llu older lines are no longer kept)", (unsigned long long)p->dropped);
	for (unsigned i = 0; i < p->count && p->line[i].seq < now; i++)
		view_text(v, ROLE_TEXT, p->line[i].text);
	if (!v->lines)
		view_text(v, ROLE_DIM, "the title has printed nothing so far");
	v->at_line = (int)v->lines - 1;
}

void pane_command(struct view *v, const struct pane_ask *a)
{
	put_output(v, a->output, "");
	snprintf(v->title, sizeof v->title, "Tab complete  Esc pane");
}

/* ---- the report ------------------------------------------------------------------------------------------------------------- */

static enum role report_role(const char *line)
{
	static const char *const heads[] = { "QUIET", "STATE", "CAUSE", "SIG", "ROOTS", "CHAIN", "PARKED", "NEXT", "RUNS",
		"STALL", "STILL", "END", "STOPS" };
	if (!strncmp(line, "WEDGE", 5) || !strncmp(line, "ROOT ", 5) || !strncmp(line, "ODD", 3) || strstr(line, "never-sent") ||
		strstr(line, "NOBODY"))
		return ROLE_ANOMALY;
	for (unsigned i = 0; i < ARRAY_LEN(heads); i++)
		if (!strncmp(line, heads[i], strlen(heads[i])))
			return ROLE_HEADER;
	return strstr(line, "~>") ? ROLE_INFERRED : strstr(line, "=>") ? ROLE_PROVEN : ROLE_TEXT;
}

void pane_report(struct view *v, const struct pane_ask *a)
{
	struct report r;
	char *text = NULL;
	size_t size;
	if (a->running) {
		view_text(v, ROLE_DIM, "(while the title runs: at the next stop)");
		return;
	}
	FILE *f = open_memstream(&text, &size);
	if (!f)
		return;
	struct out o = { .file = f, .width = a->cols > LEAST_WIDTH ? a->cols - 1 : LEAST_WIDTH };
	report_make(a->s, &r);
	report_print(&r, &o);
	snprintf(v->title, sizeof v->title, "%s  %s", r.ended ? "ENDED" : verdict_word(&r),
		r.verdict == VERDICT_RUNNING ? "" : r.signature);
	report_free(&r);
	fclose(f);
	view_text(v, ROLE_TEXT, text ? text : "");
	for (unsigned i = 0; i < v->lines; i++)
		v->line[i].role = (uint8_t)report_role(view_texts(v, &v->line[i]));
	free(text);
}

/* ---- help --------------------------------------------------------------------------------------------------------------------- */

static void put_keys(struct view *v, const struct tui *t, enum tui_context context, const char *title)
{
	char keys[80];
	view_text(v, ROLE_HEADER, title);
	for (unsigned i = 0; i < ACTIONS; i++) {
		if (action_context(i) != context)
			continue;
		binding_keys(t, i, keys, sizeof keys);
		view_textf(v, ROLE_TEXT, "%-14s %s", keys, action_help(i));
	}
}

void pane_help(struct view *v, const struct pane_ask *a)
{
	const struct tui *t = a->tui;
	const struct pane_def *about = &pane_defs[t->about];
	snprintf(v->title, sizeof v->title, "for %s   q closes", about->title);
	view_textf(v, ROLE_TITLE, "%s: %s", about->title, about->help);
	put_keys(v, t, CONTEXT_PANE, "IN A PANE");
	put_keys(v, t, CONTEXT_ANY, "EVERYWHERE");
	put_keys(v, t, CONTEXT_LINE, "IN THE COMMAND LINE");
	put_keys(v, t, CONTEXT_SINGLE, "IN SINGLEKEY MODE (C-x s)");
	view_text(v, ROLE_HEADER, "PANES (g and the letter; `pane NAME`)");
	for (unsigned i = 0; i < PANES; i++)
		view_textf(v, ROLE_TEXT, "%c  %-12s %s", pane_defs[i].letter, pane_defs[i].name, pane_defs[i].help);
	view_text(v, ROLE_HEADER, "LAYOUTS (L; `layout NAME`)");
	const char *help, *name;
	for (unsigned i = 0; (name = layout_builtin(i, &help)); i++)
		view_textf(v, ROLE_TEXT, "%-12s %s", name, help);
	const struct layout *own;
	char text[LAYOUT_TEXT];
	for (unsigned i = 0; (own = tui_own_layout(t, i)); i++)
		view_textf(v, ROLE_TEXT, "%-12s %s", own->name, layout_text(own, text, sizeof text));
	for (unsigned i = 0; i < t->binding_count; i++)
		if (t->binding[i].line)
			view_textf(
				v, ROLE_TEXT, "%-14s %s", key_text(t->binding[i].key[0], text, sizeof text), t->binding[i].line);
}
