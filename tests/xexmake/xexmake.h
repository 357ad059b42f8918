/* tests/xexmake/xexmake.h - XEX2 images made from titles, in every form that the format has. For tests, and for kitcc --xex.
 *
 * The image that is made begins 64 KiB or more below the ELF's lowest segment: there lie the PE header, .pdata (from the ELF's
 * function symbols) and the features' data; every byte of the ELF keeps its address. Import records are those of the ELF. An ELF's symbol
 * _tls_used is the PE header's TLS directory (tests/guest/kit_tls.h).
 * Sources: the XEX2_* rows of the structure tables; hashes as the public tools that write and verify them do: page descriptors,
 * import libraries and compressed blocks are chains of SHA-1 from behind; there is no RSA signature.
 */
#ifndef TESTS_XEXMAKE_XEXMAKE_H
#define TESTS_XEXMAKE_XEXMAKE_H

#include "src/load/image.h"
#include "tests/xexmake/lzx_out.h"

enum make_compression { MAKE_NONE, MAKE_BASIC, MAKE_NORMAL };

enum make_feature {
#define FEATURE(id, name, what) MAKE_##id##_BIT,
#include "tests/xexmake/features.def"
#undef FEATURE
	MAKE_FEATURES
};
#define MAKE_WITH(id) (1u << MAKE_##id##_BIT)
#define MAKE_WITH_ALL ((1u << MAKE_FEATURES) - 1 - MAKE_WITH(DLL))   /* all that a title may have */

/** What to make; all zero: an uncompressed, unencrypted image with pages of 64 KiB. */
struct make_spec {
	enum make_compression compression;
	unsigned window_bits;         /* MAKE_NORMAL: 15..21 */
	enum lzx_blocks blocks;       /* MAKE_NORMAL */
	bool encrypt;
	uint8_t key[16];              /* the console's: wraps the image's own key */
	bool small_pages;             /* 4 KiB */
	uint32_t features;            /* MAKE_WITH() */
};

/** Names of the features, by number. */
extern const char *const make_feature_name[MAKE_FEATURES];
extern const char *const make_feature_what[MAKE_FEATURES];

/** Makes an image of @elf (borrowed) at the end of @out. ST_UNSUPPORTED with a line: this title has no such image. */
MUST_CHECK enum status make_xex(const struct image *elf, const struct make_spec *spec, struct bytes *out, struct err *err);

/** Makes a delta patch, from the image that make_xex makes of @from to that of @to, both as @spec says. */
MUST_CHECK enum status make_xexp(const struct image *from, const struct image *to, const struct make_spec *spec, struct bytes *out,
	struct err *err);

/** A small title without a cross compiler: an ELF with code, data, both kinds of imports and symbols; it ends at once. */
void tiny_elf(struct bytes *out);
#define TINY_DATA_AT 0x200u /* 64 bytes of data: they may be changed */

#endif
