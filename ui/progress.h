/* ui/progress.h - what a person sees of a long run: a line that tells how it goes, or the panes; and the runs' pieces. Nothing of it can be
 * seen in a run's result. */
#ifndef UI_PROGRESS_H
#define UI_PROGRESS_H

#include "ui/session.h"

/** Somebody who takes the line's place: the panes. */
struct progress_watcher {
	void *ctx;
	/** Every few milliseconds, between two pieces: @m stands still till it returns. It may be a second machine that looks back. */
	void (*look)(void *ctx, const struct machine *m);
};
/** @w (borrowed) looks from now on; NULL: the line on standard error again. */
void progress_watch(const struct progress_watcher *w);

void progress_begin(struct session *s);
/** Instructions that @m may run until it is asked again; looks, shows or renews the line when it is time. */
uint64_t progress_piece(struct session *s, const struct machine *m);
/** Between two steps, which are no pieces: the same. */
void progress_step(struct session *s);
/** Takes the line away. */
void progress_end(struct session *s);

#endif
