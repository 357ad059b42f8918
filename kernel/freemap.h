/* kernel/freemap.h - a set of slot rows in the world arena that knows its lowest member: a tree of words of 64 bits, four deep. */
#ifndef KERNEL_FREEMAP_H
#define KERNEL_FREEMAP_H

#include "kernel/machine.h"

void freemap_layout(struct machine *m);
/** @row (below SLOTS_MAX) joins the set, or leaves it. */
void freemap_add(struct machine *m, uint32_t row);
void freemap_remove(struct machine *m, uint32_t row);
/** The lowest member, 0 = empty set. */
uint32_t freemap_lowest(const struct machine *m);

#endif
