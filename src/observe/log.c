/* src/observe/log.c - the log's file: buffer, position, errors. See log.h; the lines are made in log_format.c.
 * DEBT(log-cost): at a million events per second of run it costs a little more than it may.
 */
#include "config.h"

#include "src/observe/log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "src/observe/log_priv.h"

#define BUFFER_BYTES (256u << 10)
#define END_ROOM 128u         /* bytes that the last line may need, compressed too */
#define ZSTD_LEVEL 1          /* the run waits for it */

/* Where the log stood at a moment of guest time; the one row of history's "log". */
struct log_position {
	uint64_t id;          /* of the log that wrote this */
	uint64_t lines, bytes;
};
ARENA_ROW_SIZE(log_position, 24);

struct log {
	struct log_options options;
	struct event_stream *events;
	struct arena *history;
	unsigned t_log, slot;
	int fd;
	bool regular;         /* a file, not a pipe or a device */
	bool seekable;        /* regular and not compressed: can be cut at any line */
	bool failed;          /* a write failed: nothing is written any more */
	bool incomplete;
	bool paused;
	char *path;
	uint64_t id;
	uint64_t first;       /* sequence number: what came before it was opened is not written when it comes again */
	uint64_t lines;       /* event lines, buffered ones included */
	uint64_t bytes;       /* of the file, buffered ones included */
	uint64_t last_seq;
	size_t used;          /* bytes in the buffer */
	ZSTD_CCtx *zstd;      /* NULL: not compressed. Each flush is a frame of its own, so that what was flushed can be read whatever comes */
	char *packed;         /* ZSTD_compressBound(BUFFER_BYTES) bytes */
	struct whole {
		uint64_t bytes, lines;
	} whole[2];           /* the file at the end of the last whole frame, and of the one before */
	struct log_words words[EV_KINDS];
	char buffer[BUFFER_BYTES];
};

unsigned log_layout(struct arena *history)
{
	return arena_table_add(history, "log", sizeof(struct log_position), 2);
}

/* ---- writing --------------------------------------------------------------------------------------------------------- */

static void fail(struct log *l, int why)
{
	char line[480];
	l->failed = l->incomplete = true;
	l->bytes -= l->used;
	l->used = 0;
	snprintf(line, sizeof line, "%.300s: cannot write the event log any further: %s; the run goes on, the log is incomplete", l->path,
	         strerror(why));
	if (l->options.tell)
		l->options.tell(l->options.tell_ctx, line);
}

/* Writes all of @data; returns how much of it was written, and *@why if that is not all. */
static size_t write_all(int fd, const char *data, size_t size, int *why)
{
	size_t done = 0;
	while (done < size) {
		ssize_t n = write(fd, data + done, size - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			*why = n ? errno : EIO;
			break;
		}
		done += (size_t)n;
	}
	return done;
}

static void flush_frame(struct log *l)
{
	int why = 0;
	size_t n = ZSTD_compressCCtx(l->zstd, l->packed, ZSTD_compressBound(BUFFER_BYTES), l->buffer, l->used, ZSTD_LEVEL);
	INVARIANT(!ZSTD_isError(n));
	if (write_all(l->fd, l->packed, n, &why) < n) {
		fail(l, why);
		return;
	}
	l->whole[1] = l->whole[0];
	l->whole[0] = (struct whole){ l->whole[0].bytes + n, l->lines };
}

void log_flush(struct log *l)
{
	int why = 0;
	if (l->failed || !l->used)
		return;
	if (l->zstd) {
		flush_frame(l);
	} else {
		size_t done = write_all(l->fd, l->buffer, l->used, &why);
		if (done < l->used) {
			l->used -= done;
			fail(l, why);
		}
	}
	l->used = 0;
}

