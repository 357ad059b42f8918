/* ui/tui/held.c - see held.h */
#include "config.h"

#include "ui/tui/held.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static struct {
	int file, out, err;   /* where it is held; the real descriptors 1 and 2 */
	bool on;
} held;

enum status held_begin(struct err *err)
{
	int file = memfd_create("held", MFD_CLOEXEC);
	int out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3), error = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	if (file < 0 || out < 0 || error < 0 || fcntl(file, F_SETFL, O_APPEND)) {
		enum status st = err_set(err, ST_IO, "standard output cannot be held back: %s", strerror(errno));
		close(file);
		close(out);
		close(error);
		return st;
	}
	fflush(stdout);
	fflush(stderr);
	dup2(file, STDOUT_FILENO);
	dup2(file, STDERR_FILENO);
	held.file = file;
	held.out = out;
	held.err = error;
	held.on = true;
	return ST_OK;
}

char *held_take(void)
{
	fflush(stdout);
	fflush(stderr);
	off_t size = held.on ? lseek(held.file, 0, SEEK_END) : 0;
	if (size <= 0)
		return NULL;
	char *text = xmalloc((size_t)size + 1);
	ssize_t n = pread(held.file, text, (size_t)size, 0);
	if (ftruncate(held.file, 0) || n <= 0) {
		free(text);
		return NULL;
	}
	text[n] = 0;
	return text;
}

static void pass_on(int to)
{
	char piece[4096];
	off_t at = 0;
	ssize_t n;
	while ((n = pread(held.file, piece, sizeof piece, at)) > 0) {
		if (write(to, piece, (size_t)n) != n)
			break;
		at += n;
	}
}

/* Only what a signal handler may call. */
void held_rescue(void)
{
	if (!held.on)
		return;
	held.on = false;
	dup2(held.out, STDOUT_FILENO);
	dup2(held.err, STDERR_FILENO);
	pass_on(STDERR_FILENO);
}

void held_end(void)
{
	fflush(stdout);
	fflush(stderr);
	held_rescue();
	close(held.file);
	close(held.out);
	close(held.err);
}
