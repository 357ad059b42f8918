/* tests/t_script.c - the laws of command files, of commands of the user, and of where output goes. */
#include "config.h"

#include <unistd.h>

#include "tests/uikit.h"
#include "ui/script.h"

/* ---- scripts ------------------------------------------------------------------------------------------------------------------------- */

static void blocks_nest(void **state)
{
	struct uk *u = U(state);
	assert_int_equal(
		script(u,
			"set $i = 0\nset $sum = 0\nwhile $i < 10\nset $i = $i + 1\nif $i == 3\nloop_continue\nelse\nif $i == 8\n"
			"loop_break\nend\nend\nset $sum = $sum + $i\nend\n"),
		ST_OK);
	gives(u, "$sum", 1 + 2 + 4 + 5 + 6 + 7);
	assert_int_equal(script(u, "if 0\nif 1\necho a\nelse\necho b\nend\nelse\necho c\nend\n"), ST_OK);
	assert_string_equal(u->text, "c\n");
	refused(u, "end", "stands alone");
	refused(u, "else", "stands alone");
	refused(u, "if 1", "`end`");
}

static void defined_command_takes_arguments(void **state)
{
	struct uk *u = U(state);
	assert_int_equal(
		script(u, "define show-sum\nif $argc > 1\nprint/d $arg0 + $arg1\nelse\necho only $arg0\nend\nend\n"), ST_OK);
	command(u, "show-sum 4 5");
	assert_string_equal(u->text, "4 + 5  9  9\n");
	command(u, "show-sum 4");
	assert_string_equal(u->text, "only 4\n");
	refused(u, "show-sum", "$arg0 is missing");
	assert_int_equal(script(u, "define print\necho x\nend\n"), ST_BAD_VALUE);
	assert_int_equal(script(u, "define loop\nloop\nend\nloop\n"), ST_BAD_USAGE);
	assert_non_null(strstr(u->err.text, "nested"));
	command(u, "alias ss = show-sum 1");
	command(u, "ss 2");
	assert_string_equal(u->text, "1 + 2  3  3\n");
	command(u, "alias p2 = print/x");
	command(u, "p2 10");
	assert_string_equal(u->text, "10  0xA  10\n");
	refused(u, "alias x2 = nonsense", "there is no command");
	refused(u, "alias print = echo", "is a command already");
}

static void error_in_a_block_names_its_line(void **state)
{
	struct uk *u = U(state);
	assert_int_not_equal(script(u, "echo 1\nif 1\necho 2\nnonsense\nend\n"), ST_OK);
	assert_non_null(strstr(u->err.text, ":4: there is no command 'nonsense'"));
	assert_null(strstr(u->err.text, ":2: "));
}

static void checks_fail_the_session_and_go_on(void **state)
{
	struct uk *u = U(state);
	command(u, "expect 1 == 1");
	command(u, "assert-stop entry");
	assert_false(u->s.expect_failed);
	command(u, "assert-stop wedge");
	assert_true(u->s.expect_failed);
	refused(u, "assert-stop nonsense", "is no reason to stop: entry");
	refused(u, "expect", "an expression is missing");
	refused(u, "expect 1 2", "column 3");
}

static void output_goes_where_it_is_sent(void **state)
{
	struct uk *u = U(state);
	char path[] = "/tmp/t_stops.XXXXXX", text[200] = "";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	command(u, "echo one > %s", path);
	assert_string_equal(u->text, "");
	command(u, "echo two >> %s", path);
	command(u, "print 3 >> %s", path);
	assert_true(read(fd, text, sizeof text - 1) > 0);
	assert_string_equal(text, "one\ntwo\n3  0x3  3\n");
	close(fd);
	unlink(path);
	/* In an expression these are operators. */
	command(u, "print 3 > 2");
	assert_string_equal(u->text, "3 > 2  0x1  1\n");
	command(u, "print 3 | 4");
	assert_string_equal(u->text, "3 | 4  0x7  7\n");
	refused(u, "echo x | cat", "--allow-shell");
	refused(u, "!true", "--allow-shell");
	refused(u, "pipe print 1 | cat", "--allow-shell");
	refused(u, "echo x > /nonexistent/file", "/nonexistent/file");
	u->s.allow_shell = true;
	snprintf(text, sizeof text, "/tmp/t_stops_pipe.%d", (int)getpid());
	command(u, "echo through | tr a-z A-Z > %s", text);
	FILE *f = fopen(text, "r");
	assert_non_null(f);
	assert_non_null(fgets(path, sizeof path, f));
	assert_string_equal(path, "THROUGH\n");
	fclose(f);
	unlink(text);
}

static void windbgs_words_work_behind_their_marks(void **state)
{
	struct uk *u = U(state);
	uint32_t h = tk_event(u->t, 0, false), data = tk_memory(u->t, 8);
	command(u, "!handle %x", h);
	command(u, "~");
	assert_non_null(strstr(u->text, "TID"));
	command(u, "~1s");
	command(u, "~*k");
	command(u, ".lastevent");
	command(u, "bp 82000000");
	command(u, "ba w4 %x", data);
	assert_int_equal(point(u, 2)->size, 4);
	assert_true(point(u, 2)->on_write);
	command(u, "bl");
	command(u, "bd 1");
	assert_false(point(u, 1)->enabled);
	command(u, "bc 1 2");
	assert_int_equal(u->s.breaks.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UK_TEST(blocks_nest),
		UK_TEST(defined_command_takes_arguments),
		UK_TEST(error_in_a_block_names_its_line),
		UK_TEST(checks_fail_the_session_and_go_on),
		UK_TEST(output_goes_where_it_is_sent),
		UK_TEST(windbgs_words_work_behind_their_marks),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
