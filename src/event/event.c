/* src/event/event.c - counts events in the history arena, hands them to their observers, and knows the kinds' names. */
#include "config.h"

#include "src/event/event.h"

#include <fnmatch.h>

#define ROW_ALL 1u             /* event.count: all threads together */
#define ROW_OF_TID(tid) ((tid) + 2u)

struct kind {
	const char *name, *text, *aux;
};

static const struct kind kinds[] = {
#define EVENT(id, kind, text, aux) [EV_##id] = { kind, text, aux },
#include "src/event/event.def"
#undef EVENT
};

void event_init(struct event_stream *s, struct arena *history)
{
	*s = (struct event_stream){ .history = history };
	s->t_count = arena_table_add(history, "event.count", sizeof(struct event_count), EVENT_TIDS_MAX + 2);
}

static void wanted_update(struct event_stream *s)
{
	s->wanted = 0;
	for (unsigned i = 0; i < s->observers; i++)
		s->wanted |= s->observer[i].kinds;
}

unsigned event_subscribe(struct event_stream *s, const struct event_observer *o)
{
	unsigned slot = 0;
	while (slot < s->observers && s->observer[slot].see)
		slot++;
	INVARIANT(slot < EVENT_OBSERVERS_MAX && o->see);
	s->observer[slot] = *o;
	if (slot == s->observers)
		s->observers++;
	wanted_update(s);
	return slot;
}

void event_unsubscribe(struct event_stream *s, unsigned slot)
{
	INVARIANT(slot < s->observers && s->observer[slot].see);
	s->observer[slot] = (struct event_observer){ 0 };
	wanted_update(s);
}

static uint64_t count(struct event_stream *s, uint32_t row)
{
	struct event_count *c = arena_row(s->history, s->t_count, row);
	return c->n++;
}

void event_count_only(struct event_stream *s, uint32_t tid)
{
	count(s, ROW_ALL);
	count(s, ROW_OF_TID(tid));
}

void event_emit(struct event_stream *s, struct event *ev)
{
	INVARIANT(ev->kind < EV_KINDS);
	ev->seq = count(s, ROW_ALL);
	ev->thread_index = count(s, ROW_OF_TID(ev->tid));
	uint64_t bit = EV_BIT(ev->kind);
	if (!(s->wanted & bit))
		return;
	/* An observer may end its own subscription while it sees an event: the slot is then empty, the others keep theirs. */
	for (unsigned i = 0; i < s->observers; i++)
		if (s->observer[i].kinds & bit)
			s->observer[i].see(s->observer[i].ctx, ev);
}

uint64_t event_seq(const struct event_stream *s)
{
	const struct event_count *c = arena_peek(s->history, s->t_count, ROW_ALL);
	return c->n;
}

const char *event_kind_name(enum event_kind k)
{
	INVARIANT(k < EV_KINDS);
	return kinds[k].name;
}

const char *event_kind_text(enum event_kind k)
{
	INVARIANT(k < EV_KINDS);
	return kinds[k].text;
}

const char *event_kind_aux(enum event_kind k)
{
	INVARIANT(k < EV_KINDS);
	return kinds[k].aux;
}

static const char *short_word(const char *name)
{
	const char *dot = strchr(name, '.');
	return dot ? dot + 1 : name;
}

static int kind_find(const char *name, size_t len)
{
	for (unsigned k = 0; k < EV_KINDS; k++)
		if (!strncmp(kinds[k].name, name, len) && !kinds[k].name[len])
			return (int)k;
	for (unsigned k = 0; k < EV_KINDS; k++)
		if (!strncmp(short_word(kinds[k].name), name, len) && !short_word(kinds[k].name)[len])
			return (int)k;
	return -1;
}

int event_kind_find(const char *name)
{
	return kind_find(name, strlen(name));
}

/* The kinds that one word of a list means; 0 = none. */
static uint64_t word_kinds(const char *word, size_t len)
{
	char glob[80];
	uint64_t set = 0;
	int one = kind_find(word, len);
	if (one >= 0)
		return EV_BIT(one);
	if (len == 3 && !strncmp(word, "all", 3))
		return EV_ALL;
	if (len >= sizeof glob - 2)
		return 0;
	bool plain = strcspn(word, "*?[") >= len; /* a family without its ".*" */
	memcpy(glob, word, len);
	memcpy(glob + len, plain ? ".*" : "", plain ? 3 : 1);
	for (unsigned k = 0; k < EV_KINDS; k++)
		if (!fnmatch(glob, kinds[k].name, 0) || (!plain && !fnmatch(glob, short_word(kinds[k].name), 0)))
			set |= EV_BIT(k);
	return set;
}

enum status event_kinds_parse(const char *list, uint64_t *out, struct err *err)
{
	uint64_t set = *list == '!' ? EV_ALL : 0;
	for (const char *p = list;; p++) {
		bool without = *p == '!';
		p += without;
		size_t len = strcspn(p, ",");
		uint64_t word = len ? word_kinds(p, len) : 0;
		if (!word)
			return err_set(err, ST_BAD_USAGE, "'%.*s' is no kind of event (in '%.200s')", (int)(len > 60 ? 60 : len), p, list);
		set = without ? set & ~word : set | word;
		p += len;
		if (!*p)
			break;
	}
	*out = set;
	return ST_OK;
}
