/* src/base/base.h - what every file needs: statuses, errors with text, INVARIANT, big-endian types. */
#ifndef SRC_BASE_BASE_H
#define SRC_BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/** ST_OK, ST_NO_MEMORY, ...: see status.def. A host failure; never a guest status. */
enum status {
#define STATUS(name, text) ST_##name,
#include "src/base/status.def"
#undef STATUS
};

/** The status's text; static. */
const char *status_text(enum status st);

/** Where a failing function leaves its one line for the user. Caller's storage; may be NULL at every callee. */
struct err {
	enum status status;
	char text[480];
};

/** Fills @err (if any) with the line, without a newline, and returns @st for `return err_set(...)`. */
enum status err_set(struct err *err, enum status st, const char *fmt, ...) PRINTF_LIKE(3, 4);

/**
 * Our own bug, checked in release builds too: prints the condition, lets the front end add what it knows
 * (last events, how to replay; it also gives the terminal back), and ends the process with code 70.
 */
#define INVARIANT(cond) \
	do { \
		if (UNLIKELY(!(cond))) \
			invariant_failed(#cond, __FILE__, __LINE__); \
	} while (0)
_Noreturn void invariant_failed(const char *cond, const char *file, int line);

/** Defined by the front end, if there is one: what to print before the end. */
void invariant_hook(void) __attribute__((weak));

/** malloc/calloc/realloc/strdup that end the process with a clear line (through invariant_hook) when memory is out. */
void *xmalloc(size_t size) __attribute__((malloc, returns_nonnull));
void *xcalloc(size_t n, size_t size) __attribute__((malloc, returns_nonnull));
void *xrealloc(void *p, size_t size) __attribute__((returns_nonnull));
char *xstrdup(const char *s) __attribute__((malloc, returns_nonnull));

/* Big-endian integers as they lie in guest memory: byte structs, alignment 1, never read by accident. */
typedef struct { uint8_t b[2]; } be16;
typedef struct { uint8_t b[4]; } be32;
typedef struct { uint8_t b[8]; } be64;

static inline uint16_t load_be16(const void *p) { uint16_t v; memcpy(&v, p, 2); return __builtin_bswap16(v); }
static inline uint32_t load_be32(const void *p) { uint32_t v; memcpy(&v, p, 4); return __builtin_bswap32(v); }
static inline uint64_t load_be64(const void *p) { uint64_t v; memcpy(&v, p, 8); return __builtin_bswap64(v); }
static inline void store_be16(void *p, uint16_t v) { v = __builtin_bswap16(v); memcpy(p, &v, 2); }
static inline void store_be32(void *p, uint32_t v) { v = __builtin_bswap32(v); memcpy(p, &v, 4); }
static inline void store_be64(void *p, uint64_t v) { v = __builtin_bswap64(v); memcpy(p, &v, 8); }

static inline uint16_t be16_get(be16 v) { return load_be16(v.b); }
static inline uint32_t be32_get(be32 v) { return load_be32(v.b); }
static inline uint64_t be64_get(be64 v) { return load_be64(v.b); }
static inline be16 be16_of(uint16_t v) { be16 r; store_be16(r.b, v); return r; }
static inline be32 be32_of(uint32_t v) { be32 r; store_be32(r.b, v); return r; }
static inline be64 be64_of(uint64_t v) { be64 r; store_be64(r.b, v); return r; }

/* FNV-1a-64 over big-endian u64s and NUL-ended strings (the NUL counts): the stable ids of design "Event log". */
#define FNV_BASIS UINT64_C(0xcbf29ce484222325)
uint64_t fnv_u64(uint64_t h, uint64_t v);
uint64_t fnv_str(uint64_t h, const char *s);

#endif
