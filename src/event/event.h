/* src/event/event.h - the one event stream: plain records, emitted once, seen by observers that know nothing of each other. */
#ifndef SRC_EVENT_EVENT_H
#define SRC_EVENT_EVENT_H

#include "src/base/arena.h"
#include "src/base/base.h"

enum event_kind {
#define EVENT(id, kind, text, aux) EV_##id,
#include "src/event/event.def"
#undef EVENT
	EV_KINDS
};
_Static_assert(EV_KINDS <= 64, "a set of kinds is one u64");
#define EV_BIT(kind) (UINT64_C(1) << (kind))
#define EV_ALL (UINT64_MAX >> (64 - EV_KINDS)) /* every kind */

#define EVENT_ARGS 16
#define EVENT_OBJECT_NAME 24

/** One occurrence. All numbers are guest facts; the record outlives the moment (no pointers but @name, static). */
struct event {
	uint64_t seq;         /* how many events there were before this one */
	uint64_t thread_index;/* the same, of this thread ("ti") */
	uint64_t cycle;
	uint64_t instr;       /* instructions executed, all threads together */
	uint64_t thread_key;  /* "tk" */
	uint64_t sid, osid;   /* 0 = does not concern a handle / an object */
	uint64_t aux[4];      /* event.def says what */
	uint64_t args[EVENT_ARGS]; /* kernel.call: the export's arguments */
	uint64_t result;      /* kernel.return: r3; others: 0 */
	uint32_t kind;        /* enum event_kind */
	uint32_t tid;         /* 0 = no guest thread (timer, interrupt) */
	uint32_t sp, lr;      /* r1 and LR of the thread: where a stack walk begins */
	uint32_t pc;
	uint32_t handle, generation; /* 0 = no handle */
	uint32_t object;      /* object id (@17), 0 = none */
	uint32_t object_ga;   /* its dispatcher header, 0 = none */
	uint32_t type;        /* enum object_type of the kernel, 0 = none */
	uint32_t nargs;
	uint32_t export_row;  /* row of exports.def + 1, 0 = none */
	const char *name;     /* export's name, else NULL; static */
	const char *type_name;/* "Event", ...; static, NULL = none */
	char object_name[EVENT_OBJECT_NAME]; /* object's or thread's name, cut; "" = none */
	const char *text;     /* debug.print: the line; borrowed, valid only during the emission */
};

/** An observer. It may read the event, read-only guest memory and its own state; it must not change the guest. */
struct event_observer {
	uint64_t kinds;       /* EV_BITs it wants */
	void (*see)(void *ctx, const struct event *ev);
	void *ctx;
};

#define EVENT_OBSERVERS_MAX 12

#define EVENT_TIDS_MAX (1u << 22) /* thread ids; the kernel refuses to make more threads than this */

struct event_stream {
	struct arena *history;/* borrowed */
	unsigned t_count;     /* table "event.count": row 1 = all together, row tid + 2 = that thread (tid 0: no thread) */
	uint64_t wanted;      /* union of the observers' kinds */
	unsigned observers;
	struct event_observer observer[EVENT_OBSERVERS_MAX];
};

/** A row of history's "event.count". */
struct event_count {
	uint64_t n;
};
ARENA_ROW_SIZE(event_count, 8);

/** Lays out the stream's table in @history. */
void event_init(struct event_stream *s, struct arena *history);
/** Returns a slot number for event_unsubscribe. INVARIANT: room. Observers are called in the order of their slots. */
unsigned event_subscribe(struct event_stream *s, const struct event_observer *o);
void event_unsubscribe(struct event_stream *s, unsigned slot);
/** Counts the event (always) and fills @ev->seq and thread_index; hands it to those who want its kind. */
void event_emit(struct event_stream *s, struct event *ev);
/** Does any observer want this kind? If not, an emitter may call event_count_only and save itself the record. */
static inline bool event_is_wanted(const struct event_stream *s, enum event_kind k)
{
	return (s->wanted & EV_BIT(k)) != 0;
}
/** Counts an event that nobody wants, as event_emit would. */
void event_count_only(struct event_stream *s, uint32_t tid);
/** Events emitted so far. */
uint64_t event_seq(const struct event_stream *s);
/** "handle.create" etc.; static. */
const char *event_kind_name(enum event_kind k);
const char *event_kind_text(enum event_kind k);
/** What ev.aux[] holds, comma-separated; "" = nothing. */
const char *event_kind_aux(enum event_kind k);
/** Kind by its name, with or without the family ("create" is handle.create's short word); -1 if there is none. */
int event_kind_find(const char *name);
/** A list of kinds as `--log-kinds` takes it: names, short words, families ("object"), globs ("object.*", "*.create"), "all";
 * comma-separated, "!" takes out (a list that begins with it begins with all). ST_BAD_USAGE: names the word, nothing is written. */
MUST_CHECK enum status event_kinds_parse(const char *list, uint64_t *kinds, struct err *err);

#endif
