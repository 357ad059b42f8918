/* ui/timeline.h - the session's past: checkpoints, going to any moment that was, looking for what happened before now.
 *
 * A checkpoint is a snapshot of machine and books with the counts of the user's stops. They are taken while the machine runs, at intervals that
 * depend on instructions run and pages copied alone, so that they fall alike on every host, and thinned so that the recent past is dense and the
 * far past sparse. A moment is reached from the last checkpoint before it by running on: silently, counting, never stopping. What the
 * user did to the guest on the way is done again by the journal (ui/journal.h).
 */
#ifndef UI_TIMELINE_H
#define UI_TIMELINE_H

#include "kernel/machine.h"

struct session;                       /* ui/session.h */
struct snapshot;                      /* src/snap/snap.h */
struct run_goal;
struct point_counts;                  /* ui/breaks.h */

/** When. Compared by instructions, then cycles: a clock that runs on while nothing can run makes a later moment. */
struct moment {
	uint64_t instr, cycle, event;
};

struct checkpoint {
	unsigned number;              /* counts up; 0 is where recording began */
	bool kept;                    /* the first one, or made by hand: never thinned */
	struct moment at;
	struct snapshot *snapshot;
	struct point_counts *counts;  /* of the user's stops */
	unsigned journal;             /* entries of the journal that lie before it */
};

#define MOMENTS_KEPT 64u

struct timeline {
	bool on;
	struct checkpoint *at;        /* ascending; at[0] is where recording began: the entry, or later */
	unsigned count, room, last_number;
	uint64_t next_due;            /* instruction */
	struct moment end;            /* how far the known future reaches */
	uint64_t shown;               /* events below this one have been shown to the user: what the title prints is not printed twice */
	struct moment been[MOMENTS_KEPT]; /* where the user stood: back, fwd */
	unsigned been_count, been_at; /* how many; at which of them one stands */
	bool silent;                  /* a replay, or a what-if: nothing is shown */
};

/** Forgets everything and takes the first checkpoint here, if @on. */
void timeline_begin(struct session *s, bool on);
void timeline_fini(struct session *s);
/** The machine has become another moment of the same run: the first checkpoint stays, this is one, and nothing is known behind it. */
void timeline_resumed(struct session *s);
/** Instructions until a run must look in here again; and the look: takes a checkpoint that is due. */
uint64_t timeline_piece(const struct session *s);
void timeline_look(struct session *s);
/** Behind a run: notes how far the future is known. */
void timeline_ran(struct session *s);
/** The user changed the guest here: what was known of the future does not hold any more. */
void timeline_changed(struct session *s);
/** Should what the title prints at event @seq be shown? */
bool timeline_shows(struct session *s, uint64_t seq);

struct moment session_now(const struct session *s);
/** Instructions that a living thread has executed. */
uint64_t session_thread_instructions(const struct session *s, uint32_t tid);
/** -1, 0, 1: by instructions, then cycles. */
int moment_compare(const struct moment *a, const struct moment *b);

/** A checkpoint here, by hand. Returns its number; ST_STATE: recording is off. */
MUST_CHECK enum status timeline_checkpoint(struct session *s, unsigned *number, struct err *err);
MUST_CHECK enum status timeline_delete(struct session *s, unsigned number, struct err *err);
const struct checkpoint *timeline_find(const struct timeline *t, unsigned number);
/** A setting has changed: thins to the memory allowed. */
void timeline_thin(struct session *s);

/* Going. Each leaves s->stop as a step. ST_STATE: recording is off, or interrupted (then the session stands where it stood). */

MUST_CHECK enum status timeline_restart(struct session *s, unsigned number, struct err *err);
/** To before the user's last change of the guest; it and all that was known behind it are forgotten. There is one. */
MUST_CHECK enum status timeline_undo(struct session *s, struct err *err);
/** To the first moment that reaches one of @goal's counts; it may lie before or behind now. */
MUST_CHECK enum status timeline_goto(struct session *s, const struct run_goal *goal, struct err *err);

/** Is the stop at which the machine stands one that is looked for? */
typedef bool timeline_wanted(struct session *s, void *ctx);
/**
 * The last stop before now that @wanted says yes to, among those that the user's stops (@users) and whatever the caller has armed make.
 * *@found false: there is none; the session then stands where it stood.
 */
MUST_CHECK enum status timeline_last(struct session *s, bool users, timeline_wanted *wanted, void *ctx, bool *found, struct err *err);
/** The selected thread's state before its last @count instructions. */
MUST_CHECK enum status timeline_step_back(struct session *s, uint64_t count, struct err *err);
/**
 * The first instruction in (@from, @to] behind which @holds is true, if it is false at @from, true at @to, and changes once between
 * them. *@found false: it is not so. Stands there if it is.
 */
MUST_CHECK enum status timeline_bisect(struct session *s, uint64_t from, uint64_t to, timeline_wanted *holds, void *ctx, bool *found,
                                       struct err *err);

/** Lets @what do anything to the machine, silently, and takes it back: machine, books, counts of stops and what is selected are as before. */
void timeline_try(struct session *s, void (*what)(struct session *s, void *ctx), void *ctx);

/* Position history: where the user stood, one entry per command that moved (ui/cmd.c calls it behind each). */
void timeline_stood(struct session *s);
MUST_CHECK enum status timeline_back(struct session *s, int direction, struct err *err);

#endif
