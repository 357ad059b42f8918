/* src/load/xex_hash.c - the hashes of a XEX2 image's headers, pages and imports: do they hold?
 *
 * The security info has a SHA-1 of the headers (what lies behind its signed part, then what lies before it), one of the first page descriptor
 * with its pages, and one of the first import library; each descriptor and each library has the one of the next.
 * DEBT(xex-unverified): the RSA signature over the security info is not checked.
 * Source: facts, struct layouts, XEX2_SECURITY_INFO, XEX2_PAGE_DESCRIPTOR, XEX2_IMPORT_LIBRARY.
 */
#include "config.h"

#include "src/load/xex_crypto.h"
#include "src/load/xex_priv.h"

#define PAGES_HASH_AT 0x114u
#define LIBRARIES_AT 0x128u /* how many have a hash */
#define IMPORTS_HASH_AT 0x12Cu
#define HEADERS_HASH_AT 0x164u
#define SIGNED_END 0x17Cu /* the signed part begins with the signature */
#define IMPORTS_BYTES 12u /* IMPORT_LIBRARIES before its strings */

static bool is_there(const uint8_t hash[XEX_SHA1_BYTES])
{
	static const uint8_t none[XEX_SHA1_BYTES];
	return memcmp(hash, none, sizeof none) != 0;
}

static enum xex_hash verdict(bool holds)
{
	return holds ? XEX_HASH_GOOD : XEX_HASH_BAD;
}

static enum xex_hash check_headers(const struct xex *x)
{
	const uint8_t *security = x->header + x->security_offset;
	uint32_t behind = x->security_offset + SIGNED_END;
	if (!is_there(security + HEADERS_HASH_AT))
		return XEX_HASH_NOT_THERE;
	return verdict(xex_sha1_is_of_two(security + HEADERS_HASH_AT, x->header + behind, x->header_size - behind, x->header,
		x->security_offset + XEX_SIGNATURE_AT));
}

/* The descriptors' pages are all of the image, in its order: xex_security.c has seen to it. */
static enum xex_hash check_pages(const struct xex *x)
{
	const uint8_t *security = x->header + x->security_offset, *hash = security + PAGES_HASH_AT, *pages = x->memory;
	const uint8_t *d = security + XEX_SECURITY_BYTES;
	if (!is_there(hash))
		return XEX_HASH_NOT_THERE;
	for (uint32_t i = 0; i < x->descriptors; i++, d += XEX_DESCRIPTOR_BYTES) {
		size_t size = (size_t)(load_be32(d) >> XEX_PAGES_SHIFT) * x->page_bytes;
		if (!xex_sha1_is_of_two(hash, pages, size, d, XEX_DESCRIPTOR_BYTES))
			return XEX_HASH_BAD;
		hash = d + 4;
		pages += size;
	}
	return XEX_HASH_GOOD;
}

/* The libraries' sizes and places: xex_import.c has checked them. A library's hash is that of all behind its size. */
static enum xex_hash check_imports(const struct xex *x)
{
	const uint8_t *security = x->header + x->security_offset, *hash = security + IMPORTS_HASH_AT;
	const struct xex_header *h = xex_header_find(x, XEX_KEY_IMPORT_LIBRARIES);
	if (!x->libraries || !is_there(hash))
		return XEX_HASH_NOT_THERE;
	const uint8_t *b = x->header + h->offset;
	b += IMPORTS_BYTES + load_be32(b + 4);
	for (unsigned i = 0; i < x->libraries; i++) {
		uint32_t size = load_be32(b);
		if (!xex_sha1_is(hash, b + 4, size - 4))
			return XEX_HASH_BAD;
		hash = b + 4;
		b += size;
	}
	return verdict(load_be32(security + LIBRARIES_AT) == x->libraries);
}

void xex_check_hashes(struct load *l)
{
	struct xex *x = l->img->xex;
	x->headers_hash = check_headers(x);
	x->pages_hash = check_pages(x);
	x->imports_hash = check_imports(x);
}
