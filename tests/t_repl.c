/* tests/t_repl.c - the prompt on a terminal: what keys do. Needs the program (./wedge) and a pseudo-terminal, no guest of the kit. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/base/base.h"

#define PROMPT "(wedge) "
#define PATIENCE 60          /* seconds until a test that waits for a text that does not come is ended */

/* A title that loops for ever: `b .` at its entry. */
static void write_title(const char *path)
{
	static const uint32_t words[] = {
		0x7f454c46, 0x01020100, 0, 0,                    /* ELF, 32 bits, big-endian */
		0x00020014, 1, 0x82000000, 52, 0, 0, 0x00340020, 0x00010000, 0, /* executable, PowerPC; entry; one program header */
		1, 0x1000, 0x82000000, 0x82000000, 4, 4, 5, 0x1000,             /* load 4 bytes, r-x */
	};
	be32 out[0x1004 / 4] = { { { 0 } } };
	for (unsigned i = 0; i < ARRAY_LEN(words); i++)
		out[i] = be32_of(words[i]);
	out[0x1000 / 4] = be32_of(0x48000000);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(out, sizeof out, 1, f), 1);
	assert_int_equal(fclose(f), 0);
}

struct talk {
	int fd;               /* the terminal's other end */
	pid_t pid;
	char dir[200], title[256];
	char text[65536];     /* all that came */
	size_t n, seen;       /* seen: up to the end of what was waited for last */
};

static void spawn(struct talk *t)
{
	struct winsize size = { .ws_row = 40, .ws_col = 100 };
	t->n = t->seen = 0;
	t->text[0] = 0;
	t->pid = forkpty(&t->fd, NULL, NULL, &size);
	assert_true(t->pid >= 0);
	if (t->pid == 0) {
		setenv("XDG_STATE_HOME", t->dir, 1);
		setenv("XDG_CONFIG_HOME", t->dir, 1);
		setenv("TERM", "dumb", 1);
		unsetenv("INPUTRC");
		execl("./wedge", "wedge", t->title, (char *)NULL);
		_exit(127);
	}
}

static struct talk *watched;

static void out_of_patience(int number)
{
	(void)number;
	if (write(STDERR_FILENO, "what came so far:\n", 18) == 18 && write(STDERR_FILENO, watched->text, watched->n) >= 0)
		kill(watched->pid, SIGKILL);
	_exit(1);
}

static int setup(void **state)
{
	struct talk *t = calloc(1, sizeof *t);
	const char *dir = getenv("TMPDIR");
	assert_non_null(t);
	snprintf(t->dir, sizeof t->dir, "%s/t_repl-XXXXXX", dir ? dir : "/tmp");
	assert_non_null(mkdtemp(t->dir));
	snprintf(t->title, sizeof t->title, "%s/loop.elf", t->dir);
	write_title(t->title);
	watched = t;
	signal(SIGALRM, out_of_patience);
	alarm(PATIENCE);
	spawn(t);
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct talk *t = *state;
	char command[256];
	if (t->pid > 0) {
		kill(t->pid, SIGKILL);
		waitpid(t->pid, NULL, 0);
	}
	if (t->fd >= 0)
		close(t->fd);
	snprintf(command, sizeof command, "rm -rf '%s'", t->dir);
	if (system(command))
		return -1;
	free(t);
	return 0;
}

static void type(struct talk *t, const char *keys)
{
	assert_int_equal(write(t->fd, keys, strlen(keys)), strlen(keys));
}

/* Reads until @text has come (again). */
static void wait_for(struct talk *t, const char *text)
{
	char *at;
	while (!(at = strstr(t->text + t->seen, text))) {
		assert_true(t->n + 1 < sizeof t->text);
		ssize_t n = read(t->fd, t->text + t->n, sizeof t->text - 1 - t->n);
		if (n <= 0)
			fail_msg("'%s' did not come; instead: %s", text, t->text + t->seen);
		t->n += (size_t)n;
		t->text[t->n] = 0;
	}
	t->seen = (size_t)(at - t->text) + strlen(text);
}

static int ending(struct talk *t)
{
	int status;
	char rest[4096];
	while (read(t->fd, rest, sizeof rest) > 0)
		continue;
	assert_int_equal(waitpid(t->pid, &status, 0), t->pid);
	t->pid = 0;
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* Clock ticks that the program has computed for so far. */
static unsigned long computed(const struct talk *t)
{
	char path[64];
	unsigned long ticks = 0;
	snprintf(path, sizeof path, "/proc/%d/stat", (int)t->pid);
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	assert_int_equal(fscanf(f, "%*d %*s %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu", &ticks), 1);
	fclose(f);
	return ticks;
}

/* Types a command that runs the guest, and comes back when it does. */
static void let_run(struct talk *t, const char *command)
{
	type(t, command);
	wait_for(t, "\r\n");
	for (unsigned long before = computed(t); computed(t) < before + 2;)
		sched_yield();
}

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
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
