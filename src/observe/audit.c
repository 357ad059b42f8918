/* src/observe/audit.c - writes the trails. See audit.h; reading and the focus are in audit_read.c. */
#include "config.h"

#include "src/observe/audit.h"

#include "src/cpu/cpu.h"
#include "src/observe/audit_priv.h"

#define TRAILS_MAX (1u << 21)
#define CHUNKS_MAX (1u << 22)
#define STACKS_MAX (1u << 20)
#define BUCKETS (1u << 20)

enum { PLAIN, PINNED };       /* LRU lists; the pinned one gives way last */

/* What an event of a kind does to its object's trail. */
struct rule {
	enum { IGNORE, CREATE, NAME_NEW, NAME, END, RESET, RECORD } what;
	enum audit_ring_kind ring;
	unsigned aux;         /* which of ev->aux[] an entry keeps */
	bool ghost;           /* an unseen object in focus gets a trail */
};

static const struct rule rules[EV_KINDS] = {
	[EV_OBJECT_CREATE] = { .what = CREATE },
	[EV_OBJECT_FOUND] = { .what = CREATE },
	[EV_OBJECT_DESTROY] = { .what = END },
	[EV_OBJECT_RESET] = { .what = RESET },
	[EV_HANDLE_CREATE] = { .what = NAME_NEW, .ring = AUDIT_NAMES },
	[EV_HANDLE_DUP] = { .what = NAME, .ring = AUDIT_NAMES },
	[EV_HANDLE_DESTROY] = { .what = NAME, .ring = AUDIT_NAMES },
	[EV_HANDLE_STALE] = { .what = NAME, .ring = AUDIT_NAMES, .ghost = true },
	[EV_OBJECT_SIGNAL] = { .what = RECORD, .ring = AUDIT_SIGNALS, .ghost = true },
	[EV_OBJECT_PULSE] = { .what = RECORD, .ring = AUDIT_SIGNALS, .ghost = true },
	[EV_OBJECT_RELEASE] = { .what = RECORD, .ring = AUDIT_SIGNALS, .ghost = true },
	[EV_OBJECT_ABANDON] = { .what = RECORD, .ring = AUDIT_SIGNALS, .ghost = true },
	[EV_OBJECT_WAIT] = { .what = RECORD, .ring = AUDIT_WAITS, .aux = 3, .ghost = true },
	[EV_OBJECT_WAKE] = { .what = RECORD, .ring = AUDIT_WAKES, .aux = 1 },
	[EV_OBJECT_TIMEOUT] = { .what = RECORD, .ring = AUDIT_WAKES, .aux = 1 },
	[EV_TIMER_SET] = { .what = RECORD, .ring = AUDIT_ARMS },
	[EV_TIMER_CANCEL] = { .what = RECORD, .ring = AUDIT_ARMS },
};

static struct audit_state *state_row(struct audit *a)
{
	return arena_row(a->history, a->t_state, 1);
}

static struct audit_trail *trail_row(struct audit *a, uint32_t row)
{
	return arena_row(a->history, a->t_trail, row);
}

static uint64_t tick_of(const struct event *ev)
{
	return ev->cycle / CYCLES_PER_TICK;
}

/* ---- finding ---------------------------------------------------------------------------------------------------------- */

static uint32_t bucket_of(uint32_t object, uint32_t handle)
{
	uint32_t key = object ? object : handle * 0x9E3779B1u >> 12;
	return (key & (BUCKETS - 1)) + 1;
}

uint32_t trail_find(const struct audit *a, uint32_t object, uint32_t handle, uint32_t generation)
{
	uint32_t row = *(const uint32_t *)arena_peek(a->history, a->t_bucket, bucket_of(object, handle));
	for (; row; row = audit_trail(a, row)->next) {
		const struct audit_trail *t = audit_trail(a, row);
		if (t->object == object && (object || (t->handle == handle && t->generation == generation)))
			return row;
	}
	return 0;
}

static bool was_seen(const struct audit *a, uint32_t object)
{
	if (object >= OBJECTS_SEEN_MAX)
		return false;
	const uint32_t *word = arena_peek(a->history, a->t_seen, object / 32 + 1);
	return *word >> (object & 31) & 1;
}

static void note_seen(struct audit *a, uint32_t object)
{
	if (object < OBJECTS_SEEN_MAX)
		*(uint32_t *)arena_row(a->history, a->t_seen, object / 32 + 1) |= 1u << (object & 31);
}

