/* ui/tools.h - subcommands that need no run: wedge info TITLE, wedge disas TITLE ADDRESS [N], wedge diff A B. */
#ifndef UI_TOOLS_H
#define UI_TOOLS_H

#include "src/base/base.h"

/** True if the command line names a tool: it has run, *@code is the exit code. */
bool tool_run(int argc, char **argv, int *code);

#endif
