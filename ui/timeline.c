/* ui/timeline.c - see timeline.h */
#include "config.h"

#include "ui/timeline.h"

#include <inttypes.h>
#include <stdlib.h>

#include "kernel/account.h"
#include "src/snap/snap.h"
#include "ui/session.h"

/* Copying a page costs about as much as a thousand instructions: one in twenty of them may go into it. Measured: a checkpoint takes 65
 * to 270 us, which is 0.4 to 1.5 % of ten million instructions. */
#define INSTR_PER_PAGE UINT64_C(30000)

int moment_compare(const struct moment *a, const struct moment *b)
{
	if (a->instr != b->instr)
		return a->instr < b->instr ? -1 : 1;
	return (a->cycle > b->cycle) - (a->cycle < b->cycle);
}

struct moment session_now(const struct session *s)
{
	const struct machine *m = session_machine(s);
	return (struct moment){ machine_instructions(m), machine_cycle(m), event_seq(&m->events) };
}

uint64_t session_thread_instructions(const struct session *s, uint32_t tid)
{
	uint32_t row = tid ? thread_by_tid(session_machine(s), tid) : 0;
	const struct account_thread *a = row ? account_of_thread(session_machine(s), row) : NULL;
	return a ? a->instr : 0;
}

bool timeline_shows(struct session *s, uint64_t seq)
{
	struct timeline *t = &s->timeline;
	if (t->silent || seq < t->shown)
		return false;
	t->shown = seq + 1;
	return true;
}

/* ---- the list ------------------------------------------------------------------------------------------------------------ */

static void checkpoint_fini(struct checkpoint *c)
{
	snapshot_free(c->snapshot);
	point_counts_free(c->counts);
}

static void drop(struct timeline *t, unsigned i)
{
	checkpoint_fini(&t->at[i]);
	memmove(&t->at[i], &t->at[i + 1], (t->count - i - 1) * sizeof *t->at);
	t->count--;
}

/* Where one taken now belongs: behind all that are not later. */
static unsigned place_of(const struct timeline *t, const struct moment *m)
{
	unsigned i = t->count;
	while (i && moment_compare(&t->at[i - 1].at, m) > 0)
		i--;
	return i;
}

static struct checkpoint *take(struct session *s)
{
	struct timeline *t = &s->timeline;
	struct moment now = session_now(s);
	unsigned i = place_of(t, &now);
	if (t->count == t->room) {
		t->room = t->room ? t->room * 2 : 64;
		t->at = xrealloc(t->at, t->room * sizeof *t->at);
	}
	memmove(&t->at[i + 1], &t->at[i], (t->count - i) * sizeof *t->at);
	t->count++;
	t->at[i] = (struct checkpoint){ .number = t->last_number++, .at = now, .snapshot = machine_snapshot(session_machine(s)),
		                        .counts = point_counts_take(&s->breaks), .journal = s->journal.done };
	return &t->at[i];
}

/* The one to go first: whose neighbours lie nearest to each other, as seen from the end. */
static unsigned least_needed(const struct timeline *t)
{
	unsigned least = 0;
	double best = 0;
	for (unsigned i = 1; i + 1 < t->count; i++) {
		if (t->at[i].kept)
			continue;
		double gap = (double)(t->at[i + 1].at.instr - t->at[i - 1].at.instr) + 1;
		double age = (double)(t->at[t->count - 1].at.instr - t->at[i].at.instr) + 1;
		if (!least || gap / age < best) {
			best = gap / age;
			least = i;
		}
	}
	return least;
}

void timeline_thin(struct session *s)
{
	struct timeline *t = &s->timeline;
	while (t->on && snap_line_bytes(session_machine(s)->line) > s->settings.snapshot_memory << 20) {
		unsigned i = least_needed(t);
		if (!i)
			return;
		drop(t, i);
	}
}

void timeline_begin(struct session *s, bool on)
{
	struct timeline *t = &s->timeline;
	timeline_fini(s);
	t->on = on;
	if (!on)
		return;
	take(s)->kept = true;
	t->next_due = machine_instructions(session_machine(s)) + s->settings.snapshot_interval;
	t->end = session_now(s);
	timeline_stood(s);
}

