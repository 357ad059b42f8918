/* kernel/critsec.h - critical sections for the kernel's own use: the rules of RtlEnterCriticalSection on a section in its memory. */
#ifndef KERNEL_CRITSEC_H
#define KERNEL_CRITSEC_H

#include "kernel/machine.h"

/** Thread row @thread takes the section at @cs, once more if it has it. False: it is parked till the section is handed over; then @cont goes on,
 * which takes it with critsec_own. */
bool critsec_enter(struct machine *m, uint32_t thread, uint32_t cs, enum cont_kind cont);
void critsec_own(struct machine *m, uint32_t thread, uint32_t cs);
void critsec_leave(struct machine *m, uint32_t thread, uint32_t cs);

#endif
