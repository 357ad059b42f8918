/* tests/fuzz/body.h - how a fuzzer gets behind the hashes: a good file whose body becomes one block of the fuzzer's bytes. */
#ifndef TESTS_FUZZ_BODY_H
#define TESTS_FUZZ_BODY_H

#include <stdio.h>
#include <stdlib.h>

#include <nettle/sha1.h>

#include "tests/xexmake/xexmake.h"

#define KEY_FORMAT 0x000003FFu
#define KEY_DESCRIPTOR 0x000005FFu
#define WINDOW_AT 8u        /* in FILE_FORMAT_INFO */
#define FIRST_BLOCK_AT 12u  /* there: size and hash */
#define BLOCK_HEADER 24u    /* the same of the next block */

/** Where the data of an optional field lie. */
static inline uint32_t body_field(const struct bytes *file, uint32_t key)
{
	for (uint32_t i = 0; i < load_be32(file->b + 0x14); i++) {
		if (load_be32(file->b + 0x18 + i * 8) == key)
			return load_be32(file->b + 0x1C + i * 8);
	}
	abort();
}

/** A tiny title; @other: with other data. */
static inline struct image *body_tiny(bool other)
{
	struct bytes elf = { 0 };
	struct image *img;
	struct err err;
	tiny_elf(&elf);
	for (unsigned i = 0; other && i < 0x40; i++)
		elf.b[TINY_DATA_AT + i] ^= (uint8_t)(i * 7);
	if (image_parse("tiny.elf", elf.b, elf.size, &img, &err) != ST_OK)
		abort();
	bytes_free(&elf);
	return img;
}

/** The headers of @from; the body is to follow. Returns the offset of FILE_FORMAT_INFO. */
static inline uint32_t body_begin(const struct bytes *from, uint8_t window, struct bytes *out)
{
	uint32_t format = body_field(from, KEY_FORMAT);
	bytes_add(out, from->b, load_be32(from->b + 8));
	store_be32(out->b + format + WINDOW_AT, 1u << (15 + window % 7));
	bytes_more(out, BLOCK_HEADER);
	return format;
}

/** What was put behind the headers is the one block. */
static inline void body_end(uint32_t format, struct bytes *out)
{
	uint32_t at = load_be32(out->b + 8);
	struct sha1_ctx sha;
	store_be32(out->b + format + FIRST_BLOCK_AT, (uint32_t)out->size - at);
	sha1_init(&sha);
	sha1_update(&sha, out->size - at, out->b + at);
	sha1_digest(&sha, 20, out->b + format + FIRST_BLOCK_AT + 4);
}

#endif
