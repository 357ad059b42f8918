/* kernel/standstill.c - see standstill.h */
#include "config.h"

#include "kernel/standstill.h"

#include <stdlib.h>

#include "kernel/deadline.h"
#include "kernel/owner.h"
#include "kernel/rows.h"
#include "kernel/stall.h"
#include "kernel/timer.h"

#define BOOKS_MAX (1u << 21) /* one for each object row */

/** The one row of history's "standstill". */
struct h_standstill {
	uint64_t since;  /* cycle at which the window began */
	uint64_t seq;    /* deadlines made before it have smaller numbers */
	uint64_t code;   /* instruction words that had run */
	uint32_t window; /* its number; 0 = none yet */
	uint32_t busy;   /* 1 = something could run when the deadlines now served came */
	uint32_t look;   /* 1 = a timer has filled a number of periods since the last look */
	uint32_t pad;
};
ARENA_ROW_SIZE(h_standstill, 40);

/** What is kept of an object, in the same row of history's "standstill.object". */
struct h_book {
	uint32_t object;        /* its id: rows are used again */
	uint32_t window, fires; /* times that it has come due in that window */
};
ARENA_ROW_SIZE(h_book, 12);

/** And of a device; history's "standstill.source", row = enum source + 1. */
struct h_source {
	uint32_t window, fires;
};
ARENA_ROW_SIZE(h_source, 8);

void standstill_layout(struct machine *m)
{
	m->t_standstill = arena_table_add(&m->history, "standstill", sizeof(struct h_standstill), 2);
	m->t_standstill_object = arena_table_add(&m->history, "standstill.object", sizeof(struct h_book), BOOKS_MAX);
	m->t_standstill_source =
		arena_table_add(&m->history, "standstill.source", sizeof(struct h_source), SOURCE_COUNT + 1);
}

static const struct h_standstill *state_peek(const struct machine *m)
{
	return arena_peek(&m->history, m->t_standstill, 1);
}

static struct h_standstill *state_row(struct machine *m)
{
	arena_cover(&m->history, m->t_standstill, 1);
	return arena_row(&m->history, m->t_standstill, 1);
}

/* NULL: nothing is known of the object. */
static const struct h_book *book_peek(const struct machine *m, uint32_t object)
{
	const struct h_book *b = arena_peek(&m->history, m->t_standstill_object, object);
	return b->object == object_peek(m, object)->id ? b : NULL;
}

static struct h_book *book_row(struct machine *m, uint32_t object)
{
	uint32_t id = object_peek(m, object)->id;
	arena_cover(&m->history, m->t_standstill_object, object);
	struct h_book *b = arena_row(&m->history, m->t_standstill_object, object);
	if (b->object != id)
		*b = (struct h_book){ .object = id };
	return b;
}

/* ---- what happens ---------------------------------------------------------------------------------------------------------- */

void standstill_progress(struct machine *m)
{
	struct h_standstill *s = state_row(m);
	s->since = machine_cycle(m);
	s->seq = machine_row(m)->timer_seq;
	s->code = cover_total(&m->cover);
	s->window++;
	s->look = 0;
}

void standstill_serves(struct machine *m, bool busy)
{
	if (state_peek(m)->busy != busy)
		state_row(m)->busy = busy;
}

/* One of those that come again and again has: @window and @fires are kept of it. */
static void came(struct machine *m, uint32_t *window, uint32_t *fires)
{
	const struct h_standstill *s = state_peek(m);
	if (s->busy || !s->window || s->code != cover_total(&m->cover))
		standstill_progress(m);
	if (*window != s->window) {
		*window = s->window;
		*fires = 0;
	}
	if (++*fires % STANDSTILL_PERIODS == 0)
		state_row(m)->look = 1;
}

void standstill_timer(struct machine *m, uint32_t object)
{
	struct h_book *b = book_row(m, object);
	came(m, &b->window, &b->fires);
}

void standstill_source(struct machine *m, enum source source)
{
	arena_cover(&m->history, m->t_standstill_source, source + 1);
	struct h_source *b = arena_row(&m->history, m->t_standstill_source, source + 1);
	came(m, &b->window, &b->fires);
}

/* ---- who is stuck ------------------------------------------------------------------------------------------------------------ */

bool standstill_fed(const struct machine *m, uint32_t object)
{
	return timer_due(m, object) != DEADLINE_NEVER || stall_signalled(m, object) >= state_peek(m)->since;
}

