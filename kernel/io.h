/* kernel/io.h - I/O requests: file objects, reads and writes in flight, their completion; completion ports.
 *
 * A request takes virtual time: IO_CACHED_TICKS if every page is in the cache; else the device serves its requests one after the other, each in
 * IO_DEVICE_TICKS and IO_BYTE_TICKS a byte (12-speed DVD: some 16 MB/s). Bytes move at its end. Then, in this order: the IO_STATUS_BLOCK is written,
 * the caller's event is set (without one, or if the file is synchronous: the file object itself is signalled), the APC is queued to the thread that
 * asked: routine(context, iosb, 0), and a packet {key, context, status, bytes} goes to the file's completion port if the context is not 0.
 * Who asks through a synchronous handle waits for the file object, until its own request is done. A dead device (--dead-device) never answers.
 */
#ifndef KERNEL_IO_H
#define KERNEL_IO_H

#include "kernel/file.h"

/* DEBT(io-times): chosen, not measured. */
#define IO_CACHED_TICKS 500u   /* 10 us */
#define IO_DEVICE_TICKS 10000u /* 200 us */
#define IO_BYTE_TICKS 3u       /* 16.7 MB/s */

/* Access to a file object. */
#define FILE_READ_DATA 0x1u
#define FILE_WRITE_DATA 0x2u
#define FILE_APPEND_DATA 0x4u
#define FILE_WRITE_ATTRIBUTES 0x100u
#define FILE_DELETE 0x10000u
/* Options of NtCreateFile. */
#define FILE_DIRECTORY_FILE 0x1u
#define FILE_WRITE_THROUGH 0x2u
#define FILE_SEQUENTIAL_ONLY 0x4u
#define FILE_NO_BUFFERING 0x8u
#define FILE_SYNC_ALERT 0x10u
#define FILE_SYNC_NONALERT 0x20u
#define FILE_NON_DIRECTORY_FILE 0x40u
#define FILE_DELETE_ON_CLOSE 0x1000u

#define FILE_SECTOR 0x200u /* bytes, of every device */

struct call;

void io_layout(struct machine *m);
void ports_layout(struct machine *m);

/** What a call asks for. */
struct io_request {
	enum io_kind kind;
	uint32_t object, event;    /* object rows; event 0 = none */
	uint32_t slot, event_slot; /* of their handles */
	uint32_t apc_routine, apc_context, iosb_ga, buffer_ga, length;
	uint64_t offset;
	bool append; /* a write that goes to where the end is when it is done */
};
/** Begins a request and answers the call: PENDING, or the thread is parked. Emits: EV_IO_START. */
void io_begin(struct machine *m, struct call *c, const struct io_request *r);
/** The deadline of io row @io has come. Emits: EV_IO_COMPLETE, EV_IO_DAMAGED, what its signals emit. */
void io_complete(struct machine *m, uint32_t io);
/** Takes back the requests of thread @tid (0 = of all) with this IO_STATUS_BLOCK (0 = with any) on @object: each completes with NT_CANCELLED. How
 * many. */
uint32_t io_cancel(struct machine *m, uint32_t object, uint32_t tid, uint32_t iosb_ga);
/** A request that was over at once tells the caller so: IO_STATUS_BLOCK, event or file object, APC. */
void io_answer(struct machine *m, struct call *c, const struct io_request *r, uint32_t status, uint32_t information);

/** Called when the object dies. */
void open_gone(struct machine *m, uint32_t object);
void port_gone(struct machine *m, uint32_t object);

/** A packet comes to port @object; it goes to the thread that waits longest in NtRemoveIoCompletion, else into the queue. False: no room.
 * Emits: EV_OBJECT_RELEASE. */
bool port_post(struct machine *m, uint32_t thread, uint32_t object, uint32_t slot, const struct w_packet *p);

static inline const struct w_io *io_peek(const struct machine *m, uint32_t row)
{
	return arena_peek(&m->world, m->t_io, row);
}
static inline const struct w_open *open_peek(const struct machine *m, uint32_t row)
{
	return arena_peek(&m->world, m->t_open, row);
}
static inline struct w_open *open_mut(struct machine *m, uint32_t row)
{
	return arena_row(&m->world, m->t_open, row);
}
/** The open row of a file object. */
static inline const struct w_open *open_of(const struct machine *m, uint32_t object)
{
	return open_peek(m, object_peek(m, object)->part);
}
/** Requests in flight, and those that no device will ever answer. */
void io_count(const struct machine *m, uint32_t *flight, uint32_t *lost);
/** The lost request that would have signalled @object; io row, 0 = none. */
uint32_t io_lost_for(const struct machine *m, uint32_t object);
/** The same of one that is in flight or lost. */
uint32_t io_pending_for(const struct machine *m, uint32_t object);
/** A request in flight, or lost, is done now, as if its device had answered. */
void io_complete_now(struct machine *m, uint32_t io);
/** The last component of its path; "" = the root. */
const char *file_object_name(const struct machine *m, uint32_t object);
const char *io_kind_word(enum io_kind k);

#endif
