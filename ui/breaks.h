/* ui/breaks.h - the user's stops: breakpoints, watchpoints, catchpoints. They belong to the user, not to the machine, and outlive a
 * restart of it.
 *
 * A stop that is reached is counted; then its thread, its condition and its ignore count decide whether it is a hit; then it logs, arms
 * another one, or stops the machine. All of that happens at the moment itself, by the hooks of machine and memory: what does not stop
 * costs no way out of the run loop. What stopped lies in @reached until the session has reported it.
 */
#ifndef UI_BREAKS_H
#define UI_BREAKS_H

#include "src/cpu/cpu.h"
#include "src/observe/break.h"

struct session;                       /* ui/session.h */
struct machine;
struct expr;                          /* ui/expr.h */
struct block;                         /* ui/block.h */
struct log_format;                    /* ui/logline.h */

enum point_kind { POINT_CODE, POINT_WATCH, POINT_CATCH, POINT_FRAME };
enum point_fate { FATE_KEEP, FATE_DISABLE, FATE_DELETE }; /* when it is hit */

struct thread_hits {
	uint32_t tid;
	uint64_t n;
};

struct breakpoint {
	unsigned number;      /* as the user sees it; counts up, never reused; 0 = an inner one, not shown */
	enum point_kind kind;
	uint32_t ga, size;    /* CODE: instruction; WATCH: first byte, bytes; FRAME: in the window at A0000000 */
	bool enabled, temporary, doomed; /* temporary: made by tbreak or tcatch; doomed: to be taken out as soon as nobody looks at it */
	enum point_fate fate;
	bool on_read, on_write, on_change; /* WATCH */
	char *what;           /* WATCH, CATCH: as the user wrote it; FRAME: so that it can be read back */
	struct catchpoint *catch;
	uint32_t tid;         /* only this thread; 0 = all */
	struct expr *condition; /* NULL = none */
	uint64_t ignore;      /* hits to pass over */
	uint64_t left;        /* hits until it is disabled or deleted; 0 = no count */
	unsigned arms;        /* number of the one that its hit enables, 0 = none */
	struct log_format *log; /* NULL = it stops */
	struct block *commands;
	int function;         /* a script's: called instead of stopping, decides whether it does; 0 = none */
	bool silent;
	uint64_t reached;     /* by any thread, thread and condition not looked at */
	uint64_t hits;
	uint64_t last_cycle;  /* of the last hit */
	struct thread_hits *by_thread; /* reached, by tid */
	unsigned threads;
};

/** An access that a watchpoint may be about, until the instruction is over. */
struct watch_access {
	uint32_t ga, size, tid, thread, pc;
	unsigned number;
	bool store;
	uint64_t before;      /* hash of the bytes watched */
	uint8_t bytes[8];     /* the first of them */
	unsigned length;
};
/** A watched frame changed hands, and the instruction during which it did is not over. */
struct frame_move {
	unsigned number;
	uint32_t frame, tid, thread, pc;
	struct mem_frame before, now;
};
/* Where the window at A0000000 shows a frame. */
static inline uint32_t frame_window(uint32_t frame) { return 0xA0000000u + (frame << MEM_PAGE_SHIFT); }
#define WATCH_ACCESSES_MAX 32u
#define REACHED_MAX 8u

/** What a hit does. */
enum breaks_mode {
	BREAKS_STOP,              /* all that the user wanted */
	BREAKS_PASS,              /* counts, logs and arms, but nothing stops */
	BREAKS_COUNT,             /* counts: a moment is gone through again */
	BREAKS_SEARCH,            /* stops and does nothing else: a moment is looked for */
};

/** The counts of the user's stops at one moment. */
struct point_counts;

struct breaks {
	struct breakpoint **list; /* each by itself: those that look at one keep its address */
	unsigned count, room, last_number;
	struct catcher catcher;
	unsigned reached[REACHED_MAX], reached_count; /* numbers of the hits that stop */
	uint64_t reached_hits, reached_thread_hits; /* of the first of them */
	char text[320];           /* what the first of them is */
	bool silent;              /* the first of them does not want to be shown */
	struct block *commands[REACHED_MAX]; /* to be executed when the stop has been reported */
	unsigned commands_count;
	struct watch_access access[WATCH_ACCESSES_MAX];
	unsigned accesses;
	struct frame_move *moved;
	unsigned moves, moves_room;
	enum breaks_mode mode;
	bool stepping;            /* a step's end is being looked at */
};

/** Sets the hooks of the session's machine and arms everything that is enabled in it. */
void breaks_attach(struct session *s);
/** The session's machine is about to go. */
void breaks_detach(struct session *s);
void breaks_fini(struct breaks *b);

/** A new one, not armed; breaks_enable arms it. Valid until it is removed. */
struct breakpoint *breaks_new(struct session *s, enum point_kind kind);
/** A code breakpoint, armed. */
struct breakpoint *breaks_add(struct session *s, uint32_t ga, bool temporary);
/** An inner one (nexti, finish), without a number. */
void breaks_add_inner(struct session *s, uint32_t ga);
void breaks_remove_inner(struct session *s);
/** By number, NULL = none. */
struct breakpoint *breaks_find(const struct breaks *b, unsigned number);
void breaks_remove(struct session *s, unsigned number);
/** One that was to be made and cannot be: as if it had never been. */
void breaks_never(struct session *s, struct breakpoint *p);
/** It is disabled, and goes as soon as nobody looks at it: at a moment of its own too. */
void breaks_doom(struct session *s, struct breakpoint *p);
void breaks_enable(struct session *s, struct breakpoint *p, bool enabled);
/** Is an inner one at @ga? */
bool breaks_inner_at(const struct breaks *b, uint32_t ga);
/** Thread row @thread stands at its pc: is that a hit that stops? Then it is in @reached. */
bool breaks_reached(struct session *s, uint32_t thread);
/** Forgets what was reached, and takes out what is doomed. Before a run. */
void breaks_forget(struct session *s);
/** The machine has come to stand still: what waits for that is hit. */
void breaks_stand(struct session *s);
/** Takes out what is doomed. */
void breaks_sweep(struct session *s);
/** The counts as they are, and back; of a stop that is not among them, none. The caller frees them with point_counts_free. */
struct point_counts *point_counts_take(const struct breaks *b);
void point_counts_put(struct breaks *b, const struct point_counts *c);
void point_counts_free(struct point_counts *c);
uint64_t breaks_thread_hits(const struct breakpoint *p, uint32_t tid);

/* For the files that look for hits (breaks.c, watch.c). */

/** It is reached by thread row @thread (0 = none), at event @ev (NULL = none). True: it stops, and is noted as reached. */
bool point_reached(struct session *s, struct breakpoint *p, uint32_t thread, const struct event *ev, const char *text);
/** Sets or clears its pages' attributes; the memory hook. */
void watch_arm(struct session *s);
void watch_on_access(void *ctx, uint32_t ga, unsigned size, bool store);
void watch_on_accessed(struct session *s);
/** Appends " by tid 1 at 82001234 worker+1C" to @buf; nothing if @tid is 0. */
void point_by_whom(const struct session *s, uint32_t tid, uint32_t pc, char *buf, size_t size);
/** Sets the memory's hook if any stop on a frame is enabled, else takes it away. */
void frames_arm(struct session *s);
/** What watched frames did during the instruction that is over. */
void frames_on_accessed(struct session *s);

#endif
