/* src/snap/digest.h - one number for a machine's whole state: XXH3-64 over the world arena and guest memory. */
#ifndef SRC_SNAP_DIGEST_H
#define SRC_SNAP_DIGEST_H

#include "src/base/arena.h"
#include "src/mem/mem.h"

/**
 * Digest over every non-zero page of @world (page number, bytes) and of guest memory (address, bytes), in ascending order.
 * A page that was touched and is all zero counts like one that never was. History, attributes and caches have no part in it.
 */
uint64_t state_digest(const struct arena *world, const struct mem *mem);

/** Digest of how an arena is laid out: names, places and row sizes of its tables. Equal = rows can be copied from one to the other. */
uint64_t arena_layout_digest(const struct arena *a);

#endif
