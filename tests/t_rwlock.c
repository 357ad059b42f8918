/* tests/t_rwlock.c - the laws of Ex read-write locks: counts in the title's memory, readers together, writers alone, hand-over. */
#include "config.h"

#include "kernel/owner.h"
#include "kernel/rwlock.h"
#include "tests/testkit.h"

#define LOCK(t, l) ((int32_t)tk_get32(t, l))
#define WRITERS_WAIT(t, l) tk_get32(t, (l) + 0x4)
#define READERS_WAIT(t, l) tk_get32(t, (l) + 0x8)
#define READERS(t, l) tk_get32(t, (l) + 0xC)
#define EXCLUSIVE "ExAcquireReadWriteLockExclusive"
#define SHARED "ExAcquireReadWriteLockShared"
#define RELEASE "ExReleaseReadWriteLock"

static uint32_t lock_new(struct tk *t)
{
	uint32_t l = tk_memory(t, 0x38);
	CALL(t, t->main, "ExInitializeReadWriteLock", l);
	return l;
}

static uint32_t writers_object(struct tk *t, uint32_t l)
{
	return object_by_ga(t->m, l + 0x10);
}

static void a_fresh_lock_is_free_and_has_two_objects(void **state)
{
	struct tk *t = TK(state);
	uint32_t l = lock_new(t);
	assert_int_equal(LOCK(t, l), -1);
	assert_int_equal(tk_get32(t, l + 0x10) >> 24, 1);
	assert_int_equal(tk_get32(t, l + 0x20) >> 24, 5);
	assert_int_equal(tk_get32(t, l + 0x30), 0x7fffffff);
	assert_int_equal(object_peek(t->m, writers_object(t, l))->type, OT_RWLOCK_EXCL);
	assert_int_equal(object_peek(t->m, object_by_ga(t->m, l + 0x20))->type, OT_RWLOCK_SHARED);
	assert_int_equal(rwlock_of(t->m, writers_object(t, l)), l);
	assert_int_equal(rwlock_of(t->m, object_by_ga(t->m, l + 0x20)), l);
	assert_null(rwlock_hold(t->m, l, 0));
}

static void readers_are_inside_together(void **state)
{
	struct tk *t = TK(state);
	uint32_t l = lock_new(t), other = tk_thread(t, 1);
	CALL(t, t->main, SHARED, l);
	CALL(t, other, SHARED, l);
	assert_int_equal(LOCK(t, l), 1);
	assert_int_equal(READERS(t, l), 2);
	assert_int_equal(owner_of(t->m, writers_object(t, l), 0), t->main);
	assert_int_equal(owner_of(t->m, writers_object(t, l), 1), other);
	assert_int_equal(owner_of(t->m, writers_object(t, l), 2), 0);
	CALL(t, t->main, RELEASE, l);
	assert_int_equal(READERS(t, l), 1);
	assert_int_equal(owner_of(t->m, writers_object(t, l), 0), other);
	CALL(t, other, RELEASE, l);
	assert_int_equal(LOCK(t, l), -1);
	assert_int_equal(READERS(t, l), 0);
	assert_null(rwlock_hold(t->m, l, 0));
}

static void a_writer_waits_for_the_last_reader(void **state)
{
	struct tk *t = TK(state);
	uint32_t l = lock_new(t), a = tk_thread(t, 1), w = tk_thread(t, 2);
	CALL(t, t->main, SHARED, l);
	CALL(t, a, SHARED, l);
	PARKS(t, w, EXCLUSIVE, l);
	assert_int_equal(WRITERS_WAIT(t, l), 1);
	CALL(t, t->main, RELEASE, l);
	assert_true(tk_parked(t, w));
	CALL(t, a, RELEASE, l);
	tk_wake(t, w);
	assert_int_equal(WRITERS_WAIT(t, l), 0);
	assert_int_equal(READERS(t, l), 0);
	assert_int_equal(LOCK(t, l), 0);
	assert_int_equal(owner_of(t->m, writers_object(t, l), 0), w);
	assert_int_equal(rwlock_hold(t->m, l, 0)->exclusive, 1);
	CALL(t, w, RELEASE, l);
	assert_int_equal(LOCK(t, l), -1);
}

/* A reader that comes while a writer waits does not overtake it. */
static void a_waiting_writer_keeps_new_readers_out(void **state)
{
	struct tk *t = TK(state);
	uint32_t l = lock_new(t), w = tk_thread(t, 1), r = tk_thread(t, 2);
	CALL(t, t->main, SHARED, l);
	PARKS(t, w, EXCLUSIVE, l);
	PARKS(t, r, SHARED, l);
	assert_int_equal(READERS_WAIT(t, l), 1);
	CALL(t, t->main, RELEASE, l);
	tk_wake(t, w);
	assert_true(tk_parked(t, r));
	CALL(t, w, RELEASE, l);
	tk_wake(t, r);
	assert_int_equal(READERS(t, l), 1);
	assert_int_equal(rwlock_hold(t->m, l, 0)->exclusive, 0);
}

