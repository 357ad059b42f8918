/* kernel/standstill.h - does anything new still happen? (design, "Words": STANDSTILL, which is inferred)
 *
 * Watched is a window that begins anew with every progress: an instruction that ran for the first time, a thread made or ended, a wait or
 * delay that timed out, a frame that was shown, or a timer that came due while its last callbacks were still running. A STANDSTILL holds when, in the
 * present window, every armed timer and periodic device has come due STANDSTILL_PERIODS times, no timed wait is older than the window, and the main
 * thread (of a title whose main thread has ended: any thread) is stuck: parked since before the window, without a timeout, on what nobody has
 * signalled in the window and nobody who runs owns. So a title whose main thread works, or waits for a thread that works, goes on.
 *
 * All of it lies in the history arena: it is taken back with time, decides nothing for the guest, and needs no observer.
 */
#ifndef KERNEL_STANDSTILL_H
#define KERNEL_STANDSTILL_H

#include "kernel/machine.h"

#define STANDSTILL_PERIODS 120u

void standstill_layout(struct machine *m);

/* What happens, told by those who do it. */
/** Deadlines are about to be served; @busy: something could still run. */
void standstill_serves(struct machine *m, bool busy);
/** A timer has come due by itself. */
void standstill_timer(struct machine *m, uint32_t object);
/** A periodic device has come. */
void standstill_source(struct machine *m, enum source source);
/** Something new: a thread was made or ended, a wait timed out. */
void standstill_progress(struct machine *m);
/** Nothing can run, a deadline is ahead: is it time to stop with STOP_STANDSTILL? Asked again, it says so after as many periods more. */
bool standstill_stops(struct machine *m);

/** What is known at present; for readers. */
struct standstill {
	bool holds;
	uint64_t since;   /* cycle at which the window began: nothing new since */
	uint32_t periods; /* of the timer that has come due least often in it; 0 = none is armed */
};
void standstill_read(const struct machine *m, struct standstill *out);
/** How often has timer row @object come due by itself in the window? */
uint32_t standstill_fires(const struct machine *m, uint32_t object);
/** The same of a device. */
uint32_t standstill_source_fires(const struct machine *m, enum source source);
/** What each thread row is to it, in the words of kernel/stall.h; the main thread always counts. */
void standstill_roles(const struct machine *m, uint8_t *role);
/** Has @object been signalled in the window, or will it be by a timer that it is? */
bool standstill_fed(const struct machine *m, uint32_t object);

#endif
