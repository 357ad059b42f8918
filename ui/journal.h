/* ui/journal.h - what the user did to the guest, each thing at the boundary where it was done: a replay does it again, there.
 *
 * Those up to `done` lie before the present moment. Going back takes them back; those up to `known` are then done again by the machine as it
 * comes by. A new one takes the place of what was known of the future.
 */
#ifndef UI_JOURNAL_H
#define UI_JOURNAL_H

#include "kernel/change.h"
#include "kernel/pad.h"

struct session;                       /* ui/session.h */

/** JOURNAL(id, "word of recordings") */
#define JOURNAL_KINDS(JOURNAL) JOURNAL(HOLD, "hold") JOURNAL(REGISTER, "register") JOURNAL(MEMORY, "memory") JOURNAL(POKE, "poke") JOURNAL(ON_STUB, "on-stub") JOURNAL(PAD, "pad") JOURNAL(STOP, "stop")
enum journal_kind {
#define JOURNAL(id, word) JOURNAL_##id,
	JOURNAL_KINDS(JOURNAL)
#undef JOURNAL
	JOURNAL_KIND_COUNT
};

struct journal_entry {
	struct machine_position at;   /* before it was done */
	enum journal_kind kind;
	uint32_t tid;                 /* HOLD: the only thread that runs from here on, 0 = all; REGISTER: whose */
	char name[8];                 /* REGISTER: "r3", "f1", "pc", "lr", "ctr", "cr", "xer" */
	uint32_t ga, size;            /* MEMORY: bytes, 1 2 4 8 */
	uint64_t value;               /* REGISTER, MEMORY; ON_STUB: what a call of an export that is not built returns */
	bool on;                      /* ON_STUB: the run goes on */
	enum poke poke;               /* POKE: to object id @object */
	uint32_t object;
	struct pad_input pad;         /* PAD: an input, as for a title it is: the run is not tainted by it */
	/* STOP: nothing was done, the machine stops here */
};

struct journal {
	struct journal_entry *entry;
	unsigned done, known, room;
};

void journal_fini(struct journal *j);
/** Behind all that is known; it is not done. */
void journal_append(struct journal *j, const struct journal_entry *e);
/** Does it to @m. A line says why not: there is no such register, thread or object, or the memory is not mapped; nothing has changed then. */
MUST_CHECK enum status journal_do(struct machine *m, const struct journal_entry *e, struct err *err);
/** The user does @e here (its place is filled in): what was known of the future holds no more, and the run is tainted. */
MUST_CHECK enum status journal_add(struct session *s, struct journal_entry e, struct err *err);
/** The session's machine does the next known entry when it comes by. After whatever moved the machine in time, or changed the journal. */
void journal_arm(struct session *s);
/** Is the next known entry due at this very boundary? */
bool journal_due(const struct session *s);
#define JOURNAL_TEXT 240
/** "$r3 = 0x7 in tid 2": for people; into @buf, returns it. */
const char *journal_text(const struct journal_entry *e, char *buf, size_t size);

/** Was something done before now that is no input of a pad? */
bool journal_taints(const struct journal *j);

/** A second machine goes the way of the first: what was done up to @end is done, then it stops. Borrows both. */
struct journal_walk {
	struct machine *machine;
	const struct journal *journal;
	struct machine_position end;
	unsigned next;                /* entry */
};
void journal_walk_begin(struct journal_walk *w);

#endif
