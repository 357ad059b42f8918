/* kernel/deadline.c - see deadline.h. Rows 1..n are the heap; whoever owns an entry knows its row (w_thread, w_object .deadline_row). */
#include "config.h"

#include "kernel/deadline.h"

#include "kernel/io.h"
#include "kernel/overlapped.h"
#include "kernel/rows.h"
#include "kernel/standstill.h"
#include "kernel/timer.h"
#include "kernel/wait.h"

#define DEADLINES_MAX (1u << 22)

static const struct {
	void (*come)(struct machine *m, uint64_t due);
	enum { PERIODIC, ONCE, ECHO } kind;
	const char *text;
} sources[] = {
#define SOURCE(id, kind, text) { source_##id, kind, text },
#include "kernel/source.def"
#undef SOURCE
};

const char *source_text(enum source source)
{
	return sources[source].text;
}

bool source_is_periodic(enum source source)
{
	return sources[source].kind == PERIODIC;
}

void deadlines_layout(struct machine *m)
{
	m->t_deadline = arena_table_add(&m->world, "deadline", sizeof(struct w_deadline), DEADLINES_MAX);
	m->t_source = arena_table_add(&m->world, "source", sizeof(struct w_source), SOURCE_COUNT + 1);
}

/* The heap is dense: count and live say the same, and no row is on the free list. */
static uint32_t heap_size(const struct machine *m)
{
	return arena_live(&m->world, m->t_deadline);
}

static bool before(const struct w_deadline *a, const struct w_deadline *b)
{
	return a->due != b->due ? a->due < b->due : a->seq < b->seq;
}

/* Where whoever waits for @d keeps its row. */
static uint32_t *kept(struct machine *m, const struct w_deadline *d)
{
	if (d->thread)
		return &thread_row(m, d->thread)->deadline_row;
	if (d->object)
		return &object_row(m, d->object)->deadline_row;
	if (d->io)
		return &((struct w_io *)arena_row(&m->world, m->t_io, d->io))->deadline_row;
	if (d->overlapped)
		return &((struct w_overlapped *)arena_row(&m->world, m->t_overlapped, d->overlapped))->deadline_row;
	return &((struct w_source *)arena_row(&m->world, m->t_source, d->source))->deadline_row;
}

static void place(struct machine *m, uint32_t row, const struct w_deadline *d)
{
	*deadline_row(m, row) = *d;
	*kept(m, d) = row;
}

static uint32_t sift_up(struct machine *m, uint32_t row, const struct w_deadline *d)
{
	while (row > 1 && before(d, deadline_peek(m, row / 2))) {
		struct w_deadline parent = *deadline_peek(m, row / 2);
		place(m, row, &parent);
		row /= 2;
	}
	return row;
}

static uint32_t sift_down(struct machine *m, uint32_t row, const struct w_deadline *d, uint32_t n)
{
	for (uint32_t child = row * 2; child <= n; child = row * 2) {
		if (child < n && before(deadline_peek(m, child + 1), deadline_peek(m, child)))
			child++;
		if (!before(deadline_peek(m, child), d))
			break;
		struct w_deadline up = *deadline_peek(m, child);
		place(m, row, &up);
		row = child;
	}
	return row;
}

static void insert(struct machine *m, const struct w_deadline *d)
{
	uint32_t row = arena_take(&m->world, m->t_deadline);
	INVARIANT(row == heap_size(m)); /* threads and timers are fewer than rows */
	place(m, sift_up(m, row, d), d);
}

static void remove_row(struct machine *m, uint32_t row)
{
	uint32_t n = heap_size(m);
	INVARIANT(row && row <= n);
	const struct w_deadline gone = *deadline_peek(m, row), last = *deadline_peek(m, n);
	if (row < n) {
		uint32_t at = sift_up(m, row, &last);
		place(m, at == row ? sift_down(m, row, &last, n - 1) : at, &last);
	}
	arena_give(&m->world, m->t_deadline, n);
	*kept(m, &gone) = 0;
}

void deadline_set_thread(struct machine *m, uint32_t thread, uint64_t due)
{
	INVARIANT(!thread_peek(m, thread)->deadline_row && due != DEADLINE_NEVER);
	insert(m, &(struct w_deadline){ .due = due, .seq = machine_row_mut(m)->timer_seq++, .thread = thread });
}

void deadline_cancel_thread(struct machine *m, uint32_t thread)
{
	uint32_t row = thread_peek(m, thread)->deadline_row;
	if (row)
		remove_row(m, row);
}

void deadline_set_object(struct machine *m, uint32_t object, uint64_t due)
{
	INVARIANT(!object_peek(m, object)->deadline_row);
	insert(m, &(struct w_deadline){ .due = due, .seq = machine_row_mut(m)->timer_seq++, .object = object });
}

void deadline_cancel_object(struct machine *m, uint32_t object)
{
	uint32_t row = object_peek(m, object)->deadline_row;
	if (row)
		remove_row(m, row);
}

static uint32_t source_row(const struct machine *m, enum source source)
{
	return ((const struct w_source *)arena_peek(&m->world, m->t_source, source + 1))->deadline_row;
}

void deadline_set_source(struct machine *m, enum source source, uint64_t due)
{
	deadline_cancel_source(m, source);
	arena_cover(&m->world, m->t_source, source + 1);
	insert(m, &(struct w_deadline){ .due = due, .seq = machine_row_mut(m)->timer_seq++, .source = source + 1 });
}

void deadline_cancel_source(struct machine *m, enum source source)
{
	uint32_t row = source_row(m, source);
	if (row)
		remove_row(m, row);
}

uint64_t deadline_of_source(const struct machine *m, enum source source)
{
	uint32_t row = source_row(m, source);
	return row ? deadline_peek(m, row)->due : DEADLINE_NEVER;
}

void deadline_set_io(struct machine *m, uint32_t io, uint64_t due)
{
	insert(m, &(struct w_deadline){ .due = due, .seq = machine_row_mut(m)->timer_seq++, .io = io });
}

void deadline_cancel_io(struct machine *m, uint32_t io)
{
	remove_row(m, io_peek(m, io)->deadline_row);
}

void deadline_set_overlapped(struct machine *m, uint32_t row, uint64_t due)
{
	insert(m, &(struct w_deadline){ .due = due, .seq = machine_row_mut(m)->timer_seq++, .overlapped = row });
}

void deadline_cancel_overlapped(struct machine *m, uint32_t row)
{
	remove_row(m, overlapped_peek(m, row)->deadline_row);
}

uint64_t deadline_next(const struct machine *m)
{
	return heap_size(m) ? deadline_peek(m, 1)->due : DEADLINE_NEVER;
}

void deadline_serve(struct machine *m, uint64_t ticks)
{
	while (deadline_next(m) <= ticks && heap_size(m)) {
		const struct w_deadline d = *deadline_peek(m, 1);
		remove_row(m, 1);
		if (d.thread) {
			if (thread_peek(m, d.thread)->cont != CONT_XMA) /* that is the kernel's own look at a device */
				standstill_progress(m);
			wait_timeout(m, d.thread);
		} else if (d.source) {
			if (sources[d.source - 1].kind == PERIODIC)
				standstill_source(m, d.source - 1);
			else if (sources[d.source - 1].kind == ONCE)
				standstill_progress(m);
			sources[d.source - 1].come(m, d.due);
		} else if (d.io) {
			standstill_progress(m);
			io_complete(m, d.io);
		} else if (d.overlapped) {
			standstill_progress(m);
			overlapped_complete(m, d.overlapped);
		} else {
			standstill_timer(m, d.object);
			timer_expire(m, d.object, d.due);
		}
	}
}
