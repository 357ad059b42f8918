/* tests/xexmake/xexmake.h - XEX2 images made from titles, in every form that the format has. For tests, and for kitcc --xex.
 *
 * The image that is made begins 64 KiB or more below the ELF's lowest segment: there lie the PE header, .pdata (from the ELF's
 * function symbols) and the features' data; every byte of the ELF keeps its address. Import records are those of the ELF.
 * Sources: the XEX2_* rows of the structure tables; hashes as the public tools that write and verify them do: page descriptors,
 * import libraries and compressed blocks are chains of SHA-1 from behind; there is no RSA signature.
 */
#ifndef TESTS_XEXMAKE_XEXMAKE_H
#define TESTS_XEXMAKE_XEXMAKE_H

#include "src/load/image.h"
#include "tests/xexmake/lzx_out.h"

enum xex_compression { XEX_NONE, XEX_BASIC, XEX_NORMAL };

enum xex_feature {
#define FEATURE(id, name, what) XEX_##id##_BIT,
#include "tests/xexmake/features.def"
#undef FEATURE
	XEX_FEATURES
};
#define XEX_WITH(id) (1u << XEX_##id##_BIT)
#define XEX_WITH_ALL ((1u << XEX_FEATURES) - 1 - XEX_WITH(DLL))   /* all that a title may have */

/** What to make; all zero: an uncompressed, unencrypted image with pages of 64 KiB. */
struct xex_spec {
	enum xex_compression compression;
	unsigned window_bits;         /* XEX_NORMAL: 15..21 */
	enum lzx_blocks blocks;       /* XEX_NORMAL */
	bool encrypt;
	uint8_t key[16];              /* the console's: wraps the image's own key */
	bool small_pages;             /* 4 KiB */
	uint32_t features;            /* XEX_WITH() */
};

/** Names of the features, by number. */
extern const char *const xex_feature_name[XEX_FEATURES];
extern const char *const xex_feature_what[XEX_FEATURES];

/** Makes an image of @elf (borrowed) at the end of @out. ST_UNSUPPORTED with a line: this title has no such image. */
MUST_CHECK enum status xex_make(const struct image *elf, const struct xex_spec *spec, struct bytes *out, struct err *err);

/** A small title without a cross compiler: an ELF with code, data, both kinds of imports and symbols; it ends at once. */
void tiny_elf(struct bytes *out);

#endif
