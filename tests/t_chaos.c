/* tests/t_chaos.c - whatever a title calls, with whatever arguments, in whatever order: the kernel's own books stay right.
 *
 * A fixed sequence of pseudo-random calls on several threads, to every export that is built. INVARIANTs and the sanitizers watch; here the
 * sums are checked: references, wait lists, ready lists, slots, deadlines.
 */
#include "config.h"

#include "kernel/cont.h"
#include "kernel/handle.h"
#include "kernel/rows.h"
#include "kernel/sched.h"
#include "kernel/thread.h"
#include "tests/testkit.h"

#define CALLS 20000u
#define CHECK_EVERY 500u
#define RUNNABLE_WANTED 6u

static uint64_t draw(uint64_t *rng)
{
	*rng ^= *rng << 13;
	*rng ^= *rng >> 7;
	*rng ^= *rng << 17;
	return *rng;
}

/* An argument: small, a handle, an object's address, a place in the data segment, or nonsense. */
static uint64_t argument(struct tk *t, uint64_t *rng)
{
	static const uint32_t odd[] = { 0, 1, 2, 4, 0xFFFFFFFE, 0xFFFFFFFF, 0x80000000, 0x7fffffff, 0x1000, 0x3000, 0xF0000010, 0x60000000,
					0xA0000000, 0xFFD00000, 0x7F000000, 0x8000, 0x20000004 };
	uint32_t live = arena_count(&t->m->world, t->m->t_object), row;
	switch (draw(rng) % 8) {
	case 0:
		return draw(rng) % 5;
	case 1:
	case 2:
		return 0x1000 + draw(rng) % 300 * 4;
	case 3:
		row = 1 + (uint32_t)(draw(rng) % live);
		return row < live ? object_peek(t->m, row)->body_ga : 0;
	case 4:
	case 5:
		return TK_DATA + draw(rng) % 64 * 32;
	case 6:
		return odd[draw(rng) % ARRAY_LEN(odd)];
	default:
		return draw(rng) & (draw(rng) & 1 ? UINT64_MAX : UINT32_MAX);
	}
}

/* Ends the run, or takes memory for long. */
static bool left_out(const struct export *e)
{
	static const char *const names[] = { "ExTerminateTitleProcess", "HalReturnToFirmware", "KeBugCheck", "KeBugCheckEx",
					     "RtlFillMemoryUlong", "RtlCompareMemory", "sprintf", "swprintf", "vsprintf", "vswprintf" };
	for (unsigned i = 0; i < ARRAY_LEN(names); i++)
		if (!strcmp(names[i], e->name))
			return true;
	return e->state != EXPORT_IMPL;
}

/* A thread that can make a call, or 0. */
static uint32_t some_thread(struct tk *t, uint64_t *rng)
{
	uint32_t n = arena_count(&t->m->world, t->m->t_thread), first = (uint32_t)(draw(rng) % n);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t row = (first + i) % n;
		if (!row || !thread_peek(t->m, row)->object)
			continue;
		uint8_t state = thread_peek(t->m, row)->state;
		uint32_t current = hw_peek(t->m, thread_peek(t->m, row)->hw)->current;
		if (state == TS_READY && current && sched_irql(t->m, current) >= IRQL_DISPATCH)
			return current; /* it keeps its hardware thread */
		if (state == TS_READY || state == TS_RUNNING)
			return row;
	}
	return 0;
}

static struct quiescence quiet(const struct tk *t)
{
	struct quiescence q;
	machine_quiescence(t->m, &q);
	return q;
}

/* Parked and suspended threads pile up: there are always some that can go on. */
static void replenish(struct tk *t, uint64_t *rng)
{
	while (quiet(t).runnable < RUNNABLE_WANTED) {
		uint32_t row;
		const struct thread_spec spec = { .start_ga = TK_CODE, .flags = 0x01000000u << draw(rng) % HW_THREADS };
		if (thread_create(t->m, 0, &spec, &row) != NT_SUCCESS)
			return;
		handle_open(t->m, 0, thread_peek(t->m, row)->object);
		sched_ready(t->m, row);
	}
}

static void one_call(struct tk *t, uint64_t *rng)
{
	uint32_t row, thread = some_thread(t, rng);
	uint64_t args[10];
	if (!thread) {
		tk_pass(t, TICKS_PER_SECOND);
		return;
	}
	if (thread_peek(t->m, thread)->cont != CONT_NONE) {
		tk_wake(t, thread);
		return;
	}
	do
		row = (uint32_t)(draw(rng) % export_count);
	while (left_out(&export_table[row]));
	for (unsigned i = 0; i < 10; i++)
		args[i] = argument(t, rng);
	tk_call_on(t, thread, export_table[row].name, 10, args);
	t->m->pending = (struct stop){ 0 };
	machine_row_mut(t->m)->ended = 0; /* a bugcheck is a fair answer; go on nevertheless */
	t->events = 0;
}

/* ---- the books ---------------------------------------------------------------------------------------------------------------------- */

