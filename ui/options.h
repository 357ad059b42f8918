/* ui/options.h - the command line, from options.def. */
#ifndef UI_OPTIONS_H
#define UI_OPTIONS_H

#include <stdio.h>

#include "ui/session.h"

/** A -e or -x, in the order given. */
struct given_command {
	bool file;
	const char *text;             /* borrowed from argv */
};

struct options {
	struct session_options session;
	const char *dead_device, *write_through; /* NULL = none */
	struct given_command *commands;
	unsigned command_count;
	char *directories;            /* of --directory, apart by : */
	const char **symbols;         /* those of --symbols; session.symbols is they */
	char arguments[TITLE_ARGUMENTS_MAX + 1]; /* the title's; options must not be copied */
	bool replay;                  /* `wedge replay`: the title is a recording */
	const char *inputs_given;     /* an option that decides the run was given ("--seed"); NULL = none. Static */
	bool batch, tui, no_init, allow_shell, json, digest, demo, help, version;
};

/** ST_BAD_USAGE with a line. options_fini it in any case. Reads WEDGE_TRACE_HANDLES. */
MUST_CHECK enum status options_parse(struct options *o, int argc, char **argv, struct err *err);
void options_fini(struct options *o);
void options_help(FILE *f);

#endif
