/* ui/interrupt.c - see interrupt.h */
#include "config.h"

#include "ui/interrupt.h"

#include <signal.h>
#include <sys/select.h>

static atomic_bool flag;
static volatile sig_atomic_t caught;

bool interrupt_ends(int number) { return number == SIGTERM || number == SIGHUP; }

static void on_signal(int number)
{
	if (!interrupt_ends(caught))
		caught = number;
	atomic_store(&flag, true);
}

void interrupt_init(void)
{
	struct sigaction a = { .sa_handler = on_signal };
	sigemptyset(&a.sa_mask);
	sigaction(SIGINT, &a, NULL);
	sigaction(SIGTERM, &a, NULL);
	/* A file at its limit and a pipe without a reader fail as a full disk does: the write says so. */
	a.sa_handler = SIG_IGN;
	sigaction(SIGXFSZ, &a, NULL);
	sigaction(SIGPIPE, &a, NULL);
}

void interrupt_catch_hangup(void)
{
	struct sigaction a = { .sa_handler = on_signal }, old;
	sigemptyset(&a.sa_mask);
	if (!sigaction(SIGHUP, NULL, &old) && old.sa_handler == SIG_DFL)
		sigaction(SIGHUP, &a, NULL);
}

void interrupt_hung_up(void) { on_signal(SIGHUP); }

atomic_bool *interrupt_flag(void) { return &flag; }
bool interrupt_pending(void) { return caught != 0; }

int interrupt_take(void)
{
	int number = caught;
	if (!interrupt_ends(number)) {
		caught = 0;
		atomic_store(&flag, false);
	}
	return number;
}

bool interrupt_wait(int fd)
{
	sigset_t ours, before;
	fd_set fds;
	int ready = 0;
	sigemptyset(&ours);
	sigaddset(&ours, SIGINT);
	sigaddset(&ours, SIGTERM);
	sigaddset(&ours, SIGHUP);
	sigprocmask(SIG_BLOCK, &ours, &before);
	FD_ZERO(&fds);
	FD_SET(fd, &fds);
	if (!caught)
		ready = pselect(fd + 1, &fds, NULL, NULL, NULL, &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return ready > 0;
}
