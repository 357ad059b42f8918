/* kernel/stub.c - see stub.h */
#include "config.h"

#include "kernel/stub.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernel/call.h"
#include "kernel/rows.h"

#define EXPORT_ROWS (1u << 13)

void stubs_layout(struct machine *m)
{
	INVARIANT(export_count < EXPORT_ROWS);
	m->t_stub = arena_table_add(&m->history, "stub", sizeof(struct h_stub), EXPORT_ROWS);
}

/* ---- the book -------------------------------------------------------------------------------------------------------- */

/* The place of @lr: its own, a free one, or that of the site which called longest ago. */
static struct h_stub_site *site_of(struct h_stub *s, uint32_t lr)
{
	struct h_stub_site *oldest = &s->site[0];
	for (uint32_t i = 0; i < s->sites; i++) {
		if (s->site[i].lr == lr)
			return &s->site[i];
		if (s->site[i].last < oldest->last)
			oldest = &s->site[i];
	}
	if (s->sites < STUB_SITES)
		return &s->site[s->sites++];
	s->dropped++;
	s->dropped_calls += oldest->calls;
	*oldest = (struct h_stub_site){ 0 };
	return oldest;
}

void stub_note(struct machine *m, const struct call *c)
{
	struct h_stub *s = arena_row(&m->history, m->t_stub, c->row + 1);
	uint64_t now = machine_cycle(m);
	uint32_t tid = thread_peek(m, c->thread)->tid;
	if (!s->calls++) {
		s->first = now;
		s->first_tid = tid;
	}
	s->last = now;
	s->last_tid = tid;
	s->answered = c->result;
	struct h_stub_site *site = site_of(s, c->lr);
	site->lr = c->lr;
	site->calls++;
	site->last = now;
	site->tid = tid;
}

const struct h_stub *stub_of_export(const struct machine *m, uint32_t row)
{
	return arena_peek(&m->history, m->t_stub, row);
}

/* ---- the policy ------------------------------------------------------------------------------------------------------ */

static bool value_parse(const char *text, uint64_t *v)
{
	char *end;
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	const char *digits = hex ? text + 2 : text;
	if (!*digits || strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789") != strlen(digits))
		return false;
	errno = 0;
	*v = strtoull(digits, &end, hex ? 16 : 10);
	return errno == 0;
}

bool stub_policy_parse(const char *text, struct stub_policy *p)
{
	static const char go_on[] = "continue";
	struct stub_policy parsed = { 0 };
	size_t n = sizeof go_on - 1;
	if (!strncmp(text, go_on, n) && (!text[n] || text[n] == '=')) {
		parsed.go_on = 1;
		if (text[n] && !value_parse(text + n + 1, &parsed.value))
			return false;
	} else if (strcmp(text, "stop") != 0) {
		return false;
	}
	*p = parsed;
	return true;
}

const char *stub_policy_text(struct stub_policy p, char buf[STUB_POLICY_TEXT])
{
	if (!p.go_on)
		snprintf(buf, STUB_POLICY_TEXT, "stop");
	else if (!p.value)
		snprintf(buf, STUB_POLICY_TEXT, "continue");
	else
		snprintf(buf, STUB_POLICY_TEXT, "continue=0x%" PRIx64, p.value);
	return buf;
}

void machine_on_stub(struct machine *m, struct stub_policy p)
{
	struct w_machine *w = machine_row_mut(m);
	w->stubs_go_on = p.go_on;
	w->stub_value = p.value;
}

struct stub_policy machine_stub_policy(const struct machine *m)
{
	const struct w_machine *w = machine_row(m);
	return (struct stub_policy){ .value = w->stub_value, .go_on = w->stubs_go_on };
}
