/* ui/inspect/fill_lives.c - what has been opened and closed since a snapshot of the handles; handles that nobody knows any more. */
#include "config.h"

#include "ui/inspect/lives.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernel/ledger.h"
#include "ui/inspect/words.h"
#include "ui/out.h"

void lives_take(const struct query *q, struct lives *out)
{
	const struct machine *m = q->machine;
	unsigned room = 0;
	*out = (struct lives){ .instr = machine_instructions(m), .cycle = machine_cycle(m) };
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_slot); row++) {
		const struct w_slot *s = slot_peek(m, row);
		if (s->state != SLOT_OPEN)
			continue;
		if (out->count == room)
			out->life = xrealloc(out->life, (room = room ? room * 2 : 64) * sizeof *out->life);
		struct life *l = &out->life[out->count++];
		*l = (struct life){ .sid = s->sid,
			.slot = row,
			.handle = s->handle,
			.generation = s->generation,
			.object = object_peek(m, s->object)->id,
			.type = object_peek(m, s->object)->type };
		slot_maker(q, row, &l->maker);
		snprintf(l->name, sizeof l->name, "%s", object_name(m, s->object));
	}
}

void lives_free(struct lives *l)
{
	free(l->life);
	*l = (struct lives){ 0 };
}

static void put_lr(struct table *t, const struct query *q, uint32_t lr)
{
	if (lr)
		put_code(t, q->machine, lr);
	else
		put_none(t);
}

/* ---- the difference ------------------------------------------------------------------------------------------------------ */

/* Who closed it: known of a slot's last life that was. */
static void put_closed(struct table *t, const struct query *q, const struct life *l)
{
	const struct past_life *past = past_life_peek(q->machine, l->slot);
	if (past->sid != l->sid || !past->by.cycle) {
		put_none(t);
		put_none(t);
		put_none(t);
		return;
	}
	put_tid(t, past->by.tid);
	put_lr(t, q, past->by.lr);
	put_cycles(t, past->by.cycle);
}

static void put_life(struct table *t, const struct query *q, const struct life *l, bool opened)
{
	put_str(t, opened ? "+" : "-");
	put_handle_apart(t, l->handle, l->generation);
	put_u64(t, l->generation);
	put_object(t, l->object);
	put_str(t, object_type_name(l->type));
	put_tid(t, l->maker.tid);
	put_str(t, source_name(l->maker.source));
	put_lr(t, q, l->maker.lr);
	if (!opened) {
		put_closed(t, q, l);
	} else {
		put_none(t);
		put_none(t);
		put_none(t);
	}
	put_str(t, l->name);
}

void fill_handles_diff(struct table *t, const struct query *q)
{
	struct lives now;
	char instr[CYCLES_TEXT], cycle[CYCLES_TEXT];
	unsigned i = 0, k = 0, opened = 0, closed = 0;
	const struct lives *then = q->lives;
	if (!then)
		return;
	lives_take(q, &now);
	while (i < then->count || k < now.count) {
		uint32_t was = i < then->count ? then->life[i].slot : UINT32_MAX,
			 is = k < now.count ? now.life[k].slot : UINT32_MAX;
		bool same_life = was == is && then->life[i].sid == now.life[k].sid;
		if (was <= is && !same_life) {
			put_life(t, q, &then->life[i], false);
			closed++;
		}
		if (is <= was && !same_life) {
			put_life(t, q, &now.life[k], true);
			opened++;
		}
		i += was <= is;
		k += is <= was;
	}
	table_note(t, "since instr %s, cyc %s: %u opened, %u closed; open then: %u, now: %u", cycles_text(instr, then->instr),
		cycles_text(cycle, then->cycle), opened, closed, then->count, now.count);
	lives_free(&now);
}

/* ---- leaks --------------------------------------------------------------------------------------------------------------- */

/* The handles that one call makes. */
struct site {
	uint32_t lr, source, type;
	unsigned open, unknown, before;
	char handles[WORDS_TEXT]; /* the unknown ones */
};

struct leaks {
	const struct machine *m;
	struct lives now;
	bool *known; /* of each life */
	struct word_places *places;
	struct site *site;
	unsigned sites;
};

