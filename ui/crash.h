/* ui/crash.h - what is said when wedge itself has a bug: the last events, and the command that replays the run. */
#ifndef UI_CRASH_H
#define UI_CRASH_H

#include "kernel/machine.h"

/**
 * Keeps the process's command line for the replay command. From here on a fault of our own (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT) ends the
 * process as an INVARIANT does: terminal, last events, replay command, code 70. A sanitizer that is there gets the fault afterwards.
 */
void crash_init(int argc, char **argv);
/** Keeps the last events of this stream (until the machine is freed). */
void crash_watch(struct event_stream *events);
/** The machine whose instruction count goes into the replay command; NULL = none. */
void crash_machine(const struct machine *m);
/** Called before the process ends by a bug, from wherever it was, a signal handler too: gives the terminal back, and standard error. NULL: none. */
void crash_at_end(void (*fn)(void));

#endif