void timeline_resumed(struct session *s)
{
	struct timeline *t = &s->timeline;
	t->shown = event_seq(&session_machine(s)->events);
	if (!t->on)
		return;
	while (t->count > 1)
		drop(t, t->count - 1);
	if (moment_compare(&t->at[0].at, &(struct moment){ 0 }) != 0 && t->at[0].at.instr)
		drop(t, 0); /* of another run */
	take(s)->kept = true;
	t->next_due = machine_instructions(session_machine(s)) + s->settings.snapshot_interval;
	t->end = session_now(s);
	t->been_count = t->been_at = 0;
	timeline_stood(s);
}

void timeline_fini(struct session *s)
{
	struct timeline *t = &s->timeline;
	while (t->count)
		checkpoint_fini(&t->at[--t->count]);
	free(t->at);
	*t = (struct timeline){ 0 };
}

enum status timeline_checkpoint(struct session *s, unsigned *number, struct err *err)
{
	if (!s->timeline.on)
		return err_set(err, ST_STATE, "the past is not recorded (`set record on`)");
	struct checkpoint *c = take(s);
	c->kept = true;
	*number = c->number;
	return ST_OK;
}

const struct checkpoint *timeline_find(const struct timeline *t, unsigned number)
{
	for (unsigned i = 0; i < t->count; i++)
		if (t->at[i].number == number)
			return &t->at[i];
	return NULL;
}

enum status timeline_delete(struct session *s, unsigned number, struct err *err)
{
	struct timeline *t = &s->timeline;
	const struct checkpoint *c = timeline_find(t, number);
	if (!c)
		return err_set(err, ST_NOT_FOUND, "there is no checkpoint %u", number);
	if (c == t->at)
		return err_set(err, ST_STATE, "checkpoint %u is needed to go back", number);
	drop(t, (unsigned)(c - t->at));
	return ST_OK;
}

/* ---- running on ---------------------------------------------------------------------------------------------------------- */

uint64_t timeline_piece(const struct session *s)
{
	const struct timeline *t = &s->timeline;
	uint64_t now = machine_instructions(session_machine(s)), end = UINT64_MAX;
	if (!t->on)
		return UINT64_MAX;
	if (now < t->next_due)
		end = t->next_due;
	return end == UINT64_MAX ? end : end - now;
}

static void put(struct session *s, const struct checkpoint *c)
{
	rig_restore(s->rig, c->snapshot);
	point_counts_put(&s->breaks, c->counts);
	s->journal.done = c->journal;
	journal_arm(s);
}

void timeline_look(struct session *s)
{
	struct timeline *t = &s->timeline;
	uint64_t now = machine_instructions(session_machine(s));
	if (!t->on)
		return;
	if (now < t->next_due)
		return;
	const struct checkpoint *c = take(s);
	uint64_t interval = snapshot_new_bytes(c->snapshot) / 4096 * INSTR_PER_PAGE;
	t->next_due = now + (interval > s->settings.snapshot_interval ? interval : s->settings.snapshot_interval);
	timeline_thin(s);
}

void timeline_ran(struct session *s)
{
	struct moment now = session_now(s);
	if (s->timeline.on && moment_compare(&now, &s->timeline.end) > 0)
		s->timeline.end = now;
}

/* What lies behind @now, or behind more than the journal's first @done entries, is no part of this run any more. */
static void drop_future(struct timeline *t, const struct moment *now, unsigned done)
{
	for (unsigned i = t->count; i-- > 1;)
		if (moment_compare(&t->at[i].at, now) > 0 || t->at[i].journal > done)
			drop(t, i);
}

void timeline_changed(struct session *s)
{
	struct timeline *t = &s->timeline;
	struct moment now = session_now(s);
	if (!t->on)
		return;
	drop_future(t, &now, s->journal.done - 1);
	t->end = now;
	t->next_due = now.instr + s->settings.snapshot_interval;
	if (t->shown > now.event)
		t->shown = now.event;
}

/* ---- going there --------------------------------------------------------------------------------------------------------- */

/* The last checkpoint at or before a count of the goal; by events an earlier one will do, since several lie in one instruction. */
static const struct checkpoint *last_before(const struct timeline *t, const struct run_goal *goal)
{
	unsigned i = t->count;
	while (i > 1 && (t->at[i - 1].at.instr > goal->instr || t->at[i - 1].at.cycle > goal->cycle || t->at[i - 1].at.event > goal->event))
		i--;
	return &t->at[i - 1];
}

static enum status recorded(const struct session *s, struct err *err)
{
	return s->timeline.on ? ST_OK : err_set(err, ST_STATE, "the past is not recorded (`set record on`)");
}

