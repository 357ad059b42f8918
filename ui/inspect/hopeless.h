/* ui/inspect/hopeless.h - waits that can be seen at their beginning to have no end. */
#ifndef UI_INSPECT_HOPELESS_H
#define UI_INSPECT_HOPELESS_H

#include "kernel/machine.h"
#include "src/event/event.h"

/**
 * Thread row @thread begins a wait (@ev: object.wait) that only the thread itself could end: for itself, or for what a thread holds that waits, over
 * whatever links, for what the first one holds. Read from owners (mutants, critical sections, threads) and infinite waits alone, so it is proven;
 * false says nothing. Waits for one of several objects are not looked at where they begin.
 */
bool wait_is_hopeless(const struct machine *m, uint32_t thread, const struct event *ev);

#endif
