/* ui/interrupt.c - see interrupt.h */
#include "config.h"

#include "ui/interrupt.h"

#include <signal.h>

static atomic_bool flag;
static volatile sig_atomic_t caught;

static void on_signal(int number)
{
	if (caught != SIGTERM)
		caught = number;
	atomic_store(&flag, true);
}

void interrupt_init(void)
{
	struct sigaction a = { .sa_handler = on_signal };
	sigemptyset(&a.sa_mask);
	sigaction(SIGINT, &a, NULL);
	sigaction(SIGTERM, &a, NULL);
}

atomic_bool *interrupt_flag(void) { return &flag; }
bool interrupt_pending(void) { return caught != 0; }

int interrupt_take(void)
{
	int number = caught;
	if (number != SIGTERM) {
		caught = 0;
		atomic_store(&flag, false);
	}
	return number;
}
