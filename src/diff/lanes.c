/* src/diff/lanes.c - see lanes.h */
#include "config.h"

#include "src/diff/lanes.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

void lanes_init(struct lanes *s)
{
	*s = (struct lanes){ 0 };
}

void lanes_fini(struct lanes *s)
{
	for (unsigned i = 0; i < s->count; i++) {
		free(s->lane[i].chunk);
		free(s->lane[i].tail);
	}
	free(s->lane);
	free(s->bucket);
	if (s->file)
		fclose(s->file);
	*s = (struct lanes){ 0 };
}

/* ---- threads --------------------------------------------------------------------------------------------------------- */

static unsigned *bucket_of(const struct lanes *s, uint64_t key, uint32_t tid)
{
	uint64_t h = (key ^ (uint64_t)tid * UINT64_C(0x9E3779B97F4A7C15)) * UINT64_C(0xD6E8FEB86659FD93);
	unsigned mask = 2 * s->room - 1, i = (unsigned)(h >> 32) & mask;
	while (s->bucket[i] && (s->lane[s->bucket[i] - 1].key != key || s->lane[s->bucket[i] - 1].tid != tid))
		i = (i + 1) & mask;
	return &s->bucket[i];
}

static void grow(struct lanes *s)
{
	s->room = s->room ? 2 * s->room : 16;
	s->lane = xrealloc(s->lane, s->room * sizeof *s->lane);
	free(s->bucket);
	s->bucket = xcalloc(2 * (size_t)s->room, sizeof *s->bucket);
	for (unsigned i = 0; i < s->count; i++)
		*bucket_of(s, s->lane[i].key, s->lane[i].tid) = i + 1;
}

struct lane *lanes_find(struct lanes *s, uint64_t key, uint32_t tid, unsigned most)
{
	if (s->last < s->count && s->lane[s->last].key == key && s->lane[s->last].tid == tid)
		return &s->lane[s->last];
	if (!s->room)
		grow(s);
	unsigned *b = bucket_of(s, key, tid);
	if (!*b) {
		if (s->count == most)
			return NULL;
		if (s->count == s->room) {
			grow(s);
			b = bucket_of(s, key, tid);
		}
		s->lane[s->count] = (struct lane){ .key = key, .tid = tid, .partner = -1 };
		*b = ++s->count;
	}
	s->last = *b - 1;
	return &s->lane[s->last];
}

/* ---- events ---------------------------------------------------------------------------------------------------------- */

static void fail(struct lanes *s)
{
	s->why = errno;
	s->failed = true;
}

static void spill(struct lanes *s, struct lane *l)
{
	const char *bytes = (const char *)l->tail;
	size_t size = LANE_CHUNK * sizeof *l->tail, done = 0;
	if (!s->file && !(s->file = tmpfile()))
		fail(s);
	while (done < size && !s->failed) {
		ssize_t n = pwrite(fileno(s->file), bytes + done, size - done, (off_t)(s->end + done));
		if (n > 0)
			done += (size_t)n;
		else if (errno != EINTR)
			fail(s);
	}
	if (l->chunks == l->chunk_room) {
		l->chunk_room = l->chunk_room ? 2 * l->chunk_room : 16;
		l->chunk = xrealloc(l->chunk, l->chunk_room * sizeof *l->chunk);
	}
	l->chunk[l->chunks++] = s->end;
	s->end += size;
	l->tail_used = 0;
}

static void load(struct lanes *s, const struct lane *l, unsigned chunk, struct mark *to)
{
	size_t size = LANE_CHUNK * sizeof *to, done = 0;
	while (done < size && !s->failed) {
		ssize_t n = pread(fileno(s->file), (char *)to + done, size - done, (off_t)(l->chunk[chunk] + done));
		if (n > 0) {
			done += (size_t)n;
		} else if (n == 0 || errno != EINTR) {
			errno = n ? errno : EIO;
			fail(s);
		}
	}
	memset((char *)to + done, 0, size - done);
}

void lane_add(struct lanes *s, struct lane *l, const struct mark *m)
{
	if (l->tail_used == l->tail_room) {
		l->tail_room = l->tail_room ? 2 * l->tail_room : 16;
		l->tail = xrealloc(l->tail, l->tail_room * sizeof *l->tail);
	}
	l->tail[l->tail_used++] = *m;
	l->count++;
	if (l->tail_used == LANE_CHUNK)
		spill(s, l);
}

void lane_cut(struct lanes *s, struct lane *l, uint64_t ordinal)
{
	while (l->count && !s->failed) {
		if (!l->tail_used) {
			load(s, l, --l->chunks, l->tail); /* a lane that has a chunk has room for one */
			l->tail_used = LANE_CHUNK;
		}
		if (l->tail[l->tail_used - 1].ordinal < ordinal)
			break;
		l->tail_used--;
		l->count--;
	}
	if (l->tail_used == LANE_CHUNK)
		spill(s, l);
}

void lane_cursor_init(struct lane_cursor *c, struct lanes *s, const struct lane *l)
{
	c->lanes = s;
	c->lane = l;
	c->loaded = 0;
}

const struct mark *lane_at(struct lane_cursor *c, uint64_t i)
{
	if (i >= c->lane->count)
		return NULL;
	unsigned chunk = (unsigned)(i / LANE_CHUNK);
	if (chunk == c->lane->chunks)
		return &c->lane->tail[i % LANE_CHUNK];
	if (c->loaded != chunk + 1) {
		load(c->lanes, c->lane, chunk, c->mark);
		c->loaded = chunk + 1;
	}
	return &c->mark[i % LANE_CHUNK];
}
