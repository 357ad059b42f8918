/* tests/t_cmd.c - the laws of the command language: names, numbers, expressions, objects, files, completion, options. */
#include "config.h"

#include <sys/wait.h>
#include <unistd.h>

#include "kernel/vars.h"
#include "src/snap/snap.h"
#include "tests/uikit.h"
#include "ui/complete.h"
#include "ui/crash.h"
#include "ui/expr.h"
#include "ui/options.h"

/* ---- finding a command --------------------------------------------------------------------------------------------------- */

static const char *found(const char *word)
{
	const struct command *c = NULL;
	struct err err;
	enum status st = cmd_find(word, &c, &err);
	return st == ST_OK ? c->name : st == ST_AMBIGUOUS ? "(several)" : "(none)";
}

static void gdbs_letters_win(void **state)
{
	static const char *const letters[][2] = {
		{ "b", "break" }, { "c", "continue" }, { "r", "run" }, { "s", "step" }, { "n", "next" }, { "l", "list" }, { "ln", "symbol" }, { "si", "stepi" }, { "ni", "nexti" },
		{ "p", "print" }, { "x", "x" }, { "i", "info" }, { "d", "delete" }, { "q", "quit" }, { "h", "help" }, { "bt", "backtrace" },
		{ "t", "thread" }, { "f", "frame" }, { "dis", "disable" }, { "disas", "disassemble" }, { "tb", "tbreak" }, { "do", "down" },
	};
	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(letters); i++)
		assert_string_equal(found(letters[i][0]), letters[i][1]);
}

static void unique_beginning_will_do(void **state)
{
	(void)state;
	assert_string_equal(found("brea"), "break");
	assert_string_equal(found("wai"), "waiters");
	assert_string_equal(found("apr"), "apropos");
}

static void ambiguous_beginning_lists_the_candidates(void **state)
{
	struct uk *u = U(state);
	assert_int_equal(uk_command(u, "ex"), ST_AMBIGUOUS);
	assert_string_equal(u->err.text, "'ex' is the beginning of several commands: export-elf, expect, exit");
}

static void unknown_word_lists_what_is_near(void **state)
{
	struct uk *u = U(state);
	assert_int_equal(uk_command(u, "contineu"), ST_NOT_FOUND);
	assert_non_null(strstr(u->err.text, "near: continue"));
	assert_int_equal(uk_command(u, "threads"), ST_NOT_FOUND);
	assert_non_null(strstr(u->err.text, "info threads"));
	assert_int_equal(uk_command(u, "zzzzzzzz"), ST_NOT_FOUND);
	assert_non_null(strstr(u->err.text, "`help` lists them"));
}

static void every_command_is_found_by_all_its_words(void **state)
{
	(void)state;
	for (unsigned i = 0; i < command_count; i++) {
		char others[100], *save = NULL;
		assert_string_equal(found(commands[i].name), commands[i].name);
		snprintf(others, sizeof others, "%s", commands[i].others);
		for (char *w = strtok_r(others, " ", &save); w; w = strtok_r(NULL, " ", &save))
			assert_string_equal(found(w), commands[i].name);
	}
}

/* Both examples of every command begin with a word that finds that very command, and its help says something. */
static void every_command_has_two_examples_of_itself(void **state)
{
	(void)state;
	for (unsigned i = 0; i < command_count; i++) {
		assert_true(strlen(commands[i].help) > 10);
		for (unsigned k = 0; k < 2; k++) {
			char word[40];
			snprintf(word, sizeof word, "%.*s", (int)strcspn(commands[i].example[k], " /"), commands[i].example[k]);
			assert_string_equal(found(word), commands[i].name);
		}
	}
}

static void no_alias_hides_a_command(void **state)
{
	(void)state;
	for (unsigned i = 0; cmd_alias(i); i++) {
		const struct command *c = NULL;
		for (unsigned k = 0; k < command_count; k++) {
			c = &commands[k];
			assert_string_not_equal(cmd_alias(i), c->name);
		}
	}
}

static void k_alone_asks_back(void **state)
{
	struct uk *u = U(state);
	assert_int_equal(uk_command(u, "k"), ST_AMBIGUOUS);
	assert_string_equal(u->err.text, "k: kill or bt? (write `bt`; `quit` ends wedge)");
}

/* ---- lines ----------------------------------------------------------------------------------------------------------------- */

