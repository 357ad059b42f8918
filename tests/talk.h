/* tests/talk.h - wedge on a pseudo-terminal: types, reads, waits for texts, sees how it ends. */
#ifndef TESTS_TALK_H
#define TESTS_TALK_H

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
static inline void write_title(const char *path)
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
	const char *term, *option; /* TERM (NULL: dumb), an option (NULL: none) */
	struct termios modes; /* of the terminal when it was new */
	char text[1 << 20];   /* all that came */
	size_t n, seen;       /* seen: up to the end of what was waited for last */
};

static inline void spawn(struct talk *t)
{
	struct winsize size = { .ws_row = 40, .ws_col = 100 };
	t->n = t->seen = 0;
	t->text[0] = 0;
	const char *term = t->term ? t->term : "dumb";
	t->pid = forkpty(&t->fd, NULL, NULL, &size);
	assert_true(t->pid >= 0);
	if (t->pid == 0) {
		setenv("XDG_STATE_HOME", t->dir, 1);
		setenv("XDG_CONFIG_HOME", t->dir, 1);
		setenv("TERM", term, 1);
		unsetenv("INPUTRC");
		execl("./wedge", "wedge", t->title, t->option, (char *)NULL);
		_exit(127);
	}
	assert_int_equal(tcgetattr(t->fd, &t->modes), 0);
}

static struct talk *watched;

static inline void out_of_patience(int number)
{
	(void)number;
	if (write(STDERR_FILENO, "what came so far:\n", 18) == 18 && write(STDERR_FILENO, watched->text, watched->n) >= 0)
		kill(watched->pid, SIGKILL);
	_exit(1);
}

static inline int setup(void **state)
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

static inline int teardown(void **state)
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

static inline void type(struct talk *t, const char *keys)
{
	assert_int_equal(write(t->fd, keys, strlen(keys)), strlen(keys));
}

/* Reads until @text has come (again). */
static inline void wait_for(struct talk *t, const char *text)
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

/* How it ends: its code, or 1000 and its signal. */
static inline int ending(struct talk *t)
{
	int status = 0;
	char rest[4096];
	for (ssize_t n; (n = read(t->fd, rest, sizeof rest)) > 0;)
		for (ssize_t i = 0; i < n && t->n + 1 < sizeof t->text; i++) {
			t->text[t->n++] = rest[i];
			t->text[t->n] = 0;
		}
	assert_int_equal(waitpid(t->pid, &status, 0), t->pid);
	t->pid = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

/* The terminal's modes are those that it had. */
static inline void assert_modes_as_before(struct talk *t)
{
	struct termios now;
	assert_int_equal(tcgetattr(t->fd, &now), 0);
	assert_int_equal(now.c_iflag, t->modes.c_iflag);
	assert_int_equal(now.c_oflag, t->modes.c_oflag);
	assert_int_equal(now.c_lflag, t->modes.c_lflag);
	assert_memory_equal(now.c_cc, t->modes.c_cc, sizeof now.c_cc);
}

/* Clock ticks that the program has computed for so far. */
static inline unsigned long computed(const struct talk *t)
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
static inline void let_run(struct talk *t, const char *command)
{
	type(t, command);
	wait_for(t, "\r\n");
	for (unsigned long before = computed(t); computed(t) < before + 2;)
		sched_yield();
}

#endif
