/* src/snap/snap.c - see snap.h. The file: struct file_head, then the pages of world, history and guest memory, each a struct file_page;
 * little-endian, as the host has it. */
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
#include "src/snap/tree.h"

_Static_assert(ARENA_PAGE == MEM_PAGE && TREE_PAGE == MEM_PAGE, "one page size for all sets");

enum { SET_WORLD, SET_HISTORY, SET_GUEST, SETS };

struct snapshot {
	struct tree set[SETS];
	uint64_t layout[2]; /* arena_layout_digest of world and history */
	uint64_t new_bytes;
};

struct snap_line {
	struct arena *world, *history;
	struct mem *mem;
	struct tree base[SETS]; /* what the pages that are not dirty hold */
};

#define FILE_MAGIC "wedgesnp"
#define FILE_VERSION 2u

struct file_head {
	char magic[8];
	uint32_t version;
	uint32_t head_bytes;
	uint64_t checksum; /* XXH3-64 of the whole file, with this field zero */
	struct snapshot_origin origin;
	uint64_t layout[2];
	uint64_t count[SETS];
};
struct file_page {
	uint64_t number; /* of its set; ascending */
	uint8_t bytes[MEM_PAGE];
};
_Static_assert(sizeof(struct file_head) == 80 && sizeof(struct file_page) == 8 + MEM_PAGE, "no padding in a file");

/* ---- taking and putting back ------------------------------------------------------------------------------------ */

struct snap_line *snap_line_new(struct arena *world, struct arena *history, struct mem *mem)
{
	struct snap_line *line = xcalloc(1, sizeof *line);
	*line = (struct snap_line){ .world = world, .history = history, .mem = mem };
	return line;
}

void snap_line_free(struct snap_line *line)
{
	if (!line)
		return;
	for (unsigned i = 0; i < SETS; i++)
		tree_free(&line->base[i]);
	free(line);
}

static uint64_t take_arena(struct tree *t, const struct arena *a)
{
	uint64_t bytes = 0;
	for (uint32_t i = 0; i < a->dirty_pages; i++)
		bytes += tree_set(t, a->dirty_page[i], a->base + ((uint64_t)a->dirty_page[i] << ARENA_PAGE_SHIFT));
	return bytes;
}

static uint64_t take_guest(struct tree *t, const struct mem *m)
{
	static const uint8_t zeros[MEM_PAGE];
	uint64_t bytes = 0;
	for (uint32_t i = 0; i < m->dirty_pages; i++) {
		uint32_t page = m->dirty_page[i];
		bytes += tree_set(t, page, m->touched[page] ? m->base + ((uint64_t)page << MEM_PAGE_SHIFT) : zeros);
	}
	return bytes;
}

static void all_clean(struct snap_line *line)
{
	arena_clean(line->world);
	arena_clean(line->history);
	mem_clean(line->mem);
}

struct snapshot *snapshot_take(struct snap_line *line)
{
	struct snapshot *s = xcalloc(1, sizeof *s);
	s->layout[0] = arena_layout_digest(line->world);
	s->layout[1] = arena_layout_digest(line->history);
	s->new_bytes = take_arena(&line->base[SET_WORLD], line->world) + take_arena(&line->base[SET_HISTORY], line->history) +
		       take_guest(&line->base[SET_GUEST], line->mem);
	for (unsigned i = 0; i < SETS; i++)
		s->set[i] = tree_share(&line->base[i]);
	all_clean(line);
	return s;
}

static void put_arena_page(void *ctx, uint64_t number, const uint8_t *bytes)
{
	struct arena *a = ctx;
	uint64_t offset = number << ARENA_PAGE_SHIFT;
	arena_touch(a, offset, ARENA_PAGE);
	if (bytes)
		memcpy(a->base + offset, bytes, ARENA_PAGE);
	else
		memset(a->base + offset, 0, ARENA_PAGE);
}

static void put_guest_page(void *ctx, uint64_t number, const uint8_t *bytes)
{
	mem_page_put(ctx, (uint32_t)number, bytes);
}

void snapshot_put(struct snap_line *line, const struct snapshot *s)
{
	INVARIANT(s->layout[0] == arena_layout_digest(line->world) && s->layout[1] == arena_layout_digest(line->history));
	struct arena *arena[] = { [SET_WORLD] = line->world, [SET_HISTORY] = line->history };
	for (unsigned i = 0; i < ARRAY_LEN(arena); i++) {
		for (uint32_t k = 0, n = arena[i]->dirty_pages; k < n; k++)
			put_arena_page(arena[i], arena[i]->dirty_page[k], tree_get(&s->set[i], arena[i]->dirty_page[k]));
		tree_each_difference(&line->base[i], &s->set[i], put_arena_page, arena[i]);
	}
	for (uint32_t k = 0; k < line->mem->dirty_pages; k++)
		mem_page_put(line->mem, line->mem->dirty_page[k], tree_get(&s->set[SET_GUEST], line->mem->dirty_page[k]));
	tree_each_difference(&line->base[SET_GUEST], &s->set[SET_GUEST], put_guest_page, line->mem);
	for (unsigned i = 0; i < SETS; i++) {
		tree_free(&line->base[i]);
		line->base[i] = tree_share(&s->set[i]);
	}
	all_clean(line);
	mem_rebuild_attributes(line->mem);
}

