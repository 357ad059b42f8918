/* kernel/ledger.h - who took and who dropped the references of each object, and who closed the handles that are closed.
 *
 * It lies in the history arena: it decides nothing. For each living object the last LEDGER_RING entries are kept; those before them go
 * into one sum, so that a ledger always adds up to the object's count (INVARIANT at every change). The kernel's own short holds inside of a call
 * count in the sum and leave no entry. For each slot the last
 * life that was closed is kept: a use of its number that cannot mean the present one names that life (handle.stale).
 */
#ifndef KERNEL_LEDGER_H
#define KERNEL_LEDGER_H

#include "kernel/machine.h"

#define LEDGER_RING 16u
#define LEDGER_CHUNK 4u

/** What a reference is for. LEDGER_REASON(id, "word") */
#define LEDGER_REASONS(LEDGER_REASON) \
	LEDGER_REASON(HANDLE, "handle") LEDGER_REASON(POINTER, "pointer") LEDGER_REASON(WAIT, "wait") \
	LEDGER_REASON(RUNNING, "running thread") LEDGER_REASON(MEMORY, "its memory") LEDGER_REASON(HOLD, "the kernel's hold")
enum ledger_reason {
#define LEDGER_REASON(id, word) LEDGER_##id,
	LEDGER_REASONS(LEDGER_REASON)
#undef LEDGER_REASON
};
/** Static. */
const char *ledger_reason_word(enum ledger_reason r);

/** Who did something: thread, call, place. */
struct ledger_actor {
	uint64_t cycle;
	uint32_t tid, lr;         /* 0 = the kernel itself */
	uint32_t source;          /* row of exports.def + 1, 0 = no call */
	uint32_t pad;
};

/** One reference taken or dropped. */
struct ledger_entry {
	struct ledger_actor by;
	uint32_t what;            /* HANDLE: the handle; WAIT, RUNNING: the tid */
	uint32_t generation;      /* HANDLE */
	uint8_t reason;           /* enum ledger_reason */
	int8_t change;            /* 1, -1 */
	uint8_t pad[6];
};

/** A row of history's "ledger.chunk". */
struct ledger_chunk {
	uint32_t next, pad;       /* chunk row; of the last one: the first */
	struct ledger_entry entry[LEDGER_CHUNK];
};
ARENA_ROW_SIZE(ledger_chunk, 168);

/** An object's ledger; a row of history's "ledger", its number is the object's. */
struct ledger {
	uint32_t total;           /* entries ever */
	uint32_t first, last;     /* chunk rows */
	int32_t sum;              /* of all changes */
	int32_t earlier;          /* of the entries that are no longer kept */
	uint32_t surplus;         /* dereferences of what nobody had referenced: refused */
};
ARENA_ROW_SIZE(ledger, 24);

/** The last life of a slot that was closed; a row of history's "slot.past", its number is the slot's. generation 0: there is none. */
struct past_life {
	struct ledger_actor by;   /* who closed it */
	uint64_t sid, osid;
	uint32_t generation;
	uint32_t object;          /* object id */
	uint32_t object_ga;
	uint32_t type;            /* enum object_type */
};
ARENA_ROW_SIZE(past_life, 56);

void ledger_layout(struct machine *m);

/** A reference of object row @object has come (@change 1) or gone (-1): called before the object can die of it. */
void ledger_note(struct machine *m, uint32_t object, enum ledger_reason reason, int change, uint32_t what, uint32_t generation);
/** A dereference was refused. */
void ledger_surplus(struct machine *m, uint32_t object);
/** The object is gone. */
void ledger_end(struct machine *m, uint32_t object);
/** Slot row @slot is about to be emptied. */
void ledger_closed(struct machine *m, uint32_t slot);

/* Reading. */
static inline const struct ledger *ledger_peek(const struct machine *m, uint32_t object)
{
	return arena_peek(&m->history, m->t_ledger, object);
}
static inline const struct past_life *past_life_peek(const struct machine *m, uint32_t slot)
{
	return arena_peek(&m->history, m->t_past, slot);
}
/** The entries kept, oldest first; returns how many. */
unsigned ledger_entries(const struct machine *m, uint32_t object, struct ledger_entry out[LEDGER_RING]);

#endif
