/* ui/report.h - the wedge report: one model, made once, shown as text or as JSON. */
#ifndef UI_REPORT_H
#define UI_REPORT_H

#include "kernel/standstill.h"
#include "ui/inspect/cause.h"
#include "ui/inspect/stack.h"
#include "ui/session.h"

/** VERDICT(id, "word") */
#define VERDICTS(VERDICT) VERDICT(RUNNING, "RUNNING") VERDICT(WEDGE, "WEDGE") VERDICT(STANDSTILL, "STANDSTILL") VERDICT(STALL, "STALL")
enum verdict_kind {
#define VERDICT(id, word) VERDICT_##id,
	VERDICTS(VERDICT)
#undef VERDICT
};

#define REPORT_LINE 400

/** Lines of text that the report owns. */
struct lines {
	char **line;
	unsigned count;
};

/** One of the frames of a creation stack. */
struct report_frame {
	uint32_t lr;
	const char *rule, *why;
};

/** An object that a root consists of: one, or those of a cycle. */
struct report_object {
	uint32_t row;
	const struct audit_trail *trail; /* of the session's machine; NULL = none */
	struct report_frame frame[AUDIT_FRAMES_MAX]; /* its creation stack */
	unsigned frames;
};

/** A root, with its card. */
struct report_root {
	char letter;                  /* A, B, ...; '-' past Z */
	uint32_t object;              /* object row, 0 = a suspended thread */
	uint32_t thread;              /* its row then */
	uint32_t id;                  /* object id */
	uint64_t osid;
	const char *type;             /* "Event/Auto"; static */
	const char *log_type;         /* "Event"; static */
	struct verdict verdict;
	uint32_t *tids;               /* threads explained: proven ones first */
	unsigned tid_count, proven_count;
	struct report_object *members;/* the first one is @object */
	unsigned member_count;
	char circle[REPORT_LINE];     /* of a cycle: "tid 2 => critical section 82010040 @5 => tid 3 => ... => tid 2" */
	uint32_t signals, waits, wakes;
	struct note passed;           /* of the last call that got it as the event to be set at its end; source 0 = there was none */
	struct raw_stores raw;        /* to its header, while it lived */
	struct lines card;            /* each "label\ttext" */
};

struct report_edge {
	char from[16], to[16];        /* "t9", "@17" */
	bool proven;
};

/** STANDSTILL: an armed timer, and what it calls. */
struct report_callback {
	uint32_t object;              /* row; 0: a device */
	uint32_t source;              /* enum source + 1, 0: a timer */
	uint32_t period_ms, times;    /* how often it came due in the window */
	uint32_t dpc, apc;            /* routines, 0 = none */
	uint32_t hw, tid;             /* where the one runs, whose the other is */
};

struct report {
	struct session *session;      /* borrowed */
	bool verbose;                 /* no list is cut short */
	int only;                     /* the root whose card alone is shown, -1 = all */
	char diff[REPORT_LINE + SETTING_TEXT]; /* where it differs from the reference; "" = there is none */
	struct query query;
	enum verdict_kind verdict;
	bool ended;
	uint64_t cycles, instructions, events, digest;
	struct quiescence quiet;
	char signature[24];
	char state[REPORT_LINE];      /* what can run next and when; ended: with which status; stopped by what the title did: by what */
	const char *stopped;          /* the word of that stop, NULL = none; static */
	struct graph graph;
	struct report_root *roots;
	unsigned root_count;
	struct report_edge *edges;
	unsigned edge_count;
	struct standstill still;      /* STANDSTILL: since when */
	uint32_t gpu_fences;          /* places that the command processor has stored fences to */
	struct report_callback *callbacks; /* STANDSTILL: all armed timers, by object id; then devices */
	unsigned callback_count;
	uint8_t *roles;               /* STANDSTILL, STALL: what each thread row is to it (kernel/stall.h) */
	struct lines chains, odd, next;
	struct parked_group *parked;
	unsigned parked_count;
	char replay_note[REPORT_LINE];/* why creation stacks are missing; "" = they are not */
};

/** Looks at the session's machine (and, if something is stuck, at a second one run from the start). report_free it. */
void report_make(struct session *s, struct report *r);
/** The same; no list is cut short. */
void report_make_verbose(struct session *s, struct report *r);
/** Only verdict and roots: what can be read from the machine as it stands. */
void report_make_brief(struct session *s, struct report *r);
/** What each thread row is to the stall or the standstill that the report would find: the caller's to free; NULL = neither. */
uint8_t *report_roles(struct session *s);
void report_free(struct report *r);
/** Text, or one line of JSON if @o wants that. */
void report_print(const struct report *r, struct out *o);
void report_json(const struct report *r, struct out *o);
const char *verdict_word(const struct report *r);

void lines_add(struct lines *l, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Parts of the making (ui/report_card.c, report_odd.c). */
/** "824A9F6C SilphCtor+B4"; "tid 13 SilphMain", "a DPC" for 0. Into @buf; return it. */
const char *report_place(const struct report *r, uint32_t ga, char *buf, size_t size);
const char *report_who(const struct report *r, uint32_t tid, char *buf, size_t size);
void report_card(struct report *r, struct report_root *root);
void report_chains(struct report *r);
void report_odd(struct report *r, const struct replay *replay);
void report_next(struct report *r);

#endif
