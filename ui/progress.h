/* ui/progress.h - the line that tells a person how a long run goes; and the runs' pieces. Nothing of it can be seen in a run's result. */
#ifndef UI_PROGRESS_H
#define UI_PROGRESS_H

#include "ui/session.h"

void progress_begin(struct session *s);
/** Instructions to run until it is asked again; shows or renews the line when it is time. */
uint64_t progress_piece(struct session *s);
/** Takes the line away. */
void progress_end(struct session *s);

#endif
