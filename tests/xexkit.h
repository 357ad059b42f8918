/* tests/xexkit.h - a small XEX2 image made by hand, byte by byte, for the tests of the reader: what is in it is chosen field by field. */
#ifndef TESTS_XEXKIT_H
#define TESTS_XEXKIT_H

#include "src/base/base.h"
#include "src/load/xex.h"

#define XK_BASE 0x82000000u
#define XK_HEADERS 0x2000u /* file offset of the image's bytes */
#define XK_SECURITY 0x300u
#define XK_DESCRIPTORS (XK_SECURITY + 0x184u)
#define XK_BLOCKS 0x500u /* where the blocks of optional headers begin */
#define XK_IMAGE 0x5000u /* 4 KiB pages: PE headers and constants, 2 of code, 2 of data */
#define XK_CODE 0x1000u  /* offsets in the image */
#define XK_DATA 0x3000u
#define XK_PDATA 0x800u
#define XK_FILE_MAX 0x40000u

/* The imports of the good title: a function of xboxkrnl, a variable of it, a function of xam. */
#define XK_THUNK 0x1100u
#define XK_XAM_THUNK 0x1110u
#define XK_SLOT 0x3000u
#define XK_VARIABLE 0x3004u
#define XK_XAM_SLOT 0x3008u

struct xk {
	uint8_t head[XK_HEADERS];
	uint8_t image[XK_IMAGE];
	uint32_t block_at;         /* next free byte for a block */
	uint8_t body[XK_FILE_MAX]; /* what stands behind the headers; xk_body_plain: the image */
	size_t body_size;
	uint8_t file[XK_HEADERS + XK_FILE_MAX];
	size_t size;
};

/** Headers, security info, entry, base, imports, PE headers, .pdata; the body is the image as it stands. */
struct xk *xk_new(void);
void xk_free(struct xk *x);
void xk_put16(uint8_t *b, uint32_t v);
void xk_put32(uint8_t *b, uint32_t v);
/** One more optional header: a value, or a block whose bytes are copied into the headers. Returns where its data lie. */
uint32_t xk_value(struct xk *x, uint32_t key, uint32_t value);
uint32_t xk_block(struct xk *x, uint32_t key, const void *bytes, uint32_t size);
/** The same from big-endian words. */
uint32_t xk_words(struct xk *x, uint32_t key, const uint32_t *word, unsigned n);
#define XK_WORDS(x, key, ...) xk_words(x, key, (const uint32_t[]){ __VA_ARGS__ }, sizeof((const uint32_t[]){ __VA_ARGS__ }) / 4)
/** Where the data of optional header @key lie in the headers. */
uint32_t xk_find(const struct xk *x, uint32_t key);
void xk_body(struct xk *x, const void *bytes, size_t size);
/** Puts the file together. */
void xk_finish(struct xk *x);

/* Bodies: what they hold is x->image; each adds its FILE_FORMAT_INFO. */

/** XEX_BASIC: data and zeros as given, pairs of sizes. */
void xk_basic(struct xk *x, const uint32_t *pair, unsigned pairs);
/** XEX_LZX: @stream in pieces of at most @piece bytes, @pieces to a block. */
void xk_lzx(struct xk *x, uint32_t window, const uint8_t *stream, size_t size, uint32_t piece, unsigned pieces);
/** Encrypts the body (filled up to whole blocks) with a key of its own, kept under @key. After all else. */
void xk_encrypt(struct xk *x, const uint8_t key[XEX_KEY_BYTES]);
/** A chain of blocks of @data (each its size and bytes) at @out; fills in size and hash of the first. Returns its bytes. */
struct xk_piece {
	const uint8_t *bytes;
	uint32_t size;
};
size_t xk_chain(uint8_t *out, const struct xk_piece *data, unsigned n, uint8_t first[24]);

/* LZX streams by hand: bits in words of 16, highest first, words little-endian. */
struct xk_bits {
	uint8_t *out;
	size_t size; /* whole words */
	uint32_t word;
	unsigned used;
};
void xk_bit(struct xk_bits *b, uint32_t value, unsigned bits);
/** Up to the next word; as between frames and before stored blocks. */
void xk_align(struct xk_bits *b);
/** A stream that holds @size bytes in stored blocks of at most 32 KiB. Returns its bytes. */
size_t xk_stored(uint8_t *out, const uint8_t *bytes, size_t size);
/** Begins a stream with a verbatim block of @size bytes for a window of 32 KiB; then literals and matches (2 to 8 bytes) fill it. */
void xk_verbatim(struct xk_bits *b, uint32_t size);
void xk_literal(struct xk_bits *b, uint8_t byte);
/** @distance: 4 to 30000. */
void xk_match(struct xk_bits *b, uint32_t distance, unsigned length);

/** xk_finish and xex_open; fails the test unless it is taken. */
struct image *xk_open(struct xk *x, const struct xex_options *o);
/** The same, but it must be refused as "made.xex" with one line that says @want. */
void xk_refuse(struct xk *x, const struct xex_options *o, const char *want);
/** What must hold of any image that was taken. */
void xk_check(const struct image *img);

#endif
