/* src/base/base.c - statuses, errors, INVARIANT, allocation that cannot fail, FNV. */
#include "config.h"

#include "src/base/base.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "arenas and digests are defined on little-endian hosts"
#endif

#define EXIT_OWN_BUG 70

static const char *const status_texts[] = {
#define STATUS(name, text) [ST_##name] = (text),
#include "src/base/status.def"
#undef STATUS
};

const char *status_text(enum status st)
{
	return (unsigned)st < ARRAY_LEN(status_texts) ? status_texts[st] : "unknown status";
}

enum status err_set(struct err *err, enum status st, const char *fmt, ...)
{
	if (err) {
		va_list ap;
		va_start(ap, fmt);
		vsnprintf(err->text, sizeof err->text, fmt, ap);
		va_end(ap);
		err->status = st;
	}
	return st;
}

static _Noreturn void die(void)
{
	fflush(stdout);
	if (invariant_hook)
		invariant_hook();
	_exit(EXIT_OWN_BUG);
}

void invariant_failed(const char *cond, const char *file, int line)
{
	fprintf(stderr, "wedge: bug at %s:%d: INVARIANT(%s) does not hold\n", file, line, cond);
	die();
}

static _Noreturn void out_of_memory(size_t size)
{
	fprintf(stderr, "wedge: out of memory (%zu bytes wanted)\n", size);
	die();
}

void *xmalloc(size_t size)
{
	void *p = malloc(size ? size : 1);
	if (!p)
		out_of_memory(size);
	return p;
}

void *xcalloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size ? size : 1);
	if (!p)
		out_of_memory(n * size);
	return p;
}

void *xrealloc(void *p, size_t size)
{
	void *q = realloc(p, size ? size : 1);
	if (!q)
		out_of_memory(size);
	return q;
}

char *xstrdup(const char *s)
{
	size_t n = strlen(s) + 1;
	return memcpy(xmalloc(n), s, n);
}

#define FNV_PRIME UINT64_C(0x100000001b3)

uint64_t fnv_u64(uint64_t h, uint64_t v)
{
	for (int shift = 56; shift >= 0; shift -= 8)
		h = (h ^ ((v >> shift) & 0xff)) * FNV_PRIME;
	return h;
}

uint64_t fnv_str(uint64_t h, const char *s)
{
	for (;; s++) {
		h = (h ^ (uint8_t)*s) * FNV_PRIME;
		if (!*s)
			return h;
	}
}