static void empty_lines_and_comments_do_nothing(void **state)
{
	struct uk *u = U(state);
	static const char *const lines[] = { "", "   ", "# run", "  # x", ":" };
	for (unsigned i = 0; i < ARRAY_LEN(lines); i++) {
		assert_int_equal(uk_command(u, lines[i]), ST_OK);
		assert_string_equal(u->text, "");
	}
}

static void colon_before_a_command_is_accepted(void **state)
{
	struct uk *u = U(state);
	assert_int_equal(uk_command(u, ":echo a  b"), ST_OK);
	assert_string_equal(u->text, "a  b\n");
}

static void line_that_is_too_long_is_refused(void **state)
{
	struct uk *u = U(state);
	char line[4 * CMD_LINE];
	memset(line, 'e', sizeof line - 1);
	line[sizeof line - 1] = 0;
	assert_int_equal(uk_command(u, line), ST_BAD_USAGE);
	memcpy(line, "echo ", 5);
	line[CMD_LINE - 1] = 0;
	assert_int_equal(uk_command(u, line), ST_OK);
}

static void too_many_words_are_refused(void **state)
{
	struct uk *u = U(state);
	char line[CMD_LINE] = "delete";
	for (unsigned i = 0; i < 100; i++)
		strcat(line, " 1");
	assert_int_equal(uk_command(u, line), ST_BAD_USAGE);
}

static void json_form_prints_tables_only(void **state)
{
	struct uk *u = U(state);
	u->out.json = true;
	assert_int_equal(uk_command(u, "break *82000000"), ST_OK);
	assert_string_equal(u->text, "");
	assert_int_equal(uk_command(u, "info breakpoints"), ST_OK);
	assert_string_equal(u->text, "{\"table\":\"breakpoints\",\"rows\":[{\"number\":1,\"kind\":\"break\",\"fate\":\"keep\",\"enabled\":true,"
	                             "\"address\":\"82000000\",\"address_symbol\":null,\"hits\":0,\"reached\":0,\"by_thread\":[],"
	                             "\"last_cycle\":null,\"what\":null}]}\n");
}

/* ---- command files --------------------------------------------------------------------------------------------------------- */

static const char *written(const char *name, const char *text)
{
	static char path[256];
	const char *dir = getenv("TMPDIR");
	snprintf(path, sizeof path, "%s/t_cmd-%s", dir ? dir : "/tmp", name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	return path;
}

static void error_in_a_file_names_file_and_line_and_ends_it(void **state)
{
	struct uk *u = U(state);
	const char *path = written("bad", "echo one\n\n# comment\nnonsense\necho two\n");
	char line[300];
	snprintf(line, sizeof line, "source %s", path);
	assert_int_equal(uk_command(u, line), ST_NOT_FOUND);
	assert_non_null(strstr(u->err.text, "t_cmd-bad:4: there is no command 'nonsense'"));
	assert_string_equal(u->text, "one\n");
	unlink(path);
}

static void file_that_sources_itself_ends(void **state)
{
	struct uk *u = U(state);
	char line[300];
	snprintf(line, sizeof line, "source %s\n", written("self", ""));
	const char *path = written("self", line);
	assert_int_equal(uk_command(u, line), ST_BAD_USAGE);
	assert_int_equal(u->s.nesting, 0);
	unlink(path);
}

static void missing_file_is_said(void **state)
{
	struct uk *u = U(state);
	assert_int_equal(uk_command(u, "source /nonexistent/file"), ST_IO);
	assert_string_equal(u->err.text, "/nonexistent/file: No such file or directory");
}

/* ---- numbers and expressions ----------------------------------------------------------------------------------------------- */

static void counts_are_strict(void **state)
{
	static const char *const bad[] = { "", "k", "1kk", "1K", "-1", "+1", " 1", "1 ", "0x", "1.5", "99999999999999999999", "18446744073709551615k" };
	uint64_t v;
	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(parse_count(bad[i], &v));
	assert_true(parse_count("100M", &v));
	assert_int_equal(v, 100000000);
	assert_true(parse_count("0x10k", &v));
	assert_int_equal(v, 16000);
	assert_true(parse_count("18446744073709551615", &v));
	assert_true(v == UINT64_MAX);
}

static void expressions_follow_c(void **state)
{
	struct uk *u = U(state);
	static const struct {
		const char *text;
		uint64_t value;
	} cases[] = {
		{ "1 + 2 * 3", 7 }, { "(1 + 2) * 3", 9 }, { "10 - 4 - 3", 3 }, { "0x10 | 1 << 2", 0x14 }, { "1 < 2 == 1", 1 }, { "!0 && ~0 != 0", 1 },
		{ "-1", UINT64_MAX }, { "7 % 4 / 3", 1 }, { "6 & 3 ^ 1", 3 }, { "1 || 0 && 0", 1 }, { "$_tid", 1 }, { "$pc", TK_CODE },
	};
	for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
		uint64_t v = 0;
		assert_int_equal(expr_eval(&u->s, cases[i].text, false, &v, &u->err), ST_OK);
		assert_true(v == cases[i].value);
	}
}

