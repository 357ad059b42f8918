/* kernel/enumerator.h - enumerators: kernel objects with a handle that hand out a list of items, so many at a time (XamEnumerate).
 *
 * The list is made together with the enumerator, and stands. The object's body is what XamGetPrivateEnumStructureFromHandle gives: KENUMERATOR, and
 * behind it a private structure of the title's; there is no dispatcher header, and a wait for it is over at once (facts: Signal / wait rules).
 */
#ifndef KERNEL_ENUMERATOR_H
#define KERNEL_ENUMERATOR_H

#include "kernel/call.h"
#include "kernel/xam_state.h"

void enumerators_layout(struct machine *m);

struct enumerator_spec {
	uint32_t user, app, open_message, close_message, flags;
	uint32_t private_size; /* bytes behind KENUMERATOR, zero */
	uint32_t item_size, per_call;
	enum enumerator_layout layout;
};
/** A new enumerator without items and without handles. Object row, 0 = no room; the caller adds items, then calls enumerator_open. */
uint32_t enumerator_new(struct machine *m, uint32_t thread, const struct enumerator_spec *spec);
/** Appends an item of its size; false: no room. */
bool enumerator_add(struct machine *m, uint32_t object, const void *item);
/** It is whole: born, with a handle at @out; the call returns ERROR_SUCCESS, or ERROR_NO_SYSTEM_RESOURCES. Emits: EV_OBJECT_CREATE, EV_HANDLE_CREATE. */
void enumerator_open(struct machine *m, struct call *c, uint32_t object, uint32_t out);
/** Called when the object dies. */
void enumerator_gone(struct machine *m, uint32_t object);

static inline const struct w_enumerator *enumerator_peek(const struct machine *m, uint32_t row)
{
	return arena_peek(&m->world, m->t_enumerator, row);
}

#endif
