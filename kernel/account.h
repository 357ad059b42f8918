/* kernel/account.h - accounting: where the threads' time went, by thread, object and export. It decides nothing and lies in the history arena:
 * going back in time takes it back. Costs something at switches, waits and calls, nothing per instruction. Times are cycles.
 */
#ifndef KERNEL_ACCOUNT_H
#define KERNEL_ACCOUNT_H

#include "kernel/machine.h"

#define ACCOUNT_PAIRS 64u     /* objects that a thread's parked time is told apart by; what comes after them goes to object 0, "others" */

/** A thread; table "account.thread", row tid + 1. */
struct account_thread {
	uint64_t instr;           /* executed */
	uint64_t since;           /* cycle of its last change of state */
	uint64_t ready, running, parked; /* cycles up to then; parked: waiting, delayed or suspended */
	uint64_t switches;        /* times that it began to run */
	uint64_t in_call;         /* parked within its present call */
	uint32_t pair_first, pairs; /* rows of "account.pair" */
};
ARENA_ROW_SIZE(account_thread, 64);

/** A kernel object; table "account.object", at the object's own row. Another @id: of an object that is gone, nothing is known of this one. */
struct account_object {
	uint64_t waits, parked, longest; /* waits that are over; cycles that they took */
	uint32_t id, pad;
};
ARENA_ROW_SIZE(account_object, 32);

/** A thread's waits for one object; table "account.pair". */
struct account_pair {
	uint32_t free_link;
	uint32_t next;            /* the thread's next row */
	uint32_t object;          /* id; 0 = others, and what is no object (delays) */
	uint32_t waits;
	uint64_t parked;
};
ARENA_ROW_SIZE(account_pair, 24);

/** An export; table "account.export", row + 1 of exports.def. */
struct account_export {
	uint64_t calls, failures; /* failures: r3 was an error status (C0000000-CFFFFFFF); calls of Mm* return addresses and have none */
	uint64_t parked;          /* cycles parked inside calls that are over */
};
ARENA_ROW_SIZE(account_export, 24);

void account_layout(struct machine *m);
static inline struct account_thread *account_row(struct machine *m, const struct w_thread *t)
{
	return arena_row(&m->history, m->t_account_thread, t->tid + 1);
}
/** Thread @t is about to leave its state for @state. (Here, because a switch does it twice.) */
static inline __attribute__((always_inline)) void account_state(struct machine *m, const struct w_thread *t, enum thread_state state)
{
	struct account_thread *a = account_row(m, t);
	uint64_t now = machine_cycle(m), d = now > a->since ? now - a->since : 0;
	if (t->state == TS_READY)
		a->ready += d;
	else if (t->state == TS_RUNNING)
		a->running += d;
	else if (t->state == TS_WAITING)
		a->parked += d;
	a->switches += state == TS_RUNNING && t->state != TS_RUNNING;
	a->since = now;
}
void account_ran(struct machine *m, uint32_t thread, uint64_t instructions);
/** The present wait of @thread is over; its blocks still stand. */
void account_wait_over(struct machine *m, uint32_t thread);
/** A wait that was satisfied at once. */
void account_no_wait(struct machine *m, uint32_t thread, uint32_t object);
void account_call(struct machine *m, uint32_t thread, uint32_t export_row);
void account_return(struct machine *m, uint32_t thread, uint64_t r3);

/* For readers; NULL: nothing is known yet. */
const struct account_thread *account_of_thread(const struct machine *m, uint32_t thread);
const struct account_object *account_of_object(const struct machine *m, uint32_t object);
const struct account_pair *account_pair_at(const struct machine *m, uint32_t row);
/** @row: as in events, row of exports.def + 1. */
const struct account_export *account_of_export(const struct machine *m, uint32_t row);

#endif