/* ---- what was used last; dropping ----------------------------------------------------------------------------------- */

static void lru_remove(struct audit *a, uint32_t row)
{
	struct audit_trail *t = trail_row(a, row);
	struct audit_state *s = state_row(a);
	*(t->newer ? &trail_row(a, t->newer)->older : &s->newest[t->pinned]) = t->older;
	*(t->older ? &trail_row(a, t->older)->newer : &s->oldest[t->pinned]) = t->newer;
	t->newer = t->older = 0;
}

static void lru_add(struct audit *a, uint32_t row)
{
	struct audit_trail *t = trail_row(a, row);
	struct audit_state *s = state_row(a);
	t->older = s->newest[t->pinned];
	*(t->older ? &trail_row(a, t->older)->newer : &s->oldest[t->pinned]) = row;
	s->newest[t->pinned] = row;
}

static void lru_use(struct audit *a, uint32_t row)
{
	if (audit_trail(a, row)->newer) {
		lru_remove(a, row);
		lru_add(a, row);
	}
}

static void give(struct audit *a, unsigned table, uint32_t row)
{
	state_row(a)->bytes -= a->history->table[table].row_size;
	arena_give(a->history, table, row);
}

static void ring_free(struct audit *a, const struct audit_ring *r)
{
	for (uint32_t c = r->first, left = ring_chunks(r); left > 0; left--) {
		uint32_t next = chunk_peek(a, c)->next;
		give(a, a->t_chunk, c);
		c = next;
	}
}

static void drop(struct audit *a, uint32_t row)
{
	struct audit_trail *t = trail_row(a, row);
	uint32_t *link = arena_row(a->history, a->t_bucket, bucket_of(t->object, t->handle));
	while (*link != row)
		link = &trail_row(a, *link)->next;
	*link = t->next;
	lru_remove(a, row);
	for (unsigned i = 0; i < AUDIT_RING_KINDS; i++)
		ring_free(a, &t->ring[i]);
	if (t->stack)
		give(a, a->t_stack, t->stack);
	give(a, a->t_trail, row);
	state_row(a)->dropped++;
}

/* Drops the trail that was not used for longest, but not @keep. */
static void drop_oldest(struct audit *a, uint32_t keep)
{
	for (unsigned list = PLAIN; list <= PINNED; list++) {
		uint32_t row = audit_state(a)->oldest[list];
		if (row && row == keep)
			row = audit_trail(a, row)->newer;
		if (row) {
			drop(a, row);
			return;
		}
	}
	INVARIANT(!"one trail fits under the cap");
}

/* A row of @table for the trail @keep (0 = for a new one), under the cap. */
static uint32_t take(struct audit *a, unsigned table, uint32_t keep)
{
	uint32_t size = a->history->table[table].row_size;
	while (audit_state(a)->bytes + size > a->cap)
		drop_oldest(a, keep);
	uint32_t row;
	while (!(row = arena_take(a->history, table)))
		drop_oldest(a, keep);
	state_row(a)->bytes += size;
	return row;
}

/* ---- trails ------------------------------------------------------------------------------------------------------------- */

/* DEBT(audit-births): every birth takes fresh memory, as long as the cap allows; trails of dead objects are not taken first. */
static uint32_t trail_new(struct audit *a, const struct event *ev, enum audit_origin origin, bool pinned)
{
	uint32_t row = take(a, a->t_trail, 0);
	struct audit_trail *t = trail_row(a, row);
	t->object = ev->object;
	t->osid = ev->osid;
	t->sid = ev->sid;
	t->handle = ev->handle;
	t->generation = ev->generation;
	t->object_ga = ev->object_ga;
	t->type = ev->type;
	t->first_seq = ev->seq;
	t->origin = (uint8_t)origin;
	t->pinned = pinned;
	memcpy(t->name, ev->object_name, sizeof t->name);
	t->name[sizeof t->name - 1] = 0;
	uint32_t *bucket = arena_row(a->history, a->t_bucket, bucket_of(t->object, t->handle));
	t->next = *bucket;
	*bucket = row;
	lru_add(a, row);
	return row;
}

static enum audit_origin origin_of_unseen(const struct audit *a, uint32_t object)
{
	if (!object)
		return AUDIT_GHOST;
	if (was_seen(a, object))
		return AUDIT_DROPPED;
	return object < audit_state(a)->since_object ? AUDIT_LATE : AUDIT_GHOST;
}

