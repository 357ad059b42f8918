/* ui/reference.h - this run against the event log of another one: `set reference FILE`, `compare`, the report's DIFF. */
#ifndef UI_REFERENCE_H
#define UI_REFERENCE_H

#include "src/diff/logdiff.h"
#include "ui/session.h"

/** ST_OK if @path ("": none) is a log that can be read, with an event in it. */
MUST_CHECK enum status reference_check(const char *path, struct err *err);
/**
 * Compares the log @path (A) with this run so far (B): a second machine writes its log. Of a log that leaves out the calls, only the kinds that it
 * has are compared. diff_free @out.
 */
MUST_CHECK enum status reference_diff(struct session *s, const char *path, struct diff **out, struct err *err);
/** The comparison in one line, without A and B's names: "equal: ...", "1 of 3 threads differ; ..."; returns @buf. @goes_on: this run is not over, so
 * it is no difference that the reference knows more. */
const char *reference_line(const struct diff *d, bool goes_on, char *buf, size_t size);

#endif
