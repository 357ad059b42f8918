/* ui/inspect/inspect.h - what a query sees, and the fill functions of tables.def. */
#ifndef UI_INSPECT_INSPECT_H
#define UI_INSPECT_INSPECT_H

#include "kernel/machine.h"
#include "ui/inspect/table.h"

struct audit;                 /* src/observe/audit.h */
struct breaks;                /* ui/breaks.h */
struct diff;                  /* src/diff/logdiff.h */
struct settings;              /* ui/settings.h */
struct whatif;                /* ui/whatif.h */
struct lives;                 /* ui/inspect/lives.h */
struct session;               /* ui/session.h */
struct source_text;           /* ui/source.h */

/** A question's context; everything is borrowed and only read. */
struct query {
	const struct machine *machine;
	const struct audit *audit;    /* NULL: no books are kept */
	const struct breaks *breaks;
	const struct stop *stop;
	uint32_t thread;              /* thread row: asked for or selected, 0 = none */
	uint32_t frame;               /* selected frame of it */
	uint32_t object;              /* object row asked for, 0 = all (or, with @trail, one that is gone) */
	uint32_t trail;               /* trail row asked for: found even when the object is gone; 0 = that of @object */
	bool focused;                 /* trail: only what was in focus when its trail began */
	uint32_t ga, count;           /* ARG_ADDRESS: where, how many units */
	char format;                  /* dump: x d u o t c s i */
	uint8_t unit;                 /* dump: bytes of a unit: 1 2 4 8 */
	uint64_t value;               /* value: of the expression in @word */
	const char *shown;            /* value: what is no integer, as text; NULL = it is one */
	const struct journal *journal;       /* ui/journal.h */
	const struct timeline *timeline;     /* ui/timeline.h */
	bool tainted;
	const struct settings *settings;
	const uint8_t *pattern;       /* found: bytes looked for, from @ga to @value */
	unsigned pattern_size;
	const char *word;             /* ARG_WORD: "" = none */
	const struct whatif *whatif;  /* `whatif`; NULL elsewhere */
	const struct lives *lives;    /* the snapshot of the handles, NULL = none was taken */
	const uint8_t *roles;         /* graph: what each thread row is to a stall (kernel/stall.h); NULL = there is none */
	const struct session *session;       /* where source files are looked for */
	const struct source_text *source;    /* listing: the file; lines @ga to @ga + @count - 1, @value is the present one */
	const struct diff *diff;      /* `wedge diff`: two logs compared; NULL elsewhere */
};

#define TABLE(ID, name, flags, arg, help, ...) void fill_##name(struct table *t, const struct query *q);
#include "ui/inspect/tables.def"
#undef TABLE

/* ---- addresses with their names, of the title and of libraries beside it: code.c --------------------------------------- */

void put_code(struct table *t, const struct machine *m, uint32_t ga);
/** As symbol_text. */
const char *code_text(const struct machine *m, uint32_t ga, char *buf, size_t size);

/* ---- small facts that several tables and the report share ------------------------------------------------------- */

#define WORDS_TEXT 512

/** "ready", "running", "waiting", "suspended", ... */
const char *thread_state_word(const struct machine *m, uint32_t thread);
/** The thread's name, its start symbol when it has none, else "". */
const char *thread_name(const struct machine *m, uint32_t thread, char *buf, size_t size);
/** "12AC#1", or "" without an open handle: the canonical handle of an object. */
const char *object_handle_text(const struct machine *m, uint32_t object, char *buf, size_t size);
/** "Event/Auto 12AC#1 @17 "name"": an object as a phrase. */
const char *object_phrase(const struct machine *m, uint32_t object, char *buf, size_t size);
/** The object's name, "" = unnamed. */
const char *object_name(const struct machine *m, uint32_t object);
/** The pc that matters to a reader: where the thread is in the title (behind the call of a parked one). */
uint32_t thread_pc(const struct machine *m, uint32_t thread);
/** The owner of a mutant, a joined thread, or whoever is inside a critical section or read-write lock: thread row, 0 = none.
 * *@how: static text. All of it is read from the kernel's state: proven. */
uint32_t object_owner(const struct machine *m, uint32_t object, const char **how);
/** The n-th (from 0) of them: a lock may have several readers. */
uint32_t object_owner_nth(const struct machine *m, uint32_t object, unsigned n, const char **how);

#endif