static void expression_errors_point_at_the_column(void **state)
{
	struct uk *u = U(state);
	static const struct {
		const char *text, *where;
	} cases[] = {
		{ "1 +", "column 4" }, { "(1", "column 3" }, { "1 2", "column 3" }, { "$nope", "column 1" }, { "1 / 0", "division by zero" },
		{ "nope", "there is no symbol 'nope'" }, { "12ac", "0x12ac" }, { "", "column 1" },
	};
	for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
		uint64_t v;
		assert_int_not_equal(expr_eval(&u->s, cases[i].text, false, &v, &u->err), ST_OK);
		assert_non_null(strstr(u->err.text, cases[i].where));
	}
}

static void deep_nesting_is_an_error_not_a_crash(void **state)
{
	struct uk *u = U(state);
	char text[900];
	uint64_t v;
	memset(text, '(', sizeof text - 1);
	text[sizeof text - 1] = 0;
	assert_int_equal(expr_eval(&u->s, text, false, &v, &u->err), ST_BAD_VALUE);
}

static void eight_hex_digits_are_an_address_where_one_is_wanted(void **state)
{
	struct uk *u = U(state);
	uint32_t ga;
	uint64_t v;
	assert_int_equal(expr_address(&u->s, "82000004", &ga, &u->err), ST_OK);
	assert_int_equal(ga, 0x82000004);
	assert_int_equal(expr_address(&u->s, "*82000000 + 8", &ga, &u->err), ST_OK);
	assert_int_equal(ga, 0x82000008);
	assert_int_equal(expr_eval(&u->s, "82000004", false, &v, &u->err), ST_OK);
	assert_int_equal(v, 82000004);
	assert_int_equal(expr_address(&u->s, "0x100000000", &ga, &u->err), ST_BAD_VALUE);
}

/* ---- objects ---------------------------------------------------------------------------------------------------------------- */

static void object_is_named_by_handle_life_id_or_address(void **state)
{
	struct uk *u = U(state);
	uint32_t h = tk_event(u->t, 0, false), row = tk_object(u->t, h);
	const struct w_object *o = object_peek(u->t->m, row);
	char words[5][40];
	snprintf(words[0], 40, "%x", h);
	snprintf(words[1], 40, "0x%X", h);
	snprintf(words[2], 40, "%x#1", h);
	snprintf(words[3], 40, "@%u", o->id);
	snprintf(words[4], 40, "*%08x", o->body_ga);
	for (unsigned i = 0; i < 5; i++) {
		struct target t;
		assert_int_equal(given_target(&u->s, words[i], &t, &u->err), ST_OK);
		assert_int_equal(t.object, row);
	}
}

static void closed_handle_leads_to_its_trail(void **state)
{
	struct uk *u = U(state);
	uint32_t h = tk_event(u->t, 0, false);
	uint32_t id = object_peek(u->t->m, tk_object(u->t, h))->id;
	char word[40];
	struct target t;
	CALL(u->t, u->t->main, "NtClose", h);
	assert_int_equal(tk_event(u->t, 0, false), h);
	snprintf(word, sizeof word, "%x#1", h);
	assert_int_equal(given_target(&u->s, word, &t, &u->err), ST_OK);
	assert_true(t.closed);
	assert_int_equal(t.object, 0);
	assert_int_equal(audit_trail(&u->rig.audit, t.trail)->object, id);
	snprintf(word, sizeof word, "%x#3", h);
	assert_int_equal(given_target(&u->s, word, &t, &u->err), ST_NOT_FOUND);
}

