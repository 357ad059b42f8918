/* src/load/xex_priv.h - what the files of the XEX2 reader share; nobody else includes it. */
#ifndef SRC_LOAD_XEX_PRIV_H
#define SRC_LOAD_XEX_PRIV_H

#include "src/load/load_priv.h"
#include "src/load/lzx.h"
#include "src/load/xex.h"

#define XEX_FIXED_BYTES 0x18u         /* headers up to the table of optional headers */
#define XEX_KEY_AT 0x150u     /* the image's own key, in the security info */
#define XEX_SIGNATURE_AT 0x8u /* in the security info */
#define XEX_SIGNATURE_BYTES 0x100u
#define XEX_SECURITY_BYTES 0x184u /* up to the page descriptors */
#define XEX_DESCRIPTOR_BYTES 24u  /* a page descriptor: word, SHA-1 */
#define XEX_PAGES_SHIFT 4         /* of the number of pages in its word */
#define XEX_KEYS_MAX 3

/** A block of a chain: its size and hash stand in the block before it (of the first one: in the headers). Size 0 ends the chain. */
struct xex_link {
	uint32_t size;
	const uint8_t *hash; /* SHA-1 */
};

/** FILE_FORMAT_INFO. */
struct xex_format {
	enum xex_encryption encryption;
	enum xex_compression compression;
	uint32_t at;     /* in the headers: what belongs to the compression */
	uint32_t blocks; /* XEX_BASIC */
	uint32_t window; /* XEX_LZX, XEX_DELTA: bytes; a good one */
	struct xex_link first;
};

/** What stands behind the headers, decrypted. */
struct xex_body {
	const uint8_t *bytes;
	size_t size, offset; /* offset: in the file */
	uint8_t *plain;      /* owned memory behind @bytes, NULL = none */
	const uint8_t *key;  /* the one of the candidates that fits, NULL = not encrypted */
};

/** err_set for a field in the headers whose bytes [offset, offset + size) would go past their end. */
enum status xex_cut(const struct load *l, size_t offset, size_t size, const char *field);

/* Each reads one part of the headers, img->xex->header being there, or of the image's memory; ST_BAD_IMAGE with a line. */

/** Fixed header: magic, flags, sizes; makes img->xex with its headers. */
MUST_CHECK enum status xex_read_header(struct load *l);
/** The table of optional headers; then the small ones among them: entry, stack, heap, TLS, execution info, ... */
MUST_CHECK enum status xex_read_optional(struct load *l);
MUST_CHECK enum status xex_read_facts(struct load *l);
/** Does the security info lie in the headers? Sets xex->security_offset. */
MUST_CHECK enum status xex_find_security(struct load *l);
/** Security info: base, size, pages; the segments, whose bytes are xex->memory. */
MUST_CHECK enum status xex_read_security(struct load *l);
/** The image's bytes, out of the file: decrypted, decompressed. */
MUST_CHECK enum status xex_read_body(struct load *l, const struct xex_options *o);
/** Applies the patch of @o: changes headers and image, and reads optional headers and security info again. */
MUST_CHECK enum status xex_apply_patch(struct load *l, const struct xex_options *o);
/** xex_read_optional and xex_read_security over headers that have changed. */
MUST_CHECK enum status xex_read_again(struct load *l);
/** Its parts, that a patch needs too. */
MUST_CHECK enum status xex_read_format(const struct load *l, struct xex_format *f);
/** Decrypts with the first of @keys that fits (NULL ends them). xex_close_body it after ST_OK. */
MUST_CHECK enum status xex_open_body(
	struct load *l, const struct xex_format *f, const uint8_t *const keys[], struct xex_body *body);
void xex_close_body(struct xex_body *body);
/** The keys that come into question: the one given, then the all-zero one. */
void xex_candidate_keys(const struct xex_options *o, const uint8_t *keys[XEX_KEYS_MAX]);
/** Does the block at @b, with @left bytes up to the end, have the size and hash of @link? */
bool xex_link_holds(const struct xex_link *link, const uint8_t *b, size_t left);
/** Checks the block at *@at, gives its data (borrowed), and goes on to the next. */
MUST_CHECK enum status xex_chain_next(const struct load *l, const struct xex_body *body, size_t *at, struct xex_link *link,
	const uint8_t **data, uint32_t *size);
/** Zeros for an image of img->size, to which the segments point; and only the pointing. */
void xex_memory_new(struct image *img);
void xex_segments_point(struct image *img);
/** The PE headers inside of the image: sections, functions of .pdata. */
MUST_CHECK enum status xex_read_pe(struct load *l);
MUST_CHECK enum status xex_read_imports(struct load *l);
MUST_CHECK enum status xex_read_exports(struct load *l);
/** Entry, TLS and resources lie in the image. */
MUST_CHECK enum status xex_check_places(struct load *l);

/** Compares the hashes of headers, pages and imports with what all the others have read; sets xex->*_hash. */
void xex_check_hashes(struct load *l);

/** @size bytes of the image at @ga, NULL if they do not lie in it. */
const uint8_t *xex_at(const struct load *l, uint32_t ga, uint32_t size);

#endif
