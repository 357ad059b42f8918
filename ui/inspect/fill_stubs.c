/* ui/inspect/fill_stubs.c - the tables of what the kernel has not: stubs that were called, how much of the exports is built. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>

#include "kernel/exports.h"
#include "kernel/stub.h"
#include "ui/inspect/inspect.h"

/* "main+24*3 worker+8*1": the distinct places. */
static void put_sites(struct table *t, const struct query *q, const struct h_stub *s)
{
	char words[2048], symbol[SYMBOL_TEXT];
	size_t n = 0;
	for (uint32_t i = 0; i < s->sites && n + SYMBOL_TEXT + 40 < sizeof words; i++) {
		const struct h_stub_site *site = &s->site[i];
		code_text(q->machine, site->lr, symbol, sizeof symbol);
		for (char *c = symbol; *c; c++)
			if (*c == ' ')
				*c = '_'; /* a word has none */
		if (symbol[0])
			n += (size_t)snprintf(words + n, sizeof words - n, "%s%s*%" PRIu64, n ? " " : "", symbol, site->calls);
		else
			n += (size_t)snprintf(
				words + n, sizeof words - n, "%s%08X*%" PRIu64, n ? " " : "", site->lr, site->calls);
	}
	words[n] = 0;
	put_words(t, words);
}

static void put_export(struct table *t, const struct export *e)
{
	put_str(t, e->module);
	put_hex(t, e->ordinal);
	put_str(t, export_state_word(e->state));
	put_str(t, e->name);
}

/* A call that stopped the run has not been made: it is no row, but it is said. */
static void note_standing(struct table *t, const struct query *q)
{
	const struct stop *s = q->stop;
	if (s && s->kind == STOP_UNIMPLEMENTED && s->export_row && export_table[s->export_row - 1].state == EXPORT_NONE)
		table_note(t, "the run stands before a call of %s, which is not built: `set on-stub continue` lets it answer",
			export_table[s->export_row - 1].name);
}

void fill_stubs(struct table *t, const struct query *q)
{
	for (unsigned i = 0; i < export_count; i++) {
		const struct h_stub *s = stub_of_export(q->machine, i + 1);
		if (!s->calls)
			continue;
		put_export(t, &export_table[i]);
		put_u64(t, s->calls);
		put_hex(t, s->answered);
		put_sites(t, q, s);
		put_tid(t, s->first_tid);
		put_cycles(t, s->first);
		put_tid(t, s->last_tid);
		put_cycles(t, s->last);
		if (s->dropped)
			table_note(t,
				"%s: %u callers are kept; %u that had not called for longest were dropped, with %" PRIu64
				" calls",
				export_table[i].name, s->sites, s->dropped, s->dropped_calls);
	}
	note_standing(t, q);
}

/* ---- how much is built ------------------------------------------------------------------------------------------------- */

struct sums {
	unsigned exports, variables, decoded, state[4], ranked[4]; /* by enum export_state; ranked: functions only */
};

static void sum(struct sums *s, unsigned row)
{
	const struct export *e = &export_table[row];
	s->exports++;
	s->variables += e->state == EXPORT_VAR;
	s->decoded += export_decoded(e);
	s->state[e->state]++;
	s->ranked[e->state] += export_rank(row, NULL) != 0;
}

static void put_sums(struct table *t, const char *module, const struct sums *s)
{
	put_str(t, module);
	put_u64(t, s->exports);
	put_u64(t, s->variables);
	put_u64(t, s->exports - s->variables);
	put_u64(t, s->state[EXPORT_IMPL]);
	put_u64(t, s->state[EXPORT_STUB]);
	put_u64(t, s->state[EXPORT_NONE]);
	put_u64(t, s->decoded);
	put_u64(t, s->ranked[EXPORT_IMPL] + s->ranked[EXPORT_STUB] + s->ranked[EXPORT_NONE]);
	put_u64(t, s->ranked[EXPORT_IMPL]);
	put_u64(t, s->ranked[EXPORT_STUB]);
	put_u64(t, s->ranked[EXPORT_NONE]);
}

void fill_kernel(struct table *t, const struct query *q)
{
	struct sums part = { 0 }, all = { 0 };
	(void)q;
	for (unsigned i = 0; i < export_count; i++) {
		sum(&part, i);
		sum(&all, i);
		if (i + 1 < export_count && !strcmp(export_table[i + 1].module, export_table[i].module))
			continue;
		put_sums(t, export_table[i].module, &part);
		part = (struct sums){ 0 };
	}
	put_sums(t, "all", &all);
}
