/* src/load/xex_priv.h - what the files of the XEX2 reader share; nobody else includes it. */
#ifndef SRC_LOAD_XEX_PRIV_H
#define SRC_LOAD_XEX_PRIV_H

#include "src/load/load_priv.h"
#include "src/load/xex.h"

/** err_set for a field in the headers whose bytes [offset, offset + size) would go past their end. */
enum status xex_cut(const struct load *l, size_t offset, size_t size, const char *field);

/* Each reads one part of the headers, img->xex->header being there, or of the image's memory; ST_BAD_IMAGE with a line. */

/** Fixed header: magic, flags, sizes; makes img->xex with its headers. */
MUST_CHECK enum status xex_read_header(struct load *l);
/** The table of optional headers; then the small ones among them: entry, stack, heap, TLS, execution info, ... */
MUST_CHECK enum status xex_read_optional(struct load *l);
MUST_CHECK enum status xex_read_facts(struct load *l);
/** Security info: base, size, pages; the segments, whose bytes are xex->memory. */
MUST_CHECK enum status xex_read_security(struct load *l);
/** The image's bytes, out of the file: decrypted, decompressed. */
MUST_CHECK enum status xex_read_body(struct load *l, const struct xex_options *o);
/** The PE headers inside of the image: sections, functions of .pdata. */
MUST_CHECK enum status xex_read_pe(struct load *l);
MUST_CHECK enum status xex_read_imports(struct load *l);
MUST_CHECK enum status xex_read_exports(struct load *l);
/** Entry, TLS and resources lie in the image. */
MUST_CHECK enum status xex_check_places(struct load *l);

/** @size bytes of the image at @ga, NULL if they do not lie in it. */
const uint8_t *xex_at(const struct load *l, uint32_t ga, uint32_t size);

#endif
