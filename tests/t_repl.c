/* tests/t_repl.c - the prompt on a terminal: what keys do. Needs the program (./wedge) and a pseudo-terminal, no guest of the kit. */
#include "config.h"

#include "tests/talk.h"

/* ---- laws -------------------------------------------------------------------------------------------------------------- */

static void ctrl_c_interrupts_the_guest_and_never_kills(void **state)
{
	struct talk *t = *state;
	for (unsigned i = 0; i < 3; i++) {
		wait_for(t, PROMPT);
		let_run(t, "continue\r");
		type(t, "\003");
		wait_for(t, "stopped: interrupt");
	}
	wait_for(t, PROMPT);
	type(t, "quit\r");
	assert_int_equal(ending(t), 0);
}

static void ctrl_c_at_the_prompt_drops_the_line(void **state)
{
	struct talk *t = *state;
	wait_for(t, PROMPT);
	type(t, "echo once\r");
	wait_for(t, "\nonce");
	wait_for(t, PROMPT);
	type(t, "echo dropped");
	wait_for(t, "echo dropped");
	type(t, "\003");
	wait_for(t, PROMPT);
	type(t, "echo after\r");
	wait_for(t, "\nafter");
	assert_null(strstr(t->text, "\ndropped"));
	/* Nor is it the wish to repeat the line before. */
	assert_null(strstr(strstr(t->text, "echo dropped"), "\nonce"));
}

static void tab_completes_commands_and_tables(void **state)
{
	struct talk *t = *state;
	wait_for(t, PROMPT);
	type(t, "inf\tsect\t\r");
	wait_for(t, "info sections");
	wait_for(t, "82000000  82000FFF  r-x");
}

static void empty_line_repeats_the_last(void **state)
{
	struct talk *t = *state;
	wait_for(t, PROMPT);
	type(t, "stepi\r");
	wait_for(t, "instr 1 ");
	wait_for(t, PROMPT);
	type(t, "\r");
	wait_for(t, "instr 2 ");
}

static void starting_again_asks_first(void **state)
{
	struct talk *t = *state;
	wait_for(t, PROMPT);
	type(t, "stepi 5\r");
	wait_for(t, PROMPT);
	type(t, "run\r");
	wait_for(t, "(y or n) ");
	type(t, "n\r");
	wait_for(t, PROMPT);
	type(t, "print $_instr\r");
	wait_for(t, "0x5 ");
	wait_for(t, PROMPT);
	type(t, "set confirm off\r");
	wait_for(t, PROMPT);
	type(t, "run -n 3\r");
	wait_for(t, "instr 3 ");
}

static void errors_leave_the_session_alive(void **state)
{
	struct talk *t = *state;
	wait_for(t, PROMPT);
	type(t, "nonsense\r");
	wait_for(t, "error: there is no command 'nonsense'");
	wait_for(t, PROMPT);
	type(t, "quit\r");
	assert_int_equal(ending(t), 0);
}

static void end_of_input_quits(void **state)
{
	struct talk *t = *state;
	wait_for(t, PROMPT);
	type(t, "\004");
	assert_int_equal(ending(t), 0);
}

static void exit_gives_its_code(void **state)
{
	struct talk *t = *state;
	wait_for(t, PROMPT);
	type(t, "exit 9\r");
	assert_int_equal(ending(t), 9);
}

static void history_outlives_the_session(void **state)
{
	struct talk *t = *state;
	wait_for(t, PROMPT);
	type(t, "echo remembered\r");
	wait_for(t, "\nremembered");
	wait_for(t, PROMPT);
	type(t, "\004");
	assert_int_equal(ending(t), 0);
	close(t->fd);
	spawn(t);
	wait_for(t, PROMPT);
	type(t, "\020\r"); /* C-p */
	wait_for(t, "\nremembered");
}

static void sigterm_ends_with_143_running_or_not(void **state)
{
	struct talk *t = *state;
	wait_for(t, PROMPT);
	kill(t->pid, SIGTERM);
	assert_int_equal(ending(t), 143);
	close(t->fd);
	spawn(t);
	wait_for(t, PROMPT);
	let_run(t, "run\r");
	kill(t->pid, SIGTERM);
	assert_int_equal(ending(t), 143);
}