static void a_writer_lets_all_waiting_readers_in_before_the_next_writer(void **state)
{
	struct tk *t = TK(state);
	uint32_t l = lock_new(t), a = tk_thread(t, 1), b = tk_thread(t, 2), w = tk_thread(t, 3);
	CALL(t, t->main, EXCLUSIVE, l);
	PARKS(t, w, EXCLUSIVE, l);
	PARKS(t, a, SHARED, l);
	PARKS(t, b, SHARED, l);
	assert_int_equal(LOCK(t, l), 3);
	CALL(t, t->main, RELEASE, l);
	tk_wake(t, a);
	tk_wake(t, b);
	assert_true(tk_parked(t, w));
	assert_int_equal(READERS(t, l), 2);
	assert_int_equal(READERS_WAIT(t, l), 0);
	CALL(t, a, RELEASE, l);
	CALL(t, b, RELEASE, l);
	tk_wake(t, w);
	assert_int_equal(LOCK(t, l), 0);
}

static void a_writer_hands_the_lock_to_the_next_writer(void **state)
{
	struct tk *t = TK(state);
	uint32_t l = lock_new(t), a = tk_thread(t, 1), b = tk_thread(t, 2);
	CALL(t, t->main, EXCLUSIVE, l);
	PARKS(t, a, EXCLUSIVE, l);
	PARKS(t, b, EXCLUSIVE, l);
	CALL(t, t->main, RELEASE, l);
	assert_true(tk_parked(t, b));
	assert_int_equal(READERS(t, l), 0);
	tk_wake(t, a);
	CALL(t, a, RELEASE, l);
	tk_wake(t, b);
	CALL(t, b, RELEASE, l);
	assert_int_equal(LOCK(t, l), -1);
	assert_int_equal(tk_get32(t, l + 0x14), 0);
}

static void trying_never_waits(void **state)
{
	struct tk *t = TK(state);
	uint32_t l = lock_new(t), other = tk_thread(t, 1), w = tk_thread(t, 2);
	assert_int_equal(CALL(t, t->main, "ExTryToAcquireReadWriteLockShared", l), 1);
	assert_int_equal(CALL(t, other, "ExTryToAcquireReadWriteLockShared", l), 1);
	assert_int_equal(CALL(t, other, "ExTryToAcquireReadWriteLockExclusive", l), 0);
	PARKS(t, w, EXCLUSIVE, l);
	assert_int_equal(CALL(t, t->main, "ExTryToAcquireReadWriteLockShared", l), 0);
	CALL(t, t->main, RELEASE, l);
	CALL(t, other, RELEASE, l);
	tk_wake(t, w);
	assert_int_equal(CALL(t, t->main, "ExTryToAcquireReadWriteLockShared", l), 0);
	CALL(t, w, RELEASE, l);
	assert_int_equal(CALL(t, t->main, "ExTryToAcquireReadWriteLockExclusive", l), 1);
	assert_int_equal(LOCK(t, l), 0);
	assert_int_equal(READERS(t, l), 0);
}

static void a_lock_set_up_without_a_call_works(void **state)
{
	struct tk *t = TK(state);
	uint32_t l = tk_memory(t, 0x38), other = tk_thread(t, 1);
	tk_put32(t, l, UINT32_MAX);
	tk_put32(t, l + 0x10, 0x01000000);
	tk_put32(t, l + 0x20, 0x05000000);
	tk_put32(t, l + 0x30, 0x7fffffff);
	CALL(t, t->main, EXCLUSIVE, l);
	PARKS(t, other, SHARED, l);
	assert_int_equal(object_peek(t->m, writers_object(t, l))->ghost, 1);
	CALL(t, t->main, RELEASE, l);
	tk_wake(t, other);
	assert_int_equal(READERS(t, l), 1);
}

static void a_lock_set_up_anew_is_held_by_nobody(void **state)
{
	struct tk *t = TK(state);
	uint32_t l = lock_new(t);
	CALL(t, t->main, SHARED, l);
	CALL(t, t->main, SHARED, l);
	assert_int_equal(rwlock_hold(t->m, l, 0)->times, 2);
	CALL(t, t->main, "ExInitializeReadWriteLock", l);
	assert_null(rwlock_hold(t->m, l, 0));
}

static void a_bad_lock_is_a_guest_fault(void **state)
{
	struct tk *t = TK(state);
	static const char *const calls[] = { "ExInitializeReadWriteLock", EXCLUSIVE, SHARED, RELEASE, "ExTryToAcquireReadWriteLockShared" };
	for (unsigned i = 0; i < ARRAY_LEN(calls); i++) {
		const uint64_t args[] = { 0x100 };
		t->m->pending.kind = STOP_NONE;
		assert_true(tk_call_on(t, t->main, calls[i], 1, args).faulted);
		assert_int_equal(t->m->pending.kind, STOP_FAULT);
	}
}

static const struct CMUnitTest tests[] = {
	TK_TEST(a_fresh_lock_is_free_and_has_two_objects),
	TK_TEST(readers_are_inside_together),
	TK_TEST(a_writer_waits_for_the_last_reader),
	TK_TEST(a_waiting_writer_keeps_new_readers_out),
	TK_TEST(a_writer_lets_all_waiting_readers_in_before_the_next_writer),
	TK_TEST(a_writer_hands_the_lock_to_the_next_writer),
	TK_TEST(trying_never_waits),
	TK_TEST(a_lock_set_up_without_a_call_works),
	TK_TEST(a_lock_set_up_anew_is_held_by_nobody),
	TK_TEST(a_bad_lock_is_a_guest_fault),
};
TK_MAIN(tests)
