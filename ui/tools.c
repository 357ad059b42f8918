/* ui/tools.c - see tools.h */
#include "config.h"

#include "ui/tools.h"

#include <stdio.h>
#include <stdlib.h>

#include "kernel/mount.h"
#include "src/load/image.h"
#include "ui/cmd.h"
#include "ui/inspect/inspect.h"
#include "ui/tools_priv.h"

static enum status image_option(struct tool_call *c, const char *name, const char *value, struct err *err)
{
	(void)err;
	*(strcmp(name, "--patch") ? &c->image.key : &c->image.patch) = value;
	return ST_OK;
}

/* One of the tables; in text those without rows are left out, and each has its heading. */
static void info_table(enum table_id id, const struct machine *m, bool first, struct out *o)
{
	struct table t;
	table_fill(&t, id, &(struct query){ .machine = m, .word = "" });
	if (t.rows && !o->json)
		out_printf(o, "%s%s%s: %s%s\n", first ? "" : "\n", out_style(o, STYLE_BOLD), t.def->name, t.def->help, out_style(o, STYLE_PLAIN));
	if (t.rows || o->json)
		table_print(&t, o);
	table_fini(&t);
}

/* What is in a disc image or package. ST_UNSUPPORTED: it is none. */
static enum status volume_info(const char *path, struct out *o, struct err *err)
{
	struct machine_options standard;
	struct machine *m;
	machine_options_default(&standard);
	standard.mounts = mounts_new();
	enum status st = mounts_add(standard.mounts, "disc:", path, err);
	if (st == ST_OK)
		st = machine_new(&standard, &m, err);
	if (st == ST_OK) {
		info_table(TABLE_MOUNTS, m, true, o);
		info_table(TABLE_IMAGEFILES, m, false, o);
		machine_free(m);
	}
	mounts_free(standard.mounts);
	return st;
}

static enum status tool_info(struct tool_call *c, struct out *o, struct err *err)
{
	static const enum table_id shown[] = { TABLE_TITLE, TABLE_XEX, TABLE_HEADERS, TABLE_SECTIONS, TABLE_PESECTIONS, TABLE_RESOURCES,
					       TABLE_LINKED, TABLE_LIBRARIES, TABLE_IMPORTS, TABLE_ORDINALS };
	struct machine_options standard;
	struct machine *m;
	struct image *img;
	machine_options_default(&standard);
	enum status st = image_open_with(c->arg[0], &c->image, &img, err);
	if (st != ST_OK) {
		struct err why;
		enum status volume = volume_info(c->arg[0], o, &why);
		if (volume == ST_BAD_INPUT)
			*err = why;
		return volume == ST_OK || volume == ST_BAD_INPUT ? volume : st;
	}
	st = machine_new(&standard, &m, err);
	if (st == ST_OK) {
		/* Not placed: a title whose imports are unknown can be looked at. */
		m->image = img;
		for (unsigned i = 0; i < ARRAY_LEN(shown); i++)
			info_table(shown[i], m, i == 0, o);
		machine_free(m);
	}
	image_free(img);
	return st;
}

static enum status tool_disas(struct tool_call *c, struct out *o, struct err *err)
{
	struct session s;
	struct err second;
	char line[CMD_LINE];
	struct session_options options = { .title = c->arg[0], .image = c->image, .max_instr = UINT64_MAX };
	machine_options_default(&options.machine);
	enum status st = session_open(&s, &options, o, err);
	if (st != ST_OK)
		return st;
	snprintf(line, sizeof line, "disas %.200s %.40s", c->arg[1], c->arg[2] ? c->arg[2] : "");
	st = cmd_line(&s, line, err);
	enum status closed = session_close(&s, &second);
	return st != ST_OK ? st : closed;
}

static const struct tool {
	const char *name, *synopsis;
	int least, most;              /* arguments */
	enum status (*run)(struct tool_call *c, struct out *o, struct err *err);
	const char *options;          /* beside --json; each takes a value; apart by blanks */
	enum status (*option)(struct tool_call *c, const char *name, const char *value, struct err *err);
} tools[] = {
	{ "info", "wedge info [--json] [--xex-key FILE] [--patch FILE] TITLE|DISC|PACKAGE", 1, 1, tool_info, "--xex-key --patch", image_option },
	{ "disas", "wedge disas [--json] [--xex-key FILE] [--patch FILE] TITLE ADDRESS [N]", 2, 3, tool_disas, "--xex-key --patch", image_option },
	{ "diff", "wedge diff [--json] [--map TID=TID]... [--kinds LIST] A B", 2, 2, tool_diff, "--map --kinds", tool_diff_option },
};

/* The option that @word is, with its value behind '=' or in @next (then *@used is true); false: it is none. */
static bool option_of(const struct tool *t, const char *word, const char *next, char name[16], const char **value, bool *used)
{
	size_t n = strcspn(word, "=");
	if (n < 3 || n >= 16)
		return false;
	snprintf(name, 16, "%.*s", (int)n, word);
	const char *found = strstr(t->options, name);
	*used = !word[n];
	*value = word[n] ? word + n + 1 : next;
	return found && (!found[n] || found[n] == ' ');
}

static enum status parse(const struct tool *t, int argc, char **argv, struct tool_call *c, struct out *o, struct err *err)
{
	enum status st = ST_OK;
	for (int i = 2; i < argc && st == ST_OK; i++) {
		char name[16];
		const char *value;
		bool used;
		if (!strcmp(argv[i], "--json")) {
			o->json = true;
		} else if (option_of(t, argv[i], i + 1 < argc ? argv[i + 1] : NULL, name, &value, &used)) {
			st = value ? t->option(c, name, value, err) : err_set(err, ST_BAD_USAGE, "%s takes an argument: %s", name, t->synopsis);
			i += used;
		} else if ((argv[i][0] == '-' && argv[i][1]) || c->args == t->most) {
			st = err_set(err, ST_BAD_USAGE, "'%.200s' is not understood: %s", argv[i], t->synopsis);
		} else {
			c->arg[c->args++] = argv[i];
		}
	}
	if (st == ST_OK && c->args < t->least)
		st = err_set(err, ST_BAD_USAGE, "an argument is missing: %s", t->synopsis);
	return st;
}

bool tool_run(int argc, char **argv, int *code)
{
	struct out o = { .file = stdout };
	struct err err;
	struct tool_call c = { 0 };
	const struct tool *t = NULL;
	for (unsigned i = 0; argc > 1 && i < ARRAY_LEN(tools); i++)
		if (!strcmp(argv[1], tools[i].name))
			t = &tools[i];
	if (!t)
		return false;
	enum status st = parse(t, argc, argv, &c, &o, &err);
	if (st == ST_OK)
		st = t->run(&c, &o, &err);
	if (st != ST_OK) {
		char text[2 * sizeof err.text];
		visible_text(text, sizeof text, err.text);
		fprintf(stderr, "wedge: %s\n", text);
	}
	*code = st != ST_OK ? 2 : c.different;
	return true;
}