/* All of those whose end, or release, lets the waiters of @object go have to get there. */
static bool may_come(const struct machine *m, uint32_t object, const bool *stuck)
{
	uint32_t thread;
	unsigned n = 0;
	while ((thread = owner_of(m, object, n)) && thread_peek(m, thread)->state != TS_TERMINATED && !stuck[thread])
		n++;
	if (n && !thread)
		return true;
	return standstill_fed(m, object);
}

/* A WaitAll needs all that it has not got; any other wait needs one. */
static bool wait_may_end(const struct machine *m, uint32_t thread, const bool *stuck)
{
	const struct w_thread *t = thread_peek(m, thread);
	bool all = t->wait_all && t->wait_count > 1, may = all;
	for (uint32_t row = t->wait_first; row; row = wait_peek(m, row)->thread_next) {
		uint32_t object = wait_peek(m, row)->object;
		bool comes = may_come(m, object, stuck);
		if (all)
			may &= comes || object_signal_state(m, object) > 0;
		else
			may |= comes;
	}
	return may;
}

/* Alive, and parked or suspended since before the window, with nothing of its own that could wake it. */
static bool still(const struct machine *m, const struct w_thread *t)
{
	bool parked = t->parked && t->deadline == DEADLINE_NEVER && t->wait_since < state_peek(m)->since;
	return t->tid && t->object && t->state != TS_TERMINATED && (parked || t->suspend_count);
}

/* The largest set of threads that wait only for each other and for what nobody sends. Rows of "thread"; the caller frees it. */
static bool *stuck_threads(const struct machine *m)
{
	uint32_t count = arena_count(&m->world, m->t_thread);
	bool *stuck = xcalloc(count + 1, sizeof *stuck), changed = true;
	for (uint32_t row = 1; row < count; row++)
		stuck[row] = still(m, thread_peek(m, row));
	while (changed) {
		changed = false;
		for (uint32_t row = 1; row < count; row++)
			if (stuck[row] && !thread_peek(m, row)->suspend_count && wait_may_end(m, row, stuck)) {
				stuck[row] = false;
				changed = true;
			}
	}
	return stuck;
}

/* The main thread is; or, if it has ended, any. */
static bool title_is_stuck(const struct machine *m)
{
	bool *stuck = stuck_threads(m), any = false;
	uint32_t main = machine_row(m)->main_thread;
	if (main && thread_peek(m, main)->state != TS_TERMINATED)
		any = stuck[main];
	else
		for (uint32_t row = 1; row < arena_count(&m->world, m->t_thread); row++)
			any |= stuck[row];
	free(stuck);
	return any;
}

/* ---- the verdict --------------------------------------------------------------------------------------------------------------- */

uint32_t standstill_fires(const struct machine *m, uint32_t object)
{
	const struct h_book *b = book_peek(m, object);
	return b && b->window == state_peek(m)->window ? b->fires : 0;
}

uint32_t standstill_source_fires(const struct machine *m, enum source source)
{
	const struct h_source *b = arena_peek(&m->history, m->t_standstill_source, source + 1);
	return b->window == state_peek(m)->window ? b->fires : 0;
}

/* Times that the armed timer or device which did so least often has come due in the window; 0 = there is none, or something else is ahead. */
static uint32_t periods(const struct machine *m)
{
	uint32_t least = UINT32_MAX;
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_deadline); row++) {
		const struct w_deadline *d = deadline_peek(m, row);
		if (d->thread && d->seq < state_peek(m)->seq)
			return 0;
		if ((!d->object && !d->source) || d->due == DEADLINE_NEVER)
			continue;
		if (d->source && !source_is_periodic(d->source - 1))
			continue; /* it follows what threads did */
		uint32_t fires = d->source ? standstill_source_fires(m, d->source - 1) : standstill_fires(m, d->object);
		if (fires < least)
			least = fires;
	}
	return least == UINT32_MAX ? 0 : least;
}

void standstill_read(const struct machine *m, struct standstill *out)
{
	const struct h_standstill *s = state_peek(m);
	*out = (struct standstill){ .since = s->since };
	if (!s->window || machine_row(m)->ended || s->code != cover_total(&m->cover))
		return;
	out->periods = periods(m);
	out->holds = out->periods >= STANDSTILL_PERIODS && title_is_stuck(m);
}

bool standstill_stops(struct machine *m)
{
	struct standstill s;
	if (LIKELY(!state_peek(m)->look))
		return false;
	state_row(m)->look = 0;
	standstill_read(m, &s);
	if (!s.holds && s.periods >= STANDSTILL_PERIODS)
		standstill_progress(m); /* somebody works, or a signal came: watch on from here */
	return s.holds;
}

void standstill_roles(const struct machine *m, uint8_t *role)
{
	stall_roles(m, state_peek(m)->since, machine_row(m)->main_thread, role);
}
