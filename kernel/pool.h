/* kernel/pool.h - the kernel's pool in guest memory: blocks of 16 bytes to whole pages. All of its state lies in the world arena, so
 * that a title that writes where it should not can break its own data, but not the allocator. */
#ifndef KERNEL_POOL_H
#define KERNEL_POOL_H

#include "kernel/machine.h"

/** Lays out the pool's tables (set-up). */
void pool_layout(struct machine *m);
/** Whose blocks: they share no page, and a title cannot free what is not its own. */
enum pool_owner { POOL_KERNEL, POOL_TITLE };

/** A zeroed block, 16-byte aligned; 0 = out of memory. */
uint32_t pool_alloc(struct machine *m, uint32_t bytes, enum pool_owner owner);
/** Gives back a block of pool_alloc; false if @ga is none of @owner's (nothing has changed). */
bool pool_free(struct machine *m, uint32_t ga, enum pool_owner owner);
/** Bytes usable at @ga (its class's size), 0 if it is no block of @owner's. */
uint32_t pool_size(const struct machine *m, uint32_t ga, enum pool_owner owner);
/** The block in use that @ga lies in, whoever's: its begin, 0 = none. */
uint32_t pool_block(const struct machine *m, uint32_t ga, uint32_t *bytes, enum pool_owner *owner);

#endif
