/* src/diff/logread.c - see logread.h: the bytes and lines of a log; what a line says is logform.c's. */
#include "config.h"

#include "src/diff/logread.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "src/diff/logform.h"

#define RAW_BYTES (64u << 10)
#define TEXT_BYTES (256u << 10) /* and the longest line that is understood */
#define SHOWN 80u             /* bytes of a line kept for messages */

struct log_reader {
	int fd;
	char *path;
	const struct log_form *form;
	ZSTD_DCtx *zstd;      /* NULL: not compressed */
	ZSTD_inBuffer in;     /* raw bytes not yet unpacked */
	bool over;            /* nothing more to read */
	bool in_frame;        /* compressed: the last frame has not ended */
	uint32_t line;
	size_t begin, end;    /* text not yet handed out */
	char shown[SHOWN + 1];
	char trouble[200];
	char raw[RAW_BYTES];
	char text[TEXT_BYTES + 1];
};

/* ---- bytes ----------------------------------------------------------------------------------------------------------- */

static ssize_t read_some(int fd, char *to, size_t room)
{
	ssize_t n;
	do
		n = read(fd, to, room);
	while (n < 0 && errno == EINTR);
	return n;
}

static void give_up(struct log_reader *r, const char *why)
{
	snprintf(r->trouble, sizeof r->trouble, "%s", why);
	r->over = true;
}

static size_t raw_fill(struct log_reader *r, char *to, size_t room)
{
	ssize_t n = read_some(r->fd, to, room);
	if (n < 0)
		give_up(r, strerror(errno));
	return n > 0 ? (size_t)n : 0;
}

static void unpack(struct log_reader *r)
{
	ZSTD_outBuffer out = { r->text, TEXT_BYTES, r->end };
	if (r->in.pos == r->in.size) {
		r->in = (ZSTD_inBuffer){ r->raw, raw_fill(r, r->raw, sizeof r->raw), 0 };
		if (!r->in.size) {
			if (r->in_frame && !r->over)
				give_up(r, "the compressed file was cut off");
			r->over = true;
			return;
		}
	}
	size_t rc = ZSTD_decompressStream(r->zstd, &out, &r->in);
	if (ZSTD_isError(rc))
		give_up(r, "the compressed file is damaged");
	else
		r->in_frame = rc != 0;
	r->end = out.pos;
}

static void more_text(struct log_reader *r)
{
	memmove(r->text, r->text + r->begin, r->end - r->begin);
	r->end -= r->begin;
	r->begin = 0;
	if (r->zstd) {
		unpack(r);
		return;
	}
	size_t n = raw_fill(r, r->text + r->end, TEXT_BYTES - r->end);
	r->end += n;
	r->over |= !n;
}

/* ---- lines ----------------------------------------------------------------------------------------------------------- */

/* The next line, NUL-ended in place, or NULL at the end. *@whole is false if it was too long: the rest is left out. */
static char *next_line(struct log_reader *r, bool *whole)
{
	size_t looked = 0;
	*whole = true;
	for (;;) {
		char *from = r->text + r->begin, *nl = memchr(from + looked, '\n', r->end - r->begin - looked);
		if (nl) {
			*nl = 0;
			*whole &= strlen(from) == (size_t)(nl - from); /* no NUL in it */
			r->begin = (size_t)(nl + 1 - r->text);
			return from;
		}
		looked = r->end - r->begin;
		if (looked == TEXT_BYTES) {
			*whole = false;
			r->begin = r->end - SHOWN; /* what stands there is shown instead of it */
			looked = SHOWN;
		}
		if (!r->over)
			more_text(r);
		if (r->over && r->begin == r->end)
			return NULL;
		if (r->over && !memchr(r->text + r->begin, '\n', r->end - r->begin)) {
			r->text[r->end] = 0; /* the last line has no newline */
			from = r->text + r->begin;
			*whole &= strlen(from) == r->end - r->begin;
			r->begin = r->end;
			return from;
		}
	}
}

