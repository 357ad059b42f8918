/* tests/guest/callers.c - calls that keep values in registers, with debug information: for source lines and the registers of frames.
 *
 * What the debugger must find: WEDGE: main (tid 1) and two equal workers (tid 2, 3) wait for ever, each on its own
 * auto-reset event that nobody signals.
 *   every stack       outer < middle < inner < wait_here; frame `outer` has 0x11110000 + n and 2.5 * n in registers that its callees saved
 * verdict: WEDGE
 * root: Event/Auto never-sent main
 * root: Event/Auto never-sent worker
 * root: Event/Auto never-sent worker
 */
#include "kit.h"

static uint32_t total;
static double half_total;

static uint32_t wait_here(HANDLE event)
{
	return (uint32_t)NtWaitForSingleObjectEx(event, USER_MODE, NOT_ALERTABLE, NULL);
}

static uint32_t inner(HANDLE event, uint32_t n)
{
	uint32_t kept = n ^ 0x55550000;
	kept += wait_here(event);
	return kept ^ n;
}

static uint32_t middle(HANDLE event, uint32_t n)
{
	uint32_t before = total + n;
	uint32_t got = inner(event, n + 1);
	return got + before;
}

static uint32_t outer(uint32_t n)
{
	uint32_t mark = 0x11110000 + n, more = n * 3;
	double half = 2.5 * n;
	HANDLE event = 0;
	NtCreateEvent(&event, NULL, EVENT_AUTO, 0);
	uint32_t got = middle(event, n);
	half_total += half;
	total += got + mark;
	return total + more;
}

static uint32_t worker(void *arg)
{
	return outer((uint32_t)(uintptr_t)arg);
}

int main(void)
{
	HANDLE a = 0, b = 0;
	ExCreateThread(&a, 0, NULL, NULL, worker, (void *)2, ON_HW(1));
	ExCreateThread(&b, 0, NULL, NULL, worker, (void *)2, ON_HW(2));
	return (int)outer(1);
}
