/* kernel/xecrypt.h - what the files of the XeCrypt* calls share. */
#ifndef KERNEL_XECRYPT_H
#define KERNEL_XECRYPT_H

#include "src/base/base.h"

#define XECRYPT_QUADWORDS 32u         /* of a number of 2048 bits */

/** @out = a * b / 2^2048 mod @n, as Montgomery multiplies; least significant quadwords first; @n is odd. */
void bn_multiply(uint64_t out[XECRYPT_QUADWORDS], const uint64_t a[XECRYPT_QUADWORDS], const uint64_t b[XECRYPT_QUADWORDS],
                 const uint64_t n[XECRYPT_QUADWORDS]);

#endif
