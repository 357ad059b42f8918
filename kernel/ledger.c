/* kernel/ledger.c - see ledger.h */
#include "config.h"

#include "kernel/ledger.h"

void ledger_layout(struct machine *m)
{
	uint32_t objects = m->world.table[m->t_object].max_rows;
	m->t_ledger = arena_table_add(&m->history, "ledger", sizeof(struct ledger), objects);
	m->t_ledger_chunk =
		arena_table_add(&m->history, "ledger.chunk", sizeof(struct ledger_chunk), objects * (LEDGER_RING / LEDGER_CHUNK));
	m->t_past = arena_table_add(&m->history, "slot.past", sizeof(struct past_life), SLOTS_MAX);
}

const char *ledger_reason_word(enum ledger_reason r)
{
	static const char *const words[] = {
#define LEDGER_REASON(id, word) [LEDGER_##id] = word,
		LEDGER_REASONS(LEDGER_REASON)
#undef LEDGER_REASON
	};
	return (unsigned)r < ARRAY_LEN(words) ? words[r] : "?";
}

static struct ledger *ledger_row(struct machine *m, uint32_t object)
{
	return arena_row(&m->history, m->t_ledger, object);
}

static struct ledger_chunk *chunk_row(struct machine *m, uint32_t row)
{
	return arena_row(&m->history, m->t_ledger_chunk, row);
}

static const struct ledger_chunk *chunk_peek(const struct machine *m, uint32_t row)
{
	return arena_peek(&m->history, m->t_ledger_chunk, row);
}

static struct ledger_actor actor(const struct machine *m)
{
	struct ledger_actor a = { .cycle = machine_cycle(m) };
	if (m->acting) {
		const struct w_thread *t = thread_peek(m, m->acting);
		a.tid = t->tid;
		a.lr = (uint32_t)context_peek(m, m->acting)->lr;
		a.source = t->in_call ? t->export_row : 0;
	}
	return a;
}

/* Where the next entry goes. The chunks hang in a circle once there are all of them. */
static struct ledger_entry *next_entry(struct machine *m, struct ledger *l)
{
	if (l->total % LEDGER_CHUNK == 0) {
		if (l->total < LEDGER_RING) {
			uint32_t chunk = arena_take(&m->history, m->t_ledger_chunk);
			INVARIANT(chunk); /* there are enough for all objects */
			*(l->last ? &chunk_row(m, l->last)->next : &l->first) = chunk;
			chunk_row(m, chunk)->next = l->first;
			l->last = chunk;
		} else {
			l->last = chunk_peek(m, l->last)->next;
		}
	}
	struct ledger_entry *e = &chunk_row(m, l->last)->entry[l->total % LEDGER_CHUNK];
	l->earlier += e->change; /* of the one that gives way; 0 in a new chunk */
	if (++l->total == 0)     /* 2^32 entries: stay on a chunk's border, above LEDGER_RING */
		l->total = UINT32_MAX - LEDGER_RING + 1;
	return e;
}

void ledger_note(struct machine *m, uint32_t object, enum ledger_reason reason, int change, uint32_t what, uint32_t generation)
{
	struct ledger *l = ledger_row(m, object);
	l->sum += change;
	INVARIANT(l->sum >= 0 && (uint32_t)l->sum == object_peek(m, object)->refs);
	if (reason == LEDGER_HOLD)
		return;
	*next_entry(m, l) = (struct ledger_entry){
		.by = actor(m),
		.what = what,
		.generation = generation,
		.reason = (uint8_t)reason,
		.change = (int8_t)change,
	};
}

void ledger_surplus(struct machine *m, uint32_t object)
{
	ledger_row(m, object)->surplus++;
}

static unsigned chunks_of(const struct ledger *l)
{
	return l->total >= LEDGER_RING ? LEDGER_RING / LEDGER_CHUNK : (l->total + LEDGER_CHUNK - 1) / LEDGER_CHUNK;
}

void ledger_end(struct machine *m, uint32_t object)
{
	struct ledger *l = ledger_row(m, object);
	for (uint32_t c = l->first, left = chunks_of(l); left > 0; left--) {
		uint32_t next = chunk_peek(m, c)->next;
		arena_give(&m->history, m->t_ledger_chunk, c);
		c = next;
	}
	*l = (struct ledger){ 0 };
}

unsigned ledger_entries(const struct machine *m, uint32_t object, struct ledger_entry out[LEDGER_RING])
{
	const struct ledger *l = ledger_peek(m, object);
	uint32_t chunk[LEDGER_RING / LEDGER_CHUNK], chunks = chunks_of(l), n = l->total < LEDGER_RING ? l->total : LEDGER_RING;
	for (uint32_t i = 0, c = l->first; i < chunks; i++, c = chunk_peek(m, c)->next)
		chunk[i] = c;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t nth = l->total - n + i;
		out[i] = chunk_peek(m, chunk[nth / LEDGER_CHUNK % (LEDGER_RING / LEDGER_CHUNK)])->entry[nth % LEDGER_CHUNK];
	}
	return n;
}

void ledger_closed(struct machine *m, uint32_t slot)
{
	const struct w_slot *s = slot_peek(m, slot);
	const struct w_object *o = object_peek(m, s->object);
	*(struct past_life *)arena_row(&m->history, m->t_past, slot) = (struct past_life){
		.by = actor(m),
		.sid = s->sid,
		.osid = o->osid,
		.generation = s->generation,
		.object = o->id,
		.object_ga = o->body_ga,
		.type = o->type,
	};
}
