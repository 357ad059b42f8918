/* ui/reference.c - see reference.h */
#include "config.h"

#include "ui/reference.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The kinds that the log has; 0 with an error's line if it has none. */
static uint64_t kinds_of(const char *path, enum status *st, struct err *err)
{
	struct log_reader *r;
	struct log_event ev;
	uint64_t kinds = 0, number;
	*st = log_reader_open(path, &r, err);
	if (*st != ST_OK)
		return 0;
	for (enum log_line line; (line = log_reader_next(r, &ev, &number)) != LOG_LINES_OVER;)
		if (line == LOG_LINE_EVENT && !(ev.kind & LOG_KIND_UNKNOWN))
			kinds |= EV_BIT(ev.kind);
	/* A log of all kinds: what it lacks has not happened. So it is, too, with kinds that another emulator's log can tell of. */
	uint64_t all = log_reader_kinds(r);
	if (!kinds)
		*st = err_set(err, ST_BAD_INPUT, "%s: there is no event in it", path);
	else if (kinds & EV_BIT(EV_KERNEL_CALL))
		kinds = all;
	log_reader_close(r);
	return kinds;
}

enum status reference_check(const char *path, struct err *err)
{
	enum status st = ST_OK;
	if (!strcmp(path, "-"))
		return err_set(err, ST_BAD_VALUE, "a reference is read more than once: it must be a file");
	if (*path)
		kinds_of(path, &st, err);
	return st;
}

static enum status temporary(char *path, size_t size, struct err *err)
{
	const char *dir = getenv("TMPDIR");
	snprintf(path, size, "%s/wedge-log-XXXXXX", dir && *dir ? dir : "/tmp");
	int fd = mkstemp(path);
	if (fd < 0)
		return err_set(err, ST_IO, "%s: %s", path, strerror(errno));
	close(fd);
	return ST_OK;
}

enum status reference_diff(struct session *s, const char *path, struct diff **out, struct err *err)
{
	char own[400];
	enum status st;
	struct diff_options o = { .kinds = kinds_of(path, &st, err) };
	if (st == ST_OK)
		st = temporary(own, sizeof own, err);
	if (st != ST_OK)
		return st;
	st = session_log_again(s, own, err);
	if (st == ST_OK)
		st = diff_logs((const char *const[]){ path, own }, &o, out, err);
	unlink(own);
	return st;
}

static size_t event_text(const struct diff_thread *t, unsigned side, const char *whose, char *buf, size_t size)
{
	const struct diff_event *e = t->around[side] ? &t->around[side][t->first] : NULL;
	if (!t->line[side])
		return (size_t)snprintf(buf, size, "%s has no more", whose);
	if (!e)
		return (size_t)snprintf(buf, size, "%s: line %u", whose, t->line[side]);
	return (size_t)snprintf(
		buf, size, "%s: %s%s%s%s%s", whose, e->kind, *e->name ? " " : "", e->name, *e->handle ? " " : "", e->handle);
}

/* The first thread that differs other than by having events still to come; the threads that are like it. */
static const struct diff_thread *first_different(const struct diff *d, bool goes_on, unsigned *count)
{
	const struct diff_thread *first = NULL;
	*count = 0;
	for (unsigned i = 0; i < d->threads; i++) {
		const struct diff_thread *t = &d->thread[i];
		bool to_come = goes_on && (t->result == DIFF_ONLY_A || (t->result == DIFF_DIFFERENT && !t->line[1]));
		if (t->result == DIFF_EQUAL || to_come)
			continue;
		if (!first)
			first = t;
		++*count;
	}
	return first;
}

const char *reference_line(const struct diff *d, bool goes_on, char *buf, size_t size)
{
	unsigned different;
	const struct diff_thread *t = first_different(d, goes_on, &different);
	if (diff_is_equal(d)) {
		snprintf(buf, size, "equal: %u threads, %" PRIu64 " events", d->threads, d->events[0]);
		return buf;
	}
	if (!t) {
		snprintf(buf, size, "equal so far: %" PRIu64 " events; the reference has %" PRIu64, d->events[1], d->events[0]);
		return buf;
	}
	size_t n = (size_t)snprintf(buf, size, "%u of %u threads differ", different, d->threads);
	if (t->result == DIFF_DIFFERENT) {
		n += (size_t)snprintf(
			buf + n, size - n, "; tid %u after %" PRIu64 " equal events (%s): ", t->tid[1], t->at, t->what);
		n += event_text(t, 0, "reference", buf + n, size - n);
		n += (size_t)snprintf(buf + n, size - n, "; ");
		event_text(t, 1, "here", buf + n, size - n);
	} else {
		snprintf(buf + n, size - n, ": %u only in the reference, %u only here", d->of_result[DIFF_ONLY_A],
			d->of_result[DIFF_ONLY_B]);
	}
	return buf;
}