/* Stands at a moment of the past, as if a step had ended there. */
static void stand(struct session *s)
{
	breaks_forget(s);
	s->stop = (struct stop){ .kind = STOP_STEP };
	session_arrive(s);
}

/* Where the session stood before it went looking; put back if that comes to nothing. */
struct here {
	struct checkpoint point;
	struct stop stop;
	uint32_t thread, frame;
};

static struct here remember(struct session *s)
{
	return (struct here){ .point = { .snapshot = machine_snapshot(session_machine(s)), .counts = point_counts_take(&s->breaks),
		                         .at = session_now(s), .journal = s->journal.done },
		              .stop = s->stop, .thread = s->thread, .frame = s->frame };
}

static void go_home(struct session *s, const struct here *h)
{
	put(s, &h->point);
	s->stop = h->stop;
	s->thread = h->thread;
	s->frame = h->frame;
}

static enum status interrupted(struct session *s, const struct here *h, struct err *err)
{
	go_home(s, h);
	return err_set(err, ST_STATE, "interrupted: it stands where it stood");
}

/* Runs on without a word until @goal. False: interrupted. */
static bool silently(struct session *s, const struct run_goal *goal)
{
	s->breaks.mode = BREAKS_COUNT;
	s->timeline.silent = true;
	session_run_raw(s, goal);
	s->timeline.silent = false;
	s->breaks.mode = BREAKS_STOP;
	return s->stop.kind != STOP_INTERRUPT;
}

void timeline_try(struct session *s, void (*what)(struct session *s, void *ctx), void *ctx)
{
	struct here h = remember(s);
	const unsigned known = s->journal.known;
	const bool on = s->timeline.on;
	const struct recording *following = s->following;
	s->journal.known = s->journal.done; /* what was done later is no part of it */
	s->following = NULL;
	s->timeline.on = false;
	s->timeline.silent = true;
	s->breaks.mode = BREAKS_COUNT;
	journal_arm(s);
	if (s->log)
		log_pause(s->log, true);
	what(s, ctx);
	if (s->log)
		log_pause(s->log, false);
	s->breaks.mode = BREAKS_STOP;
	s->timeline.silent = false;
	s->timeline.on = on;
	s->following = following;
	s->journal.known = known;
	go_home(s, &h);
	checkpoint_fini(&h.point);
}

enum status timeline_restart(struct session *s, unsigned number, struct err *err)
{
	const struct checkpoint *c = timeline_find(&s->timeline, number);
	enum status st = recorded(s, err);
	if (st != ST_OK)
		return st;
	if (!c)
		return err_set(err, ST_NOT_FOUND, "there is no checkpoint %u (`info checkpoints`)", number);
	put(s, c);
	stand(s);
	return ST_OK;
}

static bool is_behind(const struct moment *now, const struct run_goal *goal)
{
	return goal->instr <= now->instr || goal->cycle <= now->cycle || goal->event <= now->event;
}

enum status timeline_goto(struct session *s, const struct run_goal *goal, struct err *err)
{
	struct moment now = session_now(s);
	enum status st = recorded(s, err);
	if (st != ST_OK)
		return st;
	struct here h = remember(s);
	const struct checkpoint *c = last_before(&s->timeline, goal);
	if (is_behind(&now, goal) || moment_compare(&c->at, &now) > 0)
		put(s, c);
	now = session_now(s);
	if (!is_behind(&now, goal) && !silently(s, goal))
		st = interrupted(s, &h, err);
	else
		stand(s);
	checkpoint_fini(&h.point);
	return st;
}

enum status timeline_undo(struct session *s, struct err *err)
{
	const struct run_goal never = { UINT64_MAX, UINT64_MAX, UINT64_MAX, true };
	struct timeline *t = &s->timeline;
	enum status st = recorded(s, err);
	if (st == ST_OK && t->at[0].journal >= s->journal.done)
		st = err_set(err, ST_STATE, "it was changed before recording began");
	if (st != ST_OK)
		return st;
	unsigned entry = s->journal.done - 1, i = t->count;
	while (i > 1 && (t->at[i - 1].journal > entry || t->at[i - 1].at.instr > s->journal.entry[entry].at.instr))
		i--;
	struct here h = remember(s);
	struct journal_entry undone = s->journal.entry[entry];
	s->journal.entry[entry].kind = JOURNAL_STOP;
	put(s, &t->at[i - 1]);
	if (silently(s, &never)) {
		struct moment now = session_now(s);
		s->journal.known = entry;
		journal_arm(s);
		drop_future(t, &now, entry);
		t->end = now;
		t->next_due = now.instr + s->settings.snapshot_interval;
		stand(s);
	} else {
		s->journal.entry[entry] = undone;
		st = interrupted(s, &h, err);
	}
	checkpoint_fini(&h.point);
	return st;
}

