/* tests/xexmake/bytes.h - a file being written: bytes at the end, or over what is there already. */
#ifndef TESTS_XEXMAKE_BYTES_H
#define TESTS_XEXMAKE_BYTES_H

#include <stdlib.h>

#include "src/base/base.h"

/** All zero is an empty one; the owner frees b. */
struct bytes {
	uint8_t *b;
	size_t size, room;
};

/** @n further bytes, zero; the first of them (valid until the next call). */
static inline uint8_t *bytes_more(struct bytes *o, size_t n)
{
	if (o->room - o->size < n) {
		o->room = (o->size + n) * 2;
		o->b = xrealloc(o->b, o->room);
	}
	memset(o->b + o->size, 0, n);
	o->size += n;
	return o->b + o->size - n;
}

static inline void bytes_add(struct bytes *o, const void *p, size_t n)
{
	if (n)
		memcpy(bytes_more(o, n), p, n);
}

/** Zeros up to a multiple of @unit. */
static inline void bytes_align(struct bytes *o, size_t unit)
{
	bytes_more(o, (unit - o->size % unit) % unit);
}

static inline void bytes_be16(struct bytes *o, unsigned v) { store_be16(bytes_more(o, 2), (uint16_t)v); }
static inline void bytes_be32(struct bytes *o, uint32_t v) { store_be32(bytes_more(o, 4), v); }

static inline void bytes_le16(struct bytes *o, unsigned v)
{
	uint8_t *p = bytes_more(o, 2);
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static inline void bytes_le32(struct bytes *o, uint32_t v)
{
	bytes_le16(o, v & 0xffff);
	bytes_le16(o, v >> 16);
}

static inline void bytes_free(struct bytes *o)
{
	free(o->b);
	*o = (struct bytes){ 0 };
}

#endif
