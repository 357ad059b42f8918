/* ui/lua/cmd_lua.c - the commands lua and luafile, and the help of what scripts may call. */
#include "config.h"

#include <stdio.h>

#include "ui/cmd.h"
#include "ui/lua/luaui.h"

enum status cmd_lua(struct session *s, const struct cmd_args *a, struct err *err)
{
	if (!*a->rest)
		return err_set(err, ST_BAD_USAGE, "code is missing: lua CODE (`help scripts` lists what it may call)");
	return luaui_code(s, a->rest, err);
}

enum status cmd_luafile(struct session *s, const struct cmd_args *a, struct err *err)
{
	if (!*a->rest)
		return err_set(err, ST_BAD_USAGE, "a file is missing: luafile FILE");
	return luaui_file(s, a->rest, err);
}

void help_scripts(struct out *o)
{
	static const struct {
		const char *what, *arguments, *help;
	} rows[] = {
#define LUA_FUNCTION(id, name, arguments, help) { "wedge." name, "(" arguments ")", help },
#define LUA_RUN(name, command, arguments, help) { "wedge." name, "(" arguments ")", help },
#define LUA_VALUE(name, help) { name, "", help },
#include "ui/lua/api.def"
	};
	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		out_printf(o, "%s%s\n    ", rows[i].what, rows[i].arguments);
		out_flow(o, rows[i].help, 4);
	}
}
