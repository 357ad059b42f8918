/* kernel/request.h - requests to a title's own driver: files on its devices, IRPs on their way.
 *
 * A file on such a device is an OT_FILE without an open row; a row of "devfile" has what it is. Each call makes an IRP with one stack location in the
 * pool and calls MajorFunction[n](device, irp) of the device's driver on the calling thread. Is the IRP completed by IoCompleteRequest, the call
 * returns what the driver has returned, or, if that is PENDING, the IRP's status; until then the thread waits for the file object. The IRP goes when
 * both have happened. A successful create opens the handle. NtClose of the last handle sends cleanup, and then close, if nobody else has a reference.
 * Only synchronous requests are known how to be made: DEBT(device-exports).
 */
#ifndef KERNEL_REQUEST_H
#define KERNEL_REQUEST_H

#include "kernel/call.h"
#include "kernel/fs_state.h"
#include "kernel/mount.h"
#include "kernel/object.h"

void requests_layout(struct machine *m);

static inline const struct w_request *request_peek(const struct machine *m, uint32_t row)
{
	return arena_peek(&m->world, m->t_request, row);
}
/** The file of an object, NULL: it is none on a title's device. */
const struct w_devfile *devfile_of(const struct machine *m, uint32_t object);
/** "read", ...; static. */
const char *request_word(unsigned major);

/** What NtCreateFile asks for. */
struct request_open {
	const struct fs_place *at;
	uint32_t access, disposition, options, attributes, share;
};
/** Sends create. The call is answered, or goes on as its continuation says. */
void request_open(struct machine *m, struct call *c, const struct request_open *o);

/** File object row behind handle argument @handle, as arg_by_handle; one on a title's device stops the run. */
uint32_t arg_file(struct machine *m, struct call *c, uint32_t handle, uint32_t *slot);
/** Is it one of a file on a title's device? */
static inline bool is_devfile(const struct machine *m, uint32_t object)
{
	return object_peek(m, object)->type == OT_FILE && !object_peek(m, object)->part;
}

/** A request to be made of @object; @parameters as the stack location has them. */
struct request {
	uint8_t major;
	bool sync_only; /* not through an asynchronous handle */
	uint32_t object, event_handle, apc_routine, iosb_ga, buffer_ga;
	uint32_t parameters[4];
	uint64_t offset;  /* of a read or write */
	const char *name; /* the last parameter is a string of it */
};
void request_send(struct machine *m, struct call *c, const struct request *r);
/** NtReadFile, NtWriteFile: length and place are those of the call. */
void request_move(struct machine *m, struct call *c, uint32_t object, bool store);
/** NtClose: @slot is the last handle of @object. */
void request_close(struct machine *m, struct call *c, uint32_t object, uint32_t slot);

/** IoCompleteRequest of the IRP at @irp has told whom it tells. False: it may not be completed (again), and the run stops. */
bool request_may_complete(struct machine *m, struct call *c, uint32_t irp);
void request_completed(struct machine *m, uint32_t thread, uint32_t irp, uint32_t status, uint32_t information);
/** The driver has returned to TRAP_REQUEST. False: @thread is in no such call. */
bool request_returned(struct machine *m, uint32_t thread);
/** Called when the object dies. */
void devfile_gone(struct machine *m, uint32_t object);
/** The request that keeps a thread waiting for @object; request row, 0 = none. */
uint32_t request_pending_for(const struct machine *m, uint32_t object);

#endif
