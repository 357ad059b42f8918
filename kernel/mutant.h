/* kernel/mutant.h - mutants: ownership, recursion, abandonment. signal_state 1 = free, 1 - n = held n times. */
#ifndef KERNEL_MUTANT_H
#define KERNEL_MUTANT_H

#include "kernel/machine.h"

/** First state of a mutant: free, or held once by @owner (thread row). */
void mutant_init(struct machine *m, uint32_t object, uint32_t owner);
/** Takes it once more for @thread, who may. True: it had been abandoned. */
bool mutant_acquire(struct machine *m, uint32_t thread, uint32_t object);
/** @return guest status; NT_SUCCESS with the previous signal_state. Emits: EV_OBJECT_RELEASE; serves the waiters. */
uint32_t mutant_release(struct machine *m, uint32_t thread, uint32_t object, uint32_t slot, int32_t increment, int32_t *previous);
/** The same, whatever its depth, and the next owner learns that it was abandoned. */
uint32_t mutant_abandon(struct machine *m, uint32_t thread, uint32_t object, int32_t increment, int32_t *previous);
/** Nobody owns it any more; its state stays as it is (its memory has become something else). */
void mutant_disown(struct machine *m, uint32_t object);
/** @thread ends: all that it holds are abandoned. Emits: EV_OBJECT_ABANDON each; serves the waiters. */
void mutants_abandon(struct machine *m, uint32_t thread);

#endif
