/* src/load/lzx.h - LZX streams, through libmspack. */
#ifndef SRC_LOAD_LZX_H
#define SRC_LOAD_LZX_H

#include "src/base/base.h"

#define LZX_WINDOW_MIN 0x8000u
#define LZX_WINDOW_MAX 0x200000u
#define LZX_REFERENCE_MAX 0x10000u

/** Bytes that stand in the window before the first byte of output, as if they had been decompressed; size 0 = none. */
struct lzx_reference {
	const uint8_t *bytes;
	uint32_t size; /* at most LZX_REFERENCE_MAX, and the window's size */
};

/** A power of two that a window may have. */
bool lzx_window_is_good(uint32_t window);
/**
 * Decompresses exactly @out_size bytes; memory: the input's size and the window's. @window is a good one.
 * @return NULL, or what is wrong (static); then @out holds anything
 */
const char *lzx_decompress(
	const uint8_t *in, size_t size, uint32_t window, struct lzx_reference ref, uint8_t *out, uint32_t out_size);

#endif