static void bad_object_names_are_refused(void **state)
{
	struct uk *u = U(state);
	static const char *const bad[] = { "", "@", "@0", "@x", "@99999999999", "*", "*zz", "#1", "12ac#", "12ac#0", "xyz", "123456789", "fffffffc" };
	for (unsigned i = 0; i < ARRAY_LEN(bad); i++) {
		struct target t;
		assert_int_not_equal(given_target(&u->s, bad[i], &t, &u->err), ST_OK);
		assert_true(u->err.text[0] != 0);
	}
}

/* ---- breakpoints ------------------------------------------------------------------------------------------------------------ */

static void breakpoint_numbers_are_never_reused(void **state)
{
	struct uk *u = U(state);
	assert_int_equal(uk_command(u, "break 82000000"), ST_OK);
	assert_int_equal(uk_command(u, "delete 1"), ST_OK);
	assert_false(cpu_break_at(u->t->m->cpu, 0x82000000));
	assert_int_equal(uk_command(u, "break 82000000"), ST_OK);
	assert_non_null(breaks_find(&u->s.breaks, 2));
	assert_null(breaks_find(&u->s.breaks, 1));
}

static void core_keeps_a_breakpoint_that_another_one_needs(void **state)
{
	struct uk *u = U(state);
	assert_int_equal(uk_command(u, "break 82000000"), ST_OK);
	assert_int_equal(uk_command(u, "tbreak 82000000"), ST_OK);
	assert_int_equal(uk_command(u, "delete 1"), ST_OK);
	assert_true(cpu_break_at(u->t->m->cpu, 0x82000000));
	assert_int_equal(uk_command(u, "disable 2"), ST_OK);
	assert_false(cpu_break_at(u->t->m->cpu, 0x82000000));
}

static void breakpoint_needs_code_and_a_whole_word(void **state)
{
	struct uk *u = U(state);
	assert_int_equal(uk_command(u, "break 00000000"), ST_BAD_ADDRESS);
	assert_int_equal(uk_command(u, "break 82000002"), ST_BAD_VALUE);
	assert_int_equal(uk_command(u, "delete 7"), ST_NOT_FOUND);
	assert_int_equal(u->s.breaks.count, 0);
}

static void temporary_breakpoint_goes_when_hit(void **state)
{
	struct uk *u = U(state);
	uint32_t code = CODE(u->t, I_NOP, I_NOP, I_B(0));
	char line[40];
	tk_start(u->t, code);
	snprintf(line, sizeof line, "tbreak %08x", code + 4);
	assert_int_equal(uk_command(u, line), ST_OK);
	assert_int_equal(uk_command(u, "continue"), ST_OK);
	assert_int_equal(u->s.stop.kind, STOP_BREAK);
	assert_int_equal(u->s.stop.pc, code + 4);
	assert_int_equal(u->s.breaks.count, 0);
	assert_int_equal(uk_command(u, "continue -n 100"), ST_OK);
	assert_int_equal(u->s.stop.kind, STOP_LIMIT);
	assert_int_equal(machine_instructions(u->t->m), 101);
}

static void continue_n_passes_the_breakpoint_n_minus_one_times(void **state)
{
	struct uk *u = U(state);
	uint32_t code = CODE(u->t, I_ADDI(4, 4, 1), I_B(-4));
	char line[40];
	tk_start(u->t, code);
	snprintf(line, sizeof line, "break %08x", code);
	assert_int_equal(uk_command(u, line), ST_OK);
	assert_int_equal(uk_command(u, "continue"), ST_OK);
	assert_int_equal(context_peek(u->t->m, u->t->main)->gpr[4], 0);
	assert_int_equal(uk_command(u, "continue 5"), ST_OK);
	assert_int_equal(context_peek(u->t->m, u->t->main)->gpr[4], 5);
	assert_int_equal(breaks_find(&u->s.breaks, 1)->hits, 6);
}

static void stepi_stops_after_each_instruction_and_at_breakpoints(void **state)
{
	struct uk *u = U(state);
	uint32_t code = CODE(u->t, I_NOP, I_NOP, I_NOP, I_NOP, I_B(0));
	char line[40];
	tk_start(u->t, code);
	assert_int_equal(uk_command(u, "stepi"), ST_OK);
	assert_int_equal(u->s.stop.kind, STOP_STEP);
	assert_int_equal(context_peek(u->t->m, u->t->main)->pc, code + 4);
	snprintf(line, sizeof line, "break %08x", code + 12);
	assert_int_equal(uk_command(u, line), ST_OK);
	assert_int_equal(uk_command(u, "stepi 100"), ST_OK);
	assert_int_equal(context_peek(u->t->m, u->t->main)->pc, code + 12);
	assert_int_equal(u->s.break_number, 1);
	assert_int_equal(uk_command(u, "stepi"), ST_OK);
	assert_int_equal(context_peek(u->t->m, u->t->main)->pc, code + 16);
}

