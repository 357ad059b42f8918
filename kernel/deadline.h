/* kernel/deadline.h - future moments: a heap in the world arena, by (due, order of creation). Looked at between rounds. */
#ifndef KERNEL_DEADLINE_H
#define KERNEL_DEADLINE_H

#include "kernel/machine.h"

void deadlines_layout(struct machine *m);
/** The wait of thread row @thread ends at @due ticks. One per thread. */
void deadline_set_thread(struct machine *m, uint32_t thread, uint64_t due);
void deadline_cancel_thread(struct machine *m, uint32_t thread);
/** Timer object row @object comes due at @due ticks (DEADLINE_NEVER: armed, but it never does). One per timer. */
void deadline_set_object(struct machine *m, uint32_t object, uint64_t due);
void deadline_cancel_object(struct machine *m, uint32_t object);
/** Device @source comes at @due ticks, whatever it was set to before. */
void deadline_set_source(struct machine *m, enum source source, uint64_t due);
void deadline_cancel_source(struct machine *m, enum source source);
/** Ticks at which it comes, DEADLINE_NEVER: it is not armed. */
uint64_t deadline_of_source(const struct machine *m, enum source source);
const char *source_text(enum source source);
/** True: it comes for ever (PERIODIC). */
bool source_is_periodic(enum source source);
/* One for each row of source.def: it has come; it was due at @due. */
#define SOURCE(id, kind, text) void source_##id(struct machine *m, uint64_t due);
#include "kernel/source.def"
#undef SOURCE
/** I/O request row @io is done at @due ticks. */
void deadline_set_io(struct machine *m, uint32_t io, uint64_t due);
void deadline_cancel_io(struct machine *m, uint32_t io);
/** Overlapped row @row completes at @due ticks. */
void deadline_set_overlapped(struct machine *m, uint32_t row, uint64_t due);
void deadline_cancel_overlapped(struct machine *m, uint32_t row);
/** Ticks of the first one, DEADLINE_NEVER if there is none. */
uint64_t deadline_next(const struct machine *m);
/** Serves all that are due at @ticks, in order. */
void deadline_serve(struct machine *m, uint64_t ticks);

#endif
