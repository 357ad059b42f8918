/* kernel/nls.h - characters as the console's Rtl sees them: ISO 8859-1 bytes, UTF-16 units, upper and lower case. */
#ifndef KERNEL_NLS_H
#define KERNEL_NLS_H

#include "src/base/base.h"

/** Case of a byte. 0xFF has an upper case outside of ISO 8859-1: '?'. */
uint8_t nls_upper8(uint8_t ch);
uint8_t nls_lower8(uint8_t ch);
/** Case of a UTF-16 unit; units without one stay. Source: kernel/nls.def. */
uint16_t nls_upper16(uint16_t ch);
uint16_t nls_lower16(uint16_t ch);
/** The byte of a UTF-16 unit, '?' if ISO 8859-1 has none. (The way back is the number itself.) */
static inline uint8_t nls_narrow(uint16_t ch) { return ch > 0xff ? '?' : (uint8_t)ch; }

#endif
