/* src/load/xex.h - XEX2 images: what their headers say, beside what every image has (src/load/image.h).
 *
 * Source of the layouts: facts, struct layouts, rows XEX2_* and XEX_*; kernel semantics, "XEX loading facts". Numbers in a XEX are big-endian; those
 * of the PE headers inside of the image are little-endian.
 */
#ifndef SRC_LOAD_XEX_H
#define SRC_LOAD_XEX_H

#include "src/load/image.h"

#define XEX_HEADER_BYTES_MAX 0x80000u /* all headers together; real ones have some 64 KiB */
#define XEX_KEY_BYTES 16u

/** Optional headers by name: XEX_KEY_TLS_INFO, ... */
enum xex_key {
#define XEX_HEADER(key, name, what) XEX_KEY_##name = key,
#include "src/load/xex_header.def"
#undef XEX_HEADER
};

/** module_flags. XEX_FLAG(bit, name, "word") */
#define XEX_FLAGS(XEX_FLAG) \
	XEX_FLAG(0x00000001u, TITLE, "title") \
	XEX_FLAG(0x00000002u, EXPORTS, "exports-to-title") XEX_FLAG(0x00000004u, DEBUGGER, "debugger") \
		XEX_FLAG(0x00000008u, DLL, "dll") XEX_FLAG(0x00000010u, PATCH, "patch") \
			XEX_FLAG(0x00000020u, PATCH_FULL, "patch-full") XEX_FLAG(0x00000040u, PATCH_DELTA, "patch-delta") \
				XEX_FLAG(0x00000080u, USER_MODE, "user-mode") XEX_FLAG(0x40000000u, BOUND_PATH, "bound-path") \
					XEX_FLAG(0x80000000u, SILENT, "silent")
enum xex_flag {
#define XEX_FLAG(bit, name, word) XEX_FLAG_##name = (int)(bit),
	XEX_FLAGS(XEX_FLAG)
#undef XEX_FLAG
};

enum xex_encryption { XEX_PLAIN, XEX_AES };
enum xex_compression { XEX_UNCOMPRESSED, XEX_BASIC, XEX_LZX, XEX_DELTA };

/** Whether hashes (SHA-1) hold. Facts, no refusals: titles that were changed by hand run too. */
enum xex_hash { XEX_HASH_NOT_THERE, XEX_HASH_GOOD, XEX_HASH_BAD }; /* not there: zero, or there is nothing to hash */

/** An optional header. */
struct xex_header {
	uint32_t key, value;   /* as they stand in the table */
	const char *name;      /* static; "" = not known */
	uint32_t offset, size; /* of its data in the headers, checked; a value in place: of the value */
};

struct xex_library {
	char name[40];                     /* file name as it stands there, "xboxkrnl.exe" */
	uint32_t id, version, version_min; /* versions: XEX_VERSION_* take them apart */
	unsigned records;                  /* a function has two */
};
#define XEX_VERSION_MAJOR(v) ((v) >> 28)
#define XEX_VERSION_MINOR(v) ((v) >> 24 & 0xf)
#define XEX_VERSION_BUILD(v) ((v) >> 8 & 0xffff)
#define XEX_VERSION_QFE(v) ((v)&0xff)

struct xex_resource {
	char name[9];
	uint32_t ga, size;
};

struct xex_static_library {
	char name[9];
	uint16_t major, minor, build;
	uint8_t qfe, approval;
};

struct xex_export {
	uint32_t ordinal, ga;
};

/** A section of the PE headers; it need not lie in the image. */
struct xex_section {
	char name[9];
	uint32_t ga, size, flags; /* IMAGE_SCN_* */
};

struct xex_execution {
	uint32_t media_id, version, base_version, title_id, savegame_id;
	uint8_t platform, executable_table, disc_number, disc_count;
};

/** What the headers say; lives as long as its image. */
struct xex {
	uint8_t *header;      /* all headers, as the guest gets to see them */
	uint32_t header_size; /* bytes */
	uint32_t module_flags, image_flags, security_offset;
	uint32_t load_address, region, media_types, page_bytes, descriptors;
	enum xex_encryption encryption;
	enum xex_compression compression;
	bool built_in_key;            /* encrypted for the all-zero key of development kits */
	uint32_t heap_size;           /* DEFAULT_HEAP_SIZE, bytes; 0 = not given */
	char pe_name[64];             /* ORIGINAL_PE_NAME; "" = not given */
	uint32_t checksum, timestamp; /* CHECKSUM_TIMESTAMP; seconds since 1970 */
	bool executed;                /* @execution is given */
	struct xex_execution execution;
	enum xex_hash headers_hash, pages_hash, imports_hash; /* patched: of what the patch made. The signature is not looked at */
	bool patched;
	uint32_t source_version, target_version; /* of the patch */
	unsigned headers, libraries, resources, static_libraries, exports, sections;
	struct xex_header *headers_at;
	struct xex_library *library;
	struct xex_resource *resource;
	struct xex_static_library *static_library;
	struct xex_export *export;   /* ascending by ordinal */
	struct xex_section *section; /* in their order */
	uint8_t *memory;             /* the image's bytes, img->size of them; the segments point into it */
};

/** What is needed beside the file's bytes; all borrowed, all may be absent. */
struct xex_options {
	const uint8_t *key;           /* XEX_KEY_BYTES bytes: tried before the all-zero key */
	const char *patch_name;       /* for messages */
	const uint8_t *patch;         /* a XEX2 image that is a delta patch of this one */
	size_t patch_size;
};

/**
 * Reads and checks a XEX2 image in memory (@bytes is copied). Pure: nothing but its arguments decides, memory is bounded by IMAGE_BYTES_MAX.
 * @return ST_OK, or ST_BAD_IMAGE with "NAME: offset 0x1c: FIELD: what is wrong"
 */
MUST_CHECK enum status xex_open(
	const uint8_t *bytes, size_t size, const struct xex_options *o, const char *name, struct image **out, struct err *err);
void xex_free(struct xex *x);
/** Reads the key that @path holds: 32 hex digits. ST_IO, ST_BAD_INPUT: with a line. */
MUST_CHECK enum status xex_key_read(const char *path, uint8_t key[XEX_KEY_BYTES], struct err *err);
/** The optional header @key, or NULL; the first one if there are several. Borrowed. */
const struct xex_header *xex_header_find(const struct xex *x, uint32_t key);

#endif
