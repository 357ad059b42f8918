/* ui/session.h - the only door that changes a machine: running, stepping, stopping, starting again, looking back.
 *
 * A session owns the title, the machine with its observers, the user's breakpoints, focus and settings, and the last stop. Front ends
 * call it; it prints nothing but the title's own output.
 */
#ifndef UI_SESSION_H
#define UI_SESSION_H

#include "src/load/image.h"
#include "src/observe/log.h"
#include "ui/breaks.h"
#include "ui/expr.h"
#include "ui/inspect/inspect.h"
#include "ui/journal.h"
#include "ui/notes.h"
#include "ui/out.h"
#include "ui/printed.h"
#include "ui/rig.h"
#include "ui/settings.h"
#include "ui/timeline.h"

struct session_options {
	struct machine_options machine;
	const char *title;            /* path */
	struct image_options image;   /* what belongs to it: key, patch */
	const char *const *symbols;   /* files of further symbols; borrowed */
	unsigned symbol_files;
	const char *directories;      /* setting `directories`, NULL = none; borrowed */
	const char *log_path;         /* NULL = no log */
	struct log_options log;       /* which events; whom to tell is filled in */
	const char *reference;        /* path of an event log to be compared with, NULL = none */
	uint64_t max_instr;           /* UINT64_MAX = no limit */
	const char *record_path;      /* --record: the inputs go there, NULL = nowhere. The front end writes them */
	uint64_t title_hash;          /* recording_hash that the title must have; 0 = any */
	bool record;                  /* keep the past, so that one can go back */
	const char *focus;            /* --trace-handles' list ("" = everything), NULL = none */
};

struct recording;                     /* ui/recording.h */
struct line_source;                   /* ui/block.h */
struct tui;                           /* ui/tui/tui.h */
struct block;
struct luaui;                         /* ui/lua/luaui.h */

/** A command of the user's own: `define` (a body), `alias` (a text in the place of its word), or a script's (functions). */
struct user_command {
	char *name, *stands_for;
	struct block *body;
	char *help;                   /* of a script's */
	int function, complete;       /* the script's; 0 = none */
};

/** What `list` has shown: lines first to last of @file (borrowed from the image); NULL = nothing since the last stop. */
struct list_place {
	const char *file;
	uint32_t first, last;
};

struct session {
	struct session_options options;
	uint8_t xex_key[16];          /* options.machine.xex_key, if one was given */
	struct image *image;
	struct rig *rig;
	struct log *log;
	struct breaks breaks;
	struct user_variables variables;
	struct journal journal;       /* what the user did to the guest */
	const struct recording *recording; /* its inputs are those of a recording (borrowed), NULL = the user's */
	const struct recording *following; /* the same while the run goes its way */
	bool replay_differs;          /* it came to another state */
	struct settings settings;
	struct timeline timeline;     /* the past: checkpoints */
	struct stop stop;             /* the last one; STOP_ENTRY before the first run */
	unsigned break_number;        /* of the breakpoint that the last stop is, 0 = none */
	uint32_t thread, frame;       /* selected: thread row, frame of its stack */
	struct out *out;              /* results */
	bool interactive;             /* a person sits at a terminal */
	bool (*ask)(const char *question); /* asks that person; NULL = nobody to ask */
	/* how the session ends; ui/cmd sets them */
	bool quit, quit_coded;        /* `quit` or `exit N` was given; a code was */
	int quit_code;
	bool command_failed, expect_failed;
	int signal;                   /* SIGINT or SIGTERM ended a run in batch */
	uint32_t went_object;         /* id of the object whose events `goto` went to last */
	uint32_t next_ga;             /* where `x` goes on */
	struct list_place list;       /* where `list` goes on */
	char x_format;                /* its last format and unit */
	uint8_t x_unit;
	struct lives *lives;          /* `handles snapshot`, NULL = none */
	unsigned nesting;             /* command files and blocks being executed */
	/* the command language; ui/cmd and ui/script keep these */
	struct line_source *source;   /* where the line that is being executed came from, NULL = nowhere */
	struct luaui *lua;            /* NULL = no script has run */
	bool quiet;                   /* a script runs the machine: stops are not shown */
	unsigned arrivals;            /* stops of any kind so far, those of going back too */
	struct user_command *own;
	unsigned own_count, own_room;
	unsigned runs;                /* how often the machine was run */
	bool in_commands;             /* a stop's commands are being executed */
	bool allow_shell;             /* `| CMD` and `!CMD` may start programs */
	const struct own_arguments *arguments; /* of the user's command that is being executed, NULL = none */
	char leave;                   /* 'b' loop_break, 'c' loop_continue */
	bool panes;                   /* the terminal shows the panes, or shall when the next line is to be read */
	struct printed printed;       /* what the title has printed */
	void (*console)(void *ctx, const char *line); /* hears each line that the title prints, made visible; NULL = nobody does */
	void *console_ctx;
	bool console_only;            /* such a line goes nowhere else */
	struct tui *tui;              /* the panes, once something asked for them; owned */
};

