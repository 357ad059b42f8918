/* src/snap/snap.c - see snap.h. The file: struct file_head, then for world, history and guest memory the page numbers (u64 each) and the
 * pages; little-endian, as the host has it. */
#include "config.h"

#include "src/snap/snap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "src/snap/digest.h"
#include "src/snap/pages.h"

_Static_assert(ARENA_PAGE == MEM_PAGE, "one page size for all sets");

enum { SET_WORLD, SET_HISTORY, SET_GUEST, SETS };

/* Pages by number: of an arena, or of guest memory (address >> 12). Ascending, none all zero. */
struct page_set {
	uint64_t count, room;
	uint64_t *number;
	uint8_t *bytes;
};

struct snapshot {
	struct page_set set[SETS];
	uint64_t layout[2];       /* arena_layout_digest of world and history */
};

#define FILE_MAGIC "wedgesnp"
#define FILE_VERSION 1u

struct file_head {
	char magic[8];
	uint32_t version;
	uint32_t head_bytes;
	uint64_t checksum;        /* XXH3-64 of the whole file, with this field zero */
	struct snapshot_origin origin;
	uint64_t layout[2];
	uint64_t count[SETS];
};
_Static_assert(sizeof(struct file_head) == 80, "no padding in a file");

/* ---- taking and putting back ------------------------------------------------------------------------------------ */

static void set_alloc(struct page_set *set, uint64_t room)
{
	set->number = xrealloc(set->number, room * sizeof *set->number);
	set->bytes = xrealloc(set->bytes, room * MEM_PAGE);
	set->room = room;
}

static void set_add(void *ctx, uint64_t number, const uint8_t *bytes)
{
	struct page_set *set = ctx;
	if (set->count == set->room)
		set_alloc(set, set->room ? set->room + set->room / 2 : 64);
	set->number[set->count] = number;
	memcpy(set->bytes + set->count * MEM_PAGE, bytes, MEM_PAGE);
	set->count++;
}

static void set_add_guest(void *ctx, uint32_t ga, const uint8_t *bytes)
{
	if (!page_is_zero(bytes))
		set_add(ctx, ga >> MEM_PAGE_SHIFT, bytes);
}

struct snapshot *snapshot_take(const struct arena *world, const struct arena *history, const struct mem *mem)
{
	struct snapshot *s = xcalloc(1, sizeof *s);
	s->layout[0] = arena_layout_digest(world);
	s->layout[1] = arena_layout_digest(history);
	arena_each_page(world, set_add, &s->set[SET_WORLD]);
	arena_each_page(history, set_add, &s->set[SET_HISTORY]);
	mem_each_touched(mem, set_add_guest, &s->set[SET_GUEST]);
	for (unsigned i = 0; i < SETS; i++)
		if (s->set[i].count)
			set_alloc(&s->set[i], s->set[i].count);
	return s;
}

static void put_arena(const struct page_set *set, struct arena *a)
{
	arena_clear(a);
	for (uint64_t i = 0; i < set->count; i++) {
		uint64_t offset = set->number[i] << ARENA_PAGE_SHIFT;
		arena_touch(a, offset, ARENA_PAGE);
		memcpy(a->base + offset, set->bytes + i * ARENA_PAGE, ARENA_PAGE);
	}
}

void snapshot_put(const struct snapshot *s, struct arena *world, struct arena *history, struct mem *mem)
{
	INVARIANT(s->layout[0] == arena_layout_digest(world) && s->layout[1] == arena_layout_digest(history));
	put_arena(&s->set[SET_WORLD], world);
	put_arena(&s->set[SET_HISTORY], history);
	mem_clear(mem);
	const struct page_set *set = &s->set[SET_GUEST];
	for (uint64_t i = 0; i < set->count; i++) {
		uint64_t page = set->number[i];
		mem->touched[page] = 1;
		memcpy(mem->base + (page << MEM_PAGE_SHIFT), set->bytes + i * MEM_PAGE, MEM_PAGE);
	}
	mem_rebuild_attributes(mem);
}

void snapshot_free(struct snapshot *s)
{
	if (!s)
		return;
	for (unsigned i = 0; i < SETS; i++) {
		free(s->set[i].number);
		free(s->set[i].bytes);
	}
	free(s);
}

uint64_t snapshot_bytes(const struct snapshot *s)
{
	uint64_t n = sizeof *s;
	for (unsigned i = 0; i < SETS; i++)
		n += s->set[i].room * (MEM_PAGE + sizeof(uint64_t));
	return n;
}

/* ---- saving ------------------------------------------------------------------------------------------------------ */

static void head_fill(struct file_head *h, const struct snapshot *s, const struct snapshot_origin *origin)
{
	*h = (struct file_head){ .magic = FILE_MAGIC, .version = FILE_VERSION, .head_bytes = sizeof *h, .origin = *origin };
	memcpy(h->layout, s->layout, sizeof h->layout);
	for (unsigned i = 0; i < SETS; i++)
		h->count[i] = s->set[i].count;
}

