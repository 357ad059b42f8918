/* ui/inspect/fill_whois.c - the table of the places where the title keeps an object's handles, or its address. */
#include "config.h"

#include "ui/inspect/inspect.h"

#include <stdio.h>

#include "ui/inspect/rtti.h"
#include "ui/inspect/words.h"

#define ROWS_MAX 1000u
#define VALUES_MAX 64u /* handles and mirrors of the address */

struct whois {
	struct table *t;
	const struct machine *m;
	uint32_t object;
	struct word_range value[VALUES_MAX];
	unsigned values, left_out;
	struct word_places *places;
};

static void add_value(struct whois *w, uint32_t v)
{
	for (unsigned i = 0; i < w->values; i++)
		if (w->value[i].first == v)
			return;
	if (v && w->values < VALUES_MAX)
		w->value[w->values++] = (struct word_range){ v, v };
}

static void add_values(struct whois *w)
{
	const struct w_object *o = object_peek(w->m, w->object);
	uint32_t frame, maps[MEM_FRAME_MAPS];
	add_value(w, o->body_ga);
	if (mem_frame_behind(&w->m->mem, o->body_ga, &frame))
		for (unsigned i = 0, n = mem_frame_maps(&w->m->mem, frame, maps); i < n; i++)
			add_value(w, maps[i] | (o->body_ga & (MEM_PAGE - 1)));
	for (uint32_t row = o->slot_first; row; row = slot_peek(w->m, row)->next)
		add_value(w, slot_peek(w->m, row)->handle);
}

static void put_value(const struct whois *w, uint32_t value)
{
	uint32_t slot = slot_by_handle(w->m, value);
	if (slot && slot_peek(w->m, slot)->state == SLOT_OPEN && slot_peek(w->m, slot)->object == w->object)
		put_strf(w->t, "%X#%u", value, slot_peek(w->m, slot)->generation);
	else
		put_str(w->t, "address");
}

static const char *thread_text(const struct machine *m, uint32_t thread, char *buf, size_t size)
{
	char name[SYMBOL_TEXT];
	thread_name(m, thread, name, sizeof name);
	snprintf(buf, size, "tid %u%s%.60s", thread_peek(m, thread)->tid, name[0] ? " " : "", name);
	return buf;
}

static void put_frame(const struct whois *w, const struct word *at, const struct word_place *p, const char *thread)
{
	char symbol[SYMBOL_TEXT];
	if (p->frame < 0)
		put_strf(w->t, "%s", thread);
	else if (*code_text(w->m, p->pc, symbol, sizeof symbol))
		put_strf(w->t, "%s #%d %s, sp+%X", thread, p->frame, symbol, at->ga - p->low);
	else
		put_strf(w->t, "%s #%d %08X, sp+%X", thread, p->frame, p->pc, at->ga - p->low);
}

/* What lies there, by what is known of such a place. */
static void put_place(const struct whois *w, const struct word *at, const struct word_place *p)
{
	const struct machine *m = w->m;
	char text[SYMBOL_TEXT];
	uint32_t object;
	if (p->thread)
		thread_text(m, p->thread, text, sizeof text);
	switch (p->kind) {
	case PLACE_REGISTER: put_strf(w->t, "%s %s", text, word_register(at->reg)); return;
	case PLACE_STACK: put_frame(w, at, p, text); return;
	case PLACE_DEAD: put_strf(w->t, "%s, below its stack pointer", text); return;
	case PLACE_TLS: put_strf(w->t, "%s +%X", text, at->ga - p->low); return;
	case PLACE_IMAGE:
		if (*code_text(m, at->ga, text, sizeof text)) {
			put_str(w->t, text);
			return;
		}
		break;
	case PLACE_KERNEL:
		object = object_by_ga(m, p->low);
		if (object) {
			put_strf(w->t, "%s+%X", object_phrase(m, object, text, sizeof text), at->ga - p->low);
			return;
		}
		break;
	case PLACE_POOL:
	case PLACE_HEAP:
	case PLACE_PHYSICAL: break;
	}
	put_strf(w->t, "%08X+%X", p->low, at->ga - p->low);
}

static void put_class(const struct whois *w, const struct word *at, const struct word_place *p)
{
	struct class_guess c;
	uint32_t object;
	if (at->thread || !word_place_is_live(p->kind) || !class_around(w->m, at->ga, p->low, &c, &object)) {
		put_none(w->t);
		put_none(w->t);
		return;
	}
	put_strf(w->t, "%s+%X", c.name, at->ga - object);
	put_str(w->t, c.how);
}

static void found(void *ctx, const struct word *at)
{
	struct whois *w = ctx;
	struct word_place p;
	if (w->t->rows == ROWS_MAX) {
		w->left_out++;
		return;
	}
	word_place(w->places, at, &p);
	put_value(w, at->value);
	put_str(w->t, word_place_word(p.kind));
	if (at->thread)
		put_none(w->t);
	else
		put_hex(w->t, at->ga);
	put_place(w, at, &p);
	put_class(w, at, &p);
}

void fill_whois(struct table *t, const struct query *q)
{
	struct whois w = { .t = t, .m = q->machine, .object = q->object };
	if (!q->object)
		return;
	add_values(&w);
	w.places = word_places_new(q->machine);
	words_find(q->machine, w.value, w.values, found, &w);
	word_places_free(w.places);
	if (w.left_out)
		table_note(t, "%u more are not shown", w.left_out);
	else if (!t->rows)
		table_note(t, "no register and no word of memory holds a handle of it, or its address");
	else
		table_note(t, "equal numbers may mean other things; a class is that of the nearest vtable below the word");
}
