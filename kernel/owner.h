/* kernel/owner.h - who has what others wait for: owners of mutants, critical sections, read-write locks; a thread has its own end. */
#ifndef KERNEL_OWNER_H
#define KERNEL_OWNER_H

#include "kernel/machine.h"

/** Is an object of type @t taken and let go? */
bool type_is_owned(enum object_type t);
/** Row of the n-th (from 0) thread that has @object, 0 = there are no more. Only a lock that is read has several. A thread object is had by its thread. */
uint32_t owner_of(const struct machine *m, uint32_t object, unsigned n);

#endif
