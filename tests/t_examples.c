/* tests/t_examples.c - every example of `help` and the man page is a command line that does what it says: each is executed, in a session of
 * the demo that has stopped where handles, stops, a past and files are at hand. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "ui/block.h"
#include "ui/cmd.h"
#include "ui/script.h"

static const char *const prelude[] = {
	"catch create type event",
	"break main",
	"set $first = 1",
	"set $i = 9",
	"catch wedge",
	"run",
	"run-wedge",
	"checkpoint",
	"goto ev 150",
	"checkpoint",
	"goto ev 20",
	"track add 1000",
};

/* What an example may need beside that: a place to stand, or the block that its word belongs to. BEFORE and BEHIND are command lines. */
static const struct {
	const char *command, *before, *behind;
} needs[] = {
	{ "if", "", "end" },
	{ "while", "", "loop_break\nend" },
	{ "else", "if 0", "end" },
	{ "end", "if 1", "" },
	{ "define", "", "end" },
	{ "commands", "", "end" },
	{ "silent", "commands 1", "end" },
	{ "loop_break", "while 1", "end" },
	{ "loop_continue", "while 0", "end" },
	{ "fwd", "back", "" },
	{ "up", "frame 0", "" },
	{ "down", "thread 1\nup 2", "" },
	{ "wedge", "goto wedge", "" },
	{ "handles", "handles snapshot", "" },
	{ "poke", "goto ev 150", "" },  { "whatif", "goto ev 150", "" },
	{ "undo", "set $r3 = 1", "" },
	{ "compare", "set reference canary.jsonl", "" },
};

/* What some say because the demo has none of it: a terminal (tests/t_repl.c does), a suspended thread, lines of its source. */
static const char *const not_here[] = { "need a terminal", "is not suspended", "no source line is known" };

static char folder[] = "/tmp/t_examples.XXXXXX";

/* Puts @by in the place of every @name. */
static void replace(char *text, size_t size, const char *name, const char *by)
{
	char rest[512];
	for (char *p = text; (p = strstr(p, name)); p += strlen(by)) {
		snprintf(rest, sizeof rest, "%s", p + strlen(name));
		snprintf(p, size - (size_t)(p - text), "%s%s", by, rest);
	}
}

/* An address and a variable of titles that are none of ours: the demo's. */
static void fitting(struct session *s, const char *example, char *out, size_t size)
{
	uint32_t ga = 0;
	char hex[16];
	assert_int_equal(expr_address(s, "main", &ga, NULL), ST_OK);
	snprintf(hex, sizeof hex, "%08x", ga);
	snprintf(out, size, "%s", example);
	replace(out, size, "82001234", hex);
	replace(out, size, "counter", "cache");
}

static void write_file(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static void title_path(char *path, size_t size)
{
	snprintf(path, size, "%.1000s/tests/guest/demo.elf", getenv("T_EXAMPLES_BUILD"));
}

static void must(struct session *s, const char *line)
{
	struct err err;
	if (cmd_line(s, line, &err) != ST_OK)
		fail_msg("%s: %s", line, err.text);
}

/* Executes lines as a command file. */
static enum status script(struct session *s, const char *before, const char *line, const char *behind, struct err *err)
{
	char text[2048];
	snprintf(text, sizeof text, "%s\n%s\n%s\n", before, line, behind);
	write_file("script", text);
	return cmd_file(s, "script", err);
}

static bool runs(const struct command *c, const char *example, struct err *err)
{
	char demo[1100];
	struct session_options o = { .title = demo, .max_instr = 5000000, .record = true };
	struct out out = { .file = fopen("/dev/null", "w") };
	struct session s;
	struct err closing;
	char line[512];
	const char *before = "", *behind = "";
	title_path(demo, sizeof demo);
	machine_options_default(&o.machine);
	if (session_open(&s, &o, &out, err) != ST_OK)
		fail_msg("%s", err->text);
	s.allow_shell = true;
	for (unsigned i = 0; i < ARRAY_LEN(prelude); i++)
		must(&s, prelude[i]);
	for (unsigned i = 0; i < ARRAY_LEN(needs); i++)
		if (!strcmp(needs[i].command, c->name)) {
			before = needs[i].before;
			behind = needs[i].behind;
		}
	fitting(&s, example, line, sizeof line);
	enum status st = script(&s, before, line, behind, err);
	assert_int_equal(session_close(&s, &closing), ST_OK);
	fclose(out.file);
	if (st == ST_OK)
		return true;
	for (unsigned i = 0; i < ARRAY_LEN(not_here); i++)
		if (strstr(err->text, not_here[i]))
			return true;
	return false;
}

/* Another run's event log, for `compare`. */
static void make_log(void)
{
	char demo[1100];
	struct session_options o = { .title = demo, .max_instr = 5000000, .log_path = "canary.jsonl" };
	struct out out = { .file = fopen("/dev/null", "w") };
	struct session s;
	struct err err;
	title_path(demo, sizeof demo);
	machine_options_default(&o.machine);
	assert_int_equal(session_open(&s, &o, &out, &err), ST_OK);
	must(&s, "run");
	assert_int_equal(session_close(&s, &err), ST_OK);
	fclose(out.file);
}

static void every_example_of_a_command_runs(void **state)
{
	unsigned bad = 0;
	char demo[1100];
	(void)state;
	title_path(demo, sizeof demo);
	if (access(demo, R_OK))
		skip(); /* no cross compiler, no demo */
	make_log();
	for (unsigned i = 0; i < command_count; i++)
		for (unsigned k = 0; k < 2; k++) {
			struct err err;
			if (runs(&commands[i], commands[i].example[k], &err))
				continue;
			fprintf(stderr, "%s: %s\n", commands[i].example[k], err.text);
			bad++;
		}
	assert_int_equal(bad, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_example_of_a_command_runs) };
	char build[1024];
	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (!getcwd(build, sizeof build) || setenv("T_EXAMPLES_BUILD", build, 1) || !mkdtemp(folder) || chdir(folder))
		return 2;
	write_file("cmds.wedge", "echo commands\n");
	write_file("more.wedge", "echo more\n");
	write_file("watch.lua", "print('watch')\n");
	write_file("handles.lua", "print('handles')\n");
	write_file("stack.bin", "1234");
	write_file("patch.bin", "1234");
	int code = cmocka_run_group_tests(tests, NULL, NULL);
	return system("rm -rf \"$PWD\"") ? 2 : code;
}
