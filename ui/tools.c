/* ui/tools.c - see tools.h */
#include "config.h"

#include "ui/tools.h"

#include <stdio.h>
#include <stdlib.h>

#include "src/load/image.h"
#include "ui/cmd.h"
#include "ui/inspect/inspect.h"

static enum status tool_info(const char *const *arg, struct out *o, struct err *err)
{
	static const enum table_id shown[] = { TABLE_MODULES, TABLE_SECTIONS, TABLE_IMPORTS };
	struct machine_options standard;
	struct machine *m;
	struct image *img;
	machine_options_default(&standard);
	enum status st = image_open(arg[0], &img, err);
	if (st != ST_OK)
		return st;
	st = machine_new(&standard, &m, err);
	if (st == ST_OK) {
		/* Not placed: a title whose imports are unknown can be looked at. */
		m->image = img;
		for (unsigned i = 0; i < ARRAY_LEN(shown); i++) {
			struct table t;
			table_fill(&t, shown[i], &(struct query){ .machine = m, .word = "" });
			table_print(&t, o);
			table_fini(&t);
		}
		machine_free(m);
	}
	image_free(img);
	return st;
}

static enum status tool_disas(const char *const *arg, struct out *o, struct err *err)
{
	struct session s;
	struct err second;
	char line[CMD_LINE];
	struct session_options options = { .title = arg[0], .max_instr = UINT64_MAX };
	machine_options_default(&options.machine);
	enum status st = session_open(&s, &options, o, err);
	if (st != ST_OK)
		return st;
	snprintf(line, sizeof line, "disas %.200s %.40s", arg[1], arg[2] ? arg[2] : "");
	st = cmd_line(&s, line, err);
	enum status closed = session_close(&s, &second);
	return st != ST_OK ? st : closed;
}

static const struct tool {
	const char *name, *synopsis;
	int least, most;              /* arguments */
	enum status (*run)(const char *const *arg, struct out *o, struct err *err);
} tools[] = {
	{ "info", "wedge info TITLE", 1, 1, tool_info },
	{ "disas", "wedge disas TITLE ADDRESS [N]", 2, 3, tool_disas },
};

bool tool_run(int argc, char **argv, int *code)
{
	struct out o = { .file = stdout };
	struct err err;
	const char *arg[4] = { NULL };
	int n = 0;
	const struct tool *t = NULL;
	for (unsigned i = 0; argc > 1 && i < ARRAY_LEN(tools); i++)
		if (!strcmp(argv[1], tools[i].name))
			t = &tools[i];
	if (!t)
		return false;
	enum status st = ST_OK;
	for (int i = 2; i < argc; i++) {
		if (!strcmp(argv[i], "--json"))
			o.json = true;
		else if (argv[i][0] == '-' || n == t->most)
			st = err_set(&err, ST_BAD_USAGE, "'%s' is not understood: %s", argv[i], t->synopsis);
		else
			arg[n++] = argv[i];
	}
	if (st == ST_OK && n < t->least)
		st = err_set(&err, ST_BAD_USAGE, "an argument is missing: %s", t->synopsis);
	if (st == ST_OK)
		st = t->run(arg, &o, &err);
	if (st != ST_OK) {
		char text[2 * sizeof err.text];
		visible_text(text, sizeof text, err.text);
		fprintf(stderr, "wedge: %s\n", text);
	}
	*code = st == ST_OK ? 0 : 2;
	return true;
}