static int by_slot(const void *key, const void *member)
{
	const uint32_t *slot = key;
	const struct life *l = member;
	return (*slot > l->slot) - (*slot < l->slot);
}

static void mark_known(void *ctx, const struct word *w)
{
	struct leaks *k = ctx;
	struct word_place place;
	uint32_t slot = slot_by_handle(k->m, w->value);
	const struct life *l = slot ? bsearch(&slot, k->now.life, k->now.count, sizeof *l, by_slot) : NULL;
	if (!l || l->handle != w->value || k->known[l - k->now.life])
		return;
	word_place(k->places, w, &place);
	k->known[l - k->now.life] = word_place_is_live(place.kind);
}

/* The numbers that handles have: the title's, and the machine's own. */
static void find_words(struct leaks *k)
{
	struct word_range range[2] = { { UINT32_MAX, 0 }, { UINT32_MAX, 0 } };
	for (unsigned i = 0; i < k->now.count; i++) {
		struct word_range *r = &range[k->now.life[i].slot > SLOTS_HOST];
		uint32_t h = k->now.life[i].handle;
		r->first = h < r->first ? h : r->first;
		r->last = h > r->last ? h : r->last;
	}
	k->places = word_places_new(k->m);
	for (unsigned i = 0; i < 2; i++)
		if (range[i].first <= range[i].last)
			words_find(k->m, &range[i], 1, mark_known, k);
	word_places_free(k->places);
}

static struct site *site_of(struct leaks *k, const struct life *l)
{
	for (unsigned i = 0; i < k->sites; i++)
		if (k->site[i].lr == l->maker.lr && k->site[i].source == l->maker.source && k->site[i].type == l->type)
			return &k->site[i];
	k->site = xrealloc(k->site, (k->sites + 1) * sizeof *k->site);
	k->site[k->sites] = (struct site){ .lr = l->maker.lr, .source = l->maker.source, .type = l->type };
	return &k->site[k->sites++];
}

static void count_lives(struct leaks *k, const struct lives *then)
{
	for (unsigned i = 0; i < k->now.count; i++) {
		const struct life *l = &k->now.life[i];
		struct site *s = site_of(k, l);
		size_t n = strlen(s->handles);
		s->open++;
		if (k->known[i] || !l->maker.tid) /* the title was never told those that the kernel made for itself */
			continue;
		if (s->unknown++ < 16)
			snprintf(s->handles + n, sizeof s->handles - n, "%s%X#%u", n ? " " : "", l->handle, l->generation);
	}
	for (unsigned i = 0; then && i < then->count; i++)
		site_of(k, &then->life[i])->before++;
}

static int worst_first(const void *a, const void *b)
{
	const struct site *x = a, *y = b;
	int64_t gx = (int64_t)x->open - x->before, gy = (int64_t)y->open - y->before;
	if (x->unknown != y->unknown)
		return x->unknown > y->unknown ? -1 : 1;
	if (gx != gy)
		return gx > gy ? -1 : 1;
	return x->lr != y->lr ? (x->lr > y->lr) - (x->lr < y->lr) : (x->type > y->type) - (x->type < y->type);
}

void fill_leaks(struct table *t, const struct query *q)
{
	struct leaks k = { .m = q->machine };
	unsigned unknown = 0;
	lives_take(q, &k.now);
	k.known = xcalloc(k.now.count + 1, sizeof *k.known);
	find_words(&k);
	count_lives(&k, q->lives);
	if (k.sites)
		qsort(k.site, k.sites, sizeof *k.site, worst_first);
	for (unsigned i = 0; i < k.sites; i++) {
		const struct site *s = &k.site[i];
		unknown += s->unknown;
		if (!s->unknown && (!q->lives || s->open <= s->before))
			continue;
		put_lr(t, q, s->lr);
		put_str(t, source_name(s->source));
		put_str(t, object_type_name(s->type));
		put_u64(t, s->open);
		put_u64(t, s->unknown);
		if (q->lives)
			put_s64(t, (int64_t)s->open - s->before);
		else
			put_none(t);
		put_words(t, s->handles);
	}
	table_note(t,
		"open handles: %u; standing in no register, live stack or other word of memory, so that nobody can close them: %u",
		k.now.count, unknown);
	free(k.site);
	free(k.known);
	lives_free(&k.now);
}
