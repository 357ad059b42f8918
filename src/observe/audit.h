/* src/observe/audit.h - trails: what happened to each kernel object, and for those in focus, who made it.
 *
 * Trails lie in the history arena, so that going back in time takes them back. The focus and the settings are the user's and lie in
 * struct audit. Off means not subscribed. audit_init lays out tables: call it for every machine right after
 * machine_new, always in the same order among observers, whether auditing will be on or not.
 *
 * An object has a trail from its object.create on. An object that nobody was seen to create (a raw KEVENT, a handle that names nothing)
 * gets one only when it is signalled or waited on while in focus: a ghost.
 */
#ifndef SRC_OBSERVE_AUDIT_H
#define SRC_OBSERVE_AUDIT_H

#include "src/base/arena.h"
#include "src/event/event.h"
#include "src/mem/mem.h"
#include "src/observe/walk.h"

#define AUDIT_RING 32u                /* entries kept per ring */
#define AUDIT_FRAMES_MAX 16u
#define AUDIT_FRAMES_DEFAULT 6u
#define AUDIT_CAP_DEFAULT (UINT64_C(256) << 20) /* bytes of trails, rings and stacks */
#define AUDIT_CAP_LEAST (UINT64_C(64) << 10)

/** The rings of a trail. AUDIT_RING_KIND(id, "word") */
#define AUDIT_RINGS(AUDIT_RING_KIND) \
	AUDIT_RING_KIND(SIGNALS, "signals") AUDIT_RING_KIND(WAITS, "waits") AUDIT_RING_KIND(WAKES, "wakes") AUDIT_RING_KIND(NAMES, "names") \
	AUDIT_RING_KIND(ARMS, "arms")
enum audit_ring_kind {
#define AUDIT_RING_KIND(id, word) AUDIT_##id,
	AUDIT_RINGS(AUDIT_RING_KIND)
#undef AUDIT_RING_KIND
	AUDIT_RING_KINDS
};

/** Something that happened. SIGNALS: object.signal|pulse|release|abandon; WAITS: object.wait; WAKES: object.wake|timeout;
 * NAMES: handle.dup, handle.destroy, handle.stale, and handle.create but for the first handle (that one is in the trail); ARMS: timer.set|cancel. */
struct audit_entry {
	uint64_t tick, seq;
	uint64_t aux;         /* signals: previous state; waits, timer.set: deadline; wakes: ticks waited; dup: source handle << 32 | generation */
	uint32_t tid, lr;
	uint32_t source;      /* row of exports.def + 1; 0 = no call (timer, thread's end) */
	uint32_t handle, generation; /* by which it was named; 0 = by pointer */
	uint32_t kind;        /* enum event_kind */
};
ARENA_ROW_SIZE(audit_entry, 48);

struct audit_ring {
	uint32_t total;       /* ever; the last AUDIT_RING of them are kept */
	uint32_t first, last; /* chunk rows */
};

/** How it is known where the object comes from. */
enum audit_origin {
	AUDIT_FREE,           /* no trail in this row */
	AUDIT_CREATED,        /* its creation was seen */
	AUDIT_GHOST,          /* nobody was seen to create it */
	AUDIT_LATE,           /* it is older than the auditing */
	AUDIT_DROPPED,        /* its trail was dropped under the cap; this is a new one */
};

/** A trail; a row of history's "audit.trail". Readable by all, written by audit.c. */
struct audit_trail {
	uint32_t link;        /* free list of the arena */
	uint32_t object;      /* object id; 0: a ghost known by handle only */
	uint64_t osid, sid;   /* sid: of the first handle */
	uint64_t created_tick, created_seq;     /* CREATED only */
	uint64_t destroyed_tick, destroyed_seq; /* 0 = alive, as far as was seen */
	uint64_t first_seq, last_seq;           /* first and last event of the trail */
	uint32_t handle, generation; /* first handle */
	uint32_t object_ga;
	uint32_t type;        /* the kernel's enum object_type */
	uint32_t tid, lr, source; /* of the creation */
	uint32_t resets, timeouts; /* counts of object.reset, object.timeout */
	uint32_t stack;       /* row of "audit.stack", 0 = none captured */
	uint32_t next, newer, older; /* trail rows: hash chain, LRU list */
	uint8_t origin;       /* enum audit_origin */
	uint8_t pinned;       /* was in focus when the trail began */
	uint8_t pad[2];
	struct audit_ring ring[AUDIT_RING_KINDS];
	uint32_t pad2;
	char name[EVENT_OBJECT_NAME];
};
ARENA_ROW_SIZE(audit_trail, 216);

