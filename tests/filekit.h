/* tests/filekit.h - what tests of files share: calls with their OBJECT_ATTRIBUTES and IO_STATUS_BLOCK, on the kit's machine (cache: is writable and
 * empty), or on one with a folder mounted. */
#ifndef TESTS_FILEKIT_H
#define TESTS_FILEKIT_H

#include <stdio.h>
#include <stdlib.h>

#include "kernel/cache.h"
#include "kernel/io.h"
#include "tests/testkit.h"

#define READ_WRITE 0xC0010000u  /* generic read and write, delete */
#define READ 0x80000000u
#define SHARE_ALL 7u
#define SYNC FILE_SYNC_NONALERT
enum { DO_SUPERSEDE, DO_OPEN, DO_CREATE, DO_OPEN_IF, DO_OVERWRITE, DO_OVERWRITE_IF };

/** OBJECT_ATTRIBUTES of @length bytes of a name, below directory handle @root (0 = absolute). */
static inline uint32_t fk_attributes(struct tk *t, uint32_t root, const char *name, size_t length)
{
	uint32_t a = tk_memory(t, 12), s = tk_memory(t, 8), text = tk_memory(t, (uint32_t)length + 4);
	assert_int_equal(mem_poke(&t->m->mem, text, name, (uint32_t)length), MEM_OK);
	tk_put32(t, a, root);
	tk_put32(t, a + 4, s);
	tk_put32(t, a + 8, 0x40);
	tk_put32(t, s, (uint32_t)length << 16 | (uint32_t)length);
	tk_put32(t, s + 4, text);
	return a;
}

static inline uint32_t fk_name(struct tk *t, const char *name) { return fk_attributes(t, 0, name, strlen(name)); }

struct fk_opened {
	uint32_t status, handle, information;
};
static inline struct fk_opened fk_open(struct tk *t, const char *name, uint32_t access, uint32_t share, uint32_t disposition, uint32_t options)
{
	uint32_t out = tk_memory(t, 4), iosb = tk_memory(t, 8);
	struct fk_opened r;
	r.status = (uint32_t)CALL(t, t->main, "NtCreateFile", out, access, fk_name(t, name), iosb, 0, 0, share, disposition, options);
	r.handle = tk_get32(t, out);
	r.information = tk_get32(t, iosb + 4);
	return r;
}
/** Opens, made if it is not there; must succeed. */
static inline uint32_t fk_get(struct tk *t, const char *name, uint32_t options)
{
	struct fk_opened r = fk_open(t, name, READ_WRITE, SHARE_ALL, DO_OPEN_IF, options);
	if (r.status)
		fail_msg("%s: %08x", name, r.status);
	return r.handle;
}
static inline uint32_t fk_status(struct tk *t, const char *name) { return fk_open(t, name, READ, SHARE_ALL, DO_OPEN, 0).status; }
static inline void fk_close(struct tk *t, uint32_t h) { assert_int_equal(CALL(t, t->main, "NtClose", h), NT_SUCCESS); }

/** Writes or reads at @offset through an asynchronous handle, lets time pass till it is done; the bytes, in @information the status if it failed. */
static inline uint32_t fk_move(struct tk *t, const char *call, uint32_t h, uint64_t offset, uint32_t buffer, uint32_t size, uint32_t *status)
{
	uint32_t iosb = tk_memory(t, 8), at = tk_memory(t, 8);
	tk_put64(t, at, offset);
	tk_put32(t, iosb, NT_PENDING);
	*status = (uint32_t)CALL(t, t->main, call, h, 0, 0, 0, iosb, buffer, size, at);
	if (*status != NT_PENDING)
		return 0;
	tk_pass(t, 10000000);
	*status = tk_get32(t, iosb);
	assert_int_not_equal(*status, NT_PENDING);
	return tk_get32(t, iosb + 4);
}
static inline void fk_write(struct tk *t, uint32_t h, uint64_t offset, const char *text)
{
	uint32_t status, n = (uint32_t)strlen(text), buffer = tk_memory(t, n + 4);
	assert_int_equal(mem_poke(&t->m->mem, buffer, text, n), MEM_OK);
	assert_int_equal(fk_move(t, "NtWriteFile", h, offset, buffer, n, &status), n);
	assert_int_equal(status, NT_SUCCESS);
}
/** Reads what must be @text. */
static inline void fk_reads(struct tk *t, uint32_t h, uint64_t offset, const char *text)
{
	char got[256] = "";
	uint32_t status, n = (uint32_t)strlen(text), buffer = tk_memory(t, n + 4);
	assert_int_equal(fk_move(t, "NtReadFile", h, offset, buffer, n, &status), n);
	assert_int_equal(mem_peek(&t->m->mem, buffer, got, n), MEM_OK);
	assert_string_equal(got, text);
}
static inline uint64_t fk_size(struct tk *t, uint32_t h)
{
	uint32_t iosb = tk_memory(t, 8), info = tk_memory(t, 0x18);
	assert_int_equal(CALL(t, t->main, "NtQueryInformationFile", h, iosb, info, 0x18, 5), NT_SUCCESS);
	return (uint64_t)tk_get32(t, info + 8) << 32 | tk_get32(t, info + 12);
}
static inline uint32_t fk_set(struct tk *t, uint32_t h, uint32_t class, const void *bytes, uint32_t size)
{
	uint32_t iosb = tk_memory(t, 8), info = tk_memory(t, size + 4);
	assert_int_equal(mem_poke(&t->m->mem, info, bytes, size), MEM_OK);
	return (uint32_t)CALL(t, t->main, "NtSetInformationFile", h, iosb, info, size, class);
}
static inline uint32_t fk_resize(struct tk *t, uint32_t h, uint64_t size)
{
	be64 v = be64_of(size);
	return fk_set(t, h, 20, &v, sizeof v);
}

/** NtSetInformationFile, rename. */
static inline uint32_t fk_rename(struct tk *t, uint32_t h, const char *to, uint32_t replace)
{
	uint8_t info[16];
	store_be32(info, replace);
	store_be32(info + 4, 0);
	store_be16(info + 8, (uint16_t)strlen(to));
	store_be16(info + 10, (uint16_t)strlen(to));
	store_be32(info + 12, tk_string(t, to));
	return fk_set(t, h, 10, info, sizeof info);
}

/** A machine with tests/golden/disc on @device. Freed by fk_free. */
static inline struct tk *fk_disc(const char *device)
{
	struct machine_options o;
	struct err err;
	char path[4096];
	const char *srcdir = getenv("srcdir");
	machine_options_default(&o);
	o.mounts = mounts_new();
	snprintf(path, sizeof path, "%s/tests/golden/disc", srcdir ? srcdir : "..");
	if (mounts_add(o.mounts, device, path, &err) != ST_OK)
		fail_msg("%s", err.text);
	mounts_default(o.mounts, NULL);
	struct tk *t = tk_new_with(&o);
	t->mounts = o.mounts;
	return t;
}

#endif
