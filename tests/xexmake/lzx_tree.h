/* tests/xexmake/lzx_tree.h - LZX's bits and Huffman trees. */
#ifndef TESTS_XEXMAKE_LZX_TREE_H
#define TESTS_XEXMAKE_LZX_TREE_H

#include "tests/xexmake/bytes.h"

/** Bits, the highest first, in little-endian 16-bit words. */
struct bits {
	struct bytes *out;
	uint32_t word;
	unsigned used;            /* bits of the word that is not written yet */
};

struct code {
	uint16_t bits;
	uint8_t length;           /* 0: the symbol is not in the tree */
};

/** @n <= 16 bits. */
void bits_put(struct bits *o, uint32_t v, unsigned n);
static inline void bits_put_code(struct bits *o, struct code c) { bits_put(o, c.bits, c.length); }
/** Zeros up to a word. */
void bits_align(struct bits *o);

/** Code lengths of a Huffman tree for @n symbols that occur @count[] times, none longer than @limit. A tree always has two codes at
 * least, but if nothing occurs and it need not be @wanted. */
void lengths_make(const uint32_t *count, unsigned n, unsigned limit, bool wanted, uint8_t *length);
/** The canonical codes of such lengths. */
void codes_make(const uint8_t *length, unsigned n, struct code *code);
/** Writes lengths as differences to those of the last tree (@old, which become the new ones), through a pretree. */
void lengths_put(struct bits *o, uint8_t *old, const uint8_t *length, unsigned n);

#endif