enum log_line log_reader_next(struct log_reader *r, struct log_event *ev, uint64_t *number)
{
	bool whole;
	char *line = next_line(r, &whole);
	*ev = (struct log_event){ .kind_name = "", .name = "", .handle = "" };
	if (!line)
		return LOG_LINES_OVER;
	if (r->line == UINT32_MAX) {
		give_up(r, "more than 4,294,967,295 lines");
		return LOG_LINES_OVER;
	}
	ev->line = ++r->line;
	size_t n = strnlen(line, SHOWN);
	memcpy(r->shown, line, n);
	r->shown[n] = 0;
	return whole ? log_form_read(&r->form, line, ev, number) : LOG_LINE_BAD;
}

/* ---- opening --------------------------------------------------------------------------------------------------------- */

/* A pipe's bytes go to a file of their own, which has no name. */
static int copy_pipe(int fd, struct log_reader *r)
{
	FILE *f = tmpfile();
	int copy = f ? fcntl(fileno(f), F_DUPFD_CLOEXEC, 0) : -1;
	ssize_t n = 0;
	while (copy >= 0 && (n = read_some(fd, r->raw, sizeof r->raw)) > 0)
		if (write(copy, r->raw, (size_t)n) != n) {
			n = -1;
			break;
		}
	int why = errno;
	if (f)
		fclose(f);
	if (copy >= 0 && n == 0)
		return copy;
	if (copy >= 0)
		close(copy);
	errno = why;
	return -1;
}

enum status log_reader_again(struct log_reader *r, struct err *err)
{
	uint8_t magic[4] = { 0 };
	if (lseek(r->fd, 0, SEEK_SET) < 0 || pread(r->fd, magic, sizeof magic, 0) < 0)
		return err_set(err, ST_IO, "%.300s: %s", r->path, strerror(errno));
	ZSTD_freeDCtx(r->zstd);
	r->zstd = NULL;
	if (!memcmp(magic, "\x28\xB5\x2F\xFD", sizeof magic)) { /* RFC 8878 */
		r->zstd = ZSTD_createDCtx();
		INVARIANT(r->zstd);
	}
	r->in = (ZSTD_inBuffer){ 0 };
	r->over = r->in_frame = false;
	r->line = 0;
	r->begin = r->end = 0;
	r->trouble[0] = 0;
	return ST_OK;
}

enum status log_reader_open(const char *path, struct log_reader **out, struct err *err)
{
	struct stat st = { 0 };
	struct log_reader *r = xmalloc(sizeof *r);
	memset(r, 0, offsetof(struct log_reader, raw));
	r->fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
	int why = r->fd < 0 || fstat(r->fd, &st) ? errno : S_ISDIR(st.st_mode) ? EISDIR : 0;
	if (!why && !S_ISREG(st.st_mode)) {
		int copy = copy_pipe(r->fd, r);
		why = copy < 0 ? errno : 0;
		close(r->fd);
		r->fd = copy;
	}
	r->path = xstrdup(path);
	enum status status = why ? err_set(err, ST_IO, "%.300s: %s", path, strerror(why)) : log_reader_again(r, err);
	if (status != ST_OK) {
		log_reader_close(r);
		return status;
	}
	*out = r;
	return ST_OK;
}

void log_reader_close(struct log_reader *r)
{
	if (!r)
		return;
	if (r->fd >= 0)
		close(r->fd);
	ZSTD_freeDCtx(r->zstd);
	free(r->path);
	free(r);
}

const char *log_reader_line(const struct log_reader *r) { return r->shown; }
const char *log_reader_trouble(const struct log_reader *r) { return r->trouble; }
const char *log_reader_form(const struct log_reader *r) { return log_form_name(r->form); }
uint64_t log_reader_kinds(const struct log_reader *r) { return log_form_kinds(r->form); }
