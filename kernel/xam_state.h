/* kernel/xam_state.h - the rows of the world arena that hold what XAM does: as kernel/state.h, of which it is a part. */
#ifndef KERNEL_XAM_STATE_H
#define KERNEL_XAM_STATE_H

#include "src/base/arena.h"
#include "src/base/base.h"

enum overlapped_state { OVERLAPPED_FREE, OVERLAPPED_FLIGHT, OVERLAPPED_LOST };

/** A call that completes through its XOVERLAPPED; table "overlapped". What was read from the XOVERLAPPED when it began stands here. */
struct w_overlapped {
	uint64_t id;         /* counts with w_io.id */
	uint64_t started;    /* cycle */
	uint32_t ga;         /* XOVERLAPPED */
	uint32_t event;      /* object row, held; 0 = none */
	uint32_t routine;    /* of its APC; 0 = none */
	uint32_t tid;        /* who called, and whose APC it is */
	uint32_t export_row; /* what, row + 1 */
	uint32_t deadline_row;
	uint32_t result, extended, length; /* as they will be told */
	uint32_t outs_ga,
		outs_bytes; /* what is written into the title's memory then: a block of the kernel's pool, 0 = nothing */
	uint32_t state;     /* enum overlapped_state */
};
ARENA_ROW_SIZE(w_overlapped, 64);

#endif
