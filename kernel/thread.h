/* kernel/thread.h - threads: made, started, suspended, ended; their stacks, TLS and guest-visible KTHREAD. */
#ifndef KERNEL_THREAD_H
#define KERNEL_THREAD_H

#include "kernel/machine.h"

/* ExCreateThread's creation flags (facts: kernel semantics, "Threads"). */
#define THREAD_SUSPENDED 0x01u
#define THREAD_SYSTEM 0x02u
#define THREAD_ABOVE_NORMAL 0x20u
#define THREAD_POINTER 0x80u          /* *handle receives the KTHREAD's address */
#define THREAD_AFFINITY(flags) ((flags) >> 24)
#define THREAD_ON_HW(hw) (1u << (24 + (hw)))

#define SUSPEND_MAX 0x7Fu
#define TLS_SLOTS_MAX 256u            /* KPROCESS has a bitmap of 256 bits */

struct thread_spec {
	uint32_t stack_size;              /* bytes; 0 = the title's default */
	uint32_t startup_ga;              /* 0 = none: start_ga is entered at once */
	uint32_t start_ga, start_arg;
	uint32_t flags;
	bool host;                        /* the machine's own: it keeps no title running, and is nobody's child */
};

/** The row in which the DPCs of hardware thread @hw run, with a stack, a TLS block and the KTHREAD of an idle thread; 0 = no memory. */
uint32_t thread_create_dpc(struct machine *m, uint32_t hw);
/** Fresh registers at the top of the stack: pc, and where it returns to. */
void thread_context_init(struct machine *m, uint32_t thread, uint32_t pc, uint32_t trap);
void threads_layout(struct machine *m);
/**
 * A new thread, made by thread row @creator (0 = the loader). It has the reference of a running thread, no handle. Not ready yet: the
 * caller gives it to sched_ready (which does nothing while it is suspended).
 * @return guest status; *@out = thread row. Emits: EV_OBJECT_CREATE, EV_THREAD_CREATE.
 */
uint32_t thread_create(struct machine *m, uint32_t creator, const struct thread_spec *spec, uint32_t *out);
/** Thread row @thread, which runs, ends: its mutants are abandoned, who waits for it goes on; its row may be gone afterwards. */
void thread_exit(struct machine *m, uint32_t thread, uint32_t status);
/** Previous counts. suspend: UINT32_MAX = the count is at its maximum. @by acts. */
uint32_t thread_suspend(struct machine *m, uint32_t by, uint32_t thread);
uint32_t thread_resume(struct machine *m, uint32_t by, uint32_t thread);
/** Called by object.c when the thread's object dies. */
void thread_row_free(struct machine *m, uint32_t thread);

/** Base priority relative to the class, as KeSetBasePriorityThread and KeQueryBasePriorityThread count it. */
int32_t thread_base_increment(const struct machine *m, uint32_t thread);
void thread_base_set(struct machine *m, uint32_t by, uint32_t thread, int32_t increment);

/* TLS: lowest free slot, UINT32_MAX = none; the rest false on an index that is not allocated. */
uint32_t tls_alloc(struct machine *m, uint32_t thread);
bool tls_free(struct machine *m, uint32_t index);
bool tls_get(const struct machine *m, uint32_t thread, uint32_t index, uint32_t *value);
bool tls_set(struct machine *m, uint32_t thread, uint32_t index, uint32_t value);

#endif
