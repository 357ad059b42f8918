/* ui/recording.h - a run's inputs as a small text: which title, which options, what the user did and where; what it came to.
 *
 *   wedge-recording 1
 *   title HASH PATH          HASH: of the file's bytes and of what is placed of them; `key PATH` and `patch PATH` too, if there are any
 *   mount DEV=PATH           `dead DEV` too; `mounts HASH`: of what was read of them
 *   option NAME VALUE        one line each: quantum cpi seed date (FILETIME) stall (ticks) handles on-stub (if not stop) arguments
 *   POSITION hold TID        what the user did, in order; POSITION: instr event cycle hw begun used budget thread (kernel/machine.h)
 *   POSITION register TID NAME HEX
 *   POSITION memory GA SIZE HEX
 *   POSITION poke WORD OBJECT
 *   POSITION on-stub WORD
 *   POSITION pad PAD WORD VALUE CYCLE HOLD    VALUE in hex (kernel/pad.h)
 *   POSITION end STOP DIGEST where it stood, why, with what digest
 *   sum HEX                  XXH3-64 of all lines before this one
 *
 * The same text is the note of a saved machine (`save`).
 */
#ifndef UI_RECORDING_H
#define UI_RECORDING_H

#include "kernel/mount.h"
#include "ui/session.h"

struct recording {
	char *title, *key, *patch;    /* paths; NULL = none */
	char *mount[MOUNTS_MAX], *dead[MOUNTS_MAX]; /* "game:=/home/me/disc", "game:" */
	unsigned mounts, deads;
	uint64_t hash, mounts_hash;
	struct machine_options machine; /* its arguments point into @arguments */
	char arguments[TITLE_ARGUMENTS_MAX + 1];
	struct journal journal;       /* nothing of it is done */
	struct machine_position end;
	enum stop_kind stop;
	uint64_t digest;
};

/** Of the title as it is placed. */
uint64_t recording_hash(const struct image *img);
/** The session's inputs up to where it stands; the caller frees the text. ST_UNSUPPORTED: a path that does not fit into a line. */
MUST_CHECK enum status recording_make(const struct session *s, char **text, struct err *err);
/** Writes it to @path, whole or not at all. */
MUST_CHECK enum status recording_write(const struct session *s, const char *path, struct err *err);
/** ST_BAD_INPUT with file and line. recording_free it on success; it must not be copied. */
MUST_CHECK enum status recording_parse(const char *name, const char *text, struct recording *out, struct err *err);
MUST_CHECK enum status recording_read(const char *path, struct recording *out, struct err *err);
void recording_free(struct recording *r);

/** Makes @o (what is no input stays: log, limit, ...) open the recorded title with the recorded options; both point into @r from then on. The title
 * is looked for where it was, then beside @from; its mounts are added to @o's. */
MUST_CHECK enum status recording_apply(struct recording *r, const char *from, struct session_options *o, struct err *err);
/** A session at the entry goes the recorded way from here on: what the user did is done again, and it stops where the recording ends. */
void recording_follow(const struct recording *r, struct session *s);
/** Behind a stop of a run that follows: is it on the way, not at its end? */
bool recording_goes_on(const struct session *s);
/** Behind a run that follows: has it come to the end? s->stop then says so, and whether it is the same state. */
void recording_check(struct session *s);

#endif
