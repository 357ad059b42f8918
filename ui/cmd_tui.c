/* ui/cmd_tui.c - `tui`: to the panes on the terminal, and back to the prompt. */
#include "config.h"

#include "ui/cmd.h"

enum status cmd_tui(struct session *s, const struct cmd_args *a, struct err *err)
{
	bool on = !a->count || !strcmp(a->word[0], "enable"), off = a->count && !strcmp(a->word[0], "disable");
	if (a->count > 1 || (!on && !off))
		return err_set(err, ST_BAD_USAGE, "tui [enable|disable], not '%.60s'", a->rest);
	if (!s->interactive)
		return err_set(err, ST_STATE, "the panes need a terminal (`screen` shows them without)");
	s->panes = on;
	return ST_OK;
}
