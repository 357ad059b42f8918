/* kernel/handle.h - the handle table: slots, generations, recycling by a policy (design, "Kernel objects"; HANDLE_POLICIES in
 * state.h). The policy decides numbers only: what happens, and its stable ids, is the same under each. */
#ifndef KERNEL_HANDLE_H
#define KERNEL_HANDLE_H

#include "kernel/machine.h"

#define HANDLE_CURRENT_THREAD 0xFFFFFFFEu
#define HANDLE_CURRENT_PROCESS 0xFFFFFFFFu

/** Lays out the tables (set-up) and, for a machine's one row, handles_init. */
void handles_layout(struct machine *m);
void handles_init(struct machine *m);

/** "fifo", ...; static. NULL: there is no such policy. */
const char *handle_policy_word(enum handle_policy p);

/** Fills a fresh slot with @object: one handle reference. @return slot row, 0 = table full. Emits: EV_HANDLE_CREATE. */
uint32_t handle_open(struct machine *m, uint32_t thread, uint32_t object);
/** The same with a number of those for what the machine itself makes (no thread, SLOTS_HOST of them): it is never recycled. 0 = none left. */
uint32_t handle_open_host(struct machine *m, uint32_t object);
/** Empties an open slot; its number is recycled as the policy says. Emits: EV_HANDLE_DESTROY (and EV_OBJECT_DESTROY). */
void handle_close(struct machine *m, uint32_t thread, uint32_t slot);
/** Slot row of an open @handle, 0 = none: then EV_HANDLE_STALE has been emitted. No pseudo-handles.
 * A number says nothing of the life that the title means: a closed handle whose number names another object by now is an open one here. */
uint32_t handle_slot(struct machine *m, uint32_t thread, uint32_t handle);
/** Object row behind @handle, pseudo-handle of the thread included; *@slot (may be NULL) = its slot row or 0. 0 = no such
 * object: EV_HANDLE_STALE has been emitted. */
uint32_t handle_object(struct machine *m, uint32_t thread, uint32_t handle, uint32_t *slot);
/** A call by slot row @slot has failed: its object is none of @types (bits by enum object_type). If the life that the slot had before
 * was, the title means that one. Emits: EV_HANDLE_STALE then. */
void handle_mistaken(struct machine *m, uint32_t thread, uint32_t slot, uint32_t types);

#endif
