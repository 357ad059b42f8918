/* kernel/cont.h - continuations: how a parked call goes on when its thread runs again. No host stack waits for anything. */
#ifndef KERNEL_CONT_H
#define KERNEL_CONT_H

#include "kernel/machine.h"

/** Goes on with the call that thread row @thread was parked in; it ends (call_finish), or parks again. */
void cont_run(struct machine *m, uint32_t thread);
const char *cont_text(enum cont_kind k);

/* One for each row of cont.def but NONE. */
typedef void cont_fn(struct machine *m, uint32_t thread);
cont_fn cont_RETURN, cont_DELAY, cont_AUDIO, cont_XMA, cont_CRITSEC, cont_IO, cont_PORT;
cont_fn cont_RWLOCK, cont_QUEUE;
cont_fn cont_LOADER, cont_REQUEST;

#endif