/** Opens the title and stands at its entry. @out is borrowed. On failure @s holds nothing. */
MUST_CHECK enum status session_open(struct session *s, const struct session_options *o, struct out *out, struct err *err);
/** ST_IO: the event log could not be completed. */
MUST_CHECK enum status session_close(struct session *s, struct err *err);

static inline struct machine *session_machine(const struct session *s) { return s->rig->machine; }
/** The user has changed the guest before this moment. */
static inline bool session_tainted(const struct session *s) { return journal_taints(&s->journal); }
/** A query about the present machine, for the selected thread. */
struct query session_query(const struct session *s);

/* Running. Each leaves s->stop and selects the thread that stopped. @limit: instructions, UINT64_MAX = no limit but max-instr. */
void session_run(struct session *s, uint64_t limit);
/** Where to stop: whichever comes first. UINT64_MAX = never. */
struct run_goal {
	uint64_t instr, cycle, event; /* counts of the machine */
	bool pass;                    /* the user's stops are counted but do not stop */
};
/** Runs to @goal. The stop is a step if it was reached. */
void session_run_to(struct session *s, const struct run_goal *goal);
/** Until the selected thread itself comes to @ga, or to @ga2 (0 = none), with its stack pointer at or above @sp, or something else
 * stops it. */
void session_run_until(struct session *s, uint32_t ga, uint32_t ga2, uint32_t sp);
/** One instruction of the selected thread, @count times, until something else stops it. */
void session_step(struct session *s, uint64_t count);
/** The same, but a call counts as one instruction. */
void session_next(struct session *s, uint64_t count);
/** The session's machine becomes the one that @path holds; @r is that file's note, of the same title and options. What was known of this
 * machine's past stays known from the entry on. On failure nothing has changed (but that the event log may not go on: ST_IO). */
MUST_CHECK enum status session_resume(struct session *s, const struct recording *r, const char *path, struct err *err);
/** What comes next, after each piece of a step of the user's. */
struct step_move {
	enum { MOVE_DONE, MOVE_INTO, MOVE_OVER, MOVE_OUT } kind; /* INTO: one instruction; OVER: the same, but a call counts as one */
	uint32_t ga, sp;              /* OUT: until the thread comes to @ga with r1 at or above @sp */
};
/** Moves the selected thread as @next says, until it is done or something else stops the machine. */
void session_step_by(struct session *s, struct step_move (*next)(void *ctx, const struct session *s, uint32_t thread), void *ctx);
/** A new machine at the entry; breakpoints, focus and settings stay. On failure the old one stays. */
MUST_CHECK enum status session_restart(struct session *s, struct err *err);

/* For ui/timeline.c. */

/** Runs to @goal or to a stop, with the goal's `pass` and whatever the settings limit not looked at: nothing but s->stop changes. */
void session_run_raw(struct session *s, const struct run_goal *goal);
/** s->stop is where the machine stands: selects its thread, names what stopped. */
void session_arrive(struct session *s);

/** The frames that a creation stack keeps, from the settings. */
void session_settings_changed(struct session *s);
/** After a machine was opened or made anew: hooks and interrupt flag are set, stops armed. */
void session_attach(struct session *s);
/** What the user does to the guest: journalled, and the run is tainted from here on. */
MUST_CHECK enum status session_set_register(struct session *s, const char *name, uint64_t value, struct err *err);
MUST_CHECK enum status session_set_memory(struct session *s, uint32_t ga, unsigned size, uint64_t value, struct err *err);
/** The same for any number of bytes; all of them are mapped, or nothing has changed. */
MUST_CHECK enum status session_write_memory(struct session *s, uint32_t ga, const void *bytes, size_t size, struct err *err);
/** Selects a thread; frame 0. */
void session_select(struct session *s, uint32_t thread);

/** "breakpoint 2", "wedge", ...: what the last stop is, in one line without its place. */
const char *session_stop_text(const struct session *s, char *buf, size_t size);
/** The exit code that belongs to the last stop (design, "Command line"). */
int session_stop_code(const struct session *s);

/* ---- looking back: a second machine, run from the start ---------------------------------------------------------- */

struct replay {
	struct rig *rig;
	struct notes notes;
	bool same;                    /* it stands where the session's machine stands, with the same digest */
};

/** Runs a second machine to the session's instruction with @osids in focus. ST_STATE: interrupted on the way. */
MUST_CHECK enum status session_replay(struct session *s, const uint64_t *osids, unsigned count, struct replay *out, struct err *err);
void replay_free(struct replay *r);
/** The same, with an event log of all kinds written to @path instead of a focus. */
MUST_CHECK enum status session_log_again(struct session *s, const char *path, struct err *err);

#endif
