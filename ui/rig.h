/* ui/rig.h - a machine with its observers; a session has one, and makes others to look back. */
#ifndef UI_RIG_H
#define UI_RIG_H

#include "kernel/machine.h"
#include "src/observe/audit.h"

struct rig {
	struct machine *machine;
	struct audit audit;
	unsigned t_log;               /* table of the event log's position */
};

/** A machine without a title, with books from the first event on: other observers subscribe now. Then machine_load. */
MUST_CHECK enum status rig_new(const struct machine_options *o, struct rig **out, struct err *err);
void rig_free(struct rig *r);

struct snapshot;                      /* src/snap/snap.h */
/** Takes the machine back (or forward) to @s, and tells the books: whatever restores a machine that has observers comes through here. */
void rig_restore(struct rig *r, const struct snapshot *s);

#endif