void snapshot_free(struct snapshot *s)
{
	if (!s)
		return;
	for (unsigned i = 0; i < SETS; i++)
		tree_free(&s->set[i]);
	free(s);
}

uint64_t snapshot_bytes(const struct snapshot *s)
{
	uint64_t n = 0;
	for (unsigned i = 0; i < SETS; i++)
		n += s->set[i].count * MEM_PAGE;
	return n;
}

uint64_t snapshot_new_bytes(const struct snapshot *s)
{
	return s->new_bytes;
}

/* ---- saving ------------------------------------------------------------------------------------------------------ */

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

/* Where the bytes of a file go on their way out: into the checksum, and then to the file. */
struct sink {
	XXH3_state_t *sum; /* or */
	int fd;
	bool failed;
};

static void put_bytes(struct sink *k, const void *data, uint64_t size)
{
	if (k->sum)
		XXH3_64bits_update(k->sum, data, size);
	else if (!k->failed && !write_all(k->fd, data, size))
		k->failed = true;
}

static void put_page(void *ctx, uint64_t number, const uint8_t *bytes)
{
	struct file_page p = { .number = number };
	memcpy(p.bytes, bytes, sizeof p.bytes);
	put_bytes(ctx, &p, sizeof p);
}

static void put_snapshot(struct sink *k, const struct file_head *h, const struct snapshot *s)
{
	put_bytes(k, h, sizeof *h);
	for (unsigned i = 0; i < SETS; i++)
		tree_each(&s->set[i], put_page, k);
}

static uint64_t checksum(const struct file_head *head, const struct snapshot *s)
{
	struct file_head h = *head;
	struct sink k = { .sum = XXH3_createState() };
	INVARIANT(k.sum);
	XXH3_64bits_reset(k.sum);
	h.checksum = 0;
	put_snapshot(&k, &h, s);
	uint64_t v = XXH3_64bits_digest(k.sum);
	XXH3_freeState(k.sum);
	return v;
}

static struct file_head head_of(const struct snapshot *s, const struct snapshot_origin *origin)
{
	struct file_head h = { .magic = FILE_MAGIC, .version = FILE_VERSION, .head_bytes = sizeof h, .origin = *origin };
	memcpy(h.layout, s->layout, sizeof h.layout);
	for (unsigned i = 0; i < SETS; i++)
		h.count[i] = s->set[i].count;
	h.checksum = checksum(&h, s);
	return h;
}

static bool write_snapshot(int fd, const struct file_head *h, const struct snapshot *s)
{
	struct sink k = { .fd = fd };
	put_snapshot(&k, h, s);
	return !k.failed && fsync(fd) == 0;
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
	struct file_head h = head_of(s, origin);
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
static enum status head_check(const char *path, const struct file_head *h, uint64_t file_bytes,
	const struct snapshot_origin *want, const uint64_t layout[2], struct err *err)
{
	if (memcmp(h->magic, FILE_MAGIC, sizeof h->magic) != 0)
		return err_set(err, ST_BAD_INPUT, "%s: not a snapshot of wedge", path);
	if (h->version != FILE_VERSION || h->head_bytes != sizeof *h)
		return err_set(err, ST_BAD_INPUT, "%s: snapshot of format %u, this wedge reads format %u", path, h->version,
			FILE_VERSION);
	uint64_t left = file_bytes - sizeof *h;
	for (unsigned i = 0; i < SETS; i++) {
		if (h->count[i] > left / sizeof(struct file_page))
			return err_set(err, ST_BAD_INPUT, "%s: damaged snapshot: shorter than its head says", path);
		left -= h->count[i] * sizeof(struct file_page);
	}
	if (left)
		return err_set(err, ST_BAD_INPUT, "%s: damaged snapshot: %llu bytes too long", path, (unsigned long long)left);
	if (memcmp(h->layout, layout, sizeof h->layout) != 0)
		return err_set(err, ST_BAD_INPUT,
			"%s: snapshot of another version of wedge (its tables are laid out differently)", path);
	if (want && h->origin.title != want->title)
		return err_set(err, ST_BAD_INPUT, "%s: snapshot of another title", path);
	if (want && h->origin.options != want->options)
		return err_set(err, ST_BAD_INPUT, "%s: snapshot of a run with other options", path);
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

static enum status read_body(int fd, const char *path, const struct file_head *h, struct snapshot *s, const struct arena *world,
	const struct arena *history, struct err *err)
{
	const uint64_t room[SETS] = { world->size >> ARENA_PAGE_SHIFT, history->size >> ARENA_PAGE_SHIFT, MEM_PAGES };
	bool sane = true;
	struct file_page p;
	for (unsigned i = 0; i < SETS; i++) {
		for (uint64_t k = 0, last = 0; k < h->count[i]; k++, last = p.number) {
			if (!read_all(fd, &p, sizeof p))
				return err_set(err, ST_IO, "%s: cannot read the snapshot: %s", path,
					errno ? strerror(errno) : "it became shorter");
			if (!page_is_sane(p.number, room[i], last, !k, i == SET_GUEST))
				sane = false;
			else
				tree_set(&s->set[i], p.number, p.bytes);
		}
	}
	/* The sum is over what was kept: a page that was not, or that is all zero, makes it differ. */
	if (sane && checksum(h, s) != h->checksum)
		return err_set(err, ST_BAD_INPUT, "%s: damaged snapshot: the checksum differs", path);
	if (!sane)
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