static void put_line(struct log *l, const char *kind, const char *more)
{
	if (l->used + END_ROOM > sizeof l->buffer)
		log_flush(l);
	int n = snprintf(l->buffer + l->used, END_ROOM, "{\"kind\":\"%s\",\"events\":%" PRIu64 "%s}\n", kind, l->lines, more);
	l->used += (size_t)n;
	l->bytes += (uint64_t)n;
}

/* The machine went back in time: the file does too. */
static void cut(struct log *l, uint64_t lines, uint64_t bytes)
{
	l->lines = lines;
	if (!l->seekable) {
		put_line(l, "log.cut", "");
		return;
	}
	log_flush(l);
	if (l->failed)
		return;
	if (ftruncate(l->fd, (off_t)bytes) != 0 || lseek(l->fd, (off_t)bytes, SEEK_SET) < 0) {
		fail(l, errno);
		return;
	}
	l->bytes = bytes;
}

/* Brings the file to where the history says that it was before this event. */
static void follow(struct log *l, const struct log_position *at, const struct event *ev)
{
	bool ours = at->id == l->id;
	if (ours && at->lines <= l->lines) {
		cut(l, at->lines, at->bytes);
	} else if (!ours && ev->seq <= l->last_seq) {
		cut(l, 0, 0); /* to before it was opened */
	} else {
		l->incomplete = true;
		put_line(l, "log.gap", "");
	}
}

static bool tid_wanted(const struct log_options *o, uint32_t tid)
{
	bool wanted = !o->tids || o->without[0];
	for (unsigned i = 0; i < o->tids; i++)
		if (o->tid[i] == tid)
			wanted = !o->without[i];
	return wanted;
}

enum status log_threads_parse(const char *list, struct log_options *o, struct err *err)
{
	unsigned n = 0;
	for (const char *p = list;; p++) {
		char *end;
		bool without = *p == '!';
		p += without;
		unsigned long tid = strtoul(p, &end, 10);
		if (*p < '0' || *p > '9' || (*end && *end != ',') || tid >= EVENT_TIDS_MAX)
			return err_set(err, ST_BAD_USAGE, "'%.*s' is no thread id (in '%.200s')", (int)strcspn(p, ",") % 60, p, list);
		if (n == LOG_TIDS_MAX)
			return err_set(err, ST_BAD_USAGE, "more than %u threads", LOG_TIDS_MAX);
		o->without[n] = without;
		o->tid[n++] = (uint32_t)tid;
		p = end;
		if (!*p)
			break;
	}
	o->tids = n;
	return ST_OK;
}

static void see(void *ctx, const struct event *ev)
{
	struct log *l = ctx;
	if (l->failed || l->paused || ev->seq < l->first || !tid_wanted(&l->options, ev->tid))
		return;
	struct log_position *at = arena_row(l->history, l->t_log, 1);
	if (UNLIKELY(at->id != l->id || at->lines != l->lines))
		follow(l, at, ev);
	if (l->used + LOG_LINE_MAX > sizeof l->buffer)
		log_flush(l);
	size_t n = log_line(&l->words[ev->kind], ev, l->buffer + l->used);
	if (l->failed)
		return;
	l->used += n;
	l->bytes += n;
	l->lines++;
	l->last_seq = ev->seq;
	*at = (struct log_position){ l->id, l->lines, l->bytes };
}

/* ---- opening and closing ---------------------------------------------------------------------------------------------- */

