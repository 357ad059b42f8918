/* src/diff/logdiff.c - see logdiff.h */
#include "config.h"

#include "src/diff/logdiff.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/diff/lanes.h"

#define BAD_SHOWN 5u          /* lines that are no events, shown of each log */

/* One of the two logs. */
struct side {
	const char *path;
	struct log_reader *reader;
	struct lanes lanes;
	uint64_t events;      /* event lines that stand, filtered ones included: the next event's ordinal */
	uint64_t bad;
	uint64_t kinds_seen;
	bool has_keys, has_ids;
	bool ended, complete; /* our own logs: the last line was there, and said so */
	bool gaps;
	uint64_t of_kind[EV_KINDS];
};

struct work {
	const struct diff_options *o;
	struct side side[2];
	struct diff *d;
	struct lane_cursor cursor[2];
};

/* ---- notes ----------------------------------------------------------------------------------------------------------- */

static void note(struct diff *d, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void note(struct diff *d, const char *fmt, ...)
{
	va_list ap;
	if (d->notes == DIFF_NOTES_MAX)
		return;
	va_start(ap, fmt);
	vsnprintf(d->note[d->notes++], sizeof d->note[0], fmt, ap);
	va_end(ap);
}

static void tell(const struct diff_options *o, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void tell(const struct diff_options *o, const char *fmt, ...)
{
	char line[480];
	va_list ap;
	if (!o->tell)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	o->tell(o->tell_ctx, line);
}

static const char letter[2] = { 'A', 'B' };

/* Kinds that only one of the logs has: most likely it was written with a filter, or by another program. */
static void note_kinds(struct work *w)
{
	for (unsigned i = 0; i < 2; i++) {
		char words[100] = "";
		size_t n = 0;
		for (unsigned k = 0; k < EV_KINDS; k++)
			if (w->side[i].of_kind[k] && !w->side[!i].of_kind[k] && n < sizeof words - 34)
				n += (size_t)snprintf(words + n, sizeof words - n, "%s%s", n ? "," : "", event_kind_name(k));
		if (n)
			note(w->d, "only %c has events of kind %s", letter[i], words);
	}
}

static void note_logs(struct work *w)
{
	for (unsigned i = 0; i < 2; i++) {
		const struct side *s = &w->side[i];
		bool ours = !strcmp(log_reader_form(s->reader), "wedge");
		if (!ours)
			note(w->d, "%c is read as a log of the form '%s'", letter[i], log_reader_form(s->reader));
		if (ours && !s->ended)
			note(w->d, "%c has no last line: it was cut off", letter[i]);
		else if (ours && !s->complete)
			note(w->d, "%c says that it is incomplete", letter[i]);
		if (s->gaps)
			note(w->d, "%c says that events are missing in it", letter[i]);
	}
	if (!w->side[0].has_ids || !w->side[1].has_ids)
		note(w->d, "sid and osid are not compared: %s has none",
		     w->side[0].has_ids ? "B" : w->side[1].has_ids ? "A" : "neither log");
	note_kinds(w);
}

/* ---- reading --------------------------------------------------------------------------------------------------------- */

static bool is_compared(const struct diff_options *o, uint32_t kind)
{
	return !o->kinds || (kind < EV_KINDS && (o->kinds & EV_BIT(kind)));
}

static enum status take_event(struct work *w, struct side *s, const struct log_event *ev, struct err *err)
{
	uint64_t ordinal = s->events++;
	s->has_keys |= ev->thread_key != 0;
	s->has_ids |= ev->sid || ev->osid;
	if (!is_compared(w->o, ev->kind))
		return ST_OK;
	if (ev->kind < EV_KINDS)
		s->of_kind[ev->kind]++;
	struct lane *l = lanes_find(&s->lanes, ev->thread_key, ev->tid, DIFF_THREADS_MAX);
	if (!l)
		return err_set(err, ST_BAD_INPUT, "%.300s:%" PRIu32 ": more than %u threads: this is no event log", s->path, ev->line, DIFF_THREADS_MAX);
	struct mark m = { .name = *ev->name ? fnv_str(FNV_BASIS, ev->name) : 0, .ids = { ev->sid, ev->osid }, .kind = ev->kind, .line = ev->line,
		          .ordinal = (uint32_t)ordinal };
	lane_add(&s->lanes, l, &m);
	return ST_OK;
}

static void take_cut(struct side *s, uint64_t ordinal)
{
	if (ordinal >= s->events)
		return;
	for (unsigned i = 0; i < s->lanes.count; i++)
		lane_cut(&s->lanes, &s->lanes.lane[i], ordinal);
	s->events = ordinal;
}

static void take_bad(struct work *w, struct side *s, const struct log_event *ev)
{
	if (++s->bad <= BAD_SHOWN)
		tell(w->o, "%.300s:%" PRIu32 ": no event: '%s'", s->path, ev->line, log_reader_line(s->reader));
}

static enum status read_side(struct work *w, struct side *s, struct err *err)
{
	struct log_event ev;
	uint64_t number;
	enum status st = ST_OK;
	for (enum log_line what; st == ST_OK && (what = log_reader_next(s->reader, &ev, &number)) != LOG_LINES_OVER;) {
		switch (what) {
		case LOG_LINE_EVENT: st = take_event(w, s, &ev, err); break;
		case LOG_LINE_CUT: take_cut(s, number); break;
		case LOG_LINE_GAP: s->gaps = true; break;
		case LOG_LINE_END: s->ended = true; s->complete = number != 0; break;
		case LOG_LINE_BAD: take_bad(w, s, &ev); break;
		default: break;
		}
		if (s->lanes.failed)
			st = err_set(err, ST_IO, "the temporary file for %.300s: %s", s->path, strerror(s->lanes.why));
	}
	if (st != ST_OK)
		return st;
	if (s->bad > BAD_SHOWN)
		tell(w->o, "%.300s: %" PRIu64 " lines are no events", s->path, s->bad);
	if (*log_reader_trouble(s->reader))
		tell(w->o, "%.300s: %s: what comes before is compared", s->path, log_reader_trouble(s->reader));
	return s->events ? ST_OK : err_set(err, ST_BAD_INPUT, "%.300s: there is no event in it", s->path);
}

/* ---- pairing --------------------------------------------------------------------------------------------------------- */

static int lane_by_tid(const struct lanes *s, uint32_t tid)
{
	for (unsigned i = 0; i < s->count; i++)
		if (s->lane[i].tid == tid && s->lane[i].partner < 0)
			return (int)i;
	return -1;
}

static void marry(struct work *w, unsigned a, int b)
{
	w->side[0].lanes.lane[a].partner = b;
	w->side[1].lanes.lane[b].partner = (int)a;
}

static enum status pair_by_map(struct work *w, struct err *err)
{
	for (unsigned i = 0; i < w->o->maps; i++) {
		int lane[2];
		for (unsigned k = 0; k < 2; k++) {
			lane[k] = lane_by_tid(&w->side[k].lanes, w->o->map[i][k]);
			if (lane[k] < 0)
				return err_set(err, ST_BAD_USAGE, "--map %u=%u: %.300s has no events of a thread %u%s", w->o->map[i][0], w->o->map[i][1],
				               w->side[k].path, w->o->map[i][k], w->o->kinds ? " of these kinds" : "");
		}
		marry(w, (unsigned)lane[0], lane[1]);
	}
	return ST_OK;
}

/* By key, or by tid where a log has no keys. Lanes are found through the table of B: a free partner of that very key and tid first. */
static void pair_rest(struct work *w)
{
	struct lanes *a = &w->side[0].lanes, *b = &w->side[1].lanes;
	bool keys = w->side[0].has_keys && w->side[1].has_keys;
	for (unsigned pass = 0; pass < 2; pass++) {
		for (unsigned i = 0; i < a->count; i++) {
			const struct lane *l = &a->lane[i];
			for (unsigned k = 0; l->partner < 0 && k < b->count; k++) {
				const struct lane *other = &b->lane[(i + k) % b->count]; /* most likely the very same one */
				bool same = keys ? other->key == l->key && (pass || other->tid == l->tid) : other->tid == l->tid;
				if (same && other->partner < 0)
					marry(w, i, (int)((i + k) % b->count));
			}
		}
	}
	if (!keys)
		note(w->d, "threads are paired by tid%s: %s has no stable keys (--map A=B says otherwise)", w->o->maps ? " where --map does not" : "",
		     w->side[0].has_keys ? "B" : w->side[1].has_keys ? "A" : "neither log");
}

/* ---- comparing ------------------------------------------------------------------------------------------------------- */

static const char *difference(const struct work *w, const struct mark *a, const struct mark *b)
{
	bool ids = w->side[0].has_ids && w->side[1].has_ids;
	bool same_form = !strcmp(log_reader_form(w->side[0].reader), log_reader_form(w->side[1].reader));
	if (a->kind != b->kind)
		return "kind";
	if (a->name != b->name && (same_form || (a->name && b->name)))
		return "name";
	if (ids && a->ids[0] != b->ids[0])
		return "sid";
	return ids && a->ids[1] != b->ids[1] ? "osid" : NULL;
}

static void compare(struct work *w, const struct lane *a, const struct lane *b, struct diff_thread *t)
{
	lane_cursor_init(&w->cursor[0], &w->side[0].lanes, a);
	lane_cursor_init(&w->cursor[1], &w->side[1].lanes, b);
	for (uint64_t i = 0;; i++) {
		const struct mark *x = lane_at(&w->cursor[0], i), *y = lane_at(&w->cursor[1], i);
		if (!x && !y)
			return;
		const char *what = !x ? "A ends" : !y ? "B ends" : difference(w, x, y);
		if (!what)
			continue;
		t->result = DIFF_DIFFERENT;
		t->what = what;
		t->at = i;
		t->first = i < DIFF_AROUND ? (unsigned)i : DIFF_AROUND;
		t->line[0] = x ? x->line : 0;
		t->line[1] = y ? y->line : 0;
		return;
	}
}

static struct diff_thread one_side(const struct lane *l, unsigned side)
{
	struct diff_thread t = { .key = l->key, .result = side ? DIFF_ONLY_B : DIFF_ONLY_A };
	t.tid[side] = l->tid;
	t.events[side] = l->count;
	return t;
}

static int by_interest(const void *x, const void *y)
{
	static const uint8_t rank[] = { [DIFF_DIFFERENT] = 0, [DIFF_ONLY_A] = 1, [DIFF_ONLY_B] = 2, [DIFF_EQUAL] = 3 };
	const struct diff_thread *a = x, *b = y;
	if (a->result != b->result)
		return rank[a->result] - rank[b->result];
	if (a->result == DIFF_DIFFERENT && a->line[0] != b->line[0])
		return !a->line[0] ? 1 : !b->line[0] ? -1 : a->line[0] < b->line[0] ? -1 : 1;
	unsigned side = a->result == DIFF_ONLY_B;
	if (a->tid[side] != b->tid[side])
		return a->tid[side] < b->tid[side] ? -1 : 1;
	return (a->key > b->key) - (a->key < b->key);
}

static void compare_all(struct work *w)
{
	const struct lanes *a = &w->side[0].lanes, *b = &w->side[1].lanes;
	struct diff *d = w->d;
	d->thread = xcalloc((size_t)a->count + b->count + 1, sizeof *d->thread);
	for (unsigned i = 0; i < a->count; i++) {
		const struct lane *l = &a->lane[i], *p = l->partner < 0 ? NULL : &b->lane[l->partner];
		struct diff_thread *t = &d->thread[d->threads];
		if (!l->count && (!p || !p->count))
			continue; /* all of it was cut */
		*t = p ? (struct diff_thread){ .key = l->key ? l->key : p->key, .tid = { l->tid, p->tid }, .events = { l->count, p->count },
		                                .lane = { i, (unsigned)l->partner } }
		       : one_side(l, 0);
		if (p)
			compare(w, l, p, t);
		d->threads++;
	}
	for (unsigned i = 0; b->lane && i < b->count; i++)
		if (b->lane[i].partner < 0 && b->lane[i].count)
			d->thread[d->threads++] = one_side(&b->lane[i], 1);
	for (unsigned i = 0; i < d->threads; i++)
		d->of_result[d->thread[i].result]++;
	if (d->threads)
		qsort(d->thread, d->threads, sizeof *d->thread, by_interest);
}

/* ---- neighbours: which lines, then what stands there ----------------------------------------------------------------------- */

static int by_line(const void *x, const void *y)
{
	const struct diff_event *a = *(struct diff_event *const *)x, *b = *(struct diff_event *const *)y;
	return (a->line > b->line) - (a->line < b->line);
}

/* Lists the lines around the differences of one side; returns how many, in the order of the file. */
static unsigned around(struct work *w, unsigned side, struct diff_event **list)
{
	unsigned n = 0;
	for (unsigned i = 0; i < w->d->of_result[DIFF_DIFFERENT] && i < DIFF_SHOWN_MAX; i++) {
		struct diff_thread *t = &w->d->thread[i];
		const struct lane *l = &w->side[side].lanes.lane[t->lane[side]];
		t->around[side] = xcalloc(DIFF_SHOWN, sizeof *t->around[side]);
		lane_cursor_init(&w->cursor[side], &w->side[side].lanes, l);
		const struct mark *m;
		while (t->shown[side] < t->first + 1 + DIFF_AROUND && (m = lane_at(&w->cursor[side], t->at - t->first + t->shown[side]))) {
			struct diff_event *e = &t->around[side][t->shown[side]++];
			e->line = m->line;
			list[n++] = e;
		}
	}
	if (n)
		qsort(list, n, sizeof *list, by_line);
	return n;
}

static enum status read_again(struct side *s, struct diff_event *const *list, unsigned n, struct err *err)
{
	struct log_event ev;
	uint64_t number;
	enum status st = log_reader_again(s->reader, err);
	for (unsigned i = 0; st == ST_OK && i < n;) {
		if (log_reader_next(s->reader, &ev, &number) == LOG_LINES_OVER)
			return err_set(err, ST_IO, "%.300s: it has become shorter while it was read", s->path);
		if (ev.line != list[i]->line)
			continue;
		snprintf(list[i]->kind, sizeof list[i]->kind, "%.31s", ev.kind_name);
		snprintf(list[i]->name, sizeof list[i]->name, "%.47s", ev.name);
		snprintf(list[i]->handle, sizeof list[i]->handle, "%.15s", ev.handle);
		list[i]->sid = ev.sid;
		list[i]->osid = ev.osid;
		i++;
	}
	return st;
}

static enum status show(struct work *w, struct err *err)
{
	unsigned most = w->d->of_result[DIFF_DIFFERENT];
	enum status st = ST_OK;
	if (!most)
		return ST_OK;
	if (most > DIFF_SHOWN_MAX) {
		most = DIFF_SHOWN_MAX;
		note(w->d, "only the first %u of the threads that differ are shown with their neighbours", most);
	}
	struct diff_event **list = xcalloc((size_t)most * DIFF_SHOWN, sizeof(struct diff_event *));
	for (unsigned side = 0; side < 2 && st == ST_OK; side++) {
		unsigned n = around(w, side, list);
		st = read_again(&w->side[side], list, n, err);
	}
	free(list);
	return st;
}

/* ---- all of it ------------------------------------------------------------------------------------------------------- */

/* Where one log's form cannot tell of a kind, that kind is not compared. */
static enum status read_both(struct work *w, const char *const path[2], struct diff_options *o, struct err *err)
{
	uint64_t can = EV_ALL;
	enum status st = ST_OK;
	for (unsigned i = 0; i < 2 && st == ST_OK; i++) {
		w->side[i].path = path[i];
		lanes_init(&w->side[i].lanes);
		st = log_reader_open(path[i], &w->side[i].reader, err);
		if (st == ST_OK)
			st = read_side(w, &w->side[i], err);
		if (st == ST_OK)
			can &= log_reader_kinds(w->side[i].reader);
	}
	if (st != ST_OK || can == EV_ALL || !((o->kinds ? o->kinds : EV_ALL) & ~can))
		return st;
	/* Now it is known what they are: once more with what both can tell of. */
	o->kinds = (o->kinds ? o->kinds : EV_ALL) & can;
	o->tell = NULL;
	for (unsigned i = 0; i < 2 && st == ST_OK; i++) {
		struct log_reader *r = w->side[i].reader;
		lanes_fini(&w->side[i].lanes);
		w->side[i] = (struct side){ .path = path[i], .reader = r };
		st = log_reader_again(r, err);
		if (st == ST_OK)
			st = read_side(w, &w->side[i], err);
	}
	return st;
}

enum status diff_logs(const char *const path[2], const struct diff_options *options, struct diff **out, struct err *err)
{
	struct diff_options o = *options;
	struct work *w = xcalloc(1, sizeof *w);
	w->o = &o;
	w->d = xcalloc(1, sizeof *w->d);
	enum status st = read_both(w, path, &o, err);
	if (st == ST_OK)
		st = pair_by_map(w, err);
	if (st == ST_OK) {
		pair_rest(w);
		note_logs(w);
		compare_all(w);
		st = show(w, err);
	}
	for (unsigned i = 0; i < 2; i++) {
		if (st == ST_OK && w->side[i].lanes.failed)
			st = err_set(err, ST_IO, "the temporary file for %.300s: %s", path[i], strerror(w->side[i].lanes.why));
		w->d->events[i] = w->side[i].events;
		w->d->bad[i] = w->side[i].bad;
		log_reader_close(w->side[i].reader);
		lanes_fini(&w->side[i].lanes);
	}
	if (st == ST_OK)
		*out = w->d;
	else
		diff_free(w->d);
	free(w);
	return st;
}

void diff_free(struct diff *d)
{
	for (unsigned i = 0; i < d->threads; i++) {
		free(d->thread[i].around[0]);
		free(d->thread[i].around[1]);
	}
	free(d->thread);
	free(d);
}
