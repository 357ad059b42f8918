/* kernel/ke_queue.h - kernel queues: what waits and threads tell them. */
#ifndef KERNEL_KE_QUEUE_H
#define KERNEL_KE_QUEUE_H

#include "kernel/machine.h"

/** Thread row @thread has parked; it goes on again: if it belongs to a queue, the queue counts who runs. Emits: EV_OBJECT_WAKE. */
void queue_thread_waits(struct machine *m, uint32_t thread);
void queue_thread_goes_on(struct machine *m, uint32_t thread);
/** It ends. */
void queue_thread_gone(struct machine *m, uint32_t thread);
/** @object is waited for anew: if it is a queue with entries, they are given out. */
void queue_poll(struct machine *m, uint32_t object);

#endif
