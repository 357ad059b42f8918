/* src/snap/snap_file.c - snapshots as files, see snap.h. The file: struct file_head, the note, then one frame of zstd: the pages of world, history
 * and guest memory, each a struct file_page. Little-endian, as the host has it; the head says so. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>
#include <zstd.h>

#include "src/snap/digest.h"
#include "src/snap/snap_priv.h"

#define FILE_VERSION 3u
#define BYTE_ORDER_MARK 0x01020304u
#define NOTE_MAX (64u << 20)
#define LEVEL 3

struct file_head {
	char magic[8];
	uint32_t byte_order;
	uint32_t version;
	uint32_t head_bytes, note_bytes;
	uint64_t checksum; /* XXH3-64 of the whole file, with this field zero */
	uint64_t body_bytes;
	uint64_t title, options; /* struct snapshot_origin */
	uint64_t layout[2];
	uint64_t count[SETS];
};
struct file_page {
	uint64_t number; /* of its set; ascending */
	uint8_t bytes[MEM_PAGE];
};
_Static_assert(sizeof(struct file_head) == 96 && sizeof(struct file_page) == 8 + MEM_PAGE, "no padding in a file");

/* ---- saving ------------------------------------------------------------------------------------------------------ */

struct packer {
	ZSTD_CCtx *zstd;
	uint8_t *out;
	size_t used, room;
};

/* NULL @data: the frame's end. */
static void pack(struct packer *p, const void *data, size_t size)
{
	ZSTD_inBuffer in = { data, size, 0 };
	size_t left;
	do {
		if (p->room - p->used < 1u << 17) {
			p->room = p->room ? 2 * p->room : 1u << 20;
			p->out = xrealloc(p->out, p->room);
		}
		ZSTD_outBuffer out = { p->out, p->room, p->used };
		left = ZSTD_compressStream2(p->zstd, &out, &in, data ? ZSTD_e_continue : ZSTD_e_end);
		INVARIANT(!ZSTD_isError(left));
		p->used = out.pos;
	} while (data ? in.pos < in.size : left);
}

static void pack_page(void *ctx, uint64_t number, const uint8_t *bytes)
{
	struct file_page p = { .number = number };
	memcpy(p.bytes, bytes, sizeof p.bytes);
	pack(ctx, &p, sizeof p);
}

static uint64_t checksum(const struct file_head *head, const void *rest, size_t size)
{
	struct file_head h = *head;
	XXH3_state_t *sum = XXH3_createState();
	INVARIANT(sum);
	h.checksum = 0;
	XXH3_64bits_reset(sum);
	XXH3_64bits_update(sum, &h, sizeof h);
	XXH3_64bits_update(sum, rest, size);
	uint64_t v = XXH3_64bits_digest(sum);
	XXH3_freeState(sum);
	return v;
}

/* Note and body, as they stand behind the head. */
static uint8_t *make_rest(const struct snapshot *s, const struct snapshot_origin *origin, struct file_head *h)
{
	struct packer p = { .zstd = ZSTD_createCCtx() };
	INVARIANT(p.zstd && !ZSTD_isError(ZSTD_CCtx_setParameter(p.zstd, ZSTD_c_compressionLevel, LEVEL)));
	h->note_bytes = (uint32_t)strlen(origin->note);
	p.room = h->note_bytes + (1u << 20);
	p.out = xmalloc(p.room);
	memcpy(p.out, origin->note, h->note_bytes);
	p.used = h->note_bytes;
	for (unsigned i = 0; i < SETS; i++)
		tree_each(&s->set[i], pack_page, &p);
	pack(&p, NULL, 0);
	ZSTD_freeCCtx(p.zstd);
	h->body_bytes = p.used - h->note_bytes;
	return p.out;
}

static bool write_all(int fd, const void *data, uint64_t size)
{
	const uint8_t *p = data;
	while (size) {
		ssize_t n = write(fd, p, size < (1u << 30) ? size : 1u << 30);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		size -= (uint64_t)n;
	}
	return true;
}

static bool write_snapshot(int fd, const struct snapshot *s, const struct snapshot_origin *origin)
{
	struct file_head h = { .magic = SNAPSHOT_MAGIC,
		.byte_order = BYTE_ORDER_MARK,
		.version = FILE_VERSION,
		.head_bytes = sizeof h,
		.title = origin->title,
		.options = origin->options };
	memcpy(h.layout, s->layout, sizeof h.layout);
	for (unsigned i = 0; i < SETS; i++)
		h.count[i] = s->set[i].count;
	uint8_t *rest = make_rest(s, origin, &h);
	h.checksum = checksum(&h, rest, h.note_bytes + h.body_bytes);
	bool ok = write_all(fd, &h, sizeof h) && write_all(fd, rest, h.note_bytes + h.body_bytes) && fsync(fd) == 0;
	free(rest);
	return ok;
}