/* Writes the session's beginning: DIR/wedge/wedgerc. */
static void write_init(const struct talk *t, const char *text)
{
	char path[400];
	snprintf(path, sizeof path, "%s/wedge", t->dir);
	if (mkdir(path, 0700))
		assert_int_equal(errno, EEXIST);
	snprintf(path, sizeof path, "%s/wedge/wedgerc", t->dir);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static void init_file_is_read_first_and_its_errors_are_placed(void **state)
{
	struct talk *t = *state;
	wait_for(t, PROMPT);
	type(t, "\004");
	assert_int_equal(ending(t), 0);
	close(t->fd);
	write_init(t, "define greet\necho hello $arg0\nend\nnonsense\n");
	spawn(t);
	wait_for(t, "wedgerc:4: there is no command 'nonsense'");
	wait_for(t, PROMPT);
	type(t, "greet you\r");
	wait_for(t, "\nhello you");
}

static void blocks_are_typed_and_interrupted(void **state)
{
	struct talk *t = *state;
	wait_for(t, PROMPT);
	type(t, "if 1\r");
	wait_for(t, " >");
	type(t, "while 0\r");
	wait_for(t, "  >");
	type(t, "end\r");
	wait_for(t, " >");
	type(t, "echo inside\rend\r");
	wait_for(t, "\ninside");
	wait_for(t, PROMPT);
	type(t, "while 1\r");
	wait_for(t, " >");
	type(t, "end\r");
	for (unsigned long before = computed(t); computed(t) < before + 2;)
		sched_yield();
	type(t, "\003");
	wait_for(t, PROMPT);
	type(t, "echo alive\r");
	wait_for(t, "\nalive");
	wait_for(t, PROMPT);
	/* Half of one is dropped. */
	type(t, "define half\r");
	wait_for(t, " >");
	type(t, "\003");
	wait_for(t, "they are missing");
	wait_for(t, PROMPT);
}

static void errors_are_marked_at_their_column(void **state)
{
	struct talk *t = *state;
	wait_for(t, PROMPT);
	type(t, "print 1 + $nope\r");
	wait_for(t, "\n  1 + $nope\r\n      ^");
}

static void long_run_shows_how_it_goes(void **state)
{
	struct talk *t = *state;
	wait_for(t, PROMPT);
	type(t, "continue\r");
	wait_for(t, "(Ctrl-C stops)");
	type(t, "\003");
	wait_for(t, "stopped: interrupt");
}

static void long_output_waits_for_a_key(void **state)
{
	struct talk *t = *state;
	wait_for(t, PROMPT);
	type(t, "help\r");
	wait_for(t, "--more--");
	type(t, "q");
	wait_for(t, PROMPT);
	type(t, "set pagination off\r");
	wait_for(t, PROMPT);
	type(t, "help\r");
	wait_for(t, "Any unique beginning of a word will do.");
}

static void a_bug_of_our_own_gives_the_terminal_back(void **state)
{
	struct talk *t = *state;
	wait_for(t, PROMPT);
	type(t, "stepi 3\r");
	wait_for(t, PROMPT);
	kill(t->pid, SIGSEGV);
	wait_for(t, "wedge: bug: ");
	wait_for(t, "replay with: wedge ");
	wait_for(t, "(it happened at instruction 3");
	(void)ending(t); /* 70, or what a sanitizer ends with */
	assert_modes_as_before(t);
}

static void a_lost_terminal_ends_the_session(void **state)
{
	struct talk *t = *state;
	int status = 0;
	wait_for(t, PROMPT);
	let_run(t, "run\r");
	close(t->fd);
	t->fd = -1;
	assert_int_equal(waitpid(t->pid, &status, 0), t->pid);
	t->pid = 0;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 128 + SIGHUP);
}

#define TALK(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TALK(ctrl_c_interrupts_the_guest_and_never_kills), TALK(ctrl_c_at_the_prompt_drops_the_line), TALK(tab_completes_commands_and_tables),
		TALK(empty_line_repeats_the_last), TALK(starting_again_asks_first),
		TALK(errors_leave_the_session_alive), TALK(end_of_input_quits), TALK(exit_gives_its_code),
		TALK(history_outlives_the_session), TALK(sigterm_ends_with_143_running_or_not),
		TALK(init_file_is_read_first_and_its_errors_are_placed), TALK(blocks_are_typed_and_interrupted),
		TALK(errors_are_marked_at_their_column), TALK(long_run_shows_how_it_goes), TALK(long_output_waits_for_a_key),
		TALK(a_bug_of_our_own_gives_the_terminal_back), TALK(a_lost_terminal_ends_the_session),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
