/* ui/interrupt.h - Ctrl-C, SIGTERM and a lost terminal: they ask the running machine to stop, and never end the process by themselves. */
#ifndef UI_INTERRUPT_H
#define UI_INTERRUPT_H

#include <stdatomic.h>

#include "src/base/base.h"

/** Catches SIGINT and SIGTERM; makes SIGXFSZ and SIGPIPE errors of the write that met them. */
void interrupt_init(void);
/** What the machine looks at (machine.interrupt). */
atomic_bool *interrupt_flag(void);
/** From here on a hangup is caught too: where a person sits at a terminal. Not if the process was started to ignore it. */
void interrupt_catch_hangup(void);
/** The terminal was found to be gone, without a signal: as if SIGHUP had come. */
void interrupt_hung_up(void);
/** The signal that came since the last call, 0 = none; takes it back. One that ends the session stays. */
int interrupt_take(void);
/** SIGTERM and SIGHUP: the session is to end. */
bool interrupt_ends(int number);
/** A signal waits to be taken. */
bool interrupt_pending(void);
/** Waits until @fd can be read (true) or a signal is pending (false). No signal slips in between. Another signal than ours: false too. */
bool interrupt_wait(int fd);

#endif