static void capture_stack(struct audit *a, uint32_t row, const struct event *ev)
{
	if (!ev->tid)
		return; /* a deadline or the loader: nobody's stack */
	struct walk_frame frame[AUDIT_FRAMES_MAX];
	unsigned n = a->frames < AUDIT_FRAMES_MAX ? a->frames : AUDIT_FRAMES_MAX;
	n = walk_stack(a->mem, &(struct walk_start){ .sp = ev->sp, .lr = ev->lr }, frame, n, NULL);
	a->walks++;
	if (!n)
		return;
	uint32_t stack = take(a, a->t_stack, row);
	struct audit_stack_row *s = arena_row(a->history, a->t_stack, stack);
	s->frames = n;
	memcpy(s->frame, frame, n * sizeof *frame);
	trail_row(a, row)->stack = stack;
}

static void create(struct audit *a, const struct event *ev)
{
	bool focus = audit_in_focus(a, ev);
	uint32_t row = trail_find(a, ev->object, 0, 0);
	if (!row)
		row = trail_new(a, ev, AUDIT_CREATED, focus);
	struct audit_trail *t = trail_row(a, row);
	t->origin = AUDIT_CREATED;
	t->created_tick = tick_of(ev);
	t->created_seq = ev->seq;
	t->last_seq = ev->seq;
	t->tid = ev->tid;
	t->lr = ev->lr;
	t->source = ev->export_row;
	note_seen(a, ev->object);
	if (focus)
		capture_stack(a, row, ev);
}

static struct chunk *chunk_row(struct audit *a, uint32_t row)
{
	return arena_row(a->history, a->t_chunk, row);
}

static struct audit_ring *ring_of(struct audit *a, uint32_t row, enum audit_ring_kind kind)
{
	return &trail_row(a, row)->ring[kind];
}

/* Chunks hang in a circle once there are RING_CHUNKS of them: entry i lies in chunk i / CHUNK modulo that. */
static void ring_push(struct audit *a, uint32_t row, enum audit_ring_kind kind, const struct audit_entry *e)
{
	struct audit_ring *r = ring_of(a, row, kind);
	if (r->total % CHUNK_ENTRIES == 0) {
		if (r->total < AUDIT_RING) {
			uint32_t chunk = take(a, a->t_chunk, row);
			r = ring_of(a, row, kind);
			*(r->last ? &chunk_row(a, r->last)->next : &r->first) = chunk;
			chunk_row(a, chunk)->next = r->first;
			r->last = chunk;
		} else {
			r->last = chunk_peek(a, r->last)->next;
		}
	}
	chunk_row(a, r->last)->entry[r->total % CHUNK_ENTRIES] = *e;
	if (++r->total == 0) /* 2^32 entries: stay on a chunk's border, above AUDIT_RING */
		r->total = UINT32_MAX - AUDIT_RING + 1;
}

static void record(struct audit *a, uint32_t row, const struct event *ev, const struct rule *rule)
{
	struct audit_entry e = {
		.tick = tick_of(ev), .seq = ev->seq, .aux = ev->aux[rule->aux], .tid = ev->tid, .lr = ev->lr, .source = ev->export_row,
		.handle = ev->handle, .generation = ev->generation, .kind = ev->kind,
	};
	if (ev->kind == EV_HANDLE_DUP)
		e.aux = ev->aux[0] << 32 | (uint32_t)ev->aux[1];
	if (ev->kind == EV_OBJECT_TIMEOUT)
		trail_row(a, row)->timeouts++;
	trail_row(a, row)->last_seq = ev->seq;
	lru_use(a, row);
	ring_push(a, row, rule->ring, &e);
}

/* The first handle belongs to the trail itself. Made by the call that made the object, it may bring it into focus. */
static bool first_handle(struct audit *a, uint32_t row, const struct event *ev)
{
	struct audit_trail *t = trail_row(a, row);
	if (t->origin != AUDIT_CREATED || (t->handle && (t->handle != ev->handle || t->generation != ev->generation)) ||
	    t->ring[AUDIT_NAMES].total)
		return false;
	t->handle = ev->handle;
	t->generation = ev->generation;
	t->sid = ev->sid;
	t->last_seq = ev->seq;
	if (!t->stack && t->created_tick == tick_of(ev) && t->tid == ev->tid && audit_in_focus(a, ev)) {
		lru_remove(a, row);
		t->pinned = 1;
		lru_add(a, row);
		capture_stack(a, row, ev);
	}
	return true;
}

