/* kernel/object.h - kernel objects: birth, references, death, and how they are found.
 *
 * An object lives while somebody holds it: refs = open handles + pointer references + waits on it + 1 while a thread runs
 * (INVARIANT at every change). Its dispatcher state lies in guest memory at body_ga. Bodies of handle-made objects come from the pool, with an
 * object header before them, and go with the object. Dispatcher objects that lie in the title's own memory (KeInitializeEvent, or raw)
 * are held by one pointer reference until their memory is initialised again.
 */
#ifndef KERNEL_OBJECT_H
#define KERNEL_OBJECT_H

#include "kernel/machine.h"

/** "Event", "Mutant", ...: the word of stable ids and of the event log, without manual/auto. Static. */
const char *object_type_family(enum object_type t);

/** Who makes something: the key and counters of a thread row, or of the system (0). */
uint64_t creator_key(const struct machine *m, uint32_t thread);

/**
 * A new object with a zeroed body of @body_bytes in the pool (header type and self-pointing wait list are set), no references yet.
 * @return object row, 0 = out of memory. Emits: EV_OBJECT_CREATE, or EV_OBJECT_FOUND of a ghost, after object_born.
 */
uint32_t object_new(struct machine *m, uint32_t thread, enum object_type type, uint32_t body_bytes);
/** The same over a body that lies in the title's memory; registered by its address, one pointer reference. 0 = table full. */
uint32_t object_new_at(struct machine *m, uint32_t thread, enum object_type type, uint32_t body_ga, bool ghost);
#define OBJECT_OF_TITLE 0x10u /* in the object header's flags */

/** Emits object.create (of a ghost object.found): when the body's first state has been written. */
void object_born(struct machine *m, uint32_t thread, uint32_t object);

/**
 * The object whose dispatcher header lies at @ga, by the pointer of a Ke call; made on the spot (a ghost) if nobody was seen to make
 * it: header types 0, 1, 2, 5, 8, 9. The header's type byte counts: memory that became another type is another object.
 * @return 0: not readable (@why says) or no such type (@why is MEM_OK)
 */
uint32_t object_at(struct machine *m, uint32_t thread, uint32_t ga, enum mem_result *why);
/** Memory at @ga becomes a new object of @type: an older one there ends, or is detached if somebody waits on it. */
uint32_t object_initialize(struct machine *m, uint32_t thread, enum object_type type, uint32_t ga);

/* References. The last one going makes the object die: emits object.destroy. Each is noted in the object's ledger. */
/** The title's own, by pointer (Ob*). */
void object_ref_pointer(struct machine *m, uint32_t object);
/** False if the title has none to drop: nothing has changed. */
bool object_unref_pointer(struct machine *m, uint32_t object);
/** The kernel's own hold, within one call: counts as a pointer reference. */
void object_hold(struct machine *m, uint32_t object);
void object_hold_end(struct machine *m, uint32_t object);
void object_ref_handle(struct machine *m, uint32_t object, uint32_t handle, uint32_t generation);
void object_unref_handle(struct machine *m, uint32_t object, uint32_t handle, uint32_t generation);
/** @thread: the row that waits. */
void object_ref_waiter(struct machine *m, uint32_t object, uint32_t thread);
void object_unref_waiter(struct machine *m, uint32_t object, uint32_t thread);
void object_ref_running(struct machine *m, uint32_t object);
void object_unref_running(struct machine *m, uint32_t object);

/** Writes guest memory as the kernel does: watchpoints see it, protection does not count, unmapped memory swallows it. */
void object_put(struct machine *m, uint32_t ga, const void *bytes, uint32_t size);
/** Writes signal_state with object_put. */
void object_state_set(struct machine *m, uint32_t object, int32_t state);

/* Names: one name space, without regard to ASCII case. */
uint32_t object_by_name(const struct machine *m, const char *name);
/** False: no room. */
bool object_name_set(struct machine *m, uint32_t object, const char *name);
/** It has no name any more, if it had one. */
void object_name_drop(struct machine *m, uint32_t object);
static inline const struct w_name *name_peek(const struct machine *m, uint32_t row) { return arena_peek(&m->world, m->t_name, row); }

#endif