/* ---- looking back -------------------------------------------------------------------------------------------------------- */

struct search {
	timeline_wanted *wanted;
	void *ctx;
	struct moment end;            /* only what lies before this */
	unsigned stop;                /* give up the run at this hit, counted from 1; 0 = count them all */
};

/* Runs from here to the end of the search and counts the hits. The machine then stands at hit @stop, or somewhere at the end. -1: interrupted. */
static int count_hits(struct session *s, const struct search *look)
{
	const struct run_goal goal = { look->end.instr, UINT64_MAX, UINT64_MAX, false };
	unsigned hits = 0;
	for (;;) {
		session_run_raw(s, &goal);
		struct moment now = session_now(s);
		if (s->stop.kind == STOP_INTERRUPT)
			return -1;
		bool asked = s->stop.kind == STOP_BREAK || s->stop.kind == STOP_EVENT || s->stop.kind == STOP_WATCH;
		if (!asked || moment_compare(&now, &look->end) >= 0)
			return (int)hits;
		if (look->wanted(s, look->ctx) && ++hits == look->stop)
			return (int)hits;
		breaks_forget(s);
	}
}

/* The last hit in [@from, look->end), or none: 0. */
static int last_hit(struct session *s, const struct checkpoint *from, struct search *look)
{
	put(s, from);
	s->stop = (struct stop){ .kind = STOP_NONE };
	look->stop = 0;
	int hits = count_hits(s, look);
	if (hits <= 0)
		return hits;
	put(s, from);
	s->stop = (struct stop){ .kind = STOP_NONE };
	breaks_forget(s);
	look->stop = (unsigned)hits;
	return count_hits(s, look);
}

enum status timeline_last(struct session *s, bool users, timeline_wanted *wanted, void *ctx, bool *found, struct err *err)
{
	struct search look = { wanted, ctx, session_now(s), 0 };
	enum status st = recorded(s, err);
	*found = false;
	if (st != ST_OK)
		return st;
	struct here h = remember(s);
	int hits = 0;
	s->breaks.mode = users ? BREAKS_SEARCH : BREAKS_COUNT;
	s->timeline.silent = true;
	breaks_forget(s);
	for (unsigned i = s->timeline.count; i-- > 0 && !hits;) {
		struct checkpoint c = s->timeline.at[i];
		if (moment_compare(&c.at, &look.end) >= 0)
			continue;
		hits = last_hit(s, &c, &look);
		look.end = c.at;
	}
	s->timeline.silent = false;
	s->breaks.mode = BREAKS_STOP;
	*found = hits > 0;
	if (hits > 0)
		session_arrive(s);
	else if (hits < 0)
		st = interrupted(s, &h, err);
	else
		go_home(s, &h);
	checkpoint_fini(&h.point);
	return st;
}

/* ---- bisection ----------------------------------------------------------------------------------------------------------- */

static bool run_to_instr(struct session *s, uint64_t instr)
{
	const struct run_goal goal = { instr, UINT64_MAX, UINT64_MAX, true };
	return machine_instructions(session_machine(s)) >= instr || silently(s, &goal);
}

/* To @instr from the nearest checkpoint. */
static bool jump_to_instr(struct session *s, uint64_t instr)
{
	const struct run_goal goal = { instr, UINT64_MAX, UINT64_MAX, true };
	put(s, last_before(&s->timeline, &goal));
	return run_to_instr(s, instr);
}

/* Halves (@from, @to] until it is one instruction; it stands at @from, where @holds is false. */
static bool halve(struct session *s, uint64_t from, uint64_t to, timeline_wanted *holds, void *ctx)
{
	while (to - from > 1) {
		uint64_t middle = from + (to - from) / 2;
		struct here low = remember(s);
		bool there = run_to_instr(s, middle);
		if (there && holds(s, ctx)) {
			to = middle;
			put(s, &low.point);
		} else {
			from = middle;
		}
		checkpoint_fini(&low.point);
		if (!there)
			return false;
	}
	return run_to_instr(s, to);
}