static uint64_t checksum(const struct file_head *head, const struct snapshot *s)
{
	struct file_head h = *head;
	h.checksum = 0;
	XXH3_state_t *x = XXH3_createState();
	INVARIANT(x);
	XXH3_64bits_reset(x);
	XXH3_64bits_update(x, &h, sizeof h);
	for (unsigned i = 0; i < SETS; i++) {
		XXH3_64bits_update(x, s->set[i].number, s->set[i].count * sizeof(uint64_t));
		XXH3_64bits_update(x, s->set[i].bytes, s->set[i].count * MEM_PAGE);
	}
	uint64_t v = XXH3_64bits_digest(x);
	XXH3_freeState(x);
	return v;
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

static bool write_snapshot(int fd, const struct file_head *h, const struct snapshot *s)
{
	bool ok = write_all(fd, h, sizeof *h);
	for (unsigned i = 0; i < SETS && ok; i++)
		ok = write_all(fd, s->set[i].number, s->set[i].count * sizeof(uint64_t)) &&
		     write_all(fd, s->set[i].bytes, s->set[i].count * MEM_PAGE);
	return ok && fsync(fd) == 0;
}

enum status snapshot_save(const struct snapshot *s, const char *path, const struct snapshot_origin *origin, struct err *err)
{
	struct stat st;
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return err_set(err, ST_IO, "%s: cannot save a snapshot here: not a regular file", path);
	char part[4096];
	if ((size_t)snprintf(part, sizeof part, "%s.part", path) >= sizeof part)
		return err_set(err, ST_IO, "%.200s...: cannot save a snapshot here: the name is too long", path);
	int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0)
		return err_set(err, ST_IO, "%s: cannot save the snapshot: %s", path, strerror(errno));
	struct file_head h;
	head_fill(&h, s, origin);
	h.checksum = checksum(&h, s);
	bool ok = write_snapshot(fd, &h, s);
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
static enum status head_check(const char *path, const struct file_head *h, uint64_t file_bytes, const struct snapshot_origin *want,
                              const uint64_t layout[2], struct err *err)
{
	if (memcmp(h->magic, FILE_MAGIC, sizeof h->magic) != 0)
		return err_set(err, ST_BAD_INPUT, "%s: not a snapshot of wedge", path);
	if (h->version != FILE_VERSION || h->head_bytes != sizeof *h)
		return err_set(err, ST_BAD_INPUT, "%s: snapshot of format %u, this wedge reads format %u", path, h->version, FILE_VERSION);
	uint64_t left = file_bytes - sizeof *h;
	for (unsigned i = 0; i < SETS; i++) {
		if (h->count[i] > left / (MEM_PAGE + sizeof(uint64_t)))
			return err_set(err, ST_BAD_INPUT, "%s: damaged snapshot: shorter than its head says", path);
		left -= h->count[i] * (MEM_PAGE + sizeof(uint64_t));
	}
	if (left)
		return err_set(err, ST_BAD_INPUT, "%s: damaged snapshot: %llu bytes too long", path, (unsigned long long)left);
	if (memcmp(h->layout, layout, sizeof h->layout) != 0)
		return err_set(err, ST_BAD_INPUT, "%s: snapshot of another version of wedge (its tables are laid out differently)", path);
	if (want && h->origin.title != want->title)
		return err_set(err, ST_BAD_INPUT, "%s: snapshot of another title", path);
	if (want && h->origin.options != want->options)
		return err_set(err, ST_BAD_INPUT, "%s: snapshot of a run with other options", path);
	return ST_OK;
}

static bool set_is_sane(const struct page_set *set, uint64_t pages, bool guest)
{
	for (uint64_t i = 0; i < set->count; i++) {
		uint64_t n = set->number[i];
		if (n >= pages || (i && n <= set->number[i - 1]))
			return false;
		uint32_t ga = (uint32_t)(n << MEM_PAGE_SHIFT);
		if (guest && (mem_canonical(ga) != ga || !mem_heap_page_size(ga)))
			return false;
	}
	return true;
}

static enum status read_body(int fd, const char *path, const struct file_head *h, struct snapshot *s, const struct arena *world,
                             const struct arena *history, struct err *err)
{
	for (unsigned i = 0; i < SETS; i++) {
		struct page_set *set = &s->set[i];
		if (!h->count[i])
			continue;
		set_alloc(set, h->count[i]);
		set->count = h->count[i];
		if (!read_all(fd, set->number, set->count * sizeof(uint64_t)) || !read_all(fd, set->bytes, set->count * MEM_PAGE))
			return err_set(err, ST_IO, "%s: cannot read the snapshot: %s", path, errno ? strerror(errno) : "it became shorter");
	}
	if (checksum(h, s) != h->checksum)
		return err_set(err, ST_BAD_INPUT, "%s: damaged snapshot: the checksum differs", path);
	if (!set_is_sane(&s->set[SET_WORLD], world->size >> ARENA_PAGE_SHIFT, false) ||
	    !set_is_sane(&s->set[SET_HISTORY], history->size >> ARENA_PAGE_SHIFT, false) ||
	    !set_is_sane(&s->set[SET_GUEST], MEM_PAGES, true))
		return err_set(err, ST_BAD_INPUT, "%s: damaged snapshot: a page that does not exist", path);
	return ST_OK;
}

enum status snapshot_open(const char *path, const struct arena *world, const struct arena *history,
                          const struct snapshot_origin *want, struct snapshot **out, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	if (fd < 0 || fstat(fd, &st) != 0) {
		enum status failed = err_set(err, ST_IO, "%s: cannot open the snapshot: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return failed;
	}
	struct snapshot *s = xcalloc(1, sizeof *s);
	s->layout[0] = arena_layout_digest(world);
	s->layout[1] = arena_layout_digest(history);
	struct file_head h;
	enum status result;
	errno = 0;
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size < sizeof h || !read_all(fd, &h, sizeof h))
		result = err_set(err, ST_BAD_INPUT, "%s: not a snapshot of wedge", path);
	else
		result = head_check(path, &h, (uint64_t)st.st_size, want, s->layout, err);
	if (result == ST_OK)
		result = read_body(fd, path, &h, s, world, history, err);
	close(fd);
	if (result == ST_OK)
		*out = s;
	else
		snapshot_free(s);
	return result;
}
