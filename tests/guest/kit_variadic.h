/* tests/guest/kit_variadic.h - variadic exports: the console passes every argument in 8 bytes, GCC does not. */
#ifndef KIT_VARIADIC_H
#define KIT_VARIADIC_H

#include <stdarg.h>

#include "kit.h"

#define KIT_SLOTS 40 /* at least 8: kit_call loads as many */

/** Fills slot[n...] with the arguments that @format names; returns how many slots are full. More than KIT_SLOTS: trap. */
unsigned kit_slots_narrow(uint64_t *slot, unsigned n, const char *format, va_list ap);
unsigned kit_slots_wide(uint64_t *slot, unsigned n, const uint16_t *format, va_list ap);
uint64_t kit_call(void (*thunk)(void), const uint64_t *slot, unsigned count);

#endif