static void check_object(struct tk *t, uint32_t row)
{
	const struct w_object *o = object_peek(t->m, row);
	uint32_t slots = 0, waits = 0, last = 0;
	for (uint32_t s = o->slot_first; s; last = s, s = slot_peek(t->m, s)->next, slots++)
		assert_true(slot_peek(t->m, s)->object == row && slot_peek(t->m, s)->prev == last && slot_peek(t->m, s)->state == SLOT_OPEN);
	assert_int_equal(slots, o->handles);
	for (uint32_t w = o->wait_head, prev = 0; w; prev = w, w = wait_peek(t->m, w)->next, waits++)
		assert_true(wait_peek(t->m, w)->object == row && wait_peek(t->m, w)->prev == prev);
	for (uint32_t w = 1; w < arena_count(&t->m->world, t->m->t_wait); w++) { /* an APC interrupts it: in no queue, but it holds the object */
		const struct w_wait *held = wait_peek(t->m, w);
		waits += held->object == row && thread_peek(t->m, held->thread)->wait_held;
	}
	assert_int_equal(waits, o->waiters);
	uint32_t running = o->type == OT_THREAD ? thread_peek(t->m, o->thread)->running_ref : 0;
	assert_int_equal(o->refs, o->handles + o->pointers + o->waiters + running);
	assert_int_equal(object_by_id(t->m, o->id), row);
	if (!o->detached)
		assert_int_equal(object_by_ga(t->m, o->body_ga), row);
}

static void check_thread(struct tk *t, uint32_t row)
{
	const struct w_thread *w = thread_peek(t->m, row);
	uint32_t waits = 0;
	for (uint32_t b = w->wait_first; b; b = wait_peek(t->m, b)->thread_next, waits++)
		assert_int_equal(wait_peek(t->m, b)->thread, row);
	assert_int_equal(waits, w->wait_count);
	assert_true(!w->deadline_row || deadline_peek(t->m, w->deadline_row)->thread == row);
	assert_true(!w->parked || w->state == TS_WAITING);
	assert_true(w->state != TS_RUNNING || hw_peek(t->m, w->hw)->current == row);
	for (uint32_t o = w->owned_first; o; o = object_peek(t->m, o)->owned_next)
		assert_true(object_peek(t->m, o)->type == OT_MUTANT && object_peek(t->m, o)->thread == row);
}

static void check_ready_lists(struct tk *t)
{
	uint32_t ready = 0, listed = 0;
	for (uint32_t row = 1; row < arena_count(&t->m->world, t->m->t_thread); row++)
		ready += thread_peek(t->m, row)->object && thread_peek(t->m, row)->state == TS_READY;
	for (uint32_t hw = 0; hw < HW_THREADS; hw++) {
		const struct w_hw *h = hw_peek(t->m, hw);
		for (uint32_t p = 0; p < PRIORITIES; p++) {
			assert_int_equal(h->ready_bitmap >> p & 1, h->ready_head[p] != 0);
			for (uint32_t row = h->ready_head[p], prev = 0; row; prev = row, row = thread_peek(t->m, row)->ready_next, listed++) {
				const struct w_thread *w = thread_peek(t->m, row);
				assert_true(w->state == TS_READY && w->hw == hw && w->priority == p && w->ready_prev == prev && !w->suspend_count);
			}
		}
	}
	assert_int_equal(ready, listed);
}

static void check_all(struct tk *t)
{
	uint32_t open = 0;
	for (uint32_t row = 1; row < arena_count(&t->m->world, t->m->t_object); row++)
		if (object_peek(t->m, row)->id)
			check_object(t, row);
	for (uint32_t row = 1; row < arena_count(&t->m->world, t->m->t_thread); row++)
		if (thread_peek(t->m, row)->object)
			check_thread(t, row);
	for (uint32_t row = 1; row < arena_count(&t->m->world, t->m->t_slot); row++)
		open += slot_peek(t->m, row)->state == SLOT_OPEN;
	assert_int_equal(open, handles_peek(t->m)->open);
	check_ready_lists(t);
}

static uint64_t run(uint64_t seed)
{
	struct tk *t = tk_new();
	uint64_t rng = seed;
	for (unsigned i = 0; i < CALLS; i++) {
		if (i % CHECK_EVERY == 0) {
			check_all(t);
			tk_pass(t, TICKS_PER_SECOND / 100);
		}
		replenish(t, &rng);
		one_call(t, &rng);
	}
	check_all(t);
	uint64_t digest = machine_digest(t->m);
	tk_free(t);
	return digest;
}

static void no_sequence_of_calls_breaks_the_kernels_books(void **state)
{
	static const uint64_t seeds[] = { 1, 0x12345, 0xC0FFEE };
	for (unsigned i = 0; i < ARRAY_LEN(seeds); i++)
		run(seeds[i]);
}

static void the_same_sequence_gives_the_same_digest(void **state)
{
	assert_true(run(99) == run(99));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(no_sequence_of_calls_breaks_the_kernels_books),
	cmocka_unit_test(the_same_sequence_gives_the_same_digest),
};
TK_MAIN(tests)
