/* kernel/loader.h - loading libraries, and telling their entry points and all TLS callbacks about it and about threads.
 *
 * An entry point is called with (module, reason, 0) on the thread that loads, unloads, begins or ends: (facts: kernel semantics, "Threads"; the
 * module is its LDR entry). Before it, when things end too, each TLS callback of its PE headers is called with (base, reason, 0); those of the title,
 * which is told of no entry point, come when all libraries have been told, before the first instruction of a thread and after its last one.
 * DEBT(library-tls): all of this is what NT's loader does with them. What such a thread is at is a row of "loader", a continuation: the entry returns to TRAP_LOADER, and the
 * next one is called. All of it happens under one lock, a critical section of the kernel's, so that a thread that begins while a library's
 * entry runs waits for its end. DEBT(loader-lock): that the console has such a lock is NT's.
 */
#ifndef KERNEL_LOADER_H
#define KERNEL_LOADER_H

#include "kernel/module.h"

#define LOADERS_MAX (1u << 14)

/** Why an entry point is called: NT's numbers. LOADER_REASON(ID, number, "word") */
#define LOADER_REASONS(LOADER_REASON) \
	LOADER_REASON(PROCESS_DETACH, 0, "process-detach") LOADER_REASON(PROCESS_ATTACH, 1, "process-attach") \
	LOADER_REASON(THREAD_ATTACH, 2, "thread-attach") LOADER_REASON(THREAD_DETACH, 3, "thread-detach")
enum loader_reason {
#define LOADER_REASON(id, number, word) LOADER_##id = (number),
	LOADER_REASONS(LOADER_REASON)
#undef LOADER_REASON
};
const char *loader_reason_word(unsigned reason);

/** What a thread is at; table "loader". */
struct w_loader {
	uint32_t number; /* counts up within the thread: the highest is what it is at, what lies below goes on afterwards */
	uint32_t thread; /* thread row, 0 = the row is free */
	uint32_t module; /* module row: what is loaded or unloaded */
	uint32_t called; /* module row that is being told, MODULE_TITLE, 0 = none */
	uint32_t callback; /* how many of its TLS callbacks have been called */
	uint32_t todo;   /* bits of the module rows that are yet to be called */
	uint32_t drop;   /* bits of the module rows that go when all have been called */
	uint32_t status; /* what the call will return; of a thread that ends: its exit status */
	uint8_t job;     /* enum loader_job of loader.c */
	uint8_t reason;  /* enum loader_reason */
	uint8_t locked;  /* it has the lock */
	uint8_t entered; /* its entry point runs, not a TLS callback */
	uint8_t title;   /* the title's TLS callbacks are yet to be called */
	uint8_t pad[3];
};
ARENA_ROW_SIZE(w_loader, 40);
#define MODULE_TITLE (MODULES_MAX + 1)

void loader_layout(struct machine *m);
/** The running @thread is about to execute its first instruction. True: the libraries are told first; look again at what it does. */
bool loader_thread_begin(struct machine *m, uint32_t thread);
/** The running @thread ends: the libraries are told, then apc_rundown. */
void loader_thread_end(struct machine *m, uint32_t thread, uint32_t status);
/** An entry point has returned. False: none was called from there. */
bool loader_returned(struct machine *m, uint32_t thread);
/** Called by thread_exit: what it was at will never go on; it keeps the lock. */
void loader_thread_gone(struct machine *m, uint32_t thread);

static inline const struct w_loader *loader_peek(const struct machine *m, uint32_t row)
{
	return arena_peek(&m->world, m->t_loader, row);
}
/** What @thread is at: a loader row, 0 = nothing of this. */
uint32_t loader_of(const struct machine *m, uint32_t thread);

#endif
