/* kernel/terminate.h - the routines that a title has registered for its end. */
#ifndef KERNEL_TERMINATE_H
#define KERNEL_TERMINATE_H

#include "kernel/machine.h"

/** The list of registrations is empty (load time; its head is one of the kernel's variables). */
void terminations_init(struct machine *m);
/** Thread row @thread, which runs, ends the title with @status: it enters the first routine. False: there is none, the title ends now. */
bool termination_begin(struct machine *m, uint32_t thread, uint32_t status);
/** A routine has returned to TRAP_TERMINATION: the next one, or the end. False: the title does not end. */
bool termination_returned(struct machine *m, uint32_t thread);

#endif
