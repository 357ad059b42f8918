/* kernel/printf_fp.h - floating point as the console's C library prints it. */
#ifndef KERNEL_PRINTF_FP_H
#define KERNEL_PRINTF_FP_H

#include "src/base/base.h"

/**
 * The magnitude of the double @bits (its sign is the caller's) by conversion @conv: e E f F g G.
 *
 * It is Visual C++'s way before 2015: seventeen correct digits, then zeros; cut by rounding those digits half up, whatever follows them;
 * three digits of exponent; infinities and NaNs are digits too: 1.#INF00, 1.#QNAN0, 1.#IND00, and "%.2f" of infinity is 1.#J.
 *
 * @precision  digits behind the point; g: significant ones
 * @alt        '#': always a point; g keeps its zeros
 * @out        NUL-ended, cut at @size
 */
void printf_fp(char *out, size_t size, uint64_t bits, char conv, uint32_t precision, bool alt);

#endif
