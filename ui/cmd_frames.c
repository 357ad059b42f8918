/* ui/cmd_frames.c - the walk over the inventory of physical frames. */
#include "config.h"

#include "ui/cmd.h"

enum status cmd_check(struct session *s, const struct cmd_args *a, struct err *err)
{
	struct query q = session_query(s);
	struct table t;
	enum status st = given_words(a, 1, 1, "check pframes", err);
	if (st != ST_OK)
		return st;
	if (strcmp(a->word[0], "pframes"))
		return err_set(err, ST_BAD_USAGE, "'%.60s' cannot be checked: check pframes", a->word[0]);
	table_fill(&t, TABLE_PFRAME_FAULTS, &q);
	table_print(&t, s->out);
	unsigned faults = t.rows;
	table_fini(&t);
	return faults ? err_set(err, ST_STATE, "%u faults in the inventory of frames: a bug of wedge", faults) : ST_OK;
}