enum status log_open(const char *path, const struct log_options *o, struct event_stream *events, struct arena *history,
                     unsigned t_log, struct log **out, struct err *err)
{
	size_t len = strlen(path);
	bool packed = len > 4 && !strcmp(path + len - 4, ".zst");
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0 && (errno == EACCES || errno == ENXIO))
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666); /* write-only: a pipe, a drop box */
	if (fd < 0)
		return err_set(err, ST_IO, "%s: cannot open the event log: %s", path, strerror(errno));
	struct stat st;
	struct log *l = xmalloc(sizeof *l);
	memset(l, 0, offsetof(struct log, buffer));
	l->options = *o;
	l->events = events;
	l->history = history;
	l->t_log = t_log;
	l->fd = fd;
	l->regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	l->seekable = l->regular && !packed;
	if (packed) {
		l->zstd = ZSTD_createCCtx();
		INVARIANT(l->zstd);
		l->packed = xmalloc(ZSTD_compressBound(BUFFER_BYTES));
	}
	l->path = xstrdup(path);
	l->first = o->from_here ? event_seq(events) : 0;
	l->id = fnv_u64(fnv_str(FNV_BASIS, path), event_seq(events));
	l->last_seq = event_seq(events); /* a machine that goes back to before it lets the log begin anew */
	for (unsigned k = 0; k < EV_KINDS; k++)
		log_words_fill(&l->words[k], k);
	*(struct log_position *)arena_row(history, t_log, 1) = (struct log_position){ .id = l->id };
	l->slot = event_subscribe(events, &(struct event_observer){ .kinds = o->kinds ? o->kinds : EV_ALL & ~EV_BIT(EV_GPU_PACKET), .see = see, .ctx = l });
	*out = l;
	return ST_OK;
}

/*
 * After a failed write to a file: gives up as many of the last lines as the end line needs, so that even a full disk's log ends with
 * one, and counts what is left: a part of the buffer may have been written.
 */
static void salvage(struct log *l)
{
	char chunk[LOG_LINE_MAX];
	off_t size = lseek(l->fd, 0, SEEK_END), at = 0, keep = 0;
	uint64_t lines = 0, kept = 0;
	unsigned column = 0;
	ssize_t n;
	for (; (n = pread(l->fd, chunk, sizeof chunk, at)) > 0; at += n) {
		for (ssize_t i = 0; i < n; i++, column++) {
			lines += column == 2 && chunk[i] == 's'; /* {"seq": an event's line */
			if (chunk[i] != '\n')
				continue;
			column = UINT_MAX;
			if (at + i + 1 + (off_t)END_ROOM <= size) {
				keep = at + i + 1;
				kept = lines;
			}
		}
	}
	if (size >= 0 && n == 0 && ftruncate(l->fd, keep) == 0 && lseek(l->fd, keep, SEEK_SET) >= 0) {
		l->lines = kept;
		l->failed = false;
	}
}

/* The same for a compressed file: it keeps its whole frames, without the last one if there is no room for the end line else. */
static void salvage_frames(struct log *l)
{
	off_t size = lseek(l->fd, 0, SEEK_END);
	const struct whole *w = &l->whole[size >= 0 && (uint64_t)size - l->whole[0].bytes < END_ROOM];
	if (size >= 0 && ftruncate(l->fd, (off_t)w->bytes) == 0 && lseek(l->fd, (off_t)w->bytes, SEEK_SET) >= 0) {
		l->lines = w->lines;
		l->failed = false;
	}
}

enum status log_close(struct log *l, struct err *err)
{
	if (!l)
		return ST_OK;
	event_unsubscribe(l->events, l->slot);
	log_flush(l);
	if (l->failed && l->regular && l->zstd)
		salvage_frames(l);
	else if (l->failed && l->seekable)
		salvage(l);
	if (!l->failed) {
		put_line(l, "log.end", l->incomplete ? ",\"complete\":false" : ",\"complete\":true");
		log_flush(l);
	}
	if (close(l->fd) != 0 && !l->failed)
		fail(l, errno);
	enum status st = ST_OK;
	if (l->incomplete)
		st = err_set(err, ST_IO, "%.300s: the event log is incomplete", l->path);
	ZSTD_freeCCtx(l->zstd);
	free(l->packed);
	free(l->path);
	free(l);
	return st;
}

void log_pause(struct log *l, bool pause)
{
	l->paused = pause;
}

uint64_t log_lines(const struct log *l)
{
	return l->lines;
}
