/* tests/xexmake/lzx_out.h - an LZX compressor for tests: real matches and Huffman trees, speed and size do not matter.
 *
 * The stream is that of CAB files and of XEX images: frames of 32 KiB of plain bytes, each beginning at a 16-bit word; no E8
 * translation. Source: "Microsoft LZX Data Compression Format" (1997); [MS-PATCH] 2.
 */
#ifndef TESTS_XEXMAKE_LZX_OUT_H
#define TESTS_XEXMAKE_LZX_OUT_H

#include "tests/xexmake/bytes.h"

#define LZX_FRAME 0x8000u

enum lzx_blocks {
	LZX_VERBATIM,      /* blocks of four frames each, with trees */
	LZX_STORED,        /* uncompressed blocks */
	LZX_MIXED,         /* turn by turn, of odd lengths of frames: trees outlive what is between them */
};

/** A compressed stream. frame_end[i] = offset in stream just behind frame i; the caller frees it with lzx_free. */
struct lzx {
	struct bytes stream;
	size_t *frame_end;
	unsigned frames;
};

/** Compresses @size bytes for a window of 2^@window_bits (15..21) bytes. @reference bytes lie right before @plain: the decoder's window
 * has them already. */
void lzx_compress(const uint8_t *plain, size_t size, size_t reference, unsigned window_bits, enum lzx_blocks blocks, struct lzx *out);
void lzx_free(struct lzx *z);

#endif