static void nexti_goes_over_a_call(void **state)
{
	struct uk *u = U(state);
	/* bl +12; b .; nop; addi r4; blr */
	uint32_t code = CODE(u->t, 0x48000000u | 12 | 1, I_B(0), I_NOP, I_ADDI(4, 4, 1), I_BLR);
	tk_start(u->t, code);
	assert_int_equal(uk_command(u, "nexti"), ST_OK);
	assert_int_equal(u->s.stop.kind, STOP_STEP);
	assert_int_equal(context_peek(u->t->m, u->t->main)->pc, code + 4);
	assert_int_equal(context_peek(u->t->m, u->t->main)->gpr[4], 1);
	assert_int_equal(u->s.breaks.count, 0);
}

static void instruction_limit_is_exact_over_several_runs(void **state)
{
	struct uk *u = U(state);
	u->s.settings.max_instr = 1000;
	assert_int_equal(uk_command(u, "continue -n 10"), ST_OK);
	assert_int_equal(machine_instructions(u->t->m), 10);
	assert_int_equal(uk_command(u, "continue"), ST_OK);
	assert_int_equal(machine_instructions(u->t->m), 1000);
	assert_int_equal(u->s.stop.kind, STOP_LIMIT);
	assert_int_equal(uk_command(u, "continue"), ST_OK);
	assert_int_equal(machine_instructions(u->t->m), 1000);
	assert_int_equal(uk_command(u, "stepi"), ST_OK);
	assert_int_equal(machine_instructions(u->t->m), 1000);
	assert_int_equal(session_stop_code(&u->s), 5);
}

/* ---- settings, completion, options -------------------------------------------------------------------------------------------- */

static void bad_setting_changes_nothing(void **state)
{
	struct uk *u = U(state);
	struct settings before = u->s.settings;
	static const char *const bad[] = { "set json maybe", "set audit-frames 0", "set audit-frames 17", "set nope 1", "set json", "set json on off" };
	for (unsigned i = 0; i < ARRAY_LEN(bad); i++) {
		assert_int_not_equal(uk_command(u, bad[i]), ST_OK);
		assert_memory_equal(&before, &u->s.settings, sizeof before);
	}
	assert_int_equal(uk_command(u, "set audit-fr 16"), ST_OK);
	assert_int_equal(u->rig.audit.frames, 16);
}

static void expect_complete(struct uk *u, const char *line, const char *words)
{
	struct words w;
	bool files;
	char text[400] = "";
	const char *word = strrchr(line, ' ');
	word = word ? word + 1 : line;
	complete(&u->s, line, (unsigned)(word - line), word, &w, &files);
	for (unsigned i = 0; i < w.count; i++) {
		strcat(text, i ? " " : "");
		strcat(text, w.word[i]);
	}
	words_free(&w);
	assert_string_equal(text, words);
}

static void completion_offers_what_the_place_takes(void **state)
{
	struct uk *u = U(state);
	tk_event(u->t, 0, false);
	expect_complete(u, "cont", "continue");
	expect_complete(u, "info thr", "threads");
	expect_complete(u, "i waiters @", "@1 @2");
	expect_complete(u, "handle 10", "1000 1004");
	expect_complete(u, "thread ", "1 apply");
	expect_complete(u, "thread apply 1 whoi", "whois");
	expect_complete(u, "catch signal handle 10", "1000 1004");
	expect_complete(u, "catch signal handle 1000,10", "1000,1000 1000,1004");
	expect_complete(u, "catch signal handle @", "@1 @2");
	expect_complete(u, "catch export KeSetEv", "KeSetEvent KeSetEventBoostPriority");
	expect_complete(u, "catch signal type ev", "Event");
	expect_complete(u, "catch signal thread m", "main");
	expect_complete(u, "catch signal do dig", "digest");
	expect_complete(u, "catch unsat", "unsatisfiable-wait");
	expect_complete(u, "print 1+$_thi", "1+$_thits");
	expect_complete(u, "print handle(0x100", "handle(0x1000 handle(0x1004");
	expect_complete(u, "set js", "json");
	expect_complete(u, "help brea", "break");
	expect_complete(u, "delete ", "");
	expect_complete(u, "nonsense ", "");
}

