/* kernel/overlapped.h - calls of XAM that complete through an XOVERLAPPED.
 *
 * What a call of this kind does it does at once; what it says comes later. Without an XOVERLAPPED the call answers itself, and its
 * output is written at once. With one: result becomes ERROR_IO_PENDING, context the caller's thread handle (0 if it has none), the event is
 * reset, the call answers ERROR_IO_PENDING; and when its time has come, in this order: the output is written to the title's memory, then
 * result, extended error and length; the event is set; the APC routine(result, length, overlapped) is queued to the thread that called
 * (facts: XOVERLAPPED completion; the reset: Xenia canary). Event and routine are read when it begins: the event is held till the
 * end, whatever the title does to its handle or to the XOVERLAPPED; memory that is gone by then swallows what is written. One that is
 * used again while it is pending is completed twice, in the order of their times. An event handle that is none leaves the request without one.
 */
#ifndef KERNEL_OVERLAPPED_H
#define KERNEL_OVERLAPPED_H

#include "kernel/call.h"
#include "kernel/winerror.h"
#include "kernel/xam_state.h"

/* DEBT(xam-times): chosen, not measured. */
#define OVERLAPPED_TICKS (TICKS_PER_MS)
#define OVERLAPPED_OUTS 4u

void overlapped_layout(struct machine *m);

/** What a call says: @answer by itself, the others through an XOVERLAPPED. */
struct overlapped_end {
	uint32_t answer, result, extended, length;
};
/** Of calls that tell an error in the extended error alone: result is ERROR_FUNCTION_FAILED then (Xenia canary: contents, enumerators). */
static inline struct overlapped_end overlapped_failing(uint32_t error, uint32_t length)
{
	return (struct overlapped_end){ error, error ? ERROR_FUNCTION_FAILED : 0, HRESULT_FROM_WIN32(error), length };
}
/** Of calls that tell it in both, as it is (Xenia: messages, dialogs). */
static inline struct overlapped_end overlapped_plain(uint32_t result)
{
	return (struct overlapped_end){ result, result, result, 0 };
}

/** Bytes for the title's memory; ga 0 or size 0: nothing. */
struct overlapped_out {
	uint32_t ga, size;
	const void *bytes; /* borrowed: copied by overlapped_begin; NULL: they lie in the kernel's memory, at */
	uint32_t from_ga;
};
struct overlapped_request {
	uint32_t ga; /* XOVERLAPPED; 0 = the call answers itself */
	struct overlapped_end end;
	uint64_t ticks; /* from now on; DEADLINE_NEVER: nobody ever answers */
	struct overlapped_out out[OVERLAPPED_OUTS];
};
/** The handler's last word: answers the call. What cannot be written makes it a guest fault, and nothing has begun. Emits: EV_XAM_START. */
void overlapped_begin(struct machine *m, struct call *c, const struct overlapped_request *r);
/** The same without output, in the usual time. */
void overlapped_end(struct machine *m, struct call *c, uint32_t ga, struct overlapped_end end);
/** Row @row is done. Emits: EV_XAM_COMPLETE, what its signals emit. */
void overlapped_complete(struct machine *m, uint32_t row);
/** The requests pending on the XOVERLAPPED at @ga complete now, with ERROR_CANCELLED and no output. How many. */
uint32_t overlapped_cancel(struct machine *m, uint32_t ga);
/** Those pending on it complete now with @result, @extended, @length; if there are none, the XOVERLAPPED is told so all the same, on the
 * caller's behalf (request 0 in EV_XAM_COMPLETE). */
void overlapped_tell(struct machine *m, struct call *c, uint32_t ga, uint32_t result, uint32_t extended, uint32_t length);
/** Row @row is done now, as if its time had come. */
void overlapped_complete_now(struct machine *m, uint32_t row);

static inline const struct w_overlapped *overlapped_peek(const struct machine *m, uint32_t row)
{
	return arena_peek(&m->world, m->t_overlapped, row);
}
/** In flight, and those that nobody will ever answer. */
void overlapped_count(const struct machine *m, uint32_t *flight, uint32_t *lost);
/** The first that is lost, of which @object would be told: its event, or without one the thread that called. Row, 0 = none. */
uint32_t overlapped_lost_for(const struct machine *m, uint32_t object);
/** The same of one that is in flight or lost. */
uint32_t overlapped_pending_for(const struct machine *m, uint32_t object);

#endif
