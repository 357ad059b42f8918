/* ui/inspect/refs.h - reading an object's ledger. */
#ifndef UI_INSPECT_REFS_H
#define UI_INSPECT_REFS_H

#include "ui/inspect/inspect.h"

struct ledger_entry;          /* kernel/ledger.h */

/** References by pointer that the title has taken and not dropped (the hold of the memory in which an object lies is none). */
uint32_t object_pointers_left(const struct machine *m, uint32_t object);
/** Who took such a reference last, as far as the ledger goes back. False: nobody that is known. */
bool object_pointer_taker(const struct machine *m, uint32_t object, struct ledger_entry *taker);

#endif