static enum status parsed(struct options *o, struct err *err, const char *const *words)
{
	char *argv[16] = { (char *)"wedge" };
	int argc = 1;
	for (; *words; words++)
		argv[argc++] = (char *)*words;
	enum status st = options_parse(o, argc, argv, err);
	options_fini(o);
	return st;
}
#define PARSE(o, err, ...) parsed(o, err, (const char *const[]){ __VA_ARGS__, NULL })

static void options_are_strict(void **state)
{
	struct options o;
	struct err err;
	(void)state;
	assert_int_equal(PARSE(&o, &err, "-n", "100M", "t.elf"), ST_OK);
	assert_int_equal(o.session.max_instr, 100000000);
	assert_int_equal(PARSE(&o, &err, "t.elf", "--quantum", "7", "--cpi=2", "--seed", "0x10"), ST_OK);
	assert_int_equal(o.session.machine.quantum, 7);
	assert_int_equal(o.session.machine.cpi, 2);
	assert_int_equal(o.session.machine.seed, 16);
	assert_int_equal(PARSE(&o, &err, "--quantum", "0", "t.elf"), ST_BAD_USAGE);
	assert_int_equal(PARSE(&o, &err, "-n", "1e6", "t.elf"), ST_BAD_USAGE);
	assert_string_equal(err.text, "--max-instr takes a number from 0 to 18446744073709551614, not '1e6'");
	assert_int_equal(PARSE(&o, &err, "--window", "t.elf"), ST_BAD_USAGE);
	assert_string_equal(err.text, "there is no option --window (wedge --help lists them)");
	assert_int_equal(PARSE(&o, &err, "-z", "t.elf"), ST_BAD_USAGE);
	assert_int_equal(PARSE(&o, &err, "--batch=1", "t.elf"), ST_BAD_USAGE);
	assert_int_equal(PARSE(&o, &err, "-n"), ST_BAD_USAGE);
	assert_int_equal(PARSE(&o, &err, "--batch"), ST_BAD_USAGE);
	assert_int_equal(PARSE(&o, &err, "a.elf", "b.elf"), ST_BAD_USAGE);
	assert_int_equal(PARSE(&o, &err, "--demo", "a.elf"), ST_BAD_USAGE);
	assert_int_equal(PARSE(&o, &err, "--log-kinds", "object.*", "a.elf"), ST_BAD_USAGE);
}

static void arguments_behind_the_dashes_are_the_titles(void **state)
{
	struct options o;
	struct err err;
	char text[TITLE_ARGUMENTS_MAX + 2];
	(void)state;
	assert_int_equal(PARSE(&o, &err, "t.elf", "-n", "5", "--", "-n", "6", "--batch"), ST_OK);
	assert_string_equal(o.session.machine.arguments, "-n 6 --batch");
	assert_int_equal(o.session.max_instr, 5);
	assert_false(o.batch);
	assert_int_equal(PARSE(&o, &err, "t.elf"), ST_OK);
	assert_null(o.session.machine.arguments);
	memset(text, 'a', sizeof text - 1);
	text[sizeof text - 1] = 0;
	assert_int_equal(PARSE(&o, &err, "t.elf", "--", text), ST_BAD_USAGE);
	text[sizeof text - 2] = 0;
	assert_int_equal(PARSE(&o, &err, "t.elf", "--", text), ST_OK);
	assert_int_equal(PARSE(&o, &err, "--", "t.elf"), ST_BAD_USAGE);
}

static void title_reads_its_arguments(void **state)
{
	struct machine_options o;
	char text[100];
	(void)state;
	machine_options_default(&o);
	o.arguments = "-level 3";
	struct tk *t = tk_new_with(&o);
	assert_true(mem_string(&t->m->mem, vars_address((uint32_t)export_find_name("ExLoadedCommandLine")), text, sizeof text));
	assert_string_equal(text, "\"default.xex\" -level 3");
	tk_free(t);
}