enum status snapshot_save(const struct snapshot *s, const char *path, const struct snapshot_origin *origin, struct err *err)
{
	struct snapshot_origin o = *origin;
	struct stat st;
	if (!o.note)
		o.note = "";
	INVARIANT(strlen(o.note) < NOTE_MAX);
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return err_set(err, ST_IO, "%s: cannot save a snapshot here: not a regular file", path);
	char part[4096];
	if ((size_t)snprintf(part, sizeof part, "%s.part", path) >= sizeof part)
		return err_set(err, ST_IO, "%.200s...: cannot save a snapshot here: the name is too long", path);
	int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0)
		return err_set(err, ST_IO, "%s: cannot save the snapshot: %s", path, strerror(errno));
	bool ok = write_snapshot(fd, s, &o);
	int why = errno;
	if (close(fd) != 0 && ok) {
		why = errno;
		ok = false;
	}
	if (ok && rename(part, path) != 0) {
		why = errno;
		ok = false;
	}
	if (ok)
		return ST_OK;
	unlink(part);
	return err_set(err, ST_IO, "%s: cannot save the snapshot: %s", path, strerror(why));
}

/* ---- opening ------------------------------------------------------------------------------------------------------ */

struct file {
	const char *path;
	struct file_head head;
	uint8_t *rest; /* note and body */
};

static bool read_all(int fd, void *data, uint64_t size)
{
	uint8_t *p = data;
	while (size) {
		ssize_t n = read(fd, p, size < (1u << 30) ? size : 1u << 30);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		size -= (uint64_t)n;
	}
	return true;
}

/* Is there anything in the head that speaks against reading on? */
static enum status head_check(const char *path, const struct file_head *h, uint64_t file_bytes, struct err *err)
{
	uint64_t left = file_bytes - sizeof *h;
	if (memcmp(h->magic, SNAPSHOT_MAGIC, sizeof h->magic) != 0)
		return err_set(err, ST_BAD_INPUT, "%s: not a snapshot of wedge", path);
	if (h->byte_order == __builtin_bswap32(BYTE_ORDER_MARK))
		return err_set(err, ST_BAD_INPUT, "%s: snapshot of a host of the other byte order", path);
	if (h->byte_order == BYTE_ORDER_MARK && (h->version != FILE_VERSION || h->head_bytes != sizeof *h))
		return err_set(err, ST_BAD_INPUT, "%s: snapshot of format %u, this wedge reads format %u", path, h->version,
			FILE_VERSION);
	if (h->byte_order != BYTE_ORDER_MARK || h->note_bytes > left || h->note_bytes > NOTE_MAX)
		return err_set(err, ST_BAD_INPUT, "%s: damaged snapshot: its head makes no sense", path);
	left -= h->note_bytes;
	if (h->body_bytes > left)
		return err_set(err, ST_BAD_INPUT, "%s: damaged snapshot: shorter than its head says", path);
	if (h->body_bytes < left)
		return err_set(err, ST_BAD_INPUT, "%s: damaged snapshot: %llu bytes too long", path,
			(unsigned long long)(left - h->body_bytes));
	return ST_OK;
}

static enum status read_file(int fd, uint64_t bytes, struct file *f, struct err *err)
{
	if (bytes < sizeof f->head || !read_all(fd, &f->head, sizeof f->head))
		return err_set(err, ST_BAD_INPUT, "%s: not a snapshot of wedge", f->path);
	enum status st = head_check(f->path, &f->head, bytes, err);
	if (st != ST_OK)
		return st;
	f->rest = xmalloc(bytes - sizeof f->head + 1);
	errno = 0;
	if (!read_all(fd, f->rest, bytes - sizeof f->head))
		return err_set(
			err, ST_IO, "%s: cannot read the snapshot: %s", f->path, errno ? strerror(errno) : "it became shorter");
	if (checksum(&f->head, f->rest, bytes - sizeof f->head) != f->head.checksum)
		return err_set(err, ST_BAD_INPUT, "%s: damaged snapshot: the checksum differs", f->path);
	return ST_OK;
}

