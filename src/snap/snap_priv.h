/* src/snap/snap_priv.h - a snapshot from inside: for snap.c and snap_file.c. */
#ifndef SRC_SNAP_SNAP_PRIV_H
#define SRC_SNAP_SNAP_PRIV_H

#include "src/snap/snap.h"
#include "src/snap/tree.h"

enum { SET_WORLD, SET_HISTORY, SET_GUEST, SETS };

struct snapshot {
	struct tree set[SETS];
	uint64_t layout[2]; /* arena_layout_digest of world and history */
	uint64_t new_bytes;
};

#endif