static void dates_are_the_calendars(void **state)
{
	struct options o;
	struct err err;
	(void)state;
	assert_int_equal(PARSE(&o, &err, "--date", "1601-01-01", "t"), ST_OK);
	assert_true(o.session.machine.boot_time == 0);
	assert_int_equal(PARSE(&o, &err, "--date", "1970-01-01T00:00:00Z", "t"), ST_OK);
	assert_true(o.session.machine.boot_time == UINT64_C(116444736000000000));
	assert_int_equal(PARSE(&o, &err, "--date", "2000-02-29T12:00:01Z", "t"), ST_OK);
	assert_true(o.session.machine.boot_time == UINT64_C(125962992010000000));
	static const char *const bad[] = { "2005-02-29", "1900-02-29", "2005-13-01", "2005-00-01", "2005-01-32", "2005-1-1", "2005-01-01T24:00:00Z",
		                           "2005-01-01T00:00:00", "1600-12-31", "", "2005-01-01x" };
	for (unsigned i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(PARSE(&o, &err, "--date", bad[i], "t"), ST_BAD_USAGE);
}

static void log_kinds_take_families_and_short_words(void **state)
{
	struct options o;
	struct err err;
	(void)state;
	assert_int_equal(PARSE(&o, &err, "--log", "f", "--log-kinds", "handle.*,object.wait,stub", "t"), ST_OK);
	assert_true(o.session.log.kinds == (EV_BIT(EV_HANDLE_CREATE) | EV_BIT(EV_HANDLE_DESTROY) | EV_BIT(EV_HANDLE_DUP) | EV_BIT(EV_HANDLE_STALE) |
	                                    EV_BIT(EV_OBJECT_WAIT) | EV_BIT(EV_STUB)));
	assert_int_equal(PARSE(&o, &err, "--log", "f", "--log-kinds", "!object.*,!stub", "t"), ST_OK);
	assert_true(o.session.log.kinds & EV_BIT(EV_HANDLE_CREATE));
	assert_false(o.session.log.kinds & (EV_BIT(EV_OBJECT_WAIT) | EV_BIT(EV_STUB)));
	assert_int_equal(PARSE(&o, &err, "--log", "f", "--log-kinds", "handle.*,nope", "t"), ST_BAD_USAGE);
	assert_string_equal(err.text, "--log-kinds: 'nope' is no kind of event (in 'handle.*,nope') (`man wedge` lists them)");
	assert_int_equal(PARSE(&o, &err, "--log", "f", "--log-kinds", ",", "t"), ST_BAD_USAGE);
	assert_int_equal(PARSE(&o, &err, "--log", "f", "--log-kinds", "stub,!stub", "t"), ST_BAD_USAGE);
}

static void log_threads_take_and_leave_out(void **state)
{
	struct options o;
	struct err err;
	(void)state;
	assert_int_equal(PARSE(&o, &err, "--log", "f", "--log-threads", "1,9", "t"), ST_OK);
	assert_int_equal(o.session.log.tids, 2);
	assert_int_equal(o.session.log.tid[1], 9);
	assert_int_equal(PARSE(&o, &err, "--log", "f", "--log-threads", "!13", "t"), ST_OK);
	assert_true(o.session.log.without[0]);
	static const char *const bad[] = { "", ",", "1,", "main", "-1", "!", "1 2", "99999999999999999999" };
	for (unsigned i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(PARSE(&o, &err, "--log", "f", "--log-threads", bad[i], "t"), ST_BAD_USAGE);
	assert_int_equal(PARSE(&o, &err, "--log-threads", "1", "t"), ST_BAD_USAGE);
	assert_string_equal(err.text, "--log-threads says what --log writes: --log is missing");
}

/* ---- our own bugs --------------------------------------------------------------------------------------------------------- */

static void given_back(void)
{
	fputs("terminal given back\n", stderr);
}

static void own_bug_prints_the_last_events_and_how_to_replay(void **state)
{
	struct uk *u = U(state);
	static char *argv[] = { (char *)"wedge", (char *)"-e", (char *)"it's", (char *)"t.elf" };
	int fds[2], status;
	char text[16384];
	ssize_t n, used = 0;
	assert_int_equal(pipe(fds), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		dup2(fds[1], STDERR_FILENO);
		close(fds[0]);
		close(fds[1]);
		crash_init(4, argv);
		crash_watch(&u->t->m->events);
		crash_machine(u->t->m);
		crash_at_end(given_back);
		for (unsigned i = 0; i < 40; i++)
			tk_event(u->t, 0, false);
		INVARIANT(argv[0] == NULL);
	}
	close(fds[1]);
	while ((n = read(fds[0], text + used, sizeof text - 1 - (size_t)used)) > 0)
		used += n;
	close(fds[0]);
	text[used] = 0;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 70);
	assert_non_null(strstr(text, "INVARIANT(argv[0] == NULL) does not hold\nterminal given back\nthe last events:\n"));
	assert_non_null(strstr(text, " object.create NtCreateEvent"));
	assert_non_null(strstr(text, "replay with: wedge -e 'it'\\''s' t.elf\n(it happened at instruction 0, event "));
	unsigned lines = 0;
	for (const char *p = text; (p = strstr(p, " cyc ")); p++)
		lines++;
	assert_int_equal(lines, 32);
}

/* ---- rig ---- */

static void restoring_tells_the_books_whether_they_are_kept_from_here_on(void **state)
{
	struct machine_options o;
	struct rig *r;
	struct err err;
	machine_options_default(&o);
	assert_int_equal(rig_new(&o, &r, &err), ST_OK);
	struct snapshot *with = machine_snapshot(r->machine);
	assert_int_equal(audit_state(&r->audit)->on, 1);
	audit_off(&r->audit);
	rig_restore(r, with);
	assert_int_equal(audit_state(&r->audit)->on, 0); /* they were then, they are not now */
	struct snapshot *without = machine_snapshot(r->machine);
	event_count_only(&r->machine->events, 0);
	audit_on(&r->audit, &r->machine->events, 1);
	assert_int_equal(audit_state(&r->audit)->since_seq, 1);
	rig_restore(r, without);
	assert_int_equal(audit_state(&r->audit)->on, 1);
	assert_int_equal(audit_state(&r->audit)->since_seq, 0);
	assert_int_equal(audit_state(&r->audit)->since_object, machine_row(r->machine)->next_object);
	snapshot_free(with);
	snapshot_free(without);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UK_TEST(gdbs_letters_win), UK_TEST(unique_beginning_will_do), UK_TEST(ambiguous_beginning_lists_the_candidates),
		UK_TEST(unknown_word_lists_what_is_near), UK_TEST(every_command_is_found_by_all_its_words),
		UK_TEST(every_command_has_two_examples_of_itself), UK_TEST(no_alias_hides_a_command), UK_TEST(k_alone_asks_back),
		UK_TEST(empty_lines_and_comments_do_nothing), UK_TEST(colon_before_a_command_is_accepted),
		UK_TEST(line_that_is_too_long_is_refused), UK_TEST(too_many_words_are_refused), UK_TEST(json_form_prints_tables_only),
		UK_TEST(error_in_a_file_names_file_and_line_and_ends_it), UK_TEST(file_that_sources_itself_ends), UK_TEST(missing_file_is_said),
		UK_TEST(counts_are_strict), UK_TEST(expressions_follow_c), UK_TEST(expression_errors_point_at_the_column),
		UK_TEST(deep_nesting_is_an_error_not_a_crash), UK_TEST(eight_hex_digits_are_an_address_where_one_is_wanted),
		UK_TEST(object_is_named_by_handle_life_id_or_address), UK_TEST(closed_handle_leads_to_its_trail),
		UK_TEST(bad_object_names_are_refused), UK_TEST(breakpoint_numbers_are_never_reused),
		UK_TEST(core_keeps_a_breakpoint_that_another_one_needs), UK_TEST(breakpoint_needs_code_and_a_whole_word),
		UK_TEST(temporary_breakpoint_goes_when_hit), UK_TEST(continue_n_passes_the_breakpoint_n_minus_one_times),
		UK_TEST(stepi_stops_after_each_instruction_and_at_breakpoints), UK_TEST(nexti_goes_over_a_call),
		UK_TEST(instruction_limit_is_exact_over_several_runs), UK_TEST(bad_setting_changes_nothing),
		UK_TEST(completion_offers_what_the_place_takes), UK_TEST(options_are_strict), UK_TEST(arguments_behind_the_dashes_are_the_titles), UK_TEST(title_reads_its_arguments),
		UK_TEST(dates_are_the_calendars), cmocka_unit_test(restoring_tells_the_books_whether_they_are_kept_from_here_on),
		UK_TEST(log_kinds_take_families_and_short_words), UK_TEST(log_threads_take_and_leave_out), UK_TEST(own_bug_prints_the_last_events_and_how_to_replay),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
