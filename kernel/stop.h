/* kernel/stop.h - why the machine stands: filling struct stop, with its one line of text. */
#ifndef KERNEL_STOP_H
#define KERNEL_STOP_H

#include "kernel/machine.h"

struct call;
struct g_exception_record;

/* Each fills m->pending if it is free (the first one wins); the run loop comes back with it at the next boundary. */
void stop_cpu(struct machine *m, uint32_t thread, enum cpu_exit why, const struct cpu_slice *s);
void stop_unimplemented(struct machine *m, const struct call *c);
/** An export used in a way that is not built; @what says how and ends with ": ". Its handler must return at once. */
void stop_unsupported(struct machine *m, struct call *c, const char *what);
/** An sc that is no import's: illegal. */
void stop_bad_call(struct machine *m, uint32_t thread);
void stop_call_fault(struct machine *m, const struct call *c, uint32_t ga, uint32_t size, bool store, enum mem_result why);
/** No handler wanted the exception of @r; @handlers were asked. Emits: EV_FAULT. */
void stop_exception(struct machine *m, uint32_t thread, const struct g_exception_record *r, uint32_t handlers);
/** @text may be NULL. */
void stop_plain(struct machine *m, enum stop_kind kind, uint32_t thread, uint32_t code, const char *text);

#endif
