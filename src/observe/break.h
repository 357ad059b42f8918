/* src/observe/break.h - catchpoints: which of the kernel's events are those that the user waits for.
 *
 * A catchpoint names kinds of events and has terms, all of which must hold. The catcher subscribes to the kinds of the armed ones together
 * and asks one list per event: free when none is armed. What it found it tells its owner, at the moment of the event; what then
 * happens (conditions, counts, a stop) is the owner's business. Everything here is the user's: it outlives a restart of the machine.
 */
#ifndef SRC_OBSERVE_BREAK_H
#define SRC_OBSERVE_BREAK_H

#include "src/event/event.h"
#include "src/mem/mem.h"
#include "src/observe/walk.h"

/** What a term looks at: CATCH_FIELD(ID, "word", what its items are). */
#define CATCH_FIELDS(CATCH_FIELD) \
	CATCH_FIELD(TYPE, "type", GLOB)       /* object type, without regard to case; a beginning will do */ \
	CATCH_FIELD(EXPORT, "export", GLOB)   /* the export that the thread is in */ \
	CATCH_FIELD(LR, "lr", RANGE)          /* return address of that call */ \
	CATCH_FIELD(CALLER, "caller", RANGE)  /* return addresses of the stack, from depth_low to depth_high; 1 is lr */ \
	CATCH_FIELD(HANDLE, "handle", HANDLE) /* the event's handle, or another name of its object */ \
	CATCH_FIELD(OBJ, "obj", NUMBER)       /* object id */ \
	CATCH_FIELD(NAME, "name", GLOB)       /* object's or thread's name, a packet's, as much of it as an event holds */ \
	CATCH_FIELD(THREAD, "thread", GLOB)   /* the acting thread's number or name */ \
	CATCH_FIELD(HOST, "from-host", NONE)  /* no guest thread acts: a timer, an interrupt, a device */
enum catch_field {
#define CATCH_FIELD(id, word, items) CATCH_##id,
	CATCH_FIELDS(CATCH_FIELD)
#undef CATCH_FIELD
	CATCH_FIELD_COUNT
};

#define CATCH_GLOB 64u
#define CATCH_ITEMS_MAX 32u
#define CATCH_TERMS_MAX 12u

struct catch_item {
	char glob[CATCH_GLOB];
	uint32_t low, high;           /* RANGE: first and last address; NUMBER, HANDLE: low; THREAD: low, its number, 0 = by name */
	uint32_t generation;          /* HANDLE: 0 = any */
	uint32_t object;              /* HANDLE: id of the object that it names or named last */
};

struct catch_term {
	uint8_t field;                /* enum catch_field */
	bool negated;
	bool exact;                   /* HANDLE: by this very handle only */
	uint8_t depth_low, depth_high;/* CALLER */
	unsigned count;               /* one of them is enough */
	struct catch_item item[CATCH_ITEMS_MAX];
};

struct catchpoint {
	uint64_t kinds;               /* EV_BITs */
	bool failed_only;             /* kernel.return: only with a status of failure */
	bool hopeless_only;           /* object.wait: only one that has no end */
	bool standstill;              /* no event: the machine stands still; its owner asks */
	unsigned terms;
	struct catch_term term[CATCH_TERMS_MAX];
};

/** What events do not say; asked of the machine. */
struct catch_world {
	/** Object id behind @handle, or behind its last life if it is closed, and the generation; 0 = it never was open. */
	uint32_t (*object_of)(void *ctx, uint32_t handle, uint32_t *generation);
	/** The thread's name; borrowed. */
	const char *(*thread_name)(void *ctx, uint32_t tid);
	/** A wait begins: can it be seen to have no end? */
	bool (*hopeless)(void *ctx, const struct event *ev);
	/** @point matches @ev, at this moment. It may arm and disarm. */
	void (*matched)(void *ctx, void *owner, const struct event *ev);
	void *ctx;
};

struct catch_armed {
	struct catchpoint *point;
	void *owner;
};

struct catcher {
	struct event_stream *events;  /* borrowed; NULL = not attached */
	const struct mem *mem;
	struct catch_world world;
	unsigned slot;
	bool subscribed, busy, changed;
	uint64_t kinds;               /* subscribed to */
	uint64_t follow;              /* EV_HANDLE_CREATE's bit if handles must be followed to their new lives */
	struct catch_armed *armed;
	unsigned count, room;
};

/** A machine is there: what is armed is armed in it. */
void catcher_attach(struct catcher *c, struct event_stream *events, const struct mem *mem, const struct catch_world *world);
/** The machine is about to go. */
void catcher_detach(struct catcher *c);
void catcher_fini(struct catcher *c);
#define CATCH_LIVES_MAX (CATCH_TERMS_MAX * CATCH_ITEMS_MAX)
/** The objects that @p's handles name at this moment, for a machine that goes back to it; returns how many. */
unsigned catchpoint_lives(const struct catchpoint *p, uint32_t lives[CATCH_LIVES_MAX]);
/** Back to those; @lives NULL: asked of the machine as it is. */
void catchpoint_lives_put(struct catcher *c, struct catchpoint *p, const uint32_t *lives);
/** @point and @owner are borrowed until catcher_disarm. Arming twice does nothing. From `matched`, it takes effect behind the event. */
void catcher_arm(struct catcher *c, struct catchpoint *point, void *owner);
void catcher_disarm(struct catcher *c, struct catchpoint *point);

/** Does it match? */
bool catchpoint_matches(const struct catcher *c, const struct catchpoint *p, const struct event *ev);
/** An NTSTATUS that says failure (severity warning or error, the kernel's own facility), and no pointer. */
bool status_failed(uint64_t result);

#endif