/* handle.create and handle.dup tell of one alias: whichever comes second, one entry, a dup, is kept. */
static bool same_name(struct audit *a, uint32_t row, const struct event *ev)
{
	struct audit_ring *r = ring_of(a, row, AUDIT_NAMES);
	if (!r->total)
		return false;
	struct audit_entry *e = &chunk_row(a, r->last)->entry[(r->total - 1) % CHUNK_ENTRIES];
	if (e->handle != ev->handle || e->generation != ev->generation)
		return false;
	if (e->kind == EV_HANDLE_DUP && ev->kind == EV_HANDLE_CREATE)
		return true;
	if (e->kind != EV_HANDLE_CREATE || ev->kind != EV_HANDLE_DUP)
		return false;
	e->kind = EV_HANDLE_DUP;
	e->aux = ev->aux[0] << 32 | (uint32_t)ev->aux[1];
	return true;
}

/* The trail that takes an event about an object without one; 0: not in focus, or nothing to be known. */
static uint32_t trail_of_unseen(struct audit *a, const struct event *ev, const struct rule *rule)
{
	if (!audit_in_focus(a, ev)) {
		state_row(a)->unseen += rule->ring == AUDIT_SIGNALS;
		return 0;
	}
	return trail_new(a, ev, origin_of_unseen(a, ev->object), true);
}

static void see(void *ctx, const struct event *ev)
{
	struct audit *a = ctx;
	const struct rule *rule = &rules[ev->kind];
	if (rule->what == CREATE) {
		create(a, ev);
		return;
	}
	if (!ev->object && !ev->handle)
		return;
	uint32_t row = trail_find(a, ev->object, ev->handle, ev->generation);
	if (!row && rule->ghost)
		row = trail_of_unseen(a, ev, rule);
	if (!row)
		return;
	switch (rule->what) {
	case END:
		trail_row(a, row)->destroyed_tick = tick_of(ev);
		trail_row(a, row)->destroyed_seq = trail_row(a, row)->last_seq = ev->seq;
		break;
	case RESET:
		trail_row(a, row)->resets++;
		break;
	case NAME_NEW:
		if (!first_handle(a, row, ev) && !same_name(a, row, ev))
			record(a, row, ev, rule);
		break;
	case NAME:
		if (!same_name(a, row, ev))
			record(a, row, ev, rule);
		break;
	default:
		record(a, row, ev, rule);
	}
}

/* ---- set-up, on and off --------------------------------------------------------------------------------------------- */

void audit_init(struct audit *a, struct arena *history, const struct mem *mem)
{
	*a = (struct audit){ .history = history, .mem = mem, .frames = AUDIT_FRAMES_DEFAULT, .cap = AUDIT_CAP_DEFAULT };
	a->t_state = arena_table_add(history, "audit.state", sizeof(struct audit_state), 2);
	a->t_trail = arena_table_add(history, "audit.trail", sizeof(struct audit_trail), TRAILS_MAX);
	a->t_bucket = arena_table_add(history, "audit.bucket", sizeof(uint32_t), BUCKETS + 1);
	a->t_chunk = arena_table_add(history, "audit.chunk", sizeof(struct chunk), CHUNKS_MAX);
	a->t_stack = arena_table_add(history, "audit.stack", sizeof(struct audit_stack_row), STACKS_MAX);
	a->t_seen = arena_table_add(history, "audit.seen", sizeof(uint32_t), OBJECTS_SEEN_MAX / 32 + 1);
}

void audit_restored(struct audit *a, const struct event_stream *events, uint32_t next_object)
{
	if (audit_state(a)->on == a->on)
		return;
	struct audit_state *s = state_row(a);
	s->on = a->on;
	if (a->on) {
		s->since_seq = event_seq(events);
		s->since_object = next_object;
	}
}

void audit_on(struct audit *a, struct event_stream *events, uint32_t next_object)
{
	if (a->on)
		return;
	struct event_observer o = { .see = see, .ctx = a };
	for (unsigned k = 0; k < EV_KINDS; k++)
		if (rules[k].what != IGNORE)
			o.kinds |= EV_BIT(k);
	a->events = events;
	a->slot = event_subscribe(events, &o);
	a->on = true;
	audit_restored(a, events, next_object);
}

void audit_off(struct audit *a)
{
	if (!a->on)
		return;
	event_unsubscribe(a->events, a->slot);
	a->on = false;
	state_row(a)->on = 0;
	a->events = NULL;
}