enum status timeline_bisect(struct session *s, uint64_t from, uint64_t to, timeline_wanted *holds, void *ctx, bool *found, struct err *err)
{
	enum status st = recorded(s, err);
	*found = false;
	if (st != ST_OK)
		return st;
	struct here h = remember(s);
	/* The last checkpoint before @to at which it does not hold yet bounds the search. */
	bool fine = jump_to_instr(s, to), holds_at_end = fine && holds(s, ctx);
	for (unsigned i = s->timeline.count; fine && holds_at_end && i-- > 0;) {
		const struct checkpoint *c = &s->timeline.at[i];
		if (c->at.instr >= to || c->at.instr <= from)
			continue;
		put(s, c);
		if (!holds(s, ctx)) {
			from = c->at.instr;
			break;
		}
		to = c->at.instr;
	}
	fine = fine && jump_to_instr(s, from);
	if (fine && holds_at_end && !holds(s, ctx) && from < to) {
		fine = halve(s, from, to, holds, ctx);
		*found = fine;
	}
	if (!fine)
		st = interrupted(s, &h, err);
	else if (*found)
		stand(s);
	else
		go_home(s, &h);
	checkpoint_fini(&h.point);
	return st;
}

/* ---- one thread's instructions ------------------------------------------------------------------------------------------- */

struct own_count {
	uint32_t tid;
	uint64_t wanted;
};

static bool has_run(struct session *s, void *ctx)
{
	const struct own_count *o = ctx;
	return session_thread_instructions(s, o->tid) >= o->wanted;
}

enum status timeline_step_back(struct session *s, uint64_t count, struct err *err)
{
	const struct machine *m = session_machine(s);
	uint32_t tid = s->thread ? thread_peek(m, s->thread)->tid : 0;
	uint64_t now = machine_instructions(m), done = session_thread_instructions(s, tid);
	bool found;
	if (count > done)
		count = done;
	if (!count)
		return err_set(err, ST_STATE, "the selected thread has run no instruction before this");
	struct own_count own = { tid, done - count + 1 };
	/* Nearly always this thread ran last. */
	enum status st = timeline_bisect(s, now > count ? now - count : 0, now, has_run, &own, &found, err);
	if (st == ST_OK && !found)
		st = timeline_bisect(s, 0, now, has_run, &own, &found, err);
	if (st == ST_OK && !found)
		return err_set(err, ST_STATE, "there is no past before this");
	if (st != ST_OK)
		return st;
	/* Behind the first instruction that is too many: the moment before it is the one. */
	struct run_goal goal = { machine_instructions(session_machine(s)) - 1, UINT64_MAX, UINT64_MAX, true };
	st = timeline_goto(s, &goal, err);
	if (st == ST_OK)
		session_select(s, thread_by_tid(session_machine(s), tid));
	return st;
}

/* ---- where the user stood ------------------------------------------------------------------------------------------------ */

void timeline_stood(struct session *s)
{
	struct timeline *t = &s->timeline;
	struct moment now = session_now(s);
	if (!t->on || (t->been_count && moment_compare(&t->been[t->been_at], &now) == 0))
		return;
	if (t->been_count)
		t->been_count = t->been_at + 1;
	if (t->been_count == MOMENTS_KEPT) {
		memmove(t->been, t->been + 1, (MOMENTS_KEPT - 1) * sizeof *t->been);
		t->been_count--;
	}
	t->been_at = t->been_count;
	t->been[t->been_count++] = now;
}

/* To the instruction, and then to the cycle: the clock may have run on behind the last instruction. */
static enum status goto_moment(struct session *s, struct moment to, struct err *err)
{
	struct run_goal instr = { to.instr, UINT64_MAX, UINT64_MAX, true }, cycle = { UINT64_MAX, to.cycle, UINT64_MAX, true };
	enum status st = timeline_goto(s, &instr, err);
	return st == ST_OK && machine_cycle(session_machine(s)) < to.cycle ? timeline_goto(s, &cycle, err) : st;
}

enum status timeline_back(struct session *s, int direction, struct err *err)
{
	struct timeline *t = &s->timeline;
	enum status st = recorded(s, err);
	if (st == ST_OK && (direction < 0 ? t->been_at == 0 : t->been_at + 1 >= t->been_count))
		st = err_set(err, ST_STATE, direction < 0 ? "there is no earlier position" : "there is no later position");
	if (st != ST_OK)
		return st;
	unsigned to = direction < 0 ? t->been_at - 1 : t->been_at + 1;
	st = goto_moment(s, t->been[to], err);
	if (st == ST_OK)
		t->been_at = to;
	return st;
}
