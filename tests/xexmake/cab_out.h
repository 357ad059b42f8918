/* tests/xexmake/cab_out.h - an LZX stream as a cabinet with one file, for decoders that are not ours. */
#ifndef TESTS_XEXMAKE_CAB_OUT_H
#define TESTS_XEXMAKE_CAB_OUT_H

#include "tests/xexmake/lzx_out.h"

/** Appends a cabinet that holds @name: the @size plain bytes of @z. Source: [MS-CAB] 2. */
void cab_make(const struct lzx *z, size_t size, unsigned window_bits, const char *name, struct bytes *out);

#endif