/* Reads all of @path; free f->rest in any case. */
static enum status file_open(const char *path, struct file *f, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	*f = (struct file){ .path = path };
	if (fd < 0 || fstat(fd, &st) != 0) {
		enum status failed = err_set(err, ST_IO, "%s: cannot open the snapshot: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return failed;
	}
	enum status result = S_ISREG(st.st_mode) ? read_file(fd, (uint64_t)st.st_size, f, err)
						 : err_set(err, ST_BAD_INPUT, "%s: not a snapshot of wedge", path);
	close(fd);
	return result;
}

bool snapshot_is_file(const char *path)
{
	char magic[8];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	bool is = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && read_all(fd, magic, sizeof magic) &&
		  memcmp(magic, SNAPSHOT_MAGIC, sizeof magic) == 0;
	if (fd >= 0)
		close(fd);
	return is;
}

enum status snapshot_note(const char *path, char **note, struct err *err)
{
	struct file f;
	enum status st = file_open(path, &f, err);
	if (st != ST_OK) {
		free(f.rest);
		return st;
	}
	INVARIANT(f.rest);
	f.rest[f.head.note_bytes] = 0;
	*note = (char *)f.rest;
	return ST_OK;
}

/* Can page @number be one of a set of @pages, behind the @last one read? */
static bool page_is_sane(uint64_t number, uint64_t pages, uint64_t last, bool first, bool guest)
{
	if (number >= pages || (!first && number <= last))
		return false;
	uint32_t ga = (uint32_t)(number << MEM_PAGE_SHIFT);
	return !guest || (mem_canonical(ga) == ga && mem_heap_page_size(ga));
}

struct unpacker {
	ZSTD_DCtx *zstd;
	ZSTD_inBuffer in;
};

static bool unpack(struct unpacker *u, void *data, size_t size)
{
	ZSTD_outBuffer out = { data, size, 0 };
	while (out.pos < out.size) {
		size_t before = u->in.pos, had = out.pos;
		if (ZSTD_isError(ZSTD_decompressStream(u->zstd, &out, &u->in)) || (u->in.pos == before && out.pos == had))
			return false;
	}
	return true;
}

/* Nothing is left of the frame, nor behind it. */
static bool is_empty(struct unpacker *u)
{
	uint8_t byte;
	ZSTD_outBuffer out = { &byte, 1, 0 };
	size_t left = u->in.pos < u->in.size ? ZSTD_decompressStream(u->zstd, &out, &u->in) : 0;
	return !left && !out.pos && u->in.pos == u->in.size;
}

static enum status read_body(
	const struct file *f, struct snapshot *s, const struct arena *world, const struct arena *history, struct err *err)
{
	const uint64_t room[SETS] = { world->size >> ARENA_PAGE_SHIFT, history->size >> ARENA_PAGE_SHIFT, MEM_PAGES };
	struct unpacker u = { ZSTD_createDCtx(), { f->rest + f->head.note_bytes, f->head.body_bytes, 0 } };
	struct file_page p;
	INVARIANT(u.zstd);
	enum status st = ST_OK;
	for (unsigned i = 0; i < SETS && st == ST_OK; i++)
		for (uint64_t k = 0, last = 0; k < f->head.count[i] && st == ST_OK; k++, last = p.number) {
			if (!unpack(&u, &p, sizeof p))
				st = err_set(err, ST_BAD_INPUT, "%s: damaged snapshot: its pages cannot be unpacked", f->path);
			else if (!page_is_sane(p.number, room[i], last, !k, i == SET_GUEST))
				st = err_set(err, ST_BAD_INPUT, "%s: damaged snapshot: a page that does not exist", f->path);
			else
				tree_set(&s->set[i], p.number, p.bytes);
		}
	if (st == ST_OK && !is_empty(&u))
		st = err_set(err, ST_BAD_INPUT, "%s: damaged snapshot: more pages than its head says", f->path);
	ZSTD_freeDCtx(u.zstd);
	return st;
}

static enum status fits(const struct file *f, const struct snapshot *s, const struct snapshot_origin *want, struct err *err)
{
	if (memcmp(f->head.layout, s->layout, sizeof s->layout) != 0)
		return err_set(err, ST_BAD_INPUT,
			"%s: snapshot of another version of wedge (its tables are laid out differently)", f->path);
	if (want && f->head.title != want->title)
		return err_set(err, ST_BAD_INPUT, "%s: snapshot of another title (%016llx, this one is %016llx)", f->path,
			(unsigned long long)f->head.title, (unsigned long long)want->title);
	if (want && f->head.options != want->options)
		return err_set(err, ST_BAD_INPUT, "%s: snapshot of a run with other options", f->path);
	return ST_OK;
}

enum status snapshot_open(const char *path, const struct arena *world, const struct arena *history,
	const struct snapshot_origin *want, struct snapshot **out, struct err *err)
{
	struct file f;
	enum status st = file_open(path, &f, err);
	struct snapshot *s = xcalloc(1, sizeof *s);
	for (unsigned i = 0; i < SETS; i++)
		s->set[i] = tree_new(i ? s->set[0].use : NULL);
	s->layout[0] = arena_layout_digest(world);
	s->layout[1] = arena_layout_digest(history);
	if (st == ST_OK)
		st = fits(&f, s, want, err);
	if (st == ST_OK)
		st = read_body(&f, s, world, history, err);
	free(f.rest);
	if (st == ST_OK)
		*out = s;
	else
		snapshot_free(s);
	return st;
}
