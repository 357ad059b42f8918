/* ui/interrupt.h - Ctrl-C and SIGTERM: they ask the running machine to stop, and never end the process by themselves. */
#ifndef UI_INTERRUPT_H
#define UI_INTERRUPT_H

#include <stdatomic.h>

#include "src/base/base.h"

/** Catches SIGINT and SIGTERM; makes SIGXFSZ and SIGPIPE errors of the write that met them. */
void interrupt_init(void);
/** What the machine looks at (machine.interrupt). */
atomic_bool *interrupt_flag(void);
/** The signal that came since the last call, 0 = none; takes it back. A SIGTERM stays. */
int interrupt_take(void);
/** A signal waits to be taken. */
bool interrupt_pending(void);
/** Waits until @fd can be read (true) or a signal is pending (false). No signal slips in between. Another signal than ours: false too. */
bool interrupt_wait(int fd);

#endif
