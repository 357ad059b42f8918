/* tests/xexmake/make_priv.h - what the parts of the image maker share. */
#ifndef TESTS_XEXMAKE_MAKE_PRIV_H
#define TESTS_XEXMAKE_MAKE_PRIV_H

#include "tests/xexmake/xexmake.h"

#define TITLE_ID 0x57454447u            /* "WEDG" */
#define XEX_SMALL_PAGE 0x1000u
#define XEX_LARGE_PAGE 0x10000u
#define XEX_VERSION(major, minor, build) ((uint32_t)(major) << 28 | (uint32_t)(minor) << 24 | (uint32_t)(build) << 8)
#define VERSION_FROM XEX_VERSION(0, 0, 1) /* of a title, and what a patch makes of it */
#define VERSION_TO XEX_VERSION(0, 0, 2)
#define SHA1_BYTES 20u
#define BLOCK_HEADER 24u /* size, hash */
#define AES_BLOCK 16u
#define DLL_ORDINAL 1u                  /* the first */

/* What a page descriptor says of its pages. */
enum { PAGES_CODE = 1, PAGES_DATA = 2, PAGES_CONST = 3 };

/** The image as it will lie in memory, and where its parts are (guest addresses; 0 = there is none). */
struct layout {
	const struct image *elf;
	const struct make_spec *spec;
	uint32_t base, size, page;
	struct bytes image;
	uint8_t *page_kind;             /* PAGES_*, one for each page */
	uint32_t pdata_ga, pdata_bytes;
	uint32_t exports_ga;            /* by ordinal */
	uint32_t directory_ga, directory_bytes; /* by name */
	uint32_t resource_ga, resource_bytes;
	uint32_t tls_ga, tls_bytes;
	struct err *err;
};

static inline bool has(const struct layout *l, uint32_t feature) { return (l->spec->features & feature) != 0; }

/** Lays out the image; l->elf, spec and err are set. Whatever comes of it, layout_free. */
MUST_CHECK enum status layout_make(struct layout *l);
void layout_free(struct layout *l);

/** The image's bytes as they lie in the file (padded so that they can be encrypted), and the data of FILE_FORMAT_INFO that goes with
 * them. */
void body_make(const struct layout *l, struct bytes *body, struct bytes *format);

/** What a patch's header has that an image's has not. */
struct patch_head {
	struct bytes descriptor;  /* DELTA_PATCH_DESCRIPTOR's data */
	uint8_t key[16];          /* under the image's */
};

/** Everything before the body; of a patch, if @patch is given. */
MUST_CHECK enum status header_make(const struct layout *l, const struct bytes *format, const struct patch_head *patch, struct bytes *out);

void sha1_of(const void *a, size_t a_bytes, const void *b, size_t b_bytes, uint8_t digest[SHA1_BYTES]);
/** The image's own key. */
void image_key(uint8_t key[16]);
/** A key under another one, as the security info has it. */
void key_wrap(const uint8_t outer[16], const uint8_t key[16], uint8_t wrapped[16]);
/** CBC, one chain over the whole of it, which is a multiple of AES_BLOCK. */
void body_encrypt(const uint8_t key[16], struct bytes *body);
/** Puts blocks (freed) one behind the other. Each begins with BLOCK_HEADER bytes, in which go the size and the hash of the next one; those of the
 * first go into @format. */
void blocks_chain(struct bytes *block, unsigned blocks, struct bytes *body, struct bytes *format);

#endif
