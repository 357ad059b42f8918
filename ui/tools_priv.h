/* ui/tools_priv.h - what the files of the tools share; nobody else includes it. */
#ifndef UI_TOOLS_PRIV_H
#define UI_TOOLS_PRIV_H

#include "src/diff/logdiff.h"
#include "src/load/image.h"
#include "ui/out.h"

/** A tool's command line. */
struct tool_call {
	const char *arg[4];
	int args;
	struct diff_options diff;
	struct image_options image; /* --xex-key, --patch */
	bool different;       /* the exit code is 1 */
};

/** wedge diff: its options --map and --kinds, and itself. */
enum status tool_diff_option(struct tool_call *c, const char *name, const char *value, struct err *err);
enum status tool_diff(struct tool_call *c, struct out *o, struct err *err);

#endif