/** The one row of "audit.state". */
struct audit_state {
	uint64_t since_seq;   /* nothing is known of what came before this event */
	uint64_t bytes;       /* taken by trails, rings and stacks */
	uint64_t dropped;     /* trails dropped under the cap */
	uint64_t unseen;      /* signals to unseen objects that were not in focus: not kept */
	uint32_t since_object;/* object ids below it are older than the auditing */
	uint32_t on;          /* 1 = auditing was on */
	uint32_t newest[2], oldest[2]; /* LRU lists: 0 plain, 1 pinned */
};
ARENA_ROW_SIZE(audit_state, 56);

/** What is in focus; host memory. */
struct audit_focus {
	bool everything;
	unsigned handles, objects, gas, osids;
	uint32_t *handle, *object, *ga;
	uint64_t *osid;
};

struct audit {
	struct arena *history;          /* borrowed */
	const struct mem *mem;          /* borrowed; for stacks */
	struct event_stream *events;    /* borrowed while on */
	unsigned slot;
	bool on;
	struct audit_focus focus;
	unsigned frames;                /* setting: frames of a creation stack */
	uint64_t cap;                   /* setting: bytes */
	uint64_t walks;                 /* stacks walked so far; for tests and bench */
	unsigned t_state, t_trail, t_bucket, t_chunk, t_stack, t_seen;
};

void audit_init(struct audit *a, struct arena *history, const struct mem *mem);
void audit_fini(struct audit *a);

/** Subscribes, or ends it; a second call of the same kind does nothing. @next_object: the first object id not yet given out. */
void audit_on(struct audit *a, struct event_stream *events, uint32_t next_object);
void audit_off(struct audit *a);
/** After a restore: notes in the history that came back whether auditing is on from here. */
void audit_restored(struct audit *a, const struct event_stream *events, uint32_t next_object);

/* Focus. Adding twice does nothing. It takes effect for what is created, or signalled, from now on. */
void audit_focus_all(struct audit *a, bool everything);
void audit_focus_handle(struct audit *a, uint32_t handle);
void audit_focus_object(struct audit *a, uint32_t id);
void audit_focus_ga(struct audit *a, uint32_t ga);
void audit_focus_osid(struct audit *a, uint64_t osid);
void audit_focus_clear(struct audit *a);
/** "12ac,@17,*82001234", as --trace-handles and `track add` take it ("" or "all" = everything). On ST_BAD_USAGE nothing has changed. */
MUST_CHECK enum status audit_focus_parse(struct audit *a, const char *list, struct err *err);

/* Reading. Rows are valid until the next event. */
const struct audit_state *audit_state(const struct audit *a);
static inline const struct audit_trail *audit_trail(const struct audit *a, uint32_t row) { return arena_peek(a->history, a->t_trail, row); }
/** Row of the trail, 0 = none. A handle finds its latest ghost or the latest trail that it was the first handle of. */
uint32_t audit_by_object(const struct audit *a, uint32_t id);
uint32_t audit_by_osid(const struct audit *a, uint64_t osid);
uint32_t audit_by_handle(const struct audit *a, uint32_t handle);
/** All trail rows, by object id, then those known by handle only; *@rows is the caller's to free. Returns how many. */
unsigned audit_list(const struct audit *a, uint32_t **rows);
/** The entries kept of a ring, oldest first; returns how many. The total is trail->ring[kind].total. */
unsigned audit_entries(const struct audit *a, const struct audit_trail *t, enum audit_ring_kind kind,
                       struct audit_entry out[AUDIT_RING]);
/** The creation stack; 0 frames = none was captured. */
unsigned audit_stack(const struct audit *a, const struct audit_trail *t, struct walk_frame out[AUDIT_FRAMES_MAX]);
const char *audit_ring_word(enum audit_ring_kind kind);

#endif
