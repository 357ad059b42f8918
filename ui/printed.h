/* ui/printed.h - what the title has printed, line by line, with the event that printed it: so that each moment knows what had been printed by then. */
#ifndef UI_PRINTED_H
#define UI_PRINTED_H

#include "src/base/base.h"

#define PRINTED_MAX 10000u            /* lines; the oldest go */

struct printed {
	struct printed_line {
		uint64_t seq;         /* of the event */
		char *text;           /* visible, without a newline */
	} *line;
	unsigned count, room;
	uint64_t dropped;             /* lines that are no longer kept */
};

/** One more line. Lines of later events than @seq belong to a future that did not come: they go. */
void printed_add(struct printed *p, uint64_t seq, const char *text);
void printed_fini(struct printed *p);

#endif
